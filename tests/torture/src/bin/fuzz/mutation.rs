//! Good requests made bad in one place or several.

use rand::Rng;
use rand::rngs::StdRng;

use crate::json::Json;
use crate::oddities;

/// How large a request may become by repeating a part of it, in bytes.
const MOST_BYTES: usize = 1 << 20;

/// Changes a request in one place or several.
pub fn mutate(json: &mut Json, random: &mut StdRng) {
    let times = if random.random_bool(0.7) { 1 } else { random.random_range(2..6) };
    for _ in 0..times {
        let place = random.random_range(0..json.count());
        let is_whole = place == 0;
        if let Some(value) = json.at(place) {
            // The whole request is replaced seldom: nothing would be left to read.
            if !is_whole || value.width() > 0 && random.random_bool(0.8) {
                change(value, random);
            } else if random.random_bool(0.1) {
                *value = oddities::json(random);
            }
        }
    }
}

fn change(value: &mut Json, random: &mut StdRng) {
    let width = value.width();
    if width == 0 || random.random_bool(0.15) {
        change_type(value, random);
        return;
    }
    let index = random.random_range(0..width);
    match (random.random_range(0..9), value) {
        (0 | 1, value) => value.remove(index),
        (2, Json::Array(items)) => items.push(items[index].clone()),
        (2, Json::Object(entries)) => entries.push(entries[index].clone()),
        (3, Json::Array(items)) => items.insert(index, oddities::json(random)),
        (3, Json::Object(entries)) => entries.insert(index, (key(random), oddities::json(random))),
        (4, Json::Object(entries)) => entries[index].0 = key(random),
        (4, Json::Array(items)) => items.swap(0, index),
        // A key that stands twice, with another value: the last one counts.
        (5, Json::Object(entries)) => entries.push((entries[index].0.clone(), oddities::json(random))),
        (6, Json::Array(items)) => repeat(items, index, random),
        (6, Json::Object(entries)) => {
            let other = random.random_range(0..width);
            let (one, two) = (entries[index].1.clone(), entries[other].1.clone());
            entries[index].1 = two;
            entries[other].1 = one;
        }
        (7, value) => *value = Json::Array(vec![value.clone()]),
        (_, Json::Array(items)) => change_type(&mut items[index], random),
        (_, Json::Object(entries)) => change_type(&mut entries[index].1, random),
        (_, value) => change_type(value, random),
    }
}

fn key(random: &mut StdRng) -> String {
    const KEYS: [&str; 12] = [
        "amount",
        "type",
        "value",
        "condition",
        "conditions",
        "cartItems",
        "customerId",
        "discount",
        "qty",
        "Amount",
        "action",
        "kpi",
    ];
    if random.random_bool(0.5) { KEYS[random.random_range(0..KEYS.len())].to_owned() } else { oddities::text(random) }
}

/// Says the same with another type, or something else.
fn change_type(value: &mut Json, random: &mut StdRng) {
    *value = match (&*value, random.random_range(0..5)) {
        (Json::Number(number), 0) => Json::Text(number.clone()),
        (Json::Number(number), 1) if !number.starts_with('-') => Json::Number(format!("-{number}")),
        (Json::Number(number), 2) if !number.contains(['.', 'e', 'E']) => Json::Number(format!("{number}.5")),
        (Json::Text(text), 0) if text.parse::<i64>().is_ok_and(|own| own.to_string() == *text) => {
            Json::Number(text.clone())
        }
        (Json::Text(text), 1) => Json::Text(text.to_lowercase()),
        (Json::Text(text), 2) => Json::Text(format!("{text}{}", oddities::text(random))),
        (Json::Bool(own), 0) => Json::Text(own.to_string()),
        (whole, 3) => Json::Array(vec![whole.clone()]),
        _ => oddities::json(random),
    };
}

/// Repeats an element, seldom very often.
fn repeat(items: &mut Vec<Json>, index: usize, random: &mut StdRng) {
    let times = match random.random_range(0..40) {
        0 => 20_000,
        1 | 2 => 1_001,
        _ => random.random_range(1..20),
    };
    let size = items[index].to_string().len().max(1);
    items.extend(vec![items[index].clone(); times.min(MOST_BYTES / size)]);
}
