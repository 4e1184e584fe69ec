//! Counted checks, closed as bin/lib/suites.sh reads it.

use std::process::ExitCode;

/// How many checks held.
#[derive(Debug, Default)]
pub struct Checks {
    passed: u32,
    failed: u32,
}

impl Checks {
    /// Counts a check: it held where nothing was found against it.
    pub fn that(&mut self, what: &str, against: &[String]) {
        if against.is_empty() {
            self.passed += 1;
            println!("ok: {what}");
            return;
        }
        self.failed += 1;
        println!("not ok: {what}: {} found against it", against.len());
        against.iter().take(20).for_each(|found| println!("    {found}"));
    }

    /// Counts a check of two values that should be equal.
    pub fn equal(&mut self, what: &str, expected: &str, found: &str) {
        let against = (expected != found).then(|| format!("expected {expected}, found {found}"));
        self.that(what, against.as_slice());
    }

    /// The closing line, and the program's end.
    pub fn close(&self) -> ExitCode {
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
