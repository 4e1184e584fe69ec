//! The JSON Schema of the definition language, for editors and back offices to check definitions before
//! they call.
//!
//! It is generated from the very types that parse a definition; what is written by hand here is what serde
//! reads by hand too: leaf types such as numbers that may be strings, and the one key that goes with a
//! `type`. It says no less than the parser accepts, and not all that it refuses: what depends on several
//! values at once (a type and its limits, a currency and its digits) is the parser's alone.
//!
//! It stands behind the cargo feature `schema`: only whoever writes the file needs it, so the extension
//! carries neither the code nor its dependency. `schema/promotion-definition.schema.json` is this
//! schema; a test keeps it current.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::{Value, json};

use super::action::{ActionInput, ActionType};
use super::attribute::AttributeInput;
use super::condition::{ConditionInput, ConditionType};
use super::input::DefinitionInput;
use super::product::{CriterionInput, ProductConditionInput, SelectingInput, SelectingType};
use super::read::{Id, IdAsWritten, MostInstances, Whole, spelled};
use super::scope::{ClockTime, GroupInput};
use super::{Action, AttributeCondition, Condition, Criterion, ExclusionGroup, ProductCondition, Selecting};
use crate::currency::Currency;
use crate::instant::Instant;
use crate::json::AnyJson;
use crate::list::List;
use crate::money::{DefinitionNumber, InputQuantity};
use crate::scalar::Scalar;

/// The schema of a promotion definition, draft 2020-12.
pub fn json_schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<DefinitionInput<'static>>();
    schema.insert("title".to_owned(), "Promotion definition".into());
    RecursiveTransform(allow_null).transform(&mut schema);
    let definitions = schema.get_mut("$defs").and_then(Value::as_object_mut);
    for (name, definition) in definitions.into_iter().flatten() {
        if let Some(definition) = definition.as_object_mut() {
            definition.insert("title".to_owned(), name.as_str().into());
        }
    }
    schema.to_value()
}

/// A key that may be absent may be null as well.
fn allow_null(schema: &mut Schema) {
    let required: Vec<Value> = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for (key, property) in properties {
        if required.iter().any(|required| required == key) || takes_null(property) {
            continue;
        }
        let Value::Object(mut inner) = property.take() else { continue };
        let mut outer = serde_json::Map::new();
        for key in ["description", "default"] {
            if let Some(value) = inner.remove(key) {
                outer.insert(key.to_owned(), value);
            }
        }
        outer.insert("anyOf".to_owned(), json!([inner, {"type": "null"}]));
        *property = Value::Object(outer);
    }
}

/// Whether a property's schema lets null in already, or is one of the rules on other keys.
fn takes_null(property: &Value) -> bool {
    let Some(schema) = property.as_object() else { return true };
    let types = schema.get("type");
    let is_null =
        |types: &Value| types == "null" || types.as_array().is_some_and(|types| types.contains(&json!("null")));
    let in_any = schema
        .get("anyOf")
        .and_then(Value::as_array)
        .is_some_and(|any| any.iter().any(|one| one.get("type").is_some_and(is_null)));
    types.is_some_and(is_null) || in_any || schema.keys().all(|key| ["not", "enum", "const"].contains(&key.as_str()))
}

/// `key` is there, and not null.
fn given(key: &str) -> Value {
    json!({"required": [key], "properties": {key: {"not": {"type": "null"}}}})
}

/// `key` is not there, or null.
fn absent(key: &str) -> Value {
    json!({"properties": {key: {"type": "null"}}})
}

/// Requires the key that goes with the type, and no other such key.
fn one_key<T: Serialize + Copy>(schema: &mut Schema, words: &[T], key: impl Fn(T) -> &'static str) {
    let mut keys: Vec<&str> = words.iter().map(|&word| key(word)).collect();
    keys.dedup();
    let rules: Vec<Value> = keys
        .into_iter()
        .map(|own| {
            let types: Vec<String> =
                words.iter().filter(|&&word| key(word) == own).map(|&word| spelled(word)).collect();
            json!({"if": {"properties": {"type": {"enum": types}}}, "then": given(own), "else": absent(own)})
        })
        .collect();
    schema.insert("allOf".to_owned(), rules.into());
}

pub(super) fn condition_rules(schema: &mut Schema) {
    use ConditionType as T;
    let words = [
        T::Cart,
        T::Product,
        T::ComboProduct,
        T::Tender,
        T::PaymentMode,
        T::PaymentModeScope,
        T::PaymentModeComboProduct,
        T::Attribute,
        T::All,
        T::Any,
        T::Not,
    ];
    one_key(schema, &words, T::key);
}

pub(super) fn action_rules(schema: &mut Schema) {
    use ActionType as T;
    let words = [
        T::CartBased,
        T::ProductBased,
        T::FreeProduct,
        T::FixedPrice,
        T::Tender,
        T::Shipping,
        T::PerUnit,
        T::Tiered,
        T::Multi,
    ];
    one_key(schema, &words, T::key);
}

