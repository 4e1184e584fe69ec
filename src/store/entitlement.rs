//! Instances of promotions that customers were issued or have earned (spec/lifecycle.md, "Entitlements").

use pgrx::datum::IntoDatum;
use promotion_core::definition::{Definition, INSTANCE_ROW};
use promotion_core::instant::Instant;

use super::event::caller;
use super::statement::{Access, Row, statement};
use crate::clock;
use crate::error::{ApiError, ApiResult};
use crate::ids;

statement!(
    GUARD,
    [INT8OID, TEXTARRAYOID, INT8OID],
    "INSERT INTO promo.customer AS c (org_id, customer_id, instances)
     SELECT $1, n.customer_id, $3 FROM pg_catalog.unnest($2) AS n (customer_id) ORDER BY n.customer_id
     ON CONFLICT (org_id, customer_id) DO UPDATE SET instances = c.instances + excluded.instances"
);

statement!(
    IS_CUSTOMER,
    [INT8OID, TEXTOID],
    "SELECT 1 FROM promo.customer c WHERE c.org_id = $1 AND c.customer_id = $2"
);

statement!(
    OF_SOURCE,
    [INT8OID, TEXTOID, TEXTARRAYOID, TEXTOID, TEXTOID],
    "SELECT n.customer_id, i.earn_id, i.earned_at, i.valid_till
       FROM pg_catalog.unnest($3) AS n (customer_id)
      CROSS JOIN LATERAL (SELECT i.earn_id, i.earned_at, i.valid_till, i.ordinal FROM promo.entitlement_instance i
                           WHERE i.org_id = $1 AND i.customer_id = n.customer_id AND i.promotion_id = $2
                             AND i.source = $4::promo.instance_source AND i.source_id = $5 OFFSET 0) i
      ORDER BY n.customer_id, i.ordinal"
);

statement!(
    COUNTS,
    [INT8OID, TEXTOID, TEXTARRAYOID, BOOLOID],
    "SELECT n.customer_id, (SELECT pg_catalog.count(*) FROM promo.entitlement_instance i
                             WHERE i.org_id = $1 AND i.promotion_id = $2 AND i.customer_id = n.customer_id
                               AND (i.source = 'ISSUE') = $4 AND i.state <> 'REVOKED')
       FROM pg_catalog.unnest($3) AS n (customer_id)"
);

statement!(
    ADD,
    [
        INT8OID,
        TEXTOID,
        INT4OID,
        TEXTOID,
        TEXTOID,
        TEXTOID,
        TIMESTAMPTZOID,
        TIMESTAMPTZOID,
        TIMESTAMPTZOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        INT4ARRAYOID
    ],
    concat!(
        "WITH added AS (
             INSERT INTO promo.entitlement_instance
                    (org_id, earn_id, customer_id, promotion_id, promotion_version, state, source, source_id, ordinal,
                     earned_at, valid_till, changed_at)
             SELECT $1, n.earn_id, n.customer_id, $2, $3, $4::promo.instance_state, $5::promo.instance_source, $6,
                    n.ordinal, $7, $8, $9
               FROM ROWS FROM (pg_catalog.unnest($10), pg_catalog.unnest($11), pg_catalog.unnest($12))
                    AS n (customer_id, earn_id, ordinal)
         )
         INSERT INTO promo.event
                (org_id, happened_at, actor, kind, reason, promotion_id, promotion_version, customer_id, earn_id,
                 transaction_id)
         SELECT $1, $9, ",
        caller!(),
        ", CASE WHEN $5 = 'ISSUE' THEN 'ISSUE' ELSE 'EARN' END::promo.event_kind,
                CASE WHEN $5 <> 'ISSUE' THEN $5 END, $2, $3, n.customer_id, n.earn_id,
                CASE WHEN $5 = 'TRANSACTION' THEN $6 END
           FROM ROWS FROM (pg_catalog.unnest($10), pg_catalog.unnest($11)) AS n (customer_id, earn_id)"
    )
);

