//! The database under test, and a script of all that was asked of it, by which psql does the same again.

use std::collections::BTreeMap;

use postgres::{Client, SimpleQueryMessage};
use serde_json::Value;

/// A session for one organization.
pub struct Database<'c> {
    client: &'c mut Client,
    /// What ids turned out to be, by the names that the script has for them.
    names: BTreeMap<String, String>,
    script: Vec<String>,
    /// The organization.
    pub org_id: i64,
}

/// What a statement answers, or an SQL error: its SQLSTATE and all of it.
pub type Answer = Result<Value, (String, String)>;

/// A text as a literal.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A document as a literal.
pub fn document(json: &Value) -> String {
    literal(&json.to_string())
}

/// The same with numbers in their shortest form: 9.00 is 9.
fn trimmed(json: Value) -> Value {
    match json {
        Value::Array(all) => all.into_iter().map(trimmed).collect(),
        Value::Object(all) => Value::Object(all.into_iter().map(|(key, own)| (key, trimmed(own))).collect()),
        Value::Number(own) => {
            let text = own.to_string();
            if !text.contains('.') {
                return Value::Number(own);
            }
            let short = text.trim_end_matches('0').trim_end_matches('.');
            short.parse().map_or(Value::Number(own), Value::Number)
        }
        other => other,
    }
}

impl<'c> Database<'c> {
    /// A session.
    pub fn new(client: &'c mut Client, org_id: i64) -> Result<Self, String> {
        let mut own = Self { client, names: BTreeMap::new(), script: Vec::new(), org_id };
        own.script.push("CREATE EXTENSION IF NOT EXISTS promotion_engine;".to_owned());
        own.setup(&format!("SET promotion_engine.org_id = {org_id}"))?;
        Ok(own)
    }

    /// What stands for a name of the script.
    pub fn id(&self, name: &str) -> &str {
        self.names.get(name).map_or("", String::as_str)
    }

    /// Remembers an id by a name.
    pub fn name(&mut self, name: &str, id: &str) {
        self.names.insert(name.to_owned(), id.to_owned());
    }

    /// A statement that must go well.
    pub fn setup(&mut self, sql: &str) -> Result<Value, String> {
        self.run(sql, None).map_err(|(_, error)| format!("{sql}: {error}"))
    }

    /// A statement of the sequence.
    pub fn call(&mut self, sql: &str) -> Answer {
        self.run(sql, None)
    }

    /// One that gives an id to remember: `path` is what is to be taken from its answer.
    pub fn call_named(&mut self, sql: &str, path: &str, name: &str) -> Answer {
        self.run(sql, Some((path, name)))
    }

    /// A question beside the sequence: the script does not have it.
    pub fn ask(&mut self, sql: &str) -> Result<Value, String> {
        self.execute(sql).map_err(|(_, error)| format!("{sql}: {error}"))
    }

    fn run(&mut self, sql: &str, named: Option<(&str, &str)>) -> Answer {
        match named {
            None => self.script.push(format!("{sql};")),
            Some((path, name)) => self.script.push(format!("{sql} {path} AS {name} \\gset")),
        }
        self.execute(sql)
    }

    fn execute(&mut self, sql: &str) -> Answer {
        let sql =
            self.names.iter().fold(sql.to_owned(), |sql, (name, id)| sql.replace(&format!(":'{name}'"), &literal(id)));
        let messages = self.client.simple_query(&sql).map_err(|error| {
            let state = error.code().map_or("", |state| state.code()).to_owned();
            let told = error.as_db_error().map_or_else(
                || error.to_string(),
                |error| format!("{} ({})", error.message(), error.detail().unwrap_or_default()),
            );
            (state, told)
        })?;
        let text = messages.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row.get(0)),
            _ => None,
        });
        let text = text.flatten().unwrap_or("null");
        Ok(serde_json::from_str(text).map_or_else(|_| Value::String(text.to_owned()), trimmed))
    }

    /// All that was done, for psql.
    pub fn script(&self) -> String {
        self.script.join("\n")
    }
}
