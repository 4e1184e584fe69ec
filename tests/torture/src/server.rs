//! The server under test: that of PGHOST, PGPORT and PGUSER (bin/lib/cluster.sh), superuser's rights included.

use std::env;
use std::thread::sleep;
use std::time::{Duration, Instant};

use postgres::error::DbError;
use postgres::{Client, Config, Error, NoTls};

/// How long a server may take to come back after a crash.
const MOST_DOWN: Duration = Duration::from_secs(60);

/// How to connect to one of its databases.
#[derive(Debug, Clone)]
pub struct Server {
    config: Config,
}

impl Server {
    /// The server that the environment names, and its database `name`, where calls act for `org_id`, raise their
    /// errors, and hang no longer than a minute.
    pub fn database(name: &str, org_id: i64) -> Self {
        let mut config = Self::from_environment();
        // Deadlocks of the tests' own making are found soon: most of the time would go by waiting for that.
        config.dbname(name).options(&format!(
            "-c promotion_engine.org_id={org_id} -c promotion_engine.error_mode=raise -c statement_timeout=60s \
             -c deadlock_timeout=50ms"
        ));
        Self { config }
    }

    fn from_environment() -> Config {
        let variable = |name: &str, default: &str| env::var(name).unwrap_or_else(|_| default.to_owned());
        let mut config = Config::new();
        config
            .host(&variable("PGHOST", "/tmp"))
            .port(variable("PGPORT", "5432").parse().unwrap_or(5432))
            .user(&variable("PGUSER", "postgres"))
            .connect_timeout(Duration::from_secs(5));
        config
    }

    /// Creates the database anew, and the extension in it.
    pub fn create(&self) -> Result<(), Error> {
        let mut client = self.maintenance()?;
        let name = self.config.get_dbname().unwrap_or_default();
        client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
        client.batch_execute(&format!("CREATE DATABASE {name}"))?;
        self.connect()?.batch_execute("CREATE EXTENSION promotion_engine")
    }

    /// Drops the database.
    pub fn drop(&self) -> Result<(), Error> {
        let name = self.config.get_dbname().unwrap_or_default();
        self.maintenance()?.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    }

    /// A connection.
    pub fn connect(&self) -> Result<Client, Error> {
        self.config.connect(NoTls)
    }

    /// A connection that hands on what the server notes.
    pub fn connect_noting(&self, note: impl Fn(DbError) + Send + Sync + 'static) -> Result<Client, Error> {
        let mut config = self.config.clone();
        config.notice_callback(note).connect(NoTls)
    }

    /// A connection to the database that there is before the tests' own.
    pub fn maintenance(&self) -> Result<Client, Error> {
        let mut config = Self::from_environment();
        config.dbname(&env::var("PGDATABASE").unwrap_or_else(|_| "postgres".to_owned())).connect(NoTls)
    }

    /// A connection, as soon as the server takes any.
    ///
    /// # Panics
    /// Where it does not come back.
    pub fn connect_again(&self) -> Client {
        let since = Instant::now();
        loop {
            match self.connect() {
                Ok(client) => return client,
                Err(error) if since.elapsed() > MOST_DOWN => panic!("the server does not come back: {error}"),
                Err(_) => sleep(Duration::from_millis(20)),
            }
        }
    }
}
