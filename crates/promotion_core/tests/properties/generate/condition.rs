//! Conditions of all types, and criteria.

use serde_json::{Value, json};

use super::{Amounts, count, object, optional};
use crate::draw::Draw;
use crate::numbers::number;

/// What a condition has to be good for.
#[derive(Clone, Copy, PartialEq)]
pub enum For {
    Anything,
    /// The action takes something off tenders.
    Tenders,
    /// The action repeats over trigger units.
    Repetition,
}

/// A condition, most of them easy to fulfil.
pub fn condition(draw: &mut Draw<'_>, amounts: Amounts, purpose: For) -> Value {
    match purpose {
        For::Tenders => tender_family(draw, amounts),
        For::Repetition if draw.chance(75) => match draw.weighted(&[(4, 0), (2, 1), (1, 2), (1, 3)]) {
            0 => counting(draw),
            1 => combo(draw, amounts),
            2 => json!({"type": "ALL", "conditions": [counting(draw), any(draw, amounts, 3)]}),
            _ => json!({"type": "ANY", "conditions": [counting(draw), combo(draw, amounts)]}),
        },
        _ => any(draw, amounts, 0),
    }
}

fn any(draw: &mut Draw<'_>, amounts: Amounts, depth: usize) -> Value {
    let trees = if depth > 2 { 0 } else { 1 };
    let kinds = [
        (6, "EASY"),
        (6, "CART"),
        (10, "PRODUCT"),
        (4, "COMBO_PRODUCT"),
        (2, "ATTRIBUTE"),
        (2, "TENDERS"),
        (2 * trees, "ALL"),
        (2 * trees, "ANY"),
        (2 * trees, "NOT"),
    ];
    match draw.weighted(&kinds) {
        "EASY" => easy(draw),
        "CART" => cart(draw, amounts),
        "PRODUCT" => product_condition(draw, amounts),
        "COMBO_PRODUCT" => combo(draw, amounts),
        "ATTRIBUTE" => attribute(draw),
        "TENDERS" => tender_family(draw, amounts),
        "NOT" => json!({"type": "NOT", "conditions": [any(draw, amounts, depth + 1)]}),
        tree => json!({"type": tree, "conditions": draw.list(1, 3, |draw| any(draw, amounts, depth + 1))}),
    }
}

/// On how the cart is paid: such that tenders match.
fn tender_family(draw: &mut Draw<'_>, amounts: Amounts) -> Value {
    let mode = |draw: &mut Draw<'_>| {
        let operator = draw.weighted(&[(3, "IN"), (1, "NOT_IN")]);
        let values = draw.some_of(&["VISA", "cash", "card", "V0"]);
        json!({"paymentModeSelectionCriteriaRO": {"operator": operator, "values": values}})
    };
    match draw.weighted(&[(3, 0), (2, 1), (2, 2), (2, 3), (1, 4), (1, 5)]) {
        0 => {
            let modes = draw.list(1, 2, |draw| {
                object([
                    ("type", draw.pick(&["CARD", "CASH", "PAYMENT_VOUCHER"]).into()),
                    ("identifiers", optional(draw, 40, |draw| draw.some_of(&["Visa", "CASH", "card", "v0"]))),
                ])
            });
            let inner = optional(draw, 40, |draw| any(draw, amounts, 2));
            json!({"type": "TENDER", "tenderCondition": object([("tenderModes", modes.into()), ("condition", inner)])})
        }
        1 => json!({"type": "PAYMENT_MODE", "paymentModeCondition": mode(draw)}),
        2 => json!({"type": "PAYMENT_MODE_SCOPE", "paymentModeScopeConditionRO":
            {"paymentModeCondition": mode(draw), "condition": any(draw, amounts, 2)}}),
        3 => {
            let combo = combo(draw, amounts)["comboProductCondition"].take();
            json!({"type": "PAYMENT_MODE_COMBO_PRODUCT", "paymentComboProductConditionRO":
                {"paymentModeCondition": mode(draw), "comboProductCondition": combo}})
        }
        4 => json!({"type": "ALL", "conditions": [tender_family(draw, amounts), any(draw, amounts, 2)]}),
        _ => json!({"type": "ANY", "conditions": [any(draw, amounts, 2), tender_family(draw, amounts)]}),
    }
}

