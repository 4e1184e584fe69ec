//! "No unit, line, cart, shipping or tender goes below zero, no unit below its `minUnitPrice`", and
//! "parts always add up to the whole" on every level (spec/evaluation.md 8 to 10).

use promotion_core::cart::Cart;
use promotion_core::evaluation::{Applied, Evaluation, LineDiscount};
use promotion_core::money::Money;
use proptest::prelude::*;
use serde_json::Value;

use crate::cases;
use crate::draw::drawn;
use crate::engine::{Outcome, answer};
use crate::generate::scenario;
use crate::numbers::{ONE, is_whole};
use crate::scenario::Scenario;

/// Lines, shipments and tenders bounded by zero and lines by what they must cost at least.
pub fn check_bounds(scenario: &Scenario, outcome: &Outcome) -> Result<(), TestCaseError> {
    let cart = &scenario.cart;
    prop_assert_eq!(outcome.line_discounts.len(), cart.lines.len());
    for (line, &discount) in cart.lines.iter().zip(&outcome.line_discounts) {
        prop_assert!(discount >= 0 && discount * ONE <= line.room(), "{:?} loses {}", line, discount);
    }
    let items_left = cart.left().iter().sum();
    prop_assert!((0..=items_left).contains(&outcome.total_discount));
    prop_assert!(outcome.payable_amount >= 0);
    Ok(())
}

/// Whether a definition counts units that are not whole.
fn cuts_units(json: &Value) -> bool {
    match json {
        Value::Object(entries) => {
            let counts = entries.values().any(|word| word.as_str().is_some_and(|word| word.ends_with("QUANTITY")));
            entries.iter().any(|(key, value)| {
                let is_count = key == "maxQuantity" || (counts && matches!(key.as_str(), "value" | "perUnitDivider"));
                (is_count && value.to_string().contains('.')) || cuts_units(value)
            })
        }
        Value::Array(items) => items.iter().any(cuts_units),
        _ => false,
    }
}

/// The units of every application bounded by what they had at first. Where units, or the quarters that
/// they may be cut into, are no whole number of minor units, each may be exceeded by less than one of
/// these: the line as a whole never is.
fn check_unit_bounds(scenario: &Scenario, outcome: &Outcome) -> Result<(), TestCaseError> {
    let minor = scenario.minor();
    let cuts = scenario.promotions.iter().any(|own| cuts_units(&own.definition))
        || scenario.cart.lines.iter().any(|line| !is_whole(line.quantity, ONE));
    for applied in &outcome.applied {
        for part in applied.lines.iter().chain(&applied.cart_lines) {
            let Some(line) = scenario.cart.lines.get(part.line) else { continue };
            let prices = is_whole(line.left() * ONE, line.quantity * minor) && is_whole(line.min_unit_price, minor);
            for (quantity, discount) in &part.runs {
                let units = (quantity.0 + ONE - 1) / ONE;
                let more = if prices && !cuts { 0 } else { 4 * (units + 1) * minor };
                let most = quantity.0 * line.room() + more * line.quantity * ONE;
                prop_assert!(discount.0 * line.quantity * ONE <= most, "{:?}: {:?}", line, part.runs);
            }
        }
    }
    Ok(())
}

/// A promotion's parts of lines, each the sum of its runs; adds them up.
fn add_lines(cart: &Cart<'_>, parts: &[LineDiscount], lines: &mut [i128]) -> Result<i128, TestCaseError> {
    for part in parts {
        prop_assert!(part.discount > Money::ZERO && !part.runs.is_empty());
        prop_assert_eq!(part.discount.0, part.runs.iter().map(|(_, discount)| discount.0).sum::<i128>());
        prop_assert!(part.runs.iter().all(|(quantity, discount)| quantity.0 > 0 && discount.0 > 0));
        // Several actions of one promotion (MULTI) may lower the same units.
        prop_assert!(part.discounted_quantity.0 <= part.runs.iter().map(|(quantity, _)| quantity.0).sum::<i128>());
        prop_assert!(part.runs.iter().all(|(quantity, _)| *quantity <= part.discounted_quantity), "{:?}", part);
        prop_assert!(part.discounted_quantity <= part.applied_quantity);
        if let Some(line) = cart.lines.get(part.line) {
            prop_assert!(part.applied_quantity <= line.quantity, "{:?} of {:?}", part, line);
        }
        lines[part.line] += part.discount.0;
    }
    prop_assert!(parts.windows(2).all(|pair| pair[0].line < pair[1].line), "a line has two parts");
    Ok(parts.iter().map(|part| part.discount.0).sum())
}

