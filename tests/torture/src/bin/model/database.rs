//! The same steps in the database, and what is there after each.

mod instances;
mod promotions;

use std::collections::{BTreeMap, BTreeSet};

use lifecycle_tests::money::{cents, millionths, whole};
use postgres::error::Error;
use postgres::types::ToSql;
use postgres::{Client, Row};
use serde_json::{Value, json};

use crate::step::{Cart, Scene, Step, Who};
use crate::world::{By, Count, Given, LineBack, OPEN_CARTS, Reply, Restored, State, lines};
use promotions::{decimal, definitions_of, other_expiry};

/// 2026-01-01T00:00:00Z, the minute 0 of all scenes, in epoch milliseconds.
const BEGIN: i64 = 1_767_225_600_000;

/// Longer than any test: locks expire where a step says so.
const LOCK_SECONDS: u32 = 3600;

/// An organization of the database that follows the model.
pub struct Database<'c> {
    client: &'c mut Client,
    org_id: i64,
    promotions: Vec<String>,
    definitions: Vec<Value>,
    /// Ids of evaluations, in the model's order, with the identifiers each gave out by promotion.
    pub evaluations: Vec<(String, Vec<(usize, String)>)>,
    /// Requests and answers of orders, in the model's order.
    pub orders: Vec<(Value, Value)>,
    /// Ids of instances, in the model's order, with the places of their promotions.
    pub instances: Vec<(String, usize)>,
    returns: usize,
}

/// A failure to reach the database, or an error that no call should answer.
pub type Failed = String;

impl<'c> Database<'c> {
    /// A new organization with the scene's promotions.
    pub fn new(client: &'c mut Client, org_id: i64, scene: &Scene) -> Result<Self, Error> {
        client.batch_execute(&format!("SET promotion_engine.org_id = {org_id}"))?;
        let settings = json!({
            "isLockingEnabled": true, "lockTtlSeconds": LOCK_SECONDS, "maxOpenCarts": OPEN_CARTS,
            "overrun": if scene.records { "RECORD" } else { "REJECT" },
            "returnPolicy": if scene.restores { "RESTORE" } else { "KEEP" },
        });
        client.execute("SELECT promo_configure($1)", &[&settings])?;
        let mut promotions = Vec::new();
        let mut definitions = Vec::new();
        for definition in definitions_of(scene) {
            promotions.push(client.query_one("SELECT promo_create_promotion($1)", &[&definition])?.get(0));
            definitions.push(definition);
        }
        // The latter is the one that expires first.
        for (place, (code, year)) in [("CODE0", 2098), ("CODE1", 2097)].into_iter().enumerate() {
            let linked = scene.linked.map(|whom| whom[place]);
            let options = json!({"validTill": format!("{year}-01-01T00:00:00Z"), "customerId": linked});
            client.execute("SELECT promo_add_codes($1, ARRAY[$2], $3)", &[&promotions[2], &code, &options])?;
        }
        let (evaluations, orders, instances, returns) = (Vec::new(), Vec::new(), Vec::new(), 0);
        Ok(Self { client, org_id, promotions, definitions, evaluations, orders, instances, returns })
    }

