//! Lawful erasure: no byte of the file holds what was erased, the facts stay, the chain stays, nobody else loses a word.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where something is not as it should be"
)]

mod kit;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use kit::{noon, stamp, times};
use rusqlite::Connection;
use rusqlite::types::Value;

use mdt::clock::Clock;
use mdt::domain::Word as _;
use mdt::domain::activity::{Activity, ActivityKind};
use mdt::domain::band::change_band;
use mdt::domain::carer::{Assessment, Carer};
use mdt::domain::change::{Mint, Record, RecordId as _, add, alter};
use mdt::domain::day::{Day, Moment};
use mdt::domain::erasure::{ERASED, is_due};
use mdt::domain::hold;
use mdt::domain::household::Household;
use mdt::domain::id::{CarerId, GoalId, HouseholdId, MeetingId, MinutesId, PersonId};
use mdt::domain::intake::{Intake, IntakeKind, QueueState, QueuedRow};
use mdt::domain::meeting::Stage;
use mdt::domain::minutes::Document;
use mdt::domain::nhs_number::NhsNumber;
use mdt::domain::nomination::{Channel, Nomination, Triage, Urgency};
use mdt::domain::person::{Person, Standing, set_standing};
use mdt::domain::plan::{Goal, Plan, Progress};
use mdt::domain::sharing::Objection;
use mdt::domain::team::Team;
use mdt::domain::text::{Line, Note};
use mdt::exchange::output::recipient::Recipient;
use mdt::exchange::output::template::Template;
use mdt::exchange::output::verify::{self, Verdict};
use mdt::exchange::output::{Format, cut, erasing, sealed};
use mdt::store::doctor::State;
use mdt::store::erase::{Erased, Order, Pages};
use mdt::store::fault::Fault;
use mdt::store::log::StepKind;
use mdt::store::{self, Deed, FileKind, Reader, Store};

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

fn note(text: &str) -> Note {
    Note::parse(text).unwrap()
}

/// A plain file of invented people whose closed meetings are sealed.
struct House {
    folder: tempfile::TempDir,
    store: Store,
    reader: Reader,
    team: Record<Team>,
    mint: Mint,
}

/// Built once: every house is a copy.
fn bytes() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| {
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
        drop(reader);
        store.close().unwrap();
        std::fs::read(path).unwrap()
    })
}

fn house() -> House {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("team.mdt");
    std::fs::write(&path, bytes()).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let (store, reader) = store::open(&path, None).unwrap();
    let team = reader.teams().unwrap().remove(0);
    House { folder, store, reader, team, mint: Mint::new(noon(), 9) }
}

impl House {
    fn path(&self) -> PathBuf {
        self.folder.path().join("team.mdt")
    }

    fn commit(&mut self, changes: &[mdt::domain::change::Change]) {
        self.store.commit(&stamp(), &Deed::change("Edit"), changes).unwrap();
    }

    fn person(&self, id: PersonId) -> Record<Person> {
        self.reader.get(id).unwrap().unwrap()
    }

    fn order(&mut self, person: PersonId, still_active: bool) -> Order {
        let now = Clock::Fixed(noon()).now();
        Order {
            person,
            id: self.mint.mint(),
            by: line("Tolu Bankole"),
            witness: line("Jo Hart"),
            why: line("retention is over"),
            still_active,
            at: now.moment,
            today: now.today,
            minutes: erasing::without(&self.reader, person, now.today).unwrap(),
        }
    }

    fn erase(&mut self, person: PersonId) -> Erased {
        let order = self.order(person, true);
        let erased = self.store.erase(&stamp(), &order).unwrap();
        assert_eq!(erased.pages, Pages::Clean);
        erased
    }

    /// People discussed at sealed meetings who stand on no agenda to come.
    fn discussed(&self) -> Vec<PersonId> {
        let ahead: BTreeSet<PersonId> = self
            .reader
            .meetings(self.team.id)
            .unwrap()
            .into_iter()
            .filter(|it| matches!(it.stage, Stage::Planned | Stage::Live))
            .flat_map(|it| self.reader.agenda(it.id).unwrap())
            .filter_map(|item| item.person)
            .collect();
        let mut out: Vec<PersonId> = self
            .sealed()
            .into_iter()
            .flat_map(|meeting| self.reader.discussions(meeting).unwrap())
            .map(|it| it.person)
            .filter(|it| !ahead.contains(it))
            .collect();
        out.sort();
        out.dedup();
        out
    }

    fn sealed(&self) -> Vec<MeetingId> {
        let all = self.reader.meetings(self.team.id).unwrap();
        all.into_iter().filter(|it| it.stage == Stage::Sealed).map(|it| it.id).collect()
    }
}

/// The tables whose rows belong to a person.
const OF_A_PERSON: [&str; 13] = [
    "band_entry",
    "objection",
    "key_worker",
    "carer",
    "plan",
    "goal",
    "nomination",
    "agenda_item",
    "discussion",
    "action",
    "queued_row",
    "proposal",
    "activity",
];

