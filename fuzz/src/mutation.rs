//! Mutants of JSON that are JSON: values replaced, swapped, repeated, moved, nested deeper; numbers beside themselves
//! and at bounds; odd texts; words of the contract. Random bytes would seldom be more than a syntax error.

use serde_json::{Map, Number, Value};

use crate::random::Random;
use crate::words::{NUMBERS, TEXTS, WORDS};

/// How often a mutant that is too long or too deep is tried anew.
const TRIES: usize = 4;

/// A mutant of an input, of at most so many bytes; `other` lends it some of its values. None: neither that nor
/// anything like it is JSON.
pub fn mutant(input: &[u8], other: Option<&[u8]>, most: usize, random: &mut Random) -> Option<Vec<u8>> {
    let json: Value = serde_json::from_slice(input).ok()?;
    let other: Option<Value> = other.and_then(|other| serde_json::from_slice(other).ok());
    for _ in 0..TRIES {
        let mut mutant = json.clone();
        for _ in 0..1 + random.below(4) {
            mutate(&mut mutant, other.as_ref(), random);
        }
        let text = mutant.to_string();
        // Deeper than it is read it need not nest.
        if text.len() <= most && serde_json::from_str::<Value>(&text).is_ok() {
            return Some(text.into_bytes());
        }
    }
    None
}

/// How many values a JSON value has in it, itself included.
fn count(json: &Value) -> usize {
    1 + match json {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(entries) => entries.values().map(count).sum(),
        _ => 0,
    }
}

/// The value that comes `place`th, counted from the outermost.
fn nth<'j>(json: &'j mut Value, place: &mut usize) -> Option<&'j mut Value> {
    if *place == 0 {
        return Some(json);
    }
    *place -= 1;
    match json {
        Value::Array(items) => items.iter_mut().find_map(|item| nth(item, place)),
        Value::Object(entries) => entries.values_mut().find_map(|value| nth(value, place)),
        _ => None,
    }
}

/// Any value in it, each as likely as the others.
fn any<'j>(json: &'j mut Value, random: &mut Random) -> &'j mut Value {
    let mut place = random.below(count(json));
    nth(json, &mut place).expect("there are so many")
}

fn copy(json: &Value, random: &mut Random) -> Value {
    let mut json = json.clone();
    any(&mut json, random).take()
}

fn mutate(json: &mut Value, other: Option<&Value>, random: &mut Random) {
    match random.below(12) {
        0 => *any(json, random) = odd(random),
        1 => {
            let own = copy(json, random);
            *any(json, random) = own;
        }
        2 => {
            let from = other.unwrap_or(json);
            let lent = copy(from, random);
            let place = any(json, random);
            match place {
                // What is lent often fits beside its like.
                Value::Array(items) => items.push(lent),
                _ => *place = lent,
            }
        }
        3 => swap(json, random),
        4 => deepen(any(json, random), random),
        5..=7 => change_number(json, random),
        8 => change_text(json, random),
        _ => change_container(json, random),
    }
}

/// Two values of the same list, or any two, in each other's place.
fn swap(json: &mut Value, random: &mut Random) {
    if let Value::Array(items) = any(json, random)
        && items.len() > 1
    {
        let (a, b) = (random.below(items.len()), random.below(items.len()));
        items.swap(a, b);
        return;
    }
    let (first, second) = (copy(json, random), copy(json, random));
    *any(json, random) = first;
    *any(json, random) = second;
}

/// One value of a kind that is asked for, if the first few that are looked at have one.
fn some<'j>(json: &'j mut Value, is_kind: impl Fn(&Value) -> bool, random: &mut Random) -> Option<&'j mut Value> {
    let all = count(json);
    for _ in 0..8 {
        let place = random.below(all);
        let mut at = place;
        if nth(json, &mut at).is_some_and(|own| is_kind(own)) {
            let mut at = place;
            return nth(json, &mut at);
        }
    }
    None
}

fn number(text: &str) -> Value {
    text.parse::<Number>().map_or(Value::Null, Value::Number)
}

fn odd(random: &mut Random) -> Value {
    match random.below(10) {
        0 => Value::Null,
        1 => Value::Bool(random.below(2) == 0),
        2..=4 => number(random.one_of::<&str>(&NUMBERS)),
        5 | 6 => Value::from(random.one_of(&WORDS[..]).as_str()),
        7 => Value::from(*random.one_of(&TEXTS)),
        8 => Value::Array(Vec::new()),
        _ => Value::Object(Map::new()),
    }
}

/// A number made another one, or written otherwise.
fn change_number(json: &mut Value, random: &mut Random) {
    let is_number = |own: &Value| own.is_number() || own.as_str().is_some_and(|text| text.parse::<f64>().is_ok());
    let Some(own) = some(json, is_number, random) else { return };
    let text = own.as_str().map_or_else(|| own.to_string(), str::to_owned);
    let was_text = own.is_string();
    let changed = match random.below(9) {
        0 => (*random.one_of(&NUMBERS)).to_owned(),
        1 => format!("-{}", text.trim_start_matches('-')),
        2 => format!("{text}0"),
        3 if text.contains('.') => format!("{text}1"),
        3 => format!("{text}.000001"),
        4 => format!("{text}.0"),
        5 if text.len() > 1 => text[..text.len() - 1].to_owned(),
        6 => beside(&text, 1),
        7 => beside(&text, -1),
        _ => text.clone(),
    };
    let as_text = if random.below(6) == 0 { !was_text } else { was_text };
    *own = if as_text { Value::from(changed) } else { number(&changed) };
}

