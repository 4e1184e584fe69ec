//! How often an action that repeats is applied, and to which units (spec/evaluation.md 7): as often
//! as disjoint sets of trigger and reward units exist.

use crate::bundles::{Fits, Places, Reserve, assign, most_bundles};
use crate::condition::{Bundle, BundlePart, Matched};
use crate::definition::UnitSelection;
use crate::money::capped_product;
use crate::picking::{Picking, Taken, UnitRun, total};

/// So many applications alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RewardSet {
    /// How many, 1 or more.
    pub times: i128,
    /// The units that benefit in each.
    pub units: Vec<UnitRun>,
}

/// What each application rewards.
#[derive(Debug, Clone)]
pub enum Reward {
    /// The units that trigger.
    Triggers,
    /// All units of these lines, once.
    All(Vec<usize>),
    /// Up to so many units of these lines.
    Units {
        /// The lines, ascending.
        lines: Vec<usize>,
        /// Millionths of a unit, above 0.
        number: i128,
    },
    /// A whole bundle.
    Bundle(Bundle),
}

/// An action that repeats.
pub struct Repetition<'r, 'p, 'b, 'c> {
    /// What units are picked from.
    pub picking: &'r Picking<'p, 'b, 'c>,
    /// What each application rewards.
    pub reward: Reward,
    /// The rewarded units are among those that trigger; else beside them.
    pub among_triggers: bool,
    /// Units have to be set aside, or rewarded, for the trigger quantity.
    pub has_triggers: bool,
    /// Units that others have consumed are passed over.
    pub repeats: bool,
    /// Units at their lowest price are rewarded too: they belong to a bundle that costs so much together.
    pub as_bundle: bool,
    /// Which units are rewarded first.
    pub selection: UnitSelection,
    /// At most so many applications.
    pub most: i128,
}

/// What a repetition comes to.
#[derive(Debug, Clone, Default)]
pub struct Repeated {
    /// How many applications.
    pub times: i128,
    /// Their units, in order.
    pub sets: Vec<RewardSet>,
    /// The units set aside for them.
    pub set_aside: Taken,
}

struct Attempt {
    rewards: Vec<UnitRun>,
    set_aside: Taken,
}

impl Repetition<'_, '_, '_, '_> {
    /// The most applications, and their units.
    pub fn repeated(&self) -> Repeated {
        let pool = self.picking.trigger_pool(self.repeats);
        let rewards = self.reward_pool();
        let bound = self.bound(&pool, &rewards);
        if bound <= 0 {
            return Repeated::default();
        }
        // Nearly always the bound can be reached.
        let (times, attempt) = match self.attempt(bound, &pool, &rewards) {
            Some(attempt) => (bound, attempt),
            None => {
                let mut found = None;
                let (mut low, mut high) = (0, bound);
                while high - low > 1 {
                    let middle = low + (high - low) / 2;
                    match self.attempt(middle, &pool, &rewards) {
                        Some(attempt) => (low, found) = (middle, Some((middle, attempt))),
                        None => high = middle,
                    }
                }
                match found {
                    Some(found) => found,
                    None => return Repeated::default(),
                }
            }
        };
        let sets = self.sets(times, &attempt.rewards);
        Repeated { times, sets, set_aside: attempt.set_aside }
    }

    /// So many applications of a bundle, whole or not, on units that are not set aside.
    pub fn as_far_as_there(&self, times: i128, set_aside: &Taken) -> Vec<RewardSet> {
        let Reward::Bundle(bundle) = &self.reward else { return Vec::new() };
        let rewards = self.reward_pool();
        let mut places = Places::new(&bundle.quantities(times));
        let taken: Vec<UnitRun> = rewards.iter().filter_map(|unit| self.placed(unit, set_aside, &mut places)).collect();
        self.cut_bundles(bundle, times, &taken)
    }

    /// What of a run is placed.
    fn placed(&self, unit: &UnitRun, except: &Taken, places: &mut Places) -> Option<UnitRun> {
        let fits = self.fits(unit.line);
        let free = unit.quantity - except.get(&unit.key()).copied().unwrap_or(0);
        let quantity = free.min(places.room(fits));
        (quantity > 0).then(|| {
            places.place(fits, quantity);
            UnitRun { quantity, ..*unit }
        })
    }

