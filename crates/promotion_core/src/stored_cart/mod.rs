//! Carts that are kept (spec/carts.md): what is in them, how requests change it, what promo_evaluate is asked, and
//! the cart object that callers get.

mod change;
mod input;
mod object;
mod priced;
mod request;

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use change::ItemChanges;
pub use input::{Attribute, Attributes, Changes, NewCart};
pub use object::{CartError, CartErrorDetail, no_cart, object};
pub use priced::{On, OnKind, PricedCart, PricedGift, PricedPromotion, PricedVoucher, SuggestedProducts};

use crate::cart::MAX_ITEMS;
use crate::code::code_key;
use crate::currency::Currency;
use crate::money::{Money, Quantity};
use crate::rounding::Rounding;
use crate::settings::words;

/// Most fees of a cart.
pub const MAX_FEES: usize = 1_000;

words! {
    /// What may become of a cart (spec/carts.md: the seed's states).
    CartState {
        /// it can be changed
        Active,
        /// it can be changed
        Pending,
        /// somebody has to approve it
        PendingApproval,
        /// it may be ordered
        Approved,
        /// it was ordered
        Submitted,
        /// it was thrown away
        Deleted,
        /// it was not approved
        Rejected,
    }
}

impl CartState {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Active,
        Self::Pending,
        Self::PendingApproval,
        Self::Approved,
        Self::Submitted,
        Self::Deleted,
        Self::Rejected,
    ];

    /// Whether items, codes and all else of the cart may change.
    pub fn is_editable(self) -> bool {
        matches!(self, Self::Active | Self::Pending)
    }

    /// Whether it gives up what the cart holds.
    pub fn is_cancelling(self) -> bool {
        matches!(self, Self::Deleted | Self::Rejected)
    }

    /// Whether the cart may go on to another state: an editable one to any, one that waits for approval not to
    /// SUBMITTED, an approved one anywhere but back to wait, the others nowhere.
    pub fn may_become(self, next: Self) -> bool {
        match self {
            Self::Active | Self::Pending => true,
            Self::PendingApproval => next != Self::Submitted,
            Self::Approved => next != Self::PendingApproval,
            Self::Submitted | Self::Deleted | Self::Rejected => false,
        }
    }
}

/// A line of a cart.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Unique in the cart, 1 to 250 characters.
    pub line_item_id: String,
    /// Lines are shown in its order; different for each.
    pub position: i32,
    /// What is bought.
    pub sku: String,
    /// How many units; above 0.
    pub quantity: Quantity,
    /// The price of a unit.
    pub base: Money,
    /// The price of a unit that is charged instead, at most `base`.
    pub sale: Option<Money>,
    /// No promotion lowers a unit below this.
    pub min_unit_price: Option<Money>,
    /// The categories as sent.
    pub categories: Vec<String>,
    /// The brands as sent.
    pub brands: Vec<String>,
    /// The attributes.
    pub attributes: Option<Attributes>,
    /// Where it goes: the caller's own data.
    pub ship_to: Option<Map<String, Value>>,
    /// What the line costs: quantity times price, rounded once to the currency's minor unit.
    pub amount: Money,
}

impl Item {
    /// What a unit costs.
    pub fn price(&self) -> Money {
        self.sale.unwrap_or(self.base)
    }
}

/// A shipment and its price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shipment {
    /// The caller's id of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference_id: Option<String>,
    /// How it is shipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Its price.
    pub amount: Money,
}

/// What is charged beside items and shipping; promotions don't touch it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fee {
    /// Unique in the cart, 1 to 250 characters.
    pub fee_id: String,
    /// What for.
    pub name: Option<String>,
    /// How much.
    pub amount: Money,
    /// The line it is for; None: the cart.
    pub line_item_id: Option<String>,
}

/// A promo code on a cart.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AppliedCode {
    /// Its text as it was sent.
    pub sent: String,
    /// Why it gives nothing now: a promoCodeEvaluationLogs entry's code and message. None: it gives something.
    pub problem: Option<(u32, String)>,
}

/// What is in a cart.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// The cart's currency, for good.
    pub currency: Currency,
    /// The caller's account of the customer.
    pub account_id: Option<String>,
    /// The caller's user.
    pub user_id: Option<String>,
    /// Who buys: promo_evaluate's customerId and the keys of its `customer`, as sent; empty: a guest.
    pub customer: Map<String, Value>,
    /// The caller's own.
    pub configuration: Map<String, Value>,
    /// The caller's own.
    pub metadata: Map<String, Value>,
    /// The cart's attributes.
    pub attributes: Option<Attributes>,
    /// The caller's own.
    pub shared_user_ids: Option<Vec<String>>,
    /// Where it is bought.
    pub till_code: Option<String>,
    /// The shipments; None: nothing is shipped.
    pub shipping: Option<Vec<Shipment>>,
    /// The lines, in their order; shared until they change.
    pub items: Rc<Vec<Item>>,
    /// The fees, in their order.
    pub fees: Vec<Fee>,
    /// The promo codes, in the order in which they were applied.
    pub codes: Vec<AppliedCode>,
}

impl AppliedCode {
    /// What it is known by: 'save10' and 'SAVE10' are one code.
    pub fn key(&self) -> String {
        code_key(&self.sent)
    }
}

/// What the customer is known by; None: a guest.
fn customer_id(customer: &Map<String, Value>) -> Option<String> {
    match customer.get("customerId")? {
        Value::String(id) => Some(id.clone()),
        // The key of a number is its text.
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

impl Content {
    /// An empty cart.
    pub fn new(currency: Currency) -> Self {
        Self {
            currency,
            account_id: None,
            user_id: None,
            customer: Map::new(),
            configuration: Map::new(),
            metadata: Map::new(),
            attributes: None,
            shared_user_ids: None,
            till_code: None,
            shipping: None,
            items: Rc::default(),
            fees: Vec::new(),
            codes: Vec::new(),
        }
    }

    /// What the customer is known by; None: a guest.
    pub fn customer_id(&self) -> Option<String> {
        customer_id(&self.customer)
    }

    /// The amount of all items.
    pub fn amount(&self) -> Money {
        self.items.iter().map(|item| item.amount).sum()
    }

    /// The price of all shipments.
    pub fn shipping_amount(&self) -> Money {
        self.shipping.iter().flatten().map(|shipment| shipment.amount).sum()
    }

    /// Items and shipping without any discount.
    pub fn sub_total(&self) -> Money {
        self.amount() + self.shipping_amount()
    }

    /// All fees.
    pub fn total_fees(&self) -> Money {
        self.fees.iter().map(|fee| fee.amount).sum()
    }
}

/// A cart as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredCart {
    /// 24 hex digits.
    pub cart_id: String,
    /// What may become of it.
    pub state: CartState,
    /// When it was created, in microseconds since 1970.
    pub created_at: i64,
    /// When it was last changed, in microseconds since 1970.
    pub updated_at: i64,
    /// What is in it.
    pub content: Content,
    /// What that costs.
    pub priced: PricedCart,
    /// The evaluation that says so.
    pub evaluation_id: Option<String>,
    /// Until when that holds what it gives, in epoch milliseconds; None: it holds nothing.
    pub valid_till: Option<i64>,
    /// The order that it became.
    pub transaction_id: Option<String>,
    /// How prices are rounded.
    pub rounding: Rounding,
}
