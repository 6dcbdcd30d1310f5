//! `mdt doctor`: what is well is said to be well, one flipped bit is seen wherever it is, and nobody's name is printed.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where something is not as it should be"
)]

mod kit;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;

use kit::{noon, stamp, times};
use mdt::clock::Clock;
use mdt::store::audit::{Unlocked, examine};
use mdt::store::doctor::{State, beside};
use mdt::store::log::Stamp;
use mdt::store::open::Passphrase;
use mdt::store::{self, FileKind};

struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

fn passphrase() -> Passphrase {
    Passphrase::new("correct horse battery staple".to_owned())
}

/// The demo team in a file of its own, closed.
fn team(folder: &Path, encrypted: bool) -> PathBuf {
    let path = folder.join("team.mdt");
    let key = encrypted.then(passphrase);
    let (mut store, reader) = store::create(&path, key.as_ref(), FileKind::Real, 7, &stamp()).unwrap();
    mdt::demo::build(&mut store, 1, Clock::Fixed(noon()).now()).unwrap();
    drop(reader);
    store.close().unwrap();
    path
}

fn put(path: &Path, bytes: &[u8]) {
    for beside in ["-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(beside);
        let _ = fs::remove_file(name);
    }
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// Whether a look over the file finds anything to be seen to.
fn is_seen(path: &Path, unlocked: &Unlocked) -> bool {
    beside(path).state == State::Problem
        || unlocked
            .examine(path)
            .map_or(true, |reader| reader.look_over().iter().any(|check| check.state == State::Problem))
}

#[test]
fn one_flipped_bit_anywhere_in_an_encrypted_file_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let path = team(folder.path(), true);
    let bytes = fs::read(&path).unwrap();
    let unlocked = Unlocked::by(&path, Some(&passphrase())).unwrap();
    assert!(!is_seen(&path, &unlocked), "the control: the file is well");
    let seed = kit::seed();
    let mut dice = Dice(seed);
    let anywhere: Vec<usize> = (0..times(200, 10_000)).map(|_| dice.throw(bytes.len())).collect();
    // Beyond the salt the key is what it was; in the salt it becomes another one.
    for at in (16..100).chain(anywhere.into_iter().filter(|at| *at >= 16)) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << dice.throw(8);
        put(&path, &flipped);
        assert!(is_seen(&path, &unlocked), "seed={seed}: a bit of byte {at} was flipped and not seen");
        if at.is_multiple_of(4) {
            // The check of the log reads every page too, also those that hold no step and no record.
            let whole = unlocked.examine(&path).and_then(|reader| reader.audit()).is_ok_and(|found| found.is_ok());
            assert!(!whole, "seed={seed}: a bit of byte {at} was flipped, and the audit said nothing");
        }
        assert_eq!(fs::read(&path).unwrap(), flipped, "looking changes nothing");
    }
    for at in 0..16 {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << dice.throw(8);
        put(&path, &flipped);
        assert!(examine(&path, Some(&passphrase())).is_err(), "seed={seed}: byte {at} of the salt");
    }
    // Cut short, or with something at its end.
    for damaged in
        [&bytes[..bytes.len() - 1], &bytes[..bytes.len() - 4_096], &bytes[..4_096], &[&bytes[..], b"x"].concat()]
    {
        put(&path, damaged);
        assert!(is_seen(&path, &unlocked), "{} bytes of {}", damaged.len(), bytes.len());
    }
}

