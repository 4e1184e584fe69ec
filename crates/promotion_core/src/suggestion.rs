//! The promotions that a cart misses by least, and the products that would unlock them (spec/carts.md,
//! suggestedProducts).

use std::collections::{HashMap, HashSet};

use crate::allowance::{Subjects, allowance};
use crate::cart::{Cart, Line};
use crate::condition::{Looking, bundled_quantity};
use crate::definition::{
    CartCondition, CartKpi, ComboCondition, Comparison, Condition, ListEntity, Mode, ProductCondition, ProductKpi,
    spelled,
};
use crate::eligibility::Circumstances;
use crate::evaluate::usable_entitlements;
use crate::evaluation::Evaluation;
use crate::exact::Exact;
use crate::index::Index;
use crate::money::{MILLION, Money, Quantity};
use crate::outcome::{Codes, Outcomes};
use crate::ruleset::Ruleset;
use crate::settings::Base;
use crate::situation::Situation;
use crate::suggested_product::{Products, Wanted};
use crate::units::{LineFacts, canonical_rank, line_facts};

/// Most suggestions of one cart.
pub const MOST_SUGGESTIONS: usize = 5;

/// How many of the promotions that need a larger cart are looked at, of each measure: those that need least.
const MOST_BEYOND: usize = 20;

/// So many suggestions are tried on the cart at most.
const MOST_TRIED: usize = 12;

/// More than this, a thousand million in millionths, no cart nearly has.
const MOST_MISSING: i128 = 1_000_000_000 * MILLION;

/// No price of a request is more than this, in millionths; what a cut unit of it makes of a whole one may be.
const MOST_PRICE: i128 = 1_000_000_000_000_000 * MILLION;

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

/// The promotions whose condition would hold if the cart had a little more of one thing, those first that lack the
/// smallest part of what they ask for, then by rank; at most [`MOST_SUGGESTIONS`]. Whether they could stand beside
/// what applies is not looked at.
pub fn suggestions(ruleset: &Ruleset, situation: &Situation<'_, '_>, evaluation: &Evaluation<'_>) -> Vec<Suggestion> {
    if situation.cart.lines.is_empty() {
        return Vec::new();
    }
    let shopping = Shopping::new(ruleset, situation, evaluation);
    if shopping.dearest > MOST_PRICE {
        return Vec::new();
    }
    let applied: HashSet<u32> = evaluation.applied.iter().map(|applied| applied.place).collect();
    let mut missing: Vec<(u32, Missing<'_>)> = shopping.look(&shopping.cart, true, |looking| {
        let mut places = shopping.in_question(looking);
        places.retain(|place| !applied.contains(place));
        let of_place = |place: u32| {
            (situation.pulse)();
            let promotion = ruleset.promotion(place);
            let looking = &Looking { in_bundles: promotion.in_bundles, ..*looking };
            let scale = Scale { looking, minor: shopping.minor };
            scale.missing(&promotion.definition.condition).into_iter().map(move |missing| (place, missing))
        };
        places.into_iter().flat_map(of_place).collect()
    });
    let rank = |place: u32| (ruleset.promotion(place).class, ruleset.promotion(place).tail);
    missing.sort_by(|(a, one), (b, other)| one.part.cmp(&other.part).then_with(|| rank(*a).cmp(&rank(*b))));
    let mut found: Vec<Suggestion> = Vec::new();
    for (place, missing) in missing.into_iter().take(MOST_TRIED) {
        if found.len() == MOST_SUGGESTIONS {
            break;
        }
        (situation.pulse)();
        if !found.iter().any(|own| own.place == place) {
            found.extend(shopping.suggestion(place, &missing));
        }
    }
    found
}

/// The places of promotions in scope that a cart may nearly fulfil, whatever their limits leave: those that need one of
/// its products beside others, and those that need a little more of it as a whole.
pub(crate) fn near(ruleset: &Ruleset, looking: &Looking<'_, '_>, circumstances: &Circumstances<'_, '_>) -> Vec<u32> {
    let is_in_scope = |place: u32| circumstances.check(ruleset.promotion(place)).is_ok();
    let mut places = ruleset.parts.candidates(looking);
    let beyond = |index: &Index| index.beyond(looking, MOST_BEYOND, is_in_scope);
    places.extend(ruleset.indexes(circumstances.situation.till).flat_map(beyond));
    places
}

