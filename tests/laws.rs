//! Laws of the store: undo and redo, conflict, several processes, the chain, and files that are not opened.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where something is not as it should be"
)]

mod kit;
mod world;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

use kit::stamp;
use mdt::domain::band::Band;
use mdt::domain::change::{Change, Mint, Record, add, alter};
use mdt::domain::id::{MemberId, PersonId, TeamId};
use mdt::domain::key_worker::{KeyWorker, hand_over};
use mdt::domain::nhs_number::NhsNumber;
use mdt::domain::person::Person;
use mdt::domain::team::Team;
use mdt::domain::text::Line;
use mdt::jobs::ahead::Ahead;
use mdt::store::fault::Fault;
use mdt::store::log::{Broken, Stamp, StepKind};
use mdt::store::open::Passphrase;
use mdt::store::{self, Commits as _, Deed, FileKind, Reader, Stop, Store};
use world::{KINDS, NUMBERS, World, day, line};

const DEED: &str = "Change something";

fn new_file(folder: &Path) -> (PathBuf, Store, Reader) {
    let path = folder.join("team.mdt");
    let (store, reader) = store::create(&path, None, FileKind::Real, 7, &stamp()).unwrap();
    (path, store, reader)
}

/// A team, an organisation, two members and some people: where most laws begin.
fn small_team(store: &mut Store, people: u16) -> (TeamId, Vec<MemberId>, Vec<PersonId>) {
    let mut world = World::new(1);
    for (what, a) in [(0, 0), (2, 0), (3, 0), (3, 1)].into_iter().chain((0..people).map(|n| (5, n))) {
        let changes = world.changes(None, what, a, 0).unwrap();
        store.commit(&stamp(), &Deed::change("Begin"), &changes).unwrap();
    }
    (world.teams[0], world.members, world.people)
}

// ───────────────────────────────────────────── histories

