//! Which lines a product condition is about (spec/definition.md, PRODUCT), and comparisons.

use std::collections::HashSet;

use smallvec::SmallVec;

use crate::cart::Line;
use crate::definition::{Comparison, Criterion, ListEntity, ProductCondition, ProductKpi};
use crate::exact::Exact;
use crate::money::{DefinitionNumber, MILLION, Money};
use crate::units::LineFacts;

/// Some of a cart's lines: most conditions hold on one.
pub type Lines = SmallVec<[usize; 2]>;

/// A cart's lines by what conditions name: SKUs, categories and brands, each list sorted.
pub struct LinesByValue<'l> {
    sku: Vec<(&'l str, usize)>,
    category: Vec<(&'l str, usize)>,
    brand: Vec<(&'l str, usize)>,
}

impl<'l> LinesByValue<'l> {
    /// Of fewer lines, looking at each is no slower.
    const FEWEST: usize = 4;

    /// Of a cart's lines; None where they are few.
    pub fn new(facts: &[LineFacts<'l>]) -> Option<Self> {
        (facts.len() >= Self::FEWEST).then(|| {
            let sorted = |mut list: Vec<(&'l str, usize)>| {
                list.sort_unstable();
                list
            };
            let lines = || facts.iter().enumerate();
            Self {
                sku: sorted(lines().map(|(line, fact)| (fact.line.sku, line)).collect()),
                category: sorted(
                    lines()
                        .flat_map(|(line, fact)| fact.categories().iter().map(move |value| (*value, line)))
                        .collect(),
                ),
                brand: sorted(
                    lines().flat_map(|(line, fact)| fact.line.brands.iter().map(move |value| (*value, line))).collect(),
                ),
            }
        })
    }

    /// Lines that hold all that can fulfil a condition, ascending; None where nothing tells.
    fn lines(&self, condition: &ProductCondition) -> Option<Lines> {
        let (list, values) = condition.criteria.iter().find_map(|criterion| match criterion {
            Criterion::Values { entity, negated: false, values, .. } => match entity {
                ListEntity::Sku => Some((&self.sku, values)),
                ListEntity::Category => Some((&self.category, values)),
                ListEntity::Brand => Some((&self.brand, values)),
                ListEntity::Attribute => None,
            },
            _ => None,
        })?;
        let mut lines = Lines::new();
        for value in values {
            let from = list.partition_point(|(own, _)| *own < value.as_str());
            let count = list[from..].iter().take_while(|(own, _)| own == value).count();
            lines.extend(list[from..from + count].iter().map(|(_, line)| *line));
        }
        if values.len() > 1 {
            lines.sort_unstable();
        }
        lines.dedup();
        Some(lines)
    }
}

/// The lines that fulfil every criterion, and a measure per line where there is one; ascending.
/// `amount` is what a line counts in LINE_AMOUNT.
pub fn matching_lines(
    condition: &ProductCondition,
    facts: &[LineFacts<'_>],
    by_value: Option<&LinesByValue<'_>>,
    amount: impl Fn(usize) -> Money,
) -> Lines {
    let reaches = |line: usize| match (condition.kpi, condition.measure) {
        (ProductKpi::LineQuantity, Some((operator, value))) => compares(operator, facts[line].line.quantity.0, value),
        (ProductKpi::LineAmount, Some((operator, value))) => compares(operator, amount(line).0, value),
        _ => true,
    };
    let fulfils = |line: &usize| condition.criteria_hold(&facts[*line]) && reaches(*line);
    match by_value.and_then(|by_value| by_value.lines(condition)) {
        Some(mut lines) => {
            lines.retain(|line| fulfils(line));
            lines
        }
        None => (0..facts.len()).filter(fulfils).collect(),
    }
}

impl ProductCondition {
    /// Whether a line fulfils every criterion.
    pub(crate) fn criteria_hold(&self, fact: &LineFacts<'_>) -> bool {
        self.criteria.iter().all(|criterion| criterion_holds(criterion, fact))
    }

    /// Whether nothing at all fulfils it: "fewer than one of these".
    pub(crate) fn holds_without_lines(&self) -> bool {
        let measures_all = matches!(self.kpi, ProductKpi::Quantity | ProductKpi::Amount | ProductKpi::Itemcount);
        measures_all && self.measure.is_some_and(|(operator, value)| compares(operator, 0, value))
    }
}

fn criterion_holds(criterion: &Criterion, fact: &LineFacts<'_>) -> bool {
    match criterion {
        Criterion::Values { entity, attribute, negated, values } => {
            let own: &[&str] = match entity {
                ListEntity::Sku => std::slice::from_ref(&fact.line.sku),
                ListEntity::Category => fact.categories(),
                ListEntity::Brand => &fact.line.brands,
                ListEntity::Attribute => {
                    let own = attribute.as_deref().and_then(|name| fact.line.attributes.get(name));
                    return own.is_some_and(|own| own.iter().any(|value| lists(values, value))) != *negated;
                }
            };
            own.iter().any(|value| lists(values, value)) != *negated
        }
        Criterion::UnitPrice { comparison, value } => holds(*comparison, fact.unit_price.cmp(&Exact::whole(value.0))),
        Criterion::AnyOf(criteria) => criteria.iter().any(|inner| criterion_holds(inner, fact)),
    }
}

/// Whether a sorted list has a value.
#[inline]
pub fn lists(values: &[String], value: &str) -> bool {
    match values {
        // Texts of different lengths are told apart without a look at them.
        [only] => only == value,
        values => values.binary_search_by(|own| own.as_str().cmp(value)).is_ok(),
    }
}

/// The number of distinct SKUs, in millionths as every measured value.
pub fn distinct_skus<'l>(lines: impl Iterator<Item = &'l Line<'l>>) -> i128 {
    let skus: HashSet<&str> = lines.map(|line| line.sku).collect();
    skus.len() as i128 * MILLION
}

/// Whether a measured value compares so with the one in the definition.
pub fn compares(operator: Comparison, measured: i128, value: DefinitionNumber) -> bool {
    holds(operator, measured.cmp(&value.0))
}

/// Whether an operator holds for an ordering of its two sides.
pub fn holds(operator: Comparison, ordering: std::cmp::Ordering) -> bool {
    match operator {
        Comparison::Equals => ordering.is_eq(),
        Comparison::GreaterThan => ordering.is_gt(),
        Comparison::GreaterThanOrEqual => ordering.is_ge(),
        Comparison::LessThan => ordering.is_lt(),
        Comparison::LessThanOrEqual => ordering.is_le(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::cart::Cart;
    use crate::definition::Condition;
    use crate::json::{DEFINITION_LIMITS, read};
    use crate::units::line_facts;

    fn value() -> impl Strategy<Value = String> {
        (0..6_u8).prop_map(|number| format!("v{number}"))
    }

    fn item() -> impl Strategy<Value = Value> {
        let values = || prop::collection::vec(value(), 0..3);
        (value(), 1..4_u8, values(), values()).prop_map(|(sku, quantity, categories, brands)| {
            json!({"sku": sku, "qty": quantity, "amount": 1, "categoryList": categories, "brandList": brands})
        })
    }

    fn criterion() -> impl Strategy<Value = Value> {
        let entity = prop_oneof![Just("SKU"), Just("CATEGORY"), Just("BRAND")];
        let operator = prop_oneof![3 => Just("IN"), 1 => Just("NOT_IN")];
        (entity, operator, prop::collection::btree_set(value(), 1..4))
            .prop_map(|(entity, operator, values)| json!({"entity": entity, "operator": operator, "values": values}))
    }

    proptest! {
        /// Of many lines, those found by value are those that each line's look would find.
        #[test]
        fn lines_found_by_value_are_all_that_match(
            items in prop::collection::vec(item(), LinesByValue::FEWEST..40),
            criteria in prop::collection::vec(criterion(), 1..3),
            measured in any::<bool>(),
        ) {
            let mut own = json!({"criteriaList": criteria, "kpi": "NONE"});
            if measured {
                own = json!({"criteriaList": criteria, "kpi": "LINE_QUANTITY", "operator": "GREATER_THAN", "value": 1});
            }
            let whole = json!({"type": "PRODUCT", "productCondition": own});
            let condition: Condition = read(&whole, DEFINITION_LIMITS).expect("a condition");
            let Condition::Product(condition) = condition else { panic!("a product condition") };
            let request = json!({"amount": items.len(), "cartItems": items});
            let cart = Cart::parse(&request).expect("a cart");
            let parents = std::collections::HashMap::new();
            let facts = line_facts(&cart, &cart.lines, &parents);
            let by_value = LinesByValue::new(&facts);
            prop_assert!(by_value.is_some());
            let amount = |line: usize| cart.lines[line].amount;
            let found = matching_lines(&condition, &facts, by_value.as_ref(), amount);
            prop_assert_eq!(found, matching_lines(&condition, &facts, None, amount));
        }
    }
}