/// Whether a pending cart holds instance `i` at `$4`; `$5` is the row that counts its transactions.
macro_rules! is_held {
    () => {
        "EXISTS (SELECT FROM promo.usage_claim c
                  WHERE c.org_id = $1 AND c.promotion_id = i.promotion_id AND c.limit_row = $5 AND c.subject = i.earn_id
                    AND c.window_start = '-infinity' AND c.state = 'HELD' AND c.valid_till > $4)"
    };
}

// Instances that are named are looked up by their ids: that they are the customer's is asked in a way that no index
// answers, lest a plan look at everything that a customer has.
statement!(
    OF_CUSTOMER,
    [INT8OID, TEXTOID, TEXTARRAYOID, TIMESTAMPTZOID, INT4OID],
    concat!(
        "SELECT i.earn_id, i.promotion_id, i.promotion_version, i.state::text, i.valid_till, ",
        is_held!(),
        " FROM promo.entitlement_instance i
      WHERE i.org_id = $1 AND (i.customer_id = $2) IS TRUE AND i.earn_id = ANY ($3)
      ORDER BY i.earn_id
        FOR UPDATE OF i"
    )
);

statement!(
    REVOKE,
    [INT8OID, TEXTOID, TEXTARRAYOID, TIMESTAMPTZOID, INT4OID, TEXTOID, TEXTOID, TEXTOID, BOOLOID],
    concat!(
        "WITH revoked AS (
             UPDATE promo.entitlement_instance i SET state = 'REVOKED', changed_at = $4
              WHERE i.org_id = $1 AND (i.customer_id = $2) IS TRUE AND i.earn_id = ANY ($3)
                AND i.state IN ('INACTIVE', 'ACTIVE')
             RETURNING i.earn_id, i.promotion_id, i.promotion_version
         ), noted AS (
             INSERT INTO promo.event
                    (org_id, happened_at, actor, kind, reason, promotion_id, promotion_version, customer_id, earn_id,
                     transaction_id, return_id)
             SELECT $1, $4, ",
        caller!(),
        ", 'REVOCATION', $6, r.promotion_id, r.promotion_version, $2, r.earn_id, $7, $8 FROM revoked r
         )
         INSERT INTO promo.usage AS u (org_id, promotion_id, limit_row, subject, window_start, slot, slot_limit)
         SELECT $1, r.promotion_id, l.limit_row, r.earn_id, '-infinity', 0, l.most
           FROM revoked r
           JOIN promo.promotion_limit l ON l.org_id = $1 AND l.promotion_id = r.promotion_id AND l.limit_row = $5
          WHERE $9
          ORDER BY r.promotion_id, r.earn_id
         ON CONFLICT (org_id, promotion_id, limit_row, subject, window_start, slot) DO UPDATE SET held = u.held
         RETURNING u.subject"
    )
);

statement!(
    ACTIVATE,
    [INT8OID, TEXTOID, TEXTARRAYOID, TIMESTAMPTZOID],
    concat!(
        "WITH activated AS (
             UPDATE promo.entitlement_instance i SET state = 'ACTIVE', changed_at = $4
              WHERE i.org_id = $1 AND (i.customer_id = $2) IS TRUE AND i.earn_id = ANY ($3) AND i.state = 'INACTIVE'
             RETURNING i.earn_id, i.promotion_id, i.promotion_version
         )
         INSERT INTO promo.event
                (org_id, happened_at, actor, kind, promotion_id, promotion_version, customer_id, earn_id)
         SELECT $1, $4, ",
        caller!(),
        ", 'ACTIVATION', a.promotion_id, a.promotion_version, $2, a.earn_id FROM activated a RETURNING 1"
    )
);

