//! What an erasure says in its own step, and what a check finds by it: texts taken out or put back by hand, erased records that
//! do not hold what was left, minutes altered under an erasure – here, and in what a joined copy brought.
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
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

use kit::{noon, stamp};
use mdt::clock::Clock;
use mdt::domain::change::{Mint, RecordId as _, add, alter};
use mdt::domain::id::{GoalId, PersonId};
use mdt::domain::meeting::Stage;
use mdt::domain::person::Person;
use mdt::domain::plan::{Goal, Progress};
use mdt::domain::text::{Line, Note};
use mdt::exchange::output::{erasing, sealed};
use mdt::store::audit::{Altered, Whole, examine};
use mdt::store::erase::Order;
use mdt::store::join::{Decisions, Joiner, Other};
use mdt::store::log::{Stamp, StepKind};
use mdt::store::{self, Deed, FileKind, Reader, Stop, Store};

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    for beside in ["-wal", "-shm"] {
        let _ = fs::remove_file(folder.join(format!("{name}{beside}")));
    }
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

fn work<T>(path: &Path, work: impl FnOnce(&mut Store, &Reader) -> T) -> T {
    let (mut store, reader) = store::open(path, None).unwrap();
    let done = work(&mut store, &reader);
    drop(reader);
    store.close().unwrap();
    done
}

fn erase(store: &mut Store, reader: &Reader, person: PersonId, salt: u32) {
    let now = Clock::Fixed(noon()).now();
    let order = Order {
        person,
        id: Mint::new(noon(), salt << 16).mint(),
        by: line("Tolu Bankole"),
        witness: line("Jo Hart"),
        why: line("retention is over"),
        still_active: true,
        at: now.moment,
        today: now.today,
        minutes: erasing::without(reader, person, now.today).unwrap(),
    };
    store.erase(&stamp(), &order).unwrap();
}

/// A file in which two people were erased one after the other, both from the same sealed minutes, with a joined copy between:
/// one of them, and somebody else, had been changed there.
struct House {
    bytes: Vec<u8>,
    /// The two erased, and the one who was not.
    people: [PersonId; 3],
}

fn house() -> &'static House {
    static HOUSE: OnceLock<House> = OnceLock::new();
    HOUSE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("team.mdt");
        let (mut store, reader) = store::create(&path, None, FileKind::Demo, 7, &stamp()).unwrap();
        mdt::demo::build(&mut store, 1, Clock::Fixed(noon()).now()).unwrap();
        let team = reader.teams().unwrap().remove(0);
        let (clock, mut mint) = (Clock::Fixed(noon()), Mint::new(noon(), 5));
        for meeting in reader.meetings(team.id).unwrap().into_iter().filter(|it| it.stage == Stage::Closed) {
            let changes = sealed::seal(&reader, &team, &meeting, &line("Priya Shah"), &clock, &mut mint).unwrap();
            let deed = Deed::change("Seal minutes").of_kind(StepKind::Seal).at(meeting.id);
            store.commit(&stamp(), &deed, &changes).unwrap();
        }
        let meetings = reader.meetings(team.id).unwrap();
        let ahead: Vec<PersonId> = meetings
            .iter()
            .filter(|it| matches!(it.stage, Stage::Planned | Stage::Live))
            .flat_map(|it| reader.agenda(it.id).unwrap())
            .filter_map(|item| item.person)
            .collect();
        let meeting = meetings.iter().find(|it| it.stage == Stage::Sealed).unwrap();
        let discussed = reader.discussions(meeting.id).unwrap();
        let mut people = discussed.iter().map(|it| it.person).filter(|it| !ahead.contains(it));
        let people: [PersonId; 3] = std::array::from_fn(|_| people.next().unwrap());
        drop(reader);
        store.close().unwrap();
        let copy = folder.path().join("copy.mdt");
        fs::copy(&path, &copy).unwrap();
        work(&copy, |store, reader| {
            let pat = Stamp { actor: "Pat Okoro".to_owned(), ..stamp() };
            for person in [people[0], people[2]] {
                let seen = reader.get::<Person>(person).unwrap().unwrap();
                let phone = alter(&seen, |it: &mut Person| it.phone = Some(line("01632 960123")));
                store.commit(&pat, &Deed::change("Edit"), &[phone]).unwrap();
                let on = Clock::Fixed(noon()).now().today;
                let words = Note::parse("to see the sea").unwrap();
                let goal = Goal { person, words, progress: Progress::Some, note: None, on };
                let id: GoalId = mint.mint();
                store.commit(&pat, &Deed::change("Add goal"), &[add(id, goal)]).unwrap();
            }
        });
        work(&path, |store, reader| {
            erase(store, reader, people[0], 21);
            let other = Other::open(&copy, None, &Stop::default()).unwrap();
            let mut joiner = Joiner::new(reader, &other, Clock::Fixed(noon()).now().today).unwrap();
            let foreseen = joiner.foresee(&Decisions::new(), &Stop::default()).unwrap();
            let decisions: Decisions = foreseen.clashes.iter().map(|it| (it.key, it.choices[0])).collect();
            let id = Mint::new(noon(), 23 << 16).mint();
            store.join(&stamp(), &line("Tolu Bankole"), id, &mut joiner, &decisions, &Stop::default()).unwrap();
            drop(joiner);
            erase(store, reader, people[1], 22);
        });
        House { bytes: fs::read(&path).unwrap(), people }
    })
}

