//! Two copies of one file, changed apart, become one again. What only one side changed is taken; what both changed, and what
//! does not go together, a person decides; nothing is guessed, least of all across people.
//!
//! [`Other`] is the other copy, looked over whole and never written. [`Joiner`] compares; [`Joiner::foresee`] says what would
//! come and what has to be decided; [`Store::join`](super::Store::join) writes it as one step through the one door, with the other copy's own
//! steps beside it. See `docs/decisions/0009-two-copies.md`.

mod erased;
mod fold;
mod point;
mod rules;
mod sides;
mod write;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

use rusqlite::{Connection, Transaction};

use crate::domain::Word as _;
use crate::domain::change::{Noun, NounKind, Record};
use crate::domain::day::Day;
use crate::domain::id::PersonId;

use super::Reader;
use super::apply::{columns_of, row_of};
use super::bulk::Stop;
use super::codec::Table;
use super::copy::{key_of, prove};
use super::fault::Fault;
use super::find;
use super::log::{self, Head};
use super::open::{self, Passphrase};
use erased::ErasedHere;
use point::Point;
use rules::Fate;
use sides::Cells;

pub(super) use write::references_last;

/// Another copy of a file: looked over whole, and only read.
pub struct Other {
    db: Connection,
    file_uuid: String,
}

impl Other {
    /// Opens a copy that nobody is working on. Every page, reference and step of it is tried; nothing is written beside it.
    ///
    /// # Errors
    /// Why it cannot be used: wrong passphrase, damage, another schema, still open somewhere.
    pub fn open(path: &Path, passphrase: Option<&Passphrase>, stop: &Stop) -> Result<Self, Fault> {
        open::check(path)?;
        let key = key_of(path, passphrase)?;
        let db = open::glance(path, key.as_ref())?;
        open::check_mark(&db, path)?;
        let found: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        let known = open::newest();
        if found > known {
            return Err(Fault::Newer { found, known });
        }
        if found < known {
            return Err(Fault::NotOpened(
                "The other copy was made by an older mdt. Open it once with this one (mdt --file), which brings it up to date, and leave it again. Nothing was changed."
                    .to_owned(),
            ));
        }
        drop(db);
        let (db, _) = prove(path, key.as_ref(), stop)?;
        db.set_prepared_statement_cache_capacity(256);
        let file_uuid = db.query_row("SELECT file_uuid FROM file_card", [], |row| row.get(0))?;
        Ok(Self { db, file_uuid })
    }

    /// Whether it is a copy of the file of this reader.
    pub fn is_copy_of(&self, reader: &Reader) -> bool {
        self.file_uuid == reader.file_uuid
    }

    /// Its newest step.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn head(&self) -> Result<Head, Fault> {
        log::head(&self.db)
    }
}

/// Which decision it is: the noun, the record, and the first column it is about or the rule.
pub type Key = (NounKind, i64, &'static str);

/// What a person has decided so far.
pub type Decisions = BTreeMap<Key, Choice>;

/// How a clash is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Choice {
    /// As it stands here.
    Ours,
    /// As it stands in the other copy.
    Theirs,
    /// Both stay.
    Both,
}

/// What two copies disagree about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Both changed the same field, or the same few that mean something only together.
    Fields(Vec<Differing>),
    /// It was taken away there and changed here.
    GoneThere,
    /// It was taken away here; there it was changed, or something was built on it.
    GoneHere,
    /// Two people of one team would have the same NHS number: the one here. Whether theirs is new.
    SameNumber(i64, bool),
    /// One person would have two current key workers: the period here.
    TwoKeyWorkers(i64),
    /// One team would have two live meetings: the one here.
    TwoLive(i64),
}

/// One column with its three values, as the file has them.
#[derive(Clone, PartialEq, Eq)]
pub struct Differing {
    /// The column.
    pub column: &'static str,
    /// Before the copies parted.
    pub base: Option<String>,
    /// Here.
    pub ours: Option<String>,
    /// In the other copy.
    pub theirs: Option<String>,
}

impl std::fmt::Debug for Differing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Differing({})", self.column)
    }
}

