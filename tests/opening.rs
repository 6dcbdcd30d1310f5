//! Opening a file: what is looked at before, what is offered instead, and the view that only reads.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "a test waits for another process")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where something is not as it should be"
)]

mod kit;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use assert_cmd::Command;
use mdt::domain::change::{Mint, add};
use mdt::domain::team::Team;
use mdt::domain::text::Line;
use mdt::store::fault::Fault;
use mdt::store::open::{Looks, Passphrase, Unfit, check, close_to_others};
use mdt::store::reading::OnlyRead;
use mdt::store::{self, Deed, FileKind, Reader, Store};
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

const HORSE: &str = "correct horse battery staple";

fn horse() -> Passphrase {
    Passphrase::new(HORSE.to_owned())
}

/// A folder of one's own, with a plain file `plain.mdt` and an encrypted one `closed.mdt`, both with a team.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        for (name, key) in [("plain.mdt", None), ("closed.mdt", Some(horse()))] {
            let (mut store, reader) =
                store::create(&place.at(name), key.as_ref(), FileKind::Real, 7, &kit::stamp()).unwrap();
            commit(&mut store, "Harbour MDT").unwrap();
            drop(reader);
            store.close().unwrap();
        }
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A copy of the plain file, or of the closed one, under another name.
    fn copy(&self, from: &str, name: &str) -> PathBuf {
        fs::copy(self.at(from), self.at(name)).unwrap();
        set_mode(&self.at(name), 0o600);
        self.at(name)
    }

    fn mdt(&self, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("mdt").unwrap();
        command.env("HOME", self.folder.path()).env("XDG_DATA_HOME", self.at("data")).env("USER", "test");
        command.current_dir(self.folder.path()).args(arguments);
        command
    }
}

fn commit(store: &mut Store, name: &str) -> Result<(), Fault> {
    let team = Team::new(Line::parse(name).unwrap());
    let id = Mint::new(kit::noon(), u32::try_from(name.len()).unwrap()).mint();
    store.commit(&kit::stamp(), &Deed::change("Add team"), &[add(id, team)]).map(|_| ())
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Every file of a folder, by name, with the hash of its bytes.
fn hashes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder)
        .unwrap()
        .flatten()
        .filter(|entry| entry.path().is_file())
        .map(|entry| {
            (entry.file_name().to_string_lossy().into_owned(), Sha256::digest(fs::read(entry.path()).unwrap()).to_vec())
        })
        .collect()
}

fn sentence(opened: Result<(Store, Reader), Fault>) -> String {
    match opened {
        Ok(_) => panic!("it was opened"),
        Err(fault) => fault.to_string(),
    }
}

fn teams(reader: &Reader) -> Vec<String> {
    reader.teams().unwrap().iter().map(|team| team.name.to_string()).collect()
}

// ───────────────────────────────────────────── the looks, in their order

