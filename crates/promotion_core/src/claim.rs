//! Which counts of limits a cart asks about, and what an evaluation uses of them (spec/lifecycle.md,
//! "Usage").

use std::collections::BTreeMap;

use crate::code::code_key;
use crate::condition::Looking;
use crate::definition::{Definition, Guests, LimitKpi, LimitLevel, LimitRow, LimitWindow, Mode};
use crate::eligibility::Circumstances;
use crate::evaluation::Evaluation;
use crate::instant::Instant;
use crate::limit::window_of;
use crate::money::{MILLION, Money};
use crate::outcome::{Codes, live_places};
use crate::ruleset::Ruleset;
use crate::schedule::Clock;
use crate::situation::{Situation, UsageKey};
use crate::suggestion::near;
use crate::units::{canonical_rank, line_facts};

/// Most rows that the count of one limit is spread over.
pub const MOST_SLOTS: i128 = 64;

/// Least part of a DISCOUNT limit that is worth a row of its own, in units of the currency: several times
/// what one cart usually takes.
const LEAST_MONEY_SLOT: i128 = 50;

/// One count of a limit: of which row, for whom, in which window. Calls claim counts in this order, so
/// that no two of them wait for each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Count {
    /// The promotion.
    pub promotion_id: String,
    /// The row's place in the promotion's limits.
    pub row: usize,
    /// The customer, code (as it is stored) or earn id that is counted; "" for everybody.
    pub subject: String,
    /// First instant of a FIXED window; None for the others.
    pub window_start: Option<Instant>,
}

/// A claim on a count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The limit.
    pub limit: LimitRow,
    /// How much is used of it, in millionths of an application, of a transaction or of the currency's unit;
    /// above 0.
    pub amount: i128,
}

/// A count that the allowance of a promotion depends on.
#[derive(Debug, Clone)]
pub struct Question {
    /// Which one.
    pub count: Count,
    /// How the evaluation asks for it.
    pub key: UsageKey,
    /// The limit.
    pub limit: LimitRow,
}

/// Whose uses are counted, besides everybody's.
#[derive(Debug, Clone, Copy, Default)]
pub struct Users<'s> {
    /// The customer; None: a guest.
    pub customer: Option<&'s str>,
    /// The code, as it is stored.
    pub code: Option<&'s str>,
    /// The instance.
    pub earn_id: Option<&'s str>,
    /// When the code or instance was issued.
    pub issued_at: Option<Instant>,
}

/// Over how many rows the count of a limit may be spread, so that concurrent claims needn't wait for one
/// another: counts of one customer or instance never meet, nor do MOVING ones spread.
pub fn slots(limit: &LimitRow) -> i128 {
    let shared = matches!(limit.level, LimitLevel::Promotion | LimitLevel::Code);
    if !shared || matches!(limit.window, LimitWindow::Moving { .. }) {
        return 1;
    }
    let whole = limit.limit.0 / MILLION;
    let parts = if limit.kpi == LimitKpi::Discount { whole / LEAST_MONEY_SLOT } else { whole };
    parts.clamp(1, MOST_SLOTS)
}

/// The counts of a promotion's limits at an instant: (the row's place, the row, who, which window). Cart rows
/// count nothing beyond their cart, and rows that let guests pass nothing of guests.
fn counts_of<'d>(
    promotion_id: &'d str,
    definition: &'d Definition,
    users: Users<'d>,
    instant: Instant,
    clock: &'d Clock,
) -> impl Iterator<Item = (Count, &'d LimitRow)> {
    definition.limit_rows().filter_map(move |(row, limit)| {
        let subject = match limit.level {
            LimitLevel::Promotion => "",
            LimitLevel::Customer if users.customer.is_none() && limit.guests == Guests::Allow => return None,
            LimitLevel::Customer => users.customer?,
            LimitLevel::Cart => return None,
            LimitLevel::Code => users.code?,
            LimitLevel::Earn => users.earn_id?,
        };
        let window_start = match &limit.window {
            LimitWindow::Overall | LimitWindow::Moving { .. } => None,
            LimitWindow::Fixed(window) => {
                Some(window_of(window, instant, definition.start_date, users.issued_at, clock)?.0)
            }
        };
        let (promotion_id, subject) = (promotion_id.to_owned(), subject.to_owned());
        Some((Count { promotion_id, row, subject, window_start }, limit))
    })
}

