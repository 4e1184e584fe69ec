//! promo_issue, promo_earn and promo_activate_entitlements (spec/lifecycle.md, "Entitlements").

use std::collections::BTreeSet;

use promotion_core::cart::CustomerId;
use promotion_core::definition::{Definition, PromotionType, spelled};
use promotion_core::earning::valid_till;
use promotion_core::error::{InputError, quoted};
use promotion_core::instant::Instant;
use promotion_core::json::{REQUEST_LIMITS, read};
use promotion_core::schedule::Clock;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::customer::{Declared, is_id, required};
use super::pricing::check_ahead;
use super::redeem::ID_CHARACTERS;
use crate::call::{Arguments, Output, pg_function};
use crate::error::{ApiError, ApiResult};
use crate::store::entitlement::{self, Given, Offer, Source};
use crate::store::lock::{self, Caller};
use crate::store::statement::Access;
use crate::{clock, ids, store};

pg_function!(promo_issue, pg_finfo_promo_issue, issue);
pg_function!(promo_earn, pg_finfo_promo_earn, earn);
pg_function!(promo_activate_entitlements, pg_finfo_promo_activate_entitlements, activate);
pg_function!(promo_activate_entitlements_bigint, pg_finfo_promo_activate_entitlements_bigint, activate_bigint);

/// Most customers of one promo_issue.
const MOST_CUSTOMERS: usize = 100_000;

/// Most instances of one promo_activate_entitlements.
const MOST_ACTIVATED: usize = 1_000;

/// Most instances of one promo_earn.
const MOST_EARNED: i64 = 1_000;

/// What a promo_earn comes from: something the customer did, reached or paid for with points, or an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum EarnedFromType {
    Activity,
    Milestone,
    Reward,
    BulkIssue,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an earn request (an object)")]
struct EarnInput<'a> {
    #[serde(borrow)]
    customer_id: CustomerId<'a>,
    promotion_id: &'a str,
    earned_from_type: EarnedFromType,
    earned_from_id: &'a str,
    event_time: Instant,
    earn_count: Option<i64>,
}

/// An id of the caller's of what instances come from.
fn checked_source_id<'i>(id: &'i str, key: &str) -> ApiResult<&'i str> {
    if id.is_empty() || id.chars().count() > ID_CHARACTERS {
        let expected = format!("expected a string of 1 to {ID_CHARACTERS} characters");
        return Err(InputError::new(expected).under_key(key).into());
    }
    Ok(id)
}

/// Refuses to give instances of a promotion that is not LIVE: 706 where it is over, 709 else.
fn check_live(org_id: i64, promotion_id: &str, now: i64) -> ApiResult<()> {
    match store::promotion::find(org_id, promotion_id)?.state(now) {
        "LIVE" => Ok(()),
        state @ ("EXPIRED" | "STOPPED") => Err(ApiError::promotion_over(promotion_id, state)),
        state => Err(ApiError::not_live(promotion_id, state)),
    }
}

/// Refuses what would give a customer more instances than `most`.
fn check_counts(
    offer: &Offer<'_>,
    customers: &[String],
    more: i64,
    (key, most): (&str, Option<u32>),
    issued: bool,
) -> ApiResult<()> {
    let Some(most) = most else { return Ok(()) };
    let counts = entitlement::counts(offer.org_id, offer.promotion_id, customers, issued);
    match counts.into_iter().find(|(_, count)| count + more > i64::from(most)) {
        Some((customer, _)) => Err(ApiError::too_many_instances(key, most, &customer)),
        None => Ok(()),
    }
}

fn issue(arguments: &Arguments) -> ApiResult<Output> {
    let org_id = arguments.org_id(3)?;
    store::organization::check(org_id, Access::Write)?;
    let promotion_id = arguments.required_text(0, "promotion_id")?;
    let customers = customer_ids(arguments)?;
    let context_id = arguments.text(2);
    if let Some(context_id) = &context_id {
        checked_source_id(context_id, "context_id")?;
    }
    let (version, definition) = store::promotion::definition_in_force(org_id, &promotion_id)?;
    if !matches!(definition.promotion_type, PromotionType::Customer | PromotionType::Reward) {
        let own = spelled(definition.promotion_type);
        return Err(ApiError::wrong_type(&promotion_id, &own, "CUSTOMER or REWARD"));
    }
    let source = Source { kind: "ISSUE", id: context_id.as_deref() };
    entitlement::guard_customers(org_id, &customers, 1);
    let now = clock::now();
    let mut given = entitlement::of_source(org_id, &promotion_id, &customers, source);
    let have: BTreeSet<&str> = given.iter().map(|own| own.customer_id.as_str()).collect();
    let others: Vec<String> = customers.iter().filter(|own| !have.contains(own.as_str())).cloned().collect();
    if !others.is_empty() {
        check_live(org_id, &promotion_id, now)?;
        let offer = Offer { org_id, promotion_id: &promotion_id, version, definition: &definition, now };
        let most = ("maxIssuancePerCustomer", definition.max_issuance_per_customer);
        check_counts(&offer, &others, 1, most, true)?;
        let from = Instant(clock::milliseconds(now));
        let times = [from, valid_till(&definition, from, &organization_clock(org_id)?)];
        given.extend(offer.give(&others, 1, source, times));
    }
    let entry = |own: &Given| {
        json!({
            "id": own.earn_id,
            "customerId": own.customer_id,
            "promotionId": promotion_id,
            "earnedFromId": context_id,
            "eventTime": clock::milliseconds(own.earned_at),
            "validTill": clock::milliseconds(own.valid_till),
        })
    };
    let answer: Map<String, Value> = given.iter().map(|own| (own.customer_id.clone(), entry(own))).collect();
    Ok(Output::Json(Value::Object(answer).to_string()))
}