/// A cart that more may be put into.
struct Shopping<'s, 'a> {
    ruleset: &'s Ruleset,
    situation: &'s Situation<'s, 'a>,
    circumstances: Circumstances<'s, 'a>,
    /// The cart as conditions see it.
    cart: Cart<'a>,
    /// The first line of each SKU.
    known: HashMap<&'a str, usize>,
    /// What a unit of each of its lines was sent with, where the lines have only what promotions left of it.
    unit_prices: Vec<Exact>,
    /// The currency's minor unit, in millionths.
    minor: i128,
    /// What a unit of the cart costs at most, in millionths: what a product costs that is yet to be chosen is not known.
    dearest: i128,
}

impl<'s, 'a> Shopping<'s, 'a> {
    fn new(ruleset: &'s Ruleset, situation: &'s Situation<'s, 'a>, evaluation: &Evaluation<'_>) -> Self {
        let mut cart = situation.cart.clone();
        let currency = cart.currency.unwrap_or(ruleset.settings.currency);
        let now = ruleset.clock.at(situation.instant);
        let prices = cart.lines.iter().map(|line| Exact::ratio(line.amount.0 * MILLION, line.quantity.0).floor());
        let dearest = prices.max().unwrap_or(0);
        let mut unit_prices = Vec::new();
        if ruleset.settings.condition_base == Base::Net {
            let price = |line: &Line<'_>| Exact::ratio(line.amount.0 * MILLION, line.quantity.0);
            unit_prices = cart.lines.iter().map(price).collect();
            for (line, discount) in cart.lines.iter_mut().zip(&evaluation.line_discounts) {
                line.amount -= *discount;
            }
            for (shipment, discount) in cart.shipping.iter_mut().flatten().zip(&evaluation.shipment_discounts) {
                shipment.amount -= *discount;
            }
            cart.amount -= evaluation.total_discount;
        }
        Self {
            ruleset,
            situation,
            circumstances: Circumstances { situation, currency, clock: &ruleset.clock, now },
            known: cart.lines.iter().enumerate().rev().map(|(place, line)| (line.sku, place)).collect(),
            cart,
            unit_prices,
            minor: ruleset.settings.rounding_of(currency).minor,
            dearest,
        }
    }

    /// Looks at the cart, or at one with more in it.
    fn look<T>(&self, cart: &Cart<'_>, ranks: bool, then: impl FnOnce(&Looking<'_, '_>) -> T) -> T {
        let mut facts = line_facts(cart, &cart.lines, &self.ruleset.category_parents);
        for (fact, price) in facts.iter_mut().zip(&self.unit_prices) {
            fact.unit_price = price.clone();
        }
        // Only who gets units of bundles asks for it.
        let rank = if ranks { canonical_rank(&facts) } else { (0..facts.len()).collect() };
        then(&Looking { cart, facts: &facts, rank: &rank, by_value: None, left: None, in_bundles: false })
    }

    /// The places of promotions that this customer could have now and that have something to do with the cart: its
    /// products stand in their conditions, or they need a little more of it as a whole.
    fn in_question(&self, looking: &Looking<'_, '_>) -> Vec<u32> {
        let (ruleset, situation) = (self.ruleset, self.situation);
        let is_in_scope = |place: u32| self.circumstances.check(ruleset.promotion(place)).is_ok();
        let is_usable = |place: u32| {
            is_in_scope(place) && allowance(ruleset.promotion(place), Subjects::default(), situation).is_ok()
        };
        let mut places = ruleset.candidates(looking, situation);
        places.extend(near(ruleset, looking, &self.circumstances));
        places.retain(|place| is_usable(*place));
        let mut outcomes = Outcomes::new(false);
        let unlocked = Codes::of_promotions(situation).unlocked(ruleset, situation, &mut outcomes);
        places.extend(unlocked.iter().map(|own| own.place).filter(|place| is_in_scope(*place)));
        let entitlements = usable_entitlements(ruleset, situation, Mode::Discount, &mut outcomes);
        places.extend(entitlements.iter().map(|(place, ..)| *place).filter(|place| is_in_scope(*place)));
        places.sort_unstable();
        places.dedup();
        places
    }

