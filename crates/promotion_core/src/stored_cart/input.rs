//! Requests that make and change carts, as they are written, and what must hold in each key of them.

use std::collections::HashSet;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{CartState, Fee, MAX_FEES, MAX_ITEMS, Shipment};
use crate::cart::{Customer, CustomerId, MAX_LIST, shipments_of};
use crate::currency::Currency;
use crate::error::{InputError, quoted};
use crate::json::{AnyJson, REQUEST_LIMITS, View, read};
use crate::list::List;
use crate::money::{InputAmount, InputQuantity, Money};
use crate::scalar::Scalars;

/// A key that may be absent (None) or null (Some(None)).
type Given<T> = Option<Option<T>>;

fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Given<T>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// A key that is not null where it is given.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// An id: a string of 1 to 250 characters, or a whole number, which is kept as its text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Id(pub String);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdVisitor;
        impl Visitor<'_> for IdVisitor {
            type Value = Id;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string of 1 to 250 characters or a whole number")
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Id, E> {
                Ok(Id(value.to_string()))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Id, E> {
                if text.is_empty() {
                    Err(E::invalid_value(de::Unexpected::Str(text), &self))
                } else {
                    Ok(Id(text.to_owned()))
                }
            }
        }
        deserializer.deserialize_i64(IdVisitor)
    }
}

/// A string that is not empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Filled(pub String);

impl<'de> Deserialize<'de> for Filled {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() { Err(de::Error::custom("expected a string that is not empty")) } else { Ok(Self(text)) }
    }
}

/// Any object: the caller's own data.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AnyObject(pub Map<String, Value>);

impl<'de> Deserialize<'de> for AnyObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match AnyJson::deserialize(deserializer)?.0 {
            Value::Object(object) => Ok(Self(object)),
            _ => Err(de::Error::custom("expected an object")),
        }
    }
}

/// Attributes by name, in the order sent: [{"name", "value"} ...], or an object.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Attributes(pub Vec<(String, Value)>);

impl Serialize for Attributes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Attribute<'a> {
            name: &'a str,
            value: &'a Value,
        }
        serializer.collect_seq(self.0.iter().map(|(name, value)| Attribute { name, value }))
    }
}

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields, expecting = "an attribute ({\"name\", \"value\"})")]
        struct Attribute {
            name: String,
            value: AttributeValue,
        }
        struct AttributesVisitor;
        impl<'de> Visitor<'de> for AttributesVisitor {
            type Value = Attributes;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an array of {\"name\", \"value\"} or an object")
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, items: A) -> Result<Attributes, A::Error> {
                let list = List::<Attribute, MAX_LIST>::deserialize(de::value::SeqAccessDeserializer::new(items))?;
                let mut seen = HashSet::new();
                if let Some(twice) = list.0.iter().find(|own| !seen.insert(&own.name)) {
                    return Err(de::Error::custom(format!(
                        "expected every name once, found {} again",
                        quoted(&twice.name)
                    )));
                }
                Ok(Attributes(list.0.into_iter().map(|own| (own.name, own.value.0)).collect()))
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut entries: A) -> Result<Attributes, A::Error> {
                let mut attributes = Vec::new();
                while let Some((name, value)) = entries.next_entry::<String, AttributeValue>()? {
                    attributes.push((name, value.0));
                }
                Ok(Attributes(attributes))
            }
        }
        deserializer.deserialize_seq(AttributesVisitor)
    }
}

/// A value that conditions can compare, kept as it was sent.
struct AttributeValue(Value);

