//! How long an evaluation takes, on promotions and carts made up from a fixed seed:
//!
//! - a grid of live promotions and lines with the same 20 candidates everywhere: time has to follow
//!   candidates × lines, not live promotions;
//! - BEST with 20 candidates that are in one another's way, each set in its own manner;
//! - what a ruleset costs to compile and to keep.
//!
//! `cargo bench -p promotion_core --bench evaluation [-- grid|best|compile]` prints criterion's report of each
//! and the tables at the end. Criterion, because ids are made at run time and `iter_custom` hands over the
//! samples that the tables are made of: divan, which needs two crates less, has neither.

#![allow(unsafe_code, reason = "an allocator is unsafe to implement")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, OnceCell};
use std::collections::HashMap;
use std::hint::black_box;
use std::time::{Duration, Instant as Clock};

use criterion::{BenchmarkId, Criterion};
use promotion_core::cart::Cart;
use promotion_core::definition::Definition;
use promotion_core::evaluate::{Situation, evaluate};
use promotion_core::instant::Instant;
use promotion_core::json::{REQUEST_LIMITS, read};
use promotion_core::ruleset::{PromotionSource, Ruleset};
use promotion_core::settings::{Settings, SettingsPatch};
use serde_json::{Value, json};

/// Counts the bytes that are allocated and not freed.
struct Counting;

thread_local! {
    static ALLOCATED: Cell<isize> = const { Cell::new(0) };
}

// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.set(ALLOCATED.get() + layout.size() as isize);
        // SAFETY: the caller's promise is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        ALLOCATED.set(ALLOCATED.get() - layout.size() as isize);
        // SAFETY: the caller's promise is the same.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATED.set(ALLOCATED.get() + size as isize - layout.size() as isize);
        // SAFETY: the caller's promise is the same.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const LIVE: [usize; 5] = [10, 100, 1_000, 10_000, 100_000];
const LINES: [usize; 4] = [1, 10, 100, 1_000];
const CANDIDATES: usize = 20;

/// 100,000 live promotions may take so much longer than 100, at the same number of candidates.
const MOST_GROWTH: f64 = 1.5;

/// BEST with 20 candidates that are in one another's way may take so long.
const MOST_FOR_BEST: Duration = Duration::from_millis(1);

/// 2026-06-01T00:00:00Z
const AT: Instant = Instant(1_780_272_000_000);

/// Numbers that look random and are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    /// Up to `most` numbers below a bound that are let through.
    fn some(&mut self, most: usize, bound: usize, lets: impl Fn(usize) -> bool) -> Vec<usize> {
        let count = 1 + self.below(most);
        std::iter::repeat_with(|| self.below(bound)).filter(|number| lets(*number)).take(count).collect()
    }
}

/// The assortment: 10,000 SKUs, each of one of 200 categories and of one of 500 brands. Carts are of its
/// first 20 categories, which are 1,000 SKUs of 100 brands.
mod assortment {
    pub const SKUS: usize = 10_000;
    pub const CATEGORIES: usize = 200;
    pub const BRANDS: usize = 500;

    pub fn sku_in_carts(sku: usize) -> bool {
        sku % CATEGORIES < 20
    }

    pub fn category_in_carts(category: usize) -> bool {
        category < 20
    }

    pub fn brand_in_carts(brand: usize) -> bool {
        brand % 100 < 20
    }
}

fn product(entity: &str, values: &[String]) -> Value {
    json!({"criteriaList": [{"entity": entity, "operator": "IN", "values": values}], "kpi": "NONE"})
}

fn at_least(entity: &str, values: &[String], quantity: usize) -> Value {
    json!({
        "criteriaList": [{"entity": entity, "operator": "IN", "values": values}],
        "kpi": "QUANTITY", "operator": "GREATER_THAN_OR_EQUAL", "value": quantity,
    })
}

fn if_product(condition: &Value) -> Value {
    json!({"type": "PRODUCT", "productCondition": condition})
}

fn if_amount(amount: usize) -> Value {
    let condition = json!({"kpi": "SUBTOTAL", "operator": "GREATER_THAN_OR_EQUAL", "value": amount});
    json!({"type": "CART", "cartCondition": condition})
}

fn off_products(kind: &str, value: f64) -> Value {
    json!({"type": "PRODUCT_BASED", "productBasedAction": {"type": kind, "value": value.to_string()}})
}

fn off_cart(kind: &str, value: f64) -> Value {
    json!({"type": "CART_BASED", "cartBasedAction": {"type": kind, "value": value.to_string()}})
}

