//! `identifier`: the receipt that an answer gives out with each entry of a promotion (spec/api.md). It
//! is no authority: redemption compares it with what is stored.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::money::{Money, Quantity};
use crate::record::Record;

/// What an identifier is the base64 of, with keys in this order.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt<'a> {
    promotion_id: &'a str,
    discount: Money,
    amount: Money,
    redemption_count: u64,
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sku: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    discount_applied_qty: Option<Quantity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    promotion_applied_qty: Option<Quantity>,
}

impl<'a> Receipt<'a> {
    /// Of an entry on the level of the cart; `amount` is the cart's.
    pub fn of_cart(promotion_id: &'a str, discount: Money, amount: Money, redemption_count: u64) -> Self {
        Self {
            promotion_id,
            discount,
            amount,
            redemption_count,
            version: "v1",
            sku: None,
            discount_applied_qty: None,
            promotion_applied_qty: None,
        }
    }

    /// Of an entry on a line; `amount` is the line's. `discounted` units got cheaper, `applied` are those
    /// and the ones that had to be bought for it.
    pub fn of_line(
        promotion_id: &'a str,
        discount: Money,
        (sku, amount): (&'a str, Money),
        redemption_count: u64,
        (discounted, applied): (Quantity, Quantity),
    ) -> Self {
        Self {
            sku: Some(sku),
            discount_applied_qty: Some(discounted),
            promotion_applied_qty: Some(applied),
            ..Self::of_cart(promotion_id, discount, amount, redemption_count)
        }
    }

    /// What the entry is worth.
    pub fn discount(&self) -> Money {
        self.discount
    }

    /// How many applications gave something.
    pub fn redemption_count(&self) -> u64 {
        self.redemption_count
    }

    /// The line's units whose price fell; None on the level of the cart.
    pub fn discounted_quantity(&self) -> Option<Quantity> {
        self.discount_applied_qty
    }

    /// Those, and the units that had to be bought; None on the level of the cart.
    pub fn applied_quantity(&self) -> Option<Quantity> {
        self.promotion_applied_qty
    }

    /// The identifier.
    pub fn encoded(&self) -> String {
        // Longer than most.
        let mut json = Vec::with_capacity(320);
        // Strings and numbers under constant keys, written to memory: there is nothing in it that can't be.
        let written = serde_json::to_writer(&mut json, self);
        debug_assert!(written.is_ok(), "a receipt is JSON");
        STANDARD.encode(json)
    }
}

/// The identifiers that an answer gave out for a promotion: `lines` are the cart's, (sku, amount) each.
pub fn identifiers(
    promotion_id: &str,
    discount: Money,
    redemption_count: u64,
    record: &Record,
    cart_amount: Money,
    lines: &[(&str, Money)],
) -> Vec<String> {
    let of_cart = record
        .cart_discount(discount)
        .map(|own| Receipt::of_cart(promotion_id, own, cart_amount, redemption_count).encoded());
    let of_lines = record.lines.iter().filter_map(|part| {
        let line = *lines.get(part.line)?;
        let quantities = (part.discounted_quantity, part.applied_quantity);
        Some(Receipt::of_line(promotion_id, part.discount, line, redemption_count, quantities).encoded())
    });
    of_cart.into_iter().chain(of_lines).collect()
}
