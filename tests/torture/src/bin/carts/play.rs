//! Plays a scene: its steps one after the other, and what must hold after each.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use postgres::Client;
use serde_json::{Value, json};

use crate::content::Content;
use crate::database::{Answer, Database, document, literal};
use crate::expected::{Cart, EXPIRED, Over, SUBMITTED, is_thrown_away, may_hold};
use crate::holds::{self, Hold};
use crate::price::{entries, request, text};
use crate::promotions::{self, TILLS, definition};
use crate::rounding::Rounding;
use crate::scene::{Buyer, Changes, Code, Lines, NewItem, STATES, Scene, Step, Unlock};

/// How often which step came to what, for whoever reads whether the scenes go everywhere.
pub type Seen = RefCell<BTreeMap<String, u32>>;

/// A scene that is being played.
pub struct Play<'c, 's> {
    /// The database.
    pub database: Database<'c>,
    /// What is played.
    pub scene: &'s Scene,
    /// The organization's settings as they are now.
    pub settings: Value,
    /// How it rounds.
    pub rounding: Rounding,
    /// The carts.
    pub carts: Vec<Cart>,
    /// Whether each promotion is not paused.
    pub on: Vec<bool>,
    /// How often each was edited.
    pub edits: Vec<u32>,
    /// The ids of orders.
    pub orders: BTreeSet<String>,
    /// What was held after the last step.
    pub holds: Vec<Hold>,
    /// What prices were like.
    pub told: Vec<String>,
    /// Whether errors are raised.
    pub raises: bool,
    /// How many carts were made.
    pub made: usize,
    /// How many calls others have made.
    others: usize,
}

/// Plays a scene in an organization of its own. Where anything does not hold, what, and how to get there.
pub fn play(client: &mut Client, org_id: i64, scene: &Scene, seen: &Seen) -> Result<(), String> {
    let count = scene.promotions.len();
    let mut play = Play {
        database: Database::new(client, org_id)?,
        scene,
        settings: scene.settings.clone(),
        rounding: Rounding::of(&scene.settings),
        carts: Vec::new(),
        on: vec![true; count],
        edits: vec![0; count],
        orders: BTreeSet::new(),
        holds: Vec::new(),
        told: Vec::new(),
        raises: false,
        made: 0,
        others: 0,
    };
    play.set_up()?;
    play.step(&Step::Raise(false))?;
    for (number, step) in scene.steps.iter().enumerate() {
        let found = play.step(step).and_then(|told| play.check().map(|()| told));
        let told = found.map_err(|what| {
            format!("step {number} ({step:?}): {what}\n\nThe calls, for psql:\n{}\n", play.database.script())
        })?;
        play.told.push(told);
        play.told.drain(..).for_each(|told| *seen.borrow_mut().entry(told).or_default() += 1);
    }
    Ok(())
}

impl Play<'_, '_> {
    fn set_up(&mut self) -> Result<(), String> {
        self.database.setup(&format!("SELECT promo_configure({})", document(&self.settings)))?;
        let till = |own: &(&str, &str)| json!({"tillCode": own.0, "zone": own.1});
        let tills = TILLS.iter().map(till).collect();
        self.database.setup(&format!("SELECT promo_put_org_units({})", document(&tills)))?;
        promotions::create(&mut self.database, &self.scene.promotions)
    }

