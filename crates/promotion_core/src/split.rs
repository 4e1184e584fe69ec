//! Splitting one promotion's discount over lines and units (spec/evaluation.md 8 and 9): rounded
//! once, or once per line or unit; parts add up to the whole; no line loses more than it has.

use smallvec::{SmallVec, smallvec};

use crate::allocation::{Part, Share, largest_remainder, part_of_one, sum_of_weights};
use crate::exact::{Exact, divided, product};
use crate::money::{Money, Quantity};
use crate::rounding::Rounding;
use crate::settings::{Remainder, RoundingLevel};
use crate::units::{Basket, Piece, Pieces};

/// Equal units that take part in a split. All groups of one line stand together, and lines in
/// canonical order.
#[derive(Debug, Clone)]
pub struct Group {
    /// The line's index.
    pub line: usize,
    /// The run's index in its line.
    pub run: usize,
    /// How many units, or 1 where the unit is cut.
    pub count: i128,
    /// One unit, or what the cut leaves of it.
    pub unit: Quantity,
    /// What each counts in the split, in millionths where it is an amount.
    pub weight: Exact,
    /// The most each can lose, in millionths.
    pub cap: Exact,
}

/// What a discount is split over first; within a line it always goes over its units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// The selected units.
    Units,
    /// All lines, by their weights.
    Lines,
    /// All lines, in equal parts.
    LinesEvenly,
}

/// The sum of the groups' weights. Of one line after the other: the units of a whole line add up to
/// whole millionths, whatever its quantity.
pub fn weight_of(groups: &[Group]) -> Exact {
    sum_by_line(groups, |group| &group.weight)
}

/// The most that the units of the groups can lose together.
pub fn capacity_of(groups: &[Group]) -> Exact {
    sum_by_line(groups, |group| &group.cap)
}

fn sum_by_line(groups: &[Group], of: impl Fn(&Group) -> &Exact) -> Exact {
    if let [group] = groups {
        return of(group).mul(&Exact::whole(group.count));
    }
    let of_line = |on_line: &[Group]| {
        on_line.iter().fold(Exact::ZERO, |sum, group| sum.add(&of(group).mul(&Exact::whole(group.count))))
    };
    Exact::sum(groups.chunk_by(|a, b| a.line == b.line).map(of_line))
}

/// How discounts are split on the units as they are.
pub struct Splitter<'s, 'b, 'c> {
    /// The units.
    pub basket: &'s Basket<'b, 'c>,
    /// How amounts are rounded.
    pub rounding: Rounding,
    /// Who gets what a split leaves over.
    pub remainder: Remainder,
    /// Whether it is asked who bears a discount; else its pieces only add up to it.
    pub splits: bool,
    /// Called for every line, so that a caller can stop a long computation by unwinding.
    pub pulse: &'s dyn Fn(),
}

/// The groups of one line.
struct OnLine<'g> {
    line: usize,
    groups: &'g [Group],
    /// The most that they can lose: what their units can, and never more than the line can.
    capacity: Exact,
}

