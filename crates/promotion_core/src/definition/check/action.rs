//! Actions.

use super::condition::check_selecting;
use super::number::{amount, optional_amount, value};
use crate::currency::Currency;
use crate::definition::action::ActionType;
use crate::definition::read::{filled, spelled};
use crate::definition::{
    Action, ApplyPer, Comparison, CountPer, Criterion, FreeProductAction, ListEntity, PerUnitAction, PerUnitKpi,
    ProductCondition, ProductKpi, Selecting, TierKpi, TieredAction, UnitGrouping,
};
use crate::error::InputError;
use crate::money::{MILLION, shortest};

/// What actions are checked against.
#[derive(Clone, Copy)]
pub(super) struct ActionCheck {
    /// The currency of their amounts.
    pub currency: Currency,
    /// Whether the promotion's condition can match tenders.
    pub has_tender_part: bool,
}

/// Types that fall on units of the lines.
const PRODUCT_TYPES: [ActionType; 3] = [ActionType::ProductBased, ActionType::FreeProduct, ActionType::FixedPrice];

/// Types that may be the reward of PER_UNIT.
const REWARD_TYPES: [ActionType; 4] =
    [ActionType::CartBased, ActionType::ProductBased, ActionType::FreeProduct, ActionType::FixedPrice];

fn fail<T>(key: &str, message: impl Into<std::borrow::Cow<'static, str>>) -> Result<T, InputError> {
    Err(InputError::new(message).under_key(key))
}

/// Refuses an action of another type than these.
fn one_of(action: &Action, types: &[ActionType], beside: &str) -> Result<(), InputError> {
    if types.contains(&action.word()) {
        return Ok(());
    }
    let words: Vec<String> = types.iter().map(|&word| spelled(word)).collect();
    let found = spelled(action.word());
    fail("type", format!("expected one of {} {beside}, found {found}", words.join(", ")))
}

/// Refuses an action of one of these types.
fn none_of(action: &Action, types: &[ActionType], place: &str) -> Result<(), InputError> {
    if !types.contains(&action.word()) {
        return Ok(());
    }
    let words: Vec<String> = types.iter().map(|&word| spelled(word)).collect();
    fail("type", format!("expected any type but {} {place}, found {}", words.join(" and "), spelled(action.word())))
}

impl ActionCheck {
    /// Checks an action, wherever it stands.
    pub fn action(self, action: &Action) -> Result<(), InputError> {
        let currency = self.currency;
        match action {
            Action::CartBased(cart) => value(cart.kind, cart.value, currency)
                .and_then(|()| optional_amount("maxDiscount", cart.max_discount, currency)),
            Action::ProductBased(product) => value(product.kind, product.value, currency)
                .and_then(|()| optional_amount("maxDiscount", product.max_discount, currency))
                .and_then(|()| self.selecting(product.selecting.as_ref())),
            Action::FreeProduct(free) => self.selecting(free.selecting.as_ref()).and_then(|()| check_gifts(free)),
            Action::FixedPrice(price) => {
                amount("value", price.value, currency).and_then(|()| self.selecting(price.selecting.as_ref()))
            }
            Action::Tender(_) if !self.has_tender_part => {
                let message = "expected TENDER only where condition has a TENDER or PAYMENT_MODE part that is not \
                               under a NOT";
                return fail("type", message);
            }
            Action::Tender(tender) => value(tender.kind, tender.value, currency)
                .and_then(|()| optional_amount("maxDiscount", tender.max_discount, currency)),
            Action::Shipping(shipping) => value(shipping.kind, shipping.value, currency)
                .and_then(|()| optional_amount("maxDiscount", shipping.max_discount, currency))
                .and_then(|()| match &shipping.methods {
                    Some(methods) => filled("methods", methods, "method, or no such key for all"),
                    None => Ok(()),
                }),
            Action::PerUnit(per_unit) => self.per_unit(per_unit),
            Action::Tiered(tiered) => self.tiered(tiered),
            Action::Multi(actions) => self.multi(actions),
        }
        .map_err(|error| error.under_key(action.word().key()))
    }

    fn selecting(self, selecting: Option<&Selecting>) -> Result<(), InputError> {
        selecting
            .map_or(Ok(()), |selecting| check_selecting(selecting, self.currency))
            .map_err(|error| error.under_key("productBasedCondition"))
    }

    fn per_unit(self, action: &PerUnitAction) -> Result<(), InputError> {
        if action.divider.0 == 0 {
            return fail("perUnitDivider", "expected a number above 0, found 0");
        }
        if action.kpi == PerUnitKpi::Amount {
            amount("perUnitDivider", action.divider, self.currency)?;
        }
        one_of(&action.reward, &REWARD_TYPES, "in a PER_UNIT action")
            .and_then(|()| self.action(&action.reward))
            .map_err(|error| error.under_key("rewardAction"))?;
        if let Some(units) = &action.units {
            check_units(action, units)?;
        }
        if action.count_per == CountPer::Line {
            on_matched_units(&action.reward, "beside countPer LINE")
                .map_err(|error| error.under_key("rewardAction"))?;
        }
        Ok(())
    }

