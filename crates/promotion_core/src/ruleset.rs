//! An organization's promotions, compiled once and shared by evaluations: ranked as far as a cart
//! is not needed for it, and indexed so that a cart finds its candidates without looking at the
//! others (spec/evaluation.md 1 and 3).

use std::collections::HashMap;

use crate::action::{Phase, Phases};
use crate::claim::is_counted;
use crate::condition::Looking;
use crate::definition::{Action, Definition, ExclusionScope, PromotionType, StopsLater, StoreEntity};
use crate::evaluation::Because;
use crate::index::Index;
use crate::instant::Instant;
use crate::ranking::static_ranks;
use crate::schedule::Clock;
use crate::settings::{RankingRule, Settings};
use crate::situation::{Situation, Till};

/// What a promotion is compiled from.
#[derive(Debug, Clone)]
pub struct PromotionSource {
    /// Its id.
    pub id: String,
    /// The version of its definition.
    pub version: i32,
    /// Its place in the order of creation.
    pub created: i64,
    /// The definition.
    pub definition: Definition,
}

/// A promotion for more stores than this is looked at in all of them.
const MOST_STORES: usize = 64;

/// A promotion, ready to be evaluated.
#[derive(Debug)]
pub struct Promotion {
    /// Its id.
    pub id: Box<str>,
    /// The version of its definition.
    pub version: i32,
    /// Its place in the order of creation.
    pub(crate) created: i64,
    /// The definition.
    pub definition: Definition,
    /// Promotions of a lower class rank before; within one class the discount decides that each
    /// would give alone, then `tail`.
    pub(crate) class: u32,
    /// The last word on rank, different for every promotion.
    pub(crate) tail: u32,
    /// Whether it can keep others from the cart, or be kept from it by any other one.
    pub(crate) is_contesting: bool,
    /// The phases that its actions are computed in.
    pub(crate) phases: Phases,
    /// QUANTITY EQUALS n in its condition means bundles of n.
    pub(crate) in_bundles: bool,
    /// Its exclusion groups of scope CART.
    pub(crate) cart_groups: Vec<u32>,
    /// Its exclusion groups of scope LINE.
    pub(crate) line_groups: Vec<u32>,
}

impl Promotion {
    /// Whether what is in a cart leads to it: codes and entitlements are looked up by their promotions, so that one
    /// which needs any is never met otherwise.
    pub(crate) fn is_found_by_content(&self) -> bool {
        self.definition.promotion_type == PromotionType::Pos && self.definition.is_discount()
    }

    /// Whether it acts in a phase; a TIERED promotion in those of all its tiers.
    pub fn acts_in(&self, phase: Phase) -> bool {
        self.phases.contains(phase)
    }
}

/// Promotions compiled for evaluation, with the settings and the category tree they live with.
#[derive(Debug)]
pub struct Ruleset {
    /// The organization's settings.
    pub settings: Settings,
    /// Each category's parent.
    pub category_parents: HashMap<Box<str>, Box<str>>,
    /// The organization's wall clock.
    pub clock: Clock,
    promotions: Vec<Promotion>,
    index: Index,
    /// Of promotions that are for some stores alone, by what a till must have.
    of_stores: HashMap<(StoreEntity, Box<str>), Index>,
    /// By each part of conditions of several parts, for what a cart nearly fulfils.
    pub(crate) parts: Index,
    /// By what a redeemed cart must have to earn them.
    pub(crate) earning: Index,
    /// Their places, by id.
    by_id: Vec<u32>,
    /// Whether redeemed carts can earn any of the promotions.
    pub earns: bool,
    /// Some setting or promotion keeps line promotions from one another's lines.
    pub(crate) contests_lines: bool,
    /// Some promotion has a limit that counts beyond one cart.
    pub(crate) has_counted_limits: bool,
    /// Whether two promotions of one class are told apart by what each gives alone.
    pub(crate) ranks_by_discount: bool,
}

