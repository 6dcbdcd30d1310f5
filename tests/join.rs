//! Two copies of one file, changed apart and joined: random pairs, each special rule, and copies that are not taken.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where something is not as it should be"
)]

mod kit;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::types::Value;
use sha2::{Digest as _, Sha256};

use kit::stamp;
use mdt::domain::Word as _;
use mdt::domain::change::{Change, Mint, NounKind, Record, RecordId, add, alter};
use mdt::domain::id::{JoiningId, MemberId, PersonId};
use mdt::domain::meeting::{Attendance, Attending};
use mdt::domain::person::Person;
use mdt::domain::plan::{Goal, Plan, Progress};
use mdt::domain::text::Note;
use mdt::store::fault::Fault;
use mdt::store::join::{Choice, Decisions, Foreseen, Joiner, Other, Reason, What};
use mdt::store::log::Stamp;
use mdt::store::open::Passphrase;
use mdt::store::{self, Deed, FileKind, Reader, Stop, Store};
use world::{KINDS, World, day, line, pick};

// ───────────────────────────────────────────── two copies

/// A stamp of the one who works on the other copy.
fn pat() -> Stamp {
    Stamp { actor: "Pat Okoro".to_owned(), ..stamp() }
}

fn new_file(folder: &Path) -> PathBuf {
    let path = folder.join("ours.mdt");
    let (store, reader) = store::create(&path, None, FileKind::Real, 7, &stamp()).unwrap();
    drop(reader);
    store.close().unwrap();
    path
}

/// Copies a file that nobody has open, as somebody would who takes it along on a stick.
fn copy(path: &Path, name: &str) -> PathBuf {
    let to = path.with_file_name(name);
    std::fs::copy(path, &to).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&to, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    to
}

fn work(path: &Path, work: impl FnOnce(&mut Store, &Reader)) {
    let (mut store, reader) = store::open(path, None).unwrap();
    work(&mut store, &reader);
    drop(reader);
    store.close().unwrap();
}

fn sha(path: &Path) -> Vec<u8> {
    Sha256::digest(std::fs::read(path).unwrap()).to_vec()
}

/// What came of one joining.
struct Joined {
    foreseen: Foreseen,
    decisions: Decisions,
    dump: String,
}

/// Joins `theirs` to `ours`; `decide` is asked about every clash.
fn join(
    ours: &Path,
    theirs: &Path,
    mut decide: impl FnMut(&mdt::store::join::Clash) -> Choice,
) -> Result<Joined, Fault> {
    let before = sha(theirs);
    let both: Vec<u8> = [sha(ours), before.clone()].concat();
    let salt = u32::from_be_bytes(Sha256::digest(&both)[..4].try_into().unwrap()) % 2_000_000;
    let (mut store, reader) = store::open(ours, None)?;
    let other = Other::open(theirs, None, &Stop::default())?;
    let dump = reader.dump()?;
    let mut joiner = Joiner::new(&reader, &other, day(50))?;
    let mut decisions = Decisions::new();
    let mut foreseen = joiner.foresee(&decisions, &Stop::default())?;
    for _ in 0..20 {
        let open: Vec<_> = foreseen.clashes.iter().filter(|clash| !decisions.contains_key(&clash.key)).collect();
        if open.is_empty() {
            break;
        }
        for clash in open {
            decisions.insert(clash.key, decide(clash));
        }
        foreseen = joiner.foresee(&decisions, &Stop::default())?;
    }
    let by = line("Tolu Bankole");
    let id: JoiningId = Mint::new(chrono::DateTime::UNIX_EPOCH, 2_000_000 + salt).mint();
    let joined = store.join(&stamp(), &by, id, &mut joiner, &decisions, &Stop::default());
    drop(joiner);
    drop(reader);
    store.close()?;
    assert_eq!(before, sha(theirs), "the other copy is only read");
    joined?;
    Ok(Joined { foreseen, decisions, dump })
}

type Row = BTreeMap<String, Value>;
type Rows = BTreeMap<(NounKind, i64), Row>;

/// Columns kept beside a row, never logged.
const DERIVED: [&str; 9] = [
    "sort_name",
    "band_rank",
    "sort_score",
    "sort_born",
    "last_discussed",
    "key_worker",
    "open_actions",
    "next_due",
    "review_on",
];

/// Every record of a file nobody has open, by another pair of eyes than the program's.
fn rows(path: &Path) -> Rows {
    let db = Connection::open(path).unwrap();
    let mut out = Rows::new();
    for noun in NounKind::ALL.iter().filter(|noun| **noun != NounKind::Joining) {
        let mut select = db.prepare(&format!("SELECT * FROM {}", noun.code())).unwrap();
        let names: Vec<String> = select.column_names().map(str::to_owned).collect();
        let mut found = select.query([]).unwrap();
        while let Some(row) = found.next().unwrap() {
            let cells = names
                .iter()
                .enumerate()
                .filter(|(_, name)| *name != "id" && !(*noun == NounKind::Person && DERIVED.contains(&name.as_str())));
            let cells = cells.map(|(at, name)| (name.clone(), row.get(at).unwrap())).collect();
            out.insert((*noun, row.get("id").unwrap()), cells);
        }
    }
    assert!(!db.prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap());
    out
}

/// The uids of all steps: of the file's own log, and kept beside it.
fn uids(path: &Path) -> (BTreeSet<i64>, BTreeSet<i64>) {
    let db = Connection::open(path).unwrap();
    let all =
        |sql: &str| db.prepare(sql).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    (all("SELECT uid FROM step"), all("SELECT uid FROM branch_step"))
}

// ───────────────────────────────────────────── random pairs

/// A sequence that is the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }

    fn any(&mut self) -> u16 {
        u16::try_from(self.roll(65_536)).unwrap()
    }
}

/// Deeds that the world does not know: words, goals, attendance.
fn more(world: &mut World, reader: &Reader, what: u8, a: u16, b: u16) -> Option<Vec<Change>> {
    let words = Note::optional(&format!("Words {}\nof {b}", b % 7)).unwrap();
    Some(match what {
        0 => vec![alter(&pick::<Plan>(Some(reader), &world.plans, a)?, |it| match b % 3 {
            0 => it.matters = words,
            1 => it.needs = words,
            _ => it.strengths = None,
        })],
        1 => vec![alter(&pick::<Person>(Some(reader), &world.people, a)?, |it| match b % 4 {
            0 => it.safeguarding = words,
            1 => it.phone = Some(line(&format!("0123 {b}"))),
            2 => it.address = Some(line(&format!("{b} Elm Grove"))),
            _ => it.preferred = None,
        })],
        2 => {
            let person = pick::<Person>(Some(reader), &world.people, a)?.id;
            let goal =
                Goal { person, words: words?, progress: Progress::ALL[usize::from(b) % 4], note: None, on: day(b) };
            vec![add(world.mint.mint(), goal)]
        }
        3 => {
            let meeting = pick::<mdt::domain::meeting::Meeting>(Some(reader), &world.meetings, a)?.id;
            let member = pick::<mdt::domain::member::Member>(Some(reader), &world.members, b)?.id;
            let attending = Attending::ALL[usize::from(b) % 4];
            let it = Attendance {
                meeting,
                member,
                attending,
                here_now: b.is_multiple_of(2),
                arrived_at: None,
                left_at: None,
            };
            vec![add(world.mint.mint(), it)]
        }
        _ => vec![alter(&pick::<mdt::domain::discussion::Discussion>(Some(reader), &world.discussions, a)?, |it| {
            if b.is_multiple_of(2) { it.update = words } else { it.next_steps = words }
        })],
    })
}

