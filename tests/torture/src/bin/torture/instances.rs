//! The calls that give customers instances of promotions, and take them back.

use postgres::{Error, GenericClient};
use rand::Rng;
use serde_json::{Value, json};

use crate::shop::{Effect, Instance, Shop};

/// How many different events customers earn by: mostly new ones, now and then the same again, by several clients.
const EVENTS: u32 = 2000;

/// A call.
#[derive(Debug, Clone)]
pub enum InstanceCall {
    /// promo_issue: promotion, customers, context
    Issue(String, Vec<String>, String),
    /// promo_earn
    Earn(Value),
    /// promo_revoke_earn
    Revoke(Value),
}

/// One of the customers whom all clients serve, or now and then of the very many.
fn customer(random: &mut impl Rng) -> u32 {
    if random.random_bool(0.9) { random.random_range(1..=4) } else { random.random_range(1000..100_000) }
}

impl InstanceCall {
    /// What it is counted as.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Issue(..) => "issue",
            Self::Earn(_) => "earn",
            Self::Revoke(_) => "revoke",
        }
    }

    /// Whether it answers the same again.
    pub fn is_repeatable(&self) -> bool {
        matches!(self, Self::Issue(..) | Self::Earn(_))
    }

    /// Whether the business error may be the answer: promotions are paused now and then, and instances may be used,
    /// held or taken back by the time that they are to be taken back.
    pub fn may_fail_with(&self, code: &str) -> bool {
        match self {
            Self::Issue(..) => code == "PE709",
            Self::Earn(_) => matches!(code, "PE708" | "PE709"),
            Self::Revoke(_) => matches!(code, "PE729" | "PE731"),
        }
    }

    /// A call at random.
    pub fn random(shop: &Shop, random: &mut impl Rng) -> Self {
        let known = shop.instance(random);
        match (random.random_range(0..10), known) {
            (0..3, Some(known)) => {
                let mut ids = vec![known.earn_id];
                // All or nothing: maybe with another one of the same customer's.
                let other = shop.instance(random).filter(|other| {
                    (&other.customer, &other.promotion) == (&known.customer, &known.promotion)
                        && other.earn_id != ids[0]
                });
                ids.extend(other.map(|other| other.earn_id));
                Self::Revoke(json!({
                    "customerId": known.customer,
                    "earnRevokeDetails": [{"promotionId": known.promotion, "earnIds": ids}],
                }))
            }
            (3..7, _) => {
                let name = if random.random_bool(0.8) { "stamp" } else { "bonus" };
                Self::Earn(json!({
                    "customerId": customer(random), "promotionId": shop.promotion(name), "earnedFromType": "ACTIVITY",
                    "earnedFromId": random.random_range(0..EVENTS).to_string(), "eventTime": 1_767_225_600_000_i64,
                    "earnCount": random.random_range(1..=2),
                }))
            }
            _ => {
                let customers = (0..random.random_range(1..=3)).map(|_| customer(random).to_string()).collect();
                let context = random.random_range(0..EVENTS).to_string();
                Self::Issue(shop.promotion("gift"), customers, context)
            }
        }
    }

    /// Makes the call.
    pub fn make(&self, client: &mut impl GenericClient) -> Result<Effect, Error> {
        match self {
            Self::Issue(promotion, customers, context) => {
                let issue = "SELECT promo_issue($1, $2, $3)";
                let answer: Value = client.query_one(issue, &[promotion, customers, context])?.get(0);
                let given = answer.as_object().into_iter().flatten().filter_map(|(customer, own)| {
                    let (customer, promotion) = (customer.clone(), promotion.clone());
                    Some(Instance { customer, promotion, earn_id: own["id"].as_str()?.to_owned() })
                });
                Ok(Effect::Given(given.collect()))
            }
            Self::Earn(request) => {
                let answer: Value = client.query_one("SELECT promo_earn($1)", &[request])?.get(0);
                Ok(Effect::Given(given(&request["customerId"], &answer)))
            }
            Self::Revoke(request) => {
                client.execute("SELECT promo_revoke_earn($1)", &[request])?;
                let ids = request["earnRevokeDetails"][0]["earnIds"].as_array();
                let ids = ids.into_iter().flatten().filter_map(|id| Some(id.as_str()?.to_owned()));
                Ok(Effect::Revoked(ids.collect()))
            }
        }
    }
}

/// The instances of an entry with a promotion and its earnIds.
fn given(customer: &Value, entry: &Value) -> Vec<Instance> {
    let customer = customer.as_str().map_or_else(|| customer.to_string(), str::to_owned);
    let promotion = entry["promotionId"].as_str().unwrap_or_default();
    let ids = entry["earnIds"].as_array().into_iter().flatten().filter_map(Value::as_str);
    ids.map(|id| Instance { customer: customer.clone(), promotion: promotion.to_owned(), earn_id: id.to_owned() })
        .collect()
}

/// The instances that an order earned, by promo_redeem's request and answer.
pub fn earned(request: &Value, answer: &Value) -> Vec<Instance> {
    let entries = answer["earned"].as_array().into_iter().flatten();
    entries.flat_map(|entry| given(&request["customerId"], entry)).collect()
}
