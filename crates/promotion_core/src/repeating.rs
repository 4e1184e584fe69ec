//! Actions that repeat: FREE_PRODUCT and FIXED_PRICE, and rewards that name units (spec/definition.md,
//! "Actions"; spec/evaluation.md 7).

use crate::action::Scene;
use crate::bundles::{Fits, assign};
use crate::choice::{Choice, Count, Serves, Triggers, except, rewarded, set_aside_as_far};
use crate::condition::{Bundle, BundlePart};
use crate::definition::{
    Criterion, FixedPriceAction, FreeProductAction, ListEntity, ProductCondition, Selecting, UnitSelection,
};
use crate::effect::Gift;
use crate::money::{MILLION, Quantity};
use crate::picking::{Picking, UnitRun};
use crate::pricing::{Price, Priced};
use crate::product_action::{Selected, named, selected, up_to};
use crate::repetition::{Repeated, Repetition, Reward, RewardSet};

/// How often an action that repeats is applied.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// At most so often, as a PER_UNIT action counts; None: as often as there are units for.
    pub counted: Option<i128>,
    /// Limits let so many be.
    pub allowed: i128,
}

/// FREE_PRODUCT.
pub fn free_product(action: &FreeProductAction, times: Times, scene: &Scene<'_, '_, '_>) -> Option<Choice> {
    let repeating = Repeating {
        selecting: action.selecting.as_ref(),
        among: action.include_items_from_condition_set,
        selection: action.selection,
        price: Price::Free,
        chunk: None,
        times,
        consumes_rewards: true,
    };
    if action.auto_add { repeating.with_gifts(scene) } else { repeating.choice(scene) }
}

/// FIXED_PRICE.
pub fn fixed_price(action: &FixedPriceAction, times: Times, scene: &Scene<'_, '_, '_>) -> Option<Choice> {
    let repeating = Repeating {
        selecting: action.selecting.as_ref(),
        among: action.include_items_from_condition_set,
        selection: action.selection,
        price: Price::Fixed { value: action.value, per: action.apply_per },
        chunk: None,
        times,
        consumes_rewards: true,
    };
    repeating.choice(scene)
}

/// An action that repeats.
pub struct Repeating<'r> {
    /// What selects the units that benefit; None: what the condition matched.
    pub selecting: Option<&'r Selecting>,
    /// The benefit falls on units that met the condition.
    pub among: bool,
    /// Which units are taken first.
    pub selection: UnitSelection,
    /// What is taken of them.
    pub price: Price,
    /// At most so many units in each application.
    pub chunk: Option<i128>,
    /// How often.
    pub times: Times,
    /// Rewarded units are consumed.
    pub consumes_rewards: bool,
}

