//! The steps of copies that were joined: kept word for word beside the log, and checked like it.

use std::collections::HashSet;

use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::domain::Word as _;
use crate::domain::change::NounKind;

use super::Reader;
use super::bulk::Stop;
use super::erase::Emptied;
use super::fault::Fault;
use super::log::{Heading, Stamp, StepKind, hex, step_hash, weigh};

const COLUMNS: &str = "uid, seq, at, actor, kind, label, meeting, undoes, changes, payload_hash, prev_hash, hash";

/// Where the steps of a joined copy come from.
#[derive(Clone, Copy, PartialEq)]
enum From {
    /// Its own chain.
    Own,
    /// A copy that it had joined itself.
    Branch,
}

/// Whose changes are kept without their words.
pub(super) type IsErased<'f> = &'f dyn Fn(NounKind, i64, &str) -> Result<bool, Fault>;

/// Copies those steps of `other` after its step `after`, and those it had joined itself, that this file does not have yet.
/// Answers how many, and of which changes the words were not kept.
pub(super) fn keep(
    tx: &Connection,
    other: &Connection,
    joined: i64,
    after: i64,
    erased: Option<IsErased<'_>>,
    stop: &Stop,
) -> Result<(i64, Emptied), Fault> {
    let (mut kept, mut emptied) = (0, Emptied::default());
    for from in [From::Own, From::Branch] {
        let sql = match from {
            From::Own => format!("SELECT {COLUMNS}, ?2, seq FROM step WHERE seq > ?1 ORDER BY seq"),
            From::Branch => {
                format!("SELECT {COLUMNS}, joined, uid FROM branch_step WHERE ?1 = ?1 AND ?2 = ?2 ORDER BY joined, seq")
            }
        };
        let mut steps = other.prepare(&sql)?;
        let mut rows = steps.query([after, joined])?;
        while let Some(row) = rows.next()? {
            stop.check()?;
            let uid: i64 = row.get(0)?;
            let known = "SELECT EXISTS (SELECT 1 FROM step WHERE uid = ?1) OR EXISTS (SELECT 1 FROM branch_step WHERE uid = ?1)";
            if tx.prepare_cached(known)?.query_row([uid], |row| row.get(0))? {
                continue;
            }
            let mut insert = tx.prepare_cached(&format!(
                "INSERT INTO branch_step ({COLUMNS}, joined) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
            ))?;
            for at in 0..13 {
                insert.raw_bind_parameter(at + 1, ToSqlOutput::Borrowed(row.get_ref(at)?))?;
            }
            insert.raw_execute()?;
            keep_changes(tx, other, (from, row.get(13)?), uid, erased, &mut emptied)?;
            kept += 1;
        }
    }
    Ok((kept, emptied))
}

fn keep_changes(
    tx: &Connection,
    other: &Connection,
    (from, step): (From, i64),
    uid: i64,
    erased: Option<IsErased<'_>>,
    emptied: &mut Emptied,
) -> Result<(), Fault> {
    let mut changes = other.prepare_cached(match from {
        From::Own => "SELECT nth, noun, row, deed, hash, salt, fields FROM change WHERE step = ?1 ORDER BY nth",
        From::Branch => {
            "SELECT nth, noun, row, deed, hash, salt, fields FROM branch_change WHERE uid = ?1 ORDER BY nth"
        }
    })?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO branch_change (uid, nth, noun, row, deed, hash, salt, fields) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let mut rows = changes.query([step])?;
    while let Some(row) = rows.next()? {
        insert.raw_bind_parameter(1, uid)?;
        for at in 0..7 {
            insert.raw_bind_parameter(at + 2, ToSqlOutput::Borrowed(row.get_ref(at)?))?;
        }
        if let (Some(erased), Ok(Some(fields))) = (erased, row.get_ref(6)?.as_str_or_null()) {
            let noun = row.get_ref(1)?.as_str().ok().and_then(NounKind::from_code);
            if let Some(noun) = noun
                && erased(noun, row.get(2)?, fields)?
            {
                insert.raw_bind_parameter(7, None::<Vec<u8>>)?;
                insert.raw_bind_parameter(8, None::<String>)?;
                emptied.add(uid, row.get(0)?);
            }
        }
        insert.raw_execute()?;
    }
    Ok(())
}

