//! The settings of an organization (spec/api.md, "Tenancy and settings").

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::currency::Currency;
use crate::definition::PromotionType;
use crate::error::InputError;
use crate::list::List;
use crate::money::SCALE;
use crate::rounding::{Rounding, RoundingMode};

/// Declares an enum whose words in JSON are its names in SCREAMING_SNAKE_CASE.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }
    };
}
pub(crate) use words;

words! {
    /// In which order a stage's promotions are computed.
    EvaluationOrder {
        /// line promotions, then cart, shipping and tender promotions
        LineItemFirst,
        /// cart promotions first; once one applies, no line promotion does
        CartFirst,
        /// strictly in rank order
        Ranked,
    }
}

words! {
    /// Whether a base is the original amount or what earlier promotions have left of it.
    Base {
        /// what is left, the caller's own discount taken off too
        Net,
        /// the amount as sent
        Gross,
    }
}

words! {
    /// What a line promotion's discount is rounded over.
    RoundingLevel {
        /// the promotion as a whole
        Promotion,
        /// each line
        Line,
        /// each unit
        Unit,
    }
}

words! {
    /// Who gets the minor units that an even split leaves over.
    Remainder {
        /// the parts that lost most by rounding down
        Largest,
        /// the first line as sent that can take them
        First,
        /// the last line as sent that can take them
        Last,
    }
}

words! {
    /// How far an exclusive promotion shuts others out.
    ExclusiveScope {
        /// of the cart
        Cart,
        /// of the units it benefits
        Unit,
    }
}

words! {
    /// A rule by which promotions are ordered.
    RankingRule {
        /// the one that ends first
        EarliestExpiry,
        /// the one that would take most off the cart alone
        MaxDiscount,
        /// the one with the lowest `priority`
        Priority,
    }
}

words! {
    /// How the promotions that apply are chosen.
    Selection {
        /// the ranking is walked
        Ranked,
        /// the permitted set that takes most off
        Best,
    }
}

words! {
    /// What happens to a redemption beyond a limit.
    Overrun {
        /// it fails
        Reject,
        /// it is recorded and marked
        Record,
    }
}

words! {
    /// What a return gives back of a promotion's uses.
    ReturnPolicy {
        /// the uses of what came back
        Restore,
        /// nothing
        Keep,
    }
}

/// Everything that an organization can set, with every default resolved but `precision`'s.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// The organization's currency.
    pub currency: Currency,
    /// Its time zone, an IANA name.
    pub timezone: String,
    /// How discounts are rounded.
    pub rounding: RoundingMode,
    /// Places after the point; None for the currency's.
    pub precision: Option<u32>,
    /// Whether promo_evaluate holds what it gives.
    pub is_locking_enabled: bool,
    /// How long a lock holds, in seconds.
    pub lock_ttl_seconds: u32,
    /// How many locked carts a customer may have open.
    pub max_open_carts: u32,
    /// In which order promotions are computed.
    pub evaluation_order: EvaluationOrder,
    /// What percentages are taken of.
    pub percentage_base: Base,
    /// What conditions look at.
    pub condition_base: Base,
    /// What line discounts are rounded over.
    pub rounding_level: RoundingLevel,
    /// Who gets what a split leaves over.
    pub remainder: Remainder,
    /// At most one line promotion a line.
    pub single_promotion_per_line_item: bool,
    /// At most so many line promotions a unit.
    pub max_stacked_per_unit: Option<u32>,
    /// At most so many promotions a cart.
    pub max_stacked_per_cart: Option<u32>,
    /// How far an exclusive promotion shuts others out.
    pub exclusive_scope: ExclusiveScope,
    /// Types in rank order; types not listed rank equal, after those listed.
    pub type_ranking: Vec<PromotionType>,
    /// Rules that order promotions of one type.
    pub ranking_strategy: Vec<RankingRule>,
    /// How promotions are chosen.
    pub selection: Selection,
    /// What happens to a redemption beyond a limit.
    pub overrun: Overrun,
    /// What a return gives back.
    pub return_policy: ReturnPolicy,
    /// Whether committed redemptions, returns and revocations are notified.
    pub notify: bool,
    /// How long evaluations are kept that no redemption needs, as a PostgreSQL interval.
    pub keep_evaluations_for: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            currency: Currency::USD,
            timezone: "UTC".to_owned(),
            rounding: RoundingMode::HalfUp,
            precision: None,
            is_locking_enabled: false,
            lock_ttl_seconds: 300,
            max_open_carts: 5,
            evaluation_order: EvaluationOrder::LineItemFirst,
            percentage_base: Base::Net,
            condition_base: Base::Gross,
            rounding_level: RoundingLevel::Promotion,
            remainder: Remainder::Largest,
            single_promotion_per_line_item: false,
            max_stacked_per_unit: None,
            max_stacked_per_cart: None,
            exclusive_scope: ExclusiveScope::Cart,
            type_ranking: vec![
                PromotionType::Customer,
                PromotionType::Reward,
                PromotionType::Earning,
                PromotionType::Code,
                PromotionType::Pos,
            ],
            ranking_strategy: vec![RankingRule::Priority, RankingRule::EarliestExpiry, RankingRule::MaxDiscount],
            selection: Selection::Ranked,
            overrun: Overrun::Reject,
            return_policy: ReturnPolicy::Restore,
            notify: false,
            keep_evaluations_for: "30 days".to_owned(),
        }
    }
}

