//! The lock: when it comes, what is left of a file behind it, and how one goes on where one was.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where something is not as it should be"
)]

mod kit;

use std::time::Duration;

use kit::seats::{Bench, names, open_files, seen, session};
use mdt::domain::change::{Mint, add};
use mdt::domain::team::Team;
use mdt::domain::text::Line;
use mdt::store::open::Passphrase;
use mdt::store::{self, Deed, FileKind};
use mdt::ui::locked::Why;
use mdt::ui::msg::Msg;
use mdt::ui::screens::Screen;

/// Every room, and every kind of thing that may lie over one.
const PLACES: [(&str, &str); 24] = [
    ("home", "1"),
    ("caseload", "2"),
    ("a search", "2/ade"),
    ("a filter", "2f"),
    ("a new person", "2nOkafor"),
    ("a page", "2/adeyemi<enter><enter>"),
    ("a card of a page", "2/adeyemi<enter><enter><enter>"),
    ("the agenda", "3"),
    ("somebody to pick", "3/ade"),
    ("actions", "5"),
    ("an action", "5<enter>"),
    ("minutes", "6"),
    ("paste blocks", "6wt<enter>"),
    ("the team", "8"),
    ("who am I", ":i am<enter>"),
    ("roll call", "4n<enter><enter>"),
    ("the walk", "4n<enter><enter><enter><enter><enter>nn"),
    ("a text", "4n<enter><enter><enter><enter><enter>nneRuth is up three times"),
    ("an action in one line", "4n<enter><enter><enter><enter><enter>nnaRing Ruth @pri +2w"),
    ("the read-back", "4n<enter><enter><enter><enter><enter>nnn"),
    ("help", "2?"),
    ("the palette", "2/adeyemi<enter><enter>:key"),
    ("a question", "2q"),
    ("a list", "9nexamples/caseload.csv<enter>"),
];

#[test]
fn a_locked_screen_shows_nothing_of_the_file_whatever_was_on_it() {
    let mut shown_before = 0;
    for (place, keys) in PLACES {
        let mut bench = Bench::demo();
        let names = names(&bench.session().reader);
        bench.keys(keys);
        let size = [(60, 20), (80, 24), (110, 32)][keys.len() % 3];
        bench.resize(size.0, size.1);
        shown_before += usize::from(!seen(&bench.screen(), &names).is_empty());
        bench.seat.lock(Why::Asked);
        for (columns, rows) in [(60, 20), (80, 24), (110, 32), (20, 5), (1, 1)] {
            let screen = bench.resize(columns, rows).screen();
            assert_eq!(seen(&screen, &names), Vec::<&str>::new(), "{place} at {columns}×{rows}:\n{screen}");
            if columns >= 60 {
                assert!(screen.contains("MDT – locked") && screen.contains("12:55"), "{place}:\n{screen}");
            }
        }
        // Nothing that happens meanwhile brings anything back, a wrong key least of all.
        for msg in [Msg::Tick, Msg::Foreign, Msg::Wheel(3), Msg::Paste("ADEYEMI".to_owned())] {
            bench.seat.take(msg);
        }
        let screen = bench.keys("x").look().resize(80, 24).screen();
        assert_eq!(seen(&screen, &names), Vec::<&str>::new(), "{place}:\n{screen}");
    }
    assert!(shown_before > 18, "the check is blind: only {shown_before} places showed a name before they were locked");
}

#[test]
fn locking_closes_the_file() {
    let mut bench = Bench::demo();
    bench.session().begin_work();
    bench.keys("2/adeyemi<enter><enter>").shows("ADEYEMI");
    let open = open_files(bench.folder.path()).len();
    if cfg!(target_os = "linux") {
        assert!(open >= 2, "the check is blind");
    }
    bench.keys("<ctrl-l>");
    assert!(bench.seat.is_locked() && bench.seat.is_closed());
    assert_eq!(open_files(bench.folder.path()), Vec::<std::path::PathBuf>::new());
    // Nobody has it open: the log was written back and is gone.
    assert!(!bench.path.with_file_name("team.mdt-wal").exists());
    bench.shows("This file is not encrypted: the lock only hides it.").keys("<enter>").shows("ADEYEMI, Jean");
    assert!(!bench.seat.is_locked());
}

