//! Random scenes and what happens in them, as plain data that proptest can generate and shrink.

use proptest::prelude::*;

/// A guest (0) or a customer.
pub type Who = u8;

/// The promotions of a scene, by place: money off the cart, money off every two units, money off for a code; then
/// those that need an instance: one that is issued, one that is earned and used twice, one that orders earn.
pub const PROMOTIONS: [&str; 6] = ["cart", "pairs", "code", "gift", "stamp", "bonus"];

/// The places of the promotions that need an instance.
pub const GIFT: usize = 3;
pub const STAMP: usize = 4;
pub const BONUS: usize = 5;

/// How many transactions an instance of the stamp is good for.
pub const STAMP_USES: i64 = 2;

/// What a scene is like.
#[derive(Debug, Clone)]
pub struct Scene {
    /// Limits, in units of what they count: money off the cart (cents), its transactions for each customer, pairs,
    /// pairs for each customer within [`MOVING_MINUTES`], the code promotion's transactions a week, uses of a code.
    pub limits: [[i64; 2]; 3],
    /// Most instances of a customer: gifts issued, stamps and bonuses earned.
    pub most: [u8; 3],
    /// What a cart must cost to earn a bonus, in cents.
    pub earns_from: i64,
    /// How many transactions a customer's gifts are good for together; none: each for one.
    pub gift_times: Option<i64>,
    /// Whether a stamp's uses count within [`MOVING_MINUTES`], so that it is never used up.
    pub stamp_moves: bool,
    /// Whether customers must activate their instances.
    pub must_activate: bool,
    /// The customers that the two codes are linked to from the beginning.
    pub linked: Option<[Who; 2]>,
    /// Whether the promotion-wide limits refuse what they would have to clip.
    pub refuses: bool,
    /// Whether limits of customers let guests pass.
    pub allows_guests: bool,
    /// Whether what can't be claimed any more is redeemed all the same, and marked.
    pub records: bool,
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

/// Instances that are taken back.
#[derive(Debug, Clone)]
pub struct Taken {
    /// An instance, and maybe another one.
    pub instances: (u8, Option<u8>),
    /// By whom if not the customer of the first.
    pub who: Option<Who>,
    /// Of which promotion the first is said to be if not its own; one more than there are: of an unknown one.
    pub promotion: Option<u8>,
}

/// What happens. Places among evaluations and instances are counted back from the latest, those among orders from
/// the first; all go round.
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
    /// promo_issue: promotion, customers (bits), context, and in which minute
    Issue(u8, u8, Option<u8>, i64),
    /// promo_earn: promotion, customer, what it is earned from, how many, in which minute
    Earn(u8, Who, u8, u8, i64),
    /// promo_revoke_earn
    Revoke(Taken),
    /// promo_activate_entitlements: an instance, and maybe another one, by whom if not the customer of the first
    Activate(u8, Option<u8>, Option<Who>),
    /// time passes, for this instance
    Outlive(u8),
    /// promo_link_code
    Link(u8, Who),
    /// promo_disable_code
    Disable(u8),
}

/// The place among so many, counted back from the latest, and round.
pub fn counted_back(named: u8, count: usize) -> Option<usize> {
    (count > 0).then(|| count - 1 - usize::from(named) % count)
}

/// A place among evaluations or instances: mostly one of late, which is seldom over.
fn place() -> impl Strategy<Value = u8> {
    prop_oneof![2 => 0..4_u8, 1 => any::<u8>()]
}

fn minute() -> impl Strategy<Value = i64> {
    0..21 * 24 * 60_i64
}

/// Mostly before most carts.
fn early() -> impl Strategy<Value = i64> {
    prop_oneof![3 => 0..3 * 24 * 60_i64, 1 => minute()]
}

