//! Which promotions are taken (spec/evaluation.md 4): what forbids them to stand together, and the
//! RANKED walk. BEST is in best.rs.

use crate::action::Phase;
use crate::computing::{Candidate, Claims, Computing, Progress, slots};
use crate::definition::StopsLater;
use crate::evaluation::{Because, Reason};
use crate::outcome::Outcomes;
use crate::ruleset::shares;
use crate::settings::{EvaluationOrder, ExclusiveScope};
use crate::state::CartState;

/// A promotion that was taken, by its index among its stage's candidates.
#[derive(Clone)]
pub(crate) struct Taken<'r> {
    /// Which candidate.
    pub index: usize,
    /// What it gives.
    pub progress: Progress<'r>,
}

/// What a stage comes to.
pub(crate) struct StageResult<'r, 's, 'c> {
    /// What was taken, in the order of the walk.
    pub taken: Vec<Taken<'r>>,
    /// What is left of the cart.
    pub state: CartState<'s, 'c>,
}

/// One stage's candidates and what was taken before them.
pub(crate) struct Stage<'x, 'r, 's, 'c> {
    /// How promotions are computed.
    pub computing: &'x Computing<'r, 's, 'c>,
    /// The stage's candidates, in the order of the walk.
    pub candidates: &'x [Candidate<'r>],
    /// Promotions of the stages before that were taken.
    pub before: &'x [&'x Candidate<'r>],
    /// What these have left.
    pub start: &'x CartState<'s, 'c>,
}

/// Why a promotion can't be taken.
#[derive(Clone, Copy)]
pub(crate) enum Forbidden {
    /// Another one stands in its way.
    By(u32, Because),
    /// There are as many as may be.
    TooMany,
}

/// Why the walk did not take a promotion.
#[derive(Clone, Copy)]
enum Refusal {
    /// It may not stand beside what is taken.
    Forbidden(Forbidden),
    /// A limit refuses it.
    Limit,
    /// It gives nothing.
    Nothing,
}

