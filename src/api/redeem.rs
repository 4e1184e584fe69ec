//! promo_redeem (spec/lifecycle.md, "Redemption").

use std::collections::HashSet;
use std::sync::Arc;

use promotion_core::cart::{Cart, CustomerId};
use promotion_core::error::InputError;
use promotion_core::instant::Instant;
use promotion_core::json::{AnyJson, Limits, Node, View, read};
use promotion_core::list::List;
use promotion_core::money::Money;
use promotion_core::record::Record;
use promotion_core::ruleset::Ruleset;
use promotion_core::settings::Settings;
use promotion_core::situation::Till;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::earning::{Earning, EarningOrder};
use super::evaluate::{currency_of, kept};
use super::identifiers::keep_named;
use super::pricing::{Pricing, check_ahead, customer_of, given, permitted};
use super::sale::{Taken, claim_now, redeem_holds, redeem_now, sale_currency};
use crate::call::{Arguments, Output, pg_function};
use crate::error::{ApiError, ApiResult};
use crate::jsonb::{Jsonb, JsonbValue};
use crate::jsonb_writer::jsonb_of;
use crate::store::change::{As, Changes};
use crate::store::claim::{settle, settling};
use crate::store::entitlement;
use crate::store::evaluation::{keep, sale};
use crate::store::evaluation_state::{self, State, as_added};
use crate::store::event::{Event, note, notify};
use crate::store::facts::TillCode;
use crate::store::lock::{self, Caller};
use crate::store::redemption::{self, Order, Sale, Sold, SoldLine};
use crate::store::statement::{Access, with_fresh_snapshot};
use crate::store::usage::Asking;
use crate::{clock, ids, ruleset_cache, store};

pg_function!(promo_redeem, pg_finfo_promo_redeem, redeem);

/// An identifier holds a sku, so that it may be longer than other strings of a request.
const REDEEM_LIMITS: Limits = Limits { nesting: 32, string_characters: 4_000 };

/// Longest id of an order or a return, in characters.
pub const ID_CHARACTERS: usize = 250;

/// Most identifiers of one request: a cart's lines, a few times over.
const MOST_IDENTIFIERS: usize = 50_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a redemption (an object)")]
struct RedeemInput<'a> {
    #[serde(borrow)]
    customer_id: Option<CustomerId<'a>>,
    #[serde(borrow)]
    transaction_id: Option<&'a str>,
    #[serde(borrow)]
    evaluation_id: Option<&'a str>,
    cart: Option<AnyJson>,
    #[serde(borrow)]
    till_code: Option<&'a str>,
    #[serde(borrow)]
    identifiers: Option<List<&'a str, MOST_IDENTIFIERS>>,
    transaction_date: Option<Instant>,
}

/// A request to redeem, once its id is known to be free.
struct Call<'a> {
    org_id: i64,
    transaction_id: String,
    request: JsonbValue,
    input: RedeemInput<'a>,
}

fn redeem(arguments: &Arguments) -> ApiResult<Output> {
    let org_id = arguments.org_id(1)?;
    redeemed(org_id, permitted(org_id, arguments.required_value(0, "request"))?).map(Output::Jsonb)
}

/// Redeems what a request asks for; answers as promo_redeem does.
pub fn redeemed(org_id: i64, request: JsonbValue) -> ApiResult<JsonbValue> {
    let view = request.view();
    // The same request is answered again before anything else is looked at, be it that somebody else has the locks.
    let transaction_id = id_of(view, "transactionId");
    if let Some(transaction_id) = transaction_id {
        let [customer, cart_id, evaluation_id] = caller_named(org_id, view);
        let caller = Caller::of(customer.as_deref(), cart_id.as_deref(), evaluation_id.as_deref());
        if !lock::try_both(org_id, caller, transaction_id) {
            if let Some(answer) = known(org_id, Some(transaction_id), request)? {
                return Ok(answer);
            }
            lock::customer(org_id, caller)?;
            lock::order(org_id, transaction_id);
        }
    }
    if let Some(answer) = known(org_id, transaction_id, request)? {
        return Ok(answer);
    }
    let input: RedeemInput<'_> = read(view, REDEEM_LIMITS)?;
    let transaction_id = checked_id(input.transaction_id, "transactionId")?.to_owned();
    if input.till_code.is_some() && input.cart.is_none() {
        return Err(InputError::new("expected a tillCode beside a cart only").under_key("tillCode").into());
    }
    if input.identifiers.is_some() && input.cart.is_some() {
        let error = InputError::new("expected identifiers beside evaluationId only");
        return Err(error.under_key("identifiers").into());
    }
    let call = Call { org_id, transaction_id, request, input };
    match (call.input.evaluation_id, call.input.cart.is_some()) {
        (Some(evaluation_id), false) => call.redeem_evaluation(evaluation_id),
        (None, true) => call.redeem_cart(),
        _ => {
            let error = InputError::new("expected an evaluationId or a cart, and not both");
            Err(error.under_key("evaluationId").into())
        }
    }
}