fn cart() -> impl Strategy<Value = Cart> {
    let numbers = (1..=4_i64, 0..=7_i64, 0..100_i64, prop_oneof![3 => Just(0_i64), 1 => 1..200_i64], minute());
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

/// What is issued, earned, taken back, linked and switched off.
fn unlocking() -> impl Strategy<Value = Step> {
    let issued = (prop_oneof![9 => Just(3_u8), 1 => 0..6_u8], 1..=3_u8, prop::option::of(0..3_u8), early());
    let earned = (prop_oneof![8 => 4..=5_u8, 1 => 0..6_u8], 1..=2_u8, 0..6_u8, 1..=2_u8, early());
    let taken = (
        (place(), prop::option::weighted(0.3, place())),
        prop::option::weighted(0.15, 1..=2_u8),
        prop::option::weighted(0.15, 0..=6_u8),
    );
    let taken = taken.prop_map(|(instances, who, promotion)| Taken { instances, who, promotion });
    prop_oneof![
        10 => issued.prop_map(|(promotion, whom, context, minute)| Step::Issue(promotion, whom, context, minute)),
        10 => earned.prop_map(|(promotion, who, source, count, minute)| Step::Earn(promotion, who, source, count, minute)),
        8 => taken.prop_map(Step::Revoke),
        5 => (place(), prop::option::of(place()), prop::option::weighted(0.1, 1..=2_u8))
            .prop_map(|(first, second, who)| Step::Activate(first, second, who)),
        2 => place().prop_map(Step::Outlive),
        3 => (0..2_u8, 1..=2_u8).prop_map(|(code, who)| Step::Link(code, who)),
        1 => (0..2_u8).prop_map(Step::Disable),
        5 => (3..6_u8).prop_map(Step::Edit),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let other = || prop::option::weighted(0.1, 0..=2_u8);
    prop_oneof![
        9 => cart().prop_map(Step::Evaluate),
        3 => cart().prop_map(Step::RedeemCart),
        6 => (place(), other(), prop_oneof![2 => Just(0_u8), 1 => 1..64_u8]).prop_map(|(place, who, kept)| Step::Redeem(place, who, kept)),
        1 => any::<u8>().prop_map(Step::RedeemAgain),
        2 => (place(), other()).prop_map(|(place, who)| Step::Cancel(place, who)),
        3 => place().prop_map(Step::Expire),
        4 => (any::<u8>(), prop::option::weighted(0.7, [0..=3_i64, 0..=3_i64])).prop_map(|(place, units)| Step::Return(place, units)),
        1 => (0..3_u8).prop_map(Step::Edit),
        1 => (0..6_u8, prop::bool::weighted(0.6)).prop_map(|(place, on)| Step::Switch(place, on)),
        1 => prop::bool::weighted(0.7).prop_map(Step::Locking),
        9 => unlocking(),
    ]
}

/// Scenes of up to `most` steps; at first there is something to use.
pub fn scene(most: usize) -> impl Strategy<Value = Scene> {
    let limits = (600..4500_i64, 1..=3_i64, 2..=12_i64, 1..=6_i64, 1..=3_i64, 1..=4_i64)
        .prop_map(|(money, times, pairs, moving, weekly, code)| [[money, times], [pairs, moving], [weekly, code]]);
    let of_instances = (prop::option::weighted(0.4, 1..=3_i64), prop::bool::weighted(0.3), prop::bool::weighted(0.2));
    let instances = ([1..=3_u8, 1..=4_u8, 1..=2_u8], 3000..15_000_i64, of_instances);
    let rules = (prop::bool::weighted(0.2), any::<bool>(), prop::bool::weighted(0.2), prop::bool::weighted(0.8));
    let linked = prop::option::weighted(0.25, [1..=2_u8, 1..=2_u8]);
    let steps = (prop::collection::vec(unlocking(), 0..=8), prop::collection::vec(step(), 5..=most - 8));
    (limits, instances, rules, linked, steps).prop_map(
        |(
            limits,
            (most, earns_from, of_instances),
            (refuses, allows_guests, records, restores),
            linked,
            (mut steps, others),
        )| {
            steps.extend(others);
            let (gift_times, stamp_moves, must_activate) = of_instances;
            // Whether an instance that is INACTIVE is used up with the others the contract does not say.
            let gift_times = gift_times.filter(|_| !must_activate);
            Scene {
                limits,
                most,
                earns_from,
                gift_times,
                stamp_moves,
                must_activate,
                linked,
                refuses,
                allows_guests,
                records,
                restores,
                steps,
            }
        },
    )
}