    fn step(&mut self, step: &Step) -> Result<String, String> {
        match step {
            Step::Create(changes, currency, pending) => self.create(changes, *currency, *pending),
            Step::Update(cart, changes, state, order) => self.update(self.cart(*cart), changes, *state, *order),
            Step::Apply(cart, code) => self.code(self.cart(*cart), *code, true),
            Step::Remove(cart, code) => self.code(self.cart(*cart), *code, false),
            Step::Get(cart) => self.get(self.cart(*cart)),
            Step::Expire(cart) => self.with(*cart, Self::expire),
            Step::Other(buyer, items, code, redeems) => self.other(*buyer, items, *code, *redeems),
            Step::CancelBehind(cart) => self.with(*cart, Self::cancel_behind),
            Step::RedeemBehind(cart, as_own) => self.with(*cart, |play, cart| play.redeem_behind(cart, *as_own)),
            Step::Undone(step) => self.undone(step),
            Step::Raise(raises) => {
                let mode = if *raises { "raise" } else { "envelope" };
                self.database.setup(&format!("SET promotion_engine.error_mode = {mode}"))?;
                self.raises = *raises;
                Ok(format!("error_mode {mode}"))
            }
            Step::Purge => self.purge(),
            Step::Switch(place, on) => {
                let place = usize::from(*place) % self.on.len();
                let function = if *on { "promo_activate" } else { "promo_pause" };
                self.database.setup(&format!("SELECT {function}(:'promotion{place}')"))?;
                self.on[place] = *on;
                Ok(function.to_owned())
            }
            Step::Edit(place) => {
                let place = usize::from(*place) % self.on.len();
                let definition = definition(place, &self.scene.promotions[place], self.edits[place] + 1);
                let definition = document(&definition);
                self.database.setup(&format!("SELECT promo_update_promotion(:'promotion{place}', {definition})"))?;
                // An update switches on what was switched off.
                self.on[place] = true;
                self.edits[place] += 1;
                Ok("promo_update_promotion".to_owned())
            }
            Step::Disable(code) => {
                let code = literal(&self.text_of(*code, None));
                let answer = self.database.call(&format!("SELECT promo_disable_code({code})"));
                refused_or_done("promo_disable_code", answer)
            }
            Step::Link(code, who) => {
                let code = literal(&self.text_of(*code, None));
                let answer = self.database.call(&format!("SELECT promo_link_code({code}, '{who}'::text)"));
                refused_or_done("promo_link_code", answer)
            }
            Step::Issue(place, who) => {
                let issued = |unlock: Unlock| matches!(unlock, Unlock::Instance | Unlock::Voucher);
                let all: Vec<usize> =
                    (0..self.on.len()).filter(|place| issued(self.scene.promotions[*place].unlock)).collect();
                let Some(place) = all.get(usize::from(*place) % all.len().max(1)) else { return Ok("-".to_owned()) };
                let context = self.next_other("context");
                let issue = format!("SELECT promo_issue(:'promotion{place}', ARRAY['{who}'], '{context}')");
                let answer = self.database.call(&issue);
                refused_or_done("promo_issue", answer)
            }
            Step::Configure(settings) => {
                self.database.setup(&format!("SELECT promo_configure({})", document(settings)))?;
                for (key, value) in settings.as_object().into_iter().flatten() {
                    self.settings[key] = value.clone();
                }
                self.rounding = Rounding::of(&self.settings);
                Ok("promo_configure".to_owned())
            }
        }
    }

    /// A cart by its place: mostly one that may still change; None: one that is not there.
    fn cart(&self, place: u8) -> Option<usize> {
        let is_meant = |cart: &usize| place.is_multiple_of(16) || may_hold(self.carts[*cart].state);
        let mut all: Vec<usize> = (0..self.carts.len()).filter(is_meant).collect();
        if all.is_empty() {
            all.extend(0..self.carts.len());
        }
        all.get(usize::from(place / 16) % all.len().max(1)).copied().filter(|_| place < 250)
    }

    fn with(
        &mut self,
        place: u8,
        work: impl FnOnce(&mut Self, usize) -> Result<String, String>,
    ) -> Result<String, String> {
        match self.cart(place) {
            Some(cart) => work(self, cart),
            None => Ok("-".to_owned()),
        }
    }

