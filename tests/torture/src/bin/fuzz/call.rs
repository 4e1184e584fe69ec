//! One call: a function, its arguments, and the statement that it stands in.

use postgres::{Client, Error, SimpleQueryMessage};
use rand::Rng;
use rand::rngs::StdRng;
use serde_json::Value;

use crate::argument::{Argument, Given, literal};
use crate::catalog::Function;
use crate::oddities;
use crate::requests::Kitchen;
use crate::scene::ORGANIZATIONS;

/// The statement that a call stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// In FROM.
    Plain,
    /// In a select list, for each of three rows.
    Rows,
    /// Twice, in FROM and in a condition.
    Condition,
    /// In a PL/pgSQL block that catches errors.
    Caught,
    /// In a prepared statement of such a number, so often.
    Prepared(u32, u32),
    /// In a cursor's query.
    Cursor,
}

/// A call.
#[derive(Debug, Clone)]
pub struct Call {
    /// What is called.
    pub function: Function,
    /// What it is given.
    pub arguments: Vec<Argument>,
    /// Its org_id, as SQL.
    pub org_id: Option<String>,
    /// How.
    pub shape: Shape,
}

/// What came of a call.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// Its SQLSTATE; "00000": it answered.
    pub state: String,
    /// Message and DETAIL of an error that was raised or answered.
    pub message: String,
    /// See `message`.
    pub detail: String,
    /// Whether the transaction is aborted, or back at its savepoint.
    pub is_aborted: bool,
    /// The code of an error that was answered.
    pub answered_error: Option<i64>,
    /// What it answered, where that is JSON.
    pub json: Option<Value>,
    /// Its first text.
    pub text: Option<String>,
}

impl Call {
    /// Makes a call up.
    pub fn random(functions: &[Function], kitchen: &Kitchen<'_>, random: &mut StdRng) -> Self {
        let function = functions[random.random_range(0..functions.len())].clone();
        let mut arguments = Vec::new();
        for (place, parameter) in function.parameters.iter().enumerate() {
            let is_left_out = place >= function.required && random.random_bool(0.5);
            if parameter.name != "org_id" && !is_left_out {
                arguments.push(Argument::random(&function, parameter, kitchen, random));
            }
        }
        let org_id = match random.random_range(0..10) {
            0..6 => None,
            6..9 => Some(ORGANIZATIONS[random.random_range(0..ORGANIZATIONS.len())].to_string()),
            _ => Some(oddities::organization(random).to_owned()),
        };
        let shape = match random.random_range(0..20) {
            0..9 => Shape::Plain,
            9 | 10 => Shape::Rows,
            11 => Shape::Condition,
            12..15 => Shape::Caught,
            15 | 16 => Shape::Prepared(random.random(), random.random_range(1..8)),
            _ => Shape::Cursor,
        };
        Self { function, arguments, org_id, shape }
    }

    /// The function's call with these arguments.
    fn expression(&self, value: impl Fn(usize, &Argument) -> String) -> String {
        let arguments = self
            .arguments
            .iter()
            .enumerate()
            .map(|(place, own)| format!("{} => {}", own.parameter.name, value(place, own)));
        let org_id = self.org_id.iter().map(|own| format!("org_id => {own}"));
        format!("{}({})", self.function.name, arguments.chain(org_id).collect::<Vec<_>>().join(", "))
    }

    /// How many bytes it is given, about.
    pub fn size(&self) -> usize {
        let times = |sql: &str| match sql {
            many if many.starts_with("fuzz.many") => 100_000,
            filled if filled.starts_with("array_fill") => 1_001,
            _ => 1,
        };
        self.arguments.iter().map(Argument::sql).map(|sql| sql.len() * times(&sql)).sum()
    }

    /// Whether it may go on for as long as one likes, having been asked for millions of codes.
    pub fn is_endless(&self) -> bool {
        self.arguments.iter().any(|own| matches!(&own.given, Given::Sql(sql) if sql == "'2147483647'::int"))
    }

