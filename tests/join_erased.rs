//! An erasure, and then a copy of before it is joined that still has the person – unchanged, changed in every way, or begun
//! anew: nobody comes back without a word, and no byte of the file holds what the copy still says.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where something is not as it should be"
)]

mod kit;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use kit::{noon, stamp};
use mdt::clock::Clock;
use mdt::domain::Word as _;
use mdt::domain::carer::{Assessment, Carer};
use mdt::domain::change::{Change, Mint, NounKind, Record, RecordId as _, add, alter};
use mdt::domain::day::Day;
use mdt::domain::household::Household;
use mdt::domain::id::{CarerId, GoalId, HouseholdId, JoiningId, NominationId, PersonId, PlanId, QueuedRowId, TeamId};
use mdt::domain::intake::{Intake, IntakeKind, QueueState, QueuedRow};
use mdt::domain::minutes::Document;
use mdt::domain::nhs_number::NhsNumber;
use mdt::domain::nomination::{Channel, Nomination, Triage, Urgency};
use mdt::domain::person::Person;
use mdt::domain::plan::{Goal, Plan, Progress};
use mdt::domain::team::Team;
use mdt::domain::text::{Line, Note};
use mdt::exchange::output::erasing;
use mdt::store::audit::examine;
use mdt::store::erase::Order;
use mdt::store::fault::Fault;
use mdt::store::join::{Decisions, Foreseen, Joiner, Other, Reason};
use mdt::store::{self, Deed, FileKind, Reader, Stop, Store};

/// Stands in every text about the person, and nowhere else.
const CANARY: &str = "qzxv";

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

fn note(text: &str) -> Note {
    Note::parse(text).unwrap()
}

fn today() -> Day {
    Clock::Fixed(noon()).now().today
}

fn work<T>(path: &Path, work: impl FnOnce(&mut Store, &Reader) -> T) -> T {
    let (mut store, reader) = store::open(path, None).unwrap();
    let done = work(&mut store, &reader);
    drop(reader);
    store.close().unwrap();
    done
}

fn put(store: &mut Store, changes: &[Change]) {
    store.commit(&stamp(), &Deed::change("Change something"), changes).unwrap();
}

fn get(reader: &Reader, id: PersonId) -> Record<Person> {
    reader.get(id).unwrap().unwrap()
}

/// Two copies: Jean is in both; Rosa lives next door.
struct Pair {
    ours: PathBuf,
    theirs: PathBuf,
    jean: PersonId,
    rosa: PersonId,
    team: TeamId,
    folder: tempfile::TempDir,
}

fn pair() -> Pair {
    let folder = tempfile::tempdir().unwrap();
    let ours = folder.path().join("ours.mdt");
    let (mut store, reader) = store::create(&ours, None, FileKind::Real, 7, &stamp()).unwrap();
    let mut mint = Mint::new(noon(), 5);
    let (team, home): (TeamId, HouseholdId) = (mint.mint(), mint.mint());
    let (jean, rosa): (PersonId, PersonId) = (mint.mint(), mint.mint());
    let mut it = Person::new(team, line("Qzxvey"), line("Jean"));
    it.nhs_number = (9_995_551_000_u64..9_995_551_100).find_map(NhsNumber::from_value);
    (it.born, it.household) = (Day::new(1931, 3, 12), Some(home));
    it.address = Some(line("1 Qzxv Road"));
    let house = Household { name: line("1 Qzxv Road"), note: None };
    put(&mut store, &[add(team, Team::new(line("Elm Grove MDT"))), add(home, house), add(jean, it)]);
    put(&mut store, &[add(rosa, Person::new(team, line("Lindqvist"), line("Rosa")))]);
    drop(reader);
    store.close().unwrap();
    let theirs = folder.path().join("theirs.mdt");
    std::fs::copy(&ours, &theirs).unwrap();
    std::fs::set_permissions(&theirs, std::fs::Permissions::from_mode(0o600)).unwrap();
    Pair { ours, theirs, jean, rosa, team, folder }
}

fn erase(path: &Path, person: PersonId, salt: u32) {
    work(path, |store, reader| {
        let now = Clock::Fixed(noon()).now();
        let order = Order {
            person,
            id: Mint::new(noon(), salt << 16).mint(),
            by: line("Tolu Bankole"),
            witness: line("Jo Hart"),
            why: line("a request"),
            still_active: true,
            at: now.moment,
            today: now.today,
            minutes: erasing::without(reader, person, now.today).unwrap(),
        };
        store.erase(&stamp(), &order).unwrap();
    });
}

