//! Where, when and for whom a promotion is (spec/definition.md, "Scope"), and what it can't stand
//! beside.

use std::fmt;

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::read::{Id, Whole, each_once, filled, is_default, or_default};
use super::tender::ListOperator;
use crate::cart::ID_CHARACTERS;
use crate::error::{InputError, quoted};
use crate::list::List;
use crate::money::{DefinitionNumber, MILLION, shortest};
use crate::scalar::Scalar;
use crate::settings::words;

/// Longest window, in hours: a leap year.
const MOST_HOURS: i128 = 366 * 24;

words! {
    /// What an exclusion group keeps others from.
    #[derive(Default)]
    ExclusionScope {
        /// the cart
        #[default]
        Cart,
        /// each line
        Line,
    }
}

/// At most one promotion of a group applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExclusionGroup {
    /// Its name, 1–50 characters.
    pub name: String,
    /// To the cart, or to each line.
    pub scope: ExclusionScope,
}

words! {
    /// What no later promotion touches once this one applies.
    #[derive(Default)]
    StopsLater {
        /// nothing is stopped
        #[default]
        None,
        /// its lines
        Lines,
        /// the cart
        Cart,
    }
}

words! {
    /// What of a till store criteria look at.
    StoreEntity {
        /// its store
        Store,
        /// its zone
        Zone,
        /// its concept
        Concept,
    }
}

/// In which stores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreCriteria {
    /// What is looked at.
    pub entity: StoreEntity,
    /// false: IN; true: NOT_IN.
    pub negated: bool,
    /// Sorted, each once, at least one.
    pub values: Vec<String>,
}

words! {
    /// Days of the week.
    Weekday {
        /// the first day of ISO 8601
        Monday,
        /// the second
        Tuesday,
        /// the third
        Wednesday,
        /// the fourth
        Thursday,
        /// the fifth
        Friday,
        /// the sixth
        Saturday,
        /// the last
        Sunday,
    }
}

words! {
    /// How a time window comes again.
    RepeatFrequency {
        /// on days of the week
        Weeks,
        /// every day, or on days of the month
        Days,
        /// only on the day that the promotion starts
        DoesNotRepeat,
    }
}

/// A half-open window on the organization's wall clock: from `start` for `duration`, on its start days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeCriteria {
    /// Minutes after midnight, below 1,440.
    pub start_minute: u32,
    /// Millionths of an hour, above 0.
    pub duration: i128,
    /// How it comes again.
    pub repeat: RepeatFrequency,
    /// Start days with WEEKS, in the order of the week, each once; at least one.
    pub weekdays: Vec<Weekday>,
    /// Start days with DAYS: 1–31, ascending, each once; none: every day.
    pub days_of_month: Vec<u8>,
}

words! {
    /// Kinds of loyalty programs.
    ProgramType {
        /// with tiers
        Tier,
        /// with a subscription
        Subscription,
    }
}

/// For members of a program; at least one key. Ids are compared as texts: 7 and "7" are equal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SupplementaryCriteria {
    /// Which program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loyalty_program_id: Option<String>,
    /// Of which kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program_type: Option<ProgramType>,
    /// Which partner's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_program_id: Option<String>,
}

/// At most one promotion of a group applies to the cart, or to each line.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub(super) struct GroupInput {
    /// Its name, 1–50 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 50)))]
    name: String,
    /// To the cart, or to each line; CART if absent.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "is_default")]
    scope: ExclusionScope,
}

impl<'de> Deserialize<'de> for ExclusionGroup {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct GroupVisitor;
        impl<'de> Visitor<'de> for GroupVisitor {
            type Value = ExclusionGroup;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a group's name or an object with name and scope")
            }
            fn visit_str<E: de::Error>(self, name: &str) -> Result<ExclusionGroup, E> {
                Ok(ExclusionGroup { name: name.to_owned(), scope: ExclusionScope::Cart })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ExclusionGroup, A::Error> {
                let GroupInput { name, scope } = GroupInput::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(ExclusionGroup { name, scope })
            }
        }
        deserializer.deserialize_any(GroupVisitor)
    }
}

impl Serialize for ExclusionGroup {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.scope {
            ExclusionScope::Cart => serializer.serialize_str(&self.name),
            scope @ ExclusionScope::Line => GroupInput { name: self.name.clone(), scope }.serialize(serializer),
        }
    }
}

/// In which stores, zones or concepts.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "StoreCriteria"))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub(super) struct StoreInput {
    /// What of a till is looked at.
    #[serde(rename = "type")]
    entity: StoreEntity,
    /// At least one.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    values: List<Scalar, 10_000>,
    /// Whether it is one of them or none.
    operator: ListOperator,
}

impl StoreInput {
    pub(super) fn into_criteria(self) -> Result<StoreCriteria, InputError> {
        filled("values", &self.values.0, "value")?;
        Ok(StoreCriteria {
            entity: self.entity,
            negated: self.operator == ListOperator::NotIn,
            values: each_once(self.values.0.iter().map(Scalar::text).collect()),
        })
    }
}

