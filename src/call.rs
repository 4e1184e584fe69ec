//! The edge between PostgreSQL's function manager and Rust: reads arguments, hands back results,
//! raises errors with their own SQLSTATE.

#![allow(unsafe_code, reason = "the function manager hands over a pointer")]

use pgrx::datum::{FromDatum, IntoDatum};
use pgrx::pg_sys;
use serde::Serialize;

use crate::error::{ApiError, ApiResult};
use crate::guc::{self, ErrorMode};
use crate::jsonb::{Jsonb, JsonbValue, to_jsonb};
use crate::raise::{Raisable, keeping_foreign_sqlstates, raise};

/// The arguments of one call.
pub struct Arguments {
    fcinfo: pg_sys::FunctionCallInfo,
}

impl Arguments {
    /// The datum of an argument, None for NULL.
    fn datum(&self, index: usize) -> Option<pg_sys::Datum> {
        // SAFETY: the SQL declarations in sql/functions give every function the arguments that its
        // body asks for, and PostgreSQL passes as many.
        let argument = unsafe { (*self.fcinfo).args.as_slice((*self.fcinfo).nargs as usize)[index] };
        (!argument.isnull).then_some(argument.value)
    }

    fn read<T: FromDatum>(&self, index: usize) -> Option<T> {
        // SAFETY: as in datum(); T is the argument's declared type.
        self.datum(index).and_then(|datum| unsafe { T::from_datum(datum, false) })
    }

    /// A `text`.
    pub fn text(&self, index: usize) -> Option<String> {
        self.read(index)
    }

    /// An `int`.
    pub fn int(&self, index: usize) -> Option<i32> {
        self.read(index)
    }

    /// A `boolean`.
    pub fn boolean(&self, index: usize) -> Option<bool> {
        self.read(index)
    }

    /// A `bigint`.
    pub fn bigint(&self, index: usize) -> Option<i64> {
        self.read(index)
    }

    /// A `text[]`, which may have null elements.
    pub fn texts(&self, index: usize) -> Option<Vec<Option<String>>> {
        self.read(index)
    }

    /// A `timestamptz`.
    pub fn timestamptz(&self, index: usize) -> Option<i64> {
        self.read(index)
    }

    /// A `jsonb`.
    pub fn jsonb(&self, index: usize) -> Option<Jsonb<'_>> {
        // SAFETY: the argument is declared jsonb; it lives as long as the call.
        self.datum(index).map(|datum| unsafe { Jsonb::from_datum(datum) })
    }

    /// A `jsonb` that must not be NULL.
    pub fn required_jsonb(&self, index: usize, name: &str) -> ApiResult<Jsonb<'_>> {
        self.jsonb(index).ok_or_else(|| ApiError::invalid_argument(name, "required, but NULL"))
    }

    /// A `jsonb` as it came, for statements too; it must not be NULL.
    pub fn required_value(&self, index: usize, name: &str) -> ApiResult<JsonbValue> {
        // SAFETY: as in jsonb().
        let value = self.datum(index).map(|datum| unsafe { JsonbValue::new(datum) });
        value.ok_or_else(|| ApiError::invalid_argument(name, "required, but NULL"))
    }

    /// A `text` that must not be NULL.
    pub fn required_text(&self, index: usize, name: &str) -> ApiResult<String> {
        self.text(index).ok_or_else(|| ApiError::invalid_argument(name, "required, but NULL"))
    }

    /// The organization of this call: its last argument, else the setting.
    pub fn org_id(&self, index: usize) -> ApiResult<i64> {
        self.bigint(index).map_or_else(guc::org_id, Ok)
    }
}

/// What a function returns.
pub enum Output {
    /// jsonb
    Jsonb(JsonbValue),
    /// jsonb, from its text
    Json(String),
    /// text
    Text(String),
    /// int
    Int(i32),
    /// bigint
    Bigint(i64),
    /// text[]
    Texts(Vec<String>),
    /// void, and what a trigger of a statement returns
    Nothing,
}

impl Output {
    fn into_datum(self) -> Option<pg_sys::Datum> {
        match self {
            Self::Jsonb(value) => value.into_datum(),
            Self::Json(text) => to_jsonb(&text).into_datum(),
            Self::Text(text) => text.into_datum(),
            Self::Int(value) => value.into_datum(),
            Self::Bigint(value) => value.into_datum(),
            Self::Texts(values) => values.into_datum(),
            Self::Nothing => Some(pg_sys::Datum::null()),
        }
    }
}

