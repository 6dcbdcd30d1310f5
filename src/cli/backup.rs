//! `mdt backup`: makes a verified copy, lists the copies, says where a second one goes.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::clock;
use crate::domain::Word as _;
use crate::domain::day::Moment;
use crate::domain::text::displayable;
use crate::store::backup::{Entry, Made, SECOND, Why, folder_of};
use crate::store::{Reader, Stop};

use super::{Arguments, Desk, Failure, say, warn};

/// What `mdt backup` is told.
#[derive(Debug, Args)]
pub(super) struct BackupArguments {
    /// A file to be made, or a folder for it (default: the folder backups beside the file).
    path: Option<PathBuf>,
    /// List the copies beside the file instead.
    #[arg(long, conflicts_with_all = ["path", "second"])]
    list: bool,
    /// Lay each copy into this folder too, from now on: another disk, a stick. "none" ends it.
    #[arg(long, value_name = "PATH|none", conflicts_with = "path")]
    second: Option<PathBuf>,
}

/// Does it.
pub(super) fn run(arguments: &Arguments, it: &BackupArguments) -> Result<(), Failure> {
    let mut desk = arguments.desk()?;
    if it.list {
        return list(&desk);
    }
    if let Some(second) = &it.second {
        return set_second(&mut desk, second);
    }
    let stamp = desk.stamp();
    let stop = Stop::default();
    let made = match &it.path {
        None => desk.store.back_up(Why::Hand, &stamp, &stop, &mut crate::store::copy::quietly)?,
        Some(path) => {
            let to = place(path, &desk)?;
            desk.store.back_up_to(&to, &stop, &mut crate::store::copy::quietly)?
        }
    };
    desk.store.note_backup(&stamp)?;
    tell(&made)?;
    desk.store.close()?;
    Ok(())
}

/// The file to be made: `path` itself, or a name in it where it is a folder.
fn place(path: &Path, desk: &Desk) -> Result<PathBuf, Failure> {
    let path = std::path::absolute(path)?;
    let path = if path.is_dir() {
        let stem = desk.reader.path().file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let moment: String = desk.stamp().at.chars().filter(char::is_ascii_alphanumeric).collect();
        path.join(format!("{stem}-{moment}-{}.mdt", desk.reader.head()?.seq))
    } else {
        path
    };
    if path.symlink_metadata().is_ok() {
        return Err(Failure::Refused(format!(
            "{} exists already; a copy never replaces a file. Nothing was made.",
            shown(&path)
        )));
    }
    Ok(path)
}

fn tell(made: &Made) -> Result<(), Failure> {
    let copied = &made.copied;
    say(&format!(
        "Made {} and tried it whole: {}, {}, {}.",
        shown(&made.path),
        counted(copied.head.seq, "step", "steps"),
        counted(copied.people, "person", "people"),
        size(copied.bytes)
    ))?;
    let digits: String = copied.sha256.chars().take(16).collect();
    say(&format!("SHA-256 {digits} · {}", copied.head.printed()))?;
    if !copied.encrypted {
        say("NOT ENCRYPTED, as the file itself: whoever can read the disk can read this copy.")?;
    }
    if let Some(second) = &made.second {
        say(&format!("And {}.", shown(second)))?;
    }
    made.warnings.iter().try_for_each(|warning| warn(warning))
}

fn list(desk: &Desk) -> Result<(), Failure> {
    let folder = folder_of(desk.reader.path());
    let manifest = desk.reader.copies()?;
    let mut entries: Vec<&Entry> = manifest.of_file(desk.reader.file_uuid());
    entries.retain(|entry| !entry.thinned);
    entries.reverse();
    for entry in &entries {
        say(&line(entry, &folder, desk))?;
    }
    if entries.is_empty() {
        say("There is no copy of this file yet. Make one with: mdt backup")?;
    }
    say(&format!("folder  {}", shown(&folder)))?;
    if let Some(second) = second(&desk.reader)? {
        say(&format!("second  {}", shown(Path::new(&second))))?;
    }
    if manifest.damaged > 0 {
        warn(&format!(
            "{} of the list of copies could not be read. The other copies are listed.",
            counted(i64::try_from(manifest.damaged).unwrap_or(i64::MAX), "line", "lines")
        ))?;
    }
    Ok(())
}

fn line(entry: &Entry, folder: &Path, desk: &Desk) -> String {
    let when = Moment::from_iso(&entry.at).map_or_else(
        || displayable(&entry.at),
        |moment| {
            let (day, time) = clock::local(moment, &desk.clock);
            format!("{day} {time}")
        },
    );
    let state = if entry.is_there(folder) { "" } else { "  – NOT THERE, or of another length" };
    format!(
        "{when}  step {:>6}  {:>7} people  {:>8}  {}\n  {}{state}",
        entry.seq,
        entry.people,
        size(entry.bytes),
        entry.why.label(),
        displayable(&entry.name)
    )
}

fn second(reader: &Reader) -> Result<Option<String>, Failure> {
    Ok(reader.setting(SECOND)?.filter(|path| !path.is_empty()))
}

fn set_second(desk: &mut Desk, second: &Path) -> Result<(), Failure> {
    if second == Path::new("none") {
        desk.store.set(SECOND, "")?;
        return say("Copies go into the first folder only from now on. What is in the second stays there.");
    }
    let path = std::path::absolute(second)?;
    if !path.is_dir() {
        return Err(Failure::Refused(format!("There is no folder {}. Nothing was changed.", shown(&path))));
    }
    let Some(text) = path.to_str() else {
        return Err(Failure::Refused("The name of that folder cannot be kept. Nothing was changed.".to_owned()));
    };
    if std::fs::canonicalize(&path).ok() == std::fs::canonicalize(folder_of(desk.reader.path())).ok() {
        return Err(Failure::Refused("That is the first folder. Nothing was changed.".to_owned()));
    }
    desk.store.set(SECOND, text)?;
    say(&format!("From now on each copy is laid into {} too.", shown(&path)))
}

pub(super) fn counted(n: i64, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} KB", bytes.div_ceil(1_000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

pub(super) fn shown(path: &Path) -> String {
    displayable(&path.to_string_lossy())
}