/// Disks that this machine does not have: each is refused for work with its own word, read without a byte written, and
/// known local ones are not refused.
#[test]
fn a_disk_that_is_elsewhere_is_refused_for_work_and_can_be_read() {
    type Disk = fn(&Path) -> Option<u64>;
    let remote: [(Disk, &str); 11] = [
        (|_| Some(0x6969), "NFS"),
        (|_| Some(0xff53_4d42), "CIFS"),
        (|_| Some(0xfe53_4d42), "SMB"),
        (|_| Some(0x517b), "SMB"),
        (|_| Some(0x6573_5546), "FUSE"),
        (|_| Some(0x0102_1997), "9P"),
        (|_| Some(0x5346_414f), "AFS"),
        (|_| Some(0x00c3_6400), "Ceph"),
        (|_| Some(0x0bd0_0bd0), "Lustre"),
        (|_| Some(0x786f_4256), "virtual machine"),
        (|_| Some(0x1234_5678), "type 0x12345678"),
    ];
    let place = Place::new();
    for (n, (sort, word)) in remote.into_iter().enumerate() {
        // Turning a passphrase into a key takes a while: the closed file has its turn on every third.
        let files = [("plain.mdt", None), ("closed.mdt", Some(horse()))];
        for (name, key) in files.into_iter().take(if n % 3 == 0 { 2 } else { 1 }) {
            let before = hashes(place.folder.path());
            let looks = Looks::as_if_on(sort);
            let fault = store::open_looking(&place.at(name), key.as_ref(), looks).err().unwrap();
            assert!(fault.can_be_read() && fault.to_string().contains(word), "{fault}");
            assert!(fault.to_string().contains("local disk") && fault.to_string().contains("--read-only"), "{fault}");
            let (mut store, reader) = store::open_to_read_looking(&place.at(name), key.as_ref(), looks).unwrap();
            assert_eq!(teams(&reader), ["Harbour MDT"]);
            assert!(matches!(reader.only_read(), Some(OnlyRead::Share(_))));
            let refused = commit(&mut store, "Another").unwrap_err();
            assert!(matches!(refused, Fault::OnlyRead(OnlyRead::Share(_))), "{refused}");
            assert!(refused.to_string().ends_with("Nothing was saved."), "{refused}");
            drop(reader);
            store.close().unwrap();
            assert_eq!(hashes(place.folder.path()), before, "{name} on {word}");
        }
    }
    for local in [|_: &Path| Some(0xef53), |_: &Path| Some(0x9123_683e), |_: &Path| Some(0x0102_1994)] {
        assert!(store::open_looking(&place.at("plain.mdt"), None, Looks::as_if_on(local)).is_ok());
    }
}

/// The first thing that is wrong is the one that is said: a list of looks, each with the next fault cured.
#[test]
fn the_looks_come_in_their_order() {
    let place = Place::new();
    let share = Looks::as_if_on(|_| Some(0x6969));
    let path = place.copy("plain.mdt", "team.mdt");
    let folder = place.at("Dropbox");
    fs::create_dir(&folder).unwrap();
    let real = folder.join("team.mdt");
    fs::copy(&path, &real).unwrap();
    set_mode(&real, 0o644);
    fs::hard_link(&real, folder.join("second.mdt")).unwrap();
    let wal = folder.join("team.mdt-wal");
    fs::write(&wal, b"").unwrap();
    set_mode(&wal, 0o640);
    set_mode(&folder, 0o777);
    let link = folder.join("link.mdt");
    symlink(&real, &link).unwrap();

    let says = |path: &Path, wanted: &str| {
        let said = sentence(store::open_looking(path, None, share));
        assert!(said.contains(wanted), "{said}");
    };
    says(Path::new("team.mdt"), "must be absolute");
    says(&link, &format!("mdt --file '{}'", real.display()));
    says(&real, "more than one name");
    fs::remove_file(folder.join("second.mdt")).unwrap();
    says(&real, "chmod 600");
    set_mode(&real, 0o600);
    says(&real, "team.mdt-wal");
    set_mode(&wal, 0o600);
    says(&real, "chmod go-w");
    set_mode(&folder, 0o755);
    says(&real, "network share (NFS)");
    assert!(sentence(store::open(&real, None)).contains("copied elsewhere (dropbox)"));
    // The control: the same bytes in another folder.
    assert!(store::open(&path, None).is_ok());
}

/// A folder that Syncthing or Dropbox keeps has their mark in it or above it, whatever it is called; a link to such a
/// folder is no way round.
#[test]
fn a_folder_that_is_copied_elsewhere_is_known_by_its_mark_too() {
    let place = Place::new();
    for (n, mark) in [".stfolder", ".dropbox.cache", ".nextcloudsync.log"].iter().enumerate() {
        let top = place.at(&format!("kept{n}"));
        fs::create_dir_all(top.join("deep")).unwrap();
        let file = top.join("deep/team.mdt");
        fs::copy(place.at("plain.mdt"), &file).unwrap();
        set_mode(&file, 0o600);
        assert!(store::open(&file, None).is_ok(), "before the mark is there");
        fs::write(top.join(mark), b"").unwrap();
        let before = hashes(file.parent().unwrap());
        assert!(sentence(store::open(&file, None)).contains(mark));
        symlink(top.join("deep"), place.at(&format!("harmless{n}"))).unwrap();
        assert!(sentence(store::open(&place.at(&format!("harmless{n}/team.mdt")), None)).contains(mark));
        let (_, reader) = store::open_to_read(&file, None).unwrap();
        assert!(matches!(reader.only_read(), Some(OnlyRead::Cloud(_))));
        assert_eq!(hashes(file.parent().unwrap()), before);
    }
}

