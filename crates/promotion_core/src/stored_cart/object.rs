//! The cart object (spec/carts.md): every key of the seed, with the seed's JSON type, in every answer.

use std::sync::LazyLock;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::{
    Attributes, CartState, Content, Fee, Item, On, OnKind, PricedPromotion, PricedVoucher, Shipment, StoredCart,
};
use crate::currency::Currency;
use crate::money::{MILLION, Money, shortest};
use crate::rounding::Rounding;
use crate::terms::Unit;

/// Why a call did nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CartError {
    /// Such as PROMO_NOT_APPLICABLE_ERROR.
    pub code: &'static str,
    /// What went wrong.
    pub description: String,
    /// What in particular.
    pub details: Vec<CartErrorDetail>,
}

/// One thing that went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CartErrorDetail {
    /// The number of the error, or of a code's log entry.
    pub code: u32,
    /// What is wrong.
    pub detail: String,
}

/// A JSON number with the places that it needs, and at least so many.
struct Number {
    millionths: i128,
    places: u32,
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = shortest(self.millionths);
        let places = self.places as usize;
        if places > 0 {
            let own = text.find('.').map_or(0, |point| text.len() - point - 1);
            if own == 0 {
                text.push('.');
            }
            text.extend(std::iter::repeat_n('0', places.saturating_sub(own)));
        }
        let number: serde_json::Number = text.parse().map_err(serde::ser::Error::custom)?;
        number.serialize(serializer)
    }
}

/// Writes numbers of one currency.
#[derive(Clone, Copy)]
struct Numbers {
    /// Digits after the point of a minor unit.
    places: u32,
}

impl Numbers {
    fn new(rounding: Rounding) -> Self {
        Self { places: (MILLION / rounding.minor).ilog10() }
    }

    fn money(self, amount: Money) -> Number {
        Number { millionths: amount.0, places: self.places }
    }
}

/// A number without zeros at its end.
fn plain(millionths: i128) -> Number {
    Number { millionths, places: 0 }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Object<'a> {
    cart_id: Option<&'a str>,
    items: Vec<ItemObject<'a>>,
    created_at: Option<String>,
    updated_at: Option<String>,
    total_items: Option<Number>,
    total_unique_items: Option<usize>,
    cart_state: CartState,
    tenant_id: Option<String>,
    account_id: Option<&'a str>,
    user_id: Option<&'a str>,
    configuration: &'a Map<String, Value>,
    customer: &'a Map<String, Value>,
    total_amount: Option<Number>,
    sub_total: Option<Number>,
    total_discount: Option<Number>,
    total_fees: Option<Number>,
    currency: Currency,
    attributes: Option<&'a Attributes>,
    metadata: &'a Map<String, Value>,
    all_promos_applied: Vec<PromotionObject<'a>>,
    shared_user_ids: Option<&'a [String]>,
    fees: Option<Vec<FeeObject<'a>>>,
    suggested_products: Option<Vec<SuggestionObject<'a>>>,
    error: ErrorObject<'a>,
    promo_codes: Vec<CodeObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipping: Option<Vec<ShipmentObject<'a>>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gifts: Vec<GiftObject<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    applied_payment_vouchers: Vec<VoucherObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    till_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evaluation_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_till_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ItemObject<'a> {
    line_item_id: &'a str,
    sku: &'a str,
    quantity: Number,
    price: PriceObject<'a>,
    total_price: TotalPriceObject,
    attributes: Option<&'a Attributes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ship_to: Option<&'a Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_unit_price: Option<Number>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    category_list: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    brand_list: &'a [String],
}

#[derive(Serialize)]
struct PriceObject<'a> {
    base: Number,
    sale: Option<Number>,
    discount: DiscountObject<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DiscountObject<'a> {
    discount_amount: Number,
    promos_applied: Vec<PromotionObject<'a>>,
}

#[derive(Serialize)]
struct TotalPriceObject {
    currency: Currency,
    amount: Number,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PromotionObject<'a> {
    promo_id: &'a str,
    promo_code: Option<&'a str>,
    promo_name: &'a str,
    unit: Unit,
    value: Number,
    on: OnObject<'a>,
    discount_amount: Number,
}

/// What a promotion falls on, or this item's part of it.
#[derive(Serialize)]
struct OnObject<'a> {
    kind: OnKind,
    value: Vec<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FeeObject<'a> {
    fee_id: &'a str,
    name: Option<&'a str>,
    amount: Number,
    line_item_id: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SuggestionObject<'a> {
    promotion_id: &'a str,
    missing: MissingObject<'a>,
    products: ProductsObject<'a>,
}

#[derive(Serialize)]
struct MissingObject<'a> {
    kpi: &'a str,
    amount: Number,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProductsObject<'a> {
    entity: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    attribute_name: Option<&'a str>,
    values: &'a [String],
}

