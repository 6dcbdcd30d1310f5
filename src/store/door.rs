//! The door: a file that was looked at and opened becomes a [`Store`] and a [`Reader`].

use std::path::Path;

use rusqlite::ffi::SQLITE_ERROR;
use rusqlite::{Connection, params};

use super::fault::Fault;
use super::log::{self, Stamp, StepKind};
use super::open::{self, Looks, Opened, Passphrase, RawKey};
use super::reading::{self, OnlyRead, OpenedToRead};
use super::{Deed, FileKind, Reader, Store, check};

/// Opening a file checks the last steps; the changes of a larger one (a list taken in) wait for the whole check.
const QUICK_CHECK: i64 = 200;

/// Makes a new file and opens it. `uuid` and `stamp` come from the caller, so that a demo is the same every time.
///
/// # Errors
/// Any fault of the file; an existing one is never touched.
pub fn create(
    path: &Path,
    passphrase: Option<&Passphrase>,
    kind: FileKind,
    uuid: u128,
    stamp: &Stamp,
) -> Result<(Store, Reader), Fault> {
    let path = &check::resolved(path);
    let opened = open::create(path, passphrase)?;
    let made = begin(path, opened, kind, uuid, stamp);
    if made.is_err() {
        open::unmake(path);
    }
    made
}

/// The card of a new file, and its first step.
fn begin(path: &Path, opened: Opened, kind: FileKind, uuid: u128, stamp: &Stamp) -> Result<(Store, Reader), Fault> {
    let uuid = format!("{uuid:032x}");
    opened.db.execute(
        "INSERT INTO file_card (only_one, file_uuid, made_at, made_by, kind) VALUES (1, ?1, ?2, ?3, ?4)",
        params![uuid, stamp.at, env!("CARGO_PKG_VERSION"), kind.code()],
    )?;
    let (mut store, reader) = both(path, opened)?;
    store.commit(stamp, &Deed::change("Make the file").of_kind(StepKind::Make), &[])?;
    Ok((store, reader))
}

/// Opens a file.
///
/// # Errors
/// Any fault of the file, each with its own sentence; nothing is changed.
pub fn open(path: &Path, passphrase: Option<&Passphrase>) -> Result<(Store, Reader), Fault> {
    open_looking(path, passphrase, Looks::default())
}

/// As [`fn@open`], with surroundings that a test stands in for.
///
/// # Errors
/// As [`fn@open`].
#[doc(hidden)]
pub fn open_looking(path: &Path, passphrase: Option<&Passphrase>, looks: Looks) -> Result<(Store, Reader), Fault> {
    let path = &check::resolved(path);
    let cover = check::look(path, looks)?;
    let key = open::key_for(path, cover, passphrase)?;
    let attempt = || {
        let opened = open::open(path, key.clone())?;
        weigh(&opened.db)?;
        both(path, opened)
    };
    match attempt() {
        // One failed read of a good file can look like damage: only what is found twice is said.
        Err(Fault::Damaged | Fault::WrongKey | Fault::Disk(_) | Fault::Other { .. }) => {
            attempt().map_err(|fault| match fault {
                // Where there is no passphrase, none can be wrong.
                Fault::WrongKey if key.is_none() => Fault::Damaged,
                // A column that is not there, a word in the place of a number, a format of no SQLite: this is how a
                // file reads of which a page was scribbled over.
                Fault::Other { code, .. } if code <= SQLITE_ERROR => Fault::Damaged,
                other => other,
            })
        }
        Err(Fault::Locked) => Err(Fault::InUse { who: who_is_at_work(path, key) }),
        other => other,
    }
}

/// Opens a file to read only, whatever forbids to work on it. No byte of it, or beside it, is written.
///
/// # Errors
/// Any fault of the file that makes reading it unsafe, or fail.
pub fn open_to_read(path: &Path, passphrase: Option<&Passphrase>) -> Result<(Store, Reader), Fault> {
    open_to_read_looking(path, passphrase, Looks::default())
}

/// As [`open_to_read`], with surroundings that a test stands in for.
///
/// # Errors
/// As [`open_to_read`].
#[doc(hidden)]
pub fn open_to_read_looking(
    path: &Path,
    passphrase: Option<&Passphrase>,
    looks: Looks,
) -> Result<(Store, Reader), Fault> {
    let path = &check::resolved(path);
    both_to_read(path, reading::open(path, passphrase, looks)?)
}

/// Who says to be at work on a file that somebody holds, where that can be seen.
fn who_is_at_work(path: &Path, key: Option<RawKey>) -> String {
    let names = reading::again(path, key, OnlyRead::Asked).and_then(|opened| {
        let [db, _] = &opened.dbs;
        let mut select = db.prepare("SELECT DISTINCT actor FROM session ORDER BY actor")?;
        let names = select.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        Ok(names)
    });
    match names {
        Ok(names) if !names.is_empty() => format!(" (at work: {})", names.join(", ")),
        _ => String::new(),
    }
}

