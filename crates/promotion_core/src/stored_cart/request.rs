//! What promo_evaluate is asked of a cart that is kept.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::{Attributes, Content, Item, Shipment};
use crate::money::Decimal;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    amount: Decimal,
    cart_id: &'a str,
    cart_items: Vec<RequestItem<'a>>,
    currency: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_id: Option<&'a Value>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    customer: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<ByName<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    promo_codes: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipping: Option<Vec<RequestShipment<'a>>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestItem<'a> {
    reference_id: &'a str,
    sku: &'a str,
    amount: Decimal,
    qty: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_unit_price: Option<Decimal>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    category_list: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    brand_list: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<ByName<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestShipment<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    reference_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'a str>,
    amount: Decimal,
}

/// Attributes as promo_evaluate takes them: an object.
struct ByName<'a>(&'a Attributes);

impl Serialize for ByName<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|own| (&own.name, &own.value)))
    }
}

impl Content {
    /// promo_evaluate's request for this cart. A line's referenceId is its lineItemId.
    pub fn request<'a>(&'a self, cart_id: &'a str) -> impl Serialize + use<'a> {
        let mut customer = self.customer.clone();
        customer.remove("customerId");
        Request {
            amount: Decimal(self.amount().0),
            cart_id,
            cart_items: self.items.iter().map(request_item).collect(),
            currency: self.currency.code(),
            customer_id: self.customer.get("customerId"),
            customer,
            attributes: self.attributes.as_ref().map(ByName),
            promo_codes: self.codes.iter().map(|code| code.sent.as_str()).collect(),
            shipping: self.shipping.as_ref().map(|shipments| shipments.iter().map(request_shipment).collect()),
        }
    }
}

fn request_item(item: &Item) -> RequestItem<'_> {
    RequestItem {
        reference_id: &item.line_item_id,
        sku: &item.sku,
        amount: Decimal(item.amount.0),
        qty: Decimal(item.quantity.0),
        min_unit_price: item.min_unit_price.map(|price| Decimal(price.0)),
        category_list: &item.categories,
        brand_list: &item.brands,
        attributes: item.attributes.as_ref().map(ByName),
    }
}

fn request_shipment(shipment: &Shipment) -> RequestShipment<'_> {
    RequestShipment {
        reference_id: shipment.reference_id.as_deref(),
        method: shipment.method.as_deref(),
        amount: Decimal(shipment.amount.0),
    }
}