/// One unit of those that the condition matched is free.
fn one_free(condition: &Value) -> Value {
    let mut one = condition.clone();
    (one["kpi"], one["operator"], one["value"]) = (json!("QUANTITY"), json!("EQUALS"), json!(1));
    let selecting = json!({"type": "PRODUCT", "productCondition": one});
    json!({
        "type": "FREE_PRODUCT",
        "freeProductAction": {"includeItemsFromConditionSet": true, "productBasedCondition": selecting},
    })
}

fn definition(name: &str, end_month: usize, condition: Value, action: Value) -> Value {
    json!({
        "name": name, "type": "POS", "isStackable": true,
        "startDateISO": "2020-01-01T00:00:00Z", "endDateISO": format!("2027-{end_month:02}-01T00:00:00Z"),
        "condition": condition, "action": action,
    })
}

fn names(prefix: char, numbers: impl IntoIterator<Item = usize>) -> Vec<String> {
    numbers.into_iter().map(|number| format!("{prefix}{number}")).collect()
}

/// A promotion of the grid, of those that carts of the grid fulfil or of the others. Of ten, four are for
/// SKUs, three for categories, two for brands, and one for carts of some amount.
fn of_grid(number: usize, matching: bool, random: &mut Random) -> Value {
    use assortment::{BRANDS, CATEGORIES, SKUS, brand_in_carts, category_in_carts, sku_in_carts};
    let mut keys = |most: usize, bound: usize, in_carts: fn(usize) -> bool| {
        let mut keys = random.some(most, bound, |key| in_carts(key) == matching);
        if matching {
            // What every cart has.
            keys.push(0);
        }
        keys
    };
    let (entity, values) = match number % 10 {
        0 | 3 | 6 | 8 => ("SKU", names('s', keys(20, SKUS, sku_in_carts))),
        1 | 4 | 7 => ("CATEGORY", names('c', keys(3, CATEGORIES, category_in_carts))),
        2 | 5 => ("BRAND", names('b', keys(5, BRANDS, brand_in_carts))),
        _ => {
            let action = if random.below(2) == 0 { off_cart("PERCENTAGE", 3.0) } else { off_cart("ABSOLUTE", 2.5) };
            let least = if matching { 1 } else { 10_000_000 + random.below(10_000_000) };
            return definition(&format!("p{number}"), 1 + random.below(12), if_amount(least), action);
        }
    };
    let (condition, action) = match random.below(4) {
        0 => (product(entity, &values), off_products("ABSOLUTE", 1.5)),
        1 => {
            let condition = at_least(entity, &values, 3);
            let action = one_free(&condition);
            (condition, action)
        }
        _ => (product(entity, &values), off_products("PERCENTAGE", (3 + random.below(8)) as f64)),
    };
    definition(&format!("p{number}"), 1 + random.below(12), if_product(&condition), action)
}

fn settings(patch: &Value) -> Settings {
    let patch: SettingsPatch<'_> = read(patch, REQUEST_LIMITS).expect("settings");
    Settings::default().patched(&patch).expect("settings")
}

fn sources(definitions: impl Iterator<Item = Value>, settings: &Settings) -> Vec<PromotionSource> {
    let source = |(number, definition): (usize, Value)| PromotionSource {
        id: format!("{number:08x}-0000-4000-8000-000000000000"),
        version: 1,
        created: number as i64,
        definition: Definition::parse(&definition, settings).unwrap_or_else(|error| panic!("{error} in {definition}")),
    };
    definitions.enumerate().map(source).collect()
}

/// The grid's promotions: 20 that its carts fulfil, or all where there are fewer, and others.
fn grid_sources(live: usize) -> Vec<PromotionSource> {
    let mut random = Random(20_260_601);
    sources((0..live).map(|number| of_grid(number, number < CANDIDATES, &mut random)), &Settings::default())
}

/// A cart of some of the assortment's SKUs.
fn request(lines: usize) -> Value {
    let mut random = Random(lines as u64);
    let mut amount = 0;
    let items: Vec<Value> = (0..assortment::SKUS)
        .filter(|&sku| assortment::sku_in_carts(sku))
        .take(lines)
        .map(|sku| {
            let quantity = 4 + random.below(5);
            let cents = quantity * (500 + random.below(20_000));
            amount += cents;
            json!({
                "sku": format!("s{sku}"), "qty": quantity, "amount": decimal(cents),
                "categoryList": [format!("c{}", sku % assortment::CATEGORIES)],
                "brandList": [format!("b{}", sku % assortment::BRANDS)],
            })
        })
        .collect();
    json!({"amount": decimal(amount), "cartItems": items})
}

