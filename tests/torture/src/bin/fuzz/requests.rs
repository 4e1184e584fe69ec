//! Good requests, by function and argument.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde_json::{Value, json};

use crate::known::Known;
use crate::material::Material;
use crate::scene::CUSTOMERS;

/// What requests are made of.
pub struct Kitchen<'k> {
    /// Definitions and carts.
    pub material: &'k Material,
    /// Ids.
    pub known: &'k Known,
}

fn one<'t>(random: &mut StdRng, of: &[&'t str]) -> &'t str {
    of.choose(random).copied().unwrap_or_default()
}

/// One of the customers.
pub fn customer(random: &mut StdRng) -> &'static str {
    one(random, &CUSTOMERS)
}

impl Kitchen<'_> {
    /// A good request for the argument of a function; {} where nothing is known of either.
    pub fn request(&self, function: &str, argument: &str, random: &mut StdRng) -> Value {
        match (function, argument) {
            (_, "definition") => self.definition(random),
            (_, "drafts") => (0..random.random_range(0..3)).map(|_| self.definition(random)).collect(),
            (_, "settings") => settings(random),
            (_, "categories") => self.material.categories.clone(),
            (_, "units") => {
                json!([{"tillCode": "T-1", "store": "s", "zone": "z", "concept": "c"}, {"tillCode": "T-9"}])
            }
            (_, "options") => options(random),
            (_, "changes") => self.changes(random),
            ("promo_create_cart", _) => self.stored_cart(random),
            ("promo_redeem", _) => self.redemption(random),
            ("promo_return", _) => self.returned(random),
            ("promo_earn", _) => self.earn(random),
            ("promo_revoke_earn", _) => self.revocation(random),
            (_, "cart") => self.cart(random),
            _ => json!({}),
        }
    }

    fn id(&self, kind: &str, random: &mut StdRng) -> Value {
        json!(self.known.one(kind, random))
    }

    fn definition(&self, random: &mut StdRng) -> Value {
        let mut definition = self.material.definitions.choose(random).cloned().unwrap_or_default();
        definition["name"] = json!(format!("made {}", random.random_range(0..1000)));
        definition
    }

    fn cart(&self, random: &mut StdRng) -> Value {
        let mut cart = self.material.carts.choose(random).cloned().unwrap_or_default();
        if random.random_bool(0.7) {
            cart["customerId"] = json!(customer(random));
        }
        if random.random_bool(0.3) {
            cart["promoCodes"] = (0..random.random_range(0..4)).map(|_| self.id("code", random)).collect();
        }
        if random.random_bool(0.1) {
            cart["paymentVouchers"] = (0..random.random_range(0..3)).map(|_| self.id("code", random)).collect();
        }
        if random.random_bool(0.2) {
            cart["cartId"] = json!(one(random, &["cart-1", "cart-2"]));
        }
        if random.random_bool(0.2) {
            cart["evaluationId"] = self.id("evaluation", random);
        }
        if random.random_bool(0.1) {
            cart["transactionDate"] = json!("2026-02-28T23:59:59.5+01:00");
        }
        cart
    }

    fn redemption(&self, random: &mut StdRng) -> Value {
        let id = format!("order {}", random.random_range(0..100_000));
        let mut request = json!({"customerId": customer(random), "transactionId": id});
        if random.random_bool(0.5) {
            let mut cart = self.cart(random);
            if let Some(keys) = cart.as_object_mut() {
                keys.remove("customerId");
                keys.remove("evaluationId");
            }
            request["cart"] = cart;
        } else {
            request["evaluationId"] = self.id("evaluation", random);
            if random.random_bool(0.2) {
                request["identifiers"] =
                    (0..random.random_range(0..4)).map(|_| self.id("identifier", random)).collect();
            }
        }
        request
    }

    fn returned(&self, random: &mut StdRng) -> Value {
        let id = format!("return {}", random.random_range(0..10_000));
        let mut request = json!({"transactionId": self.id("transaction", random), "returnId": id});
        if random.random_bool(0.6) {
            let line = |random: &mut StdRng| match random.random_range(0..2) {
                0 => json!({"referenceId": self.id("reference", random), "qty": 1}),
                _ => json!({"sku": self.id("sku", random), "qty": one(random, &["1", "0.5", "2", "0.333333"])}),
            };
            request["lines"] = (0..random.random_range(1..3)).map(|_| line(random)).collect();
        }
        request
    }

    fn earn(&self, random: &mut StdRng) -> Value {
        json!({
            "customerId": customer(random), "promotionId": self.id("promotion", random),
            "earnedFromType": one(random, &["ACTIVITY", "MILESTONE", "REWARD", "BULK_ISSUE"]),
            "earnedFromId": random.random_range(0..100).to_string(), "eventTime": 1_767_225_600_000_i64,
            "earnCount": random.random_range(1..4),
        })
    }

    fn revocation(&self, random: &mut StdRng) -> Value {
        let ids: Value = (0..random.random_range(1..3)).map(|_| self.id("earn", random)).collect();
        let details = json!([{"promotionId": self.id("promotion", random), "earnIds": ids}]);
        json!({"customerId": customer(random), "earnRevokeDetails": details})
    }

    fn item(&self, random: &mut StdRng) -> Value {
        json!({
            "sku": self.id("sku", random), "quantity": random.random_range(1..6),
            "price": {"base": random.random_range(1..100), "sale": null},
            "categoryList": ["coffee", "shoes"], "attributes": [{"name": "color", "value": "red"}],
        })
    }

    fn stored_cart(&self, random: &mut StdRng) -> Value {
        let items: Value = (0..random.random_range(0..4)).map(|_| self.item(random)).collect();
        json!({
            "items": items, "customer": {"customerId": customer(random), "tier": "GOLD"},
            "shipping": {"amount": "4.90", "method": "parcel"}, "fees": [{"name": "bag", "amount": 0.25}],
            "attributes": {"channel": "web"}, "metadata": {"any": ["thing", 1e3]}, "sharedUserIds": ["u"],
        })
    }

    fn changes(&self, random: &mut StdRng) -> Value {
        match random.random_range(0..9) {
            0 => json!({}),
            1 => json!({"setItems": [{"lineItemId": "1", "quantity": random.random_range(1..9)}]}),
            2 => json!({"addItems": [self.item(random)]}),
            3 => json!({"removeItems": [self.id("line", random)]}),
            4 => {
                json!({"cartState": one(random, &["ACTIVE", "PENDING", "PENDING_APPROVAL", "APPROVED", "REJECTED", "DELETED"])})
            }
            5 => json!({"cartState": "SUBMITTED", "transactionId": format!("stored {}", random.random_range(0..1000))}),
            6 => json!({"customer": {"customerId": customer(random)}, "shipping": [{"amount": 3}]}),
            7 => json!({"customer": null, "shipping": null, "fees": null, "metadata": null}),
            _ => self.stored_cart(random),
        }
    }
}

