//! Any order and grouping of partial returns adds up to the original discount, the caller's, gross and net.

use lifecycle_tests::definitions::{any_cart, has_sku, off_cart, promotion};
use lifecycle_tests::money::millionths;
use postgres::Client;
use postgres::error::Error;
use proptest::prelude::*;
use serde_json::{Value, json};

/// An order, and how it comes back.
#[derive(Debug, Clone)]
pub struct Order {
    currency: usize,
    rounding: usize,
    /// Quantity in tenths, amount and the caller's discount in the least unit of all currencies, a thousandth.
    lines: Vec<(i64, i64, i64)>,
    /// Tenths of a percent off the first line, thousandths off the cart.
    off: (i64, i64),
    /// Returns: how much of each line, in eighths of what is left.
    returns: Vec<Vec<i64>>,
}

const CURRENCIES: [(&str, i64); 3] = [("USD", 10), ("JPY", 1000), ("KWD", 1)];
const ROUNDINGS: [&str; 7] = ["HALF_UP", "HALF_DOWN", "HALF_EVEN", "UP", "DOWN", "CEILING", "FLOOR"];
const SUMS: [&str; 4] = ["gross", "discount", "callerDiscount", "net"];

/// Orders at random.
pub fn order() -> impl Strategy<Value = Order> {
    let line = (1..60_i64, 3000..200_000_i64, 0..2500_i64);
    let lines = prop::collection::vec(line, 1..=4);
    let returns = prop::collection::vec(prop::collection::vec(0..=8_i64, 4), 1..=6);
    (0..3_usize, 0..7_usize, lines, (1..=1000_i64, 1..9000_i64), returns)
        .prop_map(|(currency, rounding, lines, off, returns)| Order { currency, rounding, lines, off, returns })
}

fn decimal(thousandths: i64) -> String {
    format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
}

/// Redeems the order in an organization of its own and returns it bit by bit. Where it does not add up, how.
pub fn play(client: &mut Client, org_id: i64, order: &Order) -> Result<(), String> {
    let failed = |error: Error| format!("organization {org_id}: {error:?}");
    client.batch_execute(&format!("SET promotion_engine.org_id = {org_id}")).map_err(failed)?;
    let (currency, least) = CURRENCIES[order.currency];
    let settings = json!({"currency": currency, "rounding": ROUNDINGS[order.rounding]});
    client.execute("SELECT promo_configure($1)", &[&settings]).map_err(failed)?;
    let percent = json!({"type": "PRODUCT_BASED", "productBasedAction": {
        "type": "PERCENTAGE", "value": format!("{}.{}", order.off.0 / 10, order.off.0 % 10), "includeItemsFromConditionSet": true}});
    let whole = |thousandths: i64| (thousandths / least).max(1) * least;
    let cents = decimal(whole(order.off.1));
    let cents = cents.trim_end_matches('0').trim_end_matches('.');
    for (name, condition, action) in [("line", has_sku("s0"), percent), ("cart", any_cart(), off_cart(cents))] {
        let definition =
            promotion(name, "POS", condition, action, json!({"Promotion": [{"kpi": "DISCOUNT", "limit": 100_000}]}));
        client.execute("SELECT promo_create_promotion($1)", &[&definition]).map_err(failed)?;
    }
    let lines: Vec<(i64, i64, i64)> = order
        .lines
        .iter()
        .map(|(tenths, amount, callers)| (*tenths, whole(*amount), callers / least * least))
        .collect();
    let items = lines.iter().enumerate().map(|(place, (tenths, amount, callers))| {
        json!({"sku": format!("s{place}"), "qty": format!("{}.{}", tenths / 10, tenths % 10), "amount": decimal(*amount),
               "discount": decimal(*callers)})
    });
    let amount = lines.iter().map(|line| line.1).sum();
    let cart = json!({"amount": decimal(amount), "cartItems": items.collect::<Vec<_>>()});
    let request = json!({"transactionId": "order", "cart": cart});
    let answer: Value = client.query_one("SELECT promo_redeem($1)", &[&request]).map_err(failed)?.get(0);
    let discounts = answer["redemptions"].as_array().into_iter().flatten().map(|own| millionths(&own["discount"]));
    let discount: i64 = discounts.sum();
    let callers: i64 = lines.iter().map(|line| line.2 * 1000).sum();
    let wanted = [amount * 1000, discount, callers, amount * 1000 - discount - callers];

    let mut left: Vec<i64> = lines.iter().map(|line| line.0).collect();
    let mut found = [0; 4];
    let mut restored = 0;
    for number in 0..=order.returns.len() {
        let mut request = json!({"transactionId": "order", "returnId": number.to_string()});
        if let Some(shares) = order.returns.get(number) {
            let mut parts = Vec::new();
            for (place, share) in shares.iter().enumerate().take(left.len()) {
                let part = left[place] * share / 8;
                left[place] -= part;
                if part > 0 {
                    parts.push(json!({"sku": format!("s{place}"), "qty": format!("{}.{}", part / 10, part % 10)}));
                }
            }
            if parts.is_empty() {
                continue;
            }
            request["lines"] = json!(parts);
        } else if left.iter().all(|left| *left == 0) {
            break;
        }
        let answer: Value = client.query_one("SELECT promo_return($1)", &[&request]).map_err(failed)?.get(0);
        for (place, key) in SUMS.iter().enumerate() {
            let sum = millionths(&answer[*key]);
            let of_lines: i64 =
                answer["lines"].as_array().into_iter().flatten().map(|line| millionths(&line[*key])).sum();
            // Shares are rounded one by one: of a line that cost nothing, net can be a minor unit to either side.
            if sum != of_lines || (sum < 0 && *key != "net") || sum % (least * 1000) != 0 {
                return Err(format!(
                    "organization {org_id}, return {number}, {key}: {sum} in all, lines have {of_lines}"
                ));
            }
            found[place] += sum;
        }
        restored +=
            answer["restored"].as_array().into_iter().flatten().map(|own| millionths(&own["discount"])).sum::<i64>();
    }
    if found != wanted || restored != discount {
        return Err(format!("organization {org_id}: expected {wanted:?}, found {found:?}; {restored} restored"));
    }
    let used = "SELECT count(*) FROM promo.usage WHERE org_id = $1 AND redeemed <> returned";
    let used: i64 = client.query_one(used, &[&org_id]).map_err(failed)?.get(0);
    let findings = client.query("SELECT c::text FROM promo_check($1) c", &[&org_id]).map_err(failed)?;
    if used != 0 || !findings.is_empty() {
        let findings: Vec<String> = findings.iter().map(|row| row.get(0)).collect();
        return Err(format!("organization {org_id}: {used} counts are not given back; promo_check(): {findings:?}"));
    }
    Ok(())
}
