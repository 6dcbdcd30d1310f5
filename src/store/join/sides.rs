//! What a record was when two copies last knew the same, told from its row and the changes logged since.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::domain::Word as _;
use crate::domain::change::NounKind;

use super::super::apply::{Deed, columns_of};
use super::super::fault::Fault;
use super::super::log;

/// The cells of a row, in the order of its noun's columns.
pub(super) type Cells = Vec<Value>;

/// What the log says of a record since some step.
#[derive(Default)]
pub(super) struct Past {
    /// What it was before; nothing where it was not there.
    pub(super) then: Option<Cells>,
    /// Whether anything of it changed.
    pub(super) changed: bool,
    /// A bit for each column that was written.
    pub(super) touched: u64,
    /// The words of a change were lawfully erased: what it was cannot be told.
    pub(super) erased: bool,
}

/// Walks the changes of a record after step `after` backwards from its row. A row that is not what its log says is damage.
pub(super) fn past(db: &Connection, noun: NounKind, row: i64, now: Option<Cells>, after: i64) -> Result<Past, Fault> {
    let columns = columns_of(noun);
    let mut past = Past { then: now, ..Past::default() };
    let mut select = db.prepare_cached(
        "SELECT noun, row, deed, fields FROM change WHERE row = ?1 AND noun = ?2 AND step > ?3 ORDER BY step DESC, nth DESC",
    )?;
    let mut rows = select.query(params![row, noun.code(), after])?;
    while let Some(found) = rows.next()? {
        past.changed = true;
        if found.get_ref(3)? == rusqlite::types::ValueRef::Null {
            past.erased = true;
            return Ok(past);
        }
        let change = log::change(found)?;
        let mut cells = match (change.deed, past.then.take()) {
            (Deed::Remove, None) => vec![Value::Null; columns.len()],
            (Deed::Add | Deed::Alter, Some(cells)) => cells,
            (Deed::Remove, Some(_)) | (Deed::Add | Deed::Alter, None) => return Err(Fault::Damaged),
        };
        for field in &change.fields {
            let at = columns.iter().position(|column| *column == field.column).ok_or(Fault::Damaged)?;
            let cell = cells.get_mut(at).ok_or(Fault::Damaged)?;
            if *cell != field.now {
                return Err(Fault::Damaged);
            }
            cell.clone_from(&field.was);
            past.touched |= 1 << at;
        }
        match change.deed {
            Deed::Add => past.touched = u64::MAX,
            Deed::Alter => past.then = Some(cells),
            Deed::Remove => {
                past.touched = u64::MAX;
                past.then = Some(cells);
            }
        }
    }
    Ok(past)
}

/// Who wrote a record last, and when.
pub(super) fn last_hand(db: &Connection, noun: NounKind, row: i64) -> Result<Option<(String, String)>, Fault> {
    let sql = "SELECT s.actor, s.at FROM change c JOIN step s ON s.seq = c.step WHERE c.row = ?1 AND c.noun = ?2 ORDER BY c.step DESC LIMIT 1";
    Ok(db.prepare_cached(sql)?.query_row(params![row, noun.code()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

/// A column of a noun, by its name.
pub(super) fn place(noun: NounKind, column: &str) -> Option<usize> {
    columns_of(noun).iter().position(|it| *it == column)
}

/// The cell of a column.
pub(super) fn cell<'c>(noun: NounKind, cells: &'c [Value], column: &str) -> Option<&'c Value> {
    place(noun, column).and_then(|at| cells.get(at))
}

/// A whole number of a column.
pub(super) fn number(noun: NounKind, cells: &[Value], column: &str) -> Option<i64> {
    match cell(noun, cells, column)? {
        Value::Integer(n) => Some(*n),
        Value::Null | Value::Real(_) | Value::Text(_) | Value::Blob(_) => None,
    }
}

/// The text of a column.
pub(super) fn text<'c>(noun: NounKind, cells: &'c [Value], column: &str) -> Option<&'c str> {
    match cell(noun, cells, column)? {
        Value::Text(text) => Some(text),
        Value::Null | Value::Real(_) | Value::Integer(_) | Value::Blob(_) => None,
    }
}

