//! What a promotion that applied takes off, in a word, and what it falls on (spec/carts.md, allPromosApplied).

use promotion_core::money::shortest;
use serde_json::{Value, json};

use crate::shop::{Shop, lines, sku, with};

/// Of one promotion with this action: "unit value on kind skus discount", of a cart of 2 A at 10, 1 B at 30, and 2
/// more A at 12 beside, shipped for 5.
fn terms(action: Value) -> String {
    terms_with(&json!({}), json!({ "action": action }))
}

fn two_kinds() -> Value {
    let cart = lines(&[("A", "2", "20"), ("B", "1", "30"), ("A", "2", "24")]);
    with(cart, json!({"shipping": {"amount": 5}}))
}

fn terms_with(settings: &Value, mut promotion: Value) -> String {
    promotion["id"] = "p".into();
    let shop = Shop::with_settings(settings, &[promotion]);
    shop.priced(&two_kinds(), |_, _, priced| {
        let [own] = priced.promotions.as_slice() else { return "nothing".to_owned() };
        let word = |value: Value| value.as_str().expect("a word").to_owned();
        let unit = word(serde_json::to_value(own.terms.unit).expect("json"));
        let kind = word(serde_json::to_value(own.on.kind).expect("json"));
        let off = [unit, shortest(own.terms.value.0), "on".to_owned(), kind, own.on.value.join(",")];
        format!("{} {}", off.join(" ").trim_end(), shortest(own.discount.0))
    })
}

fn cart_based(kind: &str, value: impl Into<Value>) -> Value {
    json!({"type": "CART_BASED", "cartBasedAction": {"type": kind, "value": value.into()}})
}

fn product_based(kind: &str, value: impl Into<Value>, skus: &[&str]) -> Value {
    let selecting = json!({"type": "PRODUCT", "productCondition": {"criteriaList": [sku(skus)]}});
    json!({"type": "PRODUCT_BASED", "productBasedAction": {"type": kind, "value": value.into(),
        "productBasedCondition": selecting}})
}

fn shipping(kind: &str, value: impl Into<Value>) -> Value {
    json!({"type": "SHIPPING", "shippingBasedAction": {"type": kind, "value": value.into()}})
}

fn units_of(skus: &[&str], count: u32) -> Value {
    json!({"type": "PRODUCT", "productCondition": {"criteriaList": [sku(skus)], "kpi": "QUANTITY", "operator": "EQUALS",
        "value": count}})
}

fn multi(actions: &[Value]) -> Value {
    json!({"type": "MULTI", "multiAction": {"actions": actions}})
}

fn tiered(count_per: &str, kpi: &str, tiers: &[(u32, Value)]) -> Value {
    let tiers: Vec<Value> = tiers.iter().map(|(from, action)| json!({"from": from, "action": action})).collect();
    json!({"type": "TIERED", "tieredAction": {"kpi": kpi, "countPer": count_per, "tiers": tiers}})
}

#[test]
fn actions_on_the_cart() {
    assert_eq!(terms(cart_based("PERCENTAGE", "12.5")), "%OFF 12.5 on CART 9.25");
    assert_eq!(terms(cart_based("ABSOLUTE", 7)), "AMOUNT_OFF 7 on CART 7");
    assert_eq!(terms(cart_based("FIXED", 70)), "FIXED 70 on CART 4");
    // What it is, not what comes of it.
    assert_eq!(terms(cart_based("ABSOLUTE", 100)), "AMOUNT_OFF 100 on CART 74");
    let capped = json!({"type": "PERCENTAGE", "value": 50, "maxDiscount": 3});
    assert_eq!(terms(json!({"type": "CART_BASED", "cartBasedAction": capped})), "%OFF 50 on CART 3");
    let with_shipping = json!({"type": "PERCENTAGE", "value": 10, "scope": "ITEMS_AND_SHIPPING"});
    assert_eq!(terms(json!({"type": "CART_BASED", "cartBasedAction": with_shipping})), "%OFF 10 on CART 7.9");
}

