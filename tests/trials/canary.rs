//! A team with a past, one of whose people has a name that occurs nowhere else: every command that prints, refuses, writes or
//! fails, the walks through every room, and a mistake in the program.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use mdt::clock::Clock;
use mdt::domain::change::{alter, remove};
use mdt::domain::meeting::Stage;
use mdt::domain::nhs_number::NhsNumber;
use mdt::domain::person::Person;
use mdt::domain::text::Note;
use mdt::store::open::Passphrase;
use mdt::store::{self, Deed, FileKind};

use super::child::told;
use super::kit::{noon, stamp};
use super::leak::{KEY, Place, at_the_terminal, close, met};
use super::world::{Dice, line};

/// Where the program keeps the file of a home.
const FILE: &str = "home/data/mdt/team.mdt";
const NUMBER: &str = "9990000018";

/// The file, encrypted and closed: its bytes.
fn bytes() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| {
        let folder = super::world::folder();
        let path = folder.path().join("team.mdt");
        let words = Passphrase::new(KEY.to_owned());
        let (mut store, reader) = store::create(&path, Some(&words), FileKind::Real, 7, &stamp()).unwrap();
        mdt::demo::build(&mut store, 1, Clock::Fixed(noon()).now()).unwrap();
        let team = reader.teams().unwrap().remove(0);
        // Somebody who stands on the next agenda and was discussed before.
        let next = reader.meetings(team.id).unwrap().into_iter().find(|it| it.stage == Stage::Planned).unwrap();
        let ahead: Vec<_> = reader.agenda(next.id).unwrap().into_iter().filter_map(|item| item.person).collect();
        let last = reader.latest_meeting(team.id).unwrap().unwrap();
        let said = reader.discussions(last.id).unwrap();
        let discussion = said.iter().find(|it| ahead.contains(&it.person)).unwrap_or(&said[0]);
        let id = discussion.person;
        let commit = |store: &mut mdt::store::Store, change| {
            store.commit(&stamp(), &Deed::change("Edit"), &[change]).unwrap();
        };
        let seen = reader.get::<Person>(id).unwrap().unwrap();
        let number = NhsNumber::parse(NUMBER).unwrap();
        if let Some(other) = reader.person_by_number(team.id, number).unwrap().filter(|it| it.id != id) {
            commit(&mut store, alter(&other, |it| it.nhs_number = None));
        }
        commit(
            &mut store,
            alter(&seen, |it| {
                it.surname = line("Quokkafield");
                it.nhs_number = Some(number);
            }),
        );
        commit(
            &mut store,
            alter(discussion, |it| it.update = Note::parse("Quokkafield is up three times a night.").ok()),
        );
        drop(reader);
        store.close().unwrap();
        std::fs::read(path).unwrap()
    })
}

/// A home with that file in it, and what the scenarios need besides.
fn place() -> Place {
    let place = Place::new();
    let data = place.at("home/data/mdt");
    for folder in [place.at("home/data"), data.clone()] {
        std::fs::create_dir(&folder).unwrap();
        close(&folder, 0o700);
    }
    // Another copy, in which somebody went on; a damaged one; one that is cut off; one with a new passphrase to come.
    let mut damaged = bytes().to_vec();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 64].fill(0x5a);
    for (name, bytes) in [
        (FILE, bytes()),
        ("home/other.mdt", bytes()),
        ("home/damaged.mdt", &damaged),
        ("home/cut.mdt", &bytes()[..bytes().len() / 3]),
        ("given/wrong", b"not the passphrase at all"),
        ("given/new", format!("{KEY} again").as_bytes()),
        ("given/template", b"nothing: Quokkafield\n"),
    ] {
        std::fs::write(place.at(name), bytes).unwrap();
        close(&place.at(name), 0o600);
    }
    let words = Passphrase::new(KEY.to_owned());
    for (name, phone) in [(FILE, "0111"), ("home/other.mdt", "0222")] {
        let (mut store, reader) = store::open(&place.at(name), Some(&words)).unwrap();
        let team = reader.teams().unwrap().remove(0);
        let seen = reader.person_by_number(team.id, NhsNumber::parse(NUMBER).unwrap()).unwrap().unwrap();
        let change = alter(&seen, |it| it.phone = Some(line(phone)));
        store.commit(&stamp(), &Deed::change("Edit"), &[change]).unwrap();
        drop(reader);
        store.close().unwrap();
    }
    place
}

/// One thing that somebody does: the arguments, and what is typed for it to read. `@` begins a name in the home.
struct Scenario(&'static [&'static str], &'static str);

const WHO: &str = "Quokkafield\n";

