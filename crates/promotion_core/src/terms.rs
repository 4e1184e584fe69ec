//! What a promotion that applied takes off, in a word a shop shows: "%OFF" 10, "AMOUNT_OFF" 5, "FIXED" 20
//! (spec/carts.md, allPromosApplied).

use serde::{Deserialize, Serialize};

use crate::definition::{Action, AmountKind};
use crate::money::{Decimal, DefinitionNumber, MILLION};

/// What the value of [`Terms`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unit {
    /// a percentage off
    #[serde(rename = "%OFF")]
    PercentOff,
    /// an amount off
    #[serde(rename = "AMOUNT_OFF")]
    AmountOff,
    /// the price it is to be
    #[serde(rename = "FIXED")]
    Fixed,
}

/// The value that a discount comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// What the value is.
    pub unit: Unit,
    /// A percentage, or money.
    pub value: Decimal,
}

/// The terms of the actions that were computed; None where they differ from one another.
pub(crate) fn terms_of(actions: &[&Action]) -> Option<Terms> {
    let (first, others) = actions.split_first()?;
    let terms = terms(first)?;
    others.iter().all(|own| self::terms(own) == Some(terms)).then_some(terms)
}

fn terms(action: &Action) -> Option<Terms> {
    let of_kind = |kind: AmountKind, value: DefinitionNumber| {
        let unit = match kind {
            AmountKind::Absolute => Unit::AmountOff,
            AmountKind::Percentage => Unit::PercentOff,
            AmountKind::Fixed => Unit::Fixed,
        };
        Some(Terms { unit, value: Decimal(value.0) })
    };
    match action {
        Action::CartBased(own) => of_kind(own.kind, own.value),
        Action::ProductBased(own) => of_kind(own.kind, own.value),
        Action::Tender(own) => of_kind(own.kind, own.value),
        Action::Shipping(own) => of_kind(own.kind, own.value),
        Action::FreeProduct(_) => Some(Terms { unit: Unit::PercentOff, value: Decimal(100 * MILLION) }),
        Action::FixedPrice(own) => of_kind(AmountKind::Fixed, own.value),
        Action::PerUnit(own) => terms(&own.reward),
        // Of several actions, and of tiers that differ from line to line, those that are all the same.
        Action::Tiered(own) => terms_of(&own.tiers.iter().map(|tier| &tier.action).collect::<Vec<_>>()),
        Action::Multi(own) => terms_of(&own.iter().collect::<Vec<_>>()),
    }
}