#[test]
fn one_flipped_bit_anywhere_in_the_write_ahead_log_is_seen() {
    for encrypted in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = team(folder.path(), encrypted);
        let key = encrypted.then(passphrase);
        let (mut store, reader) = store::open(&path, key.as_ref()).unwrap();
        for n in 0..5 {
            store.set("a", &n.to_string()).unwrap();
        }
        let away = tempfile::tempdir().unwrap();
        let (file, log) = (away.path().join("team.mdt"), away.path().join("team.mdt-wal"));
        let bytes = fs::read(folder.path().join("team.mdt-wal")).unwrap();
        put(&file, &fs::read(&path).unwrap());
        drop((store, reader));
        assert!(bytes.len() > 4 * 4_120, "{}", bytes.len());
        let look = |bytes: &[u8]| {
            fs::write(&log, bytes).unwrap();
            beside(&file).state
        };
        assert_eq!(look(&bytes), State::Well, "the control: the log is well");
        assert_eq!(look(b""), State::Well);
        let seed = kit::seed();
        let mut dice = Dice(seed);
        let heads = (0..32).chain((0..bytes.len() / 4_120).flat_map(|n| 32 + n * 4_120..56 + n * 4_120));
        let anywhere: Vec<usize> = (0..times(300, 5_000)).map(|_| dice.throw(bytes.len())).collect();
        for at in heads.chain(anywhere).filter(|at| *at < bytes.len()) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << dice.throw(8);
            assert_eq!(look(&flipped), State::Problem, "seed={seed}: a bit of byte {at} of {}", bytes.len());
        }
        // Cut in the middle of a page.
        for cut in 1..bytes.len() / 97 {
            if !(cut * 97 - 32).is_multiple_of(4_120) {
                assert_eq!(look(&bytes[..cut * 97]), State::Problem, "cut at {}", cut * 97);
            }
        }
    }
}

/// A plain file has no seals. How much is seen is measured, not promised.
#[test]
fn of_a_plain_file_it_is_said_that_damage_cannot_always_be_seen() {
    let folder = tempfile::tempdir().unwrap();
    let path = team(folder.path(), false);
    let bytes = fs::read(&path).unwrap();
    let unlocked = Unlocked::by(&path, None).unwrap();
    let reader = unlocked.examine(&path).unwrap();
    let said: Vec<String> = reader.look_over().into_iter().map(|check| check.words).collect();
    assert!(said.iter().any(|words| words.contains("cannot always be seen")), "{said:?}");
    let dump = reader.dump().unwrap();
    drop(reader);
    let seed = kit::seed();
    let mut dice = Dice(seed);
    let rounds = times(60, 10_000);
    let (mut seen, mut silent) = (0, 0);
    for _ in 0..rounds {
        let mut flipped = bytes.clone();
        let at = dice.throw(bytes.len());
        flipped[at] ^= 1 << dice.throw(8);
        put(&path, &flipped);
        if is_seen(&path, &unlocked) {
            seen += 1;
        } else if unlocked.examine(&path).unwrap().dump().unwrap() != dump {
            silent += 1;
        }
    }
    eprintln!("plain file, {rounds} bits: {seen} seen, {silent} changed a record unseen, the others changed nothing");
    assert_eq!(silent, 0, "seed={seed}: the log gives every altered record away");
}

// ───────────────────────────────────────────── from the command line

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        for (name, text) in [("key", "correct horse battery staple"), ("second", "kept by somebody else")] {
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
        command.current_dir(self.0.path()).args(["--file", "team.mdt", "--key-file", "key"]).args(arguments);
        command
    }

    fn doctor(&self) -> (i32, serde_json::Value, String) {
        let output = self.mdt(&["doctor", "--json"]).output().unwrap();
        let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        (output.status.code().unwrap(), serde_json::from_str(&out).unwrap(), format!("{out}{err}"))
    }
}

fn about<'j>(json: &'j serde_json::Value, about: &str) -> &'j str {
    let checks = json["checks"].as_array().unwrap();
    checks.iter().find(|check| check["about"] == about).unwrap()["state"].as_str().unwrap()
}

