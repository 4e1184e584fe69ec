//! Promotions, their versions and states.

use pgrx::datum::IntoDatum;
use promotion_core::definition::{Definition, LimitRow, LimitWindow, spelled};
use promotion_core::money::shortest;
use promotion_core::ruleset::PromotionSource;

use super::event::{Event, caller, note};
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

// By name in any case, not by promotion_by_end: to a planner that knows nothing of the organization yet, all of its
// promotions look as few as those of the name.
statement!(
    NAME_TAKEN,
    [INT8OID, TEXTOID, TEXTOID, TIMESTAMPTZOID],
    "SELECT p.promotion_id
       FROM (SELECT n.promotion_id, n.end_at, n.stopped_at FROM promo.promotion n
              WHERE n.org_id = $1 AND n.name = $2 OFFSET 0) p
      WHERE p.promotion_id IS DISTINCT FROM $3 AND p.stopped_at IS NULL AND p.end_at >= $4
      LIMIT 1"
);

statement!(
    CREATE,
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
        BOOLOID
    ],
    concat!(
        "WITH promotion AS (
             INSERT INTO promo.promotion
                    (org_id, promotion_id, name, type, mode, version, active, start_at, end_at, created_at, changed_at,
                     earns)
             VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8, $10, $10, $11)
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
        BOOLOID,
        INT4OID
    ],
    concat!(
        "WITH promotion AS (
             UPDATE promo.promotion
                SET name = $3, type = $4, mode = $5, version = $13, active = $6, start_at = $7, end_at = $8,
                    earns = $11, was_live = $12, changed_at = $10
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
         VALUES ($1, $2, $13, $9, $10, ",
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
    SET_LIMITS,
    [INT8OID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, INT8ARRAYOID, INT4ARRAYOID],
    "WITH gone AS (
         DELETE FROM promo.promotion_limit l
          WHERE l.org_id = $1 AND l.promotion_id = $2 AND l.limit_row <> ALL ($8)
     )
     INSERT INTO promo.promotion_limit (org_id, promotion_id, limit_row, level, kpi, most, window_type, moving_window)
     SELECT $1, $2, l.limit_row, l.level, l.kpi, l.most::numeric, l.window_type,
            l.milliseconds * interval '1 millisecond'
       FROM ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6),
                       pg_catalog.unnest($7), pg_catalog.unnest($8))
            AS l (level, kpi, most, window_type, milliseconds, limit_row)
     ON CONFLICT (org_id, promotion_id, limit_row)
     DO UPDATE SET level = excluded.level, kpi = excluded.kpi, most = excluded.most,
                   window_type = excluded.window_type, moving_window = excluded.moving_window"
);

statement!(
    IS_USED,
    [INT8OID, TEXTOID],
    "SELECT EXISTS (SELECT FROM promo.usage u WHERE u.org_id = $1 AND u.promotion_id = $2)
         OR EXISTS (SELECT FROM promo.redemption r WHERE r.org_id = $1 AND r.promotion_id = $2)"
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
    "SELECT v.definition, v.version
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
    /// From nine columns of a row, the first of which is given.
    pub fn read(row: &Row<'_>, column: i32) -> Option<Self> {
        Some(Self {
            promotion_type: row.text(column)?,
            version: row.int(column + 1)?,
            active: row.is_true(column + 2),
            paused: row.is_true(column + 3),
            stopped: row.is_true(column + 4),
            start_at: row.bigint(column + 5)?,
            end_at: row.bigint(column + 6)?,
            was_live: row.is_true(column + 7),
            changed_at: row.bigint(column + 8)?,
        })
    }

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
    let mut rows = FIND.with(|statement| statement.run(Access::Write, &parameters, |row| Promotion::read(row, 1)));
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
            to_jsonb(self.json).into_datum(),
            self.now.into_datum(),
            self.definition.earning_criteria.is_some().into_datum(),
        ]
    }
}

/// Whether anything of it was ever held or redeemed.
pub fn is_used(org_id: i64, promotion_id: &str) -> bool {
    let parameters = [org_id.into_datum(), promotion_id.into_datum()];
    IS_USED.with(|statement| statement.run(Access::Write, &parameters, |row| row.is_true(1))).contains(&true)
}

