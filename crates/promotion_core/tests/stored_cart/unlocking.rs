//! What a cart is told to add unlocks the promotion: the cart with it is priced again.

use promotion_core::evaluation::Reason;
use promotion_core::money::shortest;
use promotion_core::stored_cart::SuggestedProducts;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::FileFailurePersistence;
use serde_json::{Value, json};

use crate::generated;
use crate::shop::{Shop, cart_is, combo, of_product, product, request, sku, tree, with};

const ONE: i128 = 1_000_000;
const CENT: i128 = 10_000;

/// Something to buy.
#[derive(Debug, Clone)]
struct Product {
    sku: String,
    category: Option<&'static str>,
    brand: Option<&'static str>,
    color: Option<String>,
    /// Of one unit, in millionths.
    price: i128,
}

/// What is on sale; few, so that conditions often name it.
fn on_sale(place: usize) -> Product {
    let (sku, category, brand, color, cents) = [
        ("a", Some("coffee"), Some("X"), Some("red"), 250),
        ("b", Some("toys"), Some("Y"), None, 1_000),
        ("c", Some("toys"), None, Some("blue"), 99),
        ("d", None, None, None, 1_990),
        ("e", Some("tea"), Some("X"), Some("red"), 1_000),
    ][place];
    Product { sku: sku.to_owned(), category, brand, color: color.map(str::to_owned), price: cents * CENT }
}

/// A line: what, and how many units of it in millionths.
#[derive(Debug, Clone)]
struct Line {
    product: Product,
    quantity: i128,
    /// More that it costs.
    more: i128,
}

impl Line {
    fn amount(&self) -> i128 {
        self.product.price * self.quantity / ONE + self.more
    }

    /// So much money's worth of it more, at about its price.
    fn grow(&mut self, missing: i128) {
        let amount = self.amount() + missing;
        self.quantity = (self.quantity + missing * ONE / self.product.price).max(1);
        self.more = amount - self.product.price * self.quantity / ONE;
    }

    fn json(&self) -> Value {
        let Product { sku, category, brand, color, .. } = &self.product;
        let attributes = color.as_ref().map_or_else(|| json!({}), |color| json!({ "color": color }));
        let list = |own: &Option<&str>| own.map_or_else(|| json!([]), |own| json!([own]));
        json!({"sku": sku, "qty": shortest(self.quantity), "amount": shortest(self.amount()),
            "categoryList": list(category), "brandList": list(brand), "attributes": attributes})
    }
}

fn asked(lines: &[Line]) -> Value {
    with(request(lines.iter().map(Line::json).collect()), json!({"shipping": {"amount": "4.9"}}))
}

fn any_cart() -> impl Strategy<Value = Vec<Line>> {
    // Quarters of units: amounts are exact.
    let quantity = prop_oneof![4 => (1..6_i128).prop_map(|units| units * 4), 1 => 1..20_i128];
    let line = (0..5_usize, quantity).prop_map(|(place, quarters)| Line {
        product: on_sale(place),
        quantity: quarters * ONE / 4,
        more: 0,
    });
    prop::collection::vec(line, 1..5)
}

/// One list of values that are wanted.
fn list() -> impl Strategy<Value = Value> {
    let listed = |entity: &'static str, values: &'static [&'static str]| {
        prop::sample::subsequence(values, 1..=values.len())
            .prop_map(move |values| json!({"entity": entity, "operator": "IN", "values": values}))
    };
    let color = listed("ATTRIBUTE", &["red", "blue", "green"]).prop_map(|mut own| {
        own["attributeName"] = "color".into();
        own
    });
    prop_oneof![
        3 => listed("SKU", &["a", "b", "c", "d", "z"]),
        2 => listed("CATEGORY", &["coffee", "drinks", "toys", "garden"]),
        1 => listed("BRAND", &["X", "Y", "Z"]),
        1 => color,
        1 => (listed("SKU", &["a", "b"]), listed("SKU", &["c", "z"])).prop_map(|(a, b)| json!({"anyOf": [a, b]})),
    ]
}

