//! The organization's wall clock, and time windows on it (spec/definition.md, "Scope").
//!
//! Windows are compared in wall clock time: where the clock is set back, both passes of an hour
//! are in a window that has the hour, and a window whose start the clock skips is open once the
//! clock has jumped over it.

use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use crate::definition::{RepeatFrequency, TimeCriteria, Weekday};
use crate::instant::Instant;

const DAY: i64 = 24 * 60 * MINUTE;
const MINUTE: i64 = 60_000;

/// What the clock on the organization's wall shows at any instant.
#[derive(Debug, Clone)]
pub struct Clock(TimeZone);

impl Clock {
    /// The clock of the setting `timezone`, an IANA name. promo_configure lets no unknown name in;
    /// one would mean UTC.
    pub fn new(timezone: &str) -> Self {
        Self(TimeZone::get(timezone).unwrap_or(TimeZone::UTC))
    }

    /// What it shows at an instant (one beyond the years that it knows: at the nearest that it
    /// does know).
    pub fn at(&self, instant: Instant) -> WallTime {
        let shown = self.0.to_datetime(timestamp(instant.0));
        let time = shown.time();
        let minutes = i64::from(time.hour()) * 60 + i64::from(time.minute());
        WallTime {
            date: shown.date(),
            millisecond: minutes * MINUTE + i64::from(time.second()) * 1_000 + i64::from(time.millisecond()),
        }
    }

    /// What it shows at an instant, for a reader: `2026-06-01 12:00:00`.
    pub fn shown(&self, instant: Instant) -> String {
        self.at(instant).shown()
    }

    /// The instant so many days later on the calendar, at the same time of day: the first of two; where the clock
    /// skips it, as much later as it skips. None beyond the years of the calendar.
    pub(crate) fn days_later(&self, instant: Instant, days: u32) -> Option<Instant> {
        let shown = self.0.to_datetime(timestamp(instant.0));
        let later = shown.checked_add(jiff::Span::new().days(i64::from(days))).ok()?;
        let later = self.0.to_ambiguous_timestamp(later).compatible().ok()?;
        Some(Instant(later.as_millisecond()))
    }

    /// When a day begins: its midnight. The first of two where the clock is set back over it; where
    /// the clock skips it, the instant of the jump.
    pub(crate) fn midnight(&self, date: Date) -> Instant {
        let utc = days_after(date, Date::constant(1970, 1, 1)) * DAY;
        let begin = date.at(0, 0, 0, 0);
        let milliseconds = match self.0.to_ambiguous_timestamp(begin).offset() {
            AmbiguousOffset::Unambiguous { offset } => utc - i64::from(offset.seconds()) * 1_000,
            AmbiguousOffset::Fold { before, .. } => utc - i64::from(before.seconds()) * 1_000,
            AmbiguousOffset::Gap { after, .. } => {
                let before_jump = utc - i64::from(after.seconds()) * 1_000;
                let jump = self.0.following(timestamp(before_jump)).next();
                jump.map_or(before_jump, |jump| jump.timestamp().as_millisecond())
            }
        };
        Instant(milliseconds)
    }
}

fn timestamp(milliseconds: i64) -> Timestamp {
    let nearest = if milliseconds < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(milliseconds).unwrap_or(nearest)
}

/// A date and time on the wall clock, to the millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WallTime {
    pub(crate) date: Date,
    /// Since midnight, as the clock shows it.
    millisecond: i64,
}

