//! Whether a condition holds, what it matched, and its trigger quantity (spec/definition.md,
//! "Conditions").

use std::collections::BTreeSet;

use promotion_core::definition::{
    CartCondition, CartKpi, ComboCondition, Comparison, Condition, ProductCondition, ProductKpi, UnitSelection,
};
use promotion_core::settings::Base;

use crate::criteria::{
    attribute_holds, compares, counted_tenders, lines_meeting, selected_lines, tenders_listed, tenders_of,
};
use crate::fitting::{Need, counts, covers, take_in_order, times};
use crate::model::{Basket, Bit, State};
use crate::money::{Num, exact};

/// What a condition that holds has matched.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Met {
    /// Its PRODUCT and COMBO parts that hold and stand under no NOT.
    pub parts: Vec<Part>,
    /// Its trigger quantity: what each of these needs, for one application.
    pub blocks: Vec<Vec<Need>>,
    /// The tenders that its tender parts matched.
    pub tenders: BTreeSet<usize>,
}

/// What one part of a condition has matched.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// All units of these lines.
    Lines { lines: BTreeSet<usize>, has_trigger_quantity: bool },
    /// The units of so many combos, and everything else on the lines of parts without a number.
    Combos { needs: Vec<Need>, combos: usize, free_lines: BTreeSet<usize> },
}

/// Checks conditions of one promotion.
pub struct Checker<'c, 's, 'a> {
    pub basket: &'c Basket<'s, 'a>,
    /// The cart as sent, or with conditionBase NET what it has left.
    pub state: &'c State,
    /// Whether QUANTITY EQUALS n means bundles of n: true from n on.
    pub in_bundles: bool,
}

