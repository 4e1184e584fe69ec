//! Conditions on lines and bundles of their units, and what selects the units of an action
//! (spec/definition.md, "Conditions").

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::condition::Comparison;
use super::read::{each_once, list, only_body, spelled, tagged};
use crate::list::List;
use crate::money::DefinitionNumber;
use crate::scalar::Scalar;
use crate::settings::words;

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

/// Bundles of units: all parts hold, no unit counted for two of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct ComboCondition {
    /// 1 to 10 parts.
    #[serde(rename = "productConditions", deserialize_with = "list::<_, _, 10>")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 10)))]
    pub parts: Vec<ProductCondition>,
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

impl ProductCondition {
    pub(super) fn uses_money(&self) -> bool {
        matches!(self.kpi, ProductKpi::Amount | ProductKpi::LineAmount)
            || self.criteria.iter().any(Criterion::uses_money)
    }
}

impl ComboCondition {
    pub(super) fn uses_money(&self) -> bool {
        self.parts.iter().any(ProductCondition::uses_money)
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

/// A measure of the lines that match all criteria.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub(super) struct ProductConditionInput {
    /// All must hold for a line to match; none: every line does.
    criteria_list: Option<List<Criterion, 100>>,
    /// What is measured on the matching lines; NONE if absent.
    kpi: Option<ProductKpi>,
    /// How it is compared; none with kpi NONE.
    operator: Option<OptionalComparison>,
    /// With what; none with kpi NONE.
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
                return Err(de::Error::custom(format!("expected an operator and a value beside kpi {}", spelled(kpi))));
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
        /// the line's SKU
        Sku,
        /// its categories, with those above them
        Category,
        /// its brands
        Brand,
        /// one of its attributes
        Attribute,
        /// the price of one unit
        UnitPrice,
    }
}

words! {
    /// How a criterion, or an ATTRIBUTE condition, compares.
    CriterionOperator {
        /// one of the values is listed
        In,
        /// none of the values is listed
        NotIn,
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

impl CriterionOperator {
    /// None for IN and NOT_IN.
    pub(super) fn comparison(self) -> Option<Comparison> {
        Some(match self {
            Self::In | Self::NotIn => return None,
            Self::Equals => Comparison::Equals,
            Self::GreaterThan => Comparison::GreaterThan,
            Self::GreaterThanOrEqual => Comparison::GreaterThanOrEqual,
            Self::LessThan => Comparison::LessThan,
            Self::LessThanOrEqual => Comparison::LessThanOrEqual,
        })
    }
}

/// What a line must be to match: entity, operator and values, or anyOf alone.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = super::schema::criterion_rules))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a criterion (an object)")]
pub(super) struct CriterionInput {
    /// What is looked at.
    entity: Option<Entity>,
    /// How it is compared.
    operator: Option<CriterionOperator>,
    /// With what; beside UNIT_PRICE exactly one price.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    values: Option<List<Scalar, 10_000>>,
    /// Which attribute, beside entity ATTRIBUTE.
    attribute_name: Option<String>,
    /// At least one of these holds.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
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
        let comparison = operator.comparison();
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
        let values = each_once(values.iter().map(Scalar::text).collect());
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

/// What selects the units that benefit.
#[derive(Debug, Clone, PartialEq)]
pub enum Selecting {
    /// Lines, and how many of their units.
    Product(ProductCondition),
    /// Bundles.
    Combo(ComboCondition),
}

impl Selecting {
    pub(super) fn uses_money(&self) -> bool {
        match self {
            Self::Product(product) => product.uses_money(),
            Self::Combo(combo) => combo.uses_money(),
        }
    }
}

words! {
    /// The types of conditions that select units.
    SelectingType {
        /// lines, and how many of their units
        Product,
        /// bundles
        ComboProduct,
    }
}

impl SelectingType {
    /// The key that stands beside the type.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Product => "productCondition",
            Self::ComboProduct => "comboProductCondition",
        }
    }
}

/// What selects the units that benefit, in the shape of a condition.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = super::schema::selecting_rules))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a condition (an object)")]
pub(super) struct SelectingInput {
    /// Which condition it is.
    #[serde(rename = "type")]
    selecting_type: SelectingType,
    /// With type PRODUCT: lines, and with QUANTITY EQUALS how many of their units.
    product_condition: Option<ProductCondition>,
    /// With type COMBO_PRODUCT: bundles.
    combo_product_condition: Option<ComboCondition>,
}

impl<'de> Deserialize<'de> for Selecting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let input = SelectingInput::deserialize(deserializer)?;
        let given = [input.product_condition.is_some(), input.combo_product_condition.is_some()];
        let body = match input.selecting_type {
            SelectingType::Product => input.product_condition.map(Self::Product),
            SelectingType::ComboProduct => input.combo_product_condition.map(Self::Combo),
        };
        only_body(body, &given, input.selecting_type, input.selecting_type.key())
    }
}

impl Serialize for Selecting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use SelectingType as Word;
        match self {
            Self::Product(body) => tagged(serializer, Word::Product, Word::Product.key(), body),
            Self::Combo(body) => tagged(serializer, Word::ComboProduct, Word::ComboProduct.key(), body),
        }
    }
}
