//! Definitions whose answer the contract leaves open in a detail that engine and oracle read differently:
//! which of several units serve, who bears a cent, which of two reasons a log gives. They are not
//! compared. Each group is as narrow as a definition's text can tell, and has worked examples in
//! tests/examples.

use serde_json::Value;

/// Whether a definition's answer is left open, whatever the settings.
pub fn is_left_open(definition: &Value) -> bool {
    let text = definition.to_string();
    let condition = definition["condition"].to_string();
    let has = |part: &str| text.contains(part);
    let quantity = "\"kpi\":\"QUANTITY\"";
    let triggers = text.matches(quantity).count() + text.matches("COMBO_PRODUCT\"").count();
    let by_line = has("\"countPer\":\"LINE\"");
    let selects = has("productBasedCondition");
    let per_unit = has("perUnitAction");
    // A maximum or a DISCOUNT row over lines that are counted one by one: whose amount it cuts.
    let cuts_lines = by_line && (has("DISCOUNT\"") || has("maxDiscount"));
    // A bundle beside or among the units of a selecting condition: which units serve.
    let has_triggers = condition.contains(quantity) || condition.contains("COMBO_PRODUCT\"");
    let bundles_beside = has("COMBO_PRODUCT\"") && selects && has_triggers;
    // Parts of a COMBO that are not bundled, or other parts beside it: which units are the bundle's.
    let unbundled = ["\"LINE_", "\"AMOUNT\"", "\"ITEMCOUNT\"", "\"LESS_THAN", "\"GREATER_THAN\"", "\"ALL\"", "\"ANY\""];
    let mixed_bundle = has("COMBO_PRODUCT\"") && unbundled.into_iter().any(has);
    // So many units of complete combos, where there are more: which.
    let per_combo = per_unit && condition.contains("COMBO_PRODUCT\"");
    // Several parts, with trigger quantities: which units serve for more than one, or for a counted reward.
    let several_triggers =
        has("\"ALL\"") && triggers > 1 || per_unit && triggers > 0 && (has("\"ALL\"") || has("\"ANY\""));
    // Gifts beyond a limit or a maximum, or of parts that name the same: which of the cart's own units are free.
    let gifts_cut = has("autoAdd")
        && (has("promotionRestrictions") || per_unit && (has("maxApplications") || has("COMBO_PRODUCT\"")));
    // A fraction of a unit triggers or benefits each time: which part of a cut unit bears a cent.
    let most = |action: &Value| action["productBasedAction"]["maxQuantity"].to_string();
    let is_cut = |rest: &str| rest.split('}').next().is_some_and(|own| own.contains('.'));
    let cuts_units = per_unit && most(&definition["action"]["perUnitAction"]["rewardAction"]).contains('.')
        || text.split(quantity).skip(1).any(is_cut);
    cuts_lines || bundles_beside || mixed_bundle || per_combo || several_triggers || gifts_cut || cuts_units
}

/// Whether a definition's answer is left open under these settings, its amounts being in their currency.
pub fn is_left_open_under(settings: &Value, definition: &Value) -> bool {
    let text = definition.to_string();
    let has = |part: &str| text.contains(part);
    let is = |key: &str, value: &str| settings[key] == value;
    // Own earlier cart discounts are added back to units: by which share.
    let adds_back = has("MULTI") && has("CART_BASED") && has("PERCENTAGE") && is("evaluationOrder", "CART_FIRST");
    // Tiers of what is left: the phase of the tier is not known before.
    let moving_tiers = has("tieredAction") && is("conditionBase", "NET");
    // A code whose limit is too small and that others outweigh: 0 or 1004.
    let two_reasons = has("REFUSE") && definition["type"] == "CODE" && is("selection", "BEST");
    // A maximum of 0: whether what it takes to nothing was due.
    let takes_nothing = has("\"maxDiscount\":\"0\"");
    adds_back || moving_tiers || two_reasons || takes_nothing
}
