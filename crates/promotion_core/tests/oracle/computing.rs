//! Computes a set of promotions in order (spec/evaluation.md 5), from what the stages before left.

use std::collections::{BTreeMap, BTreeSet};

use promotion_core::definition::{Action, CountPer, Definition, ExclusionScope, StopsLater};
use promotion_core::settings::{Base, EvaluationOrder, ExclusiveScope};

use crate::acting::Turn;
use crate::conditions::{Checker, Met};
use crate::limits::Allowed;
use crate::model::{Basket, Bit, Given, State};
use crate::money::Num;

/// A promotion that could apply, with what it was reached by.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Its index in the case.
    pub promotion: usize,
    /// The code as sent.
    pub code: Option<String>,
    pub instance: Option<String>,
    pub allowed: Allowed,
}

/// When in its stage an action is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    Line,
    Cart,
    Shipping,
    Tender,
}

/// Under BEST: which promotion each line of each LINE group goes to.
pub type Owners = BTreeMap<(String, usize), usize>;

/// Computes promotions.
pub struct Computer<'c, 's, 'a> {
    pub basket: &'c Basket<'s, 'a>,
    pub untouched: State,
}

impl<'c, 's, 'a> Computer<'c, 's, 'a> {
    pub fn new(basket: &'c Basket<'s, 'a>) -> Self {
        Self { basket, untouched: basket.untouched() }
    }