#[test]
fn after_the_lock_one_is_where_one_was_with_the_same_text() {
    let mut bench = Bench::demo();
    bench.session().begin_work();
    bench.keys("4n<enter><enter><enter><enter><enter>nn").keys("eRuth is up three times");
    bench.shows("Ruth is up three times").keys("<ctrl-l>").hides("Ruth").keys("<enter>");
    bench.shows("Ruth is up three times").shows("ADEYEMI, Jean (Jeannie)").hides("Resume the meeting?");
    bench.keys(" a night<f2>").shows("Saved.").shows("Ruth is up three times a night");
    assert!(bench.session().reader.drafts().unwrap().is_empty());
    // On a page, with a card open and a question over it.
    bench.keys("2/adeyemi<enter><enter>").keys("<enter>").shows("Surname");
    bench.keys("ett").keys("<esc>").shows("Give up what you typed?").keys("<ctrl-l>").keys("<enter>");
    assert_eq!(bench.session().model.screen, Screen::Person);
    bench.shows("What you had half-typed is kept").keys("<enter>").shows("Adeyemiett").shows("is back");
    // Back leads where it led before.
    bench.keys("<esc><enter>").keys("<esc>").shows("Caseload");
}

/// Back in every room, however one came there.
#[test]
fn every_room_comes_back() {
    for (place, keys) in PLACES {
        let mut bench = Bench::demo();
        bench.session().begin_work();
        bench.keys(keys);
        let model = &bench.session().model;
        let (screen, back, text) = (model.screen, model.back.clone(), model.text_in_progress());
        bench.keys("<ctrl-l>").keys("<enter>");
        let model = &bench.session().model;
        assert_eq!((model.screen, &model.back), (screen, &back), "{place}");
        if screen == Screen::Meeting {
            assert_eq!(model.text_in_progress(), text, "{place}");
        }
    }
}

#[test]
fn what_is_put_back_on_a_card_says_where_somebody_wrote_meanwhile() {
    let mut bench = Bench::demo();
    bench.session().begin_work();
    bench.keys("2/adeyemi<enter><enter><enter>").shows("Surname").keys("ett<ctrl-l>");
    let (mut other, reader) = bench.file(None);
    let team = reader.teams().unwrap().remove(0);
    let number = mdt::domain::nhs_number::NhsNumber::parse("999 000 0018").unwrap();
    let person = reader.person_by_number(team.id, number).unwrap().unwrap();
    let change = mdt::domain::change::alter(&person, |it| it.surname = Line::parse("Adeyemi-Cole").unwrap());
    other.commit(&kit::stamp(), &Deed::change("Edit the person"), &[change]).unwrap();
    drop(reader);
    other.close().unwrap();
    bench.keys("<enter>").shows("Adeyemi-Cole".to_uppercase().as_str()).keys("<enter>");
    bench.shows("Adeyemiett").shows("it says “Adeyemi-Cole” now");
}

#[test]
fn four_minutes_without_a_key_lock_the_screen_after_a_countdown() {
    let mut bench = Bench::demo();
    bench.session().begin_work();
    bench.seconds(175).hides("locks in").seconds(20).shows("locks in 0:45 · any key");
    bench.resize(60, 20).shows("locks in 0:45 · any key").shows("DEMO");
    // A key starts it anew, and is taken as it always is.
    bench.resize(110, 32).keys("2").hides("locks in").shows("Caseload");
    bench.seconds(239).shows("locks in 0:01").seconds(1).shows("MDT – locked").keys("<enter>").shows("Caseload");
    // The first key after the time was up finds the screen locked, whether or not the loop was awake to see it.
    bench.seat.advance(chrono::Duration::seconds(300));
    bench.keys("1").shows("MDT – locked").keys("<enter>").shows("Caseload").hides("NEEDS ATTENTION");
}

