//! Actions (spec/definition.md, "Actions").

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::condition::{Condition, ProductCondition, only_key, tagged};
use super::{Built, Word};
use crate::money::{DefinitionNumber, InputQuantity};
use crate::settings::words;

words! {
    /// What an action's value is.
    AmountKind {
        /// an amount off
        Absolute,
        /// a percentage off
        Percentage,
        /// the price it is to be
        Fixed,
    }
}

words! {
    /// What a cart action is taken off.
    CartScope {
        /// the items
        Items,
        /// the items and the shipping
        ItemsAndShipping,
    }
}

words! {
    /// What an absolute value is taken once for.
    ApplyPer {
        /// the selected units together
        Set,
        /// each line
        Line,
        /// each unit, in proportion for a cut one
        Unit,
    }
}

words! {
    /// What `maxQuantity` counts.
    QuantityPer {
        /// the cart
        Cart,
        /// each line
        Line,
    }
}

words! {
    /// Which units are taken first, by original unit price.
    UnitSelection {
        /// the cheapest
        Cheapest,
        /// the dearest
        Dearest,
    }
}

words! {
    /// How an absolute amount is split.
    Allocation {
        /// by amount
        Proportional,
        /// in equal parts
        Even,
    }
}

/// What a promotion gives.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Off the cart.
    CartBased(CartBasedAction),
    /// Off units of its lines.
    ProductBased(ProductBasedAction),
}

/// Off the cart.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CartBasedAction {
    /// What the value is.
    #[serde(rename = "type")]
    pub kind: AmountKind,
    /// An amount, a percentage or a price.
    pub value: DefinitionNumber,
    /// Never more than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_discount: Option<DefinitionNumber>,
    /// What it is taken off.
    pub scope: CartScope,
    /// How it is split.
    pub allocation: Allocation,
}

/// Off units of the lines.
#[derive(Debug, Clone, PartialEq)]
pub struct ProductBasedAction {
    /// ABSOLUTE or PERCENTAGE.
    pub kind: AmountKind,
    /// An amount or a percentage.
    pub value: DefinitionNumber,
    /// Never more than this.
    pub max_discount: Option<DefinitionNumber>,
    /// true: the benefit falls on units that met the condition; false: over and above them.
    pub include_items_from_condition_set: bool,
    /// Selects the units that benefit; None: what the condition matched.
    pub product_based_condition: Option<ProductCondition>,
    /// What an absolute value is taken once for.
    pub apply_per: ApplyPer,
    /// At most so many units benefit.
    pub max_quantity: Option<InputQuantity>,
    /// What `max_quantity` counts.
    pub max_quantity_per: QuantityPer,
    /// Which units are taken first.
    pub selection: UnitSelection,
    /// How an absolute amount is split.
    pub allocation: Allocation,
}

impl Action {
    pub(super) fn uses_money(&self) -> bool {
        match self {
            Self::CartBased(action) => action.kind != AmountKind::Percentage || action.max_discount.is_some(),
            Self::ProductBased(action) => {
                action.kind != AmountKind::Percentage
                    || action.max_discount.is_some()
                    || action.product_based_condition.as_ref().is_some_and(ProductCondition::uses_money)
            }
        }
    }
}

words! {
    /// The types of actions.
    ActionType {
        /// CART_BASED
        CartBased,
        /// PRODUCT_BASED
        ProductBased,
        /// FREE_PRODUCT
        FreeProduct,
        /// FIXED_PRICE
        FixedPrice,
        /// TENDER
        Tender,
        /// SHIPPING
        Shipping,
        /// PER_UNIT
        PerUnit,
        /// TIERED
        Tiered,
        /// MULTI
        Multi,
    }
}

impl Word for ActionType {
    fn is_built(self) -> bool {
        matches!(self, Self::CartBased | Self::ProductBased)
    }
}

