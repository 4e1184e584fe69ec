//! Whether a condition holds, what it matched and its trigger quantity (spec/evaluation.md 2,
//! spec/definition.md "Conditions", "What a condition matched").

use std::borrow::Cow;
use std::collections::HashMap;

use crate::bundles::{Fits, Places, most_bundles};
use crate::cart::Cart;
use crate::criteria::{Lines, LinesByValue, compares, distinct_skus, holds, lists, matching_lines};
use crate::definition::{
    AttributeCondition, AttributeSource, AttributeTest, CartCondition, CartKpi, ComboCondition, Comparison, Condition,
    ProductCondition, ProductKpi,
};
use crate::exact::Exact;
use crate::money::{MILLION, Money, capped_product};
use crate::payment::line_of;
use crate::state::CartState;
use crate::tender;
use crate::units::{LineFacts, canonical_rank, line_facts};

/// What a condition that holds matched.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Matched {
    /// Lines with all their units, ascending.
    pub lines: Lines,
    /// Bundles.
    pub combos: Vec<ComboMatch>,
    /// Its trigger quantity: these bundles of units, one of each.
    pub triggers: Vec<Bundle>,
    /// It has a product part that holds, be it on no lines: "fewer than one".
    pub has_product_part: bool,
    /// Some product part that holds has no trigger quantity.
    pub has_part_without_trigger: bool,
    /// Tenders, ascending.
    pub tenders: Vec<usize>,
}

/// Units of several parts, none in two of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// 1 to 10.
    pub parts: Vec<BundlePart>,
}

/// So many units of some lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundlePart {
    /// The lines, ascending.
    pub lines: Vec<usize>,
    /// Millionths of a unit, above 0.
    pub quantity: i128,
}

impl Bundle {
    /// A bundle of one part.
    pub fn of(lines: Vec<usize>, quantity: i128) -> Self {
        Self { parts: vec![BundlePart { lines, quantity }] }
    }

    /// How many lines its parts have.
    pub fn line_count(&self) -> usize {
        self.parts.iter().map(|part| part.lines.len()).sum()
    }

    /// Millionths of a unit that `times` bundles have of each part.
    pub fn quantities(&self, times: i128) -> Vec<i128> {
        self.parts.iter().map(|part| capped_product(part.quantity, times)).collect()
    }

    /// The parts that units of a line fit.
    pub fn fits(&self, line: usize) -> Fits {
        let fits = |(index, part): (usize, &BundlePart)| Fits::from(part.lines.binary_search(&line).is_ok()) << index;
        self.parts.iter().enumerate().map(fits).fold(0, |all, own| all | own)
    }
}

/// What a COMBO matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComboMatch {
    /// One bundle; None where no part of it is bundled.
    pub bundle: Option<Bundle>,
    /// How many complete ones there are.
    pub count: i128,
    /// Units of lines that the other parts counted, besides: millionths.
    pub others: Vec<(usize, i128)>,
}

/// What conditions look at.
pub struct Looking<'l, 'a> {
    /// The request.
    pub cart: &'l Cart<'a>,
    /// Its items, or the one line of an amount alone.
    pub facts: &'l [LineFacts<'l>],
    /// Their canonical order.
    pub rank: &'l [usize],
    /// Its items by what conditions name, where they are many.
    pub by_value: Option<&'l LinesByValue<'l>>,
    /// What promotions have left, where conditions look at that (`conditionBase` NET).
    pub left: Option<&'l CartState<'l, 'l>>,
    /// QUANTITY EQUALS n means bundles of n, true from n on.
    pub in_bundles: bool,
}

/// Looks at a cart as it was sent.
pub fn looking_at<T>(
    cart: &Cart<'_>,
    category_parents: &HashMap<Box<str>, Box<str>>,
    then: impl FnOnce(&Looking<'_, '_>) -> T,
) -> T {
    let amount_alone = [line_of(cart.amount)];
    let lines = if cart.lines.is_empty() { &amount_alone[..] } else { &cart.lines };
    let facts = line_facts(cart, lines, category_parents);
    let rank = canonical_rank(&facts);
    then(&Looking { cart, facts: &facts, rank: &rank, by_value: None, left: None, in_bundles: false })
}

