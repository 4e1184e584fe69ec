//! ISO 4217 currencies and their minor digits: JPY 0, USD 2, KWD 3.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A currency that has minor digits (ISO 4217 also lists funds and metals, which have none).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The default of an organization.
    pub const USD: Self = Self(iso_currency::Currency::USD);

    /// By its code in upper case.
    pub fn from_code(code: &str) -> Option<Self> {
        let currency = iso_currency::Currency::from_code(code)?;
        currency.exponent().map(|_| Self(currency))
    }

    /// The code: three upper-case letters.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Digits after the point of its minor unit.
    pub fn minor_digits(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(0))
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = <&str>::deserialize(deserializer)?;
        Self::from_code(code).ok_or_else(|| {
            de::Error::custom(format!(
                "expected an ISO 4217 currency code such as \"USD\", found {}",
                crate::error::quoted(code)
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_digits_are_those_of_iso_4217() {
        for (code, digits) in [("JPY", 0), ("USD", 2), ("EUR", 2), ("KWD", 3), ("CLF", 4)] {
            assert_eq!(Currency::from_code(code).map(Currency::minor_digits), Some(digits), "{code}");
        }
        for code in ["usd", "", "XXX", "US", "DOLLAR"] {
            assert_eq!(Currency::from_code(code), None, "{code}");
        }
    }
}
