//! Stored carts (spec/carts.md) of the whole promotion language: sums of the cart object, what is kept of an
//! evaluation, and suggestions that promotions which have nothing to do with a cart do not change.

use promotion_core::cart::Cart;
use promotion_core::currency::Currency;
use promotion_core::evaluate::{Situation, evaluate};
use promotion_core::evaluation::Reason;
use promotion_core::money::{Money, Quantity};
use promotion_core::ruleset::Ruleset;
use promotion_core::stored_cart::{
    AppliedCode, Attribute, CartState, Changes, Content, Item, PricedCart, StoredCart, SuggestedProducts, object,
};
use promotion_core::suggestion::suggestions;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::cases;
use crate::draw::drawn;
use crate::generate::scenario;
use crate::numbers::{ONE, millionths};
use crate::scenario::{LineSpec, Scenario};
use crate::unmatched::with_unmatched;

const CART_ID: &str = "65f0c0ffee65f0c0ffee65f0";

/// The scenario with a cart as one that is kept can be: without callers' discounts, tenders and vouchers' codes.
fn as_kept(mut scenario: Scenario) -> Scenario {
    scenario.cart.lines.iter_mut().for_each(|line| line.discount = 0);
    scenario.cart.amount_alone = 0;
    let rest = scenario.cart.rest.as_object_mut().expect("an object");
    for key in ["cartTenders", "paymentVouchers", "categoryHierarchySentInPayload"] {
        rest.remove(key);
    }
    scenario
}

fn texts(kind: &Value, key: &str) -> Vec<String> {
    let list = kind[key].as_array().into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn item((index, line): (usize, &LineSpec)) -> Item {
    let attributes = line.kind["attributes"].as_object().cloned();
    Item {
        line_item_id: (index + 1).to_string(),
        position: i32::try_from(index).expect("few lines") + 1,
        sku: line.sku.to_owned(),
        quantity: Quantity(line.quantity),
        base: Money(0),
        sale: None,
        min_unit_price: (line.min_unit_price > 0).then_some(Money(line.min_unit_price)),
        categories: texts(&line.kind, "categoryList"),
        brands: texts(&line.kind, "brandList"),
        attributes: attributes.map(|own| own.into_iter().map(|(name, value)| Attribute { name, value }).collect()),
        ship_to: None,
        amount: Money(line.amount),
    }
}

/// The scenario's cart as it is kept.
fn content(scenario: &Scenario) -> Content {
    let rest = &scenario.cart.rest;
    let settings = scenario.settings();
    let currency = rest["currency"].as_str().and_then(Currency::from_code).unwrap_or(settings.currency);
    let mut content = Content::new(currency);
    let mut customer = rest["customer"].as_object().cloned().unwrap_or_default();
    if let Some(id) = rest.get("customerId").filter(|id| !id.is_null()) {
        customer.insert("customerId".to_owned(), id.clone());
    }
    let mut changes = Map::new();
    changes.insert("customer".to_owned(), customer.into());
    for key in ["attributes", "shipping"] {
        if let Some(own) = rest.get(key) {
            changes.insert(key.to_owned(), own.clone());
        }
    }
    let changes = Changes::parse(&Value::Object(changes)).expect("changes");
    // Any amount is a whole number of the smallest units there are.
    let finest = promotion_core::rounding::Rounding { mode: settings.rounding, minor: 1 };
    content.change(changes, finest).expect("a cart");
    content.items = std::rc::Rc::new(scenario.cart.lines.iter().enumerate().map(item).collect());
    let mut codes: Vec<AppliedCode> = Vec::new();
    for sent in texts(rest, "promoCodes") {
        let code = AppliedCode { sent, problem: None };
        if codes.iter().all(|own| own.key() != code.key()) {
            codes.push(code);
        }
    }
    content.codes = codes;
    content
}

/// Lets `then` look at the cart that is asked for, and at the one that the scenario sends.
fn asked<T>(scenario: &Scenario, then: impl FnOnce(&Cart<'_>, &Cart<'_>) -> T) -> T {
    let request: Value = serde_json::to_value(content(scenario).request(CART_ID)).expect("json");
    let cart = Cart::parse(&request).unwrap_or_else(|error| panic!("{error}: {request}"));
    scenario.situated(|situation| then(&cart, situation.cart))
}

fn priced(ruleset: &Ruleset, situation: &Situation<'_, '_>) -> PricedCart {
    let evaluation = evaluate(ruleset, situation);
    let nearly = suggestions(ruleset, situation, &evaluation);
    PricedCart::new(ruleset, &evaluation, nearly, |line| situation.cart.lines[line].sku.to_owned())
}

fn stored(scenario: &Scenario, priced: PricedCart) -> StoredCart {
    let content = content(scenario);
    StoredCart {
        cart_id: CART_ID.to_owned(),
        state: CartState::Active,
        created_at: 0,
        updated_at: 1,
        rounding: scenario.settings().rounding_of(content.currency),
        content,
        priced,
        evaluation_id: None,
        valid_till: None,
        transaction_id: None,
    }
}

fn sum<'j>(numbers: impl Iterator<Item = &'j Value>) -> i128 {
    numbers.map(millionths).sum()
}

