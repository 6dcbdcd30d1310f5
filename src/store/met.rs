//! Two who began the same thing at once: what stands there already, beside what was to begin.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::domain::Word as _;
use crate::domain::change::NounKind;

use super::apply::{RowChange, integer, shown};
use super::fault::{Clash, Conflict, Fault};

/// Two people began to record the same discussion, ticked it at once, or each named the key worker of somebody: that is an edit that met an edit. The words of each stand
/// side by side where both wrote; where they wrote under different headings, nothing but the beginning met.
pub(super) fn begun_twice(tx: &Connection, change: &RowChange, error: rusqlite::Error) -> Fault {
    let twice = error.sqlite_error().is_some_and(|it| it.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE);
    match change.noun {
        NounKind::Discussion if twice => theirs(tx, change).map_or_else(|fault| fault, Fault::Conflict),
        NounKind::WrittenBack if twice => {
            Fault::Conflict(Conflict { noun: change.noun, row: change.row, fields: Vec::new(), by: None })
        }
        NounKind::KeyWorker if twice => named(tx, change).map_or_else(|fault| fault, Fault::Conflict),
        _ => error.into(),
    }
}

/// The discussion that is there already, beside the one that was to begin.
fn theirs(tx: &Connection, change: &RowChange) -> Result<Conflict, Fault> {
    let item = change.now("item").and_then(integer).unwrap_or_default();
    let row: i64 = tx.query_row("SELECT id FROM discussion WHERE item = ?1", [item], |row| row.get(0))?;
    let mut fields = Vec::new();
    for field in change.fields.iter().filter(|field| field.now != Value::Null) {
        let sql = format!("SELECT \"{}\" FROM discussion WHERE id = ?1", field.column);
        let found: Value = tx.query_row(&sql, [row], |row| row.get(0))?;
        if found != Value::Null && found != field.now {
            fields.push(Clash { column: field.column, before: None, yours: shown(&field.now), theirs: shown(&found) });
        }
    }
    Ok(Conflict { noun: change.noun, row, fields, by: last_by(tx, change.noun, row)? })
}

/// The current period of a key worker that is there already, beside the one that was to begin.
fn named(tx: &Connection, change: &RowChange) -> Result<Conflict, Fault> {
    let person = change.now("person").and_then(integer).unwrap_or_default();
    let sql = "SELECT id, member FROM key_worker WHERE person = ?1 AND until IS NULL";
    let (row, found): (i64, Value) = tx.query_row(sql, [person], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let yours = change.now("member").and_then(shown);
    let fields = vec![Clash { column: "member", before: None, yours, theirs: shown(&found) }];
    Ok(Conflict { noun: change.noun, row, fields, by: last_by(tx, change.noun, row)? })
}

/// Who changed a row last, and when.
pub(super) fn last_by(tx: &Connection, noun: NounKind, row: i64) -> Result<Option<(String, String)>, Fault> {
    Ok(tx
        .prepare_cached("SELECT s.actor, s.at FROM change c JOIN step s ON s.seq = c.step WHERE c.noun = ?1 AND c.row = ?2 ORDER BY c.step DESC LIMIT 1")?
        .query_row(params![noun.code(), row], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}
