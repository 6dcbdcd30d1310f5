//! Lawful erasure: one step that takes the text about a person out of the records, out of the log and out of the search index,
//! and leaves the facts and the chain. Afterwards the file is written anew, so that no page of it still holds a word.
//!
//! `gather` finds what there is, `texts` says what becomes of each column, `reach` what lies outside the file's own records.

mod drafts;
mod gather;
mod reach;
pub(super) mod said;
mod texts;

pub(super) use said::Emptied;

use std::collections::BTreeSet;

use rusqlite::limits::Limit;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::domain::Word as _;
use crate::domain::change::{Change, NounKind, Record, RecordId, add, alter};
use crate::domain::day::{Day, Moment};
use crate::domain::erasure::{Erasure, may_be_erased};
use crate::domain::hold::Hold;
use crate::domain::id::{ErasureId, MinutesId, PersonId};
use crate::domain::meeting::Meeting;
use crate::domain::minutes::{Document, Minutes};
use crate::domain::person::Person;
use crate::domain::text::{Line, Note};

use super::bulk::Stop;
use super::fault::Fault;
use super::find::{first, several};
use super::log::{Heading, Stamp, StepKind};
use super::prepare::{Item, Prepared, Preparing};
use super::{Reader, Receipt, Store};

use gather::{Found, gather};

pub use reach::{Foreseen, Mention};

/// Under this name the file keeps, from an erasure until its pages are written anew, which erasure that was: free pages may
/// still hold what went, and whoever was to write them anew may have been killed.
const UNTIDY: &str = "erase:pages";

/// Sealed minutes with the parts about one person taken out, and the hash they have then.
#[derive(Clone, Debug, PartialEq)]
pub struct Redacted {
    /// The minutes as they were seen.
    pub seen: Record<Minutes>,
    /// What their document becomes.
    pub now: Document,
    /// SHA-256 of that, in hexadecimal.
    pub sha256: String,
}

/// Whom to erase, and on whose word.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// Whose record.
    pub person: PersonId,
    /// Under which id the erasure is kept.
    pub id: ErasureId,
    /// Who does it.
    pub by: Line,
    /// Who is witness.
    pub witness: Line,
    /// On what authority.
    pub why: Line,
    /// Whether they are erased although they are still on the caseload, or something is still to be done for them.
    pub still_active: bool,
    /// When.
    pub at: Moment,
    /// The day of that.
    pub today: Day,
    /// Every sealed minutes that speak of them, without them.
    pub minutes: Vec<Redacted>,
}

/// What was erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erased {
    /// The step.
    pub receipt: Receipt,
    /// Records that held text about the person.
    pub records: i64,
    /// Texts of earlier steps that the log no longer has.
    pub log: i64,
    /// Sealed minutes from which a part went.
    pub minutes: usize,
    /// Half-typed texts that went.
    pub drafts: usize,
    /// What of the file's pages could be written anew.
    pub pages: Pages,
}

/// Whether pages of the file may still hold what was erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pages {
    /// None does.
    Clean,
    /// Somebody else has the file open, or disk or memory is short: old pages may stay until the file is tidied.
    Left,
}

/// Every record about a person that the file or its log knows, with those that name nobody: households, rows that wait.
pub(super) fn everything_about(
    db: &Connection,
    person: PersonId,
    today: Day,
) -> Result<BTreeSet<(NounKind, i64)>, Fault> {
    Ok(gather(db, person, today)?.rows)
}

