//! Keeping and erasing at the keys: legal holds, erased pages, retention, people who left, people who can be mixed up – and
//! `mdt erase` and `mdt hold`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where something is not as it should be"
)]

mod kit;

use kit::{Desk, stamp};
use mdt::domain::agenda::AgendaItem;
use mdt::domain::band::Band;
use mdt::domain::change::{Change, Mint, Record, add, alter};
use mdt::domain::day::Day;
use mdt::domain::id::{MeetingId, OrganisationId, PersonId, TeamId};
use mdt::domain::meeting::{Meeting, Stage};
use mdt::domain::member::{Member, Membership};
use mdt::domain::nhs_number::NhsNumber;
use mdt::domain::organisation::{Organisation, OrganisationKind};
use mdt::domain::person::{Person, Standing};
use mdt::domain::team::Team;
use mdt::domain::text::Line;
use mdt::exchange::output::outgoing::{Order, Paper, Source};
use mdt::exchange::output::recipient::Recipient;
use mdt::exchange::output::template::Template;
use mdt::exchange::output::xlsx::Sheets;
use mdt::exchange::output::{Format, erasing, sealed};
use mdt::store::erase::Order as EraseOrder;
use mdt::store::log::StepKind;
use mdt::store::{Deed, FileKind, Reader, Store};

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

fn day(text: &str) -> Day {
    Day::from_iso(text).unwrap()
}

/// Four people on the agenda of today's meeting: two of one surname and year, one in disguise, one alone; and one who left.
fn team(store: &mut Store) {
    let mut mint = Mint::new(kit::noon(), 1);
    let (team, practice): (TeamId, OrganisationId) = (mint.mint(), mint.mint());
    let mut changes = vec![
        add(team, Team::new(line("Elm Grove MDT"))),
        add(practice, Organisation { name: line("Elm Grove Surgery"), kind: OrganisationKind::Practice, code: None }),
    ];
    for (name, role) in [("Tolu Bankole", "Care navigator"), ("Amina Farouk", "GP")] {
        changes.push(add(
            mint.mint(),
            Member {
                team,
                name: line(name),
                role: line(role),
                organisation: practice,
                membership: Membership::Core,
                phone: None,
                email: None,
                left_on: None,
            },
        ));
    }
    let meeting = mint.mint();
    let today = day("2026-11-26");
    changes.push(add(meeting, Meeting::planned(team, today, Team::new(line("x")).starts, 120, None)));
    // The third surname is in Cyrillic letters but for its last.
    let people = [("Cope", "John", "1938-02-01"), ("Cope", "Janet", "1938-09-30"), ("Соре", "Ann", "1938-05-05")];
    let people = people.into_iter().chain([("Dunn", "Ada", "1938-02-01"), ("Left", "Lena", "1930-01-01")]);
    for (n, (surname, forename, born)) in people.enumerate() {
        let id: PersonId = mint.mint();
        let mut person = Person::new(team, line(surname), line(forename));
        (person.born, person.practice) = (Some(day(born)), Some(practice));
        person.nhs_number = (9_995_560_000_u64 + 40 * n as u64..).find_map(NhsNumber::from_value);
        let left = surname == "Left";
        if left {
            (person.standing, person.standing_on) = (Standing::Moved, Some(day("2017-03-01")));
        }
        changes.push(add(id, person));
        if !left {
            changes.push(add(mint.mint(), AgendaItem::person(meeting, 10 * n as i64, id, 8)));
        }
    }
    store.commit(&stamp(), &Deed::change("Set up"), &changes).unwrap();
}

fn desk() -> Desk {
    Desk::with(FileKind::Real, team)
}

fn person(desk: &Desk, name: &str) -> Record<Person> {
    let reader = &desk.session.reader;
    reader.search_people(reader.teams().unwrap()[0].id, name, 1).unwrap().remove(0).person
}

fn open(desk: &mut Desk, name: &str) {
    desk.keys("<esc><esc><esc>2/").keys(name).keys("<enter><enter>");
}

