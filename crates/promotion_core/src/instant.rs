//! Instants: milliseconds since the Unix epoch, read from epoch milliseconds (number or string) or
//! ISO 8601 with an offset (spec/definition.md).

use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

/// An instant to the millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Instant(pub i64);

impl Instant {
    /// 0001-01-01 and 9999-12-31: what ISO 8601 with four digits can say.
    const RANGE: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;

    fn checked(milliseconds: i64) -> Option<Self> {
        Self::RANGE.contains(&milliseconds).then_some(Self(milliseconds))
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_i64(InstantVisitor)
    }
}

struct InstantVisitor;

impl<'de> Visitor<'de> for InstantVisitor {
    type Value = Instant;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("epoch milliseconds or an ISO 8601 time with an offset, such as \"2026-01-31T18:00:00+01:00\"")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Instant, E> {
        Instant::checked(value).ok_or_else(|| E::invalid_value(de::Unexpected::Signed(value), &self))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Instant, E> {
        let milliseconds = match text.parse::<i64>() {
            Ok(value) if !text.starts_with('+') => Some(value),
            _ => milliseconds_of(text),
        };
        milliseconds.and_then(Instant::checked).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}

/// The milliseconds of an ISO 8601 time with an offset; what is less than one is cut off, also before 1970.
fn milliseconds_of(text: &str) -> Option<i64> {
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return i64::try_from(time.as_nanosecond().div_euclid(1_000_000)).ok();
    }
    // The last day of the calendar, which many promotions end with, is beyond the timestamps of the library.
    let pieces = jiff::fmt::temporal::Pieces::parse(text).ok()?;
    let offset = pieces.to_numeric_offset().filter(|_| pieces.time_zone_annotation().is_none())?;
    let shown = pieces.date().to_datetime(pieces.time()?);
    let since = shown.duration_since(jiff::civil::DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
    let milliseconds = i64::try_from(since.as_nanos().div_euclid(1_000_000)).ok()?;
    Some(milliseconds - i64::from(offset.seconds()) * 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: serde_json::Value) -> Result<i64, String> {
        crate::json::read::<_, Instant>(&json, crate::json::REQUEST_LIMITS)
            .map(|instant| instant.0)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn all_spellings_of_an_instant() {
        for json in [
            serde_json::json!(1_764_069_313_846_i64),
            serde_json::json!("1764069313846"),
            serde_json::json!("2025-11-25T11:15:13.846Z"),
            serde_json::json!("2025-11-25T12:15:13.846999+01:00"),
            serde_json::json!("2025-11-25 16:45:13.846+05:30"),
        ] {
            assert_eq!(read(json.clone()), Ok(1_764_069_313_846), "{json}");
        }
        assert_eq!(read(serde_json::json!("1969-12-31T23:59:59.9999Z")), Ok(-1));
        for last in ["9999-12-31T23:59:59.9999Z", "9999-12-31T18:59:59.999-05:00", "253402300799999"] {
            assert_eq!(read(serde_json::json!(last)), Ok(253_402_300_799_999), "{last}");
        }
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for json in [
            serde_json::json!("2025-11-25T11:15:13"),
            serde_json::json!("yesterday"),
            serde_json::json!(""),
            serde_json::json!("+5"),
            serde_json::json!(1.5),
            serde_json::json!(true),
            serde_json::json!(i64::MAX),
            serde_json::json!("2025-02-30T00:00:00Z"),
            serde_json::json!("9999-12-31T23:59:59"),
            serde_json::json!("9999-12-31T23:59:59-01:00"),
            serde_json::json!("9999-12-31"),
        ] {
            assert!(read(json.clone()).is_err(), "{json}");
        }
    }
}
