//! How much promotions can still take off at most (for BEST). What a promotion gives alone is no bound:
//! beside others it may fall on dearer units. A bound never lies below what can happen: a percentage
//! takes no more than that share of what its lines have left, an amount no more than itself, and nothing
//! more than is left.

use crate::money::Money;
use crate::potential::{Left, Potential, WHOLE, potentials};
use crate::selection::Stage;
use crate::state::CartState;

/// What each candidate can take off, by index.
pub(crate) struct Bounds {
    potentials: Vec<Vec<Potential>>,
    /// The rivals that each candidate is one of, by index among all rivals.
    rivals_of: Vec<Option<usize>>,
    rivals: Vec<Rivals>,
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
        Self { potentials, rivals_of, rivals }
    }

    /// What some candidates can take off a cart in this state. `closed` answers the lines that a candidate's
    /// line actions can't fall on any more.
    pub fn outlook(
        &self,
        candidates: impl Iterator<Item = usize>,
        closed: impl Fn(usize) -> Vec<bool>,
        state: &CartState<'_, '_>,
    ) -> Outlook {
        let left = Left::of(&state.items);
        let mut most = vec![Most::default(); self.potentials.len()];
        candidates.for_each(|index| most[index] = self.most(index, &closed(index), &left));
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
        let mut together: Vec<Option<Together>> = Vec::new();
        together.resize_with(self.rivals.len(), || None);
        let (mut members, mut others): (i128, Vec<i128>) = (0, Vec::new());
        let mut kept = vec![FINE; outlook.left.money.len()];
        let mut amounts = 0;
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
            let all = together[place].get_or_insert_default();
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
        for (all, rivals) in together.iter().zip(&self.rivals) {
            let Some(all) = all else { continue };
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
        let lines = outlook.left.money.iter().zip(&kept);
        let shares: i128 = lines.map(|(left, kept)| left * i128::from(FINE - kept) / i128::from(FINE) + 1).sum();
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

    fn most(&self, index: usize, closed: &[bool], left: &Left) -> Most {
        let mut most = Most::default();
        for own in &self.potentials[index] {
            let is_open = |line: usize| !(own.is_of_lines && closed.get(line).copied().unwrap_or(false));
            let open = || own.lines.iter().copied().filter(|&line| is_open(line));
            let of_lines: i128 = open().map(|line| left.money[line]).sum();
            let of_share = of_lines * own.share.min(WHOLE) / WHOLE + 1;
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
                    most.open = (!closed.is_empty()).then(|| open().collect());
                }
                _ => most.amount += amount + own.slack,
            }
        }
        most
    }
}

fn without(kept: u64, share: u64) -> u64 {
    kept * (1_000_000 - share) / 1_000_000
}
