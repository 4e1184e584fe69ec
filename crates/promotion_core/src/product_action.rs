//! PRODUCT_BASED, and what `productBasedCondition` selects (spec/definition.md, "Actions").

use crate::action::Scene;
use crate::bundles::Reserve;
use crate::choice::{Choice, Count, Triggers, except};
use crate::condition::{Bundle, BundlePart, Matched};
use crate::definition::{
    AmountKind, Comparison, ProductBasedAction, ProductCondition, ProductKpi, QuantityPer, Selecting,
};
use crate::money::MILLION;
use crate::picking::{Picking, Taken, UnitRun, total};
use crate::pricing::Price;
use crate::repetition::{Repetition, Reward, RewardSet};

/// The exact number of units that a selecting condition names: its QUANTITY EQUALS n.
pub fn named(condition: &ProductCondition) -> Option<i128> {
    match (condition.kpi, condition.measure) {
        (ProductKpi::Quantity, Some((Comparison::Equals, value))) if value.0 > 0 => Some(value.0),
        _ => None,
    }
}

/// What a selecting condition selects.
pub enum Selected {
    /// Lines, and how many of their units.
    Units(Vec<usize>, Option<i128>),
    /// Bundles.
    Bundle(Bundle),
}

/// What a condition selects on this cart.
pub fn selected(selecting: &Selecting, scene: &Scene<'_, '_, '_>) -> Selected {
    match selecting {
        Selecting::Product(condition) => Selected::Units(scene.looking.lines(condition).into_vec(), named(condition)),
        Selecting::Combo(combo) => {
            let part = |part: &ProductCondition| BundlePart {
                lines: scene.looking.lines(part).into_vec(),
                quantity: named(part).unwrap_or(MILLION),
            };
            Selected::Bundle(Bundle { parts: combo.parts.iter().map(part).collect() })
        }
    }
}

/// Units as one application.
fn once(units: Vec<UnitRun>) -> Vec<RewardSet> {
    if units.is_empty() { Vec::new() } else { vec![RewardSet { times: 1, units }] }
}

/// PRODUCT_BASED, once.
pub fn product_based(action: &ProductBasedAction, value: i128, scene: &Scene<'_, '_, '_>) -> Option<Choice> {
    let picking = scene.picking();
    let (units, set_aside) = product_units(action, &picking, scene)?;
    Some(Choice {
        triggers: Triggers::Once(set_aside),
        max_discount: action.max_discount,
        count: Some(Count { due: 1, given: 1 }),
        ..Choice::of(price_of(action, value), once(units))
    })
}

/// Whether a PRODUCT_BASED action falls on all units of the lines that the condition matched, as far as they can
/// benefit: nothing is selected or counted off, so that their order does not matter.
pub fn falls_on_all_matched(action: &ProductBasedAction, scene: &Scene<'_, '_, '_>) -> bool {
    action.selecting.is_none() && action.max_quantity.is_none() && scene.matched.combos.is_empty()
}

/// All units of the lines that the condition matched, as far as they can benefit.
pub fn all_matched(picking: &Picking<'_, '_, '_>) -> impl Iterator<Item = UnitRun> {
    picking.units(&picking.matched.lines, benefits(picking))
}

/// Which units can benefit of a PRODUCT_BASED action.
fn benefits(picking: &Picking<'_, '_, '_>) -> impl Fn(usize, usize) -> bool {
    |line, run| picking.can_benefit(line, run, false, false)
}

/// What a PRODUCT_BASED action takes; `value` in place of its own.
pub fn price_of(action: &ProductBasedAction, value: i128) -> Price {
    match action.kind {
        AmountKind::Percentage => Price::Percentage(action.value),
        AmountKind::Absolute | AmountKind::Fixed => {
            Price::Absolute { value, per: action.apply_per, allocation: action.allocation }
        }
    }
}

