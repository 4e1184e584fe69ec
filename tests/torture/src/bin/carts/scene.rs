//! What a scene is made of.

use serde_json::Value;

/// A customer: 0 a guest.
pub type Who = u8;

/// Most customers of a scene.
pub const CUSTOMERS: Who = 3;

/// What unlocks a promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlock {
    /// Nothing has to: type POS.
    Nothing,
    /// A code.
    Code,
    /// An instance that the customer was issued.
    Instance,
    /// The same, and it is a payment voucher.
    Voucher,
}

/// A limit of a promotion.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// Of Promotion, Customer, Cart, Code.
    pub level: u8,
    /// REDEMPTION, TRANSACTION, DISCOUNT.
    pub kpi: u8,
    /// How much.
    pub most: u8,
    /// REFUSE rather than CLIP.
    pub refuses: bool,
    /// Whether guests are let in.
    pub allows_guests: bool,
    /// Whether it counts in a moving window.
    pub moves: bool,
}

/// A promotion of a scene.
#[derive(Debug, Clone)]
pub struct Promotion {
    /// What it asks for and gives.
    pub shape: u8,
    /// What unlocks it.
    pub unlock: Unlock,
    /// How much, in a way.
    pub worth: u8,
    /// Whether it suffers others.
    pub is_stackable: bool,
    /// Its exclusion group: 0 none; above 2, of each line.
    pub group: u8,
    /// Its rank, where settings ask for it.
    pub priority: u8,
    /// Its stage.
    pub stage: u8,
    /// What no later promotion touches: NONE, LINES, CART.
    pub stops: u8,
    /// Its limits.
    pub limits: Vec<Limit>,
}

/// A line that is added.
#[derive(Debug, Clone)]
pub struct NewItem {
    /// Its lineItemId: a number below 100, a text from there on; None: to be given one.
    pub id: Option<u8>,
    /// Which of the SKUs.
    pub sku: u8,
    /// How many, in millionths.
    pub quantity: i64,
    /// What a unit costs, in ten-thousandths, and in hundredths of that what is charged instead.
    pub price: (i64, Option<u8>),
    /// No promotion lowers a unit below so many hundredths of the price.
    pub min_unit_price: Option<u8>,
    /// Whether it has the attribute that a promotion asks for.
    pub is_eco: bool,
}

/// What is changed of a line.
#[derive(Debug, Clone)]
pub struct SetItem {
    /// The line, round.
    pub place: u8,
    /// Another SKU.
    pub sku: Option<u8>,
    /// Another quantity.
    pub quantity: Option<i64>,
    /// Another price.
    pub price: Option<(i64, Option<u8>)>,
    /// Another attribute, or none.
    pub is_eco: Option<bool>,
}

/// What is changed of the lines.
#[derive(Debug, Clone)]
pub enum Lines {
    /// Nothing.
    Same,
    /// All of them.
    All(Vec<NewItem>),
    /// Lines to set, to add, to remove.
    Some(Vec<SetItem>, Vec<NewItem>, Vec<u8>),
}

/// Who buys.
#[derive(Debug, Clone, Copy)]
pub struct Buyer {
    /// The customer.
    pub who: Who,
    /// Whether the id is sent as a text.
    pub is_quoted: bool,
    /// Whether the tier is sent that a promotion asks for.
    pub is_gold: bool,
}

/// A mistake in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// A key that nobody knows.
    Key,
    /// A line without a unit.
    NoUnits,
    /// An order's id without an order.
    Order,
    /// All lines, and some.
    AllAndSome,
    /// A fee in parts of the minor unit.
    Fee,
    /// A fee for a line that is not there.
    FeeLine,
    /// A till that is not there.
    Till,
    /// A line that is not there is removed.
    Line,
}

/// What is changed of a cart; None: it stays as it is.
#[derive(Debug, Clone)]
pub struct Changes {
    /// Its lines.
    pub lines: Lines,
    /// Who buys; None in it: a guest of whom nothing is known.
    pub buyer: Option<Option<Buyer>>,
    /// Shipments: method, minor units; None in it: nothing is shipped.
    pub shipping: Option<Option<Vec<(u8, i64)>>>,
    /// Fees: minor units, and the line's place.
    pub fees: Option<Vec<(i64, Option<u8>)>>,
    /// The attribute that a promotion asks for, of the cart.
    pub is_app: Option<Option<bool>>,
    /// The till.
    pub till: Option<Option<u8>>,
    /// The caller's own.
    pub own: Option<u8>,
    /// What is wrong with all this.
    pub mistake: Option<Mistake>,
}

/// A code that is named.
#[derive(Debug, Clone, Copy)]
pub enum Code {
    /// Of a promotion: its place among those that have codes, one of its own or that of all of them; in lower case.
    Of(u8, u8, bool),
    /// One that is on the cart, by its place; in lower case.
    OnCart(u8, bool),
    /// None that there is.
    Unknown,
}

/// The states of carts.
pub const STATES: [&str; 7] = ["ACTIVE", "PENDING", "PENDING_APPROVAL", "APPROVED", "SUBMITTED", "DELETED", "REJECTED"];

/// What happens. Places among carts go round; the last ones mean a cart that is not there.
#[derive(Debug, Clone)]
pub enum Step {
    /// promo_create_cart: what is in it, its currency, and whether it is PENDING
    Create(Changes, Option<u8>, Option<bool>),
    /// promo_update_cart: what changes, to which state, and as which order
    Update(u8, Changes, Option<u8>, Option<u8>),
    /// promo_apply_code
    Apply(u8, Code),
    /// promo_remove_code
    Remove(u8, Code),
    /// promo_get_cart
    Get(u8),
    /// time passes, for what this cart holds
    Expire(u8),
    /// another caller's promo_evaluate, or promo_redeem, with a code
    Other(Buyer, Vec<NewItem>, Option<Code>, bool),
    /// promo_cancel of a cart's evaluation
    CancelBehind(u8),
    /// promo_redeem of a cart's evaluation, as the cart's own order, or another
    RedeemBehind(u8, bool),
    /// a call in a transaction that is rolled back
    Undone(Box<Step>),
    /// whether errors are raised from now on
    Raise(bool),
    /// promo_purge of all that can go
    Purge,
    /// promo_pause, promo_activate
    Switch(u8, bool),
    /// promo_update_promotion
    Edit(u8),
    /// promo_disable_code
    Disable(Code),
    /// promo_link_code
    Link(Code, Who),
    /// promo_issue
    Issue(u8, Who),
    /// promo_configure: what another organization has of a setting
    Configure(Value),
}

/// An organization, and what happens in it.
#[derive(Debug, Clone)]
pub struct Scene {
    /// Its settings.
    pub settings: Value,
    /// Its promotions.
    pub promotions: Vec<Promotion>,
    /// What happens.
    pub steps: Vec<Step>,
}
