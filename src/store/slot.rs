//! The rows (slots) that the count of a limit is the sum of: how they are found, made, locked and written. Who
//! does what of it when is in `claim`.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::thread::LocalKey;

use pgrx::datum::IntoDatum;
use promotion_core::claim::Count;
use promotion_core::money::shortest;

use super::change::{Bound, Change};
use super::event::caller;
use super::statement::{
    Access, Parameter, Row, Statement, fail_where_snapshot_is_kept, numeric_texts, statement, with_latest_snapshot,
};
use super::usage::{Asking, names, of_count, window_start};
use crate::locks;

/// The count `$2` to `$5` of organization `$1`, as `of_count!` takes it.
macro_rules! one_count {
    () => {
        "(SELECT $2 AS promotion_id, $3 AS limit_row, $4 AS subject, $5 AS window_start) c"
    };
}

/// The second key of the advisory lock on a slot of count `c`.
macro_rules! slot_key {
    ($slot:literal) => {
        concat!("pg_catalog.hashtext(pg_catalog.concat_ws(':', $1, c.promotion_id, c.limit_row, c.subject, extract(epoch FROM c.window_start), ", $slot, "))")
    };
}

/// Takes changes from one row each, found by `$which`.
macro_rules! take {
    ($which:literal) => {
        concat!(
            "WITH picked AS MATERIALIZED (
                 SELECT c.ordinal, c.promotion_id, c.limit_row, c.subject, c.window_start,
                        c.held::numeric AS held, c.redeemed::numeric AS redeemed, s.slot
                   FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4),
                                   pg_catalog.unnest($5), pg_catalog.unnest($6), pg_catalog.unnest($7),
                                   pg_catalog.unnest($8)) WITH ORDINALITY
                        AS c (promotion_id, limit_row, subject, window_start, held, redeemed, slot, ordinal)
                  CROSS JOIN LATERAL (
                        SELECT u.slot FROM promo.usage u
                         WHERE ",
            of_count!("u", "c"),
            "              AND (c.held::numeric + c.redeemed::numeric <= 0 OR u.slot_limit IS NULL
                                OR u.redeemed - u.returned + u.held + c.held::numeric + c.redeemed::numeric
                                   <= u.slot_limit) ",
            $which,
            "            LIMIT 1 FOR UPDATE SKIP LOCKED) s
             )
             UPDATE promo.usage u SET held = u.held + c.held, redeemed = u.redeemed + c.redeemed
               FROM picked c
              WHERE u.slot = c.slot AND ",
            of_count!("u", "c"),
            " RETURNING c.ordinal, u.slot"
        )
    };
}

statement!(
    TAKE,
    [INT8OID, TEXTARRAYOID, INT4ARRAYOID, TEXTARRAYOID, TIMESTAMPTZARRAYOID, TEXTARRAYOID, TEXTARRAYOID, INT4ARRAYOID],
    take!(
        "ORDER BY CASE WHEN c.held::numeric + c.redeemed::numeric <= 0
                       THEN u.slot_limit - u.redeemed + u.returned - u.held END, (u.slot + c.slot) % 64"
    )
);

statement!(
    TAKE_SAME,
    [INT8OID, TEXTARRAYOID, INT4ARRAYOID, TEXTARRAYOID, TIMESTAMPTZARRAYOID, TEXTARRAYOID, TEXTARRAYOID, INT4ARRAYOID],
    take!("AND u.slot = c.slot")
);

statement!(
    MAKE_OWN,
    [INT8OID, TEXTARRAYOID, INT4ARRAYOID, TEXTARRAYOID, TIMESTAMPTZARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID],
    concat!(
        "INSERT INTO promo.usage (org_id, promotion_id, limit_row, subject, window_start, slot, slot_limit, held, redeemed)
     SELECT $1, c.promotion_id, c.limit_row, c.subject, c.window_start, 0, c.most::numeric, c.held::numeric,
            c.redeemed::numeric
       FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5),
                       pg_catalog.unnest($6), pg_catalog.unnest($7), pg_catalog.unnest($8))
            AS c (promotion_id, limit_row, subject, window_start, held, redeemed, most)
      WHERE coalesce(c.held::numeric + c.redeemed::numeric <= c.most::numeric, true)
        AND NOT EXISTS (SELECT FROM promo.usage u WHERE ",
        of_count!("u", "c"),
        ") ON CONFLICT DO NOTHING
     RETURNING promotion_id, limit_row, subject, window_start"
    )
);

