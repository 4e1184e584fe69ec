//! That the generators are not vacuous: promotions of every kind apply, and meet one another.

use std::collections::{BTreeMap, BTreeSet};

use promotion_core::definition::{
    Action, CartScope, Condition, CountPer, Definition, FixedPriceAction, FreeProductAction, LimitRow,
    ProductBasedAction, Selecting, UnitSelection,
};
use promotion_core::evaluation::Reason;
use promotion_core::settings::Settings;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::draw::drawn;
use crate::engine::{AppliedById, Outcome};
use crate::generate::scenario;
use crate::scenario::Scenario;

/// Features of what was evaluated, each once.
#[derive(Default)]
struct Features(BTreeSet<String>);

impl Features {
    fn when(&mut self, holds: bool, feature: &str) {
        if holds {
            self.0.insert(feature.to_owned());
        }
    }

    /// A word of the language, by its name in the code.
    fn word(&mut self, about: &str, word: impl std::fmt::Debug) {
        self.0.insert(format!("{about} {word:?}"));
    }

    /// A variant, without what is in it.
    fn name(&mut self, about: &str, text: &str) {
        let end = text.find([' ', '(', '{']).unwrap_or(text.len());
        self.0.insert(format!("{about} {}", &text[..end]));
    }

    fn condition(&mut self, condition: &Condition) {
        match condition {
            Condition::Cart(cart) => self.word("cart kpi", cart.kpi),
            Condition::Product(product) => self.word("product kpi", product.kpi),
            Condition::Combo(combo) => self.when(combo.parts.len() > 1, "combo of several parts"),
            Condition::Tender(tender) => {
                tender.modes.iter().for_each(|mode| self.word("tender mode", mode.kind));
                tender.condition.iter().for_each(|inner| self.condition(inner));
            }
            Condition::PaymentModeScope(scope) => self.condition(&scope.condition),
            Condition::Attribute(attribute) => self.word("attribute of", attribute.source),
            Condition::PaymentMode(_) | Condition::PaymentModeCombo(_) => {}
            Condition::All(conditions) | Condition::Any(conditions) => {
                conditions.iter().for_each(|inner| self.condition(inner));
            }
            Condition::Not(inner) => self.condition(inner),
        }
        let name = format!("{condition:?}");
        self.name("condition", &name);
    }

    fn action(&mut self, action: &Action, place: &str) {
        let name = format!("{action:?}");
        self.name(place, &name);
        match action {
            Action::CartBased(cart) => {
                self.word("cart", cart.kind);
                self.word("cart", cart.allocation);
                self.when(cart.max_discount.is_some(), "cart maxDiscount");
                self.when(cart.scope == CartScope::ItemsAndShipping, "cart with shipping");
            }
            Action::ProductBased(product) => self.product_based(product),
            Action::FreeProduct(FreeProductAction {
                auto_add,
                selecting,
                include_items_from_condition_set,
                selection,
            }) => {
                self.when(*auto_add, "free autoAdd");
                self.selecting("free", selecting.as_ref(), *include_items_from_condition_set, *selection);
            }
            Action::FixedPrice(FixedPriceAction {
                apply_per,
                selecting,
                include_items_from_condition_set,
                selection,
                ..
            }) => {
                self.word("fixed price per", apply_per);
                self.selecting("fixed price", selecting.as_ref(), *include_items_from_condition_set, *selection);
            }
            Action::Tender(tender) => self.word("tender", tender.kind),
            Action::Shipping(shipping) => {
                self.word("shipping", shipping.kind);
                self.word("shipping per", shipping.apply_per);
                self.when(shipping.methods.is_some(), "shipping of methods");
            }
            Action::PerUnit(per_unit) => {
                self.word("per unit", per_unit.kpi);
                self.when(per_unit.count_per == CountPer::Line, "per unit of each line");
                self.when(per_unit.max_applications.is_some(), "per unit maxApplications");
                per_unit.units.iter().for_each(|units| self.word("per unit, units", units.scope));
                self.action(&per_unit.reward, "reward");
            }
            Action::Tiered(tiered) => {
                self.word("tiers of", tiered.kpi);
                self.when(tiered.count_per == CountPer::Line, "tiers of each line");
                tiered.tiers.iter().for_each(|tier| self.action(&tier.action, "tier"));
            }
            Action::Multi(actions) => actions.iter().for_each(|action| self.action(action, "one of several")),
        }
    }

    fn product_based(&mut self, product: &ProductBasedAction) {
        self.word("product", product.kind);
        self.word("product", product.allocation);
        self.word("product per", product.apply_per);
        self.when(product.max_discount.is_some(), "product maxDiscount");
        if product.max_quantity.is_some() {
            self.word("product maxQuantity per", product.max_quantity_per);
        }
        let include = product.include_items_from_condition_set;
        self.selecting("product", product.selecting.as_ref(), include, product.selection);
    }

