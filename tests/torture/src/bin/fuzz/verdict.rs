//! What a call may answer.

use std::time::Duration;

use crate::argument::{Argument, Given};
use crate::call::{Answer, Call};
use crate::json::Json;
use crate::scene::NOBODY;
use crate::session::Manner;

/// How long a call may compute whose arguments have at most [`MOST_BYTES`].
pub const MOST_TIME: Duration = Duration::from_secs(5);

/// See [`MOST_TIME`].
pub const MOST_BYTES: usize = 1 << 20;

/// How much memory a backend may ever have had, in kB: what is shared (128 MB by default) included.
pub const MOST_MEMORY: u64 = 768 * 1024;

/// Why a call may not answer that; None: it may.
pub fn against(call: &Call, manner: &Manner, answer: &Answer) -> Option<String> {
    let org_id = match &call.org_id {
        Some(text) if text != "NULL" => text.trim_matches('\'').parse().ok(),
        _ => manner.org_id,
    };
    let state = answer.state.as_str();
    let is_business = state.len() == 5
        && (state.starts_with("PE") || state.starts_with("PC00"))
        && state[2..].bytes().all(|own| own.is_ascii_digit());
    let may_act = org_id.is_none_or(|org_id| manner.may_act_for(org_id));
    let is_400 = state == "PE400" || answer.answered_error == Some(400);
    let is_fine = match state {
        "00000" => may_act,
        "42501" => !may_act || manner.role == Some(NOBODY),
        // The session was told an organization that is none, before the library was there to refuse it. A parallel worker,
        // which has the library, refuses to take it over, even where the call says another.
        "22023" => org_id.is_none() || (manner.org_id.is_none() && manner.is_parallel()),
        "40001" => manner.begins("REPEATABLE") || manner.begins("SERIALIZABLE"),
        "40P01" => true,
        "55P03" => manner.has_lock_timeout,
        "57014" => manner.has_timeout || call.is_endless(),
        // A savepoint was not made in time.
        "25P02" => manner.has_timeout,
        // A function that only reads does so in any transaction.
        "25006" => manner.begins("READ ONLY") && !call.function.is_stable,
        _ => is_business && may_act,
    };
    if !is_fine {
        let who = if may_act { String::new() } else { format!(" though {:?} may not act for {org_id:?}", manner.role) };
        return Some(format!("{state} {}: {}{who}", answer.message, answer.detail));
    }
    if is_400 && !names_place(&call.arguments, &answer.detail) {
        return Some(format!("400 does not say where: {} / {}", answer.message, answer.detail));
    }
    None
}

/// Whether a text begins with a path: of a key or place that a document has or lacks, or of an argument.
fn names_place(arguments: &[Argument], detail: &str) -> bool {
    let path = detail.split(": ").next().unwrap_or_default();
    let is_path = detail.contains(": ") && !path.is_empty() && !path.contains(' ');
    // The whole document is none; keys of the fuzzer's own may look like anything.
    let is_whole = detail.starts_with("expected ");
    is_path
        || is_whole
        || arguments.iter().any(|own| matches!(&own.given, Given::Json(json) if has_odd_key(json, detail)))
}

/// Whether a key that is no word stands in a text.
fn has_odd_key(json: &Json, text: &str) -> bool {
    match json {
        Json::Object(entries) => entries.iter().any(|(key, value)| {
            let is_word = key.bytes().all(|own| own.is_ascii_alphanumeric());
            (!is_word || key.is_empty()) && text.contains(key.as_str()) || has_odd_key(value, text)
        }),
        Json::Array(items) => items.iter().any(|item| has_odd_key(item, text)),
        Json::Raw(_) => true,
        _ => false,
    }
}