#[test]
fn actions_on_lines_name_each_sku_once() {
    assert_eq!(terms(product_based("PERCENTAGE", 10, &["A"])), "%OFF 10 on SKU A 4.4");
    assert_eq!(terms(product_based("PERCENTAGE", 10, &["B", "A"])), "%OFF 10 on SKU A,B 7.4");
    assert_eq!(terms(product_based("ABSOLUTE", 4, &["B"])), "AMOUNT_OFF 4 on SKU B 4");
    let free = json!({"productBasedCondition": units_of(&["A"], 1)});
    assert_eq!(terms(json!({"type": "FREE_PRODUCT", "freeProductAction": free})), "%OFF 100 on SKU A 10");
    let fixed = json!({"value": 25, "productBasedCondition": units_of(&["B"], 1)});
    assert_eq!(terms(json!({"type": "FIXED_PRICE", "fixedPriceAction": fixed})), "FIXED 25 on SKU B 5");
}

#[test]
fn actions_on_the_shipping() {
    assert_eq!(terms(shipping("PERCENTAGE", 50)), "%OFF 50 on SHIPPING 2.5");
    assert_eq!(terms(shipping("ABSOLUTE", 2)), "AMOUNT_OFF 2 on SHIPPING 2");
    assert_eq!(terms(shipping("FIXED", 1)), "FIXED 1 on SHIPPING 4");
}

#[test]
fn gifts_are_free() {
    let gift = json!({"autoAdd": true, "productBasedCondition": units_of(&["G"], 2)});
    let gift = json!({"type": "FREE_PRODUCT", "freeProductAction": gift});
    assert_eq!(terms(gift.clone()), "%OFF 100 on SKU G 0");
    // One is there, two are to be added.
    let partly = json!({"autoAdd": true, "productBasedCondition": units_of(&["B"], 3)});
    let partly = json!({"type": "FREE_PRODUCT", "freeProductAction": partly});
    assert_eq!(terms(partly), "%OFF 100 on SKU B 30");
    let both = multi(&[product_based("PERCENTAGE", 100, &["A"]), gift]);
    assert_eq!(terms(both), "%OFF 100 on SKU A,G 44");
}

#[test]
fn a_reward_for_every_so_much() {
    let per_unit = |reward: Value| json!({"type": "PER_UNIT", "perUnitAction": {"perUnitKPI": "AMOUNT", "perUnitDivider": 20, "rewardAction": reward}});
    // 74 are three times 20.
    assert_eq!(terms(per_unit(cart_based("ABSOLUTE", 2))), "AMOUNT_OFF 2 on CART 6");
    assert_eq!(terms(per_unit(product_based("PERCENTAGE", 10, &["B"]))), "%OFF 10 on SKU B 3");
    let free = json!({"type": "FREE_PRODUCT", "freeProductAction": {"productBasedCondition": units_of(&["A"], 1)}});
    assert_eq!(terms(per_unit(free)), "%OFF 100 on SKU A 32");
}

#[test]
fn the_tier_that_is_reached() {
    let tiers = |third: u32| {
        tiered(
            "CART",
            "SUBTOTAL",
            &[
                (10, cart_based("PERCENTAGE", 5)),
                (70, product_based("ABSOLUTE", 8, &["B"])),
                (third, shipping("FIXED", 0)),
            ],
        )
    };
    assert_eq!(terms(tiers(75)), "AMOUNT_OFF 8 on SKU B 8");
    assert_eq!(terms(tiers(74)), "FIXED 0 on SHIPPING 5");
    let tiers = [(1, cart_based("PERCENTAGE", 5)), (5, cart_based("PERCENTAGE", 10)), (6, cart_based("FIXED", 1))];
    assert_eq!(terms(tiered("CART", "QUANTITY", &tiers)), "%OFF 10 on CART 7.4");
    assert_eq!(terms(tiered("CART", "QUANTITY", &tiers[2..])), "nothing");
    // Also where a condition is checked only when the promotion's turn comes.
    let net = json!({"conditionBase": "NET"});
    let own = json!({ "action": tiered("CART", "QUANTITY", &tiers) });
    assert_eq!(terms_with(&net, own), "%OFF 10 on CART 7.4");
}

