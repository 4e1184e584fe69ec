//! How a condition fares on a cart: which part asks for what, what was found, and which part keeps it from holding
//! (spec/evaluation.md 2). Asked only of promotions that somebody wants to know about.

use std::borrow::Cow;

use serde::Serialize;

use crate::condition::Looking;
use crate::definition::{
    AttributeTest, Comparison, Condition, Criterion, PaymentModeCondition, ProductCondition, ProductKpi, spelled,
};
use crate::evaluation::FailedPart;
use crate::money::shortest;

/// A condition, what it asks for and what the cart has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConditionTrace {
    /// Its JSON path in the definition, such as `condition.conditions[1]`.
    pub path: String,
    /// Which lines it looks at, where it looks at some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criteria: Option<String>,
    /// What it asks for, such as `QUANTITY GREATER_THAN_OR_EQUAL 3`.
    pub required: String,
    /// What the cart has, such as `2`.
    pub observed: String,
    /// Whether it holds.
    pub holds: bool,
    /// The conditions in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<ConditionTrace>,
}

/// How a condition and all that is in it fares.
pub(crate) fn trace(condition: &Condition, looking: &Looking<'_, '_>) -> ConditionTrace {
    traced(condition, "condition", looking)
}

fn traced(condition: &Condition, path: &str, looking: &Looking<'_, '_>) -> ConditionTrace {
    let holds = looking.matched(condition).is_some();
    let FailedPart { path: own_path, required, observed } = own_part(condition, path, looking);
    let criteria = match condition {
        Condition::Product(product) if !product.criteria.is_empty() => Some(all_criteria(&product.criteria)),
        _ => None,
    };
    let parts = parts(condition, path);
    let parts = parts.iter().map(|part| traced(&part.condition, &part.path, &part.looking(looking))).collect();
    ConditionTrace { path: own_path, criteria, required, observed, holds, parts }
}

/// The first part of a condition, in the order written, that keeps it from holding.
pub(crate) fn failed_part(condition: &Condition, looking: &Looking<'_, '_>) -> FailedPart {
    first_failed(condition, "condition", looking)
        .unwrap_or_else(|| said("condition", "a condition that holds".to_owned(), "one that does not".to_owned()))
}

fn first_failed(condition: &Condition, path: &str, looking: &Looking<'_, '_>) -> Option<FailedPart> {
    if looking.matched(condition).is_some() {
        return None;
    }
    // That one of several fails says nothing of ANY, and that it holds is what NOT does not want.
    let is_told_by_parts = !matches!(condition, Condition::Any(_) | Condition::Not(_));
    let parts = if is_told_by_parts { parts(condition, path) } else { Vec::new() };
    let failed = parts.iter().find_map(|part| first_failed(&part.condition, &part.path, &part.looking(looking)));
    failed.or_else(|| Some(own_part(condition, path, looking)))
}

/// A condition in another one.
struct Part<'d> {
    path: String,
    condition: Cow<'d, Condition>,
    /// Whether QUANTITY EQUALS n means bundles of n there; None: as in the other one.
    in_bundles: Option<bool>,
}

impl Part<'_> {
    fn looking<'l, 'a>(&self, outer: &Looking<'l, 'a>) -> Looking<'l, 'a> {
        Looking { in_bundles: self.in_bundles.unwrap_or(outer.in_bundles), ..*outer }
    }
}

/// The conditions in a condition, in the order written.
fn parts<'d>(condition: &'d Condition, path: &str) -> Vec<Part<'d>> {
    let inner =
        |path: String, condition: &'d Condition| Part { path, condition: Cow::Borrowed(condition), in_bundles: None };
    let listed = |conditions: &'d [Condition]| {
        let own = |(index, own)| inner(format!("{path}.conditions[{index}]"), own);
        conditions.iter().enumerate().map(own).collect()
    };
    match condition {
        Condition::Combo(combo) => {
            let own = |(index, own): (usize, &ProductCondition)| Part {
                path: format!("{path}.comboProductCondition.productConditions[{index}]"),
                condition: Cow::Owned(Condition::Product(own.clone())),
                in_bundles: Some(true),
            };
            combo.parts.iter().enumerate().map(own).collect()
        }
        Condition::Tender(tender) => {
            let own = |own| inner(format!("{path}.tenderCondition.condition"), own);
            tender.condition.as_deref().map(own).into_iter().collect()
        }
        Condition::PaymentModeScope(scope) => {
            vec![inner(format!("{path}.paymentModeScopeConditionRO.condition"), &scope.condition)]
        }
        Condition::PaymentModeCombo(both) => vec![Part {
            path: format!("{path}.paymentComboProductConditionRO"),
            condition: Cow::Owned(Condition::Combo(both.combo.clone())),
            in_bundles: None,
        }],
        Condition::All(conditions) | Condition::Any(conditions) => listed(conditions),
        Condition::Not(own) => {
            vec![Part { in_bundles: Some(false), ..inner(format!("{path}.conditions[0]"), own) }]
        }
        Condition::Cart(_) | Condition::Product(_) | Condition::PaymentMode(_) | Condition::Attribute(_) => Vec::new(),
    }
}

