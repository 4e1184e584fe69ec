//! What fuzzing begins with: the engine's worked examples, cut into single inputs of each target.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

fn of_core(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/promotion_core/tests").join(path)
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn list(json: &Value) -> impl Iterator<Item = &Value> {
    json.as_array().into_iter().flatten()
}

/// The inputs of all targets, each with its target's name.
pub fn all() -> BTreeSet<(&'static str, String)> {
    let mut seeds = BTreeSet::new();
    let mut files: Vec<PathBuf> = std::fs::read_dir(of_core("examples"))
        .expect("examples")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    for file in files {
        of_example(&read(&file), &mut seeds);
    }
    for file in ["definitions/accepted.json", "definitions/refused.json"] {
        list(&read(&of_core(file))).for_each(|own| add(&mut seeds, "definition", &completed(&own["given"])));
    }
    for own in VALUES {
        seeds.insert(("value", own.to_owned()));
    }
    for own in STORED_CARTS {
        seeds.insert(("stored_cart", own.to_owned()));
    }
    seeds
}

fn add(seeds: &mut BTreeSet<(&'static str, String)>, target: &'static str, json: &Value) {
    seeds.insert((target, json.to_string()));
}

/// A definition with what examples leave out.
fn completed(given: &Value) -> Value {
    let mut whole = json!({
        "name": "n", "type": "POS",
        "startDateISO": "2020-01-01T00:00:00Z", "endDateISO": "2030-01-01T00:00:00Z",
        "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}},
        "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 5}},
    });
    for (key, value) in given.as_object().into_iter().flatten() {
        whole[key] = value.clone();
    }
    whole
}

fn of_example(example: &Value, seeds: &mut BTreeSet<(&'static str, String)>) {
    for own in list(&example["promotions"]) {
        let mut own = completed(own);
        own.as_object_mut().expect("an object").remove("id");
        add(seeds, "definition", &own);
    }
    for case in list(&example["cases"]) {
        let request = &case["request"];
        add(seeds, "request", request);
        for settings in [&example["settings"], &case["settings"]] {
            if settings.is_object() {
                add(seeds, "settings", settings);
            }
        }
        let mut whole = Map::new();
        for key in ["settings", "categories", "codes"] {
            whole.insert(key.to_owned(), example[key].clone());
        }
        whole.insert("promotions".to_owned(), concerned(&example["promotions"], &case["answer"]));
        for key in ["settings", "at", "till", "entitlements", "used", "request"] {
            whole.insert(key.to_owned(), case[key].clone());
        }
        if case["settings"].is_null() {
            whole.insert("settings".to_owned(), example["settings"].clone());
        }
        whole.retain(|_, value| !value.is_null());
        add(seeds, "evaluation", &whole.into());
        add(seeds, "stored_cart", &json!([stored(request), {"setItems": [{"lineItemId": 1, "quantity": 2}]}]));
    }
}

/// The promotions that an answer names; of one that names none, the first few. Small inputs are tried more often.
fn concerned(promotions: &Value, answer: &Value) -> Value {
    let answer = answer.to_string();
    let is_named = |own: &&Value| answer.contains(&own["id"].to_string());
    let named: Vec<Value> = list(promotions).filter(is_named).cloned().collect();
    if named.is_empty() { list(promotions).take(3).cloned().collect() } else { named.into() }
}

/// The stored cart that is like a request's.
fn stored(request: &Value) -> Value {
    let mut cart = Map::new();
    let item = |own: &Value| {
        let mut item = json!({"sku": own["sku"], "quantity": own["qty"], "price": {"base": own["amount"]}});
        for key in ["minUnitPrice", "categoryList", "brandList", "attributes"] {
            if !own[key].is_null() {
                item[key] = own[key].clone();
            }
        }
        item
    };
    cart.insert("items".to_owned(), list(&request["cartItems"]).map(item).collect());
    for key in ["currency", "attributes", "shipping", "customer"] {
        if let Some(own) = request.get(key) {
            cart.insert(key.to_owned(), own.clone());
        }
    }
    if let Some(id) = request.get("customerId") {
        let customer = cart.entry("customer").or_insert_with(|| json!({}));
        customer["customerId"] = id.clone();
    }
    cart.into()
}

const VALUES: [&str; 8] = [
    r#"["0", "-0", "1.50", 1.50, 0.000001, "999999999999999.999999", 1e15, 1e-7, -1, "1e5"]"#,
    r#"["2026-01-31T18:00:00+01:00", "9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00Z", 1764069313846, "-1"]"#,
    r#"["USD", "JPY", "KWD", "usd", "XXX"]"#,
    r#"[42, "42", "", -9223372036854775808, 9223372036854775808]"#,
    r#"["save10", "SAVE 10", "straße", "a,b", "ŉ", "\u200b"]"#,
    r#"{"count": 10, "length": 12, "prefix": "SALE", "alphabet": "ABCDEFGHJK"}"#,
    r#"{"a": 5.0, "b": ["5", true, 5], "c": []}"#,
    r#"[[1, 2, 3], [1, 2, 3, 4], {"amount": "7.5"}, null, true]"#,
];

const STORED_CARTS: [&str; 6] = [
    r#"[{"items": [{"sku": "A", "quantity": 2, "price": {"base": 10, "sale": "7.5"}, "minUnitPrice": 1,
        "categoryList": ["x"], "brandList": ["b"], "attributes": [{"name": "k", "value": [1, "a", true]}],
        "shipTo": {"zip": "1"}}], "accountId": 7, "userId": "u", "customer": {"customerId": 42, "tier": "GOLD"},
        "configuration": {"a": [1]}, "metadata": {"b": null}, "attributes": {"channel": "web"},
        "sharedUserIds": ["x", 2], "fees": [{"feeId": "f", "name": "bag", "amount": 0.2, "lineItemId": "1"}],
        "shipping": {"method": "post", "amount": 5}, "tillCode": "t", "currency": "EUR", "cartState": "PENDING"},
        {"setItems": [{"lineItemId": "1", "quantity": 3}], "addItems": [{"sku": "B", "quantity": 1,
        "price": {"base": 1}}]}, {"removeItems": [1], "cartState": "ACTIVE"}]"#,
    r#"[{"items": []}, {"addItems": [{"lineItemId": "4294967295", "sku": "A", "quantity": 1, "price": {"base": 1}},
        {"sku": "B", "quantity": "0.333333", "price": {"base": "999999999999999"}}]}]"#,
    r#"[{}, {"items": [{"sku": "A", "quantity": 999999999.999999, "price": {"base": 1000000}}]}, {"items": []}]"#,
    r#"[{"shipping": [{"referenceId": "a", "amount": 1}, {"referenceId": "b", "amount": "2.50"}]},
        {"shipping": null, "fees": [{"amount": 1}, {"amount": 2}], "customer": null}]"#,
    r#"[{"items": [{"sku": "A", "quantity": 1, "price": {"base": 1}}]},
        {"cartState": "SUBMITTED", "transactionId": "o1"}, {"state": "CANCELLED"}]"#,
    r#"[{"currency": "JPY", "items": [{"sku": "A", "quantity": 1.5, "price": {"base": 100, "sale": 99}}]},
        {"setItems": [{"lineItemId": 1, "price": {"base": 0}, "categoryList": null, "attributes": {"a": 1}}]}]"#,
];
