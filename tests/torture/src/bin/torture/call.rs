//! The calls that a client makes at random, and which errors each may answer.

use std::thread::sleep;
use std::time::Duration;

use postgres::{Error, GenericClient};
use rand::Rng;
use rand::seq::IndexedRandom;
use serde_json::{Value, json};

use crate::instances::{InstanceCall, earned};
use crate::scene::{CODES, WITH_INSTANCES};
use crate::shop::{Customer, Effect, Known, Ordered, Returned, Shop};
use crate::verify::LOCKED_TWICE;

/// What the ids of orders begin with that several clients redeem at once.
const TWIN: &str = "twin";

/// A call of the engine.
#[derive(Debug, Clone)]
pub enum Call {
    /// promo_evaluate
    Evaluate(Customer, Value),
    /// promo_preview
    Preview(Value),
    /// promo_cancel
    Cancel(Customer, String),
    /// promo_redeem, with the SKUs of the cart
    Redeem(Value, Vec<String>),
    /// promo_return
    Return(Value),
    /// promo_issue, promo_earn or promo_revoke_earn
    Instances(InstanceCall),
    /// promo_pause or promo_activate
    Switch(&'static str, String),
    /// promo_update_promotion
    Edit(String, Value),
    /// promo_check: at any instant it must be silent
    Check,
}

impl Call {
    /// What it is counted as.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Evaluate(_, cart) if cart["evaluationId"].is_string() => "evaluate again",
            Self::Evaluate(..) => "evaluate",
            Self::Preview(_) => "preview",
            Self::Cancel(..) => "cancel",
            Self::Redeem(request, _) if request["evaluationId"].is_string() => "redeem an evaluation",
            Self::Redeem(..) => "redeem a cart",
            Self::Return(request) if request["lines"].is_array() => "return lines",
            Self::Return(_) => "return all",
            Self::Instances(call) => call.kind(),
            Self::Switch(..) | Self::Edit(..) => "edit a promotion",
            Self::Check => "check",
        }
    }

    /// Whether the call makes sense when its transaction's outcome is not known: it then answers the same, or is
    /// done now.
    pub fn is_repeatable(&self) -> bool {
        match self {
            Self::Redeem(..) | Self::Return(_) => true,
            Self::Instances(call) => call.is_repeatable(),
            _ => false,
        }
    }

    /// Whether the business error may be the answer. Evaluations and orders that were acknowledged are never
    /// unknown: 404 is an answer only to one whose guest's cart somebody has taken over.
    pub fn may_fail_with(&self, code: &str) -> bool {
        match self {
            Self::Evaluate(customer, cart) => match code {
                "PE116" => customer.is_some(),
                "PE120" | "PE404" => cart["evaluationId"].is_string(),
                _ => false,
            },
            Self::Cancel(..) => code == "PE120",
            Self::Redeem(request, _) => match code {
                "PE120" | "PE409" => request["evaluationId"].is_string(),
                "PE800" => request["transactionId"].as_str().is_some_and(|id| id.starts_with(TWIN)),
                _ => false,
            },
            Self::Return(_) => code == "PE400",
            Self::Instances(call) => call.may_fail_with(code),
            Self::Preview(_) | Self::Switch(..) | Self::Edit(..) | Self::Check => false,
        }
    }

    /// A call at random.
    pub fn random(shop: &Shop, random: &mut impl Rng) -> Self {
        if shop.is_time_to_check() {
            return Self::Check;
        }
        let Some(known) = shop.evaluation(random) else { return evaluate(shop, None, random) };
        match random.random_range(0..100) {
            0..26 => evaluate(shop, None, random),
            26..38 => evaluate(shop, Some(&known), random),
            38..45 => Self::Cancel(known.customer, known.evaluation_id),
            45..53 => redeem(shop, &known, random),
            53..59 => redeem_at_the_end(shop, known, random),
            59..62 => twin(shop, &known, random),
            62..71 => {
                let (customer, cart) = cart(shop, random);
                let skus = skus(&cart);
                let request = json!({"customerId": customer, "transactionId": shop.new_id("order"), "cart": cart});
                Self::Redeem(request, skus)
            }
            71..84 => give_back(shop, random),
            84..88 => Self::Preview(cart(shop, random).1),
            88..98 => Self::Instances(InstanceCall::random(shop, random)),
            _ => edit(shop, random),
        }
    }

    /// Makes the call. The order goes into the clients' own table in the same transaction.
    pub fn make(&self, client: &mut impl GenericClient, number: i32) -> Result<Option<Effect>, Error> {
        match self {
            Self::Evaluate(customer, cart) => {
                let answer: Value = client.query_one("SELECT promo_evaluate($1)", &[cart])?.get(0);
                Ok(known(*customer, cart, &answer).map(Effect::Evaluated))
            }
            Self::Preview(cart) => client.execute("SELECT promo_preview($1)", &[cart]).map(|_| None),
            Self::Cancel(customer, id) => {
                let customer = customer.map(|customer| customer.to_string());
                client.execute("SELECT promo_cancel($1::text, $2)", &[&customer, id]).map(|_| None)
            }
            Self::Redeem(request, skus) => {
                let answer: Value = client.query_one("SELECT promo_redeem($1)", &[request])?.get(0);
                let transaction_id = request["transactionId"].as_str().unwrap_or_default().to_owned();
                // An order that is redeemed again, since its outcome was lost, may be there already.
                client.execute(
                    "INSERT INTO orders SELECT $1, $2 WHERE NOT EXISTS (SELECT FROM orders WHERE transaction_id = $1)",
                    &[&transaction_id, &number],
                )?;
                let earned = earned(request, &answer);
                Ok(Some(Effect::Ordered(Ordered { transaction_id, answer, skus: skus.clone(), earned })))
            }
            Self::Return(request) => {
                let answer: Value = client.query_one("SELECT promo_return($1)", &[request])?.get(0);
                let text = |key: &str| request[key].as_str().unwrap_or_default().to_owned();
                let (transaction_id, return_id) = (text("transactionId"), text("returnId"));
                Ok(Some(Effect::Returned(Returned { transaction_id, return_id, answer })))
            }
            Self::Instances(call) => call.make(client).map(Some),
            Self::Switch(function, id) => client.execute(&format!("SELECT {function}($1)"), &[id]).map(|_| None),
            Self::Edit(id, definition) => {
                client.execute("SELECT promo_update_promotion($1, $2)", &[id, definition]).map(|_| None)
            }
            Self::Check => {
                let mut found = client.query("SELECT c::text FROM promo_check() c", &[])?;
                found.append(&mut client.query(LOCKED_TWICE, &[])?);
                let found: Vec<String> = found.iter().map(|row| row.get(0)).collect();
                Ok((!found.is_empty()).then_some(Effect::Found(found)))
            }
        }
    }
}

