//! The whole check: whoever alters a step, a change or a record is seen, with the kind of it; and anchors show what a chain
//! alone cannot: a tail cut off, an older copy put back, a chain written anew.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where something is not as it should be"
)]

mod kit;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use assert_cmd::Command;
use predicates::str::contains;
use rusqlite::{Connection, params};

use kit::{noon, stamp, times};
use mdt::clock::Clock;
use mdt::domain::change::{Mint, add};
use mdt::domain::day::Moment;
use mdt::domain::household::Household;
use mdt::domain::id::{HouseholdId, JoiningId};
use mdt::domain::joining::Joining;
use mdt::domain::text::Line;
use mdt::store::audit::{Altered, Anchored, examine};
use mdt::store::heads::{Heads, Standing};
use mdt::store::log::Broken;
use mdt::store::{self, Deed, FileKind};

/// The demo, closed: its bytes.
fn demo() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("team.mdt");
        let (mut store, reader) = store::create(&path, None, FileKind::Real, 7, &stamp()).unwrap();
        mdt::demo::build(&mut store, 1, Clock::Fixed(noon()).now()).unwrap();
        drop(reader);
        store.close().unwrap();
        fs::read(path).unwrap()
    })
}

/// A file of its own with these bytes.
fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

/// A few households more, as steps of their own.
fn go_on(path: &Path, steps: u64, salt: u32) {
    let (mut store, _reader) = store::open(path, None).unwrap();
    let mut mint = Mint::new(noon(), salt << 16);
    for n in 0..steps {
        let id: HouseholdId = mint.mint();
        let it = Household { name: Line::parse(&format!("{n} Elm Grove")).unwrap(), note: None };
        store.commit(&stamp(), &Deed::change("Add household"), &[add(id, it)]).unwrap();
    }
    store.close().unwrap();
}

struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

#[test]
fn a_file_with_a_past_agrees_with_its_log_through_undo_and_redo() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "team.mdt", demo());
    let (mut store, reader) = store::open(&path, None).unwrap();
    let whole = reader.audit().unwrap().unwrap();
    assert_eq!((whole.steps, whole.head.clone()), (reader.head().unwrap().seq, reader.head().unwrap()));
    assert!(whole.records > 300, "{whole:?}");
    let mut undone = 0;
    for actor in ["Tolu Bankole", "Priya Nair", "test"] {
        let by = mdt::store::log::Stamp { actor: actor.to_owned(), ..stamp() };
        while undone < 30 && store.undo(&by).is_ok() {
            undone += 1;
            if undone % 3 == 0 {
                store.redo(&by).unwrap();
            }
            reader.audit().unwrap().unwrap_or_else(|altered| panic!("after {undone} undos: {altered}"));
        }
    }
    assert!(undone >= 5, "only {undone} steps were taken back");
}

/// Whether a hand shows in the chain, in the records, or in the rules of the file.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Seen {
    Chain,
    Record,
    Schema,
}

