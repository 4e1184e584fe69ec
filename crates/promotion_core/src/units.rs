//! The cart's units while promotions are computed on them (spec/evaluation.md 6 and 8): lines are
//! runs of equal units, never expanded into single ones.

use std::collections::{HashMap, HashSet};

use crate::cart::{Cart, Line};
use crate::exact::Exact;
use crate::money::{MILLION, Money, Quantity};

/// Equal units of one line: same price, same discount so far. It has whole units, or is one cut
/// unit, or is the line as sent, whose last unit may be cut.
#[derive(Debug, Clone)]
pub struct Run {
    /// How many units.
    pub quantity: Quantity,
    /// What promotions have taken off all of them together, in millionths.
    taken: Exact,
}

/// What is known of a line before any promotion.
#[derive(Debug)]
pub struct LineFacts<'c> {
    /// The line as sent.
    pub line: &'c Line<'c>,
    /// amount / quantity, in millionths.
    pub unit_price: Exact,
    /// (amount − the caller's discount) / quantity, in millionths.
    net_unit_price: Exact,
    /// Its categories and all their ancestors.
    pub categories: HashSet<&'c str>,
}

/// The cart's lines and what is left of them.
#[derive(Debug, Clone)]
pub struct Basket<'b, 'c> {
    /// The lines, as sent; one without a SKU stands for a cart of an amount alone.
    pub facts: &'b [LineFacts<'c>],
    /// Each line's place in the canonical order.
    pub rank: &'b [usize],
    runs: Vec<Vec<Run>>,
    left: Vec<Money>,
}

/// Units of one run that a promotion takes the same off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The line's index.
    pub line: usize,
    /// The run's index in its line, as it was when the promotion was computed.
    pub run: usize,
    /// How many units.
    pub quantity: Quantity,
    /// What they lose together.
    pub discount: Money,
}

/// Prepares the facts of every line.
pub fn line_facts<'c>(
    cart: &Cart<'c>,
    lines: &'c [Line<'c>],
    parents: &'c HashMap<Box<str>, Box<str>>,
) -> Vec<LineFacts<'c>> {
    lines
        .iter()
        .map(|line| LineFacts {
            line,
            unit_price: Exact::ratio(line.amount.0 * MILLION, line.quantity.0),
            net_unit_price: Exact::ratio((line.amount - line.discount).0 * MILLION, line.quantity.0),
            categories: with_ancestors(line, cart.category_hierarchy_sent, parents),
        })
        .collect()
}

fn with_ancestors<'c>(
    line: &'c Line<'c>,
    hierarchy_sent: bool,
    parents: &'c HashMap<Box<str>, Box<str>>,
) -> HashSet<&'c str> {
    let mut categories: HashSet<&str> = line.categories.iter().copied().collect();
    if !hierarchy_sent && !parents.is_empty() {
        for &category in &line.categories {
            let mut current = category;
            // A set ends the walk even if the table held a cycle.
            while let Some(parent) = parents.get(current) {
                if !categories.insert(parent) {
                    break;
                }
                current = parent;
            }
        }
    }
    categories
}

/// The canonical line order: sku, then unit price, then brands, categories and attributes, then
/// amount, and only then the position. Before the amount comes what else makes units differ, the
/// caller's discount and `minUnitPrice`: else a line in two parts would stand elsewhere. Answers each
/// line's place in it.
pub fn canonical_rank(facts: &[LineFacts<'_>]) -> Vec<usize> {
    fn sorted<'a>(values: &[&'a str]) -> Vec<&'a str> {
        let mut values = values.to_vec();
        values.sort_unstable();
        values
    }
    let mut order: Vec<usize> = (0..facts.len()).collect();
    order.sort_by(|&left, &right| {
        let (a, b) = (&facts[left], &facts[right]);
        (a.line.sku.cmp(b.line.sku))
            .then_with(|| a.unit_price.cmp(&b.unit_price))
            .then_with(|| sorted(&a.line.brands).cmp(&sorted(&b.line.brands)))
            .then_with(|| sorted(&a.line.categories).cmp(&sorted(&b.line.categories)))
            .then_with(|| a.line.attributes.cmp(&b.line.attributes))
            .then_with(|| a.net_unit_price.cmp(&b.net_unit_price))
            .then_with(|| a.line.min_unit_price.cmp(&b.line.min_unit_price))
            .then_with(|| a.line.amount.cmp(&b.line.amount))
    });
    let mut rank = vec![0; facts.len()];
    for (place, &line) in order.iter().enumerate() {
        rank[line] = place;
    }
    rank
}

