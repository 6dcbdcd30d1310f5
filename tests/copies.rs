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
    for n in 0..20 {
        household(&mut store, 100 + n);
        let made = back_up(&mut store, &moment(18 * n as i64));
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
    assert_eq!(reader.copies().unwrap().entries.len(), 20, "the list keeps every anchor");
}

/// What a keeper must do, whoever writes it: the copies that hold are never fewer than before.
fn keeps_good_copies(keep: impl Fn(&Store, &Path, &str) -> bool) -> bool {
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
    drop(reader);
    store.close().unwrap();
    // The file is open and damaged in its middle; nobody has noticed.
    let path = folder.path().join("team.mdt");
    let (store, reader) = store::open(&path, None).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2 / 4_096 * 4_096;
    bytes[middle..middle + 4_096].fill(0x5a);
    fs::write(&path, &bytes).unwrap();
    for n in 0..6 {
        assert!(!keep(&store, reader.path(), &moment(24 * 400 + n)), "a damaged file gives no copy");
    }
    good(&place) == before
}

/// As a session makes one: by connections of its own, which have not read anything yet.
fn copies(store: &Store, moment: &str) -> bool {
    store.twin().is_ok_and(|(twin, _)| twin.back_up(Why::Quit, &at(moment), &Stop::default(), &mut quietly).is_ok())
}

#[test]
fn a_damaged_file_gives_no_copy_and_takes_no_good_one_away() {
    assert!(keeps_good_copies(|store, _, moment| copies(store, moment)));
    // The known-bad control: one that makes room first, and copies then.
    assert!(!keeps_good_copies(|store, path, moment| {
        let place = backup::folder_of(path);
        let oldest = names(&place).into_iter().find(|name| name.ends_with(".mdt"));
        if let Some(oldest) = oldest {
            fs::remove_file(place.join(oldest)).unwrap();
        }
        copies(store, moment)
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
    let done = std::sync::atomic::AtomicBool::new(false);
    let mut heads = Vec::new();
    let written = std::thread::scope(|scope| {
        let load = scope.spawn(|| {
            let mut n = 0;
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                household(&mut writer, 10_000 + n);
                n += 1;
                // A quick typist: otherwise the file is soon too large for many copies.
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            n
        });
        // The writer stops also where a copy is not what it should be.
        struct Enough<'d>(&'d std::sync::atomic::AtomicBool);
        impl Drop for Enough<'_> {
            fn drop(&mut self) {
                self.0.store(true, std::sync::atomic::Ordering::Relaxed);
            }
        }
        let enough = Enough(&done);
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
        drop(enough);
        load.join().unwrap()
    });
    assert!(written > 0 && heads.first() < heads.last(), "{written} steps meanwhile, copies at {heads:?}");
    assert_eq!(reader.head().unwrap().seq, 21 + written as i64, "nobody who wrote was turned away");
}

// ───────────────────────────────────────────── back from a copy

/// Numbers that look like chance and are the same for one seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n.max(1)
    }
}

#[test]
fn a_file_comes_back_from_its_copy_whatever_became_of_it() {
    let seed = kit::seed();
    eprintln!("seed={seed}");
    let mut dice = Dice(seed);
    let folder = tempfile::tempdir().unwrap();
    let (mut store, reader) = team(folder.path(), None);
    let made = back_up(&mut store, &moment(0));
    let held = restore::read_copy(&made.path, None).unwrap().dump().unwrap();
    assert_eq!(held, reader.dump().unwrap());
    household(&mut store, 500);
    drop(reader);
    store.close().unwrap();
    let path = folder.path().join("team.mdt");
    let good = fs::read(&path).unwrap();
    let copy = fs::read(&made.path).unwrap();
    for n in 0..kit::times(20, 100) {
        let mut bad = good.clone();
        match dice.below(4) {
            0 => bad.truncate(dice.below(good.len())),
            1 => {
                let at = dice.below(good.len() / 4_096) * 4_096;
                bad[at..at + 4_096].fill(0);
            }
            2 => (0..50).for_each(|_| {
                let at = dice.below(good.len());
                bad[at] ^= 1 << dice.below(8);
            }),
            _ => bad.rotate_left(4_096),
        }
        fs::write(&path, &bad).unwrap();
        let to = folder.path().join(format!("back-{n}.mdt"));
        let copied = restore::restore(&made.path, None, &to, &Stop::default(), &mut quietly).unwrap();
        assert_eq!(copied.head, made.copied.head);
        let (_store, back) = store::open(&to, None).unwrap();
        assert_eq!(back.dump().unwrap(), held, "damage {n}");
        assert_eq!(mode(&to), 0o600);
        assert_eq!(fs::read(&path).unwrap(), bad, "what is damaged stays as it is");
        // A second time never goes over the first.
        assert!(restore::restore(&made.path, None, &to, &Stop::default(), &mut quietly).is_err());
    }
    assert_eq!(fs::read(&made.path).unwrap(), copy);
}

