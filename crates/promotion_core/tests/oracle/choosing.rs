//! Which units an action may fall on, and what a productBasedCondition selects (spec/evaluation.md 6
//! and 7, spec/definition.md, "Actions").

use std::collections::BTreeSet;

use num_traits::Signed;
use promotion_core::definition::{
    Comparison, Criterion, ListEntity, ProductCondition, ProductKpi, Selecting, UnitSelection,
};

use crate::chosen::{Application, Chosen, Serving};
use crate::conditions::{Met, Part};
use crate::criteria::selected_lines;
use crate::fitting::{Need, assign, counts, covers, take_in_order, times};
use crate::model::{Basket, Bit, State};

/// Chooses units for one action of one promotion.
pub struct Chooser<'c, 's, 'a> {
    pub basket: &'c Basket<'s, 'a>,
    pub state: &'c State,
    pub met: &'c Met,
    /// The units it may look at: all, or those of one line.
    pub bits: BTreeSet<Bit>,
    /// Which units it must leave to others.
    pub contested: &'c dyn Fn(Bit) -> bool,
    /// Whether consumed units are out of the question, as for everything that repeats.
    pub repeats: bool,
    /// Whether units that can't lose anything belong to it as long as they have something left.
    pub is_bundle_price: bool,
    pub selection: UnitSelection,
    /// false: the benefit goes to other units than those that met the condition.
    pub include: bool,
}

/// What a productBasedCondition asks for: its parts with their numbers of units, all of them or none
/// for a combo.
pub struct Named {
    pub needs: Vec<Need>,
    pub is_combo: bool,
    /// Each part's first SKU.
    pub skus: Vec<Option<String>>,
}

impl Chooser<'_, '_, '_> {
    pub fn lines(&self) -> usize {
        self.basket.lines.len()
    }

    /// Whether a unit may be given the benefit.
    fn is_eligible(&self, bit: Bit) -> bool {
        let open = if self.is_bundle_price {
            self.basket.left(self.state, bit)
        } else {
            self.basket.can_lose(self.state, bit)
        };
        !(self.contested)(bit) && open.is_positive() && !(self.repeats && self.is_consumed(bit))
    }

    pub fn is_consumed(&self, (line, place): Bit) -> bool {
        self.state.bits[line][place].consumed
    }

    /// The units that may serve as triggers.
    pub fn servants(&self) -> BTreeSet<Bit> {
        self.bits.iter().copied().filter(|&bit| !(self.repeats && self.is_consumed(bit))).collect()
    }

    pub fn by_selection(&self, bits: impl IntoIterator<Item = Bit>) -> Vec<Bit> {
        self.basket.in_order(self.state, bits, self.selection)
    }

    pub fn dearest_first(&self, bits: impl IntoIterator<Item = Bit>) -> Vec<Bit> {
        self.basket.in_order(self.state, bits, UnitSelection::Dearest)
    }

    /// The eligible ones among what the condition matched and `is_meant`.
    pub fn matched(&self, is_meant: &dyn Fn(Bit) -> bool) -> BTreeSet<Bit> {
        let wanted = |bit: Bit| is_meant(bit) && self.is_eligible(bit);
        let order = self.by_selection(self.basket.all_bits(self.state));
        let matched = self.met.units(self.basket, self.state, &order, &wanted);
        matched.into_iter().filter(|&bit| wanted(bit) && self.bits.contains(&bit)).collect()
    }

    /// The lines that a productBasedCondition selects, and the numbers that it names.
    pub fn selecting(&self, selecting: &Selecting) -> (BTreeSet<usize>, Option<Named>) {
        let number = |condition: &ProductCondition| match (condition.kpi, condition.measure) {
            (ProductKpi::Quantity, Some((Comparison::Equals, value))) => Some(self.basket.bits(value.0)),
            _ => None,
        };
        let lines = |condition: &ProductCondition| selected_lines(self.basket, self.state, condition);
        match selecting {
            Selecting::Product(condition) => {
                let named = number(condition).map(|bits| Named {
                    needs: vec![Need { lines: lines(condition), bits }],
                    is_combo: false,
                    skus: vec![first_sku(condition)],
                });
                (lines(condition), named)
            }
            Selecting::Combo(combo) => {
                let one = self.basket.bits(1_000_000);
                let need = |part: &ProductCondition| Need { lines: lines(part), bits: number(part).unwrap_or(one) };
                let needs: Vec<Need> = combo.parts.iter().map(need).collect();
                let all = needs.iter().flat_map(|need| need.lines.clone()).collect();
                let skus = combo.parts.iter().map(first_sku).collect();
                (all, Some(Named { needs, is_combo: true, skus }))
            }
        }
    }

    /// The eligible ones of some units.
    pub fn eligible_among(&self, bits: &[Bit]) -> BTreeSet<Bit> {
        bits.iter().copied().filter(|&bit| self.is_eligible(bit)).collect()
    }

    /// The eligible units on the reward lines; with `include` only what the condition matched.
    pub fn eligible(&self, lines: &BTreeSet<usize>) -> BTreeSet<Bit> {
        if self.include {
            return self.matched(&|bit| lines.contains(&bit.0));
        }
        self.bits.iter().copied().filter(|&bit| lines.contains(&bit.0) && self.is_eligible(bit)).collect()
    }

    /// The benefit falls on the trigger units themselves: so many times all blocks together, disjoint;
    /// without blocks, or where a part that matched has none, once on everything matched.
    pub fn on_triggers(&self, most: usize) -> Chosen {
        let without_number = |part: &Part| match part {
            Part::Lines { lines, has_trigger_quantity } => !has_trigger_quantity && !lines.is_empty(),
            Part::Combos { free_lines, .. } => !free_lines.is_empty(),
        };
        if self.met.blocks.is_empty() || self.met.parts.iter().any(without_number) {
            return Chosen::one(self.by_selection(self.matched(&|_| true)));
        }
        let bundle = self.met.blocks.concat();
        let eligible = self.by_selection(self.bits.iter().copied().filter(|&bit| self.is_eligible(bit)));
        let available = counts(self.lines(), &eligible);
        let feasible = |count: usize| covers(&times(&bundle, count), &available);
        let count = (1..=most.min(self.bits.len())).take_while(|&count| feasible(count)).last().unwrap_or(0);
        let units = take_in_order(&times(&bundle, count), self.lines(), &eligible);
        let applications = self.chunks(&bundle, count, &units).into_iter().map(Application::on).collect();
        Chosen { applications, servings: vec![Serving { block: bundle, bits: units }] }
    }

    /// Assigns units, in order, to the needs of so many applications; the j-th application gets the
    /// j-th chunk of every need.
    pub fn chunks(&self, needs: &[Need], count: usize, order: &[Bit]) -> Vec<Vec<Bit>> {
        let mut chunks = vec![Vec::new(); count];
        for (need, bits) in needs.iter().zip(assign(&times(needs, count), self.lines(), order)) {
            for (chunk, part) in chunks.iter_mut().zip(bits.chunks(need.bits.max(1))) {
                chunk.extend(part);
            }
        }
        chunks
    }
}

/// The first SKU that a part names.
fn first_sku(condition: &ProductCondition) -> Option<String> {
    condition.criteria.iter().find_map(|criterion| match criterion {
        Criterion::Values { entity: ListEntity::Sku, negated: false, values, .. } => values.first().cloned(),
        _ => None,
    })
}
