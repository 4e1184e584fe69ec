//! Carts made and changed as requests do it.

use promotion_core::currency::Currency;
use promotion_core::money::{MILLION, Money, Quantity};
use promotion_core::rounding::{Rounding, RoundingMode};
use promotion_core::stored_cart::{Changes, Content, Item, NewCart};
use serde_json::Value;

pub const CENTS: Rounding = Rounding { mode: RoundingMode::HalfUp, minor: 10_000 };

pub fn cents(cents: i128) -> Money {
    Money(cents * 10_000)
}

pub fn units(units: i128) -> Quantity {
    Quantity(units * MILLION)
}

pub fn currency(code: &str) -> Currency {
    Currency::from_code(code).expect("a currency")
}

/// A new cart in US dollars, or why there is none.
pub fn tried(request: &Value) -> Result<Content, String> {
    let new = NewCart::parse(request).map_err(|error| error.to_string())?;
    let mut content = Content::new(new.currency.unwrap_or(Currency::USD));
    content.change(new.changes, CENTS).map_err(|error| error.to_string())?;
    Ok(content)
}

pub fn made(request: Value) -> Content {
    tried(&request).unwrap_or_else(|error| panic!("{error}: {request}"))
}

/// A cart with changes, or why there are none.
pub fn tried_on(content: &Content, changes: &Value) -> Result<Content, String> {
    let changes = Changes::parse(changes).map_err(|error| error.to_string())?;
    let mut changed = content.clone();
    changed.change(changes, CENTS).map_err(|error| error.to_string())?;
    Ok(changed)
}

pub fn changed(content: &Content, changes: Value) -> Content {
    tried_on(content, &changes).unwrap_or_else(|error| panic!("{error}: {changes}"))
}

/// The lines, each as "lineItemId sku quantity amount", amounts and quantities in millionths.
pub fn lines(content: &Content) -> Vec<String> {
    let line = |item: &Item| format!("{} {} {} {}", item.line_item_id, item.sku, item.quantity, item.amount);
    content.items.iter().map(line).collect()
}

pub fn ids(content: &Content) -> Vec<&str> {
    content.items.iter().map(|item| item.line_item_id.as_str()).collect()
}
