//! What is evaluated, and what has been taken off it so far. A line is cut into bits, all of one
//! size, so small that every quantity of the case is a whole number of them: nothing here knows
//! runs of equal units.

use std::cell::Cell;
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};

use num_traits::{Signed, Zero};
use promotion_core::cart::{Cart, Line};
use promotion_core::definition::{Definition, UnitSelection};
use promotion_core::evaluation::{CodeFacts, LinkedCode};
use promotion_core::limit::Used;
use promotion_core::settings::{Base, Settings};
use promotion_core::situation::{Entitlement, Till};

use crate::conditions::Met;
use crate::money::{Num, exact};

/// A promotion as it is stored.
#[derive(Debug, Clone)]
pub struct Source {
    pub id: String,
    pub created: i64,
    pub definition: Definition,
}

/// All that an evaluation depends on.
pub struct Case<'s, 'a> {
    pub settings: &'s Settings,
    /// Each category's parent.
    pub parents: &'s BTreeMap<String, String>,
    pub promotions: &'s [Source],
    pub cart: &'s Cart<'a>,
    pub instant: i64,
    /// Of the cart's promo codes and payment vouchers, in their order.
    pub codes: &'s [Option<CodeFacts>],
    pub vouchers: &'s [Option<CodeFacts>],
    /// The codes that the cart's customer has and that are not among its promo codes, in no order.
    pub linked: &'s [LinkedCode],
    pub till: Option<Till>,
    pub entitlements: &'s [Entitlement],
    /// By promotion, row, and code or instance.
    pub usage: &'s BTreeMap<(String, usize, Option<String>), Used>,
    /// The size of a bit: every quantity of the case is a whole number of them.
    pub bit: Num,
    /// The smallest amount that the cart's discounts are given in.
    pub minor: Num,
    /// What of the answer the contract leaves open, where it came to that.
    pub open: Cell<Option<&'static str>>,
}

impl Case<'_, '_> {
    /// Notes that the contract leaves an answer open: units of which no minor unit is a part.
    pub fn expect_whole(&self, amount: Num) {
        if !(amount / self.minor).is_integer() {
            self.leave_open("how units are discounted that are no whole number of minor units");
        }
    }

    /// Notes that the contract leaves an answer open.
    pub fn leave_open(&self, what: &'static str) {
        self.open.set(Some(what));
    }
}

/// What of a line never changes.
pub struct LineFacts<'s, 'a> {
    pub line: &'s Line<'a>,
    pub unit_price: Num,
    /// The caller's own discount on one unit.
    pub callers: Num,
    /// The categories with all their ancestors.
    pub categories: BTreeSet<String>,
}

/// A bit of a line: the line's index, and the bit's place in it.
pub type Bit = (usize, usize);

/// What has happened to a bit.
#[derive(Debug, Clone, PartialEq)]
pub struct BitState {
    /// What promotions took off it.
    pub taken: Num,
    pub consumed: bool,
    /// The promotions whose line actions gave it a discount.
    pub benefited: BTreeSet<usize>,
}

/// The cart with what has been taken off it so far.
#[derive(Debug, Clone)]
pub struct State {
    pub bits: Vec<Vec<BitState>>,
    /// What is taken off the amount of a cart without items.
    pub alone: Num,
    pub shipments: Vec<Num>,
    pub tenders: Vec<Num>,
    /// What each promotion gave.
    pub given: BTreeMap<usize, Given>,
    /// What the condition of each promotion matched at the first of its actions; None: it did not hold.
    pub met: BTreeMap<usize, Option<Met>>,
    /// The promotions that a REFUSE limit keeps from giving.
    pub refused: BTreeSet<usize>,
}

/// What one promotion gave.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Given {
    /// What its line actions took off each bit.
    pub lines: BTreeMap<Bit, Num>,
    /// What its cart actions took off each bit.
    pub cart: BTreeMap<Bit, Num>,
    /// Off the amount of a cart without items.
    pub alone: Num,
    pub shipments: BTreeMap<usize, Num>,
    pub tenders: BTreeMap<usize, Num>,
    /// Units that had to be bought for it.
    pub triggers: BTreeSet<Bit>,
    /// How many units of which SKU the caller is to add.
    pub gifts: BTreeMap<String, Num>,
    pub count: u64,
}

impl Given {
    /// All it takes off items, shipping and tenders.
    pub fn discount(&self) -> Num {
        self.off_cart() + self.tenders.values().sum::<Num>()
    }

    /// All it takes off items and shipping.
    pub fn off_cart(&self) -> Num {
        self.off_items() + self.shipments.values().sum::<Num>()
    }

    pub fn off_items(&self) -> Num {
        self.lines.values().chain(self.cart.values()).sum::<Num>() + self.alone
    }

