//! The calls on stored carts, and what is checked of each answer.

use serde_json::{Value, json};

use crate::content::{Content, Wrong};
use crate::database::{Answer, document, literal};
use crate::expected::{Cart, Expected, SUBMITTED, may_hold, of_code, of_update};
use crate::orders::{self, Order};
use crate::play::Play;
use crate::price::{compare, entries, is_given_anything, log_of, request, text};
use crate::scene::{Changes, Code, Mistake, STATES};
use crate::totals;

/// A cart that is not there.
const UNKNOWN: [&str; 2] = ["0123456789abcdef01234567", "no cart"];

/// What a call is to make of a cart.
struct Meant {
    content: Content,
    state: usize,
    /// The order that the cart is to become.
    order: Option<String>,
    is_priced: bool,
    /// The code that is to be applied.
    code: Option<String>,
    /// What promo_preview says of the cart before, and whether its lock is live, where it is to become an order.
    preview: Value,
    is_live: bool,
}

impl Play<'_, '_> {
    /// promo_create_cart
    pub fn create(&mut self, changes: &Changes, currency: Option<u8>, pending: Option<bool>) -> Result<String, String> {
        let code = currency.map_or("USD", |place| ["EUR", "JPY", "KWD"][usize::from(place)]);
        let (mut cart, content) = Content::new(code).changed(changes, &self.rounding);
        if currency.is_some() {
            cart["currency"] = json!(code);
        }
        let state = usize::from(pending == Some(true));
        if pending.is_some() {
            cart[if state == 0 { "state" } else { "cartState" }] = json!(STATES[state]);
        }
        let name = format!("cart{}", self.made);
        let create = format!("SELECT promo_create_cart({})", document(&cart));
        let answer = self.database.call_named(&create, "->> 'cartId'", &name);
        let answer = self.answered(answer, None)?;
        let expected = if content.is_ok() { Expected::Done } else { Expected::Refused("INVALID_REQUEST_ERROR") };
        let id = text(&answer, "cartId");
        if !id.is_empty() {
            self.database.name(&name, id);
        }
        let meant = content.ok().map(|content| Meant { state, is_priced: true, ..Meant::of(content) });
        self.settle("create", None, expected, meant, answer)
    }

    /// promo_update_cart
    pub fn update(
        &mut self,
        place: Option<usize>,
        changes: &Changes,
        state: Option<u8>,
        order: Option<u8>,
    ) -> Result<String, String> {
        let before = place.map(|place| self.carts[place].clone());
        let nothing = Content::new("USD");
        let content = before.as_ref().map_or(&nothing, |cart| &cart.content);
        let (mut request, after) = content.changed(changes, &self.rounding);
        let is_changed = request.as_object().is_some_and(|request| !request.is_empty());
        let next = state.map(usize::from).filter(|_| changes.mistake != Some(Mistake::Order));
        if let Some(next) = next {
            request["cartState"] = json!(STATES[next]);
        }
        let order = order.filter(|_| next == Some(SUBMITTED)).map(|order| format!("order-{order}"));
        if let Some(order) = &order {
            request["transactionId"] = json!(order);
        }
        let wrong = after.as_ref().map(|_| ()).map_err(|wrong| *wrong);
        // Of a cart that is not there nothing can be wrong.
        let wrong = if place.is_none() && wrong == Err(Wrong::Cart) { Ok(()) } else { wrong };
        let expected = of_update(before.as_ref(), wrong, is_changed, next, order.as_deref());
        let mut meant = after.ok().map(|content| Meant {
            state: next.or(before.as_ref().map(|cart| cart.state)).unwrap_or_default(),
            is_priced: is_changed || next.is_none(),
            ..Meant::of(content)
        });
        if let (Some(meant), Some(cart), Some(SUBMITTED)) = (&mut meant, &before, next) {
            meant.preview = self.preview(&cart.content, text(&cart.last, "cartId"))?;
            let evaluation = text(&cart.last, "evaluationId");
            meant.is_live = self.holds.iter().any(|hold| hold.is_live && hold.evaluation == evaluation);
            meant.order = order.or_else(|| cart.last["cartId"].as_str().map(str::to_owned));
        }
        let cart = self.named(place);
        let update = format!("SELECT promo_update_cart({cart}, {})", document(&request));
        let answer = self.database.call(&update);
        let answer = self.answered(answer, place)?;
        let what = next.map_or_else(|| "update".to_owned(), |next| format!("update {}", STATES[next]));
        self.settle(&what, place, expected, meant, answer)
    }

