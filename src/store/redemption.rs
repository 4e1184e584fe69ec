//! Redeemed orders.

use pgrx::datum::IntoDatum;
use promotion_core::cart::Cart;
use promotion_core::definition::spelled;
use promotion_core::money::{MILLION, Money, Quantity, shortest};
use promotion_core::record::Record;
use promotion_core::rounding::Rounding;

use super::organization::may_act_for;
use super::statement::{Access, Row, numeric_texts, statement};
use crate::error::{ApiError, ApiResult};
use crate::jsonb::JsonbValue;

statement!(
    FIND,
    [INT8OID, TEXTOID, JSONBOID],
    concat!(
        "SELECT ",
        may_act_for!(),
        ", EXISTS (SELECT FROM promo.organization o WHERE o.org_id = $1), t.request = $3, t.answer
           FROM (SELECT) one
           LEFT JOIN promo.transaction t ON t.org_id = $1 AND t.transaction_id = $2"
    )
);

statement!(
    ADD,
    [
        INT8OID,
        TEXTOID,
        TEXTOID,
        TEXTOID,
        TEXTOID,
        TIMESTAMPTZOID,
        TIMESTAMPTZOID,
        JSONBOID,
        JSONBOID,
        BOOLOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        INT4ARRAYOID,
        BOOLARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        INT8ARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        INT4ARRAYOID,
        INT4ARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        TEXTOID,
        TEXTOID
    ],
    "WITH entered AS (
         INSERT INTO promo.transaction
                (org_id, transaction_id, evaluation_id, customer_id, currency, redeemed_at, transaction_date, request,
                 answer, overrun, rounding, minor_unit)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $29, $30::numeric)
         ON CONFLICT (org_id, transaction_id) DO NOTHING
         RETURNING 1
     ), lines AS (
         INSERT INTO promo.transaction_line
                (org_id, transaction_id, line, reference_id, sku, qty, amount, callers_discount)
         SELECT $1, $2, l.ordinal - 1, l.reference_id, l.sku, l.qty::numeric, l.amount::numeric, l.discount::numeric
           FROM entered,
                ROWS FROM (pg_catalog.unnest($11), pg_catalog.unnest($12), pg_catalog.unnest($13),
                           pg_catalog.unnest($14), pg_catalog.unnest($15)) WITH ORDINALITY
                AS l (reference_id, sku, qty, amount, discount, ordinal)
     ), redemptions AS (
         INSERT INTO promo.redemption
                (org_id, transaction_id, redemption_id, ordinal, promotion_id, promotion_version, mode, promo_code,
                 earn_id, redemption_count, discount, tender_discount)
         SELECT $1, $2, r.id, r.ordinal, r.promotion_id, r.version,
                CASE WHEN r.is_voucher THEN 'PAYMENT_VOUCHER' ELSE 'DISCOUNT' END, r.promo_code, r.earn_id, r.count,
                r.discount::numeric, r.off_tenders::numeric
           FROM entered,
                ROWS FROM (pg_catalog.unnest($16), pg_catalog.unnest($17), pg_catalog.unnest($18),
                           pg_catalog.unnest($19), pg_catalog.unnest($20), pg_catalog.unnest($21),
                           pg_catalog.unnest($22), pg_catalog.unnest($23), pg_catalog.unnest($24)) WITH ORDINALITY
                AS r (id, promotion_id, version, is_voucher, promo_code, earn_id, count, discount, off_tenders, ordinal)
     ), parts AS (
         INSERT INTO promo.redemption_line (org_id, transaction_id, redemption_id, line, qty, discount)
         SELECT $1, $2, ($16)[p.redemption], p.line, p.qty::numeric, p.discount::numeric
           FROM entered,
                ROWS FROM (pg_catalog.unnest($25), pg_catalog.unnest($26), pg_catalog.unnest($27),
                           pg_catalog.unnest($28)) AS p (redemption, line, qty, discount)
     )
     SELECT 1 FROM entered"
);

/// A promotion or voucher that an evaluation gives, as the ledger and redemptions name it.
#[derive(Debug, Clone)]
pub struct Given {
    /// The promotion.
    pub promotion_id: String,
    /// Its version.
    pub version: i32,
    /// The code, as sent.
    pub promo_code: Option<String>,
    /// The instance.
    pub earn_id: Option<String>,
    /// How many applications gave something.
    pub redemption_count: u64,
    /// What it takes off, or pays.
    pub discount: Money,
    /// A payment voucher.
    pub is_voucher: bool,
}

/// What is sold: an evaluation as it is redeemed.
#[derive(Debug, Clone)]
pub struct Sale {
    /// The evaluation.
    pub evaluation_id: String,
    /// The customer; None: a guest.
    pub customer_id: Option<String>,
    /// The cart's currency.
    pub currency: String,
    /// The instant that the cart was priced at, a timestamptz.
    pub priced_at: i64,
    /// The amount of the items.
    pub amount: Money,
    /// The lines; of a cart without items one for its amount.
    pub lines: Vec<SoldLine>,
    /// What is redeemed with it.
    pub sold: Vec<Sold>,
}

/// A promotion or voucher of a sale.
#[derive(Debug, Clone)]
pub struct Sold {
    /// Which one.
    pub given: Given,
    /// Who gets what of it.
    pub record: Record,
}

