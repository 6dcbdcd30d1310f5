//! What an erasure says in its own step, so that a check can hold the file against it: which texts it took out of the log,
//! and what it left of each record.

use std::collections::{BTreeMap, HashMap};

use rusqlite::types::Value;
use rusqlite::{Connection, params};
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};

use crate::domain::Word as _;
use crate::domain::change::{NounKind, RecordId as _};
use crate::domain::minutes::Document;

use super::super::apply::{RowChange, columns_of, row_of};
use super::super::fault::Fault;
use super::super::log::{from_json, hex};
use super::Redacted;

/// Changes without their text: the uid of the step, and which of its changes. A uid is the same in every copy.
#[derive(Default)]
pub(in crate::store) struct Emptied(BTreeMap<i64, Vec<i64>>);

impl Emptied {
    /// Adds a change of a step.
    pub(in crate::store) fn add(&mut self, uid: i64, nth: i64) {
        self.0.entry(uid).or_default().push(nth);
    }

    /// How many changes.
    pub(super) fn count(&self) -> i64 {
        self.0.values().map(|all| i64::try_from(all.len()).unwrap_or(i64::MAX)).sum()
    }

    /// Each of them.
    pub(in crate::store) fn all(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.0.iter().flat_map(|(uid, all)| all.iter().map(|nth| (*uid, *nth)))
    }

    /// As it is kept in a record.
    pub(in crate::store) fn document(&self) -> Document {
        Document::new(serde_json::to_string(&self.0).unwrap_or_else(|_| "{}".to_owned()))
    }

    /// Reads it again.
    pub(in crate::store) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }

    /// Every text that the log, and the logs of joined copies, still have of these records.
    pub(super) fn of(db: &Connection, rows: impl Iterator<Item = (NounKind, i64)>) -> Result<Self, Fault> {
        let mut out = Self::default();
        for (noun, row) in rows {
            for sql in [
                "SELECT s.uid, c.nth FROM change c JOIN step s ON s.seq = c.step WHERE c.noun = ?1 AND c.row = ?2 AND c.fields IS NOT NULL ORDER BY c.step, c.nth",
                "SELECT uid, nth FROM branch_change WHERE noun = ?1 AND row = ?2 AND fields IS NOT NULL ORDER BY uid, nth",
            ] {
                let mut select = db.prepare_cached(sql)?;
                let mut found = select.query(params![noun.code(), row])?;
                while let Some(change) = found.next()? {
                    out.add(change.get(0)?, change.get(1)?);
                }
            }
        }
        Ok(out)
    }
}

type Rows = BTreeMap<String, BTreeMap<i64, Map<String, Json>>>;

/// What the step leaves of each of these records that is there: every cell but the empty ones, and of minutes the hash of the
/// document before and since.
pub(super) fn leaves(
    db: &Connection,
    rows: impl Iterator<Item = (NounKind, i64)>,
    changes: &[RowChange],
    minutes: &[Redacted],
) -> Result<Document, Fault> {
    let changes: HashMap<(NounKind, i64), &RowChange> = changes.iter().map(|it| ((it.noun, it.row), it)).collect();
    let mut out = Rows::new();
    for (noun, row) in rows {
        let Some(cells) = row_of(db, noun, row)? else { continue };
        let mut left = Map::new();
        for (column, cell) in columns_of(noun).iter().zip(cells) {
            let change =
                changes.get(&(noun, row)).and_then(|it| it.fields.iter().find(|field| field.column == *column));
            if let Some(cell) = json(change.map_or(cell, |field| field.now.clone())) {
                left.insert((*column).to_owned(), cell);
            }
        }
        out.entry(noun.code().to_owned()).or_default().insert(row, left);
    }
    for it in minutes {
        let (noun, row) = (NounKind::Minutes, it.seen.id.raw());
        let mut left = Map::new();
        for (column, cell) in columns_of(noun).iter().zip(row_of(db, noun, row)?.unwrap_or_default()) {
            let cell = if *column == "document" {
                let before = hex(&Sha256::digest(it.seen.document.as_str().as_bytes()));
                Some(Json::from(vec![before, hex(&Sha256::digest(it.now.as_str().as_bytes()))]))
            } else {
                json(cell)
            };
            left.extend(cell.map(|cell| ((*column).to_owned(), cell)));
        }
        out.entry(noun.code().to_owned()).or_default().insert(row, left);
    }
    let text = serde_json::to_string(&out)
        .map_err(|_| Fault::Other { code: -7, what: "what is left could not be written down".to_owned() })?;
    Ok(Document::new(text))
}

