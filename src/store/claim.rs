//! Claims on limits: every one is a guarded write to a row of promo.usage (spec/lifecycle.md, "Usage";
//! spec/architecture.md, "Concurrency").
//!
//! The count of a limit is the sum of its rows (slots). Whoever uses more needs a row with room, of its own
//! for the moment; whoever gives something back, or turns a hold into a redemption, can write to any row. So a
//! call first takes what rows it finds free, without waiting. Where that does not do, it gives everything back
//! (the subtransaction is undone) and comes again to take its counts one by one in their order, waiting for
//! all rows of those that were not to be had. Only then, and with expired holds swept, is it told that too
//! little is left. As all calls take counts in one order and wait only in it, no two wait for each other.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::thread::LocalKey;

use pgrx::datum::IntoDatum;
use promotion_core::claim::{Claim, Count, slots};
use promotion_core::currency::Currency;
use promotion_core::definition::{LimitKpi, LimitRow, LimitWindow, spelled};
use promotion_core::instant::Instant;
use promotion_core::limit::available;
use promotion_core::money::shortest;

use super::event::caller;
use super::statement::{Access, Parameter, Row, Statement, numeric_texts, statement, with_fresh_snapshot};
use super::usage::{Asking, moving_uses, names, of_count, window_start};
use crate::error::ApiError;
use crate::locks;
use crate::subtransaction::attempt;

/// The count `$2` to `$5` of organization `$1`, as `of_count!` takes it.
macro_rules! one_count {
    () => {
        "(SELECT $2 AS promotion_id, $3 AS limit_row, $4 AS subject, $5 AS window_start) c"
    };
}

/// The second key of the advisory lock on a slot of count `c`.
macro_rules! slot_key {
    ($slot:literal) => {
        concat!("pg_catalog.hashtext(pg_catalog.concat_ws(':', $1, c.promotion_id, c.limit_row, c.subject, c.window_start, ", $slot, "))")
    };
}

statement!(
    TAKE,
    [INT8OID, TEXTARRAYOID, INT4ARRAYOID, TEXTARRAYOID, TIMESTAMPTZARRAYOID, TEXTARRAYOID, TEXTARRAYOID, INT4OID],
    concat!(
        "WITH picked AS MATERIALIZED (
             SELECT c.ordinal, c.promotion_id, c.limit_row, c.subject, c.window_start,
                    c.held::numeric AS held, c.redeemed::numeric AS redeemed, s.slot
               FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4),
                               pg_catalog.unnest($5), pg_catalog.unnest($6), pg_catalog.unnest($7)) WITH ORDINALITY
                    AS c (promotion_id, limit_row, subject, window_start, held, redeemed, ordinal)
              CROSS JOIN LATERAL (
                    SELECT u.slot FROM promo.usage u
                     WHERE ",
        of_count!("u", "c"),
        "              AND (c.held::numeric + c.redeemed::numeric <= 0 OR u.slot_limit IS NULL
                            OR u.redeemed - u.returned + u.held + c.held::numeric + c.redeemed::numeric <= u.slot_limit)
                     ORDER BY (u.slot + $8) % 64 LIMIT 1 FOR UPDATE SKIP LOCKED) s
         )
         UPDATE promo.usage u SET held = u.held + c.held, redeemed = u.redeemed + c.redeemed
           FROM picked c
          WHERE u.slot = c.slot AND ",
        of_count!("u", "c"),
        " RETURNING c.ordinal, u.slot"
    )
);

