//! Lists as they really arrive, and lists that mean harm: every file of `tests/intake/` has in `expected.toml` what must
//! come of it. For a new file, put it there and write its entry; nothing else needs to change.
//!
//! Of every file: the counts add up; what would come of it (`survey`) is what comes of it; after an error nothing has
//! changed; taken in twice, it changes nothing; one undo takes all of it back; and what is written to the disk of it
//! repeats no cell of a row that was queued or refused.
//!
//! `CORPUS_ONLY=part-of-a-name cargo test --test corpus` looks at some of them only.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on should stop"
)]

mod office;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use mdt::domain::Word;
use mdt::domain::change::alter;
use mdt::domain::day::Day;
use mdt::domain::intake::{IntakeKind, QueueState};
use mdt::domain::organisation::Organisation;
use mdt::domain::person::Standing;
use mdt::domain::text::fold;
use mdt::exchange::intake::columns::Guess;
use mdt::exchange::intake::mappings::Mapping;
use mdt::exchange::intake::report::{Remark, Report};
use mdt::exchange::intake::source::Source;
use mdt::store::Deed;

use office::{Office, add_up, office, stamp};

/// What must come of one file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Expected {
    /// What the file is for, for whoever reads this.
    about: String,
    /// The kind of list it is taken in as.
    kind: String,
    /// Files taken in before, each by its own entry.
    before: Vec<String>,
    /// Whoever is recorded as having died before the list comes, by NHS number.
    died: Vec<String>,
    /// Members who have left before the list comes, by name.
    left: Vec<String>,
    /// Said by a person: it is only a part of the caseload.
    part: bool,
    /// Said by a person: the sheet.
    sheet: Option<String>,
    /// Said by a person: columns, the order of days, bands.
    columns: BTreeMap<String, String>,
    days: BTreeMap<String, String>,
    bands: BTreeMap<String, String>,
    /// Words of the one sentence with which it is turned away.
    error: Option<String>,
    /// The counts; those that are not named are 0.
    counts: BTreeMap<String, i64>,
    /// Line, column, words of the reason.
    refusals: Vec<(u64, String, String)>,
    queued: Vec<(u64, String, String)>,
    /// Words of notes that must be there.
    notes: Vec<String>,
    /// Words of no note.
    no_notes: Vec<String>,
    /// How it was read.
    read_as: Option<String>,
    /// A person has to look at the columns first.
    doubtful: bool,
    /// Other numbers of the report, by their names in its JSON.
    report: BTreeMap<String, i64>,
    /// How many rows wait in the queue afterwards.
    waiting: Option<i64>,
    /// Rows of people without an NHS number: the second time the list comes, somebody is asked whether they
    /// are the people on file, once.
    asks_again: i64,
    /// Who is on file afterwards, by NHS number or by `Surname,Forename`.
    person: BTreeMap<String, BTreeMap<String, String>>,
    /// Who is not.
    nobody: Vec<String>,
    member: BTreeMap<String, BTreeMap<String, String>>,
    service: BTreeMap<String, BTreeMap<String, String>>,
}

type Table = BTreeMap<String, Expected>;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/intake")
}

fn table() -> Table {
    toml::from_str(&std::fs::read_to_string(folder().join("expected.toml")).unwrap()).unwrap()
}

impl Expected {
    fn kind(&self) -> IntakeKind {
        IntakeKind::from_code(&self.kind).unwrap_or_else(|| panic!("{} is no kind of list", self.kind))
    }

    /// Reads the file as the entry says, or the sentence with which it is turned away.
    fn open(&self, name: &str) -> Result<(Source, Guess), String> {
        let source = Source::read(&folder().join(name), self.sheet.as_deref()).map_err(|why| why.to_string())?;
        let mapping =
            Mapping { sheet: None, columns: self.columns.clone(), days: self.days.clone(), bands: self.bands.clone() };
        let guess = Guess::by(&source, self.kind(), &mapping).map_err(|why| why.to_string())?;
        Ok((source, guess))
    }
}

/// What is not as it should be.
#[derive(Default)]
struct Faults(String);

