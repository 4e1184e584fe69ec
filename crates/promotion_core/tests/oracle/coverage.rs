//! What the compared cases were about: that promotions of every kind really gave something.

use std::collections::BTreeMap;

use promotion_core::definition::INSTANCE_ROW;
use serde_json::Value;

use crate::evaluating::{Applied, Outcome};
use crate::scenario::Scenario;

/// How many cases showed what.
#[derive(Debug, Default)]
pub struct Coverage {
    cases: u32,
    seen: BTreeMap<String, u32>,
}

/// What at least one in so many cases must show.
const EXPECTED: [(&str, u32); 66] = [
    ("one applied", 2),
    ("two applied", 10),
    ("three applied", 50),
    ("CART_BASED", 20),
    ("CART_BASED ABSOLUTE", 50),
    ("CART_BASED PERCENTAGE", 50),
    ("CART_BASED FIXED", 200),
    ("CART_BASED ITEMS_AND_SHIPPING", 100),
    ("CART_BASED EVEN", 100),
    ("PRODUCT_BASED", 20),
    ("PRODUCT_BASED LINE", 200),
    ("PRODUCT_BASED UNIT", 200),
    ("PRODUCT_BASED EVEN", 200),
    ("PRODUCT_BASED including", 100),
    ("PRODUCT_BASED selecting", 100),
    ("PRODUCT_BASED maxQuantity", 100),
    ("FREE_PRODUCT", 20),
    ("FREE_PRODUCT including", 100),
    ("FREE_PRODUCT selecting", 50),
    ("FREE_PRODUCT COMBO_PRODUCT", 500),
    ("FIXED_PRICE", 20),
    ("FIXED_PRICE UNIT", 100),
    ("FIXED_PRICE including", 100),
    ("FIXED_PRICE selecting", 100),
    ("TENDER", 200),
    ("SHIPPING", 50),
    ("SHIPPING LINE", 200),
    ("PER_UNIT", 20),
    ("PER_UNIT of CART_BASED", 200),
    ("PER_UNIT of PRODUCT_BASED", 100),
    ("PER_UNIT of FREE_PRODUCT", 100),
    ("PER_UNIT of FIXED_PRICE", 100),
    ("PER_UNIT per LINE", 500),
    ("PER_UNIT AMOUNT", 200),
    ("PER_UNIT units", 100),
    ("TIERED", 50),
    ("TIERED per LINE", 500),
    ("MULTI", 50),
    ("on CART", 20),
    ("on PRODUCT", 5),
    ("on COMBO_PRODUCT", 50),
    ("on TENDER", 200),
    ("on PAYMENT_MODE", 1_000),
    ("on PAYMENT_MODE_SCOPE", 500),
    ("on PAYMENT_MODE_COMBO_PRODUCT", 500),
    ("on ATTRIBUTE", 200),
    ("on ALL", 100),
    ("on ANY", 100),
    ("on NOT", 500),
    ("several applications", 50),
    ("triggers beside", 100),
    ("gifts", 200),
    ("limits", 20),
    ("a code", 20),
    ("a linked code", 40),
    ("a linked code before another", 100),
    ("a code sent before a linked one", 30),
    ("an instance", 20),
    ("the next instance", 100),
    ("an instance used again", 500),
    ("a voucher", 100),
    ("stage -1", 50),
    ("stage 1", 50),
    ("a group", 50),
    ("stopsLater", 50),
    ("exclusive", 30),
];

impl Coverage {
    /// Counts what a case showed.
    pub fn count(&mut self, scenario: &Scenario, outcome: &Outcome) {
        self.cases += 1;
        let mut features: Vec<String> = Vec::new();
        for (id, _, definition) in &scenario.promotions {
            if let Some(applied) = outcome.applied.get(id) {
                features_of(definition, applied, &mut features);
                features.extend(code_features(scenario, id, applied).into_iter().map(str::to_owned));
                features.extend(instance_feature(scenario, id, applied).map(str::to_owned));
            }
        }
        let counts = ["one applied", "two applied", "three applied"];
        features.extend(counts.iter().take(outcome.applied.len()).map(|&text| text.to_owned()));
        if !outcome.vouchers.is_empty() {
            features.push("a voucher".to_owned());
        }
        features.sort_unstable();
        features.dedup();
        features.into_iter().for_each(|feature| *self.seen.entry(feature).or_default() += 1);
    }

