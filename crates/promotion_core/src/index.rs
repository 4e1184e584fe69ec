//! Finding the promotions that a cart may fulfil without looking at the others (spec/evaluation.md 1):
//! each promotion stands under the one thing that it can't apply without.

use std::collections::{HashMap, HashSet};

use crate::condition::Looking;
use crate::definition::{
    AttributeSource, AttributeTest, CartKpi, Comparison, Condition, Criterion, ListEntity, PaymentModeCondition,
    ProductCondition, spelled,
};
use crate::money::shortest;
use crate::units::LineFacts;

type Postings = HashMap<Box<str>, Vec<u32>>;

/// Promotions by what they need. Places are kept as they come, each list ascending.
#[derive(Debug, Default)]
pub(crate) struct Index {
    sku: Postings,
    category: Postings,
    brand: Postings,
    /// Of lines, by name and value.
    attribute: HashMap<Box<str>, Postings>,
    /// Of the request and of its customer, by name and value.
    cart_attribute: HashMap<Box<str>, Postings>,
    customer_attribute: HashMap<Box<str>, Postings>,
    /// By a tender's identifier in upper case.
    tender: Postings,
    /// Those that need the cart to measure so much at least, by measure.
    at_least: [Vec<(i128, u32)>; 4],
    /// Those that nothing tells of.
    always: Vec<u32>,
}

/// What a promotion can be found by.
enum Key<'d> {
    Line(ListEntity, Option<&'d str>, &'d [String]),
    Attribute(AttributeSource, &'d str, &'d [String]),
    Tender(&'d [String]),
    AtLeast(CartKpi, i128),
}

impl Key<'_> {
    /// How much a cart is likely to find by it, least first.
    fn breadth(&self) -> (u8, usize) {
        match self {
            Self::Line(ListEntity::Sku, _, values) => (0, values.len()),
            Self::Line(ListEntity::Attribute, _, values) => (1, values.len()),
            Self::Line(ListEntity::Brand, _, values) => (2, values.len()),
            Self::Line(ListEntity::Category, _, values) => (3, values.len()),
            Self::Attribute(_, _, values) => (4, values.len()),
            Self::Tender(values) => (5, values.len()),
            Self::AtLeast(..) => (6, 0),
        }
    }
}

impl<'d> Key<'d> {
    /// A key for each of its values.
    fn each(self) -> Vec<Self> {
        let one = std::slice::from_ref;
        match self {
            Self::Line(entity, name, values) => values.iter().map(|own| Self::Line(entity, name, one(own))).collect(),
            Self::Attribute(source, name, values) => {
                values.iter().map(|own| Self::Attribute(source, name, one(own))).collect()
            }
            Self::Tender(values) => values.iter().map(|own| Self::Tender(one(own))).collect(),
            Self::AtLeast(..) => vec![self],
        }
    }

    /// It, for a reader.
    fn words(&self) -> String {
        match self {
            Self::Line(entity, name, values) => {
                let what = name.map_or_else(|| spelled(*entity), |name| format!("ATTRIBUTE {name}"));
                format!("{what} {}", values.join(", "))
            }
            Self::Attribute(source, name, values) => {
                format!("{} ATTRIBUTE {name} {}", spelled(*source), values.join(", "))
            }
            Self::Tender(values) => format!("TENDER {}", values.join(", ")),
            Self::AtLeast(kpi, value) => format!("{} from {}", spelled(*kpi), shortest(*value)),
        }
    }
}

/// Any of these, one of which a cart that fulfils the condition has; None: nothing tells.
type Keys<'d> = Option<Vec<Key<'d>>>;

fn breadth(keys: &[Key<'_>]) -> (u8, usize) {
    keys.iter().map(Key::breadth).fold((0, 0), |(a, m), (b, n)| (a.max(b), m + n))
}

/// The narrowest of several ways to find the same.
fn narrowest<'d>(ways: impl Iterator<Item = Keys<'d>>) -> Keys<'d> {
    ways.flatten().min_by_key(|keys| breadth(keys))
}

