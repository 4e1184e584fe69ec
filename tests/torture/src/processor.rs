//! The processor's time: what others on the machine take is none of it.

use std::fs;
use std::time::Duration;

/// How much of it a process had, where the system tells (Linux).
pub fn computed(pid: i32) -> Option<Duration> {
    let text = fs::read_to_string(format!("/proc/{pid}/schedstat")).ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
