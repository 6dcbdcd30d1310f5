//! Change → rows. Every change becomes a list of fields with both sides; the row is compared before it is written.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use rusqlite::types::Value;
use rusqlite::{CachedStatement, Connection, OptionalExtension, params, params_from_iter};

use crate::domain::Word;
use crate::domain::band::Band;
use crate::domain::change::{Alter, Change, NounKind, RecordId};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::person::{Person, search_text};
use crate::domain::text::fold;
use crate::domain::{
    action, activity, agenda, band, carer, disclosure, discussion, erasure, hold, household, intake, joining,
    key_worker, meeting, member, minutes, nomination, organisation, plan, service, sharing, team, viewing,
    written_back,
};

use super::codec::Table;
use super::fault::{Clash, Conflict, Fault};
use super::met::{begun_twice, last_by};
use super::prepare::{Fresh, Prepared};

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

impl RowChange {
    /// What a column is to be, where this change touches it.
    pub(super) fn now(&self, column: &str) -> Option<&Value> {
        self.fields.iter().find(|field| field.column == column).map(|field| &field.now)
    }
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
        NounKind::QueuedRow => intake::QueuedRow::COLUMNS,
        NounKind::Proposal => intake::Proposal::COLUMNS,
        NounKind::Activity => activity::Activity::COLUMNS,
        NounKind::Service => service::Service::COLUMNS,
        NounKind::Disclosure => disclosure::Disclosure::COLUMNS,
        NounKind::WrittenBack => written_back::WrittenBack::COLUMNS,
        NounKind::Viewing => viewing::Viewing::COLUMNS,
        NounKind::Hold => hold::Hold::COLUMNS,
        NounKind::Joining => joining::Joining::COLUMNS,
        NounKind::Erasure => erasure::Erasure::COLUMNS,
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
        Change::QueuedRow(it) => fields(it),
        Change::Proposal(it) => fields(it),
        Change::Activity(it) => fields(it),
        Change::Service(it) => fields(it),
        Change::Disclosure(it) => fields(it),
        Change::WrittenBack(it) => fields(it),
        Change::Viewing(it) => fields(it),
        Change::Hold(it) => fields(it),
        Change::Joining(it) => fields(it),
        Change::Erasure(it) => fields(it),
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

/// The statements every change of a noun needs, made once: a list of fifty thousand rows writes them fifty thousand times.
struct Statements {
    select: String,
    insert: String,
    delete: String,
}

/// The row of a record, if it is there: its cells in the order of [`columns_of`].
pub(super) fn row_of(db: &Connection, noun: NounKind, id: i64) -> Result<Option<Vec<Value>>, Fault> {
    let mut select = db.prepare_cached(&statements(noun).select)?;
    let mut rows = select.query([id])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some((1..=columns_of(noun).len()).map(|at| row.get(at)).collect::<Result<_, _>>()?))
}

fn statements(noun: NounKind) -> &'static Statements {
    static ALL: OnceLock<BTreeMap<NounKind, Statements>> = OnceLock::new();
    static NONE: Statements = Statements { select: String::new(), insert: String::new(), delete: String::new() };
    let make = |noun: &NounKind| {
        let (table, columns) = (noun.code(), columns_of(*noun));
        let derived: &[&str] = if *noun == NounKind::Person { &DERIVED } else { &[] };
        let quoted = |names: &[&str]| names.iter().map(|name| format!(", \"{name}\"")).collect::<String>();
        let marks = ", ?".repeat(columns.len() + derived.len());
        let statements = Statements {
            select: format!("SELECT id{} FROM {table} WHERE id = ?1", quoted(columns)),
            insert: format!("INSERT INTO {table} (id{}{}) VALUES (?{marks})", quoted(columns), quoted(derived)),
            delete: format!("DELETE FROM {table} WHERE id = ?1"),
        };
        (*noun, statements)
    };
    ALL.get_or_init(|| NounKind::ALL.iter().map(make).collect()).get(&noun).unwrap_or(&NONE)
}

/// The statement that reads a row of a noun, its columns in order after its id.
pub(super) fn select_row(noun: NounKind) -> &'static str {
    &statements(noun).select
}

/// People who came and whose words wait. (Of those who go only ids wait, until the end.) Every statement with a trigger makes the search index write itself out, so words go there
/// many at a time.
const WORDS_WAITING: usize = 20_000;

