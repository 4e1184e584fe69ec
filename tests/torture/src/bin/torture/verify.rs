//! What must be true when all is over.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use lifecycle_tests::checks::Checks;
use postgres::{Client, Error};
use serde_json::Value;

use crate::scene::Scarce;
use crate::shop::{Shop, lock};

/// What was redeemed, by promotion and kpi, must be what counts say, by promotion and limit.
const UNCOUNTED: &str = "
    SELECT format('%s %s: %s redeemed, %s counted', p.name, l.kpi, r.sum, coalesce(u.sum, 0))
      FROM promo.promotion p
      JOIN promo.promotion_limit l ON l.org_id = p.org_id AND l.promotion_id = p.promotion_id
     CROSS JOIN LATERAL (
           SELECT coalesce(sum(CASE l.kpi WHEN 'REDEMPTION' THEN r.redemption_count - r.returned_count
                                          WHEN 'DISCOUNT' THEN r.discount - r.returned_discount
                                          ELSE (r.returned_count < r.redemption_count)::int END), 0) AS sum
             FROM promo.redemption r
            WHERE r.org_id = p.org_id AND r.promotion_id = p.promotion_id) r
      LEFT JOIN LATERAL (
           SELECT sum(u.redeemed - u.returned) AS sum FROM promo.usage u
            WHERE u.org_id = p.org_id AND u.promotion_id = p.promotion_id AND u.limit_row = l.limit_row) u ON true
     WHERE r.sum <> coalesce(u.sum, 0)";

/// Carts that the caller names can be locked once at a time, whoever calls at once.
pub const LOCKED_TWICE: &str = "
    SELECT format('customer %s, cart %s: %s', customer_id, cart_id, string_agg(evaluation_id, ' '))
      FROM promo.evaluation_state WHERE state = 'HELD' AND cart_id IS NOT NULL
     GROUP BY customer_id, cart_id HAVING count(*) > 1";

/// The texts of a query.
pub fn texts(client: &mut Client, sql: &str) -> Result<Vec<String>, Error> {
    Ok(client.query(sql, &[])?.iter().map(|row| row.get(0)).collect())
}

/// The invariants, by promo_check() and by what it does not look at.
pub fn invariants(client: &mut Client, when: &str, checks: &mut Checks) -> Result<(), Error> {
    checks.that(&format!("promo_check() finds nothing {when}"), &texts(client, "SELECT c::text FROM promo_check() c")?);
    checks.that(&format!("counts are what orders redeemed {when}"), &texts(client, UNCOUNTED)?);
    checks.that(&format!("a cart with a cartId is locked once {when}"), &texts(client, LOCKED_TWICE)?);
    Ok(())
}

/// All that was acknowledged is there, once, and order and redemption are there together.
pub fn orders(client: &mut Client, shop: &Shop, checks: &mut Checks) -> Result<(), Error> {
    let mut stored: BTreeMap<String, Value> = BTreeMap::new();
    for row in client.query("SELECT transaction_id, answer FROM promo.transaction", &[])? {
        stored.insert(row.get(0), row.get(1));
    }
    let acknowledged = lock(&shop.orders);
    let lost = acknowledged.iter().filter(|own| !stored.contains_key(&own.transaction_id));
    let lost: Vec<String> = lost.map(|own| own.transaction_id.clone()).collect();
    checks.that(&format!("{} acknowledged orders are there", acknowledged.len()), &lost);
    let other = acknowledged.iter().filter(|own| stored.get(&own.transaction_id) != Some(&own.answer));
    let other: Vec<String> = other.map(|own| own.transaction_id.clone()).collect();
    checks.that("with the answer that was given", &other);

    let entered = texts(client, "SELECT transaction_id FROM orders ORDER BY 1")?;
    let twice: Vec<String> = entered.windows(2).filter(|two| two[0] == two[1]).map(|two| two[0].clone()).collect();
    checks.that("no order is there twice", &twice);
    let entered: BTreeSet<String> = entered.into_iter().collect();
    let redeemed: BTreeSet<String> = stored.into_keys().collect();
    let alone: Vec<String> = entered.symmetric_difference(&redeemed).cloned().collect();
    checks.that("every order has its redemption, every redemption its order", &alone);

    let mut returned: BTreeMap<(String, String), Value> = BTreeMap::new();
    for row in client.query("SELECT transaction_id, return_id, answer FROM promo.return", &[])? {
        returned.insert((row.get(0), row.get(1)), row.get(2));
    }
    let acknowledged = lock(&shop.returns);
    let lost = acknowledged
        .iter()
        .filter(|own| returned.get(&(own.transaction_id.clone(), own.return_id.clone())) != Some(&own.answer));
    let lost: Vec<String> = lost.map(|own| own.return_id.clone()).collect();
    checks.that(&format!("{} acknowledged returns are there", acknowledged.len()), &lost);
    Ok(())
}

/// What demand has exhausted was given out to the last unit, and not once more.
pub fn exhausted(client: &mut Client, promotions: &[Scarce], checks: &mut Checks) -> Result<(), Error> {
    let used = "SELECT trim_scale(sum(redeemed - returned))::text FROM promo.usage
                 WHERE promotion_id = $1 AND limit_row = $2 AND subject = $3";
    for promotion in promotions {
        for (row, subject, limit) in &promotion.exhausted {
            let found: Option<String> = client.query_one(used, &[&promotion.id, row, subject])?.get(0);
            let what = format!("exactly the limit of {} {subject} is used", promotion.name);
            checks.equal(&what, limit, found.as_deref().unwrap_or("nothing"));
        }
    }
    Ok(())
}

/// The server's log, from where it ended before the run.
pub struct Log {
    path: String,
    begin: u64,
}

impl Log {
    /// Remembers where the log ends.
    pub fn here() -> std::io::Result<Self> {
        let path = env::var("PG_LOG").map_err(std::io::Error::other)?;
        let begin = std::fs::metadata(&path)?.len();
        Ok(Self { path, begin })
    }

    /// Checks that the server did not crash by itself; answers how often it recovered from a crash.
    pub fn check(&self, checks: &mut Checks) -> std::io::Result<usize> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.begin))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        let is_crash = |line: &&str| {
            let by_signal = line.split("was terminated by signal ").nth(1).is_some_and(|rest| !rest.starts_with("9:"));
            by_signal || line.contains("PANIC:") || line.contains("panicked")
        };
        let crashes: Vec<String> = text.lines().filter(is_crash).map(str::to_owned).collect();
        checks.that("the server crashed by nothing else", &crashes);
        Ok(text.lines().filter(|line| line.contains("automatic recovery in progress")).count())
    }
}
