//! How much promotions can still take off at most (for BEST). What a promotion gives alone is no bound:
//! beside others it may fall on dearer units. A bound never lies below what can happen: a percentage
//! takes no more than that share of what its lines have left, an amount no more than itself, and nothing
//! more than is left.

use std::cell::RefCell;

use crate::exact::{divided, product};
use crate::money::Money;
use crate::potential::{Left, Potential, WHOLE, potentials};
use crate::selection::Stage;
use crate::state::CartState;

/// What each candidate can take off, by index.
pub(crate) struct Bounds {
    potentials: Vec<Vec<Potential>>,
    /// Some potential asks how many units there are.
    counts_units: bool,
    /// The rivals that each candidate is one of, by index among all rivals.
    rivals_of: Vec<Option<usize>>,
    rivals: Vec<Rivals>,
    /// Lists that are filled anew for every bound.
    scratch: RefCell<Scratch>,
}

#[derive(Default)]
struct Scratch {
    /// By rivals.
    together: Vec<Together>,
    /// What candidates that are no members take, one by one.
    others: Vec<i128>,
    /// What shares leave of each line.
    kept: Vec<u64>,
}

/// Candidates no two of which fall on one cart, or on one line.
#[derive(Debug, Clone, Copy)]
struct Rivals {
    rivalry: Rivalry,
    /// All that they take is in proportion to what lines have left.
    have_shares_alone: bool,
}

/// What makes candidates rivals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rivalry {
    /// An exclusion group of scope CART.
    Cart(u32),
    /// An exclusion group of scope LINE.
    Lines(u32),
    /// `singlePromotionPerLineItem`.
    EveryLine,
}

impl Rivalry {
    fn is_for_cart(self) -> bool {
        matches!(self, Self::Cart(_))
    }
}

/// What the candidates can take off a cart in some state.
#[derive(Default)]
pub(crate) struct Outlook {
    left: Left,
    payable: i128,
    /// By candidate.
    most: Vec<Most>,
}

/// What one candidate can take off.
#[derive(Debug, Clone, Default)]
struct Most {
    /// It can give anything at all.
    gives: bool,
    /// All of it.
    total: i128,
    /// What is not in proportion to what lines have left, and rounding.
    amount: i128,
    /// What is: its share, in millionths.
    share: u64,
    /// The lines that the share is of, where these are not all of its potential.
    open: Option<Vec<usize>>,
}

/// What rivals can take off together.
#[derive(Default)]
struct Together {
    /// There is one.
    is_any: bool,
    total: i128,
    amount: i128,
    /// The largest share of each line; empty where there is none.
    shares: Vec<u64>,
}

/// A whole in shares of shares.
const FINE: u64 = 1_000_000_000_000;

impl Bounds {
    pub fn new(stage: &Stage<'_, '_, '_, '_>) -> Self {
        let single = stage.computing.settings().single_promotion_per_line_item;
        let potentials: Vec<Vec<Potential>> =
            stage.candidates.iter().map(|candidate| potentials(candidate, stage)).collect();
        let rivalry = |index: usize| {
            let promotion = stage.candidates[index].promotion;
            let on_lines = potentials[index].iter().all(|own| own.is_of_lines);
            match (promotion.cart_groups.first(), promotion.line_groups.first()) {
                (Some(&group), _) => Some(Rivalry::Cart(group)),
                _ if !on_lines => None,
                _ if single => Some(Rivalry::EveryLine),
                (None, group) => group.map(|&group| Rivalry::Lines(group)),
            }
        };
        let mut rivals: Vec<Rivals> = Vec::new();
        let mut rivals_of = vec![None; potentials.len()];
        for (index, own) in potentials.iter().enumerate() {
            let Some(rivalry) = rivalry(index) else { continue };
            let place = rivals.iter().position(|known| known.rivalry == rivalry).unwrap_or(rivals.len());
            if place == rivals.len() {
                rivals.push(Rivals { rivalry, have_shares_alone: true });
            }
            rivals[place].have_shares_alone &= own.iter().all(Potential::is_share);
            rivals_of[index] = Some(place);
        }
        let counts_units = potentials.iter().flatten().any(|own| own.repeats.is_some());
        Self { potentials, counts_units, rivals_of, rivals, scratch: RefCell::default() }
    }

    /// What some candidates can take off a cart in this state. `closed` answers for each which lines its line
    /// actions can't fall on any more.
    pub fn outlook<C: Fn(usize) -> bool>(
        &self,
        candidates: impl Iterator<Item = usize>,
        closed: impl Fn(usize) -> C,
        state: &CartState<'_, '_>,
    ) -> Outlook {
        let left = Left::of(&state.items, self.counts_units);
        let mut most = vec![Most::default(); self.potentials.len()];
        candidates.for_each(|index| most[index] = self.most(index, closed(index), &left));
        Outlook { left, payable: state.payable().0, most }
    }