/// Puts a stage's candidates in the order of the walk: with CART_FIRST, cart promotions first.
pub(crate) fn order_of_walk(candidates: &mut [Candidate<'_>], order: EvaluationOrder) {
    if order == EvaluationOrder::CartFirst {
        candidates.sort_by_key(|candidate| !candidate.acts_in(Phase::Cart));
    }
}

impl<'r, 's, 'c> Stage<'_, 'r, 's, 'c> {
    /// The slots that its promotions are computed in.
    pub fn slots(&self) -> &'static [&'static [Phase]] {
        slots(self.computing.settings().evaluation_order)
    }

    /// Whether a candidate acts in a slot.
    pub fn acts_in(&self, candidate: &Candidate<'r>, slot: usize) -> bool {
        self.slots()[slot].iter().any(|phase| candidate.acts_in(*phase))
    }

    /// Whether a promotion that was taken forbids a later one, and why; `same_stage` says whether it is of this stage.
    pub fn forbids(&self, earlier: &Candidate<'r>, later: &Candidate<'r>, same_stage: bool) -> Option<Because> {
        let settings = self.computing.settings();
        let may = earlier.promotion.is_contesting
            || later.promotion.is_contesting
            || settings.evaluation_order == EvaluationOrder::CartFirst;
        if !may || earlier.is_of_tenders() || later.is_of_tenders() {
            return None;
        }
        let (a, b) = (&earlier.promotion.definition, &later.promotion.definition);
        let exclusive = settings.exclusive_scope == ExclusiveScope::Cart && (!a.is_stackable || !b.is_stackable);
        // With CART_FIRST a cart promotion that applies shuts out its stage's line promotions.
        let shut_out = same_stage
            && settings.evaluation_order == EvaluationOrder::CartFirst
            && earlier.acts_in(Phase::Cart)
            && later.acts_in(Phase::Line)
            && !later.acts_in(Phase::Cart);
        if exclusive {
            Some(Because::Exclusive)
        } else if shut_out {
            Some(Because::CartFirst)
        } else if a.stops_later == StopsLater::Cart {
            Some(Because::StopsLater)
        } else {
            shares(&earlier.promotion.cart_groups, &later.promotion.cart_groups).then_some(Because::ExclusionGroup)
        }
    }

    /// What keeps a candidate from being taken beside what is.
    pub fn forbidden(&self, candidate: &Candidate<'r>, taken: &[Taken<'r>]) -> Option<Forbidden> {
        if candidate.is_of_tenders() {
            return None;
        }
        let by = |other: &Candidate<'r>, same: bool| {
            self.forbids(other, candidate, same).map(|because| Forbidden::By(other.place, because))
        };
        let earlier = self.before.iter().find_map(|other| by(other, false));
        let of_stage = || taken.iter().find_map(|taken| by(&self.candidates[taken.index], true));
        if let Some(forbidden) = earlier.or_else(of_stage) {
            return Some(forbidden);
        }
        let most = self.computing.settings().max_stacked_per_cart;
        let count = self.before.iter().filter(|other| !other.is_of_tenders()).count() + taken.len();
        most.is_some_and(|most| count >= most as usize).then_some(Forbidden::TooMany)
    }

    /// That a promotion is kept away by another one; or that its condition does not hold on what is left, where that has
    /// not been looked at before.
    pub fn excluded(
        &self,
        candidate: &Candidate<'r>,
        (by, because): (u32, Because),
        state: &CartState<'s, 'c>,
    ) -> Reason {
        if self.computing.is_net() && self.computing.resolve(candidate.promotion, state).is_none() {
            return self.computing.not_met(candidate.promotion, state);
        }
        Reason::Excluded { with: self.computing.ruleset.promotion(by).id.to_string(), because }
    }

    /// The RANKED walk: takes promotions in order where nothing taken forbids them and they give
    /// more than zero. Where something taken gives nothing in the end, it is walked again without it:
    /// what gives nothing blocks nothing.
    pub fn ranked(&self, outcomes: &mut Outcomes) -> StageResult<'r, 's, 'c> {
        let mut dropped: Vec<Option<Refusal>> = vec![None; self.candidates.len()];
        loop {
            let mut walk = Walk::new(self);
            let mut refused: Vec<(&Candidate<'r>, Refusal)> = Vec::new();
            for (index, candidate) in self.candidates.iter().enumerate() {
                if candidate.is_of_tenders() {
                    continue;
                }
                if let Some(refusal) = dropped[index] {
                    refused.push((candidate, refusal));
                } else if let Some(forbidden) = self.forbidden(candidate, &walk.taken) {
                    refused.push((candidate, Refusal::Forbidden(forbidden)));
                } else if let Err(refusal) = walk.take(index) {
                    refused.push((candidate, refusal));
                }
            }
            walk.refresh(self.slots().len());
            let mut gives_nothing = false;
            for taken in walk.taken.iter().filter(|taken| !taken.progress.gives()) {
                let is_refused = taken.progress.refused_in.is_some();
                dropped[taken.index] = Some(if is_refused { Refusal::Limit } else { Refusal::Nothing });
                gives_nothing = true;
            }
            if gives_nothing {
                continue;
            }
            let result = walk.finish();
            for (candidate, refusal) in refused {
                outcomes.refuse(candidate.place, || match &refusal {
                    Refusal::Forbidden(Forbidden::By(other, because)) => {
                        self.excluded(candidate, (*other, *because), &result.state)
                    }
                    Refusal::Forbidden(Forbidden::TooMany) => Reason::TooManyPromotions,
                    Refusal::Limit => Reason::LimitTooSmall,
                    Refusal::Nothing => self.computing.why_nothing(candidate, &result.state),
                });
            }
            return result;
        }
    }
}

/// Promotions being taken, and what they leave after each slot.
struct Walk<'w, 'x, 'r, 's, 'c> {
    stage: &'w Stage<'x, 'r, 's, 'c>,
    taken: Vec<Taken<'r>>,
    /// What is left after each slot.
    after: Vec<CartState<'s, 'c>>,
    /// How many of them are computed with all that was taken.
    fresh: usize,
}

const NO_CLAIMS: &Claims = &[];

impl<'w, 'x, 'r, 's, 'c> Walk<'w, 'x, 'r, 's, 'c> {
    fn new(stage: &'w Stage<'x, 'r, 's, 'c>) -> Self {
        Self { stage, taken: Vec::new(), after: vec![stage.start.clone()], fresh: 1 }
    }

