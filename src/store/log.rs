//! Steps, their changes, and the chain of hashes that joins them. Undo, redo, conflict and history are this one log.

use std::fmt::Write as _;

use rusqlite::types::Value;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Statement, params};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use crate::domain::Word;
use crate::domain::change::NounKind;

use super::apply::{Deed, Field, RowChange, columns_of};
use super::fault::Fault;
use super::prepare::{Prepared, Totals};

/// Who does something, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The moment, UTC, ISO.
    pub at: String,
    /// The member's name, or the login.
    pub actor: String,
}

words! {
    /// What kind of step it is.
    StepKind {
        /// Somebody changed something.
        Change = "change", "change";
        /// A step was taken back.
        Undo = "undo", "undo";
        /// A step taken back was done again.
        Redo = "redo", "redo";
        /// The meeting moved to another item of its agenda. Never undone: undo takes back what was recorded.
        Move = "move", "move";
        /// A list was taken in.
        Import = "import", "import";
        /// Minutes were sealed. Never undone.
        Seal = "seal", "seal";
        /// Something left the building.
        Export = "export", "export";
        /// Somebody opened a record.
        View = "view", "view";
        /// The file was made.
        Make = "make", "make";
        /// Somebody opened the file to work with it.
        Open = "open", "open";
        /// Another copy of the file was joined to it.
        Merge = "merge", "merge";
        /// The text about a person was lawfully erased. Never undone.
        Erase = "erase", "erase";
        /// A copy was made and tried.
        Backup = "backup", "backup";
        /// The file was put back from a copy.
        Restore = "restore", "restore";
        /// The passphrase was changed, or a recovery copy made.
        Key = "key", "key";
        /// A screen took over the lead of a live meeting.
        Lead = "lead", "lead";
    }
}

/// A step as history shows it. The label never holds anything about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its number in this file.
    pub seq: i64,
    /// When, UTC, ISO.
    pub at: String,
    /// Who.
    pub actor: String,
    /// What kind.
    pub kind: StepKind,
    /// What was done, in a few words.
    pub label: String,
    /// At which meeting.
    pub meeting: Option<i64>,
}

/// The newest step of the chain: what is printed under sealed minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its number.
    pub seq: i64,
    /// Its hash, in hexadecimal.
    pub hash: String,
}

impl Head {
    /// `step 214 · 9f86 d081 884c 7d65`: what is printed.
    pub fn printed(&self) -> String {
        let digits: Vec<char> = self.hash.chars().take(16).collect();
        let groups: Vec<String> = digits.chunks(4).map(|group| group.iter().collect()).collect();
        format!("step {} · {}", self.seq, groups.join(" "))
    }
}

/// Where the chain is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// A step's hash is not that of its content.
    Step(i64),
    /// A step does not follow the one before it.
    Link(i64),
    /// A change was altered, added or lost.
    Change(i64),
}

/// SHA-256 over fields, each with its length before it, so that no two lists of fields hash alike by accident.
pub(super) struct Sealer(Sha256);

impl Sealer {
    pub(super) fn new(purpose: &str) -> Self {
        Self(Sha256::new()).field(purpose.as_bytes())
    }

    pub(super) fn field(mut self, bytes: &[u8]) -> Self {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
        self
    }

    pub(super) fn digest(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// The hash before the first step.
pub(super) fn genesis(file_uuid: &str) -> [u8; 32] {
    Sealer::new("mdt-file-1").field(file_uuid.as_bytes()).digest()
}

/// A step being written.
pub(super) struct Writing<'t> {
    seq: i64,
    nth: i64,
    insert: CachedStatement<'t>,
    /// Whether its row is there already, to be completed.
    begun: bool,
}

/// What a step says of itself.
#[derive(Clone, Copy)]
pub(super) struct Heading<'h> {
    pub(super) file_uuid: &'h str,
    pub(super) uid: i64,
    pub(super) stamp: &'h Stamp,
    pub(super) kind: StepKind,
    pub(super) label: &'h str,
    pub(super) meeting: Option<i64>,
    pub(super) undoes: Option<i64>,
}

