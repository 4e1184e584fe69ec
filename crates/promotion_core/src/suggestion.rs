//! The promotions that a cart misses by least, and the products that would unlock them (spec/carts.md,
//! suggestedProducts).

use std::cmp::Ordering;
use std::collections::HashSet;

use crate::allowance::{Subjects, allowance};
use crate::cart::Cart;
use crate::condition::{Looking, looking_at};
use crate::definition::{
    CartCondition, CartKpi, ComboCondition, Comparison, Condition, Criterion, ListEntity, Mode, ProductCondition,
    ProductKpi, spelled,
};
use crate::eligibility::Circumstances;
use crate::evaluate::usable_entitlements;
use crate::evaluation::Evaluation;
use crate::exact::Exact;
use crate::money::MILLION;
use crate::outcome::{Codes, Outcomes};
use crate::ruleset::Ruleset;
use crate::settings::Base;
use crate::situation::Situation;

/// Most suggestions of one cart.
pub const MOST_SUGGESTIONS: usize = 5;

/// Most values that a suggestion names, the first of its condition's.
pub const MOST_VALUES: usize = 50;

/// How many of the promotions that need a larger cart are looked at, of each measure: those that need least.
const MOST_BEYOND: usize = 20;

/// A promotion that a cart nearly fulfils.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// Its place in the ruleset.
    pub place: u32,
    /// What the cart lacks, in the words of the definition: QUANTITY, AMOUNT, SUBTOTAL ...
    pub kpi: String,
    /// How much of it, in millionths.
    pub amount: i128,
    /// Which products count.
    pub products: Products,
}

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

impl Products {
    const ANY: Self = Self { entity: None, attribute_name: None, values: Vec::new() };
}

/// The promotions that would be in question if the cart had a little more of one thing, those first that lack the
/// smallest part of what they ask for, then by rank; at most [`MOST_SUGGESTIONS`]. Whether they could stand beside
/// what applies is not looked at.
pub fn suggestions(ruleset: &Ruleset, situation: &Situation<'_, '_>, evaluation: &Evaluation<'_>) -> Vec<Suggestion> {
    let sent = situation.cart;
    if sent.lines.is_empty() {
        return Vec::new();
    }
    let currency = sent.currency.unwrap_or(ruleset.settings.currency);
    let now = ruleset.clock.at(situation.instant);
    let circumstances = Circumstances { situation, currency, clock: &ruleset.clock, now };
    let left;
    let cart = match ruleset.settings.condition_base {
        Base::Gross => sent,
        Base::Net => {
            left = what_is_left(sent, evaluation);
            &left
        }
    };
    let minor = ruleset.settings.rounding_of(currency).minor;
    let applied: HashSet<u32> = evaluation.applied.iter().map(|applied| applied.place).collect();
    let mut found: Vec<(Exact, Suggestion)> = looking_at(cart, &ruleset.category_parents, |looking| {
        let missed = |place: u32| {
            (situation.pulse)();
            let promotion = ruleset.promotion(place);
            if applied.contains(&place) || circumstances.check(promotion).is_err() {
                return None;
            }
            let scale = Scale { looking: &Looking { in_bundles: promotion.in_bundles, ..*looking }, minor };
            let missing = scale.missing(&promotion.definition.condition)?;
            let Missing { kpi, amount, products, .. } = missing;
            Some((missing.part, Suggestion { place, kpi, amount, products }))
        };
        in_question(ruleset, situation, looking).into_iter().filter_map(missed).collect()
    });
    let rank = |place: u32| (ruleset.promotion(place).class, ruleset.promotion(place).tail);
    found.sort_by(|(a_part, a), (b_part, b)| match a_part.cmp(b_part) {
        Ordering::Equal => rank(a.place).cmp(&rank(b.place)),
        other => other,
    });
    found.into_iter().map(|(_, suggestion)| suggestion).take(MOST_SUGGESTIONS).collect()
}

