//! Which promotions could apply, and why codes unlock nothing (spec/evaluation.md 1, spec/api.md,
//! promoCodeEvaluationLogs).

use promotion_core::cart::Program;
use promotion_core::currency::Currency;
use promotion_core::definition::{
    Action, AmountKind, CartKpi, Condition, Criterion, Definition, LimitKpi, Mode, ProductCondition, ProductKpi,
    ProgramType, PromotionType, RepeatFrequency, Selecting, StoreEntity, SupplementaryCriteria, TimeCriteria, Weekday,
};
use promotion_core::evaluation::CodeFacts;

use crate::computing::Candidate;
use crate::limits::{Allowed, Exhausted};
use crate::model::{Case, Source};

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

/// Why a code does not unlock a promotion, worst last, as a log entry prefers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// 0: a good code.
    None,
    /// 1004
    Limit,
    /// 1002
    NotLive,
    /// 1005
    OtherCustomer,
    /// 1001
    Unknown,
}

impl Problem {
    pub fn code(self) -> u32 {
        match self {
            Self::None => 0,
            Self::Limit => 1004,
            Self::NotLive => 1002,
            Self::OtherCustomer => 1005,
            Self::Unknown => 1001,
        }
    }
}

/// All candidates of a mode, each with its code or instance. For vouchers every code is one of its own.
pub fn candidates(case: &Case<'_, '_>, mode: Mode) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for (promotion, source) in case.promotions.iter().enumerate() {
        if source.definition.mode != mode || !is_live(case, source) || !is_in_scope(case, &source.definition) {
            continue;
        }
        let found: Vec<Candidate> = reached_by(case, mode, source)
            .into_iter()
            .filter_map(|(code, instance)| {
                let key = code.as_ref().map(|code| code.to_uppercase());
                let allowed = Allowed::of(case, source, key.as_deref(), instance.as_deref()).ok()?;
                Some(Candidate { promotion, code, instance, allowed })
            })
            .collect();
        let is_voucher_code = |own: &Candidate| mode == Mode::PaymentVoucher && own.code.is_some();
        let most = if found.first().is_some_and(is_voucher_code) { found.len() } else { 1 };
        candidates.extend(found.into_iter().take(most));
    }
    candidates
}

/// The codes and instances by which this customer reaches a promotion, in order of preference.
fn reached_by(case: &Case<'_, '_>, mode: Mode, source: &Source) -> Vec<(Option<String>, Option<String>)> {
    let (sent, facts) = sent(case, mode);
    match source.definition.promotion_type {
        PromotionType::Pos => {
            let known = case.cart.customer_id.is_some() || !source.definition.is_loyalty_only;
            if known { vec![(None, None)] } else { Vec::new() }
        }
        PromotionType::Code => {
            let usable = sent.iter().zip(facts).filter(|(_, facts)| {
                facts.as_ref().is_some_and(|facts| problem(case, facts, source) == Some(Problem::None))
            });
            let first_sent = usable.map(|(code, _)| (*code).to_owned());
            first_sent.chain(usable_linked(case, mode, source)).map(|code| (Some(code), None)).collect()
        }
        PromotionType::Customer | PromotionType::Earning | PromotionType::Reward => {
            if case.cart.customer_id.is_none() {
                return Vec::new();
            }
            let own =
                case.entitlements.iter().filter(|own| own.promotion_id == source.id && own.valid_till >= case.instant);
            let mut own: Vec<_> = own.collect();
            own.sort_by_key(|own| (own.valid_till, own.earned_at, own.earn_id.clone()));
            own.into_iter().map(|own| (None, Some(own.earn_id.clone()))).collect()
        }
    }
}

/// The customer's own codes for a promotion that apply without being sent, the one expiring first before
/// the others; a voucher pays only where it is sent.
fn usable_linked(case: &Case<'_, '_>, mode: Mode, source: &Source) -> Vec<String> {
    if mode == Mode::PaymentVoucher {
        return Vec::new();
    }
    let expiry = |facts: &CodeFacts| {
        let own = facts.uses.iter().find(|own| own.promotion_id == source.id);
        own.and_then(|own| own.valid_till)
    };
    let usable = case.linked.iter().filter(|own| problem(case, &own.facts, source) == Some(Problem::None));
    let mut usable: Vec<(bool, Option<i64>, String)> =
        usable.map(|own| (expiry(&own.facts).is_none(), expiry(&own.facts), own.code.clone())).collect();
    // Those that never expire are the last; among equals the text decides.
    usable.sort();
    usable.into_iter().map(|(_, _, code)| code).collect()
}

