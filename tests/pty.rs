//! The program itself in a terminal: started, killed, resized, pasted into, and started again.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "a test waits for another process")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where something is not as it should be"
)]

#[path = "kit/terminal.rs"]
mod terminal;

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use mdt::store;
use mdt::store::log::StepKind;
use rustix::process::Signal;
use terminal::{PATIENCE, Terminal};

/// A demo file in a folder that goes with the test.
struct Demo {
    folder: tempfile::TempDir,
}

impl Demo {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let demo = Self { folder };
        let made = Command::new(env!("CARGO_BIN_EXE_mdt"))
            .args(["demo", "--no-ui", "--file"])
            .arg(demo.file())
            .env("HOME", demo.folder.path())
            .env("XDG_DATA_HOME", demo.folder.path().join("data"))
            .env("USER", "tolu")
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        demo
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("demo.mdt")
    }

    /// The number of steps, after the whole chain was checked. That the file was opened is one too, and not counted here.
    fn steps(&self) -> usize {
        let (_, reader) = store::open(&self.file(), None).unwrap();
        let head = reader.head().unwrap().seq;
        assert_eq!(reader.verify_chain().unwrap(), Ok(head));
        reader.steps(head).unwrap().iter().filter(|step| step.kind != StepKind::Open).count()
    }

    /// Starts the program on the file.
    fn start(&self) -> Terminal {
        Terminal::start(&self.file(), self.folder.path(), 50, 140)
    }

    /// Starts it where a meeting is live: it offers to resume, and Enter does.
    fn resume(&self, says: &[&str]) -> Terminal {
        let mut terminal = self.start();
        terminal.shows("Resume the meeting?");
        for text in says {
            terminal.shows(text);
        }
        terminal.keys("\r").hides("Resume the meeting?");
        terminal
    }
}

/// What is in the way of working on a file is said, and what can be done about it is offered; only a yes does it.
#[test]
fn offers_are_made_where_a_file_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let demo = Demo::new();
    let mode = |mode| std::fs::set_permissions(demo.file(), std::fs::Permissions::from_mode(mode)).unwrap();
    let is = || std::fs::metadata(demo.file()).unwrap().permissions().mode() & 0o777;
    mode(0o644);
    let mut terminal = demo.start();
    terminal.shows("Close it to them now? [y/N]").keys("n\r");
    assert_eq!((terminal.ends(), is()), (3, 0o644));
    let mut terminal = demo.start();
    terminal.shows("Close it to them now? [y/N]").keys("y\r");
    terminal.shows("Caseload").hides("READ ONLY");
    assert_eq!(is(), 0o600);
    terminal.keys("q").shows("Leave mdt?").keys("\r");
    assert_eq!(terminal.ends(), 0);

    rusqlite::Connection::open(demo.file()).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    let before = std::fs::read(demo.file()).unwrap();
    let mut terminal = demo.start();
    terminal.shows("newer mdt (schema 99").shows("Open it to read only? [y/N]").keys("y\r");
    terminal.shows("READ ONLY").shows("made by a newer mdt");
    terminal.keys("2").hides("made by a newer mdt").keys("n").shows("made by a newer mdt");
    terminal.keys("q").shows("Leave mdt?").keys("\r");
    assert_eq!(terminal.ends(), 0);
    assert_eq!(std::fs::read(demo.file()).unwrap(), before);
}

/// Half-typed text is kept 400 ms after the last key; a moment more for a busy machine.
fn pause() {
    std::thread::sleep(Duration::from_millis(800));
}

const F2: &str = "\x1bOQ";

#[test]
fn it_starts_rests_and_gives_the_terminal_back() {
    let demo = Demo::new();
    let steps = demo.steps();
    let mut terminal = demo.start();
    terminal.shows("NEXT MEETING").shows("DEMO");
    {
        let parser = terminal.screen();
        let screen = parser.screen();
        assert!(screen.alternate_screen() && screen.bracketed_paste() && screen.hide_cursor());
    }
    // Nothing ticks where nothing moves.
    std::thread::sleep(Duration::from_millis(200));
    let before = *terminal.bytes.lock().unwrap();
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(*terminal.bytes.lock().unwrap(), before, "it draws although nothing happens");
    terminal.keys("q").shows("Leave mdt?").keys("\r");
    assert_eq!(terminal.ends(), 0);
    terminal.is_restored();
    assert_eq!(demo.steps(), steps);
    for suffix in ["-wal", "-shm"] {
        assert!(!PathBuf::from(format!("{}{suffix}", demo.file().display())).exists(), "{suffix} was left");
    }
}