/// What a hand does to step `:n` (which has changes) or to the `:p`th record of a kind.
const HANDS: &[(Seen, &str)] = &[
    // edited
    (Seen::Chain, "UPDATE step SET label = label || '.' WHERE seq = :n"),
    (Seen::Chain, "UPDATE step SET actor = 'Somebody Else' WHERE seq = :n"),
    (Seen::Chain, "UPDATE step SET at = '2020-01-01T00:00:00Z' WHERE seq = :n"),
    (Seen::Chain, "UPDATE step SET meeting = coalesce(meeting, 0) + 1 WHERE seq = :n"),
    (Seen::Chain, "UPDATE step SET hash = zeroblob(32) WHERE seq = :n"),
    (Seen::Chain, "UPDATE change SET fields = replace(fields, 'a', 'b') WHERE step = :n AND fields LIKE '%a%'"),
    (Seen::Chain, "UPDATE change SET fields = NULL WHERE step = :n"),
    (Seen::Chain, "UPDATE change SET row = row + 1 WHERE step = :n"),
    (Seen::Chain, "UPDATE change SET deed = CASE deed WHEN 'add' THEN 'alter' ELSE 'add' END WHERE step = :n"),
    // replaced: no rule against altering or removing is asked then
    (
        Seen::Chain,
        "REPLACE INTO step SELECT seq, uid, at, 'Somebody Else', kind, label, meeting, undoes, changes, payload_hash, prev_hash, hash FROM step WHERE seq = :n",
    ),
    (
        Seen::Chain,
        "REPLACE INTO change SELECT step, nth, noun, row, deed, hash, salt, replace(fields, 'a', 'b') FROM change WHERE step = :n AND fields LIKE '%a%'",
    ),
    // deleted
    (Seen::Chain, "DELETE FROM step WHERE seq = :n"),
    (Seen::Chain, "DELETE FROM change WHERE step = :n"),
    // inserted
    (
        Seen::Chain,
        "INSERT INTO change SELECT step, nth + 1000, noun, row, deed, hash, salt, fields FROM change WHERE step = :n",
    ),
    (
        Seen::Chain,
        "INSERT INTO step SELECT seq + 100000, uid + 1000000007, at, actor, kind, label, meeting, undoes, changes, payload_hash, prev_hash, hash FROM step WHERE seq = :n",
    ),
    // put in another order
    (
        Seen::Chain,
        "UPDATE change SET step = CASE step WHEN :n THEN :n - 1 ELSE :n END, nth = nth + 1000 WHERE step IN (:n - 1, :n)",
    ),
    (
        Seen::Chain,
        "UPDATE step SET seq = -seq WHERE seq IN (:n - 1, :n); UPDATE step SET seq = CASE -seq WHEN :n THEN :n - 1 ELSE :n END WHERE seq < 0",
    ),
    // a record behind the log's back
    (Seen::Record, "UPDATE person SET phone = '07700 900999' WHERE id = :person"),
    (Seen::Record, "UPDATE person SET born = '1931-01-31' WHERE id = :person"),
    (Seen::Record, "UPDATE person SET surname = surname || 'e' WHERE id = :person"),
    (Seen::Record, "UPDATE person SET safeguarding = 'nothing to see here' WHERE id = :person"),
    (Seen::Record, "UPDATE person SET sort_name = 'z' WHERE id = :person"),
    (Seen::Record, "UPDATE person SET open_actions = open_actions + 1 WHERE id = :person"),
    (Seen::Record, "UPDATE person SET next_due = '2030-01-01' WHERE id = :person"),
    (Seen::Record, "UPDATE action SET what = what || '.' WHERE id = :action"),
    (Seen::Record, "UPDATE action SET due = date(due, '+7 days') WHERE id = :action"),
    (Seen::Record, "DELETE FROM action WHERE id = :action"),
    (Seen::Record, "INSERT INTO household (id, name) VALUES (:n, 'From nowhere')"),
    (Seen::Record, "UPDATE member SET name = name || 's' WHERE id = (SELECT min(id) FROM member)"),
    (Seen::Record, "UPDATE team SET retention_years = 9"),
    (Seen::Record, "UPDATE minutes SET document = document || ' '"),
    (Seen::Record, "UPDATE census SET people = people + 1 WHERE rowid_of_one = 1"),
    (Seen::Record, "DELETE FROM person_words WHERE rowid = :person"),
    (
        Seen::Record,
        "DELETE FROM person_words WHERE rowid = :person; INSERT INTO person_words (rowid, words) VALUES (:person, 'somebody else')",
    ),
    // the rules themselves
    (Seen::Schema, "DROP TRIGGER change_stays"),
    (Seen::Schema, "DROP INDEX action_closed"),
    (Seen::Schema, "CREATE TABLE mine (a TEXT)"),
];

