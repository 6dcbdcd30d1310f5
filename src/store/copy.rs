//! A verified copy of the file: made under another name, tried whole, and only then given its name.
//!
//! The pages go through SQLite's own backup from one moment of the file, held by a read transaction: others may write
//! meanwhile, and the copy is still exactly what its numbers say. (`VACUUM INTO` would need a second attached file, which
//! we forbid, and could not say which moment it copied.) The same key and salt go with it, so that the same passphrase opens it.
//! The live file is never opened by other means than SQLite's: that would drop its locks.

use std::fs::{self, OpenOptions};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OptionalExtension as _};
use sha2::{Digest as _, Sha256};

use crate::domain::Word as _;
use crate::domain::change::NounKind;
use crate::domain::text::displayable;

use super::Store;
use super::bulk::Stop;
use super::check::{self, with_suffix};
use super::fault::Fault;
use super::log::{self, Head, hex};
use super::open::{self, Cover, Passphrase, RawKey};

/// Pages between two looks at [`Stop`]: 2 MB.
const PAGES_AT_A_TIME: i32 = 512;

/// A copy that was tried whole: what it is, in numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// SHA-256 over its bytes, in hexadecimal.
    pub sha256: String,
    /// How many bytes.
    pub bytes: u64,
    /// Which file it is a copy of.
    pub file_uuid: String,
    /// Its newest step.
    pub head: Head,
    /// When that was, UTC, ISO.
    pub head_at: String,
    /// How many people are in it.
    pub people: i64,
    /// Whether it is encrypted.
    pub encrypted: bool,
}

/// How far it is: pages done, of how many. Copying and trying count once each.
pub type Tell<'t> = &'t mut dyn FnMut(usize, usize);

/// Tells nobody.
pub fn quietly(_done: usize, _of: usize) {}

/// What a file counts at one moment.
#[derive(Debug, PartialEq, Eq)]
struct Tally {
    file_uuid: String,
    head: Head,
    /// Every table with its number of rows: that of a schema before this one, too.
    rows: Vec<(String, i64)>,
}

impl Tally {
    fn of(db: &Connection) -> Result<Self, Fault> {
        let file_uuid = db.query_row("SELECT file_uuid FROM file_card", [], |row| row.get(0))?;
        let tables: Vec<String> = db
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let mut rows = Vec::with_capacity(tables.len());
        for table in tables {
            // Names of tables are ours: the mark of the file was looked at before.
            let count = db.query_row(&format!("SELECT count(*) FROM \"{table}\""), [], |row| row.get(0))?;
            rows.push((table, count));
        }
        Ok(Self { file_uuid, head: log::head(db)?, rows })
    }

    fn people(&self) -> i64 {
        self.rows.iter().find(|(table, _)| table == NounKind::Person.code()).map_or(0, |(_, count)| *count)
    }
}

impl Store {
    /// Copies the file to `to`, which must not be there, and tries the copy whole before it gets that name. The same
    /// passphrase opens it. Others may write meanwhile.
    ///
    /// # Errors
    /// Any fault of the disk; [`Fault::Damaged`] where the copy does not hold; [`Fault::Stopped`]. Then nothing is under
    /// that name, and the file itself was only read.
    pub fn copy_to(&self, to: &Path, stop: &Stop, tell: Tell<'_>) -> Result<Copied, Fault> {
        self.copy_with(to, self.key.as_ref(), stop, tell)
    }

    /// As [`Store::copy_to`], but another passphrase opens the copy.
    ///
    /// # Errors
    /// As [`Store::copy_to`]; and where the file itself is not encrypted.
    pub fn copy_under(&self, passphrase: &Passphrase, to: &Path, stop: &Stop, tell: Tell<'_>) -> Result<Copied, Fault> {
        if self.key.is_none() {
            return Err(Fault::NotCopied("This file is not encrypted, so that a copy of it cannot be.".to_owned()));
        }
        let key = RawKey::fresh(passphrase)?;
        self.copy_with(to, Some(&key), stop, tell)
    }