/// Steps of one history: `what` beyond the deeds is an undo or a redo.
fn history() -> impl Strategy<Value = Vec<(u8, u16, u16)>> {
    // The first steps always make something to work on.
    let begin = Just(vec![(0, 0, 0), (2, 0, 0), (3, 0, 0), (3, 1, 0), (5, 0, 1), (5, 1, 0), (12, 0, 3), (14, 0, 1)]);
    let rest = prop::collection::vec((0..KINDS + 10, any::<u16>(), any::<u16>()), 1..kit::times(33, 100) as usize);
    (begin, rest).prop_map(|(mut begin, rest)| {
        begin.extend(rest);
        begin
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: kit::times(24, 2_000), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_history_can_be_walked_back_to_nothing(history in history()) {
        let folder = tempfile::tempdir().unwrap();
        let (_, mut store, reader) = new_file(folder.path());
        let mut world = World::new(1);
        // What each step that can be undone found, and what each that can be redone left.
        let mut before: Vec<String> = Vec::new();
        let mut undone: Vec<String> = Vec::new();
        for (what, a, b) in history {
            let found = reader.dump().unwrap();
            if what >= KINDS + 6 {
                match store.redo(&stamp()) {
                    Ok(_) => {
                        before.push(found);
                        prop_assert_eq!(Some(reader.dump().unwrap()), undone.pop());
                    }
                    Err(fault) => {
                        prop_assert!(matches!(fault, Fault::CannotUndo(_)), "{fault:?}");
                        prop_assert!(undone.is_empty(), "not redone: {fault}");
                    }
                }
            } else if what >= KINDS {
                match store.undo(&stamp()) {
                    Ok(_) => {
                        undone.push(found);
                        prop_assert_eq!(Some(reader.dump().unwrap()), before.pop());
                    }
                    Err(fault) => {
                        prop_assert!(matches!(fault, Fault::CannotUndo(_)), "{fault:?}");
                        prop_assert!(before.is_empty(), "not undone: {fault}");
                    }
                }
            } else if let Some(changes) = world.changes(Some(&reader), what, a, b) {
                let head = reader.head().unwrap();
                match store.commit(&stamp(), &Deed::change(DEED), &changes) {
                    Ok(_) => {
                        before.push(found);
                        undone.clear();
                    }
                    // A rule of the file said no, or the discussion was begun already: nothing may be left of the step.
                    Err(fault) => {
                        prop_assert!(matches!(fault, Fault::Rule(_) | Fault::Conflict(_)), "{fault:?}");
                        prop_assert_eq!(reader.dump().unwrap(), found);
                        prop_assert_eq!(reader.head().unwrap(), head);
                    }
                }
            }
        }
        prop_assert_eq!(reader.verify_chain().unwrap(), Ok(reader.head().unwrap().seq));
        while let Some(found) = before.pop() {
            store.undo(&stamp()).unwrap();
            prop_assert_eq!(reader.dump().unwrap(), found);
        }
        prop_assert_eq!(reader.dump().unwrap(), "");
        prop_assert!(matches!(store.undo(&stamp()), Err(Fault::CannotUndo(_))));
        prop_assert_eq!(reader.verify_chain().unwrap(), Ok(reader.head().unwrap().seq));
    }
}

/// The dump sees what it is there to see: without this, two empty texts would prove every law.
#[test]
fn a_dump_holds_every_field_and_what_is_derived() {
    let folder = tempfile::tempdir().unwrap();
    let (_, mut store, reader) = new_file(folder.path());
    assert_eq!(reader.dump().unwrap(), "");
    let (_, members, people) = small_team(&mut store, 1);
    let plain = reader.dump().unwrap();
    let mut mint = Mint::new(chrono::DateTime::UNIX_EPOCH, 5_000);
    let changes = hand_over(None, people[0], members[0], day(0), &mut mint).unwrap();
    store.commit(&stamp(), &Deed::change(DEED), &changes).unwrap();
    let led = reader.dump().unwrap();
    let person = |dump: &str| dump.lines().find(|line| line.starts_with("person ")).unwrap().to_owned();
    assert_ne!(person(&plain), person(&led), "the derived key worker of a person is part of the dump");
    assert!(person(&led).contains("sort_name=\"example0\\u{1}ada\""), "{led}");
    assert!(led.contains("person_words "), "{led}");
}

#[test]
fn undo_takes_back_ones_own_steps_only_and_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (path, mut store, reader) = new_file(folder.path());
    let (team, ..) = small_team(&mut store, 1);
    let other = Stamp { actor: "Pat Okoro".to_owned(), ..stamp() };
    let seen = reader.get::<Team>(team).unwrap().unwrap();
    store.commit(&stamp(), &Deed::change("Mine"), &[alter(&seen, |it| it.length = 60)]).unwrap();
    store.commit(&other, &Deed::change("Theirs"), &[alter(&seen, |it| it.cadence = 7)]).unwrap();
    drop((store, reader));
    let (mut store, reader) = store::open(&path, None).unwrap();
    assert_eq!(store.undo(&stamp()).unwrap().0.label, "Mine");
    let now = reader.get::<Team>(team).unwrap().unwrap();
    assert_eq!((now.length, now.cadence), (seen.length, 7));
    assert_eq!(store.redo(&stamp()).unwrap().0.label, "Mine");
    // Where a row has moved on, the step stays, and the sentence says by whom.
    let now = reader.get::<Team>(team).unwrap().unwrap();
    store.commit(&other, &Deed::change("Theirs"), &[alter(&now, |it| it.length = 45)]).unwrap();
    let before = reader.dump().unwrap();
    let Fault::CannotUndo(why) = store.undo(&stamp()).unwrap_err() else { panic!() };
    assert!(why.contains("changed since by Pat Okoro") && why.contains("Nothing was changed"), "{why}");
    assert_eq!(reader.dump().unwrap(), before);
}

// ───────────────────────────────────────────── conflict

/// Fields that are nobody's state but their own.
const FREE: [&str; 6] = ["preferred", "title", "address", "postcode", "phone", "council"];

fn write(person: &mut Person, field: usize, text: &str) {
    let text = Some(line(text));
    match FREE[field] {
        "preferred" => person.preferred = text,
        "title" => person.title = text,
        "address" => person.address = text,
        "postcode" => person.postcode = text,
        "phone" => person.phone = text,
        _ => person.council = text,
    }
}

fn read(person: &Person, field: usize) -> Option<String> {
    let text = match FREE[field] {
        "preferred" => &person.preferred,
        "title" => &person.title,
        "address" => &person.address,
        "postcode" => &person.postcode,
        "phone" => &person.phone,
        _ => &person.council,
    };
    text.as_ref().map(Line::to_string)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: kit::times(24, 2_000), failure_persistence: None, ..ProptestConfig::default() })]

    /// Edits of different fields both survive; where they meet, the later one is refused whole, and told field by field.
    #[test]
    fn edits_meet_field_by_field(mine in 1u8..64, theirs in 1u8..64) {
        let folder = tempfile::tempdir().unwrap();
        let (path, mut store, reader) = new_file(folder.path());
        let (.., people) = small_team(&mut store, 1);
        let (mut other, _) = store::open(&path, None).unwrap();
        let seen = reader.get::<Person>(people[0]).unwrap().unwrap();
        let fields = |set: u8| (0..FREE.len()).filter(move |n| set & 1 << n != 0);
        let edit = |set: u8, text: &str| alter(&seen, |it| fields(set).for_each(|n| write(it, n, text)));
        other.commit(&stamp(), &Deed::change(DEED), &[edit(theirs, "theirs")]).unwrap();
        let (found, head) = (reader.dump().unwrap(), reader.head().unwrap());
        let done = store.commit(&stamp(), &Deed::change(DEED), &[edit(mine, "mine")]);
        let now = reader.get::<Person>(people[0]).unwrap().unwrap();
        if mine & theirs == 0 {
            prop_assert!(done.is_ok(), "{done:?}");
            for (n, name) in FREE.iter().enumerate() {
                let wanted = if mine & 1 << n != 0 { Some("mine") } else if theirs & 1 << n != 0 { Some("theirs") } else { None };
                prop_assert_eq!(read(&now, n), wanted.map(str::to_owned), "{}", name);
            }
        } else {
            let Err(Fault::Conflict(conflict)) = done else { panic!("{done:?}") };
            let clashes: Vec<&str> = conflict.fields.iter().map(|clash| clash.column).collect();
            let mut wanted: Vec<&str> = fields(mine & theirs).map(|n| FREE[n]).collect();
            wanted.sort_by_key(|name| clashes.iter().position(|clash| clash == name));
            prop_assert_eq!(&clashes, &wanted);
            for clash in &conflict.fields {
                prop_assert_eq!((clash.before.as_deref(), clash.yours.as_deref(), clash.theirs.as_deref()), (None, Some("mine"), Some("theirs")));
            }
            prop_assert_eq!(reader.dump().unwrap(), found);
            prop_assert_eq!(reader.head().unwrap(), head);
        }
        prop_assert_eq!(reader.verify_chain().unwrap(), Ok(reader.head().unwrap().seq));
    }
}

