//! Back from a copy: into a new file, with what the copy lacks named; and, if two people want it, into the place of the
//! team's file. What stood there is kept under another name. Nothing is ever written over or removed.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension as _, params};

use crate::domain::text::displayable;

use super::backup::{Manifest, folder_of};
use super::bulk::Stop;
use super::check::{look_before_making, with_suffix};
use super::copy::{self, Copied, Source, Tell, key_of, prove, sync_folder, take_name};
use super::fault::Fault;
use super::heads::Heads;
use super::log::{self, Heading, Stamp, Step, StepKind};
use super::prepare::{Item, Preparing};
use super::reading::OnlyRead;
use super::{FileKind, Reader, Receipt, Store, open};

/// What SQLite keeps beside a file that is at work.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Makes `to` – which must not be there – out of the copy `from`, after trying all of it. Nobody may have `from` open.
///
/// # Errors
/// [`Fault::WrongKey`], [`Fault::Damaged`] where the copy does not hold, any fault of the disk; then there is no `to`.
pub fn restore(
    from: &Path,
    passphrase: Option<&open::Passphrase>,
    to: &Path,
    stop: &Stop,
    tell: Tell<'_>,
) -> Result<Copied, Fault> {
    look_before_making(to)?;
    let key = key_of(from, passphrase)?;
    let (db, _) = prove(from, key.as_ref(), stop)?;
    copy::copy(&Source { db: &db, key: key.as_ref() }, key.as_ref(), to, &mut |_| Ok(()), stop, tell)
}

/// Reads a copy that lies still: no lock, no log, nothing of it can change.
///
/// # Errors
/// [`Fault::WrongKey`], or any fault of the file.
pub fn read_copy(path: &Path, passphrase: Option<&open::Passphrase>) -> Result<Reader, Fault> {
    let key = key_of(path, passphrase)?;
    let db = open::glance(path, key.as_ref())?;
    open::check_mark(&db, path)?;
    let (file_uuid, kind): (String, String) =
        db.query_row("SELECT file_uuid, kind FROM file_card", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let kind = if kind == "demo" { FileKind::Demo } else { FileKind::Real };
    let only_read = Some(OnlyRead::Asked);
    Ok(Reader {
        db,
        file_uuid,
        path: path.to_path_buf(),
        kind,
        encrypted: key.is_some(),
        session: 0,
        only_read,
        mark: None,
    })
}

/// Whether a copy is one of the file that stood at a place, by what was remembered of that place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belongs {
    /// It is of that file.
    Yes,
    /// Another file stood there.
    No,
    /// It is of a file that stood there once; the last that did is another one.
    Once,
    /// Nothing is known of that place.
    Unknown,
}

/// Says whose copy this is where the file itself does not open: by the newest steps that this machine remembers, or else by
/// the list of copies beside it.
///
/// # Errors
/// Where neither says anything, and what is remembered, or the list, could not be read.
pub fn belongs(file_uuid: &str, file: &Path, heads: &Heads) -> Result<Belongs, Fault> {
    let heads = heads.at_place(file);
    let stood = match &heads {
        Ok(stood) if !stood.is_empty() => stood.clone(),
        Ok(_) | Err(_) => {
            let folder = folder_of(file);
            let list = Manifest::read(&folder).map_err(|error| {
                Fault::NotOpened(format!("The list of copies in {} cannot be read: {error}.", shown(&folder)))
            })?;
            list.of_name(&file.file_stem().unwrap_or_default().to_string_lossy())
        }
    };
    Ok(match stood.iter().position(|stood| stood == file_uuid) {
        Some(0) => Belongs::Yes,
        Some(_) => Belongs::Once,
        None if stood.is_empty() => return heads.map(|_| Belongs::Unknown),
        None => Belongs::No,
    })
}

/// How a file and a copy of it differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The newest step that both have.
    pub common: Option<Step>,
    /// The steps that the copy lacks, oldest first.
    pub lacks: Vec<Step>,
    /// How many steps the copy has that the file has not: somebody worked on with another copy.
    pub more: i64,
}