#[test]
fn what_is_well_is_said_to_be_well_and_each_problem_has_its_line() {
    let home = Home::new();
    let folder = home.path("");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    home.mdt(&["init", "Elm Grove MDT"]).assert().success();
    let (code, json, _) = home.doctor();
    assert_eq!((code, about(&json, "copies"), about(&json, "recovery copy")), (0, "next", "next"));
    assert_eq!(json["well"].as_bool(), Some(true), "what is to be done next is nothing wrong");
    home.mdt(&["doctor"]).assert().code(0).stdout(contains(">  copies").and(contains("to be done next")));
    home.mdt(&["backup"]).assert().success();
    home.mdt(&["key", "recovery", "rec.mdt", "--recovery-key-file", "second"]).assert().success();
    let (code, json, said) = home.doctor();
    assert_eq!((code, json["well"].as_bool()), (0, Some(true)), "{said}");
    home.mdt(&["doctor"]).assert().code(0).stdout(contains("OK pages").and(contains("to be done next").not()));
    // Of a file of today there may be no copy yet.
    fs::rename(home.path("backups"), home.path("gone")).unwrap();
    assert_eq!(about(&home.doctor().1, "copies"), "next");
    fs::rename(home.path("gone"), home.path("backups")).unwrap();
    // Old keys past their time, and changes that were interrupted.
    fs::write(home.path("team-old-key-20200101T120000Z.mdt"), "x").unwrap();
    assert_eq!(about(&home.doctor().1, "beside it"), "problem");
    fs::remove_file(home.path("team-old-key-20200101T120000Z.mdt")).unwrap();
    // One bit.
    let path = home.path("team.mdt");
    let bytes = fs::read(&path).unwrap();
    let mut flipped = bytes.clone();
    flipped[9_000] ^= 4;
    put(&path, &flipped);
    let (code, json, _) = home.doctor();
    assert_eq!((code, about(&json, "pages")), (1, "problem"));
    flipped[3] ^= 4;
    put(&path, &flipped);
    assert_eq!(home.doctor().0, 3, "another salt is another key");
    // Others may read it.
    put(&path, &bytes);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let (code, json, said) = home.doctor();
    assert_eq!((code, about(&json, "file")), (3, "problem"));
    assert!(said.contains("chmod 600"), "{said}");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    // While it is open, its log is left alone, and all is still well.
    let opened = store::open(&path, Some(&passphrase())).unwrap();
    let (code, json, said) = home.doctor();
    assert_eq!((code, about(&json, "log beside it")), (0, "note"), "{said}");
    drop(opened);
}

/// mdt makes a copy at the first start of each day: an older file without one is in danger.
#[test]
fn an_older_file_without_a_copy_is_something_wrong() {
    let home = Home::new();
    fs::set_permissions(home.path(""), fs::Permissions::from_mode(0o700)).unwrap();
    let long_ago = Stamp { at: "2020-01-01T12:00:00Z".to_owned(), ..kit::stamp() };
    let (store, reader) =
        store::create(&home.path("team.mdt"), Some(&passphrase()), FileKind::Real, 7, &long_ago).unwrap();
    drop(reader);
    store.close().unwrap();
    let (code, json, said) = home.doctor();
    assert_eq!((code, about(&json, "copies"), about(&json, "recovery copy")), (1, "problem", "next"), "{said}");
    assert!(said.contains("One thing is to be seen to"), "{said}");
}

#[test]
fn nobody_is_named() {
    let home = Home::new();
    home.mdt(&["init", "Elm Grove MDT"]).assert().success();
    let list = "NHS Number,Surname,Forename,Date of Birth,Phone,Address\n9990000018,Canarysurname,Canaryforename,01/02/1930,07700900123,Canarystreet 1\n";
    fs::write(home.path("list.csv"), list).unwrap();
    home.mdt(&["import", "caseload", "list.csv", "--yes"]).assert().success();
    let path = home.path("team.mdt");
    let bytes = fs::read(&path).unwrap();
    let hide = |said: &str| {
        for canary in ["anarysurname", "anaryforename", "anarystreet", "07700900123", "999000"] {
            assert!(!said.to_lowercase().contains(canary), "{canary} was printed: {said}");
        }
    };
    hide(&home.doctor().2);
    let mut dice = Dice(kit::seed());
    for _ in 0..times(5, 100) {
        let mut flipped = bytes.clone();
        flipped[16 + dice.throw(bytes.len() - 16)] ^= 1;
        put(&path, &flipped);
        let (code, _, said) = home.doctor();
        assert_ne!(code, 0);
        hide(&said);
        let output = home.mdt(&["audit", "verify"]).output().unwrap();
        hide(&String::from_utf8_lossy(&[output.stdout, output.stderr].concat()));
    }
}

