//! The identifiers of a promo_redeem: which promotions of an evaluation are redeemed (spec/lifecycle.md,
//! "Redemption").

use std::collections::{BTreeMap, BTreeSet};

use promotion_core::money::Money;
use promotion_core::receipt::{Receipt, identifiers};

use crate::error::{ApiError, ApiResult};
use crate::store::redemption::Sale;

/// Keeps the promotions that identifiers name: each must be one that the evaluation gave out, and a promotion's
/// must all be there.
pub fn keep_named(sale: &mut Sale, named: &[&str]) -> ApiResult<()> {
    let lines: Vec<(&str, Money)> =
        sale.lines.iter().map(|line| (line.sku.as_deref().unwrap_or(""), line.amount)).collect();
    let given_out: Vec<Vec<String>> = sale
        .sold
        .iter()
        .map(|sold| {
            let own = &sold.given;
            if own.is_voucher {
                return vec![Receipt::of_cart(&own.promotion_id, own.discount, sale.amount, 1).encoded()];
            }
            identifiers(&own.promotion_id, own.discount, own.redemption_count, &sold.record, sale.amount, &lines)
        })
        .collect();
    let known: BTreeSet<&str> = given_out.iter().flatten().map(String::as_str).collect();
    for (index, identifier) in named.iter().enumerate() {
        if !known.contains(identifier) {
            let path = format!("identifiers[{index}]");
            return Err(ApiError::bad_identifier(&path, "expected one that this evaluation gave out"));
        }
    }
    let named: BTreeSet<&str> = named.iter().copied().collect();
    let mut of_promotions: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
    for (sold, own) in sale.sold.iter().zip(&given_out) {
        let (some, all) = of_promotions.entry(&sold.given.promotion_id).or_insert((false, true));
        *some |= own.iter().any(|identifier| named.contains(identifier.as_str()));
        *all &= own.iter().all(|identifier| named.contains(identifier.as_str()));
    }
    if let Some((promotion_id, _)) = of_promotions.iter().find(|(_, (some, all))| *some && !*all) {
        let expected = format!("expected all identifiers of promotion {promotion_id}, or none");
        return Err(ApiError::bad_identifier("identifiers", &expected));
    }
    let kept: BTreeSet<String> =
        of_promotions.iter().filter(|(_, (_, all))| *all).map(|(id, _)| (*id).to_owned()).collect();
    sale.sold.retain(|sold| kept.contains(&sold.given.promotion_id));
    Ok(())
}