impl Reader {
    /// What `copy`, a copy of this file, lacks of it.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn beyond(&self, copy: &Self) -> Result<Difference, Fault> {
        let (ours, theirs) = (log::head(&self.db)?.seq, log::head(&copy.db)?.seq);
        // Each hash covers all before it: where two are the same, everything up to there is.
        let (mut same, mut other) = (0, ours.min(theirs) + 1);
        while other - same > 1 {
            let middle = same + (other - same) / 2;
            if self.hash_at(middle)?.is_some_and(|hash| copy.hash_at(middle).is_ok_and(|it| it == Some(hash))) {
                same = middle;
            } else {
                other = middle;
            }
        }
        let common = if same > 0 { self.steps_between(same, same)?.pop() } else { None };
        Ok(Difference { common, lacks: self.steps_between(same + 1, i64::MAX)?, more: theirs - same })
    }

    fn hash_at(&self, seq: i64) -> Result<Option<[u8; 32]>, Fault> {
        let mut select = self.db.prepare_cached("SELECT hash FROM step WHERE seq = ?1")?;
        Ok(select.query_row([seq], |row| row.get(0)).optional()?)
    }

    fn steps_between(&self, first: i64, last: i64) -> Result<Vec<Step>, Fault> {
        let sql = "SELECT seq, at, actor, kind, label, meeting FROM step WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq";
        let mut select = self.db.prepare_cached(sql)?;
        let mut rows = select.query(params![first, last])?;
        let mut steps = Vec::new();
        while let Some(row) = rows.next()? {
            steps.push(log::step(row)?);
        }
        Ok(steps)
    }
}

impl Store {
    /// Writes the step that says that the file was put back from a copy, and who stood by.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn note_restore(&mut self, stamp: &Stamp, witness: &str) -> Result<Receipt, Fault> {
        let uid = self.next_uid();
        let file_uuid = self.file_uuid.clone();
        let label = format!("Put back from a copy; witness: {witness}");
        let kind = StepKind::Restore;
        let heading = Heading { file_uuid: &file_uuid, uid, stamp, kind, label: &label, meeting: None, undoes: None };
        let mut none = Some(Preparing::new()?);
        self.write(heading, &Stop::default(), |_, _| Ok(Item::End(none.take().ok_or(Fault::Stopped)?.end())))
    }
}

/// A file that nobody else has open, and that nobody can open until this is dropped.
pub struct Vacant {
    file: PathBuf,
    _held: Option<fs::File>,
}

/// Makes sure that nobody has the file open: every program that has, holds a lock on it, be the file damaged or not.
///
/// # Errors
/// Where somebody has. This process itself must have no connection to it: its locks would be dropped without a word.
pub fn vacate(file: &Path) -> Result<Vacant, Fault> {
    let cannot = |why: String| Fault::NotOpened(format!("{why} Nothing was changed."));
    match fs::symlink_metadata(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Vacant { file: file.to_path_buf(), _held: None });
        }
        Ok(meta) if meta.is_file() => {}
        Ok(_) | Err(_) => return Err(cannot(format!("{} is not a file.", shown(file)))),
    }
    let held = fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(file)
        .map_err(|error| cannot(format!("{} cannot be used: {error}.", shown(file))))?;
    #[cfg(unix)]
    rustix::fs::fcntl_lock(&held, rustix::fs::FlockOperation::NonBlockingLockExclusive).map_err(|_| {
        cannot(format!("Another program has {} open. Close mdt everywhere, then try again.", shown(file)))
    })?;
    Ok(Vacant { file: file.to_path_buf(), _held: Some(held) })
}

impl Vacant {
    /// Puts `new`, a finished file of the same folder, in the place of this one. What stood there – the file and what SQLite
    /// kept beside it – is kept under another name. Answers where.
    ///
    /// # Errors
    /// Any fault of the disk. No file is lost: each has one of its two names.
    pub fn replace(self, new: &Path, moment: &str) -> Result<Vec<PathBuf>, Fault> {
        let stem = self.file.file_stem().unwrap_or_default().to_string_lossy();
        let moment: String = moment.chars().filter(char::is_ascii_alphanumeric).collect();
        let kept = (1..1_000)
            .map(|n| match n {
                1 => self.file.with_file_name(format!("{stem}-replaced-{moment}.mdt")),
                n => self.file.with_file_name(format!("{stem}-replaced-{moment}-{n}.mdt")),
            })
            .find(|path| fs::symlink_metadata(path).is_err())
            .ok_or_else(|| Fault::NotOpened("Too many files were replaced at this moment.".to_owned()))?;
        let failed = |error: std::io::Error| {
            Fault::NotOpened(format!(
                "The files could not be given their names: {error}. Nothing was removed. The file that was here is {} or {}; the one from the copy is {}.",
                shown(&self.file),
                shown(&kept),
                shown(new)
            ))
        };
        // The file before its log: a log that lies there alone must never meet another file. Were this to end in between,
        // there would be no file of that name, and trying again moves the log away before anything takes the name.
        let mut moved = Vec::new();
        for suffix in std::iter::once("").chain(BESIDE) {
            let (was, now) = (with_suffix(&self.file, suffix), with_suffix(&kept, suffix));
            if fs::symlink_metadata(&was).is_ok() {
                take_name(&was, &now).map_err(failed)?;
                moved.push(now);
            }
        }
        sync_folder(&self.file).map_err(failed)?;
        take_name(new, &self.file).map_err(failed)?;
        sync_folder(&self.file).map_err(failed)?;
        Ok(moved)
    }
}

fn shown(path: &Path) -> String {
    displayable(&path.to_string_lossy())
}