fn comparison(draw: &mut Draw<'_>) -> &'static str {
    draw.weighted(&[
        (12, "GREATER_THAN_OR_EQUAL"),
        (4, "GREATER_THAN"),
        (1, "LESS_THAN"),
        (1, "LESS_THAN_OR_EQUAL"),
        (1, "EQUALS"),
    ])
}

/// Such that most carts fulfil it.
pub fn easy(draw: &mut Draw<'_>) -> Value {
    if draw.chance(50) {
        return json!({"type": "PRODUCT", "productCondition": {"criteriaList": criteria(draw)}});
    }
    let kpi = draw.pick(&["QUANTITY", "ITEMCOUNT"]);
    json!({"type": "CART", "cartCondition": {"kpi": kpi, "operator": "GREATER_THAN_OR_EQUAL", "value": draw.below(2)}})
}

fn cart(draw: &mut Draw<'_>, amounts: Amounts) -> Value {
    let kpi = draw.pick(&["SUBTOTAL", "TOTAL", "QUANTITY", "ITEMCOUNT"]);
    let operator = comparison(draw);
    let value = if matches!(kpi, "SUBTOTAL" | "TOTAL") { amounts.up_to(draw, 40) } else { count(draw) };
    json!({"type": "CART", "cartCondition": {"kpi": kpi, "operator": operator, "value": value}})
}

fn attribute(draw: &mut Draw<'_>) -> Value {
    let (source, name, values): (&str, &str, &[&str]) = draw.pick(&[
        ("CART", "channel", &["web", "app", "shop"][..]),
        ("CART", "n", &["1", "true", "7"][..]),
        ("CUSTOMER", "tier", &["GOLD", "SILVER"][..]),
        ("CUSTOMER", "segments", &["students", "vip"][..]),
        ("CUSTOMER", "customerId", &["42", "someone"][..]),
        ("CUSTOMER", "age", &["30", "17"][..]),
    ]);
    let (operator, values) = match draw.weighted(&[(5, "IN"), (2, "NOT_IN"), (2, "EQUALS"), (2, "NUMBER")]) {
        "EQUALS" => ("EQUALS", vec![draw.pick(values)]),
        "NUMBER" => (comparison(draw), vec![draw.pick(&["1", "18", "42"])]),
        list => (list, draw.some_of(values)),
    };
    json!({"type": "ATTRIBUTE", "attributeCondition":
        {"source": source, "name": name, "operator": operator, "values": values}})
}

fn criterion(draw: &mut Draw<'_>, depth: usize) -> Value {
    let listed = |draw: &mut Draw<'_>, entity: &str, name: Value, values: &[Value]| {
        let operator = draw.weighted(&[(4, "IN"), (1, "NOT_IN")]);
        let mut values = draw.some_of(values);
        if values.len() > 2 {
            values.pop();
        }
        object([
            ("entity", entity.into()),
            ("attributeName", name),
            ("operator", operator.into()),
            ("values", values.into()),
        ])
    };
    let texts = |values: &[&str]| values.iter().map(|&value| Value::from(value)).collect::<Vec<_>>();
    let anys = if depth > 0 { 0 } else { 2 };
    match draw.weighted(&[(8, 0), (6, 1), (4, 2), (2, 3), (2, 4), (3, 5), (anys, 6)]) {
        0 => listed(draw, "SKU", Value::Null, &texts(&["a", "b", "c", "d"])),
        1 => listed(draw, "CATEGORY", Value::Null, &texts(&["food", "drinks", "coffee", "toys"])),
        2 => listed(draw, "BRAND", Value::Null, &texts(&["X", "Y", "Z"])),
        3 => listed(draw, "ATTRIBUTE", "color".into(), &texts(&["red", "blue", "green"])),
        4 => listed(draw, "ATTRIBUTE", "size".into(), &[json!(5), json!("6"), json!(true)]),
        5 => {
            let price = number(draw.within(0..=80) * 250_000);
            json!({"entity": "UNIT_PRICE", "operator": comparison(draw), "values": [price]})
        }
        _ => json!({"anyOf": draw.list(1, 3, |draw| criterion(draw, depth + 1))}),
    }
}

