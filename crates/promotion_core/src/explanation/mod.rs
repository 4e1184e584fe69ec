//! Why a cart gets what it gets: the candidates and what led to them, their conditions with what was asked and what was
//! found, the ranking, what kept what away, units and their shares, limits and what they leave, and what is missing of
//! promotions that nearly apply (spec/evaluation.md, all steps). Totals, promotions, reasons and near misses are what
//! [`evaluate`] and [`suggestions`] say; told besides are conditions, limits, and who has the lines that a promotion lost.

pub(crate) mod condition;
mod limit;
mod promotion;
mod scope;
pub mod text;

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::cart::CustomerId;
use crate::currency::Currency;
use crate::definition::PromotionType;
use crate::evaluate::evaluate;
use crate::evaluation::{Applied, CodeLog, Evaluation, Search};
use crate::instant::Instant;
use crate::money::{Money, Quantity};
use crate::ruleset::Ruleset;
use crate::settings::{Base, EvaluationOrder, ExclusiveScope, RankingRule, Selection};
use crate::situation::Situation;
use crate::suggestion::{Suggestion, suggestions};
pub use condition::ConditionTrace;
pub use limit::ExplainedLimit;
pub use promotion::{
    ClosedLines, ExplainedGift, ExplainedPromotion, Fate, LineShare, Missing, Ranking, Share, UnitShare, Why,
};

/// Why a cart gets what it gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation<'a> {
    /// The cart's amount.
    pub amount: Money,
    /// Its currency.
    pub currency: Currency,
    /// How many lines it has.
    pub lines: usize,
    /// How many units they have.
    pub units: Quantity,
    /// Whose it is, as sent; None: a guest's.
    pub customer_id: Option<CustomerId<'a>>,
    /// The instant it is priced at, in epoch milliseconds.
    pub instant: Instant,
    /// What the organization's clock shows then.
    pub wall_clock: String,
    /// What callers take off items themselves.
    #[serde(skip_serializing_if = "is_zero")]
    pub callers_discount: Money,
    /// What promotions take off items.
    pub total_discount: Money,
    /// What shipping costs, before promotions.
    #[serde(skip_serializing_if = "is_zero")]
    pub shipping_amount: Money,
    /// What promotions take off shipping.
    #[serde(skip_serializing_if = "is_zero")]
    pub shipping_discount: Money,
    /// What promotions take off tenders.
    #[serde(skip_serializing_if = "is_zero")]
    pub tender_discount: Money,
    /// What vouchers pay.
    #[serde(skip_serializing_if = "is_zero")]
    pub vouchers_pay: Money,
    /// What is to be paid.
    pub payable_amount: Money,
    /// The settings that decide which promotions apply, and in which order.
    pub settings: DecidingSettings,
    /// How many promotions are in force and valid at the instant.
    pub promotions_in_force: usize,
    /// How the promotions were selected, with BEST.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<Search>,
    /// The promotions in question: those that apply, in the order they were computed; then vouchers that pay; then
    /// those that don't, as they rank; then those that are only near.
    pub promotions: Vec<ExplainedPromotion>,
    /// Promo codes and payment vouchers that did nothing.
    pub codes: Vec<ExplainedCode<'a>>,
    /// A promotion that is asked about and is not in force: paused, stopped, over ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_in_force: Option<NotInForce>,
    /// How long what took, in microseconds, where somebody measured it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub microseconds: Option<Timing>,
}

/// For serde: what is nothing is left out.
fn is_zero(amount: &Money) -> bool {
    amount.is_zero()
}

/// The settings that decide which promotions apply, and in which order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DecidingSettings {
    /// How promotions are chosen.
    pub selection: Selection,
    /// In which order they are computed.
    pub evaluation_order: EvaluationOrder,
    /// How far an exclusive one shuts others out.
    pub exclusive_scope: ExclusiveScope,
    /// At most one line promotion a line.
    pub single_promotion_per_line_item: bool,
    /// At most so many line promotions a unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_stacked_per_unit: Option<u32>,
    /// At most so many promotions a cart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_stacked_per_cart: Option<u32>,
    /// What conditions look at.
    pub condition_base: Base,
    /// What percentages are taken of.
    pub percentage_base: Base,
    /// Types in rank order.
    pub type_ranking: Vec<PromotionType>,
    /// Rules that order promotions of one type.
    pub ranking_strategy: Vec<RankingRule>,
}

/// A promotion that no cart gets now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NotInForce {
    /// Its id.
    pub promotion_id: String,
    /// Its name.
    pub name: String,
    /// Its state: PAUSED, STOPPED ...
    pub state: &'static str,
}

/// A code that did nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedCode<'a> {
    /// As sent.
    pub code: &'a str,
    /// Which list it was sent in: promoCodes or paymentVouchers.
    pub list: &'static str,
    /// As in the answer's logs.
    pub error_code: u32,
    /// Why.
    pub message: String,
}

