//! BEST selection (spec/evaluation.md 4): of a stage's permitted sets of promotions the one that takes
//! most off items and shipping together, found by branch and bound. Sets are built in the order of
//! computation, so that what the first promotions of a set give is settled before the others are
//! tried; what those can still give is bounded from above (bound.rs).

use std::rc::Rc;

use smallvec::{SmallVec, smallvec};

use crate::action::Phase;
use crate::bound::{Bounds, Outlook};
use crate::computing::{Candidate, Progress};
use crate::evaluation::{Reason, Search};
use crate::money::Money;
use crate::outcome::Outcomes;
use crate::ruleset::shares;
use crate::selection::{Forbidden, Stage, StageResult, Taken};
use crate::state::CartState;

/// How many promotions, computed or decided on, end a search, times the lines of the cart.
const BUDGET: u64 = 50_000;

/// Never fewer than this many, however large the cart is.
const LEAST_NODES: u64 = 256;

/// A stage with more candidates than this is not searched.
const MOST_CANDIDATES: usize = 512;

/// Some of a stage's candidates.
#[derive(Clone, PartialEq, Eq)]
struct Members(SmallVec<[u64; 2]>);

impl Members {
    fn none(count: usize) -> Self {
        Self(smallvec![0; count.div_ceil(64)])
    }

    fn insert(&mut self, index: usize) {
        self.0[index / 64] |= 1 << (index % 64);
    }

    fn contains(&self, index: usize) -> bool {
        self.0[index / 64] & (1 << (index % 64)) != 0
    }

    fn join(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own |= other);
    }

    /// Whether it has the higher-ranked candidate at the first difference.
    fn ranks_before(&self, other: &Self) -> bool {
        let difference = self.0.iter().zip(&other.0).find(|(own, other)| own != other);
        difference.is_some_and(|(own, other)| (own ^ other).trailing_zeros() == (own & !other).trailing_zeros())
    }
}

/// What a set of promotions comes to.
#[derive(Clone)]
struct Worth {
    discount: Money,
    gifts: i128,
    members: Members,
}

impl Worth {
    fn is_better_than(&self, other: &Self) -> bool {
        (self.discount, self.gifts) > (other.discount, other.gifts)
            || ((self.discount, self.gifts) == (other.discount, other.gifts)
                && self.members.ranks_before(&other.members))
    }
}

/// What a search decides or does next.
#[derive(Clone, Copy)]
enum Step {
    /// Whether a candidate is in the set, before anything is computed: others' lines depend on it.
    Decide(usize),
    /// A candidate is computed in a slot, where it is in the set; where that is open, it is decided here.
    Compute { index: usize, slot: usize, decides: bool },
}

/// A set that is being built.
#[derive(Clone)]
struct Node<'r, 's, 'c> {
    /// What comes next.
    step: usize,
    worth: Worth,
    /// Candidates that what is in it forbids.
    forbidden: Members,
    count: usize,
    state: Rc<CartState<'s, 'c>>,
    /// What candidates can take off that.
    outlook: Rc<Outlook>,
    /// Members that act in several slots.
    progress: Vec<(usize, Progress<'r>)>,
    /// What it can come to at most.
    bound: Money,
}

/// The search of one stage.
struct Searching<'q, 'x, 'r, 's, 'c> {
    stage: &'q Stage<'x, 'r, 's, 'c>,
    steps: Vec<Step>,
    /// For each candidate, those that can't be in a set with it.
    conflicts: Vec<Members>,
    /// What each would give each line alone, for those whose lines others of a group want too.
    wanted: Vec<Option<Vec<Money>>>,
    /// The candidate acts in more than one slot.
    is_long: Vec<bool>,
    most: usize,
    bounds: Bounds,
    nodes: u64,
    /// The set that was known is worth as much when it is computed as the others are.
    reached: bool,
}

