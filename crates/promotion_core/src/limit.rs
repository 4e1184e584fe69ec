//! The arithmetic of limits: when fixed windows begin and end, and how much of a limit is left
//! (spec/definition.md, "Limits"; spec/lifecycle.md, "Usage").

use jiff::civil::Date;

use crate::definition::{CycleReference, CycleType, FixedWindow, LimitRow, LimitWindow};
use crate::instant::Instant;
use crate::schedule::{Clock, add_days, days_after, days_since};

/// How much of a limit is used, in millionths of a use or of the currency's unit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Used {
    /// OVERALL and FIXED rows: in the window in force, what came back taken off, with what others'
    /// live locks hold.
    pub count: i128,
    /// MOVING rows: instants in epoch milliseconds in any order, and how much was used at each,
    /// what came back taken off.
    pub moving: Vec<(i64, i128)>,
    /// MOVING rows: what others' live locks hold.
    pub held: i128,
}

/// How much of a limit is left at an instant, in millionths, never below 0 (spec/lifecycle.md,
/// "Usage"). For a FIXED row, `used` is that of the instant's window ([`window_of`]).
pub fn available(row: &LimitRow, used: &Used, instant: Instant) -> i128 {
    match row.window {
        LimitWindow::Overall | LimitWindow::Fixed(_) => row.limit.0.saturating_sub(used.count).max(0),
        LimitWindow::Moving { milliseconds } => {
            moving_available(row.limit.0, milliseconds, &used.moving, used.held, instant.0)
        }
    }
}

/// How much of a MOVING row's limit is left at an instant: what can be used then so that no
/// interval (s − milliseconds, s] with the instant in it exceeds the limit, also one that ends
/// later, where uses lie later. What live locks hold counts in every interval (spec/lifecycle.md,
/// "Usage"). Never below 0.
pub fn moving_available(limit: i128, milliseconds: i64, uses: &[(i64, i128)], held: i128, instant: i64) -> i128 {
    // Intervals with the instant in them have s in [instant, instant + milliseconds).
    let (width, instant) = (i128::from(milliseconds), i128::from(instant));
    let near = |at: &i128| instant - width < *at && *at < instant + width;
    let mut uses: Vec<(i128, i128)> = uses.iter().map(|(at, amount)| (i128::from(*at), *amount)).collect();
    uses.retain(|(at, _)| near(at));
    uses.sort_unstable_by_key(|(at, _)| *at);

    let (before, after) = uses.split_at(uses.partition_point(|(at, _)| *at <= instant));
    let mut sum = before.iter().fold(0_i128, |sum, (_, amount)| sum.saturating_add(*amount));
    let mut most = sum;
    // A sum can only grow where the interval's end reaches the next use.
    let mut leaving = before.iter().peekable();
    for entering in after.chunk_by(|a, b| a.0 == b.0) {
        let Some((end, _)) = entering.first() else { continue };
        while let Some((_, amount)) = leaving.next_if(|(at, _)| *at <= end - width) {
            sum = sum.saturating_sub(*amount);
        }
        sum = entering.iter().fold(sum, |sum, (_, amount)| sum.saturating_add(*amount));
        most = most.max(sum);
    }
    limit.saturating_sub(held).saturating_sub(most).max(0)
}

/// 0001-01-01 UTC, before which no instant of the contract lies.
const EARLIEST: Instant = Instant(-62_135_596_800_000);

/// 10000-01-01 UTC, which all instants of the contract lie before.
const END: Instant = Instant(253_402_300_800_000);

