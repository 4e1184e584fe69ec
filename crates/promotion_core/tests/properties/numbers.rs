//! Numbers of the contract, and how they are written.

use promotion_core::money::shortest;
use serde_json::Value;

/// One, in the millionths that every number of the contract is counted in.
pub const ONE: i128 = 1_000_000;
/// A hundredth, in millionths.
pub const CENT: i128 = 10_000;

/// A number as JSON: about half of them as strings, which ones being told by the value.
pub fn number(millionths: i128) -> Value {
    let text = shortest(millionths);
    if (millionths / CENT) % 2 == 0 { text.into() } else { serde_json::from_str(&text).expect("a number") }
}

/// A number that was written so, in millionths.
pub fn millionths(json: &Value) -> i128 {
    let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    let (integer, fraction) = text.split_once('.').unwrap_or((&text, ""));
    format!("{integer}{fraction:0<6}").parse().expect("a number of at most six places")
}

pub fn is_whole(value: i128, unit: i128) -> bool {
    value % unit == 0
}
