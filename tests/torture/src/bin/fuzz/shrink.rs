//! A call that failed, with less in it.

use lifecycle_tests::server::Server;
use postgres::Client;

use crate::argument::Given;
use crate::call::Answer;
use crate::call::{Call, Shape};
use crate::session::Manner;

/// How often a smaller call is tried.
const MOST_TRIES: u32 = 400;

/// What the call needs to fail: in a transaction that is undone, beside whatever the database has now.
pub fn shrunk(server: &Server, call: &Call, manner: &Manner, answer: &Answer) -> Vec<String> {
    let Ok(client) = server.connect() else { return Vec::new() };
    let mut shrinking = Shrinking { client, signature: answer.signature(), tries: 0 };
    let mut call = call.clone();
    let mut settings = manner.settings.clone();
    let mut begin = manner.begin.clone().unwrap_or_else(|| "BEGIN".to_owned());
    if !shrinking.fails(&call, &settings, &begin) {
        return vec!["-- not alone, nor a second time".to_owned()];
    }
    let plain = Call { shape: Shape::Plain, ..call.clone() };
    if shrinking.fails(&plain, &settings, &begin) {
        call = plain;
    }
    if shrinking.fails(&call, &settings, "BEGIN") {
        "BEGIN".clone_into(&mut begin);
    }
    for place in (0..settings.len()).rev() {
        let mut fewer = settings.clone();
        fewer.remove(place);
        if shrinking.fails(&call, &fewer, &begin) {
            settings = fewer;
        }
    }
    for place in (0..call.arguments.len()).rev() {
        let mut fewer = call.clone();
        fewer.arguments.remove(place);
        if shrinking.fails(&fewer, &settings, &begin) {
            call = fewer;
        }
    }
    for place in 0..call.arguments.len() {
        while let Some(smaller) = shrinking.smaller(&call, place, &settings, &begin) {
            call = smaller;
        }
    }
    [begin].into_iter().chain(settings).chain(call.statements()).chain(["ROLLBACK".to_owned()]).collect()
}

struct Shrinking {
    client: Client,
    signature: String,
    tries: u32,
}

impl Shrinking {
    fn fails(&mut self, call: &Call, settings: &[String], begin: &str) -> bool {
        self.tries += 1;
        if self.tries > MOST_TRIES || self.client.simple_query(begin).is_err() {
            return false;
        }
        for setting in settings {
            if self.client.simple_query(&format!("SAVEPOINT s; {setting}")).is_err() {
                let _ = self.client.simple_query("ROLLBACK TO s");
            }
        }
        let answer = call.make(&mut self.client);
        let _ = self.client.simple_query("ROLLBACK; RESET ROLE; RESET ALL; DEALLOCATE ALL");
        answer.is_ok_and(|answer| answer.signature() == self.signature)
    }

    /// The call with one value less in a document, if it still fails.
    fn smaller(&mut self, call: &Call, place: usize, settings: &[String], begin: &str) -> Option<Call> {
        let Given::Json(whole) = &call.arguments[place].given else { return None };
        for at in 0..whole.count() {
            let width = whole.clone().at(at).map_or(0, |own| own.width());
            for index in (0..width).rev() {
                let mut smaller = call.clone();
                let Given::Json(json) = &mut smaller.arguments[place].given else { return None };
                json.at(at)?.remove(index);
                if self.fails(&smaller, settings, begin) {
                    return Some(smaller);
                }
                if self.tries > MOST_TRIES {
                    return None;
                }
            }
        }
        None
    }
}