fn list(json: &Value) -> impl Iterator<Item = &Value> {
    json.as_array().into_iter().flatten()
}

fn nearly(scenario: &Scenario) -> Vec<SuggestedProducts> {
    let ruleset = scenario.compiled(scenario.sources());
    scenario.situated(|situation| priced(&ruleset, situation).suggestions)
}

proptest! {
    #![proptest_config(cases(1_200))]

    /// promo_evaluate is asked of a cart what its lines, customer, shipping and codes say.
    #[test]
    fn the_request_says_what_the_cart_is(scenario in drawn(|draw| as_kept(scenario(draw)))) {
        asked(&scenario, |asked, sent| {
            prop_assert_eq!(asked.amount, sent.amount);
            prop_assert_eq!(asked.lines.len(), sent.lines.len());
            for (asked, sent) in asked.lines.iter().zip(&sent.lines) {
                let reference_id = asked.reference_id;
                prop_assert_eq!(asked, &promotion_core::cart::Line { reference_id, ..sent.clone() });
            }
            prop_assert_eq!(asked.customer_id.map(|id| id.key().into_owned()), sent.customer_id.map(|id| id.key().into_owned()));
            let is_told = sent.customer.as_ref().filter(|own| **own != nobody());
            prop_assert_eq!(asked.customer.as_ref().filter(|own| **own != nobody()), is_told);
            prop_assert_eq!(&asked.attributes, &sent.attributes);
            prop_assert_eq!(&asked.shipping, &sent.shipping);
            prop_assert_eq!(&asked.promo_codes, &sent.promo_codes);
            Ok(())
        })?;
    }

    /// "subTotal = totalDiscount + totalAmount holds always", and every discount is the sum of its parts.
    #[test]
    fn the_cart_object_adds_up(scenario in drawn(|draw| as_kept(scenario(draw)))) {
        let ruleset = scenario.compiled(scenario.sources());
        let (total, own) = scenario.situated(|situation| {
            let evaluation = evaluate(&ruleset, situation);
            let off: Money = evaluation.line_discounts.iter().chain(&evaluation.shipment_discounts).copied().sum();
            (off.0, priced(&ruleset, situation))
        });
        let text = serde_json::to_string(&own).expect("json");
        let json: Value = serde_json::from_str(&text).expect("json");
        let again = PricedCart::parse(&json);
        prop_assert_eq!(again.as_ref(), Ok(&own));
        let cart: Value = serde_json::to_value(object(5, &stored(&scenario, own), None)).expect("json");
        let number = |key: &str| millionths(&cart[key]);
        prop_assert_eq!(number("totalDiscount"), total);
        prop_assert_eq!(number("subTotal"), number("totalDiscount") + number("totalAmount"));
        let amounts = list(&cart["items"]).map(|item| &item["totalPrice"]["amount"]);
        let shipping = list(&cart["shipping"]).map(|own| &own["amount"]);
        prop_assert_eq!(number("subTotal"), sum(amounts.chain(shipping)));
        let promotions = || list(&cart["allPromosApplied"]);
        prop_assert_eq!(number("totalDiscount"), sum(promotions().map(|own| &own["discountAmount"])));
        let of_items = sum(list(&cart["items"]).map(|item| &item["price"]["discount"]["discountAmount"]));
        let of_shipping = sum(list(&cart["shipping"]).map(|own| &own["discount"]));
        prop_assert_eq!(number("totalDiscount"), of_items + of_shipping);
        for item in list(&cart["items"]) {
            let discount = &item["price"]["discount"];
            let parts = || list(&discount["promosApplied"]);
            prop_assert_eq!(millionths(&discount["discountAmount"]), sum(parts().map(|part| &part["discountAmount"])));
            prop_assert!(millionths(&discount["discountAmount"]) <= millionths(&item["totalPrice"]["amount"]));
            for part in parts() {
                prop_assert!(millionths(&part["discountAmount"]) > 0);
                let whole = promotions().find(|own| own["promoId"] == part["promoId"]);
                prop_assert_eq!(whole.map(|own| &own["on"]["kind"]), Some(&part["on"]["kind"]));
                let skus = if part["on"]["kind"] == "SKU" { json!([item["sku"]]) } else { json!([]) };
                prop_assert_eq!(&part["on"]["value"], &skus);
            }
        }
        for own in promotions() {
            let value = &own["on"]["value"];
            prop_assert_eq!(list(value).next().is_some(), own["on"]["kind"] == "SKU");
            let skus: Vec<&str> = list(value).filter_map(Value::as_str).collect();
            prop_assert!(skus.is_sorted_by(|a, b| a < b), "{skus:?}");
            prop_assert!(matches!(own["unit"].as_str(), Some("%OFF" | "AMOUNT_OFF" | "FIXED")));
            if own["unit"] == "%OFF" {
                prop_assert!(millionths(&own["value"]) <= 100 * ONE);
            }
        }
    }

    /// Suggested is what does not apply, for nothing but its condition; at most 5, each once, and something of it.
    #[test]
    fn suggestions_are_of_what_lacks_something(scenario in drawn(scenario)) {
        let ruleset = scenario.compiled(scenario.sources());
        scenario.situated(|situation| {
            let evaluation = evaluate(&ruleset, &Situation { explain: true, ..*situation });
            let own = suggestions(&ruleset, situation, &evaluation);
            prop_assert!(own.len() <= 5);
            prop_assert!(own.is_empty() || !situation.cart.lines.is_empty());
            let is_gross = serde_json::to_value(&ruleset.settings).expect("json")["conditionBase"] == "GROSS";
            for (index, suggestion) in own.iter().enumerate() {
                let place = suggestion.place;
                prop_assert!(suggestion.amount > 0);
                prop_assert!(suggestion.products.values.len() <= 50);
                prop_assert_eq!(suggestion.products.entity.is_none(), suggestion.products.values.is_empty());
                prop_assert!(evaluation.applied.iter().all(|applied| applied.place != place));
                prop_assert!(own[..index].iter().all(|other| other.place != place));
                let refused = evaluation.refused.iter().find(|refused| refused.place == place);
                if let (Some(refused), true) = (refused, is_gross) {
                    prop_assert!(matches!(refused.reason, Reason::ConditionNotMet(_)), "{refused:?}");
                }
            }
            Ok(())
        })?;
    }

    /// "a larger ruleset of promotions that do not match changes nothing", unless they are nearer: then those behind
    /// them fall out.
    #[test]
    fn other_promotions_change_no_suggestions((scenario, larger) in drawn(with_unmatched)) {
        let (few, many) = (nearly(&scenario), nearly(&larger));
        let is_known = |own: &&SuggestedProducts| scenario.promotions.iter().any(|known| known.id == own.promotion_id);
        let known: Vec<&SuggestedProducts> = many.iter().filter(is_known).collect();
        prop_assert_eq!(&known, &few.iter().take(known.len()).collect::<Vec<_>>());
        let room = 5 - (many.len() - known.len());
        prop_assert_eq!(known.len(), few.len().min(room));
    }
}

/// A customer of whom nothing is said.
fn nobody() -> promotion_core::cart::Customer<'static> {
    promotion_core::cart::Customer { tier: None, segments: None, programs: None, attributes: None }
}
