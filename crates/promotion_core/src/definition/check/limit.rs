//! Limit rows beside one another and beside the promotion's type.

use super::number::amount;
use crate::currency::Currency;
use crate::definition::{LimitKpi, LimitLevel, LimitRow, LimitWindow, Limits, PromotionType};
use crate::error::InputError;

pub(super) fn check_limits(
    limits: &Limits,
    promotion_type: PromotionType,
    currency: Currency,
) -> Result<(), InputError> {
    for rows in limits.0.chunk_by(|a, b| a.level == b.level) {
        for (index, row) in rows.iter().enumerate() {
            check_row(row, currency).map_err(|error| error.under_index(index).under_key(row.level.key()))?;
            let message = match row.level {
                LimitLevel::Code if promotion_type != PromotionType::Code => "expected only beside type CODE",
                LimitLevel::Earn if !promotion_type.is_earned() => "expected only beside types EARNING and REWARD",
                _ if is_fixed(row) && limits.0.iter().any(is_moving) => {
                    let message = "expected no FIXED row in a promotion with MOVING ones";
                    return Err(InputError::new(message)
                        .under_key("windowType")
                        .under_index(index)
                        .under_key(row.level.key()));
                }
                _ => continue,
            };
            return Err(InputError::new(message).under_key(row.level.key()));
        }
    }
    Ok(())
}

fn check_row(row: &LimitRow, currency: Currency) -> Result<(), InputError> {
    match row.kpi {
        LimitKpi::Discount => amount("limit", row.limit, currency),
        LimitKpi::Redemption | LimitKpi::Transaction => Ok(()),
    }
}

fn is_fixed(row: &LimitRow) -> bool {
    matches!(row.window, LimitWindow::Fixed(_))
}

fn is_moving(row: &LimitRow) -> bool {
    matches!(row.window, LimitWindow::Moving { .. })
}
