//! Taking the advisory locks of a call.

use pgrx::datum::IntoDatum;

use super::statement::{Access, statement};
use crate::error::{ApiError, ApiResult};
use crate::guc::{self, LockWait};
use crate::locks;

statement!(
    LOCK,
    [INT8OID, INT4OID, TEXTOID, TEXTOID],
    "SELECT pg_catalog.pg_advisory_xact_lock($2, promo.customer_lock_key($1, $3, $4))"
);

statement!(
    TRY_LOCK,
    [INT8OID, INT4OID, TEXTOID, TEXTOID],
    "SELECT pg_catalog.pg_try_advisory_xact_lock($2, promo.customer_lock_key($1, $3, $4))"
);

/// Whose calls run one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller<'a> {
    /// A customer, as [`promotion_core::cart::CustomerId::key`] has it.
    Customer(&'a str),
    /// A guest's cart, by the caller's own id.
    GuestCart(&'a str),
    /// A guest's cart, by its evaluation.
    GuestEvaluation(&'a str),
    /// A guest whose cart nobody can name yet.
    New,
}

/// Takes the customer's lock until the transaction ends. 521 where another session has it and
/// `promotion_engine.lock_wait` is nowait.
pub fn customer(org_id: i64, caller: Caller<'_>) -> ApiResult<()> {
    let (kind, id) = match caller {
        Caller::Customer(id) => ("customer", id),
        Caller::GuestCart(id) => ("cart", id),
        Caller::GuestEvaluation(id) => ("evaluation", id),
        Caller::New => return Ok(()),
    };
    let parameters = [org_id.into_datum(), locks::CUSTOMER.into_datum(), kind.into_datum(), id.into_datum()];
    if guc::lock_wait() == LockWait::Wait {
        LOCK.with(|statement| statement.run(Access::Read, &parameters, |_| ()));
        return Ok(());
    }
    let taken = TRY_LOCK.with(|statement| statement.run(Access::Read, &parameters, |row| row.is_true(1)));
    if taken.contains(&true) { Ok(()) } else { Err(ApiError::busy(kind, id)) }
}

/// Takes the lock of an order's id until the transaction ends.
pub fn order(org_id: i64, transaction_id: &str) {
    let parameters =
        [org_id.into_datum(), locks::ORDER.into_datum(), "order".into_datum(), transaction_id.into_datum()];
    LOCK.with(|statement| statement.run(Access::Read, &parameters, |_| ()));
}
