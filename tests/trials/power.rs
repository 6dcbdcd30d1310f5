//! The power goes at random instants: disks as they may then be – what was not made durable is there, gone or torn – are
//! opened and proved.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::calls::{self, Event};
use super::kit;
use super::report::Family;
use super::world::{self, Dice, Ground, Work};

/// The smallest piece that a disk writes whole.
const SECTOR: usize = 512;

/// What is on a disk: contents by name and generation.
#[derive(Clone, Default)]
pub struct Disk {
    files: BTreeMap<String, Vec<u8>>,
    /// Files whose name is not durable yet.
    unnamed: BTreeSet<String>,
}

impl Disk {
    /// The disk that this folder's files are on.
    pub fn of(path: &Path) -> Self {
        let mut files = BTreeMap::new();
        for suffix in ["", "-wal", "-journal"] {
            let name = world::beside(path, suffix);
            if let Ok(bytes) = std::fs::read(&name) {
                files.insert(format!("{}#0", name.display()), bytes);
            }
        }
        Self { files, unnamed: BTreeSet::new() }
    }

    fn apply(&mut self, event: &Event, mut torn: Option<&mut Dice>) {
        match event {
            Event::Write(name, at, bytes) => {
                let file = self.files.entry(name.clone()).or_default();
                let (at, end) = (usize::try_from(*at).unwrap(), usize::try_from(*at).unwrap() + bytes.len());
                if file.len() < end {
                    file.resize(end, 0);
                }
                let mut from = at;
                while from < end {
                    let to = end.min((from / SECTOR + 1) * SECTOR);
                    if torn.as_mut().is_none_or(|dice| dice.throw(10) < 7) {
                        file[from..to].copy_from_slice(&bytes[from - at..to - at]);
                    }
                    from = to;
                }
            }
            Event::Cut(name, length) => {
                self.files.entry(name.clone()).or_default().resize(usize::try_from(*length).unwrap(), 0);
            }
            Event::Unlink(name) => drop(self.files.remove(name)),
            Event::Create(name) => drop(self.files.entry(name.clone()).or_default()),
            Event::Sync(_) | Event::SyncNames | Event::Saved(_) => {}
        }
    }

    /// What this disk may hold when the power goes after so many events, and the newest step said to be saved by then.
    pub fn after(&self, events: &[Event], dice: &mut Dice) -> (Self, i64) {
        let (mut disk, mut pending, mut saved) = (self.clone(), Vec::<&Event>::new(), 0);
        for event in events {
            match event {
                Event::Saved(step) => saved = *step,
                Event::Sync(synced) => pending.retain(|waiting| {
                    let its = matches!(waiting, Event::Write(name, ..) | Event::Cut(name, _) if name == synced);
                    if its {
                        disk.apply(waiting, None);
                    }
                    !its
                }),
                Event::SyncNames => {
                    disk.unnamed.clear();
                    pending.retain(|waiting| {
                        let its = matches!(waiting, Event::Unlink(_));
                        if its {
                            disk.apply(waiting, None);
                        }
                        !its
                    });
                }
                Event::Create(name) => {
                    disk.apply(event, None);
                    disk.unnamed.insert(name.clone());
                }
                Event::Write(..) | Event::Cut(..) | Event::Unlink(_) => pending.push(event),
            }
        }
        for event in pending {
            match (event, dice.throw(3)) {
                (_, 0) => {}
                (Event::Write(..), 1) => disk.apply(event, Some(dice)),
                _ => disk.apply(event, None),
            }
        }
        for name in std::mem::take(&mut disk.unnamed) {
            if dice.throw(2) == 0 {
                disk.files.remove(&name);
            }
        }
        (disk, saved)
    }

