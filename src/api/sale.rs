//! What redeeming an evaluation takes of limits: what its live lock holds, or else what is left of them now
//! (spec/lifecycle.md, "Redemption").

use std::collections::{BTreeMap, BTreeSet, HashSet};

use promotion_core::claim::{Claim, Count, Use, Users, claims};
use promotion_core::code::code_key;
use promotion_core::currency::Currency;
use promotion_core::instant::Instant;
use promotion_core::schedule::Clock;
use promotion_core::settings::{Overrun, Settings};

use super::pricing::releases;
use crate::clock;
use crate::error::{ApiError, ApiResult};
use crate::store::basis::{Basis, bases};
use crate::store::change::{As, Changes};
use crate::store::claim::{Overruns, Stop, settle};
use crate::store::evaluation_state::{Hold, as_added};
use crate::store::event::Event;
use crate::store::redemption::Sale;
use crate::store::usage::Asking;

/// What becomes of a sale's counts.
pub struct Taken<'c> {
    /// What is claimed: the count, whether its window is MOVING, how much.
    pub claims: Vec<(&'c Count, bool, i128)>,
    /// What of that is beyond limits.
    pub overruns: Overruns,
    /// Whether the claims were held until now.
    pub is_held: bool,
    /// Whether a promotion that is not to be had any more was redeemed all the same.
    pub is_recorded: bool,
    /// The ledger's entries of what was given up.
    pub events: Vec<Event>,
}

/// What an evaluation without a live lock claims now, of promotions that must be what they were.
pub fn claim_now(org_id: i64, sale: &Sale, settings: &Settings, now: i64) -> ApiResult<Fresh> {
    let given: Vec<_> = sale.sold.iter().map(|sold| &sold.given).collect();
    let keys: Vec<Option<String>> = given.iter().map(|own| own.promo_code.as_deref().map(code_key)).collect();
    let bases = bases(org_id, sale.customer_id.as_deref(), &given, &keys, now)?;
    let is_gone = |basis: &Basis| basis.why_gone();
    let gone = given.iter().zip(&bases).find_map(|(own, basis)| Some((own.promotion_id.as_str(), is_gone(basis)?)));
    if let (Some((promotion_id, why)), Overrun::Reject) = (gone, settings.overrun) {
        return Err(ApiError::not_redeemable(promotion_id, why));
    }
    let uses = given.iter().zip(&bases).zip(&keys).map(|((own, basis), key)| Use {
        promotion_id: &own.promotion_id,
        definition: &basis.definition,
        users: Users {
            customer: sale.customer_id.as_deref(),
            code: key.as_deref(),
            earn_id: own.earn_id.as_deref(),
            issued_at: basis.issued_at.map(Instant),
        },
        redemption_count: own.redemption_count,
        discount: own.discount,
    });
    let instant = Instant(clock::milliseconds(sale.priced_at));
    Ok(Fresh { claims: claims(uses, instant, &Clock::new(&settings.timezone)), is_gone: gone.is_some() })
}

/// The currency of a sale.
pub fn sale_currency(sale: &Sale) -> Currency {
    Currency::from_code(&sale.currency).unwrap_or(Currency::USD)
}

/// What an evaluation without a live lock claims.
pub struct Fresh {
    claims: BTreeMap<Count, Claim>,
    is_gone: bool,
}

/// Turns what a live lock holds of the sale's promotions into redemptions, and gives up the rest.
pub fn redeem_holds<'h>(
    asking: &Asking<'_>,
    sale: &Sale,
    holds: &'h [Hold],
    contended: &BTreeSet<Count>,
) -> Result<Taken<'h>, Stop<ApiError>> {
    let kept: HashSet<&str> = sale.sold.iter().map(|sold| sold.given.promotion_id.as_str()).collect();
    let mut changes = Changes::default();
    let mut claims = Vec::with_capacity(holds.len());
    let mut dropped: Vec<Hold> = Vec::new();
    let mut events: Vec<Event> = Vec::new();
    for hold in holds {
        if kept.contains(hold.count.promotion_id.as_str()) {
            changes.redeem_hold(&hold.count, hold.amount);
            claims.push((&hold.count, hold.is_moving, hold.amount));
        } else {
            changes.release(hold, asking.now);
            dropped.push(hold.clone());
        }
    }
    let overruns = settle(asking, &changes, contended, &HashSet::new())?;
    if !dropped.is_empty() {
        events = releases(asking.own, &dropped, "DROPPED", sale.customer_id.as_deref());
    }
    Ok(Taken { claims, overruns, is_held: true, is_recorded: false, events })
}

/// Redeems without a hold; what an expired one still has in store is given up.
pub fn redeem_now<'f>(
    asking: &Asking<'_>,
    sale: &Sale,
    holds: &[Hold],
    fresh: &'f Fresh,
    settings: &Settings,
    contended: &BTreeSet<Count>,
) -> Result<Taken<'f>, Stop<ApiError>> {
    let mut changes = Changes::default();
    holds.iter().for_each(|hold| changes.release(hold, asking.now));
    let may_overrun = settings.overrun == Overrun::Record;
    changes.claim(&fresh.claims, As::Redemption { may_overrun }, sale_currency(sale));
    let overruns = settle(asking, &changes, contended, &HashSet::new())?;
    let events =
        if holds.is_empty() { Vec::new() } else { releases(asking.own, holds, "EXPIRED", sale.customer_id.as_deref()) };
    Ok(Taken { claims: as_added(&fresh.claims), overruns, is_held: false, is_recorded: fresh.is_gone, events })
}
