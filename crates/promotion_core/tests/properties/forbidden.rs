//! What spec/evaluation.md 4 forbids together, on the cart and on a line or unit.

use std::collections::HashMap;

use promotion_core::definition::{Definition, ExclusionScope, StopsLater};
use promotion_core::ruleset::PromotionSource;
use promotion_core::settings::{EvaluationOrder, ExclusiveScope, Settings};
use proptest::prelude::*;
use serde_json::json;

use crate::cases;
use crate::draw::{Draw, drawn};
use crate::engine::{AppliedById, Outcome};
use crate::generate::condition::{For, condition};
use crate::generate::{Amounts, scenario};
use crate::ranking::ranked;
use crate::scenario::{CODES, DAY, NOW, PromotionSpec, Scenario};

/// A promotion that applied, outside tenders, with its definition; in the order of the ranking.
type Standing<'o> = (&'o Definition, &'o AppliedById);

fn groups(definition: &Definition, scope: ExclusionScope) -> impl Iterator<Item = &str> {
    let own = definition.exclusion_groups.iter().filter(move |group| group.scope == scope);
    own.map(|group| group.name.as_str())
}

/// "an exclusive promotion with any other (`exclusiveScope` CART); two of one CART exclusion group; more
/// than the stacking maxima"
fn check_cart(standing: &[Standing<'_>], settings: &Settings) -> Result<(), TestCaseError> {
    if settings.exclusive_scope == ExclusiveScope::Cart && standing.iter().any(|(own, _)| !own.is_stackable) {
        prop_assert_eq!(standing.len(), 1, "an exclusive promotion is not alone");
    }
    let mut seen: HashMap<&str, &str> = HashMap::new();
    for (definition, applied) in standing {
        for group in groups(definition, ExclusionScope::Cart) {
            let other = seen.insert(group, &applied.id);
            prop_assert!(other.is_none(), "{} and {:?} of group {}", applied.id, other, group);
        }
    }
    prop_assert!(settings.max_stacked_per_cart.is_none_or(|most| standing.len() <= most as usize));
    Ok(())
}

/// With CART_FIRST, once a cart promotion applies no line promotion of its stage does.
fn check_cart_first(standing: &[Standing<'_>], settings: &Settings) -> Result<(), TestCaseError> {
    if settings.evaluation_order != EvaluationOrder::CartFirst {
        return Ok(());
    }
    for (cart, _) in standing.iter().filter(|(_, own)| !own.cart_lines.is_empty()) {
        for (line, applied) in standing.iter().filter(|(own, _)| own.stage == cart.stage) {
            let is_of_lines_alone = !format!("{:?}", line.action).contains("CartBased");
            prop_assert!(!is_of_lines_alone || applied.lines.is_empty(), "{} beside a cart promotion", applied.id);
        }
    }
    Ok(())
}

/// "anything after `stopsLater` CART": of the same stage with CART_FIRST cart promotions are walked first.
fn check_stopped(standing: &[Standing<'_>], settings: &Settings) -> Result<(), TestCaseError> {
    for (place, (stopper, applied)) in standing.iter().enumerate() {
        if stopper.stops_later != StopsLater::Cart {
            continue;
        }
        for (later, other) in &standing[place + 1..] {
            let is_walked_first = settings.evaluation_order == EvaluationOrder::CartFirst
                && later.stage == stopper.stage
                && format!("{:?}", later.action).contains("CartBased");
            prop_assert!(is_walked_first, "{} after {} stopped the cart", other.id, applied.id);
        }
    }
    Ok(())
}

/// "Forbidden on the same line or unit": what line actions gave on one line, in the order of computation.
fn check_line(on_line: &[(&Definition, i128)], quantity: i128, settings: &Settings) -> Result<(), TestCaseError> {
    prop_assert!(!settings.single_promotion_per_line_item || on_line.len() < 2);
    let mut seen: Vec<&str> = Vec::new();
    for (place, (definition, _)) in on_line.iter().enumerate() {
        let is_last = place + 1 == on_line.len();
        prop_assert!(definition.stops_later != StopsLater::Lines || is_last, "after stopsLater LINES");
        for group in groups(definition, ExclusionScope::Line) {
            prop_assert!(!seen.contains(&group), "two of LINE group {}", group);
            seen.push(group);
        }
    }
    let all: i128 = on_line.iter().map(|(_, units)| units).sum();
    prop_assert!(settings.max_stacked_per_unit.is_none_or(|most| all <= quantity * i128::from(most)));
    if settings.exclusive_scope == ExclusiveScope::Unit {
        let exclusive: i128 = on_line.iter().filter(|(own, _)| !own.is_stackable).map(|(_, units)| units).sum();
        let others = on_line.iter().filter(|(own, _)| own.is_stackable).map(|(_, units)| *units).max();
        prop_assert!(exclusive + others.unwrap_or(0) <= quantity, "exclusive units of {:?}", on_line);
    }
    Ok(())
}

fn check_all(scenario: &Scenario, outcome: &Outcome, ranked: &[PromotionSource]) -> Result<(), TestCaseError> {
    let settings = scenario.settings();
    let standing: Vec<Standing<'_>> = ranked
        .iter()
        .filter_map(|source| Some((&source.definition, outcome.applied(&source.id)?)))
        .filter(|(_, applied)| applied.stands())
        .collect();
    check_cart(&standing, &settings)?;
    check_cart_first(&standing, &settings)?;
    check_stopped(&standing, &settings)?;
    for (index, line) in scenario.cart.lines.iter().enumerate() {
        // Line actions are computed in rank order, whatever else is computed between them.
        let part = |applied: &AppliedById| {
            applied.lines.iter().find(|part| part.line == index).map(|part| part.discounted_quantity.0)
        };
        let on_line: Vec<_> = standing.iter().filter_map(|(own, applied)| Some((*own, part(applied)?))).collect();
        check_line(&on_line, line.quantity, &settings)?;
    }
    Ok(())
}

/// A promotion that gives nothing whatever the cart, and would keep all others away.
fn giving_nothing(draw: &mut Draw<'_>, scenario: &Scenario) -> PromotionSpec {
    let amounts = Amounts::of(scenario.settings["currency"].as_str().unwrap_or("USD"));
    let nothing = [
        json!({"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 0}}),
        json!({"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 100, "maxDiscount": 0}}),
        json!({"type": "CART_BASED", "cartBasedAction": {"type": "FIXED", "value": 10_000_000}}),
        json!({"type": "PRODUCT_BASED", "productBasedAction": {"type": "PERCENTAGE", "value": 0}}),
        json!({"type": "PRODUCT_BASED", "productBasedAction": {"type": "ABSOLUTE", "value": 0, "applyPer": "UNIT"}}),
        json!({"type": "FIXED_PRICE", "fixedPriceAction": {"value": 10_000_000}}),
        json!({"type": "FREE_PRODUCT", "freeProductAction": {"productBasedCondition": {"type": "PRODUCT",
            "productCondition": {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["z"]}]}}}}),
        json!({"type": "SHIPPING", "shippingBasedAction": {"type": "PERCENTAGE", "value": 100, "methods": ["drone"]}}),
        json!({"type": "PER_UNIT", "perUnitAction": {"perUnitKPI": "QUANTITY", "perUnitDivider": 100_000,
            "rewardAction": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 5}}}}),
        json!({"type": "TIERED", "tieredAction": {"kpi": "QUANTITY", "tiers": [{"from": 100_000,
            "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 5}}}]}}),
    ];
    let action = if draw.chance(15) {
        json!({"type": "MULTI", "multiAction": {"actions": [draw.pick(&nothing), draw.pick(&nothing)]}})
    } else {
        draw.pick(&nothing)
    };
    let definition = json!({
        "name": "nothing", "type": "POS", "startDate": NOW - DAY, "endDate": NOW + DAY,
        "isStackable": draw.chance(30), "stage": draw.pick(&[0, -5, -1, 1]), "priority": 0,
        "exclusionGroups": draw.pick(&[json!([]), json!(["g", "h"]), json!([{"name": "g", "scope": "LINE"}])]),
        "stopsLater": draw.pick(&["CART", "LINES", "NONE"]),
        "condition": condition(draw, amounts, For::Anything), "action": action,
    });
    PromotionSpec { id: format!("{}nothing", draw.pick(&["a", "q"])), created: 0, definition, code: CODES.len() }
}

fn with_one_giving_nothing(draw: &mut Draw<'_>) -> (Scenario, Scenario) {
    let one = scenario(draw);
    let mut other = one.clone();
    let place = draw.below(one.promotions.len() as u64 + 1) as usize;
    other.promotions.insert(place, giving_nothing(draw, &one));
    (one, other)
}

proptest! {
    #![proptest_config(cases(1_200))]

    /// "Forbidden together" and "Forbidden on the same line or unit": nothing of it stands, whatever
    /// was selected how.
    #[test]
    fn nothing_forbidden_stands_together(scenario in drawn(scenario)) {
        let ranked: Vec<PromotionSource> = ranked(&scenario).into_iter().map(|(source, _)| source).collect();
        check_all(&scenario, &scenario.outcome(), &ranked)?;
    }

    /// "An exclusive promotion that would give nothing blocks nothing": nor does one of a group, one
    /// that stops others, or one of the stages before.
    #[test]
    fn what_gives_nothing_blocks_nothing((scenario, other) in drawn(with_one_giving_nothing)) {
        let (one, two) = (scenario.outcome(), other.outcome());
        prop_assert_eq!(one.without_search(), two.without_search());
    }
}