impl Store {
    /// Erases the text about a person: the record, what belongs to it, their part of sealed minutes, and every earlier
    /// version of it in the log. The step keeps the hash of each change and no text; it cannot be undone.
    ///
    /// # Errors
    /// [`Fault::Rule`] where the domain refuses, or where minutes that speak of them are not among those given;
    /// [`Fault::Conflict`] where minutes changed meanwhile; any fault of the disk. Nothing is erased then.
    pub fn erase(&mut self, stamp: &Stamp, order: &Order) -> Result<Erased, Fault> {
        let uid = self.next_uid();
        let file_uuid = self.file_uuid.clone();
        let (kind, label) = (StepKind::Erase, "Erase a record");
        let heading = Heading { file_uuid: &file_uuid, uid, stamp, kind, label, meeting: None, undoes: None };
        let mut preparing = Some(Preparing::new()?);
        let mut waiting: Option<std::vec::IntoIter<Prepared>> = None;
        let mut found = Found::default();
        let (mut records, mut log) = (0, 0);
        let receipt = self.write(heading, &Stop::default(), |tx, _| {
            let ready = match &mut waiting {
                Some(ready) => ready,
                None => {
                    let Some(preparing) = preparing.as_mut() else { return Err(Fault::Stopped) };
                    check(tx, order)?;
                    found = gather(tx, order.person, order.today)?;
                    records = i64::try_from(found.changes.len()).unwrap_or(i64::MAX);
                    let emptied = Emptied::of(tx, rows(order, &found))?;
                    log = emptied.count();
                    let kept = Kept {
                        emptied: emptied.document(),
                        leaves: said::leaves(tx, found.rows.iter().copied(), &found.changes, &order.minutes)?,
                    };
                    waiting.insert(prepare(preparing, order, &mut found, kept).into_iter())
                }
            };
            if let Some(change) = ready.next() {
                return Ok(Item::Change(change));
            }
            if forget(tx, order, &found)? != log {
                return Err(Fault::Other { code: -7, what: "other texts went than the erasure says".to_owned() });
            }
            Ok(Item::End(preparing.take().ok_or(Fault::Stopped)?.end()))
        })?;
        let pages = self.write_anew();
        Ok(Erased { receipt, records, log, minutes: order.minutes.len(), drafts: found.drafts.theirs.len(), pages })
    }

    /// Writes every page of the file anew, and empties the write-ahead log: what was erased may stand in pages that are free.
    ///
    /// # Errors
    /// Any fault of the disk; everything committed is safe all the same.
    pub fn tidy_pages(&mut self) -> Result<Pages, Fault> {
        // An erasure by another program meanwhile has a mark of its own, which stays.
        let mark: Option<String> =
            self.db.query_row("SELECT value FROM setting WHERE name = ?1", [UNTIDY], |row| row.get(0)).optional()?;
        // The search index keeps words of those who went until it is written anew.
        self.db.execute("INSERT INTO person_words (person_words) VALUES ('optimize')", [])?;
        // VACUUM attaches a database of its own for the time it takes.
        let before = self.db.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 1)?;
        let anew = self.db.execute_batch("VACUUM");
        self.db.set_limit(Limit::SQLITE_LIMIT_ATTACHED, before)?;
        anew?;
        let busy: i64 = self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy != 0 {
            return Ok(Pages::Left);
        }
        if let Some(mark) = mark {
            self.db.execute("DELETE FROM setting WHERE name = ?1 AND value = ?2", [UNTIDY, &mark])?;
        }
        Ok(Pages::Clean)
    }

    fn write_anew(&mut self) -> Pages {
        self.tidy_pages().unwrap_or(Pages::Left)
    }
}

impl Reader {
    /// Whether pages of the file may still hold what was erased: they were not written anew since.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn pages_left(&self) -> Result<bool, Fault> {
        Ok(self.setting(UNTIDY)?.is_some())
    }

    /// Whether this person may be erased as the file is now. Asked before anybody is asked to agree; the erasure asks again.
    ///
    /// # Errors
    /// [`Fault::Rule`] where the domain refuses; any fault of the disk.
    pub fn may_erase(&self, person: PersonId, still_active: bool) -> Result<(), Fault> {
        allowed(&self.db, person, still_active)
    }
}

/// Whether the domain lets it happen, as the file is inside this very transaction.
fn check(tx: &Connection, order: &Order) -> Result<(), Fault> {
    allowed(tx, order.person, order.still_active)?;
    let given: Vec<MinutesId> = order.minutes.iter().map(|it| it.seen.id).collect();
    if gather::minutes_about(tx, order.person.raw())?.into_iter().any(|it| !given.contains(&it)) {
        return Err(Fault::Rule("Minutes that speak of them were sealed meanwhile. Try again.".to_owned()));
    }
    Ok(())
}

