//! Actions made of actions: for every so many units, by tiers (spec/definition.md, "Actions").

use serde::{Deserialize, Serialize};

use super::action::Action;
use super::product_action::UnitSelection;
use super::read::{count, is_default, list, optional_count, or_default};
use crate::money::DefinitionNumber;
use crate::settings::words;

words! {
    /// What a PER_UNIT action counts of what the condition matched.
    PerUnitKpi {
        /// units
        Quantity,
        /// money
        Amount,
    }
}

words! {
    /// What a TIERED action measures of what the condition matched.
    TierKpi {
        /// money
        Subtotal,
        /// units
        Quantity,
    }
}

words! {
    /// What an action counts or measures by itself.
    #[derive(Default)]
    CountPer {
        /// the cart as a whole
        #[default]
        Cart,
        /// each line
        Line,
    }
}

words! {
    /// Where the nth unit is looked for.
    GroupScope {
        /// in each group
        Within,
        /// over all groups
        Across,
    }
}

/// A reward for every so many units or so much money.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct PerUnitAction {
    /// What is counted.
    #[serde(rename = "perUnitKPI")]
    pub kpi: PerUnitKpi,
    /// One application for each of these; above 0.
    #[serde(rename = "perUnitDivider")]
    pub divider: DefinitionNumber,
    /// CART_BASED, PRODUCT_BASED, FREE_PRODUCT or FIXED_PRICE.
    #[serde(rename = "rewardAction")]
    pub reward: Box<Action>,
    /// At most so many applications, 1 or more.
    #[serde(default, deserialize_with = "optional_count", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<super::read::Count>"))]
    pub max_applications: Option<u32>,
    /// Counted on what, and rewarded where; CART if absent.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub count_per: CountPer,
    /// The reward falls on these units of groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<UnitGrouping>,
}

/// Which unit of each group of units is rewarded.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct UnitGrouping {
    /// By which price groups are filled first.
    pub group_order: UnitSelection,
    /// From which price units are counted.
    pub rank: UnitSelection,
    /// Which one, from 1.
    #[serde(deserialize_with = "count")]
    #[cfg_attr(feature = "schema", schemars(with = "super::read::Count"))]
    pub nth: u32,
    /// Of each group, or of all.
    pub scope: GroupScope,
}

/// The action of the highest tier that is reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct TieredAction {
    /// What is measured.
    pub kpi: TierKpi,
    /// At least one, `from` strictly rising.
    #[serde(deserialize_with = "list::<_, _, 100>")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 100)))]
    pub tiers: Vec<Tier>,
    /// Measured on what, and given where; CART if absent.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub count_per: CountPer,
}

/// A tier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct Tier {
    /// From this measure on.
    pub from: DefinitionNumber,
    /// Any action but TIERED and MULTI.
    pub action: Action,
}

impl PerUnitAction {
    pub(super) fn uses_money(&self) -> bool {
        self.kpi == PerUnitKpi::Amount || self.reward.uses_money()
    }
}

impl TieredAction {
    pub(super) fn uses_money(&self) -> bool {
        self.kpi == TierKpi::Subtotal || self.tiers.iter().any(|tier| tier.action.uses_money())
    }
}
