//! Generated cases: small carts of few products, and promotions of low thresholds on them, so that
//! promotions apply and meet on the same units. Prices, callers' discounts and least prices of half a
//! unit are whole minor units; everything is JSON, so that reading it is covered as well.

use std::collections::{BTreeMap, BTreeSet};

use promotion_core::situation::{Entitlement, Till};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

use crate::generate_actions::action_with_condition;
use crate::generate_scope::{customer, entitlements, limits, reuse, scope, till, used, used_of_instance};
use crate::left_open::is_left_open;
use crate::scenario::{CodeSpec, Scenario, UsedSpec};

/// 2026-01-01, a Thursday, when every cart is priced.
pub const NOW: i64 = 1_767_225_600_000;
pub const DAY: i64 = 86_400_000;
/// One, in the millionths that every number of the contract is counted in.
pub const ONE: i128 = 1_000_000;
/// The number of no code, after those of the codes that promotions are unlocked by.
const NO_CODE: usize = 3;

/// A number as JSON: about half of them as strings, which ones being told by the value.
pub fn number(millionths: i128) -> Value {
    let text = promotion_core::money::shortest(millionths);
    if (millionths / 10_000) % 2 == 0 { text.into() } else { serde_json::from_str(&text).expect("a number") }
}

/// An object of the entries that are not null.
pub fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let given = entries.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(given.map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>())
}

/// Null, or one of the words.
pub fn word(words: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop_oneof![2 => Just(Value::Null), 3 => select(words).prop_map(Value::from)]
}

