//! An organization's promotions, compiled once and shared by evaluations: ranked as far as a cart
//! is not needed for it, and indexed so that a cart finds its candidates without looking at the
//! others (spec/evaluation.md 1 and 3).

use std::collections::HashMap;

use crate::cart::Cart;
use crate::definition::{Action, Condition, Criterion, Definition, ListEntity, PromotionType};
use crate::ranking::static_ranks;
use crate::settings::{RankingRule, Settings};
use crate::units::LineFacts;

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

/// A promotion, ready to be evaluated.
#[derive(Debug)]
pub struct Promotion {
    /// Its id.
    pub id: Box<str>,
    /// The version of its definition.
    pub version: i32,
    /// The definition.
    pub definition: Definition,
    /// Promotions of a lower class rank before; within one class the discount decides that each
    /// would give alone, then `tail`.
    pub(crate) class: u32,
    /// The last word on rank, different for every promotion.
    pub(crate) tail: u32,
}

/// In which part of a stage a promotion is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// off lines
    Line,
    /// off the cart
    Cart,
}

impl Promotion {
    /// In which part of its stage it is computed.
    pub fn phase(&self) -> Phase {
        match self.definition.action {
            Action::CartBased(_) => Phase::Cart,
            Action::ProductBased(_) => Phase::Line,
        }
    }
}

/// Promotions by the one thing of a line that they can't apply without.
#[derive(Debug, Default)]
struct Index {
    sku: HashMap<Box<str>, Vec<u32>>,
    category: HashMap<Box<str>, Vec<u32>>,
    brand: HashMap<Box<str>, Vec<u32>>,
    attribute: HashMap<Box<str>, HashMap<Box<str>, Vec<u32>>>,
    /// Those that no line tells of.
    always: Vec<u32>,
}

/// Promotions compiled for evaluation, with the settings and the category tree they live with.
#[derive(Debug)]
pub struct Ruleset {
    /// The organization's settings.
    pub settings: Settings,
    /// Each category's parent.
    pub category_parents: HashMap<Box<str>, Box<str>>,
    promotions: Vec<Promotion>,
    index: Index,
    by_id: HashMap<Box<str>, u32>,
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
        let mut by_id: HashMap<Box<str>, u32> = HashMap::new();
        let mut kept: Vec<PromotionSource> = Vec::new();
        for source in sources {
            match by_id.get(source.id.as_str()) {
                Some(&place) => kept[place as usize] = source,
                None => {
                    by_id.insert(source.id.as_str().into(), kept.len() as u32);
                    kept.push(source);
                }
            }
        }
        let (classes, tails) = static_ranks(&kept, &settings);
        let promotions: Vec<Promotion> = kept
            .into_iter()
            .zip(classes.into_iter().zip(tails))
            .map(|(source, (class, tail))| Promotion {
                id: source.id.into_boxed_str(),
                version: source.version,
                definition: source.definition,
                class,
                tail,
            })
            .collect();
        let mut index = Index::default();
        for (place, promotion) in promotions.iter().enumerate() {
            // Codes are looked up by their promotions, so a promotion that needs one is never met here.
            if promotion.definition.promotion_type != PromotionType::Code {
                index.add(place as u32, &promotion.definition.condition);
            }
        }
        let ranks_by_discount = settings.ranking_strategy.contains(&RankingRule::MaxDiscount);
        Self { settings, category_parents, promotions, index, by_id, ranks_by_discount }
    }

    /// The promotion at a place.
    pub fn promotion(&self, place: u32) -> &Promotion {
        &self.promotions[place as usize]
    }

    /// The place of a promotion.
    pub fn place_of(&self, id: &str) -> Option<u32> {
        self.by_id.get(id).copied()
    }

    /// How many promotions there are.
    pub fn len(&self) -> usize {
        self.promotions.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.promotions.is_empty()
    }

    /// Places of the promotions that need no code and that this cart may fulfil, in no order.
    pub(crate) fn candidates(&self, cart: &Cart<'_>, facts: &[LineFacts<'_>]) -> Vec<u32> {
        let mut places = self.index.always.clone();
        if !cart.lines.is_empty() {
            let mut found = |postings: Option<&Vec<u32>>| places.extend(postings.into_iter().flatten());
            for fact in facts {
                found(self.index.sku.get(fact.line.sku));
                for category in &fact.categories {
                    found(self.index.category.get(*category));
                }
                for brand in &fact.line.brands {
                    found(self.index.brand.get(*brand));
                }
                for (name, values) in &fact.line.attributes {
                    if let Some(by_value) = self.index.attribute.get(*name) {
                        for value in values {
                            found(by_value.get(value.as_str()));
                        }
                    }
                }
            }
        }
        places.sort_unstable();
        places.dedup();
        places
    }
}

impl Index {
    fn add(&mut self, place: u32, condition: &Condition) {
        let Condition::Product(product) = condition else {
            self.always.push(place);
            return;
        };
        // Any criterion that lists values will do, since all must hold: the one with the fewest.
        let listed = product.criteria.iter().filter_map(|criterion| match criterion {
            Criterion::Values { entity, attribute, negated: false, values } => {
                Some((*entity, attribute.as_deref(), values))
            }
            _ => None,
        });
        let Some((entity, attribute, values)) =
            listed.min_by_key(|(entity, _, values)| (breadth(*entity), values.len()))
        else {
            self.always.push(place);
            return;
        };
        let by_value = match entity {
            ListEntity::Sku => &mut self.sku,
            ListEntity::Category => &mut self.category,
            ListEntity::Brand => &mut self.brand,
            ListEntity::Attribute => self.attribute.entry(attribute.unwrap_or_default().into()).or_default(),
        };
        for value in values {
            by_value.entry(value.as_str().into()).or_default().push(place);
        }
    }
}

/// How many lines a value of the entity is likely to match, fewest first.
fn breadth(entity: ListEntity) -> u8 {
    match entity {
        ListEntity::Sku => 0,
        ListEntity::Attribute => 1,
        ListEntity::Brand => 2,
        ListEntity::Category => 3,
    }
}
