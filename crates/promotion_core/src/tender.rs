//! Tenders as far as they pay the cart (spec/definition.md, TENDER): in the order sent, together no
//! more than the payable.

use crate::cart::{Cart, Tender};
use crate::definition::{PaymentModeCondition, TenderCondition, TenderMode, TenderType};
use crate::money::Money;

/// What each tender pays of the payable. One without an amount pays all that is left.
pub fn counted(cart: &Cart<'_>, payable: Money) -> Vec<Money> {
    let mut rest = payable;
    let pays = |tender: &Tender<'_>| {
        let own = tender.amount.as_ref().map_or(rest, |sent| sent.amount.min(rest));
        rest -= own;
        own
    };
    cart.tenders.iter().map(pays).collect()
}

/// The tenders that pay something and match.
fn matching(cart: &Cart<'_>, payable: Money, matches: impl Fn(&str) -> bool) -> Vec<usize> {
    let counted = counted(cart, payable);
    let pays = |index: &usize| !counted[*index].is_zero();
    (0..cart.tenders.len()).filter(pays).filter(|&index| matches(&upper(cart.tenders[index].identifier))).collect()
}

/// Identifiers are compared without case.
pub fn upper(identifier: &str) -> String {
    crate::code::code_key(identifier)
}

/// The tenders that a TENDER condition is about.
pub fn of_modes(condition: &TenderCondition, cart: &Cart<'_>, payable: Money) -> Vec<usize> {
    matching(cart, payable, |identifier| condition.modes.iter().any(|mode| is_of(mode, identifier, cart)))
}

/// The tenders that a PAYMENT_MODE condition is about.
pub fn of_payment_mode(condition: &PaymentModeCondition, cart: &Cart<'_>, payable: Money) -> Vec<usize> {
    matching(cart, payable, |identifier| crate::criteria::lists(&condition.values, identifier) != condition.negated)
}

fn is_of(mode: &TenderMode, identifier: &str, cart: &Cart<'_>) -> bool {
    let kind = if identifier == "CASH" {
        TenderType::Cash
    } else if cart.payment_vouchers.iter().any(|code| upper(code) == identifier) {
        TenderType::PaymentVoucher
    } else {
        TenderType::Card
    };
    kind == mode.kind && (mode.identifiers.is_empty() || crate::criteria::lists(&mode.identifiers, identifier))
}
