//! The independent slow oracle of spec/evaluation.md ("Proof by test"): units expanded, no index,
//! exhaustive selection. Written from the contract; it shares the input types with the engine, and
//! no line of code.

mod acting;
mod candidates;
mod choosing;
mod chosen;
mod comparing;
mod computing;
mod conditions;
mod coverage;
mod criteria;
mod evaluating;
#[path = "../example_files/mod.rs"]
mod example_files;
mod examples;
mod fitting;
mod generate;
mod generate_actions;
mod generate_conditions;
mod generate_scope;
#[path = "../generated/mod.rs"]
mod generated;
mod left_open;
mod limits;
mod model;
mod money;
mod per_unit;
mod pricing;
mod product;
mod repeating;
mod scenario;
mod selecting;
mod whole;

use std::cell::RefCell;

use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, TestRunner};

use crate::comparing::engine;
use crate::coverage::Coverage;
use crate::evaluating::evaluate;
use crate::generate::scenario;
use crate::generated::{hunted, seed};
use crate::left_open::is_left_open_under;

/// 12,000 cases for each way of selecting, or those of a hunt; failures are saved beside this file.
fn config(test: &'static str) -> ProptestConfig {
    ProptestConfig {
        cases: hunted().unwrap_or(12_000),
        max_global_rejects: u32::MAX,
        max_local_rejects: u32::MAX,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("proptest-regressions"))),
        source_file: Some(file!()),
        test_name: Some(test),
        rng_seed: seed(),
        ..ProptestConfig::default()
    }
}

/// "An independent slow oracle (units expanded, no index, exhaustive selection), written straight from
/// this page in the tests folder, agrees with the engine on tens of thousands of generated cases per
/// run." Cases whose answer the contract leaves open are left out.
fn compare(test: &'static str, selection: &'static str) {
    let coverage = RefCell::new(Coverage::default());
    let scenarios = scenario().prop_map(|mut scenario| {
        scenario.settings["selection"] = selection.into();
        scenario
    });
    let compared = TestRunner::new(config(test)).run(&scenarios, |scenario| {
        prop_assume!(!scenario.promotions.iter().any(|(_, _, own)| is_left_open_under(&scenario.settings, own)));
        scenario.with(|case| {
            let (expected, found) = (evaluate(case), engine(case));
            prop_assume!(case.open.get().is_none());
            prop_assert!(expected == found, "\noracle {expected:?}\nengine {found:?}");
            coverage.borrow_mut().count(&scenario, &expected);
            Ok(())
        })
    });
    compared.unwrap_or_else(|error| panic!("{error}"));
    coverage.borrow().check();
}

#[test]
fn the_engine_agrees_with_the_oracle_on_ranked() {
    compare("the_engine_agrees_with_the_oracle_on_ranked", "RANKED");
}

#[test]
fn the_engine_agrees_with_the_oracle_on_best() {
    compare("the_engine_agrees_with_the_oracle_on_best", "BEST");
}
