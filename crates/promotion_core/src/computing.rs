//! Computing promotions one after the other on what the earlier ones have left
//! (spec/evaluation.md 5): their conditions where these look at what is left, their actions phase by
//! phase, and what a promotion keeps others from on the lines and units that it falls on.

use std::cell::Cell;
use std::rc::Rc;

use crate::action::{Actions, Allowance, AmountRules, Own, Phase, Phases, Scene, compute, tier};
use crate::cart::Cart;
use crate::condition::{Looking, Matched};
use crate::criteria::LinesByValue;
use crate::definition::{Action, CountPer};
use crate::effect::{Effect, Serving};
use crate::evaluation::Reason;
use crate::explanation::condition::failed_part;
use crate::money::{Money, Quantity};
use crate::picking::Picking;
use crate::ruleset::{Promotion, Ruleset};
use crate::settings::{Base, EvaluationOrder, ExclusiveScope, Settings};
use crate::settle::triggers_after;
use crate::state::CartState;
use crate::units::{Basket, LineFacts, Marking, Piece, Span};

/// A promotion that may apply.
#[derive(Clone)]
pub(crate) struct Candidate<'r> {
    /// Its place in the ruleset.
    pub place: u32,
    /// The promotion.
    pub promotion: &'r Promotion,
    /// The code that unlocked it, by its place among those sent.
    pub code: Option<usize>,
    /// The instance that it is, by its place among those of the customer.
    pub entitlement: Option<usize>,
    /// What its limits leave.
    pub allowance: Allowance,
    /// What its condition matched and its actions, tiers resolved; None where that depends on what
    /// promotions have left (`conditionBase` NET).
    pub resolved: Option<Rc<Resolved<'r>>>,
    /// The phases that it acts in.
    pub phases: Phases,
    /// Its place in the ranking.
    pub rank: usize,
}

impl Candidate<'_> {
    /// Whether it acts in a phase.
    pub fn acts_in(&self, phase: Phase) -> bool {
        self.phases.contains(phase)
    }

    /// Whether it is of tenders alone, which stand outside all rules of selection.
    pub fn is_of_tenders(&self) -> bool {
        self.phases.single() == Some(Phase::Tender)
    }
}

/// A condition that holds, and the actions that follow from it.
pub(crate) struct Resolved<'r> {
    /// What the condition matched.
    pub matched: Matched,
    /// The actions: those of a MULTI, and of the tier that is reached.
    pub actions: Actions<'r>,
}

/// A promotion while it is computed.
#[derive(Clone, Default)]
pub(crate) struct Progress<'r> {
    /// Its condition's outcome, once it is known; Some(None): it does not hold.
    resolved: Option<Option<Rc<Resolved<'r>>>>,
    /// What its actions gave, with the slot in which each was computed.
    pub effects: Vec<(usize, Effect)>,
    /// The units that line actions fell on, where several of them may have fallen on the same.
    pub spans: Vec<Span>,
    /// The slot in which a limit refuses one of its actions, and so all of it.
    pub refused_in: Option<usize>,
}

impl<'r> Progress<'r> {
    /// The actions that were computed, tiers resolved.
    pub fn actions<'p>(&'p self, candidate: &'p Candidate<'r>) -> Option<&'p [&'r Action]> {
        let own = self.resolved.as_ref().and_then(Option::as_ref);
        candidate.resolved.as_ref().or(own).map(|resolved| &*resolved.actions)
    }

    /// Whether it gives anything.
    pub fn gives(&self) -> bool {
        !self.effects.is_empty() && self.refused_in.is_none()
    }

    /// All that it takes off.
    pub fn discount(&self) -> Money {
        if self.refused_in.is_some() {
            return Money::ZERO;
        }
        self.effects.iter().map(|(_, effect)| effect.discount()).sum()
    }

    /// How many units it adds, in millionths.
    pub fn gifts(&self) -> i128 {
        self.effects.iter().flat_map(|(_, effect)| &effect.gifts).map(|gift| gift.quantity.0).sum()
    }

    fn own(&self) -> Own {
        let mut own = Own::default();
        self.effects.iter().for_each(|(_, effect)| own.add(effect));
        own
    }
}

/// Everything that computing needs besides the promotions and what is left of the cart.
pub(crate) struct Computing<'r, 's, 'c> {
    /// The settings, and the promotions by place.
    pub ruleset: &'r Ruleset,
    /// How amounts are computed.
    pub rules: AmountRules<'s>,
    /// The request.
    pub cart: &'s Cart<'c>,
    /// Its items, or the one line of an amount alone.
    pub facts: &'s [LineFacts<'c>],
    /// Their canonical order.
    pub rank: &'s [usize],
    /// Its items by what conditions name, where they are many.
    pub by_value: Option<&'s LinesByValue<'s>>,
}

