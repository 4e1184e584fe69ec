//! The functions that SQL calls, one file per family.

mod cart;
mod code;
mod customer;
mod customer_promotions;
mod definition;
mod earning;
mod entitlement;
mod evaluate;
mod identifiers;
mod lock;
mod organization;
mod preview;
mod pricing;
mod promotion;
mod redeem;
mod returns;
mod revoke;
mod sale;
