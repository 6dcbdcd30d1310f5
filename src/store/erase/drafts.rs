//! Half-typed texts about a person: those named after a record of theirs, and those of a card that was begun before they were
//! on file, which name them in their text alone.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _};
use serde_json::Value as Json;

use crate::domain::change::NounKind;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::text::fold;

use super::super::fault::Fault;

/// Half-typed texts.
#[derive(Default)]
pub(super) struct Drafts {
    /// Those that are about the person: the name, and the program.
    pub(super) theirs: Vec<(String, i64)>,
    /// How many are about somebody or something else, or may be, and have the surname or the number in them.
    pub(super) naming: usize,
}

/// By what a person is known in a text.
struct Known {
    surname: Vec<String>,
    forename: Vec<String>,
    number: Option<String>,
}

/// Finds them. `rows` are the records of the person.
pub(super) fn find(db: &Connection, person: i64, rows: &BTreeSet<(NounKind, i64)>) -> Result<Drafts, Fault> {
    let mut out = Drafts::default();
    let Some(known) = Known::of(db, person)? else { return Ok(out) };
    let ids: BTreeSet<i64> = rows.iter().map(|(_, row)| *row).collect();
    let mut select = db.prepare_cached("SELECT name, session, text FROM draft ORDER BY name, session")?;
    let mut drafts = select.query([])?;
    while let Some(draft) = drafts.next()? {
        let (name, session, text): (String, i64, String) = (draft.get(0)?, draft.get(1)?, draft.get(2)?);
        let named: Vec<i64> = name.split(':').filter_map(|part| part.parse().ok()).collect();
        let said = said(&text);
        let by_number = known.number.as_ref().is_some_and(|number| said.iter().any(|it| digits(it).contains(number)));
        let words: Vec<String> = said.iter().flat_map(|it| words(it)).collect();
        let by_surname = holds(&words, &known.surname);
        // A card about no record yet is about whoever it names in full.
        let fresh = named.is_empty() && (by_number || (by_surname && holds(&words, &known.forename)));
        if fresh || named.iter().any(|id| ids.contains(id)) {
            out.theirs.push((name, session));
        } else if by_number || by_surname {
            out.naming += 1;
        }
    }
    Ok(out)
}

impl Known {
    fn of(db: &Connection, person: i64) -> Result<Option<Self>, Fault> {
        let row: Option<(String, String, Option<i64>)> = db
            .prepare_cached("SELECT surname, forename, nhs_number FROM person WHERE id = ?1")?
            .query_row([person], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        Ok(row.map(|(surname, forename, number)| Self {
            surname: words(&surname),
            forename: words(&forename),
            number: number
                .and_then(|number| u64::try_from(number).ok())
                .and_then(NhsNumber::from_value)
                .map(NhsNumber::digits),
        }))
    }
}

/// Words as they are compared: folded, without what stands between them.
pub(super) fn words(text: &str) -> Vec<String> {
    fold(text).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Whether these words stand in a text one after the other.
pub(super) fn holds(text: &[String], wanted: &[String]) -> bool {
    !wanted.is_empty() && text.windows(wanted.len()).any(|window| window == wanted)
}

/// The digits of a text, as if a number in it had been written without spaces.
fn digits(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}

/// Every text that a draft holds: cards keep lists of them.
fn said(text: &str) -> Vec<String> {
    fn take(value: Json, out: &mut Vec<String>) {
        match value {
            Json::String(text) => out.push(text),
            Json::Array(all) => all.into_iter().for_each(|it| take(it, out)),
            Json::Object(all) => all.into_iter().for_each(|(_, it)| take(it, out)),
            Json::Null | Json::Bool(_) => {}
            Json::Number(number) => out.push(number.to_string()),
        }
    }
    match serde_json::from_str(text) {
        Ok(value) => {
            let mut out = Vec::new();
            take(value, &mut out);
            out
        }
        Err(_) => vec![text.to_owned()],
    }
}