impl Faults {
    fn unless(&mut self, holds: bool, what: impl std::fmt::Display) {
        if !holds {
            writeln!(self.0, "    {what}").unwrap();
        }
    }

    fn same<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, is: T, should: T) {
        self.unless(is == should, format!("{what} is {is:?}, should be {should:?}"));
    }
}

/// The office as it is before the list comes.
fn before(table: &Table, expected: &Expected) -> Office {
    let mut office = office();
    for name in &expected.before {
        let earlier = &table[name];
        let (source, guess) = earlier.open(name).unwrap();
        office.take(&source, &guess, true).unwrap();
    }
    let mut changes = Vec::new();
    for number in &expected.died {
        changes.push(alter(&office.person(number).unwrap(), |it| it.standing = Standing::Died));
    }
    for member in office.reader.members(office.team.id).unwrap() {
        if expected.left.contains(&member.name.to_string()) {
            changes.push(alter(&member, |it| it.left_on = Some(office.now.today)));
        }
    }
    if !changes.is_empty() {
        office.store.commit(&stamp(), &Deed::change("Before"), &changes).unwrap();
    }
    office
}

fn check(table: &Table, name: &str, expected: &Expected) -> String {
    let mut faults = Faults::default();
    let mut office = before(table, expected);
    let (dump, head) = (office.dump(), office.head());
    let opened = expected.open(name);
    let outcome = opened.and_then(|(source, guess)| {
        let survey = office.survey(&source, &guess).map_err(|why| why.to_string())?;
        faults.unless(office.dump() == dump && office.head() == head, "a survey wrote something");
        let taken = office.take(&source, &guess, expected.part).map_err(|why| why.to_string())?;
        Ok((source, guess, survey, taken))
    });
    match (outcome, &expected.error) {
        (Err(why), Some(words)) => {
            faults.unless(why.contains(words), format!("the sentence is: {why}"));
            faults.unless(why.ends_with("Nothing was changed."), format!("no “Nothing was changed.”: {why}"));
            faults.unless(!why.contains('\n') && !why.contains('\u{1b}'), "the sentence is not one line");
            faults.unless(office.dump() == dump && office.head() == head, "something was changed");
        }
        (Err(why), None) => faults.unless(false, format!("turned away: {why}")),
        (Ok((_, _, _, (report, _))), Some(_)) => faults.unless(false, format!("taken in: {:?}", report.counts)),
        (Ok((source, guess, survey, (report, wrote))), None) => {
            faults.unless(add_up(&report), "the counts do not add up");
            faults.same("the survey", survey.json().to_string(), report.json().to_string());
            faults.same("a step", wrote, report.writes);
            faults.unless(wrote || office.dump() == dump, "changed without a step");
            compare(&mut faults, &office, expected, &report, &guess);
            leaks(&mut faults, &office, &source, &guess, &report);
            again(&mut faults, &mut office, &source, &guess, (&dump, wrote, expected.asks_again));
        }
    }
    if faults.0.is_empty() { String::new() } else { format!("{name}:\n{}", faults.0) }
}

