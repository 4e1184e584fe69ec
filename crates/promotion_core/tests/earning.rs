//! What a redeemed cart earns, whether what is left of it after a return still would, and how long what was
//! earned is good for (spec/lifecycle.md, "Entitlements" and "Returns"). That the index finds all that is
//! earned is a property of generated carts: tests/properties/earning.rs.
//!
//! The cases are data files in tests/earning. earned.json:
//! `[{"about", "settings"?, "categories"?: {child: parent}, "promotions": [{"id", "created"?, ...: keys that are put
//! over a plain promotion of type EARNING}], "cases": [{"about", "at"?, "till"?, "request", "earned": [ids]}]}]`.
//! returned.json: `[{"about", "categories"?, "earningCriteria", "request", "cases": [{"about", "left": [{"qty",
//! "amount", "discount"?} of each line], "stillEarns"}]}]`.

use std::collections::{BTreeMap, HashMap};

use promotion_core::cart::Cart;
use promotion_core::definition::Definition;
use promotion_core::earning::{Remaining, earned, still_earns, valid_till};
use promotion_core::instant::Instant;
use promotion_core::json::{REQUEST_LIMITS, read};
use promotion_core::money::{InputAmount, Money, Quantity};
use promotion_core::ruleset::{PromotionSource, Ruleset};
use promotion_core::schedule::Clock;
use promotion_core::settings::{Settings, SettingsPatch};
use promotion_core::situation::{Situation, Till};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Promotions and carts that earn some of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Earning {
    about: String,
    #[serde(default)]
    settings: Value,
    #[serde(default)]
    categories: BTreeMap<String, String>,
    promotions: Vec<Value>,
    cases: Vec<EarningCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EarningCase {
    about: String,
    at: Option<String>,
    #[serde(default)]
    till: BTreeMap<String, String>,
    request: Value,
    earned: Vec<String>,
}

/// A cart and what of it is left.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Returning {
    about: String,
    #[serde(default)]
    categories: BTreeMap<String, String>,
    earning_criteria: Value,
    request: Value,
    cases: Vec<ReturningCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ReturningCase {
    about: String,
    left: Vec<Left>,
    still_earns: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Left {
    qty: Value,
    amount: Value,
    #[serde(default)]
    discount: Value,
}

impl Left {
    fn remaining(&self) -> Remaining {
        let millionths = |number: &Value| match number {
            Value::Null => 0,
            number => read::<_, InputAmount>(number, REQUEST_LIMITS).expect("a number").0.0,
        };
        Remaining {
            quantity: Quantity(millionths(&self.qty)),
            amount: Money(millionths(&self.amount)),
            discount: Money(millionths(&self.discount)),
        }
    }
}

fn cases<T: DeserializeOwned>(file: &str) -> Vec<T> {
    let path = format!("{}/tests/earning/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect("a readable file");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn instant(text: &str) -> Instant {
    read(&json!(text), REQUEST_LIMITS).expect("an instant")
}

fn settings(patch: &Value) -> Settings {
    if patch.is_null() {
        return Settings::default();
    }
    let patch: SettingsPatch<'_> = read(patch, REQUEST_LIMITS).expect("settings");
    Settings::default().patched(&patch).expect("settings")
}

fn parents(categories: &BTreeMap<String, String>) -> HashMap<Box<str>, Box<str>> {
    categories.iter().map(|(child, parent)| (child.as_str().into(), parent.as_str().into())).collect()
}

/// A plain promotion with some keys put over it. There is no money in it, which would bind it to a currency.
fn definition(given: &Value, settings: &Settings) -> Definition {
    let mut whole = json!({
        "name": "n", "type": "EARNING",
        "startDateISO": "2020-01-01T00:00:00Z", "endDateISO": "2030-01-01T00:00:00Z",
        "condition": {"type": "CART", "cartCondition": {"kpi": "QUANTITY", "operator": "GREATER_THAN_OR_EQUAL", "value": 0}},
        "action": {"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 5}},
    });
    for (key, value) in given.as_object().expect("a definition") {
        if key != "id" && key != "created" {
            whole[key] = value.clone();
        }
    }
    Definition::parse(&whole, settings).unwrap_or_else(|error| panic!("{error}: {given}"))
}

impl Earning {
    fn ruleset(&self) -> Ruleset {
        let settings = settings(&self.settings);
        let source = |(place, given): (usize, &Value)| PromotionSource {
            id: given["id"].as_str().expect("an id").to_owned(),
            version: 1,
            created: given["created"].as_i64().unwrap_or(place as i64),
            definition: definition(given, &settings),
        };
        let sources: Vec<PromotionSource> = self.promotions.iter().enumerate().map(source).collect();
        Ruleset::compile(settings, parents(&self.categories), sources)
    }
}

impl EarningCase {
    fn earned_of(&self, ruleset: &Ruleset) -> Vec<String> {
        let cart = Cart::parse(&self.request).unwrap_or_else(|error| panic!("{}: {error}", self.about));
        let place = |level: &str| self.till.get(level).cloned();
        let till = Till { store: place("store"), zone: place("zone"), concept: place("concept") };
        let at = instant(self.at.as_deref().unwrap_or("2026-01-01T12:00:00Z"));
        let situation = Situation { till: (!self.till.is_empty()).then_some(&till), ..Situation::new(&cart, at) };
        earned(ruleset, &situation).into_iter().map(|place| ruleset.promotion(place).id.to_string()).collect()
    }
}

#[test]
fn a_redeemed_cart_earns_the_promotions_whose_criteria_it_meets() {
    let mut failures = Vec::new();
    for earning in &cases::<Earning>("earned.json") {
        let ruleset = earning.ruleset();
        for case in &earning.cases {
            let found = case.earned_of(&ruleset);
            if found != case.earned {
                failures.push(format!("{}; {}: {:?}, not {found:?}", earning.about, case.about, case.earned));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn what_is_left_of_a_cart_still_earns_if_it_meets_the_criteria() {
    let mut failures = Vec::new();
    for returning in &cases::<Returning>("returned.json") {
        let definition = definition(&json!({"earningCriteria": returning.earning_criteria}), &Settings::default());
        let cart = Cart::parse(&returning.request).unwrap_or_else(|error| panic!("{}: {error}", returning.about));
        for case in &returning.cases {
            let left: Vec<Remaining> = case.left.iter().map(Left::remaining).collect();
            assert_eq!(left.len(), cart.lines.len().max(1), "{}; {}", returning.about, case.about);
            if still_earns(&definition, &cart, &left, &parents(&returning.categories)) != case.still_earns {
                failures.push(format!("{}; {}: {}", returning.about, case.about, case.still_earns));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Until when an instance is good that was earned then, of a promotion that ends then and whose instances
/// expire after so many days.
#[track_caller]
fn check_valid_till(zone: &str, earned_at: &str, days: Option<u32>, end: &str, expected: &str) {
    let given = json!({"startDateISO": "1990-01-01T00:00:00Z", "endDateISO": end, "earningExpiryDays": days});
    let definition = definition(&given, &Settings::default());
    let found = valid_till(&definition, instant(earned_at), &Clock::new(zone));
    assert_eq!(found, instant(expected), "{earned_at} in {zone}, {days:?} days, until {end}");
}

#[test]
fn an_instance_expires_with_its_promotion_at_the_latest() {
    let end = "2026-12-31T23:59:59.999Z";
    check_valid_till("UTC", "2026-01-01T12:00:00.123Z", None, end, end);
    check_valid_till("UTC", "2026-01-01T12:00:00.123Z", Some(30), end, "2026-01-31T12:00:00.123Z");
    check_valid_till("UTC", "2026-12-01T23:59:59.998Z", Some(30), end, "2026-12-31T23:59:59.998Z");
    check_valid_till("UTC", "2026-12-01T23:59:59.999Z", Some(30), end, end);
    check_valid_till("UTC", "2026-12-02T00:00:00Z", Some(30), end, end);
    check_valid_till("UTC", "2026-12-31T12:00:00Z", Some(1), end, end);
}

#[test]
fn days_are_counted_on_the_organizations_calendar() {
    let end = "2030-01-01T00:00:00Z";
    let berlin = |earned_at, days, expected| check_valid_till("Europe/Berlin", earned_at, Some(days), end, expected);
    // The day on which the clock is set forward has 23 hours, the one on which it is set back 25.
    berlin("2026-03-28T12:00:00+01:00", 1, "2026-03-29T12:00:00+02:00");
    berlin("2026-03-28T12:00:00+01:00", 2, "2026-03-30T12:00:00+02:00");
    berlin("2026-10-24T12:00:00+02:00", 1, "2026-10-25T12:00:00+01:00");
    berlin("2026-01-15T00:00:00+01:00", 180, "2026-07-14T00:00:00+02:00");
    // Which time it was where it was earned does not matter.
    berlin("2026-03-28T23:30:00Z", 1, "2026-03-30T00:30:00+02:00");
    // The clock does not show 02:30 on that day, and shows it twice on the other.
    berlin("2026-03-28T02:30:00+01:00", 1, "2026-03-29T03:30:00+02:00");
    berlin("2026-10-24T02:30:00+02:00", 1, "2026-10-25T02:30:00+02:00");
    berlin("2026-10-25T02:30:00+01:00", 1, "2026-10-26T02:30:00+01:00");
    let new_york = |earned_at, expected| check_valid_till("America/New_York", earned_at, Some(7), end, expected);
    new_york("2026-03-07T18:00:00-05:00", "2026-03-14T18:00:00-04:00");
    new_york("2026-10-31T18:00:00-04:00", "2026-11-07T18:00:00-05:00");
    // Samoa had no 30 December 2011, which is a day of the calendar all the same.
    check_valid_till("Pacific/Apia", "2011-12-29T12:00:00-10:00", Some(2), end, "2011-12-31T12:00:00+14:00");
    check_valid_till("UTC", "2028-02-28T12:00:00Z", Some(1), end, "2028-02-29T12:00:00Z");
}

#[test]
fn the_far_future_has_an_end() {
    // The last millisecond of the year 9999.
    let last = "253402300799999";
    check_valid_till("UTC", "2026-01-01T00:00:00Z", Some(36_500), last, "2125-12-08T00:00:00Z");
    // The calendar ends before the days do: the promotion's end is the earlier one.
    for zone in ["UTC", "Pacific/Kiritimati", "Pacific/Niue"] {
        check_valid_till(zone, "9950-01-01T00:00:00Z", Some(36_500), last, last);
        check_valid_till(zone, last, Some(1), last, last);
        check_valid_till(zone, last, None, last, last);
    }
}
