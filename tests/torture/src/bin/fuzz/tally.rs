//! What was called, what was answered, and what should not have been.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Something that should not have been.
#[derive(Debug, Clone)]
pub struct Fault {
    /// What tells it from other faults.
    pub kind: String,
    /// What was wrong.
    pub why: String,
    /// The statements that lead to it.
    pub sql: String,
}

#[derive(Debug, Default)]
struct Counts {
    calls: BTreeMap<String, BTreeMap<String, u64>>,
    refused_by_sql: BTreeMap<String, u64>,
    slowest: BTreeMap<String, Duration>,
    memory: u64,
    digests: u64,
    faults: Vec<Fault>,
}

/// Counts of all clients.
#[derive(Debug, Default)]
pub struct Tally {
    counts: Mutex<Counts>,
}

impl Tally {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call.
    pub fn call(&self, function: &str, answer: &str, took: Duration) {
        let mut counts = self.counts();
        *counts.calls.entry(function.to_owned()).or_default().entry(answer.to_owned()).or_default() += 1;
        let slowest = counts.slowest.entry(function.to_owned()).or_default();
        *slowest = took.max(*slowest);
    }

    /// Counts an argument that SQL refused before it came to a call.
    pub fn refused_by_sql(&self, state: &str) {
        *self.counts().refused_by_sql.entry(state.to_owned()).or_default() += 1;
    }

    /// Counts a comparison of all tables.
    pub fn digest(&self) {
        self.counts().digests += 1;
    }

    /// Notes how much memory a backend had, in kB.
    pub fn memory(&self, kilobytes: u64) {
        let mut counts = self.counts();
        counts.memory = counts.memory.max(kilobytes);
    }

    /// Notes a fault; answers whether it is the first of its kind.
    pub fn fault(&self, fault: Fault) -> bool {
        let mut counts = self.counts();
        let is_new = counts.faults.iter().all(|known| known.kind != fault.kind);
        if is_new {
            counts.faults.push(fault);
        }
        is_new
    }

    /// All faults.
    pub fn faults(&self) -> Vec<Fault> {
        self.counts().faults.clone()
    }

    /// How many calls there were.
    pub fn calls(&self) -> u64 {
        self.counts().calls.values().flat_map(BTreeMap::values).sum()
    }

    /// Functions that were never called, of all these.
    pub fn never_called(&self, labels: &[String]) -> Vec<String> {
        let counts = self.counts();
        labels.iter().filter(|label| !counts.calls.contains_key(*label)).cloned().collect()
    }

    /// A table of all that was called.
    pub fn print(&self, seconds: f64) {
        let counts = self.counts();
        let mut states: BTreeSet<&str> = BTreeSet::new();
        for (function, answers) in &counts.calls {
            let calls: u64 = answers.values().sum();
            let good = answers.get("00000").unwrap_or(&0);
            let slowest = counts.slowest.get(function).map_or(0, Duration::as_millis);
            println!("{function:<72}{calls:>8} calls{good:>8} good, the slowest {slowest} ms");
            states.extend(answers.keys().map(String::as_str));
        }
        let calls: u64 = counts.calls.values().flat_map(BTreeMap::values).sum();
        println!("answers: {}", states.iter().copied().collect::<Vec<_>>().join(" "));
        println!("refused by SQL itself, and not called: {:?}", counts.refused_by_sql);
        println!(
            "{calls} calls of {} functions in {seconds:.0} s ({:.0} a second), {} kinds of answers, {} digests, at most {} MB a backend",
            counts.calls.len(),
            calls as f64 / seconds,
            states.len(),
            counts.digests,
            counts.memory / 1024
        );
    }
}
