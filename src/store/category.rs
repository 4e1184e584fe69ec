//! The category tree.

use std::collections::HashMap;

use pgrx::datum::IntoDatum;

use super::statement::{Access, statement};

statement!(
    PARENTS,
    [INT8OID],
    "SELECT c.category, c.parent FROM promo.category c WHERE c.org_id = $1 AND c.parent IS NOT NULL"
);

statement!(
    PUT_CATEGORIES,
    [INT8OID, TEXTARRAYOID, TEXTARRAYOID],
    "INSERT INTO promo.category (org_id, category, parent)
     SELECT $1, put.category, put.parent FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS put (category, parent)
     ON CONFLICT (org_id, category) DO UPDATE SET parent = excluded.parent"
);

/// Each category's parent, under the snapshot in force.
pub fn parents(org_id: i64) -> HashMap<Box<str>, Box<str>> {
    PARENTS
        .with(|statement| {
            statement.run(Access::Read, &[org_id.into_datum()], |row| {
                (row.text(1).unwrap_or_default().into(), row.text(2).unwrap_or_default().into())
            })
        })
        .into_iter()
        .collect()
}

/// Inserts or updates categories with their parents.
pub fn put_categories(org_id: i64, categories: Vec<&str>, parents: Vec<Option<&str>>) {
    let parameters = [org_id.into_datum(), categories.into_datum(), parents.into_datum()];
    PUT_CATEGORIES.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
}
