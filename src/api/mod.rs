//! The functions that SQL calls, one file per family.

mod code;
mod evaluate;
mod organization;
mod promotion;