    pub fn definition(&self, promotion: usize) -> &'s Definition {
        &self.basket.case.promotions[promotion].definition
    }

    /// What the condition of a promotion matched: of the cart as sent, or with conditionBase NET of
    /// what it has left.
    fn met(&self, state: &State, promotion: usize) -> Option<Met> {
        let definition = self.definition(promotion);
        Checker { basket: self.basket, state: self.measured_state(state), in_bundles: has_bundles(&definition.action) }
            .check(&definition.condition)
    }

    /// The same, checked once for a promotion: at the first of its actions.
    fn met_once(&self, state: &mut State, promotion: usize) -> Option<Met> {
        if !state.met.contains_key(&promotion) {
            let met = self.met(state, promotion);
            state.met.insert(promotion, met);
        }
        state.met[&promotion].clone()
    }

    fn measured_state<'t>(&'t self, state: &'t State) -> &'t State {
        if self.basket.case.settings.condition_base == Base::Net { state } else { &self.untouched }
    }

    /// Whether the condition of a promotion holds.
    pub fn holds(&self, state: &State, promotion: usize) -> bool {
        self.met(state, promotion).is_some()
    }

    /// The phases of a promotion's actions, of TIERED that of the tier reached.
    pub fn phases(&self, state: &State, promotion: usize) -> BTreeSet<Phase> {
        let action = &self.definition(promotion).action;
        actions(action).into_iter().filter_map(|action| self.phase(state, promotion, action)).collect()
    }

    fn phase(&self, state: &State, promotion: usize, action: &Action) -> Option<Phase> {
        Some(match action {
            Action::CartBased(_) => Phase::Cart,
            Action::ProductBased(_) | Action::FreeProduct(_) | Action::FixedPrice(_) => Phase::Line,
            Action::Shipping(_) => Phase::Shipping,
            Action::Tender(_) => Phase::Tender,
            Action::PerUnit(per_unit) => return self.phase(state, promotion, &per_unit.reward),
            Action::Tiered(tiered) if tiered.count_per == CountPer::Line => Phase::Line,
            Action::Tiered(tiered) => {
                let met = self.met(state, promotion)?;
                let state = self.measured_state(state);
                let turn = Turn { basket: self.basket, promotion, met: &met, contested: BTreeSet::new() };
                let all = self.basket.all_bits(state);
                return self.phase(state, promotion, turn.tier(state, tiered, &all)?);
            }
            Action::Multi(_) => unreachable!("its actions have phases of their own"),
        })
    }

    /// A stage: line, cart and shipping actions of promotions that stand in rank order. A promotion
    /// that a REFUSE limit would cut gives nothing, and the others are computed without it.
    pub fn stage(&self, before: &State, set: &[&Candidate], owners: Option<&Owners>) -> State {
        let order = self.basket.case.settings.evaluation_order;
        let mut actions_in_order: Vec<(u8, usize, Phase, &Action)> = Vec::new();
        for (rank, candidate) in set.iter().enumerate() {
            for action in actions(&self.definition(candidate.promotion).action) {
                let Some(phase) = self.phase(before, candidate.promotion, action) else { continue };
                let turn = match (order, phase) {
                    (_, Phase::Tender) => continue,
                    (EvaluationOrder::Ranked, _) => 0,
                    (EvaluationOrder::CartFirst, Phase::Cart) => 0,
                    (EvaluationOrder::CartFirst, Phase::Line) => 1,
                    (EvaluationOrder::LineItemFirst, Phase::Line) => 0,
                    (EvaluationOrder::LineItemFirst, Phase::Cart) => 1,
                    (_, Phase::Shipping) => 2,
                };
                actions_in_order.push((turn, rank, phase, action));
            }
        }
        actions_in_order.sort_by_key(|(turn, rank, phase, _)| (*turn, *rank, *phase));
        let mut state = before.clone();
        for (_, rank, _, action) in actions_in_order {
            let candidate = set[rank];
            if let Some(met) = self.met_once(&mut state, candidate.promotion)
                && !self.act(&mut state, candidate, &met, action, owners)
            {
                let others: Vec<&Candidate> =
                    set.iter().copied().filter(|own| own.promotion != candidate.promotion).collect();
                let mut state = self.stage(before, &others, owners);
                state.refused.insert(candidate.promotion);
                return state;
            }
        }
        state
    }

    /// Tender actions, of promotions that stand in order of stage and rank.
    pub fn tenders(&self, before: &State, set: &[&Candidate]) -> State {
        let mut state = before.clone();
        for candidate in set {
            for action in actions(&self.definition(candidate.promotion).action) {
                if self.phase(before, candidate.promotion, action) == Some(Phase::Tender)
                    && let Some(met) = self.met_once(&mut state, candidate.promotion)
                    && !self.act(&mut state, candidate, &met, action, None)
                {
                    let others: Vec<&Candidate> =
                        set.iter().copied().filter(|own| own.promotion != candidate.promotion).collect();
                    let mut state = self.tenders(before, &others);
                    state.refused.insert(candidate.promotion);
                    return state;
                }
            }
        }
        state
    }

    /// One action; false where a REFUSE limit would have to cut it.
    fn act(
        &self,
        state: &mut State,
        candidate: &Candidate,
        met: &Met,
        action: &Action,
        owners: Option<&Owners>,
    ) -> bool {
        let promotion = candidate.promotion;
        let contested = self.contested(state, promotion, owners);
        let turn = Turn { basket: self.basket, promotion, met, contested };
        let given = state.given.entry(promotion).or_default();
        let allowed = candidate.allowed.after(given.discount());
        match turn.act(state, action, &allowed) {
            Ok(count) => {
                let given = state.given.entry(promotion).or_default();
                given.count = given.count.max(count);
                true
            }
            Err(_) => false,
        }
    }

    /// The units that a promotion must leave to those whose line actions were computed before.
    fn contested(&self, state: &State, promotion: usize, owners: Option<&Owners>) -> BTreeSet<Bit> {
        let settings = self.basket.case.settings;
        let own = self.definition(promotion);
        let own_groups = line_groups(own);
        let by_unit = settings.exclusive_scope == ExclusiveScope::Unit;
        let mut contested = BTreeSet::new();
        for (line, bits) in state.bits.iter().enumerate() {
            let others = |place: usize| bits[place].benefited.iter().copied().filter(|&other| other != promotion);
            let of_line: BTreeSet<usize> = (0..bits.len()).flat_map(others).collect();
            let line_is_taken = of_line.iter().any(|&other| {
                let other = self.definition(other);
                settings.single_promotion_per_line_item
                    || other.stops_later == StopsLater::Lines
                    || line_groups(other).intersection(&own_groups).next().is_some()
            });
            let is_anothers = owners.is_some_and(|owners| {
                let mut owner = own_groups.iter().filter_map(|group| owners.get(&(group.clone(), line)));
                owner.any(|owner| *owner != promotion)
            });
            for place in 0..bits.len() {
                let exclusive =
                    by_unit && others(place).any(|other| !own.is_stackable || !self.definition(other).is_stackable);
                let full = settings.max_stacked_per_unit.is_some_and(|most| others(place).count() >= most as usize);
                if line_is_taken || is_anothers || exclusive || full {
                    contested.insert((line, place));
                }
            }
        }
        contested
    }

    /// What a promotion gave in a state.
    pub fn given(state: &State, promotion: usize) -> Given {
        state.given.get(&promotion).cloned().unwrap_or_default()
    }

    /// What it would give alone on the cart as sent, all phases.
    pub fn alone(&self, candidate: &Candidate) -> Num {
        let state = self.tenders(&self.stage(&self.untouched, &[candidate], None), &[candidate]);
        Self::given(&state, candidate.promotion).discount()
    }
}

/// A promotion's actions: those of MULTI, else the one.
pub fn actions(action: &Action) -> Vec<&Action> {
    match action {
        Action::Multi(actions) => actions.iter().collect(),
        action => vec![action],
    }
}

/// Whether QUANTITY EQUALS n in the condition means bundles of n: somewhere in it is FREE_PRODUCT or
/// FIXED_PRICE.
fn has_bundles(action: &Action) -> bool {
    match action {
        Action::FreeProduct(_) | Action::FixedPrice(_) => true,
        Action::PerUnit(per_unit) => has_bundles(&per_unit.reward),
        Action::Tiered(tiered) => tiered.tiers.iter().any(|tier| has_bundles(&tier.action)),
        Action::Multi(actions) => actions.iter().any(has_bundles),
        _ => false,
    }
}

/// The names of a promotion's groups of which each line has at most one.
pub fn line_groups(definition: &Definition) -> BTreeSet<String> {
    let groups = definition.exclusion_groups.iter().filter(|group| group.scope == ExclusionScope::Line);
    groups.map(|group| group.name.clone()).collect()
}
