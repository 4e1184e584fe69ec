//! `explain` (spec/api.md, promo_preview): why candidates do not apply.

use promotion_core::evaluation::Reason;
use promotion_core::settings::Selection;
use proptest::prelude::*;

use crate::cases;
use crate::draw::drawn;
use crate::engine::Outcome;
use crate::generate::history::rows;
use crate::generate::scenario;
use crate::limits::available;
use crate::numbers::ONE;
use crate::scenario::{NOW, PromotionSpec, Scenario};

/// Whether a reason is one: what it says can be seen.
fn check_reason(
    scenario: &Scenario,
    outcome: &Outcome,
    own: &PromotionSpec,
    reason: &Reason,
    applies_alone: bool,
) -> Result<(), TestCaseError> {
    let (definition, settings) = (&own.definition, scenario.settings());
    let is_guest = scenario.cart.rest.get("customerId").is_none_or(serde_json::Value::is_null);
    match reason {
        Reason::OutsideDates => {
            let [start, end] = ["startDate", "endDate"].map(|key| definition[key].as_i64().expect("a date"));
            prop_assert!(!(start..=end).contains(&NOW));
        }
        Reason::OutsideHours => prop_assert!(definition["timeCriteria"].is_object()),
        Reason::OtherStore => prop_assert!(definition["storeCriteria"].is_object()),
        Reason::NotAMember => prop_assert!(definition["supplementaryCriteria"].is_object()),
        Reason::NotForGuests => prop_assert!(is_guest),
        Reason::OtherCurrency { promotion, cart } => prop_assert!(promotion != cart),
        Reason::LimitReached { row, .. } => {
            let rows = rows(definition);
            let least = |used| available(rows[*row].1, used) < ONE;
            let uses = scenario.used.iter().filter(|used| used.promotion_id == own.id && used.row == *row);
            prop_assert!(uses.map(Some).chain([None]).any(least), "row {row}");
        }
        Reason::LimitTooSmall => prop_assert!(definition["promotionRestrictions"].is_object()),
        Reason::Excluded { with, .. } => {
            let applies = outcome.applied(with).is_some() || outcome.vouchers.iter().any(|voucher| voucher.id == *with);
            prop_assert!(applies && *with != own.id, "{with} does not apply");
        }
        Reason::TooManyPromotions => {
            let most = settings.max_stacked_per_cart.expect("a maximum");
            prop_assert!(outcome.applied.iter().filter(|own| own.stands()).count() >= most as usize);
        }
        Reason::Outweighed => prop_assert!(settings.selection == Selection::Best),
        // What promotions have left may fulfil a condition that the cart as sent does not.
        Reason::ConditionNotMet(part) => {
            prop_assert!(!applies_alone || scenario.settings["conditionBase"] == "NET", "{part}");
            prop_assert!(part.path.starts_with("condition") && !part.required.is_empty());
        }
        Reason::GivesNothing
        | Reason::NothingToPay
        | Reason::OtherList { .. }
        | Reason::AppliedWithAnotherCode { .. } => {}
        Reason::NoCode | Reason::NoInstance => prop_assert!(false, "nobody asked"),
    }
    // These are said whatever else applies.
    let is_scope = matches!(
        reason,
        Reason::OutsideDates
            | Reason::OutsideHours
            | Reason::OtherStore
            | Reason::NotAMember
            | Reason::NotForGuests
            | Reason::OtherCurrency { .. }
            | Reason::LimitReached { .. }
    );
    prop_assert!(!is_scope || !applies_alone, "{} applies alone: {reason}", own.id);
    Ok(())
}

proptest! {
    #![proptest_config(cases(1_000))]

    /// A reason for every promotion that would apply alone and does not apply here, none for those that
    /// do; and asking for reasons changes nothing else.
    #[test]
    fn what_does_not_apply_has_a_reason(scenario in drawn(scenario)) {
        let sources = scenario.sources();
        let plain = scenario.outcome_with(sources.clone());
        let explained = scenario.explained_with(sources.clone());
        prop_assert_eq!(&plain.refused, &[]);
        for (own, source) in scenario.promotions.iter().zip(sources) {
            let alone = scenario.outcome_with(vec![source]);
            let applies_alone = !alone.applied.is_empty() || !alone.vouchers.is_empty();
            let applies = plain.applied(&own.id).is_some() || plain.vouchers.iter().any(|voucher| voucher.id == own.id);
            let reasons: Vec<&Reason> =
                explained.refused.iter().filter(|(id, _)| *id == own.id).map(|(_, reason)| reason).collect();
            prop_assert!(reasons.len() <= 1, "{:?}", reasons);
            if applies {
                prop_assert!(reasons.is_empty(), "{} applies, but {:?}", own.id, reasons);
            } else if applies_alone {
                prop_assert_eq!(reasons.len(), 1, "{} does not apply for no reason", own.id);
            }
            for reason in reasons {
                check_reason(&scenario, &plain, own, reason, applies_alone)?;
            }
        }
        let without = Outcome { refused: Vec::new(), ..explained };
        prop_assert_eq!(without, plain);
    }
}
