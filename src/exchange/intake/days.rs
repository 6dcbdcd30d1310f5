//! Days as lists write them. Whether `03/04/1938` is in March or in April is a matter of its whole column, not of the cell.

use crate::domain::day::{Day, MONTHS};

use super::values::Why;

words! {
    /// How the days of a column are written where figures alone do not tell.
    DayOrder {
        /// `17/01/2027`.
        DayFirst = "day-first", "day first, as in England";
        /// `01/17/2027`.
        MonthFirst = "month-first", "month first, as in America";
        /// Spreadsheet day numbers counted from 1900: `46404`.
        Serial1900 = "serial-1900", "spreadsheet day numbers from 1900";
        /// Spreadsheet day numbers counted from 1904, as old Macintosh workbooks have them.
        Serial1904 = "serial-1904", "spreadsheet day numbers from 1904";
    }
}

/// How the order of a column is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Its days can be read in one way only.
    Proven,
    /// No day tells; it is taken as written in England.
    Assumed,
    /// Some days can only be read one way, some only the other: those that could be both are refused.
    Mixed,
    /// A person said so.
    Said,
}

/// How the days of one column are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The order.
    pub order: super::days::DayOrder,
    /// How it is known.
    pub evidence: Evidence,
}

/// A day whose year may have two digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Year {
    Whole(i32),
    Two(i32),
}

/// What is seen in the cells of a column before it is decided how they are read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    day_first: bool,
    month_first: bool,
    either: bool,
    numbers: u32,
    others: u32,
}

impl Tally {
    /// Looks at one cell.
    pub(super) fn see(&mut self, cell: &str) {
        if serial(cell).is_some() {
            self.numbers += 1;
            return;
        }
        self.others += 1;
        if let Some((first, second)) = figures(cell) {
            self.day_first |= first > 12 && second <= 12;
            self.month_first |= second > 12 && first <= 12;
            self.either |= first <= 12 && second <= 12 && first != second;
        }
    }

    /// What follows from all of them.
    pub(super) fn reading(self) -> Reading {
        let (order, evidence) = match (self.day_first, self.month_first) {
            _ if self.numbers > 0 && self.others == 0 => (DayOrder::Serial1900, Evidence::Assumed),
            (true, false) => (DayOrder::DayFirst, Evidence::Proven),
            (false, true) => (DayOrder::MonthFirst, Evidence::Proven),
            (true, true) => (DayOrder::DayFirst, Evidence::Mixed),
            // Every day has its month in letters, its year first, or day and month alike.
            (false, false) if !self.either => (DayOrder::DayFirst, Evidence::Proven),
            (false, false) => (DayOrder::DayFirst, Evidence::Assumed),
        };
        Reading { order, evidence }
    }
}

const NO_DATE: &str = "not a date; expected 17/01/2027, 17-Jan-2027 or 2027-01-17";
const NO_DAY: &str = "there is no such day in the calendar";

/// A day of something that has happened.
///
/// # Errors
/// What was expected.
pub(super) fn past(cell: &str, reading: Reading, today: Day) -> Result<Day, Why> {
    let day = match read(cell, reading)? {
        (Year::Whole(year), month, day) => day_of(year, month, day)?,
        (Year::Two(year), month, day) => day_of(2000 + year, month, day)?,
    };
    match day {
        day if day > today => Err("a date that is still to come; expected a day up to today".to_owned()),
        // Above all a lone year: `2026` as a day number would be in 1905.
        day if day.age_on(today) > 120 => Err("a date more than 120 years ago".to_owned()),
        day => Ok(day),
    }
}

/// Whether a cell is a day of the calendar, whenever that is.
pub(super) fn is_day(cell: &str, reading: Reading) -> bool {
    read(cell, reading).is_ok_and(|(year, month, day)| match year {
        Year::Whole(year) => Day::new(year, month, day).is_some(),
        Year::Two(year) => Day::new(2000 + year, month, day).is_some(),
    })
}

