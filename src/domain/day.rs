//! Days, times of day and moments. A due date is a calendar day: it has no time and no zone.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, Utc, Weekday};

use super::refusal::Refusal;

/// A calendar day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(NaiveDate);

/// A point in time, to the second, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(DateTime<Utc>);

/// A time of day, to the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(u16);

/// The months, as they are written out in small letters.
pub const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

impl Day {
    /// The day for a year, month and day of the month, if there is one.
    pub fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, day).map(Self)
    }

    /// The day of a date.
    pub fn from_date(date: NaiveDate) -> Self {
        Self(date)
    }

    /// As `chrono` holds it.
    pub fn date(self) -> NaiveDate {
        self.0
    }

    /// As the file holds it: `2027-01-17`.
    pub fn iso(self) -> String {
        let year = self.0.year();
        // What chrono's own patterns take longest for is done by hand: lists hold millions of days.
        let Some(year) = u32::try_from(year).ok().filter(|year| *year < 10_000) else {
            return self.0.format("%Y-%m-%d").to_string();
        };
        let digits = [year / 100, year % 100, self.0.month(), self.0.day()];
        let mut text = String::with_capacity(10);
        for (place, two) in digits.into_iter().enumerate() {
            if place >= 2 {
                text.push('-');
            }
            text.extend([two / 10, two % 10].into_iter().filter_map(|digit| char::from_digit(digit, 10)));
        }
        text
    }

    /// Reads what [`Day::iso`] writes.
    pub fn from_iso(text: &str) -> Option<Self> {
        let [a, b, c, d, b'-', e, f, b'-', g, h] = text.as_bytes() else { return None };
        let number = |digits: &[u8]| {
            digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0')))
        };
        let year = i32::try_from(number(&[*a, *b, *c, *d])?).ok()?;
        Self::new(year, number(&[*e, *f])?, number(&[*g, *h])?)
    }

    /// `Thu 17-Jan`: for days whose year is plain.
    pub fn short(self) -> String {
        self.0.format("%a %d-%b").to_string()
    }

    /// [`Day::short`] where the year is that of `today`, else with the year: a day a year away must not look near.
    pub fn seen_from(self, today: Self) -> String {
        if self.0.year() == today.0.year() { self.short() } else { self.long() }
    }

    /// `17-Jan`.
    pub fn day_month(self) -> String {
        self.0.format("%d-%b").to_string()
    }

    /// `Thu 17-Jan-2027`: for headings.
    pub fn long(self) -> String {
        self.0.format("%a %d-%b-%Y").to_string()
    }

    /// The day `days` later (earlier, if negative).
    pub fn plus(self, days: i64) -> Self {
        Self(Duration::try_days(days).and_then(|d| self.0.checked_add_signed(d)).unwrap_or(self.0))
    }

    /// The same day `years` later; of a 29 February that year does not have, the day after the 28th.
    pub fn plus_years(self, years: i64) -> Self {
        let year = i32::try_from(i64::from(self.0.year()).saturating_add(years)).unwrap_or(i32::MAX);
        Self::new(year, self.0.month(), self.0.day()).or_else(|| Self::new(year, 3, 1)).unwrap_or(self)
    }

    /// How many days after `earlier` this is.
    pub fn days_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).num_days()
    }

    /// The day `n` working days later: Saturdays and Sundays are not counted (bank holidays are).
    pub fn plus_working_days(self, n: i64) -> Self {
        let mut day = self;
        let mut left = n.clamp(0, 3_650);
        while left > 0 {
            day = day.plus(1);
            if !day.is_weekend() {
                left -= 1;
            }
        }
        day
    }

    /// Whether this is a Saturday or a Sunday.
    pub fn is_weekend(self) -> bool {
        matches!(self.0.weekday(), Weekday::Sat | Weekday::Sun)
    }

    /// Age in whole years on `on`, for someone born on this day.
    pub fn age_on(self, on: Self) -> i64 {
        let had_birthday = (on.0.month(), on.0.day()) >= (self.0.month(), self.0.day());
        i64::from(on.0.year()) - i64::from(self.0.year()) - i64::from(!had_birthday)
    }

    /// Reads a full date as people in England write it: `17/01/2027`, `17.1.2027`, `17-Jan-2027`,
    /// `17 January 2027`, `2027-01-17`. Two-digit years are refused here: only a form that knows
    /// whether a date lies ahead or behind may resolve them.
    ///
    /// # Errors
    /// Refuses anything else, and days that do not exist.
    pub fn parse(raw: &str) -> Result<Self, Refusal> {
        let fail = || Refusal::new("This is not a date. Write it as 17/01/2027, 17-Jan-2027 or 2027-01-17.");
        let text = raw.trim().to_lowercase();
        let parts: Vec<&str> = text.split(['/', '.', '-', ' ', ',']).filter(|part| !part.is_empty()).collect();
        let [first, second, third] = parts.as_slice() else { return Err(fail()) };
        let (year, month, day) = if first.len() == 4 && number(first).is_some() {
            (*first, month_number(second).ok_or_else(fail)?, number(third).ok_or_else(fail)?)
        } else {
            (*third, month_number(second).ok_or_else(fail)?, day_of_month(first).ok_or_else(fail)?)
        };
        if year.len() != 4 {
            return Err(Refusal::new("Write the year with four digits, as in 17/01/2027."));
        }
        let year = number(year).and_then(|y| i32::try_from(y).ok()).ok_or_else(fail)?;
        Self::new(year, month, day).ok_or_else(|| Refusal::new("There is no such day in the calendar."))
    }

    /// Reads a day ahead in shorthand: `today`, `tomorrow`, `+3d` or `3d`, `+2w`, `+1m`, `in 2 weeks`, `fri`,
    /// `next fri`, `friday week`, `10 dec`, `10/12`, `end of month`, a full date, or `next` for the next meeting.
    /// A weekday is the first one after today; a day without a year is the first one that is not past.
    ///
    /// # Errors
    /// Refuses what it cannot read, and `next` when no next meeting is planned.
    pub fn parse_ahead(raw: &str, today: Self, next_meeting: Option<Self>) -> Result<Self, Refusal> {
        let text = raw.trim().to_lowercase();
        if let Ok(day) = Self::parse(&text) {
            return Ok(day);
        }
        let words: Vec<&str> = text.split([' ', ',']).filter(|word| !word.is_empty()).collect();
        let found = match words.as_slice() {
            ["today"] => Some(today),
            ["tomorrow" | "tom"] => Some(today.plus(1)),
            ["next"] | ["next", "meeting"] => {
                return next_meeting.ok_or_else(|| Refusal::new("No next meeting is planned yet; give a day instead."));
            }
            ["end", "of", "month"] | ["eom"] => today.month_end(),
            ["in", n, unit] => number(n).and_then(|n| today.plus_units(n, unit)),
            ["next", name] => weekday(name).map(|wanted| {
                today.next(wanted).plus(if today.days_to(wanted) < 7 && today.same_week(wanted) { 7 } else { 0 })
            }),
            [name, "week"] => weekday(name).map(|wanted| today.next(wanted).plus(7)),
            [n, unit] if number(n).is_some() && today.plus_units(1, unit).is_some() => {
                number(n).and_then(|n| today.plus_units(n, unit))
            }
            [day, month] => {
                day_of_month(day).zip(month_name(month)).and_then(|(day, month)| today.first_ahead(month, day))
            }
            [one] => weekday(one).map(|wanted| today.next(wanted)).or_else(|| today.parse_one_word(one)),
            _ => None,
        };
        found.ok_or_else(|| {
            Refusal::new("This is not a day. Try +2w, fri, 10 dec, 10/12, next (meeting) or 17/01/2027.")
        })
    }

    fn parse_one_word(self, word: &str) -> Option<Self> {
        let amount = word.strip_prefix('+').unwrap_or(word);
        let split = amount.find(|c: char| !c.is_ascii_digit())?;
        let (n, rest) = amount.split_at_checked(split)?;
        if let Some(divisor) = rest.strip_prefix('/') {
            // Clinical shorthand: 3/7 is three days, 2/52 two weeks, 1/12 one month – but 10/12 is a date.
            return match (divisor, number(n)?) {
                ("7", n) => Some(self.plus(i64::from(n))),
                ("52", n) => Some(self.plus(7 * i64::from(n))),
                _ => self.first_ahead(month_number(divisor)?, number(n)?),
            };
        }
        if let Some(month) = rest.strip_prefix(['-', '.']) {
            return self.first_ahead(month_number(month)?, number(n)?);
        }
        match month_name(rest) {
            Some(month) => self.first_ahead(month, number(n)?),
            None => self.plus_units(number(n)?, rest),
        }
    }

    fn plus_units(self, n: u32, unit: &str) -> Option<Self> {
        let n = i64::from(n.min(3_650));
        match unit {
            "d" | "day" | "days" => Some(self.plus(n)),
            "w" | "wk" | "wks" | "week" | "weeks" => Some(self.plus(7 * n)),
            "m" | "mo" | "month" | "months" => {
                self.0.checked_add_months(chrono::Months::new(u32::try_from(n).ok()?)).map(Self)
            }
            "y" | "year" | "years" => {
                self.0.checked_add_months(chrono::Months::new(u32::try_from(n).ok()?.min(100) * 12)).map(Self)
            }
            _ => None,
        }
    }

    fn days_to(self, wanted: Weekday) -> i64 {
        let ahead =
            (7 + i64::from(wanted.num_days_from_monday()) - i64::from(self.0.weekday().num_days_from_monday())) % 7;
        if ahead == 0 { 7 } else { ahead }
    }

    fn next(self, wanted: Weekday) -> Self {
        self.plus(self.days_to(wanted))
    }

    fn same_week(self, wanted: Weekday) -> bool {
        wanted.num_days_from_monday() > self.0.weekday().num_days_from_monday()
    }

    fn first_ahead(self, month: u32, day: u32) -> Option<Self> {
        let this_year = Self::new(self.0.year(), month, day);
        this_year
            .filter(|found| *found >= self)
            .or_else(|| Self::new(self.0.year() + 1, month, day))
            .or_else(|| (2..=8).find_map(|n| Self::new(self.0.year() + n, month, day)))
    }

    fn month_end(self) -> Option<Self> {
        let first = self.0.with_day(1)?;
        first.checked_add_months(chrono::Months::new(1))?.pred_opt().map(Self)
    }
}

