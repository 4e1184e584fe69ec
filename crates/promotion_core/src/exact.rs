//! Exact fractions for what lies between an input and its one declared rounding
//! (spec/api.md: "intermediate values are exact, never a silently rounded decimal").
//!
//! Nearly every value fits a fraction of two i128; what does not is carried on with big integers,
//! so that no operation can overflow or lose a digit.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};

/// An exact rational number.
#[derive(Debug, Clone)]
pub enum Exact {
    /// `numerator / denominator`, the denominator above 0, not necessarily reduced.
    Small {
        /// numerator
        numerator: i128,
        /// denominator, above 0
        denominator: i128,
    },
    /// What no reduced pair of i128 can hold.
    Big(Box<BigRational>),
}

use Exact::{Big, Small};

impl Default for Exact {
    fn default() -> Self {
        Self::ZERO
    }
}

impl Exact {
    /// Zero.
    pub const ZERO: Self = Small { numerator: 0, denominator: 1 };

    /// A whole number.
    pub const fn whole(value: i128) -> Self {
        Small { numerator: value, denominator: 1 }
    }

    /// `numerator / denominator`; the denominator must be above 0.
    #[inline]
    pub fn ratio(numerator: i128, denominator: i128) -> Self {
        debug_assert!(denominator > 0);
        Self::small(numerator, denominator)
    }

    /// Whole numbers keep the denominator 1: most amounts are whole, and sums of fractions with
    /// other denominators grow out of i128 soon.
    fn small(numerator: i128, denominator: i128) -> Self {
        if denominator == 1 {
            return Self::whole(numerator);
        }
        match divided(numerator, denominator) {
            (whole, 0) => Self::whole(whole),
            _ => Small { numerator, denominator },
        }
    }

    fn big(&self) -> BigRational {
        match self {
            Small { numerator, denominator } => BigRational::new(BigInt::from(*numerator), BigInt::from(*denominator)),
            Big(value) => (**value).clone(),
        }
    }

    /// Takes a big value back into the small form where it fits.
    fn from_big(value: BigRational) -> Self {
        match (value.numer().to_i128(), value.denom().to_i128()) {
            (Some(numerator), Some(denominator)) => Small { numerator, denominator },
            _ => Big(Box::new(value)),
        }
    }

    /// Both as whole numbers, if they are: most are, and need no fractions.
    #[inline]
    fn both_whole(&self, other: &Self) -> Option<(i128, i128)> {
        match (self, other) {
            (Small { numerator: a, denominator: 1 }, Small { numerator: b, denominator: 1 }) => Some((*a, *b)),
            _ => None,
        }
    }

    /// The sum.
    #[inline]
    pub fn add(&self, other: &Self) -> Self {
        if let Some(sum) = self.both_whole(other).and_then(|(a, b)| a.checked_add(b)) {
            return Self::whole(sum);
        }
        self.combine(
            other,
            |(a, b), (c, d)| {
                if b == d {
                    return Some((a.checked_add(c)?, b));
                }
                Some((times(a, d)?.checked_add(times(c, b)?)?, times(b, d)?))
            },
            |x, y| x + y,
        )
    }

    /// The difference.
    #[inline]
    pub fn sub(&self, other: &Self) -> Self {
        if let Some(difference) = self.both_whole(other).and_then(|(a, b)| a.checked_sub(b)) {
            return Self::whole(difference);
        }
        self.combine(
            other,
            |(a, b), (c, d)| {
                if b == d {
                    return Some((a.checked_sub(c)?, b));
                }
                Some((times(a, d)?.checked_sub(times(c, b)?)?, times(b, d)?))
            },
            |x, y| x - y,
        )
    }

    /// The product.
    #[inline]
    pub fn mul(&self, other: &Self) -> Self {
        if let Some(product) = self.both_whole(other).and_then(|(a, b)| times(a, b)) {
            return Self::whole(product);
        }
        self.combine(other, |(a, b), (c, d)| Some((times(a, c)?, times(b, d)?)), |x, y| x * y)
    }

    /// The quotient; `other` must not be zero.
    pub fn div(&self, other: &Self) -> Self {
        debug_assert!(!other.is_zero());
        self.combine(
            other,
            |(a, b), (c, d)| {
                let (numerator, denominator) = (times(a, d)?, times(b, c)?);
                Some(if denominator < 0 {
                    (numerator.checked_neg()?, denominator.checked_neg()?)
                } else {
                    (numerator, denominator)
                })
            },
            |x, y| x / y,
        )
    }

