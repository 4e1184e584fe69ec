//! Every error of a request, with its JSON path and its message.

use serde_json::{Value, json};

use crate::kept::{made, tried, tried_on};

/// A new cart of one item with some keys put over a plain one.
fn item(keys: Value) -> Value {
    json!({ "items": [with(keys)] })
}

fn with(keys: Value) -> Value {
    let mut item = json!({"sku": "A", "quantity": 1, "price": {"base": 10}});
    for (key, value) in keys.as_object().expect("keys") {
        item[key] = value.clone();
    }
    item
}

fn without(key: &str) -> Value {
    let mut item = with(json!({}));
    item.as_object_mut().expect("an item").remove(key);
    json!({ "items": [item] })
}

fn assert_refused(cases: Vec<(Value, &str)>) {
    for (request, expected) in cases {
        assert_eq!(tried(&request).map(|_| ()), Err(expected.to_owned()), "{request}");
    }
}

fn assert_changes_refused(cases: Vec<(Value, &str)>) {
    let cart = made(json!({"items": [with(json!({"lineItemId": "a"})), with(json!({"lineItemId": "b"}))]}));
    for (request, expected) in cases {
        assert_eq!(tried_on(&cart, &request).map(|_| ()), Err(expected.to_owned()), "{request}");
    }
}

#[test]
fn what_is_no_cart() {
    assert_refused(vec![
        (json!([]), "expected a cart (an object), found an array"),
        (json!(null), "expected a cart (an object), found null"),
        (json!("x"), "expected a cart (an object), found the string \"x\""),
        (json!({"cartState": "SUBMITTED"}), "cartState: expected ACTIVE or PENDING"),
        (json!({"cartState": "PENDING_APPROVAL"}), "cartState: expected ACTIVE or PENDING"),
        (
            json!({"cartState": "OPEN"}),
            "cartState: expected one of ACTIVE, PENDING, PENDING_APPROVAL, APPROVED, SUBMITTED, DELETED, REJECTED, \
             found \"OPEN\"",
        ),
        (
            json!({"cartState": null}),
            "cartState: expected one of ACTIVE, PENDING, PENDING_APPROVAL, APPROVED, SUBMITTED, DELETED, REJECTED, \
             found null",
        ),
        (json!({"currency": "usd"}), "currency: expected an ISO 4217 currency code such as \"USD\", found \"usd\""),
        (json!({"setItems": []}), "setItems: expected only in promo_update_cart"),
        (json!({"addItems": [with(json!({}))]}), "addItems: expected only in promo_update_cart"),
        (json!({"removeItems": ["1"]}), "removeItems: expected only in promo_update_cart"),
        (json!({"transactionId": "T"}), "transactionId: expected only in promo_update_cart"),
        (
            json!({"accountId": ""}),
            "accountId: expected a string of 1 to 250 characters or a whole number, found the string \"\"",
        ),
        (json!({"userId": 1.5}), "userId: expected a string of 1 to 250 characters or a whole number, found a number"),
        (json!({"userId": true}), "userId: expected a string of 1 to 250 characters or a whole number, found true"),
        (json!({"sharedUserIds": "u"}), "sharedUserIds: expected an array of at most 1000, found the string \"u\""),
        (
            json!({"sharedUserIds": ["u", null]}),
            "sharedUserIds[1]: expected a string of 1 to 250 characters or a whole number, found null",
        ),
        (json!({"sharedUserIds": vec![1; 1_001]}), "sharedUserIds: expected at most 1000 elements"),
        (json!({"configuration": []}), "configuration: expected an object, found an array"),
        (json!({"metadata": "m"}), "metadata: expected an object, found the string \"m\""),
        (json!({"tillCode": ""}), "tillCode: expected a string that is not empty"),
        (json!({"tillCode": 5}), "tillCode: expected a string, found the number 5"),
    ]);
    let unknown = tried(&json!({"promoCodes": ["X"]})).expect_err("an error");
    assert!(unknown.starts_with("promoCodes: unknown key, expected one of items, setItems, addItems, "), "{unknown}");
}

