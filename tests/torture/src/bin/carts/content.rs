//! What is in a cart, by the test's own reckoning, and what requests make of it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::promotions::{METHODS, SKUS, TILLS};
use crate::rounding::{Rounding, number};
use crate::scene::{Buyer, Changes, Lines, Mistake, NewItem, SetItem};

/// A line.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its lineItemId.
    pub id: String,
    /// Its place among the SKUs.
    pub sku: usize,
    /// How many.
    pub quantity: i64,
    /// What a unit costs.
    pub base: i64,
    /// What is charged instead.
    pub sale: Option<i64>,
    /// What all of it costs.
    pub amount: i64,
    /// What no promotion lowers a unit below.
    pub min_unit_price: Option<i64>,
    /// Whether it has the attribute.
    pub is_eco: bool,
}

/// A fee.
#[derive(Debug, Clone)]
pub struct Fee {
    /// Its feeId.
    pub id: String,
    /// How much.
    pub amount: i64,
    /// The line it is for.
    pub line: Option<String>,
}

/// What is in a cart; amounts are in millionths.
#[derive(Debug, Clone)]
pub struct Content {
    /// Its currency.
    pub currency: &'static str,
    /// Its lines.
    pub items: Vec<Item>,
    /// Who buys, as sent.
    pub customer: Map<String, Value>,
    /// Shipments: method, amount.
    pub shipping: Option<Vec<(&'static str, i64)>>,
    /// Its fees.
    pub fees: Vec<Fee>,
    /// Whether it comes from the app.
    pub is_app: Option<bool>,
    /// The till.
    pub till: Option<&'static str>,
    /// The caller's own.
    pub metadata: Map<String, Value>,
    /// The codes as sent.
    pub codes: Vec<String>,
}

/// Where a request is wrong: in itself, or for this cart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// In itself.
    Request,
    /// For this cart.
    Cart,
}

impl Item {
    fn price(&self) -> i64 {
        self.sale.unwrap_or(self.base)
    }

    fn reprice(&mut self, rounding: &Rounding, currency: &str) {
        self.amount = rounding.amount(self.quantity, self.price(), currency);
    }
}

/// The unit's price, and what is charged instead.
fn price_of((base, percent): (i64, Option<u8>)) -> (i64, Option<i64>) {
    (base * 100, percent.map(|percent| base * i64::from(percent)))
}

fn price_json((base, sale): (i64, Option<i64>)) -> Value {
    json!({"base": number(base), "sale": sale.map(number)})
}

/// The attributes of a line.
fn eco(is_eco: bool) -> Value {
    if is_eco { json!([{"name": "eco", "value": "yes"}]) } else { Value::Null }
}

impl Content {
    /// An empty cart.
    pub fn new(currency: &'static str) -> Self {
        Self {
            currency,
            items: Vec::new(),
            customer: Map::new(),
            shipping: None,
            fees: Vec::new(),
            is_app: None,
            till: None,
            metadata: Map::new(),
            codes: Vec::new(),
        }
    }

    /// What the customer is known by; None: a guest.
    pub fn customer_key(&self) -> Option<String> {
        match &self.customer.get("customerId")? {
            Value::String(id) => Some(id.clone()),
            Value::Null => None,
            id => Some(id.to_string()),
        }
    }

    /// The amount of all lines.
    pub fn amount(&self) -> i64 {
        self.items.iter().map(|item| item.amount).sum()
    }

    /// The amount of all shipments.
    pub fn shipping_amount(&self) -> i64 {
        self.shipping.iter().flatten().map(|shipment| shipment.1).sum()
    }