statement!(
    MAKE,
    [
        INT8OID,
        TEXTARRAYOID,
        INT4ARRAYOID,
        TEXTARRAYOID,
        TIMESTAMPTZARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        INT4ARRAYOID,
        INT4ARRAYOID,
        INT4OID
    ],
    concat!(
        "WITH wanted AS MATERIALIZED (
             SELECT c.promotion_id, c.limit_row, c.subject, c.window_start, c.held::numeric AS held,
                    c.redeemed::numeric AS redeemed, s.slot, s.share
               FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4),
                               pg_catalog.unnest($5), pg_catalog.unnest($6), pg_catalog.unnest($7),
                               pg_catalog.unnest($8), pg_catalog.unnest($9), pg_catalog.unnest($10))
                    AS c (promotion_id, limit_row, subject, window_start, held, redeemed, most, slots, digits)
              CROSS JOIN LATERAL (
                    SELECT f.slot, f.share
                      FROM (SELECT n.slot, promo.slot_limit(c.most::numeric, c.slots, n.slot, c.digits) AS share
                              FROM pg_catalog.generate_series(0, c.slots - 1) AS n (slot)
                             WHERE NOT EXISTS (SELECT FROM promo.usage u WHERE u.slot = n.slot AND ",
        of_count!("u", "c"),
        "                    ) OFFSET 0) f
                     WHERE (f.share IS NULL OR f.share >= c.held::numeric + c.redeemed::numeric)
                       AND pg_catalog.pg_try_advisory_xact_lock($11, ",
        slot_key!("f.slot"),
        "             ) LIMIT 1) s
         )
         INSERT INTO promo.usage (org_id, promotion_id, limit_row, subject, window_start, slot, slot_limit, held, redeemed)
         SELECT $1, w.promotion_id, w.limit_row, w.subject, w.window_start, w.slot, w.share, w.held, w.redeemed FROM wanted w
         ON CONFLICT DO NOTHING
         RETURNING promotion_id, limit_row, subject, window_start"
    )
);

statement!(
    GATHER,
    [INT8OID, TEXTOID, INT4OID, TEXTOID, TIMESTAMPTZOID, INT4ARRAYOID],
    concat!(
        "SELECT u.slot, (u.slot_limit - u.redeemed + u.returned - u.held)::text FROM promo.usage u, ",
        one_count!(),
        " WHERE u.slot_limit - u.redeemed + u.returned - u.held > 0 AND u.slot <> ALL ($6) AND ",
        of_count!("u", "c"),
        " ORDER BY u.slot_limit - u.redeemed + u.returned - u.held DESC, u.slot LIMIT 4 FOR UPDATE OF u SKIP LOCKED"
    )
);

statement!(
    ADD_SLOTS,
    [INT8OID, TEXTOID, INT4OID, TEXTOID, TIMESTAMPTZOID, TEXTOID, INT4OID, INT4OID, INT4OID, INT4OID],
    concat!(
        "INSERT INTO promo.usage (org_id, promotion_id, limit_row, subject, window_start, slot, slot_limit)
         SELECT $1, $2, $3, $4, $5, s.slot, promo.slot_limit($6::numeric, $7, s.slot, $8)
           FROM (SELECT f.slot
                   FROM ",
        one_count!(),
        ", LATERAL (SELECT n.slot FROM pg_catalog.generate_series(0, $7 - 1) AS n (slot)
                     WHERE NOT EXISTS (SELECT FROM promo.usage u WHERE u.slot = n.slot AND ",
        of_count!("u", "c"),
        "            ) OFFSET 0) f
                  WHERE pg_catalog.pg_try_advisory_xact_lock($9, ",
        slot_key!("f.slot"),
        "       ) LIMIT $10) s
         ON CONFLICT DO NOTHING
         RETURNING slot, slot_limit::text"
    )
);

statement!(
    LOCK_ONE,
    [INT8OID, TEXTOID, INT4OID, TEXTOID, TIMESTAMPTZOID],
    concat!(
        "SELECT u.slot, u.overrun::text FROM promo.usage u, ",
        one_count!(),
        " WHERE ",
        of_count!("u", "c"),
        " ORDER BY u.overrun DESC, u.slot LIMIT 1 FOR UPDATE OF u"
    )
);

statement!(
    LOCK_FIRST,
    [INT8OID, TEXTOID, INT4OID, TEXTOID, TIMESTAMPTZOID],
    concat!(
        "SELECT u.slot FROM promo.usage u, ",
        one_count!(),
        " WHERE u.slot = 0 AND ",
        of_count!("u", "c"),
        " FOR UPDATE OF u"
    )
);

statement!(
    AWAIT_MAKERS,
    [INT8OID, TEXTOID, INT4OID, TEXTOID, TIMESTAMPTZOID, INT4OID, INT4OID, INT4OID],
    concat!(
        "SELECT pg_catalog.pg_advisory_xact_lock($8, ",
        slot_key!("f.slot"),
        ") FROM ",
        one_count!(),
        ", LATERAL (SELECT n.slot FROM pg_catalog.generate_series($6, $7) AS n (slot)
                     WHERE NOT EXISTS (SELECT FROM promo.usage u WHERE u.slot = n.slot AND ",
        of_count!("u", "c"),
        "            ) ORDER BY n.slot OFFSET 0) f"
    )
);

statement!(
    ADD_ALL,
    [INT8OID, TEXTOID, INT4OID, TEXTOID, TIMESTAMPTZOID, TEXTOID, INT4OID, INT4OID, INT4OID, INT4OID],
    "INSERT INTO promo.usage (org_id, promotion_id, limit_row, subject, window_start, slot, slot_limit)
     SELECT $1, $2, $3, $4, $5, n.slot, promo.slot_limit($6::numeric, $7, n.slot, $8)
       FROM pg_catalog.generate_series($9, $10) AS n (slot)
      ORDER BY n.slot
     ON CONFLICT DO NOTHING"
);

statement!(
    LOCK_ALL,
    [INT8OID, TEXTOID, INT4OID, TEXTOID, TIMESTAMPTZOID],
    concat!(
        "SELECT u.slot, (u.slot_limit - u.redeemed + u.returned - u.held)::text FROM promo.usage u, ",
        one_count!(),
        " WHERE ",
        of_count!("u", "c"),
        " ORDER BY u.slot FOR UPDATE OF u"
    )
);

statement!(
    ADD,
    [
        INT8OID,
        TEXTOID,
        INT4OID,
        TEXTOID,
        TIMESTAMPTZOID,
        INT4ARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID
    ],
    concat!(
        "UPDATE promo.usage u
            SET held = u.held + d.held::numeric, redeemed = u.redeemed + d.redeemed::numeric,
                returned = u.returned + d.returned::numeric, overrun = u.overrun + d.overrun::numeric
           FROM ROWS FROM (pg_catalog.unnest($6), pg_catalog.unnest($7), pg_catalog.unnest($8), pg_catalog.unnest($9),
                           pg_catalog.unnest($10)) AS d (slot, held, redeemed, returned, overrun), ",
        one_count!(),
        " WHERE u.slot = d.slot AND ",
        of_count!("u", "c")
    )
);

statement!(
    SWEEP,
    [INT8OID, TEXTOID, INT4OID, TEXTOID, TIMESTAMPTZOID, INT4OID, TIMESTAMPTZOID, TEXTARRAYOID, INT8OID],
    concat!(
        "WITH expired AS MATERIALIZED (
             SELECT h.evaluation_id FROM promo.usage_claim h, ",
        one_count!(),
        " WHERE h.state = 'HELD' AND h.valid_till <= $7 AND h.evaluation_id <> ALL ($8) AND ",
        of_count!("h", "c"),
        " LIMIT $9 FOR UPDATE OF h SKIP LOCKED
         ), gone AS (
             DELETE FROM promo.usage_claim h USING expired e
              WHERE h.org_id = $1 AND h.evaluation_id = e.evaluation_id AND h.promotion_id = $2 AND h.limit_row = $3
                AND h.subject = $4 AND h.window_start = $5 AND h.state = 'HELD'
             RETURNING h.evaluation_id, h.amount
         ), noted AS (
             INSERT INTO promo.event (org_id, happened_at, kind, reason, actor, promotion_id, evaluation_id, uses)
             SELECT $1, $7, 'RELEASE', 'EXPIRED', ",
        caller!(),
        ", $2, g.evaluation_id, pg_catalog.jsonb_build_array(pg_catalog.jsonb_build_object(
                    'row', $3, 'subject', $4, 'held', -g.amount, 'window',
                    CASE WHEN $5 > '-infinity' THEN (pg_catalog.date_part('epoch', $5) * 1000)::pg_catalog.int8 END))
               FROM gone g
         ), freed AS (
             SELECT coalesce(pg_catalog.sum(g.amount), 0) AS amount FROM gone g
         )
         UPDATE promo.usage u SET held = u.held - f.amount FROM freed f, ",
        one_count!(),
        " WHERE f.amount > 0 AND u.slot = $6 AND ",
        of_count!("u", "c"),
        " RETURNING f.amount::text"
    )
);

/// How many expired holds a call sweeps in passing: more than it can leave behind.
const SWEPT_IN_PASSING: i64 = 200;

/// The limit that a claim goes against, as the tables need it.
#[derive(Debug, Clone)]
struct Bound {
    limit: LimitRow,
    slots: i32,
    digits: i32,
}

impl Bound {
    fn is_moving(&self) -> bool {
        matches!(self.limit.window, LimitWindow::Moving { .. })
    }

    /// The limit of the rows of a count; MOVING ones have none.
    fn most(&self) -> Option<String> {
        (!self.is_moving()).then(|| shortest(self.limit.limit.0))
    }
}

/// What a call does to one count, in millionths, 0 or more each.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// The limit, where anything new is claimed.
    bound: Option<Bound>,
    /// Holds of the call's own that it gives up.
    released: i128,
    /// Newly held.
    held: i128,
    /// Newly redeemed.
    redeemed: i128,
    /// Brought back.
    returned: i128,
    /// Whether more may be redeemed than is left.
    may_overrun: bool,
}

impl Change {
    fn held_delta(&self) -> i128 {
        self.held - self.released
    }

    /// Whether a row changes: not where a cart holds anew what it held before.
    fn writes(&self) -> bool {
        self.held_delta() != 0 || self.redeemed != 0 || self.returned != 0
    }

    fn growth(&self) -> i128 {
        self.held + self.redeemed - self.released - self.returned
    }
}

/// All that a call does to counts.
#[derive(Debug, Clone, Default)]
pub struct Changes(BTreeMap<Count, Change>);

/// What a claim becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum As {
    /// a hold
    Hold,
    /// a redemption
    Redemption {
        /// be there room or not
        may_overrun: bool,
    },
}