#[test]
fn a_copy_that_does_not_hold_is_refused_and_nothing_is_made() {
    let seed = kit::seed();
    eprintln!("seed={seed}");
    let mut dice = Dice(seed);
    let folder = tempfile::tempdir().unwrap();
    let (mut store, _reader) = team(folder.path(), Some(&phrase()));
    let made = back_up(&mut store, &moment(0));
    let good = fs::read(&made.path).unwrap();
    let aside = tempfile::tempdir().unwrap();
    let (copy, to) = (aside.path().join("copy.mdt"), aside.path().join("back.mdt"));
    let refused = |bytes: &[u8], what: &str| {
        fs::write(&copy, bytes).unwrap();
        let refused = restore::restore(&copy, Some(&phrase()), &to, &Stop::default(), &mut quietly);
        assert!(refused.is_err(), "{what}");
        assert_eq!(names(aside.path()), ["copy.mdt"], "{what}");
        assert_eq!(fs::read(&copy).unwrap(), bytes, "{what}");
    };
    for _ in 0..kit::times(4, 60) {
        let at = dice.below(good.len());
        let mut bad = good.clone();
        bad[at] ^= 1 << dice.below(8);
        refused(&bad, &format!("a bit at {at}"));
    }
    refused(&good[..good.len() - 4_096], "cut short");
    refused(&[], "empty");
    refused(b"Surname,Forename\n", "a list");
    let mut longer = good.clone();
    longer.extend_from_slice(&[7; 4_096]);
    refused(&longer, "a page too many");
    // A log beside it: it is no copy that lies still.
    fs::write(&copy, &good).unwrap();
    fs::write(aside.path().join("copy.mdt-wal"), "log").unwrap();
    assert!(restore::restore(&copy, Some(&phrase()), &to, &Stop::default(), &mut quietly).is_err());
    fs::remove_file(aside.path().join("copy.mdt-wal")).unwrap();
    let wrong = Passphrase::new("another long passphrase".to_owned());
    let refused = restore::restore(&copy, Some(&wrong), &to, &Stop::default(), &mut quietly);
    assert_eq!(refused, Err(Fault::WrongKey));
    restore::restore(&copy, Some(&phrase()), &to, &Stop::default(), &mut quietly).unwrap();
}

#[test]
fn the_difference_names_the_last_step_both_have() {
    let folder = tempfile::tempdir().unwrap();
    let (mut store, reader) = team(folder.path(), None);
    let made = back_up(&mut store, &moment(0));
    household(&mut store, 600);
    household(&mut store, 601);
    let copy = restore::read_copy(&made.path, None).unwrap();
    let difference = reader.beyond(&copy).unwrap();
    assert_eq!(difference.common.unwrap().seq, 21);
    assert_eq!(difference.lacks.iter().map(|step| step.seq).collect::<Vec<_>>(), [22, 23, 24]);
    assert_eq!(difference.more, 0);
    assert!(difference.lacks[1].label == "Add household" && difference.lacks[0].label == "Make a copy");
    // Somebody worked on with the copy.
    let other = folder.path().join("other.mdt");
    restore::restore(&made.path, None, &other, &Stop::default(), &mut quietly).unwrap();
    let (mut second, _second_reader) = store::open(&other, None).unwrap();
    household(&mut second, 700);
    second.close().unwrap();
    drop(_second_reader);
    let copy = restore::read_copy(&other, None).unwrap();
    let difference = reader.beyond(&copy).unwrap();
    assert_eq!((difference.common.unwrap().seq, difference.lacks.len(), difference.more), (21, 3, 1));
    // Itself.
    let difference = reader.beyond(&reader).unwrap();
    assert_eq!((difference.common.unwrap().seq, difference.lacks.len(), difference.more), (24, 0, 0));
}

