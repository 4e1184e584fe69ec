//! Splitting a discount into parts that add up to it: the largest-remainder method
//! (spec/evaluation.md 9). Every split of money in this crate goes through [`largest_remainder`].

use smallvec::SmallVec;

use crate::exact::{Exact, divided, product, times};

/// Equal parts that a whole is split over.
#[derive(Debug, Clone)]
pub struct Share {
    /// How many equal parts this stands for (units of one run), 1 or more.
    pub count: i128,
    /// What each counts in the split, 0 or more.
    pub weight: Exact,
    /// The most that each can take, in whole minor units.
    pub cap: i128,
}

/// What each part of a [`Share`] got: `raised` parts one more than `each`, the others `each`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Part {
    /// Minor units of every part.
    pub each: i128,
    /// How many parts, the first ones, got one more.
    pub raised: i128,
}

impl Part {
    /// Minor units of all `count` parts together.
    pub fn total(self, count: i128) -> i128 {
        product(self.each, count) + self.raised
    }

    /// Gives one more minor unit to as many parts as there is rest and room for; says how many.
    fn raise(&mut self, rest: i128, share: &Share) -> i128 {
        if self.each >= share.cap {
            return 0;
        }
        let more = rest.min(share.count - self.raised);
        self.raised += more;
        if self.raised == share.count {
            *self = Self { each: self.each + 1, raised: 0 };
        }
        more
    }
}

/// What a share gets of a whole in proportion to its weight.
#[derive(Debug)]
struct Proportion {
    /// Whole minor units, rounded down.
    each: i128,
    /// What that leaves out: the larger, the more. It compares with that of other shares of the same whole alone.
    over: Exact,
}

type Proportions = SmallVec<[Proportion; 4]>;

/// The sum of weights, each so many times. Where they have no common denominator that is worth
/// computing with, they become whole millionths of millionths first: the split differs only between
/// remainders that are equal to 18 places of a unit, and its parts add up as ever.
pub fn sum_of_weights(weights: &mut [Exact], counted: &[(usize, i128)], pulse: &dyn Fn()) -> Exact {
    const FINE: i128 = 1_000_000_000_000;
    let mut sum = Exact::ZERO;
    for &(index, count) in counted {
        pulse();
        sum = sum.add(&weights[index].mul(&Exact::whole(count)));
        if sum.is_unwieldy() {
            for weight in weights.iter_mut() {
                *weight = Exact::whole(weight.mul(&Exact::whole(FINE)).floor());
            }
            return sum_of_weights(weights, counted, pulse);
        }
    }
    sum
}

/// The proportions of shares (by index) whose weights have one denominator, as amounts and the units of a line have:
/// then it cancels out, and whole numbers are enough. None where they have several, or large ones.
fn proportions_of_numerators(total: i128, shares: &[Share], of: &[usize]) -> Option<Proportions> {
    let (_, common) = shares[*of.first()?].weight.as_fraction()?;
    let mut sum: i128 = 0;
    for &index in of {
        let (weight, denominator) = shares[index].weight.as_fraction()?;
        if denominator != common {
            return None;
        }
        sum = sum.checked_add(times(weight, shares[index].count)?)?;
    }
    let proportion = |&index: &usize| {
        let (weight, _) = shares[index].weight.as_fraction()?;
        let (each, over) = divided(times(weight, total)?, sum);
        Some(Proportion { each, over: Exact::whole(over) })
    };
    of.iter().map(proportion).collect()
}

/// The proportions of shares (by index), none where nothing weighs. Weights that are computed with as fractions stand
/// in `weights` from then on.
fn proportions(total: i128, shares: &[Share], of: &[usize], weights: &mut Vec<Exact>, pulse: &dyn Fn()) -> Proportions {
    if weights.is_empty() {
        if let Some(proportions) = proportions_of_numerators(total, shares, of) {
            return proportions;
        }
        weights.extend(shares.iter().map(|share| share.weight.clone()));
    }
    let counted: Vec<(usize, i128)> = of.iter().map(|&index| (index, shares[index].count)).collect();
    let weight = sum_of_weights(weights, &counted, pulse);
    if !weight.is_positive() {
        return Proportions::new();
    }
    let per_weight = Exact::whole(total).div(&weight);
    let proportion = |&index: &usize| {
        pulse();
        let all = weights[index].mul(&per_weight);
        let each = all.floor();
        Proportion { each, over: all.sub(&Exact::whole(each)) }
    };
    of.iter().map(proportion).collect()
}

