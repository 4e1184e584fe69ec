//! The engine's answer in the oracle's terms.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use promotion_core::claim::{Count, claims_of, questions};
use promotion_core::definition::INSTANCE_ROW;
use promotion_core::evaluate::{Situation, evaluate};
use promotion_core::evaluation::{Evaluation, LineDiscount};
use promotion_core::instant::Instant;
use promotion_core::limit::Used;
use promotion_core::ruleset::{PromotionSource, Ruleset};
use promotion_core::situation::{Entitlement, Till, Usage, UsageKey};

use crate::evaluating::{Applied, Outcome};
use crate::generate::ONE;
use crate::model::Case;

/// What the engine answers.
pub fn engine(case: &Case<'_, '_>) -> Outcome {
    let sources = case.promotions.iter().map(|own| PromotionSource {
        id: own.id.clone(),
        version: 1,
        created: own.created,
        definition: own.definition.clone(),
    });
    let parents = case.parents.iter().map(|(child, parent)| (child.as_str().into(), parent.as_str().into())).collect();
    let ruleset = Ruleset::compile(case.settings.clone(), parents, sources);
    let till = case.till.as_ref().map(|till| Till {
        store: till.store.clone(),
        zone: till.zone.clone(),
        concept: till.concept.clone(),
    });
    let entitlements: Vec<Entitlement> = case
        .entitlements
        .iter()
        .map(|own| Entitlement {
            earn_id: own.earn_id.clone(),
            promotion_id: own.promotion_id.clone(),
            earned_at: own.earned_at,
            valid_till: own.valid_till,
        })
        .collect();
    let usage: HashMap<UsageKey, Used> = case
        .usage
        .iter()
        .map(|((promotion_id, row, subject), used)| {
            let key = UsageKey { promotion_id: promotion_id.clone(), row: *row, subject: subject.clone() };
            (key, Used { count: used.count, moving: used.moving.clone(), held: used.held })
        })
        .collect();
    let usage = Usage(usage);
    let situation = Situation {
        codes: case.codes,
        vouchers: case.vouchers,
        linked: case.linked,
        till: till.as_ref(),
        entitlements: &entitlements,
        usage: &usage,
        ..Situation::new(case.cart, Instant(case.instant))
    };
    let evaluation = evaluate(&ruleset, &situation);
    check_claims(&ruleset, &situation, &evaluation);
    outcome(&ruleset, &evaluation)
}

/// Checks that an evaluation claims no count that was not asked about before, and one of each instance that it
/// uses: what nobody looks up is never used up.
fn check_claims(ruleset: &Ruleset, situation: &Situation<'_, '_>, evaluation: &Evaluation<'_>) {
    let asked: BTreeSet<Count> = questions(ruleset, situation).into_iter().map(|own| own.count).collect();
    let claims = claims_of(ruleset, situation, evaluation);
    let unasked: Vec<&Count> = claims.keys().filter(|count| !asked.contains(*count)).collect();
    assert!(unasked.is_empty(), "{unasked:?} are claimed without being asked about");
    let applied = evaluation.applied.iter().filter_map(|own| Some((own.earn_id.as_ref()?, own.place)));
    let paying = evaluation.vouchers.iter().filter_map(|own| Some((own.earn_id.as_ref()?, own.place)));
    let used: BTreeMap<&String, u32> = applied.chain(paying).collect();
    for (earn_id, place) in used {
        let claimed = claims.iter().filter(|(count, _)| count.row == INSTANCE_ROW && count.subject == *earn_id);
        let claimed: Vec<(&str, i128)> =
            claimed.map(|(count, claim)| (count.promotion_id.as_str(), claim.amount)).collect();
        assert_eq!(claimed, [(&*ruleset.promotion(place).id, ONE)], "one transaction of {earn_id}");
    }
}

fn outcome(ruleset: &Ruleset, evaluation: &Evaluation<'_>) -> Outcome {
    let id = |place: u32| ruleset.promotion(place).id.to_string();
    let applied = evaluation.applied.iter().map(|own| {
        let line =
            |part: &LineDiscount| (part.line, (part.discount.0, part.discounted_quantity.0, part.applied_quantity.0));
        let applied = Applied {
            discount: own.discount.0,
            redemption_count: own.redemption_count,
            code: own.promo_code.clone().map(String::from),
            instance: own.earn_id.clone(),
            lines: own.lines.iter().map(line).collect(),
            cart_lines: own.cart_lines.iter().map(|part| (part.line, part.discount.0)).collect(),
            shipments: own.shipments.iter().map(|(index, off)| (*index, off.0)).collect(),
            tenders: own.tenders.iter().map(|(index, off)| (*index, off.0)).collect(),
            gifts: own.gifts.iter().map(|gift| (gift.sku.clone(), gift.quantity.0)).collect(),
        };
        (id(own.place), applied)
    });
    let vouchers = evaluation
        .vouchers
        .iter()
        .map(|own| (id(own.place), own.code.map(str::to_owned), own.earn_id.clone(), own.redeemable.0));
    Outcome {
        applied: applied.collect(),
        lines: evaluation.line_discounts.iter().map(|off| off.0).collect(),
        shipments: evaluation.shipment_discounts.iter().map(|off| off.0).collect(),
        tenders: evaluation.tender_discounts.iter().map(|off| off.0).collect(),
        total_discount: evaluation.total_discount.0,
        payable: evaluation.payable_amount.0,
        vouchers: vouchers.collect(),
        codes: evaluation.code_logs.iter().map(|log| (log.promo_code.to_owned(), log.problem.code())).collect(),
    }
}
