//! Generated conditions: low thresholds on few products.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use crate::generate::{ONE, cents, number, object};

pub fn comparison() -> BoxedStrategy<&'static str> {
    prop_oneof![
        10 => Just("GREATER_THAN_OR_EQUAL"),
        2 => Just("EQUALS"),
        1 => select(&["GREATER_THAN", "LESS_THAN", "LESS_THAN_OR_EQUAL"][..]),
    ]
    .boxed()
}

/// Small counts, whole more often than not.
pub fn count() -> BoxedStrategy<Value> {
    prop_oneof![
        12 => (1..=2_i128).prop_map(|units| units * ONE),
        4 => Just(3 * ONE),
        1 => select(vec![ONE / 2, 3 * ONE / 2]),
    ]
    .prop_map(number)
    .boxed()
}

fn criterion() -> BoxedStrategy<Value> {
    let listed = |entity: &'static str, name: Value, values: Vec<Value>| {
        let operator = prop_oneof![6 => Just("IN"), 1 => Just("NOT_IN")];
        let most = values.len() - 1;
        let least = most.div_ceil(2);
        (operator, subsequence(values, least..=most)).prop_map(move |(operator, values)| {
            object([
                ("entity", entity.into()),
                ("attributeName", name.clone()),
                ("operator", operator.into()),
                ("values", values.into()),
            ])
        })
    };
    let texts = |values: &[&str]| values.iter().map(|&value| Value::from(value)).collect::<Vec<_>>();
    let price = (comparison(), cents(2_000))
        .prop_map(|(operator, value)| json!({"entity": "UNIT_PRICE", "operator": operator, "values": [value]}));
    let leaf = prop_oneof![
        6 => listed("SKU", Value::Null, texts(&["a", "b", "c", "d", "g"])),
        3 => listed("CATEGORY", Value::Null, texts(&["food", "drinks", "coffee", "toys"])),
        2 => listed("BRAND", Value::Null, texts(&["X", "Y"])),
        1 => listed("ATTRIBUTE", "color".into(), texts(&["red", "blue"])),
        1 => listed("ATTRIBUTE", "size".into(), vec![json!(5), json!("6"), json!(true)]),
        1 => price,
    ]
    .boxed();
    let any_of = prop::collection::vec(leaf.clone(), 1..=2).prop_map(|criteria| json!({"anyOf": criteria}));
    prop_oneof![8 => leaf, 1 => any_of].boxed()
}

pub fn criteria() -> BoxedStrategy<Value> {
    prop_oneof![5 => Just(0..=0), 6 => Just(1..=1_usize), 1 => Just(2..=2)]
        .prop_flat_map(|count| prop::collection::vec(criterion(), count))
        .prop_map(Value::from)
        .boxed()
}

/// Kpi, operator and value.
fn measure() -> BoxedStrategy<(&'static str, Value, Value)> {
    let small = || prop_oneof![3 => comparison().prop_map(Value::from), 1 => Just(json!("GREATER_THAN_OR_EQUAL"))];
    prop_oneof![
        4 => Just(("NONE", Value::Null, Value::Null)),
        8 => (small(), count()).prop_map(|(operator, value)| ("QUANTITY", operator, value)),
        2 => (small(), cents(2_000)).prop_map(|(operator, value)| ("AMOUNT", operator, value)),
        1 => (small(), 1..=2).prop_map(|(operator, value)| ("ITEMCOUNT", operator, json!(value))),
        1 => (small(), count()).prop_map(|(operator, value)| ("LINE_QUANTITY", operator, value)),
        1 => (small(), cents(2_000)).prop_map(|(operator, value)| ("LINE_AMOUNT", operator, value)),
    ]
    .boxed()
}

/// The body of a PRODUCT condition.
pub fn product_body() -> BoxedStrategy<Value> {
    (criteria(), measure())
        .prop_map(|(criteria, (kpi, operator, value))| {
            object([("criteriaList", criteria), ("kpi", kpi.into()), ("operator", operator), ("value", value)])
        })
        .boxed()
}

fn product() -> BoxedStrategy<Value> {
    product_body().prop_map(|body| json!({"type": "PRODUCT", "productCondition": body})).boxed()
}

fn combo_body() -> BoxedStrategy<Value> {
    let part = prop_oneof![
        4 => criteria().prop_map(|criteria| json!({"criteriaList": criteria, "kpi": "NONE"})),
        4 => (criteria(), select(vec!["EQUALS", "GREATER_THAN_OR_EQUAL"]), count()).prop_map(|(criteria, operator, value)| {
            json!({"criteriaList": criteria, "kpi": "QUANTITY", "operator": operator, "value": value})
        }),
        1 => product_body(),
    ];
    prop::collection::vec(part, 1..=3).prop_map(|parts| json!({"productConditions": parts})).boxed()
}

fn combo() -> BoxedStrategy<Value> {
    combo_body().prop_map(|body| json!({"type": "COMBO_PRODUCT", "comboProductCondition": body})).boxed()
}

fn cart() -> BoxedStrategy<Value> {
    let money = (select(&["SUBTOTAL", "TOTAL"][..]), comparison(), cents(4_000));
    let counted = (select(&["ITEMCOUNT", "QUANTITY"][..]), comparison(), count());
    prop_oneof![3 => money.boxed(), 3 => counted.boxed()].prop_map(|(kpi, operator, value)| {
        json!({"type": "CART", "cartCondition": {"kpi": kpi, "operator": operator, "value": value}})
    })
    .boxed()
}

