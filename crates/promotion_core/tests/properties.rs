//! Properties of the pure core over generated rulesets and carts, quoted from spec/evaluation.md
//! ("Proof by test") and spec/definition.md. Everything is generated as JSON, so that reading it is
//! covered as well. `PROPTEST_CASES=10000 cargo test --test properties` runs longer; a failure is
//! shrunk, printed in the form of tests/examples and saved beside this file.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

use promotion_core::allocation::{Share, largest_remainder};
use promotion_core::answer::{Answer, AnswerIds};
use promotion_core::cart::Cart;
use promotion_core::currency::Currency;
use promotion_core::definition::{
    Action, AmountKind, ApplyPer, CartBasedAction, Definition, ProductBasedAction, QuantityPer,
};
use promotion_core::error::InputError;
use promotion_core::evaluate::{Situation, evaluate};
use promotion_core::evaluation::{CodeFacts, CodeUse, Evaluation, LineDiscount};
use promotion_core::exact::Exact;
use promotion_core::instant::Instant;
use promotion_core::json::{REQUEST_LIMITS, read};
use promotion_core::rounding::RoundingMode;
use promotion_core::ruleset::{PromotionSource, Ruleset};
use promotion_core::settings::{Base, EvaluationOrder, RankingRule, Settings, SettingsPatch};
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use proptest::strategy::ValueTree;
use proptest::test_runner::{FileFailurePersistence, TestRunner};
use serde_json::{Map, Value, json};

/// One, in the millionths that every number of the contract is counted in.
const ONE: i128 = 1_000_000;
/// A hundredth, in millionths.
const CENT: i128 = 10_000;
/// 2026-01-01, when every cart is priced.
const NOW: i64 = 1_767_225_600_000;
/// A day in milliseconds.
const DAY: i64 = 86_400_000;
/// The codes that CODE promotions are given.
const CODES: [&str; 3] = ["C0", "C1", "C2"];

/// So many cases, or those of the environment; failures are saved beside this file.
fn cases(count: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(count),
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("proptest-regressions"))),
        ..ProptestConfig::default()
    }
}

// ------------------------------------------------------------------------------------------------
// What is generated
// ------------------------------------------------------------------------------------------------

/// A line of a cart, its numbers in millionths.
#[derive(Debug, Clone, PartialEq)]
struct LineSpec {
    sku: &'static str,
    amount: i128,
    quantity: i128,
    discount: i128,
    min_unit_price: i128,
    /// categoryList, brandList and attributes.
    kind: Value,
}

impl LineSpec {
    fn json(&self) -> Value {
        let mut json = self.kind.clone();
        json["sku"] = self.sku.into();
        json["amount"] = number(self.amount);
        json["qty"] = number(self.quantity);
        for (key, value) in [("discount", self.discount), ("minUnitPrice", self.min_unit_price)] {
            if value > 0 {
                json[key] = number(value);
            }
        }
        json
    }

    /// What the line has left before any promotion.
    fn left(&self) -> i128 {
        self.amount - self.discount
    }

    /// Whether the canonical line order tells the two apart by nothing but their position.
    fn ties_with(&self, other: &Self) -> bool {
        self.has_units_of(other) && self.amount == other.amount
    }

    /// Whether both are of one product at one price.
    fn has_units_of(&self, other: &Self) -> bool {
        self.sku == other.sku && self.kind == other.kind && self.amount * other.quantity == other.amount * self.quantity
    }
}

/// A request.
#[derive(Debug, Clone)]
struct CartSpec {
    lines: Vec<LineSpec>,
    /// The amount of a cart without lines.
    amount_alone: i128,
    /// Its other keys.
    rest: Value,
}

impl CartSpec {
    fn json(&self) -> Value {
        let mut json = self.rest.clone();
        json["amount"] = number(self.amount());
        if !self.lines.is_empty() {
            json["cartItems"] = self.lines.iter().map(LineSpec::json).collect();
        }
        json
    }

    fn amount(&self) -> i128 {
        if self.lines.is_empty() { self.amount_alone } else { self.lines.iter().map(|line| line.amount).sum() }
    }
}

/// A promotion.
#[derive(Debug, Clone)]
struct PromotionSpec {
    id: String,
    created: i64,
    definition: Value,
    /// Which of [`CODES`] unlocks it, where its type is CODE.
    code: usize,
}

/// What is known of a code.
#[derive(Debug, Clone)]
struct CodeSpec {
    disabled: bool,
    linked_to: Option<&'static str>,
    valid_till: Option<i64>,
}

/// All that an evaluation depends on.
#[derive(Clone)]
struct Scenario {
    settings: Value,
    promotions: Vec<PromotionSpec>,
    codes: Vec<CodeSpec>,
    cart: CartSpec,
}

/// As an example of tests/examples.
impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let promotions: Vec<Value> = self
            .promotions
            .iter()
            .map(|promotion| {
                let mut definition = promotion.definition.clone();
                definition["id"] = promotion.id.as_str().into();
                definition
            })
            .collect();
        let example = json!({
            "settings": self.settings, "categories": CATEGORY_PARENTS.iter().copied().collect::<BTreeMap<_, _>>(),
            "promotions": promotions, "request": self.cart.json(),
        });
        let created: Vec<(i64, usize)> = self.promotions.iter().map(|own| (own.created, own.code)).collect();
        write!(f, "{example}\n(created, code) {created:?}, codes {:?}", self.codes)
    }
}

/// A number as JSON: about half of them as strings, which ones being told by the value.
fn number(millionths: i128) -> Value {
    let text = promotion_core::money::shortest(millionths);
    if (millionths / CENT) % 2 == 0 { text.into() } else { serde_json::from_str(&text).expect("a number") }
}

/// An object of the entries that are not null.
fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let given = entries.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(given.map(|(key, value)| (key.to_owned(), value)).collect())
}

/// Null, or one of the words.
fn word(words: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop_oneof![Just(Value::Null), select(words).prop_map(Value::from)]
}

/// Null more often than not.
fn maybe(strategy: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Value> {
    prop_oneof![2 => Just(Value::Null), 1 => strategy]
}

/// Up to `most` hundredths; in a definition in any of the currencies generated.
fn amount(most: i128) -> impl Strategy<Value = Value> {
    prop_oneof![1 => 0..=most, 3 => (0..=most / 25).prop_map(|step| step * 25)].prop_map(|cents| number(cents * CENT))
}

fn settings() -> impl Strategy<Value = Value> {
    let rules = vec!["EARLIEST_EXPIRY", "MAX_DISCOUNT", "PRIORITY"];
    let types = vec!["CUSTOMER", "REWARD", "EARNING", "CODE", "POS"];
    let ranking = subsequence(rules, 0..=3).prop_shuffle().prop_map(Value::from);
    let type_ranking = subsequence(types, 0..=5).prop_shuffle().prop_map(Value::from);
    (
        prop_oneof![4 => Just(Value::Null), 1 => select(&["USD", "EUR", "KWD"][..]).prop_map(Value::from)],
        word(&["HALF_UP", "HALF_DOWN", "HALF_EVEN", "UP", "DOWN", "CEILING", "FLOOR"]),
        prop_oneof![3 => Just(Value::Null), 1 => (0..=6_u32).prop_map(Value::from)],
        word(&["LINE_ITEM_FIRST", "CART_FIRST", "RANKED"]),
        word(&["NET", "GROSS"]),
        word(&["PROMOTION", "LINE", "UNIT"]),
        word(&["LARGEST", "FIRST", "LAST"]),
        maybe(ranking),
        maybe(type_ranking),
    )
        .prop_map(|(currency, rounding, precision, order, base, level, remainder, ranking, types)| {
            object([
                ("currency", currency),
                ("rounding", rounding),
                ("precision", precision),
                ("evaluationOrder", order),
                ("percentageBase", base),
                ("roundingLevel", level),
                ("remainder", remainder),
                ("rankingStrategy", ranking),
                ("typeRanking", types),
            ])
        })
}

fn comparison() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        5 => Just("GREATER_THAN_OR_EQUAL"),
        2 => Just("GREATER_THAN"),
        1 => select(&["EQUALS", "LESS_THAN", "LESS_THAN_OR_EQUAL"][..]),
    ]
}

/// Small counts, whole more often than not.
fn count() -> impl Strategy<Value = Value> {
    prop_oneof![6 => (1..=4_i128).prop_map(|units| units * ONE), 1 => select(vec![500_000, 1_500_000, 2_250_000])]
        .prop_map(number)
}

