//! Numbers of answers, read exactly.

use serde_json::Value;

/// A number, or a decimal string, in millionths.
///
/// # Panics
/// Where it is none, or has more than six places.
pub fn millionths(value: &Value) -> i64 {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let (negative, digits) = text.strip_prefix('-').map_or((false, text.as_str()), |rest| (true, rest));
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
    assert!(rest.len() <= 6, "{text} has more than six places");
    let read = |part: &str| part.parse::<i64>().unwrap_or_else(|_| panic!("expected a number, found {value}"));
    let amount = read(whole) * 1_000_000 + read(&format!("{rest:0<6}"));
    if negative { -amount } else { amount }
}

/// An amount in cents.
///
/// # Panics
/// Where it is none.
pub fn cents(value: &Value) -> i64 {
    let amount = millionths(value);
    assert!(amount % 10_000 == 0, "expected whole cents, found {value}");
    amount / 10_000
}

/// A whole number.
///
/// # Panics
/// Where it is none.
pub fn whole(value: &Value) -> i64 {
    let amount = millionths(value);
    assert!(amount % 1_000_000 == 0, "expected a whole number, found {value}");
    amount / 1_000_000
}
