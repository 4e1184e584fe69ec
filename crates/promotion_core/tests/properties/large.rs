//! Large carts: "Lines are runs of equal units and are never expanded into single units: a line of
//! 1,000,000 costs no more than a line of 1" (spec/evaluation.md 6). That these tests end at all says so.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::bounds::check_bounds;
use crate::draw::{Draw, drawn};
use crate::engine::Outcome;
use crate::generate::cart::line;
use crate::generate::definition::crowding;
use crate::generate::settings::settings;
use crate::generate::{object, scenario, scenario_of};
use crate::numbers::{ONE, millionths, number};
use crate::scenario::{CartSpec, DAY, LineSpec, NOW, PromotionSpec, Scenario};
use crate::sums::check_sums;
use crate::{cases, costly_cases};

/// So many times more units of everything: 40 units stay below 10^9.
const TIMES: i128 = 20_000_000;

fn is(entries: &Map<String, Value>, key: &str, word: &str) -> bool {
    entries.get(key).is_some_and(|own| own == word)
}

/// Multiplies all numbers of units in settings or a definition, and takes out what is of single units.
fn multiply_units(json: &mut Value) {
    let Value::Object(entries) = json else {
        json.as_array_mut().into_iter().flatten().for_each(multiply_units);
        return;
    };
    entries.remove("units");
    let counts =
        ["kpi", "perUnitKPI"].iter().any(|key| ["QUANTITY", "LINE_QUANTITY"].iter().any(|word| is(entries, key, word)));
    for (key, value) in entries {
        match key.as_str() {
            "criteriaList" => without_prices(value),
            "applyPer" if value == "UNIT" => *value = "SET".into(),
            "roundingLevel" if value == "UNIT" => *value = "LINE".into(),
            "value" | "perUnitDivider" | "from" if counts => *value = number(millionths(value) * TIMES),
            "maxQuantity" => *value = number(millionths(value) * TIMES),
            "tiers" if counts => {
                for tier in value.as_array_mut().into_iter().flatten() {
                    tier["from"] = number(millionths(&tier["from"]) * TIMES);
                    multiply_units(&mut tier["action"]);
                }
            }
            _ => multiply_units(value),
        }
    }
}

/// Takes criteria on unit prices out, of which a part would be less than a millionth.
fn without_prices(criteria: &mut Value) {
    let Value::Array(criteria) = criteria else { return };
    for criterion in criteria.iter_mut() {
        if criterion["anyOf"].is_array() {
            without_prices(&mut criterion["anyOf"]);
        }
        if let Value::Object(entries) = criterion {
            entries.retain(|_, value| !value.is_null());
        }
    }
    criteria.retain(|own| own["entity"] != "UNIT_PRICE" && own["anyOf"].as_array().is_none_or(|any| !any.is_empty()));
}

/// Says of every part of a combo how many units it is of: one, where it does not say so itself.
fn name_units(json: &mut Value, is_action: bool) {
    let Value::Object(entries) = json else {
        json.as_array_mut().into_iter().flatten().for_each(|item| name_units(item, is_action));
        return;
    };
    for part in entries.get_mut("productConditions").and_then(Value::as_array_mut).into_iter().flatten() {
        let Value::Object(part) = part else { continue };
        let names = is(part, "kpi", "QUANTITY") && is(part, "operator", "EQUALS");
        let is_one = part.get("kpi").is_none_or(|kpi| kpi == "NONE");
        if is_one || (is_action && !names) {
            let criteria = part.get("criteriaList").cloned().unwrap_or_else(|| json!([]));
            let one = [("kpi", "QUANTITY".into()), ("operator", "EQUALS".into()), ("value", json!(1))];
            *part = one.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
            part.insert("criteriaList".to_owned(), criteria);
        }
    }
    for (key, value) in entries {
        name_units(value, is_action || key == "productBasedCondition");
    }
}

