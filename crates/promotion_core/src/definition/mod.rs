//! The promotion definition language (spec/definition.md): the types that parse it, print it
//! normalized and are evaluated.
//!
//! The whole language is known here; what this version can't compute yet is refused where it
//! stands, never half understood ([`NotBuilt`]).

mod action;
mod check;
mod condition;

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

pub use action::{
    Action, Allocation, AmountKind, ApplyPer, CartBasedAction, CartScope, ProductBasedAction, QuantityPer,
    UnitSelection,
};
pub use condition::{
    CartCondition, CartKpi, Comparison, Condition, Criterion, ListEntity, ProductCondition, ProductKpi,
};

use crate::currency::Currency;
use crate::error::{InputError, not_built_message};
use crate::instant::Instant;
use crate::json::{AnyJson, DEFINITION_LIMITS, View, read};
use crate::settings::{Settings, words};

words! {
    /// Who a promotion is for.
    PromotionType {
        /// everybody, automatically
        Pos,
        /// customers it was issued to
        Customer,
        /// customers who earned it
        Earning,
        /// customers who paid for it with points
        Reward,
        /// carts with one of its codes
        Code,
    }
}

words! {
    /// What a promotion's value acts as.
    Mode {
        /// a discount
        Discount,
        /// a means of payment
        PaymentVoucher,
    }
}

/// A promotion's definition, checked. Serialized, it is the normalized definition: parsed again it
/// gives an equal one.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Definition {
    /// 1–50 characters.
    pub name: String,
    /// Who it is for.
    #[serde(rename = "type")]
    pub promotion_type: PromotionType,
    /// What its value acts as.
    pub mode: Mode,
    /// Shown to the shopper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_label: Option<String>,
    /// Whether it is switched on.
    pub active: bool,
    /// First instant of its validity.
    pub start_date: Instant,
    /// Last instant of its validity.
    pub end_date: Instant,
    /// 0 is highest; at most 2,147,483,647.
    pub priority: u32,
    /// false: exclusive.
    pub is_stackable: bool,
    /// Promotions of a lower stage are selected and computed first.
    pub stage: i32,
    /// For known customers only (type POS).
    pub is_loyalty_only: bool,
    /// When it applies.
    pub condition: Condition,
    /// What it gives.
    pub action: Action,
    /// The currency of its money; None where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// The caller's own data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_field_values: Option<serde_json::Map<String, serde_json::Value>>,
    /// The caller's own campaign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign_id: Option<serde_json::Value>,
}

impl Definition {
    /// Reads a definition and checks it whole.
    ///
    /// # Errors
    /// The first thing that is wrong, with its JSON path.
    pub fn parse<'a, V: View<'a>>(view: V, settings: &Settings) -> Result<Self, InputError> {
        let input: DefinitionInput<'a> = read(view, DEFINITION_LIMITS)?;
        let mut definition = input.into_definition()?;
        check::check(&definition, settings)?;
        if definition.uses_money() {
            definition.currency.get_or_insert(settings.currency);
        }
        Ok(definition)
    }

    /// Reads a definition that [`Self::parse`] has normalized before, such as a stored one.
    ///
    /// # Errors
    /// Where it is none, which a table that nobody wrote to directly can't hold.
    pub fn parse_normalized<'a, V: View<'a>>(view: V) -> Result<Self, InputError> {
        read::<V, DefinitionInput<'a>>(view, DEFINITION_LIMITS)?.into_definition()
    }

    /// Whether an instant lies within its dates, both included.
    pub fn is_valid_at(&self, instant: Instant) -> bool {
        (self.start_date..=self.end_date).contains(&instant)
    }

    /// Whether any amount of money stands in it, which binds it to carts in its currency.
    pub fn uses_money(&self) -> bool {
        self.condition.uses_money() || self.action.uses_money()
    }

    /// Whether it may apply to a cart in `currency`.
    pub fn allows_currency(&self, currency: Currency) -> bool {
        !self.uses_money() || self.currency.is_none_or(|own| own == currency)
    }
}

