//! promo_create_codes, promo_add_codes, promo_link_code and promo_disable_code (spec/api.md, spec/lifecycle.md
//! "Codes").

use promotion_core::cart::CustomerId;
use promotion_core::code::{CodeFault, CodePattern, code_key, new_code};
use promotion_core::error::InputError;
use promotion_core::instant::Instant;
use promotion_core::json::{REQUEST_LIMITS, read};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::Deserialize;

use super::customer::{Declared, required};
use crate::call::{Arguments, Output, pg_function};
use crate::error::{ApiError, ApiResult};
use crate::store::code::{Identity, Target};
use crate::store::lock;
use crate::store::statement::Access;
use crate::{clock, store};

pg_function!(promo_add_codes, pg_finfo_promo_add_codes, add_codes);
pg_function!(promo_make_codes, pg_finfo_promo_make_codes, make_codes);
pg_function!(promo_link_code, pg_finfo_promo_link_code, link_code);
pg_function!(promo_link_code_bigint, pg_finfo_promo_link_code_bigint, link_code_bigint);
pg_function!(promo_disable_code, pg_finfo_promo_disable_code, disable_code);

/// Most codes of one promo_add_codes.
const MOST_CODES: usize = 1_000_000;

/// How many codes promo_create_codes makes at a time.
const BATCH: usize = 10_000;

/// How many codes that exist are drawn in a row, before there seem to be no others.
const MOST_FRUITLESS: usize = 10_000;

/// When codes are valid, and whose they are.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object of options")]
struct Options<'a> {
    valid_from: Option<Instant>,
    valid_till: Option<Instant>,
    #[serde(borrow)]
    customer_id: Option<CustomerId<'a>>,
}

/// The same, and what codes look like that are made.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object of options")]
struct NewOptions<'a> {
    length: Option<i64>,
    prefix: Option<&'a str>,
    alphabet: Option<&'a str>,
    valid_from: Option<Instant>,
    valid_till: Option<Instant>,
    #[serde(borrow)]
    customer_id: Option<CustomerId<'a>>,
}

fn in_options(error: InputError) -> InputError {
    error.under_key("options")
}

/// A promotion that codes are added to; it must be of type CODE.
fn target<'t>(
    org_id: i64,
    promotion_id: &'t str,
    valid: [Option<Instant>; 2],
    customer_id: Option<&'t str>,
) -> ApiResult<Target<'t>> {
    if let [Some(from), Some(till)] = valid
        && till < from
    {
        let error = InputError::new("expected an instant at or after validFrom").under_key("validTill");
        return Err(in_options(error).into());
    }
    let promotion = store::promotion::find(org_id, promotion_id)?;
    if promotion.promotion_type != "CODE" {
        return Err(ApiError::wrong_type(promotion_id, &promotion.promotion_type, "CODE"));
    }
    let [valid_from, valid_till] = valid.map(|instant| instant.map(|instant| clock::timestamptz(instant.0)));
    Ok(Target { org_id, promotion_id, valid_from, valid_till, customer_id, now: clock::now() })
}

fn add_codes(arguments: &Arguments) -> ApiResult<Output> {
    let org_id = arguments.org_id(3)?;
    store::organization::check(org_id, Access::Write)?;
    let promotion_id = arguments.required_text(0, "promotion_id")?;
    let sent = arguments.texts(1).ok_or_else(|| ApiError::invalid_argument("codes", "required, but NULL"))?;
    if sent.len() > MOST_CODES {
        return Err(ApiError::invalid_argument("codes", &format!("expected at most {MOST_CODES}")));
    }
    let options: Options<'_> = read(arguments.required_jsonb(2, "options")?, REQUEST_LIMITS).map_err(in_options)?;
    let mut codes = Vec::with_capacity(sent.len());
    for (index, code) in sent.iter().enumerate() {
        let Some(code) = code else {
            let error = InputError::new("expected a code, found NULL");
            return Err(error.under_index(index).under_key("codes").into());
        };
        codes.push(new_code(code).map_err(|fault| match fault {
            CodeFault::Character => ApiError::bad_code_character(index, code),
            CodeFault::TooLong => ApiError::code_too_long(index, code),
        })?);
    }
    let customer = options.customer_id.as_ref().map(CustomerId::key);
    let valid = [options.valid_from, options.valid_till];
    let target = target(org_id, &promotion_id, valid, customer.as_deref())?;
    lock::codes_shared(org_id);
    let (added, newly_linked) = target.add(&codes).map_err(|linked| {
        let place = codes.iter().position(|code| *code == linked).unwrap_or(0);
        ApiError::code_linked(&format!("codes[{place}]"), &linked)
    })?;
    if added > 0 {
        target.note("ADDED", added);
    }
    if newly_linked > 0 {
        target.note("LINKED", newly_linked);
    }
    Ok(Output::Bigint(added))
}

