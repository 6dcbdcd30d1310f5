//! Files of every earlier schema, as the programs of their time made them (`tests/schema/`, kept for ever): they climb whole,
//! also when the program is killed or the power goes meanwhile. What is not ours, or newer than we are, is not touched.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use mdt::store::fault::Fault;

use super::calls;
use super::child::{Other, say, told};
use super::kit;
use super::power::Disk;
use super::report::Family;
use super::world::{self, Dice};

/// The file of a schema: invented people with a year of meetings behind them.
fn golden(schema: u32) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/schema/{schema:04}.zip"));
    let mut zip = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut bytes = Vec::new();
    zip.by_index(0).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

/// Those there are. (The fourth schema never was on its own: no program made a file of it. In the fifth somebody was erased.)
const GOLDEN: [u32; 4] = [1, 2, 3, 5];

/// The newest schema, and the scripts that lead there, oldest first.
fn scripts() -> Vec<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/store/schema");
    let mut names: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    names.sort();
    names.iter().map(|name| std::fs::read_to_string(name).unwrap()).collect()
}

/// The same file encrypted: SQLCipher's own way to make one of a plain file, with what it leaves out set by hand.
fn encrypted(path: &Path) -> Vec<u8> {
    let twin = path.with_file_name("twin.mdt");
    let _ = std::fs::remove_file(&twin);
    let db = world::raw(path, false).unwrap();
    db.execute("ATTACH ?1 AS twin KEY ?2", (twin.to_str().unwrap(), world::WORDS)).unwrap();
    db.query_row("SELECT sqlcipher_export('twin')", [], |_| Ok(())).unwrap();
    for name in ["user_version", "application_id"] {
        let value: i64 = db.pragma_query_value(None, name, |row| row.get(0)).unwrap();
        db.pragma_update(Some("twin"), name, value).unwrap();
    }
    drop(db);
    let bytes = std::fs::read(&twin).unwrap();
    std::fs::remove_file(&twin).unwrap();
    assert!(!bytes.starts_with(b"SQLite format 3"), "it is encrypted");
    bytes
}

/// The schema of a file and its newest step.
fn stands(path: &Path, encrypted: bool) -> (i64, i64) {
    let db = world::raw(path, encrypted).unwrap();
    let number = |sql: &str| db.query_row(sql, [], |row| row.get(0)).unwrap();
    (number("PRAGMA user_version"), number("SELECT max(seq) FROM step"))
}

/// Opens a file of an earlier schema, or – for the control – brings it up script by script, without a transaction.
pub fn child() {
    let path = PathBuf::from(told("FILE"));
    if told("WAY") == "piecemeal" {
        let db = world::raw(&path, false).unwrap();
        let from: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        db.pragma_update(None, "foreign_keys", false).unwrap();
        say("ready");
        for script in &scripts()[from as usize..] {
            db.execute_batch(script).unwrap();
        }
        db.pragma_update(None, "user_version", scripts().len() as i64).unwrap();
    } else {
        say("ready");
        drop(world::open(&path, told("WAY") == "encrypted").unwrap());
    }
    say("done");
    std::thread::sleep(Duration::from_secs(60));
}

/// What became of files that were brought up to the newest schema.
#[derive(Default)]
struct Climbed {
    runs: u64,
    halfway: u64,
}

impl Climbed {
    /// Lets this file climb: in peace, killed so often, and with the power going so often.
    fn climb(&mut self, folder: &Path, bytes: &[u8], encrypted: bool, (kills, cuts): (u32, u32), dice: &mut Dice) {
        let (path, newest) = (folder.join("team.mdt"), i64::try_from(scripts().len()).unwrap());
        world::put(&path, bytes);
        let (schema, steps) = stands(&path, encrypted);
        assert!(steps > 100, "a file with a past");
        let began = std::time::Instant::now();
        drop(world::open(&path, encrypted).unwrap());
        let took = usize::try_from(began.elapsed().as_micros()).unwrap();
        assert_eq!(world::prove(&path, encrypted), Ok(steps), "schema {schema}");
        assert_eq!(stands(&path, encrypted), (newest, steps));
        let (file, way) = (path.display().to_string(), if encrypted { "encrypted" } else { "ours" });
        for _ in 0..kills {
            world::put(&path, bytes);
            let mut other = Other::start("climb", &[("FILE", &file), ("WAY", way)]);
            other.hears("ready");
            std::thread::sleep(Duration::from_micros(u64::try_from(dice.throw(took + took / 8)).unwrap()));
            self.halfway += u64::from(!other.kill().iter().any(|line| line == "done"));
            let found = stands(&path, encrypted);
            assert!([(newest, steps), (schema, steps)].contains(&found), "killed: it stands at {found:?}");
            assert_eq!(world::prove(&path, encrypted), Ok(steps), "schema {schema}, killed, encrypted: {encrypted}");
        }
        // The power goes meanwhile.
        world::put(&path, bytes);
        let start = Disk::of(&path);
        let (_, events) = calls::recording(|| world::open(&path, encrypted).map(drop));
        for _ in 0..cuts {
            let (disk, _) = start.after(&events[..dice.throw(events.len() + 1)], dice);
            let after = disk.mount(&folder.join("after"), "team.mdt");
            assert_eq!(world::prove(&after, encrypted), Ok(steps), "schema {schema}, power, encrypted: {encrypted}");
        }
        self.runs += u64::from(kills) + u64::from(cuts);
    }
}

