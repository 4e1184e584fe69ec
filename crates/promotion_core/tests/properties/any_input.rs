//! "no panic on any input that parsed" (spec/evaluation.md): arbitrary JSON is refused with a message,
//! or read; and whatever is read can be evaluated.

use std::collections::HashMap;

use promotion_core::cart::Cart;
use promotion_core::definition::Definition;
use promotion_core::error::InputError;
use promotion_core::evaluate::{Situation, evaluate};
use promotion_core::evaluation::{CodeFacts, CodeUse};
use promotion_core::instant::Instant;
use promotion_core::ruleset::{PromotionSource, Ruleset};
use promotion_core::settings::Settings;
use promotion_core::situation::Entitlement;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};

use crate::cases;
use crate::draw::{Draw, drawn};
use crate::engine::{answer, patched};
use crate::generate::cart::cart;
use crate::generate::definition::definition;
use crate::generate::settings::settings;
use crate::scenario::{DAY, NOW};
use crate::sums::{check_answer, check_sums};

/// Words of the contract, so that arbitrary JSON gets past the first check now and then.
const WORDS: [&str; 64] = [
    "amount",
    "cartItems",
    "sku",
    "qty",
    "discount",
    "minUnitPrice",
    "categoryList",
    "brandList",
    "attributes",
    "promoCodes",
    "paymentVouchers",
    "shipping",
    "customer",
    "customerId",
    "currency",
    "transactionDate",
    "cartTenders",
    "identifier",
    "name",
    "type",
    "condition",
    "conditions",
    "action",
    "actions",
    "cartCondition",
    "productCondition",
    "comboProductCondition",
    "tenderCondition",
    "attributeCondition",
    "productBasedCondition",
    "cartBasedAction",
    "productBasedAction",
    "freeProductAction",
    "fixedPriceAction",
    "shippingBasedAction",
    "perUnitAction",
    "rewardAction",
    "tieredAction",
    "multiAction",
    "criteriaList",
    "anyOf",
    "entity",
    "operator",
    "values",
    "value",
    "maxDiscount",
    "kpi",
    "exclusionGroups",
    "promotionRestrictions",
    "Cart",
    "limit",
    "windowType",
    "rounding",
    "precision",
    "rankingStrategy",
    "selection",
    "POS",
    "CODE",
    "CART",
    "PRODUCT",
    "LINE",
    "QUANTITY",
    "SUBTOTAL",
    "USD",
];

/// Texts that numbers, dates and words are read from.
fn any_text() -> impl Strategy<Value = String> {
    let odd = select(vec![
        "",
        "0",
        "-1",
        "1e5",
        "NaN",
        "1.0000001",
        "999999999999999.999999",
        "1000000000000000",
        "00.50",
        "2026-01-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "null",
        "\u{0}",
        "\u{fffd}",
        "ß",
        "\u{661}",
        "Europe/Berlin",
    ]);
    prop_oneof![
        3 => select(&WORDS[..]).prop_map(str::to_owned),
        3 => odd.prop_map(str::to_owned),
        1 => any::<String>(),
        1 => (240..260_usize).prop_map(|length| "é".repeat(length)),
    ]
}

/// Numbers as JSON can write them.
fn any_number() -> impl Strategy<Value = Value> {
    let odd = select(vec![
        "0",
        "-0",
        "-0.0",
        "1.0",
        "1e0",
        "1E+5",
        "1e-6",
        "1e-7",
        "1e400",
        "-1e-400",
        "1e99999999999",
        "9223372036854775808",
        "999999999999999.999999",
        "1000000000000000",
        "0.1234567",
        "170141183460469231731687303715884105728",
        "0.00000000000000000000000000000000000001",
        "123456789012345678901234567890.5",
    ]);
    prop_oneof![
        2 => odd.prop_map(|text| serde_json::from_str(text).expect("a number")),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        2 => (-5..50_i64).prop_map(Value::from),
    ]
}

/// Any JSON, also nested deeper than is allowed.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        3 => any_number(),
        3 => any_text().prop_map(Value::from),
    ];
    let tree = leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            2 => prop::collection::vec((any_text(), inner), 0..6)
                .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    });
    let deep = (20..80_usize, any::<bool>()).prop_map(|(depth, objects)| {
        (0..depth).fold(json!(1), |inner, _| if objects { json!({"anyOf": [inner]}) } else { json!([inner]) })
    });
    prop_oneof![9 => tree, 1 => deep]
}

/// How many values a JSON value has in it, itself included.
fn count_nodes(json: &Value) -> usize {
    1 + match json {
        Value::Array(items) => items.iter().map(count_nodes).sum(),
        Value::Object(entries) => entries.values().map(count_nodes).sum(),
        _ => 0,
    }
}

/// Replaces the value that comes `place`th, counted from the outermost; true when done.
fn replace_node(json: &mut Value, place: &mut usize, with: &Value) -> bool {
    if *place == 0 {
        *json = with.clone();
        return true;
    }
    *place -= 1;
    match json {
        Value::Array(items) => items.iter_mut().any(|item| replace_node(item, place, with)),
        Value::Object(entries) => entries.values_mut().any(|value| replace_node(value, place, with)),
        _ => false,
    }
}