/// In their order. Whatever is written goes to `sent` or, without a name, to the folder of exports: that was asked for.
const SCENARIOS: [Scenario; 66] = [
    Scenario(&["paths"], ""),
    Scenario(&["minutes", "-o", "-"], ""),
    Scenario(&["minutes", "--preview"], ""),
    Scenario(&["minutes", "--format", "docx"], ""),
    Scenario(&["minutes", "--format", "pdf", "-o", "minutes.pdf"], ""),
    Scenario(&["minutes", "--format", "pdf", "-o", "minutes.pdf"], ""),
    Scenario(&["minutes", "--format", "html", "-o", "no-such-folder/minutes.html"], ""),
    Scenario(&["minutes", "--for", "organisation:Quokkafield", "-o", "-"], ""),
    Scenario(&["minutes", "--template", "@given/template", "-o", "-"], ""),
    Scenario(&["template", "check", "@given/template"], ""),
    Scenario(&["template", "example"], ""),
    Scenario(&["minutes", "--seal"], ""),
    Scenario(&["minutes", "--seal"], ""),
    Scenario(&["minutes", "versions"], ""),
    Scenario(&["minutes", "verify", "minutes.pdf"], ""),
    Scenario(&["minutes", "verify", "@given/list.csv"], ""),
    Scenario(&["actions", "-o", "-"], ""),
    Scenario(&["actions", "--format", "xlsx", "--sheets", "owner", "--all"], ""),
    Scenario(&["actions", "--overdue", "--format", "json", "-o", "-"], ""),
    Scenario(&["agenda", "-o", "-"], ""),
    Scenario(&["agenda", "--format", "ics"], ""),
    Scenario(&["agenda", "--meeting", "31/02/2026"], ""),
    Scenario(&["pack", "--format", "txt", "-o", "-"], ""),
    Scenario(&["slips", "-o", "slips", "--format", "eml"], ""),
    Scenario(&["slips", "--preview"], ""),
    Scenario(&["summary", "--format", "md", "-o", "summary.md"], ""),
    Scenario(&["summary", "--person", "--format", "txt", "-o", "-"], "9990000018\n"),
    Scenario(&["summary", "--person", "--format", "txt", "-o", "-"], "Quokkafield, Ada, whoever that is\n"),
    Scenario(&["history"], ""),
    Scenario(&["history", "--person"], WHO),
    Scenario(&["history", "--person", "--json"], WHO),
    Scenario(&["history", "--person", "--views"], "9990000018\n"),
    Scenario(&["history", "--action"], "Quokkafield\n"),
    Scenario(&["history", "--who", "Quokkafield"], ""),
    Scenario(&["history", "--since", "yesterday or so"], ""),
    Scenario(&["import", "caseload", "@given/list.csv", "--yes"], ""),
    Scenario(&["import", "caseload", "@given/bad.csv", "--yes", "--part"], ""),
    Scenario(&["import", "caseload", "@given/bad.csv", "--dry-run", "--json"], ""),
    Scenario(&["import", "members", "@given/list.csv", "--yes"], ""),
    Scenario(&["import", "activity", "@given/key", "--yes"], ""),
    Scenario(&["import", "caseload", "@home/other.mdt", "--yes"], ""),
    Scenario(&["import", "waiting"], ""),
    Scenario(&["--key-file", "@given/wrong", "actions"], ""),
    Scenario(&["--key-file", "@given/no-such-file", "actions"], ""),
    Scenario(&["--file", "@home/damaged.mdt", "actions", "-o", "-"], ""),
    Scenario(&["--file", "@home/damaged.mdt", "doctor"], ""),
    Scenario(&["--file", "@home/damaged.mdt", "audit", "verify"], ""),
    Scenario(&["--file", "@home/cut.mdt", "doctor", "--json"], ""),
    Scenario(&["--file", "@given/list.csv", "actions"], ""),
    Scenario(&["--read-only", "import", "caseload", "@given/list.csv", "--yes"], ""),
    Scenario(&["doctor"], ""),
    Scenario(&["doctor", "--json"], ""),
    Scenario(&["audit", "verify"], ""),
    Scenario(&["audit", "head"], ""),
    Scenario(&["merge", "@home/other.mdt", "--preview"], ""),
    Scenario(&["merge", "@home/other.mdt", "--take", "9=ours"], ""),
    Scenario(&["merge", "@home/other.mdt", "--take", "1=theirs"], ""),
    Scenario(&["backup"], ""),
    Scenario(&["backup", "--list"], ""),
    Scenario(&["restore", "@home/other.mdt", "restored.mdt"], ""),
    Scenario(&["restore", "@home/damaged.mdt", "from-damaged.mdt"], ""),
    Scenario(&["key", "recovery", "recovery.mdt", "--recovery-key-file", "@given/new"], ""),
    Scenario(&["hold", "--person", "--why", "An inquest"], WHO),
    Scenario(&["erase", "--person", "--why", "A request", "--witness", "Jo Hart", "--yes", "--still-active"], WHO),
    Scenario(&["hold", "--person", "--lift", "--why", "It is over"], WHO),
    Scenario(&["erase", "--due", "--names"], ""),
];

/// Says that nothing of the person may be printed any more. (A flag that changes nothing here.)
const AFTERWARDS: &str = "--team=Elm Grove MDT";

