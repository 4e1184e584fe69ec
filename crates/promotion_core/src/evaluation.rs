//! What an evaluation answers (spec/evaluation.md).

use crate::cart::CustomerId;
use crate::money::{Money, Quantity};

/// What a promotion takes off one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineDiscount {
    /// The line's index in the request.
    pub line: usize,
    /// Its part of the discount.
    pub discount: Money,
    /// The line's units whose price fell.
    pub discounted_quantity: Quantity,
    /// Those, and the line's units that had to be bought for it.
    pub applied_quantity: Quantity,
    /// The part per run of equal units: how many units, and what they lose together.
    pub runs: Vec<(Quantity, Money)>,
}

/// A promotion that applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied<'a> {
    /// Its place in the ruleset.
    pub place: u32,
    /// Its whole discount.
    pub discount: Money,
    /// How many applications of it gave something.
    pub redemption_count: u32,
    /// The code that unlocked it, as sent.
    pub promo_code: Option<&'a str>,
    /// Whether it stands with the lines (else with the cart).
    pub is_line_promotion: bool,
    /// What each line gets of it; of a cart without items, the cart's amount as line 0.
    pub lines: Vec<LineDiscount>,
}

/// Why a promotion that was asked for by a code did not apply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Its money is in another currency.
    #[error("the promotion is in {promotion}, the cart in {cart}")]
    OtherCurrency {
        /// the promotion's currency
        promotion: &'static str,
        /// the cart's currency
        cart: &'static str,
    },
    /// Its condition does not hold on this cart.
    #[error("the cart does not meet the promotion's condition")]
    ConditionNotMet,
    /// It would take nothing off.
    #[error("the promotion takes nothing off this cart")]
    GivesNothing,
    /// One that applies does not allow it beside itself, or it does not stand beside others.
    #[error("the promotion can't be combined with promotion {with}, which applies")]
    Excluded {
        /// the promotion that applies
        with: String,
    },
    /// Another code of the same promotion came first.
    #[error("the promotion applies already, with code {with}")]
    AppliedWithAnotherCode {
        /// that code, as sent
        with: String,
    },
}

/// Why a code did not unlock anything (spec/api.md, promoCodeEvaluationLogs).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeProblem {
    /// 1001
    #[error("The promo code does not exist")]
    Unknown,
    /// 1002
    #[error("The promo code or its promotion is not valid at this time")]
    NotLive,
    /// 1005
    #[error("The promo code is linked to another customer")]
    OtherCustomer,
    /// 0: a good code whose promotion does not apply to this cart.
    #[error("{0}")]
    NotApplied(Reason),
}

impl CodeProblem {
    /// The `errorCode` of the log entry.
    pub fn code(&self) -> u32 {
        match self {
            Self::Unknown => 1001,
            Self::NotLive => 1002,
            Self::OtherCustomer => 1005,
            Self::NotApplied(_) => 0,
        }
    }
}

/// A log entry of a code that did not unlock anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeLog<'a> {
    /// The code as sent.
    pub promo_code: &'a str,
    /// Whether it is linked to a customer; None where it is unknown.
    pub linked: Option<bool>,
    /// Why.
    pub problem: CodeProblem,
}

/// The answer to: what does this cart get?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation<'a> {
    /// The promotions that apply, in the order they were computed.
    pub applied: Vec<Applied<'a>>,
    /// What all of them take off each line of the request.
    pub line_discounts: Vec<Money>,
    /// What promotions take off the items.
    pub total_discount: Money,
    /// What is to be paid: items, less the callers' discounts and promotions, and shipping.
    pub payable_amount: Money,
    /// Codes that unlocked nothing, in the order sent.
    pub code_logs: Vec<CodeLog<'a>>,
}

/// What the database knows of a code that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CodeFacts {
    /// Switched off.
    pub disabled: bool,
    /// The customer it is linked to.
    pub linked_to: Option<String>,
    /// Its promotions, each with its own dates.
    pub uses: Vec<CodeUse>,
}

/// A promotion that a code unlocks, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeUse {
    /// The promotion's id.
    pub promotion_id: String,
    /// First instant, in epoch milliseconds.
    pub valid_from: Option<i64>,
    /// Last instant, in epoch milliseconds.
    pub valid_till: Option<i64>,
}

impl CodeFacts {
    /// Whether the customer may use it.
    pub(crate) fn is_for(&self, customer: Option<&CustomerId<'_>>) -> bool {
        match &self.linked_to {
            None => true,
            Some(owner) => customer.is_some_and(|customer| customer.key() == owner.as_str()),
        }
    }
}