/// A connection that no rule of the file holds back; the rules are put back afterwards, as a careful hand would.
fn by_hand(path: &Path, sql: &str) -> usize {
    let db = Connection::open(path).unwrap();
    let triggers: Vec<(String, String)> = db
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    db.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; BEGIN").unwrap();
    for (name, _) in &triggers {
        db.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    let changed = db.execute(sql, []).unwrap_or_else(|error| panic!("{error}: {sql}"));
    for (_, sql) in &triggers {
        db.execute_batch(sql).unwrap();
    }
    db.execute_batch("COMMIT").unwrap();
    changed
}

fn audit(path: &Path) -> Result<Whole, Altered> {
    examine(path, None).unwrap().audit().unwrap()
}

fn one<T: rusqlite::types::FromSql>(path: &Path, sql: &str) -> T {
    Connection::open(path)
        .unwrap()
        .query_row(sql, [], |row| row.get(0))
        .unwrap_or_else(|error| panic!("{error}: {sql}"))
}

#[test]
fn what_was_lawfully_erased_is_whole_and_nothing_of_it_is_taken_on_trust() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "team.mdt", &house().bytes);
    let whole = audit(&path).unwrap_or_else(|altered| panic!("{altered}"));
    assert_eq!((whole.joined, whole.unproved, whole.uncompared), (4, 0, 0), "{whole:?}");
    assert_eq!(whole.untold(), None);
    assert!(one::<i64>(&path, "SELECT count(*) FROM change WHERE fields IS NULL") > 40);
    assert_eq!(one::<i64>(&path, "SELECT count(*) FROM branch_change WHERE fields IS NULL"), 2);
}

/// An erasure excuses the texts it took out, and no other.
#[test]
fn a_text_taken_out_by_hand_is_found_although_somebody_was_truly_erased() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "team.mdt", &house().bytes);
    let db = Connection::open(&path).unwrap();
    let all: Vec<(i64, i64)> = db
        .prepare("SELECT step, nth FROM change WHERE fields IS NOT NULL ORDER BY step, nth")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    drop(db);
    let some = usize::try_from(kit::times(40, 400)).unwrap();
    let stride = (all.len() / some).max(1);
    // The erasures' own words and the joining's are among them, at any stride.
    let own = "SELECT min(step) FROM change WHERE noun = 'erasure'";
    let joining = "SELECT min(step) FROM change WHERE noun = 'joining'";
    let (own, joining): (i64, i64) = (one(&path, own), one(&path, joining));
    let tried: Vec<(i64, i64)> = all
        .iter()
        .enumerate()
        .filter(|(n, (step, _))| n % stride == 0 || *step == own || *step == joining)
        .map(|(_, it)| *it)
        .collect();
    assert!(tried.len() >= 40, "{}", tried.len());
    for (step, nth) in tried {
        file(folder.path(), "team.mdt", &house().bytes);
        let hand = format!("UPDATE change SET salt = NULL, fields = NULL WHERE step = {step} AND nth = {nth}");
        assert_eq!(by_hand(&path, &hand), 1);
        let reader = examine(&path, None).unwrap();
        assert!(reader.verify_chain().unwrap().is_ok(), "the chain alone does not show it");
        let found = reader.audit().unwrap();
        assert!(matches!(found, Err(Altered::Chain(_) | Altered::Joined(_))), "step {step} change {nth}: {found:?}");
    }
    // Also what a joined copy brought.
    file(folder.path(), "team.mdt", &house().bytes);
    let hand = "UPDATE branch_change SET salt = NULL, fields = NULL WHERE fields IS NOT NULL";
    assert_eq!(by_hand(&path, hand), 2);
    assert!(matches!(audit(&path), Err(Altered::Joined(_))));
}

