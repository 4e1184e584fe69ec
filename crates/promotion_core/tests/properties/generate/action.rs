//! Actions of all types.

use serde_json::{Value, json};

use super::condition::{gifts, selecting};
use super::{Amounts, count, object, optional, word};
use crate::draw::Draw;
use crate::numbers::{ONE, number};

/// An action; `tenders` says whether it may take something off tenders.
pub fn action(draw: &mut Draw<'_>, amounts: Amounts, tenders: bool) -> Value {
    let kinds = [
        (8, "PRODUCT_BASED"),
        (6, "CART_BASED"),
        (6, "FREE_PRODUCT"),
        (5, "FIXED_PRICE"),
        (3, "SHIPPING"),
        (7, "PER_UNIT"),
        (4, "TIERED"),
        (5, "MULTI"),
        (if tenders { 20 } else { 0 }, "TENDER"),
    ];
    match draw.weighted(&kinds) {
        "PER_UNIT" => per_unit(draw, amounts),
        "TIERED" => tiered(draw, amounts, tenders),
        "MULTI" => multi(draw, amounts, tenders),
        kind => simple(draw, kind, amounts),
    }
}

/// An action that is made of no others.
fn simple(draw: &mut Draw<'_>, kind: &str, amounts: Amounts) -> Value {
    match kind {
        "PRODUCT_BASED" => product_based(draw, amounts),
        "CART_BASED" => cart_based(draw, amounts, true),
        "FREE_PRODUCT" => free_product(draw, amounts),
        "FIXED_PRICE" => fixed_price(draw, amounts),
        "SHIPPING" => shipping(draw, amounts),
        _ => tender(draw, amounts),
    }
}

fn percentage(draw: &mut Draw<'_>) -> Value {
    number(if draw.chance(12) { draw.within(0..=100 * ONE) } else { draw.within(0..=20) * 5 * ONE })
}

/// Type and value of an action.
fn kind_and_value(draw: &mut Draw<'_>, amounts: Amounts, kinds: &[(u64, &'static str)], most: i128) -> [Value; 2] {
    let kind = draw.weighted(kinds);
    let value = if kind == "PERCENTAGE" { percentage(draw) } else { amounts.up_to(draw, most) };
    [kind.into(), value]
}

const OFF: [(u64, &str); 2] = [(1, "ABSOLUTE"), (1, "PERCENTAGE")];
const OFF_OR_FIXED: [(u64, &str); 3] = [(3, "ABSOLUTE"), (3, "PERCENTAGE"), (1, "FIXED")];

fn max_discount(draw: &mut Draw<'_>, amounts: Amounts) -> Value {
    optional(draw, 25, |draw| amounts.up_to(draw, 15))
}

pub fn cart_based(draw: &mut Draw<'_>, amounts: Amounts, with_shipping: bool) -> Value {
    let [kind, value] = kind_and_value(draw, amounts, &OFF_OR_FIXED, 25);
    let action = object([
        ("type", kind),
        ("value", value),
        ("maxDiscount", max_discount(draw, amounts)),
        ("scope", word(draw, if with_shipping { 30 } else { 0 }, &["ITEMS_AND_SHIPPING", "ITEMS"])),
        ("allocation", word(draw, 40, &["EVEN", "PROPORTIONAL"])),
    ]);
    json!({"type": "CART_BASED", "cartBasedAction": action})
}

fn include(draw: &mut Draw<'_>) -> Value {
    optional(draw, 60, |draw| draw.chance(60))
}

fn selection(draw: &mut Draw<'_>) -> Value {
    word(draw, 40, &["DEAREST", "CHEAPEST"])
}

