//! promo_evaluate (spec/api.md).

use std::collections::{BTreeMap, BTreeSet, HashSet};

use promotion_core::answer::{Answer, AnswerIds};
use promotion_core::cart::Cart;
use promotion_core::claim::{Claim, Count};
use promotion_core::currency::Currency;
use promotion_core::ruleset::Ruleset;

use super::pricing::{Priced, Pricing, customer_of, given, permitted};
use crate::call::{Arguments, Envelope, Output, enveloped, pg_function};
use crate::error::{ApiError, ApiResult};
use crate::jsonb_writer::jsonb_of;
use crate::store::change::{As, Changes};
use crate::store::claim::{Stop, settle};
use crate::store::entitlement;
use crate::store::evaluation::{Kept, keep};
use crate::store::evaluation_state::{self, State, as_added};
use crate::store::event::{Event, note};
use crate::store::facts::TillCode;
use crate::store::redemption::Given;
use crate::store::usage::Asking;
use crate::{clock, ids};

pg_function!(promo_evaluate, pg_finfo_promo_evaluate, evaluate);

fn evaluate(arguments: &Arguments) -> ApiResult<Output> {
    enveloped(evaluated(arguments))
}

fn evaluated(arguments: &Arguments) -> ApiResult<Output> {
    let org_id = arguments.org_id(2)?;
    let request = permitted(org_id, arguments.required_value(0, "cart"))?;
    let till_code = arguments.text(1);
    let cart = permitted(org_id, Cart::parse(request.view()))?;
    let pricing = Pricing::begin(org_id, &cart, request, till(till_code.as_deref()), None)?;
    let now_milliseconds = clock::milliseconds(pricing.now);
    let evaluation_id = ids::object_id(now_milliseconds);
    let mut answer_ids =
        AnswerIds::complete(&cart, Some(evaluation_id.clone()), |_| ids::uuid(), |_| ids::object_id(now_milliseconds));
    let references: Vec<String> = answer_ids.lines.iter().map(|id| id.clone().into_owned()).collect();
    pricing.settle(
        |priced: &Priced<'_, '_>| changes_counts(priced),
        |priced, contended| {
            let valid_till = hold(&pricing, priced, &evaluation_id, contended)?;
            answer_ids.valid_till = valid_till.map(clock::milliseconds);
            keep(&kept(&pricing, priced, &evaluation_id, &references));
            let answer = Answer::new(&priced.ruleset, &cart, &priced.evaluation, &answer_ids);
            Ok(Output::Jsonb(jsonb_of(&Envelope::of(answer))))
        },
    )
}

/// The till that an argument names.
pub fn till(till_code: Option<&str>) -> Option<TillCode<'_>> {
    till_code.map(|code| TillCode { code, key: "till_code" })
}

/// What is kept of an evaluation.
pub fn kept<'k, 'a>(
    pricing: &'k Pricing<'_, 'a>,
    priced: &'k Priced<'_, 'a>,
    evaluation_id: &'k str,
    line_references: &'k [String],
) -> Kept<'k, 'a> {
    Kept {
        org_id: pricing.org_id,
        evaluation_id,
        evaluated_at: pricing.now,
        priced_at: pricing.instant,
        till_code: pricing.till_code.map(|own| own.code),
        request: pricing.request,
        cart_id: pricing.cart_id(),
        cart: pricing.cart,
        line_references,
        evaluation: &priced.evaluation,
        ruleset: &priced.ruleset,
    }
}

/// The currency of a cart.
pub fn currency_of(cart: &Cart<'_>, ruleset: &Ruleset) -> Currency {
    cart.currency.unwrap_or(ruleset.settings.currency)
}

/// Whether the cart is to be locked: where carts are, and anything applied.
fn is_to_lock(priced: &Priced<'_, '_>) -> bool {
    let gives = !priced.evaluation.applied.is_empty() || !priced.evaluation.vouchers.is_empty();
    priced.ruleset.settings.is_locking_enabled && gives
}

/// Whether anybody is to find the evaluation afterwards: a lock, the one in place of others, and where carts are
/// locked the one of a cart with an id, which the next one takes the place of.
fn is_to_enter(pricing: &Pricing<'_, '_>, priced: &Priced<'_, '_>) -> bool {
    let is_cart = priced.ruleset.settings.is_locking_enabled && pricing.cart_id().is_some();
    is_to_lock(priced) || is_cart || !priced.own.is_empty()
}

