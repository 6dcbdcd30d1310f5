//! Teams, members and organisations.

use crate::domain::change::{Record, RecordId};
use crate::domain::id::TeamId;
use crate::domain::member::Member;
use crate::domain::organisation::Organisation;
use crate::domain::team::Team;

use super::Reader;
use super::fault::Fault;
use super::find::several;

impl Reader {
    /// Every team of the file, oldest first.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn teams(&self) -> Result<Vec<Record<Team>>, Fault> {
        several(&self.db, "ORDER BY t.id", [])
    }

    /// Every organisation, by name.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn organisations(&self) -> Result<Vec<Record<Organisation>>, Fault> {
        several(&self.db, "ORDER BY t.name COLLATE NOCASE, t.id", [])
    }

    /// Every member of a team, those who left among them: core first, then by name.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn members(&self, team: TeamId) -> Result<Vec<Record<Member>>, Fault> {
        several(
            &self.db,
            "WHERE t.team = ?1 ORDER BY CASE t.membership WHEN 'core' THEN 0 WHEN 'extended' THEN 1 ELSE 2 END, t.name COLLATE NOCASE, t.id",
            [team.raw()],
        )
    }
}
