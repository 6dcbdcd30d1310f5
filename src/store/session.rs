//! Who is at work on this file now, which card each has open, and whose screen leads a live meeting. None of it is a record,
//! none of it is logged, and none of it stops anybody: it is what the others are told.
//!
//! All programs on a file run on one machine (network shares are refused), so a row is believed as long as the process it
//! names is there: the same start of the machine, the same number, begun at the same moment. No heartbeat is needed.

use std::time::Duration;

use rusqlite::{OptionalExtension, Row, params};

use crate::domain::change::RecordId;
use crate::domain::id::MeetingId;
use crate::domain::text::displayable;

use super::fault::Fault;
use super::log::{Stamp, StepKind};
use super::{Deed, Reader, Receipt, Store};

/// So long a word to others may wait for somebody else's writing. What they are not told, they are told at the next key.
const BRIEFLY: Duration = Duration::from_millis(150);

/// A running program, so that its number coming again is not taken for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Which start of the machine; empty where the system does not say.
    pub boot: String,
    /// The number of the process.
    pub pid: i64,
    /// When the process began, as the system counts it; empty where it does not say.
    pub started: String,
}

impl Program {
    /// This one.
    pub fn this() -> Self {
        let pid = i64::from(std::process::id());
        Self { boot: boot(), pid, started: started(pid).unwrap_or_default() }
    }

    /// Whether this program still runs.
    pub fn is_running(&self) -> bool {
        self.boot == boot() && is_there(self.pid) && started(self.pid).is_none_or(|started| started == self.started)
    }
}

/// Which start of the machine this is.
fn boot() -> String {
    let said =
        if cfg!(target_os = "linux") { std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok() } else { None };
    said.map(|said| said.trim().to_owned()).unwrap_or_default()
}

/// When a process began: field 22 of its line, counted after its name, which may hold anything but the last bracket.
fn started(pid: i64) -> Option<String> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let line = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    line.rsplit_once(')')?.1.split_whitespace().nth(19).map(str::to_owned)
}

#[cfg(unix)]
fn is_there(pid: i64) -> bool {
    use rustix::process::{Pid, test_kill_process};
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return false };
    // Somebody else's process is there too; that we may not signal it says so.
    !matches!(test_kill_process(pid), Err(error) if error != rustix::io::Errno::PERM)
}

/// Where the system cannot be asked this way, a row is believed.
#[cfg(not(unix))]
fn is_there(_pid: i64) -> bool {
    true
}

/// Somebody at work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtWork {
    /// The row.
    pub session: i64,
    /// Whose steps theirs are.
    pub actor: String,
    /// Since when, UTC, ISO.
    pub since: String,
    /// The card they have open, and since when.
    pub card: Option<(String, String)>,
    program: Program,
}

impl AtWork {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let card: Option<String> = row.get(6)?;
        let since: Option<String> = row.get(7)?;
        Ok(Self {
            session: row.get(0)?,
            // Another program may have written it.
            actor: displayable(&row.get::<_, String>(1)?),
            since: row.get(2)?,
            card: card.zip(since),
            program: Program { boot: row.get(3)?, pid: row.get(4)?, started: row.get(5)? },
        })
    }
}

/// A row with the newest card it has open, where a key came after `?1`.
const ROWS: &str = "SELECT s.id, s.actor, s.begun_at, s.boot, s.pid, s.started, c.name, c.since FROM session s LEFT JOIN claim c ON c.session = s.id AND c.at >= ?1 AND c.name = (SELECT d.name FROM claim d WHERE d.session = s.id ORDER BY d.at DESC LIMIT 1)";

impl Store {
    /// Says that this program is at work from now on, and sweeps away those that are gone. `again` is the number it had before
    /// its screen was locked.
    ///
    /// # Errors
    /// Any fault of the disk; [`Fault::Locked`] soon, where somebody writes at this moment.
    pub fn sign_in(&mut self, program: &Program, stamp: &Stamp, login: &str, again: Option<i64>) -> Result<i64, Fault> {
        self.sweep()?;
        // A number that nobody had before, drawn by lot at opening: drafts are kept under it longer than the row is.
        let id = again.unwrap_or(self.uid.max(1));
        self.briefly(|db| {
            db.prepare_cached("INSERT INTO session (id, actor, login, boot, pid, started, program, begun_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO UPDATE SET actor = ?2")?
                .execute(params![id, stamp.actor, login, program.boot, program.pid, program.started, env!("CARGO_PKG_VERSION"), stamp.at])
        })?;
        self.session = id;
        Ok(id)
    }

