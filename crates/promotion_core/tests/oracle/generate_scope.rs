//! Generated scopes, customers, limits and what is used of them.

use promotion_core::definition::INSTANCE_ROW;
use promotion_core::limit::Used;
use promotion_core::situation::{Entitlement, Till};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::generate::{DAY, NOW, ONE, object, word};
use crate::scenario::UsedSpec;

/// Where, when and for whom a promotion is; mostly everywhere, always and for everybody.
pub fn scope() -> impl Strategy<Value = Value> {
    let store = (select(vec!["STORE", "ZONE", "CONCEPT"]), select(vec!["IN", "NOT_IN"]), select(vec!["s", "t"]))
        .prop_map(
            |(kind, operator, value)| json!({"storeCriteria": {"type": kind, "operator": operator, "values": [value]}}),
        );
    let time = (select(vec!["00:00", "23:00", "12:00"]), select(vec!["1", "13.5"]), 0..3_usize).prop_map(
        |(start, hours, repeat)| {
            let mut time = json!({"startTime": start, "durationInHours": hours});
            time["repeatFrequency"] = ["DAYS", "WEEKS", "DAYS"][repeat].into();
            match repeat {
                1 => time["weeklyValues"] = json!(["WEDNESDAY", "FRIDAY"]),
                2 => time["monthlyValues"] = json!([1, 15]),
                _ => {}
            }
            json!({"timeCriteria": time})
        },
    );
    let program = select(vec![
        json!({"supplementaryCriteria": {"loyaltyProgramId": 7}}),
        json!({"supplementaryCriteria": {"loyaltyProgramId": "7", "programType": "TIER"}}),
        json!({"supplementaryCriteria": {"programType": "SUBSCRIPTION", "partnerProgramId": "p"}}),
    ]);
    prop_oneof![30 => Just(json!({})), 1 => store, 1 => time, 1 => program]
}

pub fn till() -> impl Strategy<Value = Option<Till>> {
    let text = || prop_oneof![3 => Just(Some("s".to_owned())), 1 => Just(Some("t".to_owned()))];
    let till = (text(), text(), text()).prop_map(|(store, zone, concept)| Till { store, zone, concept });
    prop::option::of(till)
}

pub fn customer() -> impl Strategy<Value = Value> {
    select(vec![
        Value::Null,
        json!({"tier": "GOLD", "segments": ["students", "vip"], "attributes": {"age": 30},
            "programs": [{"loyaltyProgramId": 7, "programType": "TIER"}]}),
        json!({"tier": "SILVER", "attributes": {"age": "17", "empty": []}}),
    ])
}

/// Instances of promotions by their number: most customers have one of each. With each, how many transactions
/// it had, which none but a reusable one survives.
pub fn entitlements() -> impl Strategy<Value = Vec<(Entitlement, i128)>> {
    let valid_till = prop_oneof![8 => Just(NOW + DAY), 1 => Just(NOW), 1 => Just(NOW - 1)];
    let transactions = prop_oneof![4 => Just(0_i128), 1 => 1..=2_i128];
    let instance = (0..6_usize, valid_till, 0..2_i64, transactions);
    prop::collection::vec(instance, 4..=10).prop_map(|instances| {
        let numbered = instances.into_iter().enumerate();
        let entitlement = |(index, (promotion, valid_till, days, transactions))| {
            let own = Entitlement {
                earn_id: format!("e{index}"),
                promotion_id: format!("p{promotion}"),
                earned_at: NOW - (days + 1) * DAY,
                valid_till,
            };
            (own, transactions)
        };
        numbered.map(entitlement).collect()
    })
}

/// What is used of an instance that had so many transactions.
pub fn used_of_instance(instance: &Entitlement, transactions: i128) -> UsedSpec {
    UsedSpec {
        promotion: instance.promotion_id.clone(),
        row: INSTANCE_ROW,
        subject: Some(instance.earn_id.clone()),
        used: Used { count: transactions * ONE, moving: Vec::new(), held: 0 },
    }
}

fn row(moving: bool) -> impl Strategy<Value = Value> {
    let money = (1..=30_i64).prop_map(|steps| ("DISCOUNT", json!({"cents": steps * 51})));
    let count = (select(vec!["REDEMPTION", "REDEMPTION", "TRANSACTION"]), 1..=3_u32)
        .prop_map(|(kpi, limit)| (kpi, limit.into()));
    let window = prop_oneof![
        2 => Just(json!({})),
        1 => Just(json!({"windowType": "MOVING", "minTimeBetweenRepeat": DAY})),
    ];
    (prop_oneof![1 => money, 2 => count], word(&["CLIP", "REFUSE"]), window).prop_map(
        move |((kpi, limit), on_exceed, window)| {
            let mut row = object([("kpi", kpi.into()), ("limit", limit), ("onExceed", on_exceed)]);
            for (key, value) in window.as_object().into_iter().flatten().filter(|_| moving) {
                row[key] = value.clone();
            }
            row
        },
    )
}

/// A row that says how often an instance may be used, mostly none.
pub fn reuse() -> impl Strategy<Value = Value> {
    prop_oneof![2 => Just(Value::Null), 1 => row(true)]
}

/// Rows of several levels, mostly none.
pub fn limits() -> impl Strategy<Value = Value> {
    let guests = (row(true), word(&["ALLOW", "REFUSE"])).prop_map(|(mut row, guests)| {
        if !guests.is_null() {
            row["guests"] = guests;
        }
        json!({"Customer": [row]})
    });
    let one = prop_oneof![
        3 => row(false).prop_map(|row| json!({"Cart": [row]})),
        2 => row(false).prop_map(|row| json!({"Promotion": [row]})),
        2 => guests,
        1 => row(true).prop_map(|row| json!({"Code": [row]})),
        1 => row(true).prop_map(|row| json!({"Earn": [row]})),
        1 => (row(false), row(false)).prop_map(|(cart, promotion)| json!({"Cart": [cart], "Promotion": [promotion]})),
    ];
    prop_oneof![3 => Just(Value::Null), 1 => one]
}

/// What is used of rows, promotions by their number.
pub fn used() -> impl Strategy<Value = Vec<UsedSpec>> {
    let subject = select(vec![None, None, Some("C0"), Some("C1"), Some("L0"), Some("e0"), Some("e1")]);
    let moving = prop::collection::vec((-2 * DAY..=DAY, 0..=2_i128), 0..=2);
    let used = (0..6_usize, 0..2_usize, subject, 0..=2_i128, moving, 0..=1_i128).prop_map(
        |(promotion, row, subject, count, moving, held)| UsedSpec {
            promotion: promotion.to_string(),
            row,
            subject: subject.map(str::to_owned),
            used: Used {
                count: count * ONE,
                moving: moving.into_iter().map(|(at, count)| (NOW + at, count * ONE)).collect(),
                held: held * ONE,
            },
        },
    );
    prop::collection::vec(used, 0..=4)
}
