//! Texts that the log has no more: each must have been taken out by an erasure, or left out by a joining after one, that says
//! so in its own step. What somebody else took out is found, however lawful it looks.

use std::collections::HashSet;

use rusqlite::{CachedStatement, Connection, OptionalExtension as _, params};
use serde_json::{Map, Value as Json};

use super::audit::Altered;
use super::erase::Emptied;
use super::fault::Fault;
use super::log::Broken;

/// What the log says about texts that are gone.
#[derive(Default)]
struct Said {
    /// Of this file's own steps, by its own erasures: the uid of the step, and which of its changes.
    own: HashSet<(i64, i64)>,
    /// Of steps of joined copies, by whichever copy erased or joined.
    beside: HashSet<(i64, i64)>,
    /// The newest erasure here that does not say which: an earlier version wrote it.
    untold: i64,
    /// Joinings that do not say.
    untold_joinings: HashSet<i64>,
    /// Whether a joined copy brought an erasure that does not say.
    untold_there: bool,
}

/// The first text that is gone although nothing says so, or is there although it was taken out. Else how many are gone of
/// which an erasure by an earlier version does not say which it took.
pub(super) fn check(db: &Connection) -> Result<Result<i64, Altered>, Fault> {
    let mut said = Said::default();
    for (sql, here) in [
        (
            "SELECT noun, row, step, fields FROM change WHERE noun IN ('erasure', 'joining') AND deed = 'add' AND fields IS NOT NULL",
            true,
        ),
        (
            "SELECT noun, row, 0, fields FROM branch_change WHERE noun IN ('erasure', 'joining') AND deed = 'add' AND fields IS NOT NULL",
            false,
        ),
    ] {
        let mut select = db.prepare(sql)?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let erasure = row.get_ref(0)?.as_str().is_ok_and(|noun| noun == "erasure");
            let (id, step): (i64, i64) = (row.get(1)?, row.get(2)?);
            let fields: Map<String, Json> =
                serde_json::from_str(row.get_ref(3)?.as_str().unwrap_or_default()).unwrap_or_default();
            let emptied = fields.get("emptied").and_then(Json::as_str).map(Emptied::read);
            match emptied {
                Some(None) if here => return Ok(Err(Altered::Chain(Broken::Change(step)))),
                Some(None) => return Ok(Err(Altered::Joined(id))),
                None => said.does_not_tell(erasure, here, id, step),
                Some(Some(emptied)) => {
                    if here && let Some(altered) = put_back(db, &emptied, (!erasure).then_some(id))? {
                        return Ok(Err(altered));
                    }
                    for it in emptied.all() {
                        if here && erasure {
                            said.own.insert(it);
                        }
                        said.beside.insert(it);
                    }
                }
            }
        }
    }
    said.against(db)
}

impl Said {
    fn does_not_tell(&mut self, erasure: bool, here: bool, id: i64, step: i64) {
        match (erasure, here) {
            (true, true) => self.untold = self.untold.max(step),
            (true, false) => self.untold_there = true,
            (false, true | false) => {
                self.untold_joinings.insert(id);
            }
        }
    }

    /// Every text that is gone, against what is said.
    fn against(&self, db: &Connection) -> Result<Result<i64, Altered>, Fault> {
        let mut unproved = 0;
        let mut own = db.prepare("SELECT s.uid, c.nth, c.step, s.kind = 'erase' AND c.noun <> 'erasure' FROM change c JOIN step s ON s.seq = c.step WHERE c.fields IS NULL ORDER BY c.step, c.nth")?;
        let mut rows = own.query([])?;
        while let Some(row) = rows.next()? {
            let step: i64 = row.get(2)?;
            // An erasure's own changes never had a text in the log.
            if row.get(3)? || self.own.contains(&(row.get(0)?, row.get(1)?)) {
                continue;
            }
            if step > self.untold {
                return Ok(Err(Altered::Chain(Broken::Change(step))));
            }
            unproved += 1;
        }
        let erased = "SELECT EXISTS (SELECT 1 FROM step WHERE kind = 'erase') OR EXISTS (SELECT 1 FROM branch_step WHERE kind = 'erase')";
        let erased: bool = db.query_row(erased, [], |row| row.get(0))?;
        let mut beside = db.prepare("SELECT c.uid, c.nth, s.joined, s.kind = 'erase' AND c.noun <> 'erasure' FROM branch_change c JOIN branch_step s ON s.uid = c.uid WHERE c.fields IS NULL ORDER BY c.uid, c.nth")?;
        let mut rows = beside.query([])?;
        while let Some(row) = rows.next()? {
            let uid: i64 = row.get(0)?;
            if row.get(3)? || self.beside.contains(&(uid, row.get(1)?)) {
                continue;
            }
            if !erased || !(self.untold_there || self.untold_joinings.contains(&row.get(2)?)) {
                return Ok(Err(Altered::Joined(uid)));
            }
            unproved += 1;
        }
        Ok(Ok(unproved))
    }
}

/// The first text that was taken out and is there again. Of a joining, only what it brought itself is looked at: another
/// copy may have kept what it left out.
fn put_back(db: &Connection, emptied: &Emptied, joining: Option<i64>) -> Result<Option<Altered>, Fault> {
    let found = |select: &mut CachedStatement<'_>, uid: i64, nth: i64| -> Result<Option<i64>, Fault> {
        Ok(select.query_row(params![uid, nth, joining], |row| row.get(0)).optional()?)
    };
    let mut own = db.prepare_cached("SELECT c.step FROM step s JOIN change c ON c.step = s.seq AND c.nth = ?2 WHERE s.uid = ?1 AND ?3 IS NULL AND c.fields IS NOT NULL")?;
    let mut beside = db.prepare_cached("SELECT c.uid FROM branch_step s JOIN branch_change c ON c.uid = s.uid AND c.nth = ?2 WHERE s.uid = ?1 AND (?3 IS NULL OR s.joined = ?3) AND c.fields IS NOT NULL")?;
    for (uid, nth) in emptied.all() {
        if let Some(step) = found(&mut own, uid, nth)? {
            return Ok(Some(Altered::Chain(Broken::Change(step))));
        }
        if let Some(uid) = found(&mut beside, uid, nth)? {
            return Ok(Some(Altered::Joined(uid)));
        }
    }
    Ok(None)
}
