//! promo_create_cart, promo_update_cart, promo_get_cart, promo_apply_code, promo_remove_code (spec/carts.md).

use promotion_core::cart::Cart;
use promotion_core::code::code_key;
use promotion_core::currency::Currency;
use promotion_core::definition::spelled;
use promotion_core::json::REQUEST_LIMITS;
use promotion_core::settings::Settings;
use promotion_core::stored_cart::{
    AppliedCode, CartState, Changes, Content, NewCart, PricedCart, StoredCart, no_cart, object,
};
use serde_json::json;

use super::evaluate::{changes_counts, hold, kept};
use super::lock::give_up;
use super::pricing::{Priced, Pricing};
use super::redeem::redeemed;
use crate::call::{Arguments, Output, pg_function};
use crate::error::{ApiError, ApiResult};
use crate::guc::{self, ErrorMode};
use crate::jsonb::Jsonb;
use crate::jsonb_writer::jsonb_of;
use crate::store::entitlement;
use crate::store::evaluation::keep;
use crate::store::evaluation_state::{self, Earlier};
use crate::store::facts::TillCode;
use crate::store::lock::{self, Caller};
use crate::store::organization::checked_settings;
use crate::store::statement::{Access, with_fresh_snapshot};
use crate::subtransaction::attempt;
use crate::{clock, ids, store};

pg_function!(promo_create_cart, pg_finfo_promo_create_cart, create_cart);
pg_function!(promo_update_cart, pg_finfo_promo_update_cart, update_cart);
pg_function!(promo_get_cart, pg_finfo_promo_get_cart, get_cart);
pg_function!(promo_apply_code, pg_finfo_promo_apply_code, apply_code);
pg_function!(promo_remove_code, pg_finfo_promo_remove_code, remove_code);

fn create_cart(arguments: &Arguments) -> ApiResult<Output> {
    let org_id = arguments.org_id(1)?;
    answered(org_id, None, || create(org_id, arguments.required_jsonb(0, "cart")?))
}

fn update_cart(arguments: &Arguments) -> ApiResult<Output> {
    let (org_id, cart_id) = (arguments.org_id(2)?, arguments.text(0));
    answered(org_id, cart_id.as_deref(), || {
        update(org_id, &arguments.required_text(0, "cart_id")?, arguments.required_jsonb(1, "changes")?)
    })
}

fn apply_code(arguments: &Arguments) -> ApiResult<Output> {
    let (org_id, cart_id) = (arguments.org_id(2)?, arguments.text(0));
    answered(org_id, cart_id.as_deref(), || {
        apply(org_id, &arguments.required_text(0, "cart_id")?, &code_of(arguments)?)
    })
}

fn remove_code(arguments: &Arguments) -> ApiResult<Output> {
    let (org_id, cart_id) = (arguments.org_id(2)?, arguments.text(0));
    answered(org_id, cart_id.as_deref(), || {
        remove(org_id, &arguments.required_text(0, "cart_id")?, &code_of(arguments)?)
    })
}

/// Reads alone: no subtransaction, which a parallel worker could not begin.
fn get_cart(arguments: &Arguments) -> ApiResult<Output> {
    let (org_id, cart_id) = (arguments.org_id(1)?, arguments.text(0));
    let read = || {
        let cart_id = arguments.required_text(0, "cart_id")?;
        let settings = checked_settings(org_id, Access::Read)?;
        let cart = store::cart::find(org_id, &cart_id, &settings, false)?;
        cart.ok_or_else(|| ApiError::unknown_cart(&cart_id))
    };
    match read() {
        Ok(cart) => Ok(Output::Jsonb(jsonb_of(&object(org_id, &cart, None)))),
        Err(error) => in_cart_object(org_id, cart_id.as_deref(), error),
    }
}

/// The promo code that an argument names.
fn code_of(arguments: &Arguments) -> ApiResult<String> {
    let code = arguments.required_text(1, "promo_code")?;
    let most = REQUEST_LIMITS.string_characters;
    if code.is_empty() || code.chars().count() > most {
        return Err(ApiError::invalid_argument("promo_code", &format!("expected a string of 1 to {most} characters")));
    }
    Ok(code)
}

