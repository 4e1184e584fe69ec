//! Random cases: the same in every run, or new ones.

use std::env;
use std::error::Error;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

/// How many new cases CASES asks for; None: those that are the same in every run.
///
/// # Errors
/// Where it is no number.
pub fn asked_for() -> Result<Option<u32>, Box<dyn Error>> {
    Ok(env::var("CASES").ok().map(|cases| cases.parse()).transpose()?)
}

/// Checks that something holds of all cases; else the smallest case found for which it does not, and why.
pub fn hold<S: Strategy>(
    hunt: Option<u32>,
    cases: u32,
    all: &S,
    holds: impl Fn(&S::Value) -> Result<(), String>,
) -> Option<String> {
    let config =
        Config { cases: hunt.unwrap_or(cases), max_shrink_iters: 300, failure_persistence: None, ..Config::default() };
    let mut runner = if hunt.is_some() {
        TestRunner::new(config)
    } else {
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
    };
    runner.run(all, |case| holds(&case).map_err(TestCaseError::fail)).err().map(|error| error.to_string())
}
