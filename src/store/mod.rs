//! The SQLite file. The only SQL in the program, and the one door through which anything is written.
//!
//! [`Store`] writes; [`Reader`] reads and cannot write. A step given to [`Store::commit`] is written whole,
//! with its log, in one transaction, or not at all; when `commit` answers, it is on the disk.
//! Each noun has a file here with its queries. Start with [`Store::commit`].

mod agrees;
mod apply;
pub mod audit;
pub mod backup;
mod branch;
mod bulk;
mod check;
mod codec;
pub mod copy;
pub mod doctor;
mod door;
mod draft;
mod dump;
mod emptied;
pub mod erase;
pub mod fault;
mod ffi;
mod find;
pub mod heads;
pub mod join;
pub mod log;
pub mod open;
pub mod prepare;
pub mod reading;
pub mod rekey;
pub mod restore;
mod settle;
mod sidecars;

pub mod action;
pub mod agenda;
pub mod caseload;
pub mod history;
pub mod home;
pub mod intake;
pub mod meeting;
pub mod member;
pub mod minutes;
pub mod person;
pub mod session;
pub mod take_back;
mod undo;
mod words_index;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::domain::Word;
use crate::domain::change::RecordId;
use crate::domain::change::{Change, NounKind};
use crate::domain::id::MeetingId;

pub use agrees::Differs;
pub use bulk::Stop;
pub use door::{create, kind_of, open, open_to_read};
#[doc(hidden)]
pub use door::{open_looking, open_to_read_looking};

use self::open::RawKey;
use self::reading::{Mark, OnlyRead};
use apply::{Deed as RowDeed, Hand};
use bulk::Aside;
use fault::Fault;
use log::{Broken, Head, Heading, Stamp, Step, StepKind, Writing};
use prepare::{Item, Prepared, Preparing};

/// Which nouns a step touched, so that screens know whether to read again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Touched(u32);

impl Touched {
    /// Everything: after reopening, or when in doubt.
    pub const ALL: Self = Self(u32::MAX);

    /// With this noun too.
    pub fn with(self, noun: NounKind) -> Self {
        Self(self.0 | 1 << noun as u32)
    }

    /// Without this noun.
    pub fn without(self, noun: NounKind) -> Self {
        Self(self.0 & !(1 << noun as u32))
    }

    /// Whether any of these nouns was touched.
    pub fn any(self, nouns: &[NounKind]) -> bool {
        nouns.iter().any(|noun| self.0 & (1 << *noun as u32) != 0)
    }

    /// Whether nothing was.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// What a written step answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The step's number.
    pub step: i64,
    /// What it touched.
    pub touched: Touched,
}

/// A step to be written: what somebody did.
#[derive(Clone, Debug, PartialEq)]
pub struct Deed {
    /// In a few words; never anything about a person.
    pub label: &'static str,
    /// Which kind of step.
    pub kind: StepKind,
    /// At which meeting, if at one.
    pub meeting: Option<MeetingId>,
}

impl Deed {
    /// An ordinary change.
    pub fn change(label: &'static str) -> Self {
        Self { label, kind: StepKind::Change, meeting: None }
    }

    /// The same, at a meeting.
    pub fn at(self, meeting: MeetingId) -> Self {
        Self { meeting: Some(meeting), ..self }
    }

    /// The same, of another kind.
    pub fn of_kind(self, kind: StepKind) -> Self {
        Self { kind, ..self }
    }
}

/// Whatever writes a long step: the store itself, or somebody who does it for the store while the changes are still made.
pub trait Commits {
    /// As [`Store::commit_all`].
    ///
    /// # Errors
    /// As [`Store::commit_all`].
    fn commit_all<E: From<Fault>>(
        &mut self,
        stamp: &Stamp,
        deed: &Deed,
        changes: impl IntoIterator<Item = Result<Change, E>>,
    ) -> Result<Receipt, E>;
}