fn add(parts: &[(usize, Money)], wholes: &mut [i128]) -> Result<i128, TestCaseError> {
    prop_assert!(parts.windows(2).all(|pair| pair[0].0 < pair[1].0), "two parts of one");
    for (index, discount) in parts {
        prop_assert!(*discount > Money::ZERO);
        wholes[*index] += discount.0;
    }
    Ok(parts.iter().map(|(_, discount)| discount.0).sum())
}

fn check_applied(applied: &Applied<'_>) -> Result<(), TestCaseError> {
    let has_gifts = !applied.gifts.is_empty();
    prop_assert!(applied.discount > Money::ZERO || has_gifts, "a promotion that gives nothing applies");
    prop_assert!(applied.redemption_count > 0);
    prop_assert!(applied.gifts.iter().all(|gift| gift.quantity.0 > 0 && !gift.sku.is_empty()));
    let of_lines: Money = applied.lines.iter().map(|part| part.discount).sum();
    match applied.cart_discount() {
        Some(discount) => prop_assert_eq!(discount, applied.discount - of_lines),
        None => prop_assert_eq!(applied.discount, of_lines),
    }
    Ok(())
}

/// Parts that add up on every level, and the totals.
pub fn check_sums(cart: &Cart<'_>, evaluation: &Evaluation<'_>) -> Result<(), TestCaseError> {
    // A cart of an amount alone is one line.
    let mut lines = vec![0; cart.lines.len().max(1)];
    let mut shipments = vec![0; cart.shipping.as_ref().map_or(0, Vec::len)];
    let mut tenders = vec![0; cart.tenders.len()];
    for applied in &evaluation.applied {
        check_applied(applied)?;
        let mut parts = add_lines(cart, &applied.lines, &mut lines)?;
        parts += add_lines(cart, &applied.cart_lines, &mut lines)?;
        parts += add(&applied.shipments, &mut shipments)?;
        parts += add(&applied.tenders, &mut tenders)?;
        prop_assert_eq!(applied.discount.0, parts);
        prop_assert!(!cart.lines.is_empty() || applied.lines.is_empty());
    }
    let found = |discounts: &[Money]| discounts.iter().map(|own| own.0).collect::<Vec<_>>();
    if !cart.lines.is_empty() {
        prop_assert_eq!(&lines, &found(&evaluation.line_discounts));
    }
    prop_assert_eq!(&shipments, &found(&evaluation.shipment_discounts));
    prop_assert_eq!(&tenders, &found(&evaluation.tender_discounts));
    let [items, shipping, paid] = [&lines, &shipments, &tenders].map(|parts| parts.iter().sum::<i128>());
    prop_assert_eq!(evaluation.total_discount.0, items);
    for (shipment, discount) in cart.shipping.iter().flatten().zip(&shipments) {
        prop_assert!((0..=shipment.amount.0).contains(discount), "{:?} loses {}", shipment, discount);
    }
    let callers: i128 = cart.lines.iter().map(|line| line.discount.0).sum();
    let before_tenders = cart.amount.0 - callers - items + cart.shipping_amount().0 - shipping;
    check_tenders(cart, &tenders, before_tenders)?;
    check_payable(evaluation, before_tenders - paid)
}