impl<'t> Writing<'t> {
    pub(super) fn new(tx: &'t Connection) -> Result<Self, Fault> {
        let seq: i64 =
            tx.prepare_cached("SELECT coalesce(max(seq), 0) + 1 FROM step")?.query_row([], |row| row.get(0))?;
        let mut insert = tx.prepare_cached("INSERT INTO change (step, nth, noun, row, deed, hash, salt, fields) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
        insert.raw_bind_parameter(1, seq)?;
        Ok(Self { seq, nth: 0, insert, begun: false })
    }

    /// Writes one change of the step.
    pub(super) fn change(&mut self, ready: &Prepared) -> Result<(), Fault> {
        let change = &ready.change;
        self.insert.raw_bind_parameter(2, self.nth)?;
        self.insert.raw_bind_parameter(3, change.noun.code())?;
        self.insert.raw_bind_parameter(4, change.row)?;
        self.insert.raw_bind_parameter(5, change.deed.code())?;
        self.insert.raw_bind_parameter(6, &ready.hash[..])?;
        let said = !ready.unsaid;
        self.insert.raw_bind_parameter(7, said.then_some(&ready.salt[..]))?;
        self.insert.raw_bind_parameter(8, said.then_some(ready.fields.as_str()))?;
        self.insert.raw_execute()?;
        self.nth += 1;
        Ok(())
    }

    /// Writes the step's own row before its changes are all there: with it in place none of them is an orphan, and none
    /// has to be looked at again.
    pub(super) fn begin(&mut self, tx: &Connection, heading: Heading<'_>) -> Result<(), Fault> {
        self.begun = true;
        self.put(tx, heading, 0, &[0; 32], &[0; 32], &[0; 32])
    }

    fn put(
        &self,
        tx: &Connection,
        heading: Heading<'_>,
        count: i64,
        payload: &[u8; 32],
        prev: &[u8; 32],
        hash: &[u8; 32],
    ) -> Result<(), Fault> {
        let Heading { uid, stamp, kind, label, meeting, undoes, .. } = heading;
        tx.prepare_cached("INSERT INTO step (seq, uid, at, actor, kind, label, meeting, undoes, changes, payload_hash, prev_hash, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")?
            .execute(params![self.seq, uid, stamp.at, stamp.actor, kind.code(), label, meeting, undoes, count, payload, prev, hash])?;
        Ok(())
    }

    /// Completes the row that was put first. The log is append-only by a trigger, which steps aside for this one statement
    /// of the transaction that makes the row.
    fn complete(
        &self,
        tx: &Connection,
        count: i64,
        payload: &[u8; 32],
        prev: &[u8; 32],
        hash: &[u8; 32],
    ) -> Result<(), Fault> {
        let trigger: String =
            tx.query_row("SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = 'step_stays'", [], |row| {
                row.get(0)
            })?;
        tx.execute_batch("DROP TRIGGER step_stays")?;
        tx.execute(
            "UPDATE step SET changes = ?2, payload_hash = ?3, prev_hash = ?4, hash = ?5 WHERE seq = ?1",
            params![self.seq, count, payload, prev, hash],
        )?;
        tx.execute_batch(&trigger)?;
        Ok(())
    }

    /// Writes the step itself and gives its number.
    pub(super) fn finish(self, tx: &Connection, heading: Heading<'_>, totals: &Totals) -> Result<i64, Fault> {
        if totals.count != self.nth {
            return Err(Fault::Other { code: -4, what: "changes of the step were lost on the way".to_owned() });
        }
        let prev: [u8; 32] = match tx
            .prepare_cached("SELECT hash FROM step WHERE seq = ?1")?
            .query_row([self.seq - 1], |row| row.get(0))
            .optional()?
        {
            Some(hash) => hash,
            None => genesis(heading.file_uuid),
        };
        let hash = step_hash(self.seq, heading, totals.count, &totals.payload, &prev);
        if self.begun {
            self.complete(tx, totals.count, &totals.payload, &prev, &hash)?;
        } else {
            self.put(tx, heading, totals.count, &totals.payload, &prev, &hash)?;
        }
        Ok(self.seq)
    }
}

pub(super) fn change_hash(noun: &str, row: i64, deed: &str, salt: &[u8], fields: &str) -> [u8; 32] {
    Sealer::new("mdt-change-1")
        .field(noun.as_bytes())
        .field(&row.to_be_bytes())
        .field(deed.as_bytes())
        .field(salt)
        .field(fields.as_bytes())
        .digest()
}

pub(super) fn step_hash(seq: i64, heading: Heading<'_>, changes: i64, payload: &[u8; 32], prev: &[u8; 32]) -> [u8; 32] {
    let Heading { uid, stamp, kind, label, meeting, undoes, .. } = heading;
    let optional = |id: Option<i64>| id.map(i64::to_be_bytes).map(|bytes| bytes.to_vec()).unwrap_or_default();
    Sealer::new("mdt-step-1")
        .field(&seq.to_be_bytes())
        .field(&uid.to_be_bytes())
        .field(stamp.at.as_bytes())
        .field(stamp.actor.as_bytes())
        .field(kind.code().as_bytes())
        .field(label.as_bytes())
        .field(&optional(meeting))
        .field(&optional(undoes))
        .field(&changes.to_be_bytes())
        .field(payload)
        .field(prev)
        .digest()
}

/// `{"column":[was,now],…}` of an alteration; `{"column":value,…}` of a record that is added or removed. (Version 1 wrote
/// both sides always; [`parse_fields`] reads either.)
pub(super) fn fields_json(change: &RowChange) -> String {
    let mut out = String::with_capacity(64 * change.fields.len() + 2);
    out.push('{');
    for (n, field) in change.fields.iter().enumerate() {
        out.push_str(if n == 0 { "\"" } else { ",\"" });
        // A column's name is an identifier: nothing in it needs escaping.
        out.push_str(field.column);
        out.push_str("\":");
        match change.deed {
            // One side is empty, and the deed says which.
            Deed::Add => push_json(&mut out, &field.now),
            Deed::Remove => push_json(&mut out, &field.was),
            Deed::Alter => {
                out.push('[');
                push_json(&mut out, &field.was);
                out.push(',');
                push_json(&mut out, &field.now);
                out.push(']');
            }
        }
    }
    out.push('}');
    out
}

fn push_json(out: &mut String, value: &Value) {
    match value {
        Value::Null | Value::Blob(_) => out.push_str("null"),
        Value::Integer(n) => push_number(out, *n),
        Value::Real(x) => out.push_str(&Json::from(*x).to_string()),
        // Nearly every text stands as it is; the others are escaped by the book.
        Value::Text(text) if text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') => {
            out.push('"');
            out.push_str(text);
            out.push('"');
        }
        Value::Text(text) => out.push_str(&Json::from(text.as_str()).to_string()),
    }
}

