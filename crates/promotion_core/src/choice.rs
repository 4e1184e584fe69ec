//! The units that a line action falls on and those that have to be bought for it, before anything is
//! priced (spec/evaluation.md 6 and 7).

use crate::bundles::{Places, Reserve};
use crate::effect::Gift;
use crate::money::DefinitionNumber;
use crate::picking::{Picking, Taken, UnitRun};
use crate::pricing::Price;
use crate::repetition::RewardSet;

/// The units that an action falls on, and what it takes of them: not yet clipped, rounded nor split.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What is taken.
    pub price: Price,
    /// Its applications.
    pub sets: Vec<RewardSet>,
    /// Units that have to be bought for them.
    pub triggers: Triggers,
    /// Rewarded units are consumed.
    pub consumes_rewards: bool,
    /// The trigger quantity of its applications is consumed afterwards, rewarded units first.
    pub serves: Serves,
    /// Never more than this.
    pub max_discount: Option<DefinitionNumber>,
    /// How many applications are due and are given; None: as many as its sets are.
    pub count: Option<Count>,
    /// Units that the cart lacks.
    pub gifts: Vec<Gift>,
}

/// How many applications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Without limits.
    pub due: i128,
    /// Within limits.
    pub given: i128,
}

/// How often the trigger quantity is consumed afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serves {
    /// Not at all.
    No,
    /// Once for every application that is given.
    EachGiven,
    /// So often.
    Times(i128),
}

/// Units that have to be bought for applications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Triggers {
    /// None.
    None,
    /// These, set aside once, and not consumed.
    Once(Taken),
    /// These, of all applications; rewarded units count towards them where they are `among` them.
    Chosen {
        /// Which.
        taken: Taken,
        /// Rewarded units are among them.
        among: bool,
    },
    /// As many as there are units for, rewarded ones first.
    AsFar,
    /// As many as there are units for beside the rewarded ones.
    AsFarBeside,
}

impl Choice {
    /// Applications without triggers.
    pub fn of(price: Price, sets: Vec<RewardSet>) -> Self {
        Self {
            price,
            sets,
            triggers: Triggers::None,
            consumes_rewards: false,
            serves: Serves::No,
            max_discount: None,
            count: None,
            gifts: Vec::new(),
        }
    }

    /// Whether rewarded units are those that had to be bought.
    pub fn rewards_serve(&self) -> bool {
        matches!(self.triggers, Triggers::Chosen { among: true, .. })
    }

    /// Whether it takes anything, as far as that can be told before it is priced.
    pub fn gives(&self) -> bool {
        (self.price.takes(self.max_discount) && !self.sets.is_empty()) || !self.gifts.is_empty()
    }

    /// How many applications are due.
    pub fn due(&self) -> i128 {
        self.count.map_or_else(|| self.sets.iter().map(|set| set.times).sum(), |count| count.due)
    }

    /// Keeps the first applications; answers how many are left.
    pub fn keep(&mut self, most: i128) -> i128 {
        if let Some(count) = self.count {
            return count.given;
        }
        let mut rest = most;
        self.sets.retain_mut(|set| {
            set.times = set.times.min(rest);
            rest -= set.times;
            set.times > 0
        });
        most - rest
    }

    /// The units that have to be bought for so many applications and are not rewarded.
    pub fn set_aside(&self, times: i128, picking: &Picking<'_, '_, '_>) -> Taken {
        match &self.triggers {
            Triggers::None => Taken::new(),
            Triggers::Once(taken) => taken.clone(),
            Triggers::AsFar => set_aside_as_far(times, &self.sets, picking.trigger_pool(true), picking),
            Triggers::AsFarBeside => {
                let beside = except(picking.trigger_pool(true), &rewarded(&self.sets));
                set_aside_as_far(times, &[], beside, picking)
            }
            Triggers::Chosen { taken, among } => {
                let (rewards, nothing) = (rewarded(&self.sets), Taken::new());
                let already = if *among { &rewards } else { &nothing };
                let chosen = |unit: UnitRun| {
                    let of = |taken: &Taken| taken.get(&unit.key()).copied().unwrap_or(0);
                    UnitRun { quantity: of(taken) + of(already), ..unit }
                };
                let pool: Vec<UnitRun> = picking.trigger_pool(true).into_iter().map(chosen).collect();
                picking.triggers(times, &pool, already, Reserve::none(), |_| 0).unwrap_or_else(|| taken.clone())
            }
        }
    }
}

/// The units of applications.
pub fn rewarded(sets: &[RewardSet]) -> Taken {
    let mut taken = Taken::new();
    for set in sets {
        for unit in &set.units {
            *taken.entry(unit.key()).or_default() += unit.quantity * set.times;
        }
    }
    taken
}

/// The triggers of as many applications, up to `times`, as there are units for.
pub fn set_aside_as_far(times: i128, sets: &[RewardSet], pool: Vec<UnitRun>, picking: &Picking<'_, '_, '_>) -> Taken {
    let rewarded = rewarded(sets);
    let mut taken = Taken::new();
    for bundle in picking.narrow_first() {
        let mut places = Places::new(&bundle.quantities(times));
        for already in [&rewarded, &taken] {
            for unit in &pool {
                let had = already.get(&unit.key()).copied().unwrap_or(0);
                let fits = bundle.fits(unit.line);
                let quantity = had.min(places.room(fits));
                places.place(fits, quantity);
            }
        }
        for unit in &pool {
            let had = |of: &Taken| of.get(&unit.key()).copied().unwrap_or(0);
            let fits = bundle.fits(unit.line);
            let quantity = (unit.quantity - had(&rewarded) - had(&taken)).min(places.room(fits));
            if quantity > 0 {
                places.place(fits, quantity);
                *taken.entry(unit.key()).or_default() += quantity;
            }
        }
    }
    taken
}

/// Units without those that are taken.
pub fn except(units: Vec<UnitRun>, taken: &Taken) -> Vec<UnitRun> {
    let rest = |unit: UnitRun| {
        let quantity = unit.quantity - taken.get(&unit.key()).copied().unwrap_or(0);
        (quantity > 0).then_some(UnitRun { quantity, ..unit })
    };
    units.into_iter().filter_map(rest).collect()
}
