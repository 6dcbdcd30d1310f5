//! One person and everything the team keeps about them.

use std::collections::HashSet;

use crate::domain::action::Action;
use crate::domain::agenda::{AgendaItem, Outcome};
use crate::domain::band::BandEntry;
use crate::domain::carer::Carer;
use crate::domain::change::{NounKind, Record, RecordId};
use crate::domain::day::Day;
use crate::domain::discussion::Discussion;
use crate::domain::household::Household;
use crate::domain::id::{HouseholdId, PersonId, TeamId};
use crate::domain::key_worker::KeyWorker;
use crate::domain::meeting::Meeting;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::nomination::Nomination;
use crate::domain::person::Person;
use crate::domain::plan::{Goal, Plan};
use crate::domain::sharing::Objection;
use crate::domain::text::Line;

use super::Reader;
pub use super::apply::sort_name;
use super::codec::{cell, columns, record, width};
use super::fault::Fault;
use super::find::{first, several};

/// A discussion with its meeting.
pub type Discussed = (Record<Meeting>, Record<Discussion>);

impl Reader {
    /// The person with this NHS number in this team.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn person_by_number(&self, team: TeamId, number: NhsNumber) -> Result<Option<Record<Person>>, Fault> {
        first(&self.db, "WHERE t.team = ?1 AND t.nhs_number = ?2", [team.raw(), number.value().cast_signed()])
    }

    /// The NHS numbers of everybody of this team who has one.
    ///
    /// # Errors
    /// Any fault of the disk, or a number that is none.
    pub fn numbers_on_file(&self, team: TeamId) -> Result<HashSet<NhsNumber>, Fault> {
        let mut select = self.db.prepare_cached(
            "SELECT nhs_number FROM person WHERE team = ?1 AND nhs_number IS NOT NULL ORDER BY nhs_number",
        )?;
        let mut rows = select.query([team.raw()])?;
        let mut numbers = HashSet::new();
        while let Some(row) = rows.next()? {
            numbers.insert(cell(row, 0, NounKind::Person)?);
        }
        Ok(numbers)
    }

    /// People of a team with this name (case and accents apart) and day of birth, whatever their standing.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn people_alike(
        &self,
        team: TeamId,
        surname: &Line,
        forename: &Line,
        born: Option<Day>,
    ) -> Result<Vec<Record<Person>>, Fault> {
        several(
            &self.db,
            "WHERE t.team = ?1 AND t.standing IN ('active', 'discharged', 'moved', 'died') AND t.sort_name = ?3 AND t.born IS ?2 ORDER BY t.id",
            rusqlite::params![team.raw(), born.map(|born| born.iso()), sort_name(surname.as_str(), forename.as_str())],
        )
    }

    /// Calls `each` with the [`sort_name`] and the day of birth (ISO) of everybody of a team whose day is known.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn names_and_births(&self, team: TeamId, mut each: impl FnMut(&str, &str)) -> Result<(), Fault> {
        let mut select = self
            .db
            .prepare_cached("SELECT sort_name, born FROM person WHERE team = ?1 AND born IS NOT NULL ORDER BY id")?;
        let mut rows = select.query([team.raw()])?;
        while let Some(row) = rows.next()? {
            let text = |at: usize| row.get_ref(at)?.as_str().map_err(rusqlite::Error::from);
            each(text(0)?, text(1)?);
        }
        Ok(())
    }

    /// People of a team born on this day, whatever their standing.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn people_born(&self, team: TeamId, born: Day) -> Result<Vec<Record<Person>>, Fault> {
        several(
            &self.db,
            "WHERE t.team = ?1 AND t.standing IN ('active', 'discharged', 'moved', 'died') AND t.sort_born = ?2 ORDER BY t.id",
            rusqlite::params![team.raw(), born.iso()],
        )
    }

    /// Everyone on the active caseload of a team, by name: their ids only.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn active_ids(&self, team: TeamId) -> Result<Vec<PersonId>, Fault> {
        let mut select = self
            .db
            .prepare_cached("SELECT id FROM person WHERE team = ?1 AND standing = 'active' ORDER BY sort_name, id")?;
        let ids = select.query_map([team.raw()], |row| row.get(0).map(PersonId::from_raw))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// Every household, by name.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn households(&self) -> Result<Vec<Record<Household>>, Fault> {
        several(&self.db, "ORDER BY t.name COLLATE NOCASE, t.id", [])
    }

    /// Band history, newest first.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn band_history(&self, person: PersonId) -> Result<Vec<Record<BandEntry>>, Fault> {
        several(&self.db, "WHERE t.person = ?1 ORDER BY t.\"on\" DESC, t.id DESC", [person.raw()])
    }

    /// Objections that stand, and those lifted.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn objections(&self, person: PersonId) -> Result<Vec<Record<Objection>>, Fault> {
        several(&self.db, "WHERE t.person = ?1 ORDER BY t.\"on\", t.id", [person.raw()])
    }

    /// Key workers, the current one first.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn key_workers(&self, person: PersonId) -> Result<Vec<Record<KeyWorker>>, Fault> {
        several(&self.db, "WHERE t.person = ?1 ORDER BY t.until IS NOT NULL, t.since DESC, t.id DESC", [person.raw()])
    }

    /// The current key worker.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn key_worker(&self, person: PersonId) -> Result<Option<Record<KeyWorker>>, Fault> {
        first(&self.db, "WHERE t.person = ?1 AND t.until IS NULL", [person.raw()])
    }

    /// Carers, current ones first.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn carers(&self, person: PersonId) -> Result<Vec<Record<Carer>>, Fault> {
        several(&self.db, "WHERE t.person = ?1 ORDER BY t.ended_on IS NOT NULL, t.id", [person.raw()])
    }

    /// The care plan.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn plan(&self, person: PersonId) -> Result<Option<Record<Plan>>, Fault> {
        first(&self.db, "WHERE t.person = ?1", [person.raw()])
    }

    /// Goals, open ones first.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn goals(&self, person: PersonId) -> Result<Vec<Record<Goal>>, Fault> {
        several(&self.db, "WHERE t.person = ?1 ORDER BY t.progress IN ('achieved', 'dropped'), t.id", [person.raw()])
    }

    /// Nominations, newest first.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn nominations(&self, person: PersonId) -> Result<Vec<Record<Nomination>>, Fault> {
        several(&self.db, "WHERE t.person = ?1 ORDER BY t.\"on\" DESC, t.id DESC", [person.raw()])
    }

    /// Actions, those to be done first, by due day.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn actions_of(&self, person: PersonId) -> Result<Vec<Record<Action>>, Fault> {
        several(
            &self.db,
            "WHERE t.person = ?1 ORDER BY t.state NOT IN ('open', 'accepted'), t.due, t.id",
            [person.raw()],
        )
    }

    /// Past and present discussions with their meetings, newest first.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn discussions_of(&self, person: PersonId) -> Result<Vec<Discussed>, Fault> {
        let sql = format!(
            "SELECT {}, {} FROM discussion d JOIN meeting m ON m.id = d.meeting WHERE d.person = ?1 ORDER BY m.\"on\" DESC, m.id DESC",
            columns::<Meeting>("m"),
            columns::<Discussion>("d")
        );
        let mut select = self.db.prepare_cached(&sql)?;
        let mut rows = select.query([person.raw()])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            out.push((record(row, 0)?, record(row, width::<Meeting>())?));
        }
        Ok(out)
    }

    /// The same, only of meetings at which the person was discussed: as the agenda says, read back again or not.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn times_discussed(&self, person: PersonId) -> Result<Vec<Discussed>, Fault> {
        let mut found = Vec::new();
        for (meeting, discussion) in self.discussions_of(person)? {
            let item = self.get::<AgendaItem>(discussion.item)?;
            if item.is_some_and(|item| item.outcome == Outcome::Discussed) {
                found.push((meeting, discussion));
            }
        }
        Ok(found)
    }

    /// Whoever a team works with just now: on the agenda of one of its last meetings, in the household of somebody who is,
    /// with something to be done; and whoever objected.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn people_in_hand(&self, team: TeamId) -> Result<Vec<Record<Person>>, Fault> {
        several(&self.db, include_str!("people_in_hand.sql"), [team.raw()])
    }

    /// Everyone of a household, by name.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn household_of(&self, household: HouseholdId) -> Result<Vec<Record<Person>>, Fault> {
        several(&self.db, "WHERE t.household = ?1 ORDER BY t.sort_name, t.id", [household.raw()])
    }
}

impl Reader {
    /// The one person a step is about, where it is about one.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn step_subject(&self, step: i64) -> Result<Option<Record<Person>>, Fault> {
        let mut select = self.db.prepare_cached(include_str!("step_people.sql"))?;
        let people: Vec<i64> = select.query_map([step], |row| row.get(0))?.collect::<Result<_, _>>()?;
        match people.as_slice() {
            [one] => self.get(PersonId::from_raw(*one)),
            _ => Ok(None),
        }
    }
}
