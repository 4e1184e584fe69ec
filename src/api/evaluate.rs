//! promo_evaluate and promo_preview (spec/api.md).

use std::sync::Arc;

use promotion_core::answer::{Answer, AnswerIds};
use promotion_core::cart::Cart;
use promotion_core::definition::PromotionType;
use promotion_core::error::InputError;
use promotion_core::evaluate::{Situation, evaluate as price};
use promotion_core::evaluation::Evaluation;
use promotion_core::instant::Instant;
use promotion_core::json::{Node, View};
use promotion_core::ruleset::{PromotionSource, Ruleset};

use super::definition::read_definition;
use crate::call::{Arguments, Output, in_envelope, pg_function};
use crate::error::{ApiError, ApiResult};
use crate::jsonb::Jsonb;
use crate::store::evaluation::{Facts, Kept, facts, keep};
use crate::store::statement::{Access, with_fresh_snapshot};
use crate::{clock, ids, ruleset_cache, store};

/// How far ahead of the database's clock a cart may be priced, in milliseconds.
const MOST_AHEAD: i64 = 5 * 60 * 1000;

/// Most drafts of one promo_preview.
const MAX_DRAFTS: usize = 100;

pg_function!(promo_evaluate, pg_finfo_promo_evaluate, evaluate);
pg_function!(promo_preview, pg_finfo_promo_preview, preview);

fn evaluate(arguments: &Arguments) -> ApiResult<Output> {
    in_envelope(evaluated(arguments))
}

fn evaluated(arguments: &Arguments) -> ApiResult<String> {
    let request = arguments.required_jsonb(0, "cart")?;
    let till_code = arguments.text(1);
    let org_id = arguments.org_id(2)?;
    let cart = Cart::parse(request).or_else(|error| refused(org_id, &error))?;
    let now = clock::now();
    let now_milliseconds = clock::milliseconds(now);
    let instant = cart.transaction_date.map_or(now_milliseconds, |date| date.0);
    if instant > now_milliseconds + MOST_AHEAD {
        let error = InputError::new("expected an instant at most 5 minutes ahead").under_key("transactionDate");
        return Err(error.into());
    }
    let (ruleset, facts) = with_fresh_snapshot(|| {
        let facts = facts(org_id, &cart, till_code.as_deref())?;
        Ok::<_, ApiError>((ruleset_cache::ruleset(org_id, facts.generation, instant)?, facts))
    })?;
    let evaluation = priced(&ruleset, &cart, instant, &facts);
    let evaluation_id = ids::object_id(now_milliseconds);
    let answer_ids =
        AnswerIds::complete(&cart, Some(evaluation_id.clone()), |_| ids::uuid(), |_| ids::object_id(now_milliseconds));
    keep(&Kept {
        org_id,
        evaluation_id: &evaluation_id,
        evaluated_at: now,
        priced_at: instant,
        till_code: till_code.as_deref(),
        request: arguments.required_datum(0, "cart")?,
        cart: &cart,
        line_references: answer_ids.lines.iter().map(|reference| reference.clone().into_owned()).collect(),
        evaluation: &evaluation,
        ruleset: &ruleset,
    });
    Ok(text(&Answer::new(&ruleset, &cart, &evaluation, &answer_ids)))
}

/// The error of a cart that can't be read; of an organization that the caller may not act for, 42501 all
/// the same. (A good cart asks for both in one statement.)
fn refused<T>(org_id: i64, error: &InputError) -> ApiResult<T> {
    store::organization::check(org_id, Access::Read)?;
    Err(ApiError::invalid(error))
}

fn preview(arguments: &Arguments) -> ApiResult<Output> {
    let request = arguments.required_jsonb(0, "cart")?;
    let till_code = arguments.text(1);
    let org_id = arguments.org_id(5)?;
    let cart = Cart::parse(request).or_else(|error| refused(org_id, &error))?;
    let instant = match (arguments.timestamptz(2).map(clock::milliseconds), cart.transaction_date) {
        (Some(at), _) => at,
        (None, Some(date)) => date.0,
        (None, None) => clock::milliseconds(clock::statement_start()),
    };
    let facts = facts(org_id, &cart, till_code.as_deref())?;
    let ruleset = match (arguments.timestamptz(3), arguments.jsonb(4)) {
        (None, None) => ruleset_cache::ruleset(org_id, facts.generation, instant)?,
        (definitions_at, drafts) => Arc::new(ruleset_as_if(org_id, definitions_at, drafts)?),
    };
    let evaluation = priced(&ruleset, &cart, instant, &facts);
    // A preview is a function of its arguments: its ids are counted, not random.
    let answer_ids = AnswerIds::complete(
        &cart,
        None,
        |index| format!("00000000-0000-8000-8000-{index:012x}"),
        |index| format!("{index:024x}"),
    );
    Ok(Output::Json(text(&Answer::new(&ruleset, &cart, &evaluation, &answer_ids))))
}

fn priced<'a>(ruleset: &Ruleset, cart: &Cart<'a>, instant: i64, facts: &Facts) -> Evaluation<'a> {
    let pulse = || {
        pgrx::check_for_interrupts!();
    };
    let situation = Situation {
        codes: &facts.codes,
        vouchers: &facts.vouchers,
        till: facts.till.as_ref(),
        pulse: &pulse,
        ..Situation::new(cart, Instant(instant))
    };
    price(ruleset, &situation)
}

/// A ruleset of definitions that are not the ones in force now: those of another time, or with
/// drafts among them. It is compiled for this call alone.
fn ruleset_as_if(org_id: i64, definitions_at: Option<i64>, drafts: Option<Jsonb<'_>>) -> ApiResult<Ruleset> {
    let settings = store::organization::settings(org_id, Access::Read)?;
    let parents = store::category::parents(org_id);
    let mut sources = match definitions_at {
        Some(at) => store::promotion::in_force_at(org_id, at)?,
        None => store::promotion::in_force(org_id, i64::MIN)?,
    };
    if let Some(drafts) = drafts {
        let Node::Array(drafts) = drafts.node()? else {
            return Err(ApiError::invalid_argument("drafts", "expected an array of definitions"));
        };
        for (index, draft) in drafts.enumerate() {
            let at_place = |error: InputError| error.under_index(index).under_key("drafts");
            if index == MAX_DRAFTS {
                return Err(at_place(InputError::new(format!("expected at most {MAX_DRAFTS} drafts"))).into());
            }
            let definition = read_definition(draft, &settings).map_err(at_place)?;
            if definition.promotion_type != PromotionType::Pos {
                let error = InputError::new("expected POS: no code and no instance leads to a draft");
                return Err(at_place(error.under_key("type")).into());
            }
            // Drafts are the youngest of all, in their order.
            let created = i64::MAX - MAX_DRAFTS as i64 + index as i64;
            sources.push(PromotionSource { id: format!("draft:{index}"), version: 0, created, definition });
        }
    }
    Ok(Ruleset::compile(settings, parents, sources))
}

/// The answer as JSON text: strings, numbers and booleans under constant keys, so that there is
/// nothing in it that JSON can't hold.
fn text(answer: &Answer<'_>) -> String {
    serde_json::to_string(answer).unwrap_or_default()
}
