//! Values of attributes and of the lists they are compared with: strings, numbers and booleans,
//! compared as text, a number as its shortest decimal: 5, 5.0 and "5" are equal.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

use crate::json::EXACT_NUMBER;
use crate::money::shortest;

/// A string, a number (in millionths) or a boolean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    /// a string
    Text(String),
    /// a number in millionths
    Number(i128),
    /// a boolean
    Bool(bool),
}

impl Scalar {
    /// The text it is compared by.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(value) => shortest(*value),
            Self::Bool(value) => value.to_string(),
        }
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(EXACT_NUMBER, ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, a number or a boolean")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(text.to_owned()))
    }

    fn visit_i128<E: de::Error>(self, value: i128) -> Result<Scalar, E> {
        Ok(Scalar::Number(value))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Scalar, E> {
        Err(E::custom(crate::money::TOO_MANY_DIGITS))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Scalar, E> {
        Ok(Scalar::Bool(value))
    }
}

/// The values of an attribute: one scalar, or an array of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalars(pub Vec<Scalar>);

impl Scalars {
    /// Most values of one attribute.
    const MOST: usize = 1_000;
}

impl<'de> Deserialize<'de> for Scalars {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(EXACT_NUMBER, ScalarsVisitor)
    }
}

struct ScalarsVisitor;

impl<'de> Visitor<'de> for ScalarsVisitor {
    type Value = Scalars;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, a number, a boolean or an array of them")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Scalars, E> {
        ScalarVisitor.visit_str(text).map(|scalar| Scalars(vec![scalar]))
    }

    fn visit_i128<E: de::Error>(self, value: i128) -> Result<Scalars, E> {
        ScalarVisitor.visit_i128(value).map(|scalar| Scalars(vec![scalar]))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Scalars, E> {
        Err(E::custom(crate::money::TOO_MANY_DIGITS))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Scalars, E> {
        ScalarVisitor.visit_bool(value).map(|scalar| Scalars(vec![scalar]))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut items: A) -> Result<Scalars, A::Error> {
        let mut scalars = Vec::new();
        while let Some(scalar) = items.next_element()? {
            if scalars.len() == Scalars::MOST {
                return Err(de::Error::custom(format!("expected at most {} values", Scalars::MOST)));
            }
            scalars.push(scalar);
        }
        Ok(Scalars(scalars))
    }
}