    /// promo_apply_code and promo_remove_code
    pub fn code(&mut self, place: Option<usize>, code: Code, applies: bool) -> Result<String, String> {
        let before = place.map(|place| self.carts[place].clone());
        let code = self.text_of(code, before.as_ref().map(|cart| &cart.content));
        let expected = of_code(before.as_ref(), &code, applies);
        let function = if applies { "promo_apply_code" } else { "promo_remove_code" };
        let sql = format!("SELECT {function}({}, {})", self.named(place), literal(&code));
        let answer = self.database.call(&sql);
        let answer = self.answered(answer, place)?;
        let meant = before.map(|cart| {
            let mut content = cart.content;
            content.codes.retain(|own| own.to_uppercase() != code.to_uppercase());
            content.codes.extend(applies.then(|| code.clone()));
            Meant { state: cart.state, is_priced: true, code: applies.then_some(code), ..Meant::of(content) }
        });
        self.settle(if applies { "apply" } else { "remove" }, place, expected, meant, answer)
    }

    /// promo_get_cart
    pub fn get(&mut self, place: Option<usize>) -> Result<String, String> {
        let sql = format!("SELECT promo_get_cart({})", self.named(place));
        let answer = self.database.call(&sql);
        let answer = self.answered(answer, place)?;
        let expected = if place.is_some() { Expected::Same } else { Expected::Refused("CART_NOT_FOUND_ERROR") };
        self.settle("get", place, expected, None, answer)
    }

    /// A cart's id, for a statement.
    fn named(&self, place: Option<usize>) -> String {
        let unknown = || literal(UNKNOWN[self.carts.len() % UNKNOWN.len()]);
        place.map_or_else(unknown, |place| format!(":'{}'", self.carts[place].name))
    }

    /// What promo_preview says of a content; a hold of that cart is no hindrance.
    fn preview(&mut self, content: &Content, cart_id: &str) -> Result<Value, String> {
        let till = content.till.map_or("NULL".to_owned(), literal);
        let request = document(&request(content, Some(cart_id)));
        self.database.ask(&format!("SELECT promo_preview({request}, {till})"))
    }

    /// What a call answers; of one that raised an error, the cart as it is, with the SQLSTATE as its error's code.
    fn answered(&mut self, answer: Answer, place: Option<usize>) -> Result<Value, String> {
        let (state, error) = match answer {
            Ok(answer) if self.raises && answer["error"] != json!({}) => return Err(format!("not raised: {answer}")),
            Ok(answer) => return Ok(answer),
            Err((state, error)) if !self.raises || !state.starts_with("PE") => return Err(format!("{state}: {error}")),
            Err(raised) => raised,
        };
        let get = |place: usize| format!("SELECT promo_get_cart(:'{}')", self.carts[place].name);
        let mut cart = match place.map(get) {
            Some(get) => self.database.ask(&get)?,
            None => Value::Null,
        };
        cart["error"] = json!({"code": state, "description": error});
        Ok(cart)
    }

    /// Compares an answer with what is expected; tells what came of it.
    fn settle(
        &mut self,
        what: &str,
        place: Option<usize>,
        expected: Expected,
        meant: Option<Meant>,
        mut answer: Value,
    ) -> Result<String, String> {
        let error = answer.as_object_mut().and_then(|answer| answer.remove("error")).unwrap_or_default();
        let code = text(&error, "code").to_owned();
        let detail = &error["details"][0]["code"];
        let told = |came: &str| format!("{what} {came}").trim_end().to_owned();
        let is_ok = error == json!({});
        if expected == Expected::Done && is_ok {
            let meant = meant.ok_or("nothing is meant")?;
            self.accept(place, meant, answer)?;
            return Ok(told("done"));
        }
        match place {
            Some(place) if answer != self.carts[place].last => {
                return Err(format!("{error} changed the cart: {answer}, it was {}", self.carts[place].last));
            }
            Some(_) => {}
            None if self.raises => {}
            None => {
                let mut whole = answer.clone();
                whole["error"] = error.clone();
                totals::check_no_cart(&whole)?;
            }
        }
        match expected {
            Expected::Same if is_ok => Ok(told("as it was")),
            Expected::Refused(expected) if raised_as(expected, self.raises) == code => Ok(told(&code)),
            Expected::Done => {
                let meant = meant.ok_or("nothing is meant")?;
                self.refused(place, &meant, &code, detail).map_err(|what| format!("{what}: {error}"))?;
                Ok(told(&format!("{code} {detail}")))
            }
            _ => Err(format!("expected {expected:?}, found {error}")),
        }
    }