fn options(random: &mut StdRng) -> Value {
    match random.random_range(0..4) {
        0 => json!({}),
        1 => json!({"validFrom": "2020-01-01T00:00:00Z", "validTill": "2099-01-01T00:00:00Z"}),
        2 => json!({"customerId": customer(random)}),
        _ => json!({"length": random.random_range(6..40), "prefix": "F", "alphabet": "ABCDEFGHJK23456789"}),
    }
}

/// Settings that can be changed back and forth.
fn settings(random: &mut StdRng) -> Value {
    match random.random_range(0..14) {
        0 => json!({"isLockingEnabled": random.random_bool(0.8), "lockTtlSeconds": random.random_range(1..600)}),
        1 => json!({"rounding": one(random, &["HALF_UP", "HALF_DOWN", "HALF_EVEN", "UP", "DOWN", "CEILING", "FLOOR"])}),
        2 => json!({"precision": random.random_range(0..7)}),
        3 => json!({"maxOpenCarts": random.random_range(1..100)}),
        4 => json!({"evaluationOrder": one(random, &["LINE_ITEM_FIRST", "CART_FIRST", "RANKED"])}),
        5 => json!({"percentageBase": one(random, &["NET", "GROSS"]), "conditionBase": one(random, &["NET", "GROSS"])}),
        6 => json!({"roundingLevel": one(random, &["PROMOTION", "LINE", "UNIT"])}),
        7 => json!({"selection": one(random, &["RANKED", "BEST"])}),
        8 => json!({"overrun": one(random, &["REJECT", "RECORD"])}),
        9 => json!({"returnPolicy": one(random, &["RESTORE", "KEEP"])}),
        10 => {
            json!({"keepEvaluationsFor": one(random, &["30 days", "1 second", "178000000 years", "PT1H", "1 mon -1 day"])})
        }
        11 => {
            json!({"maxStackedPerUnit": random.random_range(1..4), "singlePromotionPerLineItem": random.random::<bool>()})
        }
        12 => json!({"notify": random.random::<bool>(), "exclusiveScope": one(random, &["CART", "UNIT"])}),
        _ => json!({"rankingStrategy": ["MAX_DISCOUNT", "PRIORITY"], "typeRanking": ["POS", "CODE"]}),
    }
}