impl Commits for Store {
    fn commit_all<E: From<Fault>>(
        &mut self,
        stamp: &Stamp,
        deed: &Deed,
        changes: impl IntoIterator<Item = Result<Change, E>>,
    ) -> Result<Receipt, E> {
        Self::commit_all(self, stamp, deed, changes)
    }
}

/// What a file is for, kept in its card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// Real people.
    Real,
    /// Invented people.
    Demo,
}

impl FileKind {
    fn code(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Demo => "demo",
        }
    }
}

/// The page cache while a large step is written, as SQLite counts it: -128,000 is 128 MB at most. Then 300,000 people
/// are in memory while their indexes are made.
const BULK_CACHE: i64 = -112_000;

/// The file, for writing.
pub struct Store {
    db: Connection,
    file_uuid: String,
    uid: i64,
    path: PathBuf,
    key: Option<RawKey>,
    /// As whom this program has signed in; 0 where it has not.
    session: i64,
    only_read: Option<OnlyRead>,
    keeping: Option<heads::Keeping>,
}

/// The file, for reading. It cannot write: SQLite refuses (`query_only`), and no method here would.
pub struct Reader {
    db: Connection,
    file_uuid: String,
    path: PathBuf,
    kind: FileKind,
    encrypted: bool,
    /// As whom this program has signed in; 0 where it has not.
    session: i64,
    only_read: Option<OnlyRead>,
    /// How the file looked when it began to be read as it stands.
    mark: Option<Mark>,
}

impl Store {
    /// Whether anything may be written.
    ///
    /// # Errors
    /// Why not, where the file is open to read only.
    pub fn may_write(&self) -> Result<(), Fault> {
        self.only_read.clone().map_or(Ok(()), |why| Err(why.into()))
    }

    /// Whether this is the passphrase the file was opened with. The file itself is not touched: it is open.
    pub fn is_opened_by(&self, passphrase: &open::Passphrase) -> bool {
        self.key.as_ref().is_none_or(|key| key.is_of(passphrase))
    }

    /// Writes one step: its changes, their log and the link in the chain, in one transaction.
    ///
    /// # Errors
    /// [`Fault::Conflict`] where a row is no longer what the change saw; any fault of the disk. Nothing is written then.
    pub fn commit(&mut self, stamp: &Stamp, deed: &Deed, changes: &[Change]) -> Result<Receipt, Fault> {
        self.write_all(stamp, deed, changes.iter().map(Ok::<_, Fault>))
    }

    /// As [`Store::commit`], for changes that come one by one: a whole list is one step and never all in memory.
    ///
    /// # Errors
    /// As [`Store::commit`], and the first error the changes themselves bring; nothing is written then.
    pub fn commit_all<E: From<Fault>>(
        &mut self,
        stamp: &Stamp,
        deed: &Deed,
        changes: impl IntoIterator<Item = Result<Change, E>>,
    ) -> Result<Receipt, E> {
        self.with_room(&Stop::default(), |store| store.write_all(stamp, deed, changes.into_iter()))
    }

    /// As [`Store::commit_all`], for changes that were made ready elsewhere, and for steps that somebody may stop. `next` is
    /// handed the change written last, so that whoever made it can also let go of it.
    ///
    /// # Errors
    /// As [`Store::commit_all`]; [`Fault::Stopped`] where somebody asked for it.
    pub fn commit_ready<E: From<Fault>>(
        &mut self,
        stamp: &Stamp,
        deed: &Deed,
        stop: &Stop,
        mut next: impl FnMut(Option<Prepared>) -> Result<Item, E>,
    ) -> Result<Receipt, E> {
        let uid = self.next_uid();
        let meeting = deed.meeting.map(RecordId::raw);
        let file_uuid = self.file_uuid.clone();
        let heading =
            Heading { file_uuid: &file_uuid, uid, stamp, kind: deed.kind, label: deed.label, meeting, undoes: None };
        self.with_room(stop, |store| store.write(heading, stop, |_, written| next(written)))
    }

