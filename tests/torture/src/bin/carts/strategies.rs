//! Random scenes.

use proptest::collection::vec;
use proptest::option::weighted as maybe;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::scene::{
    Buyer, CUSTOMERS, Changes, Code, Limit, Lines, Mistake, NewItem, Promotion, Scene, SetItem, Step, Unlock,
};

/// Random scenes of at most so many steps.
pub fn scene(steps: usize) -> impl Strategy<Value = Scene> {
    let promotions = (vec(promotion(unlock()), 2..=7), promotion(Just(Unlock::Code)));
    (settings(), promotions, vec(step(), steps / 4..=steps), changes()).prop_map(
        |(settings, (mut promotions, coded), mut steps, first)| {
            // There is a code, too.
            promotions.push(coded);
            // There is a cart to begin with.
            steps.insert(0, Step::Create(Changes { mistake: None, ..first }, None, None));
            Scene { settings, promotions, steps }
        },
    )
}

fn one_of(values: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    (0..values.len()).prop_map(|place| values[place])
}

fn rounding() -> impl Strategy<Value = &'static str> {
    one_of(&["HALF_UP", "HALF_DOWN", "HALF_EVEN", "UP", "DOWN", "CEILING", "FLOOR"])
}

fn settings() -> impl Strategy<Value = Value> {
    let numbers = (rounding(), maybe(0.2, 0..=3_u8), one_of(&["PROMOTION", "LINE", "UNIT"]));
    let order = (
        one_of(&["LINE_ITEM_FIRST", "CART_FIRST", "RANKED"]),
        one_of(&["NET", "GROSS"]),
        prop_oneof![3 => Just("GROSS"), 1 => Just("NET")],
        one_of(&["RANKED", "RANKED", "BEST"]),
        one_of(&["CART", "CART", "UNIT"]),
        one_of(&["LARGEST", "FIRST", "LAST"]),
    );
    let stacking = (prop::bool::weighted(0.2), maybe(0.2, 1..=2_u8), maybe(0.2, 1..=3_u8));
    let locks = (prop::bool::weighted(0.8), 1..=3_u8, prop::bool::weighted(0.3));
    (numbers, order, stacking, locks).prop_map(|(numbers, order, stacking, locks)| {
        json!({
            "rounding": numbers.0, "precision": numbers.1, "roundingLevel": numbers.2,
            "evaluationOrder": order.0, "percentageBase": order.1, "conditionBase": order.2, "selection": order.3,
            "exclusiveScope": order.4, "remainder": order.5,
            "singlePromotionPerLineItem": stacking.0, "maxStackedPerUnit": stacking.1, "maxStackedPerCart": stacking.2,
            "isLockingEnabled": locks.0, "maxOpenCarts": locks.1, "overrun": if locks.2 { "RECORD" } else { "REJECT" },
            "lockTtlSeconds": 3600,
        })
    })
}

/// What may change while there are carts.
fn setting() -> impl Strategy<Value = Value> {
    prop_oneof![
        2 => prop::bool::weighted(0.6).prop_map(|on| json!({"isLockingEnabled": on})),
        1 => rounding().prop_map(|mode| json!({"rounding": mode})),
        1 => (0..=3_u8).prop_map(|digits| json!({"precision": digits})),
        1 => one_of(&["RANKED", "BEST"]).prop_map(|how| json!({"selection": how})),
        1 => one_of(&["NET", "GROSS"]).prop_map(|base| json!({"percentageBase": base})),
        1 => one_of(&["LINE_ITEM_FIRST", "CART_FIRST"]).prop_map(|order| json!({"evaluationOrder": order})),
        1 => (1..=3_u8).prop_map(|most| json!({"maxOpenCarts": most})),
    ]
}

fn limit() -> impl Strategy<Value = Limit> {
    (0..4_u8, 0..3_u8, 1..=3_u8, prop::bool::weighted(0.3), any::<bool>(), prop::bool::weighted(0.2)).prop_map(
        |(level, kpi, most, refuses, allows_guests, moves)| Limit { level, kpi, most, refuses, allows_guests, moves },
    )
}

fn unlock() -> impl Strategy<Value = Unlock> {
    prop_oneof![
        5 => Just(Unlock::Nothing), 5 => Just(Unlock::Code), 2 => Just(Unlock::Instance), 1 => Just(Unlock::Voucher)
    ]
}

