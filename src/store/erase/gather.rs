//! Finds every record about a person, also those the log alone still knows.

use std::collections::BTreeSet;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params};

use crate::domain::Word as _;
use crate::domain::change::{NounKind, RecordId as _};
use crate::domain::day::Day;
use crate::domain::id::{MinutesId, PersonId};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::text::fold;

use super::super::apply::{RowChange, columns_of};
use super::super::fault::Fault;
use super::drafts::{self, Drafts};
use super::texts::{OF_A_PERSON, without_text};

/// What there is about a person.
#[derive(Default)]
pub(super) struct Found {
    /// What becomes of each record that says something.
    pub(super) changes: Vec<RowChange>,
    /// Every record about them, those that are gone among them: the log may hold their text.
    pub(super) rows: BTreeSet<(NounKind, i64)>,
    /// Half-typed texts about them.
    pub(super) drafts: Drafts,
}

/// Finds it.
pub(super) fn gather(db: &Connection, person: PersonId, today: Day) -> Result<Found, Fault> {
    let id = person.raw();
    let mut found = Found::default();
    take(db, &mut found, NounKind::Person, id, id, today)?;
    for noun in OF_A_PERSON {
        let sql = format!("SELECT id FROM {} WHERE person = ?1 ORDER BY id", noun.code());
        let rows: Vec<i64> =
            db.prepare(&sql)?.query_map([id], |row| row.get(0))?.collect::<Result<_, rusqlite::Error>>()?;
        for row in rows {
            take(db, &mut found, noun, row, id, today)?;
        }
    }
    for row in queued_alike(db, id)? {
        take(db, &mut found, NounKind::QueuedRow, row, id, today)?;
    }
    found.rows.extend(in_the_log(db, id)?);
    // The same person as a list brought them once before it was taken back, or as a copy had them that was joined.
    let mut people = vec![id];
    for twin in twins(db, id)? {
        found.rows.insert((NounKind::Person, twin));
        found.rows.extend(in_the_log(db, twin)?);
        people.push(twin);
    }
    for home in homes_of_nobody_else(db, &people)? {
        take(db, &mut found, NounKind::Household, home, id, today)?;
    }
    found.rows.extend(queued_once(db, id)?);
    found.drafts = drafts::find(db, id, &found.rows)?;
    Ok(found)
}

fn take(db: &Connection, found: &mut Found, noun: NounKind, row: i64, person: i64, today: Day) -> Result<(), Fault> {
    if !found.rows.insert((noun, row)) {
        return Ok(());
    }
    let columns: Vec<String> = columns_of(noun).iter().map(|name| format!("\"{name}\"")).collect();
    let sql = format!("SELECT {} FROM {} WHERE id = ?1", columns.join(", "), noun.code());
    let width = columns.len();
    let cells: Option<Vec<Value>> =
        db.prepare_cached(&sql)?.query_row([row], |row| (0..width).map(|at| row.get(at)).collect()).optional()?;
    found.changes.extend(cells.and_then(|cells| without_text(noun, row, cells, person, today)));
    Ok(())
}

/// Rows of lists that wait for a person to look and show this person's number, or their name and day of birth.
fn queued_alike(db: &Connection, person: i64) -> Result<Vec<i64>, Fault> {
    let (number, surname, forename, born): (Option<i64>, String, String, Option<String>) = db
        .prepare_cached("SELECT nhs_number, surname, forename, born FROM person WHERE id = ?1")?
        .query_row([person], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?
        .unwrap_or_default();
    let digits = number
        .and_then(|number| u64::try_from(number).ok())
        .and_then(NhsNumber::from_value)
        .map(NhsNumber::digits)
        .unwrap_or_default();
    let name = format!("|{}|{}|{}", fold(&surname), fold(&forename), born.clone().unwrap_or_default());
    let mut select = db.prepare_cached("SELECT id, alike FROM queued_row ORDER BY id")?;
    let mut rows = select.query([])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let alike: String = row.get(1)?;
        let by_number = !digits.is_empty() && alike.starts_with(&digits);
        // Somebody else's number before the same name is somebody else.
        let by_name = born.is_some() && alike.starts_with(&name);
        if by_number || by_name {
            out.push(row.get(0)?);
        }
    }
    Ok(out)
}

/// Households they are or were in and where nobody else is: their name is often the address. Those that only the log still
/// knows are theirs where it names nobody else in them. `people` are the ids under which the file or the log knows them.
fn homes_of_nobody_else(db: &Connection, people: &[i64]) -> Result<Vec<i64>, Fault> {
    let people = serde_json::to_string(people).unwrap_or_default();
    let mut homes: BTreeSet<i64> = BTreeSet::new();
    let lives = "SELECT household FROM person WHERE id IN (SELECT value FROM json_each(?1)) AND household IS NOT NULL";
    let lived = |table: &str| {
        format!(
            "SELECT DISTINCT j.value FROM {table} c, json_each(
                CASE json_type(c.fields, '$.household') WHEN 'array' THEN json_extract(c.fields, '$.household')
                     ELSE json_array(json_extract(c.fields, '$.household')) END) j
             WHERE c.noun = 'person' AND c.row IN (SELECT value FROM json_each(?1)) AND c.fields IS NOT NULL
                AND j.value IS NOT NULL"
        )
    };
    for sql in [lives.to_owned(), lived("change"), lived("branch_change")] {
        let mut select = db.prepare(&sql)?;
        let mut rows = select.query([&people])?;
        while let Some(row) = rows.next()? {
            homes.insert(row.get(0)?);
        }
    }
    let mut out = Vec::new();
    for home in homes {
        let there = "SELECT EXISTS (SELECT 1 FROM household WHERE id = ?1)";
        let there: bool = db.prepare_cached(there)?.query_row([home], |row| row.get(0))?;
        let sqls: &[&str] = if there {
            &[
                "SELECT EXISTS (SELECT 1 FROM person WHERE household = ?1 AND id NOT IN (SELECT value FROM json_each(?2)))",
            ]
        } else {
            &[OTHERS_IN_THE_LOG, OTHERS_IN_A_COPY]
        };
        let mut others = false;
        for sql in sqls {
            others = others || db.prepare_cached(sql)?.query_row(params![home, people], |row| row.get(0))?;
        }
        if !others {
            out.push(home);
        }
    }
    Ok(out)
}

