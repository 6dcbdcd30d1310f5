//! Sealed minutes and their addenda.

use crate::domain::change::{Record, RecordId};
use crate::domain::id::{MeetingId, MinutesId};
use crate::domain::minutes::{Addendum, Minutes};

use super::Reader;
use super::fault::Fault;
use super::find::{first, several};

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
}
