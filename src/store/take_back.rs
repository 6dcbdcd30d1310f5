//! Any step not built upon can be taken back, by anybody, and done again: by its number, with a reason where it cannot.
//!
//! A step is built upon where a later one that is in effect has written the same field of the same record. (That the field
//! holds the same value again is not enough: somebody else decided it.) What lies deeper – a record that others refer to, a
//! rule of the file – is found by the attempt itself, which then leaves nothing behind.

use rusqlite::{Connection, OptionalExtension, params};

use crate::domain::Word as _;
use crate::domain::change::NounKind;

use super::apply::{self, Deed, RowChange};
use super::bulk::Stop;
use super::fault::Fault;
use super::log::{self, Changes, Stamp, Step, StepKind};
use super::undo::LARGE_STEP;
use super::{Reader, Receipt, Store};

/// Why a step cannot be taken back, or done again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// There is no such step.
    NoSuchStep,
    /// Steps of this kind stay.
    Stays(StepKind),
    /// It changed nothing.
    Empty,
    /// It was taken back already, by this step.
    TakenBack(Step),
    /// It is in effect already.
    InEffect,
    /// The minutes of its meeting are sealed.
    Sealed,
    /// Its text was lawfully erased, or another version of the program wrote it.
    Unreadable(String),
    /// A record of this noun has moved on since, by this step where it is known.
    MovedOn(NounKind, Option<Step>),
}

impl std::fmt::Display for Hindrance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoSuchStep => f.write_str("There is no such step in this file."),
            Self::Stays(kind) => write!(f, "A step of the kind “{}” is never taken back.", kind.label()),
            Self::Empty => f.write_str("This step changed no record; there is nothing to take back."),
            Self::TakenBack(by) => write!(f, "{} took this step back already (step {}).", by.actor, by.seq),
            Self::InEffect => f.write_str("This step is in effect; there is nothing to do again."),
            Self::Sealed => f.write_str("It belongs to a meeting whose minutes are sealed. Add an addendum instead."),
            Self::Unreadable(why) => f.write_str(why),
            Self::MovedOn(noun, Some(by)) => {
                write!(f, "{} has changed the {} since (step {}, “{}”).", by.actor, noun.label(), by.seq, by.label)
            }
            Self::MovedOn(noun, None) => write!(f, "The {} has been changed since.", noun.label()),
        }
    }
}

impl Store {
    /// Takes back a step of anybody's, or does one again that was taken back, if nothing was built on it.
    ///
    /// # Errors
    /// [`Fault::CannotUndo`] with the reason; [`Fault::Stopped`] where somebody asked for it. Nothing is written then.
    pub fn repeat_any(&mut self, stamp: &Stamp, redo: bool, seq: i64, stop: &Stop) -> Result<(Step, Receipt), Fault> {
        let step = match hindrance(&self.db, seq, redo)? {
            Ok(step) => step,
            Err(why) => return Err(refused(&why)),
        };
        let kind = if redo { StepKind::Redo } else { StepKind::Undo };
        self.repeat(stamp, kind, step, stop, |tx| match hindrance(tx, seq, redo)? {
            Ok(_) => Ok(()),
            Err(why) => Err(refused(&why)),
        })
    }
}

fn refused(why: &Hindrance) -> Fault {
    Fault::CannotUndo(format!("{why} Nothing was changed."))
}

impl Reader {
    /// The step, if it can be taken back (or done again) as far as can be seen; otherwise why not.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn can_repeat(&self, seq: i64, redo: bool) -> Result<Result<Step, Hindrance>, Fault> {
        hindrance(&self.db, seq, redo)
    }
}