/// The phases that are computed together, in order (tenders come last of all).
pub(crate) fn slots(order: EvaluationOrder) -> &'static [&'static [Phase]] {
    match order {
        EvaluationOrder::LineItemFirst => &[&[Phase::Line], &[Phase::Cart], &[Phase::Shipping]],
        EvaluationOrder::CartFirst => &[&[Phase::Cart], &[Phase::Line], &[Phase::Shipping]],
        EvaluationOrder::Ranked => &[&[Phase::Line, Phase::Cart, Phase::Shipping]],
    }
}

/// Lines that a promotion must leave to others of a LINE exclusion group.
pub(crate) type Claims = [bool];

impl<'r, 's, 'c> Computing<'r, 's, 'c> {
    /// The settings.
    pub fn settings(&self) -> &'r Settings {
        &self.ruleset.settings
    }

    /// Conditions look at what promotions have left.
    pub fn is_net(&self) -> bool {
        self.settings().condition_base == Base::Net
    }

    /// The condition and actions of a promotion on the cart as sent, or as it is; None where the
    /// condition does not hold.
    pub fn resolve(&self, promotion: &'r Promotion, state: &CartState<'s, 'c>) -> Option<Resolved<'r>> {
        let looking = self.looking(promotion, state);
        let matched = looking.matched(&promotion.definition.condition)?;
        let own = Own::default();
        let scene = Scene {
            rules: self.rules,
            looking: &looking,
            matched: &matched,
            state,
            is_open: &|_, _| true,
            allowance: Allowance::default(),
            own: &own,
            tenders: None,
            is_refused: &Cell::new(false),
        };
        let actions = resolved_actions(&promotion.definition.action, &scene);
        Some(Resolved { matched, actions })
    }

    /// Why a condition does not hold on the cart as sent, or as it is.
    pub fn not_met(&self, promotion: &Promotion, state: &CartState<'s, 'c>) -> Reason {
        let looking = self.looking(promotion, state);
        Reason::ConditionNotMet(failed_part(&promotion.definition.condition, &looking))
    }

    /// Why a candidate gives nothing on a cart in this state.
    pub fn why_nothing(&self, candidate: &Candidate<'r>, state: &CartState<'s, 'c>) -> Reason {
        if self.is_net() && self.resolve(candidate.promotion, state).is_none() {
            return self.not_met(candidate.promotion, state);
        }
        Reason::GivesNothing
    }

    /// Asks something of a candidate's scene.
    pub fn on_scene<T>(
        &self,
        candidate: &Candidate<'r>,
        matched: &Matched,
        state: &CartState<'s, 'c>,
        ask: impl FnOnce(&Scene<'_, 's, 'c>) -> T,
    ) -> T {
        let (looking, own) = (self.looking(candidate.promotion, state), Own::default());
        ask(&Scene {
            rules: self.rules,
            looking: &looking,
            matched,
            state,
            is_open: &|_, _| true,
            allowance: candidate.allowance,
            own: &own,
            tenders: None,
            is_refused: &Cell::new(false),
        })
    }

    fn looking<'l>(&'l self, promotion: &Promotion, state: &'l CartState<'s, 'c>) -> Looking<'l, 'c> {
        Looking {
            cart: self.cart,
            facts: self.facts,
            rank: self.rank,
            by_value: self.by_value,
            left: self.is_net().then_some(state),
            in_bundles: promotion.in_bundles,
        }
    }

    /// Computes what a candidate gives in a slot, and takes it off; says whether it gives anything there.
    pub fn run(
        &self,
        candidate: &Candidate<'r>,
        slot: (usize, &[Phase]),
        state: &mut CartState<'s, 'c>,
        claims: &Claims,
        progress: &mut Progress<'r>,
    ) -> bool {
        (self.rules.pulse)();
        let promotion = candidate.promotion;
        let Some(resolved) = self.resolved(candidate, state, progress) else { return false };
        if progress.refused_in.is_some() {
            return false;
        }
        if slot.1.contains(&Phase::Line) {
            progress.spans.clear();
        }
        let several = resolved.actions.len() > 1;
        // Of several actions, one that a limit refuses takes back what the others took.
        let before = several.then(|| (state.clone(), progress.effects.len()));
        let is_refused = Cell::new(false);
        let mut gives = false;
        let is_of_lines = |action: &&&Action| Phases::of(action).single() == Some(Phase::Line);
        let keeps_own = several && resolved.actions.iter().filter(is_of_lines).count() > 1;
        for phase in slot.1 {
            if *phase == Phase::Line && self.cart.lines.is_empty() {
                // A cart of an amount alone has no lines that a line promotion could fall on.
                continue;
            }
            for action in &*resolved.actions {
                if !phase.has(action) {
                    continue;
                }
                let own = progress.own();
                let Some(mut effect) = self.effect(
                    candidate,
                    &resolved.matched,
                    (action, *phase),
                    state,
                    claims,
                    (&own, &is_refused),
                    None,
                ) else {
                    continue;
                };
                gives = true;
                let spans = self.take(promotion, candidate.place, &mut effect, &resolved.matched, keeps_own, state);
                progress.spans.extend(spans);
                // Most have one action, and room for several would be large.
                progress.effects.reserve_exact(1);
                progress.effects.push((slot.0, effect));
            }
        }
        if is_refused.get() {
            progress.refused_in = Some(slot.0);
            if let Some((before, count)) = before {
                *state = before;
                progress.effects.truncate(count);
            }
            return false;
        }
        if keeps_own && slot.1.contains(&Phase::Line) {
            state.items.forget_own();
        }
        gives
    }

    /// What a candidate of one action, which is none off tenders, gives on a cart in this state: the amount is found
    /// without splitting it. None where it has to be computed whole.
    pub fn discount_of_one_action(&self, candidate: &Candidate<'r>, state: &CartState<'s, 'c>) -> Option<Money> {
        let resolved = candidate.resolved.as_ref()?;
        let ([action], Some(phase)) = (&*resolved.actions, candidate.phases.single()) else { return None };
        match phase {
            Phase::Tender => return None,
            // As in `run`.
            Phase::Line if self.cart.lines.is_empty() => return Some(Money::ZERO),
            Phase::Line | Phase::Cart | Phase::Shipping => {}
        }
        (self.rules.pulse)();
        let sums = Self { rules: AmountRules { splits: false, ..self.rules }, ..*self };
        let (own, is_refused) = (Own::default(), Cell::new(false));
        let effect = sums.effect(candidate, &resolved.matched, (action, phase), state, &[], (&own, &is_refused), None);
        Some(effect.filter(|_| !is_refused.get()).map_or(Money::ZERO, |effect| effect.discount()))
    }

    /// Computes what a candidate gives off tenders.
    pub fn run_on_tenders(
        &self,
        candidate: &Candidate<'r>,
        state: &CartState<'s, 'c>,
        tenders: &mut Basket<'_, '_>,
        slot: usize,
        progress: &mut Progress<'r>,
    ) -> bool {
        let Some(resolved) = self.resolved(candidate, state, progress) else { return false };
        let is_refused = Cell::new(false);
        let mut gives = false;
        for action in resolved.actions.iter().filter(|action| Phase::Tender.has(action)) {
            let own = progress.own();
            let effect = self.effect(
                candidate,
                &resolved.matched,
                (action, Phase::Tender),
                state,
                &[],
                (&own, &is_refused),
                Some(tenders),
            );
            if let Some(effect) = effect {
                tenders.take(&effect.tenders, Marking::default());
                progress.effects.push((slot, effect));
                gives = true;
            }
        }
        if is_refused.get() {
            progress.refused_in = Some(slot);
        }
        gives
    }

    fn resolved(
        &self,
        candidate: &Candidate<'r>,
        state: &CartState<'s, 'c>,
        progress: &mut Progress<'r>,
    ) -> Option<Rc<Resolved<'r>>> {
        match &candidate.resolved {
            Some(resolved) => Some(Rc::clone(resolved)),
            None => {
                progress.resolved.get_or_insert_with(|| self.resolve(candidate.promotion, state).map(Rc::new)).clone()
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "each is a part of the scene that the effect is computed on")]
    fn effect(
        &self,
        candidate: &Candidate<'r>,
        matched: &Matched,
        (action, phase): (&Action, Phase),
        state: &CartState<'s, 'c>,
        claims: &Claims,
        (own, is_refused): (&Own, &Cell<bool>),
        tenders: Option<&Basket<'s, 'c>>,
    ) -> Option<Effect> {
        let promotion = candidate.promotion;
        let looking = self.looking(promotion, state);
        let is_open = |line: usize, run: usize| {
            !self.is_closed(promotion, candidate.place, line, state, claims)
                && self.is_open(promotion, line, run, state)
        };
        let scene = Scene {
            rules: self.rules,
            looking: &looking,
            matched,
            state,
            is_open: &is_open,
            allowance: candidate.allowance,
            own,
            tenders,
            is_refused,
        };
        compute(action, phase, &scene)
    }

    /// Whether line actions of a promotion may not touch a line.
    pub fn is_closed(
        &self,
        promotion: &Promotion,
        place: u32,
        line: usize,
        state: &CartState<'_, '_>,
        claims: &Claims,
    ) -> bool {
        if !self.ruleset.contests_lines {
            return false;
        }
        let closes = |other: &u32| self.ruleset.closes_lines(*other, (place, promotion)).is_some();
        claims.get(line).copied().unwrap_or(false) || state.items.promotions_on(line).iter().any(closes)
    }

    fn is_open(&self, promotion: &Promotion, line: usize, run: usize, state: &CartState<'_, '_>) -> bool {
        let marks = state.items.runs(line)[run].marks;
        if marks.is_own {
            return true;
        }
        let full = self.settings().max_stacked_per_unit.is_some_and(|most| marks.stacked >= most);
        let exclusive = self.settings().exclusive_scope == ExclusiveScope::Unit
            && (marks.exclusive || (!promotion.definition.is_stackable && marks.stacked > 0));
        !full && !exclusive
    }

    /// Takes an effect off the cart and leaves its marks.
    fn take(
        &self,
        promotion: &Promotion,
        place: u32,
        effect: &mut Effect,
        matched: &Matched,
        keeps_own: bool,
        state: &mut CartState<'s, 'c>,
    ) -> Vec<Span> {
        let settings = self.settings();
        let unit_scope = settings.exclusive_scope == ExclusiveScope::Unit;
        // Where units that were rewarded serve first, they are told by that.
        let serves = !effect.serving.is_empty() && !matched.triggers.is_empty();
        let marking = Marking {
            exclusive: effect.is_of_lines && unit_scope && !promotion.definition.is_stackable,
            stacks: effect.is_of_lines && (unit_scope || settings.max_stacked_per_unit.is_some()),
            keeps_own: effect.is_of_lines && keeps_own,
            tells_rewarded: effect.is_of_lines && serves,
        };
        let mut spans = if marking.keeps_own { state.items.spans(&effect.pieces) } else { Vec::new() };
        state.items.take(&effect.pieces, marking);
        state.take_shipping(&effect.shipments);
        if effect.is_of_lines && self.ruleset.contests_lines {
            for on_line in effect.pieces.chunk_by(|a, b| a.line == b.line) {
                let line = on_line[0].line;
                let lowered = on_line.iter().any(|piece| !piece.discount.is_zero());
                if lowered && !state.items.promotions_on(line).contains(&place) {
                    state.items.remember(line, place);
                }
            }
        }
        if serves {
            for Serving { matched: on_line, times } in std::mem::take(&mut effect.serving) {
                let matched = on_line.as_ref().unwrap_or(matched);
                let picking = Picking { basket: &state.items, matched, is_open: &|_, _| true, pulse: self.rules.pulse };
                let pieces = triggers_after(times, &picking);
                note_served(&pieces, &state.items, effect);
                if marking.keeps_own {
                    spans.extend(state.items.spans(&pieces));
                }
                state.items.take(&pieces, Marking::default());
            }
            state.items.forget_rewarded();
        }
        spans
    }
}

/// Notes the units that had to be bought and are not among those that got the benefit.
fn note_served(pieces: &[Piece], items: &Basket<'_, '_>, effect: &mut Effect) {
    for on_line in pieces.chunk_by(|a, b| a.line == b.line) {
        let line = on_line[0].line;
        let beside = on_line.iter().filter(|piece| !items.runs(line)[piece.run].marks.is_rewarded);
        let served: i128 = beside.map(|piece| piece.quantity.0).sum();
        if served > 0 {
            effect.triggers.push((line, Quantity(served)));
        }
    }
    effect.triggers.sort_unstable();
}

/// The actions that are computed: those of a MULTI, and of the tier that is reached.
fn resolved_actions<'r>(action: &'r Action, scene: &Scene<'_, '_, '_>) -> Actions<'r> {
    match action {
        Action::Multi(actions) => {
            let resolved = |action| resolved_actions(action, scene).to_vec();
            Actions::Several(actions.iter().flat_map(resolved).collect())
        }
        Action::Tiered(tiered) if tiered.count_per == CountPer::Cart => {
            Actions::Several(tier(tiered, scene).map(|tier| &tier.action).into_iter().collect())
        }
        other => Actions::One([other]),
    }
}
