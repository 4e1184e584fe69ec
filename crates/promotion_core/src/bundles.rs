//! Bundles of units whose parts must not share a unit (spec/definition.md, COMBO_PRODUCT): how many
//! there can be, and which units can be in them. Units are told apart by the parts that they fit,
//! a set of bits; they are counted, never listed.

use crate::money::Quantity;

/// Most parts of a bundle.
pub const MOST_PARTS: usize = 10;

/// The parts that a unit fits: bit i for part i.
pub type Fits = u16;

/// All sets of `parts` parts but the empty one.
fn sets(parts: usize) -> impl Iterator<Item = Fits> {
    1..(1 << parts.min(MOST_PARTS))
}

fn sum_in(set: Fits, quantities: &[i128]) -> i128 {
    quantities.iter().enumerate().filter(|(part, _)| set & (1 << part) != 0).map(|(_, quantity)| quantity).sum()
}

/// How many whole bundles there can be, with so many units for each part and these units there: no
/// more than any set of parts has units for, and by Hall's theorem as many.
pub fn most_bundles(quantities: &[i128], units: &[(Fits, i128)]) -> i128 {
    sets(quantities.len())
        .map(|set| {
            let there: i128 = units.iter().filter(|(fits, _)| fits & set != 0).map(|(_, quantity)| quantity).sum();
            let needed = sum_in(set, quantities);
            if needed == 0 { i128::MAX } else { there / needed }
        })
        .min()
        .unwrap_or(0)
}

/// Places of bundles that units are put into, one by one.
#[derive(Debug, Clone)]
pub struct Places {
    /// For each set of parts, how many more units that fit no other part can be placed.
    room: Vec<i128>,
    rest: i128,
}

impl Places {
    /// So many places for each part.
    pub fn new(quantities: &[i128]) -> Self {
        let room = std::iter::once(0).chain(sets(quantities.len()).map(|set| sum_in(set, quantities))).collect();
        Self { room, rest: quantities.iter().sum() }
    }

    /// How many more units that fit these parts can be placed.
    pub fn room(&self, fits: Fits) -> i128 {
        if fits == 0 {
            return 0;
        }
        let fits = usize::from(fits);
        let holding = self.room.iter().enumerate().filter(|(set, _)| set & fits == fits);
        holding.map(|(_, room)| *room).min().unwrap_or(0)
    }

    /// Places units; no more than there is room for.
    pub fn place(&mut self, fits: Fits, quantity: i128) {
        let fits = usize::from(fits);
        for (set, room) in self.room.iter_mut().enumerate() {
            if set & fits == fits {
                *room -= quantity;
            }
        }
        self.rest -= quantity;
    }

    /// How many places are empty.
    pub fn rest(&self) -> i128 {
        self.rest
    }
}

/// Units that must be left for the parts of other bundles.
#[derive(Debug, Clone)]
pub struct Reserve {
    /// For each set of parts, how many of the units that fit any of them can go.
    spare: Vec<i128>,
}

impl Reserve {
    /// Of these units, so many must be left for each part; None where they are not there.
    pub fn new(quantities: &[i128], units: &[(Fits, i128)]) -> Option<Self> {
        let spare: Vec<i128> = std::iter::once(i128::MAX)
            .chain(sets(quantities.len()).map(|set| {
                let there: i128 = units.iter().filter(|(fits, _)| fits & set != 0).map(|(_, units)| units).sum();
                there - sum_in(set, quantities)
            }))
            .collect();
        spare.iter().all(|spare| *spare >= 0).then_some(Self { spare })
    }

    /// Nothing is reserved.
    pub fn none() -> Self {
        Self { spare: vec![i128::MAX] }
    }

    /// How many of the units that fit these parts can go.
    pub fn spare(&self, fits: Fits) -> i128 {
        let fits = usize::from(fits);
        let touched = self.spare.iter().enumerate().filter(|(set, _)| set & fits != 0);
        touched.map(|(_, spare)| *spare).min().unwrap_or(i128::MAX)
    }

