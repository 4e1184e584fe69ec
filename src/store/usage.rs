//! What of limits is used, as an evaluation must know it (spec/lifecycle.md, "Usage").

use std::collections::HashSet;

use pgrx::datum::IntoDatum;
use promotion_core::claim::{Count, Question};
use promotion_core::definition::LimitWindow;
use promotion_core::instant::Instant;
use promotion_core::limit::Used;
use promotion_core::situation::Usage;

use super::statement::{Access, Parameter, Row, statement};
use crate::clock;

/// How many expired holds of a limit are looked at unless it matters how many there are.
const FEW: i64 = 200;

/// `promo.usage` or `promo.usage_claim` as `$t`: the rows of one count `$c` of organization `$1`.
macro_rules! of_count {
    ($t:literal, $c:literal) => {
        concat!(
            $t,
            ".org_id = $1 AND ",
            $t,
            ".promotion_id = ",
            $c,
            ".promotion_id AND ",
            $t,
            ".limit_row = ",
            $c,
            ".limit_row AND ",
            $t,
            ".subject = ",
            $c,
            ".subject AND ",
            $t,
            ".window_start = ",
            $c,
            ".window_start"
        )
    };
}
pub(super) use of_count;

// The cart's own holds are found by its evaluations, each by itself: of one count there can be any number, and without
// statistics PostgreSQL would rather look through those.
statement!(
    USED,
    [INT8OID, TEXTARRAYOID, INT4ARRAYOID, TEXTARRAYOID, TIMESTAMPTZARRAYOID, TEXTARRAYOID, TIMESTAMPTZOID, INT8OID],
    concat!(
        "WITH own AS MATERIALIZED (
             SELECT h.*
               FROM pg_catalog.unnest($6) AS mine (evaluation_id)
              CROSS JOIN LATERAL (SELECT c.org_id, c.promotion_id, c.limit_row, c.subject, c.window_start, c.amount
                                    FROM promo.usage_claim c
                                   WHERE c.org_id = $1 AND c.evaluation_id = mine.evaluation_id
                                     AND c.state::text = 'HELD' AND c.valid_till > $7 OFFSET 0) h
         )
         SELECT c.ordinal, used.sum::text, own.sum::text, expired.sum::text, expired.count
           FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5))
                WITH ORDINALITY AS c (promotion_id, limit_row, subject, window_start, ordinal)
          CROSS JOIN LATERAL (SELECT pg_catalog.sum(u.redeemed - u.returned + u.held) FROM promo.usage u WHERE ",
        of_count!("u", "c"),
        ") used
          CROSS JOIN LATERAL (SELECT pg_catalog.sum(h.amount) FROM own h WHERE ",
        of_count!("h", "c"),
        ") own
          CROSS JOIN LATERAL (SELECT pg_catalog.sum(e.amount), pg_catalog.count(*)
                                FROM (SELECT h.amount FROM promo.usage_claim h
                                       WHERE h.state = 'HELD' AND h.valid_till <= $7 AND ",
        of_count!("h", "c"),
        " LIMIT $8) e) expired"
    )
);

statement!(
    MOVING,
    [INT8OID, TEXTOID, INT4OID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTARRAYOID, TIMESTAMPTZOID, BOOLOID],
    "SELECT false, m.used_at, (m.amount - m.returned)::text FROM promo.usage_claim m
      WHERE m.org_id = $1 AND m.promotion_id = $2 AND m.limit_row = $3 AND m.subject = $4
        AND m.is_moving AND m.state = 'REDEEMED' AND m.used_at > $5 AND m.used_at < $6
     UNION ALL
     SELECT true, h.used_at, h.amount::text FROM promo.usage_claim h
      WHERE h.org_id = $1 AND h.promotion_id = $2 AND h.limit_row = $3 AND h.subject = $4
        AND h.window_start = '-infinity' AND h.state = 'HELD' AND (h.valid_till > $8 OR $9) AND h.evaluation_id <> ALL ($7)"
);

/// Who asks, and when.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// The organization.
    pub org_id: i64,
    /// The database's clock, a timestamptz.
    pub now: i64,
    /// The instant that the cart is priced at, in epoch milliseconds.
    pub instant: i64,
    /// The evaluations whose holds are the cart's own, and don't count against it.
    pub own: &'a [String],
}

/// The first instant of a count's window, as the tables have it.
pub fn window_start(count: &Count) -> i64 {
    count.window_start.map_or(i64::MIN, |start| clock::timestamptz(start.0))
}

/// The count that four columns of a row name, from the one given on: promotion, row, subject, first instant.
pub fn count_of(row: &Row<'_>, column: i32) -> Option<Count> {
    let window_start = row.bigint(column + 3)?;
    Some(Count {
        promotion_id: row.text(column)?,
        row: usize::try_from(row.int(column + 1)?).ok()?,
        subject: row.text(column + 2)?,
        window_start: (window_start > i64::MIN).then(|| Instant(clock::milliseconds(window_start))),
    })
}

/// The four arrays that name counts.
pub fn names<'c>(counts: impl Iterator<Item = &'c Count> + Clone) -> [Parameter; 4] {
    [
        counts.clone().map(|count| count.promotion_id.clone()).collect::<Vec<_>>().into_datum(),
        counts.clone().map(|count| count.row as i32).collect::<Vec<_>>().into_datum(),
        counts.clone().map(|count| count.subject.clone()).collect::<Vec<_>>().into_datum(),
        super::statement::timestamptz_array(counts.map(window_start)),
    ]
}

