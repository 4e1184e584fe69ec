//! What promo_evaluate is asked of a cart, and whether the stored price is what promo_preview answers to that.

use std::collections::{BTreeMap, BTreeSet};

use lifecycle_tests::money::millionths;
use serde_json::{Map, Value, json};

use crate::content::{Content, Item};
use crate::promotions::SKUS;
use crate::rounding::decimal;

/// The request that a cart's content is; `cart_id` where its own hold is to be no hindrance.
pub fn request(content: &Content, cart_id: Option<&str>) -> Value {
    let item = |own: &Item| {
        let (sku, category, brand) = SKUS[own.sku];
        let mut item = json!({
            "referenceId": own.id, "sku": sku, "amount": decimal(own.amount), "qty": decimal(own.quantity),
            "categoryList": [category], "brandList": [brand],
        });
        if let Some(price) = own.min_unit_price {
            item["minUnitPrice"] = json!(decimal(price));
        }
        if own.is_eco {
            item["attributes"] = json!({"eco": "yes"});
        }
        item
    };
    let mut request = json!({
        "amount": decimal(content.amount()), "currency": content.currency,
        "cartItems": content.items.iter().map(item).collect::<Vec<_>>(), "promoCodes": content.codes,
    });
    let mut about: Map<String, Value> = content.customer.clone();
    if let Some(id) = about.remove("customerId") {
        request["customerId"] = id;
    }
    request["customer"] = Value::Object(about);
    if content.is_app.is_some() {
        request["attributes"] = content.attributes();
    }
    if content.shipping.is_some() {
        request["shipping"] = content.shipping_json();
    }
    if let Some(cart_id) = cart_id {
        request["cartId"] = json!(cart_id);
    }
    request
}

/// The entries of an array; of what is none, no entries.
pub fn entries(list: &Value) -> impl Iterator<Item = &Value> + Clone {
    list.as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

/// The text of a key.
pub fn text<'v>(entry: &'v Value, key: &str) -> &'v str {
    entry[key].as_str().unwrap_or_default()
}

/// A promotion by what it gave, and the code that unlocked it.
type Given = BTreeMap<String, (i64, Option<String>)>;

fn add(given: &mut Given, id: &str, entry: &Value, discount: &Value) {
    let own = given.entry(id.to_owned()).or_default();
    own.0 += millionths(discount);
    own.1 = entry["promoCode"].as_str().map(str::to_owned);
}

/// What a preview gives, promotion by promotion.
fn given_by_preview(preview: &Value) -> Given {
    let mut given = Given::new();
    let of_lines = entries(&preview["cartItems"]).flat_map(|line| entries(&line["appliedPromotions"]));
    for entry in of_lines.chain(entries(&preview["appliedPromotions"])) {
        add(&mut given, text(entry, "promotionId"), entry, &entry["discount"]);
    }
    given
}

/// What a cart object says that promotions give.
pub fn given_by_cart(cart: &Value) -> Given {
    let mut given = Given::new();
    for entry in entries(&cart["allPromosApplied"]) {
        add(&mut given, text(entry, "promoId"), entry, &entry["discountAmount"]);
    }
    given
}

/// Whether anything applies to a cart: promotions, or vouchers that pay.
pub fn is_given_anything(preview: &Value) -> bool {
    !given_by_preview(preview).is_empty() || entries(&preview["appliedPaymentVouchers"]).next().is_some()
}

/// What a code's log says against it.
pub fn log_of<'v>(preview: &'v Value, code: &str) -> Option<&'v Value> {
    entries(&preview["promoCodeEvaluationLogs"])
        .find(|log| text(log, "promoCode").to_uppercase() == code.to_uppercase())
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, preview: &T, stored: &T) -> Result<(), String> {
    if preview == stored { Ok(()) } else { Err(format!("{what}: promo_preview says {preview:?}, the cart {stored:?}")) }
}

/// Whether a cart object says the same as a preview of its content.
pub fn compare(cart: &Value, preview: &Value) -> Result<(), String> {
    same("promotions", &given_by_preview(preview), &given_by_cart(cart))?;
    let lines =
        |list: &Value, path: &str| entries(list).map(|line| line.pointer(path).map(millionths)).collect::<Vec<_>>();
    let (own, theirs) = (&cart["items"], &preview["cartItems"]);
    same("line amounts", &lines(theirs, "/amount"), &lines(own, "/totalPrice/amount"))?;
    same("line discounts", &lines(theirs, "/allocatedDiscount"), &lines(own, "/price/discount/discountAmount"))?;
    let of_cart: BTreeSet<&str> = entries(&preview["appliedPromotions"]).map(|own| text(own, "promotionId")).collect();
    for (line, theirs) in entries(own).zip(entries(theirs)) {
        compare_line(line, theirs, &of_cart)?;
    }
    let shipments = lines(&preview["shipping"], "/discount");
    same("shipping discounts", &shipments, &lines(&cart["shipping"], "/discount"))?;
    let total = millionths(&preview["totalDiscount"]) + shipments.iter().flatten().sum::<i64>();
    same("totalDiscount", &total, &millionths(&cart["totalDiscount"]))?;
    for code in entries(&cart["promoCodes"]) {
        let log = log_of(preview, text(code, "promoCode"));
        let expected = log.map_or((Value::Null, Value::Null), |log| (log["errorCode"].clone(), log["message"].clone()));
        same(text(code, "promoCode"), &expected, &(code["errorCode"].clone(), code["message"].clone()))?;
    }
    let gift =
        |own: &Value| (text(own, "promotionId").to_owned(), text(own, "sku").to_owned(), millionths(&own["qty"]));
    let gifts = |list: &Value| entries(list).map(gift).collect::<Vec<_>>();
    same("gifts", &gifts(&preview["gifts"]), &gifts(&cart["gifts"]))?;
    let vouchers = |list: &Value| entries(list).map(voucher).collect::<Vec<_>>();
    same("vouchers", &vouchers(&preview["appliedPaymentVouchers"]), &vouchers(&cart["appliedPaymentVouchers"]))
}

/// A line's promotions, but for those that are off the cart too: what of them fell on the line a preview sums up.
fn compare_line(line: &Value, preview: &Value, of_cart: &BTreeSet<&str>) -> Result<(), String> {
    let parts = |list: &Value, id: &str, discount: &str| {
        let mut parts: BTreeMap<String, i64> = BTreeMap::new();
        for own in entries(list).filter(|own| !of_cart.contains(text(own, id))) {
            *parts.entry(text(own, id).to_owned()).or_default() += millionths(&own[discount]);
        }
        parts.retain(|_, discount| *discount != 0);
        parts
    };
    let theirs = parts(&preview["appliedPromotions"], "promotionId", "discount");
    same("promosApplied", &theirs, &parts(&line["price"]["discount"]["promosApplied"], "promoId", "discountAmount"))
}

fn voucher(own: &Value) -> (String, String, i64, i64) {
    let [promotion, instance] = ["promotionId", "earnedPromotionId"].map(|key| text(own, key).to_owned());
    (promotion, instance, millionths(&own["totalVoucherValue"]), millionths(&own["redeemableVoucherValue"]))
}
