//! Why promotions in question did not apply, and what became of the codes that were sent
//! (spec/api.md, promoCodeEvaluationLogs; spec/lifecycle.md, "Codes").

use std::collections::HashMap;

use crate::cart::Cart;
use crate::definition::PromotionType;
use crate::evaluate::Situation;
use crate::evaluation::{Applied, CodeFacts, CodeLog, CodeProblem, Reason};
use crate::instant::Instant;
use crate::ruleset::Ruleset;

/// Why promotions in question did not apply, and what became of the codes.
#[derive(Default)]
pub(crate) struct Outcomes {
    refused: HashMap<u32, Reason>,
}

impl Outcomes {
    /// Notes why a promotion did not apply; the first reason stays.
    pub fn refuse(&mut self, place: u32, reason: Reason) {
        self.refused.entry(place).or_insert(reason);
    }

    /// The live promotions that usable codes unlock, each once, with the first code sent.
    pub fn unlocked_by_codes<'a>(ruleset: &Ruleset, situation: &Situation<'_, 'a>) -> Vec<(u32, Option<&'a str>)> {
        let mut unlocked: Vec<(u32, Option<&'a str>)> = Vec::new();
        for (&code, facts) in situation.cart.promo_codes.iter().zip(situation.codes) {
            for place in usable_places(facts.as_ref(), ruleset, situation.cart, situation.instant) {
                if !unlocked.iter().any(|(own, _)| *own == place) {
                    unlocked.push((place, Some(code)));
                }
            }
        }
        unlocked
    }

    /// A log entry for every code that unlocked nothing, in the order sent.
    pub fn code_logs<'a>(
        &self,
        ruleset: &Ruleset,
        situation: &Situation<'_, 'a>,
        applied: &[Applied<'a>],
    ) -> Vec<CodeLog<'a>> {
        let mut logs = Vec::new();
        for (&code, facts) in situation.cart.promo_codes.iter().zip(situation.codes) {
            if applied.iter().any(|applied| applied.promo_code == Some(code)) {
                continue;
            }
            let problem = match facts {
                None => CodeProblem::Unknown,
                Some(facts) => self.problem_of(facts, ruleset, situation, applied),
            };
            let linked = facts.as_ref().map(|facts| facts.linked_to.is_some());
            logs.push(CodeLog { promo_code: code, linked, problem });
        }
        logs
    }

    /// The one log entry of a code that unlocked nothing: the first of 0, 1002, 1005.
    fn problem_of(
        &self,
        facts: &CodeFacts,
        ruleset: &Ruleset,
        situation: &Situation<'_, '_>,
        applied: &[Applied<'_>],
    ) -> CodeProblem {
        for place in usable_places(Some(facts), ruleset, situation.cart, situation.instant) {
            if let Some(applied) = applied.iter().find(|applied| applied.place == place) {
                let with = applied.promo_code.unwrap_or_default().to_owned();
                return CodeProblem::NotApplied(Reason::AppliedWithAnotherCode { with });
            }
            if let Some(reason) = self.refused.get(&place) {
                return CodeProblem::NotApplied(reason.clone());
            }
        }
        let live = live_places(facts, ruleset, situation.instant);
        let foreign = !facts.is_for(situation.cart.customer_id.as_ref());
        if foreign && !facts.disabled && !live.is_empty() && live.len() == facts.uses.len() {
            CodeProblem::OtherCustomer
        } else {
            CodeProblem::NotLive
        }
    }
}

/// The places of the promotions that a code unlocks for this customer at this instant.
fn usable_places(facts: Option<&CodeFacts>, ruleset: &Ruleset, cart: &Cart<'_>, instant: Instant) -> Vec<u32> {
    match facts {
        Some(facts) if !facts.disabled && facts.is_for(cart.customer_id.as_ref()) => {
            live_places(facts, ruleset, instant)
        }
        _ => Vec::new(),
    }
}

/// The places of a code's promotions that are live now, the code's dates for them included.
fn live_places(facts: &CodeFacts, ruleset: &Ruleset, instant: Instant) -> Vec<u32> {
    facts
        .uses
        .iter()
        .filter(|code_use| {
            code_use.valid_from.is_none_or(|from| from <= instant.0)
                && code_use.valid_till.is_none_or(|till| instant.0 <= till)
        })
        .filter_map(|code_use| ruleset.place_of(&code_use.promotion_id))
        .filter(|&place| {
            let definition = &ruleset.promotion(place).definition;
            definition.promotion_type == PromotionType::Code && definition.is_valid_at(instant)
        })
        .collect()
}