    /// Whether it counts as giving, its tender actions left aside.
    pub fn gives(&self) -> bool {
        self.off_cart().is_positive() || !self.gifts.is_empty()
    }

    /// What it took off a bit.
    pub fn off_bit(&self, bit: Bit) -> Num {
        [&self.lines, &self.cart].into_iter().filter_map(|off| off.get(&bit)).sum()
    }
}

/// The cart's lines, ready to be looked at.
pub struct Basket<'s, 'a> {
    pub case: &'s Case<'s, 'a>,
    pub lines: Vec<LineFacts<'s, 'a>>,
    /// The lines' indexes in the canonical order.
    pub canonical: Vec<usize>,
}

impl<'s, 'a> Basket<'s, 'a> {
    pub fn new(case: &'s Case<'s, 'a>) -> Self {
        let lines: Vec<LineFacts<'s, 'a>> = case.cart.lines.iter().map(|line| facts(case, line)).collect();
        let mut canonical: Vec<usize> = (0..lines.len()).collect();
        canonical.sort_by(|&a, &b| canonical_order(&lines[a], &lines[b]).then(a.cmp(&b)));
        Self { case, lines, canonical }
    }

    /// The cart as sent.
    pub fn untouched(&self) -> State {
        let fresh = BitState { taken: Num::zero(), consumed: false, benefited: BTreeSet::new() };
        let bits_of = |facts: &LineFacts<'_, '_>| {
            let count = exact(facts.line.quantity.0) / self.case.bit;
            assert!(count.is_integer(), "a line is no whole number of bits");
            vec![fresh.clone(); count.to_integer() as usize]
        };
        State {
            bits: self.lines.iter().map(bits_of).collect(),
            alone: Num::zero(),
            shipments: vec![Num::zero(); self.case.cart.shipping.iter().flatten().count()],
            tenders: vec![Num::zero(); self.case.cart.tenders.len()],
            given: BTreeMap::new(),
            met: BTreeMap::new(),
            refused: BTreeSet::new(),
        }
    }