/// `17-Jan-2027`.
impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.format("%d-%b-%Y"))
    }
}

impl Moment {
    /// The moment of a UTC time, cut to the second.
    pub fn new(at: DateTime<Utc>) -> Self {
        Self(DateTime::from_timestamp(at.timestamp(), 0).unwrap_or(at))
    }

    /// As `chrono` holds it.
    pub fn utc(self) -> DateTime<Utc> {
        self.0
    }

    /// As the file holds it: `2026-11-26T13:00:00Z`.
    pub fn iso(self) -> String {
        self.0.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// Reads what [`Moment::iso`] writes.
    pub fn from_iso(text: &str) -> Option<Self> {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%SZ").ok().map(|naive| Self(naive.and_utc()))
    }

    /// Whole seconds since `earlier`; never negative.
    pub fn seconds_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).num_seconds().max(0)
    }
}

impl TimeOfDay {
    /// The time for an hour and minute.
    pub fn new(hour: u16, minute: u16) -> Option<Self> {
        (hour < 24 && minute < 60).then_some(Self(hour * 60 + minute))
    }

    /// Minutes since midnight.
    pub fn minutes(self) -> i64 {
        i64::from(self.0)
    }

    /// The time `minutes` later, stopping at 23:59.
    pub fn plus(self, minutes: i64) -> Self {
        let at = (i64::from(self.0) + minutes).clamp(0, 24 * 60 - 1);
        Self(u16::try_from(at).unwrap_or(0))
    }

