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
    serde_json::from_slice(input).ok()
}

/// What a parser may hold for each byte of its input: the least that can be written of a line takes some 40 bytes of
/// JSON and becomes some 400, and a list that grows holds old and new.
const PARSED_TIMES: usize = 64;

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
