//! "Percentages in 0–100, amounts ≥ 0 with at most the currency's digits": currencies differ in nothing
//! but the size of their minor unit.

use promotion_core::evaluation::LineDiscount;
use proptest::prelude::*;
use serde_json::Value;

use crate::cases;
use crate::draw::{Draw, drawn};
use crate::engine::Outcome;
use crate::generate::history::rows;
use crate::generate::scenario;
use crate::numbers::{ONE, is_whole, millionths, number};
use crate::scenario::Scenario;

/// A currency without minor units, and how many of its units are worth one of the organization's, cents
/// being its minor units: all money is so many times as much.
const CURRENCY: &str = "JPY";
const TIMES: i128 = 100;

fn multiply(value: &mut Value) {
    *value = number(millionths(value) * TIMES);
}

/// Multiplies all money of a condition, an action or limits.
fn multiply_money(json: &mut Value) {
    let Value::Object(entries) = json else {
        json.as_array_mut().into_iter().flatten().for_each(multiply_money);
        return;
    };
    let says = |keys: &[&str], words: &[&str]| {
        keys.iter().any(|key| words.iter().any(|word| entries.get(*key).is_some_and(|own| own == word)))
    };
    let measures_money = says(&["kpi", "perUnitKPI"], &["SUBTOTAL", "TOTAL", "AMOUNT", "LINE_AMOUNT"]);
    let limits_money = says(&["kpi"], &["DISCOUNT"]);
    let measures_units = says(&["kpi"], &["QUANTITY", "ITEMCOUNT", "LINE_QUANTITY", "NONE"]);
    let is_off = says(&["type"], &["ABSOLUTE", "FIXED"]);
    let is_price = !entries.contains_key("type") && !entries.contains_key("kpi");
    let compares_prices = says(&["entity"], &["UNIT_PRICE"]);
    for (key, value) in entries {
        match key.as_str() {
            "value" if measures_money || is_off || (is_price && !measures_units) => multiply(value),
            "maxDiscount" => multiply(value),
            "perUnitDivider" if measures_money => multiply(value),
            "limit" if limits_money => multiply(value),
            "values" if compares_prices => value.as_array_mut().into_iter().flatten().for_each(multiply),
            "tiers" => {
                for tier in value.as_array_mut().into_iter().flatten() {
                    if measures_money {
                        multiply(&mut tier["from"]);
                    }
                    multiply_money(&mut tier["action"]);
                }
            }
            _ => multiply_money(value),
        }
    }
}

fn multiply_cart(scenario: &mut Scenario) {
    let cart = &mut scenario.cart;
    cart.amount_alone *= TIMES;
    for line in &mut cart.lines {
        line.amount *= TIMES;
        line.discount *= TIMES;
        line.min_unit_price *= TIMES;
    }
    for key in ["shipping", "cartTenders"] {
        let entries = &mut cart.rest[key];
        if let Some(amount) = entries.get_mut("amount") {
            multiply(amount);
        }
        entries.as_array_mut().into_iter().flatten().filter_map(|own| own.get_mut("amount")).for_each(multiply);
    }
}

/// What is used of limits of money.
fn multiply_uses(scenario: &mut Scenario) {
    for own in &mut scenario.used {
        let promotion = scenario.promotions.iter().find(|promotion| promotion.id == own.promotion_id);
        let rows = promotion.map(|promotion| rows(&promotion.definition)).unwrap_or_default();
        if rows.get(own.row).is_some_and(|(_, row)| row["kpi"] == "DISCOUNT") {
            own.count *= TIMES;
            own.held *= TIMES;
            own.moving.iter_mut().for_each(|(_, count)| *count *= TIMES);
        }
    }
}

/// The same in a currency of two digits and in one of none.
fn in_two_currencies(draw: &mut Draw<'_>) -> (Scenario, Scenario) {
    let mut one = scenario(draw);
    // Definitions in currencies of their own don't meet the cart.
    let is_of_others = |own: &Value| own.is_string();
    if one.settings["currency"] == "KWD" || one.settings["currency"] == "JPY" {
        one.promotions.clear();
    }
    one.settings["currency"] = "USD".into();
    one.cart.rest["currency"] = Value::Null;
    if one.settings["precision"].as_u64().is_some_and(|precision| precision < 2) {
        one.settings["precision"] = 2.into();
    }
    one.promotions.retain(|own| !is_of_others(&own.definition["currency"]));
    for line in &mut one.cart.lines {
        // What a line may lose at most is an amount in both.
        if !is_whole(line.min_unit_price * line.quantity, ONE) {
            line.min_unit_price = 0;
        }
    }
    let mut other = one.clone();
    other.settings["currency"] = CURRENCY.into();
    if let Some(precision) = other.settings["precision"].as_u64() {
        other.settings["precision"] = (precision - 2).into();
    }
    multiply_uses(&mut other);
    for own in &mut other.promotions {
        for part in ["condition", "action", "promotionRestrictions"] {
            multiply_money(&mut own.definition[part]);
        }
    }
    multiply_cart(&mut other);
    (one, other)
}

/// The same outcome with all money multiplied.
fn multiplied(mut outcome: Outcome) -> Outcome {
    let line = |part: &mut LineDiscount| {
        part.discount.0 *= TIMES;
        part.runs.iter_mut().for_each(|(_, discount)| discount.0 *= TIMES);
    };
    for own in &mut outcome.applied {
        own.discount *= TIMES;
        own.lines.iter_mut().chain(&mut own.cart_lines).for_each(line);
        own.shipments.iter_mut().chain(&mut own.tenders).for_each(|(_, discount)| *discount *= TIMES);
    }
    for own in &mut outcome.vouchers {
        own.value *= TIMES;
        own.redeemable *= TIMES;
    }
    let totals = [&mut outcome.line_discounts, &mut outcome.shipment_discounts, &mut outcome.tender_discounts];
    totals.into_iter().flatten().for_each(|discount| *discount *= TIMES);
    outcome.total_discount *= TIMES;
    outcome.payable_amount *= TIMES;
    outcome
}

proptest! {
    #![proptest_config(cases(700))]

    /// The whole language in a currency of two digits and, everything being 100 times as much, in one
    /// of none: every part is 100 times as much.
    #[test]
    fn currencies_differ_in_their_minor_unit_alone((one, other) in drawn(in_two_currencies)) {
        prop_assert_eq!(multiplied(one.outcome().without_reasons()), other.outcome().without_reasons());
    }
}