fn criterion() -> impl Strategy<Value = Value> {
    let listed = |entity: &'static str, name: Value, values: Vec<Value>| {
        let operator = prop_oneof![4 => Just("IN"), 1 => Just("NOT_IN")];
        let most = values.len() - 1;
        (operator, subsequence(values, 1..=most).prop_shuffle()).prop_map(move |(operator, values)| {
            object([
                ("entity", entity.into()),
                ("attributeName", name.clone()),
                ("operator", operator.into()),
                ("values", values.into()),
            ])
        })
    };
    let texts = |values: &[&str]| values.iter().map(|&value| Value::from(value)).collect::<Vec<_>>();
    let price = (comparison(), amount(2_000))
        .prop_map(|(operator, value)| json!({"entity": "UNIT_PRICE", "operator": operator, "values": [value]}));
    let leaf = prop_oneof![
        4 => listed("SKU", Value::Null, texts(&["a", "b", "c", "d"])),
        3 => listed("CATEGORY", Value::Null, texts(&["food", "drinks", "coffee", "toys"])),
        2 => listed("BRAND", Value::Null, texts(&["X", "Y", "Z"])),
        1 => listed("ATTRIBUTE", "color".into(), texts(&["red", "blue", "green"])),
        1 => listed("ATTRIBUTE", "size".into(), vec![json!(5), json!("6"), json!(true)]),
        2 => price,
    ]
    .boxed();
    let any_of = prop::collection::vec(leaf.clone(), 1..=3).prop_map(|criteria| json!({"anyOf": criteria}));
    prop_oneof![5 => leaf, 1 => any_of]
}

fn criteria() -> impl Strategy<Value = Value> {
    prop_oneof![3 => Just(0..=0), 5 => Just(1..=1_usize), 1 => Just(2..=2)]
        .prop_flat_map(|count| prop::collection::vec(criterion(), count))
        .prop_map(Value::from)
}

fn product_condition() -> impl Strategy<Value = Value> {
    let measure = prop_oneof![
        4 => Just((json!("NONE"), Value::Null, Value::Null)),
        4 => (comparison(), count()).prop_map(|(operator, value)| (json!("QUANTITY"), operator.into(), value)),
        2 => (comparison(), amount(3_000)).prop_map(|(operator, value)| (json!("AMOUNT"), operator.into(), value)),
        1 => (comparison(), 1..=3).prop_map(|(operator, value)| (json!("ITEMCOUNT"), operator.into(), json!(value))),
        1 => (comparison(), count()).prop_map(|(operator, value)| (json!("LINE_QUANTITY"), operator.into(), value)),
        1 => (comparison(), amount(2_000)).prop_map(|(operator, value)| (json!("LINE_AMOUNT"), operator.into(), value)),
    ];
    (criteria(), measure).prop_map(|(criteria, (kpi, operator, value))| {
        let condition = object([("criteriaList", criteria), ("kpi", kpi), ("operator", operator), ("value", value)]);
        json!({"type": "PRODUCT", "productCondition": condition})
    })
}

fn cart_condition() -> impl Strategy<Value = Value> {
    let money = (select(&["SUBTOTAL", "TOTAL"][..]), comparison(), amount(6_000));
    let counted = (select(&["ITEMCOUNT", "QUANTITY"][..]), comparison(), count());
    prop_oneof![3 => money.boxed(), 2 => counted.boxed()].prop_map(|(kpi, operator, value)| {
        json!({"type": "CART", "cartCondition": {"kpi": kpi, "operator": operator, "value": value}})
    })
}

fn percentage() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => (0..=20_i128).prop_map(|step| step * 5 * ONE),
        1 => 0..=100 * ONE,
    ]
    .prop_map(number)
}

/// Type and value of an action.
fn kind_and_value(fixed: bool) -> impl Strategy<Value = (&'static str, Value)> {
    let absolute = amount(2_500).prop_map(|value| ("ABSOLUTE", value));
    let percentage = percentage().prop_map(|value| ("PERCENTAGE", value));
    let fixed_price = amount(5_000).prop_map(|value| ("FIXED", value));
    prop_oneof![3 => absolute, 3 => percentage, u32::from(fixed) => fixed_price]
}

fn cart_action() -> impl Strategy<Value = Value> {
    (kind_and_value(true), maybe(amount(1_500)), word(&["PROPORTIONAL", "EVEN"])).prop_map(
        |((kind, value), max, allocation)| {
            let action =
                object([("type", kind.into()), ("value", value), ("maxDiscount", max), ("allocation", allocation)]);
            json!({"type": "CART_BASED", "cartBasedAction": action})
        },
    )
}

fn product_action() -> impl Strategy<Value = Value> {
    let exactly = (criteria(), count()).prop_map(|(criteria, value)| {
        json!({"type": "PRODUCT", "productCondition":
            {"criteriaList": criteria, "kpi": "QUANTITY", "operator": "EQUALS", "value": value}})
    });
    (
        kind_and_value(false),
        maybe(amount(1_500)),
        maybe(prop_oneof![2 => exactly, 1 => product_condition()]),
        maybe(any::<bool>().prop_map(Value::from)),
        word(&["SET", "LINE", "UNIT"]),
        maybe(count()),
        word(&["CART", "LINE"]),
        word(&["CHEAPEST", "DEAREST"]),
        word(&["PROPORTIONAL", "EVEN"]),
    )
        .prop_map(|((kind, value), max, condition, include, per, most, most_per, selection, allocation)| {
            let action = object([
                ("type", kind.into()),
                ("value", value),
                ("maxDiscount", max),
                ("productBasedCondition", condition),
                ("includeItemsFromConditionSet", include),
                ("applyPer", per),
                ("maxQuantity", most),
                ("maxQuantityPer", most_per),
                ("selection", selection),
                ("allocation", allocation),
            ]);
            json!({"type": "PRODUCT_BASED", "productBasedAction": action})
        })
}

fn definition() -> impl Strategy<Value = Value> {
    let dates = prop_oneof![
        12 => (1..=3_i64).prop_map(|days| (NOW - 5 * DAY, NOW + days * DAY)),
        1 => Just((NOW - 5 * DAY, NOW - 1)),
        1 => Just((NOW, NOW + DAY)),
    ];
    (
        (prop_oneof![3 => Just("POS"), 2 => Just("CODE")], prop::bool::weighted(0.05)),
        prop_oneof![10 => Just(json!(true)), 1 => Just(json!(false)), 1 => Just(Value::Null)],
        prop_oneof![3 => Just(Value::Null), 1 => (-1..=2_i32).prop_map(Value::from)],
        maybe((0..=2_u32).prop_map(Value::from)),
        dates,
        prop_oneof![1 => cart_condition().boxed(), 2 => product_condition().boxed()],
        prop_oneof![1 => cart_action().boxed(), 2 => product_action().boxed()],
        prop_oneof![8 => Just(Value::Null), 1 => select(&["USD", "EUR"][..]).prop_map(Value::from)],
        maybe(select(vec![json!({"a": [1, 2.50, null]}), json!({})])),
    )
        .prop_map(
            |((kind, loyal), stackable, stage, priority, (start, end), condition, action, currency, custom)| {
                object([
                    ("name", "generated".into()),
                    ("type", kind.into()),
                    ("isLoyaltyOnly", if loyal && kind == "POS" { json!(true) } else { Value::Null }),
                    ("isStackable", stackable),
                    ("stage", stage),
                    ("priority", priority),
                    ("startDate", start.into()),
                    ("endDate", end.into()),
                    ("condition", condition),
                    ("action", action),
                    ("currency", currency),
                    ("customFieldValues", custom),
                ])
            },
        )
}

fn promotions() -> impl Strategy<Value = Vec<PromotionSpec>> {
    let promotion = (definition(), 0..4_i64, 0..CODES.len());
    prop::collection::vec(promotion, 0..=8).prop_map(|promotions| {
        promotions
            .into_iter()
            .enumerate()
            .map(|(index, (definition, created, code))| PromotionSpec {
                id: format!("p{index}"),
                created,
                definition,
                code,
            })
            .collect()
    })
}

/// The category tree, each child with its parent.
const CATEGORY_PARENTS: [(&str, &str); 2] = [("coffee", "drinks"), ("drinks", "food")];

/// A product's SKU and what it comes with; few, so that lines tie often.
fn product() -> impl Strategy<Value = (&'static str, Value)> {
    select(vec![
        ("a", json!({"categoryList": ["coffee"], "brandList": ["X"], "attributes": {"color": "red"}})),
        ("a", json!({"categoryList": ["coffee"], "brandList": ["Y"]})),
        ("b", json!({"categoryList": ["toys", "drinks"], "brandList": ["X", "Y"], "attributes": {"size": [5, "L"]}})),
        ("c", json!({"categoryList": ["toys"], "attributes": {"color": ["blue", "red"], "size": "6"}})),
        ("d", json!({})),
    ])
}

