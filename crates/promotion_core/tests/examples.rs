//! Runs the worked examples: data files in tests/examples, each a ruleset, a request and what must
//! be answered. A file is
//!
//! ```json
//! {
//!   "about": "where it comes from and what it shows",
//!   "settings": {"...": "as promo_configure takes them"},
//!   "categories": {"child": "parent"},
//!   "promotions": {"id": {"...": "a definition; name, type and dates may be left out"}},
//!   "codes": {"CODE": {"promotions": ["id"], "validFrom": null, "validTill": null, "disabled": false,
//!                      "customerId": null}},
//!   "cases": [{"about": "...", "at": "2026-01-01T00:00:00Z", "request": {}, "settings": {}, "answer": {}}]
//! }
//! ```
//!
//! `answer` is compared as a part of the whole answer: an object may leave keys out, an array may
//! not leave elements out.

use std::collections::BTreeMap;
use std::path::Path;

use promotion_core::answer::{Answer, AnswerIds};
use promotion_core::cart::Cart;
use promotion_core::code::code_key;
use promotion_core::definition::Definition;
use promotion_core::evaluate::{Situation, evaluate};
use promotion_core::evaluation::{CodeFacts, CodeUse};
use promotion_core::instant::Instant;
use promotion_core::json::{REQUEST_LIMITS, read};
use promotion_core::ruleset::{PromotionSource, Ruleset};
use promotion_core::settings::{Settings, SettingsPatch};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Example {
    #[serde(rename = "about")]
    _about: String,
    #[serde(default)]
    settings: Option<Value>,
    #[serde(default)]
    categories: BTreeMap<String, String>,
    promotions: Vec<Value>,
    #[serde(default)]
    codes: BTreeMap<String, Code>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Code {
    promotions: Vec<String>,
    valid_from: Option<String>,
    valid_till: Option<String>,
    #[serde(default)]
    disabled: bool,
    customer_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Case {
    about: String,
    at: Option<String>,
    #[serde(default)]
    settings: Option<Value>,
    request: Value,
    answer: Value,
}

fn instant(text: &str) -> i64 {
    let text = json!(text);
    read::<_, Instant>(&text, REQUEST_LIMITS).expect("an instant").0
}

fn settings(patches: [&Option<Value>; 2]) -> Settings {
    patches.into_iter().flatten().fold(Settings::default(), |settings, patch| {
        let patch: SettingsPatch<'_> = read(patch, REQUEST_LIMITS).expect("settings");
        settings.patched(&patch).expect("settings")
    })
}

/// A definition with what every example would have to repeat.
fn completed(definition: &Value, id: &str) -> Value {
    let mut whole = json!({
        "name": id, "type": "POS",
        "startDateISO": "2020-01-01T00:00:00Z", "endDateISO": "2030-01-01T00:00:00Z",
    });
    for (key, value) in definition.as_object().expect("a definition") {
        if key != "id" {
            whole[key] = value.clone();
        }
    }
    whole
}

fn answer(example: &Example, case: &Case) -> Value {
    let settings = settings([&example.settings, &case.settings]);
    let sources: Vec<PromotionSource> = example
        .promotions
        .iter()
        .enumerate()
        .map(|(created, definition)| {
            let id = definition["id"].as_str().expect("an id").to_owned();
            let definition = Definition::parse(&completed(definition, &id), &settings)
                .unwrap_or_else(|error| panic!("definition {id}: {error}"));
            // What is stored is the normalized form: nothing may be lost by it.
            let normalized = serde_json::to_value(&definition).expect("json");
            assert_eq!(Definition::parse(&normalized, &settings).as_ref(), Ok(&definition), "{normalized}");
            assert_eq!(Definition::parse_normalized(&normalized).as_ref(), Ok(&definition));
            PromotionSource { id, version: 1, created: created as i64, definition }
        })
        .collect();
    let parents =
        example.categories.iter().map(|(child, parent)| (child.as_str().into(), parent.as_str().into())).collect();
    let ruleset = Ruleset::compile(settings, parents, sources);
    let cart = Cart::parse(&case.request).unwrap_or_else(|error| panic!("request: {error}"));
    let codes: Vec<Option<CodeFacts>> = cart
        .promo_codes
        .iter()
        .map(|sent| {
            example.codes.get(&code_key(sent)).map(|code| CodeFacts {
                disabled: code.disabled,
                linked_to: code.customer_id.clone(),
                uses: code
                    .promotions
                    .iter()
                    .map(|id| CodeUse {
                        promotion_id: id.clone(),
                        valid_from: code.valid_from.as_deref().map(instant),
                        valid_till: code.valid_till.as_deref().map(instant),
                    })
                    .collect(),
            })
        })
        .collect();
    let at = Instant(instant(case.at.as_deref().unwrap_or("2026-01-01T00:00:00Z")));
    let evaluation = evaluate(&ruleset, &Situation { cart: &cart, instant: at, codes: &codes, pulse: &|| {} });
    check_sums(&cart, &evaluation);
    let ids = AnswerIds::complete(
        &cart,
        Some("e".to_owned()),
        |line| format!("line {line}"),
        |tender| format!("tender {tender}"),
    );
    serde_json::to_value(Answer::new(&ruleset, &cart, &evaluation, &ids)).expect("json")
}

/// What holds for every evaluation: parts add up to wholes, on every level.
fn check_sums(cart: &Cart<'_>, evaluation: &promotion_core::evaluation::Evaluation<'_>) {
    let mut by_line = vec![0; cart.lines.len()];
    for applied in &evaluation.applied {
        assert_eq!(applied.discount.0, applied.lines.iter().map(|line| line.discount.0).sum::<i128>());
        for line in &applied.lines {
            assert_eq!(line.discount.0, line.runs.iter().map(|(_, discount)| discount.0).sum::<i128>());
            assert_eq!(line.discounted_quantity.0, line.runs.iter().map(|(quantity, _)| quantity.0).sum::<i128>());
            if let Some(sum) = by_line.get_mut(line.line) {
                *sum += line.discount.0;
            }
        }
    }
    assert_eq!(by_line, evaluation.line_discounts.iter().map(|discount| discount.0).collect::<Vec<_>>());
    for (line, discount) in cart.lines.iter().zip(&evaluation.line_discounts) {
        assert!((0..=line.amount.0 - line.discount.0).contains(&discount.0), "{line:?} {discount}");
    }
}

/// Where the answer lacks something of what is expected.
fn difference(path: &str, expected: &Value, found: &Value) -> Option<String> {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            expected.iter().find_map(|(key, value)| match found.get(key) {
                Some(found) => difference(&format!("{path}.{key}"), value, found),
                None => Some(format!("{path}.{key} is absent")),
            })
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => expected
            .iter()
            .zip(found)
            .enumerate()
            .find_map(|(index, (expected, found))| difference(&format!("{path}[{index}]"), expected, found)),
        _ if expected == found => None,
        _ => Some(format!("{path}: expected {expected}, found {found}")),
    }
}

#[test]
fn worked_examples() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .expect("the examples' folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    let (mut run, mut failures) = (0, Vec::new());
    for file in &files {
        let text = std::fs::read_to_string(file).expect("a readable file");
        let example: Example =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for case in &example.cases {
            run += 1;
            let found = answer(&example, case);
            if let Some(difference) = difference("answer", &case.answer, &found) {
                failures.push(format!("{}, {}: {difference}\n{found:#}", file.display(), case.about));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(run > 20, "only {run} cases were found");
}