/// A day of birth.
///
/// # Errors
/// What was expected.
pub(super) fn born(cell: &str, reading: Reading, today: Day) -> Result<Day, Why> {
    let day = match read(cell, reading)? {
        (Year::Whole(year), month, day) => day_of(year, month, day)?,
        (Year::Two(year), month, day) => {
            let fits = |day: &Day| *day <= today && day.age_on(today) <= 110;
            let (old, young) = (day_of(1900 + year, month, day), day_of(2000 + year, month, day));
            match (old.clone().ok().filter(fits), young.ok().filter(fits)) {
                (Some(_), Some(_)) => {
                    return Err(format!(
                        "two figures for the year could mean 19{year:02} or 20{year:02}; expected four figures"
                    ));
                }
                (Some(day), None) | (None, Some(day)) => day,
                (None, None) => old?,
            }
        }
    };
    match day {
        day if day > today => Err("a date of birth that is still to come".to_owned()),
        day if day.age_on(today) > 120 => Err("a date of birth more than 120 years ago".to_owned()),
        day => Ok(day),
    }
}

/// A day in ISO form, where the cell is one and says its whole year.
pub(super) fn written(cell: &str, reading: Reading) -> Option<String> {
    match read(cell, reading) {
        Ok((Year::Whole(year), month, day)) => day_of(year, month, day).ok().map(Day::iso),
        Ok((Year::Two(_), _, _)) | Err(_) => None,
    }
}

fn day_of(year: i32, month: u32, day: u32) -> Result<Day, Why> {
    Day::new(year, month, day).ok_or_else(|| NO_DAY.to_owned())
}

fn read(cell: &str, reading: Reading) -> Result<(Year, u32, u32), Why> {
    let no_date = || NO_DATE.to_owned();
    if let Some(n) = serial(cell) {
        return from_serial(n, reading.order).ok_or_else(no_date);
    }
    let date = without_time(cell);
    // `-1/03/1938`: something is missing or too much, and nobody knows what.
    let mark = |c: char| ['/', '.', '-'].contains(&c);
    let doubled = date.chars().zip(date.chars().skip(1)).any(|(a, b)| mark(a) && mark(b));
    if date.starts_with(mark) || date.ends_with(mark) || doubled {
        return Err(no_date());
    }
    let mut parts = [""; 4];
    let mut count = 0;
    for part in date.split(['/', '.', '-', ' ', ',', '\u{a0}']).filter(|part| !part.is_empty()) {
        if let Some(slot) = parts.get_mut(count) {
            *slot = part;
        }
        count += 1;
    }
    let [first, second, third] = match (count, parts) {
        (3, [a, b, c, _]) => [a, b, c],
        // `Thu 12 March 1938`
        (4, [weekday, a, b, c]) if is_weekday(weekday) => [a, b, c],
        (1, [whole, ..]) if whole.len() == 8 && number(whole).is_some() => {
            let part = |from, to| number(whole.get(from..to).unwrap_or_default()).ok_or_else(no_date);
            let year = part(0, 4)?;
            return Ok((Year::Whole(i32::try_from(year).map_err(|_| no_date())?), part(4, 6)?, part(6, 8)?));
        }
        _ => return Err(no_date()),
    };
    if first.len() == 4 && number(first).is_some() {
        return Ok((year(first)?, month(second).ok_or_else(no_date)?, ordinal(third).ok_or_else(no_date)?));
    }
    let year = year(third)?;
    // A month in letters leaves nothing to tell.
    if let Some(month) = month_name(second) {
        return Ok((year, month, ordinal(first).ok_or_else(no_date)?));
    }
    if let Some(month) = month_name(first) {
        return Ok((year, month, ordinal(second).ok_or_else(no_date)?));
    }
    let (first, second) = (ordinal(first).ok_or_else(no_date)?, ordinal(second).ok_or_else(no_date)?);
    let (day, month) = match (reading.evidence, reading.order) {
        (Evidence::Mixed, _) if first <= 12 && second <= 12 && first != second => {
            return Err("day and month cannot be told apart: this column has dates both ways".to_owned());
        }
        (Evidence::Mixed, _) if second > 12 => (second, first),
        (_, DayOrder::MonthFirst) => (second, first),
        (_, DayOrder::DayFirst | DayOrder::Serial1900 | DayOrder::Serial1904) => (first, second),
    };
    Ok((year, month, day))
}