/// How long parts of a call took, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Timing {
    /// Reading what is known of the cart's codes, customer and till.
    pub read: u64,
    /// Finding the compiled promotions, or compiling them.
    pub ruleset: u64,
    /// Reading what is used of limits.
    pub usage: u64,
    /// The evaluation itself, as promo_preview does it.
    pub evaluate: u64,
}

/// Explains a cart. The usage of `situation` answers what [`crate::claim::questions`] asks with `explain` and `suggests`.
pub fn explain<'a>(ruleset: &Ruleset, situation: &Situation<'_, 'a>) -> Explanation<'a> {
    let situation = &Situation { explain: true, ..*situation };
    let evaluation = evaluate(ruleset, situation);
    let near = suggestions(ruleset, situation, &evaluation);
    let (cart, settings) = (situation.cart, &ruleset.settings);
    Explanation {
        amount: cart.amount,
        currency: cart.currency.unwrap_or(settings.currency),
        lines: cart.lines.len(),
        units: Quantity(cart.lines.iter().map(|line| line.quantity.0).sum()),
        customer_id: cart.customer_id,
        instant: situation.instant,
        wall_clock: format!("{} {}", ruleset.clock.shown(situation.instant), settings.timezone),
        callers_discount: cart.lines.iter().map(|line| line.discount).sum(),
        total_discount: evaluation.total_discount,
        shipping_amount: cart.shipping_amount(),
        shipping_discount: evaluation.shipment_discounts.iter().copied().sum(),
        tender_discount: evaluation.tender_discounts.iter().copied().sum(),
        vouchers_pay: evaluation.vouchers.iter().map(|own| own.redeemable).sum(),
        payable_amount: evaluation.payable_amount,
        settings: DecidingSettings {
            selection: settings.selection,
            evaluation_order: settings.evaluation_order,
            exclusive_scope: settings.exclusive_scope,
            single_promotion_per_line_item: settings.single_promotion_per_line_item,
            max_stacked_per_unit: settings.max_stacked_per_unit,
            max_stacked_per_cart: settings.max_stacked_per_cart,
            condition_base: settings.condition_base,
            percentage_base: settings.percentage_base,
            type_ranking: settings.type_ranking.clone(),
            ranking_strategy: settings.ranking_strategy.clone(),
        },
        promotions_in_force: ruleset.valid_at(situation.instant),
        search: evaluation.search,
        promotions: promotions(ruleset, situation, &evaluation, &near),
        codes: codes("promoCodes", &evaluation.code_logs)
            .chain(codes("paymentVouchers", &evaluation.voucher_logs))
            .collect(),
        not_in_force: None,
        microseconds: None,
    }
}

fn codes<'l, 'a: 'l>(list: &'static str, logs: &'l [CodeLog<'a>]) -> impl Iterator<Item = ExplainedCode<'a>> + 'l {
    logs.iter().map(move |log| ExplainedCode {
        code: log.promo_code,
        list,
        error_code: log.problem.code(),
        message: log.problem.to_string(),
    })
}

/// Which promotions take something off each line by line actions.
fn on_line(applied: &[Applied<'_>]) -> HashMap<usize, Vec<usize>> {
    let mut on_line: HashMap<usize, Vec<usize>> = HashMap::new();
    for (at, own) in applied.iter().enumerate() {
        own.lines.iter().for_each(|part| on_line.entry(part.line).or_default().push(at));
    }
    on_line
}

/// The promotions in question, each as often as it applies.
fn promotions(
    ruleset: &Ruleset,
    situation: &Situation<'_, '_>,
    evaluation: &Evaluation<'_>,
    near: &[Suggestion],
) -> Vec<ExplainedPromotion> {
    let standings = promotion::Standings {
        contenders: evaluation.contenders.iter().map(|own| (own.place, own)).collect(),
        near: near.iter().map(|own| (own.place, own)).collect(),
        applied: &evaluation.applied,
        on_line: on_line(&evaluation.applied),
    };
    promotion::telling(ruleset, situation, &standings, |tell| {
        let mut told: Vec<ExplainedPromotion> = evaluation.applied.iter().map(|own| tell.applied(own)).collect();
        told.extend(evaluation.vouchers.iter().map(|own| tell.voucher(own)));
        let mut seen: HashSet<u32> = evaluation.applied.iter().map(|own| own.place).collect();
        seen.extend(evaluation.vouchers.iter().map(|own| own.place));

        let mut refused: Vec<_> = evaluation.refused.iter().filter(|own| !seen.contains(&own.place)).collect();
        refused.sort_by_key(|own| tell.standing(own.place));
        told.extend(refused.iter().map(|own| tell.refused(own.place, &own.reason)));
        seen.extend(refused.iter().map(|own| own.place));

        let mut others: Vec<u32> = near.iter().map(|own| own.place).chain(situation.asked).collect();
        others.retain(|place| seen.insert(*place));
        others.sort_by_key(|place| tell.standing(*place));
        told.extend(others.into_iter().map(|place| tell.beside(place)));
        told
    })
}
