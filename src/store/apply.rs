//! Change → rows. Every change becomes a list of fields with both sides; the row is compared before it is written.

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Transaction, params, params_from_iter};

use crate::domain::Word;
use crate::domain::band::Band;
use crate::domain::change::{Alter, Change, NounKind, Record, RecordId};
use crate::domain::id::PersonId;
use crate::domain::person::Person;
use crate::domain::text::{Line, fold};
use crate::domain::{
    action, agenda, band, carer, discussion, household, intake, key_worker, meeting, member, minutes, nomination,
    organisation, plan, sharing, team,
};

use super::codec::{Table, columns, record};
use super::fault::{Clash, Conflict, Fault};

/// What happens to the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Add,
    Alter,
    Remove,
}

impl Deed {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Alter => "alter",
            Self::Remove => "remove",
        }
    }

    pub(super) fn from_code(code: &str) -> Option<Self> {
        [Self::Add, Self::Alter, Self::Remove].into_iter().find(|deed| deed.code() == code)
    }

    pub(super) fn inverse(self) -> Self {
        match self {
            Self::Add => Self::Remove,
            Self::Alter => Self::Alter,
            Self::Remove => Self::Add,
        }
    }
}

/// One field with both its sides.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    pub(super) column: &'static str,
    pub(super) was: Value,
    pub(super) now: Value,
}

/// A change as rows know it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RowChange {
    pub(super) noun: NounKind,
    pub(super) row: i64,
    pub(super) deed: Deed,
    pub(super) fields: Vec<Field>,
}

/// The columns of a noun's table.
pub(super) fn columns_of(noun: NounKind) -> &'static [&'static str] {
    match noun {
        NounKind::Team => team::Team::COLUMNS,
        NounKind::Organisation => organisation::Organisation::COLUMNS,
        NounKind::Member => member::Member::COLUMNS,
        NounKind::Person => Person::COLUMNS,
        NounKind::BandEntry => band::BandEntry::COLUMNS,
        NounKind::Objection => sharing::Objection::COLUMNS,
        NounKind::KeyWorker => key_worker::KeyWorker::COLUMNS,
        NounKind::Household => household::Household::COLUMNS,
        NounKind::Carer => carer::Carer::COLUMNS,
        NounKind::Plan => plan::Plan::COLUMNS,
        NounKind::Goal => plan::Goal::COLUMNS,
        NounKind::Nomination => nomination::Nomination::COLUMNS,
        NounKind::Meeting => meeting::Meeting::COLUMNS,
        NounKind::AgendaItem => agenda::AgendaItem::COLUMNS,
        NounKind::Attendance => meeting::Attendance::COLUMNS,
        NounKind::Discussion => discussion::Discussion::COLUMNS,
        NounKind::Action => action::Action::COLUMNS,
        NounKind::Minutes => minutes::Minutes::COLUMNS,
        NounKind::Addendum => minutes::Addendum::COLUMNS,
        NounKind::Intake => intake::Intake::COLUMNS,
    }
}

/// A change as a list of fields. A change that changes nothing has none, and is not written.
pub(super) fn flatten(change: &Change) -> Option<RowChange> {
    match change {
        Change::Team(it) => fields(it),
        Change::Organisation(it) => fields(it),
        Change::Member(it) => fields(it),
        Change::Person(it) => fields(it),
        Change::BandEntry(it) => fields(it),
        Change::Objection(it) => fields(it),
        Change::KeyWorker(it) => fields(it),
        Change::Household(it) => fields(it),
        Change::Carer(it) => fields(it),
        Change::Plan(it) => fields(it),
        Change::Goal(it) => fields(it),
        Change::Nomination(it) => fields(it),
        Change::Meeting(it) => fields(it),
        Change::AgendaItem(it) => fields(it),
        Change::Attendance(it) => fields(it),
        Change::Discussion(it) => fields(it),
        Change::Action(it) => fields(it),
        Change::Minutes(it) => fields(it),
        Change::Addendum(it) => fields(it),
        Change::Intake(it) => fields(it),
    }
}

fn fields<N: Table>(alter: &Alter<N>) -> Option<RowChange> {
    let deed = match (&alter.was, &alter.now) {
        (None, Some(_)) => Deed::Add,
        (Some(_), Some(_)) => Deed::Alter,
        (Some(_), None) => Deed::Remove,
        (None, None) => return None,
    };
    let blank = || vec![Value::Null; N::COLUMNS.len()];
    let was = alter.was.as_ref().map_or_else(blank, |it| it.put());
    let now = alter.now.as_ref().map_or_else(blank, |it| it.put());
    let fields: Vec<Field> = N::COLUMNS
        .iter()
        .zip(was)
        .zip(now)
        .filter(|((_, was), now)| was != now)
        .map(|((column, was), now)| Field { column, was, now })
        .collect();
    (deed != Deed::Alter || !fields.is_empty()).then_some(RowChange {
        noun: N::KIND,
        row: alter.id.raw(),
        deed,
        fields,
    })
}

