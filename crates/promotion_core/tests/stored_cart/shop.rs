//! Promotions that carts are priced with, written as JSON.

use promotion_core::cart::Cart;
use promotion_core::code::code_key;
use promotion_core::definition::Definition;
use promotion_core::evaluate::evaluate;
use promotion_core::evaluation::{CodeFacts, CodeUse, Evaluation};
use promotion_core::instant::Instant;
use promotion_core::json::{REQUEST_LIMITS, read};
use promotion_core::limit::Used;
use promotion_core::money::{InputAmount, MILLION, Money, shortest};
use promotion_core::ruleset::{PromotionSource, Ruleset};
use promotion_core::settings::{Settings, SettingsPatch};
use promotion_core::situation::{Entitlement, Situation, Till, Usage, UsageKey};
use promotion_core::stored_cart::PricedCart;
use promotion_core::suggestion::suggestions;
use serde_json::{Value, json};

/// 2026-01-01.
pub const NOW: i64 = 1_767_225_600_000;
/// A day in milliseconds.
pub const DAY: i64 = 86_400_000;

/// Promotions, and all that carts are priced with beside them.
pub struct Shop {
    pub ruleset: Ruleset,
    /// Which promotions codes unlock.
    codes: Vec<(String, CodeFacts)>,
    pub entitlements: Vec<Entitlement>,
    pub usage: Usage,
    pub till: Option<Till>,
}