    /// The statements that make it.
    pub fn statements(&self) -> Vec<String> {
        let call = self.expression(|_, own| own.sql());
        match self.shape {
            Shape::Plain => vec![format!("SELECT called::text FROM {call} AS called")],
            Shape::Rows => vec![format!("SELECT {call}::text FROM fuzz.thrice")],
            Shape::Condition => {
                vec![format!("SELECT called::text FROM {call} AS called WHERE EXISTS (SELECT FROM {call})")]
            }
            Shape::Caught => vec![format!("SELECT * FROM fuzz.caught({})", literal(&call))],
            Shape::Cursor => vec![
                format!("DECLARE fuzz_cursor CURSOR FOR SELECT called::text FROM {call} AS called"),
                "FETCH 2 FROM fuzz_cursor".to_owned(),
                "FETCH ALL FROM fuzz_cursor".to_owned(),
                "CLOSE fuzz_cursor".to_owned(),
            ],
            Shape::Prepared(number, times) => {
                let kinds: Vec<&str> = self.arguments.iter().map(|own| own.parameter.kind.as_str()).collect();
                let kinds = if kinds.is_empty() { String::new() } else { format!("({})", kinds.join(", ")) };
                let values: Vec<String> = self.arguments.iter().map(Argument::sql).collect();
                let values = if values.is_empty() { String::new() } else { format!("({})", values.join(", ")) };
                let query = self.expression(|place, _| format!("${}", place + 1));
                let prepare = format!("PREPARE fuzz_{number}{kinds} AS SELECT called::text FROM {query} AS called");
                let execute = (0..times).map(|_| format!("EXECUTE fuzz_{number}{values}"));
                let end = [format!("DEALLOCATE fuzz_{number}")];
                [prepare].into_iter().chain(execute).chain(end).collect()
            }
        }
    }

    /// Makes it.
    pub fn make(&self, client: &mut Client) -> Result<Answer, Error> {
        let mut answer = Answer { state: "00000".to_owned(), ..Answer::default() };
        for statement in self.statements() {
            match client.simple_query(&statement) {
                Ok(messages) => {
                    let rows = messages
                        .iter()
                        .filter_map(|own| if let SimpleQueryMessage::Row(row) = own { row.get(0) } else { None });
                    for text in rows.take(3) {
                        answer.take(text);
                    }
                }
                Err(error) => {
                    let Some(raised) = error.as_db_error() else { return Err(error) };
                    (answer.is_aborted, answer.answered_error) = (true, None);
                    answer.state = raised.code().code().to_owned();
                    answer.message = raised.message().to_owned();
                    answer.detail = raised.detail().unwrap_or_default().to_owned();
                    return if client.is_closed() { Err(error) } else { Ok(answer) };
                }
            }
        }
        Ok(answer)
    }
}

impl Answer {
    /// Reads what a call answered.
    fn take(&mut self, text: &str) {
        if let Some(raised) = text.strip_prefix("raised ") {
            let [state, message, detail]: [String; 3] = serde_json::from_str(raised).unwrap_or_default();
            (self.state, self.message, self.detail) = (state, message, detail);
            return;
        }
        self.text.get_or_insert_with(|| text.to_owned());
        let Ok(json) = serde_json::from_str::<Value>(text) else { return };
        let envelope = &json["errors"][0];
        let cart = &json["error"];
        if let Some(code) = envelope["code"].as_i64() {
            self.answered_error = Some(code);
            envelope["message"].as_str().unwrap_or_default().clone_into(&mut self.message);
            if let Some((message, detail)) = self.message.split_once(": ").filter(|_| code == 400) {
                (self.message, self.detail) = (message.to_owned(), detail.to_owned());
            }
        } else if let Some(code) = cart["code"].as_str() {
            self.answered_error = Some(if code == "INVALID_REQUEST_ERROR" { 400 } else { 0 });
            cart["description"].as_str().unwrap_or_default().clone_into(&mut self.message);
            cart["details"][0]["detail"].as_str().unwrap_or_default().clone_into(&mut self.detail);
        }
        self.json.get_or_insert(json);
    }

    /// Whether the call was refused, in whatever way.
    pub fn is_refused(&self) -> bool {
        self.state != "00000" || self.answered_error.is_some()
    }

    /// What tells it from another kind of answer: state, and message without what is in quotes or a number.
    pub fn signature(&self) -> String {
        let words: Vec<&str> = self
            .message
            .split_whitespace()
            .filter(|word| !word.contains(|c: char| c == '"' || c.is_ascii_digit()))
            .take(8)
            .collect();
        format!("{} {}", self.state, words.join(" "))
    }
}
