//! A definition as it is written, and as it is written back.

use std::collections::BTreeMap;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::action::Action;
use super::condition::Condition;
use super::limit_input::RestrictionsInput;
use super::read::{IdAsWritten, MOST_WHOLE, MostInstances, Whole, is_default};
use super::scope::{ExclusionGroup, StopsLater, StoreInput, SupplementaryInput, TimeInput};
use super::{Definition, Mode, PromotionType};
use crate::currency::Currency;
use crate::error::InputError;
use crate::instant::Instant;
use crate::json::AnyJson;
use crate::list::List;

/// Longest life of an earned instance, in days.
const MOST_DAYS: i64 = 36_500;

/// A promotion: what it gives, when, to whom, and how often.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = super::schema::date_rules))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a promotion definition (an object)")]
pub(super) struct DefinitionInput<'a> {
    /// 1–50 characters, unique among promotions that are not ended.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 50)))]
    name: &'a str,
    /// Who it is for.
    #[serde(rename = "type")]
    promotion_type: PromotionType,
    /// What its value acts as; DISCOUNT if absent.
    mode: Option<Mode>,
    /// Shown to the shopper.
    #[serde(borrow)]
    message_label: Option<&'a str>,
    /// Whether it is switched on; true if absent.
    active: Option<bool>,
    /// First instant of its validity; required here or as startDateISO.
    start_date: Option<Instant>,
    /// Last instant of its validity; required here or as endDateISO.
    end_date: Option<Instant>,
    /// First instant of its validity.
    #[serde(rename = "startDateISO")]
    start_date_iso: Option<Instant>,
    /// Last instant of its validity.
    #[serde(rename = "endDateISO")]
    end_date_iso: Option<Instant>,
    /// 0 is highest; 100 if absent.
    priority: Option<Whole<0, MOST_WHOLE>>,
    /// Whether others may apply beside it; false if absent.
    is_stackable: Option<bool>,
    /// Promotions of a lower stage are selected and computed first; 0 if absent.
    stage: Option<Whole<{ i32::MIN as i64 }, MOST_WHOLE>>,
    /// For known customers only, with type POS; false if absent.
    is_loyalty_only: Option<bool>,
    /// When it applies.
    condition: Condition,
    /// What it gives.
    action: Action,
    /// At most one promotion of each of these groups applies, to the cart or to a line; each name once.
    exclusion_groups: Option<List<ExclusionGroup, 20>>,
    /// What no later promotion touches once it applies; NONE if absent.
    stops_later: Option<StopsLater>,
    /// How often it may be used.
    promotion_restrictions: Option<RestrictionsInput>,
    /// ISO 4217; the organization's if absent.
    currency: Option<Currency>,
    /// In which stores.
    store_criteria: Option<StoreInput>,
    /// At which hours of which days.
    time_criteria: Option<TimeInput>,
    /// For members of which loyalty program.
    supplementary_criteria: Option<SupplementaryInput>,
    /// A redeemed cart that fulfils it earns an instance; types EARNING and REWARD.
    earning_criteria: Option<Condition>,
    /// How many instances a customer may earn; no limit if absent or -1; types EARNING and REWARD.
    max_earning_per_customer: Option<MostInstances>,
    /// How many instances may be issued to a customer; 1 if absent, -1 for no limit; types CUSTOMER and REWARD.
    max_issuance_per_customer: Option<MostInstances>,
    /// Days after which an earned instance expires; with the promotion if absent; types EARNING and REWARD.
    earning_expiry_days: Option<Whole<1, MOST_DAYS>>,
    /// Whether an instance must be activated by its customer; types CUSTOMER, EARNING and REWARD.
    customer_activation_required: Option<bool>,
    /// The caller's own data.
    custom_field_values: Option<BTreeMap<String, AnyJson>>,
    /// The caller's own campaign.
    campaign_id: Option<IdAsWritten>,
}

impl PromotionType {
    /// Whether instances of it are earned.
    pub(super) fn is_earned(self) -> bool {
        matches!(self, Self::Earning | Self::Reward)
    }

    /// Whether instances of it are issued.
    pub(super) fn is_issued(self) -> bool {
        matches!(self, Self::Customer | Self::Reward)
    }
}