fn join(ours: &Path, theirs: &Path, salt: u32) -> Result<Foreseen, Fault> {
    work(ours, |store, reader| {
        let other = Other::open(theirs, None, &Stop::default())?;
        let mut joiner = Joiner::new(reader, &other, today())?;
        let foreseen = joiner.foresee(&Decisions::new(), &Stop::default())?;
        let decisions: Decisions = foreseen.clashes.iter().map(|it| (it.key, it.choices[0])).collect();
        let id: JoiningId = Mint::new(noon(), salt << 16).mint();
        store.join(&stamp(), &line("Tolu Bankole"), id, &mut joiner, &decisions, &Stop::default())?;
        Ok(foreseen)
    })
}

/// Whether the canary stands in any byte of the file or beside it.
fn has_canary(path: &Path) -> bool {
    let bytes = std::fs::read(path).unwrap().to_ascii_lowercase();
    assert!(!path.with_file_name("ours.mdt-wal").exists(), "closed");
    bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes())
}

fn count(path: &Path, sql: &str) -> i64 {
    Connection::open(path).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn a_copy_of_before_an_erasure_in_which_nobody_worked_brings_nothing() {
    let pair = pair();
    assert!(has_canary(&pair.ours));
    erase(&pair.ours, pair.jean, 21);
    let Fault::Rule(why) = join(&pair.ours, &pair.theirs, 31).unwrap_err() else { panic!() };
    assert!(why.contains("nothing that this file does not have"), "{why}");
    assert!(!has_canary(&pair.ours));
}

/// Whatever can be written about somebody, in the copy, after the two parted: changed, new, made and taken back, waiting from a
/// list, half-typed.
fn busy(pair: &Pair, salt: u32) {
    let (jean, rosa, team) = (pair.jean, pair.rosa, pair.team);
    work(&pair.theirs, |store, reader| {
        let mut mint = Mint::new(noon(), salt << 16);
        let text = |n: u32| note(&format!("qzxv {n}"));
        let changed = alter(&get(reader, jean), |it: &mut Person| {
            (it.phone, it.safeguarding) = (Some(line("qzxv 01632")), Some(text(1)));
        });
        put(store, &[changed]);
        let goal = |words: Note| Goal { person: jean, words, progress: Progress::Some, note: None, on: today() };
        let (first, undone): (GoalId, GoalId) = (mint.mint(), mint.mint());
        put(store, &[add(first, goal(text(2)))]);
        let seen: Record<Goal> = reader.get(first).unwrap().unwrap();
        put(store, &[alter(&seen, |it| it.words = text(3))]);
        put(store, &[add(undone, goal(text(4)))]);
        store.undo(&stamp()).unwrap();
        let carer = Carer {
            person: jean,
            name: line("qzxv daughter"),
            relation: None,
            phone: None,
            needs: Some(text(5)),
            assessment: Assessment::Offered,
            assessment_on: None,
            crisis: None,
            ended_on: None,
        };
        let (carer_id, plan_id): (CarerId, PlanId) = (mint.mint(), mint.mint());
        let plan = Plan {
            person: jean,
            matters: Some(text(6)),
            strengths: None,
            needs: None,
            trigger: None,
            response: None,
            contact: None,
            agreed_with: None,
            agreed_on: None,
            review_on: None,
            reviewer: None,
        };
        let nomination = Nomination {
            person: jean,
            asked_by: line("qzxv asks"),
            organisation: None,
            on: today(),
            channel: Channel::Phone,
            reason: line("qzxv fell"),
            question: None,
            urgency: Urgency::Routine,
            situation: None,
            background: None,
            assessment: None,
            recommendation: None,
            told_on: None,
            told_by: None,
            triage: Triage::Waiting,
            triage_why: None,
        };
        let nomination_id: NominationId = mint.mint();
        put(store, &[add(carer_id, carer), add(plan_id, plan), add(nomination_id, nomination)]);
        // She moves: a household of her own, whose name is the address. Another one was made and taken back.
        for name in ["2 Qzxv Close", "3 Qzxv Mews"] {
            let home: HouseholdId = mint.mint();
            let moves = alter(&get(reader, jean), |it: &mut Person| it.household = Some(home));
            put(store, &[add(home, Household { name: line(name), note: Some(text(7)) }), moves]);
            if name.starts_with('3') {
                store.undo(&stamp()).unwrap();
            }
        }
        // A list has her under another date of birth, and Rosa too: both wait. One row more was taken back.
        let number = get(reader, jean).nhs_number.unwrap().digits();
        let intake = mint.mint();
        let list = Intake {
            team,
            kind: IntakeKind::Caseload,
            at: mdt::domain::day::Moment::new(noon()),
            file: line("list.csv"),
            sha256: line(&"0".repeat(64)),
            bytes: 1,
            counts: Document::new("{}".to_owned()),
        };
        let row = |n: i64, alike: &str, given: &str| QueuedRow {
            team,
            intake,
            kind: IntakeKind::Caseload,
            line: n,
            why: line("another date of birth"),
            alike: line(alike),
            person: None,
            given: Document::new(format!("{{\"surname\":\"{given}\"}}")),
            state: QueueState::Waiting,
            decided_on: None,
        };
        let rows: [QueuedRowId; 3] = [mint.mint(), mint.mint(), mint.mint()];
        put(
            store,
            &[
                add(intake, list),
                add(rows[0], row(2, &format!("{number}|qzxvey|jean|1932-03-12"), "Qzxvey")),
                add(rows[1], row(3, "|lindqvist|rosa|1940-01-01", "Lindqvist")),
            ],
        );
        put(store, &[add(rows[2], row(4, "|qzxvey|jean|1931-03-12", "Qzxvey"))]);
        store.undo(&stamp()).unwrap();
        store.keep_draft(&format!("person:{}:matters", jean.raw()), "qzxv half-typed", &stamp().at).unwrap();
        // And work that is nothing to do with her.
        let seen = get(reader, rosa);
        let home: HouseholdId = mint.mint();
        let lives = alter(&seen, |it: &mut Person| {
            (it.household, it.phone) = (Some(home), Some(line("01632 960002")));
        });
        put(store, &[add(home, Household { name: line("8 Elm Grove"), note: Some(note("a cat")) }), lives]);
    });
}

#[test]
fn a_copy_in_which_the_erased_were_worked_on_does_not_bring_them_back() {
    let pair = pair();
    busy(&pair, 11);
    erase(&pair.ours, pair.jean, 21);
    assert!(!has_canary(&pair.ours));
    let before = count(&pair.theirs, "SELECT count(*) FROM step");
    let foreseen = join(&pair.ours, &pair.theirs, 31).unwrap();
    assert!(!has_canary(&pair.ours), "no byte of it");
    // It is said of each record that it does not come, and why; nobody is asked.
    let erased: Vec<NounKind> =
        foreseen.left_out.iter().filter(|it| it.why == Reason::Erased).map(|it| it.noun).collect();
    for noun in [
        NounKind::Person,
        NounKind::Goal,
        NounKind::Carer,
        NounKind::Plan,
        NounKind::Nomination,
        NounKind::Household,
        NounKind::QueuedRow,
    ] {
        assert!(erased.contains(&noun), "{} is not said: {:?}", noun.code(), foreseen.left_out);
    }
    assert!(foreseen.clashes.is_empty() && foreseen.back.is_empty(), "{foreseen:?}");
    work(&pair.ours, |_, reader| {
        assert!(get(reader, pair.jean).is_erased());
        // What is not about her came: the record, and its words in the log beside.
        let rosa = get(reader, pair.rosa);
        assert_eq!(rosa.phone.as_ref().map(Line::as_str), Some("01632 960002"));
        let home: Record<Household> = reader.get(rosa.household.unwrap()).unwrap().unwrap();
        assert_eq!(home.name.as_str(), "8 Elm Grove");
        assert_eq!(reader.waiting_from_lists(pair.team).unwrap().0, 1, "Rosa's row waits");
    });
    let kept = "SELECT count(*) FROM branch_change WHERE fields LIKE '%8 Elm Grove%' OR fields LIKE '%Lindqvist%'";
    assert_eq!(count(&pair.ours, kept), 2, "what is about others is kept word for word");
    // Every step of the copy is there, and the check knows which words the joining left out.
    let both = "SELECT (SELECT count(*) FROM branch_step) + (SELECT count(*) FROM step) - 2";
    assert_eq!(count(&pair.ours, both), before, "the erasure and the joining are ours alone");
    let whole = examine(&pair.ours, None).unwrap().audit().unwrap().unwrap();
    assert_eq!((whole.unproved, whole.uncompared), (0, 0));
    // Joined once more after more work there, and undone: she stays away.
    work(&pair.theirs, |store, reader| {
        let again = alter(&get(reader, pair.jean), |it: &mut Person| it.phone = Some(line("qzxv again")));
        put(store, &[again]);
    });
    join(&pair.ours, &pair.theirs, 32).unwrap();
    let _ = work(&pair.ours, |store, _| store.undo(&stamp()));
    assert!(!has_canary(&pair.ours));
    assert!(examine(&pair.ours, None).unwrap().audit().unwrap().is_ok());
}

/// The other way round: the copy that still has her joins the file in which she was erased.
#[test]
fn a_copy_that_joins_a_file_in_which_somebody_was_erased_is_told_so() {
    let pair = pair();
    busy(&pair, 11);
    erase(&pair.ours, pair.jean, 21);
    let foreseen = join(&pair.theirs, &pair.ours, 31).unwrap();
    let said = foreseen.left_out.iter().any(|it| it.person == Some(pair.jean) && it.why == Reason::Erased);
    assert!(said, "{:?}", foreseen.left_out);
    work(&pair.theirs, |_, reader| assert!(!get(reader, pair.jean).is_erased(), "nobody is erased by a joining"));
    assert!(examine(&pair.theirs, None).unwrap().audit().unwrap().is_ok());
}

#[test]
fn two_copies_that_both_erased_somebody_are_joined_and_whole() {
    let pair = pair();
    busy(&pair, 11);
    erase(&pair.ours, pair.jean, 21);
    erase(&pair.theirs, pair.jean, 22);
    join(&pair.ours, &pair.theirs, 31).unwrap();
    assert!(!has_canary(&pair.ours));
    let whole = examine(&pair.ours, None).unwrap().audit().unwrap().unwrap();
    assert_eq!((whole.unproved, whole.uncompared), (0, 0));
    // A word that neither erasure took, taken out by hand, is seen.
    let db = Connection::open(&pair.ours).unwrap();
    let hand = "UPDATE branch_change SET salt = NULL, fields = NULL WHERE fields LIKE '%8 Elm Grove%'";
    assert_eq!(db.execute(hand, []).unwrap(), 1);
    drop(db);
    assert!(examine(&pair.ours, None).unwrap().audit().unwrap().is_err());
}

#[test]
fn somebody_erased_here_and_begun_anew_there_comes_as_somebody_new_and_it_is_said() {
    let pair = pair();
    let anew: PersonId = work(&pair.theirs, |store, reader| {
        let id: PersonId = Mint::new(noon(), 11 << 16).mint();
        let mut it = Person::new(pair.team, line("QZXVEY"), line("Jean"));
        it.born = get(reader, pair.jean).born;
        let other: PersonId = Mint::new(noon(), 12 << 16).mint();
        let mut sister = Person::new(pair.team, line("Qzxvey"), line("Joan"));
        sister.born = it.born;
        put(store, &[add(id, it), add(other, sister)]);
        id
    });
    erase(&pair.ours, pair.jean, 21);
    let mut command = assert_cmd::Command::cargo_bin("mdt").unwrap();
    let folder = pair.folder.path();
    command.env("HOME", folder).env("XDG_DATA_HOME", folder.join("data")).env("USER", "test").current_dir(folder);
    let said = command.args(["--file", "ours.mdt", "merge", "theirs.mdt", "--preview"]).assert().success();
    let said = String::from_utf8(said.get_output().stdout.clone()).unwrap();
    assert_eq!(said.matches("of somebody erased here").count(), 1, "{said}");
    let foreseen = join(&pair.ours, &pair.theirs, 31).unwrap();
    assert_eq!(foreseen.back.iter().copied().collect::<Vec<_>>(), [anew]);
    work(&pair.ours, |_, reader| assert_eq!(get(reader, anew).surname.as_str(), "QZXVEY"));
}
