//! Claims on limits: every one is a guarded write to a row of promo.usage (spec/lifecycle.md, "Usage";
//! spec/architecture.md, "Concurrency").
//!
//! The count of a limit is the sum of its rows (slots). Whoever uses more needs a row with room, of its own
//! for the moment; whoever gives something back, or turns a hold into a redemption, can write to any row. So a
//! call first takes what rows it finds free, without waiting. Where that does not do, it gives everything back
//! (the subtransaction is undone) and comes again to take its counts one by one in their order, waiting for
//! all rows of those that were not to be had. Only then, and with expired holds swept, is it told that too
//! little is left. As all calls take counts in one order and wait only in it, no two wait for each other.
//!
//! PostgreSQL's SKIP LOCKED alone does not see to that: to lock a row it follows its versions, and waits for whoever
//! makes the last of them, where the row was changed by another in between (heap_lock_updated_tuple). So taking what is
//! free has a lock_timeout of its own, and counts as not to be had where that runs out.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use promotion_core::claim::Count;
use promotion_core::definition::{INSTANCE_ROW, LimitRow, spelled};
use promotion_core::instant::Instant;
use promotion_core::limit::available;
use promotion_core::money::{MILLION, shortest};

use super::change::{Bound, Change, Changes};
use super::slot::{self, Part};
use super::statement::with_fresh_snapshot;
use super::usage::{Asking, Holds, moving_uses};
use crate::error::ApiError;
use crate::subtransaction::{attempt, briefly};

/// How many expired holds a call sweeps in passing: more than it can leave behind, yet few, as they free one row.
const SWEPT_IN_PASSING: i64 = 16;

/// Over how many rows a release is spread at most.
const MOST_RELEASED: i128 = 16;

