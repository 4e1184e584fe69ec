//! How long a call goes on after it was cancelled.

use std::thread;
use std::time::{Duration, Instant};

use lifecycle_tests::processor::computed;
use lifecycle_tests::server::Server;
use postgres::{Client, Error};
use rand::Rng;
use rand::rngs::StdRng;

use crate::scene::Heavy;

/// What was measured of a call.
#[derive(Debug, Default)]
pub struct Measured {
    /// How long it takes when nobody cancels it.
    pub alone: Duration,
    /// What came of cancelling it.
    pub cancelled: Vec<Cancelled>,
    /// What it answered that it should not have.
    pub against: Vec<String>,
}

/// A call that was cancelled.
#[derive(Debug, Clone, Copy)]
pub struct Cancelled {
    /// When, from its beginning.
    pub moment: Duration,
    /// How long it went on then, by the clock.
    pub took: Duration,
    /// ... of the processor's time: all the rest is other programs'. Where that is not told, by the clock.
    pub computed: Duration,
}

impl Measured {
    /// The shortest time it went on, that in the middle, the longest.
    pub fn took(&self) -> [Duration; 3] {
        let mut all: Vec<Duration> = self.cancelled.iter().map(|own| own.took).collect();
        all.sort_unstable();
        let at = |place: usize| all.get(place).copied().unwrap_or_default();
        [at(0), at(all.len() / 2), at(all.len().saturating_sub(1))]
    }

    /// The one that computed longest.
    pub fn worst(&self) -> Option<Cancelled> {
        self.cancelled.iter().copied().max_by_key(|own| own.computed)
    }
}

/// A session in a transaction; a first small call has loaded the library, and compiled nothing that is measured.
fn begun(server: &Server) -> Result<(Client, i32), Error> {
    let mut client = server.connect()?;
    let pid = client.query_one("SELECT pg_backend_pid()", &[])?.get(0);
    client
        .batch_execute("SET statement_timeout = '10min'; SET client_min_messages = warning; BEGIN; SAVEPOINT before")?;
    Ok((client, pid))
}

/// Cancels a call at random moments, so often; what took longer than `bound` is tried again at the same moment, for
/// the machine may have been busy.
pub fn measure(
    server: &Server,
    heavy: &Heavy,
    times: u32,
    bound: Duration,
    random: &mut StdRng,
) -> Result<Measured, Error> {
    let mut measured = Measured::default();
    let (mut client, _) = begun(server)?;
    let began = Instant::now();
    client.simple_query(heavy.call)?;
    measured.alone = began.elapsed();
    client.batch_execute("ROLLBACK")?;
    let mut canceller = server.connect()?;
    for _ in 0..times {
        let moment = measured.alone.mul_f64(random.random_range(0.0..0.95));
        let mut best: Option<Cancelled> = None;
        for _ in 0..3 {
            match cancelled(server, &mut canceller, heavy, moment)? {
                Ok(Some(own)) => best = best.filter(|best| best.computed <= own.computed).or(Some(own)),
                Ok(None) => {}
                Err(why) => measured.against.push(why),
            }
            if best.is_some_and(|best| best.computed <= bound) {
                break;
            }
        }
        measured.cancelled.extend(best);
    }
    Ok(measured)
}

/// Cancels a call at a moment: how long it went on (None: it had ended), or what it answered instead.
fn cancelled(
    server: &Server,
    canceller: &mut Client,
    heavy: &Heavy,
    moment: Duration,
) -> Result<Result<Option<Cancelled>, String>, Error> {
    let (mut client, pid) = begun(server)?;
    thread::scope(|scope| {
        let cancel = scope.spawn(move || {
            thread::sleep(moment);
            let sent = (Instant::now(), computed(pid));
            canceller.execute("SELECT pg_cancel_backend($1)", &[&pid]).map(|_| sent)
        });
        let outcome = client.simple_query(heavy.call).map(|_| ());
        let ended = (Instant::now(), computed(pid));
        let sent = match cancel.join() {
            Ok(sent) => sent?,
            Err(_) => return Ok(Err("the canceller panicked".to_owned())),
        };
        let answer = match outcome {
            Ok(()) => Ok(None),
            Err(error) if error.code().is_some_and(|state| state.code() == "57014") => {
                let took = ended.0.saturating_duration_since(sent.0);
                let computed = ended.1.zip(sent.1).map_or(took, |(ended, sent)| ended.saturating_sub(sent));
                Ok(Some(Cancelled { moment, took, computed }))
            }
            Err(error) => Err(error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string)),
        };
        // The session goes on: the call is undone, and the next one computes.
        let rest =
            client.batch_execute("ROLLBACK TO before; SELECT promo_preview('{\"amount\": 1}', org_id => 1); ROLLBACK");
        Ok(match rest {
            // It came when the call had ended.
            Err(error) if error.code().is_some_and(|state| state.code() == "57014") => Ok(None),
            Err(error) => Err(format!("afterwards: {error}")),
            Ok(()) => answer,
        })
    })
}