/// The FIXED window that an instant lies in, from its first instant up to and without its end:
/// whole days on the organization's wall clock (spec/definition.md, "Limits").
///
/// N_DAY cycles count, forwards and backwards, from the day of `cycleReferenceDate`, else of the
/// promotion's start; or, with ISSUANCE_DATE, from the day on which the code or instance was
/// issued: None where it is not known. Windows end at the contract's first and last year.
pub fn window_of(
    window: &FixedWindow,
    instant: Instant,
    promotion_start: Instant,
    issued_at: Option<Instant>,
    clock: &Clock,
) -> Option<(Instant, Instant)> {
    let reference = match window.source {
        CycleReference::PromotionConfig => window.reference.unwrap_or(promotion_start),
        CycleReference::IssuanceDate if window.cycle == CycleType::NDay => issued_at?,
        CycleReference::IssuanceDate => promotion_start,
    };
    let begin = |date: Option<Date>, beyond| date.map_or(beyond, |date| clock.midnight(date).max(EARLIEST));
    let reference = clock.at(reference).date;
    let (first, next) = cycle(window, clock.at(instant).date, reference);
    let (from, until) = (begin(first, EARLIEST), begin(next, END));
    // Where the clock is set back from past midnight, the day before comes again, for a while: it
    // already counts to the window that begins at that midnight.
    if let Some(next) = next.filter(|_| until <= instant) {
        let (_, after_next) = cycle(window, next, reference);
        return Some((until, begin(after_next, END)));
    }
    Some((from, until))
}

