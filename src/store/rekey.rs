//! Another passphrase: a new file is written, proved, and put in the place of the old one, which stays beside it. The file
//! that holds the work is never rewritten in place.
//!
//! The two change places in one step of the disk, so that a program killed at any moment leaves a file under the team's name
//! that opens, with the old passphrase or with the new one. Nobody else may have the file open meanwhile: that is looked at
//! first, and again just before, when no connection of ours is open any more.

use std::fs;
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
    let made = write_new(it, &new_name, stop, tell, &mut go_on)
        .and_then(|(head, before)| swap(it, &new_name, &before).map(|()| head));
    match made {
        Ok(head) => {
            // From here on the new passphrase is in force, and under the new file's first name lies the old file.
            sync_folder(it.path).map_err(|error| {
                Fault::NotOpened(format!("The new passphrase is in force, but the disk did not confirm it: {error}."))
            })?;
            go_on(Done::Exchanged)?;
            fs::rename(&new_name, &old_name).and_then(|()| sync_folder(it.path)).map_err(|error| {
                Fault::NotOpened(format!(
                    "The new passphrase is in force. The old file could not be given its name and is still called {}: {error}.",
                    shown(&new_name)
                ))
            })?;
            go_on(Done::Kept)?;
            Ok(Changed { kept: old_name, head })
        }
        Err(fault) => {
            if !killed {
                // Only what was made here a moment ago; the file itself is as it was.
                for suffix in ["", "-wal", "-shm"] {
                    let _ = fs::remove_file(with_suffix(&new_name, suffix));
                }
            }
            Err(fault)
        }
    }
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

/// Puts the new file in the old one's place, and the old one in the new one's. Nobody has either open, and nobody can open
/// the old one until it is done.
fn swap(it: &Changing<'_>, new_name: &Path, before: &Marks) -> Result<(), Fault> {
    let path = it.path;
    let _vacant = vacate(path)?;
    let waits = fs::metadata(with_suffix(path, "-wal")).is_ok_and(|log| log.len() > 0);
    if waits || marks(path)? != *before {
        return Err(meanwhile());
    }
    let failed = |error: std::io::Error| {
        Fault::NotOpened(format!("The new file could not take its place: {error}. The passphrase is as it was."))
    };
    for suffix in ["-wal", "-shm"] {
        // Empty, as was looked at: what belongs to the old file must not lie beside the new one.
        match fs::remove_file(with_suffix(path, suffix)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
            Ok(()) | Err(_) => {}
        }
    }
    exchange(path, new_name).map_err(failed)
}

fn exchange(path: &Path, new_name: &Path) -> std::io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, new_name, CWD, path, RenameFlags::EXCHANGE) {
            Ok(()) => return Ok(()),
            // Some disks cannot; then it takes three renames, and each file keeps a name.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let aside = with_suffix(new_name, ".old");
    fs::rename(path, &aside)?;
    if let Err(error) = fs::rename(new_name, path) {
        fs::rename(&aside, path)?;
        return Err(error);
    }
    // Done; should this fail, whoever looks for the old file under that name says so.
    drop(fs::rename(&aside, new_name));
    Ok(())
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
    /// The day it was made, as its name says (`20261122…`).
    pub day: String,
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
                let day = at.chars().take(8).collect();
                left.push(Left { path: path.with_file_name(&name), day, interrupted });
            }
        }
    }
    left.sort_by(|one, two| one.path.cmp(&two.path));
    Ok(left)
}
