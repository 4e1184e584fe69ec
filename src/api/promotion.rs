//! Promotions: promo_create_promotion, promo_update_promotion, promo_get_promotion, promo_activate,
//! promo_pause, promo_stop (spec/definition.md).

use promotion_core::definition::{Definition, LimitKpi, spelled};
use promotion_core::settings::Settings;

use super::definition::read_definition;
use crate::call::{Arguments, Output, pg_function};
use crate::error::{ApiError, ApiResult};
use crate::store::promotion::{Promotion, Written};
use crate::store::statement::Access;
use crate::{clock, ids, store};

pg_function!(promo_activate, pg_finfo_promo_activate, activate);
pg_function!(promo_create_promotion, pg_finfo_promo_create_promotion, create);
pg_function!(promo_get_promotion, pg_finfo_promo_get_promotion, get);
pg_function!(promo_pause, pg_finfo_promo_pause, pause);
pg_function!(promo_stop, pg_finfo_promo_stop, stop);
pg_function!(promo_update_promotion, pg_finfo_promo_update_promotion, update);

fn create(arguments: &Arguments) -> ApiResult<Output> {
    let org_id = arguments.org_id(1)?;
    store::organization::check(org_id, Access::Write)?;
    let view = arguments.required_jsonb(0, "definition")?;
    let _locked = store::organization::lock_definitions(org_id)?;
    let settings = store::organization::settings(org_id, Access::Write)?;
    let definition = read_definition(view, &settings)?;
    let now = clock::now();
    check_name(org_id, &definition, None, now)?;
    let promotion_id = ids::object_id(clock::milliseconds(now));
    write(&promotion_id, &definition, now, |written| store::promotion::create(org_id, written));
    Ok(Output::Text(promotion_id))
}

fn update(arguments: &Arguments) -> ApiResult<Output> {
    let org_id = arguments.org_id(2)?;
    store::organization::check(org_id, Access::Write)?;
    let promotion_id = arguments.required_text(0, "promotion_id")?;
    let view = arguments.required_jsonb(1, "definition")?;
    let _locked = store::organization::lock_definitions(org_id)?;
    let settings = store::organization::settings(org_id, Access::Write)?;
    let promotion = store::promotion::find(org_id, &promotion_id)?;
    if promotion.stopped {
        return Err(ApiError::stopped(&promotion_id));
    }
    let definition = read_definition(view, &settings)?;
    let now = clock::now();
    let has_been_live = promotion.has_been_live(now);
    // A cart may be priced a little ahead of the clock, and so use a promotion before it is live.
    if has_been_live || store::promotion::is_used(org_id, &promotion_id) {
        let (_, before) = store::promotion::definition_in_force(org_id, &promotion_id)?;
        check_settled(&definition, &before, &settings)?;
    }
    check_name(org_id, &definition, Some(&promotion_id), now)?;
    let version = promotion.version + 1;
    write(&promotion_id, &definition, now, |written| {
        store::promotion::update(org_id, written, has_been_live, version);
    });
    Ok(Output::Int(version))
}

/// Type and limits of a promotion that has been live stay as they are, and so does the currency that
/// its DISCOUNT rows count in.
fn check_settled(definition: &Definition, before: &Definition, settings: &Settings) -> ApiResult<()> {
    if definition.promotion_type != before.promotion_type {
        return Err(ApiError::settled("type", &format!("{}, as it is", spelled(before.promotion_type))));
    }
    if definition.limits != before.limits {
        return Err(ApiError::settled("promotionRestrictions", "the limits as they are"));
    }
    let currency = |of: &Definition| of.currency.unwrap_or(settings.currency);
    let counts_money = before.limits.0.iter().any(|row| row.kpi == LimitKpi::Discount);
    if counts_money && currency(definition) != currency(before) {
        let expected = format!("{}, as it is: DISCOUNT limits count in it", currency(before).code());
        return Err(ApiError::settled("currency", &expected));
    }
    Ok(())
}

/// Names are unique among promotions that are not ended: one that is over takes none.
fn check_name(org_id: i64, definition: &Definition, except: Option<&str>, now: i64) -> ApiResult<()> {
    if clock::timestamptz(definition.end_date.0) < now {
        return Ok(());
    }
    store::promotion::check_name(org_id, &definition.name, except, now)
}

/// Hands a definition over in the words of the tables.
fn write(promotion_id: &str, definition: &Definition, now: i64, store: impl FnOnce(&Written<'_>)) {
    store(&Written {
        promotion_id,
        definition,
        promotion_type: &spelled(definition.promotion_type),
        mode: &spelled(definition.mode),
        json: &serde_json::to_string(definition).unwrap_or_default(),
        now,
    });
}

fn get(arguments: &Arguments) -> ApiResult<Output> {
    let org_id = arguments.org_id(1)?;
    store::organization::check(org_id, Access::Read)?;
    let promotion_id = arguments.required_text(0, "promotion_id")?;
    store::promotion::definition(org_id, &promotion_id).map(Output::Json)
}

/// What can be switched.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Switch {
    Activate,
    Pause,
    Stop,
}

fn activate(arguments: &Arguments) -> ApiResult<Output> {
    switch(arguments, Switch::Activate)
}

fn pause(arguments: &Arguments) -> ApiResult<Output> {
    switch(arguments, Switch::Pause)
}

fn stop(arguments: &Arguments) -> ApiResult<Output> {
    switch(arguments, Switch::Stop)
}

impl Switch {
    /// As the ledger says it.
    fn reason(self) -> &'static str {
        match self {
            Self::Activate => "ACTIVATED",
            Self::Pause => "PAUSED",
            Self::Stop => "STOPPED",
        }
    }

    /// The promotion after the switch. What is stopped stays so.
    fn turn(self, promotion_id: &str, old: &Promotion) -> ApiResult<Promotion> {
        if old.stopped && self != Self::Stop {
            return Err(ApiError::stopped(promotion_id));
        }
        let mut new = old.clone();
        match self {
            Self::Activate => (new.active, new.paused) = (true, false),
            Self::Pause => new.paused = true,
            Self::Stop => new.stopped = true,
        }
        Ok(new)
    }
}

/// Switches a promotion and answers its state. What is so already changes nothing.
fn switch(arguments: &Arguments, switch: Switch) -> ApiResult<Output> {
    let org_id = arguments.org_id(1)?;
    store::organization::check(org_id, Access::Write)?;
    let promotion_id = arguments.required_text(0, "promotion_id")?;
    let mut old = store::promotion::find(org_id, &promotion_id)?;
    let mut new = switch.turn(&promotion_id, &old)?;
    let mut now = clock::now();
    if new != old {
        let _locked = store::organization::lock_definitions(org_id)?;
        old = store::promotion::find(org_id, &promotion_id)?;
        new = switch.turn(&promotion_id, &old)?;
        now = clock::now();
        if new != old {
            store::promotion::switch(org_id, &promotion_id, &new, switch.reason(), old.has_been_live(now), now);
        }
    }
    Ok(Output::Text(new.state(now).to_owned()))
}