/// A step of several changes that meets a conflict in the last leaves nothing of the first.
#[test]
fn a_step_is_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let (_, mut store, reader) = new_file(folder.path());
    let (team, _, people) = small_team(&mut store, 1);
    let stale = reader.get::<Person>(people[0]).unwrap().unwrap();
    store.commit(&stamp(), &Deed::change(DEED), &[alter(&stale, |it| it.phone = Some(line("1")))]).unwrap();
    let (found, head) = (reader.dump().unwrap(), reader.head().unwrap());
    let id = Mint::new(chrono::DateTime::UNIX_EPOCH, 9_999).mint();
    let changes =
        [add(id, Person::new(team, line("Brown"), line("Ben"))), alter(&stale, |it| it.phone = Some(line("2")))];
    let done = store.commit(&stamp(), &Deed::change(DEED), &changes);
    assert!(matches!(done, Err(Fault::Conflict(_))), "{done:?}");
    assert_eq!((reader.dump().unwrap(), reader.head().unwrap()), (found, head));
    assert!(reader.get::<Person>(id).unwrap().is_none());
    // The store is fit for use afterwards.
    store.commit(&stamp(), &Deed::change(DEED), &changes[..1]).unwrap();
}

/// A small generator of numbers: the same every time.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % below
    }
}

#[test]
fn two_processes_lose_nothing_silently_in_500_edits() {
    let folder = tempfile::tempdir().unwrap();
    let (path, mut store, reader) = new_file(folder.path());
    let (.., people) = small_team(&mut store, 3);
    let second = store::open(&path, None).unwrap();
    let look = |reader: &Reader| -> BTreeMap<PersonId, Record<Person>> {
        people.iter().map(|id| (*id, reader.get::<Person>(*id).unwrap().unwrap())).collect()
    };
    let mut desks = [(store, look(&reader), reader), (second.0, BTreeMap::new(), second.1)];
    desks[1].1 = look(&desks[1].2);
    // What was confirmed, by person and field: the whole truth, kept outside the file.
    let mut truth: BTreeMap<(PersonId, usize), String> = BTreeMap::new();
    let (mut dice, mut kept, mut told) = (Dice(11), 0, 0);
    for n in 0..500 {
        let (store, seen, reader) = &mut desks[dice.throw(2)];
        if dice.throw(12) == 0 {
            *seen = look(reader);
        }
        let (id, field, text) = (people[dice.throw(people.len())], dice.throw(FREE.len()), format!("edit {n}"));
        let mut now = seen[&id].value.clone();
        write(&mut now, field, &text);
        let stale = read(&seen[&id], field) != truth.get(&(id, field)).cloned();
        match store.commit(&stamp(), &Deed::change(DEED), &[alter(&seen[&id], |it| *it = now.clone())]) {
            Ok(_) => {
                assert!(!stale, "edit {n} went over somebody else's without a word");
                truth.insert((id, field), text);
                seen.insert(id, Record { id, value: now });
                kept += 1;
            }
            Err(Fault::Conflict(conflict)) => {
                assert!(stale, "edit {n} was refused without need");
                assert_eq!(conflict.fields[0].theirs, truth.get(&(id, field)).cloned());
                *seen = look(reader);
                told += 1;
            }
            Err(fault) => panic!("edit {n}: {fault}"),
        }
    }
    assert_eq!(kept + told, 500);
    assert!(told > 50 && kept > 200, "the two hardly met: {kept} kept, {told} told");
    for id in &people {
        let person = desks[0].2.get::<Person>(*id).unwrap().unwrap();
        for (field, name) in FREE.iter().enumerate() {
            assert_eq!(read(&person, field), truth.get(&(*id, field)).cloned(), "{name}");
        }
    }
    let head = desks[0].2.head().unwrap();
    assert_eq!(desks[1].2.verify_chain().unwrap(), Ok(head.seq));
}