fn unit_price() -> impl Strategy<Value = i128> {
    prop_oneof![
        4 => select(vec![ONE, 10 * ONE, 2_500_000, 9_990_000, 19_990_000]),
        1 => select(vec![5_000, 12_500, 333_333]),
        2 => (0..=3_000_i128).prop_map(|cents| cents * CENT),
        1 => 0..=20 * ONE,
    ]
}

fn quantity() -> impl Strategy<Value = i128> {
    prop_oneof![
        6 => (1..=5_i128).prop_map(|units| units * ONE),
        1 => (6..=40_i128).prop_map(|units| units * ONE),
        2 => select(vec![250_000, 1_500_000, 2_750_000, 333_333]),
        1 => 1..=4 * ONE,
    ]
}

/// No caller's discount and no least price in most cases.
fn line() -> impl Strategy<Value = LineSpec> {
    let discount_quarters = prop_oneof![6 => Just(0), 1 => 1..=4_i128];
    let least_tenths = prop_oneof![6 => Just(0), 1 => 1..=12_i128];
    (product(), unit_price(), quantity(), prop::bool::weighted(0.1), discount_quarters, least_tenths).prop_map(
        |((sku, kind), price, quantity, fine, discount_quarters, least_tenths)| {
            let grain = if fine { 1 } else { CENT };
            let amount = price * quantity / ONE / grain * grain;
            LineSpec {
                sku,
                amount,
                quantity,
                discount: amount * discount_quarters / 4 / grain * grain,
                min_unit_price: price * least_tenths / 10 / grain * grain,
                kind,
            }
        },
    )
}

fn lines() -> impl Strategy<Value = Vec<LineSpec>> {
    let again = prop::option::weighted(0.4, any::<Index>());
    let some = (prop::collection::vec(line(), 1..=7), again).prop_map(|(mut lines, again)| {
        if let Some(again) = again {
            lines.push(again.get(&lines).clone());
        }
        lines
    });
    prop_oneof![1 => Just(Vec::new()), 15 => some]
}

fn cart() -> impl Strategy<Value = CartSpec> {
    let shipping = select(vec![
        Value::Null,
        json!({"amount": "4.90", "method": "post"}),
        json!([{"amount": 3}, {"amount": "0.01", "referenceId": "s"}]),
    ]);
    let customer = select(vec![Value::Null, json!(42), json!("42"), json!("someone")]);
    let codes = subsequence(vec!["C0", "c1", "C2", "c0", "UNKNOWN"], 1..=5).prop_shuffle().prop_map(Value::from);
    let currency = prop_oneof![10 => Just(Value::Null), 1 => select(&["USD", "JPY", "EUR"][..]).prop_map(Value::from)];
    (lines(), 0..=10_000_i128, shipping, customer, codes, currency, maybe(any::<bool>().prop_map(Value::from)))
        .prop_map(|(lines, cents, shipping, customer, codes, currency, whole_tree)| CartSpec {
            lines,
            amount_alone: cents * CENT,
            rest: object([
                ("shipping", shipping),
                ("customerId", customer),
                ("promoCodes", codes),
                ("currency", currency),
                ("categoryHierarchySentInPayload", whole_tree),
            ]),
        })
}

fn codes() -> impl Strategy<Value = Vec<CodeSpec>> {
    let till = prop_oneof![6 => Just(None), 1 => Just(Some(NOW)), 1 => Just(Some(NOW - 1))];
    let code = (prop::bool::weighted(0.05), prop::option::weighted(0.15, Just("42")), till)
        .prop_map(|(disabled, linked_to, valid_till)| CodeSpec { disabled, linked_to, valid_till });
    prop::collection::vec(code, CODES.len())
}

fn scenario() -> impl Strategy<Value = Scenario> {
    (settings(), promotions(), codes(), cart()).prop_map(|(settings, promotions, codes, cart)| Scenario {
        settings,
        promotions,
        codes,
        cart,
    })
}

// ------------------------------------------------------------------------------------------------
// How it is evaluated
// ------------------------------------------------------------------------------------------------

/// A promotion that applied, by its id.
#[derive(Debug, Clone, PartialEq)]
struct AppliedById {
    id: String,
    discount: i128,
    redemption_count: u32,
    promo_code: Option<String>,
    is_line_promotion: bool,
    lines: Vec<LineDiscount>,
}

/// An evaluation without the places of its promotions.
#[derive(Debug, Clone, PartialEq)]
struct Outcome {
    applied: Vec<AppliedById>,
    line_discounts: Vec<i128>,
    total_discount: i128,
    payable_amount: i128,
    code_logs: Vec<String>,
}

impl Outcome {
    fn of(ruleset: &Ruleset, evaluation: &Evaluation<'_>) -> Self {
        let applied = evaluation.applied.iter().map(|applied| AppliedById {
            id: ruleset.promotion(applied.place).id.to_string(),
            discount: applied.discount.0,
            redemption_count: applied.redemption_count,
            promo_code: applied.promo_code.map(str::to_owned),
            is_line_promotion: applied.is_line_promotion,
            lines: applied.lines.clone(),
        });
        Self {
            applied: applied.collect(),
            line_discounts: evaluation.line_discounts.iter().map(|discount| discount.0).collect(),
            total_discount: evaluation.total_discount.0,
            payable_amount: evaluation.payable_amount.0,
            code_logs: evaluation.code_logs.iter().map(|log| format!("{log:?}")).collect(),
        }
    }
}

fn patched(patch: &Value) -> Result<Settings, InputError> {
    read::<_, SettingsPatch<'_>>(patch, REQUEST_LIMITS).and_then(|patch| Settings::default().patched(&patch))
}

impl Scenario {
    fn settings(&self) -> Settings {
        patched(&self.settings).unwrap_or_else(|error| panic!("settings: {error}\n{self:?}"))
    }

    /// How many millionths a minor unit of the cart has.
    fn minor(&self) -> i128 {
        let settings = self.settings();
        let own = self.cart.rest.get("currency").and_then(Value::as_str).and_then(Currency::from_code);
        settings.rounding_of(own.unwrap_or(settings.currency)).minor
    }

    fn sources(&self) -> Vec<PromotionSource> {
        let settings = self.settings();
        let parsed = |own: &PromotionSpec| {
            Definition::parse(&own.definition, &settings).unwrap_or_else(|error| panic!("{error}\n{}", own.definition))
        };
        self.promotions
            .iter()
            .map(|own| PromotionSource {
                id: own.id.clone(),
                version: 1,
                created: own.created,
                definition: parsed(own),
            })
            .collect()
    }

    fn compiled(&self, sources: Vec<PromotionSource>) -> Ruleset {
        let parents = CATEGORY_PARENTS.iter().map(|&(child, parent)| (child.into(), parent.into())).collect();
        Ruleset::compile(self.settings(), parents, sources)
    }

    fn code_facts(&self, sent: &str) -> Option<CodeFacts> {
        let index = CODES.iter().position(|code| code.eq_ignore_ascii_case(sent))?;
        let code = &self.codes[index];
        let unlocked = self.promotions.iter().filter(|own| own.code == index && own.definition["type"] == "CODE");
        Some(CodeFacts {
            disabled: code.disabled,
            linked_to: code.linked_to.map(str::to_owned),
            uses: unlocked
                .map(|own| CodeUse { promotion_id: own.id.clone(), valid_from: None, valid_till: code.valid_till })
                .collect(),
        })
    }

    /// Evaluates with these sources and lets `then` look at all of it.
    fn with<T>(
        &self,
        sources: Vec<PromotionSource>,
        then: impl FnOnce(&Ruleset, &Cart<'_>, &Evaluation<'_>) -> T,
    ) -> T {
        let ruleset = self.compiled(sources);
        let request = self.cart.json();
        let cart = Cart::parse(&request).unwrap_or_else(|error| panic!("{error}\n{request}"));
        let codes: Vec<_> = cart.promo_codes.iter().map(|sent| self.code_facts(sent)).collect();
        let situation = Situation { cart: &cart, instant: Instant(NOW), codes: &codes, pulse: &|| {} };
        then(&ruleset, &cart, &evaluate(&ruleset, &situation))
    }

    fn outcome_with(&self, sources: Vec<PromotionSource>) -> Outcome {
        self.with(sources, |ruleset, _, evaluation| Outcome::of(ruleset, evaluation))
    }