impl WallTime {
    /// For a reader: `2026-06-01 12:00:00`.
    fn shown(self) -> String {
        let (date, seconds) = (self.date, self.millisecond / 1_000);
        format!("{date} {:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
    }

    /// For a reader who thinks of days of the week: `MONDAY 2026-06-01 12:00:00`.
    pub(crate) fn named(self) -> String {
        let weekday = self.date.strftime("%A").to_string().to_uppercase();
        format!("{weekday} {}", self.shown())
    }
}

/// How many days one date lies after another.
pub(crate) fn days_after(date: Date, other: Date) -> i64 {
    other.duration_until(date).as_secs() / (24 * 60 * 60)
}

/// The date so many days later; None beyond the years of the calendar.
pub(crate) fn add_days(date: Date, days: i64) -> Option<Date> {
    date.checked_add(SignedDuration::from_secs(days.checked_mul(24 * 60 * 60)?)).ok()
}

/// Days from Monday.
fn place_in_week(weekday: Weekday) -> i64 {
    match weekday {
        Weekday::Monday => 0,
        Weekday::Tuesday => 1,
        Weekday::Wednesday => 2,
        Weekday::Thursday => 3,
        Weekday::Friday => 4,
        Weekday::Saturday => 5,
        Weekday::Sunday => 6,
    }
}

/// How many days before a date the last such day of the week was, 0–6.
pub(crate) fn days_since(weekday: Weekday, date: Date) -> i64 {
    (i64::from(date.weekday().to_monday_zero_offset()) - place_in_week(weekday)).rem_euclid(7)
}

impl TimeCriteria {
    /// Whether a time on the organization's wall clock lies in one of the windows: from a start day
    /// at the start time, for the duration. A window belongs to the day that it starts on, however
    /// far it reaches (spec/definition.md, "Scope"). A day of the month that a month lacks has no
    /// window; DOES_NOT_REPEAT has one, on the day that the promotion starts.
    pub fn contains(&self, now: WallTime, promotion_start: Instant, clock: &Clock) -> bool {
        let since_start = now.millisecond - i64::from(self.start_minute) * MINUTE;
        let (last_day, since_start) = if since_start < 0 {
            (now.date.yesterday().ok(), since_start + DAY)
        } else {
            (Some(now.date), since_start)
        };
        // All windows are equally long, so only the latest one that has begun can be open.
        let days = last_day.and_then(|last_day| self.days_since_start_day(last_day, promotion_start, clock));
        days.is_some_and(|days| {
            // A millionth of an hour is 18/5 of a millisecond.
            i128::from(days * DAY + since_start) * 5 < self.duration.saturating_mul(18)
        })
    }

    /// How many days before a date the last start day was; 0: the date is one.
    fn days_since_start_day(&self, date: Date, promotion_start: Instant, clock: &Clock) -> Option<i64> {
        match self.repeat {
            RepeatFrequency::Weeks => self.weekdays.iter().map(|weekday| days_since(*weekday, date)).min(),
            RepeatFrequency::Days if self.days_of_month.is_empty() => Some(0),
            RepeatFrequency::Days => self.days_since_day_of_month(date),
            RepeatFrequency::DoesNotRepeat => {
                let days = days_after(date, clock.at(promotion_start).date);
                (days >= 0).then_some(days)
            }
        }
    }

