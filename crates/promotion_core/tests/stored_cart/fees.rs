//! Fees: numbered, of lines, and gone with them.

use promotion_core::stored_cart::Content;
use serde_json::{Value, json};

use crate::kept::{changed, made};

/// Each as "feeId amount lineItemId".
fn fees(content: &Content) -> Vec<String> {
    let line = |id: &Option<String>| id.clone().unwrap_or_else(|| "-".to_owned());
    content.fees.iter().map(|fee| format!("{} {} {}", fee.fee_id, fee.amount, line(&fee.line_item_id))).collect()
}

fn item(sku: &str) -> Value {
    json!({"sku": sku, "quantity": 1, "price": {"base": 1}})
}

fn with_fees() -> Content {
    made(json!({"items": [item("A"), item("B"), item("C")], "fees": [
        {"amount": 1}, {"amount": 2, "lineItemId": 1}, {"feeId": "f", "amount": 3, "lineItemId": "3"},
        {"amount": 4, "lineItemId": "3"}]}))
}

#[test]
fn fees_without_an_id_get_the_next_number() {
    assert_eq!(fees(&with_fees()), ["1 1.000000 -", "2 2.000000 1", "f 3.000000 3", "3 4.000000 3"]);
    let cart = made(json!({"fees": [{"amount": 1}, {"feeId": 5, "amount": 1}, {"amount": 1}]}));
    assert_eq!(fees(&cart), ["6 1.000000 -", "5 1.000000 -", "7 1.000000 -"]);
    // All of them are given anew.
    assert_eq!(fees(&changed(&cart, json!({"fees": [{"amount": "0.5"}]}))), ["1 0.500000 -"]);
}

#[test]
fn a_line_s_fees_go_with_it() {
    let cart = with_fees();
    assert_eq!(fees(&changed(&cart, json!({"removeItems": ["3"]}))), ["1 1.000000 -", "2 2.000000 1"]);
    assert_eq!(fees(&changed(&cart, json!({"removeItems": [2]}))).len(), 4);
    assert_eq!(fees(&changed(&cart, json!({"setItems": [{"lineItemId": 3, "quantity": 9}]}))).len(), 4);
    assert_eq!(fees(&changed(&cart, json!({"items": []}))), ["1 1.000000 -"]);
    // Of the lines that are given again by their ids they stay.
    let mut kept = item("C");
    kept["lineItemId"] = "3".into();
    assert_eq!(fees(&changed(&cart, json!({"items": [kept]}))), ["1 1.000000 -", "f 3.000000 3", "3 4.000000 3"]);
}

#[test]
fn fees_and_lines_in_one_request() {
    // What is there after the change counts.
    let cart = changed(
        &with_fees(),
        json!({"addItems": [item("D")], "removeItems": [1], "fees": [{"amount": 1, "lineItemId": 4}]}),
    );
    assert_eq!(fees(&cart), ["1 1.000000 4"]);
    assert_eq!(fees(&changed(&cart, json!({"fees": null, "removeItems": [4]}))), Vec::<String>::new());
}

#[test]
fn a_new_line_has_no_fees_of_one_that_is_gone() {
    // "a line's fees go with it": C is gone, and D happens to be numbered 3 as well.
    let cart = changed(&with_fees(), json!({"removeItems": [3], "addItems": [item("D")]}));
    assert_eq!(fees(&cart), ["1 1.000000 -", "2 2.000000 1"]);
    let cart = changed(&with_fees(), json!({"items": [item("X"), item("Y"), item("Z")]}));
    assert_eq!(fees(&cart), ["1 1.000000 -"]);
}
