//! The promotion engine: `evaluate(ruleset, cart, ...)` is a pure, total, deterministic function.
//! No database, no clock, no randomness, no unsafe code (spec/architecture.md).
#![forbid(unsafe_code)]

pub mod action;
pub mod allocation;
pub mod answer;
pub mod cart;
pub mod code;
pub mod condition;
pub mod currency;
pub mod definition;
pub mod error;
pub mod evaluate;
pub mod evaluation;
pub mod exact;
pub mod instant;
pub mod json;
pub mod list;
pub mod money;
mod outcome;
mod ranking;
pub mod rounding;
pub mod ruleset;
pub mod scalar;
mod selection;
pub mod settings;
pub mod split;
pub mod unit_selection;
pub mod units;