/// A line of a sale.
#[derive(Debug, Clone)]
pub struct SoldLine {
    /// Its referenceId; None: it stands for a cart without items.
    pub reference_id: Option<String>,
    /// What is bought.
    pub sku: Option<String>,
    /// How many units.
    pub quantity: Quantity,
    /// Their amount.
    pub amount: Money,
    /// The caller's own discount.
    pub callers_discount: Money,
}

impl SoldLine {
    /// The lines of a cart, whose reference ids are given.
    pub fn of(cart: &Cart<'_>, references: &[String]) -> Vec<Self> {
        if cart.lines.is_empty() {
            return vec![Self {
                reference_id: None,
                sku: None,
                quantity: Quantity(MILLION),
                amount: cart.amount,
                callers_discount: Money::ZERO,
            }];
        }
        let line = |(place, line): (usize, &promotion_core::cart::Line<'_>)| Self {
            reference_id: references.get(place).cloned(),
            sku: Some(line.sku.to_owned()),
            quantity: line.quantity,
            amount: line.amount,
            callers_discount: line.discount,
        };
        cart.lines.iter().enumerate().map(line).collect()
    }
}

/// An order on its way into the tables.
pub struct Order<'o> {
    /// The organization.
    pub org_id: i64,
    /// The order's id.
    pub transaction_id: &'o str,
    /// What is sold.
    pub sale: &'o Sale,
    /// The ids of its redemptions.
    pub redemption_ids: &'o [String],
    /// When, by the database's clock.
    pub redeemed_at: i64,
    /// The order's own time.
    pub transaction_date: i64,
    /// The request as it came.
    pub request: JsonbValue,
    /// The answer.
    pub answer: JsonbValue,
    /// Recorded though it was not allowed.
    pub overrun: bool,
    /// How its returns are rounded.
    pub rounding: Rounding,
}

/// The answer of an order that is there already, and whether it was the same request's. 42501 or 404 unless the
/// caller may act for an organization that exists.
pub fn find(org_id: i64, transaction_id: Option<&str>, request: JsonbValue) -> ApiResult<Option<(bool, JsonbValue)>> {
    let parameters = [org_id.into_datum(), transaction_id.into_datum(), request.into_datum()];
    let read = |row: &Row<'_>| (row.is_true(1), row.is_true(2), row.kept(4).map(|answer| (row.is_true(3), answer)));
    match FIND.with(|statement| statement.run(Access::Write, &parameters, read)).pop() {
        Some((true, true, found)) => Ok(found),
        Some((true, false, _)) => Err(ApiError::unknown_organization(org_id)),
        _ => Err(ApiError::not_a_member(org_id)),
    }
}

/// Enters an order; answers whether its id was free.
pub fn add(order: &Order<'_>) -> bool {
    let (sale, sold) = (order.sale, &order.sale.sold);
    let line_texts =
        |of: &dyn Fn(&SoldLine) -> Option<String>| sale.lines.iter().map(of).collect::<Vec<_>>().into_datum();
    let texts =
        |of: &dyn Fn(&Given) -> Option<String>| sold.iter().map(|own| of(&own.given)).collect::<Vec<_>>().into_datum();
    let off_tenders = |own: &Sold| own.record.tenders.iter().map(|(_, part)| part.0).sum::<i128>();
    let parts: Vec<(i32, i32, i128, i128)> = sold
        .iter()
        .enumerate()
        .flat_map(|(place, own)| {
            let part = move |(line, discount, quantity): (usize, Money, Quantity)| {
                (place as i32 + 1, line as i32, quantity.0, discount.0)
            };
            own.record.by_line().into_iter().map(part)
        })
        .collect();
    let counts = |own: &Sold| i64::try_from(own.given.redemption_count).unwrap_or(i64::MAX);
    let parameters = [
        order.org_id.into_datum(),
        order.transaction_id.into_datum(),
        sale.evaluation_id.as_str().into_datum(),
        sale.customer_id.as_deref().into_datum(),
        sale.currency.as_str().into_datum(),
        order.redeemed_at.into_datum(),
        order.transaction_date.into_datum(),
        order.request.into_datum(),
        order.answer.into_datum(),
        order.overrun.into_datum(),
        line_texts(&|line| line.reference_id.clone()),
        line_texts(&|line| line.sku.clone()),
        line_texts(&|line| Some(line.quantity.to_string())),
        line_texts(&|line| Some(line.amount.to_string())),
        line_texts(&|line| Some(line.callers_discount.to_string())),
        order.redemption_ids.to_vec().into_datum(),
        texts(&|own| Some(own.promotion_id.clone())),
        sold.iter().map(|own| own.given.version).collect::<Vec<_>>().into_datum(),
        sold.iter().map(|own| own.given.is_voucher).collect::<Vec<_>>().into_datum(),
        texts(&|own| own.promo_code.clone()),
        texts(&|own| own.earn_id.clone()),
        sold.iter().map(counts).collect::<Vec<_>>().into_datum(),
        texts(&|own| Some(own.discount.to_string())),
        numeric_texts(sold.iter().map(off_tenders)),
        parts.iter().map(|(place, ..)| *place).collect::<Vec<_>>().into_datum(),
        parts.iter().map(|(_, line, ..)| *line).collect::<Vec<_>>().into_datum(),
        numeric_texts(parts.iter().map(|(_, _, quantity, _)| *quantity)),
        numeric_texts(parts.iter().map(|(.., discount)| *discount)),
        spelled(order.rounding.mode).into_datum(),
        shortest(order.rounding.minor).into_datum(),
    ];
    !ADD.with(|statement| statement.run(Access::Write, &parameters, |_| ())).is_empty()
}