/// What the report says and what is on file.
fn compare(faults: &mut Faults, office: &Office, expected: &Expected, report: &Report, guess: &Guess) {
    let json = report.json();
    for count in ["rows", "new", "changed", "unchanged", "queued", "refused"] {
        let should = expected.counts.get(count).copied().unwrap_or(0);
        faults.same(count, json["counts"][count].as_i64().unwrap(), should);
    }
    for (key, should) in &expected.report {
        faults.same(key, json[key].as_i64(), Some(*should));
    }
    let same = |faults: &mut Faults, what: &str, remarks: &[Remark], should: &[(u64, String, String)]| {
        if should.is_empty() {
            return;
        }
        let lines: Vec<(u64, &str)> = remarks.iter().map(|it| (it.line, it.column.as_str())).collect();
        let wanted: Vec<(u64, &str)> = should.iter().map(|(line, column, _)| (*line, column.as_str())).collect();
        faults.unless(lines == wanted, format!("{what} {lines:?}, should be {wanted:?}"));
        for (remark, (line, _, words)) in remarks.iter().zip(should) {
            faults.unless(remark.reason.contains(words), format!("{what} line {line}: {}", remark.reason));
        }
    };
    same(faults, "refused", &report.refused, &expected.refusals);
    same(faults, "queued", &report.queued, &expected.queued);
    let notes = report.notes.join("\n");
    for words in &expected.notes {
        faults.unless(notes.contains(words), format!("no note “{words}”: {notes}"));
    }
    for words in &expected.no_notes {
        faults.unless(!notes.contains(words), format!("a note “{words}”: {notes}"));
    }
    if let Some(read_as) = &expected.read_as {
        faults.unless(notes.contains(&format!("Read as {read_as}.")), format!("read otherwise: {notes}"));
    }
    faults.same("a person has to look", guess.certain().is_err(), expected.doubtful);
    for (key, should) in &expected.person {
        let Some(person) = office.person(key) else {
            faults.unless(false, format!("{key} is not on file"));
            continue;
        };
        let facts = office.facts(&person);
        for (fact, should) in should {
            let is = facts.get(fact.as_str()).unwrap_or_else(|| panic!("no fact {fact}"));
            faults.same(&format!("{fact} of {key}"), is, should);
        }
    }
    for key in &expected.nobody {
        faults.unless(office.person(key).is_none(), format!("{key} is on file"));
    }
    let waiting = office.reader.queue(office.team.id, Some(QueueState::Waiting)).unwrap().len() as i64;
    // Without lists before, each row that is queued waits.
    let should = expected.waiting.or(expected.before.is_empty().then_some(report.counts.queued));
    faults.same("waiting", waiting, should.unwrap_or(waiting));
    let members = office.reader.members(office.team.id).unwrap();
    for (key, should) in &expected.member {
        let Some(member) = members.iter().find(|it| it.name.as_str() == key) else {
            faults.unless(false, format!("{key} is no member"));
            continue;
        };
        let organisation = office.reader.get::<Organisation>(member.organisation).unwrap().unwrap();
        for (fact, should) in should {
            let is = match fact.as_str() {
                "role" => member.role.to_string(),
                "organisation" => organisation.name.to_string(),
                "organisation_kind" => organisation.kind.code().to_owned(),
                "membership" => member.membership.code().to_owned(),
                "phone" => member.phone.as_ref().map(ToString::to_string).unwrap_or_default(),
                "email" => member.email.as_ref().map(ToString::to_string).unwrap_or_default(),
                other => panic!("no fact {other}"),
            };
            faults.same(&format!("{fact} of {key}"), &is, should);
        }
    }
    let services = office.reader.services().unwrap();
    for (key, should) in &expected.service {
        let Some(service) = services.iter().find(|it| it.name.as_str() == key) else {
            faults.unless(false, format!("{key} is no service"));
            continue;
        };
        for (fact, should) in should {
            let text = |it: &Option<mdt::domain::text::Line>| it.as_ref().map(ToString::to_string).unwrap_or_default();
            let is = match fact.as_str() {
                "organisation" => text(&service.organisation),
                "about" => service.about.as_ref().map(ToString::to_string).unwrap_or_default(),
                "needs" => text(&service.needs),
                "eligibility" => text(&service.eligibility),
                "phone" => text(&service.phone),
                "checked_on" => service.checked_on.map(Day::iso).unwrap_or_default(),
                "capacity" => text(&service.capacity),
                other => panic!("no fact {other}"),
            };
            faults.same(&format!("{fact} of {key}"), &is, should);
        }
    }
}

/// What is written to the disk of a list repeats no cell of a row that somebody has to look at.
fn leaks(faults: &mut Faults, office: &Office, source: &Source, guess: &Guess, report: &Report) {
    let text = office::written(office, report);
    let (text, json) = (whole_words(&text), whole_words(&report.json().to_string()));
    let known: BTreeSet<String> = guess.headers().chain(KNOWN_WORDS).chain([report.file.as_str()]).map(fold).collect();
    let remarked: BTreeSet<u64> = report.queued.iter().chain(&report.refused).map(|it| it.line).collect();
    for row in source.rows(guess.header_line(), guess.width()) {
        let row = row.unwrap();
        for cell in row.cells().filter(|_| remarked.contains(&row.line)) {
            let telling = cell.chars().filter(|c| c.is_alphabetic()).count() >= 3
                || cell.chars().filter(char::is_ascii_digit).count() >= 6;
            // A filler of nines is its own shape.
            let telling = telling && !cell.chars().all(|c| c == '9');
            let (folded, words) = (fold(cell), whole_words(cell));
            if telling && !known.iter().any(|word| word.contains(&folded)) && words.trim() != "" {
                faults.unless(!text.contains(&words), format!("the report repeats a cell of line {}", row.line));
                faults.unless(!json.contains(&words), format!("the JSON repeats a cell of line {}", row.line));
            }
        }
    }
}

