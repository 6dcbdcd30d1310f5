//! Copies that mdt keeps by itself: made at the named moments, tried, listed, thinned, and laid into a second folder too.
//!
//! A copy is made of the live file's own pages and tried whole ([`super::copy`]). A live file that does not hold therefore
//! gives no copy – and without a new copy nothing is thinned: the last good ones stay. What is not on our list is never touched.

mod manifest;
mod thinning;

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::OptionalExtension as _;

use crate::domain::day::Moment;
use crate::domain::text::displayable;

use super::bulk::Stop;
use super::copy::{self, Copied, Tell, hash, is_part, quietly, sync_folder, take_name};
use super::fault::Fault;
use super::log::{Stamp, StepKind};
use super::{Deed, Reader, Receipt, Store};

pub use manifest::{Entry, Manifest, NAME as MANIFEST, Why};
pub use thinning::{Dated, stays};

/// The setting that holds the second folder.
pub const SECOND: &str = "backup:second";

/// Less free space than this on the disk of the copies is said.
const ROOM: u64 = 50 << 20;

/// A copy that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub copied: Copied,
    /// Where the second one is, where there is a second folder.
    pub second: Option<PathBuf>,
    /// How many older ones went.
    pub thinned: usize,
    /// What was not as it should be, each a sentence. The copy itself is good.
    pub warnings: Vec<String>,
}

/// The folder of copies of a file: `backups`, beside it.
pub fn folder_of(file: &Path) -> PathBuf {
    file.parent().unwrap_or(Path::new("/")).join("backups")
}

/// Makes a copy before something large is done, and writes the step that says so. The demo file makes none, nor does one that
/// is open to read only.
///
/// # Errors
/// As [`Store::back_up`]; then whatever was to be done should wait.
pub fn before(store: &mut Store, stamp: &Stamp, why: Why, stop: &Stop) -> Result<Option<Made>, Fault> {
    if store.is_demo()? || store.only_read.is_some() {
        return Ok(None);
    }
    let made = store.back_up(why, stamp, stop, &mut quietly)?;
    store.note_backup(stamp)?;
    Ok(Some(made))
}

impl Store {
    fn is_demo(&self) -> Result<bool, Fault> {
        Ok(self.db.query_row("SELECT kind = 'demo' FROM file_card", [], |row| row.get(0))?)
    }

    /// Makes a verified copy in the folder of copies, and in the second folder where one is set; lists it; then thins.
    /// The step that says so is written by [`Store::note_backup`], by whoever has the pen.
    ///
    /// # Errors
    /// As [`Store::copy_to`]; then nothing was thinned.
    pub fn back_up(&self, why: Why, stamp: &Stamp, stop: &Stop, tell: Tell<'_>) -> Result<Made, Fault> {
        let folder = folder_of(&self.path);
        let _folder = Folder::take(&folder)?;
        let source = copy::Source { db: &self.db, key: self.key.as_ref() };
        if super::open::has_moved(&self.db) {
            return Err(Fault::Moved);
        }
        let (path, copied) = make(&source, &self.path, &folder, why, stamp, stop, tell)?;
        let mut made = Made { path, copied, second: None, thinned: 0, warnings: Vec::new() };
        let file_uuid = made.copied.file_uuid.clone();
        // From here on the copy is there and good; what fails now is said and stops nothing.
        let second = self.second_folder()?;
        if let Some(second) = &second {
            match lay_down(&made, second, stop) {
                Ok(path) => made.second = Some(path),
                Err(why) => made.warnings.push(why),
            }
        }
        for place in std::iter::once(&folder).chain(second.as_ref().filter(|_| made.second.is_some())) {
            match thin(place, &file_uuid, &stamp.at) {
                Ok(gone) => made.thinned += gone,
                Err(why) => made.warnings.push(format!("Older copies were not thinned: {why}.")),
            }
        }
        made.warnings.extend(little_room(&folder, made.copied.bytes));
        Ok(made)
    }

    /// Makes a verified copy at a place of somebody's own choosing. It is not listed, and never thinned.
    ///
    /// # Errors
    /// As [`Store::copy_to`].
    pub fn back_up_to(&self, to: &Path, stop: &Stop, tell: Tell<'_>) -> Result<Made, Fault> {
        let copied = self.copy_to(to, stop, tell)?;
        let warnings = little_room(to.parent().unwrap_or(to), copied.bytes).into_iter().collect();
        Ok(Made { path: to.to_path_buf(), copied, second: None, thinned: 0, warnings })
    }

    /// Writes the step that says that a copy was made. It is not in that copy; [`Reader::changed_since`] leaves it out.
    ///
    /// # Errors
    /// Any fault of the disk; the copy is there all the same.
    pub fn note_backup(&mut self, stamp: &Stamp) -> Result<Receipt, Fault> {
        let receipt = self.commit(stamp, &Deed::change("Make a copy").of_kind(StepKind::Backup), &[])?;
        self.remember_now();
        Ok(receipt)
    }

