//! Meetings: their agenda, attendance and discussions.

use crate::domain::agenda::AgendaItem;
use crate::domain::change::{Record, RecordId};
use crate::domain::day::Day;
use crate::domain::discussion::Discussion;
use crate::domain::id::{AgendaItemId, MeetingId, TeamId};
use crate::domain::meeting::{Attendance, Meeting};
use crate::domain::person::Person;

use super::Reader;
use super::codec::{columns, record, width};
use super::fault::Fault;
use super::find::{first, several};

/// An agenda item that was not discussed, with its meeting.
pub type LeftOver = (Record<Meeting>, Record<AgendaItem>);

impl Reader {
    /// Every meeting of a team, newest first.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn meetings(&self, team: TeamId) -> Result<Vec<Record<Meeting>>, Fault> {
        several(&self.db, "WHERE t.team = ?1 ORDER BY t.\"on\" DESC, t.id DESC", [team.raw()])
    }

    /// The meeting that is live now.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn live_meeting(&self, team: TeamId) -> Result<Option<Record<Meeting>>, Fault> {
        first(&self.db, "WHERE t.team = ?1 AND t.stage = 'live'", [team.raw()])
    }

    /// The first planned meeting on `from` or later.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn next_meeting(&self, team: TeamId, from: Day) -> Result<Option<Record<Meeting>>, Fault> {
        first(
            &self.db,
            "WHERE t.team = ?1 AND t.stage = 'planned' AND t.\"on\" >= ?2 ORDER BY t.\"on\", t.id LIMIT 1",
            rusqlite::params![team.raw(), from.iso()],
        )
    }

    /// The newest meeting that has at least begun.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn latest_meeting(&self, team: TeamId) -> Result<Option<Record<Meeting>>, Fault> {
        first(
            &self.db,
            "WHERE t.team = ?1 AND t.stage IN ('live', 'closed', 'sealed') ORDER BY t.\"on\" DESC, t.id DESC LIMIT 1",
            [team.raw()],
        )
    }

    /// The agenda, in order.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn agenda(&self, meeting: MeetingId) -> Result<Vec<Record<AgendaItem>>, Fault> {
        several(&self.db, "WHERE t.meeting = ?1 ORDER BY t.place, t.id", [meeting.raw()])
    }

    /// The people of an agenda, in no order.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn agenda_people(&self, meeting: MeetingId) -> Result<Vec<Record<Person>>, Fault> {
        several(&self.db, "WHERE t.id IN (SELECT person FROM agenda_item WHERE meeting = ?1)", [meeting.raw()])
    }

    /// Attendance, in the order in which it was recorded.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn attendance(&self, meeting: MeetingId) -> Result<Vec<Record<Attendance>>, Fault> {
        several(&self.db, "WHERE t.meeting = ?1 ORDER BY t.id", [meeting.raw()])
    }

    /// The discussion under an agenda item.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn discussion(&self, item: AgendaItemId) -> Result<Option<Record<Discussion>>, Fault> {
        first(&self.db, "WHERE t.item = ?1", [item.raw()])
    }

    /// Every discussion of a meeting.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn discussions(&self, meeting: MeetingId) -> Result<Vec<Record<Discussion>>, Fault> {
        several(&self.db, "WHERE t.meeting = ?1 ORDER BY t.id", [meeting.raw()])
    }

    /// Agenda items of the newest earlier meeting that were not discussed there and whose people stand on no later agenda.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn left_over(&self, team: TeamId) -> Result<Vec<LeftOver>, Fault> {
        let sql = format!(
            "SELECT {}, {} FROM agenda_item i JOIN meeting m ON m.id = i.meeting
             WHERE m.team = ?1 AND i.person IS NOT NULL
               AND ((m.stage IN ('closed', 'sealed') AND i.outcome IN ('not reached', 'deferred')) OR (m.stage = 'cancelled' AND i.outcome = 'waiting'))
               AND NOT EXISTS (SELECT 1 FROM agenda_item j JOIN meeting n ON n.id = j.meeting
                               WHERE j.person = i.person AND j.id <> i.id AND n.stage <> 'cancelled' AND (n.\"on\", n.id) > (m.\"on\", m.id))
             ORDER BY m.\"on\" DESC, i.place",
            columns::<Meeting>("m"),
            columns::<AgendaItem>("i")
        );
        let mut select = self.db.prepare_cached(&sql)?;
        let mut rows = select.query([team.raw()])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            out.push((record(row, 0)?, record(row, width::<Meeting>())?));
        }
        Ok(out)
    }
}
