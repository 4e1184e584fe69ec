//! The ledger (spec/lifecycle.md, "Ledger").

use std::collections::BTreeMap;

use pgrx::datum::IntoDatum;
use promotion_core::claim::Count;
use promotion_core::money::{Money, shortest};
use serde_json::{Map, Value, json};

use super::statement::{Access, jsonb_array, statement};
use crate::jsonb::JsonbValue;
use crate::jsonb_writer::jsonb_of;

/// Who calls, for the record.
macro_rules! caller {
    () => {
        "coalesce(nullif(pg_catalog.current_setting('role'), 'none'), session_user)"
    };
}
pub(super) use caller;

// Events of one call differ in little.
statement!(
    NOTE,
    [
        INT8OID,
        TIMESTAMPTZOID,
        TEXTOID,
        TEXTOID,
        TEXTOID,
        TEXTOID,
        TEXTOID,
        TEXTOID,
        TEXTARRAYOID,
        INT4ARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        INT8ARRAYOID,
        TEXTARRAYOID,
        JSONBARRAYOID
    ],
    concat!(
        "INSERT INTO promo.event
                (org_id, happened_at, actor, kind, reason, customer_id, evaluation_id, transaction_id, return_id,
                 promotion_id, promotion_version, promo_code, earn_id, redemption_count, discount, uses)
         SELECT $1, $2, ",
        caller!(),
        ", $3::promo.event_kind, $4, $5, $6, $7, $8, e.promotion_id, e.promotion_version, e.promo_code, e.earn_id,
                e.redemption_count, e.discount::numeric, e.uses
           FROM ROWS FROM (pg_catalog.unnest($9), pg_catalog.unnest($10), pg_catalog.unnest($11), pg_catalog.unnest($12),
                           pg_catalog.unnest($13), pg_catalog.unnest($14), pg_catalog.unnest($15))
                AS e (promotion_id, promotion_version, promo_code, earn_id, redemption_count, discount, uses)"
    )
);

/// What happened to a promotion.
#[derive(Debug, Clone, Default)]
pub struct Event {
    /// One of promo.event_kind.
    pub kind: &'static str,
    /// Why.
    pub reason: Option<&'static str>,
    /// The promotion; None: the lock or the order as such.
    pub promotion_id: Option<String>,
    /// Its version.
    pub promotion_version: Option<i32>,
    /// The customer.
    pub customer_id: Option<String>,
    /// The evaluation.
    pub evaluation_id: Option<String>,
    /// The order.
    pub transaction_id: Option<String>,
    /// The return.
    pub return_id: Option<String>,
    /// The code, as sent.
    pub promo_code: Option<String>,
    /// The instance.
    pub earn_id: Option<String>,
    /// How many applications.
    pub redemption_count: Option<i64>,
    /// How much money.
    pub discount: Option<Money>,
    /// What it adds to counts.
    pub uses: Uses,
}

/// What an event adds to counts, in millionths.
#[derive(Debug, Clone, Default)]
pub struct Uses(BTreeMap<(usize, String, Option<i64>), BTreeMap<&'static str, i128>>);

impl Uses {
    /// Adds to a column of promo.usage.
    pub fn add(&mut self, count: &Count, column: &'static str, amount: i128) {
        let key = (count.row, count.subject.clone(), count.window_start.map(|start| start.0));
        *self.0.entry(key).or_default().entry(column).or_default() += amount;
    }

    fn jsonb(&self) -> Option<JsonbValue> {
        let entries: Vec<Value> = self
            .0
            .iter()
            .map(|((row, subject, window), columns)| {
                let mut entry = Map::new();
                entry.insert("row".to_owned(), json!(row));
                entry.insert("subject".to_owned(), json!(subject));
                entry.insert("window".to_owned(), json!(window));
                for (column, amount) in columns.iter().filter(|(_, amount)| **amount != 0) {
                    entry.insert((*column).to_owned(), json!(shortest(*amount)));
                }
                Value::Object(entry)
            })
            .collect();
        (!entries.is_empty()).then(|| jsonb_of(&entries))
    }
}

impl Event {
    /// What events of one call mostly have in common: kind, reason, customer, evaluation, order and return.
    fn occasion(&self) -> [Option<&str>; 6] {
        let own = [&self.customer_id, &self.evaluation_id, &self.transaction_id, &self.return_id];
        let [customer, evaluation, transaction, returned] = own.map(Option::as_deref);
        [Some(self.kind), self.reason, customer, evaluation, transaction, returned]
    }
}

/// Appends events.
pub fn note(org_id: i64, now: i64, events: &[Event]) {
    for run in events.chunk_by(|a, b| a.occasion() == b.occasion()) {
        let Some(first) = run.first() else { continue };
        let texts = |of: &dyn Fn(&Event) -> Option<String>| run.iter().map(of).collect::<Vec<_>>().into_datum();
        let [kind, reason, customer, evaluation, transaction, returned] = first.occasion().map(IntoDatum::into_datum);
        let parameters = [
            org_id.into_datum(),
            now.into_datum(),
            kind,
            reason,
            customer,
            evaluation,
            transaction,
            returned,
            texts(&|event| event.promotion_id.clone()),
            run.iter().map(|event| event.promotion_version).collect::<Vec<_>>().into_datum(),
            texts(&|event| event.promo_code.clone()),
            texts(&|event| event.earn_id.clone()),
            run.iter().map(|event| event.redemption_count).collect::<Vec<_>>().into_datum(),
            texts(&|event| event.discount.map(|discount| discount.to_string())),
            jsonb_array(run.iter().map(|event| event.uses.jsonb())),
        ];
        NOTE.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
    }
}

statement!(NOTIFY, [TEXTOID], "SELECT pg_catalog.pg_notify('promo_event', $1)");

/// Most earn ids that a payload has room for.
const MOST_EARN_IDS: usize = 200;

/// Tells whoever listens to promo_event whose instances were revoked, once the transaction commits, and which, unless
/// they are too many for a payload.
pub fn notify_of_revocation(org_id: i64, customer: &str, earn_ids: &[String]) {
    let mut payload = json!({"orgId": org_id, "event": "REVOCATION", "customerId": customer});
    if earn_ids.len() <= MOST_EARN_IDS {
        payload["earnIds"] = json!(earn_ids);
    }
    send(&payload);
}

/// Tells whoever listens to promo_event, once the transaction commits: ids only.
pub fn notify(org_id: i64, kind: &str, transaction_id: &str, return_id: Option<&str>) {
    let mut payload = Map::new();
    payload.insert("orgId".to_owned(), json!(org_id));
    payload.insert("event".to_owned(), json!(kind));
    payload.insert("transactionId".to_owned(), json!(transaction_id));
    if let Some(return_id) = return_id {
        payload.insert("returnId".to_owned(), json!(return_id));
    }
    send(&Value::Object(payload));
}

fn send(payload: &Value) {
    NOTIFY.with(|statement| statement.run(Access::Write, &[payload.to_string().into_datum()], |_| ()));
}