#[test]
fn customers_that_promo_evaluate_would_refuse() {
    assert_refused(vec![
        (json!({"customer": 42}), "customer: expected an object, found a number"),
        (
            json!({"customer": {"customerId": ""}}),
            "customer.customerId: expected a whole number (a bigint) or a string of 1 to 64 characters, found the \
             string \"\"",
        ),
        (
            json!({"customer": {"customerId": 1.5}}),
            "customer.customerId: expected a whole number (a bigint) or a string of 1 to 64 characters, found a number",
        ),
        (
            json!({"customer": {"id": 1}}),
            "customer.id: unknown key, expected one of customerId, tier, segments, programs, attributes",
        ),
        (json!({"customer": {"tier": 1}}), "customer.tier: expected a string, found the number 1"),
        (json!({"customer": {"segments": ["a", 2]}}), "customer.segments[1]: expected a string, found the number 2"),
        (
            json!({"customer": {"programs": [{"program": 1}]}}),
            "customer.programs[0].program: unknown key, expected one of loyaltyProgramId, programType, partnerProgramId",
        ),
        (
            json!({"customer": {"attributes": {"a": null}}}),
            "customer.attributes.a: expected a string, a number, a boolean or an array of them, found null",
        ),
    ]);
}

#[test]
fn items_that_are_none() {
    let long = "x".repeat(251);
    assert_refused(vec![
        (json!({"items": null}), "items: expected an array of at most 10000, found null"),
        (json!({"items": {}}), "items: expected an array of at most 10000, found an object"),
        (json!({"items": [7]}), "items[0]: expected an item (an object), found the number 7"),
        (
            item(json!({"qty": 1})),
            "items[0].qty: unknown key, expected one of lineItemId, sku, quantity, price, minUnitPrice, categoryList, \
             brandList, attributes, shipTo",
        ),
        (without("sku"), "items[0].sku: required, but absent"),
        (without("quantity"), "items[0].quantity: required, but absent"),
        (without("price"), "items[0].price: required, but absent"),
        (item(json!({"sku": ""})), "items[0].sku: expected a string that is not empty"),
        (item(json!({"sku": null})), "items[0].sku: expected a string, found null"),
        (
            item(json!({"sku": long})),
            "items[0].sku: expected at most 250 characters, found \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...\" (251 \
             characters)",
        ),
        (item(json!({"quantity": 0})), "items[0].quantity: expected a quantity above 0, found 0"),
        (item(json!({"quantity": "-2"})), "items[0].quantity: expected a quantity above 0, found -2"),
        (
            item(json!({"quantity": 1_000_000_000})),
            "items[0].quantity: expected at most 9 digits before and 6 after the decimal point",
        ),
        (
            item(json!({"quantity": "0.0000001"})),
            "items[0].quantity: expected at most 9 digits before and 6 after the decimal point",
        ),
        (
            item(json!({"quantity": null})),
            "items[0].quantity: expected a decimal number (a JSON number or a string), found null",
        ),
        (item(json!({"price": 10})), "items[0].price: expected a price ({\"base\", \"sale\"}), found the number 10"),
        (item(json!({"price": null})), "items[0].price: expected a price ({\"base\", \"sale\"}), found null"),
        (item(json!({"price": {}})), "items[0].price.base: required, but absent"),
        (item(json!({"price": {"sale": 1}})), "items[0].price.base: required, but absent"),
        (item(json!({"price": {"base": -1}})), "items[0].price.base: expected an amount of 0 or more, found -1"),
        (
            item(json!({"price": {"base": "1000000000000000"}})),
            "items[0].price.base: expected at most 15 digits before and 6 after the decimal point",
        ),
        (
            item(json!({"price": {"base": 1, "list": 2}})),
            "items[0].price.list: unknown key, expected one of base, sale",
        ),
        (
            item(json!({"price": {"base": 5, "sale": "5.01"}})),
            "items[0].price.sale: expected at most base 5, found 5.01",
        ),
        (
            item(json!({"price": {"base": 5, "sale": "-1"}})),
            "items[0].price.sale: expected an amount of 0 or more, found -1",
        ),
        (item(json!({"minUnitPrice": -1})), "items[0].minUnitPrice: expected an amount of 0 or more, found -1"),
        (
            item(json!({"categoryList": "a"})),
            "items[0].categoryList: expected an array of at most 1000, found the string \"a\"",
        ),
        (item(json!({"brandList": [1]})), "items[0].brandList[0]: expected a string, found the number 1"),
        (item(json!({"shipTo": "home"})), "items[0].shipTo: expected an object, found the string \"home\""),
        (
            item(json!({"lineItemId": ""})),
            "items[0].lineItemId: expected a string of 1 to 250 characters or a whole number, found the string \"\"",
        ),
        (
            json!({"items": [with(json!({"lineItemId": "x"})), with(json!({"lineItemId": "x"}))]}),
            "items[1].lineItemId: expected every lineItemId once, found \"x\" again",
        ),
        (
            json!({"items": [with(json!({"lineItemId": 1})), with(json!({"lineItemId": "1"}))]}),
            "items[1].lineItemId: expected every lineItemId once, found \"1\" again",
        ),
    ]);
    let many = vec![with(json!({})); 10_001];
    assert_refused(vec![(json!({ "items": many }), "items: expected at most 10000 elements")]);
}

