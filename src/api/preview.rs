//! promo_preview (spec/api.md) and promo_explain (docs/explain.md): what a cart would get, and why. Neither keeps anything.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant as Moment;

use promotion_core::answer::{Answer, AnswerIds};
use promotion_core::cart::Cart;
use promotion_core::definition::PromotionType;
use promotion_core::error::InputError;
use promotion_core::evaluate::evaluate;
use promotion_core::explanation::text::lines;
use promotion_core::explanation::{Explanation, NotInForce, Timing, explain};
use promotion_core::json::{Node, View};
use promotion_core::ruleset::{PromotionSource, Ruleset};
use promotion_core::situation::Situation;

use super::definition::read_definition;
use super::evaluate::till;
use super::pricing::{Purpose, permitted, priced, replaced_by, situated};
use crate::call::{Arguments, Output, pg_function};
use crate::error::{ApiError, ApiResult};
use crate::jsonb::Jsonb;
use crate::jsonb_writer::jsonb_of;
use crate::store::facts::{Facts, facts};
use crate::store::statement::Access;
use crate::store::usage::Asking;
use crate::{clock, ruleset_cache, store};

/// Most drafts of one call.
const MAX_DRAFTS: usize = 100;

pg_function!(promo_preview, pg_finfo_promo_preview, preview);
pg_function!(promo_explanation_lines, pg_finfo_promo_explanation_lines, explanation_lines);

fn preview(arguments: &Arguments) -> ApiResult<Output> {
    let org_id = arguments.org_id(5)?;
    let request = permitted(org_id, arguments.required_jsonb(0, "cart"))?;
    let till_code = arguments.text(1);
    let cart = permitted(org_id, Cart::parse(request))?;
    let looked_up = LookedUp::new(org_id, &cart, till_code.as_deref(), arguments)?;
    let LookedUp { facts, ruleset, .. } = &looked_up;
    let evaluation = priced(ruleset, &cart, facts, &looked_up.asking(), &HashSet::new(), false).evaluation;
    // A preview is a function of its arguments: its ids are counted, not random.
    let answer_ids = AnswerIds::complete(
        &cart,
        None,
        |index| format!("00000000-0000-8000-8000-{index:012x}"),
        |index| format!("{index:024x}"),
    );
    Ok(Output::Jsonb(jsonb_of(&Answer::new(ruleset, &cart, &evaluation, &answer_ids))))
}

/// What a cart is previewed with.
struct LookedUp {
    org_id: i64,
    /// The statement's time, a timestamptz.
    now: i64,
    /// When the cart is priced, in epoch milliseconds.
    instant: i64,
    facts: Facts,
    ruleset: Arc<Ruleset>,
    /// The evaluations whose holds are the cart's own.
    own: Vec<String>,
    /// How long the facts took, and the ruleset, in microseconds.
    took: (u64, u64),
}

impl LookedUp {
    /// `at`, `definitions_at` and `drafts` are the arguments 2 to 4.
    fn new(org_id: i64, cart: &Cart<'_>, till_code: Option<&str>, arguments: &Arguments) -> ApiResult<Self> {
        let now = clock::statement_start();
        let instant = match (arguments.timestamptz(2).map(clock::milliseconds), cart.transaction_date) {
            (Some(at), _) => at,
            (None, Some(date)) => date.0,
            (None, None) => clock::milliseconds(now),
        };
        let began = Moment::now();
        let facts = facts(org_id, cart, till(till_code), instant)?;
        let read = microseconds(began);
        let began = Moment::now();
        let ruleset = match (arguments.timestamptz(3), arguments.jsonb(4)) {
            (None, None) => ruleset_cache::ruleset(org_id, facts.generation, instant)?,
            (definitions_at, drafts) => Arc::new(ruleset_as_if(org_id, definitions_at, drafts)?),
        };
        let took = (read, microseconds(began));
        let own = replaced_by(org_id, cart)?;
        Ok(Self { org_id, now, instant, facts, ruleset, own, took })
    }

