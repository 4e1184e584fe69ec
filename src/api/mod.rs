//! The functions that SQL calls, one file per family.

mod code;
mod definition;
mod evaluate;
mod organization;
mod promotion;
