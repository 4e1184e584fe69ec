//! What promotions that were evaluated are worth when they are redeemed without a live lock (spec/lifecycle.md,
//! "Redemption").

use pgrx::datum::IntoDatum;
use promotion_core::definition::Definition;

use super::redemption::Given;
use super::statement::{Access, Row, statement};
use crate::clock;
use crate::error::{ApiError, ApiResult};

statement!(
    BASES,
    [INT8OID, TEXTARRAYOID, INT4ARRAYOID, TEXTARRAYOID, TEXTOID, TIMESTAMPTZOID, TEXTARRAYOID],
    "SELECT v.definition, p.version = g.version,
            p.active AND NOT p.paused AND p.stopped_at IS NULL AND $6 BETWEEN p.start_at AND p.end_at,
            g.code IS NULL OR (i.disabled_at IS NULL AND c.code IS NOT NULL
                               AND coalesce(i.customer_id = $5, i.customer_id IS NULL)
                               AND coalesce(c.valid_from <= $6, true) AND coalesce(c.valid_till >= $6, true)),
            coalesce(c.created_at, e.earned_at),
            g.earn_id IS NULL OR coalesce(e.state = 'ACTIVE' AND e.valid_till >= $6 AND e.customer_id = $5
                                          AND e.promotion_id = g.promotion_id, false)
       FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($7))
            WITH ORDINALITY AS g (promotion_id, version, code, earn_id, ordinal)
       JOIN promo.promotion p ON p.org_id = $1 AND p.promotion_id = g.promotion_id
       JOIN promo.promotion_version v
         ON v.org_id = $1 AND v.promotion_id = g.promotion_id AND v.version = g.version
       LEFT JOIN promo.code_identity i ON i.org_id = $1 AND i.code = g.code
       LEFT JOIN promo.code_promotion c ON c.org_id = $1 AND c.code = g.code AND c.promotion_id = g.promotion_id
       LEFT JOIN promo.entitlement_instance e ON e.org_id = $1 AND e.earn_id = g.earn_id
      ORDER BY g.ordinal"
);

/// What a promotion that was evaluated is worth now.
pub struct Basis {
    /// The definition that was evaluated.
    pub definition: Definition,
    /// When the code was added to the promotion, or the instance earned, in epoch milliseconds.
    pub issued_at: Option<i64>,
    is_current: bool,
    is_live: bool,
    is_code_good: bool,
    is_instance_good: bool,
}

impl Basis {
    /// Why it can't be had any more, if it can't.
    pub fn why_gone(&self) -> Option<&'static str> {
        match self {
            Self { is_live: false, .. } => Some("it is not LIVE any more"),
            Self { is_current: false, .. } => Some("it was changed since the evaluation"),
            Self { is_code_good: false, .. } => Some("its code is not valid any more"),
            Self { is_instance_good: false, .. } => Some("its instance can't be used any more"),
            _ => None,
        }
    }
}

/// What promotions that were evaluated, with codes as they are stored, are worth at an instant (a timestamptz).
pub fn bases(
    org_id: i64,
    customer: Option<&str>,
    given: &[&Given],
    codes: &[Option<String>],
    now: i64,
) -> ApiResult<Vec<Basis>> {
    let parameters = [
        org_id.into_datum(),
        given.iter().map(|own| own.promotion_id.clone()).collect::<Vec<_>>().into_datum(),
        given.iter().map(|own| own.version).collect::<Vec<_>>().into_datum(),
        codes.to_vec().into_datum(),
        customer.into_datum(),
        now.into_datum(),
        given.iter().map(|own| own.earn_id.clone()).collect::<Vec<_>>().into_datum(),
    ];
    let read = |row: &Row<'_>| {
        let definition = row.jsonb(1).map(Definition::parse_normalized)?;
        let unreadable = |error| ApiError::unreadable("definition of an evaluated promotion", &error);
        Some(definition.map_err(unreadable).map(|definition| Basis {
            definition,
            is_current: row.is_true(2),
            is_live: row.is_true(3),
            is_code_good: row.is_true(4),
            is_instance_good: row.is_true(6),
            issued_at: row.bigint(5).map(clock::milliseconds),
        }))
    };
    let bases: ApiResult<Vec<Basis>> =
        BASES.with(|statement| statement.run(Access::Write, &parameters, read)).into_iter().flatten().collect();
    bases.and_then(|bases| match given.get(bases.len()) {
        // A row for each, unless somebody deleted promotions.
        Some(own) => Err(ApiError::unknown_promotion(&own.promotion_id)),
        None => Ok(bases),
    })
}
