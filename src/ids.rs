//! Ids that the engine gives out. Randomness is the operating system's, through well-kept crates.

/// 24 lower-case hex digits, the first 8 being the Unix time of the instant (epoch milliseconds).
pub fn object_id(milliseconds: i64) -> String {
    let seconds = milliseconds.div_euclid(1000) & 0xFFFF_FFFF;
    format!("{seconds:08x}{:016x}", rand::random::<u64>())
}

/// The range of milliseconds in which an id of [`object_id`] was given out, from and until
/// (excluded); None where it is none.
pub fn object_id_time(id: &str) -> Option<(i64, i64)> {
    let hex = id.len() == 24 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let seconds = i64::from_str_radix(id.get(..8).filter(|_| hex)?, 16).ok()?;
    Some((seconds * 1000, (seconds + 1) * 1000))
}

/// A random UUID, for a line that the caller gave no id.
pub fn uuid() -> String {
    uuid::Builder::from_random_bytes(rand::random()).into_uuid().to_string()
}
