//! The ranking, a total order (spec/evaluation.md 3): what of it needs no cart is computed when a
//! ruleset is compiled, the rest for the candidates of a cart.

use std::cmp::{Ordering, Reverse};

use crate::computing::Candidate;
use crate::definition::Definition;
use crate::money::Money;
use crate::ruleset::{PromotionSource, Ruleset};
use crate::settings::{RankingRule, Settings};

/// The total order of spec/evaluation.md 3, cut at MAX_DISCOUNT, the only part of it that needs a
/// cart: promotions equal in everything before it share a class, and each has its own tail.
pub(crate) fn static_ranks(sources: &[PromotionSource], settings: &Settings) -> (Vec<u32>, Vec<u32>) {
    let rules = &settings.ranking_strategy;
    let cut = rules.iter().position(|rule| *rule == RankingRule::MaxDiscount).unwrap_or(rules.len());
    let by_rules = |rules: &[RankingRule], a: &Definition, b: &Definition| {
        rules.iter().fold(Ordering::Equal, |order, rule| {
            order.then_with(|| match rule {
                RankingRule::Priority => a.priority.cmp(&b.priority),
                RankingRule::EarliestExpiry => a.end_date.cmp(&b.end_date),
                RankingRule::MaxDiscount => Ordering::Equal,
            })
        })
    };
    let type_rank = |definition: &Definition| {
        let own = definition.promotion_type;
        settings.type_ranking.iter().position(|listed| *listed == own).unwrap_or(settings.type_ranking.len())
    };
    let head = |left: usize, right: usize| {
        let (a, b) = (&sources[left].definition, &sources[right].definition);
        (a.stage.cmp(&b.stage))
            .then_with(|| a.is_stackable.cmp(&b.is_stackable))
            .then_with(|| type_rank(a).cmp(&type_rank(b)))
            .then_with(|| by_rules(&rules[..cut], a, b))
    };
    let tail = |left: usize, right: usize| {
        let (a, b) = (&sources[left], &sources[right]);
        by_rules(&rules[cut..], &a.definition, &b.definition)
            .then_with(|| a.created.cmp(&b.created))
            .then_with(|| a.id.cmp(&b.id))
    };
    (dense_ranks(sources.len(), head), dense_ranks(sources.len(), tail))
}

/// Numbers the items 0.. in their order, equal ones alike.
fn dense_ranks(count: usize, compare: impl Fn(usize, usize) -> Ordering) -> Vec<u32> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&left, &right| compare(left, right));
    let mut ranks = vec![0; count];
    let mut rank = 0;
    for window in 1..count {
        rank += u32::from(compare(order[window - 1], order[window]) != Ordering::Equal);
        ranks[order[window]] = rank;
    }
    ranks
}

/// Where a candidate stands in the ranking: its class, what it would give alone, its tail, and its place so far.
type Standing = (u32, Reverse<Money>, u32, usize);

/// Puts into the total order of spec/evaluation.md 3. What a promotion would give alone (`alone`) is asked
/// only where everything before it in the ranking leaves several promotions equal.
pub(crate) fn ranked<'r>(
    candidates: Vec<Candidate<'r>>,
    ruleset: &Ruleset,
    alone: impl Fn(&Candidate<'r>) -> Money,
) -> Vec<Candidate<'r>> {
    let standing = |(place, candidate): (usize, &Candidate<'r>)| {
        (candidate.promotion.class, Reverse(Money::ZERO), candidate.promotion.tail, place)
    };
    let mut order: Vec<Standing> = candidates.iter().enumerate().map(standing).collect();
    order.sort_unstable();
    if ruleset.ranks_by_discount {
        for equal in order.chunk_by_mut(|a, b| a.0 == b.0).filter(|equal| equal.len() > 1) {
            equal.iter_mut().for_each(|own| own.1 = Reverse(alone(&candidates[own.3])));
            equal.sort_unstable();
        }
    }
    // Candidates are large: each is moved once.
    let mut candidates: Vec<Option<Candidate<'r>>> = candidates.into_iter().map(Some).collect();
    order.into_iter().filter_map(|(.., place)| candidates[place].take()).collect()
}
