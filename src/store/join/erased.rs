//! People whose text was lawfully erased: a copy of before does not bring them back. What it has about them does not come, and
//! its words are not kept beside the log either.

use std::collections::BTreeSet;

use rusqlite::types::Value;
use rusqlite::{Connection, params};

use crate::domain::Word as _;
use crate::domain::change::{NounKind, RecordId as _};
use crate::domain::day::Day;
use crate::domain::erasure::ERASED;
use crate::domain::id::PersonId;

use super::super::erase::everything_about;
use super::super::fault::Fault;
use super::Joiner;
use super::sides::{self, text};

/// Who was erased here, and what the other copy still has about them: also records that name nobody, as a household or a row
/// of a list that waits, and such as only its log knows.
#[derive(Default)]
pub(super) struct ErasedHere {
    people: Vec<i64>,
    theirs: BTreeSet<(NounKind, i64)>,
}

impl ErasedHere {
    pub(super) fn find(ours: &Connection, theirs: &Connection, today: Day) -> Result<Self, Fault> {
        let mut out = Self::default();
        let mut select = ours.prepare("SELECT id FROM person WHERE surname = ?1 AND forename = ?1 ORDER BY id")?;
        let mut rows = select.query([ERASED])?;
        while let Some(row) = rows.next()? {
            let person: i64 = row.get(0)?;
            out.theirs.extend(everything_about(theirs, PersonId::from_raw(person), today)?);
            out.people.push(person);
        }
        Ok(out)
    }

    /// Whether nobody was.
    pub(super) fn is_nobody(&self) -> bool {
        self.people.is_empty()
    }
}

/// Whether the text of this person was lawfully erased.
fn is_erased_person(cells: &[Value]) -> bool {
    ["surname", "forename"].iter().all(|column| text(NounKind::Person, cells, column) == Some(ERASED))
}

impl Joiner<'_> {
    /// Whether the record is about somebody whose text was erased in either copy.
    pub(super) fn is_erased(&self, noun: NounKind, row: i64) -> Result<bool, Fault> {
        if self.erased.theirs.contains(&(noun, row)) {
            return Ok(true);
        }
        let Some(person) = self.person_of(noun, row)? else { return self.was_emptied(noun, row) };
        let kind = NounKind::Person;
        for cells in [self.here(kind, person.raw())?, self.there(kind, person.raw())?].into_iter().flatten() {
            if is_erased_person(&cells) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the text of a record that names no person – a household – was taken out of the log of either copy.
    fn was_emptied(&self, noun: NounKind, row: i64) -> Result<bool, Fault> {
        if noun != NounKind::Household {
            return Ok(false);
        }
        let sql = "SELECT EXISTS (SELECT 1 FROM change WHERE noun = ?1 AND row = ?2 AND fields IS NULL)";
        for db in [&*self.ours, &self.other.db] {
            if db.prepare_cached(sql)?.query_row(params![noun.code(), row], |found| found.get(0))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A new person there who has the name and day of birth of somebody erased here, as the other copy still knows them. They
    /// come, as somebody new, and it is said.
    pub(super) fn note_back(&mut self, row: i64, cells: &[Value]) -> Result<(), Fault> {
        let noun = NounKind::Person;
        let known = |cells: &[Value]| -> Option<[String; 3]> {
            let of = |column: &str| text(noun, cells, column).map(crate::domain::text::fold);
            Some([of("surname")?, of("forename")?, of("born")?])
        };
        let Some(wanted) = known(cells) else { return Ok(()) };
        for person in self.erased.people.clone() {
            if self.there(noun, person)?.is_some_and(|cells| known(&cells).as_ref() == Some(&wanted)) {
                self.back.insert(PersonId::from_raw(row));
            }
        }
        Ok(())
    }

    /// Whether a change of theirs holds words about somebody whose record was erased here.
    pub(super) fn speaks_of_erased(&self, noun: NounKind, row: i64, fields: &str) -> Result<bool, Fault> {
        if noun == NounKind::Erasure {
            // That they were erased there too, and which texts went, is no word about them, and a check goes by it.
            return Ok(false);
        }
        if noun == NounKind::Minutes {
            // The text of minutes is about everybody who was on the agenda.
            let Some(minutes) = self.there(noun, row)? else { return Ok(true) };
            let sql = "SELECT DISTINCT person FROM agenda_item WHERE meeting = ?1 AND person IS NOT NULL";
            let meeting = sides::number(noun, &minutes, "meeting");
            let people: Vec<i64> =
                self.other.db.prepare_cached(sql)?.query_map([meeting], |row| row.get(0))?.collect::<Result<_, _>>()?;
            for person in people {
                if self.is_erased_here(person)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        if self.erased.theirs.contains(&(noun, row)) || self.was_emptied(noun, row)? {
            return Ok(true);
        }
        let named = || -> Option<i64> {
            let fields: serde_json::Value = serde_json::from_str(fields).ok()?;
            let person = fields.get("person")?;
            person.as_i64().or_else(|| person.get(1)?.as_i64()).or_else(|| person.get(0)?.as_i64())
        };
        let person = match named() {
            Some(person) => Some(person),
            None => self.person_of(noun, row)?.map(|person| person.raw()),
        };
        person.map_or(Ok(false), |person| self.is_erased_here(person))
    }

    fn is_erased_here(&self, person: i64) -> Result<bool, Fault> {
        Ok(self.here(NounKind::Person, person)?.is_some_and(|cells| is_erased_person(&cells)))
    }
}
