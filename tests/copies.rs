//! Copies of the file: verified, thinned, put back.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on should stop"
)]

mod kit;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use mdt::domain::change::add;
use mdt::domain::household::Household;
use mdt::domain::id::HouseholdId;
use mdt::domain::text::Line;
use mdt::store::backup::{self, Made, Manifest, Why};
use mdt::store::copy::{examine, quietly};
use mdt::store::fault::Fault;
use mdt::store::log::Stamp;
use mdt::store::open::Passphrase;
use mdt::store::{self, Deed, FileKind, Reader, Stop, Store, restore};

use kit::stamp;

fn phrase() -> Passphrase {
    Passphrase::new("correct horse battery staple".to_owned())
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn household(store: &mut Store, n: usize) {
    let name = Line::parse(&format!("Household {n}")).unwrap();
    let id: HouseholdId = mdt::domain::id::RecordId::from_raw(1_000 + n as i64);
    store.commit(&stamp(), &Deed::change("Add household"), &[add(id, Household { name, note: None })]).unwrap();
}

fn team(folder: &Path, passphrase: Option<&Passphrase>) -> (Store, Reader) {
    let (mut store, reader) = store::create(&folder.join("team.mdt"), passphrase, FileKind::Real, 7, &stamp()).unwrap();
    for n in 0..20 {
        household(&mut store, n);
    }
    (store, reader)
}

#[test]
fn a_copy_is_opened_by_the_same_passphrase_and_holds_the_same() {
    let folder = tempfile::tempdir().unwrap();
    for (passphrase, name) in [(Some(phrase()), "sealed"), (None, "plain")] {
        let place = folder.path().join(name);
        fs::create_dir(&place).unwrap();
        let (store, reader) = team(&place, passphrase.as_ref());
        let to = place.join("copy.mdt");
        let mut told = Vec::new();
        let copied = store.copy_to(&to, &Stop::default(), &mut |done, of| told.push((done, of))).unwrap();
        assert_eq!(told.last(), Some(&(1, 1)));
        assert_eq!((copied.head.clone(), copied.people), (reader.head().unwrap(), 0));
        assert_eq!(copied.encrypted, passphrase.is_some());
        assert_eq!(mode(&to), 0o600);
        assert_eq!(&fs::read(&to).unwrap()[..15] == b"SQLite format 3", passphrase.is_none());
        assert_eq!(examine(&to, passphrase.as_ref(), &Stop::default()).unwrap(), copied);
        assert!(names(&place).iter().all(|name| name.starts_with("team.mdt") || name == "copy.mdt"));
        let (_again, other) = store::open(&to, passphrase.as_ref()).unwrap();
        assert_eq!(other.dump().unwrap(), reader.dump().unwrap());
        // It never replaces anything.
        let before = fs::read(&to).unwrap();
        let again = store.copy_to(&to, &Stop::default(), &mut quietly);
        assert!(matches!(again, Err(Fault::NotCopied(_))), "{again:?}");
        assert_eq!(fs::read(&to).unwrap(), before);
    }
}

#[test]
fn a_copy_under_another_passphrase_is_opened_by_that_one_only() {
    let folder = tempfile::tempdir().unwrap();
    let (store, reader) = team(folder.path(), Some(&phrase()));
    let other = Passphrase::new("another long passphrase".to_owned());
    let to = folder.path().join("copy.mdt");
    let copied = store.copy_under(&other, &to, &Stop::default(), &mut quietly).unwrap();
    assert_eq!(copied.head, reader.head().unwrap());
    assert!(matches!(store::open(&to, Some(&phrase())), Err(Fault::WrongKey)));
    assert!(matches!(examine(&to, Some(&phrase()), &Stop::default()), Err(Fault::WrongKey)));
    let (_store, second) = store::open(&to, Some(&other)).unwrap();
    assert_eq!(second.dump().unwrap(), reader.dump().unwrap());
}

// ───────────────────────────────────────────── the folder of copies

fn at(text: &str) -> Stamp {
    Stamp { at: text.to_owned(), actor: "Tolu Bankole".to_owned() }
}

fn back_up(store: &mut Store, moment: &str) -> Made {
    let made = store.back_up(Why::Hand, &at(moment), &Stop::default(), &mut quietly).unwrap();
    store.note_backup(&at(moment)).unwrap();
    made
}

fn moment(hour: i64) -> String {
    (kit::noon() + chrono::Duration::hours(hour)).format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[test]
fn copies_are_listed_named_and_their_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (mut store, reader) = team(folder.path(), Some(&phrase()));
    assert_eq!(reader.newest_copy().unwrap(), None);
    assert!(reader.changed_since(0).unwrap());
    let made = back_up(&mut store, &moment(0));
    let place = backup::folder_of(&folder.path().join("team.mdt"));
    assert_eq!(names(&place), ["manifest.jsonl", "team-20261126T125500Z-21.mdt"]);
    assert_eq!((mode(&place), mode(&made.path), mode(&place.join("manifest.jsonl"))), (0o700, 0o600, 0o600));
    assert_eq!(made.path, place.join("team-20261126T125500Z-21.mdt"));
    let newest = reader.newest_copy().unwrap().unwrap();
    assert_eq!((newest.seq, newest.why, &newest.sha256), (21, Why::Hand, &made.copied.sha256));
    assert_eq!(newest.head, made.copied.head.hash);
    let digest = {
        use sha2::Digest as _;
        sha2::Sha256::digest(fs::read(&made.path).unwrap())
    };
    assert_eq!(mdt::store::log::hex(&digest), newest.sha256);
    // The step that says so does not make another copy due; a real one does.
    assert_eq!(reader.head().unwrap().seq, 22);
    assert!(!reader.changed_since(newest.seq).unwrap());
    household(&mut store, 20);
    assert!(reader.changed_since(newest.seq).unwrap());
    // Two in one second do not meet; a folder that was open to others is closed.
    fs::set_permissions(&place, fs::Permissions::from_mode(0o755)).unwrap();
    back_up(&mut store, &moment(0));
    back_up(&mut store, &moment(0));
    assert_eq!(mode(&place), 0o700);
    assert_eq!(reader.copies().unwrap().of_file(reader.file_uuid()).len(), 3);
    assert_eq!(reader.to_undo("Tolu Bankole").unwrap().unwrap().label, "Add household", "a copy is not undone");
    // A copy that is gone, or shorter than it was, is not counted.
    for entry in reader.copies().unwrap().entries.iter().filter(|entry| entry.seq > 21) {
        fs::write(place.join(&entry.name), "short").unwrap();
    }
    assert_eq!(reader.newest_copy().unwrap().unwrap().seq, 21);
}

#[test]
fn thinning_takes_only_ours_and_leaves_the_newest_three() {
    let folder = tempfile::tempdir().unwrap();
    let (mut store, reader) = team(folder.path(), None);
    let place = folder.path().join("backups");
    fs::create_dir(&place).unwrap();
    for name in ["team-20200101T000000Z-1.mdt", "notes.txt", ".mdt-copy-xyz.part"] {
        fs::write(place.join(name), "somebody's own").unwrap();
    }
    fs::write(place.join(".mdt-copy-0123456789abcdef.part"), "left by a killed program").unwrap();
    for n in 0..30 {
        household(&mut store, 100 + n);
        let made = back_up(&mut store, &moment(12 * n as i64));
        let (there, listed): (Vec<_>, Vec<_>) = {
            let copies = reader.copies().unwrap();
            let left: Vec<_> = copies.entries.iter().filter(|entry| !entry.thinned).cloned().collect();
            (left.iter().filter(|entry| entry.is_there(&place)).cloned().collect(), left)
        };
        assert_eq!(there, listed, "what is not thinned is there");
        let mut newest: Vec<i64> = reader.copies().unwrap().entries.iter().map(|entry| entry.seq).collect();
        newest.reverse();
        for seq in newest.iter().take(3) {
            assert!(there.iter().any(|entry| entry.seq == *seq), "copy of step {seq} after {n}");
        }
        assert_eq!(made.warnings.iter().filter(|said| !said.contains("room")).count(), 0, "{:?}", made.warnings);
    }
    let left = names(&place).iter().filter(|name| name.ends_with(".mdt")).count();
    assert!((8..=20).contains(&left), "{left} copies after a fortnight");
    for name in ["team-20200101T000000Z-1.mdt", "notes.txt", ".mdt-copy-xyz.part"] {
        assert_eq!(fs::read_to_string(place.join(name)).unwrap(), "somebody's own");
    }
    assert!(!place.join(".mdt-copy-0123456789abcdef.part").exists());
    assert_eq!(reader.copies().unwrap().entries.len(), 30, "the list keeps every anchor");
}

/// What a keeper must do, whoever writes it: the newest copies that hold are never fewer than before.
fn keeps_good_copies(keep: impl Fn(&Store, &Reader, &str) -> bool) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let (mut store, reader) = team(folder.path(), None);
    let place = folder.path().join("backups");
    for n in 0..4 {
        household(&mut store, 200 + n);
        back_up(&mut store, &moment(n as i64));
    }
    let good = |place: &Path| {
        names(place)
            .iter()
            .filter(|name| name.ends_with(".mdt"))
            .filter(|name| examine(&place.join(name), None, &Stop::default()).is_ok())
            .count()
    };
    let before = good(&place);
    assert_eq!(before, 4);
    // The live file is damaged in its middle; nobody has noticed.
    drop(reader);
    let path = folder.path().join("team.mdt");
    store.close().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2 / 4_096 * 4_096;
    bytes[middle..middle + 4_096].fill(0x5a);
    fs::write(&path, &bytes).unwrap();
    let (store, reader) = store::open(&path, None).unwrap();
    for n in 0..6 {
        assert!(!keep(&store, &reader, &moment(24 * 400 + n)), "a damaged file gives no copy");
    }
    good(&place) == before
}

