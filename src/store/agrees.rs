//! The file against its own log: each record is told once more from its changes and compared with its row. What somebody
//! altered behind the program's back, and what a failing disk altered in a plain file, stands out as a record that is not
//! what its log says.
//!
//! The changes are read in the order of their records, so that memory stays flat whatever the file holds.

use std::collections::VecDeque;

use rusqlite::types::Value;
use rusqlite::{CachedStatement, Connection, OptionalExtension, params};
use sha2::{Digest as _, Sha256};

use crate::domain::Word as _;
use crate::domain::band::Band;
use crate::domain::change::NounKind;
use crate::domain::erasure::ERASED;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::person::search_text;

use super::apply::{Deed, columns_of, select_row, sort_name};
use super::erase::said::{self, Left};
use super::fault::Fault;
use super::log::{hex, parse_fields};
use super::words_index;

/// How a record differs from its log. Never what stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Differs {
    /// A column holds something else than the log says.
    Column {
        /// Which noun.
        noun: NounKind,
        /// Which record.
        row: i64,
        /// Which column.
        column: &'static str,
    },
    /// The log says that it is there, and it is not.
    Missing {
        /// Which noun.
        noun: NounKind,
        /// Which record.
        row: i64,
    },
    /// It is there, and the log knows nothing of it, or says that it went.
    Stray {
        /// Which noun.
        noun: NounKind,
        /// Which record.
        row: i64,
    },
    /// What the log says of it cannot be read.
    Unclear {
        /// The noun's code, as the log has it.
        noun: String,
        /// Which record.
        row: i64,
        /// In which step.
        step: i64,
    },
    /// A column that follows from others does not.
    Derived {
        /// Which person.
        row: i64,
        /// Which column.
        column: &'static str,
    },
    /// The counts of people are not those of the people.
    Census,
    /// The words by which people are found are not theirs.
    Words,
    /// The index of changes does not lead to all of them.
    Index,
}

impl std::fmt::Display for Differs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Column { noun, row, column } => {
                write!(f, "Record {row} of {} is not what its log says (column {column}).", noun.label())
            }
            Self::Missing { noun, row } => {
                write!(f, "Record {row} of {} is gone, and its log does not say so.", noun.label())
            }
            Self::Stray { noun, row } => {
                write!(f, "Record {row} of {} is there, and its log does not say so.", noun.label())
            }
            Self::Unclear { noun, row, step } => write!(
                f,
                "What step {step} says about record {row} of {} cannot be read.",
                crate::domain::text::displayable(noun)
            ),
            Self::Derived { row, column } => {
                write!(
                    f,
                    "Record {row} of person has something in {column} that does not follow from its other records."
                )
            }
            Self::Census => f.write_str("The counts of people in bands are not those of the people."),
            Self::Words => f.write_str("The words by which people are found are not those of their names."),
            Self::Index => f.write_str("The index of the log does not lead to all of its changes."),
        }
    }
}

/// What the log says of one cell.
#[derive(Clone, PartialEq)]
enum Told {
    /// Nothing was ever written: empty, or what the schema puts there.
    Nothing,
    /// This.
    Value(Value),
    /// A document with this hash: a part of it was lawfully erased.
    Hash(String),
    /// The text was lawfully erased by an earlier version, which did not say what it left; what stands there is not compared.
    Erased,
}

/// A record as the log tells it.
struct Story {
    noun: NounKind,
    row: i64,
    there: bool,
    cells: Vec<Told>,
    /// What erasures left of it that are not taken in yet, oldest first.
    lefts: VecDeque<Left>,
    /// The hash of a document of which a part was erased.
    hash: Option<String>,
    /// A column of which an erasure does not say what the one before it said.
    broken: Option<&'static str>,
}

impl Story {
    fn new(noun: NounKind, row: i64, lefts: Option<Vec<Left>>) -> Self {
        let cells = vec![Told::Nothing; columns_of(noun).len()];
        let lefts = lefts.unwrap_or_default().into();
        Self { noun, row, there: false, cells, lefts, hash: None, broken: None }
    }

