//! The model-based test (spec/lifecycle.md): random sequences of calls, each compared with a model in memory, and
//! partial returns of random orders, which must add up.
//!
//! model, with CASES=n for new random cases instead of the ones that are always the same.

mod database;
mod returns;
mod scenes;
mod step;
mod world;

use std::cell::Cell;
use std::error::Error;
use std::process::ExitCode;

use lifecycle_tests::cases::{asked_for, hold};
use lifecycle_tests::checks::Checks;
use lifecycle_tests::server::Server;

const DATABASE: &str = "promotion_engine_model";

/// How many cases a test run has, of scenes and of returns: some 15 seconds together.
const CASES: (u32, u32) = (125, 60);

/// Most steps of a scene.
const STEPS: usize = 40;

fn main() -> ExitCode {
    match check() {
        Ok(code) => code,
        Err(error) => {
            println!("not ok: {error}");
            println!("0 passed, 1 failed");
            ExitCode::FAILURE
        }
    }
}

fn check() -> Result<ExitCode, Box<dyn Error>> {
    let hunt = asked_for()?;
    let server = Server::database(DATABASE, 1);
    server.create()?;
    let client = std::cell::RefCell::new(server.connect()?);
    let organization = Cell::new(1000_i64);
    let next = || organization.replace(organization.get() + 1);
    let mut checks = Checks::default();
    let seen = scenes::Seen::default();
    let play = |scene: &step::Scene| scenes::play(&mut client.borrow_mut(), next(), scene, &seen);
    let found = hold(hunt, CASES.0, &step::scene(STEPS), play);
    seen.borrow().iter().for_each(|(what, times)| println!("{what:<24}{times:>8}"));
    checks.that("the database does what the model does", found.as_slice());
    let found = hold(hunt, CASES.1, &returns::order(), |order| returns::play(&mut client.borrow_mut(), next(), order));
    checks.that("partial returns add up to the whole", found.as_slice());
    drop(client);
    server.drop()?;
    Ok(checks.close())
}
