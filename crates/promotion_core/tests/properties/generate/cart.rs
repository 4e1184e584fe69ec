//! Requests.

use serde_json::{Value, json};

use super::{Amounts, object, optional};
use crate::draw::Draw;
use crate::numbers::{CENT, ONE, number};
use crate::scenario::{CartSpec, LineSpec};

/// A product's SKU and what it comes with; few, so that lines tie often.
pub fn product(draw: &mut Draw<'_>) -> (&'static str, Value) {
    match draw.below(6) {
        0 => ("a", json!({"categoryList": ["coffee"], "brandList": ["X"], "attributes": {"color": "red"}})),
        1 => (
            "b",
            json!({"categoryList": ["toys", "drinks"], "brandList": ["X", "Y"],
            "attributes": {"size": [5, "L"]}}),
        ),
        2 => ("c", json!({"categoryList": ["toys"], "attributes": {"color": ["blue", "red"], "size": "6"}})),
        3 => ("a", json!({"categoryList": ["coffee"], "brandList": ["Y"]})),
        4 => ("g", json!({"categoryList": ["gifts"]})),
        _ => ("d", json!({})),
    }
}

fn unit_price(draw: &mut Draw<'_>) -> i128 {
    match draw.weighted(&[(4, 0), (1, 1), (2, 2), (1, 3)]) {
        0 => draw.pick(&[10 * ONE, ONE, 2_500_000, 9_990_000, 19_990_000]),
        1 => draw.pick(&[5_000, 12_500, 333_333]),
        2 => draw.within(0..=3_000) * CENT,
        _ => draw.within(0..=20 * ONE),
    }
}

fn quantity(draw: &mut Draw<'_>) -> i128 {
    match draw.weighted(&[(6, 0), (1, 1), (2, 2), (1, 3)]) {
        0 => draw.within(1..=5) * ONE,
        1 => draw.within(6..=40) * ONE,
        2 => draw.pick(&[250_000, 1_500_000, 2_750_000, 333_333]),
        _ => draw.within(1..=4 * ONE),
    }
}

/// No caller's discount and no least price in most cases.
pub fn line(draw: &mut Draw<'_>) -> LineSpec {
    let (sku, kind) = product(draw);
    let (price, quantity) = (unit_price(draw), quantity(draw));
    let grain = if draw.chance(10) { 1 } else { CENT };
    let amount = price * quantity / ONE / grain * grain;
    let discount_quarters = if draw.chance(14) { draw.within(1..=4) } else { 0 };
    let least_tenths = if draw.chance(14) { draw.within(1..=12) } else { 0 };
    LineSpec {
        sku,
        amount,
        quantity,
        discount: amount * discount_quarters / 4 / grain * grain,
        min_unit_price: price * least_tenths / 10 / grain * grain,
        kind,
    }
}

fn lines(draw: &mut Draw<'_>) -> Vec<LineSpec> {
    if draw.chance(6) {
        return Vec::new();
    }
    let mut lines = draw.list(1, 7, line);
    if draw.chance(40) {
        let again = draw.below(lines.len() as u64) as usize;
        lines.push(lines[again].clone());
    }
    lines
}

pub fn shipping(draw: &mut Draw<'_>) -> Value {
    match draw.weighted(&[(3, 0), (2, 1), (2, 2)]) {
        0 => Value::Null,
        1 => json!({"amount": draw.pick(&["4.90", "5", "0"]), "method": draw.pick(&["post", "courier"])}),
        _ => {
            let shipments = draw.list(0, 3, |draw| {
                object([
                    ("amount", number(draw.within(0..=600) * CENT)),
                    ("method", optional(draw, 60, |draw| draw.pick(&["post", "courier"]))),
                ])
            });
            shipments.into()
        }
    }
}

pub fn tenders(draw: &mut Draw<'_>) -> Value {
    optional(draw, 60, |draw| {
        draw.list(1, 3, |draw| {
            let identifier = draw.pick(&["Visa", "CASH", "Card", "V0"]);
            let amount = optional(draw, 70, |draw| Amounts { minor: CENT }.up_to(draw, 60));
            object([("identifier", identifier.into()), ("amount", amount)])
        })
    })
}

fn customer(draw: &mut Draw<'_>) -> Value {
    optional(draw, 40, |draw| {
        object([
            ("tier", optional(draw, 60, |draw| draw.pick(&["GOLD", "SILVER"]))),
            ("segments", optional(draw, 60, |draw| draw.some_of(&["vip", "students"]))),
            ("attributes", optional(draw, 60, |draw| json!({"age": draw.pick(&[json!(30), json!("17"), json!([])])}))),
            ("programs", optional(draw, 40, |_| json!([{"loyaltyProgramId": "7", "programType": "TIER"}]))),
        ])
    })
}

/// Most of these, in any order.
fn codes(draw: &mut Draw<'_>, known: &[&'static str]) -> Vec<&'static str> {
    let mut codes = known.to_vec();
    draw.shuffle(&mut codes);
    codes.retain(|_| draw.below(4) > 0);
    codes
}

/// The keys of a request beside its amount and its items.
pub fn rest(draw: &mut Draw<'_>) -> Value {
    object([
        ("shipping", shipping(draw)),
        ("customerId", optional(draw, 85, |draw| draw.pick(&[json!(42), json!("42"), json!("someone")]))),
        ("promoCodes", optional(draw, 90, |draw| codes(draw, &["C0", "c1", "C2", "c0", "UNKNOWN", "V1"]))),
        ("paymentVouchers", optional(draw, 80, |draw| codes(draw, &["V0", "v1", "C2", "NONE"]))),
        ("cartTenders", tenders(draw)),
        ("customer", customer(draw)),
        (
            "attributes",
            optional(
                draw,
                50,
                |draw| json!({"channel": draw.pick(&["web", "app"]), "n": draw.pick(&[json!([1, true]), json!("7")])}),
            ),
        ),
        ("currency", optional(draw, 5, |draw| draw.pick(&["USD", "JPY", "EUR"]))),
        ("categoryHierarchySentInPayload", optional(draw, 30, |draw| draw.chance(50))),
    ])
}

pub fn cart(draw: &mut Draw<'_>) -> CartSpec {
    CartSpec { lines: lines(draw), amount_alone: draw.within(0..=10_000) * CENT, rest: rest(draw) }
}
