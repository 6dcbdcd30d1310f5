//! The log as people ask it: the story of the file, of a person, an action or a meeting, a window at a time.
//!
//! A window is found by the place of its steps, never by an offset, and of a step only some changes are read: a list of
//! three hundred thousand rows is one step. Whose a record is, its row says; of records that are gone or have moved to
//! another, `belonged` says whose they were, and the log itself when. The steps of joined copies stand below the step that
//! joined them. What a change means in words is not known here.

mod story;

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, params, params_from_iter};

use crate::domain::Word;
use crate::domain::change::{NounKind, RecordId};
use crate::domain::id::JoiningId;

use super::Reader;
use super::apply::{Deed, columns_of};
use super::fault::Fault;
use super::log::{self, parse_fields};

pub use story::{Alteration, Cell, Content, Edge, Happened, Place, Sides, StoryFilter, Told, Which, Whose};

/// A step that belongs to a story; without a list, all its changes do.
struct Found {
    place: Place,
    key: i64,
    joined: Option<i64>,
    nths: Option<Vec<i64>>,
}

/// Whose a record is that has a column for it.
const OF_PERSON: &str = include_str!("records_of_person.sql");
const OF_MEETING: &str = include_str!("records_of_meeting.sql");

impl Reader {
    /// A window of a story, newest step first; of each step at most `each` changes.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn story(&self, filter: &StoryFilter, edge: Edge, limit: usize, each: usize) -> Result<Vec<Told>, Fault> {
        let mut found = match filter.whose {
            Whose::File => self.steps_of_file(filter, edge, limit)?,
            Whose::Person(_) | Whose::Action(_) | Whose::Meeting(_) => self.steps_of_records(filter, edge, limit)?,
        };
        for (joining, seq) in self.joinings()? {
            found.extend(self.steps_of_copy(filter, edge, limit, joining, seq)?);
        }
        let newest_first = is_downward(edge);
        found.sort_by_key(|it| it.place);
        if newest_first {
            found.reverse();
        }
        found.truncate(limit);
        if !newest_first {
            found.reverse();
        }
        found.iter().map(|it| self.tell(it, each)).collect()
    }

    /// A cell of a record as it is, or – where the record is gone – as it was last.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn last_known(&self, noun: NounKind, row: i64, column: &'static str) -> Result<Option<Cell>, Fault> {
        if !columns_of(noun).contains(&column) {
            return Ok(None);
        }
        let there = format!("SELECT \"{column}\" FROM {} WHERE id = ?1", noun.code());
        let there: Option<Value> = self.db.prepare_cached(&there)?.query_row([row], |row| row.get(0)).optional()?;
        if let Some(value) = there {
            return Ok(Some(value.into()));
        }
        let before = "SELECT deed, fields FROM change WHERE row = ?1 AND noun = ?2 AND fields IS NOT NULL ORDER BY step DESC, nth DESC LIMIT 64";
        let mut select = self.db.prepare_cached(before)?;
        let mut rows = select.query(params![row, noun.code()])?;
        while let Some(row) = rows.next()? {
            let (deed, fields): (String, String) = (row.get(0)?, row.get(1)?);
            let Some(fields) = Deed::from_code(&deed).and_then(|deed| parse_fields(noun, deed, &fields)) else {
                continue;
            };
            if let Some(field) = fields.into_iter().find(|field| field.column == column) {
                let last = if deed == Deed::Remove.code() { field.was } else { field.now };
                return Ok(Some(last.into()));
            }
        }
        Ok(None)
    }

    /// The names under which steps were done, in their order.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn actors(&self) -> Result<Vec<String>, Fault> {
        // One look into the index for each name, however many steps there are.
        let sql = "WITH RECURSIVE name (it) AS (SELECT min(actor) FROM step UNION ALL SELECT (SELECT min(actor) FROM step WHERE actor > it) FROM name WHERE it IS NOT NULL) SELECT it FROM name WHERE it IS NOT NULL LIMIT 500";
        let mut select = self.db.prepare_cached(sql)?;
        Ok(select.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// Every joined copy, and the step that joined it – also where that was taken back since.
    fn joinings(&self) -> Result<Vec<(i64, i64)>, Fault> {
        let sql = "WITH RECURSIVE copy (it) AS (SELECT min(joined) FROM branch_step UNION ALL SELECT (SELECT min(joined) FROM branch_step WHERE joined > it) FROM copy WHERE it IS NOT NULL) SELECT it, (SELECT min(c.step) FROM change c WHERE c.row = it AND c.noun = 'joining' AND c.deed = 'add') FROM copy WHERE it IS NOT NULL";
        let mut select = self.db.prepare_cached(sql)?;
        let all: Vec<(i64, Option<i64>)> =
            select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        Ok(all.into_iter().filter_map(|(joining, seq)| Some((joining, seq?))).collect())
    }

    fn steps_of_file(&self, filter: &StoryFilter, edge: Edge, limit: usize) -> Result<Vec<Found>, Fault> {
        let mut wanted = Wanted::of(filter);
        wanted.window("s.seq", own_bounds(edge));
        // The days are looked up in an index of their own: a window long ago must not be looked for step by step.
        for (bound, sql, mark) in [
            (filter.since, "SELECT min(seq) FROM step WHERE at >= ?1", "s.seq >= ?"),
            (filter.until, "SELECT max(seq) FROM step WHERE at < ?1", "s.seq <= ?"),
        ] {
            if let Some(moment) = bound {
                let seq: Option<i64> = self.db.prepare_cached(sql)?.query_row([moment.iso()], |row| row.get(0))?;
                wanted.push(mark, [Value::Integer(seq.unwrap_or(-1))]);
            }
        }
        let order = if is_downward(edge) { "DESC" } else { "ASC" };
        let sql = format!("SELECT s.seq FROM step s WHERE {} ORDER BY s.seq {order} LIMIT {limit}", wanted.sql());
        let mut select = self.db.prepare_cached(&sql)?;
        let seqs: Vec<i64> =
            select.query_map(params_from_iter(wanted.values), |row| row.get(0))?.collect::<Result<_, _>>()?;
        let found = |seq| Found { place: Place::step(seq), key: seq, joined: None, nths: None };
        Ok(seqs.into_iter().map(found).collect())
    }

    /// The steps that changed the records of a person, an action or a meeting.
    fn steps_of_records(&self, filter: &StoryFilter, edge: Edge, limit: usize) -> Result<Vec<Found>, Fault> {
        let order = if is_downward(edge) { "DESC" } else { "ASC" };
        let (records, owner) = records_of(filter);
        let mut wanted = Wanted::of(filter);
        wanted.window("c.step", own_bounds(edge));
        let sql = format!(
            "WITH mine (noun, row) AS ({records}) SELECT c.step, c.nth FROM mine CROSS JOIN change c ON c.row = mine.row AND c.noun = mine.noun CROSS JOIN step s ON s.seq = c.step WHERE {} AND {UNMOVED} ORDER BY c.step {order}, c.nth",
            wanted.sql()
        );
        let mut found: BTreeMap<i64, Option<Vec<i64>>> = BTreeMap::new();
        let mut select = self.db.prepare_cached(&sql)?;
        let values = std::iter::once(Value::Integer(owner)).chain(wanted.values.iter().cloned());
        let mut rows = select.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            let (step, nth): (i64, i64) = (row.get(0)?, row.get(1)?);
            if !found.contains_key(&step) && found.len() >= limit {
                break;
            }
            found.entry(step).or_insert_with(|| Some(Vec::new())).get_or_insert_default().push(nth);
        }
        for (step, nth) in self.steps_of_moved(filter)? {
            let within = own_bounds(edge).iter().all(|(than, seq)| match than {
                '<' => step < *seq,
                '>' => step > *seq,
                _ => step == *seq,
            });
            if within && wanted_step(self, filter, step)? {
                found.entry(step).or_insert_with(|| Some(Vec::new())).get_or_insert_default().push(nth);
            }
        }
        if let Whose::Meeting(meeting) = filter.whose {
            let mut wanted = Wanted::of(filter);
            wanted.window("s.seq", own_bounds(edge));
            wanted.push("s.meeting = ?", [Value::Integer(meeting.raw())]);
            let sql = format!("SELECT s.seq FROM step s WHERE {} ORDER BY s.seq {order} LIMIT {limit}", wanted.sql());
            let mut select = self.db.prepare_cached(&sql)?;
            let mut rows = select.query(params_from_iter(wanted.values))?;
            while let Some(row) = rows.next()? {
                // At the meeting, everything a step did belongs to its story.
                found.insert(row.get(0)?, None);
            }
        }
        let told =
            |(seq, nths): (i64, Option<Vec<i64>>)| Found { place: Place::step(seq), key: seq, joined: None, nths };
        Ok(found.into_iter().map(told).collect())
    }

    /// The changes of records that are gone or have moved to another, while they were of this person or meeting.
    fn steps_of_moved(&self, filter: &StoryFilter) -> Result<BTreeSet<(i64, i64)>, Fault> {
        let (owner, id) = match filter.whose {
            Whose::Person(person) => ("person", person.raw()),
            Whose::Meeting(meeting) => ("meeting", meeting.raw()),
            Whose::File | Whose::Action(_) => return Ok(BTreeSet::new()),
        };
        let (records, _) = records_of(filter);
        let sql = format!(
            "WITH mine (noun, row) AS ({records}) SELECT mine.noun, mine.row FROM mine WHERE NOT {UNMOVED} UNION SELECT noun, row FROM belonged WHERE owner = ?2 AND id = ?1"
        );
        let mut select = self.db.prepare_cached(&sql)?;
        let moved: Vec<(String, i64)> =
            select.query_map(params![id, owner], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        let (column, path) = (owner, format!("$.{owner}"));
        let sides = "SELECT step, nth, deed, fields IS NULL, json_extract(fields, ?3), json_extract(fields, ?3 || '[0]'), json_extract(fields, ?3 || '[1]') FROM change WHERE row = ?1 AND noun = ?2 ORDER BY step, nth";
        let mut select = self.db.prepare_cached(sides)?;
        let mut out = BTreeSet::new();
        for (noun, record) in moved {
            let mut owner: Option<i64> = None;
            // What has no column for its owner, or lost it with its text, is known to be theirs by the list alone.
            let has_owner = NounKind::from_code(&noun).is_some_and(|noun| columns_of(noun).contains(&column));
            let mut known = false;
            let mut rows = select.query(params![record, noun, path])?;
            while let Some(row) = rows.next()? {
                let number = |at: usize| match row.get::<_, Value>(at) {
                    Ok(Value::Integer(n)) => Some(n),
                    _ => None,
                };
                let deed: String = row.get(2)?;
                let (alone, was, now) = (number(4), number(5), number(6));
                let (before, after) = match Deed::from_code(&deed) {
                    Some(Deed::Add) => (None, alone.or(now)),
                    Some(Deed::Remove) => (alone.or(was).or(owner), None),
                    Some(Deed::Alter) if was.is_some() || now.is_some() => (was, now),
                    Some(Deed::Alter) | None => (owner, owner),
                };
                let legible = has_owner && !row.get::<_, bool>(3)?;
                known |= before.is_some() || after.is_some() || (legible && deed == Deed::Add.code());
                if before == Some(id) || after == Some(id) || !known {
                    out.insert((row.get(0)?, row.get(1)?));
                }
                owner = after;
            }
        }
        Ok(out)
    }

    /// The steps of a joined copy, which stand below the step that joined it.
    fn steps_of_copy(
        &self,
        filter: &StoryFilter,
        edge: Edge,
        limit: usize,
        joining: i64,
        seq: i64,
    ) -> Result<Vec<Found>, Fault> {
        let bounds = match edge {
            Edge::Before(place) if place.seq < seq => return Ok(Vec::new()),
            Edge::After(place) if place.seq > seq => return Ok(Vec::new()),
            Edge::At(place) if place.seq != seq || place.branch == i64::MAX => return Ok(Vec::new()),
            Edge::At(place) => vec![('=', place.branch)],
            Edge::Before(place) if place.seq == seq => vec![('<', place.branch)],
            Edge::After(place) if place.seq == seq => vec![('>', place.branch)],
            Edge::Newest | Edge::Oldest | Edge::Before(_) | Edge::After(_) => Vec::new(),
        };
        let mut wanted = Wanted::of(filter);
        wanted.window("s.seq", bounds);
        wanted.push("s.joined = ?", [Value::Integer(joining)]);
        let order = if is_downward(edge) { "DESC" } else { "ASC" };
        let (records, owner) = records_of(filter);
        let sql = match filter.whose {
            Whose::File => format!(
                "SELECT s.uid, s.seq, -1 FROM branch_step s WHERE ?1 = ?1 AND {} ORDER BY s.seq {order} LIMIT {limit}",
                wanted.sql()
            ),
            Whose::Person(_) | Whose::Action(_) | Whose::Meeting(_) => format!(
                "WITH mine (noun, row) AS ({records}) SELECT s.uid, s.seq, c.nth FROM mine CROSS JOIN branch_change c ON c.row = mine.row AND c.noun = mine.noun CROSS JOIN branch_step s ON s.uid = c.uid WHERE {} AND {UNMOVED} ORDER BY s.seq {order}, c.nth",
                wanted.sql()
            ),
        };
        let mut found: BTreeMap<(i64, i64), Vec<i64>> = BTreeMap::new();
        let mut select = self.db.prepare_cached(&sql)?;
        let mut rows = select.query(params_from_iter(std::iter::once(Value::Integer(owner)).chain(wanted.values)))?;
        while let Some(row) = rows.next()? {
            let key = (row.get(1)?, row.get(0)?);
            if !found.contains_key(&key) && found.len() >= limit {
                break;
            }
            found.entry(key).or_default().push(row.get(2)?);
        }
        let whole = filter.whose == Whose::File;
        let told = |((at, uid), nths): ((i64, i64), Vec<i64>)| Found {
            place: Place { seq, branch: at },
            key: uid,
            joined: Some(joining),
            nths: (!whole).then_some(nths),
        };
        Ok(found.into_iter().map(told).collect())
    }

    fn tell(&self, found: &Found, each: usize) -> Result<Told, Fault> {
        let (steps, changes, key) = match found.joined {
            None => ("step", "change", ("seq", "step")),
            Some(_) => ("branch_step", "branch_change", ("uid", "uid")),
        };
        let sql =
            format!("SELECT seq, at, actor, kind, label, meeting, undoes, changes FROM {steps} WHERE {} = ?1", key.0);
        let (step, undoes, count) = self
            .db
            .prepare_cached(&sql)?
            .query_row([found.key], |row| Ok((log::step(row), row.get::<_, Option<i64>>(6)?, row.get::<_, i64>(7)?)))?;
        let fate = match found.joined {
            None => self
                .db
                .prepare_cached(
                    "SELECT seq, at, actor, kind, label, meeting FROM step WHERE undoes = ?1 ORDER BY seq DESC LIMIT 1",
                )?
                .query_row([found.key], |row| Ok(log::step(row)))
                .optional()?
                .transpose()?,
            Some(_) => None,
        };
        let mut told = Vec::new();
        let total = match &found.nths {
            None => {
                let sql =
                    format!("SELECT noun, row, deed, fields FROM {changes} WHERE {} = ?1 ORDER BY nth LIMIT ?2", key.1);
                let mut select = self.db.prepare_cached(&sql)?;
                let mut rows = select.query(params![found.key, i64::try_from(each).unwrap_or(i64::MAX)])?;
                while let Some(row) = rows.next()? {
                    told.extend(alteration(row)?);
                }
                count
            }
            Some(nths) => {
                let sql = format!("SELECT noun, row, deed, fields FROM {changes} WHERE {} = ?1 AND nth = ?2", key.1);
                let mut select = self.db.prepare_cached(&sql)?;
                for nth in nths.iter().take(each) {
                    let mut rows = select.query(params![found.key, nth])?;
                    if let Some(row) = rows.next()? {
                        told.extend(alteration(row)?);
                    }
                }
                i64::try_from(nths.len()).unwrap_or(i64::MAX)
            }
        };
        let more = (total - i64::try_from(each).unwrap_or(i64::MAX)).max(0);
        let joined = found.joined.map(JoiningId::from_raw);
        Ok(Told { place: found.place, step: step?, joined, undoes, fate, changes: told, more })
    }
}

