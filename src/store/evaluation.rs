//! Evaluations as they are kept, and as they are redeemed.

use pgrx::datum::IntoDatum;
use promotion_core::cart::Cart;
use promotion_core::error::InputError;
use promotion_core::evaluation::{Applied, AppliedVoucher, Evaluation};
use promotion_core::json::{STORED_LIMITS, read};
use promotion_core::money::{InputAmount, Money};
use promotion_core::record::{Record, StoredRecord};
use promotion_core::ruleset::Ruleset;
use promotion_core::situation::Till;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::redemption::{Given, Sale, Sold, SoldLine};
use super::statement::{Access, Parameter, Row, json_text, statement};
use crate::clock;
use crate::error::{ApiError, ApiResult};
use crate::ids;
use crate::jsonb::{Jsonb, JsonbValue};
use crate::jsonb_writer::jsonb_of;

statement!(
    KEEP,
    [
        INT8OID,
        TEXTOID,
        TIMESTAMPTZOID,
        TIMESTAMPTZOID,
        TEXTOID,
        TEXTOID,
        TEXTOID,
        TEXTOID,
        TEXTARRAYOID,
        JSONBOID,
        TEXTARRAYOID,
        JSONOID,
        JSONBOID,
        JSONBOID
    ],
    "INSERT INTO promo.evaluation
            (org_id, evaluation_id, evaluated_at, priced_at, customer_id, cart_id, till_code, currency,
             amount, total_discount, payable_amount, request, line_references, applied, vouchers, search)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8,
             ($9)[1]::numeric, ($9)[2]::numeric, ($9)[3]::numeric, $10, coalesce($11, '{}'), $12, $13, $14)"
);

/// An evaluation on its way into the tables.
pub struct Kept<'k, 'a> {
    /// The organization.
    pub org_id: i64,
    /// 24 hex digits.
    pub evaluation_id: &'k str,
    /// The database's clock, as a timestamptz.
    pub evaluated_at: i64,
    /// The instant that the cart was priced at, in epoch milliseconds.
    pub priced_at: i64,
    /// The till.
    pub till_code: Option<&'k str>,
    /// The request as it came.
    pub request: JsonbValue,
    /// The caller's id of the cart, be it from an evaluation that the request names.
    pub cart_id: Option<&'k str>,
    /// The cart read from it.
    pub cart: &'k Cart<'a>,
    /// The referenceId of each line.
    pub line_references: &'k [String],
    /// The result.
    pub evaluation: &'k Evaluation<'a>,
    /// What it was computed with.
    pub ruleset: &'k Ruleset,
}

/// Keeps an evaluation with all that applied.
pub fn keep(kept: &Kept<'_, '_>) {
    let cart = kept.cart;
    let amounts = [cart.amount, kept.evaluation.total_discount, kept.evaluation.payable_amount];
    let parameters = [
        kept.org_id.into_datum(),
        kept.evaluation_id.into_datum(),
        kept.evaluated_at.into_datum(),
        clock::timestamptz(kept.priced_at).into_datum(),
        cart.customer_id.as_ref().map(|id| id.key().into_owned()).into_datum(),
        kept.cart_id.into_datum(),
        kept.till_code.into_datum(),
        cart.currency.unwrap_or(kept.ruleset.settings.currency).code().into_datum(),
        amounts.map(|amount| amount.to_string()).to_vec().into_datum(),
        kept.request.into_datum(),
        kept.line_references.to_vec().into_datum(),
        applied(kept),
        vouchers(kept),
        kept.evaluation.search.and_then(|search| jsonb_of(&search).into_datum()),
    ];
    KEEP.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
}

/// One of promo.evaluation.applied.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KeptPromotion<'k> {
    promotion_id: &'k str,
    version: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    promo_code: Option<&'k str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    earn_id: Option<&'k str>,
    redemption_count: i64,
    discount: Money,
    allocation: Record,
}

impl<'k> KeptPromotion<'k> {
    fn of(applied: &'k Applied<'_>, ruleset: &'k Ruleset) -> Self {
        let promotion = ruleset.promotion(applied.place);
        Self {
            promotion_id: &promotion.id,
            version: promotion.version,
            promo_code: applied.promo_code.as_deref(),
            earn_id: applied.earn_id.as_deref(),
            redemption_count: i64::try_from(applied.redemption_count).unwrap_or(i64::MAX),
            discount: applied.discount,
            allocation: Record::of(applied),
        }
    }
}

/// The promotions that applied, as promo.evaluation.applied has them.
fn applied(kept: &Kept<'_, '_>) -> Parameter {
    let applied = &kept.evaluation.applied;
    if applied.is_empty() {
        return None;
    }
    json_text(&applied.iter().map(|own| KeptPromotion::of(own, kept.ruleset)).collect::<Vec<_>>())
}