    fn outcome(&self) -> Outcome {
        self.outcome_with(self.sources())
    }
}

/// Steps through what promotions applied, in the order of their computation: calls `look` with each
/// one's definition and with what each line had left before it.
fn replay(
    scenario: &Scenario,
    outcome: &Outcome,
    mut look: impl FnMut(&Definition, &AppliedById, &[i128]) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let sources = scenario.sources();
    let mut left: Vec<i128> = scenario.cart.lines.iter().map(LineSpec::left).collect();
    if left.is_empty() {
        left.push(scenario.cart.amount_alone);
    }
    for applied in &outcome.applied {
        let source = sources.iter().find(|source| source.id == applied.id).expect("a promotion of the ruleset");
        look(&source.definition, applied, &left)?;
        for part in &applied.lines {
            left[part.line] -= part.discount.0;
        }
    }
    Ok(())
}

// ------------------------------------------------------------------------------------------------
// Properties
// ------------------------------------------------------------------------------------------------

/// The generators must not be vacuous: promotions apply, and of every kind.
#[test]
fn generated_promotions_apply() {
    const RUNS: u32 = 1_000;
    let mut runner = TestRunner::deterministic();
    let (mut one, mut two) = (0, 0);
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..RUNS {
        let scenario = scenario().new_tree(&mut runner).expect("a scenario").current();
        let outcome = scenario.outcome();
        one += u32::from(!outcome.applied.is_empty());
        two += u32::from(outcome.applied.len() > 1);
        replay(&scenario, &outcome, |definition, applied, _| {
            for feature in features(&scenario, definition, applied) {
                *seen.entry(feature).or_default() += 1;
            }
            Ok(())
        })
        .expect("a replay");
    }
    println!("of {RUNS} evaluations {one} apply a promotion, {two} several; applied: {seen:#?}");
    assert!(one * 100 > RUNS * 40, "only {one} of {RUNS} evaluations apply a promotion");
    assert!(two * 100 > RUNS * 10, "only {two} of {RUNS} evaluations apply several promotions");
    for feature in FEATURES {
        assert!(seen.contains_key(feature), "{feature} never applied");
    }
}

/// What [`generated_promotions_apply`] must see applied at least once.
const FEATURES: [&str; 22] = [
    "cart Absolute",
    "cart Percentage",
    "cart Fixed",
    "cart Even",
    "cart maxDiscount",
    "product Absolute",
    "product Percentage",
    "product Even",
    "product maxDiscount",
    "product per Line",
    "product per Unit",
    "product maxQuantity",
    "product maxQuantity per line",
    "product Dearest",
    "product selecting",
    "product including",
    "product with triggers",
    "code",
    "stage -1",
    "stage 2",
    "exclusive",
    "cart without items",
];

fn features(scenario: &Scenario, definition: &Definition, applied: &AppliedById) -> Vec<String> {
    let mut features: Vec<String> = vec![format!("stage {}", definition.stage)];
    let mut when = |holds: bool, feature: &str| {
        if holds {
            features.push(feature.to_owned());
        }
    };
    when(applied.promo_code.is_some(), "code");
    when(!definition.is_stackable, "exclusive");
    when(scenario.cart.lines.is_empty(), "cart without items");
    match &definition.action {
        Action::CartBased(action) => {
            when(true, &format!("cart {:?}", action.kind));
            when(true, &format!("cart {:?}", action.allocation));
            when(action.max_discount.is_some(), "cart maxDiscount");
        }
        Action::ProductBased(action) => {
            when(true, &format!("product {:?}", action.kind));
            when(true, &format!("product {:?}", action.allocation));
            when(true, &format!("product per {:?}", action.apply_per));
            when(true, &format!("product {:?}", action.selection));
            when(action.max_discount.is_some(), "product maxDiscount");
            when(action.max_quantity.is_some(), "product maxQuantity");
            let per_line = action.max_quantity.is_some() && action.max_quantity_per == QuantityPer::Line;
            when(per_line, "product maxQuantity per line");
            when(action.product_based_condition.is_some(), "product selecting");
            when(action.include_items_from_condition_set, "product including");
            let triggers = applied.lines.iter().any(|part| part.applied_quantity > part.discounted_quantity);
            when(triggers, "product with triggers");
        }
    }
    features
}

fn is_whole(value: i128, unit: i128) -> bool {
    value % unit == 0
}

/// Lines bounded by zero and by what they must cost at least; answers what is wrong.
fn check_bounds(scenario: &Scenario, outcome: &Outcome) -> Result<(), TestCaseError> {
    for (line, &discount) in scenario.cart.lines.iter().zip(&outcome.line_discounts) {
        prop_assert!((0..=line.left()).contains(&discount), "{line:?} loses {discount}");
        let floor = line.min_unit_price * line.quantity;
        if line.left() * ONE >= floor {
            prop_assert!((line.left() - discount) * ONE >= floor, "{line:?} loses {discount}");
        } else {
            prop_assert_eq!(discount, 0, "{:?} cost less than it must before", line);
        }
    }
    prop_assert!((0..=scenario.cart.amount()).contains(&outcome.total_discount));
    prop_assert!(outcome.payable_amount >= 0);
    Ok(())
}

/// The units of one application bounded by what they have left. Units that are no whole number of
/// minor units may be exceeded by less than one of them: the line as a whole never is.
fn check_unit_bounds(scenario: &Scenario, outcome: &Outcome) -> Result<(), TestCaseError> {
    let (minor, Some(first)) = (scenario.minor(), outcome.applied.first()) else { return Ok(()) };
    for part in &first.lines {
        let Some(line) = scenario.cart.lines.get(part.line) else { continue };
        let prices = is_whole(line.left() * ONE, line.quantity * minor) && is_whole(line.min_unit_price, minor);
        let whole = prices && is_whole(line.quantity, ONE);
        let room = (line.left() * ONE - line.min_unit_price * line.quantity).max(0);
        for (quantity, discount) in &part.runs {
            let units = (quantity.0 + ONE - 1) / ONE;
            let more = if whole && is_whole(quantity.0, ONE) { 0 } else { (units + 1) * minor };
            let most = quantity.0 * room + more * line.quantity * ONE;
            prop_assert!(discount.0 * line.quantity * ONE <= most, "{:?}: {:?}", line, part.runs);
        }
    }
    Ok(())
}

/// Parts that add up on every level, and the totals.
fn check_sums(cart: &Cart<'_>, evaluation: &Evaluation<'_>) -> Result<(), TestCaseError> {
    let mut by_line = vec![0; cart.lines.len()];
    for applied in &evaluation.applied {
        prop_assert!(applied.discount.0 > 0, "a promotion that gives nothing applies");
        prop_assert_eq!(applied.discount.0, applied.lines.iter().map(|part| part.discount.0).sum::<i128>());
        for part in &applied.lines {
            prop_assert_eq!(part.discount.0, part.runs.iter().map(|(_, discount)| discount.0).sum::<i128>());
            prop_assert_eq!(part.discounted_quantity.0, part.runs.iter().map(|(quantity, _)| quantity.0).sum::<i128>());
            prop_assert!(part.runs.iter().all(|(quantity, discount)| quantity.0 > 0 && discount.0 > 0));
            prop_assert!(part.discounted_quantity <= part.applied_quantity);
            if let Some(line) = cart.lines.get(part.line) {
                prop_assert!(part.applied_quantity <= line.quantity, "{:?} of {:?}", part, line);
                by_line[part.line] += part.discount.0;
            }
        }
        prop_assert!(applied.lines.windows(2).all(|pair| pair[0].line < pair[1].line), "a line has two parts");
    }
    prop_assert_eq!(&by_line, &evaluation.line_discounts.iter().map(|own| own.0).collect::<Vec<_>>());
    let total: i128 = evaluation.applied.iter().map(|applied| applied.discount.0).sum();
    prop_assert_eq!(evaluation.total_discount.0, total);
    let callers: i128 = cart.lines.iter().map(|line| line.discount.0).sum();
    let payable = cart.amount.0 - callers - total + cart.shipping_amount().0;
    prop_assert_eq!(evaluation.payable_amount.0, payable);
    Ok(())
}

/// A decimal string of the answer, in millionths.
fn decimal(value: &Value) -> i128 {
    let text = value.as_str().expect("a decimal string");
    let (integer, fraction) = text.split_once('.').expect("a point");
    assert_eq!(fraction.len(), 6, "{text}");
    format!("{integer}{fraction}").parse().expect("digits")
}