    fn write_all<E: From<Fault>, C: std::borrow::Borrow<Change>>(
        &mut self,
        stamp: &Stamp,
        deed: &Deed,
        mut changes: impl Iterator<Item = Result<C, E>>,
    ) -> Result<Receipt, E> {
        let uid = self.next_uid();
        let meeting = deed.meeting.map(RecordId::raw);
        let file_uuid = self.file_uuid.clone();
        let heading =
            Heading { file_uuid: &file_uuid, uid, stamp, kind: deed.kind, label: deed.label, meeting, undoes: None };
        let mut preparing = Some(Preparing::new()?);
        self.write(heading, &Stop::default(), |_, _| {
            for change in changes.by_ref() {
                if let Some(ready) =
                    preparing.as_mut().and_then(|it| change.map(|change| it.change(change.borrow())).transpose())
                {
                    return ready.map(Item::Change);
                }
            }
            Ok(Item::End(preparing.take().ok_or(Fault::Stopped)?.end()))
        })
    }

    fn next_uid(&mut self) -> i64 {
        self.uid += 1;
        self.uid
    }

    /// Does something large with a page cache that holds most of what it touches: with the everyday one every page
    /// would be encrypted and decrypted many times over.
    fn with_room<T>(&mut self, stop: &Stop, work: impl FnOnce(&mut Self) -> T) -> T {
        let _ = self.db.pragma_update(None, "cache_size", BULK_CACHE);
        let _ = stop.watch(&mut self.db);
        let done = work(self);
        Stop::unwatch(&mut self.db);
        let _ = self.db.pragma_update(None, "cache_size", open::CACHE);
        let _ = self.db.execute_batch("PRAGMA shrink_memory");
        done
    }

    fn write<E: From<Fault>>(
        &mut self,
        heading: Heading<'_>,
        stop: &Stop,
        mut next: impl FnMut(&Connection, Option<Prepared>) -> Result<Item, E>,
    ) -> Result<Receipt, E> {
        self.may_write()?;
        if open::has_moved(&self.db) {
            return Err(Fault::Moved.into());
        }
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(Fault::from)?;
        let sealed = match heading.meeting {
            Some(meeting) => tx
                .prepare_cached("SELECT stage = 'sealed' FROM meeting WHERE id = ?1")
                .and_then(|mut select| select.query_row([meeting], |row| row.get(0)).optional())
                .map_err(Fault::from)?
                .unwrap_or(false),
            None => false,
        };
        let mut writing = Writing::new(&tx)?;
        let mut hand = Hand::new(&tx);
        let mut aside = Aside::new(&tx)?;
        let mut touched = Touched::default();
        let mut written = None;
        let totals = loop {
            stop.check()?;
            let mut ready = match next(&tx, written.take())? {
                Item::Change(ready) => ready,
                Item::End(totals) => break totals,
            };
            let noun = ready.change.noun;
            if sealed && !matches!(noun, NounKind::Addendum | NounKind::Disclosure | NounKind::WrittenBack) {
                return Err(Fault::Rule(
                    "The minutes of this meeting are sealed; only an addendum can be added.".to_owned(),
                )
                .into());
            }
            if noun == NounKind::Person && ready.change.deed != RowDeed::Alter && aside.count() {
                writing.begin(&tx, heading)?;
                aside.put(&tx)?;
            }
            hand.apply(&mut ready)?;
            writing.change(&ready)?;
            touched = touched.with(noun);
            written = Some(ready);
        };
        hand.settle()?;
        drop(hand);
        aside.put_back(&tx, stop)?;
        let step = writing.finish(&tx, heading, &totals)?;
        stop.close()?;
        tx.commit().map_err(Fault::from)?;
        self.wrote(heading.stamp);
        Ok(Receipt { step, touched })
    }