/// A recovery copy is measured by what it holds: one made of an empty file is none for the people who came in since.
#[test]
fn a_recovery_copy_that_holds_nobody_is_something_wrong_once_there_are_people() {
    let home = Home::new();
    fs::set_permissions(home.path(""), fs::Permissions::from_mode(0o700)).unwrap();
    home.mdt(&["init", "Elm Grove MDT"]).assert().success();
    let recovery = |name: &str| {
        home.mdt(&["key", "recovery", name, "--recovery-key-file", "second"]).assert().success();
    };
    recovery("rec.mdt");
    assert_eq!(about(&home.doctor().1, "recovery copy"), "ok", "nobody is in the file either");
    let list = "NHS Number,Surname,Forename,Date of Birth\n9990000018,Adeyemi,Ada,01/02/1930\n";
    fs::write(home.path("list.csv"), list).unwrap();
    home.mdt(&["import", "caseload", "list.csv", "--yes"]).assert().success();
    let (code, json, said) = home.doctor();
    assert_eq!((code, about(&json, "recovery copy")), (1, "problem"), "{said}");
    assert!(said.contains("holds nobody") && said.contains("mdt key recovery PATH"), "{said}");
    recovery("rec2.mdt");
    let (code, json, said) = home.doctor();
    assert_eq!((code, about(&json, "recovery copy")), (0, "ok"), "{said}");
    // Another passphrase.
    fs::write(home.path("new"), "another long passphrase\n").unwrap();
    fs::set_permissions(home.path("new"), fs::Permissions::from_mode(0o600)).unwrap();
    home.mdt(&["key", "change", "--new-key-file", "new"]).assert().success();
    fs::rename(home.path("new"), home.path("key")).unwrap();
    let (_, json, said) = home.doctor();
    assert_eq!(about(&json, "recovery copy"), "next", "{said}");
    assert!(said.contains("passphrase was changed since"), "{said}");
}

/// An erasure: refused before anything is asked or shown, says of no copy that cannot hold the person, and doctor counts the
/// copies that are older than it.
#[test]
fn copies_are_named_to_whom_they_matter() {
    let home = Home::new();
    fs::set_permissions(home.path(""), fs::Permissions::from_mode(0o700)).unwrap();
    home.mdt(&["init", "Elm Grove MDT"]).assert().success();
    home.mdt(&["backup"]).assert().success();
    let newest = || {
        let list = mdt::store::backup::Manifest::read(&home.path("backups")).unwrap();
        list.entries.last().unwrap().name.clone()
    };
    let before = newest();
    let list = "NHS Number,Surname,Forename,Date of Birth\n9990000018,Adeyemi,Ada,01/02/1930\n";
    fs::write(home.path("list.csv"), list).unwrap();
    home.mdt(&["import", "caseload", "list.csv", "--yes"]).assert().success();
    home.mdt(&["backup"]).assert().success();
    let after = newest();
    let erase = ["erase", "--person", "Adeyemi", "--why", "asked for", "--witness", "Jo Hart"];
    let (reason, asked) =
        (contains("on the active caseload").and(contains("--still-active")), contains("To be erased"));
    home.mdt(&erase).assert().code(1).stderr(reason).stdout(asked.not());
    home.mdt(&[&erase[..], &["--still-active", "--yes"]].concat())
        .assert()
        .success()
        .stdout(contains(&after).and(contains(&before).not()).and(contains("before anything was recorded of them")));
    let (code, json, said) = home.doctor();
    assert_eq!((code, about(&json, "older copies")), (0, "next"), "{said}");
    assert!(said.contains("3 in the folder backups") && said.contains("mdt backup --list"), "{said}");
}