/// A customer whom other clients serve too, one of very many, or a guest.
fn customer(random: &mut impl Rng) -> Customer {
    match random.random_range(0..10) {
        0..4 => Some(random.random_range(1..=4)),
        4..8 => Some(random.random_range(1000..100_000)),
        _ => None,
    }
}

/// A cart at random, and its customer.
fn cart(shop: &Shop, random: &mut impl Rng) -> (Customer, Value) {
    let customer = customer(random);
    let mut items = Vec::new();
    let mut amount = 0;
    for promotion in &shop.promotions {
        // What needs instances is for those who have any.
        let needs_instances = WITH_INSTANCES.iter().any(|(name, _)| *name == promotion.name);
        let often = if needs_instances && customer.is_some_and(|id| id <= 4) { 0.7 } else { 0.4 };
        if random.random_bool(often) || (items.is_empty() && promotion.name == "plenty") {
            let units = random.random_range(1..=7);
            amount += units * 999;
            items.push(item(promotion.name, units));
        }
    }
    let mut cart = json!({"amount": cents(amount), "cartItems": items});
    if customer.is_some() {
        cart["customerId"] = json!(customer);
    }
    if random.random_bool(0.3) {
        cart["promoCodes"] = json!([CODES.choose(random)]);
    }
    if random.random_bool(0.4) {
        cart["cartId"] = json!(format!(
            "{}-{}",
            customer.map_or("guest".to_owned(), |id| id.to_string()),
            random.random_range(1..=3)
        ));
    }
    (customer, cart)
}

/// A cart of everything that is scarce, for a customer of its own.
pub fn greedy_cart(shop: &Shop, customer: u32) -> Value {
    let scarce: Vec<&str> =
        shop.promotions.iter().filter(|own| !own.exhausted.is_empty()).map(|own| own.name).collect();
    let items: Vec<Value> = scarce.iter().map(|name| item(name, 5)).collect();
    let code = CODES[customer as usize % CODES.len()];
    json!({"amount": cents(scarce.len() * 5 * 999), "cartItems": items, "customerId": customer, "promoCodes": [code]})
}

fn item(sku: &str, units: usize) -> Value {
    json!({"sku": sku, "qty": units, "amount": cents(units * 999)})
}

fn cents(amount: usize) -> String {
    format!("{}.{:02}", amount / 100, amount % 100)
}

fn skus(cart: &Value) -> Vec<String> {
    let items = cart["cartItems"].as_array();
    items.into_iter().flatten().filter_map(|item| Some(item["sku"].as_str()?.to_owned())).collect()
}