/// What a plain file says it is for, without opening it for work; nothing where that cannot be seen.
///
/// # Errors
/// Where the file cannot be opened at all.
pub fn kind_of(path: &Path) -> Result<Option<FileKind>, Fault> {
    let db = open::glance(path, None)?;
    let kind = db.query_row("SELECT kind FROM file_card", [], |row| row.get::<_, String>(0));
    Ok(match kind.as_deref() {
        Ok("demo") => Some(FileKind::Demo),
        Ok("real") => Some(FileKind::Real),
        _ => None,
    })
}

/// A file of more pages than this is not read whole when it is opened: the copies and `mdt doctor` do that. 4,096 pages are
/// 16 MB, and take about a quarter of a second.
const WEIGHED_AT_OPENING: i64 = 4_096;

/// Reads a small file whole: its pages, its tables, and what refers to what.
fn weigh(db: &Connection) -> Result<(), Fault> {
    let pages: i64 = db.query_row("PRAGMA page_count", [], |row| row.get(0))?;
    if pages > WEIGHED_AT_OPENING {
        return Ok(());
    }
    let said: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if said != "ok" || db.prepare("PRAGMA foreign_key_check")?.exists([])? {
        return Err(Fault::Damaged);
    }
    Ok(())
}

fn both(path: &Path, opened: Opened) -> Result<(Store, Reader), Fault> {
    let Opened { db, key } = opened;
    let reader_db = open::open_reader(path, key.as_ref())?;
    let (store, reader) = pair(path, [db, reader_db], key)?;
    if store.tail_is_whole()? { Ok((store, reader)) } else { Err(Fault::Damaged) }
}

fn both_to_read(path: &Path, opened: OpenedToRead) -> Result<(Store, Reader), Fault> {
    let OpenedToRead { dbs, key, why, mark } = opened;
    let (mut store, mut reader) = pair(path, dbs, key)?;
    let newer = matches!(why, OnlyRead::Newer { .. });
    // What a newer program wrote into its log is its own to judge.
    let whole = newer || (weigh(&store.db).is_ok() && store.tail_is_whole().unwrap_or(false));
    let why = if whole { why } else { OnlyRead::Damaged };
    store.only_read = Some(why.clone());
    (reader.only_read, reader.mark) = (Some(why), mark);
    Ok((store, reader))
}

fn pair(path: &Path, [db, reader_db]: [Connection; 2], key: Option<RawKey>) -> Result<(Store, Reader), Fault> {
    let (file_uuid, kind): (String, String) =
        db.query_row("SELECT file_uuid, kind FROM file_card", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let kind = if kind == "demo" { FileKind::Demo } else { FileKind::Real };
    db.set_prepared_statement_cache_capacity(128);
    reader_db.set_prepared_statement_cache_capacity(128);
    let mut salt = [0u8; 8];
    getrandom::fill(&mut salt).map_err(|_| Fault::NotOpened("This machine gives no random numbers.".to_owned()))?;
    let encrypted = key.is_some();
    let uid = i64::from_be_bytes(salt) & (i64::MAX >> 1);
    let path = path.to_path_buf();
    let store = Store {
        db,
        file_uuid: file_uuid.clone(),
        uid,
        path: path.clone(),
        key,
        keeping: None,
        session: 0,
        only_read: None,
    };
    Ok((store, Reader { db: reader_db, file_uuid, path, kind, encrypted, session: 0, only_read: None, mark: None }))
}

impl Store {
    /// Another pair of connections to the same file, for work on another thread.
    ///
    /// # Errors
    /// Any fault of the file; and where another file has taken its place.
    pub fn twin(&self) -> Result<(Self, Reader), Fault> {
        if open::has_moved(&self.db) {
            return Err(Fault::Moved);
        }
        let key = self.key.clone();
        if let Some(why) = &self.only_read {
            return both_to_read(&self.path, reading::again(&self.path, key, why.clone())?);
        }
        let (mut store, reader) = both(&self.path, Opened { db: open::again(&self.path, key.as_ref())?, key })?;
        store.keeping = self.keeping.clone();
        Ok((store, reader))
    }

    /// Whether the last steps of the log hang together.
    fn tail_is_whole(&self) -> Result<bool, Fault> {
        let last: i64 = self.db.query_row("SELECT coalesce(max(seq), 0) FROM step", [], |row| row.get(0))?;
        Ok(log::verify(&self.db, &self.file_uuid, (last - 20).max(1), QUICK_CHECK)?.is_ok())
    }
}
