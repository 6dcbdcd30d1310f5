//! Lists taken in by keys: choose, check the columns, foresee, take in; what waits is settled side by side; the meeting
//! comes first.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where something is not as it should be"
)]

mod kit;

use std::time::{Duration, Instant};

use kit::Desk;
use mdt::domain::band::Band;
use mdt::domain::change::{Mint, Record, add};
use mdt::domain::intake::QueueState;
use mdt::domain::nhs_number::NhsNumber;
use mdt::domain::person::Person;
use mdt::domain::sharing::Sharing;
use mdt::domain::team::Team;
use mdt::domain::text::Line;
use mdt::jobs::lists::Task;
use mdt::store::{Deed, FileKind};
use mdt::ui::msg::Msg;

const HEAD: &str = "NHS Number,Surname,Forename,Date of Birth,Risk Band,Risk Score,Phone,Consent to Share\n";

/// A desk on a new file with a team and nobody on the caseload.
fn empty() -> Desk {
    Desk::with(FileKind::Real, |store| {
        let team = Team::new(Line::parse("Harbour MDT").unwrap());
        let id = Mint::new(kit::noon(), 5).mint();
        store.commit(&kit::stamp(), &Deed::change("Add team"), &[add(id, team)]).unwrap();
    })
}

fn write(desk: &Desk, name: &str, text: &str) -> String {
    let path = desk.folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Keys that choose a file of this path as a list of people.
fn choose(desk: &mut Desk, path: &str) {
    desk.keys("9n");
    desk.session.take(Msg::Paste(path.to_owned()));
    desk.keys("<enter>");
}

/// Takes a caseload list in by keys, up to the report.
fn take(desk: &mut Desk, name: &str, rows: &[&str]) {
    let path = write(desk, name, &format!("{HEAD}{}\n", rows.join("\n")));
    choose(desk, &path);
    desk.keys("nn");
    if desk.screen().contains("Only a part?") {
        desk.keys("part");
    }
    desk.keys("<enter>");
}

fn person(desk: &Desk, number: &str) -> Record<Person> {
    let reader = &desk.session.reader;
    let team = reader.teams().unwrap().remove(0);
    reader.person_by_number(team.id, NhsNumber::parse(number).unwrap()).unwrap().unwrap()
}

fn people(desk: &Desk) -> usize {
    let reader = &desk.session.reader;
    reader.active_ids(reader.teams().unwrap().remove(0).id).unwrap().len()
}

fn waiting(desk: &Desk) -> (i64, i64) {
    let reader = &desk.session.reader;
    reader.waiting_from_lists(reader.teams().unwrap().remove(0).id).unwrap()
}

#[test]
fn a_list_is_chosen_checked_foreseen_taken_in_and_taken_back() {
    let mut desk = empty();
    let before = desk.session.reader.dump().unwrap();
    desk.keys("9").shows("No list was taken in yet").keys("n").shows("which file?");
    desk.keys("examples/cas<enter>").shows("is this right?").shows("NHS number").shows("date of birth");
    assert_eq!(desk.session.reader.dump().unwrap(), before, "looking writes nothing");
    desk.keys("n").shows("What would come of it").shows("25 new people").shows("nothing is written yet");
    assert_eq!(desk.session.reader.dump().unwrap(), before, "foreseeing writes nothing");
    desk.keys("n").shows("Take this list in?").shows("25 new, 0 changed").keys("<enter>");
    desk.shows("What came of it").shows("Taken in as one step");
    assert_eq!(people(&desk), 25);
    desk.keys("<esc>").shows("caseload.csv").keys("u<enter>").shows("Undone");
    assert_eq!(desk.session.reader.dump().unwrap(), before);
    desk.keys("U<enter>");
    assert_eq!(people(&desk), 25);
}

#[test]
fn tab_completes_a_path_and_arrows_choose() {
    let mut desk = empty();
    desk.keys("9nexam<tab>").shows("examples/").shows("caseload.csv").shows("members.csv");
    desk.hides("make_caseload.rs");
    desk.keys("<down><down><up><enter>").shows("caseload.csv · 25 rows");
    desk.keys("<esc>").shows("No list was taken in yet");
}

#[test]
fn a_mistyped_path_is_said_and_stays_to_be_corrected() {
    let mut desk = empty();
    desk.keys("9nexamples/nothing.csv<enter>")
        .shows("There is no file")
        .shows("examples/nothing.csv")
        .shows("which file?");
}

#[test]
fn what_is_no_list_says_so_and_changes_nothing() {
    let mut desk = empty();
    for (name, text, words) in [
        ("colours.csv", "Colour,Shape\nred,round\n", "can be the header of a caseload list"),
        ("empty.csv", "", "is empty"),
        ("letter.xlsx", "PK\u{3}\u{4}not really", "Nothing was changed"),
    ] {
        let path = write(&desk, name, text);
        choose(&mut desk, &path);
        desk.shows(words).keys("<esc>");
    }
    assert_eq!(people(&desk), 0);
}

#[test]
fn a_list_that_would_lose_more_than_a_tenth_asks_for_the_word() {
    let mut desk = empty();
    desk.keys("9nexamples/cas<enter>nn<enter><esc>");
    let path = write(&desk, "short.csv", &format!("{HEAD}9990000018,Adeyemi,Jean,12/03/1942,High,40,,\n"));
    choose(&mut desk, &path);
    desk.keys("n").shows("25 people on file are not on this list").keys("n").shows("Is it the whole list?");
    desk.keys("<enter>").shows("Type the word part");
    assert_eq!(people(&desk), 25);
    desk.keys("part<enter>").shows("What came of it");
    assert_eq!(people(&desk), 26);
}

#[test]
fn a_row_that_may_be_somebody_else_is_settled_side_by_side() {
    let mut desk = empty();
    take(
        &mut desk,
        "first.csv",
        &["9990000018,Adeyemi,Jean,12/03/1942,High,40,,", "9990000026,Shah,Meera,05/05/1950,Low,10,,"],
    );
    let rows = ["9990000018,Adeyemi,Jean,13/03/1942,Medium,30,,", "9990000026,Other,Name,05/05/1950,Low,10,,"];
    take(&mut desk, "second.csv", &rows);
    assert_eq!((waiting(&desk), people(&desk)), ((2, 0), 2));
    desk.keys("1").shows("2 rows of a list to look at");
    desk.keys("9<enter>").shows("Whom does this row mean?").shows("12-Mar-1942").shows("13-Mar-1942");
    // No stray letter decides: s asks first.
    desk.keys("s").shows("The same person?").keys("<esc>");
    assert_eq!(waiting(&desk), (2, 0));
    desk.keys("s<enter>");
    let adeyemi = person(&desk, "9990000018");
    assert_eq!((adeyemi.band, adeyemi.born.unwrap().iso().as_str()), (Some(Band::Medium), "1942-03-12"));
    assert_eq!(waiting(&desk), (1, 1), "the other date of birth is proposed, not taken");
    desk.keys("d").shows("Somebody else?").keys("<enter>");
    assert_eq!((waiting(&desk), people(&desk)), ((0, 1), 3));
    // Decided once, known the next time.
    let third = [rows[0], rows[1], "9990000034,Wright,Tom,01/02/1940,Low,5,,"];
    take(&mut desk, "third.csv", &third);
    desk.shows("What came of it").shows("1 new person");
    assert_eq!((waiting(&desk), people(&desk)), ((0, 1), 4), "the rest of the list comes in all the same");
    let reader = &desk.session.reader;
    let team = reader.teams().unwrap().remove(0);
    assert_eq!(reader.queue(team.id, Some(QueueState::Different)).unwrap().len(), 1);
}

#[test]
fn what_the_team_wrote_stays_until_somebody_takes_the_lists_value() {
    let mut desk = empty();
    take(&mut desk, "first.csv", &["9990000018,Adeyemi,Jean,12/03/1942,High,40,01632 960001,Yes"]);
    // Somebody corrects the telephone number and the sharing basis.
    let seen = person(&desk, "9990000018");
    assert_eq!(seen.sharing, Sharing::Agreed);
    let (mut store, reader) = desk.second_session();
    let change = mdt::domain::change::alter(&seen, |it| {
        it.phone = Line::parse("01632 960999").ok();
        it.sharing = Sharing::Informed;
    });
    store.commit(&kit::stamp(), &Deed::change("Edit a person"), &[change]).unwrap();
    drop(reader);
    desk.session.take(Msg::Foreign);
    take(&mut desk, "second.csv", &["9990000018,Adeyemi,Jean,12/03/1942,High,40,01632 960002,Express dissent"]);
    let kept = person(&desk, "9990000018");
    assert_eq!((kept.phone.as_ref().unwrap().as_str(), kept.sharing), ("01632 960999", Sharing::Informed));
    assert_eq!(waiting(&desk), (0, 2));
    desk.keys("1").shows("2 values a list proposes");
    desk.keys("9g<enter>").shows("A list proposes").shows("OBJECTED").keys("t<enter>");
    assert_eq!(person(&desk, "9990000018").sharing, Sharing::ObjectedToAll);
    desk.shows("01632 960002").keys("o<enter>");
    assert_eq!(person(&desk, "9990000018").phone.as_ref().unwrap().as_str(), "01632 960999");
    // Declined once, not proposed again.
    take(&mut desk, "third.csv", &["9990000018,Adeyemi,Jean,12/03/1942,High,40,01632 960002,Express dissent"]);
    assert_eq!(waiting(&desk), (0, 0));
}

#[test]
fn a_label_without_a_rule_gets_one_and_next_month_is_one_key() {
    let mut desk = empty();
    let list = "NHS No,Family Name,Forename,DOB,Colour Group\n9990000018,Adeyemi,Jean,12/03/1942,Purple\n";
    let path = write(&desk, "month-1.csv", list);
    choose(&mut desk, &path);
    desk.shows("Colour Group").shows("not used");
    // The fifth column is a band, and Purple is high.
    desk.keys("jjjj<enter>").shows("What is in this column?").keys("band<enter>").shows("no rule");
    desk.keys("G<enter>").shows("Which band is this?").keys("high<enter>");
    desk.keys("nn").keys("colours<enter>").shows("What came of it");
    assert_eq!(person(&desk, "9990000018").band, Some(Band::High));
    let path = write(&desk, "month-2.csv", &list.replace("9990000018,Adeyemi,Jean", "9990000026,Shah,Meera"));
    choose(&mut desk, &path);
    desk.shows("Read as “colours” was agreed before").keys("nnpart<enter>");
    assert_eq!(person(&desk, "9990000026").band, Some(Band::High));
}

#[test]
fn a_masked_screen_hides_the_people_of_a_list() {
    let mut desk = empty();
    take(&mut desk, "first.csv", &["9990000018,Adeyemi,Jean,12/03/1942,High,40,,"]);
    desk.keys("x");
    let rows =
        format!("{HEAD}9990000018,Adeyemi,Jean,13/03/1942,Low,40,,\n9990000019,Wrongdigit,Ann,1/1/1950,Low,1,,\n");
    let path = write(&desk, "second.csv", &rows);
    choose(&mut desk, &path);
    for keys in ["", "n", "<tab>", "n", "<enter>", "<esc>", "<enter>"] {
        desk.keys(keys);
        let screen = desk.screen().to_lowercase();
        for secret in ["adeyemi", "wrongdigit", "9990000019", "999 000 0018", "13/03/1942", "13-mar-1942"] {
            assert!(!screen.contains(secret), "{secret} is seen:\n{screen}");
        }
    }
}

/// A list long enough to be on its way for a while.
fn long_list(rows: u64) -> String {
    let mut out = HEAD.to_owned();
    let mut body = 999_100_000;
    let mut n = 0;
    while n < rows {
        body += 1;
        let weighted: u64 = (0..9).map(|at| body / 10_u64.pow(8 - at) % 10 * (10 - u64::from(at))).sum();
        let check = match 11 - weighted % 11 {
            11 => 0,
            10 => continue,
            check => check,
        };
        out.push_str(&format!("{body}{check},Surname{n},Forename{n},12/03/1942,High,{},,\n", n % 90));
        n += 1;
    }
    out
}

#[test]
fn whoever_writes_in_a_meeting_comes_first_and_the_list_is_whole_all_the_same() {
    let mut desk = empty();
    let path = write(&desk, "long.csv", &long_list(4_000));
    choose(&mut desk, &path);
    desk.keys("nn");
    // Enter begins; the kit waits for work after every key, so the message goes straight in.
    desk.session.take(Msg::Key(mdt::ui::keymap::Key::parse("enter").unwrap()));
    assert!(desk.session.is_working());
    let mut slowest = Duration::ZERO;
    for n in 0..3 {
        std::thread::sleep(Duration::from_millis(60));
        let start = Instant::now();
        desk.session.take(Msg::Key(mdt::ui::keymap::Key::parse("8").unwrap()));
        for key in ["o"].into_iter().map(str::to_owned).chain(format!("Org {n}").chars().map(|c| c.to_string())) {
            let key = if key == " " { "space".to_owned() } else { key };
            desk.session.take(Msg::Key(mdt::ui::keymap::Key::parse(&key).unwrap()));
        }
        desk.session.take(Msg::Key(mdt::ui::keymap::Key::parse("enter").unwrap()));
        slowest = slowest.max(start.elapsed());
        assert_eq!(desk.session.reader.organisations().unwrap().len(), n + 1, "what was typed is on the disk");
    }
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    desk.session.finish_work();
    assert_eq!(people(&desk), 4_000);
    assert!(desk.session.reader.verify_chain().unwrap().is_ok());
}

#[test]
fn a_stopped_list_leaves_no_trace() {
    let mut desk = empty();
    let path = write(&desk, "long.csv", &long_list(4_000));
    choose(&mut desk, &path);
    desk.keys("nn");
    let before = desk.session.reader.dump().unwrap();
    desk.session.take(Msg::Key(mdt::ui::keymap::Key::parse("enter").unwrap()));
    std::thread::sleep(Duration::from_millis(80));
    let start = Instant::now();
    desk.session.take(Msg::Key(mdt::ui::keymap::Key::parse("c").unwrap()));
    desk.session.finish_work();
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    desk.shows("Stopped. Nothing was changed.").shows("What would come of it");
    assert_eq!(desk.session.reader.dump().unwrap(), before);
}

#[test]
fn a_task_is_plain_to_compare() {
    let read = |path: &str| Task::Read { path: path.to_owned(), kind: mdt::domain::intake::IntakeKind::Caseload };
    assert_eq!(read("a"), read("a"));
    assert_ne!(read("a"), read("b"));
}

#[test]
fn no_stage_of_a_list_panics_at_any_size() {
    for masked in [false, true] {
        let mut desk = empty();
        let path = write(&desk, "list.csv", &format!("{HEAD}9990000018,Adeyemi,Jean,12/03/1942,Purple,40,,\n"));
        take(&mut desk, "first.csv", &["9990000018,Adeyemi,Jean,12/03/1942,High,40,,"]);
        take(&mut desk, "second.csv", &["9990000018,Adeyemi,Jean,13/03/1942,High,40,,"]);
        desk.session.model.masked = masked;
        for keys in ["9", "n", "<esc>", "<enter>", "<esc>"] {
            desk.resize(110, 32).keys(keys);
            sizes(&mut desk);
        }
        desk.resize(110, 32);
        choose(&mut desk, &path);
        for keys in ["", "<enter>", "<esc>", "n", "<tab>"] {
            desk.resize(110, 32).keys(keys);
            sizes(&mut desk);
        }
    }
}

fn sizes(desk: &mut Desk) {
    for (columns, rows) in [(1, 1), (3, 40), (20, 5), (40, 10), (60, 20), (80, 24), (200, 60)] {
        desk.resize(columns, rows).screen();
    }
}
