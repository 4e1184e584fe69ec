//! The request as it is written, and what must hold in it beyond its types.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

use super::{
    Cart, Customer, CustomerId, EchoedAmount, Line, MAX_CODES, MAX_ITEMS, MAX_LIST, MAX_TENDERS, Shipping, Tender,
};
use crate::code::code_key;
use crate::currency::Currency;
use crate::error::{InputError, quoted};
use crate::instant::Instant;
use crate::json::{REQUEST_LIMITS, read};
use crate::list::List;
use crate::money::{InputAmount, InputQuantity, Money, shortest};
use crate::scalar::Scalars;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a cart (an object)")]
pub(super) struct CartInput<'a> {
    amount: InputAmount,
    #[serde(borrow)]
    customer_id: Option<CustomerId<'a>>,
    #[serde(borrow)]
    cart_items: Option<List<ItemInput<'a>, MAX_ITEMS>>,
    #[serde(borrow)]
    promo_codes: Option<List<&'a str, MAX_CODES>>,
    #[serde(borrow)]
    payment_vouchers: Option<List<&'a str, MAX_CODES>>,
    #[serde(borrow)]
    cart_tenders: Option<List<TenderInput<'a>, MAX_TENDERS>>,
    category_hierarchy_sent_in_payload: Option<bool>,
    #[serde(borrow)]
    evaluation_id: Option<&'a str>,
    #[serde(borrow)]
    cart_id: Option<&'a str>,
    #[serde(borrow)]
    customer: Option<Customer<'a>>,
    #[serde(borrow)]
    attributes: Option<BTreeMap<&'a str, Scalars>>,
    #[serde(borrow)]
    shipping: Option<ShippingInput<'a>>,
    currency: Option<Currency>,
    transaction_date: Option<Instant>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a cart item (an object)")]
struct ItemInput<'a> {
    #[serde(borrow)]
    reference_id: Option<&'a str>,
    sku: &'a str,
    amount: InputAmount,
    qty: InputQuantity,
    discount: Option<InputAmount>,
    min_unit_price: Option<InputAmount>,
    #[serde(borrow)]
    category_list: Option<List<&'a str, MAX_LIST>>,
    #[serde(borrow)]
    brand_list: Option<List<&'a str, MAX_LIST>>,
    #[serde(borrow)]
    attributes: Option<BTreeMap<&'a str, Scalars>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a tender (an object)")]
struct TenderInput<'a> {
    identifier: &'a str,
    #[serde(borrow)]
    amount: Option<EchoedAmount<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a shipment (an object)")]
struct ShipmentInput<'a> {
    #[serde(borrow)]
    reference_id: Option<&'a str>,
    #[serde(borrow)]
    method: Option<&'a str>,
    amount: InputAmount,
}

/// One shipment, or a list of them.
struct ShippingInput<'a> {
    shipments: Vec<ShipmentInput<'a>>,
    is_list: bool,
}

impl<'de: 'a, 'a> Deserialize<'de> for ShippingInput<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ShippingVisitor;
        impl<'de> Visitor<'de> for ShippingVisitor {
            type Value = ShippingInput<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a shipment (an object) or an array of them")
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let shipment = ShipmentInput::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(ShippingInput { shipments: vec![shipment], is_list: false })
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
                let list = List::<_, MAX_LIST>::deserialize(de::value::SeqAccessDeserializer::new(items))?;
                Ok(ShippingInput { shipments: list.0, is_list: true })
            }
        }
        deserializer.deserialize_map(ShippingVisitor)
    }
}

impl<'a> CartInput<'a> {
    pub(super) fn into_cart(self) -> Result<Cart<'a>, InputError> {
        if let Some(cart_id) = self.cart_id
            && (cart_id.is_empty() || cart_id.chars().count() > 100)
        {
            return Err(
                InputError::new(format!("expected 1 to 100 characters, found {}", quoted(cart_id))).under_key("cartId")
            );
        }
        let lines = lines(self.cart_items.unwrap_or_default().0)?;
        if !lines.is_empty() {
            let sum: Money = lines.iter().map(|line| line.amount).sum();
            if sum != self.amount.0 {
                return Err(InputError::new(format!(
                    "expected the sum of cartItems[].amount, which is {}, found {}",
                    shortest(sum.0),
                    shortest(self.amount.0.0)
                ))
                .under_key("amount"));
            }
        }
        let tenders = self.cart_tenders.unwrap_or_default().0;
        Ok(Cart {
            amount: self.amount.0,
            customer_id: self.customer_id,
            lines,
            promo_codes: each_once(self.promo_codes.unwrap_or_default().0),
            payment_vouchers: each_once(self.payment_vouchers.unwrap_or_default().0),
            tenders: tenders
                .into_iter()
                .enumerate()
                .map(|(index, tender)| {
                    filled(tender.identifier)
                        .map_err(|error| error.under_key("identifier").under_index(index).under_key("cartTenders"))?;
                    Ok(Tender { identifier: tender.identifier, amount: tender.amount })
                })
                .collect::<Result<_, InputError>>()?,
            category_hierarchy_sent: self.category_hierarchy_sent_in_payload.unwrap_or(false),
            evaluation_id: self.evaluation_id,
            cart_id: self.cart_id,
            customer: self.customer,
            attributes: texts(self.attributes),
            shipping: self.shipping.map(shipments).transpose().map_err(|error| error.under_key("shipping"))?,
            currency: self.currency,
            transaction_date: self.transaction_date,
        })
    }
}