/// What others may get at is closed one by one, only when asked, and no more is taken than must be.
#[test]
fn what_others_may_get_at_can_be_closed() {
    let place = Place::new();
    let folder = place.at("desk");
    fs::create_dir(&folder).unwrap();
    let file = folder.join("team.mdt");
    fs::copy(place.at("plain.mdt"), &file).unwrap();
    fs::write(folder.join("team.mdt-shm"), b"").unwrap();
    set_mode(&file, 0o664);
    set_mode(&folder.join("team.mdt-shm"), 0o644);
    set_mode(&folder, 0o775);
    let mut closed = Vec::new();
    for _ in 0..5 {
        let Err(Fault::Unfit(unfit)) = check(&file) else { break };
        closed.push(unfit.can_be_closed().unwrap().to_owned());
        close_to_others(&unfit).unwrap();
    }
    assert_eq!(closed.len(), 3, "{closed:?}");
    assert_eq!((mode(&file), mode(&folder.join("team.mdt-shm")), mode(&folder)), (0o600, 0o600, 0o755));
    assert!(check(&file).is_ok());
    // A sticky folder is as good as one's own: there everybody moves only what is theirs.
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o1777)).unwrap();
    assert!(check(&file).is_ok());
    assert!(close_to_others(&Unfit::Name).is_ok());
}

/// A passphrase for a plain file: somebody may have put another file in its place.
#[test]
fn a_plain_file_does_not_pass_for_an_encrypted_one() {
    let place = Place::new();
    let before = hashes(place.folder.path());
    assert!(sentence(store::open(&place.at("plain.mdt"), Some(&horse()))).contains("is not encrypted"));
    assert_eq!(hashes(place.folder.path()), before);
    let (_, reader) = store::open(&place.at("closed.mdt"), Some(&horse())).unwrap();
    assert!(reader.is_encrypted());
}

// ───────────────────────────────────────────── the view that only reads

/// Everything that writes is refused with the reason; what is read is what the file holds; no byte of it or beside it moves.
#[test]
fn a_file_opened_to_read_takes_nothing() {
    let place = Place::new();
    for (name, key) in [("plain.mdt", None), ("closed.mdt", Some(horse()))] {
        let before = hashes(place.folder.path());
        let (mut store, reader) = store::open_to_read(&place.at(name), key.as_ref()).unwrap();
        assert_eq!(teams(&reader), ["Harbour MDT"]);
        assert_eq!(reader.is_encrypted(), key.is_some());
        assert_eq!(reader.only_read(), Some(&OnlyRead::Asked));
        let steps = reader.verify_chain().unwrap().unwrap();
        let nothing = |done: Result<(), Fault>| assert_eq!(done.unwrap_err(), Fault::OnlyRead(OnlyRead::Asked));
        nothing(commit(&mut store, "Another"));
        nothing(store.keep_draft("card", "text", "2026-12-02T12:00:00Z"));
        nothing(store.set("theme:test", "light"));
        nothing(store.undo(&kit::stamp()).map(|_| ()));
        let (mut twin, again) = store.twin().unwrap();
        nothing(commit(&mut twin, "Another"));
        assert_eq!(again.head().unwrap().seq, steps);
        assert!(reader.data_version().is_ok());
        drop((again, reader));
        twin.close().unwrap();
        store.close().unwrap();
        assert_eq!(hashes(place.folder.path()), before, "{name}");
    }
}

