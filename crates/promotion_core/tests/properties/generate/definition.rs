//! Definitions.

use serde_json::{Value, json};

use super::action::action;
use super::condition::{For, condition, easy};
use super::{Amounts, object, optional, word};
use crate::draw::Draw;
use crate::numbers::{ONE, number};
use crate::scenario::{DAY, NOW};

/// A definition of any kind.
pub fn definition(draw: &mut Draw<'_>, settings: &Value) -> Value {
    let (currency, amounts) = currency(draw, settings);
    if draw.chance(7) {
        return voucher(draw, amounts, currency);
    }
    let tenders = draw.chance(10);
    let action = action(draw, amounts, tenders);
    let text = action.to_string();
    let purpose = if tenders {
        For::Tenders
    } else if ["FREE_PRODUCT", "FIXED_PRICE", "PER_UNIT"].iter().any(|kind| text.contains(kind)) {
        For::Repetition
    } else {
        For::Anything
    };
    let condition = condition(draw, amounts, purpose);
    let kind = draw.weighted(&[(14, "POS"), (4, "CODE"), (2, "CUSTOMER"), (1, "EARNING"), (1, "REWARD")]);
    with_envelope(draw, kind, amounts, [("condition", condition), ("action", action), ("currency", currency)])
}

/// The definition's own currency, and its amounts.
fn currency(draw: &mut Draw<'_>, settings: &Value) -> (Value, Amounts) {
    let currency = word(draw, 4, &["USD", "EUR"]);
    let amounts = Amounts::of(currency.as_str().or(settings["currency"].as_str()).unwrap_or("USD"));
    (currency, amounts)
}

/// A definition without limits of the condition and the action that `body` makes.
pub fn of_body(
    draw: &mut Draw<'_>,
    settings: &Value,
    body: impl FnOnce(&mut Draw<'_>, Amounts) -> (Value, Value),
) -> Value {
    let (currency, amounts) = currency(draw, settings);
    let (condition, action) = body(draw, amounts);
    let kind = draw.weighted(&[(3, "POS"), (1, "CODE")]);
    let body = [("condition", condition), ("action", action), ("currency", currency)];
    let mut whole = with_envelope(draw, kind, amounts, body);
    whole["promotionRestrictions"] = Value::Null;
    whole
}

/// A definition that most carts fulfil, and that stands beside others.
pub fn crowding(draw: &mut Draw<'_>, settings: &Value) -> Value {
    let mut whole = definition(draw, settings);
    let is_of_tenders = whole["action"].to_string().contains("tenderBasedAction");
    if let Some(keys) = whole.as_object_mut() {
        for scope in ["storeCriteria", "timeCriteria", "supplementaryCriteria", "isLoyaltyOnly", "stopsLater", "stage"]
        {
            keys.remove(scope);
        }
        keys.insert("startDate".to_owned(), (NOW - 5 * DAY).into());
        keys.insert("endDate".to_owned(), (NOW + draw.within(1..=3) as i64 * DAY).into());
        if draw.chance(95) {
            keys.insert("isStackable".to_owned(), true.into());
        }
        if !is_of_tenders && draw.chance(60) {
            keys.insert("condition".to_owned(), easy(draw));
        }
    }
    whole
}

/// One of these definitions, with limits.
pub fn with_limits(draw: &mut Draw<'_>, settings: &Value, make: impl Fn(&mut Draw<'_>, &Value) -> Value) -> Value {
    let mut whole = make(draw, settings);
    let currency = whole["currency"].as_str().or(settings["currency"].as_str()).unwrap_or("USD").to_owned();
    let kind = whole["type"].as_str().unwrap_or_default().to_owned();
    whole["promotionRestrictions"] = limits(draw, &kind, Amounts::of(&currency));
    whole
}

/// A payment voucher.
fn voucher(draw: &mut Draw<'_>, amounts: Amounts, currency: Value) -> Value {
    let action = object([
        ("type", "ABSOLUTE".into()),
        ("value", amounts.up_to(draw, 20)),
        ("maxDiscount", optional(draw, 10, |draw| amounts.up_to(draw, 10))),
    ]);
    let kind = draw.weighted(&[(6, "CODE"), (2, "CUSTOMER"), (1, "REWARD"), (1, "EARNING")]);
    let condition = match draw.chance(30) {
        true => condition(draw, amounts, For::Anything),
        false => json!({"type": "CART", "cartCondition":
            {"kpi": "SUBTOTAL", "operator": "GREATER_THAN_OR_EQUAL", "value": 0}}),
    };
    let action = json!({"type": "CART_BASED", "cartBasedAction": action});
    let mut whole =
        with_envelope(draw, kind, amounts, [("condition", condition), ("action", action), ("currency", currency)]);
    whole["mode"] = "PAYMENT_VOUCHER".into();
    whole
}