    fn copy_with(&self, to: &Path, key: Option<&RawKey>, stop: &Stop, tell: Tell<'_>) -> Result<Copied, Fault> {
        if open::has_moved(&self.db) {
            return Err(Fault::Moved);
        }
        let source = Source { db: &self.db, key: self.key.as_ref() };
        copy(&source, key, to, &mut |_| Ok(()), stop, tell)
    }
}

/// Looks a file over that nobody has open – a copy, above all – without changing it: key, pages, references, the whole chain.
///
/// # Errors
/// [`Fault::WrongKey`], [`Fault::KeyNeeded`], [`Fault::Damaged`], or why it cannot be read.
pub fn examine(path: &Path, passphrase: Option<&Passphrase>, stop: &Stop) -> Result<Copied, Fault> {
    let key = key_of(path, passphrase)?;
    let (db, head_at) = prove(path, key.as_ref(), stop)?;
    let tally = Tally::of(&db)?;
    close(db)?;
    let (sha256, bytes) = hash(path, stop)?;
    Ok(copied(tally, head_at, sha256, bytes, key.is_some()))
}

/// Whether a file that nobody has open is encrypted.
///
/// # Errors
/// Where it is no file, or not one that lies still.
pub fn is_encrypted(path: &Path) -> Result<bool, Fault> {
    check_still(path)?;
    Ok(check::cover(path)? == Cover::Encrypted)
}

/// The key of a file that nobody has open, by its passphrase; none where it is plain.
pub(super) fn key_of(path: &Path, passphrase: Option<&Passphrase>) -> Result<Option<RawKey>, Fault> {
    check_still(path)?;
    match (check::cover(path)?, passphrase) {
        (Cover::Plain, _) => Ok(None),
        (Cover::Encrypted, None) => Err(Fault::KeyNeeded),
        (Cover::Encrypted, Some(passphrase)) => Ok(Some(RawKey::of_file(path, passphrase)?)),
    }
}

/// A copy lies alone: what a log beside it holds would be left out without a word.
fn check_still(path: &Path) -> Result<(), Fault> {
    let shown = displayable(&path.to_string_lossy());
    let meta = fs::symlink_metadata(path).map_err(|_| Fault::NotOpened(format!("There is no file {shown}.")))?;
    if !meta.is_file() {
        return Err(Fault::NotOpened(format!("{shown} is not a file, but a folder or a link to another.")));
    }
    for suffix in ["-wal", "-journal"] {
        if fs::symlink_metadata(with_suffix(path, suffix)).is_ok_and(|log| log.len() > 0) {
            return Err(Fault::NotOpened(format!(
                "{shown} is being worked on, or was not closed: its log ({suffix}) lies beside it. Open it once with mdt --file and leave it again."
            )));
        }
    }
    Ok(())
}

/// What is copied.
pub(super) struct Source<'s> {
    pub(super) db: &'s Connection,
    /// The key it is opened with.
    pub(super) key: Option<&'s RawKey>,
}