/// `12/03/1938 00:00:00` and `1938-03-12T00:00:00Z` without their time.
fn without_time(cell: &str) -> &str {
    match cell.split_once(['T', ' ']) {
        Some((date, time)) if time.contains(':') && date.len() >= 6 => date,
        _ => match cell.rsplit_once(' ') {
            Some((date, time)) if time.contains(':') => date,
            _ => cell,
        },
    }
}

/// The two figures of `3/4/1938`, where the cell is such a date.
fn figures(cell: &str) -> Option<(u32, u32)> {
    let mut parts = without_time(cell).split(['/', '.', '-', ' ']).filter(|part| !part.is_empty());
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    let short = parts.next().is_none() && first.len() <= 2 && second.len() <= 2 && number(third).is_some();
    if short { number(first).zip(number(second)) } else { None }
}

/// A spreadsheet's day number: five figures, perhaps with a time behind the point. (20000 is in 1954, 99999 in 2173.)
fn serial(cell: &str) -> Option<i64> {
    let whole = cell.split_once('.').map_or(cell, |(whole, _)| whole);
    let plain = (1..=5).contains(&whole.len()) && cell.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let n = if plain && cell.matches('.').count() <= 1 { whole.parse().ok()? } else { return None };
    (1..=99_999).contains(&n).then_some(n)
}

fn from_serial(n: i64, order: DayOrder) -> Option<(Year, u32, u32)> {
    use chrono::Datelike as _;
    let start = match order {
        DayOrder::Serial1904 => Day::new(1904, 1, 1)?.plus(n),
        // The spreadsheet counts a 29 February 1900 that never was.
        DayOrder::Serial1900 if n == 60 => return None,
        DayOrder::Serial1900 => Day::new(1899, 12, if n < 60 { 31 } else { 30 })?.plus(n),
        DayOrder::DayFirst | DayOrder::MonthFirst => return None,
    };
    let date = start.date();
    Some((Year::Whole(date.year()), date.month(), date.day()))
}

