//! Tills, and where they stand.

use pgrx::datum::IntoDatum;

use super::statement::{Access, statement};

statement!(
    PUT_ORG_UNITS,
    [INT8OID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID],
    "INSERT INTO promo.org_unit (org_id, till_code, store, zone, concept)
     SELECT $1, put.* FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5)) AS put (till_code, store, zone, concept)
     ON CONFLICT (org_id, till_code)
     DO UPDATE SET store = excluded.store, zone = excluded.zone, concept = excluded.concept"
);

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