    fn selecting(&mut self, of: &str, selecting: Option<&Selecting>, include: bool, selection: UnitSelection) {
        self.word(&format!("{of}, selection"), selection);
        match selecting {
            None => self.when(true, &format!("{of} of what matched")),
            Some(Selecting::Product(_)) => self.when(true, &format!("{of} selecting, including {include}")),
            Some(Selecting::Combo(_)) => self.when(true, &format!("{of} selecting a combo, including {include}")),
        }
    }

    /// What a promotion that applied is, and what it gave.
    fn applied(&mut self, definition: &Definition, applied: &AppliedById) {
        self.word("type", definition.promotion_type);
        self.word("stage", definition.stage);
        self.condition(&definition.condition);
        self.action(&definition.action, "action");
        self.when(applied.promo_code.is_some(), "by code");
        self.when(applied.earn_id.is_some(), "by instance");
        self.when(!definition.is_stackable, "exclusive");
        self.when(!applied.gifts.is_empty(), "gifts");
        self.when(!applied.gifts.is_empty() && applied.discount == 0, "gifts alone");
        self.when(applied.redemption_count > 1, "several applications");
        self.when(definition.store_criteria.is_some(), "in a store");
        self.when(definition.time_criteria.is_some(), "at an hour");
        self.when(definition.supplementary_criteria.is_some(), "in a program");
        self.word("stops later", definition.stops_later);
        definition.exclusion_groups.iter().for_each(|group| self.word("group", group.scope));
        for LimitRow { level, kpi, on_exceed, .. } in &definition.limits.0 {
            self.when(true, &format!("limit {level:?} {kpi:?} {on_exceed:?}"));
        }
        let triggers = applied.lines.iter().any(|part| part.applied_quantity > part.discounted_quantity);
        self.when(triggers, "with triggers");
    }

    fn settings(&mut self, settings: &Settings) {
        self.word("order", settings.evaluation_order);
        self.word("percentages of", settings.percentage_base);
        self.word("conditions on", settings.condition_base);
        self.word("rounded per", settings.rounding_level);
        self.word("remainder", settings.remainder);
        self.word("exclusive", settings.exclusive_scope);
        self.word("selection", settings.selection);
        self.when(settings.single_promotion_per_line_item, "one promotion a line");
        self.when(settings.max_stacked_per_unit.is_some(), "so many a unit");
        self.when(settings.max_stacked_per_cart.is_some(), "so many a cart");
        self.word("currency", settings.currency);
    }

    fn outcome(&mut self, scenario: &Scenario, outcome: &Outcome) {
        self.when(!outcome.applied.is_empty(), "applied: 1 or more");
        self.when(outcome.applied.len() > 1, "applied: 2 or more");
        self.when(outcome.applied.len() > 3, "applied: 4 or more");
        self.when(!outcome.applied.is_empty() && scenario.cart.lines.is_empty(), "a cart without items");
        self.when(!outcome.vouchers.is_empty(), "vouchers");
        self.when(outcome.vouchers.len() > 1, "several vouchers");
        self.when(outcome.tender_discounts.iter().any(|own| *own > 0), "off tenders");
        self.when(outcome.shipment_discounts.iter().any(|own| *own > 0), "off shipping");
        for (_, reason) in &outcome.refused {
            self.name("refused", &format!("{reason:?}"));
            let outweighed = matches!(reason, Reason::Outweighed | Reason::Excluded { .. });
            self.when(outcome.search.is_some() && outweighed, "BEST with conflicts");
        }
    }
}

/// What must be seen in so many of 10,000 evaluations at least.
const OFTEN: [(&str, u32); 14] = [
    ("applied: 1 or more", 7_000),
    ("applied: 2 or more", 2_700),
    ("applied: 4 or more", 250),
    ("BEST with conflicts", 500),
    ("several applications", 2_000),
    ("with triggers", 500),
    ("gifts", 300),
    ("gifts alone", 100),
    ("vouchers", 700),
    ("by code", 1_000),
    ("by instance", 700),
    ("off shipping", 500),
    ("off tenders", 150),
    ("condition Combo", 1_500),
];

