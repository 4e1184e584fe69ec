//! The evaluation itself: candidates, conditions, ranking, selection, computation, totals, in the
//! order of spec/evaluation.md "Steps". Pure, total and deterministic.

use std::collections::HashMap;

use crate::action::{AmountRules, Application, compute};
use crate::cart::{Cart, Line};
use crate::condition::{Matched, matched};
use crate::currency::Currency;
use crate::definition::PromotionType;
use crate::evaluation::{Applied, CodeFacts, CodeLog, CodeProblem, Evaluation, LineDiscount, Reason};
use crate::instant::Instant;
use crate::money::{MILLION, Money, Quantity};
use crate::ruleset::{Phase, Promotion, Ruleset};
use crate::settings::EvaluationOrder;
use crate::units::{Basket, canonical_rank, line_facts};

/// What is evaluated besides the ruleset.
pub struct Situation<'s, 'a> {
    /// The cart.
    pub cart: &'s Cart<'a>,
    /// The instant that the cart is priced at.
    pub instant: Instant,
    /// What is known of each code of `cart.promo_codes`, in that order; None: it does not exist.
    pub codes: &'s [Option<CodeFacts>],
    /// Called between promotions, so that a caller can stop a long evaluation by unwinding.
    pub pulse: &'s dyn Fn(),
}

/// A promotion that may apply.
struct Candidate<'r, 'a> {
    place: u32,
    promotion: &'r Promotion,
    code: Option<&'a str>,
    matched: Matched,
}

