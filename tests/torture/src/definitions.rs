//! Promotions of the tests: simple in what they give, rich in limits.

use serde_json::{Value, json};

/// A stackable promotion that is always valid.
pub fn promotion(name: &str, kind: &str, condition: Value, action: Value, limits: Value) -> Value {
    json!({
        "name": name, "type": kind, "isStackable": true, "startDate": 0, "endDate": 4_102_444_800_000_i64,
        "condition": condition, "action": action, "promotionRestrictions": limits,
    })
}

/// Holds where the SKU is in the cart.
pub fn has_sku(sku: &str) -> Value {
    json!({"type": "PRODUCT", "productCondition": {
        "criteriaList": [{"entity": "SKU", "operator": "IN", "values": [sku]}]}})
}

/// Holds for every cart of any amount.
pub fn any_cart() -> Value {
    json!({"type": "CART", "cartCondition": {"kpi": "SUBTOTAL", "operator": "GREATER_THAN", "value": 0}})
}

/// So much off the cart.
pub fn off_cart(value: &str) -> Value {
    json!({"type": "CART_BASED", "cartBasedAction": {"type": "ABSOLUTE", "value": value}})
}

/// So much off the products of the condition.
pub fn off_products(value: &str) -> Value {
    json!({"type": "PRODUCT_BASED", "productBasedAction": {
        "type": "ABSOLUTE", "value": value, "includeItemsFromConditionSet": true}})
}

/// So much off them for every `divider` units.
pub fn off_every(divider: u32, value: &str) -> Value {
    json!({"type": "PER_UNIT", "perUnitAction": {
        "perUnitKPI": "QUANTITY", "perUnitDivider": divider, "rewardAction": off_products(value)}})
}
