//! What is kept of a cart's evaluation, as promo.cart.pricing has it.

use promotion_core::money::{Decimal, Money, Quantity};
use promotion_core::stored_cart::{
    On, OnKind, PricedCart, PricedGift, PricedPromotion, PricedVoucher, SuggestedProducts,
};
use promotion_core::terms::{Terms, Unit};
use serde_json::{Value, json};

use crate::kept::cents;
use crate::shop::{DAY, NOW, Shop, lines, with};

/// What promotions take off each of so many lines.
fn line_discounts(priced: &PricedCart, lines: usize) -> Vec<Money> {
    let off = |line: usize| {
        let parts = priced.promotions.iter().flat_map(|own| &own.lines).filter(|(own, _)| *own == line);
        parts.map(|(_, discount)| *discount).sum()
    };
    (0..lines).map(off).collect()
}

/// What is stored of it.
fn json(priced: &PricedCart) -> String {
    serde_json::to_string(priced).expect("json")
}

fn read(text: &str) -> PricedCart {
    let json: Value = serde_json::from_str(text).expect("json");
    PricedCart::parse(&json).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn full() -> PricedCart {
    let promotion = |unit: Unit, kind: OnKind, value: &[&str]| PricedPromotion {
        promotion_id: "65f0c0ffee65f0c0ffee65f0".to_owned(),
        promo_code: Some("S\"ave\u{e9}".to_owned()),
        name: "n".repeat(50),
        terms: Terms { unit, value: Decimal(12_500_000) },
        on: On { kind, value: value.iter().map(|sku| (*sku).to_owned()).collect() },
        discount: Money(999_999_999_999_999_999_999),
        lines: vec![(0, Money(1)), (9_999, cents(5))],
    };
    PricedCart {
        total_discount: Money(999_999_999_999_999_990_000),
        promotions: vec![
            promotion(Unit::PercentOff, OnKind::Sku, &["A", "B"]),
            promotion(Unit::AmountOff, OnKind::Cart, &[]),
            PricedPromotion { promo_code: None, lines: Vec::new(), ..promotion(Unit::Fixed, OnKind::Shipping, &[]) },
        ],
        shipments: vec![Money::ZERO, cents(490)],
        gifts: vec![PricedGift { promotion_id: "g".to_owned(), sku: "G".to_owned(), quantity: Quantity(2_500_000) }],
        vouchers: vec![PricedVoucher {
            promotion_id: "v".to_owned(),
            earn_id: None,
            name: "Voucher".to_owned(),
            value: cents(500),
            redeemable: cents(1),
        }],
        suggestions: vec![SuggestedProducts {
            promotion_id: "s".to_owned(),
            kpi: "LINE_AMOUNT".to_owned(),
            amount: Decimal(1),
            entity: "ATTRIBUTE".to_owned(),
            attribute_name: Some("color".to_owned()),
            values: vec!["x".repeat(300), String::new()],
        }],
    }
}

#[test]
fn it_is_read_as_it_was_written() {
    for priced in [PricedCart::default(), full()] {
        assert_eq!(read(&json(&priced)), priced);
    }
}

#[test]
fn what_promotions_take_off_each_line() {
    let mut priced = full();
    priced.promotions[0].lines = vec![(0, cents(1)), (2, cents(5))];
    priced.promotions[1].lines = vec![(2, cents(7))];
    assert_eq!(line_discounts(&priced, 3), [cents(1), Money::ZERO, cents(12)]);
    assert_eq!(line_discounts(&priced, 1), [cents(1)]);
    assert_eq!(line_discounts(&priced, 0), []);
}

#[test]
fn what_is_kept_of_an_evaluation() {
    let voucher = json!({"id": "pays", "type": "CUSTOMER", "mode": "PAYMENT_VOUCHER",
        "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 50}}});
    let gift = json!({"id": "gives", "action": {"type": "FREE_PRODUCT", "freeProductAction": {"autoAdd": true,
        "productBasedCondition": {"type": "PRODUCT", "productCondition": {"criteriaList": [
            {"entity": "SKU", "operator": "IN", "values": ["G"]}], "kpi": "QUANTITY", "operator": "EQUALS", "value": 2}}}}});
    let ships = json!({"id": "ships",
        "action": {"type": "SHIPPING", "shippingBasedAction": {"type": "PERCENTAGE", "value": 100, "methods": ["post"]}}});
    let mut shop = Shop::new(&[json!({"id": "off"}), gift, ships, voucher]);
    shop.issue("earn", "pays", NOW + DAY);
    let shipping = json!([{"method": "courier", "amount": 3}, {"method": "post", "amount": 2}]);
    let request = with(lines(&[("A", "1", "20"), ("B", "3", "10")]), json!({"customerId": 1, "shipping": shipping}));
    shop.priced(&request, |_, _, priced| {
        // 10 % of 30 and the shipping of 2; what a voucher pays is no discount.
        assert_eq!(priced.total_discount, cents(500));
        assert_eq!(priced.shipments, [Money::ZERO, cents(200)]);
        let mut ids: Vec<&str> = priced.promotions.iter().map(|own| own.promotion_id.as_str()).collect();
        ids.sort_unstable();
        assert_eq!(ids, ["gives", "off", "ships"]);
        let off = priced.promotions.iter().find(|own| own.promotion_id == "off").expect("it applies");
        assert_eq!((off.discount, &off.lines), (cents(300), &vec![(0, cents(200)), (1, cents(100))]));
        assert_eq!(line_discounts(priced, 2), [cents(200), cents(100)]);
        let gift = PricedGift { promotion_id: "gives".to_owned(), sku: "G".to_owned(), quantity: Quantity(2_000_000) };
        assert_eq!(priced.gifts, [gift]);
        let voucher = PricedVoucher {
            promotion_id: "pays".to_owned(),
            earn_id: Some("earn".to_owned()),
            name: "pays".to_owned(),
            value: cents(5_000),
            redeemable: cents(3_000),
        };
        assert_eq!(priced.vouchers, [voucher]);
        assert_eq!(read(&json(priced)), *priced);
    });
}

#[test]
fn the_largest_numbers_are_read_again() {
    let most = json!({"type": "PRODUCT", "productCondition": {"criteriaList": [
        {"entity": "SKU", "operator": "IN", "values": ["Z"]}], "kpi": "QUANTITY", "operator": "GREATER_THAN_OR_EQUAL",
        "value": "1000000000"}});
    let shop = Shop::new(&[json!({"id": "p", "type": "CODE", "code": "C", "condition": most})]);
    let request = with(lines(&[("A", "1", "20")]), json!({"promoCodes": ["C"]}));
    shop.priced(&request, |_, _, priced| {
        assert_eq!(priced.suggestions.len(), 1);
        let text = json(priced);
        let json: Value = serde_json::from_str(&text).expect("json");
        assert_eq!(PricedCart::parse(&json).as_ref(), Ok(priced), "{text}");
    });
}

#[test]
fn the_largest_gifts_are_read_again() {
    let two = json!({"type": "PRODUCT", "productCondition": {"criteriaList": [
        {"entity": "SKU", "operator": "IN", "values": ["A"]}], "kpi": "QUANTITY", "operator": "GREATER_THAN_OR_EQUAL",
        "value": 1}});
    let gifts = json!({"type": "FREE_PRODUCT", "freeProductAction": {"autoAdd": true,
        "productBasedCondition": {"type": "PRODUCT", "productCondition": {"criteriaList": [
            {"entity": "SKU", "operator": "IN", "values": ["G"]}], "kpi": "QUANTITY", "operator": "EQUALS",
            "value": "999999999999999"}}}});
    let shop = Shop::new(&[json!({"id": "p", "condition": two, "action": gifts})]);
    shop.priced(&lines(&[("A", "2", "20")]), |_, _, priced| {
        assert_eq!(priced.gifts.len(), 1);
        let text = json(priced);
        let json: Value = serde_json::from_str(&text).expect("json");
        assert_eq!(PricedCart::parse(&json).as_ref(), Ok(priced), "{text}");
    });
}