/// The answer of the same request, if it was answered before; 800 where another one was.
fn known(org_id: i64, transaction_id: Option<&str>, request: JsonbValue) -> ApiResult<Option<JsonbValue>> {
    match redemption::find(org_id, transaction_id, request)? {
        Some((true, answer)) => Ok(Some(answer)),
        Some((false, _)) => Err(ApiError::id_taken("transactionId", transaction_id.unwrap_or_default())),
        None => Ok(None),
    }
}

/// A field of what may be anything yet.
fn field<'a>(view: Jsonb<'a>, key: &str) -> Option<Jsonb<'a>> {
    let Ok(Node::Object(mut entries)) = view.node() else { return None };
    entries.find(|(own, _)| *own == key).map(|(_, value)| value)
}

/// Whose calls a request is to be kept apart from: customer, cart id, evaluation.
type Named = [Option<String>; 3];

/// The customer that a request names, itself or in its cart, else the guest's cart; it may be anything yet.
fn caller_named(org_id: i64, view: Jsonb<'_>) -> Named {
    let cart = field(view, "cart");
    let ids = [field(view, "customerId"), cart.and_then(|cart| field(cart, "customerId"))];
    let mut known = ids.into_iter().flatten().filter_map(|id| read::<_, CustomerId<'_>>(id, REDEEM_LIMITS).ok());
    if let Some(id) = known.next() {
        return [Some(id.key().into_owned()), None, None];
    }
    let of_cart = |key: &str| cart.and_then(|cart| id_of(cart, key)).map(str::to_owned);
    let evaluation_id = id_of(view, "evaluationId").map(str::to_owned).or_else(|| of_cart("evaluationId"));
    let of_evaluation = || store::evaluation::owner(org_id, evaluation_id.as_deref()?)?.cart_id;
    [None, of_cart("cartId").or_else(of_evaluation), evaluation_id.clone()]
}

/// An id of a request that may be anything yet.
pub fn id_of<'a>(view: Jsonb<'a>, key: &str) -> Option<&'a str> {
    match field(view, key)?.node() {
        Ok(Node::String(id)) if !id.is_empty() && id.chars().count() <= ID_CHARACTERS => Some(id),
        _ => None,
    }
}

/// An id that must be there: 801 else, 400 where it is too long.
pub fn checked_id<'a>(id: Option<&'a str>, key: &str) -> ApiResult<&'a str> {
    match id {
        None | Some("") => Err(ApiError::id_missing(key)),
        Some(id) if id.chars().count() > ID_CHARACTERS => {
            Err(InputError::new(format!("expected at most {ID_CHARACTERS} characters")).under_key(key).into())
        }
        Some(id) => Ok(id),
    }
}

