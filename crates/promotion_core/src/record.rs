//! What is stored of a promotion that applied: who gets what of its discount, for redemption, returns,
//! taxes and accounting to look up (spec/evaluation.md 9).

use serde::{Deserialize, Serialize, Serializer};

use crate::evaluation::{Applied, LineDiscount, by_line, cart_part};
use crate::money::{Decimal, InputAmount, InputQuantity, Money, Quantity};

/// The split of a discount, as promo.evaluation.applied has it: only what there is of it, and each line's part as
/// `[line, discount, qty, appliedQty, [[units, discount] ...]]`. promo.evaluation_promotion.allocation shows it in words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// What its line actions take off each line.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "line_parts")]
    pub lines: Vec<LineDiscount>,
    /// What its cart actions take off each line.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "line_parts")]
    pub cart_lines: Vec<LineDiscount>,
    /// What it takes off shipments, by their place in the request.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "places")]
    pub shipments: Vec<(usize, Money)>,
    /// What it takes off tenders, by their place in the request.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "places")]
    pub tenders: Vec<(usize, Money)>,
    /// Units to be added: sku and quantity.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "gifts")]
    pub gifts: Vec<(String, Quantity)>,
}

impl Record {
    /// Of a promotion that applied.
    pub fn of(applied: &Applied<'_>) -> Self {
        Self {
            lines: applied.lines.clone(),
            cart_lines: applied.cart_lines.clone(),
            shipments: applied.shipments.clone(),
            tenders: applied.tenders.clone(),
            gifts: applied.gifts.iter().map(|gift| (gift.sku.to_string(), gift.quantity)).collect(),
        }
    }

    /// What of the promotion's whole discount it takes off on the level of the cart: off lines by its cart
    /// actions, off shipping and tenders. None where there is nothing of the kind, and it stands with its
    /// lines alone.
    pub fn cart_discount(&self, discount: Money) -> Option<Money> {
        let is_on_cart = !self.cart_lines.is_empty() || !self.shipments.is_empty() || !self.tenders.is_empty();
        cart_part(discount, &self.lines, is_on_cart)
    }

    /// What it takes off each line in all, ascending by line; with the units that got cheaper.
    pub fn by_line(&self) -> Vec<(usize, Money, Quantity)> {
        by_line(&self.lines, &self.cart_lines)
    }
}

impl From<StoredRecord<'_>> for Record {
    fn from(stored: StoredRecord<'_>) -> Self {
        let lines = |parts: Vec<StoredLine>| parts.into_iter().map(line_discount).collect();
        let places = |parts: Vec<(usize, InputAmount)>| parts.into_iter().map(|(at, part)| (at, part.0)).collect();
        Self {
            lines: lines(stored.lines),
            cart_lines: lines(stored.cart_lines),
            shipments: places(stored.shipments),
            tenders: places(stored.tenders),
            gifts: stored.gifts.into_iter().map(|gift| (gift.sku.to_owned(), gift.qty)).collect(),
        }
    }
}

/// A [`Record`] as it is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default, expecting = "an allocation")]
pub struct StoredRecord<'a> {
    lines: Vec<StoredLine>,
    cart_lines: Vec<StoredLine>,
    shipments: Vec<(usize, InputAmount)>,
    tenders: Vec<(usize, InputAmount)>,
    #[serde(borrow)]
    gifts: Vec<StoredGift<'a>>,
}

impl Default for StoredRecord<'_> {
    fn default() -> Self {
        let (lines, cart_lines, shipments, tenders, gifts) = Default::default();
        Self { lines, cart_lines, shipments, tenders, gifts }
    }
}

/// A line's part as it is read.
type StoredLine = (usize, InputAmount, InputQuantity, InputQuantity, Vec<(InputQuantity, InputAmount)>);

fn line_discount((line, discount, quantity, applied, runs): StoredLine) -> LineDiscount {
    LineDiscount {
        line,
        discount: discount.0,
        discounted_quantity: quantity.0,
        applied_quantity: applied.0,
        runs: runs.into_iter().map(|(units, part)| (units.0, part.0)).collect(),
    }
}

fn places<S: Serializer>(parts: &[(usize, Money)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(parts.iter().map(|(at, part)| (at, Decimal(part.0))))
}

fn line_parts<S: Serializer>(lines: &[LineDiscount], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(lines.iter().map(|own| {
        let runs: Vec<_> = own.runs.iter().map(|(units, part)| (Decimal(units.0), Decimal(part.0))).collect();
        let quantities = (Decimal(own.discounted_quantity.0), Decimal(own.applied_quantity.0));
        (own.line, Decimal(own.discount.0), quantities.0, quantities.1, runs)
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a gift")]
struct StoredGift<'a> {
    #[serde(borrow)]
    sku: &'a str,
    /// Of a gift for each of so many units there may be more than any line of a request has.
    qty: Quantity,
}

fn gifts<S: Serializer>(gifts: &[(String, Quantity)], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Gift<'a> {
        sku: &'a str,
        qty: Decimal,
    }
    serializer.collect_seq(gifts.iter().map(|(sku, qty)| Gift { sku, qty: Decimal(qty.0) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::InputError;
    use crate::json::{STORED_LIMITS, read};

    #[test]
    fn what_is_stored_is_read_back() {
        let part = |line: usize| LineDiscount {
            line,
            discount: Money(5_000_000),
            discounted_quantity: Quantity(2_000_000),
            applied_quantity: Quantity(3_500_000),
            runs: vec![(Quantity(1_500_000), Money(4_999_999)), (Quantity(500_000), Money(1))],
        };
        let record = Record {
            lines: vec![part(0), part(2)],
            cart_lines: vec![part(2)],
            shipments: vec![(1, Money(1))],
            tenders: vec![(0, Money(20_000_000))],
            gifts: vec![("mug".to_owned(), Quantity(1_000_000))],
        };
        for record in [record.clone(), Record::default(), Record { gifts: Vec::new(), ..record }] {
            let json = serde_json::to_value(&record).expect("JSON");
            let stored: Result<StoredRecord<'_>, InputError> = read(&json, STORED_LIMITS);
            assert_eq!(stored.map(Record::from), Ok(record));
        }
        // A gift of 999,999,999 units, many times over: the most that there are.
        let gifts = Record { gifts: vec![("mug".to_owned(), Quantity(10_i128.pow(30)))], ..Record::default() };
        let json = serde_json::to_value(&gifts).expect("JSON");
        let stored: Result<StoredRecord<'_>, InputError> = read(&json, STORED_LIMITS);
        assert_eq!(stored.map(Record::from), Ok(gifts));
        let empty = serde_json::to_value(Record::default()).expect("JSON");
        assert_eq!(empty, serde_json::json!({}));
        let short = serde_json::to_value(Record { lines: vec![part(7)], ..Record::default() }).expect("JSON");
        let runs = serde_json::json!([["1.5", "4.999999"], ["0.5", "0.000001"]]);
        assert_eq!(short, serde_json::json!({"lines": [[7, "5", "2", "3.5", runs]]}));
    }
}