    /// Takes in what the erasures before a step left.
    fn erased_before(&mut self, step: i64) {
        while self.lefts.front().is_some_and(|left| left.step < step) {
            let Some(left) = self.lefts.pop_front() else { break };
            if let Some(cells) = left.cells {
                self.cells = cells.into_iter().map(Told::Value).collect();
            }
            let Some((before, since)) = left.document else { continue };
            let columns = columns_of(self.noun);
            let sealed = match columns.iter().zip(&self.cells).find(|(column, _)| **column == "sha256") {
                Some((_, Told::Value(Value::Text(sealed)))) => Some(sealed.clone()),
                Some((_, Told::Value(_) | Told::Nothing | Told::Hash(_) | Told::Erased)) | None => None,
            };
            // What the document was before is what the erasure before it left, or what was sealed.
            if before.is_some() && before != self.hash.take().or(sealed) {
                self.broken = Some("document");
            }
            if let Some((_, cell)) = columns.iter().zip(&mut self.cells).find(|(column, _)| **column == "document") {
                *cell = Told::Hash(since.clone());
            }
            self.hash = Some(since);
        }
    }

    /// Takes in one change; whether it could be read.
    fn take(&mut self, deed: Deed, fields: Option<&str>) -> bool {
        match deed {
            Deed::Add => {
                self.there = true;
                self.cells.fill(Told::Nothing);
            }
            Deed::Alter => {}
            Deed::Remove => {
                self.there = false;
                return true;
            }
        }
        let Some(text) = fields else {
            self.cells.fill(Told::Erased);
            return true;
        };
        let Some(fields) = parse_fields(self.noun, deed, text) else { return false };
        let mut fields = fields.into_iter().peekable();
        for (column, cell) in columns_of(self.noun).iter().zip(&mut self.cells) {
            if let Some(field) = fields.next_if(|field| field.column == *column) {
                *cell = Told::Value(field.now);
            }
        }
        true
    }
}

/// Everything needed to look records up: one statement a noun, and what its columns hold when nothing was written.
struct Desk<'d> {
    nouns: Vec<(CachedStatement<'d>, Vec<Value>)>,
}

impl<'d> Desk<'d> {
    fn new(db: &'d Connection) -> Result<Self, Fault> {
        let mut nouns = Vec::new();
        for noun in NounKind::ALL {
            let mut unwritten = Vec::new();
            for column in columns_of(*noun) {
                let found: Option<Option<String>> = db
                    .prepare_cached("SELECT dflt_value FROM pragma_table_info(?1) WHERE name = ?2")?
                    .query_row([noun.code(), column], |row| row.get(0))
                    .optional()?;
                // The defaults of logged columns are plain numbers: columns that were added later.
                let number = found.flatten().and_then(|text| text.parse().ok());
                unwritten.push(number.map_or(Value::Null, Value::Integer));
            }
            nouns.push((db.prepare_cached(select_row(*noun))?, unwritten));
        }
        Ok(Self { nouns })
    }

    fn compare(&mut self, story: &Story) -> Result<Option<Differs>, Fault> {
        let (noun, row) = (story.noun, story.row);
        let Some((select, unwritten)) = self.nouns.get_mut(noun as usize) else { return Ok(None) };
        let mut rows = select.query([row])?;
        let found = match (rows.next()?, story.there) {
            (None, false) => return Ok(None),
            (None, true) => return Ok(Some(Differs::Missing { noun, row })),
            (Some(_), false) => return Ok(Some(Differs::Stray { noun, row })),
            (Some(found), true) => found,
        };
        if let Some(column) = story.broken {
            return Ok(Some(Differs::Column { noun, row, column }));
        }
        for (at, (column, told)) in columns_of(noun).iter().zip(&story.cells).enumerate() {
            let holds: Value = found.get(at + 1)?;
            let agrees = match told {
                Told::Value(value) => *value == holds,
                Told::Nothing => holds == Value::Null || unwritten.get(at) == Some(&holds),
                Told::Hash(hash) => matches!(&holds, Value::Text(text) if hex(&Sha256::digest(text)) == *hash),
                Told::Erased => true,
            };
            if !agrees {
                return Ok(Some(Differs::Column { noun, row, column }));
            }
        }
        Ok(None)
    }
}

