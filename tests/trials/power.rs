//! The power goes at random instants: disks as they may then be – what was not made durable is there, gone or torn – are
//! opened and proved.

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior};

use super::calls::{self, Event};
use super::kit;
use super::report::Family;
use super::world::{self, Dice, Ground, Work};

/// The smallest piece that a disk writes whole.
const SECTOR: usize = 512;

/// What is on a disk.
#[derive(Clone, Default)]
pub struct Disk {
    /// The folder that all of it is in.
    folder: PathBuf,
    /// What is in each file, by what it is called in the record.
    files: BTreeMap<String, Vec<u8>>,
    /// Which of them stands under which name.
    names: BTreeMap<String, String>,
}

impl Disk {
    /// The disk that this file and what belongs to it are on.
    pub fn of(path: &Path) -> Self {
        Self::holding(path.parent().unwrap(), ["", "-wal", "-journal"].map(|suffix| world::beside(path, suffix)))
    }

    /// The disk that this folder and the folders in it are on.
    pub fn of_folder(folder: &Path) -> Self {
        let listed = |it: &Path| std::fs::read_dir(it).unwrap().map(|it| it.unwrap().path()).collect::<Vec<_>>();
        let all = listed(folder).into_iter().flat_map(|it| if it.is_dir() { listed(&it) } else { vec![it] });
        Self::holding(folder, all.filter(|it| !it.to_string_lossy().ends_with("-shm")))
    }

    fn holding(folder: &Path, paths: impl IntoIterator<Item = PathBuf>) -> Self {
        let mut disk = Self { folder: folder.to_path_buf(), ..Self::default() };
        for path in paths {
            if let Ok(bytes) = std::fs::read(&path) {
                let name = path.to_string_lossy().into_owned();
                disk.files.insert(format!("{name}#0"), bytes);
                disk.names.insert(name.clone(), format!("{name}#0"));
            }
        }
        disk
    }

    fn apply(&mut self, event: &Event, mut torn: Option<&mut Dice>) {
        match event {
            Event::Write(file, at, bytes) => {
                let file = self.files.entry(file.clone()).or_default();
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
            Event::Cut(file, length) => {
                self.files.entry(file.clone()).or_default().resize(usize::try_from(*length).unwrap(), 0);
            }
            Event::Unlink(name) => drop(self.names.remove(name)),
            Event::Create(file) => {
                self.files.entry(file.clone()).or_default();
                self.names.insert(file.rsplit_once('#').unwrap().0.to_owned(), file.clone());
            }
            Event::Rename(from, to) => {
                if let Some(file) = self.names.remove(from) {
                    self.names.insert(to.clone(), file);
                }
            }
            Event::Exchange(one, two) => {
                if let (Some(first), Some(second)) = (self.names.get(one).cloned(), self.names.get(two).cloned()) {
                    self.names.insert(one.clone(), second);
                    self.names.insert(two.clone(), first);
                }
            }
            Event::Sync(_) | Event::SyncNames(_) | Event::Saved(_) => {}
        }
    }

    /// What this disk may hold when the power goes after so many events, and the newest step said to be saved by then.
    pub fn after(&self, events: &[Event], dice: &mut Dice) -> (Self, i64) {
        let (mut disk, mut pending, mut saved) = (self.clone(), Vec::<&Event>::new(), 0);
        for event in events {
            match event {
                Event::Saved(step) => saved = *step,
                Event::Sync(synced) => pending.retain(|waiting| {
                    let its = matches!(waiting, Event::Write(file, ..) | Event::Cut(file, _) if file == synced);
                    if its {
                        disk.apply(waiting, None);
                    }
                    !its
                }),
                Event::SyncNames(folder) => pending.retain(|waiting| {
                    let its = name_in(waiting).is_some_and(|name| Path::new(name).parent() == Some(Path::new(folder)));
                    if its {
                        disk.apply(waiting, None);
                    }
                    !its
                }),
                Event::Create(_)
                | Event::Rename(..)
                | Event::Exchange(..)
                | Event::Write(..)
                | Event::Cut(..)
                | Event::Unlink(_) => pending.push(event),
            }
        }
        for event in pending {
            match (event, dice.throw(3)) {
                (_, 0) => {}
                (Event::Write(..), 1) => disk.apply(event, Some(dice)),
                (Event::Create(_), 1) if dice.throw(2) == 0 => {}
                _ => disk.apply(event, None),
            }
        }
        (disk, saved)
    }

    /// Puts its files into a folder, and gives the path of this one.
    pub fn mount(&self, folder: &Path, main: &str) -> PathBuf {
        let _ = std::fs::remove_dir_all(folder);
        std::fs::create_dir(folder).unwrap();
        let own = |path: &Path, mode| std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        for (name, file) in &self.names {
            let to = folder.join(Path::new(name).strip_prefix(&self.folder).unwrap());
            let inside = to.parent().unwrap();
            if !inside.is_dir() {
                std::fs::create_dir(inside).unwrap();
                own(inside, 0o700);
            }
            std::fs::write(&to, &self.files[file]).unwrap();
            own(&to, 0o600);
        }
        folder.join(main)
    }
}

/// The name that an event is about, where it is about one.
fn name_in(event: &Event) -> Option<&str> {
    match event {
        Event::Create(file) => file.rsplit_once('#').map(|(name, _)| name),
        Event::Unlink(name) | Event::Rename(name, _) | Event::Exchange(name, _) => Some(name),
        Event::Write(..) | Event::Cut(..) | Event::Sync(_) | Event::SyncNames(_) | Event::Saved(_) => None,
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
