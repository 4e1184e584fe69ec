//! What a call does to the counts of limits.

use std::collections::BTreeMap;

use super::evaluation_state::Hold;
use promotion_core::claim::{Claim, Count, slots};
use promotion_core::currency::Currency;
use promotion_core::definition::{LimitKpi, LimitLevel, LimitRow, LimitWindow};
use promotion_core::money::{MILLION, shortest};

/// The limit that a claim goes against, as the tables need it.
#[derive(Debug, Clone)]
pub struct Bound {
    /// The limit.
    pub limit: LimitRow,
    /// Over how many rows its count may be spread.
    pub slots: i32,
    /// How many digits after the point it is split to.
    pub digits: i32,
}

impl Bound {
    /// Whether it counts in a MOVING window.
    pub fn is_moving(&self) -> bool {
        matches!(self.limit.window, LimitWindow::Moving { .. })
    }

    /// Whether several customers' calls meet at its count.
    pub fn is_shared(&self) -> bool {
        matches!(self.limit.level, LimitLevel::Promotion | LimitLevel::Code)
    }

    /// Whether its rows keep anybody out: those of MOVING limits and of what is only counted don't.
    pub fn is_guarded(&self) -> bool {
        !self.is_moving() && !self.limit.is_unlimited()
    }

    /// The limit of the rows of a count, if they have one.
    pub fn most(&self) -> Option<String> {
        self.is_guarded().then(|| shortest(self.limit.limit.0))
    }
}

/// What a call does to one count, in millionths, 0 or more each.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// The limit, where anything new is claimed.
    pub bound: Option<Bound>,
    /// Holds of the call's own that it gives up.
    pub released: i128,
    /// Whether any of them had expired.
    pub is_revived: bool,
    /// Newly held.
    pub held: i128,
    /// Newly redeemed.
    pub redeemed: i128,
    /// Brought back.
    pub returned: i128,
    /// Of a MOVING limit: what of that was beyond it.
    pub returned_overrun: Option<i128>,
    /// Whether more may be redeemed than is left.
    pub may_overrun: bool,
    /// Whether the row is written though nothing changes, for others to notice.
    pub is_touched: bool,
}

impl Change {
    /// What is held more, or less.
    pub fn held_delta(&self) -> i128 {
        self.held - self.released
    }

    /// Whether a row is to be written: not where a cart holds on to what it held. Where it holds anew what had
    /// expired, others must not decide about the room before this is.
    pub fn writes(&self) -> bool {
        self.held_delta() != 0 || self.redeemed != 0 || self.returned != 0 || self.is_revived || self.is_touched
    }

    /// Whether it gives up several units, and nothing else.
    pub fn is_bulk_release(&self) -> bool {
        self.redeemed == 0 && self.returned == 0 && self.held_delta() <= -2 * MILLION
    }

    /// How much more is used, or less.
    pub fn growth(&self) -> i128 {
        self.held + self.redeemed - self.released - self.returned
    }
}

/// All that a call does to counts.
#[derive(Debug, Clone, Default)]
pub struct Changes(pub BTreeMap<Count, Change>);

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

    /// Gives up a hold, which may have expired by now (a timestamptz).
    pub fn release(&mut self, hold: &Hold, now: i64) {
        let change = self.0.entry(hold.count.clone()).or_default();
        change.released += hold.amount;
        change.is_revived |= hold.valid_till <= now;
    }

    /// Turns a live hold into a redemption: of what was held there is always room.
    pub fn redeem_hold(&mut self, count: &Count, amount: i128) {
        let change = self.0.entry(count.clone()).or_default();
        change.released += amount;
        change.redeemed += amount;
    }

    /// Writes to a count of this limit without changing it.
    pub fn touch(&mut self, count: Count, limit: &LimitRow) {
        let change = self.0.entry(count).or_default();
        change.is_touched = true;
        change.bound.get_or_insert_with(|| Bound { limit: limit.clone(), slots: 1, digits: 0 });
    }

    /// Brings back what was redeemed; of a MOVING limit with what of it was beyond the limit.
    pub fn bring_back(&mut self, count: &Count, amount: i128, overrun: Option<i128>) {
        let change = self.0.entry(count.clone()).or_default();
        change.returned += amount;
        change.returned_overrun = overrun;
    }
}