/// Columns that mean something only together: they are compared, and decided, as one.
const UNITS: &[(NounKind, &[&str])] = &[
    (NounKind::Person, &["band", "band_on"]),
    (NounKind::Person, &["score", "score_tool", "score_on"]),
    (NounKind::Person, &["cfs", "cfs_on"]),
    (NounKind::Person, &["sharing", "sharing_on", "sharing_by", "sharing_note"]),
    (NounKind::Person, &["standing", "standing_on"]),
    (NounKind::BandEntry, &["overridden", "reason"]),
    (NounKind::KeyWorker, &["until", "ended_why"]),
    (NounKind::Carer, &["assessment", "assessment_on"]),
    (NounKind::Plan, &["agreed_with", "agreed_on"]),
    (NounKind::Nomination, &["told_on", "told_by"]),
    (NounKind::Nomination, &["triage", "triage_why"]),
    (NounKind::Meeting, &["stage", "begun_at", "ended_at", "here", "here_since"]),
    (NounKind::AgendaItem, &["outcome", "outcome_why"]),
    (NounKind::AgendaItem, &["person", "title"]),
    (NounKind::Attendance, &["attending", "here_now", "arrived_at", "left_at"]),
    (NounKind::Discussion, &["teller", "telling_waived"]),
    (NounKind::Action, &["state", "state_on", "state_reason", "state_note"]),
    (NounKind::QueuedRow, &["person", "state", "decided_on"]),
    (NounKind::Proposal, &["state", "decided_on"]),
    (NounKind::Activity, &["on", "until"]),
    (NounKind::Hold, &["lifted_on", "lifted_why"]),
];

/// The columns of a noun, those that belong together as one.
pub(super) fn units(noun: NounKind) -> Vec<Vec<usize>> {
    let mut out: Vec<Vec<usize>> = Vec::new();
    for (at, column) in columns_of(noun).iter().enumerate() {
        let unit = UNITS.iter().find(|(of, columns)| *of == noun && columns.contains(column));
        match unit {
            None => out.push(vec![at]),
            Some((_, columns)) => {
                let mut places: Vec<usize> = columns.iter().filter_map(|column| place(noun, column)).collect();
                places.sort_unstable();
                if places.first() == Some(&at) {
                    out.push(places);
                }
            }
        }
    }
    out
}

/// Free text of several lines: both sides of it can stand one under the other.
pub(super) const NOTES: &[(NounKind, &str)] = &[
    (NounKind::Team, "purpose"),
    (NounKind::Household, "note"),
    (NounKind::Person, "safeguarding"),
    (NounKind::Objection, "note"),
    (NounKind::Carer, "needs"),
    (NounKind::Carer, "crisis"),
    (NounKind::Plan, "matters"),
    (NounKind::Plan, "strengths"),
    (NounKind::Plan, "needs"),
    (NounKind::Plan, "trigger"),
    (NounKind::Plan, "response"),
    (NounKind::Plan, "contact"),
    (NounKind::Goal, "words"),
    (NounKind::Goal, "note"),
    (NounKind::Nomination, "question"),
    (NounKind::Nomination, "situation"),
    (NounKind::Nomination, "background"),
    (NounKind::Nomination, "assessment"),
    (NounKind::Nomination, "recommendation"),
    (NounKind::AgendaItem, "reasons"),
    (NounKind::AgendaItem, "question"),
    (NounKind::Discussion, "situation"),
    (NounKind::Discussion, "action_to_date"),
    (NounKind::Discussion, "update"),
    (NounKind::Discussion, "next_steps"),
    (NounKind::Discussion, "objection_why"),
    (NounKind::Service, "about"),
];

/// By what a record is the same as another one made in the other copy: there can only be one of it.
pub(super) fn natural_key(noun: NounKind) -> &'static [&'static str] {
    match noun {
        NounKind::Plan => &["person"],
        NounKind::AgendaItem => &["meeting", "person"],
        NounKind::Attendance => &["meeting", "member"],
        NounKind::Discussion => &["item"],
        NounKind::WrittenBack => &["discussion"],
        NounKind::Team
        | NounKind::Organisation
        | NounKind::Member
        | NounKind::Person
        | NounKind::BandEntry
        | NounKind::Objection
        | NounKind::KeyWorker
        | NounKind::Household
        | NounKind::Carer
        | NounKind::Goal
        | NounKind::Nomination
        | NounKind::Meeting
        | NounKind::Action
        | NounKind::Minutes
        | NounKind::Addendum
        | NounKind::Intake
        | NounKind::QueuedRow
        | NounKind::Proposal
        | NounKind::Activity
        | NounKind::Service
        | NounKind::Disclosure
        | NounKind::Viewing
        | NounKind::Hold
        | NounKind::Joining
        | NounKind::Erasure => &[],
    }
}