impl Ruleset {
    /// Compiles promotions. A source with an id that came before replaces that one.
    pub fn compile(
        settings: Settings,
        category_parents: HashMap<Box<str>, Box<str>>,
        sources: impl IntoIterator<Item = PromotionSource>,
    ) -> Self {
        let (kept, by_id) = unique(sources.into_iter().collect());
        let (classes, tails) = static_ranks(&kept, &settings);
        let mut groups: HashMap<(String, ExclusionScope), u32> = HashMap::new();
        let promotions: Vec<Promotion> = kept
            .into_iter()
            .zip(classes.into_iter().zip(tails))
            .map(|(source, (class, tail))| {
                let definition = source.definition;
                let mut of_scope = |scope: ExclusionScope| {
                    let own = definition.exclusion_groups.iter().filter(|group| group.scope == scope);
                    own.map(|group| {
                        let next = groups.len() as u32;
                        *groups.entry((group.name.clone(), scope)).or_insert(next)
                    })
                    .collect()
                };
                Promotion {
                    id: source.id.into_boxed_str(),
                    version: source.version,
                    created: source.created,
                    class,
                    tail,
                    is_contesting: !definition.is_stackable
                        || definition.stops_later == StopsLater::Cart
                        || definition.exclusion_groups.iter().any(|group| group.scope == ExclusionScope::Cart),
                    phases: Phases::of(&definition.action),
                    in_bundles: bundles(&definition.action),
                    cart_groups: of_scope(ExclusionScope::Cart),
                    line_groups: of_scope(ExclusionScope::Line),
                    definition,
                }
            })
            .collect();
        let (mut index, mut parts, mut earning) = (Index::default(), Index::default(), Index::default());
        let mut of_stores: HashMap<(StoreEntity, Box<str>), Index> = HashMap::new();
        for (place, promotion) in promotions.iter().enumerate() {
            if promotion.is_found_by_content() {
                let condition = &promotion.definition.condition;
                match promotion.definition.store_criteria.as_deref() {
                    Some(criteria) if !criteria.negated && criteria.values.len() <= MOST_STORES => {
                        for value in &criteria.values {
                            let key = (criteria.entity, value.as_str().into());
                            of_stores.entry(key).or_default().add(place as u32, condition);
                        }
                    }
                    _ => index.add(place as u32, condition),
                }
                parts.add_parts(place as u32, &promotion.definition.condition);
            }
            if let Some(criteria) = &promotion.definition.earning_criteria {
                earning.add(place as u32, criteria);
            }
        }
        index.finish();
        of_stores.values_mut().for_each(Index::finish);
        parts.finish();
        earning.finish();
        let ranks_by_discount = settings.ranking_strategy.contains(&RankingRule::MaxDiscount);
        let contests = |promotion: &Promotion| {
            !promotion.line_groups.is_empty() || promotion.definition.stops_later == StopsLater::Lines
        };
        let contests_lines = settings.single_promotion_per_line_item || promotions.iter().any(contests);
        let earns = promotions.iter().any(|promotion| promotion.definition.earning_criteria.is_some());
        let has_counted_limits = promotions.iter().any(|promotion| is_counted(&promotion.definition));
        let clock = Clock::new(&settings.timezone);
        Self {
            settings,
            category_parents,
            clock,
            promotions,
            index,
            of_stores,
            parts,
            earning,
            by_id,
            earns,
            contests_lines,
            has_counted_limits,
            ranks_by_discount,
        }
    }

    /// The indexes that a cart at a till finds promotions in: that of all stores, and those of its own.
    pub(crate) fn indexes(&self, till: Option<&Till>) -> impl Iterator<Item = &Index> {
        let own = till.into_iter().flat_map(|till| {
            let of = [
                (StoreEntity::Store, &till.store),
                (StoreEntity::Zone, &till.zone),
                (StoreEntity::Concept, &till.concept),
            ];
            of.into_iter().filter_map(|(entity, value)| Some((entity, value.as_deref()?.into())))
        });
        let own = own.filter(|_| !self.of_stores.is_empty()).filter_map(|key| self.of_stores.get(&key));
        std::iter::once(&self.index).chain(own)
    }

    /// Places of promotions that a cart may fulfil, ascending; where reasons are asked for, those of other stores too.
    pub(crate) fn candidates(&self, looking: &Looking<'_, '_>, situation: &Situation<'_, '_>) -> Vec<u32> {
        let mut places: Vec<u32> = Vec::new();
        if situation.explain {
            let all = std::iter::once(&self.index).chain(self.of_stores.values());
            all.for_each(|own| own.add_candidates(looking, &mut places));
        } else {
            self.indexes(situation.till).for_each(|own| own.add_candidates(looking, &mut places));
        }
        places.sort_unstable();
        places.dedup();
        places
    }

    /// The promotion at a place.
    pub fn promotion(&self, place: u32) -> &Promotion {
        &self.promotions[place as usize]
    }

    /// Whether a promotion that has taken something off a line keeps another one from it, and why (spec/evaluation.md 4).
    #[inline]
    pub(crate) fn closes_lines(&self, earlier: u32, (place, later): (u32, &Promotion)) -> Option<Because> {
        if earlier == place {
            return None;
        }
        let first = self.promotion(earlier);
        if self.settings.single_promotion_per_line_item {
            Some(Because::SinglePromotionPerLineItem)
        } else if first.definition.stops_later == StopsLater::Lines {
            Some(Because::StopsLater)
        } else {
            shares(&first.line_groups, &later.line_groups).then_some(Because::ExclusionGroup)
        }
    }

    /// The place of a promotion.
    pub fn place_of(&self, id: &str) -> Option<u32> {
        let place = self.by_id.binary_search_by(|place| (*self.promotion(*place).id).cmp(id));
        place.ok().map(|place| self.by_id[place])
    }

    /// How many promotions are valid at an instant, by their dates.
    pub fn valid_at(&self, instant: Instant) -> usize {
        self.promotions.iter().filter(|own| own.definition.is_valid_at(instant)).count()
    }

    /// How many promotions there are.
    pub fn len(&self) -> usize {
        self.promotions.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.promotions.is_empty()
    }
}