/// The units that benefit of a PRODUCT_BASED action, and those set aside for it.
fn product_units(
    action: &ProductBasedAction,
    picking: &Picking<'_, '_, '_>,
    scene: &Scene<'_, '_, '_>,
) -> Option<(Vec<UnitRun>, Taken)> {
    let keep = benefits(picking);
    let among = action.include_items_from_condition_set;
    let (units, set_aside) = match action.selecting.as_ref().map(|selecting| selected(selecting, scene)) {
        None => (picking.matched_units(action.selection, keep), Taken::new()),
        Some(Selected::Units(lines, number)) => {
            let units = if among {
                let wanted = |line: usize, run: usize| lines.binary_search(&line).is_ok() && keep(line, run);
                picking.matched_units(action.selection, wanted)
            } else {
                picking.ordered(&lines, action.selection, keep)
            };
            match number {
                None => (units, Taken::new()),
                Some(number) => {
                    let triggers = if among { &[][..] } else { picking.matched.triggers.as_slice() };
                    let per_line = action.max_quantity.filter(|_| action.max_quantity_per == QuantityPer::Line);
                    beside(triggers, (number, per_line.map(|most| most.0.0)), units, picking)?
                }
            }
        }
        Some(Selected::Bundle(bundle)) => {
            let repetition = Repetition {
                picking: &Picking { matched: &without_consumption(picking.matched, among), ..*picking },
                has_triggers: !among && !picking.matched.triggers.is_empty(),
                reward: Reward::Bundle(bundle),
                among_triggers: among,
                repeats: false,
                as_bundle: false,
                selection: action.selection,
                most: 1,
            };
            let mut repeated = repetition.repeated();
            let mut units: Vec<UnitRun> = repeated.sets.drain(..).flat_map(|set| set.units).collect();
            picking.sort(&mut units, action.selection);
            (units, repeated.set_aside)
        }
    };
    let units = match (action.max_quantity, action.max_quantity_per) {
        (None, _) => units,
        (Some(most), QuantityPer::Cart) => up_to(most.0.0, units),
        (Some(most), QuantityPer::Line) => up_to_per_line(most.0.0, units),
    };
    Some((units, set_aside))
}

/// Among the triggers none are set aside.
fn without_consumption(matched: &Matched, among: bool) -> Matched {
    Matched { triggers: if among { Vec::new() } else { matched.triggers.clone() }, ..matched.clone() }
}

/// Up to a number of units beside one of each trigger, of which as many as possible are left.
fn beside(
    triggers: &[Bundle],
    (number, per_line): (i128, Option<i128>),
    units: Vec<UnitRun>,
    picking: &Picking<'_, '_, '_>,
) -> Option<(Vec<UnitRun>, Taken)> {
    let first = |units: Vec<UnitRun>| {
        let units = match per_line {
            None => units,
            Some(most) => up_to_per_line(most, units),
        };
        up_to(number, units)
    };
    if triggers.is_empty() {
        return Some((first(units), Taken::new()));
    }
    let rewards: Taken = units.iter().map(|unit| (unit.key(), unit.quantity)).collect();
    let wanted = |unit: &UnitRun| u16::from(rewards.contains_key(&unit.key()));
    let pool = picking.trigger_pool(false);
    let mut others_first = pool.clone();
    others_first.sort_by_key(|unit| wanted(unit) != 0);
    let sparing = picking.triggers(1, &others_first, &Taken::new(), Reserve::none(), wanted)?;
    let lost: i128 = sparing.iter().filter(|(key, _)| rewards.contains_key(key)).map(|(_, taken)| taken).sum();
    let left = (total(&units) - lost).min(number);
    let fits: Vec<(u16, i128)> = units.iter().map(|unit| (1, unit.quantity)).collect();
    let reserve = Reserve::new(&[left], &fits)?;
    let set_aside = picking.triggers(1, &pool, &Taken::new(), reserve, wanted).unwrap_or(sparing);
    Some((first(except(units, &set_aside)), set_aside))
}

/// The first units, up to a number of them.
pub fn up_to(most: i128, units: Vec<UnitRun>) -> Vec<UnitRun> {
    let mut rest = most;
    let first = |unit: UnitRun| {
        let quantity = unit.quantity.min(rest);
        rest -= quantity;
        (quantity > 0).then_some(UnitRun { quantity, ..unit })
    };
    units.into_iter().filter_map(first).collect()
}

/// The first units of each line, up to a number of them.
fn up_to_per_line(most: i128, units: Vec<UnitRun>) -> Vec<UnitRun> {
    let mut taken: std::collections::HashMap<usize, i128> = std::collections::HashMap::new();
    let first = |unit: UnitRun| {
        let of_line = taken.entry(unit.line).or_default();
        let quantity = unit.quantity.min(most - *of_line);
        *of_line += quantity;
        (quantity > 0).then_some(UnitRun { quantity, ..unit })
    };
    units.into_iter().filter_map(first).collect()
}
