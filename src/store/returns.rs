//! Returns of redeemed orders.

use pgrx::datum::IntoDatum;
use promotion_core::claim::Count;
use promotion_core::json::{REQUEST_LIMITS, read};
use promotion_core::money::{Money, Quantity};
use promotion_core::rounding::{Rounding, RoundingMode};

use super::statement::{Access, Row, numeric_texts, statement};
use super::usage::count_of;
use crate::jsonb::JsonbValue;

statement!(
    FIND,
    [INT8OID, TEXTOID, TEXTOID, JSONBOID],
    "SELECT r.request = $4, r.answer FROM promo.return r
      WHERE r.org_id = $1 AND r.transaction_id = $2 AND r.return_id = $3"
);

statement!(
    BUYER,
    [INT8OID, TEXTOID],
    "SELECT t.evaluation_id, t.customer_id FROM promo.transaction t WHERE t.org_id = $1 AND t.transaction_id = $2"
);

statement!(
    TRANSACTION,
    [INT8OID, TEXTOID],
    "SELECT t.evaluation_id, t.customer_id, t.rounding, t.minor_unit::text, t.returned_tender_discount::text,
            t.returned_voucher_value::text
       FROM promo.transaction t WHERE t.org_id = $1 AND t.transaction_id = $2 FOR UPDATE"
);

statement!(
    LINES,
    [INT8OID, TEXTOID],
    "SELECT l.reference_id, l.sku, l.qty::text, l.amount::text, l.callers_discount::text, l.returned_qty::text,
            l.returned_amount::text, l.returned_callers_discount::text
       FROM promo.transaction_line l WHERE l.org_id = $1 AND l.transaction_id = $2 ORDER BY l.line"
);

statement!(
    REDEMPTIONS,
    [INT8OID, TEXTOID],
    "SELECT r.redemption_id, r.promotion_id, r.promotion_version, r.mode = 'PAYMENT_VOUCHER', r.redemption_count,
            r.discount::text, r.tender_discount::text, r.returned_count, r.returned_discount::text,
            r.promo_code, r.earn_id
       FROM promo.redemption r WHERE r.org_id = $1 AND r.transaction_id = $2 ORDER BY r.ordinal"
);

statement!(
    PARTS,
    [INT8OID, TEXTOID],
    "SELECT p.redemption_id, p.line, p.discount::text, p.returned_discount::text
       FROM promo.redemption_line p WHERE p.org_id = $1 AND p.transaction_id = $2 ORDER BY p.redemption_id, p.line"
);

statement!(
    CLAIMS,
    [INT8OID, TEXTOID],
    "SELECT c.promotion_id, c.limit_row, c.subject, c.window_start, l.kpi, c.is_moving, c.overrun::text
       FROM promo.usage_claim c
       JOIN promo.promotion_limit l
         ON l.org_id = $1 AND l.promotion_id = c.promotion_id AND l.limit_row = c.limit_row
      WHERE c.org_id = $1 AND c.evaluation_id = $2 AND c.state = 'REDEEMED'
      ORDER BY c.promotion_id, c.limit_row, c.subject"
);

statement!(
    RETURN_CLAIMS,
    [INT8OID, TEXTOID, TEXTARRAYOID, INT4ARRAYOID, TEXTARRAYOID, TEXTARRAYOID],
    "UPDATE promo.usage_claim c
        SET returned = c.returned + d.amount::numeric, overrun = greatest(c.overrun - d.amount::numeric, 0)
       FROM ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6))
            AS d (promotion_id, limit_row, subject, amount)
      WHERE c.org_id = $1 AND c.evaluation_id = $2 AND c.promotion_id = d.promotion_id AND c.limit_row = d.limit_row
        AND c.subject = d.subject"
);

statement!(
    ADD,
    [
        INT8OID,
        TEXTOID,
        TEXTOID,
        TIMESTAMPTZOID,
        JSONBOID,
        JSONBOID,
        TEXTOID,
        TEXTOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        INT8ARRAYOID,
        TEXTARRAYOID,
        TEXTARRAYOID,
        INT4ARRAYOID,
        TEXTARRAYOID
    ],
    "WITH totals AS (
         UPDATE promo.transaction t
            SET returned_tender_discount = $7::numeric, returned_voucher_value = $8::numeric
          WHERE t.org_id = $1 AND t.transaction_id = $2
     ), lines AS (
         UPDATE promo.transaction_line l
            SET returned_qty = d.qty::numeric, returned_amount = d.amount::numeric,
                returned_callers_discount = d.discount::numeric
           FROM ROWS FROM (pg_catalog.unnest($9), pg_catalog.unnest($10), pg_catalog.unnest($11)) WITH ORDINALITY
                AS d (qty, amount, discount, ordinal)
          WHERE l.org_id = $1 AND l.transaction_id = $2 AND l.line = d.ordinal - 1 AND l.returned_qty <> d.qty::numeric
     ), redemptions AS (
         UPDATE promo.redemption r SET returned_count = d.count, returned_discount = d.discount::numeric
           FROM ROWS FROM (pg_catalog.unnest($12), pg_catalog.unnest($13), pg_catalog.unnest($14))
                AS d (id, count, discount)
          WHERE r.org_id = $1 AND r.transaction_id = $2 AND r.redemption_id = d.id
     ), parts AS (
         UPDATE promo.redemption_line p SET returned_discount = d.discount::numeric
           FROM ROWS FROM (pg_catalog.unnest($15), pg_catalog.unnest($16), pg_catalog.unnest($17))
                AS d (id, line, discount)
          WHERE p.org_id = $1 AND p.transaction_id = $2 AND p.redemption_id = d.id AND p.line = d.line
     )
     INSERT INTO promo.return (org_id, transaction_id, return_id, returned_at, request, answer)
     VALUES ($1, $2, $3, $4, $5, $6)"
);

