//! Two copies of one file, changed apart and joined: random pairs, each special rule, and copies that are not taken.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
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
use mdt::domain::change::{Change, Mint, NounKind, RecordId, add, alter};
use mdt::domain::id::{JoiningId, MemberId, PersonId, TeamId};
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
fn join(ours: &Path, theirs: &Path, mut decide: impl FnMut(&mdt::store::join::Clash) -> Choice) -> Result<Joined, Fault> {
    let before = sha(theirs);
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
    let id: JoiningId = Mint::new(chrono::DateTime::UNIX_EPOCH, 3_000_000 + u32::from(before[0])).mint();
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
    "sort_name", "band_rank", "sort_score", "sort_born", "last_discussed", "key_worker", "open_actions", "next_due",
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
            let cells = names.iter().enumerate().filter(|(_, name)| {
                *name != "id" && !(*noun == NounKind::Person && DERIVED.contains(&name.as_str()))
            });
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
    let all = |sql: &str| db.prepare(sql).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
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
            let goal = Goal { person, words: words?, progress: Progress::ALL[usize::from(b) % 4], note: None, on: day(b) };
            vec![add(world.mint.mint(), goal)]
        }
        3 => {
            let meeting = pick::<mdt::domain::meeting::Meeting>(Some(reader), &world.meetings, a)?.id;
            let member = pick::<mdt::domain::member::Member>(Some(reader), &world.members, b)?.id;
            let attending = Attending::ALL[usize::from(b) % 4];
            let it = Attendance { meeting, member, attending, here_now: b % 2 == 0, arrived_at: None, left_at: None };
            vec![add(world.mint.mint(), it)]
        }
        _ => vec![alter(
            &pick::<mdt::domain::discussion::Discussion>(Some(reader), &world.discussions, a)?,
            |it| if b % 2 == 0 { it.update = words } else { it.next_steps = words },
        )],
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
        for (what, a, b) in [(0, 0, 0), (2, 0, 0), (3, 0, 0), (3, 1, 0), (5, 0, 1), (5, 1, 0), (12, 0, 3), (14, 0, 1), (17, 0, 0)] {
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
    let keys: BTreeSet<_> = [&pair.base, &pair.ours, &pair.theirs, joined].iter().flat_map(|rows| rows.keys().copied()).collect();
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
                let twin = asked.keys().any(|(noun, ..)| *noun == key.0) || has_twin(key.0, ours, &pair.theirs);
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
                if now.is_some() {
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
        if now != ours && base == theirs && ours.is_some() && !has_twin(key.0, ours.unwrap(), &pair.theirs) {
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

fn refers_to_twin(row: &Row, pair: &Pair) -> bool {
    let to = [("item", NounKind::AgendaItem), ("here", NounKind::AgendaItem), ("discussion", NounKind::Discussion)];
    to.iter().any(|(column, noun)| match row.get(*column) {
        Some(Value::Integer(id)) => {
            pair.theirs.get(&(*noun, *id)).is_some_and(|it| {
                !pair.ours.contains_key(&(*noun, *id)) && (has_twin(*noun, it, &pair.ours) || refers_to_twin(it, pair))
            })
        }
        _ => false,
    })
}

#[test]
fn whatever_two_copies_did_is_all_there_and_only_a_person_decides() {
    let seed = kit::seed();
    let (mut asked, mut fields, mut excused, mut left, mut equal) = (0, 0, 0, 0, 0);
    let mut blind = 0;
    let pairs = kit::times(60, 500);
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
        assert!(wanted.is_subset(&all) && all.len() == wanted.len() + 1, "seed {seed}: the merge itself is the only new step");
        // Back, and again; the chains hold.
        work(ours, |store, reader| {
            let merged = reader.dump().unwrap();
            assert_eq!(store.undo(&stamp()).unwrap().0.label, "Join another copy");
            assert!(reader.dump().unwrap() == done.dump, "seed {seed}: undo gives back what was");
            store.redo(&stamp()).unwrap();
            assert!(reader.dump().unwrap() == merged, "seed {seed}: redo does all of it again");
            assert_eq!(reader.verify_chain().unwrap(), Ok(reader.head().unwrap().seq));
            assert_eq!(reader.verify_branches().unwrap(), Ok(i64::try_from(branch.len()).unwrap()), "seed {seed}");
        });
        // Once more brings nothing.
        let Err(Fault::Rule(nothing)) = join(ours, theirs, |_| panic!("seed {seed}: asked again")) else { panic!("seed {seed}") };
        assert!(nothing.contains("nothing"), "{nothing}");
        // The other way round nobody is asked, and both are the same.
        let twins = pair.theirs.keys().any(|key| !pair.base.contains_key(key) && !joined.contains_key(key));
        if done.foreseen.left_out.is_empty() && !twins {
            let back = join(theirs, ours, |clash| panic!("seed {seed}: asked the other way round: {clash:?}")).unwrap();
            assert!(back.foreseen.left_out.is_empty(), "seed {seed}: {:?}", back.foreseen.left_out);
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
    println!("{pairs} pairs from seed {seed}: {asked} decisions, {left} records left out with a reason, {fields} fields looked at, {excused} records by a rule, {equal} pairs equal both ways; the last writer wins unseen in {blind}");
    assert!(blind * 3 < pairs, "a joining that loses work must be seen in most pairs, and was not in {blind} of {pairs}");
    assert!(equal * 4 > pairs, "too few pairs were compared both ways: {equal} of {pairs}");
    assert!(excused * 200 < fields, "too much is excused: {excused} records of {fields} fields");
}
