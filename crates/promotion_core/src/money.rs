//! Amounts and quantities: exact decimals of at most six places, held as whole millionths
//! (spec/api.md, "Numbers are decimal strings or JSON numbers"). Never a float.

use std::fmt;

use rust_decimal::Decimal as RustDecimal;
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::exact::divided;
use crate::json::EXACT_NUMBER;

/// How many millionths make one.
pub const MILLION: i128 = 1_000_000;

/// Places after the point of every number of the contract.
pub const SCALE: u32 = 6;

/// Digits before the point of an amount or of a number in a definition.
const INTEGER_DIGITS: u32 = 15;

/// Digits before the point of a quantity.
const QUANTITY_INTEGER_DIGITS: u32 = 9;

pub(crate) const TOO_MANY_DIGITS: &str = "expected at most 15 digits before and 6 after the decimal point";

const TOO_MANY_QUANTITY_DIGITS: &str = "expected at most 9 digits before and 6 after the decimal point";

/// One more than the largest number of `digits` digits before the point, in millionths.
const fn bound(digits: u32) -> i128 {
    10_i128.pow(digits) * MILLION
}

/// More than any cart has units or is worth, in millionths: what is multiplied beyond it makes no difference.
const BEYOND_EVERYTHING: i128 = 10_i128.pow(30);

/// A product of numbers of 0 or more, as far as it can make a difference: never so large that a few of
/// them added up would overflow.
pub(crate) fn capped_product(a: i128, b: i128) -> i128 {
    a.saturating_mul(b).min(BEYOND_EVERYTHING)
}

/// A decimal as whole millionths, or None where it needs more than 15 digits before or 6 after the
/// point (trailing zeros don't count).
pub fn millionths(mut mantissa: i128, mut scale: u32) -> Option<i128> {
    while scale > SCALE && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    let value = mantissa.checked_mul(10_i128.checked_pow(SCALE.checked_sub(scale)?)?)?;
    (value.unsigned_abs() < bound(INTEGER_DIGITS).unsigned_abs()).then_some(value)
}

/// Reads a decimal string: an optional minus, digits, and optionally a point with digits.
pub(crate) fn parse(text: &str) -> Result<i128, String> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (integer, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(integer) || !plain(fraction) {
        return Err(format!("expected a decimal number, found the string {}", crate::error::quoted(text)));
    }
    let integer = integer.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    if integer.len() > INTEGER_DIGITS as usize || fraction.len() > SCALE as usize {
        return Err(TOO_MANY_DIGITS.to_owned());
    }
    let exact = RustDecimal::from_str_exact(&format!("0{integer}.{fraction}0"))
        .map_err(|error| format!("expected a decimal number: {error}"))?;
    let value = millionths(exact.mantissa(), exact.scale()).ok_or(TOO_MANY_DIGITS)?;
    Ok(if text.starts_with('-') { -value } else { value })
}

/// A decimal as PostgreSQL prints a `numeric`, as whole millionths; None where it is none, has more than six
/// places, or more digits than there is room for: any sum of the contract's amounts, and any number of gifts, fits.
pub fn from_numeric(text: &str) -> Option<i128> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (integer, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let fraction = fraction.trim_end_matches('0');
    let missing = SCALE.checked_sub(u32::try_from(fraction.len()).ok()?)?;
    if integer.is_empty() {
        return None;
    }
    let mut value: i128 = 0;
    for digit in integer.chars().chain(fraction.chars()) {
        value = value.checked_mul(10)?.checked_add(i128::from(digit.to_digit(10)?))?;
    }
    value = value.checked_mul(10_i128.pow(missing))?;
    Some(if text.starts_with('-') { -value } else { value })
}

/// Receives a number or a decimal string as millionths; None for too many digits.
struct MillionthsVisitor;

impl<'de> Visitor<'de> for MillionthsVisitor {
    type Value = Option<i128>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal number (a JSON number or a string)")
    }

    fn visit_i128<E: de::Error>(self, value: i128) -> Result<Option<i128>, E> {
        Ok(Some(value))
    }

    /// What [`EXACT_NUMBER`] gives for a number with too many digits.
    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Option<i128>, E> {
        Ok(None)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Option<i128>, E> {
        match parse(text) {
            Ok(value) => Ok(Some(value)),
            Err(message) if message == TOO_MANY_DIGITS => Ok(None),
            Err(message) => Err(E::custom(message)),
        }
    }
}