impl Serialize for StoreCriteria {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(3))?;
        object.serialize_entry("type", &self.entity)?;
        object.serialize_entry("values", &self.values)?;
        object.serialize_entry("operator", &ListOperator::of(self.negated))?;
        object.end()
    }
}

/// At which hours of which days, on the organization's wall clock.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "TimeCriteria"))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub(super) struct TimeInput {
    /// When the window opens.
    start_time: ClockTime,
    /// How long it stays open; above 0, at most 8,784.
    duration_in_hours: DefinitionNumber,
    /// How it comes again.
    repeat_frequency: RepeatFrequency,
    /// On which days of the week it opens, with WEEKS; at least one.
    weekly_values: Option<List<Weekday, 100>>,
    /// On which days of the month it opens, with DAYS; none: on every day.
    monthly_values: Option<List<Whole<1, 31>, 100>>,
}

impl TimeInput {
    pub(super) fn into_criteria(self) -> Result<TimeCriteria, InputError> {
        let duration = self.duration_in_hours.0;
        if duration <= 0 || duration > MOST_HOURS * MILLION {
            return Err(InputError::new(format!(
                "expected more than 0 and at most {MOST_HOURS} hours, found {}",
                shortest(duration)
            ))
            .under_key("durationInHours"));
        }
        let mut weekdays = self.weekly_values.unwrap_or_default().0;
        weekdays.sort_unstable_by_key(|day| *day as u8);
        weekdays.dedup();
        let days = self.monthly_values.unwrap_or_default().0;
        let days_of_month = each_once(days.iter().filter_map(|day| u8::try_from(day.0).ok()).collect());
        if self.repeat_frequency == RepeatFrequency::Weeks {
            filled("weeklyValues", &weekdays, "day of the week beside repeatFrequency WEEKS")?;
        } else if !weekdays.is_empty() {
            return Err(InputError::new("expected only beside repeatFrequency WEEKS").under_key("weeklyValues"));
        }
        if self.repeat_frequency != RepeatFrequency::Days && !days_of_month.is_empty() {
            return Err(InputError::new("expected only beside repeatFrequency DAYS").under_key("monthlyValues"));
        }
        Ok(TimeCriteria {
            start_minute: self.start_time.0,
            duration,
            repeat: self.repeat_frequency,
            weekdays,
            days_of_month,
        })
    }
}

impl Serialize for TimeCriteria {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("startTime", &format!("{:02}:{:02}", self.start_minute / 60, self.start_minute % 60))?;
        object.serialize_entry("durationInHours", &DefinitionNumber(self.duration))?;
        object.serialize_entry("repeatFrequency", &self.repeat)?;
        if !self.weekdays.is_empty() {
            object.serialize_entry("weeklyValues", &self.weekdays)?;
        }
        if !self.days_of_month.is_empty() {
            object.serialize_entry("monthlyValues", &self.days_of_month)?;
        }
        object.end()
    }
}

/// A time of day in minutes after midnight, written "HH:mm".
pub(super) struct ClockTime(u32);

impl ClockTime {
    fn parse(text: &str) -> Option<Self> {
        let [h, hh, b':', m, mm] = *<&[u8; 5]>::try_from(text.as_bytes()).ok()? else { return None };
        if ![h, hh, m, mm].iter().all(u8::is_ascii_digit) {
            return None;
        }
        let two = |tens: u8, ones: u8| u32::from(tens - b'0') * 10 + u32::from(ones - b'0');
        let (hours, minutes) = (two(h, hh), two(m, mm));
        (hours < 24 && minutes < 60).then_some(Self(hours * 60 + minutes))
    }
}

impl<'de> Deserialize<'de> for ClockTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        Self::parse(text).ok_or_else(|| {
            de::Error::custom(format!("expected a time of day from \"00:00\" to \"23:59\", found {}", quoted(text)))
        })
    }
}

/// For members of which loyalty program; at least one key.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "SupplementaryCriteria"))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub(super) struct SupplementaryInput {
    /// Which program.
    loyalty_program_id: Option<Id>,
    /// Of which kind.
    program_type: Option<ProgramType>,
    /// Which partner's.
    partner_program_id: Option<Id>,
}

impl SupplementaryInput {
    pub(super) fn into_criteria(self) -> Result<SupplementaryCriteria, InputError> {
        if self.loyalty_program_id.is_none() && self.program_type.is_none() && self.partner_program_id.is_none() {
            return Err(InputError::new("expected at least one of loyaltyProgramId, programType, partnerProgramId"));
        }
        let ids = [("loyaltyProgramId", &self.loyalty_program_id), ("partnerProgramId", &self.partner_program_id)];
        for (key, id) in ids {
            // As long as a request may send them.
            let characters = id.as_ref().map_or(1, |id| id.0.chars().count());
            if !(1..=ID_CHARACTERS).contains(&characters) {
                let expected = format!("expected 1 to {ID_CHARACTERS} characters, found {characters}");
                return Err(InputError::new(expected).under_key(key));
            }
        }
        Ok(SupplementaryCriteria {
            loyalty_program_id: self.loyalty_program_id.map(|id| id.0),
            program_type: self.program_type,
            partner_program_id: self.partner_program_id.map(|id| id.0),
        })
    }
}