fn promotion(unlock: impl Strategy<Value = Unlock>) -> impl Strategy<Value = Promotion> {
    let group = prop_oneof![3 => Just(0_u8), 1 => 1..=4_u8];
    let stops = prop_oneof![8 => Just(0_u8), 1 => 1..=2_u8];
    let shape = prop_oneof![1 => 0..14_u8, 1 => 0..4_u8];
    let stage = prop_oneof![4 => Just(0_u8), 1 => Just(1_u8)];
    (shape, unlock, 0..6_u8, prop::bool::weighted(0.85), group, 0..3_u8, stage, stops, vec(limit(), 0..=2)).prop_map(
        |(shape, unlock, worth, is_stackable, group, priority, stage, stops, limits)| Promotion {
            shape,
            unlock,
            worth,
            is_stackable,
            group,
            priority,
            stage,
            stops,
            limits,
        },
    )
}

fn quantity() -> impl Strategy<Value = i64> {
    prop_oneof![
        6 => (1..=4_i64).prop_map(|units| units * 1_000_000),
        1 => (1..=40_i64).prop_map(|tenths| tenths * 100_000),
        1 => 1..=3_000_000_i64,
    ]
}

/// In ten-thousandths.
fn price() -> impl Strategy<Value = (i64, Option<u8>)> {
    let base = prop_oneof![4 => (1..=3000_i64).prop_map(|cents| cents * 100), 1 => 0..=300_000_i64];
    (base, maybe(0.3, 0..=100_u8))
}

fn item() -> impl Strategy<Value = NewItem> {
    let id = maybe(0.4, prop_oneof![1..=6_u8, 100..=103_u8]);
    (id, 0..4_u8, quantity(), price(), maybe(0.15, 0..=100_u8), prop::bool::weighted(0.2)).prop_map(
        |(id, sku, quantity, price, min_unit_price, is_eco)| NewItem {
            id,
            sku,
            quantity,
            price,
            min_unit_price,
            is_eco,
        },
    )
}

fn set_item() -> impl Strategy<Value = SetItem> {
    (any::<u8>(), maybe(0.2, 0..4_u8), maybe(0.7, quantity()), maybe(0.3, price()), maybe(0.2, any::<bool>()))
        .prop_map(|(place, sku, quantity, price, is_eco)| SetItem { place, sku, quantity, price, is_eco })
}

fn buyer() -> impl Strategy<Value = Buyer> {
    (0..=CUSTOMERS, prop::bool::weighted(0.15), prop::bool::weighted(0.3)).prop_map(|(who, is_quoted, is_gold)| Buyer {
        who,
        is_quoted,
        is_gold,
    })
}

fn mistake() -> impl Strategy<Value = Mistake> {
    prop_oneof![
        Just(Mistake::Key),
        Just(Mistake::NoUnits),
        Just(Mistake::Order),
        Just(Mistake::AllAndSome),
        Just(Mistake::Fee),
        Just(Mistake::FeeLine),
        Just(Mistake::Till),
        Just(Mistake::Line),
    ]
}

/// What a new cart has.
fn changes() -> impl Strategy<Value = Changes> {
    let lines = prop_oneof![9 => vec(item(), 1..=4).prop_map(Lines::All), 1 => Just(Lines::Same)];
    parts(lines, 0.8)
}

/// What changes of a cart.
fn later_changes() -> impl Strategy<Value = Changes> {
    let lines = prop_oneof![
        5 => Just(Lines::Same),
        1 => vec(item(), 0..=3).prop_map(Lines::All),
        5 => (vec(set_item(), 0..=2), vec(item(), 0..=2), vec(any::<u8>(), 0..=1))
            .prop_map(|(set, add, remove)| Lines::Some(set, add, remove)),
    ];
    parts(lines, 0.3)
}