/// Two writers at the same moment: a count that both raise, each trying again when told, ends at the sum.
#[test]
fn two_writers_at_once_count_to_the_sum() {
    const EACH: i64 = 60;
    let folder = tempfile::tempdir().unwrap();
    let (path, mut store, reader) = new_file(folder.path());
    let (team, ..) = small_team(&mut store, 0);
    let seen = reader.get::<Team>(team).unwrap().unwrap();
    store.commit(&stamp(), &Deed::change(DEED), &[alter(&seen, |it| it.length = 5)]).unwrap();
    drop((store, reader));
    let raise = || {
        let (mut store, reader) = store::open(&path, None).unwrap();
        let (mut raised, mut told) = (0, 0);
        while raised < EACH && told < 100 * EACH {
            let seen = reader.get::<Team>(team).unwrap().unwrap();
            match store.commit(&stamp(), &Deed::change(DEED), &[alter(&seen, |it| it.length += 1)]) {
                Ok(_) => raised += 1,
                Err(Fault::Conflict(_) | Fault::Locked) => told += 1,
                Err(fault) => panic!("{fault}"),
            }
        }
        raised
    };
    let sum: i64 = std::thread::scope(|scope| {
        let both = [scope.spawn(raise), scope.spawn(raise)];
        both.into_iter().map(|one| one.join().unwrap()).sum()
    });
    let (_, reader) = store::open(&path, None).unwrap();
    assert_eq!((sum, reader.get::<Team>(team).unwrap().unwrap().length), (2 * EACH, 5 + 2 * EACH));
    assert_eq!(reader.verify_chain().unwrap(), Ok(reader.head().unwrap().seq));
}

// ───────────────────────────────────────────── the chain

/// A hand at the log, without our triggers: what it does to step or change number `n`, and which step gives it away.
const TAMPERS: &[&str] = &[
    "UPDATE step SET label = label || ' ' WHERE seq = :n",
    "UPDATE step SET label = 'Xhange something' WHERE seq = :n",
    "UPDATE step SET actor = 'Somebody Else' WHERE seq = :n",
    "UPDATE step SET at = '2026-11-26T13:00:01Z' WHERE seq = :n",
    "UPDATE step SET kind = CASE kind WHEN 'change' THEN 'import' ELSE 'change' END, undoes = NULL WHERE seq = :n",
    "UPDATE step SET uid = uid + 1000000 WHERE seq = :n",
    "UPDATE step SET meeting = coalesce(meeting, 0) + 1 WHERE seq = :n",
    "UPDATE step SET changes = changes + 1 WHERE seq = :n",
    "UPDATE step SET payload_hash = zeroblob(32) WHERE seq = :n",
    "UPDATE step SET prev_hash = zeroblob(32) WHERE seq = :n",
    "UPDATE step SET hash = zeroblob(32) WHERE seq = :n",
    "UPDATE step SET seq = seq + 1000 WHERE seq = :n",
    "DELETE FROM step WHERE seq = :n",
    "DELETE FROM change WHERE step = :n",
    "UPDATE change SET fields = replace(fields, 'edit', 'edIt') WHERE step = :n",
    "UPDATE change SET fields = replace(fields, 'edit', 'edIt'), salt = NULL WHERE step = :n",
    "UPDATE change SET fields = '{}' WHERE step = :n",
    "UPDATE change SET salt = zeroblob(16) WHERE step = :n",
    "UPDATE change SET hash = zeroblob(32) WHERE step = :n",
    "UPDATE change SET noun = 'team' WHERE step = :n",
    "UPDATE change SET row = row + 1 WHERE step = :n",
    "UPDATE change SET deed = 'remove' WHERE step = :n",
    "UPDATE change SET step = step + 1, nth = nth + 50 WHERE step = :n",
    "INSERT INTO change (step, nth, noun, row, deed, hash, salt, fields) SELECT step, nth + 1, noun, row, deed, hash, salt, fields FROM change WHERE step = :n",
    "INSERT INTO change (step, nth, noun, row, deed, hash, salt, fields) SELECT step + 1000, nth, noun, row, deed, hash, salt, fields FROM change WHERE step = :n",
    "INSERT INTO step SELECT seq + 1000, uid + 1000000, at, actor, kind, label, meeting, undoes, changes, payload_hash, prev_hash, hash FROM step WHERE seq = :n",
    "INSERT INTO step SELECT -seq, uid + 1000000, at, actor, kind, label, meeting, undoes, changes, payload_hash, prev_hash, hash FROM step WHERE seq = :n",
];

