//! Puts a finished document on a disk: readable by its owner only, whole or not at all, never over another file
//! unless that was asked for.
//!
//! The bytes go to a new file in the same folder, are flushed to the disk, and take their name in one step.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::domain::day::Day;
use crate::domain::text::displayable;

use super::recipient::Recipient;

/// Something could not be written outside the file. One sentence: what happened, and that nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotWritten(String);

impl NotWritten {
    /// In the given sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

/// `minutes-2026-11-26-full.docx`: only date, kind and recipient, never a name.
pub fn name(kind: &str, on: Day, recipient: &Recipient, ending: &str) -> String {
    format!("{kind}-{}-{}.{ending}", on.iso(), recipient.slug())
}

/// Where documents go unless told otherwise: the folder `exports` beside the data file.
pub fn default_folder(data_file: &Path) -> PathBuf {
    data_file.parent().unwrap_or(Path::new(".")).join("exports")
}

/// Makes the default folder, open to its owner only, if it is not there.
///
/// # Errors
/// Says why it could not be made or is not fit.
pub fn make_folder(folder: &Path) -> Result<(), NotWritten> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            if is_folder(folder) {
                Ok(())
            } else {
                Err(NotWritten::new(format!(
                    "{} is not a folder. Nothing was written. Give a place with -o.",
                    shown(folder)
                )))
            }
        }
        Err(error) => Err(NotWritten::new(format!(
            "The folder {} could not be made: {error}. Nothing was written.",
            shown(folder)
        ))),
    }
}

/// Whether there is such a folder; a link to one is none.
pub fn is_folder(folder: &Path) -> bool {
    fs::symlink_metadata(folder).is_ok_and(|meta| meta.is_dir())
}

/// A path for `name` in this folder under which nothing is yet: `minutes.md`, else `minutes-2.md`, `minutes-3.md` …
pub fn free_path(folder: &Path, name: &str) -> PathBuf {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let plain = folder.join(name);
    let numbered = (2..10_000).map(|n| folder.join(format!("{stem}-{n}.{ending}")));
    std::iter::once(plain.clone()).chain(numbered).find(|path| fs::symlink_metadata(path).is_err()).unwrap_or(plain)
}

/// Writes the refused rows of a list as `caseload-rejects-2026-11-26.csv` in the default folder, with `-2`, `-3` … where
/// there is one already; the same rejects are written once. (The list's own name may name somebody.)
///
/// # Errors
/// Says why they could not be written.
pub fn keep_rejects(data_file: &Path, kind: &str, on: Day, bytes: &[u8]) -> Result<PathBuf, NotWritten> {
    let folder = default_folder(data_file);
    make_folder(&folder)?;
    for n in 1..1_000 {
        let stem = format!("{kind}-rejects-{}", on.iso());
        let name = if n == 1 { format!("{stem}.csv") } else { format!("{stem}-{n}.csv") };
        let path = folder.join(name);
        match fs::read(&path) {
            Ok(there) if there == bytes => return Ok(path),
            Ok(_) => {}
            Err(_) if path.symlink_metadata().is_ok() => {}
            Err(_) => return write(&path, bytes, false).map(|()| path),
        }
    }
    Err(NotWritten::new(format!("{} holds too many rejects of this list. Clear some away.", shown(&folder))))
}

/// Refuses to write over the data file or the files SQLite keeps beside it, `--force` or not.
///
/// # Errors
/// Where `path` is one of them.
pub fn check_not_data(path: &Path, data_file: &Path) -> Result<(), NotWritten> {
    let place = |path: &Path| {
        let folder = fs::canonicalize(folder_of(path)).unwrap_or_else(|_| folder_of(path).to_path_buf());
        let whole = path.file_name().map(|name| folder.join(name));
        fs::canonicalize(path).ok().or(whole)
    };
    let target = place(path);
    let is_data = ["", "-wal", "-shm", "-journal"].iter().any(|suffix| {
        let mut name = data_file.as_os_str().to_owned();
        name.push(suffix);
        target.is_some() && place(Path::new(&name)) == target
    });
    if is_data {
        return Err(NotWritten::new(format!(
            "{} is the team's own file. Nothing was written. Give another name with -o.",
            shown(path)
        )));
    }
    Ok(())
}

/// Whether `path` may be written: a fit folder, and no other file, link or folder there.
///
/// # Errors
/// Says why not.
pub fn check(path: &Path, force: bool) -> Result<(), NotWritten> {
    if path.file_name().is_none() {
        return Err(NotWritten::new(format!("{} does not name a file. Nothing was written.", shown(path))));
    }
    check_folder(folder_of(path))?;
    let Ok(meta) = fs::symlink_metadata(path) else { return Ok(()) };
    if meta.is_symlink() {
        return Err(NotWritten::new(format!(
            "{} is a link to another file. Nothing was written. Give another name.",
            shown(path)
        )));
    }
    if !meta.is_file() {
        return Err(NotWritten::new(format!(
            "{} is there and is not a file. Nothing was written. Give another name.",
            shown(path)
        )));
    }
    if !force {
        return Err(exists(path));
    }
    Ok(())
}

/// Writes the whole of `bytes` to `path`.
///
/// # Errors
/// Says what went wrong; then nothing is there under that name that was not there before.
pub fn write(path: &Path, bytes: &[u8], force: bool) -> Result<(), NotWritten> {
    write_all(&[(path, bytes)], force)
}

