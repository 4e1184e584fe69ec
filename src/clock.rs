//! The database's clock, and its timestamps as the engine's instants.

#![allow(unsafe_code, reason = "PostgreSQL's clock is a C function")]

use pgrx::pg_sys;

/// Microseconds from the Unix epoch to PostgreSQL's (2000-01-01).
const EPOCH: i64 = 946_684_800_000_000;

/// A timestamptz (microseconds since 2000) in epoch milliseconds, cut down to them. The infinities
/// become the ends of the range.
pub fn milliseconds(timestamptz: i64) -> i64 {
    timestamptz.saturating_add(EPOCH).div_euclid(1000)
}

/// Epoch milliseconds as a timestamptz.
pub fn timestamptz(milliseconds: i64) -> i64 {
    milliseconds.saturating_mul(1000).saturating_sub(EPOCH)
}

/// A timestamptz in microseconds since 1970.
pub fn unix_microseconds(timestamptz: i64) -> i64 {
    timestamptz.saturating_add(EPOCH)
}

/// Microseconds since 1970 as a timestamptz.
pub fn from_unix_microseconds(microseconds: i64) -> i64 {
    microseconds.saturating_sub(EPOCH)
}

/// The clock, now, as a timestamptz.
pub fn now() -> i64 {
    // SAFETY: reads the system's clock.
    unsafe { pg_sys::GetCurrentTimestamp() }
}

/// When the client's statement began, as a timestamptz: what a STABLE function calls now.
pub fn statement_start() -> i64 {
    // SAFETY: reads a variable of the backend.
    unsafe { pg_sys::GetCurrentStatementStartTimestamp() }
}
