//! How limit rows are read and written (spec/definition.md, "Limits").

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::limit::{
    CycleReference, CycleType, FixedWindow, Guests, LimitKpi, LimitLevel, LimitRow, LimitWindow, Limits, MOST_ROWS,
    OnExceed,
};
use super::read::{Whole, is_default, spelled};
use super::scope::Weekday;
use crate::error::InputError;
use crate::instant::Instant;
use crate::list::List;
use crate::money::{DefinitionNumber, MILLION, shortest};
use crate::settings::words;

/// Longest cycle of N_DAY windows, in days.
const MOST_DAYS: i64 = 36_500;

/// Most uses that a moving window may hold: each is looked at.
const MOST_MOVING_USES: i128 = 1_000;

const DAY: i128 = 24 * 60 * 60 * 1_000;

/// Longest moving window, in milliseconds.
const MOST_MOVING: i128 = 366 * 10 * DAY;

/// The most that a promotion may be used, counted on five levels; at most 10 rows in all.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "PromotionRestrictions"))]
#[serde(rename_all = "PascalCase", deny_unknown_fields, expecting = "an object of lists of rows")]
pub(super) struct RestrictionsInput {
    /// Everybody's uses together.
    promotion: Option<List<RowInput, MOST_ROWS>>,
    /// Each customer's uses.
    customer: Option<List<RowInput, MOST_ROWS>>,
    /// Uses on one cart; without windows.
    cart: Option<List<RowInput, MOST_ROWS>>,
    /// Each code's uses; type CODE only.
    code: Option<List<RowInput, MOST_ROWS>>,
    /// Each earned instance's uses; types EARNING and REWARD only.
    earn: Option<List<RowInput, MOST_ROWS>>,
}

/// A limit.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "LimitRow"))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a row (an object)")]
struct RowInput {
    /// What is counted.
    kpi: LimitKpi,
    /// The most: a whole number of 1 or more, or beside DISCOUNT an amount above 0.
    limit: DefinitionNumber,
    /// What happens where too little is left; CLIP if absent.
    on_exceed: Option<OnExceed>,
    /// What the limit means for guests, on Customer rows; REFUSE if absent.
    guests: Option<Guests>,
    /// When the count starts anew; never if absent.
    window_type: Option<WindowType>,
    /// Beside windowType FIXED: how its windows follow one another.
    fixed_window_config: Option<FixedInput>,
    /// Beside windowType MOVING: its length in milliseconds, or in the unit of `frequency`.
    min_time_between_repeat: Option<DefinitionNumber>,
    /// The unit of minTimeBetweenRepeat in an older spelling of MOVING rows.
    frequency: Option<MovingUnit>,
}

words! {
    /// When a limit's count starts anew.
    WindowType {
        /// never
        Overall,
        /// at fixed times
        Fixed,
        /// continuously
        Moving,
    }
}

words! {
    /// Units of moving windows.
    MovingUnit {
        /// of 24 hours
        Days,
        /// of 7 days
        Weeks,
    }
}

/// Windows that follow one another on the organization's wall clock.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "FixedWindowConfig"))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
struct FixedInput {
    /// How they follow one another.
    cycle_type: CycleType,
    /// The day that a WEEK starts on; MONDAY if absent.
    week_start_day: Option<Weekday>,
    /// Beside N_DAY: how many days a window has.
    refresh_rate: Option<Whole<1, MOST_DAYS>>,
    /// Beside N_DAY: an instant in the first window; the promotion's start if absent.
    cycle_reference_date: Option<Instant>,
    /// What N_DAY windows count from; PROMOTION_CONFIG if absent, ISSUANCE_DATE on Code and Earn rows only.
    cycle_reference_date_source: Option<CycleReference>,
}

const LEVELS: [LimitLevel; 5] =
    [LimitLevel::Promotion, LimitLevel::Customer, LimitLevel::Cart, LimitLevel::Code, LimitLevel::Earn];

impl LimitLevel {
    /// Its key in promotionRestrictions.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Promotion => "Promotion",
            Self::Customer => "Customer",
            Self::Cart => "Cart",
            Self::Code => "Code",
            Self::Earn => "Earn",
        }
    }
}

