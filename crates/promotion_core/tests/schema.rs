//! schema/promotion-definition.schema.json is the schema of the types that parse definitions, lets in
//! all that they accept, and refuses what it can.
//!
//! `UPDATE_SCHEMA=1 cargo test -p promotion_core --features schema --test schema` writes the file.

use std::path::{Path, PathBuf};

use jsonschema::Validator;
use promotion_core::definition::{Definition, json_schema};
use promotion_core::settings::Settings;
use serde_json::{Value, json};

fn own(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn validator() -> Validator {
    jsonschema::draft202012::meta::validate(&json_schema()).expect("a schema of draft 2020-12");
    jsonschema::draft202012::new(&json_schema()).expect("a schema")
}

/// What the data files leave out, with their keys put over it.
fn completed(given: &Value) -> Value {
    let mut whole = json!({
        "name": "n", "type": "POS",
        "startDateISO": "2020-01-01T00:00:00Z", "endDateISO": "2030-01-01T00:00:00Z",
        "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}},
        "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 5}},
    });
    for (key, value) in given.as_object().expect("an object") {
        if key != "id" {
            whole[key] = value.clone();
        }
    }
    whole
}

/// Every definition of tests/examples and tests/definitions that the parser accepts.
fn accepted() -> Vec<Value> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(own("tests/examples")).expect("the examples' folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let example = read(&path);
            found.extend(example["promotions"].as_array().into_iter().flatten().map(completed));
        }
    }
    let cases = read(&own("tests/definitions/accepted.json"));
    found.extend(cases.as_array().expect("cases").iter().map(|case| completed(&case["given"])));
    found
}

fn parse(definition: &Value) -> Option<Definition> {
    Definition::parse(definition, &Settings::default()).ok()
}

#[test]
fn the_file_is_current() {
    let path = own("../../schema/promotion-definition.schema.json");
    let current = format!("{:#}\n", json_schema());
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a new folder");
        std::fs::write(&path, &current).expect("a writable file");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == current, "{} is stale: run this test with UPDATE_SCHEMA=1", path.display());
}

#[test]
fn what_the_parser_accepts_is_valid() {
    let validator = validator();
    let accepted = accepted();
    assert!(accepted.len() > 90, "only {} definitions were found", accepted.len());
    for definition in accepted {
        let normalized = serde_json::to_value(parse(&definition).expect("a definition")).expect("json");
        for definition in [definition, normalized] {
            if let Err(error) = validator.validate(&definition) {
                panic!("{error} at {}\n{definition:#}", error.instance_path());
            }
        }
    }
}

/// Sets, one after the other, each value of a definition to each of some others, or takes it away.
fn mutate(definition: &mut Value, pointer: &str, check: &mut impl FnMut(&Value)) {
    let others = [json!(null), json!(0), json!("1"), json!(1.5), json!(true), json!([]), json!({})];
    let children: Vec<String> = match definition.pointer(pointer) {
        Some(Value::Object(entries)) => entries.keys().map(|key| format!("{pointer}/{key}")).collect(),
        Some(Value::Array(items)) => (0..items.len().min(2)).map(|index| format!("{pointer}/{index}")).collect(),
        _ => return,
    };
    for child in children {
        mutate(definition, &child, check);
        for other in &others {
            let place = definition.pointer_mut(&child).expect("the child");
            let old = std::mem::replace(place, other.clone());
            check(definition);
            *definition.pointer_mut(&child).expect("the child") = old;
        }
        let key = child.rsplit('/').next().unwrap_or_default();
        if let Some(Value::Object(parent)) = definition.pointer_mut(pointer)
            && let Some(old) = parent.remove(key)
        {
            check(definition);
            definition.pointer_mut(pointer).expect("the parent")[key] = old;
        }
    }
}

#[test]
fn what_the_schema_refuses_the_parser_refuses() {
    let validator = validator();
    let (mut refused, mut missed) = (0, 0);
    for mut definition in accepted() {
        let size = definition.to_string().len();
        if size > 4_000 {
            continue;
        }
        mutate(&mut definition, "", &mut |mutated| match (validator.validate(mutated), parse(mutated)) {
            (Err(error), Some(_)) => panic!("{error} at {}\n{mutated:#}", error.instance_path()),
            (Err(_), None) => refused += 1,
            (Ok(()), None) => missed += 1,
            (Ok(()), Some(_)) => {}
        });
    }
    assert!(refused > 10 * missed && refused > 1_000, "{refused} refused, {missed} missed");
}

/// Of what the parser refuses, the schema refuses what is marked so in tests/definitions/refused.json.
#[test]
fn what_is_marked_is_not_valid() {
    let validator = validator();
    let cases = read(&own("tests/definitions/refused.json"));
    let wrong: Vec<String> = cases
        .as_array()
        .expect("cases")
        .iter()
        .filter(|case| validator.is_valid(&completed(&case["given"])) == (case["schema"] == true))
        .map(Value::to_string)
        .collect();
    assert!(wrong.is_empty(), "marked wrongly:\n{}", wrong.join("\n"));
}