#[test]
fn attributes_that_no_condition_could_compare() {
    let text = "expected a string, a number, a boolean or an array of them";
    assert_refused(vec![
        (
            json!({"attributes": "a"}),
            "attributes: expected an array of {\"name\", \"value\"} or an object, found the string \"a\"",
        ),
        (json!({"attributes": {"a": null}}), &format!("attributes.a: {text}, found null")),
        (json!({"attributes": {"a": {"b": 1}}}), &format!("attributes.a: {text}, found an object")),
        (item(json!({"attributes": [{"name": "a"}]})), "items[0].attributes[0].value: required, but absent"),
        (item(json!({"attributes": [{"value": 1}]})), "items[0].attributes[0].name: required, but absent"),
        (
            item(json!({"attributes": [{"name": "a", "value": null}]})),
            &format!("items[0].attributes[0].value: {text}, found null"),
        ),
        (
            json!({"attributes": [7]}),
            "attributes[0]: expected an attribute ({\"name\", \"value\"}), found the number 7",
        ),
        (
            json!({"attributes": [{"name": "a", "value": 1, "unit": "m"}]}),
            "attributes[0].unit: unknown key, expected one of name, value",
        ),
        (
            json!({"attributes": [{"name": "a", "value": 1}, {"name": "a", "value": 2}]}),
            "attributes[1].name: expected every name once, found \"a\" again",
        ),
        (
            json!({"attributes": {"a": 1e20}}),
            "attributes.a: expected at most 15 digits before and 6 after the decimal point",
        ),
    ]);
}