/// Evaluates a cart.
pub fn evaluate<'a>(ruleset: &Ruleset, situation: &Situation<'_, 'a>) -> Evaluation<'a> {
    let cart = situation.cart;
    let settings = &ruleset.settings;
    let currency = cart.currency.unwrap_or(settings.currency);
    // A cart of an amount alone is one line that no product condition sees.
    let amount_alone = [Line {
        reference_id: None,
        sku: "",
        amount: cart.amount,
        quantity: Quantity(MILLION),
        discount: Money::ZERO,
        min_unit_price: Money::ZERO,
        categories: Vec::new(),
        brands: Vec::new(),
        attributes: std::collections::BTreeMap::new(),
    }];
    let lines: &[Line<'a>] = if cart.lines.is_empty() { &amount_alone } else { &cart.lines };
    let facts = line_facts(cart, lines, &ruleset.category_parents);
    let rank = canonical_rank(&facts);
    let start = Basket::new(&facts, &rank);
    let rules = AmountRules {
        rounding: settings.rounding_of(currency),
        percentage_base: settings.percentage_base,
        rounding_level: settings.rounding_level,
        remainder: settings.remainder,
    };

    let mut outcomes = Outcomes::default();
    let mut candidates: Vec<Candidate<'_, 'a>> = Vec::new();
    let reachable = ruleset.candidates(cart, &facts).into_iter().map(|place| (place, None));
    let unlocked = outcomes.unlocked_by_codes(ruleset, situation);
    for (place, code) in reachable.chain(unlocked) {
        (situation.pulse)();
        let promotion = ruleset.promotion(place);
        match meets(promotion, cart, currency, situation.instant, |condition| matched(condition, cart, &facts)) {
            Ok(Some(matched)) => candidates.push(Candidate { place, promotion, code, matched }),
            Ok(None) => {}
            Err(reason) => outcomes.refuse(place, reason),
        }
    }

    let mut selection = Selection::new(start, rules, settings.evaluation_order);
    rank_candidates(&mut candidates, ruleset, &selection, situation.pulse);
    for stage in candidates.chunk_by(|a, b| a.promotion.definition.stage == b.promotion.definition.stage) {
        selection.select_stage(stage, &mut outcomes, situation.pulse);
    }

    let applied: Vec<Applied<'a>> = selection.applied.iter().map(Taken::applied).collect();
    let mut line_discounts = vec![Money::ZERO; cart.lines.len()];
    for part in applied.iter().flat_map(|applied| &applied.lines) {
        if let Some(sum) = line_discounts.get_mut(part.line) {
            *sum += part.discount;
        }
    }
    let total_discount: Money = applied.iter().map(|applied| applied.discount).sum();
    let callers_discount: Money = cart.lines.iter().map(|line| line.discount).sum();
    Evaluation {
        code_logs: outcomes.code_logs(ruleset, situation, &applied),
        line_discounts,
        total_discount,
        payable_amount: cart.amount - callers_discount - total_discount + cart.shipping_amount(),
        applied,
    }
}

/// Scope, currency and condition of a promotion; Ok(None) where it is not in question at all.
fn meets(
    promotion: &Promotion,
    cart: &Cart<'_>,
    currency: Currency,
    instant: Instant,
    condition: impl FnOnce(&crate::definition::Condition) -> Option<Matched>,
) -> Result<Option<Matched>, Reason> {
    let definition = &promotion.definition;
    if !definition.is_valid_at(instant) {
        return Ok(None);
    }
    if definition.is_loyalty_only && cart.customer_id.is_none() {
        return Ok(None);
    }
    if !definition.allows_currency(currency) {
        let own = definition.currency.unwrap_or(currency);
        return Err(Reason::OtherCurrency { promotion: own.code(), cart: currency.code() });
    }
    // A cart of an amount alone has no lines that a line promotion could fall on.
    if cart.lines.is_empty() && promotion.phase() == Phase::Line {
        return Err(Reason::GivesNothing);
    }
    condition(&definition.condition).map(Some).ok_or(Reason::ConditionNotMet)
}

/// Sorts into the total order of spec/evaluation.md 3. What a promotion would give alone is computed
/// only where everything before it in the ranking leaves several promotions equal.
fn rank_candidates(
    candidates: &mut Vec<Candidate<'_, '_>>,
    ruleset: &Ruleset,
    alone: &Selection<'_, '_, '_, '_>,
    pulse: &dyn Fn(),
) {
    candidates.sort_by_key(|candidate| (candidate.promotion.class, candidate.promotion.tail));
    if !ruleset.ranks_by_discount {
        return;
    }
    for equal in candidates.chunk_by_mut(|a, b| a.promotion.class == b.promotion.class) {
        if equal.len() > 1 {
            equal.sort_by_cached_key(|candidate| {
                pulse();
                let discount = alone.on_start(candidate).map_or(Money::ZERO, |application| application.discount);
                (std::cmp::Reverse(discount), candidate.promotion.tail)
            });
        }
    }
}

/// A promotion that was taken.
struct Taken<'r, 'a> {
    place: u32,
    promotion: &'r Promotion,
    code: Option<&'a str>,
    matched: Matched,
    application: Application,
}

impl<'a> Taken<'_, 'a> {
    fn applied(&self) -> Applied<'a> {
        let mut lines: Vec<LineDiscount> = Vec::new();
        for on_line in self.application.pieces.chunk_by(|a, b| a.line == b.line) {
            let line = on_line[0].line;
            let discounted = Quantity(on_line.iter().map(|piece| piece.quantity.0).sum());
            let triggers = &self.application.triggers;
            let trigger = triggers.binary_search_by_key(&line, |(own, _)| *own).map_or(0, |index| triggers[index].1.0);
            lines.push(LineDiscount {
                line,
                discount: on_line.iter().map(|piece| piece.discount).sum(),
                discounted_quantity: discounted,
                applied_quantity: Quantity(discounted.0 + trigger),
                runs: on_line.iter().map(|piece| (piece.quantity, piece.discount)).collect(),
            });
        }
        lines.sort_by_key(|part| part.line);
        Applied {
            place: self.place,
            discount: self.application.discount,
            redemption_count: 1,
            promo_code: self.code,
            is_line_promotion: self.promotion.phase() == Phase::Line,
            lines,
        }
    }
}

/// The RANKED walk: takes promotions in order where nothing taken forbids them and they give more
/// than zero, and keeps what is taken computed in the order of spec/evaluation.md 5.
struct Selection<'r, 'b, 'c, 'a> {
    rules: AmountRules,
    order: EvaluationOrder,
    start: Basket<'b, 'c>,
    /// After the stages before and this stage's line promotions.
    after_lines: Basket<'b, 'c>,
    /// After everything taken so far.
    after_all: Basket<'b, 'c>,
    /// Of the stages before, then this stage's line promotions, then its cart promotions.
    applied: Vec<Taken<'r, 'a>>,
    /// Where this stage's cart promotions begin in `applied`.
    carts_from: usize,
}

