//! What promo_evaluate is asked of a cart says what is in it.

use promotion_core::cart::{Cart, CustomerId, Shipping};
use promotion_core::money::{Money, Quantity};
use promotion_core::stored_cart::{AppliedCode, Content};
use serde_json::{Value, json};

use crate::kept::{cents, currency, made, units};

const CART_ID: &str = "65f0c0ffee65f0c0ffee65f0";

fn asked<T>(content: &Content, then: impl FnOnce(Cart<'_>) -> T) -> T {
    let request: Value = serde_json::to_value(content.request(CART_ID)).expect("json");
    then(Cart::parse(&request).unwrap_or_else(|error| panic!("{error}: {request}")))
}

#[test]
fn everything_that_a_cart_says() {
    let mut content = made(json!({
        "items": [
            {"lineItemId": "l-1", "sku": "MUG", "quantity": "2.5", "price": {"base": "9.99", "sale": "3.333"},
             "minUnitPrice": "1.000001", "categoryList": ["a", "b"], "brandList": ["x"],
             "attributes": {"color": "red", "sizes": [5.0, "L", true]}, "shipTo": {"a": 1}},
            {"sku": "MUG", "quantity": 1, "price": {"base": 0}},
        ],
        "customer": {"customerId": "C \"1\"", "tier": "GOLD", "segments": ["s"],
            "programs": [{"loyaltyProgramId": 7}], "attributes": {"age": 30}},
        "attributes": [{"name": "channel", "value": "app"}, {"name": "zone", "value": [1, 2]}],
        "shipping": [{"referenceId": "s", "method": "post", "amount": "4.90"}, {"amount": 1}],
        "currency": "EUR", "fees": [{"amount": 9}], "accountId": "a", "metadata": {"m": 1}, "tillCode": "T",
    }));
    let code = |sent: &str| AppliedCode { sent: sent.to_owned(), problem: None };
    content.codes = vec![code("Save10"), AppliedCode { problem: Some((0, "no".to_owned())), ..code("x y") }];
    asked(&content, |cart| {
        // 2.5 at 3.333 are 8.3325.
        assert_eq!((cart.amount, cart.shipping_amount()), (cents(833), cents(590)));
        assert_eq!((cart.cart_id, cart.currency), (Some(CART_ID), Some(currency("EUR"))));
        assert_eq!(cart.customer_id, Some(CustomerId::Text("C \"1\"")));
        assert_eq!(cart.promo_codes, ["Save10", "x y"]);
        assert_eq!((cart.payment_vouchers.len(), cart.tenders.len()), (0, 0));
        assert_eq!((cart.evaluation_id, cart.transaction_date), (None, None));
        assert!(!cart.category_hierarchy_sent);
        assert_eq!(cart.lines.len(), 2);
        let first = &cart.lines[0];
        assert_eq!((first.reference_id, first.sku), (Some("l-1"), "MUG"));
        assert_eq!((first.amount, first.quantity), (cents(833), Quantity(2_500_000)));
        assert_eq!((first.discount, first.min_unit_price), (Money::ZERO, Money(1_000_001)));
        assert_eq!((&first.categories, &first.brands), (&vec!["a", "b"], &vec!["x"]));
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(first.attributes["color"], texts(&["red"]));
        assert_eq!(first.attributes["sizes"], texts(&["5", "L", "true"]));
        let second = &cart.lines[1];
        assert_eq!((second.reference_id, second.amount, second.quantity), (Some("1"), Money::ZERO, units(1)));
        assert_eq!((second.min_unit_price, second.categories.len(), second.brands.len()), (Money::ZERO, 0, 0));
        assert!(second.attributes.is_empty());
        let customer = cart.customer.expect("a customer");
        assert_eq!((customer.tier, customer.segments.map(|own| own.0)), (Some("GOLD"), Some(vec!["s"])));
        assert_eq!(customer.programs.map(|own| own.0.len()), Some(1));
        assert_eq!(customer.attributes.map(|own| own.len()), Some(1));
        assert_eq!(cart.attributes["channel"], texts(&["app"]));
        assert_eq!(cart.attributes["zone"], texts(&["1", "2"]));
        let shipments = [
            Shipping { reference_id: Some("s"), method: Some("post"), amount: cents(490) },
            Shipping { reference_id: None, method: None, amount: cents(100) },
        ];
        assert_eq!(cart.shipping.as_deref(), Some(&shipments[..]));
    });
}

#[test]
fn what_a_cart_does_not_say() {
    asked(&made(json!({})), |cart| {
        assert_eq!((cart.amount, cart.lines.len(), cart.currency), (Money::ZERO, 0, Some(currency("USD"))));
        assert_eq!((cart.customer_id, cart.customer, cart.shipping), (None, None, None));
        assert!(cart.attributes.is_empty() && cart.promo_codes.is_empty());
    });
    let content = made(json!({"customer": {"customerId": 42}, "shipping": [], "attributes": []}));
    asked(&content, |cart| {
        assert_eq!((cart.customer_id, cart.customer), (Some(CustomerId::Number(42)), None));
        assert_eq!(cart.shipping, Some(Vec::new()));
    });
    // Nobody in particular, of whom something is known all the same.
    let content = made(json!({"customer": {"customerId": null, "tier": "GOLD"}}));
    asked(&content, |cart| {
        assert_eq!((cart.customer_id, cart.customer.and_then(|own| own.tier)), (None, Some("GOLD")));
    });
}

#[test]
fn amounts_are_exact_however_large() {
    let content = made(json!({"items": [
        {"sku": "A", "quantity": "0.000001", "price": {"base": "999999999999999"}},
        {"sku": "B", "quantity": 1, "price": {"base": "99999999999999.99"}},
    ]}));
    asked(&content, |cart| {
        let amounts: Vec<String> = cart.lines.iter().map(|line| line.amount.to_string()).collect();
        assert_eq!(amounts, ["1000000000.000000", "99999999999999.990000"]);
        assert_eq!(cart.amount.to_string(), "100000999999999.990000");
        assert_eq!(cart.lines[0].quantity, Quantity(1));
    });
}

#[test]
fn a_cart_as_large_as_it_may_be() {
    let items: Vec<Value> =
        (0..10_000).map(|sku| json!({"sku": format!("S{sku}"), "quantity": 1, "price": {"base": 1}})).collect();
    let content = made(json!({"items": items}));
    asked(&content, |cart| {
        assert_eq!((cart.lines.len(), cart.amount), (10_000, cents(1_000_000)));
        assert_eq!(cart.lines[9_999].reference_id, Some("10000"));
    });
}
