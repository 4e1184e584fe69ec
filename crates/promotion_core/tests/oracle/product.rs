//! Product actions, as far as choosing units goes.

use promotion_core::definition::{
    Action, AmountKind, Comparison, FixedPriceAction, FreeProductAction, PricePer, ProductBasedAction, ProductKpi,
    QuantityPer, Selecting, UnitSelection,
};

use crate::money::{Num, exact};
use crate::pricing::Reward;

/// A product action, as far as choosing units goes.
#[derive(Clone)]
pub struct Product<'d> {
    pub reward: Reward,
    pub max_discount: Option<Num>,
    pub selecting: Option<&'d Selecting>,
    pub include: bool,
    pub selection: UnitSelection,
    pub max_quantity: Option<(i128, QuantityPer)>,
    pub auto_add: bool,
    /// FREE_PRODUCT and FIXED_PRICE: it repeats, and consumes what it gives.
    pub is_bundle: bool,
}

/// Whether a productBasedCondition names a number of units: every combo does.
pub fn has_number(selecting: &Selecting) -> bool {
    match selecting {
        Selecting::Product(condition) => {
            condition.kpi == ProductKpi::Quantity && matches!(condition.measure, Some((Comparison::Equals, _)))
        }
        Selecting::Combo(_) => true,
    }
}

impl<'d> Product<'d> {
    pub fn of(action: &'d Action) -> Option<Self> {
        match action {
            Action::ProductBased(action) => Some(Self::product_based(action)),
            Action::FreeProduct(action) => Some(Self::free(action)),
            Action::FixedPrice(action) => Some(Self::fixed(action)),
            _ => None,
        }
    }

    fn product_based(action: &'d ProductBasedAction) -> Self {
        let value = exact(action.value.0);
        let reward = match action.kind {
            AmountKind::Percentage => Reward::Percentage(value),
            _ => Reward::Absolute { value, per: action.apply_per, allocation: action.allocation },
        };
        Self {
            reward,
            max_discount: action.max_discount.map(|max| exact(max.0)),
            selecting: action.selecting.as_ref(),
            include: action.include_items_from_condition_set,
            selection: action.selection,
            max_quantity: action.max_quantity.map(|most| (most.0.0, action.max_quantity_per)),
            auto_add: false,
            is_bundle: false,
        }
    }

    fn free(action: &'d FreeProductAction) -> Self {
        Self {
            reward: Reward::Free,
            max_discount: None,
            selecting: action.selecting.as_ref(),
            include: action.include_items_from_condition_set,
            selection: action.selection,
            max_quantity: None,
            auto_add: action.auto_add,
            is_bundle: true,
        }
    }

    fn fixed(action: &'d FixedPriceAction) -> Self {
        let price = exact(action.value.0);
        Self {
            reward: if action.apply_per == PricePer::Set { Reward::FixedSet(price) } else { Reward::FixedUnit(price) },
            selecting: action.selecting.as_ref(),
            include: action.include_items_from_condition_set,
            selection: action.selection,
            auto_add: false,
            ..Self::free_like()
        }
    }

    pub fn free_like() -> Self {
        Self {
            reward: Reward::Free,
            max_discount: None,
            selecting: None,
            include: false,
            selection: UnitSelection::Cheapest,
            max_quantity: None,
            auto_add: false,
            is_bundle: true,
        }
    }

    /// An absolute value per set, line or unit.
    pub fn is_absolute(&self) -> bool {
        matches!(self.reward, Reward::Absolute { .. })
    }
}