pub fn product_based(draw: &mut Draw<'_>, amounts: Amounts) -> Value {
    let [kind, value] = kind_and_value(draw, amounts, &OFF, 12);
    let action = object([
        ("type", kind),
        ("value", value),
        ("maxDiscount", max_discount(draw, amounts)),
        ("productBasedCondition", optional(draw, 40, |draw| selecting(draw, amounts))),
        ("includeItemsFromConditionSet", include(draw)),
        ("applyPer", word(draw, 50, &["SET", "LINE", "UNIT"])),
        ("maxQuantity", optional(draw, 30, count)),
        ("maxQuantityPer", word(draw, 30, &["LINE", "CART"])),
        ("selection", selection(draw)),
        ("allocation", word(draw, 40, &["EVEN", "PROPORTIONAL"])),
    ]);
    json!({"type": "PRODUCT_BASED", "productBasedAction": action})
}

fn free_product(draw: &mut Draw<'_>, amounts: Amounts) -> Value {
    if draw.chance(20) {
        let action =
            object([("autoAdd", true.into()), ("productBasedCondition", gifts(draw)), ("selection", selection(draw))]);
        return json!({"type": "FREE_PRODUCT", "freeProductAction": action});
    }
    let action = object([
        ("includeItemsFromConditionSet", include(draw)),
        ("productBasedCondition", optional(draw, 60, |draw| selecting(draw, amounts))),
        ("selection", selection(draw)),
    ]);
    json!({"type": "FREE_PRODUCT", "freeProductAction": action})
}

fn fixed_price(draw: &mut Draw<'_>, amounts: Amounts) -> Value {
    let action = object([
        ("value", amounts.up_to(draw, 12)),
        ("applyPer", word(draw, 40, &["UNIT", "SET"])),
        ("includeItemsFromConditionSet", include(draw)),
        ("productBasedCondition", optional(draw, 50, |draw| selecting(draw, amounts))),
        ("selection", selection(draw)),
    ]);
    json!({"type": "FIXED_PRICE", "fixedPriceAction": action})
}

fn shipping(draw: &mut Draw<'_>, amounts: Amounts) -> Value {
    let [kind, value] = kind_and_value(draw, amounts, &OFF_OR_FIXED, 4);
    let action = object([
        ("type", kind),
        ("value", value),
        ("maxDiscount", max_discount(draw, amounts)),
        ("methods", optional(draw, 30, |draw| draw.some_of(&["post", "courier"]))),
        ("applyPer", word(draw, 40, &["LINE", "SET"])),
    ]);
    json!({"type": "SHIPPING", "shippingBasedAction": action})
}

fn tender(draw: &mut Draw<'_>, amounts: Amounts) -> Value {
    let [kind, value] = kind_and_value(draw, amounts, &OFF, 10);
    let action = object([("type", kind), ("value", value), ("maxDiscount", max_discount(draw, amounts))]);
    json!({"type": "TENDER", "tenderBasedAction": action})
}

/// A reward on lines that falls on what the condition matched.
fn on_matched(draw: &mut Draw<'_>, amounts: Amounts) -> Value {
    let kind = draw.weighted(&[(3, "PRODUCT_BASED"), (2, "FREE_PRODUCT"), (2, "FIXED_PRICE")]);
    let mut action = simple(draw, kind, amounts);
    let body = action.as_object_mut().and_then(|action| action.values_mut().find(|value| value.is_object()));
    if let Some(body) = body.and_then(Value::as_object_mut) {
        body.remove("productBasedCondition");
        body.remove("autoAdd");
    }
    action
}

