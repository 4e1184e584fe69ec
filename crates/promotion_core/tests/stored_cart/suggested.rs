//! Which promotions a cart is told of, and in which order.

use serde_json::{Value, json};

use crate::shop::{DAY, NOW, Shop, any_of, cart_is, combo, lines, of_product, product, sku, tree, with};
use promotion_core::situation::Till;

/// 2 A at 10, 3 B at 5: 35 in all.
fn cart() -> Value {
    lines(&[("A", "2", "20"), ("B", "3", "15")])
}

fn from(subtotal: u32) -> Value {
    cart_is("SUBTOTAL", "GREATER_THAN_OR_EQUAL", subtotal)
}

fn at_least(values: &[&str], quantity: u32) -> Value {
    product(json!([sku(values)]), "QUANTITY", "GREATER_THAN_OR_EQUAL", quantity)
}

const NOTHING: &[&str] = &[];

#[test]
fn those_first_that_lack_the_smallest_part() {
    // 15 of 50, 5 of 40, 1 of 3, 25 of 60, 1 of 6, 3 of 6.
    let shop = Shop::new(&[
        json!({"id": "50", "condition": from(50)}),
        json!({"id": "40", "condition": from(40)}),
        json!({"id": "3A", "condition": of_product(at_least(&["A"], 3))}),
        json!({"id": "60", "condition": from(60)}),
        json!({"id": "6", "condition": cart_is("QUANTITY", "GREATER_THAN_OR_EQUAL", 6)}),
        json!({"id": "6B", "condition": of_product(at_least(&["B"], 6))}),
    ]);
    let expected = [
        "40: 5 SUBTOTAL of ANY",
        "6: 1 QUANTITY of ANY",
        "50: 15 SUBTOTAL of ANY",
        "3A: 1 QUANTITY of SKU A",
        "60: 25 SUBTOTAL of ANY",
    ];
    assert_eq!(shop.suggested(&cart()), expected);
}

#[test]
fn then_by_rank_and_at_most_five() {
    let promotion = |id: &str, keys: Value| {
        let mut own = json!({"id": id, "condition": from(70)});
        for (key, value) in keys.as_object().expect("keys") {
            own[key] = value.clone();
        }
        own
    };
    let shop = Shop::new(&[
        promotion("later", json!({})),
        promotion("latest", json!({})),
        promotion("urgent", json!({"priority": 1})),
        promotion("second stage", json!({"stage": 1, "priority": 0})),
        promotion("alone", json!({"isStackable": false})),
        promotion("sooner", json!({"endDateISO": "2027-01-01T00:00:00Z"})),
        promotion("nearer", json!({"condition": from(69)})),
    ]);
    let of = |id: &str, amount: u32| format!("{id}: {amount} SUBTOTAL of ANY");
    let expected = [of("nearer", 34), of("alone", 35), of("urgent", 35), of("sooner", 35), of("later", 35)];
    assert_eq!(shop.suggested(&cart()), expected);
}

#[test]
fn what_applies_is_not_suggested() {
    let shop = Shop::new(&[json!({"id": "on", "condition": from(35)}), json!({"id": "off", "condition": from(36)})]);
    assert_eq!(shop.applied(&cart()), ["on"]);
    assert_eq!(shop.suggested(&cart()), ["off: 1 SUBTOTAL of ANY"]);
    // Nor what would apply if another did not keep it from it.
    let shop = Shop::new(&[
        json!({"id": "first", "isStackable": false, "condition": from(35)}),
        json!({"id": "second", "condition": from(35)}),
        json!({"id": "third", "condition": from(36)}),
    ]);
    assert_eq!(shop.applied(&cart()), ["first"]);
    assert_eq!(shop.suggested(&cart()), ["third: 1 SUBTOTAL of ANY"]);
    // One that applies only for the time being: of what is left its condition does not hold any more.
    let net = json!({"conditionBase": "NET"});
    let shop = Shop::with_settings(&net, &[json!({"id": "on", "condition": from(35)})]);
    assert_eq!(shop.applied(&cart()), ["on"]);
    assert_eq!(shop.suggested(&cart()), NOTHING);
}