/// Writes one change, if the row is as the change saw it.
pub(super) fn apply(tx: &Transaction<'_>, change: &RowChange) -> Result<(), Fault> {
    let table = change.noun.code();
    match change.deed {
        Deed::Add => {
            let names: String = change.fields.iter().map(|field| format!(", \"{}\"", field.column)).collect();
            let marks: String = change.fields.iter().map(|_| ", ?").collect();
            let mut insert = tx.prepare_cached(&format!("INSERT INTO {table} (id{names}) VALUES (?{marks})"))?;
            let id = Value::Integer(change.row);
            insert
                .execute(params_from_iter(std::iter::once(&id).chain(change.fields.iter().map(|field| &field.now))))?;
        }
        Deed::Alter => {
            compare(tx, change)?;
            let sets: Vec<String> = change.fields.iter().map(|field| format!("\"{}\" = ?", field.column)).collect();
            let mut update = tx.prepare_cached(&format!("UPDATE {table} SET {} WHERE id = ?", sets.join(", ")))?;
            let id = Value::Integer(change.row);
            update
                .execute(params_from_iter(change.fields.iter().map(|field| &field.now).chain(std::iter::once(&id))))?;
        }
        Deed::Remove => {
            compare(tx, change)?;
            if change.noun == NounKind::Person {
                tx.prepare_cached("DELETE FROM person_words WHERE rowid = ?1")?.execute([change.row])?;
            }
            tx.prepare_cached(&format!("DELETE FROM {table} WHERE id = ?1"))?.execute([change.row])?;
        }
    }
    if change.noun == NounKind::Person && change.deed != Deed::Remove {
        derive_person(tx, change)?;
    }
    Ok(())
}

fn compare(tx: &Transaction<'_>, change: &RowChange) -> Result<(), Fault> {
    let fields = expected(change);
    let names: Vec<String> = fields.iter().map(|field| format!("\"{}\"", field.column)).collect();
    let names = if names.is_empty() { "id".to_owned() } else { names.join(", ") };
    let mut select = tx.prepare_cached(&format!("SELECT {names} FROM {} WHERE id = ?1", change.noun.code()))?;
    let found: Option<Vec<Value>> =
        select.query_row([change.row], |row| (0..fields.len()).map(|at| row.get(at)).collect()).optional()?;
    let clashes = match &found {
        None => Vec::new(),
        Some(found) => fields
            .iter()
            .zip(found)
            .filter(|(field, found)| field.was != **found)
            .map(|(field, found)| Clash {
                column: field.column,
                before: shown(&field.was),
                yours: shown(&field.now),
                theirs: shown(found),
            })
            .collect(),
    };
    if found.is_some() && clashes.is_empty() {
        return Ok(());
    }
    let by = tx
        .prepare_cached("SELECT s.actor, s.at FROM change c JOIN step s ON s.seq = c.step WHERE c.noun = ?1 AND c.row = ?2 ORDER BY c.step DESC LIMIT 1")?
        .query_row(params![change.noun.code(), change.row], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Err(Fault::Conflict(Conflict { noun: change.noun, row: change.row, fields: clashes, by }))
}

/// The fields a row must still have. A row goes only as it was seen: what was empty then must be empty now, or the words
/// somebody else put there since would go with it.
fn expected(change: &RowChange) -> Vec<Field> {
    let seen = |column: &str| change.fields.iter().find(|field| field.column == column).cloned();
    let empty = |column: &'static str| Field { column, was: Value::Null, now: Value::Null };
    match change.deed {
        Deed::Add | Deed::Alter => change.fields.clone(),
        Deed::Remove => columns_of(change.noun).iter().map(|it| seen(it).unwrap_or_else(|| empty(it))).collect(),
    }
}

/// A cell as text for a person to compare.
fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Integer(n) => Some(n.to_string()),
        Value::Real(x) => Some(x.to_string()),
        Value::Text(text) => Some(text.clone()),
        Value::Blob(bytes) => Some(format!("{} bytes", bytes.len())),
    }
}

/// Keeps what is derived from a person's own fields: the sort keys and the search index.
fn derive_person(tx: &Transaction<'_>, change: &RowChange) -> Result<(), Fault> {
    let touches =
        |names: &[&str]| change.deed == Deed::Add || change.fields.iter().any(|field| names.contains(&field.column));
    let words = touches(&["surname", "forename", "preferred", "nhs_number"]);
    if !words && !touches(&["band", "score", "born"]) {
        return Ok(());
    }
    let person = person(tx, PersonId::from_raw(change.row))?;
    tx.prepare_cached(
        "UPDATE person SET sort_name = ?2, band_rank = ?3, sort_score = ?4, sort_born = ?5 WHERE id = ?1",
    )?
    .execute(params![
        change.row,
        sort_name(&person.surname, &person.forename),
        person.band.map_or(3, Band::rank),
        person.score.map_or(-1, |score| score.0),
        person.born.map_or_else(|| "9999-12-31".to_owned(), |born| born.iso())
    ])?;
    if words {
        tx.prepare_cached("DELETE FROM person_words WHERE rowid = ?1")?.execute([change.row])?;
        tx.prepare_cached("INSERT INTO person_words (rowid, words) VALUES (?1, ?2)")?
            .execute(params![change.row, person.search_text()])?;
    }
    Ok(())
}

fn person(tx: &Transaction<'_>, id: PersonId) -> Result<Record<Person>, Fault> {
    let mut select = tx.prepare_cached(&format!("SELECT {} FROM person p WHERE p.id = ?1", columns::<Person>("p")))?;
    let mut rows = select.query([id.raw()])?;
    match rows.next()? {
        Some(row) => record(row, 0),
        None => Err(rusqlite::Error::QueryReturnedNoRows.into()),
    }
}

/// Folded `surname forename`, the order of every list of names.
pub(super) fn sort_name(surname: &Line, forename: &Line) -> String {
    format!("{}\u{1}{}", fold(surname.as_str()), fold(forename.as_str()))
}