/// Words of lists that are also words of reports.
const KNOWN_WORDS: [&str; 11] =
    ["very high", "medium", "low", "severe", "moderate", "mild", "core", "number", "list", "override", "99/99/99"];

/// The words of a text, each between single blanks.
fn whole_words(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>();
    format!(" {} ", words.join(" "))
}

/// The same list once more changes nothing – at most it asks about people without a number, once – and one undo takes all
/// of it back.
fn again(
    faults: &mut Faults,
    office: &mut Office,
    source: &Source,
    guess: &Guess,
    (first, wrote, asks): (&str, bool, i64),
) {
    let after = office.dump();
    if wrote {
        office.undo();
        faults.unless(office.dump() == first, "one undo does not take it back");
        office.store.redo(&stamp()).unwrap();
        faults.unless(office.dump() == after, "redo does not bring it back");
    }
    for time in ["second", "third"] {
        let (before, head) = (office.dump(), office.head());
        match office.take(source, guess, true) {
            Ok((report, wrote)) => {
                faults.unless(add_up(&report), format!("the {time} time, the counts do not add up"));
                faults.same(&format!("new the {time} time"), report.counts.new, 0);
                faults.same(&format!("changed the {time} time"), report.counts.changed, 0);
                let asked = if time == "second" { asks } else { 0 };
                let more = |dump: &str| dump.lines().filter(|line| line.starts_with("queued_row")).count();
                faults.same(&format!("asked the {time} time"), (more(&office.dump()) - more(&before)) as i64, asked);
                let rest = |dump: &str| {
                    let kept = dump.lines().filter(|it| !it.starts_with("queued_row") && !it.starts_with("intake"));
                    kept.map(str::to_owned).collect::<Vec<_>>()
                };
                faults.unless(rest(&office.dump()) == rest(&before), format!("the {time} time changed something"));
                faults.same(&format!("a step the {time} time"), (wrote, office.head() != head), (asked > 0, asked > 0));
            }
            Err(why) => faults.unless(false, format!("the {time} time turned away: {why}")),
        }
    }
    let verified = office.reader.verify_chain().unwrap();
    faults.unless(verified.is_ok(), "the log does not hold together");
}

#[test]
fn every_file_has_its_entry_and_every_entry_its_file() {
    let there: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "expected.toml" && name != "README.md")
        .collect();
    let table = table();
    let written: BTreeSet<String> = table.keys().cloned().collect();
    assert_eq!(there, written);
    assert!(there.len() >= 160, "{} files", there.len());
    for (name, expected) in &table {
        expected.kind();
        assert!(!expected.about.is_empty(), "{name} is for something");
        for earlier in &expected.before {
            assert!(table[earlier].error.is_none(), "{earlier} can be taken in before {name}");
        }
        assert!(std::fs::metadata(folder().join(name)).unwrap().len() < 100_000, "{name} is small");
    }
}

#[test]
fn of_every_file_comes_what_must() {
    let table = table();
    let only = std::env::var("CORPUS_ONLY").unwrap_or_default();
    let chosen: Vec<(&String, &Expected)> = table.iter().filter(|(name, _)| name.contains(&only)).collect();
    // What takes time is the disk: more threads than cores.
    let share = chosen.len().div_ceil(12).max(1);
    let faults: Vec<String> = std::thread::scope(|scope| {
        let parts: Vec<_> = chosen
            .chunks(share)
            .map(|part| {
                let table = &table;
                scope.spawn(move || {
                    let look = |(name, expected): &(&String, &Expected)| {
                        std::panic::catch_unwind(|| check(table, name, expected))
                            .unwrap_or_else(|_| format!("{name}:\n    a panic\n"))
                    };
                    part.iter().map(look).collect::<Vec<_>>()
                })
            })
            .collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).filter(|it| !it.is_empty()).collect()
    });
    assert!(faults.is_empty(), "{} of {} files:\n{}", faults.len(), chosen.len(), faults.concat());
}