/// A promotion with what each of them would have to repeat: 10 % off the cart, for everybody.
pub fn definition(given: &Value, settings: &Settings) -> Definition {
    let mut whole = json!({
        "name": given["id"], "type": "POS", "isStackable": true,
        "startDateISO": "2020-01-01T00:00:00Z", "endDateISO": "2030-01-01T00:00:00Z",
        "condition": {"type": "CART", "cartCondition": {"kpi": "QUANTITY", "operator": "GREATER_THAN_OR_EQUAL", "value": 0}},
        "action": {"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 10}},
    });
    for (key, value) in given.as_object().expect("a definition") {
        if key != "id" && key != "code" {
            whole[key] = value.clone();
        }
    }
    Definition::parse(&whole, settings).unwrap_or_else(|error| panic!("{error}: {given}"))
}

impl Shop {
    /// Promotions in the order of their creation, each with its `id` and, where there is one, its `code`.
    pub fn new(promotions: &[Value]) -> Self {
        Self::with_settings(&json!({}), promotions)
    }

    pub fn with_settings(patch: &Value, promotions: &[Value]) -> Self {
        let patch: SettingsPatch<'_> = read(patch, REQUEST_LIMITS).expect("settings");
        let settings = Settings::default().patched(&patch).expect("settings");
        let id = |given: &Value| given["id"].as_str().expect("an id").to_owned();
        let source = |(created, given): (i64, &Value)| PromotionSource {
            id: id(given),
            version: 1,
            created,
            definition: definition(given, &settings),
        };
        let sources: Vec<PromotionSource> = (0..).zip(promotions).map(source).collect();
        let code_use =
            |given: &Value| CodeUse { promotion_id: id(given), valid_from: None, valid_till: None, issued_at: 0 };
        let codes = promotions.iter().filter_map(|given| {
            let facts = CodeFacts { uses: vec![code_use(given)], ..CodeFacts::default() };
            Some((given.get("code")?.as_str()?.to_owned(), facts))
        });
        let parents = [("coffee", "drinks"), ("tea", "drinks")];
        let parents = parents.into_iter().map(|(child, parent)| (child.into(), parent.into())).collect();
        Self {
            codes: codes.collect(),
            ruleset: Ruleset::compile(settings, parents, sources),
            entitlements: Vec::new(),
            usage: Usage::default(),
            till: None,
        }
    }

    /// An instance of a promotion that the cart's customer has.
    pub fn issue(&mut self, earn_id: &str, promotion_id: &str, valid_till: i64) {
        self.entitlements.push(Entitlement {
            earn_id: earn_id.to_owned(),
            promotion_id: promotion_id.to_owned(),
            earned_at: NOW - DAY,
            valid_till,
        });
    }

    /// So many uses of a promotion's limit row.
    pub fn use_up(&mut self, promotion_id: &str, row: usize, count: i128) {
        let key = UsageKey { promotion_id: promotion_id.to_owned(), row, subject: None };
        self.usage.0.insert(key, Used { count: count * MILLION, ..Used::default() });
    }

    /// Prices a request, with the reasons why promotions do not apply, and lets `then` look at all of it.
    pub fn priced<T>(
        &self,
        request: &Value,
        then: impl FnOnce(&Situation<'_, '_>, &Evaluation<'_>, &PricedCart) -> T,
    ) -> T {
        let cart = Cart::parse(request).unwrap_or_else(|error| panic!("{error}: {request}"));
        let facts = |sent: &&str| {
            let known = self.codes.iter().find(|(code, _)| code_key(code) == code_key(sent));
            known.map(|(_, facts)| facts.clone())
        };
        let codes: Vec<Option<CodeFacts>> = cart.promo_codes.iter().map(facts).collect();
        let situation = Situation {
            codes: &codes,
            till: self.till.as_ref(),
            entitlements: &self.entitlements,
            usage: &self.usage,
            explain: true,
            ..Situation::new(&cart, Instant(NOW))
        };
        let evaluation = evaluate(&self.ruleset, &situation);
        let nearly = suggestions(&self.ruleset, &situation, &evaluation);
        let priced = PricedCart::new(&self.ruleset, &evaluation, nearly, |line| cart.lines[line].sku.to_owned());
        then(&situation, &evaluation, &priced)
    }

    /// What a cart is told to add: "promotion: amount kpi of entity values".
    pub fn suggested(&self, request: &Value) -> Vec<String> {
        self.priced(request, |_, _, priced| {
            let suggestions = priced.suggestions.iter();
            suggestions
                .map(|own| {
                    let name = own.attribute_name.as_ref().map(|name| format!("({name})")).unwrap_or_default();
                    let amount = shortest(own.amount.0);
                    let of = format!("{}: {amount} {} of {}{name}", own.promotion_id, own.kpi, own.entity);
                    format!("{of} {}", own.values.join(",")).trim_end().to_owned()
                })
                .collect()
        })
    }

    /// What applies to a cart.
    pub fn applied(&self, request: &Value) -> Vec<String> {
        self.priced(request, |_, _, priced| priced.promotions.iter().map(|own| own.promotion_id.clone()).collect())
    }
}

/// A request of items, the amount being theirs.
pub fn request(items: Value) -> Value {
    let amount = |item: &Value| read::<_, InputAmount>(&item["amount"], REQUEST_LIMITS).expect("an amount").0;
    let sum: Money = items.as_array().expect("items").iter().map(amount).sum();
    json!({"amount": shortest(sum.0), "cartItems": items})
}

/// A request of lines: SKU, quantity and amount.
pub fn lines(lines: &[(&str, &str, &str)]) -> Value {
    request(lines.iter().map(|(sku, qty, amount)| json!({"sku": sku, "qty": qty, "amount": amount})).collect())
}

/// A request with some keys put over it.
pub fn with(mut request: Value, keys: Value) -> Value {
    for (key, value) in keys.as_object().expect("keys") {
        request[key] = value.clone();
    }
    request
}

pub fn cart_is(kpi: &str, operator: &str, value: impl Into<Value>) -> Value {
    json!({"type": "CART", "cartCondition": {"kpi": kpi, "operator": operator, "value": value.into()}})
}

pub fn product(criteria: Value, kpi: &str, operator: &str, value: impl Into<Value>) -> Value {
    json!({"criteriaList": criteria, "kpi": kpi, "operator": operator, "value": value.into()})
}

/// One matching line is enough.
pub fn any_of(criteria: Value) -> Value {
    json!({ "criteriaList": criteria })
}

pub fn of_product(product: Value) -> Value {
    json!({"type": "PRODUCT", "productCondition": product})
}

pub fn combo(parts: &[Value]) -> Value {
    json!({"type": "COMBO_PRODUCT", "comboProductCondition": {"productConditions": parts}})
}

pub fn sku(values: &[&str]) -> Value {
    json!({"entity": "SKU", "operator": "IN", "values": values})
}

pub fn tree(kind: &str, conditions: &[Value]) -> Value {
    json!({"type": kind, "conditions": conditions})
}