fn lines<'a>(items: Vec<ItemInput<'a>>) -> Result<Vec<Line<'a>>, InputError> {
    let mut references = HashSet::new();
    items
        .into_iter()
        .enumerate()
        .map(|(index, item)| {
            line(item, &mut references).map_err(|error| error.under_index(index).under_key("cartItems"))
        })
        .collect()
}

fn line<'a>(item: ItemInput<'a>, references: &mut HashSet<&'a str>) -> Result<Line<'a>, InputError> {
    filled(item.sku).map_err(|error| error.under_key("sku"))?;
    reference(item.reference_id, references)?;
    let discount = item.discount.map_or(Money::ZERO, |discount| discount.0);
    if discount > item.amount.0 {
        return Err(InputError::new(format!(
            "expected at most the item's amount {}, found {}",
            shortest(item.amount.0.0),
            shortest(discount.0)
        ))
        .under_key("discount"));
    }
    Ok(Line {
        reference_id: item.reference_id,
        sku: item.sku,
        amount: item.amount.0,
        quantity: item.qty.0,
        discount,
        min_unit_price: item.min_unit_price.map_or(Money::ZERO, |price| price.0),
        categories: item.category_list.unwrap_or_default().0,
        brands: item.brand_list.unwrap_or_default().0,
        attributes: texts(item.attributes),
    })
}

/// Reads the `shipping` of a request alone.
pub(crate) fn shipments_of(json: &serde_json::Value) -> Result<Vec<Shipping<'_>>, InputError> {
    read::<_, ShippingInput<'_>>(json, REQUEST_LIMITS).and_then(shipments)
}

fn shipments(input: ShippingInput<'_>) -> Result<Vec<Shipping<'_>>, InputError> {
    let mut references = HashSet::new();
    let is_list = input.is_list;
    input
        .shipments
        .into_iter()
        .enumerate()
        .map(|(index, input)| {
            reference(input.reference_id, &mut references)
                .map_err(|error| if is_list { error.under_index(index) } else { error })?;
            Ok(Shipping { reference_id: input.reference_id, method: input.method, amount: input.amount.0 })
        })
        .collect()
}

/// A referenceId is not empty and stands once.
fn reference<'a>(reference: Option<&'a str>, seen: &mut HashSet<&'a str>) -> Result<(), InputError> {
    let Some(reference) = reference else { return Ok(()) };
    filled(reference).map_err(|error| error.under_key("referenceId"))?;
    if seen.insert(reference) {
        return Ok(());
    }
    let error = InputError::new(format!("expected every referenceId once, found {} again", quoted(reference)));
    Err(error.under_key("referenceId"))
}

fn filled(text: &str) -> Result<(), InputError> {
    if text.is_empty() { Err(InputError::new("expected a string that is not empty")) } else { Ok(()) }
}

/// Codes as sent, each once. One that can't be any code is unknown, which never fails a call.
fn each_once(codes: Vec<&str>) -> Vec<&str> {
    let mut seen = HashSet::new();
    codes.into_iter().filter(|code| seen.insert(code_key(code))).collect()
}