/// Answers with the cart that `work` leaves; where it fails, nothing of it was done.
fn answered(org_id: i64, cart_id: Option<&str>, work: impl FnOnce() -> ApiResult<StoredCart>) -> ApiResult<Output> {
    match attempt(work) {
        Ok(cart) => Ok(Output::Jsonb(jsonb_of(&object(org_id, &cart, None)))),
        // What others have done to the cart meanwhile may be the very reason.
        Err(error) => with_fresh_snapshot(|| in_cart_object(org_id, cart_id, error)),
    }
}

/// Puts an error into the cart object, of the cart as it is, unless errors are to be raised.
fn in_cart_object(org_id: i64, cart_id: Option<&str>, error: ApiError) -> ApiResult<Output> {
    if !error.is_business() {
        return Err(error);
    }
    // Of an organization that the caller may not act for, 42501 whatever was sent.
    let settings = match checked_settings(org_id, Access::Read) {
        Ok(settings) => settings,
        Err(unknown) if unknown.is_business() => Settings::default(),
        Err(foreign) => return Err(foreign),
    };
    if guc::error_mode() == ErrorMode::Raise {
        return Err(error);
    }
    let cart_error = error.cart_error();
    let cart = match cart_id {
        Some(cart_id) => store::cart::find(org_id, cart_id, &settings, false)?,
        None => None,
    };
    Ok(Output::Jsonb(match cart {
        Some(cart) => jsonb_of(&object(org_id, &cart, Some(&cart_error))),
        None => jsonb_of(&no_cart(org_id, settings.currency, &cart_error)),
    }))
}

fn create(org_id: i64, request: Jsonb<'_>) -> ApiResult<StoredCart> {
    let settings = checked_settings(org_id, Access::Write)?;
    let new = NewCart::parse(request)?;
    let now = clock::now();
    let currency: Currency = new.currency.unwrap_or(settings.currency);
    let mut cart = StoredCart {
        cart_id: ids::object_id(clock::milliseconds(now)),
        state: new.state,
        created_at: clock::unix_microseconds(now),
        updated_at: clock::unix_microseconds(now),
        content: Content::new(currency),
        priced: PricedCart::default(),
        evaluation_id: None,
        valid_till: None,
        transaction_id: None,
        rounding: settings.rounding_of(currency),
    };
    cart.content.change(new.changes, cart.rounding)?;
    price(org_id, None, &mut cart, None)?;
    store::cart::save(org_id, None, &cart);
    Ok(cart)
}

fn update(org_id: i64, cart_id: &str, changes: Jsonb<'_>) -> ApiResult<StoredCart> {
    let settings = checked_settings(org_id, Access::Write)?;
    let changes = Changes::parse(changes)?;
    let before = locked(org_id, cart_id, &settings, changes.customer_id().as_deref())?;
    let next = changes.state.unwrap_or(before.state);
    let state = spelled(before.state);
    let refused = |expected: &str| ApiError::cart_not_editable(cart_id, &state, expected);
    // Without any key the cart is priced anew as it is.
    let is_changed = changes.changes_content || changes.state.is_none();
    let names_order = changes.transaction_id.is_some();
    let is_same_order = !names_order || changes.transaction_id == before.transaction_id;
    // Sent again, be it with what it changed the first time.
    let is_sent_again = names_order || !is_changed;
    if next == before.state && is_same_order && is_sent_again {
        return Ok(before);
    }
    if is_changed && !before.state.is_editable() {
        return Err(refused("ACTIVE or PENDING"));
    }
    if !before.state.may_become(next) {
        let others =
            CartState::ALL.into_iter().filter(|state| *state != before.state && before.state.may_become(*state));
        let others: Vec<String> = others.map(spelled).collect();
        return Err(match others.as_slice() {
            [] => refused("a cart that is not over"),
            _ => refused(&format!("cartState to become {}", others.join(" or "))),
        });
    }
    let mut after = before.clone();
    let transaction_id = changes.transaction_id.clone().unwrap_or_else(|| cart_id.to_owned());
    if is_changed {
        after.content.change(changes, after.rounding)?;
        if next == CartState::Submitted {
            before_limits(org_id, &after, &transaction_id);
        }
        price(org_id, Some(&before), &mut after, None)?;
    }
    if next == CartState::Submitted {
        submit(org_id, &mut after, &transaction_id)?;
    } else if next.is_cancelling() {
        cancel(org_id, &mut after)?;
    }
    after.state = next;
    save(org_id, &before, &mut after);
    Ok(after)
}