fn per_unit(draw: &mut Draw<'_>, amounts: Amounts) -> Value {
    let most = optional(draw, 30, |draw| 1 + draw.below(3));
    let action = match draw.weighted(&[(4, 0), (2, 1), (2, 2)]) {
        0 => {
            let kpi = draw.pick(&["QUANTITY", "AMOUNT"]);
            let divider = if kpi == "QUANTITY" { count(draw) } else { divider(draw) };
            let kinds = [(3, "PRODUCT_BASED"), (2, "CART_BASED"), (2, "FREE_PRODUCT"), (2, "FIXED_PRICE")];
            let kind = draw.weighted(&kinds);
            object([
                ("perUnitKPI", kpi.into()),
                ("perUnitDivider", divider),
                ("rewardAction", simple(draw, kind, amounts)),
                ("maxApplications", most),
            ])
        }
        1 => {
            let kpi = draw.pick(&["QUANTITY", "AMOUNT"]);
            let divider = if kpi == "QUANTITY" { count(draw) } else { divider(draw) };
            object([
                ("perUnitKPI", kpi.into()),
                ("perUnitDivider", divider),
                ("rewardAction", on_matched(draw, amounts)),
                ("maxApplications", most),
                ("countPer", "LINE".into()),
            ])
        }
        _ => {
            let divider = 1 + draw.below(4);
            let mut reward = on_matched(draw, amounts);
            if let Some(product) = reward["productBasedAction"].as_object_mut() {
                product.remove("maxQuantity");
                if product.get("applyPer").is_some_and(|per| per == "LINE") {
                    product.remove("applyPer");
                }
            }
            let units = json!({"groupOrder": draw.pick(&["CHEAPEST", "DEAREST"]),
                "rank": draw.pick(&["CHEAPEST", "DEAREST"]), "nth": 1 + draw.below(divider),
                "scope": draw.pick(&["WITHIN", "ACROSS"])});
            object([
                ("perUnitKPI", "QUANTITY".into()),
                ("perUnitDivider", divider.into()),
                ("rewardAction", without_nulls(reward)),
                ("maxApplications", most),
                ("units", units),
            ])
        }
    };
    json!({"type": "PER_UNIT", "perUnitAction": action})
}

/// For every so much money.
fn divider(draw: &mut Draw<'_>) -> Value {
    number(draw.within(1..=20) * ONE)
}

/// Indexing an object of JSON makes the key.
fn without_nulls(mut value: Value) -> Value {
    if let Some(object) = value.as_object_mut() {
        object.retain(|_, value| !value.is_null());
    }
    value
}

fn tiered(draw: &mut Draw<'_>, amounts: Amounts, tenders: bool) -> Value {
    let kpi = draw.pick(&["SUBTOTAL", "QUANTITY"]);
    let per_line = draw.chance(30);
    let mut from = 0;
    let tiers = draw.list(1, 3, |draw| {
        let step = if kpi == "SUBTOTAL" { draw.within(0..=15) } else { draw.within(0..=3) };
        let own = number(from + step * ONE);
        from += (step + 1) * ONE;
        let kinds = [
            (3, "PRODUCT_BASED"),
            (3, "CART_BASED"),
            (2, "FREE_PRODUCT"),
            (2, "FIXED_PRICE"),
            (2, "SHIPPING"),
            (3, "PER_UNIT"),
            (if tenders { 4 } else { 0 }, "TENDER"),
        ];
        let action = match draw.weighted(&kinds) {
            _ if per_line => on_matched(draw, amounts),
            "PER_UNIT" => per_unit(draw, amounts),
            kind => simple(draw, kind, amounts),
        };
        json!({"from": own, "action": action})
    });
    let count_per = if per_line { json!("LINE") } else { Value::Null };
    json!({"type": "TIERED",
        "tieredAction": object([("kpi", kpi.into()), ("tiers", tiers.into()), ("countPer", count_per)])})
}

fn multi(draw: &mut Draw<'_>, amounts: Amounts, tenders: bool) -> Value {
    let actions = draw.list(2, 3, |draw| {
        let kinds = [
            (3, "PRODUCT_BASED"),
            (3, "CART_BASED"),
            (2, "FREE_PRODUCT"),
            (2, "FIXED_PRICE"),
            (3, "SHIPPING"),
            (1, "PER_UNIT"),
            (1, "TIERED"),
            (if tenders { 3 } else { 0 }, "TENDER"),
        ];
        match draw.weighted(&kinds) {
            "PER_UNIT" => per_unit(draw, amounts),
            "TIERED" => tiered(draw, amounts, tenders),
            kind => simple(draw, kind, amounts),
        }
    });
    json!({"type": "MULTI", "multiAction": {"actions": actions}})
}