    /// Panics where something was hardly seen.
    pub fn check(&self) {
        println!("{} cases were compared: {:#?}", self.cases, self.seen);
        for (feature, one_in) in EXPECTED {
            let seen = self.seen.get(feature).copied().unwrap_or(0);
            assert!(seen >= self.cases / one_in, "{feature}: only {seen} of {} cases", self.cases);
        }
    }
}

fn features_of(definition: &Value, applied: &Applied, features: &mut Vec<String>) {
    action_features(&definition["action"], features);
    let mut when = |holds: bool, feature: &str| {
        if holds {
            features.push(feature.to_owned());
        }
    };
    when(true, &format!("on {}", definition["condition"]["type"].as_str().unwrap_or_default()));
    when(true, &format!("stage {}", definition["stage"]));
    when(applied.redemption_count > 1, "several applications");
    when(applied.lines.values().any(|(_, discounted, with_triggers)| with_triggers > discounted), "triggers beside");
    when(!applied.gifts.is_empty(), "gifts");
    when(definition["promotionRestrictions"].is_object(), "limits");
    when(applied.code.is_some(), "a code");
    when(applied.instance.is_some(), "an instance");
    when(definition["exclusionGroups"].is_array(), "a group");
    when(definition["stopsLater"].is_string(), "stopsLater");
    when(definition["isStackable"] == false, "exclusive");
}

/// What of the codes that the promotion's customer has, be they usable or not, the applied one shows.
fn code_features(scenario: &Scenario, id: &str, applied: &Applied) -> Vec<&'static str> {
    let Some(code) = &applied.code else { return Vec::new() };
    let is_sent = |text: &str| {
        let sent = scenario.request["promoCodes"].as_array();
        sent.into_iter().flatten().any(|own| own.as_str().is_some_and(|own| own.eq_ignore_ascii_case(text)))
    };
    let has_others = scenario.codes.iter().any(|(text, own)| {
        let is_own = own.linked_to.as_deref() == Some("42") && own.promotions.iter().any(|own| own == id);
        is_own && !text.eq_ignore_ascii_case(code) && !is_sent(text)
    });
    match (is_sent(code), has_others) {
        (true, true) => vec!["a code sent before a linked one"],
        (true, false) => Vec::new(),
        (false, true) => vec!["a linked code", "a linked code before another"],
        (false, false) => vec!["a linked code"],
    }
}

/// Whether the instance was used already, or another one of the promotion was.
fn instance_feature(scenario: &Scenario, id: &str, applied: &Applied) -> Option<&'static str> {
    let instance = applied.instance.as_ref()?;
    let mut used = scenario.used.iter().filter(|own| own.row == INSTANCE_ROW && own.promotion == id).peekable();
    used.peek()?;
    let again = used.any(|own| own.subject.as_ref() == Some(instance));
    Some(if again { "an instance used again" } else { "the next instance" })
}

fn action_features(action: &Value, features: &mut Vec<String>) {
    let kind = action["type"].as_str().unwrap_or_default();
    let mut seen = |feature: &str| features.push(format!("{kind}{feature}"));
    seen("");
    let body = action.as_object().into_iter().flatten().find(|(key, _)| *key != "type").map(|(_, body)| body);
    let Some(body) = body else { return };
    for key in ["type", "applyPer", "allocation", "scope", "perUnitKPI"] {
        body[key].as_str().into_iter().for_each(|word| seen(&format!(" {word}")));
    }
    if body["includeItemsFromConditionSet"] == true {
        seen(" including");
    }
    if let Some(selecting) = body["productBasedCondition"]["type"].as_str() {
        seen(" selecting");
        seen(&format!(" {selecting}"));
    }
    for key in ["maxQuantity", "units"] {
        if !body[key].is_null() {
            seen(&format!(" {key}"));
        }
    }
    if body["countPer"] == "LINE" {
        seen(" per LINE");
    }
    if let Some(reward) = body["rewardAction"]["type"].as_str() {
        seen(&format!(" of {reward}"));
    }
    for inner in body["actions"].as_array().into_iter().flatten() {
        action_features(inner, features);
    }
}