#[test]
fn whoever_can_be_mixed_up_is_told_beside_the_name_at_every_size() {
    let sizes = [(60, 20), (80, 24), (110, 32), (170, 50)];
    let mut desk = desk();
    for (columns, rows) in sizes {
        desk.resize(columns, rows).keys("3<tab>");
        desk.shows("! another J. COPE born 1938 is on this agenda");
        desk.hides("another A. DUNN");
        desk.keys("<tab>1");
    }
    desk.resize(110, 32);
    open(&mut desk, "janet");
    desk.shows("! another J. COPE born 1938 is on this agenda").shows("their letters differ");
    open(&mut desk, "dunn");
    desk.hides("is on this agenda").hides("mixed alphabets");
    // In the walk, and on the card by which it is read back.
    desk.keys("<esc><esc>4n").shows("Open the meeting?").keys("<enter><enter>n");
    desk.shows("! another J. COPE born 1938 is on this agenda");
    for (columns, rows) in sizes {
        desk.resize(columns, rows).shows("! another J. COPE born 1938 is on this agenda");
    }
    desk.keys("n");
    desk.shows("Read back").shows("! another J. COPE born 1938 is on this agenda");
    // A masked screen names nobody.
    desk.keys("<esc>x");
    desk.hides("J. COPE").shows("! somebody with a name like this is on this agenda");
}

/// The team again, and three candidates for its agenda: one like two people on it, two like one another, one alone.
fn with_candidates(store: &mut Store) {
    team(store);
    let mut mint = Mint::new(kit::noon(), 900);
    // The first id of its mint.
    let team: TeamId = Mint::new(kit::noon(), 1).mint();
    let people = [
        ("Cope", "Jun", "1938-12-12"),
        ("Hale", "Ida", "1950-01-01"),
        ("Hale", "Ian", "1950-02-02"),
        ("Zed", "Zoe", "1938-01-01"),
    ];
    let changes: Vec<Change> = people
        .iter()
        .map(|(surname, forename, born)| {
            let mut person = Person::new(team, line(surname), line(forename));
            (person.born, person.band) = (Some(day(born)), Some(Band::High));
            add::<Person>(mint.mint(), person)
        })
        .collect();
    store.commit(&stamp(), &Deed::change("Add people"), &changes).unwrap();
}

#[test]
fn candidates_who_can_be_mixed_up_are_told_before_they_are_taken_at_every_size() {
    let mut desk = Desk::with(FileKind::Real, with_candidates);
    // What stands on the side of the candidates, its lines put together.
    let left = |desk: &mut Desk| {
        let screen = desk.screen();
        let lines = screen.lines().take_while(|line| !line.contains("Agenda ·") || line.contains("Candidates"));
        let lines = lines.map(|line| line.split("││").next().unwrap().trim_matches(['│', ' ']).to_owned());
        lines.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
    };
    for (columns, rows) in [(60, 20), (80, 24), (110, 32), (170, 50)] {
        desk.resize(columns, rows).keys("1").keys("3g");
        let shows = |desk: &mut Desk, words: &[&str]| {
            let side = left(desk);
            for word in words {
                assert!(side.contains(word), "{columns}×{rows}, “{word}”: {side}\n{}", desk.screen());
            }
        };
        // With whoever is on the agenda; the name and the whole identity stand beside it.
        shows(&mut desk, &["COPE, Jun", "! another J. COPE born 1938 is on this agenda", "born 12-Dec-1938 (87)"]);
        desk.keys("j");
        shows(&mut desk, &["HALE, I", "! another I. HALE born 1950 is a candidate too", "-1950 (7"]);
        desk.keys("j");
        shows(&mut desk, &["HALE, I", "! another I. HALE born 1950 is a candidate too", "-1950 (7"]);
        desk.keys("j");
        shows(&mut desk, &["ZED, Zoe", "born 01-Jan-1938 (88)"]);
        assert!(!left(&mut desk).contains("Z. ZED"));
    }
    desk.resize(110, 32).keys("x").hides("J. COPE").shows("! somebody with a name like this is on this agenda");
    assert!(left(&mut desk).contains("! somebody with a name like this is a candidate too"));
}

