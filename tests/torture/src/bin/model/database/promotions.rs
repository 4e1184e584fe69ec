//! The promotions of a scene, as promo_create_promotion takes them.

use lifecycle_tests::definitions::{any_cart, has_sku, off_cart, off_every, promotion};
use serde_json::{Value, json};

use crate::step::{BONUS, GIFT, MOVING_MINUTES, PROMOTIONS, STAMP_USES, Scene};

/// Until when instances are good, before the promotion is edited, and then: the one or the other number of days, or
/// end of the promotion. So those that were earned first are not always those that expire first.
const EXPIRY: [(&str, [i64; 2]); 2] =
    [("earningExpiryDays", [4000, 3000]), ("endDate", [4_102_444_800_000, 3_786_912_000_000])];

/// An amount of cents.
pub fn decimal(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// The definitions, by place.
pub fn definitions_of(scene: &Scene) -> Vec<Value> {
    let exceed = if scene.refuses { "REFUSE" } else { "CLIP" };
    let guests = if scene.allows_guests { "ALLOW" } else { "REFUSE" };
    let [[money, times], [pairs, moving], [weekly, code]] = scene.limits;
    let money = decimal(money);
    let width = MOVING_MINUTES * 60_000;
    let week = json!({"cycleType": "N_DAY", "refreshRate": 7, "cycleReferenceDate": "2026-01-01T00:00:00Z"});
    let mut stamp = json!({"kpi": "TRANSACTION", "limit": STAMP_USES});
    if scene.stamp_moves {
        stamp["windowType"] = json!("MOVING");
        stamp["minTimeBetweenRepeat"] = json!(width);
    }
    let limits = [
        json!({"Promotion": [{"kpi": "DISCOUNT", "limit": money, "onExceed": exceed}],
               "Customer": [{"kpi": "TRANSACTION", "limit": times, "guests": guests}]}),
        json!({"Promotion": [{"kpi": "REDEMPTION", "limit": pairs, "onExceed": exceed}],
               "Customer": [{"kpi": "REDEMPTION", "limit": moving, "guests": guests, "windowType": "MOVING",
                             "minTimeBetweenRepeat": width}]}),
        json!({"Promotion": [{"kpi": "TRANSACTION", "limit": weekly, "windowType": "FIXED", "fixedWindowConfig": week}],
               "Code": [{"kpi": "REDEMPTION", "limit": code}]}),
        scene.gift_times.map_or(json!({}), |times| json!({"Customer": [{"kpi": "TRANSACTION", "limit": times}]})),
        json!({"Earn": [stamp]}),
        json!({}),
    ];
    let parts = [
        ("POS", any_cart(), off_cart("10")),
        ("POS", has_sku("b"), off_every(2, "5")),
        ("CODE", any_cart(), off_cart("3.33")),
        ("CUSTOMER", any_cart(), off_cart("1")),
        ("EARNING", any_cart(), off_cart("0.5")),
        ("EARNING", any_cart(), off_cart("0.3")),
    ];
    let made = PROMOTIONS.iter().zip(parts).zip(limits);
    let mut definitions: Vec<Value> = made
        .map(|((name, (kind, condition, action)), limits)| promotion(name, kind, condition, action, limits))
        .collect();
    let keys = ["maxIssuancePerCustomer", "maxEarningPerCustomer", "maxEarningPerCustomer"];
    for ((definition, key), most) in definitions[GIFT..].iter_mut().zip(keys).zip(scene.most) {
        definition[key] = json!(most);
        definition["customerActivationRequired"] = json!(scene.must_activate);
        if key == "maxEarningPerCustomer" {
            definition["earningExpiryDays"] = json!(EXPIRY[0].1[0]);
        }
    }
    definitions[BONUS]["earningCriteria"] = json!({"type": "CART", "cartCondition": {
        "kpi": "SUBTOTAL", "operator": "GREATER_THAN_OR_EQUAL", "value": decimal(scene.earns_from)}});
    definitions
}

/// What an edit changes: when instances expire that are given from then on.
pub fn other_expiry(definition: &mut Value) {
    for (key, values) in EXPIRY {
        if let Some(own) = definition[key].as_i64() {
            definition[key] = json!(values.into_iter().find(|other| *other != own));
            return;
        }
    }
}
