//! Why promotions in question did not apply, and what became of the codes that were sent
//! (spec/api.md, promoCodeEvaluationLogs; spec/lifecycle.md, "Codes").

use std::borrow::Cow;
use std::collections::HashMap;

use crate::action::Allowance;
use crate::allowance::{Subjects, allowance};
use crate::code::code_key;
use crate::definition::{Mode, PromotionType};
use crate::evaluation::{CodeFacts, CodeLog, CodeProblem, LinkedCode, Reason, Refused};
use crate::ruleset::Ruleset;
use crate::situation::Situation;

/// Why promotions did not apply: of all of them, or of those that codes were sent for.
#[derive(Default)]
pub(crate) struct Outcomes {
    explains_all: bool,
    /// Of the promotions that are asked for.
    reasons: HashMap<u32, Option<Reason>>,
}

impl Outcomes {
    /// Notes reasons of all promotions, or only of those that are asked for.
    pub fn new(explains_all: bool) -> Self {
        Self { explains_all, reasons: HashMap::new() }
    }

    /// Asks why a promotion does not apply, if it does not.
    pub fn ask_for(&mut self, place: u32) {
        self.reasons.entry(place).or_default();
    }

    /// Notes why a promotion did not apply, if anybody wants to know; the first reason stays.
    pub fn refuse(&mut self, place: u32, reason: impl FnOnce() -> Reason) {
        if self.explains_all {
            self.ask_for(place);
        }
        if let Some(known) = self.reasons.get_mut(&place) {
            known.get_or_insert_with(reason);
        }
    }

    /// Takes back a reason: it applies after all.
    pub fn accept(&mut self, place: u32) {
        if let Some(known) = self.reasons.get_mut(&place) {
            *known = None;
        }
    }

    fn reason(&self, place: u32) -> Option<&Reason> {
        self.reasons.get(&place).and_then(Option::as_ref)
    }

    /// All reasons, by the promotions' places.
    pub fn refused(&self) -> Vec<Refused> {
        let known = self.reasons.iter().filter_map(|(place, reason)| Some((*place, reason.clone()?)));
        let mut refused: Vec<Refused> = known.map(|(place, reason)| Refused { place, reason }).collect();
        refused.sort_by_key(|refused| refused.place);
        refused
    }
}

/// A promotion that a code unlocks.
pub(crate) struct Unlocked {
    /// Its place.
    pub place: u32,
    /// The code, by its place among those sent and those linked.
    pub code: usize,
    /// What its limits leave.
    pub allowance: Allowance,
}

/// Codes of one of the request's lists.
#[derive(Clone, Copy)]
pub(crate) struct Codes<'s, 'a> {
    /// As sent.
    pub sent: &'s [&'a str],
    /// What is known of each.
    pub facts: &'s [Option<CodeFacts>],
    /// Those that count as if they were sent, after them.
    pub linked: &'s [LinkedCode],
    /// What their promotions are.
    pub mode: Mode,
}

impl<'s, 'a> Codes<'s, 'a> {
    /// The request's promo codes.
    pub fn of_promotions(situation: &Situation<'s, 'a>) -> Self {
        let (sent, facts) = (&situation.cart.promo_codes, situation.codes);
        Self { sent, facts, linked: situation.linked, mode: Mode::Discount }
    }

    /// The request's payment vouchers: none pays unless it is sent.
    pub fn of_vouchers(situation: &Situation<'s, 'a>) -> Self {
        let (sent, facts) = (&situation.cart.payment_vouchers, situation.vouchers);
        Self { sent, facts, linked: &[], mode: Mode::PaymentVoucher }
    }

    /// The codes sent.
    fn each(self) -> impl Iterator<Item = (&'a str, Option<&'s CodeFacts>)> {
        let none = std::iter::repeat(None);
        self.sent.iter().copied().zip(self.facts.iter().map(Option::as_ref).chain(none))
    }

    /// All codes that are known, with their places: those sent, then those linked.
    pub fn known(self) -> impl Iterator<Item = (usize, &'s str, &'s CodeFacts)> {
        let sent = self.each().enumerate().filter_map(|(place, (code, facts))| Some((place, code, facts?)));
        let linked = self.linked.iter().enumerate();
        let count = self.sent.len();
        sent.chain(linked.map(move |(place, own)| (count + place, own.code.as_str(), &own.facts)))
    }