#[test]
fn the_minutes_are_chosen_for_every_screen_of_the_file() {
    let mut bench = Bench::demo();
    bench.session().begin_work();
    let mut other = bench.beside("Priya Shah");
    bench.keys(":lock after<enter>").shows("Lock the screen").keys("<ctrl-u>90<enter>").shows("from 1 to 60");
    bench.keys("<ctrl-u>1<enter>").shows("after 1 minute without a key");
    other.look().seconds(59).shows("locks in 0:01").seconds(1).shows("MDT – locked");
    bench.seconds(60).shows("MDT – locked").keys("<enter>").seconds(30).shows("locks in 0:30");
    // What nobody can have chosen counts for nothing.
    let (mut store, reader) = bench.file(None);
    for (kept, minutes) in [("0", 4), ("61", 4), ("soon", 4), ("60", 60)] {
        store.set("lock:minutes", kept).unwrap();
        bench.look();
        assert_eq!(bench.session().model.idle.minutes, minutes, "{kept}");
    }
    drop(reader);
}

#[test]
fn a_live_meeting_stays_for_half_an_hour_and_goes_blank_first() {
    let mut bench = Bench::demo();
    bench.session().begin_work();
    let names = names(&bench.session().reader);
    bench.keys("4n<enter><enter><enter><enter><enter>nn").shows("ADEYEMI");
    bench.seconds(29 * 60 - 1).shows("ADEYEMI").hides("locks in");
    bench.seconds(1).shows("locks in 1:00 · any key");
    assert_eq!(seen(&bench.screen(), &names), Vec::<&str>::new());
    // The key that brings it back does nothing else: not even one that would leave the person.
    bench.keys("f").shows("ADEYEMI").hides("Defer");
    bench.seconds(30 * 60).shows("MDT – locked").keys("<enter>").shows("ADEYEMI, Jean (Jeannie)");
    // In another room the meeting is live all the same.
    bench.keys("2").seconds(20 * 60).hides("locked").shows("Caseload");
}

#[test]
fn whoever_slept_wakes_up_locked() {
    // The wall clock went on while the program's own stood still.
    let mut bench = Bench::demo();
    bench.seat.advance(chrono::Duration::seconds(50));
    bench.seat.woke(Duration::from_secs(1), Some(Duration::from_secs(60)));
    assert!(!bench.seat.is_locked(), "fifty seconds are no sleep");
    bench.seat.advance(chrono::Duration::seconds(70));
    bench.seat.woke(Duration::from_secs(1), Some(Duration::from_secs(60)));
    bench.shows("MDT – locked");
    // Both went on, but the program was not woken when it had meant to be.
    let mut bench = Bench::demo();
    bench.seat.advance(chrono::Duration::seconds(100));
    bench.seat.woke(Duration::from_secs(100), Some(Duration::from_secs(30)));
    assert!(bench.seat.is_locked());
    // A long rest that was meant is none; a clock that was set back neither locks nor keeps from locking.
    let mut bench = Bench::demo();
    bench.seat.advance(chrono::Duration::seconds(170));
    bench.seat.woke(Duration::from_secs(170), Some(Duration::from_secs(180)));
    assert!(!bench.seat.is_locked());
    bench.seat.advance(chrono::Duration::seconds(-86_400));
    bench.seat.woke(Duration::from_secs(1), Some(Duration::from_secs(10)));
    bench.seconds(1);
    assert!(!bench.seat.is_locked());
    bench.seconds(241);
    assert!(bench.seat.is_locked());
}

#[test]
fn the_loop_sleeps_until_something_moves() {
    let mut bench = Bench::demo();
    assert_eq!(bench.seat.wait(), Some(Duration::from_secs(180)), "until the countdown");
    bench.seconds(100);
    assert_eq!(bench.seat.wait(), Some(Duration::from_secs(80)));
    bench.seconds(100);
    assert_eq!(bench.seat.wait(), Some(Duration::from_secs(1)), "the countdown moves");
    bench.seconds(40);
    assert!(bench.seat.is_locked());
    assert_eq!(bench.seat.wait(), Some(Duration::from_secs(60)), "the minute");
    bench.seconds(12);
    assert_eq!(bench.seat.wait(), Some(Duration::from_secs(48)));
}