/// Whether the log has somebody else in a household.
const OTHERS_IN_THE_LOG: &str = "SELECT EXISTS (SELECT 1 FROM change c WHERE c.noun = 'person'
    AND c.row NOT IN (SELECT value FROM json_each(?2)) AND c.fields IS NOT NULL AND instr(c.fields, ?1) > 0
    AND ?1 IN (json_extract(c.fields, '$.household'), json_extract(c.fields, '$.household[0]'), json_extract(c.fields, '$.household[1]')))";

/// The same of the steps of joined copies.
const OTHERS_IN_A_COPY: &str = "SELECT EXISTS (SELECT 1 FROM branch_change c WHERE c.noun = 'person'
    AND c.row NOT IN (SELECT value FROM json_each(?2)) AND c.fields IS NOT NULL AND instr(c.fields, ?1) > 0
    AND ?1 IN (json_extract(c.fields, '$.household'), json_extract(c.fields, '$.household[0]'), json_extract(c.fields, '$.household[1]')))";

/// Records about this person that steps of the past name: also those that were taken back since.
fn in_the_log(db: &Connection, person: i64) -> Result<BTreeSet<(NounKind, i64)>, Fault> {
    let mut out = BTreeSet::new();
    for table in ["change", "branch_change"] {
        // The digits are looked for first: JSON is read only where they stand.
        let sql = format!(
            "SELECT DISTINCT noun, row FROM {table} WHERE fields IS NOT NULL AND instr(fields, ?2) > 0
             AND (json_extract(fields, '$.person') = ?1 OR json_extract(fields, '$.person[0]') = ?1
                  OR json_extract(fields, '$.person[1]') = ?1)"
        );
        let mut select = db.prepare(&sql)?;
        let mut rows = select.query(params![person, person.to_string()])?;
        while let Some(row) = rows.next()? {
            let noun: String = row.get(0)?;
            if let Some(noun) = NounKind::from_code(&noun).filter(|noun| OF_A_PERSON.contains(noun)) {
                out.insert((noun, row.get(1)?));
            }
        }
    }
    Ok(out)
}

/// Ids under which only the log knows somebody with this number, or with this name and day of birth.
fn twins(db: &Connection, person: i64) -> Result<Vec<i64>, Fault> {
    let mut out = BTreeSet::new();
    for table in ["change", "branch_change"] {
        // The surname is looked for first: JSON is read only where it stands.
        let sql = format!(
            "SELECT DISTINCT c.row FROM person p JOIN {table} c ON c.noun = 'person' AND c.row <> p.id AND c.fields IS NOT NULL
             WHERE p.id = ?1 AND NOT EXISTS (SELECT 1 FROM person q WHERE q.id = c.row)
               AND ((p.nhs_number IS NOT NULL AND instr(c.fields, p.nhs_number) > 0 AND json_extract(c.fields, '$.nhs_number') = p.nhs_number)
                 OR (p.born IS NOT NULL AND instr(c.fields, p.born) > 0 AND json_extract(c.fields, '$.born') = p.born
                     AND lower(json_extract(c.fields, '$.surname')) = lower(p.surname)
                     AND lower(json_extract(c.fields, '$.forename')) = lower(p.forename)))"
        );
        let mut select = db.prepare(&sql)?;
        let mut rows = select.query([person])?;
        while let Some(row) = rows.next()? {
            out.insert(row.get(0)?);
        }
    }
    Ok(out.into_iter().collect())
}

/// Rows of lists that waited once, and that the log alone still knows.
fn queued_once(db: &Connection, person: i64) -> Result<Vec<(NounKind, i64)>, Fault> {
    let mut out = BTreeSet::new();
    for table in ["change", "branch_change"] {
        let sql = format!(
            "SELECT DISTINCT c.row FROM person p JOIN {table} c ON c.noun = 'queued_row' AND c.fields IS NOT NULL
             WHERE p.id = ?1 AND NOT EXISTS (SELECT 1 FROM queued_row q WHERE q.id = c.row)
               AND ((p.nhs_number IS NOT NULL AND instr(c.fields, printf('%010d', p.nhs_number)) > 0)
                 OR (p.born IS NOT NULL AND instr(c.fields, p.born) > 0 AND instr(lower(c.fields), lower(p.surname)) > 0
                     AND instr(lower(c.fields), lower(p.forename)) > 0))"
        );
        let mut select = db.prepare(&sql)?;
        let mut rows = select.query([person])?;
        while let Some(row) = rows.next()? {
            out.insert((NounKind::QueuedRow, row.get(0)?));
        }
    }
    Ok(out.into_iter().collect())
}

/// Sealed minutes of which a part is about this person.
pub(super) fn minutes_about(db: &Connection, person: i64) -> Result<Vec<MinutesId>, Fault> {
    let part = format!("\"person\":\"{person}\"");
    let mut select = db.prepare_cached("SELECT id FROM minutes WHERE instr(document, ?1) > 0 ORDER BY id")?;
    let ids = select.query_map([part], |row| row.get(0).map(MinutesId::from_raw))?;
    Ok(ids.collect::<Result<_, _>>()?)
}
