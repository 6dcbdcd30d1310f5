//! What is asked and said on a terminal before the first picture and after the last one: passphrases, the recovery copy, a file
//! that may not be the newest – and the copy that is made when the system tells the program to go.
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

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use mdt::store::backup::{Manifest, Why, folder_of};
use mdt::store::open::Passphrase;
use mdt::store::{self, FileKind};
use rustix::process::Signal;
use terminal::Terminal;

const FIRST: &str = "correct horse battery staple";
const SECOND: &str = "kept by somebody else entirely";
const THIRD: &str = "another long passphrase";

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self) -> PathBuf {
        self.path("team.mdt")
    }

    /// A subcommand without a terminal.
    fn quietly(&self, arguments: &[&str]) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mdt"));
        command.env("HOME", self.0.path()).env("XDG_DATA_HOME", self.path("data")).env("USER", "tolu");
        let done = command.arg("--file").arg(self.file()).args(arguments).output().unwrap();
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// A real file of a team, not encrypted, so that nothing takes long.
    fn plain(&self) {
        self.quietly(&["init", "Elm Grove MDT", "--no-encryption"]);
    }

    /// A real file of a team under the first passphrase, with nobody in it.
    fn encrypted(&self) {
        fs::write(self.path("key"), format!("{FIRST}\n")).unwrap();
        fs::set_permissions(self.path("key"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let key = self.path("key");
        self.quietly(&["--key-file", key.to_str().unwrap(), "init", "Elm Grove MDT"]);
    }

    fn import(&self, kind: &str) {
        let list = format!("{}/examples/{kind}.csv", env!("CARGO_MANIFEST_DIR"));
        self.quietly(&["import", kind, &list, "--yes"]);
    }

    fn run(&self, arguments: &[&str]) -> Terminal {
        Terminal::run(&self.file(), self.0.path(), arguments, 40, 120)
    }

    fn opens(&self, path: &Path, passphrase: &str) -> bool {
        store::open_to_read(path, Some(&Passphrase::new(passphrase.to_owned()))).is_ok()
    }
}

/// Answers a prompt, which shows nothing of what is typed.
fn answer<'t>(terminal: &'t mut Terminal, prompt: &str, typed: &str) -> &'t mut Terminal {
    terminal.shows(prompt).keys(typed).keys("\r")
}

/// Nothing of a passphrase was ever on the screen, nor sent to it.
fn nothing_was_echoed(terminal: &Terminal) {
    let raw = String::from_utf8_lossy(&terminal.raw.lock().unwrap()).into_owned();
    for word in ["horse", "somebody else entirely", "another long", "tooshort", "misspelt"] {
        assert!(!raw.contains(word), "“{word}” was shown:\n{raw}");
    }
}

fn leaves(terminal: &mut Terminal) {
    terminal.keys("q").shows("Leave mdt?").keys("\r");
    assert_eq!(terminal.ends(), 0, "{}", terminal.text());
    terminal.is_restored();
}

/// An older copy put back is said on a card that stays until somebody has read it; nothing is typed past it.
#[test]
fn an_older_copy_put_back_is_said_on_a_card_at_the_start() {
    let home = Home::new();
    home.plain();
    let older = fs::read(home.file()).unwrap();
    home.import("caseload");
    fs::write(home.file(), &older).unwrap();
    for (rows, columns) in [(20, 60), (40, 120)] {
        let mut terminal = Terminal::start(&home.file(), home.0.path(), rows, columns);
        terminal.shows("This file may not be the newest").shows("This file ends at step").shows("mdt audit accept");
        terminal.shows("I have read this");
        // A key meant for the room behind it does nothing.
        terminal.keys("2").shows("This file may not be the newest");
        terminal.keys("\r").hides("This file may not be the newest").shows("NOT ENCRYPTED");
        leaves(&mut terminal);
    }
    // It is said until somebody says that it is right.
    home.quietly(&["audit", "accept"]);
    let mut terminal = home.run(&[]);
    terminal.shows("NOT ENCRYPTED").hides("may not be the newest");
    leaves(&mut terminal);
}

