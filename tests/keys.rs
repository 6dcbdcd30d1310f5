//! Passphrases: a life of changes, a change killed after each of its steps, the recovery copy, and where a passphrase is not
//! taken from.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where something is not as it should be"
)]

mod kit;

use std::cell::Cell;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;

use kit::{noon, stamp, times};
use mdt::domain::change::{Mint, add};
use mdt::domain::household::Household;
use mdt::domain::id::HouseholdId;
use mdt::domain::text::Line;
use mdt::store::audit::examine;
use mdt::store::copy::quietly;
use mdt::store::fault::Fault;
use mdt::store::log::Stamp;
use mdt::store::open::Passphrase;
use mdt::store::rekey::{Changed, Changing, Done, Names, change_key, change_key_on, left_beside};
use mdt::store::{self, Deed, FileKind, Stop};

fn phrase(n: u32) -> Passphrase {
    Passphrase::new(format!("correct horse battery {n}"))
}

fn at(second: u32) -> Stamp {
    Stamp { at: format!("2026-11-26T13:{:02}:{:02}Z", second / 60, second % 60), ..stamp() }
}

fn make(folder: &Path) -> PathBuf {
    let path = folder.join("team.mdt");
    let (store, reader) = store::create(&path, Some(&phrase(0)), FileKind::Real, 7, &stamp()).unwrap();
    drop(reader);
    store.close().unwrap();
    path
}

fn household(path: &Path, passphrase: &Passphrase, n: u32) {
    let (mut store, _reader) = store::open(path, Some(passphrase)).unwrap();
    let id: HouseholdId = Mint::new(noon() + chrono::Duration::seconds(n.into()), 1).mint();
    let it = Household { name: Line::parse(&format!("{n} Elm Grove")).unwrap(), note: None };
    store.commit(&at(n), &Deed::change("Add household"), &[add(id, it)]).unwrap();
    store.close().unwrap();
}

fn change(path: &Path, old: u32, new: u32, second: u32, until: Option<Done>) -> Result<Changed, Fault> {
    let (old, new, stamp) = (phrase(old), phrase(new), at(second));
    let it = Changing { path, old: &old, new: &new, stamp: &stamp };
    change_key(&it, &Stop::default(), &mut quietly, &mut |done| Some(done) != until)
}

fn opens(path: &Path, n: u32) -> bool {
    match examine(path, Some(&phrase(n))) {
        Ok(reader) => {
            reader.audit().unwrap().unwrap();
            true
        }
        Err(Fault::WrongKey) => false,
        Err(fault) => panic!("{fault}"),
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_file_lives_through_many_passphrases_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = make(folder.path());
    let walks = times(6, 200);
    let mut steps = 1;
    for walk in 0..walks {
        // Work between two changes, sometimes none.
        if walk % 3 != 0 {
            household(&path, &phrase(walk), walk);
            steps += 1;
        }
        let changed = change(&path, walk, walk + 1, walk, None).unwrap();
        steps += 1;
        assert_eq!(changed.head.seq, steps, "the change itself is a step");
        assert_eq!((mode(&path), mode(&changed.kept)), (0o600, 0o600));
        if walk % 5 == 0 {
            assert!(opens(&path, walk + 1) && !opens(&path, walk), "walk {walk}");
            assert!(opens(&changed.kept, walk) && !opens(&changed.kept, walk + 1), "walk {walk}");
        }
        fs::remove_file(&changed.kept).unwrap();
    }
    let reader = examine(&path, Some(&phrase(walks))).unwrap();
    assert_eq!(reader.audit().unwrap().unwrap().steps, steps);
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1 + usize::from(has_shm(&path)) * 2,
        "nothing else is left"
    );
}

fn has_shm(path: &Path) -> bool {
    path.with_file_name("team.mdt-shm").exists()
}

