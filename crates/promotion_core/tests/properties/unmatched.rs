//! Promotions are found by what they need, and by nothing else (spec/evaluation.md 1).

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::cases;
use crate::draw::{Draw, drawn};
use crate::generate::scenario;
use crate::scenario::{CODES, DAY, NOW, PromotionSpec, Scenario, UseSpec};

/// How deep generated conditions are, far below what a definition may have.
const DEEPEST: u32 = 4;

/// What holds for every cart, names nothing and looks at no money; at most so deep.
fn always(draw: &mut Draw<'_>, depth: u32) -> Value {
    // The first ones have no conditions in them.
    match draw.below(if depth == 0 { 2 } else { 4 }) {
        0 => json!({"type": "CART", "cartCondition":
            {"kpi": "QUANTITY", "operator": "GREATER_THAN_OR_EQUAL", "value": 0}}),
        1 => json!({"type": "CART", "cartCondition": {"kpi": "ITEMCOUNT", "operator": "LESS_THAN", "value": 20_000}}),
        2 => json!({"type": "NOT", "conditions": [never(draw, depth - 1)]}),
        _ => json!({"type": "ANY", "conditions": [never(draw, depth - 1), always(draw, depth - 1)]}),
    }
}

/// What holds for no cart that is generated; at most so deep.
fn never(draw: &mut Draw<'_>, depth: u32) -> Value {
    let no_sku = json!({"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["z"]}]});
    let no_mode = json!({"paymentModeSelectionCriteriaRO": {"operator": "IN", "values": ["Cheque"]}});
    match draw.below(if depth == 0 { 8 } else { 16 }) {
        0 => json!({"type": "PRODUCT", "productCondition": no_sku}),
        1 => json!({"type": "PRODUCT", "productCondition":
            {"criteriaList": [{"entity": "CATEGORY", "operator": "IN", "values": ["z", "y"]}], "kpi": "NONE"}}),
        2 => json!({"type": "PRODUCT", "productCondition": {"criteriaList": [{"anyOf": [
            {"entity": "BRAND", "operator": "IN", "values": ["W"]},
            {"entity": "ATTRIBUTE", "attributeName": "color", "operator": "IN", "values": ["pink"]}]}]}}),
        3 => json!({"type": "PRODUCT", "productCondition":
            {"criteriaList": [], "kpi": "QUANTITY", "operator": "GREATER_THAN", "value": 100_000}}),
        4 => json!({"type": "CART", "cartCondition": {"kpi": "QUANTITY", "operator": "LESS_THAN", "value": 0}}),
        5 => json!({"type": "CART", "cartCondition": {"kpi": "ITEMCOUNT", "operator": "EQUALS", "value": 20_000}}),
        6 => json!({"type": "COMBO_PRODUCT", "comboProductCondition": {"productConditions": [{}, no_sku]}}),
        7 => json!({"type": "TENDER", "tenderCondition":
            {"tenderModes": [{"type": "CARD", "identifiers": ["Cheque"]}], "condition": always_plain()}}),
        8 => json!({"type": "TENDER", "tenderCondition": {"tenderModes":
            [{"type": "CARD"}, {"type": "CASH"}, {"type": "PAYMENT_VOUCHER"}], "condition": never(draw, depth - 1)}}),
        9 => json!({"type": "PAYMENT_MODE", "paymentModeCondition": no_mode}),
        10 => json!({"type": "PAYMENT_MODE_SCOPE", "paymentModeScopeConditionRO":
            {"paymentModeCondition": no_mode, "condition": always_plain()}}),
        11 => json!({"type": "PAYMENT_MODE_COMBO_PRODUCT", "paymentComboProductConditionRO":
            {"paymentModeCondition": no_mode, "comboProductCondition": {"productConditions": [{}]}}}),
        12 => json!({"type": "ATTRIBUTE", "attributeCondition": {"source": draw.pick(&["CART", "CUSTOMER"]),
            "name": "missing", "operator": "NOT_IN", "values": ["x"]}}),
        13 => json!({"type": "NOT", "conditions": [always(draw, depth - 1)]}),
        14 => json!({"type": "ALL", "conditions": [always(draw, depth - 1), never(draw, depth - 1)]}),
        _ => json!({"type": "ANY", "conditions": [never(draw, depth - 1), never(draw, depth - 1)]}),
    }
}

fn always_plain() -> Value {
    json!({"type": "CART", "cartCondition": {"kpi": "QUANTITY", "operator": "GREATER_THAN_OR_EQUAL", "value": 0}})
}

/// An action of lines, cart or shipping that needs nothing of its condition.
fn any_action(draw: &mut Draw<'_>) -> Value {
    draw.pick(&[
        json!({"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 100}}),
        json!({"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 100}}),
        json!({"type": "FREE_PRODUCT", "freeProductAction": {}}),
        json!({"type": "SHIPPING", "shippingBasedAction": {"type": "PERCENTAGE", "value": 100}}),
        json!({"type": "FREE_PRODUCT", "freeProductAction": {"autoAdd": true, "productBasedCondition":
            {"type": "PRODUCT", "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN",
            "values": ["g"]}], "kpi": "QUANTITY", "operator": "EQUALS", "value": 1}}}}),
    ])
}

/// Adds a promotion that can't apply to the cart, exclusive and before all others.
fn add_unmatched(draw: &mut Draw<'_>, scenario: &mut Scenario, index: usize) {
    let mut definition = json!({
        "name": "unmatched", "type": "POS", "isStackable": draw.chance(30), "stage": draw.pick(&[-5, 0]),
        "priority": 0, "startDate": NOW - DAY, "endDate": NOW + DAY, "stopsLater": draw.pick(&["CART", "NONE"]),
        "exclusionGroups": draw.pick(&[json!([]), json!(["g", "h"])]),
        "condition": always(draw, DEEPEST), "action": any_action(draw),
    });
    let id = format!("a{index}");
    let (key, value) =
        match draw.weighted(&[(10, 0), (1, 1), (1, 2), (1, 3), (1, 4), (1, 5), (1, 6), (1, 7), (1, 8), (1, 9)]) {
            0 => ("condition", never(draw, DEEPEST)),
            1 => {
                definition["action"] =
                    json!({"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 1}});
                ("currency", json!("CHF"))
            }
            2 => ("endDate", json!(NOW - 1)),
            3 => ("startDate", json!(NOW + 1)),
            // Code number 5 is none of those that a cart sends.
            4 => ("type", json!("CODE")),
            5 => ("type", json!(draw.pick(&["CUSTOMER", "EARNING", "REWARD"]))),
            6 => ("storeCriteria", json!({"type": "STORE", "values": ["nowhere"], "operator": "IN"})),
            // None of the time zones is at noon then.
            7 => ("timeCriteria", json!({"startTime": "12:00", "durationInHours": 1, "repeatFrequency": "DAYS"})),
            8 => ("supplementaryCriteria", json!({"partnerProgramId": "nobody's"})),
            _ => {
                let promotion_id = id.clone();
                let used =
                    UseSpec { promotion_id, row: 0, subject: None, count: 3_000_000, moving: Vec::new(), held: 0 };
                scenario.used.push(used);
                ("promotionRestrictions", json!({"Promotion": [{"kpi": "REDEMPTION", "limit": 3}]}))
            }
        };
    definition[key] = value;
    let place = draw.below(scenario.promotions.len() as u64 + 1) as usize;
    scenario.promotions.insert(place, PromotionSpec { id, created: 0, definition, code: CODES.len() });
}

pub fn with_unmatched(draw: &mut Draw<'_>) -> (Scenario, Scenario) {
    let scenario = scenario(draw);
    let mut larger = scenario.clone();
    let mut index = 0;
    draw.list(1, 6, |draw| {
        add_unmatched(draw, &mut larger, index);
        index += 1;
    });
    (scenario, larger)
}

/// A condition that holds whenever the given one does, and matches the same.
fn equivalent(draw: &mut Draw<'_>, promotion: &Value) -> Value {
    let own = promotion["condition"].clone();
    // Under a NOT nothing is matched: that is all the same to these.
    let matches_nothing = matches!(promotion["action"]["type"].as_str(), Some("CART_BASED" | "SHIPPING"));
    match draw.below(if matches_nothing { 8 } else { 7 }) {
        0 => own,
        1 => json!({"type": "ALL", "conditions": [own]}),
        2 => json!({"type": "ANY", "conditions": [own]}),
        3 => json!({"type": "ALL", "conditions": [own, always(draw, DEEPEST)]}),
        4 => json!({"type": "ALL", "conditions": [always(draw, DEEPEST), own]}),
        5 => json!({"type": "ANY", "conditions": [own, never(draw, DEEPEST)]}),
        6 => json!({"type": "ANY", "conditions": [never(draw, DEEPEST), own]}),
        _ => json!({"type": "NOT", "conditions": [{"type": "NOT", "conditions": [own]}]}),
    }
}

fn with_equivalent_conditions(draw: &mut Draw<'_>) -> (Scenario, Scenario) {
    let one = scenario(draw);
    let mut other = one.clone();
    for own in &mut other.promotions {
        own.definition["condition"] = equivalent(draw, &own.definition);
    }
    (one, other)
}

proptest! {
    #![proptest_config(cases(1_200))]

    /// "a larger ruleset of promotions that do not match changes nothing".
    #[test]
    fn promotions_that_can_not_match_change_nothing((scenario, larger) in drawn(with_unmatched)) {
        prop_assert_eq!(larger.outcome().without_search(), scenario.outcome().without_search());
    }

    /// "Found through an index ..., never by looking at every live promotion": however a condition is
    /// written, it is found by it.
    #[test]
    fn conditions_that_say_the_same_find_the_same((one, other) in drawn(with_equivalent_conditions)) {
        prop_assert_eq!(one.outcome().without_reasons(), other.outcome().without_reasons());
    }
}