/// Something that only a person can decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    /// Which.
    pub key: Key,
    /// About whom, if about somebody.
    pub person: Option<PersonId>,
    /// What it is.
    pub what: What,
    /// What can be chosen.
    pub choices: Vec<Choice>,
}

/// Why something of the other copy does not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It belongs to a meeting whose minutes are sealed here.
    SealedHere,
    /// Minutes that were sealed there of a meeting that is not the same here.
    NotAsSealed,
    /// What it belongs to does not come, or is gone here.
    NothingToBelongTo,
    /// It was taken away there, but something here is built on it.
    BuiltOnHere,
    /// It was decided that their record of a person stays out.
    StaysOut,
    /// The text about this person was lawfully erased in one of the copies.
    Erased,
}

/// A record, or a part of one, that does not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// About whom, if about somebody.
    pub person: Option<PersonId>,
    /// Which noun.
    pub noun: NounKind,
    /// Which record.
    pub row: i64,
    /// Why.
    pub why: Reason,
}

/// How many records of a noun come, change and go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records that come.
    pub added: i64,
    /// Records that change.
    pub altered: i64,
    /// Records that go.
    pub removed: i64,
}

/// What joining would do, with the decisions made so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Foreseen {
    /// The newest of their steps that this file has: where the two parted, or up to where they were joined before.
    pub base: i64,
    /// Their newest step, by their own count.
    pub head: i64,
    /// How many of theirs are new here.
    pub steps: i64,
    /// By noun.
    pub counts: BTreeMap<NounKind, Counts>,
    /// About whom something comes, changes or goes.
    pub people: BTreeSet<PersonId>,
    /// What has to be decided, and what has been.
    pub clashes: Vec<Clash>,
    /// What does not come, and why.
    pub left_out: Vec<LeftOut>,
    /// People added on both sides with the same name and day of birth: here, and there. Both stay.
    pub alike: BTreeSet<(PersonId, PersonId)>,
    /// New people there with the name and day of birth of somebody whose text was erased here. They come, as somebody new.
    pub back: BTreeSet<PersonId>,
}

impl Foreseen {
    /// Whether the other copy has nothing that this file does not have.
    pub fn is_nothing_new(&self) -> bool {
        self.head <= self.base
    }
}

/// Two copies side by side, each as it is at one moment.
pub struct Joiner<'j> {
    ours: Transaction<'j>,
    other: &'j Other,
    today: Day,
    point: Point,
    references: HashMap<NounKind, Vec<Reference>>,
    /// Nouns so that whatever refers comes after what it refers to.
    order: Vec<NounKind>,
    units: HashMap<NounKind, Vec<Vec<usize>>>,
    decisions: Decisions,
    clashes: BTreeMap<Key, Clash>,
    left_out: BTreeSet<LeftOut>,
    alike: BTreeSet<(PersonId, PersonId)>,
    back: BTreeSet<PersonId>,
    erased: ErasedHere,
    people: BTreeSet<PersonId>,
    fates: HashMap<(NounKind, i64), Fate>,
    /// Records gone here on which something of theirs is built.
    needed: HashSet<(NounKind, i64)>,
    /// Records whose rules are being looked at.
    deciding: HashSet<(NounKind, i64)>,
    /// Records that they took away and of which is being asked whether they can go.
    going: HashSet<(NounKind, i64)>,
    as_sealed: HashMap<i64, bool>,
    /// Records of ours that give way: which columns become what.
    giving_way: BTreeMap<(NounKind, i64), Vec<(usize, rusqlite::types::Value)>>,
}

/// That a column refers to a record.
#[derive(Clone, Copy)]
struct Reference {
    at: usize,
    to: NounKind,
}

