//! Which promotions apply (spec/evaluation.md 3 and 4).

use std::cmp::Reverse;
use std::collections::BTreeSet;

use num_traits::{Signed, Zero};
use promotion_core::definition::{ExclusionScope, Mode, StopsLater};
use promotion_core::settings::{EvaluationOrder, ExclusiveScope, RankingRule, Selection};

use crate::computing::{Candidate, Computer, Owners, Phase, line_groups};
use crate::model::State;
use crate::money::Num;

/// Sorts candidates into the ranking, a total order.
pub fn rank(computer: &Computer<'_, '_, '_>, candidates: &mut [Candidate]) {
    let settings = computer.basket.case.settings;
    candidates.sort_by_cached_key(|candidate| {
        let source = &computer.basket.case.promotions[candidate.promotion];
        let definition = &source.definition;
        let types = &settings.type_ranking;
        let listed = types.iter().position(|own| *own == definition.promotion_type).unwrap_or(types.len());
        let strategy: Vec<Num> = settings
            .ranking_strategy
            .iter()
            .map(|rule| match rule {
                RankingRule::Priority => Num::from_integer(i128::from(definition.priority)),
                RankingRule::EarliestExpiry => Num::from_integer(i128::from(definition.end_date.0)),
                // A voucher gives no discount.
                RankingRule::MaxDiscount if definition.mode == Mode::PaymentVoucher => Num::zero(),
                RankingRule::MaxDiscount => -computer.alone(candidate),
            })
            .collect();
        (definition.stage, definition.is_stackable, listed, strategy, source.created, source.id.clone())
    });
}

/// The selection of one evaluation.
pub struct Selector<'c, 's, 'a> {
    pub computer: &'c Computer<'c, 's, 'a>,
}

/// What has been selected so far.
pub struct Selected {
    pub taken: Vec<Candidate>,
    pub state: State,
    /// Promotions that nothing forbids beside these, but a REFUSE limit.
    pub refused: BTreeSet<usize>,
}

