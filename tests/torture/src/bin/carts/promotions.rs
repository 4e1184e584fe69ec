//! The promotions of a scene, as promo_create_promotion takes them, and their codes.

use lifecycle_tests::definitions::{any_cart, has_sku, off_cart, off_every, promotion};
use serde_json::{Value, json};

use crate::database::{Database, document, literal};
use crate::scene::{Limit, Promotion, Unlock};

/// What may be bought, with its category and its brand.
pub const SKUS: [(&str, &str, &str); 4] =
    [("a", "coffee", "Acme"), ("b", "coffee", "Best"), ("c", "tools", "Acme"), ("d", "tools", "Best")];

/// How parcels go.
pub const METHODS: [&str; 2] = ["parcel", "express"];

/// Where it may be bought: till and zone.
pub const TILLS: [(&str, &str); 2] = [("T-0", "EU"), ("T-1", "US")];

/// The code of all promotions that have any.
pub const SHARED: &str = "ALL-OF-THEM";

/// One of three codes of the promotion at that place: a good one, another one, that of all.
pub fn code(place: usize, which: u8) -> String {
    match which {
        0 => format!("P{place}-Good"),
        1 => format!("P{place}-Other"),
        _ => SHARED.to_owned(),
    }
}

/// What the other code of a promotion is: out of date, a customer's, or as good as the first.
pub fn options(place: usize, which: u8) -> Value {
    match (which, place % 3) {
        (1, 0) => json!({"validFrom": "2020-01-01T00:00:00Z", "validTill": "2021-01-01T00:00:00Z"}),
        (1, 1) => json!({"customerId": "1"}),
        _ => json!({}),
    }
}

/// Makes a scene's promotions, with their codes.
pub fn create(database: &mut Database<'_>, scene: &[Promotion]) -> Result<(), String> {
    for (place, own) in scene.iter().enumerate() {
        let (definition, name) = (document(&definition(place, own, 0)), format!("promotion{place}"));
        let created = database.call_named(&format!("SELECT promo_create_promotion({definition})"), "", &name);
        let id = created.map_err(|(_, error)| format!("{definition}: {error}"))?;
        database.name(&name, id.as_str().unwrap_or_default());
    }
    for (place, _) in scene.iter().enumerate().filter(|(_, own)| own.unlock == Unlock::Code) {
        for which in 0..3 {
            let (code, options) = (literal(&code(place, which)), document(&options(place, which)));
            database.setup(&format!("SELECT promo_add_codes(:'promotion{place}', ARRAY[{code}], {options})"))?;
        }
    }
    Ok(())
}

/// The definition of the promotion at that place, as it is after so many edits.
pub fn definition(place: usize, own: &Promotion, edits: u32) -> Value {
    let worth = i64::from(own.worth) + i64::from(edits % 2);
    let kind = match own.unlock {
        Unlock::Nothing => "POS",
        Unlock::Code => "CODE",
        Unlock::Instance | Unlock::Voucher => "CUSTOMER",
    };
    let (condition, action) = if own.unlock == Unlock::Voucher {
        (any_cart(), off_cart(&(1 + worth).to_string()))
    } else {
        shape(own, worth)
    };
    let limits = limits(own);
    let mut definition = promotion(&format!("promotion {place}"), kind, condition, action, limits);
    definition["isStackable"] = json!(own.is_stackable);
    definition["messageLabel"] = json!(format!("edited {edits} times"));
    definition["priority"] = json!(own.priority);
    definition["stage"] = json!(own.stage);
    definition["stopsLater"] = json!(["NONE", "LINES", "CART"][usize::from(own.stops)]);
    if own.group > 0 {
        let scope = if own.group > 2 { "LINE" } else { "CART" };
        definition["exclusionGroups"] = json!([{"name": format!("group {}", own.group), "scope": scope}]);
    }
    if own.unlock == Unlock::Voucher {
        definition["mode"] = json!("PAYMENT_VOUCHER");
    }
    if kind == "CUSTOMER" {
        definition["maxIssuancePerCustomer"] = json!(-1);
    }
    if own.shape == 12 && own.unlock != Unlock::Voucher {
        definition["storeCriteria"] = json!({"type": "ZONE", "operator": "IN", "values": ["EU"]});
    }
    definition
}

fn cart_action(kind: &str, value: &str, scope: &str) -> Value {
    json!({"type": "CART_BASED", "cartBasedAction": {"type": kind, "value": value, "scope": scope}})
}

fn off_shipping(kind: &str, value: &str) -> Value {
    json!({"type": "SHIPPING", "shippingBasedAction": {"type": kind, "value": value}})
}

fn off_matching(kind: &str, value: &str) -> Value {
    json!({"type": "PRODUCT_BASED", "productBasedAction": {
        "type": kind, "value": value, "includeItemsFromConditionSet": true}})
}

fn products(entity: &str, value: &str, kpi: &str, operator: &str, count: i64) -> Value {
    let mut condition = json!({"criteriaList": [{"entity": entity, "operator": "IN", "values": [value]}], "kpi": kpi});
    if entity == "ATTRIBUTE" {
        condition["criteriaList"][0]["attributeName"] = json!("eco");
    }
    if kpi != "NONE" {
        condition["operator"] = json!(operator);
        condition["value"] = json!(count);
    }
    json!({"type": "PRODUCT", "productCondition": condition})
}