/// The same sums in the answer's JSON.
fn check_answer(answer: &Value) -> Result<(), TestCaseError> {
    let sum = |promotions: &Value| -> i128 {
        promotions.as_array().into_iter().flatten().map(|promotion| decimal(&promotion["discount"])).sum()
    };
    let items = answer["cartItems"].as_array().expect("cartItems");
    let on_lines: i128 = items.iter().map(|item| sum(&item["appliedPromotions"])).sum();
    prop_assert_eq!(on_lines + sum(&answer["appliedPromotions"]), decimal(&answer["totalDiscount"]));
    if !items.is_empty() {
        let allocated: i128 = items.iter().map(|item| decimal(&item["allocatedDiscount"])).sum();
        prop_assert_eq!(allocated, decimal(&answer["totalDiscount"]));
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(500))]

    /// "No unit, line, cart, shipping or tender goes below zero, no unit below its `minUnitPrice`",
    /// and the caller's own discount stands.
    #[test]
    fn nothing_goes_below_zero_or_its_least_price(scenario in scenario()) {
        let outcome = scenario.outcome();
        check_bounds(&scenario, &outcome)?;
        check_unit_bounds(&scenario, &outcome)?;
    }

    /// "parts always add up to the whole", "payableAmount = amount − Σ callers' discounts −
    /// totalDiscount + shipping".
    #[test]
    fn parts_add_up_on_every_level(scenario in scenario()) {
        scenario.with(scenario.sources(), |ruleset, cart, evaluation| {
            check_sums(cart, evaluation)?;
            let ids = AnswerIds::complete(cart, None, |line| format!("l{line}"), |tender| format!("t{tender}"));
            let answer = serde_json::to_value(Answer::new(ruleset, cart, evaluation, &ids)).expect("json");
            check_answer(&answer)
        })?;
    }
}

/// Makes lines that only their position tells apart equal in all: see the tie of the canonical
/// line order.
fn with_real_ties(scenario: &mut Scenario) {
    let lines = &mut scenario.cart.lines;
    for later in 0..lines.len() {
        if let Some(earlier) = (0..later).find(|&earlier| lines[earlier].ties_with(&lines[later])) {
            lines[later] = lines[earlier].clone();
        }
    }
}

/// What each kind of line gets, in all and of each promotion, whatever the order of the lines.
fn by_kind_of_line(scenario: &Scenario, outcome: &Outcome) -> Vec<String> {
    let mut kinds: Vec<String> = (scenario.cart.lines.iter().zip(&outcome.line_discounts).enumerate())
        .map(|(index, (line, discount))| {
            let mut kind = format!("{} loses {discount}", line.json());
            for applied in &outcome.applied {
                if let Some(part) = applied.lines.iter().find(|part| part.line == index) {
                    let units = format!("{} of {}", part.discounted_quantity, part.applied_quantity);
                    kind += &format!(", by {} {} on {units}", applied.id, part.discount);
                }
            }
            kind
        })
        .collect();
    kinds.sort();
    kinds
}

proptest! {
    #![proptest_config(cases(500))]

    /// "Lines in another order give the same discount for each line (with the default `remainder`)".
    /// Lines that are equal in everything may swap what they get.
    #[test]
    fn the_order_of_the_lines_does_not_matter(
        (scenario, shuffled) in scenario().prop_flat_map(|mut scenario| {
            scenario.settings["remainder"] = "LARGEST".into();
            with_real_ties(&mut scenario);
            let lines = Just(scenario.cart.lines.clone()).prop_shuffle();
            (Just(scenario), lines)
        })
    ) {
        let mut other = scenario.clone();
        other.cart.lines = shuffled;
        let (one, two) = (scenario.outcome(), other.outcome());
        prop_assert_eq!(by_kind_of_line(&scenario, &one), by_kind_of_line(&other, &two));
        prop_assert_eq!(one.payable_amount, two.payable_amount);
        prop_assert_eq!(one.code_logs, two.code_logs);
    }
}