fn texts(attributes: Option<BTreeMap<&str, Scalars>>) -> BTreeMap<&str, Vec<String>> {
    attributes
        .unwrap_or_default()
        .into_iter()
        .map(|(name, values)| (name, values.0.iter().map(crate::scalar::Scalar::text).collect()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Quantity;
    use serde_json::json;

    fn error(request: serde_json::Value) -> String {
        match Cart::parse(&request) {
            Ok(cart) => format!("no error: {cart:?}"),
            Err(error) => error.to_string(),
        }
    }

    fn with_item(item: serde_json::Value) -> serde_json::Value {
        let mut first = json!({"sku": "a", "amount": "10", "qty": 1});
        for (key, value) in item.as_object().expect("an object") {
            first[key] = value.clone();
        }
        json!({"amount": first["amount"], "cartItems": [first]})
    }

    #[test]
    fn every_value_is_read_exactly() {
        let request = json!({
            "amount": "2000.10", "customerId": 42, "promoCodes": ["abc", "ABC", "x"],
            "cartItems": [
                {"sku": "s", "amount": 2000, "qty": "2.5", "discount": null, "categoryList": ["A"], "brandList": null,
                 "attributes": {"size": 5.0, "colors": ["red", true]}},
                {"sku": "t", "amount": "0.10", "qty": 1, "discount": "0.05", "minUnitPrice": 0.01}],
            "cartTenders": [{"identifier": "Card", "amount": "5.00"}, {"identifier": "Cash", "amount": 7.50}],
            "shipping": {"amount": 3}
        });
        let cart = Cart::parse(&request).expect("a good cart");
        assert_eq!(cart.amount, Money(2_000_100_000));
        assert_eq!(cart.customer_id.map(|id| id.key().into_owned()), Some("42".to_owned()));
        assert_eq!(cart.promo_codes, ["abc", "x"]);
        assert_eq!(cart.lines[0].quantity, Quantity(2_500_000));
        assert_eq!(cart.lines[0].attributes["size"], ["5"]);
        assert_eq!(cart.lines[0].attributes["colors"], ["red", "true"]);
        assert_eq!(cart.lines[1].discount, Money(50_000));
        assert_eq!(cart.lines[1].min_unit_price, Money(10_000));
        assert_eq!(cart.tenders[0].amount.as_ref().map(EchoedAmount::text), Some("5.00"));
        assert_eq!(serde_json::to_string(&cart.tenders[1].amount).expect("text"), "7.5");
        assert_eq!(cart.shipping_amount(), Money(3_000_000));
    }

    #[test]
    fn errors_name_the_path_and_what_was_expected() {
        assert_eq!(error(json!([])), "expected a cart (an object), found an array");
        assert_eq!(error(json!({})), "amount: required, but absent");
        assert_eq!(
            error(json!({"amount": true})),
            "amount: expected a decimal number (a JSON number or a string), found true"
        );
        assert_eq!(error(json!({"amount": -1})), "amount: expected an amount of 0 or more, found -1");
        assert_eq!(error(json!({"amount": "1.1234567"})), format!("amount: {}", crate::money::TOO_MANY_DIGITS));
        assert!(error(json!({"amount": 1, "Amount": 1})).starts_with("Amount: unknown key, expected one of amount, "));
        assert_eq!(
            error(json!({"amount": 1, "cartItems": {}})),
            "cartItems: expected an array of at most 10000, found an object"
        );
        assert_eq!(error(with_item(json!({"sku": ""}))), "cartItems[0].sku: expected a string that is not empty");
        assert_eq!(error(with_item(json!({"sku": null}))), "cartItems[0].sku: expected a string, found null");
        assert_eq!(error(with_item(json!({"qty": 0}))), "cartItems[0].qty: expected a quantity above 0, found 0");
        assert_eq!(
            error(with_item(json!({"discount": 11}))),
            "cartItems[0].discount: expected at most the item's amount 10, found 11"
        );
        assert_eq!(
            error(with_item(json!({"attributes": {"a": {"b": 1}}}))),
            "cartItems[0].attributes.a: expected a string, a number, a boolean or an array of them, found an object"
        );
        assert_eq!(
            error(json!({"amount": 11, "cartItems": [{"sku": "a", "amount": 10, "qty": 1}]})),
            "amount: expected the sum of cartItems[].amount, which is 10, found 11"
        );
        assert_eq!(
            error(json!({"amount": 1, "customerId": 1.5})),
            "customerId: expected a whole number (a bigint) or a string of 1 to 64 characters, found a number"
        );
        assert_eq!(
            error(json!({"amount": 1, "shipping": [{"amount": 1}, {"amount": "x"}]})),
            "shipping[1].amount: expected a decimal number, found the string \"x\""
        );
        assert_eq!(
            error(json!({"amount": 1, "currency": "EURO"})),
            "currency: expected an ISO 4217 currency code such as \"USD\", found \"EURO\""
        );
    }

    #[test]
    fn a_number_as_customer_and_its_text_are_one() {
        for id in [json!(42), json!("42")] {
            let request = json!({"amount": 1, "customerId": id});
            let cart = Cart::parse(&request).expect("a good cart");
            assert_eq!(cart.customer_id.map(|id| id.key().into_owned()), Some("42".to_owned()));
            assert_eq!(serde_json::to_value(cart.customer_id).expect("json"), id);
        }
    }
}