/// Works on a file at random; what a rule of the file refuses is not done.
fn live(world: &mut World, store: &mut Store, reader: &Reader, by: &Stamp, dice: &mut Dice, steps: u32) {
    for _ in 0..steps {
        let (what, a, b) = (u8::try_from(dice.roll(u64::from(KINDS) + 16)).unwrap(), dice.any(), dice.any());
        if what < KINDS {
            if let Some(changes) = world.changes(Some(reader), what, a, b) {
                let _ = store.commit(by, &Deed::change("Change something"), &changes);
            }
        } else if what < KINDS + 12 {
            if let Some(changes) = more(world, reader, what % 5, a, b) {
                let _ = store.commit(by, &Deed::change("Change something"), &changes);
            }
        } else if what < KINDS + 14 {
            let _ = store.undo(by);
        } else {
            let _ = store.redo(by);
        }
    }
}

/// A file, and two copies of it that lived apart.
struct Pair {
    base: Rows,
    ours: Rows,
    theirs: Rows,
    paths: (PathBuf, PathBuf),
    _folder: tempfile::TempDir,
}

fn pair(seed: u64) -> Pair {
    let folder = tempfile::tempdir().unwrap();
    let path = new_file(folder.path());
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut world = World::new(1);
    work(&path, |store, reader| {
        for (what, a, b) in
            [(0, 0, 0), (2, 0, 0), (3, 0, 0), (3, 1, 0), (5, 0, 1), (5, 1, 0), (12, 0, 3), (14, 0, 1), (17, 0, 0)]
        {
            if let Some(changes) = world.changes(Some(reader), what, a, b) {
                store.commit(&stamp(), &Deed::change("Begin"), &changes).unwrap();
            }
        }
        live(&mut world, store, reader, &stamp(), &mut dice, 10);
    });
    let other = copy(&path, "theirs.mdt");
    let base = rows(&path);
    let mut elsewhere = world.clone();
    elsewhere.mint = Mint::new(chrono::DateTime::UNIX_EPOCH, 1_000_000);
    world.mint = Mint::new(chrono::DateTime::UNIX_EPOCH, 500_000);
    work(&path, |store, reader| live(&mut world, store, reader, &stamp(), &mut dice, 20));
    // Half of the time the other copy was worked on by somebody else.
    let by = if dice.roll(2) == 0 { pat() } else { stamp() };
    work(&other, |store, reader| live(&mut elsewhere, store, reader, &by, &mut dice, 20));
    Pair { base, ours: rows(&path), theirs: rows(&other), paths: (path, other), _folder: folder }
}

/// What is not as it has to be after a joining, and how much was looked at.
#[derive(Default)]
struct Verdict {
    wrong: Vec<String>,
    fields: u64,
    excused: u64,
}

/// Looks at every field of every record: one side's change is there; both sides' change was put to a person and is as decided.
fn judge(pair: &Pair, joined: &Rows, foreseen: &Foreseen, decisions: &Decisions) -> Verdict {
    let mut verdict = Verdict::default();
    let keys: BTreeSet<_> =
        [&pair.base, &pair.ours, &pair.theirs, joined].iter().flat_map(|rows| rows.keys().copied()).collect();
    // A rule named these; what it did to them is looked at in the tests of that rule.
    let mut ruled: BTreeSet<(NounKind, i64)> = foreseen.left_out.iter().map(|it| (it.noun, it.row)).collect();
    let mut asked: BTreeMap<(NounKind, i64, &str), Choice> = BTreeMap::new();
    for clash in &foreseen.clashes {
        let (noun, row, _) = clash.key;
        match &clash.what {
            What::Fields(fields) => {
                for field in fields {
                    asked.insert((noun, row, field.column), decisions[&clash.key]);
                }
            }
            What::SameNumber(with, _) | What::TwoKeyWorkers(with) | What::TwoLive(with) => {
                ruled.extend([(noun, row), (noun, *with)]);
            }
            What::GoneHere | What::GoneThere => {
                ruled.insert((noun, row));
            }
        }
    }
    for key in keys {
        let (base, ours, theirs, now) =
            (pair.base.get(&key), pair.ours.get(&key), pair.theirs.get(&key), joined.get(&key));
        let mut fail = |what: &str| verdict.wrong.push(format!("{key:?}: {what}"));
        if ruled.contains(&key) {
            verdict.excused += 1;
            continue;
        }
        match (base, ours, theirs) {
            (Some(base), Some(ours), Some(theirs)) => {
                let Some(now) = now else {
                    fail("gone though both have it");
                    continue;
                };
                for (column, was) in base {
                    verdict.fields += 1;
                    let (here, there, is) = (&ours[column], &theirs[column], &now[column]);
                    let fine = match asked.get(&(key.0, key.1, column.as_str())) {
                        Some(Choice::Ours) => is == here,
                        Some(Choice::Theirs) => is == there,
                        Some(Choice::Both) => {
                            matches!((is, here, there), (Value::Text(is), Value::Text(here), Value::Text(there)) if is.starts_with(here) && is.ends_with(there))
                        }
                        None if here == there => is == here,
                        // A line of the agenda that both made stands under our id.
                        None if here == was && column == "here" => is == there || refers_to_twin(theirs, pair),
                        None if here == was => is == there,
                        None if there == was => is == here,
                        None => false,
                    };
                    if !fine {
                        verdict.wrong.push(format!("{key:?} {column}: {was:?} → {here:?} | {there:?}, now {is:?}"));
                    }
                }
            }
            // Added here: it is there, and theirs does not touch it, unless it is the same by nature as one of theirs.
            (None, Some(ours), None) => {
                let twin = has_twin(key.0, ours, &pair.theirs) || is_on_twin(ours, pair);
                if now != Some(ours) && !twin {
                    fail("added here and lost or changed");
                }
            }
            (None, None, Some(theirs)) => {
                if now != Some(theirs) && !has_twin(key.0, theirs, &pair.ours) && !refers_to_twin(theirs, pair) {
                    fail("added there and not taken as it is");
                }
            }
            (Some(base), Some(ours), None) if base == ours => {
                // Made anew there and built on here, it is the same under our id.
                if now.is_some() && !has_twin(key.0, ours, &pair.theirs) {
                    fail("taken away there and still here");
                }
            }
            (Some(base), None, Some(theirs)) if base == theirs => {
                if now.is_some() {
                    fail("taken away here and came back");
                }
            }
            (Some(_), None, None) => {
                if now.is_some() {
                    fail("taken away on both sides and still here");
                }
            }
            // Taken away on one side and changed on the other: put to a person, unless its like came in its place.
            (Some(_), Some(row), None) => {
                if !has_twin(key.0, row, &pair.theirs) {
                    fail("changed here, taken away there, and nobody asked");
                }
            }
            (Some(_), None, Some(row)) => {
                if !has_twin(key.0, row, &pair.ours) {
                    fail("taken away here, changed there, and nobody asked");
                }
            }
            (None, Some(_), Some(_)) => fail("made on both sides under one id"),
            (None, None, None) => fail("came from nowhere"),
        }
        // Nobody else's record: what changed here, they changed or a decision named.
        if now != ours
            && base == theirs
            && ours.is_some_and(|ours| !has_twin(key.0, ours, &pair.theirs) && !is_on_twin(ours, pair))
        {
            verdict.wrong.push(format!("{key:?}: changed though they did not touch it"));
        }
    }
    verdict
}