/// Read beside somebody at work: what they save is seen, and reading leaves no trace in any file, the lock file too.
#[test]
fn a_file_is_read_beside_somebody_who_works_on_it() {
    let place = Place::new();
    for (name, key) in [("plain.mdt", None), ("closed.mdt", Some(horse()))] {
        let path = place.at(name);
        let (mut theirs, _their_reader) = store::open(&path, key.as_ref()).unwrap();
        commit(&mut theirs, "Second").unwrap();
        let (_store, reader) = store::open_to_read(&path, key.as_ref()).unwrap();
        assert_eq!(teams(&reader).len(), 2, "what lies in the write-ahead log is read");
        let version = reader.data_version().unwrap();
        commit(&mut theirs, "Third team").unwrap();
        assert_ne!(reader.data_version().unwrap(), version);
        assert_eq!(teams(&reader).len(), 3);
    }
}

/// A file read as it stood, and then written by somebody: the reader is told, and shown nothing torn.
#[test]
fn whoever_reads_a_file_as_it_stood_hears_when_it_is_written() {
    let place = Place::new();
    let path = place.at("plain.mdt");
    let (_store, reader) = store::open_to_read(&path, None).unwrap();
    assert!(reader.data_version().is_ok());
    let (mut theirs, their_reader) = store::open(&path, None).unwrap();
    commit(&mut theirs, "Second").unwrap();
    assert_eq!(reader.data_version().unwrap_err(), Fault::Stale);
    drop(their_reader);
    theirs.close().unwrap();
    assert_eq!(reader.data_version().unwrap_err(), Fault::Stale);
}

/// A file of a newer program is shown as far as it is known, untouched; one that changed beyond that says so.
#[test]
fn a_newer_file_is_shown_and_not_touched() {
    let place = Place::new();
    let newer = place.copy("plain.mdt", "newer.mdt");
    Connection::open(&newer)
        .unwrap()
        .execute_batch("CREATE TABLE future (x); ALTER TABLE team ADD COLUMN future TEXT; PRAGMA user_version = 99")
        .unwrap();
    let strange = place.copy("plain.mdt", "strange.mdt");
    Connection::open(&strange)
        .unwrap()
        .execute_batch("PRAGMA foreign_keys = OFF; ALTER TABLE team RENAME TO band; PRAGMA user_version = 99")
        .unwrap();
    let before = hashes(place.folder.path());
    let fault = store::open(&newer, None).err().unwrap();
    assert!(matches!(fault, Fault::Newer { found: 99, .. }) && fault.can_be_read(), "{fault}");
    let (mut store, reader) = store::open_to_read(&newer, None).unwrap();
    assert_eq!(teams(&reader), ["Harbour MDT"]);
    assert!(matches!(reader.only_read(), Some(OnlyRead::Newer { found: 99, .. })));
    assert!(commit(&mut store, "Another").is_err());
    let (_store, reader) = store::open_to_read(&strange, None).unwrap();
    let said = reader.teams().unwrap_err().to_string();
    assert!(said.contains("no such table") && said.ends_with('.'), "{said}");
    assert_eq!(hashes(place.folder.path()), before);
}