#[test]
fn an_older_file_is_copied_before_it_is_changed_to_the_present_form() {
    const SCHEMAS: [&str; 3] = [
        include_str!("../src/store/schema/0001_house.sql"),
        include_str!("../src/store/schema/0002_lists.sql"),
        include_str!("../src/store/schema/0003_disclosures.sql"),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("team.mdt");
    let old = || {
        let _ = fs::remove_file(&path);
        let db = rusqlite::Connection::open(&path).unwrap();
        db.pragma_update(None, "foreign_keys", false).unwrap();
        for schema in SCHEMAS {
            db.execute_batch(schema).unwrap();
        }
        db.execute_batch(
            "INSERT INTO file_card VALUES (1, '00000000000000000000000000000007', '2026-11-01T09:00:00Z', '0.0.1', 'real');
             INSERT INTO setting VALUES ('note', 'from before');
             PRAGMA application_id = 1296323633; PRAGMA user_version = 3;",
        )
        .unwrap();
        drop(db);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    };
    let version = |path: &Path| -> i64 {
        rusqlite::Connection::open(path).unwrap().query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
    };
    old();
    // Where no copy can be made, nothing is changed.
    let before = fs::read(&path).unwrap();
    fs::write(folder.path().join("backups"), "in the way").unwrap();
    let refused = store::open(&path, None).err().unwrap();
    assert!(refused.to_string().contains("a copy is made, and that failed"), "{refused}");
    assert_eq!(fs::read(&path).unwrap(), before);
    fs::remove_file(folder.path().join("backups")).unwrap();
    let (store, reader) = store::open(&path, None).unwrap();
    assert_eq!(reader.setting("note").unwrap().as_deref(), Some("from before"));
    let entry = reader.newest_copy().unwrap().unwrap();
    assert_eq!(entry.why, Why::Migration);
    let copy = folder.path().join("backups").join(&entry.name);
    drop(reader);
    store.close().unwrap();
    assert!(version(&path) > 3);
    assert_eq!(version(&copy), 3, "the copy is of the file as it was");
    examine(&copy, None, &Stop::default()).unwrap();
    // Opened once more there is nothing to be done.
    let (_store, reader) = store::open(&path, None).unwrap();
    assert_eq!(reader.copies().unwrap().entries.len(), 1);
}

// ───────────────────────────────────────────── by keys

fn real_desk() -> kit::Desk {
    let mut desk = kit::Desk::with(FileKind::Real, |store| {
        let name = Line::parse("Elm Grove MDT").unwrap();
        let id: mdt::domain::id::TeamId = mdt::domain::id::RecordId::from_raw(1);
        store.commit(&stamp(), &Deed::change("Add team"), &[add(id, mdt::domain::team::Team::new(name))]).unwrap();
    });
    desk.session.keep_copies();
    desk.session.finish_work();
    desk
}

fn whys(desk: &kit::Desk) -> Vec<Why> {
    desk.session.reader.copies().unwrap().entries.iter().map(|entry| entry.why).collect()
}

#[test]
fn a_session_makes_a_copy_at_the_first_start_of_a_day_and_before_it_leaves() {
    let mut desk = real_desk();
    assert_eq!(whys(&desk), [Why::Day]);
    desk.keys("1").hides("copy");
    // Nothing was done: nothing is copied on leaving.
    desk.keys("q<enter>");
    assert!(desk.session.leaving);
    assert_eq!(whys(&desk), [Why::Day]);
    let mut desk = desk.restart();
    desk.session.keep_copies();
    desk.session.finish_work();
    assert_eq!(whys(&desk), [Why::Day], "the same day needs no second one");
    let (mut other, _) = desk.second_session();
    household(&mut other, 1);
    other.close().unwrap();
    desk.session.take(mdt::ui::msg::Msg::Foreign);
    desk.keys("q<enter>");
    assert!(desk.session.leaving);
    assert_eq!(whys(&desk), [Why::Day, Why::Quit]);
    // The next day.
    let mut desk = desk.restart();
    desk.session.clock.advance(chrono::Duration::hours(30));
    desk.session.take(mdt::ui::msg::Msg::Tick);
    desk.session.keep_copies();
    desk.session.finish_work();
    assert_eq!(whys(&desk), [Why::Day, Why::Quit, Why::Day]);
    assert!(desk.session.reader.verify_chain().unwrap().is_ok());
}

#[test]
fn a_copy_by_hand_and_home_says_when_there_is_none() {
    let mut desk = real_desk();
    desk.keys(":make a copy<enter>").shows("A copy was made and tried whole: team-");
    assert_eq!(whys(&desk), [Why::Day, Why::Hand]);
    let place = backup::folder_of(desk.session.reader.path());
    // Somebody takes the copies away; the folder cannot be used.
    for name in names(&place) {
        fs::remove_file(place.join(name)).unwrap();
    }
    fs::remove_dir(&place).unwrap();
    fs::write(&place, "in the way").unwrap();
    desk.keys(":make a copy<enter>").shows("is not a folder");
    desk.session.keep_copies();
    desk.session.finish_work();
    desk.keys("1").shows("! No copy of this file yet · palette: backup");
    for (columns, rows) in [(60, 20), (80, 24), (110, 32)] {
        desk.resize(columns, rows).shows("No copy of this file yet");
    }
    // It stops nobody: one says so, the second time one leaves.
    desk.keys("q<enter>").shows("Leave once more");
    assert!(!desk.session.leaving);
    desk.keys("q<enter>");
    assert!(desk.session.leaving);
    fs::remove_file(&place).unwrap();
    desk.session.leaving = false;
    // Enter on that line makes one.
    desk.keys("1G<enter>").shows("A copy was made");
    desk.keys("1").hides("No copy");
    desk.minutes(25 * 60).shows("No copy since 26-Nov-2026 12:55");
}

#[test]
fn the_demo_and_a_session_nobody_asked_make_none() {
    let mut desk = kit::demo();
    desk.session.keep_copies();
    desk.session.finish_work();
    desk.keys("1").hides("No copy");
    desk.keys("q<enter>");
    assert!(desk.session.leaving);
    assert!(!backup::folder_of(desk.session.reader.path()).exists());
    // By hand it does.
    desk.session.leaving = false;
    desk.keys(":make a copy<enter>").shows("A copy was made");
    let (mut store, _) = desk.second_session();
    assert_eq!(backup::before(&mut store, &stamp(), Why::Erase, &Stop::default()).unwrap(), None);
}

#[test]
fn a_live_meeting_is_copied_every_half_hour_in_which_something_was_done() {
    let mut desk = real_desk();
    let today = mdt::domain::day::Day::from_date(kit::noon().date_naive());
    let (mut other, reader) = desk.second_session();
    let team = reader.teams().unwrap().remove(0);
    let id: mdt::domain::id::MeetingId = mdt::domain::id::RecordId::from_raw(70);
    let mut meeting = mdt::domain::meeting::Meeting::planned(team.id, today, team.starts, 90, None);
    meeting.stage = mdt::domain::meeting::Stage::Live;
    meeting.begun_at = Some(mdt::domain::day::Moment::new(kit::noon()));
    other.commit(&stamp(), &Deed::change("Open the meeting"), &[add(id, meeting)]).unwrap();
    desk.session.take(mdt::ui::msg::Msg::Foreign);
    desk.minutes(29);
    desk.session.finish_work();
    assert_eq!(whys(&desk), [Why::Day]);
    desk.minutes(1);
    desk.session.finish_work();
    assert_eq!(whys(&desk), [Why::Day, Why::Meeting]);
    desk.minutes(31);
    desk.session.finish_work();
    assert_eq!(whys(&desk), [Why::Day, Why::Meeting], "nothing was done since");
    household(&mut other, 1);
    desk.minutes(30);
    desk.session.finish_work();
    assert_eq!(whys(&desk), [Why::Day, Why::Meeting, Why::Meeting]);
}

// ───────────────────────────────────────────── the back door

struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        let home = Self { folder: tempfile::tempdir().unwrap() };
        fs::write(home.path("key"), "correct horse battery staple\n").unwrap();
        fs::set_permissions(home.path("key"), fs::Permissions::from_mode(0o600)).unwrap();
        home.mdt(&["init", "Elm Grove MDT"]).assert().success();
        home
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn mdt(&self, arguments: &[&str]) -> assert_cmd::Command {
        self.mdt_on("team.mdt", arguments)
    }

    fn mdt_on(&self, file: &str, arguments: &[&str]) -> assert_cmd::Command {
        let mut command = assert_cmd::Command::cargo_bin("mdt").unwrap();
        command.env("HOME", self.folder.path()).env("XDG_DATA_HOME", self.path("data")).env("USER", "test");
        command.current_dir(self.folder.path()).args(["--file", file, "--key-file", "key"]).args(arguments);
        command
    }

    fn import(&self, kind: &str) {
        let list = format!("{}/examples/{kind}.csv", env!("CARGO_MANIFEST_DIR"));
        self.mdt(&["import", kind, &list, "--yes"]).assert().success();
    }
}

