//! Every SQL statement of the extension, one file per table family. Statements are prepared once
//! per backend and kept; every name in them is qualified, every value a parameter.

pub mod basis;
pub mod cart;
pub mod category;
pub mod change;
pub mod claim;
pub mod code;
pub mod customer;
pub mod entitlement;
pub mod evaluation;
pub mod evaluation_state;
pub mod event;
pub mod facts;
pub mod lock;
pub mod org_unit;
pub mod organization;
pub mod promotion;
pub mod redemption;
pub mod returns;
pub mod slot;
pub mod statement;
pub mod usage;