/// A criterion beside a list, which products can fulfil as well.
fn beside() -> impl Strategy<Value = Value> {
    prop_oneof![
        (select(vec!["LESS_THAN", "GREATER_THAN_OR_EQUAL"]), select(vec![5, 10]))
            .prop_map(|(operator, price)| json!({"entity": "UNIT_PRICE", "operator": operator, "values": [price]})),
        Just(json!({"entity": "ATTRIBUTE", "attributeName": "size", "operator": "NOT_IN", "values": ["L"]})),
        Just(json!({"entity": "ATTRIBUTE", "attributeName": "color", "operator": "IN", "values": ["red", "green"]})),
    ]
}

fn one_list() -> impl Strategy<Value = Value> {
    prop_oneof![1 => Just(json!([])), 5 => list().prop_map(|own| json!([own]))]
}

fn two_criteria() -> impl Strategy<Value = Value> {
    let lists = list().prop_filter("one list of each kind", |own| own["attributeName"] != "color");
    (lists, beside(), any::<bool>()).prop_map(
        |(own, beside, is_first)| {
            if is_first { json!([own, beside]) } else { json!([beside, own]) }
        },
    )
}

const MORE: [&str; 2] = ["GREATER_THAN_OR_EQUAL", "GREATER_THAN"];
const ALL: [&str; 5] = ["GREATER_THAN_OR_EQUAL", "GREATER_THAN", "EQUALS", "LESS_THAN", "LESS_THAN_OR_EQUAL"];

/// A value that a measure is compared with: counts of products are whole.
fn value(kpi: &'static str) -> BoxedStrategy<Value> {
    match kpi {
        "ITEMCOUNT" => (1..5_i128).prop_map(|count| shortest(count * ONE).into()).boxed(),
        "QUANTITY" | "LINE_QUANTITY" => (1..40_i128).prop_map(|quarters| shortest(quarters * ONE / 4).into()).boxed(),
        _ => prop_oneof![1..60_i128, (1..60_i128).prop_map(|tens| tens * 10)]
            .prop_map(|amount| shortest(amount * ONE).into())
            .boxed(),
    }
}

fn of_cart(operators: &'static [&'static str]) -> impl Strategy<Value = Value> {
    select(vec!["SUBTOTAL", "TOTAL", "QUANTITY", "ITEMCOUNT"])
        .prop_flat_map(move |kpi| (Just(kpi), select(operators), value(kpi)))
        .prop_map(|(kpi, operator, value)| cart_is(kpi, operator, value))
}

fn of_products(
    operators: &'static [&'static str],
    criteria: impl Strategy<Value = Value>,
) -> impl Strategy<Value = Value> {
    let kpis = vec!["QUANTITY", "AMOUNT", "ITEMCOUNT", "LINE_QUANTITY", "LINE_AMOUNT"];
    let measure = select(kpis).prop_flat_map(move |kpi| (Just(kpi), select(operators), value(kpi)));
    (criteria, measure)
        .prop_map(|(criteria, (kpi, operator, value))| of_product(product(criteria, kpi, operator, value)))
}

/// Parts that have no unit in common, each of whole units or of an amount: others are among [`whatever`].
fn of_bundles() -> impl Strategy<Value = Value> {
    let part = |skus: &'static [&'static str]| {
        prop_oneof![
            2 => (1..5_u32).prop_map(|count| product(json!([sku(skus)]), "QUANTITY", "GREATER_THAN_OR_EQUAL", count)),
            1 => (1..30_u32).prop_map(|amount| product(json!([sku(skus)]), "AMOUNT", "GREATER_THAN", amount)),
        ]
    };
    let parts = (part(&["a", "z"]), part(&["b"]), part(&["c", "d"]));
    (parts, 1..4_usize).prop_map(|((a, b, c), count)| combo(&[a, b, c][..count]))
}