impl Settings {
    /// How amounts of a currency are rounded: `precision` rules the organization's own currency,
    /// every other one its minor digits.
    pub fn rounding_of(&self, currency: Currency) -> Rounding {
        let own = self.precision.filter(|_| currency == self.currency);
        Rounding::to_places(self.rounding, own.unwrap_or(currency.minor_digits()))
    }

    /// These settings with the keys of `patch` changed.
    ///
    /// # Errors
    /// A bad value, or one that this version can't compute yet, with its key as path.
    pub fn patched(&self, patch: &SettingsPatch<'_>) -> Result<Self, InputError> {
        patch.check()?;
        let old = self.clone();
        Ok(Self {
            currency: patch.currency.unwrap_or(old.currency),
            timezone: patch.timezone.map_or(old.timezone, canonical_time_zone),
            rounding: patch.rounding.unwrap_or(old.rounding),
            precision: patch.precision.unwrap_or(old.precision),
            is_locking_enabled: patch.is_locking_enabled.unwrap_or(old.is_locking_enabled),
            lock_ttl_seconds: patch.lock_ttl_seconds.unwrap_or(old.lock_ttl_seconds),
            max_open_carts: patch.max_open_carts.unwrap_or(old.max_open_carts),
            evaluation_order: patch.evaluation_order.unwrap_or(old.evaluation_order),
            percentage_base: patch.percentage_base.unwrap_or(old.percentage_base),
            condition_base: patch.condition_base.unwrap_or(old.condition_base),
            rounding_level: patch.rounding_level.unwrap_or(old.rounding_level),
            remainder: patch.remainder.unwrap_or(old.remainder),
            single_promotion_per_line_item: patch
                .single_promotion_per_line_item
                .unwrap_or(old.single_promotion_per_line_item),
            max_stacked_per_unit: patch.max_stacked_per_unit.unwrap_or(old.max_stacked_per_unit),
            max_stacked_per_cart: patch.max_stacked_per_cart.unwrap_or(old.max_stacked_per_cart),
            exclusive_scope: patch.exclusive_scope.unwrap_or(old.exclusive_scope),
            type_ranking: patch.type_ranking.as_ref().map_or(old.type_ranking, |list| list.0.clone()),
            ranking_strategy: patch.ranking_strategy.as_ref().map_or(old.ranking_strategy, |list| list.0.clone()),
            selection: patch.selection.unwrap_or(old.selection),
            overrun: patch.overrun.unwrap_or(old.overrun),
            return_policy: patch.return_policy.unwrap_or(old.return_policy),
            notify: patch.notify.unwrap_or(old.notify),
            keep_evaluations_for: patch.keep_evaluations_for.map_or(old.keep_evaluations_for, str::to_owned),
        })
    }
}