/// The keys of a definition that its condition and action don't depend on.
fn with_envelope(draw: &mut Draw<'_>, kind: &str, amounts: Amounts, body: [(&str, Value); 3]) -> Value {
    let (start, end) = match draw.weighted(&[(30, 0), (1, 1), (2, 2)]) {
        0 => (NOW - 5 * DAY, NOW + draw.within(1..=3) as i64 * DAY),
        1 => (NOW - 5 * DAY, NOW - 1),
        _ => (NOW, NOW + DAY),
    };
    let stackable = draw.weighted(&[(24, json!(true)), (2, json!(false)), (1, Value::Null)]);
    let loyal = kind == "POS" && draw.chance(5);
    let [condition, action, currency] = body;
    object([
        ("name", "generated".into()),
        ("type", kind.into()),
        ("messageLabel", word(draw, 5, &["label"])),
        ("isLoyaltyOnly", if loyal { json!(true) } else { Value::Null }),
        ("isStackable", stackable),
        ("stage", optional(draw, 20, |draw| draw.within(-1..=2) as i64)),
        ("priority", optional(draw, 40, |draw| draw.below(3))),
        ("startDate", start.into()),
        ("endDate", end.into()),
        condition,
        action,
        currency,
        ("exclusionGroups", optional(draw, 15, exclusion_groups)),
        ("stopsLater", word(draw, 10, &["NONE", "LINES", "CART"])),
        ("promotionRestrictions", optional(draw, 20, |draw| limits(draw, kind, amounts))),
        ("storeCriteria", optional(draw, 3, store_criteria)),
        ("timeCriteria", optional(draw, 3, time_criteria)),
        ("supplementaryCriteria", optional(draw, 2, |_| json!({"loyaltyProgramId": 7, "programType": "TIER"}))),
        ("customFieldValues", optional(draw, 5, |draw| draw.pick(&[json!({"a": [1, 2.50, null]}), json!({})]))),
        ("campaignId", optional(draw, 5, |draw| draw.pick(&[json!(7), json!("c")]))),
    ])
}

fn exclusion_groups(draw: &mut Draw<'_>) -> Value {
    let mut groups = vec![draw.pick(&["g", "h"])];
    if draw.chance(15) {
        groups = vec!["g", "h"];
    }
    let scoped = groups.into_iter().map(|name| match draw.weighted(&[(2, 0), (3, 1), (1, 2)]) {
        0 => json!(name),
        1 => json!({"name": name, "scope": "LINE"}),
        _ => json!({"name": name, "scope": "CART"}),
    });
    scoped.collect()
}

/// Rows of limits: those of one promotion have FIXED windows or MOVING ones.
fn limits(draw: &mut Draw<'_>, kind: &str, amounts: Amounts) -> Value {
    let moving = draw.chance(50);
    let mut levels = vec!["Cart", "Promotion", "Customer"];
    match kind {
        "CODE" => levels.push("Code"),
        "EARNING" | "REWARD" => levels.push("Earn"),
        _ => {}
    }
    let mut whole = json!({});
    for _ in 0..1 + draw.below(2) {
        let level = draw.pick(&levels);
        let row = row(draw, level, moving, amounts);
        match whole[level].as_array_mut() {
            Some(rows) => rows.push(row),
            None => whole[level] = json!([row]),
        }
    }
    whole
}

fn row(draw: &mut Draw<'_>, level: &str, moving: bool, amounts: Amounts) -> Value {
    let kpi = draw.weighted(&[(3, "REDEMPTION"), (3, "DISCOUNT"), (1, "TRANSACTION")]);
    let least = amounts.minor.max(ONE / 4);
    let limit = match kpi {
        "DISCOUNT" => number(draw.within(1..=40) * least),
        _ => (1 + draw.below(3)).into(),
    };
    let mut row = object([
        ("kpi", kpi.into()),
        ("limit", limit),
        ("onExceed", word(draw, 50, &["CLIP", "REFUSE"])),
        ("guests", if level == "Customer" { word(draw, 60, &["ALLOW", "REFUSE"]) } else { Value::Null }),
    ]);
    let has_moving = matches!(level, "Customer" | "Code" | "Earn");
    if level == "Cart" || draw.chance(60) {
        return row;
    }
    if moving && has_moving {
        let (length, unit) = draw.pick(&[(json!(3_600_000), Value::Null), (json!(2), json!("DAYS"))]);
        row["windowType"] = "MOVING".into();
        row["minTimeBetweenRepeat"] = length;
        if !unit.is_null() {
            row["frequency"] = unit;
        }
    } else if !moving {
        row["windowType"] = "FIXED".into();
        row["fixedWindowConfig"] = draw.pick(&[
            json!({"cycleType": "CALENDAR_MONTH"}),
            json!({"cycleType": "WEEK", "weekStartDay": "SUNDAY"}),
            json!({"cycleType": "N_DAY", "refreshRate": 3}),
        ]);
    }
    row
}

fn store_criteria(draw: &mut Draw<'_>) -> Value {
    let operator = draw.weighted(&[(2, "IN"), (1, "NOT_IN")]);
    json!({"type": draw.pick(&["STORE", "ZONE", "CONCEPT"]), "values": draw.some_of(&["s1", "z1", "k1"]),
        "operator": operator})
}

fn time_criteria(draw: &mut Draw<'_>) -> Value {
    let mut criteria = json!({"startTime": draw.pick(&["00:00", "18:30", "23:59"]),
        "durationInHours": draw.pick(&[json!(24), json!("0.5"), json!(6)])});
    let (frequency, key, values) = draw.pick(&[
        ("DAYS", "monthlyValues", json!([])),
        ("DAYS", "monthlyValues", json!([1, 31])),
        ("WEEKS", "weeklyValues", json!(["WEDNESDAY", "THURSDAY"])),
        ("DOES_NOT_REPEAT", "weeklyValues", json!([])),
    ]);
    criteria["repeatFrequency"] = frequency.into();
    criteria[key] = values;
    criteria
}