const STEPS: i64 = 60;

/// A file whose steps 6…60 each write one field of one person.
fn long_log(folder: &Path) -> (PathBuf, Store, Reader) {
    let (path, mut store, reader) = new_file(folder);
    let (.., people) = small_team(&mut store, 1);
    for n in reader.head().unwrap().seq + 1..=STEPS {
        let seen = reader.get::<Person>(people[0]).unwrap().unwrap();
        let kind = if n % 9 == 0 { StepKind::Import } else { StepKind::Change };
        let deed = Deed::change(DEED).of_kind(kind);
        store.commit(&stamp(), &deed, &[alter(&seen, |it| it.phone = Some(line(&format!("edit {n}"))))]).unwrap();
    }
    (path, store, reader)
}

/// A connection that no rule of the file holds back.
fn hand(path: &Path) -> Connection {
    let db = Connection::open(path).unwrap();
    db.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;").unwrap();
    for trigger in ["step_stays", "step_is_not_removed", "step_follows", "change_is_not_removed", "change_stays"] {
        db.execute_batch(&format!("DROP TRIGGER {trigger}")).unwrap();
    }
    db.execute_batch(
        "CREATE TEMP TABLE step_kept AS SELECT * FROM step; CREATE TEMP TABLE change_kept AS SELECT * FROM change;",
    )
    .unwrap();
    db
}

fn mend(db: &Connection) {
    db.execute_batch(
        "DELETE FROM change; DELETE FROM step; INSERT INTO step SELECT * FROM step_kept; INSERT INTO change SELECT * FROM change_kept;",
    )
    .unwrap();
}

#[test]
fn two_hundred_tampers_are_seen() {
    let folder = tempfile::tempdir().unwrap();
    let (path, store, reader) = long_log(folder.path());
    drop(store);
    let db = hand(&path);
    let mut dice = Dice(3);
    for round in 0..kit::times(216, 2_160) as usize {
        let tamper = TAMPERS[round % TAMPERS.len()];
        let n = 10 + i64::try_from(dice.throw(49)).unwrap();
        let changed = db.execute(&tamper.replace(":n", &n.to_string()), []).unwrap();
        assert!(changed > 0, "it did nothing: {tamper} at {n}");
        match reader.verify_chain() {
            Ok(Ok(_)) => panic!("not seen: {tamper} at {n}"),
            // An added row is found where it was put; everything else at its step or the next one.
            Ok(Err(Broken::Step(at) | Broken::Link(at) | Broken::Change(at))) => {
                assert!(at <= n + 1 || tamper.contains("+ 1000"), "seen only at {at}: {tamper} at {n}");
            }
            Err(fault) => panic!("{fault}: {tamper} at {n}"),
        }
        mend(&db);
        assert_eq!(reader.verify_chain().unwrap(), Ok(STEPS), "mended after {tamper} at {n}");
    }
}

/// One byte of the log flipped in the file itself, where it stands.
#[test]
fn a_flipped_byte_of_the_log_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let (path, store, reader) = long_log(folder.path());
    drop(reader);
    store.close().unwrap();
    let whole = std::fs::read(&path).unwrap();
    let label = DEED.as_bytes();
    let places: Vec<usize> = (0..whole.len() - label.len()).filter(|at| whole[*at..].starts_with(label)).collect();
    assert!(places.len() >= 50, "labels stand in the file as they are");
    for at in places.iter().step_by(5) {
        let mut bytes = whole.clone();
        bytes[at + 3] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        match store::open(&path, None) {
            // The newest steps are looked at whenever the file is opened.
            Err(fault) => assert_eq!(fault, Fault::Damaged),
            Ok((_, reader)) => assert!(reader.verify_chain().unwrap().is_err(), "byte {at}"),
        }
    }
}

/// Text can be erased with its salt, and the chain stays whole. A tail that is cut off is seen against the printed head.
#[test]
fn erasure_keeps_the_chain_and_a_cut_tail_shows_against_the_head() {
    let folder = tempfile::tempdir().unwrap();
    let (path, mut store, reader) = long_log(folder.path());
    let head = reader.head().unwrap();
    let db = Connection::open(&path).unwrap();
    assert!(db.execute("UPDATE step SET label = 'x' WHERE seq = 20", []).is_err(), "the triggers stand");
    assert!(db.execute("DELETE FROM change WHERE step = 20", []).is_err());
    assert!(db.execute("UPDATE change SET fields = '{}' WHERE step = 20", []).is_err());
    assert_eq!(
        db.execute("UPDATE change SET fields = NULL, salt = NULL WHERE step BETWEEN 10 AND 60", []).unwrap(),
        51
    );
    assert_eq!(reader.verify_chain().unwrap(), Ok(STEPS));
    let Fault::CannotUndo(why) = store.undo(&stamp()).unwrap_err() else { panic!() };
    assert!(why.contains("erased"), "{why}");
    drop(db);
    let db = hand(&path);
    db.execute_batch("DELETE FROM change WHERE step = 60; DELETE FROM step WHERE seq = 60").unwrap();
    assert_eq!(reader.verify_chain().unwrap(), Ok(STEPS - 1));
    assert_ne!(reader.head().unwrap(), head);
}

