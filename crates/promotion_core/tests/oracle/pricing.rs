//! What line actions take off the units they fall on (spec/evaluation.md 8 and 9).

use std::collections::{BTreeMap, BTreeSet};

use num_traits::{Signed, Zero};
use promotion_core::definition::{Allocation, ApplyPer};
use promotion_core::settings::{Base, RoundingLevel};

use crate::chosen::Chosen;
use crate::limits::{Allowed, Refused};
use crate::model::{Basket, Bit, Given, State};
use crate::money::{Num, Share, floor, largest_remainder, round, split_over_lines};

/// What the units of an application get.
#[derive(Debug, Clone)]
pub enum Reward {
    Percentage(Num),
    Absolute {
        value: Num,
        per: ApplyPer,
        allocation: Allocation,
    },
    Free,
    /// Each application's units together cost so much.
    FixedSet(Num),
    /// Each unit costs so much.
    FixedUnit(Num),
}

/// A line action, ready to be priced.
pub struct Order<'t> {
    pub promotion: usize,
    pub reward: Reward,
    pub max_discount: Option<Num>,
    pub chosen: Chosen,
    /// Whether each line is counted by itself, and so has an amount of its own.
    pub by_line: bool,
    /// At most so many applications are given, however many there are.
    pub most: u64,
    /// Whether the units that benefit are consumed, and whether the triggers are.
    pub consumes_rewards: bool,
    pub consumes_triggers: bool,
    /// The triggers, where they are told by which applications are kept and not by each of them.
    pub late_triggers: Option<LateTriggers<'t>>,
}

/// Which applications are kept, by their place, and so many times each.
pub type Kept = BTreeMap<usize, u64>;

/// The triggers of the applications that are kept.
pub type LateTriggers<'t> = Box<dyn Fn(&State, &Chosen, &Kept) -> BTreeSet<Bit> + 't>;

/// A unit, or the cut one at the end of a run, that an application falls on.
struct Unit {
    bits: Vec<Bit>,
    application: usize,
    left: Num,
    can_lose: Num,
    size: Num,
    /// What a percentage is taken of.
    base: Num,
    /// What the promotion wants of it.
    want: Num,
}

impl Unit {
    fn line(&self) -> usize {
        self.bits[0].0
    }
}

/// What a value is taken once for: an application, or a line of it.
type Group = (usize, usize);