impl<'r, 'b, 'c, 'a> Selection<'r, 'b, 'c, 'a> {
    fn new(start: Basket<'b, 'c>, rules: AmountRules, order: EvaluationOrder) -> Self {
        Self {
            rules,
            order,
            after_lines: start.clone(),
            after_all: start.clone(),
            start,
            applied: Vec::new(),
            carts_from: 0,
        }
    }

    fn on(&self, basket: &Basket<'_, '_>, candidate: &Candidate<'_, '_>) -> Option<Application> {
        compute(&candidate.promotion.definition.action, &candidate.matched, basket, self.rules)
    }

    fn on_start(&self, candidate: &Candidate<'_, '_>) -> Option<Application> {
        self.on(&self.start, candidate)
    }

    fn select_stage(&mut self, stage: &[Candidate<'r, 'a>], outcomes: &mut Outcomes, pulse: &dyn Fn()) {
        self.after_lines = self.after_all.clone();
        self.carts_from = self.applied.len();
        let walk: Vec<&Candidate<'r, 'a>> = match self.order {
            EvaluationOrder::LineItemFirst | EvaluationOrder::Ranked => stage.iter().collect(),
            EvaluationOrder::CartFirst => {
                let (carts, lines): (Vec<_>, Vec<_>) =
                    stage.iter().partition(|candidate| candidate.promotion.phase() == Phase::Cart);
                carts.into_iter().chain(lines).collect()
            }
        };
        for candidate in walk {
            pulse();
            if let Some(with) = self.forbids(candidate) {
                outcomes.refuse(candidate.place, Reason::Excluded { with });
            } else if !self.take(candidate) {
                outcomes.refuse(candidate.place, Reason::GivesNothing);
            }
        }
        // A line promotion taken after a cart promotion may have left it nothing.
        let applied = &mut self.applied;
        applied.retain(|taken| {
            let gives = !taken.application.discount.is_zero();
            if !gives {
                outcomes.refuse(taken.place, Reason::GivesNothing);
            }
            gives
        });
    }

    /// The promotion already taken that this one can't stand beside.
    fn forbids(&self, candidate: &Candidate<'_, '_>) -> Option<String> {
        let cart_first = self.order == EvaluationOrder::CartFirst && candidate.promotion.phase() == Phase::Line;
        self.applied
            .iter()
            .enumerate()
            .find(|(index, taken)| {
                let exclusive =
                    !taken.promotion.definition.is_stackable || !candidate.promotion.definition.is_stackable;
                // With CART_FIRST a cart promotion that applies shuts out its stage's line promotions.
                let shut_out = cart_first && *index >= self.carts_from && taken.promotion.phase() == Phase::Cart;
                exclusive || shut_out
            })
            .map(|(_, taken)| taken.promotion.id.to_string())
    }

    /// Takes a promotion if it gives anything where it is computed.
    fn take(&mut self, candidate: &Candidate<'r, 'a>) -> bool {
        let before_carts = self.order != EvaluationOrder::Ranked && candidate.promotion.phase() == Phase::Line;
        let basket = if before_carts { &self.after_lines } else { &self.after_all };
        let Some(application) = self.on(basket, candidate) else { return false };
        let taken = Taken {
            place: candidate.place,
            promotion: candidate.promotion,
            code: candidate.code,
            matched: candidate.matched.clone(),
            application,
        };
        if before_carts {
            self.after_lines.take(&taken.application.pieces);
            self.applied.insert(self.carts_from, taken);
            self.carts_from += 1;
            self.recompute_carts();
        } else {
            self.after_all.take(&taken.application.pieces);
            self.applied.push(taken);
        }
        true
    }

    /// Computes this stage's cart promotions again on what its line promotions leave.
    fn recompute_carts(&mut self) {
        let mut basket = self.after_lines.clone();
        for index in self.carts_from..self.applied.len() {
            let taken = &self.applied[index];
            let again = compute(&taken.promotion.definition.action, &taken.matched, &basket, self.rules);
            let nothing = Application { discount: Money::ZERO, pieces: Vec::new(), triggers: Vec::new() };
            let application = again.unwrap_or(nothing);
            basket.take(&application.pieces);
            self.applied[index].application = application;
        }
        self.after_all = basket;
    }
}

