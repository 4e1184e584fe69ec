//! What requests change of a cart's lines: set, added, removed, numbered, priced.

use promotion_core::rounding::{Rounding, RoundingMode};
use promotion_core::stored_cart::{Changes, Content, Item, ItemChanges, NewCart};
use serde_json::{Value, json};

use crate::kept::{cents, changed, currency, ids, lines, made, units};

fn three() -> Content {
    made(json!({"items": [
        {"sku": "A", "quantity": 1, "price": {"base": 10}, "categoryList": ["x"], "attributes": {"k": 1}},
        {"sku": "B", "quantity": 2, "price": {"base": 5, "sale": 4}},
        {"sku": "C", "quantity": 3, "price": {"base": 1}},
    ]}))
}

fn item(sku: &str) -> Value {
    json!({"sku": sku, "quantity": 1, "price": {"base": 1}})
}

fn named(id: &str) -> Value {
    json!({"lineItemId": id, "sku": id, "quantity": 1, "price": {"base": 1}})
}

fn positions(content: &Content) -> Vec<i32> {
    content.items.iter().map(|item| item.position).collect()
}

#[test]
fn lines_without_an_id_get_the_next_number() {
    assert_eq!(ids(&three()), ["1", "2", "3"]);
    let numbered = made(json!({"items": [item("A"), named("7"), item("B"), named("x"), named("3"), item("C")]}));
    assert_eq!(ids(&numbered), ["8", "7", "9", "x", "3", "10"]);
    assert_eq!(positions(&numbered), [1, 2, 3, 4, 5, 6]);
    let more = changed(&numbered, json!({"addItems": [item("D"), named("20"), item("E")]}));
    assert_eq!(ids(&more), ["8", "7", "9", "x", "3", "10", "21", "20", "22"]);
    // Whole new lines are none of those that were there.
    assert_eq!(ids(&changed(&more, json!({"items": [item("A"), item("B")]}))), ["23", "24"]);
    assert_eq!(ids(&changed(&more, json!({"items": []}))), Vec::<&str>::new());
    // An id that reads like a number and is none that can be counted on.
    let odd = made(json!({"items": [named("1.5"), named("99999999999999999999"), named("-3"), item("A")]}));
    assert_eq!(ids(&odd)[3], "1");
}

#[test]
fn numbers_go_on_beyond_the_largest_that_counts() {
    let cart = made(json!({"items": [named("4294967295")]}));
    let cart = changed(&cart, json!({"addItems": [item("A")]}));
    let cart = changed(&cart, json!({"addItems": [item("B")]}));
    assert_eq!(cart.items.len(), 3);
}

#[test]
fn removed_set_and_added_in_this_order() {
    let cart = changed(
        &three(),
        json!({"addItems": [named("2")], "setItems": [{"lineItemId": 3, "quantity": 5}], "removeItems": [2]}),
    );
    assert_eq!(
        lines(&cart),
        ["1 A 1.000000 10.000000", "3 C 5.000000 5.000000", "2 2 1.000000 1.000000"],
        "the id of a line that is removed is free again"
    );
    // The others stay where they were.
    assert_eq!(positions(&cart), [1, 3, 4]);
    assert_eq!(changed(&cart, json!({"removeItems": ["2", "1", 3]})).items.len(), 0);
}