fn read_millionths<'de, D: Deserializer<'de>>(deserializer: D, too_many: &'static str) -> Result<i128, D::Error> {
    deserializer.deserialize_newtype_struct(EXACT_NUMBER, MillionthsVisitor)?.ok_or_else(|| de::Error::custom(too_many))
}

/// Millionths as text with six places, handed on without an allocation where they fit a u64: nearly every amount does,
/// answers are full of them, and the general way of printing takes several times as long.
fn with_text<T>(millionths: i128, then: impl FnOnce(&str) -> T) -> T {
    let absolute = millionths.unsigned_abs();
    let Ok(mut rest) = u64::try_from(absolute) else {
        let sign = if millionths < 0 { "-" } else { "" };
        let million = MILLION.unsigned_abs();
        return then(&format!("{sign}{}.{:06}", absolute / million, absolute % million));
    };
    let mut text = [b'0'; 24];
    let point = text.len() - SCALE as usize - 1;
    let mut at = text.len();
    while rest > 0 || at >= point {
        at -= 1;
        if at == point {
            text[at] = b'.';
            continue;
        }
        text[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    if millionths < 0 {
        at -= 1;
        text[at] = b'-';
    }
    then(std::str::from_utf8(&text[at..]).unwrap_or_default())
}

/// The shortest text of a decimal: no trailing zeros, no point where there is no fraction.
pub fn shortest(millionths: i128) -> String {
    let mut text = Money(millionths).to_string();
    text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    text
}

/// An amount of money in millionths of the currency's unit. Arithmetic on it is checked: overflow
/// is impossible for what the input limits let in (10,000 lines of 15 digits stay below 2^80).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(pub i128);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl std::ops::Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl std::ops::Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl std::ops::AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl std::ops::SubAssign for Money {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl std::iter::Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, |sum, amount| sum + amount)
    }
}

/// Six places, as every decimal that the engine answers (spec/api.md): `2000.000000`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        with_text(self.0, |text| f.write_str(text))
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        with_text(self.0, |text| serializer.serialize_str(text))
    }
}

/// As it is written, whatever its size; what requests may have is [`InputAmount`].
impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_written(deserializer).map(Self)
    }
}

/// A number of units in millionths of one: 2.5 kg is 2,500,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Quantity(pub i128);

impl Quantity {
    /// None.
    pub const ZERO: Self = Self(0);

    /// Whole units, and what they leave: less than one unit.
    #[inline]
    pub fn whole_units(self) -> (i128, Self) {
        let (whole, cut) = divided(self.0, MILLION);
        (whole, Self(cut))
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        with_text(self.0, |text| f.write_str(text))
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        with_text(self.0, |text| serializer.serialize_str(text))
    }
}

/// As it is written, whatever its size; what requests may have is [`InputQuantity`].
impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_written(deserializer).map(Self)
    }
}

/// Any decimal of at most six places, in millionths: written as its shortest string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(pub i128);

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&shortest(self.0))
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_written(deserializer).map(Self)
    }
}

/// Reads a decimal's string as the types here write it.
fn read_written<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i128, D::Error> {
    struct WrittenVisitor;
    impl Visitor<'_> for WrittenVisitor {
        type Value = i128;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a decimal string")
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<i128, E> {
            from_numeric(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
        }
    }
    deserializer.deserialize_str(WrittenVisitor)
}

/// An amount as a request gives it: 0 or more, at most 15 digits before and 6 after the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputAmount(pub Money);

impl InputAmount {
    /// Refuses an amount below 0.
    pub(crate) fn checked(millionths: i128) -> Result<Money, String> {
        if millionths < 0 {
            return Err(format!("expected an amount of 0 or more, found {}", shortest(millionths)));
        }
        Ok(Money(millionths))
    }
}

impl<'de> Deserialize<'de> for InputAmount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::checked(read_millionths(deserializer, TOO_MANY_DIGITS)?).map(Self).map_err(de::Error::custom)
    }
}