/// Whether the other side holds, under another id, what there can only be one of.
fn has_twin(noun: NounKind, row: &Row, others: &Rows) -> bool {
    let keys: &[&str] = match noun {
        NounKind::Plan => &["person"],
        NounKind::AgendaItem => &["meeting", "person"],
        NounKind::Attendance => &["meeting", "member"],
        NounKind::Discussion => &["item"],
        NounKind::WrittenBack => &["discussion"],
        _ => return false,
    };
    let of = |row: &Row| keys.iter().map(|key| row[*key].clone()).collect::<Vec<_>>();
    !of(row).contains(&Value::Null) && others.iter().any(|((kind, _), other)| *kind == noun && of(other) == of(row))
}

/// Whether a record of ours hangs on a line of an agenda that both made: what they wrote on theirs comes to it.
fn is_on_twin(row: &Row, pair: &Pair) -> bool {
    let Some(Value::Integer(item)) = row.get("item") else { return false };
    let item = pair.ours.get(&(NounKind::AgendaItem, *item));
    item.is_some_and(|item| has_twin(NounKind::AgendaItem, item, &pair.theirs))
}

fn refers_to_twin(row: &Row, pair: &Pair) -> bool {
    let to = [("item", NounKind::AgendaItem), ("here", NounKind::AgendaItem), ("discussion", NounKind::Discussion)];
    to.iter().any(|(column, noun)| match row.get(*column) {
        Some(Value::Integer(id)) => pair.theirs.get(&(*noun, *id)).is_some_and(|it| {
            !pair.ours.contains_key(&(*noun, *id)) && (has_twin(*noun, it, &pair.ours) || refers_to_twin(it, pair))
        }),
        _ => false,
    })
}

#[test]
fn whatever_two_copies_did_is_all_there_and_only_a_person_decides() {
    let seed = kit::seed();
    let (mut asked, mut fields, mut excused, mut left, mut equal) = (0, 0, 0, 0, 0);
    let mut blind = 0;
    let pairs = kit::times(40, 500);
    for n in 0..pairs {
        let seed = seed.wrapping_add(u64::from(n));
        let pair = pair(seed);
        let (ours, theirs) = (&pair.paths.0, &pair.paths.1);
        let (before, beside) = (uids(ours), uids(theirs));
        let mut dice = Dice(seed | 1);
        let done = join(ours, theirs, |clash| {
            clash.choices[usize::try_from(dice.roll(u64::try_from(clash.choices.len()).unwrap())).unwrap()]
        });
        let Ok(done) = done else {
            // The other copy may have nothing new.
            let why = done.err().unwrap();
            assert!(matches!(&why, Fault::Rule(text) if text.contains("nothing")), "seed {seed}: {why:?}");
            continue;
        };
        let joined = rows(ours);
        let verdict = judge(&pair, &joined, &done.foreseen, &done.decisions);
        assert!(verdict.wrong.is_empty(), "seed {seed}: {:#?}\n{:#?}", verdict.wrong, done.foreseen);
        asked += done.foreseen.clashes.len();
        left += done.foreseen.left_out.len();
        fields += verdict.fields;
        excused += verdict.excused;
        // Every step of both, once.
        let (own, branch) = uids(ours);
        assert!(own.is_disjoint(&branch), "seed {seed}");
        let all: BTreeSet<i64> = own.union(&branch).copied().collect();
        let wanted: BTreeSet<i64> = before.0.union(&beside.0).copied().collect();
        assert!(
            wanted.is_subset(&all) && all.len() == wanted.len() + 1,
            "seed {seed}: the merge itself is the only new step"
        );
        // Back, and again; the chains hold.
        work(ours, |store, reader| {
            let merged = reader.dump().unwrap();
            assert_eq!(store.undo(&stamp()).unwrap().0.label, "Join another copy");
            assert!(reader.dump().unwrap() == done.dump, "seed {seed}: undo gives back what was");
            assert!(reader.audit().unwrap().is_ok(), "seed {seed}: {:?}", reader.audit());
            store.redo(&stamp()).unwrap();
            assert!(reader.dump().unwrap() == merged, "seed {seed}: redo does all of it again");
            assert_eq!(reader.verify_chain().unwrap(), Ok(reader.head().unwrap().seq));
            assert_eq!(reader.verify_branches().unwrap(), Ok(i64::try_from(branch.len()).unwrap()), "seed {seed}");
        });
        // Once more brings nothing.
        let Err(Fault::Rule(nothing)) = join(ours, theirs, |_| panic!("seed {seed}: asked again")) else {
            panic!("seed {seed}")
        };
        assert!(nothing.contains("nothing"), "{nothing}");
        // The other way round nobody is asked, and both are the same – but for the id of what both made.
        let twins = pair.theirs.keys().any(|key| !pair.base.contains_key(key) && !joined.contains_key(key))
            || joined.iter().any(|(key, row)| !pair.theirs.contains_key(key) && has_twin(key.0, row, &pair.theirs));
        // (Where two meetings were live, the agenda of the one that is planned again may keep what is gone here, and says so.)
        let live = done.foreseen.clashes.iter().any(|clash| matches!(clash.what, What::TwoLive(_)));
        if done.foreseen.left_out.is_empty() && !twins && !live {
            let back = join(theirs, ours, |clash| {
                panic!(
                    "seed {seed}: asked the other way round: {clash:?}\n{:#?}\n{:?}",
                    done.foreseen.clashes, done.decisions
                )
            })
            .unwrap();
            assert!(
                back.foreseen.left_out.is_empty(),
                "seed {seed}: {:?} after {:#?}",
                back.foreseen.left_out,
                done.foreseen
            );
            let (one, two) = (rows(ours), rows(theirs));
            for key in one.keys().chain(two.keys()) {
                assert_eq!(one.get(key), two.get(key), "seed {seed}: {key:?}");
            }
            equal += 1;
        }
        // The control: whoever wrote a record last has it.
        let mut last = pair.ours.clone();
        for (key, row) in &pair.theirs {
            if pair.base.get(key) != Some(row) {
                last.insert(*key, row.clone());
            }
        }
        last.retain(|key, _| pair.theirs.contains_key(key) || !pair.base.contains_key(key));
        blind += u32::from(judge(&pair, &last, &Foreseen::default(), &Decisions::new()).wrong.is_empty());
    }
    println!(
        "{pairs} pairs from seed {seed}: {asked} decisions, {left} records left out with a reason, {fields} fields looked at, {excused} records by a rule, {equal} pairs equal both ways; the last writer wins unseen in {blind}"
    );
    assert!(
        blind * 3 < pairs,
        "a joining that loses work must be seen in most pairs, and was not in {blind} of {pairs}"
    );
    assert!(equal * 4 > pairs, "too few pairs were compared both ways: {equal} of {pairs}");
    assert!(excused * 200 < fields, "too much is excused: {excused} records of {fields} fields");
}

