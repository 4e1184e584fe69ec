//! The functions that SQL calls, one file per family.

mod code;
mod definition;
mod evaluate;
mod identifiers;
mod lock;
mod organization;
mod pricing;
mod promotion;
mod redeem;
mod returns;
