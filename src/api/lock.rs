//! promo_pending_carts and promo_cancel (spec/api.md).

use crate::call::{Arguments, Output, in_envelope, pg_function};
use crate::error::{ApiError, ApiResult};
use crate::store::change::Changes;
use crate::store::claim::{Stop, settle, settling};
use crate::store::evaluation_state;
use crate::store::event::note;
use crate::store::lock::{self, Caller};
use crate::store::usage::Asking;
use crate::{clock, ids, store};

use super::customer::{Declared, customer, required};
use super::pricing::releases;
use std::collections::HashSet;

pg_function!(promo_pending_carts, pg_finfo_promo_pending_carts, pending_carts);
pg_function!(promo_pending_carts_bigint, pg_finfo_promo_pending_carts_bigint, pending_carts_bigint);
pg_function!(promo_cancel, pg_finfo_promo_cancel, cancel);
pg_function!(promo_cancel_bigint, pg_finfo_promo_cancel_bigint, cancel_bigint);

fn pending_carts(arguments: &Arguments) -> ApiResult<Output> {
    in_envelope(pending(arguments, Declared::Text))
}

fn pending_carts_bigint(arguments: &Arguments) -> ApiResult<Output> {
    in_envelope(pending(arguments, Declared::Bigint))
}

fn pending(arguments: &Arguments, declared: Declared) -> ApiResult<String> {
    let org_id = arguments.org_id(1)?;
    let customer = required(arguments, 0, declared, org_id)?;
    store::evaluation::pending(org_id, &customer, clock::now()).ok_or_else(|| ApiError::nothing_pending(&customer))
}

fn cancel(arguments: &Arguments) -> ApiResult<Output> {
    in_envelope(cancelled(arguments, Declared::Text))
}

fn cancel_bigint(arguments: &Arguments) -> ApiResult<Output> {
    in_envelope(cancelled(arguments, Declared::Bigint))
}

fn cancelled(arguments: &Arguments, declared: Declared) -> ApiResult<String> {
    let org_id = arguments.org_id(2)?;
    let customer = customer(arguments, 0, declared, org_id)?;
    let evaluation_id = arguments.required_text(1, "evaluation_id")?;
    let unknown = || ApiError::unknown_evaluation(&evaluation_id);
    if ids::object_id_time(&evaluation_id).is_none() {
        return Err(unknown());
    }
    if let Some(customer) = &customer {
        lock::customer(org_id, Caller::Customer(customer))?;
    }
    let known = store::evaluation::owner(org_id, &evaluation_id).ok_or_else(unknown)?;
    if known.customer_id != customer {
        return Err(unknown());
    }
    if customer.is_none() {
        lock::customer(org_id, Caller::of(None, known.cart_id.as_deref(), Some(&evaluation_id)))?;
    }
    let now = clock::now();
    let state = evaluation_state::find(org_id, &evaluation_id);
    let is_live = state.as_ref().is_some_and(|state| state.is_live(now));
    if !is_live {
        let found = match &state {
            None => "not locked".to_owned(),
            Some(state) => match state.state.as_str() {
                "HELD" => "expired".to_owned(),
                "OPEN" => "not locked".to_owned(),
                over => over.to_lowercase(),
            },
        };
        return Err(ApiError::not_pending(&evaluation_id, &found));
    }
    give_up(org_id, &evaluation_id, customer.as_deref(), now)?;
    Ok(r#"{"status":true,"code":201,"message":"Successfully closed pending cart."}"#.to_owned())
}

/// Gives up what an evaluation that is not over holds, and ends it.
pub fn give_up(org_id: i64, evaluation_id: &str, customer: Option<&str>, now: i64) -> ApiResult<()> {
    let own = [evaluation_id.to_owned()];
    settling(true, |contended| {
        let holds = evaluation_state::take_holds(org_id, &own);
        let mut changes = Changes::default();
        holds.iter().for_each(|hold| changes.release(hold, now));
        let asking = Asking { org_id, now, instant: clock::milliseconds(now), own: &own };
        settle(&asking, &changes, contended, &HashSet::new())?;
        evaluation_state::close(org_id, &own, "CANCELLED", now, None, customer);
        note(org_id, now, &releases(&own, &holds, "CANCELLED", customer));
        Ok::<_, Stop<ApiError>>(())
    })?;
    Ok(())
}