impl Changes {
    /// Adds claims.
    pub fn claim(&mut self, claims: &BTreeMap<Count, Claim>, what: As, currency: Currency) {
        for (count, claim) in claims {
            let change = self.0.entry(count.clone()).or_default();
            let digits = if claim.limit.kpi == LimitKpi::Discount { currency.minor_digits() } else { 0 };
            change.bound = Some(Bound {
                limit: claim.limit.clone(),
                slots: i32::try_from(slots(&claim.limit)).unwrap_or(1),
                digits: i32::try_from(digits).unwrap_or(0),
            });
            match what {
                As::Hold => change.held += claim.amount,
                As::Redemption { may_overrun } => {
                    change.redeemed += claim.amount;
                    change.may_overrun = may_overrun;
                }
            }
        }
    }

    /// Gives up a hold.
    pub fn release(&mut self, count: &Count, amount: i128) {
        self.0.entry(count.clone()).or_default().released += amount;
    }

    /// Turns a live hold into a redemption: of what was held there is always room.
    pub fn redeem_hold(&mut self, count: &Count, amount: i128) {
        let change = self.0.entry(count.clone()).or_default();
        change.released += amount;
        change.redeemed += amount;
    }

    /// Brings back what was redeemed.
    pub fn bring_back(&mut self, count: &Count, amount: i128) {
        self.0.entry(count.clone()).or_default().returned += amount;
    }
}

