//! What became of evaluations: pending carts, and evaluations that are over (spec/lifecycle.md, "Cart
//! locking").

use pgrx::PgSqlErrorCode;
use pgrx::datum::IntoDatum;
use promotion_core::claim::{Claim, Count};
use promotion_core::definition::LimitWindow;
use std::collections::BTreeMap;

use super::claim::Overruns;
use super::statement::{Access, Row, numeric_texts, statement};
use super::usage::{count_of, names};

/// The columns of [`State`].
macro_rules! state_columns {
    () => {
        "s.evaluation_id, s.lineage, s.state::text, s.customer_id, s.cart_id, s.valid_till"
    };
}

/// The lineage that evaluation `$2` belongs to.
macro_rules! named_lineage {
    () => {
        "coalesce((SELECT n.lineage FROM promo.evaluation_state n WHERE n.org_id = $1 AND n.evaluation_id = $2), $2)"
    };
}

/// The evaluations of cart id `$3`, or else of the one that the named lineage has, that are open or held by `$whose`.
macro_rules! of_cart_id {
    ($whose:literal) => {
        concat!(
            " UNION ALL
             SELECT c.evaluation_id, false FROM promo.evaluation_state c
              WHERE c.org_id = $1 AND c.state IN ('OPEN', 'HELD') AND ",
            $whose,
            " AND c.cart_id = coalesce($3, (
                    SELECT l.cart_id FROM promo.evaluation_state l
                     WHERE l.org_id = $1 AND l.state <> 'REPLACED' AND l.lineage = ",
            named_lineage!(),
            " LIMIT 1))"
        )
    };
}

// Only which they are: each is then read by its key. PostgreSQL would not join them so before it has statistics.
statement!(
    EARLIER,
    [INT8OID, TEXTOID, TEXTOID, TEXTOID],
    concat!(
        "SELECT e.evaluation_id, pg_catalog.bool_or(e.is_named) FROM (
             SELECT l.evaluation_id, true AS is_named FROM promo.evaluation_state l
              WHERE l.org_id = $1 AND l.state <> 'REPLACED' AND l.lineage = ",
        named_lineage!(),
        of_cart_id!("c.customer_id IS NULL"),
        of_cart_id!("c.customer_id = $4"),
        ") e GROUP BY 1 ORDER BY 1"
    )
);

macro_rules! state {
    () => {
        concat!(
            "SELECT ",
            state_columns!(),
            " FROM promo.evaluation_state s WHERE s.org_id = $1 AND s.evaluation_id = $2"
        )
    };
}

statement!(SEEN_STATE, [INT8OID, TEXTOID], state!());

statement!(STATE, [INT8OID, TEXTOID], concat!(state!(), " FOR UPDATE"));

statement!(
    CLOSE,
    [INT8OID, TEXTARRAYOID, TEXTOID, TIMESTAMPTZOID, TEXTOID, TEXTOID],
    "INSERT INTO promo.evaluation_state AS s (org_id, evaluation_id, lineage, state, changed_at, customer_id)
     SELECT $1, e.id, coalesce($5, e.id), $3::promo.cart_state, $4, $6 FROM pg_catalog.unnest($2) AS e (id) ORDER BY e.id
     ON CONFLICT (org_id, evaluation_id)
     DO UPDATE SET state = $3::promo.cart_state, changed_at = $4 WHERE s.state IN ('OPEN', 'HELD')
     RETURNING 1"
);

statement!(
    JOIN_LINEAGE,
    [INT8OID, TEXTARRAYOID, TEXTOID],
    "UPDATE promo.evaluation_state SET lineage = $3 WHERE org_id = $1 AND lineage = ANY ($2) AND lineage <> $3"
);

statement!(
    OPEN,
    [INT8OID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID],
    "INSERT INTO promo.evaluation_state
            (org_id, evaluation_id, lineage, state, customer_id, cart_id, locked_at, valid_till, changed_at)
     VALUES ($1, $2, $3, $8::promo.cart_state, $4, $5, CASE WHEN $7 IS NOT NULL THEN $6 END, $7, $6)
     ON CONFLICT DO NOTHING
     RETURNING 1"
);

statement!(
    OPEN_CARTS,
    [INT8OID, TEXTOID, TIMESTAMPTZOID],
    "SELECT pg_catalog.count(*) FROM promo.evaluation_state s
      WHERE s.org_id = $1 AND s.customer_id = $2 AND s.state = 'HELD' AND s.valid_till > $3"
);

statement!(
    TAKE_HOLDS,
    [INT8OID, TEXTOID],
    "DELETE FROM promo.usage_claim c
      WHERE c.org_id = $1 AND c.evaluation_id = $2 AND c.state::text = 'HELD'
     RETURNING c.evaluation_id, c.amount::text, c.promotion_id, c.limit_row, c.subject, c.window_start, c.is_moving,
               c.valid_till"
);

