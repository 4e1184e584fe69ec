//! Limit rows (spec/definition.md, "Limits").

use serde::{Deserialize, Serialize};

use super::scope::Weekday;
use crate::instant::Instant;
use crate::money::DefinitionNumber;
use crate::settings::words;

words! {
    /// Whose uses a limit counts.
    LimitLevel {
        /// everybody's
        Promotion,
        /// each customer's
        Customer,
        /// each cart's
        Cart,
        /// each code's
        Code,
        /// each earned instance's
        Earn,
    }
}

words! {
    /// What a limit counts.
    LimitKpi {
        /// applications
        Redemption,
        /// transactions
        Transaction,
        /// money
        Discount,
    }
}

words! {
    /// What happens where a limit leaves too little.
    #[derive(Default)]
    OnExceed {
        /// as much is given as is left
        #[default]
        Clip,
        /// the promotion does not apply
        Refuse,
    }
}

words! {
    /// What a Customer limit means for guests.
    #[derive(Default)]
    Guests {
        /// the promotion does not apply to them
        #[default]
        Refuse,
        /// the limit does not bind them
        Allow,
    }
}

words! {
    /// How fixed windows follow one another.
    CycleType {
        /// months of the calendar
        CalendarMonth,
        /// weeks
        Week,
        /// so many days
        NDay,
    }
}

words! {
    /// What the cycles of N_DAY windows count from.
    #[derive(Default)]
    CycleReference {
        /// `cycleReferenceDate`, else the promotion's start
        #[default]
        PromotionConfig,
        /// when the code or instance was issued
        IssuanceDate,
    }
}

/// When a limit's count starts anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LimitWindow {
    /// Never.
    Overall,
    /// At fixed times on the organization's wall clock.
    Fixed(FixedWindow),
    /// Continuously: what lies more than so many milliseconds back does not count. Above 0.
    Moving {
        /// The interval's length in milliseconds.
        milliseconds: i64,
    },
}

/// Windows that follow one another on the organization's wall clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedWindow {
    /// How.
    pub cycle: CycleType,
    /// The day that a WEEK starts on.
    pub week_start: Weekday,
    /// Days of an N_DAY cycle, 1 or more; 1 for the others.
    pub days: u32,
    /// An instant in the first cycle (its day at midnight starts it); None: the promotion's start.
    pub reference: Option<Instant>,
    /// What cycles count from.
    pub source: CycleReference,
}

/// A limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitRow {
    /// Whose uses.
    pub level: LimitLevel,
    /// What is counted.
    pub kpi: LimitKpi,
    /// The most: a whole number, or an amount of money with DISCOUNT.
    pub limit: DefinitionNumber,
    /// What happens where too little is left.
    pub on_exceed: OnExceed,
    /// What it means for guests (Customer level).
    pub guests: Guests,
    /// When the count starts anew.
    pub window: LimitWindow,
}

/// All limits of a promotion: the levels in the order of [`LimitLevel`], rows in the order written.
/// A row's index in it names the row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limits(pub Vec<LimitRow>);
