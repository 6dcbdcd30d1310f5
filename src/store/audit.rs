//! The whole check: every step and change against its hash, the steps of joined copies, and every record against the log.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension};

use super::agrees::{self, Differs};
use super::branch;
use super::emptied;
use super::fault::Fault;
use super::log::{self, Broken, Head};
use super::open::{self, Passphrase, RawKey};
use super::{FileKind, Reader};

/// A file that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// The newest step.
    pub head: Head,
    /// How many steps.
    pub steps: i64,
    /// How many records agree with the log.
    pub records: i64,
    /// How many steps of joined copies are kept beside it.
    pub joined: i64,
    /// How many texts are gone of which an erasure by an earlier version does not say that it took them.
    pub unproved: i64,
    /// How many records of people erased by an earlier version, which did not say what it left, could not be compared.
    pub uncompared: i64,
}

impl Whole {
    /// In a sentence, what cannot be held against what an erasure says, because an earlier version erased and did not say it.
    pub fn untold(&self) -> Option<String> {
        (self.unproved > 0 || self.uncompared > 0).then(|| {
            format!(
                "Somebody was erased by an earlier version of mdt, which did not write down which texts it took out: of {} of the log, and of what stands in {} of the records, it cannot be shown that the erasure did it.",
                count(self.unproved, "text"),
                self.uncompared
            )
        })
    }
}

fn count(n: i64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// The first thing that is not as this program wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Altered {
    /// Pages of the file, by how many, that are not as they were written.
    Pages(i64),
    /// The chain of steps.
    Chain(Broken),
    /// A step that a joined copy brought, by the number it has in every copy; or the joining itself, where none is left.
    Joined(i64),
    /// A record, or what follows from records.
    Record(Differs),
    /// A table, index, view or rule of the file, by its name: altered, added or taken away.
    Schema(String),
}

impl std::fmt::Display for Altered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let broken = match self {
            Self::Record(differs) => return write!(f, "{differs}"),
            Self::Pages(1) => {
                return f.write_str("A page of the file is not as it was written: damage, or somebody's hand.");
            }
            Self::Pages(n) => {
                return write!(f, "{n} pages of the file are not as they were written: damage, or somebody's hand.");
            }
            Self::Schema(name) => {
                let name = crate::domain::text::displayable(name);
                return write!(f, "The table, index or rule {name} is not as mdt makes it.");
            }
            Self::Joined(uid) => {
                return write!(
                    f,
                    "What a joined copy brought (step or joining {uid}) was altered, added or taken away."
                );
            }
            Self::Chain(broken) => broken,
        };
        match broken {
            Broken::Step(n) => write!(f, "Step {n} was altered: its hash is not that of what it says."),
            Broken::Link(n) => {
                write!(f, "Step {n} does not follow the step before it: one was altered, added or taken away.")
            }
            Broken::Change(n) => write!(f, "A change of step {n} was altered, added or taken away."),
        }
    }
}

/// Where an anchor stands that was printed or remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchored {
    /// The step is in this file, with that hash.
    Here,
    /// The file ends before that step: its tail was cut, or it is an older copy put back.
    Behind,
    /// The step has another hash: the chain was written anew.
    Rewritten,
}

/// Opens a file to look it over, and for nothing else: nothing is written, and nothing is refused for what the look is to find.
///
/// # Errors
/// Where it cannot be opened at all; where its schema is not the one this program writes.
pub fn examine(path: &Path, passphrase: Option<&Passphrase>) -> Result<Reader, Fault> {
    Unlocked::by(path, passphrase)?.examine(path)
}

/// A file's key, to look it over more than once.
pub struct Unlocked(Option<RawKey>);

impl Unlocked {
    /// Looks at the file from outside, and makes its key of the passphrase.
    ///
    /// # Errors
    /// Where it should not be opened, or a passphrase is needed.
    pub fn by(path: &Path, passphrase: Option<&Passphrase>) -> Result<Self, Fault> {
        open::key_for(path, open::check(path)?, passphrase).map(Self)
    }