statement!(
    ADD_CLAIMS,
    [
        INT8OID,
        TEXTARRAYOID,
        INT4ARRAYOID,
        TEXTARRAYOID,
        TIMESTAMPTZARRAYOID,
        TEXTOID,
        BOOLARRAYOID,
        TEXTARRAYOID,
        TIMESTAMPTZOID,
        TIMESTAMPTZOID,
        TEXTARRAYOID
    ],
    "INSERT INTO promo.usage_claim
            (org_id, evaluation_id, promotion_id, limit_row, subject, window_start, is_moving, amount, overrun, used_at,
             valid_till, state)
     SELECT $1, $6, c.promotion_id, c.limit_row, c.subject, c.window_start, c.is_moving, c.amount::numeric,
            c.overrun::numeric, $9, $10,
            CASE WHEN $10 IS NULL THEN 'REDEEMED' ELSE 'HELD' END::promo.claim_state
       FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5),
                       pg_catalog.unnest($7), pg_catalog.unnest($8), pg_catalog.unnest($11))
            AS c (promotion_id, limit_row, subject, window_start, is_moving, amount, overrun)"
);

/// An evaluation that something became of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The evaluation.
    pub evaluation_id: String,
    /// The first evaluation of its cart.
    pub lineage: String,
    /// OPEN, HELD, CANCELLED, REPLACED or REDEEMED.
    pub state: String,
    /// The customer; None: a guest.
    pub customer_id: Option<String>,
    /// The caller's cart id.
    pub cart_id: Option<String>,
    /// Until when it is or was held, a timestamptz.
    pub valid_till: Option<i64>,
}

impl State {
    fn read(row: &Row<'_>) -> Option<Self> {
        Some(Self {
            evaluation_id: row.text(1)?,
            lineage: row.text(2)?,
            state: row.text(3)?,
            customer_id: row.text(4),
            cart_id: row.text(5),
            valid_till: row.bigint(6),
        })
    }

    /// Whether it is a pending cart.
    pub fn is_live(&self, now: i64) -> bool {
        self.state == "HELD" && self.valid_till.is_some_and(|till| now < till)
    }

    /// Whether it is over: cancelled, replaced or redeemed.
    pub fn is_over(&self) -> bool {
        !matches!(self.state.as_str(), "OPEN" | "HELD")
    }
}

/// An evaluation that one of the same cart replaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// What became of it until now.
    pub state: State,
    /// Whether it is the last one of the cart that the request's evaluationId names.
    pub is_named: bool,
}

/// The evaluations that one of this cart replaces: the last one of the named evaluation's cart, whatever became
/// of it, and what the caller's cart id has locked. With `locked` nobody else changes them any more.
pub fn earlier(
    org_id: i64,
    evaluation_id: Option<&str>,
    cart_id: Option<&str>,
    customer: Option<&str>,
    locked: bool,
) -> Vec<Earlier> {
    if evaluation_id.is_none() && cart_id.is_none() {
        return Vec::new();
    }
    let parameters = [org_id.into_datum(), evaluation_id.into_datum(), cart_id.into_datum(), customer.into_datum()];
    let access = if locked { Access::Write } else { Access::Read };
    loop {
        let ids = EARLIER.with(|statement| statement.run(access, &parameters, |row| (row.text(1), row.is_true(2))));
        let state = |(id, is_named): (Option<String>, bool)| {
            let id = id?;
            let state = if locked { find(org_id, &id) } else { seen(org_id, &id) };
            state.map(|state| Earlier { state, is_named })
        };
        let rows: Vec<Earlier> = ids.into_iter().filter_map(state).collect();
        // One that was replaced while this call waited for it has a successor, which only a new query sees.
        if !locked || rows.iter().all(|own| own.state.state != "REPLACED") {
            return rows;
        }
    }
}

/// What became of an evaluation, as the snapshot in force shows it. None: nothing yet.
fn seen(org_id: i64, evaluation_id: &str) -> Option<State> {
    let parameters = [org_id.into_datum(), evaluation_id.into_datum()];
    SEEN_STATE.with(|statement| statement.run(Access::Read, &parameters, State::read)).pop().flatten()
}

/// What became of an evaluation; nobody else changes it any more. None: nothing yet.
pub fn find(org_id: i64, evaluation_id: &str) -> Option<State> {
    let parameters = [org_id.into_datum(), evaluation_id.into_datum()];
    STATE.with(|statement| statement.run(Access::Write, &parameters, State::read)).pop().flatten()
}

