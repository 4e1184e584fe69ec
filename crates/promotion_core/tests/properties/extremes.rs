//! The smallest and the largest numbers there are: 15 digits before the point and 6 after it. Overflow
//! checks are on, so that any overflow is a panic.

use promotion_core::definition::Definition;
use promotion_core::settings::Settings;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::bounds::check_bounds;
use crate::cases;
use crate::draw::{Draw, drawn};
use crate::engine::{Outcome, answer};
use crate::generate::cart::product;
use crate::generate::scenario;
use crate::numbers::{ONE, number};
use crate::scenario::{LineSpec, Scenario};
use crate::sums::{check_answer, check_sums};

/// The largest amount, and the largest quantity.
const MOST_AMOUNT: i128 = 10_i128.pow(21) - 1;
const MOST_QUANTITY: i128 = 10_i128.pow(15) - 1;

/// From the smallest to the largest that can be read, in millionths.
fn extreme(draw: &mut Draw<'_>, most: i128) -> i128 {
    match draw.weighted(&[(1, 0), (2, 1), (2, 2), (1, 3), (1, 4)]) {
        0 => ONE,
        1 => 1,
        2 => most,
        3 => draw.within(1..=1_000),
        _ => 1 + (draw.within(0..=999_999_999_999) * most) / 1_000_000_000_000,
    }
}

fn extreme_line(draw: &mut Draw<'_>, most: i128) -> LineSpec {
    let (sku, kind) = product(draw);
    let amount = if draw.chance(90) { extreme(draw, most) } else { 0 };
    LineSpec {
        sku,
        amount,
        quantity: extreme(draw, MOST_QUANTITY),
        discount: amount / 4 * draw.weighted(&[(4, 0), (1, 1), (1, 4)]),
        min_unit_price: if draw.chance(30) { extreme(draw, MOST_AMOUNT) } else { 0 },
        kind,
    }
}

/// Where numbers stand in a definition.
const NUMBERS: [&str; 9] = [
    "value",
    "maxDiscount",
    "maxQuantity",
    "perUnitDivider",
    "from",
    "limit",
    "maxApplications",
    "nth",
    "minTimeBetweenRepeat",
];

/// How many numbers a definition has in these places.
fn count_numbers(json: &Value) -> u64 {
    match json {
        Value::Object(entries) => {
            entries.iter().map(|(key, value)| u64::from(NUMBERS.contains(&key.as_str())) + count_numbers(value)).sum()
        }
        Value::Array(items) => items.iter().map(count_numbers).sum(),
        _ => 0,
    }
}

/// Replaces the `place`th of them.
fn replace_number(json: &mut Value, place: &mut u64, with: &Value) {
    match json {
        Value::Object(entries) => {
            for (key, value) in entries {
                if NUMBERS.contains(&key.as_str()) {
                    if *place == 0 {
                        *value = with.clone();
                    }
                    *place = place.wrapping_sub(1);
                }
                replace_number(value, place, with);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace_number(item, place, with)),
        _ => {}
    }
}

/// Replaces numbers of a definition by extreme ones, as long as it stays one.
fn with_extremes(draw: &mut Draw<'_>, definition: &mut Value, settings: &Settings) {
    let count = count_numbers(definition);
    for _ in 0..count.min(6) {
        let mut place = draw.below(count);
        // Amounts have no more digits than their currency, money and quantities the same places.
        let cents = MOST_AMOUNT / 10_000 * 10_000;
        let whole = MOST_AMOUNT / ONE * ONE;
        let counted = (i128::from(i32::MAX)) * ONE;
        let value = match draw.below(8) {
            0 => ONE,
            1 => 1,
            2 => 10_000,
            3 => cents,
            4 => MOST_AMOUNT,
            5 => MOST_QUANTITY,
            6 => counted,
            _ => whole,
        };
        let mut changed = definition.clone();
        replace_number(&mut changed, &mut place, &number(value));
        if Definition::parse(&changed, settings).is_ok() {
            *definition = changed;
        }
    }
}

/// A scenario of the smallest and the largest numbers.
fn extreme_scenario(draw: &mut Draw<'_>) -> Scenario {
    let mut scenario = scenario(draw);
    let settings = scenario.settings();
    scenario.promotions.retain(|own| !own.definition.to_string().contains("autoAdd")); // P9
    for own in &mut scenario.promotions {
        with_extremes(draw, &mut own.definition, &settings);
    }
    // The sum of the lines has to be an amount that can be read.
    scenario.cart.lines = draw.list(1, 6, |draw| extreme_line(draw, MOST_AMOUNT / 6));
    if draw.chance(50) {
        let shipments = draw.list(1, 3, |draw| json!({"amount": number(extreme(draw, MOST_AMOUNT)), "method": "post"}));
        scenario.cart.rest["shipping"] = shipments.into();
    }
    if draw.chance(50) {
        let tenders =
            draw.list(1, 3, |draw| json!({"identifier": "Visa", "amount": number(extreme(draw, MOST_AMOUNT))}));
        scenario.cart.rest["cartTenders"] = tenders.into();
    }
    for own in &mut scenario.used {
        own.count = extreme(draw, MOST_AMOUNT);
        own.held = extreme(draw, MOST_AMOUNT);
        for (_, count) in &mut own.moving {
            *count = extreme(draw, MOST_AMOUNT);
        }
    }
    scenario
}

proptest! {
    #![proptest_config(cases(1_500))]

    /// "no panic on any input that parsed", also where amounts and quantities are the smallest and
    /// the largest there are; bounds and sums hold there too, and the answer can be written.
    #[test]
    fn extreme_numbers_never_panic(scenario in drawn(extreme_scenario)) {
        let ruleset = scenario.compiled(scenario.sources());
        let outcome = scenario.on(&ruleset, true, |cart, evaluation| {
            check_sums(cart, evaluation)?;
            check_answer(cart, &answer(&ruleset, cart, evaluation))?;
            Ok::<_, TestCaseError>(Outcome::of(&ruleset, evaluation))
        })?;
        check_bounds(&scenario, &outcome)?;
    }
}