/// Why the changes could not be made.
#[derive(Debug)]
pub enum Stop<E> {
    /// Rows of these counts were others': all is to be undone and tried again, waiting for them.
    Contended(Vec<Count>),
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
        if count.row == INSTANCE_ROW {
            return write!(f, "its instance {} is used up, or held by another cart", count.subject);
        }
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
            Err(Stop::Contended(counts)) => contended.extend(counts),
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
    let waits =
        |(count, change): &(&Count, &Change)| contended.contains(*count) || change.returned > 0 || change.is_touched;
    for run in changes.chunk_by(|a, b| waits(a) == waits(b)) {
        if run.first().is_some_and(waits) {
            for (count, change) in run {
                overruns.extend(take_waiting(asking, count, change)?);
            }
        } else {
            let counts = || run.iter().map(|(count, _)| (*count).clone()).collect();
            briefly(|| take(asking, run, stale)).unwrap_or_else(|| Err(Stop::Contended(counts())))?;
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
    let Some(bound) = change.bound.as_ref().filter(|bound| bound.is_moving() && claimed > 0 && change.writes()) else {
        return Ok(None);
    };
    // The row is this call's now. A hold that has expired is somebody's still where it can't be swept.
    slot::sweep(asking, count, 0, i64::MAX);
    let used = with_fresh_snapshot(|| moving_uses(asking, count, &bound.limit.window, Holds::All));
    let left = available(&bound.limit, &used, Instant(asking.instant));
    if claimed <= left {
        return Ok(None);
    }
    if !change.may_overrun {
        return Err(short(count, bound, left, claimed));
    }
    let overrun = claimed - left;
    slot::write(asking, count, &[Part { overrun, ..Part::default() }]);
    Ok(Some((count.clone(), overrun)))
}

fn short<E>(count: &Count, bound: &Bound, left: i128, claimed: i128) -> Stop<E> {
    Stop::Short(Box::new(Shortage { count: count.clone(), limit: bound.limit.clone(), left, claimed }))
}

/// Takes what rows are free, without waiting.
fn take<E>(asking: &Asking<'_>, changes: &[(&Count, &Change)], stale: &HashSet<Count>) -> Result<(), Stop<E>> {
    let (spread, changes): (Vec<_>, Vec<_>) = changes.iter().copied().partition(|(_, change)| change.is_bulk_release());
    for (count, change) in spread {
        release(asking, count, change)?;
    }
    let taken = slot::take_free(asking, &changes);
    for (place, row) in &taken {
        let (count, change) = changes[*place];
        if change.held > 0 && stale.contains(count) {
            slot::sweep(asking, count, *row, SWEPT_IN_PASSING);
        }
    }
    let taken: BTreeSet<usize> = taken.into_iter().map(|(place, _)| place).collect();
    let missing: Vec<(&Count, &Change)> =
        (0..changes.len()).filter(|place| !taken.contains(place)).map(|place| changes[place]).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let made = slot::make_own(asking, &missing);
    for (count, change) in missing {
        if !made.contains(&slot::name_of(count)) && !gather(asking, count, change) {
            return Err(Stop::Contended(vec![count.clone()]));
        }
    }
    Ok(())
}

/// Gives up a hold of several units: to several rows, the fullest ones, so that what is free does not lie in one
/// row, where only one transaction at a time could take of it.
fn release<E>(asking: &Asking<'_>, count: &Count, change: &Change) -> Result<(), Stop<E>> {
    let freed = -change.held_delta();
    let rows = slot::lock_fullest(asking, count, (freed / MILLION).clamp(1, MOST_RELEASED) as i64);
    let Some(rows_count) = i128::try_from(rows.len()).ok().filter(|rows| *rows > 0) else {
        return Err(Stop::Contended(vec![count.clone()]));
    };
    let each = freed / rows_count / MILLION * MILLION;
    let part = |(place, (row, _)): (usize, &(i32, i128))| {
        let own = if place == 0 { freed - each * (rows_count - 1) } else { each };
        Part { slot: *row, held: -own, ..Part::default() }
    };
    slot::write(asking, count, &rows.iter().enumerate().map(part).collect::<Vec<_>>());
    Ok(())
}

/// Takes a claim from several rows together, without waiting; answers whether that did.
fn gather(asking: &Asking<'_>, count: &Count, change: &Change) -> bool {
    let Some(bound) = change.bound.as_ref().filter(|bound| change.growth() > 0 && bound.is_shared()) else {
        return false;
    };
    let mut found: Vec<(i32, i128)> = Vec::new();
    let missing = |found: &[(i32, i128)]| change.growth() - found.iter().map(|(_, room)| *room).sum::<i128>();
    while missing(&found) > 0 {
        let taken: Vec<i32> = found.iter().map(|(row, _)| *row).collect();
        let mut more = slot::lock_roomy(asking, count, taken, missing(&found));
        if more.is_empty() {
            more = slot::make_one(asking, count, bound);
        }
        if more.is_empty() {
            return false;
        }
        found.append(&mut more);
    }
    slot::write(asking, count, &filled(change, &found, 0));
    true
}

/// A change in parts for rows that are locked, each with the room it has: as much growth as fits into each. What is
/// beyond all (`overrun`, and what a return takes off it) is the first row's, which bears everything that is no
/// growth.
fn filled(change: &Change, rows: &[(i32, i128)], overrun: i128) -> Vec<Part> {
    let mut rest = change.growth().max(0) - overrun.max(0);
    let mut shares = Vec::with_capacity(rows.len());
    for (row, room) in rows {
        let share = rest.min(*room).max(0);
        rest -= share;
        shares.push((*row, share));
    }
    in_shares(change, &shares, overrun)
}

/// A change in parts: how much more is used of each row, the overrun left out. The first row bears the change, and
/// holds move between it and the others: only their sum means anything.
fn in_shares(change: &Change, shares: &[(i32, i128)], overrun: i128) -> Vec<Part> {
    let others = shares.iter().skip(1).filter(|(_, share)| *share != 0);
    let moved = others.map(|(row, share)| Part { slot: *row, held: *share, ..Part::default() });
    let mut parts = vec![Part {
        slot: shares.first().map_or(0, |(row, _)| *row),
        held: change.held_delta(),
        redeemed: change.redeemed,
        returned: change.returned,
        overrun,
    }];
    parts.extend(moved);
    parts[0].held -= parts.iter().skip(1).map(|part| part.held).sum::<i128>();
    parts
}

/// How much more is to be used of each row, all of them being locked, for the room that is left to lie evenly in
/// them: where it lay in one row, only one transaction at a time could take of it.
fn evenly(rows: &[(i32, i128)], growth: i128, unit: i128) -> Vec<(i32, i128)> {
    let left = rows.iter().map(|(_, room)| *room).sum::<i128>() - growth;
    let count = i128::try_from(rows.len()).unwrap_or(1).max(1);
    let each = left / count / unit * unit;
    let mut rest = left - each * count;
    let mut share = |(row, room): &(i32, i128)| {
        let more = rest.min(unit);
        rest -= more;
        (*row, room - each - more)
    };
    let mut shares: Vec<(i32, i128)> = rows.iter().map(&mut share).collect();
    if let Some((_, first)) = shares.first_mut() {
        *first -= rest;
    }
    shares
}

/// Takes a change of one count, waiting for whoever has its rows.
fn take_waiting<E>(asking: &Asking<'_>, count: &Count, change: &Change) -> Result<Option<(Count, i128)>, Stop<E>> {
    let guarded = change.bound.as_ref().filter(|bound| change.growth() > 0 && bound.is_guarded());
    let Some(bound) = guarded else {
        let mut rows = slot::lock_one(asking, count);
        if rows.is_empty() {
            slot::make_all(asking, count, change.bound.as_ref(), 0, 0);
            rows = slot::lock_one(asking, count);
        }
        let (row, overrun) = rows.first().copied().unwrap_or((0, 0));
        // Of a MOVING limit an overrun belongs to its own instant, of the others to all.
        let less = change.returned.min(change.returned_overrun.unwrap_or(overrun)).min(overrun);
        slot::write(asking, count, &filled(change, &[(row, change.growth().max(0))], -less));
        return Ok((less > 0).then(|| (count.clone(), -less)));
    };
    // Whoever has slot 0 is the only one that takes all.
    if !slot::lock_first(asking, count) {
        slot::make_all(asking, count, Some(bound), 0, 0);
        slot::lock_first(asking, count);
    }
    if bound.slots > 1 {
        slot::make_all(asking, count, Some(bound), 1, bound.slots - 1);
    }
    let room = |rows: &[(i32, i128)]| rows.iter().map(|(_, room)| *room).sum::<i128>();
    let mut rows = slot::lock_all(asking, count);
    if room(&rows) < change.growth() && slot::sweep(asking, count, 0, i64::MAX) > 0 {
        rows = slot::lock_all(asking, count);
    }
    let missing = change.growth() - room(&rows).max(0);
    if missing > 0 && !change.may_overrun {
        return Err(short(count, bound, room(&rows).max(0), change.growth()));
    }
    let overrun = missing.clamp(0, change.growth());
    let unit = 10_i128.pow(6 - bound.digits.clamp(0, 6).unsigned_abs());
    let parts = if missing > 0 {
        filled(change, &rows, overrun)
    } else {
        in_shares(change, &evenly(&rows, change.growth(), unit), 0)
    };
    slot::write(asking, count, &parts);
    Ok((overrun > 0).then(|| (count.clone(), overrun)))
}