// ───────────────────────────────────────────── files

fn fingerprint(path: &Path) -> String {
    Sha256::digest(std::fs::read(path).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Each file that is not to be opened is left as it was, and its sentence says why.
#[cfg(unix)]
#[test]
fn what_should_not_be_opened_is_not_touched() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let close = |file: &Path| std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let copy = |name: &str| {
        std::fs::copy(at("plain.mdt"), at(name)).unwrap();
        close(&at(name));
        at(name)
    };
    let pass = Passphrase::new("correct horse battery".to_owned());
    for (name, key) in [("plain.mdt", None), ("closed.mdt", Some(&pass))] {
        let (mut store, reader) = store::create(&at(name), key, FileKind::Real, 7, &stamp()).unwrap();
        small_team(&mut store, 3);
        drop(reader);
        store.close().unwrap();
    }
    std::fs::set_permissions(copy("open.mdt"), std::fs::Permissions::from_mode(0o644)).unwrap();
    symlink(at("plain.mdt"), at("link.mdt")).unwrap();
    std::fs::hard_link(copy("two-names.mdt"), at("second-name.mdt")).unwrap();
    Connection::open(at("other.db")).unwrap().execute_batch("CREATE TABLE notes (text TEXT)").unwrap();
    close(&at("other.db"));
    Connection::open(copy("newer.mdt")).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    let half = std::fs::read(at("plain.mdt")).unwrap();
    std::fs::write(copy("cut.mdt"), &half[..half.len() / 2]).unwrap();
    std::fs::write(copy("stub.mdt"), &half[..10]).unwrap();
    std::fs::create_dir(at("Dropbox")).unwrap();
    let shared = copy("Dropbox/team.mdt");
    let wrong = Passphrase::new("incorrect horse battery".to_owned());

    let cases: Vec<(PathBuf, Option<&Passphrase>, &str)> = vec![
        (at("closed.mdt"), Some(&wrong), "Wrong passphrase"),
        (at("closed.mdt"), None, "is encrypted"),
        (at("stub.mdt"), Some(&pass), "not an mdt file"),
        (at("open.mdt"), None, "chmod 600"),
        (at("link.mdt"), None, "is a link"),
        (at("two-names.mdt"), None, "more than one name"),
        (at("other.db"), None, "is not an mdt file"),
        (at("newer.mdt"), None, "newer mdt (schema 99"),
        (at("cut.mdt"), None, "damage"),
        (folder.path().to_path_buf(), None, "is not a file"),
        (at("nowhere.mdt"), None, "There is no file"),
        (shared, None, "copied elsewhere (dropbox)"),
        (PathBuf::from("team.mdt"), None, "must be absolute"),
        (at("team.mdt?mode=memory"), None, "neither ? nor #"),
    ];
    let mut sentences = Vec::new();
    for (path, key, wanted) in cases {
        let before = path.is_file().then(|| fingerprint(&path));
        let fault = store::open(&path, key).err().unwrap_or_else(|| panic!("{} was opened", path.display()));
        let sentence = fault.to_string();
        assert!(sentence.contains(wanted), "{}: {sentence}", path.display());
        assert!(sentence.ends_with(['.', '\'', 'o', 'y']), "a sentence: {sentence}");
        assert_eq!(path.is_file().then(|| fingerprint(&path)), before, "{} was changed", path.display());
        for suffix in ["-wal", "-shm", "-journal"] {
            let beside = PathBuf::from(format!("{}{suffix}", path.display()));
            assert!(!beside.exists(), "{} was left", beside.display());
        }
        sentences.push(sentence.replace(&path.display().to_string(), "…"));
    }
    sentences.sort();
    let count = sentences.len();
    sentences.dedup();
    assert!(sentences.len() >= count - 2, "each has its own sentence: {sentences:#?}");
    // The control: the same bytes, whole and closed to others, open.
    assert!(store::open(&copy("good.mdt"), None).is_ok());
    assert!(store::open(&at("closed.mdt"), Some(&pass)).is_ok());
}

#[test]
fn making_never_goes_over_a_file_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("team.mdt");
    std::fs::write(&path, b"somebody's notes").unwrap();
    let made = store::create(&path, None, FileKind::Real, 7, &stamp());
    assert!(made.is_err());
    assert_eq!(std::fs::read(&path).unwrap(), b"somebody's notes");
}

