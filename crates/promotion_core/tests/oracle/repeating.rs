//! How often triggers and rewards are found, and which units they are (spec/evaluation.md 7).

use std::collections::BTreeSet;

use crate::choosing::{Chooser, Named};
use crate::chosen::{Application, Chosen, Serving, first_of_each_line};
use crate::conditions::Met;
use crate::fitting::{Need, assign, counts, covers, has_room_for, reachable, take_in_order, times, total};
use crate::model::Bit;

impl Chooser<'_, '_, '_> {
    /// At least so many reward units make so many applications: all in a combo's, else one more than
    /// fit into one application less.
    fn least(&self, named: &Named, eligible: &BTreeSet<Bit>, count: usize) -> usize {
        if named.is_combo {
            return total(&times(&named.needs, count));
        }
        let all: Vec<Bit> = eligible.iter().copied().collect();
        take_in_order(&times(&named.needs, count - 1), self.lines(), &all).len() + 1
    }

    /// Notes that the answer is open where several blocks have lines in common.
    fn expect_disjoint_blocks(&self) {
        let lines_of = |block: &[Need]| block.iter().flat_map(|need| need.lines.clone()).collect::<BTreeSet<usize>>();
        let blocks: Vec<BTreeSet<usize>> = self.met.blocks.iter().map(|block| lines_of(block)).collect();
        if (0..blocks.len()).any(|one| (0..one).any(|other| !blocks[one].is_disjoint(&blocks[other]))) {
            self.basket.case.leave_open("how far blocks that share lines share their units");
        }
    }

    /// Triggers and rewards side by side, all disjoint: as many applications, at most `most`, as there
    /// are triggers for and rewards beside them; of each line at most `per_line` bits.
    pub fn beside_triggers(&self, named: &Named, eligible: &BTreeSet<Bit>, most: usize, per_line: usize) -> Chosen {
        self.expect_disjoint_blocks();
        let servants = counts(self.lines(), &self.servants());
        let nothing = vec![0; self.lines()];
        let kept_free = |eligible: &BTreeSet<Bit>, applications: usize, rewards: usize| {
            let valid = |kept: &Vec<usize>| {
                let rest: Vec<usize> = servants.iter().zip(kept).map(|(all, kept)| all - kept).collect();
                has_room_for(&times(&named.needs, applications), kept)
                    && self.met.blocks.iter().all(|block| covers(&times(block, applications), &rest))
            };
            reachable(&nothing, &counts(self.lines(), eligible), rewards, &valid)
        };
        let works = |applications: usize| kept_free(eligible, applications, self.least(named, eligible, applications));
        let count = (1..=most.min(self.bits.len())).take_while(|&count| works(count)).last().unwrap_or(0);
        if count == 0 {
            return Chosen::default();
        }
        let upper = total(&times(&named.needs, count)).min(eligible.len());
        let rewards = (0..=upper).rev().find(|&rewards| kept_free(eligible, count, rewards)).expect("it works");
        let mut free = eligible.clone();
        let triggers = self.set_aside(count, &mut |bit| {
            let was_free = free.remove(&bit);
            let still = kept_free(&free, count, rewards);
            if was_free && !still {
                free.insert(bit);
            }
            still
        });
        let free = first_of_each_line(&self.by_selection(free), per_line);
        let units = take_in_order(&times(&named.needs, count), self.lines(), &free);
        self.applications(count, &named.needs, &units, triggers)
    }

    /// Chunks of the eligible units by selection, at most `most`, whatever the triggers.
    pub fn in_chunks(&self, named: &Named, eligible: &BTreeSet<Bit>, most: usize, per_line: usize) -> Chosen {
        let no_blocks = Met { blocks: Vec::new(), ..self.met.clone() };
        let alone = Chooser { met: &no_blocks, bits: self.bits.clone(), ..*self };
        alone.beside_triggers(named, eligible, most, per_line)
    }

    /// Rewards among the units that met the condition, which count as triggers too.
    pub fn among_triggers(&self, named: &Named, eligible: &BTreeSet<Bit>, most: usize) -> Chosen {
        self.expect_disjoint_blocks();
        let mut blocks = self.met.blocks.clone();
        if let [block] = blocks.as_mut_slice()
            && let [need] = block.as_mut_slice()
        {
            need.bits = need.bits.max(total(&named.needs));
        }
        let available = counts(self.lines(), &self.servants());
        let most_of = counts(self.lines(), eligible);
        let fit = |more: &Vec<usize>, most_of: &Vec<usize>, applications: usize, rewards: usize| {
            let slots: Vec<Need> = blocks.iter().flat_map(|block| times(block, applications)).collect();
            let valid = |kept: &Vec<usize>| {
                has_room_for(&times(&named.needs, applications), kept)
                    && (blocks.is_empty() || has_room_for(&slots, kept))
            };
            reachable(more, most_of, rewards, &valid)
        };
        let nothing = vec![0; self.lines()];
        let works = |applications: usize| {
            blocks.iter().all(|block| covers(&times(block, applications), &available))
                && fit(&nothing, &most_of, applications, self.least(named, eligible, applications))
        };
        let most = if blocks.is_empty() { 1 } else { most.min(self.bits.len()) };
        let count = (1..=most).take_while(|&count| works(count)).last().unwrap_or(0);
        if count == 0 {
            return Chosen::default();
        }
        let upper = total(&times(&named.needs, count)).min(eligible.len());
        let rewards = (0..=upper).rev().find(|&rewards| fit(&nothing, &most_of, count, rewards)).expect("it works");
        let (mut units, mut chosen, mut rest) = (Vec::new(), nothing, most_of);
        for bit in self.by_selection(eligible.iter().copied()) {
            chosen[bit.0] += 1;
            rest[bit.0] -= 1;
            if fit(&chosen, &rest, count, rewards) {
                units.push(bit);
            } else {
                chosen[bit.0] -= 1;
            }
        }
        let triggers = self.triggers_from(&self.met.blocks, count, &units);
        self.applications(count, &named.needs, &units, triggers)
    }

    /// So many times one of each block, from servants that `may_serve` in turn: dearest first, units
    /// that an earlier block took before all others.
    fn set_aside(&self, count: usize, may_serve: &mut dyn FnMut(Bit) -> bool) -> Vec<Serving> {
        let order = self.dearest_first(self.servants());
        let mut taken: Vec<Bit> = Vec::new();
        let mut servings = Vec::new();
        for block in &self.met.blocks {
            let needs = times(block, count);
            let (again, others): (Vec<Bit>, Vec<Bit>) = order.iter().partition(|bit| taken.contains(bit));
            let mut own: Vec<Bit> = Vec::new();
            for bit in [again, others].concat() {
                let mut with = counts(self.lines(), &own);
                with[bit.0] += 1;
                if has_room_for(&needs, &with) && (taken.contains(&bit) || may_serve(bit)) {
                    own.push(bit);
                }
            }
            servings.push(Serving { block: block.clone(), bits: self.dearest_first(own.iter().copied()) });
            taken.extend(own);
        }
        servings
    }

    /// Whether there are units for one of each block.
    pub fn has_triggers(&self) -> bool {
        let available = counts(self.lines(), &self.servants());
        self.met.blocks.iter().all(|block| covers(block, &available))
    }

    /// So many times one of each block as far as there are units: `first` ones first, then the others,
    /// dearest first.
    pub fn triggers_from(&self, blocks: &[Vec<Need>], count: usize, first: &[Bit]) -> Vec<Serving> {
        let others = self.servants().into_iter().filter(|bit| !first.contains(bit));
        let dearest = self.dearest_first(others);
        let mut taken: Vec<Bit> = Vec::new();
        let mut servings = Vec::new();
        for block in blocks {
            let (again, others): (Vec<Bit>, Vec<Bit>) = dearest.iter().partition(|bit| taken.contains(bit));
            let own = take_in_order(&times(block, count), self.lines(), &[first.to_vec(), again, others].concat());
            servings.push(Serving { block: block.clone(), bits: own.clone() });
            taken.extend(own);
        }
        servings
    }

    /// Applications of these reward units, in order of selection.
    fn applications(&self, count: usize, needs: &[Need], units: &[Bit], servings: Vec<Serving>) -> Chosen {
        Chosen { applications: self.chunks(needs, count, units).into_iter().map(Application::on).collect(), servings }
    }

    /// Free products that the caller is to add where the cart lacks them: beside the applications on
    /// units of the cart as many as there are whole triggers for; without triggers, `without`.
    pub fn with_gifts(&self, named: &Named, mut chosen: Chosen, most: usize, without: usize) -> Chosen {
        let applications = &mut chosen.applications;
        let units: Vec<Bit> = applications.iter().flat_map(|application| application.rewards.clone()).collect();
        let rest: BTreeSet<Bit> = self.servants().into_iter().filter(|bit| !units.contains(bit)).collect();
        let available = counts(self.lines(), &rest);
        let works = |count: usize| self.met.blocks.iter().all(|block| covers(&times(block, count), &available));
        let most = if self.met.blocks.is_empty() { without } else { most.min(self.bits.len()) };
        let count = (1..=most).take_while(|&count| works(count)).last().unwrap_or(0);
        if count > applications.len() {
            applications.resize(count, Application::on(Vec::new()));
            chosen.servings = self.set_aside(count, &mut |bit| rest.contains(&bit));
        }
        for application in applications {
            let have = assign(&named.needs, self.lines(), &application.rewards);
            for ((need, sku), have) in named.needs.iter().zip(&named.skus).zip(have) {
                if need.bits > have.len() {
                    let sku = sku.clone().expect("autoAdd names its products by SKU");
                    *application.gifts.entry(sku).or_default() += need.bits - have.len();
                }
            }
        }
        chosen
    }
}