/// The cart with what promotions have left of its lines, which is what conditions see with `conditionBase` NET.
fn what_is_left<'a>(cart: &Cart<'a>, evaluation: &Evaluation<'_>) -> Cart<'a> {
    let mut left = cart.clone();
    for (line, discount) in left.lines.iter_mut().zip(&evaluation.line_discounts) {
        line.amount -= *discount;
    }
    left.amount -= evaluation.total_discount;
    left
}

/// The places of promotions that this customer could have now and that have something to do with the cart: its
/// products stand in their conditions, or they need a little more of it as a whole.
fn in_question(ruleset: &Ruleset, situation: &Situation<'_, '_>, looking: &Looking<'_, '_>) -> Vec<u32> {
    let mut places = ruleset.index.candidates(looking);
    places.extend(ruleset.parts.candidates(looking));
    places.extend(ruleset.index.beyond(looking, MOST_BEYOND));
    places.retain(|&place| allowance(ruleset.promotion(place), Subjects::default(), situation).is_ok());
    let mut outcomes = Outcomes::new(false);
    let unlocked = Codes::of_promotions(situation).unlocked(ruleset, situation, &mut outcomes);
    places.extend(unlocked.iter().map(|own| own.place));
    let entitlements = usable_entitlements(ruleset, situation, Mode::Discount, &mut outcomes);
    places.extend(entitlements.iter().map(|(place, ..)| *place));
    places.sort_unstable();
    places.dedup();
    places
}

/// What a condition lacks.
struct Missing {
    kpi: String,
    amount: i128,
    products: Products,
    /// Which part that is of what it asks for.
    part: Exact,
}

/// Measures how far a cart is from fulfilling conditions.
struct Scale<'l, 'a> {
    looking: &'l Looking<'l, 'a>,
    /// The currency's minor unit, in millionths.
    minor: i128,
}

impl Scale<'_, '_> {
    /// What alone keeps a condition from holding, where having more of something would make it hold.
    fn missing(&self, condition: &Condition) -> Option<Missing> {
        if self.looking.matched(condition).is_some() {
            return None;
        }
        match condition {
            Condition::Cart(own) => self.missing_of_cart(own),
            Condition::Product(own) => self.missing_of_product(own),
            Condition::Combo(own) => self.missing_of_combo(own),
            Condition::All(conditions) => {
                let mut failing = conditions.iter().filter(|own| self.looking.matched(own).is_none());
                let only = failing.next()?;
                if failing.next().is_some() { None } else { self.missing(only) }
            }
            Condition::Any(conditions) => {
                conditions.iter().filter_map(|own| self.missing(own)).min_by(|a, b| a.part.cmp(&b.part))
            }
            // No product makes them hold.
            Condition::Attribute(_)
            | Condition::Tender(_)
            | Condition::PaymentMode(_)
            | Condition::PaymentModeScope(_)
            | Condition::PaymentModeCombo(_)
            | Condition::Not(_) => None,
        }
    }

    fn missing_of_cart(&self, condition: &CartCondition) -> Option<Missing> {
        let step = match condition.kpi {
            CartKpi::Subtotal | CartKpi::Total => self.minor,
            CartKpi::Quantity | CartKpi::Itemcount => MILLION,
        };
        let measured = self.looking.cart_measure(condition.kpi);
        let counts_products = condition.kpi == CartKpi::Itemcount;
        missing(spelled(condition.kpi), measured, (condition.operator, condition.value.0), step, counts_products)
            .map(|amounts| amounts.of(Products::ANY))
    }

