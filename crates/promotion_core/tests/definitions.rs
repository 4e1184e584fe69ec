//! What the definition language accepts, how it is normalized, and what it refuses: data files in
//! tests/definitions, each entry being keys that are put over a plain promotion.
//!
//! accepted.json: `{"about", "given", "normalized"?: keys as they are written back, "absent"?: keys
//! that are not}`. refused.json: `{"given", "error": the whole message, "schema"?: whether the
//! JSON Schema refuses it as well}`.

use std::collections::HashSet;

use promotion_core::definition::Definition;
use promotion_core::settings::Settings;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Accepted {
    about: String,
    given: Map<String, Value>,
    #[serde(default)]
    normalized: Map<String, Value>,
    #[serde(default)]
    absent: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    given: Map<String, Value>,
    error: String,
    /// Whether the JSON Schema refuses it as well: tests/schema.rs.
    #[serde(default, rename = "schema")]
    _schema: bool,
}

fn cases<T: DeserializeOwned>(file: &str) -> Vec<T> {
    let path = format!("{}/tests/definitions/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect("a readable file");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// A plain promotion with some keys put over it.
fn definition(given: &Map<String, Value>) -> Value {
    let mut whole = json!({
        "name": "n", "type": "POS",
        "startDateISO": "2020-01-01T00:00:00Z", "endDateISO": "2030-01-01T00:00:00Z",
        "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}},
        "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 5}},
    });
    for (key, value) in given {
        whole[key] = value.clone();
    }
    whole
}

fn parse(given: &Map<String, Value>) -> Result<Definition, String> {
    Definition::parse(&definition(given), &Settings::default()).map_err(|error| error.to_string())
}

#[test]
fn accepted_definitions_are_normalized_and_read_again() {
    let cases: Vec<Accepted> = cases("accepted.json");
    let mut failures = Vec::new();
    for case in &cases {
        let parsed = match parse(&case.given) {
            Ok(parsed) => parsed,
            Err(error) => {
                failures.push(format!("{}: {error}", case.about));
                continue;
            }
        };
        let normalized = serde_json::to_value(&parsed).expect("json");
        let again = Definition::parse(&normalized, &Settings::default());
        assert_eq!(again.as_ref(), Ok(&parsed), "{}: {normalized:#}", case.about);
        assert_eq!(Definition::parse_normalized(&normalized).as_ref(), Ok(&parsed), "{}", case.about);
        for (key, expected) in &case.normalized {
            if normalized.get(key) != Some(expected) {
                failures.push(format!("{}: expected {key} {expected}, found {:?}", case.about, normalized.get(key)));
            }
        }
        for key in case.absent.iter().filter(|key| normalized.get(*key).is_some()) {
            failures.push(format!("{}: expected no {key}, found {}", case.about, normalized[key]));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(cases.len() > 80, "only {} cases were found", cases.len());
}

#[test]
fn refused_definitions_say_where_and_why() {
    let cases: Vec<Refused> = cases("refused.json");
    let mut failures = Vec::new();
    for case in &cases {
        let found = parse(&case.given).err().unwrap_or_else(|| "accepted".to_owned());
        if found != case.error {
            failures.push(format!("expected {}\n   found {found}", case.error));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(cases.len() > 150, "only {} cases were found", cases.len());
}

/// Every word that a definition may have is in some accepted definition.
#[test]
fn every_key_and_word_is_covered() {
    fn collect(value: &Value, seen: &mut HashSet<String>) {
        match value {
            Value::Object(entries) => {
                for (key, value) in entries {
                    seen.insert(key.clone());
                    collect(value, seen);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, seen)),
            Value::String(text) => {
                seen.insert(text.clone());
            }
            _ => {}
        }
    }
    let mut seen = HashSet::new();
    for case in cases::<Accepted>("accepted.json") {
        collect(&Value::Object(case.given), &mut seen);
    }
    let contract = "exclusionGroups scope stopsLater promotionRestrictions Promotion Customer Cart Code Earn kpi limit \
        onExceed guests windowType fixedWindowConfig cycleType weekStartDay refreshRate cycleReferenceDate \
        cycleReferenceDateSource minTimeBetweenRepeat frequency storeCriteria timeCriteria startTime durationInHours \
        repeatFrequency weeklyValues monthlyValues supplementaryCriteria loyaltyProgramId programType partnerProgramId \
        earningCriteria maxEarningPerCustomer maxIssuancePerCustomer earningExpiryDays customerActivationRequired \
        customFieldValues campaignId comboProductCondition productConditions tenderCondition tenderModes identifiers \
        paymentModeCondition paymentModeSelectionCriteriaRO paymentModeScopeConditionRO paymentComboProductConditionRO \
        attributeCondition source conditions ALL ANY NOT freeProductAction autoAdd fixedPriceAction tenderBasedAction \
        shippingBasedAction methods perUnitAction perUnitKPI perUnitDivider rewardAction maxApplications countPer units \
        groupOrder rank nth tieredAction tiers from multiAction actions WITHIN ACROSS CHEAPEST DEAREST";
    let missing: Vec<&str> = contract.split_whitespace().filter(|word| !seen.contains(*word)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