// ───────────────────────────────────────────── what only meets when both are put together

use mdt::domain::agenda::AgendaItem;
use mdt::domain::discussion::Discussion;
use mdt::domain::id::{
    AddendumId, AgendaItemId, DiscussionId, KeyWorkerId, MeetingId, MinutesId, OrganisationId, PlanId,
};
use mdt::domain::key_worker::{KeyWorker, hand_over};
use mdt::domain::meeting::{Meeting, Stage, begin, close};
use mdt::domain::member::{Member, Membership};
use mdt::domain::minutes::{Addendum, Document, Minutes};
use mdt::domain::nhs_number::NhsNumber;
use mdt::domain::organisation::{Organisation, OrganisationKind};
use mdt::domain::team::Team;
use mdt::domain::written_back::tick;
use mdt::store::log::StepKind;
use world::moment;

const TEAM: i64 = 11;
const ANN: i64 = 21;
const BEN: i64 = 22;
const CAT: i64 = 23;
const ADA: i64 = 31;
const BOB: i64 = 32;
const FIRST: i64 = 41;
const SECOND: i64 = 42;
const ITEM: i64 = 51;

fn id<I: RecordId>(raw: i64) -> I {
    I::from_raw(raw)
}

fn put(store: &mut Store, changes: &[Change]) {
    store.commit(&stamp(), &Deed::change("Change something"), changes).unwrap();
}

fn person(surname: &str, number: Option<&str>) -> Person {
    let mut person = Person::new(id(TEAM), line(surname), line("Ada"));
    person.nhs_number = number.map(|number| NhsNumber::parse(number).unwrap());
    person
}

fn planned(n: u16) -> Meeting {
    Meeting::planned(id(TEAM), day(n), mdt::domain::day::TimeOfDay::new(13, 0).unwrap(), 90, None)
}

/// A team with three members, two people, two meetings planned, and the first person on the first agenda.
fn begin_file(store: &mut Store) {
    let member = |name: &str| Member {
        team: id(TEAM),
        name: line(name),
        role: line("District nurse"),
        organisation: id(1),
        membership: Membership::Core,
        phone: None,
        email: None,
        left_on: None,
    };
    let surgery = Organisation { name: line("Elm Grove Surgery"), kind: OrganisationKind::Practice, code: None };
    put(
        store,
        &[
            add(id(TEAM), Team::new(line("Elm Grove MDT"))),
            add::<Organisation>(id::<OrganisationId>(1), surgery),
            add(id(ANN), member("Ann")),
            add(id(BEN), member("Ben")),
            add(id(CAT), member("Cat")),
            add(id(ADA), person("Adeyemi", None)),
            add(id(BOB), person("Brown", None)),
            add(id(FIRST), planned(1)),
            add(id(SECOND), planned(8)),
            add(id(ITEM), AgendaItem::person(id(FIRST), 1, id(ADA), 8)),
        ],
    );
}

/// Two copies after different work on each.
struct Apart {
    ours: PathBuf,
    theirs: PathBuf,
    _folder: tempfile::TempDir,
}

fn apart(
    before: impl FnOnce(&mut Store),
    here: impl FnOnce(&mut Store, &Reader),
    there: impl FnOnce(&mut Store, &Reader),
) -> Apart {
    let folder = tempfile::tempdir().unwrap();
    let ours = new_file(folder.path());
    work(&ours, |store, _| {
        begin_file(store);
        before(store);
    });
    let theirs = copy(&ours, "theirs.mdt");
    work(&ours, here);
    work(&theirs, there);
    Apart { ours, theirs, _folder: folder }
}

impl Apart {
    /// Joins with one answer to everything.
    fn join(&self, answer: Choice) -> Joined {
        join(&self.ours, &self.theirs, |clash| if clash.choices.contains(&answer) { answer } else { Choice::Ours })
            .unwrap()
    }

    fn read<T>(&self, read: impl FnOnce(&Reader) -> T) -> T {
        let (_, reader) = store::open(&self.ours, None).unwrap();
        assert_eq!(reader.verify_chain().unwrap(), Ok(reader.head().unwrap().seq));
        assert!(reader.verify_branches().unwrap().is_ok());
        read(&reader)
    }
}

fn seen<N: world::store_table::Held>(reader: &Reader, raw: i64) -> Record<N> {
    N::held(reader, id(raw)).unwrap()
}

#[test]
fn two_current_key_workers_are_put_to_a_person_and_the_other_one_is_kept_as_ended() {
    for (answer, current) in [(Choice::Ours, ANN), (Choice::Theirs, BEN)] {
        let name = |member: i64, period: i64| {
            move |store: &mut Store, _: &Reader| {
                let it = KeyWorker { person: id(ADA), member: id(member), since: day(1), until: None, ended_why: None };
                put(store, &[add(id::<KeyWorkerId>(period), it)]);
            }
        };
        let apart = apart(|_| {}, name(ANN, 61), name(BEN, 62));
        let done = apart.join(answer);
        assert!(matches!(done.foreseen.clashes[0].what, What::TwoKeyWorkers(61)), "{:?}", done.foreseen.clashes);
        assert_eq!(done.foreseen.clashes[0].person, Some(id(ADA)));
        apart.read(|reader| {
            assert_eq!(reader.key_worker(id(ADA)).unwrap().unwrap().member, id::<MemberId>(current));
            let ended = if current == ANN { 62 } else { 61 };
            assert_eq!(seen::<KeyWorker>(reader, ended).until, Some(day(50)), "the other one is history, not lost");
        });
    }
}

#[test]
fn a_hand_over_there_needs_no_question() {
    let apart = apart(
        |store| {
            let it = KeyWorker { person: id(ADA), member: id(ANN), since: day(1), until: None, ended_why: None };
            put(store, &[add(id::<KeyWorkerId>(61), it)]);
        },
        |store, reader| put(store, &[alter(&seen::<Person>(reader, ADA), |it| it.phone = Some(line("0123")))]),
        |store, reader| {
            let current = reader.key_worker(id(ADA)).unwrap();
            let mut mint = Mint::new(chrono::DateTime::UNIX_EPOCH, 2_000_000);
            put(store, &hand_over(current.as_ref(), id(ADA), id(BEN), day(3), &mut mint).unwrap());
        },
    );
    assert!(apart.join(Choice::Ours).foreseen.clashes.is_empty());
    apart.read(|reader| {
        assert_eq!(reader.key_worker(id(ADA)).unwrap().unwrap().member, id::<MemberId>(BEN));
        assert_eq!(seen::<Person>(reader, ADA).phone, Some(line("0123")));
    });
}