/// The vouchers that pay, as promo.evaluation.vouchers has them.
fn vouchers(kept: &Kept<'_, '_>) -> Parameter {
    let vouchers = &kept.evaluation.vouchers;
    if vouchers.is_empty() {
        return None;
    }
    let entry = |voucher: &AppliedVoucher<'_>| {
        let promotion = kept.ruleset.promotion(voucher.place);
        let (key, by) = match (voucher.code, &voucher.earn_id) {
            (Some(code), _) => ("code", Some(code)),
            (None, earn_id) => ("earnId", earn_id.as_deref()),
        };
        json!({
            "promotionId": promotion.id, "version": promotion.version, key: by,
            "value": voucher.value, "redeemable": voucher.redeemable,
        })
    };
    jsonb_of(&vouchers.iter().map(entry).collect::<Vec<_>>()).into_datum()
}

statement!(
    OWNER,
    [INT8OID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID],
    "SELECT e.customer_id, e.cart_id FROM promo.evaluation e
      WHERE e.org_id = $1 AND e.evaluation_id = $2 AND e.evaluated_at >= $3 AND e.evaluated_at < $4"
);

statement!(
    PENDING,
    [INT8OID, TEXTOID, TIMESTAMPTZOID],
    "SELECT pg_catalog.jsonb_build_object('tempRedemptionDetails', pg_catalog.jsonb_agg(
                pg_catalog.jsonb_build_object(
                    'cartEvaluationId', s.evaluation_id,
                    'startTime', pg_catalog.floor(extract(epoch FROM s.locked_at) * 1000)::pg_catalog.int8,
                    'validTillTime', pg_catalog.floor(extract(epoch FROM s.valid_till) * 1000)::pg_catalog.int8,
                    'appliedPromotions', applied.entries)
                ORDER BY s.locked_at DESC, s.evaluation_id DESC))::text
       FROM promo.evaluation_state s
      CROSS JOIN LATERAL (
            SELECT coalesce(pg_catalog.jsonb_agg(
                       pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
                           'promotionId', a.promotion_id, 'promoCode', a.promo_code, 'earnedPromotionId', a.earn_id,
                           'promotionName', v.definition ->> 'name', 'redemptionCount', a.redemption_count,
                           'discount', pg_catalog.round(a.discount, 6)::text)) ORDER BY a.ordinal), '[]') AS entries
              FROM (SELECT p.promotion_id, p.promotion_version, p.promo_code, p.earn_id, p.redemption_count, p.discount,
                           p.ordinal
                      FROM promo.evaluation_promotion p
                     WHERE p.org_id = $1 AND p.evaluation_id = s.evaluation_id AND p.evaluated_at = s.locked_at
                    UNION ALL
                    SELECT w.voucher ->> 'promotionId', (w.voucher ->> 'version')::int, w.voucher ->> 'code',
                           w.voucher ->> 'earnId', 1, (w.voucher ->> 'redeemable')::numeric, 1000000 + w.ordinal
                      FROM promo.evaluation e,
                           LATERAL pg_catalog.jsonb_array_elements(e.vouchers) WITH ORDINALITY AS w (voucher, ordinal)
                     WHERE e.org_id = $1 AND e.evaluation_id = s.evaluation_id AND e.evaluated_at = s.locked_at
                   ) a
              LEFT JOIN promo.promotion_version v
                ON v.org_id = $1 AND v.promotion_id = a.promotion_id AND v.version = a.promotion_version) applied
      WHERE s.org_id = $1 AND s.customer_id = $2 AND s.state = 'HELD' AND s.valid_till > $3
     HAVING pg_catalog.count(*) > 0"
);

statement!(
    SALE,
    [INT8OID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID],
    "SELECT e.customer_id, e.currency, e.amount::text, e.priced_at, e.request, e.line_references, e.vouchers,
            e.applied::jsonb, u.till_code IS NOT NULL, u.store, u.zone, u.concept
       FROM promo.evaluation e
       LEFT JOIN promo.org_unit u ON u.org_id = $1 AND u.till_code = e.till_code
      WHERE e.org_id = $1 AND e.evaluation_id = $2 AND e.evaluated_at >= $3 AND e.evaluated_at < $4
        FOR KEY SHARE OF e"
);

/// Whose an evaluation is.
pub struct Owner {
    /// The customer; None: a guest.
    pub customer_id: Option<String>,
    /// The caller's cart id.
    pub cart_id: Option<String>,
}

/// The parameters by which an evaluation's partition is found.
pub(super) fn named(org_id: i64, evaluation_id: &str) -> Option<[Parameter; 4]> {
    let (from, until) = ids::object_id_time(evaluation_id)?;
    Some([
        org_id.into_datum(),
        evaluation_id.into_datum(),
        clock::timestamptz(from).into_datum(),
        clock::timestamptz(until).into_datum(),
    ])
}

/// Whose an evaluation is; None: there is none.
pub fn owner(org_id: i64, evaluation_id: &str) -> Option<Owner> {
    let parameters = named(org_id, evaluation_id)?;
    let read = |row: &Row<'_>| Owner { customer_id: row.text(1), cart_id: row.text(2) };
    OWNER.with(|statement| statement.run(Access::Write, &parameters, read)).pop()
}