fn decimal(cents: usize) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// Sets of 20 promotions that are in one another's way, by what keeps them from applying together, with the
/// settings that they need.
fn best_sets() -> Vec<(&'static str, Value, Vec<Value>)> {
    let best = |more: Value| {
        let mut settings = json!({"selection": "BEST"});
        settings.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        settings
    };
    let exclusive = (0..CANDIDATES).map(|number| mixed(number, json!({"isStackable": false})));
    let in_groups = |scope: &str| -> Vec<Value> {
        let group = |number: usize| json!({"name": format!("group {}", number / 4), "scope": scope});
        (0..CANDIDATES).map(|number| mixed(number, json!({"exclusionGroups": [group(number)]}))).collect()
    };
    let percentages = |number: usize| {
        let categories = names('c', [number % 5, (number * 3 + 1) % 5]);
        let condition = if_product(&product("CATEGORY", &categories));
        definition(&format!("p{number}"), 1 + number % 12, condition, off_products("PERCENTAGE", 3.0 + number as f64))
    };
    let of_one_group = |number: usize| {
        let mut whole = if number % 4 == 1 { mixed(number, json!({})) } else { percentages(number) };
        whole["exclusionGroups"] = json!([{"name": "one", "scope": "LINE"}]);
        whole
    };
    vec![
        ("exclusive", best(json!({})), exclusive.collect()),
        ("CART groups", best(json!({})), in_groups("CART")),
        ("percentages NET", best(json!({"percentageBase": "NET"})), (0..CANDIDATES).map(percentages).collect()),
        ("LINE groups", best(json!({})), in_groups("LINE")),
        ("one LINE group", best(json!({})), (0..CANDIDATES).map(of_one_group).collect()),
        (
            "3 a cart",
            best(json!({"maxStackedPerCart": 3})),
            (0..CANDIDATES).map(|number| mixed(number, json!({}))).collect(),
        ),
        ("one a line", best(json!({"singlePromotionPerLineItem": true})), (0..CANDIDATES).map(percentages).collect()),
    ]
}

/// In turn a percentage, an amount, a free product and a bundle at a price, on categories that overlap.
fn mixed(number: usize, more: Value) -> Value {
    let (turn, group) = (number % 4, number / 4);
    let categories = names('c', [group, (group + 1 + number % 3) % 5]);
    let matching = product("CATEGORY", &categories);
    let (condition, action) = match turn {
        0 => (if_product(&matching), off_products("PERCENTAGE", 8.0 + 1.5 * group as f64)),
        1 if group % 2 == 0 => (if_amount(50), off_cart("ABSOLUTE", 9.0 + group as f64)),
        1 => (if_product(&matching), off_products("ABSOLUTE", 12.0 + group as f64)),
        2 => {
            let three = at_least("CATEGORY", &categories, 3);
            let free = one_free(&three);
            (if_product(&three), free)
        }
        _ => {
            let parts: Vec<Value> =
                categories.iter().map(|category| product("CATEGORY", std::slice::from_ref(category))).collect();
            (
                json!({"type": "COMBO_PRODUCT", "comboProductCondition": {"productConditions": parts}}),
                json!({"type": "FIXED_PRICE", "fixedPriceAction": {"value": 35 + group}}),
            )
        }
    };
    let mut whole = definition(&format!("p{number}"), 1 + number % 12, condition, action);
    whole.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    whole
}

/// Ten lines of five categories.
fn best_request() -> Value {
    let mut random = Random(10);
    let mut amount = 0;
    let items: Vec<Value> = (0..10)
        .map(|line| {
            let quantity = 1 + random.below(6);
            let cents = quantity * (799 + random.below(4_000));
            amount += cents;
            let category = format!("c{}", line % 5);
            json!({"sku": format!("s{line}"), "qty": quantity, "amount": decimal(cents), "categoryList": [category]})
        })
        .collect();
    json!({"amount": decimal(amount), "cartItems": items})
}

/// Benches something and answers the median of its samples, in nanoseconds; None where it is not to be run.
/// What `prepare` answers is called so often and answers how long that took.
fn median<R: FnMut(u64) -> Duration>(
    criterion: &mut Criterion,
    (group, id): (&str, BenchmarkId),
    samples: usize,
    prepare: impl FnOnce() -> R,
) -> Option<f64> {
    let mut prepare = Some(prepare);
    let mut run = None;
    let mut found: Vec<f64> = Vec::new();
    let mut group = criterion.benchmark_group(group);
    group.sample_size(samples);
    group.bench_function(id, |bencher| {
        if let Some(prepare) = prepare.take() {
            run = Some(prepare());
        }
        bencher.iter_custom(|count| {
            let elapsed = run.as_mut().map_or(Duration::ZERO, |run| run(count));
            found.push(elapsed.as_nanos() as f64 / count as f64);
            elapsed
        });
    });
    group.finish();
    found.sort_unstable_by(f64::total_cmp);
    found.get(found.len() / 2).copied()
}

/// How long something takes so often.
fn timed<T>(mut run: impl FnMut() -> T) -> impl FnMut(u64) -> Duration {
    move |count| {
        let start = Clock::now();
        for _ in 0..count {
            black_box(run());
        }
        start.elapsed()
    }
}

