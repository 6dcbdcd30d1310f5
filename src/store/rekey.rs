//! Another passphrase: a new file is written, proved, and put in the place of the old one, which stays beside it. The file
//! that holds the work is never rewritten in place.
//!
//! The two change places in one step of the disk, so that a program killed at any moment leaves a file under the team's name
//! that opens, with the old passphrase or with the new one. Some disks cannot do that: there the old file takes the name under
//! which it is kept, and then the new one takes the team's. Killed in between, there is no file of the team's name, but both
//! lie beside it under names that [`left_beside`] knows, and whoever looks for the file is told of them. Nobody else may have
//! the file open meanwhile: that is looked at first, and again just before, when no connection of ours is open any more.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::Deed;
use super::bulk::Stop;
use super::check::with_suffix;
use super::copy::{self, Copied, Tell, sync_folder};
use super::fault::Fault;
use super::log::{Head, Stamp, StepKind};
use super::open::Passphrase;
use super::restore::vacate;

/// What is to be done.
pub struct Changing<'c> {
    /// The file.
    pub path: &'c Path,
    /// The passphrase that opens it now.
    pub old: &'c Passphrase,
    /// The one that is to open it.
    pub new: &'c Passphrase,
    /// Who, and when.
    pub stamp: &'c Stamp,
}

/// What has been done so far. After each of them the program may be killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// The new file is there, under a name of its own.
    Copied,
    /// The log of the new file says so.
    Logged,
    /// The new file was tried whole, with the new passphrase and with the old one.
    Proved,
    /// The two have changed places.
    Exchanged,
    /// The old file has the name under which it is kept.
    Kept,
}

/// That it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Where the old file is kept, which the old passphrase opens.
    pub kept: PathBuf,
    /// The newest step of the new one.
    pub head: Head,
}

const OLD: &str = "-old-key-";
const NEW: &str = "-new-key-";

/// How long the old file is kept.
pub const KEPT_DAYS: i64 = 7;

/// Writes the file anew under another passphrase. `after` is told what has been done; where it says no, everything is left as
/// it stands at that moment, as if the program had been killed.
///
/// # Errors
/// Any fault of the disk; where the new file does not prove good; where another program has the file open. Unless the two
/// have changed places, the file is as it was.
pub fn change_key(
    it: &Changing<'_>,
    stop: &Stop,
    tell: Tell<'_>,
    after: &mut dyn FnMut(Done) -> bool,
) -> Result<Changed, Fault> {
    change_key_on(&Disk, it, stop, tell, after)
}

/// As [`change_key`], with names given by `names`: a test stands in for a disk that cannot do all of it.
///
/// # Errors
/// As [`change_key`]. Where the old file had to make way and the new one could not take its place, both are named.
#[doc(hidden)]
pub fn change_key_on(
    names: &dyn Names,
    it: &Changing<'_>,
    stop: &Stop,
    tell: Tell<'_>,
    after: &mut dyn FnMut(Done) -> bool,
) -> Result<Changed, Fault> {
    drop(vacate(it.path)?);
    let (new_name, old_name) = (named(it.path, NEW, &it.stamp.at), named(it.path, OLD, &it.stamp.at));
    for name in [&new_name, &old_name] {
        if name.symlink_metadata().is_ok() {
            return Err(Fault::NotCopied(format!("{} exists already. Try again in a moment.", shown(name))));
        }
    }
    let mut killed = false;
    let mut go_on = |done: Done| -> Result<(), Fault> {
        if after(done) {
            return Ok(());
        }
        killed = true;
        Err(Fault::Stopped)
    };
    let swapped = write_new(it, &new_name, stop, tell, &mut go_on).and_then(|(head, before)| {
        let swapped = swap(names, it, (&new_name, &old_name), &before)?;
        Ok((head, swapped))
    });
    let (head, swapped) = match swapped {
        Ok(done) => done,
        Err(fault) => {
            if !killed {
                // Only what was made here a moment ago; the file itself is as it was.
                for suffix in ["", "-wal", "-shm"] {
                    let _ = fs::remove_file(with_suffix(&new_name, suffix));
                }
            }
            return Err(fault);
        }
    };
    if let Swapped::Neither(error) = swapped {
        return Err(astray(it.path, &old_name, &new_name, &error));
    }
    // From here on the new passphrase is in force.
    sync_folder(it.path).map_err(|error| {
        Fault::NotOpened(format!("The new passphrase is in force, but the disk did not confirm it: {error}."))
    })?;
    go_on(Done::Exchanged)?;
    if let Swapped::InOne = swapped {
        // Under the new file's first name lies the old file.
        names.rename(&new_name, &old_name).and_then(|()| sync_folder(it.path)).map_err(|error| {
            Fault::NotOpened(format!(
                "The new passphrase is in force. The old file could not be given its name and is still called {}: {error}.",
                shown(&new_name)
            ))
        })?;
    }
    go_on(Done::Kept)?;
    Ok(Changed { kept: old_name, head })
}