    /// Does a step; the model says which evaluation a cart names and whose one is.
    pub fn step(&mut self, step: &Step, who: Who, place: usize) -> Result<Reply, Failed> {
        match step {
            Step::Evaluate(cart) => self.evaluate(cart, place),
            Step::RedeemCart(cart) => {
                let request = json!({"transactionId": self.order_id(), "cart": self.cart(cart, place)});
                self.redeem(request)
            }
            Step::Redeem(_, _, kept) => {
                let (id, identifiers) = self.evaluations[place].clone();
                let mut request =
                    json!({"customerId": customer(who), "transactionId": self.order_id(), "evaluationId": id});
                let kept: Vec<&String> =
                    identifiers.iter().filter(|(own, _)| kept & (1 << own) != 0).map(|(_, own)| own).collect();
                if !kept.is_empty() {
                    request["identifiers"] = json!(kept);
                }
                self.redeem(request)
            }
            Step::RedeemAgain(_) => {
                let (request, answer) = self.orders[place].clone();
                let again = self.call("SELECT promo_redeem($1)", &[&request])?;
                let is_same = again.is_ok_and(|again| again == answer);
                if is_same { Ok(Reply::Done) } else { Err("the same order is answered otherwise".to_owned()) }
            }
            Step::Cancel(..) => {
                let customer = customer(who).as_i64().map(|who| who.to_string());
                let id = self.evaluations[place].0.clone();
                Ok(refused_or(self.call("SELECT promo_cancel($1::text, $2)", &[&customer, &id])?, |_| Reply::Done))
            }
            Step::Expire(_) => {
                let id = self.evaluations[place].0.clone();
                for table in ["evaluation_state", "usage_claim"] {
                    let past = format!(
                        "UPDATE promo.{table} SET valid_till = '2026-01-01'
                          WHERE org_id = $1 AND evaluation_id = $2 AND state = 'HELD'"
                    );
                    self.client.execute(&past, &[&self.org_id, &id]).map_err(|error| error.to_string())?;
                }
                Ok(Reply::Done)
            }
            Step::Return(_, units) => self.give_back(place, *units),
            Step::Edit(promotion) => {
                let place = usize::from(*promotion);
                other_expiry(&mut self.definitions[place]);
                let definition = self.definitions[place].clone();
                let id = self.promotions[place].clone();
                Ok(refused_or(
                    self.call("SELECT to_jsonb(promo_update_promotion($1, $2))", &[&id, &definition])?,
                    |_| Reply::Done,
                ))
            }
            Step::Switch(promotion, on) => {
                let id = self.promotions[usize::from(*promotion)].clone();
                let function = if *on { "promo_activate" } else { "promo_pause" };
                Ok(refused_or(self.call(&format!("SELECT to_jsonb({function}($1))"), &[&id])?, |_| Reply::Done))
            }
            Step::Locking(on) => {
                let settings = json!({"isLockingEnabled": on});
                Ok(refused_or(self.call("SELECT promo_configure($1)", &[&settings])?, |_| Reply::Done))
            }
            Step::Issue(promotion, whom, context, minute) => {
                self.issue(usize::from(*promotion), *whom, *context, *minute)
            }
            Step::Earn(promotion, who, source, count, minute) => {
                self.earn(usize::from(*promotion), *who, *source, *count, *minute)
            }
            Step::Revoke(taken) => self.revoke(taken, who, place),
            Step::Activate(_, second, _) => self.activate(place, *second, who),
            Step::Outlive(_) => self.outlive(place),
            Step::Link(code, who) => {
                let (code, who) = (format!("code{code}"), who.to_string());
                let link = "SELECT to_jsonb(promo_link_code($1, $2::text)::text)";
                Ok(refused_or(self.call(link, &[&code, &who])?, |_| Reply::Done))
            }
            Step::Disable(code) => {
                let disable = "SELECT to_jsonb(promo_disable_code($1)::text)";
                Ok(refused_or(self.call(disable, &[&format!("code{code}")])?, |_| Reply::Done))
            }
        }
    }

