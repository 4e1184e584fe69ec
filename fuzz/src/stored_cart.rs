//! promo_create_cart and promo_update_cart: an array of a cart that is made and of changes, one after the other.
//! What is refused changes nothing; what is let in can be priced, and is read again as it is kept.

use std::sync::LazyLock;

use promotion_core::cart::Cart;
use promotion_core::evaluate::{Situation, evaluate};
use promotion_core::instant::Instant;
use promotion_core::json::{STORED_LIMITS, read};
use promotion_core::ruleset::Ruleset;
use promotion_core::settings::Settings;
use promotion_core::stored_cart::{
    Attributes, CartState, Changes, Content, NewCart, PricedCart, Shipment, StoredCart, object,
};
use promotion_core::suggestion::suggestions;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::check::{json, parsed};
use crate::evaluation::{check, ruleset};

const CART_ID: &str = "65f0c0ffee65f0c0ffee65f0";

/// Each change is a call of its own: more of them say no more of one.
const MOST_CHANGES: usize = 8;

/// Some promotions that most carts are near to.
static RULESET: LazyLock<Ruleset> = LazyLock::new(|| {
    ruleset(&json!([
        {"condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 10}},
         "action": {"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 10}}},
        {"isStackable": true,
         "condition": {"type": "PRODUCT", "productCondition": {"kpi": "QUANTITY", "operator": "GREATER_THAN_OR_EQUAL",
             "value": 2, "criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["A"]}]}},
         "action": {"type": "PRODUCT_BASED", "productBasedAction": {"type": "ABSOLUTE", "value": 1}}},
    ]))
});

pub fn run(input: &[u8]) -> bool {
    let Some(json) = json(input) else { return false };
    let (create, changes) = match &json {
        Value::Array(all) => (all.first().unwrap_or(&Value::Null), all.get(1..).unwrap_or_default()),
        one => (one, &[][..]),
    };
    let Ok(new) = parsed("a new cart", input.len(), || NewCart::parse(create)) else { return true };
    let rounding = Settings::default().rounding_of(new.currency.unwrap_or(Settings::default().currency));
    let mut content = Content::new(new.currency.unwrap_or(Settings::default().currency));
    if content.change(new.changes, rounding).is_err() {
        return true;
    }
    price(&content, new.state);
    for own in changes.iter().take(MOST_CHANGES) {
        let Ok(changes) = parsed("changes", input.len(), || Changes::parse(own)) else { continue };
        let state = changes.state.unwrap_or(new.state);
        let mut next = content.clone();
        if next.change(changes, rounding).is_ok() {
            price(&next, state);
            content = next;
        }
    }
    true
}

/// A part of a cart reads as it is written.
fn kept<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(part: &T) {
    let stored: Value = serde_json::from_str(&serde_json::to_string(part).expect("json")).expect("json");
    assert_eq!(read::<_, T>(&stored, STORED_LIMITS).as_ref(), Ok(part), "{stored}");
}

fn price(content: &Content, state: CartState) {
    kept::<Option<Vec<Shipment>>>(&content.shipping);
    kept::<Option<Attributes>>(&content.attributes);
    content.items.iter().for_each(|item| kept::<Option<Attributes>>(&item.attributes));
    let request = serde_json::to_string(&content.request(CART_ID)).expect("json");
    let request: Value = serde_json::from_str(&request).expect("json");
    let cart = Cart::parse(&request).unwrap_or_else(|error| panic!("{error}: {request}"));
    assert_eq!((cart.amount, cart.lines.len()), (content.amount(), content.items.len()), "{request}");
    assert_eq!(cart.shipping_amount(), content.shipping_amount(), "{request}");
    assert_eq!(cart.customer_id.map(|id| id.key().into_owned()), content.customer_id(), "{request}");
    let situation = Situation::new(&cart, Instant(1_767_225_600_000));
    check(&RULESET, &situation, &request);
    let evaluation = evaluate(&RULESET, &situation);
    let nearly = suggestions(&RULESET, &situation, &evaluation);
    let priced = PricedCart::new(&RULESET, &evaluation, nearly, |line| cart.lines[line].sku.to_owned());
    let total_discount = priced.total_discount;
    let stored = StoredCart {
        cart_id: CART_ID.to_owned(),
        state,
        created_at: 0,
        updated_at: 1,
        rounding: Settings::default().rounding_of(content.currency),
        content: content.clone(),
        priced,
        evaluation_id: None,
        valid_till: None,
        transaction_id: None,
    };
    assert!(total_discount <= content.sub_total(), "{request}");
    let shown = serde_json::to_string(&object(1, &stored, None)).expect("json");
    assert!(serde_json::from_str::<Value>(&shown).is_ok(), "{shown}");
}