statement!(
    GATHER,
    [INT8OID, TEXTOID, INT4OID, TEXTOID, TIMESTAMPTZOID, INT4ARRAYOID, TEXTOID],
    concat!(
        "SELECT u.slot, (u.slot_limit - u.redeemed + u.returned - u.held)::text FROM promo.usage u, ",
        one_count!(),
        " WHERE u.slot_limit - u.redeemed + u.returned - u.held > 0 AND u.slot <> ALL ($6) AND ",
        of_count!("u", "c"),
        " ORDER BY u.slot_limit - u.redeemed + u.returned - u.held DESC, u.slot
          LIMIT (SELECT 1 + pg_catalog.count(*) FILTER (WHERE r.sum < $7::numeric)
                   FROM (SELECT pg_catalog.sum(u.slot_limit - u.redeemed + u.returned - u.held) OVER (
                                    ORDER BY u.slot_limit - u.redeemed + u.returned - u.held DESC, u.slot) AS sum
                           FROM promo.usage u, ",
        one_count!(),
        " WHERE u.slot_limit - u.redeemed + u.returned - u.held > 0 AND u.slot <> ALL ($6) AND ",
        of_count!("u", "c"),
        "       ) r)
          FOR UPDATE OF u SKIP LOCKED"
    )
);

statement!(
    FULLEST,
    [INT8OID, TEXTOID, INT4OID, TEXTOID, TIMESTAMPTZOID, INT8OID],
    concat!(
        "SELECT u.slot, (u.slot_limit - u.redeemed + u.returned - u.held)::text FROM promo.usage u, ",
        one_count!(),
        " WHERE ",
        of_count!("u", "c"),
        " ORDER BY u.slot_limit - u.redeemed + u.returned - u.held, u.slot LIMIT $6 FOR UPDATE OF u SKIP LOCKED"
    )
);

statement!(
    CHOOSE,
    [INT8OID, TEXTOID, INT4OID, TEXTOID, TIMESTAMPTZOID, INT4OID, INT4OID],
    concat!(
        "SELECT f.slot
           FROM ",
        one_count!(),
        ", LATERAL (SELECT n.slot FROM pg_catalog.generate_series(0, $6 - 1) AS n (slot)
                     WHERE NOT EXISTS (SELECT FROM promo.usage u WHERE u.slot = n.slot AND ",
        of_count!("u", "c"),
        "            ) OFFSET 0) f
          WHERE pg_catalog.pg_try_advisory_xact_lock($7, ",
        slot_key!("f.slot"),
        ") LIMIT 1"
    )
);

statement!(
    IS_MADE,
    [INT8OID, TEXTOID, INT4OID, TEXTOID, TIMESTAMPTZOID, INT4OID],
    concat!("SELECT u.slot FROM promo.usage u, ", one_count!(), " WHERE u.slot = $6 AND ", of_count!("u", "c"))
);

statement!(
    MAKE,
    [INT8OID, TEXTOID, INT4OID, TEXTOID, TIMESTAMPTZOID, TEXTOID, INT4OID, INT4OID, INT4OID],
    "INSERT INTO promo.usage (org_id, promotion_id, limit_row, subject, window_start, slot, slot_limit)
     VALUES ($1, $2, $3, $4, $5, $9, promo.slot_limit($6::numeric, $7, $9, $8))
     RETURNING slot, slot_limit::text"
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
             INSERT INTO promo.event
                    (org_id, happened_at, kind, reason, actor, promotion_id, customer_id, evaluation_id, uses)
             SELECT $1, $7, 'RELEASE', 'EXPIRED', ",
        caller!(),
        ", $2, s.customer_id, g.evaluation_id, pg_catalog.jsonb_build_array(pg_catalog.jsonb_build_object(
                    'row', $3, 'subject', $4, 'held', (-g.amount)::text, 'window',
                    CASE WHEN $5 > '-infinity' THEN (pg_catalog.date_part('epoch', $5) * 1000)::pg_catalog.int8 END))
               FROM gone g
               LEFT JOIN promo.evaluation_state s ON s.org_id = $1 AND s.evaluation_id = g.evaluation_id
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

/// The slot that this backend looks at first, so that not all look at the same.
fn first_slot() -> i32 {
    (std::process::id() % 64) as i32
}

thread_local! {
    /// The row that this backend took last of counts that many use: each to its own, they don't meet, and find it
    /// without looking at all.
    static LAST: RefCell<HashMap<Count, i32>> = RefCell::new(HashMap::new());
}

/// How many counts a backend remembers a row of.
const MOST_REMEMBERED: usize = 1_024;

/// Takes the changes of all counts that have a row free, with room for them: answers which of the changes, and the
/// row of each.
pub fn take_free(asking: &Asking<'_>, changes: &[(&Count, &Change)]) -> Vec<(usize, i32)> {
    let is_spread = |change: &Change| change.bound.as_ref().is_some_and(|bound| bound.slots > 1);
    let (mut same, mut others) = (Vec::new(), Vec::new());
    LAST.with_borrow(|last| {
        for (place, (count, change)) in changes.iter().enumerate() {
            match last.get(*count).filter(|_| change.growth() > 0 && is_spread(change)) {
                Some(row) => same.push((place, *row)),
                None => others.push((place, first_slot())),
            }
        }
    });
    let mut taken = take_by(&TAKE_SAME, asking, changes, &same);
    let missed = same.iter().filter(|(place, _)| !taken.iter().any(|(own, _)| own == place));
    others.extend(missed.map(|(place, _)| (*place, first_slot())));
    others.sort_unstable();
    taken.extend(take_by(&TAKE, asking, changes, &others));
    LAST.with_borrow_mut(|last| {
        if last.len() > MOST_REMEMBERED {
            last.clear();
        }
        for (place, row) in &taken {
            let (count, change) = changes[*place];
            if is_spread(change) && change.growth() > 0 && last.get(count) != Some(row) {
                last.insert(count.clone(), *row);
            }
        }
    });
    taken
}

/// Takes some of the changes by a statement, each with its slot.
fn take_by(
    statement: &'static LocalKey<Statement>,
    asking: &Asking<'_>,
    changes: &[(&Count, &Change)],
    places: &[(usize, i32)],
) -> Vec<(usize, i32)> {
    if places.is_empty() {
        return Vec::new();
    }
    let own = || places.iter().map(|(place, _)| changes[*place]);
    let [promotions, rows, subjects, windows] = names(places.iter().map(|(place, _)| changes[*place].0));
    let parameters = [
        asking.org_id.into_datum(),
        promotions,
        rows,
        subjects,
        windows,
        numeric_texts(own().map(|(_, change)| change.held_delta())),
        numeric_texts(own().map(|(_, change)| change.redeemed)),
        places.iter().map(|(_, slot)| *slot).collect::<Vec<_>>().into_datum(),
    ];
    let read = |row: &Row<'_>| {
        let place = usize::try_from(row.bigint(1).unwrap_or(1) - 1).unwrap_or(0);
        (places[place].0, row.int(2).unwrap_or(0))
    };
    statement.with(|statement| statement.run(Access::Write, &parameters, read))
}

/// A count, as statements answer it.
pub type Name = (String, i32, String, i64);

/// The name of a count.
pub fn name_of(count: &Count) -> Name {
    (count.promotion_id.clone(), count.row as i32, count.subject.clone(), window_start(count))
}

/// Makes the row of each claim on a count of one customer or instance, that has none and room for it; answers for
/// which. Such counts have one row, and only their customer's calls, one after the other, make it.
pub fn make_own(asking: &Asking<'_>, changes: &[(&Count, &Change)]) -> HashSet<Name> {
    let own: Vec<(&Count, &Change, &Bound)> = changes
        .iter()
        .filter(|(_, change)| change.growth() > 0)
        .filter_map(|(count, change)| Some((*count, *change, change.bound.as_ref()?)))
        .filter(|(.., bound)| !bound.is_shared())
        .collect();
    if own.is_empty() {
        return HashSet::new();
    }
    let [promotions, rows, subjects, windows] = names(own.iter().map(|(count, ..)| *count));
    let parameters = [
        asking.org_id.into_datum(),
        promotions,
        rows,
        subjects,
        windows,
        numeric_texts(own.iter().map(|(_, change, _)| change.held_delta())),
        numeric_texts(own.iter().map(|(_, change, _)| change.redeemed)),
        own.iter().map(|(.., bound)| bound.most()).collect::<Vec<_>>().into_datum(),
    ];
    let read = |row: &Row<'_>| Some((row.text(1)?, row.int(2)?, row.text(3)?, row.bigint(4)?));
    MAKE_OWN.with(|statement| statement.run(Access::Write, &parameters, read)).into_iter().flatten().collect()
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

/// Locks as many rows that are free as have the room together, other ones than those that are taken; answers the
/// room of each.
pub fn lock_roomy(asking: &Asking<'_>, count: &Count, taken: Vec<i32>, room: i128) -> Vec<(i32, i128)> {
    on_count(&GATHER, asking, count, [taken.into_datum(), shortest(room).into_datum()])
}

/// Makes one more row of a count, unless all are there or being made; answers its room. It never waits: whoever has
/// a slot's lock is the only one to make it, and looks whether it is there before.
pub fn make_one(asking: &Asking<'_>, count: &Count, bound: &Bound) -> Vec<(i32, i128)> {
    loop {
        let free = on_count(&CHOOSE, asking, count, [bound.slots.into_datum(), locks::SLOT.into_datum()]);
        let Some((slot, _)) = free.first().copied() else { return Vec::new() };
        let mut parameters = name(asking, count);
        parameters.push(slot.into_datum());
        let made = with_latest_snapshot(|| IS_MADE.with(|statement| statement.run(Access::Read, &parameters, |_| ())));
        if made.is_empty() {
            let parameters =
                [bound.most().into_datum(), bound.slots.into_datum(), bound.digits.into_datum(), slot.into_datum()];
            return on_count(&MAKE, asking, count, parameters);
        }
        // It was committed a moment ago. A transaction that keeps its first snapshot will never see it.
        fail_where_snapshot_is_kept();
    }
}

/// Locks rows that are free, the fullest ones, at most so many; answers the room of each.
pub fn lock_fullest(asking: &Asking<'_>, count: &Count, rows: i64) -> Vec<(i32, i128)> {
    on_count(&FULLEST, asking, count, [rows.into_datum()])
}

/// Waits for a row of a count, one with an overrun before others; answers that overrun.
pub fn lock_one(asking: &Asking<'_>, count: &Count) -> Vec<(i32, i128)> {
    on_count(&LOCK_ONE, asking, count, [])
}

/// Waits for slot 0; answers whether there is one.
pub fn lock_first(asking: &Asking<'_>, count: &Count) -> bool {
    !on_count(&LOCK_FIRST, asking, count, []).is_empty()
}

/// Waits for all rows of a count, in order; answers the room of each.
pub fn lock_all(asking: &Asking<'_>, count: &Count) -> Vec<(i32, i128)> {
    on_count(&LOCK_ALL, asking, count, [])
}

/// Makes the rows of a count that are not there, once nobody else is about to.
pub fn make_all(asking: &Asking<'_>, count: &Count, bound: Option<&Bound>, first: i32, last: i32) {
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

/// What is added to a row.
#[derive(Debug, Clone, Copy, Default)]
pub struct Part {
    /// The row.
    pub slot: i32,
    /// To what is held.
    pub held: i128,
    /// To what is redeemed.
    pub redeemed: i128,
    /// To what came back.
    pub returned: i128,
    /// To what is beyond the limit.
    pub overrun: i128,
}

/// Writes to rows that are locked.
pub fn write(asking: &Asking<'_>, count: &Count, parts: &[Part]) {
    let column = |of: &dyn Fn(&Part) -> i128| numeric_texts(parts.iter().map(of));
    let parameters = [
        parts.iter().map(|part| part.slot).collect::<Vec<_>>().into_datum(),
        column(&|part| part.held),
        column(&|part| part.redeemed),
        column(&|part| part.returned),
        column(&|part| part.overrun),
    ];
    on_count(&ADD, asking, count, parameters);
}

/// Frees what carts hold whose time is over, into a row that is locked; answers how much.
pub fn sweep(asking: &Asking<'_>, count: &Count, slot: i32, most: i64) -> i128 {
    let parameters = [slot.into_datum(), asking.now.into_datum(), asking.own.to_vec().into_datum(), most.into_datum()];
    let mut all = name(asking, count);
    all.extend(parameters);
    SWEEP.with(|statement| statement.run(Access::Write, &all, |row| row.millionths(1))).into_iter().sum()
}