    fn asking(&self) -> Asking<'_> {
        Asking { org_id: self.org_id, now: self.now, instant: self.instant, own: &self.own }
    }
}

fn microseconds(since: Moment) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// How an explanation is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Text,
    Json,
}

impl Format {
    fn read(word: Option<&str>) -> ApiResult<Self> {
        match word {
            Some(word) if word.eq_ignore_ascii_case("text") => Ok(Self::Text),
            Some(word) if word.eq_ignore_ascii_case("json") => Ok(Self::Json),
            Some(_) => Err(ApiError::invalid_argument("format", "expected TEXT or JSON")),
            None => Err(ApiError::invalid_argument("format", "required, but NULL")),
        }
    }
}

fn explanation_lines(arguments: &Arguments) -> ApiResult<Output> {
    let org_id = arguments.org_id(8)?;
    let request = permitted(org_id, arguments.required_jsonb(0, "cart"))?;
    let till_code = arguments.text(1);
    let format = permitted(org_id, Format::read(arguments.text(6).as_deref()))?;
    let is_timed = arguments.boolean(7).ok_or_else(|| ApiError::invalid_argument("timing", "required, but NULL"));
    let is_timed = permitted(org_id, is_timed)?;
    let cart = permitted(org_id, Cart::parse(request))?;
    let looked_up = LookedUp::new(org_id, &cart, till_code.as_deref(), arguments)?;
    let LookedUp { facts, ruleset, .. } = &looked_up;
    let asked = arguments.text(5);
    let place = asked.as_deref().and_then(|id| ruleset.place_of(id));
    let not_in_force = match asked.filter(|_| place.is_none()) {
        Some(promotion_id) => {
            let is_of_today = arguments.timestamptz(3).is_none();
            Some(not_in_force(org_id, promotion_id, is_of_today.then_some(looked_up.now))?)
        }
        None => None,
    };
    let purpose = Purpose::Explain { asked: place };
    let began = Moment::now();
    let explanation = situated(ruleset, &cart, facts, &looked_up.asking(), &HashSet::new(), purpose, |situation, _| {
        let usage = microseconds(began);
        let timing = is_timed.then(|| {
            let began = Moment::now();
            evaluate(ruleset, &Situation { explain: false, ..*situation });
            let (read, ruleset_took) = looked_up.took;
            Timing { read, ruleset: ruleset_took, usage, evaluate: microseconds(began) }
        });
        Explanation { not_in_force, microseconds: timing, ..explain(ruleset, situation) }
    });
    Ok(Output::Texts(match format {
        Format::Text => lines(&explanation, &|| {
            pgrx::check_for_interrupts!();
        }),
        Format::Json => vec![json_of(&explanation)?],
    }))
}

/// An explanation as JSON text. It may be long: that it is written can be cancelled.
fn json_of(explanation: &Explanation<'_>) -> ApiResult<String> {
    struct Interruptible(Vec<u8>);
    impl std::io::Write for Interruptible {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            const OFTEN: usize = 1 << 16;
            if self.0.len() / OFTEN != (self.0.len() + bytes.len()) / OFTEN {
                pgrx::check_for_interrupts!();
            }
            self.0.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut written = Interruptible(Vec::new());
    let unwritable = |why: String| ApiError::unreadable("explanation", &InputError::new(why));
    serde_json::to_writer(&mut written, explanation).map_err(|error| unwritable(error.to_string()))?;
    String::from_utf8(written.0).map_err(|error| unwritable(error.to_string()))
}

/// A promotion that is asked about and is not among those in force: its state, but with the definitions of another time.
fn not_in_force(org_id: i64, promotion_id: String, now: Option<i64>) -> ApiResult<NotInForce> {
    let found = store::customer::promotions(org_id, vec![promotion_id.clone()])?.pop();
    let Some((_, definition, promotion)) = found else { return Err(ApiError::unknown_promotion(&promotion_id)) };
    Ok(NotInForce {
        promotion_id,
        name: definition.name,
        state: now.map_or("NOT_IN_FORCE", |now| promotion.state(now)),
    })
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
