//! Conditions (spec/definition.md, "Conditions").

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Built, Word};
use crate::list::List;
use crate::money::DefinitionNumber;
use crate::scalar::Scalar;
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

words! {
    /// What a PRODUCT condition measures on its matching lines.
    ProductKpi {
        /// nothing: one matching line is enough
        None,
        /// their units together
        Quantity,
        /// their amounts together
        Amount,
        /// their distinct SKUs
        Itemcount,
        /// the units of each line alone
        LineQuantity,
        /// the amount of each line alone
        LineAmount,
    }
}

words! {
    /// The attribute of a line that a criterion compares with a list.
    ListEntity {
        /// its SKU
        Sku,
        /// its categories
        Category,
        /// its brands
        Brand,
        /// one of its attributes
        Attribute,
    }
}

/// When a promotion applies.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// On the cart as a whole.
    Cart(CartCondition),
    /// On its lines.
    Product(ProductCondition),
}

/// A measure of the cart against a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct CartCondition {
    /// What is measured.
    pub kpi: CartKpi,
    /// How it is compared.
    pub operator: Comparison,
    /// With what.
    pub value: DefinitionNumber,
}

/// A measure of the lines that match all criteria.
#[derive(Debug, Clone, PartialEq)]
pub struct ProductCondition {
    /// All must hold for a line to match; none: every line does.
    pub criteria: Vec<Criterion>,
    /// What is measured on the matching lines.
    pub kpi: ProductKpi,
    /// How it is compared, and with what; None with kpi NONE.
    pub measure: Option<(Comparison, DefinitionNumber)>,
}

/// What a line must be to match.
#[derive(Debug, Clone, PartialEq)]
pub enum Criterion {
    /// One of the line's values is (or none is) in the list.
    Values {
        /// Which values.
        entity: ListEntity,
        /// Which attribute, where the entity is ATTRIBUTE.
        attribute: Option<String>,
        /// false: IN; true: NOT_IN.
        negated: bool,
        /// The list, sorted, each value once.
        values: Vec<String>,
    },
    /// The line's unit price, compared.
    UnitPrice {
        /// How.
        comparison: Comparison,
        /// With what.
        value: DefinitionNumber,
    },
    /// At least one of these holds.
    AnyOf(Vec<Criterion>),
}

impl Condition {
    pub(super) fn uses_money(&self) -> bool {
        match self {
            Self::Cart(cart) => matches!(cart.kpi, CartKpi::Subtotal | CartKpi::Total),
            Self::Product(product) => product.uses_money(),
        }
    }
}

impl ProductCondition {
    pub(super) fn uses_money(&self) -> bool {
        matches!(self.kpi, ProductKpi::Amount | ProductKpi::LineAmount)
            || self.criteria.iter().any(Criterion::uses_money)
    }
}

impl Criterion {
    fn uses_money(&self) -> bool {
        match self {
            Self::Values { .. } => false,
            Self::UnitPrice { .. } => true,
            Self::AnyOf(criteria) => criteria.iter().any(Self::uses_money),
        }
    }
}

words! {
    /// The types of conditions.
    ConditionType {
        /// CART
        Cart,
        /// PRODUCT
        Product,
        /// COMBO_PRODUCT
        ComboProduct,
        /// TENDER
        Tender,
        /// PAYMENT_MODE
        PaymentMode,
        /// PAYMENT_MODE_SCOPE
        PaymentModeScope,
        /// PAYMENT_MODE_COMBO_PRODUCT
        PaymentModeComboProduct,
        /// ATTRIBUTE
        Attribute,
        /// ALL
        All,
        /// ANY
        Any,
        /// NOT
        Not,
    }
}

