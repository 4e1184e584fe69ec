//! What all clients know together: evaluations and orders whose COMMIT was answered, so that they must be there.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rand::Rng;
use serde_json::Value;

use crate::scene::Scarce;

/// Most evaluations and orders to choose from.
const MOST_KNOWN: usize = 1000;

/// How many of late are chosen more often: clients should meet over few.
const OF_LATE: usize = 30;

/// How soon a lock must end for a client to wait for that, in milliseconds.
const SOON: i64 = 60;

/// A customer or, for None, a guest.
pub type Customer = Option<u32>;

/// An evaluation that a client was answered.
#[derive(Debug, Clone)]
pub struct Known {
    /// Until when it is locked, in epoch milliseconds; 0: not at all.
    pub valid_till: i64,
    /// Whose it is.
    pub customer: Customer,
    /// Its id.
    pub evaluation_id: String,
    /// The cart.
    pub cart: Value,
    /// The identifiers that it gave out, by promotion.
    pub identifiers: Vec<(String, String)>,
    /// The instances that it uses.
    pub earn_ids: Vec<String>,
}

/// An instance that a client was answered.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Whose it is.
    pub customer: String,
    /// Its promotion.
    pub promotion: String,
    /// Its id.
    pub earn_id: String,
}

/// An order that was acknowledged.
#[derive(Debug, Clone)]
pub struct Ordered {
    /// Its id.
    pub transaction_id: String,
    /// The answer to its redemption.
    pub answer: Value,
    /// Its SKUs.
    pub skus: Vec<String>,
    /// What it earned.
    pub earned: Vec<Instance>,
}

/// A return that was acknowledged.
#[derive(Debug, Clone)]
pub struct Returned {
    /// The order's id.
    pub transaction_id: String,
    /// The return's id.
    pub return_id: String,
    /// The answer.
    pub answer: Value,
}

/// What happens to the clients' memory once their transaction has committed.
#[derive(Debug, Clone)]
pub enum Effect {
    /// An evaluation was answered.
    Evaluated(Known),
    /// An order was redeemed.
    Ordered(Ordered),
    /// Something came back.
    Returned(Returned),
    /// Instances were issued or earned.
    Given(Vec<Instance>),
    /// They were taken back, with these ids.
    Revoked(Vec<String>),
    /// promo_check() found something.
    Found(Vec<String>),
}

/// The memory.
pub struct Shop {
    /// The promotions.
    pub promotions: Vec<Scarce>,
    /// When the clients are to stop.
    pub stopping: AtomicBool,
    /// Whether no transaction makes several calls at all.
    pub is_single: bool,
    /// When the run began.
    pub began: Instant,
    /// Transactions of several calls that are under way, and that ever were: for telling whose deadlock one is.
    several: Mutex<(u64, u64)>,
    next_check: Mutex<Duration>,
    twins: Mutex<Vec<(Value, Vec<String>)>>,
    evaluations: Mutex<Vec<Known>>,
    recent_orders: Mutex<Vec<Ordered>>,
    /// Every order that was acknowledged.
    pub orders: Mutex<Vec<Ordered>>,
    /// Every return that was acknowledged.
    pub returns: Mutex<Vec<Returned>>,
    /// Every instance that was acknowledged.
    pub instances: Mutex<Vec<Instance>>,
    /// Every revocation that was acknowledged, and when.
    pub revoked: Mutex<BTreeMap<String, Instant>>,
    ids: AtomicU64,
}

impl Shop {
    /// A memory of nothing.
    pub fn new(promotions: Vec<Scarce>, is_single: bool) -> Self {
        Self {
            promotions,
            is_single,
            stopping: AtomicBool::new(false),
            began: Instant::now(),
            several: Mutex::default(),
            next_check: Mutex::new(Duration::from_secs(1)),
            twins: Mutex::default(),
            evaluations: Mutex::default(),
            recent_orders: Mutex::default(),
            orders: Mutex::default(),
            returns: Mutex::default(),
            instances: Mutex::default(),
            revoked: Mutex::default(),
            ids: AtomicU64::new(0),
        }
    }

    /// Whether the clients are to stop.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// An id that no other call gets.
    pub fn new_id(&self, kind: &str) -> String {
        format!("{kind}-{}-{:016x}", self.ids.fetch_add(1, Ordering::Relaxed), rand::random::<u64>())
    }