    /// Says that this program goes; its claims and its lead go with it.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn sign_out(&mut self) -> Result<(), Fault> {
        let id = std::mem::take(&mut self.session);
        self.briefly(|db| db.prepare_cached("DELETE FROM session WHERE id = ?1")?.execute([id]))
    }

    /// Takes away the rows of programs that are gone: their cards are free, and their half-typed text is whoever's comes next.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn sweep(&mut self) -> Result<usize, Fault> {
        let gone: Vec<i64> =
            all(&self.db)?.into_iter().filter(|it| !it.program.is_running()).map(|it| it.session).collect();
        for id in &gone {
            self.briefly(|db| db.prepare_cached("DELETE FROM session WHERE id = ?1")?.execute([id]))?;
        }
        Ok(gone.len())
    }

    /// The others are told another name from now on.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn work_as(&mut self, actor: &str) -> Result<(), Fault> {
        let id = self.session;
        self.briefly(|db| db.prepare_cached("UPDATE session SET actor = ?2 WHERE id = ?1")?.execute(params![id, actor]))
    }

    /// Tells the others that this card is open here, or that a key was pressed on it.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn claim(&mut self, name: &str, at: &str) -> Result<(), Fault> {
        let id = self.session;
        self.briefly(|db| {
            db.prepare_cached(concat!(
                "INSERT INTO claim (name, session, since, at) SELECT ?1, id, ?3, ?3 FROM session WHERE id = ?2",
                " ON CONFLICT (name, session) DO UPDATE SET at = ?3"
            ))?
            .execute(params![name, id, at])
        })
    }

    /// Tells the others that no card is open here any more.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn release(&mut self) -> Result<(), Fault> {
        let id = self.session;
        self.briefly(|db| db.prepare_cached("DELETE FROM claim WHERE session = ?1")?.execute([id]))
    }

    /// This screen leads the meeting, if no other does. Whose program is gone leads nothing.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn lead(&mut self, meeting: MeetingId, at: &str) -> Result<(), Fault> {
        let id = self.session;
        self.sweep()?;
        self.briefly(|db| {
            db.prepare_cached("INSERT INTO lead (meeting, session, at) SELECT ?1, id, ?3 FROM session WHERE id = ?2 ON CONFLICT (meeting) DO NOTHING")?
                .execute(params![meeting.raw(), id, at])
        })
    }

    /// Takes the lead from another screen. That it changed hands is in the log.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn take_lead(&mut self, meeting: MeetingId, stamp: &Stamp) -> Result<Receipt, Fault> {
        let deed = Deed::change("Take over the lead of the meeting").of_kind(StepKind::Lead).at(meeting);
        let receipt = self.commit(stamp, &deed, &[])?;
        self.db
            .prepare_cached("INSERT INTO lead (meeting, session, at) SELECT ?1, id, ?3 FROM session WHERE id = ?2 ON CONFLICT (meeting) DO UPDATE SET session = ?2, at = ?3")?
            .execute(params![meeting.raw(), self.session, stamp.at])?;
        Ok(receipt)
    }

    /// From now on waits for somebody else's writing hardly at all: what is to be covered is covered at once.
    pub fn hurry(&mut self) {
        let _ = self.db.busy_timeout(BRIEFLY);
    }

    /// Waits again as a step does.
    pub fn hurry_no_more(&mut self) {
        let _ = self.db.busy_timeout(super::open::PATIENCE);
    }

    /// Writes what may as well be written a moment later: it does not wait for somebody else as a step does.
    fn briefly(&mut self, write: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<usize>) -> Result<(), Fault> {
        self.may_write()?;
        if super::open::has_moved(&self.db) {
            return Err(Fault::Moved);
        }
        self.db.busy_timeout(BRIEFLY)?;
        let written = write(&self.db);
        self.db.busy_timeout(super::open::PATIENCE)?;
        written?;
        Ok(())
    }
}

fn all(db: &rusqlite::Connection) -> Result<Vec<AtWork>, Fault> {
    let mut select = db.prepare_cached(&format!("{ROWS} ORDER BY s.begun_at, s.actor, s.id"))?;
    Ok(select.query_map([""], AtWork::read)?.collect::<Result<_, _>>()?)
}

impl Reader {
    /// Reads as the program that signed in under this number.
    pub fn sit(&mut self, session: i64) {
        self.session = session;
    }

    /// Who else is at work, longest first; cards without a key since `after` rest. Also whether rows of programs that are gone
    /// wait to be swept.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn others(&self, after: &str) -> Result<(Vec<AtWork>, bool), Fault> {
        let mut select =
            self.db.prepare_cached(&format!("{ROWS} WHERE s.id <> ?2 ORDER BY s.begun_at, s.actor, s.id"))?;
        let found: Vec<AtWork> =
            select.query_map(params![after, self.session], AtWork::read)?.collect::<Result<_, _>>()?;
        let all = found.len();
        let running: Vec<AtWork> = found.into_iter().filter(|it| it.program.is_running()).collect();
        let swept = running.len() == all;
        Ok((running, !swept))
    }

    /// Whether this program's row is there.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn is_signed_in(&self) -> Result<bool, Fault> {
        Ok(self.db.prepare_cached("SELECT 1 FROM session WHERE id = ?1")?.exists([self.session])?)
    }

    /// Who else has this card open, and since when; one without a key since `after` rests.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn claimed(&self, name: &str, after: &str) -> Result<Option<(String, String)>, Fault> {
        let mut select = self.db.prepare_cached(&format!(
            "{ROWS} JOIN claim o ON o.session = s.id AND o.name = ?2 AND o.at >= ?1 WHERE s.id <> ?3 ORDER BY o.since"
        ))?;
        let found: Vec<AtWork> =
            select.query_map(params![after, name, self.session], AtWork::read)?.collect::<Result<_, _>>()?;
        let Some(first) = found.into_iter().find(|it| it.program.is_running()) else { return Ok(None) };
        let since: Option<String> = self
            .db
            .prepare_cached("SELECT since FROM claim WHERE name = ?1 AND session = ?2")?
            .query_row(params![name, first.session], |row| row.get(0))
            .optional()?;
        Ok(since.map(|since| (first.actor, since)))
    }

    /// Whose screen leads a meeting, ours among them; nobody's where that program is gone.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn leader(&self, meeting: MeetingId) -> Result<Option<AtWork>, Fault> {
        let mut select = self
            .db
            .prepare_cached(&format!("{ROWS} WHERE s.id = (SELECT l.session FROM lead l WHERE l.meeting = ?2)"))?;
        let found = select.query_row(params!["", meeting.raw()], AtWork::read).optional()?;
        Ok(found.filter(|it| it.program.is_running()))
    }
}