impl Looking<'_, '_> {
    /// Checks a condition; None where it does not hold.
    pub fn matched(&self, condition: &Condition) -> Option<Matched> {
        let mut matched = self.part(condition)?;
        if !matched.has_product_part {
            matched.lines = (0..self.facts.len()).collect();
        }
        Some(matched)
    }

    fn part(&self, condition: &Condition) -> Option<Matched> {
        match condition {
            Condition::Cart(condition) => self.cart_holds(condition).then(|| {
                let quantity = (condition.kpi == CartKpi::Quantity)
                    .then(|| trigger(condition.operator, condition.value.0))
                    .flatten();
                let all = || (0..self.facts.len()).collect();
                let triggers = quantity.map(|quantity| Bundle::of(all(), quantity)).into_iter().collect();
                Matched { triggers, ..Matched::default() }
            }),
            Condition::Product(condition) => self.product(condition),
            Condition::Combo(condition) => self.combo(condition),
            Condition::Tender(condition) => {
                let tenders = tender::of_modes(condition, self.cart, self.payable());
                let inner = condition.condition.as_deref().map_or(Some(Matched::default()), |inner| self.part(inner));
                inner.and_then(|inner| inner.with_tenders(tenders))
            }
            Condition::PaymentMode(condition) => {
                Matched::default().with_tenders(tender::of_payment_mode(condition, self.cart, self.payable()))
            }
            Condition::PaymentModeScope(condition) => {
                let tenders = tender::of_payment_mode(&condition.payment_mode, self.cart, self.payable());
                self.part(&condition.condition)?.with_tenders(tenders)
            }
            Condition::PaymentModeCombo(condition) => {
                let tenders = tender::of_payment_mode(&condition.payment_mode, self.cart, self.payable());
                self.combo(&condition.combo)?.with_tenders(tenders)
            }
            Condition::Attribute(condition) => self.attribute_holds(condition).then(Matched::default),
            Condition::All(conditions) => conditions
                .iter()
                .try_fold(Matched::default(), |all, condition| Some(all.and(self.part(condition)?, true))),
            Condition::Any(conditions) => {
                let mut any: Option<Matched> = None;
                for matched in conditions.iter().filter_map(|condition| self.part(condition)) {
                    // Only the first that holds says how many units trigger.
                    any = Some(match any {
                        None => matched,
                        Some(all) => all.and(matched, false),
                    });
                }
                any
            }
            Condition::Not(condition) => {
                let exactly = Looking { in_bundles: false, ..*self };
                exactly.part(condition).is_none().then(Matched::default)
            }
        }
    }

    /// What a line's amount counts.
    pub fn amount(&self, line: usize) -> Money {
        self.left.map_or(self.facts[line].line.amount, |left| left.items.left(line))
    }

    fn payable(&self) -> Money {
        match self.left {
            Some(left) => left.payable(),
            None => {
                let callers: Money = self.cart.lines.iter().map(|line| line.discount).sum();
                self.cart.amount - callers + self.cart.shipping_amount()
            }
        }
    }

    /// What a CART condition measures, in millionths.
    pub fn cart_measure(&self, kpi: CartKpi) -> i128 {
        let subtotal = || self.left.map_or(self.cart.amount, |left| left.items.items_left());
        match kpi {
            CartKpi::Subtotal => subtotal().0,
            CartKpi::Total => {
                let shipping = self.left.map_or(self.cart.shipping_amount(), CartState::shipping_left);
                (subtotal() + shipping).0
            }
            CartKpi::Quantity => self.cart.lines.iter().map(|line| line.quantity.0).sum(),
            CartKpi::Itemcount => distinct_skus(self.cart.lines.iter()),
        }
    }

