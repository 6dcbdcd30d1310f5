//! A small team to work on, the kinds of work that are put through trials, and what must be true of a file afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::{Map, Value as Json};

use mdt::domain::Word as _;
use mdt::domain::action::{Action, ActionState};
use mdt::domain::agenda::AgendaItem;
use mdt::domain::change::{Change, Mint, NounKind, Record, add, alter};
use mdt::domain::day::{Day, Moment, TimeOfDay};
use mdt::domain::id::{ActionId, MemberId, OrganisationId, PersonId, TeamId};
use mdt::domain::meeting::{Meeting, begin, close, come_to};
use mdt::domain::member::{Member, Membership};
use mdt::domain::organisation::{Organisation, OrganisationKind};
use mdt::domain::person::Person;
use mdt::domain::team::Team;
use mdt::domain::text::{Line, Note};
use mdt::domain::viewing::{Looked, Viewing};
use mdt::store::fault::Fault;
use mdt::store::log::{Stamp, StepKind};
use mdt::store::open::Passphrase;
use mdt::store::{self, Deed, FileKind, Reader, Store};

use super::kit::{noon, stamp};

/// The passphrase of every encrypted file here.
pub const WORDS: &str = "seven quiet herons at noon";

/// That passphrase, as the program takes it.
pub fn passphrase() -> Passphrase {
    Passphrase::new(WORDS.to_owned())
}

/// Numbers that come from one seed.
#[derive(Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice from a seed; the same for the same.
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    /// A number below `below`.
    pub fn throw(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) >> 1).unwrap() % below.max(1)
    }
}

/// A folder that goes with the trial: in memory where there is room, because no trial here needs the disk itself.
pub fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

pub fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

fn day(n: u64) -> Day {
    Day::new(2026, 11, 2).unwrap().plus(i64::try_from(n % 90).unwrap())
}

fn moment(n: u64) -> Moment {
    Moment::new(noon() + chrono::Duration::seconds(i64::try_from(n).unwrap()))
}

/// Who is there.
pub struct Ground {
    pub team: TeamId,
    pub people: Vec<PersonId>,
    pub mint: Mint,
    pub actions: Vec<ActionId>,
}

impl Ground {
    /// Looks around in a file.
    pub fn of(reader: &Reader, salt: u32) -> Result<Self, Fault> {
        let team = reader.teams()?[0].id;
        let people = reader.active_ids(team)?;
        let mut actions = Vec::new();
        for person in people.iter().take(15) {
            actions.extend(reader.actions_of(*person)?.into_iter().map(|action| action.id));
        }
        let mint = Mint::new(noon() + chrono::Duration::seconds(i64::from(salt)), salt);
        Ok(Self { team, people, mint, actions })
    }
}

/// The first changes of a file: a team, two members, some people with an action each.
fn first(people: usize) -> Vec<Change> {
    let mut mint = Mint::new(noon() - chrono::Duration::days(1), 1);
    let (team, organisation): (TeamId, OrganisationId) = (mint.mint(), mint.mint());
    let members: [MemberId; 2] = [mint.mint(), mint.mint()];
    let place = Organisation { name: line("Elm Grove Surgery"), kind: OrganisationKind::Practice, code: None };
    let mut changes = vec![add(team, Team::new(line("Elm Grove MDT"))), add(organisation, place)];
    for (n, id) in members.into_iter().enumerate() {
        let member = Member {
            team,
            name: line(["Priya Nair", "Sam Okoro"][n]),
            role: line("District nurse"),
            organisation,
            membership: Membership::Core,
            phone: None,
            email: None,
            left_on: None,
        };
        changes.push(add(id, member));
    }
    for n in 0..people {
        let person: PersonId = mint.mint();
        changes.push(add(person, Person::new(team, line(&format!("Example{n}")), line("Ada"))));
        let action: ActionId = mint.mint();
        changes.push(add(action, an_action(team, person, members[n % 2], 3)));
    }
    changes
}

fn an_action(team: TeamId, person: PersonId, owner: MemberId, due: u64) -> Action {
    Action {
        team,
        person: Some(person),
        meeting: None,
        item: None,
        goal: None,
        what: line("Ring the pharmacy about the blister packs"),
        owner,
        raised_on: day(0),
        due: day(due),
        carried: 0,
        telling: false,
        state: ActionState::Open,
    }
}

/// Makes a file with people in it and closes it.
pub fn found(folder: &Path, encrypted: bool, people: usize) -> PathBuf {
    found_by(folder, encrypted, people, &stamp().actor)
}