/// "Tenders count only as far as they pay this cart: in the order sent".
fn check_tenders(cart: &Cart<'_>, discounts: &[i128], payable: i128) -> Result<(), TestCaseError> {
    let mut rest = payable;
    for (tender, discount) in cart.tenders.iter().zip(discounts) {
        let counted = tender.amount.as_ref().map_or(rest, |sent| sent.amount.0.min(rest));
        rest -= counted;
        prop_assert!((0..=counted).contains(discount), "{:?} pays {} and loses {}", tender, counted, discount);
    }
    Ok(())
}

/// Vouchers pay in order what is left to pay, and no more.
fn check_payable(evaluation: &Evaluation<'_>, before_vouchers: i128) -> Result<(), TestCaseError> {
    let mut payable = before_vouchers;
    for voucher in &evaluation.vouchers {
        prop_assert!(voucher.redeemable > Money::ZERO && voucher.redeemable <= voucher.value);
        prop_assert!(voucher.redeemable.0 <= payable);
        prop_assert!(voucher.code.is_some() != voucher.earn_id.is_some());
        payable -= voucher.redeemable.0;
    }
    prop_assert!(payable >= 0);
    prop_assert_eq!(evaluation.payable_amount.0, payable);
    Ok(())
}

/// A decimal string of the answer, in millionths.
fn decimal(value: &Value) -> i128 {
    let text = value.as_str().expect("a decimal string");
    let (integer, fraction) = text.split_once('.').expect("a point");
    assert_eq!(fraction.len(), 6, "{text}");
    format!("{integer}{fraction}").parse().expect("digits")
}

/// The same sums in the answer's JSON.
pub fn check_answer(cart: &Cart<'_>, answer: &Value) -> Result<(), TestCaseError> {
    let sum = |entries: &Value, key: &str| -> i128 {
        entries.as_array().into_iter().flatten().map(|entry| decimal(&entry[key])).sum()
    };
    let items = answer["cartItems"].as_array().expect("cartItems");
    let of_lines: i128 = items.iter().map(|item| sum(&item["appliedPromotions"], "discount")).sum();
    let total = decimal(&answer["totalDiscount"]);
    let off_shipping = sum(&answer["shipping"], "discount");
    let off_tenders = if answer["tenderDiscount"].is_null() { 0 } else { decimal(&answer["tenderDiscount"]) };
    prop_assert_eq!(of_lines + sum(&answer["appliedPromotions"], "discount"), total + off_shipping + off_tenders);
    if !items.is_empty() {
        prop_assert_eq!(items.iter().map(|item| decimal(&item["allocatedDiscount"])).sum::<i128>(), total);
    }
    let callers: i128 = cart.lines.iter().map(|line| line.discount.0).sum();
    let paid = sum(&answer["appliedPaymentVouchers"], "redeemableVoucherValue");
    let payable = cart.amount.0 - callers - total + cart.shipping_amount().0 - off_shipping - off_tenders - paid;
    prop_assert_eq!(decimal(&answer["payableAmount"]), payable);
    Ok(())
}

proptest! {
    #![proptest_config(cases(2_000))]

    /// "No unit, line, cart, shipping or tender goes below zero, no unit below its `minUnitPrice`",
    /// the caller's own discount stands, "parts always add up to the whole", "payableAmount = amount −
    /// Σ callers' discounts − totalDiscount + shipping − shipping discount − tender discounts −
    /// vouchers' redeemed values".
    #[test]
    fn parts_add_up_and_nothing_goes_below_zero(scenario in drawn(scenario)) {
        scenario.with(scenario.sources(), |ruleset, cart, evaluation| {
            check_sums(cart, evaluation)?;
            check_answer(cart, &answer(ruleset, cart, evaluation))?;
            let outcome = Outcome::of(ruleset, evaluation);
            check_bounds(&scenario, &outcome)?;
            check_unit_bounds(&scenario, &outcome)
        })?;
    }
}
