//! The list of the copies in a folder: one line each, added and never rewritten. It holds numbers, and nothing about anybody.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use serde_json::{Map, Value as Json, json};

use crate::domain::Word;

/// What the list is called.
pub const NAME: &str = "manifest.jsonl";

/// A list longer than this was not written by us.
const LONGEST: u64 = 64 << 20;

words! {
    /// At which moment a copy was made.
    Why {
        /// The first start of a day.
        Day = "day", "first start of the day";
        /// Leaving.
        Quit = "quit", "on leaving";
        /// During a live meeting.
        Meeting = "meeting", "during a meeting";
        /// Before a list is taken in.
        Import = "import", "before a list came in";
        /// Before another copy is joined.
        Merge = "merge", "before a copy was joined";
        /// Before the file is brought to a newer schema.
        Migration = "migration", "before a newer version of mdt changed its schema";
        /// Before text is lawfully erased.
        Erase = "erase", "before something was erased";
        /// Before the passphrase is changed.
        Key = "key", "before the passphrase was changed";
        /// Somebody asked for it.
        Hand = "hand", "by hand";
    }
}

/// A copy, as the list has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name of the copy in its folder.
    pub name: String,
    /// When it was made, UTC, ISO.
    pub at: String,
    /// Why.
    pub why: Why,
    /// SHA-256 over its bytes.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
    /// Its newest step.
    pub seq: i64,
    /// The hash of that step: an anchor outside the file.
    pub head: String,
    /// How many people are in it.
    pub people: i64,
    /// Which file it is a copy of.
    pub file_uuid: String,
    /// Whether thinning took it away later.
    pub thinned: bool,
}

impl Entry {
    /// Whether the copy is in this folder, as long as it was. Only its length is asked for: nobody's lock is dropped.
    pub fn is_there(&self, folder: &Path) -> bool {
        fs::symlink_metadata(folder.join(&self.name)).is_ok_and(|meta| meta.is_file() && meta.len() == self.bytes)
    }

    fn line(&self) -> String {
        json!({
            "name": self.name, "at": self.at, "why": self.why.code(), "sha256": self.sha256, "bytes": self.bytes,
            "seq": self.seq, "head": self.head, "people": self.people, "file": self.file_uuid,
        })
        .to_string()
    }

    fn read(map: &Map<String, Json>) -> Option<Self> {
        let text = |name: &str| map.get(name).and_then(Json::as_str).map(str::to_owned);
        let number = |name: &str| map.get(name).and_then(Json::as_i64);
        let hash =
            |name: &str| text(name).filter(|hash| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()));
        Some(Self {
            // A name is only a name: what leads elsewhere is not ours.
            name: text("name").filter(|name| is_plain(name))?,
            at: text("at")?,
            why: Why::from_code(&text("why")?)?,
            sha256: hash("sha256")?,
            bytes: u64::try_from(number("bytes")?).ok()?,
            seq: number("seq")?,
            head: hash("head")?,
            people: number("people")?,
            file_uuid: text("file")?,
            thinned: false,
        })
    }
}

fn is_plain(name: &str) -> bool {
    name.ends_with(".mdt") && !name.starts_with('.') && !name.contains(['/', '\\', '\0'])
}

/// The list as read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The copies of every file, in the order they were made.
    pub entries: Vec<Entry>,
    /// Lines that could not be read. The others are good all the same.
    pub damaged: usize,
}

impl Manifest {
    /// Reads the list of a folder; an empty one where there is none.
    ///
    /// # Errors
    /// Where it is there and cannot be read.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let mut bytes = Vec::new();
        match fs::File::open(folder.join(NAME)) {
            Ok(file) => file.take(LONGEST).read_to_end(&mut bytes).map(drop)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error),
        }
        Ok(Self::of(&bytes))
    }

    fn of(bytes: &[u8]) -> Self {
        let mut it = Self::default();
        let mut thinned = HashSet::new();
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            match serde_json::from_slice::<Map<String, Json>>(line) {
                Ok(map) => match (map.get("thinned").and_then(Json::as_str), Entry::read(&map)) {
                    (Some(name), _) => drop(thinned.insert(name.to_owned())),
                    (None, Some(entry)) => it.entries.push(entry),
                    (None, None) => it.damaged += 1,
                },
                Err(_) => it.damaged += 1,
            }
        }
        for entry in &mut it.entries {
            entry.thinned = thinned.contains(&entry.name);
        }
        it
    }

    /// The copies of one file, newest last, thinned ones among them: each is an anchor of its chain.
    pub fn of_file(&self, file_uuid: &str) -> Vec<&Entry> {
        let mut entries: Vec<&Entry> = self.entries.iter().filter(|entry| entry.file_uuid == file_uuid).collect();
        entries.sort_by(|a, b| (a.seq, &a.at).cmp(&(b.seq, &b.at)));
        entries
    }

    /// Which files have copies here under this name (the file's own, without its ending). The last one first.
    pub fn of_name(&self, stem: &str) -> Vec<String> {
        let mut found: Vec<(&str, &str)> = self
            .entries
            .iter()
            .filter(|entry| is_of(&entry.name, stem))
            .map(|entry| (entry.at.as_str(), entry.file_uuid.as_str()))
            .collect();
        found.sort_by(|one, two| two.cmp(one));
        let mut seen = HashSet::new();
        found.into_iter().filter(|(_, file)| seen.insert(*file)).map(|(_, file)| file.to_owned()).collect()
    }
}

