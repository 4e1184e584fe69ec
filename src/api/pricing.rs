//! The way of a cart through the engine: what is known of it, what it is given, what that claims. All that
//! prices carts goes this way.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use promotion_core::cart::Cart;
use promotion_core::claim::{Claim, Count, claims_of, questions};
use promotion_core::definition::INSTANCE_ROW;
use promotion_core::error::InputError;
use promotion_core::evaluate::{Situation, evaluate as price};
use promotion_core::evaluation::Evaluation;
use promotion_core::instant::Instant;
use promotion_core::ruleset::Ruleset;
use promotion_core::situation::{Till, Usage};
use promotion_core::suggestion::{Suggestion, suggestions};

use crate::error::{ApiError, ApiResult};
use crate::jsonb::JsonbValue;
use crate::store::claim::{Refusal, Stop, settling};
use crate::store::evaluation_state::{self, Earlier, Hold};
use crate::store::event::Event;
use crate::store::facts::{Facts, TillCode, facts};
use crate::store::lock::{self, Caller};
use crate::store::redemption::Given;
use crate::store::statement::{Access, with_fresh_snapshot};
use crate::store::usage::{Asking, usage};
use crate::{clock, ruleset_cache, store};

/// How far ahead of the database's clock a cart may be priced, in milliseconds.
const MOST_AHEAD: i64 = 5 * 60 * 1000;

/// How often a cart is priced anew because others took what it counted on, before a limit counts as exhausted.
const MOST_SHORTAGES: u32 = 3;

/// A cart to be priced, its customer's calls being kept apart from now on.
pub struct Pricing<'p, 'a> {
    /// The organization.
    pub org_id: i64,
    /// The cart.
    pub cart: &'p Cart<'a>,
    /// The cart as it was sent.
    pub request: JsonbValue,
    /// The till.
    pub till_code: Option<TillCode<'p>>,
    /// The database's clock once the customer's lock was taken, a timestamptz.
    pub now: i64,
    /// The instant that the cart is priced at, in epoch milliseconds.
    pub instant: i64,
    /// The evaluations that this one replaces.
    pub earlier: Vec<Earlier>,
    /// Whether what the cart nearly fulfils is asked for.
    pub suggests: bool,
}

/// A cart that was priced, and what its evaluation depends on.
pub struct Priced<'p, 'a> {
    /// What it was priced with.
    pub ruleset: Arc<Ruleset>,
    /// The result.
    pub evaluation: Evaluation<'a>,
    /// What that uses of limits.
    pub claims: BTreeMap<Count, Claim>,
    /// Claimed counts that have expired holds.
    pub stale: HashSet<Count>,
    /// The ids of the evaluations that this one replaces.
    pub own: &'p [String],
    /// Where the till stands.
    pub till: Option<Till>,
    /// What the cart nearly fulfils, where that is asked for.
    pub suggestions: Vec<Suggestion>,
}

/// What came of pricing a cart once.
pub struct Computed<'a> {
    /// The result.
    pub evaluation: Evaluation<'a>,
    /// What that uses of limits.
    pub claims: BTreeMap<Count, Claim>,
    /// Claimed counts that have expired holds.
    pub stale: HashSet<Count>,
    /// What the cart nearly fulfils, where that was asked for.
    pub suggestions: Vec<Suggestion>,
}

/// What was sent, or the error of it; of an organization that the caller may not act for, 42501 all the same. (What is
/// good asks for both in one statement.)
pub fn permitted<T>(org_id: i64, sent: Result<T, impl Into<ApiError>>) -> ApiResult<T> {
    sent.or_else(|error| store::organization::check(org_id, Access::Read).and(Err(error.into())))
}

/// Refuses an instant (epoch milliseconds) too far ahead of the clock (a timestamptz).
pub fn check_ahead(instant: i64, now: i64, key: &str) -> ApiResult<()> {
    if instant <= clock::milliseconds(now) + MOST_AHEAD {
        return Ok(());
    }
    Err(InputError::new("expected an instant at most 5 minutes ahead").under_key(key).into())
}

/// The key of a cart's customer.
pub fn customer_of(cart: &Cart<'_>) -> Option<String> {
    cart.customer_id.as_ref().map(|id| id.key().into_owned())
}

