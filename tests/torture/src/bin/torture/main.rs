//! The torture run (spec/lifecycle.md, "Proof by test"): clients evaluate, lock, cancel, redeem and return, issue,
//! earn and revoke at random over a few scarce promotions, while backends and the whole server are killed.
//! Afterwards every invariant holds, what was acknowledged is there, and what demand exhausted was given out exactly
//! once.
//!
//! torture [SECONDS [CLIENTS]], or from the environment. With SEED each client's dice fall as in another run; with
//! CALM nothing is killed, so that more clients meet; with SINGLE no transaction makes several calls, so that every
//! deadlock is one too many.

mod call;
mod client;
mod instances;
mod killer;
mod scene;
mod shop;
mod tally;
mod upkeep;
mod verify;
mod verify_instances;

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use lifecycle_tests::checks::Checks;
use lifecycle_tests::server::Server;
use rand::SeedableRng;
use rand::rngs::StdRng;

use client::Customer;
use killer::Kills;
use shop::Shop;
use tally::Tally;

const DATABASE: &str = "promotion_engine_torture";

/// How long demand may take to exhaust what is scarce.
const MOST_DEMAND: Duration = Duration::from_secs(120);

fn main() -> ExitCode {
    match torture() {
        Ok(code) => code,
        Err(error) => {
            println!("not ok: the run ended early: {error}");
            println!("0 passed, 1 failed");
            ExitCode::FAILURE
        }
    }
}

/// The argument at a place, else the variable, else the default.
fn setting(place: usize, variable: &str, default: u64) -> Result<u64, Box<dyn Error>> {
    let text = env::args().nth(place).or_else(|| env::var(variable).ok());
    Ok(text.map_or(Ok(default), |text| text.parse()).map_err(|_| format!("{variable}: expected a whole number"))?)
}

fn torture() -> Result<ExitCode, Box<dyn Error>> {
    let seconds = setting(1, "SECONDS", 60)?;
    let clients = u32::try_from(setting(2, "CLIENTS", 16)?)?;
    let seed = setting(usize::MAX, "SEED", rand::random())?;
    let server = Server::database(DATABASE, scene::ORGANIZATION);
    let log = verify::Log::here()?;
    server.create()?;
    let shop = Shop::new(scene::create(&mut server.connect()?)?, env::var_os("SINGLE").is_some());
    let tally = Tally::default();
    let mut checks = Checks::default();
    println!("{clients} clients for {seconds} seconds, SEED={seed}");

    // Three postmasters a run, or one every 20 seconds.
    let between = Duration::from_secs((seconds / 4).clamp(2, 20));
    let stop_killing = Arc::new(AtomicBool::new(false));
    let (server, stop) = (&server, &stop_killing);
    let kills = thread::scope(|scope| {
        let workers: Vec<_> = (0..clients)
            .map(|number| {
                let random = StdRng::seed_from_u64(seed.wrapping_add(u64::from(number)));
                let customer = Customer { number, server, shop: &shop, tally: &tally, random };
                scope.spawn(|| customer.shop())
            })
            .collect();
        let is_calm = env::var_os("CALM").is_some();
        let killer = scope.spawn(move || if is_calm { Kills::default() } else { killer::kill(server, stop, between) });
        let upkeep = scope.spawn(move || upkeep::keep_up(server, stop));
        thread::sleep(Duration::from_secs(seconds));
        stop_killing.store(true, Ordering::Relaxed);
        let kills = killer.join().and_then(|kills| Ok((kills, upkeep.join()?)));
        // The last of what was lost is done again, with nobody killing.
        shop.stopping.store(true, Ordering::Relaxed);
        workers.into_iter().for_each(|worker| {
            if worker.join().is_err() {
                tally.fault("a client panicked".to_owned());
            }
        });
        kills
    });
    let Ok((kills, tables_locked)) = kills else { return Err("the killer could not go on".into()) };

    let mut client = server.connect_again();
    verify::invariants(&mut client, "after the run", &mut checks)?;
    let activated = "SELECT promo_activate(promotion_id) FROM promo.promotion";
    client.execute(activated, &[])?;
    thread::sleep(Duration::from_secs(scene::LOCK_SECONDS));
    let began = Instant::now();
    shop.stopping.store(false, Ordering::Relaxed);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..clients)
            .map(|number| {
                let random = StdRng::seed_from_u64(seed.wrapping_sub(1 + u64::from(number)));
                let customer = Customer { number, server, shop: &shop, tally: &tally, random };
                scope.spawn(|| customer.exhaust())
            })
            .collect();
        while workers.iter().any(|worker| !worker.is_finished()) {
            thread::sleep(Duration::from_millis(50));
            if began.elapsed() > MOST_DEMAND {
                shop.stopping.store(true, Ordering::Relaxed);
            }
        }
    });
    let took = began.elapsed();
    let late = (took > MOST_DEMAND).then(|| format!("not within {MOST_DEMAND:?}"));
    checks.that(&format!("demand exhausted what is scarce in {:.1} s", took.as_secs_f64()), late.as_slice());
    verify::exhausted(&mut client, &shop.promotions, &mut checks)?;
    verify::invariants(&mut client, "in the end", &mut checks)?;
    verify::orders(&mut client, &shop, &mut checks)?;
    verify_instances::instances(&mut client, &shop, &mut checks)?;
    checks.that("no call answered what it may not", &tally.faults());
    let recoveries = log.check(&mut checks)?;
    tally.print();
    println!("{} backends killed, {} postmasters, {recoveries} crash recoveries", kills.backends, kills.postmasters);
    println!("{tables_locked} times a table locked");
    drop(client);
    server.drop()?;
    Ok(checks.close())
}
