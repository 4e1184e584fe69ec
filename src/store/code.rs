//! Promo codes.

use pgrx::datum::IntoDatum;

use super::statement::{Access, statement};

statement!(
    ADD,
    [INT8OID, TEXTOID, TEXTARRAYOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID],
    "WITH sent AS (
         SELECT DISTINCT s.code FROM pg_catalog.unnest($3) AS s (code)
     ), identity AS (
         INSERT INTO promo.code_identity (org_id, code, created_at)
         SELECT $1, sent.code, $6 FROM sent ORDER BY sent.code
         ON CONFLICT (org_id, code) DO NOTHING
     )
     INSERT INTO promo.code_promotion (org_id, code, promotion_id, valid_from, valid_till, created_at)
     SELECT $1, sent.code, $2, $4, $5, $6 FROM sent ORDER BY sent.code
     ON CONFLICT (org_id, code, promotion_id) DO NOTHING
     RETURNING 1"
);

/// Makes codes (in upper case) unlock a promotion; answers how many did not yet. Times are
/// timestamptz microseconds.
pub fn add(
    org_id: i64,
    promotion_id: &str,
    codes: Vec<String>,
    valid_from: Option<i64>,
    valid_till: Option<i64>,
    now: i64,
) -> i64 {
    let parameters = [
        org_id.into_datum(),
        promotion_id.into_datum(),
        codes.into_datum(),
        valid_from.into_datum(),
        valid_till.into_datum(),
        now.into_datum(),
    ];
    ADD.with(|statement| statement.run(Access::Write, &parameters, |_| ())).len() as i64
}
