//! The cart object: the seed's keys with the seed's types in every answer, and exact numbers.

use promotion_core::money::{Decimal, Money, Quantity};
use promotion_core::rounding::{Rounding, RoundingMode};
use promotion_core::stored_cart::{
    AppliedCode, CartError, CartErrorDetail, CartState, Content, NewCart, On, OnKind, PricedCart, PricedGift,
    PricedPromotion, PricedVoucher, StoredCart, SuggestedProducts, no_cart, object,
};
use promotion_core::terms::{Terms, Unit};
use serde_json::{Value, json};

use crate::kept::{cents, currency};

/// 2026-11-22T17:06:07.000089Z
const UPDATED: i64 = 1_795_367_167_000_089;

fn stored(code: &str, request: Value) -> StoredCart {
    let currency = currency(code);
    let rounding = Rounding::to_places(RoundingMode::HalfUp, currency.minor_digits());
    let mut content = Content::new(currency);
    content.change(NewCart::parse(&request).expect("a cart").changes, rounding).expect("a cart");
    StoredCart {
        cart_id: "65f0c0ffee65f0c0ffee65f0".to_owned(),
        state: CartState::Active,
        created_at: 1_767_225_600_000_000,
        updated_at: UPDATED,
        content,
        priced: PricedCart::default(),
        evaluation_id: None,
        valid_till: None,
        transaction_id: None,
        rounding,
    }
}

fn promotion(id: &str, kind: OnKind, skus: &[&str], lines: &[(usize, i128)], beside: i128) -> PricedPromotion {
    PricedPromotion {
        promotion_id: id.to_owned(),
        promo_code: None,
        name: format!("name of {id}"),
        terms: Terms { unit: Unit::PercentOff, value: Decimal(12_500_000) },
        on: On { kind, value: skus.iter().map(|sku| (*sku).to_owned()).collect() },
        discount: cents(lines.iter().map(|(_, part)| part).sum::<i128>() + beside),
        lines: lines.iter().map(|(line, part)| (*line, cents(*part))).collect(),
    }
}

/// 9.90 of items and 5 of shipping, less 1.98 + 0.50 off items and 2.50 off shipping.
fn full() -> StoredCart {
    let mut cart = stored(
        "USD",
        json!({
            "items": [
                {"lineItemId": "a", "sku": "MUG", "quantity": 2.5, "price": {"base": "4.000", "sale": "3.36"},
                 "attributes": {"color": "red"}, "shipTo": {"street": "Main 1"}, "minUnitPrice": "0.5",
                 "categoryList": ["c"], "brandList": ["b"]},
                {"sku": "TEA", "quantity": 1, "price": {"base": "1.499999"}},
            ],
            "customer": {"customerId": 42, "tier": "GOLD"}, "accountId": "acc", "userId": "u",
            "configuration": {"theme": "dark"}, "metadata": {"big": 0}, "attributes": {"channel": "app"},
            "sharedUserIds": ["u2"], "tillCode": "T1", "shipping": [{"referenceId": "s", "method": "post", "amount": 5}],
            "fees": [{"amount": "0.10", "name": "bag", "lineItemId": "a"}, {"feeId": "f", "amount": 2}],
        }),
    );
    cart.content.codes = vec![
        AppliedCode { sent: "Save".to_owned(), problem: None },
        AppliedCode { sent: "Other".to_owned(), problem: Some((0, "the cart does not meet it".to_owned())) },
    ];
    let code = PricedPromotion {
        promo_code: Some("Save".to_owned()),
        ..promotion("whole", OnKind::Cart, &[], &[(0, 40), (1, 10)], 0)
    };
    cart.priced = PricedCart {
        total_discount: cents(498),
        promotions: vec![
            promotion("mugs", OnKind::Sku, &["MUG", "TEA"], &[(0, 168), (1, 30)], 0),
            code,
            promotion("ships", OnKind::Shipping, &[], &[], 250),
        ],
        shipments: vec![cents(250)],
        gifts: vec![PricedGift { promotion_id: "g".to_owned(), sku: "GIFT".to_owned(), quantity: Quantity(1_500_000) }],
        vouchers: vec![PricedVoucher {
            promotion_id: "v".to_owned(),
            earn_id: Some("e".to_owned()),
            name: "Voucher".to_owned(),
            value: cents(500),
            redeemable: cents(450),
        }],
        suggestions: vec![SuggestedProducts {
            promotion_id: "s".to_owned(),
            kpi: "QUANTITY".to_owned(),
            amount: Decimal(2_000_000),
            entity: "ATTRIBUTE".to_owned(),
            attribute_name: Some("color".to_owned()),
            values: vec!["red".to_owned()],
        }],
    };
    cart.evaluation_id = Some("65f0c0ffee65f0c0ffee65f1".to_owned());
    cart.valid_till = Some(1_767_225_600_123);
    cart.transaction_id = Some("ORDER-1".to_owned());
    cart
}

