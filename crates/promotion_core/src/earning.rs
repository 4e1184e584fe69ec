//! Which promotions a redeemed cart earns, whether what is left of it after a return still would, and how long
//! what was earned is good for (spec/lifecycle.md, "Entitlements" and "Returns").

use std::collections::HashMap;

use crate::cart::{Cart, Line, Tender};
use crate::condition::looking_at;
use crate::definition::{Condition, Definition};
use crate::eligibility::Circumstances;
use crate::exact::Exact;
use crate::instant::Instant;
use crate::money::{Money, Quantity};
use crate::ruleset::Ruleset;
use crate::schedule::Clock;
use crate::situation::Situation;

/// The places of the promotions that the cart earns once it is redeemed, in the order of creation: those whose
/// earningCriteria it meets as it was sent and in whose scope it is. A guest earns nothing.
pub fn earned(ruleset: &Ruleset, situation: &Situation<'_, '_>) -> Vec<u32> {
    if !ruleset.earns || situation.cart.customer_id.is_none() {
        return Vec::new();
    }
    let cart = situation.cart;
    let currency = cart.currency.unwrap_or(ruleset.settings.currency);
    let now = ruleset.clock.at(situation.instant);
    let circumstances = Circumstances { situation, currency, clock: &ruleset.clock, now };
    let mut places = looking_at(cart, &ruleset.category_parents, |looking| {
        let mut places = ruleset.earning.candidates(looking);
        places.retain(|&place| {
            (situation.pulse)();
            let promotion = ruleset.promotion(place);
            let meets = |criteria: &Condition| looking.matched(criteria).is_some();
            promotion.definition.earning_criteria.as_deref().is_some_and(meets)
                && circumstances.check(promotion).is_ok()
        });
        places
    });
    places.sort_by_key(|&place| ruleset.promotion(place).created);
    places
}

/// What is left of a line after returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remaining {
    /// How many units.
    pub quantity: Quantity,
    /// What they cost without any discount.
    pub amount: Money,
    /// The caller's own discount on them.
    pub discount: Money,
}

/// Whether what is left of a cart (of each of its lines; of one without items, of its amount) meets a promotion's
/// earningCriteria. Nothing left meets none.
pub fn still_earns(
    definition: &Definition,
    cart: &Cart<'_>,
    remaining: &[Remaining],
    category_parents: &HashMap<Box<str>, Box<str>>,
) -> bool {
    let Some(criteria) = &definition.earning_criteria else { return true };
    let left = || remaining.iter().filter(|own| own.quantity > Quantity::ZERO);
    if left().next().is_none() {
        return false;
    }
    let lines = cart.lines.iter().zip(remaining).filter(|(_, own)| own.quantity > Quantity::ZERO);
    let lines = lines.map(|(line, own)| Line {
        quantity: own.quantity,
        amount: own.amount,
        discount: own.discount,
        ..line.clone()
    });
    let amount: Money = left().map(|own| own.amount).sum();
    let cart = Cart { amount, lines: lines.collect(), tenders: tenders_of_part(cart, amount), ..cart.clone() };
    looking_at(&cart, category_parents, |looking| looking.matched(criteria).is_some())
}

/// What tenders pay of a part of a cart: each as much less as there is less to pay, lest the first one covers all of
/// it and the others seem to pay nothing.
fn tenders_of_part<'a>(cart: &Cart<'a>, part: Money) -> Vec<Tender<'a>> {
    let share = |whole: Money| {
        if cart.amount.is_zero() {
            return whole;
        }
        Money(Exact::ratio(whole.0, 1).mul(&Exact::ratio(part.0, cart.amount.0)).floor())
    };
    let of_part = |tender: &Tender<'a>| Tender {
        amount: tender.amount.as_ref().map(|sent| sent.replaced(share(sent.amount))),
        ..tender.clone()
    };
    cart.tenders.iter().map(of_part).collect()
}

/// The last instant of an instance that is earned or issued at an instant: the promotion's end, or so many days of
/// the organization's calendar later if that is earlier.
pub fn valid_till(definition: &Definition, earned_at: Instant, clock: &Clock) -> Instant {
    let later = definition.earning_expiry_days.and_then(|days| clock.days_later(earned_at, days));
    later.map_or(definition.end_date, |later| later.min(definition.end_date))
}
