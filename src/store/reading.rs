//! Opening a file to read only: nothing of it, nor of what lies beside it, is written. Not even SQLite's lock file.
//!
//! A file that nobody has open is read as it stands (`immutable`). One that somebody works on is read through the
//! write-ahead log that is there, with a lock file that is only looked at.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::check::{self, Looks, Unfit, with_suffix};
use super::fault::Fault;
use super::open::{self, Passphrase, RawKey};
use super::settle::settle_to_read;

/// Why a file is open to read only.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OnlyRead {
    /// Somebody wished it so.
    #[error("This file was opened to read only, as you asked.")]
    Asked,
    /// It cannot be written.
    #[error("This file cannot be written: a read-only disk, or missing rights to it or its folder.")]
    NoWriting,
    /// It lies on a network share.
    #[error("This file lies on a network share ({0}), where committed work can be lost.")]
    Share(String),
    /// It lies in a folder that is copied elsewhere.
    #[error("This file lies in a folder that is copied elsewhere ({0}).")]
    Cloud(String),
    /// A newer program made it.
    #[error(
        "This file was made by a newer mdt (schema {found}; this program knows {known}): it may hold what is not shown here."
    )]
    Newer {
        /// The file's schema.
        found: i64,
        /// The newest this program knows.
        known: i64,
    },
    /// It reports damage.
    #[error(
        "This file reports damage: what is shown may be wrong or not whole. mdt doctor looks it over, mdt restore puts a copy beside it."
    )]
    Damaged,
}

impl From<Unfit> for OnlyRead {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Share { kind, .. } => Self::Share(kind.to_owned()),
            Unfit::UnknownDisk { kind, .. } => Self::Share(format!("type {kind:#x}")),
            Unfit::Cloud { by, .. } => Self::Cloud(by),
            Unfit::NoWriting(_) => Self::NoWriting,
            Unfit::Name
            | Unfit::Nowhere(_)
            | Unfit::Interrupted { .. }
            | Unfit::Link { .. }
            | Unfit::NotAFile(_)
            | Unfit::Unreadable(_)
            | Unfit::ManyNames(_)
            | Unfit::OtherOwner { .. }
            | Unfit::Open { .. }
            | Unfit::OpenFolder { .. }
            | Unfit::NotEncrypted(_) => Self::Asked,
        }
    }
}

/// How a file that must not be written is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stance {
    /// As it stands: nobody has it open.
    Still,
    /// Beside somebody who may be writing.
    Beside,
}

/// How a file looked when it began to be read as it stands. Once it looks otherwise, what is read is no longer true.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mark {
    path: PathBuf,
    seen: Seen,
}

type Seen = [Option<(u64, Option<std::time::SystemTime>)>; 2];

impl Mark {
    fn of(path: &Path) -> Self {
        Self { path: path.to_path_buf(), seen: seen(path) }
    }

    /// Whether somebody has written since.
    pub(super) fn is_stale(&self) -> bool {
        seen(&self.path) != self.seen
    }
}

fn seen(path: &Path) -> Seen {
    let look = |path: &Path| fs::symlink_metadata(path).ok().map(|meta| (meta.len(), meta.modified().ok()));
    // An empty log that comes or goes holds nothing.
    [look(path), look(&with_suffix(path, "-wal")).filter(|(length, _)| *length > 0)]
}

/// A file opened to read only.
pub(super) struct OpenedToRead {
    pub(super) dbs: [Connection; 2],
    pub(super) key: Option<RawKey>,
    pub(super) why: OnlyRead,
    pub(super) mark: Option<Mark>,
}

/// Opens a file to read only.
pub(super) fn open(path: &Path, passphrase: Option<&Passphrase>, looks: Looks) -> Result<OpenedToRead, Fault> {
    let (cover, place) = check::look_to_read(path, looks)?;
    let key = open::key_for(path, cover, passphrase)?;
    let unwritable = check::writable(path, looks).err();
    let why = place.or(unwritable).map_or(OnlyRead::Asked, OnlyRead::from);
    again(path, key, why)
}

/// Further connections to a file that was opened to read only before.
pub(super) fn again(path: &Path, key: Option<RawKey>, why: OnlyRead) -> Result<OpenedToRead, Fault> {
    let stance = stance(path, &why)?;
    let mark = (stance == Stance::Still).then(|| Mark::of(path));
    let dbs = [connect(path, key.as_ref(), stance)?, connect(path, key.as_ref(), stance)?];
    let [db, _] = &dbs;
    open::check_mark(db, path)?;
    let known = open::newest();
    let found: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found < known {
        return Err(Fault::NotOpened(format!(
            "{} is of an older mdt (schema {found}; this program reads {known}), and bringing it up to date means writing to it. Nothing was changed. Copy it to a local disk and open it there.",
            path.display()
        )));
    }
    let why = if found > known { OnlyRead::Newer { found, known } } else { why };
    Ok(OpenedToRead { dbs, key, why, mark })
}

fn stance(path: &Path, why: &OnlyRead) -> Result<Stance, Fault> {
    let length = |suffix| fs::symlink_metadata(with_suffix(path, suffix)).ok().map(|meta| meta.len());
    let (wal, shm, journal) = (length("-wal"), length("-shm"), length("-journal"));
    let remote = matches!(why, OnlyRead::Share(_));
    let unfinished = wal.is_some_and(|length| length > 0);
    if journal.is_some_and(|length| length > 0) || (unfinished && (shm.is_none() || remote)) {
        // Without what stands beside it the file would show an older state, and say nothing about it.
        return Err(Fault::NotOpened(format!(
            "{} has work beside it that is not yet in it (-wal), and that can only be read where the file can be written. Nothing was changed. Copy the file and what stands beside it to a local disk, and open it there.",
            path.display()
        )));
    }
    Ok(if wal.is_some() && shm.is_some() && !remote { Stance::Beside } else { Stance::Still })
}

fn connect(path: &Path, key: Option<&RawKey>, stance: Stance) -> Result<Connection, Fault> {
    let how = match stance {
        Stance::Still => "immutable=1",
        Stance::Beside => "readonly_shm=1",
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let escaped = path.to_string_lossy().replace('%', "%25");
    let db = open::try_key(open::connection(format!("file:{escaped}?{how}"), flags)?, key)?;
    db.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    settle_to_read(&db)?;
    Ok(db)
}