    /// Reads `14:00`, `14.00`, `1400`, `2pm`, `2:30 pm`.
    ///
    /// # Errors
    /// Refuses anything else.
    pub fn parse(raw: &str) -> Result<Self, Refusal> {
        let fail = || Refusal::new("This is not a time. Write it as 14:00 or 2pm.");
        let text = raw.trim().to_lowercase().replace(' ', "");
        let (clock, afternoon) = match (text.strip_suffix("pm"), text.strip_suffix("am")) {
            (Some(clock), _) => (clock, Some(true)),
            (_, Some(clock)) => (clock, Some(false)),
            _ => (text.as_str(), None),
        };
        let (hour, minute) = match clock.split_once([':', '.']) {
            Some((hour, minute)) if minute.len() == 2 => (number(hour), number(minute)),
            None if clock.len() == 4 => clock.split_at_checked(2).map_or((None, None), |(h, m)| (number(h), number(m))),
            None if afternoon.is_some() => (number(clock), Some(0)),
            _ => (None, None),
        };
        let (hour, minute) = hour.zip(minute).ok_or_else(fail)?;
        let hour = match afternoon {
            Some(true) if (1..12).contains(&hour) => hour + 12,
            Some(false) if hour == 12 => 0,
            _ => hour,
        };
        u16::try_from(hour).ok().zip(u16::try_from(minute).ok()).and_then(|(h, m)| Self::new(h, m)).ok_or_else(fail)
    }
}

/// `14:00`.
impl std::fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

