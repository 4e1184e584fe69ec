//! promo_configure, promo_put_categories and promo_put_org_units (spec/api.md).

use std::collections::{HashMap, HashSet};

use promotion_core::cart::MAX_ITEMS;
use promotion_core::error::{InputError, quoted};
use promotion_core::json::{REQUEST_LIMITS, read};
use promotion_core::list::List;
use promotion_core::settings::{Settings, SettingsPatch};
use serde::Deserialize;

use crate::call::{Arguments, Output, pg_function};
use crate::error::{ApiError, ApiResult};
use crate::store;
use crate::store::org_unit::OrgUnit;
use crate::store::statement::{Access, with_fresh_snapshot};

pg_function!(promo_announce_definition_change, pg_finfo_promo_announce_definition_change, announce_definition_change);
pg_function!(promo_configure, pg_finfo_promo_configure, configure);
pg_function!(promo_put_categories, pg_finfo_promo_put_categories, put_categories);
pg_function!(promo_put_org_units, pg_finfo_promo_put_org_units, put_org_units);
pg_function!(promo_resolve_org_id, pg_finfo_promo_resolve_org_id, resolve_org_id);

/// promo.resolve_org_id (sql/functions/resolve_org_id.sql): what the functions in PL/pgSQL ask first.
fn resolve_org_id(arguments: &Arguments) -> ApiResult<Output> {
    let org_id = arguments.org_id(0)?;
    store::organization::check(org_id, Access::Read)?;
    Ok(Output::Bigint(org_id))
}

/// The trigger promo.announce_definition_change (sql/tables/generation.sql).
fn announce_definition_change(_: &Arguments) -> ApiResult<Output> {
    store::organization::announce_direct_change();
    Ok(Output::Nothing)
}

fn configure(arguments: &Arguments) -> ApiResult<Output> {
    let org_id = arguments.org_id(1)?;
    let exists = store::organization::exists(org_id, Access::Write)?;
    let patch: SettingsPatch<'_> = read(arguments.required_jsonb(0, "settings")?, REQUEST_LIMITS)?;
    if let Some(text) = patch.keep_evaluations_for()
        && !store::organization::is_positive_interval(text)
    {
        let error =
            InputError::new(format!("expected a positive interval such as \"30 days\", found {}", quoted(text)));
        return Err(error.under_key("keepEvaluationsFor").into());
    }
    if !exists {
        store::organization::create(org_id);
    }
    let mut old = store::organization::settings(org_id, Access::Write)?;
    let mut new = old.patched(&patch)?;
    // To ask for the settings is no change of definitions.
    if new != old {
        let _locked = store::organization::lock_definitions(org_id)?;
        old = store::organization::settings(org_id, Access::Write)?;
        new = old.patched(&patch)?;
        if store::organization::has_promotions(org_id) {
            if new.currency != old.currency {
                return Err(ApiError::setting_in_use("currency"));
            }
            if new.timezone != old.timezone {
                return Err(ApiError::setting_in_use("timezone"));
            }
        }
        store::organization::configure(org_id, &json(&new).to_string());
    }
    let mut answer = json(&new);
    // Told as it is in force; stored as it was given, so that it follows the currency's default.
    answer["precision"] = new.precision.unwrap_or(new.currency.minor_digits()).into();
    Ok(Output::Json(answer.to_string()))
}

fn json(settings: &Settings) -> serde_json::Value {
    serde_json::to_value(settings).unwrap_or_default()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a category (an object)")]
struct CategoryInput<'a> {
    category: &'a str,
    #[serde(borrow)]
    parent: Option<&'a str>,
}

fn put_categories(arguments: &Arguments) -> ApiResult<Output> {
    let org_id = arguments.org_id(1)?;
    store::organization::check(org_id, Access::Write)?;
    let categories: List<CategoryInput<'_>, MAX_ITEMS> =
        entries(arguments, "categories", |entry: &CategoryInput<'_>| ("category", entry.category))?;
    let _locked = store::organization::lock_definitions(org_id)?;
    let stored = with_fresh_snapshot(|| store::category::parents(org_id));
    check_tree(&categories.0, &stored)?;
    let count = categories.0.len();
    let (names, parents) = categories.0.into_iter().map(|entry| (entry.category, entry.parent)).unzip();
    store::category::put_categories(org_id, names, parents);
    Ok(Output::Int(count as i32))
}

/// Refuses a parent that is the category itself or one of its descendants.
fn check_tree(new: &[CategoryInput<'_>], stored: &HashMap<Box<str>, Box<str>>) -> ApiResult<()> {
    let mut parents: HashMap<&str, &str> = stored.iter().map(|(child, parent)| (&**child, &**parent)).collect();
    for entry in new {
        match entry.parent {
            Some(parent) => parents.insert(entry.category, parent),
            None => parents.remove(entry.category),
        };
    }
    // What no cycle can be reached from.
    let mut sound: HashSet<&str> = HashSet::new();
    for (index, entry) in new.iter().enumerate() {
        pgrx::check_for_interrupts!();
        if entry.parent == Some("") {
            let error = InputError::new("expected a string that is not empty, or null");
            return Err(error.under_key("parent").under_index(index).under_key("categories").into());
        }
        let mut walked = HashSet::new();
        let mut current = entry.category;
        while !sound.contains(current) {
            if !walked.insert(current) {
                let error = InputError::new("expected a parent that is not below the category: a cycle");
                return Err(error.under_key("parent").under_index(index).under_key("categories").into());
            }
            let Some(parent) = parents.get(current) else { break };
            current = parent;
        }
        sound.extend(walked);
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a till (an object)")]
struct OrgUnitInput<'a> {
    till_code: &'a str,
    #[serde(borrow)]
    store: Option<&'a str>,
    #[serde(borrow)]
    zone: Option<&'a str>,
    #[serde(borrow)]
    concept: Option<&'a str>,
}

fn put_org_units(arguments: &Arguments) -> ApiResult<Output> {
    let org_id = arguments.org_id(1)?;
    store::organization::check(org_id, Access::Write)?;
    let units: List<OrgUnitInput<'_>, MAX_ITEMS> =
        entries(arguments, "units", |entry: &OrgUnitInput<'_>| ("tillCode", entry.till_code))?;
    let mut units: Vec<OrgUnit<'_>> = units
        .0
        .iter()
        .map(|unit| OrgUnit { till_code: unit.till_code, store: unit.store, zone: unit.zone, concept: unit.concept })
        .collect();
    // In one order for all, so that two calls can't deadlock.
    units.sort_by_key(|unit| unit.till_code);
    store::org_unit::put_org_units(org_id, &units);
    Ok(Output::Int(units.len() as i32))
}

/// Reads an array of entries, each with a key of its own that is not empty.
fn entries<'a, T: Deserialize<'a>>(
    arguments: &'a Arguments,
    name: &'static str,
    key: impl Fn(&T) -> (&'static str, &'a str),
) -> ApiResult<List<T, MAX_ITEMS>> {
    let list: List<T, MAX_ITEMS> =
        read(arguments.required_jsonb(0, name)?, REQUEST_LIMITS).map_err(|error| error.under_key(name))?;
    let mut seen = HashSet::new();
    for (index, entry) in list.0.iter().enumerate() {
        let (key_name, value) = key(entry);
        let problem = if value.is_empty() {
            "expected a string that is not empty"
        } else if !seen.insert(value) {
            "expected every one once"
        } else {
            continue;
        };
        return Err(InputError::new(problem).under_key(key_name).under_index(index).under_key(name).into());
    }
    Ok(list)
}
