//! promo_customer_promotions (spec/lifecycle.md, "Entitlements"; docs/reference.md has the answer's shape).

use std::collections::{BTreeMap, BTreeSet, HashSet};

use promotion_core::claim::{Question, Users, questions_of};
use promotion_core::definition::{Definition, LimitLevel, spelled};
use promotion_core::instant::Instant;
use promotion_core::limit::available;
use promotion_core::money::shortest;
use promotion_core::schedule::Clock;
use serde_json::{Map, Value, json};

use super::customer::{Declared, required};
use crate::call::{Arguments, Output, pg_function};
use crate::error::ApiResult;
use crate::store::customer::{Having, Kind, havings, promotions};
use crate::store::statement::Access;
use crate::store::usage::{Asking, usage};
use crate::{clock, store};

pg_function!(promo_customer_promotions, pg_finfo_promo_customer_promotions, customer_promotions);
pg_function!(promo_customer_promotions_bigint, pg_finfo_promo_customer_promotions_bigint, customer_promotions_bigint);

fn customer_promotions(arguments: &Arguments) -> ApiResult<Output> {
    listed(arguments, Declared::Text)
}

fn customer_promotions_bigint(arguments: &Arguments) -> ApiResult<Output> {
    listed(arguments, Declared::Bigint)
}

/// Who asks what is left of limits.
struct Customer<'c> {
    org_id: i64,
    id: &'c str,
    now: i64,
    clock: Clock,
}

fn listed(arguments: &Arguments, declared: Declared) -> ApiResult<Output> {
    let org_id = arguments.org_id(1)?;
    let id = required(arguments, 0, declared, org_id)?;
    let now = clock::statement_start();
    let clock = Clock::new(&store::organization::settings(org_id, Access::Read)?.timezone);
    let customer = Customer { org_id, id: &id, now, clock };
    let havings = havings(org_id, &id, now);
    let ids: BTreeSet<&str> = havings.iter().map(|own| own.promotion_id.as_str()).collect();
    let ids = ids.into_iter().map(str::to_owned).collect();
    let mut entries = Vec::new();
    for (promotion_id, definition, promotion) in promotions(org_id, ids)? {
        let own = || havings.iter().filter(|own| own.promotion_id == promotion_id);
        let left = customer.left(&promotion_id, &definition, own());
        let of = |kind: Kind| own().filter(move |own| own.kind == kind);
        let limits_of = |subject: &str| json!(left.get(subject).cloned().unwrap_or_default());
        entries.push(json!({
            "promotionId": promotion_id,
            "name": definition.name,
            "type": definition.promotion_type,
            "mode": definition.mode,
            "state": promotion.state(now),
            "endDate": definition.end_date,
            "limits": limits_of(""),
            "instances": of(Kind::Instance).map(|own| instance(own, limits_of(&own.id))).collect::<Vec<_>>(),
            "codes": of(Kind::Code).map(|own| code(own, limits_of(&own.id))).collect::<Vec<_>>(),
            "locks": of(Kind::Lock).map(lock).collect::<Vec<_>>(),
        }));
    }
    let customer_id = match declared {
        Declared::Bigint => json!(arguments.bigint(0)),
        Declared::Text => json!(id),
    };
    Ok(Output::Json(json!({"customerId": customer_id, "promotions": entries}).to_string()))
}

fn milliseconds(time: Option<i64>) -> Value {
    json!(time.map(clock::milliseconds))
}

fn instance(own: &Having, limits: Value) -> Value {
    let mut entry = json!({
        "earnId": own.id,
        "state": own.state,
        "earnedFromType": own.source,
        "earnedFromId": own.source_id,
        "eventTime": milliseconds(own.since),
        "validTill": milliseconds(own.valid_till),
        "limits": limits,
    });
    if let Some(evaluation_id) = &own.held_by {
        entry["heldBy"] = json!(evaluation_id);
    }
    entry
}

fn code(own: &Having, limits: Value) -> Value {
    json!({
        "promoCode": own.id,
        "state": own.state,
        "validFrom": milliseconds(own.since),
        "validTill": milliseconds(own.valid_till),
        "limits": limits,
    })
}

fn lock(own: &Having) -> Value {
    let mut entry = Map::new();
    entry.insert("cartEvaluationId".to_owned(), json!(own.id));
    entry.insert("validTillTime".to_owned(), milliseconds(own.valid_till));
    for (key, value) in [("promoCode", &own.source), ("earnedPromotionId", &own.source_id)] {
        if let Some(value) = value {
            entry.insert(key.to_owned(), json!(value));
        }
    }
    Value::Object(entry)
}

impl Customer<'_> {
    /// What limits of a promotion leave now: of the customer (under ""), and of each instance and code.
    fn left<'h>(
        &self,
        promotion_id: &str,
        definition: &Definition,
        havings: impl Iterator<Item = &'h Having>,
    ) -> BTreeMap<String, Vec<Value>> {
        let instant = Instant(clock::milliseconds(self.now));
        let of_customer = Users { customer: Some(self.id), ..Users::default() };
        let mut users = vec![(String::new(), of_customer)];
        for own in havings {
            let issued_at = own.issued_at.map(|issued_at| Instant(clock::milliseconds(issued_at)));
            match own.kind {
                Kind::Instance => {
                    users.push((own.id.clone(), Users { earn_id: Some(&own.id), issued_at, ..of_customer }));
                }
                Kind::Code => users.push((own.id.clone(), Users { code: Some(&own.id), issued_at, ..of_customer })),
                Kind::Lock => {}
            }
        }
        let mut asked: Vec<(String, Question)> = Vec::new();
        for (subject, users) in users {
            let is_own = |question: &Question| {
                let of_subject = matches!(question.limit.level, LimitLevel::Code | LimitLevel::Earn);
                of_subject != subject.is_empty() && !question.limit.is_unlimited()
            };
            let questions = questions_of(promotion_id, definition, users, instant, &self.clock);
            asked.extend(questions.into_iter().filter(is_own).map(|question| (subject.clone(), question)));
        }
        let questions: Vec<Question> = asked.iter().map(|(_, question)| question.clone()).collect();
        let asking = Asking { org_id: self.org_id, now: self.now, instant: instant.0, own: &[] };
        let used =
            if questions.is_empty() { Default::default() } else { usage(&asking, &questions, &HashSet::new()).0 };
        let mut left: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for (subject, question) in asked {
            let limit = &question.limit;
            let rest = used.0.get(&question.key).map_or(limit.limit.0, |used| available(limit, used, instant));
            left.entry(subject).or_default().push(json!({
                "level": spelled(limit.level),
                "kpi": spelled(limit.kpi),
                "windowType": limit.window.word(),
                "limit": shortest(limit.limit.0),
                "left": shortest(rest),
            }));
        }
        left
    }
}
