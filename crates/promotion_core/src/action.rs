//! What an action gives on the units as they are (spec/evaluation.md 6–9): which units, how much,
//! rounded at one declared point, split so that the parts add up.

use std::collections::HashMap;

use crate::allocation::{Share, largest_remainder};
use crate::condition::{Matched, matching_lines};
use crate::definition::{
    Action, Allocation, AmountKind, ApplyPer, CartBasedAction, Comparison, ProductBasedAction, ProductCondition,
    ProductKpi, QuantityPer, UnitSelection,
};
use crate::exact::Exact;
use crate::money::{DefinitionNumber, MILLION, Money, Quantity};
use crate::rounding::Rounding;
use crate::settings::{Base, Remainder, RoundingLevel};
use crate::units::{Basket, Piece};

/// The settings that amounts depend on.
#[derive(Debug, Clone, Copy)]
pub struct AmountRules {
    /// How a discount is rounded.
    pub rounding: Rounding,
    /// What percentages are taken of.
    pub percentage_base: Base,
    /// What line discounts are rounded over.
    pub rounding_level: RoundingLevel,
    /// Who gets what a split leaves over.
    pub remainder: Remainder,
}

/// What one promotion gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Its whole discount: the sum of its pieces'.
    pub discount: Money,
    /// The units it falls on; those of one line stand together.
    pub pieces: Vec<Piece>,
    /// Units that had to be bought for it and got none of it, per line.
    pub triggers: Vec<(usize, Quantity)>,
}

/// Equal units that take part in a split.
struct Group {
    line: usize,
    run: usize,
    /// How many units, or 1 where the unit is cut.
    count: i128,
    /// One unit, or what the cut leaves of it.
    unit: Quantity,
    /// What each counts in the split.
    weight: Exact,
    /// The most each can lose, in millionths.
    cap: Exact,
}

/// Computes an action; None where it gives nothing.
pub fn compute(action: &Action, matched: &Matched, basket: &Basket<'_, '_>, rules: AmountRules) -> Option<Application> {
    let application = match action {
        Action::CartBased(action) => cart_based(action, basket, rules),
        Action::ProductBased(action) => product_based(action, matched, basket, rules),
    };
    (!application.discount.is_zero()).then_some(application)
}

fn percent_of(base: &Exact, percentage: DefinitionNumber) -> Exact {
    base.mul(&Exact::ratio(percentage.0, 100 * MILLION))
}

fn at_most(amount: Exact, most: Option<DefinitionNumber>) -> Exact {
    match most {
        Some(most) => amount.min(Exact::whole(most.0)),
        None => amount,
    }
}

fn cart_based(action: &CartBasedAction, basket: &Basket<'_, '_>, rules: AmountRules) -> Application {
    let lines = in_canonical_order(0..basket.line_count(), basket);
    let left: Money = lines.iter().map(|&line| basket.left(line)).sum();
    let wanted = match action.kind {
        AmountKind::Absolute => Exact::whole(action.value.0),
        AmountKind::Fixed => Exact::whole((left.0 - action.value.0).max(0)),
        AmountKind::Percentage => {
            let base = match rules.percentage_base {
                Base::Net => left,
                Base::Gross => lines.iter().map(|&line| basket.facts[line].line.amount).sum(),
            };
            percent_of(&Exact::whole(base.0), action.value)
        }
    };
    let groups: Vec<Group> = lines
        .iter()
        .map(|&line| Group {
            line,
            run: 0,
            count: 1,
            unit: basket.facts[line].line.quantity,
            weight: match action.allocation {
                Allocation::Proportional => Exact::whole(basket.left(line).0),
                Allocation::Even => Exact::whole(1),
            },
            cap: basket.line_capacity(line),
        })
        .collect();
    let totals = split_over_lines(&at_most(wanted, action.max_discount), &groups, basket, rules);
    let slices: Vec<Slice> = lines
        .iter()
        .flat_map(|&line| {
            basket.runs(line).iter().enumerate().map(move |(run, own)| Slice { line, run, quantity: own.quantity })
        })
        .collect();
    application(&totals, &slices, Vec::new(), basket, rules)
}

