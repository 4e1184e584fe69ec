//! How much promotions can still take off at most (for BEST). What a promotion gives alone is no bound:
//! beside others it may fall on dearer units. A bound never lies below what can happen: a percentage
//! takes no more than that share of what its lines have left, an amount no more than itself, and nothing
//! more than is left.

use crate::action::applications;
use crate::computing::Candidate;
use crate::condition::Matched;
use crate::definition::{
    Action, AmountKind, ApplyPer, CartScope, CountPer, ProductBasedAction, Selecting, ShippingPer,
};
use crate::money::{DefinitionNumber, MILLION, Money, capped_product};
use crate::picking::lines_of as trigger_lines;
use crate::selection::Stage;
use crate::settings::{Base, RoundingLevel};
use crate::state::CartState;

/// What one action can take off.
#[derive(Debug, Clone)]
struct Potential {
    /// Of these lines, the one for the shipping included.
    lines: Vec<bool>,
    /// At most this share of what they have left, in millionths.
    share: i128,
    /// At most this, in millionths of the currency's unit.
    amount: i128,
    /// And this more by rounding.
    slack: i128,
}

/// What each candidate can take off, by index.
pub(crate) struct Bounds {
    potentials: Vec<Vec<Potential>>,
    /// The exclusion group by which at most one of its members counts.
    groups: Vec<Option<u32>>,
}

const WHOLE: i128 = MILLION;

impl Bounds {
    pub fn new(stage: &Stage<'_, '_, '_, '_>) -> Self {
        Self {
            potentials: stage.candidates.iter().map(|candidate| potentials(candidate, stage)).collect(),
            groups: stage.candidates.iter().map(|candidate| candidate.promotion.cart_groups.first().copied()).collect(),
        }
    }

