//! Actions, and those off the cart, its shipping and its tenders (spec/definition.md, "Actions").

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::compound::{PerUnitAction, TieredAction};
use super::product_action::{FixedPriceAction, FreeProductAction, ProductBasedAction};
use super::read::{each_once, is_default, only_body, or_default, tagged};
use crate::list::List;
use crate::money::DefinitionNumber;
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
    #[derive(Default)]
    CartScope {
        /// the items
        #[default]
        Items,
        /// the items and the shipping
        ItemsAndShipping,
    }
}

words! {
    /// How an absolute amount is split.
    #[derive(Default)]
    Allocation {
        /// by amount
        #[default]
        Proportional,
        /// in equal parts
        Even,
    }
}

words! {
    /// What a shipping action's value is taken once for.
    #[derive(Default)]
    ShippingPer {
        /// all its shipments together
        #[default]
        Set,
        /// each shipment
        Line,
    }
}

/// What a promotion gives.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Off the cart.
    CartBased(CartBasedAction),
    /// Off units of its lines.
    ProductBased(ProductBasedAction),
    /// Units that cost nothing.
    FreeProduct(FreeProductAction),
    /// Units at a fixed price.
    FixedPrice(FixedPriceAction),
    /// Off what a tender pays.
    Tender(TenderAction),
    /// Off the shipping.
    Shipping(ShippingAction),
    /// A reward for every so many units or so much money.
    PerUnit(PerUnitAction),
    /// The action of the highest tier that is reached.
    Tiered(TieredAction),
    /// Several actions, 2 to 5, none of them MULTI.
    Multi(Vec<Action>),
}

/// Off the cart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct CartBasedAction {
    /// What the value is.
    #[serde(rename = "type")]
    pub kind: AmountKind,
    /// An amount, a percentage or a price.
    pub value: DefinitionNumber,
    /// Never more than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_discount: Option<DefinitionNumber>,
    /// What it is taken off; ITEMS if absent.
    #[serde(default, deserialize_with = "or_default")]
    pub scope: CartScope,
    /// How it is split; PROPORTIONAL if absent.
    #[serde(default, deserialize_with = "or_default")]
    pub allocation: Allocation,
}

/// Off what the matched tenders pay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct TenderAction {
    /// ABSOLUTE or PERCENTAGE.
    #[serde(rename = "type", deserialize_with = "off")]
    #[cfg_attr(feature = "schema", schemars(with = "OffKind"))]
    pub kind: AmountKind,
    /// An amount or a percentage.
    pub value: DefinitionNumber,
    /// Never more than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_discount: Option<DefinitionNumber>,
}

/// Off the shipping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct ShippingAction {
    /// What the value is.
    #[serde(rename = "type")]
    pub kind: AmountKind,
    /// An amount, a percentage or a price.
    pub value: DefinitionNumber,
    /// Never more than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_discount: Option<DefinitionNumber>,
    /// Of these methods only, sorted, each once; absent: of all.
    #[serde(default, deserialize_with = "methods", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 100)))]
    pub methods: Option<Vec<String>>,
    /// What the value is taken once for; SET if absent.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub apply_per: ShippingPer,
}

impl Action {
    pub(super) fn uses_money(&self) -> bool {
        let amount = |kind, max_discount: &Option<_>| kind != AmountKind::Percentage || max_discount.is_some();
        match self {
            Self::CartBased(action) => amount(action.kind, &action.max_discount),
            Self::ProductBased(action) => action.uses_money(),
            Self::FreeProduct(action) => action.uses_money(),
            Self::FixedPrice(_) => true,
            Self::Tender(action) => amount(action.kind, &action.max_discount),
            Self::Shipping(action) => amount(action.kind, &action.max_discount),
            Self::PerUnit(action) => action.uses_money(),
            Self::Tiered(action) => action.uses_money(),
            Self::Multi(actions) => actions.iter().any(Self::uses_money),
        }
    }

    /// Its type.
    pub(super) fn word(&self) -> ActionType {
        match self {
            Self::CartBased(_) => ActionType::CartBased,
            Self::ProductBased(_) => ActionType::ProductBased,
            Self::FreeProduct(_) => ActionType::FreeProduct,
            Self::FixedPrice(_) => ActionType::FixedPrice,
            Self::Tender(_) => ActionType::Tender,
            Self::Shipping(_) => ActionType::Shipping,
            Self::PerUnit(_) => ActionType::PerUnit,
            Self::Tiered(_) => ActionType::Tiered,
            Self::Multi(_) => ActionType::Multi,
        }
    }
}

words! {
    /// The types of actions.
    ActionType {
        /// off the cart
        CartBased,
        /// off units of its lines
        ProductBased,
        /// units that cost nothing
        FreeProduct,
        /// units at a fixed price
        FixedPrice,
        /// off what a tender pays
        Tender,
        /// off the shipping
        Shipping,
        /// a reward for every so many units or so much money
        PerUnit,
        /// the action of the highest tier that is reached
        Tiered,
        /// several actions
        Multi,
    }
}