    fn second_folder(&self) -> Result<Option<PathBuf>, Fault> {
        let found: Option<String> = self
            .db
            .prepare_cached("SELECT value FROM setting WHERE name = ?1")?
            .query_row([SECOND], |row| row.get(0))
            .optional()?;
        Ok(found.filter(|path| !path.is_empty()).map(PathBuf::from))
    }
}

impl Reader {
    /// Which file this is, in every copy of it.
    pub fn file_uuid(&self) -> &str {
        &self.file_uuid
    }

    /// The list of copies beside this file, of other files too.
    ///
    /// # Errors
    /// Where the list is there and cannot be read.
    pub fn copies(&self) -> Result<Manifest, Fault> {
        let folder = folder_of(&self.path);
        Manifest::read(&folder).map_err(|error| {
            Fault::NotOpened(format!("The list of copies in {} cannot be read: {error}.", shown(&folder)))
        })
    }

    /// The newest copy of this file that was tried and is still there.
    ///
    /// # Errors
    /// As [`Reader::copies`].
    pub fn newest_copy(&self) -> Result<Option<Entry>, Fault> {
        let folder = folder_of(&self.path);
        let copies = self.copies()?;
        let mut entries = copies.of_file(&self.file_uuid);
        entries.reverse();
        Ok(entries.into_iter().find(|entry| !entry.thinned && entry.is_there(&folder)).cloned())
    }

    /// Whether a step after this one did more than open the file or copy it.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn changed_since(&self, seq: i64) -> Result<bool, Fault> {
        let sql = "SELECT EXISTS (SELECT 1 FROM step WHERE seq > ?1 AND kind NOT IN ('backup', 'open'))";
        Ok(self.db.prepare_cached(sql)?.query_row([seq], |row| row.get(0))?)
    }
}

/// Makes a copy before the schema of a file is raised. There is no clock here: it is dated as the newest step in it.
pub(super) fn before_climbing(source: &copy::Source<'_>, file: &Path) -> Result<(), Fault> {
    let newest = "SELECT coalesce((SELECT at FROM step ORDER BY seq DESC LIMIT 1), '')";
    let at: String = source.db.query_row(newest, [], |row| row.get(0))?;
    let stamp = Stamp { at, actor: String::new() };
    let folder = folder_of(file);
    let _folder = Folder::take(&folder)?;
    make(source, file, &folder, Why::Migration, &stamp, &Stop::default(), &mut quietly).map(drop)
}

/// Copies into the folder under a free name, and puts the copy on the list before it has that name.
fn make(
    source: &copy::Source<'_>,
    file: &Path,
    folder: &Path,
    why: Why,
    stamp: &Stamp,
    stop: &Stop,
    tell: Tell<'_>,
) -> Result<(PathBuf, Copied), Fault> {
    let seq = super::log::head(source.db)?.seq;
    let path = free_name(folder, file, &stamp.at, seq)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut list = |copied: &Copied| {
        manifest::add(folder, &entry(&name, why, stamp, copied))
            .map_err(|error| Fault::NotCopied(format!("The list of copies could not be written: {error}.")))
    };
    let copied = copy::copy(source, source.key, &path, &mut list, stop, tell)?;
    Ok((path, copied))
}

fn entry(name: &str, why: Why, stamp: &Stamp, copied: &Copied) -> Entry {
    Entry {
        name: name.to_owned(),
        at: stamp.at.clone(),
        why,
        sha256: copied.sha256.clone(),
        bytes: copied.bytes,
        seq: copied.head.seq,
        head: copied.head.hash.clone(),
        people: copied.people,
        file_uuid: copied.file_uuid.clone(),
        thinned: false,
    }
}

/// `team-20261126T130000Z-214.mdt`: the file's own name, the moment, the step; `-2` … where that is taken.
fn free_name(folder: &Path, file: &Path, at: &str, seq: i64) -> Result<PathBuf, Fault> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let moment: String = at.chars().filter(char::is_ascii_alphanumeric).collect();
    let names = (1..1_000).map(|n| match n {
        1 => format!("{stem}-{moment}-{seq}.mdt"),
        n => format!("{stem}-{moment}-{seq}-{n}.mdt"),
    });
    names
        .map(|name| folder.join(name))
        .find(|path| fs::symlink_metadata(path).is_err())
        .ok_or_else(|| Fault::NotCopied("The folder of copies holds too many of this step.".to_owned()))
}

/// The folder of copies, held by one program at a time.
struct Folder {
    _held: Option<fs::File>,
}