/// Why the changes could not be made.
#[derive(Debug)]
pub enum Stop<E> {
    /// Rows of this count were others': all is to be undone and tried again, waiting for them.
    Contended(Count),
    /// The count leaves less than is claimed.
    Short(Box<Shortage>),
    /// Anything else.
    Error(E),
}

impl<E> From<E> for Stop<E> {
    fn from(error: E) -> Self {
        Self::Error(error)
    }
}

/// Why changes were not made, once no waiting helps.
#[derive(Debug)]
pub enum Refusal<E> {
    /// A count leaves less than is claimed.
    Short(Box<Shortage>),
    /// Anything else.
    Error(E),
}

impl From<Refusal<ApiError>> for ApiError {
    fn from(refusal: Refusal<ApiError>) -> Self {
        match refusal {
            Refusal::Error(error) => error,
            Refusal::Short(short) => Self::not_redeemable(&short.count.promotion_id, &short.to_string()),
        }
    }
}

/// A limit that leaves too little.
#[derive(Debug, Clone)]
pub struct Shortage {
    /// Of which count.
    pub count: Count,
    /// The limit.
    pub limit: LimitRow,
    /// What it leaves, in millionths.
    pub left: i128,
    /// What was claimed, in millionths.
    pub claimed: i128,
}

impl std::fmt::Display for Shortage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { limit, left, claimed, count } = self;
        let (level, kpi) = (spelled(limit.level), spelled(limit.kpi));
        write!(
            f,
            "its {level} limit on {kpi} (row {}) leaves {}, {} is needed",
            count.row,
            shortest(*left),
            shortest(*claimed)
        )
    }
}