    /// The code at a place of [`Self::known`].
    pub fn text(self, place: usize) -> Cow<'a, str> {
        match self.sent.get(place) {
            Some(sent) => Cow::Borrowed(sent),
            None => Cow::Owned(self.linked[place - self.sent.len()].code.clone()),
        }
    }

    /// What usable codes unlock: by code in the order sent, then by linked codes, of each promotion the one that
    /// expires first. A limit that leaves nothing is a reason.
    pub fn unlocked(self, ruleset: &Ruleset, situation: &Situation<'_, '_>, outcomes: &mut Outcomes) -> Vec<Unlocked> {
        let mut unlocked: Vec<Unlocked> = Vec::new();
        for (code, text, facts) in self.known() {
            if facts.disabled || !facts.is_for(situation.cart.customer_id.as_ref()) {
                continue;
            }
            let key = code_key(text);
            for place in live_places(facts, self.mode, ruleset, situation) {
                outcomes.ask_for(place);
                let subjects = Subjects { code: Some(&key), earn_id: None };
                match allowance(ruleset.promotion(place), subjects, situation) {
                    Ok(allowance) => unlocked.push(Unlocked { place, code, allowance }),
                    Err(reason) => outcomes.refuse(place, || reason),
                }
            }
        }
        let first_linked = unlocked.partition_point(|own| own.code < self.sent.len());
        unlocked[first_linked..].sort_by_key(|own| {
            let linked = &self.linked[own.code - self.sent.len()];
            let id = &*ruleset.promotion(own.place).id;
            let own_use = linked.facts.uses.iter().find(|code_use| code_use.promotion_id == id);
            (own_use.and_then(|code_use| code_use.valid_till).unwrap_or(i64::MAX), &linked.code)
        });
        unlocked
    }

    /// A log entry for every code that applied nothing, in the order sent. `applied_with` answers the code
    /// that a promotion applied with.
    pub fn logs(
        self,
        ruleset: &Ruleset,
        situation: &Situation<'_, '_>,
        outcomes: &Outcomes,
        is_applied: impl Fn(&str) -> bool,
        applied_with: impl Fn(u32) -> Option<String>,
    ) -> Vec<CodeLog<'a>> {
        let mut logs = Vec::new();
        for (code, facts) in self.each().filter(|(code, _)| !is_applied(code)) {
            let problem = match facts {
                None => CodeProblem::Unknown,
                Some(facts) => self.problem_of(code, facts, ruleset, situation, outcomes, &applied_with),
            };
            let linked = facts.map(|facts| facts.linked_to.is_some());
            logs.push(CodeLog { promo_code: code, linked, problem });
        }
        logs
    }

    /// The one log entry of a code that applied nothing: the first of 0, 1004, 1002, 1005.
    fn problem_of(
        self,
        code: &str,
        facts: &CodeFacts,
        ruleset: &Ruleset,
        situation: &Situation<'_, '_>,
        outcomes: &Outcomes,
        applied_with: &impl Fn(u32) -> Option<String>,
    ) -> CodeProblem {
        let foreign = !facts.is_for(situation.cart.customer_id.as_ref());
        let (other, list) = match self.mode {
            Mode::Discount => (Mode::PaymentVoucher, "paymentVouchers"),
            Mode::PaymentVoucher => (Mode::Discount, "promoCodes"),
        };
        let live = live_places(facts, self.mode, ruleset, situation);
        let live_otherwise = live_places(facts, other, ruleset, situation).len();
        if facts.disabled || foreign {
            let count = live.len() + live_otherwise;
            let all_live = count > 0 && count == facts.uses.len();
            return if foreign && !facts.disabled && all_live {
                CodeProblem::OtherCustomer
            } else {
                CodeProblem::NotLive
            };
        }
        let key = code_key(code);
        let subjects = Subjects { code: Some(&key), earn_id: None };
        let reasons: Vec<Reason> = live
            .iter()
            .filter_map(|&place| match allowance(ruleset.promotion(place), subjects, situation) {
                Err(limit) => Some(limit),
                Ok(_) => match applied_with(place) {
                    Some(with) => Some(Reason::AppliedWithAnotherCode { with }),
                    None => outcomes.reason(place).cloned(),
                },
            })
            .collect();
        if let Some(reason) = reasons.iter().find(|reason| !reason.is_limit()) {
            return CodeProblem::NotApplied(reason.clone());
        }
        if let Some(reason) = reasons.first() {
            return CodeProblem::LimitReached(reason.clone());
        }
        if live_otherwise == 0 { CodeProblem::NotLive } else { CodeProblem::NotApplied(Reason::OtherList { list }) }
    }
}

/// The places of a code's promotions of a mode that are live now, the code's dates for them included.
pub(crate) fn live_places(facts: &CodeFacts, mode: Mode, ruleset: &Ruleset, situation: &Situation<'_, '_>) -> Vec<u32> {
    let instant = situation.instant;
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
            definition.promotion_type == PromotionType::Code
                && definition.mode == mode
                && definition.is_valid_at(instant)
        })
        .collect()
}