    fn cart_holds(&self, condition: &CartCondition) -> bool {
        let operator = match condition.kpi {
            CartKpi::Quantity => self.operator(condition.operator),
            _ => condition.operator,
        };
        compares(operator, self.cart_measure(condition.kpi), condition.value)
    }

    /// EQUALS in bundles holds from there on.
    fn operator(&self, operator: Comparison) -> Comparison {
        if self.in_bundles && operator == Comparison::Equals { Comparison::GreaterThanOrEqual } else { operator }
    }

    /// The lines that fulfil a product condition's criteria, whatever it measures.
    fn lines_by_criteria(&self, condition: &ProductCondition) -> Vec<usize> {
        if self.cart.lines.is_empty() {
            return Vec::new();
        }
        (0..self.facts.len()).filter(|&line| condition.criteria_hold(&self.facts[line])).collect()
    }

    /// The lines of a product condition. A cart of an amount alone has none.
    pub fn lines(&self, condition: &ProductCondition) -> Lines {
        if self.cart.lines.is_empty() {
            return Lines::new();
        }
        matching_lines(condition, self.facts, self.by_value, |line| self.amount(line))
    }

    /// What a PRODUCT condition measures on its lines, in millionths; None where one line is enough.
    pub fn product_measure(&self, kpi: ProductKpi, lines: &[usize]) -> Option<i128> {
        match kpi {
            ProductKpi::Quantity => Some(lines.iter().map(|&line| self.facts[line].line.quantity.0).sum()),
            ProductKpi::Amount => Some(lines.iter().map(|&line| self.amount(line).0).sum()),
            ProductKpi::Itemcount => Some(distinct_skus(lines.iter().map(|&line| self.facts[line].line))),
            // Only lines that reach it alone match: `lines` has seen to it.
            ProductKpi::None | ProductKpi::LineQuantity | ProductKpi::LineAmount => None,
        }
    }

    fn product(&self, condition: &ProductCondition) -> Option<Matched> {
        let lines = self.lines(condition);
        if lines.is_empty() && (self.cart.lines.is_empty() || !condition.holds_without_lines()) {
            return None;
        }
        let mut quantity = None;
        if let (Some((operator, value)), Some(measure)) =
            (condition.measure, self.product_measure(condition.kpi, &lines))
        {
            let counts = condition.kpi == ProductKpi::Quantity;
            if !compares(if counts { self.operator(operator) } else { operator }, measure, value) {
                return None;
            }
            quantity = if counts { trigger(operator, value.0) } else { None };
        }
        Some(Matched {
            triggers: quantity.map(|quantity| Bundle::of(lines.to_vec(), quantity)).into_iter().collect(),
            has_product_part: true,
            has_part_without_trigger: quantity.is_none() && !lines.is_empty(),
            lines,
            ..Matched::default()
        })
    }

    fn combo(&self, condition: &ComboCondition) -> Option<Matched> {
        let mut bundled = Vec::new();
        let mut others = Vec::new();
        for part in &condition.parts {
            let lines = self.lines_by_criteria(part);
            match bundled_quantity(part) {
                Some(quantity) => bundled.push(BundlePart { lines, quantity }),
                None => others.push((part, lines)),
            }
        }
        let bundle = (!bundled.is_empty()).then_some(Bundle { parts: bundled });
        let mut count = 1;
        if let Some(bundle) = &bundle {
            let units: Vec<(Fits, i128)> = (0..self.facts.len())
                .map(|line| (bundle.fits(line), self.facts[line].line.quantity.0))
                .filter(|(fits, _)| *fits != 0)
                .collect();
            count = most_bundles(&bundle.quantities(1), &units);
        }
        if count == 0 {
            return None;
        }
        let mut taken_by_others = Vec::new();
        if !others.is_empty() {
            count = 1;
            let mut rest = self.beside(bundle.as_ref());
            for (part, lines) in others {
                taken_by_others.extend(self.other_part(part, &lines, &mut rest)?);
            }
        }
        let has_part_without_trigger = !taken_by_others.is_empty();
        Some(Matched {
            triggers: bundle.clone().into_iter().collect(),
            combos: vec![ComboMatch { bundle, count, others: taken_by_others }],
            has_product_part: true,
            has_part_without_trigger,
            ..Matched::default()
        })
    }

