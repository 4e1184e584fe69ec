//! Limit rows (spec/definition.md, "Limits").

use serde::{Deserialize, Serialize};

use super::scope::Weekday;
use super::{Definition, PromotionType};
use crate::instant::Instant;
use crate::money::{DefinitionNumber, MILLION};
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

impl LimitWindow {
    /// Its kind in one word: OVERALL, FIXED or MOVING.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Overall => "OVERALL",
            Self::Fixed(_) => "FIXED",
            Self::Moving { .. } => "MOVING",
        }
    }
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

/// Most rows that a definition may have.
pub(super) const MOST_ROWS: usize = 10;

/// The row that counts the transactions of an instance, beside those that a definition has
/// (spec/lifecycle.md, "Entitlements").
pub const INSTANCE_ROW: usize = MOST_ROWS;

/// The limit of a row that only counts: more than a definition can write.
const NO_LIMIT: DefinitionNumber = DefinitionNumber(1_000_000_000_000_000 * MILLION);

const fn instance_row(limit: DefinitionNumber) -> LimitRow {
    LimitRow {
        level: LimitLevel::Earn,
        kpi: LimitKpi::Transaction,
        limit,
        on_exceed: OnExceed::Clip,
        guests: Guests::Refuse,
        window: LimitWindow::Overall,
    }
}

static ONE_TRANSACTION: LimitRow = instance_row(DefinitionNumber(MILLION));
static ANY_TRANSACTIONS: LimitRow = instance_row(NO_LIMIT);

impl LimitRow {
    /// Whether it only counts.
    pub fn is_unlimited(&self) -> bool {
        self.limit >= NO_LIMIT
    }
}

impl Definition {
    /// The level whose rows say how often an instance may be used, for a type that has instances.
    pub fn instance_level(&self) -> Option<LimitLevel> {
        match self.promotion_type {
            PromotionType::Customer => Some(LimitLevel::Customer),
            PromotionType::Earning | PromotionType::Reward => Some(LimitLevel::Earn),
            PromotionType::Pos | PromotionType::Code => None,
        }
    }

    /// All rows that bind it, each with the number that names it: those of its definition, and of a type that
    /// has instances the one that counts the transactions of each: one, unless rows of its own say how often it
    /// may be used.
    pub fn limit_rows(&self) -> impl Iterator<Item = (usize, &LimitRow)> {
        let of_instance = self.instance_level().map(|level| {
            let is_reusable = self.limits.0.iter().any(|row| row.level == level);
            (INSTANCE_ROW, if is_reusable { &ANY_TRANSACTIONS } else { &ONE_TRANSACTION })
        });
        self.limits.0.iter().enumerate().chain(of_instance)
    }
}