    /// The text of a code.
    pub fn text_of(&self, code: Code, cart: Option<&Content>) -> String {
        let cased = |code: &str, lower: bool| if lower { code.to_lowercase() } else { code.to_uppercase() };
        let unknown = || "NOSUCH".to_owned();
        match code {
            Code::Of(place, which, lower) => {
                let has_codes = |place: &usize| self.scene.promotions[*place].unlock == Unlock::Code;
                let all: Vec<usize> = (0..self.on.len()).filter(has_codes).collect();
                let own = all.get(usize::from(place) % all.len().max(1));
                own.map_or_else(unknown, |place| cased(&promotions::code(*place, which), lower))
            }
            Code::OnCart(place, lower) => {
                let codes = cart.map_or(&[][..], |cart| &cart.codes);
                let own = codes.get(usize::from(place) % codes.len().max(1));
                own.map_or_else(|| self.text_of(Code::Of(place, 0, lower), None), |code| cased(code, lower))
            }
            Code::Unknown => unknown(),
        }
    }

    fn next_other(&mut self, what: &str) -> String {
        self.others += 1;
        format!("{what}-{}", self.others)
    }

    fn expire(&mut self, cart: usize) -> Result<String, String> {
        let (org_id, name, at) = (self.database.org_id, &self.carts[cart].name, EXPIRED.0);
        let own = format!("(SELECT evaluation_id FROM promo.cart WHERE org_id = {org_id} AND cart_id = :'{name}')");
        for table in ["evaluation_state", "usage_claim"] {
            self.database.setup(&format!(
                "UPDATE promo.{table} SET valid_till = '{at}' WHERE org_id = {org_id} AND state = 'HELD' AND evaluation_id = {own}"
            ))?;
        }
        match self.carts[cart].last.get_mut("validTillTime") {
            Some(time) => {
                *time = json!(EXPIRED.1);
                Ok("time passes".to_owned())
            }
            None => Ok("-".to_owned()),
        }
    }

    /// Another caller's cart, that uses limits up.
    fn other(&mut self, buyer: Buyer, items: &[NewItem], code: Option<Code>, redeems: bool) -> Result<String, String> {
        let changes = Changes {
            lines: Lines::All(items.to_vec()),
            buyer: Some(Some(buyer)),
            shipping: None,
            fees: None,
            is_app: None,
            till: None,
            own: None,
            mistake: None,
        };
        let Ok(mut content) = Content::new("USD").changed(&changes, &self.rounding).1 else {
            return Ok("-".to_owned());
        };
        content.codes.extend(code.map(|code| self.text_of(code, None)));
        let cart = request(&content, None);
        if !redeems {
            let answer = self.database.call(&format!("SELECT promo_evaluate({})", document(&cart)));
            return refused_or_done("promo_evaluate", answer);
        }
        let request = json!({"transactionId": self.next_other("other"), "cart": cart});
        let answer = self.database.call(&format!("SELECT promo_redeem({})", document(&request)));
        refused_or_done("promo_redeem", answer)
    }

    /// The evaluation of a cart as the script finds it.
    fn evaluation_of(&self, cart: usize) -> String {
        let (org_id, name) = (self.database.org_id, &self.carts[cart].name);
        format!("(SELECT evaluation_id FROM promo.cart WHERE org_id = {org_id} AND cart_id = :'{name}')")
    }

    fn cancel_behind(&mut self, cart: usize) -> Result<String, String> {
        let customer = self.carts[cart].content.customer_key();
        let customer = customer.map_or("NULL".to_owned(), |customer| literal(&customer));
        let sql = format!("SELECT promo_cancel({customer}::text, {})", self.evaluation_of(cart));
        let answer = self.database.call(&sql);
        let is_done = answer.as_ref().is_ok_and(|answer| answer.get("data").is_some());
        if is_done {
            self.carts[cart].over = Some(Over::Cancelled);
            forget_hold(&mut self.carts[cart].last);
        }
        refused_or_done("promo_cancel", answer)
    }