fn make_codes(arguments: &Arguments) -> ApiResult<Output> {
    let org_id = arguments.org_id(4)?;
    store::organization::check(org_id, Access::Write)?;
    let promotion_id = arguments.required_text(0, "promotion_id")?;
    let count = arguments.int(1).ok_or_else(|| ApiError::invalid_argument("count", "required, but NULL"))?;
    let count = usize::try_from(count).map_err(|_| ApiError::invalid_argument("count", "expected 0 or more"))?;
    let made = arguments.int(2).and_then(|made| usize::try_from(made).ok()).unwrap_or(0);
    let options: NewOptions<'_> = read(arguments.required_jsonb(3, "options")?, REQUEST_LIMITS).map_err(in_options)?;
    let pattern =
        CodePattern::new(options.length, options.prefix, options.alphabet, count as u64).map_err(in_options)?;
    let customer = options.customer_id.as_ref().map(CustomerId::key);
    let valid = [options.valid_from, options.valid_till];
    let target = target(org_id, &promotion_id, valid, customer.as_deref())?;
    if made == 0 && count > 0 {
        target.note("ADDED", count as i64);
    }
    if pattern.is_crowded() {
        lock::codes(org_id);
    }
    // A generator that can't be predicted, seeded by the operating system.
    let mut random = StdRng::from_os_rng();
    let wanted = BATCH.min(count.saturating_sub(made));
    let mut codes: Vec<String> = Vec::with_capacity(wanted);
    let mut fruitless = 0;
    while codes.len() < wanted {
        pgrx::check_for_interrupts!();
        let drawn: Vec<String> =
            (codes.len()..wanted).map(|_| pattern.code(|below| random.random_range(0..below))).collect();
        // What there is already is drawn anew.
        let count = drawn.len();
        let new = target.create(drawn);
        fruitless = if new.is_empty() { fruitless + count } else { 0 };
        if fruitless >= MOST_FRUITLESS {
            let error = InputError::new("expected more characters: nearly all codes of these exist already");
            return Err(in_options(error.under_key("length")).into());
        }
        codes.extend(new);
    }
    Ok(Output::Texts(codes))
}

/// A code that an argument names, as it is stored, and what is known of it.
fn named(arguments: &Arguments, org_id: i64) -> ApiResult<(String, Identity)> {
    let sent = arguments.required_text(0, "code")?;
    let code = code_key(&sent);
    let identity = store::code::find(org_id, &code).ok_or_else(|| ApiError::unknown_code(&sent))?;
    Ok((code, identity))
}

fn link_code(arguments: &Arguments) -> ApiResult<Output> {
    link(arguments, Declared::Text)
}

fn link_code_bigint(arguments: &Arguments) -> ApiResult<Output> {
    link(arguments, Declared::Bigint)
}

fn link(arguments: &Arguments, declared: Declared) -> ApiResult<Output> {
    let org_id = arguments.org_id(2)?;
    let customer = required(arguments, 1, declared, org_id)?;
    let (code, identity) = named(arguments, org_id)?;
    match &identity.customer_id {
        Some(own) if *own == customer => return Ok(Output::Nothing),
        Some(_) => return Err(ApiError::code_linked("code", &code)),
        None if identity.is_disabled => return Err(ApiError::code_disabled(&code)),
        None => store::code::link(org_id, &code, &customer, clock::now()),
    }
    Ok(Output::Nothing)
}

fn disable_code(arguments: &Arguments) -> ApiResult<Output> {
    let org_id = arguments.org_id(1)?;
    store::organization::check(org_id, Access::Write)?;
    let (code, identity) = named(arguments, org_id)?;
    if !identity.is_disabled {
        store::code::disable(org_id, &code, clock::now());
    }
    Ok(Output::Nothing)
}
