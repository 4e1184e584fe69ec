//! Organizations: who may act for them, and their settings.

use std::cell::Cell;

use pgrx::datum::IntoDatum;
use promotion_core::json::{DEFINITION_LIMITS, read};
use promotion_core::settings::{Settings, SettingsPatch};

use super::statement::{Access, statement};
use crate::error::{ApiError, ApiResult};
use crate::jsonb::{Jsonb, to_jsonb};

/// Whether the caller may act for organization `$1`, asked once for all rows of a statement; free where nobody is listed
/// anywhere.
macro_rules! may_act_for {
    () => {
        "(SELECT NOT EXISTS (SELECT FROM promo.org_member) OR promo.may_act_for($1))"
    };
}
pub(crate) use may_act_for;

statement!(
    ALLOWED,
    [INT8OID],
    concat!("SELECT ", may_act_for!(), ", EXISTS (SELECT FROM promo.organization o WHERE o.org_id = $1)")
);

statement!(SETTINGS, [INT8OID], "SELECT o.settings FROM promo.organization o WHERE o.org_id = $1");

statement!(
    CHECKED_SETTINGS,
    [INT8OID],
    concat!(
        "SELECT ",
        may_act_for!(),
        ", o.settings, o.org_id IS NOT NULL
           FROM (SELECT) one LEFT JOIN promo.organization o ON o.org_id = $1"
    )
);

statement!(CREATE, [INT8OID], "INSERT INTO promo.organization (org_id) VALUES ($1) ON CONFLICT (org_id) DO NOTHING");

statement!(
    LOCK,
    [INT8OID],
    "INSERT INTO promo.catalog_version (org_id, generation)
     SELECT o.org_id, pg_catalog.nextval('promo.catalog_generation') FROM promo.organization o WHERE o.org_id = $1
     ON CONFLICT (org_id) DO UPDATE SET generation = excluded.generation
     RETURNING 1"
);

statement!(
    RENEW_ALL,
    [],
    "UPDATE promo.catalog_version SET generation = pg_catalog.nextval('promo.catalog_generation')"
);

statement!(POSITIVE_INTERVAL, [TEXTOID], "SELECT promo.is_positive_interval($1)");

statement!(HAS_PROMOTIONS, [INT8OID], "SELECT EXISTS (SELECT FROM promo.promotion p WHERE p.org_id = $1)");

statement!(CONFIGURE, [INT8OID, JSONBOID], "UPDATE promo.organization SET settings = $2 WHERE org_id = $1");

/// Answers 42501 or 404 unless the caller may act for an organization that exists.
pub fn check(org_id: i64, access: Access) -> ApiResult<()> {
    if exists(org_id, access)? { Ok(()) } else { Err(ApiError::unknown_organization(org_id)) }
}

/// Whether the organization exists; 42501 unless the caller may act for it.
pub fn exists(org_id: i64, access: Access) -> ApiResult<bool> {
    let rows =
        ALLOWED.with(|statement| statement.run(access, &[org_id.into_datum()], |row| (row.is_true(1), row.is_true(2))));
    match rows.first() {
        Some((true, exists)) => Ok(*exists),
        _ => Err(ApiError::not_a_member(org_id)),
    }
}

fn parse(settings: Option<Jsonb<'_>>) -> ApiResult<Settings> {
    let unreadable = |error| ApiError::unreadable("settings", &error);
    match settings {
        None => Ok(Settings::default()),
        Some(view) => {
            let patch: SettingsPatch<'_> = read(view, DEFINITION_LIMITS).map_err(unreadable)?;
            Settings::default().patched(&patch).map_err(unreadable)
        }
    }
}

/// The settings.
pub fn settings(org_id: i64, access: Access) -> ApiResult<Settings> {
    let mut rows = SETTINGS.with(|statement| statement.run(access, &[org_id.into_datum()], |row| parse(row.jsonb(1))));
    rows.pop().unwrap_or_else(|| Err(ApiError::unknown_organization(org_id)))
}

/// The settings, for whoever may act for the organization: 42501 or 404 else.
pub fn checked_settings(org_id: i64, access: Access) -> ApiResult<Settings> {
    let mut rows = CHECKED_SETTINGS.with(|statement| {
        statement.run(access, &[org_id.into_datum()], |row| (row.is_true(1), row.is_true(3), parse(row.jsonb(2))))
    });
    match rows.pop() {
        Some((true, true, settings)) => settings,
        Some((true, false, _)) => Err(ApiError::unknown_organization(org_id)),
        _ => Err(ApiError::not_a_member(org_id)),
    }
}

/// Whether PostgreSQL reads a text as an interval above 0.
pub fn is_positive_interval(text: &str) -> bool {
    let rows =
        POSITIVE_INTERVAL.with(|statement| statement.run(Access::Read, &[text.into_datum()], |row| row.is_true(1)));
    rows.contains(&true)
}

/// Whether it has any promotion, ended ones included.
pub fn has_promotions(org_id: i64) -> bool {
    let rows =
        HAS_PROMOTIONS.with(|statement| statement.run(Access::Write, &[org_id.into_datum()], |row| row.is_true(1)));
    rows.contains(&true)
}

/// Creates the organization unless it exists. Nobody has compiled anything of it yet.
pub fn create(org_id: i64) {
    let _new = DefinitionsLocked::new();
    CREATE.with(|statement| statement.run(Access::Write, &[org_id.into_datum()], |_| ()));
}

thread_local! {
    /// How many calls of this backend, one inside the other, are changing definitions.
    static CHANGING: Cell<u32> = const { Cell::new(0) };
}

/// While it lives, the tables' triggers know that the generation has been seen to.
pub struct DefinitionsLocked(());

impl DefinitionsLocked {
    fn new() -> Self {
        CHANGING.set(CHANGING.get() + 1);
        Self(())
    }
}

impl Drop for DefinitionsLocked {
    fn drop(&mut self) {
        CHANGING.set(CHANGING.get() - 1);
    }
}

/// Gives the organization's definitions a new generation, which makes this transaction the only one
/// that changes them: another one waits here, and reads what was committed afterwards; under REPEATABLE
/// READ and SERIALIZABLE it fails with 40001 rather than decide on an old state.
pub fn lock_definitions(org_id: i64) -> ApiResult<DefinitionsLocked> {
    let rows = LOCK.with(|statement| statement.run(Access::Write, &[org_id.into_datum()], |_| ()));
    if rows.is_empty() {
        return Err(ApiError::unknown_organization(org_id));
    }
    Ok(DefinitionsLocked::new())
}

/// Before definitions are changed directly: gives every organization a new generation.
pub fn announce_direct_change() {
    if CHANGING.get() == 0 {
        RENEW_ALL.with(|statement| statement.run(Access::Write, &[], |_| ()));
    }
}

/// Stores settings.
pub fn configure(org_id: i64, settings: &str) {
    CONFIGURE.with(|statement| {
        statement.run(Access::Write, &[org_id.into_datum(), to_jsonb(settings).into_datum()], |_| ())
    });
}