/// Compares every record with the log, and what is derived with what it is derived from. How many records were compared, or
/// the first that differs. Read it inside a transaction: what somebody writes meanwhile must not be seen in half.
pub(super) fn agreement(db: &Connection) -> Result<Result<Agreed, Differs>, Fault> {
    let agreed = match records(db)? {
        Ok(agreed) => agreed,
        Err(differs) => return Ok(Err(differs)),
    };
    Ok(match derived(db)? {
        Some(differs) => Err(differs),
        None => Ok(agreed),
    })
}

/// Records that agree with the log.
pub(super) struct Agreed {
    /// How many there are.
    pub(super) records: i64,
    /// How many of them have cells that nothing is said about, because an earlier version erased somebody.
    pub(super) uncompared: i64,
}

fn records(db: &Connection) -> Result<Result<Agreed, Differs>, Fault> {
    let mut desk = Desk::new(db)?;
    let mut lefts = match said::lefts(db)? {
        Ok(lefts) => lefts,
        Err(step) => return Ok(Err(Differs::Unclear { noun: NounKind::Erasure.code().to_owned(), row: 0, step })),
    };
    let mut uncompared = 0;
    let mut there = vec![0i64; NounKind::ALL.len()];
    let mut walked = 0i64;
    let mut select = db.prepare("SELECT row, noun, deed, fields, step FROM change ORDER BY row, noun, step, nth")?;
    let mut changes = select.query([])?;
    let mut story: Option<Story> = None;
    let mut close = |story: Option<Story>, there: &mut Vec<i64>| -> Result<Option<Differs>, Fault> {
        let Some(mut story) = story else { return Ok(None) };
        story.erased_before(i64::MAX);
        uncompared += i64::from(story.there && story.cells.contains(&Told::Erased));
        if let (true, Some(count)) = (story.there, there.get_mut(story.noun as usize)) {
            *count += 1;
        }
        desk.compare(&story)
    };
    while let Some(change) = changes.next()? {
        let (row, code) = (change.get(0)?, change.get_ref(1)?.as_str().unwrap_or_default());
        let unclear = |step: i64| Differs::Unclear { noun: code.to_owned(), row, step };
        let step: i64 = change.get(4)?;
        let deed = change.get_ref(2)?.as_str().ok().and_then(Deed::from_code);
        let Some((noun, deed)) = NounKind::from_code(code).zip(deed) else { return Ok(Err(unclear(step))) };
        if story.as_ref().is_none_or(|story| story.noun != noun || story.row != row)
            && let Some(differs) = close(story.replace(Story::new(noun, row, lefts.remove(&(noun, row)))), &mut there)?
        {
            return Ok(Err(differs));
        }
        let fields = change.get_ref(3)?.as_str_or_null().unwrap_or_default();
        let taken = story.as_mut().is_some_and(|story| {
            story.erased_before(step);
            story.take(deed, fields)
        });
        if !taken {
            return Ok(Err(unclear(step)));
        }
        walked += 1;
    }
    if let Some(differs) = close(story, &mut there)? {
        return Ok(Err(differs));
    }
    let counted: i64 = db.query_row("SELECT count(*) FROM change NOT INDEXED", [], |row| row.get(0))?;
    if counted != walked {
        return Ok(Err(Differs::Index));
    }
    for (noun, told) in NounKind::ALL.iter().zip(&there) {
        let found: i64 =
            db.query_row(&format!("SELECT count(*) FROM {} NOT INDEXED", noun.code()), [], |row| row.get(0))?;
        if found != *told {
            return Ok(Err(stray(db, *noun)?));
        }
    }
    Ok(Ok(Agreed { records: there.iter().sum(), uncompared }))
}

