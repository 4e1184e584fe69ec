//! promo_add_codes (spec/api.md, spec/lifecycle.md "Codes").

use promotion_core::code::{CodeFault, new_code};
use promotion_core::error::InputError;
use promotion_core::instant::Instant;
use promotion_core::json::{AnyJson, REQUEST_LIMITS, read};
use serde::Deserialize;

use crate::call::{Arguments, Output, pg_function};
use crate::error::{ApiError, ApiResult};
use crate::store::statement::Access;
use crate::{clock, store};

pg_function!(promo_add_codes, pg_finfo_promo_add_codes, add_codes);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object of options")]
struct Options {
    valid_from: Option<Instant>,
    valid_till: Option<Instant>,
    customer_id: Option<AnyJson>,
}

fn add_codes(arguments: &Arguments) -> ApiResult<Output> {
    let org_id = arguments.org_id(3)?;
    store::organization::check(org_id, Access::Write)?;
    let promotion_id = arguments.required_text(0, "promotion_id")?;
    let sent = arguments.texts(1).ok_or_else(|| ApiError::invalid_argument("codes", "required, but NULL"))?;
    let options: Options =
        read(arguments.required_jsonb(2, "options")?, REQUEST_LIMITS).map_err(|error| error.under_key("options"))?;
    if options.customer_id.is_some() {
        return Err(InputError::not_built("this key").under_key("customerId").under_key("options").into());
    }
    if let (Some(from), Some(till)) = (options.valid_from, options.valid_till)
        && till < from
    {
        let error = InputError::new("expected an instant at or after validFrom");
        return Err(error.under_key("validTill").under_key("options").into());
    }
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
    let promotion = store::promotion::find(org_id, &promotion_id)?;
    if promotion.promotion_type != "CODE" {
        return Err(ApiError::wrong_type(&promotion_id, &promotion.promotion_type, "CODE"));
    }
    let timestamptz = |instant: Option<Instant>| instant.map(|instant| clock::timestamptz(instant.0));
    let added = store::code::add(
        org_id,
        &promotion_id,
        codes,
        timestamptz(options.valid_from),
        timestamptz(options.valid_till),
        clock::now(),
    );
    Ok(Output::Bigint(added))
}