    /// As [`fn@examine`].
    ///
    /// # Errors
    /// As [`fn@examine`].
    pub fn examine(&self, path: &Path) -> Result<Reader, Fault> {
        let db = open::examine(path, self.0.as_ref())?;
        let (file_uuid, kind): (String, String) =
            db.query_row("SELECT file_uuid, kind FROM file_card", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let kind = if kind == "demo" { FileKind::Demo } else { FileKind::Real };
        let (path, encrypted) = (path.to_path_buf(), self.0.is_some());
        Ok(Reader { db, file_uuid, path, kind, encrypted, session: 0, only_read: None, mark: None })
    }
}

impl Reader {
    /// Checks everything, at one moment of the file: the whole chain, the steps of joined copies, and each record.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn audit(&self) -> Result<Result<Whole, Altered>, Fault> {
        let _moment = self.db.unchecked_transaction()?;
        let steps = match log::verify(&self.db, &self.file_uuid, 1, i64::MAX)? {
            Ok(steps) => steps,
            Err(broken) => return Ok(Err(Altered::Chain(broken))),
        };
        let joined = match joined(&self.db, &self.file_uuid)? {
            Ok(joined) => joined,
            Err(uid) => return Ok(Err(Altered::Joined(uid))),
        };
        let unproved = match emptied::check(&self.db)? {
            Ok(unproved) => unproved,
            Err(altered) => return Ok(Err(altered)),
        };
        if let Some(name) = schema(&self.db)? {
            return Ok(Err(Altered::Schema(name)));
        }
        let agreed = match agrees::agreement(&self.db)? {
            Ok(agreed) => agreed,
            Err(differs) => return Ok(Err(Altered::Record(differs))),
        };
        let pages = broken_pages(&self.db, self.encrypted)?;
        if pages > 0 {
            return Ok(Err(Altered::Pages(pages)));
        }
        let head = log::head(&self.db)?;
        Ok(Ok(Whole { head, steps, records: agreed.records, joined, unproved, uncompared: agreed.uncompared }))
    }

    /// Only the agreement of the records with the log, whatever the chain is worth: what a check without hashes would see.
    ///
    /// # Errors
    /// Any fault of the disk.
    #[doc(hidden)]
    pub fn agreement(&self) -> Result<Result<i64, Differs>, Fault> {
        let _moment = self.db.unchecked_transaction()?;
        Ok(agrees::agreement(&self.db)?.map(|agreed| agreed.records))
    }

    /// Whether step `seq` stands in this file with a hash that begins so (lower-case hexadecimal). Without a number, any
    /// step with that hash will do.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn anchored(&self, seq: Option<i64>, hash: &str) -> Result<Anchored, Fault> {
        let Some(seq) = seq else {
            let sql = "SELECT EXISTS (SELECT 1 FROM step WHERE substr(lower(hex(hash)), 1, length(?1)) = ?1)";
            let found: bool = self.db.query_row(sql, [hash], |row| row.get(0))?;
            return Ok(if found { Anchored::Here } else { Anchored::Behind });
        };
        let found: Option<[u8; 32]> = self
            .db
            .prepare_cached("SELECT hash FROM step WHERE seq = ?1")?
            .query_row([seq], |row| row.get(0))
            .optional()?;
        Ok(match found {
            None => Anchored::Behind,
            Some(found) if log::hex(&found).starts_with(hash) => Anchored::Here,
            Some(_) => Anchored::Rewritten,
        })
    }

    /// When the newest step was written, UTC, ISO.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn head_at(&self) -> Result<String, Fault> {
        let newest = "SELECT at FROM step ORDER BY seq DESC LIMIT 1";
        Ok(self.db.query_row(newest, [], |row| row.get(0)).optional()?.unwrap_or_default())
    }
}

/// How many pages are not as they were written: by the seal of each in an encrypted file, by their structure in a plain one.
/// The chain and the records do not touch every page.
fn broken_pages(db: &Connection, encrypted: bool) -> Result<i64, Fault> {
    let pragma = if encrypted { "PRAGMA cipher_integrity_check" } else { "PRAGMA integrity_check" };
    let mut select = db.prepare(pragma)?;
    let mut rows = select.query([])?;
    let mut found = 0;
    while let Some(row) = rows.next()? {
        if row.get_ref(0)?.as_str().unwrap_or_default() != "ok" {
            found += 1;
        }
    }
    Ok(found)
}