fn apply(org_id: i64, cart_id: &str, code: &str) -> ApiResult<StoredCart> {
    let settings = checked_settings(org_id, Access::Write)?;
    let before = editable(org_id, cart_id, &settings)?;
    let key = code_key(code);
    if before.content.codes.iter().any(|own| own.key() == key) {
        return Ok(before);
    }
    let mut after = before.clone();
    after.content.codes.push(AppliedCode { sent: code.to_owned(), problem: None });
    price(org_id, Some(&before), &mut after, Some(code))?;
    save(org_id, &before, &mut after);
    Ok(after)
}

fn remove(org_id: i64, cart_id: &str, code: &str) -> ApiResult<StoredCart> {
    let settings = checked_settings(org_id, Access::Write)?;
    let before = editable(org_id, cart_id, &settings)?;
    let key = code_key(code);
    let mut after = before.clone();
    after.content.codes.retain(|own| own.key() != key);
    if after.content.codes.len() == before.content.codes.len() {
        return Err(ApiError::code_not_on_cart(code));
    }
    price(org_id, Some(&before), &mut after, None)?;
    save(org_id, &before, &mut after);
    Ok(after)
}

/// A cart, from now on kept apart from other calls: by the locks of its customer and of `next`, who may become that, and
/// by the lock that a guest's cart has.
fn locked(org_id: i64, cart_id: &str, settings: &Settings, next: Option<&str>) -> ApiResult<StoredCart> {
    let unknown = || ApiError::unknown_cart(cart_id);
    if ids::object_id_time(cart_id).is_none() {
        return Err(unknown());
    }
    loop {
        let known = store::cart::customer(org_id, cart_id).ok_or_else(unknown)?;
        // In one order: two carts that change hands crosswise must not wait for each other.
        let mut customers: Vec<&str> = known.as_deref().into_iter().chain(next).collect();
        customers.sort_unstable();
        let taken = attempt(|| {
            customers.iter().try_for_each(|id| lock::customer(org_id, Caller::Customer(id)))?;
            lock::customer(org_id, Caller::GuestCart(cart_id))?;
            let cart = store::cart::find(org_id, cart_id, settings, true)?.ok_or_else(unknown)?;
            if cart.content.customer_id() == known { Ok(cart) } else { Err(Untaken::OtherCustomer) }
        });
        match taken {
            Ok(cart) => return Ok(cart),
            Err(Untaken::Error(error)) => return Err(error),
            // It changed hands while this call waited: its locks are given back, others are needed.
            Err(Untaken::OtherCustomer) => {}
        }
    }
}

/// Why a cart's locks were not taken.
enum Untaken {
    Error(ApiError),
    OtherCustomer,
}

impl From<ApiError> for Untaken {
    fn from(error: ApiError) -> Self {
        Self::Error(error)
    }
}

fn editable(org_id: i64, cart_id: &str, settings: &Settings) -> ApiResult<StoredCart> {
    let cart = locked(org_id, cart_id, settings, None)?;
    if cart.state.is_editable() {
        return Ok(cart);
    }
    Err(ApiError::cart_not_editable(cart_id, &spelled(cart.state), "ACTIVE or PENDING"))
}

/// Saves a changed cart: its updatedAt moves.
fn save(org_id: i64, before: &StoredCart, after: &mut StoredCart) {
    after.updated_at = clock::unix_microseconds(clock::now()).max(before.updated_at + 1);
    store::cart::save(org_id, Some(before), after);
}