impl Selector<'_, '_, '_> {
    /// Goes through the stages; `candidates` stand in the ranking.
    pub fn select(&self, candidates: &[Candidate]) -> Selected {
        let mut selected =
            Selected { taken: Vec::new(), state: self.computer.untouched.clone(), refused: BTreeSet::new() };
        let stages: BTreeSet<i32> =
            candidates.iter().map(|own| self.computer.definition(own.promotion).stage).collect();
        for stage in stages {
            let own: Vec<&Candidate> =
                candidates.iter().filter(|own| self.computer.definition(own.promotion).stage == stage).collect();
            let after = match self.computer.basket.case.settings.selection {
                Selection::Ranked => self.ranked(&selected, &own),
                Selection::Best => self.best(&selected, &own),
            };
            let refused = self.refused(&selected, &own, &after);
            selected = Selected { refused: selected.refused.union(&refused).copied().collect(), ..after };
        }
        selected
    }

    fn phases(&self, before: &Selected, candidate: &Candidate) -> BTreeSet<Phase> {
        self.computer.phases(&before.state, candidate.promotion)
    }

    /// The order in which a stage is walked: the ranking, with CART_FIRST promotions with a cart action
    /// before all others.
    fn walk_order<'o>(&self, before: &Selected, stage: &[&'o Candidate]) -> Vec<&'o Candidate> {
        let mut order = stage.to_vec();
        if self.computer.basket.case.settings.evaluation_order == EvaluationOrder::CartFirst {
            order.sort_by_key(|own| !self.phases(before, own).contains(&Phase::Cart));
        }
        order
    }

    /// Whether `taken`, of this stage and all before, forbid a promotion that comes after them in the
    /// walk.
    fn is_forbidden(&self, before: &Selected, taken: &[&Candidate], own: &Candidate) -> bool {
        let settings = self.computer.basket.case.settings;
        let definition = self.computer.definition(own.promotion);
        let groups = |candidate: &Candidate| -> BTreeSet<String> {
            let groups = &self.computer.definition(candidate.promotion).exclusion_groups;
            groups.iter().filter(|group| group.scope == ExclusionScope::Cart).map(|group| group.name.clone()).collect()
        };
        let full = settings.max_stacked_per_cart.is_some_and(|most| taken.len() >= most as usize);
        let cart_first = settings.evaluation_order == EvaluationOrder::CartFirst;
        let phases = self.phases(before, own);
        full || taken.iter().any(|other| {
            let others = self.computer.definition(other.promotion);
            let exclusive = !definition.is_stackable || !others.is_stackable;
            let cart_came_first = cart_first
                && others.stage == definition.stage
                && self.phases(before, other).contains(&Phase::Cart)
                && phases.contains(&Phase::Line)
                && !phases.contains(&Phase::Cart);
            (exclusive && settings.exclusive_scope == ExclusiveScope::Cart)
                || groups(own).intersection(&groups(other)).next().is_some()
                || others.stops_later == StopsLater::Cart
                || cart_came_first
        })
    }

    /// Computes promotions of a stage, put into the ranking, after the stages before.
    fn compute(&self, before: &Selected, stage: &[&Candidate], set: &[&Candidate], owners: Option<&Owners>) -> State {
        let in_rank_order: Vec<&Candidate> =
            stage.iter().copied().filter(|own| set.iter().any(|other| other.promotion == own.promotion)).collect();
        self.computer.stage(&before.state, &in_rank_order, owners)
    }

    fn gives(state: &State, candidate: &Candidate) -> bool {
        state.given.get(&candidate.promotion).is_some_and(crate::model::Given::gives)
    }

    /// RANKED: takes a promotion if nothing taken forbids it and it gives something in its place; what
    /// gives nothing at the end is left out, and the walk done again.
    fn ranked(&self, before: &Selected, stage: &[&Candidate]) -> Selected {
        let mut walked = stage.to_vec();
        loop {
            let mut taken: Vec<&Candidate> = Vec::new();
            for own in self.walk_order(before, &walked) {
                let all: Vec<&Candidate> = before.taken.iter().chain(taken.iter().copied()).collect();
                if self.is_forbidden(before, &all, own) {
                    continue;
                }
                taken.push(own);
                if !Self::gives(&self.compute(before, stage, &taken, None), own) {
                    taken.pop();
                }
            }
            let state = self.compute(before, stage, &taken, None);
            let (give, nothing): (Vec<&Candidate>, Vec<&Candidate>) =
                taken.iter().copied().partition(|own| Self::gives(&state, own));
            if nothing.is_empty() {
                return self.with(before, &give, state);
            }
            walked.retain(|own| nothing.iter().all(|other| other.promotion != own.promotion));
        }
    }

    fn with(&self, before: &Selected, taken: &[&Candidate], state: State) -> Selected {
        let taken = before.taken.iter().chain(taken.iter().copied()).cloned().collect();
        Selected { taken, state, refused: BTreeSet::new() }
    }

    /// The promotions of a stage that nothing forbids but a REFUSE limit keeps away: of RANKED when they
    /// are met in the walk, of BEST beside the set that was chosen.
    fn refused(&self, before: &Selected, stage: &[&Candidate], after: &Selected) -> BTreeSet<usize> {
        let is_taken = |own: &Candidate| after.taken.iter().any(|other| other.promotion == own.promotion);
        let best = self.computer.basket.case.settings.selection == Selection::Best;
        let order = self.walk_order(before, stage);
        let is_refused = |place: usize| {
            let own = order[place];
            let others = if best { &order[..] } else { &order[..place] };
            let taken: Vec<&Candidate> = others.iter().copied().filter(|own| is_taken(own)).collect();
            let all: Vec<&Candidate> = before.taken.iter().chain(taken.iter().copied()).collect();
            let after_it = |other: &&&Candidate| best && is_taken(other) && self.is_forbidden(before, &[own], other);
            let forbidden =
                self.is_forbidden(before, &all, own) || order[place + 1..].iter().any(|other| after_it(&other));
            let set = [&taken[..], &[own]].concat();
            !is_taken(own) && !forbidden && self.compute(before, stage, &set, None).refused.contains(&own.promotion)
        };
        (0..order.len()).filter(|&place| is_refused(place)).map(|place| order[place].promotion).collect()
    }

    /// BEST: of all permitted sets, in which every promotion gives something, the one that takes most
    /// off items and shipping; then more gifts; then the higher-ranked promotion at the first
    /// difference. What the walk finds is a contender too.
    fn best(&self, before: &Selected, stage: &[&Candidate]) -> Selected {
        let order = self.walk_order(before, stage);
        let worth = |state: &State| {
            let off: Num = state.given.values().map(crate::model::Given::off_cart).sum();
            let gifts: Num = state.given.values().flat_map(|given| given.gifts.values()).sum();
            (off, gifts)
        };
        let ranks = |taken: &[Candidate]| -> Vec<bool> {
            order.iter().map(|own| taken.iter().any(|other| other.promotion == own.promotion)).collect()
        };
        let mut best: Option<Selected> = None;
        let mut contend = |contender: Selected| {
            let key = |selected: &Selected| (worth(&selected.state), ranks(&selected.taken));
            if best.as_ref().is_none_or(|best| key(&contender) > key(best)) {
                best = Some(contender);
            }
        };
        for bits in 0..1_usize << order.len() {
            let set: Vec<&Candidate> =
                order.iter().enumerate().filter(|(place, _)| bits >> place & 1 == 1).map(|(_, own)| *own).collect();
            let permitted = (0..set.len()).all(|place| {
                let earlier: Vec<&Candidate> = before.taken.iter().chain(set[..place].iter().copied()).collect();
                !self.is_forbidden(before, &earlier, set[place])
            });
            if permitted {
                let owners = self.owners(before, stage, &set);
                let state = self.compute(before, stage, &set, Some(&owners));
                if set.iter().all(|own| Self::gives(&state, own)) {
                    contend(self.with(before, &set, state));
                }
            }
        }
        contend(self.ranked(before, stage));
        best.expect("the empty set is permitted")
    }

    /// Of a LINE group each line goes to the promotion of the set that would give it most alone on what
    /// the stages before left; ties to the higher-ranked.
    fn owners(&self, before: &Selected, stage: &[&Candidate], set: &[&Candidate]) -> Owners {
        let mut claims: Vec<(String, usize, Num, Reverse<usize>)> = Vec::new();
        for own in set {
            let groups = line_groups(self.computer.definition(own.promotion));
            if groups.is_empty() {
                continue;
            }
            let rank = stage.iter().position(|other| other.promotion == own.promotion).expect("it is of the stage");
            let given = Computer::given(&self.compute(before, stage, &[own], None), own.promotion);
            for line in 0..self.computer.basket.lines.len() {
                let off: Num = given.lines.iter().filter(|(bit, _)| bit.0 == line).map(|(_, off)| *off).sum();
                if off.is_positive() {
                    claims.extend(groups.iter().map(|group| (group.clone(), line, off, Reverse(rank))));
                }
            }
        }
        claims.sort();
        // The last claim of a line is the largest.
        claims.into_iter().map(|(group, line, _, Reverse(rank))| ((group, line), stage[rank].promotion)).collect()
    }
}