    fn reward_pool(&self) -> Vec<UnitRun> {
        let picking = self.picking;
        let keep = |line: usize, run: usize| picking.can_benefit(line, run, self.repeats, self.as_bundle);
        let among = |wanted: &dyn Fn(usize) -> bool| {
            picking.matched_units(self.selection, |line, run| wanted(line) && keep(line, run))
        };
        match &self.reward {
            Reward::Triggers => {
                let lines = crate::picking::lines_of(&picking.matched.triggers);
                picking.ordered(&lines, self.selection, keep)
            }
            Reward::All(lines) | Reward::Units { lines, .. } if self.among_triggers => {
                among(&|line| lines.binary_search(&line).is_ok())
            }
            Reward::All(lines) | Reward::Units { lines, .. } => picking.ordered(lines, self.selection, keep),
            Reward::Bundle(bundle) if self.among_triggers => among(&|line| bundle.fits(line) != 0),
            Reward::Bundle(bundle) => {
                picking.ordered(&crate::picking::lines_of(std::slice::from_ref(bundle)), self.selection, keep)
            }
        }
    }

    /// The parts of the reward that units of a line fit.
    fn fits(&self, line: usize) -> Fits {
        match &self.reward {
            Reward::Bundle(bundle) => bundle.fits(line),
            Reward::Triggers => {
                let mut before = 0;
                self.picking.matched.triggers.iter().fold(0, |fits, bundle| {
                    let own = bundle.fits(line) << before;
                    before += bundle.parts.len();
                    fits | own
                })
            }
            Reward::All(lines) | Reward::Units { lines, .. } => Fits::from(lines.binary_search(&line).is_ok()),
        }
    }

    /// All triggers as one bundle.
    fn all_triggers(&self) -> Bundle {
        Bundle { parts: self.picking.matched.triggers.iter().flat_map(|bundle| bundle.parts.clone()).collect() }
    }

    /// More applications than this there can't be.
    fn bound(&self, pool: &[UnitRun], rewards: &[UnitRun]) -> i128 {
        let units = |bundle: &Bundle, units: &[UnitRun]| -> Vec<(Fits, i128)> {
            units.iter().map(|unit| (bundle.fits(unit.line), unit.quantity)).collect()
        };
        let bundles = |bundle: &Bundle, there: &[UnitRun]| most_bundles(&bundle.quantities(1), &units(bundle, there));
        let by_reward = match &self.reward {
            Reward::Triggers => bundles(&self.all_triggers(), rewards),
            Reward::All(_) => i128::from(!rewards.is_empty()),
            Reward::Units { number, .. } => total(rewards).div_ceil_of(*number),
            Reward::Bundle(bundle) => bundles(bundle, rewards),
        };
        let by_triggers = if self.has_triggers {
            self.picking.matched.triggers.iter().map(|bundle| bundles(bundle, pool)).min().unwrap_or(1)
        } else {
            self.most
        };
        self.most.min(by_reward).min(by_triggers)
    }

    /// The units of so many applications, if they are there.
    fn attempt(&self, times: i128, pool: &[UnitRun], rewards: &[UnitRun]) -> Option<Attempt> {
        match &self.reward {
            Reward::Triggers => {
                let quantities = self.all_triggers().quantities(times);
                let rewards = self.fill(&quantities, rewards, &Taken::new(), None)?;
                Some(Attempt { rewards, set_aside: Taken::new() })
            }
            _ if self.among_triggers => self.attempt_among(times, pool, rewards),
            _ => self.attempt_beside(times, pool, rewards),
        }
    }

    /// Rewards beside the triggers: as many units as possible are left for them.
    fn attempt_beside(&self, times: i128, pool: &[UnitRun], rewards: &[UnitRun]) -> Option<Attempt> {
        let there: Taken = rewards.iter().map(|unit| (unit.key(), unit.quantity)).collect();
        let wanted = |unit: &UnitRun| if there.contains_key(&unit.key()) { self.fits(unit.line) } else { 0 };
        let set_aside = |pool: &[UnitRun], reserve: Reserve| -> Option<Taken> {
            if !self.has_triggers {
                return Some(Taken::new());
            }
            self.picking.triggers(times, pool, &Taken::new(), reserve, wanted)
        };
        let fits: Vec<(Fits, i128)> = rewards.iter().map(|unit| (self.fits(unit.line), unit.quantity)).collect();
        let others_first = |pool: &[UnitRun]| {
            let mut units = pool.to_vec();
            units.sort_by_key(|unit| wanted(unit) != 0);
            units
        };
        if let Reward::Bundle(bundle) = &self.reward {
            let quantities = bundle.quantities(times);
            let reserve = Reserve::new(&quantities, &fits)?;
            let set_aside = match set_aside(pool, reserve.clone()) {
                Some(dearest) => dearest,
                None => set_aside(&others_first(pool), reserve)?,
            };
            let rewards = self.fill(&quantities, rewards, &set_aside, None)?;
            return Some(Attempt { rewards, set_aside });
        }
        let sparing = set_aside(&others_first(pool), Reserve::none())?;
        let lost: i128 = sparing.iter().filter(|(key, _)| there.contains_key(key)).map(|(_, taken)| taken).sum();
        let left = total(rewards) - lost;
        let number = match self.reward {
            Reward::Units { number, .. } => number,
            _ => left,
        };
        if left <= capped_product(number, times - 1) {
            return None;
        }
        let quantity = left.min(capped_product(number, times));
        let set_aside = set_aside(pool, Reserve::new(&[quantity], &fits)?).unwrap_or(sparing);
        let rewards = self.up_to(quantity, rewards, &set_aside, None);
        Some(Attempt { rewards, set_aside })
    }

