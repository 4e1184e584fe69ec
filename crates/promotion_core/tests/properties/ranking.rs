//! The ranking, a total order, and the order of computation (spec/evaluation.md 3 and 5).

use std::cmp::Ordering;

use promotion_core::definition::Definition;
use promotion_core::ruleset::PromotionSource;
use promotion_core::settings::{EvaluationOrder, RankingRule, Selection, Settings};
use proptest::prelude::*;

use crate::cases;
use crate::draw::drawn;
use crate::engine::{AppliedById, Outcome};
use crate::generate::scenario;
use crate::scenario::Scenario;

/// Where a promotion stands in the ranking of spec/evaluation.md 3.
fn compare_ranks(settings: &Settings, a: (&PromotionSource, i128), b: (&PromotionSource, i128)) -> Ordering {
    let ((one, one_alone), (two, two_alone)) = (a, b);
    let (first, second) = (&one.definition, &two.definition);
    let type_rank = |definition: &Definition| {
        let place = settings.type_ranking.iter().position(|own| *own == definition.promotion_type);
        place.unwrap_or(usize::MAX)
    };
    let mut order = first.stage.cmp(&second.stage);
    order = order.then(first.is_stackable.cmp(&second.is_stackable));
    order = order.then(type_rank(first).cmp(&type_rank(second)));
    for rule in &settings.ranking_strategy {
        order = order.then(match rule {
            RankingRule::EarliestExpiry => first.end_date.cmp(&second.end_date),
            RankingRule::Priority => first.priority.cmp(&second.priority),
            RankingRule::MaxDiscount => two_alone.cmp(&one_alone),
        });
    }
    order.then(one.created.cmp(&two.created)).then(one.id.cmp(&two.id))
}

/// A scenario's promotions in the order of the ranking, each with what it does alone.
pub fn ranked(scenario: &Scenario) -> Vec<(PromotionSource, Outcome)> {
    let settings = scenario.settings();
    let mut ranked: Vec<(PromotionSource, Outcome)> =
        scenario.sources().into_iter().map(|source| (source.clone(), scenario.outcome_with(vec![source]))).collect();
    let alone = |outcome: &Outcome| outcome.applied.first().map_or(0, |applied| applied.discount);
    ranked.sort_by(|(a, of_a), (b, of_b)| compare_ranks(&settings, (a, alone(of_a)), (b, alone(of_b))));
    ranked
}

/// The first phase in which a promotion gave something, by the order of computation.
fn phase(order: EvaluationOrder, applied: &AppliedById) -> u8 {
    let is_of_tenders = !applied.stands();
    let (of_lines, of_cart) = (!applied.lines.is_empty() || !applied.gifts.is_empty(), !applied.cart_lines.is_empty());
    match order {
        _ if is_of_tenders => 9,
        EvaluationOrder::Ranked => 0,
        EvaluationOrder::LineItemFirst if of_lines => 1,
        EvaluationOrder::CartFirst if of_cart => 1,
        _ if of_lines || of_cart => 2,
        _ => 3,
    }
}

proptest! {
    #![proptest_config(cases(700))]

    /// "Ranking, a total order" and "`RANKED`: walk the order; take a promotion if nothing taken
    /// forbids it and it gives more than zero": what applies was computed in rank order, stage by
    /// stage and phase by phase, tender promotions at the very end; and the first that gives anything
    /// alone applies, where nothing is computed before it.
    #[test]
    fn promotions_are_taken_in_rank_order(scenario in drawn(scenario)) {
        let (outcome, settings) = (scenario.outcome(), scenario.settings());
        let order = settings.evaluation_order;
        let ranked = ranked(&scenario);
        // A cart action with shipping in scope and a shipping action, both on shipments alone, look alike.
        let has_both = |source: &PromotionSource| format!("{:?}", source.definition.action).contains("ItemsAndShipping");
        if !ranked.iter().any(|(source, _)| has_both(source)) {
            let place = |applied: &AppliedById| {
                let index = ranked.iter().position(|(source, _)| source.id == applied.id).expect("a promotion");
                let phase = phase(order, applied);
                (if phase == 9 { 1 } else { 0 }, ranked[index].0.definition.stage, phase, index)
            };
            let places: Vec<_> = outcome.applied.iter().map(place).collect();
            prop_assert!(places.is_sorted(), "{:?}", places);
        }

        let gives = |outcome: &Outcome| outcome.applied.first().is_some_and(AppliedById::stands);
        let Some((first, alone)) = ranked.iter().find(|(_, alone)| gives(alone)) else { return Ok(()) };
        let own = &alone.applied[0];
        // Others may leave nothing to a promotion that is computed after them, though it ranks before.
        let is_first = match order {
            EvaluationOrder::Ranked => true,
            EvaluationOrder::LineItemFirst => own.cart_lines.is_empty() && own.shipments.is_empty(),
            EvaluationOrder::CartFirst => false,
        };
        if settings.selection == Selection::Ranked && is_first {
            prop_assert!(outcome.applied(&first.id).is_some(), "{} does not apply", first.id);
        }
    }
}