/// What a condition asks for beside the conditions in it, and what was found.
fn own_part(condition: &Condition, path: &str, looking: &Looking<'_, '_>) -> FailedPart {
    let matched = || looking.matched(condition);
    let held = |conditions: &[Condition]| conditions.iter().filter(|own| looking.matched(own).is_some()).count();
    match condition {
        Condition::Cart(cart) => {
            let required = compared(cart.kpi, cart.operator, cart.value.0);
            said(path, required, shortest(looking.cart_measure(cart.kpi)))
        }
        Condition::Product(product) => product_part(product, path, looking),
        Condition::Combo(_) => {
            let observed = match matched().as_ref().and_then(|own| own.combos.first()) {
                Some(combo) => format!("{} of them", combo.count),
                None => "too few units".to_owned(),
            };
            said(path, "all parts on units of their own".to_owned(), observed)
        }
        Condition::Tender(tender) => {
            let kinds: Vec<String> = tender
                .modes
                .iter()
                .map(|mode| match mode.identifiers.as_slice() {
                    [] => spelled(mode.kind),
                    identifiers => format!("{} {}", spelled(mode.kind), listed(identifiers)),
                })
                .collect();
            said(path, format!("a tender that is {}", kinds.join(" or ")), tenders(looking))
        }
        Condition::PaymentMode(mode) => payment_mode_part(mode, path, looking),
        Condition::PaymentModeScope(scope) => payment_mode_part(&scope.payment_mode, path, looking),
        Condition::PaymentModeCombo(both) => payment_mode_part(&both.payment_mode, path, looking),
        Condition::Attribute(attribute) => {
            let required = match &attribute.test {
                AttributeTest::In(values) => format!("{} IN {}", attribute.name, listed(values)),
                AttributeTest::NotIn(values) => format!("{} NOT_IN {}", attribute.name, listed(values)),
                AttributeTest::Compares(operator, value) => {
                    format!("{} {} {value}", attribute.name, spelled(*operator))
                }
            };
            let own = looking.attribute(attribute.source, &attribute.name);
            let observed = own.map_or_else(|| "no such attribute".to_owned(), |own| first_of(&own));
            said(path, required, observed)
        }
        Condition::All(conditions) => {
            let observed = format!("{} of {}", held(conditions), conditions.len());
            said(path, "all of its conditions".to_owned(), observed)
        }
        Condition::Any(conditions) => {
            let observed = match held(conditions) {
                0 => "none".to_owned(),
                count => format!("{count} of {}", conditions.len()),
            };
            said(path, "any of its conditions".to_owned(), observed)
        }
        Condition::Not(_) => {
            let observed = if matched().is_some() { "one that does not" } else { "one that does" };
            said(path, "a condition that does not hold".to_owned(), observed.to_owned())
        }
    }
}

fn said(path: &str, required: String, observed: String) -> FailedPart {
    FailedPart { path: path.to_owned(), required, observed }
}

fn compared<T: serde::Serialize>(kpi: T, operator: Comparison, value: i128) -> String {
    format!("{} {} {}", spelled(kpi), spelled(operator), shortest(value))
}

fn listed(values: &[String]) -> String {
    format!("[{}]", first_of(values))
}

/// The first of some values, and whether there are more.
pub(super) fn first_of<T: AsRef<str>>(values: &[T]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<&str> = values.iter().take(SHOWN).map(AsRef::as_ref).collect();
    let more = if values.len() > SHOWN { ", ..." } else { "" };
    format!("{}{more}", shown.join(", "))
}

fn product_part(product: &ProductCondition, path: &str, looking: &Looking<'_, '_>) -> FailedPart {
    let lines = looking.lines(product);
    let count = || match lines.len() {
        0 => "none".to_owned(),
        1 => "1 line".to_owned(),
        count => format!("{count} lines"),
    };
    match (product.kpi, product.measure) {
        (ProductKpi::None, _) | (_, None) => said(path, "a line that matches its criteria".to_owned(), count()),
        (kpi @ (ProductKpi::LineQuantity | ProductKpi::LineAmount), Some((operator, value))) => {
            said(path, format!("a line with {}", compared(kpi, operator, value.0)), count())
        }
        (kpi, Some((operator, value))) => {
            let observed = looking.product_measure(kpi, &lines).unwrap_or(0);
            said(path, compared(kpi, operator, value.0), shortest(observed))
        }
    }
}

fn payment_mode_part(mode: &PaymentModeCondition, path: &str, looking: &Looking<'_, '_>) -> FailedPart {
    let operator = if mode.negated { "NOT_IN" } else { "IN" };
    said(path, format!("a tender {operator} {}", listed(&mode.values)), tenders(looking))
}

/// Criteria as a reader would say them.
fn all_criteria(criteria: &[Criterion]) -> String {
    let said: Vec<String> = criteria.iter().map(criterion).collect();
    said.join(" and ")
}

fn criterion(criterion: &Criterion) -> String {
    match criterion {
        Criterion::Values { entity, attribute, negated, values } => {
            let what = attribute.clone().unwrap_or_else(|| spelled(*entity));
            format!("{what} {} {}", if *negated { "NOT_IN" } else { "IN" }, listed(values))
        }
        Criterion::UnitPrice { comparison, value } => compared("UNIT_PRICE", *comparison, value.0),
        Criterion::AnyOf(criteria) => {
            let said: Vec<String> = criteria.iter().map(self::criterion).collect();
            format!("({})", said.join(" or "))
        }
    }
}

fn tenders(looking: &Looking<'_, '_>) -> String {
    let sent: Vec<String> = looking.cart.tenders.iter().map(|tender| tender.identifier.to_owned()).collect();
    if sent.is_empty() { "none".to_owned() } else { listed(&sent) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::CartKpi;

    #[test]
    fn measures_are_said_as_the_definition_writes_them() {
        assert_eq!(
            compared(CartKpi::Subtotal, Comparison::GreaterThanOrEqual, 12_500_000),
            "SUBTOTAL GREATER_THAN_OR_EQUAL 12.5"
        );
        let values: Vec<String> = (1..=7).map(|value| value.to_string()).collect();
        assert_eq!(listed(&values), "[1, 2, 3, 4, 5, ...]");
    }
}