/// Put back from an older copy, with its salt, a text is what its hash says. It is gone all the same.
#[test]
fn a_text_put_back_by_hand_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("team.mdt");
    let (mut store, reader) = store::create(&path, None, FileKind::Demo, 7, &stamp()).unwrap();
    let mut mint = Mint::new(noon(), 5);
    mdt::demo::build(&mut store, 1, Clock::Fixed(noon()).now()).unwrap();
    let team = reader.teams().unwrap().remove(0);
    let id: PersonId = mint.mint();
    store
        .commit(&stamp(), &Deed::change("Add"), &[add(id, Person::new(team.id, line("Adeyemi"), line("Jean")))])
        .unwrap();
    let db = Connection::open(&path).unwrap();
    let sql = "SELECT step, nth, salt, fields FROM change WHERE noun = 'person' AND row = ?1";
    let (step, nth, salt, fields): (i64, i64, Vec<u8>, String) =
        db.query_row(sql, [id.raw()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
    erase(&mut store, &reader, id, 21);
    assert!(reader.audit().unwrap().is_ok());
    drop((store, reader, db));
    let salt: String = salt.iter().map(|byte| format!("{byte:02x}")).collect();
    let hand = format!("UPDATE change SET salt = x'{salt}', fields = '{fields}' WHERE step = {step} AND nth = {nth}");
    assert_eq!(by_hand(&path, &hand), 1);
    assert!(examine(&path, None).unwrap().verify_chain().unwrap().is_ok());
    assert!(matches!(audit(&path), Err(Altered::Chain(_))), "{:?}", audit(&path));
}

#[test]
fn an_erased_record_holds_what_was_left_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "team.mdt", &house().bytes);
    let person = house().people[0].raw();
    for hand in [
        // A word put back.
        format!("UPDATE person SET address = '4 Elm Grove' WHERE id = {person}"),
        format!("UPDATE person SET nhs_number = 9995550000 WHERE id = {person}"),
        format!("UPDATE discussion SET situation = 'fell in August' WHERE person = {person}"),
        format!("UPDATE action SET what = 'ring the daughter' WHERE person = {person}"),
        format!("UPDATE plan SET matters = 'her cat' WHERE person = {person}"),
        // A fact altered.
        format!("UPDATE person SET standing_on = '2020-01-01' WHERE id = {person}"),
        format!("UPDATE discussion SET decision = NULL, agreed_at = agreed_at WHERE person = {person}"),
        format!("UPDATE action SET due = date(due, '+7 days') WHERE person = {person}"),
        format!("UPDATE action SET state = 'done', state_note = NULL WHERE person = {person} AND state = 'withdrawn'"),
        format!("UPDATE band_entry SET \"on\" = '2020-01-01' WHERE person = {person}"),
        format!("DELETE FROM band_entry WHERE person = {person}"),
    ] {
        file(folder.path(), "team.mdt", &house().bytes);
        if by_hand(&path, &hand) == 0 {
            assert!(hand.contains("plan") || hand.contains("done"), "nothing to alter: {hand}");
            continue;
        }
        let found = audit(&path);
        assert!(matches!(found, Err(Altered::Record(_))), "{found:?} after {hand}");
    }
}