#[test]
fn mdt_backup_makes_lists_and_lays_down_a_second_copy() {
    use predicates::str::contains;
    let home = Home::new();
    home.mdt(&["backup", "--list"]).assert().success().stdout(contains("There is no copy of this file yet"));
    home.import("caseload");
    home.mdt(&["backup", "--list"]).assert().success().stdout(contains("before a list came in"));
    home.mdt(&["backup"]).assert().success().stdout(contains("25 people")).stdout(contains("SHA-256 "));
    fs::create_dir(home.path("stick")).unwrap();
    home.mdt(&["backup", "--second", "nowhere"]).assert().code(1).stderr(contains("There is no folder"));
    home.mdt(&["backup", "--second", "stick"]).assert().success();
    home.mdt(&["backup"]).assert().success().stdout(contains("And "));
    assert_eq!(names(&home.path("stick")).len(), 2);
    fs::rename(home.path("stick"), home.path("pulled")).unwrap();
    home.mdt(&["backup"]).assert().success().stderr(contains("is not there"));
    home.mdt(&["backup", "--second", "none"]).assert().success();
    home.mdt(&["backup", "copy.mdt"]).assert().success().stdout(contains("copy.mdt"));
    home.mdt(&["backup", "copy.mdt"]).assert().code(1).stderr(contains("exists already"));
    home.mdt(&["backup", "pulled"]).assert().success();
    home.mdt(&["backup", "no/such/folder.mdt"]).assert().code(3).stderr(contains("No copy was made"));
    home.mdt(&["backup", "--list", "copy.mdt"]).assert().code(2);
    let list = home.mdt(&["backup", "--list"]).assert().success().get_output().stdout.clone();
    let list = String::from_utf8(list).unwrap();
    assert_eq!(list.matches("by hand").count(), 3, "{list}");
    for name in names(&home.path("backups")) {
        assert_eq!(mode(&home.path("backups").join(name)), 0o600);
    }
    // A folder cannot be made where nobody may write.
    home.mdt(&["paths"]).assert().success().stdout(contains("backups"));
}