/// A file that is renamed under an open store takes no more steps.
#[cfg(unix)]
#[test]
fn a_moved_file_takes_no_more_steps() {
    let folder = tempfile::tempdir().unwrap();
    let (path, mut store, reader) = new_file(folder.path());
    let (team, ..) = small_team(&mut store, 0);
    let seen = reader.get::<Team>(team).unwrap().unwrap();
    std::fs::rename(&path, folder.path().join("elsewhere.mdt")).unwrap();
    assert_eq!(store.commit(&stamp(), &Deed::change(DEED), &[alter(&seen, |it| it.length = 60)]), Err(Fault::Moved));
    assert_eq!(reader.get::<Team>(team).unwrap().unwrap(), seen);
}

// ───────────────────────────────────────────── large steps

/// Enough people for their indexes to be put aside, each with a band and some with a key worker.
fn many_people(team: TeamId, members: &[MemberId], count: u64) -> Vec<Change> {
    let mut mint = Mint::new(chrono::DateTime::UNIX_EPOCH, 900_000);
    let mut changes = Vec::new();
    let numbers = (9_990_000_000..).filter_map(NhsNumber::from_value);
    for (n, number) in (0..count).zip(numbers) {
        let mut person = Person::new(team, line(&format!("Example{}", n * 7_919 % count)), line("\"Ada\" \\ Łucja"));
        person.nhs_number = Some(number);
        person.band = [None, Some(Band::High), Some(Band::Low)][usize::try_from(n % 3).unwrap()];
        person.born = (n % 5 != 0).then(|| day(u16::try_from(n % 60).unwrap()).plus(-30_000));
        let id: PersonId = mint.mint();
        changes.push(add(id, person));
        if n % 20 == 0 {
            let since = KeyWorker { person: id, member: members[0], since: day(1), until: None, ended_why: None };
            changes.push(add(mint.mint(), since));
        }
    }
    changes
}