#[test]
fn a_change_killed_after_any_of_its_steps_leaves_a_file_that_opens() {
    for killed in [Done::Copied, Done::Logged, Done::Proved, Done::Exchanged, Done::Kept] {
        let folder = tempfile::tempdir().unwrap();
        let path = make(folder.path());
        household(&path, &phrase(0), 1);
        let before = fs::read(&path).unwrap();
        assert_eq!(change(&path, 0, 1, 2, Some(killed)).unwrap_err(), Fault::Stopped);
        let new_is_in_force = matches!(killed, Done::Exchanged | Done::Kept);
        assert_eq!((opens(&path, 0), opens(&path, 1)), (!new_is_in_force, new_is_in_force), "{killed:?}");
        if !new_is_in_force {
            assert_eq!(fs::read(&path).unwrap(), before, "the file was not touched: {killed:?}");
        }
        let left = left_beside(&path).unwrap();
        assert_eq!(left.len(), 1, "{killed:?}");
        assert_eq!(left[0].interrupted, killed != Done::Kept, "{killed:?}");
        assert_eq!(opens(&left[0].path, 0), new_is_in_force, "the other file is the other one: {killed:?}");
        // And once more, from where it stands.
        if !matches!(killed, Done::Proved | Done::Exchanged) {
            continue;
        }
        let (old, new) = if new_is_in_force { (1, 2) } else { (0, 1) };
        change(&path, old, new, 3, None).unwrap();
        assert!(opens(&path, new) && !opens(&path, old), "{killed:?}");
    }
}

/// A disk that cannot let two files change names in one step: names are given one at a time, and some are not.
struct Simple {
    /// How many were asked for.
    given: Cell<u32>,
    /// The first that fails.
    fails: Option<u32>,
    /// How many fail, from `fails` on.
    failures: u32,
}

impl Names for Simple {
    fn exchange(&self, _one: &Path, _other: &Path) -> io::Result<bool> {
        Ok(false)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let n = self.given.get();
        self.given.set(n + 1);
        if self.fails.is_some_and(|fails| (fails..fails + self.failures).contains(&n)) {
            return Err(io::Error::other("the disk said no"));
        }
        fs::rename(from, to)
    }
}

fn change_on(names: &dyn Names, path: &Path, until: Option<Done>) -> Result<Changed, Fault> {
    let (old, new, stamp) = (phrase(0), phrase(1), at(2));
    let it = Changing { path, old: &old, new: &new, stamp: &stamp };
    change_key_on(names, &it, &Stop::default(), &mut quietly, &mut |done| Some(done) != until)
}

/// Which files of the folder each passphrase opens: by the old one, by the new one.
fn openable(folder: &Path) -> (Vec<String>, Vec<String>) {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let by =
        |n: u32| names.iter().filter(|name| name.ends_with(".mdt") && opens(&folder.join(name), n)).cloned().collect();
    (by(0), by(1))
}

const TEAM: &str = "team.mdt";
const OLD: &str = "team-old-key-20261126T130002Z.mdt";
const NEW: &str = "team-new-key-20261126T130002Z.mdt";

#[test]
fn on_a_disk_that_cannot_exchange_names_a_change_comes_to_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = make(folder.path());
    let names = Simple { given: Cell::new(0), fails: None, failures: 0 };
    let changed = change_on(&names, &path, None).unwrap();
    assert_eq!((names.given.get(), changed.kept.file_name().unwrap().to_str()), (2, Some(OLD)));
    assert_eq!(openable(folder.path()), (vec![OLD.to_owned()], vec![TEAM.to_owned()]));
    assert_eq!((mode(&path), mode(&changed.kept)), (0o600, 0o600));
    let left = left_beside(&path).unwrap();
    assert!(left.len() == 1 && !left[0].interrupted, "{left:?}");
}

