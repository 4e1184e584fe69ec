//! Random scenes and what happens in them, as plain data that proptest can generate and shrink.

use proptest::prelude::*;

/// A guest (0) or a customer.
pub type Who = u8;

/// The promotions of a scene, by place: money off the cart, money off every two units, money off for a code.
pub const PROMOTIONS: [&str; 3] = ["cart", "pairs", "code"];

/// What a scene is like.
#[derive(Debug, Clone)]
pub struct Scene {
    /// Limits, in units of what they count: money off the cart (cents), its transactions for each customer, pairs,
    /// pairs for each customer within [`MOVING_MINUTES`], the code promotion's transactions a week, uses of a code.
    pub limits: [[i64; 2]; 3],
    /// Whether the promotion-wide limits refuse what they would have to clip.
    pub refuses: bool,
    /// Whether limits of customers let guests pass.
    pub allows_guests: bool,
    /// Whether returns give uses back.
    pub restores: bool,
    /// What happens.
    pub steps: Vec<Step>,
}

/// Width of the MOVING window.
pub const MOVING_MINUTES: i64 = 2 * 24 * 60;

/// A cart.
#[derive(Debug, Clone)]
pub struct Cart {
    /// Whose.
    pub who: Who,
    /// One of few of the caller's cart ids.
    pub cart_id: Option<u8>,
    /// An earlier evaluation that it names: a place among all, counted back from the latest, and round.
    pub named: Option<u8>,
    /// Units on the two lines.
    pub units: [i64; 2],
    /// Cents beside round prices, so that nothing divides evenly.
    pub odd_cents: i64,
    /// The caller's own discount on the first line, in cents.
    pub callers_discount: i64,
    /// One of two codes.
    pub code: Option<u8>,
    /// When it is priced, in minutes.
    pub minute: i64,
}

/// What happens. Places among evaluations are counted back from the latest, those among orders from the first; both
/// go round.
#[derive(Debug, Clone)]
pub enum Step {
    /// promo_evaluate
    Evaluate(Cart),
    /// promo_redeem with a cart
    RedeemCart(Cart),
    /// promo_redeem: evaluation, by whom if not its customer, promotions that are kept (bits; none: all)
    Redeem(u8, Option<Who>, u8),
    /// the same promo_redeem again
    RedeemAgain(u8),
    /// promo_cancel: evaluation, by whom if not its customer
    Cancel(u8, Option<Who>),
    /// time passes, for the lock of this evaluation
    Expire(u8),
    /// promo_return: order, units of each line; none: the rest
    Return(u8, Option<[i64; 2]>),
    /// promo_update_promotion
    Edit(u8),
    /// promo_pause, promo_activate
    Switch(u8, bool),
    /// promo_configure: whether carts are locked
    Locking(bool),
}

/// A place among evaluations: mostly one of late, which is seldom over.
fn place() -> impl Strategy<Value = u8> {
    prop_oneof![2 => 0..4_u8, 1 => any::<u8>()]
}

fn cart() -> impl Strategy<Value = Cart> {
    let numbers =
        (1..=4_i64, 0..=7_i64, 0..100_i64, prop_oneof![3 => Just(0_i64), 1 => 1..200_i64], 0..21 * 24 * 60_i64);
    (
        0..=2_u8,
        prop::option::weighted(0.5, 0..2_u8),
        prop::option::weighted(0.3, place()),
        numbers,
        prop::option::of(0..2_u8),
    )
        .prop_map(|(who, cart_id, named, (first, second, odd_cents, callers_discount, minute), code)| Cart {
            who,
            cart_id,
            named,
            units: [first, second],
            odd_cents,
            callers_discount,
            code,
            minute,
        })
}

fn step() -> impl Strategy<Value = Step> {
    let other = || prop::option::weighted(0.1, 0..=2_u8);
    prop_oneof![
        8 => cart().prop_map(Step::Evaluate),
        3 => cart().prop_map(Step::RedeemCart),
        6 => (place(), other(), prop_oneof![2 => Just(0_u8), 1 => 1..8_u8]).prop_map(|(place, who, kept)| Step::Redeem(place, who, kept)),
        1 => any::<u8>().prop_map(Step::RedeemAgain),
        2 => (place(), other()).prop_map(|(place, who)| Step::Cancel(place, who)),
        3 => place().prop_map(Step::Expire),
        4 => (any::<u8>(), prop::option::weighted(0.7, [0..=3_i64, 0..=3_i64])).prop_map(|(place, units)| Step::Return(place, units)),
        1 => (0..3_u8).prop_map(Step::Edit),
        1 => (0..3_u8, prop::bool::weighted(0.6)).prop_map(|(place, on)| Step::Switch(place, on)),
        1 => prop::bool::weighted(0.7).prop_map(Step::Locking),
    ]
}

/// Scenes of up to `most` steps.
pub fn scene(most: usize) -> impl Strategy<Value = Scene> {
    let limits = (600..4500_i64, 1..=3_i64, 2..=12_i64, 1..=6_i64, 1..=3_i64, 1..=4_i64)
        .prop_map(|(money, times, pairs, moving, weekly, code)| [[money, times], [pairs, moving], [weekly, code]]);
    (
        limits,
        prop::bool::weighted(0.2),
        any::<bool>(),
        prop::bool::weighted(0.8),
        prop::collection::vec(step(), 5..=most),
    )
        .prop_map(|(limits, refuses, allows_guests, restores, steps)| Scene {
            limits,
            refuses,
            allows_guests,
            restores,
            steps,
        })
}