#[test]
fn a_damaged_file_gives_no_copy_and_takes_no_good_one_away() {
    assert!(keeps_good_copies(|store, _, at_moment| {
        store.back_up(Why::Quit, &at(at_moment), &Stop::default(), &mut quietly).is_ok()
    }));
    // The known-bad control: one that makes room first, and copies then.
    assert!(!keeps_good_copies(|store, reader, at_moment| {
        let place = backup::folder_of(reader.path());
        let oldest = names(&place).into_iter().find(|name| name.ends_with(".mdt"));
        if let Some(oldest) = oldest {
            fs::remove_file(place.join(oldest)).unwrap();
        }
        store.back_up(Why::Quit, &at(at_moment), &Stop::default(), &mut quietly).is_ok()
    }));
}

#[test]
fn a_second_folder_gets_the_same_bytes_and_its_absence_is_only_said() {
    let folder = tempfile::tempdir().unwrap();
    let stick = tempfile::tempdir().unwrap();
    let (mut store, _reader) = team(folder.path(), Some(&phrase()));
    store.set(backup::SECOND, stick.path().to_str().unwrap()).unwrap();
    let made = back_up(&mut store, &moment(0));
    let second = made.second.clone().unwrap();
    assert_eq!(fs::read(&second).unwrap(), fs::read(&made.path).unwrap());
    assert_eq!(mode(&second), 0o600);
    assert_eq!(examine(&second, Some(&phrase()), &Stop::default()).unwrap(), made.copied);
    assert_eq!(Manifest::read(stick.path()).unwrap().entries.len(), 1);
    // Not writable; then not there at all.
    if fs::write(stick.path().join("probe"), "x").is_ok() {
        fs::remove_file(stick.path().join("probe")).unwrap();
    }
    let gone = stick.path().to_path_buf();
    drop(stick);
    let made = back_up(&mut store, &moment(1));
    assert_eq!(made.second, None);
    assert!(made.warnings.iter().any(|said| said.contains("is not there")), "{:?}", made.warnings);
    assert!(made.path.exists() && !gone.exists());
    // A file where the folder was is no folder.
    fs::write(&gone, "x").unwrap();
    assert!(back_up(&mut store, &moment(2)).second.is_none());
    fs::remove_file(&gone).unwrap();
}

