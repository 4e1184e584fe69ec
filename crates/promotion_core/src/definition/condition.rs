//! Conditions (spec/definition.md, "Conditions").

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::attribute::AttributeCondition;
use super::product::{ComboCondition, ProductCondition};
use super::read::{only_body, tagged};
use super::tender::{PaymentModeComboCondition, PaymentModeCondition, PaymentModeScopeCondition, TenderCondition};
use crate::list::List;
use crate::money::DefinitionNumber;
use crate::settings::words;

words! {
    /// How a measured value is compared with the one in the definition.
    Comparison {
        /// =
        Equals,
        /// >
        GreaterThan,
        /// >=
        GreaterThanOrEqual,
        /// <
        LessThan,
        /// <=
        LessThanOrEqual,
    }
}

words! {
    /// What a CART condition measures.
    CartKpi {
        /// the cart's amount without shipping
        Subtotal,
        /// the number of distinct SKUs
        Itemcount,
        /// the sum of quantities
        Quantity,
        /// the cart's amount with shipping
        Total,
    }
}

/// When a promotion applies.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// On the cart as a whole.
    Cart(CartCondition),
    /// On its lines.
    Product(ProductCondition),
    /// On bundles of its units.
    Combo(ComboCondition),
    /// On how it is paid.
    Tender(TenderCondition),
    /// On how it is paid, by identifiers alone.
    PaymentMode(PaymentModeCondition),
    /// On how it is paid and something else.
    PaymentModeScope(PaymentModeScopeCondition),
    /// On how it is paid and bundles of its units.
    PaymentModeCombo(PaymentModeComboCondition),
    /// On the request's attributes or its customer's.
    Attribute(AttributeCondition),
    /// All of these, at least one.
    All(Vec<Condition>),
    /// Any of these, at least one.
    Any(Vec<Condition>),
    /// Not this one.
    Not(Box<Condition>),
}

/// A measure of the cart against a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct CartCondition {
    /// What is measured.
    pub kpi: CartKpi,
    /// How it is compared.
    pub operator: Comparison,
    /// With what.
    pub value: DefinitionNumber,
}

impl Condition {
    pub(super) fn uses_money(&self) -> bool {
        match self {
            Self::Cart(cart) => matches!(cart.kpi, CartKpi::Subtotal | CartKpi::Total),
            Self::Product(product) => product.uses_money(),
            Self::Combo(combo) => combo.uses_money(),
            Self::Tender(tender) => tender.condition.as_ref().is_some_and(|condition| condition.uses_money()),
            Self::PaymentMode(_) | Self::Attribute(_) => false,
            Self::PaymentModeScope(scope) => scope.condition.uses_money(),
            Self::PaymentModeCombo(combo) => combo.combo.uses_money(),
            Self::All(conditions) | Self::Any(conditions) => conditions.iter().any(Self::uses_money),
            Self::Not(condition) => condition.uses_money(),
        }
    }

    /// Whether a part that looks at tenders stands in it, and not under a NOT.
    pub(super) fn has_tender_part(&self) -> bool {
        match self {
            Self::Tender(_) | Self::PaymentMode(_) | Self::PaymentModeScope(_) | Self::PaymentModeCombo(_) => true,
            Self::All(conditions) | Self::Any(conditions) => conditions.iter().any(Self::has_tender_part),
            Self::Cart(_) | Self::Product(_) | Self::Combo(_) | Self::Attribute(_) | Self::Not(_) => false,
        }
    }
}

impl Condition {
    /// Its type.
    pub(super) fn word(&self) -> ConditionType {
        match self {
            Self::Cart(_) => ConditionType::Cart,
            Self::Product(_) => ConditionType::Product,
            Self::Combo(_) => ConditionType::ComboProduct,
            Self::Tender(_) => ConditionType::Tender,
            Self::PaymentMode(_) => ConditionType::PaymentMode,
            Self::PaymentModeScope(_) => ConditionType::PaymentModeScope,
            Self::PaymentModeCombo(_) => ConditionType::PaymentModeComboProduct,
            Self::Attribute(_) => ConditionType::Attribute,
            Self::All(_) => ConditionType::All,
            Self::Any(_) => ConditionType::Any,
            Self::Not(_) => ConditionType::Not,
        }
    }
}

words! {
    /// The types of conditions.
    ConditionType {
        /// a measure of the cart as a whole
        Cart,
        /// a measure of lines
        Product,
        /// bundles of units
        ComboProduct,
        /// a tender of some kinds
        Tender,
        /// a tender by its identifier
        PaymentMode,
        /// a tender by its identifier, and a condition beside it
        PaymentModeScope,
        /// a tender by its identifier, and bundles beside it
        PaymentModeComboProduct,
        /// an attribute of the request or its customer
        Attribute,
        /// all of some conditions
        All,
        /// any of some conditions
        Any,
        /// not one condition
        Not,
    }
}