#[test]
fn documents_mark_whoever_can_be_mixed_up_and_tell_nobody_who_may_not_know() {
    let mut desk = desk();
    let (mut store, _) = desk.second_session();
    let clock = mdt::clock::Clock::Fixed(kit::noon());
    // Janet is of another practice: Elm Grove has nothing to do with her.
    let janet = person(&desk, "janet");
    store.commit(&stamp(), &Deed::change("Move"), &[alter(&janet, |it| it.practice = None)]).unwrap();
    let reader = &desk.session.reader;
    let team = reader.teams().unwrap().remove(0);
    let meeting = reader.meetings(team.id).unwrap().remove(0);
    let closed = alter(&meeting, |it: &mut Meeting| {
        (it.stage, it.begun_at, it.ended_at) = (Stage::Closed, Some(clock.now().moment), Some(clock.now().moment));
    });
    let surgery = Recipient::organisation(&reader.organisations().unwrap()[0]);
    let page = |reader: &Reader, paper: fn(MeetingId) -> Paper, recipient: &Recipient, format: Format| {
        let template = Template::default();
        let source = Source { reader, team: &team, clock: &clock, template: &template };
        let order = Order { paper: paper(meeting.id), recipient: recipient.clone(), format, sheets: Sheets::One };
        String::from_utf8(source.make(&order).unwrap().bytes).unwrap()
    };
    let hidden = Recipient::Pseudonymised { cleared: false };
    let (of_john, of_janet) =
        ("! another J. COPE born 1938 is on this agenda", "! A. СОРЕ born 1938 is on this agenda");
    let look = |reader: &Reader, paper: fn(MeetingId) -> Paper, what: &str| {
        for format in [Format::Text, Format::Markdown, Format::Json] {
            let full = page(reader, paper, &Recipient::Full, format);
            let plain = full.split_whitespace().collect::<Vec<_>>().join(" ").replace('\\', "");
            assert!(plain.contains(of_john) && plain.contains(of_janet), "{what}, {format:?}: {full}");
            assert!(!plain.contains("another A. DUNN"), "{what}: {full}");
            // John's part has no word of her; Ann's look-alike is known to them.
            let theirs = page(reader, paper, &surgery, format);
            let plain = theirs.split_whitespace().collect::<Vec<_>>().join(" ").replace('\\', "");
            assert!(plain.contains("COPE, John") && plain.contains(of_janet), "{what}, {format:?}: {theirs}");
            assert!(!plain.contains("Janet") && plain.matches("another").count() == 0, "{what}, {format:?}: {theirs}");
            let covered = page(reader, paper, &hidden, format);
            assert!(!covered.contains("COPE") && !covered.contains("is on this agenda"), "{what}: {covered}");
        }
    };
    look(reader, Paper::Agenda, "agenda");
    look(reader, Paper::Pack, "pack");
    store.commit(&stamp(), &Deed::change("Close the meeting"), &[closed]).unwrap();
    look(reader, Paper::Minutes, "draft");
    let now = reader.get::<Meeting>(meeting.id).unwrap().unwrap();
    let mut mint = Mint::new(kit::noon(), 77);
    let changes = sealed::seal(reader, &team, &now, &line("Test"), &clock, &mut mint).unwrap();
    let deed = Deed::change("Seal minutes").of_kind(StepKind::Seal).at(meeting.id);
    store.commit(&stamp(), &deed, &changes).unwrap();
    look(reader, Paper::Minutes, "sealed");
    // What is sealed stays as it was, whoever is called what since …
    let sealed = page(reader, Paper::Minutes, &Recipient::Full, Format::Text);
    let janet = person(&desk, "janet");
    store.commit(&stamp(), &Deed::change("Marry"), &[alter(&janet, |it| it.surname = line("Quill"))]).unwrap();
    let reader = &desk.session.reader;
    let marks = |text: &str| text.matches("! ").count();
    assert_eq!(marks(&page(reader, Paper::Minutes, &Recipient::Full, Format::Text)), marks(&sealed));
    assert!(!page(reader, Paper::Agenda, &Recipient::Full, Format::Text).contains("another J."), "made afresh");
    // … but for whoever is erased: then no mark speaks of them.
    let at = clock.now();
    let minutes = erasing::without(reader, janet.id, at.today).unwrap();
    let order = EraseOrder {
        person: janet.id,
        id: Mint::new(kit::noon(), 55).mint(),
        by: line("Priya Shah"),
        witness: line("Jo Hart"),
        why: line("a request"),
        still_active: true,
        at: at.moment,
        today: at.today,
        minutes,
    };
    store.erase(&stamp(), &order).unwrap();
    let after = page(reader, Paper::Minutes, &Recipient::Full, Format::Json);
    assert!(!after.contains("another J. COPE") && after.contains(of_janet), "{after}");
    desk.keys("1");
}