#[test]
fn on_such_a_disk_each_name_that_is_not_given_leaves_a_file_that_opens_and_says_where() {
    // (from which name on none is given, how many fail, what the old passphrase opens, what the new one, what is said)
    let cases = [
        (0, 1, vec![TEAM], vec![], "The passphrase is as it was"),
        (1, 1, vec![TEAM], vec![], "The passphrase is as it was"),
        (1, 2, vec![OLD], vec![NEW], OLD),
    ];
    for (fails, failures, old, new, said) in cases {
        let folder = tempfile::tempdir().unwrap();
        let path = make(folder.path());
        let names = Simple { given: Cell::new(0), fails: Some(fails), failures };
        let fault = change_on(&names, &path, None).unwrap_err().to_string();
        assert!(fault.contains("the disk said no") && fault.contains(said), "{fails}, {failures}: {fault}");
        let (by_old, by_new) = openable(folder.path());
        assert_eq!(
            (by_old, by_new),
            (old.iter().map(|it| (*it).to_owned()).collect(), new.iter().map(|it| (*it).to_owned()).collect()),
            "{fails}, {failures}"
        );
        if !path.exists() {
            assert!(fault.contains(NEW) && fault.contains("mv "), "{fault}");
            is_told_where_it_is(folder.path());
        }
    }
    // With one step to change places in: only the name under which the old file is kept is missing.
    struct Fails;
    impl Names for Fails {
        fn exchange(&self, one: &Path, other: &Path) -> io::Result<bool> {
            let third = one.with_extension("third");
            fs::rename(one, &third)?;
            fs::rename(other, one)?;
            fs::rename(third, other)?;
            Ok(true)
        }

        fn rename(&self, _from: &Path, _to: &Path) -> io::Result<()> {
            Err(io::Error::other("the disk said no"))
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = make(folder.path());
    let fault = change_on(&Fails, &path, None).unwrap_err().to_string();
    assert!(fault.contains("The new passphrase is in force") && fault.contains(NEW), "{fault}");
    assert_eq!(openable(folder.path()), (vec![NEW.to_owned()], vec![TEAM.to_owned()]));
}

/// Whoever starts the program where the file should be is told of the two; nothing is made in its place; once the file has its
/// name again, all is as it should be.
fn is_told_where_it_is(folder: &Path) {
    for (name, text) in [("key0", "correct horse battery 0"), ("key1", "correct horse battery 1")] {
        fs::write(folder.join(name), format!("{text}\n")).unwrap();
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let mdt = |key: &str, arguments: &[&str]| {
        let mut command = Command::cargo_bin("mdt").unwrap();
        command.env("HOME", folder).env("XDG_DATA_HOME", folder.join("data")).env("USER", "test").current_dir(folder);
        command.args(["--file", TEAM, "--key-file", key]).args(arguments);
        command
    };
    let both = || contains(OLD).and(contains(NEW)).and(contains("was interrupted"));
    mdt("key1", &["agenda"]).assert().code(3).stderr(both());
    mdt("key1", &["audit", "verify"]).assert().code(3).stderr(both());
    mdt("key1", &["init", "Elm Grove MDT"]).assert().code(3).stderr(both());
    mdt("key1", &["doctor"]).assert().code(3).stdout(both().and(contains("do not remove it")));
    assert!(!folder.join(TEAM).exists(), "nothing was made in its place");
    fs::rename(folder.join(NEW), folder.join(TEAM)).unwrap();
    mdt("key1", &["audit", "verify"]).assert().code(0).stdout(contains("Whole"));
    mdt("key0", &["audit", "verify"]).assert().code(3).stderr(contains("Wrong passphrase"));
}

#[test]
fn on_such_a_disk_a_change_killed_between_two_names_is_told_at_the_next_start() {
    /// Killed when so many names were given: nothing is done any more, not even cleared away.
    struct Killed(Cell<u32>);
    impl Names for Killed {
        fn exchange(&self, _one: &Path, _other: &Path) -> io::Result<bool> {
            Ok(false)
        }

        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            if self.0.get() == 0 {
                panic!("killed");
            }
            self.0.set(self.0.get() - 1);
            fs::rename(from, to)
        }
    }
    for (names, old, new) in [(0, TEAM, NEW), (1, OLD, NEW), (2, OLD, TEAM)] {
        let folder = tempfile::tempdir().unwrap();
        let path = make(folder.path());
        let until = (names == 2).then_some(Done::Exchanged);
        let killed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            change_on(&Killed(Cell::new(names)), &path, until)
        }));
        match killed {
            Ok(done) => assert_eq!(done.unwrap_err(), Fault::Stopped),
            Err(_) => assert_ne!(names, 2),
        }
        assert_eq!(openable(folder.path()), (vec![old.to_owned()], vec![new.to_owned()]), "after {names} names");
        let left = left_beside(&path).unwrap();
        let interrupted: Vec<bool> = left.iter().map(|it| it.interrupted).collect();
        assert_eq!(interrupted, [vec![true], vec![true, false], vec![false]][names as usize], "{left:?}");
        if names == 1 {
            is_told_where_it_is(folder.path());
        }
    }
}