fn push_number(out: &mut String, n: i64) {
    match u8::try_from(n) {
        Ok(digit @ 0..=9) => out.push(char::from(b'0' + digit)),
        // Writing to memory does not fail.
        _ => drop(write!(out, "{n}")),
    }
}

pub(super) fn from_json(value: &Json) -> Option<Value> {
    match value {
        Json::Null => Some(Value::Null),
        Json::Number(n) => n.as_i64().map(Value::Integer),
        Json::String(text) => Some(Value::Text(text.clone())),
        Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    }
}

/// How many changes a step has.
pub(super) fn count_of(db: &Connection, seq: i64) -> Result<i64, Fault> {
    Ok(db.prepare_cached("SELECT changes FROM step WHERE seq = ?1")?.query_row([seq], |row| row.get(0))?)
}

/// How many changes of a step are in memory at a time.
const AT_A_TIME: i64 = 512;

/// The changes of a step, a few at a time: oldest first, or newest first and each turned round, as an undo needs them.
pub(super) struct Changes {
    seq: i64,
    inverse: bool,
    /// The `nth` of the one given last.
    last: Option<i64>,
}

impl Changes {
    pub(super) fn of(seq: i64, inverse: bool) -> Self {
        Self { seq, inverse, last: None }
    }

    /// The next ones; none when all were given. No statement stays open between two calls: what is read is written over.
    pub(super) fn next(&mut self, db: &Connection) -> Result<Vec<RowChange>, Fault> {
        let (sql, from) = if self.inverse {
            (
                "SELECT noun, row, deed, fields, nth FROM change WHERE step = ?1 AND nth < ?2 ORDER BY nth DESC LIMIT ?3",
                i64::MAX,
            )
        } else {
            ("SELECT noun, row, deed, fields, nth FROM change WHERE step = ?1 AND nth > ?2 ORDER BY nth LIMIT ?3", -1)
        };
        let mut select = db.prepare_cached(sql)?;
        let mut rows = select.query(params![self.seq, self.last.unwrap_or(from), AT_A_TIME])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            self.last = Some(row.get(4)?);
            let change = change(row)?;
            out.push(if self.inverse { inverse(change) } else { change });
        }
        Ok(out)
    }
}

