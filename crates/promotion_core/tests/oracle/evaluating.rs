//! An evaluation from its candidates to its totals (spec/evaluation.md, "Steps").

use std::collections::{BTreeMap, BTreeSet};

use num_traits::{Signed, Zero};
use promotion_core::definition::{Action, Mode};
use promotion_core::evaluation::CodeFacts;

use crate::candidates::{Problem, candidates, log, sent};
use crate::computing::{Candidate, Computer, Phase};
use crate::limits::Allowed;
use crate::model::{Basket, Bit, Case, Given, State};
use crate::money::{Num, exact, millionths};
use crate::selecting::{Selector, rank};

/// What one promotion gives, every number in millionths.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Applied {
    pub discount: i128,
    pub redemption_count: u64,
    pub code: Option<String>,
    pub instance: Option<String>,
    /// By line, what line actions take off it: the discount, the units whose price fell, and those with
    /// the line's triggers.
    pub lines: BTreeMap<usize, (i128, i128, i128)>,
    /// By line, what cart actions take off it.
    pub cart_lines: BTreeMap<usize, i128>,
    pub shipments: BTreeMap<usize, i128>,
    pub tenders: BTreeMap<usize, i128>,
    pub gifts: BTreeMap<String, i128>,
}

/// What an evaluation answers, every number in millionths.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// By promotion id.
    pub applied: BTreeMap<String, Applied>,
    pub lines: Vec<i128>,
    pub shipments: Vec<i128>,
    pub tenders: Vec<i128>,
    pub total_discount: i128,
    pub payable: i128,
    /// The promotion, the code or the instance, and what it pays.
    pub vouchers: Vec<(String, Option<String>, Option<String>, i128)>,
    /// Codes that unlocked nothing, and their errorCodes.
    pub codes: Vec<(String, u32)>,
}

/// Evaluates a case.
pub fn evaluate(case: &Case<'_, '_>) -> Outcome {
    let basket = Basket::new(case);
    let computer = Computer::new(&basket);
    let mut candidates = candidates(case, Mode::Discount);
    rank(&computer, &mut candidates);
    let selected = Selector { computer: &computer }.select(&candidates);
    let paying = tender_promotions(&computer, &candidates, &selected.taken, &selected.state);
    let state = computer.tenders(&selected.state, &paying);
    let to_pay = basket.items_left(&state) + basket.shipping_left(&state) - state.tenders.iter().sum::<Num>();
    let vouchers = vouchers(&computer, &state, to_pay);
    let paid: Num = vouchers.iter().map(|(_, paid)| *paid).sum();

    let mut outcome = Outcome {
        lines: (0..basket.lines.len()).map(|line| off_line(&state, line)).collect(),
        shipments: state.shipments.iter().map(millionths).collect(),
        tenders: state.tenders.iter().map(millionths).collect(),
        total_discount: millionths(&state.given.values().map(Given::off_items).sum()),
        payable: millionths(&(to_pay - paid).max(Num::zero())),
        ..Outcome::default()
    };
    for candidate in &candidates {
        let given = Computer::given(&state, candidate.promotion);
        if given.gives() || given.discount().is_positive() {
            let id = case.promotions[candidate.promotion].id.clone();
            outcome.applied.insert(id, applied(&basket, candidate, &given));
        }
    }
    for (candidate, paid) in vouchers {
        let id = case.promotions[candidate.promotion].id.clone();
        outcome.vouchers.push((id, candidate.code, candidate.instance, millionths(&paid)));
    }
    let refused: BTreeSet<usize> = selected.refused.union(&state.refused).copied().collect();
    outcome.codes = codes(case, &refused, &outcome);
    outcome
}

fn off_line(state: &State, line: usize) -> i128 {
    millionths(&state.bits[line].iter().map(|bit| bit.taken).sum())
}

/// The promotions whose tender actions run, in rank order: those taken, and those whose other actions
/// give nothing.
fn tender_promotions<'c>(
    computer: &Computer<'_, '_, '_>,
    candidates: &'c [Candidate],
    taken: &[Candidate],
    state: &State,
) -> Vec<&'c Candidate> {
    let pays = |own: &&Candidate| {
        if !computer.phases(&computer.untouched, own.promotion).contains(&Phase::Tender) {
            return false;
        }
        let is_taken = taken.iter().any(|other| other.promotion == own.promotion);
        is_taken || !Computer::given(&computer.stage(state, &[*own], None), own.promotion).gives()
    };
    candidates.iter().filter(pays).collect()
}