fn json(cell: Value) -> Option<Json> {
    match cell {
        Value::Null | Value::Blob(_) => None,
        Value::Integer(n) => Some(n.into()),
        Value::Real(x) => Some(x.into()),
        Value::Text(text) => Some(text.into()),
    }
}

/// What one erasure left of one record.
pub(in crate::store) struct Left {
    /// In which step.
    pub(in crate::store) step: i64,
    /// Each cell, in the order of the noun's columns; nothing where an earlier version erased and did not say.
    pub(in crate::store) cells: Option<Vec<Value>>,
    /// Of minutes: the hash of the document before, where it is said, and since.
    pub(in crate::store) document: Option<(Option<String>, String)>,
}

/// What every erasure of this file left, record by record, oldest first.
pub(in crate::store) type Lefts = HashMap<(NounKind, i64), Vec<Left>>;

/// Reads it from the log; nothing where one of them cannot be read. Only records of erased people are in memory.
pub(in crate::store) fn lefts(db: &Connection) -> Result<Result<Lefts, i64>, Fault> {
    let sql =
        "SELECT step, fields FROM change WHERE noun = 'erasure' AND deed = 'add' AND fields IS NOT NULL ORDER BY step";
    let mut select = db.prepare(sql)?;
    let mut rows = select.query([])?;
    let mut out = Lefts::new();
    while let Some(row) = rows.next()? {
        let step: i64 = row.get(0)?;
        let fields: Map<String, Json> =
            serde_json::from_str(row.get_ref(1)?.as_str().unwrap_or_default()).unwrap_or_default();
        let text = |column: &str| fields.get(column).and_then(Json::as_str);
        let read = match text("leaves") {
            Some(leaves) => take(&mut out, step, leaves),
            None => take_hashes(&mut out, step, text("minutes"), text("hashes")),
        };
        if read.is_none() {
            return Ok(Err(step));
        }
    }
    Ok(Ok(out))
}

fn take(out: &mut Lefts, step: i64, leaves: &str) -> Option<()> {
    let nouns: Rows = serde_json::from_str(leaves).ok()?;
    for (noun, rows) in nouns {
        let noun = NounKind::from_code(&noun)?;
        for (row, mut left) in rows {
            let hashes = match left.get("document") {
                Some(Json::Array(hashes)) if noun == NounKind::Minutes => match hashes.as_slice() {
                    [before, since] => Some((Some(before.as_str()?.to_owned()), since.as_str()?.to_owned())),
                    _ => return None,
                },
                _ => None,
            };
            if hashes.is_some() {
                left.remove("document");
            }
            let cells: Option<Vec<Value>> =
                columns_of(noun).iter().map(|column| from_json(left.get(*column).unwrap_or(&Json::Null))).collect();
            let it = Left { step, cells: Some(cells?), document: hashes };
            out.entry((noun, row)).or_default().push(it);
        }
    }
    Some(())
}

/// An earlier version said of minutes only what their document is since.
fn take_hashes(out: &mut Lefts, step: i64, minutes: Option<&str>, hashes: Option<&str>) -> Option<()> {
    let ids: Vec<i64> = serde_json::from_str(minutes.unwrap_or("[]")).ok()?;
    for (row, since) in ids.into_iter().zip(hashes.unwrap_or_default().lines()) {
        let it = Left { step, cells: None, document: Some((None, since.to_owned())) };
        out.entry((NounKind::Minutes, row)).or_default().push(it);
    }
    Some(())
}