/// A change as the log has it: noun, row, deed and fields are the first columns of `row`.
pub(super) fn change(row: &rusqlite::Row<'_>) -> Result<RowChange, Fault> {
    let Some(fields) = row.get_ref(3)?.as_str_or_null().unwrap_or_default() else {
        return Err(Fault::CannotUndo(
            "The text of this step was lawfully erased; it can no longer be undone.".to_owned(),
        ));
    };
    let noun = row.get_ref(0)?.as_str().ok().and_then(NounKind::from_code);
    let deed = row.get_ref(2)?.as_str().ok().and_then(Deed::from_code);
    let read =
        noun.zip(deed).and_then(|(noun, deed)| parse_fields(noun, deed, fields).map(|fields| (noun, deed, fields)));
    let Some((noun, deed, fields)) = read else {
        return Err(Fault::CannotUndo(
            "This step was written by another version of mdt and cannot be undone by this one.".to_owned(),
        ));
    };
    Ok(RowChange { noun, row: row.get(1)?, deed, fields })
}

pub(super) fn parse_fields(noun: NounKind, deed: Deed, text: &str) -> Option<Vec<Field>> {
    let map: Map<String, Json> = serde_json::from_str(text).ok()?;
    // The columns' own order, so that a redo writes what the step wrote.
    let mut fields = Vec::with_capacity(map.len());
    for column in columns_of(noun) {
        let Some(sides) = map.get(*column) else { continue };
        let (was, now) = match (sides, deed) {
            (Json::Array(sides), _) => {
                let [was, now] = sides.as_slice() else { return None };
                (from_json(was)?, from_json(now)?)
            }
            (value, Deed::Add) => (Value::Null, from_json(value)?),
            (value, Deed::Remove) => (from_json(value)?, Value::Null),
            (_, Deed::Alter) => return None,
        };
        fields.push(Field { column, was, now });
    }
    (fields.len() == map.len()).then_some(fields)
}

/// The same change, turned round.
pub(super) fn inverse(change: RowChange) -> RowChange {
    let turn = |field: Field| Field { column: field.column, was: field.now, now: field.was };
    RowChange { deed: change.deed.inverse(), fields: change.fields.into_iter().map(turn).collect(), ..change }
}

/// Whether a step does nothing but tick what was written back, or take that back: sealed minutes do not stand in its way.
pub(super) fn only_ticks(db: &Connection, seq: i64) -> Result<bool, Fault> {
    let others = "SELECT NOT EXISTS (SELECT 1 FROM change WHERE step = ?1 AND noun <> 'written_back')";
    Ok(db.prepare_cached(others)?.query_row([seq], |row| row.get(0))?)
}

/// The newest step of `actor` that is in effect and can be taken back: nothing of a meeting whose minutes are sealed, but
/// for the ticks that it was written back.
pub(super) fn to_undo(db: &Connection, actor: &str) -> Result<Option<Step>, Fault> {
    let sql = concat!(
        "SELECT s.seq, s.at, s.actor, s.kind, s.label, s.meeting FROM step s WHERE s.actor = ?1 AND s.kind IN ('change', 'import', 'merge')",
        " AND coalesce((SELECT u.kind FROM step u WHERE u.undoes = s.seq ORDER BY u.seq DESC LIMIT 1), 'redo') = 'redo'",
        " AND (NOT EXISTS (SELECT 1 FROM meeting m WHERE m.id = s.meeting AND m.stage = 'sealed')",
        " OR (s.changes > 0 AND NOT EXISTS (SELECT 1 FROM change c WHERE c.step = s.seq AND c.noun <> 'written_back')))",
        " ORDER BY s.seq DESC LIMIT 1"
    );
    db.prepare_cached(sql)?.query_row([actor], |row| Ok(step(row))).optional()?.transpose()
}

/// The step of `actor` that was taken back last and can be done again: nothing new was done since.
pub(super) fn to_redo(db: &Connection, actor: &str) -> Result<Option<Step>, Fault> {
    let sql = concat!(
        "SELECT s.seq, s.at, s.actor, s.kind, s.label, s.meeting FROM step u JOIN step s ON s.seq = u.undoes",
        " WHERE u.actor = ?1 AND u.kind = 'undo'",
        " AND u.seq > coalesce((SELECT max(seq) FROM step n WHERE n.actor = ?1 AND n.kind IN ('change', 'import', 'merge')), 0)",
        " AND (SELECT l.kind FROM step l WHERE l.undoes = s.seq ORDER BY l.seq DESC LIMIT 1) = 'undo'",
        " ORDER BY u.seq DESC LIMIT 1"
    );
    db.prepare_cached(sql)?.query_row([actor], |row| Ok(step(row))).optional()?.transpose()
}