/// A connection that no rule of the file holds back; the rules are put back afterwards, as a careful hand would.
fn by_hand(path: &Path, sql: &str) -> bool {
    let db = Connection::open(path).unwrap();
    let triggers: Vec<(String, String)> = db
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    db.execute_batch(
        "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; PRAGMA synchronous = OFF; BEGIN",
    )
    .unwrap();
    if sql.starts_with("DROP") || sql.starts_with("CREATE") {
        db.execute_batch(sql).unwrap();
        db.execute_batch("COMMIT").unwrap();
        return true;
    }
    for (name, _) in &triggers {
        db.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    let before = db.total_changes();
    db.execute_batch(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    let changed = db.total_changes() > before;
    for (_, sql) in &triggers {
        db.execute_batch(sql).unwrap();
    }
    db.execute_batch("COMMIT").unwrap();
    changed
}

fn ids(path: &Path, sql: &str) -> Vec<i64> {
    let db = Connection::open(path).unwrap();
    let mut select = db.prepare(sql).unwrap();
    select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn every_hand_is_seen_and_its_kind_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "team.mdt", demo());
    let steps = ids(&path, "SELECT seq FROM step WHERE changes > 0 AND seq > 5 AND seq < (SELECT max(seq) FROM step)");
    let people = ids(&path, "SELECT id FROM person");
    let actions = ids(&path, "SELECT id FROM action");
    let seed = kit::seed();
    let mut dice = Dice(seed);
    let (rounds, mut tried, mut blind_to_steps, mut blind_to_records) = (times(200, 2_000), 0, 0, 0);
    for round in 0..rounds {
        let (seen, hand) = HANDS[usize::try_from(round).unwrap() % HANDS.len()];
        let n = steps[dice.throw(steps.len())];
        let sql = hand
            .replace(":n", &n.to_string())
            .replace(":person", &people[dice.throw(people.len())].to_string())
            .replace(":action", &actions[dice.throw(actions.len())].to_string())
            .replace("rowid_of_one = 1", "people = (SELECT max(people) FROM census)");
        file(folder.path(), "team.mdt", demo());
        for beside in ["team.mdt-wal", "team.mdt-shm"] {
            let _ = fs::remove_file(folder.path().join(beside));
        }
        if !by_hand(&path, &sql) {
            continue;
        }
        tried += 1;
        let reader = examine(&path, None).unwrap();
        let altered = reader.audit().unwrap().expect_err(&format!("seed={seed}: not seen: {sql}"));
        let kind = match &altered {
            Altered::Chain(_) => Seen::Chain,
            Altered::Record(_) => Seen::Record,
            Altered::Schema(_) => Seen::Schema,
            Altered::Joined(..) => panic!("nothing was joined: {sql}"),
            Altered::Pages(_) => panic!("SQLite writes whole pages: {sql}"),
        };
        assert_eq!(kind, seen, "seed={seed}: {altered} after {sql}");
        if let Altered::Chain(Broken::Step(at) | Broken::Link(at) | Broken::Change(at)) = altered {
            assert!((n - 1..=n + 1).contains(&at) || hand.contains("100000"), "seed={seed}: seen only at {at}: {sql}");
        }
        // The controls: without the hashes an edited heading is not seen, without the records an edited record is not.
        blind_to_steps += u32::from(seen == Seen::Chain && reader.agreement().unwrap().is_ok());
        blind_to_records += u32::from(seen == Seen::Record && reader.verify_chain().unwrap().is_ok());
    }
    assert!(tried * 100 >= rounds * 95, "seed={seed}: only {tried} of {rounds} hands did anything");
    assert!(blind_to_steps >= tried / 10, "a check without hashes misses edits: {blind_to_steps} of {tried}");
    assert!(blind_to_records >= tried / 4, "a check of the chain alone misses records: {blind_to_records} of {tried}");
}

#[test]
fn a_text_taken_out_of_the_log_without_an_erasure_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "team.mdt", demo());
    let person = ids(&path, "SELECT id FROM person LIMIT 1")[0];
    let erase = format!(
        "UPDATE change SET salt = NULL, fields = NULL WHERE noun = 'person' AND row = {person}; UPDATE person SET phone = NULL, address = NULL WHERE id = {person}"
    );
    assert!(by_hand(&path, &erase));
    let reader = examine(&path, None).unwrap();
    assert!(reader.verify_chain().unwrap().is_ok() && reader.agreement().unwrap().is_ok(), "by itself it looks lawful");
    assert!(matches!(reader.audit().unwrap(), Err(Altered::Chain(Broken::Change(_)))));
    drop(reader);
    // With the text there, the same edit is seen as well.
    file(folder.path(), "team.mdt", demo());
    assert!(by_hand(&path, &format!("UPDATE person SET phone = '1' WHERE id = {person}")));
    assert!(examine(&path, None).unwrap().audit().unwrap().is_err());
}