/// The first record of which the log knows nothing.
fn stray(db: &Connection, noun: NounKind) -> Result<Differs, Fault> {
    let sql = format!(
        "SELECT t.id FROM {} t NOT INDEXED WHERE NOT EXISTS (SELECT 1 FROM change c WHERE c.row = t.id AND c.noun = ?1) ORDER BY t.id LIMIT 1",
        noun.code()
    );
    let row: Option<i64> = db.query_row(&sql, [noun.code()], |row| row.get(0)).optional()?;
    Ok(row.map_or(Differs::Index, |row| Differs::Stray { noun, row }))
}

/// What stands beside a person's row so that no screen has to read their whole past.
const BESIDE: &str = concat!(
    "SELECT p.id, p.surname, p.forename, p.preferred, p.nhs_number, p.band, p.score, p.born, p.sort_name, p.band_rank, p.sort_score, p.sort_born,",
    " p.open_actions = (SELECT count(*) FROM action a WHERE a.person = p.id AND a.state IN ('open', 'accepted')),",
    " p.next_due = coalesce((SELECT min(a.due) FROM action a WHERE a.person = p.id AND a.state IN ('open', 'accepted')), '9999-12-31'),",
    " p.key_worker IS (SELECT k.member FROM key_worker k WHERE k.person = p.id AND k.until IS NULL),",
    " p.review_on = coalesce((SELECT l.review_on FROM plan l WHERE l.person = p.id), '9999-12-31'),",
    " p.last_discussed = coalesce((SELECT max(m.\"on\") FROM agenda_item i JOIN meeting m ON m.id = i.meeting WHERE i.person = p.id AND i.outcome = 'discussed'), '')",
    " FROM person p ORDER BY p.id"
);

/// The columns that [`BESIDE`] itself compares, in its order.
const COMPARED: [&str; 5] = ["open_actions", "next_due", "key_worker", "review_on", "last_discussed"];

fn derived(db: &Connection) -> Result<Option<Differs>, Fault> {
    let mut select = db.prepare(BESIDE)?;
    let mut rows = select.query([])?;
    let mut expected = words_index::Sum::default();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let (surname, forename, preferred): (String, String, Option<String>) = (row.get(1)?, row.get(2)?, row.get(3)?);
        let number: Option<i64> = row.get(4)?;
        let number = number.and_then(|number| u64::try_from(number).ok()).and_then(NhsNumber::from_value);
        // Nobody is found by what stands in the place of an erased name.
        if surname != ERASED || forename != ERASED {
            expected.person(id, &search_text(&surname, &forename, preferred.as_deref(), number));
        }
        let (band, score, born): (Option<String>, Option<i64>, Option<String>) =
            (row.get(5)?, row.get(6)?, row.get(7)?);
        let rank = band.as_deref().and_then(Band::from_code).map_or(3, Band::rank);
        let ours = [
            ("sort_name", row.get::<_, String>(8)? == sort_name(&surname, &forename)),
            ("band_rank", row.get::<_, i64>(9)? == rank),
            ("sort_score", row.get::<_, i64>(10)? == score.unwrap_or(-1)),
            ("sort_born", row.get::<_, String>(11)? == born.as_deref().unwrap_or("9999-12-31")),
        ];
        if let Some((column, _)) = ours.into_iter().find(|(_, agrees)| !agrees) {
            return Ok(Some(Differs::Derived { row: id, column }));
        }
        for (at, column) in COMPARED.into_iter().enumerate() {
            if !row.get::<_, bool>(12 + at)? {
                return Ok(Some(Differs::Derived { row: id, column }));
            }
        }
    }
    let uncounted: bool = db.query_row(
        concat!(
            "SELECT EXISTS (SELECT 1 FROM (SELECT team, standing, band_rank, key_worker IS NULL AS alone, count(*) AS people FROM person GROUP BY 1, 2, 3, 4",
            " UNION ALL SELECT team, standing, band_rank, alone, -people FROM census) GROUP BY team, standing, band_rank, alone HAVING sum(people) <> 0)"
        ),
        params![],
        |row| row.get(0),
    )?;
    if uncounted {
        return Ok(Some(Differs::Census));
    }
    Ok((words_index::kept(db)? != expected).then_some(Differs::Words))
}
