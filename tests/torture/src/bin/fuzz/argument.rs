//! What functions are given.

use rand::Rng;
use rand::rngs::StdRng;

use crate::catalog::{Function, Parameter};
use crate::json::Json;
use crate::mutation::mutate;
use crate::oddities;
use crate::requests::{Kitchen, customer};

/// A value of one parameter.
#[derive(Debug, Clone)]
pub enum Given {
    /// A JSON document.
    Json(Json),
    /// An SQL expression of the parameter's type.
    Sql(String),
}

/// An argument of a call.
#[derive(Debug, Clone)]
pub struct Argument {
    /// What it is for.
    pub parameter: Parameter,
    /// What is given.
    pub given: Given,
    /// Whether SQL itself may refuse it, before any function is called.
    pub is_doubtful: bool,
}

/// A string as SQL writes it.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\0', "").replace('\'', "''"))
}

impl Argument {
    /// The value as an SQL expression.
    pub fn sql(&self) -> String {
        match &self.given {
            Given::Json(json) => format!("{}::jsonb", literal(&json.to_string())),
            Given::Sql(sql) => sql.clone(),
        }
    }

    /// Makes an argument up.
    pub fn random(function: &Function, parameter: &Parameter, kitchen: &Kitchen<'_>, random: &mut StdRng) -> Self {
        let (given, is_doubtful) = match parameter.kind.as_str() {
            _ if random.random_bool(0.03) => (Given::Sql(format!("NULL::{}", parameter.kind)), false),
            "jsonb" => json(function, parameter, kitchen, random),
            "text" => (Given::Sql(literal(&text(parameter, kitchen, random))), false),
            "text[]" => texts(parameter, kitchen, random),
            "bigint" => (
                Given::Sql(whole(
                    &["1", "42", "0", "-1", "9223372036854775807", "-9223372036854775808"],
                    "bigint",
                    random,
                )),
                false,
            ),
            "integer" => (
                Given::Sql(whole(&["0", "1", "3", "100", "2000", "-1", "2147483647", "-2147483648"], "int", random)),
                false,
            ),
            "timestamp with time zone" => match random.random_range(0..4) {
                0 => (Given::Sql(format!("{}::timestamptz", literal(oddities::time(random)))), true),
                1 => (Given::Sql("now()".to_owned()), false),
                _ => (Given::Sql("NULL::timestamptz".to_owned()), false),
            },
            "boolean" => (Given::Sql(["true", "false", "NULL::boolean"][random.random_range(0..3)].to_owned()), false),
            // What later versions may take.
            other => (Given::Sql(format!("{}::{other}", literal(&oddities::text(random)))), true),
        };
        Self { parameter: parameter.clone(), given, is_doubtful }
    }
}

fn json(function: &Function, parameter: &Parameter, kitchen: &Kitchen<'_>, random: &mut StdRng) -> (Given, bool) {
    let short = function.name.rsplit('.').next().unwrap_or_default();
    let mut json = Json::from(kitchen.request(short, &parameter.name, random));
    match random.random_range(0..20) {
        0 => json = oddities::json(random),
        1..7 => {}
        _ => mutate(&mut json, random),
    }
    let is_doubtful = json.is_doubtful();
    (Given::Json(json), is_doubtful)
}

fn text(parameter: &Parameter, kitchen: &Kitchen<'_>, random: &mut StdRng) -> String {
    let known = kitchen.known;
    match random.random_range(0..20) {
        0 | 1 => return oddities::text(random),
        2 | 3 => return known.any(random),
        _ => {}
    }
    match parameter.name.as_str() {
        "promotion_id" => known.one("promotion", random),
        "cart_id" => known.one("cart", random),
        "evaluation_id" => known.one("evaluation", random),
        "code" | "promo_code" => known.one("code", random),
        "customer_id" => customer(random).to_owned(),
        "till_code" => "T-1".to_owned(),
        "format" => ["TEXT", "json", "xml"][random.random_range(0..3)].to_owned(),
        "context_id" => format!("context {}", random.random_range(0..100)),
        _ => known.any(random),
    }
}

fn texts(parameter: &Parameter, kitchen: &Kitchen<'_>, random: &mut StdRng) -> (Given, bool) {
    let one = |random: &mut StdRng| {
        literal(&match parameter.name.as_str() {
            _ if random.random_bool(0.1) => oddities::text(random),
            "customer_ids" => customer(random).to_owned(),
            "earn_ids" => kitchen.known.one("earn", random),
            "codes" if random.random_bool(0.5) => format!("NEW{}", random.random_range(0..1_000_000)),
            _ => kitchen.known.one("code", random),
        })
    };
    let few: Vec<String> = (0..random.random_range(1..6)).map(|_| one(random)).collect();
    let few = few.join(", ");
    let sql = match random.random_range(0..40) {
        0 => "'{}'::text[]".to_owned(),
        1 => format!("ARRAY[{few}, NULL]::text[]"),
        2 => "'{NULL}'::text[]".to_owned(),
        3 => format!("ARRAY[[{0}, {0}], [{0}, {0}]]::text[]", one(random)),
        4 => "'[5:6]={a,b}'::text[]".to_owned(),
        5 => format!(
            "array_fill({}::text, ARRAY[1001])",
            Some(one(random)).filter(|own| own.len() < 999).unwrap_or_else(|| "NULL".to_owned())
        ),
        6 if random.random_bool(0.3) => "fuzz.many(100000)".to_owned(),
        7 => format!("ARRAY[{few}]::text[] || {few_again}", few_again = format_args!("ARRAY[{few}]::text[]")),
        _ => format!("ARRAY[{few}]::text[]"),
    };
    (Given::Sql(sql), false)
}

fn whole(of: &[&str], kind: &str, random: &mut StdRng) -> String {
    format!("'{}'::{kind}", of[random.random_range(0..of.len())])
}
