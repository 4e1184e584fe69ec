//! Limits (spec/definition.md, "Limits"): "Every row is enforced; with CLIP a DISCOUNT row clips the
//! discount to what is left and a REDEMPTION row clips the number of applications, with REFUSE the
//! promotion does not apply where it would have to be clipped; TRANSACTION rows allow or refuse."

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::cases;
use crate::draw::{Draw, drawn};
use crate::engine::{AppliedById, Outcome};
use crate::generate::definition::{crowding, with_limits};
use crate::generate::history::{moving_length, rows};
use crate::generate::{scenario, scenario_of};
use crate::numbers::{ONE, millionths};
use crate::scenario::{CODES, NOW, PromotionSpec, Scenario, UseSpec};

/// What a row leaves, in millionths: what is used in its window taken off its limit.
pub fn available(row: &Value, used: Option<&UseSpec>) -> i128 {
    let limit = millionths(&row["limit"]);
    let Some(used) = used else { return limit };
    let taken = match moving_length(row) {
        // "the half-open interval (now − w, now]"
        Some(length) => {
            let counts = |at: i64| NOW - length < at && at <= NOW;
            used.held + used.moving.iter().filter(|(at, _)| counts(*at)).map(|(_, count)| count).sum::<i128>()
        }
        None => used.count,
    };
    (limit - taken).max(0)
}

/// What a promotion's rows leave, for the code or instance that unlocks it.
struct Left<'s> {
    row: &'s Value,
    left: i128,
    /// The row does not bind a guest, or keeps him out.
    guest: Option<&'s str>,
}

impl Left<'_> {
    fn is(&self, kpi: &str, on_exceed: &str) -> bool {
        self.row["kpi"] == kpi && self.row["onExceed"].as_str().unwrap_or("CLIP") == on_exceed
    }
}

fn left<'s>(scenario: &'s Scenario, promotion: &'s PromotionSpec, earn_id: Option<&str>) -> Vec<Left<'s>> {
    let guest = scenario.cart.rest.get("customerId").is_none_or(Value::is_null);
    rows(&promotion.definition)
        .into_iter()
        .enumerate()
        .map(|(index, (level, row))| {
            let subject = match level {
                "Code" => Some(CODES[promotion.code]),
                "Earn" => earn_id,
                _ => None,
            };
            let own = |used: &&UseSpec| {
                used.promotion_id == promotion.id && used.row == index && used.subject.as_deref() == subject
            };
            let used = scenario.used.iter().find(own);
            let guest = (guest && level == "Customer").then(|| row["guests"].as_str().unwrap_or("REFUSE"));
            Left { row, left: available(row, used), guest }
        })
        .collect()
}

