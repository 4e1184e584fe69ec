//! Whole SQL calls at random against a running server: every promo_* function of the catalog, with good requests,
//! broken ones, and what no caller should send, in sessions of every kind. Each call answers, or is refused by an error
//! that it may raise; no connection is lost; what is refused changes nothing; afterwards every invariant holds.
//!
//! fuzz [SECONDS], or from the environment. With SEED each client's dice fall as in another run.

mod argument;
mod call;
mod catalog;
mod client;
mod corpus;
mod json;
mod known;
mod material;
mod mutation;
mod oddities;
mod requests;
mod scene;
mod session;
mod shrink;
mod tally;
mod verdict;

use std::env;
use std::error::Error;
use std::fs;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use lifecycle_tests::checks::Checks;
use lifecycle_tests::server::Server;
use postgres::Client;
use rand::SeedableRng;
use rand::rngs::StdRng;

use client::{Fuzzer, Run};
use material::Material;
use tally::{Fault, Tally};

const DATABASE: &str = "promotion_engine_fuzz";

/// How many connections call at once.
const CLIENTS: u64 = 2;

/// How much of a statement is shown.
const MOST_SHOWN: usize = 1500;

fn main() -> ExitCode {
    match fuzz() {
        Ok(code) => code,
        Err(error) => {
            let source = error.source().map_or_else(String::new, |source| format!(": {source}"));
            println!("not ok: the run ended early: {error}{source}");
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

fn fuzz() -> Result<ExitCode, Box<dyn Error>> {
    let seconds = setting(1, "SECONDS", 20)?;
    let seed = setting(usize::MAX, "SEED", rand::random())?;
    let server = Server::database(DATABASE, 1);
    server.create()?;
    let mut client = server.connect()?;
    let material = Material::read()?;
    let known = scene::create(&mut client, &material)?;
    let functions = catalog::functions(&mut client)?;
    let mut checks = Checks::default();
    corpus::replay(&server, &mut checks)?;
    println!("{CLIENTS} clients call {} functions for {seconds} seconds, SEED={seed}", functions.len());

    let all = scene::answers(&mut client, &material, usize::MAX)?;
    let few = (10, scene::answers(&mut client, &material, 10)?);
    let tally = Tally::default();
    let is_late: bool = client.query_one("SELECT current_setting('server_version_num')::int >= 160000", &[])?.get(0);
    let began = Instant::now();
    let run = Run {
        server: &server,
        functions: &functions,
        material: &material,
        tally: &tally,
        answers: &few,
        parallel: if is_late { "debug_parallel_query" } else { "force_parallel_mode" },
        end: began + Duration::from_secs(seconds),
    };
    thread::scope(|scope| {
        for number in 0..CLIENTS {
            let random = StdRng::seed_from_u64(seed.wrapping_add(number));
            let fuzzer = Fuzzer { run: &run, random, known: known.clone() };
            scope.spawn(|| fuzzer.fuzz());
        }
    });
    tally.print(began.elapsed().as_secs_f64());

    let labels: Vec<String> = functions.iter().map(catalog::Function::label).collect();
    checks.that("no function was left out", &tally.never_called(&labels));
    let too_few = (tally.calls() < 20 * seconds).then(|| format!("{} calls", tally.calls()));
    checks.that("at least 20 calls a second", too_few.as_slice());
    checks.that("no call answered what it may not", &told(&tally.faults())?);
    checks.that("every invariant holds in every organization", &invariants(&mut client)?);
    let answers = scene::answers(&mut client, &material, usize::MAX)?;
    checks.equal("carts of an organization that nobody touched cost what they cost before", &all, &answers);
    // Reconnected: what a fresh session computes is the same.
    let answers = scene::answers(&mut server.connect()?, &material, usize::MAX)?;
    checks.equal("... in a new session, too", &all, &answers);
    drop(client);
    server.drop()?;
    scene::drop_roles(&mut server.maintenance()?)?;
    Ok(checks.close())
}

/// What promo_check finds, in all organizations that there are by now.
fn invariants(client: &mut Client) -> Result<Vec<String>, postgres::Error> {
    let sql = "SELECT o.org_id || ' ' || c::text FROM promo.organization o, promo_check(o.org_id) c";
    Ok(client.query(sql, &[])?.iter().map(|row| row.get(0)).collect())
}

/// Faults as they are shown; each stands whole in a file of its own.
fn told(faults: &[Fault]) -> Result<Vec<String>, Box<dyn Error>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/fuzz_calls");
    let mut told = Vec::new();
    if !faults.is_empty() {
        fs::create_dir_all(folder)?;
    }
    for (place, fault) in faults.iter().enumerate() {
        let file = format!("{folder}/{place}.sql");
        fs::write(&file, format!("-- {}\n-- {}\n{}", fault.kind, fault.why.replace('\n', " "), fault.sql))?;
        let shown: String = fault.sql.chars().take(MOST_SHOWN).collect();
        told.push(format!("{}: {}\n{shown}\n    (whole: {file})", fault.kind, fault.why));
    }
    Ok(told)
}