#[test]
fn a_line_keeps_what_is_not_set() {
    let before = three();
    let cart = changed(&before, json!({"setItems": [{"lineItemId": "1", "quantity": "2.5"}]}));
    let expected =
        Item { quantity: promotion_core::money::Quantity(2_500_000), amount: cents(2_500), ..before.items[0].clone() };
    assert_eq!(cart.items[0], expected);
    assert_eq!(cart.items[1..], before.items[1..]);

    // A new price is the whole price.
    let cart = changed(&before, json!({"setItems": [{"lineItemId": "2", "price": {"base": 6}}]}));
    assert_eq!((cart.items[1].base, cart.items[1].sale, cart.items[1].amount), (cents(600), None, cents(1_200)));
    let cart = changed(&before, json!({"setItems": [{"lineItemId": "2", "price": {"base": 6, "sale": 6}}]}));
    assert_eq!((cart.items[1].sale, cart.items[1].amount), (Some(cents(600)), cents(1_200)));

    let cart = changed(
        &before,
        json!({"setItems": [{"lineItemId": "1", "sku": "Z", "minUnitPrice": "0.5", "categoryList": ["y"],
            "brandList": ["b"], "attributes": [], "shipTo": {}}]}),
    );
    let own = &cart.items[0];
    assert_eq!((own.sku.as_str(), own.amount, own.position), ("Z", cents(1_000), 1));
    assert_eq!(
        (own.min_unit_price, &own.categories, &own.brands),
        (Some(cents(50)), &vec!["y".to_owned()], &vec!["b".to_owned()])
    );
    assert_eq!(own.attributes.as_ref().map(|own| own.len()), Some(0));
    assert_eq!(own.ship_to.as_ref().map(serde_json::Map::len), Some(0));
}

/// Currency, mode, price of a unit, quantity and what the line costs.
type Rounded = (&'static str, RoundingMode, &'static str, &'static str, &'static str);

#[test]
fn a_line_costs_quantity_times_price_rounded_once() {
    use RoundingMode::*;
    let cases: [Rounded; 22] = [
        ("USD", HalfUp, "0.05", "2.5", "0.130000"),
        ("USD", HalfDown, "0.05", "2.5", "0.120000"),
        ("USD", HalfEven, "0.05", "2.5", "0.120000"),
        ("USD", HalfEven, "0.05", "2.7", "0.140000"),
        ("USD", HalfEven, "0.03", "4.5", "0.140000"),
        ("USD", Up, "0.05", "2.5", "0.130000"),
        ("USD", Up, "0.05", "2.4", "0.120000"),
        ("USD", Down, "0.05", "2.5", "0.120000"),
        ("USD", Ceiling, "0.0001", "1", "0.010000"),
        ("USD", Floor, "0.0099", "1", "0.000000"),
        // Of three at 0.333 nothing is rounded but the whole.
        ("USD", HalfUp, "0.333", "3", "1.000000"),
        ("USD", HalfUp, "0.333333", "1000", "333.330000"),
        ("JPY", HalfUp, "101", "2.5", "253.000000"),
        ("JPY", HalfEven, "101", "2.5", "252.000000"),
        ("JPY", Down, "0.9", "1", "0.000000"),
        ("KWD", HalfUp, "0.3335", "1.5", "0.500000"),
        ("KWD", HalfUp, "0.3337", "1.5", "0.501000"),
        ("KWD", Up, "0.3335", "1.5", "0.501000"),
        ("CLF", HalfUp, "0.00005", "1", "0.000100"),
        ("CLF", HalfDown, "0.00005", "1", "0.000000"),
        // 999,998,999.999999000001
        ("USD", HalfUp, "0.999999", "999999999.999999", "999999000.000000"),
        ("USD", Down, "1234567.891234", "0.000001", "1.230000"),
    ];
    for (code, mode, price, quantity, amount) in cases {
        let rounding = Rounding::to_places(mode, currency(code).minor_digits());
        let request = json!({"items": [{"sku": "A", "quantity": quantity, "price": {"base": price}}]});
        let mut cart = Content::new(currency(code));
        cart.change(NewCart::parse(&request).expect("a cart").changes, rounding).expect("a cart");
        assert_eq!(cart.items[0].amount.to_string(), amount, "{code} {mode:?} {price} x {quantity}");
    }
}

#[test]
fn the_sale_price_is_charged() {
    let cart = made(json!({"items": [
        {"sku": "A", "quantity": 3, "price": {"base": 10, "sale": "6.67"}},
        {"sku": "B", "quantity": 1, "price": {"base": 10, "sale": 0}},
        {"sku": "C", "quantity": 1, "price": {"base": 10, "sale": null}},
    ]}));
    assert_eq!(cart.items.iter().map(|own| own.amount).collect::<Vec<_>>(), [cents(2_001), cents(0), cents(1_000)]);
}