/// A code of the cart, and why it gives nothing, as promoCodeEvaluationLogs say it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CodeObject<'a> {
    promo_code: &'a str,
    error_code: Option<u32>,
    message: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShipmentObject<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    reference_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'a str>,
    amount: Number,
    discount: Number,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GiftObject<'a> {
    promotion_id: &'a str,
    sku: &'a str,
    qty: Number,
}

/// A voucher that pays, in the words of promo_evaluate's answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VoucherObject<'a> {
    promotion_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    earned_promotion_id: Option<&'a str>,
    name: &'a str,
    total_voucher_value: Number,
    redeemable_voucher_value: Number,
}

/// {} where all is well.
struct ErrorObject<'a>(Option<&'a CartError>);

impl Serialize for ErrorObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(error) => error.serialize(serializer),
            None => Map::new().serialize(serializer),
        }
    }
}

/// The cart object of a cart.
pub fn object<'a>(org_id: i64, cart: &'a StoredCart, error: Option<&'a CartError>) -> impl Serialize + use<'a> {
    let (content, priced) = (&cart.content, &cart.priced);
    let numbers = Numbers::new(cart.rounding);
    let sub_total = content.sub_total();
    let quantity: i128 = content.items.iter().map(|item| item.quantity.0).sum();
    // A cut unit counts as one: the seed's type is an integer.
    let units = (quantity + MILLION - 1).div_euclid(MILLION) * MILLION;
    Object {
        cart_id: Some(&cart.cart_id),
        items: items(content, priced.promotions.as_slice(), numbers),
        created_at: time(cart.created_at),
        updated_at: time(cart.updated_at),
        total_items: Some(plain(units)),
        total_unique_items: Some(content.items.len()),
        cart_state: cart.state,
        tenant_id: Some(org_id.to_string()),
        account_id: content.account_id.as_deref(),
        user_id: content.user_id.as_deref(),
        configuration: &content.configuration,
        customer: &content.customer,
        total_amount: Some(numbers.money(sub_total - priced.total_discount)),
        sub_total: Some(numbers.money(sub_total)),
        total_discount: Some(numbers.money(priced.total_discount)),
        total_fees: Some(numbers.money(content.total_fees())),
        currency: content.currency,
        attributes: content.attributes.as_ref(),
        metadata: &content.metadata,
        all_promos_applied: priced
            .promotions
            .iter()
            .map(|own| promotion(own, own.discount, on(&own.on), numbers))
            .collect(),
        shared_user_ids: content.shared_user_ids.as_deref(),
        fees: Some(content.fees.iter().map(|own| fee(own, numbers)).collect()),
        suggested_products: Some(suggestions(cart)),
        error: ErrorObject(error),
        promo_codes: codes(content),
        shipping: content.shipping.as_ref().map(|shipments| {
            let discounts = priced.shipments.iter().copied().chain(std::iter::repeat(Money::ZERO));
            shipments.iter().zip(discounts).map(|(own, discount)| shipment_object(own, discount, numbers)).collect()
        }),
        gifts: gifts(cart),
        applied_payment_vouchers: cart.priced.vouchers.iter().map(|own| voucher(own, numbers)).collect(),
        till_code: content.till_code.as_deref(),
        evaluation_id: cart.evaluation_id.as_deref(),
        valid_till_time: cart.valid_till,
        transaction_id: cart.transaction_id.as_deref(),
    }
}

/// The cart object where there is no cart: every key, null where it may be.
pub fn no_cart(org_id: i64, currency: Currency, error: &CartError) -> impl Serialize + use<'_> {
    static NOTHING: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
    Object {
        cart_id: None,
        items: Vec::new(),
        created_at: None,
        updated_at: None,
        total_items: None,
        total_unique_items: None,
        // The seed knows no state of a cart that is not there.
        cart_state: CartState::Deleted,
        tenant_id: Some(org_id.to_string()),
        account_id: None,
        user_id: None,
        configuration: &NOTHING,
        customer: &NOTHING,
        total_amount: None,
        sub_total: None,
        total_discount: None,
        total_fees: None,
        currency,
        attributes: None,
        metadata: &NOTHING,
        all_promos_applied: Vec::new(),
        shared_user_ids: None,
        fees: None,
        suggested_products: None,
        error: ErrorObject(Some(error)),
        promo_codes: Vec::new(),
        shipping: None,
        gifts: Vec::new(),
        applied_payment_vouchers: Vec::new(),
        till_code: None,
        evaluation_id: None,
        valid_till_time: None,
        transaction_id: None,
    }
}