/// Records that are gone or have moved are looked at one by one; the others are whose they always were.
const UNMOVED: &str = "NOT EXISTS (SELECT 1 FROM belonged b WHERE b.noun = mine.noun AND b.row = mine.row)";

/// The records of a story as a query of `?1`, and that number.
fn records_of(filter: &StoryFilter) -> (&'static str, i64) {
    match filter.whose {
        Whose::File => ("SELECT '', 0 WHERE ?1", 0),
        Whose::Person(person) => (OF_PERSON, person.raw()),
        Whose::Action(action) => ("SELECT 'action', ?1", action.raw()),
        Whose::Meeting(meeting) => (OF_MEETING, meeting.raw()),
    }
}

fn wanted_step(reader: &Reader, filter: &StoryFilter, seq: i64) -> Result<bool, Fault> {
    let mut wanted = Wanted::of(filter);
    wanted.push("s.seq = ?", [Value::Integer(seq)]);
    let sql = format!("SELECT EXISTS (SELECT 1 FROM step s WHERE {})", wanted.sql());
    Ok(reader.db.prepare_cached(&sql)?.query_row(params_from_iter(wanted.values), |row| row.get(0))?)
}

fn is_downward(edge: Edge) -> bool {
    matches!(edge, Edge::Newest | Edge::Before(_) | Edge::At(_))
}