    /// The suggestion that a missing amount comes to, if there are products that fit and the condition holds once they
    /// are in the cart.
    fn suggestion(&self, place: u32, missing: &Missing<'_>) -> Option<Suggestion> {
        let promotion = self.ruleset.promotion(place);
        let wanted = match missing.of {
            Some(condition) => Wanted::new(&condition.criteria, self.minor, self.dearest),
            None => Wanted::any(self.dearest),
        };
        let counts_products = missing.kpi == "ITEMCOUNT";
        let is_new = |sku: &str| !counts_products || !self.known.contains_key(sku);
        let fits = |line: &Line<'_>| {
            let line = self.as_known(line.clone(), true);
            let facts = line_facts(&self.cart, std::slice::from_ref(&line), &self.ruleset.category_parents);
            missing.of.is_none_or(|condition| facts.iter().all(|fact: &LineFacts<'_>| condition.criteria_hold(fact)))
        };
        let products = wanted.products(fits, is_new)?;
        // More of what is in the cart, where that is among them: of others less is known.
        let mut tried = products.clone();
        tried.values.sort_by_key(|value| !self.known.contains_key(value.as_str()));
        let condition = &promotion.definition.condition;
        // What is alone, and is no count of products, of which there may be too few, holds with what it lacks.
        let is_alone = matches!(condition, Condition::Cart(_) | Condition::Product(_)) && !counts_products;
        let is_met = is_alone
            || self.look(&self.with_more(missing, &wanted, &tried)?, has_combo(condition), |looking| {
                let looking = Looking { in_bundles: promotion.in_bundles, ..*looking };
                looking.matched(condition).is_some()
            });
        is_met.then(|| Suggestion { place, kpi: missing.kpi.clone(), amount: missing.amount, products })
    }

    /// A line of a product that is in the cart is like the one there, its price too where units are counted.
    fn as_known<'m>(&self, line: Line<'m>, counts_units: bool) -> Line<'m>
    where
        'a: 'm,
    {
        let Some(&place) = self.known.get(line.sku) else { return line };
        let known = &self.cart.lines[place];
        let price = match self.unit_prices.get(place) {
            Some(sent) => sent.clone(),
            None => Exact::ratio(known.amount.0, known.quantity.0).mul(&Exact::whole(MILLION)),
        };
        let amount = Money(price.mul(&Exact::ratio(line.quantity.0, MILLION)).floor());
        Line { quantity: line.quantity, amount: if counts_units { amount } else { line.amount }, ..known.clone() }
    }

    /// The cart with what it lacks; None where there are too few products for that.
    fn with_more<'m>(&self, missing: &Missing<'_>, wanted: &'m Wanted<'m>, products: &'m Products) -> Option<Cart<'m>>
    where
        'a: 'm,
    {
        let mut cart: Cart<'m> = self.cart.clone();
        let counts_units = !matches!(missing.kpi.as_str(), "SUBTOTAL" | "TOTAL" | "AMOUNT" | "LINE_AMOUNT");
        let mut add = |line: Line<'m>| {
            let line = self.as_known(line, counts_units);
            cart.amount += line.amount;
            cart.lines.push(line);
        };
        match missing.kpi.as_str() {
            "ITEMCOUNT" => {
                let count = usize::try_from(missing.amount / MILLION).ok()?;
                for line in wanted.different_lines(products, count)? {
                    add(line);
                }
            }
            "SUBTOTAL" | "TOTAL" | "AMOUNT" => add(wanted.line_of_amount(products, Money(missing.amount))),
            "LINE_QUANTITY" | "LINE_AMOUNT" => match missing.line {
                Some(index) => {
                    let line = &mut cart.lines[index];
                    let (quantity, amount) = (line.quantity.0, line.amount.0);
                    if missing.kpi == "LINE_QUANTITY" {
                        line.quantity = Quantity(quantity + missing.amount);
                        let more = Exact::ratio(amount * missing.amount, quantity).floor();
                        line.amount += Money(more);
                        cart.amount += Money(more);
                    } else {
                        line.amount += Money(missing.amount);
                        cart.amount += Money(missing.amount);
                        if amount > 0 {
                            line.quantity =
                                Quantity(quantity + Exact::ratio(quantity * missing.amount, amount).floor());
                        }
                    }
                }
                None if missing.kpi == "LINE_QUANTITY" => {
                    add(wanted.line_of_quantity(products, Quantity(missing.amount)));
                }
                None => add(wanted.line_of_amount(products, Money(missing.amount))),
            },
            _ => add(wanted.line_of_quantity(products, Quantity(missing.amount))),
        }
        Some(cart)
    }
}