/// The argument of promo_configure, and the stored form of the settings: only the keys given.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default, expecting = "an object of settings")]
pub struct SettingsPatch<'a> {
    currency: Option<Currency>,
    #[serde(borrow)]
    timezone: Option<&'a str>,
    rounding: Option<RoundingMode>,
    #[serde(deserialize_with = "given")]
    precision: Option<Option<u32>>,
    is_locking_enabled: Option<bool>,
    lock_ttl_seconds: Option<u32>,
    max_open_carts: Option<u32>,
    evaluation_order: Option<EvaluationOrder>,
    percentage_base: Option<Base>,
    condition_base: Option<Base>,
    rounding_level: Option<RoundingLevel>,
    remainder: Option<Remainder>,
    single_promotion_per_line_item: Option<bool>,
    #[serde(deserialize_with = "given")]
    max_stacked_per_unit: Option<Option<u32>>,
    #[serde(deserialize_with = "given")]
    max_stacked_per_cart: Option<Option<u32>>,
    exclusive_scope: Option<ExclusiveScope>,
    type_ranking: Option<List<PromotionType, 5>>,
    ranking_strategy: Option<List<RankingRule, 3>>,
    selection: Option<Selection>,
    overrun: Option<Overrun>,
    return_policy: Option<ReturnPolicy>,
    notify: Option<bool>,
    keep_evaluations_for: Option<&'a str>,
}

/// Tells a key given as null (back to the default) from a key not given.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<u32>>, D::Error> {
    Option::<u32>::deserialize(deserializer).map(Some)
}

impl SettingsPatch<'_> {
    /// The interval for which evaluations are kept: PostgreSQL's to read, and so to check.
    pub fn keep_evaluations_for(&self) -> Option<&str> {
        self.keep_evaluations_for
    }

    fn check(&self) -> Result<(), InputError> {
        if let Some(timezone) = self.timezone
            && jiff::tz::TimeZone::get(timezone).is_err()
        {
            return Err(InputError::new(format!(
                "expected an IANA time zone such as \"Europe/Berlin\", found {}",
                crate::error::quoted(timezone)
            ))
            .under_key("timezone"));
        }
        within("precision", self.precision.flatten(), 0, SCALE)?;
        within("lockTtlSeconds", self.lock_ttl_seconds, 1, 7 * 24 * 3600)?;
        within("maxOpenCarts", self.max_open_carts, 1, 1_000_000)?;
        within("maxStackedPerUnit", self.max_stacked_per_unit.flatten(), 1, 1_000_000)?;
        within("maxStackedPerCart", self.max_stacked_per_cart.flatten(), 1, 1_000_000)?;
        distinct("typeRanking", self.type_ranking.as_ref().map(|list| list.0.as_slice()))?;
        distinct("rankingStrategy", self.ranking_strategy.as_ref().map(|list| list.0.as_slice()))?;
        Ok(())
    }
}

/// A zone's name as the time zone database spells it.
fn canonical_time_zone(name: &str) -> String {
    let zone = jiff::tz::TimeZone::get(name).ok();
    zone.as_ref().and_then(jiff::tz::TimeZone::iana_name).unwrap_or(name).to_owned()
}

fn within(key: &str, value: Option<u32>, least: u32, most: u32) -> Result<(), InputError> {
    match value {
        Some(value) if !(least..=most).contains(&value) => {
            Err(InputError::new(format!("expected a number from {least} to {most}, found {value}")).under_key(key))
        }
        _ => Ok(()),
    }
}

fn distinct<T: Copy + Eq + std::hash::Hash>(key: &str, list: Option<&[T]>) -> Result<(), InputError> {
    let mut seen = HashSet::new();
    for (index, item) in list.unwrap_or_default().iter().enumerate() {
        if !seen.insert(*item) {
            return Err(InputError::new("expected every word once").under_index(index).under_key(key));
        }
    }
    Ok(())
}
