//! What a call needs to know before it evaluates, in one statement, and what it keeps, in another.

use std::collections::HashMap;

use pgrx::datum::IntoDatum;
use pgrx::pg_sys::Datum;
use promotion_core::cart::Cart;
use promotion_core::code::code_key;
use promotion_core::evaluation::{Applied, CodeFacts, CodeUse, Evaluation};
use promotion_core::ruleset::Ruleset;

use super::organization::may_act_for;
use super::statement::{Access, statement};
use crate::clock;
use crate::error::{ApiError, ApiResult};
use crate::ids;

statement!(
    FACTS,
    [INT8OID, TEXTARRAYOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID],
    concat!(
        "SELECT ",
        may_act_for!(),
        ",
                g.generation,
                EXISTS (SELECT FROM promo.org_unit u WHERE u.org_id = $1 AND u.till_code = $3),
                EXISTS (SELECT FROM promo.evaluation e
                         WHERE e.org_id = $1 AND e.evaluation_id = $4
                           AND e.evaluated_at >= $5 AND e.evaluated_at < $6
                           AND (e.customer_id IS NULL OR e.customer_id = $7)),
                c.code, c.disabled_at IS NOT NULL, c.customer_id, c.promotion_id, c.valid_from, c.valid_till
           FROM (SELECT (SELECT coalesce(v.generation, 0)
                           FROM promo.organization o
                           LEFT JOIN promo.catalog_version v ON v.org_id = o.org_id
                          WHERE o.org_id = $1) AS generation) g
           LEFT JOIN (
                SELECT i.code, i.disabled_at, i.customer_id, p.promotion_id, p.valid_from, p.valid_till
                  FROM pg_catalog.unnest($2) AS sent (code)
                  JOIN promo.code_identity i ON i.org_id = $1 AND i.code = sent.code
                  LEFT JOIN promo.code_promotion p ON p.org_id = $1 AND p.code = i.code
                  LEFT JOIN promo.promotion m ON m.org_id = $1 AND m.promotion_id = p.promotion_id
                 ORDER BY i.code, m.creation_order
           ) c ON true"
    )
);

statement!(
    KEEP,
    [
        INT8OID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTARRAYOID,
        JSONBOID, TEXTARRAYOID, TEXTARRAYOID, INT4ARRAYOID, TEXTARRAYOID, INT4ARRAYOID, TEXTARRAYOID, TEXTARRAYOID
    ],
    "WITH kept AS (
         INSERT INTO promo.evaluation
                (org_id, evaluation_id, evaluated_at, priced_at, customer_id, cart_id, till_code, currency,
                 amount, total_discount, payable_amount, request, line_references)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8,
                 ($9)[1]::numeric, ($9)[2]::numeric, ($9)[3]::numeric, $10, coalesce($11, '{}'))
     )
     INSERT INTO promo.evaluation_promotion
            (org_id, evaluation_id, ordinal, promotion_id, promotion_version, promo_code, redemption_count,
             discount, allocation)
     SELECT $1, $2, a.ordinal, a.promotion_id, a.version, a.promo_code, a.redemption_count,
            a.discount::numeric, a.allocation::jsonb
       FROM ROWS FROM (pg_catalog.unnest($12), pg_catalog.unnest($13), pg_catalog.unnest($14), pg_catalog.unnest($15), pg_catalog.unnest($16), pg_catalog.unnest($17)) WITH ORDINALITY
            AS a (promotion_id, version, promo_code, redemption_count, discount, allocation, ordinal)"
);

/// What is known before an evaluation.
pub struct Facts {
    /// The generation of the organization's definitions.
    pub generation: i64,
    /// Of each promo code of the cart, in its order.
    pub codes: Vec<Option<CodeFacts>>,
}