impl<'r, 's, 'c> Stage<'_, 'r, 's, 'c> {
    /// The best set, and how it was found.
    pub fn best(&self, outcomes: &mut Outcomes) -> (StageResult<'r, 's, 'c>, Search) {
        let ranked = self.ranked(&mut Outcomes::default());
        let open: Vec<usize> = (0..self.candidates.len())
            .filter(|&index| {
                let candidate = &self.candidates[index];
                // One that acts nowhere (none of its tiers is reached) would be in a set without ever
                // being computed.
                let acts = !candidate.phases.is_empty() && !candidate.is_of_tenders();
                acts && self.forbidden(candidate, &[]).is_none()
            })
            .collect();
        let mut worth = Worth {
            discount: ranked.taken.iter().map(|taken| taken.progress.discount()).sum(),
            gifts: ranked.taken.iter().map(|taken| taken.progress.gifts()).sum(),
            members: Members::none(self.candidates.len()),
        };
        ranked.taken.iter().for_each(|taken| worth.members.insert(taken.index));
        let (result, search) = if open.len() > MOST_CANDIDATES {
            let search = Search { optimal: false, nodes: 0, bound: self.start.payable() };
            (ranked, search)
        } else {
            let mut searching = Searching::new(self, &open);
            let (best, search) = searching.search(worth.clone());
            let same = best.members == worth.members && searching.reached;
            let result = if same || best.is_better_than(&worth) { searching.computed(&best.members) } else { ranked };
            (result, search)
        };
        for candidate in self.candidates.iter().filter(|candidate| !candidate.is_of_tenders()) {
            if result.taken.iter().any(|taken| self.candidates[taken.index].place == candidate.place) {
                continue;
            }
            outcomes.refuse(candidate.place, || self.why_not(candidate, &result));
        }
        (result, search)
    }

    fn why_not(&self, candidate: &Candidate<'r>, result: &StageResult<'r, 's, 'c>) -> Reason {
        match self.forbidden(candidate, &result.taken) {
            Some(Forbidden::By(place, because)) => return self.excluded(candidate, (place, because), &result.state),
            Some(Forbidden::TooMany) => return Reason::TooManyPromotions,
            None => {}
        }
        let of_set = result.taken.iter().map(|taken| &self.candidates[taken.index]);
        let forbidden = |other: &Candidate<'r>| Some((other.place, self.forbids(candidate, other, true)?));
        if let Some((place, because)) = of_set.clone().find_map(forbidden) {
            return self.excluded(candidate, (place, because), &result.state);
        }
        let tried = |state: &CartState<'s, 'c>| {
            let (mut state, mut progress) = (state.clone(), Progress::default());
            for (slot, phases) in self.slots().iter().enumerate() {
                self.computing.run(candidate, (slot, phases), &mut state, &[], &mut progress);
            }
            progress
        };
        // Beside the set first, then alone.
        let beside = tried(&result.state);
        if beside.refused_in.is_some() {
            Reason::LimitTooSmall
        } else if beside.gives() || tried(self.start).gives() {
            Reason::Outweighed
        } else {
            self.computing.why_nothing(candidate, &result.state)
        }
    }
}