impl Word for ConditionType {
    fn is_built(self) -> bool {
        matches!(self, Self::Cart | Self::Product)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a condition (an object)")]
struct ConditionInput {
    #[serde(rename = "type")]
    condition_type: Built<ConditionType>,
    cart_condition: Option<CartCondition>,
    product_condition: Option<ProductCondition>,
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let input = ConditionInput::deserialize(deserializer)?;
        match (input.condition_type.0, input.cart_condition, input.product_condition) {
            (ConditionType::Cart, Some(cart), None) => Ok(Self::Cart(cart)),
            (ConditionType::Product, None, Some(product)) => Ok(Self::Product(product)),
            (ConditionType::Cart, ..) => Err(only_key("CART", "cartCondition")),
            (..) => Err(only_key("PRODUCT", "productCondition")),
        }
    }
}

/// The error of an object whose type and key don't go together.
pub(super) fn only_key<E: de::Error>(word: &str, key: &str) -> E {
    E::custom(format!("expected {key}, and no other such key, beside type {word}"))
}

/// Writes `{"type": word, key: body}`.
pub(super) fn tagged<S: Serializer>(
    serializer: S,
    word: &str,
    key: &str,
    body: &impl Serialize,
) -> Result<S::Ok, S::Error> {
    let mut object = serializer.serialize_map(Some(2))?;
    object.serialize_entry("type", word)?;
    object.serialize_entry(key, body)?;
    object.end()
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Cart(cart) => tagged(serializer, "CART", "cartCondition", cart),
            Self::Product(product) => tagged(serializer, "PRODUCT", "productCondition", product),
        }
    }
}

