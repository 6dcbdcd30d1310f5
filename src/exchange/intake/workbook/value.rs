//! Numbers and dates as text.

use super::CellKind;

/// How a number format wants its number shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Format {
    Number,
    Date,
    Duration,
}

/// The format behind a number that needs no text of its own in the workbook.
pub(super) fn builtin_format(id: u16) -> Format {
    match id {
        14..=22 | 27..=36 | 45 | 47 | 50..=58 => Format::Date,
        46 => Format::Duration,
        _ => Format::Number,
    }
}

/// Whether a format's text is a date's: it has a letter of day, month, year, hour or second that is no literal. Only the
/// first section counts; the others are for negative numbers, zero and text.
pub(super) fn custom_format(code: &str) -> Format {
    if code.eq_ignore_ascii_case("general") || code.eq_ignore_ascii_case("standard") {
        return Format::Number;
    }
    let mut chars = code.chars();
    while let Some(c) = chars.next() {
        match c {
            ';' => break,
            // Each makes the next character a literal, a gap or a filling.
            '\\' | '_' | '*' => drop(chars.next()),
            '"' => drop(chars.by_ref().find(|c| *c == '"')),
            '[' => {
                let inner: String = chars.by_ref().take_while(|c| *c != ']').collect();
                let lower = inner.to_ascii_lowercase();
                if matches!(lower.as_str(), "h" | "hh" | "m" | "mm" | "s" | "ss") {
                    return Format::Duration;
                }
            }
            'd' | 'm' | 'y' | 'h' | 's' | 'D' | 'M' | 'Y' | 'H' | 'S' => return Format::Date,
            _ => {}
        }
    }
    Format::Number
}

/// A number as a person would type it: Rust's own shortest form has neither exponent nor ".0".
pub(super) fn number(value: f64) -> (String, CellKind) {
    if !value.is_finite() {
        return ("#NUM!".to_string(), CellKind::Error);
    }
    let value = if value == 0.0 { 0.0 } else { value };
    (value.to_string(), CellKind::Number)
}

/// A number under its format. One that is no date in Excel either (before the first day, after 9999) stays a number.
pub(super) fn formatted(value: f64, format: Format, epoch_1904: bool) -> (String, CellKind) {
    match format {
        Format::Number => number(value),
        Format::Date => date(value, epoch_1904).unwrap_or_else(|| number(value)),
        Format::Duration => duration(value).unwrap_or_else(|| number(value)),
    }
}

fn date(serial: f64, epoch_1904: bool) -> Option<(String, CellKind)> {
    if !(0.0..2_958_466.0).contains(&serial) {
        return None;
    }
    let (mut days, mut seconds) = (serial.trunc() as i64, (serial.fract() * 86_400.0).round() as i64);
    if seconds == 86_400 {
        (days, seconds) = (days + 1, 0);
    }
    let time = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if days == 0 && seconds > 0 {
        return Some((time, CellKind::Text));
    }
    // Days from 1970-01-01. Excel's 1900 has a 29 February, serial 60, which never was: the days before it count from
    // one day later than the days after it.
    let (day, kind) = match (epoch_1904, days) {
        (true, _) => (ymd(days - 24_107)?, CellKind::Date),
        // Excel shows 0 January 1900; it is what a formula makes of an empty cell.
        (false, 0) => return None,
        (false, 1..=59) => (ymd(days - 25_568)?, CellKind::Date),
        // Text, since no calendar has this day.
        (false, 60) => ("1900-02-29".to_string(), CellKind::Text),
        (false, _) => (ymd(days - 25_569)?, CellKind::Date),
    };
    Some((if seconds == 0 { day } else { format!("{day} {time}") }, kind))
}

fn duration(days: f64) -> Option<(String, CellKind)> {
    if !(0.0..2_958_466.0).contains(&days) {
        return None;
    }
    let seconds = (days * 86_400.0).round() as i64;
    Some((format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60), CellKind::Text))
}

/// The day so many days after 1970-01-01, in the Gregorian calendar (counted in years that begin on 1 March, so that the
/// leap day is the last); none after the year 9999.
fn ymd(days: i64) -> Option<String> {
    let from_0000 = days + 719_468;
    let era = from_0000.div_euclid(146_097);
    let day_of_era = from_0000.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year <= 9999).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// A date that the workbook wrote out (`2026-11-22`, `2026-11-22T13:45:00.000Z`). Anything else is left as it stands.
pub(super) fn iso(written: &str) -> (String, CellKind) {
    let written = written.trim();
    let (day, time) = match written.split_once(['T', ' ']) {
        Some((day, time)) => (day, Some(time)),
        None => (written, None),
    };
    let as_it_stands = (written.to_string(), CellKind::Text);
    if !is_day(day) {
        return as_it_stands;
    }
    match time.map(clock) {
        None => (day.to_string(), CellKind::Date),
        Some(Some(time)) if time == "00:00:00" => (day.to_string(), CellKind::Date),
        Some(Some(time)) => (format!("{day} {time}"), CellKind::Date),
        Some(None) => as_it_stands,
    }
}

fn is_day(text: &str) -> bool {
    let mut parts = text.split('-');
    let number = |part: Option<&str>, digits: usize| -> Option<u32> {
        part.filter(|p| p.len() == digits && p.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()
    };
    let (year, month, day) = (number(parts.next(), 4), number(parts.next(), 2), number(parts.next(), 2));
    let (Some(year), Some(month), Some(day), None) = (year, month, day, parts.next()) else { return false };
    let last = match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=last).contains(&day)
}