#[test]
fn an_anchor_shows_a_tail_cut_an_old_copy_and_a_chain_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let old = demo();
    let path = file(folder.path(), "team.mdt", old);
    go_on(&path, 6, 1);
    let newest = examine(&path, None).unwrap().head().unwrap();
    let middle = newest.seq - 3;
    let heads = Heads::at(&folder.path().join("kept"));
    {
        let (mut store, reader) = store::open(&path, None).unwrap();
        assert_eq!(store.remember_in(&heads, &reader).unwrap(), Standing::New);
    }
    let seen = |path: &Path| {
        let reader = examine(path, None).unwrap();
        let anchored = reader.anchored(Some(newest.seq), &newest.hash[..16]).unwrap();
        (anchored, heads.measure(&reader).unwrap(), reader.audit().unwrap().is_ok())
    };
    assert_eq!(seen(&path), (Anchored::Here, Standing::Same, true));
    // Later steps: the anchor still stands.
    go_on(&path, 2, 2);
    assert_eq!(seen(&path).0, Anchored::Here);
    // The tail cut off so cleverly that the records agree: the households go with their steps.
    let cut = format!(
        "DELETE FROM household WHERE id IN (SELECT row FROM change WHERE step > {middle} AND noun = 'household'); DELETE FROM change WHERE step > {middle}; DELETE FROM step WHERE seq > {middle}"
    );
    assert!(by_hand(&path, &cut));
    let (anchored, standing, whole) = seen(&path);
    assert!(whole, "the chain alone does not show it");
    assert_eq!(anchored, Anchored::Behind);
    assert!(matches!(&standing, Standing::Behind { now, .. } if *now == middle), "{standing:?}");
    // An older copy put back.
    file(folder.path(), "team.mdt", old);
    assert!(matches!(seen(&path), (Anchored::Behind, Standing::Behind { .. }, true)));
    // And others going on in it.
    go_on(&path, 9, 3);
    assert!(matches!(seen(&path), (Anchored::Rewritten, Standing::Other { .. }, true)));
    // Working on in such a file does not make this machine forget.
    {
        let (mut store, reader) = store::open(&path, None).unwrap();
        assert!(matches!(store.remember_in(&heads, &reader).unwrap(), Standing::Other { .. }));
        store.commit(&stamp(), &Deed::change("Change something"), &[]).unwrap();
    }
    assert!(matches!(seen(&path).1, Standing::Other { .. }));
    let reader = examine(&path, None).unwrap();
    heads.accept(reader.file_uuid(), &path, &reader.head().unwrap(), &stamp().at).unwrap();
    assert_eq!(heads.measure(&reader).unwrap(), Standing::Same);
}

/// Wherever the end is cut off, and whichever older copy is put back: the anchor that was printed before shows it.
#[test]
fn an_anchor_shows_a_cut_anywhere_and_any_older_copy() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "team.mdt", demo());
    let seed = kit::seed();
    let mut dice = Dice(seed);
    // The file as it was at several moments, oldest first.
    let mut moments = vec![demo().to_vec()];
    for n in 0..5 {
        go_on(&path, 1 + u64::try_from(dice.throw(4)).unwrap(), 40 + n);
        moments.push(fs::read(&path).unwrap());
    }
    let newest = moments.last().unwrap();
    let head = examine(&path, None).unwrap().head().unwrap();
    let anchored = |bytes: &[u8], hand: Option<&str>| {
        for beside in ["team.mdt-wal", "team.mdt-shm"] {
            let _ = fs::remove_file(folder.path().join(beside));
        }
        file(folder.path(), "team.mdt", bytes);
        assert!(hand.is_none_or(|sql| by_hand(&path, sql)), "seed={seed}: {hand:?}");
        let reader = examine(&path, None).unwrap();
        (reader.anchored(Some(head.seq), &head.hash[..16]).unwrap(), reader.verify_chain().unwrap().is_ok())
    };
    assert_eq!(anchored(newest, None), (Anchored::Here, true));
    for _ in 0..times(6, 1_000) {
        let last = 1 + i64::try_from(dice.throw(usize::try_from(head.seq - 1).unwrap())).unwrap();
        let cut = format!("DELETE FROM change WHERE step > {last}; DELETE FROM step WHERE seq > {last}");
        // The control: the chain alone is whole, wherever it ends.
        assert_eq!(anchored(newest, Some(&cut)), (Anchored::Behind, true), "seed={seed}: cut after {last}");
        let older = dice.throw(moments.len() - 1);
        assert_eq!(
            anchored(&moments[older], None),
            (Anchored::Behind, true),
            "seed={seed}: the copy of moment {older}"
        );
    }
}