words! {
    /// The operators of a PRODUCT condition: NONE is accepted with kpi NONE and dropped.
    OptionalComparison {
        /// none
        None,
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

impl OptionalComparison {
    fn comparison(self) -> Option<Comparison> {
        Some(match self {
            Self::None => return None,
            Self::Equals => Comparison::Equals,
            Self::GreaterThan => Comparison::GreaterThan,
            Self::GreaterThanOrEqual => Comparison::GreaterThanOrEqual,
            Self::LessThan => Comparison::LessThan,
            Self::LessThanOrEqual => Comparison::LessThanOrEqual,
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
struct ProductConditionInput {
    criteria_list: Option<List<Criterion, 100>>,
    kpi: Option<ProductKpi>,
    operator: Option<OptionalComparison>,
    value: Option<DefinitionNumber>,
}

impl<'de> Deserialize<'de> for ProductCondition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let input = ProductConditionInput::deserialize(deserializer)?;
        let kpi = input.kpi.unwrap_or(ProductKpi::None);
        let comparison = input.operator.and_then(OptionalComparison::comparison);
        let measure = match (kpi, comparison, input.value) {
            (ProductKpi::None, None, None | Some(DefinitionNumber(0))) => None,
            (ProductKpi::None, ..) => {
                return Err(de::Error::custom("expected no operator and no value beside kpi NONE"));
            }
            (_, Some(comparison), Some(value)) => Some((comparison, value)),
            _ => {
                return Err(de::Error::custom(format!(
                    "expected an operator and a value beside kpi {}",
                    super::spelled(kpi)
                )));
            }
        };
        Ok(Self { criteria: input.criteria_list.unwrap_or_default().0, kpi, measure })
    }
}

impl Serialize for ProductCondition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("criteriaList", &self.criteria)?;
        object.serialize_entry("kpi", &self.kpi)?;
        if let Some((comparison, value)) = &self.measure {
            object.serialize_entry("operator", comparison)?;
            object.serialize_entry("value", value)?;
        }
        object.end()
    }
}

words! {
    /// What a criterion looks at.
    Entity {
        /// SKU
        Sku,
        /// CATEGORY
        Category,
        /// BRAND
        Brand,
        /// ATTRIBUTE
        Attribute,
        /// UNIT_PRICE
        UnitPrice,
    }
}

words! {
    /// The operators of a criterion.
    CriterionOperator {
        /// IN
        In,
        /// NOT_IN
        NotIn,
        /// EQUALS
        Equals,
        /// GREATER_THAN
        GreaterThan,
        /// GREATER_THAN_OR_EQUAL
        GreaterThanOrEqual,
        /// LESS_THAN
        LessThan,
        /// LESS_THAN_OR_EQUAL
        LessThanOrEqual,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a criterion (an object)")]
struct CriterionInput {
    entity: Option<Entity>,
    operator: Option<CriterionOperator>,
    values: Option<List<Scalar, 10_000>>,
    attribute_name: Option<String>,
    any_of: Option<List<Criterion, 100>>,
}

impl<'de> Deserialize<'de> for Criterion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let error = |message: &str| Err(de::Error::custom(message));
        let input = CriterionInput::deserialize(deserializer)?;
        let (entity, operator, values) = match (input.entity, input.operator, input.values, input.any_of) {
            (None, None, None, Some(criteria)) if input.attribute_name.is_none() => {
                return if criteria.0.is_empty() {
                    error("expected at least one criterion in anyOf")
                } else {
                    Ok(Self::AnyOf(criteria.0))
                };
            }
            (Some(entity), Some(operator), Some(values), None) => (entity, operator, values.0),
            _ => return error("expected entity, operator and values, or anyOf alone"),
        };
        let comparison = match operator {
            CriterionOperator::In | CriterionOperator::NotIn => None,
            CriterionOperator::Equals => Some(Comparison::Equals),
            CriterionOperator::GreaterThan => Some(Comparison::GreaterThan),
            CriterionOperator::GreaterThanOrEqual => Some(Comparison::GreaterThanOrEqual),
            CriterionOperator::LessThan => Some(Comparison::LessThan),
            CriterionOperator::LessThanOrEqual => Some(Comparison::LessThanOrEqual),
        };
        if input.attribute_name.is_some() != (entity == Entity::Attribute) {
            return error("expected attributeName beside entity ATTRIBUTE, and only there");
        }
        let entity = match (entity, comparison) {
            (Entity::UnitPrice, Some(comparison)) => {
                let price = match values.as_slice() {
                    [Scalar::Number(value)] => Some(*value),
                    [Scalar::Text(text)] => crate::money::parse(text).ok(),
                    _ => None,
                };
                return match price {
                    Some(value) if value >= 0 => Ok(Self::UnitPrice { comparison, value: DefinitionNumber(value) }),
                    _ => error("expected exactly one price of 0 or more in values beside entity UNIT_PRICE"),
                };
            }
            (Entity::UnitPrice, None) => return error("expected a comparison operator beside entity UNIT_PRICE"),
            (_, Some(_)) => return error("expected operator IN or NOT_IN, comparisons being for entity UNIT_PRICE"),
            (Entity::Sku, None) => ListEntity::Sku,
            (Entity::Category, None) => ListEntity::Category,
            (Entity::Brand, None) => ListEntity::Brand,
            (Entity::Attribute, None) => ListEntity::Attribute,
        };
        if values.is_empty() {
            return error("expected at least one value in values");
        }
        let mut values: Vec<String> = values.iter().map(Scalar::text).collect();
        values.sort_unstable();
        values.dedup();
        let negated = operator == CriterionOperator::NotIn;
        Ok(Self::Values { entity, attribute: input.attribute_name, negated, values })
    }
}

impl Serialize for Criterion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        match self {
            Self::Values { entity, attribute, negated, values } => {
                object.serialize_entry("entity", entity)?;
                if let Some(name) = attribute {
                    object.serialize_entry("attributeName", name)?;
                }
                object.serialize_entry("operator", if *negated { "NOT_IN" } else { "IN" })?;
                object.serialize_entry("values", values)?;
            }
            Self::UnitPrice { comparison, value } => {
                object.serialize_entry("entity", "UNIT_PRICE")?;
                object.serialize_entry("operator", comparison)?;
                object.serialize_entry("values", &[value])?;
            }
            Self::AnyOf(criteria) => object.serialize_entry("anyOf", criteria)?,
        }
        object.end()
    }
}