/// `mdt init` on a terminal: too short, mistyped, right; then the recovery copy, whose passphrase must be another one and is
/// typed once more to open it.
#[test]
fn init_asks_for_two_passphrases_and_opens_the_recovery_copy() {
    let home = Home::new();
    let mut terminal = home.run(&["init", "Elm Grove MDT"]);
    answer(&mut terminal, "New passphrase (fourteen characters, or six words):", "tooshort");
    terminal.shows("A passphrase needs at least fourteen characters or six words.");
    terminal.keys(FIRST).keys("\r");
    answer(&mut terminal, "The same again:", "misspelt");
    terminal.shows("The two were not the same.").keys(FIRST).keys("\r");
    terminal.until("does not ask again", |text| text.matches("The same again:").count() == 2);
    terminal.keys(FIRST).keys("\r");
    terminal.shows("A recovery copy opens with a second passphrase");
    terminal.shows("Enter to leave it out").keys(home.path("rec.mdt").to_str().unwrap()).keys("\r");
    answer(&mut terminal, "Second passphrase (fourteen characters, or six words):", FIRST);
    terminal.shows("whoever loses the first loses both").keys(SECOND).keys("\r");
    terminal.until("does not ask again", |text| text.matches("The same again:").count() == 3);
    terminal.keys(SECOND).keys("\r");
    terminal.shows("Now open it, as whoever keeps the second passphrase would.");
    terminal.until("does not ask to open it", |text| text.lines().any(|line| line.trim_end() == "Passphrase:"));
    terminal.keys(SECOND).keys("\r");
    assert_eq!(terminal.ends(), 0, "{}", terminal.text());
    terminal.shows_last("with the second passphrase").shows_last("Only this login can read it");
    nothing_was_echoed(&terminal);
    assert!(home.opens(&home.file(), FIRST) && !home.opens(&home.file(), SECOND));
    assert!(home.opens(&home.path("rec.mdt"), SECOND) && !home.opens(&home.path("rec.mdt"), FIRST));
}

/// A place that is not there is asked for again and makes no file of that name; a copy that was not opened is named, with what
/// to do about it, in lines that break between words.
#[test]
fn init_asks_again_for_a_place_that_is_not_there_and_names_a_copy_that_was_not_opened() {
    let home = Home::new();
    let mut terminal = Terminal::run(&home.file(), home.0.path(), &["init", "Elm Grove MDT"], 40, 80);
    answer(&mut terminal, "New passphrase (fourteen characters, or six words):", FIRST);
    answer(&mut terminal, "The same again:", FIRST);
    terminal.shows("Enter to leave it out").keys("nowhere/stick").keys("\r");
    terminal.shows("There is no folder nowhere/stick.").keys("stick").keys("\r");
    terminal.shows("There is no folder stick.");
    terminal.until("does not ask again", |text| text.matches("Enter to leave it out").count() == 3);
    terminal.keys(home.path("rec.mdt").to_str().unwrap()).keys("\r");
    answer(&mut terminal, "Second passphrase (fourteen characters, or six words):", SECOND);
    terminal.until("does not ask again", |text| text.matches("The same again:").count() == 2);
    terminal.keys(SECOND).keys("\r");
    for n in 1..=3 {
        terminal.until("does not ask to open it", |text| text.matches("\nPassphrase:").count() == n);
        terminal.keys("misspelt").keys("\r");
    }
    assert_eq!(terminal.ends(), 1, "{}", terminal.text());
    let text = terminal.text();
    let flat = text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    assert!(flat.contains("rec.mdt was not opened: do not rely on it"), "{text}");
    assert!(flat.contains("Make another with: mdt key recovery PATH"), "{text}");
    assert!(!flat.contains("mdt restore"), "{text}");
    assert!(!home.path("stick").exists() && home.file().exists());
    nothing_was_echoed(&terminal);
}

/// A stray key at the last question of a joining does not throw away what was decided; no says that nothing was written.
#[test]
fn a_joining_is_asked_about_until_the_answer_is_yes_or_no() {
    let home = Home::new();
    home.plain();
    fs::copy(home.file(), home.path("theirs.mdt")).unwrap();
    let theirs = Home(tempfile::tempdir_in(home.0.path()).unwrap());
    fs::rename(home.path("theirs.mdt"), theirs.file()).unwrap();
    theirs.import("caseload");
    let steps = || store::open_to_read(&home.file(), None).unwrap().1.head().unwrap().seq;
    let before = steps();
    for (answer, joined) in [("n", false), ("y", true)] {
        let mut terminal = home.run(&["merge", theirs.file().to_str().unwrap()]);
        for n in 1..=2 {
            terminal.until("does not ask", |text| text.matches("Join them?").count() == n);
            terminal.keys(if n == 1 { "x\r" } else { "\r" });
        }
        terminal.until("does not ask again", |text| text.matches("Join them?").count() == 3);
        terminal.keys(answer).keys("\r");
        assert_eq!(terminal.ends(), 0, "{}", terminal.text());
        terminal.shows_last(if joined { "Joined as step" } else { "Nothing was written" });
        assert_eq!(steps() > before, joined);
    }
}

/// Three times not the same: nothing is made.
#[test]
fn init_gives_up_after_three_tries_and_makes_nothing() {
    let home = Home::new();
    let mut terminal = home.run(&["init", "Elm Grove MDT"]);
    for n in 1..=3 {
        terminal.until("does not ask", |text| text.matches("New passphrase").count() == n);
        terminal.keys("tooshort\r");
    }
    assert_eq!(terminal.ends(), 1);
    terminal.shows_last("No passphrase was set. Nothing was changed.");
    nothing_was_echoed(&terminal);
    assert!(!home.file().exists());
}