/// The first table, index or rule that is not as a new file has it. (The search index keeps its own tables as it likes.)
fn schema(db: &Connection) -> Result<Option<String>, Fault> {
    let fresh = Connection::open_in_memory()?;
    for schema in open::SCHEMAS {
        fresh.execute_batch(schema)?;
    }
    let listed = |db: &Connection| -> Result<BTreeSet<[String; 3]>, Fault> {
        let mut select = db.prepare("SELECT type, name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'person\\_words\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")?;
        let all = select.query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?;
        Ok(all.collect::<Result<_, _>>()?)
    };
    let (ours, theirs) = (listed(&fresh)?, listed(db)?);
    Ok(ours.symmetric_difference(&theirs).next().map(|[_, name, _]| name.clone()))
}

/// The steps of joined copies, each against its hash and its neighbours; and that none of a copy went away as a whole. How
/// many, or the first that is not as it was.
fn joined(db: &Connection, file_uuid: &str) -> Result<Result<i64, i64>, Fault> {
    let kept = match branch::verify(db, file_uuid)? {
        Ok(kept) => kept,
        Err(uid) => return Ok(Err(uid)),
    };
    let mut joinings = db.prepare("SELECT head_hash, id FROM joining WHERE steps > 0")?;
    let known = "SELECT EXISTS (SELECT 1 FROM branch_step WHERE lower(hex(hash)) = ?1) OR EXISTS (SELECT 1 FROM step WHERE lower(hex(hash)) = ?1)";
    let mut rows = joinings.query([])?;
    while let Some(row) = rows.next()? {
        let head: String = row.get(0)?;
        if !db.prepare_cached(known)?.query_row([head], |row| row.get(0))? {
            return Ok(Err(row.get(1)?));
        }
    }
    // A joining that was taken back is no record any more, but the log knows it, and what it brought stays.
    let strays = concat!(
        "SELECT min(uid) FROM branch_step WHERE joined NOT IN (SELECT row FROM change WHERE noun = 'joining' AND deed = 'add'",
        " UNION SELECT row FROM branch_change WHERE noun = 'joining' AND deed = 'add')"
    );
    Ok(match db.query_row(strays, [], |row| row.get::<_, Option<i64>>(0))? {
        Some(uid) => Err(uid),
        None => Ok(kept),
    })
}

/// A printed anchor: `step 214 · 9f86 d081 884c 7d65`, or at least sixteen digits of a hash alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The step's number, where it was given.
    pub seq: Option<i64>,
    /// The beginning of its hash, lower-case hexadecimal.
    pub hash: String,
}

impl Anchor {
    /// Reads one as somebody typed it from paper.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        let rest = text.strip_prefix("step").map_or(text.as_str(), str::trim);
        let (seq, hash) = if rest.len() == text.len() {
            (None, rest)
        } else {
            let end = rest.find(|c: char| !c.is_ascii_digit())?;
            let (number, hash) = rest.split_at(end);
            (Some(number.parse().ok()?), hash)
        };
        let hash: String =
            hash.chars().filter(|c| !c.is_whitespace() && !matches!(c, '·' | '-' | ':' | ',' | '.')).collect();
        let digits = hash.chars().all(|c| c.is_ascii_hexdigit());
        (digits && (16..=64).contains(&hash.len())).then_some(Self { seq, hash })
    }
}

#[cfg(test)]
mod tests {
    use super::Anchor;

    #[test]
    fn an_anchor_is_read_as_it_is_printed_and_as_it_is_typed() {
        let read = |text: &str| Anchor::parse(text).map(|it| (it.seq, it.hash));
        let hash = "9f86d081884c7d65".to_owned();
        assert_eq!(read("step 214 · 9f86 d081 884c 7d65"), Some((Some(214), hash.clone())));
        assert_eq!(read(" Step 214 9F86 D081 884C 7D65 "), Some((Some(214), hash.clone())));
        assert_eq!(read("9f86d081884c7d65"), Some((None, hash.clone())));
        assert_eq!(read(&hash.repeat(4)), Some((None, hash.repeat(4))));
        for wrong in
            ["", "step", "step 214", "214", "9f86 d081", "step x 9f86d081884c7d65", &hash.repeat(5), "9f86d081884c7d6g"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
