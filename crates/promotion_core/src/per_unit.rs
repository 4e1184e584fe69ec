//! PER_UNIT with a reward on lines (spec/definition.md, "Actions").

use crate::action::Scene;
use crate::choice::{Choice, Count, Serves, Triggers};
use crate::definition::{
    Action, AmountKind, GroupScope, PerUnitAction, PricePer, ProductBasedAction, Selecting, UnitGrouping,
};
use crate::money::{MILLION, capped_product};
use crate::picking::UnitRun;
use crate::pricing::{Price, Priced};
use crate::product_action::{named, price_of, product_based, up_to};
use crate::repeating::{Repeating, Times, fixed_price, free_product};
use crate::repetition::{RewardSet, cut};

/// PER_UNIT with a reward on lines: so many applications are due, and limits let so many be.
pub fn per_unit(action: &PerUnitAction, due: i128, allowed: i128, scene: &Scene<'_, '_, '_>) -> Option<Choice> {
    let most = action.max_applications.map_or(due, |most| due.min(i128::from(most)));
    let given = most.min(allowed);
    if given <= 0 {
        return None;
    }
    let count = Some(Count { due: most, given });
    let mut choice = match &*action.reward {
        _ if action.units.is_some() => by_groups(action, due, scene)?,
        Action::ProductBased(reward) if names_units(reward) => {
            let repeating = Repeating {
                selecting: reward.selecting.as_ref(),
                among: reward.include_items_from_condition_set,
                selection: reward.selection,
                price: price_of(reward, reward.value.0),
                chunk: reward.max_quantity.map(|most| most.0.0),
                times: Times { counted: Some(due), allowed: given },
                consumes_rewards: false,
            };
            Choice { max_discount: reward.max_discount, ..repeating.choice(scene)? }
        }
        Action::FreeProduct(reward) => {
            let named = reward.selecting.as_ref().is_some_and(selecting_names_units);
            let counted = if reward.auto_add { most } else { due };
            let times = Times { counted: Some(if named { counted } else { 1 }), allowed: given };
            free_product(reward, times, scene)?
        }
        Action::FixedPrice(reward) => {
            let named = reward.selecting.as_ref().is_some_and(selecting_names_units);
            let times = Times { counted: Some(if named { due } else { 1 }), allowed: given };
            fixed_price(reward, times, scene)?
        }
        Action::ProductBased(reward) if reward.kind == AmountKind::Absolute => {
            let choice = product_based(reward, capped_product(reward.value.0, given), scene)?;
            Choice { count, serves: Serves::EachGiven, ..choice }
        }
        Action::ProductBased(reward) => {
            Choice { serves: Serves::Times(given), ..product_based(reward, reward.value.0, scene)? }
        }
        // The others are no rewards on lines: a definition is checked for it.
        _ => return None,
    };
    if choice.count.is_none() {
        choice.keep(most);
    }
    Some(choice)
}

/// Whether each application of a reward falls on units of its own.
fn names_units(action: &ProductBasedAction) -> bool {
    action.max_quantity.is_some() || action.selecting.as_ref().is_some_and(selecting_names_units)
}

fn selecting_names_units(selecting: &Selecting) -> bool {
    match selecting {
        Selecting::Product(condition) => named(condition).is_some(),
        Selecting::Combo(_) => true,
    }
}

/// The reward on the nth unit of each of so many groups of units.
fn by_groups(action: &PerUnitAction, groups: i128, scene: &Scene<'_, '_, '_>) -> Option<Choice> {
    let grouping: &UnitGrouping = action.units.as_ref()?;
    let picking = scene.picking();
    let unconsumed = |line: usize, run: usize| !picking.basket.runs(line)[run].marks.consumed;
    let grouped =
        up_to(capped_product(action.divider.0, groups), picking.matched_units(grouping.group_order, unconsumed));
    let nth = i128::from(grouping.nth);
    let sets: Vec<RewardSet> = match grouping.scope {
        GroupScope::Within => cut(&[(action.divider.0, grouped)])
            .into_iter()
            .map(|mut group| {
                picking.sort(&mut group.units, grouping.rank);
                RewardSet { units: between((nth - 1) * MILLION, nth * MILLION, &group.units), ..group }
            })
            .collect(),
        GroupScope::Across => {
            let mut units = grouped;
            picking.sort(&mut units, grouping.rank);
            let block = groups * MILLION;
            cut(&[(MILLION, between((nth - 1) * block, nth * block, &units))])
        }
    };
    let as_bundle = matches!(&*action.reward, Action::FixedPrice(reward) if reward.apply_per == PricePer::Set);
    let benefits = |set: RewardSet| {
        let units =
            set.units.into_iter().filter(|unit| picking.can_benefit(unit.line, unit.run, true, as_bundle)).collect();
        RewardSet { units, ..set }
    };
    let sets: Vec<RewardSet> = sets.into_iter().map(benefits).filter(|set| !set.units.is_empty()).collect();
    let (price, consumes_rewards, max_discount) = match &*action.reward {
        Action::ProductBased(reward) => (price_of(reward, reward.value.0), false, reward.max_discount),
        Action::FixedPrice(reward) => (Price::Fixed { value: reward.value, per: reward.apply_per }, true, None),
        _ => (Price::Free, true, None),
    };
    let priced = Priced::new(price, sets, scene, false);
    Some(Choice {
        triggers: if consumes_rewards { Triggers::AsFar } else { Triggers::None },
        serves: if consumes_rewards { Serves::No } else { Serves::EachGiven },
        consumes_rewards,
        max_discount,
        ..Choice::of(price, priced.sets)
    })
}

/// The units from one position to another, in order.
fn between(from: i128, until: i128, units: &[UnitRun]) -> Vec<UnitRun> {
    let mut at = 0;
    let mut found = Vec::new();
    for unit in units {
        let quantity = (at + unit.quantity).min(until) - at.max(from);
        if quantity > 0 {
            found.push(UnitRun { quantity, ..*unit });
        }
        at += unit.quantity;
    }
    found
}