fn product_based(
    action: &ProductBasedAction,
    matched: &Matched,
    basket: &Basket<'_, '_>,
    rules: AmountRules,
) -> Application {
    let (slices, triggers) = select_units(action, matched, basket);
    let mut groups = groups_of(&slices, basket);
    // What each group wants per unit; with an absolute value for the set there is no such thing.
    let per_unit: Option<Vec<Exact>> = match (action.kind, action.apply_per) {
        (AmountKind::Percentage, _) => Some(
            groups
                .iter()
                .map(|group| percent_of(&percentage_base(group, basket, rules), action.value).min(group.cap.clone()))
                .collect(),
        ),
        (_, ApplyPer::Unit) => Some(
            groups
                .iter()
                .map(|group| Exact::ratio(action.value.0 * group.unit.0, MILLION).min(group.cap.clone()))
                .collect(),
        ),
        (_, ApplyPer::Set | ApplyPer::Line) => None,
    };
    if let Some(amounts) = per_unit {
        for (group, amount) in groups.iter_mut().zip(amounts) {
            group.weight = amount;
        }
    } else {
        for group in &mut groups {
            group.weight = match action.allocation {
                Allocation::Proportional => left_of(group, basket),
                Allocation::Even => Exact::whole(group.unit.0),
            };
        }
        if action.apply_per == ApplyPer::Line {
            weigh_by_line(&mut groups, action.value);
        }
    }
    let for_the_set = action.kind == AmountKind::Absolute && action.apply_per == ApplyPer::Set;
    let wanted = if for_the_set { Exact::whole(action.value.0) } else { weight_of(&groups) };
    let capped = at_most(wanted.clone(), action.max_discount);
    let totals = if for_the_set || capped < wanted || rules.rounding_level == RoundingLevel::Promotion {
        split_over_lines(&capped, &groups, basket, rules)
    } else {
        rounded_by_line(&groups, basket, rules)
    };
    application(&totals, &slices, triggers, basket, rules)
}

/// Units of one run that benefit.
struct Slice {
    line: usize,
    run: usize,
    quantity: Quantity,
}

/// The units that a product action falls on, in canonical order, and those set aside for it.
fn select_units(
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
        for slice in take_units(&matched.lines, UnitSelection::Dearest, Some(trigger), None, &HashMap::new(), basket) {
            set_aside.insert((slice.line, slice.run), slice.quantity);
        }
    }
    let max = action.max_quantity.map(|max| max.0);
    let (max_cart, max_line) = match action.max_quantity_per {
        QuantityPer::Cart => (max, None),
        QuantityPer::Line => (None, max),
    };
    let most = [exactly, max_cart].into_iter().flatten().min();
    let slices = take_units(&lines, action.selection, most, max_line, &set_aside, basket);
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

/// Takes units of some lines by original unit price, among equals those with most left first, then
/// in canonical order; units with nothing left are passed over. The slices come in canonical order.
fn take_units(
    lines: &[usize],
    selection: UnitSelection,
    most: Option<Quantity>,
    most_per_line: Option<Quantity>,
    set_aside: &HashMap<(usize, usize), Quantity>,
    basket: &Basket<'_, '_>,
) -> Vec<Slice> {
    let mut candidates: Vec<(usize, usize, Exact)> = Vec::with_capacity(lines.len());
    for &line in lines {
        for run in 0..basket.runs(line).len() {
            let left = basket.unit_left(line, run);
            if left.is_positive() {
                candidates.push((line, run, left));
            }
        }
    }
    if most.is_some() || most_per_line.is_some() {
        candidates.sort_by(|(line_a, run_a, left_a), (line_b, run_b, left_b)| {
            let (price_a, price_b) = (&basket.facts[*line_a].unit_price, &basket.facts[*line_b].unit_price);
            let by_price = match selection {
                UnitSelection::Cheapest => price_a.cmp(price_b),
                UnitSelection::Dearest => price_b.cmp(price_a),
            };
            by_price
                .then_with(|| left_b.cmp(left_a))
                .then_with(|| basket.canonical_rank[*line_a].cmp(&basket.canonical_rank[*line_b]))
                .then_with(|| run_a.cmp(run_b))
        });
    }
    let mut rest = most;
    let mut taken_of_line: HashMap<usize, i128> = HashMap::new();
    let mut slices = Vec::with_capacity(candidates.len());
    for (line, run, _) in candidates {
        let aside = set_aside.get(&(line, run)).map_or(0, |quantity| quantity.0);
        let mut quantity = basket.runs(line)[run].quantity.0 - aside;
        if let Some(rest) = rest {
            quantity = quantity.min(rest.0);
        }
        if let Some(most) = most_per_line {
            let taken = taken_of_line.entry(line).or_default();
            quantity = quantity.min(most.0 - *taken);
            *taken += quantity;
        }
        if quantity > 0 {
            rest = rest.map(|rest| Quantity(rest.0 - quantity));
            slices.push(Slice { line, run, quantity: Quantity(quantity) });
        }
    }
    slices.sort_by_key(|slice| (basket.canonical_rank[slice.line], slice.run));
    slices
}

fn in_canonical_order(lines: impl Iterator<Item = usize>, basket: &Basket<'_, '_>) -> Vec<usize> {
    let mut lines: Vec<usize> = lines.collect();
    lines.sort_by_key(|&line| basket.canonical_rank[line]);
    lines
}