    /// Makes changes; answers the request that does, too.
    pub fn changed(&self, changes: &Changes, rounding: &Rounding) -> (Value, Result<Self, Wrong>) {
        let (mut after, mut request, mut is_good) = (self.clone(), json!({}), true);
        match &changes.lines {
            Lines::Same => {}
            Lines::All(items) => {
                after.items.clear();
                request["items"] = after.add(items, &self.items, rounding, &mut is_good);
            }
            Lines::Some(set, add, remove) => after.change_some(set, add, remove, rounding, &mut request, &mut is_good),
        }
        let ids: BTreeSet<String> = after.items.iter().map(|item| item.id.clone()).collect();
        after.fees.retain(|fee| fee.line.as_ref().is_none_or(|line| ids.contains(line)));
        if let Some(buyer) = &changes.buyer {
            after.customer = buyer.map(customer).unwrap_or_default();
            request["customer"] = buyer.map_or(Value::Null, |_| Value::Object(after.customer.clone()));
        }
        let minor = rounding.minor(self.currency);
        if let Some(shipping) = &changes.shipping {
            let shipments =
                |own: &Vec<(u8, i64)>| own.iter().map(|own| (METHODS[usize::from(own.0)], own.1 * minor)).collect();
            after.shipping = shipping.as_ref().map(shipments);
            request["shipping"] = after.shipping_json();
        }
        if let Some(fees) = &changes.fees {
            after.set_fees(fees, minor);
            let fee = |own: &Fee| json!({"amount": number(own.amount), "lineItemId": own.line, "name": "a fee"});
            request["fees"] = after.fees.iter().map(fee).collect();
        }
        if let Some(is_app) = changes.is_app {
            after.is_app = is_app;
            request["attributes"] = after.attributes();
        }
        if let Some(till) = changes.till {
            after.till = till.map(|till| TILLS[usize::from(till)].0);
            request["tillCode"] = json!(after.till);
        }
        if let Some(own) = changes.own {
            after.metadata = [("own".to_owned(), json!(own))].into_iter().collect();
            request["metadata"] = json!(after.metadata);
        }
        let wrong = changes.mistake.map(|mistake| mistaken(mistake, &mut request, minor));
        match wrong.or((!is_good).then_some(Wrong::Cart)) {
            Some(wrong) => (request, Err(wrong)),
            None => (request, Ok(after)),
        }
    }

    fn change_some(
        &mut self,
        set: &[SetItem],
        add: &[NewItem],
        remove: &[u8],
        rounding: &Rounding,
        request: &mut Value,
        is_good: &mut bool,
    ) {
        let before = self.items.clone();
        let ids: Vec<String> = before.iter().map(|item| item.id.clone()).collect();
        let id = |place: u8| ids.get(usize::from(place) % ids.len().max(1)).map_or("none", String::as_str);
        if !remove.is_empty() {
            request["removeItems"] = remove.iter().map(|place| json!(id(*place))).collect();
        }
        for place in remove {
            let count = self.items.len();
            self.items.retain(|item| item.id != id(*place));
            *is_good &= self.items.len() < count;
        }
        let mut seen = BTreeSet::new();
        let mut list = Vec::new();
        for own in set {
            let id = id(own.place);
            *is_good &= seen.insert(id);
            let mut entry = json!({"lineItemId": id});
            let (mut nobody, found) = (new_item(String::new()), self.items.iter_mut().find(|item| item.id == id));
            *is_good &= found.is_some();
            set_item(found.unwrap_or(&mut nobody), own, &mut entry, rounding, self.currency);
            list.push(entry);
        }
        if !list.is_empty() {
            request["setItems"] = json!(list);
        }
        if !add.is_empty() {
            request["addItems"] = self.add(add, &before, rounding, is_good);
        }
    }

    /// Lines without an id get numbers above all that there are, or were before this change, those given further on
    /// included.
    fn add(&mut self, items: &[NewItem], before: &[Item], rounding: &Rounding, is_good: &mut bool) -> Value {
        let given = |own: &NewItem| own.id.map(|id| if id < 100 { id.to_string() } else { format!("L{id}") });
        let there = self.items.iter().chain(before).map(|item| item.id.clone());
        let numbers = there.chain(items.iter().filter_map(given));
        let mut next = numbers.filter_map(|id| id.parse::<u32>().ok()).max().unwrap_or(0);
        let mut list = Vec::new();
        for own in items {
            let id = given(own).unwrap_or_else(|| {
                next += 1;
                next.to_string()
            });
            *is_good &= self.items.iter().all(|item| item.id != id);
            let (base, sale) = price_of(own.price);
            let mut item = Item {
                sku: usize::from(own.sku),
                quantity: own.quantity,
                base,
                sale,
                min_unit_price: own.min_unit_price.map(|percent| base / 100 * i64::from(percent)),
                is_eco: own.is_eco,
                ..new_item(id)
            };
            item.reprice(rounding, self.currency);
            let (sku, category, brand) = SKUS[item.sku];
            let mut entry = json!({
                "sku": sku, "quantity": number(item.quantity), "price": price_json((base, sale)),
                "categoryList": [category], "brandList": [brand], "attributes": eco(item.is_eco),
                "minUnitPrice": item.min_unit_price.map(number),
            });
            match own.id {
                Some(id) if id < 100 => entry["lineItemId"] = json!(id),
                Some(_) => entry["lineItemId"] = json!(item.id),
                None => {}
            }
            list.push(entry);
            self.items.push(item);
        }
        json!(list)
    }