impl ActionType {
    /// The key that stands beside the type.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::CartBased => "cartBasedAction",
            Self::ProductBased => "productBasedAction",
            Self::FreeProduct => "freeProductAction",
            Self::FixedPrice => "fixedPriceAction",
            Self::Tender => "tenderBasedAction",
            Self::Shipping => "shippingBasedAction",
            Self::PerUnit => "perUnitAction",
            Self::Tiered => "tieredAction",
            Self::Multi => "multiAction",
        }
    }
}

/// What a promotion gives: a type, and the one key that goes with it.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = super::schema::action_rules))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an action (an object)")]
pub(super) struct ActionInput {
    /// Which action it is.
    #[serde(rename = "type")]
    action_type: ActionType,
    /// With type CART_BASED: off the cart.
    cart_based_action: Option<CartBasedAction>,
    /// With type PRODUCT_BASED: off units of its lines.
    product_based_action: Option<ProductBasedAction>,
    /// With type FREE_PRODUCT: units that cost nothing.
    free_product_action: Option<FreeProductAction>,
    /// With type FIXED_PRICE: units at a fixed price.
    fixed_price_action: Option<FixedPriceAction>,
    /// With type TENDER: off what the matched tenders pay.
    tender_based_action: Option<TenderAction>,
    /// With type SHIPPING: off the shipping.
    shipping_based_action: Option<ShippingAction>,
    /// With type PER_UNIT: a reward for every so many units or so much money.
    per_unit_action: Option<PerUnitAction>,
    /// With type TIERED: the action of the highest tier that is reached.
    tiered_action: Option<TieredAction>,
    /// With type MULTI: several actions.
    multi_action: Option<MultiInput>,
}

/// Several actions of one promotion.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "MultiAction"))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
struct MultiInput {
    /// 2 to 5, none of them MULTI.
    #[cfg_attr(feature = "schema", schemars(length(min = 2)))]
    actions: List<Action, 5>,
}

/// Several actions as they are written.
#[derive(Serialize)]
struct MultiOutput<'a> {
    actions: &'a [Action],
}

impl ActionInput {
    /// Which keys stand beside the type.
    fn given(&self) -> [bool; 9] {
        [
            self.cart_based_action.is_some(),
            self.product_based_action.is_some(),
            self.free_product_action.is_some(),
            self.fixed_price_action.is_some(),
            self.tender_based_action.is_some(),
            self.shipping_based_action.is_some(),
            self.per_unit_action.is_some(),
            self.tiered_action.is_some(),
            self.multi_action.is_some(),
        ]
    }
}

impl<'de> Deserialize<'de> for Action {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let input = ActionInput::deserialize(deserializer)?;
        let (given, word) = (input.given(), input.action_type);
        let body = match word {
            ActionType::CartBased => input.cart_based_action.map(Self::CartBased),
            ActionType::ProductBased => input.product_based_action.map(Self::ProductBased),
            ActionType::FreeProduct => input.free_product_action.map(Self::FreeProduct),
            ActionType::FixedPrice => input.fixed_price_action.map(Self::FixedPrice),
            ActionType::Tender => input.tender_based_action.map(Self::Tender),
            ActionType::Shipping => input.shipping_based_action.map(Self::Shipping),
            ActionType::PerUnit => input.per_unit_action.map(Self::PerUnit),
            ActionType::Tiered => input.tiered_action.map(Self::Tiered),
            ActionType::Multi => input.multi_action.map(|multi| Self::Multi(multi.actions.0)),
        };
        only_body(body, &given, word, word.key())
    }
}

impl Serialize for Action {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let word = self.word();
        match self {
            Self::CartBased(body) => tagged(serializer, word, word.key(), body),
            Self::ProductBased(body) => tagged(serializer, word, word.key(), body),
            Self::FreeProduct(body) => tagged(serializer, word, word.key(), body),
            Self::FixedPrice(body) => tagged(serializer, word, word.key(), body),
            Self::Tender(body) => tagged(serializer, word, word.key(), body),
            Self::Shipping(body) => tagged(serializer, word, word.key(), body),
            Self::PerUnit(body) => tagged(serializer, word, word.key(), body),
            Self::Tiered(body) => tagged(serializer, word, word.key(), body),
            Self::Multi(actions) => tagged(serializer, word, word.key(), &MultiOutput { actions }),
        }
    }
}

words! {
    /// What a value is that can't be a price.
    OffKind {
        /// an amount off
        Absolute,
        /// a percentage off
        Percentage,
    }
}

/// Reads the type of an action that has no fixed price.
pub(super) fn off<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AmountKind, D::Error> {
    OffKind::deserialize(deserializer).map(|kind| match kind {
        OffKind::Absolute => AmountKind::Absolute,
        OffKind::Percentage => AmountKind::Percentage,
    })
}

/// Reads methods of shipping: sorted, each once.
fn methods<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    Option::<List<String, 100>>::deserialize(deserializer).map(|methods| methods.map(|list| each_once(list.0)))
}
