//! The files of tests/examples, which the engine and the oracle are both run on. A file is
//!
//! ```json
//! {
//!   "about": "where it comes from and what it shows",
//!   "settings": {"...": "as promo_configure takes them"},
//!   "categories": {"child": "parent"},
//!   "promotions": [{"id": "id", "...": "a definition; name, type and dates may be left out"}],
//!   "codes": {"CODE": {"promotions": ["id"], "validFrom": null, "validTill": null, "disabled": false,
//!                      "customerId": null}},
//!   "cases": [{"about": "...", "at": "2026-01-01T00:00:00Z", "request": {}, "settings": {}, "answer": {},
//!              "till": {"store": "s", "zone": "z", "concept": "c"},
//!              "entitlements": [{"earnId": "e", "promotionId": "id", "earnedAt": "...", "validTill": "..."}],
//!              "used": [{"promotion": "id", "row": 0, "subject": "CODE or earnId", "count": 1, "held": 0,
//!                        "moving": [{"at": "...", "count": 1}]}]}]
//! }
//! ```
//!
//! `codes` are those of `promoCodes` and of `paymentVouchers`, and those that customers have: the ones of the
//! request's customer apply without being sent. `entitlements` are the customer's. `row` counts a promotion's
//! limit rows from 0: those of Promotion, Customer, Cart, Code and Earn, in this order; 10 is the row that counts
//! the transactions of an instance.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use promotion_core::instant::Instant;
use promotion_core::json::{REQUEST_LIMITS, read};
use promotion_core::limit::Used;
use promotion_core::money::DefinitionNumber;
use promotion_core::situation::{Entitlement, Till};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Example {
    #[serde(rename = "about")]
    _about: String,
    #[serde(default)]
    pub settings: Option<Value>,
    #[serde(default)]
    pub categories: BTreeMap<String, String>,
    pub promotions: Vec<Value>,
    #[serde(default)]
    pub codes: BTreeMap<String, Code>,
    pub cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Code {
    pub promotions: Vec<String>,
    pub valid_from: Option<String>,
    pub valid_till: Option<String>,
    #[serde(default)]
    pub disabled: bool,
    pub customer_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Case {
    pub about: String,
    pub at: Option<String>,
    #[serde(default)]
    pub settings: Option<Value>,
    pub till: Option<TillText>,
    #[serde(default)]
    pub entitlements: Vec<Instance>,
    #[serde(default)]
    pub used: Vec<Uses>,
    pub request: Value,
    pub answer: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TillText {
    pub store: Option<String>,
    pub zone: Option<String>,
    pub concept: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Instance {
    pub earn_id: String,
    pub promotion_id: String,
    pub earned_at: String,
    pub valid_till: String,
}

/// What is used of a limit row.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uses {
    pub promotion: String,
    pub row: usize,
    pub subject: Option<String>,
    #[serde(default)]
    pub count: Value,
    #[serde(default)]
    pub moving: Vec<MovingUse>,
    #[serde(default)]
    pub held: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MovingUse {
    pub at: String,
    pub count: Value,
}

/// Epoch milliseconds.
pub fn instant(text: &str) -> i64 {
    let text = json!(text);
    read::<_, Instant>(&text, REQUEST_LIMITS).expect("an instant").0
}

/// A number as definitions have it, in millionths; none is 0.
fn millionths(number: &Value) -> i128 {
    if number.is_null() { 0 } else { read::<_, DefinitionNumber>(number, REQUEST_LIMITS).expect("a number").0 }
}

impl Case {
    /// When the cart is priced.
    pub fn instant(&self) -> i64 {
        instant(self.at.as_deref().unwrap_or("2026-01-01T00:00:00Z"))
    }

    pub fn till(&self) -> Option<Till> {
        let till = self.till.as_ref()?;
        Some(Till { store: till.store.clone(), zone: till.zone.clone(), concept: till.concept.clone() })
    }

    pub fn entitlements(&self) -> Vec<Entitlement> {
        self.entitlements
            .iter()
            .map(|own| Entitlement {
                earn_id: own.earn_id.clone(),
                promotion_id: own.promotion_id.clone(),
                earned_at: instant(&own.earned_at),
                valid_till: instant(&own.valid_till),
            })
            .collect()
    }
}

impl Uses {
    pub fn used(&self) -> Used {
        Used {
            count: millionths(&self.count),
            moving: self.moving.iter().map(|own| (instant(&own.at), millionths(&own.count))).collect(),
            held: millionths(&self.held),
        }
    }
}

/// A definition with what every example would have to repeat.
pub fn completed(definition: &Value, id: &str) -> Value {
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

/// All examples, by file.
pub fn examples() -> Vec<(PathBuf, Example)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the examples' folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    let parsed = |file: PathBuf| {
        let text = std::fs::read_to_string(&file).expect("a readable file");
        let example = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        (file, example)
    };
    files.into_iter().map(parsed).collect()
}
