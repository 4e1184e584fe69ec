//! Promotions, their versions and states.

use pgrx::datum::IntoDatum;
use promotion_core::definition::Definition;
use promotion_core::ruleset::PromotionSource;

use super::statement::{Access, Parameter, Row, statement};
use crate::clock;
use crate::error::{ApiError, ApiResult};
use crate::jsonb::to_jsonb;

statement!(
    IN_FORCE,
    [INT8OID, TIMESTAMPTZOID],
    "SELECT p.promotion_id, p.version, p.creation_order, v.definition
       FROM promo.promotion p
       JOIN promo.promotion_version v
         ON v.org_id = p.org_id AND v.promotion_id = p.promotion_id AND v.version = p.version
      WHERE p.org_id = $1 AND p.active AND NOT p.paused AND p.stopped_at IS NULL AND p.end_at >= $2"
);

statement!(
    IN_FORCE_AT,
    [INT8OID, TIMESTAMPTZOID],
    "SELECT p.promotion_id, v.version, p.creation_order, v.definition
       FROM promo.promotion p
      CROSS JOIN LATERAL (
            SELECT v.version, v.definition FROM promo.promotion_version v
             WHERE v.org_id = $1 AND v.promotion_id = p.promotion_id AND v.created_at <= $2
             ORDER BY v.version DESC LIMIT 1) v
      CROSS JOIN LATERAL (
            SELECT s.active AND NOT s.paused AND NOT s.stopped AS on FROM promo.promotion_state s
             WHERE s.org_id = $1 AND s.promotion_id = p.promotion_id AND s.changed_at <= $2
             ORDER BY s.changed_at DESC LIMIT 1) s
      WHERE p.org_id = $1 AND s.on"
);

statement!(
    FIND,
    [INT8OID, TEXTOID],
    "SELECT p.type, p.version, p.active, p.paused, p.stopped_at IS NOT NULL, p.start_at, p.end_at,
            p.was_live, p.changed_at
       FROM promo.promotion p WHERE p.org_id = $1 AND p.promotion_id = $2"
);

statement!(
    NAME_TAKEN,
    [INT8OID, TEXTOID, TEXTOID, TIMESTAMPTZOID],
    "SELECT p.promotion_id FROM promo.promotion p
      WHERE p.org_id = $1 AND p.name = $2 AND p.promotion_id IS DISTINCT FROM $3
        AND p.stopped_at IS NULL AND p.end_at >= $4
      LIMIT 1"
);

/// Who calls, for the record.
macro_rules! caller {
    () => {
        "coalesce(nullif(pg_catalog.current_setting('role'), 'none'), session_user)"
    };
}

statement!(
    CREATE,
    [INT8OID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, BOOLOID, TIMESTAMPTZOID, TIMESTAMPTZOID, JSONBOID, TIMESTAMPTZOID],
    concat!(
        "WITH promotion AS (
             INSERT INTO promo.promotion
                    (org_id, promotion_id, name, type, mode, version, active, start_at, end_at, created_at, changed_at)
             VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8, $10, $10)
         ), state AS (
             INSERT INTO promo.promotion_state
                    (org_id, promotion_id, changed_at, active, paused, stopped, changed_by)
             VALUES ($1, $2, $10, $6, false, false, ",
        caller!(),
        ")
         )
         INSERT INTO promo.promotion_version (org_id, promotion_id, version, definition, created_at, created_by)
         VALUES ($1, $2, 1, $9, $10, ",
        caller!(),
        ")"
    )
);

statement!(
    UPDATE,
    [
        INT8OID,
        TEXTOID,
        TEXTOID,
        TEXTOID,
        TEXTOID,
        BOOLOID,
        TIMESTAMPTZOID,
        TIMESTAMPTZOID,
        JSONBOID,
        TIMESTAMPTZOID,
        BOOLOID,
        INT4OID
    ],
    concat!(
        "WITH promotion AS (
             UPDATE promo.promotion
                SET name = $3, type = $4, mode = $5, version = $12, active = $6, start_at = $7, end_at = $8,
                    was_live = $11, changed_at = $10
              WHERE org_id = $1 AND promotion_id = $2
             RETURNING active, paused
         ), state AS (
             INSERT INTO promo.promotion_state
                    (org_id, promotion_id, changed_at, active, paused, stopped, changed_by)
             SELECT $1, $2, $10, p.active, p.paused, false, ",
        caller!(),
        " FROM promotion p
             ON CONFLICT (org_id, promotion_id, changed_at)
             DO UPDATE SET active = excluded.active, paused = excluded.paused, stopped = excluded.stopped
         )
         INSERT INTO promo.promotion_version (org_id, promotion_id, version, definition, created_at, created_by)
         VALUES ($1, $2, $12, $9, $10, ",
        caller!(),
        ")"
    )
);

