//! promo_revoke_earn (spec/api.md).

use std::collections::{BTreeMap, BTreeSet};

use promotion_core::cart::CustomerId;
use promotion_core::error::{InputError, quoted};
use promotion_core::json::{REQUEST_LIMITS, read};
use promotion_core::list::List;
use serde::Deserialize;
use serde_json::json;

use crate::call::{Arguments, Output, in_envelope, pg_function};
use crate::error::{ApiError, ApiResult};
use crate::store::entitlement::{self, Instance, Revocation};
use crate::store::event::notify_of_revocation;
use crate::store::lock::{self, Caller};
use crate::store::statement::Access;
use crate::{clock, ids, store};

pg_function!(promo_revoke_earn, pg_finfo_promo_revoke_earn, revoke_earn);

/// Most instances of one request.
const MOST_EARN_IDS: usize = 1_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a revocation (an object)")]
struct RevokeInput<'a> {
    #[serde(borrow)]
    customer_id: CustomerId<'a>,
    #[serde(borrow)]
    earn_revoke_details: List<DetailInput<'a>, MOST_EARN_IDS>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a promotion with its earnIds (an object)")]
struct DetailInput<'a> {
    promotion_id: &'a str,
    #[serde(borrow)]
    earn_ids: List<&'a str, MOST_EARN_IDS>,
}

impl RevokeInput<'_> {
    /// Each earnId with its path and its promotion's place.
    fn each(&self) -> impl Iterator<Item = (String, usize, &str)> {
        self.earn_revoke_details.0.iter().enumerate().flat_map(|(place, detail)| {
            let ids = detail.earn_ids.0.iter().enumerate();
            ids.map(move |(index, id)| (format!("earnRevokeDetails[{place}].earnIds[{index}]"), place, *id))
        })
    }

    /// 400 for empty lists, too many earnIds, and one that stands there twice.
    fn check(&self) -> Result<(), InputError> {
        if self.earn_revoke_details.0.is_empty() {
            return Err(InputError::new("expected one promotion at least").under_key("earnRevokeDetails"));
        }
        for (place, detail) in self.earn_revoke_details.0.iter().enumerate() {
            if detail.earn_ids.0.is_empty() {
                let error = InputError::new("expected one earnId at least").under_key("earnIds");
                return Err(error.under_index(place).under_key("earnRevokeDetails"));
            }
        }
        let count: usize = self.earn_revoke_details.0.iter().map(|detail| detail.earn_ids.0.len()).sum();
        if count > MOST_EARN_IDS {
            let error = InputError::new(format!("expected at most {MOST_EARN_IDS} earnIds in all, found {count}"));
            return Err(error.under_key("earnRevokeDetails"));
        }
        let mut seen = BTreeSet::new();
        for (path, _, id) in self.each() {
            if !seen.insert(id) {
                return Err(
                    InputError::new(format!("expected each earnId once, found {}", quoted(id))).under_key(&path)
                );
            }
        }
        Ok(())
    }
}

fn revoke_earn(arguments: &Arguments) -> ApiResult<Output> {
    in_envelope(revoked(arguments))
}

fn revoked(arguments: &Arguments) -> ApiResult<String> {
    let org_id = arguments.org_id(1)?;
    store::organization::check(org_id, Access::Read)?;
    let input: RevokeInput<'_> = read(arguments.required_jsonb(0, "request")?, REQUEST_LIMITS)?;
    input.check()?;
    let customer = input.customer_id.key();
    lock::customer(org_id, Caller::Customer(&customer))?;
    let now = clock::now();
    check_promotions(org_id, &input, &customer)?;
    let earn_ids: Vec<String> = input.each().map(|(_, _, id)| id.to_owned()).collect();
    check_instances(&input, &entitlement::of_customer(org_id, &customer, &earn_ids, now))?;
    entitlement::revoke(org_id, &customer, &earn_ids, Revocation::Requested, now);
    if store::organization::settings(org_id, Access::Write)?.notify {
        notify_of_revocation(org_id, &customer, &earn_ids);
    }
    let detail = |own: &DetailInput<'_>| json!({"promotionId": own.promotion_id, "revokedEarnIds": own.earn_ids.0, "status": "SUCCESS"});
    let details: Vec<_> = input.earn_revoke_details.0.iter().map(detail).collect();
    Ok(json!({"customerId": input.customer_id, "revokedDetails": details}).to_string())
}

/// 404 for a promotion or customer that is unknown, then 730 for promotions that have no instances.
fn check_promotions(org_id: i64, input: &RevokeInput<'_>, customer: &str) -> ApiResult<()> {
    let details = &input.earn_revoke_details.0;
    let ids: Vec<String> = details.iter().map(|detail| detail.promotion_id.to_owned()).collect();
    let types: BTreeMap<String, String> = store::promotion::types(org_id, &ids).into_iter().collect();
    if let Some(unknown) = ids.iter().find(|id| !types.contains_key(*id)) {
        return Err(ApiError::unknown_promotion(unknown));
    }
    if !entitlement::is_customer(org_id, customer) {
        return Err(ApiError::unknown_customer(customer));
    }
    for (place, id) in ids.iter().enumerate() {
        let own = types.get(id).map(String::as_str).unwrap_or_default();
        if matches!(own, "POS" | "CODE") {
            return Err(ApiError::not_revocable(&format!("earnRevokeDetails[{place}].promotionId"), id, own));
        }
    }
    Ok(())
}

/// 731 for an earnId that is none which could be used, then 729 for one that was used, or that a cart holds.
fn check_instances(input: &RevokeInput<'_>, known: &[Instance]) -> ApiResult<()> {
    let known: BTreeMap<&str, &Instance> = known.iter().map(|own| (own.earn_id.as_str(), own)).collect();
    for (path, place, id) in input.each() {
        let promotion_id = input.earn_revoke_details.0[place].promotion_id;
        let why = match known.get(id) {
            None if ids::object_id_time(id).is_none() => "is no earnId",
            None => "is none of this customer",
            Some(own) if own.promotion_id != promotion_id => "is of another promotion",
            Some(Instance { state: "REVOKED", .. }) => "is revoked already",
            Some(Instance { state: "EXPIRED", .. }) => "is expired",
            Some(_) => continue,
        };
        return Err(ApiError::bad_earn_id(&path, id, why));
    }
    for (path, _, id) in input.each() {
        match known.get(id).map(|own| own.state) {
            Some("REDEEMED") => return Err(ApiError::already_redeemed(&path, id)),
            Some("HELD") => return Err(ApiError::held_by_cart(&path, id)),
            _ => {}
        }
    }
    Ok(())
}
