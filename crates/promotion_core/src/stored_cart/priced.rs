//! What a cart costs: what is kept of its evaluation, for the cart object (spec/carts.md, "Money").

use serde::{Deserialize, Serialize};

use crate::definition::spelled;
use crate::error::InputError;
use crate::evaluation::{Applied, Evaluation, by_line};
use crate::json::{STORED_LIMITS, View, read};
use crate::money::{Decimal, Money, Quantity};
use crate::ruleset::Ruleset;
use crate::suggestion::Suggestion;
use crate::terms::{Terms, Unit};

/// What a promotion falls on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OnKind {
    /// units of the lines of `value`'s SKUs
    Sku,
    /// the cart as a whole
    Cart,
    /// the shipping alone
    Shipping,
}

/// What a promotion falls on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct On {
    /// What it is.
    pub kind: OnKind,
    /// The SKUs, where it is units of lines; else nothing.
    pub value: Vec<String>,
}

/// A promotion that applies to a cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PricedPromotion {
    /// The promotion.
    pub promotion_id: String,
    /// The code that unlocked it.
    pub promo_code: Option<String>,
    /// Its name.
    pub name: String,
    /// What it takes off, in a word.
    pub terms: Terms,
    /// What it falls on.
    pub on: On,
    /// All that it takes off.
    pub discount: Money,
    /// What of that falls on each line, by the line's place; ascending.
    pub lines: Vec<(usize, Money)>,
}

/// Units that the caller is to add.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PricedGift {
    /// The promotion that gives them.
    pub promotion_id: String,
    /// What.
    pub sku: String,
    /// How many.
    pub quantity: Quantity,
}

/// A payment voucher of the customer's that pays for the cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PricedVoucher {
    /// Its promotion.
    pub promotion_id: String,
    /// The instance.
    pub earn_id: Option<String>,
    /// Its name.
    pub name: String,
    /// What it is worth.
    pub value: Money,
    /// What of that it pays.
    pub redeemable: Money,
}

/// What would unlock a promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SuggestedProducts {
    /// The promotion.
    pub promotion_id: String,
    /// What the cart lacks.
    pub kpi: String,
    /// How much of it.
    pub amount: Decimal,
    /// SKU, CATEGORY, BRAND, ATTRIBUTE, or ANY.
    pub entity: String,
    /// Which attribute.
    pub attribute_name: Option<String>,
    /// The products.
    pub values: Vec<String>,
}

/// What a cart costs, and why.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PricedCart {
    /// What promotions take off items and shipping.
    pub total_discount: Money,
    /// The promotions that apply, in the order they were computed.
    pub promotions: Vec<PricedPromotion>,
    /// What they take off each shipment.
    pub shipments: Vec<Money>,
    /// Units that the caller is to add.
    pub gifts: Vec<PricedGift>,
    /// Vouchers that pay, in the order they do; no discount.
    pub vouchers: Vec<PricedVoucher>,
    /// What the cart misses by least.
    pub suggestions: Vec<SuggestedProducts>,
}

impl PricedCart {
    /// What is kept of an evaluation.
    pub fn new(
        ruleset: &Ruleset,
        evaluation: &Evaluation<'_>,
        suggestions: Vec<Suggestion>,
        sku_of: impl Fn(usize) -> String,
    ) -> Self {
        let id = |place: u32| ruleset.promotion(place).id.to_string();
        let gifts = evaluation.applied.iter().flat_map(|applied| {
            applied.gifts.iter().map(|gift| PricedGift {
                promotion_id: id(applied.place),
                sku: gift.sku.to_string(),
                quantity: gift.quantity,
            })
        });
        let off_shipping: Money = evaluation.shipment_discounts.iter().copied().sum();
        Self {
            total_discount: evaluation.total_discount + off_shipping,
            promotions: evaluation.applied.iter().map(|applied| promotion(ruleset, applied, &sku_of)).collect(),
            shipments: evaluation.shipment_discounts.clone(),
            gifts: gifts.collect(),
            vouchers: evaluation
                .vouchers
                .iter()
                .map(|own| PricedVoucher {
                    promotion_id: id(own.place),
                    earn_id: own.earn_id.clone(),
                    name: ruleset.promotion(own.place).definition.name.clone(),
                    value: own.value,
                    redeemable: own.redeemable,
                })
                .collect(),
            suggestions: suggestions
                .into_iter()
                .map(|own| SuggestedProducts {
                    promotion_id: id(own.place),
                    kpi: own.kpi,
                    amount: Decimal(own.amount),
                    entity: own.products.entity.map_or_else(|| "ANY".to_owned(), spelled),
                    attribute_name: own.products.attribute_name,
                    values: own.products.values,
                })
                .collect(),
        }
    }

    /// Reads what was serialized.
    ///
    /// # Errors
    /// Where it is none, which a table that nobody wrote to directly can't hold.
    pub fn parse<'a, V: View<'a>>(view: V) -> Result<Self, InputError> {
        read(view, STORED_LIMITS)
    }
}

fn promotion(ruleset: &Ruleset, applied: &Applied<'_>, sku_of: &impl Fn(usize) -> String) -> PricedPromotion {
    let own = ruleset.promotion(applied.place);
    let by_line = by_line(&applied.lines, &applied.cart_lines).into_iter();
    let lines: Vec<(usize, Money)> = by_line.map(|(line, discount, _)| (line, discount)).collect();
    let is_off_shipping = !applied.shipments.is_empty();
    let kind = match applied.cart_discount() {
        // Its line actions alone, or nothing but gifts.
        None => OnKind::Sku,
        Some(discount) if discount.is_zero() && !applied.gifts.is_empty() => OnKind::Sku,
        Some(_) if is_off_shipping && lines.is_empty() => OnKind::Shipping,
        Some(_) => OnKind::Cart,
    };
    let mut value: Vec<String> = Vec::new();
    if kind == OnKind::Sku {
        let skus = lines.iter().map(|(line, _)| sku_of(*line));
        value = skus.chain(applied.gifts.iter().map(|gift| gift.sku.to_string())).collect();
        value.sort_unstable();
        value.dedup();
    }
    PricedPromotion {
        promotion_id: own.id.to_string(),
        promo_code: applied.promo_code.clone().map(String::from),
        name: own.definition.name.clone(),
        // Of several actions, what they came to.
        terms: applied.terms.unwrap_or(Terms { unit: Unit::AmountOff, value: Decimal(applied.discount.0) }),
        on: On { kind, value },
        discount: applied.discount,
        lines,
    }
}