statement!(
    SETTLE,
    [INT8OID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID, TIMESTAMPTZOID],
    "UPDATE promo.entitlement_instance i
        SET state = CASE i.state WHEN 'ACTIVE' THEN 'REDEEMED' ELSE 'ACTIVE' END::promo.instance_state, changed_at = $5
      WHERE i.org_id = $1 AND i.customer_id = $2 AND i.promotion_id = ANY ($3) AND i.state IN ('ACTIVE', 'REDEEMED')
        AND (i.earn_id = ANY ($4) OR (SELECT p.type FROM promo.promotion p
                                       WHERE p.org_id = $1 AND p.promotion_id = i.promotion_id) = 'CUSTOMER')
        AND (i.state = 'REDEEMED') <> EXISTS (
            SELECT FROM promo.promotion_limit l
             WHERE l.org_id = $1 AND l.promotion_id = i.promotion_id AND l.window_type = 'OVERALL'
               AND (l.level = 'EARN'
                    OR (l.level = 'CUSTOMER' AND (SELECT p.type FROM promo.promotion p
                                                   WHERE p.org_id = $1 AND p.promotion_id = i.promotion_id) = 'CUSTOMER'))
               AND l.most <= (SELECT pg_catalog.sum(u.redeemed - u.returned) FROM promo.usage u
                               WHERE u.org_id = $1 AND u.promotion_id = l.promotion_id AND u.limit_row = l.limit_row
                                 AND u.subject = CASE l.level WHEN 'EARN' THEN i.earn_id ELSE $2 END
                                 AND u.window_start = '-infinity'))"
);

statement!(
    EARNED_BY,
    [INT8OID, TEXTOID, TEXTOID, TIMESTAMPTZOID, INT4OID],
    concat!(
        "SELECT i.earn_id, i.state::text, v.definition, i.promotion_id, ",
        is_held!(),
        ",
            EXISTS (SELECT FROM promo.usage u
                     WHERE u.org_id = $1 AND u.promotion_id = i.promotion_id AND u.limit_row = $5
                       AND u.subject = i.earn_id AND u.redeemed > u.returned)
       FROM promo.entitlement_instance i
       JOIN promo.promotion_version v
         ON v.org_id = $1 AND v.promotion_id = i.promotion_id AND v.version = i.promotion_version
      WHERE i.org_id = $1 AND i.customer_id = $2 AND i.source = 'TRANSACTION' AND i.source_id = $3
        AND i.state <> 'REVOKED'
      ORDER BY i.earn_id
        FOR UPDATE OF i"
    )
);

/// What an instance comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source<'s> {
    /// ISSUE, ACTIVITY, MILESTONE, REWARD, BULK_ISSUE or TRANSACTION.
    pub kind: &'s str,
    /// The caller's id of it.
    pub id: Option<&'s str>,
}

/// An instance as it is given. Times are timestamptz microseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The customer.
    pub customer_id: String,
    /// Its id.
    pub earn_id: String,
    /// From when on it may be used.
    pub earned_at: i64,
    /// Its last instant.
    pub valid_till: i64,
}

/// Writes the customers' rows for so many more instances each, in order: whoever counts a customer's instances or
/// pending carts afterwards is the only one that does until the transaction ends, and under REPEATABLE READ and SERIALIZABLE fails
/// with 40001 rather than count what an old snapshot shows.
pub fn guard_customers(org_id: i64, customers: &[String], more: i64) {
    let parameters = [org_id.into_datum(), customers.to_vec().into_datum(), more.into_datum()];
    GUARD.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
}

/// Whether the customer had a cart locked or was to be given an instance, ever.
pub fn is_customer(org_id: i64, customer: &str) -> bool {
    let parameters = [org_id.into_datum(), customer.into_datum()];
    !IS_CUSTOMER.with(|statement| statement.run(Access::Write, &parameters, |_| ())).is_empty()
}

/// The instances of a promotion that customers have from a source.
pub fn of_source(org_id: i64, promotion_id: &str, customers: &[String], source: Source<'_>) -> Vec<Given> {
    let Some(source_id) = source.id else { return Vec::new() };
    let parameters = [
        org_id.into_datum(),
        promotion_id.into_datum(),
        customers.to_vec().into_datum(),
        source.kind.into_datum(),
        source_id.into_datum(),
    ];
    let read = |row: &Row<'_>| {
        Some(Given {
            customer_id: row.text(1)?,
            earn_id: row.text(2)?,
            earned_at: row.bigint(3)?,
            valid_till: row.bigint(4)?,
        })
    };
    OF_SOURCE.with(|statement| statement.run(Access::Write, &parameters, read)).into_iter().flatten().collect()
}

