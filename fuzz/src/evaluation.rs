//! promo_evaluate and promo_preview with everything that they depend on: a ruleset of definitions that are let in, a
//! cart that is let in, and what is known of codes, instances and limits. Inputs have the form of the engine's
//! examples (crates/promotion_core/tests/example_files), one case each: whatever in them is refused is left out.

use std::collections::HashMap;

use promotion_core::answer::{Answer, AnswerIds};
use promotion_core::cart::Cart;
use promotion_core::claim::claims_of;
use promotion_core::code::code_key;
use promotion_core::earning::{earned, valid_till};
use promotion_core::evaluate::{Situation, evaluate};
use promotion_core::evaluation::{Applied, CodeFacts, CodeUse, Evaluation};
use promotion_core::explanation::explain;
use promotion_core::explanation::text::lines;
use promotion_core::instant::Instant;
use promotion_core::json::{REQUEST_LIMITS, STORED_LIMITS, read};
use promotion_core::limit::Used;
use promotion_core::money::{DefinitionNumber, MILLION, Money, Quantity};
use promotion_core::record::{Record, StoredRecord};
use promotion_core::returns::{BoughtLine, Order, Redeemed};
use promotion_core::ruleset::{PromotionSource, Ruleset};
use promotion_core::settings::Settings;
use promotion_core::situation::{Entitlement, Till, Usage, UsageKey};
use promotion_core::stored_cart::PricedCart;
use promotion_core::suggestion::suggestions;
use serde_json::{Value, json};

use crate::check::{holds, json, parsed};
use crate::definition::definition;
use crate::memory;
use crate::settings::patched;
use crate::sums::{check_answer, check_sums};

/// 2026-01-01, when a cart is priced that does not say when.
const NOW: i64 = 1_767_225_600_000;

/// What an evaluation may hold for each byte of its input: promotions and lines meet, and what one promotion takes
/// off one line takes more than either is written in.
const EVALUATED_TIMES: usize = 4_096;

/// What it may hold besides.
const EVALUATED_BESIDES: usize = 1 << 20;

pub fn run(input: &[u8]) -> bool {
    let Some(json) = json(input) else { return false };
    let request = &json["request"];
    let Ok(cart) = parsed("a cart", input.len(), || Cart::parse(request)) else { return true };
    let settings = patched(&json["settings"], REQUEST_LIMITS).unwrap_or_default();
    let sources = sources(&json["promotions"], &settings, input.len());
    let parents = entries(&json["categories"])
        .filter_map(|(child, parent)| Some((child.into(), parent.as_str()?.into())))
        .collect();
    let ((), bytes) = memory::most(|| situated(&json, &cart, &Ruleset::compile(settings, parents, sources)));
    let bound = EVALUATED_TIMES * input.len() + EVALUATED_BESIDES;
    assert!(bytes <= bound, "an evaluation of {} bytes held {bytes} bytes, more than {bound}", input.len());
    true
}