    /// The quotient by a whole number above 0.
    pub fn over(&self, divisor: i128) -> Self {
        if let Small { numerator, denominator } = self
            && let Some(denominator) = times(*denominator, divisor)
        {
            return Self::small(*numerator, denominator);
        }
        self.div(&Self::whole(divisor))
    }

    /// Tries the operation on small fractions, then on reduced ones, then on big ones.
    fn combine(
        &self,
        other: &Self,
        small: impl Fn((i128, i128), (i128, i128)) -> Option<(i128, i128)>,
        big: impl Fn(BigRational, BigRational) -> BigRational,
    ) -> Self {
        if let (Small { numerator: a, denominator: b }, Small { numerator: c, denominator: d }) = (self, other) {
            let on_reduced = || small(reduced(*a, *b), reduced(*c, *d));
            if let Some((numerator, denominator)) = small((*a, *b), (*c, *d)).or_else(on_reduced) {
                return Self::small(numerator, denominator);
            }
        }
        Self::from_big(big(self.big(), other.big()))
    }

    /// Numerator and denominator, above 0 and not necessarily reduced; None where no i128 holds them.
    pub(crate) fn as_fraction(&self) -> Option<(i128, i128)> {
        match self {
            Small { numerator, denominator } => Some((*numerator, *denominator)),
            Big(_) => None,
        }
    }

    /// Whether its denominator is so large that further sums would only make it larger: adding
    /// fractions of n unrelated denominators costs the square of n.
    pub fn is_unwieldy(&self) -> bool {
        match self {
            Small { .. } => false,
            Big(value) => value.denom().bits() > 128,
        }
    }

    /// The sum of many, exact whatever their denominators: these are multiplied up in a balanced tree
    /// and never reduced.
    pub fn sum(items: impl Iterator<Item = Self> + Clone) -> Self {
        let mut sum = Self::ZERO;
        for item in items.clone() {
            sum = sum.add(&item);
            if sum.is_unwieldy() {
                let (numerator, denominator) = Self::raw_sum(&items.collect::<Vec<_>>());
                return Big(Box::new(BigRational::new_raw(numerator, denominator)));
            }
        }
        sum
    }

    fn raw_sum(items: &[Self]) -> (BigInt, BigInt) {
        match items {
            [] => (BigInt::zero(), BigInt::from(1)),
            [Small { numerator, denominator }] => (BigInt::from(*numerator), BigInt::from(*denominator)),
            [Big(value)] => (value.numer().clone(), value.denom().clone()),
            many => {
                let (left, right) = many.split_at(many.len() / 2);
                let ((a, b), (c, d)) = (Self::raw_sum(left), Self::raw_sum(right));
                (a * &d + c * &b, b * d)
            }
        }
    }

    /// How many whole `step`s (above 0) lie below or at it, and how what is over compares with nothing
    /// and with half a step.
    pub fn steps(&self, step: i128) -> (i128, Ordering, Ordering) {
        if let Small { numerator, denominator } = self
            && let Some(unit) = times(*denominator, step)
            && let (below, over) = divided(*numerator, unit)
            && let Some(twice) = over.checked_mul(2)
        {
            return (below, over.cmp(&0), twice.cmp(&unit));
        }
        let (numerator, denominator) = match self {
            Small { numerator, denominator } => (BigInt::from(*numerator), BigInt::from(*denominator)),
            Big(value) => (value.numer().clone(), value.denom().clone()),
        };
        let unit = denominator * step;
        let (below, over) = numerator.div_mod_floor(&unit);
        let below = below.to_i128().unwrap_or(if below.is_negative() { i128::MIN } else { i128::MAX });
        (below, over.cmp(&BigInt::zero()), (over * BigInt::from(2)).cmp(&unit))
    }

    /// Whether it is zero.
    #[inline]
    pub fn is_zero(&self) -> bool {
        match self {
            Small { numerator, .. } => *numerator == 0,
            Big(value) => value.is_zero(),
        }
    }

    /// Whether it is above zero.
    #[inline]
    pub fn is_positive(&self) -> bool {
        match self {
            Small { numerator, .. } => *numerator > 0,
            Big(value) => value.is_positive(),
        }
    }

    /// The smaller one.
    #[inline]
    pub fn min(self, other: Self) -> Self {
        if other < self { other } else { self }
    }

    /// The larger one.
    #[inline]
    pub fn max(self, other: Self) -> Self {
        if other > self { other } else { self }
    }

    /// The largest whole number that is not above it. Whole numbers that no i128 holds do not
    /// arise from inputs within the contract's limits; they saturate.
    #[inline]
    pub fn floor(&self) -> i128 {
        match self {
            Small { numerator, denominator: 1 } => *numerator,
            _ => self.steps(1).0,
        }
    }

