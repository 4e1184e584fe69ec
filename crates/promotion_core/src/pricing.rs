//! What a line action takes off the units that it falls on (spec/evaluation.md 8 and 9): how much of
//! each, rounded at one declared point, split so that the parts add up.

use smallvec::SmallVec;

use crate::action::{AmountRules, Scene};
use crate::definition::{Allocation, ApplyPer, PricePer};
use crate::exact::{Exact, product};
use crate::money::{DefinitionNumber, MILLION, Money, Quantity};
use crate::picking::UnitRun;
use crate::repetition::RewardSet;
use crate::settings::{Base, RoundingLevel};
use crate::split::{Group, Over, capacity_of, weight_of};
use crate::units::{Basket, Pieces};

/// What is taken off units.
#[derive(Debug, Clone, Copy)]
pub enum Price {
    /// So much of a hundred.
    Percentage(DefinitionNumber),
    /// An amount, in millionths.
    Absolute {
        /// How much.
        value: i128,
        /// Once for what.
        per: ApplyPer,
        /// How it is split.
        allocation: Allocation,
    },
    /// Everything.
    Free,
    /// What is beyond a price.
    Fixed {
        /// The price.
        value: DefinitionNumber,
        /// Of what.
        per: PricePer,
    },
}

impl Price {
    /// Whether it is anything off, at most so much.
    pub fn takes(self, max_discount: Option<DefinitionNumber>) -> bool {
        let is_nothing = match self {
            Self::Percentage(value) => value.0 == 0,
            Self::Absolute { value, .. } => value == 0,
            Self::Free | Self::Fixed { .. } => false,
        };
        !is_nothing && max_discount.is_none_or(|most| most.0 > 0)
    }

    /// Whether it is one price for all units of an application.
    pub fn is_for_bundle(self) -> bool {
        matches!(self, Self::Fixed { per: PricePer::Set, .. })
    }

    /// Whether it is one amount for all units of an application.
    fn is_for_set(self) -> bool {
        matches!(self, Self::Absolute { per: ApplyPer::Set, .. } | Self::Fixed { per: PricePer::Set, .. })
    }
}

/// Units in groups: most promotions fall on equal units of one line.
pub type Groups = SmallVec<[Group; 1]>;

/// The units of applications with what each is to lose.
#[derive(Debug, Default)]
pub struct Priced {
    /// The applications that give something.
    pub sets: Vec<RewardSet>,
    /// Their units.
    groups: Groups,
    /// What they are to lose together, before rounding.
    wanted: Exact,
}

/// A percentage of a base.
pub fn percent_of(base: &Exact, percentage: DefinitionNumber) -> Exact {
    base.mul(&Exact::whole(percentage.0)).over(100 * MILLION)
}

impl Priced {
    /// Prices applications; those that give nothing are left out. Where they are all there is (`alone`), one
    /// application needs no weights that add up to it.
    pub fn new(price: Price, sets: Vec<RewardSet>, scene: &Scene<'_, '_, '_>, alone: bool) -> Self {
        let alone = alone && matches!(sets.as_slice(), [RewardSet { times: 1, .. }]);
        let mut priced = Self::default();
        for set in sets {
            if priced.add(price, set.units.iter().copied(), set.times, alone, scene) {
                priced.sets.push(set);
            }
        }
        sort(&mut priced.groups, &scene.state.items);
        priced
    }

    /// Prices units as one application, which is all there is.
    pub fn once(price: Price, units: impl Iterator<Item = UnitRun>, scene: &Scene<'_, '_, '_>) -> Self {
        let mut priced = Self::default();
        priced.add(price, units, 1, true, scene);
        priced
    }