#[test]
fn the_newest_step_is_remembered_when_the_last_writer_lets_go_and_never_goes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "team.mdt", demo());
    let heads = Heads::at(&folder.path().join("kept"));
    let (mut store, reader) = store::open(&path, None).unwrap();
    store.remember_in(&heads, &reader).unwrap();
    let uuid = reader.file_uuid().to_owned();
    let (mut twin, twin_reader) = store.twin().unwrap();
    store.commit(&stamp(), &Deed::change("Change something"), &[]).unwrap();
    twin.commit(&stamp(), &Deed::change("Change something"), &[]).unwrap();
    let head = reader.head().unwrap();
    drop((store, reader));
    assert_eq!(heads.of(&uuid, &path).unwrap(), None, "somebody still writes");
    drop((twin, twin_reader));
    let kept = heads.of(&uuid, &path).unwrap().unwrap();
    assert_eq!((kept.seq, kept.hash.as_str()), (head.seq, head.hash.as_str()));
    // Another file has its own place, a copy elsewhere too, and an earlier step of this one does not take the later one's.
    heads.remember("another", &path, &head, "2026-11-26T13:00:00Z").unwrap();
    let elsewhere = folder.path().join("copy.mdt");
    assert_eq!(heads.of(&uuid, &elsewhere).unwrap(), None, "a copy elsewhere may well be older");
    heads.remember(&uuid, &path, &mdt::store::log::Head { seq: 3, hash: head.hash.clone() }, "x").unwrap();
    assert_eq!(heads.of(&uuid, &path).unwrap().unwrap(), kept);
    let mode = |name: &str| fs::metadata(folder.path().join("kept").join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("heads.json"), mode("")), (0o600, 0o700));
    // What is remembered cannot be read: that is said, and nothing is made up.
    fs::write(folder.path().join("kept/heads.json"), "{").unwrap();
    assert!(heads.measure(&examine(&path, None).unwrap()).is_err());
}

/// A copy in which somebody went on, and whose steps stand beside the log of the first as joining leaves them.
fn joined(folder: &Path) -> PathBuf {
    let path = file(folder, "team.mdt", demo());
    let other = file(folder, "other.mdt", demo());
    go_on(&other, 4, 5);
    let (base, head) = (examine(&path, None).unwrap().head().unwrap(), examine(&other, None).unwrap().head().unwrap());
    let (mut store, reader) = store::open(&path, None).unwrap();
    let id: JoiningId = Mint::new(noon(), 77).mint();
    let line = |text: &str| Line::parse(text).unwrap();
    let it = Joining {
        at: Moment::new(noon()),
        by: line("Tolu Bankole"),
        base: base.seq,
        head: head.seq,
        head_hash: line(&head.hash),
        steps: 4,
        decided: 0,
        emptied: None,
    };
    store.commit(&stamp(), &Deed::change("Join a copy"), &[add(id, it)]).unwrap();
    drop(reader);
    store.close().unwrap();
    let db = Connection::open(&path).unwrap();
    db.execute("ATTACH ?1 AS other", params![other.to_str().unwrap()]).unwrap();
    db.execute("INSERT INTO branch_step SELECT uid, (SELECT id FROM joining), seq, at, actor, kind, label, meeting, undoes, changes, payload_hash, prev_hash, hash FROM other.step WHERE seq > ?1", [base.seq]).unwrap();
    db.execute("INSERT INTO branch_change SELECT s.uid, c.nth, c.noun, c.row, c.deed, c.hash, c.salt, c.fields FROM other.change c JOIN other.step s ON s.seq = c.step WHERE s.seq > ?1", [base.seq]).unwrap();
    path
}

