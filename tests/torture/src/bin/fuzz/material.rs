//! Good definitions and requests: those of the engine's own worked examples, which use every rule there is.

use std::error::Error;
use std::fs;

use serde_json::{Map, Value, json};

/// What there is of them.
pub struct Material {
    /// Definitions, each with a name of its own.
    pub definitions: Vec<Value>,
    /// Requests of promo_evaluate.
    pub carts: Vec<Value>,
    /// Categories and their parents.
    pub categories: Value,
}

impl Material {
    /// Reads the engine's examples.
    pub fn read() -> Result<Self, Box<dyn Error>> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../crates/promotion_core/tests");
        let (mut definitions, mut carts, mut categories) = (Vec::new(), Vec::new(), Map::new());
        let mut files: Vec<_> = fs::read_dir(format!("{folder}/examples"))?.collect::<Result<_, _>>()?;
        files.sort_by_key(fs::DirEntry::path);
        for file in files {
            let example: Value = serde_json::from_str(&fs::read_to_string(file.path())?)?;
            definitions.extend(example["promotions"].as_array().into_iter().flatten().cloned());
            let requests = example["cases"].as_array().into_iter().flatten().map(|case| &case["request"]);
            carts.extend(requests.filter(|request| request.to_string().len() < 20_000).cloned());
            categories.extend(example["categories"].as_object().cloned().unwrap_or_default());
        }
        let accepted: Value =
            serde_json::from_str(&fs::read_to_string(format!("{folder}/definitions/accepted.json"))?)?;
        definitions.extend(accepted.as_array().into_iter().flatten().map(|own| own["given"].clone()));
        for (place, definition) in definitions.iter_mut().enumerate() {
            whole(definition, place);
        }
        let entries = categories.iter().map(|(child, parent)| json!({"category": child, "parent": parent}));
        Ok(Self { definitions, carts, categories: entries.collect() })
    }
}

/// Adds what an example may leave out.
fn whole(definition: &mut Value, place: usize) {
    let Some(keys) = definition.as_object_mut() else { return };
    keys.remove("id");
    keys.insert("name".to_owned(), json!(format!("promotion {place}")));
    keys.entry("type").or_insert(json!("POS"));
    let is_dated = |end: &str, keys: &Map<String, Value>| {
        keys.contains_key(&format!("{end}Date")) || keys.contains_key(&format!("{end}DateISO"))
    };
    if !is_dated("start", keys) {
        keys.insert("startDate".to_owned(), json!(0));
    }
    if !is_dated("end", keys) {
        keys.insert("endDate".to_owned(), json!(4_102_444_800_000_i64));
    }
    keys.entry("condition").or_insert(lifecycle_tests::definitions::any_cart());
    keys.entry("action").or_insert(lifecycle_tests::definitions::off_cart("5"));
}