fn shown(cart: &StoredCart) -> Value {
    serde_json::to_value(object(5, cart, None)).expect("json")
}

/// The seed's keys: type, and whether null may stand there.
const SEED: [(&str, &str, bool); 24] = [
    ("cartId", "string", true),
    ("items", "objects", false),
    ("createdAt", "string", true),
    ("updatedAt", "string", true),
    ("totalItems", "integer", true),
    ("totalUniqueItems", "integer", true),
    ("cartState", "state", false),
    ("tenantId", "string", true),
    ("accountId", "string", true),
    ("userId", "string", true),
    ("configuration", "object", false),
    ("customer", "object", false),
    ("totalAmount", "number", true),
    ("subTotal", "number", true),
    ("totalDiscount", "number", true),
    ("totalFees", "number", true),
    ("currency", "string", false),
    ("attributes", "objects", true),
    ("metadata", "object", false),
    ("allPromosApplied", "objects", false),
    ("sharedUserIds", "strings", true),
    ("fees", "objects", true),
    ("suggestedProducts", "objects", true),
    ("error", "object", false),
];

fn assert_seed(shown: &Value) {
    let states = ["ACTIVE", "PENDING", "PENDING_APPROVAL", "APPROVED", "SUBMITTED", "DELETED", "REJECTED"];
    for (key, kind, nullable) in SEED {
        let value = shown.get(key).unwrap_or_else(|| panic!("{key} is absent: {shown}"));
        let all = |is: fn(&Value) -> bool| value.as_array().is_some_and(|list| list.iter().all(is));
        let is = match kind {
            "string" => value.is_string(),
            "integer" => value.is_u64() && !value.to_string().contains('.'),
            "number" => value.is_number(),
            "state" => value.as_str().is_some_and(|word| states.contains(&word)),
            "object" => value.is_object(),
            "objects" => all(Value::is_object),
            _ => all(Value::is_string),
        };
        assert!(is || (nullable && value.is_null()), "{key}: {value}");
    }
}

#[test]
fn every_key_of_the_seed_in_every_answer() {
    let error = CartError { code: "CART_NOT_FOUND_ERROR", description: "Cart not found".to_owned(), details: vec![] };
    let none: Value = serde_json::to_value(no_cart(5, currency("JPY"), &error)).expect("json");
    for shown in [&shown(&full()), &shown(&stored("USD", json!({}))), &none] {
        assert_seed(shown);
    }
    // The seed's keys that may not be null are something.
    assert_eq!((&none["cartId"], &none["items"], &none["currency"]), (&Value::Null, &json!([]), &json!("JPY")));
    for key in SEED.iter().filter(|(key, _, nullable)| *nullable && *key != "tenantId").map(|(key, ..)| key) {
        assert_eq!(none[*key], Value::Null, "{key}");
    }
    assert_eq!(none["tenantId"], "5");
    let error = json!({"code": "CART_NOT_FOUND_ERROR", "description": "Cart not found", "details": []});
    assert_eq!(none["error"], error);
}

#[test]
fn a_cart_of_nothing() {
    let shown = shown(&stored("USD", json!({})));
    let expected = json!({
        "cartId": "65f0c0ffee65f0c0ffee65f0", "items": [], "createdAt": "2026-01-01T00:00:00.000000Z",
        "updatedAt": "2026-11-22T17:06:07.000089Z", "totalItems": 0, "totalUniqueItems": 0, "cartState": "ACTIVE",
        "tenantId": "5", "accountId": null, "userId": null, "configuration": {}, "customer": {}, "currency": "USD",
        "attributes": null, "metadata": {}, "allPromosApplied": [], "sharedUserIds": null, "fees": [],
        "suggestedProducts": [], "error": {}, "promoCodes": [],
    });
    let mut rest = shown.clone();
    for key in ["subTotal", "totalDiscount", "totalAmount", "totalFees"] {
        let number = rest.as_object_mut().and_then(|object| object.remove(key)).expect("a number");
        assert_eq!(number.to_string(), "0.00", "{key}");
    }
    assert_eq!(rest, expected);
}

