//! The newest step of each file, remembered outside the file: only so is it noticed that an older copy was put back, or that
//! the end of the log was cut off. A chain that was shortened is whole in itself.
//!
//! It stands in `heads.json` in the program's own folder, for its owner alone, with no word about anybody in it.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::audit::Anchored;
use super::copy::sync_folder;
use super::fault::Fault;
use super::log::{self, Head, Stamp};
use super::{Reader, Store};

/// How the file that holds them is called.
pub const NAME: &str = "heads.json";

/// Where a file once stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// Its newest step then.
    pub seq: i64,
    /// The hash of that step, in hexadecimal.
    pub hash: String,
    /// When that was, UTC, ISO.
    pub at: String,
}

/// A file, measured by what is remembered of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is remembered of it: it was never closed by this login on this machine.
    New,
    /// The remembered step is in it.
    Same,
    /// It ends before that step: an older copy was put back, or its end was cut off.
    Behind {
        /// What is remembered.
        then: Remembered,
        /// Its newest step now.
        now: i64,
    },
    /// That step has another hash in it: its log was written anew, or it is a copy in which others went on.
    Other {
        /// What is remembered.
        then: Remembered,
    },
}

impl Standing {
    /// What to say about it; nothing where all is well.
    pub fn warning(&self) -> Option<String> {
        const DO: &str = "If you put a copy back on purpose, say so with: mdt audit accept. If not, look for the newer file before anybody works on.";
        match self {
            Self::New | Self::Same => None,
            Self::Behind { then, now } => Some(format!(
                "This file ends at step {now}, but on this machine it had reached step {} ({}): an older copy was put back, or the end of its log was cut off. {DO}",
                then.seq,
                day(&then.at)
            )),
            Self::Other { then } => Some(format!(
                "Step {} of this file is not the one this machine remembers ({}): the file is a copy in which others went on, or its log was written anew. {DO}",
                then.seq,
                day(&then.at)
            )),
        }
    }
}

fn day(at: &str) -> String {
    crate::domain::text::displayable(at.get(..10).unwrap_or(at))
}

/// A file at a place; the place itself is not told.
fn key(file_uuid: &str, path: &Path) -> String {
    format!("{file_uuid}@{}", place(path))
}

/// A place, also one where no file is at this moment.
fn place(path: &Path) -> String {
    let place = fs::canonicalize(path).unwrap_or_else(|_| super::check::resolved(path));
    let hash = log::Sealer::new("mdt-place-1").field(place.to_string_lossy().as_bytes()).digest();
    log::hex(hash.get(..8).unwrap_or_default())
}

/// What this login remembers on this machine.
#[derive(Clone, Debug)]
pub struct Heads {
    folder: PathBuf,
}