/// Prices an action and takes it off the state. Answers how many applications gave something.
pub fn give(
    basket: &Basket<'_, '_>,
    state: &mut State,
    mut order: Order<'_>,
    allowed: &Allowed,
) -> Result<u64, Refused> {
    let all: Kept = order.chosen.applications.iter().enumerate().map(|(index, own)| (index, own.times)).collect();
    let mut units_of_all = units(basket, state, &order, &all);
    want(&mut units_of_all, &order.reward, &all);
    // What gives nothing is no application; of the others the limits keep the first.
    let gives = |index: usize| {
        let own = units_of_all.iter().filter(|unit| unit.application == index);
        own.map(|unit| unit.want).sum::<Num>().is_positive() || !order.chosen.applications[index].gifts.is_empty()
    };
    let giving: Vec<usize> = (0..order.chosen.applications.len()).filter(|&index| gives(index)).collect();
    let due: u64 = giving.iter().map(|&index| order.chosen.applications[index].times).sum();
    let count = allowed.applications(due.min(order.most))?;
    let mut rest = count;
    let mut kept = Kept::new();
    for index in giving {
        let times = order.chosen.applications[index].times.min(rest);
        rest -= times;
        if times > 0 {
            kept.insert(index, times);
        }
    }
    let set_aside = put_to_the_front(basket, state, &mut order, &kept, count);
    let mut units = units(basket, state, &order, &kept);
    want(&mut units, &order.reward, &kept);

    let parts = discounts(basket, &order, &units, allowed)?;
    let rewards: Vec<Bit> = kept.keys().flat_map(|&index| order.chosen.applications[index].rewards.clone()).collect();
    let mut given = state.given.remove(&order.promotion).unwrap_or_default();
    let gifts = kept.keys().flat_map(|&index| &order.chosen.applications[index].gifts);
    gifts.for_each(|(sku, bits)| *given.gifts.entry(sku.clone()).or_default() += basket.quantity(*bits));
    let gives = parts.iter().any(Num::is_positive)
        || kept.keys().any(|&index| !order.chosen.applications[index].gifts.is_empty());
    if gives {
        for (unit, part) in units.iter().zip(&parts).filter(|(_, part)| part.is_positive()) {
            for &(line, place) in &unit.bits {
                let each = part / Num::from_integer(unit.bits.len() as i128);
                state.bits[line][place].taken += each;
                state.bits[line][place].benefited.insert(order.promotion);
                *given.lines.entry((line, place)).or_default() += each;
            }
        }
        if order.late_triggers.is_some() && parts.iter().any(Num::is_zero) {
            basket.case.leave_open("whether a unit that none of the cents fall on serves before others");
        }
        let triggers: BTreeSet<Bit> = match &order.late_triggers {
            Some(triggers) => triggers(state, &order.chosen, &kept),
            None => set_aside,
        };
        consume(state, rewards.iter().filter(|_| order.consumes_rewards));
        consume(state, triggers.iter().filter(|_| order.consumes_triggers));
        given.triggers.extend(triggers);
        let untouched = |bit: &&Bit| !given.lines.contains_key(bit) && !given.triggers.contains(bit);
        if order.consumes_rewards && rewards.iter().any(|bit| untouched(&bit)) {
            basket.case.leave_open("whether units of a bundle count that lose nothing and are no triggers");
        }
    }
    state.given.insert(order.promotion, given);
    Ok(if gives { count } else { 0 })
}

/// An action takes its units from the front of runs of equal units: the rewards, then the triggers that
/// were set aside. Answers these.
fn put_to_the_front(
    basket: &Basket<'_, '_>,
    state: &State,
    order: &mut Order<'_>,
    kept: &Kept,
    count: u64,
) -> BTreeSet<Bit> {
    let rewards: Vec<Bit> = kept.keys().flat_map(|&index| order.chosen.applications[index].rewards.clone()).collect();
    let triggers = if order.late_triggers.is_none() {
        order.chosen.triggers(basket.lines.len(), count as usize, &rewards)
    } else {
        BTreeSet::new()
    };
    let taken: Vec<Bit> =
        rewards.iter().copied().chain(triggers.iter().copied().filter(|bit| !rewards.contains(bit))).collect();
    let moved: BTreeMap<Bit, Bit> = taken.iter().copied().zip(basket.front_of_runs(state, &taken)).collect();
    for &index in kept.keys() {
        order.chosen.applications[index].rewards.iter_mut().for_each(|bit| *bit = moved[bit]);
    }
    triggers.iter().map(|bit| moved[bit]).collect()
}

fn consume<'b>(state: &mut State, bits: impl Iterator<Item = &'b Bit>) {
    bits.for_each(|&(line, place)| state.bits[line][place].consumed = true);
}

fn units(basket: &Basket<'_, '_>, state: &State, order: &Order<'_>, kept: &Kept) -> Vec<Unit> {
    let mut application_of: BTreeMap<Bit, usize> = BTreeMap::new();
    for &index in kept.keys() {
        application_of.extend(order.chosen.applications[index].rewards.iter().map(|&bit| (bit, index)));
    }
    let own = state.given.get(&order.promotion);
    let net = basket.case.settings.percentage_base == Base::Net;
    // A line can lose all it has, be it finer than a minor unit; a part of it only whole ones.
    let is_whole = |line: usize| (0..state.bits[line].len()).all(|place| application_of.contains_key(&(line, place)));
    let unit = |bits: Vec<Bit>| {
        let sum = |of: &dyn Fn(Bit) -> Num| bits.iter().map(|&bit| of(bit)).sum::<Num>();
        let (left, size) = (sum(&|bit| basket.left(state, bit)), basket.quantity(bits.len()));
        let can_lose = sum(&|bit| basket.can_lose(state, bit));
        basket.case.expect_whole(can_lose);
        let can_lose = if is_whole(bits[0].0) { can_lose } else { floor(can_lose, basket.case.minor) };
        let own_earlier = sum(&|bit| own.map_or(Num::zero(), |given: &Given| given.off_bit(bit)));
        Unit {
            application: application_of[&bits[0]],
            left,
            can_lose,
            size,
            base: if net { left + own_earlier } else { basket.lines[bits[0].0].unit_price * size },
            want: Num::zero(),
            bits,
        }
    };
    let bits = application_of.keys().copied().collect();
    basket.units(state, &bits, |bit| application_of[&bit]).into_iter().map(unit).collect()
}