/// What is used of the counts that an evaluation asks about, and which of them have expired holds to sweep.
/// The counts in `exhausted` have nothing left.
pub fn usage(asking: &Asking<'_>, questions: &[Question], exhausted: &HashSet<Count>) -> (Usage, HashSet<Count>) {
    let mut usage = Usage::default();
    let mut stale = HashSet::new();
    let is_moving = |question: &&Question| matches!(question.limit.window, LimitWindow::Moving { .. });
    let (moving, counted): (Vec<&Question>, Vec<&Question>) = questions.iter().partition(is_moving);
    for question in moving {
        usage.0.insert(question.key.clone(), moving_uses(asking, &question.count, &question.limit.window, Holds::Live));
    }
    let first = used(asking, &counted, FEW);
    let many: Vec<&Question> = first.iter().filter(|(.., few)| *few >= FEW).map(|(at, ..)| counted[*at]).collect();
    let mut sums: Vec<(&Question, i128, i64)> = first.iter().map(|(at, sum, few)| (counted[*at], *sum, *few)).collect();
    sums.extend(used(asking, &many, i64::MAX).into_iter().map(|(at, sum, few)| (many[at], sum, few)));
    for (question, sum, expired) in sums {
        if expired > 0 {
            stale.insert(question.count.clone());
        }
        usage.0.insert(question.key.clone(), Used { count: sum, ..Used::default() });
    }
    for question in questions.iter().filter(|question| exhausted.contains(&question.count)) {
        let limit = question.limit.limit.0;
        usage.0.insert(question.key.clone(), Used { count: limit, held: limit, moving: Vec::new() });
    }
    (usage, stale)
}

/// (place among the questions, what is used, how many expired holds were taken off it)
fn used(asking: &Asking<'_>, questions: &[&Question], most_expired: i64) -> Vec<(usize, i128, i64)> {
    if questions.is_empty() {
        return Vec::new();
    }
    let [promotions, rows, subjects, windows] = names(questions.iter().map(|question| &question.count));
    let parameters = [
        asking.org_id.into_datum(),
        promotions,
        rows,
        subjects,
        windows,
        asking.own.to_vec().into_datum(),
        asking.now.into_datum(),
        most_expired.into_datum(),
    ];
    let read = |row: &Row<'_>| {
        let place = usize::try_from(row.bigint(1).unwrap_or(1) - 1).unwrap_or(0);
        (place, row.millionths(2) - row.millionths(3) - row.millionths(4), row.bigint(5).unwrap_or(0))
    };
    USED.with(|statement| statement.run(Access::Read, &parameters, read))
}

/// Which holds of others count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// those that have not expired
    Live,
    /// all: what has expired and could not be swept is being held on to, or redeemed, by somebody
    All,
}

/// What is used of a MOVING limit around the instant.
pub fn moving_uses(asking: &Asking<'_>, count: &Count, window: &LimitWindow, holds: Holds) -> Used {
    let LimitWindow::Moving { milliseconds } = window else { return Used::default() };
    let parameters = [
        asking.org_id.into_datum(),
        count.promotion_id.as_str().into_datum(),
        (count.row as i32).into_datum(),
        count.subject.as_str().into_datum(),
        clock::timestamptz(asking.instant.saturating_sub(*milliseconds)).into_datum(),
        clock::timestamptz(asking.instant.saturating_add(*milliseconds)).into_datum(),
        asking.own.to_vec().into_datum(),
        asking.now.into_datum(),
        (holds == Holds::All).into_datum(),
    ];
    let rows = MOVING.with(|statement| {
        statement.run(Access::Read, &parameters, |row| {
            (row.is_true(1), clock::milliseconds(row.bigint(2).unwrap_or(0)), row.millionths(3))
        })
    });
    let mut used = Used::default();
    for (held, at, amount) in rows {
        if held {
            used.held += amount;
        } else {
            used.moving.push((at, amount));
        }
    }
    used
}
