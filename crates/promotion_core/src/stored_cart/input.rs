//! Requests that make and change carts, as they are written, and what must hold in each key of them.

use std::collections::HashSet;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{CartState, Fee, MAX_FEES, MAX_ITEMS, Shipment, customer_id};
use crate::cart::{Customer, CustomerId, MAX_LIST, shipments_of};
use crate::currency::Currency;
use crate::error::{InputError, quoted};
use crate::json::{AnyJson, Limits, REQUEST_LIMITS, View, read};
use crate::list::List;
use crate::money::{InputAmount, InputQuantity, Money};
use crate::scalar::Scalars;

/// What requests may have: the caller's own data (`metadata` and the like) may be longer than other strings of a request.
const CART_LIMITS: Limits = Limits { string_characters: 1_000, ..REQUEST_LIMITS };

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
                let characters = text.chars().count();
                if characters == 0 || characters > REQUEST_LIMITS.string_characters {
                    return Err(E::invalid_value(de::Unexpected::Str(text), &self));
                }
                Ok(Id(text.to_owned()))
            }
        }
        deserializer.deserialize_i64(IdVisitor)
    }
}

/// A string as requests may have them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Short(pub String);

impl<'de> Deserialize<'de> for Short {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let most = REQUEST_LIMITS.string_characters;
        if text.chars().count() > most {
            return Err(de::Error::custom(format!("expected at most {most} characters, found {}", quoted(&text))));
        }
        Ok(Self(text))
    }
}

/// A string that is not empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Filled(pub String);

impl<'de> Deserialize<'de> for Filled {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Short::deserialize(deserializer)?.0;
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
            other => Err(de::Error::invalid_type(unexpected(&other), &"an object")),
        }
    }
}

fn unexpected(json: &Value) -> de::Unexpected<'_> {
    match json {
        Value::Null => de::Unexpected::Unit,
        Value::Bool(value) => de::Unexpected::Bool(*value),
        Value::Number(_) => de::Unexpected::Other("a number"),
        Value::String(text) => de::Unexpected::Str(text),
        Value::Array(_) => de::Unexpected::Seq,
        Value::Object(_) => de::Unexpected::Map,
    }
}

/// An attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an attribute ({\"name\", \"value\"})")]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// A string, a number, a boolean or an array of them, as it was sent.
    #[serde(deserialize_with = "any")]
    pub value: Value,
}

fn any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    AnyJson::deserialize(deserializer).map(|json| json.0)
}

/// Attributes, in the order sent; each name once.
pub type Attributes = Vec<Attribute>;

/// Attributes as they are sent: an array of them, or an object of names and values.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AttributesInput {
    attributes: Attributes,
    is_object: bool,
}

impl<'de> Deserialize<'de> for AttributesInput {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AttributesVisitor;
        impl<'de> Visitor<'de> for AttributesVisitor {
            type Value = AttributesInput;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an array of {\"name\", \"value\"} or an object")
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, items: A) -> Result<AttributesInput, A::Error> {
                let list = List::<Attribute, MAX_LIST>::deserialize(de::value::SeqAccessDeserializer::new(items))?;
                Ok(AttributesInput { attributes: list.0, is_object: false })
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut entries: A) -> Result<AttributesInput, A::Error> {
                let mut attributes = Vec::new();
                while let Some((name, value)) = entries.next_entry::<String, AnyJson>()? {
                    if attributes.len() == MAX_LIST {
                        return Err(de::Error::custom(format!("expected at most {MAX_LIST} elements")));
                    }
                    attributes.push(Attribute { name, value: value.0 });
                }
                Ok(AttributesInput { attributes, is_object: true })
            }
        }
        deserializer.deserialize_seq(AttributesVisitor)
    }
}

impl AttributesInput {
    /// Checks names and values, which conditions have to be able to compare.
    fn check(&self) -> Result<(), InputError> {
        let most = REQUEST_LIMITS.string_characters;
        let mut seen = HashSet::new();
        for (index, Attribute { name, value }) in self.attributes.iter().enumerate() {
            let in_place = |error: InputError, key: &str| match self.is_object {
                true => error.under_key(name.clone()),
                false => error.under_key(key.to_owned()).under_index(index),
            };
            if name.chars().count() > most {
                let error =
                    InputError::new(format!("expected names of at most {most} characters, found {}", quoted(name)));
                return Err(in_place(error, "name"));
            }
            if !seen.insert(name) {
                let error = InputError::new(format!("expected every name once, found {} again", quoted(name)));
                return Err(in_place(error, "name"));
            }
            read::<_, Scalars>(value, REQUEST_LIMITS).map_err(|error| in_place(error, "value"))?;
        }
        Ok(())
    }

