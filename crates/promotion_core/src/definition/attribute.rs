//! Conditions on the request's attributes and its customer's (spec/definition.md, "Conditions").

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::condition::Comparison;
use super::product::CriterionOperator;
use super::read::{each_once, spelled};
use crate::list::List;
use crate::scalar::Scalar;
use crate::settings::words;

words! {
    /// Whose attributes an ATTRIBUTE condition looks at.
    AttributeSource {
        /// the request's `attributes`
        Cart,
        /// the request's `customer`
        Customer,
    }
}

/// How an attribute is compared.
#[derive(Debug, Clone, PartialEq)]
pub enum AttributeTest {
    /// One of its values is listed; sorted, each once, at least one.
    In(Vec<String>),
    /// It is there, and none of its values is listed.
    NotIn(Vec<String>),
    /// One of its values compares so with the text: as numbers where both are, EQUALS else as texts.
    Compares(Comparison, String),
}

/// An attribute of the cart or the customer.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeCondition {
    /// Whose.
    pub source: AttributeSource,
    /// Which.
    pub name: String,
    /// What it must be.
    pub test: AttributeTest,
}

/// An attribute of the cart or the customer, and what it must be.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub(super) struct AttributeInput {
    /// Whose.
    source: AttributeSource,
    /// Which: a key of its attributes, or `customerId`, `tier` or `segments` of a customer.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    name: String,
    /// How it is compared.
    operator: CriterionOperator,
    /// With what: at least one value beside IN and NOT_IN, exactly one beside a comparison.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    values: List<Scalar, 10_000>,
}

impl<'de> Deserialize<'de> for AttributeCondition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let AttributeInput { source, name, operator, values } = AttributeInput::deserialize(deserializer)?;
        let texts: Vec<String> = values.0.iter().map(Scalar::text).collect();
        let test = match (operator, operator.comparison()) {
            (_, Some(comparison)) => AttributeTest::Compares(comparison, compared(texts, comparison)?),
            _ if texts.is_empty() => return Err(de::Error::custom("expected at least one value in values")),
            (CriterionOperator::NotIn, _) => AttributeTest::NotIn(each_once(texts)),
            _ => AttributeTest::In(each_once(texts)),
        };
        Ok(Self { source, name, test })
    }
}

/// The one value of a comparison: a number, unless it has to be equal.
fn compared<E: de::Error>(texts: Vec<String>, comparison: Comparison) -> Result<String, E> {
    let [text] = <[String; 1]>::try_from(texts).map_err(|texts| {
        E::custom(format!(
            "expected exactly one value in values beside operator {}, found {}",
            spelled(comparison),
            texts.len()
        ))
    })?;
    if comparison != Comparison::Equals && crate::money::parse(&text).is_err() {
        return Err(E::custom(format!("expected a number in values beside operator {}", spelled(comparison))));
    }
    Ok(text)
}

impl Serialize for AttributeCondition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(4))?;
        object.serialize_entry("source", &self.source)?;
        object.serialize_entry("name", &self.name)?;
        match &self.test {
            AttributeTest::In(values) => {
                object.serialize_entry("operator", "IN")?;
                object.serialize_entry("values", values)?;
            }
            AttributeTest::NotIn(values) => {
                object.serialize_entry("operator", "NOT_IN")?;
                object.serialize_entry("values", values)?;
            }
            AttributeTest::Compares(comparison, value) => {
                object.serialize_entry("operator", comparison)?;
                object.serialize_entry("values", &[value])?;
            }
        }
        object.end()
    }
}
