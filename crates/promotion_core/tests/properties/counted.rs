//! A `maxQuantity` beyond all units of a cart changes nothing (spec/definition.md, PRODUCT_BASED). The engine
//! computes an action without one on what its condition matched, without writing its units down and putting
//! them in order, and one with it in the general way.

use proptest::prelude::*;
use serde_json::Value;

use crate::cases;
use crate::draw::{Draw, drawn};
use crate::generate::action::product_based;
use crate::generate::condition::{For, condition, easy};
use crate::generate::definition::{crowding, of_body, with_limits};
use crate::generate::scenario_of;
use crate::scenario::Scenario;

/// A PRODUCT_BASED action on all that its condition matched.
fn on_all_matched(draw: &mut Draw<'_>, settings: &Value) -> Value {
    let body = |draw: &mut Draw<'_>, settings: &Value| {
        of_body(draw, settings, |draw, amounts| {
            let condition = if draw.chance(50) { easy(draw) } else { condition(draw, amounts, For::Anything) };
            let mut action = product_based(draw, amounts);
            if let Some(own) = action["productBasedAction"].as_object_mut() {
                own.remove("productBasedCondition");
                own.remove("maxQuantity");
            }
            (condition, action)
        })
    };
    if draw.chance(40) { with_limits(draw, settings, body) } else { body(draw, settings) }
}

/// Lets PRODUCT_BASED actions count off more units than there are.
fn count_off(json: &mut Value) {
    match json {
        Value::Object(entries) => {
            for (key, value) in entries {
                match key.as_str() {
                    // There it says how many units each application falls on.
                    "perUnitAction" => {}
                    "productBasedAction" if value.get("maxQuantity").is_none() => {
                        value["maxQuantity"] = "999999999".into();
                    }
                    _ => count_off(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(count_off),
        _ => {}
    }
}

fn with_units_counted(draw: &mut Draw<'_>) -> (Scenario, Scenario) {
    let one = scenario_of(draw, (1, 7), |draw, settings| {
        if draw.chance(70) { on_all_matched(draw, settings) } else { crowding(draw, settings) }
    });
    let mut other = one.clone();
    other.promotions.iter_mut().for_each(|own| count_off(&mut own.definition["action"]));
    (one, other)
}

proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn counting_off_more_units_than_there_are_changes_nothing((one, other) in drawn(with_units_counted)) {
        prop_assert_eq!(one.explained_with(one.sources()), other.explained_with(other.sources()));
    }
}