#[test]
fn a_change_is_refused_where_somebody_has_the_file_open_or_the_passphrase_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let path = make(folder.path());
    let before = fs::read(&path).unwrap();
    assert_eq!(change(&path, 5, 1, 0, None).unwrap_err(), Fault::WrongKey);
    // Somebody writes between the copy and the exchange.
    let (old, new, when) = (phrase(0), phrase(1), at(1));
    let it = Changing { path: &path, old: &old, new: &new, stamp: &when };
    let refused = change_key(&it, &Stop::default(), &mut quietly, &mut |done| {
        if done == Done::Copied {
            household(&path, &phrase(0), 4);
        }
        true
    });
    assert!(refused.is_err());
    assert!(opens(&path, 0) && !opens(&path, 1));
    assert_ne!(fs::read(&path).unwrap(), before, "what was written meanwhile is there");
    assert!(left_beside(&path).unwrap().is_empty(), "what was begun is gone");
}

// ───────────────────────────────────────────── from the command line

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        for (name, text) in [
            ("key", "correct horse battery staple"),
            ("new", "another long passphrase"),
            ("second", "kept by somebody else"),
            ("short", "too short"),
        ] {
            fs::write(home.path(name), format!("{text}\n")).unwrap();
            fs::set_permissions(home.path(name), fs::Permissions::from_mode(0o600)).unwrap();
        }
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn mdt(&self, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("mdt").unwrap();
        command.env("HOME", self.0.path()).env("XDG_DATA_HOME", self.path("data")).env("USER", "test");
        command.current_dir(self.0.path()).args(["--file", "team.mdt"]).args(arguments);
        command
    }
}

#[test]
fn the_passphrase_is_changed_from_the_command_line() {
    let home = Home::new();
    home.mdt(&["--key-file", "key", "init", "Elm Grove MDT"]).assert().success().stdout(contains("No recovery copy"));
    let change = |key: &str, new: &str| home.mdt(&["--key-file", key, "key", "change", "--new-key-file", new]);
    change("key", "key").assert().code(1).stderr(contains("has already"));
    change("key", "short").assert().code(1).stderr(contains("fourteen"));
    change("new", "key").assert().code(3).stderr(contains("Wrong passphrase"));
    fs::set_permissions(home.path("new"), fs::Permissions::from_mode(0o644)).unwrap();
    change("key", "new").assert().code(1).stderr(contains("chmod 600"));
    fs::set_permissions(home.path("new"), fs::Permissions::from_mode(0o600)).unwrap();
    // While somebody is at work on it, nothing is changed.
    let (store, reader) =
        store::open(&home.path("team.mdt"), Some(&Passphrase::new("correct horse battery staple".to_owned()))).unwrap();
    change("key", "new").assert().code(3).stderr(contains("open"));
    drop((store, reader));
    change("key", "new").assert().success().stdout(contains("-old-key-").and(contains("7 days")));
    home.mdt(&["--key-file", "key", "audit", "verify"]).assert().code(3).stderr(contains("Wrong passphrase"));
    home.mdt(&["--key-file", "new", "audit", "verify"]).assert().code(0).stdout(contains("goes on from where"));
    home.mdt(&["init", "Plain", "--no-encryption"]).assert().code(1);
    home.mdt(&["--file", "plain.mdt", "init", "Plain", "--no-encryption"]).assert().code(2);
}

#[test]
fn a_recovery_copy_is_made_and_opened_under_a_second_passphrase() {
    let home = Home::new();
    let init = |second: &str| {
        home.mdt(&[
            "--key-file",
            "key",
            "init",
            "Elm Grove MDT",
            "--recovery",
            "rec.mdt",
            "--recovery-key-file",
            second,
        ])
    };
    init("key").assert().code(1).stderr(contains("must be another one"));
    init("short").assert().code(1).stderr(contains("fourteen"));
    assert!(!home.path("team.mdt").exists(), "nothing was made");
    init("second").assert().success().stdout(contains("with the second passphrase"));
    assert_eq!(mode(&home.path("rec.mdt")), 0o600);
    home.mdt(&["--file", "rec.mdt", "audit", "head"]).assert().code(2);
    let verify = |file: &str, key: &str| {
        let mut command = Command::cargo_bin("mdt").unwrap();
        command.env("HOME", home.0.path()).env("XDG_DATA_HOME", home.path("data")).current_dir(home.0.path());
        command.args(["--file", file, "--key-file", key, "audit", "verify"]);
        command
    };
    verify("rec.mdt", "key").assert().code(3);
    // It is older than the team's file, and lies elsewhere: nobody is alarmed.
    verify("rec.mdt", "second").assert().code(0).stdout(contains("Whole"));
    // Again later: into a folder, under a name of its own; a copy never replaces one.
    let again = |to: &str| home.mdt(&["--key-file", "key", "key", "recovery", to, "--recovery-key-file", "second"]);
    again("rec.mdt").assert().code(3).stderr(contains("exists already"));
    fs::create_dir(home.path("stick")).unwrap();
    again("stick").assert().success();
    assert_eq!(fs::read_dir(home.path("stick")).unwrap().count(), 1);
    // The plain file has neither.
    fs::remove_file(home.path("team.mdt")).unwrap();
    home.mdt(&["init", "Plain", "--no-encryption"]).assert().success();
    home.mdt(&["key", "recovery", "x.mdt"]).assert().code(1).stderr(contains("not encrypted"));
}