    /// Adds so many applications alike; says whether they give anything.
    fn add(
        &mut self,
        price: Price,
        units: impl Iterator<Item = UnitRun>,
        times: i128,
        alone: bool,
        scene: &Scene<'_, '_, '_>,
    ) -> bool {
        let mut groups = groups_of(units, times, &scene.state.items);
        let wanted = weigh(price, &mut groups, times, alone, scene);
        if !wanted.is_positive() {
            return false;
        }
        self.wanted = self.wanted.add(&wanted);
        // Units that are to lose nothing, such as those at the fixed price, take no part.
        groups.retain(|group| group.weight.is_positive());
        if self.groups.is_empty() {
            self.groups = groups;
        } else {
            self.groups.append(&mut groups);
        }
        true
    }

    /// Whether they take anything.
    pub fn gives(&self) -> bool {
        self.wanted.is_positive()
    }

    /// The units of several lines together.
    pub fn joined(all: &[&Self], basket: &Basket<'_, '_>) -> Self {
        let mut joined = Self::default();
        for own in all {
            joined.wanted = joined.wanted.add(&own.wanted);
            joined.groups.extend(own.groups.iter().cloned());
        }
        sort(&mut joined.groups, basket);
        joined
    }

    /// An amount split over their units.
    pub fn split_amount(&self, amount: Money, basket: &Basket<'_, '_>, rules: AmountRules<'_>) -> Pieces {
        rules.splitter(basket).rounded_once(&Exact::whole(amount.0), Some(amount), &self.groups, Over::Units)
    }

    /// Rounds what they take and splits it over their units; `most` caps it.
    pub fn split(&self, price: Price, most: Option<Money>, basket: &Basket<'_, '_>, rules: AmountRules<'_>) -> Pieces {
        // Where the value is for the set, no line and no unit wants an amount of its own; where it is for
        // each line, every line does, and no unit.
        let level = match (price, rules.rounding_level) {
            (price, _) if price.is_for_set() => RoundingLevel::Promotion,
            (Price::Absolute { per: ApplyPer::Line, .. }, _) => RoundingLevel::Line,
            (_, level) => level,
        };
        let splitter = rules.splitter(basket);
        if level == RoundingLevel::Promotion {
            return splitter.rounded_once(&self.wanted, most, &self.groups, Over::Units);
        }
        let pieces = splitter.rounded_by(level, &self.groups);
        let sum: Money = pieces.iter().map(|piece| piece.discount).sum();
        match most {
            // A discount that is capped is rounded once.
            Some(most) if sum > most => self.split_amount(most, basket, rules),
            _ => pieces,
        }
    }
}

/// Cuts the units of applications into whole ones and cut ones; weights are yet to be set.
fn groups_of(units: impl Iterator<Item = UnitRun>, times: i128, basket: &Basket<'_, '_>) -> Groups {
    let mut groups = Groups::new();
    for unit in units {
        push_groups(&unit, times, basket, &mut groups);
    }
    sort(&mut groups, basket);
    groups
}

/// Puts groups in canonical order.
fn sort(groups: &mut [Group], basket: &Basket<'_, '_>) {
    groups.sort_by_key(|group| (basket.rank[group.line], group.run));
}

/// Adds the groups of units of one run, so many times.
pub fn push_groups(unit: &UnitRun, times: i128, basket: &Basket<'_, '_>, groups: &mut Groups) {
    let (line, run) = (unit.line, unit.run);
    let unit_cap = basket.unit_capacity(line, run);
    let (whole, cut) = Quantity(unit.quantity).whole_units();
    let cap_of_cut = (cut > Quantity::ZERO).then(|| unit_cap.mul(&Exact::ratio(cut.0, MILLION)));
    if whole > 0 {
        let (count, unit) = (product(whole, times), Quantity(MILLION));
        groups.push(Group { line, run, count, unit, weight: Exact::ZERO, cap: unit_cap });
    }
    if let Some(cap) = cap_of_cut {
        groups.push(Group { line, run, count: times, unit: cut, weight: Exact::ZERO, cap });
    }
}

/// What one unit of the group has left.
pub fn left_of(group: &Group, basket: &Basket<'_, '_>) -> Exact {
    of_unit(basket.unit_left(group.line, group.run), group)
}

fn of_unit(whole: Exact, group: &Group) -> Exact {
    if group.unit.0 == MILLION { whole } else { whole.mul(&Exact::ratio(group.unit.0, MILLION)) }
}