pub fn criteria(draw: &mut Draw<'_>) -> Value {
    match draw.weighted(&[(4, 0), (4, 1), (1, 2)]) {
        0 => json!([]),
        1 => json!([criterion(draw, 0)]),
        _ => json!([criterion(draw, 0), criterion(draw, 0)]),
    }
}

/// So many units, or more, of some lines.
fn counting(draw: &mut Draw<'_>) -> Value {
    let operator = draw.weighted(&[(4, "GREATER_THAN_OR_EQUAL"), (3, "EQUALS"), (1, "GREATER_THAN")]);
    if draw.chance(12) {
        return json!({"type": "CART", "cartCondition": {"kpi": "QUANTITY", "operator": operator, "value": count(draw)}});
    }
    json!({"type": "PRODUCT", "productCondition":
        {"criteriaList": criteria(draw), "kpi": "QUANTITY", "operator": operator, "value": count(draw)}})
}

pub fn product(draw: &mut Draw<'_>, amounts: Amounts) -> Value {
    let kpi = draw.weighted(&[
        (8, "NONE"),
        (8, "QUANTITY"),
        (3, "AMOUNT"),
        (2, "ITEMCOUNT"),
        (2, "LINE_QUANTITY"),
        (2, "LINE_AMOUNT"),
    ]);
    let (operator, value) = match kpi {
        "NONE" => (Value::Null, Value::Null),
        "AMOUNT" | "LINE_AMOUNT" => (comparison(draw).into(), amounts.up_to(draw, 25)),
        _ => (comparison(draw).into(), count(draw)),
    };
    object([("criteriaList", criteria(draw)), ("kpi", kpi.into()), ("operator", operator), ("value", value)])
}

pub fn product_condition(draw: &mut Draw<'_>, amounts: Amounts) -> Value {
    json!({"type": "PRODUCT", "productCondition": product(draw, amounts)})
}

fn combo(draw: &mut Draw<'_>, amounts: Amounts) -> Value {
    let parts = draw.list(1, 3, |draw| match draw.weighted(&[(4, 0), (3, 1), (1, 2)]) {
        0 => json!({"criteriaList": criteria(draw)}),
        1 => {
            let operator = draw.pick(&["GREATER_THAN_OR_EQUAL", "EQUALS"]);
            json!({"criteriaList": criteria(draw), "kpi": "QUANTITY", "operator": operator, "value": count(draw)})
        }
        _ => product(draw, amounts),
    });
    json!({"type": "COMBO_PRODUCT", "comboProductCondition": {"productConditions": parts}})
}

/// What selects the units of an action.
pub fn selecting(draw: &mut Draw<'_>, amounts: Amounts) -> Value {
    match draw.weighted(&[(5, 0), (2, 1), (3, 2)]) {
        0 => json!({"type": "PRODUCT", "productCondition":
            {"criteriaList": criteria(draw), "kpi": "QUANTITY", "operator": "EQUALS", "value": count(draw)}}),
        1 => product_condition(draw, amounts),
        _ => combo(draw, amounts),
    }
}

/// Units to add where the cart lacks them: named by SKU and number.
pub fn gifts(draw: &mut Draw<'_>) -> Value {
    let named = |draw: &mut Draw<'_>| {
        let skus = draw.some_of(&["g", "a", "b"]);
        json!({"criteriaList": [{"entity": "SKU", "operator": "IN", "values": skus}],
            "kpi": "QUANTITY", "operator": "EQUALS", "value": count(draw)})
    };
    if draw.chance(25) {
        return json!({"type": "COMBO_PRODUCT",
            "comboProductCondition": {"productConditions": draw.list(1, 2, named)}});
    }
    json!({"type": "PRODUCT", "productCondition": named(draw)})
}