impl Folder {
    /// Makes the folder, for its owner alone, and clears away what others began in it and did not finish.
    fn take(folder: &Path) -> Result<Self, Fault> {
        let cannot = |why: &str| Fault::NotCopied(format!("{} {why}.", shown(folder)));
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        match builder.create(folder) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(cannot(&format!("could not be made: {error}"))),
        }
        let meta = fs::symlink_metadata(folder).map_err(|error| cannot(&format!("cannot be used: {error}")))?;
        if !meta.is_dir() {
            return Err(cannot("is not a folder"));
        }
        #[cfg(unix)]
        let held = {
            use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
            if meta.uid() != rustix::process::geteuid().as_raw() {
                return Err(cannot("belongs to another user"));
            }
            if meta.mode() & 0o077 != 0 {
                fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
                    .map_err(|error| cannot(&format!("is open to others and could not be closed: {error}")))?;
            }
            let held = fs::File::open(folder).map_err(|error| cannot(&format!("cannot be used: {error}")))?;
            rustix::fs::flock(&held, rustix::fs::FlockOperation::NonBlockingLockExclusive)
                .map_err(|_| Fault::NotCopied("Another program is making a copy of this file just now.".to_owned()))?;
            Some(held)
        };
        #[cfg(not(unix))]
        let held = None;
        sweep(folder);
        Ok(Self { _held: held })
    }
}

/// Copies that were begun by a program that is gone: nobody else makes one while the folder is held.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_part(name.strip_suffix("-journal").unwrap_or(&name)) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The same bytes in the second folder, read back from there. No connection is open to the copy.
fn lay_down(made: &Made, second: &Path, stop: &Stop) -> Result<PathBuf, String> {
    let first = made.path.parent().unwrap_or(Path::new("/"));
    let name = made.path.file_name().unwrap_or_default();
    if !fs::metadata(second).is_ok_and(|meta| meta.is_dir()) {
        return Err(format!(
            "The second folder {} is not there (a stick that is not in, perhaps). The copy is only in {}.",
            shown(second),
            shown(first)
        ));
    }
    let cannot = |what: &dyn std::fmt::Display| {
        format!("No second copy was made in {}: {what}. The copy is only in {}.", shown(second), shown(first))
    };
    if fs::canonicalize(second).ok() == fs::canonicalize(first).ok() {
        return Err(cannot(&"it is the first folder"));
    }
    let part = copy::Part::beside(&second.join(name)).map_err(|fault| cannot(&fault))?;
    let to = second.join(name);
    fs::copy(&made.path, part.path())
        .and_then(|_| fs::OpenOptions::new().write(true).open(part.path())?.sync_all())
        .map_err(|error| cannot(&error))?;
    let (sha256, _) = hash(part.path(), stop).map_err(|fault| cannot(&fault))?;
    if sha256 != made.copied.sha256 {
        return Err(cannot(&"what was read back from it is not what was written"));
    }
    // Its line is taken over from the first list.
    let entry = Manifest::read(first)
        .ok()
        .and_then(|list| list.entries.into_iter().rev().find(|entry| entry.name == name.to_string_lossy()));
    if let Some(entry) = entry {
        manifest::add(second, &entry).map_err(|error| cannot(&error))?;
    }
    take_name(part.path(), &to).and_then(|()| sync_folder(&to)).map_err(|error| cannot(&error))?;
    Ok(to)
}

/// Takes away the copies of this file that need not stay. Answers how many.
fn thin(folder: &Path, file_uuid: &str, at: &str) -> std::io::Result<usize> {
    let Some(now) = Moment::from_iso(at) else { return Ok(0) };
    let list = Manifest::read(folder)?;
    let entries: Vec<&Entry> = list.of_file(file_uuid).into_iter().filter(|entry| !entry.thinned).collect();
    let dated: Vec<(&Entry, Dated)> = entries
        .into_iter()
        .filter_map(|entry| {
            // A copy without a moment is never taken away.
            let at = Moment::from_iso(&entry.at)?;
            Some((entry, Dated { at, seq: entry.seq, holds: entry.is_there(folder) }))
        })
        .collect();
    let copies: Vec<Dated> = dated.iter().map(|(_, dated)| *dated).collect();
    let mut gone = 0;
    for ((entry, dated), stays) in dated.iter().zip(stays(&copies, now)) {
        // One that is not as long as it was may be all that is left of something: it is left to a person.
        if stays || !dated.holds {
            continue;
        }
        manifest::thinned(folder, &entry.name, at)?;
        fs::remove_file(folder.join(&entry.name))?;
        gone += 1;
    }
    Ok(gone)
}

/// A sentence where little room is left: under 50 MB, or under three copies.
fn little_room(folder: &Path, bytes: u64) -> Option<String> {
    let free = free_bytes(folder)?;
    (free < ROOM.max(bytes.saturating_mul(3))).then(|| {
        format!("Little room is left on the disk of {}: {} MB. Make room before it is full.", shown(folder), free >> 20)
    })
}

#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(folder).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_folder: &Path) -> Option<u64> {
    None
}

fn shown(path: &Path) -> String {
    displayable(&path.to_string_lossy())
}