/// One meeting, with the power going at every stage of it; in the long run seventy of them, which is a thousand kills.
#[test]
fn killed_at_every_stage_it_resumes_on_the_same_person_with_the_same_text() {
    for _ in 0..if std::env::var_os("MDT_LONG").is_some() { 70 } else { 1 } {
        a_meeting_with_the_power_going();
    }
}

fn a_meeting_with_the_power_going() {
    let demo = Demo::new();
    // Before the meeting is open there is nothing to resume.
    let mut terminal = demo.start();
    terminal.shows("NEXT MEETING").keys("4").shows("10 people on the agenda").keys("n").shows("Open the meeting?");
    terminal.kill();
    let mut terminal = demo.start();
    terminal.shows("NEXT MEETING").hides("Resume");
    terminal.keys("4").shows("10 people on the agenda").keys("n").shows("Open the meeting?").keys("\r");
    terminal.shows("The meeting is live");
    terminal.kill();

    let mut steps = demo.steps();
    let mut grew = || {
        let now = demo.steps();
        std::mem::replace(&mut steps, now) < now
    };
    let mut terminal = demo.resume(&["being called."]);
    terminal.keys("\r\r\r\r").shows("4 present");
    terminal.kill();
    assert!(grew());
    let mut terminal = demo.resume(&["being called."]);
    terminal.shows("4 present").keys("\x1b[B\x1b[B\x1b[B\x1b[B").keys("\r\r\r").shows("7 present. Quorum met.");
    terminal.keys("n").shows("Matters arising").keys("n").shows("WHY TODAY");
    terminal.kill();
    assert!(grew());

    // The card wraps its words; these stay together.
    let here = ["ADEYEMI, J. (1 of 11)"];
    let with_text = ["ADEYEMI, J. (1 of 11)", "half-typed"];
    let mut terminal = demo.resume(&here);
    terminal.shows("ADEYEMI, Jean (Jeannie)").keys("eRuth is up three times").shows("Ruth is up three times");
    pause();
    terminal.kill();
    assert!(!grew(), "half-typed text is no step");
    let mut terminal = demo.resume(&with_text);
    terminal.shows("Ruth is up three times").keys(" a night.\rFell Tuesday").shows("Fell Tuesday");
    pause();
    terminal.kill();
    let mut terminal = demo.resume(&with_text);
    terminal
        .shows("Ruth is up three times a night.")
        .shows("Fell Tuesday")
        .keys(", no injury.")
        .keys(F2)
        .shows("Saved.");
    // Said to be saved: it is on the disk at that moment.
    terminal.kill();
    assert!(grew());
    let mut terminal = demo.resume(&here);
    terminal.hides("half-typed").shows("Fell Tuesday, no injury.");
    // Killed before the pause, the last keys may be lost, but nothing else is.
    terminal.keys("sNot yet").shows("Not yet");
    terminal.kill();
    let mut terminal = demo.resume(&here);
    terminal.shows("Fell Tuesday, no injury.");
    if terminal.text().contains("Not yet") {
        terminal.keys("\x1b").shows("Give up").keys("\r").hides("Give up");
    }
    terminal.keys("aRefer to the falls service @pri").shows("owner Priya");
    pause();
    terminal.kill();
    let mut terminal = demo.resume(&with_text);
    terminal.shows("Refer to the falls service @pri").keys(" +2w").shows("+2w").keys("\r").shows("Added for Priya");
    terminal.kill();
    assert!(grew());
    let mut terminal = demo.resume(&here);
    terminal.shows("Refer to the falls service").keys("n").shows("Missing: decision");
    terminal.keys("d").shows("decision made").keys("\r").shows("Missing: key worker");
    terminal.kill();
    assert!(grew());
    let mut terminal = demo.resume(&here);
    terminal.keys("n").shows("Missing: key worker").keys("\r").shows("Leave with something missing?");
    terminal.keys("the daughter could not be reached\r").shows("OKONKWO").shows("Agreed for ADEYEMI");
    terminal.kill();
    assert!(grew());
    let mut terminal = demo.resume(&["(2 of 11)"]);
    terminal.keys("f").shows("Defer to another meeting");
    terminal.kill();
    let mut terminal = demo.resume(&["(2 of 11)"]);
    terminal.keys("q").shows("Leave mdt?").keys("\r");
    assert_eq!(terminal.ends(), 0);
    terminal.is_restored();
    assert!(!grew(), "a card that was not saved is no step");
}

/// Brings a new demo to its first person.
fn at_the_first_person(demo: &Demo) -> Terminal {
    let mut terminal = demo.start();
    terminal.shows("NEXT MEETING").keys("4").shows("10 people on the agenda").keys("n").shows("Open the meeting?");
    terminal.keys("\r").shows("The meeting is live").keys("n").shows("Matters arising").keys("n").shows("WHY TODAY");
    terminal
}