impl Call<'_> {
    fn customer(&self) -> Option<String> {
        self.input.customer_id.as_ref().map(|id| id.key().into_owned())
    }

    fn redeem_evaluation(&self, evaluation_id: &str) -> ApiResult<JsonbValue> {
        let org_id = self.org_id;
        let customer = self.customer();
        let owner = store::evaluation::owner(org_id, evaluation_id)
            .ok_or_else(|| ApiError::unknown_evaluation(evaluation_id))?;
        if owner.customer_id != customer {
            return Err(ApiError::other_customer(evaluation_id));
        }
        let now = clock::now();
        check_ahead(self.input.transaction_date.map_or(i64::MIN, |date| date.0), now, "transactionDate")?;
        let state = evaluation_state::find(org_id, evaluation_id);
        if let Some(over) = state.as_ref().filter(|state| state.is_over()) {
            return Err(ApiError::not_pending(evaluation_id, &over.state.to_lowercase()));
        }
        let (mut sale, request, till) =
            sale(org_id, evaluation_id)?.ok_or_else(|| ApiError::unknown_evaluation(evaluation_id))?;
        if let Some(identifiers) = &self.input.identifiers {
            keep_named(&mut sale, &identifiers.0)?;
        }
        let settings = store::organization::settings(org_id, Access::Write)?;
        let earning = self.earning_ruleset(&sale)?;
        let own = [evaluation_id.to_owned()];
        let asking = Asking { org_id, now, instant: clock::milliseconds(sale.priced_at), own: &own };
        let answer = settling(true, |contended| {
            let cart;
            let earning = match &earning {
                None => None,
                Some(ruleset) => {
                    cart = store::evaluation::parse_cart(evaluation_id, &request)?;
                    let (customer, till) = (customer.as_deref(), till.as_ref());
                    Earning::begin(&self.earning_order(customer, Instant(asking.instant), &cart, till, now), ruleset)
                }
            };
            let holds = evaluation_state::take_holds(org_id, &own);
            // Asked once nobody else can sweep them: a lock that is live now has lost none.
            let is_live = state.as_ref().is_some_and(|state| state.is_live(clock::now()));
            let fresh;
            let taken = if is_live {
                redeem_holds(&asking, &sale, &holds, contended)?
            } else {
                fresh = claim_now(org_id, &sale, &settings, now)?;
                redeem_now(&asking, &sale, &holds, &fresh, &settings, contended)?
            };
            if !evaluation_state::close(org_id, &own, "REDEEMED", now, None, customer.as_deref()) {
                return Err(ApiError::not_pending(evaluation_id, "over").into());
            }
            store::cart::ordered(org_id, owner.cart_id.as_deref(), evaluation_id, &self.transaction_id, now);
            Ok(self.enter(&sale, taken, earning, &settings, now)?)
        })?;
        Ok(answer)
    }

    /// The promotions now in force, if a customer's order can earn any of them.
    fn earning_ruleset(&self, sale: &Sale) -> ApiResult<Option<Arc<Ruleset>>> {
        if sale.customer_id.is_none() {
            return Ok(None);
        }
        with_fresh_snapshot(|| {
            let generation = store::promotion::earning_generation(self.org_id, sale.priced_at);
            let instant = clock::milliseconds(sale.priced_at);
            generation.map(|generation| ruleset_cache::ruleset(self.org_id, generation, instant)).transpose()
        })
    }

    /// The order, as far as it matters for what it earns.
    fn earning_order<'o, 'a>(
        &'o self,
        customer: Option<&'o str>,
        priced_at: Instant,
        cart: &'o Cart<'a>,
        till: Option<&'o Till>,
        now: i64,
    ) -> EarningOrder<'o, 'a> {
        let bought_at = self.input.transaction_date.unwrap_or(priced_at);
        let (org_id, transaction_id) = (self.org_id, self.transaction_id.as_str());
        EarningOrder { org_id, transaction_id, customer, cart, till, priced_at, bought_at, now }
    }

    fn redeem_cart(&self) -> ApiResult<JsonbValue> {
        let org_id = self.org_id;
        let request = self.request.field("cart");
        let request = request.ok_or_else(|| ApiError::invalid_argument("cart", "expected a cart"))?;
        let mut cart = permitted(org_id, Cart::parse(request.view()).map_err(|error| error.under_key("cart")))?;
        match (self.input.customer_id, cart.customer_id) {
            (Some(own), Some(sent)) if own.key() != sent.key() => {
                let error = InputError::new("expected the customerId of the request, or none");
                return Err(error.under_key("customerId").under_key("cart").into());
            }
            (Some(own), _) => cart.customer_id = Some(own),
            (None, _) => {}
        }
        let till = self.input.till_code.map(|code| TillCode { code, key: "tillCode" });
        let pricing = Pricing::begin(org_id, &cart, request, till, self.input.transaction_date)?;
        let now = pricing.now;
        let evaluation_id = ids::object_id(clock::milliseconds(now));
        let references: Vec<String> =
            cart.lines.iter().map(|line| line.reference_id.map_or_else(ids::uuid, str::to_owned)).collect();
        let customer = customer_of(&cart);
        pricing.settle(
            |_| true,
            |priced, contended| {
                let ruleset = &priced.ruleset;
                let (priced_at, till) = (Instant(pricing.instant), priced.till.as_ref());
                let order = self.earning_order(customer.as_deref(), priced_at, &cart, till, now);
                let earning = Earning::begin(&order, ruleset);
                let holds = evaluation_state::take_holds(org_id, priced.own);
                let mut changes = Changes::default();
                holds.iter().for_each(|hold| changes.release(hold, now));
                changes.claim(&priced.claims, As::Redemption { may_overrun: false }, currency_of(&cart, ruleset));
                let asking = Asking { org_id, now, instant: pricing.instant, own: priced.own };
                let overruns = settle(&asking, &changes, contended, &priced.stale)?;
                pricing.close_earlier(priced.own);
                let state = State {
                    evaluation_id: evaluation_id.clone(),
                    lineage: pricing.lineage().unwrap_or(&evaluation_id).to_owned(),
                    state: "REDEEMED".to_owned(),
                    customer_id: customer.clone(),
                    cart_id: pricing.cart_id().map(str::to_owned),
                    valid_till: None,
                };
                evaluation_state::open(org_id, &state, now);
                keep(&kept(&pricing, priced, &evaluation_id, &references));
                store::cart::ordered(org_id, pricing.cart_id(), &evaluation_id, &self.transaction_id, now);
                let records = priced.evaluation.applied.iter().map(Record::of);
                let sold = given(ruleset, &priced.evaluation)
                    .into_iter()
                    .zip(records.chain(std::iter::repeat_with(Record::default)))
                    .map(|(given, record)| Sold { given, record })
                    .collect();
                let sale = Sale {
                    evaluation_id: evaluation_id.clone(),
                    customer_id: customer.clone(),
                    currency: currency_of(&cart, ruleset).code().to_owned(),
                    priced_at: clock::timestamptz(pricing.instant),
                    amount: cart.amount,
                    lines: SoldLine::of(&cart, &references),
                    sold,
                };
                let events = pricing.releases(&holds);
                let taken =
                    Taken { claims: as_added(&priced.claims), overruns, is_held: false, is_recorded: false, events };
                Ok(self.enter(&sale, taken, earning, &ruleset.settings, now)?)
            },
        )
    }

    /// Enters the order, and answers.
    fn enter(
        &self,
        sale: &Sale,
        taken: Taken<'_>,
        earning: Option<Earning<'_>>,
        settings: &Settings,
        now: i64,
    ) -> ApiResult<JsonbValue> {
        let (org_id, transaction_id) = (self.org_id, self.transaction_id.as_str());
        let (claims, overruns) = (&taken.claims, &taken.overruns);
        evaluation_state::add_claims(org_id, &sale.evaluation_id, claims, overruns, sale.priced_at, None);
        let used =
            sale.sold.iter().filter_map(|own| Some((own.given.promotion_id.as_str(), own.given.earn_id.as_deref()?)));
        entitlement::settle_states(org_id, sale.customer_id.as_deref(), &used.collect::<Vec<_>>(), now);
        let redemption_ids: Vec<String> = sale.sold.iter().map(|_| ids::object_id(clock::milliseconds(now))).collect();
        let overrun = taken.is_recorded || !taken.overruns.is_empty();
        let mut answer = json!({
            "transactionId": transaction_id,
            "evaluationId": sale.evaluation_id,
            "redemptions": sale.sold.iter().zip(&redemption_ids).map(|(sold, id)| entry(sale, sold, id)).collect::<Vec<_>>(),
            "overrun": overrun,
        });
        let earned = earning.map(|earning| earning.give()).unwrap_or_default();
        if !earned.is_empty() {
            answer["earned"] = Value::Array(earned);
        }
        let answer = jsonb_of(&answer);
        let is_new = redemption::add(&Order {
            org_id,
            transaction_id,
            sale,
            redemption_ids: &redemption_ids,
            redeemed_at: now,
            transaction_date: self.input.transaction_date.map_or(sale.priced_at, |date| clock::timestamptz(date.0)),
            request: self.request,
            answer,
            overrun,
            rounding: settings.rounding_of(sale_currency(sale)),
        });
        if !is_new {
            return Err(ApiError::id_taken("transactionId", transaction_id));
        }
        let redeemed = self.events(sale, &taken, overrun);
        let mut events = taken.events;
        events.extend(redeemed);
        note(org_id, now, &events);
        if settings.notify {
            notify(org_id, "REDEMPTION", transaction_id, None);
        }
        Ok(answer)
    }

    /// The ledger's entries; what several vouchers of one promotion use stands with the first.
    fn events(&self, sale: &Sale, taken: &Taken<'_>, overrun: bool) -> Vec<Event> {
        let mut counted: HashSet<&str> = HashSet::new();
        let event = |sold: &Sold| Event {
            kind: "REDEMPTION",
            reason: overrun.then_some("OVERRUN"),
            promotion_id: Some(sold.given.promotion_id.clone()),
            promotion_version: Some(sold.given.version),
            customer_id: sale.customer_id.clone(),
            evaluation_id: Some(sale.evaluation_id.clone()),
            transaction_id: Some(self.transaction_id.clone()),
            promo_code: sold.given.promo_code.clone(),
            earn_id: sold.given.earn_id.clone(),
            redemption_count: i64::try_from(sold.given.redemption_count).ok(),
            discount: Some(sold.given.discount),
            ..Event::default()
        };
        let mut events: Vec<Event> = sale.sold.iter().map(event).collect();
        if events.is_empty() {
            events.push(Event {
                kind: "REDEMPTION",
                customer_id: sale.customer_id.clone(),
                evaluation_id: Some(sale.evaluation_id.clone()),
                transaction_id: Some(self.transaction_id.clone()),
                ..Event::default()
            });
        }
        for (event, sold) in events.iter_mut().zip(&sale.sold) {
            let id = sold.given.promotion_id.as_str();
            if !counted.insert(id) {
                continue;
            }
            for (count, _, amount) in taken.claims.iter().filter(|(count, ..)| count.promotion_id == id) {
                event.uses.add(count, "redeemed", *amount);
                event.uses.add(count, "held", if taken.is_held { -amount } else { 0 });
            }
            for (count, amount) in taken.overruns.iter().filter(|(count, _)| count.promotion_id == id) {
                event.uses.add(count, "overrun", *amount);
            }
        }
        events
    }
}

/// A redemption, as the answer has it.
fn entry(sale: &Sale, sold: &Sold, redemption_id: &str) -> Value {
    let own = &sold.given;
    let mut entry = Map::new();
    let mut put = |key: &str, value: Value| entry.insert(key.to_owned(), value);
    put("redemptionId", json!(redemption_id));
    put("promotionId", json!(own.promotion_id));
    put("promotionVersion", json!(own.version));
    if let Some(code) = &own.promo_code {
        put("promoCode", json!(code));
    }
    if let Some(earn_id) = &own.earn_id {
        put("earnedPromotionId", json!(earn_id));
    }
    put("redemptionCount", json!(own.redemption_count));
    put("discount", json!(own.discount));
    let line = |(place, discount, quantity): (usize, Money, promotion_core::money::Quantity)| {
        pgrx::check_for_interrupts!();
        let line = sale.lines.get(place).filter(|line| line.sku.is_some())?;
        Some(json!({"referenceId": line.reference_id, "sku": line.sku, "qty": quantity, "discount": discount}))
    };
    put("lines", sold.record.by_line().into_iter().filter_map(line).collect());
    Value::Object(entry)
}