/// A quantity as a request or a definition gives it: more than 0, at most 9 digits before and 6
/// after the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputQuantity(pub Quantity);

impl<'de> Deserialize<'de> for InputQuantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = read_millionths(deserializer, TOO_MANY_QUANTITY_DIGITS)?;
        if value <= 0 {
            return Err(de::Error::custom(format!("expected a quantity above 0, found {}", shortest(value))));
        }
        if value >= bound(QUANTITY_INTEGER_DIGITS) {
            return Err(de::Error::custom(TOO_MANY_QUANTITY_DIGITS));
        }
        Ok(Self(Quantity(value)))
    }
}

impl Serialize for InputQuantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&shortest(self.0.0))
    }
}

/// A number of 0 or more in a definition: an amount, a percentage or a threshold, whose meaning
/// stands beside it. At most 15 digits before and 6 after the point. Written back as its shortest
/// decimal string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DefinitionNumber(pub i128);

impl<'de> Deserialize<'de> for DefinitionNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = read_millionths(deserializer, TOO_MANY_DIGITS)?;
        if value < 0 {
            return Err(de::Error::custom(format!("expected 0 or more, found {}", shortest(value))));
        }
        Ok(Self(value))
    }
}

impl Serialize for DefinitionNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&shortest(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_printed_with_six_places() {
        let most = u64::MAX;
        for millionths in [0, 1, 999_999, 1_000_000, 10_000_000, 123_456_789, i128::from(most), i128::from(most) + 1] {
            let expected = format!("{}.{:06}", millionths / MILLION, millionths % MILLION);
            assert_eq!(Money(millionths).to_string(), expected);
            if millionths > 0 {
                assert_eq!(Money(-millionths).to_string(), format!("-{expected}"));
            }
        }
    }

    #[test]
    fn decimal_strings_are_read_exactly() {
        assert_eq!(parse("1000.00"), Ok(1_000_000_000));
        assert_eq!(parse("0.000001"), Ok(1));
        assert_eq!(parse("-2.5"), Ok(-2_500_000));
        assert_eq!(parse("007.10000000000"), Ok(7_100_000));
        assert_eq!(parse("999999999999999.999999"), Ok(999_999_999_999_999_999_999));
    }

    #[test]
    fn what_is_no_plain_decimal_is_refused() {
        for text in ["", ".", "1.", ".5", "+1", "1e3", " 1", "1 ", "0x1", "1_000", "1,5", "--1", "NaN", "\u{0661}"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
        for text in ["1000000000000000", "0.0000001", "1.1234567"] {
            assert_eq!(parse(text), Err(TOO_MANY_DIGITS.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn numerics_of_the_database_are_read_exactly() {
        let read = [
            ("0", 0),
            ("-3.500", -3_500_000),
            ("0.000001", 1),
            ("1.0000000000", 1_000_000),
            ("12345678901234567890.123456", 12_345_678_901_234_567_890_123_456),
            ("1000000000000000000000000.000001", 1_000_000_000_000_000_000_000_000_000_001),
        ];
        for (text, expected) in read {
            assert_eq!(from_numeric(text), Some(expected), "{text}");
        }
        for text in [
            "NaN",
            "Infinity",
            "0.0000001",
            "",
            "-",
            ".5",
            "1e5",
            "+1",
            "1.5.5",
            "1234567890123456789012345678901234567890",
        ] {
            assert_eq!(from_numeric(text), None, "{text}");
        }
    }

    #[test]
    fn amounts_print_with_six_places() {
        assert_eq!(Money(2_000_000_000).to_string(), "2000.000000");
        assert_eq!(Money(-1).to_string(), "-0.000001");
        assert_eq!(Money(i128::from(u64::MAX) * 10_000_000_000).to_string(), "184467440737095516150000.000000");
        assert_eq!(Money(i128::MAX).to_string(), "170141183460469231731687303715884.105727");
        assert_eq!(shortest(12_500_000), "12.5");
        assert_eq!(shortest(100_000_000), "100");
        assert_eq!(shortest(0), "0");
    }
}