#[test]
fn a_copy_that_cannot_be_written_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let (mut store, reader) = team(folder.path(), None);
    back_up(&mut store, &moment(0));
    let place = folder.path().join("backups");
    let before = names(&place);
    // A link where the folder should be, a file, and somebody who stops it half way.
    let stop = Stop::default();
    let mut asked = |_: usize, _: usize| {
        stop.ask();
    };
    let stopped = store.back_up(Why::Hand, &at(&moment(1)), &stop, &mut asked);
    assert_eq!(stopped, Err(Fault::Stopped));
    assert_eq!(names(&place), before);
    for (n, bad) in ["file", "link"].into_iter().enumerate() {
        let aside = folder.path().join(format!("aside-{n}"));
        fs::rename(&place, &aside).unwrap();
        match bad {
            "file" => fs::write(&place, "x").unwrap(),
            _ => std::os::unix::fs::symlink(&aside, &place).unwrap(),
        }
        let refused = store.back_up(Why::Hand, &at(&moment(2)), &Stop::default(), &mut quietly);
        assert!(matches!(refused, Err(Fault::NotCopied(_))), "{bad}: {refused:?}");
        fs::remove_file(&place).unwrap();
        fs::rename(&aside, &place).unwrap();
    }
    assert_eq!(names(&place), before);
    assert!(reader.verify_chain().unwrap().is_ok());
    // One at a time.
    let held = fs::File::open(&place).unwrap();
    rustix::fs::flock(&held, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let refused = store.back_up(Why::Hand, &at(&moment(3)), &Stop::default(), &mut quietly);
    assert!(matches!(&refused, Err(Fault::NotCopied(why)) if why.contains("just now")), "{refused:?}");
    drop(held);
    store.back_up(Why::Hand, &at(&moment(3)), &Stop::default(), &mut quietly).unwrap();
}

