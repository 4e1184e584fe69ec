//! Conditions on how a cart is paid (spec/definition.md, "Conditions").

use serde::{Deserialize, Deserializer, Serialize};

use super::condition::Condition;
use super::product::ComboCondition;
use super::read::{each_once, is_default, list};
use crate::code::code_key;
use crate::list::List;
use crate::settings::words;

words! {
    /// Kinds of tenders.
    TenderType {
        /// any tender that is neither of the others
        Card,
        /// identifier CASH
        Cash,
        /// a voucher code that was sent
        PaymentVoucher,
    }
}

/// Tenders of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct TenderMode {
    /// Which kind.
    #[serde(rename = "type")]
    pub kind: TenderType,
    /// Compared without case, in upper case, sorted, each once; none: any of the kind.
    #[serde(default, deserialize_with = "optional_identifiers", skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "schema", schemars(length(max = 1_000)))]
    pub identifiers: Vec<String>,
}

/// A tender that is one of these, and a condition beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct TenderCondition {
    /// At least one.
    #[serde(rename = "tenderModes", deserialize_with = "list::<_, _, 100>")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 100)))]
    pub modes: Vec<TenderMode>,
    /// What else must hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<Box<Condition>>,
}

/// A tender whose identifier is (or is not) listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(from = "PaymentModeInput", into = "PaymentModeInput")]
pub struct PaymentModeCondition {
    /// false: IN; true: NOT_IN.
    pub negated: bool,
    /// Identifiers, compared without case, in upper case, sorted, each once.
    pub values: Vec<String>,
}

/// A tender, and a condition beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct PaymentModeScopeCondition {
    /// The tender.
    #[serde(rename = "paymentModeCondition")]
    pub payment_mode: PaymentModeCondition,
    /// What else must hold.
    pub condition: Box<Condition>,
}

/// A tender, and bundles beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct PaymentModeComboCondition {
    /// The tender.
    #[serde(rename = "paymentModeCondition")]
    pub payment_mode: PaymentModeCondition,
    /// The bundles.
    #[serde(rename = "comboProductCondition")]
    pub combo: ComboCondition,
}

words! {
    /// Whether a list names what is meant, or what is not.
    ListOperator {
        /// one of these
        In,
        /// none of these
        NotIn,
    }
}

impl ListOperator {
    /// NOT_IN where negated.
    pub(super) fn of(negated: bool) -> Self {
        if negated { Self::NotIn } else { Self::In }
    }
}

/// A tender by its identifier.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
struct PaymentModeInput {
    /// Which identifiers.
    #[serde(rename = "paymentModeSelectionCriteriaRO")]
    criteria: PaymentModeCriteria,
}

/// Identifiers that a tender must, or must not, have.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
struct PaymentModeCriteria {
    /// Whether it must have one of them or none.
    operator: ListOperator,
    /// Identifiers, compared without case; at least one.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    values: List<String, 1_000>,
}

impl From<PaymentModeInput> for PaymentModeCondition {
    fn from(input: PaymentModeInput) -> Self {
        Self { negated: input.criteria.operator == ListOperator::NotIn, values: identifiers(input.criteria.values) }
    }
}

impl From<PaymentModeCondition> for PaymentModeInput {
    fn from(condition: PaymentModeCondition) -> Self {
        let criteria =
            PaymentModeCriteria { operator: ListOperator::of(condition.negated), values: List(condition.values) };
        Self { criteria }
    }
}

/// Identifiers as they are compared: in upper case, sorted, each once.
fn identifiers(values: List<String, 1_000>) -> Vec<String> {
    each_once(values.0.iter().map(|value| code_key(value)).collect())
}

fn optional_identifiers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Option::deserialize(deserializer).map(|values| values.map(identifiers).unwrap_or_default())
}
