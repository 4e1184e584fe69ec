//! What the clients meet over: an organization that locks carts, and promotions that there is too little of.

use lifecycle_tests::definitions::{any_cart, has_sku, off_cart, off_every, off_products, promotion};
use postgres::{Client, Error};
use serde_json::{Value, json};

/// The organization of the run: not the one that is there anyway.
pub const ORGANIZATION: i64 = 77;

/// How long a cart is locked, in seconds: short, so that locks expire all the time.
pub const LOCK_SECONDS: u64 = 2;

/// Most carts a customer may have pending.
pub const OPEN_CARTS: i64 = 3;

/// The codes of the code promotion.
pub const CODES: [&str; 2] = ["TORTURE1", "TORTURE2"];

/// Most bonuses that a customer may have earned, of those that were not taken back.
pub const MOST_BONUSES: i64 = 3;

/// The promotions that need an instance, and how many orders one is good for: one that is issued, one that is
/// earned, and one that orders of its SKU earn.
pub const WITH_INSTANCES: [(&str, i64); 3] = [("gift", 1), ("stamp", 2), ("bonus", 1)];

/// A promotion of the run.
pub struct Scarce {
    /// Its name, and the SKU that it is given for.
    pub name: &'static str,
    /// Its id.
    pub id: String,
    /// Its definition.
    pub definition: Value,
    /// Limits that demand exhausts: the row's place, whose uses, the limit.
    pub exhausted: Vec<(i32, &'static str, &'static str)>,
}

/// Creates the organization, the promotions and the clients' own table of orders, which has no key: an order that
/// was entered twice must show.
pub fn create(client: &mut Client) -> Result<Vec<Scarce>, Error> {
    let settings = json!({"isLockingEnabled": true, "lockTtlSeconds": LOCK_SECONDS, "maxOpenCarts": OPEN_CARTS});
    client.execute("SELECT promo_configure($1)", &[&settings])?;
    client.batch_execute("CREATE TABLE orders (transaction_id text NOT NULL, client int NOT NULL)")?;
    let fixed = json!({"cycleType": "N_DAY", "refreshRate": 1000});
    let limits = |kpi: &str, limit: &str| json!({"Promotion": [{"kpi": kpi, "limit": limit}]});
    let scenes = [
        ("fifty", "POS", has_sku("fifty"), off_products("1"), limits("REDEMPTION", "50"), vec![(0, "", "50")]),
        // Several units a claim, and two limits of different speed.
        (
            "every",
            "POS",
            has_sku("every"),
            off_every(2, "0.75"),
            json!({"Promotion": [{"kpi": "REDEMPTION", "limit": 500}], "Customer": [{"kpi": "REDEMPTION", "limit": 30}]}),
            vec![(0, "", "500")],
        ),
        ("money", "POS", has_sku("money"), off_products("7.25"), limits("DISCOUNT", "1000"), vec![(0, "", "1000")]),
        (
            "once",
            "POS",
            has_sku("once"),
            off_products("2"),
            json!({"Promotion": [{"kpi": "TRANSACTION", "limit": 200}], "Customer": [{"kpi": "TRANSACTION", "limit": 2}]}),
            vec![(0, "", "200")],
        ),
        (
            "pace",
            "POS",
            has_sku("pace"),
            off_products("1.5"),
            json!({"Customer": [{"kpi": "TRANSACTION", "limit": 2, "windowType": "MOVING", "minTimeBetweenRepeat": 1500}]}),
            vec![],
        ),
        (
            "code",
            "CODE",
            any_cart(),
            off_cart("3"),
            json!({"Code": [{"kpi": "REDEMPTION", "limit": 40}]}),
            vec![(0, CODES[0], "40"), (0, CODES[1], "40")],
        ),
        (
            "window",
            "POS",
            has_sku("window"),
            off_products("1.1"),
            json!({"Promotion": [{"kpi": "REDEMPTION", "limit": 300, "windowType": "FIXED", "fixedWindowConfig": fixed}]}),
            vec![(0, "", "300")],
        ),
        // Never exhausted, and it writes no counter.
        ("plenty", "POS", has_sku("plenty"), off_products("1"), json!({}), vec![]),
        ("gift", "CUSTOMER", has_sku("gift"), off_products("1.2"), json!({}), vec![]),
        (
            "stamp",
            "EARNING",
            has_sku("stamp"),
            off_products("1.3"),
            json!({"Earn": [{"kpi": "TRANSACTION", "limit": 2}]}),
            vec![],
        ),
        ("bonus", "EARNING", any_cart(), off_cart("1.4"), json!({}), vec![]),
    ];
    let mut made = Vec::with_capacity(scenes.len());
    for (name, kind, condition, action, limits, exhausted) in scenes {
        let mut definition = promotion(name, kind, condition, action, limits);
        match name {
            "gift" => definition["maxIssuancePerCustomer"] = json!(-1),
            "stamp" => definition["earningExpiryDays"] = json!(30),
            "bonus" => {
                definition["earningCriteria"] = has_sku("bonus");
                definition["maxEarningPerCustomer"] = json!(MOST_BONUSES);
            }
            _ => {}
        }
        let id: String = client.query_one("SELECT promo_create_promotion($1)", &[&definition])?.get(0);
        if kind == "CODE" {
            client.execute("SELECT promo_add_codes($1, $2)", &[&id, &CODES.as_slice()])?;
        }
        made.push(Scarce { name, id, definition, exhausted });
    }
    Ok(made)
}
