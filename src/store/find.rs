//! The shapes every query of a noun has: one record by id, several by a condition.

use rusqlite::{Connection, Params};

use crate::domain::change::{Noun, Record, RecordId};

use super::Reader;
use super::codec::{Table, record};
use super::fault::Fault;

/// Whole records of a noun; `rest` is what follows `FROM <table> t`.
pub(super) fn several<N: Table>(db: &Connection, rest: &str, params: impl Params) -> Result<Vec<Record<N>>, Fault> {
    let mut select = db.prepare_cached(&format!("{} {rest}", N::select()))?;
    let mut rows = select.query(params)?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.push(record(row, 0)?);
    }
    Ok(out)
}

/// The first such record, if there is one.
pub(super) fn first<N: Table>(db: &Connection, rest: &str, params: impl Params) -> Result<Option<Record<N>>, Fault> {
    Ok(several(db, rest, params)?.into_iter().next())
}

impl Reader {
    /// One record by its id.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn get<N: Table>(&self, id: <N as Noun>::Id) -> Result<Option<Record<N>>, Fault> {
        first(&self.db, "WHERE t.id = ?1", [id.raw()])
    }
}