/// As [`found`], by somebody.
pub fn found_by(folder: &Path, encrypted: bool, people: usize, actor: &str) -> PathBuf {
    let stamp = Stamp { actor: actor.to_owned(), ..stamp() };
    let path = folder.join("team.mdt");
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let _ = std::fs::remove_file(beside(&path, suffix));
    }
    let words = passphrase();
    let (mut store, reader) = store::create(&path, encrypted.then_some(&words), FileKind::Real, 7, &stamp).unwrap();
    store.commit(&stamp, &Deed::change("Begin"), &first(people)).unwrap();
    drop(reader);
    store.close().unwrap();
    path
}

/// Opens it as the program does.
pub fn open(path: &Path, encrypted: bool) -> Result<(Store, Reader), Fault> {
    let words = passphrase();
    store::open(path, encrypted.then_some(&words))
}

/// A file's place, taken by these bytes; nothing else stays beside it.
pub fn put(path: &Path, bytes: &[u8]) {
    for suffix in ["-wal", "-shm", "-journal"] {
        let _ = std::fs::remove_file(beside(path, suffix));
    }
    std::fs::write(path, bytes).unwrap();
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

/// Bytes beside a file, its owner's alone as the file is.
pub fn put_beside(path: &Path, suffix: &str, bytes: &[u8]) {
    let to = beside(path, suffix);
    std::fs::write(&to, bytes).unwrap();
    std::fs::set_permissions(&to, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

// ───────────────────────────────────────────── work

/// Kinds of work. Each `step` of one is one step of the file, or an error that wrote nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// A list of sixty people.
    Import,
    /// A meeting from its plan to its close.
    Meeting,
    /// One action edited.
    Edit,
    /// Fifteen actions closed, or opened again, at once.
    Bulk,
    /// An edit, taken back, done again, taken back.
    Undo,
    /// Records looked at.
    Looks,
    /// A list so large that the indexes are put aside for it.
    LargeImport,
}

impl Work {
    pub const ALL: [Self; 7] =
        [Self::Import, Self::Meeting, Self::Edit, Self::Bulk, Self::Undo, Self::Looks, Self::LargeImport];

    pub fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|work| format!("{work:?}") == name).unwrap()
    }

    /// Does step `n` of this work, and gives its number in the file.
    pub fn step(self, store: &mut Store, reader: &Reader, ground: &mut Ground, n: u64) -> Result<i64, Fault> {
        let kind = match self {
            Self::Import | Self::LargeImport => StepKind::Import,
            Self::Looks => StepKind::View,
            Self::Meeting | Self::Edit | Self::Bulk | Self::Undo => StepKind::Change,
        };
        let deed = Deed::change("Work").of_kind(kind);
        if self == Self::Undo && !n.is_multiple_of(4) {
            let done = if n % 4 == 2 { store.redo(&stamp()) } else { store.undo(&stamp()) };
            return done.map(|(_, receipt)| receipt.step);
        }
        let changes = self.changes(reader, ground, n)?;
        let receipt = match self {
            Self::Import | Self::LargeImport => {
                store.commit_all(&stamp(), &deed, changes.into_iter().map(Ok::<_, Fault>))?
            }
            Self::Meeting | Self::Edit | Self::Bulk | Self::Undo | Self::Looks => {
                store.commit(&stamp(), &deed, &changes)?
            }
        };
        Ok(receipt.step)
    }

    fn changes(self, reader: &Reader, ground: &mut Ground, n: u64) -> Result<Vec<Change>, Fault> {
        let Ground { team, people, mint, actions } = ground;
        let at = |len: usize, n: u64| usize::try_from(n).unwrap() % len;
        let seen = |id: ActionId| -> Result<Record<Action>, Fault> { Ok(reader.get::<Action>(id)?.unwrap()) };
        Ok(match self {
            Self::Import | Self::LargeImport => (0..if self == Self::Import { 60 } else { 2_300 })
                .map(|k| {
                    add(
                        mint.mint::<PersonId>(),
                        Person::new(*team, line(&format!("Listed{n}")), line(&format!("Ben{k}"))),
                    )
                })
                .collect(),
            Self::Edit | Self::Undo => {
                let seen = seen(actions[at(actions.len(), n)])?;
                vec![alter(&seen, |it| it.due = day(n + 1 + u64::from(it.due == day(n + 1))))]
            }
            Self::Bulk => {
                let all = actions.iter().take(15).map(|id| seen(*id)).collect::<Result<Vec<_>, _>>()?;
                all.iter()
                    .map(|seen| {
                        alter(seen, |it| {
                            it.state = match it.state {
                                ActionState::Open => {
                                    ActionState::Done { on: day(n), note: Note::optional("Done.").unwrap() }
                                }
                                ActionState::Accepted { .. }
                                | ActionState::Done { .. }
                                | ActionState::NotDone { .. }
                                | ActionState::Withdrawn { .. } => ActionState::Open,
                            };
                        })
                    })
                    .collect()
            }
            Self::Looks => {
                let viewing = Viewing {
                    person: people[at(people.len(), n)],
                    at: moment(n),
                    by: line("Priya Nair"),
                    looked: Looked::Page,
                };
                vec![add(mint.mint(), viewing)]
            }
            Self::Meeting => match reader.live_meeting(*team)? {
                Some(live) => {
                    let items = reader.agenda(live.id)?;
                    let here = items.iter().position(|item| Some(item.id) == live.here);
                    match here.map_or(Some(0), |at| (at + 1 < items.len()).then_some(at + 1)) {
                        Some(next) => come_to(&live, here.map(|at| &items[at]), Some(&items[next]), moment(n)),
                        None => close(&live, &items, &[], moment(n)).unwrap(),
                    }
                }
                None => match reader.next_meeting(*team, day(0))? {
                    Some(planned) => begin(&planned, &reader.agenda(planned.id)?, moment(n)).unwrap(),
                    None => {
                        let id = mint.mint();
                        let starts = TimeOfDay::new(13, 0).unwrap();
                        let mut changes = vec![add(id, Meeting::planned(*team, day(n), starts, 90, None))];
                        for (place, person) in people.iter().take(3).enumerate() {
                            let item = AgendaItem::person(id, i64::try_from(place).unwrap(), *person, 8);
                            changes.push(add(mint.mint(), item));
                        }
                        changes
                    }
                },
            },
        })
    }
}

