//! The evaluation itself: candidates, conditions, ranking, selection, computation, totals, in the
//! order of spec/evaluation.md "Steps". Pure, total and deterministic.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use crate::action::{Allowance, AmountRules, Phase, Phases};
use crate::allowance::{Subjects, allowance, voucher_allowances};
use crate::cart::Line;
use crate::code::code_key;
use crate::computing::{Candidate, Computing, Progress, slots};
use crate::condition::Looking;
use crate::criteria::LinesByValue;
use crate::definition::{Mode, PromotionType};
use crate::effect::Effect;
use crate::eligibility::Circumstances;
use crate::evaluation::{Applied, Contender, Evaluation, LineDiscount, Reason, Search};
use crate::money::{Money, Quantity};
use crate::outcome::{Codes, Outcomes, Unlocked};
use crate::payment::{Voucher, line_of, pay, tender_lines, value_of};
use crate::ranking::ranked;
use crate::ruleset::Ruleset;
use crate::selection::{Stage, order_of_walk};
use crate::settings::Selection;
pub use crate::situation::Situation;
use crate::state::CartState;
use crate::terms::terms_of;
use crate::units::{Basket, Piece, Span, canonical_rank, covered, line_facts};

/// Evaluates a cart.
pub fn evaluate<'a>(ruleset: &Ruleset, situation: &Situation<'_, 'a>) -> Evaluation<'a> {
    let (cart, settings) = (situation.cart, &ruleset.settings);
    let currency = cart.currency.unwrap_or(settings.currency);
    // A cart of an amount alone is one line that no product condition sees; all shipping is one more line,
    // the last, that cart promotions may fall on.
    let mut lines: Cow<'_, [Line<'_>]> =
        if cart.lines.is_empty() { vec![line_of(cart.amount)].into() } else { cart.lines.as_slice().into() };
    let item_count = lines.len();
    let shipments: Vec<Line<'_>> = cart.shipping.iter().flatten().map(|shipment| line_of(shipment.amount)).collect();
    if !shipments.is_empty() {
        lines.to_mut().push(line_of(cart.shipping_amount()));
    }
    let facts = line_facts(cart, &lines, &ruleset.category_parents);
    let mut rank = canonical_rank(&facts[..item_count]);
    rank.extend(item_count..facts.len());
    let shipment_facts = line_facts(cart, &shipments, &ruleset.category_parents);
    let shipment_rank: Vec<usize> = (0..shipments.len()).collect();
    let start = CartState {
        items: Basket::new(&facts, &rank, item_count),
        shipments: Basket::new(&shipment_facts, &shipment_rank, shipments.len()),
    };
    let by_value = LinesByValue::new(&facts[..item_count]);
    let computing = Computing {
        ruleset,
        rules: AmountRules {
            rounding: settings.rounding_of(currency),
            percentage_base: settings.percentage_base,
            rounding_level: settings.rounding_level,
            remainder: settings.remainder,
            splits: true,
            pulse: situation.pulse,
        },
        cart,
        facts: &facts[..item_count],
        rank: &rank,
        by_value: by_value.as_ref(),
    };
    let now = ruleset.clock.at(situation.instant);
    let circumstances = Circumstances { situation, currency, clock: &ruleset.clock, now };
    let mut outcomes = Outcomes::new(situation.explain);

    let candidates = candidates(&computing, &circumstances, &start, &mut outcomes);
    let mut candidates = ranked(candidates, ruleset, |candidate| alone(candidate, &computing, &start));
    candidates.iter_mut().enumerate().for_each(|(rank, candidate)| candidate.rank = rank);
    let contender = |own: &Candidate<'_>| {
        let progress = computed_alone(own, &computing, &start);
        let of_lines = progress.effects.iter().filter(|(_, effect)| effect.is_of_lines);
        let lowered = of_lines.flat_map(|(_, effect)| &effect.pieces).filter(|piece| !piece.discount.is_zero());
        let wanted: BTreeSet<usize> = lowered.map(|piece| piece.line).collect();
        let (place, rank) = (own.place, own.rank);
        Contender { place, rank, alone: progress.discount(), wanted: wanted.into_iter().collect() }
    };
    let contenders = if situation.explain { candidates.iter().map(contender).collect() } else { Vec::new() };
    let search = (settings.selection == Selection::Best).then_some(NOTHING_SEARCHED);
    let mut selected = Selected { state: start, taken: Vec::new(), search };
    let mut from = 0;
    while from < candidates.len() {
        let stage = candidates[from].promotion.definition.stage;
        let until =
            from + candidates[from..].partition_point(|candidate| candidate.promotion.definition.stage == stage);
        order_of_walk(&mut candidates[from..until], settings.evaluation_order);
        selected.stage(&candidates, from..until, &computing, &mut outcomes);
        from = until;
    }
    let tender_discounts = selected.tenders(&candidates, &computing, &mut outcomes);

    let Selected { state, taken, search } = selected;
    let taken_off_tenders: Money = tender_discounts.iter().copied().sum();
    let vouchers = vouchers(&computing, &circumstances, &state, &mut outcomes);
    let (vouchers, payable_amount) = pay(
        vouchers,
        state.payable() - taken_off_tenders,
        |place| ruleset.promotion(place).id.to_string(),
        &mut outcomes,
    );
    let applied: Vec<Applied<'a>> =
        taken.iter().map(|(index, progress)| applied(&candidates[*index], progress, situation)).collect();
    let items = cart.lines.len();
    let line_discounts: Vec<Money> =
        (0..items).map(|line| cart.lines[line].amount - cart.lines[line].discount - state.items.left(line)).collect();
    let shipment_discounts = shipments.iter().enumerate().map(|(at, line)| line.amount - state.shipments.left(at));
    let callers: Money = cart.lines.iter().map(|line| line.discount).sum();
    let with: HashMap<u32, &str> =
        applied.iter().filter_map(|applied| Some((applied.place, applied.promo_code.as_deref()?))).collect();
    Evaluation {
        line_discounts,
        shipment_discounts: shipment_discounts.collect(),
        tender_discounts,
        total_discount: cart.amount - callers - state.items.items_left(),
        payable_amount,
        code_logs: Codes::of_promotions(situation).logs(
            ruleset,
            situation,
            &outcomes,
            |code| with.values().any(|own| *own == code),
            |place| with.get(&place).map(|code| (*code).to_owned()),
        ),
        voucher_logs: Codes::of_vouchers(situation).logs(
            ruleset,
            situation,
            &outcomes,
            |code| vouchers.iter().any(|own| own.code == Some(code)),
            |_| None,
        ),
        refused: if situation.explain { outcomes.refused() } else { Vec::new() },
        contenders,
        vouchers,
        applied,
        search,
    }
}