/// The pending carts of a customer, as promo_pending_carts answers them; None: there are none.
pub fn pending(org_id: i64, customer: &str, now: i64) -> Option<String> {
    let parameters = [org_id.into_datum(), customer.into_datum(), now.into_datum()];
    PENDING.with(|statement| statement.run(Access::Read, &parameters, |row| row.text(1))).pop().flatten()
}

/// An evaluation as it is to be redeemed, with its request and where it was bought; None: there is none.
pub fn sale(org_id: i64, evaluation_id: &str) -> ApiResult<Option<(Sale, JsonbValue, Option<Till>)>> {
    let Some(parameters) = named(org_id, evaluation_id) else { return Ok(None) };
    let found = SALE.with(|statement| {
        statement.run(Access::Write, &parameters, |row| {
            let till = || Till { store: row.text(10), zone: row.text(11), concept: row.text(12) };
            (read_sale(evaluation_id, row), row.kept(5), row.is_true(9).then(till))
        })
    });
    let Some((sale, Some(request), till)) = found.into_iter().next() else { return Ok(None) };
    Ok(Some((sale?, request, till)))
}

statement!(
    REQUEST,
    [INT8OID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID],
    "SELECT e.request FROM promo.evaluation e
      WHERE e.org_id = $1 AND e.evaluation_id = $2 AND e.evaluated_at >= $3 AND e.evaluated_at < $4"
);

/// The request of an evaluation, as long as the call; None: there is no such evaluation.
pub fn request(org_id: i64, evaluation_id: &str) -> Option<JsonbValue> {
    let parameters = named(org_id, evaluation_id)?;
    REQUEST.with(|statement| statement.run(Access::Write, &parameters, |row| row.kept(1))).pop().flatten()
}

/// The cart of a stored request: of promo_evaluate's, or the `cart` of promo_redeem's, as promo.evaluation has it.
pub fn parse_cart<'a>(evaluation_id: &str, request: &'a JsonbValue) -> ApiResult<Cart<'a>> {
    Cart::parse(request.view()).map_err(|error| ApiError::unreadable(&format!("evaluation {evaluation_id}"), &error))
}

/// A stored evaluation.
fn read_sale(evaluation_id: &str, row: &Row<'_>) -> ApiResult<Sale> {
    let unreadable = |error: InputError| ApiError::unreadable(&format!("evaluation {evaluation_id}"), &error);
    let missing = || unreadable(InputError::new("expected a request"));
    let cart = Cart::parse(row.jsonb(5).ok_or_else(missing)?).map_err(unreadable)?;
    let promotions: Vec<StoredPromotion<'_>> = stored(row.jsonb(8)).map_err(unreadable)?;
    let vouchers: Vec<StoredVoucher<'_>> = stored(row.jsonb(7)).map_err(unreadable)?;
    let promotions = promotions.into_iter().map(StoredPromotion::into_sold);
    let vouchers = vouchers.into_iter().map(StoredVoucher::into_sold);
    Ok(Sale {
        evaluation_id: evaluation_id.to_owned(),
        customer_id: row.text(1),
        currency: row.text(2).unwrap_or_default(),
        priced_at: row.bigint(4).unwrap_or_default(),
        amount: Money(row.millionths(3)),
        lines: SoldLine::of(&cart, &row.texts(6)),
        sold: promotions.chain(vouchers).collect(),
    })
}

/// A stored list; NULL is empty.
fn stored<'r, T: Deserialize<'r>>(list: Option<Jsonb<'r>>) -> Result<Vec<T>, InputError> {
    list.map_or_else(|| Ok(Vec::new()), |list| read(list, STORED_LIMITS))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a promotion")]
struct StoredPromotion<'a> {
    promotion_id: &'a str,
    version: i32,
    promo_code: Option<&'a str>,
    earn_id: Option<&'a str>,
    redemption_count: u64,
    discount: InputAmount,
    #[serde(borrow)]
    allocation: StoredRecord<'a>,
}

impl StoredPromotion<'_> {
    fn into_sold(self) -> Sold {
        let given = Given {
            promotion_id: self.promotion_id.to_owned(),
            version: self.version,
            promo_code: self.promo_code.map(str::to_owned),
            earn_id: self.earn_id.map(str::to_owned),
            redemption_count: self.redemption_count,
            discount: self.discount.0,
            is_voucher: false,
        };
        Sold { given, record: self.allocation.into() }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a voucher")]
struct StoredVoucher<'a> {
    promotion_id: &'a str,
    version: i32,
    code: Option<&'a str>,
    earn_id: Option<&'a str>,
    redeemable: InputAmount,
}

impl StoredVoucher<'_> {
    fn into_sold(self) -> Sold {
        let given = Given {
            promotion_id: self.promotion_id.to_owned(),
            version: self.version,
            promo_code: self.code.map(str::to_owned),
            earn_id: self.earn_id.map(str::to_owned),
            redemption_count: 1,
            discount: self.redeemable.0,
            is_voucher: true,
        };
        Sold { given, record: Record::default() }
    }
}
