//! What is held, and by whom: no hold outlives its reason.

use std::collections::{BTreeMap, BTreeSet};

use lifecycle_tests::money::millionths;
use serde_json::{Value, json};

use crate::database::Database;
use crate::expected::{Cart, EXPIRED, may_hold};
use crate::price::{entries, given_by_cart, text};
use crate::scene::STATES;

/// An evaluation that is neither over nor forgotten.
#[derive(Debug, Clone, PartialEq)]
pub struct Hold {
    /// Its id.
    pub evaluation: String,
    /// The cart's id.
    pub cart: Option<String>,
    /// The customer.
    pub customer: Option<String>,
    /// HELD or OPEN.
    pub state: String,
    /// Whether it holds what it gives now.
    pub is_live: bool,
}

/// All that is asked of the database after a call, in one answer.
fn question(org_id: i64) -> String {
    format!(
        "SELECT jsonb_build_object(
            'states', (SELECT coalesce(jsonb_agg(jsonb_build_object('evaluation', s.evaluation_id, 'cart', s.cart_id,
                           'customer', s.customer_id, 'state', s.state,
                           'live', coalesce(s.state = 'HELD' AND s.valid_till > clock_timestamp(), false))), '[]')
                         FROM promo.evaluation_state s WHERE s.org_id = {org_id} AND s.state IN ('HELD', 'OPEN')),
            'claims', (SELECT coalesce(jsonb_agg(jsonb_build_object('evaluation', c.evaluation_id, 'promotion',
                           c.promotion_id, 'level', l.level, 'kpi', l.kpi, 'amount', c.amount)), '[]')
                         FROM promo.usage_claim c
                         LEFT JOIN promo.promotion_limit l USING (org_id, promotion_id, limit_row)
                        WHERE c.org_id = {org_id} AND c.state = 'HELD'),
            'limits', (SELECT coalesce(jsonb_agg(jsonb_build_array(l.promotion_id, l.kpi)), '[]')
                         FROM promo.promotion_limit l WHERE l.org_id = {org_id} AND l.level = 'PROMOTION'),
            'uneven', (SELECT coalesce(jsonb_agg(jsonb_build_array(promotion_id, limit_row, u.held, c.held)), '[]')
                         FROM (SELECT promotion_id, limit_row, sum(held) AS held FROM promo.usage
                                WHERE org_id = {org_id} GROUP BY 1, 2) u
                         FULL JOIN (SELECT promotion_id, limit_row, sum(amount) AS held FROM promo.usage_claim
                                     WHERE org_id = {org_id} AND state = 'HELD' GROUP BY 1, 2) c
                        USING (promotion_id, limit_row)
                        WHERE coalesce(u.held, 0) <> coalesce(c.held, 0)),
            'findings', (SELECT coalesce(jsonb_agg(f), '[]') FROM promo_check({org_id}) f))"
    )
}

fn read(own: &Value) -> Hold {
    let optional = |key: &str| own[key].as_str().map(str::to_owned);
    Hold {
        evaluation: text(own, "evaluation").to_owned(),
        cart: optional("cart"),
        customer: optional("customer"),
        state: text(own, "state").to_owned(),
        is_live: own["live"] == true,
    }
}

/// Asks for all holds, and checks them against the carts.
pub fn check(database: &mut Database<'_>, carts: &[Cart]) -> Result<Vec<Hold>, String> {
    let answer = database.ask(&question(database.org_id))?;
    if answer["findings"] != Value::Array(Vec::new()) {
        return Err(format!("promo_check(): {}", answer["findings"]));
    }
    if answer["uneven"] != Value::Array(Vec::new()) {
        return Err(format!("promo.usage.held is not the sum of holds: {}", answer["uneven"]));
    }
    let holds: Vec<Hold> = entries(&answer["states"]).map(read).collect();
    for cart in carts {
        let own = holds.iter().filter(|hold| hold.cart.as_deref() == cart.last["cartId"].as_str()).collect::<Vec<_>>();
        check_cart(cart, &own).map_err(|what| format!("{}: {what}; it has {own:?}", cart.name))?;
        let is_live = own.iter().any(|hold| hold.is_live);
        check_claims(cart, is_live, &answer).map_err(|what| format!("{}: {what}", cart.name))?;
    }
    let known: BTreeSet<&str> =
        holds.iter().filter(|own| own.state == "HELD").map(|own| own.evaluation.as_str()).collect();
    match entries(&answer["claims"]).find(|claim| !known.contains(text(claim, "evaluation"))) {
        Some(claim) => Err(format!("held by nobody: {claim}")),
        None => Ok(holds),
    }
}

fn check_cart(cart: &Cart, own: &[&Hold]) -> Result<(), String> {
    let evaluation = text(&cart.last, "evaluationId");
    if let Some(other) = own.iter().find(|hold| hold.evaluation != evaluation) {
        return Err(format!("{} is not its evaluation {evaluation}", other.evaluation));
    }
    let is_expired = cart.last["validTillTime"] == json!(EXPIRED.1);
    let should_hold = may_hold(cart.state) && cart.over.is_none() && cart.last.get("validTillTime").is_some();
    match own {
        [] if should_hold && !is_expired => Err("it holds nothing".to_owned()),
        [] => Ok(()),
        [_] if !may_hold(cart.state) => Err(format!("it is {}", STATES[cart.state])),
        [_] if cart.over.is_some() => Err(format!("its evaluation is over: {:?}", cart.over)),
        [hold] if hold.customer != cart.content.customer_key() => Err("another customer holds it".to_owned()),
        [hold] if (hold.state == "HELD") != should_hold => {
            Err(format!("validTillTime is {}", cart.last["validTillTime"]))
        }
        [_] => Ok(()),
        _ => Err("twice".to_owned()),
    }
}

/// What a live lock holds of promotions' own limits is one transaction, and the discount.
fn check_claims(cart: &Cart, is_live: bool, answer: &Value) -> Result<(), String> {
    let evaluation = text(&cart.last, "evaluationId");
    let mut found: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    let own = entries(&answer["claims"]).filter(|claim| text(claim, "evaluation") == evaluation);
    for claim in own.filter(|claim| claim["level"] == "PROMOTION" && claim["kpi"] != "REDEMPTION") {
        *found.entry((text(claim, "promotion"), text(claim, "kpi"))).or_default() += millionths(&claim["amount"]);
    }
    if !is_live {
        // What expired ones held is swept when somebody needs it.
        return Ok(());
    }
    let mut expected: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    let mut given: BTreeMap<String, i64> =
        given_by_cart(&cart.last).into_iter().map(|(id, (discount, _))| (id, discount)).collect();
    for voucher in entries(&cart.last["appliedPaymentVouchers"]) {
        *given.entry(text(voucher, "promotionId").to_owned()).or_default() +=
            millionths(&voucher["redeemableVoucherValue"]);
    }
    for limit in entries(&answer["limits"]) {
        let (id, kpi) = (limit[0].as_str().unwrap_or_default(), limit[1].as_str().unwrap_or_default());
        if let Some(discount) = given.get(id).filter(|_| kpi != "REDEMPTION") {
            expected.insert((id, kpi), if kpi == "DISCOUNT" { *discount } else { 1_000_000 });
        }
    }
    expected.retain(|_, amount| *amount != 0);
    found.retain(|_, amount| *amount != 0);
    if found == expected { Ok(()) } else { Err(format!("it should hold {expected:?}, but holds {found:?}")) }
}
