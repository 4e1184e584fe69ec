//! Lines in two parts (spec/evaluation.md, "a line split into two lines of the same SKU, unit price and
//! attributes gives the same total (but for rewards per line)").
//!
//! What may differ, and so is taken out of what is generated here:
//! - rewards and limits per line: kpi LINE_QUANTITY and LINE_AMOUNT, `applyPer` LINE of product actions,
//!   `countPer` LINE, `maxQuantityPer` LINE, `roundingLevel` LINE, LINE exclusion groups,
//!   `singlePromotionPerLineItem`, `stopsLater` LINES, EVEN cart promotions;
//! - `remainder` FIRST and LAST, which look at the lines as sent;
//! - what builds on the split of a cart promotion (docs/decisions.md): that goes over lines, so that the
//!   minor units left over fall otherwise. Exclusive promotions have nothing to build on, nor do those
//!   that are computed before cart promotions: of one stage with LINE_ITEM_FIRST line promotions are,
//!   and of the others' split only sums are looked at;
//! - how a cart promotion with shipping in scope is split between items and shipping: only its whole is
//!   compared, and it stands alone;
//! - cut units, and units that are no whole number of minor units: a line is rounded as a whole.

use proptest::prelude::*;
use serde_json::Value;

use crate::cases;
use crate::draw::{Draw, drawn};
use crate::engine::Outcome;
use crate::generate::cart::product;
use crate::generate::scenario;
use crate::numbers::{CENT, ONE};
use crate::scenario::{LineSpec, Scenario};