/// What redemptions took beyond limits (positive), and returns took off that (negative), by count.
pub type Overruns = BTreeMap<Count, i128>;

/// Runs `body`, which changes counts through [`settle`], until it need not wait for others' rows: each time in
/// a subtransaction of its own, unless there is nothing to undo where it fails.
pub fn settling<T, E>(
    needs_undo: bool,
    mut body: impl FnMut(&BTreeSet<Count>) -> Result<T, Stop<E>>,
) -> Result<T, Refusal<E>> {
    let mut contended = BTreeSet::new();
    loop {
        match if needs_undo { attempt(|| body(&contended)) } else { body(&contended) } {
            Ok(value) => return Ok(value),
            Err(Stop::Contended(count)) => contended.insert(count),
            Err(Stop::Short(shortage)) => return Err(Refusal::Short(shortage)),
            Err(Stop::Error(error)) => return Err(Refusal::Error(error)),
        };
    }
}

/// Makes the changes, or none of them; `contended` are counts to wait for, `stale` ones with expired holds.
pub fn settle<E>(
    asking: &Asking<'_>,
    changes: &Changes,
    contended: &BTreeSet<Count>,
    stale: &HashSet<Count>,
) -> Result<Overruns, Stop<E>> {
    let mut overruns = Overruns::new();
    let all = &changes.0;
    let changes: Vec<(&Count, &Change)> = all.iter().filter(|(_, change)| change.writes()).collect();
    let waits = |(count, change): &(&Count, &Change)| contended.contains(*count) || change.returned > 0;
    for run in changes.chunk_by(|a, b| waits(a) == waits(b)) {
        if run.first().is_some_and(waits) {
            for (count, change) in run {
                overruns.extend(take_waiting(asking, count, change)?);
            }
        } else {
            take(asking, run, stale)?;
        }
    }
    for (count, change) in all {
        overruns.extend(check_moving(asking, count, change)?);
    }
    overruns.retain(|_, amount| *amount != 0);
    Ok(overruns)
}

