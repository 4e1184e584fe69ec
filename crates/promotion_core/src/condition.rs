//! Whether a condition holds, and what it matched (spec/evaluation.md 2, spec/definition.md
//! "What a condition matched").

use std::collections::HashSet;

use crate::cart::{Cart, Line};
use crate::definition::{
    CartCondition, CartKpi, Comparison, Condition, Criterion, ListEntity, ProductCondition, ProductKpi,
};
use crate::exact::Exact;
use crate::money::{DefinitionNumber, Quantity};
use crate::units::LineFacts;

/// What a condition that holds matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// Indices of the matching lines, ascending.
    pub lines: Vec<usize>,
    /// The value of its QUANTITY part.
    pub trigger: Option<Quantity>,
}

/// Checks a condition; None where it does not hold.
pub fn matched(condition: &Condition, cart: &Cart<'_>, facts: &[LineFacts<'_>]) -> Option<Matched> {
    match condition {
        Condition::Cart(condition) => cart_holds(condition, cart).then(|| Matched {
            lines: (0..facts.len()).collect(),
            trigger: (condition.kpi == CartKpi::Quantity).then_some(Quantity(condition.value.0)),
        }),
        // A cart of an amount alone has one line for that amount, and no product.
        Condition::Product(_) if cart.lines.is_empty() => None,
        Condition::Product(condition) => product_matched(condition, facts),
    }
}

fn cart_holds(condition: &CartCondition, cart: &Cart<'_>) -> bool {
    let measured = match condition.kpi {
        CartKpi::Subtotal => cart.amount.0,
        CartKpi::Total => cart.amount.0 + cart.shipping_amount().0,
        CartKpi::Quantity => cart.lines.iter().map(|line| line.quantity.0).sum(),
        CartKpi::Itemcount => distinct_skus(cart.lines.iter()),
    };
    compares(condition.operator, measured, condition.value)
}

fn product_matched(condition: &ProductCondition, facts: &[LineFacts<'_>]) -> Option<Matched> {
    let lines = matching_lines(condition, facts);
    if lines.is_empty() {
        return None;
    }
    let mut trigger = None;
    if let Some((operator, value)) = condition.measure {
        let of = |measure: fn(&Line<'_>) -> i128| lines.iter().map(|&line| measure(facts[line].line)).sum::<i128>();
        let holds = match condition.kpi {
            ProductKpi::None => true,
            ProductKpi::Quantity => {
                trigger = Some(Quantity(value.0));
                compares(operator, of(|line| line.quantity.0), value)
            }
            ProductKpi::Amount => compares(operator, of(|line| line.amount.0), value),
            ProductKpi::Itemcount => {
                compares(operator, distinct_skus(lines.iter().map(|&line| facts[line].line)), value)
            }
            // Only the lines that reach it alone count as matching: matching_lines has seen to it.
            ProductKpi::LineQuantity | ProductKpi::LineAmount => true,
        };
        if !holds {
            return None;
        }
    }
    Some(Matched { lines, trigger })
}

/// The lines that fulfil every criterion, and a measure per line where there is one.
pub fn matching_lines(condition: &ProductCondition, facts: &[LineFacts<'_>]) -> Vec<usize> {
    let reaches = |fact: &LineFacts<'_>| match (condition.kpi, condition.measure) {
        (ProductKpi::LineQuantity, Some((operator, value))) => compares(operator, fact.line.quantity.0, value),
        (ProductKpi::LineAmount, Some((operator, value))) => compares(operator, fact.line.amount.0, value),
        _ => true,
    };
    (0..facts.len())
        .filter(|&line| {
            let fact = &facts[line];
            condition.criteria.iter().all(|criterion| criterion_holds(criterion, fact)) && reaches(fact)
        })
        .collect()
}

fn criterion_holds(criterion: &Criterion, fact: &LineFacts<'_>) -> bool {
    match criterion {
        Criterion::Values { entity, attribute, negated, values } => {
            let listed = |value: &str| values.binary_search_by(|own| own.as_str().cmp(value)).is_ok();
            let any = match entity {
                ListEntity::Sku => listed(fact.line.sku),
                ListEntity::Category => fact.categories.iter().any(|value| listed(value)),
                ListEntity::Brand => fact.line.brands.iter().any(|value| listed(value)),
                ListEntity::Attribute => attribute
                    .as_deref()
                    .and_then(|name| fact.line.attributes.get(name))
                    .is_some_and(|own| own.iter().any(|value| listed(value))),
            };
            any != *negated
        }
        Criterion::UnitPrice { comparison, value } => holds(*comparison, fact.unit_price.cmp(&Exact::whole(value.0))),
        Criterion::AnyOf(criteria) => criteria.iter().any(|inner| criterion_holds(inner, fact)),
    }
}

/// The number of distinct SKUs, in millionths as every measured value.
fn distinct_skus<'l>(lines: impl Iterator<Item = &'l Line<'l>>) -> i128 {
    let skus: HashSet<&str> = lines.map(|line| line.sku).collect();
    skus.len() as i128 * crate::money::MILLION
}

fn compares(operator: Comparison, measured: i128, value: DefinitionNumber) -> bool {
    holds(operator, measured.cmp(&value.0))
}

fn holds(operator: Comparison, ordering: std::cmp::Ordering) -> bool {
    match operator {
        Comparison::Equals => ordering.is_eq(),
        Comparison::GreaterThan => ordering.is_gt(),
        Comparison::GreaterThanOrEqual => ordering.is_ge(),
        Comparison::LessThan => ordering.is_lt(),
        Comparison::LessThanOrEqual => ordering.is_le(),
    }
}