    /// The units of each line beside those of one bundle, dearest first.
    fn beside(&self, bundle: Option<&Bundle>) -> Vec<i128> {
        let mut rest: Vec<i128> = self.facts.iter().map(|fact| fact.line.quantity.0).collect();
        let Some(bundle) = bundle else { return rest };
        let mut places = Places::new(&bundle.quantities(1));
        let mut order: Vec<usize> = (0..self.facts.len()).collect();
        order.sort_by(|&a, &b| {
            let (left, right) = (&self.facts[a], &self.facts[b]);
            (right.unit_price.cmp(&left.unit_price))
                .then_with(|| right.net_unit_price.cmp(&left.net_unit_price))
                .then_with(|| self.rank[a].cmp(&self.rank[b]))
        });
        for line in order {
            let fits = bundle.fits(line);
            let taken = places.room(fits).min(rest[line]);
            if taken > 0 {
                places.place(fits, taken);
                rest[line] -= taken;
            }
        }
        rest
    }

    /// A part of a COMBO that is not bundled: it takes all units of its lines that are left, and must
    /// hold on them.
    fn other_part(&self, part: &ProductCondition, lines: &[usize], rest: &mut [i128]) -> Option<Vec<(usize, i128)>> {
        let amount_of = |line: usize, quantity: i128| {
            Exact::whole(self.amount(line).0).mul(&Exact::ratio(quantity, self.facts[line].line.quantity.0))
        };
        // One line alone must reach a measure per line, with the units that are left of it.
        let reaches = |line: usize, quantity: i128| match (part.kpi, part.measure) {
            (ProductKpi::LineQuantity, Some((operator, value))) => compares(operator, quantity, value),
            (ProductKpi::LineAmount, Some((operator, value))) => {
                holds(operator, amount_of(line, quantity).cmp(&Exact::whole(value.0)))
            }
            _ => true,
        };
        let left = lines.iter().map(|&line| (line, rest[line]));
        let taken: Vec<(usize, i128)> =
            left.filter(|&(line, quantity)| quantity > 0 && reaches(line, quantity)).collect();
        let all = || taken.iter().map(|(line, quantity)| (*line, *quantity));
        let measured = match part.kpi {
            ProductKpi::Quantity => Some(Exact::whole(all().map(|(_, quantity)| quantity).sum())),
            ProductKpi::Amount => {
                Some(all().fold(Exact::ZERO, |sum, (line, quantity)| sum.add(&amount_of(line, quantity))))
            }
            ProductKpi::Itemcount => Some(Exact::whole(distinct_skus(all().map(|(line, _)| self.facts[line].line)))),
            ProductKpi::None | ProductKpi::LineQuantity | ProductKpi::LineAmount => None,
        };
        let reached = match (part.measure, measured) {
            (Some((operator, value)), Some(measured)) => holds(operator, measured.cmp(&Exact::whole(value.0))),
            _ => true,
        };
        if taken.is_empty() || !reached {
            return None;
        }
        for (line, _) in &taken {
            rest[*line] = 0;
        }
        Some(taken)
    }