fn number(text: &str) -> Option<u32> {
    (!text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

fn day_of_month(text: &str) -> Option<u32> {
    number(
        text.strip_suffix("st")
            .or(text.strip_suffix("nd"))
            .or(text.strip_suffix("rd"))
            .or(text.strip_suffix("th"))
            .unwrap_or(text),
    )
}

fn month_name(text: &str) -> Option<u32> {
    (text.len() >= 3).then_some(())?;
    let at = MONTHS.iter().position(|name| name.starts_with(text))?;
    u32::try_from(at + 1).ok()
}

fn month_number(text: &str) -> Option<u32> {
    number(text).or_else(|| month_name(text)).or_else(|| (text == "sept").then_some(9))
}

fn weekday(text: &str) -> Option<Weekday> {
    let full = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let at = full.iter().position(|name| text.len() >= 3 && name.starts_with(text)).or(match text {
        "tues" => Some(1),
        "weds" => Some(2),
        "thurs" => Some(3),
        _ => None,
    })?;
    WEEKDAYS.get(at).map(|(_, day)| *day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::from_iso(text).unwrap()
    }

    #[test]
    fn full_dates() {
        for text in
            ["17/01/2027", "17/1/2027", "17.01.2027", "17-Jan-2027", "17 January 2027", "17th jan 2027", "2027-01-17"]
        {
            assert_eq!(Day::parse(text).unwrap(), day("2027-01-17"), "{text}");
        }
        for text in ["31/02/2027", "17/13/2027", "17/01/27", "yesterday", "", "2027"] {
            assert!(Day::parse(text).is_err(), "{text}");
        }
        assert_eq!(day("2027-01-17").to_string(), "17-Jan-2027");
    }

    #[test]
    fn iso_is_what_the_calendar_says() {
        let mut on = Day::new(1, 1, 1).unwrap();
        while on < Day::new(9999, 12, 1).unwrap() {
            let text = on.date().format("%Y-%m-%d").to_string();
            assert_eq!(on.iso(), text);
            assert_eq!(Day::from_iso(&text), Some(on));
            on = on.plus(13);
        }
        for day in ["2024-02-29", "1900-02-28", "9999-12-31", "0000-01-01"] {
            assert_eq!(Day::from_iso(day).unwrap().iso(), day);
        }
        for text in [
            "",
            "2027-1-17",
            "2027-02-29",
            "1900-02-29",
            "2027-13-01",
            "2027-00-10",
            "2027-01-00",
            "2027-01-32",
            "2027/01/17",
            "+027-01-17",
            "-027-01-17",
            " 027-01-17",
            "2027-01-1 ",
            "2027-01-170",
            "２027-01",
            "202a-01-17",
        ] {
            assert_eq!(Day::from_iso(text), None, "{text}");
        }
    }

    #[test]
    fn shorthand_ahead() {
        let thursday = day("2026-11-26");
        for (text, expected) in [
            ("today", "2026-11-26"),
            ("tomorrow", "2026-11-27"),
            ("+2w", "2026-12-10"),
            ("2w", "2026-12-10"),
            ("+10d", "2026-12-06"),
            ("3/7", "2026-11-29"),
            ("6/52", "2027-01-07"),
            ("in 2 weeks", "2026-12-10"),
            ("2 weeks", "2026-12-10"),
            ("+1m", "2026-12-26"),
            ("fri", "2026-11-27"),
            ("thu", "2026-12-03"),
            ("tues", "2026-12-01"),
            ("next fri", "2026-12-04"),
            ("friday week", "2026-12-04"),
            ("10 dec", "2026-12-10"),
            ("1st dec", "2026-12-01"),
            ("10dec", "2026-12-10"),
            ("10/12", "2026-12-10"),
            ("10 jan", "2027-01-10"),
            ("29 feb", "2028-02-29"),
            ("end of month", "2026-11-30"),
            ("next", "2026-12-10"),
            ("17/01/2027", "2027-01-17"),
        ] {
            let read = Day::parse_ahead(text, thursday, Some(day("2026-12-10")));
            assert_eq!(read.unwrap(), day(expected), "{text}");
        }
        for text in ["", "soon", "+w", "32 dec", "40/12", "99999d"] {
            assert!(Day::parse_ahead(text, thursday, None).is_err(), "{text}");
        }
        assert!(Day::parse_ahead("next", thursday, None).is_err());
    }

    #[test]
    fn ages_and_working_days() {
        assert_eq!(day("1942-11-27").age_on(day("2026-11-26")), 83);
        assert_eq!(day("1942-11-26").age_on(day("2026-11-26")), 84);
        assert_eq!(day("2026-11-27").plus_working_days(2), day("2026-12-01"));
    }

    #[test]
    fn times() {
        for (text, shown) in [
            ("14:00", "14:00"),
            ("2pm", "14:00"),
            ("2:30 pm", "14:30"),
            ("0900", "09:00"),
            ("12am", "00:00"),
            ("9.15", "09:15"),
        ] {
            assert_eq!(TimeOfDay::parse(text).unwrap().to_string(), shown, "{text}");
        }
        for text in ["25:00", "14", "noon", "14:5", ""] {
            assert!(TimeOfDay::parse(text).is_err(), "{text}");
        }
    }
}