/// Cuts slices into whole units and the cut one at their end; weights are yet to be set.
fn groups_of(slices: &[Slice], basket: &Basket<'_, '_>) -> Vec<Group> {
    let mut groups = Vec::with_capacity(slices.len());
    for slice in slices {
        let unit_cap = basket.unit_capacity(slice.line, slice.run);
        let whole = slice.quantity.whole_units();
        let cut = slice.quantity.cut_unit();
        for (count, unit) in [(whole, Quantity(MILLION)), (i128::from(cut > Quantity::ZERO), cut)] {
            if count > 0 {
                groups.push(Group {
                    line: slice.line,
                    run: slice.run,
                    count,
                    unit,
                    weight: Exact::ZERO,
                    cap: unit_cap.mul(&Exact::ratio(unit.0, MILLION)),
                });
            }
        }
    }
    groups
}

/// What one unit of the group has left.
fn left_of(group: &Group, basket: &Basket<'_, '_>) -> Exact {
    basket.unit_left(group.line, group.run).mul(&Exact::ratio(group.unit.0, MILLION))
}

/// What a percentage is taken of, for one unit of the group.
fn percentage_base(group: &Group, basket: &Basket<'_, '_>, rules: AmountRules) -> Exact {
    match rules.percentage_base {
        Base::Net => left_of(group, basket),
        Base::Gross => basket.facts[group.line].unit_price.mul(&Exact::ratio(group.unit.0, MILLION)),
    }
}

fn weight_of(groups: &[Group]) -> Exact {
    groups.iter().fold(Exact::ZERO, |sum, group| sum.add(&group.weight.mul(&Exact::whole(group.count))))
}

fn capacity_of(groups: &[Group]) -> Exact {
    groups.iter().fold(Exact::ZERO, |sum, group| sum.add(&group.cap.mul(&Exact::whole(group.count))))
}

/// Makes each line's weights add up to `value`, or to what the line can lose.
fn weigh_by_line(groups: &mut [Group], value: DefinitionNumber) {
    for on_line in groups.chunk_by_mut(|a, b| a.line == b.line) {
        let weight = weight_of(on_line);
        let amount = Exact::whole(value.0).min(capacity_of(on_line));
        if weight.is_positive() {
            let factor = amount.div(&weight);
            for group in on_line {
                group.weight = group.weight.mul(&factor);
            }
        }
    }
}

/// A discount per line, in canonical order.
type LineTotals = Vec<(usize, Money)>;

/// Rounds a discount once and splits it over its groups; answers what each line gets.
fn split_over_lines(wanted: &Exact, groups: &[Group], basket: &Basket<'_, '_>, rules: AmountRules) -> LineTotals {
    let rounded = rules.rounding.round(wanted);
    let by_line: Vec<&[Group]> = groups.chunk_by(|a, b| a.line == b.line).collect();
    let capacities: Vec<Exact> = by_line.iter().map(|on_line| capacity_of(on_line)).collect();
    let capacity = capacities.iter().fold(Exact::ZERO, |sum, own| sum.add(own));
    if Exact::whole(rounded.0) >= capacity {
        // Everything goes, to the last millionth where a line is taken whole.
        return by_line
            .iter()
            .zip(&capacities)
            .map(|(on_line, own)| (on_line[0].line, most_of_line(on_line, own, basket, rules)))
            .collect();
    }
    let minor = rules.rounding.minor;
    let total = rounded.0 / minor;
    let mut totals: Vec<i128> = match rules.remainder {
        Remainder::Largest => {
            let shares: Vec<Share> = groups
                .iter()
                .map(|group| Share {
                    count: group.count,
                    weight: group.weight.clone(),
                    cap: group.cap.floor_to(minor) / minor,
                })
                .collect();
            let mut parts = largest_remainder(total, &shares).into_iter().zip(&shares);
            by_line
                .iter()
                .map(|on_line| parts.by_ref().take(on_line.len()).map(|(part, share)| part.total(share.count)).sum())
                .collect()
        }
        Remainder::First | Remainder::Last => {
            let weight = weight_of(groups);
            by_line
                .iter()
                .zip(&capacities)
                .map(|(on_line, own)| {
                    let share = Exact::whole(total).mul(&weight_of(on_line)).div(&weight);
                    nearest_halves_down(&share).min(own.floor_to(minor) / minor)
                })
                .collect()
        }
    };
    // What is over, or too much, by rounding and by units that can't be cut to the minor unit.
    let room: Vec<i128> = capacities.iter().map(|own| own.floor_to(minor) / minor).collect();
    let mut order: Vec<usize> = (0..by_line.len()).collect();
    match rules.remainder {
        Remainder::Largest => {}
        Remainder::First => order.sort_by_key(|&index| by_line[index][0].line),
        Remainder::Last => order.sort_by_key(|&index| std::cmp::Reverse(by_line[index][0].line)),
    }
    settle(total - totals.iter().sum::<i128>(), &mut totals, &room, &order);
    by_line.iter().zip(totals).map(|(on_line, minors)| (on_line[0].line, Money(minors * minor))).collect()
}