#[test]
fn a_name_of_two_alphabets_says_so() {
    let mut desk = Desk::with(FileKind::Real, |store| {
        team(store);
        let mut mint = Mint::new(kit::noon(), 77);
        let team = Mint::new(kit::noon(), 1).mint::<TeamId>();
        // One Cyrillic letter among Latin ones.
        let mixed = Person::new(team, line("Smіth"), line("Zoe"));
        store.commit(&stamp(), &Deed::change("Add"), &[add(mint.mint::<PersonId>(), mixed)]).unwrap();
    });
    open(&mut desk, "zoe");
    desk.shows("! mixed alphabets");
}

#[test]
fn a_hold_is_placed_and_lifted_by_keys_and_seen_on_the_page() {
    let mut desk = desk();
    open(&mut desk, "dunn");
    desk.hides("LEGAL HOLD");
    desk.keys(":legal hold<enter>").shows("Place a legal hold").keys("inquest 7/2026<f2>");
    let dunn = person(&desk, "dunn");
    assert!(desk.session.reader.holds(dunn.id).unwrap()[0].stands());
    for (columns, rows) in [(60, 20), (80, 24), (110, 32)] {
        desk.resize(columns, rows).shows("! LEGAL HOLD since").shows("inquest 7/2026");
    }
    desk.keys(":legal hold<enter>").shows("Lift the legal hold").keys("inquest closed<f2>");
    desk.hides("LEGAL HOLD");
    let holds = desk.session.reader.holds(dunn.id).unwrap();
    assert_eq!(holds[0].lifted_why.as_ref().unwrap().as_str(), "inquest closed");
    // Without a reason there is none.
    desk.keys(":legal hold<enter><f2>").shows("Place a legal hold").keys("<esc>");
    assert_eq!(desk.session.reader.holds(dunn.id).unwrap().len(), 1);
}

#[test]
fn a_record_past_its_time_says_so_and_an_erased_one_cannot_be_edited() {
    let mut desk = desk();
    let left = person(&desk, "left");
    open(&mut desk, "left");
    desk.shows("The time this record is kept was over on").shows("MOVED AWAY");
    let (mut store, _) = desk.second_session();
    let now = mdt::clock::Clock::Fixed(kit::noon()).now();
    let order = EraseOrder {
        person: left.id,
        id: Mint::new(kit::noon(), 55).mint(),
        by: line("Priya Shah"),
        witness: line("Jo Hart"),
        why: line("retention is over"),
        still_active: false,
        at: now.moment,
        today: now.today,
        minutes: Vec::new(),
    };
    store.erase(&stamp(), &order).unwrap();
    desk = desk.restart();
    let page = desk.session.reader.get::<Person>(left.id).unwrap().unwrap();
    assert!(page.is_erased());
    mdt::ui::screens::person::open(&mut desk.session.model, left.id, &desk.session.reader).unwrap();
    desk.shows("■ ERASED on").shows("witness Jo Hart").shows("[erased]").hides("LEFT").hides("Lena");
    // To open the page again is a look, and no change.
    let changes = |desk: &Desk| {
        desk.session.reader.steps(100).unwrap().into_iter().filter(|step| step.kind != StepKind::View).count()
    };
    let steps = changes(&desk);
    for key in ["e", "a", "w", "b", "s", "o", "m", "d", ":legal hold<enter>", ":on or off<enter>"] {
        desk.keys(key).shows("lawfully erased").keys("<esc>");
        mdt::ui::screens::person::open(&mut desk.session.model, left.id, &desk.session.reader).unwrap();
    }
    assert_eq!(changes(&desk), steps);
}