fn number(text: &str) -> Option<u32> {
    if text.is_empty() || text.len() > 9 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

fn year(text: &str) -> Result<Year, Why> {
    let value = number(text).and_then(|n| i32::try_from(n).ok());
    match (text.len(), value) {
        (4, Some(year)) => Ok(Year::Whole(year)),
        (2, Some(year)) => Ok(Year::Two(year)),
        _ => Err(NO_DATE.to_owned()),
    }
}

/// `3`, `03`, `3rd`.
fn ordinal(text: &str) -> Option<u32> {
    let bare = ["st", "nd", "rd", "th"].iter().find_map(|end| text.strip_suffix(end)).unwrap_or(text);
    number(bare).filter(|_| bare.len() <= 2)
}

fn month(text: &str) -> Option<u32> {
    number(text).filter(|_| text.len() <= 2).or_else(|| month_name(text))
}

fn month_name(text: &str) -> Option<u32> {
    if text.len() < 3 || !text.is_ascii() || !text.as_bytes().first()?.is_ascii_alphabetic() {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let lower = if lower == "sept" { "sep" } else { lower.as_str() };
    let at = MONTHS.iter().position(|name| *name == lower || name.get(..3) == Some(lower))?;
    u32::try_from(at + 1).ok()
}

fn is_weekday(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().any(|name| lower.starts_with(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: &str = "2026-11-26";

    fn reading(order: DayOrder, evidence: Evidence) -> Reading {
        Reading { order, evidence }
    }

    fn of(cells: &[&str]) -> Reading {
        let mut tally = Tally::default();
        cells.iter().for_each(|cell| tally.see(cell));
        tally.reading()
    }

    #[test]
    fn days_as_they_arrive() {
        let today = Day::from_iso(TODAY).unwrap();
        let uk = reading(DayOrder::DayFirst, Evidence::Assumed);
        for cell in [
            "12/03/1938",
            "12-Mar-1938",
            "12-MAR-38",
            "1938-03-12",
            "1938-03-12 00:00:00",
            "1938-03-12T00:00:00",
            "12/03/1938 00:00",
            "12.3.1938",
            "12.3.38",
            "12 March 1938",
            "March 12, 1938",
            "12th March 1938",
            "Sat 12 Mar 1938",
            "19380312",
        ] {
            assert_eq!(born(cell, uk, today).map(Day::iso).as_deref(), Ok("1938-03-12"), "{cell}");
        }
        for cell in [
            "31/02/1938",
            "12/13/1938",
            "yesterday",
            "1938",
            "12/1938",
            "1/2/3/4",
            "",
            "12/03/938",
            "99/99/99",
            "-1/03/1938",
            "12//03/1938",
            "12/03/1938-",
        ] {
            assert!(born(cell, uk, today).is_err(), "{cell}");
        }
        assert!(born("27/11/2026", uk, today).is_err() && past("27/11/2026", uk, today).is_err());
        assert!(born("01/01/1850", uk, today).is_err());
        assert_eq!(past("01/11/26", uk, today).map(Day::iso).as_deref(), Ok("2026-11-01"));
    }

    #[test]
    fn two_figures_of_a_year_are_resolved_only_where_one_century_is_possible() {
        let today = Day::from_iso(TODAY).unwrap();
        let uk = reading(DayOrder::DayFirst, Evidence::Assumed);
        let iso = |cell| born(cell, uk, today).map(Day::iso);
        assert_eq!(iso("12/03/38").as_deref(), Ok("1938-03-12"));
        assert_eq!(iso("12/03/10").as_deref(), Ok("2010-03-12"), "nobody is 116");
        assert_eq!(iso("27/11/26").as_deref(), Ok("1926-11-27"), "not born tomorrow");
        assert!(iso("12/03/24").unwrap_err().contains("1924 or 2024"));
    }

    #[test]
    fn a_column_tells_day_from_month() {
        assert_eq!(of(&["03/04/1938", "13/04/1938"]), reading(DayOrder::DayFirst, Evidence::Proven));
        assert_eq!(of(&["03/04/1938", "04/13/1938"]), reading(DayOrder::MonthFirst, Evidence::Proven));
        assert_eq!(of(&["03/04/1938", "1938-04-13"]), reading(DayOrder::DayFirst, Evidence::Assumed));
        assert_eq!(of(&["13/04/1938", "04/13/1938"]).evidence, Evidence::Mixed);
        assert_eq!(of(&["1938-04-03", "3-Apr-1938", "04/04/1938"]), reading(DayOrder::DayFirst, Evidence::Proven));
        assert_eq!(of(&["14000", "20000.5"]).order, DayOrder::Serial1900);
        let today = Day::from_iso(TODAY).unwrap();
        let mixed = of(&["13/04/1938", "04/13/1938"]);
        assert!(born("03/04/1938", mixed, today).unwrap_err().contains("both ways"));
        assert_eq!(born("04/13/1938", mixed, today).map(Day::iso).as_deref(), Ok("1938-04-13"));
        assert_eq!(born("04/04/1938", mixed, today).map(Day::iso).as_deref(), Ok("1938-04-04"));
    }

    #[test]
    fn spreadsheet_day_numbers() {
        let today = Day::from_iso(TODAY).unwrap();
        let (from_1900, from_1904) =
            (reading(DayOrder::Serial1900, Evidence::Assumed), reading(DayOrder::Serial1904, Evidence::Said));
        // 12 March 1938 is 13951 in a workbook that counts from 1900, 12489 in one that counts from 1904.
        assert_eq!(past("13951", from_1900, today).map(Day::iso).as_deref(), Ok("1938-03-12"));
        assert_eq!(past("12489", from_1904, today).map(Day::iso).as_deref(), Ok("1938-03-12"));
        assert_eq!(read("1", from_1900), Ok((Year::Whole(1900), 1, 1)));
        assert_eq!(read("59", from_1900), Ok((Year::Whole(1900), 2, 28)));
        assert_eq!(read("61", from_1900), Ok((Year::Whole(1900), 3, 1)));
        assert!(read("60", from_1900).is_err(), "a day that never was");
        assert!(past("2026", from_1900, today).unwrap_err().contains("120 years"), "a year is no day number");
        assert!(past("13951", of(&["01/02/2020"]), today).is_err(), "not among written dates");
    }
}
