//! What a line costs: quantity times price, rounded once to the currency's minor unit, by the test's own reckoning.

use serde_json::Value;

/// One, as all numbers here are in millionths.
pub const ONE: i64 = 1_000_000;

/// How the organization of a scene rounds.
#[derive(Debug, Clone)]
pub struct Rounding {
    /// The setting `rounding`.
    pub mode: String,
    /// The setting `precision`, of the organization's currency.
    pub precision: Option<u32>,
}

impl Rounding {
    /// As the settings say.
    pub fn of(settings: &Value) -> Self {
        let mode = settings["rounding"].as_str().unwrap_or("HALF_UP").to_owned();
        let precision = settings["precision"].as_u64().and_then(|digits| u32::try_from(digits).ok());
        Self { mode, precision }
    }

    /// The minor unit of a currency.
    pub fn minor(&self, currency: &str) -> i64 {
        let digits = match currency {
            "JPY" => 0,
            "KWD" => 3,
            "USD" => self.precision.unwrap_or(2),
            _ => 2,
        };
        ONE / 10_i64.pow(digits)
    }

    /// What so much at that price costs; neither is negative.
    pub fn amount(&self, quantity: i64, price: i64, currency: &str) -> i64 {
        let unit = i128::from(self.minor(currency)) * i128::from(ONE);
        let exact = i128::from(quantity) * i128::from(price);
        let (below, rest) = (exact / unit, exact % unit);
        let is_up = match self.mode.as_str() {
            "UP" | "CEILING" => rest > 0,
            "DOWN" | "FLOOR" => false,
            "HALF_DOWN" => 2 * rest > unit,
            "HALF_EVEN" => 2 * rest > unit || (2 * rest == unit && below % 2 == 1),
            _ => 2 * rest >= unit,
        };
        let amount = (below + i128::from(is_up)) * i128::from(self.minor(currency));
        i64::try_from(amount).expect("scenes have small amounts")
    }
}

/// A number of millionths as text.
pub fn decimal(millionths: i64) -> String {
    let (whole, rest) = (millionths / ONE, millionths % ONE);
    let text = format!("{whole}.{rest:06}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The same as a JSON number.
pub fn number(millionths: i64) -> Value {
    serde_json::from_str(&decimal(millionths)).unwrap_or_default()
}