#[test]
fn whoever_died_stays_on_an_agenda_only_with_a_word() {
    let mut desk = desk();
    let dunn = person(&desk, "dunn");
    let (mut store, _) = desk.second_session();
    let died = alter(&dunn, |it| (it.standing, it.standing_on) = (Standing::Died, Some(day("2026-11-20"))));
    store.commit(&stamp(), &Deed::change("Edit"), &[died]).unwrap();
    desk = desk.restart();
    desk.keys("3<tab>").shows("! DIED 20-Nov-2026");
    open(&mut desk, "dunn");
    desk.shows("! DIED 20-Nov-2026");
    // Nobody who left is put on an agenda.
    open(&mut desk, "left");
    desk.keys("m").shows("not on the active caseload");
}

#[cfg(unix)]
mod command_line {
    use super::{stamp, team};
    use assert_cmd::Command;
    use mdt::store::{self, FileKind};
    use predicates::prelude::PredicateBooleanExt as _;
    use predicates::str::contains;
    use std::path::Path;

    fn mdt(home: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("mdt").unwrap();
        command.env("HOME", home).env("XDG_DATA_HOME", home.join("data")).env("USER", "test");
        command.current_dir(home).args(["--file", "team.mdt"]).args(arguments);
        command
    }

    fn home() -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        let (mut store, reader) =
            store::create(&home.path().join("team.mdt"), None, FileKind::Real, 7, &stamp()).unwrap();
        team(&mut store);
        drop(reader);
        store.close().unwrap();
        home
    }

    #[test]
    fn what_is_due_is_counted_held_named_only_when_asked_and_erased_after_a_yes() {
        let folder = home();
        let home = folder.path();
        std::fs::create_dir(home.join("backups")).unwrap();
        std::fs::write(home.join("backups/team-2026-11-01.mdt"), b"a copy").unwrap();
        mdt(home, &["erase", "--due"])
            .assert()
            .success()
            .stdout(contains("Past that today: 1").and(contains("Lena").not()).and(contains("LEFT").not()));
        mdt(home, &["erase", "--due", "--names"]).assert().success().stdout(contains("LEFT, Lena"));
        mdt(home, &["hold", "--person", "Left", "--why", "inquest"]).assert().success();
        mdt(home, &["hold", "--list"]).assert().success().stdout(contains("inquest").and(contains("Lena").not()));
        mdt(home, &["erase", "--due"]).assert().success().stdout(contains("under a legal hold: 1"));
        let order = ["erase", "--person", "--why", "retention is over", "--witness", "Jo Hart"];
        let yes = [&order[..], &["--yes"]].concat();
        mdt(home, &yes).write_stdin("Left\n").assert().code(1).stderr(contains("legal hold stands"));
        mdt(home, &["hold", "--person", "--lift", "--why", "closed"]).write_stdin("Left\n").assert().success();
        // Nobody to ask: nothing is erased.
        mdt(home, &order).write_stdin("Left\nERASE\n").assert().code(1).stderr(contains("Nothing was erased"));
        mdt(home, &yes)
            .write_stdin("Left\n")
            .assert()
            .success()
            .stdout(contains("Erased, as step").and(contains("written anew")).and(contains("team-2026-11-01.mdt")));
        let bytes = std::fs::read(home.join("team.mdt")).unwrap();
        assert!(!bytes.windows(4).any(|window| window == b"Lena"));
        mdt(home, &yes).write_stdin("Left\n").assert().code(1).stderr(contains("Nobody of this team"));
        mdt(home, &["erase", "--tidy"]).assert().success();
    }

    #[test]
    fn somebody_on_the_caseload_is_erased_only_where_that_is_said() {
        let folder = home();
        let home = folder.path();
        let order = ["erase", "--person", "Dunn", "--why", "request upheld", "--witness", "Jo Hart", "--yes"];
        mdt(home, &order).assert().code(1).stderr(contains("agenda"));
        mdt(home, &["erase", "--person", "Cope", "--why", "x", "--witness", "y", "--yes"])
            .assert()
            .code(1)
            .stderr(contains("Give the NHS number"));
        mdt(home, &["erase", "--why", "x", "--witness", "y"]).assert().code(2);
    }
}
