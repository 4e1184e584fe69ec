//! The category tree and the tills.

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

statement!(
    PUT_ORG_UNITS,
    [INT8OID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID],
    "INSERT INTO promo.org_unit (org_id, till_code, store, zone, concept)
     SELECT $1, put.* FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5)) AS put (till_code, store, zone, concept)
     ON CONFLICT (org_id, till_code)
     DO UPDATE SET store = excluded.store, zone = excluded.zone, concept = excluded.concept"
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

/// A till and where it stands.
pub struct OrgUnit<'a> {
    /// The till.
    pub till_code: &'a str,
    /// Its store.
    pub store: Option<&'a str>,
    /// Its zone.
    pub zone: Option<&'a str>,
    /// Its concept.
    pub concept: Option<&'a str>,
}

/// Inserts or updates tills.
pub fn put_org_units(org_id: i64, units: &[OrgUnit<'_>]) {
    let column = |of: fn(&OrgUnit<'_>) -> Option<String>| units.iter().map(of).collect::<Vec<_>>().into_datum();
    let parameters = [
        org_id.into_datum(),
        column(|unit| Some(unit.till_code.to_owned())),
        column(|unit| unit.store.map(str::to_owned)),
        column(|unit| unit.zone.map(str::to_owned)),
        column(|unit| unit.concept.map(str::to_owned)),
    ];
    PUT_ORG_UNITS.with(|statement| statement.run(Access::Write, &parameters, |_| ()));
}