    pub(super) fn into_attributes(self) -> Attributes {
        self.attributes
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
    pub category_list: Given<List<Short, MAX_LIST>>,
    #[serde(default, deserialize_with = "given")]
    pub brand_list: Given<List<Short, MAX_LIST>>,
    #[serde(default, deserialize_with = "given")]
    pub attributes: Given<AttributesInput>,
    #[serde(default, deserialize_with = "given")]
    pub ship_to: Given<AnyObject>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a fee (an object)")]
pub(super) struct FeeInput {
    fee_id: Option<Id>,
    name: Option<Short>,
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
    attributes: Given<AttributesInput>,
    #[serde(default, deserialize_with = "given")]
    shared_user_ids: Given<List<Id, MAX_LIST>>,
    #[serde(default, deserialize_with = "given")]
    fees: Given<List<FeeInput, MAX_FEES>>,
    #[serde(default, deserialize_with = "given")]
    shipping: Given<AnyJson>,
    #[serde(default, deserialize_with = "given")]
    till_code: Given<Filled>,
    currency: Option<Currency>,
    #[serde(default, deserialize_with = "present")]
    cart_state: Option<CartState>,
    #[serde(default, deserialize_with = "present")]
    state: Option<CartState>,
    transaction_id: Option<Filled>,
}

impl CartInput {
    /// The state that is asked for, and the key that asks.
    fn state(&self) -> Result<(&'static str, Option<CartState>), InputError> {
        match (self.cart_state, self.state) {
            (Some(_), Some(_)) => Err(InputError::new("expected no state beside cartState").under_key("state")),
            (None, Some(state)) => Ok(("state", Some(state))),
            (state, None) => Ok(("cartState", state)),
        }
    }
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
    pub(super) attributes: Given<AttributesInput>,
    pub(super) shared_user_ids: Given<List<Id, MAX_LIST>>,
    pub(super) fees: Given<Vec<FeeInput>>,
    pub(super) shipping: Given<ShippingInput>,
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
        let input: CartInput = read(view, CART_LIMITS)?;
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
        let (key, state) = input.state()?;
        let state = state.unwrap_or(CartState::Active);
        if !state.is_editable() {
            return Err(InputError::new("expected ACTIVE or PENDING").under_key(key));
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
        let input: CartInput = read(view, CART_LIMITS)?;
        if input.currency.is_some() {
            return Err(InputError::new("a cart keeps its currency").under_key("currency"));
        }
        if input.transaction_id.is_some() && input.state()?.1 != Some(CartState::Submitted) {
            return Err(InputError::new("expected beside cartState SUBMITTED only").under_key("transactionId"));
        }
        let by_id = input.set_items.is_some() || input.add_items.is_some() || input.remove_items.is_some();
        if input.items.is_some() && by_id {
            let error = InputError::new("expected no setItems, addItems and removeItems beside all items");
            return Err(error.under_key("items"));
        }
        Self::checked(input)
    }

    /// The customer that the cart is to have, if it is to have another one and that is no guest.
    pub fn customer_id(&self) -> Option<String> {
        self.customer.as_ref()?.as_ref().and_then(|customer| customer_id(&customer.0))
    }

    fn checked(input: CartInput) -> Result<Self, InputError> {
        let state = input.state()?.1;
        let transaction_id = input.transaction_id.map(|id| id.0);
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
            shipping: input
                .shipping
                .map(|shipping| shipping.map(|json| shipping_input(&json.0)).transpose())
                .transpose()?,
            till_code: input.till_code,
            ..Self::default()
        };
        if let Some(Some(customer)) = &mut changes.customer {
            check_customer(&mut customer.0).map_err(|error| error.under_key("customer"))?;
        }
        if let Some(Some(attributes)) = &changes.attributes {
            attributes.check().map_err(|error| error.under_key("attributes"))?;
        }
        let lists = [
            ("items", changes.items.as_deref().unwrap_or_default()),
            ("setItems", &changes.set_items),
            ("addItems", &changes.add_items),
        ];
        for (key, items) in lists {
            for (index, item) in items.iter().enumerate() {
                if let Some(Some(attributes)) = &item.attributes {
                    let in_place = |error: InputError| error.under_key("attributes").under_index(index).under_key(key);
                    attributes.check().map_err(in_place)?;
                }
            }
        }
        changes.changes_content = changes != Self::default();
        changes.state = state;
        changes.transaction_id = transaction_id;
        Ok(changes)
    }
}

/// promo_evaluate's customerId, and the keys of its `customer`. What is let in is left as it is, and never copied: the
/// caller may have sent much.
fn check_customer(customer: &mut Map<String, Value>) -> Result<(), InputError> {
    const KEYS: [&str; 5] = ["customerId", "tier", "segments", "programs", "attributes"];
    if let Some(key) = customer.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(InputError::new(format!("unknown key, expected one of {}", KEYS.join(", "))).under_key(key.clone()));
    }
    let id = customer.remove_entry("customerId");
    if let Some((key, id)) = id.as_ref().filter(|(_, id)| !id.is_null()) {
        read::<_, CustomerId<'_>>(id, REQUEST_LIMITS).map_err(|error| error.under_key(key))?;
    }
    let about = Value::Object(std::mem::take(customer));
    read::<_, Customer<'_>>(&about, REQUEST_LIMITS)?;
    if let Value::Object(about) = about {
        *customer = about;
    }
    customer.extend(id);
    Ok(())
}

/// promo_evaluate's `shipping`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ShippingInput {
    pub shipments: Vec<Shipment>,
    is_list: bool,
}

impl ShippingInput {
    /// An error of the amount of a shipment, with its path.
    pub fn at_amount(&self, index: usize, error: InputError) -> InputError {
        let error = error.under_key("amount");
        if self.is_list { error.under_index(index).under_key("shipping") } else { error.under_key("shipping") }
    }
}

fn shipping_input(json: &Value) -> Result<ShippingInput, InputError> {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let shipments = shipments_of(json).map_err(|error| error.under_key("shipping"))?;
    let shipments = shipments.into_iter().map(|own| Shipment {
        reference_id: owned(own.reference_id),
        method: owned(own.method),
        amount: own.amount,
    });
    Ok(ShippingInput { shipments: shipments.collect(), is_list: json.is_array() })
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
        Fee {
            fee_id,
            name: self.name.map(|name| name.0),
            amount: self.amount.0,
            line_item_id: self.line_item_id.map(|id| id.0),
        }
    }
}