/// The first day of the cycle that a date lies in, and of the next one; None beyond the years of
/// the calendar.
fn cycle(window: &FixedWindow, date: Date, reference: Date) -> (Option<Date>, Option<Date>) {
    match window.cycle {
        CycleType::CalendarMonth => (Some(date.first_of_month()), date.last_of_month().tomorrow().ok()),
        CycleType::Week => {
            let first = -days_since(window.week_start, date);
            (add_days(date, first), add_days(date, first + 7))
        }
        CycleType::NDay => {
            let days = i64::from(window.days.max(1));
            let first = -days_after(date, reference).rem_euclid(days);
            (add_days(date, first), add_days(date, first + days))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::{Guests, LimitKpi, LimitLevel, OnExceed, Weekday};
    use crate::money::DefinitionNumber;
    use proptest::prelude::*;

    const DAY: i64 = 86_400_000;

    fn instant(text: &str) -> Instant {
        let time = text.parse::<jiff::Timestamp>().unwrap_or_else(|error| panic!("{text}: {error}"));
        Instant(time.as_millisecond())
    }

    const MONTH: FixedWindow = FixedWindow {
        cycle: CycleType::CalendarMonth,
        week_start: Weekday::Monday,
        days: 1,
        reference: None,
        source: CycleReference::PromotionConfig,
    };

    fn week(week_start: Weekday) -> FixedWindow {
        FixedWindow { cycle: CycleType::Week, week_start, ..MONTH }
    }

    fn days(days: u32, reference: Option<&str>) -> FixedWindow {
        FixedWindow { cycle: CycleType::NDay, days, reference: reference.map(instant), ..MONTH }
    }

    const START: &str = "2026-01-10T15:00:00Z";

    /// The window's first and last milliseconds are in it, the ones before and after in others.
    #[track_caller]
    fn check(zone: &str, window: &FixedWindow, from: &str, until: &str) {
        let clock = Clock::new(zone);
        let of = |at: i64| window_of(window, Instant(at), instant(START), None, &clock);
        let expected = (instant(from), instant(until));
        let (from, until) = (expected.0.0, expected.1.0);
        for at in [from, from + 1, from.midpoint(until), until - 1] {
            assert_eq!(of(at), Some(expected), "{zone} {at}");
        }
        assert_eq!(of(from - 1).map(|(_, until)| until), Some(expected.0), "{zone}");
        assert_eq!(of(until).map(|(from, _)| from), Some(expected.1), "{zone}");
    }

    #[test]
    fn months_begin_on_the_first_on_the_wall_clock() {
        for (zone, from, until) in [
            ("UTC", "2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z"),
            ("UTC", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"),
            ("UTC", "2100-02-01T00:00:00Z", "2100-03-01T00:00:00Z"),
            ("UTC", "1969-12-01T00:00:00Z", "1970-01-01T00:00:00Z"),
            ("Europe/Berlin", "2026-03-01T00:00:00+01:00", "2026-04-01T00:00:00+02:00"),
            ("Europe/Berlin", "2026-10-01T00:00:00+02:00", "2026-11-01T00:00:00+01:00"),
            ("Europe/Berlin", "2026-12-01T00:00:00+01:00", "2027-01-01T00:00:00+01:00"),
            ("America/New_York", "2026-11-01T00:00:00-04:00", "2026-12-01T00:00:00-05:00"),
            ("Asia/Kolkata", "2026-01-01T00:00:00+05:30", "2026-02-01T00:00:00+05:30"),
            ("Australia/Lord_Howe", "2026-04-01T00:00:00+11:00", "2026-05-01T00:00:00+10:30"),
            // Midnight of 1 November comes twice: the first counts.
            ("America/Havana", "2026-11-01T00:00:00-04:00", "2026-12-01T00:00:00-05:00"),
        ] {
            check(zone, &MONTH, from, until);
        }
    }

    #[test]
    fn weeks_begin_on_their_day() {
        let cases = [
            ("UTC", Weekday::Monday, "2025-12-29T00:00:00Z", "2026-01-05T00:00:00Z"),
            ("UTC", Weekday::Sunday, "2026-01-04T00:00:00Z", "2026-01-11T00:00:00Z"),
            ("UTC", Weekday::Wednesday, "2028-02-23T00:00:00Z", "2028-03-01T00:00:00Z"),
            ("America/New_York", Weekday::Sunday, "2026-03-08T00:00:00-05:00", "2026-03-15T00:00:00-04:00"),
            ("Europe/Berlin", Weekday::Monday, "2026-10-19T00:00:00+02:00", "2026-10-26T00:00:00+01:00"),
            // Midnights that the clock skips.
            ("America/Sao_Paulo", Weekday::Sunday, "2018-11-04T01:00:00-02:00", "2018-11-11T00:00:00-02:00"),
            ("Asia/Beirut", Weekday::Sunday, "2026-03-22T00:00:00+02:00", "2026-03-29T01:00:00+03:00"),
            // The last minutes of Saturday come again after Sunday began, and count to Sunday's week.
            ("America/St_Johns", Weekday::Sunday, "2010-11-07T00:00:00-02:30", "2010-11-14T00:00:00-03:30"),
        ];
        for (zone, week_start, from, until) in cases {
            check(zone, &week(week_start), from, until);
        }
        let saturday_again = instant("2010-11-06T23:30:00-03:30");
        let clock = Clock::new("America/St_Johns");
        let found = window_of(&week(Weekday::Sunday), saturday_again, instant(START), None, &clock);
        assert_eq!(found.map(|(from, _)| from), Some(instant("2010-11-07T00:00:00-02:30")));
    }

    #[test]
    fn cycles_of_days_count_from_their_reference_both_ways() {
        // From the promotion's start, 2026-01-10.
        check("UTC", &days(7, None), "2026-01-10T00:00:00Z", "2026-01-17T00:00:00Z");
        check("UTC", &days(7, None), "2026-01-03T00:00:00Z", "2026-01-10T00:00:00Z");
        check("UTC", &days(1, None), "2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z");
        let ten = days(10, Some("2026-02-25T23:59:59.999Z"));
        check("UTC", &ten, "2026-02-25T00:00:00Z", "2026-03-07T00:00:00Z");
        check("UTC", &ten, "2025-12-27T00:00:00Z", "2026-01-06T00:00:00Z");
        check("UTC", &days(60, Some("2028-01-31T00:00:00Z")), "2028-01-31T00:00:00Z", "2028-03-31T00:00:00Z");
        // In Berlin that reference lies on the next day.
        let ten = days(10, Some("2026-02-25T23:00:00Z"));
        check("Europe/Berlin", &ten, "2026-03-28T00:00:00+01:00", "2026-04-07T00:00:00+02:00");
        check("Asia/Kathmandu", &ten, "2026-02-26T00:00:00+05:45", "2026-03-08T00:00:00+05:45");
        // A reference in a day's second pass; one in a day that the clock skips for the most part.
        let two = days(2, Some("2026-10-25T02:30:00+01:00"));
        check("Europe/Berlin", &two, "2026-10-25T00:00:00+02:00", "2026-10-27T00:00:00+01:00");
        check(
            "Pacific/Apia",
            &days(2, Some("2011-12-28T12:00:00-10:00")),
            "2011-12-28T00:00:00-10:00",
            "2011-12-31T00:00:00+14:00",
        );
        check("Pacific/Apia", &days(1, None), "2011-12-29T00:00:00-10:00", "2011-12-31T00:00:00+14:00");
    }

    #[test]
    fn cycles_from_issuance_need_to_know_it() {
        let clock = Clock::new("UTC");
        let of = |window: &FixedWindow, issued: Option<&str>| {
            window_of(window, instant("2026-02-01T12:00:00Z"), instant(START), issued.map(instant), &clock)
        };
        let mut window = days(30, Some("2026-01-01T00:00:00Z"));
        let expected = Some((instant("2026-01-01T00:00:00Z"), instant("2026-01-31T00:00:00Z")));
        assert_eq!(of(&window, None).map(|(from, _)| from), expected.map(|(_, until)| until));
        window.source = CycleReference::IssuanceDate;
        assert_eq!(of(&window, None), None);
        let expected = Some((instant("2026-01-20T00:00:00Z"), instant("2026-02-19T00:00:00Z")));
        assert_eq!(of(&window, Some("2026-01-20T18:00:00Z")), expected);
        window.cycle = CycleType::CalendarMonth;
        let expected = Some((instant("2026-02-01T00:00:00Z"), instant("2026-03-01T00:00:00Z")));
        assert_eq!(of(&window, None), expected);
    }

    #[test]
    fn windows_end_with_the_years_of_the_contract() {
        let clock = Clock::new("America/New_York");
        let forever = days(u32::MAX, Some(START));
        let expected = Some((instant("2026-01-10T00:00:00-05:00"), END));
        assert_eq!(window_of(&forever, instant("9000-01-01T00:00:00Z"), instant(START), None, &clock), expected);
        let expected = Some((EARLIEST, instant("2026-01-10T00:00:00-05:00")));
        assert_eq!(window_of(&forever, instant("1000-01-01T00:00:00Z"), instant(START), None, &clock), expected);
        for far in [i64::MIN, EARLIEST.0, END.0 - 1, i64::MAX] {
            for window in [MONTH, week(Weekday::Sunday), days(1, None), days(u32::MAX, None), days(0, None)] {
                for reference in [i64::MIN, i64::MAX] {
                    let (from, until) =
                        window_of(&window, Instant(far), Instant(reference), None, &clock).expect("a window");
                    assert!(EARLIEST <= from && from <= until && until <= END);
                }
            }
        }
    }

    fn row(limit: i128, window: LimitWindow) -> LimitRow {
        LimitRow {
            level: LimitLevel::Customer,
            kpi: LimitKpi::Redemption,
            limit: DefinitionNumber(limit),
            on_exceed: OnExceed::Clip,
            guests: Guests::Refuse,
            window,
        }
    }

    #[test]
    fn what_is_left_is_never_negative() {
        let used = |count| Used { count, moving: vec![(0, 4)], held: 3 };
        for window in [LimitWindow::Overall, LimitWindow::Fixed(MONTH)] {
            assert_eq!(available(&row(10, window.clone()), &used(4), Instant(0)), 6);
            assert_eq!(available(&row(10, window.clone()), &used(11), Instant(0)), 0);
            assert_eq!(available(&row(10, window), &used(i128::MIN), Instant(0)), i128::MAX);
        }
        let moving = row(10, LimitWindow::Moving { milliseconds: DAY });
        assert_eq!(available(&moving, &used(99), Instant(0)), 3);
        assert_eq!(available(&moving, &used(99), Instant(DAY)), 7);
        assert_eq!(available(&moving, &Used { held: 11, ..Used::default() }, Instant(0)), 0);
    }

    #[test]
    fn a_use_stops_counting_exactly_one_interval_later() {
        let left = |at| moving_available(3, 100, &[(1_000, 2)], 0, at);
        assert_eq!([900, 901, 1_000, 1_099, 1_100].map(left), [3, 1, 1, 1, 3]);
        // One earlier and one later, which no interval has both of: the fuller interval decides.
        let left = |at| moving_available(5, 100, &[(1_090, 3), (990, 2)], 0, at);
        assert_eq!([1_000, 1_089, 1_090, 1_190].map(left), [2, 2, 2, 5]);
        assert_eq!(moving_available(5, 100, &[(1_089, 3), (990, 2)], 0, 1_000), 0);
        // Of uses at one instant, what came back counts before the fullest interval is looked for.
        let left = |at| moving_available(5, 100, &[(7, 1), (7, 1), (7, -1)], 2, at);
        assert_eq!([5, 7, 9].map(left), [2, 2, 2]);
    }

    #[test]
    fn no_amount_or_instant_overflows() {
        let uses = [(i64::MIN, i128::MAX), (i64::MAX, i128::MAX), (0, i128::MAX), (1, i128::MAX), (-1, i128::MIN)];
        for at in [i64::MIN, -1, 0, i64::MAX] {
            for width in [i64::MIN, 0, 1, i64::MAX] {
                for held in [i128::MIN, 0, i128::MAX] {
                    assert!(moving_available(i128::MAX, width, &uses, held, at) >= 0);
                }
            }
        }
        assert_eq!(moving_available(5, i64::MAX, &[(i64::MIN, 1), (i64::MAX, 1)], 0, i64::MAX), 4);
    }

    /// What is left in the fullest of all intervals, one by one.
    fn slowly(limit: i128, width: i64, uses: &[(i64, i128)], held: i128, at: i64) -> i128 {
        let full = |end: i64| -> i128 {
            uses.iter().filter(|(at, _)| end - width < *at && *at <= end).map(|(_, amount)| amount).sum()
        };
        (at..at + width).map(|end| limit - held - full(end)).min().unwrap_or(limit - held).max(0)
    }

    const ZONES: [&str; 10] = [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "America/Sao_Paulo",
        "America/St_Johns",
        "America/Toronto",
        "Africa/Cairo",
        "Pacific/Apia",
    ];

    proptest! {
        #[test]
        fn moving_limits_are_those_of_every_interval(
            limit in 0_i128..60,
            width in 1_i64..40,
            uses in prop::collection::vec((0_i64..80, 0_i128..9), 0..14),
            held in 0_i128..5,
            at in 0_i64..80,
        ) {
            let left = moving_available(limit, width, &uses, held, at);
            prop_assert_eq!(left, slowly(limit, width, &uses, held, at));
            // Taken, nothing is left; and one interval further on, it does not count.
            let mut more = uses.clone();
            more.push((at, left));
            prop_assert_eq!(moving_available(limit, width, &more, held, at), 0);
            prop_assert_eq!(
                moving_available(limit, width, &more, held, at + width),
                moving_available(limit, width, &uses, held, at + width)
            );
        }

        #[test]
        fn windows_tile_time(
            zone in prop::sample::select(&ZONES[..]),
            // 1900 to 2100; often just around a change of the clock.
            at in -2_208_988_800_000_i64..4_102_444_800_000,
            near in prop::option::of(-2 * DAY..2 * DAY),
            reference in -2_208_988_800_000_i64..4_102_444_800_000,
            cycle in prop::sample::select(vec![CycleType::CalendarMonth, CycleType::Week, CycleType::NDay]),
            week_start in prop::sample::select(vec![Weekday::Monday, Weekday::Saturday, Weekday::Sunday]),
            days in prop_oneof![1_u32..4, 1_u32..400],
        ) {
            let clock = Clock::new(zone);
            let change = near.and_then(|near| {
                let zone = jiff::tz::TimeZone::get(zone).ok()?;
                let change = zone.following(jiff::Timestamp::from_millisecond(at).ok()?).next()?;
                Some(change.timestamp().as_millisecond() + near)
            });
            let at = change.unwrap_or(at);
            let window = FixedWindow { cycle, week_start, days, ..MONTH };
            let of = |at| window_of(&window, at, Instant(reference), None, &clock).expect("a window");
            let (from, until) = of(Instant(at));
            prop_assert!(from.0 <= at && at < until.0);
            prop_assert_eq!(of(from), (from, until));
            prop_assert_eq!(of(Instant(until.0 - 1)), (from, until));
            prop_assert_eq!(of(until).0, until);
            prop_assert_eq!(of(Instant(from.0 - 1)).1, from);
            // A window begins on a day of its kind, at its first instant.
            let date = clock.at(from).date;
            prop_assert!(clock.midnight(date) == from);
            if zone != "Pacific/Apia" {
                match cycle {
                    CycleType::CalendarMonth => prop_assert_eq!(date.day(), 1),
                    CycleType::Week => prop_assert_eq!(days_since(week_start, date), 0),
                    CycleType::NDay => {
                        let since = days_after(date, clock.at(Instant(reference)).date);
                        prop_assert_eq!(since.rem_euclid(i64::from(days)), 0);
                    }
                }
            }
        }
    }
}
