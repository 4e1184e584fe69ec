//! What an action falls on, before it is priced.

use std::collections::{BTreeMap, BTreeSet};

use crate::fitting::{Need, take_in_order, times};
use crate::model::Bit;

/// One application of an action, or several that are taken at once.
#[derive(Debug, Clone)]
pub struct Application {
    /// The units that benefit.
    pub rewards: Vec<Bit>,
    /// Bits of each SKU for the caller to add.
    pub gifts: BTreeMap<String, usize>,
    /// How many applications these are.
    pub times: u64,
}

impl Application {
    /// A single one.
    pub fn on(rewards: Vec<Bit>) -> Self {
        Self { rewards, gifts: BTreeMap::new(), times: 1 }
    }
}

/// The units that serve as triggers for a block, for all applications, in order.
#[derive(Debug, Clone)]
pub struct Serving {
    pub block: Vec<Need>,
    pub bits: Vec<Bit>,
}

/// What an action falls on, before it is priced.
#[derive(Debug, Clone, Default)]
pub struct Chosen {
    pub applications: Vec<Application>,
    pub servings: Vec<Serving>,
}

impl Chosen {
    /// A single application, on these units.
    pub fn one(rewards: Vec<Bit>) -> Self {
        let applications = if rewards.is_empty() { Vec::new() } else { vec![Application::on(rewards)] };
        Self { applications, servings: Vec::new() }
    }

    /// The triggers of so many applications, of which these are the rewards: rewards that are triggers
    /// too, then the first of the units that only serve.
    pub fn triggers(&self, lines: usize, count: usize, rewards: &[Bit]) -> BTreeSet<Bit> {
        let benefits = |bit: &Bit| self.applications.iter().any(|application| application.rewards.contains(bit));
        let of_block = |serving: &Serving| {
            let own = serving.bits.iter().filter(|bit| rewards.contains(bit));
            let others = serving.bits.iter().filter(|bit| !benefits(bit));
            take_in_order(&times(&serving.block, count), lines, &own.chain(others).copied().collect::<Vec<Bit>>())
        };
        self.servings.iter().flat_map(of_block).collect()
    }
}

/// The first so many bits of each line.
pub fn first_of_each_line(order: &[Bit], most: usize) -> Vec<Bit> {
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    let mut is_in = |bit: &Bit| {
        let count = taken.entry(bit.0).or_default();
        *count += 1;
        *count <= most
    };
    order.iter().copied().filter(|bit| is_in(bit)).collect()
}