/// The counts that what a promotion leaves to somebody depends on, in the order of its rows.
pub fn questions_of(
    promotion_id: &str,
    definition: &Definition,
    users: Users<'_>,
    instant: Instant,
    clock: &Clock,
) -> Vec<Question> {
    let question = |(count, limit): (Count, &LimitRow)| {
        let subject = matches!(limit.level, LimitLevel::Code | LimitLevel::Earn).then(|| count.subject.clone());
        let key = UsageKey { promotion_id: count.promotion_id.clone(), row: count.row, subject };
        Question { count, key, limit: limit.clone() }
    };
    counts_of(promotion_id, definition, users, instant, clock).map(question).collect()
}

/// The counts that an evaluation of this cart depends on, each once, in order.
pub fn questions(ruleset: &Ruleset, situation: &Situation<'_, '_>) -> Vec<Question> {
    if !ruleset.has_counted_limits {
        return Vec::new();
    }
    let mut questions: BTreeMap<Count, Question> = BTreeMap::new();
    let customer = situation.cart.customer_id.as_ref().map(|id| id.key().into_owned());
    let mut ask = |place: u32, code: Option<&str>, earn_id: Option<&str>, issued_at: Option<Instant>| {
        let promotion = ruleset.promotion(place);
        let users = Users { customer: customer.as_deref(), code, earn_id, issued_at };
        for question in questions_of(&promotion.id, &promotion.definition, users, situation.instant, &ruleset.clock) {
            questions.entry(question.count.clone()).or_insert(question);
        }
    };
    for place in reached_by_content(ruleset, situation) {
        ask(place, None, None, None);
    }
    for (codes, mode) in
        [(Codes::of_promotions(situation), Mode::Discount), (Codes::of_vouchers(situation), Mode::PaymentVoucher)]
    {
        for (_, code, facts) in codes.known() {
            let code = code_key(code);
            for place in live_places(facts, mode, ruleset, situation) {
                let id = &*ruleset.promotion(place).id;
                let issued = facts.uses.iter().find(|code_use| code_use.promotion_id == id).map(|own| own.issued_at);
                ask(place, Some(&code), None, issued.map(Instant));
            }
        }
    }
    for own in situation.entitlements {
        if let Some(place) = ruleset.place_of(&own.promotion_id) {
            ask(place, None, Some(&own.earn_id), Some(Instant(own.earned_at)));
        }
    }
    questions.into_values().collect()
}

/// Promotions with counted limits that the cart reaches without code or instance, or that somebody asks about; and where
/// that is asked for, those that it nearly reaches.
fn reached_by_content(ruleset: &Ruleset, situation: &Situation<'_, '_>) -> Vec<u32> {
    let cart = situation.cart;
    let facts = line_facts(cart, &cart.lines, &ruleset.category_parents);
    let rank = canonical_rank(&facts);
    let looking = Looking { cart, facts: &facts, rank: &rank, by_value: None, left: None, in_bundles: false };
    let mut places = ruleset.candidates(&looking, situation);
    places.extend(situation.asked);
    if situation.suggests && !cart.lines.is_empty() {
        let currency = cart.currency.unwrap_or(ruleset.settings.currency);
        let now = ruleset.clock.at(situation.instant);
        places.extend(near(ruleset, &looking, &Circumstances { situation, currency, clock: &ruleset.clock, now }));
    }
    places.retain(|&place| is_counted(&ruleset.promotion(place).definition));
    places
}

/// Whether any limit of a promotion counts beyond one cart.
pub(crate) fn is_counted(definition: &Definition) -> bool {
    definition.limit_rows().any(|(_, limit)| limit.level != LimitLevel::Cart)
}