#[test]
fn two_plans_of_one_person_become_one_field_by_field() {
    let plan = |raw: i64, matters: &str, needs: Option<&str>| {
        let (matters, needs) = (Note::parse(matters).unwrap(), needs.map(|it| Note::parse(it).unwrap()));
        move |store: &mut Store, _: &Reader| {
            let mut plan = Plan::new(id(ADA));
            (plan.matters, plan.needs) = (Some(matters), needs);
            put(store, &[add(id::<PlanId>(raw), plan)]);
        }
    };
    let apart = apart(|_| {}, plan(71, "Her garden.", None), plan(72, "Her cat.", Some("A ramp.")));
    let done = apart.join(Choice::Both);
    let What::Fields(fields) = &done.foreseen.clashes[0].what else { panic!() };
    assert_eq!((fields[0].column, fields[0].base.as_deref()), ("matters", None));
    assert_eq!((fields[0].ours.as_deref(), fields[0].theirs.as_deref()), (Some("Her garden."), Some("Her cat.")));
    apart.read(|reader| {
        let plan = seen::<Plan>(reader, 71);
        assert_eq!(plan.needs.as_ref().unwrap().as_str(), "A ramp.");
        let matters = plan.matters.as_ref().unwrap().as_str();
        assert!(
            matters.starts_with("Her garden.\nFrom the other copy (Tolu Bankole, 26-Nov-2026):\nHer cat."),
            "{matters}"
        );
        assert!(reader.get::<Plan>(id(72)).unwrap().is_none());
    });
}

#[test]
fn one_item_one_discussion_one_agenda_one_attendance_whoever_made_it() {
    let made = |offset: i64, update: &str, at: u16| {
        let update = Note::parse(update).unwrap();
        move |store: &mut Store, reader: &Reader| {
            let mut discussion = Discussion::new(id(FIRST), id(ITEM), id(ADA));
            discussion.update = Some(update);
            let item: AgendaItemId = id(500 + offset);
            let here = Attendance {
                meeting: id(FIRST),
                member: id(ANN),
                attending: Attending::InRoom,
                here_now: true,
                arrived_at: None,
                left_at: None,
            };
            let mut second = Discussion::new(id(FIRST), item, id(BOB));
            second.next_steps = Some(Note::parse(if offset == 0 { "Ring." } else { "Write." }).unwrap());
            put(
                store,
                &[
                    add(id::<DiscussionId>(600 + offset), discussion),
                    add(item, AgendaItem::person(id(FIRST), 2, id(BOB), 8)),
                    add(id::<DiscussionId>(700 + offset), second),
                    add(id(800 + offset), here),
                ],
            );
            let mut mint = Mint::new(chrono::DateTime::UNIX_EPOCH, 1_000_000 * (u32::from(at) + 1));
            let before = reader.written_back(id(600 + offset)).unwrap();
            put(store, &[tick(id(600 + offset), before.as_ref(), line("Ann"), moment(at), &mut mint).unwrap()]);
        }
    };
    let apart = apart(|_| {}, made(0, "Better.", 0), made(1, "Worse.", 1));
    let done = apart.join(Choice::Both);
    let about: Vec<_> = done.foreseen.clashes.iter().map(|clash| (clash.key.0, clash.key.2)).collect();
    assert_eq!(about, [(NounKind::Discussion, "update"), (NounKind::Discussion, "next_steps")]);
    let rows = rows(&apart.ours);
    let count = |noun| rows.keys().filter(|(it, _)| *it == noun).count();
    assert_eq!(
        [NounKind::AgendaItem, NounKind::Discussion, NounKind::Attendance, NounKind::WrittenBack].map(count),
        [2, 2, 1, 1]
    );
    let update = &rows[&(NounKind::Discussion, 600)]["update"];
    assert!(
        matches!(update, Value::Text(text) if text.starts_with("Better.") && text.ends_with("Worse.")),
        "{update:?}"
    );
}

#[test]
fn one_number_for_two_new_people_moves_nobodys_records() {
    let number = "9990000018";
    for (answer, ours, theirs) in [
        (Choice::Ours, Some(Some(number)), None),
        (Choice::Theirs, Some(None), Some(Some(number))),
        (Choice::Both, Some(Some(number)), Some(None)),
    ] {
        let made = |raw: i64, surname: &'static str| {
            move |store: &mut Store, _: &Reader| {
                let plan = Plan::new(id(raw));
                put(store, &[add(id(raw), person(surname, Some(number))), add(id::<PlanId>(raw + 10), plan)]);
            }
        };
        let apart = apart(|_| {}, made(81, "Clarke"), made(82, "Clark"));
        let done = apart.join(answer);
        assert!(matches!(
            done.foreseen.clashes[..],
            [mdt::store::join::Clash { what: What::SameNumber(81, true), .. }]
        ));
        let out: Vec<_> = done.foreseen.left_out.iter().map(|it| (it.noun, it.row, it.why)).collect();
        match answer {
            Choice::Ours => assert_eq!(
                out,
                [(NounKind::Person, 82, Reason::StaysOut), (NounKind::Plan, 92, Reason::NothingToBelongTo)]
            ),
            Choice::Theirs | Choice::Both => assert!(out.is_empty(), "{out:?}"),
        }
        apart.read(|reader| {
            let has = |raw: i64| reader.get::<Person>(id(raw)).unwrap().map(|it| it.nhs_number.map(NhsNumber::digits));
            assert_eq!(has(81), ours.map(|it| it.map(str::to_owned)));
            assert_eq!(has(82), theirs.map(|it| it.map(str::to_owned)));
            // Whoever is here has their own plan, and nobody else's.
            for (raw, plan) in [(81, 91), (82, 92)] {
                assert_eq!(
                    has(raw).is_some(),
                    reader.get::<Plan>(id(plan)).unwrap().is_some_and(|it| it.person == id::<PersonId>(raw))
                );
            }
        });
    }
}

#[test]
fn numbers_given_to_two_and_numbers_swapped() {
    let give = |raw: i64, number: &'static str| {
        move |store: &mut Store, reader: &Reader| {
            put(store, &[alter(&seen::<Person>(reader, raw), |it| it.nhs_number = NhsNumber::parse(number).ok())]);
        }
    };
    let numbers = |apart: &Apart| {
        apart.read(|reader| [ADA, BOB].map(|raw| seen::<Person>(reader, raw).nhs_number.map(NhsNumber::digits)))
    };
    for (answer, wanted) in [(Choice::Ours, [Some("9990000018"), None]), (Choice::Theirs, [None, Some("9990000018")])] {
        let apart = apart(|_| {}, give(ADA, "9990000018"), give(BOB, "9990000018"));
        let done = apart.join(answer);
        assert!(matches!(done.foreseen.clashes[0].what, What::SameNumber(ADA, false)));
        assert_eq!(numbers(&apart), wanted.map(|it| it.map(str::to_owned)));
        // The other copy hears of the decision and is not asked again.
        join(&apart.theirs, &apart.ours, |clash| panic!("{clash:?}")).unwrap();
        let rows = rows(&apart.theirs);
        assert_eq!(rows[&(NounKind::Person, ADA)]["nhs_number"] == Value::Null, wanted[0].is_none());
        assert_eq!(rows[&(NounKind::Person, BOB)]["nhs_number"] == Value::Null, wanted[1].is_none());
    }
    let apart = apart(
        |store| {
            let number = |raw: i64| if raw == ADA { "9990000018" } else { "9990000026" };
            for raw in [ADA, BOB] {
                let seen = Record { id: id(raw), value: person(if raw == ADA { "Adeyemi" } else { "Brown" }, None) };
                put(store, &[alter(&seen, |it: &mut Person| it.nhs_number = NhsNumber::parse(number(raw)).ok())]);
            }
        },
        |store, reader| put(store, &[alter(&seen::<Person>(reader, ADA), |it| it.phone = Some(line("0123")))]),
        |store, reader| {
            put(store, &[alter(&seen::<Person>(reader, ADA), |it| it.nhs_number = None)]);
            give(BOB, "9990000018")(store, reader);
            give(ADA, "9990000026")(store, reader);
        },
    );
    assert!(apart.join(Choice::Ours).foreseen.clashes.is_empty());
    assert_eq!(numbers(&apart), ["9990000026", "9990000018"].map(|it| Some(it.to_owned())));
}