    /// Whether it is a whole number.
    #[inline]
    pub fn is_whole(&self) -> bool {
        match self {
            Small { denominator: 1, .. } => true,
            Small { numerator, denominator } => divided(*numerator, *denominator).1 == 0,
            Big(value) => value.is_integer(),
        }
    }
}

/// The product; None where no i128 holds it. Most factors fit half of one, whose product can't overflow:
/// that is several times faster than a checked one.
#[inline]
pub(crate) fn times(a: i128, b: i128) -> Option<i128> {
    match (i64::try_from(a), i64::try_from(b)) {
        (Ok(a), Ok(b)) => Some(i128::from(a).wrapping_mul(i128::from(b))),
        _ => a.checked_mul(b),
    }
}

/// The product of factors whose product i128 holds, as that of amounts within the contract's limits; as fast as
/// [`times`].
#[inline]
pub(crate) fn product(a: i128, b: i128) -> i128 {
    match (i64::try_from(a), i64::try_from(b)) {
        (Ok(a), Ok(b)) => i128::from(a).wrapping_mul(i128::from(b)),
        _ => a * b,
    }
}

/// The quotient, rounded down, and what is over; the divisor must be above 0. The machine divides u64 at once, which
/// nearly all amounts fit, and i128 only step by step.
#[inline]
pub(crate) fn divided(numerator: i128, divisor: i128) -> (i128, i128) {
    match (u64::try_from(numerator), u64::try_from(divisor)) {
        (Ok(numerator), Ok(divisor)) => (i128::from(numerator / divisor), i128::from(numerator % divisor)),
        _ => (numerator.div_euclid(divisor), numerator.rem_euclid(divisor)),
    }
}

/// A fraction in its lowest terms.
fn reduced(numerator: i128, denominator: i128) -> (i128, i128) {
    if numerator == i128::MIN {
        return (numerator, denominator);
    }
    let common = numerator.gcd(&denominator);
    (numerator / common, denominator / common)
}

impl PartialEq for Exact {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Exact {}

impl PartialOrd for Exact {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Exact {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        match self.both_whole(other) {
            Some((a, b)) => a.cmp(&b),
            None => self.cmp_fractions(other),
        }
    }
}

impl Exact {
    fn cmp_fractions(&self, other: &Self) -> Ordering {
        if let (Small { numerator: a, denominator: b }, Small { numerator: c, denominator: d }) = (self, other) {
            if b == d {
                return a.cmp(c);
            }
            if let (Some(left), Some(right)) = (times(*a, *d), times(*c, *b)) {
                return left.cmp(&right);
            }
        }
        self.big().cmp(&other.big())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn exact() -> impl Strategy<Value = Exact> {
        let numerator = prop_oneof![any::<i128>(), (-1000_i128..1000), Just(i128::MIN), Just(i128::MAX)];
        let denominator = prop_oneof![(1..=i128::MAX), (1_i128..1000)];
        (numerator, denominator).prop_map(|(n, d)| Exact::ratio(n, d))
    }

    proptest! {
        #[test]
        fn agrees_with_big_rationals(a in exact(), b in exact()) {
            let (x, y) = (a.big(), b.big());
            prop_assert_eq!(a.add(&b).big(), &x + &y);
            prop_assert_eq!(a.sub(&b).big(), &x - &y);
            prop_assert_eq!(a.mul(&b).big(), &x * &y);
            prop_assert_eq!(a.cmp(&b), x.cmp(&y));
            if !b.is_zero() {
                prop_assert_eq!(a.div(&b).big(), &x / &y);
            }
            prop_assert_eq!(a.over(700).big(), &x / BigInt::from(700));
            prop_assert_eq!(BigInt::from(a.floor()), x.floor().to_integer());
            prop_assert_eq!(a.is_whole(), x.is_integer());
            let (below, over, half) = b.steps(7);
            let rest = y.clone() - BigRational::from_integer(BigInt::from(below) * 7);
            prop_assert!(rest >= BigRational::zero() && rest < BigRational::from_integer(BigInt::from(7)));
            prop_assert_eq!(over, rest.cmp(&BigRational::zero()));
            prop_assert_eq!(half, rest.cmp(&BigRational::new(BigInt::from(7), BigInt::from(2))));
            prop_assert_eq!(Exact::sum([a.clone(), b.clone(), a.clone()].into_iter()), Exact::Big(Box::new(&x + &y + &x)));
        }
    }

    #[test]
    fn floors_to_a_step() {
        assert_eq!(Exact::ratio(10, 3).steps(1).0, 3);
        assert_eq!(Exact::whole(12_345).steps(100).0, 123);
        assert_eq!(Exact::whole(-1).steps(100).0, -1);
    }
}
