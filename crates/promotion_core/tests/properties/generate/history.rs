//! What is known beside the cart: codes, instances, uses of limits, the till.

use serde_json::Value;

use super::cart::cart;
use crate::draw::Draw;
use crate::numbers::{ONE, millionths};
use crate::scenario::{CODES, CodeSpec, DAY, EntitlementSpec, NOW, PromotionSpec, Scenario, UseSpec};

/// A cart of an organization that has no promotions yet.
pub fn without_promotions(draw: &mut Draw<'_>, settings: Value) -> Scenario {
    let till = draw.maybe(70, |draw| {
        [draw.pick(&[None, Some("s1"), Some("s2")]), draw.pick(&[None, Some("z1")]), draw.pick(&[None, Some("k1")])]
    });
    Scenario {
        settings,
        promotions: Vec::new(),
        codes: codes(draw),
        cart: cart(draw),
        till,
        entitlements: Vec::new(),
        used: Vec::new(),
    }
}

/// Adds a promotion with its instances and its uses.
pub fn add_promotion(
    draw: &mut Draw<'_>,
    scenario: &mut Scenario,
    definition: &impl Fn(&mut Draw<'_>, &Value) -> Value,
) {
    let definition = definition(draw, &scenario.settings);
    // Codes of vouchers come after those of discounts; few are the other way round.
    let is_voucher = (definition["mode"] == "PAYMENT_VOUCHER") != draw.chance(4);
    let code = if is_voucher { 3 + draw.below(2) } else { draw.below(3) } as usize;
    let id = format!("p{}", scenario.promotions.len());
    let promotion = PromotionSpec { id, created: draw.below(4) as i64, definition, code };
    let earned = if promotion.is("POS") || promotion.is("CODE") { Vec::new() } else { instances(draw, &promotion) };
    scenario.used.extend(uses(draw, &promotion, earned.first()));
    scenario.entitlements.extend(earned);
    scenario.promotions.push(promotion);
}

fn codes(draw: &mut Draw<'_>) -> Vec<CodeSpec> {
    let code = |draw: &mut Draw<'_>| CodeSpec {
        disabled: draw.chance(5),
        linked_to: draw.chance(12).then_some("42"),
        valid_till: draw.weighted(&[(6, None), (1, Some(NOW)), (1, Some(NOW - 1))]),
    };
    CODES.iter().map(|_| code(draw)).collect()
}

fn instances(draw: &mut Draw<'_>, promotion: &PromotionSpec) -> Vec<EntitlementSpec> {
    let instance = |draw: &mut Draw<'_>, index| EntitlementSpec {
        earn_id: format!("{} {index}", promotion.id),
        promotion_id: promotion.id.clone(),
        earned_at: NOW - draw.within(0..=2) as i64 * DAY,
        valid_till: draw.weighted(&[(6, NOW + DAY), (1, NOW), (1, NOW - 1)]),
    };
    let count = draw.weighted(&[(6, 1), (1, 0), (2, 2)]);
    (0..count).map(|index| instance(draw, index)).collect()
}

/// The levels of limit rows, in the order that rows are counted in.
pub const LEVELS: [&str; 5] = ["Promotion", "Customer", "Cart", "Code", "Earn"];

/// A definition's limit rows in the order that they are counted in, each with its level.
pub fn rows(definition: &Value) -> Vec<(&'static str, &Value)> {
    let limits = &definition["promotionRestrictions"];
    let of = |level: &'static str| limits[level].as_array().into_iter().flatten().map(move |row| (level, row));
    LEVELS.into_iter().flat_map(of).collect()
}

/// How long a MOVING row's window is, in milliseconds.
pub fn moving_length(row: &Value) -> Option<i64> {
    let days = row["frequency"].is_string();
    row["minTimeBetweenRepeat"].as_i64().map(|length| if days { length * DAY } else { length })
}

fn uses(draw: &mut Draw<'_>, promotion: &PromotionSpec, instance: Option<&EntitlementSpec>) -> Vec<UseSpec> {
    let mut all = Vec::new();
    for (index, (level, row)) in rows(&promotion.definition).into_iter().enumerate() {
        if level == "Cart" || draw.chance(50) {
            continue;
        }
        let limit = millionths(&row["limit"]);
        let step = if row["kpi"] == "DISCOUNT" { limit / 8 } else { ONE };
        // Less than the limit, more often than not.
        let most = limit / step.max(1) - if draw.chance(20) { 0 } else { 1 };
        let amount = |draw: &mut Draw<'_>| draw.within(0..=most.max(0)) * step;
        let (count, held) = if draw.chance(50) { (amount(draw), 0) } else { (0, amount(draw)) };
        let length = moving_length(row);
        let moving = match length {
            Some(length) => draw.list(0, 2, |draw| {
                (NOW - draw.pick(&[0, 1, length - 1, length, length + 1, 2 * length]), amount(draw))
            }),
            None => Vec::new(),
        };
        let subject = match level {
            "Code" => Some(CODES[promotion.code].to_owned()),
            "Earn" => instance.map(|own| own.earn_id.clone()),
            _ => None,
        };
        let held = if length.is_some() { held } else { 0 };
        all.push(UseSpec { promotion_id: promotion.id.clone(), row: index, subject, count, moving, held });
    }
    all
}