    /// Whether a candidate can give anything on such a cart.
    pub fn gives(index: usize, outlook: &Outlook) -> bool {
        outlook.most[index].gives
    }

    /// What some candidates can take off together, at most so many of those that are not members yet.
    pub fn of(
        &self,
        candidates: impl Iterator<Item = usize>,
        is_member: impl Fn(usize) -> bool,
        room: usize,
        outlook: &Outlook,
    ) -> Money {
        let Scratch { together, others, kept } = &mut *self.scratch.borrow_mut();
        together.resize_with(self.rivals.len(), Together::default);
        together.iter_mut().for_each(Together::clear);
        others.clear();
        kept.clear();
        kept.resize(outlook.left.money.len(), FINE);
        let (mut members, mut amounts) = (0, 0);
        for index in candidates {
            let own = &outlook.most[index];
            let is_member = is_member(index);
            // The rivals of a member for the cart are out.
            let place = self.rivals_of[index].filter(|&place| !(is_member && self.rivals[place].rivalry.is_for_cart()));
            if is_member {
                members += own.total;
            } else if !place.is_some_and(|place| self.rivals[place].rivalry.is_for_cart()) {
                others.push(own.total);
            }
            let Some(place) = place else {
                amounts += own.amount;
                self.lines(index, own).iter().for_each(|&line| kept[line] = without(kept[line], own.share));
                continue;
            };
            let all = &mut together[place];
            all.is_any = true;
            let rivals = self.rivals[place];
            if rivals.rivalry.is_for_cart() {
                all.total = all.total.max(own.total);
                all.amount = all.amount.max(own.amount);
            } else {
                all.amount += own.amount;
            }
            if own.share > 0 && (rivals.have_shares_alone || !rivals.rivalry.is_for_cart()) {
                all.shares.resize(kept.len(), 0);
                self.lines(index, own).iter().for_each(|&line| all.shares[line] = all.shares[line].max(own.share));
            }
        }
        for (all, rivals) in together.iter().zip(&self.rivals).filter(|(all, _)| all.is_any) {
            if rivals.rivalry.is_for_cart() {
                others.push(all.total);
            }
            amounts += if rivals.rivalry.is_for_cart() && !rivals.have_shares_alone { all.total } else { all.amount };
            kept.iter_mut().zip(&all.shares).for_each(|(kept, share)| *kept = without(*kept, *share));
        }
        if others.len() > room {
            others.sort_unstable_by(|a, b| b.cmp(a));
            others.truncate(room);
        }
        let one_by_one = members + others.iter().sum::<i128>();
        // Shares one after the other leave of each line at least the product of what each leaves.
        let of_line = |(left, kept): (&i128, &u64)| match FINE - kept {
            0 => 1,
            share => divided(product(*left, share.into()), FINE.into()).0 + 1,
        };
        let shares: i128 = outlook.left.money.iter().zip(&*kept).map(of_line).sum();
        Money(one_by_one.min(amounts + shares).min(outlook.payable))
    }

    /// The lines that a candidate's share is of.
    fn lines<'l>(&'l self, index: usize, most: &'l Most) -> &'l [usize] {
        match (&most.open, self.potentials[index].first()) {
            (Some(open), _) => open,
            (None, Some(own)) if most.share > 0 => &own.lines,
            _ => &[],
        }
    }

    fn most(&self, index: usize, is_closed: impl Fn(usize) -> bool, left: &Left) -> Most {
        let mut most = Most::default();
        for own in &self.potentials[index] {
            let is_open = |line: usize| !(own.is_of_lines && is_closed(line));
            let is_any_closed = own.lines.iter().any(|&line| !is_open(line));
            let open: Option<Vec<usize>> =
                is_any_closed.then(|| own.lines.iter().copied().filter(|&line| is_open(line)).collect());
            let of_lines: i128 = open.as_ref().unwrap_or(&own.lines).iter().map(|&line| left.money[line]).sum();
            let of_share = divided(product(of_lines, own.share.min(WHOLE)), WHOLE).0 + 1;
            let mut amount = own.amount.min(of_share);
            if let Some(repeats) = &own.repeats {
                amount = amount.min(repeats.most(left, is_open));
            }
            most.gives |= of_lines > 0 || own.has_gifts;
            most.total += amount + own.slack;
            match own.spread {
                Some(spread) if own.is_share() && of_share <= own.amount => {
                    most.amount += own.slack + spread;
                    most.share = own.share.unsigned_abs() as u64;
                    most.open = open;
                }
                _ => most.amount += amount + own.slack,
            }
        }
        most
    }
}

impl Together {
    fn clear(&mut self) {
        self.is_any = false;
        (self.total, self.amount) = (0, 0);
        self.shares.clear();
    }
}

fn without(kept: u64, share: u64) -> u64 {
    kept * (1_000_000 - share) / 1_000_000
}
