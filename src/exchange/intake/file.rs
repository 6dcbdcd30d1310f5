//! The bytes of a list, read once and whole, with what is noted of them in the log: name, size, SHA-256.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::Trouble;
use crate::domain::text::displayable;
use crate::store::log::hex;

/// Bytes a text list may have: two million rows of an ordinary list.
const TEXT_LIMIT: u64 = 512 << 20;

/// What a half-typed path may go on to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name, with a `/` behind a folder.
    pub name: String,
    /// The whole path.
    pub path: String,
    /// Whether it is a folder.
    pub folder: bool,
}

/// Endings of files that can be lists.
const ENDINGS: [&str; 8] = ["csv", "tsv", "txt", "xlsx", "xlsm", "xls", "ods", "tab"];

/// Files and folders that a half-typed path may go on to be: folders, and files that can be lists; at most `most` of them.
/// A path that begins with `~/` is in the home folder.
pub fn entries(typed: &str, most: usize) -> Vec<Entry> {
    let whole = expanded(typed);
    let (folder, begun) = whole.rsplit_once('/').map_or(("", whole.as_str()), |(folder, begun)| (folder, begun));
    let place = match (folder, whole.starts_with('/')) {
        ("", true) => "/".to_owned(),
        ("", false) => ".".to_owned(),
        (folder, _) => folder.to_owned(),
    };
    let begun = begun.to_lowercase();
    let mut found: Vec<Entry> = fs::read_dir(&place)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let hidden = name.starts_with('.') && !begun.starts_with('.');
            let is_folder = entry.path().is_dir();
            let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
            let fits = is_folder || ENDINGS.contains(&ending.as_str());
            let kept = fits && !hidden && name.to_lowercase().starts_with(&begun);
            let front = whole.get(..whole.len() - begun.len()).filter(|_| whole.to_lowercase().ends_with(&begun))?;
            let tail = if is_folder { "/" } else { "" };
            kept.then(|| Entry {
                path: format!("{front}{name}{tail}"),
                name: format!("{name}{tail}"),
                folder: is_folder,
            })
        })
        .collect();
    found.sort_by_key(|entry| (entry.folder, entry.name.to_lowercase()));
    found.truncate(most);
    found
}

/// A path as typed, `~/` as the home folder.
pub fn expanded(typed: &str) -> String {
    let home = typed.strip_prefix("~/").and_then(|rest| {
        let home = directories::UserDirs::new()?.home_dir().to_str()?.to_owned();
        Some(format!("{home}/{rest}"))
    });
    home.unwrap_or_else(|| typed.to_owned())
}

/// A list as it lay on the disk.
pub struct Parcel {
    /// The name of the file, without its folder.
    pub name: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its size in bytes.
    pub size: i64,
    /// The bytes.
    pub bytes: Vec<u8>,
}

fn unread(sentence: impl Into<String>) -> Trouble {
    Trouble::NotRead(sentence.into())
}

impl Parcel {
    /// Reads a file whole.
    ///
    /// # Errors
    /// One sentence: not there, a folder, not a file, too large, changed while it was read.
    pub fn read(path: &Path) -> Result<Self, Trouble> {
        let shown = displayable(&path.display().to_string());
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let failed = |error: std::io::Error| {
            unread(match error.kind() {
                std::io::ErrorKind::NotFound => format!("There is no file {shown}. Nothing was changed."),
                std::io::ErrorKind::PermissionDenied => {
                    format!("You may not read {shown}. Ask whoever gave it to you. Nothing was changed.")
                }
                _ => format!("{shown} could not be read: {error}. Nothing was changed."),
            })
        };
        let before = fs::metadata(path).map_err(failed)?;
        if before.is_dir() {
            return Err(unread(format!("{shown} is a folder. Give the list itself. Nothing was changed.")));
        }
        // A pipe or a device has no size and may never end.
        if !before.is_file() {
            return Err(unread(format!("{shown} is not a file. Save the list first. Nothing was changed.")));
        }
        if before.len() > TEXT_LIMIT {
            let most = TEXT_LIMIT >> 20;
            return Err(unread(format!("{shown} is larger than {most} MB. Split it. Nothing was changed.")));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(before.len()).unwrap_or(0));
        let mut file = fs::File::open(path).map_err(failed)?;
        (&mut file).take(TEXT_LIMIT + 1).read_to_end(&mut bytes).map_err(failed)?;
        let after = file.metadata().map_err(failed)?;
        let same = after.len() == before.len()
            && bytes.len() as u64 == before.len()
            && after.modified().ok() == before.modified().ok();
        if !same {
            return Err(unread(format!(
                "{shown} changed while it was read. Wait until it is complete, then try again. Nothing was changed."
            )));
        }
        Ok(Self::of(&name, bytes))
    }

    /// The bytes of a file of this name.
    pub fn of(name: &str, bytes: Vec<u8>) -> Self {
        Self {
            name: displayable(name),
            sha256: hex(&Sha256::digest(&bytes)),
            size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            bytes,
        }
    }
}