impl<'de> Deserialize<'de> for AttributeValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = AnyJson::deserialize(deserializer)?.0;
        match read::<_, Scalars>(&value, REQUEST_LIMITS) {
            Ok(_) => Ok(Self(value)),
            Err(error) => Err(de::Error::custom(error)),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a price ({\"base\", \"sale\"})")]
pub(super) struct PriceInput {
    pub base: InputAmount,
    pub sale: Option<InputAmount>,
}

/// An item, or what changes of one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an item (an object)")]
pub(super) struct ItemInput {
    pub line_item_id: Option<Id>,
    #[serde(default, deserialize_with = "present")]
    pub sku: Option<Filled>,
    #[serde(default, deserialize_with = "present")]
    pub quantity: Option<InputQuantity>,
    #[serde(default, deserialize_with = "present")]
    pub price: Option<PriceInput>,
    #[serde(default, deserialize_with = "given")]
    pub min_unit_price: Given<InputAmount>,
    #[serde(default, deserialize_with = "given")]
    pub category_list: Given<List<String, MAX_LIST>>,
    #[serde(default, deserialize_with = "given")]
    pub brand_list: Given<List<String, MAX_LIST>>,
    #[serde(default, deserialize_with = "given")]
    pub attributes: Given<Attributes>,
    #[serde(default, deserialize_with = "given")]
    pub ship_to: Given<AnyObject>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a fee (an object)")]
pub(super) struct FeeInput {
    fee_id: Option<Id>,
    name: Option<String>,
    amount: InputAmount,
    line_item_id: Option<Id>,
}

/// A request that makes or changes a cart: all keys of both.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a cart (an object)")]
struct CartInput {
    #[serde(default, deserialize_with = "present")]
    items: Option<List<ItemInput, MAX_ITEMS>>,
    #[serde(default, deserialize_with = "present")]
    set_items: Option<List<ItemInput, MAX_ITEMS>>,
    #[serde(default, deserialize_with = "present")]
    add_items: Option<List<ItemInput, MAX_ITEMS>>,
    #[serde(default, deserialize_with = "present")]
    remove_items: Option<List<Id, MAX_ITEMS>>,
    #[serde(default, deserialize_with = "given")]
    account_id: Given<Id>,
    #[serde(default, deserialize_with = "given")]
    user_id: Given<Id>,
    #[serde(default, deserialize_with = "given")]
    customer: Given<AnyObject>,
    #[serde(default, deserialize_with = "given")]
    configuration: Given<AnyObject>,
    #[serde(default, deserialize_with = "given")]
    metadata: Given<AnyObject>,
    #[serde(default, deserialize_with = "given")]
    attributes: Given<Attributes>,
    #[serde(default, deserialize_with = "given")]
    shared_user_ids: Given<List<Id, MAX_LIST>>,
    #[serde(default, deserialize_with = "given")]
    fees: Given<List<FeeInput, MAX_FEES>>,
    #[serde(default, deserialize_with = "given")]
    shipping: Given<AnyJson>,
    #[serde(default, deserialize_with = "given")]
    till_code: Given<Filled>,
    currency: Option<Currency>,
    #[serde(alias = "state", default, deserialize_with = "present")]
    cart_state: Option<CartState>,
    transaction_id: Option<String>,
}

/// A cart that is to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCart {
    /// Its currency; None: the organization's.
    pub currency: Option<Currency>,
    /// ACTIVE or PENDING.
    pub state: CartState,
    /// What is in it.
    pub changes: Changes,
}

/// What is to change of a cart.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Changes {
    /// All items, in place of those there are.
    pub(super) items: Option<Vec<ItemInput>>,
    pub(super) set_items: Vec<ItemInput>,
    pub(super) add_items: Vec<ItemInput>,
    pub(super) remove_items: Vec<Id>,
    pub(super) account_id: Given<Id>,
    pub(super) user_id: Given<Id>,
    pub(super) customer: Given<AnyObject>,
    pub(super) configuration: Given<AnyObject>,
    pub(super) metadata: Given<AnyObject>,
    pub(super) attributes: Given<Attributes>,
    pub(super) shared_user_ids: Given<List<Id, MAX_LIST>>,
    pub(super) fees: Given<Vec<FeeInput>>,
    pub(super) shipping: Given<Vec<Shipment>>,
    pub(super) till_code: Given<Filled>,
    /// The state it is to have.
    pub state: Option<CartState>,
    /// The order's id, beside the state SUBMITTED.
    pub transaction_id: Option<String>,
    /// Whether there is any other key.
    pub changes_content: bool,
}

impl NewCart {
    /// Reads a cart that is to be made.
    ///
    /// # Errors
    /// The first thing that is wrong, with its JSON path.
    pub fn parse<'a, V: View<'a>>(view: V) -> Result<Self, InputError> {
        let input: CartInput = read(view, REQUEST_LIMITS)?;
        let only_later = [
            ("setItems", input.set_items.is_some()),
            ("addItems", input.add_items.is_some()),
            ("removeItems", input.remove_items.is_some()),
            ("transactionId", input.transaction_id.is_some()),
        ];
        if let Some((key, _)) = only_later.iter().find(|(_, is_given)| *is_given) {
            return Err(InputError::new("expected only in promo_update_cart").under_key(*key));
        }
        let currency = input.currency;
        let state = input.cart_state.unwrap_or(CartState::Active);
        if !state.is_editable() {
            return Err(InputError::new("expected ACTIVE or PENDING").under_key("cartState"));
        }
        Ok(Self { currency, state, changes: Changes::checked(input)? })
    }
}

