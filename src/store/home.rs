//! What Home counts: the pyramid and how it moved, what is overdue, what is missing.

use rusqlite::params;

use crate::domain::Word;
use crate::domain::band::Band;
use crate::domain::change::RecordId;
use crate::domain::day::Day;
use crate::domain::id::{MeetingId, MemberId, TeamId};

use super::Reader;
use super::fault::Fault;

/// One band of the pyramid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BandCount {
    /// People in it now.
    pub people: i64,
    /// People who came up into it since the day asked for.
    pub climbed: i64,
    /// People who came down into it since then.
    pub fell: i64,
}

/// What Home shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    /// High, medium, low.
    pub bands: [BandCount; 3],
    /// People without a band.
    pub unbanded: i64,
    /// Overdue actions by owner, most first.
    pub overdue: Vec<(MemberId, i64)>,
    /// High-band people without a key worker.
    pub no_key_worker: i64,
    /// People whose plan is to be reviewed by today.
    pub reviews_due: i64,
    /// Nominations nobody has put on an agenda yet.
    pub nominations: i64,
    /// Of these, urgent.
    pub urgent: i64,
    /// Rows of lists that wait for a person to look.
    pub queued: i64,
    /// Values that lists propose.
    pub proposed: i64,
}

impl Overview {
    /// Everyone on the active caseload.
    pub fn people(&self) -> i64 {
        self.bands.iter().map(|band| band.people).sum::<i64>() + self.unbanded
    }
}

impl Reader {
    /// Counts what Home shows; movement is counted from `since` on.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn overview(&self, team: TeamId, today: Day, since: Day) -> Result<Overview, Fault> {
        let mut out = Overview::default();
        self.count_bands(team, since, &mut out)?;
        let mut select = self.db.prepare_cached(
            "SELECT owner, count(*) FROM action WHERE team = ?1 AND state IN ('open', 'accepted') AND due < ?2 GROUP BY owner ORDER BY count(*) DESC, owner",
        )?;
        let rows = select
            .query_map(params![team.raw(), today.iso()], |row| Ok((MemberId::from_raw(row.get(0)?), row.get(1)?)))?;
        out.overdue = rows.collect::<Result<_, _>>()?;
        out.reviews_due = self.one(
            "SELECT count(*) FROM person WHERE team = ?1 AND standing = 'active' AND review_on <= ?2 AND review_on <> '9999-12-31'",
            team,
            today,
        )?;
        let waiting = "FROM nomination n JOIN person p ON p.id = n.person WHERE p.team = ?1 AND p.standing = 'active' AND n.triage = 'waiting' AND n.\"on\" <= ?2";
        out.nominations = self.one(&format!("SELECT count(*) {waiting}"), team, today)?;
        out.urgent = self.one(&format!("SELECT count(*) {waiting} AND n.urgency = 'urgent'"), team, today)?;
        (out.queued, out.proposed) = self.waiting_from_lists(team)?;
        Ok(out)
    }

    fn one(&self, sql: &str, team: TeamId, today: Day) -> Result<i64, Fault> {
        Ok(self.db.prepare_cached(sql)?.query_row(params![team.raw(), today.iso()], |row| row.get(0))?)
    }

    fn count_bands(&self, team: TeamId, since: Day, out: &mut Overview) -> Result<(), Fault> {
        let mut select = self.db.prepare_cached(
            "SELECT band_rank, sum(people), sum(people * alone) FROM census WHERE team = ?1 AND standing = 'active' GROUP BY band_rank",
        )?;
        let mut rows = select.query([team.raw()])?;
        while let Some(row) = rows.next()? {
            let (rank, n): (usize, i64) = (usize::try_from(row.get::<_, i64>(0)?).unwrap_or(3), row.get(1)?);
            if rank == 0 {
                out.no_key_worker = row.get(2)?;
            }
            match out.bands.get_mut(rank) {
                Some(band) => band.people = n,
                None => out.unbanded = n,
            }
        }
        let mut select = self.db.prepare_cached(
            "SELECT b.band, b.before, count(*) FROM band_entry b CROSS JOIN person p ON p.id = b.person
             WHERE b.\"on\" >= ?2 AND b.before IS NOT NULL AND b.before <> b.band AND p.team = ?1 GROUP BY b.band, b.before",
        )?;
        let mut rows = select.query(params![team.raw(), since.iso()])?;
        while let Some(row) = rows.next()? {
            let (now, before): (String, String) = (row.get(0)?, row.get(1)?);
            let (Some(now), Some(before)) = (Band::from_code(&now), Band::from_code(&before)) else { continue };
            let Some(band) = usize::try_from(now.rank()).ok().and_then(|rank| out.bands.get_mut(rank)) else {
                continue;
            };
            if now.rank() < before.rank() {
                band.climbed += row.get::<_, i64>(2)?;
            } else {
                band.fell += row.get::<_, i64>(2)?;
            }
        }
        Ok(())
    }

    /// People on an agenda whose sharing basis nobody has recorded.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn agenda_without_basis(&self, meeting: MeetingId) -> Result<i64, Fault> {
        let sql = "SELECT count(*) FROM agenda_item i JOIN person p ON p.id = i.person WHERE i.meeting = ?1 AND p.sharing = 'not recorded'";
        Ok(self.db.prepare_cached(sql)?.query_row([meeting.raw()], |row| row.get(0))?)
    }
}