fn has_combo(condition: &Condition) -> bool {
    match condition {
        Condition::Combo(_) | Condition::PaymentModeCombo(_) => true,
        Condition::All(conditions) | Condition::Any(conditions) => conditions.iter().any(has_combo),
        Condition::Not(own) => has_combo(own),
        Condition::Tender(own) => own.condition.as_deref().is_some_and(has_combo),
        Condition::PaymentModeScope(own) => has_combo(&own.condition),
        Condition::Cart(_) | Condition::Product(_) | Condition::PaymentMode(_) | Condition::Attribute(_) => false,
    }
}

/// What a condition lacks.
struct Missing<'d> {
    kpi: String,
    amount: i128,
    /// Of products that fulfil this; None: of any.
    of: Option<&'d ProductCondition>,
    /// On this line, where one alone counts.
    line: Option<usize>,
    /// Which part the amount is of what is asked for.
    part: Exact,
}

/// Measures how far a cart is from fulfilling conditions.
struct Scale<'l, 'a> {
    looking: &'l Looking<'l, 'a>,
    /// The currency's minor unit, in millionths.
    minor: i128,
}

impl Scale<'_, '_> {
    /// What alone keeps a condition from holding, where having more of something may make it hold; several
    /// possibilities where any of them does.
    fn missing<'d>(&self, condition: &'d Condition) -> Vec<Missing<'d>> {
        if self.looking.matched(condition).is_some() {
            return Vec::new();
        }
        match condition {
            Condition::Cart(own) => self.of_cart(own).into_iter().collect(),
            Condition::Product(own) => self.of_product(own, own.kpi).into_iter().collect(),
            Condition::Combo(own) => self.of_combo(own).into_iter().collect(),
            Condition::All(conditions) => {
                let mut failing = conditions.iter().filter(|own| self.looking.matched(own).is_none());
                match (failing.next(), failing.next()) {
                    (Some(only), None) => self.missing(only),
                    _ => Vec::new(),
                }
            }
            Condition::Any(conditions) => conditions.iter().flat_map(|own| self.missing(own)).collect(),
            // Stored carts have no tenders, and no product changes an attribute.
            Condition::Attribute(_)
            | Condition::Tender(_)
            | Condition::PaymentMode(_)
            | Condition::PaymentModeScope(_)
            | Condition::PaymentModeCombo(_)
            | Condition::Not(_) => Vec::new(),
        }
    }

    fn of_cart<'d>(&self, condition: &CartCondition) -> Option<Missing<'d>> {
        let step = match condition.kpi {
            CartKpi::Subtotal | CartKpi::Total => Step::Money(self.minor),
            CartKpi::Quantity => Step::Units,
            CartKpi::Itemcount => Step::Products,
        };
        let required = required(condition.operator, condition.value.0, step)?;
        missing(spelled(condition.kpi), self.looking.cart_measure(condition.kpi), required)
    }

    fn of_product<'d>(&self, condition: &'d ProductCondition, kpi: ProductKpi) -> Option<Missing<'d>> {
        let step = match kpi {
            ProductKpi::Amount | ProductKpi::LineAmount => Step::Money(self.minor),
            ProductKpi::Itemcount => Step::Products,
            ProductKpi::None | ProductKpi::Quantity | ProductKpi::LineQuantity => Step::Units,
        };
        // Without a measure one unit of a matching line is enough.
        let (operator, value) =
            condition.measure.unwrap_or((Comparison::GreaterThanOrEqual, crate::money::DefinitionNumber(MILLION)));
        let required = required(operator, value.0, step)?;
        let own = ProductCondition { kpi: ProductKpi::None, measure: None, criteria: condition.criteria.clone() };
        let lines = self.looking.lines(&own);
        let mut line = None;
        let measured = match kpi {
            ProductKpi::LineQuantity | ProductKpi::LineAmount => {
                let measure = |line: usize| match kpi {
                    ProductKpi::LineAmount => self.looking.amount(line).0,
                    _ => self.looking.facts[line].line.quantity.0,
                };
                let below = lines.iter().copied().filter(|line| measure(*line) < required);
                let has_any = !lines.is_empty();
                line = below.max_by_key(|line| measure(*line));
                // Lines that are all past it don't become less.
                match line {
                    None if has_any => return None,
                    line => line.map_or(0, measure),
                }
            }
            ProductKpi::None => self.looking.product_measure(ProductKpi::Quantity, &lines).unwrap_or(0),
            all => self.looking.product_measure(all, &lines).unwrap_or(0),
        };
        let name = if kpi == ProductKpi::None { ProductKpi::Quantity } else { kpi };
        missing(spelled(name), measured, required).map(|own| Missing { of: Some(condition), line, ..own })
    }

    /// What the only part lacks that does not hold, where all parts are of so many units: QUANTITY EQUALS n means n and
    /// more there, and no measure one unit. Of parts that measure otherwise it depends on the products who gets them.
    fn of_combo<'d>(&self, condition: &'d ComboCondition) -> Option<Missing<'d>> {
        if condition.parts.iter().any(|part| bundled_quantity(part).is_none()) {
            return None;
        }
        let looking = &Looking { in_bundles: true, ..*self.looking };
        let scale = Scale { looking, minor: self.minor };
        let mut missing = condition.parts.iter().filter_map(|part| scale.of_product(part, part.kpi));
        let only = missing.next()?;
        if missing.next().is_some() { None } else { Some(only) }
    }
}