/// The same cart, of units and of many more units at a part of their price.
fn with_more_units(draw: &mut Draw<'_>) -> (Scenario, Scenario) {
    let mut one = scenario(draw);
    for line in &mut one.cart.lines {
        line.min_unit_price = 0;
    }
    one.settings["exclusiveScope"] = "CART".into();
    one.promotions.retain(|own| own.definition["action"]["type"] != "MULTI");
    for own in &mut one.promotions {
        own.definition["isStackable"] = false.into();
    }
    let mut other = one.clone();
    // What is of single units goes, in both; the numbers are multiplied in one of them.
    for (scenario, times) in [(&mut one, false), (&mut other, true)] {
        for own in &mut scenario.promotions {
            name_units(&mut own.definition, false);
            let mut multiplied = own.definition.clone();
            multiply_units(&mut multiplied);
            own.definition = if times { multiplied } else { with_units_of(&own.definition, &multiplied) };
        }
        multiply_units(&mut scenario.settings);
    }
    for line in &mut other.cart.lines {
        line.quantity *= TIMES;
    }
    (one, other)
}

/// The definition that was multiplied, with its own numbers of units.
fn with_units_of(own: &Value, multiplied: &Value) -> Value {
    match (own, multiplied) {
        (Value::Object(own), Value::Object(multiplied)) => {
            let part = |(key, value): (&String, &Value)| (key.clone(), with_units_of(&own[key], value));
            Value::Object(multiplied.iter().map(part).collect())
        }
        (Value::Array(own), Value::Array(multiplied)) if own.len() == multiplied.len() => {
            own.iter().zip(multiplied).map(|(own, multiplied)| with_units_of(own, multiplied)).collect()
        }
        // A number of units, or what stands for itself; what was taken out or replaced stays so.
        (own, multiplied) if own.is_array() || own == "UNIT" => multiplied.clone(),
        (own, _) => own.clone(),
    }
}

/// What each promotion gives, gifts in so many units each.
fn given(outcome: &Outcome, times: i128) -> Vec<(String, i128, u64, BTreeMap<String, i128>)> {
    let gifts = |own: &BTreeMap<String, i128>| own.iter().map(|(sku, units)| (sku.clone(), units * times)).collect();
    let given =
        outcome.applied.iter().map(|own| (own.id.clone(), own.discount, own.redemption_count, gifts(&own.gifts)));
    given.collect()
}

/// What repeats over units: `bundle` units and so many for each application.
fn repeating(draw: &mut Draw<'_>) -> Value {
    let (trigger, reward) = (1 + draw.below(4), 1 + draw.below(4));
    let any = json!([]);
    let counting = json!({"type": "PRODUCT", "productCondition":
        {"criteriaList": any, "kpi": "QUANTITY", "operator": "EQUALS", "value": trigger}});
    let rewarded = json!({"type": "PRODUCT", "productCondition":
        {"criteriaList": any, "kpi": "QUANTITY", "operator": "EQUALS", "value": reward}});
    let combo = json!({"type": "COMBO_PRODUCT", "comboProductCondition": {"productConditions":
        [{}, {"kpi": "QUANTITY", "operator": "GREATER_THAN_OR_EQUAL", "value": trigger}]}});
    // Of what a combo matched as many units as it is made of can be rewarded at the most.
    let on_combo = draw.chance(30);
    let include = !on_combo && draw.chance(50);
    let value = draw.below(30);
    let off = draw
        .pick(&[json!({"type": "ABSOLUTE", "value": value}), json!({"type": "PERCENTAGE", "value": 5 * value % 100})]);
    let with = |mut action: Value, selecting: &Value| {
        action["productBasedCondition"] = selecting.clone();
        action["includeItemsFromConditionSet"] = include.into();
        action
    };
    let per_unit = |reward: Value, units: Value| {
        json!({"type": "PER_UNIT", "perUnitAction": object([("perUnitKPI", "QUANTITY".into()),
            ("perUnitDivider", trigger.into()), ("rewardAction", reward), ("units", units)])})
    };
    let units = json!({"groupOrder": draw.pick(&["CHEAPEST", "DEAREST"]), "rank": "CHEAPEST",
        "nth": 1 + draw.below(trigger), "scope": draw.pick(&["WITHIN", "ACROSS"])});
    let condition = if on_combo { combo.clone() } else { counting };
    let action = match draw.below(7) {
        0 => json!({"type": "FREE_PRODUCT", "freeProductAction": with(json!({}), &rewarded)}),
        1 => json!({"type": "FIXED_PRICE", "fixedPriceAction": with(json!({"value": value}), &rewarded)}),
        2 => json!({"type": "FIXED_PRICE", "fixedPriceAction": {"value": value}}),
        3 => json!({"type": "FREE_PRODUCT", "freeProductAction": with(json!({}), &combo)}),
        4 => per_unit(json!({"type": "PRODUCT_BASED", "productBasedAction": with(off, &rewarded)}), Value::Null),
        5 => per_unit(json!({"type": "FREE_PRODUCT", "freeProductAction": with(json!({}), &rewarded)}), Value::Null),
        _ => per_unit(json!({"type": "PRODUCT_BASED", "productBasedAction": off}), units),
    };
    // EQUALS means "from there on" beside FREE_PRODUCT and FIXED_PRICE only.
    let text = condition
        .to_string()
        .replace("EQUALS", "GREATER_THAN_OR_EQUAL")
        .replace("_OR_GREATER_THAN_OR_EQUAL", "_OR_EQUAL");
    json!({"name": "repeating", "type": "POS", "startDate": NOW - DAY, "endDate": NOW + DAY,
        "condition": serde_json::from_str::<Value>(&text).expect("json"), "action": action})
}

