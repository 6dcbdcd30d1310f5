//! Undo and redo: the changes of a step, read from the log a few at a time, turned round and written as a step of their own.

use rusqlite::{Connection, OptionalExtension};

use crate::domain::Word as _;

use super::bulk::Stop;
use super::fault::Fault;
use super::join;
use super::log::{self, Changes, Heading, Stamp, Step, StepKind};
use super::prepare::{Item, Preparing};
use super::{Reader, Receipt, Store};

/// More changes than this are a large step.
pub(super) const LARGE_STEP: i64 = 2_000;

impl Store {
    /// Takes back the newest step of this actor, by a new step. Nothing is erased.
    ///
    /// # Errors
    /// [`Fault::CannotUndo`] where there is nothing to undo, where rows have moved on since, or where minutes are sealed.
    pub fn undo(&mut self, stamp: &Stamp) -> Result<(Step, Receipt), Fault> {
        let step = log::to_undo(&self.db, &stamp.actor)?
            .ok_or_else(|| Fault::CannotUndo("There is nothing to undo.".to_owned()))?;
        self.repeat(stamp, StepKind::Undo, step, &Stop::default(), |_| Ok(()))
    }

    /// As [`Store::undo`], only if that step is still the one that was named to a person.
    ///
    /// # Errors
    /// As [`Store::undo`]; and where another step has become the newest.
    pub fn undo_named(&mut self, stamp: &Stamp, named: i64) -> Result<(Step, Receipt), Fault> {
        still(log::to_undo(&self.db, &stamp.actor)?, named)?;
        self.undo(stamp)
    }

    /// As [`Store::redo`], only if that step is still the one that was named to a person.
    ///
    /// # Errors
    /// As [`Store::redo`]; and where another step has become the one.
    pub fn redo_named(&mut self, stamp: &Stamp, named: i64) -> Result<(Step, Receipt), Fault> {
        still(log::to_redo(&self.db, &stamp.actor)?, named)?;
        self.redo(stamp)
    }

    /// Does again the step that was taken back last.
    ///
    /// # Errors
    /// As [`Store::undo`].
    pub fn redo(&mut self, stamp: &Stamp) -> Result<(Step, Receipt), Fault> {
        let step = log::to_redo(&self.db, &stamp.actor)?
            .ok_or_else(|| Fault::CannotUndo("There is nothing to redo.".to_owned()))?;
        self.repeat(stamp, StepKind::Redo, step, &Stop::default(), |_| Ok(()))
    }

    /// As [`Store::undo_named`] or [`Store::redo_named`], for a large step that somebody may stop.
    ///
    /// # Errors
    /// As those; [`Fault::Stopped`] where somebody asked for it.
    pub fn repeat_named(
        &mut self,
        stamp: &Stamp,
        redo: bool,
        named: i64,
        stop: &Stop,
    ) -> Result<(Step, Receipt), Fault> {
        let (kind, step) = if redo {
            (StepKind::Redo, log::to_redo(&self.db, &stamp.actor)?)
        } else {
            (StepKind::Undo, log::to_undo(&self.db, &stamp.actor)?)
        };
        let step = step.filter(|step| step.seq == named).ok_or_else(meanwhile)?;
        self.repeat(stamp, kind, step, stop, |_| Ok(()))
    }

