//! The advisory locks of the extension: the one place that names their first keys (spec/architecture.md,
//! "Concurrency"). A call takes them in this order: customer, order, slot.

/// The calls of one customer run one after the other: 'prom' as an int.
pub const CUSTOMER: i32 = 0x7072_6F6D;

/// The calls that name one order (transactionId) run one after the other.
pub const ORDER: i32 = CUSTOMER + 1;

/// Who holds it makes codes of a pattern that few are possible of: two that drew the same ones would wait for one
/// another.
pub const CODES: i32 = CUSTOMER + 3;

/// Who holds it may add a row (slot) to the count of a limit.
pub const SLOT: i32 = CUSTOMER + 2;
