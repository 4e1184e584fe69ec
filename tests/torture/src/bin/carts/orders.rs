//! Carts that become orders: what was promised is redeemed.

use std::collections::BTreeMap;

use lifecycle_tests::money::millionths;
use serde_json::Value;

use crate::database::{Database, literal};
use crate::expected::Cart;
use crate::price::{compare, entries, given_by_cart, text};
use crate::scene::{Promotion, Unlock};

/// What there is to know of a cart that is to be submitted.
pub struct Order<'o> {
    /// The cart before.
    pub before: &'o Cart,
    /// Whether the same call prices the cart.
    pub is_priced: bool,
    /// Whether another order has the id.
    pub is_taken: bool,
    /// Whether the cart's lock is live.
    pub is_live: bool,
    /// Whether what limits don't allow any more is recorded.
    pub records: bool,
    /// What promo_preview says of the cart at that moment.
    pub preview: &'o Value,
}

/// Whether a promotion that was given can't be had any more, and whether all can as far as can be told.
pub struct Standing {
    /// One is paused, or another by now.
    pub is_gone: bool,
    /// None was unlocked by an instance, of which there may be several.
    pub is_plain: bool,
}

/// How the promotions of a cart stand.
pub fn standing(
    cart: &Cart,
    scene: &[Promotion],
    place_of: impl Fn(&str) -> Option<usize>,
    on: &[bool],
    edits: &[u32],
) -> Standing {
    let ids = given_by_cart(&cart.last).into_keys();
    let vouchers = entries(&cart.last["appliedPaymentVouchers"]).map(|own| text(own, "promotionId").to_owned());
    let places: Vec<usize> = ids.chain(vouchers).filter_map(|id| place_of(&id)).collect();
    let is_gone = |place: &usize| !on[*place] || edits[*place] != cart.edits[*place];
    let is_plain = |place: &usize| matches!(scene[*place].unlock, Unlock::Nothing | Unlock::Code);
    Standing { is_gone: places.iter().any(is_gone), is_plain: places.iter().all(is_plain) }
}

/// The error that submitting a cart has to answer; Err: it may, or not.
pub fn refusal(order: &Order<'_>, standing: &Standing) -> Result<Option<&'static str>, ()> {
    let over = order.before.over.as_ref().filter(|_| !order.is_priced);
    if order.is_taken {
        return Ok(Some("TRANSACTION_ID_TAKEN_ERROR"));
    }
    if over.is_some() {
        return Ok(Some("EVALUATION_NOT_PENDING_ERROR"));
    }
    if order.is_live || order.is_priced || order.records {
        return Ok(None);
    }
    if standing.is_gone {
        return Ok(Some("PROMO_NOT_APPLICABLE_ERROR"));
    }
    let is_as_good = standing.is_plain && compare(&order.before.last, order.preview).is_ok();
    if is_as_good { Ok(None) } else { Err(()) }
}

/// Checks that an order has redeemed what its cart promised.
pub fn check(database: &mut Database<'_>, cart: &Cart, order: &str) -> Result<(), String> {
    let sql = format!(
        "SELECT jsonb_build_object('evaluation', t.evaluation_id, 'redemptions', (
                    SELECT coalesce(jsonb_agg(jsonb_build_array(r.promotion_id, r.discount)), '[]')
                      FROM promo.redemption r WHERE r.org_id = t.org_id AND r.transaction_id = t.transaction_id))
           FROM promo.transaction t WHERE t.org_id = {} AND t.transaction_id = {}",
        database.org_id,
        literal(order)
    );
    let found = database.ask(&sql)?;
    if found["evaluation"] != cart.last["evaluationId"] {
        return Err(format!("order {order} redeemed {}, not {}", found["evaluation"], cart.last["evaluationId"]));
    }
    let mut redeemed: BTreeMap<String, i64> = BTreeMap::new();
    for own in entries(&found["redemptions"]) {
        *redeemed.entry(own[0].as_str().unwrap_or_default().to_owned()).or_default() += millionths(&own[1]);
    }
    let mut promised: BTreeMap<String, i64> =
        given_by_cart(&cart.last).into_iter().map(|(id, (discount, _))| (id, discount)).collect();
    for voucher in entries(&cart.last["appliedPaymentVouchers"]) {
        *promised.entry(text(voucher, "promotionId").to_owned()).or_default() +=
            millionths(&voucher["redeemableVoucherValue"]);
    }
    if redeemed == promised { Ok(()) } else { Err(format!("order {order} redeemed {redeemed:?}, not {promised:?}")) }
}
