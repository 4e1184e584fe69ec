//! What the types can't say: ranges, digits and combinations of a definition, each refused with
//! its JSON path (spec/definition.md).

mod action;
mod condition;
mod limit;
mod number;

use std::collections::HashSet;

use super::{Action, AmountKind, CartBasedAction, CartScope, Definition, ExclusionGroup, Mode, PromotionType};
use crate::error::{InputError, quoted};
use crate::settings::Settings;

/// Longest name of a promotion or an exclusion group, in characters.
const NAME_CHARACTERS: usize = 50;

/// Checks a whole definition; amounts are in its currency, or the organization's.
pub(super) fn check(definition: &Definition, settings: &Settings) -> Result<(), InputError> {
    let fail = |key: &str, message: &'static str| Err(InputError::new(message).under_key(key));
    let promotion_type = definition.promotion_type;
    name("name", &definition.name)?;
    if definition.end_date <= definition.start_date {
        return fail("endDate", "expected an instant after startDate");
    }
    if definition.is_loyalty_only && promotion_type != PromotionType::Pos {
        return fail("isLoyaltyOnly", "expected true only beside type POS");
    }
    if definition.customer_activation_required && !(promotion_type.is_earned() || promotion_type.is_issued()) {
        return fail("customerActivationRequired", "expected true only beside types CUSTOMER, EARNING and REWARD");
    }
    let currency = definition.currency.unwrap_or(settings.currency);
    condition::check_condition(&definition.condition, currency).map_err(|error| error.under_key("condition"))?;
    action::ActionCheck { currency, has_tender_part: definition.condition.has_tender_part() }
        .action(&definition.action)
        .map_err(|error| error.under_key("action"))?;
    if definition.mode == Mode::PaymentVoucher && !may_be_voucher(&definition.action) {
        return fail(
            "mode",
            "expected PAYMENT_VOUCHER only beside a CART_BASED action of type ABSOLUTE and scope ITEMS",
        );
    }
    if definition.mode == Mode::PaymentVoucher && promotion_type == PromotionType::Pos {
        // A voucher is held by a code or an entitlement; a POS promotion has neither.
        return fail("mode", "expected PAYMENT_VOUCHER only beside types CODE, CUSTOMER, EARNING and REWARD");
    }
    exclusion_groups(&definition.exclusion_groups).map_err(|error| error.under_key("exclusionGroups"))?;
    if let Some(criteria) = &definition.earning_criteria {
        condition::check_condition(criteria, currency).map_err(|error| error.under_key("earningCriteria"))?;
    }
    limit::check_limits(&definition.limits, promotion_type, currency)
        .map_err(|error| error.under_key("promotionRestrictions"))
}

fn name(key: &str, name: &str) -> Result<(), InputError> {
    let characters = name.chars().count();
    if characters == 0 || characters > NAME_CHARACTERS {
        return Err(
            InputError::new(format!("expected 1 to {NAME_CHARACTERS} characters, found {characters}")).under_key(key)
        );
    }
    Ok(())
}

/// Whether an action's value may act as a means of payment.
fn may_be_voucher(action: &Action) -> bool {
    matches!(action, Action::CartBased(CartBasedAction { kind: AmountKind::Absolute, scope: CartScope::Items, .. }))
}

fn exclusion_groups(groups: &[ExclusionGroup]) -> Result<(), InputError> {
    let mut seen = HashSet::new();
    for (index, group) in groups.iter().enumerate() {
        name("name", &group.name).map_err(|error| error.under_index(index))?;
        if !seen.insert(group.name.as_str()) {
            return Err(InputError::new(format!("expected every name once, found {} again", quoted(&group.name)))
                .under_index(index));
        }
    }
    Ok(())
}