#[test]
fn a_cart_of_everything() {
    let shown = shown(&full());
    let numbers = |value: &str| serde_json::from_str::<Value>(value).expect("json");
    // 2.5 at 3.36 are 8.40, 1 at 1.499999 is 1.50; 2.5 and 1 are four, a cut unit counting as one.
    let part = |id: &str, code: Value, kind: &str, value: Value, amount: &str| {
        json!({"promoId": id, "promoCode": code, "promoName": format!("name of {id}"), "unit": "%OFF",
            "value": numbers("12.5"), "on": {"kind": kind, "value": value}, "discountAmount": numbers(amount)})
    };
    let items = json!([
        {"lineItemId": "a", "sku": "MUG", "quantity": numbers("2.5"),
         "price": {"base": numbers("4.00"), "sale": numbers("3.36"), "discount": {"discountAmount": numbers("2.08"),
            "promosApplied": [part("mugs", Value::Null, "SKU", json!(["MUG"]), "1.68"),
                part("whole", json!("Save"), "CART", json!([]), "0.40")]}},
         "totalPrice": {"currency": "USD", "amount": numbers("8.40")},
         "attributes": [{"name": "color", "value": "red"}], "shipTo": {"street": "Main 1"},
         "minUnitPrice": numbers("0.50"), "categoryList": ["c"], "brandList": ["b"]},
        {"lineItemId": "1", "sku": "TEA", "quantity": 1,
         "price": {"base": numbers("1.499999"), "sale": null, "discount": {"discountAmount": numbers("0.40"),
            "promosApplied": [part("mugs", Value::Null, "SKU", json!(["TEA"]), "0.30"),
                part("whole", json!("Save"), "CART", json!([]), "0.10")]}},
         "totalPrice": {"currency": "USD", "amount": numbers("1.50")}, "attributes": null},
    ]);
    let expected = json!({
        "cartId": "65f0c0ffee65f0c0ffee65f0", "items": items, "createdAt": "2026-01-01T00:00:00.000000Z",
        "updatedAt": "2026-11-22T17:06:07.000089Z", "totalItems": 4, "totalUniqueItems": 2, "cartState": "ACTIVE",
        "tenantId": "5", "accountId": "acc", "userId": "u", "configuration": {"theme": "dark"},
        "customer": {"customerId": 42, "tier": "GOLD"},
        "totalAmount": numbers("9.92"), "subTotal": numbers("14.90"), "totalDiscount": numbers("4.98"),
        "totalFees": numbers("2.10"), "currency": "USD", "attributes": [{"name": "channel", "value": "app"}],
        "metadata": {"big": 0},
        "allPromosApplied": [
            part("mugs", Value::Null, "SKU", json!(["MUG", "TEA"]), "1.98"),
            part("whole", json!("Save"), "CART", json!([]), "0.50"),
            part("ships", Value::Null, "SHIPPING", json!([]), "2.50"),
        ],
        "sharedUserIds": ["u2"],
        "fees": [{"feeId": "1", "name": "bag", "amount": numbers("0.10"), "lineItemId": "a"},
            {"feeId": "f", "name": null, "amount": numbers("2.00"), "lineItemId": null}],
        "suggestedProducts": [{"promotionId": "s", "missing": {"kpi": "QUANTITY", "amount": 2},
            "products": {"entity": "ATTRIBUTE", "attributeName": "color", "values": ["red"]}}],
        "error": {},
        "promoCodes": [{"promoCode": "Save", "errorCode": null, "message": null},
            {"promoCode": "Other", "errorCode": 0, "message": "the cart does not meet it"}],
        "shipping": [{"referenceId": "s", "method": "post", "amount": numbers("5.00"), "discount": numbers("2.50")}],
        "gifts": [{"promotionId": "g", "sku": "GIFT", "qty": numbers("1.5")}],
        "appliedPaymentVouchers": [{"promotionId": "v", "earnedPromotionId": "e", "name": "Voucher",
            "totalVoucherValue": numbers("5.00"), "redeemableVoucherValue": numbers("4.50")}],
        "tillCode": "T1", "evaluationId": "65f0c0ffee65f0c0ffee65f1", "validTillTime": 1_767_225_600_123_i64,
        "transactionId": "ORDER-1",
    });
    assert_eq!(shown, expected);
}

