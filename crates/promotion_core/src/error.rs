//! What is wrong with an input: one error with the JSON path of the offending value and what was
//! expected there (spec/api.md, spec/definition.md).

use std::borrow::Cow;
use std::fmt;

use serde::de;

/// One step of a JSON path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// A key of an object.
    Key(String),
    /// A position in an array, from 0.
    Index(usize),
}

/// A refused input: where and why. Display gives `path: message`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct InputError {
    /// Innermost segment first, as an unwinding parser collects them.
    reversed_path: Vec<Segment>,
    message: Cow<'static, str>,
}

impl InputError {
    /// An error at the current place of the parser; callers add their own segments outwards.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self { reversed_path: Vec::new(), message: message.into() }
    }

    /// The same error seen from the object that has `key`.
    #[must_use]
    pub fn under_key(mut self, key: impl Into<String>) -> Self {
        self.reversed_path.push(Segment::Key(key.into()));
        self
    }

    /// The same error seen from the array that has `index`.
    #[must_use]
    pub fn under_index(mut self, index: usize) -> Self {
        self.reversed_path.push(Segment::Index(index));
        self
    }

    /// The JSON path, such as `cartItems[3].qty`; empty for the input as a whole.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for segment in self.reversed_path.iter().rev() {
            match segment {
                Segment::Key(key) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(key);
                }
                Segment::Index(index) => path.push_str(&format!("[{index}]")),
            }
        }
        path
    }

    /// What was expected and what was found.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path();
        if path.is_empty() { f.write_str(&self.message) } else { write!(f, "{path}: {}", self.message) }
    }
}

/// Describes what serde found in the words of JSON.
fn found(unexpected: de::Unexpected<'_>) -> String {
    use de::Unexpected as U;
    match unexpected {
        U::Unit | U::Option => "null".to_owned(),
        U::Bool(value) => format!("{value}"),
        U::Str(text) => format!("the string {}", quoted(text)),
        U::Seq => "an array".to_owned(),
        U::Map | U::StructVariant => "an object".to_owned(),
        U::Unsigned(number) => format!("the number {number}"),
        U::Signed(number) => format!("the number {number}"),
        U::Float(_) | U::Other(_) => "a number".to_owned(),
        other => format!("{other}"),
    }
}

/// A string as an error message may show it: quoted, and cut where it is long.
pub fn quoted(text: &str) -> String {
    const SHOWN: usize = 40;
    match text.char_indices().nth(SHOWN) {
        None => format!("\"{text}\""),
        Some((cut, _)) => format!("\"{}...\" ({} characters)", &text[..cut], text.chars().count()),
    }
}

fn one_of(expected: &[&str]) -> String {
    match expected {
        [] => "nothing".to_owned(),
        [only] => (*only).to_owned(),
        many => format!("one of {}", many.join(", ")),
    }
}

impl de::Error for InputError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(unexpected: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        // serde's own types name themselves in the words of Rust.
        let expected = match expected.to_string().as_str() {
            "a borrowed string" => "a string".to_owned(),
            "a map" => "an object".to_owned(),
            "u32" => "a whole number of 0 or more".to_owned(),
            "i32" | "i64" => "a whole number".to_owned(),
            other => other.to_owned(),
        };
        Self::new(format!("expected {expected}, found {}", found(unexpected)))
    }

    fn invalid_value(unexpected: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::invalid_type(unexpected, expected)
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("expected {}, found {}", one_of(expected), quoted(variant)))
    }

    fn unknown_field(_field: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("unknown key, expected {}", one_of(expected)))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new("required, but absent").under_key(field)
    }
}