/// An instant in microseconds as ISO 8601; None for what no calendar has.
fn time(microseconds: i64) -> Option<String> {
    jiff::Timestamp::from_microsecond(microseconds).ok().map(|time| format!("{time:.6}"))
}

fn items<'a>(content: &'a Content, promotions: &'a [PricedPromotion], numbers: Numbers) -> Vec<ItemObject<'a>> {
    let mut parts: Vec<Vec<(&PricedPromotion, Money)>> = vec![Vec::new(); content.items.len()];
    for own in promotions {
        for (line, discount) in &own.lines {
            if let Some(of_line) = parts.get_mut(*line) {
                of_line.push((own, *discount));
            }
        }
    }
    content.items.iter().zip(parts).map(|(own, parts)| item(own, &parts, content.currency, numbers)).collect()
}

fn item<'a>(
    own: &'a Item,
    parts: &[(&'a PricedPromotion, Money)],
    currency: Currency,
    numbers: Numbers,
) -> ItemObject<'a> {
    let discount: Money = parts.iter().map(|(_, part)| *part).sum();
    let applied = parts.iter().map(|(promotion_of, part)| {
        let value = if promotion_of.on.kind == OnKind::Sku { vec![own.sku.as_str()] } else { Vec::new() };
        promotion(promotion_of, *part, OnObject { kind: promotion_of.on.kind, value }, numbers)
    });
    ItemObject {
        line_item_id: &own.line_item_id,
        sku: &own.sku,
        quantity: plain(own.quantity.0),
        price: PriceObject {
            base: numbers.money(own.base),
            sale: own.sale.map(|sale| numbers.money(sale)),
            discount: DiscountObject { discount_amount: numbers.money(discount), promos_applied: applied.collect() },
        },
        total_price: TotalPriceObject { currency, amount: numbers.money(own.amount) },
        attributes: own.attributes.as_ref(),
        ship_to: own.ship_to.as_ref(),
        min_unit_price: own.min_unit_price.map(|price| numbers.money(price)),
        category_list: &own.categories,
        brand_list: &own.brands,
    }
}

fn promotion<'a>(own: &'a PricedPromotion, discount: Money, on: OnObject<'a>, numbers: Numbers) -> PromotionObject<'a> {
    PromotionObject {
        promo_id: &own.promotion_id,
        promo_code: own.promo_code.as_deref(),
        promo_name: &own.name,
        unit: own.terms.unit,
        value: plain(own.terms.value.0),
        on,
        discount_amount: numbers.money(discount),
    }
}

fn on(own: &On) -> OnObject<'_> {
    OnObject { kind: own.kind, value: own.value.iter().map(String::as_str).collect() }
}

fn fee(own: &Fee, numbers: Numbers) -> FeeObject<'_> {
    FeeObject {
        fee_id: &own.fee_id,
        name: own.name.as_deref(),
        amount: numbers.money(own.amount),
        line_item_id: own.line_item_id.as_deref(),
    }
}

fn shipment_object(own: &Shipment, discount: Money, numbers: Numbers) -> ShipmentObject<'_> {
    ShipmentObject {
        reference_id: own.reference_id.as_deref(),
        method: own.method.as_deref(),
        amount: numbers.money(own.amount),
        discount: numbers.money(discount),
    }
}

fn codes(content: &Content) -> Vec<CodeObject<'_>> {
    content
        .codes
        .iter()
        .map(|own| CodeObject {
            promo_code: &own.sent,
            error_code: own.problem.as_ref().map(|(code, _)| *code),
            message: own.problem.as_ref().map(|(_, message)| message.as_str()),
        })
        .collect()
}

fn gifts(cart: &StoredCart) -> Vec<GiftObject<'_>> {
    let gifts = cart.priced.gifts.iter();
    gifts.map(|own| GiftObject { promotion_id: &own.promotion_id, sku: &own.sku, qty: plain(own.quantity.0) }).collect()
}

fn voucher(own: &PricedVoucher, numbers: Numbers) -> VoucherObject<'_> {
    VoucherObject {
        promotion_id: &own.promotion_id,
        earned_promotion_id: own.earn_id.as_deref(),
        name: &own.name,
        total_voucher_value: numbers.money(own.value),
        redeemable_voucher_value: numbers.money(own.redeemable),
    }
}

fn suggestions(cart: &StoredCart) -> Vec<SuggestionObject<'_>> {
    let suggestions = cart.priced.suggestions.iter();
    suggestions
        .map(|own| SuggestionObject {
            promotion_id: &own.promotion_id,
            missing: MissingObject { kpi: &own.kpi, amount: plain(own.amount.0) },
            products: ProductsObject {
                entity: &own.entity,
                attribute_name: own.attribute_name.as_deref(),
                values: &own.values,
            },
        })
        .collect()
}
