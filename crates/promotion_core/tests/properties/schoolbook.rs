//! The split itself, against single units.

use promotion_core::allocation::{Share, largest_remainder};
use promotion_core::exact::Exact;
use proptest::prelude::*;

use crate::cases;

/// The largest-remainder method as a schoolbook has it, over single units: each part's proportion
/// rounded down, then one more for the largest remainders, ties to the earlier unit.
fn schoolbook_split(total: i128, weights: &[i128]) -> Vec<i128> {
    let sum: i128 = weights.iter().sum();
    let mut parts: Vec<i128> = weights.iter().map(|weight| total * weight / sum).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&index| (-(total * weights[index] % sum), index));
    let rest = total - parts.iter().sum::<i128>();
    order.iter().take(rest as usize).for_each(|&index| parts[index] += 1);
    parts
}

proptest! {
    #![proptest_config(cases(1_000))]

    /// "by the largest-remainder method", on runs of equal units as on the single units.
    #[test]
    fn splits_agree_with_the_schoolbook(
        total in 0..100_000_i128,
        runs in prop::collection::vec((1..30_i128, 1..500_i128), 1..10),
    ) {
        let units: Vec<i128> = runs.iter().flat_map(|&(count, weight)| vec![weight; count as usize]).collect();
        let shares: Vec<Share> = runs
            .iter()
            .map(|&(count, weight)| Share { count, weight: Exact::whole(weight), cap: i128::MAX / 1_000_000 })
            .collect();
        let split: Vec<i128> = largest_remainder(total, &shares, &|| {})
            .iter()
            .zip(&shares)
            .flat_map(|(part, share)| (0..share.count).map(|unit| part.each + i128::from(unit < part.raised)))
            .collect();
        prop_assert_eq!(split, schoolbook_split(total, &units));
    }
}
