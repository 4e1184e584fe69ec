//! "No unit, line, cart, shipping or tender goes below zero, no unit below its `minUnitPrice`", and
//! "parts always add up to the whole" on every level (spec/evaluation.md 8 to 10).

use proptest::prelude::*;
use serde_json::Value;

use crate::cases;
use crate::draw::drawn;
use crate::engine::{Outcome, answer};
use crate::generate::scenario;
use crate::numbers::{ONE, is_whole};
use crate::scenario::Scenario;
use crate::sums::{check_answer, check_sums};

/// Lines, shipments and tenders bounded by zero and lines by what they must cost at least.
pub fn check_bounds(scenario: &Scenario, outcome: &Outcome) -> Result<(), TestCaseError> {
    let cart = &scenario.cart;
    prop_assert_eq!(outcome.line_discounts.len(), cart.lines.len());
    for (line, &discount) in cart.lines.iter().zip(&outcome.line_discounts) {
        prop_assert!(discount >= 0 && discount * ONE <= line.room(), "{:?} loses {}", line, discount);
    }
    let items_left = cart.left().iter().sum();
    prop_assert!((0..=items_left).contains(&outcome.total_discount));
    prop_assert!(outcome.payable_amount >= 0);
    Ok(())
}

/// Whether a definition counts units that are not whole.
fn cuts_units(json: &Value) -> bool {
    match json {
        Value::Object(entries) => {
            let counts = entries.values().any(|word| word.as_str().is_some_and(|word| word.ends_with("QUANTITY")));
            entries.iter().any(|(key, value)| {
                let is_count = key == "maxQuantity" || (counts && matches!(key.as_str(), "value" | "perUnitDivider"));
                (is_count && value.to_string().contains('.')) || cuts_units(value)
            })
        }
        Value::Array(items) => items.iter().any(cuts_units),
        _ => false,
    }
}

/// The units of every application bounded by what they had at first. Where units, or the quarters that
/// they may be cut into, are no whole number of minor units, each may be exceeded by less than one of
/// these: the line as a whole never is.
fn check_unit_bounds(scenario: &Scenario, outcome: &Outcome) -> Result<(), TestCaseError> {
    let minor = scenario.minor();
    let cuts = scenario.promotions.iter().any(|own| cuts_units(&own.definition))
        || scenario.cart.lines.iter().any(|line| !is_whole(line.quantity, ONE));
    for applied in &outcome.applied {
        for part in applied.lines.iter().chain(&applied.cart_lines) {
            let Some(line) = scenario.cart.lines.get(part.line) else { continue };
            let prices = is_whole(line.left() * ONE, line.quantity * minor) && is_whole(line.min_unit_price, minor);
            for (quantity, discount) in &part.runs {
                let units = (quantity.0 + ONE - 1) / ONE;
                let more = if prices && !cuts { 0 } else { 4 * (units + 1) * minor };
                let most = quantity.0 * line.room() + more * line.quantity * ONE;
                prop_assert!(discount.0 * line.quantity * ONE <= most, "{:?}: {:?}", line, part.runs);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(2_000))]

    /// "No unit, line, cart, shipping or tender goes below zero, no unit below its `minUnitPrice`",
    /// the caller's own discount stands, "parts always add up to the whole", "payableAmount = amount −
    /// Σ callers' discounts − totalDiscount + shipping − shipping discount − tender discounts −
    /// vouchers' redeemed values".
    #[test]
    fn parts_add_up_and_nothing_goes_below_zero(scenario in drawn(scenario)) {
        scenario.with(scenario.sources(), |ruleset, cart, evaluation| {
            check_sums(cart, evaluation)?;
            check_answer(cart, &answer(ruleset, cart, evaluation))?;
            let outcome = Outcome::of(ruleset, evaluation);
            check_bounds(&scenario, &outcome)?;
            check_unit_bounds(&scenario, &outcome)
        })?;
    }
}
