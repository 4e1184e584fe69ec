//! Ids that calls gave out: what requests name, most of the time.

use std::collections::HashMap;

use rand::Rng;
use rand::rngs::StdRng;
use serde_json::Value;

/// How many of each kind are kept.
const MOST: usize = 60;

/// Ids by what answers call them.
#[derive(Debug, Clone, Default)]
pub struct Known {
    ids: HashMap<&'static str, Vec<String>>,
}

/// The keys of answers, and the kind of id that stands there.
const KINDS: [(&str, &str); 17] = [
    ("evaluationId", "evaluation"),
    ("cartEvaluationId", "evaluation"),
    ("cartId", "cart"),
    ("promotionId", "promotion"),
    ("promoId", "promotion"),
    ("earnedPromotionId", "earn"),
    ("earnId", "earn"),
    ("earnIds", "earn"),
    ("id", "earn"),
    ("identifier", "identifier"),
    ("transactionId", "transaction"),
    ("returnId", "return"),
    ("referenceId", "reference"),
    ("lineItemId", "line"),
    ("promoCode", "code"),
    ("sku", "sku"),
    ("customerId", "customer"),
];

impl Known {
    /// Keeps an id.
    pub fn add(&mut self, kind: &'static str, id: &str) {
        let own = self.ids.entry(kind).or_default();
        if id.len() > 300 || own.iter().any(|known| known == id) {
            return;
        }
        if own.len() >= MOST {
            // The first half is the scene's, and stays.
            own.remove(MOST / 2);
        }
        own.push(id.to_owned());
    }

    /// Keeps the ids that an answer names.
    pub fn harvest(&mut self, answer: &Value) {
        match answer {
            Value::Array(items) => items.iter().for_each(|item| self.harvest(item)),
            Value::Object(entries) => {
                for (key, value) in entries {
                    let kind = KINDS.iter().find(|(own, _)| own == key).map(|(_, kind)| *kind);
                    match (kind, value) {
                        (Some(kind), Value::String(id)) => self.add(kind, id),
                        (Some(kind), Value::Array(ids)) => {
                            ids.iter().filter_map(Value::as_str).for_each(|id| self.add(kind, id));
                        }
                        _ => self.harvest(value),
                    }
                }
            }
            _ => {}
        }
    }

    /// One of a kind, or an id that is none.
    pub fn one(&self, kind: &str, random: &mut StdRng) -> String {
        match self.ids.get(kind) {
            Some(own) if !own.is_empty() => own[random.random_range(0..own.len())].clone(),
            _ => "ffffffffffffffffffffffff".to_owned(),
        }
    }

    /// One of any kind at all.
    pub fn any(&self, random: &mut StdRng) -> String {
        let (_, kind) = KINDS[random.random_range(0..KINDS.len())];
        self.one(kind, random)
    }
}
