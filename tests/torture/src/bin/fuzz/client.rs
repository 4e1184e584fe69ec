//! One client: rounds of a few calls, each in a manner of its own.

use std::fs;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use lifecycle_tests::processor::computed;
use lifecycle_tests::server::Server;
use postgres::error::{DbError, SqlState};
use postgres::{Client, Error};
use rand::Rng;
use rand::rngs::StdRng;

use crate::call::{Answer, Call, Shape};
use crate::catalog::Function;
use crate::known::Known;
use crate::material::Material;
use crate::requests::Kitchen;
use crate::scene;
use crate::session::Manner;
use crate::shrink::shrunk;
use crate::tally::{Fault, Tally};
use crate::verdict::{self, MOST_BYTES, MOST_MEMORY, MOST_TIME};

/// How many rounds a connection serves: sessions of all ages are wanted.
const MOST_ROUNDS: u32 = 400;

/// What all clients share.
pub struct Run<'r> {
    /// Where they connect to.
    pub server: &'r Server,
    /// What they call.
    pub functions: &'r [Function],
    /// What requests are made of.
    pub material: &'r Material,
    /// What is counted.
    pub tally: &'r Tally,
    /// What the untouched organization's carts cost: [`scene::answers`] of so many.
    pub answers: &'r (usize, String),
    /// The setting that has every plan made parallel.
    pub parallel: &'r str,
    /// When to end.
    pub end: Instant,
}

/// A client.
pub struct Fuzzer<'r> {
    /// What it shares.
    pub run: &'r Run<'r>,
    /// Its own dice.
    pub random: StdRng,
    /// The ids that it knows.
    pub known: Known,
}

/// A connection, with what the server warns of.
struct Session {
    client: Client,
    pid: i32,
    warnings: Arc<Mutex<Vec<String>>>,
    digest_took: Duration,
    digested: Instant,
}

impl Session {
    fn new(server: &Server) -> Result<Self, Error> {
        let warnings = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&warnings);
        let mut client = server.connect_noting(move |notice: DbError| {
            if notice.severity() == "WARNING" {
                let text = format!("{} {}", notice.code().code(), notice.message());
                noted.lock().unwrap_or_else(PoisonError::into_inner).push(text);
            }
        })?;
        let pid = client.query_one("SELECT pg_backend_pid()", &[])?.get(0);
        Ok(Self { client, pid, warnings, digest_took: Duration::ZERO, digested: Instant::now() })
    }

    /// The most memory that the backend had since it was asked last, in kB.
    fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap_or_default();
        let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        // Where that is permitted, it is counted anew from here.
        let _ = fs::write(format!("/proc/{}/clear_refs", self.pid), "5");
        most.and_then(|text| text.trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
    }
}