fn attribute() -> BoxedStrategy<Value> {
    let one = |source: &str, name: &str, operator: &str, values: Value| {
        json!({"type": "ATTRIBUTE", "attributeCondition":
            {"source": source, "name": name, "operator": operator, "values": values}})
    };
    select(vec![
        one("CART", "channel", "IN", json!(["web"])),
        one("CART", "channel", "NOT_IN", json!(["app", "shop"])),
        one("CART", "order", "EQUALS", json!([1])),
        one("CART", "order", "LESS_THAN", json!(["2.5"])),
        one("CUSTOMER", "customerId", "IN", json!([42, "7"])),
        one("CUSTOMER", "tier", "EQUALS", json!(["GOLD"])),
        one("CUSTOMER", "segments", "NOT_IN", json!(["vip"])),
        one("CUSTOMER", "age", "GREATER_THAN_OR_EQUAL", json!(["18"])),
        one("CUSTOMER", "empty", "NOT_IN", json!(["x"])),
    ])
    .boxed()
}

fn payment_mode() -> BoxedStrategy<Value> {
    (select(vec!["IN", "NOT_IN"]), subsequence(vec!["visa", "CASH", "AMEX"], 1..=2))
        .prop_map(
            |(operator, values)| json!({"paymentModeSelectionCriteriaRO": {"operator": operator, "values": values}}),
        )
        .boxed()
}

/// A condition with a tender part.
pub fn tender() -> BoxedStrategy<Value> {
    let mode = (select(vec!["CARD", "CASH", "PAYMENT_VOUCHER"]), subsequence(vec!["visa", "CASH", "AMEX"], 0..=2))
        .prop_map(|(kind, identifiers)| {
            object([
                ("type", kind.into()),
                ("identifiers", if identifiers.is_empty() { Value::Null } else { identifiers.into() }),
            ])
        });
    let inner = prop_oneof![2 => Just(Value::Null), 1 => product(), 1 => cart()];
    prop_oneof![
        3 => (prop::collection::vec(mode, 1..=2), inner).prop_map(|(modes, inner)| {
            json!({"type": "TENDER", "tenderCondition": object([("tenderModes", modes.into()), ("condition", inner)])})
        }),
        1 => payment_mode().prop_map(|mode| json!({"type": "PAYMENT_MODE", "paymentModeCondition": mode})),
        1 => (payment_mode(), prop_oneof![product().boxed(), combo().boxed(), cart().boxed()]).prop_map(|(mode, inner)| {
            json!({"type": "PAYMENT_MODE_SCOPE", "paymentModeScopeConditionRO":
                {"paymentModeCondition": mode, "condition": inner}})
        }),
        1 => (payment_mode(), combo_body()).prop_map(|(mode, combo)| {
            json!({"type": "PAYMENT_MODE_COMBO_PRODUCT", "paymentComboProductConditionRO":
                {"paymentModeCondition": mode, "comboProductCondition": combo}})
        }),
    ]
    .boxed()
}

/// Any condition, trees included.
pub fn condition() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        8 => product(),
        3 => combo(),
        3 => cart(),
        1 => attribute(),
        1 => tender(),
    ]
    .boxed();
    let tree = leaf.clone().prop_recursive(2, 4, 2, |inner| {
        prop_oneof![
            2 => prop::collection::vec(inner.clone(), 1..=2).prop_map(|all| json!({"type": "ALL", "conditions": all})),
            2 => prop::collection::vec(inner.clone(), 1..=2).prop_map(|any| json!({"type": "ANY", "conditions": any})),
            1 => inner.prop_map(|not| json!({"type": "NOT", "conditions": [not]})),
        ]
    });
    prop_oneof![4 => leaf, 1 => tree].boxed()
}

/// What selects the units of an action.
pub fn selecting() -> BoxedStrategy<Value> {
    let exactly = (criteria(), count()).prop_map(|(criteria, value)| {
        json!({"type": "PRODUCT", "productCondition":
            {"criteriaList": criteria, "kpi": "QUANTITY", "operator": "EQUALS", "value": value}})
    });
    let part = (criteria(), prop_oneof![1 => Just(Value::Null), 1 => count()]).prop_map(|(criteria, value)| {
        if value.is_null() {
            return json!({"criteriaList": criteria});
        }
        json!({"criteriaList": criteria, "kpi": "QUANTITY", "operator": "EQUALS", "value": value})
    });
    let combo = prop::collection::vec(part, 1..=2)
        .prop_map(|parts| json!({"type": "COMBO_PRODUCT", "comboProductCondition": {"productConditions": parts}}));
    prop_oneof![5 => exactly, 2 => product(), 2 => combo].boxed()
}

/// What selects units by SKU and number, for gifts.
pub fn selecting_gifts() -> BoxedStrategy<Value> {
    let part = || {
        (subsequence(vec!["g", "c", "x"], 1..=2), count()).prop_map(|(values, value)| {
            json!({"criteriaList": [{"entity": "SKU", "operator": "IN", "values": values}],
                "kpi": "QUANTITY", "operator": "EQUALS", "value": value})
        })
    };
    prop_oneof![
        4 => part().prop_map(|part| json!({"type": "PRODUCT", "productCondition": part})),
        1 => prop::collection::vec(part(), 1..=2).prop_map(|parts| {
            json!({"type": "COMBO_PRODUCT", "comboProductCondition": {"productConditions": parts}})
        }),
    ]
    .boxed()
}