/// `mdt key change` on a terminal: a wrong one is waited for, the same one is refused, and the old file is named.
#[test]
fn key_change_asks_for_the_old_passphrase_and_twice_for_the_new_one() {
    let home = Home::new();
    home.encrypted();
    let mut terminal = home.run(&["key", "change"]);
    answer(&mut terminal, "Passphrase:", "misspelt");
    terminal.shows("Wrong passphrase, or the file is damaged. Nothing was changed.");
    terminal.until("does not ask again", |text| text.matches("Passphrase:").count() == 2);
    terminal.keys(FIRST).keys("\r");
    answer(&mut terminal, "New passphrase (fourteen characters, or six words):", FIRST);
    terminal.shows("That is the passphrase it has already.").keys(THIRD).keys("\r");
    answer(&mut terminal, "The same again:", THIRD);
    assert_eq!(terminal.ends(), 0, "{}", terminal.text());
    terminal.shows_last("The passphrase is changed").shows_last("-old-key-").shows_last("after 7 days");
    nothing_was_echoed(&terminal);
    assert!(home.opens(&home.file(), THIRD) && !home.opens(&home.file(), FIRST));
}

/// Where there is no recovery copy, the start says so and how to make one; once there is one, it does not.
#[test]
fn a_file_without_a_recovery_copy_is_reminded_of_at_the_start() {
    let home = Home::new();
    home.encrypted();
    let mut terminal = home.run(&[]);
    answer(&mut terminal, "Passphrase:", FIRST);
    terminal.shows("There is no recovery copy").shows("mdt key recovery PATH");
    leaves(&mut terminal);
    nothing_was_echoed(&terminal);
    let mut terminal = home.run(&["key", "recovery", home.path("rec.mdt").to_str().unwrap()]);
    answer(&mut terminal, "Passphrase:", FIRST);
    answer(&mut terminal, "Second passphrase (fourteen characters, or six words):", SECOND);
    answer(&mut terminal, "The same again:", SECOND);
    terminal.shows("Now open it, as whoever keeps the second passphrase would.");
    terminal.until("does not ask to open it", |text| text.matches("\nPassphrase:").count() == 1);
    terminal.keys(SECOND).keys("\r");
    assert_eq!(terminal.ends(), 0, "{}", terminal.text());
    let mut terminal = home.run(&[]);
    answer(&mut terminal, "Passphrase:", FIRST);
    terminal.shows("Caseload").hides("recovery copy");
    leaves(&mut terminal);
}

/// Told to go by the system, it keeps the half-typed text, makes the copy that leaving would have made, and is gone soon.
#[test]
fn told_to_go_it_makes_the_copy_that_leaving_would_have_made() {
    for (signal, held) in [(Signal::TERM, false), (Signal::HUP, false), (Signal::TERM, true)] {
        let home = Home::new();
        home.plain();
        home.import("caseload");
        let folder = folder_of(&home.file());
        let copies = || Manifest::read(&folder).unwrap().entries;
        let before = copies();
        let mut terminal = home.run(&[]);
        terminal.shows("NOT ENCRYPTED").keys("2").shows("BEGUM").keys("n").shows("Surname");
        terminal.keys("xyzzy").shows("xyzzy");
        // Another program makes a copy for ever: then there is none here, and it goes all the same.
        let lock = held.then(|| {
            let lock = fs::File::open(&folder).unwrap();
            rustix::fs::flock(&lock, rustix::fs::FlockOperation::NonBlockingLockExclusive).unwrap();
            lock
        });
        let began = Instant::now();
        terminal.signal(signal);
        terminal.ends();
        assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
        drop(lock);
        let after = copies();
        let (store, mut reader) = store::open(&home.file(), None).unwrap();
        reader.sit(0);
        let kept = |name: &String| reader.draft(name).unwrap().is_some_and(|text| text.contains("xyzzy"));
        assert!(reader.drafts().unwrap().iter().any(kept), "kept first");
        if held {
            assert_eq!(after.len(), before.len());
            continue;
        }
        let last = after.last().unwrap();
        assert_eq!((after.len(), last.why), (before.len() + 1, Why::Quit), "{after:?}");
        assert!(!reader.changed_since(last.seq).unwrap(), "it lacks nothing");
        let (_, copy) = store::open_to_read(&folder.join(&last.name), None).unwrap();
        assert_eq!(copy.kind(), FileKind::Real);
        assert_eq!(reader.steps(1).unwrap()[0].kind, mdt::store::log::StepKind::Backup, "the log says so");
        drop(store);
        // Nothing was done since: the next one told to go makes none.
        let mut terminal = home.run(&[]);
        terminal.shows("NOT ENCRYPTED").signal(signal);
        terminal.ends();
        assert_eq!(copies().len(), after.len());
    }
}