/// The promotions that may apply: reachable, in scope, within their limits, their conditions holding.
fn candidates<'r, 's, 'c>(
    computing: &Computing<'r, 's, 'c>,
    circumstances: &Circumstances<'_, '_>,
    start: &CartState<'s, 'c>,
    outcomes: &mut Outcomes,
) -> Vec<Candidate<'r>> {
    let (ruleset, situation) = (computing.ruleset, circumstances.situation);
    let looking = Looking {
        cart: computing.cart,
        facts: computing.facts,
        rank: computing.rank,
        by_value: computing.by_value,
        left: None,
        in_bundles: false,
    };
    let places = ruleset.candidates(&looking, situation);
    let mut candidates: Vec<Candidate<'r>> = Vec::with_capacity(places.len());
    for place in places {
        let allowance = allowance(ruleset.promotion(place), Subjects::default(), situation);
        match allowance {
            Ok(allowance) => {
                let reached = Reached { place, code: None, entitlement: None, allowance };
                candidates.extend(candidate(reached, computing, circumstances, start, outcomes));
            }
            // What is out of scope is not refused for its limits.
            Err(reason) => match circumstances.check(ruleset.promotion(place)) {
                Ok(()) => outcomes.refuse(place, || reason),
                Err(reason) => outcomes.refuse(place, || reason),
            },
        }
    }
    let mut seen = HashSet::new();
    for unlocked in Codes::of_promotions(situation).unlocked(ruleset, situation, outcomes) {
        if seen.insert(unlocked.place) {
            outcomes.accept(unlocked.place);
            let (place, allowance) = (unlocked.place, unlocked.allowance);
            let reached = Reached { place, code: Some(unlocked.code), entitlement: None, allowance };
            candidates.extend(candidate(reached, computing, circumstances, start, outcomes));
        }
    }
    for (place, entitlement, allowance) in usable_entitlements(ruleset, situation, Mode::Discount, outcomes) {
        let reached = Reached { place, code: None, entitlement: Some(entitlement), allowance };
        candidates.extend(candidate(reached, computing, circumstances, start, outcomes));
    }
    candidates
}

