//! Kept plans and rows: the one place that talks to SPI.
//!
//! pgrx's own client decides by itself whether a statement may write, and assigns a transaction id
//! where it may; a promo_preview must never do either, so that SPI is called here directly.

#![allow(unsafe_code, reason = "kept plans and their rows are SPI's")]

use std::cell::Cell;
use std::ffi::{CString, c_char};
use std::marker::PhantomData;

use pgrx::PgSqlErrorCode;
use pgrx::datum::{FromDatum, IntoDatum};
use pgrx::pg_sys::{self, Datum};

use promotion_core::json::NumberView;
use promotion_core::money::{SCALE, from_numeric, shortest};
use serde::Serialize;

use crate::clock;
use crate::guc;
use crate::jsonb::{Jsonb, JsonbValue, Numeric};

/// What a statement may do, and what it sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reads under the snapshot in force; writes nothing.
    Read,
    /// May write; sees all that has been committed, and done by this transaction, before it.
    Write,
}

/// A parameter's value; None is NULL.
pub type Parameter = Option<Datum>;

/// A `timestamptz` as an array's element.
struct Timestamptz(i64);

impl IntoDatum for Timestamptz {
    fn into_datum(self) -> Option<Datum> {
        self.0.into_datum()
    }

    fn type_oid() -> pg_sys::Oid {
        pg_sys::TIMESTAMPTZOID
    }
}

/// A `timestamptz[]` of microseconds since 2000.
pub fn timestamptz_array(times: impl Iterator<Item = i64>) -> Parameter {
    times.map(Timestamptz).collect::<Vec<_>>().into_datum()
}

/// A `jsonb[]`.
pub fn jsonb_array(values: impl Iterator<Item = Option<JsonbValue>>) -> Parameter {
    values.collect::<Vec<_>>().into_datum()
}

/// A `json`.
pub fn json_text(value: &impl Serialize) -> Parameter {
    match serde_json::to_string(value) {
        // A json is its text.
        Ok(text) => text.into_datum(),
        Err(error) => {
            let message = format!("what is no JSON can't be written: {error}");
            pgrx::ereport!(ERROR, PgSqlErrorCode::ERRCODE_INTERNAL_ERROR, message);
        }
    }
}

/// A `numeric[]` of millionths, as the `text[]` that statements cast.
pub fn numeric_texts(amounts: impl Iterator<Item = i128>) -> Parameter {
    amounts.map(shortest).collect::<Vec<_>>().into_datum()
}

/// After how many runs a plan is made anew for the first time; then after eight times as many, and so on. What is right
/// for the first customers is not for a million, and statistics come late.
const FIRST_RUNS: u64 = 1_000;

/// How long a plan is kept at most, in microseconds.
const LONGEST_KEPT: i64 = 60_000_000;

/// A statement, prepared when it is first run in a backend, and planned anew now and then: tables grow.
pub struct Statement {
    sql: &'static str,
    types: &'static [pg_sys::Oid],
    plan: Cell<pg_sys::SPIPlanPtr>,
    /// When it was planned: the start of a statement of the client's, a timestamptz.
    planned_at: Cell<i64>,
    /// How often it was run.
    runs: Cell<u64>,
    /// After how many runs it is planned anew.
    next_plan: Cell<u64>,
}

/// Declares a kept statement: `statement!(NAME, [types], "sql")`.
macro_rules! statement {
    ($name:ident, [$($kind:ident),* $(,)?], $sql:expr) => {
        ::std::thread_local! {
            static $name: $crate::store::statement::Statement =
                const { $crate::store::statement::Statement::new($sql, &[$(::pgrx::pg_sys::$kind),*]) };
        }
    };
}
pub(crate) use statement;

impl Statement {
    pub const fn new(sql: &'static str, types: &'static [pg_sys::Oid]) -> Self {
        let plan = Cell::new(std::ptr::null_mut());
        let (planned_at, runs, next_plan) = (Cell::new(0), Cell::new(0), Cell::new(FIRST_RUNS));
        Self { sql, types, plan, planned_at, runs, next_plan }
    }