/// Writes the changes of one step. Statements that come again are kept for the whole of it.
pub(super) struct Hand<'t> {
    tx: &'t Connection,
    inserts: Vec<Option<CachedStatement<'t>>>,
    words: Vec<(i64, String)>,
    gone: Vec<i64>,
    census: BTreeMap<(i64, String, i64), i64>,
}

impl<'t> Hand<'t> {
    pub(super) fn new(tx: &'t Connection) -> Self {
        let inserts = NounKind::ALL.iter().map(|_| None).collect();
        Self { tx, inserts, words: Vec::new(), gone: Vec::new(), census: BTreeMap::new() }
    }

    /// Writes one change, if the row is as the change saw it.
    pub(super) fn apply(&mut self, ready: &mut Prepared) -> Result<(), Fault> {
        let change = &ready.change;
        match change.deed {
            Deed::Add => match ready.fresh.take() {
                Some(fresh) => {
                    let change = &ready.change;
                    self.insert(change, &fresh.derived)?;
                    self.arrive(change, fresh)
                }
                None => self.insert(change, &[]),
            },
            Deed::Alter => {
                if renames(change) {
                    self.settle()?;
                }
                compare(self.tx, change)?;
                keep_owner(self.tx, change)?;
                update(self.tx, change)
            }
            Deed::Remove => {
                compare(self.tx, change)?;
                keep_owner(self.tx, change)?;
                if change.noun == NounKind::Person {
                    // Whoever came in this very step must be there to go.
                    if !self.words.is_empty() {
                        self.settle()?;
                    }
                    self.gone.push(change.row);
                }
                self.tx.prepare_cached(&statements(change.noun).delete)?.execute([change.row])?;
                Ok(())
            }
        }
    }