/// The sentence with which a path is turned away.
fn turned_away(path: &Path) -> String {
    let why = Source::read(path, None).err().map(|why| why.to_string()).unwrap_or_default();
    assert!(why.ends_with("Nothing was changed.") && !why.contains('\n'), "{}: “{why}”", path.display());
    why
}

#[test]
fn what_is_no_file_is_turned_away_each_in_its_own_sentence() {
    let folder = tempfile::tempdir().unwrap();
    assert!(turned_away(folder.path()).contains("is a folder"));
    assert!(turned_away(&folder.path().join("nothing.csv")).contains("There is no file"));
    assert!(turned_away(&folder.path().join("a\u{1b}[2J\nb.csv")).contains("␛[2J"), "a name that means harm is shown");
    std::fs::write(folder.path().join("list.csv"), "x").unwrap();
    assert!(turned_away(&folder.path().join("list.csv/inside.csv")).contains("could not be read"));
    #[cfg(unix)]
    {
        let pipe = folder.path().join("pipe.csv");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        // It would wait for ever for somebody to write into it.
        assert!(turned_away(&pipe).contains("is not a file"));
        assert!(turned_away(Path::new("/dev/zero")).contains("is not a file"));
        let locked = folder.path().join("locked.csv");
        std::fs::write(&locked, "NHS Number,Surname,Forename\n").unwrap();
        std::fs::set_permissions(&locked, std::os::unix::fs::PermissionsExt::from_mode(0o000)).unwrap();
        // Whoever may do everything may read this too.
        if std::fs::read(&locked).is_err() {
            assert!(turned_away(&locked).contains("You may not read"));
        }
        let circle = folder.path().join("circle.csv");
        std::os::unix::fs::symlink(&circle, &circle).unwrap();
        assert!(turned_away(&circle).contains("could not be read"));
    }
}

#[test]
fn a_file_that_grows_while_it_is_read_is_turned_away() {
    use std::io::Write as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("growing.csv");
    let rows = "9990000018,Adams,Ann\n".repeat(400_000);
    std::fs::write(&path, format!("NHS Number,Surname,Forename\n{rows}")).unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    let seen = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                file.write_all(b"9990000026,Bell,Bob\n").unwrap();
                std::thread::yield_now();
            }
        });
        // The other thread has to come between: on a busy machine it may take a few times.
        let seen = (0..50).find_map(|_| Source::read(&path, None).err());
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        seen
    });
    let why = seen.unwrap().to_string();
    assert!(why.contains("changed while it was read"), "{why}");
    assert!(Source::read(&path, None).is_ok(), "complete, it can be read");
}

#[test]
fn a_field_of_a_hundred_megabytes_is_turned_away_soon() {
    let folder = tempfile::tempdir().unwrap();
    let began = std::time::Instant::now();
    for (name, mark) in [("quoted.csv", "\""), ("plain.csv", "")] {
        let path = folder.path().join(name);
        let mut bytes = format!("NHS Number,Surname,Forename\n9990000018,Adams,{mark}").into_bytes();
        bytes.resize(100 << 20, b'x');
        std::fs::write(&path, bytes).unwrap();
        let source = Source::read(&path, None).unwrap();
        let why = Guess::of(&source, IntakeKind::Caseload).unwrap_err().to_string();
        assert!(why.contains("Cell 3 of line 2 has more than a million characters"), "{why}");
        assert!(why.ends_with("Nothing was changed."), "{why}");
        std::fs::remove_file(&path).unwrap();
    }
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}

#[test]
fn a_file_too_large_for_a_list_is_turned_away_unread() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.csv");
    // Full of holes: it takes no room on the disk.
    std::fs::File::create(&path).unwrap().set_len(600 << 20).unwrap();
    assert!(turned_away(&path).contains("is larger than 512 MB"));
}