/// Why promotions in question did not apply, and what became of the codes.
#[derive(Default)]
struct Outcomes {
    refused: HashMap<u32, Reason>,
}

impl Outcomes {
    fn refuse(&mut self, place: u32, reason: Reason) {
        self.refused.entry(place).or_insert(reason);
    }

    /// The live promotions that usable codes unlock, each once, with the first code sent.
    fn unlocked_by_codes<'a>(&self, ruleset: &Ruleset, situation: &Situation<'_, 'a>) -> Vec<(u32, Option<&'a str>)> {
        let mut unlocked: Vec<(u32, Option<&'a str>)> = Vec::new();
        for (&code, facts) in situation.cart.promo_codes.iter().zip(situation.codes) {
            for place in usable_places(facts.as_ref(), ruleset, situation.cart, situation.instant) {
                if !unlocked.iter().any(|(own, _)| *own == place) {
                    unlocked.push((place, Some(code)));
                }
            }
        }
        unlocked
    }

    fn code_logs<'a>(
        &self,
        ruleset: &Ruleset,
        situation: &Situation<'_, 'a>,
        applied: &[Applied<'a>],
    ) -> Vec<CodeLog<'a>> {
        let mut logs = Vec::new();
        for (&code, facts) in situation.cart.promo_codes.iter().zip(situation.codes) {
            if applied.iter().any(|applied| applied.promo_code == Some(code)) {
                continue;
            }
            let problem = match facts {
                None => CodeProblem::Unknown,
                Some(facts) => self.problem_of(facts, ruleset, situation, applied),
            };
            let linked = facts.as_ref().map(|facts| facts.linked_to.is_some());
            logs.push(CodeLog { promo_code: code, linked, problem });
        }
        logs
    }

    /// The one log entry of a code that unlocked nothing: the first of 0, 1002, 1005.
    fn problem_of(
        &self,
        facts: &CodeFacts,
        ruleset: &Ruleset,
        situation: &Situation<'_, '_>,
        applied: &[Applied<'_>],
    ) -> CodeProblem {
        for place in usable_places(Some(facts), ruleset, situation.cart, situation.instant) {
            if let Some(applied) = applied.iter().find(|applied| applied.place == place) {
                let with = applied.promo_code.unwrap_or_default().to_owned();
                return CodeProblem::NotApplied(Reason::AppliedWithAnotherCode { with });
            }
            if let Some(reason) = self.refused.get(&place) {
                return CodeProblem::NotApplied(reason.clone());
            }
        }
        let live = live_places(facts, ruleset, situation.instant);
        let foreign = !facts.is_for(situation.cart.customer_id.as_ref());
        if foreign && !facts.disabled && !live.is_empty() && live.len() == facts.uses.len() {
            CodeProblem::OtherCustomer
        } else {
            CodeProblem::NotLive
        }
    }
}

/// The places of the promotions that a code unlocks for this customer at this instant.
fn usable_places(facts: Option<&CodeFacts>, ruleset: &Ruleset, cart: &Cart<'_>, instant: Instant) -> Vec<u32> {
    match facts {
        Some(facts) if !facts.disabled && facts.is_for(cart.customer_id.as_ref()) => {
            live_places(facts, ruleset, instant)
        }
        _ => Vec::new(),
    }
}

/// The places of a code's promotions that are live now, the code's dates for them included.
fn live_places(facts: &CodeFacts, ruleset: &Ruleset, instant: Instant) -> Vec<u32> {
    facts
        .uses
        .iter()
        .filter(|code_use| {
            code_use.valid_from.is_none_or(|from| from <= instant.0)
                && code_use.valid_till.is_none_or(|till| instant.0 <= till)
        })
        .filter_map(|code_use| ruleset.place_of(&code_use.promotion_id))
        .filter(|&place| {
            let definition = &ruleset.promotion(place).definition;
            definition.promotion_type == PromotionType::Code && definition.is_valid_at(instant)
        })
        .collect()
}