    /// Keeps a choice that is part of nobody's record.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), Fault> {
        self.may_write()?;
        self.db
            .prepare_cached(
                "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2",
            )?
            .execute([name, value])?;
        Ok(())
    }

    /// Closes the file and empties the write-ahead log, if nobody else has it open.
    ///
    /// # Errors
    /// Any fault of the disk; everything committed is safe all the same.
    pub fn close(self) -> Result<(), Fault> {
        // The log beside a file that has taken the place of ours is not ours to empty.
        if self.only_read.is_none() && !open::has_moved(&self.db) {
            let _ = self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        }
        self.db.close().map_err(|(_, error)| error.into())
    }
}

impl Reader {
    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Real or demo.
    pub fn kind(&self) -> FileKind {
        self.kind
    }

    /// Whether the file is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// Why the file is open to read only, where it is.
    pub fn only_read(&self) -> Option<&OnlyRead> {
        self.only_read.as_ref()
    }

    /// A number that moves whenever any connection commits. Only its moving means something.
    ///
    /// # Errors
    /// Any fault of the disk; [`Fault::Stale`] where somebody wrote to a file that is read as it stood.
    pub fn data_version(&self) -> Result<i64, Fault> {
        if self.mark.as_ref().is_some_and(Mark::is_stale) {
            return Err(Fault::Stale);
        }
        Ok(self.db.query_row("PRAGMA data_version", [], |row| row.get(0))?)
    }

    /// Whether the file is no longer the one that was opened.
    pub fn has_moved(&self) -> bool {
        open::has_moved(&self.db)
    }

    /// A hash that nobody can make or check without this file: of `bytes`, for one purpose.
    pub fn keyed(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        log::Sealer::new(purpose).field(self.file_uuid.as_bytes()).field(bytes).digest()
    }

    /// The newest step's number, and what the steps after `seen` touched.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn since(&self, seen: i64) -> Result<(i64, Touched), Fault> {
        let head = log::head(&self.db)?.seq;
        let mut select = self.db.prepare_cached("SELECT DISTINCT noun FROM change WHERE step > ?1")?;
        let nouns: Vec<String> = select.query_map([seen], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok((head, nouns.iter().filter_map(|code| NounKind::from_code(code)).fold(Touched::default(), Touched::with)))
    }

    /// The step that undo would take back.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn to_undo(&self, actor: &str) -> Result<Option<Step>, Fault> {
        log::to_undo(&self.db, actor)
    }

    /// The step that redo would do again.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn to_redo(&self, actor: &str) -> Result<Option<Step>, Fault> {
        log::to_redo(&self.db, actor)
    }

    /// The newest step of the chain.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn head(&self) -> Result<Head, Fault> {
        log::head(&self.db)
    }

    /// Checks the whole chain: the number of its steps, or where it is broken.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn verify_chain(&self) -> Result<Result<i64, Broken>, Fault> {
        let uuid: String = self.db.query_row("SELECT file_uuid FROM file_card", [], |row| row.get(0))?;
        log::verify(&self.db, &uuid, 1, i64::MAX)
    }

    /// The newest steps, newest first.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn steps(&self, limit: i64) -> Result<Vec<Step>, Fault> {
        let mut select = self
            .db
            .prepare_cached("SELECT seq, at, actor, kind, label, meeting FROM step ORDER BY seq DESC LIMIT ?1")?;
        let mut rows = select.query([limit])?;
        let mut steps = Vec::new();
        while let Some(row) = rows.next()? {
            steps.push(log::step(row)?);
        }
        Ok(steps)
    }

    /// The names of the choices that begin so, in order.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn settings(&self, prefix: &str) -> Result<Vec<String>, Fault> {
        let mut select =
            self.db.prepare_cached("SELECT name FROM setting WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name")?;
        Ok(select.query_map([prefix], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// A choice kept under a name.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn setting(&self, name: &str) -> Result<Option<String>, Fault> {
        Ok(self
            .db
            .prepare_cached("SELECT value FROM setting WHERE name = ?1")?
            .query_row([name], |row| row.get(0))
            .optional()?)
    }
}