/// Null more often than not.
pub fn maybe(strategy: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Value> {
    prop_oneof![3 => Just(Value::Null), 1 => strategy]
}

/// Money in minor units of the case's currency: a number of cents that [`in_currency`] turns into the
/// currency's, marked by its unit.
pub fn cents(most: i128) -> impl Strategy<Value = Value> {
    prop_oneof![3 => (0..=most / 50).prop_map(|steps| steps * 50), 1 => 0..=most]
        .prop_map(|cents| json!({"cents": cents as i64}))
}

/// Replaces every `{"cents": n}` by n minor units.
fn in_currency(json: &mut Value, minor: i128) {
    match json {
        Value::Object(entries) => {
            if let Some(cents) = entries.get("cents").and_then(Value::as_i64) {
                *json = number(i128::from(cents) * minor);
                return;
            }
            entries.values_mut().for_each(|value| in_currency(value, minor));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| in_currency(item, minor)),
        _ => {}
    }
}

fn settings() -> impl Strategy<Value = Value> {
    let ranking = subsequence(vec!["EARLIEST_EXPIRY", "MAX_DISCOUNT", "PRIORITY"], 0..=3).prop_shuffle();
    let types = subsequence(vec!["CUSTOMER", "REWARD", "EARNING", "CODE", "POS"], 0..=5).prop_shuffle();
    let rounding = (
        prop_oneof![8 => Just("USD"), 1 => Just("JPY"), 1 => Just("KWD")],
        word(&["HALF_UP", "HALF_DOWN", "HALF_EVEN", "UP", "DOWN", "CEILING", "FLOOR"]),
        word(&["PROMOTION", "LINE", "UNIT"]),
        word(&["LARGEST", "FIRST", "LAST"]),
        prop_oneof![15 => Just(Value::Null), 1 => (0..=4_u32).prop_map(Value::from)],
    );
    let order = (
        word(&["LINE_ITEM_FIRST", "CART_FIRST", "RANKED"]),
        word(&["NET", "GROSS"]),
        prop_oneof![3 => Just(Value::Null), 1 => Just(json!("NET"))],
        maybe(ranking.prop_map(Value::from)),
        maybe(types.prop_map(Value::from)),
        word(&["RANKED", "BEST"]),
    );
    let stacking = (
        prop_oneof![8 => Just(Value::Null), 1 => Just(json!(true))],
        prop_oneof![8 => Just(Value::Null), 1 => (1..=2_u32).prop_map(Value::from)],
        prop_oneof![8 => Just(Value::Null), 1 => (1..=3_u32).prop_map(Value::from)],
        word(&["CART", "UNIT"]),
    );
    (rounding, order, stacking).prop_map(|(rounding, order, stacking)| {
        object([
            ("currency", rounding.0.into()),
            ("rounding", rounding.1),
            ("roundingLevel", rounding.2),
            ("remainder", rounding.3),
            ("precision", rounding.4),
            ("evaluationOrder", order.0),
            ("percentageBase", order.1),
            ("conditionBase", order.2),
            ("rankingStrategy", order.3),
            ("typeRanking", order.4),
            ("selection", order.5),
            ("singlePromotionPerLineItem", stacking.0),
            ("maxStackedPerUnit", stacking.1),
            ("maxStackedPerCart", stacking.2),
            ("exclusiveScope", stacking.3),
        ])
    })
}

/// A product and its price in cents, even, so that half a unit has a whole price; few, so that
/// promotions meet and lines tie.
fn product() -> impl Strategy<Value = (Value, i128)> {
    let kind = |sku: &str, rest: Value| {
        let mut kind = rest;
        kind["sku"] = sku.into();
        kind
    };
    let a = kind("a", json!({"categoryList": ["coffee"], "brandList": ["X"], "attributes": {"color": "red"}}));
    let b = kind("b", json!({"categoryList": ["toys"], "brandList": ["X"], "attributes": {"size": [5, "L"]}}));
    let c = kind("c", json!({"categoryList": ["toys"], "brandList": ["Y"], "attributes": {"color": ["blue", "red"]}}));
    let d = kind("d", json!({"categoryList": ["drinks"]}));
    let g = kind("g", json!({}));
    select(vec![
        (a.clone(), 1_000),
        (a, 600),
        (b.clone(), 400),
        (b, 2_000),
        (c.clone(), 250),
        (c, 998),
        (d, 1_000),
        (g, 500),
    ])
}

fn quantity() -> impl Strategy<Value = i128> {
    prop_oneof![
        8 => (1..=3_i128).prop_map(|units| units * ONE),
        3 => (4..=6_i128).prop_map(|units| units * ONE),
        1 => (1..=5_i128).prop_map(|halves| halves * ONE / 2),
    ]
}

fn line() -> impl Strategy<Value = Value> {
    let callers = prop_oneof![8 => Just(0), 1 => 1..=4_i128];
    let least = prop_oneof![8 => Just(0), 1 => 1..=12_i128];
    (product(), quantity(), callers, least).prop_map(|((mut line, price), quantity, quarters, tenths)| {
        let even = |cents: i128| cents / 2 * 2;
        let of_quantity = |cents: i128| json!({"cents": (cents * quantity / ONE) as i64});
        line["qty"] = number(quantity);
        line["amount"] = of_quantity(price);
        if quarters > 0 {
            line["discount"] = of_quantity(even(price * quarters / 4));
        }
        if tenths > 0 {
            line["minUnitPrice"] = json!({"cents": even(price * tenths / 10) as i64});
        }
        line
    })
}

fn shipping() -> impl Strategy<Value = Value> {
    let shipment = (select(vec![490_i64, 300, 1_000, 1, 0]), word(&["post", "courier"]))
        .prop_map(|(cents, method)| object([("amount", json!({"cents": cents})), ("method", method)]));
    prop_oneof![2 => Just(Value::Null), 3 => prop::collection::vec(shipment, 1..=3).prop_map(Value::from)]
}

fn tenders() -> impl Strategy<Value = Value> {
    let tender = (select(vec!["VISA", "cash", "Amex", "V0"]), prop_oneof![3 => cents(6_000), 1 => Just(Value::Null)])
        .prop_map(|(identifier, amount)| object([("identifier", identifier.into()), ("amount", amount)]));
    prop_oneof![2 => Just(Value::Null), 3 => prop::collection::vec(tender, 1..=3).prop_map(Value::from)]
}

fn request() -> impl Strategy<Value = Value> {
    let lines = prop_oneof![1 => Just(Vec::new()), 15 => prop::collection::vec(line().boxed(), 1..=5)];
    let attributes = prop_oneof![
        1 => Just(Value::Null),
        2 => select(vec![json!({"channel": "web", "order": 1}), json!({"channel": ["web", "app"], "order": "3"})]),
    ];
    let customer_id = prop_oneof![1 => Just(Value::Null), 4 => select(vec![json!(42), json!("42")])];
    (
        (lines, 0..=10_000_i64),
        shipping(),
        tenders(),
        customer_id,
        customer(),
        attributes,
        prop_oneof![
            1 => subsequence(vec!["C0", "c1", "C2", "c0", "UNKNOWN", "l0", "L1"], 0..=5).prop_shuffle(),
            2 => Just(vec!["c1", "C0", "C2"]),
        ],
        subsequence(vec!["V0", "v1"], 0..=2).prop_shuffle(),
        prop_oneof![20 => Just(Value::Null), 1 => Just(json!("EUR"))],
        maybe(any::<bool>().prop_map(Value::from)),
    )
        .prop_map(
            |(
                (lines, alone),
                shipping,
                tenders,
                customer_id,
                customer,
                attributes,
                codes,
                vouchers,
                currency,
                tree,
            )| {
                let sum: i64 = lines.iter().filter_map(|line| line["amount"]["cents"].as_i64()).sum();
                object([
                    ("amount", json!({"cents": if lines.is_empty() { alone } else { sum }})),
                    ("cartItems", if lines.is_empty() { Value::Null } else { lines.into() }),
                    ("shipping", shipping),
                    ("cartTenders", tenders),
                    ("customerId", customer_id),
                    ("customer", customer),
                    ("attributes", attributes),
                    ("promoCodes", codes.into()),
                    ("paymentVouchers", vouchers.into()),
                    ("currency", currency),
                    ("categoryHierarchySentInPayload", tree),
                ])
            },
        )
}

/// A promotion, and which code unlocks it where it needs one; [`NO_CODE`]: only those that are linked to customers.
fn promotion() -> impl Strategy<Value = (Value, usize)> {
    let kind = prop_oneof![
        8 => Just("POS"),
        3 => Just("CODE"),
        2 => select(vec!["CUSTOMER", "EARNING", "REWARD"]),
    ];
    let dates = prop_oneof![
        15 => (1..=3_i64).prop_map(|days| (NOW - 5 * DAY, NOW + days * DAY)),
        1 => Just((NOW - 5 * DAY, NOW - 1)),
    ];
    let group = (select(vec!["g", "h"]), word(&["CART", "LINE"]))
        .prop_map(|(name, scope)| object([("name", name.into()), ("scope", scope)]));
    let rank = (
        prop::bool::weighted(0.9),
        prop_oneof![4 => Just(0), 1 => -1..=1_i32],
        prop_oneof![2 => Just(Value::Null), 1 => (0..=2_u32).prop_map(Value::from)],
        prop_oneof![4 => Just(Value::Null), 1 => group.prop_map(|group| json!([group]))],
        prop_oneof![10 => Just(Value::Null), 1 => select(vec!["LINES", "CART"]).prop_map(Value::from)],
        prop::bool::weighted(0.05),
    );
    let voucher = cents(2_000).prop_map(|value| {
        let condition =
            json!({"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}});
        (condition, json!({"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": value}}), true)
    });
    let discount = action_with_condition().prop_map(|(condition, action)| (condition, action, false)).boxed();
    (
        kind,
        dates,
        rank,
        prop_oneof![12 => discount, 1 => voucher.boxed()].boxed(),
        scope().boxed(),
        (limits(), reuse()).boxed(),
        0..=NO_CODE,
    )
        .prop_map(|(kind, (start, end), rank, (condition, action, is_voucher), scope, limits, code)| {
            let kind = if is_voucher && kind == "POS" { "CODE" } else { kind };
            let mut definition = object([
                ("name", "generated".into()),
                ("type", kind.into()),
                ("mode", if is_voucher { json!("PAYMENT_VOUCHER") } else { Value::Null }),
                ("isLoyaltyOnly", if rank.5 && kind == "POS" { json!(true) } else { Value::Null }),
                ("isStackable", rank.0.into()),
                ("stage", rank.1.into()),
                ("priority", rank.2),
                ("exclusionGroups", rank.3),
                ("stopsLater", rank.4),
                ("startDate", start.into()),
                ("endDate", end.into()),
                ("condition", condition),
                ("action", action),
                ("promotionRestrictions", with_reuse(kind, limits)),
            ]);
            for (key, value) in scope.as_object().into_iter().flatten() {
                definition[key] = value.clone();
            }
            (definition, code)
        })
}

/// Limits with the row, if there is one, that says how often an instance of such a promotion may be used.
fn with_reuse(kind: &str, (mut limits, reuse): (Value, Value)) -> Value {
    let level = match kind {
        "CUSTOMER" => "Customer",
        "EARNING" | "REWARD" => "Earn",
        _ => return limits,
    };
    if !reuse.is_null() {
        limits[level] = json!([reuse]);
    }
    limits
}

/// Takes out of a definition what would not be one, or what no answer is determined for.
fn made_possible(definition: &mut Value, settings: &mut Value) {
    let kind = definition["type"].as_str().unwrap_or_default().to_owned();
    let text = definition["action"].to_string();
    // A MULTI that a limit refuses at its tender action would have to be taken back.
    let multi_with_tender = definition["action"]["type"] == "MULTI" && text.contains("TENDER");
    if let Some(levels) = definition.get_mut("promotionRestrictions").and_then(Value::as_object_mut) {
        levels.retain(|level, _| match level.as_str() {
            "Code" => kind == "CODE",
            "Earn" => kind == "EARNING" || kind == "REWARD",
            _ => true,
        });
        for row in levels.values_mut().filter_map(Value::as_array_mut).flatten() {
            if multi_with_tender {
                row["onExceed"] = "CLIP".into();
            }
        }
    }
    // Which tier is reached, and so when it is computed, would be asked before its turn.
    if text.contains("TIERED") && text.contains("mixed") {
        settings["conditionBase"] = "GROSS".into();
    }
    strip_marks(definition);
}

fn strip_marks(json: &mut Value) {
    match json {
        Value::Object(entries) => {
            entries.remove("mixed");
            entries.values_mut().for_each(strip_marks);
        }
        Value::Array(items) => items.iter_mut().for_each(strip_marks),
        _ => {}
    }
}

fn codes() -> impl Strategy<Value = Vec<CodeSpec>> {
    let till = prop_oneof![10 => Just(None), 1 => Just(Some(NOW)), 1 => Just(Some(NOW - 1))];
    let linked = prop_oneof![8 => Just(None), 1 => select(vec!["42", "7"]).prop_map(|own| Some(own.to_owned()))];
    let code = (prop::bool::weighted(0.04), linked, till).prop_map(|(disabled, linked_to, valid_till)| CodeSpec {
        disabled,
        linked_to,
        valid_till,
        ..CodeSpec::default()
    });
    prop::collection::vec(code, 5)
}

/// A code with the numbers of its promotions among those that codes unlock.
type Linked = (CodeSpec, Vec<usize>);

/// Codes that customers have, most of them the one who buys.
fn linked() -> impl Strategy<Value = Vec<Linked>> {
    let till =
        select(vec![None, None, Some(NOW + DAY), Some(NOW + DAY), Some(NOW), Some(NOW + 2 * DAY), Some(NOW - 1)]);
    let from = prop_oneof![10 => Just(None), 1 => Just(Some(NOW)), 1 => Just(Some(NOW + 1))];
    let owner = prop_oneof![8 => Just("42"), 1 => Just("7")];
    let code = (prop::bool::weighted(0.04), owner, from, till).prop_map(|(disabled, owner, valid_from, valid_till)| {
        CodeSpec { disabled, linked_to: Some(owner.to_owned()), valid_from, valid_till, promotions: Vec::new() }
    });
    prop::collection::vec((code, prop::collection::vec(0..6_usize, 1..=2)), 0..=4)
}

/// All parts of a case.
type Parts = (
    Value,
    Vec<(Value, usize)>,
    (Vec<CodeSpec>, Vec<Linked>),
    Value,
    Option<Till>,
    Vec<(Entitlement, i128)>,
    Vec<UsedSpec>,
);

pub fn scenario() -> impl Strategy<Value = Scenario> {
    let decided = promotion().prop_filter("the contract leaves its answer open", |own| !is_left_open(&own.0)).boxed();
    let promotions = prop::collection::vec(decided, 1..=6);
    (
        settings().boxed(),
        promotions,
        (codes(), linked()).boxed(),
        request().boxed(),
        till().boxed(),
        entitlements().boxed(),
        used().boxed(),
    )
        .prop_map(assembled)
}

fn assembled((mut settings, promotions, (codes, linked), mut request, till, entitlements, used): Parts) -> Scenario {
    let minor = match settings["currency"].as_str() {
        Some("JPY") => ONE,
        Some("KWD") => 1_000,
        _ => 10_000,
    };
    let digits = match minor {
        ONE => 0,
        1_000 => 3,
        _ => 2,
    };
    // A coarser precision would leave no whole minor units.
    if settings["precision"].as_u64().is_some_and(|precision| precision < digits) {
        settings["precision"] = Value::Null;
    }
    // Euros have two digits; amounts in others would be no whole minor units.
    if minor != 10_000 {
        request.as_object_mut().expect("a request").remove("currency");
    }
    in_currency(&mut request, minor);
    let names = ["C0", "C1", "C2", "V0", "V1"];
    let mut by_text: BTreeMap<String, CodeSpec> = names.iter().map(|name| (*name).to_owned()).zip(codes).collect();
    let mut sources = Vec::new();
    let mut of_codes: Vec<String> = Vec::new();
    for (index, (mut definition, code)) in promotions.into_iter().enumerate() {
        made_possible(&mut definition, &mut settings);
        in_currency(&mut definition, minor);
        let id = format!("p{index}");
        if definition["type"] == "CODE" {
            let is_voucher = definition["mode"] == "PAYMENT_VOUCHER";
            let name = if is_voucher { Some(names[3 + code % 2]) } else { (code < NO_CODE).then(|| names[code]) };
            let own = name.and_then(|name| by_text.get_mut(name));
            own.into_iter().for_each(|own| own.promotions.push(id.clone()));
            of_codes.push(id.clone());
        }
        sources.push((id, (index % 3) as i64, definition));
    }
    for (index, (mut code, promotions)) in linked.into_iter().enumerate() {
        let among = |number: usize| of_codes.get(number % of_codes.len().max(1)).cloned();
        let own: BTreeSet<String> = promotions.into_iter().filter_map(among).collect();
        code.promotions = own.into_iter().collect();
        by_text.insert(format!("L{index}"), code);
    }
    by_text.retain(|_, code| !code.promotions.is_empty());
    let used = used.into_iter().map(|mut own| {
        own.promotion = format!("p{}", own.promotion);
        own
    });
    let of_instances = entitlements.iter().filter(|(_, transactions)| *transactions > 0);
    let of_instances = of_instances.map(|(own, transactions)| used_of_instance(own, *transactions));
    let used = used.chain(of_instances).collect();
    let categories = [("coffee", "drinks"), ("drinks", "food")];
    Scenario {
        settings,
        categories: categories.iter().map(|(child, parent)| ((*child).to_owned(), (*parent).to_owned())).collect(),
        promotions: sources,
        codes: by_text,
        request,
        instant: NOW,
        till,
        entitlements: entitlements.into_iter().map(|(own, _)| own).collect(),
        used,
    }
}
