//! What all targets check.

use promotion_core::error::InputError;
use proptest::test_runner::TestCaseError;
use serde_json::Value;

use crate::{MOST_BYTES, memory};

/// The JSON of an input; None where it is none, or too long for its costs to be compared.
pub fn json(input: &[u8]) -> Option<Value> {
    if input.len() > MOST_BYTES {
        return None;
    }
    let mut json = serde_json::from_slice(input).ok()?;
    as_kept(&mut json);
    Some(json)
}

/// Numbers as PostgreSQL keeps them in jsonb, and the engine meets them: without an exponent, and no zero below zero.
fn as_kept(json: &mut Value) {
    match json {
        Value::Number(number) => {
            let plain = plain(&number.to_string()).and_then(|text| text.parse().ok());
            if let Some(plain) = plain {
                *number = plain;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(as_kept),
        Value::Object(entries) => entries.values_mut().for_each(as_kept),
        _ => {}
    }
}

/// A number's text written out; None where that is too long to tell anything of an input's own length.
fn plain(text: &str) -> Option<String> {
    const MOST_PLACES: i32 = 100;
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let exponent: i32 = exponent.parse().ok().filter(|own: &i32| own.abs() <= MOST_PLACES)?;
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = format!("{integer}{fraction}");
    let mut point = integer.len() as i32 + exponent;
    while point < 1 {
        digits.insert(0, '0');
        point += 1;
    }
    while digits.len() < point as usize {
        digits.push('0');
    }
    let (integer, fraction) = digits.split_at(point as usize);
    let integer = integer.trim_start_matches('0');
    let integer = if integer.is_empty() { "0" } else { integer };
    let sign = if digits.bytes().all(|digit| digit == b'0') { "" } else { sign };
    Some(if fraction.is_empty() { format!("{sign}{integer}") } else { format!("{sign}{integer}.{fraction}") })
}

/// What a parser may hold for each byte of its input. A line of some 40 bytes becomes some 400, and a list that grows
/// holds old and new; the most is an object of one key in the caller's own data (metadata, customFieldValues), which
/// is kept as it is: 7 bytes that become 640.
const PARSED_TIMES: usize = 128;

/// What it may hold besides, whatever the input: lists of words, a message.
const PARSED_BESIDES: usize = 16 << 10;

/// What reading may cost: memory in proportion to the input. An error says something, with its place before it.
pub fn parsed<T>(
    what: &str,
    input_bytes: usize,
    parse: impl FnOnce() -> Result<T, InputError>,
) -> Result<T, InputError> {
    let (parsed, bytes) = memory::most(parse);
    let bound = PARSED_TIMES * input_bytes + PARSED_BESIDES;
    assert!(bytes <= bound, "{what} of {input_bytes} bytes held {bytes} bytes, more than {bound}");
    if let Err(error) = &parsed {
        let (message, shown, path) = (error.message(), error.to_string(), error.path());
        assert!(!message.is_empty() && shown.starts_with(&path) && shown.ends_with(message), "{what}: {shown}");
    }
    parsed
}

/// What the properties' checks found.
pub fn holds(checked: Result<(), TestCaseError>, of: &Value) {
    if let Err(problem) = checked {
        panic!("{problem}: {of}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_postgresql_keeps_them() {
        let kept = [
            ("-0", "0"),
            ("-0.00", "0.00"),
            ("1E+5", "100000"),
            ("1.50", "1.50"),
            ("1.5e1", "15"),
            ("-1.234e2", "-123.4"),
            ("1e-7", "0.0000001"),
            ("0e5", "0"),
            ("120e-1", "12.0"),
        ];
        for (sent, expected) in kept {
            assert_eq!(plain(sent).as_deref(), Some(expected), "{sent}");
        }
        assert_eq!(plain("1e101"), None);
    }
}