pub(super) fn step(row: &rusqlite::Row<'_>) -> Result<Step, Fault> {
    let kind: String = row.get(3)?;
    let kind = StepKind::from_code(&kind)
        .ok_or_else(|| Fault::Other { code: -3, what: "an unknown kind of step".to_owned() })?;
    Ok(Step { seq: row.get(0)?, at: row.get(1)?, actor: row.get(2)?, kind, label: row.get(4)?, meeting: row.get(5)? })
}

/// The newest step.
pub(super) fn head(db: &Connection) -> Result<Head, Fault> {
    let found = db
        .prepare_cached("SELECT seq, hash FROM step ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get::<_, [u8; 32]>(1)?)))
        .optional()?;
    let (seq, hash) = found.unwrap_or((0, [0; 32]));
    Ok(Head { seq, hash: hex(&hash) })
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Checks the hash of each change of a step; how many there are, and the hash over all of theirs. Nothing where one is not
/// as it was written.
pub(super) fn weigh(changes: &mut Statement<'_>, step: i64) -> Result<Option<(i64, [u8; 32])>, Fault> {
    let mut seen = 0;
    let mut sum = Sha256::new();
    let mut parts = changes.query([step])?;
    while let Some(part) = parts.next()? {
        let (noun, id, deed, kept): (String, i64, String, [u8; 32]) =
            (part.get(0)?, part.get(1)?, part.get(2)?, part.get(3)?);
        let (salt, fields): (Option<Vec<u8>>, Option<String>) = (part.get(4)?, part.get(5)?);
        // Lawful erasure takes text and salt together; one without the other is somebody's hand.
        let whole = match (salt, fields) {
            (Some(salt), Some(fields)) => change_hash(&noun, id, &deed, &salt, &fields) == kept,
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        if !whole {
            return Ok(None);
        }
        sum.update(kept);
        seen += 1;
    }
    Ok(Some((seen, sum.finalize().into())))
}

/// Walks the chain from step `from` on and checks every hash; of steps with more than `most` changes only their own.
/// `Ok(Err(…))` names the first break.
pub(super) fn verify(db: &Connection, file_uuid: &str, from: i64, most: i64) -> Result<Result<i64, Broken>, Fault> {
    let mut steps = db.prepare("SELECT seq, at, actor, kind, label, meeting, uid, undoes, changes, payload_hash, prev_hash, hash FROM step WHERE seq >= ?1 ORDER BY seq")?;
    let mut changes =
        db.prepare("SELECT noun, row, deed, hash, salt, fields FROM change WHERE step = ?1 ORDER BY nth")?;
    let mut prev: [u8; 32] = if from <= 1 {
        genesis(file_uuid)
    } else {
        db.query_row("SELECT hash FROM step WHERE seq = ?1", [from - 1], |row| row.get(0))
            .optional()?
            .unwrap_or_default()
    };
    let mut expected = from.max(1);
    let mut rows = steps.query([if from <= 1 { i64::MIN } else { from }])?;
    while let Some(row) = rows.next()? {
        let it = step(row)?;
        let (uid, undoes, count): (i64, Option<i64>, i64) = (row.get(6)?, row.get(7)?, row.get(8)?);
        let (payload, link, hash): ([u8; 32], [u8; 32], [u8; 32]) = (row.get(9)?, row.get(10)?, row.get(11)?);
        if it.seq != expected || link != prev {
            return Ok(Err(Broken::Link(it.seq)));
        }
        let weighed = count <= most;
        let Some((seen, sum)) = weigh(&mut changes, if weighed { it.seq } else { 0 })? else {
            return Ok(Err(Broken::Change(it.seq)));
        };
        if weighed && (seen != count || sum != payload) {
            return Ok(Err(Broken::Change(it.seq)));
        }
        let stamp = Stamp { at: it.at.clone(), actor: it.actor.clone() };
        let (kind, label, meeting) = (it.kind, it.label.as_str(), it.meeting);
        let heading = Heading { file_uuid, uid, stamp: &stamp, kind, label, meeting, undoes };
        if step_hash(it.seq, heading, count, &payload, &prev) != hash {
            return Ok(Err(Broken::Step(it.seq)));
        }
        prev = hash;
        expected += 1;
    }
    // Changes that no step counts; a glance at the newest steps leaves them out.
    if from <= 1 {
        let strays = "SELECT min(step) FROM change WHERE step NOT IN (SELECT seq FROM step)";
        if let Some(step) = db.query_row(strays, [], |row| row.get(0))? {
            return Ok(Err(Broken::Change(step)));
        }
    }
    Ok(Ok(expected - 1))
}
