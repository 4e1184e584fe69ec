//! Runs the worked examples: data files in tests/examples, each a ruleset, a request and what must
//! be answered (example_files).
//!
//! `answer` is compared as a part of the whole answer: an object may leave keys out, an array may
//! not leave elements out; null stands for a key that is not there.

mod example_files;

use std::collections::BTreeMap;

use promotion_core::answer::{Answer, AnswerIds};
use promotion_core::cart::Cart;
use promotion_core::code::code_key;
use promotion_core::definition::Definition;
use promotion_core::evaluate::{Situation, evaluate};
use promotion_core::evaluation::{CodeFacts, CodeUse, Evaluation, LineDiscount, LinkedCode};
use promotion_core::instant::Instant;
use promotion_core::json::{REQUEST_LIMITS, read};
use promotion_core::money::Money;
use promotion_core::ruleset::{PromotionSource, Ruleset};
use promotion_core::settings::{Settings, SettingsPatch};
use promotion_core::situation::{Usage, UsageKey};
use serde_json::Value;

use crate::example_files::{Case, Code, Example, completed, examples, instant};

/// What the database knows of codes that were sent.
fn code_facts(codes: &BTreeMap<String, Code>, sent: &[&str]) -> Vec<Option<CodeFacts>> {
    let code_use = |code: &Code, id: &String| CodeUse {
        promotion_id: id.clone(),
        valid_from: code.valid_from.as_deref().map(instant),
        valid_till: code.valid_till.as_deref().map(instant),
        issued_at: 0,
    };
    sent.iter()
        .map(|sent| {
            codes.get(&code_key(sent)).map(|code| CodeFacts {
                disabled: code.disabled,
                linked_to: code.customer_id.clone(),
                uses: code.promotions.iter().map(|id| code_use(code, id)).collect(),
            })
        })
        .collect()
}

/// The codes of the cart's customer that were not sent.
fn linked_codes(codes: &BTreeMap<String, Code>, cart: &Cart<'_>) -> Vec<LinkedCode> {
    let Some(customer) = cart.customer_id.as_ref().map(|id| id.key()) else { return Vec::new() };
    let is_sent = |code: &str| cart.promo_codes.iter().any(|sent| code_key(sent) == code);
    let own = codes.iter().filter(|(text, code)| code.customer_id.as_deref() == Some(&*customer) && !is_sent(text));
    own.filter_map(|(text, _)| {
        let facts = code_facts(codes, &[text]).pop()??;
        Some(LinkedCode { code: text.clone(), facts })
    })
    .collect()
}

fn usage(case: &Case) -> Usage {
    let key = |row: usize, promotion: &str, subject: &Option<String>| UsageKey {
        promotion_id: promotion.to_owned(),
        row,
        subject: subject.clone(),
    };
    Usage(case.used.iter().map(|uses| (key(uses.row, &uses.promotion, &uses.subject), uses.used())).collect())
}

fn settings(patches: [&Option<Value>; 2]) -> Settings {
    patches.into_iter().flatten().fold(Settings::default(), |settings, patch| {
        let patch: SettingsPatch<'_> = read(patch, REQUEST_LIMITS).expect("settings");
        settings.patched(&patch).expect("settings")
    })
}

fn answer(example: &Example, case: &Case) -> Value {
    let settings = settings([&example.settings, &case.settings]);
    let sources: Vec<PromotionSource> = example
        .promotions
        .iter()
        .enumerate()
        .map(|(created, definition)| {
            let id = definition["id"].as_str().expect("an id").to_owned();
            let definition = Definition::parse(&completed(definition, &id), &settings)
                .unwrap_or_else(|error| panic!("definition {id}: {error}"));
            // What is stored is the normalized form: nothing may be lost by it.
            let normalized = serde_json::to_value(&definition).expect("json");
            assert_eq!(Definition::parse(&normalized, &settings).as_ref(), Ok(&definition), "{normalized}");
            assert_eq!(Definition::parse_normalized(&normalized).as_ref(), Ok(&definition));
            PromotionSource { id, version: 1, created: created as i64, definition }
        })
        .collect();
    let parents =
        example.categories.iter().map(|(child, parent)| (child.as_str().into(), parent.as_str().into())).collect();
    let ruleset = Ruleset::compile(settings, parents, sources);
    let cart = Cart::parse(&case.request).unwrap_or_else(|error| panic!("request: {error}"));
    let till = case.till();
    let situation = Situation {
        cart: &cart,
        instant: Instant(case.instant()),
        codes: &code_facts(&example.codes, &cart.promo_codes),
        vouchers: &code_facts(&example.codes, &cart.payment_vouchers),
        linked: &linked_codes(&example.codes, &cart),
        till: till.as_ref(),
        entitlements: &case.entitlements(),
        usage: &usage(case),
        explain: true,
        asked: None,
        suggests: false,
        pulse: &|| {},
    };
    let evaluation = evaluate(&ruleset, &situation);
    check_sums(&cart, &evaluation);
    let ids = AnswerIds::complete(
        &cart,
        Some("e".to_owned()),
        |line| format!("line {line}"),
        |tender| format!("tender {tender}"),
    );
    serde_json::to_value(Answer::new(&ruleset, &cart, &evaluation, &ids)).expect("json")
}