/// Takes all that counts per line, and all that cuts units, out of settings or of a definition.
fn without_line_rewards(json: &mut Value) {
    match json {
        Value::Object(entries) => {
            let counts = entries.get("kpi").and_then(Value::as_str).is_some_and(|kpi| kpi.ends_with("QUANTITY"));
            for (key, value) in entries {
                let cut = value.to_string().contains('.');
                let replacement = match (key.as_str(), value.as_str()) {
                    ("applyPer" | "roundingLevel", Some("LINE")) => Some("UNIT"),
                    ("value", _) if counts && cut => Some("2"),
                    ("maxQuantity", _) if cut => Some("2"),
                    ("maxQuantityPer", Some("LINE")) => Some("CART"),
                    ("kpi", Some("LINE_QUANTITY")) => Some("QUANTITY"),
                    ("kpi", Some("LINE_AMOUNT")) => Some("AMOUNT"),
                    ("remainder", _) => Some("LARGEST"),
                    ("cartBasedAction", _) => {
                        value["allocation"] = "PROPORTIONAL".into();
                        None
                    }
                    _ => None,
                };
                match replacement {
                    Some(word) => *value = word.into(),
                    None => without_line_rewards(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_line_rewards),
        _ => {}
    }
}

/// A line of whole units, in two parts of whole units: prices are in hundredths.
fn parts_of_a_line() -> impl Strategy<Value = (LineSpec, LineSpec)> {
    let price = prop_oneof![2 => select(vec![1_00, 10_00, 9_99, 19_99]), 1 => 1..=3_000_i128];
    let discount_quarters = prop_oneof![3 => Just(0), 1 => 1..=4_i128];
    let least_tenths = prop_oneof![3 => Just(0), 1 => 1..=12_i128];
    (product(), price, 1..=4_i128, 1..=4_i128, discount_quarters, least_tenths).prop_map(
        |((sku, kind), price, first, second, discount_quarters, least_tenths)| {
            let part = |units: i128| LineSpec {
                sku,
                amount: units * price * CENT,
                quantity: units * ONE,
                discount: price * discount_quarters / 4 * units * CENT,
                min_unit_price: price * least_tenths / 10 * CENT,
                kind: kind.clone(),
            };
            (part(first), part(second))
        },
    )
}

fn joined(first: &LineSpec, second: &LineSpec) -> LineSpec {
    LineSpec {
        amount: first.amount + second.amount,
        quantity: first.quantity + second.quantity,
        discount: first.discount + second.discount,
        ..first.clone()
    }
}

/// Makes a line one of whole units, each of whole hundredths.
fn make_whole(line: &mut LineSpec) {
    let units = (line.quantity / ONE).max(1);
    let whole = |value: i128| value / units / CENT * CENT * units;
    line.quantity = units * ONE;
    (line.amount, line.discount) = (whole(line.amount), whole(line.discount));
    line.min_unit_price = line.min_unit_price / CENT * CENT;
}

/// A scenario with a line more, as one and in two parts, and nothing in it that counts per line.
/// The promotions are exclusive: where one builds on what another left, the minor units that a split
/// leaves over fall on other units of a split line, and the total may differ by them. Units are
/// whole and of whole minor units, since only a whole line can be taken to less than such.
fn one_line_and_two() -> impl Strategy<Value = (Scenario, Scenario)> {
    (scenario(), parts_of_a_line(), any::<Index>()).prop_map(|(mut scenario, (first, second), place)| {
        without_line_rewards(&mut scenario.settings);
        if scenario.minor() > CENT {
            scenario.settings["precision"] = Value::Null;
            scenario.cart.rest["currency"] = Value::Null;
        }
        for own in &mut scenario.promotions {
            without_line_rewards(&mut own.definition);
            own.definition["isStackable"] = false.into();
        }
        for line in &mut scenario.cart.lines {
            make_whole(line);
        }
        let mut split = scenario.clone();
        let place = place.index(scenario.cart.lines.len() + 1);
        scenario.cart.lines.insert(place, joined(&first, &second));
        split.cart.lines.insert(place, first);
        split.cart.lines.push(second);
        (scenario, split)
    })
}

proptest! {
    #![proptest_config(cases(500))]

    /// "a line split into two lines of the same SKU, unit price and attributes gives the same total
    /// (but for rewards per line)".
    #[test]
    fn a_line_in_two_parts_gets_the_same((one, two) in one_line_and_two()) {
        let (one, two) = (one.outcome(), two.outcome());
        prop_assert_eq!(one.total_discount, two.total_discount, "{:?}\n{:?}", one.applied, two.applied);
    }
}

proptest! {
    #![proptest_config(cases(300))]

    /// "pure, total, deterministic": the same twice, and whatever the order in which the promotions
    /// come, the ranking being a total order.
    #[test]
    fn the_same_inputs_give_the_same(
        (scenario, shuffled) in scenario().prop_flat_map(|scenario| {
            let shuffled = Just(scenario.promotions.clone()).prop_shuffle();
            (Just(scenario), shuffled)
        })
    ) {
        let outcome = scenario.outcome();
        prop_assert_eq!(&scenario.outcome(), &outcome);
        let mut other = scenario.clone();
        other.promotions = shuffled;
        let ruleset: HashMap<&str, &PromotionSpec> = other.promotions.iter().map(|own| (own.id.as_str(), own)).collect();
        prop_assert_eq!(ruleset.len(), scenario.promotions.len());
        // The codes unlock the promotions in the order they were created in: that stays.
        let sources = other.sources();
        prop_assert_eq!(&scenario.outcome_with(sources), &outcome);
    }
}

/// A definition that can't apply to any generated cart, exclusive and before all others.
fn unmet_definition() -> impl Strategy<Value = Value> {
    let change = select(vec![
        (
            "condition",
            json!({"type": "PRODUCT", "productCondition":
            {"criteriaList": [{"entity": "SKU", "operator": "IN", "values": ["z"]}]}}),
        ),
        (
            "condition",
            json!({"type": "PRODUCT", "productCondition":
            {"criteriaList": [{"entity": "CATEGORY", "operator": "IN", "values": ["z"]}], "kpi": "NONE"}}),
        ),
        (
            "condition",
            json!({"type": "CART", "cartCondition":
            {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 100_000}}),
        ),
        ("currency", json!("CHF")),
        ("endDate", json!(NOW - 1)),
        ("startDate", json!(NOW + 1)),
        ("type", json!("CODE")),
    ]);
    (definition(), change).prop_map(|(mut definition, (key, value))| {
        definition["type"] = "POS".into();
        definition["isStackable"] = false.into();
        definition["stage"] = json!(-5);
        definition["startDate"] = json!(NOW - DAY);
        definition["endDate"] = json!(NOW + DAY);
        if key == "currency" {
            definition["action"] = json!({"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": 1}});
        }
        if key == "type" {
            definition["isLoyaltyOnly"] = Value::Null;
        }
        definition[key] = value;
        definition
    })
}

proptest! {
    #![proptest_config(cases(300))]

    /// "a larger ruleset of promotions that do not match changes nothing".
    #[test]
    fn promotions_that_can_not_match_change_nothing(
        scenario in scenario(),
        unmet in prop::collection::vec((unmet_definition(), any::<Index>()), 1..=6),
    ) {
        let mut larger = scenario.clone();
        for (index, (definition, place)) in unmet.into_iter().enumerate() {
            let place = place.index(larger.promotions.len() + 1);
            // Code number 3 is none of those that a cart sends.
            let unmet = PromotionSpec { id: format!("a{index}"), created: 0, definition, code: CODES.len() };
            larger.promotions.insert(place, unmet);
        }
        prop_assert_eq!(larger.outcome(), scenario.outcome());
    }

    /// "`promo_get_promotion` gives back the normalized definition: feeding it to
    /// promo_create_promotion again gives the same promotion."
    #[test]
    fn a_normalized_definition_is_the_same_promotion(scenario in scenario()) {
        let mut normalized = scenario.clone();
        for (source, own) in scenario.sources().iter().zip(&mut normalized.promotions) {
            let text = serde_json::to_string(&source.definition).expect("json");
            own.definition = serde_json::from_str(&text).expect("json");
            for settings in [scenario.settings(), Settings::default()] {
                prop_assert_eq!(&Definition::parse(&own.definition, &settings).expect("a definition"), &source.definition);
            }
            prop_assert_eq!(&Definition::parse_normalized(&own.definition).expect("a definition"), &source.definition);
        }
        prop_assert_eq!(normalized.outcome(), scenario.outcome());
    }
}

/// `numerator / denominator` rounded to whole units of `minor`: schoolbook, for values of 0 or more.
fn rounded(numerator: i128, denominator: i128, mode: RoundingMode, minor: i128) -> i128 {
    let (below, rest, whole) =
        (numerator / (denominator * minor), numerator % (denominator * minor), denominator * minor);
    let up = match mode {
        RoundingMode::Up | RoundingMode::Ceiling => rest > 0,
        RoundingMode::Down | RoundingMode::Floor => false,
        RoundingMode::HalfUp => 2 * rest >= whole,
        RoundingMode::HalfDown => 2 * rest > whole,
        RoundingMode::HalfEven => 2 * rest > whole || (2 * rest == whole && below % 2 == 1),
    };
    (below + i128::from(up)) * minor
}

/// What a cart action gives: value of base, at most the maximum, rounded once, at most what there is.
fn cart_discount(scenario: &Scenario, action: &CartBasedAction, left: &[i128]) -> i128 {
    let settings = scenario.settings();
    let sum: i128 = left.iter().sum();
    let base = if settings.percentage_base == Base::Net { sum } else { scenario.cart.amount() };
    let hundred = 100 * ONE;
    let wanted = match action.kind {
        AmountKind::Absolute => action.value.0 * hundred,
        AmountKind::Fixed => (sum - action.value.0).max(0) * hundred,
        AmountKind::Percentage => base * action.value.0,
    };
    let clipped = action.max_discount.map_or(wanted, |max| wanted.min(max.0 * hundred));
    let floors = scenario.cart.lines.iter().map(|line| line.min_unit_price * line.quantity / ONE);
    let room: i128 = left.iter().zip(floors.chain([0])).map(|(left, floor)| (left - floor).max(0)).sum();
    let minor = scenario.minor();
    let most = action.max_discount.map_or(i128::MAX, |max| max.0 / minor * minor);
    rounded(clipped, hundred, settings.rounding, minor).min(most).min(room)
}

/// The scenario with every line and its least price in whole minor units.
fn in_minor_units(mut scenario: Scenario) -> Scenario {
    let minor = scenario.minor();
    let whole = |value: i128| value / minor * minor;
    scenario.cart.amount_alone = whole(scenario.cart.amount_alone);
    for line in &mut scenario.cart.lines {
        (line.amount, line.discount) = (whole(line.amount), whole(line.discount));
        let least = whole(line.min_unit_price);
        line.min_unit_price = if is_whole(least * line.quantity, minor * ONE) { least } else { 0 };
    }
    scenario
}

/// The most that a product action may give by its value alone, rounding left out.
fn most_by_value(scenario: &Scenario, action: &ProductBasedAction, applied: &AppliedById) -> i128 {
    let lines = scenario.cart.lines.len() as i128;
    let units: i128 = scenario.cart.lines.iter().map(|line| line.quantity).sum();
    match (action.kind, action.apply_per) {
        (AmountKind::Percentage, _) => scenario.cart.amount() * action.value.0 / (100 * ONE) + 1,
        (_, ApplyPer::Set) => action.value.0,
        (_, ApplyPer::Line) => action.value.0 * lines.min(applied.lines.len() as i128),
        (_, ApplyPer::Unit) => action.value.0 * units / ONE + 1,
    }
}

proptest! {
    #![proptest_config(cases(500))]

    /// "A discount is clipped to its base, to `maxDiscount`"; FIXED costs "never more than it did".
    #[test]
    fn a_discount_is_clipped_to_its_base_and_its_maximum(scenario in scenario()) {
        let (outcome, minor) = (scenario.outcome(), scenario.minor());
        replay(&scenario, &outcome, |definition, applied, left| {
            let (max, most) = match &definition.action {
                Action::CartBased(action) => (action.max_discount, left.iter().sum()),
                Action::ProductBased(action) => (action.max_discount, most_by_value(&scenario, action, applied)),
            };
            // Rounding is by less than a minor unit, once per unit at the most.
            let units: i128 = scenario.cart.lines.iter().map(|line| line.quantity / ONE + 1).sum();
            prop_assert!(applied.discount < most + minor * units.max(1), "{applied:?}");
            if let Some(max) = max {
                prop_assert!(applied.discount <= max.0, "maxDiscount {max:?}: {applied:?}");
            }
            Ok(())
        })?;
    }

    /// "A promotion's discount is rounded once, to `precision` with `rounding`": of cart promotions
    /// the very amount, and whole minor units of every line wherever the cart is in such.
    #[test]
    fn a_cart_promotion_gives_its_formula(scenario in scenario().prop_map(in_minor_units)) {
        let (outcome, minor) = (scenario.outcome(), scenario.minor());
        replay(&scenario, &outcome, |definition, applied, left| {
            prop_assert!(applied.lines.iter().all(|part| is_whole(part.discount.0, minor)), "{applied:?}");
            if let Action::CartBased(action) = &definition.action {
                prop_assert_eq!(applied.discount, cart_discount(&scenario, action, left), "{:?}", applied);
            }
            Ok(())
        })?;
    }
}

/// Where a promotion stands in the ranking of spec/evaluation.md 3.
fn compare_ranks(settings: &Settings, a: (&PromotionSource, i128), b: (&PromotionSource, i128)) -> Ordering {
    let ((one, one_alone), (two, two_alone)) = (a, b);
    let (first, second) = (&one.definition, &two.definition);
    let type_rank = |definition: &Definition| {
        let place = settings.type_ranking.iter().position(|own| *own == definition.promotion_type);
        place.unwrap_or(usize::MAX)
    };
    let mut order = first.stage.cmp(&second.stage);
    order = order.then(first.is_stackable.cmp(&second.is_stackable));
    order = order.then(type_rank(first).cmp(&type_rank(second)));
    for rule in &settings.ranking_strategy {
        order = order.then(match rule {
            RankingRule::EarliestExpiry => first.end_date.cmp(&second.end_date),
            RankingRule::Priority => first.priority.cmp(&second.priority),
            RankingRule::MaxDiscount => two_alone.cmp(&one_alone),
        });
    }
    order.then(one.created.cmp(&two.created)).then(one.id.cmp(&two.id))
}

/// What stands at which place in the order of computation of spec/evaluation.md 5.
fn phase(settings: &Settings, definition: &Definition) -> u8 {
    match (settings.evaluation_order, &definition.action) {
        (EvaluationOrder::Ranked, _) | (_, Action::ProductBased(_)) => 0,
        (_, Action::CartBased(_)) => 1,
    }
}

proptest! {
    #![proptest_config(cases(400))]

    /// "Forbidden together: an exclusive promotion (isStackable false) with any other", and with
    /// CART_FIRST "once one applies no line promotion does" in a stage.
    #[test]
    fn exclusive_promotions_stand_alone(scenario in scenario()) {
        let (outcome, settings) = (scenario.outcome(), scenario.settings());
        let mut stages: HashMap<i32, Vec<bool>> = HashMap::new();
        replay(&scenario, &outcome, |definition, applied, _| {
            prop_assert!(definition.is_stackable || outcome.applied.len() == 1, "{} is not alone", applied.id);
            stages.entry(definition.stage).or_default().push(applied.is_line_promotion);
            Ok(())
        })?;
        if settings.evaluation_order == EvaluationOrder::CartFirst {
            for kinds in stages.values() {
                prop_assert!(kinds.iter().all(|kind| *kind == kinds[0]), "cart and line promotions in one stage");
            }
        }
    }

    /// "Ranking, a total order" and "`RANKED`: walk the order; take a promotion if nothing taken
    /// forbids it and it gives more than zero": what applies was computed in rank order, stage by
    /// stage and part by part, and the first that gives anything alone applies.
    #[test]
    fn promotions_are_taken_in_rank_order(scenario in scenario()) {
        let (outcome, settings, sources) = (scenario.outcome(), scenario.settings(), scenario.sources());
        let mut ranked: Vec<(&PromotionSource, i128)> = sources
            .iter()
            .map(|source| (source, scenario.outcome_with(vec![source.clone()]).total_discount))
            .collect();
        ranked.sort_by(|a, b| compare_ranks(&settings, *a, *b));
        let place = |applied: &AppliedById| {
            let index = ranked.iter().position(|(source, _)| source.id == applied.id).expect("a promotion");
            let definition = &ranked[index].0.definition;
            (definition.stage, phase(&settings, definition), index)
        };
        let places: Vec<_> = outcome.applied.iter().map(place).collect();
        prop_assert!(places.is_sorted(), "{:?}", places);

        let Some((first, _)) = ranked.iter().find(|(_, alone)| *alone > 0) else {
            prop_assert_eq!(outcome.applied.len(), 0);
            return Ok(());
        };
        let applies = outcome.applied.iter().any(|applied| applied.id == first.id);
        let walked_first = settings.evaluation_order != EvaluationOrder::CartFirst;
        // A stackable cart promotion may be left nothing by line promotions computed before it.
        let stays = !first.definition.is_stackable || phase(&settings, &first.definition) == 0;
        prop_assert!(applies || !walked_first || !stays, "{} does not apply", first.id);
    }
}

// ------------------------------------------------------------------------------------------------
// Any input
// ------------------------------------------------------------------------------------------------

/// Words of the contract, so that arbitrary JSON gets past the first check now and then.
const WORDS: [&str; 40] = [
    "amount",
    "cartItems",
    "sku",
    "qty",
    "discount",
    "minUnitPrice",
    "categoryList",
    "brandList",
    "attributes",
    "promoCodes",
    "shipping",
    "customer",
    "customerId",
    "currency",
    "transactionDate",
    "cartTenders",
    "identifier",
    "name",
    "type",
    "condition",
    "action",
    "cartCondition",
    "productCondition",
    "cartBasedAction",
    "productBasedAction",
    "criteriaList",
    "anyOf",
    "entity",
    "operator",
    "values",
    "value",
    "kpi",
    "rounding",
    "precision",
    "rankingStrategy",
    "POS",
    "CART",
    "PRODUCT",
    "SUBTOTAL",
    "USD",
];

/// Texts that numbers, dates and words are read from.
fn any_text() -> impl Strategy<Value = String> {
    let odd = select(vec![
        "",
        "0",
        "-1",
        "1e5",
        "NaN",
        "1.0000001",
        "999999999999999.999999",
        "1000000000000000",
        "00.50",
        "2026-01-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "null",
        "\u{0}",
        "\u{fffd}",
        "ß",
        "\u{661}",
        "Europe/Berlin",
    ]);
    prop_oneof![
        3 => select(&WORDS[..]).prop_map(str::to_owned),
        3 => odd.prop_map(str::to_owned),
        1 => any::<String>(),
        1 => (240..260_usize).prop_map(|length| "é".repeat(length)),
    ]
}

/// Numbers as JSON can write them.
fn any_number() -> impl Strategy<Value = Value> {
    let odd = select(vec![
        "0",
        "-0",
        "-0.0",
        "1.0",
        "1e0",
        "1E+5",
        "1e-6",
        "1e-7",
        "1e400",
        "-1e-400",
        "1e99999999999",
        "9223372036854775808",
        "999999999999999.999999",
        "1000000000000000",
        "0.1234567",
        "170141183460469231731687303715884105728",
        "0.00000000000000000000000000000000000001",
        "123456789012345678901234567890.5",
    ]);
    prop_oneof![
        2 => odd.prop_map(|text| serde_json::from_str(text).expect("a number")),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        2 => (-5..50_i64).prop_map(Value::from),
    ]
}

/// Any JSON, also nested deeper than is allowed.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        3 => any_number(),
        3 => any_text().prop_map(Value::from),
    ];
    let tree = leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            2 => prop::collection::vec((any_text(), inner), 0..6)
                .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    });
    let deep = (20..80_usize, any::<bool>()).prop_map(|(depth, objects)| {
        (0..depth).fold(json!(1), |inner, _| if objects { json!({"anyOf": [inner]}) } else { json!([inner]) })
    });
    prop_oneof![9 => tree, 1 => deep]
}

