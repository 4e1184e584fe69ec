//! What one action gives.

use crate::condition::Matched;
use crate::money::{Money, Quantity};
use crate::units::{Piece, Pieces};

/// Units that the caller is to add to the cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gift {
    /// Of which product.
    pub sku: String,
    /// How many.
    pub quantity: Quantity,
}

/// The trigger quantity of so many applications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serving {
    /// What matched, on the line that they are about; None: what the promotion's condition matched.
    pub matched: Option<Matched>,
    /// How many applications.
    pub times: i128,
}

impl Serving {
    /// Of the promotion's own trigger quantity.
    pub fn of(times: i128) -> Self {
        Self { matched: None, times }
    }
}

/// What one action gives; something, or there is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Effect {
    /// Units of items, marked or lowered; those of one line stand together, lines in canonical order.
    pub pieces: Pieces,
    /// It falls on units of lines (else on the cart as a whole).
    pub is_of_lines: bool,
    /// Units that had to be bought for it and got none of it, per line, ascending.
    pub triggers: Vec<(usize, Quantity)>,
    /// Units that had to be bought for it are looked for once it has been taken: they may be those that got
    /// the benefit.
    pub serving: Vec<Serving>,
    /// Off shipments.
    pub shipments: Vec<Piece>,
    /// Off tenders.
    pub tenders: Vec<Piece>,
    /// Units to be added.
    pub gifts: Vec<Gift>,
    /// How many applications gave something.
    pub count: i128,
}

impl Effect {
    /// All that it takes off.
    pub fn discount(&self) -> Money {
        self.pieces.iter().chain(&self.shipments).chain(&self.tenders).map(|piece| piece.discount).sum()
    }

    /// It, if it gives anything.
    pub fn if_any(self) -> Option<Self> {
        (!self.discount().is_zero() || !self.gifts.is_empty()).then_some(self)
    }
}
