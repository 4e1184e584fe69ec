//! A promotion's limits, and what they leave to a cart, for a reader (spec/definition.md, "Limits").

use serde::Serialize;

use crate::allowance::{Subjects, left};
use crate::claim::Users;
use crate::definition::{LimitKpi, LimitLevel, LimitRow, LimitWindow, OnExceed};
use crate::instant::Instant;
use crate::limit::window_of;
use crate::money::Decimal;
use crate::ruleset::Promotion;
use crate::schedule::Clock;
use crate::situation::Situation;

/// A limit, and what it leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedLimit {
    /// Whose uses it counts.
    pub level: LimitLevel,
    /// What it counts.
    pub kpi: LimitKpi,
    /// Over which time: OVERALL, FIXED or MOVING.
    pub window_type: &'static str,
    /// Of a FIXED window: its first instant, in epoch milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_start: Option<i64>,
    /// Of a FIXED window: the instant at which the next one begins, in epoch milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_end: Option<i64>,
    /// That instant, as the organization's clock shows it.
    #[serde(skip)]
    pub ends: Option<String>,
    /// Of a MOVING window: how long it is, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_length: Option<i64>,
    /// How much.
    pub limit: Decimal,
    /// What is neither redeemed nor held by others.
    pub left: Decimal,
    /// What happens to more than that.
    pub on_exceed: OnExceed,
}

/// The limits of a promotion that count for a cart, in the order of the definition.
pub(super) fn limits(
    promotion: &Promotion,
    users: Users<'_>,
    situation: &Situation<'_, '_>,
    clock: &Clock,
) -> Vec<ExplainedLimit> {
    let subjects = Subjects { code: users.code, earn_id: users.earn_id };
    let rows = promotion.definition.limit_rows().filter(|(_, row)| {
        let has_subject = match row.level {
            LimitLevel::Promotion | LimitLevel::Cart => true,
            LimitLevel::Customer => users.customer.is_some(),
            LimitLevel::Code => users.code.is_some(),
            LimitLevel::Earn => users.earn_id.is_some(),
        };
        has_subject && !row.is_unlimited()
    });
    rows.map(|(index, row)| {
        let fixed = fixed_window(promotion, row, users, situation.instant, clock);
        ExplainedLimit {
            level: row.level,
            kpi: row.kpi,
            window_type: row.window.word(),
            window_start: fixed.map(|(start, _)| start.0),
            window_end: fixed.map(|(_, end)| end.0),
            ends: fixed.map(|(_, end)| clock.shown(end)),
            window_length: match row.window {
                LimitWindow::Moving { milliseconds } => Some(milliseconds),
                LimitWindow::Overall | LimitWindow::Fixed(_) => None,
            },
            limit: Decimal(row.limit.0),
            left: Decimal(left(promotion, index, row, subjects, situation)),
            on_exceed: row.on_exceed,
        }
    })
    .collect()
}

fn fixed_window(
    promotion: &Promotion,
    row: &LimitRow,
    users: Users<'_>,
    instant: Instant,
    clock: &Clock,
) -> Option<(Instant, Instant)> {
    match &row.window {
        LimitWindow::Fixed(window) => {
            window_of(window, instant, promotion.definition.start_date, users.issued_at, clock)
        }
        LimitWindow::Overall | LimitWindow::Moving { .. } => None,
    }
}
