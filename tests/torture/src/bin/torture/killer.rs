//! Kills backends, and sometimes the postmaster, while the clients are at work.

use std::env;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use lifecycle_tests::server::Server;
use postgres::{Client, Error};
use rand::Rng;

/// What was killed.
#[derive(Debug, Default, Clone, Copy)]
pub struct Kills {
    /// Backends, each of which makes the postmaster restart all of them.
    pub backends: u32,
    /// Postmasters, each of which was started again.
    pub postmasters: u32,
}

/// Kills until it is told to stop; every `between_postmasters`, the postmaster.
pub fn kill(server: &Server, stopping: &Arc<AtomicBool>, between_postmasters: Duration) -> Kills {
    let mut random = rand::rng();
    let mut kills = Kills::default();
    let mut last_postmaster = Instant::now();
    loop {
        sleep(Duration::from_millis(random.random_range(600..1500)));
        if stopping.load(Ordering::Relaxed) {
            return kills;
        }
        let mut client = server.connect_again();
        if last_postmaster.elapsed() > between_postmasters {
            if let Ok(pid) = postmaster(&mut client) {
                drop(client);
                send_kill(pid);
                start();
                kills.postmasters += 1;
                last_postmaster = Instant::now();
            }
        } else if let Ok(Some(pid)) = victim(&mut client) {
            drop(client);
            send_kill(pid);
            kills.backends += 1;
        }
    }
}

/// A client's backend, one at work where there is any.
fn victim(client: &mut Client) -> Result<Option<i32>, Error> {
    let pids = "SELECT pid FROM pg_stat_activity
                 WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
                 ORDER BY state = 'active' DESC, random() LIMIT 1";
    Ok(client.query_opt(pids, &[])?.map(|row| row.get(0)))
}

fn postmaster(client: &mut Client) -> Result<i32, Error> {
    let pid = "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int";
    Ok(client.query_one(pid, &[])?.get(0))
}

fn send_kill(pid: i32) {
    // One that is gone already is no failure.
    let _ = Command::new("kill").args(["-9", &pid.to_string()]).stderr(Stdio::null()).status();
}

/// Starts the server after its postmaster was killed: not before the last of its children has gone.
///
/// # Panics
/// Where it does not start.
fn start() {
    let pg_ctl = env::var("PG_CTL").expect("PG_CTL is pg_ctl for the server under test (bin/lib/cluster.sh)");
    for _ in 0..50 {
        sleep(Duration::from_millis(200));
        let started = Command::new(&pg_ctl).arg("start").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if started.is_ok_and(|status| status.success()) {
            return;
        }
    }
    panic!("the server does not start after its postmaster was killed");
}
