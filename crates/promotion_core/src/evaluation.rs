//! What an evaluation answers (spec/evaluation.md).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::cart::CustomerId;
use crate::definition::{LimitKpi, LimitLevel};
pub use crate::effect::Gift;
use crate::money::{Money, Quantity};
use crate::settings::words;
use crate::terms::Terms;

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
    /// All that it takes off items, shipping and tenders.
    pub discount: Money,
    /// How many applications of it gave something; at most what a bigint holds.
    pub redemption_count: u64,
    /// The code that unlocked it, as sent; one that was not sent, as it is stored.
    pub promo_code: Option<Cow<'a, str>>,
    /// The instance that it is.
    pub earn_id: Option<String>,
    /// What its line actions take off each line.
    pub lines: Vec<LineDiscount>,
    /// What its cart actions take off each line; of a cart without items, the cart's amount as line 0.
    pub cart_lines: Vec<LineDiscount>,
    /// What it takes off shipments, by their place in the request.
    pub shipments: Vec<(usize, Money)>,
    /// What it takes off tenders, by their place in the request.
    pub tenders: Vec<(usize, Money)>,
    /// Units that the caller is to add.
    pub gifts: Vec<Gift>,
    /// What its discount comes from; None where its actions, or the tiers of one that counts per line, differ.
    pub terms: Option<Terms>,
}

impl Applied<'_> {
    /// What it takes off on the level of the cart: off lines by its cart actions, off shipping and tenders.
    /// None where there is nothing of the kind, and it stands with its lines alone.
    pub fn cart_discount(&self) -> Option<Money> {
        let is_on_cart = !self.cart_lines.is_empty() || !self.shipments.is_empty() || !self.tenders.is_empty();
        cart_part(self.discount, &self.lines, is_on_cart)
    }
}

/// What line and cart actions take off each line in all, ascending by line; with the units that got cheaper.
pub(crate) fn by_line(lines: &[LineDiscount], cart_lines: &[LineDiscount]) -> Vec<(usize, Money, Quantity)> {
    let mut all: Vec<(usize, Money, Quantity)> = Vec::new();
    for part in lines.iter().chain(cart_lines) {
        match all.binary_search_by_key(&part.line, |(line, ..)| *line) {
            Ok(place) => {
                all[place].1 += part.discount;
                all[place].2 = all[place].2.max(part.discounted_quantity);
            }
            Err(place) => all.insert(place, (part.line, part.discount, part.discounted_quantity)),
        }
    }
    all
}

/// What of a promotion's discount stands on the level of the cart, beside its lines; None where it stands with
/// its lines alone.
pub(crate) fn cart_part(discount: Money, lines: &[LineDiscount], is_on_cart: bool) -> Option<Money> {
    let of_lines: Money = lines.iter().map(|part| part.discount).sum();
    (is_on_cart || lines.is_empty()).then_some(discount - of_lines)
}

/// A voucher that pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedVoucher<'a> {
    /// Its promotion's place in the ruleset.
    pub place: u32,
    /// The code, as sent; None where it comes from an instance.
    pub code: Option<&'a str>,
    /// The instance.
    pub earn_id: Option<String>,
    /// What it is worth.
    pub value: Money,
    /// What of that it pays.
    pub redeemable: Money,
}

/// A promotion that was in question and does not apply (`Situation::explain`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its place in the ruleset.
    pub place: u32,
    /// Why.
    pub reason: Reason,
}

/// A promotion that was ranked (`Situation::explain`): in scope, within its limits, its condition holding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contender {
    /// Its place in the ruleset.
    pub place: u32,
    /// Its place in the ranking, from 0.
    pub rank: usize,
    /// What it would give alone.
    pub alone: Money,
    /// The lines that its line actions would take something off then, ascending.
    pub wanted: Vec<usize>,
}

/// How a BEST selection was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Search {
    /// No permitted set takes more off; else the search was ended before it knew.
    pub optimal: bool,
    /// How many promotions were computed on the way.
    pub nodes: u64,
    /// No permitted set takes more off than this.
    pub bound: Money,
}

/// Which part of a condition did not hold, and how far from it the cart was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {required} is required, {observed} was found")]
pub struct FailedPart {
    /// Its JSON path in the definition, such as `condition.conditions[1]`.
    pub path: String,
    /// What it asks for, such as `QUANTITY GREATER_THAN_OR_EQUAL 3`.
    pub required: String,
    /// What the cart has, such as `2`.
    pub observed: String,
}

words! {
    /// What keeps two promotions from standing together (spec/evaluation.md 4).
    Because {
        /// one of them is exclusive (isStackable false)
        Exclusive,
        /// they are in one exclusion group
        ExclusionGroup,
        /// the one that applies says stopsLater
        StopsLater,
        /// singlePromotionPerLineItem
        SinglePromotionPerLineItem,
        /// with CART_FIRST a cart promotion shuts out line promotions
        CartFirst,
        /// a voucher's code pays once
        SameCode,
        /// as many line promotions stand on a unit as maxStackedPerUnit says
        MaxStackedPerUnit,
        /// units that were given, or had to be bought, for one of FREE_PRODUCT, FIXED_PRICE and PER_UNIT are consumed for the others
        Consumed,
    }
}

