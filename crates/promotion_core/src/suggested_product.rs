//! Products that a condition names: which can be suggested, and what a line of them looks like.

use std::collections::{BTreeMap, BTreeSet};

use crate::cart::Line;
use crate::definition::{Comparison, Criterion, ListEntity};
use crate::exact::Exact;
use crate::money::{MILLION, Money, Quantity};

/// Most values that a suggestion names.
pub const MOST_VALUES: usize = 50;

/// So many values of a condition are looked at, at most.
const MOST_LOOKED_AT: usize = 1_000;

/// The SKU of a product that nothing names.
const UNNAMED: &str = "\u{0}";

/// SKUs of several of them.
const UNNAMED_TOO: [&str; 16] = [
    "\u{0}1", "\u{0}2", "\u{0}3", "\u{0}4", "\u{0}5", "\u{0}6", "\u{0}7", "\u{0}8", "\u{0}9", "\u{0}a", "\u{0}b",
    "\u{0}c", "\u{0}d", "\u{0}e", "\u{0}f", "\u{0}g",
];

/// Products that count for a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Products {
    /// What `values` are; None: any product counts.
    pub entity: Option<ListEntity>,
    /// Of which attribute, where `entity` is ATTRIBUTE.
    pub attribute_name: Option<String>,
    /// Some of them, at most [`MOST_VALUES`].
    pub values: Vec<String>,
}

/// The lists of one kind, in which a product has to be.
struct Lists<'d> {
    entity: ListEntity,
    attribute: Option<&'d str>,
    /// One of the values of each.
    lists: Vec<BTreeSet<&'d str>>,
}

/// What criteria ask of a product.
pub(crate) struct Wanted<'d> {
    /// Nothing at all.
    is_any: bool,
    lists: Vec<Lists<'d>>,
    /// What a unit has to cost, where that matters.
    unit_price: Option<i128>,
    /// What it costs else.
    usual_price: i128,
}

impl<'d> Wanted<'d> {
    /// Any product.
    pub fn any(usual_price: i128) -> Self {
        Self { is_any: true, lists: Vec::new(), unit_price: None, usual_price }
    }

    /// A product that fulfils criteria; `minor` is the currency's minor unit, in millionths as prices are.
    pub fn new(criteria: &'d [Criterion], minor: i128, usual_price: i128) -> Self {
        let mut wanted = Self { is_any: criteria.is_empty(), lists: Vec::new(), unit_price: None, usual_price };
        criteria.iter().for_each(|criterion| wanted.add(criterion, minor));
        wanted
    }