impl<'q, 'x, 'r, 's, 'c> Searching<'q, 'x, 'r, 's, 'c> {
    fn new(stage: &'q Stage<'x, 'r, 's, 'c>, open: &[usize]) -> Self {
        let candidates = stage.candidates;
        let mut conflicts = vec![Members::none(candidates.len()); candidates.len()];
        for (place, &earlier) in open.iter().enumerate() {
            for &later in &open[place + 1..] {
                if stage.forbids(&candidates[earlier], &candidates[later], true).is_some() {
                    conflicts[earlier].insert(later);
                    conflicts[later].insert(earlier);
                }
            }
        }
        let competes = |index: usize| {
            let groups = &candidates[index].promotion.line_groups;
            !groups.is_empty()
                && open.iter().any(|&other| other != index && shares(groups, &candidates[other].promotion.line_groups))
        };
        let wanted: Vec<Option<Vec<Money>>> = (0..candidates.len())
            .map(|index| (open.contains(&index) && competes(index)).then(|| lines_alone(stage, &candidates[index])))
            .collect();
        let slots = stage.slots().len();
        let acts = |index: usize, slot: usize| stage.acts_in(&candidates[index], slot);
        // Those that leave others least are decided first.
        let mut undecided: Vec<usize> = open.iter().copied().filter(|&index| wanted[index].is_some()).collect();
        let sum = |index: usize| -> Money { wanted[index].iter().flatten().copied().sum() };
        undecided.sort_by_key(|&index| std::cmp::Reverse(sum(index)));
        let mut steps: Vec<Step> = Vec::new();
        for slot in 0..slots {
            let mut of_slot: Vec<usize> = open.iter().copied().filter(|&index| acts(index, slot)).collect();
            of_slot.sort_by_key(|&index| candidates[index].rank);
            for index in of_slot {
                let groups = &candidates[index].promotion.line_groups;
                undecided.retain(|&other| {
                    let is_rival = shares(groups, &candidates[other].promotion.line_groups);
                    steps.extend(is_rival.then_some(Step::Decide(other)));
                    !is_rival
                });
                let is_first = (0..slot).all(|earlier| !acts(index, earlier));
                steps.push(Step::Compute { index, slot, decides: is_first && wanted[index].is_none() });
            }
        }
        let is_long =
            (0..candidates.len()).map(|index| (0..slots).filter(|&slot| acts(index, slot)).count() > 1).collect();
        let before = stage.before.iter().filter(|other| !other.is_of_tenders()).count();
        let most = stage.computing.settings().max_stacked_per_cart;
        Self {
            stage,
            steps,
            conflicts,
            wanted,
            is_long,
            most: most.map_or(usize::MAX, |most| (most as usize).saturating_sub(before)),
            bounds: Bounds::new(stage),
            nodes: 0,
            reached: false,
        }
    }