    /// Runs the statement and reads each row; answers what was read. `read` must not raise.
    pub fn run<T>(&self, access: Access, parameters: &[Parameter], mut read: impl FnMut(&Row<'_>) -> T) -> Vec<T> {
        assert_eq!(parameters.len(), self.types.len(), "parameters of {}", self.sql);
        let mut values: Vec<Datum> = parameters.iter().map(|value| value.unwrap_or(Datum::null())).collect();
        let nulls: Vec<c_char> =
            parameters.iter().map(|value| if value.is_some() { b' ' } else { b'n' } as c_char).collect();
        // SAFETY: SPI's protocol: connect, execute a valid plan with as many values as it has
        // parameters, read its tuples while connected, finish. An error unwinds out of this function
        // and ends in an abort of the (sub)transaction, which closes the connection.
        unsafe {
            check(pg_sys::SPI_connect(), "SPI_connect");
            let plan = self.plan();
            let status = pg_sys::SPI_execute_plan(plan, values.as_mut_ptr(), nulls.as_ptr(), access == Access::Read, 0);
            check(status, self.sql);
            let mut rows = Vec::new();
            let table = pg_sys::SPI_tuptable;
            if !table.is_null() {
                let count = usize::try_from(pg_sys::SPI_processed).unwrap_or(usize::MAX);
                rows.reserve(count);
                for index in 0..count {
                    let row =
                        Row { tuple: *(*table).vals.add(index), descriptor: (*table).tupdesc, lifetime: PhantomData };
                    rows.push(read(&row));
                }
            }
            check(pg_sys::SPI_finish(), "SPI_finish");
            rows
        }
    }

    /// # Safety
    /// SPI is connected.
    unsafe fn plan(&self) -> pg_sys::SPIPlanPtr {
        let now = clock::statement_start();
        if self.plan.get().is_null() {
            let sql = CString::new(self.sql).unwrap_or_default();
            let mut types = self.types.to_vec();
            // SAFETY: SPI is connected; the strings live until SPI has copied them.
            unsafe {
                // One plan for all values: what differs from call to call are ids, and how long arrays are.
                let plan = pg_sys::SPI_prepare_cursor(
                    sql.as_ptr(),
                    types.len() as i32,
                    types.as_mut_ptr(),
                    pg_sys::CURSOR_OPT_GENERIC_PLAN as i32,
                );
                check(if plan.is_null() { pg_sys::SPI_result } else { 0 }, "SPI_prepare");
                check(pg_sys::SPI_keepplan(plan), "SPI_keepplan");
                self.plan.set(plan);
            }
            self.planned_at.set(now);
        } else if self.runs.get() >= self.next_plan.get() || now - self.planned_at.get() > LONGEST_KEPT {
            // SAFETY: the plan is kept.
            unsafe { forget(self.plan.get()) };
            self.planned_at.set(now);
            self.next_plan.set(self.next_plan.get().max(self.runs.get()).saturating_mul(8));
        }
        self.runs.set(self.runs.get() + 1);
        let plan = self.plan.get();
        // SAFETY: SPI is connected; the plan is kept.
        unsafe {
            if !is_planned(plan) {
                plan_by_indexes(plan);
            }
        }
        plan
    }
}

/// What PostgreSQL's plan cache has of a statement, its plan among it.
///
/// # Safety
/// The plan is a kept one.
unsafe fn source(plan: pg_sys::SPIPlanPtr) -> Option<*mut pg_sys::CachedPlanSource> {
    // SAFETY: a kept plan has a list of sources, one for each statement in its text; here it is one.
    unsafe {
        let sources = pg_sys::SPI_plan_get_plan_sources(plan);
        let has_one = !sources.is_null() && (*sources).length > 0;
        has_one.then(|| (*(*sources).elements).ptr_value.cast())
    }
}

/// Makes PostgreSQL plan a statement anew when it is run next, as it does itself when a table changes; whoever is running
/// it goes on with the plan that there is.
///
/// # Safety
/// The plan is a kept one.
unsafe fn forget(plan: pg_sys::SPIPlanPtr) {
    // SAFETY: the source may have a generic plan; both are marked as PostgreSQL's plan cache marks them.
    unsafe {
        let Some(source) = source(plan) else { return };
        (*source).is_valid = false;
        let generic = (*source).gplan;
        if !generic.is_null() {
            (*generic).is_valid = false;
        }
    }
}

/// Whether the next run finds a plan.
///
/// # Safety
/// The plan is a kept one.
unsafe fn is_planned(plan: pg_sys::SPIPlanPtr) -> bool {
    // SAFETY: the source may have a generic plan, which lives as long as the source has it.
    unsafe {
        let Some(source) = source(plan) else { return true };
        let generic = (*source).gplan;
        (*source).is_valid && !generic.is_null() && (*generic).is_valid
    }
}

/// Plans a statement as if tables were never read from one end to the other: every statement here is for a few rows by
/// their keys, and a table that is small when a session begins may have grown by a million rows before the plan is made
/// anew. Nor is it worth compiling.
///
/// # Safety
/// SPI is connected; the plan is a kept one.
unsafe fn plan_by_indexes(plan: pg_sys::SPIPlanPtr) {
    // SAFETY: the plan that is asked for is given back.
    guc::setting(&[(c"enable_seqscan", c"off"), (c"jit", c"off")], || unsafe {
        let cached = pg_sys::SPI_plan_get_cached_plan(plan);
        if !cached.is_null() {
            pg_sys::ReleaseCachedPlan(cached, pg_sys::CurrentResourceOwner);
        }
    });
}

fn check(status: i32, what: &str) {
    assert!(status >= 0, "SPI error {status}: {what}");
}

/// A row of a result, while it is being read.
pub struct Row<'r> {
    tuple: pg_sys::HeapTuple,
    descriptor: pg_sys::TupleDesc,
    lifetime: PhantomData<&'r ()>,
}

