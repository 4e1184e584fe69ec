//! The generated test of stored carts (spec/carts.md): random sequences of calls, the carts' contents being kept in a
//! model of their own. After every call the stored price is what promo_preview says of the same content, the totals'
//! identities hold, an error has changed nothing, and no hold outlives its reason.
//!
//! carts, with CASES=n for new random cases instead of the ones that are always the same.

mod calls;
mod content;
mod database;
mod expected;
mod holds;
mod orders;
mod play;
mod price;
mod promotions;
mod rounding;
mod scene;
mod strategies;
mod totals;

use std::cell::{Cell, RefCell};
use std::error::Error;
use std::process::ExitCode;

use lifecycle_tests::cases::{asked_for, hold};
use lifecycle_tests::checks::Checks;
use lifecycle_tests::server::Server;

const DATABASE: &str = "promotion_engine_carts";

/// How many cases a test run has: some 12 seconds.
const CASES: u32 = 80;

/// Most steps of a scene.
const STEPS: usize = 44;

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
    let client = RefCell::new(server.connect()?);
    let organization = Cell::new(1000_i64);
    let seen = play::Seen::default();
    let play = |scene: &scene::Scene| {
        organization.set(organization.get() + 1);
        play::play(&mut client.borrow_mut(), organization.get(), scene, &seen)
    };
    // The calls tell more than the scene that they were made of.
    let found = hold(hunt, CASES, &strategies::scene(STEPS), play)
        .map(|found| found.split("minimal failing input").next().unwrap_or_default().to_owned());
    seen.borrow().iter().for_each(|(what, times)| println!("{what:<48}{times:>8}"));
    let mut checks = Checks::default();
    checks.that("stored carts cost what promo_preview says, add up, and hold nothing for no reason", found.as_slice());
    drop(client);
    server.drop()?;
    Ok(checks.close())
}