    /// Writes a step again, turned round or not. `look` has the last word, in the transaction that writes it.
    pub(super) fn repeat(
        &mut self,
        stamp: &Stamp,
        kind: StepKind,
        step: Step,
        stop: &Stop,
        look: impl Fn(&Connection) -> Result<(), Fault>,
    ) -> Result<(Step, Receipt), Fault> {
        if let Some(meeting) = step.meeting {
            let stage: Option<String> =
                self.db.query_row("SELECT stage FROM meeting WHERE id = ?1", [meeting], |row| row.get(0)).optional()?;
            if stage.as_deref() == Some("sealed") && !log::only_ticks(&self.db, step.seq)? {
                return Err(Fault::CannotUndo(format!(
                    "“{}” belongs to a meeting whose minutes are sealed. Add an addendum instead.",
                    step.label
                )));
            }
        }
        if step.kind == StepKind::Merge && crosses_a_seal(&self.db, step.seq)? {
            return Err(Fault::CannotUndo(format!(
                "“{}” brought something of a meeting whose minutes are sealed. Nothing was changed.",
                step.label
            )));
        }
        let uid = self.next_uid();
        let file_uuid = self.file_uuid.clone();
        let (label, meeting) = (step.label.as_str(), step.meeting);
        let heading = Heading { file_uuid: &file_uuid, uid, stamp, kind, label, meeting, undoes: Some(step.seq) };
        let large = log::count_of(&self.db, step.seq)? > LARGE_STEP;
        let write = |store: &mut Self| {
            let mut changes = Changes::of(step.seq, kind == StepKind::Undo);
            let mut waiting = Vec::new().into_iter();
            let mut preparing = Some(Preparing::new()?);
            let mut looked = false;
            store.write(heading, stop, |tx, _| {
                if !std::mem::replace(&mut looked, true) {
                    look(tx)?;
                }
                let change = match waiting.next() {
                    Some(change) => Some(change),
                    None => {
                        if step.kind == StepKind::Merge {
                            join::references_last(tx)?;
                        }
                        waiting = changes.next(tx)?.into_iter();
                        waiting.next()
                    }
                };
                match (change, preparing.as_mut()) {
                    (Some(change), Some(preparing)) => Ok(Item::Change(preparing.row(change))),
                    _ => Ok(Item::End(preparing.take().ok_or(Fault::Stopped)?.end())),
                }
            })
        };
        let done = if large { self.with_room(stop, write) } else { write(self) };
        match done {
            Ok(receipt) => Ok((step, receipt)),
            Err(Fault::Conflict(conflict)) => {
                let by = conflict.by.map(|(actor, _)| format!(" by {actor}")).unwrap_or_default();
                Err(Fault::CannotUndo(format!(
                    "“{}” cannot be taken back: the {} has been changed since{by}. Nothing was changed.",
                    step.label,
                    conflict.noun.label()
                )))
            }
            Err(Fault::Rule(why)) => Err(Fault::CannotUndo(format!(
                "“{}” cannot be taken back: something was built on it since. {why} Nothing was changed.",
                step.label
            ))),
            Err(other) => Err(other),
        }
    }
}

/// Whether a step that is of no one meeting – a joined copy – touches what belongs to a meeting whose minutes are sealed now.
pub(super) fn crosses_a_seal(db: &Connection, seq: i64) -> Result<bool, Fault> {
    let sql = concat!(
        "SELECT EXISTS (SELECT 1 FROM change c JOIN meeting m ON m.id = CASE c.noun WHEN 'meeting' THEN c.row",
        " WHEN 'agenda_item' THEN coalesce((SELECT meeting FROM agenda_item WHERE id = c.row), json_extract(c.fields, '$.meeting'))",
        " WHEN 'attendance' THEN coalesce((SELECT meeting FROM attendance WHERE id = c.row), json_extract(c.fields, '$.meeting'))",
        " WHEN 'discussion' THEN coalesce((SELECT meeting FROM discussion WHERE id = c.row), json_extract(c.fields, '$.meeting'))",
        " WHEN 'minutes' THEN coalesce((SELECT meeting FROM minutes WHERE id = c.row), json_extract(c.fields, '$.meeting'))",
        " WHEN 'action' THEN CASE WHEN c.deed = 'alter' THEN NULL",
        " ELSE coalesce((SELECT meeting FROM action WHERE id = c.row), json_extract(c.fields, '$.meeting')) END END",
        " WHERE c.step = ?1 AND m.stage = 'sealed')"
    );
    Ok(db.prepare_cached(sql)?.query_row([seq], |row| row.get(0))?)
}

/// Refuses where the step is no longer the one a person was asked about.
fn still(step: Option<Step>, named: i64) -> Result<(), Fault> {
    if step.is_some_and(|step| step.seq == named) {
        return Ok(());
    }
    Err(meanwhile())
}

fn meanwhile() -> Fault {
    Fault::CannotUndo("Something was done meanwhile. Nothing was changed; look again.".to_owned())
}

impl Reader {
    /// Whether a step is so large that to take it back, or to do it again, takes longer than a key.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn is_large(&self, step: i64) -> Result<bool, Fault> {
        Ok(log::count_of(&self.db, step)? > LARGE_STEP)
    }
}
