//! Generated actions, each with a condition that it may stand beside.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::generate::{ONE, cents, maybe, number, object, word};
use crate::generate_conditions::{condition, count, selecting, selecting_gifts, tender};

fn percentage() -> BoxedStrategy<Value> {
    prop_oneof![
        8 => (1..=20_i128).prop_map(|step| step * 5 * ONE),
        1 => (0..=1_000_i128).prop_map(|tenths| tenths * ONE / 10),
    ]
    .prop_map(number)
    .boxed()
}

/// Type and value of an action.
fn kind_and_value(fixed: bool) -> BoxedStrategy<(&'static str, Value)> {
    let absolute = cents(1_500).prop_map(|value| ("ABSOLUTE", value));
    let percentage = percentage().prop_map(|value| ("PERCENTAGE", value));
    if !fixed {
        return prop_oneof![absolute, percentage].boxed();
    }
    prop_oneof![3 => absolute, 3 => percentage, 1 => cents(3_000).prop_map(|value| ("FIXED", value))].boxed()
}

fn cart() -> BoxedStrategy<Value> {
    let scope = prop_oneof![2 => Just(Value::Null), 1 => Just(json!("ITEMS_AND_SHIPPING"))];
    (kind_and_value(true), maybe(cents(1_000)), word(&["PROPORTIONAL", "EVEN"]), scope)
        .prop_map(|((kind, value), max, allocation, scope)| {
            let action = object([
                ("type", kind.into()),
                ("value", value),
                ("maxDiscount", max),
                ("allocation", allocation),
                ("scope", scope),
            ]);
            json!({"type": "CART_BASED", "cartBasedAction": action})
        })
        .boxed()
}

fn shipping() -> BoxedStrategy<Value> {
    let methods = prop_oneof![2 => Just(Value::Null), 1 => Just(json!(["post"]))];
    (kind_and_value(true), maybe(cents(600)), methods, word(&["SET", "LINE"]))
        .prop_map(|((kind, value), max, methods, per)| {
            let action = object([
                ("type", kind.into()),
                ("value", value),
                ("maxDiscount", max),
                ("methods", methods),
                ("applyPer", per),
            ]);
            json!({"type": "SHIPPING", "shippingBasedAction": action})
        })
        .boxed()
}

fn off_tender() -> BoxedStrategy<Value> {
    (kind_and_value(false), maybe(cents(600)))
        .prop_map(|((kind, value), max)| {
            let action = object([("type", kind.into()), ("value", value), ("maxDiscount", max)]);
            json!({"type": "TENDER", "tenderBasedAction": action})
        })
        .boxed()
}

/// How freely a product action may be made up.
#[derive(Clone, Copy, PartialEq)]
enum Freedom {
    Any,
    /// On the units that the condition matched.
    Matched,
    /// The same, and of whole units of groups.
    Grouped,
}

fn product_based(freedom: Freedom) -> BoxedStrategy<Value> {
    let most = prop_oneof![2 => Just(Value::Null), 1 => count()];
    (
        kind_and_value(false),
        maybe(cents(1_000)),
        prop_oneof![1 => Just(Value::Null), 1 => selecting()],
        any::<bool>(),
        word(&["SET", "LINE", "UNIT"]),
        (most, word(&["CART", "LINE"])),
        word(&["CHEAPEST", "DEAREST"]),
        word(&["PROPORTIONAL", "EVEN"]),
    )
        .prop_map(move |((kind, value), max, selecting, include, per, (most, most_per), selection, allocation)| {
            let grouped = freedom == Freedom::Grouped;
            let action = object([
                ("type", kind.into()),
                ("value", value),
                ("maxDiscount", max),
                ("productBasedCondition", if freedom == Freedom::Any { selecting } else { Value::Null }),
                ("includeItemsFromConditionSet", include.into()),
                ("applyPer", if grouped && per == "LINE" { json!("SET") } else { per }),
                ("maxQuantityPer", if most.is_null() { Value::Null } else { most_per }),
                ("maxQuantity", if grouped { Value::Null } else { most }),
                ("selection", selection),
                ("allocation", allocation),
            ]);
            json!({"type": "PRODUCT_BASED", "productBasedAction": action})
        })
        .boxed()
}

fn free(freedom: Freedom) -> BoxedStrategy<Value> {
    let gifts = (selecting_gifts(), word(&["CHEAPEST", "DEAREST"])).prop_map(|(selecting, selection)| {
        object([
            ("productBasedCondition", selecting),
            ("includeItemsFromConditionSet", false.into()),
            ("autoAdd", true.into()),
            ("selection", selection),
        ])
    });
    let plain = (prop_oneof![1 => Just(Value::Null), 4 => selecting()], any::<bool>(), word(&["CHEAPEST", "DEAREST"]))
        .prop_map(move |(selecting, include, selection)| {
            object([
                ("productBasedCondition", if freedom == Freedom::Any { selecting } else { Value::Null }),
                ("includeItemsFromConditionSet", include.into()),
                ("selection", selection),
            ])
        });
    let any = if freedom == Freedom::Any { prop_oneof![5 => plain, 1 => gifts].boxed() } else { plain.boxed() };
    any.prop_map(|action| json!({"type": "FREE_PRODUCT", "freeProductAction": action})).boxed()
}

fn fixed(freedom: Freedom) -> BoxedStrategy<Value> {
    (
        cents(1_000),
        word(&["SET", "UNIT"]),
        prop_oneof![1 => Just(Value::Null), 2 => selecting()],
        any::<bool>(),
        word(&["CHEAPEST", "DEAREST"]),
    )
        .prop_map(move |(value, per, selecting, include, selection)| {
            let action = object([
                ("value", value),
                ("applyPer", per),
                ("productBasedCondition", if freedom == Freedom::Any { selecting } else { Value::Null }),
                ("includeItemsFromConditionSet", include.into()),
                ("selection", selection),
            ]);
            json!({"type": "FIXED_PRICE", "fixedPriceAction": action})
        })
        .boxed()
}