/// A condition that more products never keep from holding.
fn growing() -> impl Strategy<Value = Value> {
    prop_oneof![of_cart(&MORE), of_products(&MORE, one_list()), of_bundles()]
}

fn simple() -> impl Strategy<Value = Value> {
    prop_oneof![of_cart(&ALL), of_products(&ALL, one_list())]
}

fn compound() -> impl Strategy<Value = Value> {
    let all = prop::collection::vec(growing(), 1..4).prop_map(|own| tree("ALL", &own));
    let any = prop::collection::vec(prop_oneof![simple(), of_bundles()], 1..4).prop_map(|own| tree("ANY", &own));
    let nested = (growing(), prop::collection::vec(growing(), 1..3))
        .prop_map(|(own, inner)| tree("ALL", &[own, tree("ANY", &inner)]));
    prop_oneof![of_bundles(), all, any, nested]
}

/// Conditions that more products may keep from holding, or whose parts share units.
fn whatever() -> impl Strategy<Value = Value> {
    let part = |own: Value| own["productCondition"].clone();
    let part = prop_oneof![
        3 => of_products(&ALL, one_list()).prop_map(part),
        1 => one_list().prop_map(|criteria| json!({ "criteriaList": criteria })),
    ];
    let bundles = prop::collection::vec(part, 1..4).prop_map(|parts| combo(&parts));
    let all = prop::collection::vec(simple(), 1..4).prop_map(|own| tree("ALL", &own));
    let not = (simple(), simple()).prop_map(|(own, not)| tree("ALL", &[own, tree("NOT", &[not])]));
    prop_oneof![bundles, all, not]
}