/// Files of others, and files cut or scribbled over: each a sentence, none a crash, none touched.
#[test]
fn files_that_are_not_ours_are_left_as_they_are() {
    let place = Place::new();
    let whole = fs::read(place.at("plain.mdt")).unwrap();
    let seed = kit::seed();
    eprintln!("seed={seed}");
    let mut dice = seed | 1;
    let mut throw = |below: usize| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        usize::try_from(dice % below as u64).unwrap()
    };
    let path = place.at("other.mdt");
    let written = whole.iter().rposition(|byte| *byte != 0).unwrap();
    let mut opened = 0;
    let rounds = kit::times(60, 2_000);
    for round in 0..rounds {
        let mut bytes = match round % 4 {
            // Nothing of ours but the first words.
            0 => (0..throw(9_000)).map(|n| if n < 16 { whole[n] } else { throw(256) as u8 }).collect(),
            // Cut short. (Of an empty last page nobody misses the end: SQLite reads it as the zeros it was.)
            1 => whole[..throw(written)].to_vec(),
            // Another program's, by its mark.
            2 => whole.iter().enumerate().map(|(n, byte)| if (68..72).contains(&n) { 0 } else { *byte }).collect(),
            _ => whole.clone(),
        };
        if round % 4 == 3 {
            // Scribbled over.
            let at = 16 + throw(bytes.len() - 116);
            bytes[at..at + 100].iter_mut().for_each(|byte| *byte = throw(256) as u8);
        }
        fs::write(&path, &bytes).unwrap();
        set_mode(&path, 0o600);
        match store::open(&path, None) {
            // A scribble in a page that nobody uses hurts nobody.
            Ok((store, reader)) => {
                assert_eq!(round % 4, 3, "round {round}");
                assert_eq!(teams(&reader), ["Harbour MDT"]);
                opened += 1;
                drop((store, reader));
            }
            Err(fault) => {
                let said = fault.to_string();
                assert!(
                    said.contains("Nothing was changed") || said.contains("encrypted") || said.contains("not touched"),
                    "round {round}: {said}"
                );
                assert!(!said.contains("Wrong passphrase"), "nobody gave one: {said}");
                assert_eq!(fs::read(&path).unwrap(), bytes, "round {round}: it was touched");
            }
        }
        for suffix in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(place.at(&format!("other.mdt{suffix}")));
        }
    }
    // By chance all of a few scribbles may hurt nobody; not all of five hundred.
    assert!(opened * 4 < rounds || rounds < 1_000, "{opened} of {rounds} opened");
}

/// Damage is found twice before it is said, never mended by deleting, and what can be read is shown under that flag.
#[test]
fn a_damaged_file_is_kept_and_can_be_looked_at() {
    let place = Place::new();
    let path = place.copy("plain.mdt", "hurt.mdt");
    let db = Connection::open(&path).unwrap();
    // Somebody's hand in the log.
    db.execute_batch(
        "PRAGMA recursive_triggers = OFF; DROP TRIGGER step_stays; UPDATE step SET label = 'x' WHERE seq = 1",
    )
    .unwrap();
    db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(db);
    let before = hashes(place.folder.path());
    let fault = store::open(&path, None).err().unwrap();
    assert_eq!(fault, Fault::Damaged);
    for next in ["mdt doctor", "mdt backup --list", "mdt restore", "--read-only"] {
        assert!(fault.to_string().contains(next), "{fault}");
    }
    let (_store, reader) = store::open_to_read(&path, None).unwrap();
    assert_eq!(reader.only_read(), Some(&OnlyRead::Damaged));
    assert_eq!(teams(&reader), ["Harbour MDT"]);
    drop(reader);
    assert_eq!(hashes(place.folder.path()), before);
}

// ───────────────────────────────────────────── twelve bad mornings

/// What a start comes to: a screen for work, one to read, or a sentence with a next step.
fn start(path: &Path, key: Option<&Passphrase>, looks: Looks) -> (&'static str, String) {
    let began = Instant::now();
    let came = match store::open_looking(path, key, looks) {
        Ok((_, reader)) => {
            assert!(!teams(&reader).is_empty());
            ("works", String::new())
        }
        Err(fault) if fault.can_be_read() => match store::open_to_read_looking(path, key, looks) {
            Ok((_, reader)) => {
                assert!(!teams(&reader).is_empty());
                ("reads", fault.to_string())
            }
            Err(fault) => ("says", fault.to_string()),
        },
        Err(fault) => ("says", fault.to_string()),
    };
    // Three seconds are what a lock is waited for; the rest is the slack of a busy machine.
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    came
}