fn encrypted(passphrase: &str) -> Bench {
    encrypted_or_not(Some(passphrase))
}

/// A real file with one team, and a bench at it.
fn encrypted_or_not(passphrase: Option<&str>) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("team.mdt");
    let phrase = passphrase.map(|text| Passphrase::new(text.to_owned()));
    let (mut store, reader) = store::create(&path, phrase.as_ref(), FileKind::Real, 7, &kit::stamp()).unwrap();
    let team = Team::new(Line::parse("Harbour MDT").unwrap());
    let id = Mint::new(kit::noon(), 5).mint();
    store.commit(&kit::stamp(), &Deed::change("Add team"), &[add(id, team)]).unwrap();
    let mut session = session(store, reader, "Tolu Bankole");
    session.begin_work();
    Bench::at(session, folder)
}

#[test]
fn only_the_passphrase_opens_an_encrypted_file_and_wrong_ones_wait_longer_each_time() {
    let mut bench = encrypted("a harbour in november");
    bench.keys("8").shows("Harbour").keys("<ctrl-l>").shows("Type the passphrase").hides("Harbour").hides("encrypted");
    // q is a letter here, and Enter alone opens nothing.
    bench.keys("q<enter>").shows("Wrong passphrase").shows("The next try is taken in 1 s.");
    assert!(!bench.seat.leaving && bench.seat.is_closed());
    // The right one, but too soon: nothing is tried, and what is typed stays.
    bench.seat.take(Msg::Paste("a harbour in november\n".to_owned()));
    let dots = "•".repeat(21);
    bench.shows(&dots).hides("harbour").keys("<enter>").shows("MDT – locked").shows(&dots);
    bench.keys("<esc>").hides("•").seconds(1).hides("The next try").keys("wrong<enter>").shows("taken in 2 s");
    assert_eq!(bench.seat.wait(), Some(Duration::from_secs(1)));
    bench.seconds(1).shows("taken in 1 s").seconds(1).hides("taken in");
    bench.seat.take(Msg::Paste("a harbour in november".to_owned()));
    bench.keys("<enter>").shows("Harbour").shows("2 wrong passphrases were typed on the locked screen.");
    assert_eq!(bench.session().model.screen, Screen::Team);
    // Esc leaves where nothing is typed.
    bench.keys("<ctrl-l>").keys("<esc>");
    assert!(bench.seat.leaving);
}

#[test]
fn a_file_that_is_not_there_any_more_is_said_on_the_lock_and_another_in_its_place_is_not_opened() {
    let mut bench = Bench::demo();
    let names = names(&bench.session().reader);
    bench.keys("<ctrl-l>");
    let away = bench.path.with_file_name("away.mdt");
    std::fs::rename(&bench.path, &away).unwrap();
    let folder = bench.folder.path().to_str().unwrap().to_owned();
    bench.keys("<enter>").shows("The file is no longer where it was.").hides(&folder);
    // Another file under the same name, then one that is not ours at all.
    let other = Bench::demo();
    let elsewhere = other.path.clone();
    drop(other.seat);
    std::fs::copy(&elsewhere, &bench.path).unwrap();
    let raw = rusqlite::Connection::open(&bench.path).unwrap();
    raw.execute_batch("UPDATE file_card SET file_uuid = 'ffffffffffffffffffffffffffffffff'").unwrap();
    drop(raw);
    bench.keys("<enter>").shows("MDT – locked");
    assert!(bench.seat.is_closed());
    let screen = bench.screen();
    assert_eq!(seen(&screen, &names), Vec::<&str>::new(), "{screen}");
    std::fs::write(&bench.path, "no database").unwrap();
    bench.keys("<enter>").shows("MDT – locked").hides(&folder);
    // The right one put back is opened.
    std::fs::rename(&away, &bench.path).unwrap();
    bench.keys("<enter>").shows("NEXT MEETING");
}

