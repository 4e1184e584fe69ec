//! The argument customer_id, which every function that has one takes as a bigint and as a text: 42 and '42' are one.

use promotion_core::cart::ID_CHARACTERS;

use crate::call::Arguments;
use crate::error::{ApiError, ApiResult};
use crate::store;
use crate::store::statement::Access;

/// How a function is declared to take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declared {
    /// text
    Text,
    /// bigint
    Bigint,
}

/// The customer that an argument names, for whoever may act for the organization; None: NULL.
pub fn customer(arguments: &Arguments, index: usize, declared: Declared, org_id: i64) -> ApiResult<Option<String>> {
    store::organization::check(org_id, Access::Read)?;
    let text = match declared {
        Declared::Bigint => return Ok(arguments.bigint(index).map(|number| number.to_string())),
        Declared::Text => arguments.text(index),
    };
    if text.as_ref().is_some_and(|text| !is_id(text)) {
        return Err(ApiError::invalid_argument("customer_id", "expected a bigint or a string of 1 to 64 characters"));
    }
    Ok(text)
}

/// The customer that an argument names, which must not be NULL.
pub fn required(arguments: &Arguments, index: usize, declared: Declared, org_id: i64) -> ApiResult<String> {
    customer(arguments, index, declared, org_id)?
        .ok_or_else(|| ApiError::invalid_argument("customer_id", "required, but NULL"))
}

/// Whether a text may be a customer's id.
pub fn is_id(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= ID_CHARACTERS
}