impl Repeating<'_> {
    fn repetition<'q, 'p, 'b, 'c>(
        &self,
        picking: &'q Picking<'p, 'b, 'c>,
        scene: &Scene<'_, '_, '_>,
    ) -> Repetition<'q, 'p, 'b, 'c> {
        let matched = picking.matched;
        let smaller = |number: Option<i128>| [number, self.chunk].into_iter().flatten().min();
        let (mut among, mut has_triggers) = (self.among, !matched.triggers.is_empty());
        let reward = match self.selecting.map(|selecting| selected(selecting, scene)) {
            None => {
                among = true;
                let parts: usize = matched.triggers.iter().map(|bundle| bundle.parts.len()).sum();
                let bundled = !matched.has_part_without_trigger && (1..=crate::bundles::MOST_PARTS).contains(&parts);
                has_triggers = bundled && self.chunk.is_none();
                match self.chunk {
                    Some(number) => Reward::Units { lines: picking.matched_lines(), number },
                    None if bundled => Reward::Triggers,
                    None => Reward::All(picking.matched_lines()),
                }
            }
            Some(Selected::Units(lines, number)) => {
                // For percentages and amounts off units that have no number, none are set aside.
                has_triggers &= number.is_some() || self.chunk.is_none();
                match smaller(number) {
                    Some(number) => Reward::Units { lines, number },
                    None => Reward::All(lines),
                }
            }
            Some(Selected::Bundle(bundle)) => Reward::Bundle(bundle),
        };
        // Where applications are counted and fall on units that count, the count is all there is to it.
        has_triggers &= !(self.times.counted.is_some() && self.among && self.selecting.is_some());
        let most = match self.times.counted {
            Some(counted) => counted,
            None if has_triggers => i128::MAX,
            None => 1,
        };
        Repetition {
            picking,
            most,
            reward,
            among_triggers: among,
            has_triggers,
            repeats: true,
            as_bundle: self.price.is_for_bundle(),
            selection: self.selection,
        }
    }

    /// Its applications.
    pub fn choice(&self, scene: &Scene<'_, '_, '_>) -> Option<Choice> {
        let picking = scene.picking();
        let repetition = self.repetition(&picking, scene);
        let Repeated { mut sets, set_aside, .. } = repetition.repeated();
        if matches!(self.price, Price::Fixed { .. }) {
            // A bundle that costs no more than its price is none.
            sets = Priced::new(self.price, sets, scene, false).sets;
        }
        if let (Reward::Bundle(_), Some(most)) = (&repetition.reward, self.chunk) {
            for set in &mut sets {
                picking.sort(&mut set.units, self.selection);
                set.units = up_to(most, std::mem::take(&mut set.units));
            }
        }
        let among = repetition.among_triggers;
        let counted = self.times.counted.is_some() && !repetition.has_triggers;
        Some(Choice {
            triggers: match (repetition.has_triggers, counted && self.consumes_rewards) {
                (true, _) => Triggers::Chosen { taken: set_aside, among },
                (false, true) => Triggers::AsFar,
                (false, false) => Triggers::None,
            },
            serves: if counted && !self.consumes_rewards { Serves::EachGiven } else { Serves::No },
            consumes_rewards: self.consumes_rewards,
            ..Choice::of(self.price, sets)
        })
    }

    /// FREE_PRODUCT whose units are listed where the cart lacks them.
    fn with_gifts(&self, scene: &Scene<'_, '_, '_>) -> Option<Choice> {
        let picking = scene.picking();
        let repetition = self.repetition(&picking, scene);
        let mut repeated = repetition.repeated();
        let due = if repetition.has_triggers {
            let pool = except(except(picking.trigger_pool(true), &repeated.set_aside), &rewarded(&repeated.sets));
            let more = picking.matched.triggers.iter().map(|bundle| {
                let units: Vec<(u16, i128)> = pool.iter().map(|unit| (bundle.fits(unit.line), unit.quantity)).collect();
                crate::bundles::most_bundles(&bundle.quantities(1), &units)
            });
            (repeated.times + more.min().unwrap_or(0)).min(repetition.most)
        } else {
            repetition.most
        };
        let given = due.min(self.times.allowed);
        if given <= 0 {
            return None;
        }
        let sets = match &repetition.reward {
            // Of a bundle that the cart has in part, that part is free.
            Reward::Bundle(_) if given > repeated.times => {
                let beside = except(picking.trigger_pool(true), &rewarded(&repeated.sets));
                let set_aside = set_aside_as_far(given, &[], beside, &picking);
                repetition.as_far_as_there(given, &set_aside)
            }
            _ => std::mem::take(&mut repeated.sets),
        };
        let mut choice = Choice::of(self.price, sets);
        choice.keep(given);
        Some(Choice {
            gifts: self.gifts(given, &choice.sets, scene),
            triggers: if repetition.has_triggers { Triggers::AsFarBeside } else { Triggers::None },
            consumes_rewards: true,
            count: Some(Count { due, given }),
            ..choice
        })
    }

    /// What so many applications give beyond the units in the cart.
    fn gifts(&self, times: i128, sets: &[RewardSet], scene: &Scene<'_, '_, '_>) -> Vec<Gift> {
        let parts: Vec<&ProductCondition> = match self.selecting {
            None => Vec::new(),
            Some(Selecting::Product(condition)) => vec![condition],
            Some(Selecting::Combo(combo)) => combo.parts.iter().collect(),
        };
        let part = |condition: &&ProductCondition| BundlePart {
            lines: scene.looking.lines(condition).into_vec(),
            quantity: named(condition).unwrap_or(MILLION),
        };
        let bundle = Bundle { parts: parts.iter().map(part).collect() };
        let mut units: Vec<UnitRun> =
            rewarded(sets).into_iter().map(|((line, run), quantity)| UnitRun { line, run, quantity }).collect();
        scene.picking().sort(&mut units, self.selection);
        let fits: Vec<(Fits, i128)> = units.iter().map(|unit| (bundle.fits(unit.line), unit.quantity)).collect();
        let there = assign(&bundle.quantities(times), &fits);
        let mut gifts = Vec::new();
        for ((condition, wanted), there) in parts.iter().zip(bundle.quantities(times)).zip(there) {
            let missing = wanted - there.iter().map(|(_, quantity)| quantity.0).sum::<i128>();
            if let (true, Some(sku)) = (missing > 0, first_sku(condition)) {
                gifts.push(Gift { sku: sku.to_owned(), quantity: Quantity(missing) });
            }
        }
        gifts
    }
}

/// The first of the SKUs that a condition lists.
fn first_sku(condition: &ProductCondition) -> Option<&str> {
    condition.criteria.iter().find_map(|criterion| match criterion {
        Criterion::Values { entity: ListEntity::Sku, negated: false, values, .. } => values.first().map(String::as_str),
        _ => None,
    })
}