/// A promotion that the cart reaches, and by what.
struct Reached {
    place: u32,
    code: Option<usize>,
    entitlement: Option<usize>,
    allowance: Allowance,
}

/// The candidate that a promotion is, if it is in scope and its condition holds.
fn candidate<'r, 's, 'c>(
    reached: Reached,
    computing: &Computing<'r, 's, 'c>,
    circumstances: &Circumstances<'_, '_>,
    start: &CartState<'s, 'c>,
    outcomes: &mut Outcomes,
) -> Option<Candidate<'r>> {
    (computing.rules.pulse)();
    let Reached { place, code, entitlement, allowance } = reached;
    let promotion = computing.ruleset.promotion(place);
    if let Err(reason) = circumstances.check(promotion) {
        outcomes.refuse(place, || reason);
        return None;
    }
    let phases = promotion.phases;
    let mut candidate = Candidate { place, promotion, code, entitlement, allowance, resolved: None, phases, rank: 0 };
    if !computing.is_net() {
        let Some(resolved) = computing.resolve(promotion, start) else {
            outcomes.refuse(place, || computing.not_met(promotion, start));
            return None;
        };
        candidate.phases = Phases::of_all(&resolved.actions);
        candidate.resolved = Some(Rc::new(resolved));
    }
    Some(candidate)
}

/// The instances that the customer can use, one of each promotion: the one that expires first, then the
/// one earned first.
pub(crate) fn usable_entitlements(
    ruleset: &Ruleset,
    situation: &Situation<'_, '_>,
    mode: Mode,
    outcomes: &mut Outcomes,
) -> Vec<(u32, usize, Allowance)> {
    let mut usable: Vec<(u32, usize, Allowance)> = Vec::new();
    if situation.cart.customer_id.is_none() {
        return usable;
    }
    let mut instances: Vec<usize> = (0..situation.entitlements.len()).collect();
    instances.sort_by_key(|&index| {
        let own = &situation.entitlements[index];
        (own.valid_till, own.earned_at, &own.earn_id)
    });
    for index in instances {
        let instance = &situation.entitlements[index];
        let Some(place) = ruleset.place_of(&instance.promotion_id) else { continue };
        let definition = &ruleset.promotion(place).definition;
        let is_of_instances = !matches!(definition.promotion_type, PromotionType::Pos | PromotionType::Code);
        let is_valid = (instance.earned_at..=instance.valid_till).contains(&situation.instant.0);
        if !is_of_instances || !is_valid || definition.mode != mode || usable.iter().any(|(own, ..)| *own == place) {
            continue;
        }
        let subjects = Subjects { code: None, earn_id: Some(&instance.earn_id) };
        match allowance(ruleset.promotion(place), subjects, situation) {
            Ok(allowance) => {
                outcomes.accept(place);
                usable.push((place, index, allowance));
            }
            Err(reason) => outcomes.refuse(place, || reason),
        }
    }
    usable
}

