//! What was done, and what should not have happened.

use std::collections::BTreeMap;
use std::sync::Mutex;

use postgres::Error;
use postgres::error::SqlState;

use crate::shop::lock;

/// What became of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Committed.
    Done,
    /// Rolled back, as the client wanted.
    Undone,
    /// Refused by a business error.
    Refused,
    /// 40001.
    Conflict,
    /// 40P01.
    Deadlock,
    /// The connection was lost.
    Lost,
}

/// The outcome of an error: None where no error like it may be.
pub fn outcome(error: &Error) -> Option<Outcome> {
    let Some(state) = error.code() else {
        // No answer of the server's: the connection is gone.
        return Some(Outcome::Lost);
    };
    match state.code() {
        // The server is going down, coming up, or was killed.
        "57P01" | "57P02" | "57P03" | "08006" | "08003" | "08000" => Some(Outcome::Lost),
        _ if *state == SqlState::T_R_SERIALIZATION_FAILURE => Some(Outcome::Conflict),
        _ if *state == SqlState::T_R_DEADLOCK_DETECTED => Some(Outcome::Deadlock),
        business if business.starts_with("PE") => Some(Outcome::Refused),
        _ => None,
    }
}

/// Counts of all that was done.
#[derive(Default)]
pub struct Tally {
    counts: Mutex<BTreeMap<(&'static str, Outcome), u64>>,
    refusals: Mutex<BTreeMap<(&'static str, String), u64>>,
    faults: Mutex<Vec<String>>,
}

impl Tally {
    /// Counts one call or transaction.
    pub fn count(&self, kind: &'static str, outcome: Outcome) {
        *lock(&self.counts).entry((kind, outcome)).or_default() += 1;
    }

    /// Counts a business error.
    pub fn refusal(&self, kind: &'static str, code: &str) {
        *lock(&self.refusals).entry((kind, code.to_owned())).or_default() += 1;
    }

    /// Notes what should not have happened.
    pub fn fault(&self, what: String) {
        let mut faults = lock(&self.faults);
        if faults.len() < 1000 {
            faults.push(what);
        }
    }

    /// All that should not have happened.
    pub fn faults(&self) -> Vec<String> {
        lock(&self.faults).clone()
    }

    /// A table of all that was done.
    pub fn print(&self) {
        let counts = lock(&self.counts);
        let columns =
            [Outcome::Done, Outcome::Undone, Outcome::Refused, Outcome::Conflict, Outcome::Deadlock, Outcome::Lost];
        print!("{:<24}", "");
        columns.iter().for_each(|column| print!("{:>10}", format!("{column:?}").to_lowercase()));
        println!();
        let mut kinds: Vec<&str> = counts.keys().map(|(kind, _)| *kind).collect();
        kinds.dedup();
        for kind in kinds {
            print!("{kind:<24}");
            columns.iter().for_each(|column| print!("{:>10}", counts.get(&(kind, *column)).unwrap_or(&0)));
            println!();
        }
        for ((kind, code), times) in lock(&self.refusals).iter() {
            println!("{kind:<24}{code:>10}{times:>10}");
        }
    }
}