    /// The values of an attribute; None where it is missing.
    pub fn attribute(&self, source: AttributeSource, name: &str) -> Option<Vec<Cow<'_, str>>> {
        let texts = |values: &[String]| values.iter().map(|value| Cow::Owned(value.clone())).collect::<Vec<_>>();
        let values = match source {
            AttributeSource::Cart => texts(self.cart.attributes.get(name)?),
            AttributeSource::Customer => {
                let customer = self.cart.customer.as_ref();
                match name {
                    "customerId" => vec![self.cart.customer_id.as_ref()?.key()],
                    "tier" => vec![Cow::Borrowed(customer?.tier?)],
                    "segments" => customer?.segments.as_ref()?.0.iter().map(|own| Cow::Borrowed(*own)).collect(),
                    _ => {
                        let values = customer?.attributes.as_ref()?.get(name)?;
                        values.0.iter().map(|value| Cow::Owned(value.text())).collect()
                    }
                }
            }
        };
        (!values.is_empty()).then_some(values)
    }

    fn attribute_holds(&self, condition: &AttributeCondition) -> bool {
        let Some(values) = self.attribute(condition.source, &condition.name) else { return false };
        match &condition.test {
            AttributeTest::In(listed) => values.iter().any(|value| lists(listed, value)),
            AttributeTest::NotIn(listed) => !values.iter().any(|value| lists(listed, value)),
            AttributeTest::Compares(operator, wanted) => {
                values.iter().any(|value| match (crate::money::parse(value), crate::money::parse(wanted)) {
                    (Ok(own), Ok(wanted)) => holds(*operator, own.cmp(&wanted)),
                    _ => *operator == Comparison::Equals && value == wanted,
                })
            }
        }
    }
}

/// The units that trigger, of a QUANTITY compared so; none for an upper bound.
fn trigger(operator: Comparison, value: i128) -> Option<i128> {
    let lower = matches!(operator, Comparison::Equals | Comparison::GreaterThan | Comparison::GreaterThanOrEqual);
    (lower && value > 0).then_some(value)
}

/// The units of each bundle that a part of a COMBO stands for, in millionths.
pub fn bundled_quantity(part: &ProductCondition) -> Option<i128> {
    match (part.kpi, part.measure) {
        (ProductKpi::None, _) => Some(MILLION),
        (ProductKpi::Quantity, Some((Comparison::Equals | Comparison::GreaterThanOrEqual, value))) => {
            (value.0 > 0).then_some(value.0)
        }
        _ => None,
    }
}

impl Matched {
    fn with_tenders(mut self, tenders: Vec<usize>) -> Option<Self> {
        if tenders.is_empty() {
            return None;
        }
        self.tenders = union(&self.tenders, &tenders);
        Some(self)
    }

    fn and(mut self, other: Self, with_triggers: bool) -> Self {
        self.lines = union(&self.lines, &other.lines).into();
        self.combos.extend(other.combos);
        if with_triggers {
            self.triggers.extend(other.triggers);
        }
        self.has_product_part |= other.has_product_part;
        self.has_part_without_trigger |= other.has_part_without_trigger;
        self.tenders = union(&self.tenders, &other.tenders);
        self
    }

    /// This match, on one of its lines alone, of whose units bundles have so many.
    pub fn on_line(&self, line: usize, in_bundles: i128) -> Self {
        let only = |lines: &[usize]| lines.iter().copied().filter(|own| *own == line).collect::<Vec<_>>();
        let bundle = |bundle: &Bundle| Bundle {
            parts: bundle.parts.iter().map(|part| BundlePart { lines: only(&part.lines), ..part.clone() }).collect(),
        };
        let combo = ComboMatch { bundle: None, count: 1, others: vec![(line, in_bundles)] };
        Self {
            lines: only(&self.lines).into(),
            combos: if in_bundles > 0 { vec![combo] } else { Vec::new() },
            triggers: self.triggers.iter().map(bundle).collect(),
            ..self.clone()
        }
    }
}

fn union(a: &[usize], b: &[usize]) -> Vec<usize> {
    if a.is_empty() || b.is_empty() {
        return if a.is_empty() { b.to_vec() } else { a.to_vec() };
    }
    let mut all: Vec<usize> = a.iter().chain(b).copied().collect();
    all.sort_unstable();
    all.dedup();
    all
}
