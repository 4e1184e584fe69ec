//! "Limits of one request" (spec/api.md) hold before work is done: what is too long is refused without reading the
//! rest of it. The JSON here does not lie anywhere: its arrays make their elements as they are asked for, and count
//! them.

use std::cell::Cell;

use promotion_core::cart::Cart;
use promotion_core::definition::Definition;
use promotion_core::error::InputError;
use promotion_core::json::{Node, View};
use promotion_core::settings::Settings;
use promotion_core::stored_cart::{Changes, NewCart};
use serde_json::{Value, json};

/// So many elements has an array that should never be read to its end.
const ENDLESS: usize = 1_000_000;

/// JSON in which one array, the one that is `[element]` in `json`, has many more of its element.
#[derive(Clone, Copy)]
struct Endless<'a> {
    json: &'a Value,
    /// The array that is continued.
    array: &'a Value,
    /// How many elements of it were looked at.
    read: &'a Cell<usize>,
}

struct Items<'a> {
    of: Endless<'a>,
    at: usize,
}

impl<'a> Iterator for Items<'a> {
    type Item = Endless<'a>;

    fn next(&mut self) -> Option<Endless<'a>> {
        let items = self.of.json.as_array()?;
        let is_endless = std::ptr::eq(self.of.json, self.of.array);
        let json = if is_endless { items.first().filter(|_| self.at < ENDLESS) } else { items.get(self.at) }?;
        self.at += 1;
        if is_endless {
            self.of.read.set(self.of.read.get() + 1);
        }
        Some(Endless { json, ..self.of })
    }
}

struct Entries<'a> {
    of: Endless<'a>,
    entries: serde_json::map::Iter<'a>,
}

impl<'a> Iterator for Entries<'a> {
    type Item = (&'a str, Endless<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.entries.next().map(|(key, json)| (key.as_str(), Endless { json, ..self.of }))
    }
}

impl<'a> View<'a> for Endless<'a> {
    type Number = &'a serde_json::Number;
    type Items = Items<'a>;
    type Entries = Entries<'a>;

    fn node(self) -> Result<Node<'a, Self>, InputError> {
        Ok(match self.json {
            Value::Null => Node::Null,
            Value::Bool(value) => Node::Bool(*value),
            Value::Number(number) => Node::Number(number),
            Value::String(text) => Node::String(text),
            Value::Array(_) => Node::Array(Items { of: self, at: 0 }),
            Value::Object(entries) => Node::Object(Entries { of: self, entries: entries.iter() }),
        })
    }
}

/// Which parser is given the JSON.
#[derive(Debug, Clone, Copy)]
enum Reads {
    Request,
    NewCart,
    Changes,
    Definition,
}

fn parse(reads: Reads, view: Endless<'_>) -> Result<(), InputError> {
    match reads {
        Reads::Request => Cart::parse(view).map(drop),
        Reads::NewCart => NewCart::parse(view).map(drop),
        Reads::Changes => Changes::parse(view).map(drop),
        Reads::Definition => Definition::parse(view, &Settings::default()).map(drop),
    }
}

/// The array at `path` is refused after `most` elements and one more.
fn refused_after(reads: Reads, json: &Value, path: &str, most: usize) {
    let array = json.pointer(path).unwrap_or_else(|| panic!("{path} in {json}"));
    let read = Cell::new(0);
    let error = parse(reads, Endless { json, array, read: &read }).expect_err("too many elements");
    assert!(error.message().starts_with("expected at most"), "{reads:?} {path}: {error}");
    let named = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    assert!(error.path().starts_with(named), "{reads:?} {path}: {error}");
    assert_eq!(read.get(), most + 1, "{reads:?} {path}");
}

#[test]
fn arrays_of_requests_are_read_as_far_as_they_may_go() {
    let request = json!({
        "amount": 0, "promoCodes": ["c"], "paymentVouchers": ["v"], "cartTenders": [{"identifier": "t"}],
        "attributes": {"a": ["x"]}, "shipping": [{"amount": 0}],
        "customer": {"segments": ["s"], "programs": [{}], "attributes": {"a": [1]}},
        "cartItems": [{"sku": "s", "amount": 0, "qty": 1, "categoryList": ["c"], "brandList": ["b"],
            "attributes": {"a": [true]}}],
    });
    for (path, most) in [
        ("/cartItems", 10_000),
        ("/promoCodes", 1_000),
        ("/paymentVouchers", 1_000),
        ("/cartTenders", 100),
        ("/cartItems/0/categoryList", 1_000),
        ("/cartItems/0/brandList", 1_000),
        ("/cartItems/0/attributes/a", 1_000),
        ("/attributes/a", 1_000),
        ("/shipping", 1_000),
        ("/customer/segments", 1_000),
        ("/customer/programs", 1_000),
        ("/customer/attributes/a", 1_000),
    ] {
        refused_after(Reads::Request, &request, path, most);
    }
}

#[test]
fn arrays_of_stored_carts_are_read_as_far_as_they_may_go() {
    let item = json!({"sku": "s", "quantity": 1, "price": {"base": 1}, "categoryList": ["c"], "brandList": ["b"],
        "attributes": [{"name": "a", "value": 1}]});
    let new = json!({"items": [item], "sharedUserIds": ["u"], "fees": [{"amount": 1}],
        "attributes": [{"name": "a", "value": 1}]});
    for (path, most) in [
        ("/items", 10_000),
        ("/items/0/categoryList", 1_000),
        ("/items/0/brandList", 1_000),
        ("/items/0/attributes", 1_000),
        ("/sharedUserIds", 1_000),
        ("/attributes", 1_000),
    ] {
        refused_after(Reads::NewCart, &new, path, most);
        refused_after(Reads::Changes, &new, path, most);
    }
    let changes = json!({"setItems": [item], "addItems": [item], "removeItems": ["1"]});
    for path in ["/setItems", "/addItems", "/removeItems"] {
        refused_after(Reads::Changes, &changes, path, 10_000);
    }
}

#[test]
fn what_nests_too_deep_is_refused_where_it_does() {
    // Each level has one array in it; nothing below the last that is allowed is looked at.
    for (reads, most) in [(Reads::Request, 32), (Reads::NewCart, 32), (Reads::Definition, 64)] {
        let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
        let key = match reads {
            Reads::Request => "attributes",
            Reads::NewCart | Reads::Changes => "metadata",
            Reads::Definition => "customFieldValues",
        };
        let json = json!({"amount": 0, key: {"a": deep}});
        let json = if matches!(reads, Reads::Request) { json } else { json!({key: {"a": deep}}) };
        let (read, array) = (Cell::new(0), Value::Null);
        let error = parse(reads, Endless { json: &json, array: &array, read: &read }).expect_err("too deep");
        match reads {
            // No attribute is an array of arrays.
            Reads::Request => assert_eq!(error.path(), "attributes.a[0]", "{error}"),
            _ => assert_eq!(error.message(), format!("expected at most {most} levels of nesting"), "{error}"),
        }
        assert!(error.path().matches('[').count() < most, "{error}");
    }
}