/// The customers to issue to, each once.
fn customer_ids(arguments: &Arguments) -> ApiResult<Vec<String>> {
    let sent = arguments.texts(1).ok_or_else(|| ApiError::invalid_argument("customer_ids", "required, but NULL"))?;
    if sent.len() > MOST_CUSTOMERS {
        return Err(ApiError::invalid_argument("customer_ids", &format!("expected at most {MOST_CUSTOMERS}")));
    }
    let mut customers = BTreeSet::new();
    for (index, customer) in sent.into_iter().enumerate() {
        let Some(customer) = customer.filter(|own| is_id(own)) else {
            let error = InputError::new("expected a string of 1 to 64 characters");
            return Err(error.under_index(index).under_key("customer_ids").into());
        };
        customers.insert(customer);
    }
    Ok(customers.into_iter().collect())
}

/// The organization's wall clock.
fn organization_clock(org_id: i64) -> ApiResult<Clock> {
    Ok(Clock::new(&store::organization::settings(org_id, Access::Write)?.timezone))
}

fn earn(arguments: &Arguments) -> ApiResult<Output> {
    let org_id = arguments.org_id(1)?;
    store::organization::check(org_id, Access::Write)?;
    let input: EarnInput<'_> = read(arguments.required_jsonb(0, "request")?, REQUEST_LIMITS)?;
    let source_id = checked_source_id(input.earned_from_id, "earnedFromId")?;
    let count = input.earn_count.unwrap_or(1);
    let times = usize::try_from(count)
        .ok()
        .filter(|_| (1..=MOST_EARNED).contains(&count))
        .ok_or_else(|| InputError::new(format!("expected 1 to {MOST_EARNED}, found {count}")).under_key("earnCount"))?;
    check_ahead(input.event_time.0, clock::now(), "eventTime")?;
    let (version, definition) = store::promotion::definition_in_force(org_id, input.promotion_id)?;
    check_earned(&definition, input.promotion_id)?;
    let customers = [input.customer_id.key().into_owned()];
    // As of the customer's other calls: a transaction that makes several of them takes its locks in one order.
    lock::customer(org_id, Caller::Customer(&customers[0]))?;
    let kind = spelled(input.earned_from_type);
    let source = Source { kind: &kind, id: Some(source_id) };
    entitlement::guard_customers(org_id, &customers, count);
    let now = clock::now();
    let mut given = entitlement::of_source(org_id, input.promotion_id, &customers, source);
    if given.is_empty() {
        check_live(org_id, input.promotion_id, now)?;
        let offer = Offer { org_id, promotion_id: input.promotion_id, version, definition: &definition, now };
        let most = ("maxEarningPerCustomer", definition.max_earning_per_customer);
        check_counts(&offer, &customers, count, most, false)?;
        let till = valid_till(&definition, input.event_time, &organization_clock(org_id)?);
        given = offer.give(&customers, times, source, [input.event_time, till]);
    }
    let answer = json!({
        "customerId": input.customer_id,
        "promotionId": input.promotion_id,
        "earnIds": given.iter().map(|own| own.earn_id.as_str()).collect::<Vec<_>>(),
        "validTill": given.first().map(|own| clock::milliseconds(own.valid_till)),
    });
    Ok(Output::Json(answer.to_string()))
}

/// 714 for a promotion whose type is not earned.
fn check_earned(definition: &Definition, promotion_id: &str) -> ApiResult<()> {
    if matches!(definition.promotion_type, PromotionType::Earning | PromotionType::Reward) {
        return Ok(());
    }
    Err(ApiError::not_earned(promotion_id, &spelled(definition.promotion_type)))
}

fn activate(arguments: &Arguments) -> ApiResult<Output> {
    activated(arguments, Declared::Text)
}

fn activate_bigint(arguments: &Arguments) -> ApiResult<Output> {
    activated(arguments, Declared::Bigint)
}

fn activated(arguments: &Arguments, declared: Declared) -> ApiResult<Output> {
    let org_id = arguments.org_id(2)?;
    let customer = required(arguments, 0, declared, org_id)?;
    let sent = arguments.texts(1).ok_or_else(|| ApiError::invalid_argument("earn_ids", "required, but NULL"))?;
    if sent.len() > MOST_ACTIVATED {
        return Err(ApiError::invalid_argument("earn_ids", &format!("expected at most {MOST_ACTIVATED}")));
    }
    let earn_ids: Vec<String> = sent.into_iter().map(Option::unwrap_or_default).collect();
    lock::customer(org_id, Caller::Customer(&customer))?;
    let now = clock::now();
    let known = entitlement::of_customer(org_id, &customer, &earn_ids, now);
    for (index, earn_id) in earn_ids.iter().enumerate() {
        let path = format!("earn_ids[{index}]");
        if ids::object_id_time(earn_id).is_none() {
            return Err(ApiError::bad_earn_id(&path, earn_id, "is no earnId"));
        }
        match known.iter().find(|own| own.earn_id == *earn_id).map(|own| own.state) {
            None => {
                return Err(ApiError::bad_earn_id(
                    &path,
                    earn_id,
                    &format!("is none of customer {}", quoted(&customer)),
                ));
            }
            Some("REVOKED") => return Err(ApiError::bad_earn_id(&path, earn_id, "is revoked")),
            Some("EXPIRED") => return Err(ApiError::bad_earn_id(&path, earn_id, "is expired")),
            Some(_) => {}
        }
    }
    let count = entitlement::activate(org_id, &customer, &earn_ids, now);
    Ok(Output::Int(i32::try_from(count).unwrap_or(i32::MAX)))
}
