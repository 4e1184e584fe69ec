//! Promo codes (spec/lifecycle.md, "Codes").

use std::collections::HashSet;

use pgrx::datum::IntoDatum;

use super::event::{Event, note};
use super::statement::{Access, Row, statement};

statement!(
    ENTER,
    [INT8OID, TEXTARRAYOID, TIMESTAMPTZOID, TEXTOID],
    "INSERT INTO promo.code_identity (org_id, code, customer_id, created_at)
     SELECT DISTINCT $1, s.code COLLATE \"C\" AS code, $4, $3 FROM pg_catalog.unnest($2) AS s (code) ORDER BY code
     ON CONFLICT (org_id, code) DO NOTHING
     RETURNING code"
);

statement!(
    LOCK,
    [INT8OID, TEXTARRAYOID],
    "SELECT 1 FROM promo.code_identity i
      WHERE i.org_id = $1 AND i.code = ANY ($2) ORDER BY i.code FOR NO KEY UPDATE"
);

statement!(
    LINKED,
    [INT8OID, TEXTOID, TEXTARRAYOID, TEXTOID],
    "SELECT i.code FROM pg_catalog.unnest($3) WITH ORDINALITY AS s (code, ordinal)
      CROSS JOIN LATERAL (SELECT i.code, i.customer_id FROM promo.code_identity i
                           WHERE i.org_id = $1 AND i.code = s.code OFFSET 0) i
      WHERE i.customer_id IS NOT NULL
        AND (i.customer_id <> coalesce($4, i.customer_id)
             OR NOT EXISTS (SELECT FROM promo.code_promotion p
                             WHERE p.org_id = $1 AND p.code = i.code AND p.promotion_id = $2))
      ORDER BY s.ordinal LIMIT 1"
);

// The codes are looked up by their texts: that nobody has them is asked in a way that no index answers.
statement!(
    LINK_ALL,
    [INT8OID, TEXTARRAYOID, TEXTOID],
    "UPDATE promo.code_identity i SET customer_id = $3
      WHERE i.org_id = $1 AND i.code = ANY ($2) AND (i.customer_id IS NULL) IS TRUE RETURNING 1"
);

statement!(
    ADD,
    [INT8OID, TEXTOID, TEXTARRAYOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID],
    "INSERT INTO promo.code_promotion (org_id, code, promotion_id, valid_from, valid_till, created_at)
     SELECT DISTINCT $1, s.code COLLATE \"C\" AS code, $2, $4, $5, $6 FROM pg_catalog.unnest($3) AS s (code) ORDER BY code
     ON CONFLICT (org_id, code, promotion_id) DO NOTHING
     RETURNING 1"
);

statement!(
    CREATE,
    [INT8OID, TEXTOID, TEXTARRAYOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID],
    "WITH identity AS (
         INSERT INTO promo.code_identity (org_id, code, customer_id, created_at)
         SELECT $1, s.code, $7, $6 FROM pg_catalog.unnest($3) AS s (code) ORDER BY s.code COLLATE \"C\"
         ON CONFLICT (org_id, code) DO NOTHING
         RETURNING code
     )
     INSERT INTO promo.code_promotion (org_id, code, promotion_id, valid_from, valid_till, created_at)
     SELECT $1, identity.code, $2, $4, $5, $6 FROM identity
     RETURNING code"
);

statement!(
    FIND,
    [INT8OID, TEXTOID],
    "SELECT i.customer_id, i.disabled_at IS NOT NULL FROM promo.code_identity i
      WHERE i.org_id = $1 AND i.code = $2 FOR UPDATE"
);

statement!(
    LINK,
    [INT8OID, TEXTOID, TEXTOID],
    "UPDATE promo.code_identity SET customer_id = $3 WHERE org_id = $1 AND code = $2"
);

statement!(
    DISABLE,
    [INT8OID, TEXTOID, TIMESTAMPTZOID],
    "UPDATE promo.code_identity SET disabled_at = $3 WHERE org_id = $1 AND code = $2"
);

/// A promotion that codes are added to, and how. Times are timestamptz microseconds.
#[derive(Debug, Clone, Copy)]
pub struct Target<'t> {
    /// The organization.
    pub org_id: i64,
    /// The promotion.
    pub promotion_id: &'t str,
    /// First instant at which they unlock it.
    pub valid_from: Option<i64>,
    /// Last instant.
    pub valid_till: Option<i64>,
    /// The customer they are linked to.
    pub customer_id: Option<&'t str>,
    /// The database's clock.
    pub now: i64,
}