/// Makes the new file and proves it. The old one is only read.
fn write_new(
    it: &Changing<'_>,
    new_name: &Path,
    stop: &Stop,
    tell: Tell<'_>,
    go_on: &mut dyn FnMut(Done) -> Result<(), Fault>,
) -> Result<(Head, Marks), Fault> {
    let (store, reader) = super::open(it.path, Some(it.old))?;
    let copied = store.copy_under(it.new, new_name, stop, tell)?;
    drop(reader);
    store.close()?;
    go_on(Done::Copied)?;
    let (mut store, reader) = super::open(new_name, Some(it.new))?;
    store.commit(it.stamp, &Deed::change("Change the passphrase").of_kind(StepKind::Key), &[])?;
    drop(reader);
    store.close()?;
    go_on(Done::Logged)?;
    let head = prove(it, new_name, &copied, stop)?;
    let marks = still(it, &copied, stop)?;
    go_on(Done::Proved)?;
    Ok((head, marks))
}

/// The new file is whole, has what the old one had and one step more; the new passphrase opens it and the old one does not.
fn prove(it: &Changing<'_>, new_name: &Path, copied: &Copied, stop: &Stop) -> Result<Head, Fault> {
    let tried = copy::examine(new_name, Some(it.new), stop)?;
    let same = tried.file_uuid == copied.file_uuid
        && tried.head.seq == copied.head.seq + 1
        && tried.people == copied.people
        && tried.encrypted;
    let old_opens = !matches!(copy::examine(new_name, Some(it.old), stop), Err(Fault::WrongKey));
    if !same || old_opens {
        return Err(Fault::NotCopied(
            "The new file did not prove good and was thrown away. The passphrase is as it was.".to_owned(),
        ));
    }
    Ok(tried.head)
}

/// The old file lies still, is whole, and ends where it was copied: nobody wrote to it meanwhile.
fn still(it: &Changing<'_>, copied: &Copied, stop: &Stop) -> Result<Marks, Fault> {
    let marks = marks(it.path)?;
    if copy::examine(it.path, Some(it.old), stop)?.head == copied.head { Ok(marks) } else { Err(meanwhile()) }
}

/// By what a file that was written to is known: its length, and when it was written last.
type Marks = (u64, Option<SystemTime>);

fn marks(path: &Path) -> Result<Marks, Fault> {
    let meta = fs::metadata(path).map_err(|error| Fault::NotOpened(format!("{}: {error}.", shown(path))))?;
    Ok((meta.len(), meta.modified().ok()))
}

fn meanwhile() -> Fault {
    Fault::NotOpened(
        "Another mdt worked on this file meanwhile. The passphrase is as it was. Close the others, and try again."
            .to_owned(),
    )
}

/// How files are given names. There is one disk; tests stand in for others.
#[doc(hidden)]
pub trait Names {
    /// Lets two files change names in one step. Answers `false`, and changes nothing, where the disk cannot.
    fn exchange(&self, one: &Path, other: &Path) -> io::Result<bool>;
    /// Gives a file another name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
}

/// The disk itself.
struct Disk;