impl Heads {
    /// What is kept in this folder.
    pub fn at(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf() }
    }

    fn path(&self) -> PathBuf {
        self.folder.join(NAME)
    }

    fn all(&self) -> Result<BTreeMap<String, Remembered>, Fault> {
        let text = match fs::read_to_string(self.path()) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(self.unread(&error.to_string())),
        };
        serde_json::from_str(&text).map_err(|_| self.unread("it is not what mdt writes"))
    }

    fn unread(&self, why: &str) -> Fault {
        Fault::NotOpened(format!(
            "What this machine remembers of the newest steps ({}) could not be read: {why}. Whether an older copy was put back cannot be said.",
            crate::domain::text::displayable(&self.path().to_string_lossy())
        ))
    }

    /// What is remembered of a file, at this place: a copy of it elsewhere is another one, and may well be older.
    ///
    /// # Errors
    /// Where what is remembered cannot be read.
    pub fn of(&self, file_uuid: &str, path: &Path) -> Result<Option<Remembered>, Fault> {
        Ok(self.all()?.remove(&key(file_uuid, path)))
    }

    /// Which files have stood at this place, as far as this login closed them there. The last one first.
    ///
    /// # Errors
    /// As [`Heads::of`].
    pub fn at_place(&self, path: &Path) -> Result<Vec<String>, Fault> {
        let here = place(path);
        let mut found: Vec<(String, String)> = self
            .all()?
            .into_iter()
            .filter_map(|(key, then)| {
                let (file_uuid, place) = key.split_once('@')?;
                (place == here).then(|| (then.at, file_uuid.to_owned()))
            })
            .collect();
        found.sort_by(|one, two| two.cmp(one));
        Ok(found.into_iter().map(|(_, file_uuid)| file_uuid).collect())
    }

    /// Measures a file that is open.
    ///
    /// # Errors
    /// Where what is remembered cannot be read; any fault of the file.
    pub fn measure(&self, reader: &Reader) -> Result<Standing, Fault> {
        let Some(then) = self.of(reader.file_uuid(), reader.path())? else { return Ok(Standing::New) };
        Ok(match reader.anchored(Some(then.seq), &then.hash)? {
            Anchored::Here => Standing::Same,
            Anchored::Behind => Standing::Behind { then, now: reader.head()?.seq },
            Anchored::Rewritten => Standing::Other { then },
        })
    }

    /// Remembers the newest step of a file, unless a later one is remembered already.
    ///
    /// # Errors
    /// Where it could not be written. What was remembered before still is.
    pub fn remember(&self, file_uuid: &str, path: &Path, head: &Head, at: &str) -> Result<(), Fault> {
        self.put(&key(file_uuid, path), head, at, false)
    }

    /// Remembers the newest step of a file, whatever was remembered before.
    ///
    /// # Errors
    /// As [`Heads::remember`].
    pub fn accept(&self, file_uuid: &str, path: &Path, head: &Head, at: &str) -> Result<(), Fault> {
        self.put(&key(file_uuid, path), head, at, true)
    }

    fn put(&self, key: &str, head: &Head, at: &str, whatever: bool) -> Result<(), Fault> {
        let failed = |error: std::io::Error| {
            Fault::NotOpened(format!(
                "The newest step of the file could not be remembered in {}: {error}. The file itself is safe.",
                crate::domain::text::displayable(&self.path().to_string_lossy())
            ))
        };
        let _turn = self.turn().map_err(failed)?;
        let mut all = match self.all() {
            Ok(all) => all,
            // Said when the file was opened; with an acceptance it begins anew.
            Err(fault) if !whatever => return Err(fault),
            Err(_) => BTreeMap::new(),
        };
        if !whatever && all.get(key).is_some_and(|then| then.seq > head.seq) {
            return Ok(());
        }
        all.insert(key.to_owned(), Remembered { seq: head.seq, hash: head.hash.clone(), at: at.to_owned() });
        let text = serde_json::to_string_pretty(&all).unwrap_or_default();
        let part = self.folder.join(format!("{NAME}.part"));
        let mut file = self.own(&part, true).map_err(failed)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        fs::rename(&part, self.path()).map_err(failed)?;
        sync_folder(&part).map_err(failed)
    }

    /// Two programs that end at once take turns.
    fn turn(&self) -> std::io::Result<fs::File> {
        let mut folder = fs::DirBuilder::new();
        folder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder.create(&self.folder)?;
        let lock = self.own(&self.folder.join(format!("{NAME}.lock")), false)?;
        #[cfg(unix)]
        rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive)?;
        Ok(lock)
    }

    /// A file of its owner's alone.
    fn own(&self, path: &Path, empty: bool) -> std::io::Result<fs::File> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(empty);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)
    }
}

impl Store {
    /// Remembers from now on, outside the file, how far it has come: written down when the last of those who write lets go.
    /// A file that is not what is remembered of it is left alone until somebody says that it is right.
    ///
    /// # Errors
    /// Where what is remembered cannot be read; any fault of the file.
    pub fn remember_in(&mut self, heads: &Heads, reader: &Reader) -> Result<Standing, Fault> {
        let standing = heads.measure(reader)?;
        if standing.warning().is_none() && self.may_write().is_ok() {
            let keeping = Keeping::new(heads.clone(), self.file_uuid.clone(), self.path.clone());
            if standing == Standing::New {
                keeping.wrote(reader.head()?, &reader.head_at()?);
            }
            self.keeping = Some(keeping);
        }
        Ok(standing)
    }

    /// Where it is remembered how far this file has come, if anywhere: for whoever opens it again.
    pub fn remembers_in(&self) -> Option<Heads> {
        self.keeping.as_ref().map(|Keeping(kept)| kept.heads.clone())
    }

    /// Writes down at once how far it has come.
    pub(super) fn remember_now(&self) {
        if let Some(Keeping(kept)) = &self.keeping {
            kept.write();
        }
    }

    pub(super) fn wrote(&self, stamp: &Stamp) {
        if let Some(keeping) = &self.keeping
            && let Ok(head) = log::head(&self.db)
        {
            keeping.wrote(head, &stamp.at);
        }
    }
}

/// Remembers a file's newest step when the last of those who write to it has let go of it.
#[derive(Clone)]
pub(super) struct Keeping(Arc<Kept>);

struct Kept {
    heads: Heads,
    file_uuid: String,
    path: PathBuf,
    last: Mutex<Option<(Head, String)>>,
}

impl Keeping {
    pub(super) fn new(heads: Heads, file_uuid: String, path: PathBuf) -> Self {
        Self(Arc::new(Kept { heads, file_uuid, path, last: Mutex::new(None) }))
    }

    /// A step was written.
    pub(super) fn wrote(&self, head: Head, at: &str) {
        *self.0.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((head, at.to_owned()));
    }
}

impl Kept {
    fn write(&self) {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((head, at)) = last {
            // Nobody is there to be told; what was remembered before still is, and the next end remembers more.
            let _ = self.heads.remember(&self.file_uuid, &self.path, &head, &at);
        }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.write();
    }
}