    /// Of two months that follow one another, one has 31 days: it is in this month or the two before.
    fn days_since_day_of_month(&self, date: Date) -> Option<i64> {
        let (mut end, mut days_left_out) = (date, 0);
        for _ in 0..3 {
            let end_day = i64::from(end.day());
            let listed = self.days_of_month.iter().map(|day| i64::from(*day));
            if let Some(day) = listed.filter(|day| *day <= end_day).max() {
                return Some(days_left_out + end_day - day);
            }
            days_left_out += end_day;
            end = end.first_of_month().yesterday().ok()?;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::DateTime;
    use proptest::prelude::*;

    const HOUR: i128 = 1_000_000;

    const WEEK: [Weekday; 7] = {
        use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
        [Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday]
    };

    fn instant(text: &str) -> Instant {
        Instant(text.parse::<Timestamp>().unwrap_or_else(|error| panic!("{text}: {error}")).as_millisecond())
    }

    /// A window every day.
    fn daily(hour: u32, minute: u32, duration: i128) -> TimeCriteria {
        TimeCriteria {
            start_minute: hour * 60 + minute,
            duration,
            repeat: RepeatFrequency::Days,
            weekdays: vec![],
            days_of_month: vec![],
        }
    }

    fn monthly(hour: u32, duration: i128, days_of_month: &[u8]) -> TimeCriteria {
        TimeCriteria { days_of_month: days_of_month.to_vec(), ..daily(hour, 0, duration) }
    }

    fn weekly(hour: u32, duration: i128, weekdays: &[Weekday]) -> TimeCriteria {
        TimeCriteria { repeat: RepeatFrequency::Weeks, weekdays: weekdays.to_vec(), ..daily(hour, 0, duration) }
    }

    const START: &str = "2026-01-01T00:00:00Z";

    /// Which of the instants are in a window.
    #[track_caller]
    fn check(zone: &str, criteria: &TimeCriteria, cases: &[(&str, bool)]) {
        let clock = Clock::new(zone);
        for (text, expected) in cases {
            let now = clock.at(instant(text));
            assert_eq!(criteria.contains(now, instant(START), &clock), *expected, "{zone} {text}");
        }
    }

    #[test]
    fn the_first_and_the_last_millisecond_are_in_and_the_end_is_not() {
        let cases = [
            ("2026-06-01T11:59:59.999+02:00", false),
            ("2026-06-01T12:00:00.000+02:00", true),
            ("2026-06-01T12:59:59.999+02:00", true),
            ("2026-06-01T13:00:00.000+02:00", false),
            ("1966-02-01T12:59:59.999+01:00", true),
            ("1966-02-01T13:00:00.000+01:00", false),
        ];
        check("Europe/Berlin", &daily(12, 0, HOUR), &cases);
    }

    #[test]
    fn durations_are_exact_to_millionths_of_an_hour() {
        // 0.000001 h = 3.6 ms, 0.333333 h = 1,199,998.8 ms
        let cases = [("2026-06-01T12:00:00.003Z", true), ("2026-06-01T12:00:00.004Z", false)];
        check("UTC", &daily(12, 0, 1), &cases);
        let cases = [("2026-06-01T12:19:59.998Z", true), ("2026-06-01T12:19:59.999Z", false)];
        check("UTC", &daily(12, 0, 333_333), &cases);
        // 0.000005 h = 18 ms
        check("UTC", &daily(12, 0, 5), &[("2026-06-01T12:00:00.017Z", true), ("2026-06-01T12:00:00.018Z", false)]);
    }

    #[test]
    fn a_window_past_midnight_belongs_to_its_start_day() {
        let friday = weekly(22, 5 * HOUR, &[Weekday::Friday]);
        let cases = [
            ("2026-10-23T21:59:59.999+02:00", false),
            ("2026-10-23T22:00:00+02:00", true),
            ("2026-10-24T02:59:59.999+02:00", true),
            ("2026-10-24T03:00:00+02:00", false),
            ("2026-10-24T22:00:00+02:00", false),
            ("2026-10-23T02:00:00+02:00", false),
        ];
        check("Europe/Berlin", &friday, &cases);
        let year_end = monthly(20, 10 * HOUR, &[31]);
        let cases = [
            ("2025-12-31T20:00:00+01:00", true),
            ("2026-01-01T05:59:59.999+01:00", true),
            ("2026-01-01T06:00:00+01:00", false),
            ("2026-01-01T20:00:00+01:00", false),
        ];
        check("Europe/Berlin", &year_end, &cases);
    }

    #[test]
    fn both_passes_of_an_hour_that_comes_twice_are_in() {
        let cases = [
            ("2026-10-25T01:59:59.999+02:00", false),
            ("2026-10-25T02:00:00+02:00", true),
            ("2026-10-25T02:29:59.999+02:00", true),
            ("2026-10-25T02:30:00+02:00", false),
            ("2026-10-25T02:00:00+01:00", true),
            ("2026-10-25T02:29:59.999+01:00", true),
            ("2026-10-25T02:30:00+01:00", false),
        ];
        check("Europe/Berlin", &daily(2, 0, HOUR / 2), &cases);
        let night = weekly(22, 5 * HOUR, &[Weekday::Saturday]);
        let cases = [
            ("2026-10-31T21:59:59.999-04:00", false),
            ("2026-10-31T22:00:00-04:00", true),
            ("2026-11-01T01:30:00-04:00", true),
            ("2026-11-01T01:30:00-05:00", true),
            ("2026-11-01T02:59:59.999-05:00", true),
            ("2026-11-01T03:00:00-05:00", false),
        ];
        check("America/New_York", &night, &cases);
        // Half an hour comes twice: 01:30–02:00.
        let cases = [
            ("2026-04-05T01:44:59.999+11:00", false),
            ("2026-04-05T01:45:00+11:00", true),
            ("2026-04-05T01:59:59.999+11:00", true),
            ("2026-04-05T01:30:00+10:30", false),
            ("2026-04-05T01:45:00+10:30", true),
            ("2026-04-05T02:15:00+10:30", false),
        ];
        check("Australia/Lord_Howe", &daily(1, 45, HOUR / 2), &cases);
        // The clock goes back over midnight, into the day before, 00:01 to 23:01.
        let sunday = weekly(0, HOUR, &[Weekday::Sunday]);
        let cases = [
            ("2010-11-07T00:00:30-02:30", true),
            ("2010-11-06T23:01:00-03:30", false),
            ("2010-11-07T00:00:30-03:30", true),
        ];
        check("America/St_Johns", &sunday, &cases);
    }

    #[test]
    fn a_start_that_the_clock_skips_is_when_it_has_jumped() {
        let cases = [
            ("2026-03-29T01:59:59.999+01:00", false),
            ("2026-03-29T03:00:00+02:00", true),
            ("2026-03-29T03:29:59.999+02:00", true),
            ("2026-03-29T03:30:00+02:00", false),
            ("2026-03-30T02:29:59.999+02:00", false),
            ("2026-03-30T02:30:00+02:00", true),
        ];
        check("Europe/Berlin", &daily(2, 30, HOUR), &cases);
        // A window wholly in the gap is not open that day.
        let cases = [("2026-03-08T01:59:59.999-05:00", false), ("2026-03-08T03:00:00-04:00", false)];
        check("America/New_York", &daily(2, 0, HOUR), &cases);
        let cases = [
            ("2026-03-07T22:00:00-05:00", true),
            ("2026-03-08T01:59:59.999-05:00", true),
            ("2026-03-08T03:00:00-04:00", true),
            ("2026-03-08T03:59:59.999-04:00", true),
            ("2026-03-08T04:00:00-04:00", false),
        ];
        check("America/New_York", &weekly(22, 6 * HOUR, &[Weekday::Saturday]), &cases);
        // 02:00–02:30 is skipped.
        let cases = [
            ("2026-10-04T01:59:59.999+10:30", false),
            ("2026-10-04T02:30:00+11:00", true),
            ("2026-10-04T03:14:59.999+11:00", true),
            ("2026-10-04T03:15:00+11:00", false),
        ];
        check("Australia/Lord_Howe", &daily(2, 15, HOUR), &cases);
        // Midnight itself is skipped.
        let sunday = weekly(0, 2 * HOUR, &[Weekday::Sunday]);
        let cases = [
            ("2018-11-03T23:59:59.999-03:00", false),
            ("2018-11-04T01:00:00-02:00", true),
            ("2018-11-04T01:59:59.999-02:00", true),
            ("2018-11-04T02:00:00-02:00", false),
        ];
        check("America/Sao_Paulo", &sunday, &cases);
        // A whole day is skipped, Friday: its window begins with Saturday.
        let friday = weekly(22, 4 * HOUR, &[Weekday::Friday]);
        let cases = [
            ("2011-12-29T23:59:59.999-10:00", false),
            ("2011-12-31T00:00:00+14:00", true),
            ("2011-12-31T02:00:00+14:00", false),
        ];
        check("Pacific/Apia", &friday, &cases);
    }

    #[test]
    fn zones_with_odd_offsets() {
        let cases = [
            ("2026-06-01T03:29:59.999Z", false),
            ("2026-06-01T03:30:00Z", true),
            ("2026-06-01T04:29:59.999Z", true),
            ("2026-06-01T04:30:00Z", false),
        ];
        check("Asia/Kolkata", &daily(9, 0, HOUR), &cases);
        let cases = [("2026-06-01T03:14:59.999Z", false), ("2026-06-01T03:15:00Z", true)];
        check("Asia/Kathmandu", &daily(9, 0, HOUR), &cases);
    }

    #[test]
    fn days_of_the_month_that_a_month_lacks_have_no_window() {
        let last = monthly(0, 24 * HOUR, &[31]);
        let cases = [
            ("2026-01-31T23:59:59.999Z", true),
            ("2026-02-28T12:00:00Z", false),
            ("2026-03-01T12:00:00Z", false),
            ("2026-03-31T12:00:00Z", true),
            ("2026-04-30T12:00:00Z", false),
            ("2026-05-01T00:00:00Z", false),
        ];
        check("UTC", &last, &cases);
        let leap = monthly(0, 24 * HOUR, &[29]);
        let cases = [
            ("2028-02-29T12:00:00Z", true),
            ("2027-02-28T12:00:00Z", false),
            ("2027-03-01T12:00:00Z", false),
            ("2100-03-01T12:00:00Z", false),
            ("2000-02-29T12:00:00Z", true),
        ];
        check("UTC", &leap, &cases);
        check(
            "UTC",
            &monthly(22, 4 * HOUR, &[28, 29]),
            &[("2028-03-01T01:59:59.999Z", true), ("2027-03-01T01:59:59.999Z", true), ("2027-03-02T01:00:00Z", false)],
        );
    }

    #[test]
    fn long_windows_overlap_days_and_months() {
        let cases = [("2026-06-01T00:00:00Z", true), ("2026-06-01T11:59:59.999Z", true)];
        check("UTC", &daily(12, 0, 24 * HOUR), &cases);
        // From 31 January until 30 March, and from 31 March until 28 May.
        let cases = [
            ("2027-03-29T23:59:59.999Z", true),
            ("2027-03-30T00:00:00Z", false),
            ("2027-03-31T00:00:00Z", true),
            ("2027-05-27T23:59:59.999Z", true),
            ("2027-05-28T00:00:00Z", false),
        ];
        check("UTC", &monthly(0, 58 * 24 * HOUR, &[31]), &cases);
        check("UTC", &weekly(0, 7 * 24 * HOUR, &[Weekday::Tuesday]), &[("2026-06-01T23:59:59.999Z", true)]);
        check("UTC", &monthly(0, i128::MAX, &[1]), &[("2026-06-30T00:00:00Z", true)]);
    }

    #[test]
    fn a_window_that_does_not_repeat_is_on_the_day_that_the_promotion_starts() {
        // The promotion starts on 1 January in UTC, on 31 December in New York.
        let once = TimeCriteria { repeat: RepeatFrequency::DoesNotRepeat, ..daily(18, 0, 30 * HOUR) };
        let cases = [
            ("2026-01-01T17:59:59.999Z", false),
            ("2026-01-01T18:00:00Z", true),
            ("2026-01-02T23:59:59.999Z", true),
            ("2026-01-03T00:00:00Z", false),
            ("2025-12-31T18:00:00Z", false),
        ];
        check("UTC", &once, &cases);
        let cases = [
            ("2025-12-31T18:00:00-05:00", true),
            ("2026-01-01T23:59:59.999-05:00", true),
            ("2026-01-02T00:00:00-05:00", false),
        ];
        check("America/New_York", &once, &cases);
    }

    #[test]
    fn days_begin_at_midnight_or_where_the_clock_jumps_over_it() {
        for (zone, date, expected) in [
            ("Europe/Berlin", Date::constant(2026, 10, 25), "2026-10-25T00:00:00+02:00"),
            ("America/Sao_Paulo", Date::constant(2018, 11, 4), "2018-11-04T01:00:00-02:00"),
            ("America/Sao_Paulo", Date::constant(2018, 2, 18), "2018-02-18T00:00:00-03:00"),
            ("Asia/Beirut", Date::constant(2026, 3, 29), "2026-03-29T01:00:00+03:00"),
            ("Africa/Cairo", Date::constant(2026, 4, 24), "2026-04-24T01:00:00+03:00"),
            ("America/Havana", Date::constant(2026, 11, 1), "2026-11-01T00:00:00-04:00"),
            ("America/St_Johns", Date::constant(2010, 11, 7), "2010-11-07T00:00:00-02:30"),
            // 23:30 was followed by 00:30: the midnight in between is half an hour into the gap.
            ("America/Toronto", Date::constant(1919, 3, 31), "1919-03-31T00:30:00-04:00"),
            ("Pacific/Apia", Date::constant(2011, 12, 30), "2011-12-31T00:00:00+14:00"),
            ("Asia/Kathmandu", Date::constant(2026, 1, 1), "2026-01-01T00:00:00+05:45"),
        ] {
            assert_eq!(Clock::new(zone).midnight(date), instant(expected), "{zone} {date}");
        }
    }

    #[test]
    fn no_instant_is_too_far_and_an_unknown_zone_is_utc() {
        for zone in ["Pacific/Apia", "America/New_York", "no zone"] {
            let clock = Clock::new(zone);
            for far in [i64::MIN, -1_000_000_000_000_000, 253_402_300_799_999, i64::MAX] {
                for criteria in [daily(23, 59, i128::MAX), weekly(0, 1, &[]), monthly(23, 1, &[31])] {
                    let _ = criteria.contains(clock.at(Instant(far)), Instant(i64::MIN), &clock);
                }
            }
            let _ = (clock.midnight(Date::MIN), clock.midnight(Date::MAX));
        }
        let clock = Clock::new("no zone");
        assert_eq!(clock.at(Instant(-1)), WallTime { date: Date::constant(1969, 12, 31), millisecond: DAY - 1 });
    }

    /// Walks back, minute by minute, to every start that is near enough.
    fn slowly(criteria: &TimeCriteria, now: DateTime, start_date: Date) -> bool {
        let into_minute = i128::from(now.second()) * 1_000 + i128::from(now.millisecond());
        let mut minute = now.with().second(0).subsec_nanosecond(0).build().unwrap();
        for minutes in 0_i128.. {
            let since = minutes * 60_000 + into_minute;
            if since * 1_000_000 >= criteria.duration * 3_600_000 {
                return false;
            }
            let starts = match criteria.repeat {
                RepeatFrequency::Weeks => {
                    criteria.weekdays.contains(&WEEK[minute.weekday().to_monday_zero_offset() as usize])
                }
                RepeatFrequency::Days => {
                    criteria.days_of_month.is_empty() || criteria.days_of_month.contains(&(minute.day() as u8))
                }
                RepeatFrequency::DoesNotRepeat => minute.date() == start_date,
            };
            if starts && minute.hour() as u32 * 60 + minute.minute() as u32 == criteria.start_minute {
                return true;
            }
            minute = minute.checked_sub(SignedDuration::from_mins(1)).unwrap();
        }
        false
    }

    proptest! {
        #[test]
        fn windows_are_those_found_by_walking_back(
            zone in prop::sample::select(vec![
                "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
                "America/Sao_Paulo", "America/St_Johns", "Pacific/Apia",
            ]),
            // 1990 to 2050; often just around a change of the clock.
            at in 631_152_000_000_i64..2_524_608_000_000,
            near in prop::option::of(-90_000_000_i64..90_000_000),
            start_minute in prop_oneof![0_u32..1_440, (0_u32..48).prop_map(|half_hours| half_hours * 30)],
            duration in prop_oneof![1_i128..30_000_000, 1_i128..900_000_000, (1_i128..48).prop_map(|n| n * HOUR / 2)],
            kind in 0_usize..3,
            weekdays in prop::collection::btree_set(0_usize..7, 1..3),
            days_of_month in prop::collection::btree_set(1_u8..=31, 0..3),
            start_before in 0_i64..200_000_000,
        ) {
            let clock = Clock::new(zone);
            let change = clock.0.following(timestamp(at)).next().map(|change| change.timestamp().as_millisecond());
            let at = near.zip(change).map_or(at, |(near, change)| change + near);
            let criteria = TimeCriteria {
                start_minute,
                duration,
                repeat: [RepeatFrequency::Weeks, RepeatFrequency::Days, RepeatFrequency::DoesNotRepeat][kind],
                weekdays: weekdays.into_iter().map(|index| WEEK[index]).collect(),
                days_of_month: days_of_month.into_iter().collect(),
            };
            let start = Instant(at - start_before);
            let expected = slowly(&criteria, clock.0.to_datetime(timestamp(at)), clock.at(start).date);
            prop_assert_eq!(criteria.contains(clock.at(Instant(at)), start, &clock), expected);
        }
    }
}