    fn tiered(self, action: &TieredAction) -> Result<(), InputError> {
        filled("tiers", &action.tiers, "tier")?;
        let mut below = None;
        for (index, tier) in action.tiers.iter().enumerate() {
            let checked = match below {
                Some(below) if tier.from <= below => {
                    fail("from", format!("expected more than in the tier before, found {}", shortest(tier.from.0)))
                }
                _ if action.kpi == TierKpi::Subtotal => amount("from", tier.from, self.currency),
                _ => Ok(()),
            };
            checked
                .and_then(|()| {
                    none_of(&tier.action, &[ActionType::Tiered, ActionType::Multi], "in a tier")
                        .and_then(|()| self.action(&tier.action))
                        .and_then(|()| match action.count_per {
                            CountPer::Line => on_matched_units(&tier.action, "beside countPer LINE"),
                            CountPer::Cart => Ok(()),
                        })
                        .map_err(|error| error.under_key("action"))
                })
                .map_err(|error| error.under_index(index).under_key("tiers"))?;
            below = Some(tier.from);
        }
        Ok(())
    }

    fn multi(self, actions: &[Action]) -> Result<(), InputError> {
        if actions.len() < 2 {
            return fail("actions", format!("expected 2 to 5 actions, found {}", actions.len()));
        }
        for (index, action) in actions.iter().enumerate() {
            none_of(action, &[ActionType::Multi], "in a MULTI action")
                .and_then(|()| self.action(action))
                .map_err(|error| error.under_index(index).under_key("actions"))?;
        }
        Ok(())
    }
}

/// Gifts are listed by SKU and number, so both must be named.
fn check_gifts(action: &FreeProductAction) -> Result<(), InputError> {
    let named = match &action.selecting {
        None => false,
        Some(Selecting::Product(product)) => names_gifts(product),
        Some(Selecting::Combo(combo)) => combo.parts.iter().all(names_gifts),
    };
    if !action.auto_add || (named && !action.include_items_from_condition_set) {
        return Ok(());
    }
    fail(
        "autoAdd",
        "expected true only beside includeItemsFromConditionSet false and a productBasedCondition that names SKUs \
         (entity SKU, operator IN) and a number of units (kpi QUANTITY, operator EQUALS)",
    )
}

fn names_gifts(product: &ProductCondition) -> bool {
    // No line has the SKU "": nobody could add that gift. Values are sorted, and the first is given.
    let names = |criterion: &Criterion| match criterion {
        Criterion::Values { entity: ListEntity::Sku, negated: false, values, .. } => {
            Some(values.first().is_some_and(|sku| !sku.is_empty()))
        }
        _ => None,
    };
    let by_sku = product.criteria.iter().find_map(names).unwrap_or(false);
    by_sku && product.kpi == ProductKpi::Quantity && matches!(product.measure, Some((Comparison::Equals, _)))
}

/// `units` picks whole units of groups, so that nothing else may.
fn check_units(action: &PerUnitAction, units: &UnitGrouping) -> Result<(), InputError> {
    if action.kpi != PerUnitKpi::Quantity {
        return fail("perUnitKPI", format!("expected QUANTITY beside units, found {}", spelled(action.kpi)));
    }
    let divider = action.divider.0;
    if divider % MILLION != 0 {
        return fail("perUnitDivider", format!("expected a whole number beside units, found {}", shortest(divider)));
    }
    if i128::from(units.nth) * MILLION > divider {
        let most = shortest(divider);
        return Err(InputError::new(format!("expected at most perUnitDivider, which is {most}, found {}", units.nth))
            .under_key("nth")
            .under_key("units"));
    }
    if action.count_per != CountPer::Cart {
        return fail("countPer", format!("expected CART beside units, found {}", spelled(action.count_per)));
    }
    on_matched_units(&action.reward, "beside units")
        .and_then(|()| {
            match &*action.reward {
                Action::ProductBased(product) if product.max_quantity.is_some() => {
                    fail("maxQuantity", "expected no such key beside units")
                }
                Action::ProductBased(product) if product.apply_per == ApplyPer::Line => {
                    fail("applyPer", "expected SET or UNIT beside units, found LINE")
                }
                _ => Ok(()),
            }
            .map_err(|error: InputError| error.under_key(action.reward.word().key()))
        })
        .map_err(|error| error.under_key("rewardAction"))
}

/// Refuses what does not fall on the units that the condition matched.
fn on_matched_units(action: &Action, beside: &str) -> Result<(), InputError> {
    one_of(action, &PRODUCT_TYPES, beside)?;
    let selecting = match action {
        Action::ProductBased(product) => &product.selecting,
        Action::FreeProduct(free) => &free.selecting,
        Action::FixedPrice(price) => &price.selecting,
        _ => return Ok(()),
    };
    if selecting.is_some() {
        return fail("productBasedCondition", format!("expected no such key {beside}"))
            .map_err(|error: InputError| error.under_key(action.word().key()));
    }
    Ok(())
}
