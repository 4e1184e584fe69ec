//! What an action gives on the units as they are (spec/evaluation.md 6–9): which units, how much,
//! rounded at one declared point, split so that the parts add up.

use crate::condition::Matched;
use crate::definition::{Action, Allocation, AmountKind, ApplyPer, CartBasedAction, ProductBasedAction};
use crate::exact::Exact;
use crate::money::{DefinitionNumber, MILLION, Money, Quantity};
use crate::rounding::Rounding;
use crate::settings::{Base, Remainder, RoundingLevel};
use crate::split::{Group, Over, Splitter, capacity_of, weight_of};
use crate::unit_selection::{Slice, select_units};
use crate::units::{Basket, Piece};

/// The settings that amounts depend on.
#[derive(Clone, Copy)]
pub struct AmountRules<'p> {
    /// How a discount is rounded.
    pub rounding: Rounding,
    /// What percentages are taken of.
    pub percentage_base: Base,
    /// What line discounts are rounded over.
    pub rounding_level: RoundingLevel,
    /// Who gets what a split leaves over.
    pub remainder: Remainder,
    /// Called for every line, so that a caller can stop a long computation by unwinding.
    pub pulse: &'p dyn Fn(),
}

impl<'p> AmountRules<'p> {
    fn splitter<'s, 'b, 'c>(self, basket: &'s Basket<'b, 'c>) -> Splitter<'s, 'b, 'c>
    where
        'p: 's,
    {
        Splitter { basket, rounding: self.rounding, remainder: self.remainder, pulse: self.pulse }
    }
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

/// Computes an action; None where it gives nothing.
pub fn compute(
    action: &Action,
    matched: &Matched,
    basket: &Basket<'_, '_>,
    rules: AmountRules<'_>,
) -> Option<Application> {
    let (pieces, triggers) = match action {
        Action::CartBased(action) => (cart_based(action, basket, rules), Vec::new()),
        Action::ProductBased(action) => {
            let (slices, triggers) = select_units(action, matched, basket);
            (product_based(action, &mut groups_of(&slices, basket), basket, rules), triggers)
        }
    };
    let discount: Money = pieces.iter().map(|piece| piece.discount).sum();
    (!discount.is_zero()).then_some(Application { discount, pieces, triggers })
}

fn most(max_discount: Option<DefinitionNumber>) -> Option<Money> {
    max_discount.map(|most| Money(most.0))
}

fn percent_of(base: &Exact, percentage: DefinitionNumber) -> Exact {
    base.mul(&Exact::ratio(percentage.0, 100 * MILLION))
}

fn cart_based(action: &CartBasedAction, basket: &Basket<'_, '_>, rules: AmountRules<'_>) -> Vec<Piece> {
    let mut lines: Vec<usize> = (0..basket.line_count()).collect();
    lines.sort_by_key(|&line| basket.rank[line]);
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
    let slices: Vec<Slice> = lines
        .iter()
        .flat_map(|&line| {
            basket.runs(line).iter().enumerate().map(move |(run, own)| Slice { line, run, quantity: own.quantity })
        })
        .collect();
    let mut groups = groups_of(&slices, basket);
    for group in &mut groups {
        group.weight = left_of(group, basket);
    }
    let over = match action.allocation {
        Allocation::Proportional => Over::Lines,
        Allocation::Even => Over::LinesEvenly,
    };
    rules.splitter(basket).rounded_once(&wanted, most(action.max_discount), &groups, over)
}

fn product_based(
    action: &ProductBasedAction,
    groups: &mut [Group],
    basket: &Basket<'_, '_>,
    rules: AmountRules<'_>,
) -> Vec<Piece> {
    for group in groups.iter_mut() {
        group.weight = match (action.kind, action.apply_per) {
            (AmountKind::Percentage, _) => {
                percent_of(&percentage_base(group, basket, rules), action.value).min(group.cap.clone())
            }
            (_, ApplyPer::Unit) => Exact::ratio(action.value.0 * group.unit.0, MILLION).min(group.cap.clone()),
            (_, ApplyPer::Set | ApplyPer::Line) => match action.allocation {
                Allocation::Proportional => left_of(group, basket),
                Allocation::Even => Exact::whole(group.unit.0),
            },
        };
    }
    if action.kind == AmountKind::Absolute && action.apply_per == ApplyPer::Line {
        weigh_by_line(groups, action.value);
    }
    let splitter = rules.splitter(basket);
    let once = |wanted: &Exact| splitter.rounded_once(wanted, most(action.max_discount), groups, Over::Units);
    // Where the value is for the set, no line and no unit wants an amount of its own; where it is for
    // each line, no unit does.
    let level = match (action.kind, action.apply_per, rules.rounding_level) {
        (AmountKind::Percentage, _, level) | (_, ApplyPer::Unit, level) => level,
        (_, ApplyPer::Line, RoundingLevel::Unit) => RoundingLevel::Line,
        (_, ApplyPer::Line, level) => level,
        (_, ApplyPer::Set, _) => return once(&Exact::whole(action.value.0)),
    };
    if level == RoundingLevel::Promotion {
        return once(&weight_of(groups));
    }
    let pieces = splitter.rounded_by(level, groups);
    let sum: Money = pieces.iter().map(|piece| piece.discount).sum();
    match most(action.max_discount) {
        // A discount that is capped is rounded once.
        Some(most) if sum > most => once(&Exact::whole(most.0)),
        _ => pieces,
    }
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
fn percentage_base(group: &Group, basket: &Basket<'_, '_>, rules: AmountRules<'_>) -> Exact {
    match rules.percentage_base {
        Base::Net => left_of(group, basket),
        Base::Gross => basket.facts[group.line].unit_price.mul(&Exact::ratio(group.unit.0, MILLION)),
    }
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