    /// Puts its files into a folder, and gives the path of the one that ends so.
    pub fn mount(&self, folder: &Path, main: &str) -> std::path::PathBuf {
        let _ = std::fs::remove_dir_all(folder);
        std::fs::create_dir(folder).unwrap();
        let mut newest: BTreeMap<&str, (u32, &[u8])> = BTreeMap::new();
        for (name, bytes) in &self.files {
            let (name, generation) = name.rsplit_once('#').unwrap();
            let generation: u32 = generation.parse().unwrap();
            if newest.get(name).is_none_or(|(other, _)| *other < generation) {
                newest.insert(name, (generation, bytes));
            }
        }
        for (name, (_, bytes)) in newest {
            let to = folder.join(Path::new(name).file_name().unwrap());
            std::fs::write(&to, bytes).unwrap();
            std::fs::set_permissions(&to, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        }
        folder.join(main)
    }
}

/// One evening's work at a file, with the file closed and opened again now and then.
fn evening(path: &Path, encrypted: bool, work: Work, steps: u64) -> Vec<Event> {
    let ((), events) = calls::recording(|| {
        let (mut store, mut reader) = world::open(path, encrypted).unwrap();
        let mut ground = Ground::of(&reader, 5).unwrap();
        for n in 0..steps {
            let step = work.step(&mut store, &reader, &mut ground, n).unwrap();
            calls::saved(step);
            if n % 7 == 6 {
                drop(reader);
                store.close().unwrap();
                (store, reader) = world::open(path, encrypted).unwrap();
            }
        }
        drop(reader);
        store.close().unwrap();
    });
    events
}

#[test]
fn what_was_said_to_be_saved_survives_every_power_cut() {
    let family = Family::begin("power");
    let folder = world::folder();
    let mut dice = Dice::new(family.seed);
    let (mut runs, mut lost, mut syncs) = (0, 0, 0);
    for encrypted in [false, true] {
        for work in Work::ALL {
            let (steps, cuts) = match (work, encrypted) {
                (Work::LargeImport, false) => (1, kit::times(0, 300)),
                (Work::LargeImport, true) => (1, kit::times(0, 20)),
                (_, false) => (24, kit::times(15, 10_000)),
                (_, true) => (24, kit::times(1, 100)),
            };
            if cuts == 0 {
                continue;
            }
            let path = world::found(folder.path(), encrypted, 20);
            let start = Disk::of(&path);
            let events = evening(&path, encrypted, work, steps);
            syncs += events.iter().filter(|event| matches!(event, Event::Sync(_))).count();
            for _ in 0..cuts {
                let cut = dice.throw(events.len() + 1);
                let (disk, saved) = start.after(&events[..cut], &mut dice);
                let path = disk.mount(&folder.path().join("after"), "team.mdt");
                let head = world::prove(&path, encrypted)
                    .unwrap_or_else(|why| panic!("{work:?}, cut at {cut}, seed {}: {why}", family.seed));
                lost += u64::from(head < saved);
                runs += 1;
            }
            std::fs::remove_file(&path).unwrap();
        }
    }
    assert!(syncs > 50, "nothing was made durable: {syncs}");
    family.done(runs, lost, "0 damaged");
}

/// Cuts after which a file, kept in this way by SQLite alone, is damaged; and those after which something saved is missing.
fn control(journal: &str, synchronous: &str, cuts: u32, seed: u64) -> (u32, u32) {
    let folder = world::folder();
    let path = folder.path().join("control.db");
    let make = || {
        let db = Connection::open(&path).unwrap();
        for (name, value) in [("journal_mode", journal), ("synchronous", synchronous), ("wal_autocheckpoint", "20")] {
            db.pragma_update(None, name, value).unwrap();
        }
        db
    };
    let db = make();
    db.execute_batch("CREATE TABLE action (n INTEGER PRIMARY KEY, what TEXT); CREATE INDEX by_what ON action (what);")
        .unwrap();
    drop(db);
    let start = Disk::of(&path);
    let ((), events) = calls::recording(|| {
        let mut db = make();
        for n in 0..60_i64 {
            let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
            tx.execute("INSERT INTO action VALUES (?1, ?2)", (n, format!("{:0>200}", n * 7_919 % 1_000))).unwrap();
            tx.commit().unwrap();
            calls::saved(n + 1);
        }
    });
    let (mut dice, mut damaged, mut lost) = (Dice::new(seed), 0, 0);
    for _ in 0..cuts {
        let (disk, saved) = start.after(&events[..dice.throw(events.len() + 1)], &mut dice);
        let path = disk.mount(&folder.path().join("after"), "control.db");
        let look = || -> rusqlite::Result<(String, i64)> {
            let db = Connection::open(&path)?;
            let found = db.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
            Ok((found, db.query_row("SELECT count(*) FROM action", [], |row| row.get(0))?))
        };
        match look() {
            Ok((found, count)) if found == "ok" => lost += u32::from(count < saved),
            Ok(_) | Err(_) => damaged += 1,
        }
    }
    (damaged, lost)
}

/// The controls: ways of keeping a file that are known to lose, lose; ways that are known to hold, hold.
#[test]
fn careless_ways_of_writing_are_found_out() {
    let cuts = kit::times(300, 10_000);
    let seed = kit::seed();
    let share = |(damaged, lost): (u32, u32)| (damaged * 100 / cuts, lost * 100 / cuts);
    let found = |journal, synchronous| control(journal, synchronous, cuts, seed);
    assert_eq!(found("WAL", "FULL"), (0, 0), "seed {seed}");
    assert_eq!(found("DELETE", "EXTRA"), (0, 0), "seed {seed}");
    let normal = share(found("WAL", "NORMAL"));
    assert!(normal.0 == 0 && normal.1 > 30, "the trial is blind: WAL with NORMAL loses in {normal:?} %, seed {seed}");
    let off = share(found("WAL", "OFF"));
    assert!(off.0 > 30, "the trial is blind: WAL with OFF is damaged in {off:?} %, seed {seed}");
    let delete = found("DELETE", "FULL");
    assert!(delete.0 == 0 && delete.1 > 0, "the trial is blind: DELETE with FULL: {delete:?} of {cuts}, seed {seed}");
    eprintln!(
        "power · controls · NORMAL loses in {} %, OFF is damaged in {} %, DELETE with FULL loses {} of {cuts}",
        normal.1, off.0, delete.1
    );
}
