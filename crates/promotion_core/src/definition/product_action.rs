//! Actions off units of the lines (spec/definition.md, "Actions").

use serde::{Deserialize, Serialize};

use super::action::{Allocation, AmountKind, off};
use super::product::Selecting;
use super::read::{is_default, or_default};
use crate::money::{DefinitionNumber, InputQuantity};
use crate::settings::words;

words! {
    /// What an absolute value is taken once for.
    #[derive(Default)]
    ApplyPer {
        /// the selected units together
        #[default]
        Set,
        /// each line
        Line,
        /// each unit, in proportion for a cut one
        Unit,
    }
}

words! {
    /// What `maxQuantity` counts.
    #[derive(Default)]
    QuantityPer {
        /// the cart
        #[default]
        Cart,
        /// each line
        Line,
    }
}

words! {
    /// Which units are taken first, by original unit price.
    #[derive(Default)]
    UnitSelection {
        /// the cheapest
        #[default]
        Cheapest,
        /// the dearest
        Dearest,
    }
}

words! {
    /// What a fixed price is for.
    #[derive(Default)]
    PricePer {
        /// the selected units together
        #[default]
        Set,
        /// each unit, in proportion for a cut one
        Unit,
    }
}

/// Off units of the lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct ProductBasedAction {
    /// ABSOLUTE or PERCENTAGE.
    #[serde(rename = "type", deserialize_with = "off")]
    #[cfg_attr(feature = "schema", schemars(with = "super::action::OffKind"))]
    pub kind: AmountKind,
    /// An amount or a percentage.
    pub value: DefinitionNumber,
    /// Never more than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_discount: Option<DefinitionNumber>,
    /// true: the benefit falls on units that met the condition; false, or absent: over and above them.
    #[serde(default, deserialize_with = "or_default")]
    pub include_items_from_condition_set: bool,
    /// Selects the units that benefit; absent: those that the condition matched.
    #[serde(rename = "productBasedCondition", skip_serializing_if = "Option::is_none")]
    pub selecting: Option<Selecting>,
    /// What an absolute value is taken once for; SET if absent.
    #[serde(default, deserialize_with = "or_default")]
    pub apply_per: ApplyPer,
    /// At most so many units benefit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_quantity: Option<InputQuantity>,
    /// What `maxQuantity` counts; CART if absent.
    #[serde(default, deserialize_with = "or_default")]
    pub max_quantity_per: QuantityPer,
    /// Which units are taken first; CHEAPEST if absent.
    #[serde(default, deserialize_with = "or_default")]
    pub selection: UnitSelection,
    /// How an absolute amount is split; PROPORTIONAL if absent.
    #[serde(default, deserialize_with = "or_default")]
    pub allocation: Allocation,
}

/// Units that cost nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct FreeProductAction {
    /// true: the benefit falls on units that met the condition; false, or absent: over and above them.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub include_items_from_condition_set: bool,
    /// Selects the units that benefit; absent: those that the condition matched.
    #[serde(rename = "productBasedCondition", skip_serializing_if = "Option::is_none")]
    pub selecting: Option<Selecting>,
    /// Whether units that the cart lacks are listed for the caller to add; false if absent.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub auto_add: bool,
    /// Which units are taken first; CHEAPEST if absent.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub selection: UnitSelection,
}

/// Units at a fixed price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct FixedPriceAction {
    /// The price.
    pub value: DefinitionNumber,
    /// What it is for; SET if absent.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub apply_per: PricePer,
    /// true: the benefit falls on units that met the condition; false, or absent: over and above them.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub include_items_from_condition_set: bool,
    /// Selects the units that benefit; absent: those that the condition matched.
    #[serde(rename = "productBasedCondition", skip_serializing_if = "Option::is_none")]
    pub selecting: Option<Selecting>,
    /// Which units are taken first; CHEAPEST if absent.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub selection: UnitSelection,
}

impl ProductBasedAction {
    pub(super) fn uses_money(&self) -> bool {
        self.kind != AmountKind::Percentage
            || self.max_discount.is_some()
            || self.selecting.as_ref().is_some_and(Selecting::uses_money)
    }
}

impl FreeProductAction {
    pub(super) fn uses_money(&self) -> bool {
        self.selecting.as_ref().is_some_and(Selecting::uses_money)
    }
}