/// Tries every kept step: that it is what its hash says, follows another, and leads to a joining that is in the log.
/// `Ok(Err(uid))` names the first that does not.
pub(super) fn verify(db: &Connection, file_uuid: &str) -> Result<Result<i64, i64>, Fault> {
    let mut heads: HashSet<String> = HashSet::new();
    let mut joinings =
        db.prepare("SELECT fields FROM change WHERE noun = 'joining' AND deed = 'add' AND fields IS NOT NULL UNION ALL SELECT fields FROM branch_change WHERE noun = 'joining' AND deed = 'add' AND fields IS NOT NULL")?;
    let mut rows = joinings.query([])?;
    while let Some(row) = rows.next()? {
        let fields: serde_json::Value =
            serde_json::from_str(row.get_ref(0)?.as_str().unwrap_or_default()).unwrap_or_default();
        heads.extend(fields.get("head_hash").and_then(|hash| hash.as_str()).map(str::to_owned));
    }
    let mut steps = db.prepare(&format!("SELECT {COLUMNS} FROM branch_step ORDER BY uid"))?;
    let mut rows = steps.query([])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let (uid, seq): (i64, i64) = (row.get(0)?, row.get(1)?);
        let (payload, prev, hash): ([u8; 32], [u8; 32], [u8; 32]) = (row.get(9)?, row.get(10)?, row.get(11)?);
        let stamp = Stamp { at: row.get(2)?, actor: row.get(3)? };
        let (kind, label): (String, String) = (row.get(4)?, row.get(5)?);
        let changes: i64 = row.get(8)?;
        let Some(kind) = StepKind::from_code(&kind) else { return Ok(Err(uid)) };
        let heading =
            Heading { file_uuid, uid, stamp: &stamp, kind, label: &label, meeting: row.get(6)?, undoes: row.get(7)? };
        let linked = || -> Result<bool, Fault> {
            let before = "SELECT EXISTS (SELECT 1 FROM step WHERE seq = ?1 AND hash = ?2) OR EXISTS (SELECT 1 FROM branch_step WHERE seq = ?1 AND hash = ?2)";
            Ok(db.prepare_cached(before)?.query_row(params![seq - 1, prev], |row| row.get(0))?)
        };
        let followed = || -> Result<bool, Fault> {
            let after = "SELECT EXISTS (SELECT 1 FROM branch_step WHERE seq = ?1 AND prev_hash = ?2)";
            Ok(heads.contains(&hex(&hash))
                || db.prepare_cached(after)?.query_row(params![seq + 1, hash], |row| row.get(0))?)
        };
        let own = step_hash(seq, heading, changes, &payload, &prev) == hash;
        if !own || payload_of(db, uid)? != Some((changes, payload)) || !linked()? || !followed()? {
            return Ok(Err(uid));
        }
        count += 1;
    }
    let strays = "SELECT uid FROM branch_change WHERE uid NOT IN (SELECT uid FROM branch_step) LIMIT 1";
    if let Some(uid) = db.query_row(strays, [], |row| row.get(0)).optional()? {
        return Ok(Err(uid));
    }
    Ok(Ok(count))
}

/// How many changes a kept step has, and the hash over all of theirs; nothing where one of them is not what its hash says.
fn payload_of(db: &Connection, uid: i64) -> Result<Option<(i64, [u8; 32])>, Fault> {
    let mut changes =
        db.prepare_cached("SELECT noun, row, deed, hash, salt, fields FROM branch_change WHERE uid = ?1 ORDER BY nth")?;
    weigh(&mut changes, uid)
}

impl Reader {
    /// Checks every step that joined copies brought: how many there are, or the uid of the first that is not as it was.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn verify_branches(&self) -> Result<Result<i64, i64>, Fault> {
        verify(&self.db, &self.file_uuid)
    }
}
