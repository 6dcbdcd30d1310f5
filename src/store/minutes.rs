//! Sealed minutes and their addenda.

use crate::domain::change::{Record, RecordId};
use crate::domain::id::{MeetingId, MinutesId};
use crate::domain::minutes::{Addendum, Minutes};

use rusqlite::OptionalExtension;

use super::Reader;
use super::fault::Fault;
use super::find::{first, several};
use super::log::{Head, hex};

impl Reader {
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