impl Row<'_> {
    fn datum(&self, column: i32) -> Option<Datum> {
        let mut null = false;
        // SAFETY: tuple and descriptor are SPI's and alive; columns count from 1.
        let datum = unsafe { pg_sys::SPI_getbinval(self.tuple, self.descriptor, column, &mut null) };
        (!null).then_some(datum)
    }

    fn read<T: FromDatum>(&self, column: i32) -> Option<T> {
        // SAFETY: every statement's columns are read as the types that its SQL gives them.
        self.datum(column).and_then(|datum| unsafe { T::from_datum(datum, false) })
    }

    /// A `text`.
    pub fn text(&self, column: i32) -> Option<String> {
        self.read(column)
    }

    /// A `bigint`, or a `timestamptz` as its microseconds.
    pub fn bigint(&self, column: i32) -> Option<i64> {
        self.read(column)
    }

    /// An `int`.
    pub fn int(&self, column: i32) -> Option<i32> {
        self.read(column)
    }

    /// A `numeric` that the statement casts to text, in millionths; NULL is 0.
    pub fn millionths(&self, column: i32) -> i128 {
        let Some(text) = self.text(column) else { return 0 };
        from_numeric(&text).unwrap_or_else(|| unreadable_number(&text))
    }

    /// A `numeric` as it is stored, in millionths.
    pub fn numeric(&self, column: i32) -> Option<i128> {
        // SAFETY: the column is a numeric; the row outlives the view.
        let number = self.datum(column).map(|datum| unsafe { Numeric::from_datum(datum) })?;
        let scaled = number
            .decimal()
            .and_then(|(mantissa, scale)| mantissa.checked_mul(10_i128.checked_pow(SCALE.checked_sub(scale)?)?));
        Some(scaled.unwrap_or_else(|| unreadable_number(&number.text())))
    }

    /// A `boolean`; NULL is false.
    pub fn is_true(&self, column: i32) -> bool {
        self.read(column).unwrap_or(false)
    }

    /// A `text[]`; NULL is empty, as are its null elements.
    pub fn texts(&self, column: i32) -> Vec<String> {
        let texts: Vec<Option<String>> = self.read(column).unwrap_or_default();
        texts.into_iter().map(Option::unwrap_or_default).collect()
    }

    /// A `text[]`, its null elements being empty.
    pub fn optional_texts(&self, column: i32) -> Option<Vec<String>> {
        self.datum(column).map(|_| self.texts(column))
    }

    /// A `jsonb`, copied so that it lives as long as the call.
    pub fn kept(&self, column: i32) -> Option<JsonbValue> {
        // SAFETY: SPI is connected while a row is read; the column is a jsonb, which has its length in it.
        self.datum(column).map(|datum| unsafe { JsonbValue::new(pg_sys::SPI_datumTransfer(datum, false, -1)) })
    }

    /// A `jsonb`, as long as the row is being read.
    pub fn jsonb(&self, column: i32) -> Option<Jsonb<'_>> {
        // SAFETY: the column is a jsonb; the row outlives the view.
        self.datum(column).map(|datum| unsafe { Jsonb::from_datum(datum) })
    }
}

/// Only a direct write can bring it about.
fn unreadable_number(text: &str) -> i128 {
    pgrx::ereport!(ERROR, PgSqlErrorCode::ERRCODE_DATA_CORRUPTED, format!("stored number can't be read: {text}"));
}

/// Runs `body` with a snapshot of its own, taken now: in READ COMMITTED it sees all that was
/// committed until now, under the stricter levels what the transaction sees anyway. Statements with
/// [`Access::Read`] inside it all see the same.
pub fn with_fresh_snapshot<T>(body: impl FnOnce() -> T) -> T {
    // SAFETY: push and pop are balanced; an error unwinds into an abort, which clears the stack.
    unsafe {
        pg_sys::CommandCounterIncrement();
        pg_sys::PushActiveSnapshot(pg_sys::GetTransactionSnapshot());
        let value = body();
        pg_sys::PopActiveSnapshot();
        value
    }
}

/// Runs `body` with a snapshot of all that is committed now, at any isolation level; for reads alone.
pub fn with_latest_snapshot<T>(body: impl FnOnce() -> T) -> T {
    // SAFETY: as above.
    unsafe {
        pg_sys::CommandCounterIncrement();
        pg_sys::PushActiveSnapshot(pg_sys::GetLatestSnapshot());
        let value = body();
        pg_sys::PopActiveSnapshot();
        value
    }
}

/// 40001 where the transaction keeps its first snapshot (REPEATABLE READ, SERIALIZABLE), and something has been
/// committed since that it would have to see.
pub fn fail_where_snapshot_is_kept() {
    // SAFETY: reads a variable of the backend.
    if unsafe { pg_sys::XactIsoLevel } >= pg_sys::XACT_REPEATABLE_READ as i32 {
        let message = "could not serialize access due to concurrent update";
        pgrx::ereport!(ERROR, PgSqlErrorCode::ERRCODE_T_R_SERIALIZATION_FAILURE, message);
    }
}