#[test]
fn shipping_and_fees() {
    assert_refused(vec![
        (json!({"shipping": 5}), "shipping: expected a shipment (an object) or an array of them, found the number 5"),
        (json!({"shipping": {}}), "shipping.amount: required, but absent"),
        (
            json!({"shipping": [{"amount": 1}, {"amount": -1}]}),
            "shipping[1].amount: expected an amount of 0 or more, found -1",
        ),
        (
            json!({"shipping": [{"amount": "4.905"}]}),
            "shipping[0].amount: expected a whole number of minor units of 0.01, found 4.905",
        ),
        (
            json!({"shipping": [{"amount": 1, "referenceId": "s"}, {"amount": 1, "referenceId": "s"}]}),
            "shipping[1].referenceId: expected every referenceId once, found \"s\" again",
        ),
        (json!({"fees": {}}), "fees: expected an array of at most 1000, found an object"),
        (json!({"fees": [5]}), "fees[0]: expected a fee (an object), found the number 5"),
        (json!({"fees": [{"name": "n"}]}), "fees[0].amount: required, but absent"),
        (json!({"fees": [{"amount": -1}]}), "fees[0].amount: expected an amount of 0 or more, found -1"),
        (
            json!({"fees": [{"amount": 1, "price": 1}]}),
            "fees[0].price: unknown key, expected one of feeId, name, amount, lineItemId",
        ),
        (
            json!({"fees": [{"amount": 1}, {"amount": "0.001"}]}),
            "fees[1].amount: expected a whole number of minor units of 0.01, found 0.001",
        ),
        (
            json!({"fees": [{"amount": 1, "feeId": "f"}, {"amount": 1, "feeId": "f"}]}),
            "fees[1].feeId: expected every feeId once, found \"f\" again",
        ),
        (json!({"fees": vec![json!({"amount": 1}); 1_001]}), "fees: expected at most 1000 elements"),
    ]);
    let unknown = tried(&json!({"fees": [{"amount": 1, "lineItemId": 9}]})).expect_err("an error");
    assert!(unknown.starts_with("fees[0].lineItemId: expected the lineItemId of a line of the cart"), "{unknown}");
}

#[test]
fn changes_that_do_not_fit_the_cart() {
    assert_changes_refused(vec![
        (json!({"currency": "EUR"}), "currency: a cart keeps its currency"),
        (json!({"currency": "USD"}), "currency: a cart keeps its currency"),
        (json!({"transactionId": "T"}), "transactionId: expected beside cartState SUBMITTED only"),
        (
            json!({"cartState": "APPROVED", "transactionId": "T"}),
            "transactionId: expected beside cartState SUBMITTED only",
        ),
        (json!({"cartState": "SUBMITTED", "transactionId": ""}), "transactionId: expected a string that is not empty"),
        (json!({"cartState": "SUBMITTED", "transactionId": 5}), "transactionId: expected a string, found the number 5"),
        (
            json!({"items": [], "removeItems": []}),
            "items: expected no setItems, addItems and removeItems beside all items",
        ),
        (
            json!({"items": [], "addItems": [with(json!({}))]}),
            "items: expected no setItems, addItems and removeItems beside all items",
        ),
        (json!({"removeItems": null}), "removeItems: expected an array of at most 10000, found null"),
        (
            json!({"removeItems": ["c"]}),
            "removeItems[0]: expected the lineItemId of a line of the cart, once, found \"c\"",
        ),
        (
            json!({"removeItems": ["a", "b", "a"]}),
            "removeItems[2]: expected the lineItemId of a line of the cart, once, found \"a\"",
        ),
        (json!({"setItems": [{"quantity": 1}]}), "setItems[0].lineItemId: required, but absent"),
        (
            json!({"setItems": [{"lineItemId": "c"}]}),
            "setItems[0].lineItemId: expected the lineItemId of a line of the cart, once, found \"c\"",
        ),
        (
            json!({"setItems": [{"lineItemId": "a"}, {"lineItemId": "a"}]}),
            "setItems[1].lineItemId: expected the lineItemId of a line of the cart, once, found \"a\"",
        ),
        (
            json!({"setItems": [{"lineItemId": "a"}], "removeItems": ["a"]}),
            "setItems[0].lineItemId: expected the lineItemId of a line of the cart, once, found \"a\"",
        ),
        (
            json!({"setItems": [{"lineItemId": "a"}, {"lineItemId": "b", "price": {"base": 1, "sale": 2}}]}),
            "setItems[1].price.sale: expected at most base 1, found 2",
        ),
        (json!({"setItems": [{"lineItemId": "a", "sku": null}]}), "setItems[0].sku: expected a string, found null"),
        (json!({"addItems": [{"sku": "A", "quantity": 1}]}), "addItems[0].price: required, but absent"),
        (
            json!({"addItems": [with(json!({"lineItemId": "b"}))]}),
            "addItems[0].lineItemId: expected every lineItemId once, found \"b\" again",
        ),
        (
            json!({"fees": [{"amount": 1, "lineItemId": "a"}], "removeItems": ["a"]}),
            "fees[0].lineItemId: expected the lineItemId of a line of the cart, found \"a\"",
        ),
    ]);
}