fn parts(lines: impl Strategy<Value = Lines>, has_buyer: f64) -> impl Strategy<Value = Changes> {
    let shipments = vec((0..2_u8, prop_oneof![1 => Just(0_i64), 5 => 1..=900_i64]), 0..=2);
    let fees = vec((0..=500_i64, maybe(0.3, any::<u8>())), 0..=2);
    (
        lines,
        maybe(has_buyer, maybe(0.9, buyer())),
        maybe(0.3, maybe(0.85, shipments)),
        maybe(0.15, fees),
        maybe(0.15, maybe(0.8, any::<bool>())),
        maybe(0.15, maybe(0.8, 0..2_u8)),
        maybe(0.1, 0..4_u8),
        maybe(0.07, mistake()),
    )
        .prop_map(|(lines, buyer, shipping, fees, is_app, till, own, mistake)| Changes {
            lines,
            buyer,
            shipping,
            fees,
            is_app,
            till,
            own,
            mistake,
        })
}

fn unchanged() -> Changes {
    Changes {
        lines: Lines::Same,
        buyer: None,
        shipping: None,
        fees: None,
        is_app: None,
        till: None,
        own: None,
        mistake: None,
    }
}

fn code() -> impl Strategy<Value = Code> {
    prop_oneof![
        12 => (any::<u8>(), prop_oneof![3 => Just(0_u8), 2 => 1..3_u8], any::<bool>())
            .prop_map(|(place, which, lower)| Code::Of(place, which, lower)),
        3 => (any::<u8>(), any::<bool>()).prop_map(|(place, lower)| Code::OnCart(place, lower)),
        1 => Just(Code::Unknown),
    ]
}

/// Mostly one of those on the cart.
fn removed_code() -> impl Strategy<Value = Code> {
    prop_oneof![
        6 => (any::<u8>(), any::<bool>()).prop_map(|(place, lower)| Code::OnCart(place, lower)),
        1 => code(),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let call = |step: &Step| matches!(step, Step::Create(..) | Step::Update(..) | Step::Apply(..) | Step::Remove(..));
    (any_step(), prop::bool::weighted(0.05))
        .prop_map(move |(step, undone)| if undone && call(&step) { Step::Undone(Box::new(step)) } else { step })
}

fn any_step() -> impl Strategy<Value = Step> {
    let cart = any::<u8>;
    // Mostly states from where carts go on.
    let state = || prop_oneof![8 => 0..4_u8, 4 => Just(4_u8), 1 => 5..7_u8];
    let order = || maybe(0.4, 0..3_u8);
    prop_oneof![
        10 => (changes(), maybe(0.1, 0..3_u8), maybe(0.3, any::<bool>()))
            .prop_map(|(changes, currency, pending)| Step::Create(changes, currency, pending)),
        16 => (cart(), later_changes()).prop_map(|(cart, changes)| Step::Update(cart, changes, None, None)),
        3 => (cart(), later_changes(), state(), order())
            .prop_map(|(cart, changes, state, order)| Step::Update(cart, changes, Some(state), order)),
        6 => (cart(), state(), order())
            .prop_map(|(cart, state, order)| Step::Update(cart, unchanged(), Some(state), order)),
        4 => cart().prop_map(|cart| Step::Update(cart, unchanged(), None, None)),
        20 => (cart(), code()).prop_map(|(cart, code)| Step::Apply(cart, code)),
        8 => (cart(), removed_code()).prop_map(|(cart, code)| Step::Remove(cart, code)),
        1 => cart().prop_map(Step::Get),
        7 => cart().prop_map(Step::Expire),
        10 => (buyer(), vec(item(), 1..=3), maybe(0.6, code()), any::<bool>())
            .prop_map(|(buyer, items, code, redeems)| Step::Other(buyer, items, code, redeems)),
        1 => cart().prop_map(Step::CancelBehind),
        1 => (cart(), any::<bool>()).prop_map(|(cart, as_own)| Step::RedeemBehind(cart, as_own)),
        5 => (any::<u8>(), any::<bool>()).prop_map(|(promotion, on)| Step::Switch(promotion, on)),
        5 => any::<u8>().prop_map(Step::Edit),
        1 => code().prop_map(Step::Disable),
        1 => (code(), 1..=CUSTOMERS).prop_map(|(code, who)| Step::Link(code, who)),
        4 => (any::<u8>(), 1..=CUSTOMERS).prop_map(|(promotion, who)| Step::Issue(promotion, who)),
        3 => setting().prop_map(Step::Configure),
        1 => Just(Step::Purge),
        2 => prop::bool::weighted(0.4).prop_map(Step::Raise),
    ]
}
