//! The database of a run: two organizations with everything in it, and a third one that the fuzzer leaves alone, whose
//! answers must stay what they were.

use std::error::Error;

use lifecycle_tests::definitions::{any_cart, has_sku, off_cart, off_products, promotion};
use postgres::{Client, SimpleQueryMessage};
use serde_json::{Value, json};

use crate::known::Known;
use crate::material::Material;

/// The organizations that calls act for.
pub const ORGANIZATIONS: [i64; 2] = [1, 2];

/// The one whose answers must not change.
pub const UNTOUCHED: i64 = 4242;

/// Customers.
pub const CUSTOMERS: [&str; 4] = ["1", "42", "anna", "0c9b9e4e-9f6c-4f2b-8f58-7a4ee4f1b2d3"];

/// Roles: one that the second organization lists and that may act for it alone, one that nobody lists and that may act
/// for all others, one that may call nothing.
pub const LISTED: &str = "promo_fuzz_listed";
/// See [`LISTED`].
pub const UNLISTED: &str = "promo_fuzz_unlisted";
/// See [`LISTED`].
pub const NOBODY: &str = "promo_fuzz_nobody";

/// What is there beside the extension. Functions of the fuzzer's own are called by every role.
const HELPERS: &str = "
CREATE SCHEMA fuzz;
GRANT USAGE ON SCHEMA fuzz TO PUBLIC;
-- A sum over all rows of all tables: what a call that did nothing leaves as it was.
CREATE FUNCTION fuzz.digest() RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO' SET timezone = 'UTC' SET extra_float_digits = 1
SET intervalstyle = 'postgres' AS $$
DECLARE
    name text;
    rows bigint;
    sum numeric;
    digest text := '';
BEGIN
    FOR name IN SELECT c.oid::regclass FROM pg_class c
                 WHERE c.relnamespace = 'promo'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                 ORDER BY 1 LOOP
        EXECUTE 'SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM ' || name || ' t' INTO rows, sum;
        digest := digest || name || ' ' || rows || ' ' || sum || E'\\n';
    END LOOP;
    RETURN digest;