    /// All bits of some lines.
    pub fn bits_of<'l>(&self, state: &State, lines: impl IntoIterator<Item = &'l usize>) -> BTreeSet<Bit> {
        lines.into_iter().flat_map(|&line| (0..state.bits[line].len()).map(move |place| (line, place))).collect()
    }

    /// All bits of the cart.
    pub fn all_bits(&self, state: &State) -> BTreeSet<Bit> {
        self.bits_of(state, &(0..self.lines.len()).collect::<Vec<usize>>())
    }

    /// What a bit has left: its price less the caller's discount and what promotions took.
    pub fn left(&self, state: &State, (line, place): Bit) -> Num {
        let facts = &self.lines[line];
        (facts.unit_price - facts.callers) * self.case.bit - state.bits[line][place].taken
    }

    /// What a bit can lose: down to 0, or to the line's least unit price.
    pub fn can_lose(&self, state: &State, bit: Bit) -> Num {
        let least = exact(self.lines[bit.0].line.min_unit_price.0) * self.case.bit;
        (self.left(state, bit) - least).max(Num::zero())
    }

    /// What a line has left.
    pub fn line_left(&self, state: &State, line: usize) -> Num {
        (0..state.bits[line].len()).map(|place| self.left(state, (line, place))).sum()
    }

    /// What all items have left.
    pub fn items_left(&self, state: &State) -> Num {
        if self.lines.is_empty() {
            return exact(self.case.cart.amount.0) - state.alone;
        }
        (0..self.lines.len()).map(|line| self.line_left(state, line)).sum()
    }

    /// What a shipment has left.
    pub fn shipment_left(&self, state: &State, index: usize) -> Num {
        let amount = self.case.cart.shipping.iter().flatten().nth(index).map_or(0, |shipment| shipment.amount.0);
        exact(amount) - state.shipments[index]
    }

    /// What all shipments have left.
    pub fn shipping_left(&self, state: &State) -> Num {
        (0..state.shipments.len()).map(|index| self.shipment_left(state, index)).sum()
    }

    /// The cart's amount, or under NET what the items have left.
    pub fn items_measured(&self, state: &State) -> Num {
        match self.case.settings.condition_base {
            Base::Gross => exact(self.case.cart.amount.0),
            Base::Net => self.items_left(state),
        }
    }

    /// A line's amount, or under NET what it has left.
    pub fn measured(&self, state: &State, line: usize) -> Num {
        match self.case.settings.condition_base {
            Base::Gross => exact(self.lines[line].line.amount.0),
            Base::Net => self.line_left(state, line),
        }
    }

    /// A bit's amount, or under NET what it has left.
    pub fn bit_measured(&self, state: &State, bit: Bit) -> Num {
        match self.case.settings.condition_base {
            Base::Gross => self.lines[bit.0].unit_price * self.case.bit,
            Base::Net => self.left(state, bit),
        }
    }

    /// Units in the order that a selection takes them in: by original unit price, among equals the
    /// one with most left, then the canonical line order, then their place in the line.
    pub fn in_order(&self, state: &State, bits: impl IntoIterator<Item = Bit>, selection: UnitSelection) -> Vec<Bit> {
        let mut bits: Vec<Bit> = bits.into_iter().collect();
        let rank = |line: usize| self.canonical.iter().position(|&own| own == line);
        bits.sort_by_cached_key(|&(line, place)| {
            let price = self.lines[line].unit_price;
            let price = if selection == UnitSelection::Cheapest { price } else { -price };
            (price, Reverse(self.left(state, (line, place))), rank(line), place)
        });
        bits
    }

    /// How many bits a quantity is.
    pub fn bits(&self, quantity_millionths: i128) -> usize {
        let count = exact(quantity_millionths) / self.case.bit;
        assert!(count.is_integer(), "a quantity is no whole number of bits");
        count.to_integer() as usize
    }

    /// The quantity of so many bits.
    pub fn quantity(&self, bits: usize) -> Num {
        self.case.bit * Num::from_integer(bits as i128)
    }

    /// Takes bits from the front of the runs of equal bits that they are in, in order.
    pub fn front_of_runs(&self, state: &State, bits: &[Bit]) -> Vec<Bit> {
        let mut taken: BTreeSet<Bit> = BTreeSet::new();
        let front = |&(line, place): &Bit| {
            let same = |other: &usize| state.bits[line][*other] == state.bits[line][place];
            let run: Vec<usize> = (0..place).rev().take_while(same).collect();
            let first = run.last().copied().unwrap_or(place);
            let next = (first..state.bits[line].len()).find(|&place| !taken.contains(&(line, place)));
            let next = (line, next.expect("as many bits as before"));
            taken.insert(next);
            next
        };
        bits.iter().map(front).collect()
    }

    /// Cuts bits into units: in canonical line order; within a line, neighbours to which the same has
    /// happened (and that `label` does not tell apart) are cut from the front into whole units, the
    /// last of which may be a part of one.
    pub fn units<L: PartialEq>(&self, state: &State, bits: &BTreeSet<Bit>, label: impl Fn(Bit) -> L) -> Vec<Vec<Bit>> {
        let whole = (Num::from_integer(1) / self.case.bit).to_integer() as usize;
        let mut units: Vec<Vec<Bit>> = Vec::new();
        for &line in &self.canonical {
            let mut before: Option<Bit> = None;
            let mut in_run = 0;
            for &bit in bits.iter().filter(|bit| bit.0 == line) {
                let same = |other: Bit| {
                    other.1 + 1 == bit.1
                        && state.bits[line][other.1] == state.bits[line][bit.1]
                        && label(other) == label(bit)
                };
                in_run = if before.is_some_and(same) { in_run + 1 } else { 0 };
                if in_run % whole == 0 {
                    units.push(Vec::new());
                }
                units.last_mut().expect("a unit was begun").push(bit);
                before = Some(bit);
            }
        }
        units
    }
}

fn facts<'s, 'a>(case: &Case<'s, 'a>, line: &'s Line<'a>) -> LineFacts<'s, 'a> {
    let quantity = exact(line.quantity.0);
    let mut categories: BTreeSet<String> = line.categories.iter().map(|&own| own.to_owned()).collect();
    if !case.cart.category_hierarchy_sent {
        let mut open: Vec<String> = categories.iter().cloned().collect();
        while let Some(category) = open.pop() {
            if let Some(parent) = case.parents.get(&category)
                && categories.insert(parent.clone())
            {
                open.push(parent.clone());
            }
        }
    }
    LineFacts {
        line,
        unit_price: exact(line.amount.0) / quantity,
        callers: exact(line.discount.0) / quantity,
        categories,
    }
}

/// sku, unit price, brands, categories, attributes, the caller's discount on a unit, the least unit
/// price, amount.
fn canonical_order(a: &LineFacts<'_, '_>, b: &LineFacts<'_, '_>) -> Ordering {
    let sorted = |list: &[&str]| list.iter().map(|&own| own.to_owned()).collect::<BTreeSet<String>>();
    (a.line.sku.cmp(b.line.sku))
        .then_with(|| a.unit_price.cmp(&b.unit_price))
        .then_with(|| sorted(&a.line.brands).cmp(&sorted(&b.line.brands)))
        .then_with(|| sorted(&a.line.categories).cmp(&sorted(&b.line.categories)))
        .then_with(|| a.line.attributes.cmp(&b.line.attributes))
        .then_with(|| b.callers.cmp(&a.callers))
        .then_with(|| a.line.min_unit_price.cmp(&b.line.min_unit_price))
        .then_with(|| a.line.amount.cmp(&b.line.amount))
}