/// Takes all that counts per line, and all that cuts units, out of settings or of a definition.
fn without_line_rewards(json: &mut Value) {
    match json {
        Value::Object(entries) => {
            let of_shipments = entries.contains_key("methods") || entries.get("applyPer").is_some_and(Value::is_null);
            let counts = ["kpi", "perUnitKPI"]
                .iter()
                .any(|key| entries.get(*key).and_then(Value::as_str).is_some_and(|kpi| kpi.ends_with("QUANTITY")));
            for (key, value) in entries {
                let cut = !value.is_object() && !value.is_array() && value.to_string().contains('.');
                let replacement = match (key.as_str(), value.as_str()) {
                    ("shippingBasedAction", _) => continue,
                    ("applyPer" | "roundingLevel", Some("LINE")) if !of_shipments => Some("UNIT"),
                    ("value" | "perUnitDivider", _) if counts && cut => Some("2"),
                    ("maxQuantity", _) if cut => Some("2"),
                    ("maxQuantityPer" | "countPer" | "scope", Some("LINE")) => Some("CART"),
                    ("stopsLater", Some("LINES")) => Some("NONE"),
                    ("kpi", Some("LINE_QUANTITY")) => Some("QUANTITY"),
                    ("kpi", Some("LINE_AMOUNT")) => Some("AMOUNT"),
                    ("remainder", _) => Some("LARGEST"),
                    ("singlePromotionPerLineItem", _) => {
                        *value = false.into();
                        None
                    }
                    ("cartBasedAction", _) => {
                        value["allocation"] = "PROPORTIONAL".into();
                        None
                    }
                    _ => None,
                };
                match replacement {
                    Some(word) => *value = word.into(),
                    None => without_line_rewards(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_line_rewards),
        _ => {}
    }
}

/// A line of whole units, in two parts of whole units: prices are whole numbers of `grain`.
fn parts_of_a_line(draw: &mut Draw<'_>, grain: i128) -> (LineSpec, LineSpec) {
    let price = if draw.chance(60) { draw.pick(&[1_00, 10_00, 9_99, 19_99]) } else { draw.within(1..=3_000) };
    let (first, second) = (draw.within(1..=4), draw.within(1..=4));
    let discount_quarters = if draw.chance(25) { draw.within(1..=4) } else { 0 };
    let least_tenths = if draw.chance(25) { draw.within(1..=12) } else { 0 };
    let (sku, kind) = product(draw);
    let part = |units: i128| LineSpec {
        sku,
        amount: units * price * grain,
        quantity: units * ONE,
        discount: price * discount_quarters / 4 * units * grain,
        min_unit_price: price * least_tenths / 10 * grain,
        kind: kind.clone(),
    };
    (part(first), part(second))
}

fn joined(first: &LineSpec, second: &LineSpec) -> LineSpec {
    LineSpec {
        amount: first.amount + second.amount,
        quantity: first.quantity + second.quantity,
        discount: first.discount + second.discount,
        ..first.clone()
    }
}

/// Makes a line one of whole units, each a whole number of `grain`.
fn make_whole(line: &mut LineSpec, grain: i128) {
    let units = (line.quantity / ONE).max(1);
    let whole = |value: i128| value / units / grain * grain * units;
    line.quantity = units * ONE;
    (line.amount, line.discount) = (whole(line.amount), whole(line.discount));
    line.min_unit_price = line.min_unit_price / grain * grain;
}

/// A scenario with a line more, as one and in two parts, and nothing in it that counts per line.
fn one_line_and_two(draw: &mut Draw<'_>, change: impl Fn(&mut Scenario)) -> (Scenario, Scenario) {
    let mut one = scenario(draw);
    without_line_rewards(&mut one.settings);
    one.settings["roundingLevel"] = "PROMOTION".into();
    one.promotions.iter_mut().for_each(|own| without_line_rewards(&mut own.definition));
    change(&mut one);
    let grain = one.minor().max(CENT);
    one.cart.lines.iter_mut().for_each(|line| make_whole(line, grain));
    let (first, second) = parts_of_a_line(draw, grain);
    let mut two = one.clone();
    let place = draw.below(one.cart.lines.len() as u64 + 1) as usize;
    one.cart.lines.insert(place, joined(&first, &second));
    two.cart.lines.insert(place, first);
    two.cart.lines.push(second);
    (one, two)
}

/// Makes all promotions exclusive of one another, so that none builds on another.
fn exclusive(scenario: &mut Scenario) {
    scenario.settings["exclusiveScope"] = "CART".into();
    for own in &mut scenario.promotions {
        own.definition["isStackable"] = false.into();
    }
    // Line actions of a MULTI would build on its own cart actions.
    if scenario.settings["evaluationOrder"] == "CART_FIRST" {
        scenario.settings["evaluationOrder"] = "LINE_ITEM_FIRST".into();
    }
}

/// Line promotions before cart promotions, and these on the items alone.
fn lines_first(scenario: &mut Scenario) {
    scenario.settings["evaluationOrder"] = "LINE_ITEM_FIRST".into();
    for own in &mut scenario.promotions {
        own.definition["stage"] = 0.into();
        on_items(&mut own.definition);
    }
}

fn on_items(json: &mut Value) {
    match json {
        Value::Object(entries) => {
            entries.retain(|_, value| value != "ITEMS_AND_SHIPPING");
            entries.values_mut().for_each(on_items);
        }
        Value::Array(items) => items.iter_mut().for_each(on_items),
        _ => {}
    }
}

/// What each promotion gives in all, and what is to be paid.
fn totals(outcome: &Outcome) -> (Vec<String>, i128, Vec<i128>) {
    let given = outcome.applied.iter().map(|own| {
        let off_tenders: i128 = own.tenders.iter().map(|(_, discount)| discount).sum();
        let (id, discount, count, gifts) = (&own.id, own.discount, own.redemption_count, &own.gifts);
        format!("{id} {discount}, of that {off_tenders} off tenders, {count} times, {gifts:?}")
    });
    let paid = outcome.vouchers.iter().map(|own| own.redeemable).collect();
    (given.collect(), outcome.payable_amount, paid)
}

proptest! {
    #![proptest_config(cases(1_000))]

    /// Of exclusive promotions of the whole language.
    #[test]
    fn a_line_in_two_parts_gets_the_same((one, two) in drawn(|draw| one_line_and_two(draw, exclusive))) {
        let (one, two) = (one.outcome(), two.outcome());
        prop_assert_eq!(totals(&one), totals(&two), "{:?}\n{:?}", one.applied, two.applied);
    }

    /// Of stacked promotions of the whole language, line promotions being computed first.
    #[test]
    fn a_line_in_two_parts_gets_the_same_of_several(
        (one, two) in drawn(|draw| one_line_and_two(draw, lines_first))
    ) {
        let (one, two) = (one.outcome(), two.outcome());
        prop_assert_eq!(totals(&one), totals(&two), "{:?}\n{:?}", one.applied, two.applied);
    }
}