    /// Rewards among the triggers: they count towards them.
    fn attempt_among(&self, times: i128, pool: &[UnitRun], rewards: &[UnitRun]) -> Option<Attempt> {
        let number = match &self.reward {
            Reward::Units { number, .. } => Some(*number),
            _ => None,
        };
        let each = match &self.reward {
            Reward::Bundle(bundle) => Some(bundle.quantities(1).iter().sum()),
            _ => number,
        };
        let places = match self.picking.matched.triggers.as_slice() {
            [bundle] if self.has_triggers && !matches!(self.reward, Reward::All(_)) => {
                let mut bundle = bundle.clone();
                if let ([part], Some(each)) = (bundle.parts.as_mut_slice(), each) {
                    part.quantity = part.quantity.max(each);
                }
                Some(bundle)
            }
            _ => None,
        };
        let limit = places.as_ref().map(|bundle| (bundle, Places::new(&bundle.quantities(times))));
        let rewards = match &self.reward {
            Reward::Bundle(bundle) => self.fill(&bundle.quantities(times), rewards, &Taken::new(), limit)?,
            _ => {
                let most = number.map_or(i128::MAX, |number| capped_product(number, times));
                let units = self.up_to(most, rewards, &Taken::new(), limit);
                if total(&units) <= number.map_or(0, |number| capped_product(number, times - 1)) {
                    return None;
                }
                units
            }
        };
        if !self.has_triggers {
            return Some(Attempt { rewards, set_aside: Taken::new() });
        }
        let already: Taken = rewards.iter().map(|unit| (unit.key(), unit.quantity)).collect();
        let set_aside = match places {
            // A reward of more units than trigger needs as many.
            Some(bundle) => {
                let matched = Matched { triggers: vec![bundle], ..self.picking.matched.clone() };
                let picking = Picking { matched: &matched, ..*self.picking };
                picking.triggers(times, pool, &already, Reserve::none(), |_| 0)?
            }
            None => self.picking.triggers(times, pool, &already, Reserve::none(), |_| 0)?,
        };
        Some(Attempt { rewards, set_aside })
    }

    /// Units in order until all places of the parts are filled; None where they can't be.
    fn fill(
        &self,
        quantities: &[i128],
        units: &[UnitRun],
        except: &Taken,
        mut limit: Option<(&Bundle, Places)>,
    ) -> Option<Vec<UnitRun>> {
        let mut places = Places::new(quantities);
        let mut taken = Vec::new();
        for unit in units {
            let fits = self.fits(unit.line);
            let free = unit.quantity - except.get(&unit.key()).copied().unwrap_or(0);
            let quantity = free.min(places.room(fits)).min(room(&limit, unit));
            if quantity > 0 {
                places.place(fits, quantity);
                place(&mut limit, unit, quantity);
                taken.push(UnitRun { quantity, ..*unit });
            }
        }
        (places.rest() == 0).then_some(taken)
    }

    /// Units in order, up to a number of them.
    fn up_to(
        &self,
        most: i128,
        units: &[UnitRun],
        except: &Taken,
        mut limit: Option<(&Bundle, Places)>,
    ) -> Vec<UnitRun> {
        let mut rest = most;
        let mut taken = Vec::new();
        for unit in units {
            let free = unit.quantity - except.get(&unit.key()).copied().unwrap_or(0);
            let quantity = free.min(rest).min(room(&limit, unit));
            if quantity > 0 {
                rest -= quantity;
                place(&mut limit, unit, quantity);
                taken.push(UnitRun { quantity, ..*unit });
            }
        }
        taken
    }