    /// Takes a candidate if it gives anything where it is computed.
    fn take(&mut self, index: usize) -> Result<(), Refusal> {
        let candidate = &self.stage.candidates[index];
        let mut progress = Progress::default();
        for slot in 0..self.stage.slots().len() {
            if !self.stage.acts_in(candidate, slot) {
                continue;
            }
            // Where one that is computed there already ranks after it, the slot is computed anew with both.
            let is_last = self.taken.iter().all(|taken| {
                let other = &self.stage.candidates[taken.index];
                other.rank < candidate.rank || !self.stage.acts_in(other, slot)
            });
            if !is_last && slot > 0 {
                self.refresh(slot);
                self.taken.push(Taken { index, progress: progress.clone() });
                self.fresh = slot;
                self.refresh(slot + 1);
                match self.taken.last() {
                    Some(taken) if taken.progress.gives() => return Ok(()),
                    _ => self.taken.truncate(self.taken.len() - 1),
                }
                self.fresh = slot;
                continue;
            }
            if slot > 0 && self.taken.iter().all(|taken| !self.stage.acts_in(&self.stage.candidates[taken.index], slot))
            {
                // The first one there is computed anew with every promotion taken in an earlier slot: that it
                // gives something is enough for now.
                self.refresh(slot);
                let before = &self.after[slot - 1];
                let discount = self.stage.computing.discount_of_one_action(candidate, before);
                if discount.is_some_and(|discount| !discount.is_zero()) {
                    self.taken.push(Taken { index, progress: Progress::default() });
                    self.fresh = slot;
                    return Ok(());
                }
            }
            self.refresh(slot + 1);
            let phases = (slot, self.stage.slots()[slot]);
            let gives = self.stage.computing.run(candidate, phases, &mut self.after[slot], NO_CLAIMS, &mut progress);
            if gives {
                self.taken.push(Taken { index, progress });
                self.fresh = slot + 1;
                return self.unless_refused(candidate, slot);
            }
            if progress.refused_in.is_some() {
                return Err(Refusal::Limit);
            }
        }
        Err(Refusal::Nothing)
    }

    /// Keeps the promotion just taken unless a limit refuses one of its later actions.
    fn unless_refused(&mut self, candidate: &Candidate<'r>, slot: usize) -> Result<(), Refusal> {
        let slots = self.stage.slots().len();
        let refuses = candidate.allowance.most_applications.is_some() || candidate.allowance.most_money.is_some();
        if refuses && (slot + 1..slots).any(|later| self.stage.acts_in(candidate, later)) {
            self.refresh(slots);
            if self.taken.last().is_some_and(|taken| taken.progress.refused_in.is_some()) {
                self.taken.pop();
                self.fresh = slot;
                return Err(Refusal::Limit);
            }
        }
        Ok(())
    }

    /// Computes anew, up to a slot, what promotions taken since have changed.
    fn refresh(&mut self, until: usize) {
        let stage = self.stage;
        for slot in self.fresh..until {
            let before = slot.checked_sub(1).and_then(|before| self.after.get(before));
            let mut state = before.unwrap_or(stage.start).clone();
            let mut order: Vec<usize> = (0..self.taken.len()).collect();
            order.sort_by_key(|&place| stage.candidates[self.taken[place].index].rank);
            for place in order {
                let taken = &mut self.taken[place];
                let candidate = &stage.candidates[taken.index];
                if stage.acts_in(candidate, slot) {
                    taken.progress.effects.retain(|(own, _)| *own < slot);
                    taken.progress.refused_in = taken.progress.refused_in.filter(|own| *own < slot);
                    if (0..slot).all(|earlier| !stage.acts_in(candidate, earlier)) {
                        // Its condition is checked when its turn comes.
                        taken.progress = Progress::default();
                    }
                    let phases = (slot, stage.slots()[slot]);
                    stage.computing.run(candidate, phases, &mut state, NO_CLAIMS, &mut taken.progress);
                }
            }
            self.after.truncate(slot);
            self.after.push(state);
            self.fresh = slot + 1;
        }
    }

    fn finish(mut self) -> StageResult<'r, 's, 'c> {
        let state = self.after.pop().unwrap_or_else(|| self.stage.start.clone());
        StageResult { taken: self.taken, state }
    }
}