impl Changes {
    /// Reads what is to change of a cart.
    ///
    /// # Errors
    /// The first thing that is wrong in it, with its JSON path; what depends on the cart is found where the changes
    /// are made.
    pub fn parse<'a, V: View<'a>>(view: V) -> Result<Self, InputError> {
        let input: CartInput = read(view, REQUEST_LIMITS)?;
        if input.currency.is_some() {
            return Err(InputError::new("a cart keeps its currency").under_key("currency"));
        }
        if let Some(id) = &input.transaction_id {
            if id.is_empty() {
                return Err(InputError::new("expected a string of 1 to 250 characters").under_key("transactionId"));
            }
            if input.cart_state != Some(CartState::Submitted) {
                return Err(InputError::new("expected beside cartState SUBMITTED only").under_key("transactionId"));
            }
        }
        let by_id = input.set_items.is_some() || input.add_items.is_some() || input.remove_items.is_some();
        if input.items.is_some() && by_id {
            let error = InputError::new("expected no setItems, addItems and removeItems beside all items");
            return Err(error.under_key("items"));
        }
        Self::checked(input)
    }

    fn checked(input: CartInput) -> Result<Self, InputError> {
        let list = |items: Option<List<ItemInput, MAX_ITEMS>>| items.map(|items| items.0);
        let mut changes = Self {
            items: list(input.items),
            set_items: list(input.set_items).unwrap_or_default(),
            add_items: list(input.add_items).unwrap_or_default(),
            remove_items: input.remove_items.map(|ids| ids.0).unwrap_or_default(),
            account_id: input.account_id,
            user_id: input.user_id,
            customer: input.customer,
            configuration: input.configuration,
            metadata: input.metadata,
            attributes: input.attributes,
            shared_user_ids: input.shared_user_ids,
            fees: input.fees.map(|fees| fees.map(|fees| fees.0)),
            shipping: input.shipping.map(|shipping| shipping.map(|json| shipments(&json.0)).transpose()).transpose()?,
            till_code: input.till_code,
            ..Self::default()
        };
        if let Some(Some(customer)) = &changes.customer {
            check_customer(&customer.0).map_err(|error| error.under_key("customer"))?;
        }
        changes.changes_content = changes != Self::default();
        changes.state = input.cart_state;
        changes.transaction_id = input.transaction_id;
        Ok(changes)
    }
}

/// promo_evaluate's customerId, and the keys of its `customer`.
fn check_customer(customer: &Map<String, Value>) -> Result<(), InputError> {
    let mut about = customer.clone();
    if let Some(id) = about.remove("customerId").filter(|id| !id.is_null()) {
        read::<_, CustomerId<'_>>(&id, REQUEST_LIMITS).map_err(|error| error.under_key("customerId"))?;
    }
    read::<_, Customer<'_>>(&Value::Object(about), REQUEST_LIMITS).map(|_| ())
}

/// promo_evaluate's `shipping`.
fn shipments(json: &Value) -> Result<Vec<Shipment>, InputError> {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let shipments = shipments_of(json).map_err(|error| error.under_key("shipping"))?;
    Ok(shipments
        .into_iter()
        .map(|own| Shipment { reference_id: owned(own.reference_id), method: owned(own.method), amount: own.amount })
        .collect())
}

impl FeeInput {
    pub(super) fn line_item_id(&self) -> Option<&str> {
        self.line_item_id.as_ref().map(|id| id.0.as_str())
    }

    pub(super) fn fee_id(&self) -> Option<&str> {
        self.fee_id.as_ref().map(|id| id.0.as_str())
    }

    pub(super) fn amount(&self) -> Money {
        self.amount.0
    }

    pub(super) fn into_fee(self, fee_id: String) -> Fee {
        Fee { fee_id, name: self.name, amount: self.amount.0, line_item_id: self.line_item_id.map(|id| id.0) }
    }
}