    fn set_fees(&mut self, fees: &[(i64, Option<u8>)], minor: i64) {
        let line = |place: u8| Some(self.items.get(usize::from(place) % self.items.len().max(1))?.id.clone());
        let fee = |(place, own): (usize, &(i64, Option<u8>))| Fee {
            id: (place + 1).to_string(),
            amount: own.0 * minor,
            line: own.1.and_then(line),
        };
        self.fees = fees.iter().enumerate().map(fee).collect();
    }

    /// The shipments as a request has them: one of them alone, or an array.
    pub fn shipping_json(&self) -> Value {
        let shipment = |own: &(&str, i64)| json!({"method": own.0, "amount": number(own.1)});
        match self.shipping.as_deref() {
            None => Value::Null,
            Some([own]) => shipment(own),
            Some(all) => all.iter().map(shipment).collect(),
        }
    }

    /// The attributes of the cart.
    pub fn attributes(&self) -> Value {
        self.is_app.map_or(Value::Null, |is_app| json!({"channel": if is_app { "app" } else { "web" }}))
    }
}

fn new_item(id: String) -> Item {
    Item { id, sku: 0, quantity: 0, base: 0, sale: None, amount: 0, min_unit_price: None, is_eco: false }
}

fn set_item(item: &mut Item, own: &SetItem, entry: &mut Value, rounding: &Rounding, currency: &str) {
    if let Some(sku) = own.sku {
        item.sku = usize::from(sku);
        let (sku, category, brand) = SKUS[item.sku];
        entry["sku"] = json!(sku);
        entry["categoryList"] = json!([category]);
        entry["brandList"] = json!([brand]);
    }
    if let Some(quantity) = own.quantity {
        item.quantity = quantity;
        entry["quantity"] = number(quantity);
    }
    if let Some(price) = own.price {
        (item.base, item.sale) = price_of(price);
        entry["price"] = price_json((item.base, item.sale));
    }
    if let Some(is_eco) = own.is_eco {
        item.is_eco = is_eco;
        entry["attributes"] = eco(is_eco);
    }
    if own.quantity.is_some() || own.price.is_some() {
        item.reprice(rounding, currency);
    }
}

fn customer(buyer: Buyer) -> Map<String, Value> {
    let mut customer = Map::new();
    if buyer.who > 0 {
        let id = if buyer.is_quoted { json!(buyer.who.to_string()) } else { json!(buyer.who) };
        customer.insert("customerId".to_owned(), id);
    }
    if buyer.is_gold {
        customer.insert("tier".to_owned(), json!("GOLD"));
    }
    customer
}

/// Puts a mistake into a request.
fn mistaken(mistake: Mistake, request: &mut Value, minor: i64) -> Wrong {
    match mistake {
        Mistake::Key => request["unknown"] = json!(1),
        Mistake::NoUnits => request["items"] = json!([{"sku": "a", "quantity": 0, "price": {"base": 1}}]),
        Mistake::Order => {
            request["transactionId"] = json!("an order");
            request.as_object_mut().map(|request| request.remove("cartState"));
        }
        Mistake::AllAndSome => {
            request["items"] = json!([]);
            request["addItems"] = json!([]);
        }
        Mistake::Fee => request["fees"] = json!([{"amount": number((minor / 2).max(1))}]),
        Mistake::FeeLine => request["fees"] = json!([{"amount": number(minor), "lineItemId": "nowhere"}]),
        Mistake::Till => request["tillCode"] = json!("T-9"),
        Mistake::Line => request["removeItems"] = json!(["nowhere"]),
    }
    match mistake {
        Mistake::Fee | Mistake::FeeLine | Mistake::Till => Wrong::Cart,
        // Beside all lines there can't be some.
        Mistake::Line if request.get("items").is_none() => Wrong::Cart,
        _ => Wrong::Request,
    }
}
