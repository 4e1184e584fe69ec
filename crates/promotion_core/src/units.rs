//! The cart's units while promotions are computed on them (spec/evaluation.md 6 and 8): lines are
//! runs of equal units, never expanded into single ones.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use smallvec::SmallVec;

use crate::cart::{Cart, Line};
use crate::exact::{Exact, product};
use crate::money::{MILLION, Money, Quantity};

/// Equal units of one line: same price, same discount so far, same marks. It has whole units, or is
/// one cut unit, or is the line as sent, whose last unit may be cut.
#[derive(Debug, Clone)]
pub struct Run {
    /// How many units.
    pub quantity: Quantity,
    /// What promotions have taken off all of them together, in millionths.
    taken: Exact,
    /// What the promotion being computed has taken of that.
    own: Exact,
    /// What promotions have left on the units.
    pub marks: Marks,
}

/// What promotions leave on a unit besides a lower price. Marks that no setting or promotion asks for
/// are never made, so that they keep no units apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks {
    /// It was free, had a fixed price or had to be bought for such: no such promotion repeats on it.
    pub consumed: bool,
    /// An exclusive promotion lowered its price (`exclusiveScope` UNIT).
    pub exclusive: bool,
    /// How many line promotions lowered its price (`maxStackedPerUnit`, or `exclusiveScope` UNIT).
    pub stacked: u32,
    /// The promotion being computed lowered its price.
    pub is_own: bool,
    /// The action being computed lowered its price.
    pub is_rewarded: bool,
}

/// Units of a line that an action fell on, by their place in it: units keep their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The line's index.
    pub line: usize,
    /// Where it begins, in millionths of a unit from the line's first.
    pub from: i128,
    /// Where it ends.
    pub until: i128,
    /// The action lowered their price; else they had to be bought for it.
    pub lowered: bool,
}

/// How a promotion marks the units that it falls on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marking {
    /// The promotion is exclusive, and that matters.
    pub exclusive: bool,
    /// Promotions on a unit are counted.
    pub stacks: bool,
    /// Further actions of the promotion will ask for what it took itself.
    pub keeps_own: bool,
    /// Rewarded units are to be told from others.
    pub tells_rewarded: bool,
}

/// The runs of a line: most are one.
type Runs = SmallVec<[Run; 1]>;

/// What is known of a line before any promotion.
#[derive(Debug)]
pub struct LineFacts<'c> {
    /// The line as sent.
    pub line: &'c Line<'c>,
    /// amount / quantity, in millionths.
    pub unit_price: Exact,
    /// (amount − the caller's discount) / quantity, in millionths.
    pub(crate) net_unit_price: Exact,
    /// Its categories and all their ancestors, each once; None where that is its categories as sent.
    all_categories: Option<Vec<&'c str>>,
    /// Its units before any promotion.
    as_sent: Run,
}

impl<'c> LineFacts<'c> {
    /// Its categories and all their ancestors, each once.
    pub fn categories(&self) -> &[&'c str] {
        self.all_categories.as_ref().unwrap_or(&self.line.categories)
    }
}

/// The cart's lines and what is left of them.
#[derive(Debug, Clone)]
pub struct Basket<'b, 'c> {
    /// The lines, as sent; one without a SKU stands for a cart of an amount alone.
    pub facts: &'b [LineFacts<'c>],
    /// Each line's place in the canonical order.
    pub rank: &'b [usize],
    lines: Vec<LineLeft>,
    /// How many of the lines are items: one more stands for the shipping, where there is any.
    item_count: usize,
}

/// What is left of a line.
#[derive(Debug, Clone)]
struct LineLeft {
    /// Its runs, shared with the baskets that this one was cloned from until the line is touched; None as long as it
    /// is as it was sent.
    runs: Option<Rc<Runs>>,
    left: Money,
    /// The promotions whose line actions lowered its price and must be remembered for it.
    promotions: SmallVec<[u32; 2]>,
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
    /// What they lose together; nothing where they are only marked.
    pub discount: Money,
    /// No promotion that repeats finds them again.
    pub consumed: bool,
    /// They had to be bought for it.
    pub serves: bool,
}

/// The pieces of a discount: most fall on equal units of one line alone.
pub type Pieces = SmallVec<[Piece; 1]>;

impl Piece {
    /// What units of a line lose together, whichever they are.
    pub fn sum(line: usize, discount: Money) -> Self {
        Self { line, run: 0, quantity: Quantity::ZERO, discount, consumed: false, serves: false }
    }
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
            unit_price: Exact::ratio(product(line.amount.0, MILLION), line.quantity.0),
            net_unit_price: Exact::ratio(product((line.amount - line.discount).0, MILLION), line.quantity.0),
            all_categories: with_ancestors(line, cart.category_hierarchy_sent, parents),
            as_sent: Run { quantity: line.quantity, taken: Exact::ZERO, own: Exact::ZERO, marks: Marks::default() },
        })
        .collect()
}