impl<'p, 'a> Pricing<'p, 'a> {
    /// Takes the customer's lock, reads the clock, and looks up what the cart replaces.
    pub fn begin(
        org_id: i64,
        cart: &'p Cart<'a>,
        request: JsonbValue,
        till_code: Option<TillCode<'p>>,
        transaction_date: Option<Instant>,
    ) -> ApiResult<Self> {
        let customer = customer_of(cart);
        let caller = Caller::of(customer.as_deref(), cart.cart_id, cart.evaluation_id);
        let check = || store::organization::check(org_id, Access::Read);
        // A wait, or what is known of a cart, could tell a stranger something, before the cart's own query finds out
        // that it is one.
        let is_free = lock::try_customer(org_id, caller);
        if !is_free || cart.evaluation_id.is_some() || cart.cart_id.is_some() {
            check()?;
        }
        if !is_free {
            lock::customer(org_id, caller)?;
        }
        let now = clock::now();
        let date = transaction_date.or(cart.transaction_date);
        let instant = date.map_or(clock::milliseconds(now), |date| date.0);
        check_ahead(instant, now, "transactionDate").or_else(|error| check().and(Err(error)))?;
        let mut earlier =
            evaluation_state::earlier(org_id, cart.evaluation_id, cart.cart_id, customer.as_deref(), true);
        // A cart id whose evaluation ended while this call waited for it starts anew.
        earlier.retain(|own| own.is_named || !own.state.is_over());
        Ok(Self { org_id, cart, request, till_code, now, instant, earlier, suggests: false })
    }

    /// Prices the cart and lets `write` keep what came of it, claims included: as often as it takes for claims
    /// to find what the evaluation counted on. Where `needs_undo` says no, a `write` that fails has changed nothing.
    pub fn settle<T>(
        &self,
        needs_undo: impl Fn(&Priced<'_, 'a>) -> bool,
        mut write: impl FnMut(&Priced<'_, 'a>, &BTreeSet<Count>) -> Result<T, Stop<ApiError>>,
    ) -> ApiResult<T> {
        let mut shortages: HashMap<Count, u32> = HashMap::new();
        loop {
            let exhausted: HashSet<Count> = shortages
                .iter()
                .filter(|(_, times)| **times >= MOST_SHORTAGES)
                .map(|(count, _)| count.clone())
                .collect();
            let own = self.replaced();
            let priced = with_fresh_snapshot(|| self.price(&exhausted, &own))?;
            match settling(needs_undo(&priced), |contended| write(&priced, contended)) {
                Ok(value) => return Ok(value),
                Err(Refusal::Error(error)) => return Err(error),
                Err(Refusal::Short(shortage)) => *shortages.entry(shortage.count).or_default() += 1,
            }
        }
    }