/// What must be seen of a promotion that applies, in one of 1,000 evaluations at least: about what, and
/// the words. Rows of limits are seen by [`crate::limits`], whose promotions all have some.
const WORDS: [(&str, &[&str]); 44] = [
    (
        "action",
        &["CartBased", "ProductBased", "FreeProduct", "FixedPrice", "Shipping", "Tender", "PerUnit", "Tiered", "Multi"],
    ),
    ("one of several", &["CartBased", "ProductBased", "FreeProduct", "FixedPrice", "Shipping", "PerUnit", "Tiered"]),
    ("reward", &["CartBased", "ProductBased", "FreeProduct", "FixedPrice"]),
    ("tier", &["CartBased", "ProductBased", "FreeProduct", "FixedPrice", "Shipping", "PerUnit"]),
    ("condition", &["Cart", "Product", "Combo", "Tender", "PaymentMode", "PaymentModeScope", "PaymentModeCombo"]),
    ("condition", &["Attribute", "All", "Any", "Not"]),
    ("cart kpi", &["Subtotal", "Total", "Quantity", "Itemcount"]),
    ("product kpi", &["None", "Quantity", "Amount", "Itemcount", "LineQuantity", "LineAmount"]),
    ("combo", &["of several parts"]),
    ("tender mode", &["Card", "Cash", "PaymentVoucher"]),
    ("attribute of", &["Cart", "Customer"]),
    ("cart", &["Absolute", "Percentage", "Fixed", "Even", "Proportional", "maxDiscount", "with shipping"]),
    ("product", &["Absolute", "Percentage", "Even", "Proportional", "maxDiscount", "of what matched"]),
    ("product per", &["Set", "Line", "Unit"]),
    ("product maxQuantity per", &["Cart", "Line"]),
    ("product selecting,", &["including false", "including true"]),
    ("product selecting a combo,", &["including false", "including true"]),
    ("product, selection", &["Cheapest", "Dearest"]),
    ("free", &["autoAdd", "of what matched"]),
    ("free selecting,", &["including false", "including true"]),
    ("free selecting a combo,", &["including false", "including true"]),
    ("free, selection", &["Cheapest", "Dearest"]),
    ("fixed price", &["of what matched"]),
    ("fixed price per", &["Set", "Unit"]),
    ("fixed price selecting,", &["including false", "including true"]),
    ("fixed price selecting a combo,", &["including false", "including true"]),
    ("fixed price, selection", &["Cheapest", "Dearest"]),
    ("tender", &["Absolute", "Percentage"]),
    ("shipping", &["Absolute", "Percentage", "Fixed", "of methods"]),
    ("shipping per", &["Set", "Line"]),
    ("per unit", &["Quantity", "Amount", "of each line", "maxApplications"]),
    ("per unit, units", &["Within", "Across"]),
    ("tiers of", &["Subtotal", "Quantity", "each line"]),
    ("type", &["Pos", "Code", "Customer", "Earning", "Reward"]),
    ("stage", &["-1", "0", "1", "2"]),
    ("group", &["Cart", "Line"]),
    ("stops later", &["None", "Lines", "Cart"]),
    ("in a", &["store"]),
    ("order", &["LineItemFirst", "CartFirst", "Ranked"]),
    ("selection", &["Ranked", "Best"]),
    ("rounded per", &["Promotion", "Line", "Unit"]),
    ("remainder", &["Largest", "First", "Last"]),
    ("currency", &["USD", "EUR", "JPY", "KWD"]),
    (
        "refused",
        &[
            "ConditionNotMet",
            "Excluded",
            "GivesNothing",
            "LimitReached",
            "LimitTooSmall",
            "NotAMember",
            "NotForGuests",
            "OtherCurrency",
            "OtherStore",
            "OutsideDates",
            "OutsideHours",
            "Outweighed",
            "TooManyPromotions",
        ],
    ),
];

/// The same of settings, by name.
const SETTINGS: [&str; 9] = [
    "percentages of Gross",
    "percentages of Net",
    "conditions on Gross",
    "conditions on Net",
    "exclusive Cart",
    "exclusive Unit",
    "one promotion a line",
    "so many a unit",
    "so many a cart",
];

fn features_of(scenario: &Scenario) -> Features {
    let sources = scenario.sources();
    let outcome = scenario.explained_with(sources.clone());
    let mut features = Features::default();
    for source in &sources {
        if let Some(applied) = outcome.applied(&source.id) {
            features.applied(&source.definition, applied);
            features.settings(&scenario.settings());
        }
    }
    features.outcome(scenario, &outcome);
    features
}

/// The generators must not be vacuous: promotions apply, and of every kind.
#[test]
fn generated_promotions_apply() {
    const RUNS: u32 = 2_000;
    let mut runner = TestRunner::deterministic();
    let strategy = drawn(scenario);
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..RUNS {
        let scenario = strategy.new_tree(&mut runner).expect("a scenario").current();
        for feature in features_of(&scenario).0 {
            *seen.entry(feature).or_default() += 1;
        }
    }
    println!("of {RUNS} evaluations: {seen:#?}");
    let words = WORDS.iter().flat_map(|(about, words)| words.iter().map(move |word| format!("{about} {word}")));
    let expected = OFTEN.iter().map(|(feature, least)| ((*feature).to_owned(), *least));
    let expected = expected.chain(words.chain(SETTINGS.map(str::to_owned)).map(|feature| (feature, 10)));
    let missing: Vec<String> = expected
        .filter(|(feature, least)| seen.get(feature).copied().unwrap_or(0) * 10_000 < least * RUNS)
        .map(|(feature, least)| format!("{feature}: {:?} of {RUNS}, {least} of 10,000 expected", seen.get(&feature)))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}
