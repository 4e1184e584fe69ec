//! The evaluation itself: candidates, conditions, ranking, selection, computation, totals, in the
//! order of spec/evaluation.md "Steps". Pure, total and deterministic.

use crate::action::AmountRules;
use crate::cart::{Cart, Line};
use crate::condition::{Matched, matched};
use crate::currency::Currency;
use crate::evaluation::{Applied, CodeFacts, Evaluation, Reason};
use crate::instant::Instant;
use crate::money::{MILLION, Money, Quantity};
use crate::outcome::Outcomes;
use crate::ranking::rank_candidates;
use crate::ruleset::{Phase, Promotion, Ruleset};
use crate::selection::{Candidate, Selection};
use crate::units::{Basket, canonical_rank, line_facts};

/// What is evaluated besides the ruleset.
pub struct Situation<'s, 'a> {
    /// The cart.
    pub cart: &'s Cart<'a>,
    /// The instant that the cart is priced at.
    pub instant: Instant,
    /// What is known of each code of `cart.promo_codes`, in that order; None: it does not exist.
    pub codes: &'s [Option<CodeFacts>],
    /// Called for every promotion and every line it is split over, so that a caller can stop a long
    /// evaluation by unwinding.
    pub pulse: &'s dyn Fn(),
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
        pulse: situation.pulse,
    };

    let mut outcomes = Outcomes::default();
    let mut candidates: Vec<Candidate<'_, 'a>> = Vec::new();
    let reachable = ruleset.candidates(cart, &facts).into_iter().map(|place| (place, None));
    let unlocked = Outcomes::unlocked_by_codes(ruleset, situation);
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
    rank_candidates(&mut candidates, ruleset, &selection);
    for stage in candidates.chunk_by(|a, b| a.promotion.definition.stage == b.promotion.definition.stage) {
        selection.select_stage(stage, &mut outcomes);
    }

    let applied: Vec<Applied<'a>> = selection.applied();
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
