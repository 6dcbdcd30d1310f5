//! Legal hold: that a person's record must be kept although its time is over, because a court, a coroner, an inquiry or a
//! complaint needs it. While one stands, the record cannot be erased.

use super::change::{Change, Mint, Record, add, alter};
use super::day::Day;
use super::erasure::not_erased;
use super::id::PersonId;
use super::person::Person;
use super::refusal::Refusal;
use super::text::Line;

/// One hold on one person's record.
#[derive(Clone, Debug, PartialEq)]
pub struct Hold {
    /// Whose record.
    pub person: PersonId,
    /// Since when.
    pub on: Day,
    /// Who placed it.
    pub by: Line,
    /// Why: the case or inquiry that asks for it.
    pub why: Line,
    /// Until when; while empty, it stands.
    pub lifted_on: Option<Day>,
    /// Why it was lifted.
    pub lifted_why: Option<Line>,
}

impl Hold {
    /// Whether it still stands.
    pub fn stands(&self) -> bool {
        self.lifted_on.is_none()
    }
}

/// Places a hold. `before` are the holds there are on this person.
///
/// # Errors
/// Refuses a second hold for the same reason, another reason being a hold of its own; and a record that was erased.
pub fn place(
    person: &Record<Person>,
    before: &[Record<Hold>],
    why: Line,
    by: Line,
    today: Day,
    mint: &mut Mint,
) -> Result<Change, Refusal> {
    not_erased(person)?;
    if before.iter().any(|hold| hold.stands() && hold.why == why) {
        return Err(Refusal::new("This hold stands already. Nothing was changed."));
    }
    Ok(add(mint.mint(), Hold { person: person.id, on: today, by, why, lifted_on: None, lifted_why: None }))
}

/// Lifts a hold.
///
/// # Errors
/// Refuses where it was lifted before.
pub fn lift(hold: &Record<Hold>, why: Line, today: Day) -> Result<Change, Refusal> {
    if !hold.stands() {
        return Err(Refusal::new("This hold was lifted before. Nothing was changed."));
    }
    Ok(alter(hold, |hold| {
        hold.lifted_on = Some(today);
        hold.lifted_why = Some(why);
    }))
}
