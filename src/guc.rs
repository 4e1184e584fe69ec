//! The settings of a session, in alphabetical order (spec/api.md, "Tenancy and settings").

#![allow(unsafe_code, reason = "hooks of settings are C functions")]

use std::ffi::{CStr, CString, c_char, c_void};
use std::sync::atomic::{AtomicBool, Ordering};

use pgrx::guc::{GucContext, GucFlags, GucRegistry, GucSetting, PostgresGucEnum};
use pgrx::{PgSqlErrorCode, pg_guard, pg_sys};

use crate::error::{ApiError, ApiResult};

/// What becomes of a seed function's errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PostgresGucEnum)]
pub enum ErrorMode {
    /// they are answered
    #[name = c"envelope"]
    Envelope,
    /// they are raised
    #[name = c"raise"]
    Raise,
}

/// What a call does while another session serves the same customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PostgresGucEnum)]
pub enum LockWait {
    /// it waits, subject to lock_timeout
    #[name = c"wait"]
    Wait,
    /// it answers 521
    #[name = c"nowait"]
    Nowait,
}

static LOCK_WAIT: GucSetting<LockWait> = GucSetting::<LockWait>::new(LockWait::Wait);

static ERROR_MODE: GucSetting<ErrorMode> = GucSetting::<ErrorMode>::new(ErrorMode::Envelope);

/// A string since PostgreSQL's integer settings have 32 bits; [`check_org_id`] lets bigints in only.
static ORG_ID: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(Some(c"1"));

/// Whether the settings are known. What was set before (SET works without the library) must be let in
/// even where it is wrong: PostgreSQL would put the default in its place, and calls would act for
/// organization 1 that meant another. They fail instead.
static KNOWN: AtomicBool = AtomicBool::new(false);

/// PostgreSQL's GUC_ALLOW_IN_PARALLEL, which older minor versions' headers don't have (their servers pass over it).
const ALLOW_IN_PARALLEL: i32 = if cfg!(feature = "pg15") { 0x40_0000 } else { 0x8000 };

/// Makes the settings known to PostgreSQL. This may be during a parallel query, in one of its workers or in the session
/// itself, if that is what calls the first function: PostgreSQL then takes over what was set before only where a setting
/// allows it, and else puts the default in its place, with a warning.
pub fn init() {
    let flags = GucFlags::from_bits_retain(ALLOW_IN_PARALLEL);
    let org_id = set_before(c"promotion_engine.org_id");
    GucRegistry::define_enum_guc(
        c"promotion_engine.error_mode",
        c"How seed functions such as promo_evaluate report errors.",
        c"envelope: in their answer, as {\"errors\": [...]}. raise: as SQL errors with SQLSTATE PE###.",
        &ERROR_MODE,
        GucContext::Userset,
        flags,
    );
    GucRegistry::define_enum_guc(
        c"promotion_engine.lock_wait",
        c"What a call does while another session serves the same customer.",
        c"wait: it waits, subject to lock_timeout. nowait: it fails with error 521.",
        &LOCK_WAIT,
        GucContext::Userset,
        flags,
    );
    // SAFETY: the hook is guarded.
    unsafe {
        GucRegistry::define_string_guc_with_hooks(
            c"promotion_engine.org_id",
            c"The organization that calls act for.",
            c"A bigint. The org_id argument of a function goes before it. promo.org_member says who may act for whom.",
            &ORG_ID,
            GucContext::Userset,
            flags,
            Some(check_org_id),
            None,
            None,
        );
    }
    KNOWN.store(true, Ordering::Relaxed);
    // Older minor versions know no such permission.
    if org_id.is_some() && org_id != ORG_ID.get() {
        let message = "promotion_engine was loaded in a parallel query, and promotion_engine.org_id is lost";
        let detail = "This release of PostgreSQL cannot take the setting over during a parallel query.";
        pgrx::ereport!(FATAL, PgSqlErrorCode::ERRCODE_INVALID_TRANSACTION_STATE, message, detail);
    }
    // SAFETY: the prefix is a terminated string.
    unsafe { pg_sys::MarkGUCPrefixReserved(c"promotion_engine".as_ptr()) };
}

/// What was set under that name before the library was loaded.
fn set_before(name: &CStr) -> Option<CString> {
    // SAFETY: the name is terminated; so is the answer, which is copied at once.
    unsafe {
        let value = pg_sys::GetConfigOption(name.as_ptr(), true, false);
        (!value.is_null()).then(|| CStr::from_ptr(value).to_owned())
    }
}

/// Lets in what is a bigint.
#[pg_guard]
unsafe extern "C-unwind" fn check_org_id(
    value: *mut *mut c_char,
    _extra: *mut *mut c_void,
    _source: pg_sys::GucSource::Type,
) -> bool {
    // SAFETY: PostgreSQL passes a pointer to a terminated string, or to null for no value.
    let text = unsafe {
        if (*value).is_null() {
            return false;
        }
        CStr::from_ptr(*value)
    };
    parse(text).is_some() || !KNOWN.load(Ordering::Relaxed)
}

fn parse(text: &CStr) -> Option<i64> {
    text.to_str().ok()?.trim().parse().ok()
}

/// `promotion_engine.error_mode`
pub fn error_mode() -> ErrorMode {
    ERROR_MODE.get()
}

/// `promotion_engine.lock_wait`
pub fn lock_wait() -> LockWait {
    LOCK_WAIT.get()
}

/// `promotion_engine.org_id`
pub fn org_id() -> ApiResult<i64> {
    match ORG_ID.get() {
        None => Ok(1),
        Some(text) => parse(&text).ok_or_else(|| ApiError::bad_org_id(&text.to_string_lossy())),
    }
}

/// Runs `body` with settings of PostgreSQL's as a function's SET clauses would have them: they end with it, or with the
/// (sub)transaction that an error undoes.
pub fn setting<T>(settings: &[(&CStr, &CStr)], body: impl FnOnce() -> T) -> T {
    // SAFETY: a level is begun and ended in order; where body raises, PostgreSQL ends it.
    unsafe {
        let level = pg_sys::NewGUCNestLevel();
        for (name, value) in settings {
            pg_sys::set_config_option(
                name.as_ptr(),
                value.as_ptr(),
                pg_sys::GucContext::PGC_USERSET,
                pg_sys::GucSource::PGC_S_SESSION,
                pg_sys::GucAction::GUC_ACTION_SAVE,
                true,
                0,
                false,
            );
        }
        let value = body();
        pg_sys::AtEOXact_GUC(true, level);
        value
    }
}