/// What is left of a call when every Rust value is dropped.
#[derive(Clone, Copy)]
enum Outcome {
    Value(Option<pg_sys::Datum>),
    Raise(Raisable),
}

/// 42501 where nobody knows who calls: what a table's owner has written into an index or a materialized view runs as the
/// owner, but in the session of whoever analyzes, reindexes or refreshes it, which mostly is a superuser's or autovacuum's.
fn refuse_unknown_caller() -> ApiResult<()> {
    // SAFETY: reads a variable of the backend.
    if unsafe { pg_sys::InSecurityRestrictedOperation() } { Err(ApiError::unknown_caller()) } else { Ok(()) }
}

/// Runs a function's body.
///
/// # Safety
/// `fcinfo` is what PostgreSQL called the function with, whose SQL declaration fits the body.
pub unsafe fn call(fcinfo: pg_sys::FunctionCallInfo, body: fn(&Arguments) -> ApiResult<Output>) -> pg_sys::Datum {
    // SAFETY: the guard turns panics, PostgreSQL's errors among them, into PostgreSQL errors. This
    // frame holds nothing but Copy values.
    let outcome = unsafe {
        pg_sys::panic::pgrx_extern_c_guard(move || {
            let result = keeping_foreign_sqlstates(|| {
                match refuse_unknown_caller().and_then(|()| body(&Arguments { fcinfo })) {
                    Ok(output) => Outcome::Value(output.into_datum()),
                    Err(error) => Outcome::Raise(error.into_raisable()),
                }
            });
            result.unwrap_or_else(Outcome::Raise)
        })
    };
    match outcome {
        Outcome::Value(Some(datum)) => datum,
        Outcome::Value(None) => {
            // SAFETY: fcinfo is valid during the call.
            unsafe { (*fcinfo).isnull = true };
            pg_sys::Datum::null()
        }
        // SAFETY: no frame up to PostgreSQL holds a value to drop, nor is guarded any more.
        Outcome::Raise(error) => unsafe { raise(error) },
    }
}

/// The seeds' envelope.
#[derive(Serialize)]
pub struct Envelope<T> {
    data: T,
    errors: [(); 0],
}

impl<T: Serialize> Envelope<T> {
    /// Of a result.
    pub fn of(data: T) -> Self {
        Self { data, errors: [] }
    }
}

/// Puts a seed function's result, JSON text, into the seeds' envelope, its business errors too unless
/// `promotion_engine.error_mode` is `raise`.
pub fn in_envelope(data: ApiResult<String>) -> ApiResult<Output> {
    enveloped(data.map(|data| Output::Json(format!("{{\"data\":{data},\"errors\":[]}}"))))
}

/// Puts a seed function's business errors into the seeds' envelope, where its result is already, unless
/// `promotion_engine.error_mode` is `raise`.
pub fn enveloped(result: ApiResult<Output>) -> ApiResult<Output> {
    match result {
        Err(error) if error.is_business() && guc::error_mode() == ErrorMode::Envelope => {
            Ok(Output::Json(error.envelope().to_string()))
        }
        other => other,
    }
}

/// Declares a function that SQL can call: `pg_function!(symbol, pg_finfo_symbol, body)`.
macro_rules! pg_function {
    ($symbol:ident, $info:ident, $body:path) => {
        #[doc = concat!("sql/functions/", stringify!($symbol), ".sql")]
        #[allow(unsafe_code)]
        #[unsafe(no_mangle)]
        pub unsafe extern "C-unwind" fn $symbol(fcinfo: ::pgrx::pg_sys::FunctionCallInfo) -> ::pgrx::pg_sys::Datum {
            // SAFETY: PostgreSQL calls it as the SQL declaration of that file says.
            unsafe { $crate::call::call(fcinfo, $body) }
        }

        /// Tells PostgreSQL the calling convention of the function beside it.
        #[allow(unsafe_code)]
        #[unsafe(no_mangle)]
        pub extern "C" fn $info() -> *const ::pgrx::pg_sys::Pg_finfo_record {
            static INFO: ::pgrx::pg_sys::Pg_finfo_record = ::pgrx::pg_sys::Pg_finfo_record { api_version: 1 };
            &raw const INFO
        }
    };
}
pub(crate) use pg_function;