#[test]
fn tiers_of_each_line() {
    let off =
        |percent: u32| json!({"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": percent}});
    // Lines of 2, 1 and 2 units: all are on tiers of 10 %.
    let equal = tiered("LINE", "QUANTITY", &[(1, off(10)), (2, off(10))]);
    assert_eq!(terms(equal), "%OFF 10 on SKU A,B 7.4");
    // The A lines get 20 %, B gets 10 %: 4 + 4.80 + 3.
    let different = tiered("LINE", "QUANTITY", &[(1, off(10)), (2, off(20))]);
    assert_eq!(terms(different), "AMOUNT_OFF 11.8 on SKU A,B 11.8");
    assert_eq!(terms(tiered("LINE", "QUANTITY", &[(2, off(20))])), "%OFF 20 on SKU A 8.8");
}

#[test]
fn tiers_that_count_per_line_and_differ_say_what_they_came_to() {
    let off =
        |percent: u32| json!({"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": percent}});
    let beyond = tiered("LINE", "QUANTITY", &[(2, off(20)), (100, off(50))]);
    assert_eq!(terms(beyond), "AMOUNT_OFF 8.8 on SKU A 8.8");
}

#[test]
fn several_actions_that_say_the_same() {
    let ten = |skus: &[&str]| product_based("PERCENTAGE", 10, skus);
    assert_eq!(terms(multi(&[ten(&["B"]), ten(&["A"])])), "%OFF 10 on SKU A,B 7.4");
    // Line and shipping: the cart as a whole.
    assert_eq!(terms(multi(&[ten(&["B"]), shipping("PERCENTAGE", 10)])), "%OFF 10 on CART 3.5");
    assert_eq!(terms(multi(&[ten(&["B"]), cart_based("PERCENTAGE", 10)])), "%OFF 10 on CART 10.4");
}

#[test]
fn several_actions_that_differ_are_what_they_come_to() {
    let other = multi(&[product_based("PERCENTAGE", 10, &["B"]), product_based("PERCENTAGE", 20, &["A"])]);
    assert_eq!(terms(other), "AMOUNT_OFF 11.8 on SKU A,B 11.8");
    let units = multi(&[product_based("ABSOLUTE", 10, &["B"]), shipping("PERCENTAGE", 10)]);
    assert_eq!(terms(units), "AMOUNT_OFF 10.5 on CART 10.5");
    let cart_and_shipping = multi(&[cart_based("ABSOLUTE", 4), shipping("FIXED", 4)]);
    assert_eq!(terms(cart_and_shipping), "AMOUNT_OFF 5 on CART 5");
    let tier = tiered("CART", "QUANTITY", &[(1, cart_based("ABSOLUTE", 3)), (100, cart_based("ABSOLUTE", 9))]);
    assert_eq!(terms(multi(&[product_based("ABSOLUTE", 3, &["A"]), tier])), "AMOUNT_OFF 3 on CART 6");
}

#[test]
fn a_code_names_itself_as_it_was_sent() {
    let shop = Shop::new(&[
        json!({"id": "automatic"}),
        json!({"id": "unlocked", "name": "Ten off", "type": "CODE", "code": "TEN"}),
    ]);
    let request = with(two_kinds(), json!({"promoCodes": ["ten"]}));
    shop.priced(&request, |_, _, priced| {
        let own = |own: &promotion_core::stored_cart::PricedPromotion| {
            (own.promotion_id.clone(), own.promo_code.clone(), own.name.clone())
        };
        let mut found: Vec<_> = priced.promotions.iter().map(own).collect();
        found.sort();
        assert_eq!(found[0], ("automatic".to_owned(), None, "automatic".to_owned()));
        assert_eq!(found[1], ("unlocked".to_owned(), Some("ten".to_owned()), "Ten off".to_owned()));
    });
}