/// Whether the domain lets this person be erased.
fn allowed(tx: &Connection, person: PersonId, still_active: bool) -> Result<(), Fault> {
    let id = person.raw();
    let person: Record<Person> =
        first(tx, "WHERE t.id = ?1", [id])?.ok_or_else(|| Fault::Rule("This person is not in the file.".to_owned()))?;
    let holds: Vec<Record<Hold>> = several(tx, "WHERE t.person = ?1 ORDER BY t.id", [id])?;
    let agendas: Vec<Record<Meeting>> = several(
        tx,
        "WHERE t.stage IN ('planned', 'live') AND t.id IN (SELECT meeting FROM agenda_item WHERE person = ?1) ORDER BY t.\"on\"",
        [id],
    )?;
    let open: i64 =
        tx.query_row("SELECT count(*) FROM action WHERE person = ?1 AND state IN ('open', 'accepted')", [id], |row| {
            row.get(0)
        })?;
    let open = usize::try_from(open).unwrap_or(usize::MAX);
    may_be_erased(&person, &holds, &agendas, open, still_active).map_err(|why| Fault::Rule(why.to_string()))
}

/// What the erasure says in its own step, for every later check.
struct Kept {
    emptied: Document,
    leaves: Document,
}

/// Every record whose texts go from the log.
fn rows(order: &Order, found: &Found) -> impl Iterator<Item = (NounKind, i64)> {
    let minutes = order.minutes.iter().map(|it| (NounKind::Minutes, it.seen.id.raw()));
    found.rows.iter().copied().chain(minutes)
}

/// The changes of the step: texts that go, of which the log keeps the hash alone; and the erasure itself, which it keeps.
fn prepare(preparing: &mut Preparing, order: &Order, found: &mut Found, kept: Kept) -> Vec<Prepared> {
    let mut out: Vec<Prepared> = Vec::new();
    for change in std::mem::take(&mut found.changes) {
        out.push(Prepared { unsaid: true, ..preparing.row(change) });
    }
    for it in &order.minutes {
        let change = alter(&it.seen, |minutes| minutes.document = it.now.clone());
        out.extend(preparing.change(&change).map(|ready| Prepared { unsaid: true, ..ready }));
    }
    let hashes = order.minutes.iter().map(|it| it.sha256.as_str()).collect::<Vec<_>>().join("\n");
    let erasure = Erasure {
        person: order.person,
        at: order.at,
        by: order.by.clone(),
        witness: order.witness.clone(),
        why: order.why.clone(),
        records: i64::try_from(out.len()).unwrap_or(i64::MAX),
        minutes: order.minutes.iter().map(|it| it.seen.id).collect(),
        hashes: Note::optional(&hashes).ok().flatten(),
        emptied: Some(kept.emptied),
        leaves: Some(kept.leaves),
    };
    let kept: Change = add(order.id, erasure);
    out.extend(preparing.change(&kept));
    out
}

/// Takes the earlier versions out of the log – of a joined copy too –, the half-typed texts, and the words of the search.
fn forget(tx: &Connection, order: &Order, found: &Found) -> Result<i64, Fault> {
    let mut emptied = 0;
    for (noun, row) in rows(order, found) {
        for table in ["change", "branch_change"] {
            let sql = format!(
                "UPDATE {table} SET salt = NULL, fields = NULL WHERE noun = ?1 AND row = ?2 AND fields IS NOT NULL"
            );
            let rows = tx.prepare_cached(&sql)?.execute(params![noun.code(), row])?;
            emptied += i64::try_from(rows).unwrap_or(i64::MAX);
        }
    }
    for (name, session) in &found.drafts.theirs {
        tx.prepare_cached("DELETE FROM draft WHERE name = ?1 AND session = ?2")?.execute(params![name, session])?;
    }
    tx.prepare_cached("DELETE FROM person_words WHERE rowid = ?1")?.execute([order.person.raw()])?;
    let mark = "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2";
    tx.prepare_cached(mark)?.execute(params![UNTIDY, order.id.raw().to_string()])?;
    Ok(emptied)
}