#[test]
fn people_alike_are_named_and_both_stay() {
    let made = |raw: i64| {
        move |store: &mut Store, _: &Reader| {
            let mut it = person("Clarke", None);
            it.born = Some(day(0).plus(-30_000));
            put(store, &[add(id(raw), it)]);
        }
    };
    let apart = apart(|_| {}, made(81), made(82));
    let done = apart.join(Choice::Ours);
    assert_eq!(done.foreseen.alike.into_iter().collect::<Vec<_>>(), [(id(81), id(82))]);
    apart.read(|reader| {
        assert!(reader.get::<Person>(id(81)).unwrap().is_some() && reader.get::<Person>(id(82)).unwrap().is_some())
    });
}

fn hold_meeting(store: &mut Store, reader: &Reader, update: &str, discussion: i64) {
    let meeting = seen::<Meeting>(reader, FIRST);
    let items = reader.agenda(meeting.id).unwrap();
    put(store, &begin(&meeting, &items, moment(0)).unwrap());
    let mut it = Discussion::new(id(FIRST), id(ITEM), id(ADA));
    it.update = Some(Note::parse(update).unwrap());
    it.agreed_at = Some(moment(60));
    put(store, &[add(id::<DiscussionId>(discussion), it)]);
    let meeting = seen::<Meeting>(reader, FIRST);
    put(store, &close(&meeting, &reader.agenda(meeting.id).unwrap(), &[], moment(600)).unwrap());
}

fn seal(store: &mut Store, reader: &Reader, minutes: i64) {
    let sealed = Minutes {
        meeting: id(FIRST),
        sealed_at: moment(700),
        sealed_by: line("Tolu Bankole"),
        document: Document::new("{}".to_owned()),
        sha256: line(&"ab".repeat(32)),
    };
    let meeting = alter(&seen::<Meeting>(reader, FIRST), |it| it.stage = Stage::Sealed);
    let deed = Deed::change("Seal the minutes").of_kind(StepKind::Seal);
    store.commit(&stamp(), &deed, &[add(id::<MinutesId>(minutes), sealed), meeting]).unwrap();
}

#[test]
fn a_meeting_sealed_here_takes_nothing_of_theirs_that_belongs_to_it() {
    for sealed_there in [false, true] {
        let apart = apart(
            |_| {},
            |store, reader| {
                hold_meeting(store, reader, "Better.", 601);
                seal(store, reader, 901);
            },
            |store, reader| {
                hold_meeting(store, reader, "Worse.", 602);
                if sealed_there {
                    seal(store, reader, 902);
                    let text = Note::parse("And this.").unwrap();
                    let it = Addendum { minutes: id(902), at: moment(800), by: line("Ann"), text };
                    put(store, &[add(id::<AddendumId>(911), it)]);
                }
                put(store, &[alter(&seen::<Person>(reader, ADA), |it| it.phone = Some(line("0123")))]);
            },
        );
        let done = apart.join(Choice::Theirs);
        let out: Vec<_> = done.foreseen.left_out.iter().map(|it| (it.noun, it.why)).collect();
        assert!(out.contains(&(NounKind::Discussion, Reason::SealedHere)), "{out:?}");
        assert_eq!(out.contains(&(NounKind::Minutes, Reason::SealedHere)), sealed_there);
        assert_eq!(out.contains(&(NounKind::Addendum, Reason::NothingToBelongTo)), sealed_there);
        apart.read(|reader| {
            assert_eq!(seen::<Discussion>(reader, 601).update.as_ref().unwrap().as_str(), "Better.");
            assert!(reader.get::<Discussion>(id(602)).unwrap().is_none());
            assert_eq!(
                seen::<Person>(reader, ADA).phone,
                Some(line("0123")),
                "what belongs to no sealed meeting comes"
            );
        });
    }
}

#[test]
fn minutes_sealed_there_come_only_with_the_meeting_they_were_sealed_of() {
    for changed_here in [false, true] {
        let apart = apart(
            |_| {},
            |store, _| {
                if changed_here {
                    put(store, &[add(id::<AgendaItemId>(52), AgendaItem::person(id(FIRST), 2, id(BOB), 8))]);
                } else {
                    put(store, &[add(id(33), person("Clarke", None))]);
                }
            },
            |store, reader| {
                hold_meeting(store, reader, "Worse.", 602);
                seal(store, reader, 902);
            },
        );
        let done = apart.join(Choice::Theirs);
        let out: Vec<_> = done.foreseen.left_out.iter().map(|it| (it.noun, it.why)).collect();
        assert_eq!(out, if changed_here { vec![(NounKind::Minutes, Reason::NotAsSealed)] } else { Vec::new() });
        apart.read(|reader| {
            let meeting = seen::<Meeting>(reader, FIRST);
            assert_eq!(meeting.stage, if changed_here { Stage::Closed } else { Stage::Sealed });
            assert_eq!(reader.get::<Minutes>(id(902)).unwrap().is_some(), !changed_here);
            assert_eq!(seen::<Discussion>(reader, 602).update.as_ref().unwrap().as_str(), "Worse.");
        });
    }
}

#[test]
fn a_team_has_one_live_meeting_and_the_other_is_planned_again() {
    let start = |raw: i64| {
        move |store: &mut Store, reader: &Reader| {
            let meeting = seen::<Meeting>(reader, raw);
            put(store, &begin(&meeting, &reader.agenda(meeting.id).unwrap(), moment(0)).unwrap());
        }
    };
    for (answer, live, planned) in [(Choice::Ours, FIRST, SECOND), (Choice::Theirs, SECOND, FIRST)] {
        let second = add(id::<AgendaItemId>(53), AgendaItem::person(id(SECOND), 1, id(BOB), 8));
        let apart = apart(|store| put(store, &[second]), start(FIRST), start(SECOND));
        let done = apart.join(answer);
        assert!(matches!(done.foreseen.clashes[0].what, What::TwoLive(FIRST)));
        apart.read(|reader| {
            assert_eq!(reader.live_meeting(id(TEAM)).unwrap().unwrap().id, id::<MeetingId>(live));
            assert_eq!(seen::<Meeting>(reader, planned).stage, Stage::Planned);
        });
        join(&apart.theirs, &apart.ours, |clash| panic!("{clash:?}")).unwrap();
        assert_eq!(rows(&apart.ours), rows(&apart.theirs));
    }
}