/// How many instances of a promotion each customer was issued, or has earned, those that were revoked left out.
pub fn counts(org_id: i64, promotion_id: &str, customers: &[String], issued: bool) -> Vec<(String, i64)> {
    let parameters =
        [org_id.into_datum(), promotion_id.into_datum(), customers.to_vec().into_datum(), issued.into_datum()];
    let read = |row: &Row<'_>| Some((row.text(1)?, row.bigint(2)?));
    COUNTS.with(|statement| statement.run(Access::Write, &parameters, read)).into_iter().flatten().collect()
}

/// A promotion of which instances are given.
#[derive(Debug, Clone, Copy)]
pub struct Offer<'o> {
    /// The organization.
    pub org_id: i64,
    /// The promotion.
    pub promotion_id: &'o str,
    /// The version in force.
    pub version: i32,
    /// Its definition.
    pub definition: &'o Definition,
    /// The database's clock, a timestamptz.
    pub now: i64,
}

impl Offer<'_> {
    /// Gives so many instances to each customer, from `earned_at` on until `valid_till`.
    pub fn give(
        &self,
        customers: &[String],
        times: usize,
        source: Source<'_>,
        [earned_at, valid_till]: [Instant; 2],
    ) -> Vec<Given> {
        let (earned_at, valid_till) = (clock::timestamptz(earned_at.0), clock::timestamptz(valid_till.0));
        let milliseconds = clock::milliseconds(self.now);
        let given: Vec<Given> = customers
            .iter()
            .flat_map(|customer| std::iter::repeat_n(customer, times))
            .map(|customer| Given {
                customer_id: customer.clone(),
                earn_id: ids::object_id(milliseconds),
                earned_at,
                valid_till,
            })
            .collect();
        let state = if self.definition.customer_activation_required { "INACTIVE" } else { "ACTIVE" };
        let parameters = [
            self.org_id.into_datum(),
            self.promotion_id.into_datum(),
            self.version.into_datum(),
            state.into_datum(),
            source.kind.into_datum(),
            source.id.into_datum(),
            earned_at.into_datum(),
            valid_till.into_datum(),
            self.now.into_datum(),
            given.iter().map(|own| own.customer_id.clone()).collect::<Vec<_>>().into_datum(),
            given.iter().map(|own| own.earn_id.clone()).collect::<Vec<_>>().into_datum(),
            (0..given.len()).map(|place| (place % times) as i32 + 1).collect::<Vec<_>>().into_datum(),
        ];
        ADD.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
        given
    }
}

/// An instance of a customer's; nobody else changes it any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its id.
    pub earn_id: String,
    /// Its promotion.
    pub promotion_id: String,
    /// INACTIVE, ACTIVE, HELD (by a pending cart), REDEEMED, REVOKED or EXPIRED.
    pub state: &'static str,
}

/// The customer's own among these instances, with the states that they have at `now` (a timestamptz).
pub fn of_customer(org_id: i64, customer: &str, earn_ids: &[String], now: i64) -> Vec<Instance> {
    let parameters = [
        org_id.into_datum(),
        customer.into_datum(),
        earn_ids.to_vec().into_datum(),
        now.into_datum(),
        (INSTANCE_ROW as i32).into_datum(),
    ];
    let read = |row: &Row<'_>| {
        let is_expired = row.bigint(5)? < now;
        let state = match row.text(4)?.as_str() {
            "REDEEMED" => "REDEEMED",
            "REVOKED" => "REVOKED",
            _ if row.is_true(6) => "HELD",
            _ if is_expired => "EXPIRED",
            "INACTIVE" => "INACTIVE",
            _ => "ACTIVE",
        };
        Some(Instance { earn_id: row.text(1)?, promotion_id: row.text(2)?, state })
    };
    OF_CUSTOMER.with(|statement| statement.run(Access::Write, &parameters, read)).into_iter().flatten().collect()
}

