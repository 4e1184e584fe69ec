//! Taking the advisory locks of a call.

#![allow(unsafe_code, reason = "advisory locks are C functions")]

use pgrx::datum::IntoDatum;
use pgrx::{direct_function_call, pg_sys};
use sha2::{Digest, Sha256};

use crate::error::{ApiError, ApiResult};
use crate::guc::{self, LockWait};
use crate::locks;

/// The second key of a lock, as promo.customer_lock_key computes it in SQL: the first four bytes of a hash.
fn key(org_id: i64, kind: &str, id: &str) -> i32 {
    let hash = Sha256::digest(format!("{org_id}:{kind}:{id}"));
    i32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
}

/// Takes a lock until the transaction ends.
fn wait_for(class: i32, key: i32) {
    // SAFETY: the function takes two ints.
    unsafe { direct_function_call::<()>(pg_sys::pg_advisory_xact_lock_int4, &[class.into_datum(), key.into_datum()]) };
}

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

impl<'a> Caller<'a> {
    /// A customer, else a guest's cart by the caller's own id, else by its evaluation (spec/lifecycle.md, "Cart
    /// locking").
    pub fn of(customer: Option<&'a str>, cart_id: Option<&'a str>, evaluation_id: Option<&'a str>) -> Self {
        match (customer, cart_id, evaluation_id) {
            (Some(customer), ..) => Self::Customer(customer),
            (None, Some(cart_id), _) => Self::GuestCart(cart_id),
            (None, None, Some(evaluation_id)) => Self::GuestEvaluation(evaluation_id),
            (None, None, None) => Self::New,
        }
    }

    /// The kind and id that the lock's key is made of; None: there is nobody to keep apart.
    fn name(self) -> Option<(&'static str, &'a str)> {
        match self {
            Self::Customer(id) => Some(("customer", id)),
            Self::GuestCart(id) => Some(("cart", id)),
            Self::GuestEvaluation(id) => Some(("evaluation", id)),
            Self::New => None,
        }
    }
}

/// Takes a lock until the transaction ends, if it is free; answers whether it was.
fn try_for(class: i32, key: i32) -> bool {
    let keys = [class.into_datum(), key.into_datum()];
    // SAFETY: the function takes two ints and answers whether it got the lock.
    unsafe { direct_function_call::<bool>(pg_sys::pg_try_advisory_xact_lock_int4, &keys) == Some(true) }
}

/// The customer's lock, if it is free; answers whether it was.
pub fn try_customer(org_id: i64, caller: Caller<'_>) -> bool {
    caller.name().is_none_or(|(kind, id)| try_for(locks::CUSTOMER, key(org_id, kind, id)))
}

/// The locks of a customer and of an order's id, if both are free.
pub fn try_both(org_id: i64, caller: Caller<'_>, transaction_id: &str) -> bool {
    try_customer(org_id, caller) && try_for(locks::ORDER, key(org_id, "order", transaction_id))
}

/// Takes the customer's lock until the transaction ends. 521 where another session has it and
/// `promotion_engine.lock_wait` is nowait.
pub fn customer(org_id: i64, caller: Caller<'_>) -> ApiResult<()> {
    let Some((kind, id)) = caller.name() else { return Ok(()) };
    let key = key(org_id, kind, id);
    if guc::lock_wait() == LockWait::Wait {
        wait_for(locks::CUSTOMER, key);
        return Ok(());
    }
    if try_for(locks::CUSTOMER, key) { Ok(()) } else { Err(ApiError::busy(kind, id)) }
}

/// Takes the lock of an organization's new codes until the transaction ends.
pub fn codes(org_id: i64) {
    wait_for(locks::CODES, key(org_id, "codes", ""));
}

/// Takes the lock of an organization's new codes until the transaction ends, beside others who bring their own.
pub fn codes_shared(org_id: i64) {
    let keys = [locks::CODES.into_datum(), key(org_id, "codes", "").into_datum()];
    // SAFETY: the function takes two ints.
    unsafe { direct_function_call::<()>(pg_sys::pg_advisory_xact_lock_shared_int4, &keys) };
}

/// Takes the lock of an order's id until the transaction ends.
pub fn order(org_id: i64, transaction_id: &str) {
    wait_for(locks::ORDER, key(org_id, "order", transaction_id));
}