/// An order with what came back of it until now.
pub struct Bought {
    /// The evaluation.
    pub evaluation_id: String,
    /// The customer; None: a guest.
    pub customer_id: Option<String>,
    /// How its returns are rounded.
    pub rounding: Rounding,
    /// What came back of tender discounts.
    pub returned_tender_discount: Money,
    /// What came back of vouchers.
    pub returned_voucher_value: Money,
    /// Its lines.
    pub lines: Vec<Line>,
    /// Its redemptions.
    pub redemptions: Vec<Redemption>,
}

/// A line of an order.
pub struct Line {
    /// Its referenceId; None: it stands for a cart without items.
    pub reference_id: Option<String>,
    /// What was bought.
    pub sku: Option<String>,
    /// How many units.
    pub quantity: Quantity,
    /// Their amount.
    pub amount: Money,
    /// The caller's own discount.
    pub callers_discount: Money,
    /// How many units came back.
    pub returned_quantity: Quantity,
    /// What of the amount came back.
    pub returned_amount: Money,
    /// What of the caller's discount came back.
    pub returned_callers_discount: Money,
}

/// A redemption of an order.
pub struct Redemption {
    /// Its id.
    pub redemption_id: String,
    /// The promotion.
    pub promotion_id: String,
    /// The version.
    pub version: i32,
    /// A payment voucher.
    pub is_voucher: bool,
    /// How many applications gave something.
    pub count: u64,
    /// What it took off, or paid.
    pub discount: Money,
    /// What of that it took off tenders.
    pub tender_discount: Money,
    /// How many applications came back.
    pub returned_count: u64,
    /// What of the discount came back.
    pub returned_discount: Money,
    /// The code, as sent.
    pub promo_code: Option<String>,
    /// The instance.
    pub earn_id: Option<String>,
    /// Its parts on lines: the line, the part, what of it came back.
    pub parts: Vec<(usize, Money, Money)>,
}

/// A rounding mode by its word.
fn rounding_mode(word: &str) -> Option<RoundingMode> {
    read(&serde_json::Value::from(word), REQUEST_LIMITS).ok()
}

/// The answer of a return that is there already, and whether it was the same request's.
pub fn find(org_id: i64, transaction_id: &str, return_id: &str, request: JsonbValue) -> Option<(bool, JsonbValue)> {
    let parameters = [org_id.into_datum(), transaction_id.into_datum(), return_id.into_datum(), request.into_datum()];
    let found = |row: &Row<'_>| Some((row.is_true(1), row.kept(2)?));
    FIND.with(|statement| statement.run(Access::Write, &parameters, found)).pop().flatten()
}

/// Whose an order is: its evaluation and customer (None: a guest's); None: there is no such order.
pub fn buyer(org_id: i64, transaction_id: &str) -> Option<(String, Option<String>)> {
    let parameters = [org_id.into_datum(), transaction_id.into_datum()];
    let buyer = |row: &Row<'_>| Some((row.text(1)?, row.text(2)));
    BUYER.with(|statement| statement.run(Access::Write, &parameters, buyer)).pop().flatten()
}

/// An order with what came back of it; None: there is none. Nobody else changes it any more.
pub fn bought(org_id: i64, transaction_id: &str) -> Option<Bought> {
    let parameters = [org_id.into_datum(), transaction_id.into_datum()];
    let read = |row: &Row<'_>| {
        Some(Bought {
            evaluation_id: row.text(1)?,
            customer_id: row.text(2),
            rounding: Rounding { mode: row.text(3).and_then(|word| rounding_mode(&word))?, minor: row.millionths(4) },
            returned_tender_discount: Money(row.millionths(5)),
            returned_voucher_value: Money(row.millionths(6)),
            lines: Vec::new(),
            redemptions: Vec::new(),
        })
    };
    let mut bought = TRANSACTION.with(|statement| statement.run(Access::Write, &parameters, read)).pop().flatten()?;
    bought.lines = LINES.with(|statement| {
        statement.run(Access::Write, &parameters, |row| Line {
            reference_id: row.text(1),
            sku: row.text(2),
            quantity: Quantity(row.millionths(3)),
            amount: Money(row.millionths(4)),
            callers_discount: Money(row.millionths(5)),
            returned_quantity: Quantity(row.millionths(6)),
            returned_amount: Money(row.millionths(7)),
            returned_callers_discount: Money(row.millionths(8)),
        })
    });
    let whole = |value: Option<i64>| value.and_then(|value| u64::try_from(value).ok()).unwrap_or(0);
    bought.redemptions = REDEMPTIONS.with(|statement| {
        statement.run(Access::Write, &parameters, |row| Redemption {
            redemption_id: row.text(1).unwrap_or_default(),
            promotion_id: row.text(2).unwrap_or_default(),
            version: row.int(3).unwrap_or_default(),
            is_voucher: row.is_true(4),
            count: whole(row.bigint(5)),
            discount: Money(row.millionths(6)),
            tender_discount: Money(row.millionths(7)),
            returned_count: whole(row.bigint(8)),
            returned_discount: Money(row.millionths(9)),
            promo_code: row.text(10),
            earn_id: row.text(11),
            parts: Vec::new(),
        })
    });
    let parts = PARTS.with(|statement| {
        statement.run(Access::Write, &parameters, |row| {
            let line = row.int(2).and_then(|line| usize::try_from(line).ok()).unwrap_or(0);
            (row.text(1).unwrap_or_default(), (line, Money(row.millionths(3)), Money(row.millionths(4))))
        })
    });
    for (redemption_id, part) in parts {
        if let Some(own) = bought.redemptions.iter_mut().find(|own| own.redemption_id == redemption_id) {
            own.parts.push(part);
        }
    }
    Some(bought)
}

