//! Lawful erasure: the text about a person goes, the fact that there was a record stays, and so does the chain of steps.
//!
//! What is kept of it is who erased, when, why, and who was witness – and the hashes of minutes from which a part went.

use super::change::Record;
use super::day::{Day, Moment};
use super::hold::Hold;
use super::id::{MinutesId, PersonId};
use super::meeting::{Meeting, Stage};
use super::minutes::Document;
use super::person::{Person, Standing};
use super::refusal::Refusal;
use super::text::{Line, Note};

/// What stands where a text was.
pub const ERASED: &str = "[erased]";

/// That a record was erased.
#[derive(Clone, Debug, PartialEq)]
pub struct Erasure {
    /// Whose record it was.
    pub person: PersonId,
    /// When.
    pub at: Moment,
    /// Who did it.
    pub by: Line,
    /// Who was witness.
    pub witness: Line,
    /// On what authority: the request, the end of retention.
    pub why: Line,
    /// How many records held something about them.
    pub records: i64,
    /// Sealed minutes from which their part went.
    pub minutes: Vec<MinutesId>,
    /// SHA-256 of each of these, as they are since, one a line.
    pub hashes: Option<Note>,
    /// Which texts of earlier steps it took out of the log. Nothing where an earlier version erased.
    pub emptied: Option<Document>,
    /// What is left of each record, and the hashes of minutes before and since. Nothing where an earlier version erased.
    pub leaves: Option<Document>,
}

impl Erasure {
    /// The hash these minutes have since, where a part of them went.
    pub fn hash_of(&self, minutes: MinutesId) -> Option<&str> {
        let hashes = self.hashes.as_ref().map(Note::as_str).unwrap_or_default();
        self.minutes.iter().zip(hashes.lines()).find(|(id, _)| **id == minutes).map(|(_, hash)| hash)
    }
}

/// Whether a record may be erased now. `still_active` is said aloud by whoever erases somebody still on the caseload.
///
/// # Errors
/// Refuses while a legal hold stands, while the person stands on an agenda to come, and – unless that is said aloud – while
/// they are on the active caseload or something is still to be done for them.
pub fn may_be_erased(
    person: &Person,
    holds: &[Record<Hold>],
    agendas: &[Record<Meeting>],
    open_actions: usize,
    still_active: bool,
) -> Result<(), Refusal> {
    if person.is_erased() {
        return Err(Refusal::new("This record was erased before."));
    }
    if let Some(hold) = holds.iter().find(|hold| hold.stands()) {
        return Err(Refusal::new(format!(
            "A legal hold stands on this record since {} ({}). Lift it first, if it may be lifted.",
            hold.on, hold.why
        )));
    }
    if let Some(meeting) = agendas.iter().find(|meeting| matches!(meeting.stage, Stage::Planned | Stage::Live)) {
        return Err(Refusal::new(format!(
            "They are on the agenda of {} ({}). Take them off, or close the meeting, first.",
            meeting.on.long(),
            crate::domain::Word::label(meeting.stage)
        )));
    }
    if still_active {
        return Ok(());
    }
    if person.standing == Standing::Active {
        return Err(Refusal::new(
            "They are on the active caseload. Take them off it first, or say that they are to be erased all the same.",
        ));
    }
    match open_actions {
        0 => Ok(()),
        1 => Err(Refusal::new(
            "1 action for them is still open. Close or withdraw it first, or say that it is to be withdrawn with the record.",
        )),
        n => Err(Refusal::new(format!(
            "{n} actions for them are still open. Close or withdraw them first, or say that they are to be withdrawn with the record."
        ))),
    }
}

/// The first day on which the time a record is kept is over: so many years after the person left the caseload. Nothing while
/// they are on it, where the day is not known, and where the record is erased.
pub fn kept_until(person: &Person, years: i64) -> Option<Day> {
    if person.standing == Standing::Active || person.is_erased() {
        return None;
    }
    person.standing_on.map(|left| left.plus_years(years))
}

/// Whether the time a record is kept is over.
pub fn is_due(person: &Person, years: i64, today: Day) -> bool {
    kept_until(person, years).is_some_and(|until| until <= today)
}

/// Refuses to change a record that was erased.
///
/// # Errors
/// Where it was.
pub fn not_erased(person: &Person) -> Result<(), Refusal> {
    if person.is_erased() {
        return Err(Refusal::new(
            "This record was lawfully erased: nothing is added to it any more. If the person came back, begin a new record.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::change::RecordId as _;
    use super::super::id::{HoldId, TeamId};
    use super::*;

    fn line(text: &str) -> Line {
        Line::parse(text).unwrap()
    }

    fn left(standing: Standing, on: Option<Day>) -> Person {
        let mut person = Person::new(TeamId::from_raw(1), line("Adeyemi"), line("Jean"));
        (person.standing, person.standing_on) = (standing, on);
        person
    }

    #[test]
    fn retention_is_counted_from_the_day_somebody_left() {
        let day = |year, month, day| Day::new(year, month, day).unwrap();
        let died = left(Standing::Died, Some(day(2018, 11, 26)));
        assert_eq!(kept_until(&died, 8), Some(day(2026, 11, 26)));
        assert!(is_due(&died, 8, day(2026, 11, 26)) && !is_due(&died, 8, day(2026, 11, 25)));
        assert!(!is_due(&left(Standing::Active, Some(day(2000, 1, 1))), 1, day(2026, 1, 1)), "on the caseload");
        assert!(!is_due(&left(Standing::Moved, None), 1, day(2026, 1, 1)), "nobody knows since when");
        // There is no 29 February in most years: the day after the 28th, so that nothing goes a day early.
        let leap = left(Standing::Moved, Some(day(2024, 2, 29)));
        assert_eq!(kept_until(&leap, 1), Some(day(2025, 3, 1)));
        assert_eq!(kept_until(&leap, 4), Some(day(2028, 2, 29)));
    }

    #[test]
    fn a_hold_stands_in_the_way_until_it_is_lifted() {
        let gone = left(Standing::Discharged, Day::new(2010, 1, 1));
        let mut hold = Record {
            id: HoldId::from_raw(1),
            value: Hold {
                person: PersonId::from_raw(1),
                on: Day::new(2026, 1, 5).unwrap(),
                by: line("Tolu"),
                why: line("inquest"),
                lifted_on: None,
                lifted_why: None,
            },
        };
        let refused = may_be_erased(&gone, &[hold.clone()], &[], 0, true).unwrap_err().to_string();
        assert!(refused.contains("inquest"), "{refused}");
        (hold.value.lifted_on, hold.value.lifted_why) = (Day::new(2026, 2, 5), Some(line("closed")));
        assert_eq!(may_be_erased(&gone, &[hold], &[], 0, false), Ok(()));
        assert!(may_be_erased(&gone, &[], &[], 2, false).is_err() && may_be_erased(&gone, &[], &[], 2, true).is_ok());
    }
}