/// What one application of a promotion in a transaction uses of its limits.
#[derive(Debug, Clone, Copy)]
pub struct Use<'u> {
    /// The promotion.
    pub promotion_id: &'u str,
    /// Its definition.
    pub definition: &'u Definition,
    /// Whose use it is.
    pub users: Users<'u>,
    /// How many applications gave something.
    pub redemption_count: u64,
    /// All that it takes off, or pays.
    pub discount: Money,
}

/// What uses of one transaction claim, each count once.
pub fn claims<'u>(uses: impl IntoIterator<Item = Use<'u>>, instant: Instant, clock: &Clock) -> BTreeMap<Count, Claim> {
    let mut claims: BTreeMap<Count, Claim> = BTreeMap::new();
    for own in uses {
        for (count, limit) in counts_of(own.promotion_id, own.definition, own.users, instant, clock) {
            let amount = match limit.kpi {
                LimitKpi::Redemption => i128::from(own.redemption_count) * MILLION,
                LimitKpi::Transaction => MILLION,
                LimitKpi::Discount => own.discount.0,
            };
            if amount <= 0 {
                continue;
            }
            let claim = claims.entry(count).or_insert_with(|| Claim { limit: limit.clone(), amount: 0 });
            match limit.kpi {
                // Two vouchers of one promotion are one transaction all the same.
                LimitKpi::Transaction => claim.amount = amount,
                LimitKpi::Redemption | LimitKpi::Discount => claim.amount += amount,
            }
        }
    }
    claims
}

/// What an evaluation claims.
pub fn claims_of(
    ruleset: &Ruleset,
    situation: &Situation<'_, '_>,
    evaluation: &Evaluation<'_>,
) -> BTreeMap<Count, Claim> {
    if !ruleset.has_counted_limits {
        return BTreeMap::new();
    }
    let customer = situation.cart.customer_id.as_ref().map(|id| id.key().into_owned());
    let applied = evaluation.applied.iter().map(|own| {
        (
            own.place,
            own.promo_code.as_deref(),
            own.earn_id.as_deref(),
            own.redemption_count,
            own.discount,
            Mode::Discount,
        )
    });
    let vouchers = evaluation
        .vouchers
        .iter()
        .map(|own| (own.place, own.code, own.earn_id.as_deref(), 1, own.redeemable, Mode::PaymentVoucher));
    let all: Vec<_> = applied
        .chain(vouchers)
        .map(|(place, code, earn_id, redemption_count, discount, mode)| {
            let key = code.map(code_key);
            let issued_at = issued_at(&ruleset.promotion(place).id, key.as_deref(), earn_id, mode, situation);
            (place, key, earn_id, issued_at, redemption_count, discount)
        })
        .collect();
    let uses = all.iter().map(|(place, code, earn_id, issued_at, redemption_count, discount)| Use {
        promotion_id: &ruleset.promotion(*place).id,
        definition: &ruleset.promotion(*place).definition,
        users: Users { customer: customer.as_deref(), code: code.as_deref(), earn_id: *earn_id, issued_at: *issued_at },
        redemption_count: *redemption_count,
        discount: *discount,
    });
    claims(uses, situation.instant, &ruleset.clock)
}