fn entries(json: &Value) -> impl Iterator<Item = (&str, &Value)> {
    json.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

fn list(json: &Value) -> impl Iterator<Item = &Value> {
    json.as_array().into_iter().flatten()
}

fn text(json: &Value) -> Option<String> {
    json.as_str().map(str::to_owned)
}

fn instant(json: &Value) -> Option<i64> {
    read::<_, Instant>(json, REQUEST_LIMITS).ok().map(|own| own.0)
}

fn millionths(json: &Value) -> i128 {
    read::<_, DefinitionNumber>(json, REQUEST_LIMITS).map_or(0, |own| own.0.max(0))
}

/// The definitions that are let in, completed as those of the examples are.
pub fn sources(promotions: &Value, settings: &Settings, bytes: usize) -> Vec<PromotionSource> {
    let mut sources = Vec::new();
    for (created, own) in list(promotions).enumerate() {
        let id = own["id"].as_str().map_or_else(|| format!("p{created}"), str::to_owned);
        let mut whole = json!({"name": "n", "type": "POS",
            "startDateISO": "2020-01-01T00:00:00Z", "endDateISO": "2030-01-01T00:00:00Z"});
        entries(own).filter(|(key, _)| *key != "id").for_each(|(key, value)| whole[key] = value.clone());
        // What completes it is some hundred bytes that the input need not have.
        if let Ok(definition) = definition(&whole, bytes + 200, settings) {
            sources.push(PromotionSource { id, version: 1, created: created as i64, definition });
        }
    }
    sources
}

fn code_facts(codes: &Value, sent: &[&str]) -> Vec<Option<CodeFacts>> {
    let facts = |code: &Value| CodeFacts {
        disabled: code["disabled"].as_bool().unwrap_or(false),
        linked_to: text(&code["customerId"]),
        uses: list(&code["promotions"])
            .filter_map(text)
            .map(|promotion_id| CodeUse {
                promotion_id,
                valid_from: instant(&code["validFrom"]),
                valid_till: instant(&code["validTill"]),
                issued_at: 0,
            })
            .collect(),
    };
    sent.iter().map(|sent| codes.get(code_key(sent)).map(facts)).collect()
}

fn situated(json: &Value, cart: &Cart<'_>, ruleset: &Ruleset) {
    let till = json["till"].is_object().then(|| {
        let [store, zone, concept] = ["store", "zone", "concept"].map(|key| text(&json["till"][key]));
        Till { store, zone, concept }
    });
    let entitlements = list(&json["entitlements"]).filter_map(|own| {
        Some(Entitlement {
            earn_id: text(&own["earnId"])?,
            promotion_id: text(&own["promotionId"])?,
            earned_at: instant(&own["earnedAt"])?,
            valid_till: instant(&own["validTill"])?,
        })
    });
    let used = list(&json["used"]).filter_map(|own| {
        let row = usize::try_from(own["row"].as_i64()?).ok()?;
        let key = UsageKey { promotion_id: text(&own["promotion"])?, row, subject: text(&own["subject"]) };
        let moving = list(&own["moving"]).filter_map(|own| Some((instant(&own["at"])?, millionths(&own["count"]))));
        Some((key, Used { count: millionths(&own["count"]), moving: moving.collect(), held: millionths(&own["held"]) }))
    });
    let situation = Situation {
        cart,
        instant: Instant(instant(&json["at"]).unwrap_or(NOW)),
        codes: &code_facts(&json["codes"], &cart.promo_codes),
        vouchers: &code_facts(&json["codes"], &cart.payment_vouchers),
        linked: &[],
        till: till.as_ref(),
        entitlements: &entitlements.collect::<Vec<_>>(),
        usage: &Usage(used.collect()),
        explain: false,
        asked: None,
        suggests: false,
        pulse: &|| {},
    };
    check(ruleset, &situation, json);
}

/// Evaluates a cart and checks what holds of every evaluation, and of all that is made of it.
pub fn check(ruleset: &Ruleset, situation: &Situation<'_, '_>, of: &Value) {
    let cart = situation.cart;
    let evaluation = evaluate(ruleset, situation);
    holds(check_sums(cart, &evaluation), of);
    for (line, discount) in cart.lines.iter().zip(&evaluation.line_discounts) {
        assert!((Money::ZERO..=line.amount - line.discount).contains(discount), "{line:?} loses {discount:?}: {of}");
    }
    let ids = AnswerIds::complete(cart, None, |line| format!("l{line}"), |tender| format!("t{tender}"));
    let answer = serde_json::to_value(Answer::new(ruleset, cart, &evaluation, &ids)).expect("json");
    holds(check_answer(cart, &answer), of);
    // Reasons cost time, and change nothing.
    let explained = evaluate(ruleset, &Situation { explain: true, ..*situation });
    let whole = |evaluation: &Evaluation<'_>| (evaluation.total_discount, evaluation.payable_amount);
    assert_eq!(whole(&explained), whole(&evaluation), "{of}");
    check_explanation(ruleset, situation, &evaluation, of);
    evaluation.applied.iter().for_each(|applied| check_record(applied, of));
    check_priced(ruleset, situation, &evaluation, of);
    check_returns(ruleset, cart, &evaluation, of);
    let _ = claims_of(ruleset, situation, &evaluation);
    for place in earned(ruleset, situation) {
        let _ = valid_till(&ruleset.promotion(place).definition, situation.instant, &ruleset.clock);
    }
}

/// It tells what the evaluation does, as JSON and as text.
fn check_explanation(ruleset: &Ruleset, situation: &Situation<'_, '_>, evaluation: &Evaluation<'_>, of: &Value) {
    let explanation = explain(ruleset, situation);
    assert_eq!(explanation.payable_amount, evaluation.payable_amount, "{of}");
    assert!(serde_json::to_string(&explanation).is_ok() && !lines(&explanation, situation.pulse).is_empty(), "{of}");
}

/// What is stored of a promotion that applied is read as the same when the cart is redeemed.
fn check_record(applied: &Applied<'_>, of: &Value) {
    let record = Record::of(applied);
    // The tables count in bigint.
    assert!(i64::try_from(applied.redemption_count).is_ok(), "{} applications: {of}", applied.redemption_count);
    let stored: Value = serde_json::from_str(&serde_json::to_string(&record).expect("json")).expect("json");
    let again = read::<_, StoredRecord<'_>>(&stored, STORED_LIMITS).map(Record::from);
    assert_eq!(again.as_ref(), Ok(&record), "{stored}: {of}");
}

/// What is kept of a stored cart's evaluation is read as the same with the cart.
fn check_priced(ruleset: &Ruleset, situation: &Situation<'_, '_>, evaluation: &Evaluation<'_>, of: &Value) {
    if situation.cart.lines.is_empty() {
        return;
    }
    let nearly = suggestions(ruleset, situation, evaluation);
    let priced = PricedCart::new(ruleset, evaluation, nearly, |line| situation.cart.lines[line].sku.to_owned());
    let stored: Value = serde_json::from_str(&serde_json::to_string(&priced).expect("json")).expect("json");
    assert_eq!(PricedCart::parse(&stored).as_ref(), Ok(&priced), "{stored}: {of}");
}

/// All that was taken off comes back with the last unit, and never more before.
fn check_returns(ruleset: &Ruleset, cart: &Cart<'_>, evaluation: &Evaluation<'_>, of: &Value) {
    let redeemed = evaluation.applied.iter().map(|own| Redeemed {
        redemption_count: own.redemption_count,
        discount: own.discount,
        lines: Record::of(own).by_line().into_iter().map(|(line, part, _)| (line, part)).collect(),
        is_voucher: false,
        tenders: own.tenders.iter().map(|(_, part)| *part).sum(),
    });
    let order = Order {
        lines: cart
            .lines
            .iter()
            .map(|line| BoughtLine { quantity: line.quantity, amount: line.amount, callers_discount: line.discount })
            .collect(),
        redeemed: redeemed.collect(),
        rounding: ruleset.settings.rounding_of(cart.currency.unwrap_or(ruleset.settings.currency)),
    };
    if order.lines.is_empty() {
        return;
    }
    let all: Vec<Quantity> = cart.lines.iter().map(|line| line.quantity).collect();
    let half: Vec<Quantity> = all.iter().map(|own| Quantity((own.0 / 2 / MILLION) * MILLION)).collect();
    let (half, all) = (order.returned(&half), order.returned(&all));
    for ((own, half), all) in order.redeemed.iter().zip(&half.redeemed).zip(&all.redeemed) {
        assert_eq!((all.discount, all.redemption_count), (own.discount, own.redemption_count), "{of}");
        assert!((Money::ZERO..=own.discount).contains(&half.discount), "{of}");
        assert!(half.redemption_count <= own.redemption_count, "{of}");
    }
    for (line, (half, all)) in cart.lines.iter().zip(half.lines.iter().zip(&all.lines)) {
        assert_eq!((all.gross, all.callers_discount), (line.amount, line.discount), "{of}");
        assert!(half.net() >= Money::ZERO && half.gross <= line.amount, "{of}");
    }
}

/// A ruleset of these definitions alone.
pub fn ruleset(promotions: &Value) -> Ruleset {
    let settings = Settings::default();
    let sources = sources(promotions, &settings, promotions.to_string().len());
    Ruleset::compile(settings, HashMap::new(), sources)
}