    fn missing_of_product(&self, condition: &ProductCondition) -> Option<Missing> {
        let alone = |kpi: ProductKpi| {
            let own = ProductCondition { kpi: ProductKpi::None, measure: None, ..condition.clone() };
            let lines = self.looking.lines(&own).into_iter();
            let measures = lines.map(|line| match kpi {
                ProductKpi::LineAmount => self.looking.amount(line).0,
                _ => self.looking.facts[line].line.quantity.0,
            });
            measures.max().unwrap_or(0)
        };
        let step = match condition.kpi {
            ProductKpi::Amount | ProductKpi::LineAmount => self.minor,
            _ => MILLION,
        };
        let kpi = match condition.kpi {
            ProductKpi::None => ProductKpi::Quantity,
            other => other,
        };
        // Without a measure one unit of a matching line is enough.
        let measure =
            condition.measure.map_or((Comparison::GreaterThanOrEqual, MILLION), |(how, value)| (how, value.0));
        let measured = match condition.kpi {
            ProductKpi::None => 0,
            line @ (ProductKpi::LineQuantity | ProductKpi::LineAmount) => alone(line),
            all => self.looking.product_measure(all, &self.looking.lines(condition)).unwrap_or(0),
        };
        let products = products(&condition.criteria)?;
        let amounts = missing(spelled(kpi), measured, measure, step, kpi == ProductKpi::Itemcount)?;
        Some(amounts.of(products))
    }

    /// What the only part lacks that does not hold; parts that hold each, but share units, are not taken apart.
    fn missing_of_combo(&self, condition: &ComboCondition) -> Option<Missing> {
        let holds = |part: &ProductCondition| self.looking.matched(&Condition::Product(part.clone())).is_some();
        let mut failing = condition.parts.iter().filter(|part| !holds(part));
        let only = failing.next()?;
        if failing.next().is_some() { None } else { self.missing_of_product(only) }
    }
}

/// A missing amount, of products yet to be named.
struct Amounts {
    kpi: String,
    amount: i128,
    part: Exact,
}

impl Amounts {
    fn of(self, products: Products) -> Missing {
        Missing { kpi: self.kpi, amount: self.amount, products, part: self.part }
    }
}

/// What a measure lacks until it compares as it should; None where more of it does not help.
fn missing(
    kpi: String,
    measured: i128,
    (operator, value): (Comparison, i128),
    step: i128,
    is_count: bool,
) -> Option<Amounts> {
    let required = match operator {
        Comparison::GreaterThanOrEqual | Comparison::Equals => value,
        Comparison::GreaterThan => value + step,
        Comparison::LessThan | Comparison::LessThanOrEqual => return None,
    };
    let amount = required - measured;
    // Distinct products come whole.
    let amount = if is_count { (amount + MILLION - 1).div_euclid(MILLION) * MILLION } else { amount };
    (amount > 0 && required > 0).then(|| Amounts { kpi, amount, part: Exact::ratio(amount, required) })
}

/// The products that criteria name, by their narrowest list: any where there are no criteria, None where what there is
/// names none (NOT_IN, UNIT_PRICE).
fn products(criteria: &[Criterion]) -> Option<Products> {
    if criteria.is_empty() {
        return Some(Products::ANY);
    }
    let narrowness = |products: &Products| match products.entity {
        Some(ListEntity::Sku) => 0,
        Some(ListEntity::Attribute) => 1,
        Some(ListEntity::Brand) => 2,
        Some(ListEntity::Category) | None => 3,
    };
    criteria.iter().filter_map(listed).min_by_key(narrowness)
}

fn listed(criterion: &Criterion) -> Option<Products> {
    match criterion {
        Criterion::Values { entity, attribute, negated: false, values } => Some(Products {
            entity: Some(*entity),
            attribute_name: attribute.clone(),
            values: values.iter().take(MOST_VALUES).cloned().collect(),
        }),
        // Of several lists, only where all of them name the same kind of thing.
        Criterion::AnyOf(criteria) => {
            let mut lists = criteria.iter().map(listed);
            let mut all = lists.next()??;
            for own in lists {
                let own = own?;
                if (own.entity, &own.attribute_name) != (all.entity, &all.attribute_name) {
                    return None;
                }
                all.values.extend(own.values);
            }
            all.values.truncate(MOST_VALUES);
            Some(all)
        }
        Criterion::Values { .. } | Criterion::UnitPrice { .. } => None,
    }
}