END
$$;
-- A call in a block that catches what it raises: an error is an answer.
CREATE FUNCTION fuzz.caught(call text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text;
BEGIN
    RETURN QUERY EXECUTE 'SELECT called::text FROM ' || call || ' AS called';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    RETURN NEXT 'raised ' || jsonb_build_array(state, message, detail)::text;
END
$$;
CREATE FUNCTION fuzz.many(count int) RETURNS text[] LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$ SELECT array_agg('x' || i) FROM generate_series(1, count) i $$;
CREATE TABLE fuzz.thrice AS SELECT n FROM generate_series(1, 3) n;
GRANT SELECT ON fuzz.thrice TO PUBLIC;
";

/// The text of the first row's first column.
pub fn text(client: &mut Client, sql: &str) -> Result<String, postgres::Error> {
    let messages = client.simple_query(sql)?;
    let row = messages.iter().find_map(|own| if let SimpleQueryMessage::Row(row) = own { row.get(0) } else { None });
    Ok(row.unwrap_or_default().to_owned())
}

/// Makes the scene, and answers what there is to be named.
pub fn create(client: &mut Client, material: &Material) -> Result<Known, Box<dyn Error>> {
    client.batch_execute(HELPERS)?;
    drop_roles(client)?;
    client.batch_execute(&format!(
        "CREATE ROLE {LISTED}; CREATE ROLE {UNLISTED}; CREATE ROLE {NOBODY};
         GRANT promo_admin, promo_app, promo_reader TO {LISTED}, {UNLISTED}"
    ))?;
    let mut known = Known::default();
    for org_id in ORGANIZATIONS.into_iter().chain([UNTOUCHED]) {
        organization(client, org_id, material, &mut known)?;
    }
    client.execute("INSERT INTO promo.org_member VALUES (2, $1)", &[&LISTED])?;
    Ok(known)
}

/// Takes the roles away again.
pub fn drop_roles(client: &mut Client) -> Result<(), postgres::Error> {
    for role in [LISTED, UNLISTED, NOBODY] {
        client.batch_execute(&format!("DROP ROLE IF EXISTS {role}"))?;
    }
    Ok(())
}

fn organization(
    client: &mut Client,
    org_id: i64,
    material: &Material,
    known: &mut Known,
) -> Result<(), Box<dyn Error>> {
    let settings = match org_id {
        1 => json!({"isLockingEnabled": true, "lockTtlSeconds": 2, "maxOpenCarts": 1000}),
        2 => json!({"selection": "BEST", "evaluationOrder": "CART_FIRST", "overrun": "RECORD", "returnPolicy": "KEEP",
                    "currency": "KWD", "timezone": "Europe/Berlin", "isLockingEnabled": true, "maxOpenCarts": 1000}),
        _ => json!({}),
    };
    client.execute("SELECT promo_configure($1, $2)", &[&settings, &org_id])?;
    client.execute("SELECT promo_put_categories($1, $2)", &[&material.categories, &org_id])?;
    let units = json!([{"tillCode": "T-1", "store": "s", "zone": "z", "concept": "c"}, {"tillCode": "T-2"}]);
    client.execute("SELECT promo_put_org_units($1, $2)", &[&units, &org_id])?;

    let own = limited();
    // The rest in turn: some for each organization, or every cart would meet them all.
    let place = usize::try_from(org_id % 5).unwrap_or(0);
    let examples = material.definitions.iter().skip(place).step_by(6);
    for definition in own.iter().chain(examples) {
        let created = client.query_one("SELECT promo_create_promotion($1, $2)", &[definition, &org_id]);
        // A currency that this organization does not have, a name that is there: such promotions are left out.
        let Ok(row) = created else { continue };
        let id: String = row.get(0);
        if org_id != UNTOUCHED {
            known.add("promotion", &id);
        }
        match definition["type"].as_str() {
            Some("CODE") => {
                let codes = [format!("CODE{}", id.to_uppercase()), "EVERY".to_owned()];
                client.execute("SELECT promo_add_codes($1, $2, org_id => $3)", &[&id, &codes.as_slice(), &org_id])?;
                codes.iter().for_each(|code| known.add("code", code));
            }
            Some("CUSTOMER") => {
                let issue = "SELECT promo_issue($1, $2, org_id => $3)";
                if let Ok(row) = client.query_one(issue, &[&id, &CUSTOMERS.as_slice(), &org_id]) {
                    known.harvest(&row.get(0));
                }
            }
            Some("EARNING" | "REWARD") => {
                for customer in CUSTOMERS {
                    let earn = json!({"customerId": customer, "promotionId": id, "earnedFromType": "ACTIVITY",
                                      "earnedFromId": "scene", "eventTime": 1_767_225_600_000_i64});
                    if let Ok(row) = client.query_one("SELECT promo_earn($1, $2)", &[&earn, &org_id]) {
                        known.harvest(&row.get(0));
                    }
                }
            }
            _ => {}
        }
    }
    if org_id != UNTOUCHED {
        orders(client, org_id, material, known)?;
    }
    Ok(())
}

/// Promotions with limits, and of every type.
fn limited() -> Vec<Value> {
    let fixed = json!({"cycleType": "N_DAY", "refreshRate": 1});
    let windows = json!({"Promotion": [{"kpi": "REDEMPTION", "limit": 1000, "windowType": "FIXED", "fixedWindowConfig": fixed}],
        "Customer": [{"kpi": "TRANSACTION", "limit": 50, "windowType": "MOVING", "minTimeBetweenRepeat": 1000}]});
    let money = json!({"Promotion": [{"kpi": "DISCOUNT", "limit": 100_000}]});
    let mut voucher =
        promotion("voucher", "CODE", any_cart(), off_cart("7.5"), json!({"Code": [{"kpi": "REDEMPTION", "limit": 9}]}));
    voucher["mode"] = json!("PAYMENT_VOUCHER");
    let mut issued = promotion(
        "issued",
        "CUSTOMER",
        any_cart(),
        off_cart("1.2"),
        json!({"Customer": [{"kpi": "TRANSACTION", "limit": 3}]}),
    );
    issued["maxIssuancePerCustomer"] = json!(-1);
    issued["customerActivationRequired"] = json!(true);
    let mut earned = promotion(
        "earned",
        "EARNING",
        any_cart(),
        off_cart("1.3"),
        json!({"Earn": [{"kpi": "TRANSACTION", "limit": 2}]}),
    );
    earned["earningCriteria"] = any_cart();
    earned["maxEarningPerCustomer"] = json!(20);
    vec![
        promotion("windows", "POS", any_cart(), off_cart("0.5"), windows),
        promotion("money", "POS", has_sku("shoe"), off_products("2.25"), money),
        promotion("coded", "CODE", any_cart(), off_cart("3"), json!({"Code": [{"kpi": "REDEMPTION", "limit": 40}]})),
        voucher,
        issued,
        earned,
        promotion("rewarded", "REWARD", any_cart(), off_cart("1.4"), json!({})),
    ]
}

/// Evaluations, locked carts, orders, returns and stored carts.
fn orders(client: &mut Client, org_id: i64, material: &Material, known: &mut Known) -> Result<(), Box<dyn Error>> {
    for (place, cart) in material.carts.iter().step_by(7).enumerate() {
        let customer = CUSTOMERS[place % CUSTOMERS.len()];
        let mut cart = cart.clone();
        cart["customerId"] = json!(customer);
        let evaluated = client.query_one("SELECT promo_evaluate($1, org_id => $2)", &[&cart, &org_id]);
        let Ok(row) = evaluated else { continue };
        let answer: Value = row.get(0);
        known.harvest(&answer);
        let id = format!("scene {org_id} {place}");
        let request =
            json!({"customerId": customer, "transactionId": id, "evaluationId": answer["data"]["evaluationId"]});
        if place % 2 == 0 && client.query("SELECT promo_redeem($1, $2)", &[&request, &org_id]).is_ok() {
            known.add("transaction", &id);
            if place % 4 == 0 {
                let request = json!({"transactionId": id, "returnId": "scene"});
                client.execute("SELECT promo_return($1, $2)", &[&request, &org_id])?;
            }
        }
    }
    for customer in CUSTOMERS {
        let cart = json!({"customer": {"customerId": customer}, "items": [
            {"sku": "shoe", "quantity": 2, "price": {"base": 19.99}, "categoryList": ["shoes"]},
            {"sku": "coffee", "quantity": 3, "price": {"base": 4, "sale": 3}, "categoryList": ["coffee"]}]});
        let answer: Value = client.query_one("SELECT promo_create_cart($1, $2)", &[&cart, &org_id])?.get(0);
        known.harvest(&answer);
    }
    Ok(())
}

/// Some carts' answers in the organization that nobody touches, as one text.
pub fn answers(client: &mut Client, material: &Material, limit: usize) -> Result<String, postgres::Error> {
    let carts: Value = material.carts.iter().step_by((material.carts.len() / limit).max(1)).cloned().collect();
    let sql = "SELECT md5(string_agg(public.promo_preview(c, at => '2026-06-01 12:00+00', org_id => $2)::text, ','))
                 FROM jsonb_array_elements($1) c WHERE c ->> 'evaluationId' IS NULL AND c ->> 'currency' IS NULL";
    Ok(client.query_one(sql, &[&carts, &UNTOUCHED])?.get::<_, Option<String>>(0).unwrap_or_default())
}