    /// Cuts the rewarded units, in order, into applications.
    fn sets(&self, times: i128, rewards: &[UnitRun]) -> Vec<RewardSet> {
        match &self.reward {
            Reward::All(_) => vec![RewardSet { times: 1, units: rewards.to_vec() }],
            Reward::Units { number, .. } => cut(&[(*number, rewards.to_vec())]),
            Reward::Triggers => self.cut_bundles(&self.all_triggers(), times, rewards),
            Reward::Bundle(bundle) => self.cut_bundles(bundle, times, rewards),
        }
    }

    fn cut_bundles(&self, bundle: &Bundle, times: i128, rewards: &[UnitRun]) -> Vec<RewardSet> {
        let fits: Vec<(Fits, i128)> = rewards.iter().map(|unit| (bundle.fits(unit.line), unit.quantity)).collect();
        let assigned = assign(&bundle.quantities(times), &fits);
        let parts: Vec<(i128, Vec<UnitRun>)> = assigned
            .into_iter()
            .zip(&bundle.parts)
            .map(|(units, BundlePart { quantity, .. })| {
                let own = |(index, own): (usize, crate::money::Quantity)| UnitRun { quantity: own.0, ..rewards[index] };
                (*quantity, units.into_iter().map(own).collect())
            })
            .collect();
        cut(&parts)
    }
}

fn room(limit: &Option<(&Bundle, Places)>, unit: &UnitRun) -> i128 {
    limit.as_ref().map_or(i128::MAX, |(bundle, places)| places.room(bundle.fits(unit.line)))
}

fn place(limit: &mut Option<(&Bundle, Places)>, unit: &UnitRun, quantity: i128) {
    if let Some((bundle, places)) = limit {
        places.place(bundle.fits(unit.line), quantity);
    }
}

/// Cuts each part's units, in order, into pieces of its number; the j-th piece of every part makes the
/// j-th application, and the last may be smaller. Applications alike, one after the other, are one set.
pub fn cut(parts: &[(i128, Vec<UnitRun>)]) -> Vec<RewardSet> {
    let mut rests: Vec<(usize, i128)> = vec![(0, 0); parts.len()];
    let mut sets = Vec::new();
    loop {
        // How often each part's current run yields a whole piece; a part that has no more units asks for none.
        let whole = parts
            .iter()
            .zip(&rests)
            .filter_map(|((number, units), (at, used))| units.get(*at).map(|unit| (unit.quantity - used) / number))
            .min()
            .unwrap_or(0);
        let times = whole.max(1);
        let mut units: Vec<UnitRun> = Vec::new();
        for ((number, runs), (at, used)) in parts.iter().zip(&mut rests) {
            let mut rest = *number;
            while let (Some(unit), true) = (runs.get(*at), rest > 0) {
                let each = rest.min(unit.quantity - *used);
                // Units of one run belong together, whichever parts they are for.
                match units.iter_mut().find(|own| own.key() == unit.key()) {
                    Some(own) => own.quantity += each,
                    None => units.push(UnitRun { quantity: each, ..*unit }),
                }
                *used += each * times;
                rest -= each;
                if *used == unit.quantity {
                    (*at, *used) = (*at + 1, 0);
                }
            }
        }
        if units.is_empty() {
            return sets;
        }
        sets.push(RewardSet { times, units });
    }
}

/// Division that rounds up, of numbers of 0 or more.
trait DivCeil {
    fn div_ceil_of(self, divisor: Self) -> Self;
}

impl DivCeil for i128 {
    fn div_ceil_of(self, divisor: Self) -> Self {
        self / divisor + Self::from(self % divisor > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(quantities: &[i128]) -> Vec<UnitRun> {
        quantities.iter().enumerate().map(|(line, &quantity)| UnitRun { line, run: 0, quantity }).collect()
    }

    fn shape(sets: &[RewardSet]) -> Vec<(i128, Vec<(usize, i128)>)> {
        sets.iter().map(|set| (set.times, set.units.iter().map(|unit| (unit.line, unit.quantity)).collect())).collect()
    }

    #[test]
    fn applications_alike_are_counted_not_listed() {
        assert_eq!(shape(&cut(&[(2, runs(&[2_000_000]))])), [(1_000_000, vec![(0, 2)])]);
        assert_eq!(
            shape(&cut(&[(2, runs(&[3, 4]))])),
            [(1, vec![(0, 2)]), (1, vec![(0, 1), (1, 1)]), (1, vec![(1, 2)]), (1, vec![(1, 1)])]
        );
        let two = [(1, runs(&[5])), (2, vec![UnitRun { line: 7, run: 0, quantity: 10 }])];
        assert_eq!(shape(&cut(&two)), [(5, vec![(0, 1), (7, 2)])]);
    }
}