fn evaluate(shop: &Shop, known: Option<&Known>, random: &mut impl Rng) -> Call {
    let (mut customer, mut cart) = cart(shop, random);
    if let Some(known) = known {
        // Now and then a customer takes a guest's cart over.
        customer = known.customer.or(customer.filter(|_| random.random_bool(0.2)));
        cart["customerId"] = json!(customer);
        cart["evaluationId"] = json!(known.evaluation_id);
        if let Some(object) = cart.as_object_mut() {
            match known.cart.get("cartId").filter(|_| random.random_bool(0.8)) {
                Some(cart_id) => object.insert("cartId".to_owned(), cart_id.clone()),
                None => object.remove("cartId"),
            };
        }
    }
    Call::Evaluate(customer, cart)
}

/// What is to be remembered of an answer.
fn known(customer: Customer, cart: &Value, answer: &Value) -> Option<Known> {
    let data = &answer["data"];
    let lines = data["cartItems"].as_array().into_iter().flatten().map(|line| &line["appliedPromotions"]);
    let entries = lines.chain([&data["appliedPromotions"]]).filter_map(Value::as_array).flatten();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let earn_ids = entries.clone().filter_map(|entry| text(&entry["earnedPromotionId"]));
    let identifiers = entries.filter_map(|entry| Some((text(&entry["promotionId"])?, text(&entry["identifier"])?)));
    Some(Known {
        valid_till: data["validTillTime"].as_i64().unwrap_or_default(),
        customer,
        evaluation_id: text(&data["evaluationId"])?,
        cart: cart.clone(),
        identifiers: identifiers.collect(),
        earn_ids: earn_ids.collect(),
    })
}

/// Redeems a cart in the milliseconds in which its lock expires, and somebody may take what it held.
fn redeem_at_the_end(shop: &Shop, known: Known, random: &mut impl Rng) -> Call {
    let Some((expiring, left)) = shop.expiring() else { return redeem(shop, &known, random) };
    let early = if random.random_bool(0.5) { random.random_range(0..5) } else { random.random_range(0..60) };
    sleep(Duration::from_millis(u64::try_from(left - early).unwrap_or_default()));
    redeem(shop, &expiring, random)
}

fn redeem(shop: &Shop, known: &Known, random: &mut impl Rng) -> Call {
    let mut request = json!({
        "customerId": known.customer, "transactionId": shop.new_id("order"), "evaluationId": known.evaluation_id,
    });
    if random.random_bool(0.3) {
        // Some of the promotions, each whole.
        let dropped = known.identifiers.choose(random).map(|(promotion, _)| promotion.clone());
        let kept = known.identifiers.iter().filter(|(own, _)| Some(own) != dropped.as_ref());
        request["identifiers"] = kept.map(|(_, identifier)| json!(identifier)).collect();
    }
    Call::Redeem(request, skus(&known.cart))
}

/// An order that others redeem as well, with the same request, or now and then with another one.
fn twin(shop: &Shop, known: &Known, random: &mut impl Rng) -> Call {
    if let Some((mut request, skus)) = shop.twin(random) {
        if random.random_bool(0.2) {
            request["customerId"] = json!(known.customer);
            request["evaluationId"] = json!(known.evaluation_id);
        }
        return Call::Redeem(request, skus);
    }
    let request = json!({
        "customerId": known.customer, "transactionId": shop.new_id(TWIN), "evaluationId": known.evaluation_id,
    });
    shop.add_twin(request.clone(), skus(&known.cart));
    Call::Redeem(request, skus(&known.cart))
}

fn give_back(shop: &Shop, random: &mut impl Rng) -> Call {
    let Some(order) = shop.order(random) else { return evaluate(shop, None, random) };
    let mut request = json!({"transactionId": order.transaction_id, "returnId": shop.new_id("return")});
    if random.random_bool(0.5) {
        let lines: Vec<Value> = order
            .skus
            .choose_multiple(random, 2)
            .map(|sku| json!({"sku": sku, "qty": random.random_range(1..=2)}))
            .collect();
        request["lines"] = json!(lines);
    }
    Call::Return(request)
}

fn edit(shop: &Shop, random: &mut impl Rng) -> Call {
    let promotion = &shop.promotions[random.random_range(0..shop.promotions.len())];
    let id = promotion.id.clone();
    match random.random_range(0..5) {
        0 => Call::Switch("promo_pause", id),
        1..4 => Call::Switch("promo_activate", id),
        _ => {
            let mut definition = promotion.definition.clone();
            definition["messageLabel"] = json!(format!("edited {}", random.random_range(0..1000)));
            Call::Edit(id, definition)
        }
    }
}