/// Copies what `source` holds at this moment to `to`, to be opened with `key`. `list` is told what it will be before the
/// copy takes its name, and may forbid it.
pub(super) fn copy(
    source: &Source<'_>,
    key: Option<&RawKey>,
    to: &Path,
    list: &mut dyn FnMut(&Copied) -> Result<(), Fault>,
    stop: &Stop,
    tell: Tell<'_>,
) -> Result<Copied, Fault> {
    let to = std::path::absolute(to).map_err(|error| not_made(to, &error))?;
    check::name(&to)?;
    if fs::symlink_metadata(&to).is_ok() {
        return Err(there(&to));
    }
    let part = Part::beside(&to)?;
    let tally = fill(source.db, key, &part.0, stop, tell).map_err(of_the_copy)?;
    let flushed = OpenOptions::new().write(true).open(&part.0).and_then(|file| file.sync_all());
    flushed.map_err(|error| not_made(&to, &error))?;
    if key.is_some() && check::cover(&part.0)? == Cover::Plain {
        return Err(Fault::NotCopied("The copy did not come out encrypted. It was thrown away.".to_owned()));
    }
    let (db, head_at) = prove(&part.0, key, stop)?;
    let same = Tally::of(&db)? == tally;
    close(db)?;
    if !same {
        return Err(Fault::NotCopied("The copy does not hold what the file holds. It was thrown away.".to_owned()));
    }
    let (sha256, bytes) = hash(&part.0, stop)?;
    tell(1, 1);
    stop.check()?;
    let copied = copied(tally, head_at, sha256, bytes, key.is_some());
    list(&copied)?;
    take_name(&part.0, &to).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => there(&to),
        _ => not_made(&to, &error),
    })?;
    sync_folder(&to).map_err(|error| {
        Fault::NotCopied(format!(
            "{} was copied, but the disk did not confirm it: {error}.",
            displayable(&to.to_string_lossy())
        ))
    })?;
    Ok(copied)
}

fn copied(tally: Tally, head_at: String, sha256: String, bytes: u64, encrypted: bool) -> Copied {
    let people = tally.people();
    let Tally { file_uuid, head, .. } = tally;
    Copied { sha256, bytes, file_uuid, head, head_at, people, encrypted }
}

/// An unfinished copy. It goes with whoever was making it.
pub(super) struct Part(PathBuf);

impl Part {
    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Makes an empty file for its owner alone, in the folder where the copy is to be.
    pub(super) fn beside(to: &Path) -> Result<Self, Fault> {
        let mut random = [0u8; 8];
        getrandom::fill(&mut random)
            .map_err(|_| Fault::NotCopied("This machine gives no random numbers.".to_owned()))?;
        let part = to.with_file_name(format!("{PART}{}{PART_END}", hex(&random)));
        let mut options = OpenOptions::new();
        // A new file is never reached through a link.
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&part).map_err(|error| not_made(to, &error))?;
        Ok(Self(part))
    }
}

const PART: &str = ".mdt-copy-";
const PART_END: &str = ".part";