/// Splits `total` minor units over the shares in proportion to their weights. Every part gets its
/// proportion rounded down; the units left over go to the parts that lost most by that, ties to the
/// earlier share. What a part's cap keeps it from taking goes to the others; what nobody can take
/// is not placed, so the parts add up to `total` or to less. `pulse` is called now and then where there is much to
/// compute.
pub fn largest_remainder(total: i128, shares: &[Share], pulse: &dyn Fn()) -> Vec<Part> {
    if let [share] = shares {
        return vec![part_of_one(total, share)];
    }
    let mut parts = vec![Part::default(); shares.len()];
    let takes_part = |index: &usize| shares[*index].cap > 0 && shares[*index].weight.is_positive();
    let mut open: SmallVec<[usize; 8]> = (0..shares.len()).filter(takes_part).collect();
    let mut weights = Vec::new();
    let mut rest = total;

    // Parts whose proportion is more than they can take are filled, and the rest split anew.
    let proportions = loop {
        if open.is_empty() || rest <= 0 {
            return parts;
        }
        let proportions = proportions(rest, shares, &open, &mut weights, pulse);
        if proportions.is_empty() {
            return parts;
        }
        let mut kept = SmallVec::with_capacity(open.len());
        for (&index, proportion) in open.iter().zip(&proportions) {
            let cap = shares[index].cap;
            if proportion.each > cap || (proportion.each == cap && proportion.over.is_positive()) {
                parts[index] = Part { each: cap, raised: 0 };
                rest -= product(cap, shares[index].count);
            } else {
                kept.push(index);
            }
        }
        if kept.len() == open.len() {
            break proportions;
        }
        open = kept;
    };

    let mut remainders: SmallVec<[(Exact, usize); 4]> = SmallVec::with_capacity(open.len());
    for (&index, Proportion { each, over }) in open.iter().zip(proportions) {
        parts[index].each = each;
        rest -= product(each, shares[index].count);
        remainders.push((over, index));
    }
    // A stable sort: equal remainders stay in the order of the shares.
    remainders.sort_by(|(left, _), (right, _)| right.cmp(left));
    for (_, index) in remainders {
        rest -= parts[index].raise(rest, &shares[index]);
    }
    fill(rest, shares, &mut parts);
    parts
}

/// What of a whole the only share gets.
pub fn part_of_one(total: i128, share: &Share) -> Part {
    if total <= 0 || share.cap <= 0 || !share.weight.is_positive() {
        return Part::default();
    }
    let (each, rest) = divided(total, share.count);
    if each < share.cap { Part { each, raised: rest } } else { Part { each: share.cap, raised: 0 } }
}

