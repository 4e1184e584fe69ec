//! What limits leave of a promotion (spec/definition.md, "Limits").

use num_traits::{Signed, Zero};
use promotion_core::definition::{
    Definition, Guests, INSTANCE_ROW, LimitKpi, LimitLevel, LimitWindow, OnExceed, PromotionType,
};
use promotion_core::limit::Used;

use crate::model::{Case, Source};
use crate::money::{Num, exact, floor};

/// A limit leaves less than was due, and says REFUSE.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Refused;

/// Why limits keep a promotion from a cart whatever is in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Exhausted {
    /// Nothing is left of a row.
    Limit,
    /// It is not for guests.
    Guest,
}

/// What is left of a promotion's rows; None: no such row.
#[derive(Debug, Clone, Default)]
pub struct Allowed {
    pub clip_count: Option<u64>,
    pub refuse_count: Option<u64>,
    pub clip_money: Option<Num>,
    pub refuse_money: Option<Num>,
}

impl Allowed {
    /// What all rows leave. `code` and `instance` name the code and the entitlement it is used with.
    pub fn of(
        case: &Case<'_, '_>,
        source: &Source,
        code: Option<&str>,
        instance: Option<&str>,
    ) -> Result<Self, Exhausted> {
        if is_used_up(case, source, instance) {
            return Err(Exhausted::Limit);
        }
        let mut allowed = Self::default();
        for (index, row) in source.definition.limits.0.iter().enumerate() {
            if row.level == LimitLevel::Customer && case.cart.customer_id.is_none() {
                if row.guests == Guests::Refuse {
                    return Err(Exhausted::Guest);
                }
                continue;
            }
            let subject = match row.level {
                LimitLevel::Code => code.map(str::to_owned),
                LimitLevel::Earn => instance.map(str::to_owned),
                _ => None,
            };
            // A cart's own uses are those of this evaluation: none before it.
            let used = case.usage.get(&(source.id.clone(), index, subject)).filter(|_| row.level != LimitLevel::Cart);
            let left = exact(row.limit.0) - used.map_or(Num::zero(), |used| in_use(used, &row.window, case.instant));
            if left < Num::from_integer(1) && row.kpi != LimitKpi::Discount || !left.is_positive() {
                return Err(Exhausted::Limit);
            }
            let refuse = row.on_exceed == OnExceed::Refuse;
            let count = left.floor().to_integer() as u64;
            match row.kpi {
                LimitKpi::Transaction => {}
                LimitKpi::Redemption if refuse => least(&mut allowed.refuse_count, count),
                LimitKpi::Redemption => least(&mut allowed.clip_count, count),
                LimitKpi::Discount if refuse => least(&mut allowed.refuse_money, left),
                LimitKpi::Discount => least(&mut allowed.clip_money, left),
            }
        }
        Ok(allowed)
    }

    /// These with so much money spent already, by earlier actions of the promotion.
    pub fn after(&self, spent: Num) -> Self {
        let less = |money: Option<Num>| money.map(|money| (money - spent).max(Num::zero()));
        Self { clip_money: less(self.clip_money), refuse_money: less(self.refuse_money), ..self.clone() }
    }

    /// These with so many applications given already.
    pub fn after_count(&self, count: u64) -> Self {
        let less = |most: Option<u64>| most.map(|most| most.saturating_sub(count));
        Self { clip_count: less(self.clip_count), refuse_count: less(self.refuse_count), ..self.clone() }
    }

    /// How many of so many applications are left.
    pub fn applications(&self, due: u64) -> Result<u64, Refused> {
        if self.refuse_count.is_some_and(|most| due > most) {
            return Err(Refused);
        }
        Ok(self.clip_count.map_or(due, |most| due.min(most)))
    }

    /// How much of a discount is left, in whole minor units where it is cut.
    pub fn discount(&self, due: Num, minor: Num) -> Result<Num, Refused> {
        if self.refuse_money.is_some_and(|most| due > most) {
            return Err(Refused);
        }
        Ok(self.clip_money.filter(|most| due > *most).map_or(due, |most| floor(most, minor)))
    }
}

/// Whether an instance had the one transaction that it is good for (spec/lifecycle.md, "Entitlements").
fn is_used_up(case: &Case<'_, '_>, source: &Source, instance: Option<&str>) -> bool {
    let (Some(instance), false) = (instance, is_reusable(&source.definition)) else { return false };
    let key = (source.id.clone(), INSTANCE_ROW, Some(instance.to_owned()));
    case.usage.get(&key).is_some_and(|used| used.count > 0)
}

/// Whether a definition has rows that say how often an instance may be used: "its Earn rows (CUSTOMER: its
/// Customer rows)".
fn is_reusable(definition: &Definition) -> bool {
    let level = match definition.promotion_type {
        PromotionType::Customer => LimitLevel::Customer,
        _ => LimitLevel::Earn,
    };
    definition.limits.0.iter().any(|row| row.level == level)
}

fn least<T: PartialOrd + Copy>(bound: &mut Option<T>, value: T) {
    if bound.is_none_or(|bound| value < bound) {
        *bound = Some(value);
    }
}

/// What is used now: of a moving row the most that lies in any interval of its length, open at its
/// beginning and closed at its end, with the instant in it.
fn in_use(used: &Used, window: &LimitWindow, now: i64) -> Num {
    let millionths = match window {
        LimitWindow::Moving { milliseconds } => {
            let within = |end: i64| {
                let uses = used.moving.iter().filter(|(at, _)| *at > end - milliseconds && *at <= end);
                uses.map(|(_, count)| *count).sum::<i128>()
            };
            let ends = used.moving.iter().map(|(at, _)| *at).filter(|&at| at > now && at - milliseconds < now);
            ends.chain([now]).map(within).max().unwrap_or(0) + used.held
        }
        _ => used.count,
    };
    exact(millionths)
}