/// A promotion that repeats on a line, and on one so many times as long.
fn on_a_longer_line(draw: &mut Draw<'_>) -> (Scenario, Scenario, i128) {
    // Divided by every number up to 10: all units are in some application, or none of them.
    const UNITS: i128 = 2_520;
    let mut settings = settings(draw);
    for key in ["currency", "precision"] {
        settings[key] = Value::Null;
    }
    let price = draw.within(1..=50) * ONE;
    let line = |quantity: i128| LineSpec {
        sku: "a",
        amount: price * quantity,
        quantity: quantity * ONE,
        discount: 0,
        min_unit_price: 0,
        kind: json!({}),
    };
    let cart = |quantity: i128| CartSpec { lines: vec![line(quantity)], amount_alone: 0, rest: json!({}) };
    let promotion = PromotionSpec { id: "p".to_owned(), created: 0, definition: repeating(draw), code: 0 };
    let scenario = |quantity: i128| Scenario {
        settings: settings.clone(),
        promotions: vec![promotion.clone()],
        codes: Vec::new(),
        cart: cart(quantity),
        till: None,
        entitlements: Vec::new(),
        used: Vec::new(),
    };
    let times = draw.within(2..=999_999_999 / UNITS);
    (scenario(UNITS), scenario(UNITS * times), times)
}

fn with_many_lines(draw: &mut Draw<'_>) -> Scenario {
    let mut scenario = scenario_of(draw, (2, 3), crowding);
    let some = draw.list(20, 40, line);
    scenario.cart.lines = (0..10_000).map(|index| some[index * index % some.len()].clone()).collect();
    scenario
}

proptest! {
    #![proptest_config(cases(600))]

    /// "quantities are taken by amount, so a unit may be cut": the same cart in other units of measure
    /// gives the same, be they 800,000,000 of a line.
    #[test]
    fn more_units_at_a_part_of_their_price_give_the_same((one, other) in drawn(with_more_units)) {
        let (few, many) = (one.outcome(), other.outcome());
        prop_assert_eq!(given(&few, TIMES), given(&many, 1));
        prop_assert_eq!(few.payable_amount, many.payable_amount);
    }

    /// "repeat as often as disjoint sets of trigger and reward units exist": so many times as often on a
    /// line that is so many times as long, up to 999,999,999 units.
    #[test]
    fn a_longer_line_gives_so_many_times_as_much((one, other, times) in drawn(on_a_longer_line)) {
        let (short, long) = (one.outcome(), other.outcome());
        prop_assert_eq!(short.total_discount * times, long.total_discount);
        prop_assert_eq!(short.applied.len(), long.applied.len());
        for (short, long) in short.applied.iter().zip(&long.applied) {
            prop_assert_eq!(i128::from(short.redemption_count) * times, i128::from(long.redemption_count));
            for (short, long) in short.lines.iter().zip(&long.lines) {
                prop_assert_eq!(short.discounted_quantity.0 * times, long.discounted_quantity.0);
                prop_assert_eq!(short.applied_quantity.0 * times, long.applied_quantity.0);
            }
        }
    }
}

proptest! {
    #![proptest_config(costly_cases(2, 1_000))]

    /// As many lines as a cart may have.
    #[test]
    fn ten_thousand_lines_are_evaluated(scenario in drawn(with_many_lines)) {
        let outcome = scenario.with(scenario.sources(), |ruleset, cart, evaluation| {
            check_sums(cart, evaluation).map(|()| Outcome::of(ruleset, evaluation))
        })?;
        check_bounds(&scenario, &outcome)?;
    }
}