    fn add(&mut self, criterion: &'d Criterion, minor: i128) {
        match criterion {
            Criterion::Values { entity, attribute, negated: false, values } => {
                self.add_list(*entity, attribute.as_deref(), values.iter().map(String::as_str).collect());
            }
            Criterion::Values { negated: true, .. } => {}
            Criterion::UnitPrice { comparison, value } => {
                self.unit_price = Some(match comparison {
                    Comparison::GreaterThan => value.0 + minor,
                    Comparison::LessThan => (value.0 - minor).max(0),
                    _ => value.0,
                });
            }
            // Lists of one kind are one list; else the first alternative is as good as any.
            Criterion::AnyOf(criteria) => {
                let mut union: BTreeSet<&'d str> = BTreeSet::new();
                let mut kinds: BTreeSet<(usize, Option<&'d str>)> = BTreeSet::new();
                for own in criteria {
                    match own {
                        Criterion::Values { entity, attribute, negated: false, values } => {
                            kinds.insert((narrowness(*entity), attribute.as_deref()));
                            union.extend(values.iter().map(String::as_str));
                        }
                        _ => {
                            kinds.insert((usize::MAX, None));
                        }
                    }
                }
                match (kinds.into_iter().collect::<Vec<_>>().as_slice(), criteria.first()) {
                    ([(place, attribute)], _) if *place < ListEntity::FROM_NARROWEST.len() => {
                        self.add_list(ListEntity::FROM_NARROWEST[*place], *attribute, union);
                    }
                    (_, Some(first)) => self.add(first, minor),
                    (_, None) => {}
                }
            }
        }
    }

    fn add_list(&mut self, entity: ListEntity, attribute: Option<&'d str>, values: BTreeSet<&'d str>) {
        match self.lists.iter_mut().find(|own| own.entity == entity && own.attribute == attribute) {
            Some(own) => own.lists.push(values),
            None => self.lists.push(Lists { entity, attribute, lists: vec![values] }),
        }
    }

    /// The products by their narrowest list, as far as they fit; None where there are none, or nothing names them.
    pub fn products(&self, fits: impl Fn(&Line<'_>) -> bool, is_new: impl Fn(&str) -> bool) -> Option<Products> {
        if self.is_any {
            return Some(Products { entity: None, attribute_name: None, values: Vec::new() });
        }
        let narrowest = self.lists.iter().min_by_key(|own| narrowness(own.entity))?;
        let all: BTreeSet<&str> = narrowest.lists.iter().flatten().copied().collect();
        let is_of_skus = narrowest.entity == ListEntity::Sku;
        let values = all.into_iter().take(MOST_LOOKED_AT).filter(|value| {
            (!is_of_skus || is_new(value)) && fits(&self.line((narrowest.entity, narrowest.attribute, value)))
        });
        let values: Vec<String> = values.take(MOST_VALUES).map(str::to_owned).collect();
        let attribute_name = narrowest.attribute.map(str::to_owned);
        (!values.is_empty()).then_some(Products { entity: Some(narrowest.entity), attribute_name, values })
    }

    /// A unit of a product with a value, which is in a list of every other kind, too.
    fn line<'v>(&'v self, (entity, attribute, value): (ListEntity, Option<&'v str>, &'v str)) -> Line<'v> {
        let mut line = Line {
            reference_id: None,
            sku: UNNAMED,
            amount: Money(self.unit_price.unwrap_or(self.usual_price)),
            quantity: Quantity(MILLION),
            discount: Money::ZERO,
            min_unit_price: Money::ZERO,
            categories: Vec::new(),
            brands: Vec::new(),
            attributes: BTreeMap::new(),
        };
        let mut put = |entity: ListEntity, attribute: Option<&'v str>, value: &'v str| match entity {
            ListEntity::Sku => line.sku = value,
            ListEntity::Category => line.categories.push(value),
            ListEntity::Brand => line.brands.push(value),
            ListEntity::Attribute => {
                line.attributes.entry(attribute.unwrap_or_default()).or_default().push(value.to_owned());
            }
        };
        for own in &self.lists {
            if (own.entity, own.attribute) != (entity, attribute) {
                own.lists
                    .iter()
                    .filter_map(|list| list.first())
                    .for_each(|first| put(own.entity, own.attribute, first));
            }
        }
        put(entity, attribute, value);
        line
    }

    /// A unit of the first of some products.
    fn first<'v>(&'v self, products: &'v Products) -> Line<'v> {
        match (products.entity, products.values.first()) {
            (Some(entity), Some(value)) => self.line((entity, products.attribute_name.as_deref(), value)),
            _ => self.line((ListEntity::Sku, None, UNNAMED)),
        }
    }

    /// So many units in one line.
    pub fn line_of_quantity<'v>(&'v self, products: &'v Products, quantity: Quantity) -> Line<'v> {
        let line = self.first(products);
        let amount = Exact::ratio(line.amount.0 * quantity.0, MILLION).floor();
        Line { quantity, amount: Money(amount), ..line }
    }

    /// As many units as cost so much, where units have to have a price; else one.
    pub fn line_of_amount<'v>(&'v self, products: &'v Products, amount: Money) -> Line<'v> {
        let line = self.first(products);
        match self.unit_price {
            Some(price) if price > 0 => {
                let units = (amount.0 + price - 1) / price;
                Line { quantity: Quantity(units * MILLION), amount: Money(units * price), ..line }
            }
            _ => Line { amount, ..line },
        }
    }

    /// Lines of so many different SKUs; None where fewer are named.
    pub fn different_lines<'v>(&'v self, products: &'v Products, count: usize) -> Option<Vec<Line<'v>>> {
        if products.entity == Some(ListEntity::Sku) {
            let line = |value: &'v String| self.line((ListEntity::Sku, None, value));
            let lines: Vec<Line<'v>> = products.values.iter().take(count).map(line).collect();
            return (lines.len() == count).then_some(lines);
        }
        let unnamed = UNNAMED_TOO.iter().take(count);
        let lines: Vec<Line<'v>> = unnamed.map(|sku| Line { sku, ..self.first(products) }).collect();
        (lines.len() == count).then_some(lines)
    }
}

fn narrowness(entity: ListEntity) -> usize {
    ListEntity::FROM_NARROWEST.iter().position(|own| *own == entity).unwrap_or_default()
}
