//! What an evaluation depends on besides the ruleset (spec/evaluation.md: cart, customer state,
//! instant).

use std::collections::HashMap;

use crate::cart::Cart;
use crate::definition::StoreEntity;
use crate::evaluation::{CodeFacts, LinkedCode};
use crate::instant::Instant;
use crate::limit::Used;

/// What is evaluated besides the ruleset.
#[derive(Clone, Copy)]
pub struct Situation<'s, 'a> {
    /// The cart.
    pub cart: &'s Cart<'a>,
    /// The instant that the cart is priced at.
    pub instant: Instant,
    /// What is known of each code of `cart.promo_codes`, in that order; None: it does not exist.
    pub codes: &'s [Option<CodeFacts>],
    /// What is known of each code of `cart.payment_vouchers`, in that order; None: it does not exist.
    pub vouchers: &'s [Option<CodeFacts>],
    /// The customer's own promo codes that were not sent.
    pub linked: &'s [LinkedCode],
    /// Where the cart is; None: promotions for certain stores do not apply.
    pub till: Option<&'s Till>,
    /// What was issued to the customer, or earned, and is neither used nor expired.
    pub entitlements: &'s [Entitlement],
    /// What of limits is used.
    pub usage: &'s Usage,
    /// Whether to say of every candidate that does not apply why.
    pub explain: bool,
    /// A promotion that somebody asks about, by its place: an explanation tells of it even where nothing of the cart leads
    /// to it.
    pub asked: Option<u32>,
    /// Whether what the cart nearly fulfils is asked for: what of its limits is used has to be known then.
    pub suggests: bool,
    /// Called for every promotion and every line it is split over, so that a caller can stop a long
    /// evaluation by unwinding.
    pub pulse: &'s dyn Fn(),
}

impl<'s, 'a> Situation<'s, 'a> {
    /// A cart without a till whose codes are unknown, of a customer without history.
    pub fn new(cart: &'s Cart<'a>, instant: Instant) -> Self {
        Self {
            cart,
            instant,
            codes: &[],
            vouchers: &[],
            linked: &[],
            till: None,
            entitlements: &[],
            usage: Usage::none(),
            explain: false,
            asked: None,
            suggests: false,
            pulse: &|| {},
        }
    }
}

/// Where a till stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Till {
    /// Its store.
    pub store: Option<String>,
    /// Its zone.
    pub zone: Option<String>,
    /// Its concept.
    pub concept: Option<String>,
}

impl Till {
    /// What criteria of an entity look at.
    pub(crate) fn own(&self, entity: StoreEntity) -> Option<&String> {
        match entity {
            StoreEntity::Store => self.store.as_ref(),
            StoreEntity::Zone => self.zone.as_ref(),
            StoreEntity::Concept => self.concept.as_ref(),
        }
    }
}

/// An instance of a promotion that was issued or earned (spec/lifecycle.md, "Entitlements").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entitlement {
    /// Its id.
    pub earn_id: String,
    /// Of which promotion.
    pub promotion_id: String,
    /// When it was issued or earned, in epoch milliseconds.
    pub earned_at: i64,
    /// Its last instant, in epoch milliseconds.
    pub valid_till: i64,
}

/// Which count of a limit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UsageKey {
    /// The promotion.
    pub promotion_id: String,
    /// The row's place in the promotion's limits.
    pub row: usize,
    /// The code (as it is stored) of a Code row, the earn id of an Earn row; None for the others.
    pub subject: Option<String>,
}

/// What of limits is used: for this customer, and in the windows that hold the instant. What is not
/// in it is not used at all.
#[derive(Debug, Clone, Default)]
pub struct Usage(pub HashMap<UsageKey, Used>);

impl Usage {
    /// Nothing is used.
    pub fn none() -> &'static Self {
        static NONE: std::sync::LazyLock<Usage> = std::sync::LazyLock::new(Usage::default);
        &NONE
    }
}
