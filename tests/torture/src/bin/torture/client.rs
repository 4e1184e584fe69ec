//! One client: a connection, and transactions of one call or several.

use std::thread::sleep;
use std::time::{Duration, Instant};

use lifecycle_tests::server::Server;
use postgres::{Client, Error, IsolationLevel, Transaction};
use rand::Rng;
use rand::rngs::StdRng;

use crate::call::{Call, greedy_cart};
use crate::shop::{Effect, Shop, lock};
use crate::tally::{Outcome, Tally, outcome};

/// How often in a row a cart of everything must get nothing of anything before demand counts as met.
const ENOUGH_IN_VAIN: u32 = 3;

/// A client.
pub struct Customer<'t> {
    /// Which one.
    pub number: u32,
    /// Where it connects to.
    pub server: &'t Server,
    /// What all know.
    pub shop: &'t Shop,
    /// What is counted.
    pub tally: &'t Tally,
    /// Its own dice.
    pub random: StdRng,
}

/// What a transaction is like.
struct Manner {
    isolation: IsolationLevel,
    is_undone: bool,
    has_savepoints: bool,
    pauses: bool,
}

/// A transaction, as it was tried.
struct Attempt<'a> {
    calls: &'a [Call],
    manner: &'a Manner,
    /// What it is counted as, where no single call is to blame.
    kind: &'static str,
    /// [`Shop::several`] when it began.
    several: (u64, u64),
}

/// Why a transaction did not commit.
enum Failure {
    /// Its caller rolled it back.
    Undone,
    /// The call at this place answered an error.
    Call(usize, Error),
    /// BEGIN, SAVEPOINT or COMMIT did.
    Around(Error),
}

