//! Which person a command means: by the NHS number, or by name where only one person is called so.

use std::io::BufRead as _;

use crate::domain::change::Record;
use crate::domain::id::PersonId;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::person::Person;

use super::{Desk, Failure, say};

/// People a name may mean before it is too many to tell apart.
const MOST: usize = 50;

/// The person who is meant. Without a name or number it is read from the first line of the input: what stands in a command
/// can be seen by every program on the machine, and a shell keeps it.
pub(super) fn person(desk: &Desk, given: &str) -> Result<Record<Person>, Failure> {
    let typed = if given.trim().is_empty() { asked()? } else { given.trim().to_owned() };
    if let Ok(number) = NhsNumber::parse(&typed) {
        return desk
            .reader
            .person_by_number(desk.team.id, number)?
            .ok_or_else(|| Failure::Refused("Nobody of this team has that number. Nothing was changed.".to_owned()));
    }
    let found: Vec<Record<Person>> =
        desk.reader.search_people(desk.team.id, &typed, MOST)?.into_iter().map(|row| row.person).collect();
    match found.as_slice() {
        [] => Err(Failure::Refused("Nobody of this team is called so. Nothing was changed.".to_owned())),
        [one] => Ok(one.clone()),
        several => Err(Failure::Refused(format!(
            "{} people of this team may be meant. Give the NHS number. Nothing was changed.",
            several.len()
        ))),
    }
}

/// A person by their id.
pub(super) fn by_id(desk: &Desk, id: PersonId) -> Result<Option<Record<Person>>, Failure> {
    Ok(desk.reader.get(id)?)
}

fn asked() -> Result<String, Failure> {
    if std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        say("Name or NHS number of the person:")?;
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    if line.trim().is_empty() {
        return Err(Failure::Refused("Nobody was named. Nothing was changed.".to_owned()));
    }
    Ok(line.trim().to_owned())
}

/// `ADEYEMI, Jean · born 12-Mar-1938 · NHS 999 123 4567`: whom it is about, for the terminal of whoever asked.
pub(super) fn in_words(person: &Person) -> String {
    let mut facts = vec![person.name()];
    facts.extend(person.born.map(|born| format!("born {born}")));
    facts.extend(person.nhs_number.map(|number| format!("NHS {number}")));
    facts.join(" · ")
}