/// Valid JSON with up to three values of it replaced.
fn mutated(valid: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let replacement = prop_oneof![1 => any_number(), 1 => any_text().prop_map(Value::from), 1 => any_json()];
    (valid, prop::collection::vec((any::<Index>(), replacement), 1..=3)).prop_map(|(mut json, replacements)| {
        for (index, with) in replacements {
            let mut place = index.index(count_nodes(&json));
            assert!(replace_node(&mut json, &mut place, &with));
        }
        json
    })
}

/// An error says something, and shows it with its path.
fn check_error(error: &InputError) -> Result<(), TestCaseError> {
    prop_assert!(!error.message().is_empty());
    prop_assert!(error.to_string().ends_with(error.message()));
    prop_assert!(error.to_string().starts_with(&error.path()));
    Ok(())
}

/// Evaluates a cart that parsed with one promotion that parsed, unlocked by every code.
fn evaluate_one(settings: &Settings, definition: Definition, cart: &Cart<'_>) -> Result<(), TestCaseError> {
    let source = PromotionSource { id: "p".to_owned(), version: 1, created: 0, definition };
    let ruleset = Ruleset::compile(settings.clone(), HashMap::new(), [source]);
    let facts = CodeFacts {
        uses: vec![CodeUse { promotion_id: "p".to_owned(), valid_from: None, valid_till: None, issued_at: 0 }],
        ..CodeFacts::default()
    };
    let facts = Some(facts);
    let entitlement = Entitlement {
        earn_id: "e".to_owned(),
        promotion_id: "p".to_owned(),
        earned_at: NOW - DAY,
        valid_till: NOW + DAY,
    };
    let situation = Situation {
        codes: &vec![facts.clone(); cart.promo_codes.len()],
        vouchers: &vec![facts; cart.payment_vouchers.len()],
        entitlements: &[entitlement],
        explain: true,
        ..Situation::new(cart, Instant(NOW))
    };
    let evaluation = evaluate(&ruleset, &situation);
    check_sums(cart, &evaluation)?;
    for (line, discount) in cart.lines.iter().zip(&evaluation.line_discounts) {
        prop_assert!((0..=line.amount.0 - line.discount.0).contains(&discount.0), "{:?} loses {}", line, discount);
    }
    check_answer(cart, &answer(&ruleset, cart, &evaluation))
}

/// Reads the three inputs: each is refused with a message, or all together can be evaluated, and
/// the definition is its own normalized one.
fn check_any(settings: &Value, definition: &Value, request: &Value) -> Result<(), TestCaseError> {
    let settings = patched(settings);
    let definition = Definition::parse(definition, settings.as_ref().unwrap_or(&Settings::default()));
    let cart = Cart::parse(request);
    let errors = [settings.as_ref().err(), definition.as_ref().err(), cart.as_ref().err()];
    errors.into_iter().flatten().try_for_each(check_error)?;
    if let Ok(definition) = &definition {
        let normalized = serde_json::to_value(definition).expect("json");
        let again = Definition::parse_normalized(&normalized);
        prop_assert_eq!(again.as_ref(), Ok(definition), "{}", normalized);
    }
    match (settings, definition, cart) {
        (Ok(settings), Ok(definition), Ok(cart)) => evaluate_one(&settings, definition, &cart),
        _ => Ok(()),
    }
}

/// A valid request with everything in it that a request can have.
fn full_request(draw: &mut Draw<'_>) -> Value {
    let mut request = cart(draw).json();
    request["cartTenders"] =
        json!([{"identifier": "Visa", "amount": "5.00"}, {"identifier": "Cash", "amount": 7.50}, {"identifier": "V0"}]);
    request["paymentVouchers"] = json!(["V"]);
    request["attributes"] = json!({"channel": "web", "n": [1, true]});
    request["customer"] = json!({"tier": "GOLD", "segments": ["s"], "attributes": {"age": 30},
        "programs": [{"loyaltyProgramId": 1, "programType": "TIER", "partnerProgramId": "p"}]});
    request["transactionDate"] = json!("2026-01-01T00:00:00Z");
    request["cartId"] = json!("cart");
    request
}

fn any_definition(draw: &mut Draw<'_>) -> Value {
    definition(draw, &json!({}))
}

proptest! {
    #![proptest_config(cases(1_500))]

    /// Arbitrary JSON is refused with a message, or read.
    #[test]
    fn arbitrary_json_never_panics(json in any_json()) {
        check_any(&json, &json, &json)?;
    }

    /// The same for valid input with some values of it replaced.
    #[test]
    fn mutated_input_never_panics(
        settings in prop_oneof![3 => drawn(settings).boxed(), 1 => mutated(drawn(settings)).boxed()],
        definition in prop_oneof![2 => drawn(any_definition).boxed(), 1 => mutated(drawn(any_definition)).boxed()],
        request in prop_oneof![2 => drawn(full_request).boxed(), 1 => mutated(drawn(full_request)).boxed()],
    ) {
        check_any(&settings, &definition, &request)?;
    }
}
