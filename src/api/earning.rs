//! What an order earns its customer, and what a return of it takes back (spec/lifecycle.md, "Redemption" and
//! "Returns").

use promotion_core::cart::{Cart, CustomerId};
use promotion_core::claim::Count;
use promotion_core::definition::INSTANCE_ROW;
use promotion_core::earning::{Remaining, earned, still_earns, valid_till};
use promotion_core::evaluate::Situation;
use promotion_core::instant::Instant;
use promotion_core::money::Quantity;
use promotion_core::ruleset::Ruleset;
use promotion_core::situation::Till;
use serde_json::{Value, json};

use crate::error::ApiResult;
use crate::store::change::Changes;
use crate::store::entitlement::{self, Earned, Offer, Revocation, Source};
use crate::store::returns::Bought;
use crate::{clock, store};

/// An order, as far as it matters for what it earns.
pub struct EarningOrder<'o, 'a> {
    /// The organization.
    pub org_id: i64,
    /// The order's id.
    pub transaction_id: &'o str,
    /// The customer; None: a guest.
    pub customer: Option<&'o str>,
    /// The cart that is redeemed.
    pub cart: &'o Cart<'a>,
    /// Where it was bought.
    pub till: Option<&'o Till>,
    /// The instant that the cart was priced at.
    pub priced_at: Instant,
    /// When it was bought, in epoch milliseconds.
    pub bought_at: Instant,
    /// The database's clock, a timestamptz.
    pub now: i64,
}

/// What an order is about to earn: the customer's row is written, before any limit is claimed, as an evaluation does.
pub struct Earning<'o> {
    org_id: i64,
    transaction_id: &'o str,
    customers: [String; 1],
    ruleset: &'o Ruleset,
    places: Vec<u32>,
    from: Instant,
    now: i64,
}

impl<'o> Earning<'o> {
    /// Finds the promotions that an order earns, if there were no maximum; None: there are none.
    pub fn begin(order: &EarningOrder<'o, '_>, ruleset: &'o Ruleset) -> Option<Self> {
        let customers = [order.customer?.to_owned()];
        let pulse = || {
            pgrx::check_for_interrupts!();
        };
        let situation = Situation::new(order.cart, order.priced_at);
        let mut places = earned(ruleset, &Situation { till: order.till, pulse: &pulse, ..situation });
        // Instances are given while the promotion is LIVE, whenever the cart was priced.
        let now = Instant(clock::milliseconds(order.now));
        places.retain(|&place| ruleset.promotion(place).definition.is_valid_at(now));
        if places.is_empty() {
            return None;
        }
        entitlement::guard_customers(order.org_id, &customers, places.len() as i64);
        // What was bought just now can be used from now on, whatever the order's clock says.
        let from = order.bought_at.min(now);
        let (org_id, transaction_id, now) = (order.org_id, order.transaction_id, order.now);
        Some(Self { org_id, transaction_id, customers, ruleset, places, from, now })
    }

    /// Gives the customer an instance of each promotion, as far as maxEarningPerCustomer lets it; answers the entries
    /// of promo_redeem's answer.
    pub fn give(&self) -> Vec<Value> {
        let source = Source { kind: "TRANSACTION", id: Some(self.transaction_id) };
        let mut entries = Vec::new();
        for &place in &self.places {
            let promotion = self.ruleset.promotion(place);
            let (org_id, promotion_id, definition) = (self.org_id, &*promotion.id, &promotion.definition);
            let has = |most: u32| {
                let counts = entitlement::counts(org_id, promotion_id, &self.customers, false);
                counts.iter().any(|(_, count)| *count >= i64::from(most))
            };
            if definition.max_earning_per_customer.is_some_and(has) {
                continue;
            }
            let offer = Offer { org_id, promotion_id, version: promotion.version, definition, now: self.now };
            let times = [self.from, valid_till(definition, self.from, &self.ruleset.clock)];
            let given = offer.give(&self.customers, 1, source, times);
            entries.push(json!({
                "promotionId": promotion_id,
                "earnIds": given.iter().map(|own| own.earn_id.as_str()).collect::<Vec<_>>(),
                "validTill": given.first().map(|own| clock::milliseconds(own.valid_till)),
            }));
        }
        entries
    }
}

/// What an order had earned and what is left of it does not earn any more.
#[derive(Default)]
pub struct Unearned {
    /// Instances to be revoked.
    pub revoked: Vec<Earned>,
    /// Those that were used or that a pending cart holds: for the caller to decide about.
    pub spent: Vec<String>,
}

/// What an order, of which more has come back now, does not earn any more.
pub fn unearned(org_id: i64, transaction_id: &str, bought: &Bought, now: i64) -> ApiResult<Unearned> {
    let mut unearned = Unearned::default();
    let Some(customer) = &bought.customer_id else { return Ok(unearned) };
    let earned = entitlement::earned_by(org_id, customer, transaction_id, now)?;
    if earned.is_empty() {
        return Ok(unearned);
    }
    let Some(request) = store::evaluation::request(org_id, &bought.evaluation_id) else { return Ok(unearned) };
    let mut cart = store::evaluation::parse_cart(&bought.evaluation_id, &request)?;
    // promo_redeem may name the customer beside the cart.
    cart.customer_id.get_or_insert(CustomerId::Text(customer));
    let parents = store::category::parents(org_id);
    let remaining: Vec<Remaining> = bought
        .lines
        .iter()
        .map(|line| Remaining {
            quantity: Quantity(line.quantity.0 - line.returned_quantity.0),
            amount: line.amount - line.returned_amount,
            discount: line.callers_discount - line.returned_callers_discount,
        })
        .collect();
    for own in earned {
        if still_earns(&own.definition, &cart, &remaining, &parents) {
            continue;
        }
        if own.is_spent {
            unearned.spent.push(own.earn_id.clone());
        }
        if own.is_revocable {
            unearned.revoked.push(own);
        }
    }
    Ok(unearned)
}

impl Unearned {
    /// Has the counts written of what is to be revoked, together with what else a call changes.
    pub fn touch(&self, changes: &mut Changes) {
        for own in &self.revoked {
            let row = own.definition.limit_rows().find(|(row, _)| *row == INSTANCE_ROW);
            let (promotion_id, subject) = (own.promotion_id.clone(), own.earn_id.clone());
            let count = Count { promotion_id, row: INSTANCE_ROW, subject, window_start: None };
            if let Some((_, limit)) = row {
                changes.touch(count, limit);
            }
        }
    }

    /// Revokes what is to be revoked.
    pub fn revoke(&self, org_id: i64, customer: Option<&str>, transaction_id: &str, return_id: &str, now: i64) {
        if let Some(customer) = customer.filter(|_| !self.revoked.is_empty()) {
            let why = Revocation::Returned { transaction_id, return_id };
            let earn_ids: Vec<String> = self.revoked.iter().map(|own| own.earn_id.clone()).collect();
            entitlement::revoke(org_id, customer, &earn_ids, why, now);
        }
    }
}