#[test]
fn nothing_that_this_cart_can_not_have() {
    let out_of_scope = [
        json!({"startDateISO": "2026-01-02T00:00:00Z"}),
        json!({"endDateISO": "2025-12-31T23:59:59Z"}),
        json!({"storeCriteria": {"type": "STORE", "values": ["S2"], "operator": "IN"}}),
        json!({"timeCriteria": {"startTime": "12:00", "durationInHours": 1, "repeatFrequency": "DAYS"}}),
        json!({"supplementaryCriteria": {"loyaltyProgramId": 7}}),
        json!({"isLoyaltyOnly": true}),
        json!({"currency": "EUR"}),
        json!({"type": "CODE"}),
        json!({"type": "CUSTOMER"}),
        json!({"type": "EARNING"}),
        json!({"type": "REWARD"}),
        json!({"mode": "PAYMENT_VOUCHER", "type": "CODE",
            "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 1}}}),
        json!({"promotionRestrictions": {"Promotion": [{"kpi": "REDEMPTION", "limit": 3}]}}),
        json!({"promotionRestrictions": {"Promotion": [{"kpi": "DISCOUNT", "limit": 3}]}}),
        json!({"promotionRestrictions": {"Customer": [{"kpi": "TRANSACTION", "limit": 1}]}}),
    ];
    for mut own in out_of_scope {
        own["id"] = "p".into();
        own["condition"] = from(50);
        let mut shop = Shop::new(std::slice::from_ref(&own));
        shop.use_up("p", 0, 3);
        assert_eq!(shop.suggested(&cart()), NOTHING, "{own}");
        let nearby = json!({"id": "q", "condition": from(50)});
        let shop = Shop::new(&[own.clone(), nearby]);
        let suggested = shop.suggested(&cart());
        assert_eq!(suggested.last().map(String::as_str), Some("q: 15 SUBTOTAL of ANY"), "{own}");
    }
}

#[test]
fn what_this_cart_can_have() {
    let promotion = |keys: Value| {
        let mut own = json!({"id": "p", "condition": from(50)});
        for (key, value) in keys.as_object().expect("keys") {
            own[key] = value.clone();
        }
        own
    };
    let expected = ["p: 15 SUBTOTAL of ANY"];
    let member = json!({"customerId": 1, "customer": {"programs": [{"loyaltyProgramId": 7}]}});
    let loyal = promotion(json!({"isLoyaltyOnly": true, "supplementaryCriteria": {"loyaltyProgramId": 7},
        "promotionRestrictions": {"Customer": [{"kpi": "TRANSACTION", "limit": 4}]}}));
    let mut shop = Shop::new(&[loyal]);
    shop.use_up("p", 0, 3);
    assert_eq!(shop.suggested(&with(cart(), member.clone())), expected);
    assert_eq!(shop.suggested(&cart()), NOTHING);
    shop.use_up("p", 0, 4);
    assert_eq!(shop.suggested(&with(cart(), member)), NOTHING);

    let store = json!({"storeCriteria": {"type": "STORE", "values": ["S1"], "operator": "IN"}});
    let mut shop = Shop::new(&[promotion(store)]);
    for (store, expected) in [("S1", &expected[..]), ("S2", NOTHING)] {
        shop.till = Some(Till { store: Some(store.to_owned()), ..Till::default() });
        assert_eq!(shop.suggested(&cart()), expected);
    }

    let shop = Shop::new(&[promotion(json!({"currency": "EUR"}))]);
    assert_eq!(shop.suggested(&with(cart(), json!({"currency": "EUR"}))), expected);
    let midnight = json!({"timeCriteria": {"startTime": "00:00", "durationInHours": 1, "repeatFrequency": "DAYS"}});
    assert_eq!(Shop::new(&[promotion(midnight)]).suggested(&cart()), expected);
}

#[test]
fn codes_that_are_on_the_cart() {
    // Nothing that it wants is in the cart.
    let condition = of_product(at_least(&["Z"], 2));
    let shop = Shop::new(&[json!({"id": "p", "type": "CODE", "code": "SAVE", "condition": condition})]);
    assert_eq!(shop.suggested(&cart()), NOTHING);
    assert_eq!(shop.suggested(&with(cart(), json!({"promoCodes": ["OTHER"]}))), NOTHING);
    assert_eq!(shop.suggested(&with(cart(), json!({"promoCodes": ["save"]}))), ["p: 2 QUANTITY of SKU Z"]);
    let mut shop = Shop::new(&[json!({"id": "p", "type": "CODE", "code": "SAVE", "condition": from(50),
        "promotionRestrictions": {"Promotion": [{"kpi": "REDEMPTION", "limit": 1}]}})]);
    let sent = with(cart(), json!({"promoCodes": ["SAVE"]}));
    assert_eq!(shop.suggested(&sent), ["p: 15 SUBTOTAL of ANY"]);
    shop.use_up("p", 0, 1);
    assert_eq!(shop.suggested(&sent), NOTHING);
}

#[test]
fn instances_that_the_customer_has() {
    for kind in ["CUSTOMER", "EARNING", "REWARD"] {
        let mut shop = Shop::new(&[json!({"id": "p", "type": kind, "condition": from(50)})]);
        let known = with(cart(), json!({"customerId": 1}));
        assert_eq!(shop.suggested(&known), NOTHING, "{kind}");
        shop.issue("expired", "p", NOW - 1);
        assert_eq!(shop.suggested(&known), NOTHING, "{kind}");
        shop.issue("e1", "p", NOW + DAY);
        shop.issue("e2", "p", NOW + DAY);
        assert_eq!(shop.suggested(&known), ["p: 15 SUBTOTAL of ANY"], "{kind}");
        assert_eq!(shop.suggested(&cart()), NOTHING, "{kind}");
    }
}

#[test]
fn automatic_ones_have_something_to_do_with_the_cart() {
    let of = |condition: Value| Shop::new(&[json!({"id": "p", "condition": condition})]).suggested(&cart());
    assert_eq!(of(of_product(at_least(&["Z"], 1))), NOTHING);
    assert_eq!(of(of_product(at_least(&["A", "Z"], 9))), ["p: 7 QUANTITY of SKU A,Z"]);
    assert_eq!(of(of_product(any_of(json!([sku(&["Z"])])))), NOTHING);
    // Any of the parts leads there.
    let (a, z) = (of_product(at_least(&["A"], 1)), of_product(at_least(&["Z"], 1)));
    let expected = ["p: 1 QUANTITY of SKU Z"];
    assert_eq!(of(tree("ALL", &[z.clone(), a.clone()])), expected);
    assert_eq!(of(tree("ALL", &[a.clone(), z.clone()])), expected);
    assert_eq!(of(tree("ALL", &[tree("ALL", &[z.clone(), a.clone()])])), expected);
    assert_eq!(of(combo(&[at_least(&["Z"], 1), at_least(&["A"], 1)])), expected);
    assert_eq!(of(tree("ALL", &[combo(&[at_least(&["Z"], 1), at_least(&["A"], 1)])])), expected);
    assert_eq!(of(tree("ALL", &[z, from(30)])), expected);
}

#[test]
fn conditions_on_what_promotions_leave() {
    // 10 % of 35 is 3.50: 31.50 are left.
    let promotions = [
        json!({"id": "off", "priority": 0}),
        json!({"id": "p", "condition": from(35)}),
        json!({"id": "q", "condition": of_product(product(json!([sku(&["A"])]), "AMOUNT", "GREATER_THAN_OR_EQUAL", 20))}),
    ];
    let net = Shop::with_settings(&json!({"conditionBase": "NET"}), &promotions);
    assert_eq!(net.applied(&cart()), ["off"]);
    assert_eq!(net.suggested(&cart()), ["p: 3.5 SUBTOTAL of ANY", "q: 2 AMOUNT of SKU A"]);
    let gross = Shop::new(&promotions);
    assert_eq!(gross.applied(&cart()).len(), 3);
    assert_eq!(gross.suggested(&cart()), NOTHING);
}

#[test]
fn a_total_on_what_promotions_leave() {
    // The shipping of 5 is free: 35 are left of 40.
    let free = json!({"type": "SHIPPING", "shippingBasedAction": {"type": "PERCENTAGE", "value": 100}});
    let promotions = |total: u32| {
        [
            json!({"id": "ships", "priority": 0, "action": free}),
            json!({"id": "p", "stage": 1, "condition": cart_is("TOTAL", "GREATER_THAN_OR_EQUAL", total)}),
        ]
    };
    let shipped = with(cart(), json!({"shipping": {"amount": 5}}));
    for (total, expected) in [(50, "p: 15 TOTAL of ANY"), (38, "p: 3 TOTAL of ANY")] {
        let net = Shop::with_settings(&json!({"conditionBase": "NET"}), &promotions(total));
        assert_eq!(net.applied(&shipped), ["ships"]);
        assert_eq!(net.suggested(&shipped), [expected]);
    }
}

#[test]
fn unit_prices_are_those_sent_also_on_what_promotions_leave() {
    let dear = json!({"entity": "UNIT_PRICE", "operator": "GREATER_THAN_OR_EQUAL", "values": [10]});
    let condition = of_product(product(json!([sku(&["A"]), dear]), "QUANTITY", "GREATER_THAN_OR_EQUAL", 3));
    let promotions = [json!({"id": "off", "priority": 0}), json!({"id": "p", "condition": condition})];
    let net = Shop::with_settings(&json!({"conditionBase": "NET"}), &promotions);
    assert_eq!(net.applied(&cart()), ["off"]);
    assert_eq!(net.suggested(&cart()), ["p: 1 QUANTITY of SKU A"]);
    // It really is one unit.
    assert_eq!(net.applied(&lines(&[("A", "3", "30"), ("B", "3", "15")])), ["off", "p"]);
}

#[test]
fn a_part_of_a_combo_that_has_more_than_it_needs() {
    // Two burgers in the cart, one is wanted: the fries alone are missing.
    let exactly = |value: &str| product(json!([sku(&[value])]), "QUANTITY", "EQUALS", 1);
    let condition = combo(&[exactly("A"), exactly("FRIES")]);
    let shop = Shop::new(&[json!({"id": "p", "condition": condition})]);
    assert_eq!(shop.applied(&lines(&[("A", "2", "20"), ("FRIES", "1", "4")])), ["p"]);
    assert_eq!(shop.suggested(&cart()), ["p: 1 QUANTITY of SKU FRIES"]);
}

#[test]
fn parts_of_a_combo_that_share_units() {
    // Three A and two of A or C: with two A, three more units are missing, one A alone unlocks nothing.
    let condition = combo(&[at_least(&["A"], 3), at_least(&["A", "C"], 2)]);
    let shop = Shop::new(&[json!({"id": "p", "condition": condition})]);
    assert_eq!(shop.applied(&lines(&[("A", "3", "30"), ("B", "3", "15")])), NOTHING);
    assert_eq!(shop.suggested(&cart()), NOTHING);
}

#[test]
fn a_part_of_a_combo_wants_a_whole_unit() {
    let condition = combo(&[any_of(json!([sku(&["A"])])), any_of(json!([sku(&["C"])]))]);
    let shop = Shop::new(&[json!({"id": "p", "condition": condition})]);
    assert_eq!(shop.applied(&lines(&[("A", "0.25", "2"), ("C", "1", "1")])), NOTHING);
    // Both lack something; of three quarters of A, with C there, it is A.
    assert_eq!(shop.suggested(&lines(&[("A", "0.25", "2")])), NOTHING);
    assert_eq!(shop.suggested(&lines(&[("A", "0.25", "2"), ("C", "1", "1")])), ["p: 0.75 QUANTITY of SKU A"]);
}

#[test]
fn conditions_that_no_product_unlocks_any_more() {
    let few = cart_is("QUANTITY", "LESS_THAN_OR_EQUAL", 5);
    let of = |condition: Value| Shop::new(&[json!({"id": "p", "condition": condition})]).suggested(&cart());
    // A third A would be a sixth unit.
    assert_eq!(of(tree("ALL", &[few, of_product(at_least(&["A"], 3))])), NOTHING);
    // A part of a COMBO never holds on no units at all.
    let none = product(json!([sku(&["Z"])]), "QUANTITY", "LESS_THAN", 2);
    assert_eq!(of(combo(&[none, at_least(&["A"], 3)])), NOTHING);
}

#[test]
fn promotions_of_other_stores_are_in_nobody_s_way() {
    let elsewhere = json!({"type": "STORE", "values": ["elsewhere"], "operator": "IN"});
    let other =
        |index: u32| json!({"id": format!("o{index}"), "condition": from(36 + index), "storeCriteria": elsewhere});
    let mut promotions: Vec<Value> = (0..20).map(other).collect();
    promotions.push(json!({"id": "p", "condition": from(60)}));
    assert_eq!(Shop::new(&promotions).suggested(&cart()), ["p: 25 SUBTOTAL of ANY"]);
    // Nor are those in other currencies: 500 yen are no 500 dollars.
    let yen = |index: u32| json!({"id": format!("y{index}"), "condition": from(36 + index), "currency": "JPY"});
    let mut promotions: Vec<Value> = (0..20).map(yen).collect();
    promotions.push(json!({"id": "p", "condition": from(60)}));
    assert_eq!(Shop::new(&promotions).suggested(&cart()), ["p: 25 SUBTOTAL of ANY"]);
}

#[test]
fn a_line_that_is_to_be_exactly_so() {
    // The line of 5 is past it; the one of 2 lacks 1.
    let condition = of_product(product(json!([sku(&["A"])]), "LINE_QUANTITY", "EQUALS", 3));
    let shop = Shop::new(&[json!({"id": "p", "condition": condition})]);
    let request = lines(&[("A", "5", "50"), ("A", "2", "20")]);
    assert_eq!(shop.suggested(&request), ["p: 1 LINE_QUANTITY of SKU A"]);
}

#[test]
fn only_products_that_unlock_it() {
    let of = |criteria: Value, kpi: &str| {
        let condition = of_product(product(criteria, kpi, "GREATER_THAN_OR_EQUAL", 3));
        Shop::new(&[json!({"id": "p", "condition": condition})]).suggested(&cart())
    };
    // A is in the cart: more of it are no more distinct SKUs.
    assert_eq!(of(json!([sku(&["A", "B", "C"])]), "ITEMCOUNT"), ["p: 1 ITEMCOUNT of SKU C"]);
    // No third SKU counts.
    assert_eq!(of(json!([sku(&["A", "B"])]), "ITEMCOUNT"), NOTHING);
    let not_b = json!({"entity": "SKU", "operator": "NOT_IN", "values": ["B"]});
    assert_eq!(of(json!([sku(&["A", "B"]), not_b]), "QUANTITY"), ["p: 1 QUANTITY of SKU A"]);
    assert_eq!(of(json!([sku(&["A", "C"]), sku(&["A", "D"])]), "QUANTITY"), ["p: 1 QUANTITY of SKU A"]);
    let alternatives = json!([{"anyOf": [sku(&["A", "C"]), sku(&["A", "D"])]}]);
    assert_eq!(of(alternatives, "QUANTITY"), ["p: 1 QUANTITY of SKU A,C,D"]);
}

#[test]
fn counts_of_products_are_whole() {
    let of = |operator: &str| {
        let condition = cart_is("ITEMCOUNT", operator, "2.5");
        Shop::new(&[json!({"id": "p", "condition": condition})]).suggested(&cart())
    };
    assert_eq!(of("GREATER_THAN"), ["p: 1 ITEMCOUNT of ANY"]);
    assert_eq!(of("EQUALS"), NOTHING);
}

#[test]
fn what_no_unit_can_cost_is_no_reason_to_fail() {
    // A millionth of a unit for all that an amount can be: a whole one would cost a million times that.
    let request = lines(&[("A", "0.000001", "999999999999999")]);
    for kpi in ["QUANTITY", "LINE_QUANTITY"] {
        let both = tree(
            "ALL",
            &[
                of_product(product(json!([sku(&["A", "C"])]), kpi, "GREATER_THAN_OR_EQUAL", 999_999_999)),
                cart_is("SUBTOTAL", "GREATER_THAN_OR_EQUAL", 1),
            ],
        );
        assert_eq!(Shop::new(&[json!({"id": "p", "condition": both})]).suggested(&request), NOTHING, "{kpi}");
    }
}
