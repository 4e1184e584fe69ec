//! What requests say: every key, what is not said, and null.

use promotion_core::currency::Currency;
use promotion_core::json::{STORED_LIMITS, read};
use promotion_core::money::Money;
use std::rc::Rc;

use promotion_core::stored_cart::{Attribute, Attributes, CartState, Changes, Content, Fee, Item, NewCart, Shipment};
use serde_json::{Value, json};

use crate::kept::{cents, changed, currency, made, units};

/// With a number that json! would write otherwise.
fn metadata() -> Value {
    serde_json::from_str(r#"{"source": "web", "tries": 1.50}"#).expect("json")
}

fn everything() -> Value {
    json!({
        "items": [
            {"lineItemId": "first", "sku": "MUG", "quantity": "2", "price": {"base": "9.99", "sale": 8.5},
             "minUnitPrice": "7.25", "categoryList": ["kitchen", "gifts"], "brandList": ["Acme"],
             "attributes": [{"name": "color", "value": "red"}, {"name": "sizes", "value": [1, "L", true]}],
             "shipTo": {"street": "Main 1", "floor": 2}},
            {"lineItemId": 7, "sku": "TEA", "quantity": 0.25, "price": {"base": 12}},
        ],
        "accountId": "ACC-1", "userId": 42,
        "customer": {"customerId": 4711, "tier": "GOLD", "segments": ["students"],
            "programs": [{"loyaltyProgramId": 7, "programType": "TIER"}], "attributes": {"age": 30}},
        "configuration": {"theme": {"dark": true}}, "metadata": metadata(),
        "attributes": {"channel": "app", "zone": [1, 2]},
        "sharedUserIds": ["u1", 2],
        "fees": [{"feeId": "wrap", "name": "Gift wrap", "amount": "1.50", "lineItemId": "first"},
            {"feeId": 9, "amount": 2, "lineItemId": null, "name": null}],
        "shipping": [{"referenceId": "s1", "method": "post", "amount": "4.90"}, {"amount": 0}],
        "tillCode": "T1", "currency": "EUR", "cartState": "PENDING",
    })
}

fn attributes(own: &[(&str, Value)]) -> Option<Attributes> {
    Some(own.iter().map(|(name, value)| Attribute { name: (*name).to_owned(), value: value.clone() }).collect())
}

#[test]
fn every_key_of_a_new_cart() {
    let new = NewCart::parse(&everything()).expect("a cart");
    assert_eq!((new.currency, new.state), (Some(currency("EUR")), CartState::Pending));
    assert!(new.changes.changes_content);
    assert_eq!((new.changes.state, new.changes.transaction_id), (Some(CartState::Pending), None));

    let text = |text: &str| Some(text.to_owned());
    let object = |value: Value| value.as_object().expect("an object").clone();
    let expected = Content {
        currency: currency("EUR"),
        account_id: text("ACC-1"),
        user_id: text("42"),
        customer: object(everything()["customer"].clone()),
        configuration: object(json!({"theme": {"dark": true}})),
        metadata: object(everything()["metadata"].clone()),
        attributes: attributes(&[("channel", json!("app")), ("zone", json!([1, 2]))]),
        shared_user_ids: Some(vec!["u1".to_owned(), "2".to_owned()]),
        till_code: text("T1"),
        shipping: Some(vec![
            Shipment { reference_id: text("s1"), method: text("post"), amount: cents(490) },
            Shipment { reference_id: None, method: None, amount: Money::ZERO },
        ]),
        items: Rc::new(vec![
            Item {
                line_item_id: "first".to_owned(),
                position: 1,
                sku: "MUG".to_owned(),
                quantity: units(2),
                base: cents(999),
                sale: Some(cents(850)),
                min_unit_price: Some(cents(725)),
                categories: vec!["kitchen".to_owned(), "gifts".to_owned()],
                brands: vec!["Acme".to_owned()],
                attributes: attributes(&[("color", json!("red")), ("sizes", json!([1, "L", true]))]),
                ship_to: Some(object(json!({"street": "Main 1", "floor": 2}))),
                amount: cents(1_700),
            },
            Item {
                line_item_id: "7".to_owned(),
                position: 2,
                sku: "TEA".to_owned(),
                quantity: promotion_core::money::Quantity(250_000),
                base: cents(1_200),
                sale: None,
                min_unit_price: None,
                categories: Vec::new(),
                brands: Vec::new(),
                attributes: None,
                ship_to: None,
                amount: cents(300),
            },
        ]),
        fees: vec![
            Fee { fee_id: "wrap".to_owned(), name: text("Gift wrap"), amount: cents(150), line_item_id: text("first") },
            Fee { fee_id: "9".to_owned(), name: None, amount: cents(200), line_item_id: None },
        ],
        codes: Vec::new(),
    };
    let content = made(everything());
    assert_eq!(content, expected);
    assert_eq!([content.items[0].price(), content.items[1].price()], [cents(850), cents(1_200)]);
    // 17 + 3, 4.90 of shipping, 3.50 of fees that are no part of it.
    assert_eq!((content.amount(), content.shipping_amount()), (cents(2_000), cents(490)));
    assert_eq!((content.sub_total(), content.total_fees()), (cents(2_490), cents(350)));
    // The caller's own numbers are kept as they were written.
    assert_eq!(content.metadata["tries"].to_string(), "1.50");
}

#[test]
fn a_cart_of_nothing() {
    for request in [json!({}), json!({"items": [], "currency": null, "transactionId": null})] {
        let new = NewCart::parse(&request).expect("a cart");
        assert_eq!((new.currency, new.state), (None, CartState::Active));
    }
    let content = made(json!({}));
    assert_eq!(content, Content::new(Currency::USD));
    assert_eq!((content.sub_total(), content.total_fees()), (Money::ZERO, Money::ZERO));
    assert_eq!(content.customer_id(), None);
    assert!(!Changes::parse(&json!({})).expect("changes").changes_content);
}

#[test]
fn the_state_goes_by_two_names() {
    for key in ["cartState", "state"] {
        for (word, state) in [("ACTIVE", CartState::Active), ("PENDING", CartState::Pending)] {
            assert_eq!(NewCart::parse(&json!({ key: word })).expect("a cart").state, state);
        }
        let changes = Changes::parse(&json!({key: "SUBMITTED", "transactionId": "ORDER-1"})).expect("changes");
        assert_eq!((changes.state, changes.transaction_id.as_deref()), (Some(CartState::Submitted), Some("ORDER-1")));
        assert!(!changes.changes_content);
    }
}

#[test]
fn what_is_changed_and_what_only_goes_on() {
    let changes_content = |request: Value| Changes::parse(&request).expect("changes").changes_content;
    for request in [
        json!({"items": []}),
        json!({"setItems": [{"lineItemId": 1}]}),
        json!({"addItems": [{}]}),
        json!({"removeItems": ["1"]}),
        json!({"accountId": null}),
        json!({"customer": null, "cartState": "ACTIVE"}),
        json!({"fees": null}),
        json!({"shipping": null}),
        json!({"tillCode": "T"}),
    ] {
        assert!(changes_content(request.clone()), "{request}");
    }
    for request in [
        json!({}),
        json!({"cartState": "DELETED"}),
        json!({"cartState": "SUBMITTED", "transactionId": null}),
        json!({"setItems": [], "addItems": [], "removeItems": [], "currency": null}),
    ] {
        assert!(!changes_content(request.clone()), "{request}");
    }
}

#[test]
fn what_is_not_named_stays_and_null_clears() {
    let all = made(everything());
    assert_eq!(changed(&all, json!({})), all);
    assert_eq!(changed(&all, json!({"cartState": "APPROVED"})), all);
    type Emptied<T> = fn(&mut T);
    let cleared: [(&str, Emptied<Content>); 10] = [
        ("accountId", |own| own.account_id = None),
        ("userId", |own| own.user_id = None),
        ("customer", |own| own.customer.clear()),
        ("configuration", |own| own.configuration.clear()),
        ("metadata", |own| own.metadata.clear()),
        ("attributes", |own| own.attributes = None),
        ("sharedUserIds", |own| own.shared_user_ids = None),
        ("tillCode", |own| own.till_code = None),
        ("shipping", |own| own.shipping = None),
        ("fees", |own| own.fees.clear()),
    ];
    for (key, emptied) in cleared {
        let mut expected = all.clone();
        emptied(&mut expected);
        assert_ne!(expected, all, "{key}");
        assert_eq!(changed(&all, json!({ key: null })), expected, "{key}");
        // And in a new cart null is as good as nothing.
        let mut request = everything();
        request[key] = Value::Null;
        assert_eq!(made(request), expected, "{key}");
    }
    let cleared: [(&str, Emptied<Item>); 5] = [
        ("minUnitPrice", |own| own.min_unit_price = None),
        ("categoryList", |own| own.categories.clear()),
        ("brandList", |own| own.brands.clear()),
        ("attributes", |own| own.attributes = None),
        ("shipTo", |own| own.ship_to = None),
    ];
    for (key, emptied) in cleared {
        let mut expected = all.clone();
        emptied(&mut Rc::make_mut(&mut expected.items)[0]);
        assert_ne!(expected, all, "{key}");
        assert_eq!(changed(&all, json!({"setItems": [{"lineItemId": "first", key: null}]})), expected, "{key}");
    }
    // Lists that are empty are no null.
    let empty = changed(&all, json!({"attributes": [], "sharedUserIds": [], "shipping": []}));
    assert_eq!((empty.attributes, empty.shared_user_ids), (attributes(&[]), Some(Vec::new())));
    assert_eq!(empty.shipping, Some(Vec::new()));
}

#[test]
fn values_replace_what_was_there() {
    let all = made(everything());
    let other = changed(
        &all,
        json!({"accountId": 5, "userId": "u", "customer": {"customerId": "c"}, "configuration": {"a": 1},
            "metadata": {}, "attributes": [{"name": "z", "value": 1}, {"name": "a", "value": "2"}],
            "sharedUserIds": ["x"], "tillCode": "T2", "shipping": {"method": "courier", "amount": 3},
            "fees": [{"amount": "0.01"}]}),
    );
    assert_eq!((other.account_id.as_deref(), other.user_id.as_deref()), (Some("5"), Some("u")));
    assert_eq!(other.customer_id().as_deref(), Some("c"));
    assert_eq!((other.configuration.len(), other.metadata.len()), (1, 0));
    // In the order in which they were sent.
    assert_eq!(other.attributes, attributes(&[("z", json!(1)), ("a", json!("2"))]));
    assert_eq!((other.shared_user_ids, other.till_code.as_deref()), (Some(vec!["x".to_owned()]), Some("T2")));
    let shipment = Shipment { reference_id: None, method: Some("courier".to_owned()), amount: cents(300) };
    assert_eq!(other.shipping, Some(vec![shipment]));
    assert_eq!(other.fees, [Fee { fee_id: "1".to_owned(), name: None, amount: cents(1), line_item_id: None }]);
    assert_eq!(other.items, all.items);
}

#[test]
fn a_customer_is_known_by_the_text_of_the_id() {
    let id = |customer: Value| made(json!({ "customer": customer })).customer_id();
    assert_eq!(id(json!({"customerId": 42})).as_deref(), Some("42"));
    assert_eq!(id(json!({"customerId": "42"})).as_deref(), Some("42"));
    assert_eq!(id(json!({"customerId": -9_223_372_036_854_775_808_i64})).as_deref(), Some("-9223372036854775808"));
    assert_eq!(id(json!({"customerId": null, "tier": "GOLD"})), None);
    assert_eq!(id(json!({"tier": "GOLD"})), None);
}

#[test]
fn attributes_are_read_again_as_they_are_kept() {
    let sent =
        json!([{"name": "b", "value": [1.5, "x", false]}, {"name": "a", "value": "y"}, {"name": "", "value": 0}]);
    let own = made(json!({ "attributes": sent })).attributes.expect("attributes");
    let kept = serde_json::to_value(&own).expect("json");
    assert_eq!(kept, sent);
    let again: Attributes = read(&kept, STORED_LIMITS).expect("attributes");
    assert_eq!(again, own);
}