/// A MOVING limit's row only keeps others out: what is left of it is told by the uses around the instant.
fn check_moving<E>(asking: &Asking<'_>, count: &Count, change: &Change) -> Result<Option<(Count, i128)>, Stop<E>> {
    let claimed = change.held + change.redeemed;
    let Some(bound) = change.bound.as_ref().filter(|bound| bound.is_moving() && claimed > 0) else {
        return Ok(None);
    };
    let used = with_fresh_snapshot(|| moving_uses(asking, count, &bound.limit.window));
    let left = available(&bound.limit, &used, Instant(asking.instant));
    if claimed <= left {
        return Ok(None);
    }
    if !change.may_overrun {
        return Err(short(count, bound, left, claimed));
    }
    let overrun = claimed - left;
    add(asking, count, &Change::default(), &[(0, 0)], overrun);
    Ok(Some((count.clone(), overrun)))
}

fn short<E>(count: &Count, bound: &Bound, left: i128, claimed: i128) -> Stop<E> {
    Stop::Short(Box::new(Shortage { count: count.clone(), limit: bound.limit.clone(), left, claimed }))
}

/// The slot that this backend looks at first, so that not all look at the same.
fn first_slot() -> i32 {
    (std::process::id() % 64) as i32
}

/// Takes what rows are free, without waiting.
fn take<E>(asking: &Asking<'_>, changes: &[(&Count, &Change)], stale: &HashSet<Count>) -> Result<(), Stop<E>> {
    let [promotions, rows, subjects, windows] = names(changes.iter().map(|(count, _)| *count));
    let held = numeric_texts(changes.iter().map(|(_, change)| change.held_delta()));
    let redeemed = numeric_texts(changes.iter().map(|(_, change)| change.redeemed));
    let parameters =
        [asking.org_id.into_datum(), promotions, rows, subjects, windows, held, redeemed, first_slot().into_datum()];
    let taken = TAKE.with(|statement| {
        statement.run(Access::Write, &parameters, |row| {
            (usize::try_from(row.bigint(1).unwrap_or(1) - 1).unwrap_or(0), row.int(2).unwrap_or(0))
        })
    });
    for (place, slot) in &taken {
        let (count, change) = changes[*place];
        if change.held > 0 && stale.contains(count) {
            sweep(asking, count, *slot, SWEPT_IN_PASSING);
        }
    }
    let taken: BTreeSet<usize> = taken.into_iter().map(|(place, _)| place).collect();
    let missing: Vec<(&Count, &Change)> =
        (0..changes.len()).filter(|place| !taken.contains(place)).map(|place| changes[place]).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let made = make(asking, &missing);
    for (count, change) in missing {
        if !made.contains(&name_of(count)) && !gather(asking, count, change) {
            return Err(Stop::Contended(count.clone()));
        }
    }
    Ok(())
}

type Name = (String, i32, String, i64);

fn name_of(count: &Count) -> Name {
    (count.promotion_id.clone(), count.row as i32, count.subject.clone(), window_start(count))
}

/// Makes a new row for each claim whose count has none with room that is free; answers for which.
fn make(asking: &Asking<'_>, changes: &[(&Count, &Change)]) -> HashSet<Name> {
    let growing: Vec<(&Count, &Change, &Bound)> = changes
        .iter()
        .filter(|(_, change)| change.growth() > 0)
        .filter_map(|(count, change)| Some((*count, *change, change.bound.as_ref()?)))
        .collect();
    if growing.is_empty() {
        return HashSet::new();
    }
    let [promotions, rows, subjects, windows] = names(growing.iter().map(|(count, ..)| *count));
    let parameters = [
        asking.org_id.into_datum(),
        promotions,
        rows,
        subjects,
        windows,
        numeric_texts(growing.iter().map(|(_, change, _)| change.held_delta())),
        numeric_texts(growing.iter().map(|(_, change, _)| change.redeemed)),
        growing.iter().map(|(.., bound)| bound.most()).collect::<Vec<_>>().into_datum(),
        growing.iter().map(|(.., bound)| bound.slots).collect::<Vec<_>>().into_datum(),
        growing.iter().map(|(.., bound)| bound.digits).collect::<Vec<_>>().into_datum(),
        locks::SLOT.into_datum(),
    ];
    let read = |row: &Row<'_>| Some((row.text(1)?, row.int(2)?, row.text(3)?, row.bigint(4)?));
    MAKE.with(|statement| statement.run(Access::Write, &parameters, read)).into_iter().flatten().collect()
}