/// The smallest that rows of a kind leave.
fn least(rows: &[Left<'_>], kpi: &str, on_exceed: &str) -> Option<i128> {
    rows.iter().filter(|row| row.guest.is_none() && row.is(kpi, on_exceed)).map(|row| row.left).min()
}

fn check_within(rows: &[Left<'_>], count: i128, discount: i128) -> Result<(), TestCaseError> {
    for row in rows {
        prop_assert!(row.guest != Some("REFUSE"), "a guest is let in by {}", row.row);
        if row.guest.is_some() {
            continue;
        }
        let most = row.left;
        match row.row["kpi"].as_str() {
            Some("DISCOUNT") => prop_assert!(discount <= most, "{} of {most} by {}", discount, row.row),
            Some("REDEMPTION") => prop_assert!(count * ONE <= most, "{} of {most} by {}", count, row.row),
            _ => prop_assert!(most >= ONE, "{most} left by {}", row.row),
        }
    }
    Ok(())
}

/// One promotion with limits and its history, with and without them.
fn with_and_without(draw: &mut Draw<'_>) -> (Scenario, Scenario) {
    let mut limited = scenario_of(draw, (1, 1), |draw, settings| with_limits(draw, settings, crowding));
    // Of several instances the first that limits leave something of is used.
    limited.entitlements.truncate(1);
    let mut unlimited = limited.clone();
    unlimited.used.clear();
    // A limit of money binds the promotion to its currency: one that nothing reaches does so too.
    let has_money = limited.promotions[0].definition["promotionRestrictions"].to_string().contains("DISCOUNT");
    let kpi = if has_money { "DISCOUNT" } else { "REDEMPTION" };
    unlimited.promotions[0].definition["promotionRestrictions"] =
        json!({"Promotion": [{"kpi": kpi, "limit": 999_999_999_999_i64}]});
    (limited, unlimited)
}

/// What limits make of a promotion that would give so much, or None where it does not apply. Actions of a
/// MULTI build on one another: what is clipped of one may be another's.
fn check_clipped(
    rows: &[Left<'_>],
    minor: i128,
    unlimited: &AppliedById,
    limited: Option<&AppliedById>,
) -> Result<(), TestCaseError> {
    let count = i128::from(unlimited.redemption_count) * ONE;
    let is_closed = |row: &Left<'_>| match row.guest {
        Some(guest) => guest == "REFUSE",
        None => row.left < if row.row["kpi"] == "DISCOUNT" { 1 } else { ONE },
    };
    let whole = |left: i128| left / ONE * ONE;
    let refuses_count = least(rows, "REDEMPTION", "REFUSE").is_some_and(|most| count > whole(most));
    if rows.iter().any(is_closed) || refuses_count {
        prop_assert_eq!(limited, None);
        return Ok(());
    }
    let clipped = least(rows, "REDEMPTION", "CLIP").map_or(count, |most| count.min(whole(most)));
    let refuses_money = least(rows, "DISCOUNT", "REFUSE").is_some_and(|most| unlimited.discount > most);
    let most_money = least(rows, "DISCOUNT", "CLIP").map_or(i128::MAX, |most| most / minor * minor);
    if clipped < count {
        // Fewer applications give less, but nobody says how much.
        let Some(limited) = limited else { return Ok(()) };
        prop_assert!(limited.discount <= most_money);
        // Units to add may be in the cart already, where fewer serve as triggers.
        if unlimited.gifts.is_empty() {
            prop_assert!(limited.discount <= unlimited.discount && limited.gifts.is_empty());
        }
        if most_money >= unlimited.discount {
            prop_assert_eq!(i128::from(limited.redemption_count) * ONE, clipped);
        }
        return Ok(());
    }
    let discount = unlimited.discount.min(most_money);
    if refuses_money || (discount == 0 && unlimited.gifts.is_empty()) {
        prop_assert_eq!(limited, None);
        return Ok(());
    }
    prop_assert_eq!(limited.map(|own| own.discount), Some(discount));
    if discount == unlimited.discount {
        prop_assert_eq!(limited, Some(unlimited));
    }
    Ok(())
}

/// Every row, of every promotion that applies and of every voucher that pays.
fn check_every_row(scenario: &Scenario, outcome: &Outcome) -> Result<(), TestCaseError> {
    for own in &scenario.promotions {
        if let Some(applied) = outcome.applied(&own.id) {
            let rows = left(scenario, own, applied.earn_id.as_deref());
            check_within(&rows, i128::from(applied.redemption_count), applied.discount)?;
        }
        let vouchers: Vec<_> = outcome.vouchers.iter().filter(|voucher| voucher.id == own.id).collect();
        if let Some(first) = vouchers.first() {
            let paid = vouchers.iter().map(|voucher| voucher.redeemable).sum();
            check_within(&left(scenario, own, first.earn_id.as_deref()), vouchers.len() as i128, paid)?;
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(1_000))]

    /// "Every row is enforced", whatever else applies.
    #[test]
    fn nothing_exceeds_a_limit(scenario in drawn(scenario)) {
        check_every_row(&scenario, &scenario.outcome())?;
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    /// What limits make of a promotion alone: all of it, its first applications, as much money as is
    /// left, or nothing, by the words quoted above.
    #[test]
    fn limits_clip_or_refuse((limited, unlimited) in drawn(with_and_without)) {
        let (with, without) = (limited.outcome(), unlimited.outcome());
        check_every_row(&limited, &with)?;
        let own = &limited.promotions[0];
        prop_assert!(without.applied.len() >= with.applied.len());
        let Some(applied) = without.applied(&own.id) else { return Ok(()) };
        let rows = left(&limited, own, applied.earn_id.as_deref());
        if own.definition["action"]["type"] != "MULTI" {
            check_clipped(&rows, limited.minor(), applied, with.applied(&own.id))?;
        }
    }
}

/// Limits must bind: promotions are clipped in number and in money, and refused.
#[test]
fn limits_bind() {
    const RUNS: usize = 1_000;
    let mut runner = TestRunner::deterministic();
    let strategy = drawn(with_and_without);
    let (mut applied, mut fewer, mut less, mut refused) = (0, 0, 0, 0);
    for _ in 0..RUNS {
        let (limited, unlimited) = strategy.new_tree(&mut runner).expect("scenarios").current();
        let (with, without) = (limited.outcome(), unlimited.outcome());
        let Some(unlimited) = without.applied.first() else { continue };
        applied += 1;
        match with.applied.first() {
            None => refused += 1,
            Some(limited) if limited.redemption_count < unlimited.redemption_count => fewer += 1,
            Some(limited) if limited.discount < unlimited.discount => less += 1,
            Some(_) => {}
        }
    }
    println!("of {applied} promotions {fewer} are clipped in number, {less} in money, {refused} refused");
    assert!(applied * 100 > RUNS * 40 && fewer * 100 > RUNS * 2 && less * 100 > RUNS * 5 && refused * 100 > RUNS * 5);
}
