//! What a cell means: dates, scores, yes and no. Each answers with a value or with a reason that never repeats the cell.

use crate::domain::Word;
use crate::domain::band::Score;
use crate::domain::day::Day;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::person::Sex;
use crate::domain::text::{Line, fold};

/// Why a cell cannot be taken.
pub(super) type Why = String;

/// Words that lists write where they know nothing.
pub(super) fn says_nothing(cell: &str) -> bool {
    const WORDS: [&str; 11] = ["", "-", "--", "n/a", "na", "null", "nan", "#n/a", "not known", "not recorded", "?"];
    // Asked of every cell of a list: nothing is folded that can be told by its length.
    if cell.is_ascii() {
        return cell.len() <= 12 && WORDS.iter().any(|word| cell.eq_ignore_ascii_case(word));
    }
    WORDS.contains(&fold(cell).as_str())
}

/// An NHS number. Nothing is repaired.
pub(super) fn nhs_number(cell: &str) -> Result<NhsNumber, Why> {
    NhsNumber::parse(cell).map_err(|why| {
        if cell.contains(['E', 'e']) && cell.contains('+') {
            "a spreadsheet has rounded this number (9.99E+09); get it again from where it came from".to_owned()
        } else {
            why.to_string()
        }
    })
}

/// A date, with or without a time after it.
pub(super) fn day(cell: &str) -> Result<Day, Why> {
    let date = match cell.split_once(['T', ' ']) {
        Some((date, time)) if time.contains(':') => date,
        _ => cell,
    };
    Day::parse(date).map_err(|_| "not a date that exists; write it as 17/01/2027, 17-Jan-2027 or 2027-01-17".to_owned())
}

/// A date that cannot lie ahead.
pub(super) fn past_day(cell: &str, today: Day) -> Result<Day, Why> {
    match day(cell)? {
        day if day > today => Err("a date that is still to come".to_owned()),
        day => Ok(day),
    }
}

/// A day of birth.
pub(super) fn born(cell: &str, today: Day) -> Result<Day, Why> {
    match day(cell)? {
        day if day > today => Err("a date of birth that is still to come".to_owned()),
        day if day.age_on(today) > 120 => Err("a date of birth more than 120 years ago".to_owned()),
        day => Ok(day),
    }
}

/// A risk score.
pub(super) fn score(cell: &str) -> Result<Score, Why> {
    let point = if cell.contains('.') { cell.to_owned() } else { cell.replace(',', ".") };
    Score::parse(&point).ok_or_else(|| "not a number".to_owned())
}

/// An electronic frailty index.
pub(super) fn efi(cell: &str) -> Result<Score, Why> {
    match score(cell)? {
        Score(thousandths @ 0..=1_000) => Ok(Score(thousandths)),
        Score(_) => Err("an eFI lies between 0 and 1".to_owned()),
    }
}

/// A step of the Clinical Frailty Scale, alone or before its name (`7 – severe frailty`).
pub(super) fn cfs(cell: &str) -> Result<i64, Why> {
    let digits: String = cell.chars().take_while(char::is_ascii_digit).collect();
    let rest = cell.get(digits.len()..).unwrap_or_default().trim_start_matches(".0");
    match digits.parse::<i64>() {
        Ok(n @ 1..=9) if !rest.starts_with(['.', ',']) => Ok(n),
        _ => Err("a Clinical Frailty Scale lies between 1 and 9".to_owned()),
    }
}

/// How many of something.
pub(super) fn count(cell: &str) -> Result<i64, Why> {
    match cell.trim_end_matches(".0").parse::<i64>() {
        Ok(n @ 0..=10_000) => Ok(n),
        _ => Err("not a count".to_owned()),
    }
}

/// Yes or no, however it is written.
pub(super) fn yes(cell: &str) -> Result<bool, Why> {
    match fold(cell).as_str() {
        "y" | "yes" | "true" | "t" | "1" | "x" => Ok(true),
        "n" | "no" | "false" | "f" | "0" => Ok(false),
        _ => Err("neither yes nor no".to_owned()),
    }
}

/// Sex, as the source record states it.
pub(super) fn sex(cell: &str) -> Sex {
    match fold(cell).as_str() {
        "f" | "female" | "2" | "woman" => Sex::Female,
        "m" | "male" | "1" | "man" => Sex::Male,
        "u" | "unknown" | "0" | "not specified" | "not stated" => Sex::Unknown,
        _ => Sex::Other,
    }
}

/// One line of text.
pub(super) fn line(cell: &str) -> Result<Line, Why> {
    Line::parse(cell).map_err(|why| why.to_string())
}

/// The word of a closed list, by its code or its label.
pub(super) fn word<W: Word>(cell: &str) -> Option<W> {
    let said = fold(cell);
    W::ALL.iter().copied().find(|word| fold(word.code()) == said || fold(word.label()) == said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_as_they_arrive() {
        let today = Day::from_iso("2026-11-26").unwrap();
        let iso = |cell: &str| day(cell).map(Day::iso).ok();
        for cell in
            ["12/03/1938", "12-Mar-1938", "1938-03-12", "1938-03-12 00:00:00", "1938-03-12T00:00:00", "12.3.1938"]
        {
            assert_eq!(iso(cell).as_deref(), Some("1938-03-12"), "{cell}");
        }
        for cell in ["31/02/1938", "12/13/1938", "12/03/38", "yesterday", "1938"] {
            assert_eq!(iso(cell), None, "{cell}");
        }
        assert!(born("27/11/2026", today).is_err());
        assert!(born("01/01/1850", today).is_err());
        assert_eq!(cfs("7"), Ok(7));
        assert_eq!(cfs("7 - severe frailty"), Ok(7));
        assert!(cfs("0").is_err() && cfs("10").is_err() && cfs("7.5").is_err() && cfs("mild").is_err());
        assert!(efi("1.2").is_err());
        assert_eq!(efi("0,41"), Ok(Score(410)));
        assert_eq!((yes("Y"), yes("no"), yes("TRUE")), (Ok(true), Ok(false), Ok(true)));
        assert!(yes("maybe").is_err());
        assert!(count("-1").is_err() && count("1.5").is_err());
        assert_eq!(count("3.0"), Ok(3));
    }
}