    /// Whether the customer has as many carts pending as may be, the cart at `place` being none of them.
    fn has_too_many(&self, place: Option<usize>, customer: Option<&str>) -> bool {
        let Some(customer) = customer else { return false };
        let evaluation = place.map_or("", |place| text(&self.carts[place].last, "evaluationId"));
        let live = self.holds.iter().filter(|hold| hold.is_live && hold.customer.as_deref() == Some(customer));
        let (own, others): (Vec<_>, Vec<_>) = live.partition(|hold| hold.evaluation == evaluation);
        own.is_empty() && others.len() as u64 >= self.settings["maxOpenCarts"].as_u64().unwrap_or(5)
    }

    fn is_locking(&self) -> bool {
        self.settings["isLockingEnabled"] == true
    }

    /// A call that could have been done was not: its price, or its order, must say why.
    fn refused(&mut self, place: Option<usize>, meant: &Meant, code: &str, detail: &Value) -> Result<(), String> {
        let customer = meant.content.customer_key();
        let raises = self.raises;
        let is = |expected: &str| code == raised_as(expected, raises);
        if is("MAX_OPEN_CARTS_ERROR") && meant.is_priced {
            let is_full = self.is_locking() && self.has_too_many(place, customer.as_deref());
            return if is_full { Ok(()) } else { Err("the customer may have one more".to_owned()) };
        }
        let place = place.ok_or("a new cart was refused")?;
        if let Some(new) = meant.code.as_ref().filter(|_| is("PROMO_NOT_APPLICABLE_ERROR")) {
            let preview = self.preview(&meant.content, text(&self.carts[place].last.clone(), "cartId"))?;
            let log = log_of(&preview, new).ok_or("promo_preview takes the code")?;
            let is_same = raises || log["errorCode"] == *detail;
            return if is_same { Ok(()) } else { Err(format!("promo_preview says {log}")) };
        }
        let refusal = self.refusal(place, meant).ok_or("it was refused")?;
        match refusal {
            Ok(Some(expected)) if is(expected) => Ok(()),
            Err(()) if is("PROMO_NOT_APPLICABLE_ERROR") => Ok(()),
            _ => Err(format!("expected {refusal:?} of the order")),
        }
    }