/// Reads what the evaluation of a cart needs, under the snapshot in force, and refuses what it
/// can't serve: foreign organizations, unknown tills, unknown evaluations.
pub fn facts(org_id: i64, cart: &Cart<'_>, till_code: Option<&str>) -> ApiResult<Facts> {
    let keys: Vec<String> = cart.promo_codes.iter().map(|code| code_key(code)).collect();
    // An id that is none is unknown, which is for whoever may ask to be told.
    let given_out = cart.evaluation_id.and_then(ids::object_id_time);
    let customer = cart.customer_id.as_ref().map(|id| id.key().into_owned());
    let parameters = [
        org_id.into_datum(),
        keys.clone().into_datum(),
        till_code.into_datum(),
        cart.evaluation_id.into_datum(),
        given_out.map(|(from, _)| clock::timestamptz(from)).into_datum(),
        given_out.map(|(_, until)| clock::timestamptz(until)).into_datum(),
        customer.into_datum(),
    ];
    let mut first: Option<(bool, Option<i64>, bool, bool)> = None;
    let mut codes: HashMap<String, CodeFacts> = HashMap::new();
    FACTS.with(|statement| {
        statement.run(Access::Read, &parameters, |row| {
            first.get_or_insert_with(|| (row.is_true(1), row.bigint(2), row.is_true(3), row.is_true(4)));
            if let Some(code) = row.text(5) {
                let facts = codes.entry(code).or_insert_with(|| CodeFacts {
                    disabled: row.is_true(6),
                    linked_to: row.text(7),
                    uses: Vec::new(),
                });
                facts.uses.extend(row.text(8).map(|promotion_id| CodeUse {
                    promotion_id,
                    valid_from: row.bigint(9).map(clock::milliseconds),
                    valid_till: row.bigint(10).map(clock::milliseconds),
                }));
            }
        })
    });
    let Some((true, generation, till_known, evaluation_known)) = first else {
        return Err(ApiError::not_a_member(org_id));
    };
    let Some(generation) = generation else { return Err(ApiError::unknown_organization(org_id)) };
    if let (Some(till_code), false) = (till_code, till_known) {
        return Err(ApiError::unknown_till(till_code));
    }
    if let (Some(id), false) = (cart.evaluation_id, evaluation_known) {
        return Err(ApiError::unknown_evaluation(id));
    }
    Ok(Facts { generation, codes: keys.iter().map(|key| codes.get(key).cloned()).collect() })
}

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
    pub request: Datum,
    /// The cart read from it.
    pub cart: &'k Cart<'a>,
    /// The referenceId of each line.
    pub line_references: Vec<String>,
    /// The result.
    pub evaluation: &'k Evaluation<'a>,
    /// What it was computed with.
    pub ruleset: &'k Ruleset,
}

/// Keeps an evaluation with all that applied.
pub fn keep(kept: &Kept<'_, '_>) {
    let cart = kept.cart;
    let applied = &kept.evaluation.applied;
    let amounts = [cart.amount, kept.evaluation.total_discount, kept.evaluation.payable_amount];
    let texts = |of: &dyn Fn(&Applied<'_>) -> Option<String>| applied.iter().map(of).collect::<Vec<_>>().into_datum();
    let promotion = |applied: &Applied<'_>| kept.ruleset.promotion(applied.place);
    let parameters = [
        kept.org_id.into_datum(),
        kept.evaluation_id.into_datum(),
        kept.evaluated_at.into_datum(),
        clock::timestamptz(kept.priced_at).into_datum(),
        cart.customer_id.as_ref().map(|id| id.key().into_owned()).into_datum(),
        cart.cart_id.into_datum(),
        kept.till_code.into_datum(),
        cart.currency.unwrap_or(kept.ruleset.settings.currency).code().into_datum(),
        amounts.map(|amount| amount.to_string()).to_vec().into_datum(),
        Some(kept.request),
        kept.line_references.clone().into_datum(),
        texts(&|applied| Some(promotion(applied).id.to_string())),
        applied.iter().map(|applied| promotion(applied).version).collect::<Vec<_>>().into_datum(),
        texts(&|applied| applied.promo_code.map(str::to_owned)),
        applied.iter().map(|applied| applied.redemption_count as i32).collect::<Vec<_>>().into_datum(),
        texts(&|applied| Some(applied.discount.to_string())),
        texts(&|applied| Some(allocation(applied))),
    ];
    KEEP.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
}

/// Who gets what of a discount, as promo.evaluation_promotion.allocation has it.
fn allocation(applied: &Applied<'_>) -> String {
    let lines: Vec<serde_json::Value> = applied
        .lines
        .iter()
        .map(|line| {
            let runs: Vec<[String; 2]> =
                line.runs.iter().map(|(units, discount)| [units.to_string(), discount.to_string()]).collect();
            serde_json::json!({"line": line.line, "discount": line.discount, "runs": runs})
        })
        .collect();
    serde_json::Value::Array(lines).to_string()
}