/// Sets what is wanted of each unit: an absolute value so many times for each application.
fn want(units: &mut [Unit], reward: &Reward, times: &Kept) {
    let value_of = |value: &Num, application: usize| value * Num::from_integer(i128::from(times[&application]));
    match reward {
        Reward::Percentage(percent) => {
            units.iter_mut().for_each(|unit| unit.want = unit.base * percent / Num::from_integer(100));
        }
        Reward::Free => units.iter_mut().for_each(|unit| unit.want = unit.can_lose),
        Reward::FixedUnit(price) => units
            .iter_mut()
            .for_each(|unit| unit.want = (unit.left - price * unit.size).max(Num::zero()).min(unit.can_lose)),
        Reward::Absolute { value, per: ApplyPer::Unit, .. } => {
            units
                .iter_mut()
                .for_each(|unit| unit.want = (value_of(value, unit.application) * unit.size).min(unit.can_lose));
        }
        Reward::FixedSet(price) => each_group(
            units,
            |unit| (unit.application, 0),
            |_, left, can_lose| ((left - price).max(Num::zero()).min(can_lose), Allocation::Proportional),
        ),
        Reward::Absolute { value, per, allocation } => {
            let by_line = *per == ApplyPer::Line;
            let group = |unit: &Unit| (unit.application, if by_line { unit.line() } else { 0 });
            each_group(units, group, |(application, _), _, can_lose| {
                (value_of(value, application).min(can_lose), *allocation)
            });
        }
    }
}

/// An amount for each group of units, told by what they have left and can lose together, shared by
/// what each has left or by size.
fn each_group(
    units: &mut [Unit],
    group: impl Fn(&Unit) -> Group,
    amount: impl Fn(Group, Num, Num) -> (Num, Allocation),
) {
    let groups: BTreeSet<Group> = units.iter().map(&group).collect();
    for own in groups {
        let mut members: Vec<&mut Unit> = units.iter_mut().filter(|unit| group(unit) == own).collect();
        let left = members.iter().map(|unit| unit.left).sum();
        let (amount, allocation) = amount(own, left, members.iter().map(|unit| unit.can_lose).sum());
        let weight = |unit: &Unit| if allocation == Allocation::Even { unit.size } else { unit.left };
        let weights: Num = members.iter().map(|unit| weight(unit)).sum();
        members.iter_mut().for_each(|unit| unit.want = amount * weight(unit) / weights);
    }
}

