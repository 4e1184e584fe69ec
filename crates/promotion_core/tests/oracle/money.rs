//! Exact numbers, rounding, and how an amount is split (spec/evaluation.md 9).

use num_rational::Ratio;
use num_traits::{Signed, Zero};
use promotion_core::rounding::RoundingMode;
use promotion_core::settings::Remainder;

/// An exact fraction. Every profile checks for overflow, so that a number too large is a failed test.
pub type Num = Ratio<i128>;

/// A number that is written in millionths.
pub fn exact(millionths: i128) -> Num {
    Num::new(millionths, 1_000_000)
}

/// A number in millionths, which it must be a whole number of.
pub fn millionths(value: &Num) -> i128 {
    let scaled = value * Num::from_integer(1_000_000);
    assert!(scaled.is_integer(), "{value} has more than six places");
    scaled.to_integer()
}

/// The whole number of minor units that is next below (or equal).
pub fn floor(value: Num, minor: Num) -> Num {
    (value / minor).floor() * minor
}

/// The whole number of minor units that the mode names. Discounts are never negative.
pub fn round(value: Num, minor: Num, mode: RoundingMode) -> Num {
    let units = value / minor;
    let (below, half) = (units.floor(), Num::new(1, 2));
    let rest = units - below;
    let up = match mode {
        RoundingMode::Up | RoundingMode::Ceiling => rest > Num::zero(),
        RoundingMode::Down | RoundingMode::Floor => false,
        RoundingMode::HalfUp => rest >= half,
        RoundingMode::HalfDown => rest > half,
        RoundingMode::HalfEven => rest > half || (rest == half && below.to_integer() % 2 == 1),
    };
    (if up { below + Num::from_integer(1) } else { below }) * minor
}

/// A part of what an amount is split over.
#[derive(Debug, Clone)]
pub struct Share {
    /// In proportion to what.
    pub weight: Num,
    /// The most it can take.
    pub most: Num,
}

/// Splits `total`, a whole number of minor units, by the largest-remainder method: parts whose
/// proportion exceeds the most they can take (in whole minor units) are filled, the rest is split
/// anew among the others; ties go to the earlier part. What fits nowhere is not given.
pub fn largest_remainder(total: Num, shares: &[Share], minor: Num) -> Vec<Num> {
    let mut parts = vec![Num::zero(); shares.len()];
    let most = |index: usize| floor(shares[index].most.max(Num::zero()), minor);
    let mut open: Vec<usize> = (0..shares.len()).filter(|&index| shares[index].weight.is_positive()).collect();
    let mut rest = total;
    loop {
        let weights: Num = open.iter().map(|&index| shares[index].weight).sum();
        if open.is_empty() || rest.is_zero() {
            return parts;
        }
        let proportion = |index: usize| rest * shares[index].weight / weights;
        let full: Vec<usize> = open.iter().copied().filter(|&index| proportion(index) > most(index)).collect();
        if !full.is_empty() {
            for &index in &full {
                parts[index] = most(index);
            }
            rest -= full.iter().map(|&index| parts[index]).sum::<Num>();
            open.retain(|index| !full.contains(index));
            continue;
        }
        for &index in &open {
            parts[index] = floor(proportion(index), minor);
        }
        let mut by_remainder = open.clone();
        by_remainder.sort_by_key(|&index| std::cmp::Reverse(proportion(index) - parts[index]));
        let mut left_over = rest - open.iter().map(|&index| parts[index]).sum::<Num>();
        for index in by_remainder {
            if left_over.is_positive() {
                parts[index] += minor;
                left_over -= minor;
            }
        }
        return parts;
    }
}

/// Splits `total` over lines, which stand in the order sent. LARGEST asks for `canonical`, the lines'
/// order for ties; FIRST and LAST round every share to the nearest minor unit, halves down, and give
/// the difference to the first or last line that can take it whole, else to several in that order.
pub fn split_over_lines(
    total: Num,
    shares: &[Share],
    canonical: &[usize],
    minor: Num,
    remainder: Remainder,
) -> Vec<Num> {
    let mut parts = vec![Num::zero(); shares.len()];
    if remainder == Remainder::Largest {
        let in_order: Vec<Share> = canonical.iter().map(|&index| shares[index].clone()).collect();
        for (&index, part) in canonical.iter().zip(largest_remainder(total, &in_order, minor)) {
            parts[index] = part;
        }
        return parts;
    }
    let weights: Num = shares.iter().map(|share| share.weight).sum();
    if weights.is_zero() {
        return parts;
    }
    let most: Vec<Num> = shares.iter().map(|share| floor(share.most.max(Num::zero()), minor)).collect();
    for (index, share) in shares.iter().enumerate() {
        parts[index] = round(total * share.weight / weights, minor, RoundingMode::HalfDown).min(most[index]);
    }
    let mut order: Vec<usize> = (0..shares.len()).collect();
    if remainder == Remainder::Last {
        order.reverse();
    }
    let mut difference = total - parts.iter().sum::<Num>();
    let room = |parts: &[Num], difference: Num, index: usize| {
        if difference.is_positive() { most[index] - parts[index] } else { parts[index] }
    };
    let whole = order.iter().copied().find(|&index| room(&parts, difference, index) >= difference.abs());
    for index in whole.into_iter().chain(order) {
        let step = room(&parts, difference, index).min(difference.abs()) * difference.signum();
        parts[index] += step;
        difference -= step;
    }
    parts
}
