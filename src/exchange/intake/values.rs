//! What a cell means: dates, scores, yes and no. Each answers with a value or with a reason that never repeats the cell.

use crate::domain::Word;
use crate::domain::band::Score;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::person::{Residence, Sex};
use crate::domain::sharing::Sharing;
use crate::domain::text::{Line, fold};

/// Why a cell cannot be taken.
pub(super) type Why = String;

/// Words that lists write where they know nothing.
pub(super) fn says_nothing(cell: &str) -> bool {
    const WORDS: [&str; 15] = [
        "",
        "-",
        "--",
        "n/a",
        "na",
        "null",
        "nan",
        "#n/a",
        "not known",
        "not recorded",
        "?",
        "(blank)",
        "none recorded",
        ".",
        "unknown",
    ];
    // Asked of every cell of a list: nothing is folded that can be told by its first letter or its length.
    if cell.is_ascii() {
        if cell.bytes().next().is_some_and(|byte| byte.is_ascii_digit()) {
            return false;
        }
        return cell.len() <= 13 && WORDS.iter().any(|word| cell.eq_ignore_ascii_case(word));
    }
    WORDS.contains(&fold(cell).as_str())
}

/// Whether a cell holds no name. There are people called Null and Na.
pub(super) fn is_no_name(cell: &str) -> bool {
    says_nothing(cell) && !(cell.len() >= 2 && cell.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

/// An NHS number. Nothing is repaired; numbers of the other nations are named.
pub(super) fn nhs_number(cell: &str) -> Result<NhsNumber, Why> {
    let bare = cell.trim_start_matches('\'');
    if is_rounded(bare) {
        return Err("a spreadsheet has rounded this number, so digits are lost; expected ten digits, from where the list came from".to_owned());
    }
    if let Some((whole, part)) = bare.split_once('.')
        && whole.bytes().all(|byte| byte.is_ascii_digit())
        && part.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Err("a number with a decimal point; expected ten digits, kept as text".to_owned());
    }
    let number = NhsNumber::parse(bare).map_err(|why| why.to_string().trim_end_matches('.').to_owned())?;
    match number.value() {
        // Each of them passes the check.
        value if value % 1_111_111_111 == 0 => {
            Err("ten times the same digit is a filler, not an NHS number; expected nothing where it is not known"
                .to_owned())
        }
        // Day and month of birth stand first: 01 to 31, 01 to 12.
        value @ 100_000_000..3_200_000_000 if is_day_and_month(value) => {
            Err("a Scottish CHI number; expected an NHS number of England or Wales".to_owned())
        }
        3_200_000_000..4_000_000_000 => {
            Err("a Northern Irish health and care number; expected an NHS number of England or Wales".to_owned())
        }
        _ => Ok(number),
    }
}

/// `9.99E+09`: what a spreadsheet makes of a long number in a narrow column.
fn is_rounded(cell: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    cell.split_once(['E', 'e']).is_some_and(|(number, power)| {
        let (whole, part) = number.split_once(['.', ',']).unwrap_or((number, "0"));
        digits(whole) && digits(part) && digits(power.trim_start_matches(['+', '-']))
    })
}

fn is_day_and_month(value: u64) -> bool {
    (1..=31).contains(&(value / 100_000_000)) && (1..=12).contains(&(value / 1_000_000 % 100))
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

/// A step of the Clinical Frailty Scale: a figure, alone or with its name (`7 – severe frailty`, `level 7`), or the name of
/// either version (Rockwood 2005, version 2.0 of 2020).
pub(super) fn cfs(cell: &str) -> Result<i64, Why> {
    let expected = || "not a Clinical Frailty Scale; expected 1 to 9".to_owned();
    let folded = fold(cell);
    if folded.starts_with('-') {
        return Err(expected());
    }
    let figures = folded.split(|c: char| !c.is_ascii_digit() && c != '.').filter(|part| !part.is_empty());
    let mut figures = figures.map(|part| part.trim_end_matches(".0").trim_end_matches('.')).filter(|it| !it.is_empty());
    match (figures.next().map(str::parse::<i64>), figures.next()) {
        (Some(Ok(n @ 1..=9)), None) => return Ok(n),
        (Some(_), _) => return Err(expected()),
        (None, _) => {}
    }
    let words: String = folded.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = words.trim_start_matches("living with ");
    match words {
        "very fit" => Ok(1),
        "fit" | "well" => Ok(2),
        "managing well" => Ok(3),
        "very mild frailty" | "vulnerable" | "very mildly frail" => Ok(4),
        "mild frailty" | "mildly frail" => Ok(5),
        "moderate frailty" | "moderately frail" => Ok(6),
        "severe frailty" | "severely frail" => Ok(7),
        "very severe frailty" | "very severely frail" => Ok(8),
        "terminally ill" => Ok(9),
        _ => Err(expected()),
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
    // Asked of several cells of every row: the commonest first, and nothing folded for them.
    match cell {
        "Y" | "Yes" | "y" | "1" => return Ok(true),
        "N" | "No" | "n" | "0" => return Ok(false),
        _ => {}
    }
    match fold(cell).trim_end_matches(['.', ' ']) {
        "y" | "yes" | "true" | "t" | "1" | "1.0" | "x" | "✓" | "✔" | "yes - current" | "active" | "present"
        | "in place" => Ok(true),
        "n" | "no" | "false" | "f" | "0" | "0.0" | "none" | "✗" | "✘" | "never" | "not present" => Ok(false),
        _ => Err("neither yes nor no; expected Y or N".to_owned()),
    }
}

/// Consent or objection, in the words of records and forms; nothing where the cell says that nothing is recorded.
pub(super) fn sharing(cell: &str) -> Result<Option<Sharing>, Why> {
    let words: String = fold(cell).chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(known) = word::<Sharing>(cell) {
        return match known {
            Sharing::ObjectedToSome | Sharing::Override => {
                Err("an objection to some or an override has to be recorded by a person; expected Yes or No".to_owned())
            }
            Sharing::NotRecorded => Ok(None),
            Sharing::Informed | Sharing::Agreed | Sharing::BestInterests | Sharing::ObjectedToAll => Ok(Some(known)),
        };
    }
    Ok(match words.as_str() {
        "not recorded" | "unknown" | "not asked" | "not known" | "pending" | "no record" => None,
        "y" | "yes" | "true" | "1" | "consent" | "consented" | "consent given" | "explicit consent"
        | "express consent" | "agreed" | "consents" | "opted in" | "opt in" => Some(Sharing::Agreed),
        "implied"
        | "implied consent"
        | "informed"
        | "informed no objection"
        | "no objection"
        | "informed no objections"
        | "implied consent informed" => Some(Sharing::Informed),
        "best interests" | "best interest" | "best interests decision" | "lacks capacity best interests" => {
            Some(Sharing::BestInterests)
        }
        "n" | "no" | "false" | "0" | "dissent" | "express dissent" | "explicit dissent" | "expressed dissent"
        | "dissents" | "objects" | "objected" | "objected to all" | "refused" | "refused consent" | "declined"
        | "consent refused" | "consent declined" | "consent withdrawn" | "withdrawn" | "opted out" | "opt out"
        | "does not consent" => Some(Sharing::ObjectedToAll),
        _ => return Err("neither consent nor objection; expected Yes, No or Not recorded".to_owned()),
    })
}

/// Where somebody lives.
pub(super) fn residence(cell: &str) -> Result<Option<Residence>, Why> {
    if let Some(known) = word::<Residence>(cell) {
        return Ok(Some(known).filter(|it| *it != Residence::NotRecorded));
    }
    Ok(Some(match fold(cell).as_str() {
        "home" | "own" | "house" | "flat" | "private" | "owner occupied" | "tenant" | "bungalow" | "own house" => {
            Residence::OwnHome
        }
        "family" | "lives with family" => Residence::WithFamily,
        "sheltered housing" | "sheltered accommodation" | "extra care" | "supported living" | "extra care housing" => {
            Residence::Sheltered
        }
        "residential"
        | "residential home"
        | "residential care"
        | "residential care home"
        | "care home without nursing" => Residence::CareHome,
        "nursing" | "nursing care" | "care home with nursing" => Residence::NursingHome,
        "homeless" | "nfa" | "no fixed address" => Residence::NoFixedAbode,
        _ => return Err("not a kind of home; expected own home, care home, nursing home or sheltered".to_owned()),
    }))
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
        for (cell, step) in [
            ("7", 7),
            ("7.0", 7),
            ("7 - severe frailty", 7),
            ("level 7", 7),
            ("Canadian Study of Health and Aging Clinical Frailty Scale level 6", 6),
            ("Vulnerable", 4),
            ("Living with very mild frailty", 4),
            ("Well", 2),
            ("Severely Frail", 7),
            ("Terminally ill", 9),
        ] {
            assert_eq!(cfs(cell), Ok(step), "{cell}");
        }
        for cell in ["0", "10", "7.5", "mild", "5-6", "frail"] {
            assert!(cfs(cell).is_err(), "{cell}");
        }
        assert!(efi("1.2").is_err());
        assert_eq!(efi("0,41"), Ok(Score(410)));
        for cell in ["Y", "yes", "TRUE", "1", "x", "✓", "Yes."] {
            assert_eq!(yes(cell), Ok(true), "{cell}");
        }
        for cell in ["N", "no", "FALSE", "0"] {
            assert_eq!(yes(cell), Ok(false), "{cell}");
        }
        assert!(yes("maybe").is_err());
        assert!(count("-1").is_err() && count("1.5").is_err());
        assert_eq!(count("3.0"), Ok(3));
    }

    #[test]
    fn an_nhs_number_is_never_repaired() {
        for cell in ["999 000 0018", "999-000-0018", "9990000018", "'9990000018", "999\u{a0}000\u{a0}0018"] {
            assert_eq!(nhs_number(cell).map(NhsNumber::digits).as_deref(), Ok("9990000018"), "{cell}");
        }
        for (cell, says) in [
            ("9.99E+09", "rounded"),
            ("9.990000018e9", "rounded"),
            ("9990000018.0", "decimal point"),
            ("9990000019", "check digit"),
            ("9999999999", "filler"),
            ("999000001", "has 9"),
            ("0101010028", "Scottish"),
            ("3200000007", "Northern Irish"),
        ] {
            let why = nhs_number(cell).unwrap_err();
            assert!(why.contains(says), "{cell}: {why}");
        }
    }

    #[test]
    fn consent_and_objection() {
        assert_eq!(sharing("Express dissent"), Ok(Some(Sharing::ObjectedToAll)));
        assert_eq!(sharing("Yes"), Ok(Some(Sharing::Agreed)));
        assert_eq!(sharing("Informed - no objection"), Ok(Some(Sharing::Informed)));
        assert_eq!(sharing("Not recorded"), Ok(None));
        assert!(sharing("perhaps").is_err());
        assert_eq!(residence("Care home with nursing"), Ok(Some(Residence::NursingHome)));
    }
}
