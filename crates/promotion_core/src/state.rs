//! What promotions have left of a cart so far: of its items and of its shipping.

use crate::money::Money;
use crate::units::{Basket, Marking, Piece};

/// What is left of a cart.
#[derive(Debug, Clone)]
pub struct CartState<'b, 'c> {
    /// The items and, where the cart has shipping, one more line that stands for all of it.
    pub items: Basket<'b, 'c>,
    /// The shipments, a line each.
    pub shipments: Basket<'b, 'c>,
}

impl CartState<'_, '_> {
    /// What all shipments have left.
    pub fn shipping_left(&self) -> Money {
        self.shipments.items_left()
    }

    /// What is to be paid, tenders and vouchers aside.
    pub fn payable(&self) -> Money {
        self.items.items_left() + self.shipping_left()
    }

    /// The line that stands for the shipping.
    pub fn shipping_line(&self) -> Option<usize> {
        (self.items.line_count() > self.items.item_count()).then(|| self.items.item_count())
    }

    /// Takes off shipments.
    pub fn take_shipping(&mut self, pieces: &[Piece]) {
        self.shipments.take(pieces, Marking::default());
        if let Some(line) = self.shipping_line() {
            self.items.take_from_line(line, pieces.iter().map(|piece| piece.discount).sum());
        }
    }
}