/// What a candidate would give alone, in all its phases.
fn alone<'r, 's, 'c>(candidate: &Candidate<'r>, computing: &Computing<'r, 's, 'c>, start: &CartState<'s, 'c>) -> Money {
    computing
        .discount_of_one_action(candidate, start)
        .unwrap_or_else(|| computed_alone(candidate, computing, start).discount())
}

/// A candidate alone, in all its phases.
fn computed_alone<'r, 's, 'c>(
    candidate: &Candidate<'r>,
    computing: &Computing<'r, 's, 'c>,
    start: &CartState<'s, 'c>,
) -> Progress<'r> {
    let mut state = start.clone();
    let mut progress = Progress::default();
    let slots = slots(computing.settings().evaluation_order);
    for (slot, phases) in slots.iter().enumerate() {
        computing.run(candidate, (slot, phases), &mut state, &[], &mut progress);
    }
    if candidate.acts_in(Phase::Tender) {
        let lines = tender_lines(computing.cart, state.payable());
        let facts = line_facts(computing.cart, &lines, &computing.ruleset.category_parents);
        let rank: Vec<usize> = (0..lines.len()).collect();
        let mut tenders = Basket::new(&facts, &rank, lines.len());
        computing.run_on_tenders(candidate, &state, &mut tenders, slots.len(), &mut progress);
    }
    progress
}

/// How BEST begins.
const NOTHING_SEARCHED: Search = Search { optimal: true, nodes: 0, bound: Money::ZERO };

/// What is selected so far.
struct Selected<'r, 's, 'c> {
    state: CartState<'s, 'c>,
    /// The promotions taken, by index among all candidates, in the order they are computed first.
    taken: Vec<(usize, Progress<'r>)>,
    search: Option<Search>,
}