#[test]
fn an_error_beside_the_cart_as_it_is() {
    let error = CartError {
        code: "PROMO_NOT_APPLICABLE_ERROR",
        description: "Promo code can't be applied to the cart".to_owned(),
        details: vec![CartErrorDetail { code: 1001, detail: "The promo code does not exist".to_owned() }],
    };
    let cart = full();
    let mut with_error: Value = serde_json::to_value(object(5, &cart, Some(&error))).expect("json");
    let expected = json!({"code": "PROMO_NOT_APPLICABLE_ERROR", "description": "Promo code can't be applied to the cart",
        "details": [{"code": 1001, "detail": "The promo code does not exist"}]});
    assert_eq!(with_error["error"], expected);
    with_error["error"] = json!({});
    assert_eq!(with_error, shown(&cart));
}

#[test]
fn numbers_have_the_digits_of_the_currency() {
    let cases = [
        ("USD", "9.9", ["9.90", "9.90", "9.90", "0.00"]),
        ("USD", "10", ["10.00", "10.00", "10.00", "0.00"]),
        // More digits than the currency has are a price's alone.
        ("USD", "9.9005", ["9.9005", "9.90", "9.90", "0.00"]),
        ("JPY", "990", ["990", "990", "990", "0"]),
        ("JPY", "9.9", ["9.9", "10", "10", "0"]),
        ("KWD", "9.9", ["9.900", "9.900", "9.900", "0.000"]),
        ("KWD", "0.0005", ["0.0005", "0.001", "0.001", "0.000"]),
        ("USD", "999999999999999.99", ["999999999999999.99", "999999999999999.99", "999999999999999.99", "0.00"]),
    ];
    for (code, price, expected) in cases {
        let shown = shown(&stored(code, json!({"items": [{"sku": "A", "quantity": 1, "price": {"base": price}}]})));
        let item = &shown["items"][0];
        let found = [
            &item["price"]["base"],
            &item["totalPrice"]["amount"],
            &shown["subTotal"],
            &item["price"]["discount"]["discountAmount"],
        ];
        assert_eq!(found.map(Value::to_string), expected, "{code} {price}");
        assert_eq!(shown["currency"], code);
    }
}

#[test]
fn a_precision_of_its_own_shows_its_digits() {
    let mut cart = stored("USD", json!({"items": [{"sku": "A", "quantity": 1, "price": {"base": 5}}]}));
    for (places, expected) in [(0, "5"), (1, "5.0"), (4, "5.0000"), (6, "5.000000")] {
        cart.rounding = Rounding::to_places(RoundingMode::HalfUp, places);
        assert_eq!(shown(&cart)["subTotal"].to_string(), expected);
    }
}

#[test]
fn cut_units_count_as_one() {
    let cases: [(&[&str], &str, u64); 7] = [
        (&[], "0", 0),
        (&["1"], "1", 1),
        (&["2.5"], "3", 1),
        (&["0.000001"], "1", 1),
        (&["3.0", "4"], "7", 2),
        (&["999999999.999999"], "1000000000", 1),
        (&["1000", "0.25"], "1001", 2),
    ];
    for (quantities, total, unique) in cases {
        let item = |quantity: &&str| json!({"sku": "A", "quantity": quantity, "price": {"base": 1}});
        let items: Vec<Value> = quantities.iter().map(item).collect();
        let shown = shown(&stored("USD", json!({ "items": items })));
        assert_eq!(shown["totalItems"].to_string(), total, "{quantities:?}");
        assert_eq!(shown["totalUniqueItems"], unique);
    }
}

#[test]
fn every_state_and_what_is_not_there() {
    let mut cart = stored("USD", json!({"shipping": []}));
    for state in CartState::ALL {
        cart.state = state;
        assert_seed(&shown(&cart));
    }
    assert_eq!(shown(&cart)["shipping"], json!([]));
    let shown = shown(&stored("USD", json!({})));
    let keys =
        ["shipping", "gifts", "appliedPaymentVouchers", "tillCode", "evaluationId", "validTillTime", "transactionId"];
    for key in keys {
        assert_eq!(shown.get(key), None, "{key}");
    }
    assert_eq!(cart.priced.total_discount, Money::ZERO);
}