// ───────────────────────────────────────────── what must be true

/// Opens a file as the program does and proves it: the chain is whole, SQLite finds nothing wrong, and the records are
/// what the steps say, no more and no less. Gives the number of its newest step.
pub fn prove(path: &Path, encrypted: bool) -> Result<i64, String> {
    let (store, reader) = open(path, encrypted).map_err(|fault| format!("not opened: {fault}"))?;
    let head = reader.head().map_err(|fault| fault.to_string())?;
    match reader.verify_chain() {
        Ok(Ok(steps)) if steps == head.seq => {}
        other => return Err(format!("the chain: {other:?} of {}", head.seq)),
    }
    drop((store, reader));
    let db = raw(path, encrypted).map_err(|error| error.to_string())?;
    sound(&db)?;
    let kept = records(&db).map_err(|error| error.to_string())?;
    let told = replayed(&db)?;
    if kept.keys().ne(told.keys()) {
        return Err(format!("{} records, but the steps speak of {}", kept.len(), told.len()));
    }
    for (record, fields) in &told {
        for (column, value) in fields {
            if kept[record].get(column) != Some(value) {
                return Err(format!("{column} of {record:?} is not what the steps say"));
            }
        }
    }
    Ok(head.seq)
}

/// A connection of the trial's own: SQLite (with SQLCipher's own way to take a passphrase), without the program.
pub fn raw(path: &Path, encrypted: bool) -> rusqlite::Result<Connection> {
    let db = Connection::open(path)?;
    if encrypted {
        db.execute_batch("PRAGMA cipher_log_level = NONE;")?;
        db.pragma_update(None, "key", WORDS)?;
    }
    Ok(db)
}

/// The key of an encrypted file, derived as SQLCipher does, so that a trial need not wait for that each time.
pub fn derived_key(bytes: &[u8]) -> String {
    let mut key = [0; 32];
    let digest = openssl::hash::MessageDigest::sha512();
    openssl::pkcs5::pbkdf2_hmac(WORDS.as_bytes(), &bytes[..16], 256_000, digest, &mut key).unwrap();
    let hex: String = key.iter().chain(&bytes[..16]).map(|byte| format!("{byte:02x}")).collect();
    format!("x'{hex}'")
}

/// What SQLCipher finds wrong with the pages of a file, each checked against its seal.
pub fn broken_seals(path: &Path, key: &str) -> rusqlite::Result<usize> {
    let db = Connection::open(path)?;
    db.execute_batch("PRAGMA cipher_log_level = NONE;")?;
    db.pragma_update(None, "key", key)?;
    db.prepare("PRAGMA cipher_integrity_check")?.query_map([], |_| Ok(()))?.map(|row| row.map(|()| 1)).sum()
}

/// SQLite's own checks.
pub fn sound(db: &Connection) -> Result<(), String> {
    let found: String =
        db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).map_err(|error| error.to_string())?;
    if found != "ok" {
        return Err(format!("integrity: {found}"));
    }
    let orphans = db.prepare("PRAGMA foreign_key_check").and_then(|mut it| it.exists([])).map_err(|e| e.to_string())?;
    if orphans { Err("an orphan".to_owned()) } else { Ok(()) }
}