impl Word for CartScope {
    fn is_built(self) -> bool {
        self == Self::Items
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an action (an object)")]
struct ActionInput {
    #[serde(rename = "type")]
    action_type: Built<ActionType>,
    cart_based_action: Option<CartBasedInput>,
    product_based_action: Option<ProductBasedInput>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
struct CartBasedInput {
    #[serde(rename = "type")]
    kind: AmountKind,
    value: DefinitionNumber,
    max_discount: Option<DefinitionNumber>,
    scope: Option<Built<CartScope>>,
    allocation: Option<Allocation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
struct ProductBasedInput {
    #[serde(rename = "type")]
    kind: ProductAmountKind,
    value: DefinitionNumber,
    max_discount: Option<DefinitionNumber>,
    include_items_from_condition_set: Option<bool>,
    product_based_condition: Option<SelectingCondition>,
    apply_per: Option<ApplyPer>,
    max_quantity: Option<InputQuantity>,
    max_quantity_per: Option<QuantityPer>,
    selection: Option<UnitSelection>,
    allocation: Option<Allocation>,
}

words! {
    /// What a product action's value is.
    ProductAmountKind {
        /// ABSOLUTE
        Absolute,
        /// PERCENTAGE
        Percentage,
    }
}

/// A condition that selects products.
struct SelectingCondition(ProductCondition);

impl<'de> Deserialize<'de> for SelectingCondition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Condition::deserialize(deserializer)? {
            Condition::Product(condition) => Ok(Self(condition)),
            Condition::Cart(_) => Err(de::Error::custom("expected type PRODUCT or COMBO_PRODUCT, found CART")),
        }
    }
}

impl<'de> Deserialize<'de> for Action {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let input = ActionInput::deserialize(deserializer)?;
        match (input.action_type.0, input.cart_based_action, input.product_based_action) {
            (ActionType::CartBased, Some(action), None) => Ok(Self::CartBased(CartBasedAction {
                kind: action.kind,
                value: action.value,
                max_discount: action.max_discount,
                scope: action.scope.map_or(CartScope::Items, |scope| scope.0),
                allocation: action.allocation.unwrap_or(Allocation::Proportional),
            })),
            (ActionType::ProductBased, None, Some(action)) => Ok(Self::ProductBased(product_based(action))),
            (ActionType::CartBased, ..) => Err(only_key("CART_BASED", "cartBasedAction")),
            (..) => Err(only_key("PRODUCT_BASED", "productBasedAction")),
        }
    }
}

fn product_based(input: ProductBasedInput) -> ProductBasedAction {
    ProductBasedAction {
        kind: match input.kind {
            ProductAmountKind::Absolute => AmountKind::Absolute,
            ProductAmountKind::Percentage => AmountKind::Percentage,
        },
        value: input.value,
        max_discount: input.max_discount,
        include_items_from_condition_set: input.include_items_from_condition_set.unwrap_or(false),
        product_based_condition: input.product_based_condition.map(|condition| condition.0),
        apply_per: input.apply_per.unwrap_or(ApplyPer::Set),
        max_quantity: input.max_quantity,
        max_quantity_per: input.max_quantity_per.unwrap_or(QuantityPer::Cart),
        selection: input.selection.unwrap_or(UnitSelection::Cheapest),
        allocation: input.allocation.unwrap_or(Allocation::Proportional),
    }
}

/// A product action as it is written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProductBasedOutput<'a> {
    #[serde(rename = "type")]
    kind: AmountKind,
    value: DefinitionNumber,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_discount: Option<DefinitionNumber>,
    include_items_from_condition_set: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_based_condition: Option<AsCondition<'a>>,
    apply_per: ApplyPer,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_quantity: Option<InputQuantity>,
    max_quantity_per: QuantityPer,
    selection: UnitSelection,
    allocation: Allocation,
}

/// A product condition in the shape of a condition.
struct AsCondition<'a>(&'a ProductCondition);

impl Serialize for AsCondition<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        tagged(serializer, "PRODUCT", "productCondition", self.0)
    }
}

impl Serialize for Action {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::CartBased(action) => tagged(serializer, "CART_BASED", "cartBasedAction", action),
            Self::ProductBased(action) => {
                let output = ProductBasedOutput {
                    kind: action.kind,
                    value: action.value,
                    max_discount: action.max_discount,
                    include_items_from_condition_set: action.include_items_from_condition_set,
                    product_based_condition: action.product_based_condition.as_ref().map(AsCondition),
                    apply_per: action.apply_per,
                    max_quantity: action.max_quantity,
                    max_quantity_per: action.max_quantity_per,
                    selection: action.selection,
                    allocation: action.allocation,
                };
                tagged(serializer, "PRODUCT_BASED", "productBasedAction", &output)
            }
        }
    }
}