statement!(
    SWITCH,
    [INT8OID, TEXTOID, BOOLOID, BOOLOID, BOOLOID, BOOLOID, TIMESTAMPTZOID],
    concat!(
        "WITH promotion AS (
             UPDATE promo.promotion
                SET active = $3, paused = $4, stopped_at = CASE WHEN $5 THEN $7 END, was_live = $6, changed_at = $7
              WHERE org_id = $1 AND promotion_id = $2
         )
         INSERT INTO promo.promotion_state (org_id, promotion_id, changed_at, active, paused, stopped, changed_by)
         VALUES ($1, $2, $7, $3, $4, $5, ",
        caller!(),
        ")
         ON CONFLICT (org_id, promotion_id, changed_at)
         DO UPDATE SET active = excluded.active, paused = excluded.paused, stopped = excluded.stopped"
    )
);

statement!(
    GET,
    [INT8OID, TEXTOID],
    "SELECT (v.definition || pg_catalog.jsonb_build_object('active', p.active))::text
       FROM promo.promotion p
       JOIN promo.promotion_version v
         ON v.org_id = p.org_id AND v.promotion_id = p.promotion_id AND v.version = p.version
      WHERE p.org_id = $1 AND p.promotion_id = $2"
);

statement!(
    IN_FORCE_OF,
    [INT8OID, TEXTOID],
    "SELECT v.definition
       FROM promo.promotion p
       JOIN promo.promotion_version v
         ON v.org_id = p.org_id AND v.promotion_id = p.promotion_id AND v.version = p.version
      WHERE p.org_id = $1 AND p.promotion_id = $2"
);

fn source(row: &Row<'_>) -> ApiResult<Option<PromotionSource>> {
    let (Some(id), Some(version), Some(created), Some(definition)) =
        (row.text(1), row.int(2), row.bigint(3), row.jsonb(4))
    else {
        return Ok(None);
    };
    match Definition::parse_normalized(definition) {
        Ok(definition) => Ok(Some(PromotionSource { id, version, created, definition })),
        Err(error) => Err(ApiError::unreadable(&format!("definition of promotion {id}"), &error)),
    }
}

/// The promotions that are switched on and end no earlier than an instant (epoch milliseconds),
/// under the snapshot in force.
pub fn in_force(org_id: i64, ending_from: i64) -> ApiResult<Vec<PromotionSource>> {
    let from = if ending_from == i64::MIN { i64::MIN } else { clock::timestamptz(ending_from) };
    let parameters = [org_id.into_datum(), from.into_datum()];
    let rows = IN_FORCE.with(|statement| statement.run(Access::Read, &parameters, source));
    rows.into_iter().filter_map(Result::transpose).collect()
}

/// The promotions that were switched on at an instant (a timestamptz), in the versions then in force.
pub fn in_force_at(org_id: i64, instant: i64) -> ApiResult<Vec<PromotionSource>> {
    let parameters = [org_id.into_datum(), instant.into_datum()];
    let rows = IN_FORCE_AT.with(|statement| statement.run(Access::Read, &parameters, source));
    rows.into_iter().filter_map(Result::transpose).collect()
}

/// A promotion's current row. Times are timestamptz microseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promotion {
    /// POS, CODE ...
    pub promotion_type: String,
    /// The version in force.
    pub version: i32,
    /// Switched on.
    pub active: bool,
    /// Paused.
    pub paused: bool,
    /// Stopped for good.
    pub stopped: bool,
    /// First instant of its validity.
    pub start_at: i64,
    /// Last instant of its validity.
    pub end_at: i64,
    /// Whether it was LIVE at any time before `changed_at`.
    pub was_live: bool,
    /// When its version or state last changed.
    pub changed_at: i64,
}

impl Promotion {
    /// Its state (spec/definition.md).
    pub fn state(&self, now: i64) -> &'static str {
        if self.stopped {
            "STOPPED"
        } else if now > self.end_at {
            "EXPIRED"
        } else if !self.active {
            "INACTIVE"
        } else if self.paused {
            "PAUSED"
        } else if now < self.start_at {
            "UPCOMING"
        } else {
            "LIVE"
        }
    }

    /// Whether it has been LIVE at any time until now.
    pub fn has_been_live(&self, now: i64) -> bool {
        let on = self.active && !self.paused && !self.stopped;
        self.was_live || (on && self.start_at <= now && self.end_at >= self.changed_at)
    }
}

