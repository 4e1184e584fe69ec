//! promo_create_promotion: a definition is refused, or is its own normalized one, and a ruleset can be made of it.

use std::collections::HashMap;

use promotion_core::definition::Definition;
use promotion_core::ruleset::{PromotionSource, Ruleset};
use promotion_core::settings::Settings;
use serde_json::Value;

use crate::check::{json, parsed};

pub fn run(input: &[u8]) -> bool {
    let Some(json) = json(input) else { return false };
    let settings = Settings::default();
    if let Ok(definition) = definition(&json, input.len(), &settings) {
        let source = PromotionSource { id: "p".to_owned(), version: 1, created: 0, definition };
        assert_eq!(Ruleset::compile(settings, HashMap::new(), [source]).len(), 1);
    }
    true
}

/// Reads a definition; what it is stored as reads as the same.
pub fn definition(
    json: &Value,
    bytes: usize,
    settings: &Settings,
) -> Result<Definition, promotion_core::error::InputError> {
    let definition = parsed("a definition", bytes, || Definition::parse(json, settings))?;
    let normalized = serde_json::to_value(&definition).expect("json");
    let text = normalized.to_string();
    let again = serde_json::from_str(&text).expect("json");
    assert_eq!(Definition::parse(&again, settings).as_ref(), Ok(&definition), "{text}");
    assert_eq!(Definition::parse_normalized(&again).as_ref(), Ok(&definition), "{text}");
    Ok(definition)
}
