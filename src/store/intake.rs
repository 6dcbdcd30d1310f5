//! Lists taken in, rows that wait for a person to look, and what lists propose.

use crate::domain::Word;
use crate::domain::activity::Activity;
use crate::domain::change::{NounKind, Record, RecordId};
use crate::domain::day::Day;
use crate::domain::id::{PersonId, TeamId};
use crate::domain::intake::{Intake, Proposal, ProposedField, QueueState, QueuedRow};
use crate::domain::service::Service;
use crate::domain::text::Line;

use super::Reader;
use super::fault::Fault;
use super::find::several;

impl Reader {
    /// The lists taken in, newest first.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn intakes(&self, team: TeamId, most: i64) -> Result<Vec<Record<Intake>>, Fault> {
        several(&self.db, "WHERE t.team = ?1 ORDER BY t.at DESC, t.id DESC LIMIT ?2", [team.raw(), most])
    }

    /// The rows of lists in the queue, oldest first: those in this state, or all.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn queue(&self, team: TeamId, state: Option<QueueState>) -> Result<Vec<Record<QueuedRow>>, Fault> {
        match state {
            None => several(&self.db, "WHERE t.team = ?1 ORDER BY t.id", [team.raw()]),
            Some(state) => several(
                &self.db,
                "WHERE t.team = ?1 AND t.state = ?2 ORDER BY t.id",
                rusqlite::params![team.raw(), state.code()],
            ),
        }
    }

    /// What lists propose and nobody has looked at, oldest first.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn proposals(&self, team: TeamId) -> Result<Vec<Record<Proposal>>, Fault> {
        several(&self.db, "WHERE t.team = ?1 AND t.state = 'waiting' ORDER BY t.id", [team.raw()])
    }

    /// What was proposed for a field of a person with this value, newest first, whatever became of it.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn proposed(
        &self,
        person: PersonId,
        field: ProposedField,
        theirs: &Line,
    ) -> Result<Vec<Record<Proposal>>, Fault> {
        several(
            &self.db,
            "WHERE t.person = ?1 AND t.field = ?2 AND t.theirs = ?3 ORDER BY t.id DESC",
            rusqlite::params![person.raw(), field.code(), theirs.as_str()],
        )
    }

    /// How many rows wait for a person to look, and how many proposals.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn waiting_from_lists(&self, team: TeamId) -> Result<(i64, i64), Fault> {
        let count = |table: &str| -> Result<i64, Fault> {
            let sql = format!("SELECT count(*) FROM {table} WHERE team = ?1 AND state = 'waiting'");
            Ok(self.db.prepare_cached(&sql)?.query_row([team.raw()], |row| row.get(0))?)
        };
        Ok((count(NounKind::QueuedRow.code())?, count(NounKind::Proposal.code())?))
    }

    /// The columns of a person that somebody at the keys wrote last, and no list.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn written_by_hand(&self, person: PersonId) -> Result<Vec<String>, Fault> {
        let mut select = self.db.prepare_cached(include_str!("person_writers.sql"))?;
        let mut rows = select.query([person.raw()])?;
        let (mut seen, mut by_hand, mut undone) = (Vec::<String>::new(), Vec::new(), Vec::<i64>::new());
        while let Some(row) = rows.next()? {
            let (step, undoes): (i64, Option<i64>) = (row.get(0)?, row.get(1)?);
            let (kind, fields): (String, Option<String>) = (row.get(2)?, row.get(3)?);
            // A step taken back wrote nothing that still stands.
            if kind == "undo" {
                undone.extend(undoes);
                continue;
            }
            if undone.contains(&step) {
                continue;
            }
            let map: serde_json::Map<String, serde_json::Value> =
                fields.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
            for column in map.into_iter().map(|(column, _)| column) {
                if !seen.contains(&column) {
                    if kind != "import" {
                        by_hand.push(column.clone());
                    }
                    seen.push(column);
                }
            }
        }
        Ok(by_hand)
    }

    /// What a person used since a day, oldest first.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn activity_since(&self, person: PersonId, since: Day) -> Result<Vec<Record<Activity>>, Fault> {
        several(
            &self.db,
            "WHERE t.person = ?1 AND t.\"on\" >= ?2 ORDER BY t.\"on\", t.id",
            rusqlite::params![person.raw(), since.iso()],
        )
    }

    /// The directory of services by name, those that ended last.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn services(&self) -> Result<Vec<Record<Service>>, Fault> {
        several(&self.db, "ORDER BY t.closed_on IS NOT NULL, t.name COLLATE NOCASE, t.id", [])
    }
}