impl<'j> Joiner<'j> {
    /// Puts both side by side. `today` is for what ends because of the joining.
    ///
    /// # Errors
    /// [`Fault::NotOpened`] where it is a copy of another file; any fault of the disk.
    pub fn new(reader: &'j Reader, other: &'j Other, today: Day) -> Result<Self, Fault> {
        if !other.is_copy_of(reader) {
            return Err(Fault::NotOpened(
                "These are two different files, not two copies of one. Nothing was changed.".to_owned(),
            ));
        }
        let ours = reader.db.unchecked_transaction()?;
        let point = Point::find(&ours, &other.db)?;
        let erased = ErasedHere::find(&ours, &other.db, today)?;
        let references = references(&ours)?;
        let order = order(&references);
        let units = NounKind::ALL.iter().map(|noun| (*noun, sides::units(*noun))).collect();
        Ok(Self {
            ours,
            other,
            today,
            point,
            references,
            order,
            units,
            decisions: Decisions::new(),
            clashes: BTreeMap::new(),
            left_out: BTreeSet::new(),
            alike: BTreeSet::new(),
            back: BTreeSet::new(),
            erased,
            people: BTreeSet::new(),
            fates: HashMap::new(),
            needed: HashSet::new(),
            deciding: HashSet::new(),
            going: HashSet::new(),
            as_sealed: HashMap::new(),
            giving_way: BTreeMap::new(),
        })
    }

    /// What joining would do with these decisions. Whatever is not decided yet stays as it is here.
    ///
    /// In memory are the decisions and, for each record that changed there, some fifty bytes; rows are read one by one.
    ///
    /// # Errors
    /// [`Fault::Damaged`] where a row is not what its log says; any fault of the disk; [`Fault::Stopped`].
    pub fn foresee(&mut self, decisions: &Decisions, stop: &Stop) -> Result<Foreseen, Fault> {
        self.decisions.clone_from(decisions);
        self.clashes.clear();
        self.left_out.clear();
        self.alike.clear();
        self.back.clear();
        self.people.clear();
        self.fates.clear();
        self.needed.clear();
        self.deciding.clear();
        self.going.clear();
        self.as_sealed.clear();
        self.giving_way.clear();
        let other = self.other;
        let mut touched =
            other.db.prepare("SELECT DISTINCT noun, row FROM change WHERE step > ?1 ORDER BY noun, row")?;
        let mut rows = touched.query([self.point.known])?;
        while let Some(row) = rows.next()? {
            stop.check()?;
            let noun = row.get_ref(0)?.as_str().ok().and_then(NounKind::from_code).ok_or(Fault::Damaged)?;
            self.fate(noun, row.get(1)?)?;
        }
        let mut foreseen = Foreseen {
            base: self.point.known,
            head: self.point.head,
            steps: self.point.unseen(&self.ours, &other.db)?,
            people: self.people.clone(),
            clashes: self.clashes.values().cloned().collect(),
            left_out: self.left_out.iter().copied().collect(),
            alike: self.alike.clone(),
            back: self.back.clone(),
            ..Foreseen::default()
        };
        for ((noun, _), fate) in &self.fates {
            let counts = foreseen.counts.entry(*noun).or_default();
            match fate {
                Fate::Nothing => {}
                Fate::Adds => counts.added += 1,
                Fate::Alters => counts.altered += 1,
                Fate::Removes => counts.removed += 1,
            }
        }
        for (noun, _) in self.giving_way.keys() {
            foreseen.counts.entry(*noun).or_default().altered += 1;
        }
        foreseen.counts.retain(|_, counts| *counts != Counts::default());
        Ok(foreseen)
    }

