//! "pure, total, deterministic", and independent of the order of promotions and of lines.

use promotion_core::evaluation::LineDiscount;
use proptest::prelude::*;

use crate::amounts::in_minor_units;
use crate::cases;
use crate::draw::{Draw, drawn};
use crate::engine::{AppliedById, Outcome, answer};
use crate::generate::scenario;
use crate::scenario::Scenario;

/// What each kind of line gets, in all and of each promotion, whatever the order of the lines.
fn by_kind_of_line(scenario: &Scenario, outcome: &Outcome) -> Vec<String> {
    let part = |parts: &[LineDiscount], index: usize| {
        let own = parts.iter().find(|part| part.line == index);
        own.map(|part| format!("{} on {} of {}", part.discount, part.discounted_quantity, part.applied_quantity))
    };
    let mut kinds: Vec<String> = (scenario.cart.lines.iter().zip(&outcome.line_discounts).enumerate())
        .map(|(index, (line, discount))| {
            let mut kind = format!("{} loses {discount}", line.json());
            for applied in &outcome.applied {
                for part in [part(&applied.lines, index), part(&applied.cart_lines, index)].into_iter().flatten() {
                    kind += &format!(", by {} {part}", applied.id);
                }
            }
            kind
        })
        .collect();
    kinds.sort();
    kinds
}

/// What promotions give, without their parts of lines.
fn beside_lines(outcome: &Outcome) -> Outcome {
    let mut outcome = outcome.clone();
    outcome.line_discounts.clear();
    for applied in &mut outcome.applied {
        applied.lines.clear();
        applied.cart_lines.clear();
    }
    outcome
}

fn with_lines_shuffled(draw: &mut Draw<'_>) -> (Scenario, Scenario) {
    let mut one = scenario(draw);
    one.settings["remainder"] = "LARGEST".into();
    let mut other = one.clone();
    draw.shuffle(&mut other.cart.lines);
    (one, other)
}

/// A scenario, another order of its promotions, and the same with what is known of it in another order.
fn with_promotions_shuffled(draw: &mut Draw<'_>) -> (Scenario, Vec<usize>, Scenario) {
    let scenario = scenario(draw);
    let mut order: Vec<usize> = (0..scenario.promotions.len()).collect();
    draw.shuffle(&mut order);
    let mut other = scenario.clone();
    draw.shuffle(&mut other.entitlements);
    (scenario, order, other)
}

fn with_another_remainder(draw: &mut Draw<'_>) -> (Scenario, Scenario) {
    let mut one = in_minor_units(scenario(draw));
    one.settings["exclusiveScope"] = "CART".into();
    one.promotions.retain(|own| own.definition["action"]["type"] != "MULTI");
    for own in &mut one.promotions {
        own.definition["isStackable"] = false.into();
    }
    let mut other = one.clone();
    one.settings["remainder"] = "LARGEST".into();
    other.settings["remainder"] = draw.pick(&["FIRST", "LAST"]).into();
    (one, other)
}

proptest! {
    #![proptest_config(cases(1_500))]

    /// "Lines in another order give the same discount for each line (with the default `remainder`)".
    /// Lines that are equal in everything may swap what they get.
    #[test]
    fn the_order_of_the_lines_does_not_matter((scenario, other) in drawn(with_lines_shuffled)) {
        let (one, two) = (scenario.outcome(), other.outcome());
        prop_assert_eq!(by_kind_of_line(&scenario, &one), by_kind_of_line(&other, &two));
        prop_assert_eq!(beside_lines(&one), beside_lines(&two));
    }
}

proptest! {
    #![proptest_config(cases(1_000))]

    /// "pure, total, deterministic": the same twice, and whatever the order in which the promotions
    /// and the customer's instances come, the ranking being a total order.
    #[test]
    fn the_same_inputs_give_the_same((scenario, order, other) in drawn(with_promotions_shuffled)) {
        let sources = scenario.sources();
        let ruleset = scenario.compiled(sources.clone());
        let once = || scenario.on(&ruleset, true, |cart, evaluation| {
            (answer(&ruleset, cart, evaluation).to_string(), format!("{evaluation:?}"))
        });
        prop_assert_eq!(once(), once());
        // The codes unlock the promotions in the order they were created in: that stays.
        let shuffled = order.into_iter().map(|index| sources[index].clone()).collect();
        let mut one = scenario.explained_with(sources);
        let mut two = other.explained_with(shuffled);
        for outcome in [&mut one, &mut two] {
            outcome.refused.sort_by(|(a, _), (b, _)| a.cmp(b));
        }
        prop_assert_eq!(one, two);
    }
    /// "`remainder` FIRST or LAST": the difference falls elsewhere, and the total is the same where no
    /// other promotion builds on it.
    #[test]
    fn the_remainder_changes_no_total((one, other) in drawn(with_another_remainder)) {
        let (one, other) = (one.outcome(), other.outcome());
        let totals = |outcome: &Outcome| {
            let of = |own: &AppliedById| (own.id.clone(), own.discount, own.redemption_count, own.gifts.clone());
            outcome.applied.iter().map(of).collect::<Vec<_>>()
        };
        prop_assert_eq!(totals(&one), totals(&other));
        prop_assert_eq!(one.payable_amount, other.payable_amount);
    }
}