/// Ends evaluations that are open or held; answers whether all of them were. Of one that nothing became of yet,
/// `lineage` and `customer` are entered.
pub fn close(
    org_id: i64,
    evaluation_ids: &[String],
    state: &str,
    now: i64,
    lineage: Option<&str>,
    customer: Option<&str>,
) -> bool {
    if evaluation_ids.is_empty() {
        return true;
    }
    let parameters = [
        org_id.into_datum(),
        evaluation_ids.to_vec().into_datum(),
        state.into_datum(),
        now.into_datum(),
        lineage.into_datum(),
        customer.into_datum(),
    ];
    CLOSE.with(|statement| statement.run(Access::Write, &parameters, |_| ())).len() == evaluation_ids.len()
}

/// Makes the evaluations of several carts those of one.
pub fn join_lineages(org_id: i64, lineages: &[String], lineage: &str) {
    if lineages.iter().any(|own| own != lineage) {
        let parameters = [org_id.into_datum(), lineages.to_vec().into_datum(), lineage.into_datum()];
        JOIN_LINEAGE.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
    }
}

/// Enters a new evaluation: HELD until `valid_till` (a timestamptz), OPEN without that, or REDEEMED at once.
pub fn open(org_id: i64, state: &State, now: i64) {
    let parameters = [
        org_id.into_datum(),
        state.evaluation_id.as_str().into_datum(),
        state.lineage.as_str().into_datum(),
        state.customer_id.as_deref().into_datum(),
        state.cart_id.as_deref().into_datum(),
        now.into_datum(),
        state.valid_till.into_datum(),
        state.state.as_str().into_datum(),
    ];
    if OPEN.with(|statement| statement.run(Access::Write, &parameters, |_| ())).is_empty() {
        let message = "could not serialize access: another session has evaluated the same cart";
        pgrx::ereport!(ERROR, PgSqlErrorCode::ERRCODE_T_R_SERIALIZATION_FAILURE, message);
    }
}

/// How many pending carts a customer has, whose row the caller has written.
pub fn open_carts(org_id: i64, customer: &str, now: i64) -> i64 {
    let parameters = [org_id.into_datum(), customer.into_datum(), now.into_datum()];
    let rows = OPEN_CARTS.with(|statement| statement.run(Access::Write, &parameters, |row| row.bigint(1)));
    rows.into_iter().flatten().sum()
}

/// What an evaluation held of a count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The evaluation.
    pub evaluation_id: String,
    /// The count.
    pub count: Count,
    /// How much, in millionths.
    pub amount: i128,
    /// Whether the limit counts in a MOVING window.
    pub is_moving: bool,
    /// Until when it was held, a timestamptz.
    pub valid_till: i64,
}

/// Takes all that evaluations hold out of promo.usage_claim; promo.usage is the caller's to settle.
pub fn take_holds(org_id: i64, evaluation_ids: &[String]) -> Vec<Hold> {
    let read = |row: &Row<'_>| {
        Some(Hold {
            evaluation_id: row.text(1)?,
            amount: row.millionths(2),
            count: count_of(row, 3)?,
            is_moving: row.is_true(7),
            valid_till: row.bigint(8)?,
        })
    };
    let of_one = |evaluation_id: &String| {
        let parameters = [org_id.into_datum(), evaluation_id.as_str().into_datum()];
        TAKE_HOLDS.with(|statement| statement.run(Access::Write, &parameters, read))
    };
    evaluation_ids.iter().flat_map(of_one).flatten().collect()
}

/// Notes claims: held until `valid_till` (a timestamptz), redeemed without that, what was taken beyond limits included.
pub fn add_claims(
    org_id: i64,
    evaluation_id: &str,
    claims: &[(&Count, bool, i128)],
    overruns: &Overruns,
    used_at: i64,
    valid_till: Option<i64>,
) {
    if claims.is_empty() {
        return;
    }
    let overrun = |count: &Count| overruns.get(count).copied().unwrap_or(0);
    let [promotions, rows, subjects, windows] = names(claims.iter().map(|(count, ..)| *count));
    let parameters = [
        org_id.into_datum(),
        promotions,
        rows,
        subjects,
        windows,
        evaluation_id.into_datum(),
        claims.iter().map(|(_, is_moving, _)| *is_moving).collect::<Vec<_>>().into_datum(),
        numeric_texts(claims.iter().map(|(.., amount)| *amount)),
        used_at.into_datum(),
        valid_till.into_datum(),
        numeric_texts(claims.iter().map(|(count, is_moving, _)| if *is_moving { overrun(count) } else { 0 })),
    ];
    ADD_CLAIMS.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
}

/// Claims as [`add_claims`] takes them.
pub fn as_added(claims: &BTreeMap<Count, Claim>) -> Vec<(&Count, bool, i128)> {
    let is_moving = |claim: &Claim| matches!(claim.limit.window, LimitWindow::Moving { .. });
    claims.iter().map(|(count, claim)| (count, is_moving(claim), claim.amount)).collect()
}