    /// Prices the cart once, and keeps nothing.
    fn price<'q>(&self, exhausted: &HashSet<Count>, own: &'q [String]) -> ApiResult<Priced<'q, 'a>> {
        let facts = facts(self.org_id, self.cart, self.till_code, self.instant)?;
        check_earlier(self.cart, &self.earlier)?;
        let ruleset = ruleset_cache::ruleset(self.org_id, facts.generation, self.instant)?;
        let asking = Asking { org_id: self.org_id, now: self.now, instant: self.instant, own };
        let computed = priced(&ruleset, self.cart, &facts, &asking, exhausted, self.suggests);
        let Computed { evaluation, claims, stale, suggestions } = computed;
        Ok(Priced { ruleset, evaluation, claims, stale, own, till: facts.till, suggestions })
    }

    /// Makes the cart replace evaluations that are not over, another customer's maybe.
    pub fn replace(&mut self, others: &[Earlier]) {
        for other in others.iter().filter(|own| !own.state.is_over()) {
            if !self.replaces(&other.state.evaluation_id) {
                self.earlier.push(Earlier { is_named: false, ..other.clone() });
            }
        }
    }

    /// The evaluations that this one replaces.
    fn replaced(&self) -> Vec<String> {
        let mut replaced: Vec<String> = self.earlier.iter().map(|own| own.state.evaluation_id.clone()).collect();
        // The one that is named, if nothing has become of it yet.
        replaced.extend(self.cart.evaluation_id.filter(|_| !self.is_named_known()).map(str::to_owned));
        replaced
    }

    fn is_named_known(&self) -> bool {
        self.earlier.iter().any(|own| own.is_named)
    }

    /// The first evaluation of this cart, where there is an earlier one.
    pub fn lineage(&self) -> Option<&str> {
        let named = self.earlier.iter().find(|own| own.is_named).map(|own| own.state.lineage.as_str());
        let by_cart_id = self.earlier.first().map(|own| own.state.lineage.as_str());
        named.or(self.cart.evaluation_id).or(by_cart_id)
    }

    /// The caller's id of this cart, be it from an evaluation that it names.
    pub fn cart_id(&self) -> Option<&str> {
        let named = self.earlier.iter().find(|own| own.is_named);
        self.cart.cart_id.or(named.and_then(|own| own.state.cart_id.as_deref()))
    }

    /// Whether the cart is pending already, as one of this customer's.
    pub fn is_pending(&self) -> bool {
        let customer = customer_of(self.cart);
        self.earlier.iter().any(|own| own.state.is_live(self.now) && own.state.customer_id == customer)
    }

    /// The ids of earlier evaluations that hold something, or did until they expired.
    pub fn locked(&self) -> Vec<String> {
        let held = self.earlier.iter().filter(|own| own.state.valid_till.is_some());
        held.map(|own| own.state.evaluation_id.clone()).collect()
    }

    /// The ledger's entries of what they held, each naming whoever had it: a cart may change hands.
    pub fn releases(&self, holds: &[Hold]) -> Vec<Event> {
        let mut events = releases(&self.locked(), holds, "REPLACED", customer_of(self.cart).as_deref());
        for event in &mut events {
            let held = self.earlier.iter().find(|own| event.evaluation_id.as_ref() == Some(&own.state.evaluation_id));
            if let Some(former) = held.and_then(|own| own.state.customer_id.clone()) {
                event.customer_id = Some(former);
            }
        }
        events
    }

    /// Whether an evaluation is among those that this one replaces.
    pub fn replaces(&self, evaluation_id: &str) -> bool {
        self.earlier.iter().any(|own| own.state.evaluation_id == evaluation_id)
    }

    /// Closes the evaluations that this one replaces.
    pub fn close_earlier(&self, own: &[String]) {
        let customer = customer_of(self.cart);
        evaluation_state::close(self.org_id, own, "REPLACED", self.now, self.lineage(), customer.as_deref());
        let lineages: Vec<String> = self.earlier.iter().map(|own| own.state.lineage.clone()).collect();
        if let Some(lineage) = self.lineage() {
            evaluation_state::join_lineages(self.org_id, &lineages, lineage);
        }
    }
}

/// An evaluation that names one which is over is refused, as is one that another customer has taken over.
fn check_earlier(cart: &Cart<'_>, earlier: &[Earlier]) -> ApiResult<()> {
    let Some(evaluation_id) = cart.evaluation_id else { return Ok(()) };
    let customer = customer_of(cart);
    for Earlier { state, .. } in earlier {
        if state.customer_id.is_some() && state.customer_id != customer {
            return Err(ApiError::unknown_evaluation(evaluation_id));
        }
        if state.is_over() {
            return Err(ApiError::not_pending(evaluation_id, &state.state.to_lowercase()));
        }
    }
    Ok(())
}

/// What a cart is evaluated for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// what it costs, and what it nearly fulfils, where that is asked for
    Price {
        /// whether it is
        suggests: bool,
    },
    /// why it costs that, and what of a promotion that somebody asks about, by its place
    Explain {
        /// that promotion
        asked: Option<u32>,
    },
}