#[test]
fn copies_made_while_somebody_writes_are_each_a_moment_of_the_history() {
    let folder = tempfile::tempdir().unwrap();
    let (store, reader) = team(folder.path(), Some(&phrase()));
    let (mut writer, _) = store.twin().unwrap();
    let done = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let stop = std::sync::Arc::clone(&done);
    let load = std::thread::spawn(move || {
        let mut n = 0;
        while !stop.load(std::sync::atomic::Ordering::Relaxed) {
            household(&mut writer, 10_000 + n);
            n += 1;
        }
        n
    });
    let mut heads = Vec::new();
    for n in 0..kit::times(8, 500) {
        let to = folder.path().join(format!("copy-{n}.mdt"));
        let copied = store.copy_to(&to, &Stop::default(), &mut quietly).unwrap();
        let copy = restore::read_copy(&to, Some(&phrase())).unwrap();
        let difference = reader.beyond(&copy).unwrap();
        assert_eq!(difference.more, 0);
        assert_eq!(difference.common.unwrap().seq, copied.head.seq);
        // Exactly as many households as steps say.
        let rows = copy.dump().unwrap().lines().filter(|line| line.starts_with("household ")).count();
        assert_eq!(rows as i64, copied.head.seq - 1);
        heads.push(copied.head.seq);
        drop(copy);
        fs::remove_file(to).unwrap();
    }
    done.store(true, std::sync::atomic::Ordering::Relaxed);
    let written = load.join().unwrap();
    assert!(written > 0 && heads.first() < heads.last(), "{written} steps meanwhile, copies at {heads:?}");
    assert_eq!(reader.head().unwrap().seq, 21 + written as i64, "nobody who wrote was turned away");
}
