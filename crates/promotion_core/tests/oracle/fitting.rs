//! Which units can fill which needs, each unit one of them: Hall's theorem, on all subsets of the
//! needs. Units of one line fit the same needs, so that counts per line are enough.

use std::collections::BTreeSet;

use crate::model::Bit;

/// So many bits are needed, of these lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Need {
    pub lines: BTreeSet<usize>,
    pub bits: usize,
}

/// How many bits there are of each line.
pub type Counts = Vec<usize>;

/// Counts bits by line.
pub fn counts<'b>(lines: usize, bits: impl IntoIterator<Item = &'b Bit>) -> Counts {
    let mut counts = vec![0; lines];
    bits.into_iter().for_each(|bit| counts[bit.0] += 1);
    counts
}

/// Needs for so many applications.
pub fn times(needs: &[Need], applications: usize) -> Vec<Need> {
    needs.iter().map(|need| Need { lines: need.lines.clone(), bits: need.bits * applications }).collect()
}

/// How many bits all needs take together.
pub fn total(needs: &[Need]) -> usize {
    needs.iter().map(|need| need.bits).sum()
}

/// All subsets of the needs.
fn subsets(needs: &[Need]) -> impl Iterator<Item = Vec<&Need>> {
    (0..1_usize << needs.len())
        .map(|set| needs.iter().enumerate().filter(|(index, _)| set >> index & 1 == 1).map(|(_, need)| need).collect())
}

/// Whether all needs can be filled, no bit counted for two of them: any of them together find as many
/// bits as they need.
pub fn covers(needs: &[Need], available: &Counts) -> bool {
    subsets(needs).all(|some| {
        let fits = |line: usize| some.iter().any(|need| need.lines.contains(&line));
        let found: usize = (0..available.len()).filter(|&line| fits(line)).map(|line| available[line]).sum();
        some.iter().map(|need| need.bits).sum::<usize>() <= found
    })
}

/// Whether every one of the bits can go to a need: those that fit only into some of the needs are no
/// more than these take.
pub fn has_room_for(needs: &[Need], bits: &Counts) -> bool {
    subsets(needs).all(|some| {
        let others = |line: usize| {
            needs.iter().any(|need| need.lines.contains(&line) && !some.iter().any(|own| std::ptr::eq(*own, need)))
        };
        let only_here: usize = (0..bits.len()).filter(|&line| !others(line)).map(|line| bits[line]).sum();
        only_here <= some.iter().map(|need| need.bits).sum()
    })
}

/// Goes through the bits in order and takes each for which there is room beside those taken.
pub fn take_in_order(needs: &[Need], lines: usize, order: &[Bit]) -> Vec<Bit> {
    let mut taken: Vec<Bit> = Vec::new();
    let mut taken_counts = vec![0; lines];
    for &bit in order {
        taken_counts[bit.0] += 1;
        if has_room_for(needs, &taken_counts) {
            taken.push(bit);
        } else {
            taken_counts[bit.0] -= 1;
        }
    }
    taken
}

/// Goes through bits that all fit, in order, and gives each to the first need that leaves the others
/// feasible; answers each need's bits.
pub fn assign(needs: &[Need], lines: usize, order: &[Bit]) -> Vec<Vec<Bit>> {
    let mut open = needs.to_vec();
    let mut filled: Vec<Vec<Bit>> = vec![Vec::new(); needs.len()];
    let mut rest = counts(lines, order);
    for &bit in order {
        rest[bit.0] -= 1;
        let fits = (0..open.len()).find(|&index| {
            if open[index].bits == 0 || !open[index].lines.contains(&bit.0) {
                return false;
            }
            open[index].bits -= 1;
            let others_fit = has_room_for(&open, &rest);
            open[index].bits += usize::from(!others_fit);
            others_fit
        });
        filled[fits.expect("the bits fit")].push(bit);
    }
    filled
}

/// Whether `more` can be raised, by at most `most` on each line, to `target` bits in all and stay
/// valid. What is not valid does not become valid by having more.
pub fn reachable(more: &Counts, most: &Counts, target: usize, valid: &dyn Fn(&Counts) -> bool) -> bool {
    fn from_line(
        counts: &mut Counts,
        line: usize,
        most: &Counts,
        missing: usize,
        valid: &dyn Fn(&Counts) -> bool,
    ) -> bool {
        if missing == 0 {
            return valid(counts);
        }
        if line == counts.len() || most[line..].iter().sum::<usize>() < missing {
            return false;
        }
        let before = counts[line];
        for added in (0..=most[line].min(missing)).rev() {
            counts[line] = before + added;
            if valid(counts) && from_line(counts, line + 1, most, missing - added, valid) {
                counts[line] = before;
                return true;
            }
        }
        counts[line] = before;
        false
    }
    let have: usize = more.iter().sum();
    have <= target && from_line(&mut more.clone(), 0, most, target - have, valid)
}