    fn redeem_behind(&mut self, cart: usize, as_own: bool) -> Result<String, String> {
        let own = &self.carts[cart];
        let id = if as_own { text(&own.last, "cartId").to_owned() } else { self.next_other("behind") };
        let customer = self.carts[cart].content.customer.get("customerId").cloned().unwrap_or_default();
        let (evaluation, name) = (self.evaluation_of(cart), &self.carts[cart].name);
        let named = if as_own { format!(":'{name}'::text") } else { format!("'{id}'::text") };
        let sql = format!(
            "SELECT promo_redeem(jsonb_build_object('customerId', {}::jsonb, 'transactionId', {named}, 'evaluationId', {evaluation}))",
            document(&customer)
        );
        let answer = self.database.call(&sql);
        // The order of a cart that was submitted is answered again; else the cart is submitted by it.
        if answer.is_ok() && self.orders.insert(id.clone()) {
            let found = self.database.ask(&format!("SELECT promo_get_cart(:'{}')", self.carts[cart].name))?;
            let own = &mut self.carts[cart];
            if found["updatedAt"].as_str() <= own.last["updatedAt"].as_str() {
                return Err(format!("updatedAt of {} did not move: {found}", own.name));
            }
            own.last["cartState"] = json!(STATES[SUBMITTED]);
            own.last["transactionId"] = json!(id);
            own.last["updatedAt"] = found["updatedAt"].clone();
            forget_hold(&mut own.last);
            (own.state, own.order) = (SUBMITTED, Some(id));
        }
        refused_or_done("promo_redeem of a cart", answer)
    }

    /// Carts that were thrown away are gone, and nothing else.
    fn purge(&mut self) -> Result<String, String> {
        self.database.setup("SELECT promo_purge(clock_timestamp())")?;
        let (gone, kept) = self.carts.drain(..).partition(|cart| is_thrown_away(cart.state));
        self.carts = kept;
        let gone: Vec<Cart> = gone;
        for cart in &gone {
            let count = format!("SELECT count(*) FROM promo.cart WHERE cart_id = :'{}'", cart.name);
            let found = self.database.ask(&count)?;
            if found != json!(0) {
                return Err(format!("{} is still there: {found}", cart.name));
            }
        }
        Ok(format!("promo_purge of {} carts", gone.len()))
    }

    /// A call that is rolled back has not been.
    fn undone(&mut self, step: &Step) -> Result<String, String> {
        // What is raised would end the transaction.
        if self.raises {
            return Ok("-".to_owned());
        }
        let (carts, orders, made) = (self.carts.clone(), self.orders.clone(), self.made);
        self.database.setup("BEGIN")?;
        let told = self.step(step)?;
        self.check()?;
        self.database.setup("ROLLBACK")?;
        (self.carts, self.orders, self.made) = (carts, orders, made);
        Ok(format!("undone: {told}"))
    }

    /// What must hold after every step.
    fn check(&mut self) -> Result<(), String> {
        self.holds = holds::check(&mut self.database, &self.carts)?;
        let get = |cart: &Cart| format!("promo_get_cart(:'{}')", cart.name);
        let gets: Vec<String> = self.carts.iter().map(get).collect();
        if gets.is_empty() {
            return Ok(());
        }
        let found = self.database.ask(&format!("SELECT jsonb_build_array({})", gets.join(", ")))?;
        for (cart, found) in self.carts.iter().zip(entries(&found)) {
            let mut expected = cart.last.clone();
            expected["error"] = json!({});
            if *found != expected {
                return Err(format!("promo_get_cart({}) answers {found}, not {expected}", cart.name));
            }
        }
        Ok(())
    }
}

/// An answer of a call that may be refused.
fn refused_or_done(what: &str, answer: Answer) -> Result<String, String> {
    match answer {
        Ok(answer) if entries(&answer["errors"]).next().is_some() => Ok(format!("{what} refused")),
        Ok(_) => Ok(format!("{what} done")),
        Err((state, _)) if state.starts_with("PE") || state.starts_with("PC") => Ok(format!("{what} {state}")),
        Err((state, error)) => Err(format!("{what}: {state}: {error}")),
    }
}

/// A cart whose evaluation is over holds nothing.
fn forget_hold(cart: &mut Value) {
    if let Some(cart) = cart.as_object_mut() {
        cart.remove("validTillTime");
    }
}