    /// What is expected of the order that the cart is to become.
    fn refusal(&self, place: usize, meant: &Meant) -> Option<Result<Option<&'static str>, ()>> {
        let id = meant.order.as_deref()?;
        let before = &self.carts[place];
        let place_of = |id: &str| (0..self.on.len()).find(|own| self.database.id(&format!("promotion{own}")) == id);
        let standing = orders::standing(before, &self.scene.promotions, place_of, &self.on, &self.edits);
        let order = Order {
            before,
            is_priced: meant.is_priced,
            is_taken: self.orders.contains(id),
            is_live: meant.is_live,
            records: self.settings["overrun"] == "RECORD",
            preview: &meant.preview,
        };
        Some(orders::refusal(&order, &standing))
    }

    /// A call was done: the cart is what it should be, and costs what promo_preview says.
    fn accept(&mut self, place: Option<usize>, meant: Meant, answer: Value) -> Result<(), String> {
        let customer = meant.content.customer_key();
        totals::check(&whole(&answer), &meant.content, STATES[meant.state])?;
        let before = place.map(|place| &self.carts[place]);
        check_times(before, &answer, meant.is_priced)?;
        if let Some(code) = &meant.code {
            let is_useless = |own: &&Value| text(own, "promoCode") == code && !own["errorCode"].is_null();
            if let Some(own) = entries(&answer["promoCodes"]).find(is_useless) {
                return Err(format!("it was applied, but gives nothing: {own}"));
            }
        }
        let gives = !answer["allPromosApplied"].as_array().is_none_or(Vec::is_empty)
            || answer.get("appliedPaymentVouchers").is_some();
        let is_held = match before {
            _ if !may_hold(meant.state) => false,
            Some(cart) if !meant.is_priced => cart.last.get("validTillTime").is_some(),
            _ => gives && self.is_locking(),
        };
        self.tell(&answer, meant.is_priced);
        if is_held != answer.get("validTillTime").is_some() {
            return Err(format!("expected it to hold: {is_held}, found {:?}", answer.get("validTillTime")));
        }
        if meant.is_priced && gives && self.is_locking() && self.has_too_many(place, customer.as_deref()) {
            return Err("the customer has too many carts pending".to_owned());
        }
        if meant.is_priced && meant.state != SUBMITTED {
            let preview = self.preview(&meant.content, text(&answer, "cartId"))?;
            compare(&answer, &preview).map_err(|what| {
                let request = request(&meant.content, Some(text(&answer, "cartId")));
                format!("{what}\npreview: {preview}\nof: {request}\ncart: {answer}")
            })?;
            if is_given_anything(&preview) != gives {
                return Err("promo_preview gives something, or the cart does".to_owned());
            }
        }
        if let Some(refusal) = place.and_then(|place| self.refusal(place, &meant))
            && let Ok(Some(code)) = refusal
        {
            return Err(format!("expected {code}, but it was ordered"));
        }
        self.enter(place, meant, answer)
    }

    /// What a price is like, for whoever reads whether the scenes go everywhere.
    fn tell(&mut self, answer: &Value, is_priced: bool) {
        if !is_priced {
            return;
        }
        let given = entries(&answer["allPromosApplied"]);
        let codes = given.clone().filter(|own| own["promoCode"].is_string()).count();
        let useless = entries(&answer["promoCodes"]).find(|own| !own["errorCode"].is_null());
        let told = [
            Some(format!("price: {} promotions", given.count())),
            (codes > 0).then(|| format!("price: {codes} by code")),
            useless.map(|own| format!("price: a code is {}", own["errorCode"])),
            answer.get("gifts").map(|_| "price: gifts".to_owned()),
            entries(&answer["suggestedProducts"]).next().map(|_| "price: suggestions".to_owned()),
            answer.get("appliedPaymentVouchers").map(|_| "price: vouchers".to_owned()),
            answer.get("validTillTime").map(|_| "price: held".to_owned()),
        ];
        self.told.extend(told.into_iter().flatten());
    }

    fn enter(&mut self, place: Option<usize>, meant: Meant, answer: Value) -> Result<(), String> {
        let before = place.map(|place| self.carts[place].clone());
        let kept = before.as_ref().filter(|_| !meant.is_priced);
        let cart = Cart {
            name: before.as_ref().map_or_else(|| format!("cart{}", self.made), |cart| cart.name.clone()),
            content: meant.content,
            state: meant.state,
            last: answer,
            order: meant.order.clone(),
            over: kept.and_then(|cart| cart.over.clone()).filter(|_| meant.order.is_none()),
            edits: kept.map_or_else(|| self.edits.clone(), |cart| cart.edits.clone()),
        };
        if let Some(order) = meant.order {
            if cart.last["transactionId"] != json!(order) {
                return Err(format!("expected order {order}, found {}", cart.last["transactionId"]));
            }
            orders::check(&mut self.database, &cart, &order)?;
            self.orders.insert(order);
        }
        match place {
            Some(place) => self.carts[place] = cart,
            None => {
                self.made += 1;
                self.carts.push(cart);
            }
        }
        Ok(())
    }
}

impl Meant {
    fn of(content: Content) -> Self {
        Self { content, state: 0, order: None, is_priced: false, code: None, preview: Value::Null, is_live: false }
    }
}

/// A cart error's code, or the SQLSTATE that it is raised as.
fn raised_as(code: &str, raises: bool) -> &str {
    match code {
        code if !raises => code,
        "INVALID_REQUEST_ERROR" => "PE400",
        "CART_NOT_FOUND_ERROR" | "PROMO_NOT_FOUND_ERROR" => "PE404",
        "CART_NOT_EDITABLE_ERROR" | "PROMO_NOT_APPLICABLE_ERROR" => "PE409",
        "MAX_OPEN_CARTS_ERROR" => "PE116",
        "EVALUATION_NOT_PENDING_ERROR" => "PE120",
        "TRANSACTION_ID_TAKEN_ERROR" => "PE800",
        other => other,
    }
}

/// With an error again, as it was.
fn whole(answer: &Value) -> Value {
    let mut whole = answer.clone();
    whole["error"] = json!({});
    whole
}

/// updatedAt moves, createdAt does not; a new price is a new evaluation.
fn check_times(before: Option<&Cart>, answer: &Value, is_priced: bool) -> Result<(), String> {
    let Some(before) = before else {
        let is_new = answer["createdAt"] == answer["updatedAt"];
        return if is_new { Ok(()) } else { Err("a new cart was updated".to_owned()) };
    };
    if answer["createdAt"] != before.last["createdAt"] || answer["cartId"] != before.last["cartId"] {
        return Err(format!("it is another cart: {answer}"));
    }
    if text(answer, "updatedAt") <= text(&before.last, "updatedAt") {
        return Err(format!("updatedAt is {} after {}", answer["updatedAt"], before.last["updatedAt"]));
    }
    if is_priced == (answer["evaluationId"] == before.last["evaluationId"]) {
        return Err(format!("evaluation {} after {}", answer["evaluationId"], before.last["evaluationId"]));
    }
    Ok(())
}