    fn root(&self) -> Node<'r, 's, 'c> {
        let count = self.stage.candidates.len();
        let mut root = Node {
            step: 0,
            worth: Worth { discount: Money::ZERO, gifts: 0, members: Members::none(count) },
            forbidden: Members::none(count),
            count: 0,
            state: Rc::new(self.stage.start.clone()),
            outlook: Rc::default(),
            progress: Vec::new(),
            bound: self.stage.start.payable(),
        };
        root.outlook = self.outlook(&root);
        root
    }

    /// Finds the best set, beginning with one that is known.
    fn search(&mut self, mut best: Worth) -> (Worth, Search) {
        let lines = self.stage.start.items.line_count().max(1) as u64;
        let budget = (BUDGET / lines).max(LEAST_NODES);
        let mut open = vec![self.root()];
        while let Some(mut node) = open.pop() {
            if node.bound < best.discount {
                continue;
            }
            if self.nodes >= budget {
                let bound = open.iter().map(|node| node.bound).fold(node.bound.max(best.discount), Money::max);
                return (best, Search { optimal: false, nodes: self.nodes, bound });
            }
            let Some(&step) = self.steps.get(node.step) else {
                let complete = node.progress.iter().all(|(_, progress)| progress.gives());
                let equal = (node.worth.discount, node.worth.gifts, &node.worth.members)
                    == (best.discount, best.gifts, &best.members);
                self.reached |= complete && equal;
                if complete && node.worth.is_better_than(&best) {
                    best = node.worth;
                }
                continue;
            };
            node.step += 1;
            match step {
                Step::Decide(index) => {
                    let included = self.including(&node, index).and_then(|node| self.with_decided(node));
                    self.push_both(node, included, &mut open, &best);
                }
                Step::Compute { index, slot, decides: true } => {
                    // Where it can't come to enough, it need not be computed.
                    let included = self
                        .including(&node, index)
                        .filter(|included| self.bound(included, node.step - 1) >= best.discount)
                        .and_then(|included| self.with_computed(included, index, slot, true));
                    self.push_both(node, included, &mut open, &best);
                }
                Step::Compute { index, slot, decides: false } => {
                    if !node.worth.members.contains(index) {
                        open.push(node);
                    } else if let Some(computed) = self.with_computed(node, index, slot, false) {
                        self.push(computed, &mut open, &best);
                    }
                }
            }
        }
        let bound = best.discount;
        (best, Search { optimal: true, nodes: self.nodes, bound })
    }

    /// The set without a candidate and the one with it: the one that can come to more is looked at first.
    fn push_both(
        &self,
        without: Node<'r, 's, 'c>,
        with: Option<Node<'r, 's, 'c>>,
        open: &mut Vec<Node<'r, 's, 'c>>,
        best: &Worth,
    ) {
        let count = open.len();
        self.push(without, open, best);
        if let Some(with) = with {
            self.push(with, open, best);
        }
        if let [.., without, with] = &open[count..]
            && with.bound < without.bound
        {
            open[count..].reverse();
        }
    }

    fn push(&self, mut node: Node<'r, 's, 'c>, open: &mut Vec<Node<'r, 's, 'c>>, best: &Worth) {
        node.bound = self.bound(&node, node.step);
        if node.bound >= best.discount {
            open.push(node);
        }
    }

    /// What a set can come to at most with what is decided and computed from a step on.
    fn bound(&self, node: &Node<'r, 's, 'c>, step: usize) -> Money {
        let room = self.most.saturating_sub(node.count);
        let is_member = |index: usize| node.worth.members.contains(index);
        node.worth.discount + self.bounds.of(self.can_give(node, step), is_member, room, &node.outlook)
    }

    /// The candidates that what is decided and computed from a step on can give something.
    fn can_give(&self, node: &Node<'r, 's, 'c>, step: usize) -> impl Iterator<Item = usize> {
        let rest = self.steps[step..].iter().map(|step| match *step {
            Step::Decide(index) => (index, true),
            Step::Compute { index, decides, .. } => (index, decides),
        });
        rest.filter(|&(index, decides)| {
            node.worth.members.contains(index) || (decides && !node.forbidden.contains(index))
        })
        .map(|(index, _)| index)
    }

    /// What candidates can take off the cart as a set leaves it.
    fn outlook(&self, node: &Node<'r, 's, 'c>) -> Rc<Outlook> {
        let closed = |index: usize| {
            let candidate = &self.stage.candidates[index];
            let claims = self.claims(index, &node.worth.members);
            let (computing, state) = (self.stage.computing, &node.state);
            move |line: usize| computing.is_closed(candidate.promotion, candidate.place, line, state, &claims)
        };
        Rc::new(self.bounds.outlook(self.can_give(node, node.step), closed, &node.state))
    }

    /// The set with one more candidate; None where that can't be in it.
    fn including(&self, node: &Node<'r, 's, 'c>, index: usize) -> Option<Node<'r, 's, 'c>> {
        if node.forbidden.contains(index) || node.count >= self.most {
            return None;
        }
        let mut node = node.clone();
        node.worth.members.insert(index);
        node.forbidden.join(&self.conflicts[index]);
        node.count += 1;
        Some(node)
    }

    /// The set after it was decided that a candidate is in it; None where it leaves a member nothing to fall on,
    /// as the set without that is as good.
    fn with_decided(&mut self, mut node: Node<'r, 's, 'c>) -> Option<Node<'r, 's, 'c>> {
        self.nodes += 1;
        node.outlook = self.outlook(&node);
        let has_given = |index: usize| node.progress.iter().any(|(own, progress)| *own == index && progress.gives());
        let is_member = |index: &usize| node.worth.members.contains(*index);
        let gives = self
            .can_give(&node, node.step)
            .filter(is_member)
            .all(|index| has_given(index) || Bounds::gives(index, &node.outlook));
        gives.then_some(node)
    }

    /// The set after a member was computed; None where it gives nothing, as the set without it is as good.
    fn with_computed(
        &mut self,
        mut node: Node<'r, 's, 'c>,
        index: usize,
        slot: usize,
        is_new: bool,
    ) -> Option<Node<'r, 's, 'c>> {
        self.nodes += 1;
        let long = self.is_long[index];
        let known = node.progress.iter().position(|(own, _)| *own == index);
        let mut progress = known.map(|place| node.progress.swap_remove(place).1).unwrap_or_default();
        let before = (progress.discount(), progress.gifts());
        let mut state = (*node.state).clone();
        let claims = self.claims(index, &node.worth.members);
        let phases: (usize, &[Phase]) = (slot, self.stage.slots()[slot]);
        let candidate = &self.stage.candidates[index];
        let gives = self.stage.computing.run(candidate, phases, &mut state, &claims, &mut progress);
        if progress.refused_in.is_some() || (!gives && !long) {
            return None;
        }
        debug_assert!(known.is_none() || !is_new);
        node.worth.discount += progress.discount() - before.0;
        node.worth.gifts += progress.gifts() - before.1;
        node.state = Rc::new(state);
        if long {
            node.progress.push((index, progress));
        }
        node.outlook = self.outlook(&node);
        Some(node)
    }

    /// The lines that a candidate must leave to another of the set that would give them more alone.
    fn claims(&self, index: usize, members: &Members) -> Vec<bool> {
        let Some(own) = &self.wanted[index] else { return Vec::new() };
        let groups = &self.stage.candidates[index].promotion.line_groups;
        let mut closed = vec![false; own.len()];
        for (other, wanted) in self.wanted.iter().enumerate() {
            let Some(wanted) = wanted else { continue };
            let competes = other != index
                && members.contains(other)
                && shares(groups, &self.stage.candidates[other].promotion.line_groups);
            if !competes {
                continue;
            }
            for (line, closed) in closed.iter_mut().enumerate() {
                let more = wanted[line] > own[line] || (wanted[line] == own[line] && other < index);
                *closed |= more && !wanted[line].is_zero();
            }
        }
        closed
    }

    /// A set, computed in order.
    fn computed(&self, members: &Members) -> StageResult<'r, 's, 'c> {
        let stage = self.stage;
        let mut state = stage.start.clone();
        let mut taken: Vec<Taken<'r>> = (0..stage.candidates.len())
            .filter(|&index| members.contains(index))
            .map(|index| Taken { index, progress: Progress::default() })
            .collect();
        for (slot, phases) in stage.slots().iter().enumerate() {
            let mut order: Vec<usize> = (0..taken.len()).collect();
            order.sort_by_key(|&place| stage.candidates[taken[place].index].rank);
            for place in order {
                let own = &mut taken[place];
                let candidate = &stage.candidates[own.index];
                if stage.acts_in(candidate, slot) {
                    let claims = self.claims(own.index, members);
                    stage.computing.run(candidate, (slot, phases), &mut state, &claims, &mut own.progress);
                }
            }
        }
        StageResult { taken, state }
    }
}

/// What the line actions of a candidate would take off each line alone.
fn lines_alone<'r>(stage: &Stage<'_, 'r, '_, '_>, candidate: &Candidate<'r>) -> Vec<Money> {
    let mut state = stage.start.clone();
    let mut progress = Progress::default();
    stage.computing.run(candidate, (0, &[Phase::Line]), &mut state, &[], &mut progress);
    let mut lines = vec![Money::ZERO; stage.start.items.line_count()];
    for piece in progress.effects.iter().flat_map(|(_, effect)| &effect.pieces) {
        lines[piece.line] += piece.discount;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_decides() {
        let members = |of: &[usize]| {
            let mut members = Members::none(130);
            of.iter().for_each(|index| members.insert(*index));
            members
        };
        assert!(members(&[1, 129]).ranks_before(&members(&[1])));
        assert!(members(&[0]).ranks_before(&members(&[1, 2, 3])));
        assert!(!members(&[70]).ranks_before(&members(&[69])));
        assert!(!members(&[5]).ranks_before(&members(&[5])));
    }
}