#[test]
fn a_passphrase_in_the_environment_is_refused_by_name_and_never_read() {
    let home = Home::new();
    for name in ["MDT_PASSPHRASE", "MDT_PASS", "MDT_KEY_FILE", "mdt_password"] {
        home.mdt(&["paths"])
            .env(name, "hunter2 hunter2 hunter2")
            .assert()
            .code(1)
            .stderr(contains(name).and(contains("hunter2").not()));
    }
    home.mdt(&["paths"]).env("MDT_LONG", "1").assert().success();
}

/// What the process does for itself, as the system tells of it while it waits at its prompt.
#[cfg(target_os = "linux")]
#[test]
fn a_running_program_leaves_no_core_and_has_its_three_descriptors() {
    use std::process::Stdio;
    let home = Home::new();
    // It waits for a passphrase from a pipe that nobody writes to; its output and errors are closed.
    assert!(
        std::process::Command::new("mkfifo").args(["-m", "600"]).arg(home.path("pipe")).status().unwrap().success()
    );
    let mut child = std::process::Command::new("sh")
        .args(["-c", "exec \"$0\" --file team.mdt --key-file pipe init Team >&- 2>&-"])
        .arg(assert_cmd::cargo::cargo_bin("mdt"))
        .env("HOME", home.0.path())
        .env("XDG_DATA_HOME", home.path("data"))
        .current_dir(home.0.path())
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let proc = PathBuf::from(format!("/proc/{}", child.id()));
    let open = |n: u32| fs::read_link(proc.join(format!("fd/{n}"))).map(|to| to.to_string_lossy().into_owned());
    let mut settled = false;
    for _ in 0..200 {
        let limits = fs::read_to_string(proc.join("limits")).unwrap_or_default();
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap_or_default().to_owned();
        settled = core.split_whitespace().nth(4) == Some("0") && core.split_whitespace().nth(5) == Some("0");
        if settled && open(1).is_ok() && open(2).is_ok() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let descriptors = (open(1), open(2));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(settled, "no core dumps");
    for to in [descriptors.0, descriptors.1] {
        assert_eq!(to.unwrap(), "/dev/null");
    }
}

/// The real thing: the program killed at random while it changes the passphrase.
#[test]
fn a_change_killed_at_any_moment_leaves_a_file_that_opens() {
    let home = Home::new();
    home.mdt(&["--key-file", "key", "init", "Elm Grove MDT"]).assert().success();
    let seed = kit::seed();
    let mut dice = seed;
    let (mut now, mut other) = ("key", "new");
    let opens = |key: &str| {
        let text = fs::read_to_string(home.path(key)).unwrap();
        examine(&home.path("team.mdt"), Some(&Passphrase::new(text.trim_end().to_owned()))).is_ok()
    };
    for round in 0..times(4, 200) {
        let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("mdt"))
            .args(["--file", "team.mdt", "--key-file", now, "key", "change", "--new-key-file", other])
            .env("HOME", home.0.path())
            .env("XDG_DATA_HOME", home.path("data"))
            .current_dir(home.0.path())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(std::time::Duration::from_millis((dice >> 33) % 1_500));
        let _ = child.kill();
        child.wait().unwrap();
        let (old, new) = (opens(now), opens(other));
        assert!(old != new, "seed={seed} round {round}: old {old}, new {new}");
        if new {
            std::mem::swap(&mut now, &mut other);
        }
    }
}