/// Promotions of these conditions, that take something off the cart or give units of it.
fn ruleset(condition: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Vec<Value>> {
    let action = prop_oneof![
        Just(json!({"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 10}})),
        Just(json!({"type": "FREE_PRODUCT", "freeProductAction": {"includeItemsFromConditionSet": true}})),
    ];
    prop::collection::vec((condition, action), 1..4).prop_map(|own| {
        let promotion = |(index, (condition, action)): (usize, (Value, Value))| {
            json!({"id": index.to_string(), "condition": condition, "action": action})
        };
        own.into_iter().enumerate().map(promotion).collect()
    })
}

/// Whether a promotion's condition holds on a cart: it applies, or something else is in its way.
fn holds(shop: &Shop, lines: &[Line], promotion_id: &str) -> bool {
    shop.priced(&asked(lines), |_, evaluation, priced| {
        let refused = evaluation.refused.iter().find(|own| *shop.ruleset.promotion(own.place).id == *promotion_id);
        match refused {
            Some(own) => !matches!(own.reason, Reason::ConditionNotMet(_)),
            None => priced.promotions.iter().any(|own| own.promotion_id == promotion_id),
        }
    })
}

/// Products that a suggestion names, one for each of its values.
fn named(own: &SuggestedProducts) -> Vec<Product> {
    let plain = |sku: &str| Product { sku: sku.to_owned(), category: None, brand: None, color: None, price: 3 * ONE };
    let place = |sku: &str| ["a", "b", "c", "d", "e"].iter().position(|known| *known == sku);
    let known =
        |text: &String| ["coffee", "drinks", "toys", "garden", "X", "Y", "Z"].into_iter().find(|own| own == text);
    match own.entity.as_str() {
        "ANY" => (0..5).map(on_sale).chain([plain("new")]).collect(),
        "SKU" => own.values.iter().map(|sku| place(sku).map_or_else(|| plain(sku), on_sale)).collect(),
        "CATEGORY" => own.values.iter().map(|value| Product { category: known(value), ..plain("new") }).collect(),
        "BRAND" => own.values.iter().map(|value| Product { brand: known(value), ..plain("new") }).collect(),
        _ => own.values.iter().map(|value| Product { color: Some(value.clone()), ..plain("new") }).collect(),
    }
}

/// The carts that have so much more of a product: one, or where a line counts alone one for each.
fn with_more(lines: &[Line], own: &SuggestedProducts, product: &Product, missing: i128) -> Vec<Vec<Line>> {
    let plus = |line: Line| lines.iter().cloned().chain([line]).collect::<Vec<_>>();
    let of = |quantity: i128| Line { product: product.clone(), quantity, more: 0 };
    let of_amount = || {
        let mut line = of(0);
        line.grow(missing);
        line
    };
    let grown = |by: &dyn Fn(&mut Line)| -> Vec<Vec<Line>> {
        let one = |index: usize| {
            let mut cart = lines.to_vec();
            by(&mut cart[index]);
            cart
        };
        (0..lines.len()).map(one).collect()
    };
    match own.kpi.as_str() {
        "QUANTITY" => vec![plus(of(missing))],
        "LINE_QUANTITY" => {
            let mut carts = grown(&|line| line.quantity += missing);
            carts.push(plus(of(missing)));
            carts
        }
        "LINE_AMOUNT" => {
            let mut carts = grown(&|line| line.grow(missing));
            carts.push(plus(of_amount()));
            carts
        }
        "ITEMCOUNT" => {
            let new = |sku: String| Line { product: Product { sku, ..product.clone() }, quantity: ONE, more: 0 };
            let skus: Vec<String> = match own.entity.as_str() {
                "SKU" => own
                    .values
                    .iter()
                    .filter(|sku| lines.iter().all(|line| line.product.sku != **sku))
                    .cloned()
                    .collect(),
                _ => (0..missing / ONE).map(|count| format!("new {count}")).collect(),
            };
            let there = skus.into_iter().take(usize::try_from(missing / ONE).expect("few")).map(new);
            vec![lines.iter().cloned().chain(there).collect()]
        }
        _ => vec![plus(of_amount())],
    }
}

/// Of distinct SKUs a cart may lack more than are named: nothing unlocks those.
fn is_impossible(lines: &[Line], own: &SuggestedProducts) -> bool {
    let is_new = |sku: &&String| lines.iter().all(|line| line.product.sku != **sku);
    let new = own.values.iter().filter(is_new).count();
    own.kpi == "ITEMCOUNT" && own.entity == "SKU" && (new as i128) * ONE < own.amount.0
}

fn suggestions(shop: &Shop, lines: &[Line]) -> Vec<SuggestedProducts> {
    shop.priced(&asked(lines), |_, _, priced| priced.suggestions.clone())
}

/// Each suggestion is of a promotion whose condition does not hold, and with what is missing of the products that
/// are named it does.
fn assert_unlocked(shop: &Shop, lines: &[Line], by: By) -> Result<(), TestCaseError> {
    for own in suggestions(shop, lines) {
        prop_assert!(!holds(shop, lines, &own.promotion_id), "it held before: {own:?}");
        let unlocks = |product: Product| {
            // What a product costs is not known: it may be too dear for what else is asked.
            let prices = match by {
                By::Each => vec![product.price],
                // A cheap unit, a dear one, and one that costs all that is missing.
                By::Some => vec![product.price, CENT, 20 * ONE, own.amount.0],
            };
            prices.into_iter().any(|price| {
                let carts = with_more(lines, &own, &Product { price, ..product.clone() }, own.amount.0);
                carts.iter().any(|cart| holds(shop, cart, &own.promotion_id))
            })
        };
        let mut products = named(&own).into_iter();
        let is_unlocked = match by {
            By::Each => products.all(unlocks),
            By::Some => products.any(unlocks),
        };
        prop_assert!(is_unlocked || is_impossible(lines, &own), "{own:?}");
    }
    Ok(())
}

/// Whether each of the products that are named has to unlock a promotion, or one of them.
#[derive(Clone, Copy)]
enum By {
    Each,
    Some,
}

fn cases(count: u32) -> ProptestConfig {
    ProptestConfig {
        cases: generated::hunted().unwrap_or(count),
        rng_seed: generated::seed(),
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("proptest-regressions"))),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn what_a_simple_condition_lacks(promotions in ruleset(simple()), lines in any_cart()) {
        let shop = Shop::new(&promotions);
        assert_unlocked(&shop, &lines, By::Each)?;
        for own in suggestions(&shop, &lines) {
            // And it is no more than that: a step less unlocks nothing.
            let step = if own.kpi.ends_with("QUANTITY") || own.kpi == "ITEMCOUNT" { ONE } else { CENT };
            if own.amount.0 > step && !is_impossible(&lines, &own) {
                for product in named(&own) {
                    let carts = with_more(&lines, &own, &product, own.amount.0 - step);
                    prop_assert!(!carts.iter().any(|cart| holds(&shop, cart, &own.promotion_id)), "{own:?}");
                }
            }
        }
    }

    #[test]
    fn what_a_compound_condition_lacks(promotions in ruleset(compound()), lines in any_cart()) {
        assert_unlocked(&Shop::new(&promotions), &lines, By::Each)?;
    }

    #[test]
    fn what_any_condition_lacks(promotions in ruleset(whatever()), lines in any_cart()) {
        assert_unlocked(&Shop::new(&promotions), &lines, By::Some)?;
    }

    /// What is in question and lacks more of one thing is suggested.
    #[test]
    fn nothing_that_could_be_unlocked_is_left_out(
        condition in prop_oneof![of_cart(&MORE), of_products(&MORE, one_list())],
        lines in any_cart(),
    ) {
        let shop = Shop::new(&[json!({"id": "p", "condition": condition})]);
        let is_refused = shop.priced(&asked(&lines), |_, evaluation, _| {
            evaluation.refused.iter().any(|own| matches!(own.reason, Reason::ConditionNotMet(_)))
        });
        let is_of_cart = condition["type"] == "CART";
        prop_assert!(!holds(&shop, &lines, "p") || suggestions(&shop, &lines).is_empty());
        // There may be too few products for so many different ones.
        let is_of_named = condition["productCondition"]["kpi"] == "ITEMCOUNT";
        if !is_of_named && (is_refused || (is_of_cart && !holds(&shop, &lines, "p"))) {
            prop_assert_eq!(suggestions(&shop, &lines).len(), 1);
        }
    }

    /// Criteria beside the one that is shown say more of the products: some of those that are named unlock it.
    #[test]
    fn of_several_criteria_some_product_fits(
        condition in of_products(&MORE, two_criteria()),
        lines in any_cart(),
    ) {
        let shop = Shop::new(&[json!({"id": "p", "condition": condition})]);
        for own in suggestions(&shop, &lines) {
            let kinds = |product: Product| {
                let colors = [None, Some("red"), Some("blue")];
                let priced = move |price: i128| {
                    let product = product.clone();
                    colors.map(move |color| {
                        let color = color.map(str::to_owned).or(product.color.clone());
                        Product { price, color, ..product.clone() }
                    })
                };
                [ONE, 7 * ONE, 20 * ONE].into_iter().flat_map(priced).collect::<Vec<_>>()
            };
            // In all categories, of all brands.
            let categories = [Some("coffee"), Some("drinks"), Some("toys"), Some("garden")];
            let with_category = |product: Product| {
                let of = move |brand: &'static str| {
                    let product = Product { brand: product.brand.or(Some(brand)), ..product.clone() };
                    categories.map(move |own| Product { category: product.category.or(own), ..product.clone() })
                };
                ["X", "Y", "Z"].into_iter().flat_map(of).collect::<Vec<_>>()
            };
            let unlocks = |product: Product| {
                with_more(&lines, &own, &product, own.amount.0).iter().any(|cart| holds(&shop, cart, "p"))
            };
            let unlocked = named(&own).into_iter().flat_map(kinds).flat_map(with_category).any(unlocks);
            prop_assert!(unlocked || is_impossible(&lines, &own), "{own:?}");
        }
    }
}
