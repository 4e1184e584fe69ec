//! The answer's `data` as JSON (spec/api.md, "Response data"): the seed's keys, always all of them,
//! with the seed's JSON types, and those beyond the seed.

use std::borrow::Cow;

use serde::Serialize;

use crate::cart::{Cart, CustomerId, EchoedAmount};
use crate::definition::Mode;
use crate::evaluation::{Applied, AppliedVoucher, CodeLog, Evaluation, LineDiscount, Search};
use crate::money::{Money, Quantity};
use crate::receipt::Receipt;
use crate::ruleset::Ruleset;

/// The ids that an answer carries: the caller's where it sent one, made by the caller of the core
/// elsewhere, since the core has no randomness.
pub struct AnswerIds<'a> {
    /// 24 lower-case hex digits; None for a preview.
    pub evaluation_id: Option<String>,
    /// Of each line.
    pub lines: Vec<Cow<'a, str>>,
    /// Of each tender, and of the remainder in cash at the end.
    pub tenders: Vec<String>,
    /// Of each shipment.
    pub shipments: Vec<Cow<'a, str>>,
    /// Until when the cart is locked, in epoch milliseconds; None where it is not.
    pub valid_till: Option<i64>,
}

impl<'a> AnswerIds<'a> {
    /// Completes what the request has: `line` makes an id for the nth line or shipment (counted on)
    /// without one, `tender` for the nth tender.
    pub fn complete(
        cart: &Cart<'a>,
        evaluation_id: Option<String>,
        mut line: impl FnMut(usize) -> String,
        tender: impl FnMut(usize) -> String,
    ) -> Self {
        let mut own = |index: usize, sent: Option<&'a str>| match sent {
            Some(sent) => Cow::Borrowed(sent),
            None => Cow::Owned(line(index)),
        };
        let lines = cart.lines.iter().enumerate().map(|(index, line)| own(index, line.reference_id)).collect();
        let shipments = cart
            .shipping
            .iter()
            .flatten()
            .enumerate()
            .map(|(index, shipment)| own(cart.lines.len() + index, shipment.reference_id))
            .collect();
        let tenders = (0..=cart.tenders.len()).map(tender).collect();
        Self { evaluation_id, lines, shipments, tenders, valid_till: None }
    }
}

/// The answer's data, ready to be serialized.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer<'a> {
    amount: Money,
    customer_id: Option<CustomerId<'a>>,
    cart_items: Vec<AnswerItem<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evaluation_id: Option<&'a str>,
    applied_promotions: Vec<AnswerPromotion<'a>>,
    applied_payment_vouchers: Vec<AnswerVoucher<'a>>,
    promo_code_evaluation_logs: Vec<AnswerLog<'a>>,
    payment_voucher_evaluation_logs: Vec<AnswerLog<'a>>,
    cart_tenders: Vec<AnswerTender<'a>>,
    category_hierarchy_sent_in_payload: bool,
    total_discount: Money,
    payable_amount: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    tender_discount: Option<Money>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gifts: Vec<AnswerGift<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipping: Option<Vec<AnswerShipment<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    search: Option<Search>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_till_time: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AnswerGift<'a> {
    promotion_id: &'a str,
    sku: &'a str,
    qty: Quantity,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AnswerVoucher<'a> {
    promotion_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    earned_promotion_id: Option<&'a str>,
    name: &'a str,
    total_voucher_value: Money,
    redeemable_voucher_value: Money,
    identifier: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AnswerItem<'a> {
    reference_id: &'a str,
    sku: &'a str,
    amount: Money,
    qty: Quantity,
    discount: Cow<'static, str>,
    applied_promotions: Vec<AnswerPromotion<'a>>,
    allocated_discount: Money,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AnswerPromotion<'a> {
    promotion_id: &'a str,
    name: &'a str,
    message_label: &'a str,
    promotion_mode: Mode,
    redemption_count: u64,
    discount: Money,
    identifier: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    discount_applied_on_quantity: Option<Quantity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    promotion_applied_on_quantity: Option<Quantity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    promo_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    earned_promotion_id: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AnswerLog<'a> {
    promo_code: &'a str,
    code_type: &'static str,
    error_code: u32,
    message: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AnswerTender<'a> {
    identifier: &'a str,
    amount: TenderAmount<'a>,
    reference_id: &'a str,
    adjusted_amount: String,
}