fn fail<T>(key: &str, message: impl Into<std::borrow::Cow<'static, str>>) -> Result<T, InputError> {
    Err(InputError::new(message).under_key(key))
}

impl RestrictionsInput {
    pub(super) fn into_limits(self) -> Result<Limits, InputError> {
        let mut limits = Limits::default();
        let levels = [self.promotion, self.customer, self.cart, self.code, self.earn];
        for (level, rows) in LEVELS.into_iter().zip(levels) {
            for (index, row) in rows.unwrap_or_default().0.into_iter().enumerate() {
                let row = row.into_row(level).map_err(|error| error.under_index(index).under_key(level.key()))?;
                limits.0.push(row);
            }
        }
        if limits.0.len() > MOST_ROWS {
            return Err(InputError::new(format!("expected at most {MOST_ROWS} rows in all, found {}", limits.0.len())));
        }
        Ok(limits)
    }
}

impl RowInput {
    fn into_row(self, level: LimitLevel) -> Result<LimitRow, InputError> {
        if self.guests.is_some() && level != LimitLevel::Customer {
            return fail("guests", "expected only on Customer rows");
        }
        let limit = self.limit.0;
        match self.kpi {
            LimitKpi::Discount if limit == 0 => return fail("limit", "expected an amount above 0, found 0"),
            LimitKpi::Discount => {}
            LimitKpi::Redemption | LimitKpi::Transaction if limit == 0 || limit % MILLION != 0 => {
                return fail(
                    "limit",
                    format!(
                        "expected a whole number of 1 or more beside kpi {}, found {}",
                        spelled(self.kpi),
                        shortest(limit)
                    ),
                );
            }
            LimitKpi::Redemption | LimitKpi::Transaction => {}
        }
        Ok(LimitRow {
            level,
            kpi: self.kpi,
            limit: self.limit,
            on_exceed: self.on_exceed.unwrap_or_default(),
            guests: self.guests.unwrap_or_default(),
            window: self.window(level)?,
        })
    }

    fn window(self, level: LimitLevel) -> Result<LimitWindow, InputError> {
        let moving = self.min_time_between_repeat.is_some() || self.frequency.is_some();
        let default = if moving { WindowType::Moving } else { WindowType::Overall };
        let window_type = self.window_type.unwrap_or(default);
        if window_type != WindowType::Overall && level == LimitLevel::Cart {
            return fail("windowType", "expected no window on Cart rows");
        }
        if window_type != WindowType::Fixed && self.fixed_window_config.is_some() {
            return fail("fixedWindowConfig", "expected only beside windowType FIXED");
        }
        if window_type != WindowType::Moving && moving {
            let key = if self.frequency.is_some() { "frequency" } else { "minTimeBetweenRepeat" };
            return fail(key, "expected only beside windowType MOVING");
        }
        match (window_type, self.fixed_window_config) {
            (WindowType::Overall, _) => Ok(LimitWindow::Overall),
            (WindowType::Fixed, None) => fail("fixedWindowConfig", "required beside windowType FIXED, but absent"),
            (WindowType::Fixed, Some(config)) => {
                config.into_window(level).map(LimitWindow::Fixed).map_err(|error| error.under_key("fixedWindowConfig"))
            }
            (WindowType::Moving, _) => {
                if matches!(level, LimitLevel::Promotion | LimitLevel::Cart) {
                    return fail("windowType", "expected MOVING only on Customer, Code and Earn rows");
                }
                if self.kpi != LimitKpi::Discount && self.limit.0 > MOST_MOVING_USES * MILLION {
                    return fail(
                        "limit",
                        format!(
                            "expected at most {MOST_MOVING_USES} beside windowType MOVING and kpi {}, found {}",
                            spelled(self.kpi),
                            shortest(self.limit.0)
                        ),
                    );
                }
                moving_window(self.min_time_between_repeat, self.frequency)
            }
        }
    }
}