/// Asked to go in the middle of a word, it keeps the word, gives the terminal back, and goes.
#[test]
fn asked_to_go_it_keeps_the_half_typed_word() {
    let demo = Demo::new();
    let mut terminal = at_the_first_person(&demo);
    terminal.keys("eHalf a wor").shows("Half a wor");
    terminal.signal(Signal::TERM);
    terminal.ends();
    terminal.is_restored();
    let mut terminal = demo.resume(&["half-typed"]);
    terminal.shows("Half a wor").keys("d").shows("Half a word");
    // The window is closed.
    terminal.signal(Signal::HUP);
    terminal.ends();
    demo.resume(&["half-typed"]).shows("Half a word");
    demo.steps();
}

#[test]
fn no_size_is_refused_and_a_storm_of_them_is_weathered() {
    let demo = Demo::new();
    for (rows, columns) in [(1, 1), (1, 200), (60, 1), (2, 3)] {
        let mut terminal = Terminal::start(&demo.file(), demo.folder.path(), rows, columns);
        terminal.until("nothing is drawn", |_| true);
        std::thread::sleep(Duration::from_millis(300));
        // Every room, the help and the palette, in a window that can show nothing of them.
        terminal.keys("2345681?");
        std::thread::sleep(Duration::from_millis(100));
        terminal.keys("\x1b");
        std::thread::sleep(Duration::from_millis(100));
        terminal.keys("q");
        std::thread::sleep(Duration::from_millis(100));
        terminal.keys("\r");
        assert_eq!(terminal.ends(), 0, "at {columns}×{rows}");
        terminal.is_restored();
    }
    let mut terminal = demo.start();
    terminal.shows("NEXT MEETING");
    let mut n: u16 = 7;
    for room in "23456812345681".chars().cycle().take(70) {
        n = n.wrapping_mul(75).wrapping_add(74);
        terminal.resize(1 + n % 60, 1 + n / 7 % 200);
        terminal.keys(&room.to_string());
        std::thread::sleep(Duration::from_millis(4));
    }
    terminal.resize(50, 140);
    std::thread::sleep(Duration::from_millis(200));
    terminal.keys("4").shows("10 people on the agenda").keys("1").shows("NEXT MEETING");
    terminal.keys("q").shows("Leave mdt?").keys("\r");
    assert_eq!(terminal.ends(), 0);
}

/// What is pasted is text, never commands – five thousand letters and line ends of it.
#[test]
fn a_paste_outside_a_field_does_nothing() {
    let demo = Demo::new();
    let steps = demo.steps();
    let mut terminal = at_the_first_person(&demo);
    let before = demo.steps();
    assert!(before > steps);
    let pasted = "d\rn\rq\rf\rc\ru\r".repeat(420);
    assert!(pasted.len() > 5_000);
    terminal.keys(&format!("\x1b[200~{pasted}\x1b[201~")).shows("Nothing here takes text");
    assert!(terminal.text().contains("ADEYEMI, Jean"), "{}", terminal.text());
    assert_eq!(demo.steps(), before);
    // In a field the same paste is text.
    terminal.keys("e").keys("\x1b[200~q\rc\r\x1b[31mred\x1b[201~").shows("red");
    terminal.keys(F2).shows("Saved.").shows("WHY TODAY");
    assert_eq!(demo.steps(), before + 1);
}

/// A record that is copied arrives whole on the clipboard of the terminal, and nothing of it on the screen.
#[test]
fn a_record_is_copied_to_the_clipboard_of_the_terminal() {
    let demo = Demo::new();
    let mut terminal = demo.start();
    terminal.shows("Home").keys("6").shows("not written back").keys("w").shows("What is copied");
    let before = demo.steps();
    terminal.keys("c").shows("Copy the record of ADEYEMI, Jean");
    assert!(terminal.screen().callbacks().0.is_empty());
    terminal.keys("\r").shows("Sent to the terminal's clipboard (OSC 52).");
    let copied = terminal.screen().callbacks().0.clone();
    let [text] = copied.as_slice() else { panic!("{copied:?}") };
    assert!(text.starts_with("MDT discussion ") && text.contains("NHS 999 000 0018"), "{text}");
    assert!(text.trim_end().ends_with("DRAFT – not sealed, may still change"), "{text}");
    assert_eq!(demo.steps(), before + 1);
}

