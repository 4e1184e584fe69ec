//! What a call is expected to do.

use serde_json::Value;

use crate::content::{Content, Wrong};
use crate::scene::STATES;

/// Places among [`STATES`].
pub const SUBMITTED: usize = 4;

/// What a lock that has expired says, in epoch milliseconds.
pub const EXPIRED: (&str, i64) = ("2026-01-01T00:00:00Z", 1_767_225_600_000);

/// What became of a cart's evaluation while the cart did not look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Over {
    /// promo_cancel
    Cancelled,
}

/// A cart as it should be.
#[derive(Debug, Clone)]
pub struct Cart {
    /// The script's name for it.
    pub name: String,
    /// What is in it.
    pub content: Content,
    /// Its place among [`STATES`].
    pub state: usize,
    /// The last answer, without its error.
    pub last: Value,
    /// The order that it became.
    pub order: Option<String>,
    /// What became of its evaluation behind it.
    pub over: Option<Over>,
    /// How often each promotion had been edited when it was priced.
    pub edits: Vec<u32>,
}

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Nothing: it answers this error.
    Refused(&'static str),
    /// Nothing, and all is well.
    Same,
    /// What it is asked, unless its price stands against it.
    Done,
}

/// Whether a cart in that state can be changed.
pub fn is_editable(state: usize) -> bool {
    state < 2
}

/// Whether a cart in that state may hold anything.
pub fn may_hold(state: usize) -> bool {
    state < SUBMITTED
}

/// Whether a cart in that state was thrown away.
pub fn is_thrown_away(state: usize) -> bool {
    state > SUBMITTED
}

/// Whether a cart may go on to that state (docs/reference.md, "States").
fn may_become(state: usize, next: usize) -> bool {
    match STATES[state] {
        "ACTIVE" | "PENDING" => true,
        "PENDING_APPROVAL" => next != SUBMITTED,
        "APPROVED" => STATES[next] != "PENDING_APPROVAL",
        _ => false,
    }
}

/// What promo_update_cart does: `content` is whether the request is good, `is_changed` whether it names anything but a
/// state.
pub fn of_update(
    cart: Option<&Cart>,
    content: Result<(), Wrong>,
    is_changed: bool,
    next: Option<usize>,
    order: Option<&str>,
) -> Expected {
    if content == Err(Wrong::Request) {
        return Expected::Refused("INVALID_REQUEST_ERROR");
    }
    let Some(cart) = cart else { return Expected::Refused("CART_NOT_FOUND_ERROR") };
    let is_changed = is_changed || next.is_none();
    let next = next.unwrap_or(cart.state);
    let is_same_order = order.is_none() || order == cart.order.as_deref();
    if next == cart.state && is_same_order && (order.is_some() || !is_changed) {
        return Expected::Same;
    }
    if (is_changed && !is_editable(cart.state)) || !may_become(cart.state, next) {
        return Expected::Refused("CART_NOT_EDITABLE_ERROR");
    }
    if content.is_err() { Expected::Refused("INVALID_REQUEST_ERROR") } else { Expected::Done }
}

/// What promo_apply_code and promo_remove_code do.
pub fn of_code(cart: Option<&Cart>, code: &str, applies: bool) -> Expected {
    let Some(cart) = cart else { return Expected::Refused("CART_NOT_FOUND_ERROR") };
    let is_on = cart.content.codes.iter().any(|own| own.to_uppercase() == code.to_uppercase());
    match (is_editable(cart.state), applies, is_on) {
        (false, ..) => Expected::Refused("CART_NOT_EDITABLE_ERROR"),
        (true, true, true) => Expected::Same,
        (true, false, false) => Expected::Refused("PROMO_NOT_FOUND_ERROR"),
        _ => Expected::Done,
    }
}
