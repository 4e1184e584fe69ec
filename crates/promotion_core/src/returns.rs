//! What comes back with returned units: the money of the stored allocation, and how much of each promotion
//! (spec/lifecycle.md, "Returns"). Nothing is priced again.
//!
//! Every amount is a share of a stored whole that depends only on how much has been returned in all, so
//! that the differences which single returns answer add up to the whole, in any order and grouping.

use crate::exact::Exact;
use crate::money::{Money, Quantity};
use crate::rounding::Rounding;

/// A line of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoughtLine {
    /// How many units were bought; above 0.
    pub quantity: Quantity,
    /// What they cost without any discount.
    pub amount: Money,
    /// The caller's own discount.
    pub callers_discount: Money,
}

/// A promotion or voucher that was redeemed with the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redeemed {
    /// How many applications gave something.
    pub redemption_count: u64,
    /// All that it took off or paid.
    pub discount: Money,
    /// What of that it took off each line; the rest, off shipping and tenders, comes back with the last unit.
    pub lines: Vec<(usize, Money)>,
    /// A payment voucher.
    pub is_voucher: bool,
    /// What it took off tenders.
    pub tenders: Money,
}

/// An order as it was redeemed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its lines.
    pub lines: Vec<BoughtLine>,
    /// What was redeemed.
    pub redeemed: Vec<Redeemed>,
    /// How shares are rounded.
    pub rounding: Rounding,
}

/// What has come back in all, once so many units of each line have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Returned {
    /// Of each line.
    pub lines: Vec<ReturnedLine>,
    /// Of each promotion.
    pub redeemed: Vec<ReturnedShare>,
    /// What promotions took off tenders.
    pub tender_discount: Money,
    /// What vouchers paid.
    pub voucher_value: Money,
}

/// What has come back of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReturnedLine {
    /// What the units cost without any discount.
    pub gross: Money,
    /// What promotions took off them.
    pub discount: Money,
    /// What the caller took off them.
    pub callers_discount: Money,
}

impl ReturnedLine {
    /// What was paid for them, before tender discounts and vouchers.
    pub fn net(&self) -> Money {
        self.gross - self.discount - self.callers_discount
    }
}

/// What has come back of a promotion.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReturnedShare {
    /// Of its discount.
    pub discount: Money,
    /// Of its parts on lines, in the order of [`Redeemed::lines`].
    pub lines: Vec<Money>,
    /// Of its applications.
    pub redemption_count: u64,
}

impl Order {
    /// What has come back once `quantities` of the lines have, each at most what was bought.
    pub fn returned(&self, quantities: &[Quantity]) -> Returned {
        let quantity = |line: usize| quantities.get(line).copied().unwrap_or(Quantity::ZERO);
        let is_back = |line: usize| quantity(line) >= self.lines[line].quantity;
        let all_back = (0..self.lines.len()).all(is_back);
        let share = |line: usize, whole: Money| match self.lines.get(line) {
            Some(bought) if !is_back(line) => self.share(whole, quantity(line).0, bought.quantity.0),
            _ => whole,
        };
        let mut lines: Vec<ReturnedLine> = (0..self.lines.len())
            .map(|line| ReturnedLine {
                gross: share(line, self.lines[line].amount),
                discount: Money::ZERO,
                callers_discount: share(line, self.lines[line].callers_discount),
            })
            .collect();
        let mut redeemed = Vec::with_capacity(self.redeemed.len());
        for own in &self.redeemed {
            let of_lines: Vec<Money> = own.lines.iter().map(|(line, part)| share(*line, *part)).collect();
            for ((line, _), part) in own.lines.iter().zip(&of_lines) {
                if let Some(line) = lines.get_mut(*line) {
                    line.discount += *part;
                }
            }
            redeemed.push(own.share(of_lines, all_back));
        }
        let net: Money = lines.iter().map(ReturnedLine::net).sum();
        let of_all = |whole: Money| if all_back { whole } else { self.share(whole, net.0, self.net().0) };
        let taken_off_tenders: Money = self.redeemed.iter().map(|own| own.tenders).sum();
        let paid_by_vouchers: Money = self.redeemed.iter().filter(|own| own.is_voucher).map(|own| own.discount).sum();
        Returned {
            tender_discount: of_all(taken_off_tenders),
            voucher_value: of_all(paid_by_vouchers),
            lines,
            redeemed,
        }
    }

    /// What the items cost after discounts.
    fn net(&self) -> Money {
        let amounts: Money = self.lines.iter().map(|line| line.amount - line.callers_discount).sum();
        let discounts: Money = self.redeemed.iter().flat_map(|own| &own.lines).map(|(_, part)| *part).sum();
        amounts - discounts
    }

    /// `part` of `of` parts of an amount, rounded once; nothing where there are none (of a net amount that
    /// roundings leave below zero, too).
    fn share(&self, whole: Money, part: i128, of: i128) -> Money {
        if of <= 0 || part <= 0 {
            return Money::ZERO;
        }
        self.rounding.round(&Exact::ratio(whole.0, 1).mul(&Exact::ratio(part, of)))
    }
}

impl Redeemed {
    /// What has come back of it, once `lines` of its parts on lines have: its applications in the proportion
    /// of its discount, cut down; all of them at last, or where there is no discount on lines to go by.
    fn share(&self, lines: Vec<Money>, all_back: bool) -> ReturnedShare {
        if all_back {
            return ReturnedShare { discount: self.discount, lines, redemption_count: self.redemption_count };
        }
        let discount: Money = lines.iter().copied().sum();
        let redemption_count = if self.discount.is_zero() {
            0
        } else {
            let count = Exact::ratio(i128::from(self.redemption_count), 1);
            let back = count.mul(&Exact::ratio(discount.0, self.discount.0)).floor();
            u64::try_from(back).unwrap_or(0).min(self.redemption_count)
        };
        ReturnedShare { discount, lines, redemption_count }
    }
}