fn keys_of_product(condition: &ProductCondition) -> Keys<'_> {
    if condition.holds_without_lines() {
        return None;
    }
    narrowest(condition.criteria.iter().map(keys_of_criterion))
}

fn keys_of_criterion(criterion: &Criterion) -> Keys<'_> {
    match criterion {
        Criterion::Values { entity, attribute, negated: false, values } => {
            Some(vec![Key::Line(*entity, attribute.as_deref(), values)])
        }
        Criterion::AnyOf(criteria) => all_of(criteria.iter().map(keys_of_criterion)),
        Criterion::Values { .. } | Criterion::UnitPrice { .. } => None,
    }
}

/// The keys of all alternatives; None where one of them can't be found.
fn all_of<'d>(alternatives: impl Iterator<Item = Keys<'d>>) -> Keys<'d> {
    let mut all = Vec::new();
    for keys in alternatives {
        all.extend(keys?);
    }
    Some(all)
}

fn keys_of_payment_mode(condition: &PaymentModeCondition) -> Keys<'_> {
    (!condition.negated).then(|| vec![Key::Tender(&condition.values)])
}

fn keys(condition: &Condition) -> Keys<'_> {
    match condition {
        // What promotions leave is never more than what was sent: a lower bound holds with conditionBase
        // NET as well.
        Condition::Cart(cart) => match cart.operator {
            Comparison::GreaterThan | Comparison::GreaterThanOrEqual | Comparison::Equals => {
                Some(vec![Key::AtLeast(cart.kpi, cart.value.0)])
            }
            Comparison::LessThan | Comparison::LessThanOrEqual => None,
        },
        Condition::Product(product) => keys_of_product(product),
        Condition::Combo(combo) => narrowest(combo.parts.iter().map(keys_of_product)),
        Condition::Tender(tender) => {
            let named = tender
                .modes
                .iter()
                .map(|mode| (!mode.identifiers.is_empty()).then(|| vec![Key::Tender(&mode.identifiers)]));
            let inner = tender.condition.as_deref().and_then(|inner| keys(inner));
            narrowest([inner, all_of(named)].into_iter())
        }
        Condition::PaymentMode(mode) => keys_of_payment_mode(mode),
        Condition::PaymentModeScope(scope) => {
            narrowest([keys(&scope.condition), keys_of_payment_mode(&scope.payment_mode)].into_iter())
        }
        Condition::PaymentModeCombo(combo) => {
            let parts = combo.combo.parts.iter().map(keys_of_product);
            narrowest(parts.chain([keys_of_payment_mode(&combo.payment_mode)]))
        }
        Condition::Attribute(attribute) => match &attribute.test {
            AttributeTest::In(values) => Some(vec![Key::Attribute(attribute.source, &attribute.name, values)]),
            AttributeTest::NotIn(_) | AttributeTest::Compares(..) => None,
        },
        Condition::All(conditions) => narrowest(conditions.iter().map(|inner| keys(inner))),
        Condition::Any(conditions) => all_of(conditions.iter().map(|inner| keys(inner))),
        Condition::Not(_) => None,
    }
}

const MEASURES: [CartKpi; 4] = [CartKpi::Subtotal, CartKpi::Itemcount, CartKpi::Quantity, CartKpi::Total];

fn measure_place(kpi: CartKpi) -> usize {
    match kpi {
        CartKpi::Subtotal => 0,
        CartKpi::Itemcount => 1,
        CartKpi::Quantity => 2,
        CartKpi::Total => 3,
    }
}

impl Index {
    /// Adds a promotion.
    pub fn add(&mut self, place: u32, condition: &Condition) {
        match keys(condition) {
            None => self.always.push(place),
            Some(keys) => self.post(place, keys),
        }
    }

    /// Adds a promotion whose condition has several parts under what each part needs, so that a cart finds it which
    /// fulfils some of them.
    pub fn add_parts(&mut self, place: u32, condition: &Condition) {
        match condition {
            Condition::Combo(combo) => {
                combo.parts.iter().filter_map(keys_of_product).for_each(|keys| self.post(place, keys));
            }
            Condition::All(conditions) | Condition::Any(conditions) => {
                for inner in conditions {
                    keys(inner).into_iter().for_each(|keys| self.post(place, keys));
                    self.add_parts(place, inner);
                }
            }
            _ => {}
        }
    }