/// What a percentage is taken of, for one unit of the group: what the promotion took itself is not missed.
fn percentage_base(group: &Group, scene: &Scene<'_, '_, '_>) -> Exact {
    let basket = &scene.state.items;
    let fact = &basket.facts[group.line];
    match scene.base() {
        Base::Gross => of_unit(fact.unit_price.clone(), group),
        Base::Net => {
            let left = of_unit(basket.unit_left_by_others(group.line, group.run), group);
            let of_cart = scene.own.of_cart_on_line(group.line);
            if of_cart.is_zero() {
                return left;
            }
            // What its cart action took off the line, each unit's part of it.
            left.add(&Exact::whole(of_cart.0).mul(&Exact::ratio(group.unit.0, fact.line.quantity.0)))
        }
    }
}

/// Sets what each unit of `times` applications alike is to lose, or counts in the split; answers what they
/// are to lose together. An application that is `alone` needs no weights that add up to it.
fn weigh(price: Price, groups: &mut [Group], times: i128, alone: bool, scene: &Scene<'_, '_, '_>) -> Exact {
    let basket = &scene.state.items;
    let each = |groups: &mut [Group], weight: &dyn Fn(&Group) -> Exact| {
        for group in groups.iter_mut() {
            group.weight = weight(group).min(group.cap.clone()).max(Exact::ZERO);
        }
        weight_of(groups)
    };
    match price {
        // What a unit can't lose of its percentage, others do.
        Price::Percentage(value) => {
            for group in groups.iter_mut() {
                group.weight = percent_of(&percentage_base(group, scene), value);
            }
            weight_of(groups)
        }
        Price::Free => each(groups, &|group| group.cap.clone()),
        Price::Absolute { value, per: ApplyPer::Unit, .. } => {
            each(groups, &|group| Exact::ratio(product(value, group.unit.0), MILLION))
        }
        Price::Fixed { value, per: PricePer::Unit } => {
            each(groups, &|group| left_of(group, basket).sub(&Exact::ratio(product(value.0, group.unit.0), MILLION)))
        }
        Price::Fixed { value, per: PricePer::Set } => {
            weigh_by_left(groups, basket);
            let left = weight_of(groups);
            let beyond = left.sub(&Exact::whole(value.0).mul(&Exact::whole(times)));
            scaled(groups, &left, beyond.min(capacity_of(groups)).max(Exact::ZERO), alone)
        }
        Price::Absolute { value, per, allocation } => {
            match allocation {
                Allocation::Proportional => weigh_by_left(groups, basket),
                Allocation::Even => groups.iter_mut().for_each(|group| group.weight = Exact::whole(group.unit.0)),
            }
            let value = Exact::whole(value).mul(&Exact::whole(times));
            if per == ApplyPer::Line {
                groups
                    .chunk_by_mut(|a, b| a.line == b.line)
                    .map(|on_line| {
                        let (weight, amount) = (weight_of(on_line), value.clone().min(capacity_of(on_line)));
                        scaled(on_line, &weight, amount, false)
                    })
                    .fold(Exact::ZERO, |sum, amount| sum.add(&amount))
            } else if alone {
                // More than its units can lose is all that they can lose, however finely.
                value
            } else {
                let (weight, amount) = (weight_of(groups), value.min(capacity_of(groups)));
                scaled(groups, &weight, amount, false)
            }
        }
    }
}

fn weigh_by_left(groups: &mut [Group], basket: &Basket<'_, '_>) {
    for group in groups {
        group.weight = left_of(group, basket);
    }
}

/// Makes weights add up to an amount, unless they are `alone`; answers the amount.
fn scaled(groups: &mut [Group], weight: &Exact, amount: Exact, alone: bool) -> Exact {
    if !weight.is_positive() {
        return Exact::ZERO;
    }
    if !alone {
        let factor = amount.div(weight);
        for group in groups {
            group.weight = group.weight.mul(&factor);
        }
    }
    amount
}