/// At the end, when nothing else is to be tried on the file: the passphrase changes, the person goes.
const LAST: [Scenario; 7] = [
    Scenario(&["restore", "@home/other.mdt", "--replace", "--witness", "Jo Hart"], ""),
    Scenario(&["erase", "--person", "--why", "A request", "--witness", "Jo Hart", "--yes", "--still-active"], WHO),
    Scenario(&["erase", "--tidy"], ""),
    Scenario(&[AFTERWARDS, "actions", "--all", "-o", "-"], ""),
    Scenario(&[AFTERWARDS, "history", "--all"], ""),
    Scenario(&[AFTERWARDS, "minutes", "-o", "-"], ""),
    Scenario(&["key", "change", "--new-key-file", "@given/new"], ""),
];

/// Rooms in which the person is shown, by what is typed.
const ROOMS: [&[&str]; 8] = [
    &["2"],
    &["2", "/quokka", "\r", "\r"],
    &["2", "/quokka", "\r", "\r", "\r"],
    &["3"],
    &["5"],
    &["6"],
    &[":history\r"],
    &["4", "n", "\r"],
];

fn try_it(place: &Place, it: &Scenario) -> Vec<String> {
    let arguments: Vec<String> =
        it.0.iter()
            .map(|word| match word.strip_prefix('@') {
                Some(name) => place.at(name).display().to_string(),
                None => (*word).to_owned(),
            })
            .collect();
    let said = place.run_with(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), it.1);
    let mut leaks = place.leaks_of(&format!("{:?}", it.0), &said, &asked_for);
    if it.0[0] == AFTERWARDS {
        assert_eq!(said.code, Some(0), "{:?}: {}", it.0, said.stderr);
        leaks.extend(met(&said.stdout).map(|canary| format!("{:?} prints {canary} of somebody erased", it.0)));
    }
    leaks
}

/// What the scenarios ask to be written, and what holds a person by its nature.
fn asked_for(path: &Path) -> bool {
    let name = path.to_string_lossy();
    ["/sent/minutes", "/sent/summary", "/sent/slips", "/exports/"].iter().any(|part| name.contains(part))
}

/// Takes the person off the agendas to come: until then they cannot be erased.
fn let_go(place: &Place) {
    let (mut store, reader) = store::open(&place.at(FILE), Some(&Passphrase::new(KEY.to_owned()))).unwrap();
    let team = reader.teams().unwrap().remove(0);
    let id = reader.person_by_number(team.id, NhsNumber::parse(NUMBER).unwrap()).unwrap().unwrap().id;
    for meeting in reader.meetings(team.id).unwrap().iter().filter(|it| it.stage == Stage::Planned) {
        for item in reader.agenda(meeting.id).unwrap().iter().filter(|it| it.person == Some(id)) {
            store.commit(&stamp(), &Deed::change("Take off the agenda"), &[remove(item)]).unwrap();
        }
    }
    drop(reader);
    store.close().unwrap();
}

/// Tries so many of them, whichever the dice choose, with a walk through the rooms where all are tried. Says how many, and
/// what was found.
pub fn with_a_past(most: u32, dice: &mut Dice) -> (u64, Vec<String>) {
    let place = place();
    let most = usize::try_from(most).unwrap();
    let mut chosen: Vec<&Scenario> = SCENARIOS.iter().collect();
    while chosen.len() > most {
        chosen.remove(dice.throw(chosen.len()));
    }
    let mut runs = u64::try_from(chosen.len()).unwrap();
    let mut leaks: Vec<String> = chosen.into_iter().flat_map(|it| try_it(&place, it)).collect();
    if most >= SCENARIOS.len() {
        at_the_terminal(&place, &ROOMS[..7], false);
        at_the_terminal(&place, &ROOMS, true);
        leaks.extend(LAST[..1].iter().flat_map(|it| try_it(&place, it)));
        let_go(&place);
        leaks.extend(LAST[1..].iter().flat_map(|it| try_it(&place, it)));
        runs += 2 + u64::try_from(LAST.len()).unwrap();
    }
    leaks.extend(a_mistake());
    (runs + 1, leaks)
}

// ───────────────────────────────────────────── a mistake in the program

/// Makes one, with somebody's name in its hands.
pub fn child() {
    if told("WAY") == "ours" {
        mdt::cli::process::keep_mistakes_short();
    }
    let name = std::hint::black_box("Quokkafielé");
    // The message of this one quotes the text.
    assert!(name[..11].is_empty(), "{name}");
}

fn said_of_a_mistake(way: &str) -> String {
    let out = Command::new(std::env::current_exe().unwrap())
        .args(["child::the_other_process", "--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .env("MDT_TRIAL", "mistake")
        .env("MDT_TRIAL_WAY", way)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    String::from_utf8_lossy(&out.stderr).to_lowercase()
}

fn a_mistake() -> Option<String> {
    let said = said_of_a_mistake("ours");
    assert!(said.contains("a mistake in the program"), "{said}");
    said.contains("quokkafiel").then(|| format!("of a mistake in the program: {said}"))
}

/// The control: without the program's own way to tell of a mistake, the text would be told.
#[test]
fn a_mistake_told_as_rust_does_would_leak() {
    assert!(said_of_a_mistake("as it is").contains("quokkafiel"), "the trial is blind");
    assert_eq!(a_mistake(), None);
    assert!(met(&"Quokkafield".to_lowercase()).next().is_some());
}