/// What each unit loses. With roundingLevel LINE or UNIT, for a value per line, and where lines are
/// counted by themselves, each line has its own amount and splits it over its own units; else, and where the sum is cut, one amount is split
/// over all units.
fn discounts(
    basket: &Basket<'_, '_>,
    order: &Order<'_>,
    units: &[Unit],
    allowed: &Allowed,
) -> Result<Vec<Num>, Refused> {
    let (minor, mode) = (basket.case.minor, basket.case.settings.rounding);
    let level = match (&order.reward, basket.case.settings.rounding_level) {
        (_, RoundingLevel::Promotion) if order.by_line => RoundingLevel::Line,
        (Reward::FixedSet(_) | Reward::Absolute { per: ApplyPer::Set, .. }, _) if order.by_line => RoundingLevel::Line,
        (Reward::FixedSet(_) | Reward::Absolute { per: ApplyPer::Set, .. }, _) => RoundingLevel::Promotion,
        (Reward::Absolute { per: ApplyPer::Line, .. }, _) => RoundingLevel::Line,
        (_, level) => level,
    };
    let all: Vec<usize> = (0..units.len()).collect();
    let groups: Vec<Vec<usize>> = if level == RoundingLevel::Promotion {
        vec![all.clone()]
    } else {
        let of_line = |line: usize| all.iter().copied().filter(|&index| units[index].line() == line).collect();
        (0..basket.lines.len()).map(of_line).collect()
    };
    let wanted = |members: &[usize]| members.iter().map(|&index| units[index].want).sum::<Num>();
    let most = |members: &[usize]| members.iter().map(|&index| units[index].can_lose).sum::<Num>();
    let amount = |members: &Vec<usize>| {
        let rounded = match level {
            // Each unit by itself, at most what it can lose: a line in two parts gives the same.
            RoundingLevel::Unit => {
                let of = |unit: &Unit| round(unit.want, minor, mode).min(unit.can_lose);
                members.iter().map(|&index| of(&units[index])).sum::<Num>()
            }
            _ => round(wanted(members), minor, mode),
        };
        let everything = most(members);
        let whole: Num = members.iter().map(|&index| floor(units[index].can_lose, minor)).sum();
        if rounded >= everything { everything } else { floor(rounded, minor).min(whole) }
    };
    let due: Num = groups.iter().map(amount).sum();
    let possible: Num = groups.iter().map(|members| wanted(members).min(most(members))).sum();
    let capped = match order.max_discount {
        Some(max) if possible > max => floor(max, minor).min(most(&all)),
        Some(max) => due.min(floor(max, minor)),
        None => due,
    };
    let total = allowed.discount(capped, minor)?;
    let splits: Vec<(Num, Vec<usize>)> = if total == due {
        groups.into_iter().map(|members| (amount(&members), members)).collect()
    } else {
        vec![(total, all)]
    };
    let mut parts = vec![Num::zero(); units.len()];
    for (total, members) in splits {
        let own: Vec<&Unit> = members.iter().map(|&index| &units[index]).collect();
        for (index, part) in members.iter().zip(split(basket, total, &own)) {
            parts[*index] = part;
        }
    }
    Ok(parts)
}

/// Splits a total over units, in canonical line order: all they can lose, or by what is wanted of each.
fn split(basket: &Basket<'_, '_>, total: Num, units: &[&Unit]) -> Vec<Num> {
    let minor = basket.case.minor;
    if total >= units.iter().map(|unit| unit.can_lose).sum() {
        return units.iter().map(|unit| unit.can_lose).collect();
    }
    let share = |unit: &Unit| Share { weight: unit.want, most: unit.can_lose };
    let shares: Vec<Share> = units.iter().map(|unit| share(unit)).collect();
    if basket.case.settings.remainder == promotion_core::settings::Remainder::Largest {
        return largest_remainder(total, &shares, minor);
    }
    let of_line = |line: usize| units.iter().enumerate().filter(move |(_, unit)| unit.line() == line);
    let lines: Vec<Share> = (0..basket.lines.len())
        .map(|line| Share {
            weight: of_line(line).map(|(_, unit)| unit.want).sum(),
            // What nothing is wanted of bears no remainder.
            most: of_line(line)
                .filter(|(_, unit)| unit.want.is_positive())
                .map(|(_, unit)| floor(unit.can_lose, minor))
                .sum(),
        })
        .collect();
    let totals = split_over_lines(total, &lines, &basket.canonical, minor, basket.case.settings.remainder);
    let mut parts = vec![Num::zero(); units.len()];
    for (line, total) in totals.into_iter().enumerate() {
        let (indexes, own): (Vec<usize>, Vec<Share>) = of_line(line).map(|(index, unit)| (index, share(unit))).unzip();
        for (index, part) in indexes.into_iter().zip(largest_remainder(total, &own, minor)) {
            parts[index] = part;
        }
    }
    parts
}
