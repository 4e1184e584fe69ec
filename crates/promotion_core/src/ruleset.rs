//! An organization's promotions, compiled once and shared by evaluations: ranked as far as a cart
//! is not needed for it, and indexed so that a cart finds its candidates without looking at the
//! others (spec/evaluation.md 1 and 3).

use std::collections::HashMap;

use crate::action::{Phase, Phases};
use crate::claim::is_counted;
use crate::definition::{Action, Definition, ExclusionScope, PromotionType, StopsLater};
use crate::index::Index;
use crate::ranking::static_ranks;
use crate::schedule::Clock;
use crate::settings::{RankingRule, Settings};

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
    pub(crate) index: Index,
    /// By each part of conditions of several parts, for what a cart nearly fulfils.
    pub(crate) parts: Index,
    /// By what a redeemed cart must have to earn them.
    pub(crate) earning: Index,
    by_id: HashMap<Box<str>, u32>,
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
        for (place, promotion) in promotions.iter().enumerate() {
            // Codes and entitlements are looked up by their promotions, so that a promotion which needs
            // one is never met here.
            if promotion.definition.promotion_type == PromotionType::Pos && promotion.definition.is_discount() {
                index.add(place as u32, &promotion.definition.condition);
                parts.add_parts(place as u32, &promotion.definition.condition);
            }
            if let Some(criteria) = &promotion.definition.earning_criteria {
                earning.add(place as u32, criteria);
            }
        }
        index.finish();
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
            parts,
            earning,
            by_id,
            earns,
            contests_lines,
            has_counted_limits,
            ranks_by_discount,
        }
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