/// Two processes on one file: what one adds, the other shows within a second.
#[test]
fn two_processes_see_each_other() {
    let demo = Demo::new();
    let mut one = at_the_first_person(&demo);
    let mut other = demo.resume(&["(1 of 11)"]);
    other.shows("WHY TODAY");
    let mut took = Vec::new();
    for what in ["Ring the pharmacy", "Ask the warden", "Book a transport"] {
        one.keys(&format!("a{what} @pri +2w")).shows("owner Priya").keys("\r").shows("Added for Priya");
        took.push(other.until(&format!("does not show “{what}”"), |text| text.contains(what)));
    }
    // The quickest of three: a busy machine may hold one of them up.
    let quickest = took.iter().min().unwrap();
    assert!(*quickest < Duration::from_secs(1), "{took:?}");
    // And the other way round, while the first is writing: its text stays.
    one.keys("eHalf a sentence").shows("Half a sentence");
    other.keys("aRing the daughter @pri +1w").shows("owner Priya").keys("\r").shows("Added for Priya");
    one.shows("Ring the daughter").shows("Half a sentence");
    one.keys(F2).shows("Saved.");
    other.shows("Half a sentence");
    demo.steps();
}

/// What was on the screen cannot be scrolled back to: not after leaving, not after the lock, not when it was told to go.
#[test]
fn leaving_and_locking_clear_what_can_be_scrolled_back_to() {
    let demo = Demo::new();
    let mut terminal = demo.start();
    terminal.shows("NEXT MEETING");
    assert_eq!(terminal.purges(), 0);
    terminal.keys("2").shows("ADEYEMI").keys("\x0c").shows("MDT – locked").hides("ADEYEMI");
    assert_eq!(terminal.purges(), 1);
    terminal.keys("\r").shows("ADEYEMI").keys("q").shows("Leave mdt?").keys("\r");
    assert_eq!(terminal.ends(), 0);
    terminal.is_restored();
    let raw = terminal.raw.lock().unwrap().clone();
    let left = raw.windows(8).rposition(|it| it == b"\x1b[?1049l").unwrap();
    let purged = raw.windows(4).rposition(|it| it == b"\x1b[3J").unwrap();
    assert!(purged > left, "cleared before the other screen came back");
    assert!(!String::from_utf8_lossy(&raw[left..]).contains("ADEYEMI"));
    let mut terminal = demo.start();
    terminal.shows("NEXT MEETING").signal(Signal::TERM);
    terminal.ends();
    assert!(terminal.purges() > 0);
    // From the locked screen, too.
    let mut terminal = demo.start();
    terminal.shows("NEXT MEETING").keys("\x0c").shows("MDT – locked").keys("q");
    assert_eq!(terminal.ends(), 0);
    terminal.is_restored();
}

/// Put to sleep and woken again, it is locked: whoever wakes it may be somebody else.
#[test]
fn put_to_sleep_it_wakes_up_locked() {
    let demo = Demo::new();
    for by_key in [true, false] {
        let mut terminal = demo.start();
        terminal.shows("NEXT MEETING").keys("2").shows("ADEYEMI");
        if by_key {
            terminal.keys("\x1a");
        } else {
            terminal.signal(Signal::TSTP);
        }
        terminal.until("the screen is still there", |text| !text.contains("ADEYEMI"));
        let pid = terminal.child.process_id().unwrap();
        let asleep = || {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('T'))
        };
        let began = Instant::now();
        while !asleep() {
            assert!(began.elapsed() < PATIENCE, "it does not sleep");
            std::thread::sleep(Duration::from_millis(10));
        }
        // Asleep, it has the file closed: nobody is shown as at work but by a row.
        assert!(!PathBuf::from(format!("{}-wal", demo.file().display())).exists(), "it sleeps with the file open");
        terminal.signal(Signal::CONT);
        terminal.shows("MDT – locked").keys("\r").shows("ADEYEMI");
        terminal.keys("q").shows("Leave mdt?").keys("\r");
        assert_eq!(terminal.ends(), 0);
    }
}

/// One that was killed is not among those at work for whoever comes next; one that runs is.
#[test]
fn a_program_that_was_killed_is_swept_away_by_the_next() {
    let demo = Demo::new();
    let mut one = demo.start();
    one.shows("NEXT MEETING").hides(" other:");
    let mut other = demo.start();
    other.shows("1 other: ");
    one.shows("1 other: ");
    other.kill();
    // Nothing told of it: it is found by asking.
    one.hides("1 other: ");
    one.kill();
    let mut next = demo.start();
    next.shows("NEXT MEETING").hides(" other:");
    let (store, mut reader) = store::open(&demo.file(), None).unwrap();
    reader.sit(0);
    assert_eq!(reader.others("").unwrap().0.len(), 1, "only the one that runs");
    drop(store);
}