/// Writes several files. All of them are on the disk before the first takes its name; where one cannot take it, those that
/// came new go again.
///
/// # Errors
/// Says what went wrong; then nothing is there under these names that was not there before, unless a file was replaced.
pub fn write_all(files: &[(&Path, &[u8])], force: bool) -> Result<(), NotWritten> {
    let mut parts: Vec<(PathBuf, &Path)> = Vec::with_capacity(files.len());
    let staged = files.iter().try_for_each(|(path, bytes)| {
        check(path, force)?;
        let part = folder_of(path).join(format!(".mdt-{}.part", random_name()?));
        parts.push((part.clone(), path));
        fill(&part, bytes).map_err(|error| unwritten(path, &error))
    });
    let named = staged.and_then(|()| name_all(&parts, force));
    if named.is_err() {
        for (part, _) in &parts {
            // Only our own unfinished parts go.
            let _ = fs::remove_file(part);
        }
        return named;
    }
    // The names themselves must be on the disk too. Windows does it with the rename.
    #[cfg(unix)]
    for (path, _) in files {
        fs::File::open(folder_of(path)).and_then(|folder| folder.sync_all()).map_err(|error| {
            NotWritten::new(format!(
                "{} was written, but the disk did not confirm it: {error}. Look whether it is whole.",
                shown(path)
            ))
        })?;
    }
    Ok(())
}

fn name_all(parts: &[(PathBuf, &Path)], force: bool) -> Result<(), NotWritten> {
    let mut new: Vec<&Path> = Vec::new();
    for (part, path) in parts {
        let was_there = fs::symlink_metadata(path).is_ok();
        let named =
            if force { fs::rename(part, path).map_err(|error| unwritten(path, &error)) } else { take_name(part, path) };
        if let Err(error) = named {
            for path in new {
                // What this very call wrote a moment ago.
                let _ = fs::remove_file(path);
            }
            return Err(error);
        }
        if !was_there {
            new.push(path);
        }
    }
    Ok(())
}

fn unwritten(path: &Path, error: &std::io::Error) -> NotWritten {
    NotWritten::new(format!("{} could not be written: {error}. Nothing was written.", shown(path)))
}

/// A path as it may be printed: a file's name can hold anything.
pub fn shown(path: &Path) -> String {
    displayable(&path.to_string_lossy())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn exists(path: &Path) -> NotWritten {
    NotWritten::new(format!(
        "{} exists already. Nothing was written. Give another name with -o, or replace it with --force.",
        shown(path)
    ))
}

fn check_folder(folder: &Path) -> Result<(), NotWritten> {
    let meta = fs::metadata(folder).map_err(|error| {
        NotWritten::new(format!("The folder {} cannot be used: {error}. Nothing was written.", shown(folder)))
    })?;
    if !meta.is_dir() {
        return Err(NotWritten::new(format!("{} is not a folder. Nothing was written.", shown(folder))));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let (open_to_all, sticky) = (meta.mode() & 0o002 != 0, meta.mode() & 0o1000 != 0);
        if open_to_all && !sticky {
            return Err(NotWritten::new(format!(
                "Anybody may replace files in the folder {0}. Nothing was written. Choose another folder, or close that one: chmod o-w '{0}'",
                shown(folder)
            )));
        }
    }
    Ok(())
}

fn fill(part: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(part)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Gives the finished part its name, unless somebody took it meanwhile.
fn take_name(part: &Path, path: &Path) -> Result<(), NotWritten> {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, part, CWD, path, RenameFlags::NOREPLACE) {
            Ok(()) => return Ok(()),
            Err(Errno::EXIST) => return Err(exists(path)),
            // Some disks cannot; then the name is reserved first.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            Err(error) => {
                return Err(NotWritten::new(format!(
                    "{} could not be written: {error}. Nothing was written.",
                    shown(path)
                )));
            }
        }
    }
    reserve_and_rename(part, path)
}

/// Makes the name, which fails if it is there, and puts the part in the place of our own empty file.
fn reserve_and_rename(part: &Path, path: &Path) -> Result<(), NotWritten> {
    OpenOptions::new().write(true).create_new(true).open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => exists(path),
        _ => NotWritten::new(format!("{} could not be written: {error}. Nothing was written.", shown(path))),
    })?;
    fs::rename(part, path).map_err(|error| {
        let _ = fs::remove_file(path);
        NotWritten::new(format!("{} could not be written: {error}. Nothing was written.", shown(path)))
    })
}

fn random_name() -> Result<String, NotWritten> {
    let mut bytes = [0u8; 8];
    getrandom::fill(&mut bytes)
        .map_err(|_| NotWritten::new("This machine gives no random numbers. Nothing was written."))?;
    Ok(crate::store::log::hex(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fallback_does_not_replace_either() {
        let folder = tempfile::tempdir().unwrap();
        let (part, path) = (folder.path().join("part"), folder.path().join("there"));
        fs::write(&part, "new").unwrap();
        fs::write(&path, "old").unwrap();
        assert!(reserve_and_rename(&part, &path).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        fs::remove_file(&path).unwrap();
        reserve_and_rename(&part, &path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }
}
