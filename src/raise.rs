//! Raising errors with any SQLSTATE.
//!
//! pgrx's own error reports know PostgreSQL's SQLSTATEs only, so that a `PE404` is raised with PostgreSQL's ereport
//! functions, at the outermost frame, where no Rust value is left to drop.

#![allow(unsafe_code, reason = "ereport is C")]

use std::cell::Cell;
use std::ffi::{CString, c_char, c_int, c_void};

use pgrx::pg_sys::panic::CaughtError;
use pgrx::{PgSqlErrorCode, pg_sys};

/// Copies a text into PostgreSQL's memory.
fn copied(text: &str) -> *mut c_char {
    // A JSON string can hold \0 no more than a text can.
    let text = CString::new(text).unwrap_or_default();
    // SAFETY: pstrdup copies a string that is terminated and alive.
    unsafe { pg_sys::pstrdup(text.as_ptr()) }
}

/// An error whose texts lie in PostgreSQL's memory: nothing of it needs to be dropped.
#[derive(Clone, Copy)]
pub struct Raisable {
    sqlstate: [u8; 5],
    message: *mut c_char,
    detail: *mut c_char,
    hint: *mut c_char,
}

impl Raisable {
    /// Copies the texts into PostgreSQL's memory, for [`raise`].
    pub fn new(sqlstate: [u8; 5], message: &str, detail: Option<&str>, hint: Option<&str>) -> Self {
        let or_null = |text: Option<&str>| text.map_or(std::ptr::null_mut(), copied);
        Self { sqlstate, message: copied(message), detail: or_null(detail), hint: or_null(hint) }
    }
}

thread_local! {
    /// The SQLSTATE, as PostgreSQL packs it, of the last report inside a call.
    static LAST_SQLSTATE: Cell<c_int> = const { Cell::new(0) };
}

/// Runs `body`. An error of PostgreSQL's in it whose SQLSTATE pgrx has no name for (a trigger's own, in
/// a user's code) would come out of pgrx's guard as XX000: it is answered with its own SQLSTATE instead.
/// All other errors and panics go on as they are.
pub fn keeping_foreign_sqlstates<T>(body: impl FnOnce() -> T) -> Result<T, Raisable> {
    let mut callback = pg_sys::ErrorContextCallback {
        previous: std::ptr::null_mut(),
        callback: Some(note_sqlstate),
        arg: std::ptr::null_mut(),
    };
    // SAFETY: the backend's stack of callbacks, which PostgreSQL calls while it puts a report together;
    // ours is taken off before it goes out of scope, whichever way body ends.
    unsafe {
        callback.previous = pg_sys::error_context_stack;
        pg_sys::error_context_stack = &raw mut callback;
    }
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body));
    // SAFETY: as above; an error has left the stack as it was when the guarded call began.
    unsafe { pg_sys::error_context_stack = callback.previous };
    let panic = match outcome {
        Ok(value) => return Ok(value),
        Err(panic) => panic,
    };
    if let Some(CaughtError::PostgresError(report)) = panic.downcast_ref::<CaughtError>()
        && report.sql_error_code() == PgSqlErrorCode::ERRCODE_INTERNAL_ERROR
    {
        let packed = LAST_SQLSTATE.get();
        let sqlstate = std::array::from_fn(|place| b'0' + (packed >> (6 * place) & 0x3F) as u8);
        if sqlstate != *b"XX000" {
            return Err(Raisable::new(sqlstate, report.message(), report.detail(), report.hint()));
        }
    }
    std::panic::resume_unwind(panic)
}

/// PostgreSQL calls it for every report, when its SQLSTATE is known.
unsafe extern "C-unwind" fn note_sqlstate(_: *mut c_void) {
    // SAFETY: this is an error context callback, where geterrcode may be called.
    LAST_SQLSTATE.set(unsafe { geterrcode() });
}

unsafe extern "C-unwind" {
    fn geterrcode() -> c_int;
    fn errstart(elevel: c_int, domain: *const c_char) -> bool;
    fn errcode(sqlerrcode: c_int) -> c_int;
    fn errmsg(format: *const c_char, ...) -> c_int;
    fn errdetail(format: *const c_char, ...) -> c_int;
    fn errhint(format: *const c_char, ...) -> c_int;
    fn errfinish(filename: *const c_char, lineno: c_int, funcname: *const c_char);
}

/// Raises the error.
///
/// # Safety
/// PostgreSQL jumps out of this call: no frame between it and PostgreSQL may hold a value that
/// needs to be dropped, nor be guarded by pgrx.
pub unsafe fn raise(error: Raisable) -> ! {
    // PostgreSQL packs five characters of six bits (MAKE_SQLSTATE).
    let packed =
        error.sqlstate.iter().rev().fold(0, |packed: c_int, &byte| packed << 6 | c_int::from(byte - b'0') & 0x3F);
    let text = c"%s".as_ptr();
    // SAFETY: the functions that ereport() expands to, in its order; texts are terminated strings.
    unsafe {
        if errstart(pgrx::PgLogLevel::ERROR as c_int, std::ptr::null()) {
            errcode(packed);
            errmsg(text, error.message);
            if !error.detail.is_null() {
                errdetail(text, error.detail);
            }
            if !error.hint.is_null() {
                errhint(text, error.hint);
            }
        }
        errfinish(c"promotion_engine".as_ptr(), 0, c"promo".as_ptr());
    }
    unreachable!("errfinish does not return from an error")
}
