//! promo_evaluate's request alone, and the lists that any request may have.

use promotion_core::cart::{Cart, MAX_CODES, MAX_ITEMS, MAX_LIST, MAX_TENDERS};
use promotion_core::currency::Currency;
use promotion_core::money::Money;

use crate::check::{json, parsed};

/// More than any amount of a request.
const BEYOND: i128 = 10_i128.pow(15 + 6);

pub fn run(input: &[u8]) -> bool {
    let Some(json) = json(input) else { return false };
    if let Ok(cart) = parsed("a cart", input.len(), || Cart::parse(&json)) {
        check(&cart);
    }
    true
}

/// What holds of every cart that is let in (spec/api.md, "Limits of one request").
fn check(cart: &Cart<'_>) {
    let is_amount = |amount: Money| (0..BEYOND).contains(&amount.0);
    assert!(is_amount(cart.amount) && cart.lines.len() <= MAX_ITEMS && cart.tenders.len() <= MAX_TENDERS);
    assert!(cart.promo_codes.len() <= MAX_CODES && cart.payment_vouchers.len() <= MAX_CODES);
    assert!(cart.lines.is_empty() || cart.lines.iter().map(|line| line.amount).sum::<Money>() == cart.amount);
    for line in &cart.lines {
        assert!(is_amount(line.amount) && is_amount(line.min_unit_price), "{line:?}");
        assert!((Money::ZERO..=line.amount).contains(&line.discount) && !line.sku.is_empty(), "{line:?}");
        assert!(line.quantity.0 > 0 && line.quantity.0 < 10_i128.pow(9 + 6), "{line:?}");
        assert!(line.categories.len() <= MAX_LIST && line.brands.len() <= MAX_LIST, "{line:?}");
        let texts = line.categories.iter().chain(&line.brands).chain([&line.sku]).chain(&line.reference_id);
        texts.for_each(|text| assert!(text.chars().count() <= 250, "{line:?}"));
    }
    assert!(cart.shipping.iter().flatten().all(|own| is_amount(own.amount)));
    assert!(cart.tenders.iter().flat_map(|own| &own.amount).all(|own| is_amount(own.amount)));
    assert!(cart.currency.is_none_or(|own| Currency::from_code(own.code()) == Some(own)));
}