impl Splitter<'_, '_, '_> {
    fn lines<'g>(&self, groups: &'g [Group]) -> SmallVec<[OnLine<'g>; 1]> {
        match groups {
            [first, .., last] if first.line != last.line => {
                groups.chunk_by(|a, b| a.line == b.line).map(|groups| self.on_line(groups)).collect()
            }
            [] => SmallVec::new(),
            groups => smallvec![self.on_line(groups)],
        }
    }

    fn on_line<'g>(&self, groups: &'g [Group]) -> OnLine<'g> {
        (self.pulse)();
        let line = groups[0].line;
        OnLine { line, groups, capacity: capacity_of(groups).min(self.basket.line_capacity(line)) }
    }

    /// What a line counts in a split over lines.
    fn line_weight(&self, on_line: &OnLine<'_>, over: Over) -> Exact {
        match over {
            Over::LinesEvenly => Exact::whole(1),
            Over::Lines => Exact::whole(self.basket.left(on_line.line).0),
            Over::Units => weight_of(on_line.groups),
        }
    }

    fn minors(&self, amount: &Exact) -> i128 {
        amount.steps(self.rounding.minor).0
    }

    fn money(&self, minors: i128) -> Money {
        Money(product(minors, self.rounding.minor))
    }

    /// A discount rounded once, but never above `most`.
    pub fn rounded(&self, wanted: &Exact, most: Option<Money>) -> Money {
        let rounded = self.rounding.round(wanted);
        most.map_or(rounded, |most| rounded.min(self.money(self.minors(&Exact::whole(most.0)))))
    }

    /// Rounds a discount once, but never above `most`, and splits it.
    pub fn rounded_once(&self, wanted: &Exact, most: Option<Money>, groups: &[Group], over: Over) -> Pieces {
        let rounded = self.rounded(wanted, most);
        if rounded <= Money::ZERO {
            return Pieces::new();
        }
        let lines = self.lines(groups);
        let capacity = match lines.as_slice() {
            [line] => line.capacity.clone(),
            lines => Exact::sum(lines.iter().map(|line| line.capacity.clone())),
        };
        if Exact::whole(rounded.0) >= capacity {
            let all: SmallVec<[Money; 1]> = lines.iter().map(|line| self.all_of(line)).collect();
            return self.over_units(&lines, &all);
        }
        if !self.splits {
            return smallvec![Piece::sum(lines[0].line, rounded)];
        }
        if let [line] = lines.as_slice() {
            // Whatever it is split over, it is all this line's.
            let mut pieces = Pieces::new();
            self.over_units_of(line, rounded, &mut pieces);
            return pieces;
        }
        let total = divided(rounded.0, self.rounding.minor).0;
        match (self.remainder, over) {
            (Remainder::Largest, Over::Units) => self.largest_over_units(total, groups, &lines),
            (Remainder::Largest, Over::Lines | Over::LinesEvenly) => {
                let totals = self.largest_over_lines(total, &lines, over);
                self.settled(total, totals, &lines)
            }
            (Remainder::First | Remainder::Last, _) => {
                let totals = self.nearest_over_lines(total, &lines, over);
                self.settled(total, totals, &lines)
            }
        }
    }

    /// Rounds what each line or each unit wants (its weight), and sums up.
    pub fn rounded_by(&self, level: RoundingLevel, groups: &[Group]) -> Pieces {
        let lines = self.lines(groups);
        let totals: SmallVec<[Money; 1]> = lines
            .iter()
            .map(|line| {
                let rounded = match level {
                    // Each unit by itself, at most what it can lose: a line in two parts gives the same.
                    RoundingLevel::Unit => {
                        let of = |group: &Group| {
                            let rounded = Exact::whole(self.rounding.round(&group.weight).0);
                            rounded.min(group.cap.clone()).mul(&Exact::whole(group.count))
                        };
                        let units = line.groups.iter().fold(Exact::ZERO, |sum, group| sum.add(&of(group)));
                        if units >= line.capacity {
                            return self.all_of(line);
                        }
                        self.money(self.minors(&units)).0
                    }
                    RoundingLevel::Line | RoundingLevel::Promotion => self.rounding.round(&weight_of(line.groups)).0,
                };
                Money(rounded).min(self.all_of(line))
            })
            .collect();
        self.over_units(&lines, &totals)
    }

    /// The most that the groups of a line can lose: all that the line can, where they are all of it,
    /// be that finer than a minor unit; whole minor units else.
    fn all_of(&self, on_line: &OnLine<'_>) -> Money {
        let (basket, line) = (self.basket, on_line.line);
        let selected = on_line.groups.iter().filter(|group| group.cap.is_positive());
        let selected: i128 = selected.map(|group| product(group.count, group.unit.0)).sum();
        let reducible: i128 = (0..basket.runs(line).len())
            .filter(|&run| basket.unit_capacity(line, run).is_positive())
            .map(|run| basket.runs(line)[run].quantity.0)
            .sum();
        let whole_line = basket.line_capacity(line);
        if selected >= reducible && whole_line.is_whole() {
            Money(whole_line.floor())
        } else {
            self.money(self.minors(&on_line.capacity))
        }
    }

    /// LARGEST over units: every unit of every line takes part in one split.
    fn largest_over_units(&self, total: i128, groups: &[Group], lines: &[OnLine<'_>]) -> Pieces {
        let parts = largest_remainder(total, &self.shares(groups), self.pulse);
        let mut rest = parts.as_slice();
        let mut parts_by_line = Vec::with_capacity(lines.len());
        for line in lines {
            let (own, others) = rest.split_at(line.groups.len());
            parts_by_line.push(own);
            rest = others;
        }
        let split: Vec<i128> = lines
            .iter()
            .zip(&parts_by_line)
            .map(|(line, parts)| parts.iter().zip(line.groups).map(|(part, group)| part.total(group.count)).sum())
            .collect();
        let settled = self.settle(total, split.clone(), lines);
        let mut pieces = Pieces::new();
        for (index, line) in lines.iter().enumerate() {
            if settled[index] == split[index] {
                push_pieces(line.groups, parts_by_line[index], 0, self.rounding.minor, &mut pieces);
            } else {
                self.over_units_of(line, self.money(settled[index]), &mut pieces);
            }
        }
        pieces
    }

    /// LARGEST over lines: every line takes part in one split, whatever its quantity.
    fn largest_over_lines(&self, total: i128, lines: &[OnLine<'_>], over: Over) -> Vec<i128> {
        let shares: Vec<Share> = lines
            .iter()
            .map(|line| Share { count: 1, weight: self.line_weight(line, over), cap: self.minors(&line.capacity) })
            .collect();
        largest_remainder(total, &shares, self.pulse).into_iter().map(|part| part.total(1)).collect()
    }

    /// FIRST and LAST: every line's share to the nearest minor unit, halves down.
    fn nearest_over_lines(&self, total: i128, lines: &[OnLine<'_>], over: Over) -> Vec<i128> {
        let mut weights: Vec<Exact> = lines.iter().map(|line| self.line_weight(line, over)).collect();
        let counted: Vec<(usize, i128)> = (0..lines.len()).map(|index| (index, 1)).collect();
        let weight = sum_of_weights(&mut weights, &counted, self.pulse);
        let nearest = |own: &Exact| {
            let share = Exact::whole(total).mul(own).div(&weight);
            let below = share.floor();
            below + i128::from(share.sub(&Exact::whole(below)) > Exact::ratio(1, 2))
        };
        weights.iter().map(|own| if weight.is_positive() { nearest(own) } else { 0 }).collect()
    }

    fn settled(&self, total: i128, totals: Vec<i128>, lines: &[OnLine<'_>]) -> Pieces {
        let totals: Vec<Money> =
            self.settle(total, totals, lines).into_iter().map(|minors| self.money(minors)).collect();
        self.over_units(lines, &totals)
    }

    /// Makes the lines' totals (in minor units) add up: each at most what its line can lose, and the
    /// difference to the first line in `remainder`'s order that can take it whole, else to several.
    fn settle(&self, total: i128, mut totals: Vec<i128>, lines: &[OnLine<'_>]) -> Vec<i128> {
        let room: Vec<i128> = lines.iter().map(|line| self.minors(&line.capacity)).collect();
        for (own, room) in totals.iter_mut().zip(&room) {
            *own = (*own).min(*room);
        }
        let mut difference = total - totals.iter().sum::<i128>();
        let mut order: Vec<usize> = (0..lines.len()).collect();
        match self.remainder {
            Remainder::Largest => {}
            Remainder::First => order.sort_by_key(|&index| lines[index].line),
            Remainder::Last => order.sort_by_key(|&index| std::cmp::Reverse(lines[index].line)),
        }
        let can_take = |difference: i128, index: usize, totals: &[i128]| {
            if difference >= 0 { difference.min(room[index] - totals[index]) } else { difference.max(-totals[index]) }
        };
        if let Some(&index) = order.iter().find(|&&index| can_take(difference, index, &totals) == difference) {
            totals[index] += difference;
            return totals;
        }
        for index in order {
            let part = can_take(difference, index, &totals);
            totals[index] += part;
            difference -= part;
        }
        totals
    }

    fn share(&self, group: &Group) -> Share {
        Share { count: group.count, weight: group.weight.clone(), cap: self.minors(&group.cap) }
    }

    fn shares(&self, groups: &[Group]) -> Vec<Share> {
        groups.iter().map(|group| self.share(group)).collect()
    }

    fn over_units(&self, lines: &[OnLine<'_>], totals: &[Money]) -> Pieces {
        if !self.splits {
            let sums = lines.iter().zip(totals).filter(|(_, total)| **total > Money::ZERO);
            return sums.map(|(line, total)| Piece::sum(line.line, *total)).collect();
        }
        let mut pieces = Pieces::new();
        for (line, total) in lines.iter().zip(totals) {
            (self.pulse)();
            self.over_units_of(line, *total, &mut pieces);
        }
        pieces
    }

    /// Splits a line's total over its units. Where unit prices are no whole minor units, what doesn't fit
    /// single units is borne by equal ones together: neither they nor the line ever lose more than they have.
    fn over_units_of(&self, on_line: &OnLine<'_>, total: Money, pieces: &mut Pieces) {
        if total <= Money::ZERO {
            return;
        }
        let minor = self.rounding.minor;
        let (whole, residue) = divided(total.0, minor);
        let groups = on_line.groups;
        let (mut one, mut several);
        let parts: &mut [Part] = match groups {
            [group] => {
                one = [part_of_one(whole, &self.share(group))];
                &mut one
            }
            _ => {
                several = largest_remainder(whole, &self.shares(groups), self.pulse);
                &mut several
            }
        };
        let placed: i128 = parts.iter().zip(groups).map(|(part, group)| part.total(group.count)).sum();
        let mut rest = whole - placed;
        for (part, group) in parts.iter_mut().zip(groups) {
            let finer = || group.cap > Exact::whole(product(part.each + i128::from(part.raised > 0), minor));
            if rest > 0 && finer() {
                let more = rest.min(group.count - part.raised);
                part.raised += more;
                rest -= more;
            }
        }
        debug_assert_eq!(rest, 0, "a line's total fits its units");
        // What is finer than a minor unit goes to a unit that can still lose something.
        push_pieces(groups, parts, residue, minor, pieces);
    }
}

/// Writes down what the groups' units lose; `residue`, less than a minor unit, goes to a unit of the
/// group that can lose most beyond its part.
fn push_pieces(groups: &[Group], parts: &[Part], residue: i128, minor: i128, pieces: &mut Pieces) {
    let beyond = |index: &usize| groups[*index].cap.sub(&Exact::whole(product(parts[*index].each, minor)));
    let bearer = (0..groups.len()).filter(|_| residue > 0).max_by(|a, b| beyond(a).cmp(&beyond(b)));
    for (index, (part, group)) in parts.iter().zip(groups).enumerate() {
        let highest = part.each + i128::from(part.raised > 0);
        if Exact::whole(product(highest, minor)) > group.cap {
            // Units worth less than their share in minor units bear it evenly: single ones would count as
            // used up while the others had all.
            let residue = if bearer == Some(index) { residue } else { 0 };
            pieces.push(Piece {
                line: group.line,
                run: group.run,
                quantity: Quantity(product(group.count, group.unit.0)),
                discount: Money(product(part.total(group.count), minor) + residue),
                consumed: false,
                serves: false,
            });
            continue;
        }
        let mut amounts = [
            (part.raised, product(part.each + 1, minor)),
            (group.count - part.raised, product(part.each, minor)),
            (0, 0),
        ];
        if bearer == Some(index) {
            let from = usize::from(amounts[1].0 > 0);
            amounts[from].0 -= 1;
            amounts[2] = (1, amounts[from].1 + residue);
        }
        for (count, each) in amounts {
            if count > 0 && each > 0 {
                pieces.push(Piece {
                    line: group.line,
                    run: group.run,
                    quantity: Quantity(product(count, group.unit.0)),
                    discount: Money(product(count, each)),
                    consumed: false,
                    serves: false,
                });
            }
        }
    }
}
