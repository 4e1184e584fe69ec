//! Which units a product action falls on (spec/evaluation.md 6 and 7, spec/definition.md "Actions").

use std::collections::HashMap;

use crate::condition::{Matched, matching_lines};
use crate::definition::{Comparison, ProductBasedAction, ProductCondition, ProductKpi, QuantityPer, UnitSelection};
use crate::money::Quantity;
use crate::units::Basket;

/// Units of one run that benefit.
pub struct Slice {
    /// The line's index.
    pub line: usize,
    /// The run's index in its line.
    pub run: usize,
    /// How many of its units.
    pub quantity: Quantity,
}

/// The units that a product action falls on, in canonical order, and those set aside for it.
pub fn select_units(
    action: &ProductBasedAction,
    matched: &Matched,
    basket: &Basket<'_, '_>,
) -> (Vec<Slice>, Vec<(usize, Quantity)>) {
    let selecting = action.product_based_condition.as_ref();
    let exactly = selecting.and_then(exact_units);
    let lines = match selecting {
        None => matched.lines.clone(),
        Some(condition) => {
            let mut lines = matching_lines(condition, basket.facts);
            if action.include_items_from_condition_set {
                lines.retain(|line| matched.lines.binary_search(line).is_ok());
            }
            lines
        }
    };
    let mut set_aside: HashMap<(usize, usize), Quantity> = HashMap::new();
    if let (false, Some(_), Some(trigger)) = (action.include_items_from_condition_set, exactly, matched.trigger) {
        let dearest = Taking { selection: UnitSelection::Dearest, most: Some(trigger), ..Taking::all() };
        for slice in take_units(&matched.lines, &dearest, &HashMap::new(), basket) {
            set_aside.insert((slice.line, slice.run), slice.quantity);
        }
    }
    let max = action.max_quantity.map(|max| max.0);
    let (max_cart, max_line) = match action.max_quantity_per {
        QuantityPer::Cart => (max, None),
        QuantityPer::Line => (None, max),
    };
    let most = [exactly, max_cart].into_iter().flatten().min();
    let taking = Taking { selection: action.selection, most, most_per_line: max_line, reducible: true };
    let slices = take_units(&lines, &taking, &set_aside, basket);
    let mut triggers: HashMap<usize, Quantity> = HashMap::new();
    for (&(line, _), quantity) in &set_aside {
        let sum = triggers.entry(line).or_default();
        *sum = Quantity(sum.0 + quantity.0);
    }
    let mut triggers: Vec<(usize, Quantity)> = triggers.into_iter().collect();
    triggers.sort_unstable();
    (slices, triggers)
}

/// The exact number of units that a selecting condition names: its QUANTITY EQUALS n.
fn exact_units(condition: &ProductCondition) -> Option<Quantity> {
    match (condition.kpi, condition.measure) {
        (ProductKpi::Quantity, Some((Comparison::Equals, value))) => Some(Quantity(value.0)),
        _ => None,
    }
}

/// How units are taken.
struct Taking {
    /// By which end of the original unit prices.
    selection: UnitSelection,
    /// At most so many.
    most: Option<Quantity>,
    /// At most so many of each line.
    most_per_line: Option<Quantity>,
    /// Only units that can still lose something.
    reducible: bool,
}

impl Taking {
    /// All units, whatever they have left.
    fn all() -> Self {
        Self { selection: UnitSelection::Cheapest, most: None, most_per_line: None, reducible: false }
    }
}

/// Takes units of some lines by original unit price, among equals those with most left first, then
/// in canonical order. The slices come in canonical order.
fn take_units(
    lines: &[usize],
    taking: &Taking,
    set_aside: &HashMap<(usize, usize), Quantity>,
    basket: &Basket<'_, '_>,
) -> Vec<Slice> {
    let mut candidates: Vec<(usize, usize)> = lines
        .iter()
        .flat_map(|&line| (0..basket.runs(line).len()).map(move |run| (line, run)))
        .filter(|&(line, run)| !taking.reducible || basket.unit_capacity(line, run).is_positive())
        .collect();
    if taking.most.is_some() || taking.most_per_line.is_some() {
        candidates.sort_by(|&(line_a, run_a), &(line_b, run_b)| {
            let (price_a, price_b) = (&basket.facts[line_a].unit_price, &basket.facts[line_b].unit_price);
            let by_price = match taking.selection {
                UnitSelection::Cheapest => price_a.cmp(price_b),
                UnitSelection::Dearest => price_b.cmp(price_a),
            };
            by_price
                .then_with(|| basket.unit_left(line_b, run_b).cmp(&basket.unit_left(line_a, run_a)))
                .then_with(|| basket.rank[line_a].cmp(&basket.rank[line_b]))
                .then_with(|| run_a.cmp(&run_b))
        });
    }
    let mut rest = taking.most;
    let mut taken_of_line: HashMap<usize, i128> = HashMap::new();
    let mut slices = Vec::with_capacity(candidates.len());
    for (line, run) in candidates {
        let aside = set_aside.get(&(line, run)).map_or(0, |quantity| quantity.0);
        let mut quantity = basket.runs(line)[run].quantity.0 - aside;
        if let Some(rest) = rest {
            quantity = quantity.min(rest.0);
        }
        if let Some(most) = taking.most_per_line {
            let taken = taken_of_line.entry(line).or_default();
            quantity = quantity.min(most.0 - *taken);
            *taken += quantity;
        }
        if quantity > 0 {
            rest = rest.map(|rest| Quantity(rest.0 - quantity));
            slices.push(Slice { line, run, quantity: Quantity(quantity) });
        }
    }
    slices.sort_by_key(|slice| (basket.rank[slice.line], slice.run));
    slices
}