/// Looks a promotion up.
pub fn find(org_id: i64, promotion_id: &str) -> ApiResult<Promotion> {
    let parameters = [org_id.into_datum(), promotion_id.into_datum()];
    let mut rows = FIND.with(|statement| {
        statement.run(Access::Write, &parameters, |row| {
            Some(Promotion {
                promotion_type: row.text(1)?,
                version: row.int(2)?,
                active: row.is_true(3),
                paused: row.is_true(4),
                stopped: row.is_true(5),
                start_at: row.bigint(6)?,
                end_at: row.bigint(7)?,
                was_live: row.is_true(8),
                changed_at: row.bigint(9)?,
            })
        })
    });
    rows.pop().flatten().ok_or_else(|| ApiError::unknown_promotion(promotion_id))
}

/// Answers 716 where another promotion that is not ended has the name.
pub fn check_name(org_id: i64, name: &str, except: Option<&str>, now: i64) -> ApiResult<()> {
    let parameters = [org_id.into_datum(), name.into_datum(), except.into_datum(), now.into_datum()];
    let mut rows = NAME_TAKEN.with(|statement| statement.run(Access::Write, &parameters, |row| row.text(1)));
    match rows.pop().flatten() {
        Some(by) => Err(ApiError::name_taken(name, &by)),
        None => Ok(()),
    }
}

/// A definition on its way into the tables.
pub struct Written<'a> {
    /// The promotion.
    pub promotion_id: &'a str,
    /// The definition.
    pub definition: &'a Definition,
    /// POS, CODE ...
    pub promotion_type: &'a str,
    /// DISCOUNT or PAYMENT_VOUCHER.
    pub mode: &'a str,
    /// The normalized definition as JSON text.
    pub json: &'a str,
    /// When, as a timestamptz.
    pub now: i64,
}

impl Written<'_> {
    fn parameters(&self, org_id: i64) -> Vec<Parameter> {
        vec![
            org_id.into_datum(),
            self.promotion_id.into_datum(),
            self.definition.name.as_str().into_datum(),
            self.promotion_type.into_datum(),
            self.mode.into_datum(),
            self.definition.active.into_datum(),
            clock::timestamptz(self.definition.start_date.0).into_datum(),
            clock::timestamptz(self.definition.end_date.0).into_datum(),
            Some(to_jsonb(self.json)),
            self.now.into_datum(),
        ]
    }
}

/// Stores a new promotion.
pub fn create(org_id: i64, written: &Written<'_>) {
    CREATE.with(|statement| statement.run(Access::Write, &written.parameters(org_id), |_| ()));
}

/// Stores a new version of a promotion.
pub fn update(org_id: i64, written: &Written<'_>, has_been_live: bool, version: i32) {
    let mut parameters = written.parameters(org_id);
    parameters.extend([has_been_live.into_datum(), version.into_datum()]);
    UPDATE.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
}

/// Stores a promotion's switches.
pub fn switch(org_id: i64, promotion_id: &str, promotion: &Promotion, has_been_live: bool, now: i64) {
    let parameters = [
        org_id.into_datum(),
        promotion_id.into_datum(),
        promotion.active.into_datum(),
        promotion.paused.into_datum(),
        promotion.stopped.into_datum(),
        has_been_live.into_datum(),
        now.into_datum(),
    ];
    SWITCH.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
}

/// The definition in force.
pub fn definition_in_force(org_id: i64, promotion_id: &str) -> ApiResult<Definition> {
    let parameters = [org_id.into_datum(), promotion_id.into_datum()];
    let mut rows = IN_FORCE_OF.with(|statement| {
        statement.run(Access::Write, &parameters, |row| row.jsonb(1).map(Definition::parse_normalized))
    });
    match rows.pop().flatten() {
        Some(Ok(definition)) => Ok(definition),
        Some(Err(error)) => Err(ApiError::unreadable(&format!("definition of promotion {promotion_id}"), &error)),
        None => Err(ApiError::unknown_promotion(promotion_id)),
    }
}

/// The definition in force, as JSON text.
pub fn definition(org_id: i64, promotion_id: &str) -> ApiResult<String> {
    let parameters = [org_id.into_datum(), promotion_id.into_datum()];
    let mut rows = GET.with(|statement| statement.run(Access::Read, &parameters, |row| row.text(1)));
    rows.pop().flatten().ok_or_else(|| ApiError::unknown_promotion(promotion_id))
}