impl DefinitionInput<'_> {
    pub(super) fn into_definition(self) -> Result<Definition, InputError> {
        let promotion_type = self.promotion_type;
        let earned = |key: &str, given: bool| allowed(key, given, promotion_type.is_earned(), "EARNING and REWARD");
        earned("earningCriteria", self.earning_criteria.is_some())?;
        earned("maxEarningPerCustomer", self.max_earning_per_customer.is_some())?;
        earned("earningExpiryDays", self.earning_expiry_days.is_some())?;
        let issued = promotion_type.is_issued();
        allowed("maxIssuancePerCustomer", self.max_issuance_per_customer.is_some(), issued, "CUSTOMER and REWARD")?;
        Ok(Definition {
            name: self.name.to_owned(),
            promotion_type,
            mode: self.mode.unwrap_or(Mode::Discount),
            message_label: self.message_label.map(str::to_owned),
            active: self.active.unwrap_or(true),
            start_date: one_date("startDate", self.start_date, "startDateISO", self.start_date_iso)?,
            end_date: one_date("endDate", self.end_date, "endDateISO", self.end_date_iso)?,
            priority: self.priority.map_or(100, Whole::unsigned),
            is_stackable: self.is_stackable.unwrap_or(false),
            stage: self.stage.map_or(0, |stage| i32::try_from(stage.0).unwrap_or(0)),
            is_loyalty_only: self.is_loyalty_only.unwrap_or(false),
            condition: self.condition,
            action: self.action,
            exclusion_groups: self.exclusion_groups.unwrap_or_default().0,
            stops_later: self.stops_later.unwrap_or_default(),
            limits: under("promotionRestrictions", self.promotion_restrictions, RestrictionsInput::into_limits)?
                .unwrap_or_default(),
            currency: self.currency,
            store_criteria: under("storeCriteria", self.store_criteria, StoreInput::into_criteria)?.map(Box::new),
            time_criteria: under("timeCriteria", self.time_criteria, TimeInput::into_criteria)?.map(Box::new),
            supplementary_criteria: under(
                "supplementaryCriteria",
                self.supplementary_criteria,
                SupplementaryInput::into_criteria,
            )?
            .map(Box::new),
            earning_criteria: self.earning_criteria.map(Box::new),
            max_earning_per_customer: self.max_earning_per_customer.and_then(|most| most.0),
            max_issuance_per_customer: match self.max_issuance_per_customer {
                Some(most) => most.0,
                None => issued.then_some(1),
            },
            earning_expiry_days: self.earning_expiry_days.map(Whole::unsigned),
            customer_activation_required: self.customer_activation_required.unwrap_or(false),
            custom_field_values: self
                .custom_field_values
                .map(|values| Box::new(values.into_iter().map(|(key, AnyJson(value))| (key, value)).collect())),
            campaign_id: self.campaign_id.map(|id| Box::new(id.0)),
        })
    }
}

/// Converts what stands under a key, if it is there.
fn under<I, T>(
    key: &str,
    input: Option<I>,
    convert: impl FnOnce(I) -> Result<T, InputError>,
) -> Result<Option<T>, InputError> {
    input.map(convert).transpose().map_err(|error| error.under_key(key))
}

/// Refuses a key beside a type that has no use for it.
fn allowed(key: &str, given: bool, allowed: bool, types: &str) -> Result<(), InputError> {
    if given && !allowed {
        return Err(InputError::new(format!("expected only beside types {types}")).under_key(key));
    }
    Ok(())
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

/// The normalized definition: parsed again it gives an equal one.
impl Serialize for Definition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("name", &self.name)?;
        object.serialize_entry("type", &self.promotion_type)?;
        object.serialize_entry("mode", &self.mode)?;
        optional(&mut object, "messageLabel", self.message_label.as_ref())?;
        object.serialize_entry("active", &self.active)?;
        object.serialize_entry("startDate", &self.start_date)?;
        object.serialize_entry("endDate", &self.end_date)?;
        object.serialize_entry("priority", &self.priority)?;
        object.serialize_entry("isStackable", &self.is_stackable)?;
        object.serialize_entry("stage", &self.stage)?;
        object.serialize_entry("isLoyaltyOnly", &self.is_loyalty_only)?;
        object.serialize_entry("condition", &self.condition)?;
        object.serialize_entry("action", &self.action)?;
        optional(&mut object, "exclusionGroups", Some(&self.exclusion_groups).filter(|groups| !groups.is_empty()))?;
        optional(&mut object, "stopsLater", Some(self.stops_later).filter(|stops| !is_default(stops)))?;
        optional(&mut object, "promotionRestrictions", Some(&self.limits).filter(|limits| !limits.is_empty()))?;
        optional(&mut object, "currency", self.currency)?;
        optional(&mut object, "storeCriteria", self.store_criteria.as_ref())?;
        optional(&mut object, "timeCriteria", self.time_criteria.as_ref())?;
        optional(&mut object, "supplementaryCriteria", self.supplementary_criteria.as_ref())?;
        optional(&mut object, "earningCriteria", self.earning_criteria.as_ref())?;
        optional(&mut object, "maxEarningPerCustomer", self.max_earning_per_customer)?;
        optional(&mut object, "maxIssuancePerCustomer", self.written_issuance())?;
        optional(&mut object, "earningExpiryDays", self.earning_expiry_days)?;
        optional(
            &mut object,
            "customerActivationRequired",
            Some(self.customer_activation_required).filter(|&required| required),
        )?;
        optional(&mut object, "customFieldValues", self.custom_field_values.as_ref())?;
        optional(&mut object, "campaignId", self.campaign_id.as_ref())?;
        object.end()
    }
}

impl Definition {
    /// `maxIssuancePerCustomer` as it is written: only where instances are issued, and not where it is
    /// the default.
    fn written_issuance(&self) -> Option<i64> {
        match self.max_issuance_per_customer {
            _ if !self.promotion_type.is_issued() => None,
            Some(1) => None,
            Some(most) => Some(most.into()),
            None => Some(-1),
        }
    }
}

fn optional<M: SerializeMap>(object: &mut M, key: &str, value: Option<impl Serialize>) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| object.serialize_entry(key, &value))
}