    /// A column the change does not name stays empty.
    fn insert(&mut self, change: &RowChange, derived: &[(&'static str, Value)]) -> Result<(), Fault> {
        let tx = self.tx;
        let Some(slot) = self.inserts.get_mut(change.noun as usize) else { return Ok(()) };
        let insert = match slot {
            Some(insert) => insert,
            None => slot.insert(tx.prepare_cached(&statements(change.noun).insert)?),
        };
        insert.clear_bindings();
        insert.raw_bind_parameter(1, change.row)?;
        let mut at = 1;
        let mut fields = change.fields.iter().peekable();
        for column in columns_of(change.noun) {
            at += 1;
            if let Some(field) = fields.next_if(|field| field.column == *column)
                && field.now != Value::Null
            {
                insert.raw_bind_parameter(at, &field.now)?;
            }
        }
        for (_, value) in derived {
            at += 1;
            insert.raw_bind_parameter(at, value)?;
        }
        insert.raw_execute().map_err(|error| begun_twice(tx, change, error))?;
        Ok(())
    }

    /// Counts a new person, and keeps their words. (What a step adds to the census is written once, at its end; the row
    /// must be there before, because triggers count in it too.)
    fn arrive(&mut self, change: &RowChange, fresh: Fresh) -> Result<(), Fault> {
        let text = |value: Option<&Value>| match value {
            Some(Value::Text(text)) => text.clone(),
            _ => String::new(),
        };
        let band = fresh.derived.iter().find(|(column, _)| *column == "band_rank");
        let team = change.now("team").and_then(integer).unwrap_or_default();
        let key = (team, text(change.now("standing")), band.and_then(|(_, band)| integer(band)).unwrap_or(3));
        match self.census.get_mut(&key) {
            Some(people) => *people += 1,
            None => {
                self.tx
                    .prepare_cached("INSERT OR IGNORE INTO census (team, standing, band_rank, alone, people) VALUES (?1, ?2, ?3, 1, 0)")?
                    .execute(params![key.0, key.1, key.2])?;
                self.census.insert(key, 1);
            }
        }
        self.words.push((change.row, fresh.words));
        if self.words.len() >= WORDS_WAITING { self.settle() } else { Ok(()) }
    }

    /// Writes down what waited.
    pub(super) fn settle(&mut self) -> Result<(), Fault> {
        let all_gone = "SELECT NOT EXISTS (SELECT 1 FROM person)";
        if self.gone.len() > WORDS_WAITING && self.tx.query_row(all_gone, [], |row| row.get(0))? {
            self.tx.execute("INSERT INTO person_words (person_words) VALUES ('delete-all')", [])?;
            self.gone.clear();
        }
        // In the order of ids the search index takes them fastest.
        self.gone.sort_unstable();
        for person in self.gone.drain(..) {
            self.tx.prepare_cached("DELETE FROM person_words WHERE rowid = ?1")?.execute([person])?;
        }
        if self.words.is_empty() {
            return Ok(());
        }
        for ((team, standing, band), people) in std::mem::take(&mut self.census) {
            self.tx
                .prepare_cached(
                    "UPDATE census SET people = people + ?4 WHERE team = ?1 AND standing = ?2 AND band_rank = ?3 AND alone = 1",
                )?
                .execute(params![team, standing, band, people])?;
        }
        let mut insert = self.tx.prepare_cached("INSERT INTO person_words (rowid, words) VALUES (?1, ?2)")?;
        for (person, words) in self.words.drain(..) {
            insert.execute(params![person, words])?;
        }
        Ok(())
    }
}

fn update(tx: &Connection, change: &RowChange) -> Result<(), Fault> {
    let person = change.noun == NounKind::Person;
    let naming = if renames(change) { Some(Naming::of(tx, change.row)?.with(change)) } else { None };
    let derived = if person { derive(change, naming.as_ref()) } else { Vec::new() };
    let names = change.fields.iter().map(|field| field.column).chain(derived.iter().map(|(column, _)| *column));
    let sets: Vec<String> = names.map(|name| format!("\"{name}\" = ?")).collect();
    let sql = format!("UPDATE {} SET {} WHERE id = ?", change.noun.code(), sets.join(", "));
    let id = Value::Integer(change.row);
    let values = change.fields.iter().map(|field| &field.now).chain(derived.iter().map(|(_, value)| value));
    tx.prepare_cached(&sql)?.execute(params_from_iter(values.chain(std::iter::once(&id))))?;
    if let Some(naming) = naming {
        tx.prepare_cached("DELETE FROM person_words WHERE rowid = ?1")?.execute([change.row])?;
        add_words(tx, change.row, &naming)?;
    }
    Ok(())
}

/// Keeps whose a record was that goes, or moves to another: from its row it is not seen any more.
fn keep_owner(tx: &Connection, change: &RowChange) -> Result<(), Fault> {
    let field = |column: &str| change.fields.iter().find(|field| field.column == column);
    let was = |column: &str| field(column).and_then(|field| integer(&field.was));
    let keep = |owner: &str, id: i64| {
        tx.prepare_cached("INSERT OR IGNORE INTO belonged (noun, row, owner, id) VALUES (?1, ?2, ?3, ?4)")
            .and_then(|mut insert| insert.execute(params![change.noun.code(), change.row, owner, id]))
    };
    for owner in ["person", "meeting"] {
        // Of a record that moves, both are kept: it was not the new one's from the beginning.
        let sides = field(owner).map(|field| [integer(&field.was), integer(&field.now)]);
        for id in sides.into_iter().flatten().flatten() {
            keep(owner, id)?;
        }
    }
    if let (NounKind::Disclosure, Some(people)) = (change.noun, field("people")) {
        let all =
            "INSERT OR IGNORE INTO belonged (noun, row, owner, id) SELECT ?1, ?2, 'person', value FROM json_each(?3)";
        tx.prepare_cached(all)?.execute(params![change.noun.code(), change.row, people.was])?;
    }
    if let (NounKind::WrittenBack, Some(discussion)) = (change.noun, was("discussion")) {
        let person = tx
            .prepare_cached("SELECT person FROM discussion WHERE id = ?1")?
            .query_row([discussion], |row| row.get(0))
            .optional()?;
        if let Some(person) = person {
            keep("person", person)?;
        }
    }
    Ok(())
}

pub(super) fn compare(tx: &Connection, change: &RowChange) -> Result<(), Fault> {
    let fields = expected(change);
    let mut select = tx.prepare_cached(&statements(change.noun).select)?;
    let mut rows = select.query([change.row])?;
    let found: Option<Vec<Value>> = match rows.next()? {
        None => None,
        Some(row) => {
            let mut found = Vec::with_capacity(fields.len());
            let mut fields = fields.iter().peekable();
            for (at, column) in columns_of(change.noun).iter().enumerate() {
                if fields.next_if(|field| field.column == *column).is_some() {
                    found.push(row.get(at + 1)?);
                }
            }
            Some(found)
        }
    };
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
    let by = last_by(tx, change.noun, change.row)?;
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
pub(super) fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Integer(n) => Some(n.to_string()),
        Value::Real(x) => Some(x.to_string()),
        Value::Text(text) => Some(text.clone()),
        Value::Blob(bytes) => Some(format!("{} bytes", bytes.len())),
    }
}

/// The columns of a person that follow from others, in the order of [`derive`].
const DERIVED: [&str; 4] = ["sort_name", "band_rank", "sort_score", "sort_born"];

/// The columns by whose words a person is found.
const NAMING: [&str; 4] = ["surname", "forename", "preferred", "nhs_number"];

/// Whether words by which a person is found change.
fn renames(change: &RowChange) -> bool {
    change.noun == NounKind::Person && NAMING.iter().any(|column| change.now(column).is_some())
}

/// By what a person is found.
#[derive(Default)]
pub(super) struct Naming {
    pub(super) surname: String,
    pub(super) forename: String,
    pub(super) preferred: Option<String>,
    pub(super) number: Option<NhsNumber>,
}

impl Naming {
    /// As the row has it.
    fn of(tx: &Connection, person: i64) -> Result<Self, Fault> {
        let mut select =
            tx.prepare_cached("SELECT surname, forename, preferred, nhs_number FROM person WHERE id = ?1")?;
        Ok(select.query_row([person], |row| {
            let number: Option<i64> = row.get(3)?;
            Ok(Self {
                surname: row.get(0)?,
                forename: row.get(1)?,
                preferred: row.get(2)?,
                number: number.and_then(|number| u64::try_from(number).ok()).and_then(NhsNumber::from_value),
            })
        })?)
    }