impl Checker<'_, '_, '_> {
    /// What the condition matched, or None where it does not hold.
    pub fn check(&self, condition: &Condition) -> Option<Met> {
        match condition {
            Condition::Cart(cart) => self.cart(cart),
            Condition::Product(product) => self.product(product),
            Condition::Combo(combo) => self.combo(combo),
            Condition::Attribute(attribute) => attribute_holds(self.basket, attribute).then(Met::default),
            Condition::Tender(tender) => {
                let inner = tender.condition.as_ref().map_or(Some(Met::default()), |inner| self.check(inner));
                paid_by(tenders_of(self.basket, &self.counted(), &tender.modes), inner)
            }
            Condition::PaymentMode(mode) => {
                paid_by(tenders_listed(self.basket, &self.counted(), mode), Some(Met::default()))
            }
            Condition::PaymentModeScope(scope) => {
                paid_by(tenders_listed(self.basket, &self.counted(), &scope.payment_mode), self.check(&scope.condition))
            }
            Condition::PaymentModeCombo(both) => {
                paid_by(tenders_listed(self.basket, &self.counted(), &both.payment_mode), self.combo(&both.combo))
            }
            Condition::Not(inner) => {
                let exactly = Checker { in_bundles: false, ..*self };
                exactly.check(inner).is_none().then(Met::default)
            }
            Condition::All(children) => {
                let all: Option<Vec<Met>> = children.iter().map(|child| self.check(child)).collect();
                all.map(|all| {
                    let blocks = all.iter().flat_map(|met| met.blocks.clone()).collect();
                    union(all, blocks)
                })
            }
            Condition::Any(children) => {
                let holding: Vec<Met> = children.iter().filter_map(|child| self.check(child)).collect();
                let blocks = holding.first()?.blocks.clone();
                Some(union(holding, blocks))
            }
        }
    }

    /// How much of each tender counts in a condition.
    fn counted(&self) -> Vec<Num> {
        let basket = self.basket;
        let to_pay = match basket.case.settings.condition_base {
            Base::Gross => {
                let callers: i128 = basket.case.cart.lines.iter().map(|line| line.discount.0).sum();
                exact(basket.case.cart.amount.0 - callers + basket.case.cart.shipping_amount().0)
            }
            Base::Net => basket.items_left(self.state) + basket.shipping_left(self.state),
        };
        counted_tenders(basket, to_pay)
    }

    /// EQUALS, where it means bundles, is "at least".
    fn comparison(&self, comparison: Comparison) -> Comparison {
        if self.in_bundles && comparison == Comparison::Equals { Comparison::GreaterThanOrEqual } else { comparison }
    }

    fn cart(&self, condition: &CartCondition) -> Option<Met> {
        let basket = self.basket;
        let cart = basket.case.cart;
        let net = basket.case.settings.condition_base == Base::Net;
        let items = basket.items_measured(self.state);
        let shipping = if net { basket.shipping_left(self.state) } else { exact(cart.shipping_amount().0) };
        let mut comparison = condition.operator;
        let measured = match condition.kpi {
            CartKpi::Subtotal => items,
            CartKpi::Total => items + shipping,
            CartKpi::Itemcount => {
                let skus: BTreeSet<&str> = cart.lines.iter().map(|line| line.sku).collect();
                Num::from_integer(skus.len() as i128)
            }
            CartKpi::Quantity => {
                comparison = self.comparison(comparison);
                cart.lines.iter().map(|line| exact(line.quantity.0)).sum()
            }
        };
        if !compares(&measured, comparison, &exact(condition.value.0)) {
            return None;
        }
        let all_lines = (0..basket.lines.len()).collect();
        let counted = condition.kpi == CartKpi::Quantity;
        let blocks = self.trigger(counted, all_lines, condition.operator, condition.value.0);
        Some(Met { blocks, ..Met::default() })
    }

    /// The trigger quantity of a number of units: EQUALS, GREATER_THAN and GREATER_THAN_OR_EQUAL have one.
    fn trigger(&self, counted: bool, lines: BTreeSet<usize>, comparison: Comparison, value: i128) -> Vec<Vec<Need>> {
        let is_less = matches!(comparison, Comparison::LessThan | Comparison::LessThanOrEqual);
        if !counted || is_less || value == 0 {
            return Vec::new();
        }
        vec![vec![Need { lines, bits: self.basket.bits(value) }]]
    }

    fn product(&self, condition: &ProductCondition) -> Option<Met> {
        let basket = self.basket;
        if basket.lines.is_empty() {
            return None;
        }
        let lines = selected_lines(basket, self.state, condition);
        let Some((operator, value)) = condition.measure else {
            return (!lines.is_empty()).then(|| met_lines(lines, Vec::new()));
        };
        let mut comparison = operator;
        let measured = match condition.kpi {
            ProductKpi::None | ProductKpi::LineQuantity | ProductKpi::LineAmount => {
                return (!lines.is_empty()).then(|| met_lines(lines, Vec::new()));
            }
            ProductKpi::Quantity => {
                comparison = self.comparison(operator);
                lines.iter().map(|&line| exact(basket.lines[line].line.quantity.0)).sum()
            }
            ProductKpi::Amount => lines.iter().map(|&line| basket.measured(self.state, line)).sum(),
            ProductKpi::Itemcount => skus(basket, &lines),
        };
        if !compares(&measured, comparison, &exact(value.0)) {
            return None;
        }
        let blocks = self.trigger(condition.kpi == ProductKpi::Quantity, lines.clone(), operator, value.0);
        Some(met_lines(lines, blocks))
    }

    /// Complete combos: parts that name a number of units are bundled, k times; with other parts
    /// beside them k is at most 1, and these take what is left of their lines, in the order written.
    fn combo(&self, combo: &ComboCondition) -> Option<Met> {
        let basket = self.basket;
        let all: BTreeSet<Bit> = basket.all_bits(self.state);
        let available = counts(basket.lines.len(), &all);
        let needs: Vec<Need> = combo.parts.iter().filter_map(|part| self.bundled(part)).collect();
        let free: Vec<&ProductCondition> = combo.parts.iter().filter(|part| self.bundled(part).is_none()).collect();
        let mut combos = 0;
        while covers(&times(&needs, combos + 1), &available) && (combos == 0 || free.is_empty()) {
            combos += 1;
        }
        if combos == 0 {
            return None;
        }
        let dearest_first = basket.in_order(self.state, all.iter().copied(), UnitSelection::Dearest);
        let mut untaken = all;
        if !free.is_empty() {
            take_in_order(&needs, basket.lines.len(), &dearest_first).iter().for_each(|bit| {
                untaken.remove(bit);
            });
        }
        let mut free_lines = BTreeSet::new();
        for part in &free {
            let taken = self.free_part(part, &counts(basket.lines.len(), &untaken))?;
            untaken.retain(|bit| !taken.contains(&bit.0));
            free_lines.extend(taken);
        }
        let blocks = if needs.is_empty() { Vec::new() } else { vec![needs.clone()] };
        Some(Met { parts: vec![Part::Combos { needs, combos, free_lines }], blocks, ..Met::default() })
    }

    /// What a bundled part needs for one combo; None for a part without a number of units.
    fn bundled(&self, part: &ProductCondition) -> Option<Need> {
        let millionths = match (part.kpi, part.measure) {
            (ProductKpi::None, _) => 1_000_000,
            (ProductKpi::Quantity, Some((Comparison::Equals | Comparison::GreaterThanOrEqual, value))) => value.0,
            _ => return None,
        };
        let lines = lines_meeting(self.basket, &part.criteria);
        (millionths > 0).then(|| Need { lines, bits: self.basket.bits(millionths) })
    }

    /// The lines on which a part without a number takes all units that are left; None where there are
    /// none, or what is left does not meet it.
    fn free_part(&self, part: &ProductCondition, untaken: &[usize]) -> Option<BTreeSet<usize>> {
        let basket = self.basket;
        let (comparison, value) = part.measure.expect("a part with a kpi has a value");
        let quantity = |line: usize| basket.quantity(untaken[line]);
        let amount = |line: usize| {
            basket.measured(self.state, line) * quantity(line) / exact(basket.lines[line].line.quantity.0)
        };
        let meets = |measured: Num| compares(&measured, comparison, &exact(value.0));
        let mut lines = lines_meeting(basket, &part.criteria);
        let holds = match part.kpi {
            ProductKpi::LineQuantity => {
                lines.retain(|&line| meets(quantity(line)));
                true
            }
            ProductKpi::LineAmount => {
                lines.retain(|&line| meets(amount(line)));
                true
            }
            ProductKpi::Quantity => meets(lines.iter().map(|&line| quantity(line)).sum()),
            ProductKpi::Amount => meets(lines.iter().map(|&line| amount(line)).sum()),
            ProductKpi::Itemcount => {
                meets(skus(basket, &lines.iter().copied().filter(|&line| untaken[line] > 0).collect()))
            }
            ProductKpi::None => unreachable!("such a part is bundled"),
        };
        (holds && lines.iter().any(|&line| untaken[line] > 0)).then_some(lines)
    }
}