/// By what a measure grows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// minor units, so many millionths each
    Money(i128),
    /// units
    Units,
    /// distinct products, which come whole
    Products,
}

/// What a measure has to be at least; None where more of it does not help.
fn required(operator: Comparison, value: i128, step: Step) -> Option<i128> {
    let whole_above = |value: i128| (value + MILLION - 1).div_euclid(MILLION) * MILLION;
    match (operator, step) {
        (Comparison::LessThan | Comparison::LessThanOrEqual, _) => None,
        (Comparison::Equals, Step::Products) => (value % MILLION == 0).then_some(value),
        (Comparison::GreaterThanOrEqual, Step::Products) => Some(whole_above(value)),
        (Comparison::GreaterThan, Step::Products) => Some(whole_above(value + 1)),
        (Comparison::GreaterThanOrEqual | Comparison::Equals, _) => Some(value),
        (Comparison::GreaterThan, Step::Money(minor)) => Some(value + minor),
        (Comparison::GreaterThan, Step::Units) => Some(value + MILLION),
    }
}

fn missing<'d>(kpi: String, measured: i128, required: i128) -> Option<Missing<'d>> {
    let amount = required - measured;
    (1..=MOST_MISSING).contains(&amount).then(|| Missing {
        kpi,
        amount,
        of: None,
        line: None,
        part: Exact::ratio(amount, required),
    })
}

impl ListEntity {
    /// Kinds of lists, from the one that names fewest products.
    pub(crate) const FROM_NARROWEST: [Self; 4] = [Self::Sku, Self::Attribute, Self::Brand, Self::Category];
}