#[test]
fn the_steps_of_a_joined_copy_are_checked_like_our_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = joined(folder.path());
    assert_eq!(examine(&path, None).unwrap().audit().unwrap().unwrap().joined, 4);
    let whole = fs::read(&path).unwrap();
    let newest = "(SELECT max(seq) FROM branch_step)";
    for hand in [
        format!("UPDATE branch_step SET label = 'Something else' WHERE seq = {newest} - 1"),
        format!("UPDATE branch_step SET prev_hash = zeroblob(32) WHERE seq = {newest} - 3"),
        format!("DELETE FROM branch_step WHERE seq = {newest}"),
        format!("DELETE FROM branch_step WHERE seq = {newest} - 1"),
        "DELETE FROM branch_step".to_owned(),
        "DELETE FROM branch_change".to_owned(),
        "UPDATE branch_change SET fields = replace(fields, 'Elm', 'Oak')".to_owned(),
        "UPDATE branch_step SET joined = joined + 1".to_owned(),
        "INSERT INTO branch_change SELECT uid + 99, nth, noun, row, deed, hash, salt, fields FROM branch_change LIMIT 1".to_owned(),
    ] {
        file(folder.path(), "team.mdt", &whole);
        assert!(by_hand(&path, &hand), "{hand}");
        let found = examine(&path, None).unwrap().audit().unwrap();
        assert!(matches!(found, Err(Altered::Joined(..))), "{found:?} after {hand}");
    }
}

// ───────────────────────────────────────────── from the command line

struct Home(tempfile::TempDir);

impl Home {
    fn mdt(&self, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("mdt").unwrap();
        command.env("HOME", self.0.path()).env("XDG_DATA_HOME", self.0.path().join("data")).env("USER", "test");
        command.current_dir(self.0.path()).args(["--file", "team.mdt"]).args(arguments);
        command
    }
}

#[test]
fn each_finding_has_its_own_exit_code_and_the_file_put_back_can_be_accepted() {
    let home = Home(tempfile::tempdir().unwrap());
    let path = home.0.path().join("team.mdt");
    home.mdt(&["init", "Elm Grove MDT", "--no-encryption"]).assert().success();
    let old = fs::read(&path).unwrap();
    go_on(&path, 3, 1);
    let head = String::from_utf8(home.mdt(&["audit", "head"]).assert().success().get_output().stdout.clone()).unwrap();
    let head = head.trim();
    assert!(head.starts_with("step 5 · "), "{head}");
    home.mdt(&["audit", "verify", "--head", head]).assert().code(0).stdout(contains("Whole: 5 steps"));
    // Mistyped is no finding: scripts must not take it for an altered file.
    for mistyped in ["nonsense", "step 2", "9f86 d081", "step 2 · 9f86 d081 884c 7d6g", &"a1".repeat(33)] {
        home.mdt(&["audit", "verify", "--head", mistyped]).assert().code(2).stderr(contains("not an anchor"));
    }
    // A command that writes remembers; one that only looks does not forget.
    home.mdt(&["import", "members", &format!("{}/examples/members.csv", env!("CARGO_MANIFEST_DIR")), "--yes"])
        .assert()
        .success();
    home.mdt(&["audit", "verify"]).assert().code(0).stdout(contains("goes on from where this machine remembers it"));
    // An older copy put back: no command is refused, each says so, and the check has its own code.
    file(home.0.path(), "team.mdt", &old);
    home.mdt(&["audit", "verify"]).assert().code(5).stderr(contains("older copy was put back"));
    home.mdt(&["audit", "verify", "--head", head]).assert().code(5);
    home.mdt(&["actions", "--format", "csv", "-o", "-"]).assert().success().stderr(contains("mdt audit accept"));
    go_on(&path, 8, 9);
    home.mdt(&["audit", "verify"]).assert().code(6).stderr(contains("not the one this machine remembers"));
    home.mdt(&["audit", "verify", "--head", head]).assert().code(6);
    home.mdt(&["audit", "verify", "--head", head.split_once("· ").unwrap().1]).assert().code(5);
    home.mdt(&["audit", "accept"]).assert().success();
    home.mdt(&["audit", "verify"]).assert().code(0);
    assert_eq!(ids(&path, "SELECT count(*) FROM step WHERE kind = 'restore'"), [1]);
    // Altered: the newest steps, too, which opening for work would refuse.
    assert!(by_hand(&path, "UPDATE step SET label = 'Something else' WHERE seq = (SELECT max(seq) FROM step)"));
    home.mdt(&["audit", "verify"]).assert().code(1).stderr(contains("was altered"));
    home.mdt(&["actions"]).assert().code(3);
}