fn moving_window(length: Option<DefinitionNumber>, unit: Option<MovingUnit>) -> Result<LimitWindow, InputError> {
    const KEY: &str = "minTimeBetweenRepeat";
    let Some(DefinitionNumber(millionths)) = length else {
        return fail(KEY, "required beside windowType MOVING, but absent");
    };
    let (name, milliseconds) = match unit {
        None => ("milliseconds", 1),
        Some(MovingUnit::Days) => ("days", DAY),
        Some(MovingUnit::Weeks) => ("weeks", 7 * DAY),
    };
    let (length, most) = (millionths / MILLION, MOST_MOVING / milliseconds);
    match i64::try_from(length * milliseconds) {
        Ok(milliseconds) if millionths % MILLION == 0 && (1..=most).contains(&length) => {
            Ok(LimitWindow::Moving { milliseconds })
        }
        _ => fail(KEY, format!("expected a whole number of {name} from 1 to {most}, found {}", shortest(millionths))),
    }
}

impl FixedInput {
    fn into_window(self, level: LimitLevel) -> Result<FixedWindow, InputError> {
        let n_day = self.cycle_type == CycleType::NDay;
        let source = self.cycle_reference_date_source.unwrap_or_default();
        if self.week_start_day.is_some() && self.cycle_type != CycleType::Week {
            return fail("weekStartDay", "expected only beside cycleType WEEK");
        }
        if self.refresh_rate.is_some() && !n_day {
            return fail("refreshRate", "expected only beside cycleType N_DAY");
        }
        if self.refresh_rate.is_none() && n_day {
            return fail("refreshRate", "required beside cycleType N_DAY, but absent");
        }
        if self.cycle_reference_date.is_some() && !n_day {
            return fail("cycleReferenceDate", "expected only beside cycleType N_DAY");
        }
        if source == CycleReference::IssuanceDate {
            let key = "cycleReferenceDateSource";
            if !n_day {
                return fail(key, "expected ISSUANCE_DATE only beside cycleType N_DAY");
            }
            if !matches!(level, LimitLevel::Code | LimitLevel::Earn) {
                return fail(key, "expected ISSUANCE_DATE only on Code and Earn rows");
            }
            if self.cycle_reference_date.is_some() {
                return fail(key, "expected ISSUANCE_DATE only without cycleReferenceDate");
            }
        }
        Ok(FixedWindow {
            cycle: self.cycle_type,
            week_start: self.week_start_day.unwrap_or(Weekday::Monday),
            days: self.refresh_rate.map_or(1, Whole::unsigned),
            reference: self.cycle_reference_date,
            source,
        })
    }
}

impl Limits {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Limits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        for rows in self.0.chunk_by(|a, b| a.level == b.level) {
            if let Some(first) = rows.first() {
                object.serialize_entry(first.level.key(), rows)?;
            }
        }
        object.end()
    }
}

impl Serialize for LimitRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("kpi", &self.kpi)?;
        object.serialize_entry("limit", &self.limit)?;
        if !is_default(&self.on_exceed) {
            object.serialize_entry("onExceed", &self.on_exceed)?;
        }
        if !is_default(&self.guests) {
            object.serialize_entry("guests", &self.guests)?;
        }
        match &self.window {
            LimitWindow::Overall => {}
            LimitWindow::Fixed(window) => {
                object.serialize_entry("windowType", &WindowType::Fixed)?;
                object.serialize_entry("fixedWindowConfig", window)?;
            }
            LimitWindow::Moving { milliseconds } => {
                object.serialize_entry("windowType", &WindowType::Moving)?;
                object.serialize_entry("minTimeBetweenRepeat", milliseconds)?;
            }
        }
        object.end()
    }
}

impl Serialize for FixedWindow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("cycleType", &self.cycle)?;
        if self.week_start != Weekday::Monday {
            object.serialize_entry("weekStartDay", &self.week_start)?;
        }
        if self.cycle == CycleType::NDay {
            object.serialize_entry("refreshRate", &self.days)?;
        }
        if let Some(reference) = &self.reference {
            object.serialize_entry("cycleReferenceDate", reference)?;
        }
        if !is_default(&self.source) {
            object.serialize_entry("cycleReferenceDateSource", &self.source)?;
        }
        object.end()
    }
}