/// Why instances are revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation<'r> {
    /// promo_revoke_earn
    Requested,
    /// what had earned them came back
    Returned {
        /// the order
        transaction_id: &'r str,
        /// the return
        return_id: &'r str,
    },
}

/// Revokes a customer's instances that are not used up. Their counts are written too (by a return, together with those
/// that it gives back): a transaction that keeps an older snapshot, where they could still be used, can't claim them
/// (40001).
pub fn revoke(org_id: i64, customer: &str, earn_ids: &[String], why: Revocation<'_>, now: i64) {
    let (reason, transaction_id, return_id) = match why {
        Revocation::Requested => ("REQUESTED", None, None),
        Revocation::Returned { transaction_id, return_id } => ("RETURNED", Some(transaction_id), Some(return_id)),
    };
    let parameters = [
        org_id.into_datum(),
        customer.into_datum(),
        earn_ids.to_vec().into_datum(),
        now.into_datum(),
        (INSTANCE_ROW as i32).into_datum(),
        reason.into_datum(),
        transaction_id.into_datum(),
        return_id.into_datum(),
        (why == Revocation::Requested).into_datum(),
    ];
    REVOKE.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
}

/// Makes a customer's INACTIVE instances ACTIVE; answers how many were.
pub fn activate(org_id: i64, customer: &str, earn_ids: &[String], now: i64) -> usize {
    let parameters = [org_id.into_datum(), customer.into_datum(), earn_ids.to_vec().into_datum(), now.into_datum()];
    ACTIVATE.with(|statement| statement.run(Access::Write, &parameters, |_| ())).len()
}

/// Makes instances REDEEMED that are used up for good, and ACTIVE again that are not any more, after their counts
/// have changed.
pub fn settle_states(org_id: i64, customer: Option<&str>, used: &[(&str, &str)], now: i64) {
    let Some(customer) = customer.filter(|_| !used.is_empty()) else { return };
    let parameters = [
        org_id.into_datum(),
        customer.into_datum(),
        used.iter().map(|(promotion_id, _)| (*promotion_id).to_owned()).collect::<Vec<_>>().into_datum(),
        used.iter().map(|(_, earn_id)| (*earn_id).to_owned()).collect::<Vec<_>>().into_datum(),
        now.into_datum(),
    ];
    SETTLE.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
}

/// An instance that an order has earned.
pub struct Earned {
    /// Its id.
    pub earn_id: String,
    /// Its promotion.
    pub promotion_id: String,
    /// The definition by which it was earned.
    pub definition: Definition,
    /// Whether it was used, or a pending cart holds it.
    pub is_spent: bool,
    /// Whether anything is left to revoke.
    pub is_revocable: bool,
}

/// What an order has earned its customer and was not revoked; nobody else changes it any more.
pub fn earned_by(org_id: i64, customer: &str, transaction_id: &str, now: i64) -> ApiResult<Vec<Earned>> {
    let parameters = [
        org_id.into_datum(),
        customer.into_datum(),
        transaction_id.into_datum(),
        now.into_datum(),
        (INSTANCE_ROW as i32).into_datum(),
    ];
    let read = |row: &Row<'_>| {
        let earn_id = row.text(1)?;
        let is_used_up = row.text(2)? == "REDEEMED";
        let definition = Definition::parse_normalized(row.jsonb(3)?)
            .map_err(|error| ApiError::unreadable(&format!("definition of instance {earn_id}"), &error));
        let (is_held, is_used) = (row.is_true(5), row.is_true(6));
        let promotion_id = row.text(4)?;
        Some(definition.map(|definition| Earned {
            earn_id,
            promotion_id,
            definition,
            is_spent: is_held || is_used || is_used_up,
            is_revocable: !is_held && !is_used_up,
        }))
    };
    EARNED_BY.with(|statement| statement.run(Access::Write, &parameters, read)).into_iter().flatten().collect()
}
