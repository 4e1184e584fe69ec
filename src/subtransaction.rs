//! Work that can be undone inside a call: everything it wrote and every lock it took.

#![allow(unsafe_code, reason = "subtransactions are C functions")]

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use pgrx::pg_sys;

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