fn attribute(source: &str, name: &str, value: &str) -> Value {
    json!({"type": "ATTRIBUTE", "attributeCondition":
        {"source": source, "name": name, "operator": "IN", "values": [value]}})
}

/// What a promotion asks for and gives.
fn shape(own: &Promotion, worth: i64) -> (Value, Value) {
    let percentage = ["10", "15", "33.3", "50", "7.5", "100", "12.25"][worth as usize % 7];
    let money = ["1", "2.5", "3.33", "10", "0.5", "40", "0.01"][worth as usize % 7];
    let coffee = |count| products("CATEGORY", "coffee", "QUANTITY", "GREATER_THAN_OR_EQUAL", count);
    match own.shape {
        0 => (any_cart(), off_cart(money)),
        1 => (any_cart(), cart_action("PERCENTAGE", percentage, "ITEMS_AND_SHIPPING")),
        2 => (has_sku("a"), off_matching("PERCENTAGE", percentage)),
        3 => (coffee(1), off_every(2, money)),
        4 => {
            let mut action = off_shipping("PERCENTAGE", percentage);
            action["shippingBasedAction"]["methods"] = json!(["parcel"]);
            (any_cart(), action)
        }
        5 => {
            let one = products("CATEGORY", "coffee", "QUANTITY", "EQUALS", 1);
            let action = json!({"type": "FREE_PRODUCT", "freeProductAction":
                {"includeItemsFromConditionSet": true, "productBasedCondition": one}});
            (coffee(3), action)
        }
        6 => {
            let tiers = json!([{"from": 5, "action": off_cart(money)},
                {"from": 20, "action": cart_action("PERCENTAGE", percentage, "ITEMS")}]);
            (any_cart(), json!({"type": "TIERED", "tieredAction": {"kpi": "SUBTOTAL", "tiers": tiers}}))
        }
        7 => {
            let part =
                |sku| json!({"criteriaList": [{"entity": "SKU", "operator": "IN", "values": [sku]}], "kpi": "NONE"});
            let condition = json!({"type": "COMBO_PRODUCT", "comboProductCondition":
                {"productConditions": [part("a"), part("c")]}});
            (condition, json!({"type": "FIXED_PRICE", "fixedPriceAction": {"value": money}}))
        }
        8 => {
            let actions = json!([off_matching("PERCENTAGE", percentage), off_shipping("ABSOLUTE", money)]);
            (products("BRAND", "Acme", "NONE", "", 0), json!({"type": "MULTI", "multiAction": {"actions": actions}}))
        }
        9 => {
            let gift = products("SKU", "gift", "QUANTITY", "EQUALS", 1);
            let action = json!({"type": "FREE_PRODUCT", "freeProductAction":
                {"autoAdd": true, "includeItemsFromConditionSet": false, "productBasedCondition": gift}});
            (coffee(2), action)
        }
        10 => (attribute("CART", "channel", "app"), cart_action("PERCENTAGE", percentage, "ITEMS")),
        11 => (attribute("CUSTOMER", "tier", "GOLD"), off_cart(money)),
        12 => {
            let condition = json!({"type": "PRODUCT", "productCondition": {"criteriaList":
                [{"entity": "UNIT_PRICE", "operator": "GREATER_THAN", "values": [5]}]}});
            (condition, off_matching("ABSOLUTE", money))
        }
        _ => {
            let mut action = off_matching("ABSOLUTE", money);
            action["productBasedAction"]["applyPer"] = json!("UNIT");
            (products("ATTRIBUTE", "yes", "NONE", "", 0), action)
        }
    }
}

fn limits(own: &Promotion) -> Value {
    let mut limits = json!({});
    for limit in &own.limits {
        let level = match (limit.level, own.unlock) {
            (1, _) => "Customer",
            (2, _) => "Cart",
            (3, Unlock::Code) => "Code",
            _ => "Promotion",
        };
        if limits.get(level).is_none() {
            limits[level] = json!([row(limit, level)]);
        }
    }
    limits
}

fn row(limit: &Limit, level: &str) -> Value {
    let kpi = ["REDEMPTION", "TRANSACTION", "DISCOUNT"][usize::from(limit.kpi)];
    let kpi = if level == "Cart" && kpi == "TRANSACTION" { "DISCOUNT" } else { kpi };
    let most = if kpi == "DISCOUNT" { ["2", "7.5", "20"][usize::from(limit.most) - 1] } else { "" };
    let most = if most.is_empty() { json!(limit.most) } else { json!(most) };
    let mut row = json!({"kpi": kpi, "limit": most, "onExceed": if limit.refuses { "REFUSE" } else { "CLIP" }});
    if level == "Customer" {
        row["guests"] = json!(if limit.allows_guests { "ALLOW" } else { "REFUSE" });
    }
    if limit.moves && matches!(level, "Customer" | "Code") {
        row["windowType"] = json!("MOVING");
        row["minTimeBetweenRepeat"] = json!(3_600_000);
    }
    row
}