/// Whether [`hold`] can fail halfway: it gives back what an earlier evaluation held, or claims counts.
pub fn changes_counts(priced: &Priced<'_, '_>) -> bool {
    !priced.own.is_empty() || (is_to_lock(priced) && !priced.claims.is_empty())
}

/// Locks the cart, where carts are locked and anything applied, in place of what it held before; answers until
/// when (a timestamptz).
pub fn hold(
    pricing: &Pricing<'_, '_>,
    priced: &Priced<'_, '_>,
    evaluation_id: &str,
    contended: &BTreeSet<Count>,
) -> Result<Option<i64>, Stop<ApiError>> {
    let (org_id, now) = (pricing.org_id, pricing.now);
    let settings = &priced.ruleset.settings;
    let is_locked = is_to_lock(priced);
    if !is_to_enter(pricing, priced) {
        return Ok(None);
    }
    let customer = customer_of(pricing.cart);
    if let Some(customer) = customer.as_ref().filter(|_| is_locked && !pricing.is_pending()) {
        // Before carts are counted, and before counts of limits are waited for: whoever redeems in this transaction, and
        // earns by that, has the customer's row already.
        entitlement::guard_customers(org_id, std::slice::from_ref(customer), 0);
        if evaluation_state::open_carts(org_id, customer, now) >= i64::from(settings.max_open_carts) {
            return Err(ApiError::too_many_open_carts(settings.max_open_carts).into());
        }
    }
    let valid_till = is_locked.then(|| now + i64::from(settings.lock_ttl_seconds) * 1_000_000);
    let holds = evaluation_state::take_holds(org_id, priced.own);
    let mut changes = Changes::default();
    holds.iter().for_each(|hold| changes.release(hold, now));
    if is_locked {
        changes.claim(&priced.claims, As::Hold, currency_of(pricing.cart, &priced.ruleset));
    }
    let asking = Asking { org_id, now, instant: pricing.instant, own: priced.own };
    let overruns = settle(&asking, &changes, contended, &priced.stale)?;
    pricing.close_earlier(priced.own);
    let state = State {
        evaluation_id: evaluation_id.to_owned(),
        lineage: pricing.lineage().unwrap_or(evaluation_id).to_owned(),
        state: if is_locked { "HELD" } else { "OPEN" }.to_owned(),
        customer_id: customer.clone(),
        cart_id: pricing.cart_id().map(str::to_owned),
        valid_till,
    };
    evaluation_state::open(org_id, &state, now);
    let mut events = pricing.releases(&holds);
    if is_locked {
        let priced_at = clock::timestamptz(pricing.instant);
        let claims = as_added(&priced.claims);
        evaluation_state::add_claims(org_id, evaluation_id, &claims, &overruns, priced_at, valid_till);
        let evaluation_id = Some(evaluation_id.to_owned());
        let occasion = Event { kind: "LOCK", customer_id: customer.clone(), evaluation_id, ..Event::default() };
        events.extend(locked(&given(&priced.ruleset, &priced.evaluation), &priced.claims, &occasion));
    }
    note(org_id, now, &events);
    Ok(valid_till)
}

/// The ledger's entries of a lock, one for each promotion that has a count held, or one alone. What several vouchers of
/// one promotion use stands with the first.
fn locked(given: &[Given], claims: &BTreeMap<Count, Claim>, occasion: &Event) -> Vec<Event> {
    let mut counted: HashSet<&str> = HashSet::new();
    let mut events: Vec<Event> = Vec::new();
    for own in given {
        let held: Vec<_> = claims.iter().filter(|(count, _)| count.promotion_id == own.promotion_id).collect();
        if held.is_empty() {
            continue;
        }
        let mut event = Event {
            promotion_id: Some(own.promotion_id.clone()),
            promotion_version: Some(own.version),
            promo_code: own.promo_code.clone(),
            earn_id: own.earn_id.clone(),
            redemption_count: i64::try_from(own.redemption_count).ok(),
            discount: Some(own.discount),
            ..occasion.clone()
        };
        if counted.insert(&own.promotion_id) {
            held.iter().for_each(|(count, claim)| event.uses.add(count, "held", claim.amount));
        }
        events.push(event);
    }
    if events.is_empty() {
        events.push(occasion.clone());
    }
    events
}
