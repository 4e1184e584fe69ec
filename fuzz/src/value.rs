//! The values that requests and definitions are made of, each type on every value of the input: what redeem, return,
//! earn, code and category requests are read with. What is read is written as something that reads as the same.

use std::collections::BTreeMap;

use promotion_core::cart::{CustomerId, EchoedAmount};
use promotion_core::code::{CodePattern, MAX_CHARACTERS, code_key, new_code};
use promotion_core::currency::Currency;
use promotion_core::instant::Instant;
use promotion_core::json::{AnyJson, REQUEST_LIMITS, read};
use promotion_core::list::List;
use promotion_core::money::{
    Decimal, DefinitionNumber, InputAmount, InputQuantity, Money, Quantity, from_numeric, shortest,
};
use promotion_core::scalar::Scalars;
use serde_json::Value;

use crate::check::{json, parsed};
use crate::random::Random;

pub fn run(input: &[u8]) -> bool {
    let Some(json) = json(input) else { return false };
    if let Ok(any) = parsed("any JSON", input.len(), || read::<_, AnyJson>(&json, REQUEST_LIMITS)) {
        assert_eq!(any.0, json);
    }
    let _ = parsed("a map", input.len(), || read::<_, BTreeMap<&str, Scalars>>(&json, REQUEST_LIMITS));
    let _ = parsed("a list", input.len(), || read::<_, List<CustomerId<'_>, 3>>(&json, REQUEST_LIMITS));
    check_all(&json, input.len());
    true
}

/// Each value by itself, as deep as a request may be.
fn check_all(json: &Value, bytes: usize) {
    check(json, bytes);
    match json {
        Value::Array(items) => items.iter().for_each(|item| check_all(item, bytes)),
        Value::Object(entries) => {
            pattern(json);
            entries.iter().for_each(|(key, value)| {
                code(key);
                check_all(value, bytes);
            });
        }
        _ => {}
    }
}

macro_rules! parse {
    ($name:literal, $type:ty, $json:expr, $bytes:expr) => {
        parsed($name, $bytes, || read::<_, $type>($json, REQUEST_LIMITS))
    };
}

fn check(json: &Value, bytes: usize) {
    if let Ok(InputAmount(amount)) = parse!("an amount", InputAmount, json, bytes) {
        assert!(amount.0 >= 0 && number(amount.0) == amount.0, "{json}");
        assert_eq!(from_numeric(&amount.to_string()), Some(amount.0), "{json}");
        assert_eq!(parse!("an amount", Money, &amount.to_string().into(), bytes), Ok(amount), "{json}");
    }
    if let Ok(InputQuantity(quantity)) = parse!("a quantity", InputQuantity, json, bytes) {
        assert!(quantity.0 > 0 && number(quantity.0) == quantity.0, "{json}");
        assert_eq!(parse!("a quantity", Quantity, &quantity.to_string().into(), bytes), Ok(quantity), "{json}");
    }
    if let Ok(found) = parse!("a number", DefinitionNumber, json, bytes) {
        assert_eq!(number(found.0), found.0, "{json}");
        assert_eq!(parse!("a decimal", Decimal, &shortest(found.0).into(), bytes), Ok(Decimal(found.0)), "{json}");
    }
    if let Ok(instant) = parse!("an instant", Instant, json, bytes) {
        assert_eq!(parse!("an instant", Instant, &instant.0.into(), bytes), Ok(instant), "{json}");
    }
    if let Ok(currency) = parse!("a currency", Currency, json, bytes) {
        assert_eq!(Currency::from_code(currency.code()), Some(currency), "{json}");
    }
    if let Ok(id) = parse!("an id", CustomerId<'_>, json, bytes) {
        assert_eq!(serde_json::to_value(id).as_ref().ok(), Some(json));
        let key = Value::from(id.key());
        assert_eq!(
            read::<_, CustomerId<'_>>(&key, REQUEST_LIMITS).map(|own| own.key().into_owned()),
            Ok(id.key().into_owned()),
            "{json}"
        );
    }
    if let Ok(sent) = parse!("a tender's amount", EchoedAmount<'_>, json, bytes) {
        let echo = serde_json::to_value(&sent).expect("json");
        assert_eq!(echo.is_number(), json.is_number());
        assert_eq!(read::<_, EchoedAmount<'_>>(&echo, REQUEST_LIMITS).map(|own| own.amount), Ok(sent.amount), "{json}");
    }
    if let Ok(values) = parse!("values", Scalars, json, bytes) {
        // The text that a value is compared by is one that it is equal to.
        for value in &values.0 {
            let again = Value::from(value.text());
            let again = read::<_, Scalars>(&again, REQUEST_LIMITS).map(|own| own.0[0].text());
            assert_eq!(again, Ok(value.text()), "{json}");
        }
    }
    if let Value::String(text) = json {
        code(text);
    }
}

/// A number by its shortest text.
fn number(millionths: i128) -> i128 {
    let text = Value::from(shortest(millionths));
    read::<_, DefinitionNumber>(&text, REQUEST_LIMITS).expect("a number").0
}

/// A code is found by its text, however that is written, and stored as one that is stored as itself.
fn code(text: &str) {
    if text.chars().count() > REQUEST_LIMITS.string_characters {
        return;
    }
    let key = code_key(text);
    assert_eq!(code_key(&key), key, "{text:?}");
    if let Ok(stored) = new_code(text) {
        assert_eq!(stored, key, "{text:?}");
        assert!(stored.chars().count() <= MAX_CHARACTERS, "{text:?}");
        assert_eq!(new_code(&stored).as_ref(), Ok(&stored), "{text:?}");
    }
}

/// The pattern of codes to be made.
fn pattern(options: &Value) {
    let text = |key: &str| options.get(key).and_then(Value::as_str);
    let whole = |key: &str| options.get(key).and_then(Value::as_i64);
    let count = whole("count").and_then(|count| u64::try_from(count).ok()).unwrap_or(1);
    if let Ok(pattern) = CodePattern::new(whole("length"), text("prefix"), text("alphabet"), count) {
        let mut random = Random::new(count);
        let code = pattern.code(|below| random.below(below));
        assert_eq!(new_code(&code).as_ref(), Ok(&code), "{options}");
        let _ = pattern.is_crowded();
    }
}