#[test]
fn what_was_taken_away_on_one_side_and_built_on_at_the_other() {
    let gone = |store: &mut Store, reader: &Reader| {
        put(store, &[mdt::domain::change::remove(&seen::<AgendaItem>(reader, ITEM))]);
    };
    let built = |store: &mut Store, _: &Reader| {
        put(store, &[add(id::<DiscussionId>(601), Discussion::new(id(FIRST), id(ITEM), id(ADA)))]);
    };
    // Gone here, built on there: left away with what was built on it, or brought back with it.
    for answer in [Choice::Ours, Choice::Theirs] {
        let apart = apart(|_| {}, gone, built);
        let done = apart.join(answer);
        assert_eq!(done.foreseen.clashes[0].what, What::GoneHere);
        let back = answer == Choice::Theirs;
        apart.read(|reader| {
            assert_eq!(reader.get::<AgendaItem>(id(ITEM)).unwrap().is_some(), back);
            assert_eq!(reader.get::<Discussion>(id(601)).unwrap().is_some(), back);
        });
        assert_eq!(done.foreseen.left_out.is_empty(), back);
    }
    // Gone there, built on here: it stays, and that is said.
    let apart = apart(|_| {}, built, gone);
    let done = apart.join(Choice::Theirs);
    assert_eq!(done.foreseen.left_out.iter().map(|it| it.why).collect::<Vec<_>>(), [Reason::BuiltOnHere]);
    apart.read(|reader| assert!(reader.get::<Discussion>(id(601)).unwrap().is_some()));
}

// ───────────────────────────────────────────── copies that are behind, ahead, of three; copies that are not taken

#[test]
fn a_copy_that_is_behind_brings_nothing_and_one_that_is_ahead_brings_all() {
    let later = |store: &mut Store, _: &Reader| put(store, &[add(id(33), person("Clarke", None))]);
    let behind = apart(|_| {}, later, |_, _| {});
    let Err(Fault::Rule(why)) = join(&behind.ours, &behind.theirs, |_| panic!()) else { panic!() };
    assert!(why.contains("nothing that this file does not have"), "{why}");
    let ahead = apart(|_| {}, |_, _| {}, later);
    let done = ahead.join(Choice::Ours);
    assert_eq!((done.foreseen.steps, done.foreseen.clashes.len()), (1, 0));
    assert_eq!(rows(&ahead.ours), rows(&ahead.theirs));
}

#[test]
fn three_copies_in_any_order_hold_the_same_and_a_joining_taken_back_can_be_done_anew() {
    let phone = |text: &'static str| {
        move |store: &mut Store, reader: &Reader| {
            put(store, &[alter(&seen::<Person>(reader, ADA), |it| it.phone = Some(line(text)))]);
        }
    };
    let apart = apart(
        |_| {},
        phone("1"),
        |store, reader| {
            put(store, &[alter(&seen::<Person>(reader, BOB), |it| it.phone = Some(line("2")))]);
            put(store, &[add(id(33), person("Clarke", None))]);
            let _ = reader;
        },
    );
    let third = copy(&apart.theirs, "third.mdt");
    work(&third, |store, reader| put(store, &[alter(&seen::<Person>(reader, 33), |it| it.phone = Some(line("3")))]));
    work(&apart.theirs, phone("4"));
    // The third goes to both; then both to each other. Nobody has to decide twice about the same.
    join(&apart.theirs, &third, |_| panic!()).unwrap();
    join(&apart.ours, &third, |_| panic!()).unwrap();
    let done = apart.join(Choice::Theirs);
    assert_eq!(done.foreseen.clashes.iter().map(|it| it.key).collect::<Vec<_>>(), [(NounKind::Person, ADA, "phone")]);
    apart.read(|reader| {
        let phones = [ADA, BOB, 33].map(|raw| seen::<Person>(reader, raw).phone.as_ref().unwrap().to_string());
        assert_eq!(phones, ["4", "2", "3"]);
    });
    let (own, branch) = uids(&apart.ours);
    assert!(own.is_disjoint(&branch));
    for other in [&apart.theirs, &third] {
        let (all, beside) = uids(other);
        assert!(all.union(&beside).all(|uid| own.contains(uid) || branch.contains(uid)));
    }
    // Taken back, something else done – a redo is over – and joined anew.
    work(&apart.ours, |store, reader| {
        store.undo(&stamp()).unwrap();
        put(store, &[alter(&seen::<Person>(reader, BOB), |it| it.address = Some(line("1 Elm Grove")))]);
    });
    let again = apart.join(Choice::Theirs);
    assert_eq!(again.foreseen.steps, 0, "their steps are kept already");
    apart.read(|reader| assert_eq!(seen::<Person>(reader, ADA).phone, Some(line("4"))));
}

#[test]
fn a_copy_of_another_file_a_damaged_one_one_in_use_and_a_wrong_key_are_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let phrase = |text: &str| Passphrase::new(text.to_owned());
    let right = phrase("correct horse battery staple");
    let path = folder.path().join("ours.mdt");
    let (mut store, reader) = store::create(&path, Some(&right), FileKind::Real, 7, &stamp()).unwrap();
    begin_file(&mut store);
    drop(reader);
    store.close().unwrap();
    let theirs = copy(&path, "theirs.mdt");
    {
        let (mut store, reader) = store::open(&theirs, Some(&right)).unwrap();
        put(&mut store, &[alter(&seen::<Person>(&reader, ADA), |it| it.phone = Some(line("0123")))]);
        // In use: its log lies beside it.
        let Err(Fault::NotOpened(why)) = Other::open(&theirs, Some(&right), &Stop::default()) else { panic!() };
        assert!(why.contains("being worked on"), "{why}");
        drop(reader);
        store.close().unwrap();
    }
    let stop = Stop::default();
    let before = sha(&theirs);
    let wrong = phrase("another long passphrase");
    assert!(matches!(Other::open(&theirs, Some(&wrong), &stop), Err(Fault::WrongKey)));
    assert!(matches!(Other::open(&theirs, None, &stop), Err(Fault::KeyNeeded)));
    // The right one is joined; both files keep their keys.
    let (mut store, reader) = store::open(&path, Some(&right)).unwrap();
    let other = Other::open(&theirs, Some(&right), &stop).unwrap();
    let mut joiner = Joiner::new(&reader, &other, day(50)).unwrap();
    let decisions = Decisions::new();
    assert_eq!(joiner.foresee(&decisions, &stop).unwrap().people.len(), 1);
    store.join(&stamp(), &line("Ann"), id(99), &mut joiner, &decisions, &stop).unwrap();
    drop(joiner);
    drop(other);
    assert_eq!(seen::<Person>(&reader, ADA).phone, Some(line("0123")));
    assert_eq!(sha(&theirs), before);
    drop(reader);
    store.close().unwrap();
    // One bit.
    let mut bytes = std::fs::read(&theirs).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&theirs, &bytes).unwrap();
    assert!(matches!(Other::open(&theirs, Some(&right), &stop), Err(Fault::Damaged | Fault::WrongKey)));
    // Another file.
    let folder = tempfile::tempdir().unwrap();
    let stranger = folder.path().join("stranger.mdt");
    let (store, reader) = store::create(&stranger, None, FileKind::Real, 8, &stamp()).unwrap();
    drop(reader);
    store.close().unwrap();
    let (_, reader) = store::open(&path, Some(&right)).unwrap();
    let other = Other::open(&stranger, None, &stop).unwrap();
    assert!(!other.is_copy_of(&reader));
    let Err(Fault::NotOpened(why)) = Joiner::new(&reader, &other, day(50)).map(|_| ()) else { panic!() };
    assert!(why.contains("two different files"), "{why}");
}