    /// Whether this is a time of single calls: then no two transactions may ever wait for each other, while a user
    /// who makes several calls in one transaction, in any order, can make them do so.
    pub fn is_time_of_single_calls(&self) -> bool {
        self.is_single || self.began.elapsed().as_secs() % 6 < 3
    }

    /// Whether the caller is to check the invariants now: the more there is to check, the longer it takes.
    pub fn is_time_to_check(&self) -> bool {
        let (now, mut next) = (self.began.elapsed(), lock(&self.next_check));
        let is_time = now >= *next;
        if is_time {
            *next = now + Duration::from_secs(1) + now / 10;
        }
        is_time
    }

    /// A transaction of several calls begins.
    pub fn several_begins(&self) {
        let mut several = lock(&self.several);
        *several = (several.0 + 1, several.1 + 1);
    }

    /// It is over.
    pub fn several_ends(&self) {
        lock(&self.several).0 -= 1;
    }

    /// (how many such are under way, how many there ever were)
    pub fn several(&self) -> (u64, u64) {
        *lock(&self.several)
    }

    /// One of the evaluations, of late or any.
    pub fn evaluation(&self, random: &mut impl Rng) -> Option<Known> {
        picked(&lock(&self.evaluations), random)
    }

    /// One whose lock is about to expire, and how long it has yet, in milliseconds.
    pub fn expiring(&self) -> Option<(Known, i64)> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as i64;
        let evaluations = lock(&self.evaluations);
        let found = evaluations.iter().find(|known| (now..now + SOON).contains(&known.valid_till))?;
        Some((found.clone(), found.valid_till - now))
    }

    /// One of the orders of late.
    pub fn order(&self, random: &mut impl Rng) -> Option<Ordered> {
        picked(&lock(&self.recent_orders), random)
    }

    /// One of the instances.
    pub fn instance(&self, random: &mut impl Rng) -> Option<Instance> {
        picked(&lock(&self.instances), random)
    }

    /// The id of a promotion.
    pub fn promotion(&self, name: &str) -> String {
        self.promotions.iter().find(|own| own.name == name).map(|own| own.id.clone()).unwrap_or_default()
    }

    /// A request to redeem that another client has just made, or is about to make. Each is given out a few times.
    pub fn twin(&self, random: &mut impl Rng) -> Option<(Value, Vec<String>)> {
        let mut twins = lock(&self.twins);
        let twin = twins.last().cloned();
        if random.random_bool(0.4) {
            twins.pop();
        }
        twin
    }

    /// Gives others a request to make as well.
    pub fn add_twin(&self, request: Value, skus: Vec<String>) {
        lock(&self.twins).push((request, skus));
    }

    /// Notes what a transaction that began then has committed; answers what should not be.
    pub fn note(&self, effects: Vec<Effect>, began: Instant) -> Vec<String> {
        let mut findings = Vec::new();
        for effect in effects {
            match effect {
                Effect::Evaluated(known) => {
                    let revoked = lock(&self.revoked);
                    let is_late = |id: &&String| revoked.get(*id).is_some_and(|when| *when < began);
                    if let Some(late) = known.earn_ids.iter().find(is_late) {
                        findings.push(format!("{} uses {late}, which was revoked before", known.evaluation_id));
                    }
                    keep(&mut lock(&self.evaluations), known);
                }
                Effect::Given(mut given) => lock(&self.instances).append(&mut given),
                Effect::Revoked(ids) => lock(&self.revoked).extend(ids.into_iter().map(|id| (id, Instant::now()))),
                Effect::Ordered(mut ordered) => {
                    lock(&self.instances).append(&mut ordered.earned);
                    keep(&mut lock(&self.recent_orders), ordered.clone());
                    lock(&self.orders).push(ordered);
                }
                Effect::Returned(returned) => lock(&self.returns).push(returned),
                Effect::Found(mut found) => findings.append(&mut found),
            }
        }
        findings
    }
}

/// A lock that a thread which panicked does not take along: its panic is reported all the same.
pub fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn picked<T: Clone>(from: &[T], random: &mut impl Rng) -> Option<T> {
    let first = if random.random_bool(0.5) { from.len().saturating_sub(OF_LATE) } else { 0 };
    (!from.is_empty()).then(|| from[random.random_range(first..from.len())].clone())
}

fn keep<T>(among: &mut Vec<T>, new: T) {
    if among.len() >= MOST_KNOWN {
        among.drain(..MOST_KNOWN / 2);
    }
    among.push(new);
}