fn hindrance(db: &Connection, seq: i64, redo: bool) -> Result<Result<Step, Hindrance>, Fault> {
    let sql = "SELECT seq, at, actor, kind, label, meeting, changes FROM step WHERE seq = ?1";
    let found =
        db.prepare_cached(sql)?.query_row([seq], |row| Ok((log::step(row), row.get::<_, i64>(6)?))).optional()?;
    let Some((step, changes)) = found else { return Ok(Err(Hindrance::NoSuchStep)) };
    let step = step?;
    if !matches!(step.kind, StepKind::Change | StepKind::Import | StepKind::Merge) {
        return Ok(Err(Hindrance::Stays(step.kind)));
    }
    if changes == 0 {
        return Ok(Err(Hindrance::Empty));
    }
    match (fate(db, seq)?.filter(|fate| fate.kind == StepKind::Undo), redo) {
        (Some(by), false) => return Ok(Err(Hindrance::TakenBack(by))),
        (None, true) => return Ok(Err(Hindrance::InEffect)),
        (Some(_), true) | (None, false) => {}
    }
    if let Some(meeting) = step.meeting {
        let stage: Option<String> = db
            .prepare_cached("SELECT stage FROM meeting WHERE id = ?1")?
            .query_row([meeting], |row| row.get(0))
            .optional()?;
        if stage.as_deref() == Some("sealed") && !log::only_ticks(db, seq)? {
            return Ok(Err(Hindrance::Sealed));
        }
    }
    if step.kind == StepKind::Merge && super::undo::crosses_a_seal(db, seq)? {
        return Ok(Err(Hindrance::Sealed));
    }
    if changes > LARGE_STEP {
        // Looked at row by row as it is written.
        return Ok(Ok(step));
    }
    let mut changes = Changes::of(seq, !redo);
    loop {
        let some = match changes.next(db) {
            Err(Fault::CannotUndo(why)) => return Ok(Err(Hindrance::Unreadable(why))),
            other => other?,
        };
        if some.is_empty() {
            return Ok(Ok(step));
        }
        for change in &some {
            if let Some(by) = built_upon(db, seq, change)? {
                return Ok(Err(Hindrance::MovedOn(change.noun, Some(by))));
            }
            if !stands(db, change)? {
                return Ok(Err(Hindrance::MovedOn(change.noun, None)));
            }
        }
    }
}

/// The newest step that takes one back or does it again.
fn fate(db: &Connection, seq: i64) -> Result<Option<Step>, Fault> {
    let sql = "SELECT seq, at, actor, kind, label, meeting FROM step WHERE undoes = ?1 ORDER BY seq DESC LIMIT 1";
    db.prepare_cached(sql)?.query_row([seq], |row| Ok(log::step(row))).optional()?.transpose()
}

/// A later step in effect that wrote what this change would write.
fn built_upon(db: &Connection, seq: i64, change: &RowChange) -> Result<Option<Step>, Fault> {
    let sql = "SELECT s.seq, s.at, s.actor, s.kind, s.label, s.meeting, s.undoes, c.deed, c.fields FROM change c JOIN step s ON s.seq = c.step WHERE c.row = ?1 AND c.noun = ?2 AND c.step > ?3 ORDER BY c.step DESC";
    let mut select = db.prepare_cached(sql)?;
    let mut rows = select.query(params![change.row, change.noun.code(), seq])?;
    while let Some(row) = rows.next()? {
        let (step, undoes): (Step, Option<i64>) = (log::step(row)?, row.get(6)?);
        let counts = match step.kind {
            StepKind::Undo => false,
            // A later step that was done again counts itself; an older one counts by this.
            StepKind::Redo => match undoes {
                Some(target) if target < seq => fate(db, target)?.is_some_and(|fate| fate.seq == step.seq),
                Some(_) | None => false,
            },
            StepKind::Change
            | StepKind::Import
            | StepKind::Merge
            | StepKind::Move
            | StepKind::Seal
            | StepKind::Export
            | StepKind::View
            | StepKind::Make
            | StepKind::Open
            | StepKind::Erase
            | StepKind::Backup
            | StepKind::Restore
            | StepKind::Key
            | StepKind::Lead => fate(db, step.seq)?.is_none_or(|fate| fate.kind != StepKind::Undo),
        };
        if !counts {
            continue;
        }
        let deed = row.get_ref(7)?.as_str().ok().and_then(Deed::from_code);
        let text: Option<String> = row.get(8)?;
        let fields = deed.zip(text).and_then(|(deed, text)| log::parse_fields(change.noun, deed, &text));
        // What cannot be read any more may have written anything.
        let same = match (&fields, change.deed) {
            (Some(fields), Deed::Alter) => {
                fields.iter().any(|field| change.fields.iter().any(|own| own.column == field.column))
            }
            (Some(_), Deed::Add | Deed::Remove) | (None, _) => true,
        };
        if same {
            return Ok(Some(step));
        }
    }
    Ok(None)
}

/// Whether the row is as this change needs it.
fn stands(db: &Connection, change: &RowChange) -> Result<bool, Fault> {
    if change.deed == Deed::Add {
        let there = format!("SELECT EXISTS (SELECT 1 FROM {} WHERE id = ?1)", change.noun.code());
        return Ok(!db.prepare_cached(&there)?.query_row([change.row], |row| row.get::<_, bool>(0))?);
    }
    match apply::compare(db, change) {
        Ok(()) => Ok(true),
        Err(Fault::Conflict(_)) => Ok(false),
        Err(other) => Err(other),
    }
}