#[test]
fn minutes_altered_together_with_their_hash_are_found_under_an_erasure() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "team.mdt", &house().bytes);
    let id: i64 = one(&path, "SELECT json_extract(minutes, '$[0]') FROM erasure ORDER BY id LIMIT 1");
    let document: String = one(&path, &format!("SELECT document FROM minutes WHERE id = {id}"));
    assert!(document.matches("[erased on").count() >= 2, "both were cut out of these minutes");
    let other = document.replacen("Apologies", "No apologies", 1).replacen("[erased on", "[taken on", 1);
    assert_ne!(other, document);
    let hash: String = Sha256::digest(&other).iter().map(|byte| format!("{byte:02x}")).collect();
    let quoted = other.replace('\'', "''");
    for hand in [
        format!("UPDATE minutes SET document = '{quoted}' WHERE id = {id}"),
        format!("UPDATE minutes SET document = '{quoted}', sha256 = '{hash}' WHERE id = {id}"),
        format!("UPDATE minutes SET sha256 = '{hash}' WHERE id = {id}"),
        format!("UPDATE minutes SET sealed_by = 'Somebody Else' WHERE id = {id}"),
        format!("UPDATE erasure SET hashes = '{hash}' WHERE minutes LIKE '%{id}%'"),
    ] {
        file(folder.path(), "team.mdt", &house().bytes);
        assert!(by_hand(&path, &hand) > 0);
        let found = audit(&path);
        assert!(matches!(found, Err(Altered::Record(_))), "{found:?} after {}", &hand[..40]);
    }
}

/// What was altered before an erasure is not made good by it.
#[test]
fn an_erasure_does_not_cover_up_minutes_altered_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "team.mdt", &house().bytes);
    let id: i64 = one(&path, "SELECT json_extract(minutes, '$[0]') FROM erasure ORDER BY id LIMIT 1");
    let hand = format!("UPDATE minutes SET document = replace(document, '[erased on', '[taken on') WHERE id = {id}");
    assert_eq!(by_hand(&path, &hand), 1);
    assert!(audit(&path).is_err());
    work(&path, |store, reader| erase(store, reader, house().people[2], 31));
    assert!(matches!(audit(&path), Err(Altered::Record(_))), "{:?}", audit(&path));
}

/// A file of schema 5: two erasures and a joining that do not say which texts they took out.
fn golden(folder: &Path) -> PathBuf {
    let zip = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schema/0005.zip");
    let mut zip = zip::ZipArchive::new(fs::File::open(zip).unwrap()).unwrap();
    let mut bytes = Vec::new();
    zip.by_index(0).unwrap().read_to_end(&mut bytes).unwrap();
    let path = file(folder, "team.mdt", &bytes);
    // Opening it brings it up to date.
    work(&path, |_, reader| assert!(reader.head().unwrap().seq > 250));
    path
}

#[test]
fn erasures_of_an_earlier_version_are_checked_by_the_weaker_rule_and_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = golden(folder.path());
    let whole = audit(&path).unwrap_or_else(|altered| panic!("{altered}"));
    assert!(whole.unproved > 20 && whole.uncompared > 10, "{whole:?}");
    assert!(whole.untold().unwrap().contains("cannot be shown"));
    // The weaker rule: a text of before that erasure can go without being found.
    let before = fs::read(&path).unwrap();
    let hand = "UPDATE change SET salt = NULL, fields = NULL WHERE step = 9";
    assert!(by_hand(&path, hand) > 0);
    assert_eq!(audit(&path).unwrap().unproved, whole.unproved + 1);
    // Their minutes' hashes were always in the log.
    file(folder.path(), "team.mdt", &before);
    let id: i64 = one(&path, "SELECT json_extract(minutes, '$[0]') FROM erasure LIMIT 1");
    assert_eq!(by_hand(&path, &format!("UPDATE minutes SET document = document || ' ' WHERE id = {id}")), 1);
    assert!(matches!(audit(&path), Err(Altered::Record(_))));
    // An erasure of today beside those says all of its own, and nothing later is excused by the old ones.
    file(folder.path(), "team.mdt", &before);
    let team: i64 = one(&path, "SELECT id FROM team");
    let id = work(&path, |store, reader| {
        let id: PersonId = Mint::new(noon(), 41 << 16).mint();
        let team = mdt::domain::id::TeamId::from_raw(team);
        store
            .commit(&stamp(), &Deed::change("Add"), &[add(id, Person::new(team, line("Adeyemi"), line("Jean")))])
            .unwrap();
        erase(store, reader, id, 42);
        id
    });
    assert_eq!(audit(&path).unwrap().unproved, whole.unproved);
    assert_eq!(by_hand(&path, &format!("UPDATE person SET phone = '1' WHERE id = {}", id.raw())), 1);
    assert!(matches!(audit(&path), Err(Altered::Record(_))));
}