/// The codes of a mode as sent, and what is known of them.
pub fn sent<'c>(case: &'c Case<'_, '_>, mode: Mode) -> (&'c [&'c str], &'c [Option<CodeFacts>]) {
    match mode {
        Mode::Discount => (&case.cart.promo_codes, case.codes),
        Mode::PaymentVoucher => (&case.cart.payment_vouchers, case.vouchers),
    }
}

/// Why a code does not unlock a promotion, limits left aside; None where it has nothing to do with it.
fn problem(case: &Case<'_, '_>, facts: &CodeFacts, source: &Source) -> Option<Problem> {
    let own = facts.uses.iter().find(|own| own.promotion_id == source.id)?;
    let dates = own.valid_from.is_none_or(|from| from <= case.instant)
        && own.valid_till.is_none_or(|till| till >= case.instant);
    let is_owner = |owner: &String| case.cart.customer_id.is_some_and(|id| id.key() == owner.as_str());
    Some(if facts.disabled || !dates || !is_live(case, source) {
        Problem::NotLive
    } else if !facts.linked_to.as_ref().is_none_or(is_owner) {
        Problem::OtherCustomer
    } else {
        Problem::None
    })
}

/// The log of a code that unlocked nothing: of its promotions the first of 0, 1004, 1002, 1005.
pub fn log(case: &Case<'_, '_>, code: &str, facts: Option<&CodeFacts>, refused: &dyn Fn(usize) -> bool) -> Problem {
    let Some(facts) = facts else { return Problem::Unknown };
    let of_promotion = |(promotion, source): (usize, &Source)| {
        let problem = problem(case, facts, source)?;
        let key = code.to_uppercase();
        let exhausted = matches!(Allowed::of(case, source, Some(&key), None), Err(Exhausted::Limit));
        let problem =
            if problem == Problem::None && (exhausted || refused(promotion)) { Problem::Limit } else { problem };
        Some((source.definition.mode, problem))
    };
    let of_promotions: Vec<(Mode, Problem)> = case.promotions.iter().enumerate().filter_map(of_promotion).collect();
    let is_of_other_list = of_promotions.iter().any(|(mode, _)| *mode == Mode::PaymentVoucher);
    if is_of_other_list && of_promotions.iter().any(|(_, problem)| *problem == Problem::Limit) {
        case.leave_open("whether a limit or the wrong list is the reason of a voucher's code among the promo codes");
    }
    of_promotions.into_iter().map(|(_, problem)| problem).min().unwrap_or(Problem::NotLive)
}

/// LIVE at the instant: switched on, and within its dates, both included.
fn is_live(case: &Case<'_, '_>, source: &Source) -> bool {
    let definition = &source.definition;
    definition.active && definition.start_date.0 <= case.instant && case.instant <= definition.end_date.0
}

/// Whether its currency, store, time and program criteria hold.
fn is_in_scope(case: &Case<'_, '_>, definition: &Definition) -> bool {
    let cart_currency = case.cart.currency.unwrap_or(case.settings.currency);
    let currency = !uses_money(definition) || definition.currency.is_none_or(|own: Currency| own == cart_currency);
    let store = definition.store_criteria.as_ref().is_none_or(|criteria| {
        case.till.as_ref().is_some_and(|till| {
            let own = match criteria.entity {
                StoreEntity::Store => &till.store,
                StoreEntity::Zone => &till.zone,
                StoreEntity::Concept => &till.concept,
            };
            own.as_ref().is_some_and(|own| criteria.values.contains(own)) != criteria.negated
        })
    });
    let time = definition
        .time_criteria
        .as_ref()
        .is_none_or(|time| is_open(time, wall_clock(case, case.instant), wall_clock(case, definition.start_date.0)));
    let program = definition.supplementary_criteria.as_ref().is_none_or(|wanted| {
        let programs = case.cart.customer.as_ref().and_then(|customer| customer.programs.as_ref());
        programs.iter().flat_map(|list| &list.0).any(|program| is_member(wanted, program))
    });
    currency && store && time && program
}

fn is_member(wanted: &SupplementaryCriteria, program: &Program<'_>) -> bool {
    let id = |wanted: &Option<String>, own: Option<promotion_core::cart::CustomerId<'_>>| {
        wanted.as_ref().is_none_or(|wanted| own.is_some_and(|own| own.key() == wanted.as_str()))
    };
    let kind = wanted.program_type.is_none_or(|kind| {
        let word = if kind == ProgramType::Tier { "TIER" } else { "SUBSCRIPTION" };
        program.program_type == Some(word)
    });
    id(&wanted.loyalty_program_id, program.loyalty_program_id)
        && kind
        && id(&wanted.partner_program_id, program.partner_program_id)
}