/// Places what rounding down left and full parts refused, wherever there is room, in order.
fn fill(mut rest: i128, shares: &[Share], parts: &mut [Part]) {
    while rest > 0 {
        let mut placed = false;
        for (share, part) in shares.iter().zip(parts.iter_mut()) {
            if share.weight.is_positive() {
                let more = part.raise(rest, share);
                rest -= more;
                placed |= more > 0;
            }
        }
        if !placed {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn share(count: i128, weight: i128, cap: i128) -> Share {
        Share { count, weight: Exact::whole(weight), cap }
    }

    fn totals(total: i128, shares: &[Share]) -> Vec<i128> {
        largest_remainder(total, shares, &|| {})
            .iter()
            .zip(shares)
            .map(|(part, share)| part.total(share.count))
            .collect()
    }

    #[test]
    fn three_equal_lines_share_ten() {
        let shares = [share(1, 10, 1_000), share(1, 10, 1_000), share(1, 10, 1_000)];
        assert_eq!(totals(1_000, &shares), [334, 333, 333]);
        assert_eq!(totals(1_500, &shares), [500, 500, 500]);
        assert_eq!(largest_remainder(1_000, &[share(3, 10, 1_000)], &|| {}), [Part { each: 333, raised: 1 }]);
    }

    #[test]
    fn the_largest_remainder_wins_over_the_earlier_share() {
        assert_eq!(totals(100, &[share(1, 1, 100), share(1, 2, 100)]), [33, 67]);
        assert_eq!(totals(10, &[share(1, 14, 100), share(1, 86, 100)]), [1, 9]);
    }

    #[test]
    fn full_parts_pass_on_what_they_can_not_take() {
        assert_eq!(totals(100, &[share(1, 50, 10), share(1, 25, 100), share(1, 25, 100)]), [10, 45, 45]);
        assert_eq!(totals(100, &[share(1, 50, 10), share(2, 25, 20)]), [10, 40]);
        assert_eq!(totals(5, &[share(1, 0, 10), share(1, 1, 3)]), [0, 3]);
        assert_eq!(totals(0, &[share(1, 1, 3)]), [0]);
    }

    proptest! {
        #[test]
        fn parts_add_up_and_stay_within_their_caps(
            total in 0_i128..100_000,
            groups in prop::collection::vec((1_i128..50, 0_i128..1_000, 0_i128..500), 0..12),
        ) {
            let shares: Vec<Share> = groups.iter().map(|&(count, weight, cap)| share(count, weight, cap)).collect();
            let room: i128 = shares.iter().filter(|s| s.weight.is_positive()).map(|s| s.count * s.cap).sum();
            let parts = largest_remainder(total, &shares, &|| {});
            let placed: i128 = parts.iter().zip(&shares).map(|(part, share)| part.total(share.count)).sum();
            prop_assert_eq!(placed, total.min(room));
            for (part, share) in parts.iter().zip(&shares) {
                prop_assert!(part.raised < share.count || part.raised == 0);
                prop_assert!(part.each + i128::from(part.raised > 0) <= share.cap);
            }
        }

        /// Weights of one denominator are split in whole numbers, others as fractions: it comes to the same.
        #[test]
        fn how_weights_are_written_makes_no_difference(
            total in 0_i128..100_000,
            groups in prop::collection::vec((1_i128..50, 0_i128..1_000, 0_i128..500, 1_i128..9), 2..12),
        ) {
            let shares = |factor: fn(i128) -> i128| -> Vec<Share> {
                let weight = |weight: i128, own: i128| Exact::ratio((3 * weight + 1) * factor(own), 3 * factor(own));
                groups.iter().map(|&(count, own, cap, by)| Share { count, weight: weight(own, by), cap }).collect()
            };
            let (one, several) = (shares(|_| 1), shares(|own| own));
            let open: Vec<usize> = (0..groups.len()).collect();
            prop_assert!(proportions_of_numerators(total, &one, &open).is_some());
            let differ = groups.iter().any(|own| own.3 != groups[0].3);
            prop_assert_eq!(proportions_of_numerators(total, &several, &open).is_none(), differ);
            prop_assert_eq!(largest_remainder(total, &one, &|| {}), largest_remainder(total, &several, &|| {}));
        }

        /// Where no cap binds, every part is its proportion rounded down or up.
        #[test]
        fn uncapped_parts_are_within_one_of_their_proportion(
            total in 0_i128..100_000,
            groups in prop::collection::vec((1_i128..50, 1_i128..1_000), 1..12),
        ) {
            let shares: Vec<Share> = groups.iter().map(|&(count, weight)| share(count, weight, i128::MAX)).collect();
            let weight: i128 = groups.iter().map(|(count, weight)| count * weight).sum();
            for (part, (count, own)) in largest_remainder(total, &shares, &|| {}).iter().zip(&groups) {
                let down = total * own / weight;
                prop_assert!((down * count..=(down + 1) * count).contains(&part.total(*count)));
            }
        }
    }
}
