//! Calls that take long are cancelled at random moments: each ends soon, with 57014, and leaves nothing behind.
//!
//! cancel [TIMES [CALL...]]: large carts, many promotions, a million codes, each cancelled so often (20), and a table of
//! how long they went on. With SHORT everything is smaller and the bound a generous one, as a test needs it. SEED repeats
//! the moments.

mod measure;
mod scene;

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use lifecycle_tests::checks::Checks;
use lifecycle_tests::server::Server;
use postgres::Client;
use rand::SeedableRng;
use rand::rngs::StdRng;

const DATABASE: &str = "promotion_engine_cancel";

/// How long a cancelled call may go on (spec/architecture.md).
const BOUND: Duration = Duration::from_millis(100);

/// How long on a machine that does other things at the same time.
const GENEROUS: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    match cancel() {
        Ok(code) => code,
        Err(error) => {
            let source = error.source().map_or_else(String::new, |source| format!(": {source}"));
            println!("not ok: the run ended early: {error}{source}");
            println!("0 passed, 1 failed");
            ExitCode::FAILURE
        }
    }
}

fn cancel() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let times: u32 = arguments.first().map_or(Ok(20), |text| text.parse())?;
    let wanted = arguments.get(1..).unwrap_or_default();
    let (size, bound) = if env::var_os("SHORT").is_some() { (scene::SMALL, GENEROUS) } else { (scene::LARGE, BOUND) };
    let seed: u64 = env::var("SEED").ok().map_or_else(|| Ok(rand::random()), |text| text.parse())?;
    let server = Server::database(DATABASE, 1);
    server.create()?;
    let mut client = server.connect()?;
    scene::create(&mut client, size)?;
    println!("{size:?}, SEED={seed}");
    println!("{:<40}{:>10}{:>8}{:>24}{:>10}{:>8}", "", "", "", "went on, by the clock", "computed", "");
    println!(
        "{:<40}{:>10}{:>8}{:>8}{:>8}{:>8}{:>10}{:>8}",
        "call", "alone, ms", "times", "least", "median", "most", "at most", "from"
    );

    let mut checks = Checks::default();
    let before = rows(&mut client)?;
    let mut random = StdRng::seed_from_u64(seed);
    for heavy in &scene::CALLS {
        if !wanted.is_empty() && !wanted.iter().any(|own| heavy.name.contains(own.as_str())) {
            continue;
        }
        let measured = measure::measure(&server, heavy, times, bound, &mut random)?;
        let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
        print!("{:<40}{:>10.0}{:>8}", heavy.name, milliseconds(measured.alone), measured.cancelled.len());
        measured.took().iter().for_each(|took| print!("{:>8.1}", milliseconds(*took)));
        let worst = measured.worst();
        let (computed, at) = worst.map_or((0.0, 0.0), |own| (milliseconds(own.computed), milliseconds(own.moment)));
        println!("{computed:>10.1}{at:>8.0}");
        let mut against = measured.against.clone();
        if worst.is_some_and(|own| own.computed > bound) {
            against.push(format!("computed for {computed:.0} ms, cancelled {at:.0} ms after it began"));
        }
        if measured.cancelled.is_empty() && times > 2 {
            against.push(format!("was never cancelled, taking {:?}", measured.alone));
        }
        checks.that(heavy.name, &against);
    }
    checks.equal("cancelled calls left nothing behind", &before, &rows(&mut client)?);
    drop(client);
    server.drop()?;
    Ok(checks.close())
}

/// How many rows each table has.
fn rows(client: &mut Client) -> Result<String, postgres::Error> {
    let tables =
        "SELECT string_agg(format('SELECT %L AS name, count(*) AS rows FROM %s', c.oid::regclass, c.oid::regclass),
                                    ' UNION ALL ' ORDER BY c.oid::regclass::text)
                    FROM pg_class c WHERE c.relnamespace = 'promo'::regnamespace AND c.relkind = 'r'";
    let counts: String = client.query_one(tables, &[])?.get(0);
    let rows = client
        .query_one(&format!("SELECT string_agg(name || ' ' || rows, ', ' ORDER BY name) FROM ({counts}) c"), &[])?;
    Ok(rows.get(0))
}