/// How many values a JSON value has in it, itself included.
fn count_nodes(json: &Value) -> usize {
    1 + match json {
        Value::Array(items) => items.iter().map(count_nodes).sum(),
        Value::Object(entries) => entries.values().map(count_nodes).sum(),
        _ => 0,
    }
}

/// Replaces the value that comes `place`th, counted from the outermost; true when done.
fn replace_node(json: &mut Value, place: &mut usize, with: &Value) -> bool {
    if *place == 0 {
        *json = with.clone();
        return true;
    }
    *place -= 1;
    match json {
        Value::Array(items) => items.iter_mut().any(|item| replace_node(item, place, with)),
        Value::Object(entries) => entries.values_mut().any(|value| replace_node(value, place, with)),
        _ => false,
    }
}

/// Valid JSON with up to three values of it replaced.
fn mutated(valid: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let replacement = prop_oneof![1 => any_number(), 1 => any_text().prop_map(Value::from), 1 => any_json()];
    (valid, prop::collection::vec((any::<Index>(), replacement), 1..=3)).prop_map(|(mut json, replacements)| {
        for (index, with) in replacements {
            let mut place = index.index(count_nodes(&json));
            assert!(replace_node(&mut json, &mut place, &with));
        }
        json
    })
}

/// An error says something, and shows it with its path.
fn check_error(error: &InputError) -> Result<(), TestCaseError> {
    prop_assert!(!error.message().is_empty());
    prop_assert!(error.to_string().ends_with(error.message()));
    prop_assert!(error.to_string().starts_with(&error.path()));
    Ok(())
}