/// What holds for every evaluation: parts add up to wholes, on every level, and nothing goes below zero.
fn check_sums(cart: &Cart<'_>, evaluation: &Evaluation<'_>) {
    // A cart of an amount alone is one line.
    let mut lines = vec![0; cart.lines.len().max(1)];
    let mut shipments = vec![0; cart.shipping.as_ref().map_or(0, Vec::len)];
    let mut tenders = vec![0; cart.tenders.len()];
    for applied in &evaluation.applied {
        let on_lines = add_lines(&applied.lines, &mut lines) + add_lines(&applied.cart_lines, &mut lines);
        let others = add(&applied.shipments, &mut shipments) + add(&applied.tenders, &mut tenders);
        assert_eq!(applied.discount.0, on_lines + others);
    }
    let found = |discounts: &[Money]| discounts.iter().map(|discount| discount.0).collect::<Vec<_>>();
    assert_eq!(lines.iter().sum::<i128>(), evaluation.total_discount.0);
    assert_eq!(shipments, found(&evaluation.shipment_discounts));
    assert_eq!(tenders, found(&evaluation.tender_discounts));
    if !cart.lines.is_empty() {
        assert_eq!(lines, found(&evaluation.line_discounts));
    }
    for (line, discount) in cart.lines.iter().zip(&lines) {
        assert!((0..=line.amount.0 - line.discount.0).contains(discount), "{line:?} {discount}");
    }
    for (shipment, discount) in cart.shipping.iter().flatten().zip(&shipments) {
        assert!((0..=shipment.amount.0).contains(discount), "{shipment:?} {discount}");
    }
    for (tender, discount) in cart.tenders.iter().zip(&tenders) {
        assert!(tender.amount.as_ref().is_none_or(|sent| (0..=sent.amount.0).contains(discount)), "{tender:?}");
    }
    assert!(evaluation.payable_amount >= Money::ZERO);
    if evaluation.vouchers.is_empty() {
        let caller: i128 = cart.lines.iter().map(|line| line.discount.0).sum();
        let off: i128 = [lines, shipments, tenders].iter().flatten().sum();
        assert_eq!(evaluation.payable_amount.0, cart.amount.0 - caller + cart.shipping_amount().0 - off);
    }
}

/// Adds up what lines get, each the sum of its runs.
fn add_lines(parts: &[LineDiscount], lines: &mut [i128]) -> i128 {
    for line in parts {
        assert_eq!(line.discount.0, line.runs.iter().map(|(_, discount)| discount.0).sum::<i128>());
        // Several actions of one promotion (MULTI) may lower the same units.
        assert!(line.discounted_quantity.0 <= line.runs.iter().map(|(quantity, _)| quantity.0).sum::<i128>());
        assert!(line.applied_quantity >= line.discounted_quantity);
        lines[line.line] += line.discount.0;
    }
    parts.iter().map(|line| line.discount.0).sum()
}

fn add(parts: &[(usize, Money)], wholes: &mut [i128]) -> i128 {
    for (index, discount) in parts {
        wholes[*index] += discount.0;
    }
    parts.iter().map(|(_, discount)| discount.0).sum()
}

/// Where the answer lacks something of what is expected.
fn difference(path: &str, expected: &Value, found: &Value) -> Option<String> {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            expected.iter().find_map(|(key, value)| match found.get(key) {
                Some(found) => difference(&format!("{path}.{key}"), value, found),
                None if value.is_null() => None,
                None => Some(format!("{path}.{key} is absent")),
            })
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => expected
            .iter()
            .zip(found)
            .enumerate()
            .find_map(|(index, (expected, found))| difference(&format!("{path}[{index}]"), expected, found)),
        _ if expected == found => None,
        _ => Some(format!("{path}: expected {expected}, found {found}")),
    }
}

#[test]
fn worked_examples() {
    let (mut run, mut failures) = (0, Vec::new());
    for (file, example) in &examples() {
        for case in &example.cases {
            run += 1;
            let Ok(found) = std::panic::catch_unwind(|| answer(example, case)) else {
                failures.push(format!("{}, {}: see the panic above", file.display(), case.about));
                continue;
            };
            if let Some(difference) = difference("answer", &case.answer, &found) {
                failures.push(format!("{}, {}: {difference}\n{found:#}", file.display(), case.about));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(run > 800, "only {run} cases were found");
}