impl<'r, 's, 'c> Selected<'r, 's, 'c> {
    /// Selects one stage's promotions on what the stages before have left.
    fn stage(
        &mut self,
        all: &[Candidate<'r>],
        range: std::ops::Range<usize>,
        computing: &Computing<'r, 's, 'c>,
        outcomes: &mut Outcomes,
    ) {
        let before: Vec<&Candidate<'r>> = self.taken.iter().map(|(index, _)| &all[*index]).collect();
        let stage = Stage { computing, candidates: &all[range.clone()], before: &before, start: &self.state };
        let result = match computing.settings().selection {
            Selection::Ranked => stage.ranked(outcomes),
            Selection::Best => {
                let (result, search) = stage.best(outcomes);
                let known = self.search.unwrap_or(NOTHING_SEARCHED);
                self.search = Some(Search {
                    optimal: known.optimal && search.optimal,
                    nodes: known.nodes + search.nodes,
                    bound: known.bound + search.bound,
                });
                result
            }
        };
        let mut taken = result.taken;
        taken.sort_by_key(|taken| taken.progress.effects.first().map(|(slot, _)| *slot));
        self.taken.extend(taken.into_iter().map(|taken| (range.start + taken.index, taken.progress)));
        self.state = result.state;
    }

    /// Computes what promotions take off tenders, once all others are; answers it for each tender.
    fn tenders(
        &mut self,
        all: &[Candidate<'r>],
        computing: &Computing<'r, 's, 'c>,
        outcomes: &mut Outcomes,
    ) -> Vec<Money> {
        let lines = tender_lines(computing.cart, self.state.payable());
        let facts = line_facts(computing.cart, &lines, &computing.ruleset.category_parents);
        let rank: Vec<usize> = (0..lines.len()).collect();
        let mut tenders = Basket::new(&facts, &rank, lines.len());
        let slot = slots(computing.settings().evaluation_order).len();
        let mut of_tenders: Vec<usize> = (0..all.len()).filter(|&index| all[index].acts_in(Phase::Tender)).collect();
        of_tenders.sort_by_key(|&index| all[index].rank);
        for index in of_tenders {
            let candidate = &all[index];
            let known = self.taken.iter().position(|(own, _)| *own == index);
            if let Some(place) = known {
                let progress = &mut self.taken[place].1;
                computing.run_on_tenders(candidate, &self.state, &mut tenders, slot, progress);
                continue;
            }
            // One that acts elsewhere too was not taken: it counts as one of tenders where that gives nothing.
            if !candidate.is_of_tenders() && self.gives_elsewhere(candidate, computing) {
                continue;
            }
            let mut progress = Progress::default();
            if computing.run_on_tenders(candidate, &self.state, &mut tenders, slot, &mut progress) {
                outcomes.accept(candidate.place);
                self.taken.push((index, progress));
            } else {
                outcomes.refuse(candidate.place, || match progress.refused_in {
                    Some(_) => Reason::LimitTooSmall,
                    None => computing.why_nothing(candidate, &self.state),
                });
            }
        }
        lines.iter().enumerate().map(|(tender, line)| line.amount - tenders.left(tender)).collect()
    }

    /// Whether a promotion would give something off items or shipping.
    fn gives_elsewhere(&self, candidate: &Candidate<'r>, computing: &Computing<'r, 's, 'c>) -> bool {
        let mut state = self.state.clone();
        let mut progress = Progress::default();
        let gives = |(slot, phases): (usize, &&[Phase])| {
            computing.run(candidate, (slot, phases), &mut state, &[], &mut progress)
        };
        slots(computing.settings().evaluation_order).iter().enumerate().any(gives)
    }
}

/// The vouchers that may pay: those sent, in their order, then the customer's own, in rank order.
fn vouchers<'r, 's, 'c, 'a>(
    computing: &Computing<'r, 's, 'c>,
    circumstances: &Circumstances<'_, 'a>,
    state: &CartState<'s, 'c>,
    outcomes: &mut Outcomes,
) -> Vec<Voucher<'a>> {
    let (ruleset, situation) = (computing.ruleset, circumstances.situation);
    let codes = Codes::of_vouchers(situation);
    let mut reached: Vec<Reached> = Vec::new();
    let mut unlocked = codes.unlocked(ruleset, situation, outcomes);
    unlocked.sort_by_key(|own| (own.code, ruleset.promotion(own.place).class, ruleset.promotion(own.place).tail));
    for Unlocked { place, code, allowance } in unlocked {
        // That another of its codes is used up says nothing of this one.
        outcomes.accept(place);
        reached.push(Reached { place, code: Some(code), entitlement: None, allowance });
    }
    let mut own = usable_entitlements(ruleset, situation, Mode::PaymentVoucher, outcomes);
    own.sort_by_key(|(place, ..)| (ruleset.promotion(*place).class, ruleset.promotion(*place).tail));
    reached.extend(own.into_iter().map(|(place, entitlement, allowance)| Reached {
        place,
        code: None,
        entitlement: Some(entitlement),
        allowance,
    }));
    let voucher = |reached: Reached| {
        let candidate = candidate(reached, computing, circumstances, state, outcomes)?;
        if candidate.resolved.is_none() && computing.resolve(candidate.promotion, state).is_none() {
            outcomes.refuse(candidate.place, || computing.not_met(candidate.promotion, state));
            return None;
        }
        let code = candidate.code.map(|index| codes.sent[index]);
        let earn_id = candidate.entitlement.map(|index| situation.entitlements[index].earn_id.clone());
        let key = code.map(code_key);
        let subjects = Subjects { code: key.as_deref(), earn_id: earn_id.as_deref() };
        let (shared, own) = voucher_allowances(candidate.promotion, subjects, situation).ok()?;
        Some(Voucher { place: candidate.place, value: value_of(candidate.promotion)?, code, earn_id, shared, own })
    };
    reached.into_iter().filter_map(voucher).collect()
}

/// What a promotion gives, for those outside.
fn applied<'a>(candidate: &Candidate<'_>, progress: &Progress<'_>, situation: &Situation<'_, 'a>) -> Applied<'a> {
    let effects = || progress.effects.iter().map(|(_, effect)| effect);
    let parts = |of: fn(&Effect) -> &[Piece]| {
        let mut sums: Vec<(usize, Money)> = Vec::new();
        for piece in effects().flat_map(of) {
            match sums.binary_search_by_key(&piece.line, |(index, _)| *index) {
                Ok(place) => sums[place].1 += piece.discount,
                Err(place) => sums.insert(place, (piece.line, piece.discount)),
            }
        }
        sums
    };
    let mut gifts: Vec<crate::effect::Gift> = Vec::new();
    for gift in effects().flat_map(|effect| &effect.gifts) {
        match gifts.iter_mut().find(|own| own.sku == gift.sku) {
            Some(own) => own.quantity = Quantity(own.quantity.0 + gift.quantity.0),
            None => gifts.push(gift.clone()),
        }
    }
    let count = effects().map(|effect| effect.count).max().unwrap_or(0);
    Applied {
        place: candidate.place,
        discount: progress.discount(),
        // No table counts further; the smallest amount of a currency goes into the largest cart more often.
        redemption_count: i64::try_from(count).unwrap_or(i64::MAX).unsigned_abs(),
        promo_code: candidate.code.map(|place| Codes::of_promotions(situation).text(place)),
        earn_id: candidate.entitlement.map(|index| situation.entitlements[index].earn_id.clone()),
        lines: line_discounts(effects().filter(|effect| effect.is_of_lines), &progress.spans),
        cart_lines: of_cart(line_discounts(effects().filter(|effect| !effect.is_of_lines), &[])),
        shipments: parts(|effect| &effect.shipments),
        tenders: parts(|effect| &effect.tenders),
        gifts,
        terms: progress.actions(candidate).and_then(terms_of),
    }
}

/// Of a cart action no unit of a line has to be bought for it.
fn of_cart(lines: Vec<LineDiscount>) -> Vec<LineDiscount> {
    lines.into_iter().map(|part| LineDiscount { applied_quantity: part.discounted_quantity, ..part }).collect()
}

/// What effects take off each line, ascending. Where several may have fallen on the same units, `spans`
/// tell them apart.
fn line_discounts<'e>(effects: impl Iterator<Item = &'e Effect>, spans: &[Span]) -> Vec<LineDiscount> {
    let mut lines: Vec<LineDiscount> = Vec::new();
    for effect in effects {
        for on_line in effect.pieces.chunk_by(|a, b| a.line == b.line) {
            let lowered = || on_line.iter().filter(|piece| !piece.discount.is_zero());
            if lowered().next().is_none() {
                continue;
            }
            let line = on_line[0].line;
            let discounted: i128 = lowered().map(|piece| piece.quantity.0).sum();
            let triggers = &effect.triggers;
            let trigger = triggers.binary_search_by_key(&line, |(own, _)| *own).map_or(0, |index| triggers[index].1.0);
            let discount: Money = lowered().map(|piece| piece.discount).sum();
            let mut runs = Vec::with_capacity(on_line.len());
            runs.extend(lowered().map(|piece| (piece.quantity, piece.discount)));
            match lines.binary_search_by_key(&line, |own| own.line) {
                Ok(place) => {
                    let own = &mut lines[place];
                    let triggers = (own.applied_quantity.0 - own.discounted_quantity.0).max(trigger);
                    own.discount += discount;
                    own.discounted_quantity = own.discounted_quantity.max(Quantity(discounted));
                    own.applied_quantity = Quantity(own.discounted_quantity.0 + triggers);
                    own.runs.append(&mut runs);
                }
                Err(place) => {
                    let part = LineDiscount {
                        line,
                        discount,
                        discounted_quantity: Quantity(discounted),
                        applied_quantity: Quantity(discounted + trigger),
                        runs,
                    };
                    // Most promotions fall on one line.
                    lines.reserve_exact(usize::from(lines.is_empty()));
                    lines.insert(place, part);
                }
            }
        }
    }
    if !spans.is_empty() {
        for part in &mut lines {
            let own = || spans.iter().copied().filter(|span| span.line == part.line);
            part.discounted_quantity = covered(own().filter(|span| span.lowered));
            part.applied_quantity = covered(own());
        }
    }
    lines
}