/// Keeps promo.promotion_limit and the ledger in step with a definition.
fn written(org_id: i64, written: &Written<'_>, version: i32) {
    let (rows, limits): (Vec<i32>, Vec<&LimitRow>) =
        written.definition.limit_rows().map(|(row, limit)| (row as i32, limit)).unzip();
    let window_type = |limit: &&LimitRow| limit.window.word();
    let milliseconds = |limit: &&LimitRow| match limit.window {
        LimitWindow::Moving { milliseconds } => Some(milliseconds),
        LimitWindow::Overall | LimitWindow::Fixed(_) => None,
    };
    let most = |limit: &&LimitRow| (!limit.is_unlimited()).then(|| shortest(limit.limit.0));
    let parameters = [
        org_id.into_datum(),
        written.promotion_id.into_datum(),
        limits.iter().map(|limit| spelled(limit.level)).collect::<Vec<_>>().into_datum(),
        limits.iter().map(|limit| spelled(limit.kpi)).collect::<Vec<_>>().into_datum(),
        limits.iter().map(most).collect::<Vec<_>>().into_datum(),
        limits.iter().map(window_type).collect::<Vec<_>>().into_datum(),
        limits.iter().map(milliseconds).collect::<Vec<_>>().into_datum(),
        rows.into_datum(),
    ];
    SET_LIMITS.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
    note_definition(org_id, "DEFINITION", None, written.promotion_id, version, written.now);
}

fn note_definition(
    org_id: i64,
    kind: &'static str,
    reason: Option<&'static str>,
    promotion_id: &str,
    version: i32,
    now: i64,
) {
    let (promotion_id, promotion_version) = (Some(promotion_id.to_owned()), Some(version));
    note(org_id, now, &[Event { kind, reason, promotion_id, promotion_version, ..Event::default() }]);
}

/// Stores a new promotion.
pub fn create(org_id: i64, new: &Written<'_>) {
    CREATE.with(|statement| statement.run(Access::Write, &new.parameters(org_id), |_| ()));
    written(org_id, new, 1);
}

/// Stores a new version of a promotion.
pub fn update(org_id: i64, new: &Written<'_>, has_been_live: bool, version: i32) {
    let mut parameters = new.parameters(org_id);
    parameters.extend([has_been_live.into_datum(), version.into_datum()]);
    UPDATE.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
    written(org_id, new, version);
}

/// Stores a promotion's switches.
pub fn switch(
    org_id: i64,
    promotion_id: &str,
    promotion: &Promotion,
    reason: &'static str,
    has_been_live: bool,
    now: i64,
) {
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
    note_definition(org_id, "SWITCH", Some(reason), promotion_id, promotion.version, now);
}

/// The definition in force, with its version.
pub fn definition_in_force(org_id: i64, promotion_id: &str) -> ApiResult<(i32, Definition)> {
    let parameters = [org_id.into_datum(), promotion_id.into_datum()];
    let mut rows = IN_FORCE_OF.with(|statement| {
        statement.run(Access::Write, &parameters, |row| {
            let definition = row.jsonb(1).map(Definition::parse_normalized)?;
            Some(definition.map(|definition| (row.int(2).unwrap_or_default(), definition)))
        })
    });
    match rows.pop().flatten() {
        Some(Ok(versioned)) => Ok(versioned),
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

statement!(
    TYPES,
    [INT8OID, TEXTARRAYOID],
    "SELECT p.promotion_id, p.type FROM promo.promotion p WHERE p.org_id = $1 AND p.promotion_id = ANY ($2)"
);

/// The types of promotions; of those that exist.
pub fn types(org_id: i64, promotion_ids: &[String]) -> Vec<(String, String)> {
    let parameters = [org_id.into_datum(), promotion_ids.to_vec().into_datum()];
    let read = |row: &Row<'_>| Some((row.text(1)?, row.text(2)?));
    TYPES.with(|statement| statement.run(Access::Write, &parameters, read)).into_iter().flatten().collect()
}

statement!(
    EARNING,
    [INT8OID, TIMESTAMPTZOID],
    "SELECT coalesce((SELECT v.generation FROM promo.catalog_version v WHERE v.org_id = $1), 0)
      WHERE EXISTS (SELECT FROM promo.promotion p
                     WHERE p.org_id = $1 AND p.earns AND p.stopped_at IS NULL AND p.active AND NOT p.paused
                       AND p.end_at >= $2)"
);

/// The generation of the definitions under the snapshot in force, if carts of an instant (a timestamptz) can earn
/// any of them.
pub fn earning_generation(org_id: i64, instant: i64) -> Option<i64> {
    let parameters = [org_id.into_datum(), instant.into_datum()];
    EARNING.with(|statement| statement.run(Access::Read, &parameters, |row| row.bigint(1))).pop().flatten()
}