/// `13:45`, `13:45:00`, `13:45:00.123`, each with or without `Z`, as `13:45:00`.
fn clock(text: &str) -> Option<String> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let whole = text.split_once(['.', ',']).map_or(text, |(whole, _)| whole);
    let mut parts = whole.split(':');
    let mut next = |limit: u32| -> Option<u32> {
        let part = parts.next()?;
        (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())?.filter(|n| *n < limit)
    };
    let (hour, minute) = (next(24)?, next(60)?);
    let second = if whole.len() > 5 { next(60)? } else { 0 };
    parts.next().is_none().then(|| format!("{hour:02}:{minute:02}:{second:02}"))
}

/// A length of time as OpenDocument writes it (`PT13H45M00S`) as `13:45:00`, anything else as it stands.
pub(super) fn iso_duration(written: &str) -> String {
    let parse = || -> Option<String> {
        let (hours, rest) = written.strip_prefix("PT")?.split_once('H')?;
        let (minutes, rest) = rest.split_once('M')?;
        let seconds = rest.strip_suffix('S')?;
        let seconds = seconds.split_once(['.', ',']).map_or(seconds, |(whole, _)| whole);
        let (hours, minutes, seconds): (u32, u32, u32) =
            (hours.parse().ok()?, minutes.parse().ok()?, seconds.parse().ok()?);
        Some(format!("{hours:02}:{minutes:02}:{seconds:02}"))
    };
    parse().unwrap_or_else(|| written.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(serial: f64, epoch_1904: bool) -> (String, CellKind) {
        formatted(serial, Format::Date, epoch_1904)
    }

    #[test]
    fn serials_follow_excel_through_the_day_that_never_was() {
        for (serial, text, kind) in [
            (0.0, "0", CellKind::Number),
            (1.0, "1900-01-01", CellKind::Date),
            (59.0, "1900-02-28", CellKind::Date),
            (60.0, "1900-02-29", CellKind::Text),
            (61.0, "1900-03-01", CellKind::Date),
            (25_569.0, "1970-01-01", CellKind::Date),
            (46_348.0, "2026-11-22", CellKind::Date),
            (46_348.572_916_666_664, "2026-11-22 13:45:00", CellKind::Date),
            (46_347.999_999_9, "2026-11-22", CellKind::Date),
            (0.572_916_666_666_667, "13:45:00", CellKind::Text),
            (2_958_465.0, "9999-12-31", CellKind::Date),
            (2_958_465.999_999_9, "2958465.9999999", CellKind::Number),
            (2_958_466.0, "2958466", CellKind::Number),
            (-1.0, "-1", CellKind::Number),
        ] {
            assert_eq!(d(serial, false), (text.to_string(), kind), "{serial}");
        }
        assert_eq!(d(0.0, true).0, "1904-01-01");
        assert_eq!(d(44_886.0, true).0, "2026-11-22");
        assert_eq!(d(2_957_003.0, true).0, "9999-12-31");
        assert_eq!(d(2_957_004.0, true), ("2957004".to_string(), CellKind::Number));
        assert_eq!(d(f64::NAN, false).1, CellKind::Error);
    }

    #[test]
    fn numbers_have_neither_exponent_nor_idle_decimals() {
        for (value, text) in [
            (9_990_000_018.0, "9990000018"),
            (0.1, "0.1"),
            (-0.0, "0"),
            (1e20, "100000000000000000000"),
            (1e-7, "0.0000001"),
            (-2.5, "-2.5"),
        ] {
            assert_eq!(number(value).0, text);
        }
        assert_eq!(number(f64::INFINITY), ("#NUM!".to_string(), CellKind::Error));
    }

    #[test]
    fn formats_are_dates_only_by_their_own_letters() {
        use Format::{Date, Duration, Number};
        for (code, format) in [
            ("General", Number),
            ("dd/mm/yyyy", Date),
            ("[$-809]dd mmmm yyyy;@", Date),
            ("h:mm AM/PM", Date),
            ("[h]:mm:ss", Duration),
            ("[Blue][mm]", Duration),
            ("#,##0.00 \"days\"", Number),
            ("0\\d", Number),
            ("#,##0_);[Red](#,##0)", Number),
            ("0.00E+00", Number),
            ("@", Number),
            ("0;dd", Number),
            ("000 000 0000", Number),
            ("\"unclosed d", Number),
            ("[unclosed d", Number),
        ] {
            assert_eq!(custom_format(code), format, "{code}");
        }
    }

    #[test]
    fn written_dates_are_checked_before_they_are_believed() {
        for (written, text, kind) in [
            ("2026-11-22", "2026-11-22", CellKind::Date),
            ("2026-11-22T00:00:00", "2026-11-22", CellKind::Date),
            ("2026-11-22T13:45:00.000Z", "2026-11-22 13:45:00", CellKind::Date),
            ("2026-11-22T13:45", "2026-11-22 13:45:00", CellKind::Date),
            ("2026-02-29", "2026-02-29", CellKind::Text),
            ("2024-02-29", "2024-02-29", CellKind::Date),
            ("2026-11-22T25:00:00", "2026-11-22T25:00:00", CellKind::Text),
            ("22/11/2026", "22/11/2026", CellKind::Text),
            ("", "", CellKind::Text),
        ] {
            assert_eq!(iso(written), (text.to_string(), kind), "{written}");
        }
        assert_eq!(iso_duration("PT13H45M00S"), "13:45:00");
        assert_eq!(iso_duration("PT13H45M00.5S"), "13:45:00");
        assert_eq!(iso_duration("P1D"), "P1D");
    }
}