impl<'b, 'c> Basket<'b, 'c> {
    /// The cart before any promotion.
    pub fn new(facts: &'b [LineFacts<'c>], rank: &'b [usize]) -> Self {
        Self {
            facts,
            rank,
            runs: facts.iter().map(|fact| vec![Run { quantity: fact.line.quantity, taken: Exact::ZERO }]).collect(),
            left: facts.iter().map(|fact| fact.line.amount - fact.line.discount).collect(),
        }
    }

    /// How many lines there are.
    pub fn line_count(&self) -> usize {
        self.facts.len()
    }

    /// What a line has left: its amount less the caller's discount and all promotions.
    pub fn left(&self, line: usize) -> Money {
        self.left[line]
    }

    /// The runs of a line.
    pub fn runs(&self, line: usize) -> &[Run] {
        &self.runs[line]
    }

    /// What the line can still lose: what it has left above `minUnitPrice`, and never below zero.
    pub fn line_capacity(&self, line: usize) -> Exact {
        let fact = self.facts[line].line;
        let floor = Exact::ratio(fact.min_unit_price.0 * fact.quantity.0, MILLION);
        Exact::whole(self.left[line].0).sub(&floor).max(Exact::ZERO)
    }

    /// What one unit of a run has left.
    pub fn unit_left(&self, line: usize, run: usize) -> Exact {
        let run = &self.runs[line][run];
        let taken = run.taken.mul(&Exact::ratio(MILLION, run.quantity.0));
        self.facts[line].net_unit_price.sub(&taken)
    }

    /// What one unit of a run can still lose.
    pub fn unit_capacity(&self, line: usize, run: usize) -> Exact {
        let floor = Exact::whole(self.facts[line].line.min_unit_price.0);
        self.unit_left(line, run).sub(&floor).max(Exact::ZERO)
    }

    /// Takes what a promotion gives off its units. The pieces of one run stand together.
    pub fn take(&mut self, pieces: &[Piece]) {
        for on_line in pieces.chunk_by(|a, b| a.line == b.line) {
            let line = on_line[0].line;
            let old = std::mem::take(&mut self.runs[line]);
            let mut new: Vec<Run> = Vec::with_capacity(old.len() + on_line.len());
            for (index, run) in old.into_iter().enumerate() {
                let mut rest = run.quantity;
                for piece in on_line.iter().filter(|piece| piece.run == index) {
                    let taken = run.taken.mul(&Exact::ratio(piece.quantity.0, run.quantity.0));
                    push(&mut new, piece.quantity, taken.add(&Exact::whole(piece.discount.0)));
                    rest = Quantity(rest.0 - piece.quantity.0);
                    self.left[line] -= piece.discount;
                }
                if rest > Quantity::ZERO {
                    push(&mut new, rest, run.taken.mul(&Exact::ratio(rest.0, run.quantity.0)));
                }
            }
            self.runs[line] = new;
        }
    }
}

/// Adds a run, or joins it to the one before where their units are equal.
fn push(runs: &mut Vec<Run>, quantity: Quantity, taken: Exact) {
    if let Some(last) = runs.last_mut() {
        let equal = last.taken.mul(&Exact::whole(quantity.0)) == taken.mul(&Exact::whole(last.quantity.0));
        if equal {
            last.quantity = Quantity(last.quantity.0 + quantity.0);
            last.taken = last.taken.add(&taken);
            return;
        }
    }
    runs.push(Run { quantity, taken });
}