impl Names for Disk {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    fn exchange(&self, one: &Path, other: &Path) -> io::Result<bool> {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
            Ok(()) => Ok(true),
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    fn exchange(&self, _one: &Path, _other: &Path) -> io::Result<bool> {
        Ok(false)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }
}

/// How the new file came into its place.
enum Swapped {
    /// In one step: the old file has the first name of the new one.
    InOne,
    /// In two: the old file has the name under which it is kept.
    InTwo,
    /// It did not, and the old one could not go back: no file has the team's name.
    Neither(io::Error),
}

/// Puts the new file in the old one's place. Nobody has either open, and nobody can open the old one until it is done.
fn swap(
    names: &dyn Names,
    it: &Changing<'_>,
    (new_name, old_name): (&Path, &Path),
    before: &Marks,
) -> Result<Swapped, Fault> {
    let path = it.path;
    let _vacant = vacate(path)?;
    let waits = fs::metadata(with_suffix(path, "-wal")).is_ok_and(|log| log.len() > 0);
    if waits || marks(path)? != *before {
        return Err(meanwhile());
    }
    let failed = |error: io::Error| {
        Fault::NotOpened(format!("The new file could not take its place: {error}. The passphrase is as it was."))
    };
    for suffix in ["-wal", "-shm"] {
        // Empty, as was looked at: what belongs to the old file must not lie beside the new one.
        match fs::remove_file(with_suffix(path, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            Ok(()) | Err(_) => {}
        }
    }
    if names.exchange(new_name, path).map_err(failed)? {
        return Ok(Swapped::InOne);
    }
    // What goes wrong from here on leaves two files, each under a name of its own.
    let aside = names.rename(path, old_name).and_then(|()| sync_folder(path));
    match aside.and_then(|()| names.rename(new_name, path)) {
        Ok(()) => Ok(Swapped::InTwo),
        Err(error) => match path.symlink_metadata() {
            Ok(_) => Err(failed(error)),
            Err(_) if names.rename(old_name, path).is_ok() => Err(failed(error)),
            Err(_) => Ok(Swapped::Neither(error)),
        },
    }
}

/// Says where both files are.
fn astray(path: &Path, old: &Path, new: &Path, error: &io::Error) -> Fault {
    Fault::NotOpened(format!(
        "The new file could not take its place, and the old one could not go back: {error}. Nothing is lost. {}",
        two_names(path, old, new)
    ))
}

fn two_names(path: &Path, old: &Path, new: &Path) -> String {
    format!(
        "The old passphrase opens {0}; the new one opens {1}, which was tried whole. Give one of them the name {2} – the new one: mv '{1}' '{2}'",
        shown(old),
        shown(new),
        shown(path)
    )
}

/// Where a file is looked for and is not there, but a change of its passphrase was interrupted: what to do about it.
pub fn instead_of(path: &Path) -> Option<String> {
    let left = left_beside(path).ok()?;
    // The two files of one change; the newest, should there be several.
    left.iter().rev().filter(|new| new.interrupted).find_map(|new| {
        let old = named(path, OLD, &new.at);
        left.iter()
            .any(|it| it.path == old)
            .then(|| format!("A change of the passphrase was interrupted. {}", two_names(path, &old, &new.path)))
    })
}

/// `team-old-key-20261122T203000Z.mdt` beside `team.mdt`.
fn named(path: &Path, sort: &str, at: &str) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let at: String = at.chars().filter(char::is_ascii_alphanumeric).collect();
    path.with_file_name(format!("{stem}{sort}{at}.mdt"))
}

fn shown(path: &Path) -> String {
    crate::domain::text::displayable(&path.to_string_lossy())
}

/// A file left from a change of the passphrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Where.
    pub path: PathBuf,
    /// The moment of the change, as its name says (`20261122T203000Z`).
    pub at: String,
    /// Whether the change was interrupted.
    pub interrupted: bool,
}

/// What changes of the passphrase left beside a file.
///
/// # Errors
/// Where the folder cannot be read.
pub fn left_beside(path: &Path) -> std::io::Result<Vec<Left>> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut left = Vec::new();
    for entry in fs::read_dir(path.parent().unwrap_or(Path::new("/")))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        for (sort, interrupted) in [(OLD, false), (NEW, true)] {
            if let Some(at) = name.strip_prefix(&format!("{stem}{sort}")).and_then(|rest| rest.strip_suffix(".mdt")) {
                left.push(Left { path: path.with_file_name(&name), at: at.to_owned(), interrupted });
            }
        }
    }
    left.sort_by(|one, two| one.path.cmp(&two.path));
    Ok(left)
}