#[test]
fn every_earlier_schema_climbs_whole_even_when_killed() {
    let family = Family::begin("schema");
    let folder = world::folder();
    let mut dice = Dice::new(family.seed);
    let mut climbed = Climbed::default();
    for schema in GOLDEN {
        let bytes = golden(schema);
        climbed.climb(folder.path(), &bytes, false, (kit::times(5, 150), kit::times(8, 500)), &mut dice);
        let path = folder.path().join("plain.mdt");
        world::put(&path, &bytes);
        assert_eq!(stands(&path, false).0, i64::from(schema));
        let bytes = encrypted(&path);
        climbed.climb(folder.path(), &bytes, true, (kit::times(1, 50), kit::times(1, 50)), &mut dice);
    }
    assert!(climbed.halfway > 0, "nobody was killed on the way");
    let Climbed { runs, halfway } = climbed;
    let more =
        format!("{} schemas, plain and encrypted, {halfway} killed on the way, the others by power cuts", GOLDEN.len());
    family.done(runs, 0, &more);
}

/// The control: climbing script by script, without one transaction around all, leaves files between two schemas.
#[test]
fn climbing_piecemeal_leaves_a_file_between() {
    let folder = world::folder();
    let path = folder.path().join("team.mdt");
    let (bytes, mut dice) = (golden(1), Dice::new(kit::seed()));
    let file = path.display().to_string();
    world::put(&path, &bytes);
    let steps = stands(&path, false).1;
    let start = || Other::start("climb", &[("FILE", &file), ("WAY", "piecemeal")]);
    start().hears("done");
    assert_eq!(world::prove(&path, false), Ok(steps), "left in peace, it does climb");
    let mut between = 0;
    for _ in 0..60 {
        world::put(&path, &bytes);
        let mut other = start();
        other.hears("ready");
        std::thread::sleep(Duration::from_micros(u64::try_from(dice.throw(40_000)).unwrap()));
        other.kill();
        between += u32::from(world::prove(&path, false) != Ok(steps));
        if between > 0 {
            return;
        }
    }
    panic!("the trial is blind: 60 files brought up piecemeal are all whole");
}

/// Bytes that are no file of ours, of all sorts.
fn no_database(n: usize, dice: &mut Dice) -> Vec<u8> {
    let noise = |length: usize, dice: &mut Dice| -> Vec<u8> {
        (0..length).map(|_| u8::try_from(dice.throw(256)).unwrap()).collect()
    };
    let head: &[u8] = match n % 8 {
        0 => b"",
        1 => b"SQLite format 3\0",
        2 => b"PK\x03\x04",
        3 => b"%PDF-1.7\n",
        4 => b"surname,forename,nhs\nExample,Ada,9990000018\n",
        5 => b"\x89PNG\r\n\x1a\n",
        6 => b"SQLite format 3\0\x10\x00\x02\x02\x00\x40\x20\x20",
        _ => b"{\"people\":[]}",
    };
    let mut bytes = head.to_vec();
    let length = dice.throw(12_000);
    bytes.extend(if n % 5 == 4 { vec![0; length] } else { noise(length, dice) });
    bytes
}

#[test]
fn what_is_newer_or_not_ours_is_not_touched() {
    let folder = world::folder();
    let path = folder.path().join("team.mdt");
    let mut dice = Dice::new(kit::seed());
    let untouched = |bytes: &[u8], encrypted: bool, what: &str| -> Fault {
        world::put(&path, bytes);
        let fault = world::open(&path, encrypted).err().unwrap_or_else(|| panic!("{what} was opened"));
        let now: [u8; 32] = Sha256::digest(std::fs::read(&path).unwrap()).into();
        assert_eq!(now, <[u8; 32]>::from(Sha256::digest(bytes)), "{what} was changed");
        for suffix in ["-wal", "-shm", "-journal"] {
            assert!(!world::beside(&path, suffix).exists(), "{what}: {suffix} was left");
        }
        fault
    };
    let good = std::fs::read(world::found(folder.path(), false, 3)).unwrap();
    // The numbers stand in the first page as they are: the schema at 60, our mark at 68.
    let altered = |at: usize, number: u32| {
        let mut bytes = good.clone();
        bytes[at..at + 4].copy_from_slice(&number.to_be_bytes());
        bytes
    };
    for ahead in [1, 2, 50, 1_000_000] {
        let found = u32::try_from(scripts().len()).unwrap() + ahead;
        let fault = untouched(&altered(60, found), false, "a newer file");
        assert!(matches!(fault, Fault::Newer { found: said, .. } if said == i64::from(found)), "{fault}");
    }
    for mark in [0, 1, 0x4d44_5432, 0x0f05_5112, u32::MAX] {
        let fault = untouched(&altered(68, mark), false, "a foreign file");
        assert!(matches!(fault, Fault::NotOurs(_)), "{fault}");
    }
    for n in 0..usize::try_from(kit::times(40, 200)).unwrap() {
        let bytes = no_database(n, &mut dice);
        // Bytes without SQLite's mark may be an encrypted file; the passphrase is tried on some, which takes its time.
        untouched(&bytes, n % 10 == 0, &format!("file {n}"));
    }
}