    /// As it is after the change.
    pub(super) fn with(mut self, change: &RowChange) -> Self {
        let text = |value: &Value| match value {
            Value::Text(text) => Some(text.clone()),
            Value::Null | Value::Integer(_) | Value::Real(_) | Value::Blob(_) => None,
        };
        if let Some(surname) = change.now("surname") {
            self.surname = text(surname).unwrap_or_default();
        }
        if let Some(forename) = change.now("forename") {
            self.forename = text(forename).unwrap_or_default();
        }
        if let Some(preferred) = change.now("preferred") {
            self.preferred = text(preferred);
        }
        if let Some(number) = change.now("nhs_number") {
            self.number = integer(number).and_then(|number| u64::try_from(number).ok()).and_then(NhsNumber::from_value);
        }
        self
    }
}

pub(super) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(n) => Some(*n),
        Value::Null | Value::Real(_) | Value::Text(_) | Value::Blob(_) => None,
    }
}

/// What follows from the fields of a person that change: all of it for a new person.
pub(super) fn derive(change: &RowChange, naming: Option<&Naming>) -> Vec<(&'static str, Value)> {
    let fresh = change.deed == Deed::Add;
    let now = |column: &str| change.now(column).or(fresh.then_some(&Value::Null));
    let [sort_name_column, band_rank, sort_score, sort_born] = DERIVED;
    let mut out = Vec::with_capacity(DERIVED.len());
    if let Some(naming) = naming {
        out.push((sort_name_column, Value::Text(sort_name(&naming.surname, &naming.forename))));
    }
    if let Some(band) = now("band") {
        let band = match band {
            Value::Text(code) => Band::from_code(code),
            Value::Null | Value::Integer(_) | Value::Real(_) | Value::Blob(_) => None,
        };
        out.push((band_rank, Value::Integer(band.map_or(3, Band::rank))));
    }
    if let Some(score) = now("score") {
        out.push((sort_score, Value::Integer(integer(score).unwrap_or(-1))));
    }
    if let Some(born) = now("born") {
        let never = || Value::Text("9999-12-31".to_owned());
        out.push((sort_born, if *born == Value::Null { never() } else { born.clone() }));
    }
    out
}

fn add_words(tx: &Connection, person: i64, naming: &Naming) -> Result<(), Fault> {
    let words = search_text(&naming.surname, &naming.forename, naming.preferred.as_deref(), naming.number);
    tx.prepare_cached("INSERT INTO person_words (rowid, words) VALUES (?1, ?2)")?.execute(params![person, words])?;
    Ok(())
}

/// Folded `surname forename`, the order of every list of names.
pub fn sort_name(surname: &str, forename: &str) -> String {
    format!("{}\u{1}{}", fold(surname), fold(forename))
}