    /// An answer, or a business error's code.
    fn call(&mut self, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<Result<Value, String>, Failed> {
        match self.client.query_one(sql, parameters) {
            Ok(row) => Ok(Ok(row.get(0))),
            Err(error) => match error.code().map(|state| state.code()) {
                Some(code) if code.starts_with("PE") || code.starts_with("PC") => Ok(Err(code.to_owned())),
                _ => Err(format!("{sql}: {:?}", error.as_db_error())),
            },
        }
    }

    fn order_id(&self) -> String {
        format!("order-{}", self.orders.len())
    }

    fn cart(&self, cart: &Cart, named: usize) -> Value {
        let lines = lines(cart);
        let items: Vec<Value> = lines
            .iter()
            .zip(["a", "b"])
            .map(|((units, amount, callers), sku)| {
                json!({"sku": sku, "qty": units, "amount": decimal(*amount), "discount": decimal(*callers)})
            })
            .collect();
        let mut request = json!({
            "amount": decimal(lines.iter().map(|line| line.1).sum()), "customerId": customer(cart.who),
            "cartItems": items, "transactionDate": BEGIN + cart.minute * 60_000,
        });
        if let Some(code) = cart.code {
            request["promoCodes"] = json!([format!("code{code}")]);
        }
        if let Some(cart_id) = cart.cart_id {
            request["cartId"] = json!(format!("cart-{cart_id}"));
        }
        if cart.named.is_some() && !self.evaluations.is_empty() {
            request["evaluationId"] = json!(self.evaluations[named].0);
        }
        request
    }

    fn evaluate(&mut self, cart: &Cart, named: usize) -> Result<Reply, Failed> {
        let request = self.cart(cart, named);
        let answer = match self.call("SELECT promo_evaluate($1)", &[&request])? {
            Ok(answer) => answer["data"].clone(),
            Err(code) => return Ok(refused(&code)),
        };
        let mut given: BTreeMap<usize, (i64, i64, By)> = BTreeMap::new();
        let mut identifiers = Vec::new();
        let lines = answer["cartItems"].as_array().into_iter().flatten().map(|line| &line["appliedPromotions"]);
        for entry in lines.chain([&answer["appliedPromotions"]]).filter_map(Value::as_array).flatten() {
            let promotion = self.promotion(&entry["promotionId"]);
            let sum = given.entry(promotion).or_insert((0, 0, By::Cart));
            *sum = (whole(&entry["redemptionCount"]), sum.1 + cents(&entry["discount"]), self.unlocked_by(entry));
            identifiers.push((promotion, entry["identifier"].as_str().unwrap_or_default().to_owned()));
        }
        self.evaluations.push((answer["evaluationId"].as_str().unwrap_or_default().to_owned(), identifiers));
        let given =
            given.into_iter().map(|(promotion, (times, discount, by))| (promotion, times, discount, by)).collect();
        Ok(Reply::Evaluated(given, answer.get("validTillTime").is_some()))
    }

    fn redeem(&mut self, request: Value) -> Result<Reply, Failed> {
        let answer = match self.call("SELECT promo_redeem($1)", &[&request])? {
            Ok(answer) => answer,
            Err(code) => return Ok(refused(&code)),
        };
        let entries = answer["redemptions"].as_array().into_iter().flatten();
        let mut given: Vec<Given> = entries
            .map(|own| {
                let (times, discount) = (whole(&own["redemptionCount"]), cents(&own["discount"]));
                (self.promotion(&own["promotionId"]), times, discount, self.unlocked_by(own))
            })
            .collect();
        given.sort_unstable();
        let earned = self.earned_by_order(&answer)?;
        if request.get("cart").is_some() {
            self.evaluations.push((answer["evaluationId"].as_str().unwrap_or_default().to_owned(), Vec::new()));
        }
        let is_recorded = answer["overrun"].as_bool();
        self.orders.push((request, answer));
        Ok(Reply::Redeemed(given, earned, is_recorded))
    }

    /// What of an order's promotion went to each line.
    pub fn of_lines(&self, order: usize, promotion: usize, count: usize) -> Vec<i64> {
        let entries = self.orders[order].1["redemptions"].as_array().into_iter().flatten();
        let mut of_lines = vec![0; count];
        for entry in entries.filter(|own| self.promotion(&own["promotionId"]) == promotion) {
            for line in entry["lines"].as_array().into_iter().flatten() {
                of_lines[usize::from(line["sku"] == "b")] += cents(&line["discount"]);
            }
        }
        of_lines
    }

    fn give_back(&mut self, order: usize, units: Option<[i64; 2]>) -> Result<Reply, Failed> {
        self.returns += 1;
        let id = &self.orders[order].0["transactionId"];
        let mut request = json!({"transactionId": id, "returnId": format!("return-{}", self.returns)});
        if let Some(units) = units {
            let lines = units.iter().zip(["a", "b"]).filter(|(units, _)| **units > 0);
            request["lines"] = lines.map(|(units, sku)| json!({"sku": sku, "qty": units})).collect();
        }
        let answer = match self.call("SELECT promo_return($1)", &[&request])? {
            Ok(answer) => answer,
            Err(code) => return Ok(refused(&code)),
        };
        let mut back: BTreeMap<usize, LineBack> = BTreeMap::new();
        for line in answer["lines"].as_array().into_iter().flatten() {
            let (gross, discount, callers) =
                (cents(&line["gross"]), cents(&line["discount"]), cents(&line["callerDiscount"]));
            if millionths(&line["net"])
                != millionths(&line["gross"]) - millionths(&line["discount"]) - millionths(&line["callerDiscount"])
            {
                return Err(format!("net is not gross less discounts: {line}"));
            }
            back.insert(usize::from(line["sku"] == "b"), (whole(&line["qty"]), gross, discount, callers));
        }
        let restored = answer["restored"].as_array().into_iter().flatten();
        let mut restored: Vec<Restored> = restored
            .map(|own| (self.promotion(&own["promotionId"]), whole(&own["redemptionCount"]), cents(&own["discount"])))
            .collect();
        restored.sort_unstable();
        let back = (0..2).map(|line| back.get(&line).copied().unwrap_or_default()).collect();
        let mut spent: Vec<usize> =
            answer["spentEarnIds"].as_array().into_iter().flatten().map(|id| self.instance(id)).collect();
        spent.sort_unstable();
        Ok(Reply::Returned(back, restored, spent))
    }

    /// What unlocked a promotion, by an entry of an answer.
    fn unlocked_by(&self, entry: &Value) -> By {
        match (entry["promoCode"].as_str(), entry.get("earnedPromotionId")) {
            (None, None) => By::Cart,
            (Some(code), None) => By::Code(u8::from(code.ends_with('1'))),
            (_, Some(id)) => By::Instance(self.instance(id)),
        }
    }

    fn promotion(&self, id: &Value) -> usize {
        self.promotions.iter().position(|own| id == own).unwrap_or(usize::MAX)
    }

    fn query(&mut self, sql: &str) -> Result<Vec<Row>, Failed> {
        self.client.query(sql, &[&self.org_id]).map_err(|error| format!("{sql}: {error:?}"))
    }

    /// The sums of each count, (live holds, redeemed, returned), from the counters with the holds, or the ledger.
    pub fn sums(&mut self, of_ledger: bool) -> Result<BTreeMap<Count, (i64, i64, i64)>, Failed> {
        let uses = "SELECT e.promotion_id, (x.use ->> 'row')::int, x.use ->> 'subject',
                           to_timestamp((x.use ->> 'window')::bigint / 1000.0), 0::numeric,
                           (x.use ->> 'redeemed')::numeric, (x.use ->> 'returned')::numeric
                      FROM promo.event e, jsonb_array_elements(e.uses) AS x (use) WHERE e.org_id = $1";
        let counters =
            "SELECT promotion_id, limit_row, subject, nullif(window_start, '-infinity'), 0, redeemed, returned
                          FROM promo.usage WHERE org_id = $1
                         UNION ALL
                        SELECT promotion_id, limit_row, subject, nullif(window_start, '-infinity'), amount, 0, 0
                          FROM promo.usage_claim WHERE org_id = $1 AND state = 'HELD' AND valid_till > now()";
        let sql = format!(
            "SELECT u.promotion_id, u.row, u.subject, extract(epoch FROM u.start)::bigint,
                    (1000000 * coalesce(sum(u.held), 0))::bigint, (1000000 * coalesce(sum(u.redeemed), 0))::bigint,
                    (1000000 * coalesce(sum(u.returned), 0))::bigint
               FROM ({}) u (promotion_id, row, subject, start, held, redeemed, returned) GROUP BY 1, 2, 3, 4",
            if of_ledger { uses } else { counters }
        );
        let mut sums = BTreeMap::new();
        for row in self.query(&sql)? {
            let promotion = self.promotion(&json!(row.get::<_, String>(0)));
            let limit = row.get::<_, i32>(1) as usize;
            let window =
                row.get::<_, Option<i64>>(3).map_or(0, |start| (start - BEGIN / 1000).div_euclid(7 * 24 * 3600));
            // Money counts in cents, all else in units.
            let unit = if (promotion, limit) == (0, 0) { 10_000 } else { 1_000_000 };
            let sum: [i64; 3] = std::array::from_fn(|place| row.get::<_, i64>(4 + place) / unit);
            if sum != [0; 3] {
                sums.insert((promotion, limit, row.get(2), window), (sum[0], sum[1], sum[2]));
            }
        }
        Ok(sums)
    }

    /// The states of evaluations, by place.
    pub fn states(&mut self) -> Result<Vec<State>, Failed> {
        let sql = "SELECT evaluation_id, state::text, valid_till > now() FROM promo.evaluation_state WHERE org_id = $1";
        let mut states = vec![State::Open; self.evaluations.len()];
        for row in self.query(sql)? {
            let id: String = row.get(0);
            let Some(place) = self.evaluations.iter().position(|(own, _)| *own == id) else {
                return Err(format!("evaluation {id} is nobody's"));
            };
            states[place] = match row.get(1) {
                "HELD" => State::Held { live: row.get::<_, Option<bool>>(2) == Some(true) },
                "CANCELLED" => State::Cancelled,
                "REPLACED" => State::Replaced,
                "REDEEMED" => State::Redeemed,
                _ => State::Open,
            };
        }
        Ok(states)
    }

    /// The places of the carts in promo.open_cart, with their discounts.
    pub fn open_carts(&mut self) -> Result<BTreeSet<(usize, i64)>, Failed> {
        let sql = "SELECT evaluation_id, (100 * discount)::bigint FROM promo.open_cart WHERE org_id = $1";
        let rows = self.query(sql)?;
        let place = |id: String| self.evaluations.iter().position(|(own, _)| *own == id).unwrap_or(usize::MAX);
        Ok(rows.iter().map(|row| (place(row.get(0)), row.get(1))).collect())
    }

    /// What promo_check() finds.
    pub fn findings(&mut self) -> Result<Vec<String>, Failed> {
        Ok(self.query("SELECT c::text FROM promo_check($1) c")?.iter().map(|row| row.get(0)).collect())
    }
}

fn customer(who: Who) -> Value {
    if who == 0 { Value::Null } else { json!(who) }
}

fn refused(code: &str) -> Reply {
    let known = [
        "PE116", "PE120", "PE400", "PE404", "PE409", "PE707", "PE708", "PE709", "PE714", "PE729", "PE730", "PE731",
        "PE800", "PE803", "PC002", "PC005",
    ];
    Reply::Refused(known.into_iter().find(|own| *own == code).unwrap_or("another error"))
}

fn refused_or(answer: Result<Value, String>, reply: impl FnOnce(Value) -> Reply) -> Reply {
    answer.map_or_else(|code| refused(&code), reply)
}