/// Whether two lists of groups have one in common.
pub(crate) fn shares(a: &[u32], b: &[u32]) -> bool {
    a.iter().any(|group| b.contains(group))
}

/// The last source of each id, where the first one stood; and their places by id.
fn unique(mut sources: Vec<PromotionSource>) -> (Vec<PromotionSource>, Vec<u32>) {
    let by_id = |sources: &[PromotionSource]| {
        let mut places: Vec<u32> = (0..sources.len() as u32).collect();
        places.sort_by(|a, b| sources[*a as usize].id.cmp(&sources[*b as usize].id));
        places
    };
    let places = by_id(&sources);
    let same = |a: &u32, b: &u32| sources[*a as usize].id == sources[*b as usize].id;
    let repeated: Vec<Vec<u32>> = places.chunk_by(same).filter(|same| same.len() > 1).map(<[u32]>::to_vec).collect();
    if repeated.is_empty() {
        return (sources, places);
    }
    let mut replaced = vec![false; sources.len()];
    for same in &repeated {
        sources.swap(same[0] as usize, same[same.len() - 1] as usize);
        same[1..].iter().for_each(|place| replaced[*place as usize] = true);
    }
    let mut replaced = replaced.into_iter();
    sources.retain(|_| !replaced.next().unwrap_or(false));
    let places = by_id(&sources);
    (sources, places)
}

/// Whether QUANTITY EQUALS n in the condition of such an action means bundles of n.
fn bundles(action: &Action) -> bool {
    match action {
        Action::FreeProduct(_) | Action::FixedPrice(_) => true,
        Action::PerUnit(action) => bundles(&action.reward),
        Action::Tiered(action) => action.tiers.iter().any(|tier| bundles(&tier.action)),
        Action::Multi(actions) => actions.iter().any(bundles),
        Action::CartBased(_) | Action::ProductBased(_) | Action::Tender(_) | Action::Shipping(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::cart::Cart;
    use crate::condition::looking_at;

    fn source(id: &str, created: i64, more: Value) -> PromotionSource {
        let mut whole = json!({
            "name": id, "type": "POS", "startDate": 0, "endDate": 4_102_444_800_000_i64,
            "condition": {"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}},
            "action": {"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 1}},
        });
        whole.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let definition = Definition::parse(&whole, &Settings::default()).expect("a definition");
        PromotionSource { id: id.to_owned(), version: 1, created, definition }
    }

    fn stores(operator: &str, values: Vec<String>) -> Value {
        json!({"storeCriteria": {"type": "STORE", "operator": operator, "values": values}})
    }

    fn ids(ruleset: &Ruleset, store: Option<&str>, explain: bool) -> Vec<String> {
        let request = json!({"amount": 10});
        let cart = Cart::parse(&request).expect("a cart");
        let till = store.map(|store| Till { store: Some(store.to_owned()), zone: None, concept: None });
        let situation = Situation { till: till.as_ref(), explain, ..Situation::new(&cart, Instant(0)) };
        let places = looking_at(&cart, &HashMap::new(), |looking| ruleset.candidates(looking, &situation));
        places.into_iter().map(|place| ruleset.promotion(place).id.to_string()).collect()
    }

    #[test]
    fn promotions_of_other_stores_are_not_met() {
        let many = (0..=MOST_STORES).map(|store| format!("store {store}")).collect();
        let sources = [
            source("everywhere", 0, json!({})),
            source("of store 1", 1, stores("IN", vec!["store 1".to_owned()])),
            source("of two", 2, stores("IN", vec!["store 1".to_owned(), "store 2".to_owned()])),
            source("of many", 3, stores("IN", many)),
            source("not of store 1", 4, stores("NOT_IN", vec!["store 1".to_owned()])),
        ];
        let ruleset = Ruleset::compile(Settings::default(), HashMap::new(), sources);
        // What is looked at in all stores is refused by its criteria.
        let anywhere = ["everywhere", "of many", "not of store 1"];
        assert_eq!(ids(&ruleset, None, false), anywhere);
        assert_eq!(ids(&ruleset, Some("store 3"), false), anywhere);
        assert_eq!(
            ids(&ruleset, Some("store 1"), false),
            ["everywhere", "of store 1", "of two", "of many", "not of store 1"]
        );
        assert_eq!(ids(&ruleset, Some("store 2"), false), ["everywhere", "of two", "of many", "not of store 1"]);
        assert_eq!(ids(&ruleset, None, true).len(), 5);
    }

    #[test]
    fn the_last_source_of_an_id_stands_where_the_first_one_did() {
        let sources = ["b", "a", "b", "c", "a", "b"];
        let sources = sources.iter().zip(0..).map(|(id, created)| source(id, created, json!({})));
        let ruleset = Ruleset::compile(Settings::default(), HashMap::new(), sources);
        let kept: Vec<(&str, i64)> = ruleset.promotions.iter().map(|own| (&*own.id, own.created)).collect();
        assert_eq!(kept, [("b", 5), ("a", 4), ("c", 3)]);
        assert_eq!(["a", "b", "c", "d"].map(|id| ruleset.place_of(id)), [Some(1), Some(0), Some(2), None]);
    }
}