fn text(nanoseconds: f64) -> String {
    match nanoseconds {
        _ if nanoseconds < 1e6 => format!("{:.1} µs", nanoseconds / 1e3),
        _ if nanoseconds < 1e9 => format!("{:.2} ms", nanoseconds / 1e6),
        _ => format!("{:.2} s", nanoseconds / 1e9),
    }
}

fn grid(criterion: &mut Criterion) -> String {
    let compiled = LIVE.map(|_| OnceCell::new());
    let mut table = format!("{:>10}", "lines");
    LIVE.iter().for_each(|live| table += &format!("{:>12}", format!("{live} live")));
    table += "  100,000 / 100\n";
    for lines in LINES {
        let request = request(lines);
        let cart = Cart::parse(&request).expect("a cart");
        let situation = Situation::new(&cart, AT);
        let medians: Vec<Option<f64>> = LIVE
            .iter()
            .zip(&compiled)
            .map(|(&live, compiled)| {
                let id = BenchmarkId::new(format!("{live} live"), format!("{lines} lines"));
                median(criterion, ("grid", id), 50, || {
                    let ruleset = compiled
                        .get_or_init(|| Ruleset::compile(Settings::default(), HashMap::new(), grid_sources(live)));
                    let looked_at = evaluate(ruleset, &Situation { explain: true, ..situation });
                    let candidates = looked_at.applied.len() + looked_at.refused.len();
                    assert_eq!(candidates, live.min(CANDIDATES), "others are looked at");
                    timed(move || evaluate(ruleset, &situation))
                })
            })
            .collect();
        table += &format!("{lines:>10}");
        medians.iter().for_each(|found| table += &format!("{:>12}", found.map_or_else(|| "-".to_owned(), text)));
        if let [_, Some(few), .., Some(many)] = medians.as_slice() {
            let ratio = many / few;
            let verdict = if ratio <= MOST_GROWTH { "within" } else { "NOT within" };
            table += &format!("  {ratio:.2}, {verdict} {MOST_GROWTH}");
        }
        table.push('\n');
    }
    table
}

fn best(criterion: &mut Criterion) -> String {
    let request = best_request();
    let cart = Cart::parse(&request).expect("a cart");
    let situation = Situation::new(&cart, AT);
    let mut table = format!("{:<18}{:>10}{:>9}  optimal  applied\n", "BEST of 20", "median", "nodes");
    for (name, patch, definitions) in best_sets() {
        let settings = settings(&patch);
        let sources = sources(definitions.into_iter(), &settings);
        let ruleset = Ruleset::compile(settings, HashMap::new(), sources);
        let once = evaluate(&ruleset, &Situation { explain: true, ..situation });
        assert_eq!(once.applied.len() + once.refused.len(), CANDIDATES, "{name}");
        let search = once.search.expect("BEST");
        let run = || timed(|| evaluate(&ruleset, &situation));
        let Some(found) = median(criterion, ("best", BenchmarkId::from_parameter(name)), 50, run) else { continue };
        let verdict = if found <= MOST_FOR_BEST.as_nanos() as f64 { "" } else { "  MORE than 1 ms" };
        let (optimal, applied) = (if search.optimal { "yes" } else { "NO" }, once.applied.len());
        table += &format!("{name:<18}{:>10}{:>9}  {optimal:<7}  {applied}{verdict}\n", text(found), search.nodes);
    }
    table
}

fn compile(criterion: &mut Criterion) -> String {
    let mut table = format!("{:<18}{:>10}  bytes each\n", "compiling", "median");
    for live in [10_000, 100_000] {
        let mut bytes = 0;
        let found = median(criterion, ("compile", BenchmarkId::from_parameter(live)), 10, || {
            let before = ALLOCATED.get();
            let ruleset = Ruleset::compile(Settings::default(), HashMap::new(), grid_sources(live));
            bytes = (ALLOCATED.get() - before) / live as isize;
            drop(ruleset);
            let sources = grid_sources(live);
            // Without the time that it takes to copy what is compiled, and to drop what comes out.
            let once = move || {
                let sources = sources.clone();
                let start = Clock::now();
                let ruleset = Ruleset::compile(Settings::default(), HashMap::new(), sources);
                let elapsed = start.elapsed();
                drop(black_box(ruleset));
                elapsed
            };
            move |count| (0..count).map(|_| once()).sum()
        });
        let Some(found) = found else { continue };
        table += &format!("{:<18}{:>10}  {bytes}\n", format!("{live} promotions"), text(found));
    }
    table
}

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let tables = [grid(&mut criterion), best(&mut criterion), compile(&mut criterion)];
    println!("\n{}", tables.join("\n"));
}
