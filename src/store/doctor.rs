//! A look over the whole file: every page, every reference, the log, and what surrounds it. Each check answers with one line
//! that says nothing about anybody.

use std::path::Path;

use rusqlite::Connection;

use crate::domain::Word as _;
use crate::domain::change::NounKind;
use crate::domain::day::Moment;

use super::Reader;
use super::agrees::Differs;
use super::audit::Altered;
use super::fault::Fault;
use super::log::StepKind;
use super::sidecars::{self, Waiting};

/// What is said where an erasure could not write the pages anew.
pub const PAGES_LEFT: &str = "Somebody was erased, but pages of the file may still hold the words: they were not written anew. Close every mdt on this file and run: mdt erase --tidy";

/// The label of the step that says that a recovery copy was made and opened.
pub const RECOVERY: &str = "Make a recovery copy";

/// What the log says of the newest recovery copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// How many people it holds.
    pub people: i64,
    /// How many the file holds now.
    pub now: i64,
    /// Whether the passphrase was changed since.
    pub key_changed: bool,
    /// Whether somebody was erased since.
    pub erased: bool,
}

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// All is well.
    Well,
    /// Worth knowing, and no reason to worry.
    Note,
    /// Nothing is wrong; this is to be done next.
    Next,
    /// Something is wrong and to be seen to.
    Problem,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was looked at.
    pub about: &'static str,
    /// What it came to.
    pub state: State,
    /// In a sentence.
    pub words: String,
}

impl Check {
    /// All is well.
    pub fn well(about: &'static str, words: impl Into<String>) -> Self {
        Self { about, state: State::Well, words: words.into() }
    }

    /// Worth knowing.
    pub fn note(about: &'static str, words: impl Into<String>) -> Self {
        Self { about, state: State::Note, words: words.into() }
    }

    /// To be done next.
    pub fn next(about: &'static str, words: impl Into<String>) -> Self {
        Self { about, state: State::Next, words: words.into() }
    }

    /// To be seen to.
    pub fn problem(about: &'static str, words: impl Into<String>) -> Self {
        Self { about, state: State::Problem, words: words.into() }
    }
}

/// What lies beside the file. Ask before any connection to it is open.
pub fn beside(path: &Path) -> Check {
    const ABOUT: &str = "log beside it";
    if sidecars::in_use(path) {
        return Check::note(ABOUT, "Another program has the file open, so its write-ahead log was left to it.");
    }
    match sidecars::waiting(path) {
        Ok(Waiting::Nothing) => Check::well(ABOUT, "Nothing waits in the write-ahead log."),
        Ok(Waiting::Whole { pages: 0, loose: 0 }) => Check::well(ABOUT, "Nothing waits in the write-ahead log."),
        Ok(Waiting::Whole { pages, loose: 0 }) => {
            Check::well(ABOUT, format!("{pages} pages wait in the write-ahead log, each as it was written."))
        }
        Ok(Waiting::Whole { pages, loose }) => Check::note(
            ABOUT,
            format!(
                "{pages} pages wait in the write-ahead log, each as it was written; {loose} of a step that was interrupted are left out, as they must be."
            ),
        ),
        Ok(Waiting::Unread { pages, unread }) => Check::problem(
            ABOUT,
            format!(
                "After {pages} good pages the write-ahead log has {unread} that cannot be read: a write was interrupted there, or it is damaged. Copy the file with its -wal before anything else; then compare: mdt audit verify."
            ),
        ),
        Ok(Waiting::Headless) => Check::problem(
            ABOUT,
            "The write-ahead log does not begin as one: what it held would be left out. Copy the file with its -wal before anything else; then compare: mdt audit verify.",
        ),
        Err(error) => Check::problem(ABOUT, format!("The write-ahead log could not be read: {error}.")),
    }
}

impl Reader {
    /// Reads all of the file: pages, references, chain, records. A check that cannot be finished is a problem, too.
    pub fn look_over(&self) -> Vec<Check> {
        let mut checks = Vec::new();
        if self.encrypted {
            checks.push(settled("pages", sealed(&self.db)));
        } else {
            checks.push(Check::note(
                "pages",
                "The file is not encrypted, and its pages have no seals: damage in it is seen where it meets the log or an index, and cannot always be seen.",
            ));
        }
        checks.push(settled("structure", structure(&self.db)));
        checks.push(settled("references", references(&self.db)));
        checks.push(settled(
            "log",
            self.audit().map(|found| match found {
                Ok(whole) => {
                    let untold = whole.untold().map(|untold| format!(" {untold}")).unwrap_or_default();
                    let (steps, records, newest) = (whole.steps, whole.records, whole.head.printed());
                    let said = format!("{steps} steps and {records} records agree. Newest: {newest}.{untold}");
                    if untold.is_empty() { Check::well("log", said) } else { Check::note("log", said) }
                }
                Err(altered) => Check::problem("log", without_words(&altered)),
            }),
        ));
        checks.push(settled("left over", left_over(&self.db)));
        checks.push(settled("erased text", self.pages_left().map(erased_text)));
        checks
    }