#[test]
fn what_is_too_much() {
    let too_much = "expected an amount of at most 15 digits before the decimal point";
    let most = json!({"base": "999999999999999.99"});
    assert_refused(vec![
        (item(json!({"price": most, "quantity": 2})), &format!("items[0].price: {too_much}")),
        // 0.01 more than fits, by rounding up.
        (
            item(json!({"price": {"base": "999999999999999.999999"}, "quantity": 1})),
            &format!("items[0].price: {too_much}"),
        ),
        (json!({"items": [with(json!({"price": most})), with(json!({"price": most}))]}), &format!("items: {too_much}")),
        (
            json!({"items": [with(json!({"price": most}))], "shipping": {"amount": "0.01"}}),
            &format!("shipping: {too_much}"),
        ),
        (json!({"fees": [{"amount": "999999999999999.99"}, {"amount": "0.01"}]}), &format!("fees: {too_much}")),
    ]);
    // As much as there can be.
    let all = made(json!({"items": [with(json!({"price": most}))], "fees": [{"amount": "999999999999999.99"}]}));
    assert_eq!(all.sub_total().to_string(), "999999999999999.990000");
    assert_changes_refused(vec![(
        json!({"setItems": [{"lineItemId": "b", "quantity": "999999999.999999", "price": {"base": "999999999"}}]}),
        &format!("setItems[0].price: {too_much}"),
    )]);
    let full = made(json!({"items": vec![with(json!({})); 10_000]}));
    let one_more = json!({"addItems": [with(json!({}))]});
    assert_eq!(
        tried_on(&full, &one_more).map(|_| ()),
        Err("addItems: expected at most 10000 items in the cart".to_owned())
    );
    let in_place = json!({"addItems": [with(json!({}))], "removeItems": ["10000"]});
    assert_eq!(tried_on(&full, &in_place).expect("a cart").items.len(), 10_000);
}

#[test]
fn paths_lead_to_what_is_wrong() {
    assert_refused(vec![
        (
            json!({"attributes": {"a": ["x", {"b": 1}]}}),
            "attributes.a[1]: expected a string, a number or a boolean, found an object",
        ),
        (
            json!({"shipping": {"amount": "4.905"}}),
            "shipping.amount: expected a whole number of minor units of 0.01, found 4.905",
        ),
        (
            json!({"shipping": {"amount": 1, "referenceId": ""}}),
            "shipping.referenceId: expected a string that is not empty",
        ),
    ]);
}

#[test]
fn the_state_by_both_of_its_names() {
    let error = tried(&json!({"cartState": "ACTIVE", "state": "PENDING"})).expect_err("an error");
    assert!(error.starts_with("state: ") || error.starts_with("cartState: "), "{error}");
}

#[test]
fn no_more_attributes_than_can_be_read_again() {
    let many: serde_json::Map<String, Value> = (0..1_001).map(|index| (format!("a{index}"), json!(1))).collect();
    let refused = "attributes: expected at most 1000 elements".to_owned();
    assert_eq!(tried(&json!({ "attributes": many })).map(|_| ()), Err(refused.clone()));
    let list: Vec<Value> = (0..1_001).map(|index| json!({"name": format!("a{index}"), "value": 1})).collect();
    assert_eq!(tried(&json!({ "attributes": list })).map(|_| ()), Err(refused));
}