/// Everything that SQLite knows of the file's shape, and whether it finds it whole.
fn shape(path: &Path) -> String {
    let db = Connection::open(path).unwrap();
    let mut select = db.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name").unwrap();
    let words = |row: &rusqlite::Row<'_>| {
        let sql: Option<String> = row.get(3)?;
        Ok(format!("{} {} {} {sql:?}", row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
    };
    let mut out: Vec<String> = select.query_map([], words).unwrap().map(Result::unwrap).collect();
    out.push(db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap());
    out.push(format!(
        "{} orphans",
        db.prepare("PRAGMA foreign_key_check").unwrap().query_map([], |_| Ok(())).unwrap().count()
    ));
    assert!(out.len() > 50 && out[out.len() - 2..] == ["ok", "0 orphans"], "{out:?}");
    out.join("\n")
}

fn census(path: &Path) -> String {
    let db = Connection::open(path).unwrap();
    let mut select =
        db.prepare("SELECT team, standing, band_rank, alone, people FROM census WHERE people <> 0").unwrap();
    let words = |row: &rusqlite::Row<'_>| {
        Ok(format!(
            "{} {} {} {} {}",
            row.get::<_, i64>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, i64>(2)?,
            row.get::<_, i64>(3)?,
            row.get::<_, i64>(4)?
        ))
    };
    select.query_map([], words).unwrap().map(Result::unwrap).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_large_step_leaves_what_small_ones_leave() {
    let (large, small) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (path, mut store, reader) = new_file(large.path());
    let (slow_path, mut slow, slow_reader) = new_file(small.path());
    let (team, members, _) = small_team(&mut store, 3);
    small_team(&mut slow, 3);
    let (was, before) = (shape(&path), reader.dump().unwrap());
    let changes = many_people(team, &members, 2_500);
    for some in changes.chunks(1_000) {
        slow.commit(&stamp(), &Deed::change(DEED), some).unwrap();
    }
    // By way of the thread that a list takes, seen by a reader that was open all the time.
    assert_eq!(reader.active_ids(team).unwrap().len(), 3);
    let deed = Deed::change(DEED).of_kind(StepKind::Import);
    let mut ahead = Ahead::new(&mut store, Stop::default());
    ahead.commit_all(&stamp(), &deed, changes.into_iter().map(Ok::<_, Fault>)).unwrap();
    let taken = reader.dump().unwrap();
    assert!(taken == slow_reader.dump().unwrap(), "the same rows as in small steps");
    assert_eq!(census(&path), census(&slow_path));
    assert_eq!(reader.active_ids(team).unwrap(), slow_reader.active_ids(team).unwrap());
    for text in ["example24", "lucja exa", "999 000 0", "ada example7"] {
        assert_eq!(reader.search(team, text).unwrap(), slow_reader.search(team, text).unwrap(), "{text}");
    }
    assert_eq!(shape(&path), was);
    assert!(reader.verify_chain().unwrap().is_ok());
    store.undo(&stamp()).unwrap();
    assert!(reader.dump().unwrap() == before, "undo goes back to what was");
    assert_eq!((shape(&path), reader.active_ids(team).unwrap().len()), (was.clone(), 3));
    store.redo(&stamp()).unwrap();
    assert!(reader.dump().unwrap() == taken, "redo does all of it again");
    assert_eq!(shape(&path), was);
    assert!(reader.verify_chain().unwrap().is_ok());
    drop((store, reader));
    let (_, reader) = store::open(&path, None).unwrap();
    assert!(reader.dump().unwrap() == taken);
}

#[test]
fn whoever_asks_to_stop_is_told_what_happens() {
    let folder = tempfile::tempdir().unwrap();
    let (_, mut store, reader) = new_file(folder.path());
    let (team, members, _) = small_team(&mut store, 3);
    let deed = Deed::change(DEED).of_kind(StepKind::Import);
    let changes = many_people(team, &members, 2_500);
    let took = std::time::Instant::now();
    store.commit_all(&stamp(), &deed, changes.iter().cloned().map(Ok::<_, Fault>)).unwrap();
    let took = took.elapsed();
    store.undo(&stamp()).unwrap();
    let (mut in_time, mut too_late) = (0, 0);
    // At every stage of it, the last of them being after all is done.
    for part in (0..=12).map(|tenth| took * tenth / 10) {
        let stop = Stop::default();
        let (before, asked) = (reader.head().unwrap().seq, stop.clone());
        let all = changes.iter().cloned().map(Ok::<_, Fault>);
        let (done, in_time_for_it) = std::thread::scope(|scope| {
            let asking = scope.spawn(move || {
                std::thread::sleep(part);
                asked.ask()
            });
            let done = Ahead::new(&mut store, stop.clone()).commit_all(&stamp(), &deed, all);
            (done, asking.join().unwrap())
        });
        if in_time_for_it {
            in_time += 1;
            assert_eq!(done, Err(Fault::Stopped));
            assert_eq!(reader.head().unwrap().seq, before);
        } else {
            too_late += 1;
            done.unwrap();
            assert!(!stop.ask(), "and it stays so");
            store.undo(&stamp()).unwrap();
        }
    }
    assert!(in_time > 0, "asked before anything was written");
    let stop = Stop::default();
    Ahead::new(&mut store, stop.clone()).commit_all(&stamp(), &deed, changes.into_iter().map(Ok::<_, Fault>)).unwrap();
    assert!(!stop.ask(), "{too_late} of the others were too late as well");
}

#[test]
fn a_large_step_that_is_stopped_or_fails_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let (path, mut store, reader) = new_file(folder.path());
    let (team, members, _) = small_team(&mut store, 3);
    let (was, before, head) = (shape(&path), reader.dump().unwrap(), reader.head().unwrap());
    let changes = many_people(team, &members, 2_500);
    let deed = Deed::change(DEED).of_kind(StepKind::Import);
    // Somebody asks to stop: at once, in the middle, when the indexes are aside already, and after the last change.
    for at in [0, 1_000, 2_400, changes.len()] {
        let stop = Stop::default();
        let mut ahead = Ahead::new(&mut store, stop.clone());
        let until = changes.iter().cloned().enumerate().map(|(n, change)| {
            if n >= at {
                stop.ask();
            }
            Ok::<_, Fault>(change)
        });
        let all = until.chain(std::iter::from_fn(|| {
            stop.ask();
            None
        }));
        assert_eq!(ahead.commit_all(&stamp(), &deed, all), Err(Fault::Stopped), "at {at}");
    }
    assert_eq!(Fault::Stopped.to_string(), "Stopped. Nothing was changed.");
    // The list itself ends with an error.
    let broken = changes.iter().cloned().map(Ok).chain([Err(Fault::ReadOnly)]);
    assert_eq!(Ahead::new(&mut store, Stop::default()).commit_all(&stamp(), &deed, broken), Err(Fault::ReadOnly));
    // Two people with one number: seen when the index of numbers is made again.
    let mut twice = changes.clone();
    let Some(Change::Person(it)) = twice.iter_mut().rev().find(|it| matches!(it, Change::Person(_))) else { panic!() };
    it.now.as_mut().unwrap().nhs_number = NhsNumber::parse(NUMBERS[0]).ok();
    let refused = store.commit_all(&stamp(), &deed, twice.into_iter().map(Ok::<_, Fault>)).unwrap_err();
    assert!(refused.to_string().contains("has that NHS number already"), "{refused}");
    assert_eq!((shape(&path), reader.dump().unwrap(), reader.head().unwrap()), (was, before, head));
    assert!(reader.verify_chain().unwrap().is_ok());
    // And the store goes on.
    let mut ahead = Ahead::new(&mut store, Stop::default());
    ahead.commit_all(&stamp(), &deed, changes.into_iter().map(Ok::<_, Fault>)).unwrap();
    assert_eq!(reader.active_ids(team).unwrap().len(), 2_503);
}