/// Between which steps of this file a window lies.
fn own_bounds(edge: Edge) -> Vec<(char, i64)> {
    match edge {
        Edge::Newest | Edge::Oldest => Vec::new(),
        Edge::Before(place) => vec![('<', place.seq)],
        // Above a step of a joined copy stands the step that joined it.
        Edge::After(place) if place.branch != i64::MAX => vec![('>', place.seq - 1)],
        Edge::After(place) => vec![('>', place.seq)],
        Edge::At(place) if place.branch != i64::MAX => vec![('=', -1)],
        Edge::At(place) => vec![('=', place.seq)],
    }
}

/// Conditions on a step `s`, and their values.
struct Wanted {
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Wanted {
    fn of(filter: &StoryFilter) -> Self {
        let mut wanted = Self { conditions: Vec::new(), values: Vec::new() };
        match filter.which {
            Which::Done => wanted.push("s.kind NOT IN ('view', 'move')", []),
            Which::All => {}
            Which::Only(kind) => wanted.push("s.kind = ?", [Value::Text(kind.code().to_owned())]),
        }
        if let Some(actor) = &filter.actor {
            wanted.push("s.actor = ?", [Value::Text(actor.clone())]);
        }
        if let Some(since) = filter.since {
            wanted.push("s.at >= ?", [Value::Text(since.iso())]);
        }
        if let Some(until) = filter.until {
            wanted.push("s.at < ?", [Value::Text(until.iso())]);
        }
        wanted
    }

    fn push(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.conditions.push(condition.to_owned());
        self.values.extend(values);
    }

    fn window(&mut self, column: &str, bounds: Vec<(char, i64)>) {
        for (than, seq) in bounds {
            self.push(&format!("{column} {than} ?"), [Value::Integer(seq)]);
        }
    }

    fn sql(&self) -> String {
        if self.conditions.is_empty() { "1".to_owned() } else { self.conditions.join(" AND ") }
    }
}

/// A change as the log holds it; nothing where its noun is not known to this program.
fn alteration(row: &rusqlite::Row<'_>) -> Result<Option<Alteration>, Fault> {
    let noun: String = row.get(0)?;
    let deed: String = row.get(2)?;
    let (Some(noun), Some(deed)) = (NounKind::from_code(&noun), Deed::from_code(&deed)) else { return Ok(None) };
    let happened = match deed {
        Deed::Add => Happened::Added,
        Deed::Alter => Happened::Altered,
        Deed::Remove => Happened::Removed,
    };
    let content = match row.get::<_, Option<String>>(3)? {
        None => Content::Erased,
        Some(text) => match parse_fields(noun, deed, &text) {
            None => Content::Foreign,
            Some(fields) => Content::Fields(
                fields
                    .into_iter()
                    .map(|it| Sides { column: it.column, was: it.was.into(), now: it.now.into() })
                    .collect(),
            ),
        },
    };
    Ok(Some(Alteration { noun, row: row.get(1)?, happened, content }))
}

/// The columns of a noun, in the order of its fields.
pub fn columns(noun: NounKind) -> &'static [&'static str] {
    columns_of(noun)
}