/// Prices a cart as promo_evaluate does, in place of what it held before. A new code must give something.
fn price(org_id: i64, before: Option<&StoredCart>, after: &mut StoredCart, new_code: Option<&str>) -> ApiResult<()> {
    let request = jsonb_of(&after.content.request(&after.cart_id));
    let cart = Cart::parse(request.view())?;
    let changes_hands = before.is_some_and(|before| before.content.customer_id() != after.content.customer_id());
    let till = after.content.till_code.as_deref().map(|code| TillCode { code, key: "tillCode" });
    let mut pricing = Pricing::begin(org_id, &cart, request, till, None)?;
    pricing.suggests = true;
    if let Some(before) = before.filter(|_| changes_hands) {
        pricing.replace(&held_for(org_id, before));
    }
    let evaluation_id = ids::object_id(clock::milliseconds(pricing.now));
    let references: Vec<String> = after.content.items.iter().map(|item| item.line_item_id.clone()).collect();
    let new_key = new_code.map(code_key);
    let (priced_cart, problems, valid_till) = pricing.settle(
        |priced: &Priced<'_, '_>| changes_counts(priced),
        |priced, contended| {
            let logs = &priced.evaluation.code_logs;
            if let Some(log) = logs.iter().find(|log| Some(code_key(log.promo_code)) == new_key) {
                return Err(ApiError::code_not_applicable(log).into());
            }
            let valid_till = hold(&pricing, priced, &evaluation_id, contended)?;
            keep(&kept(&pricing, priced, &evaluation_id, &references));
            let sku_of = |line: usize| cart.lines.get(line).map_or_else(String::new, |line| line.sku.to_owned());
            let suggestions = priced.suggestions.clone();
            let priced_cart = PricedCart::new(&priced.ruleset, &priced.evaluation, suggestions, sku_of);
            let problem = |code: &AppliedCode| {
                let log = logs.iter().find(|log| code_key(log.promo_code) == code.key())?;
                Some((log.problem.code(), log.problem.to_string()))
            };
            let problems: Vec<_> = after.content.codes.iter().map(problem).collect();
            Ok((priced_cart, problems, valid_till))
        },
    )?;
    // Nobody redeems what the cart cost before: where it was not locked, nothing has ended that yet.
    let former = before.and_then(|before| before.evaluation_id.clone()).filter(|id| !pricing.replaces(id));
    let customer = after.content.customer_id();
    evaluation_state::close(org_id, former.as_slice(), "REPLACED", pricing.now, None, customer.as_deref());
    for (code, problem) in after.content.codes.iter_mut().zip(problems) {
        code.problem = problem;
    }
    after.priced = priced_cart;
    after.evaluation_id = Some(evaluation_id);
    after.valid_till = valid_till.map(clock::milliseconds);
    Ok(())
}

/// What redeeming locks before it takes of limits, which pricing does before it is redeemed.
fn before_limits(org_id: i64, cart: &StoredCart, transaction_id: &str) {
    lock::order(org_id, transaction_id);
    if let Some(customer) = cart.content.customer_id() {
        entitlement::guard_customers(org_id, &[customer], 0);
    }
}

/// Redeems what the cart was promised, as promo_redeem does.
fn submit(org_id: i64, cart: &mut StoredCart, transaction_id: &str) -> ApiResult<()> {
    let request = json!({
        "customerId": cart.content.customer.get("customerId"),
        "transactionId": transaction_id,
        "evaluationId": cart.evaluation_id,
    });
    redeemed(org_id, jsonb_of(&request))?;
    cart.transaction_id = Some(transaction_id.to_owned());
    cart.valid_till = None;
    Ok(())
}

/// What stands for a cart as it was, be it an evaluation that somebody has put in the place of its own.
fn held_for(org_id: i64, cart: &StoredCart) -> Vec<Earlier> {
    let customer = cart.content.customer_id();
    let own = cart.evaluation_id.as_deref();
    evaluation_state::earlier(org_id, own, Some(&cart.cart_id), customer.as_deref(), true)
}

/// Gives up what the cart holds: nobody redeems its evaluation any more.
fn cancel(org_id: i64, cart: &mut StoredCart) -> ApiResult<()> {
    let customer = cart.content.customer_id();
    let now = clock::now();
    for Earlier { state, .. } in held_for(org_id, cart) {
        if state.valid_till.is_some() && !state.is_over() {
            give_up(org_id, &state.evaluation_id, customer.as_deref(), now)?;
        }
    }
    evaluation_state::close(org_id, cart.evaluation_id.as_slice(), "CANCELLED", now, None, customer.as_deref());
    cart.valid_till = None;
    Ok(())
}