/// The parameters that name one count.
fn name(asking: &Asking<'_>, count: &Count) -> Vec<Parameter> {
    vec![
        asking.org_id.into_datum(),
        count.promotion_id.as_str().into_datum(),
        (count.row as i32).into_datum(),
        count.subject.as_str().into_datum(),
        window_start(count).into_datum(),
    ]
}

/// Runs a statement on one count, and reads a slot and an amount from each row.
fn on_count(
    statement: &'static LocalKey<Statement>,
    asking: &Asking<'_>,
    count: &Count,
    more: impl IntoIterator<Item = Parameter>,
) -> Vec<(i32, i128)> {
    let mut parameters = name(asking, count);
    parameters.extend(more);
    let read = |row: &Row<'_>| (row.int(1).unwrap_or(0), row.millionths(2));
    statement.with(|statement| statement.run(Access::Write, &parameters, read))
}

/// Takes a claim from several rows together, without waiting; answers whether that did.
fn gather(asking: &Asking<'_>, count: &Count, change: &Change) -> bool {
    let Some(bound) = change.bound.as_ref().filter(|bound| change.growth() > 0 && bound.slots > 1) else {
        return false;
    };
    let mut found: Vec<(i32, i128)> = Vec::new();
    let room = |found: &[(i32, i128)]| found.iter().map(|(_, room)| *room).sum::<i128>();
    while room(&found) < change.growth() {
        let taken: Vec<i32> = found.iter().map(|(slot, _)| *slot).collect();
        let mut more = on_count(&GATHER, asking, count, [taken.into_datum()]);
        if more.is_empty() {
            let share = (bound.limit.limit.0 / i128::from(bound.slots)).max(1);
            let rows = (change.growth() - room(&found)) / share + 1;
            let rows = i32::try_from(rows).unwrap_or(bound.slots);
            let parameters = [
                bound.most().into_datum(),
                bound.slots.into_datum(),
                bound.digits.into_datum(),
                locks::SLOT.into_datum(),
                rows.into_datum(),
            ];
            more = on_count(&ADD_SLOTS, asking, count, parameters);
        }
        if more.is_empty() {
            return false;
        }
        found.append(&mut more);
    }
    add(asking, count, change, &found, 0);
    true
}

/// Takes a change of one count, waiting for whoever has its rows.
fn take_waiting<E>(asking: &Asking<'_>, count: &Count, change: &Change) -> Result<Option<(Count, i128)>, Stop<E>> {
    let guarded = change.bound.as_ref().filter(|bound| change.growth() > 0 && !bound.is_moving());
    let Some(bound) = guarded else {
        let mut rows = on_count(&LOCK_ONE, asking, count, []);
        if rows.is_empty() {
            make_rows(asking, count, change.bound.as_ref(), 0, 0);
            rows = on_count(&LOCK_ONE, asking, count, []);
        }
        let (slot, overrun) = rows.first().copied().unwrap_or((0, 0));
        let less = change.returned.min(overrun);
        add(asking, count, change, &[(slot, change.growth().max(0))], -less);
        return Ok((less > 0).then(|| (count.clone(), -less)));
    };
    // Whoever has slot 0 is the only one that takes all.
    if on_count(&LOCK_FIRST, asking, count, []).is_empty() {
        make_rows(asking, count, Some(bound), 0, 0);
        on_count(&LOCK_FIRST, asking, count, []);
    }
    if bound.slots > 1 {
        make_rows(asking, count, Some(bound), 1, bound.slots - 1);
    }
    let room = |rows: &[(i32, i128)]| rows.iter().map(|(_, room)| *room).sum::<i128>();
    let mut rows = on_count(&LOCK_ALL, asking, count, []);
    if room(&rows) < change.growth() && sweep(asking, count, 0, i64::MAX) > 0 {
        rows = on_count(&LOCK_ALL, asking, count, []);
    }
    let missing = change.growth() - room(&rows).max(0);
    if missing > 0 && !change.may_overrun {
        return Err(short(count, bound, room(&rows).max(0), change.growth()));
    }
    let overrun = missing.clamp(0, change.growth());
    add(asking, count, change, &rows, overrun);
    Ok((overrun > 0).then(|| (count.clone(), overrun)))
}

