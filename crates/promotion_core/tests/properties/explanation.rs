//! promo_explain (docs/explain.md): it tells what the evaluation does, of every promotion in question.

use promotion_core::evaluate::evaluate;
use promotion_core::explanation::text::lines;
use promotion_core::explanation::{ConditionTrace, ExplainedPromotion, Explanation, Fate, explain};
use promotion_core::situation::Situation;
use proptest::prelude::*;

use crate::cases;
use crate::draw::drawn;
use crate::engine::Outcome;
use crate::generate::scenario;

fn each<'t>(trace: &'t ConditionTrace, all: &mut Vec<&'t ConditionTrace>) {
    all.push(trace);
    trace.parts.iter().for_each(|part| each(part, all));
}

fn check_promotion(own: &ExplainedPromotion, is_net: bool) -> Result<(), TestCaseError> {
    let why = own.reason.as_ref().map(|why| why.code);
    prop_assert_eq!(own.outcome == Fate::Refused, why.is_some(), "{}", own.name);
    // A trace says that a condition holds if and only if it does; what others left may fulfil one that the cart as
    // sent does not.
    if own.outcome != Fate::Refused {
        prop_assert!(own.condition.holds || is_net, "{} applies, but {:?}", own.name, own.condition);
        prop_assert!(!own.found_by.is_empty(), "nothing led to {}, which applies", own.name);
    }
    if why == Some("CONDITION_NOT_MET") {
        prop_assert!(!own.condition.holds || is_net, "{:?}", own.condition);
    }
    let mut all = Vec::new();
    each(&own.condition, &mut all);
    prop_assert!(all.iter().all(|part| part.path.starts_with("condition") && !part.required.is_empty()));
    // What is split adds up.
    for line in own.lines.iter().chain(&own.cart_lines) {
        let units: i128 = line.units.iter().map(|unit| unit.discount.0).sum();
        prop_assert_eq!(units, line.discount.0);
    }
    if own.outcome == Fate::Applied {
        let off_lines: i128 = own.lines.iter().chain(&own.cart_lines).map(|line| line.discount.0).sum();
        let off_others: i128 = own.shipping.iter().chain(&own.tenders).map(|share| share.discount.0).sum();
        prop_assert_eq!(own.discount.map(|all| all.0), Some(off_lines + off_others), "{}", own.name);
    }
    // Closed are lines on which it has nothing.
    let closed: Vec<usize> = own.closed_lines.iter().flat_map(|closed| closed.lines.clone()).collect();
    prop_assert!(closed.iter().all(|line| own.lines.iter().all(|part| part.line != *line)), "{}", own.name);
    for limit in &own.limits {
        prop_assert!((0..=limit.limit.0).contains(&limit.left.0), "{limit:?}");
    }
    Ok(())
}

fn ids(explanation: &Explanation<'_>, fate: Fate) -> Vec<String> {
    let of_fate = explanation.promotions.iter().filter(|own| own.outcome == fate);
    of_fate.map(|own| own.promotion_id.clone()).collect()
}

proptest! {
    #![proptest_config(cases(400))]

    /// Totals, promotions, vouchers, refusals and codes are those of the evaluation, and the text has all of them.
    #[test]
    fn it_tells_what_the_evaluation_does(scenario in drawn(scenario)) {
        let ruleset = scenario.compiled(scenario.sources());
        let is_net = scenario.settings["conditionBase"] == "NET";
        scenario.situated(|situation| {
            let outcome = Outcome::of(&ruleset, &evaluate(&ruleset, &Situation { explain: true, ..*situation }));
            let explanation = explain(&ruleset, situation);
            prop_assert_eq!(explanation.total_discount.0, outcome.total_discount);
            let taken_off = explanation.callers_discount.0
                + outcome.total_discount
                + explanation.shipping_discount.0
                + explanation.tender_discount.0
                + explanation.vouchers_pay.0;
            let whole = explanation.amount.0 + explanation.shipping_amount.0;
            prop_assert_eq!(explanation.payable_amount.0, whole - taken_off);
            prop_assert_eq!(explanation.search, outcome.search);
            prop_assert_eq!(explanation.payable_amount.0, outcome.payable_amount);
            let applied: Vec<String> = outcome.applied.iter().map(|own| own.id.clone()).collect();
            prop_assert_eq!(ids(&explanation, Fate::Applied), applied);
            let paying: Vec<String> = outcome.vouchers.iter().map(|own| own.id.clone()).collect();
            prop_assert_eq!(ids(&explanation, Fate::Pays), paying.clone());
            let told = ids(&explanation, Fate::Refused);
            for (id, _) in &outcome.refused {
                prop_assert!(told.contains(id) || paying.contains(id), "{id} was refused");
            }
            prop_assert_eq!(explanation.codes.len(), outcome.code_logs.len() + outcome.voucher_logs.len());
            explanation.promotions.iter().try_for_each(|own| check_promotion(own, is_net))?;
            let text = lines(&explanation, &|| {});
            let nodes = text.iter().filter(|line| line.starts_with("  ->  ")).count();
            prop_assert_eq!(nodes, explanation.promotions.len() + explanation.codes.len());
            prop_assert!(serde_json::to_string(&explanation).is_ok());
            Ok(())
        })?;
    }

    /// Of a promotion that is asked about it tells, wherever that one stopped, and changes nothing by that.
    #[test]
    fn what_is_asked_about_is_told(scenario in drawn(scenario)) {
        let ruleset = scenario.compiled(scenario.sources());
        scenario.situated(|situation| {
            let plain = explain(&ruleset, situation);
            for own in &scenario.promotions {
                let asked = ruleset.place_of(&own.id);
                prop_assert!(asked.is_some());
                let told = explain(&ruleset, &Situation { asked, ..*situation });
                let about: Vec<_> = told.promotions.iter().filter(|told| told.promotion_id == own.id).collect();
                prop_assert!(!about.is_empty(), "nothing about {}", own.id);
                about.into_iter().try_for_each(|own| check_promotion(own, scenario.settings["conditionBase"] == "NET"))?;
                prop_assert_eq!(told.search, plain.search);
                prop_assert_eq!(ids(&told, Fate::Applied), ids(&plain, Fate::Applied));
                prop_assert_eq!(told.payable_amount, plain.payable_amount);
            }
            Ok(())
        })?;
    }
}