fn skus(basket: &Basket<'_, '_>, lines: &BTreeSet<usize>) -> Num {
    let skus: BTreeSet<&str> = lines.iter().map(|&line| basket.lines[line].line.sku).collect();
    Num::from_integer(skus.len() as i128)
}

fn met_lines(lines: BTreeSet<usize>, blocks: Vec<Vec<Need>>) -> Met {
    let has_trigger_quantity = !blocks.is_empty();
    Met { parts: vec![Part::Lines { lines, has_trigger_quantity }], blocks, ..Met::default() }
}

/// A tender part holds where a tender matches and the condition beside it holds.
fn paid_by(tenders: BTreeSet<usize>, inner: Option<Met>) -> Option<Met> {
    let mut met = inner.filter(|_| !tenders.is_empty())?;
    met.tenders.extend(tenders);
    Some(met)
}

/// What several conditions that hold have matched.
fn union(all: Vec<Met>, blocks: Vec<Vec<Need>>) -> Met {
    let mut met = Met { blocks, ..Met::default() };
    for one in all {
        met.parts.extend(one.parts);
        met.tenders.extend(one.tenders);
    }
    met
}

impl Met {
    /// The lines that have matched units: all where no PRODUCT or COMBO part tells.
    pub fn lines(&self, basket: &Basket<'_, '_>) -> BTreeSet<usize> {
        if self.parts.is_empty() {
            return (0..basket.lines.len()).collect();
        }
        let of_part = |part: &Part| match part {
            Part::Lines { lines, .. } => lines.clone(),
            Part::Combos { needs, free_lines, .. } => {
                needs.iter().flat_map(|need| need.lines.clone()).chain(free_lines.clone()).collect()
            }
        };
        self.parts.iter().flat_map(of_part).collect()
    }

    /// Whether complete combos leave units of their lines over.
    pub fn has_spare_units(&self, basket: &Basket<'_, '_>) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Lines { .. } => false,
            Part::Combos { needs, combos, free_lines } => {
                let lines: BTreeSet<usize> = needs.iter().flat_map(|need| need.lines.clone()).collect();
                let there: Num = lines.iter().map(|&line| exact(basket.lines[line].line.quantity.0)).sum();
                let taken: usize = needs.iter().map(|need| need.bits * combos).sum();
                !free_lines.is_empty() || basket.quantity(taken) < there
            }
        })
    }

    /// The matched units among those of `order`: of complete combos those that it has first, `wanted`
    /// ones before the others.
    pub fn units(
        &self,
        basket: &Basket<'_, '_>,
        state: &State,
        order: &[Bit],
        wanted: &dyn Fn(Bit) -> bool,
    ) -> BTreeSet<Bit> {
        if self.parts.is_empty() {
            return order.iter().copied().collect();
        }
        let mut units = BTreeSet::new();
        for part in &self.parts {
            match part {
                Part::Lines { lines, .. } => units.extend(order.iter().filter(|bit| lines.contains(&bit.0))),
                Part::Combos { needs, combos, free_lines } => {
                    let (first, last): (Vec<Bit>, Vec<Bit>) = order.iter().partition(|bit| wanted(**bit));
                    let needs = complete(needs, *combos, &counts(basket.lines.len(), order));
                    let taken = take_in_order(&needs, basket.lines.len(), &[first, last].concat());
                    if !free_lines.is_empty() {
                        let dearest = basket.in_order(state, order.iter().copied(), UnitSelection::Dearest);
                        let dearest = take_in_order(&needs, basket.lines.len(), &dearest);
                        if counts(basket.lines.len(), &taken) != counts(basket.lines.len(), &dearest) {
                            basket.case.leave_open("what a combo takes before parts that take all that is left");
                        }
                    }
                    units.extend(taken);
                    units.extend(order.iter().filter(|bit| free_lines.contains(&bit.0)));
                }
            }
        }
        units
    }
}

/// The needs of as many combos as can be completed of what there is.
fn complete(needs: &[Need], most: usize, available: &Vec<usize>) -> Vec<Need> {
    let combos = (0..=most).rev().find(|&combos| covers(&times(needs, combos), available));
    times(needs, combos.unwrap_or(0))
}