pub type Records = BTreeMap<(String, i64), BTreeMap<String, Json>>;

/// Every record of every noun, as it stands in its table.
pub fn records(db: &Connection) -> rusqlite::Result<Records> {
    let mut out = Records::new();
    for noun in NounKind::ALL {
        let mut select = db.prepare(&format!("SELECT * FROM {}", noun.code()))?;
        let names: Vec<String> = select.column_names().map(str::to_owned).collect();
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let mut fields = BTreeMap::new();
            for (at, name) in names.iter().enumerate() {
                let value = match row.get_ref(at)? {
                    ValueRef::Null => Json::Null,
                    ValueRef::Integer(n) => n.into(),
                    ValueRef::Real(x) => x.into(),
                    ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
                    ValueRef::Blob(_) => "a blob".into(),
                };
                fields.insert(name.clone(), value);
            }
            out.insert((noun.code().to_owned(), row.get("id")?), fields);
        }
    }
    Ok(out)
}

/// The records as the changes of all steps leave them, each change checked against what it found.
fn replayed(db: &Connection) -> Result<Records, String> {
    let mut out = Records::new();
    let mut select = db
        .prepare(
            "SELECT c.noun, c.row, c.deed, c.fields FROM change c JOIN step s ON s.seq = c.step ORDER BY c.step, c.nth",
        )
        .map_err(|error| error.to_string())?;
    let all = select
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .and_then(Iterator::collect::<Result<Vec<(String, i64, String, Option<String>)>, _>>)
        .map_err(|error| error.to_string())?;
    // Of whoever was lawfully erased the steps tell only that there was a record, and what was written since.
    let mut erased: BTreeSet<(String, i64)> = BTreeSet::new();
    let lawful: bool = db
        .query_row("SELECT EXISTS (SELECT 1 FROM step WHERE kind = 'erase')", [], |row| row.get(0))
        .map_err(|error| error.to_string())?;
    for (noun, row, deed, fields) in all {
        let record = (noun, row);
        let fields: Map<String, Json> = match &fields {
            Some(fields) => serde_json::from_str(fields).map_err(|error| error.to_string())?,
            None if !lawful => return Err(format!("a change of {record:?} says nothing, and nobody was erased")),
            None => {
                erased.insert(record.clone());
                Map::new()
            }
        };
        match deed.as_str() {
            "add" => {
                // The first version wrote both sides of what was added, too.
                let value = |sides: Json| match sides {
                    Json::Array(sides) => sides.into_iter().nth(1).unwrap_or_default(),
                    value => value,
                };
                let own = fields.into_iter().filter(|(name, _)| name != "id");
                let values = own.map(|(name, sides)| (name, value(sides))).collect();
                if out.insert(record.clone(), values).is_some() {
                    return Err(format!("{record:?} was added twice"));
                }
            }
            "remove" => {
                out.remove(&record).ok_or_else(|| format!("{record:?} was removed, but is not there"))?;
            }
            _ => {
                let values = out.get_mut(&record).ok_or_else(|| format!("{record:?} was altered, but is not there"))?;
                for (name, sides) in fields {
                    let was = values.get(&name).cloned().unwrap_or(Json::Null);
                    if was != sides[0] && !erased.contains(&record) {
                        return Err(format!("{name} of {record:?} was altered from what it never was"));
                    }
                    values.insert(name, sides[1].clone());
                }
            }
        }
    }
    Ok(out)
}

/// The control of every family that proves a file: a record without its step, a step without its record, a step altered.
#[test]
fn the_proof_is_not_blind() {
    let folder = folder();
    for spoil in [
        "UPDATE action SET what = 'Ring nobody' WHERE id = (SELECT min(id) FROM action)",
        "DELETE FROM action WHERE id = (SELECT min(id) FROM action)",
        "INSERT INTO organisation (id, name, kind) VALUES (5, 'Nobody knows', 'other')",
        "DROP TRIGGER change_stays; UPDATE change SET fields = replace(fields, 'Ada', 'Ida')",
        "DROP TRIGGER step_is_not_removed; PRAGMA foreign_keys = OFF; DELETE FROM step WHERE seq = (SELECT max(seq) FROM step)",
    ] {
        let path = found(folder.path(), false, 3);
        assert_eq!(prove(&path, false), Ok(2));
        raw(&path, false).unwrap().execute_batch(spoil).unwrap();
        assert!(prove(&path, false).is_err(), "not seen: {spoil}");
    }
}