    /// A record of either copy: as it is here, or else as it is there.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn get<N: Table>(&self, id: <N as Noun>::Id) -> Result<Option<Record<N>>, Fault> {
        use crate::domain::change::RecordId as _;
        let here = find::first(&self.ours, "WHERE t.id = ?1", [id.raw()])?;
        if here.is_some() { Ok(here) } else { find::first(&self.other.db, "WHERE t.id = ?1", [id.raw()]) }
    }

    /// To which noun a column refers, if it refers to one.
    pub fn refers_to(&self, noun: NounKind, column: &str) -> Option<NounKind> {
        let at = sides::place(noun, column)?;
        self.references.get(&noun)?.iter().find(|reference| reference.at == at).map(|reference| reference.to)
    }

    /// A record of either copy in its own words: its name, its title, its first line. Not for people.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn called(&self, noun: NounKind, row: i64) -> Result<Option<String>, Fault> {
        const WORDS: [&str; 8] = ["name", "title", "what", "words", "reason", "text", "on", "at"];
        let cells = match row_of(&self.ours, noun, row)? {
            Some(cells) => Some(cells),
            None => row_of(&self.other.db, noun, row)?,
        };
        Ok(cells.and_then(|cells| WORDS.iter().find_map(|column| sides::text(noun, &cells, column).map(str::to_owned))))
    }

    /// About whom a record is, as either copy has it.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn person_of(&self, noun: NounKind, row: i64) -> Result<Option<PersonId>, Fault> {
        use crate::domain::change::RecordId as _;
        if noun == NounKind::Person {
            return Ok(Some(PersonId::from_raw(row)));
        }
        for db in [&*self.ours, &self.other.db] {
            if let Some(cells) = row_of(db, noun, row)? {
                return Ok(self.whom(noun, row, &cells)?.map(PersonId::from_raw));
            }
        }
        Ok(None)
    }

    /// Who wrote their side of a record last, and when.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn their_hand(&self, noun: NounKind, row: i64) -> Result<Option<(String, String)>, Fault> {
        sides::last_hand(&self.other.db, noun, row)
    }

    /// About whom a record is: by its own column, or by the discussion it ticks.
    fn whom(&self, noun: NounKind, row: i64, cells: &[rusqlite::types::Value]) -> Result<Option<i64>, Fault> {
        if noun == NounKind::Person {
            return Ok(Some(row));
        }
        if noun == NounKind::WrittenBack
            && let Some(discussion) = sides::number(noun, cells, "discussion")
        {
            let kind = NounKind::Discussion;
            let there = row_of(&self.other.db, kind, discussion)?;
            let cells = if there.is_some() { there } else { row_of(&self.ours, kind, discussion)? };
            return Ok(cells.and_then(|cells| sides::number(kind, &cells, "person")));
        }
        Ok(sides::number(noun, cells, "person"))
    }

    fn here(&self, noun: NounKind, row: i64) -> Result<Option<Cells>, Fault> {
        row_of(&self.ours, noun, row)
    }

    fn there(&self, noun: NounKind, row: i64) -> Result<Option<Cells>, Fault> {
        row_of(&self.other.db, noun, row)
    }
}

/// Which columns refer to which nouns, as the schema has it.
fn references(db: &Connection) -> Result<HashMap<NounKind, Vec<Reference>>, Fault> {
    let mut out = HashMap::new();
    for noun in NounKind::ALL {
        let mut list = db.prepare(&format!("PRAGMA foreign_key_list({})", noun.code()))?;
        let found: Vec<(String, String)> =
            list.query_map([], |row| Ok((row.get(3)?, row.get(2)?)))?.collect::<Result<_, _>>()?;
        let columns = columns_of(*noun);
        let mut references: Vec<Reference> = found
            .iter()
            .filter_map(|(column, table)| {
                let at = columns.iter().position(|it| it == column)?;
                Some(Reference { at, to: NounKind::from_code(table)? })
            })
            .collect();
        references.sort_by_key(|reference| reference.at);
        out.insert(*noun, references);
    }
    Ok(out)
}

/// Nouns so that whatever refers comes after what it refers to. (Where a meeting stands on its agenda is the one way round.)
fn order(references: &HashMap<NounKind, Vec<Reference>>) -> Vec<NounKind> {
    let mut out: Vec<NounKind> = Vec::with_capacity(NounKind::ALL.len());
    while out.len() < NounKind::ALL.len() {
        let before = out.len();
        for noun in NounKind::ALL {
            let waits = references.get(noun).is_some_and(|all| {
                all.iter().any(|it| {
                    it.to != *noun
                        && !out.contains(&it.to)
                        && !(*noun == NounKind::Meeting && it.to == NounKind::AgendaItem)
                })
            });
            if !waits && !out.contains(noun) {
                out.push(*noun);
            }
        }
        if out.len() == before {
            // A circle: the rest as they come; references are looked at when all is written.
            out.extend(NounKind::ALL.iter().filter(|noun| !out.contains(noun)).copied().collect::<Vec<_>>());
        }
    }
    out
}