#[test]
fn mdt_restore_makes_a_new_file_and_says_what_the_copy_lacks() {
    use predicates::prelude::PredicateBooleanExt as _;
    use predicates::str::contains;
    let home = Home::new();
    home.import("caseload");
    home.mdt(&["backup", "copy.mdt"]).assert().success();
    home.import("members");
    home.mdt(&["restore", "copy.mdt"]).assert().code(2);
    home.mdt(&["restore", "copy.mdt", "back.mdt"])
        .assert()
        .success()
        .stdout(contains("25 people"))
        .stdout(contains("The last step that it shares"))
        .stdout(contains("It lacks 3 steps (backup 2, import 1):"))
        .stdout(contains("Take in members list"))
        .stdout(contains("Adeyemi").not());
    assert_eq!(mode(&home.path("back.mdt")), 0o600);
    home.mdt(&["restore", "copy.mdt", "back.mdt"]).assert().code(1).stderr(contains("exists already"));
    let mut bytes = fs::read(home.path("copy.mdt")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    fs::write(home.path("bad.mdt"), bytes).unwrap();
    home.mdt(&["restore", "bad.mdt", "third.mdt"]).assert().code(3);
    assert!(!home.path("third.mdt").exists());
    fs::write(home.path("key"), "another long passphrase\n").unwrap();
    home.mdt(&["restore", "copy.mdt", "third.mdt"]).assert().code(3).stderr(contains("Wrong passphrase"));
    assert!(!home.path("third.mdt").exists());
}

#[test]
fn mdt_restore_replaces_only_with_a_witness_and_keeps_what_was_there() {
    use predicates::prelude::PredicateBooleanExt as _;
    use predicates::str::contains;
    let home = Home::new();
    home.import("caseload");
    home.mdt(&["backup", "copy.mdt"]).assert().success();
    home.import("members");
    let team = home.path("team.mdt");
    let phrase = phrase();
    home.mdt(&["restore", "copy.mdt", "--replace"]).assert().code(2);
    home.mdt(&["restore", "copy.mdt", "--replace", "--witness", "TEST"])
        .assert()
        .code(1)
        .stderr(contains("second person"));
    // Somebody has it open, reading nothing and writing nothing.
    let held = store::open(&team, Some(&phrase)).unwrap();
    home.mdt(&["restore", "copy.mdt", "--replace", "--witness", "Pat Okoro"])
        .assert()
        .code(3)
        .stderr(contains("has").and(contains("open")));
    drop(held);
    let before = names(home.folder.path());
    assert!(!before.iter().any(|name| name.contains("restored") || name.contains("replaced")), "{before:?}");
    // Damaged, with a log beside it: all of the set is kept.
    let mut bytes = fs::read(&team).unwrap();
    let middle = bytes.len() / 2 / 4_096 * 4_096;
    bytes[middle..middle + 4_096].fill(0);
    fs::write(&team, &bytes).unwrap();
    fs::write(home.path("team.mdt-wal"), "what was left of the log").unwrap();
    home.mdt(&["restore", "copy.mdt", "--replace", "--witness", "Pat Okoro"])
        .assert()
        .success()
        .stdout(contains("is now what the copy held"))
        .stdout(contains("Kept: "));
    let kept: Vec<String> = names(home.folder.path()).into_iter().filter(|name| name.contains("-replaced-")).collect();
    assert!(kept.iter().any(|name| name.ends_with(".mdt")), "{kept:?}");
    let db = kept.iter().find(|name| name.ends_with(".mdt")).unwrap();
    assert_eq!(fs::read(home.path(db)).unwrap(), bytes, "the damaged file is as it was");
    let (_store, reader) = store::open(&team, Some(&phrase)).unwrap();
    let last = reader.steps(1).unwrap().remove(0);
    assert_eq!(last.kind, mdt::store::log::StepKind::Restore);
    assert_eq!(last.label, "Put back from a copy; witness: Pat Okoro");
    assert!(reader.verify_chain().unwrap().is_ok());
    assert_eq!(mode(&team), 0o600);
    assert!(reader.dump().unwrap().lines().filter(|line| line.starts_with("person ")).count() == 25);
}

/// Where the present file does not open, what was remembered of its place says whose copy may stand there.
#[test]
fn another_teams_copy_is_not_put_in_the_place_of_a_file_that_does_not_open() {
    use predicates::prelude::PredicateBooleanExt as _;
    use predicates::str::contains;
    let home = Home::new();
    home.mdt(&["backup", "copy.mdt"]).assert().success();
    home.mdt(&["backup"]).assert().success();
    home.mdt_on("teams.mdt", &["init", "Harbour MDT"]).assert().success();
    home.mdt_on("teams.mdt", &["backup"]).assert().success();
    home.mdt_on("teams.mdt", &["backup", "foreign.mdt"]).assert().success();
    fs::remove_file(home.path("teams.mdt")).unwrap();
    let replace = |copy: &str| home.mdt(&["restore", copy, "--replace", "--witness", "Pat Okoro"]).assert();
    let team = home.path("team.mdt");
    let bytes = fs::read(&team).unwrap();
    // A good file tells by itself.
    replace("foreign.mdt").code(1).stderr(contains("another file"));
    fs::write(&team, &bytes[..5_000]).unwrap();
    let hurt = fs::read(&team).unwrap();
    let refused = || {
        let said =
            contains("another file than the one that was").and(contains("mdt restore ")).and(contains("NEW.mdt"));
        replace("foreign.mdt").code(1).stderr(said.and(contains("nothing was changed")));
        assert_eq!(fs::read(&team).unwrap(), hurt);
        assert!(!names(home.folder.path()).iter().any(|name| name.contains("-restored-")));
    };
    refused();
    // Nothing is remembered outside: the list of copies knows.
    let heads = home.path("data/mdt/heads.json");
    let remembered = fs::read(&heads).unwrap();
    fs::remove_file(&heads).unwrap();
    refused();
    // What is remembered cannot be read: the same.
    fs::write(&heads, "not ours").unwrap();
    refused();
    fs::write(&heads, &remembered).unwrap();
    // There is no file at all any more.
    fs::remove_file(&team).unwrap();
    replace("foreign.mdt").code(1).stderr(contains("another file than the one that was"));
    fs::write(&team, &hurt).unwrap();
    fs::set_permissions(&team, fs::Permissions::from_mode(0o600)).unwrap();
    // Its own copy is known, by one and by the other.
    replace("copy.mdt").success().stdout(contains("a copy of the same file"));
    fs::write(&team, &hurt).unwrap();
    fs::remove_file(&heads).unwrap();
    replace("copy.mdt").success().stdout(contains("a copy of the same file"));
    // Nothing is known: that is said.
    fs::write(&team, &hurt).unwrap();
    fs::remove_file(&heads).unwrap();
    fs::rename(home.path("backups"), home.path("elsewhere")).unwrap();
    replace("foreign.mdt").success().stdout(contains("Nothing is remembered of").and(contains("cannot be said")));
    // From now on that is the file of this place.
    fs::write(&team, &hurt).unwrap();
    fs::rename(home.path("elsewhere"), home.path("backups")).unwrap();
    replace("foreign.mdt").success().stdout(contains("a copy of the same file"));
}

#[test]
fn a_disk_that_takes_no_more_costs_neither_the_file_nor_a_copy() {
    let home = Home::new();
    home.import("caseload");
    home.mdt(&["backup"]).assert().success();
    let place = home.path("backups");
    let before = names(&place);
    let file = fs::read(home.path("team.mdt")).unwrap();
    // No file may grow beyond 100 KB: the system says so where the signal is ignored, and kills where it is not.
    for (how, killed) in [("trap '' XFSZ; ulimit -f 200;", false), ("ulimit -f 200;", true)] {
        let mdt = assert_cmd::cargo::cargo_bin("mdt");
        let script = format!("{how} exec '{}' --file team.mdt --key-file key backup", mdt.display());
        let out = std::process::Command::new("sh")
            .args(["-c", &script])
            .env("HOME", home.folder.path())
            .env("XDG_DATA_HOME", home.path("data"))
            .current_dir(home.folder.path())
            .output()
            .unwrap();
        assert!(!out.status.success(), "{how}");
        assert_eq!(out.status.code().is_none(), killed, "{how} {}", String::from_utf8_lossy(&out.stderr));
        let copies: Vec<String> = names(&place).into_iter().filter(|name| name.ends_with(".mdt")).collect();
        assert_eq!(copies.len(), before.len() - 1, "{copies:?}");
    }
    assert!(fs::read(home.path("team.mdt")).unwrap() == file, "the file itself is as it was");
    // What the killed one left is cleared away by the next.
    assert!(names(&place).iter().any(|name| name.ends_with(".part")));
    home.mdt(&["backup"]).assert().success();
    assert!(!names(&place).iter().any(|name| name.ends_with(".part")));
}
