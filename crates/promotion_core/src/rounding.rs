//! The one place where a value loses digits: rounding to a currency's minor unit
//! (spec/evaluation.md 9; settings `rounding` and `precision`).

use serde::{Deserialize, Serialize};

use crate::exact::{Exact, product};
use crate::money::{MILLION, Money, SCALE};

/// How a value between two minor units is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RoundingMode {
    /// to the nearest, halves away from zero
    HalfUp,
    /// to the nearest, halves towards zero
    HalfDown,
    /// to the nearest, halves to the even neighbour
    HalfEven,
    /// away from zero
    Up,
    /// towards zero
    Down,
    /// towards plus infinity
    Ceiling,
    /// towards minus infinity
    Floor,
}

/// A rounding mode and the unit it rounds to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rounding {
    /// How.
    pub mode: RoundingMode,
    /// The minor unit in millionths: 10,000 for a cent.
    pub minor: i128,
}

impl Rounding {
    /// Rounds to `precision` places, 0 to 6.
    pub fn to_places(mode: RoundingMode, precision: u32) -> Self {
        Self { mode, minor: MILLION / 10_i128.pow(precision.min(SCALE)) }
    }

    /// The value, in millionths, rounded to whole minor units.
    pub fn round(self, value: &Exact) -> Money {
        let (below, over, half) = value.steps(self.minor);
        if over.is_eq() {
            return Money(product(below, self.minor));
        }
        let negative = below < 0;
        let up = match self.mode {
            RoundingMode::Ceiling => true,
            RoundingMode::Floor => false,
            RoundingMode::Up => !negative,
            RoundingMode::Down => negative,
            RoundingMode::HalfUp => half.is_gt() || (half.is_eq() && !negative),
            RoundingMode::HalfDown => half.is_gt() || (half.is_eq() && negative),
            RoundingMode::HalfEven => half.is_gt() || (half.is_eq() && below % 2 != 0),
        };
        Money(product(below + i128::from(up), self.minor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cents(mode: RoundingMode, millionths: i128) -> i128 {
        Rounding::to_places(mode, 2).round(&Exact::whole(millionths)).0 / 10_000
    }

    #[test]
    fn the_worked_example_of_the_contract() {
        use RoundingMode::*;
        for (mode, expected) in [(HalfUp, 13), (HalfDown, 12), (HalfEven, 12), (Up, 13), (Down, 12)] {
            assert_eq!(cents(mode, 125_000), expected, "{mode:?}");
        }
    }

    #[test]
    fn every_mode_on_both_signs() {
        use RoundingMode::*;
        // value in millionths: -0.135, -0.125, -0.121, 0.121, 0.125, 0.135, 0.14
        let values = [-135_000, -125_000, -121_000, 121_000, 125_000, 135_000, 140_000];
        for (mode, expected) in [
            (HalfUp, [-14, -13, -12, 12, 13, 14, 14]),
            (HalfDown, [-13, -12, -12, 12, 12, 13, 14]),
            (HalfEven, [-14, -12, -12, 12, 12, 14, 14]),
            (Up, [-14, -13, -13, 13, 13, 14, 14]),
            (Down, [-13, -12, -12, 12, 12, 13, 14]),
            (Ceiling, [-13, -12, -12, 13, 13, 14, 14]),
            (Floor, [-14, -13, -13, 12, 12, 13, 14]),
        ] {
            assert_eq!(values.map(|value| cents(mode, value)), expected, "{mode:?}");
        }
    }

    #[test]
    fn a_fraction_that_no_decimal_holds() {
        let third = Exact::ratio(10 * MILLION, 3);
        assert_eq!(Rounding::to_places(RoundingMode::HalfUp, 2).round(&third), Money(3_330_000));
        assert_eq!(Rounding::to_places(RoundingMode::Up, 0).round(&third), Money(4_000_000));
        assert_eq!(Rounding::to_places(RoundingMode::HalfUp, 6).round(&third), Money(3_333_333));
    }
}