fn product(freedom: Freedom) -> BoxedStrategy<Value> {
    prop_oneof![3 => product_based(freedom), 2 => free(freedom), 2 => fixed(freedom)].boxed()
}

/// maxQuantityPer LINE has no meaning for one application of several.
fn without_per_line(mut reward: Value) -> Value {
    if let Some(action) = reward.get_mut("productBasedAction").and_then(Value::as_object_mut) {
        action.remove("maxQuantityPer");
    }
    reward
}

fn per_unit() -> BoxedStrategy<Value> {
    let most = || prop_oneof![3 => Just(Value::Null), 1 => (1..=2_u32).prop_map(Value::from)];
    let counted = || {
        prop_oneof![
            3 => (1..=3_i128).prop_map(|units| (json!("QUANTITY"), number(units * ONE))),
            1 => (1..=4_i64).prop_map(|steps| (json!("AMOUNT"), json!({"cents": steps * 500}))),
        ]
    };
    let body = |(kpi, divider): (Value, Value), reward: Value, most: Value, per: Value, units: Value| {
        let action = object([
            ("perUnitKPI", kpi),
            ("perUnitDivider", divider),
            ("rewardAction", without_per_line(reward)),
            ("maxApplications", most),
            ("countPer", per),
            ("units", units),
        ]);
        json!({"type": "PER_UNIT", "perUnitAction": action})
    };
    let plain = (counted(), prop_oneof![1 => cart().boxed(), 5 => product(Freedom::Any).boxed()], most())
        .prop_map(move |(counted, reward, most)| body(counted, reward, most, Value::Null, Value::Null));
    let by_line = (counted(), product(Freedom::Matched), most())
        .prop_map(move |(counted, reward, most)| body(counted, reward, most, json!("LINE"), Value::Null));
    let price = || select(vec!["CHEAPEST", "DEAREST"]);
    let grouped = (1..=3_u32, any::<prop::sample::Index>(), price(), price(), select(vec!["WITHIN", "ACROSS"]))
        .prop_flat_map(move |(divider, nth, order, rank, scope)| {
            let units =
                json!({"groupOrder": order, "rank": rank, "nth": nth.index(divider as usize) + 1, "scope": scope});
            (product(Freedom::Grouped), most()).prop_map(move |(reward, most)| {
                body((json!("QUANTITY"), divider.into()), reward, most, Value::Null, units.clone())
            })
        });
    prop_oneof![3 => plain, 1 => by_line, 2 => grouped].boxed()
}

fn tiered() -> BoxedStrategy<Value> {
    let by_quantity = (1..=2_i128).prop_map(|step| ("QUANTITY", [0, step * ONE, 2 * step * ONE + ONE / 2].map(number)));
    let by_money =
        (1..=4_i64).prop_map(|step| ("SUBTOTAL", [0, step * 500, step * 1_500].map(|cents| json!({"cents": cents}))));
    let per_line =
        prop::collection::vec(product(Freedom::Matched), 2..=3).prop_map(|tiers| (tiers, json!("LINE"), false));
    let of_lines = prop::collection::vec(product(Freedom::Any), 1..=3).prop_map(|tiers| (tiers, Value::Null, false));
    let of_cart = prop::collection::vec(cart(), 1..=3).prop_map(|tiers| (tiers, Value::Null, false));
    let mixed = prop::collection::vec(
        prop_oneof![1 => cart().boxed(), 1 => product(Freedom::Any).boxed(), 1 => shipping().boxed(), 1 => per_unit().boxed()],
        2..=3,
    )
    .prop_map(|tiers| (tiers, Value::Null, true));
    let kpi = prop_oneof![1 => by_quantity, 1 => by_money];
    (kpi, prop_oneof![1 => per_line, 2 => of_lines, 1 => of_cart, 1 => mixed])
        .prop_map(|((kpi, froms), (actions, per, mixed))| {
            let tiers: Vec<Value> =
                froms.into_iter().zip(actions).map(|(from, action)| json!({"from": from, "action": action})).collect();
            let action = object([("kpi", kpi.into()), ("tiers", tiers.into()), ("countPer", per)]);
            let mark = if mixed { json!(true) } else { Value::Null };
            object([("type", "TIERED".into()), ("tieredAction", action), ("mixed", mark)])
        })
        .boxed()
}

/// Any action, with a condition.
pub fn action_with_condition() -> BoxedStrategy<(Value, Value)> {
    let line_or_cart = || {
        prop_oneof![
            3 => product(Freedom::Any).boxed(),
            2 => cart().boxed(),
            1 => per_unit().boxed(),
        ]
    };
    let multi = prop::collection::vec(prop_oneof![3 => line_or_cart().boxed(), 1 => shipping().boxed()], 2..=3)
        .prop_map(|actions| json!({"type": "MULTI", "multiAction": {"actions": actions}}));
    let multi_with_tender = (line_or_cart(), off_tender())
        .prop_map(|(action, tender)| json!({"type": "MULTI", "multiAction": {"actions": [action, tender]}}));
    let any = prop_oneof![
        6 => product(Freedom::Any).boxed(),
        4 => cart().boxed(),
        2 => shipping().boxed(),
        4 => per_unit().boxed(),
        2 => tiered().boxed(),
        2 => multi.boxed(),
    ];
    let paid = prop_oneof![3 => off_tender().boxed(), 1 => multi_with_tender.boxed()];
    prop_oneof![
        10 => (condition().boxed(), any.boxed()),
        1 => (tender().boxed(), paid.boxed()),
    ]
    .boxed()
}
