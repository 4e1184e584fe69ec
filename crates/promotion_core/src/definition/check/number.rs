//! Amounts, percentages and quantities.

use crate::currency::Currency;
use crate::definition::AmountKind;
use crate::error::InputError;
use crate::money::{DefinitionNumber, MILLION, SCALE, shortest};

/// The value of an action, by what it is.
pub(super) fn value(kind: AmountKind, number: DefinitionNumber, currency: Currency) -> Result<(), InputError> {
    match kind {
        AmountKind::Percentage if number.0 > 100 * MILLION => {
            Err(InputError::new(format!("expected a percentage from 0 to 100, found {}", shortest(number.0)))
                .under_key("value"))
        }
        AmountKind::Percentage => Ok(()),
        AmountKind::Absolute | AmountKind::Fixed => amount("value", number, currency),
    }
}

pub(super) fn optional_amount(
    key: &str,
    number: Option<DefinitionNumber>,
    currency: Currency,
) -> Result<(), InputError> {
    number.map_or(Ok(()), |number| amount(key, number, currency))
}

/// An amount has at most its currency's digits.
pub(super) fn amount(key: &str, number: DefinitionNumber, currency: Currency) -> Result<(), InputError> {
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