fn with_ancestors<'c>(
    line: &'c Line<'c>,
    hierarchy_sent: bool,
    parents: &'c HashMap<Box<str>, Box<str>>,
) -> Option<Vec<&'c str>> {
    if hierarchy_sent || parents.is_empty() {
        if line.categories.len() < 2 {
            return None;
        }
        // Each once: a category is looked up as often as it stands here.
        let mut categories = line.categories.clone();
        categories.sort_unstable();
        categories.dedup();
        return Some(categories);
    }
    let mut categories: HashSet<&str> = line.categories.iter().copied().collect();
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
    Some(categories.into_iter().collect())
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
    /// Lines before any promotion, the first `item_count` of which are items.
    pub fn new(facts: &'b [LineFacts<'c>], rank: &'b [usize], item_count: usize) -> Self {
        let whole = |fact: &LineFacts<'_>| LineLeft {
            runs: None,
            left: fact.line.amount - fact.line.discount,
            promotions: SmallVec::new(),
        };
        Self { facts, rank, lines: facts.iter().map(whole).collect(), item_count }
    }

    /// How many items there are.
    pub fn item_count(&self) -> usize {
        self.item_count
    }

    /// How many lines there are, the one for the shipping included.
    pub fn line_count(&self) -> usize {
        self.facts.len()
    }

    /// What all items have left.
    pub fn items_left(&self) -> Money {
        self.lines[..self.item_count].iter().map(|line| line.left).sum()
    }

    /// The promotions that are remembered for a line.
    pub fn promotions_on(&self, line: usize) -> &[u32] {
        &self.lines[line].promotions
    }

    /// Remembers a promotion for a line.
    pub fn remember(&mut self, line: usize, promotion: u32) {
        self.lines[line].promotions.push(promotion);
    }

    /// What a line has left: its amount less the caller's discount and all promotions.
    pub fn left(&self, line: usize) -> Money {
        self.lines[line].left
    }

    /// The runs of a line.
    pub fn runs(&self, line: usize) -> &[Run] {
        match &self.lines[line].runs {
            Some(runs) => runs,
            None => std::slice::from_ref(&self.facts[line].as_sent),
        }
    }

    /// What the line can still lose: what it has left above `minUnitPrice`, and never below zero.
    pub fn line_capacity(&self, line: usize) -> Exact {
        let (fact, left) = (self.facts[line].line, Exact::whole(self.left(line).0));
        if fact.min_unit_price.is_zero() {
            return left.max(Exact::ZERO);
        }
        left.sub(&Exact::ratio(fact.min_unit_price.0 * fact.quantity.0, MILLION)).max(Exact::ZERO)
    }

    /// What one unit of a run has left.
    pub fn unit_left(&self, line: usize, run: usize) -> Exact {
        let (run, price) = (&self.runs(line)[run], &self.facts[line].net_unit_price);
        if run.taken.is_zero() {
            return price.clone();
        }
        price.sub(&run.taken.mul(&Exact::ratio(MILLION, run.quantity.0)))
    }

    /// What one unit of a run would have left without the promotion being computed.
    pub fn unit_left_by_others(&self, line: usize, run: usize) -> Exact {
        let left = self.unit_left(line, run);
        let run = &self.runs(line)[run];
        if run.own.is_zero() { left } else { left.add(&run.own.mul(&Exact::ratio(MILLION, run.quantity.0))) }
    }

    /// What one unit of a run can still lose.
    pub fn unit_capacity(&self, line: usize, run: usize) -> Exact {
        let (left, floor) = (self.unit_left(line, run), self.facts[line].line.min_unit_price);
        if floor.is_zero() {
            return left.max(Exact::ZERO);
        }
        left.sub(&Exact::whole(floor.0)).max(Exact::ZERO)
    }

    /// Takes what a promotion gives off its units, and marks them. The pieces of one line stand together.
    pub fn take(&mut self, pieces: &[Piece], marking: Marking) {
        for on_line in pieces.chunk_by(|a, b| a.line == b.line) {
            let line = on_line[0].line;
            let old = self.runs(line);
            let (mut new, mut lost) = (Runs::new(), Money::ZERO);
            for (index, run) in old.iter().enumerate() {
                let mut rest = run.quantity;
                for piece in on_line.iter().filter(|piece| piece.run == index) {
                    let mut part = run.part(piece.quantity);
                    let discount = Exact::whole(piece.discount.0);
                    part.taken = part.taken.add(&discount);
                    part.marks.consumed |= piece.consumed;
                    if !piece.discount.is_zero() {
                        part.marks.exclusive |= marking.exclusive;
                        part.marks.is_rewarded |= marking.tells_rewarded;
                        part.marks.stacked += u32::from(marking.stacks && !part.marks.is_own);
                        if marking.keeps_own {
                            part.own = part.own.add(&discount);
                            part.marks.is_own = true;
                        }
                    }
                    rest = Quantity(rest.0 - piece.quantity.0);
                    lost += piece.discount;
                    push(&mut new, part);
                }
                if rest > Quantity::ZERO {
                    push(&mut new, run.part(rest));
                }
            }
            let own = &mut self.lines[line];
            own.left -= lost;
            own.runs = Some(Rc::new(new));
        }
    }

    /// Takes from a line as a whole, such as one that stands for the shipping.
    pub fn take_from_line(&mut self, line: usize, discount: Money) {
        let quantity = self.facts[line].line.quantity;
        self.take(&[Piece { line, run: 0, quantity, discount, consumed: false, serves: false }], Marking::default());
    }

    /// Forgets which units the action being computed lowered.
    pub fn forget_rewarded(&mut self) {
        self.forget(|marks| marks.is_rewarded, |run| run.marks.is_rewarded = false);
    }

    /// Forgets which units the promotion being computed lowered.
    pub fn forget_own(&mut self) {
        self.forget(
            |marks| marks.is_own,
            |run| {
                run.marks.is_own = false;
                run.own = Exact::ZERO;
            },
        );
    }

    /// Takes a mark off all runs; those whose units are equal then are joined.
    fn forget(&mut self, is_marked: impl Fn(&Marks) -> bool, unmark: impl Fn(&mut Run)) {
        for runs in self.lines.iter_mut().filter_map(|line| line.runs.as_mut()) {
            if runs.iter().any(|run| is_marked(&run.marks)) {
                let mut new = Runs::new();
                for run in runs.iter() {
                    let mut run = run.clone();
                    unmark(&mut run);
                    push(&mut new, run);
                }
                *runs = Rc::new(new);
            }
        }
    }

    /// Where pieces lie, before they are taken.
    pub fn spans(&self, pieces: &[Piece]) -> Vec<Span> {
        let mut spans = Vec::with_capacity(pieces.len());
        for of_run in pieces.chunk_by(|a, b| (a.line, a.run) == (b.line, b.run)) {
            let (line, run) = (of_run[0].line, of_run[0].run);
            let mut from: i128 = self.runs(line)[..run].iter().map(|before| before.quantity.0).sum();
            for piece in of_run {
                let until = from + piece.quantity.0;
                let lowered = !piece.discount.is_zero();
                if lowered || piece.serves {
                    spans.push(Span { line, from, until, lowered });
                }
                from = until;
            }
        }
        spans
    }
}