    fn post(&mut self, place: u32, keys: Vec<Key<'_>>) {
        for key in keys {
            let (postings, values) = match key {
                Key::Line(ListEntity::Sku, _, values) => (&mut self.sku, values),
                Key::Line(ListEntity::Category, _, values) => (&mut self.category, values),
                Key::Line(ListEntity::Brand, _, values) => (&mut self.brand, values),
                Key::Line(ListEntity::Attribute, name, values) => {
                    (self.attribute.entry(name.unwrap_or_default().into()).or_default(), values)
                }
                Key::Attribute(AttributeSource::Cart, name, values) => {
                    (self.cart_attribute.entry(name.into()).or_default(), values)
                }
                Key::Attribute(AttributeSource::Customer, name, values) => {
                    (self.customer_attribute.entry(name.into()).or_default(), values)
                }
                Key::Tender(values) => (&mut self.tender, values),
                Key::AtLeast(kpi, value) => {
                    self.at_least[measure_place(kpi)].push((value, place));
                    continue;
                }
            };
            for value in values {
                postings.entry(value.as_str().into()).or_default().push(place);
            }
        }
    }

    /// Puts what was added in order.
    pub fn finish(&mut self) {
        self.at_least.iter_mut().for_each(|list| list.sort_unstable());
    }

    /// Places of the promotions that this cart may fulfil, ascending.
    pub fn candidates(&self, looking: &Looking<'_, '_>) -> Vec<u32> {
        let mut places = Vec::new();
        self.add_candidates(looking, &mut places);
        places.sort_unstable();
        places.dedup();
        places
    }

    /// Adds the places of the promotions that this cart may fulfil, in no order, some of them several times.
    pub fn add_candidates(&self, looking: &Looking<'_, '_>, places: &mut Vec<u32>) {
        places.extend(&self.always);
        let mut found = Found { places, taken: HashSet::new() };
        let (cart, facts) = (looking.cart, looking.facts);
        if !cart.lines.is_empty() {
            facts.iter().for_each(|fact| self.of_line(fact, &mut found));
        }
        self.of_attributes(looking, &mut found);
        if !self.tender.is_empty() {
            for tender in &cart.tenders {
                found.add(&self.tender, &crate::tender::upper(tender.identifier));
            }
        }
        for kpi in MEASURES {
            let list = &self.at_least[measure_place(kpi)];
            if !list.is_empty() {
                let measured = looking.cart_measure(kpi);
                let reached = list.partition_point(|(value, _)| *value <= measured);
                places.extend(list[..reached].iter().map(|(_, place)| *place));
            }
        }
    }

    /// Places of promotions that need a larger cart, of each measure at most so many that are of use, those first that
    /// need least.
    pub fn beyond(&self, looking: &Looking<'_, '_>, most: usize, is_of_use: impl Fn(u32) -> bool) -> Vec<u32> {
        /// Further away than so many nobody looks.
        const MOST_PASSED: usize = 1_000;
        let mut places = Vec::new();
        for kpi in MEASURES {
            let list = &self.at_least[measure_place(kpi)];
            let measured = looking.cart_measure(kpi);
            let reached = list.partition_point(|(value, _)| *value <= measured);
            let further = list[reached..].iter().take(MOST_PASSED).map(|(_, place)| *place);
            places.extend(further.filter(|place| is_of_use(*place)).take(most));
        }
        places
    }

    fn of_line(&self, fact: &LineFacts<'_>, found: &mut Found<'_>) {
        found.add(&self.sku, fact.line.sku);
        if !self.category.is_empty() {
            fact.categories().iter().for_each(|category| found.add(&self.category, category));
        }
        if !self.brand.is_empty() {
            fact.line.brands.iter().for_each(|brand| found.add(&self.brand, brand));
        }
        for (name, values) in &fact.line.attributes {
            if let Some(postings) = self.attribute.get(*name) {
                values.iter().for_each(|value| found.add(postings, value));
            }
        }
    }