/// The file and what a killed program left beside it, as another name.
fn crashed(place: &Place, from: &str, to: &str, key: Option<&Passphrase>, last: &str) -> PathBuf {
    let (mut store, reader) = store::open(&place.at(from), key).unwrap();
    commit(&mut store, last).unwrap();
    for suffix in ["", "-wal", "-shm"] {
        place.copy(&format!("{from}{suffix}"), &format!("{to}{suffix}"));
    }
    drop((store, reader));
    assert!(fs::metadata(place.at(&format!("{to}-wal"))).unwrap().len() > 0);
    place.at(to)
}

#[test]
fn twelve_bad_mornings_end_in_a_screen_or_a_next_step() {
    let place = Place::new();
    let (plain, closed) = (place.at("plain.mdt"), place.at("closed.mdt"));
    let all = Looks::default();
    let locked_folder = Looks::as_if_allowed(|path| !path.is_dir());
    let locked_file = Looks::as_if_allowed(Path::is_dir);
    let mut mornings: Vec<(&str, (&str, String), &str, &str)> = Vec::new();
    let mut morning = |name, came, wanted, word| mornings.push((name, came, wanted, word));

    // 1. A program was killed and left its log: it is taken in.
    let left = crashed(&place, "closed.mdt", "crashed.mdt", Some(&horse()), "Left in the log");
    let came = start(&left, Some(&horse()), all);
    let (_, reader) = store::open(&left, Some(&horse())).unwrap();
    assert!(teams(&reader).contains(&"Left in the log".to_owned()));
    drop(reader);
    morning("stale log", came, "works", "");

    // 2. Another program writes this moment, and keeps at it (a step that hangs): opening does not wait for it.
    let holder = Connection::open(&plain).unwrap();
    holder.execute_batch("PRAGMA journal_mode = WAL; BEGIN IMMEDIATE").unwrap();
    let (mut store, reader) = store::open(&plain, None).unwrap();
    let began = Instant::now();
    assert_eq!(commit(&mut store, "Another").unwrap_err(), Fault::Locked);
    assert!(began.elapsed() < Duration::from_secs(5));
    drop((store, reader));
    morning("a hung writer", start(&plain, None, all), "works", "");
    drop(holder);

    // 3. Another program holds the whole file and lets nobody in.
    let held = place.copy("plain.mdt", "held.mdt");
    let holder = Connection::open(&held).unwrap();
    holder.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE mine (x)").unwrap();
    let fault = store::open(&held, None).err().unwrap();
    assert!(matches!(fault, Fault::InUse { .. }) && fault.can_be_read(), "{fault}");
    morning("held", ("says", fault.to_string()), "says", "Try again");
    drop(holder);

    // 4. A newer program made it.
    let newer = place.copy("plain.mdt", "newer.mdt");
    Connection::open(&newer).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    morning("newer", start(&newer, None, all), "reads", "newer mdt");

    // 5. and 6. The folder, or the file, cannot be written.
    morning("folder unwritable", start(&closed, Some(&horse()), locked_folder), "reads", "cannot be written");
    morning("file unwritable", start(&closed, Some(&horse()), locked_file), "reads", "cannot be written");

    // 7. The same with a log beside it: it is read through the lock file that is there, and neither is touched.
    let left = crashed(&place, "closed.mdt", "left.mdt", Some(&horse()), "Left once more");
    let before = hashes(place.folder.path());
    morning("log in a folder unwritable", start(&left, Some(&horse()), locked_folder), "reads", "cannot be written");
    let (_, reader) = store::open_to_read_looking(&left, Some(&horse()), locked_folder).unwrap();
    assert!(teams(&reader).contains(&"Left once more".to_owned()), "no older state is shown");
    drop(reader);
    assert_eq!(hashes(place.folder.path()), before);

    // 8. The lock file is gone: made anew where one may write, and otherwise nothing older is shown in its place.
    fs::remove_file(place.at("left.mdt-shm")).unwrap();
    morning("log without lock file", start(&left, Some(&horse()), locked_folder), "says", "-wal");
    morning("lock file missing", start(&left, Some(&horse()), all), "works", "");

    // 9. It was moved.
    morning("moved", start(&place.at("elsewhere.mdt"), None, all), "says", "mdt init");

    // 10. The passphrase is wrong, and 11. the first page is damaged: the two cannot be told apart.
    let wrong = Passphrase::new("incorrect horse battery".to_owned());
    morning("wrong passphrase", start(&closed, Some(&wrong), all), "says", "mdt restore");
    let hurt = place.copy("closed.mdt", "hurt.mdt");
    let mut bytes = fs::read(&hurt).unwrap();
    bytes[100] ^= 1;
    fs::write(&hurt, &bytes).unwrap();
    morning("first page damaged", start(&hurt, Some(&horse()), all), "says", "mdt doctor");
    assert_eq!(fs::read(&hurt).unwrap(), bytes, "it is kept as it is");
    // In a plain file it can be told.
    let hurt = place.copy("plain.mdt", "hurt-plain.mdt");
    let mut bytes = fs::read(&hurt).unwrap();
    bytes[100..200].fill(0xff);
    fs::write(&hurt, &bytes).unwrap();
    morning("first page of a plain file", start(&hurt, None, all), "says", "mdt restore");

    // 12. The disk is full: the next test.
    for (name, (came, said), wanted, word) in mornings {
        assert_eq!(came, wanted, "{name}: {said}");
        assert!(said.contains(word), "{name}: {said}");
    }
}