/// How many units spans have together, each unit counted once.
pub fn covered(spans: impl Iterator<Item = Span>) -> Quantity {
    let mut spans: Vec<(i128, i128)> = spans.map(|span| (span.from, span.until)).collect();
    spans.sort_unstable();
    let (mut sum, mut end) = (0, 0);
    for (from, until) in spans {
        sum += (until - from.max(end)).max(0);
        end = end.max(until);
    }
    Quantity(sum)
}

impl Run {
    /// So many of its units.
    fn part(&self, quantity: Quantity) -> Self {
        if quantity == self.quantity {
            return self.clone();
        }
        let share = |all: &Exact| {
            if all.is_zero() { Exact::ZERO } else { all.mul(&Exact::ratio(quantity.0, self.quantity.0)) }
        };
        Self { quantity, taken: share(&self.taken), own: share(&self.own), marks: self.marks }
    }

    fn has_units_of(&self, other: &Self) -> bool {
        let per_unit_equal = |a: &Exact, b: &Exact| {
            (a.is_zero() && b.is_zero())
                || a.mul(&Exact::whole(other.quantity.0)) == b.mul(&Exact::whole(self.quantity.0))
        };
        self.marks == other.marks && per_unit_equal(&self.taken, &other.taken) && per_unit_equal(&self.own, &other.own)
    }
}

/// Adds a run, or joins it to the one before where their units are equal.
fn push(runs: &mut Runs, run: Run) {
    match runs.last_mut() {
        Some(last) if last.has_units_of(&run) => {
            last.quantity = Quantity(last.quantity.0 + run.quantity.0);
            last.taken = last.taken.add(&run.taken);
            last.own = last.own.add(&run.own);
        }
        _ => runs.push(run),
    }
}
