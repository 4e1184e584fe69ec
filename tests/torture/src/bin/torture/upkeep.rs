//! Somebody who looks after the tables: now and then one of them is out of reach for a moment, as under VACUUM FULL
//! or ALTER TABLE. What a call has seen before it had to wait may be over when it goes on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::Duration;

use lifecycle_tests::server::Server;
use postgres::Client;
use rand::Rng;
use rand::seq::IndexedRandom;

/// Those that calls read or write in between.
const TABLES: [&str; 6] =
    ["entitlement_instance", "evaluation", "evaluation", "evaluation_state", "organization", "usage_claim"];

/// Locks tables until it is told to stop; answers how often.
pub fn keep_up(server: &Server, stopping: &AtomicBool) -> u32 {
    let mut random = rand::rng();
    let mut times = 0;
    let mut client: Option<Client> = None;
    while !stopping.load(Ordering::Relaxed) {
        sleep(Duration::from_millis(random.random_range(50..250)));
        let own = client.get_or_insert_with(|| server.connect_again());
        let table = TABLES.choose(&mut random).unwrap_or(&TABLES[0]);
        let seconds = random.random_range(0.0..0.15);
        let done = own.batch_execute(&format!(
            "BEGIN; LOCK TABLE promo.{table} IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep({seconds}); COMMIT"
        ));
        match done {
            Ok(()) => times += 1,
            // Killed, like everybody else, or chosen to end a deadlock of others' making.
            Err(_) => client = None,
        }
    }
    times
}
