//! JSON as text may have it and serde_json can't hold it: keys twice, numbers of any length, escapes that are none.

use std::fmt::{self, Display, Write};

use serde_json::Value;

/// A JSON value, or what is sent as one.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// null
    Null,
    /// true, false
    Bool(bool),
    /// A number as it is written.
    Number(String),
    /// A string.
    Text(String),
    /// What is written as it is: good JSON or not.
    Raw(String),
    /// An array.
    Array(Vec<Json>),
    /// An object, in which a key may stand twice.
    Object(Vec<(String, Json)>),
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => Self::Number(number.to_string()),
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            Value::Object(entries) => {
                Self::Object(entries.iter().map(|(key, value)| (key.clone(), Self::from(value))).collect())
            }
        }
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        Self::from(&value)
    }
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for character in text.chars() {
        match character {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            control if control < ' ' => write!(f, "\\u{:04x}", u32::from(control))?,
            other => f.write_char(other)?,
        }
    }
    f.write_char('"')
}

impl Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(text) | Self::Raw(text) => f.write_str(text),
            Self::Text(text) => write_text(f, text),
            Self::Array(items) => {
                f.write_char('[')?;
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    item.fmt(f)?;
                }
                f.write_char(']')
            }
            Self::Object(entries) => {
                f.write_char('{')?;
                for (index, (key, value)) in entries.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    write_text(f, key)?;
                    f.write_str(": ")?;
                    value.fmt(f)?;
                }
                f.write_char('}')
            }
        }
    }
}

impl Json {
    /// How many values it has, itself included.
    pub fn count(&self) -> usize {
        1 + match self {
            Self::Array(items) => items.iter().map(Self::count).sum(),
            Self::Object(entries) => entries.iter().map(|(_, value)| value.count()).sum(),
            _ => 0,
        }
    }

    /// The value at a place, counted through all of them.
    pub fn at(&mut self, place: usize) -> Option<&mut Self> {
        if place == 0 {
            return Some(self);
        }
        let mut left = place - 1;
        let children: Box<dyn Iterator<Item = &mut Self>> = match self {
            Self::Array(items) => Box::new(items.iter_mut()),
            Self::Object(entries) => Box::new(entries.iter_mut().map(|(_, value)| value)),
            _ => return None,
        };
        for child in children {
            let count = child.count();
            if left < count {
                return child.at(left);
            }
            left -= count;
        }
        None
    }

    /// How many children it has.
    pub fn width(&self) -> usize {
        match self {
            Self::Array(items) => items.len(),
            Self::Object(entries) => entries.len(),
            _ => 0,
        }
    }

    /// Removes a child.
    pub fn remove(&mut self, index: usize) {
        match self {
            Self::Array(items) => drop(items.remove(index)),
            Self::Object(entries) => drop(entries.remove(index)),
            _ => {}
        }
    }

    /// Whether it, or a part of it, is written as it is.
    pub fn is_doubtful(&self) -> bool {
        match self {
            Self::Raw(_) => true,
            Self::Text(text) => text.contains('\0'),
            // PostgreSQL's numeric ends somewhere.
            Self::Number(text) => text.len() > 1000 || text.contains(['e', 'E']),
            Self::Array(items) => items.iter().any(Self::is_doubtful),
            Self::Object(entries) => entries.iter().any(|(key, value)| key.contains('\0') || value.is_doubtful()),
            _ => false,
        }
    }
}