/// The caller's, as sent, or the engine's.
#[derive(Serialize)]
#[serde(untagged)]
enum TenderAmount<'a> {
    Sent(&'a EchoedAmount<'a>),
    Computed(Money),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AnswerShipment<'a> {
    reference_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'a str>,
    amount: Money,
    discount: Money,
}

impl<'a> Answer<'a> {
    /// Puts the answer together.
    pub fn new(
        ruleset: &'a Ruleset,
        cart: &'a Cart<'a>,
        evaluation: &'a Evaluation<'a>,
        ids: &'a AnswerIds<'a>,
    ) -> Self {
        let mut items: Vec<AnswerItem<'a>> = cart
            .lines
            .iter()
            .zip(&ids.lines)
            .zip(&evaluation.line_discounts)
            .map(|((line, reference_id), allocated)| AnswerItem {
                reference_id,
                sku: line.sku,
                amount: line.amount,
                qty: line.quantity,
                discount: if line.discount.is_zero() { "0".into() } else { line.discount.to_string().into() },
                applied_promotions: Vec::new(),
                allocated_discount: *allocated,
            })
            .collect();
        let mut applied_promotions = Vec::new();
        let mut gifts = Vec::new();
        for applied in &evaluation.applied {
            if let Some(discount) = applied.cart_discount() {
                applied_promotions.push(cart_entry(ruleset, cart, applied, discount));
            }
            for part in &applied.lines {
                if let Some(item) = items.get_mut(part.line) {
                    let entry = line_entry(ruleset, (item.sku, item.amount), applied, part);
                    item.applied_promotions.push(entry);
                }
            }
            gifts.extend(applied.gifts.iter().map(|gift| AnswerGift {
                promotion_id: &ruleset.promotion(applied.place).id,
                sku: &gift.sku,
                qty: gift.quantity,
            }));
        }
        let off_tenders: Money = evaluation.tender_discounts.iter().copied().sum();
        Self {
            amount: cart.amount,
            customer_id: cart.customer_id,
            cart_items: items,
            evaluation_id: ids.evaluation_id.as_deref(),
            applied_promotions,
            applied_payment_vouchers: evaluation.vouchers.iter().map(|own| voucher_entry(ruleset, cart, own)).collect(),
            promo_code_evaluation_logs: evaluation.code_logs.iter().map(log_entry).collect(),
            payment_voucher_evaluation_logs: evaluation.voucher_logs.iter().map(log_entry).collect(),
            cart_tenders: tenders(cart, evaluation, &ids.tenders),
            category_hierarchy_sent_in_payload: cart.category_hierarchy_sent,
            total_discount: evaluation.total_discount,
            payable_amount: evaluation.payable_amount,
            shipping: cart.shipping.as_ref().map(|shipments| {
                shipments
                    .iter()
                    .zip(&ids.shipments)
                    .zip(&evaluation.shipment_discounts)
                    .map(|((shipment, reference_id), discount)| AnswerShipment {
                        reference_id,
                        method: shipment.method,
                        amount: shipment.amount,
                        discount: *discount,
                    })
                    .collect()
            }),
            tender_discount: (!off_tenders.is_zero()).then_some(off_tenders),
            gifts,
            search: evaluation.search,
            valid_till_time: ids.valid_till,
        }
    }
}

fn cart_entry<'a>(
    ruleset: &'a Ruleset,
    cart: &Cart<'_>,
    applied: &'a Applied<'a>,
    discount: Money,
) -> AnswerPromotion<'a> {
    let id = &*ruleset.promotion(applied.place).id;
    entry(ruleset, applied, &Receipt::of_cart(id, discount, cart.amount, applied.redemption_count))
}

