//! What a customer has: instances, codes and pending carts, and the promotions they are of.

use pgrx::datum::IntoDatum;
use promotion_core::definition::Definition;

use super::promotion::Promotion;
use super::statement::{Access, Row, statement};
use crate::error::{ApiError, ApiResult};

statement!(
    HAVINGS,
    [INT8OID, TEXTOID, TIMESTAMPTZOID],
    "(SELECT 1 AS kind, e.promotion_id, e.earn_id AS id, e.state, e.source, e.source_id, e.earned_at AS since,
             e.valid_till, e.held_by, e.earned_at AS issued_at
        FROM promo.entitlement e
       WHERE e.org_id = $1 AND e.customer_id = $2)
     UNION ALL
     (SELECT 2, c.promotion_id, c.code, c.state, NULL, NULL, c.valid_from, c.valid_till, NULL, p.created_at
        FROM promo.code c
        JOIN promo.code_promotion p ON p.org_id = $1 AND p.code = c.code AND p.promotion_id = c.promotion_id
       WHERE c.org_id = $1 AND c.customer_id = $2)
     UNION ALL
     (SELECT 3, p.promotion_id, s.evaluation_id, 'HELD', p.promo_code, p.earn_id, s.locked_at, s.valid_till, NULL, NULL
        FROM promo.evaluation_state s
       CROSS JOIN LATERAL (
             SELECT a.promotion_id, a.promo_code, a.earn_id FROM promo.evaluation_promotion a
              WHERE a.org_id = $1 AND a.evaluation_id = s.evaluation_id AND a.evaluated_at = s.locked_at
             UNION ALL
             SELECT w.voucher ->> 'promotionId', w.voucher ->> 'code', w.voucher ->> 'earnId'
               FROM promo.evaluation v, LATERAL pg_catalog.jsonb_array_elements(v.vouchers) AS w (voucher)
              WHERE v.org_id = $1 AND v.evaluation_id = s.evaluation_id AND v.evaluated_at = s.locked_at) p
       WHERE s.org_id = $1 AND s.customer_id = $2 AND s.state = 'HELD' AND s.valid_till > $3)
      ORDER BY kind, valid_till, since, id"
);

statement!(
    PROMOTIONS,
    [INT8OID, TEXTARRAYOID],
    "SELECT p.promotion_id, v.definition, p.type, p.version, p.active, p.paused, p.stopped_at IS NOT NULL, p.start_at,
            p.end_at, p.was_live, p.changed_at
       FROM promo.promotion p
       JOIN promo.promotion_version v
         ON v.org_id = p.org_id AND v.promotion_id = p.promotion_id AND v.version = p.version
      WHERE p.org_id = $1 AND p.promotion_id = ANY ($2)
      ORDER BY p.creation_order"
);

/// What a customer has of a promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// an instance
    Instance,
    /// a code that is linked to the customer
    Code,
    /// a part in a pending cart
    Lock,
}

/// One thing that a customer has of a promotion. Times are timestamptz microseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Having {
    /// What it is.
    pub kind: Kind,
    /// Of which promotion.
    pub promotion_id: String,
    /// The earn id, the code, or the evaluation.
    pub id: String,
    /// Its state.
    pub state: String,
    /// What an instance comes from; the code in a lock.
    pub source: Option<String>,
    /// The caller's id of that; the instance in a lock.
    pub source_id: Option<String>,
    /// From when on it is good.
    pub since: Option<i64>,
    /// Until when.
    pub valid_till: Option<i64>,
    /// The evaluation that holds an instance.
    pub held_by: Option<String>,
    /// When the instance was earned, or the code added to the promotion.
    pub issued_at: Option<i64>,
}

/// All that a customer has, instances first, what ends first before others.
pub fn havings(org_id: i64, customer: &str, now: i64) -> Vec<Having> {
    let parameters = [org_id.into_datum(), customer.into_datum(), now.into_datum()];
    let read = |row: &Row<'_>| {
        Some(Having {
            kind: match row.int(1)? {
                1 => Kind::Instance,
                2 => Kind::Code,
                _ => Kind::Lock,
            },
            promotion_id: row.text(2)?,
            id: row.text(3)?,
            state: row.text(4)?,
            source: row.text(5),
            source_id: row.text(6),
            since: row.bigint(7),
            valid_till: row.bigint(8),
            held_by: row.text(9),
            issued_at: row.bigint(10),
        })
    };
    HAVINGS.with(|statement| statement.run(Access::Read, &parameters, read)).into_iter().flatten().collect()
}

/// Promotions with their definitions in force, in the order of creation.
pub fn promotions(org_id: i64, ids: Vec<String>) -> ApiResult<Vec<(String, Definition, Promotion)>> {
    let read = |row: &Row<'_>| {
        let id = row.text(1)?;
        let unreadable = |error| ApiError::unreadable(&format!("definition of promotion {id}"), &error);
        let definition = Definition::parse_normalized(row.jsonb(2)?).map_err(unreadable);
        let promotion = Promotion::read(row, 3)?;
        Some(definition.map(|definition| (id, definition, promotion)))
    };
    let parameters = [org_id.into_datum(), ids.into_datum()];
    PROMOTIONS.with(|statement| statement.run(Access::Read, &parameters, read)).into_iter().flatten().collect()
}