/// Gives the difference to the first line in `order` that can take it whole, else to several.
fn settle(mut difference: i128, totals: &mut [i128], room: &[i128], order: &[usize]) {
    let can_take = |difference: i128, index: usize, totals: &[i128]| {
        if difference >= 0 { difference.min(room[index] - totals[index]) } else { difference.max(-totals[index]) }
    };
    if let Some(&index) = order.iter().find(|&&index| can_take(difference, index, totals) == difference) {
        totals[index] += difference;
        return;
    }
    for &index in order {
        let part = can_take(difference, index, totals);
        totals[index] += part;
        difference -= part;
    }
}

fn nearest_halves_down(value: &Exact) -> i128 {
    let below = value.floor();
    below + i128::from(value.sub(&Exact::whole(below)) > Exact::ratio(1, 2))
}

/// The most that the groups of one line can lose: all that the line can, where they are all of it,
/// be that finer than a minor unit; whole minor units else.
fn most_of_line(on_line: &[Group], capacity: &Exact, basket: &Basket<'_, '_>, rules: AmountRules) -> Money {
    let selected: i128 = on_line.iter().map(|group| group.count * group.unit.0).sum();
    let line = on_line[0].line;
    let left_over: i128 = (0..basket.runs(line).len())
        .filter(|&run| basket.unit_left(line, run).is_positive())
        .map(|run| basket.runs(line)[run].quantity.0)
        .sum::<i128>()
        - selected;
    if left_over <= 0 && basket.line_capacity(line).is_whole() {
        Money(basket.line_capacity(line).floor())
    } else {
        Money(capacity.floor_to(rules.rounding.minor))
    }
}

/// Rounds per line or per unit, and sums up (`roundingLevel` LINE and UNIT).
fn rounded_by_line(groups: &[Group], basket: &Basket<'_, '_>, rules: AmountRules) -> LineTotals {
    groups
        .chunk_by(|a, b| a.line == b.line)
        .map(|on_line| {
            let rounded = if rules.rounding_level == RoundingLevel::Line {
                rules.rounding.round(&weight_of(on_line))
            } else {
                Money(on_line.iter().map(|group| rules.rounding.round(&group.weight).0 * group.count).sum())
            };
            let most = most_of_line(on_line, &capacity_of(on_line), basket, rules);
            (on_line[0].line, rounded.min(most))
        })
        .collect()
}

/// Splits every line's discount over its units and puts the application together. Totals and slices
/// are of the same lines in the same order.
fn application(
    totals: &[(usize, Money)],
    slices: &[Slice],
    triggers: Vec<(usize, Quantity)>,
    basket: &Basket<'_, '_>,
    rules: AmountRules,
) -> Application {
    let mut pieces = Vec::new();
    for (&(_, total), on_line) in totals.iter().zip(slices.chunk_by(|a, b| a.line == b.line)) {
        if total > Money::ZERO {
            split_over_units(total, on_line, basket, rules.rounding.minor, &mut pieces);
        }
    }
    Application { discount: totals.iter().map(|(_, total)| *total).sum(), pieces, triggers }
}

/// Splits one line's discount over units of it, in proportion to what each has left. A unit price
/// that is no whole number of minor units may be exceeded by less than one of them: the line as a
/// whole never is.
fn split_over_units(total: Money, slices: &[Slice], basket: &Basket<'_, '_>, minor: i128, pieces: &mut Vec<Piece>) {
    let groups = groups_of(slices, basket);
    let shares: Vec<Share> = groups
        .iter()
        .map(|group| {
            let floor = group.cap.floor_to(minor);
            let cap = floor / minor + i128::from(group.cap > Exact::whole(floor));
            Share { count: group.count, weight: left_of(group, basket), cap }
        })
        .collect();
    // What is finer than a minor unit (a whole line that ends in such) goes to the first unit.
    let mut residue = total.0 % minor;
    for (part, group) in largest_remainder(total.0 / minor, &shares).into_iter().zip(&groups) {
        let mut push = |count: i128, each: i128| {
            if count > 0 && each > 0 {
                pieces.push(Piece {
                    line: group.line,
                    run: group.run,
                    quantity: Quantity(count * group.unit.0),
                    discount: Money(count * each),
                });
            }
        };
        let with_residue = i128::from(residue > 0 && group.cap.is_positive());
        let (first, raised) = (part.each + i128::from(part.raised > 0), part.raised);
        push(with_residue, first * minor + residue);
        if with_residue > 0 {
            residue = 0;
        }
        push(raised - with_residue.min(raised), (part.each + 1) * minor);
        push(group.count - raised.max(with_residue), part.each * minor);
    }
}
