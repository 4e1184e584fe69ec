//! Compiled rulesets of this backend, by organization and generation (spec/architecture.md,
//! "Ruleset cache").
//!
//! The generation is read in the same snapshot as everything else of a call, and changes with every
//! committed change of definitions: an entry is right for whoever sees its generation, so that
//! nothing is ever invalidated, only forgotten when newer ones need the room.

use std::cell::RefCell;
use std::sync::Arc;

use promotion_core::ruleset::Ruleset;

use crate::clock;
use crate::error::ApiResult;
use crate::store;
use crate::store::statement::Access;

/// How many rulesets a backend keeps: a pooled connection may serve many organizations.
const MOST_RULESETS: usize = 256;

/// How many promotions they may have together, the one in use not counted: a few hundred megabytes.
const MOST_PROMOTIONS: usize = 200_000;

/// Promotions that ended longer ago than this before a ruleset was loaded are not in it: carts are
/// priced now, and what was sold offline arrives within days.
const KEPT_AFTER_END: i64 = 7 * 24 * 3600 * 1000;

struct Entry {
    org_id: i64,
    generation: i64,
    /// Instants before this one, in epoch milliseconds, need promotions that are not in it.
    complete_from: i64,
    ruleset: Arc<Ruleset>,
}

thread_local! {
    /// Least recently used first.
    static ENTRIES: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
}

/// The ruleset of an organization at a generation that the snapshot in force sees, for a cart priced
/// at an instant (epoch milliseconds).
pub fn ruleset(org_id: i64, generation: i64, instant: i64) -> ApiResult<Arc<Ruleset>> {
    let fits =
        |entry: &Entry| entry.org_id == org_id && entry.generation == generation && entry.complete_from <= instant;
    let known = ENTRIES.with_borrow_mut(|entries| {
        let place = entries.iter().position(fits)?;
        let entry = entries.remove(place);
        let ruleset = Arc::clone(&entry.ruleset);
        entries.push(entry);
        Some(ruleset)
    });
    if let Some(ruleset) = known {
        return Ok(ruleset);
    }
    // No borrow is held while SQL runs: it could call the engine again.
    let recent = clock::milliseconds(clock::now()) - KEPT_AFTER_END;
    let complete_from = if instant < recent { i64::MIN } else { recent };
    let ruleset = Arc::new(load(org_id, complete_from)?);
    ENTRIES.with_borrow_mut(|entries| {
        // Older generations of this organization are of no use to anybody but an open transaction.
        entries.retain(|entry| entry.org_id != org_id || entry.generation >= generation);
        let promotions = |entries: &[Entry]| entries.iter().map(|entry| entry.ruleset.len()).sum::<usize>();
        while entries.len() >= MOST_RULESETS || promotions(entries) > MOST_PROMOTIONS {
            entries.remove(0);
        }
        entries.push(Entry { org_id, generation, complete_from, ruleset: Arc::clone(&ruleset) });
    });
    Ok(ruleset)
}

fn load(org_id: i64, complete_from: i64) -> ApiResult<Ruleset> {
    let settings = store::organization::settings(org_id, Access::Read)?;
    let parents = store::category::parents(org_id);
    let sources = store::promotion::in_force(org_id, complete_from)?;
    Ok(Ruleset::compile(settings, parents, sources))
}