    /// What the newest recovery copy holds, by the log; nothing where none was made.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn recovery(&self) -> Result<Option<Recovery>, Fault> {
        let made = "SELECT max(seq) FROM step WHERE kind = ?1 AND label = ?2";
        let made: Option<i64> = self.db.query_row(made, [StepKind::Key.code(), RECOVERY], |row| row.get(0))?;
        let Some(made) = made else { return Ok(None) };
        // The copy was made before its step. An addition taken back is a removal in the log.
        let held = "SELECT count(*) FILTER (WHERE deed = 'add') - count(*) FILTER (WHERE deed = 'remove')
                    FROM change WHERE noun = ?1 AND step < ?2";
        let since = "SELECT EXISTS (SELECT 1 FROM step WHERE seq > ?1 AND kind = ?2 AND label <> ?3)";
        let since = |kind: StepKind| {
            self.db.query_row(since, rusqlite::params![made, kind.code(), RECOVERY], |row| row.get::<_, bool>(0))
        };
        Ok(Some(Recovery {
            people: self.db.query_row(held, rusqlite::params![NounKind::Person.code(), made], |row| row.get(0))?,
            now: self.db.query_row("SELECT count(*) FROM person", [], |row| row.get(0))?,
            key_changed: since(StepKind::Key)?,
            erased: since(StepKind::Erase)?,
        }))
    }

    /// When the file was made.
    pub fn made_at(&self) -> Option<Moment> {
        let made: Result<String, _> = self.db.query_row("SELECT made_at FROM file_card", [], |row| row.get(0));
        Moment::from_iso(&made.ok()?)
    }

    /// The versions of what reads and writes the file, and of its schema.
    pub fn versions(&self) -> Check {
        let ask = |pragma: &str| self.db.query_row(pragma, [], |row| row.get::<_, String>(0)).unwrap_or_default();
        let schema = self.db.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)).unwrap_or_default();
        let cipher = if self.encrypted {
            format!("SQLCipher {}", ask("PRAGMA cipher_version"))
        } else {
            "not encrypted".to_owned()
        };
        Check::well(
            "versions",
            format!("mdt {}, SQLite {}, {cipher}, schema {schema}.", env!("CARGO_PKG_VERSION"), rusqlite::version()),
        )
    }
}

/// The columns and ids a difference names say nothing about anybody.
fn without_words(altered: &Altered) -> String {
    match altered {
        Altered::Record(Differs::Unclear { row, step, .. }) => {
            format!("What step {step} says about record {row} cannot be read.")
        }
        other => other.to_string(),
    }
}

fn settled(about: &'static str, found: Result<Check, Fault>) -> Check {
    found.unwrap_or_else(|fault| match fault {
        Fault::Damaged | Fault::WrongKey => Check::problem(about, "Not readable: the file reports damage."),
        Fault::Unreadable { noun, row, column, .. } => Check::problem(
            about,
            format!("Record {row} of {} holds in {column} what mdt does not write.", noun.label()),
        ),
        // Words of SQLite may hold names of tables; data they never hold. Others are sentences of ours.
        other => Check::problem(about, format!("Could not be finished: {other}")),
    })
}

/// Every page of an encrypted file against its seal.
fn sealed(db: &Connection) -> Result<Check, Fault> {
    let mut select = db.prepare("PRAGMA cipher_integrity_check")?;
    let mut broken = 0;
    let mut rows = select.query([])?;
    while rows.next()?.is_some() {
        broken += 1;
    }
    let pages: i64 = db.query_row("PRAGMA page_count", [], |row| row.get(0))?;
    Ok(match broken {
        0 => Check::well("pages", format!("{pages} pages, each under its seal.")),
        broken => Check::problem("pages", format!("{broken} of {pages} pages are not as they were written.")),
    })
}

fn structure(db: &Connection) -> Result<Check, Fault> {
    let mut select = db.prepare("PRAGMA integrity_check(50)")?;
    let found: Vec<String> = select.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(match found.as_slice() {
        [ok] if ok == "ok" => Check::well("structure", "Tables, indexes and rules are whole."),
        faults => {
            let least = if faults.len() < 50 { "" } else { "at least " };
            Check::problem(
                "structure",
                format!("SQLite found {least}{} faults in tables, indexes or rules.", faults.len()),
            )
        }
    })
}

fn references(db: &Connection) -> Result<Check, Fault> {
    let mut select = db.prepare("SELECT count(*) FROM pragma_foreign_key_check")?;
    let lost: i64 = select.query_row([], |row| row.get(0))?;
    Ok(match lost {
        0 => Check::well("references", "Every reference leads to a record."),
        lost => Check::problem("references", format!("{lost} references lead to no record.")),
    })
}

fn erased_text(left: bool) -> Check {
    const ABOUT: &str = "erased text";
    if left { Check::problem(ABOUT, PAGES_LEFT) } else { Check::well(ABOUT, "No page waits to be written anew.") }
}

/// Half-typed text that somebody may still want.
fn left_over(db: &Connection) -> Result<Check, Fault> {
    let drafts: i64 = db.query_row("SELECT count(*) FROM draft", [], |row| row.get(0))?;
    let at_work: i64 = db.query_row("SELECT count(*) FROM session", [], |row| row.get(0))?;
    let words = format!("{drafts} half-typed texts are kept; {at_work} programs are written down as at work.");
    Ok(if drafts + at_work == 0 {
        Check::well("left over", "No half-typed text; nobody is written down as at work.")
    } else {
        Check::note("left over", words)
    })
}