/// Lets `then` look at a cart with all that is known under the snapshot in force, and at the counts that have expired
/// holds.
pub fn situated<'a, T>(
    ruleset: &Ruleset,
    cart: &Cart<'a>,
    facts: &Facts,
    asking: &Asking<'_>,
    exhausted: &HashSet<Count>,
    purpose: Purpose,
    then: impl FnOnce(&Situation<'_, 'a>, HashSet<Count>) -> T,
) -> T {
    let pulse = || {
        pgrx::check_for_interrupts!();
    };
    let (explain, asked, suggests) = match purpose {
        Purpose::Price { suggests } => (false, None, suggests),
        Purpose::Explain { asked } => (true, asked, true),
    };
    let situation = Situation {
        codes: &facts.codes,
        vouchers: &facts.vouchers,
        linked: &facts.linked,
        entitlements: &facts.entitlements,
        till: facts.till.as_ref(),
        explain,
        asked,
        suggests,
        pulse: &pulse,
        ..Situation::new(cart, Instant(asking.instant))
    };
    let questions = questions(ruleset, &situation);
    let (used, stale) =
        if questions.is_empty() { (Usage::default(), HashSet::new()) } else { usage(asking, &questions, exhausted) };
    then(&Situation { usage: &used, ..situation }, stale)
}

/// The evaluation of a cart and what it claims, under the snapshot in force.
pub fn priced<'a>(
    ruleset: &Ruleset,
    cart: &Cart<'a>,
    facts: &Facts,
    asking: &Asking<'_>,
    exhausted: &HashSet<Count>,
    suggests: bool,
) -> Computed<'a> {
    situated(ruleset, cart, facts, asking, exhausted, Purpose::Price { suggests }, |situation, stale| {
        let evaluation = price(ruleset, situation);
        let claims = claims_of(ruleset, situation, &evaluation);
        let suggestions = if suggests { suggestions(ruleset, situation, &evaluation) } else { Vec::new() };
        Computed { evaluation, claims, stale, suggestions }
    })
}

/// The evaluations that a preview of this cart would replace, and their check.
pub fn replaced_by(org_id: i64, cart: &Cart<'_>) -> ApiResult<Vec<String>> {
    let customer = customer_of(cart);
    let earlier = evaluation_state::earlier(org_id, cart.evaluation_id, cart.cart_id, customer.as_deref(), false);
    check_earlier(cart, &earlier)?;
    Ok(earlier.into_iter().map(|own| own.state.evaluation_id).collect())
}

/// The ledger's entries of locks that are given up, one for each promotion that had a count held, or one alone.
pub fn releases(evaluation_ids: &[String], holds: &[Hold], reason: &'static str, customer: Option<&str>) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for evaluation_id in evaluation_ids {
        let release = |promotion_id: Option<&str>| Event {
            kind: "RELEASE",
            reason: Some(reason),
            promotion_id: promotion_id.map(str::to_owned),
            evaluation_id: Some(evaluation_id.clone()),
            customer_id: customer.map(str::to_owned),
            ..Event::default()
        };
        let mut of_promotions: BTreeMap<&str, Event> = BTreeMap::new();
        for hold in holds.iter().filter(|hold| hold.evaluation_id == *evaluation_id) {
            let id = hold.count.promotion_id.as_str();
            let event = of_promotions.entry(id).or_insert_with(|| release(Some(id)));
            event.uses.add(&hold.count, "held", -hold.amount);
            if hold.count.row == INSTANCE_ROW {
                event.earn_id = Some(hold.count.subject.clone());
            }
        }
        if of_promotions.is_empty() {
            events.push(release(None));
        }
        events.extend(of_promotions.into_values());
    }
    events
}

/// All that an evaluation gives: promotions, then vouchers.
pub fn given(ruleset: &Ruleset, evaluation: &Evaluation<'_>) -> Vec<Given> {
    let promotions = evaluation.applied.iter().map(|own| Given {
        promotion_id: ruleset.promotion(own.place).id.to_string(),
        version: ruleset.promotion(own.place).version,
        promo_code: own.promo_code.clone().map(String::from),
        earn_id: own.earn_id.clone(),
        redemption_count: own.redemption_count,
        discount: own.discount,
        is_voucher: false,
    });
    let vouchers = evaluation.vouchers.iter().map(|own| Given {
        promotion_id: ruleset.promotion(own.place).id.to_string(),
        version: ruleset.promotion(own.place).version,
        promo_code: own.code.map(str::to_owned),
        earn_id: own.earn_id.clone(),
        redemption_count: 1,
        discount: own.redeemable,
        is_voucher: true,
    });
    promotions.chain(vouchers).collect()
}
