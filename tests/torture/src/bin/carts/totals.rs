//! What a cart object has to say of itself: its content as the model has it, and totals that add up.

use std::collections::BTreeMap;

use lifecycle_tests::money::millionths;
use serde_json::{Value, json};

use crate::content::{Content, Item};
use crate::price::{entries, text};
use crate::promotions::SKUS;
use crate::rounding::ONE;

/// The keys that every cart object has.
const KEYS: [&str; 24] = [
    "cartId",
    "items",
    "createdAt",
    "updatedAt",
    "totalItems",
    "totalUniqueItems",
    "cartState",
    "tenantId",
    "accountId",
    "userId",
    "configuration",
    "customer",
    "totalAmount",
    "subTotal",
    "totalDiscount",
    "totalFees",
    "currency",
    "attributes",
    "metadata",
    "allPromosApplied",
    "sharedUserIds",
    "fees",
    "suggestedProducts",
    "error",
];

fn is(what: &str, expected: &Value, found: &Value) -> Result<(), String> {
    if expected == found { Ok(()) } else { Err(format!("{what}: expected {expected}, found {found}")) }
}

fn is_amount(what: &str, expected: i64, found: &Value) -> Result<(), String> {
    let found = millionths(found);
    if expected == found { Ok(()) } else { Err(format!("{what}: expected {expected}, found {found} (millionths)")) }
}

/// The cart object where there is no cart.
pub fn check_no_cart(answer: &Value) -> Result<(), String> {
    has_keys(answer)?;
    is("cartId", &Value::Null, &answer["cartId"])?;
    is("items", &json!([]), &answer["items"])
}

fn has_keys(answer: &Value) -> Result<(), String> {
    match KEYS.into_iter().chain(["promoCodes"]).find(|key| answer.get(key).is_none()) {
        Some(key) => Err(format!("the cart object has no {key}")),
        None => Ok(()),
    }
}

/// A cart object against the content that it is to have.
pub fn check(answer: &Value, content: &Content, state: &str) -> Result<(), String> {
    has_keys(answer)?;
    is("cartState", &json!(state), &answer["cartState"])?;
    is("currency", &json!(content.currency), &answer["currency"])?;
    is("customer", &Value::Object(content.customer.clone()), &answer["customer"])?;
    is("metadata", &Value::Object(content.metadata.clone()), &answer["metadata"])?;
    is("tillCode", &json!(content.till), answer.get("tillCode").unwrap_or(&Value::Null))?;
    let attributes =
        content.is_app.map(|is_app| json!([{"name": "channel", "value": if is_app { "app" } else { "web" }}]));
    is("attributes", &json!(attributes), &answer["attributes"])?;
    let codes: Vec<&str> = entries(&answer["promoCodes"]).map(|code| text(code, "promoCode")).collect();
    is("promoCodes", &json!(content.codes), &json!(codes))?;
    is("lines", &json!(content.items.len()), &json!(entries(&answer["items"]).count()))?;
    for (item, found) in content.items.iter().zip(entries(&answer["items"])) {
        check_item(item, found).map_err(|what| format!("line {}: {what}", item.id))?;
    }
    let fees: Vec<Value> = content.fees.iter().map(|fee| json!([fee.id, fee.amount, fee.line])).collect();
    let fee = |own: &Value| json!([own["feeId"], millionths(&own["amount"]), own["lineItemId"]]);
    is("fees", &json!(fees), &json!(entries(&answer["fees"]).map(fee).collect::<Vec<_>>()))?;
    let shipments =
        content.shipping.as_ref().map(|all| all.iter().map(|own| json!([own.0, own.1])).collect::<Vec<_>>());
    let shipment = |own: &Value| json!([own["method"], millionths(&own["amount"])]);
    let found = answer.get("shipping").map(|all| entries(all).map(shipment).collect::<Vec<_>>());
    is("shipping", &json!(shipments), &json!(found))?;
    check_suggestions(answer)?;
    check_totals(answer, content)
}

/// Up to five promotions that the cart lacks something of, none of which it has.
fn check_suggestions(answer: &Value) -> Result<(), String> {
    let suggested = entries(&answer["suggestedProducts"]);
    let is_given =
        |own: &Value| entries(&answer["allPromosApplied"]).any(|given| given["promoId"] == own["promotionId"]);
    let is_good = |own: &&Value| {
        let (products, amount) = (&own["products"], millionths(&own["missing"]["amount"]));
        let has_products = products["entity"] == "ANY" || entries(&products["values"]).next().is_some();
        amount > 0 && has_products && !is_given(own)
    };
    match suggested.clone().find(|own| !is_good(own)) {
        Some(own) => Err(format!("suggestedProducts: {own}")),
        None if suggested.count() > 5 => Err("more than five suggestedProducts".to_owned()),
        None => Ok(()),
    }
}