fn line_entry<'a>(
    ruleset: &'a Ruleset,
    line: (&str, Money),
    applied: &'a Applied<'a>,
    part: &LineDiscount,
) -> AnswerPromotion<'a> {
    let id = &*ruleset.promotion(applied.place).id;
    let quantities = (part.discounted_quantity, part.applied_quantity);
    entry(ruleset, applied, &Receipt::of_line(id, part.discount, line, applied.redemption_count, quantities))
}

/// An entry says in plain what its receipt says encoded.
fn entry<'a>(ruleset: &'a Ruleset, applied: &'a Applied<'a>, receipt: &Receipt<'_>) -> AnswerPromotion<'a> {
    let promotion = ruleset.promotion(applied.place);
    AnswerPromotion {
        promotion_id: &promotion.id,
        name: &promotion.definition.name,
        message_label: promotion.definition.message_label.as_deref().unwrap_or(""),
        promotion_mode: promotion.definition.mode,
        redemption_count: receipt.redemption_count(),
        discount: receipt.discount(),
        identifier: receipt.encoded(),
        discount_applied_on_quantity: receipt.discounted_quantity(),
        promotion_applied_on_quantity: receipt.applied_quantity(),
        promo_code: applied.promo_code.as_deref(),
        earned_promotion_id: applied.earn_id.as_deref(),
    }
}

fn voucher_entry<'a>(ruleset: &'a Ruleset, cart: &Cart<'_>, voucher: &'a AppliedVoucher<'a>) -> AnswerVoucher<'a> {
    let promotion = ruleset.promotion(voucher.place);
    AnswerVoucher {
        promotion_id: &promotion.id,
        code: voucher.code,
        earned_promotion_id: voucher.earn_id.as_deref(),
        name: &promotion.definition.name,
        total_voucher_value: voucher.value,
        redeemable_voucher_value: voucher.redeemable,
        identifier: Receipt::of_cart(&promotion.id, voucher.redeemable, cart.amount, 1).encoded(),
    }
}

fn log_entry<'a>(log: &CodeLog<'a>) -> AnswerLog<'a> {
    AnswerLog {
        promo_code: log.promo_code,
        code_type: match log.linked {
            None => "UNKNOWN",
            Some(false) => "UNLINKED",
            Some(true) => "LINKED",
        },
        error_code: log.problem.code(),
        message: log.problem.to_string(),
    }
}

/// The caller's tenders, less what promotions take off them, and, where there are any and they don't cover
/// what is to be paid, the rest in cash. A tender without an amount pays what those before it leave.
fn tenders<'a>(cart: &'a Cart<'a>, evaluation: &Evaluation<'_>, ids: &'a [String]) -> Vec<AnswerTender<'a>> {
    let off_tenders: Money = evaluation.tender_discounts.iter().copied().sum();
    // What the tenders pay before promotions are taken off them.
    let mut rest = evaluation.payable_amount + off_tenders;
    let mut answer: Vec<AnswerTender<'a>> = Vec::with_capacity(cart.tenders.len() + 1);
    let mut adjusted = Money::ZERO;
    for ((tender, reference_id), discount) in cart.tenders.iter().zip(ids).zip(&evaluation.tender_discounts) {
        let own = tender.amount.as_ref().map_or(rest, |sent| sent.amount);
        rest = Money::ZERO.max(rest - own);
        adjusted += own - *discount;
        answer.push(AnswerTender {
            identifier: tender.identifier,
            amount: tender.amount.as_ref().map_or(TenderAmount::Computed(own), TenderAmount::Sent),
            reference_id,
            adjusted_amount: match &tender.amount {
                // As sent, as long as nothing lowers it.
                Some(sent) if discount.is_zero() => sent.text().to_owned(),
                _ => (own - *discount).to_string(),
            },
        });
    }
    let missing = evaluation.payable_amount - adjusted;
    if let (false, true, Some(reference_id)) = (answer.is_empty(), missing > Money::ZERO, ids.last()) {
        answer.push(AnswerTender {
            identifier: "CASH",
            amount: TenderAmount::Computed(missing),
            reference_id,
            adjusted_amount: missing.to_string(),
        });
    }
    answer
}