pub(super) fn selecting_rules(schema: &mut Schema) {
    one_key(schema, &[SelectingType::Product, SelectingType::ComboProduct], SelectingType::key);
}

/// Entity, operator and values, or anyOf alone.
pub(super) fn criterion_rules(schema: &mut Schema) {
    let (whole, parts) = ("anyOf", ["entity", "operator", "values"]);
    let plain = parts.map(given).into_iter().chain([absent(whole)]).collect::<Vec<_>>();
    let nested = parts.map(absent).into_iter().chain([absent("attributeName"), given(whole)]).collect::<Vec<_>>();
    schema.insert("oneOf".to_owned(), json!([{"allOf": plain}, {"allOf": nested}]));
}

/// Each date under one of its keys.
pub(super) fn date_rules(schema: &mut Schema) {
    let either = |key: &str, iso: &str| json!({"anyOf": [given(key), given(iso)]});
    let rules = json!([either("startDate", "startDateISO"), either("endDate", "endDateISO")]);
    schema.insert("allOf".to_owned(), rules);
}

/// A type that is read through another, of which it has the schema, under its own name.
macro_rules! read_through {
    ($($own:ident: $input:ty),+ $(,)?) => {$(
        impl JsonSchema for $own {
            fn schema_name() -> Cow<'static, str> {
                stringify!($own).into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                <$input>::json_schema(generator)
            }
        }
    )+};
}

read_through! {
    Condition: ConditionInput,
    Action: ActionInput,
    Selecting: SelectingInput,
    ProductCondition: ProductConditionInput,
    Criterion: CriterionInput,
    AttributeCondition: AttributeInput,
}

/// Leaf types: a name, and what JSON they take.
macro_rules! leaves {
    ($($own:ident: $schema:tt),+ $(,)?) => {$(
        impl JsonSchema for $own {
            fn schema_name() -> Cow<'static, str> {
                stringify!($own).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )+};
}

leaves! {
    DefinitionNumber: {
        "description": "0 or more, at most 15 digits before and 6 after the point: a number or a decimal string",
        "type": ["number", "string"],
        "minimum": 0,
        "exclusiveMaximum": 1_000_000_000_000_000_i64,
        "pattern": r"^(-?0+(\.0+)?|0*[0-9]{1,15}(\.[0-9]{1,6}0*)?)$",
    },
    InputQuantity: {
        "description": "More than 0, at most 9 digits before and 6 after the point: a number or a decimal string",
        "type": ["number", "string"],
        "exclusiveMinimum": 0,
        "exclusiveMaximum": 1_000_000_000,
        "pattern": r"^0*[0-9]{1,9}(\.[0-9]{1,6}0*)?$",
    },
    Instant: {
        "description": "Epoch milliseconds (a number or a string) or an ISO 8601 time with an offset",
        "type": ["integer", "string"],
        "pattern": r"^-?[0-9]+$|[0-9][Tt ][0-9:.,]+ ?([Zz]|[+-][0-9]{2})",
        "examples": [1_767_225_600_000_i64, "2026-01-31T18:00:00+01:00"],
    },
    Currency: {
        "description": "A currency code of ISO 4217",
        "type": "string",
        "pattern": "^[A-Z]{3}$",
        "examples": ["USD"],
    },
    Scalar: {
        "description": "Compared as text, a number as its shortest decimal: 5, 5.0 and \"5\" are equal",
        "type": ["string", "number", "boolean"],
    },
    MostInstances: {
        "description": "A number of 1 or more, or -1 for no limit",
        "type": ["integer", "string"],
        "minimum": -1,
        "maximum": 2_147_483_647,
        "not": {"enum": [0, "0"]},
        "pattern": r"^-?[0-9]+(\.0+)?$",
    },
    Id: {
        "description": "A string or a whole number; compared as text",
        "type": ["string", "integer"],
    },
    IdAsWritten: {
        "description": "A string or a whole number",
        "type": ["string", "integer"],
    },
    ClockTime: {
        "description": "A time of day, HH:mm",
        "type": "string",
        "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$",
        "examples": ["18:00"],
    },
    AnyJson: {
        "description": "Any JSON",
    },
}

impl<const LEAST: i64, const MOST: i64> JsonSchema for Whole<LEAST, MOST> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Whole_{LEAST}_{MOST}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["integer", "string"],
            "minimum": LEAST,
            "maximum": MOST,
            "pattern": r"^-?[0-9]+(\.0+)?$",
        })
    }
}

impl<T: JsonSchema, const MOST: usize> JsonSchema for List<T, MOST> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("List_{MOST}_of_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "array", "items": generator.subschema_for::<T>(), "maxItems": MOST})
    }
}

impl JsonSchema for ExclusionGroup {
    fn schema_name() -> Cow<'static, str> {
        "ExclusionGroup".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let object = GroupInput::json_schema(generator);
        json_schema!({
            "description": "At most one promotion of a group applies: a name (to the cart), or a name and a scope",
            "anyOf": [{"type": "string", "minLength": 1, "maxLength": 50}, object],
        })
    }
}
