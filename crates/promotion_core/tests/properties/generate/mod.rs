//! What is generated: rulesets and carts of the whole language, few enough words that they often meet.

pub mod action;
pub mod cart;
pub mod condition;
pub mod definition;
pub mod history;
pub mod settings;

use serde_json::Value;

use crate::draw::Draw;
use crate::numbers::{ONE, number};
use crate::scenario::Scenario;

/// An object of the entries that are not null.
pub fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let given = entries.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(given.map(|(key, value)| (key.to_owned(), value)).collect())
}

/// Null, or in so many of a hundred cases what `make` makes.
pub fn optional<T: Into<Value>>(draw: &mut Draw<'_>, percent: u64, make: impl FnOnce(&mut Draw<'_>) -> T) -> Value {
    draw.maybe(percent, |draw| make(draw).into()).unwrap_or(Value::Null)
}

/// Null, or one of the words.
pub fn word(draw: &mut Draw<'_>, percent: u64, words: &[&'static str]) -> Value {
    optional(draw, percent, |draw| draw.pick(words))
}

/// Small counts, whole more often than not.
pub fn count(draw: &mut Draw<'_>) -> Value {
    number(if draw.chance(12) { draw.pick(&[500_000, 1_500_000, 2_250_000]) } else { draw.within(1..=4) * ONE })
}

/// How a definition's amounts may be: in whole units of so many millionths.
#[derive(Clone, Copy)]
pub struct Amounts {
    pub minor: i128,
}

impl Amounts {
    /// The amounts of a definition in this currency.
    pub fn of(currency: &str) -> Self {
        let minor = match currency {
            "JPY" => ONE,
            "KWD" => 1_000,
            _ => 10_000,
        };
        Self { minor }
    }

    /// From 0 to so many units, often a quarter or a whole one.
    pub fn up_to(self, draw: &mut Draw<'_>, units: i128) -> Value {
        let step = draw.weighted(&[(2, ONE), (3, 250_000), (1, 10_000), (1, self.minor)]).max(self.minor);
        number(draw.within(0..=units * ONE / step) * step)
    }
}

/// A ruleset and a cart, with what is known of both.
pub fn scenario(draw: &mut Draw<'_>) -> Scenario {
    if draw.chance(40) {
        scenario_of(draw, (2, 8), definition::crowding)
    } else {
        scenario_of(draw, (1, 8), definition::definition)
    }
}

/// The same with so many promotions, and definitions that `definition` makes for given settings.
pub fn scenario_of(
    draw: &mut Draw<'_>,
    (least, most): (usize, usize),
    definition: impl Fn(&mut Draw<'_>, &Value) -> Value,
) -> Scenario {
    let settings = settings::settings(draw);
    let mut scenario = history::without_promotions(draw, settings);
    draw.list(least, most, |draw| history::add_promotion(draw, &mut scenario, &definition));
    scenario
}
