//! Properties of the pure core over generated rulesets and carts of the whole promotion language,
//! quoted from spec/evaluation.md ("Proof by test") and spec/definition.md. Everything is generated as
//! JSON, so that reading it is covered as well. `make hunt` looks for new cases; a failure is shrunk,
//! printed in the form of tests/examples and saved beside the file
//! that it is in.

mod amounts;
mod any_input;
mod bounds;
mod caps;
mod counted;
mod coverage;
mod currencies;
mod draw;
mod earning;
mod engine;
mod explaining;
mod explanation;
mod extremes;
mod forbidden;
mod generate;
#[path = "../generated/mod.rs"]
mod generated;
mod large;
mod limits;
mod normalized;
mod numbers;
mod order;
mod ranking;

mod scenario;
mod schoolbook;
mod selection;
mod splitting;
mod stored_cart;
mod sums;
mod unmatched;

use proptest::test_runner::{Config, FileFailurePersistence};

use crate::generated::{hunted, seed};

/// So many cases, or those of a hunt; failures are saved beside the source.
fn cases(count: u32) -> Config {
    costly_cases(count, 1)
}

/// So many cases that each cost as much as `cost` others.
fn costly_cases(count: u32, cost: u32) -> Config {
    Config {
        cases: hunted().map_or(count, |hunted| hunted.div_ceil(cost)),
        max_shrink_iters: 20_000 / cost,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("proptest-regressions"))),
        rng_seed: seed(),
        ..Config::default()
    }
}