/// Makes the rows of a count that are not there, once nobody else is about to.
fn make_rows(asking: &Asking<'_>, count: &Count, bound: Option<&Bound>, first: i32, last: i32) {
    on_count(&AWAIT_MAKERS, asking, count, [first.into_datum(), last.into_datum(), locks::SLOT.into_datum()]);
    let parameters = [
        bound.and_then(Bound::most).into_datum(),
        bound.map_or(1, |bound| bound.slots).into_datum(),
        bound.map_or(0, |bound| bound.digits).into_datum(),
        first.into_datum(),
        last.into_datum(),
    ];
    on_count(&ADD_ALL, asking, count, parameters);
}

/// Writes a change to rows that are locked, each with the room it has: as much growth as fits into each; what is
/// beyond all (`overrun`, and what a return takes off it) goes to the first.
fn add(asking: &Asking<'_>, count: &Count, change: &Change, rows: &[(i32, i128)], overrun: i128) {
    let mut rest = change.growth().max(0) - overrun.max(0);
    let mut parts: Vec<(i32, i128)> = Vec::new();
    for (slot, room) in rows {
        let part = rest.min(*room).max(0);
        rest -= part;
        if part > 0 {
            parts.push((*slot, part));
        }
    }
    // The first row bears everything that is no growth, and an overrun is slot 0's.
    let first = match parts.first() {
        Some((slot, _)) if overrun == 0 => *slot,
        _ => rows.first().map_or(0, |(slot, _)| *slot),
    };
    if parts.first().is_none_or(|(slot, _)| *slot != first) {
        parts.insert(0, (first, 0));
    }
    let only_first = |amount: i128| (0..parts.len()).map(move |place| if place == 0 { amount } else { 0 });
    let mut held: Vec<i128> = only_first(change.held_delta()).collect();
    let mut redeemed: Vec<i128> = only_first(change.redeemed).collect();
    // Growth is either of redemptions or of holds.
    let growing = if change.redeemed > 0 { &mut redeemed } else { &mut held };
    for (place, (_, part)) in parts.iter().enumerate().skip(1) {
        growing[place] += part;
        growing[0] -= part;
    }
    let slots: Vec<i32> = parts.iter().map(|(slot, _)| *slot).collect();
    let parameters = [
        slots.into_datum(),
        numeric_texts(held.into_iter()),
        numeric_texts(redeemed.into_iter()),
        numeric_texts(only_first(change.returned)),
        numeric_texts(only_first(overrun)),
    ];
    on_count(&ADD, asking, count, parameters);
}

/// Frees what carts hold whose time is over, into a row that is locked; answers how much.
fn sweep(asking: &Asking<'_>, count: &Count, slot: i32, most: i64) -> i128 {
    let parameters = [slot.into_datum(), asking.now.into_datum(), asking.own.to_vec().into_datum(), most.into_datum()];
    let mut all = name(asking, count);
    all.extend(parameters);
    SWEEP.with(|statement| statement.run(Access::Write, &all, |row| row.millionths(1))).into_iter().sum()
}
