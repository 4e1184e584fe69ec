//! What reading and writing definitions has in common: defaults, lists, whole numbers, and objects
//! whose `type` says which key stands beside it.

use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use crate::error::{InputError, quoted};
use crate::json::EXACT_NUMBER;
use crate::list::List;
use crate::money::{MILLION, shortest};

/// The largest whole number of a definition: what the tables' integer columns hold.
pub(super) const MOST_WHOLE: i64 = i32::MAX as i64;

/// A word of the language as JSON, and the tables, spell it.
pub fn spelled<T: Serialize>(word: T) -> String {
    match serde_json::to_value(word) {
        Ok(serde_json::Value::String(text)) => text,
        _ => "this value".to_owned(),
    }
}

/// Reads a key that has a default: null is as good as no such key.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Whether a key need not be written.
pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Reads an array of at most `MOST`.
pub(super) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>, const MOST: usize>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    List::<T, MOST>::deserialize(deserializer).map(|list| list.0)
}

/// Sorted, each once.
pub(super) fn each_once<T: Ord>(mut values: Vec<T>) -> Vec<T> {
    values.sort_unstable();
    values.dedup();
    values
}

/// A list must not be empty.
pub(super) fn filled<T>(key: &str, values: &[T], what: &str) -> Result<(), InputError> {
    if values.is_empty() {
        return Err(InputError::new(format!("expected at least one {what}")).under_key(key));
    }
    Ok(())
}

/// A whole number within bounds, be it a JSON number or a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Whole<const LEAST: i64, const MOST: i64>(pub i64);

impl<'de, const LEAST: i64, const MOST: i64> Deserialize<'de> for Whole<LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(EXACT_NUMBER, WholeVisitor::<LEAST, MOST>).map(Self)
    }
}

struct WholeVisitor<const LEAST: i64, const MOST: i64>;

impl<'de, const LEAST: i64, const MOST: i64> Visitor<'de> for WholeVisitor<LEAST, MOST> {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from {LEAST} to {MOST}")
    }

    fn visit_i128<E: de::Error>(self, millionths: i128) -> Result<i64, E> {
        let whole = i64::try_from(millionths / MILLION).ok();
        match whole.filter(|whole| millionths % MILLION == 0 && (LEAST..=MOST).contains(whole)) {
            Some(whole) => Ok(whole),
            None => Err(E::custom(format!(
                "expected a whole number from {LEAST} to {MOST}, found {}",
                shortest(millionths)
            ))),
        }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<i64, E> {
        match crate::money::parse(text) {
            Ok(millionths) => self.visit_i128(millionths),
            Err(_) => Err(E::custom(format!(
                "expected a whole number from {LEAST} to {MOST}, found the string {}",
                quoted(text)
            ))),
        }
    }
}

/// A number of things, 1 or more.
pub(super) type Count = Whole<1, MOST_WHOLE>;

impl<const LEAST: i64, const MOST: i64> Whole<LEAST, MOST> {
    /// As a number that has no sign: bounds below 0 are cut off.
    pub(super) fn unsigned(self) -> u32 {
        u32::try_from(self.0.max(0)).unwrap_or(u32::MAX)
    }
}

/// Reads a number of things.
pub(super) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    Count::deserialize(deserializer).map(Whole::unsigned)
}

/// Reads a number of things that may be absent.
pub(super) fn optional_count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    Option::<Count>::deserialize(deserializer).map(|count| count.map(Whole::unsigned))
}

/// How many instances; -1 stands for no limit (None).
pub(super) struct MostInstances(pub Option<u32>);

impl<'de> Deserialize<'de> for MostInstances {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Whole::<-1, MOST_WHOLE>::deserialize(deserializer)?.0 {
            -1 => Ok(Self(None)),
            0 => Err(de::Error::custom("expected 1 or more, or -1 for no limit, found 0")),
            most => Ok(Self(u32::try_from(most).ok())),
        }
    }
}

/// A string, or a whole number as its text.
pub(super) struct Id(pub String);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_i64(IdVisitor).map(|value| match value {
            serde_json::Value::String(text) => Self(text),
            number => Self(number.to_string()),
        })
    }
}

/// A string or a whole number as it was written.
pub(super) struct IdAsWritten(pub serde_json::Value);

impl<'de> Deserialize<'de> for IdAsWritten {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_i64(IdVisitor).map(Self)
    }
}

struct IdVisitor;

impl<'de> Visitor<'de> for IdVisitor {
    type Value = serde_json::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a whole number")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(text.into())
    }
}

/// The body that goes with an object's type, which has to be the only one of its kind.
pub(super) fn only_body<T, W: Serialize, E: de::Error>(
    body: Option<T>,
    given: &[bool],
    word: W,
    key: &str,
) -> Result<T, E> {
    body.filter(|_| given.iter().filter(|&&given| given).count() == 1)
        .ok_or_else(|| E::custom(format!("expected {key}, and no other such key, beside type {}", spelled(word))))
}

/// Writes `{"type": word, key: body}`.
pub(super) fn tagged<S: Serializer>(
    serializer: S,
    word: impl Serialize,
    key: &str,
    body: &impl Serialize,
) -> Result<S::Ok, S::Error> {
    let mut object = serializer.serialize_map(Some(2))?;
    object.serialize_entry("type", &word)?;
    object.serialize_entry(key, body)?;
    object.end()
}