/// The twelfth: no byte more may be written. Whoever starts then still sees the caseload, or a sentence.
#[test]
fn a_full_disk_leaves_a_screen_to_read() {
    let place = Place::new();
    // A limit on the size of files is a full disk for this process: SQLite's lock file can no longer be made.
    let run = |arguments: &str| {
        let script = format!("trap '' XFSZ; ulimit -f 0; exec {} {arguments}", env!("CARGO_BIN_EXE_mdt"));
        let mut command = Command::new("bash");
        command.env("HOME", place.folder.path()).env("XDG_DATA_HOME", place.at("data")).env("USER", "test");
        command.args(["-c", &script]);
        command.timeout(Duration::from_secs(20)).output().unwrap()
    };
    let before = hashes(place.folder.path());
    let out = run(&format!("--file {} actions -o -", place.at("plain.mdt").display()));
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(!out.status.success() && said.starts_with("mdt: ") && said.trim_end().ends_with('.'), "{said}");
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(place.at(&format!("plain.mdt{suffix}")));
    }
    // To read it needs no room: it comes as far as the document, which may not leave without a line in the log.
    let out = run(&format!("--read-only --file {} actions -o -", place.at("plain.mdt").display()));
    assert!(String::from_utf8_lossy(&out.stderr).contains("opened to read only"));
    assert_eq!(hashes(place.folder.path()), before, "the file is as it was");
}

// ───────────────────────────────────────────── the screen that only reads

const SIZES: [(u16, u16); 3] = [(60, 20), (80, 24), (110, 32)];

#[test]
fn pictures_of_the_screen_that_only_reads() {
    for (name, keys) in [("home", ""), ("caseload", "2"), ("person", "2/adeyemi<enter><enter>"), ("refused", "2n")] {
        for size in SIZES {
            let mut desk = kit::demo().only_reading();
            desk.resize(size.0, size.1).keys(keys);
            insta::assert_snapshot!(format!("only_read_{name}_{}x{}", size.0, size.1), desk.picture());
        }
    }
}