impl Customer<'_> {
    /// Makes calls until the clients are to stop.
    pub fn shop(mut self) {
        let mut client = self.server.connect_again();
        // Calls whose outcome was lost with the connection.
        let mut unknown: Vec<Call> = Vec::new();
        loop {
            if client.is_closed() {
                client = self.server.connect_again();
            }
            if let Some(call) = unknown.pop() {
                let manner = self.plain();
                self.run(&mut client, &[call], &manner, &mut unknown);
            } else if self.shop.is_stopping() {
                return;
            } else {
                let is_single = self.shop.is_time_of_single_calls() || self.random.random_bool(0.5);
                let calls = if is_single { 1 } else { self.random.random_range(2..=4) };
                let calls: Vec<Call> = (0..calls).map(|_| Call::random(self.shop, &mut self.random)).collect();
                let manner = self.manner();
                self.run(&mut client, &calls, &manner, &mut unknown);
            }
        }
    }

    /// Redeems carts of everything that is scarce until nothing is left of it.
    pub fn exhaust(mut self) {
        let mut client = self.server.connect_again();
        let manner = self.plain();
        let mut in_vain = 0;
        while in_vain < ENOUGH_IN_VAIN {
            // Nobody else's, so that limits of customers are none.
            let customer = 1_000_000 + self.number * 100_000 + self.random.random_range(0..100_000);
            let id = self.shop.new_id("demand");
            let cart = greedy_cart(self.shop, customer);
            let request = serde_json::json!({"customerId": customer, "transactionId": id, "cart": cart});
            let before = lock(&self.shop.orders).len();
            self.run(&mut client, &[Call::Redeem(request, Vec::new())], &manner, &mut Vec::new());
            let orders = lock(&self.shop.orders);
            let own = orders[before..].iter().find(|own| own.transaction_id == id);
            let is_in_vain = own.is_some_and(|own| own.answer["redemptions"] == serde_json::json!([]));
            in_vain = if is_in_vain { in_vain + 1 } else { 0 };
            if self.shop.is_stopping() {
                return;
            }
        }
    }

    fn plain(&self) -> Manner {
        Manner { isolation: IsolationLevel::ReadCommitted, is_undone: false, has_savepoints: false, pauses: false }
    }

    fn manner(&mut self) -> Manner {
        let isolation = match self.random.random_range(0..10) {
            0..7 => IsolationLevel::ReadCommitted,
            7 | 8 => IsolationLevel::RepeatableRead,
            _ => IsolationLevel::Serializable,
        };
        Manner {
            isolation,
            is_undone: self.random.random_bool(0.08),
            has_savepoints: self.random.random_bool(0.5),
            pauses: self.random.random_bool(0.3),
        }
    }

    /// Runs a transaction of these calls, and notes what came of it; calls whose outcome was lost are kept.
    fn run(&mut self, client: &mut Client, calls: &[Call], manner: &Manner, unknown: &mut Vec<Call>) {
        let (is_single, several) = (calls.len() == 1, self.shop.several());
        let kind = calls.first().filter(|_| is_single).map_or("several calls", Call::kind);
        if !is_single {
            self.shop.several_begins();
        }
        let began = Instant::now();
        let result = self.attempt(client, calls, manner);
        if !is_single {
            self.shop.several_ends();
        }
        let attempt = Attempt { calls, manner, kind, several };
        match result {
            Ok(effects) => {
                self.tally.count(kind, Outcome::Done);
                for found in self.shop.note(effects, began) {
                    self.tally.fault(format!("during the run: {found}"));
                }
            }
            Err(Failure::Undone) => self.tally.count(kind, Outcome::Undone),
            Err(Failure::Around(error)) => self.failed(&attempt, None, &error, unknown),
            Err(Failure::Call(place, error)) => self.failed(&attempt, Some(&calls[place]), &error, unknown),
        }
    }

    fn failed(&self, attempt: &Attempt<'_>, call: Option<&Call>, error: &Error, unknown: &mut Vec<Call>) {
        let Attempt { calls, manner, kind, several } = attempt;
        let is_single = calls.len() == 1;
        let outcome = outcome(error);
        let is_fault = match outcome {
            None => true,
            Some(Outcome::Refused) => {
                let code = error.code().map_or("", |state| state.code());
                self.tally.refusal(call.map_or(kind, |call| call.kind()), code);
                !call.is_some_and(|call| call.may_fail_with(code))
            }
            // Two transactions may wait for each other only where one of them makes several calls.
            Some(Outcome::Deadlock) => is_single && several.0 == 0 && *several == self.shop.several(),
            Some(Outcome::Conflict) => is_single && matches!(manner.isolation, IsolationLevel::ReadCommitted),
            Some(Outcome::Lost) => {
                // Alone and again: then the answer must be what was committed, or it is done now.
                unknown.extend(calls.iter().filter(|call| call.is_repeatable()).cloned());
                false
            }
            Some(Outcome::Done | Outcome::Undone) => false,
        };
        if let Some(outcome) = outcome {
            self.tally.count(kind, outcome);
        }
        if is_fault {
            self.tally.fault(format!("{call:?} at {:?}: {}", manner.isolation, told(error)));
        }
    }

    fn attempt(&mut self, client: &mut Client, calls: &[Call], manner: &Manner) -> Result<Vec<Effect>, Failure> {
        let transaction = client.build_transaction().isolation_level(manner.isolation).start();
        let mut transaction = transaction.map_err(Failure::Around)?;
        let mut effects = Vec::new();
        for (place, call) in calls.iter().enumerate() {
            if manner.has_savepoints && calls.len() > 1 {
                effects.extend(self.made_or_not(&mut transaction, place, call)?);
            } else {
                let effect = call.make(&mut transaction, self.number as i32);
                effects.extend(effect.map_err(|error| Failure::Call(place, error))?);
            }
            if manner.pauses {
                sleep(Duration::from_millis(self.random.random_range(0..10)));
            }
        }
        if manner.is_undone {
            transaction.rollback().map_err(Failure::Around)?;
            return Err(Failure::Undone);
        }
        transaction.commit().map_err(Failure::Around)?;
        Ok(effects)
    }

    /// Makes a call in a savepoint, so that a business error, or a change of mind, undoes it alone.
    fn made_or_not(
        &mut self,
        transaction: &mut Transaction<'_>,
        place: usize,
        call: &Call,
    ) -> Result<Option<Effect>, Failure> {
        let mut savepoint = transaction.transaction().map_err(Failure::Around)?;
        match call.make(&mut savepoint, self.number as i32) {
            Ok(_) if self.random.random_bool(0.15) => savepoint.rollback().map_err(Failure::Around).map(|()| None),
            Ok(effect) => savepoint.commit().map_err(Failure::Around).map(|()| effect),
            Err(error) => {
                let code = error.code().map_or("", |state| state.code());
                if !call.may_fail_with(code) {
                    return Err(Failure::Call(place, error));
                }
                self.tally.refusal(call.kind(), code);
                savepoint.rollback().map_err(Failure::Around).map(|()| None)
            }
        }
    }
}

fn told(error: &Error) -> String {
    error.as_db_error().map_or_else(
        || error.to_string(),
        |error| {
            format!(
                "{} {}: {} ({:?})",
                error.code().code(),
                error.message(),
                error.detail().unwrap_or(""),
                error.where_()
            )
        },
    )
}