#[test]
fn a_row_altered_beside_the_log_is_damage_and_an_altered_branch_is_found() {
    let phone = |store: &mut Store, reader: &Reader| {
        put(store, &[alter(&seen::<Person>(reader, ADA), |it| it.phone = Some(line("0123")))]);
    };
    let apart = apart(|_| {}, |_, _| {}, phone);
    let bent = copy(&apart.theirs, "bent.mdt");
    Connection::open(&bent).unwrap().execute("UPDATE person SET phone = '0999' WHERE id = ?1", [ADA]).unwrap();
    assert!(matches!(join(&apart.ours, &bent, |_| panic!()), Err(Fault::Damaged)));
    let old = copy(&apart.theirs, "old.mdt");
    Connection::open(&old).unwrap().execute_batch("PRAGMA user_version = 3").unwrap();
    let Err(Fault::NotOpened(why)) = Other::open(&old, None, &Stop::default()) else { panic!() };
    assert!(why.contains("older mdt"), "{why}");
    apart.join(Choice::Ours);
    for sql in [
        "UPDATE branch_change SET fields = replace(fields, '0123', '0999')",
        "UPDATE branch_step SET actor = 'Nobody'",
        "DELETE FROM branch_change",
        "UPDATE branch_step SET label = 'Something else'",
    ] {
        let bent = copy(&apart.ours, "bent.mdt");
        let db = Connection::open(&bent).unwrap();
        let guards: Vec<String> = db
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'branch%'")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert!(db.execute_batch(sql).is_err(), "the guards say no: {sql}");
        guards.iter().for_each(|name| db.execute_batch(&format!("DROP TRIGGER {name}")).unwrap());
        db.execute_batch(sql).unwrap();
        drop(db);
        let (_, reader) = store::open(&bent, None).unwrap();
        assert!(reader.verify_branches().unwrap().is_err(), "{sql}");
        drop(reader);
        std::fs::remove_file(&bent).unwrap();
    }
}

// ───────────────────────────────────────────── by the back door

#[cfg(unix)]
#[test]
fn both_key_workers_are_shown_with_who_named_them_and_when() {
    use predicates::prelude::PredicateBooleanExt as _;
    use predicates::str::contains;
    let name = |member: i64, period: i64, by: &'static str, at: &'static str| {
        move |store: &mut Store, _: &Reader| {
            let it = KeyWorker { person: id(ADA), member: id(member), since: day(1), until: None, ended_why: None };
            let stamp = Stamp { at: at.to_owned(), actor: by.to_owned() };
            store.commit(&stamp, &Deed::change("Set key worker"), &[add(id::<KeyWorkerId>(period), it)]).unwrap();
        }
    };
    let apart =
        apart(|_| {}, name(ANN, 61, "Ben", "2026-11-27T10:00:00Z"), name(BEN, 62, "Cat", "2026-11-28T10:00:00Z"));
    let mut command = assert_cmd::Command::cargo_bin("mdt").unwrap();
    let home = apart.ours.parent().unwrap();
    command.env("HOME", home).env("XDG_DATA_HOME", home.join("data")).env("USER", "test").current_dir(home);
    command.arg("--file").arg(&apart.ours).args(["merge", "theirs.mdt", "--preview"]);
    let since = day(1);
    command.assert().code(0).stdout(
        contains("ADEYEMI, Ada")
            .and(contains(format!("ours    Ann, since {since} (named by Ben, 27-Nov-2026)")))
            .and(contains(format!("theirs  Ben, since {since} (named by Cat, 28-Nov-2026)"))),
    );
}

#[cfg(unix)]
#[test]
fn the_subcommand_previews_asks_and_joins() {
    use predicates::prelude::PredicateBooleanExt as _;
    use predicates::str::contains;
    let write = |phone: &'static str, council: Option<&'static str>| {
        move |store: &mut Store, reader: &Reader| {
            put(
                store,
                &[alter(&seen::<Person>(reader, ADA), |it| {
                    it.phone = Some(line(phone));
                    it.council = council.map(line).or(it.council.take());
                })],
            );
        }
    };
    let apart = apart(|_| {}, write("0111", None), write("0222", Some("Leeds")));
    let mdt = |arguments: &[&str]| {
        let mut command = assert_cmd::Command::cargo_bin("mdt").unwrap();
        let home = apart.ours.parent().unwrap();
        command.env("HOME", home).env("XDG_DATA_HOME", home.join("data")).env("USER", "test").current_dir(home);
        command.arg("--file").arg(&apart.ours).arg("merge").args(arguments);
        command
    };
    let before = (sha(&apart.ours), sha(&apart.theirs));
    mdt(&["theirs.mdt", "--preview"]).assert().code(0).stdout(
        contains("ADEYEMI, Ada")
            .and(contains("before  (empty)"))
            .and(contains("ours    0111"))
            .and(contains("theirs  0222"))
            .and(contains("Nothing was changed")),
    );
    // Nobody there to ask, an answer that cannot be, a question that was not asked, the file itself, none at all.
    mdt(&["theirs.mdt"]).assert().code(1).stderr(contains("1 of these has to be decided"));
    mdt(&["theirs.mdt", "--take", "1=both"]).assert().code(1).stderr(contains("cannot be answered so"));
    mdt(&["theirs.mdt", "--take", "1=ours", "--take", "7=ours"]).assert().code(1).stderr(contains("no question 7"));
    mdt(&["theirs.mdt", "--take", "ours"]).assert().code(1).stderr(contains("N=ours"));
    mdt(&["ours.mdt"]).assert().code(1).stderr(contains("the file itself"));
    mdt(&["nothing.mdt"]).assert().code(3);
    assert_eq!(before, (sha(&apart.ours), sha(&apart.theirs)));
    mdt(&["theirs.mdt", "--take", "1=theirs"])
        .assert()
        .code(0)
        .stdout(contains("Joined as step").and(contains("One undo")));
    assert_eq!(before.1, sha(&apart.theirs));
    let copies = std::fs::read_dir(apart.ours.with_file_name("backups")).unwrap().count();
    assert!(copies > 0, "a copy was made before");
    apart.read(|reader| {
        let ada = seen::<Person>(reader, ADA);
        assert_eq!((ada.phone.clone(), ada.council.clone()), (Some(line("0222")), Some(line("Leeds"))));
        assert_eq!(reader.steps(1).unwrap()[0].kind, StepKind::Merge);
    });
    mdt(&["theirs.mdt"]).assert().code(0).stdout(contains("nothing that this file does not have"));
    let stranger = apart.ours.with_file_name("stranger.mdt");
    let (store, reader) = store::create(&stranger, None, FileKind::Real, 8, &stamp()).unwrap();
    drop(reader);
    store.close().unwrap();
    mdt(&["stranger.mdt"]).assert().code(1).stderr(contains("two different files"));
}