/// Evaluates a cart that parsed with one promotion that parsed.
fn evaluate_one(settings: &Settings, definition: Definition, cart: &Cart<'_>) -> Result<(), TestCaseError> {
    let source = PromotionSource { id: "p".to_owned(), version: 1, created: 0, definition };
    let ruleset = Ruleset::compile(settings.clone(), HashMap::new(), [source]);
    let facts = CodeFacts {
        uses: vec![CodeUse { promotion_id: "p".to_owned(), valid_from: None, valid_till: None }],
        ..CodeFacts::default()
    };
    let codes = vec![Some(facts); cart.promo_codes.len()];
    let situation = Situation { cart, instant: Instant(NOW), codes: &codes, pulse: &|| {} };
    let evaluation = evaluate(&ruleset, &situation);
    check_sums(cart, &evaluation)?;
    for (line, discount) in cart.lines.iter().zip(&evaluation.line_discounts) {
        prop_assert!((0..=line.amount.0 - line.discount.0).contains(&discount.0), "{:?} loses {}", line, discount);
    }
    let ids = AnswerIds::complete(cart, None, |line| format!("l{line}"), |tender| format!("t{tender}"));
    check_answer(&serde_json::to_value(Answer::new(&ruleset, cart, &evaluation, &ids)).expect("json"))
}

/// Reads the three inputs: each is refused with a message, or all together can be evaluated, and
/// the definition is its own normalized one.
fn check_any(settings: &Value, definition: &Value, request: &Value) -> Result<(), TestCaseError> {
    let settings = patched(settings);
    let definition = Definition::parse(definition, settings.as_ref().unwrap_or(&Settings::default()));
    let cart = Cart::parse(request);
    let errors = [settings.as_ref().err(), definition.as_ref().err(), cart.as_ref().err()];
    errors.into_iter().flatten().try_for_each(check_error)?;
    if let Ok(definition) = &definition {
        let normalized = serde_json::to_value(definition).expect("json");
        let again = Definition::parse_normalized(&normalized);
        prop_assert_eq!(again.as_ref(), Ok(definition), "{}", normalized);
    }
    match (settings, definition, cart) {
        (Ok(settings), Ok(definition), Ok(cart)) => evaluate_one(&settings, definition, &cart),
        _ => Ok(()),
    }
}

/// A valid request with everything in it that a request can have.
fn full_request() -> impl Strategy<Value = Value> {
    cart().prop_map(|cart| {
        let mut request = cart.json();
        request["cartTenders"] =
            json!([{"identifier": "Visa", "amount": "5.00"}, {"identifier": "Cash", "amount": 7.50}]);
        request["paymentVouchers"] = json!(["V"]);
        request["attributes"] = json!({"channel": "web", "n": [1, true]});
        request["customer"] = json!({"tier": "GOLD", "segments": ["s"], "attributes": {"age": 30},
            "programs": [{"loyaltyProgramId": 1, "programType": "TIER", "partnerProgramId": "p"}]});
        request["transactionDate"] = json!("2026-01-01T00:00:00Z");
        request["cartId"] = json!("cart");
        request
    })
}

proptest! {
    #![proptest_config(cases(1_000))]

    /// "no panic on any input": arbitrary JSON is refused with a message, or read.
    #[test]
    fn arbitrary_json_never_panics(json in any_json()) {
        check_any(&json, &json, &json)?;
    }

    /// The same for valid input with some values of it replaced.
    #[test]
    fn mutated_input_never_panics(
        settings in prop_oneof![3 => settings().boxed(), 1 => mutated(settings()).boxed()],
        definition in prop_oneof![2 => definition().boxed(), 1 => mutated(definition()).boxed()],
        request in prop_oneof![2 => full_request().boxed(), 1 => mutated(full_request()).boxed()],
    ) {
        check_any(&settings, &definition, &request)?;
    }
}

/// From the smallest to the largest that can be read, in millionths.
fn extreme(most: i128) -> impl Strategy<Value = i128> {
    prop_oneof![2 => Just(1), 2 => Just(most), 1 => Just(ONE), 1 => 1..=most, 1 => 1..=1_000_i128]
}

fn extreme_line() -> impl Strategy<Value = LineSpec> {
    let amount = prop_oneof![1 => Just(0), 9 => extreme(10_i128.pow(21) - 1)];
    let least = prop_oneof![2 => Just(0), 1 => extreme(10_i128.pow(21) - 1)];
    (product(), amount, extreme(10_i128.pow(15) - 1), 0..=4_i128, least).prop_map(
        |((sku, kind), amount, quantity, discount_quarters, min_unit_price)| LineSpec {
            sku,
            amount,
            quantity,
            discount: amount / 4 * (discount_quarters / 2),
            min_unit_price,
            kind,
        },
    )
}

/// Replaces the values, caps and quantities of an action by extreme ones.
fn with_extremes(definition: &mut Value, money: i128, quantity: i128) {
    let money = money / CENT * CENT;
    for key in ["cartBasedAction", "productBasedAction"] {
        let Some(action) = definition["action"].get_mut(key) else { continue };
        if action["type"] != "PERCENTAGE" {
            action["value"] = number(money);
        }
        if action.get("maxDiscount").is_some() {
            action["maxDiscount"] = number(money / 3 / CENT * CENT);
        }
        if action.get("maxQuantity").is_some() {
            action["maxQuantity"] = number(quantity);
        }
    }
}

/// A scenario of the smallest and the largest numbers.
fn extreme_scenario() -> impl Strategy<Value = Scenario> {
    let lines = prop::collection::vec(extreme_line(), 1..=6);
    (scenario(), lines, extreme(10_i128.pow(21) - 1), extreme(10_i128.pow(15) - 1)).prop_map(
        |(mut scenario, mut lines, money, quantity)| {
            // The sum of the lines has to be an amount that can be read.
            let most = (10_i128.pow(21) - 1) / lines.len() as i128;
            for line in &mut lines {
                line.amount = line.amount.min(most);
                line.discount = line.discount.min(line.amount);
            }
            scenario.cart.lines = lines;
            scenario.promotions.iter_mut().for_each(|own| with_extremes(&mut own.definition, money, quantity));
            scenario
        },
    )
}

proptest! {
    #![proptest_config(cases(300))]

    /// "no panic on any input that parsed", also where amounts and quantities are the smallest and
    /// the largest there are; bounds and sums hold there too. "a line of 1,000,000 costs no more
    /// than a line of 1".
    #[test]
    fn extreme_numbers_never_panic(scenario in extreme_scenario()) {
        let outcome = scenario.with(scenario.sources(), |ruleset, cart, evaluation| {
            check_sums(cart, evaluation).map(|()| Outcome::of(ruleset, evaluation))
        })?;
        check_bounds(&scenario, &outcome)?;
    }
}

// ------------------------------------------------------------------------------------------------
// Splits
// ------------------------------------------------------------------------------------------------

/// The largest-remainder method as a schoolbook has it, over single units: each part's proportion
/// rounded down, then one more for the largest remainders, ties to the earlier unit.
fn schoolbook_split(total: i128, weights: &[i128]) -> Vec<i128> {
    let sum: i128 = weights.iter().sum();
    let mut parts: Vec<i128> = weights.iter().map(|weight| total * weight / sum).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&index| (-(total * weights[index] % sum), index));
    let rest = total - parts.iter().sum::<i128>();
    order.iter().take(rest as usize).for_each(|&index| parts[index] += 1);
    parts
}

proptest! {
    #![proptest_config(cases(1_000))]

    /// "by the largest-remainder method", on runs of equal units as on the single units.
    #[test]
    fn splits_agree_with_the_schoolbook(
        total in 0..100_000_i128,
        runs in prop::collection::vec((1..30_i128, 1..500_i128), 1..10),
    ) {
        let units: Vec<i128> = runs.iter().flat_map(|&(count, weight)| vec![weight; count as usize]).collect();
        let shares: Vec<Share> = runs
            .iter()
            .map(|&(count, weight)| Share { count, weight: Exact::whole(weight), cap: i128::MAX / 1_000_000 })
            .collect();
        let split: Vec<i128> = largest_remainder(total, &shares)
            .iter()
            .zip(&shares)
            .flat_map(|(part, share)| (0..share.count).map(|unit| part.each + i128::from(unit < part.raised)))
            .collect();
        prop_assert_eq!(split, schoolbook_split(total, &units));
    }
}
