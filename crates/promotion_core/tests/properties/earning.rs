//! What a redeemed cart earns (spec/lifecycle.md, "Redemption") is found through an index, and is what looking at
//! every promotion finds.

use std::cell::Cell;

use promotion_core::earning::{Remaining, earned, still_earns};
use promotion_core::money::{MILLION, Quantity};
use promotion_core::ruleset::{PromotionSource, Ruleset};
use promotion_core::situation::Situation;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::Value;

use crate::cases;
use crate::draw::{Draw, drawn};
use crate::generate::condition::{For, condition};
use crate::generate::{Amounts, definition, scenario_of};
use crate::scenario::Scenario;

/// A promotion that is earned: any, some of which are limited to stores, hours, members and currencies.
fn earning(draw: &mut Draw<'_>, settings: &Value) -> Value {
    let mut whole = definition::definition(draw, settings);
    let currency = whole["currency"].as_str().or(settings["currency"].as_str()).unwrap_or("USD").to_owned();
    whole["type"] = "EARNING".into();
    // Rows of codes, and isLoyaltyOnly, are for other types.
    for key in ["promotionRestrictions", "isLoyaltyOnly"] {
        whole[key] = Value::Null;
    }
    if draw.chance(95) {
        whole["earningCriteria"] = condition(draw, Amounts::of(&currency), For::Anything);
    }
    whole
}

/// The ids of what the cart earns, in the order found.
fn earned_of(scenario: &Scenario, sources: Vec<PromotionSource>) -> Vec<String> {
    let ruleset = scenario.compiled(sources);
    let ids = |places: Vec<u32>| places.into_iter().map(|place| ruleset.promotion(place).id.to_string()).collect();
    scenario.situated(|situation| ids(earned(&ruleset, situation)))
}

/// All of the cart: what is left of it before anything comes back.
fn all_of(situation: &Situation<'_, '_>) -> Vec<Remaining> {
    let cart = situation.cart;
    if cart.lines.is_empty() {
        return vec![Remaining { quantity: Quantity(MILLION), amount: cart.amount, discount: Default::default() }];
    }
    let all = cart.lines.iter();
    all.map(|line| Remaining { quantity: line.quantity, amount: line.amount, discount: line.discount }).collect()
}

/// Whether the cart, of which nothing came back, meets a promotion's criteria; no index is asked.
fn meets(scenario: &Scenario, ruleset: &Ruleset, source: &PromotionSource) -> bool {
    scenario.situated(|situation| {
        still_earns(&source.definition, situation.cart, &all_of(situation), &ruleset.category_parents)
    })
}

/// "EARNING promotions whose earningCriteria match the redeemed transaction are earned": each as if it were the only
/// one, in the order of creation.
#[test]
fn a_ruleset_earns_what_each_of_its_promotions_alone_does() {
    let (earning_carts, several) = (Cell::new(0), Cell::new(0));
    let scenarios = drawn(|draw: &mut Draw<'_>| scenario_of(draw, (1, 12), earning));
    let compared = TestRunner::new(cases(4_000)).run(&scenarios, |scenario| {
        let sources = scenario.sources();
        let mut alone: Vec<&PromotionSource> =
            sources.iter().filter(|source| !earned_of(&scenario, vec![(*source).clone()]).is_empty()).collect();
        alone.sort_by_key(|source| source.created);
        let expected: Vec<&str> = alone.iter().map(|source| source.id.as_str()).collect();
        prop_assert_eq!(&earned_of(&scenario, sources.clone()), &expected);
        earning_carts.set(earning_carts.get() + usize::from(!expected.is_empty()));
        several.set(several.get() + usize::from(expected.len() > 2));
        Ok(())
    });
    compared.unwrap_or_else(|error| panic!("{error}"));
    let (earning_carts, several) = (earning_carts.get(), several.get());
    assert!(earning_carts > 1_000 && several > 300, "{earning_carts} carts earned something, {several} three or more");
}

/// A cart earns nothing whose criteria it does not meet; and all whose criteria it meets that are for every place,
/// time and member, if it is a known customer's.
#[test]
fn the_index_misses_nothing_that_the_cart_meets() {
    let (met, missed) = (Cell::new(0), Cell::new(0));
    let scenarios = drawn(|draw: &mut Draw<'_>| scenario_of(draw, (1, 12), earning));
    let compared = TestRunner::new(cases(4_000)).run(&scenarios, |scenario| {
        let sources = scenario.sources();
        let ruleset = scenario.compiled(sources.clone());
        let found = earned_of(&scenario, sources.clone());
        let request = scenario.cart.json();
        for (source, own) in sources.iter().zip(&scenario.promotions) {
            let is_found = found.contains(&source.id);
            if source.definition.earning_criteria.is_none() || request["customerId"].is_null() {
                prop_assert!(!is_found);
                continue;
            }
            let meets = meets(&scenario, &ruleset, source);
            let scopes = ["storeCriteria", "timeCriteria", "supplementaryCriteria"];
            // A cart that names its currency may have another than the promotion's money.
            let is_everywhere = scopes.iter().all(|scope| own.definition[scope].is_null())
                && own.definition["endDate"].as_i64() >= Some(crate::scenario::NOW)
                && request["currency"].is_null()
                && own.definition["currency"].is_null();
            prop_assert!(meets || !is_found, "{} is found, though its criteria are not met", source.id);
            prop_assert!(is_found || !meets || !is_everywhere, "{} is missed", source.id);
            let counted = if meets { &met } else { &missed };
            counted.set(counted.get() + usize::from(is_everywhere));
        }
        Ok(())
    });
    compared.unwrap_or_else(|error| panic!("{error}"));
    assert!(met.get() > 3_000 && missed.get() > 3_000, "{} met, {} did not", met.get(), missed.get());
}
