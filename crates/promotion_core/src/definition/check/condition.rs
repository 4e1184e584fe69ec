//! Conditions, and what selects the units of an action.

use super::number::amount;
use crate::currency::Currency;
use crate::definition::read::filled;
use crate::definition::{
    CartKpi, ComboCondition, Comparison, Condition, Criterion, PaymentModeCondition, ProductCondition, ProductKpi,
    Selecting, TenderCondition,
};
use crate::error::InputError;

/// Deepest nesting of `anyOf`.
const ANY_OF_DEPTH: u32 = 16;

/// Deepest nesting of conditions in one another.
const CONDITION_DEPTH: u32 = 16;

pub(super) fn check_condition(condition: &Condition, currency: Currency) -> Result<(), InputError> {
    nested(condition, currency, 0)
}

/// Checks a condition that stands under `depth` others.
fn nested(condition: &Condition, currency: Currency, depth: u32) -> Result<(), InputError> {
    if depth > CONDITION_DEPTH {
        return Err(InputError::new(format!("expected at most {CONDITION_DEPTH} conditions around one")));
    }
    let inner = |condition: &Condition| nested(condition, currency, depth + 1);
    match condition {
        Condition::Cart(cart) => match cart.kpi {
            CartKpi::Subtotal | CartKpi::Total => amount("value", cart.value, currency),
            CartKpi::Itemcount | CartKpi::Quantity => Ok(()),
        },
        Condition::Product(product) => check_product(product, currency),
        Condition::Combo(combo) => check_combo(combo, currency),
        Condition::Tender(TenderCondition { modes, condition }) => filled("tenderModes", modes, "tender mode")
            .and_then(|()| condition.as_deref().map_or(Ok(()), inner).map_err(|error| error.under_key("condition"))),
        Condition::PaymentMode(payment_mode) => check_payment_mode(payment_mode),
        Condition::PaymentModeScope(scope) => check_payment_mode(&scope.payment_mode)
            .map_err(|error| error.under_key("paymentModeCondition"))
            .and_then(|()| inner(&scope.condition).map_err(|error| error.under_key("condition"))),
        Condition::PaymentModeCombo(combo) => {
            check_payment_mode(&combo.payment_mode).map_err(|error| error.under_key("paymentModeCondition")).and_then(
                |()| check_combo(&combo.combo, currency).map_err(|error| error.under_key("comboProductCondition")),
            )
        }
        Condition::Attribute(attribute) if attribute.name.is_empty() => {
            Err(InputError::new("expected at least one character").under_key("name"))
        }
        Condition::Attribute(_) => Ok(()),
        Condition::All(conditions) | Condition::Any(conditions) => {
            let key = condition.word().key();
            filled(key, conditions, "condition")?;
            return each(key, conditions, inner);
        }
        Condition::Not(negated) => {
            return inner(negated).map_err(|error| error.under_index(0).under_key(condition.word().key()));
        }
    }
    .map_err(|error| error.under_key(condition.word().key()))
}

fn each<T>(key: &str, items: &[T], check: impl Fn(&T) -> Result<(), InputError>) -> Result<(), InputError> {
    items
        .iter()
        .enumerate()
        .try_for_each(|(index, item)| check(item).map_err(|error| error.under_index(index).under_key(key)))
}

fn check_payment_mode(condition: &PaymentModeCondition) -> Result<(), InputError> {
    filled("values", &condition.values, "identifier").map_err(|error| error.under_key("paymentModeSelectionCriteriaRO"))
}

fn check_combo(combo: &ComboCondition, currency: Currency) -> Result<(), InputError> {
    filled("productConditions", &combo.parts, "part")?;
    each("productConditions", &combo.parts, |part| check_product(part, currency))
}

fn check_product(product: &ProductCondition, currency: Currency) -> Result<(), InputError> {
    each("criteriaList", &product.criteria, |criterion| check_criterion(criterion, 1))?;
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
        Criterion::AnyOf(criteria) => each("anyOf", criteria, |inner| check_criterion(inner, depth + 1)),
    }
}

/// Checks what selects the units of an action: a number of units that it names is above 0.
pub(super) fn check_selecting(selecting: &Selecting, currency: Currency) -> Result<(), InputError> {
    match selecting {
        Selecting::Product(product) => {
            check_selected(product, currency).map_err(|error| error.under_key("productCondition"))
        }
        Selecting::Combo(combo) => check_combo(combo, currency)
            .and_then(|()| each("productConditions", &combo.parts, |part| check_selected(part, currency)))
            .map_err(|error| error.under_key("comboProductCondition")),
    }
}

fn check_selected(product: &ProductCondition, currency: Currency) -> Result<(), InputError> {
    check_product(product, currency)?;
    match (product.kpi, product.measure) {
        (ProductKpi::Quantity, Some((Comparison::Equals, value))) if value.0 == 0 => {
            let message = "expected a number of units above 0 beside kpi QUANTITY and operator EQUALS, found 0";
            Err(InputError::new(message).under_key("value"))
        }
        _ => Ok(()),
    }
}