impl Target<'_> {
    /// Enters codes (in upper case) that nobody has yet, those of the customer linked to them; answers which. Who is
    /// entering one of them at this moment is waited for.
    fn enter(&self, codes: &[String]) -> HashSet<String> {
        let parameters = [
            self.org_id.into_datum(),
            codes.to_vec().into_datum(),
            self.now.into_datum(),
            self.customer_id.into_datum(),
        ];
        ENTER
            .with(|statement| statement.run(Access::Write, &parameters, |row| row.text(1)))
            .into_iter()
            .flatten()
            .collect()
    }

    /// The first of codes that can't be added, as it is linked already: to another customer, or not yet one of this
    /// promotion's.
    fn linked(&self, codes: &[String]) -> Option<String> {
        let parameters = [
            self.org_id.into_datum(),
            self.promotion_id.into_datum(),
            codes.to_vec().into_datum(),
            self.customer_id.into_datum(),
        ];
        LINKED.with(|statement| statement.run(Access::Write, &parameters, |row| row.text(1))).pop().flatten()
    }

    /// Makes codes (in upper case) unlock the promotion; answers how many did not yet, and how many that were there
    /// before are linked to the customer now.
    ///
    /// # Errors
    /// The first code that is linked already, so that it can't be added.
    pub fn add(&self, codes: &[String]) -> Result<(i64, i64), String> {
        let new = self.enter(codes);
        let known: Vec<String> = codes.iter().filter(|code| !new.contains(*code)).cloned().collect();
        let mut newly_linked = 0;
        if !known.is_empty() {
            // Nobody changes these any more, so that what is found of them stays.
            let parameters = [self.org_id.into_datum(), known.clone().into_datum()];
            LOCK.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
            if let Some(code) = self.linked(&known) {
                return Err(code);
            }
            if let Some(customer) = self.customer_id {
                let parameters = [self.org_id.into_datum(), known.into_datum(), customer.into_datum()];
                newly_linked =
                    LINK_ALL.with(|statement| statement.run(Access::Write, &parameters, |_| ())).len() as i64;
            }
        }
        let parameters = [
            self.org_id.into_datum(),
            self.promotion_id.into_datum(),
            codes.to_vec().into_datum(),
            self.valid_from.into_datum(),
            self.valid_till.into_datum(),
            self.now.into_datum(),
        ];
        let added = ADD.with(|statement| statement.run(Access::Write, &parameters, |_| ())).len() as i64;
        Ok((added, newly_linked))
    }

    /// Enters those of new codes that nobody has yet, and answers them.
    pub fn create(&self, codes: Vec<String>) -> Vec<String> {
        let parameters = [
            self.org_id.into_datum(),
            self.promotion_id.into_datum(),
            codes.into_datum(),
            self.valid_from.into_datum(),
            self.valid_till.into_datum(),
            self.now.into_datum(),
            self.customer_id.into_datum(),
        ];
        let created = CREATE.with(|statement| statement.run(Access::Write, &parameters, |row| row.text(1)));
        created.into_iter().flatten().collect()
    }

    /// Notes in the ledger that so many codes were ADDED or LINKED.
    pub fn note(&self, reason: &'static str, count: i64) {
        let event = Event {
            kind: "CODE",
            reason: Some(reason),
            promotion_id: Some(self.promotion_id.to_owned()),
            customer_id: self.customer_id.map(str::to_owned),
            redemption_count: Some(count),
            ..Event::default()
        };
        note(self.org_id, self.now, &[event]);
    }
}

/// What is known of a code; nobody else changes it any more.
pub struct Identity {
    /// The customer it is linked to.
    pub customer_id: Option<String>,
    /// Switched off.
    pub is_disabled: bool,
}

/// Looks a code up by its stored form.
pub fn find(org_id: i64, code: &str) -> Option<Identity> {
    let parameters = [org_id.into_datum(), code.into_datum()];
    let read = |row: &Row<'_>| Identity { customer_id: row.text(1), is_disabled: row.is_true(2) };
    FIND.with(|statement| statement.run(Access::Write, &parameters, read)).pop()
}

fn changed(org_id: i64, code: &str, reason: &'static str, customer: Option<&str>, now: i64) {
    let event = Event {
        kind: "CODE",
        reason: Some(reason),
        promo_code: Some(code.to_owned()),
        customer_id: customer.map(str::to_owned),
        ..Event::default()
    };
    note(org_id, now, &[event]);
}

/// Links a code to a customer.
pub fn link(org_id: i64, code: &str, customer: &str, now: i64) {
    let parameters = [org_id.into_datum(), code.into_datum(), customer.into_datum()];
    LINK.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
    changed(org_id, code, "LINKED", Some(customer), now);
}

/// Switches a code off.
pub fn disable(org_id: i64, code: &str, now: i64) {
    let parameters = [org_id.into_datum(), code.into_datum(), now.into_datum()];
    DISABLE.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
    changed(org_id, code, "DISABLED", None, now);
}
