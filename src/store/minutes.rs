//! Sealed minutes and their addenda, what left of them, and what was written back.

use crate::domain::change::{NounKind, Record, RecordId};
use crate::domain::day::Moment;
use crate::domain::disclosure::Disclosure;
use crate::domain::discussion::Discussion;
use crate::domain::id::{DiscussionId, MeetingId, MinutesId, TeamId};
use crate::domain::meeting::Meeting;
use crate::domain::minutes::{Addendum, Minutes};
use crate::domain::person::Person;
use crate::domain::text::Line;
use crate::domain::written_back::WrittenBack;

use rusqlite::OptionalExtension;

use super::Reader;
use super::codec::{cell, columns, record, width};
use super::fault::Fault;
use super::find::{first, several};
use super::log::{Head, hex};

/// A meeting as the shelf of minutes shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct ShelfRow {
    /// The meeting.
    pub meeting: Record<Meeting>,
    /// People on its agenda, those withdrawn left out.
    pub people: i64,
    /// How many of them were discussed.
    pub discussed: i64,
    /// Actions agreed under its items.
    pub actions: i64,
    /// When the minutes were sealed and by whom, if they are.
    pub sealed: Option<(Moment, Line)>,
    /// Addenda to them.
    pub addenda: i64,
    /// How many of those discussed were changed after they were read back.
    pub changed_after: i64,
    /// How many of those discussed are not written back yet.
    pub not_written: i64,
}

/// Somebody who was discussed at a meeting, and whether that was written back.
#[derive(Clone, Debug, PartialEq)]
pub struct PasteRow {
    /// Who.
    pub person: Record<Person>,
    /// What was recorded for them.
    pub discussion: Record<Discussion>,
    /// The tick, if there is one.
    pub written: Option<Record<WrittenBack>>,
}

impl Reader {
    /// Every meeting of a team with what its minutes hold, newest first.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn shelf(&self, team: TeamId) -> Result<Vec<ShelfRow>, Fault> {
        let sql = format!("SELECT {},\n{}", columns::<Meeting>("m"), include_str!("shelf.sql"));
        let mut select = self.db.prepare_cached(&sql)?;
        let mut rows = select.query([team.raw()])?;
        let at = width::<Meeting>();
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let sealed_at: Option<Moment> = cell(row, at + 3, NounKind::Minutes)?;
            let sealed_by: Option<Line> = cell(row, at + 4, NounKind::Minutes)?;
            out.push(ShelfRow {
                meeting: record(row, 0)?,
                people: row.get(at)?,
                discussed: row.get(at + 1)?,
                actions: row.get(at + 2)?,
                sealed: sealed_at.zip(sealed_by),
                addenda: row.get(at + 5)?,
                not_written: row.get(at + 6)?,
                changed_after: row.get(at + 7)?,
            });
        }
        Ok(out)
    }

    /// The sealed minutes of a meeting.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn sealed_minutes(&self, meeting: MeetingId) -> Result<Option<Record<Minutes>>, Fault> {
        first(&self.db, "WHERE t.meeting = ?1", [meeting.raw()])
    }

    /// What was added to them, oldest first.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn addenda(&self, minutes: MinutesId) -> Result<Vec<Record<Addendum>>, Fault> {
        several(&self.db, "WHERE t.minutes = ?1 ORDER BY t.at, t.id", [minutes.raw()])
    }

    /// Whoever was discussed at a meeting, in the order of its agenda, each with what was recorded and the tick that it was
    /// written back.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn paste_rows(&self, meeting: MeetingId) -> Result<Vec<PasteRow>, Fault> {
        let sql = format!(
            "SELECT {}, {}, {} FROM agenda_item i
             JOIN discussion d ON d.item = i.id
             JOIN person p ON p.id = d.person
             LEFT JOIN written_back w ON w.discussion = d.id
             WHERE i.meeting = ?1 AND i.outcome = 'discussed'
             ORDER BY i.place, i.id",
            columns::<Person>("p"),
            columns::<Discussion>("d"),
            columns::<WrittenBack>("w")
        );
        let mut select = self.db.prepare_cached(&sql)?;
        let mut rows = select.query([meeting.raw()])?;
        let (at, then) = (width::<Person>(), width::<Person>() + width::<Discussion>());
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let written: Option<i64> = row.get(then)?;
            out.push(PasteRow {
                person: record(row, 0)?,
                discussion: record(row, at)?,
                written: written.map(|_| record(row, then)).transpose()?,
            });
        }
        Ok(out)
    }

    /// The tick that a discussion was written back, if there is one.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn written_back(&self, discussion: DiscussionId) -> Result<Option<Record<WrittenBack>>, Fault> {
        first(&self.db, "WHERE t.discussion = ?1", [discussion.raw()])
    }

    /// What left the building, newest first: all of a team's, or of one meeting.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn disclosures(
        &self,
        team: TeamId,
        meeting: Option<MeetingId>,
        most: i64,
    ) -> Result<Vec<Record<Disclosure>>, Fault> {
        match meeting {
            Some(meeting) => {
                let rest = "WHERE t.meeting = ?1 ORDER BY t.at DESC, t.id DESC LIMIT ?2";
                several(&self.db, rest, [meeting.raw(), most])
            }
            None => several(&self.db, "WHERE t.team = ?1 ORDER BY t.at DESC, t.id DESC LIMIT ?2", [team.raw(), most]),
        }
    }

    /// What left with exactly these bytes, newest first.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn disclosures_of(&self, sha256: &str) -> Result<Vec<Record<Disclosure>>, Fault> {
        several(&self.db, "WHERE t.sha256 = ?1 ORDER BY t.at DESC, t.id DESC", [sha256])
    }

    /// How many minutes of this team are sealed.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn count_sealed(&self, team: TeamId) -> Result<i64, Fault> {
        let sql = "SELECT count(*) FROM minutes n JOIN meeting m ON m.id = n.meeting WHERE m.team = ?1";
        Ok(self.db.prepare_cached(sql)?.query_row([team.raw()], |row| row.get(0))?)
    }

    /// The step that sealed the minutes of a meeting: its number and hash are printed at their foot.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn seal_of(&self, meeting: MeetingId) -> Result<Option<Head>, Fault> {
        let found = self
            .db
            .prepare_cached(
                "SELECT seq, hash FROM step WHERE kind = 'seal' AND meeting = ?1 ORDER BY seq DESC LIMIT 1",
            )?
            .query_row([meeting.raw()], |row| Ok((row.get(0)?, row.get::<_, [u8; 32]>(1)?)))
            .optional()?;
        Ok(found.map(|(seq, hash)| Head { seq, hash: hex(&hash) }))
    }
}
