//! Sums that hold for every evaluation, of whatever cart and ruleset: parts add up to the whole on every level
//! (spec/evaluation.md 8 to 10). The fuzz targets (fuzz/) check what they evaluate by this file, too.

use promotion_core::cart::Cart;
use promotion_core::evaluation::{Applied, Evaluation, LineDiscount};
use promotion_core::money::Money;
use proptest::prelude::*;
use serde_json::Value;

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
