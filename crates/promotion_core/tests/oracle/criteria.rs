//! Which lines, tenders and attributes a definition names (spec/definition.md, "Conditions").

use std::cmp::Ordering;
use std::collections::BTreeSet;

use num_traits::{Signed, Zero};
use promotion_core::definition::{
    AttributeCondition, AttributeSource, AttributeTest, Comparison, Criterion, ListEntity, PaymentModeCondition,
    ProductCondition, ProductKpi, TenderMode, TenderType,
};

use crate::model::{Basket, LineFacts, State};
use crate::money::{Num, exact};

/// Compares what was measured with the value of a definition.
pub fn compares<T: Ord>(measured: &T, comparison: Comparison, value: &T) -> bool {
    let order = measured.cmp(value);
    match comparison {
        Comparison::Equals => order == Ordering::Equal,
        Comparison::GreaterThan => order == Ordering::Greater,
        Comparison::GreaterThanOrEqual => order != Ordering::Less,
        Comparison::LessThan => order == Ordering::Less,
        Comparison::LessThanOrEqual => order != Ordering::Greater,
    }
}

/// Whether a line meets a criterion.
pub fn meets(facts: &LineFacts<'_, '_>, criterion: &Criterion) -> bool {
    match criterion {
        Criterion::AnyOf(criteria) => criteria.iter().any(|criterion| meets(facts, criterion)),
        Criterion::UnitPrice { comparison, value } => compares(&facts.unit_price, *comparison, &exact(value.0)),
        Criterion::Values { entity, attribute, negated, values } => {
            let own: Vec<&str> = match entity {
                ListEntity::Sku => vec![facts.line.sku],
                ListEntity::Category => facts.categories.iter().map(String::as_str).collect(),
                ListEntity::Brand => facts.line.brands.clone(),
                ListEntity::Attribute => {
                    let name = attribute.as_deref().expect("an attribute has a name");
                    facts.line.attributes.get(name).into_iter().flatten().map(String::as_str).collect()
                }
            };
            own.iter().any(|own| values.iter().any(|value| value == own)) != *negated
        }
    }
}

/// The lines that meet all criteria and, with LINE_QUANTITY or LINE_AMOUNT, reach it alone: the lines
/// that a productBasedCondition selects.
pub fn selected_lines(basket: &Basket<'_, '_>, state: &State, condition: &ProductCondition) -> BTreeSet<usize> {
    let reaches = |line: usize| {
        let measured = match condition.kpi {
            ProductKpi::LineQuantity => exact(basket.lines[line].line.quantity.0),
            ProductKpi::LineAmount => basket.measured(state, line),
            _ => return true,
        };
        let (comparison, value) = condition.measure.expect("a kpi comes with a value");
        compares(&measured, comparison, &exact(value.0))
    };
    lines_meeting(basket, &condition.criteria).into_iter().filter(|&line| reaches(line)).collect()
}

/// The lines that meet all criteria.
pub fn lines_meeting(basket: &Basket<'_, '_>, criteria: &[Criterion]) -> BTreeSet<usize> {
    let matches = |line: &usize| criteria.iter().all(|criterion| meets(&basket.lines[*line], criterion));
    (0..basket.lines.len()).filter(matches).collect()
}

/// How much of each tender pays this cart: in the order sent, together no more than is to be paid.
pub fn counted_tenders(basket: &Basket<'_, '_>, to_pay: Num) -> Vec<Num> {
    let mut rest = to_pay;
    let counted = basket.case.cart.tenders.iter().map(|tender| {
        let most = tender.amount.as_ref().map_or(rest, |amount| exact(amount.amount.0));
        let own = most.min(rest).max(Num::zero());
        rest -= own;
        own
    });
    counted.collect()
}

/// The tenders with a counted amount that are of one of the modes.
pub fn tenders_of(basket: &Basket<'_, '_>, counted: &[Num], modes: &[TenderMode]) -> BTreeSet<usize> {
    let same = |a: &str, b: &str| a.to_uppercase() == b.to_uppercase();
    let is_of = |identifier: &str, mode: &TenderMode| {
        let is_cash = same(identifier, "CASH");
        let is_voucher = basket.case.cart.payment_vouchers.iter().any(|code| same(code, identifier));
        let kind = match mode.kind {
            TenderType::Cash => is_cash,
            TenderType::PaymentVoucher => is_voucher,
            TenderType::Card => !is_cash && !is_voucher,
        };
        kind && (mode.identifiers.is_empty() || mode.identifiers.iter().any(|listed| same(listed, identifier)))
    };
    counting(basket, counted, |identifier| modes.iter().any(|mode| is_of(identifier, mode)))
}

/// The tenders with a counted amount that are (or are not) listed.
pub fn tenders_listed(basket: &Basket<'_, '_>, counted: &[Num], mode: &PaymentModeCondition) -> BTreeSet<usize> {
    let listed = |identifier: &str| mode.values.iter().any(|value| value.to_uppercase() == identifier.to_uppercase());
    counting(basket, counted, |identifier| listed(identifier) != mode.negated)
}

fn counting(basket: &Basket<'_, '_>, counted: &[Num], is_meant: impl Fn(&str) -> bool) -> BTreeSet<usize> {
    let tenders = basket.case.cart.tenders.iter().enumerate();
    let matching = tenders.filter(|(index, tender)| counted[*index].is_positive() && is_meant(tender.identifier));
    matching.map(|(index, _)| index).collect()
}

/// Whether an attribute of the cart or of its customer is as asked.
pub fn attribute_holds(basket: &Basket<'_, '_>, condition: &AttributeCondition) -> bool {
    let values = attribute_values(basket, condition);
    if values.is_empty() {
        return false;
    }
    match &condition.test {
        AttributeTest::In(listed) => values.iter().any(|value| listed.contains(value)),
        AttributeTest::NotIn(listed) => !values.iter().any(|value| listed.contains(value)),
        AttributeTest::Compares(comparison, text) => values.iter().any(|value| match (number(value), number(text)) {
            (Some(own), Some(other)) => compares(&own, *comparison, &other),
            _ => *comparison == Comparison::Equals && value == text,
        }),
    }
}

fn attribute_values(basket: &Basket<'_, '_>, condition: &AttributeCondition) -> Vec<String> {
    let cart = basket.case.cart;
    let name = condition.name.as_str();
    if condition.source == AttributeSource::Cart {
        return cart.attributes.get(name).cloned().unwrap_or_default();
    }
    let customer = cart.customer.as_ref();
    match name {
        "customerId" => cart.customer_id.iter().map(|id| id.key().into_owned()).collect(),
        "tier" => customer.and_then(|own| own.tier).map(str::to_owned).into_iter().collect(),
        "segments" => {
            let segments = customer.and_then(|own| own.segments.as_ref());
            segments.iter().flat_map(|list| &list.0).map(|&segment| segment.to_owned()).collect()
        }
        _ => {
            let attributes = customer.and_then(|own| own.attributes.as_ref());
            let values = attributes.and_then(|own| own.get(name));
            values.iter().flat_map(|scalars| &scalars.0).map(promotion_core::scalar::Scalar::text).collect()
        }
    }
}

/// A decimal number such as -12.5, or None.
fn number(text: &str) -> Option<Num> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (integer, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(integer) || !plain(fraction) {
        return None;
    }
    let scale = 10_i128.pow(fraction.len() as u32);
    Some(Num::new(sign * format!("{integer}{fraction}").parse::<i128>().ok()?, scale))
}