/// Whether a file of this name is a copy that somebody began and did not finish.
pub fn is_part(name: &str) -> bool {
    let random = name.strip_prefix(PART).and_then(|rest| rest.strip_suffix(PART_END));
    random.is_some_and(|random| random.len() == 16 && random.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

impl Drop for Part {
    fn drop(&mut self) {
        // Only what was begun here; once it has its name there is nothing under this one.
        for path in [self.0.clone(), with_suffix(&self.0, "-journal")] {
            let _ = fs::remove_file(path);
        }
    }
}

/// Page by page, all of one moment.
fn fill(source: &Connection, key: Option<&RawKey>, part: &Path, stop: &Stop, tell: Tell<'_>) -> Result<Tally, Fault> {
    let moment = source.unchecked_transaction()?;
    let tally = Tally::of(&moment)?;
    let mut target = open::connect(part, key)?;
    {
        let backup = Backup::new(&moment, &mut target)?;
        loop {
            stop.check()?;
            match backup.step(PAGES_AT_A_TIME)? {
                StepResult::Done => break,
                StepResult::More => {
                    let all = usize::try_from(backup.progress().pagecount).unwrap_or(0);
                    tell(all.saturating_sub(usize::try_from(backup.progress().remaining).unwrap_or(0)), all * 2);
                }
                // Nobody else knows the new file, and a reader is not kept waiting: this does not clear up by itself.
                StepResult::Busy | StepResult::Locked => return Err(Fault::Locked),
                _ => return Err(Fault::Other { code: -5, what: "the copy did not go on".to_owned() }),
            }
        }
    }
    close(target)?;
    Ok(tally)
}

/// Opens a file that lies still, so that nothing of it can change, and tries all of it; says also when its newest step was.
pub(super) fn prove(path: &Path, key: Option<&RawKey>, stop: &Stop) -> Result<(Connection, String), Fault> {
    let mut db = open::glance(path, key)?;
    stop.watch(&mut db)?;
    let proved = open::check_mark(&db, path).and_then(|()| verify_whole(&db, key.is_some()));
    Stop::unwatch(&mut db);
    proved?;
    let newest = "SELECT coalesce((SELECT at FROM step ORDER BY seq DESC LIMIT 1), '')";
    let at = db.query_row(newest, [], |row| row.get(0))?;
    Ok((db, at))
}

/// Tries all of a file: its pages, its references, the whole chain.
pub(super) fn verify_whole(db: &Connection, encrypted: bool) -> Result<(), Fault> {
    let first = |pragma: &str| -> Result<Option<String>, Fault> {
        Ok(db.prepare(pragma)?.query_row([], |row| row.get(0)).optional()?)
    };
    if encrypted && first("PRAGMA cipher_integrity_check")?.is_some() {
        return Err(Fault::Damaged);
    }
    if first("PRAGMA integrity_check(1)")?.as_deref() != Some("ok") {
        return Err(Fault::Damaged);
    }
    if db.prepare("PRAGMA foreign_key_check")?.exists([])? {
        return Err(Fault::Damaged);
    }
    let file_uuid: String = db.query_row("SELECT file_uuid FROM file_card", [], |row| row.get(0))?;
    match log::verify(db, &file_uuid, 1, i64::MAX)? {
        Ok(_) => Ok(()),
        Err(_) => Err(Fault::Damaged),
    }
}

fn close(db: Connection) -> Result<(), Fault> {
    db.close().map_err(|(_, error)| error.into())
}

/// SHA-256 and length. Only of a file to which no connection is open.
pub(super) fn hash(path: &Path, stop: &Stop) -> Result<(String, u64), Fault> {
    let unread = |error: std::io::Error| {
        Fault::NotOpened(format!("{} could not be read: {error}.", displayable(&path.to_string_lossy())))
    };
    let mut file = fs::File::open(path).map_err(unread)?;
    let (mut sum, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 18]);
    loop {
        stop.check()?;
        let read = file.read(&mut buffer).map_err(unread)?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else { break };
        sum.update(part);
        bytes += read as u64;
    }
    Ok((hex(&sum.finalize()), bytes))
}

/// What a disk said while pages went from one file to another, in words about the copy.
fn of_the_copy(fault: Fault) -> Fault {
    match fault {
        Fault::Full => Fault::NotCopied("The disk for the copy is full; make room on it.".to_owned()),
        Fault::Disk(code) => Fault::NotCopied(format!("The disk reported an error ({code}) while the copy was made.")),
        other => other,
    }
}

fn there(to: &Path) -> Fault {
    Fault::NotCopied(format!("{} exists already; a copy never replaces a file.", displayable(&to.to_string_lossy())))
}

fn not_made(to: &Path, error: &std::io::Error) -> Fault {
    Fault::NotCopied(format!("{} could not be made: {error}.", displayable(&to.to_string_lossy())))
}

/// Gives a finished file its name, unless there is one of that name.
pub(super) fn take_name(part: &Path, to: &Path) -> std::io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, part, CWD, to, RenameFlags::NOREPLACE) {
            Ok(()) => return Ok(()),
            // Some disks cannot; then a second name does it, which is refused where there is one.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            Err(error) => return Err(error.into()),
        }
    }
    fs::hard_link(part, to)?;
    fs::remove_file(part)
}

/// The name itself must be on the disk too. Windows does it with the rename.
pub(super) fn sync_folder(of: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    fs::File::open(of.parent().unwrap_or(Path::new("/")))?.sync_all()?;
    #[cfg(not(unix))]
    let _ = of;
    Ok(())
}