/// Every command, on every screen: none opens a card that could never be saved, none writes a byte.
#[test]
fn no_command_writes_where_the_file_is_open_to_read() {
    use mdt::ui::command::COMMANDS;
    use mdt::ui::msg::Msg;
    use mdt::ui::overlays::Overlay;
    const CARDS: [&str; 2] = ["caseload.filter", "actions.filter"];
    let mut refused = 0;
    let ways = ["1", "2<enter>", "3<tab>", "4", "6<enter>", "9", "2", "3", "5", "6", "8"];
    let ways = &ways[..usize::try_from(kit::times(6, 11)).unwrap()];
    for way in ways {
        let desk = kit::demo();
        let mut desk = desk.only_reading();
        let before = hashes(desk.folder.path());
        for spec in COMMANDS {
            desk.keys(way).session.take(Msg::Command(spec.command));
            let card = matches!(desk.session.model.overlays.last(), Some(Overlay::Form(_) | Overlay::Pick(_)));
            assert!(!card || CARDS.contains(&spec.name), "{} on {way} opens a card", spec.name);
            assert!(!desk.session.has_loose_text(), "{} on {way} takes text", spec.name);
            let said = desk.session.model.notice.as_ref().map(|notice| notice.text.clone()).unwrap_or_default();
            refused += u32::from(said.as_str().contains("nothing can be changed"));
            // Whatever it asks is agreed to.
            desk.keys("<enter>").screen();
            desk.keys("<esc><esc><esc>").session.leaving = false;
            desk.session.model.overlays.clear();
        }
        desk.session.keep_draft();
        desk.session.finish_work();
        assert_eq!(hashes(desk.folder.path()), before, "after every command on {way}");
    }
    assert!(refused > 60 * u32::try_from(ways.len()).unwrap(), "{refused}");
}

/// The reason stands on the screen first, the badge always; a live meeting can be read, and nobody's draft is taken up.
#[test]
fn the_screen_says_why_it_only_reads() {
    let mut desk = kit::demo();
    desk.keys("4n<enter><enter><enter><enter><enter>nneHalf a sentence").session.keep_draft();
    let mut desk = desk.only_reading();
    desk.shows("READ ONLY").shows("as you asked").shows("nothing can be changed").hides("Resume");
    desk.keys("4n").shows("READ ONLY").keys("n").shows("READ ONLY").hides("Half a sentence");
    desk.keys("u").shows("nothing can be changed");
    desk.keys("2/ade<enter><enter>").shows("ADEYEMI").keys("e").shows("nothing can be changed");
}

// ───────────────────────────────────────────── the program

#[test]
fn a_subcommand_refuses_with_its_exit_code_and_asks_nothing() {
    let place = Place::new();
    fs::write(place.at("key"), HORSE).unwrap();
    set_mode(&place.at("key"), 0o600);
    let run = |arguments: &[&str], wanted: &str, code: i32| {
        let out = place.mdt(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!((out.status.code(), said.contains(wanted)), (Some(code), true), "{arguments:?}: {said}");
    };
    let open = place.copy("plain.mdt", "open.mdt");
    set_mode(&open, 0o644);
    run(&["--file", "open.mdt", "actions", "-o", "-"], "chmod 600", 3);
    assert_eq!(mode(&open), 0o644, "nothing is closed without a yes");
    run(&["--file", "plain.mdt", "--key-file", "key", "actions", "-o", "-"], "is not encrypted", 3);
    // What leaves must stand in the log: where nothing can be written, nothing leaves.
    let before = hashes(place.folder.path());
    run(&["--file", "closed.mdt", "--key-file", "key", "--read-only", "actions", "-o", "-"], "as you asked", 3);
    assert_eq!(hashes(place.folder.path()), before);
    run(&["--file", "closed.mdt", "--key-file", "key", "actions", "-o", "-"], "", 0);
}

/// One SQLite in the program: two would each drop the other's locks.
#[test]
fn there_is_one_sqlite_in_the_program() {
    let count = |lock: &str| lock.matches("name = \"libsqlite3-sys\"").count();
    let lock = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock")).unwrap();
    assert_eq!(count(&lock), 1);
    // The control: a second version is seen.
    assert_eq!(count(&format!("{lock}\n[[package]]\nname = \"libsqlite3-sys\"\nversion = \"0.30.1\"\n")), 2);
    assert!(rusqlite::version_number() >= 3_051_003);
}