    /// What candidates can take off a cart in this state together, at most so many of those that are not
    /// members yet.
    pub fn of(
        &self,
        candidates: impl Iterator<Item = usize>,
        is_member: impl Fn(usize) -> bool,
        room: usize,
        state: &CartState<'_, '_>,
    ) -> Money {
        let all_left = state.payable().0;
        let left: Vec<i128> = (0..state.items.line_count()).map(|line| state.items.left(line).0).collect();
        // Each entry: what it takes, and which share of what is left it is where it is one.
        let mut members: Vec<Contribution> = Vec::new();
        let mut others: Vec<(Option<u32>, Contribution)> = Vec::new();
        for index in candidates {
            let own = contribution(&self.potentials[index], &left);
            if is_member(index) {
                members.push(own);
                continue;
            }
            let group = self.groups[index];
            match others.iter_mut().find(|(known, _)| group.is_some() && *known == group) {
                Some((_, most)) => *most = most.or(own),
                None => others.push((group, own)),
            }
        }
        if others.len() > room {
            others.sort_by_key(|(_, own)| std::cmp::Reverse(own.total()));
            others.truncate(room);
        }
        let all = || members.iter().chain(others.iter().map(|(_, own)| own));
        let amounts: i128 = all().map(|own| own.amount).sum();
        let shares: i128 = all().map(|own| own.of_share).sum();
        // Shares one after the other leave at least the product of what each leaves.
        const FINE: i128 = 1_000_000_000_000;
        let kept = all().fold(FINE, |kept, own| kept * (WHOLE - own.share) / WHOLE);
        let compounded = all_left.saturating_mul(FINE - kept) / FINE + 1;
        Money((amounts + shares.min(compounded)).min(all_left))
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Contribution {
    /// What is not in proportion to what is left, and rounding.
    amount: i128,
    /// What is.
    of_share: i128,
    /// Its share of what is left, in millionths.
    share: i128,
}

impl Contribution {
    fn total(self) -> i128 {
        self.amount + self.of_share
    }

    /// Either of the two, whichever is more in each respect.
    fn or(self, other: Self) -> Self {
        Self {
            amount: self.amount.max(other.amount),
            of_share: self.of_share.max(other.of_share),
            share: self.share.max(other.share),
        }
    }
}

fn contribution(potentials: &[Potential], left: &[i128]) -> Contribution {
    let mut sum = Contribution::default();
    for own in potentials {
        let of_lines: i128 = left.iter().zip(&own.lines).filter(|(_, own)| **own).map(|(left, _)| left).sum();
        if own.share < WHOLE {
            let of_share = of_lines * own.share / WHOLE + 1;
            if of_share <= own.amount {
                sum.of_share += of_share;
                // One after the other: no more than the sum.
                sum.share = (sum.share + own.share).min(WHOLE);
                sum.amount += own.slack;
                continue;
            }
        }
        sum.amount += own.amount.min(of_lines) + own.slack;
    }
    sum
}

fn potentials(candidate: &Candidate<'_>, stage: &Stage<'_, '_, '_, '_>) -> Vec<Potential> {
    let definition = &candidate.promotion.definition;
    let all: Vec<&Action> = match &candidate.resolved {
        Some(resolved) => resolved.actions.clone(),
        None => match &definition.action {
            Action::Multi(actions) => actions.iter().collect(),
            other => vec![other],
        },
    };
    let matched = candidate.resolved.as_ref().map(|resolved| &resolved.matched);
    let mut potentials: Vec<Potential> =
        all.iter().filter_map(|action| potential(action, matched, candidate, stage)).collect();
    if potentials.len() > 1 {
        // What the promotion takes itself is added back to what its percentages are taken of.
        for own in potentials.iter_mut().filter(|own| own.share < WHOLE) {
            let lines = own.lines.iter().enumerate().filter(|(_, own)| **own);
            let left: i128 = lines.map(|(line, _)| stage.start.items.left(line).0).sum();
            own.amount = own.amount.min(left * own.share / WHOLE + 1);
            own.share = WHOLE;
        }
    }
    if let Some(most) = candidate.allowance.money {
        for own in &mut potentials {
            own.amount = own.amount.min(most.0);
        }
    }
    potentials
}

/// What an action can take off; None where that is nothing off items and shipping.
fn potential(
    action: &Action,
    matched: Option<&Matched>,
    candidate: &Candidate<'_>,
    stage: &Stage<'_, '_, '_, '_>,
) -> Option<Potential> {
    let state = stage.start;
    let (count, items) = (state.items.line_count(), state.items.item_count());
    let everything = state.payable().0;
    let rules = stage.computing.rules;
    let of = |lines: Vec<bool>, share: i128, amount: i128| {
        let units = |line: usize| state.items.facts[line].line.quantity.0 / MILLION + 1;
        let marked = || (0..count).filter(|&line| lines[line]);
        let rounded = match rules.rounding_level {
            RoundingLevel::Promotion => 1,
            RoundingLevel::Line => 1 + marked().count() as i128,
            RoundingLevel::Unit => 1 + marked().map(units).sum::<i128>(),
        };
        Potential { slack: rounded * rules.rounding.minor, lines, share, amount }
    };
    let capped = |amount: i128, most: Option<DefinitionNumber>| most.map_or(amount, |most| amount.min(most.0));
    let percentage = |lines: Vec<bool>, value: DefinitionNumber, most: Option<DefinitionNumber>| {
        // A percentage in millionths of a hundred is a share in millionths, rounded up.
        let share = value.0 / 100 + 1;
        match rules.percentage_base {
            Base::Net => of(lines, share, capped(everything, most)),
            Base::Gross => {
                let marked = (0..count).filter(|&line| lines[line]);
                let gross: i128 = marked.map(|line| state.items.facts[line].line.amount.0).sum();
                let amount = capped_product(gross, share) / WHOLE + 1;
                of(lines, WHOLE, capped(amount, most))
            }
        }
    };
    let item_lines = || (0..count).map(|line| line < items).collect::<Vec<bool>>();
    match action {
        Action::CartBased(action) => {
            let lines = match action.scope {
                CartScope::Items => item_lines(),
                CartScope::ItemsAndShipping => vec![true; count],
            };
            Some(match action.kind {
                AmountKind::Percentage => percentage(lines, action.value, action.max_discount),
                AmountKind::Absolute => of(lines, WHOLE, capped(action.value.0, action.max_discount)),
                AmountKind::Fixed => {
                    let beyond = (everything - action.value.0).max(0);
                    of(lines, WHOLE, capped(beyond, action.max_discount))
                }
            })
        }
        Action::Shipping(action) => {
            let lines = (0..count).map(|line| line >= items).collect();
            Some(match (action.kind, action.apply_per) {
                (AmountKind::Percentage, _) => percentage(lines, action.value, action.max_discount),
                (AmountKind::Absolute, ShippingPer::Set) => {
                    of(lines, WHOLE, capped(action.value.0, action.max_discount))
                }
                _ => of(lines, WHOLE, capped(everything, action.max_discount)),
            })
        }
        Action::ProductBased(product) => {
            let lines = lines_of(product.selecting.as_ref(), matched, candidate, stage);
            Some(product_potential(product, lines, everything, &percentage, &of, capped))
        }
        Action::FreeProduct(action) => {
            Some(of(lines_of(action.selecting.as_ref(), matched, candidate, stage), WHOLE, everything))
        }
        Action::FixedPrice(action) => {
            Some(of(lines_of(action.selecting.as_ref(), matched, candidate, stage), WHOLE, everything))
        }
        Action::PerUnit(per) => {
            let inner = potential(&per.reward, matched, candidate, stage)?;
            let applications = match (per.count_per, matched) {
                (CountPer::Cart, Some(matched)) => {
                    stage.computing.on_scene(candidate, matched, state, |scene| applications(per, scene))
                }
                _ => i128::MAX,
            };
            if inner.share < WHOLE && per.units.is_none() && !matches!(&*per.reward, Action::ProductBased(_)) {
                return Some(inner);
            }
            // Every application takes what one can at most.
            let amount = capped_product(inner.amount, applications.max(1)).min(everything);
            let slack = inner.slack.saturating_mul(2);
            Some(Potential { amount, share: WHOLE, slack, lines: inner.lines })
        }
        Action::Tiered(tiered) => {
            let tiers = tiered.tiers.iter().filter_map(|tier| potential(&tier.action, matched, candidate, stage));
            // Whichever tier it is, and on each line alone where it is.
            let times = if tiered.count_per == CountPer::Line { count as i128 } else { 1 };
            tiers
                .reduce(|a, b| Potential {
                    lines: a.lines.iter().zip(&b.lines).map(|(a, b)| *a || *b).collect(),
                    slack: a.slack.max(b.slack),
                    ..a
                })
                .map(|own| Potential { share: WHOLE, amount: everything, slack: own.slack * times, ..own })
        }
        Action::Tender(_) | Action::Multi(_) => None,
    }
}

fn product_potential(
    action: &ProductBasedAction,
    lines: Vec<bool>,
    everything: i128,
    percentage: &dyn Fn(Vec<bool>, DefinitionNumber, Option<DefinitionNumber>) -> Potential,
    of: &dyn Fn(Vec<bool>, i128, i128) -> Potential,
    capped: impl Fn(i128, Option<DefinitionNumber>) -> i128,
) -> Potential {
    match (action.kind, action.apply_per) {
        (AmountKind::Percentage, _) => percentage(lines, action.value, action.max_discount),
        (_, ApplyPer::Set) => of(lines, WHOLE, capped(action.value.0, action.max_discount)),
        (_, ApplyPer::Line) => {
            let count = lines.iter().filter(|own| **own).count() as i128;
            of(lines, WHOLE, capped(capped_product(action.value.0, count), action.max_discount))
        }
        (_, ApplyPer::Unit) => of(lines, WHOLE, capped(everything, action.max_discount)),
    }
}

/// The items that a line action can fall on; where its condition is yet to be checked, all.
fn lines_of(
    selecting: Option<&Selecting>,
    matched: Option<&Matched>,
    candidate: &Candidate<'_>,
    stage: &Stage<'_, '_, '_, '_>,
) -> Vec<bool> {
    let state = stage.start;
    let (count, items) = (state.items.line_count(), state.items.item_count());
    let mut lines = vec![false; count];
    let Some(matched) = matched.filter(|_| selecting.is_none()) else {
        lines[..items].fill(true);
        return lines;
    };
    let of_matched = stage.computing.on_scene(candidate, matched, state, |scene| scene.picking().matched_lines());
    // A bundle of what triggers may reach beyond the matched lines: CART QUANTITY triggers on all.
    for line in of_matched.into_iter().chain(trigger_lines(&matched.triggers)) {
        lines[line] = true;
    }
    lines
}