impl Fuzzer<'_> {
    /// Makes calls until it is time to end.
    pub fn fuzz(mut self) {
        let mut session: Option<(Session, u32)> = None;
        while Instant::now() < self.run.end {
            let (mut own, rounds) = match session.take() {
                Some(own) => own,
                None => match Session::new(self.run.server) {
                    Ok(own) => (own, self.random.random_range(1..MOST_ROUNDS)),
                    Err(error) => {
                        self.fault("no connection", &error.to_string(), &[]);
                        return;
                    }
                },
            };
            self.round(&mut own);
            session = (rounds > 1 && !own.client.is_closed()).then(|| (own, rounds - 1));
        }
    }

    fn fault(&self, kind: &str, why: &str, statements: &[String]) -> bool {
        let sql = statements.iter().map(|own| format!("{own};\n")).collect();
        self.run.tally.fault(Fault { kind: kind.to_owned(), why: why.to_owned(), sql })
    }

    /// A few calls.
    fn round(&mut self, session: &mut Session) {
        let mut manner = Manner::random(self.run.parallel, &mut self.random);
        // All tables are summed up now and then, as long as that takes a small part of the time.
        let is_digested = session.digested.elapsed() > 10 * session.digest_took && self.random.random_bool(0.3);
        if is_digested {
            manner.begin = Some("BEGIN ISOLATION LEVEL REPEATABLE READ".to_owned());
            manner.has_savepoints = false;
            manner.settings.retain(|own| !own.contains("timeout"));
            (manner.has_timeout, manner.has_lock_timeout) = (false, false);
        }
        let mut said: Vec<String> = Vec::new();
        for setting in manner.settings.clone() {
            let is_refused = session.client.simple_query(&setting).is_err();
            if is_refused && setting.contains("promotion_engine.org_id") {
                // The library was there to refuse it: it stays what it was.
                manner.org_id = Some(1);
            }
            said.push(setting);
        }
        let calls = if manner.begin.is_none() || is_digested { 1 } else { self.random.random_range(1..5) };
        let calls: Vec<Call> = (0..calls).filter_map(|_| self.call(session, &manner)).collect();
        if let Some(begin) = &manner.begin {
            let _ = session.client.simple_query(begin);
            said.push(begin.clone());
        }
        let mut has_failed = false;
        for mut call in calls {
            if manner.begin.is_none() && call.shape == Shape::Cursor {
                call.shape = Shape::Plain;
            }
            if call.is_endless() && !manner.has_timeout {
                let timeout = "SET statement_timeout = 300".to_owned();
                let _ = session.client.simple_query(&timeout);
                said.push(timeout);
                // What comes after it in this round has that timeout, too.
                manner.has_timeout = true;
            }
            if manner.has_savepoints {
                let _ = session.client.simple_query("SAVEPOINT fuzz");
                said.push("SAVEPOINT fuzz".to_owned());
            }
            let before = is_digested.then(|| self.digest(session));
            let Some(answer) = self.make(session, &manner, &call, &mut said) else { return };
            if let Some(before) = before.filter(|before| !before.is_empty() && answer.state == "00000") {
                let after = self.digest(session);
                if answer.answered_error.is_some() && before != after {
                    let changed: Vec<&str> =
                        after.lines().filter(|line| !before.lines().any(|own| own == *line)).collect();
                    let why = format!("answered {}: {}, but changed {changed:?}", answer.message, answer.detail);
                    self.fault(&format!("{} changed something", call.function.name), &why, &said);
                }
            }
            has_failed = answer.is_aborted;
            if manner.has_savepoints && (has_failed || self.random.random_bool(0.2)) {
                let _ = session.client.simple_query("ROLLBACK TO fuzz");
                said.push("ROLLBACK TO fuzz".to_owned());
                has_failed = false;
            }
            if has_failed {
                break;
            }
        }
        self.end(session, &manner, has_failed, &mut said);
    }

    /// A call whose arguments are of their types.
    fn call(&mut self, session: &mut Session, manner: &Manner) -> Option<Call> {
        for _ in 0..5 {
            let kitchen = Kitchen { material: self.run.material, known: &self.known };
            let call = Call::random(self.run.functions, &kitchen, &mut self.random);
            let mut doubtful = call.arguments.iter().filter(|own| own.is_doubtful);
            let refused =
                doubtful.find_map(|own| session.client.simple_query(&format!("SELECT {} IS NULL", own.sql())).err());
            match refused.as_ref().map(|error| error.code().map_or("lost", |own| own.code())) {
                None => return Some(call),
                Some("lost") => {
                    let sql: Vec<String> = call.arguments.iter().map(|own| own.sql()).collect();
                    self.fault("an argument cost the connection", "lost the connection", &sql);
                    return None;
                }
                Some("57014") if manner.has_timeout => {}
                Some(state) => self.run.tally.refused_by_sql(state),
            }
        }
        None
    }

    /// Makes a call and judges what came of it; None: the connection is lost.
    fn make(&mut self, session: &mut Session, manner: &Manner, call: &Call, said: &mut Vec<String>) -> Option<Answer> {
        let (label, size) = (call.function.label(), call.size());
        said.extend(call.statements());
        let (began, before) = (Instant::now(), computed(session.pid));
        let answer = call.make(&mut session.client);
        // What the machine does for others at the same time does not count.
        let of_backend = computed(session.pid).zip(before).map(|(after, before)| after.saturating_sub(before));
        let took = of_backend.unwrap_or_else(|| began.elapsed());
        let Ok(answer) = answer else {
            let why = answer.err().map_or_else(String::new, |error| error.to_string());
            self.fault(&format!("{label} cost the connection"), &why, said);
            return None;
        };
        let told = match answer.answered_error {
            Some(code) => format!("answered {code}"),
            None => answer.state.clone(),
        };
        self.run.tally.call(&label, &told, took);
        if let Some(json) = answer.json.as_ref().filter(|_| !answer.is_refused()) {
            self.known.harvest(json);
        } else if let Some(id) = answer.text.as_ref().filter(|_| call.function.name.ends_with("create_promotion")) {
            self.known.add("promotion", id);
        }
        if let Some(why) = verdict::against(call, manner, &answer) {
            let is_new = self.fault(&format!("{label} {}", answer.signature()), &why, said);
            if is_new {
                let small = shrunk(self.run.server, call, manner, &answer);
                self.fault(&format!("{label} {}, shrunk", answer.signature()), "the same, shrunk", &small);
            }
        }
        if took > MOST_TIME && size <= MOST_BYTES {
            self.fault(&format!("{label} is slow"), &format!("took {took:?} with {size} bytes"), said);
        }
        let memory = session.memory();
        self.run.tally.memory(memory);
        if memory > MOST_MEMORY && size <= 8 * MOST_BYTES {
            self.fault(&format!("{label} takes memory"), &format!("the backend had {} MB", memory / 1024), said);
        }
        let warnings = std::mem::take(&mut *session.warnings.lock().unwrap_or_else(PoisonError::into_inner));
        for warning in warnings {
            // A setting that was wrong before the library came to say so; BEGIN that was not done in time.
            let is_fine = match warning.get(..5) {
                Some("22023") => manner.org_id.is_none(),
                Some("25P01") => true,
                _ => false,
            };
            if !is_fine {
                self.fault(&format!("{label} warns {warning}"), &warning, said);
            }
        }
        Some(answer)
    }

    fn digest(&self, session: &mut Session) -> String {
        self.run.tally.digest();
        let began = Instant::now();
        let digest = scene::text(&mut session.client, "SELECT fuzz.digest()").unwrap_or_default();
        (session.digest_took, session.digested) = (began.elapsed(), Instant::now());
        digest
    }

    /// Ends the transaction, puts settings back, and looks whether the session still computes what it should.
    fn end(&mut self, session: &mut Session, manner: &Manner, has_failed: bool, said: &mut Vec<String>) {
        if manner.begin.is_some() {
            let end = if has_failed || manner.is_undone { "ROLLBACK" } else { "COMMIT" };
            said.push(end.to_owned());
            if let Err(error) = session.client.simple_query(end) {
                let state = error.code().map_or("", |own| own.code());
                // Conflicts show at the end, too; so does a timeout.
                let is_fine = state == "40001" || state == "40P01" || (state == "57014" && manner.has_timeout);
                if !is_fine {
                    self.fault(&format!("{end} {state}"), &error.to_string(), said);
                }
                let _ = reset(&mut session.client, "ROLLBACK", manner.has_timeout);
            }
        }
        for statement in ["RESET ROLE", "RESET ALL", "DEALLOCATE ALL"] {
            if let Err(error) = reset(&mut session.client, statement, manner.has_timeout) {
                self.fault(statement, &format!("{error:?}"), said);
                return;
            }
        }
        if self.random.random_bool(0.02) {
            let (limit, expected) = self.run.answers;
            match scene::answers(&mut session.client, self.run.material, *limit) {
                Ok(found) if found == *expected => {}
                found => {
                    self.fault("other answers than before", &format!("{found:?}, expected {expected}"), said);
                }
            }
        }
    }
}

/// Runs a statement that puts the session back. The timeout that the session set itself is still on then, a few
/// milliseconds, which a busy machine may take for anything: what it stops is said again.
fn reset(client: &mut Client, statement: &str, has_timeout: bool) -> Result<(), Error> {
    const MOST_TRIES: u32 = 1000;
    let mut tries = 0;
    loop {
        tries += 1;
        match client.simple_query(statement) {
            Err(error) if has_timeout && tries < MOST_TRIES && error.code() == Some(&SqlState::QUERY_CANCELED) => {}
            end => return end.map(drop),
        }
    }
}
