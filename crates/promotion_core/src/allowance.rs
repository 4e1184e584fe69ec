//! What limits leave of a promotion for this cart (spec/definition.md, "Limits").

use crate::action::Allowance;
use crate::definition::{Guests, LimitKpi, LimitLevel, LimitRow, OnExceed};
use crate::evaluation::Reason;
use crate::limit::{Used, available};
use crate::money::{MILLION, Money};
use crate::ruleset::Promotion;
use crate::situation::{Situation, UsageKey};

/// Whose code or entitlement unlocks a promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Subjects<'s> {
    /// The code, as it is stored.
    pub code: Option<&'s str>,
    /// The earn id.
    pub earn_id: Option<&'s str>,
}

/// What the limits of a promotion leave.
///
/// # Errors
/// The limit that leaves nothing, or that keeps guests out.
pub fn allowance(
    promotion: &Promotion,
    subjects: Subjects<'_>,
    situation: &Situation<'_, '_>,
) -> Result<Allowance, Reason> {
    allowance_of(|_| true, promotion, subjects, situation)
}

/// What the limits leave that all vouchers of a promotion share on a cart, and what those leave that each code or
/// instance has of its own.
///
/// # Errors
/// The limit that leaves nothing, or that keeps guests out.
pub fn voucher_allowances(
    promotion: &Promotion,
    subjects: Subjects<'_>,
    situation: &Situation<'_, '_>,
) -> Result<(Allowance, Allowance), Reason> {
    let is_own = |level: LimitLevel| matches!(level, LimitLevel::Code | LimitLevel::Earn);
    let shared = allowance_of(|level| !is_own(level), promotion, subjects, situation)?;
    Ok((shared, allowance_of(is_own, promotion, subjects, situation)?))
}

fn allowance_of(
    counts: impl Fn(LimitLevel) -> bool,
    promotion: &Promotion,
    subjects: Subjects<'_>,
    situation: &Situation<'_, '_>,
) -> Result<Allowance, Reason> {
    let mut allowance = Allowance::default();
    for (index, row) in promotion.definition.limit_rows().filter(|(_, row)| counts(row.level)) {
        if row.level == LimitLevel::Customer && situation.cart.customer_id.is_none() {
            match row.guests {
                Guests::Allow => continue,
                Guests::Refuse => return Err(Reason::NotForGuests),
            }
        }
        let left = left(promotion, index, row, subjects, situation);
        let whole = left / MILLION;
        let enough = match row.kpi {
            LimitKpi::Discount => left > 0,
            LimitKpi::Redemption | LimitKpi::Transaction => whole > 0,
        };
        if !enough {
            return Err(Reason::LimitReached { row: index, level: row.level, kpi: row.kpi });
        }
        let lower = |bound: &mut Option<i128>, value: i128| *bound = Some(bound.map_or(value, |own| own.min(value)));
        let lower_money = |bound: &mut Option<Money>, value: i128| {
            *bound = Some(bound.map_or(Money(value), |own| own.min(Money(value))))
        };
        match (row.kpi, row.on_exceed) {
            (LimitKpi::Transaction, _) => {}
            (LimitKpi::Redemption, OnExceed::Clip) => lower(&mut allowance.applications, whole),
            (LimitKpi::Redemption, OnExceed::Refuse) => lower(&mut allowance.most_applications, whole),
            (LimitKpi::Discount, OnExceed::Clip) => lower_money(&mut allowance.money, left),
            (LimitKpi::Discount, OnExceed::Refuse) => lower_money(&mut allowance.most_money, left),
        }
    }
    Ok(allowance)
}

/// What a limit leaves, in millionths.
pub(crate) fn left(
    promotion: &Promotion,
    index: usize,
    row: &LimitRow,
    subjects: Subjects<'_>,
    situation: &Situation<'_, '_>,
) -> i128 {
    if situation.usage.0.is_empty() || row.level == LimitLevel::Cart {
        return row.limit.0;
    }
    let subject = match row.level {
        LimitLevel::Code => subjects.code,
        LimitLevel::Earn => subjects.earn_id,
        LimitLevel::Promotion | LimitLevel::Customer | LimitLevel::Cart => None,
    };
    let key = UsageKey { promotion_id: promotion.id.to_string(), row: index, subject: subject.map(str::to_owned) };
    situation.usage.0.get(&key).map_or_else(
        || available(row, &Used::default(), situation.instant),
        |used| available(row, used, situation.instant),
    )
}