/// Payment vouchers and what each pays: codes in the order sent, each for the first of its promotions
/// that pays, then entitlements in rank order.
fn vouchers(computer: &Computer<'_, '_, '_>, state: &State, mut to_pay: Num) -> Vec<(Candidate, Num)> {
    let case = computer.basket.case;
    let mut candidates = candidates(case, Mode::PaymentVoucher);
    rank(computer, &mut candidates);
    let order = |candidate: &Candidate| {
        case.cart
            .payment_vouchers
            .iter()
            .position(|code| candidate.code.as_deref() == Some(*code))
            .unwrap_or(usize::MAX)
    };
    candidates.sort_by_key(order);
    let mut used: BTreeMap<usize, (u64, Num)> = BTreeMap::new();
    let mut paying: Vec<(Candidate, Num)> = Vec::new();
    for candidate in candidates {
        let Action::CartBased(action) = &computer.definition(candidate.promotion).action else { continue };
        // A code pays for one of its promotions.
        let is_used = candidate.code.is_some() && paying.iter().any(|(other, _)| other.code == candidate.code);
        if is_used || !computer.holds(state, candidate.promotion) {
            continue;
        }
        let (count, spent) = used.entry(candidate.promotion).or_default();
        let allowed: Allowed = candidate.allowed.after(*spent).after_count(*count);
        let most = action.max_discount.map_or(exact(action.value.0), |max| exact(max.0.min(action.value.0)));
        let paid = allowed.discount(most.min(to_pay), case.minor);
        if let (Ok(1..), Ok(paid)) = (allowed.applications(1), paid)
            && paid.is_positive()
        {
            (*count, *spent) = (*count + 1, *spent + paid);
            to_pay -= paid;
            paying.push((candidate, paid));
        }
    }
    paying
}

fn applied(basket: &Basket<'_, '_>, candidate: &Candidate, given: &Given) -> Applied {
    let by_line = |off: &BTreeMap<Bit, Num>| {
        let mut lines: BTreeMap<usize, Num> = BTreeMap::new();
        off.iter().for_each(|(bit, off)| *lines.entry(bit.0).or_default() += off);
        lines
    };
    let quantity = |bits: BTreeSet<Bit>| millionths(&basket.quantity(bits.len()));
    let lines = by_line(&given.lines).into_iter().map(|(line, off)| {
        let discounted: BTreeSet<Bit> = given.lines.keys().copied().filter(|bit| bit.0 == line).collect();
        let triggers = given.triggers.iter().copied().filter(|bit| bit.0 == line);
        let with_triggers = discounted.iter().copied().chain(triggers).collect();
        (line, (millionths(&off), quantity(discounted), quantity(with_triggers)))
    });
    let numbers =
        |amounts: &BTreeMap<usize, Num>| amounts.iter().map(|(index, off)| (*index, millionths(off))).collect();
    let mut cart_lines: BTreeMap<usize, i128> = numbers(&by_line(&given.cart));
    if given.alone.is_positive() {
        cart_lines.insert(0, millionths(&given.alone));
    }
    Applied {
        discount: millionths(&given.discount()),
        redemption_count: given.count,
        code: candidate.code.clone(),
        instance: candidate.instance.clone(),
        lines: lines.collect(),
        cart_lines,
        shipments: numbers(&given.shipments),
        tenders: numbers(&given.tenders),
        gifts: given.gifts.iter().map(|(sku, quantity)| (sku.clone(), millionths(quantity))).collect(),
    }
}

/// The codes that unlocked nothing; `refused` are the promotions that a limit is too small for.
fn codes(case: &Case<'_, '_>, refused: &BTreeSet<usize>, outcome: &Outcome) -> Vec<(String, u32)> {
    let (sent, facts) = sent(case, Mode::Discount);
    let unlocked = |code: &str| outcome.applied.values().any(|applied| applied.code.as_deref() == Some(code));
    let unused = sent.iter().zip(facts).filter(|(code, _)| !unlocked(code));
    let problem = |(code, facts): (&&str, &Option<CodeFacts>)| {
        let problem: Problem = log(case, code, facts.as_ref(), &|promotion| refused.contains(&promotion));
        ((*code).to_owned(), problem.code())
    };
    unused.map(problem).collect()
}