impl ConditionType {
    /// The key that stands beside the type.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Cart => "cartCondition",
            Self::Product => "productCondition",
            Self::ComboProduct => "comboProductCondition",
            Self::Tender => "tenderCondition",
            Self::PaymentMode => "paymentModeCondition",
            Self::PaymentModeScope => "paymentModeScopeConditionRO",
            Self::PaymentModeComboProduct => "paymentComboProductConditionRO",
            Self::Attribute => "attributeCondition",
            Self::All | Self::Any | Self::Not => "conditions",
        }
    }
}

/// When a promotion applies: a type, and the one key that goes with it.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = super::schema::condition_rules))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a condition (an object)")]
pub(super) struct ConditionInput {
    /// Which condition it is.
    #[serde(rename = "type")]
    condition_type: ConditionType,
    /// With type CART: a measure of the cart as a whole.
    cart_condition: Option<CartCondition>,
    /// With type PRODUCT: a measure of its lines.
    product_condition: Option<ProductCondition>,
    /// With type COMBO_PRODUCT: bundles of units.
    combo_product_condition: Option<ComboCondition>,
    /// With type TENDER: a tender of one of these kinds.
    tender_condition: Option<TenderCondition>,
    /// With type PAYMENT_MODE: a tender by its identifier.
    payment_mode_condition: Option<PaymentModeCondition>,
    /// With type PAYMENT_MODE_SCOPE: a tender by its identifier, and a condition beside it.
    #[serde(rename = "paymentModeScopeConditionRO")]
    payment_mode_scope_condition: Option<PaymentModeScopeCondition>,
    /// With type PAYMENT_MODE_COMBO_PRODUCT: a tender by its identifier, and bundles beside it.
    #[serde(rename = "paymentComboProductConditionRO")]
    payment_combo_product_condition: Option<PaymentModeComboCondition>,
    /// With type ATTRIBUTE: an attribute of the request or its customer.
    attribute_condition: Option<AttributeCondition>,
    /// With type ALL, ANY or NOT: the conditions; NOT takes one.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    conditions: Option<List<Condition, 100>>,
}

impl ConditionInput {
    /// Which keys stand beside the type.
    fn given(&self) -> [bool; 9] {
        [
            self.cart_condition.is_some(),
            self.product_condition.is_some(),
            self.combo_product_condition.is_some(),
            self.tender_condition.is_some(),
            self.payment_mode_condition.is_some(),
            self.payment_mode_scope_condition.is_some(),
            self.payment_combo_product_condition.is_some(),
            self.attribute_condition.is_some(),
            self.conditions.is_some(),
        ]
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let input = ConditionInput::deserialize(deserializer)?;
        let (given, word) = (input.given(), input.condition_type);
        let body = match word {
            ConditionType::Cart => input.cart_condition.map(Self::Cart),
            ConditionType::Product => input.product_condition.map(Self::Product),
            ConditionType::ComboProduct => input.combo_product_condition.map(Self::Combo),
            ConditionType::Tender => input.tender_condition.map(Self::Tender),
            ConditionType::PaymentMode => input.payment_mode_condition.map(Self::PaymentMode),
            ConditionType::PaymentModeScope => input.payment_mode_scope_condition.map(Self::PaymentModeScope),
            ConditionType::PaymentModeComboProduct => input.payment_combo_product_condition.map(Self::PaymentModeCombo),
            ConditionType::Attribute => input.attribute_condition.map(Self::Attribute),
            ConditionType::All => input.conditions.map(|conditions| Self::All(conditions.0)),
            ConditionType::Any => input.conditions.map(|conditions| Self::Any(conditions.0)),
            ConditionType::Not => input.conditions.map(not).transpose()?,
        };
        only_body(body, &given, word, word.key())
    }
}

fn not<E: de::Error>(conditions: List<Condition, 100>) -> Result<Condition, E> {
    match <[Condition; 1]>::try_from(conditions.0) {
        Ok([condition]) => Ok(Condition::Not(Box::new(condition))),
        Err(conditions) => Err(E::custom(format!(
            "expected exactly one condition in conditions beside type NOT, found {}",
            conditions.len()
        ))),
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let word = self.word();
        match self {
            Self::Cart(body) => tagged(serializer, word, word.key(), body),
            Self::Product(body) => tagged(serializer, word, word.key(), body),
            Self::Combo(body) => tagged(serializer, word, word.key(), body),
            Self::Tender(body) => tagged(serializer, word, word.key(), body),
            Self::PaymentMode(body) => tagged(serializer, word, word.key(), body),
            Self::PaymentModeScope(body) => tagged(serializer, word, word.key(), body),
            Self::PaymentModeCombo(body) => tagged(serializer, word, word.key(), body),
            Self::Attribute(body) => tagged(serializer, word, word.key(), body),
            Self::All(conditions) | Self::Any(conditions) => tagged(serializer, word, word.key(), conditions),
            Self::Not(condition) => tagged(serializer, word, word.key(), &[condition]),
        }
    }
}
