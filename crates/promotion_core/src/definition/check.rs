//! What the types can't say: ranges, digits and combinations of a definition, each refused with
//! its JSON path (spec/definition.md).

use super::{
    Action, AmountKind, CartKpi, Condition, Criterion, Definition, ProductCondition, ProductKpi, PromotionType,
};
use crate::currency::Currency;
use crate::error::InputError;
use crate::money::{DefinitionNumber, MILLION, SCALE, shortest};
use crate::settings::Settings;

/// Longest name, in characters.
const NAME_CHARACTERS: usize = 50;

/// Deepest nesting of `anyOf`.
const ANY_OF_DEPTH: u32 = 16;

/// Checks a whole definition; amounts are in its currency, or the organization's.
pub(super) fn check(definition: &Definition, settings: &Settings) -> Result<(), InputError> {
    let fail = |key: &str, message: String| Err(InputError::new(message).under_key(key));
    let characters = definition.name.chars().count();
    if characters == 0 || characters > NAME_CHARACTERS {
        return fail("name", format!("expected 1 to {NAME_CHARACTERS} characters, found {characters}"));
    }
    if definition.end_date <= definition.start_date {
        return fail("endDate", "expected an instant after startDate".to_owned());
    }
    if i32::try_from(definition.priority).is_err() {
        return fail("priority", format!("expected a number from 0 to {}, found {}", i32::MAX, definition.priority));
    }
    if definition.is_loyalty_only && definition.promotion_type != PromotionType::Pos {
        return fail("isLoyaltyOnly", "expected true only beside type POS".to_owned());
    }
    let currency = definition.currency.unwrap_or(settings.currency);
    check_condition(&definition.condition, currency).map_err(|error| error.under_key("condition"))?;
    check_action(&definition.action, currency).map_err(|error| error.under_key("action"))
}

fn check_condition(condition: &Condition, currency: Currency) -> Result<(), InputError> {
    match condition {
        Condition::Cart(cart) => match cart.kpi {
            CartKpi::Subtotal | CartKpi::Total => amount("value", cart.value, currency),
            CartKpi::Itemcount | CartKpi::Quantity => Ok(()),
        }
        .map_err(|error| error.under_key("cartCondition")),
        Condition::Product(product) => {
            check_product(product, currency).map_err(|error| error.under_key("productCondition"))
        }
    }
}

fn check_product(product: &ProductCondition, currency: Currency) -> Result<(), InputError> {
    for (index, criterion) in product.criteria.iter().enumerate() {
        check_criterion(criterion, 1).map_err(|error| error.under_index(index).under_key("criteriaList"))?;
    }
    match (product.kpi, &product.measure) {
        (ProductKpi::Amount | ProductKpi::LineAmount, Some((_, value))) => amount("value", *value, currency),
        _ => Ok(()),
    }
}

fn check_criterion(criterion: &Criterion, depth: u32) -> Result<(), InputError> {
    match criterion {
        Criterion::Values { .. } => Ok(()),
        // A unit price has six places whatever the currency: fuel is sold at 1.799 a litre.
        Criterion::UnitPrice { .. } => Ok(()),
        Criterion::AnyOf(_) if depth > ANY_OF_DEPTH => {
            Err(InputError::new(format!("expected at most {ANY_OF_DEPTH} levels of anyOf")))
        }
        Criterion::AnyOf(criteria) => {
            for (index, inner) in criteria.iter().enumerate() {
                check_criterion(inner, depth + 1).map_err(|error| error.under_index(index).under_key("anyOf"))?;
            }
            Ok(())
        }
    }
}

fn check_action(action: &Action, currency: Currency) -> Result<(), InputError> {
    match action {
        Action::CartBased(cart) => value(cart.kind, cart.value, currency)
            .and_then(|()| optional_amount("maxDiscount", cart.max_discount, currency))
            .map_err(|error| error.under_key("cartBasedAction")),
        Action::ProductBased(product) => value(product.kind, product.value, currency)
            .and_then(|()| optional_amount("maxDiscount", product.max_discount, currency))
            .and_then(|()| match &product.product_based_condition {
                Some(condition) => check_product(condition, currency)
                    .map_err(|error| error.under_key("productCondition").under_key("productBasedCondition")),
                None => Ok(()),
            })
            .map_err(|error| error.under_key("productBasedAction")),
    }
}

fn value(kind: AmountKind, number: DefinitionNumber, currency: Currency) -> Result<(), InputError> {
    match kind {
        AmountKind::Percentage if number.0 > 100 * MILLION => {
            Err(InputError::new(format!("expected a percentage from 0 to 100, found {}", shortest(number.0)))
                .under_key("value"))
        }
        AmountKind::Percentage => Ok(()),
        AmountKind::Absolute | AmountKind::Fixed => amount("value", number, currency),
    }
}

fn optional_amount(key: &str, number: Option<DefinitionNumber>, currency: Currency) -> Result<(), InputError> {
    number.map_or(Ok(()), |number| amount(key, number, currency))
}

/// An amount has at most its currency's digits.
fn amount(key: &str, number: DefinitionNumber, currency: Currency) -> Result<(), InputError> {
    let minor = MILLION / 10_i128.pow(currency.minor_digits().min(SCALE));
    if number.0 % minor == 0 {
        return Ok(());
    }
    Err(InputError::new(format!(
        "expected at most {} digits after the point, as {} has, found {}",
        currency.minor_digits(),
        currency.code(),
        shortest(number.0)
    ))
    .under_key(key))
}