fn check_item(item: &Item, found: &Value) -> Result<(), String> {
    let (sku, category, brand) = SKUS[item.sku];
    is("lineItemId", &json!(item.id), &found["lineItemId"])?;
    is("sku", &json!(sku), &found["sku"])?;
    is("categoryList", &json!([category]), &found["categoryList"])?;
    is("brandList", &json!([brand]), &found["brandList"])?;
    is_amount("quantity", item.quantity, &found["quantity"])?;
    is_amount("base", item.base, &found["price"]["base"])?;
    let optional = |value: &Value| if value.is_null() { None } else { Some(millionths(value)) };
    is("sale", &json!(item.sale), &json!(optional(&found["price"]["sale"])))?;
    is("minUnitPrice", &json!(item.min_unit_price), &json!(found.get("minUnitPrice").and_then(optional)))?;
    is_amount("totalPrice", item.amount, &found["totalPrice"]["amount"])?;
    let attributes = if item.is_eco { json!([{"name": "eco", "value": "yes"}]) } else { Value::Null };
    is("attributes", &attributes, &found["attributes"])?;
    let parts = entries(&found["price"]["discount"]["promosApplied"]).map(|own| millionths(&own["discountAmount"]));
    is_amount("discountAmount, by its promosApplied", parts.sum(), &found["price"]["discount"]["discountAmount"])
}

fn check_totals(answer: &Value, content: &Content) -> Result<(), String> {
    let sub_total = content.amount() + content.shipping_amount();
    is_amount("subTotal", sub_total, &answer["subTotal"])?;
    is_amount("totalFees", content.fees.iter().map(|fee| fee.amount).sum(), &answer["totalFees"])?;
    let units: i64 = content.items.iter().map(|item| item.quantity).sum();
    is_amount("totalItems", (units + ONE - 1) / ONE * ONE, &answer["totalItems"])?;
    is("totalUniqueItems", &json!(content.items.len()), &answer["totalUniqueItems"])?;
    let sum =
        |list: &Value, path: &str| -> i64 { entries(list).filter_map(|own| own.pointer(path)).map(millionths).sum() };
    let discount = millionths(&answer["totalDiscount"]);
    is_amount(
        "subTotal = totalDiscount + totalAmount",
        discount + millionths(&answer["totalAmount"]),
        &answer["subTotal"],
    )?;
    is_amount(
        "totalDiscount, by allPromosApplied",
        sum(&answer["allPromosApplied"], "/discountAmount"),
        &answer["totalDiscount"],
    )?;
    let off_lines = sum(&answer["items"], "/price/discount/discountAmount");
    let off_shipping = answer.get("shipping").map_or(0, |all| sum(all, "/discount"));
    is_amount("totalDiscount, by lines and shipments", off_lines + off_shipping, &answer["totalDiscount"])?;
    if millionths(&answer["totalAmount"]) < 0 {
        return Err(format!("totalAmount is {}", answer["totalAmount"]));
    }
    check_parts(answer)
}

/// What a promotion takes off is what it takes off the lines, and at most the shipments.
fn check_parts(answer: &Value) -> Result<(), String> {
    let mut parts: BTreeMap<&str, i64> = BTreeMap::new();
    let of_lines = entries(&answer["items"]).flat_map(|line| entries(&line["price"]["discount"]["promosApplied"]));
    for own in of_lines {
        *parts.entry(text(own, "promoId")).or_default() += millionths(&own["discountAmount"]);
    }
    for own in entries(&answer["allPromosApplied"]) {
        let (all, on_lines) = (millionths(&own["discountAmount"]), parts.remove(text(own, "promoId")).unwrap_or(0));
        let is_off_lines_alone = own["on"]["kind"] == "SKU" || answer.get("shipping").is_none();
        if on_lines > all || (is_off_lines_alone && on_lines != all) {
            return Err(format!("{own} takes {on_lines} millionths off the lines"));
        }
    }
    if parts.is_empty() { Ok(()) } else { Err(format!("{parts:?} stand with lines only")) }
}