/// Every cell of every row, by table and id, without the log: what a person would compare by hand.
fn cells(path: &Path) -> BTreeMap<(String, i64), Vec<Value>> {
    let db = Connection::open(path).unwrap();
    let mut out = BTreeMap::new();
    for table in OF_A_PERSON.iter().copied().chain(["person", "household", "minutes", "addendum", "meeting", "member"])
    {
        let mut select = db.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let width = select.column_count();
        let rows = select.query_map([], |row| (0..width).map(|at| row.get(at)).collect::<Result<Vec<Value>, _>>());
        for row in rows.unwrap() {
            let row = row.unwrap();
            let Value::Integer(id) = row[0] else { panic!() };
            out.insert((table.to_owned(), id), row);
        }
    }
    out
}

/// The rows that are about a person.
fn about(path: &Path, person: PersonId) -> BTreeSet<(String, i64)> {
    let db = Connection::open(path).unwrap();
    let mut out = BTreeSet::from([("person".to_owned(), person.raw())]);
    for table in OF_A_PERSON {
        let mut select = db.prepare(&format!("SELECT id FROM {table} WHERE person = ?1")).unwrap();
        let ids: Vec<i64> = select.query_map([person.raw()], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        out.extend(ids.into_iter().map(|id| (table.to_owned(), id)));
    }
    out
}

/// Every byte that lies beside the file: the file, its write-ahead log, the index of that.
fn on_the_disk(folder: &Path) -> Vec<u8> {
    let mut names: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    names.sort();
    names.into_iter().filter(|it| it.is_file()).flat_map(|it| std::fs::read(it).unwrap()).collect()
}

fn holds(bytes: &[u8], needle: &str) -> bool {
    let needle = needle.as_bytes();
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// Texts of these rows that no other row has: by one of them the person would be known again.
fn needles(all: &BTreeMap<(String, i64), Vec<Value>>, theirs: &BTreeSet<(String, i64)>) -> Vec<String> {
    let long = |value: &Value| match value {
        Value::Text(text) if text.chars().count() >= 14 && text.contains(' ') => Some(text.clone()),
        _ => None,
    };
    let others: Vec<String> = all
        .iter()
        .filter(|(key, _)| !theirs.contains(*key) && key.0 != "minutes")
        .flat_map(|(_, row)| row.iter().filter_map(long))
        .collect();
    let mine = all.iter().filter(|(key, _)| theirs.contains(*key)).flat_map(|(_, row)| row.iter().filter_map(long));
    let mut out: Vec<String> = mine
        .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|text| text.chars().count() >= 14 && !others.iter().any(|other| other.contains(text.as_str())))
        .collect();
    // Words of our own vocabulary are nobody's.
    let schema =
        concat!(include_str!("../src/store/schema/0001_house.sql"), include_str!("../src/store/schema/0002_lists.sql"));
    out.retain(|text| !schema.contains(text.as_str()));
    out.sort();
    out.dedup();
    out
}

#[test]
fn no_byte_of_the_file_holds_what_was_erased_and_nobody_else_loses_a_word() {
    let wanted = times(6, 60) as usize;
    let people = house().discussed();
    assert!(people.len() >= 6, "{}", people.len());
    let mut tried = 0;
    for person in people.into_iter().take(wanted) {
        let mut house = house();
        let before = cells(&house.path());
        let theirs = about(&house.path(), person);
        let needles = needles(&before, &theirs);
        assert!(needles.len() >= 3, "{needles:?}");
        let on_disk = on_the_disk(house.folder.path());
        // Not every sentence survives the pages of a file in one piece; nearly all do, or the search is blind.
        let seen = needles.iter().filter(|needle| holds(&on_disk, needle)).count();
        assert!(seen * 10 >= needles.len() * 8, "{seen} of {}", needles.len());
        let steps = house.reader.verify_chain().unwrap().unwrap();

        let erased = house.erase(person);

        let left = on_the_disk(house.folder.path());
        for needle in &needles {
            assert!(!holds(&left, needle), "still on the disk: {needle}");
        }
        assert_eq!(house.reader.verify_chain().unwrap(), Ok(steps + 1));
        assert!(house.person(person).is_erased());
        assert!(erased.records > 0 && erased.log > 0 && erased.minutes > 0);
        // Nobody else's row differs in a cell; no row came or went.
        let after = cells(&house.path());
        assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
        for (key, row) in &before {
            if !theirs.contains(key) && key.0 != "minutes" && key.0 != "household" {
                assert_eq!(row, &after[key], "{key:?}");
            }
        }
        // Every record can still be read, by everything that reads.
        house.reader.actions_of(person).unwrap();
        house.reader.discussions_of(person).unwrap();
        house.reader.nominations(person).unwrap();
        house.reader.carers(person).unwrap();
        house.reader.plan(person).unwrap();
        house.reader.goals(person).unwrap();
        house.reader.band_history(person).unwrap();
        for meeting in house.sealed() {
            let meeting = house.reader.get(meeting).unwrap().unwrap();
            sealed::document_of(&house.reader, &meeting, &Clock::Fixed(noon()), None).unwrap();
        }
        tried += 1;
    }
    println!("{tried} people erased");
}

#[test]
fn the_facts_stay() {
    let mut house = house();
    let person = house.discussed()[0];
    let facts = |house: &House| {
        let actions: Vec<_> =
            house.reader.actions_of(person).unwrap().into_iter().map(|it| (it.id, it.owner, it.due)).collect();
        let days: Vec<Day> =
            house.reader.discussions_of(person).unwrap().into_iter().map(|(meeting, _)| meeting.on).collect();
        (actions, days, house.reader.nominations(person).unwrap().len())
    };
    let before = facts(&house);
    assert!(!before.1.is_empty());
    house.erase(person);
    assert_eq!(facts(&house), before);
    let erasure = house.reader.erasure_of(person).unwrap().unwrap();
    assert_eq!((erasure.witness.as_str(), erasure.why.as_str()), ("Jo Hart", "retention is over"));
    assert_eq!(house.person(person).name(), ERASED);
    for action in house.reader.actions_of(person).unwrap() {
        assert_eq!(action.what.as_str(), ERASED);
        assert!(!action.state.is_live(), "what was open is withdrawn with the record");
    }
    // Nobody is alarmed: the log, the records, and the words by which people are found agree.
    assert!(house.reader.audit().unwrap().is_ok(), "{:?}", house.reader.audit());
    let step = house.reader.steps(1).unwrap().remove(0);
    assert_eq!((step.kind, step.label.as_str()), (StepKind::Erase, "Erase a record"));
}

const CANARY: &str = "qzxv canary";

/// A person with the canary in every text that can be typed or come in with a list; some of it altered and taken back.
fn marked(house: &mut House) -> PersonId {
    let said = |n: usize| format!("{CANARY} {n}");
    let team = house.team.id;
    let (organisation, member) =
        (house.reader.organisations().unwrap()[0].id, house.reader.members(team).unwrap()[0].id);
    let (id, home): (PersonId, HouseholdId) = (house.mint.mint(), house.mint.mint());
    let mut person = Person::new(team, line(&said(1)), line(&said(2)));
    person.preferred = Some(line(&said(3)));
    person.title = Some(line(&said(4)));
    person.nhs_number = Some(free_number());
    person.born = Day::new(1931, 3, 12);
    (person.address, person.postcode, person.phone) =
        (Some(line(&said(5))), Some(line(&said(6))), Some(line(&said(7))));
    (person.named_gp, person.council) = (Some(line(&said(8))), Some(line(&said(9))));
    person.score_tool = Some(line(&said(10)));
    person.safeguarding = Some(note(&said(11)));
    (person.sharing_by, person.sharing_note) = (Some(line(&said(12))), Some(note(&said(13))));
    person.household = Some(home);
    house.commit(&[add(home, Household { name: line(&said(14)), note: Some(note(&said(15))) }), add(id, person)]);
    // Who of the team set it stays.
    let by = line("Priya Shah");
    let today = Clock::Fixed(noon()).now().today;
    let seen = house.person(id);
    let banded =
        change_band(&seen, mdt::domain::band::Band::High, note(&said(17)), by, today, &mut house.mint).unwrap();
    house.commit(&banded);
    let mint = &mut house.mint;
    let carer = Carer {
        person: id,
        name: line(&said(18)),
        relation: Some(line(&said(19))),
        phone: Some(line(&said(20))),
        needs: Some(note(&said(21))),
        assessment: Assessment::Offered,
        assessment_on: None,
        crisis: Some(note(&said(22))),
        ended_on: None,
    };
    let text = |n: usize| Some(note(&said(n)));
    let plan = Plan {
        person: id,
        matters: text(23),
        strengths: text(24),
        needs: text(25),
        trigger: text(26),
        response: text(27),
        contact: text(28),
        agreed_with: Some(line(&said(29))),
        agreed_on: None,
        review_on: None,
        reviewer: Some(member),
    };
    let nomination = Nomination {
        person: id,
        asked_by: line(&said(30)),
        organisation: Some(organisation),
        on: today,
        channel: Channel::Phone,
        reason: line(&said(31)),
        question: text(32),
        urgency: Urgency::Routine,
        situation: text(33),
        background: text(34),
        assessment: text(35),
        recommendation: text(36),
        told_on: None,
        told_by: Some(line(&said(37))),
        triage: Triage::Waiting,
        triage_why: None,
    };
    let goal = Goal { person: id, words: note(&said(38)), progress: Progress::Some, note: text(39), on: today };
    let objection = Objection { person: id, organisation, on: today, note: text(40), lifted_on: None };
    let activity = Activity {
        person: id,
        kind: ActivityKind::from_code("gp").unwrap(),
        on: today,
        until: None,
        provider: Some(line(&said(41))),
        source: line(&said(42)),
    };
    let intake_id = mint.mint();
    let intake = Intake {
        team,
        kind: IntakeKind::Caseload,
        at: Moment::new(noon()),
        file: line("list.csv"),
        sha256: line(&"0".repeat(64)),
        bytes: 1,
        counts: Document::new("{}".to_owned()),
    };
    let queued = QueuedRow {
        team,
        intake: intake_id,
        kind: IntakeKind::Caseload,
        line: 2,
        why: line(&said(43)),
        alike: line(&format!("|{}|{}|1931-03-12", said(1), said(2))),
        person: None,
        given: Document::new(format!("{{\"surname\":\"{}\"}}", said(44))),
        state: QueueState::Waiting,
        decided_on: None,
    };
    let (carer_id, goal_id): (CarerId, GoalId) = (mint.mint(), mint.mint());
    let changes = vec![
        add(carer_id, carer),
        add(mint.mint(), plan),
        add(mint.mint(), nomination),
        add(goal_id, goal),
        add(mint.mint(), objection),
        add(mint.mint(), activity),
        add(mint.mint(), queued),
        add(intake_id, intake),
    ];
    house.commit(&changes);
    // Altered, so that an older version stands in the log alone; added and taken back, so that only the log has it.
    let seen: Record<Goal> = house.reader.get(goal_id).unwrap().unwrap();
    house.commit(&[alter(&seen, |it| it.words = note(&said(45)))]);
    let seen = house.person(id);
    house.commit(&[alter(&seen, |it| it.address = Some(line(&said(46))))]);
    let undone = Goal { person: id, words: note(&said(47)), progress: Progress::Some, note: None, on: today };
    let undone_id: GoalId = house.mint.mint();
    house.commit(&[add(undone_id, undone)]);
    house.store.undo(&stamp()).unwrap();
    house.store.keep_draft(&format!("person:{}:matters", id.raw()), &said(48), &stamp().at).unwrap();
    house.store.keep_draft(&format!("person:{}:carer", carer_id.raw()), &said(49), &stamp().at).unwrap();
    id
}

fn free_number() -> NhsNumber {
    (9_995_551_000_u64..9_995_551_100).find_map(NhsNumber::from_value).unwrap()
}

/// Whether a canary of this number stands anywhere on the disk.
fn canaries(folder: &Path) -> Vec<String> {
    let bytes = on_the_disk(folder);
    let lower: Vec<u8> = bytes.iter().map(u8::to_ascii_lowercase).collect();
    // The search index keeps words apart, so the first word alone counts too.
    ["qzxv", "canary"].into_iter().filter(|needle| holds(&lower, needle)).map(str::to_owned).collect()
}

#[test]
fn a_canary_in_every_field_is_found_before_and_nowhere_after() {
    let mut house = house();
    let person = marked(&mut house);
    let number = house.person(person).nhs_number.unwrap();
    assert_eq!(canaries(house.folder.path()).len(), 2, "the canary is there to be found");
    assert_eq!(house.reader.search(house.team.id, "qzxv").unwrap().ids, [person]);
    let erased = house.erase(person);
    assert_eq!(canaries(house.folder.path()), Vec::<String>::new(), "still on the disk");
    assert!(!holds(&on_the_disk(house.folder.path()), &number.digits()), "the number as a word");
    assert_eq!(erased.drafts, 2);
    assert!(house.reader.search(house.team.id, "qzxv").unwrap().ids.is_empty());
    assert!(house.reader.search(house.team.id, "erased").unwrap().ids.is_empty());
    assert_eq!(house.reader.person_by_number(house.team.id, number).unwrap(), None);
    assert!(house.reader.verify_chain().unwrap().is_ok());
    // Nothing that was done to it can be done or undone again.
    let Fault::CannotUndo(why) = house.store.undo(&stamp()).unwrap_err() else { panic!() };
    assert!(why.contains("erased"), "{why}");
    assert_eq!(house.reader.waiting_from_lists(house.team.id).unwrap(), (0, 0), "nothing waits for an answer");
}

/// A list was taken in, taken back, and taken in again: the first record is in the log alone, under another id.
#[test]
fn somebody_whom_a_list_brought_twice_is_erased_as_both() {
    let mut house = house();
    let made = |house: &mut House| {
        let mut person = Person::new(house.team.id, line("Qzxv"), line("Twice"));
        (person.nhs_number, person.address) = (Some(free_number()), Some(line("4 Qzxv Road")));
        let id = house.mint.mint();
        house.commit(&[mdt::domain::change::add(id, person)]);
        id
    };
    made(&mut house);
    house.store.undo(&stamp()).unwrap();
    let second = made(&mut house);
    house.erase(second);
    assert_eq!(canaries(house.folder.path()), Vec::<String>::new(), "still on the disk");
    assert!(house.reader.audit().unwrap().is_ok(), "{:?}", house.reader.audit());
}

/// Controls: what a careless erasure leaves behind is found by the same search.
#[test]
fn the_search_for_canaries_finds_what_a_careless_erasure_leaves() {
    // The row is emptied as any change would: the log keeps what was there.
    let mut first = house();
    let person = marked(&mut first);
    let seen = first.person(person);
    first.commit(&[alter(&seen, |it| {
        (it.surname, it.forename, it.preferred, it.address) = (line(ERASED), line(ERASED), None, None);
    })]);
    first.store.tidy_pages().unwrap();
    assert!(!canaries(first.folder.path()).is_empty());
    // The log and the rows are emptied, but the search index is not written anew.
    let second = house();
    let folder = second.folder.path().to_path_buf();
    let db = Connection::open(second.path()).unwrap();
    db.execute("INSERT INTO person_words (rowid, words) VALUES (1, 'qzxvword')", []).unwrap();
    db.execute("DELETE FROM person_words WHERE rowid = 1", []).unwrap();
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    assert!(holds(&on_the_disk(&folder), "qzxv"), "the index keeps words of those who went");
}

#[test]
fn an_erasure_is_refused_while_something_stands_in_its_way() {
    let mut house = house();
    let person = marked(&mut house);
    let today = Clock::Fixed(noon()).now().today;
    let steps = |house: &House| house.reader.head().unwrap().seq;
    let refused = |house: &mut House, still_active: bool, word: &str| {
        let before = (steps(house), on_the_disk(house.folder.path()).len());
        let order = house.order(person, still_active);
        let Fault::Rule(why) = house.store.erase(&stamp(), &order).unwrap_err() else { panic!() };
        assert!(why.contains(word), "{why}");
        assert_eq!(steps(house), before.0, "nothing was written");
    };
    refused(&mut house, false, "active caseload");
    // On an agenda to come.
    let next = house.reader.next_meeting(house.team.id, today).unwrap().unwrap();
    let items = house.reader.agenda(next.id).unwrap();
    let seen = house.person(person);
    let put = mdt::domain::agenda::take(&next, &items, &seen, 8, None, None, &mut house.mint);
    // Their basis was never recorded: that does not keep anybody off an agenda.
    house.commit(&put.unwrap());
    refused(&mut house, true, "agenda");
    house.store.undo(&stamp()).unwrap();
    // Under a hold.
    let (seen, by) = (house.person(person), line("Priya Shah"));
    let change = hold::place(&seen, &[], line("inquest 12/2026"), by, today, &mut house.mint).unwrap();
    house.commit(&[change]);
    refused(&mut house, true, "inquest 12/2026");
    let holds = house.reader.holds(person).unwrap();
    house.commit(&[hold::lift(&holds[0], line("closed"), today).unwrap()]);
    // Off the caseload, nothing open: then it goes without a further word.
    let seen = house.person(person);
    house.commit(&set_standing(&seen, None, Standing::Died, today).unwrap());
    let order = house.order(person, false);
    house.store.erase(&stamp(), &order).unwrap();
    assert_eq!(house.person(person).standing, Standing::Died, "the fact stays");
    assert_eq!(house.reader.holds(person).unwrap()[0].why.as_str(), "inquest 12/2026");
    refused(&mut house, true, "erased before");
}

#[test]
fn an_erased_record_is_not_written_to_again() {
    let mut house = house();
    let person = marked(&mut house);
    house.erase(person);
    let seen = house.person(person);
    let change = alter(&seen, |it| it.surname = line("Somebody"));
    let Fault::Rule(why) = house.store.commit(&stamp(), &Deed::change("Edit"), &[change]).unwrap_err() else {
        panic!()
    };
    assert!(why.contains("lawfully erased"), "{why}");
    let today = Clock::Fixed(noon()).now().today;
    let said = |it: Result<_, mdt::domain::refusal::Refusal>| it.map(|_: ()| ()).unwrap_err().to_string();
    let (mint, high) = (&mut house.mint, mdt::domain::band::Band::High);
    for why in [
        said(set_standing(&seen, None, Standing::Active, today).map(drop)),
        said(change_band(&seen, high, note("x"), line("y"), today, mint).map(drop)),
        said(hold::place(&seen, &[], line("x"), line("y"), today, mint).map(drop)),
        said(mdt::domain::agenda::may_be_discussed(&seen)),
    ] {
        assert!(why.contains("lawfully erased"), "{why}");
    }
}

#[test]
fn sealed_minutes_say_what_was_taken_out_of_them_and_an_older_copy_is_known() {
    let mut house = house();
    let person = house.discussed()[0];
    let clock = Clock::Fixed(noon());
    let whole = |house: &House, meeting: MeetingId| {
        let meeting = house.reader.get(meeting).unwrap().unwrap();
        let document = sealed::document_of(&house.reader, &meeting, &clock, None).unwrap();
        let gate = cut::Gate::new(&house.reader, &house.team, Some(meeting.id), Recipient::Full, meeting.on).unwrap();
        let cut = gate.document(&document).unwrap();
        let template = Template::default();
        let bytes = Format::Markdown.render(cut.permitted(), template.look()).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    let theirs: Vec<MeetingId> =
        house.reader.minutes_about(person).unwrap().into_iter().map(|minutes| minutes.meeting).collect();
    let others: Vec<MeetingId> = house.sealed().into_iter().filter(|it| !theirs.contains(it)).collect();
    let meeting = theirs[0];
    let hash = house.reader.sealed_minutes(meeting).unwrap().unwrap().sha256.clone();
    let name = house.person(person).surname.as_str().to_uppercase();
    let before = whole(&house, meeting);
    let untouched: Vec<String> = others.iter().map(|it| whole(&house, *it)).collect();
    assert!(before.contains(&name));
    house.erase(person);
    let after = whole(&house, meeting);
    assert!(after.contains("erased on 26-Nov-2026") || after.contains("erased on"), "{after}");
    assert!(after.contains("Part of these minutes was lawfully erased on"));
    assert_eq!(house.reader.sealed_minutes(meeting).unwrap().unwrap().sha256, hash, "the seal is that of the day");
    assert_eq!(others.iter().map(|it| whole(&house, *it)).collect::<Vec<_>>(), untouched);
    let told = |house: &House, text: &str| {
        verify::copy(
            &house.reader,
            &house.team,
            &clock,
            text.as_bytes(),
            Some(Format::Markdown),
            &[Template::default()],
        )
        .unwrap()
    };
    assert!(matches!(told(&house, &after), Verdict::Sealed(_)));
    let Verdict::Differs(said) = told(&house, &before) else { panic!() };
    assert!(said.contains("lawfully erased since"), "{said}");
    // A hand at the document is still seen.
    let minutes: MinutesId = house.reader.sealed_minutes(meeting).unwrap().unwrap().id;
    let db = Connection::open(house.path()).unwrap();
    db.execute(
        "UPDATE minutes SET document = replace(document, '[erased on', '[erased at') WHERE id = ?1",
        [minutes.raw()],
    )
    .unwrap();
    let meeting = house.reader.get(meeting).unwrap().unwrap();
    let refused = |house: &House| {
        matches!(sealed::document_of(&house.reader, &meeting, &clock, None), Err(Fault::Unreadable { .. }))
    };
    assert!(refused(&house));
    // Also where the hash it was sealed with is altered together with it.
    let altered: String =
        db.query_row("SELECT document FROM minutes WHERE id = ?1", [minutes.raw()], |row| row.get(0)).unwrap();
    let hash = mdt::store::log::hex(&<sha2::Sha256 as sha2::Digest>::digest(&altered));
    db.execute("UPDATE minutes SET sha256 = ?2 WHERE id = ?1", rusqlite::params![minutes.raw(), hash]).unwrap();
    assert!(refused(&house));
}

#[test]
fn two_people_of_one_meeting_can_be_erased_one_after_the_other() {
    let mut house = house();
    let people = house.discussed();
    for person in people.iter().take(3) {
        house.erase(*person);
    }
    for meeting in house.sealed() {
        let meeting = house.reader.get(meeting).unwrap().unwrap();
        sealed::document_of(&house.reader, &meeting, &Clock::Fixed(noon()), None).unwrap();
    }
    assert!(house.reader.verify_chain().unwrap().is_ok());
}

#[test]
fn minutes_sealed_meanwhile_stop_an_erasure() {
    let mut house = house();
    let person = house.discussed()[0];
    let mut order = house.order(person, true);
    order.minutes.pop();
    let Fault::Rule(why) = house.store.erase(&stamp(), &order).unwrap_err() else { panic!() };
    assert!(why.contains("sealed meanwhile"), "{why}");
    assert!(!house.person(person).is_erased());
}

#[test]
fn the_log_of_a_joined_copy_loses_the_text_too() {
    let mut house = house();
    let person = house.discussed()[0];
    let db = Connection::open(house.path()).unwrap();
    db.execute_batch(&format!(
        "INSERT INTO joining (id, at, by, base, head, head_hash, steps, decided) VALUES (1, '2026-11-26T13:00:00Z', 'x', 1, 2, '{}', 1, 0);
         INSERT INTO branch_step (uid, joined, seq, at, actor, kind, label, changes, payload_hash, prev_hash, hash)
             VALUES (5, 1, 2, '2026-11-26T13:00:00Z', 'x', 'change', 'Edit', 2, zeroblob(32), zeroblob(32), zeroblob(32));
         INSERT INTO branch_change VALUES (5, 0, 'person', {1}, 'alter', zeroblob(32), zeroblob(16), '{{\"address\":[null,\"qzxv lane\"]}}');
         INSERT INTO branch_change VALUES (5, 1, 'goal', 77, 'add', zeroblob(32), zeroblob(16), '{{\"person\":{1},\"words\":\"qzxv goal\"}}');",
        "0".repeat(64),
        person.raw()
    ))
    .unwrap();
    drop(db);
    house.erase(person);
    assert!(!holds(&on_the_disk(house.folder.path()), "qzxv"));
}

#[test]
fn whose_time_is_over_is_counted_from_the_day_they_left() {
    let mut house = house();
    let today = Clock::Fixed(noon()).now().today;
    let mut left = Vec::new();
    for (n, standing) in
        [Standing::Died, Standing::Moved, Standing::Discharged].into_iter().cycle().take(30).enumerate()
    {
        let id: PersonId = house.mint.mint();
        let mut person = Person::new(house.team.id, line(&format!("Left{n}")), line("Anna"));
        let days = i64::try_from(n).unwrap() * 61 + 2_900 - 15 * 61;
        (person.standing, person.standing_on) = (standing, Some(today.plus(-days)));
        left.push((id, person.clone()));
        house.commit(&[add(id, person)]);
    }
    for years in [1, 7, 8, 9, 40] {
        let wanted: BTreeSet<PersonId> =
            left.iter().filter(|(_, it)| is_due(it, years, today)).map(|(id, _)| *id).collect();
        let ours: BTreeSet<PersonId> = left.iter().map(|(id, _)| *id).collect();
        let found: BTreeSet<PersonId> =
            house.reader.past_retention(house.team.id, years, today).unwrap().into_iter().map(|it| it.id).collect();
        assert_eq!(found.intersection(&ours).copied().collect::<BTreeSet<_>>(), wanted, "{years} years");
    }
}

#[test]
fn what_others_say_of_somebody_is_counted_and_not_changed() {
    let mut house = house();
    let person = marked(&mut house);
    let other = house.discussed()[0];
    let today = Clock::Fixed(noon()).now().today;
    let seen = house.person(person);
    house.commit(&[alter(&seen, |it| it.surname = line("Quillfeather"))]);
    let said = "next door to the Quillfeathers; Mrs QUILLFEATHER has the key";
    let goal = Goal { person: other, words: note(said), progress: Progress::Some, note: None, on: today };
    let id: GoalId = house.mint.mint();
    house.commit(&[add(id, goal)]);
    let found = house.reader.mentions(person, "Quillfeather").unwrap();
    assert_eq!(found.iter().map(|it| it.row).collect::<Vec<_>>(), [id.raw()]);
    house.erase(person);
    assert_eq!(house.reader.get::<Goal>(id).unwrap().unwrap().words.as_str(), said);
}

/// A card that was begun before the person was on file names them in its text alone; its name has no id.
#[test]
fn a_card_half_typed_before_somebody_was_on_file_goes_and_those_of_others_are_counted() {
    let mut house = house();
    let person = marked(&mut house);
    let other = house.discussed()[0];
    let seen = house.person(person);
    house.commit(&[alter(&seen, |it| (it.surname, it.forename) = (line("Quillfeather"), line("Ann-Marie")))]);
    let number = house.person(person).nhs_number.unwrap().digits();
    let spaced = format!("{} {} {}", &number[..3], &number[3..6], &number[6..]);
    let mut keep = |name: &str, text: &str| house.store.keep_draft(name, text, &stamp().at).unwrap();
    let texts = [
        // Begun when nobody of that name was on file: by the name in full, by the number, however it was typed.
        (
            "caseload:person:new",
            r#"[["surname","QUILLFEATHER",""],["forename","ann-marie",""],["address","9 Zyxv Row",""]]"#,
        ),
        ("caseload:person:older", &format!(r#"[["nhs_number","{spaced}",""],["phone","0123 zyxv",""]]"#)),
        ("agenda:topic", r#"[["note","rang about\nAnn-Marie Quillfeather: zyxv",""]]"#),
        // Somebody else of that surname, or somebody else's card: it stays and is counted.
        ("caseload:person:sister", r#"[["surname","Quillfeather",""],["forename","Joan",""]]"#),
        (&format!("person:{}:goal", other.raw()), r#"[["words","rings Ann-Marie Quillfeather",""]]"#),
        // Nobody of hers.
        ("caseload:person:third", r#"[["surname","Quill",""],["forename","Ann-Marie",""]]"#),
    ];
    for (name, text) in texts {
        keep(name, text);
    }
    let foreseen = house.reader.erasure_foreseen(person, Clock::Fixed(noon()).now().today).unwrap();
    // Two of the marked person's own, by their ids.
    assert_eq!((foreseen.drafts, foreseen.drafts_naming), (5, 2));
    assert_eq!(house.erase(person).drafts, 5);
    let mut left = house.reader.drafts().unwrap();
    left.sort();
    let mut stays = vec![texts[3].0.to_owned(), texts[4].0.to_owned(), texts[5].0.to_owned()];
    stays.sort();
    assert_eq!(left, stays);
    assert!(!holds(&on_the_disk(house.folder.path()).to_ascii_lowercase(), "zyxv"));
}

/// Under one name each program keeps its own: only the one about the person goes.
#[test]
fn somebody_elses_half_typed_card_of_the_same_name_stays() {
    let mut house = house();
    let person = marked(&mut house);
    let seen = house.person(person);
    house.commit(&[alter(&seen, |it| (it.surname, it.forename) = (line("Quillfeather"), line("Ann")))]);
    let db = Connection::open(house.path()).unwrap();
    for (session, forename) in [(901, "Ann"), (902, "Bridget")] {
        let text = format!(r#"[["surname","Quillfeather",""],["forename","{forename}",""]]"#);
        let sql = "INSERT INTO draft (name, session, text, at) VALUES ('caseload:person:new', ?1, ?2, 'x')";
        db.execute(sql, rusqlite::params![session, text]).unwrap();
    }
    drop(db);
    house.erase(person);
    let text = house.reader.draft("caseload:person:new").unwrap().unwrap();
    assert!(text.contains("Bridget"), "{text}");
}

/// A household that was made with the person and taken back stands in the log alone; one that somebody else was in stays.
#[test]
fn a_household_that_only_the_log_knows_goes_where_nobody_else_was_in_it() {
    let mut house = house();
    let (person, other) = (marked(&mut house), house.discussed()[0]);
    let made = |house: &mut House, name: &str, who: &[PersonId]| -> HouseholdId {
        let id: HouseholdId = house.mint.mint();
        let mut changes = vec![add(id, Household { name: line(name), note: Some(note("key under the pot, zyxv")) })];
        changes.extend(who.iter().map(|it| alter(&house.person(*it), |it: &mut Person| it.household = Some(id))));
        house.commit(&changes);
        house.store.undo(&stamp()).unwrap();
        id
    };
    let theirs = made(&mut house, "12 Zyxv Gardens", &[person]);
    let both = made(&mut house, "The two of 9 Elm Grove", &[person, other]);
    let nobodys: HouseholdId = house.mint.mint();
    house.commit(&[add(nobodys, Household { name: line("4 Oak Close"), note: None })]);
    house.store.undo(&stamp()).unwrap();
    let texts = |house: &House, id: HouseholdId| -> Vec<bool> {
        let db = Connection::open(house.path()).unwrap();
        let mut select = db.prepare("SELECT fields IS NULL FROM change WHERE noun = 'household' AND row = ?1").unwrap();
        select.query_map([id.raw()], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    house.erase(person);
    assert_eq!(texts(&house, theirs), [true, true]);
    assert!(!holds(&on_the_disk(house.folder.path()), "12 Zyxv Gardens"));
    assert_eq!(texts(&house, both), [false, false], "somebody else's too");
    assert_eq!(texts(&house, nobodys), [false, false]);
    assert!(house.reader.audit().unwrap().is_ok(), "{:?}", house.reader.audit());
}

/// Minutes of an early version do not say whom a part is about: nothing is cut out of them, and they are named.
#[test]
fn minutes_of_the_first_form_are_not_cut_and_not_passed_over() {
    let mut house = house();
    let person = house.discussed()[0];
    let surname = house.person(person).surname.clone();
    let theirs = house.reader.minutes_about(person).unwrap().remove(0);
    let mut document: serde_json::Value = serde_json::from_str(theirs.document.as_str()).unwrap();
    document["version"] = 1.into();
    for later in ["spans", "related"] {
        document.as_object_mut().unwrap().remove(later);
    }
    for block in document["blocks"].as_array_mut().unwrap() {
        for row in block.get_mut("rows").and_then(serde_json::Value::as_array_mut).into_iter().flatten() {
            row.as_object_mut().unwrap().remove("person");
        }
    }
    let text = document.to_string();
    house.commit(&[alter(&theirs, |it| it.document = Document::new(text.clone()))]);
    let today = Clock::Fixed(noon()).now().today;
    let redacted = erasing::without(&house.reader, person, today).unwrap();
    assert!(redacted.iter().all(|it| it.seen.id != theirs.id), "it cannot be cut");
    let remains = erasing::remains(&house.reader, person, surname.as_str(), &redacted).unwrap();
    assert_eq!(remains.uncut.iter().map(|it| it.id).collect::<Vec<_>>(), [theirs.id]);
    let erased = house.erase(person);
    assert_eq!(erased.minutes, redacted.len());
    assert_eq!(
        house.reader.sealed_minutes(theirs.meeting).unwrap().unwrap().document.as_str(),
        text,
        "not cut by guess"
    );
    // By the command, before it asks and after: the day of the meeting.
    let other = house.discussed().into_iter().find(|it| {
        let minutes = house.reader.discussions_of(*it).unwrap();
        *it != person && minutes.iter().any(|(meeting, _)| meeting.id == theirs.meeting)
    });
    let day = house.reader.meetings(house.team.id).unwrap().into_iter().find(|it| it.id == theirs.meeting).unwrap().on;
    let folder = house.folder;
    let number = house.reader.get::<Person>(other.unwrap()).unwrap().unwrap().nhs_number.unwrap().digits();
    drop((house.store, house.reader));
    let mut command = assert_cmd::Command::cargo_bin("mdt").unwrap();
    command.env("HOME", folder.path()).env("XDG_DATA_HOME", folder.path().join("data")).env("USER", "test");
    command.current_dir(folder.path()).args(["--file", "team.mdt", "erase", "--person", "--still-active", "--yes"]);
    command.args(["--why", "a request", "--witness", "Jo Hart"]).write_stdin(format!("{number}\n"));
    let said = command.assert().success().get_output().stdout.clone();
    let said = String::from_utf8(said).unwrap();
    assert_eq!(
        said.matches(&format!("minutes    of {day}: they do not say whom a part is about")).count(),
        2,
        "{said}"
    );
}

/// Killed between its step and the writing anew of the pages, an erasure has left a mark that says so: here another reader keeps
/// the pages from being emptied.
#[test]
fn pages_that_could_not_be_written_anew_are_remembered_until_they_are() {
    let mut house = house();
    assert!(!house.reader.pages_left().unwrap());
    let person = house.discussed()[0];
    let other = Connection::open(house.path()).unwrap();
    other.execute_batch("BEGIN").unwrap();
    let _: i64 = other.query_row("SELECT count(*) FROM step", [], |row| row.get(0)).unwrap();
    let order = house.order(person, true);
    assert_eq!(house.store.erase(&stamp(), &order).unwrap().pages, Pages::Left);
    assert!(house.reader.pages_left().unwrap());
    let about = |house: &House| house.reader.look_over().into_iter().find(|it| it.about == "erased text").unwrap();
    assert_eq!(about(&house).state, State::Problem);
    assert!(about(&house).words.contains("mdt erase --tidy"));
    other.execute_batch("COMMIT").unwrap();
    drop(other);
    assert_eq!(house.store.tidy_pages().unwrap(), Pages::Clean);
    assert!(!house.reader.pages_left().unwrap());
    assert_eq!(about(&house).state, State::Well);
    // One that was not hindered leaves none.
    let next = house.discussed().into_iter().find(|it| *it != person).unwrap();
    assert_eq!(house.erase(next).pages, Pages::Clean);
    assert!(!house.reader.pages_left().unwrap());
}
