//! What can go wrong with a disk, a lock, a key or a row: what happened, what was not changed, what to do.

use rusqlite::ffi;
use rusqlite::{ErrorCode, Row};

use crate::domain::Word;
use crate::domain::change::NounKind;

use super::check::Unfit;
use super::reading::OnlyRead;

/// Somebody else changed what this change was based on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Which noun.
    pub noun: NounKind,
    /// Which record.
    pub row: i64,
    /// Field by field; empty if the record itself is gone or there already.
    pub fields: Vec<Clash>,
    /// Who changed it last, and when (UTC, ISO).
    pub by: Option<(String, String)>,
}

/// One field that both sides changed.
#[derive(Clone, PartialEq, Eq)]
pub struct Clash {
    /// The column.
    pub column: &'static str,
    /// What it was when the form was opened.
    pub before: Option<String>,
    /// What this change would make it.
    pub yours: Option<String>,
    /// What it is now.
    pub theirs: Option<String>,
}

impl std::fmt::Debug for Clash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Clash({})", self.column)
    }
}

/// A failure of the file or its surroundings. Nothing of the step that met it was written.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Fault {
    /// An edit met an edit.
    #[error("Somebody else changed this meanwhile. Nothing was saved; both versions are kept.")]
    Conflict(Conflict),
    /// An undo or redo that cannot be done.
    #[error("{0}")]
    CannotUndo(String),
    /// Somebody asked a large step to stop.
    #[error("Stopped. Nothing was changed.")]
    Stopped,
    /// Another process is writing.
    #[error("Another program is writing to this file. Nothing was saved. Try again in a moment.")]
    Locked,
    /// The disk is full.
    #[error("The disk is full. Nothing was saved. Make room and try again; what you typed is still here.")]
    Full,
    /// The file or disk cannot be written.
    #[error("This file can only be read (a read-only disk or missing rights). Nothing was saved.")]
    ReadOnly,
    /// The file is open to read only.
    #[error("{0} Nothing was saved.")]
    OnlyRead(#[from] OnlyRead),
    /// Somebody wrote to a file that was being read as it stood.
    #[error(
        "Somebody has changed this file since it was opened to read. What is shown is no longer true. Leave (q) and open it again."
    )]
    Stale,
    /// Another program held it for longer than we wait.
    #[error(
        "Another program has held this file for more than 3 seconds{who}. Nothing was opened. Try again in a moment, or look at it with: mdt --read-only"
    )]
    InUse {
        /// ` (at work: …)`, where that can be seen.
        who: String,
    },
    /// A read or write failed.
    #[error(
        "The disk reported an error ({0}). Nothing was saved. Try again; if it stays, copy the file to another disk."
    )]
    Disk(i32),
    /// The wrong passphrase, or a damaged file; the two cannot be told apart.
    #[error(
        "Wrong passphrase, or the file is damaged. Nothing was changed. If you are sure of the passphrase: mdt doctor looks the file over, mdt backup --list shows its copies, mdt restore puts one under a new name."
    )]
    WrongKey,
    /// A key is needed.
    #[error("This file is encrypted. Give its passphrase, or --key-file with a file that holds it.")]
    KeyNeeded,
    /// The file reports damage.
    #[error(
        "The file reports damage, twice over. Nothing was changed. Keep it as it is: mdt doctor looks it over, mdt backup --list shows its copies, mdt restore puts one under a new name. To look at what can still be read: mdt --read-only"
    )]
    Damaged,
    /// Not one of our files.
    #[error("{0} is not an mdt file. Nothing was changed.")]
    NotOurs(String),
    /// Made by a newer program.
    #[error(
        "This file was made by a newer mdt (schema {found}; this program knows {known}). It was not touched. Use the newer program, or look at it with: mdt --read-only"
    )]
    Newer {
        /// The file's schema.
        found: i64,
        /// The newest this program knows.
        known: i64,
    },
    /// The file was moved, replaced or deleted under us.
    #[error(
        "This is no longer the file you opened: it was moved or replaced. Nothing was saved. Close mdt and open the right file."
    )]
    Moved,
    /// A look before opening found why not.
    #[error("{0}")]
    Unfit(#[from] Unfit),
    /// It could not be opened, for another reason.
    #[error("{0}")]
    NotOpened(String),
    /// A copy was not made.
    #[error("{0} No copy was made; the file itself is as it was.")]
    NotCopied(String),
    /// A row that this program could not have written.
    #[error("The {noun} with id {row} holds {why} in its column {column}. It is shown to nobody and was not changed. Another program may have written it.", noun = .noun.label())]
    Unreadable {
        /// Which noun.
        noun: NounKind,
        /// Which record, as far as known.
        row: i64,
        /// Which column.
        column: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A rule of the file forbids it.
    #[error("{0} Nothing was saved.")]
    Rule(String),
    /// Anything else, by SQLite's code.
    #[error("The file could not be used (SQLite code {code}: {what}). Nothing was saved.")]
    Other {
        /// The extended code.
        code: i32,
        /// SQLite's words; never data.
        what: String,
    },
}

impl Fault {
    /// Whether the file that was refused can be read all the same without harm.
    pub fn can_be_read(&self) -> bool {
        match self {
            Self::Unfit(unfit) => unfit.can_be_read(),
            Self::Newer { .. } | Self::ReadOnly | Self::Damaged | Self::InUse { .. } | Self::Full | Self::Disk(_) => {
                true
            }
            Self::Conflict(_)
            | Self::CannotUndo(_)
            | Self::Stopped
            | Self::Locked
            | Self::OnlyRead(_)
            | Self::Stale
            | Self::WrongKey
            | Self::KeyNeeded
            | Self::NotOurs(_)
            | Self::Moved
            | Self::NotOpened(_)
            | Self::NotCopied(_)
            | Self::Unreadable { .. }
            | Self::Rule(_)
            | Self::Other { .. } => false,
        }
    }

    pub(super) fn unreadable(noun: NounKind, row: &Row<'_>, at: usize, why: &'static str) -> Self {
        let column = row.as_ref().column_name(at).unwrap_or("?").to_owned();
        Self::Unreadable { noun, row: row.get(0).unwrap_or(0), column, why }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        let rusqlite::Error::SqliteFailure(failure, message) = &error else {
            return match error {
                rusqlite::Error::QueryReturnedNoRows => {
                    Self::Other { code: 0, what: "a record was not found".to_owned() }
                }
                // Conversions name columns and types, never values.
                other => Self::Other { code: -1, what: other.to_string() },
            };
        };
        let message = message.clone().unwrap_or_default();
        match failure.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Locked,
            ErrorCode::OperationInterrupted => Self::Stopped,
            ErrorCode::DiskFull => Self::Full,
            ErrorCode::ReadOnly => Self::ReadOnly,
            ErrorCode::SystemIoFailure => Self::Disk(failure.extended_code),
            ErrorCode::NotADatabase => Self::WrongKey,
            ErrorCode::DatabaseCorrupt => Self::Damaged,
            ErrorCode::ConstraintViolation => Self::Rule(rule(failure.extended_code, &message)),
            ErrorCode::CannotOpen => Self::NotOpened(
                "The file could not be opened. Check that it exists and that you may read and write it.".to_owned(),
            ),
            _ => Self::Other { code: failure.extended_code, what: message },
        }
    }
}

fn rule(code: i32, message: &str) -> String {
    if message.contains("person.nhs_number") {
        return "Another person of this team has that NHS number already.".to_owned();
    }
    if message.contains("agenda_item.meeting") {
        return "This person is on that agenda already.".to_owned();
    }
    if message.contains("meeting.team") {
        return "Another meeting of this team is live. Close it first.".to_owned();
    }
    if message.contains("an erased record stays erased") {
        return "This record was lawfully erased: nothing is written over it.".to_owned();
    }
    match code {
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => {
            "Something this refers to is not there (any more), or something else still refers to it.".to_owned()
        }
        _ => format!("A rule of the file forbids this ({message})."),
    }
}
