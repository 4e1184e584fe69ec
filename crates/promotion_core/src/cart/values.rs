//! Values of a cart that are echoed exactly as they were sent.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::json::NUMBER_TEXT;
use crate::money::{InputAmount, Money};

/// Longest id of a customer or a program, in characters.
pub const ID_CHARACTERS: usize = 64;

/// The customer of a cart: 42 and "42" are one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustomerId<'a> {
    /// sent as a JSON integer
    Number(i64),
    /// sent as a string of 1 to 64 characters
    Text(&'a str),
}

impl CustomerId<'_> {
    /// What the customer is known by, however it was sent.
    pub fn key(&self) -> Cow<'_, str> {
        match self {
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Text(text) => Cow::Borrowed(text),
        }
    }
}

/// Echoed as sent.
impl Serialize for CustomerId<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for CustomerId<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdVisitor;
        impl<'de> Visitor<'de> for IdVisitor {
            type Value = CustomerId<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number (a bigint) or a string of 1 to 64 characters")
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
                Ok(CustomerId::Number(value))
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                if text.is_empty() || text.chars().count() > ID_CHARACTERS {
                    return Err(E::invalid_value(de::Unexpected::Str(text), &self));
                }
                Ok(CustomerId::Text(text))
            }
        }
        deserializer.deserialize_i64(IdVisitor)
    }
}

/// An amount that is echoed exactly as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EchoedAmount<'a> {
    /// Its value.
    pub amount: Money,
    /// Its text.
    text: Cow<'a, str>,
    /// Whether it was sent as a JSON number.
    is_number: bool,
}

impl EchoedAmount<'_> {
    /// Another amount in its place, which is not echoed.
    pub(crate) fn replaced(&self, amount: Money) -> Self {
        Self { amount, ..self.clone() }
    }

    /// Its text as sent.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Serialize for EchoedAmount<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_number {
            let number: serde_json::Number = self.text.parse().map_err(serde::ser::Error::custom)?;
            number.serialize(serializer)
        } else {
            serializer.serialize_str(&self.text)
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for EchoedAmount<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EchoVisitor;
        impl<'de> Visitor<'de> for EchoVisitor {
            type Value = EchoedAmount<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a decimal number (a JSON number or a string)")
            }
            fn visit_bytes<E: de::Error>(self, number: &[u8]) -> Result<Self::Value, E> {
                let text = std::str::from_utf8(number).map_err(E::custom)?;
                let amount = crate::money::parse(text).and_then(InputAmount::checked).map_err(E::custom)?;
                Ok(EchoedAmount { amount, text: Cow::Owned(text.to_owned()), is_number: true })
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                let amount = crate::money::parse(text).and_then(InputAmount::checked).map_err(E::custom)?;
                Ok(EchoedAmount { amount, text: Cow::Borrowed(text), is_number: false })
            }
        }
        deserializer.deserialize_newtype_struct(NUMBER_TEXT, EchoVisitor)
    }
}
