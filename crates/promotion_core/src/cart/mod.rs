//! A cart as a request gives it (spec/api.md, promo_evaluate): read strictly, checked whole, with
//! strings borrowed from the request.

mod input;
mod values;

use std::collections::BTreeMap;

use serde::Deserialize;

pub(crate) use input::shipments_of;
pub use values::{CustomerId, EchoedAmount, ID_CHARACTERS};

use crate::currency::Currency;
use crate::error::InputError;
use crate::instant::Instant;
use crate::json::{REQUEST_LIMITS, View, read};
use crate::list::List;
use crate::money::{Money, Quantity};
use crate::scalar::Scalars;

/// Most items of a cart.
pub const MAX_ITEMS: usize = 10_000;
/// Most promo codes, and most payment vouchers, of a request.
pub const MAX_CODES: usize = 1_000;
/// Most tenders of a request.
pub const MAX_TENDERS: usize = 100;
/// Most categories, brands and shipping entries of one place.
pub const MAX_LIST: usize = 1_000;

/// A line of the cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    /// The caller's line id.
    pub reference_id: Option<&'a str>,
    /// What is bought.
    pub sku: &'a str,
    /// The line's total for its quantity.
    pub amount: Money,
    /// How many units; above 0.
    pub quantity: Quantity,
    /// The caller's own discount, at most the amount.
    pub discount: Money,
    /// No promotion lowers a unit below this.
    pub min_unit_price: Money,
    /// The categories as sent.
    pub categories: Vec<&'a str>,
    /// The brands as sent.
    pub brands: Vec<&'a str>,
    /// The attributes, by name.
    pub attributes: BTreeMap<&'a str, Vec<String>>,
}

/// A means of payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tender<'a> {
    /// What it is, such as `CreditCard`.
    pub identifier: &'a str,
    /// How much it pays; None: what the tenders before it leave.
    pub amount: Option<EchoedAmount<'a>>,
}

/// A shipment and its price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipping<'a> {
    /// The caller's id of it.
    pub reference_id: Option<&'a str>,
    /// How it is shipped.
    pub method: Option<&'a str>,
    /// Its price.
    pub amount: Money,
}

/// What the request says of the customer; a guest may have it too.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a customer (an object)")]
pub struct Customer<'a> {
    /// Such as `GOLD`.
    #[serde(borrow)]
    pub tier: Option<&'a str>,
    /// Such as `students`.
    #[serde(borrow)]
    pub segments: Option<List<&'a str, MAX_LIST>>,
    /// The programs that the customer is in.
    #[serde(borrow)]
    pub programs: Option<List<Program<'a>, MAX_LIST>>,
    /// Anything else, by name.
    #[serde(borrow)]
    pub attributes: Option<BTreeMap<&'a str, Scalars>>,
}

/// A loyalty program's membership; its ids are numbers or strings, as a customer's.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a program (an object)")]
pub struct Program<'a> {
    /// Which program.
    #[serde(borrow)]
    pub loyalty_program_id: Option<CustomerId<'a>>,
    /// TIER or SUBSCRIPTION.
    #[serde(borrow)]
    pub program_type: Option<&'a str>,
    /// Which partner's program.
    #[serde(borrow)]
    pub partner_program_id: Option<CustomerId<'a>>,
}

/// A cart, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cart<'a> {
    /// The amount of all items.
    pub amount: Money,
    /// The customer; None for a guest.
    pub customer_id: Option<CustomerId<'a>>,
    /// The items, in the order sent.
    pub lines: Vec<Line<'a>>,
    /// The promo codes as sent, each once (compared without case).
    pub promo_codes: Vec<&'a str>,
    /// The payment vouchers as sent, each once.
    pub payment_vouchers: Vec<&'a str>,
    /// The tenders, in the order sent.
    pub tenders: Vec<Tender<'a>>,
    /// Whether each line's categories include all their ancestors.
    pub category_hierarchy_sent: bool,
    /// The evaluation that this one replaces.
    pub evaluation_id: Option<&'a str>,
    /// The caller's own cart id.
    pub cart_id: Option<&'a str>,
    /// What the request says of the customer.
    pub customer: Option<Customer<'a>>,
    /// Attributes of the cart, by name.
    pub attributes: BTreeMap<&'a str, Vec<String>>,
    /// The shipments; None where the request has no `shipping`.
    pub shipping: Option<Vec<Shipping<'a>>>,
    /// The cart's currency, where it is not the organization's.
    pub currency: Option<Currency>,
    /// When it is priced, where it is not now.
    pub transaction_date: Option<Instant>,
}

impl<'a> Cart<'a> {
    /// Reads and checks a request.
    ///
    /// # Errors
    /// The first thing that is wrong, with its JSON path (error 400 of spec/api.md).
    pub fn parse<V: View<'a>>(view: V) -> Result<Self, InputError> {
        read::<V, input::CartInput<'a>>(view, REQUEST_LIMITS)?.into_cart()
    }

    /// The price of all shipments.
    pub fn shipping_amount(&self) -> Money {
        self.shipping.iter().flatten().map(|shipping| shipping.amount).sum()
    }
}