/// A claim of an order's redemptions.
pub struct Claimed {
    /// Of which count.
    pub count: Count,
    /// REDEMPTION, TRANSACTION or DISCOUNT.
    pub kpi: String,
    /// Of a MOVING limit: what of it was beyond the limit; None for the others, whose counts know.
    pub overrun: Option<i128>,
}

/// The claims of an order's redemptions.
pub fn claims(org_id: i64, evaluation_id: &str) -> Vec<Claimed> {
    let parameters = [org_id.into_datum(), evaluation_id.into_datum()];
    let claimed = |row: &Row<'_>| {
        let overrun = row.is_true(6).then(|| row.millionths(7));
        Some(Claimed { count: count_of(row, 1)?, kpi: row.text(5)?, overrun })
    };
    CLAIMS.with(|statement| statement.run(Access::Write, &parameters, claimed)).into_iter().flatten().collect()
}

/// Notes what comes back of an order's claims.
pub fn return_claims(org_id: i64, evaluation_id: &str, claims: &[(Count, i128)]) {
    if claims.is_empty() {
        return;
    }
    let parameters = [
        org_id.into_datum(),
        evaluation_id.into_datum(),
        claims.iter().map(|(count, _)| count.promotion_id.clone()).collect::<Vec<_>>().into_datum(),
        claims.iter().map(|(count, _)| count.row as i32).collect::<Vec<_>>().into_datum(),
        claims.iter().map(|(count, _)| count.subject.clone()).collect::<Vec<_>>().into_datum(),
        numeric_texts(claims.iter().map(|(_, amount)| *amount)),
    ];
    RETURN_CLAIMS.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
}

/// A return on its way into the tables; the order has what came back of it in all, this return included.
pub struct Return<'r> {
    /// The organization.
    pub org_id: i64,
    /// The order.
    pub transaction_id: &'r str,
    /// The return.
    pub return_id: &'r str,
    /// When, by the database's clock.
    pub now: i64,
    /// The request as it came.
    pub request: JsonbValue,
    /// The answer.
    pub answer: JsonbValue,
    /// The order.
    pub bought: &'r Bought,
}

/// Enters a return.
pub fn add(entered: &Return<'_>) {
    let Bought { lines, redemptions, .. } = entered.bought;
    let parts: Vec<(&str, usize, Money)> = redemptions
        .iter()
        .flat_map(|own| own.parts.iter().map(|(line, _, back)| (own.redemption_id.as_str(), *line, *back)))
        .collect();
    let counts = |own: &Redemption| i64::try_from(own.returned_count).unwrap_or(i64::MAX);
    let parameters = [
        entered.org_id.into_datum(),
        entered.transaction_id.into_datum(),
        entered.return_id.into_datum(),
        entered.now.into_datum(),
        entered.request.into_datum(),
        entered.answer.into_datum(),
        entered.bought.returned_tender_discount.to_string().into_datum(),
        entered.bought.returned_voucher_value.to_string().into_datum(),
        numeric_texts(lines.iter().map(|line| line.returned_quantity.0)),
        numeric_texts(lines.iter().map(|line| line.returned_amount.0)),
        numeric_texts(lines.iter().map(|line| line.returned_callers_discount.0)),
        redemptions.iter().map(|own| own.redemption_id.clone()).collect::<Vec<_>>().into_datum(),
        redemptions.iter().map(counts).collect::<Vec<_>>().into_datum(),
        numeric_texts(redemptions.iter().map(|own| own.returned_discount.0)),
        parts.iter().map(|(id, ..)| (*id).to_owned()).collect::<Vec<_>>().into_datum(),
        parts.iter().map(|(_, line, _)| *line as i32).collect::<Vec<_>>().into_datum(),
        numeric_texts(parts.iter().map(|(.., back)| back.0)),
    ];
    ADD.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
}