/// Whether a copy is called as those of `stem` are: the name, the moment, the step. Copies of `team-2` are none of `team`.
fn is_of(name: &str, stem: &str) -> bool {
    let rest = name.strip_prefix(stem).and_then(|rest| rest.strip_prefix('-'));
    let moment = rest.and_then(|rest| rest.split('-').next()).unwrap_or_default();
    moment.len() >= 15 && moment.contains('T') && moment.starts_with(|first: char| first.is_ascii_digit())
}

/// Adds a copy to the list of a folder.
pub(super) fn add(folder: &Path, entry: &Entry) -> io::Result<()> {
    append(folder, &entry.line())
}

/// Says in the list that a copy was taken away.
pub(super) fn thinned(folder: &Path, name: &str, at: &str) -> io::Result<()> {
    append(folder, &json!({ "thinned": name, "at": at }).to_string())
}

fn append(folder: &Path, line: &str) -> io::Result<()> {
    let path = folder.join(NAME);
    if fs::symlink_metadata(&path).is_ok_and(|meta| !meta.is_file()) {
        return Err(io::Error::other(format!("{NAME} in that folder is not a file")));
    }
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    // A line that was cut off stays alone.
    let mut last = [b'\n'];
    if file.metadata()?.len() > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    let lead = if last == [b'\n'] { "" } else { "\n" };
    file.write_all(format!("{lead}{line}\n").as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(n: i64) -> Entry {
        Entry {
            name: format!("team-{n}.mdt"),
            at: "2026-11-26T13:00:00Z".to_owned(),
            why: Why::Hand,
            sha256: "0f".repeat(32),
            bytes: 3,
            seq: n,
            head: "a1".repeat(32),
            people: 5,
            file_uuid: "7".repeat(32),
            thinned: false,
        }
    }

    #[test]
    fn damaged_lines_are_counted_and_the_others_read() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Manifest::read(folder.path()).unwrap(), Manifest::default());
        for n in 1..4 {
            add(folder.path(), &entry(n)).unwrap();
        }
        thinned(folder.path(), "team-2.mdt", "2026-11-27T13:00:00Z").unwrap();
        let mut bytes = fs::read(folder.path().join(NAME)).unwrap();
        bytes.extend_from_slice(b"{\"name\": \"team-9.mdt\", \"at");
        fs::write(folder.path().join(NAME), &bytes).unwrap();
        add(folder.path(), &entry(4)).unwrap();
        let escape = Entry { name: "../team-5.mdt".to_owned(), ..entry(5) };
        add(folder.path(), &escape).unwrap();
        fs::write(folder.path().join("team-1.mdt"), "abc").unwrap();
        let read = Manifest::read(folder.path()).unwrap();
        assert_eq!(read.damaged, 2, "the line that was cut off and the name that leads elsewhere");
        let seqs: Vec<(i64, bool)> = read.entries.iter().map(|entry| (entry.seq, entry.thinned)).collect();
        assert_eq!(seqs, [(1, false), (2, true), (3, false), (4, false)]);
        assert!(read.entries[0].is_there(folder.path()) && !read.entries[1].is_there(folder.path()));
        assert_eq!(read.of_file(&"8".repeat(32)).len(), 0);
        assert!(is_of("team-20261126T130000Z-214.mdt", "team") && is_of("team-20261126T130000Z-214-2.mdt", "team"));
        assert!(!is_of("team-2-20261126T130000Z-214.mdt", "team") && !is_of("teams-20261126T130000Z-2.mdt", "team"));
        // However it is damaged, reading goes on.
        for n in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[n] ^= 0x15;
            let read = Manifest::of(&flipped);
            assert!(read.entries.len() + read.damaged >= 3 && read.entries.len() <= 4, "at {n}");
        }
    }
}