/// Why a promotion that was in question did not apply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The cart is priced at another time.
    #[error("the promotion is not valid at this time")]
    OutsideDates,
    /// Its hours are others.
    #[error("the promotion is not valid at this hour")]
    OutsideHours,
    /// It is for other stores, or the till is not known.
    #[error("the promotion is not for this store")]
    OtherStore,
    /// It is for members of a program.
    #[error("the customer is not in the promotion's program")]
    NotAMember,
    /// It is for known customers.
    #[error("the promotion is not for guests")]
    NotForGuests,
    /// Its money is in another currency.
    #[error("the promotion is in {promotion}, the cart in {cart}")]
    OtherCurrency {
        /// the promotion's currency
        promotion: &'static str,
        /// the cart's currency
        cart: &'static str,
    },
    /// A limit leaves nothing.
    #[error("{} limit is reached", whose_limit(*.level))]
    LimitReached {
        /// the limit's place among the promotion's
        row: usize,
        /// whose uses it counts
        level: LimitLevel,
        /// what it counts
        kpi: LimitKpi,
    },
    /// A limit leaves too little, and the promotion does not apply in part.
    #[error("the promotion's limit leaves too little")]
    LimitTooSmall,
    /// Its condition does not hold on this cart.
    #[error("the cart does not meet the promotion's condition ({0})")]
    ConditionNotMet(FailedPart),
    /// It would take nothing off.
    #[error("the promotion takes nothing off this cart")]
    GivesNothing,
    /// A voucher whose turn comes when all is paid.
    #[error("nothing is left to pay")]
    NothingToPay,
    /// One that applies does not allow it beside itself, or it does not stand beside others.
    #[error("the promotion can't be combined with promotion {with}, which applies")]
    Excluded {
        /// the promotion that applies
        with: String,
        /// what keeps them from one another
        because: Because,
    },
    /// As many promotions apply as may.
    #[error("no more promotions can be combined")]
    TooManyPromotions,
    /// Others take more off without it.
    #[error("other promotions take more off without it")]
    Outweighed,
    /// A payment voucher among the promo codes, or a promo code among the payment vouchers.
    #[error("the code belongs in {list}")]
    OtherList {
        /// where it belongs
        list: &'static str,
    },
    /// Another code of the same promotion came first.
    #[error("the promotion applies already, with code {with}")]
    AppliedWithAnotherCode {
        /// that code, as sent
        with: String,
    },
    /// It is asked about, and no code that was sent unlocks it.
    #[error("the cart has no code of the promotion that can be used")]
    NoCode,
    /// It is asked about, and nothing that was issued or earned is one of it.
    #[error("the customer has no instance of the promotion that can be used")]
    NoInstance,
}

/// Whose uses a limit counts, as a shopper would say it.
fn whose_limit(level: LimitLevel) -> &'static str {
    match level {
        LimitLevel::Promotion => "the promotion's",
        LimitLevel::Customer => "the customer's",
        LimitLevel::Cart => "the cart's",
        LimitLevel::Code => "the code's",
        LimitLevel::Earn => "the instance's",
    }
}

impl Reason {
    /// It in one word, for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::OutsideDates => "OUTSIDE_DATES",
            Self::OutsideHours => "OUTSIDE_HOURS",
            Self::OtherStore => "OTHER_STORE",
            Self::NotAMember => "NOT_A_MEMBER",
            Self::NotForGuests => "NOT_FOR_GUESTS",
            Self::OtherCurrency { .. } => "OTHER_CURRENCY",
            Self::LimitReached { .. } => "LIMIT_REACHED",
            Self::LimitTooSmall => "LIMIT_TOO_SMALL",
            Self::ConditionNotMet(_) => "CONDITION_NOT_MET",
            Self::GivesNothing => "GIVES_NOTHING",
            Self::NothingToPay => "NOTHING_TO_PAY",
            Self::Excluded { .. } => "EXCLUDED",
            Self::TooManyPromotions => "TOO_MANY_PROMOTIONS",
            Self::Outweighed => "OUTWEIGHED",
            Self::OtherList { .. } => "OTHER_LIST",
            Self::AppliedWithAnotherCode { .. } => "APPLIED_WITH_ANOTHER_CODE",
            Self::NoCode => "NO_CODE",
            Self::NoInstance => "NO_INSTANCE",
        }
    }

    /// Whether a limit is in the way.
    pub fn is_limit(&self) -> bool {
        matches!(self, Self::LimitReached { .. } | Self::LimitTooSmall)
    }
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
    /// 1004
    #[error("{0}")]
    LimitReached(Reason),
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
            Self::LimitReached(_) => 1004,
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
    /// What all of them take off each shipment of the request.
    pub shipment_discounts: Vec<Money>,
    /// What all of them take off each tender of the request.
    pub tender_discounts: Vec<Money>,
    /// Vouchers that pay, in the order they do.
    pub vouchers: Vec<AppliedVoucher<'a>>,
    /// What promotions take off the items.
    pub total_discount: Money,
    /// What is to be paid: items and shipping, less the callers' discounts, promotions and vouchers.
    pub payable_amount: Money,
    /// Codes that unlocked nothing, in the order sent.
    pub code_logs: Vec<CodeLog<'a>>,
    /// Payment vouchers that pay nothing, in the order sent.
    pub voucher_logs: Vec<CodeLog<'a>>,
    /// Why candidates do not apply, where that was asked for.
    pub refused: Vec<Refused>,
    /// The ranking, where reasons were asked for.
    pub contenders: Vec<Contender>,
    /// How the promotions were selected, with BEST: of several stages, taken together.
    pub search: Option<Search>,
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
    /// When the code was added to the promotion, in epoch milliseconds.
    pub issued_at: i64,
}

/// A code that is linked to the customer and was not sent: it unlocks its promotions all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedCode {
    /// The code as it is stored.
    pub code: String,
    /// What is known of it.
    pub facts: CodeFacts,
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