    fn of_attributes(&self, looking: &Looking<'_, '_>, found: &mut Found<'_>) {
        let sources =
            [(AttributeSource::Cart, &self.cart_attribute), (AttributeSource::Customer, &self.customer_attribute)];
        for (source, by_name) in sources {
            for (name, postings) in by_name {
                for value in looking.attribute(source, name).into_iter().flatten() {
                    found.add(postings, &value);
                }
            }
        }
    }
}

/// What of a cart leads to a promotion with this condition, in the definition's words: `CATEGORY shoes`; None where any
/// cart leads to it.
pub(crate) fn found_by(condition: &Condition, looking: &Looking<'_, '_>) -> Option<Vec<String>> {
    let ways: Vec<Key<'_>> = keys(condition)?.into_iter().flat_map(Key::each).collect();
    // An index of the ways alone, each standing for itself: so it finds as the index of promotions does.
    let words: Vec<String> = ways.iter().map(Key::words).collect();
    let mut index = Index::default();
    (0..).zip(ways).for_each(|(place, way)| index.post(place, vec![way]));
    index.finish();
    Some(index.candidates(looking).into_iter().map(|place| words[place as usize].clone()).collect())
}

/// From so many places on, a list is added once: as long as places are few, to ask for it costs more than to sort it
/// out in the end.
const FEW: usize = 4_096;

/// What a cart finds. Its lines may name the same values ten thousand times, each standing for as many promotions:
/// the places that are found stay as few as the index has.
struct Found<'p> {
    places: &'p mut Vec<u32>,
    /// The lists that were added since places are no longer few.
    taken: HashSet<*const u32>,
}

impl Found<'_> {
    fn add(&mut self, postings: &Postings, value: &str) {
        let Some(list) = postings.get(value) else { return };
        if self.places.len() + list.len() <= FEW || self.taken.insert(list.as_ptr()) {
            self.places.extend(list);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cart::Cart;
    use crate::condition::looking_at;
    use crate::json::{DEFINITION_LIMITS, read};

    /// "an evaluation looks at what a cart may fulfil": what is found does not grow with how often lines repeat
    /// what they name, be it on one line or on all.
    #[test]
    fn what_lines_repeat_is_found_once() {
        let needs = |entity: &str, name: &str| {
            let condition = json!({"type": "PRODUCT", "productCondition": {"kpi": "QUANTITY",
                "operator": "GREATER_THAN_OR_EQUAL", "value": 1,
                "criteriaList": [{"entity": entity, "operator": "IN", "values": [name]}]}});
            read::<_, Condition>(&condition, DEFINITION_LIMITS).expect("a condition")
        };
        const PROMOTIONS: u32 = 1_000;
        let mut index = Index::default();
        (0..PROMOTIONS).for_each(|place| index.add(place, &needs("CATEGORY", "x")));
        (PROMOTIONS..2 * PROMOTIONS).for_each(|place| index.add(place, &needs("BRAND", "x")));
        (2 * PROMOTIONS..3 * PROMOTIONS).for_each(|place| index.add(place, &needs("CATEGORY", "y")));
        index.finish();
        let item = |repeats: usize| {
            json!({"sku": "s", "amount": 0, "qty": 1, "categoryList": vec!["x"; repeats],
            "brandList": vec!["x"; repeats]})
        };
        for (lines, repeats) in [(1, 1), (1, 1_000), (1_000, 1), (1_000, 100)] {
            let request = json!({"amount": 0, "cartItems": vec![item(repeats); lines]});
            let cart = Cart::parse(&request).expect("a cart");
            let mut places = Vec::new();
            looking_at(&cart, &HashMap::new(), |looking| index.add_candidates(looking, &mut places));
            assert!(places.len() <= FEW + 2 * PROMOTIONS as usize, "{lines} lines: {} places", places.len());
            places.sort_unstable();
            places.dedup();
            assert!(places.iter().copied().eq(0..2 * PROMOTIONS), "{lines} lines find what names x and nothing else");
        }
    }
}
