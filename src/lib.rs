//! promotion_engine: cart promotions inside PostgreSQL.
//!
//! This crate is the PostgreSQL face of [`promotion_core`], which does the computing: it reads
//! requests (`jsonb`), fetches what a call needs (`store`), and hands back answers and errors
//! (`call`, `error`). The SQL side stands in sql/, file by file, as `schema` puts it together.

pgrx::pg_module_magic!(name, version);

mod api;
mod call;
mod clock;
mod error;
mod guc;
mod ids;
mod jsonb;
mod jsonb_writer;
mod locks;
mod raise;
mod ruleset_cache;
mod schema;
mod store;
mod subtransaction;

#[cfg(not(panic = "unwind"))]
compile_error!("an extension must unwind on panic: PostgreSQL would be aborted");

/// Called by PostgreSQL when it loads the library.
#[pgrx::pg_guard]
pub extern "C-unwind" fn _PG_init() {
    guc::init();
}