/// What the organization's wall clock shows at an instant, in milliseconds as if it were UTC.
fn wall_clock(case: &Case<'_, '_>, instant: i64) -> i64 {
    let zone = jiff::tz::TimeZone::get(&case.settings.timezone).expect("a time zone");
    let time = jiff::Timestamp::from_millisecond(instant).expect("an instant");
    instant + i64::from(zone.to_offset(time).seconds()) * 1_000
}

/// Whether a half-open window is open, all times being the wall clock's.
fn is_open(time: &TimeCriteria, now: i64, promotion_start: i64) -> bool {
    let length = (time.duration * i128::from(60 * MINUTE) / 1_000_000) as i64;
    let today = now.div_euclid(DAY);
    let days_back = length.div_euclid(DAY) + 1;
    (today - days_back..=today).any(|day| {
        let start = day * DAY + i64::from(time.start_minute) * MINUTE;
        let is_start_day = match time.repeat {
            RepeatFrequency::DoesNotRepeat => day == promotion_start.div_euclid(DAY),
            RepeatFrequency::Weeks => time.weekdays.contains(&weekday(day)),
            RepeatFrequency::Days => time.days_of_month.is_empty() || time.days_of_month.contains(&day_of_month(day)),
        };
        is_start_day && (start..start + length).contains(&now)
    })
}

/// The weekday of a day since 1970-01-01, which was a Thursday.
fn weekday(day: i64) -> Weekday {
    use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
    [Thursday, Friday, Saturday, Sunday, Monday, Tuesday, Wednesday][day.rem_euclid(7) as usize]
}

/// The day of the month of a day since 1970-01-01, by counting years and months.
fn day_of_month(mut day: i64) -> u8 {
    let mut year = 1970;
    loop {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        for month in [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
            if day < month {
                return day as u8 + 1;
            }
            day -= month;
        }
        year += 1;
    }
}

/// Whether any amount of money stands in a definition, which binds it to carts in its currency.
fn uses_money(definition: &Definition) -> bool {
    definition.limits.0.iter().any(|row| row.kpi == LimitKpi::Discount)
        || condition_uses_money(&definition.condition)
        || definition.earning_criteria.as_deref().is_some_and(condition_uses_money)
        || action_uses_money(&definition.action)
}

fn condition_uses_money(condition: &Condition) -> bool {
    match condition {
        Condition::Cart(cart) => matches!(cart.kpi, CartKpi::Subtotal | CartKpi::Total),
        Condition::Product(product) => product_uses_money(product),
        Condition::Combo(combo) => combo.parts.iter().any(product_uses_money),
        Condition::Tender(tender) => tender.condition.as_ref().is_some_and(|inner| condition_uses_money(inner)),
        Condition::PaymentMode(_) | Condition::Attribute(_) => false,
        Condition::PaymentModeScope(scope) => condition_uses_money(&scope.condition),
        Condition::PaymentModeCombo(both) => both.combo.parts.iter().any(product_uses_money),
        Condition::All(children) | Condition::Any(children) => children.iter().any(condition_uses_money),
        Condition::Not(inner) => condition_uses_money(inner),
    }
}

fn product_uses_money(condition: &ProductCondition) -> bool {
    matches!(condition.kpi, ProductKpi::Amount | ProductKpi::LineAmount)
        || condition.criteria.iter().any(criterion_uses_money)
}

fn criterion_uses_money(criterion: &Criterion) -> bool {
    match criterion {
        Criterion::Values { .. } => false,
        Criterion::UnitPrice { .. } => true,
        Criterion::AnyOf(criteria) => criteria.iter().any(criterion_uses_money),
    }
}

fn action_uses_money(action: &Action) -> bool {
    let amount = |kind: AmountKind, max: bool| kind != AmountKind::Percentage || max;
    let selecting = |selecting: &Option<Selecting>| match selecting {
        None => false,
        Some(Selecting::Product(condition)) => product_uses_money(condition),
        Some(Selecting::Combo(combo)) => combo.parts.iter().any(product_uses_money),
    };
    match action {
        Action::CartBased(own) => amount(own.kind, own.max_discount.is_some()),
        Action::ProductBased(own) => amount(own.kind, own.max_discount.is_some()) || selecting(&own.selecting),
        Action::FreeProduct(own) => selecting(&own.selecting),
        Action::FixedPrice(_) => true,
        Action::Tender(own) => amount(own.kind, own.max_discount.is_some()),
        Action::Shipping(own) => amount(own.kind, own.max_discount.is_some()),
        Action::PerUnit(own) => {
            own.kpi == promotion_core::definition::PerUnitKpi::Amount || action_uses_money(&own.reward)
        }
        Action::Tiered(own) => {
            own.kpi == promotion_core::definition::TierKpi::Subtotal
                || own.tiers.iter().any(|tier| action_uses_money(&tier.action))
        }
        Action::Multi(actions) => actions.iter().any(action_uses_money),
    }
}
