//! Settings of a session that any user may change, and what they let calls answer.

use rand::Rng;
use rand::rngs::StdRng;

use crate::scene::{LISTED, NOBODY, UNLISTED};

/// The manner of a few calls.
#[derive(Debug, Clone, Default)]
pub struct Manner {
    /// What is set before.
    pub settings: Vec<String>,
    /// BEGIN with its options; None: each call is a transaction of its own.
    pub begin: Option<String>,
    /// The role; None: the superuser.
    pub role: Option<&'static str>,
    /// promotion_engine.org_id; None: it was set to what is no bigint.
    pub org_id: Option<i64>,
    /// Whether a timeout of statements is set.
    pub has_timeout: bool,
    /// Whether one of locks is.
    pub has_lock_timeout: bool,
    /// Whether each call has a savepoint.
    pub has_savepoints: bool,
    /// Whether all of it is undone in the end.
    pub is_undone: bool,
}

const SETTINGS: [&str; 34] = [
    "datestyle = 'SQL, DMY'",
    "datestyle = 'German'",
    "datestyle = 'Postgres, MDY'",
    "intervalstyle = 'iso_8601'",
    "intervalstyle = 'sql_standard'",
    "timezone = 'Pacific/Apia'",
    "timezone = '+167:59:59'",
    "timezone = 'America/New_York'",
    "extra_float_digits = -15",
    "extra_float_digits = 3",
    "search_path = ''",
    "search_path = 'promo'",
    "search_path = 'fuzz, pg_temp, public'",
    "plan_cache_mode = force_generic_plan",
    "plan_cache_mode = force_custom_plan",
    "enable_indexscan = off",
    "enable_bitmapscan = off",
    "enable_nestloop = off",
    "enable_hashjoin = off",
    "enable_sort = off",
    "enable_material = off",
    "enable_seqscan = off",
    "enable_partition_pruning = off",
    "constraint_exclusion = on",
    "work_mem = '64kB'",
    "row_security = off",
    "bytea_output = 'escape'",
    "standard_conforming_strings = on",
    "client_min_messages = debug1",
    "synchronous_commit = off",
    "xmlbinary = hex",
    "default_transaction_deferrable = on",
    "promotion_engine.lock_wait = nowait",
    "check_function_bodies = off",
];

impl Manner {
    /// Makes a manner up; `parallel` is the setting that has every plan made parallel.
    pub fn random(parallel: &str, random: &mut StdRng) -> Self {
        let mut manner = Self { org_id: Some(1), ..Self::default() };
        let mut set = |setting: String| manner.settings.push(format!("SET {setting}"));
        for _ in 0..random.random_range(0..4) {
            set(SETTINGS[random.random_range(0..SETTINGS.len())].to_owned());
        }
        if random.random_bool(0.15) {
            set(format!("{parallel} = on"));
            set("parallel_setup_cost = 0".to_owned());
            set("parallel_tuple_cost = 0".to_owned());
            set("min_parallel_table_scan_size = 0".to_owned());
        }
        set(format!("promotion_engine.error_mode = {}", if random.random_bool(0.5) { "raise" } else { "envelope" }));
        let (org_id, text) = match random.random_range(0..40) {
            0 => (Some(i64::MAX), "' 9223372036854775807 '"),
            1 => (Some(-1), "'-1'"),
            // Refused where the library is there already; calls fail where it is not.
            2 => (None, "'none of them'"),
            3..20 => (Some(2), "'2'"),
            _ => (Some(1), "'1'"),
        };
        set(format!("promotion_engine.org_id = {text}"));
        if random.random_bool(0.05) {
            set(format!("statement_timeout = {}", random.random_range(1..30)));
            manner.has_timeout = true;
        }
        if random.random_bool(0.1) {
            manner.settings.push(format!("SET lock_timeout = {}", random.random_range(1..20)));
            manner.has_lock_timeout = true;
        }
        manner.role = match random.random_range(0..20) {
            0..7 => None,
            7..15 => Some(UNLISTED),
            15..19 => Some(LISTED),
            _ => Some(NOBODY),
        };
        manner.settings.extend(manner.role.map(|role| format!("SET ROLE {role}")));
        manner.org_id = org_id;
        if random.random_bool(0.6) {
            let isolation =
                ["READ COMMITTED", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"][random.random_range(0..4)];
            let access = if random.random_bool(0.12) { " READ ONLY" } else { "" };
            manner.begin = Some(format!("BEGIN ISOLATION LEVEL {isolation}{access}"));
            manner.has_savepoints = random.random_bool(0.6);
            manner.is_undone = random.random_bool(0.3);
        }
        manner
    }

    /// Whether the role may act for an organization.
    pub fn may_act_for(&self, org_id: i64) -> bool {
        match self.role {
            None => true,
            Some(LISTED) => org_id == 2,
            Some(UNLISTED) => org_id != 2,
            Some(_) => false,
        }
    }

    /// Whether every plan is made parallel.
    pub fn is_parallel(&self) -> bool {
        self.settings.iter().any(|own| own == "SET parallel_setup_cost = 0")
    }

    /// Whether transactions are of this kind.
    pub fn begins(&self, with: &str) -> bool {
        self.begin.as_ref().is_some_and(|begin| begin.contains(with))
    }
}