    /// Lets units go; no more than can.
    pub fn release(&mut self, fits: Fits, quantity: i128) {
        let fits = usize::from(fits);
        for (set, spare) in self.spare.iter_mut().enumerate() {
            if set & fits != 0 {
                *spare -= quantity;
            }
        }
    }
}

/// Puts units that fill all places exactly into the parts: each run, in order, into the first part
/// that leaves the others what they need. Answers for each part its runs (by index) and quantities.
pub fn assign(quantities: &[i128], units: &[(Fits, i128)]) -> Vec<Vec<(usize, Quantity)>> {
    let mut parts: Vec<Vec<(usize, Quantity)>> = vec![Vec::new(); quantities.len()];
    let mut needed = quantities.to_vec();
    // For each set of parts, the places that units which fit no other part can spare.
    let mut spare: Vec<i128> = Places::new(quantities).room;
    for &(fits, quantity) in units {
        for (set, spare) in spare.iter_mut().enumerate() {
            if usize::from(fits) & !set == 0 {
                *spare -= quantity;
            }
        }
    }
    for (index, &(fits, quantity)) in units.iter().enumerate() {
        let mut rest = quantity;
        for part in (0..needed.len()).filter(|part| fits & (1 << part) != 0) {
            let hit = |set: usize| set & (1 << part) != 0 && usize::from(fits) & !set != 0;
            let slack = spare.iter().enumerate().filter(|(set, _)| hit(*set)).map(|(_, spare)| *spare).min();
            let taken = rest.min(needed[part]).min(slack.unwrap_or(i128::MAX));
            if taken > 0 {
                for (set, spare) in spare.iter_mut().enumerate() {
                    if hit(set) {
                        *spare -= taken;
                    }
                }
                needed[part] -= taken;
                rest -= taken;
                parts[part].push((index, Quantity(taken)));
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundles_never_share_a_unit() {
        // Two foods, of which one is fries; a bundle is a food and fries.
        assert_eq!(most_bundles(&[1, 1], &[(0b01, 1), (0b11, 1)]), 1);
        assert_eq!(most_bundles(&[1, 1], &[(0b11, 1)]), 0);
        assert_eq!(most_bundles(&[2, 1], &[(0b01, 3), (0b11, 4)]), 2);
        assert_eq!(most_bundles(&[1, 1, 1], &[(0b011, 5), (0b100, 2)]), 2);
    }

    #[test]
    fn places_take_what_fits() {
        let mut places = Places::new(&[2, 1]);
        assert_eq!(places.room(0b11), 3);
        assert_eq!(places.room(0b10), 1);
        places.place(0b11, 2);
        assert_eq!((places.room(0b01), places.room(0b10), places.rest()), (1, 1, 1));
        places.place(0b10, 1);
        assert_eq!((places.room(0b01), places.rest()), (0, 0));
    }

    #[test]
    fn a_reserve_holds_units_back() {
        let units = [(0b1, 3), (0, 5)];
        let mut reserve = Reserve::new(&[2], &units).expect("enough");
        assert_eq!(reserve.spare(0b1), 1);
        assert_eq!(reserve.spare(0), i128::MAX);
        reserve.release(0b1, 1);
        assert_eq!(reserve.spare(0b1), 0);
        assert!(Reserve::new(&[4], &units).is_none());
    }

    #[test]
    fn units_go_to_the_first_part_that_can_spare_the_others() {
        // The first fits both, the second only the first part: the first must go to the second part.
        assert_eq!(assign(&[1, 1], &[(0b11, 1), (0b01, 1)]), [vec![(1, Quantity(1))], vec![(0, Quantity(1))]]);
        assert_eq!(assign(&[1, 1], &[(0b11, 2)]), [vec![(0, Quantity(1))], vec![(0, Quantity(1))]]);
    }
}
