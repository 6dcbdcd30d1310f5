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