/// Work goes on behind the lock, and the file is closed when it is done.
#[test]
fn a_list_being_taken_in_is_covered_and_finished_behind_the_lock() {
    for (n, passphrase) in [None, Some("a harbour in november")].into_iter().enumerate() {
        let mut bench = encrypted_or_not(passphrase);
        let path = bench.path.with_file_name("list.csv");
        let rows: Vec<String> = (0..4_000).map(|n| format!("Canary{n},Jo,{:02}/02/1940", 1 + n % 28)).collect();
        std::fs::write(&path, format!("Surname,Forename,Date of Birth\n{}\n", rows.join("\n"))).unwrap();
        bench.keys("9n");
        bench.seat.take(Msg::Paste(path.to_str().unwrap().to_owned()));
        bench.keys("<enter>").keys("nn").shows("Take this list in?");
        bench.seat.take(Msg::Key(mdt::ui::keymap::Key::parse("enter").unwrap()));
        assert!(bench.session().is_working(), "it is written at once; the check is blind");
        bench.seat.take(Msg::Key(mdt::ui::keymap::Key::parse("ctrl-l").unwrap()));
        bench.shows("MDT – locked").hides("Canary").hides("list.csv");
        if n == 1 {
            // Behind the lock the file is open: the passphrase is tried against its key, not by opening it once more.
            bench.keys("wrong<enter>").shows("Wrong passphrase").hides("list.csv").seconds(1);
        }
        let began = std::time::Instant::now();
        while !bench.seat.is_closed() {
            assert!(began.elapsed() < Duration::from_secs(60), "it is never done");
            std::thread::yield_now();
            bench.seat.collect();
            bench.hides("Canary");
        }
        assert_eq!(open_files(bench.folder.path()), Vec::<std::path::PathBuf>::new());
        if let Some(passphrase) = passphrase {
            bench.seat.take(Msg::Paste(passphrase.to_owned()));
        }
        bench.keys("<enter>").shows("The work that went on behind the lock is done");
        let reader = &bench.session().reader;
        let team = reader.teams().unwrap().remove(0).id;
        assert_eq!(reader.active_ids(team).unwrap().len(), 4_000);
        assert!(reader.verify_chain().unwrap().is_ok());
    }
}

/// While text cannot be kept, the screen is covered and the text stays in memory until it can.
#[test]
fn text_that_cannot_be_kept_is_not_dropped_by_the_lock() {
    let mut bench = Bench::demo();
    bench.session().begin_work();
    bench.keys("4n<enter><enter><enter><enter><enter>nn").keys("eRuth is up three times");
    let raw = rusqlite::Connection::open(&bench.path).unwrap();
    raw.execute_batch("BEGIN IMMEDIATE").unwrap();
    bench.keys("<ctrl-l>").shows("MDT – locked").hides("Ruth");
    assert!(!bench.seat.is_closed(), "the text was dropped with the file");
    raw.execute_batch("ROLLBACK").unwrap();
    drop(raw);
    bench.seat.collect();
    assert!(bench.seat.is_closed());
    bench.keys("<enter>").shows("Ruth is up three times");
}

/// Pictures of the locked screen, of the last minute, and of a blank meeting.
#[test]
fn pictures() {
    for (columns, rows) in [(60, 20), (80, 24), (110, 32)] {
        let size = format!("{columns}x{rows}");
        let mut bench = encrypted("a harbour in november");
        bench.resize(columns, rows).keys("<ctrl-l>harbour");
        insta::assert_snapshot!(format!("locked_{size}"), bench.screen());
        bench.keys("<enter>").keys("har");
        insta::assert_snapshot!(format!("locked_wrong_{size}"), bench.screen());
        let mut bench = Bench::demo();
        bench.session().begin_work();
        let mut other = bench.beside("Priya Shah");
        other.keys("2/adeyemi<enter><enter><enter>");
        bench.look().resize(columns, rows).seconds(195);
        insta::assert_snapshot!(format!("countdown_{size}"), bench.screen());
        bench.keys("<ctrl-l>");
        insta::assert_snapshot!(format!("locked_plain_{size}"), bench.screen());
        bench.keys("<enter>").keys("4n<enter><enter><enter><enter><enter>nn").seconds(29 * 60 + 15);
        insta::assert_snapshot!(format!("blank_{size}"), bench.screen());
    }
}