/// The number whose digits are one more, or less.
fn beside(text: &str, by: i128) -> String {
    let places = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let Ok(digits) = text.replace('.', "").parse::<i128>() else { return text.to_owned() };
    let changed = digits.saturating_add(by);
    if places == 0 {
        return changed.to_string();
    }
    let sign = if changed < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", changed.unsigned_abs(), width = places + 1);
    let (integer, fraction) = digits.split_at(digits.len() - places);
    format!("{sign}{integer}.{fraction}")
}

fn change_text(json: &mut Value, random: &mut Random) {
    let Some(own) = some(json, Value::is_string, random) else { return };
    let text = own.as_str().unwrap_or_default().to_owned();
    *own = Value::from(match random.below(7) {
        0 => random.one_of(&WORDS[..]).clone(),
        1 => format!("{text}{}", random.one_of(&TEXTS)),
        2 => text.to_lowercase(),
        3 => text.to_uppercase(),
        4 => text.chars().rev().collect(),
        // At the longest that strings may be, in characters and not in bytes.
        5 => random.one_of(&["é", "x", "👩"]).repeat(*random.one_of(&[50, 51, 64, 65, 250, 251, 1_000, 1_001])),
        _ => (*random.one_of(&TEXTS)).to_owned(),
    });
}

/// Wraps a value in others.
fn deepen(json: &mut Value, random: &mut Random) {
    let times = *random.one_of(&[1, 1, 1, 2, 8, 15, 16, 17, 31, 32, 33, 64, 100]);
    let kind = random.below(5);
    for _ in 0..times {
        let inner = json.take();
        *json = match kind {
            0 => Value::Array(vec![inner]),
            1 => serde_json::json!({"anyOf": [inner]}),
            2 => serde_json::json!({"type": "ALL", "conditions": [inner]}),
            3 => serde_json::json!({"type": "NOT", "condition": inner}),
            _ => serde_json::json!({"type": "MULTI", "multiAction": {"actions": [inner]}}),
        };
    }
}

fn change_container(json: &mut Value, random: &mut Random) {
    let is_container = |own: &Value| own.is_array() || own.is_object();
    match some(json, is_container, random) {
        Some(Value::Array(items)) => change_items(items, random),
        Some(Value::Object(entries)) => change_entries(entries, random),
        _ => {}
    }
}

fn change_items(items: &mut Vec<Value>, random: &mut Random) {
    if items.is_empty() {
        items.push(odd(random));
        return;
    }
    let place = random.below(items.len());
    match random.below(5) {
        0 => drop(items.remove(place)),
        1 => items.truncate(place),
        2 => items.push(odd(random)),
        _ => {
            let own = items[place].clone();
            // Large inputs are slow ones: they are seldom made.
            let times = if random.below(16) == 0 { &[100, 101, 1_000, 1_001][..] } else { &[1, 1, 1, 2, 3, 10][..] };
            let times = *random.one_of(times);
            items.splice(place..place, std::iter::repeat_n(own, times));
        }
    }
}

fn change_entries(entries: &mut Map<String, Value>, random: &mut Random) {
    let keys: Vec<String> = entries.keys().cloned().collect();
    let word = random.one_of(&WORDS[..]).clone();
    if keys.is_empty() {
        entries.insert(word, odd(random));
        return;
    }
    let key = random.one_of(&keys).clone();
    match random.below(6) {
        0 => drop(entries.remove(&key)),
        // Another name for it.
        1 => {
            let value = entries.remove(&key).unwrap_or_default();
            entries.insert(word, value);
        }
        // The same under another name.
        2 => {
            let value = entries[&key].clone();
            entries.insert(word, value);
        }
        3 => drop(entries.insert(word, odd(random))),
        4 => {
            let value = entries[random.one_of(&keys)].clone();
            entries.insert(key, value);
        }
        _ => drop(entries.insert(key, odd(random))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_mutants_and_they_are_json() {
        let input = br#"{"amount": "10.50", "cartItems": [{"sku": "a", "qty": 1}], "promoCodes": ["x", "y"]}"#;
        let mutants = |seed: u64| {
            let mut random = Random::new(seed);
            (0..500).map(|_| mutant(input, Some(b"[1]"), 4_096, &mut random)).collect::<Vec<_>>()
        };
        assert_eq!(mutants(1), mutants(1));
        assert_ne!(mutants(1), mutants(2));
        let made: Vec<Vec<u8>> = mutants(1).into_iter().flatten().collect();
        assert!(made.len() > 450, "{}", made.len());
        assert!(made.iter().all(|own| own.len() <= 4_096 && serde_json::from_slice::<Value>(own).is_ok()));
    }

    #[test]
    fn numbers_beside_a_number_differ_in_its_last_digit() {
        let beside =
            [("1", 1), ("1.00", -1), ("0.01", -1), ("0.0", -1), ("9.99", 1)].map(|(text, by)| beside(text, by));
        assert_eq!(beside, ["2", "0.99", "0.00", "-0.1", "10.00"]);
    }
}
