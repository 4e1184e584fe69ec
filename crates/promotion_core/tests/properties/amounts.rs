//! Exact amounts of cart promotions, by a schoolbook's formula (spec/evaluation.md 8 and 9).

use promotion_core::definition::{Action, AmountKind, CartBasedAction};
use promotion_core::rounding::RoundingMode;
use promotion_core::settings::Base;
use proptest::prelude::*;
use serde_json::Value;

use crate::cases;
use crate::draw::{Draw, drawn};
use crate::engine::{AppliedById, Outcome};
use crate::generate::action::{cart_based, product_based};
use crate::generate::condition::{For, condition};
use crate::generate::definition::of_body;
use crate::generate::{Amounts, scenario, scenario_of};
use crate::numbers::{ONE, is_whole, millionths, number};
use crate::scenario::{LineSpec, Scenario};

/// A definition of a CART_BASED or PRODUCT_BASED action, off the items alone, without limits.
fn simple(draw: &mut Draw<'_>, settings: &Value) -> Value {
    of_body(draw, settings, |draw, amounts: Amounts| {
        let action = match draw.chance(60) {
            true => product_based(draw, amounts),
            false => cart_based(draw, amounts, false),
        };
        (condition(draw, amounts, For::Anything), action)
    })
}

/// Steps through what promotions applied, in the order of their computation: calls `look` with each
/// one's action and with what each line had left before it.
fn replay(
    scenario: &Scenario,
    outcome: &Outcome,
    mut look: impl FnMut(&Action, &AppliedById, &[i128]) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let sources = scenario.sources();
    let mut left = scenario.cart.left();
    for applied in &outcome.applied {
        let source = sources.iter().find(|source| source.id == applied.id).expect("a promotion of the ruleset");
        look(&source.definition.action, applied, &left)?;
        for (line, discount) in applied.on_lines() {
            left[line] -= discount;
        }
    }
    Ok(())
}

/// `numerator / denominator` rounded to whole units of `minor`: schoolbook, for values of 0 or more.
fn rounded(numerator: i128, denominator: i128, mode: RoundingMode, minor: i128) -> i128 {
    let (below, rest, whole) =
        (numerator / (denominator * minor), numerator % (denominator * minor), denominator * minor);
    let up = match mode {
        RoundingMode::Up | RoundingMode::Ceiling => rest > 0,
        RoundingMode::Down | RoundingMode::Floor => false,
        RoundingMode::HalfUp => 2 * rest >= whole,
        RoundingMode::HalfDown => 2 * rest > whole,
        RoundingMode::HalfEven => 2 * rest > whole || (2 * rest == whole && below % 2 == 1),
    };
    (below + i128::from(up)) * minor
}

/// What a cart action gives: value of base, at most the maximum, rounded once, at most what there is.
fn cart_discount(scenario: &Scenario, action: &CartBasedAction, left: &[i128]) -> i128 {
    let settings = scenario.settings();
    let sum: i128 = left.iter().sum();
    let base = if settings.percentage_base == Base::Net { sum } else { scenario.cart.amount() };
    let hundred = 100 * ONE;
    let wanted = match action.kind {
        AmountKind::Absolute => action.value.0 * hundred,
        AmountKind::Fixed => (sum - action.value.0).max(0) * hundred,
        AmountKind::Percentage => base * action.value.0,
    };
    let clipped = action.max_discount.map_or(wanted, |max| wanted.min(max.0 * hundred));
    let floors = scenario.cart.lines.iter().map(|line| line.min_unit_price * line.quantity / ONE);
    let room: i128 = left.iter().zip(floors.chain([0])).map(|(left, floor)| (left - floor).max(0)).sum();
    let minor = scenario.minor();
    let most = action.max_discount.map_or(i128::MAX, |max| max.0 / minor * minor);
    rounded(clipped, hundred, settings.rounding, minor).min(most).min(room)
}

/// The scenario with every line, its least price, shipments and tenders in whole minor units.
pub fn in_minor_units(mut scenario: Scenario) -> Scenario {
    let minor = scenario.minor();
    let whole = |value: i128| value / minor * minor;
    scenario.cart.amount_alone = whole(scenario.cart.amount_alone);
    for line in &mut scenario.cart.lines {
        let LineSpec { amount, discount, min_unit_price, quantity, .. } = line;
        (*amount, *discount) = (whole(*amount), whole(*discount));
        let least = whole(*min_unit_price);
        *min_unit_price = if is_whole(least * *quantity, minor * ONE) { least } else { 0 };
    }
    for key in ["shipping", "cartTenders"] {
        let entries = &mut scenario.cart.rest[key];
        if let Some(amount) = entries.get_mut("amount") {
            *amount = number(whole(millionths(amount)));
        }
        for amount in entries.as_array_mut().into_iter().flatten().filter_map(|entry| entry.get_mut("amount")) {
            *amount = number(whole(millionths(amount)));
        }
    }
    scenario
}

proptest! {
    #![proptest_config(cases(800))]

    /// "A promotion's discount is rounded once, to `precision` with `rounding`": of cart promotions
    /// the very amount.
    #[test]
    fn a_cart_promotion_gives_its_formula(
        scenario in drawn(|draw| in_minor_units(scenario_of(draw, (1, 6), simple)))
    ) {
        let outcome = scenario.outcome();
        replay(&scenario, &outcome, |action, applied, left| {
            if let Action::CartBased(action) = action {
                prop_assert_eq!(applied.discount, cart_discount(&scenario, action, left), "{:?}", applied);
            }
            Ok(())
        })?;
    }
    /// Whole minor units of everything, in currencies with no, two and three digits, wherever the cart
    /// is in such.
    #[test]
    fn parts_are_whole_minor_units(scenario in drawn(|draw| in_minor_units(scenario(draw)))) {
        let (outcome, minor) = (scenario.outcome(), scenario.minor());
        for applied in &outcome.applied {
            let runs = applied.lines.iter().chain(&applied.cart_lines).flat_map(|part| &part.runs);
            let others = applied.shipments.iter().chain(&applied.tenders);
            let parts = runs.map(|(_, discount)| discount.0).chain(others.map(|(_, discount)| *discount));
            prop_assert!(parts.into_iter().all(|discount| is_whole(discount, minor)), "{applied:?}");
        }
    }
}
