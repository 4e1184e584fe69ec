//! Carts that are kept (spec/carts.md, docs/reference.md "Stored carts"): what requests may say and what they
//! change, the states, the request that a cart is priced with, the cart object, what promotions say of themselves
//! (terms), and what a cart is told to add (suggestions). Properties over the whole promotion language are in
//! tests/properties/stored_cart.rs.

mod changing;
mod fees;
mod kept;
mod object;
mod pricing;
mod reading;
mod refusing;
mod request;
mod shop;
mod states;
mod suggested;
mod suggesting;
mod terms;
mod unlocking;

#[path = "../generated/mod.rs"]
mod generated;
