//! BEST selection (spec/evaluation.md 4), against the RANKED walk and against brute force.

use promotion_core::evaluation::Reason;
use promotion_core::ruleset::PromotionSource;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::Value;

use crate::draw::{Draw, drawn};
use crate::engine::Outcome;
use crate::generate::definition::definition;
use crate::generate::{scenario, scenario_of};
use crate::scenario::Scenario;
use crate::{cases, costly_cases};

/// A scenario of one stage.
fn of_one_stage(draw: &mut Draw<'_>, least: usize, most: usize) -> Scenario {
    scenario_of(draw, (least, most), |draw, settings| {
        let mut definition = definition(draw, settings);
        if let Some(keys) = definition.as_object_mut() {
            keys.remove("stage");
        }
        definition
    })
}

impl Scenario {
    fn selecting(&self, selection: &str) -> Self {
        let mut own = self.clone();
        own.settings["selection"] = selection.into();
        own
    }

    /// Whether what a set gives as BEST computes it is what RANKED makes of that set alone.
    ///
    /// Lines of LINE exclusion groups go elsewhere; and in the walk a promotion is looked at before
    /// others that are computed before it: a condition on what is left may not hold then, or a limit
    /// refuse what it would not refuse later.
    fn is_ranked_alike(&self) -> bool {
        let has = |text: &str| self.promotions.iter().any(|own| own.definition.to_string().contains(text));
        self.settings["conditionBase"] != "NET" && !has(r#""scope":"LINE""#) && !has("REFUSE")
    }
}

/// What RANKED makes of each subset, the best of it.
fn brute_force(scenario: &Scenario, sources: &[PromotionSource]) -> (i128, i128) {
    let ranked = scenario.selecting("RANKED");
    let subset = |members: u32| {
        let own = sources.iter().enumerate().filter(|(index, _)| members >> index & 1 == 1);
        ranked.outcome_with(own.map(|(_, source)| source.clone()).collect()).weighed()
    };
    (0..1_u32 << sources.len()).map(subset).max().unwrap_or_default()
}

/// Those that a set may have members of: the others' conditions don't hold, or they are out of scope.
fn in_question(scenario: &Scenario, outcome: &Outcome) -> Vec<PromotionSource> {
    let is_in_question = |id: &str| {
        let refused = outcome.refused.iter().find(|(own, _)| own == id);
        let gives_nothing = |reason: &Reason| {
            use Reason::{Excluded, GivesNothing, LimitTooSmall, Outweighed, TooManyPromotions};
            matches!(reason, Excluded { .. } | GivesNothing | LimitTooSmall | Outweighed | TooManyPromotions)
        };
        outcome.applied(id).is_some() || refused.is_some_and(|(_, reason)| gives_nothing(reason))
    };
    scenario.sources().into_iter().filter(|source| is_in_question(&source.id)).collect()
}

fn check_best(scenario: &Scenario, sources: &[PromotionSource], best: &Outcome) -> Result<(), TestCaseError> {
    let (off, gifts) = best.weighed();
    // Where no condition holds, there is nothing to search.
    prop_assert!(best.search.is_some() || sources.is_empty() || off == 0);
    prop_assert!(best.search.is_none_or(|search| search.optimal && search.bound.0 == off), "{best:?}");
    let brute = brute_force(scenario, sources);
    if scenario.is_ranked_alike() {
        prop_assert_eq!((off, gifts), brute, "{:?}", best.applied);
    } else if !scenario.promotions.iter().any(|own| own.definition["exclusionGroups"].is_array()) {
        prop_assert!((off, gifts) >= brute, "{:?} < {brute:?}", best.applied);
    }
    Ok(())
}

/// Makes conditions hold more often: the more promotions are in question, the more there is to select.
fn easier(mut scenario: Scenario) -> Scenario {
    for own in &mut scenario.promotions {
        let condition = &mut own.definition["condition"];
        if condition["type"] == "CART" {
            condition["cartCondition"]["value"] = 1.into();
            condition["cartCondition"]["operator"] = "GREATER_THAN_OR_EQUAL".into();
        }
        if condition["type"] == "PRODUCT" {
            condition["productCondition"]["criteriaList"] = Value::Array(Vec::new());
        }
    }
    scenario.cart.rest["currency"] = Value::Null;
    scenario
}

proptest! {
    #![proptest_config(cases(800))]

    /// "Within one stage never worse than RANKED", whatever the settings.
    #[test]
    fn best_is_never_worse_than_ranked(scenario in drawn(|draw| of_one_stage(draw, 1, 8))) {
        let [best, ranked] = ["BEST", "RANKED"].map(|selection| scenario.selecting(selection).outcome());
        prop_assert!(best.weighed() >= ranked.weighed(), "{:?}\n{:?}", best.applied, ranked.applied);
        prop_assert_eq!(ranked.search, None);
        prop_assert!(best.search.is_none_or(|search| search.bound.0 >= best.weighed().0));
    }

    /// "the evaluation says so": `bound` is one over all stages.
    #[test]
    fn a_search_never_finds_more_than_its_bound(scenario in drawn(scenario)) {
        let outcome = scenario.selecting("BEST").outcome();
        if let Some(search) = outcome.search {
            prop_assert!(search.bound.0 >= outcome.weighed().0, "{:?}", outcome);
            prop_assert!(!search.optimal || search.bound.0 == outcome.weighed().0, "{:?}", outcome);
        }
    }
}

proptest! {
    #![proptest_config(costly_cases(300, 10))]

    /// "the permitted set that takes most off items and shipping together ...; found exactly": what
    /// RANKED makes of the best subset, all subsets being tried.
    #[test]
    fn best_is_what_brute_force_finds(scenario in drawn(|draw| of_one_stage(draw, 2, 5))) {
        let best = scenario.selecting("BEST").outcome();
        check_best(&scenario, &scenario.sources(), &best)?;
    }
}

proptest! {
    #![proptest_config(costly_cases(25, 100))]

    /// The same for up to 12 candidates.
    #[test]
    fn best_is_what_brute_force_finds_among_many(scenario in drawn(|draw| easier(of_one_stage(draw, 6, 12)))) {
        let best = scenario.selecting("BEST");
        let outcome = best.explained_with(best.sources());
        let in_question = in_question(&best, &outcome);
        check_best(&scenario, &in_question, &outcome)?;
    }
}

/// The searches must have something to search: several promotions in question, some of which keep
/// others away, and other sets than the ranking's.
#[test]
fn searches_have_something_to_find() {
    const RUNS: usize = 200;
    let mut runner = TestRunner::deterministic();
    let strategy = drawn(|draw| easier(of_one_stage(draw, 6, 12)));
    let (mut many, mut forbidding, mut better) = (0, 0, 0);
    for _ in 0..RUNS {
        let scenario = strategy.new_tree(&mut runner).expect("a scenario").current().selecting("BEST");
        let best = scenario.explained_with(scenario.sources());
        many += usize::from(in_question(&scenario, &best).len() >= 4);
        let is_kept_away = |reason: &Reason| matches!(reason, Reason::Excluded { .. } | Reason::Outweighed);
        forbidding += usize::from(best.refused.iter().any(|(_, reason)| is_kept_away(reason)));
        better += usize::from(best.weighed() > scenario.selecting("RANKED").outcome().weighed());
    }
    println!("of {RUNS} searches {many} among 4 and more, {forbidding} with conflicts, {better} better than RANKED");
    assert!(many * 100 > RUNS * 60 && forbidding * 100 > RUNS * 35 && better * 100 > RUNS * 10);
}
