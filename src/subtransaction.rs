//! Work that can be undone inside a call: everything it wrote and every lock it took.

#![allow(unsafe_code, reason = "subtransactions are C functions")]

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use pgrx::pg_sys::panic::CaughtError;
use pgrx::{PgSqlErrorCode, pg_sys};

use crate::guc;

/// For how long [`briefly`] waits for a lock, in milliseconds: longer than a transaction of one call mostly takes, far
/// shorter than the time after which PostgreSQL looks for a deadlock.
const BRIEF: i32 = 10;
const BRIEF_SETTING: &std::ffi::CStr = c"10ms";

/// Runs `body` in a subtransaction, which is kept where it answers Ok, and undone where it answers an error
/// or PostgreSQL raises one (which goes on from here).
pub fn attempt<T, E>(body: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    // SAFETY: PostgreSQL's protocol of internal subtransactions (as in its procedural languages): begin, run,
    // then release or roll back in every case, an error's included; afterwards memory context and resource owner
    // are those of before.
    unsafe {
        let (context, owner) = (pg_sys::CurrentMemoryContext, pg_sys::CurrentResourceOwner);
        pg_sys::BeginInternalSubTransaction(std::ptr::null());
        pg_sys::MemoryContextSwitchTo(context);
        let outcome = catch_unwind(AssertUnwindSafe(body));
        if matches!(outcome, Ok(Ok(_))) {
            pg_sys::ReleaseCurrentSubTransaction();
        } else {
            pg_sys::RollbackAndReleaseCurrentSubTransaction();
        }
        pg_sys::MemoryContextSwitchTo(context);
        pg_sys::CurrentResourceOwner = owner;
        outcome.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

/// Runs `body`, which is not to wait for any lock for long; answers nothing where it would have. The [`attempt`] that it
/// is a part of must then be undone at once.
pub fn briefly<T>(body: impl FnOnce() -> T) -> Option<T> {
    // SAFETY: a plain int that this thread alone changes.
    let own = unsafe { pg_sys::LockTimeout };
    let is_brief = (1..=BRIEF).contains(&own);
    let settings: &[_] = if is_brief { &[] } else { &[(c"lock_timeout", BRIEF_SETTING)] };
    match catch_unwind(AssertUnwindSafe(|| guc::setting(settings, body))) {
        Ok(value) => Some(value),
        Err(panic) => match panic.downcast_ref::<CaughtError>() {
            Some(CaughtError::PostgresError(report)) if is_wait(report.sql_error_code()) => None,
            _ => resume_unwind(panic),
        },
    }
}

/// Whether an error is that a lock was waited for in vain.
fn is_wait(code: PgSqlErrorCode) -> bool {
    matches!(code, PgSqlErrorCode::ERRCODE_LOCK_NOT_AVAILABLE | PgSqlErrorCode::ERRCODE_T_R_DEADLOCK_DETECTED)
}