/// The definition as it is written: every key of the language.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a promotion definition (an object)")]
#[expect(dead_code, reason = "keys of type NotBuilt are there to be refused")]
struct DefinitionInput<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    promotion_type: Built<PromotionType>,
    mode: Option<Built<Mode>>,
    #[serde(borrow)]
    message_label: Option<&'a str>,
    active: Option<bool>,
    start_date: Option<Instant>,
    end_date: Option<Instant>,
    #[serde(rename = "startDateISO")]
    start_date_iso: Option<Instant>,
    #[serde(rename = "endDateISO")]
    end_date_iso: Option<Instant>,
    priority: Option<u32>,
    is_stackable: Option<bool>,
    stage: Option<i32>,
    is_loyalty_only: Option<bool>,
    condition: Condition,
    action: Action,
    currency: Option<Currency>,
    custom_field_values: Option<BTreeMap<String, AnyJson>>,
    campaign_id: Option<CampaignId>,
    exclusion_groups: Option<NotBuilt>,
    stops_later: Option<NotBuilt>,
    promotion_restrictions: Option<NotBuilt>,
    store_criteria: Option<NotBuilt>,
    time_criteria: Option<NotBuilt>,
    supplementary_criteria: Option<NotBuilt>,
    earning_criteria: Option<NotBuilt>,
    max_earning_per_customer: Option<NotBuilt>,
    max_issuance_per_customer: Option<NotBuilt>,
    earning_expiry_days: Option<NotBuilt>,
    customer_activation_required: Option<NotBuilt>,
}

impl DefinitionInput<'_> {
    fn into_definition(self) -> Result<Definition, InputError> {
        Ok(Definition {
            name: self.name.to_owned(),
            promotion_type: self.promotion_type.0,
            mode: self.mode.map_or(Mode::Discount, |mode| mode.0),
            message_label: self.message_label.map(str::to_owned),
            active: self.active.unwrap_or(true),
            start_date: one_date("startDate", self.start_date, "startDateISO", self.start_date_iso)?,
            end_date: one_date("endDate", self.end_date, "endDateISO", self.end_date_iso)?,
            priority: self.priority.unwrap_or(100),
            is_stackable: self.is_stackable.unwrap_or(false),
            stage: self.stage.unwrap_or(0),
            is_loyalty_only: self.is_loyalty_only.unwrap_or(false),
            condition: self.condition,
            action: self.action,
            currency: self.currency,
            custom_field_values: self
                .custom_field_values
                .map(|values| values.into_iter().map(|(key, AnyJson(value))| (key, value)).collect()),
            campaign_id: self.campaign_id.map(|id| id.0),
        })
    }
}

/// A date that may come under either of two keys, or under both with the same meaning.
fn one_date(
    key: &'static str,
    date: Option<Instant>,
    iso_key: &'static str,
    iso: Option<Instant>,
) -> Result<Instant, InputError> {
    match (date, iso) {
        (Some(date), Some(iso)) if date != iso => {
            Err(InputError::new(format!("expected the same instant as {key}, or only one of the two"))
                .under_key(iso_key))
        }
        (Some(date), _) | (None, Some(date)) => Ok(date),
        (None, None) => Err(InputError::new("required, but absent").under_key(key)),
    }
}

/// A key of the contract that this version can't serve: null (or absent) is all it takes.
pub struct NotBuilt;

impl<'de> Deserialize<'de> for NotBuilt {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(de::Error::custom(not_built_message("this key")))
    }
}

/// A word of the language of which this version serves only some.
struct Built<T>(T);

/// Which words of an enum this version serves.
trait Word: Copy + Serialize {
    fn is_built(self) -> bool;
}

impl Word for PromotionType {
    fn is_built(self) -> bool {
        matches!(self, Self::Pos | Self::Code)
    }
}

impl Word for Mode {
    fn is_built(self) -> bool {
        self == Self::Discount
    }
}

impl<'de, T: Word + Deserialize<'de>> Deserialize<'de> for Built<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = T::deserialize(deserializer)?;
        if word.is_built() {
            return Ok(Self(word));
        }
        Err(de::Error::custom(not_built_message(spelled(word))))
    }
}

/// A word of the language as JSON, and the tables, spell it.
pub fn spelled<T: Serialize>(word: T) -> String {
    match serde_json::to_value(word) {
        Ok(serde_json::Value::String(text)) => text,
        _ => "this value".to_owned(),
    }
}

/// A campaign's id: a string or a whole number.
struct CampaignId(serde_json::Value);

impl<'de> Deserialize<'de> for CampaignId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdVisitor;
        impl<'de> Visitor<'de> for IdVisitor {
            type Value = serde_json::Value;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a whole number")
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
                Ok(value.into())
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(text.into())
            }
        }
        deserializer.deserialize_i64(IdVisitor).map(Self)
    }
}