/// When the code or instance that a promotion applied with was issued.
fn issued_at(
    promotion_id: &str,
    code: Option<&str>,
    earn_id: Option<&str>,
    mode: Mode,
    situation: &Situation<'_, '_>,
) -> Option<Instant> {
    if let Some(earn_id) = earn_id {
        let own = situation.entitlements.iter().find(|own| own.earn_id == earn_id)?;
        return Some(Instant(own.earned_at));
    }
    let code = code?;
    let codes = match mode {
        Mode::Discount => Codes::of_promotions(situation),
        Mode::PaymentVoucher => Codes::of_vouchers(situation),
    };
    let (_, _, facts) = codes.known().find(|(_, known, _)| code_key(known) == code)?;
    let own = facts.uses.iter().find(|code_use| code_use.promotion_id == promotion_id)?;
    Some(Instant(own.issued_at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::{CycleReference, CycleType, FixedWindow, OnExceed, Weekday};
    use crate::money::DefinitionNumber;
    use crate::settings::Settings;

    fn limit(level: LimitLevel, kpi: LimitKpi, most: i128, window: LimitWindow) -> LimitRow {
        let limit = DefinitionNumber(most * MILLION);
        LimitRow { level, kpi, limit, on_exceed: OnExceed::Clip, guests: Guests::Refuse, window }
    }

    fn month() -> LimitWindow {
        LimitWindow::Fixed(FixedWindow {
            cycle: CycleType::CalendarMonth,
            week_start: Weekday::Monday,
            days: 1,
            reference: None,
            source: CycleReference::PromotionConfig,
        })
    }

    #[test]
    fn only_what_many_use_is_spread() {
        use {LimitKpi::*, LimitLevel::*};
        for (level, kpi, most, expected) in [
            (Promotion, Redemption, 1, 1),
            (Promotion, Redemption, 10, 10),
            (Promotion, Transaction, 1_000_000, 64),
            (Code, Redemption, 1, 1),
            (Code, Redemption, 500, 64),
            (Promotion, Discount, 49, 1),
            (Promotion, Discount, 1_000, 20),
            (Customer, Redemption, 1_000, 1),
            (Earn, Redemption, 1_000, 1),
        ] {
            assert_eq!(slots(&limit(level, kpi, most, LimitWindow::Overall)), expected, "{level:?} {kpi:?} {most}");
            assert_eq!(slots(&limit(level, kpi, most, LimitWindow::Moving { milliseconds: 1 })), 1);
        }
    }

    #[test]
    fn a_use_is_claimed_of_every_row_that_counts_it() {
        let definition = serde_json::json!({
            "name": "x", "type": "POS", "startDate": 0, "endDate": 4_102_444_800_000_i64,
            "condition": {"type": "PRODUCT", "productCondition": {}},
            "action": {"type": "CART_BASED", "cartBasedAction": {"type": "PERCENTAGE", "value": 1}}});
        let mut definition = Definition::parse(&definition, &Settings::default()).expect("a definition");
        let guests_pass = LimitRow {
            guests: Guests::Allow,
            ..limit(LimitLevel::Customer, LimitKpi::Redemption, 5, LimitWindow::Overall)
        };
        definition.limits.0 = vec![
            limit(LimitLevel::Promotion, LimitKpi::Redemption, 5, LimitWindow::Overall),
            limit(LimitLevel::Promotion, LimitKpi::Discount, 5, month()),
            limit(LimitLevel::Customer, LimitKpi::Transaction, 5, LimitWindow::Moving { milliseconds: 1 }),
            guests_pass,
            limit(LimitLevel::Cart, LimitKpi::Redemption, 5, LimitWindow::Overall),
            limit(LimitLevel::Code, LimitKpi::Redemption, 5, LimitWindow::Overall),
        ];
        let now = Instant(1_800_000_000_000); // 2027-01-15
        let claimed = |customer: Option<&str>, code: Option<&str>, times: usize| {
            let users = Users { customer, code, ..Users::default() };
            let own = Use {
                promotion_id: "p",
                definition: &definition,
                users,
                redemption_count: 3,
                discount: Money(4_500_000),
            };
            let claims = claims(std::iter::repeat_n(own, times), now, &Clock::new("Europe/Berlin"));
            let entry = |(count, claim): (&Count, &Claim)| {
                (count.row, count.subject.clone(), count.window_start.map(|start| start.0), claim.amount)
            };
            claims.iter().map(entry).collect::<Vec<_>>()
        };
        let january = Some(1_798_758_000_000); // 2026-12-31T23:00:00Z, midnight in Berlin
        let of_all = |times: i128| {
            vec![(0, String::new(), None, 3 * times * MILLION), (1, String::new(), january, 4_500_000 * times)]
        };
        assert_eq!(claimed(None, None, 1), of_all(1));
        let mut expected = of_all(2);
        expected.extend([
            (2, "42".to_owned(), None, MILLION),
            (3, "42".to_owned(), None, 6 * MILLION),
            (5, "SAVE".to_owned(), None, 6 * MILLION),
        ]);
        assert_eq!(claimed(Some("42"), Some("SAVE"), 2), expected);
    }
}