#[test]
fn shipping_and_fees_are_in_the_currency_s_minor_unit() {
    let cases = [
        ("JPY", "1", true),
        ("JPY", "0.5", false),
        ("USD", "0.01", true),
        ("USD", "0.001", false),
        ("KWD", "0.001", true),
        ("KWD", "0.0001", false),
    ];
    for (code, amount, is_whole) in cases {
        let rounding = Rounding::to_places(RoundingMode::HalfUp, currency(code).minor_digits());
        for request in [json!({"shipping": {"amount": amount}}), json!({"fees": [{"amount": amount}]})] {
            let mut cart = Content::new(currency(code));
            let changes = Changes::parse(&request).expect("changes");
            assert_eq!(cart.change(changes, rounding).is_ok(), is_whole, "{code} {request}");
        }
    }
}

/// Lines that are gone, and those that are written.
fn between<'a>(before: &'a Content, after: &'a Content) -> (Vec<&'a str>, Vec<&'a str>) {
    let ItemChanges { gone, written } = ItemChanges::between(&before.items, &after.items);
    (gone, written.into_iter().map(|item| item.line_item_id.as_str()).collect())
}

#[test]
fn only_lines_that_became_different_are_written() {
    let before = three();
    let none: (Vec<&str>, Vec<&str>) = Default::default();
    assert_eq!(between(&before, &before), none);
    let empty = made(json!({}));
    assert_eq!(between(&empty, &before), (vec![], vec!["1", "2", "3"]));
    assert_eq!(between(&before, &empty), (vec!["1", "2", "3"], vec![]));
    // The same again is no change.
    let same = changed(&before, json!({"setItems": [{"lineItemId": 1, "quantity": 1}, {"lineItemId": 2, "sku": "B"}]}));
    assert_eq!(between(&before, &same), none);
    let other = changed(
        &before,
        json!({"setItems": [{"lineItemId": 2, "quantity": 9}], "addItems": [item("D")], "removeItems": [1]}),
    );
    assert_eq!(between(&before, &other), (vec!["1"], vec!["2", "4"]));
    // A line that took the place of another of its id.
    let replaced = changed(&before, json!({"removeItems": [3], "addItems": [named("3")]}));
    assert_eq!(between(&before, &replaced), (vec![], vec!["3"]));
    // Lines in another order: those whose place is another.
    let moved: std::rc::Rc<Vec<Item>> = std::rc::Rc::new(
        [1, 0, 2].into_iter().zip(1..).map(|(own, position)| Item { position, ..before.items[own].clone() }).collect(),
    );
    let ItemChanges { gone, written } = ItemChanges::between(&before.items, &moved);
    assert_eq!((gone.len(), written.len()), (0, 2));
    // Each key makes a line different.
    let keys = [
        json!({"sku": "Z"}),
        json!({"quantity": 7}),
        json!({"price": {"base": 10, "sale": 10}}),
        json!({"minUnitPrice": 1}),
        json!({"categoryList": []}),
        json!({"brandList": ["b"]}),
        json!({"attributes": {"k": 2}}),
        json!({"shipTo": {}}),
    ];
    for mut keys in keys {
        keys["lineItemId"] = "1".into();
        assert_eq!(between(&before, &changed(&before, json!({"setItems": [keys]}))), (vec![], vec!["1"]));
    }
}

#[test]
fn a_cart_s_lines_are_units_of_what_they_are() {
    let cart = made(json!({"items": [item("A"), {"sku": "A", "quantity": 4, "price": {"base": 1}}]}));
    assert_eq!(lines(&cart), ["1 A 1.000000 1.000000", "2 A 4.000000 4.000000"]);
    assert_eq!(cart.items[1].quantity, units(4));
}
