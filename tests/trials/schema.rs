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

fn number(path: &Path, sql: &str) -> i64 {
    world::raw(path, false).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

fn schema_of(path: &Path) -> i64 {
    number(path, "PRAGMA user_version")
}

fn steps_of(path: &Path) -> i64 {
    number(path, "SELECT max(seq) FROM step")
}

/// Opens a file of an earlier schema, or – for the control – brings it up script by script, without a transaction.
pub fn child() {
    let path = PathBuf::from(told("FILE"));
    if told("WAY") == "piecemeal" {
        let db = world::raw(&path, false).unwrap();
        let from = usize::try_from(schema_of(&path)).unwrap();
        db.pragma_update(None, "foreign_keys", false).unwrap();
        say("ready");
        for script in &scripts()[from..] {
            db.execute_batch(script).unwrap();
        }
        db.pragma_update(None, "user_version", scripts().len() as i64).unwrap();
    } else {
        say("ready");
        drop(world::open(&path, false).unwrap());
    }
    say("done");
    std::thread::sleep(Duration::from_secs(60));
}

#[test]
fn every_earlier_schema_climbs_whole_even_when_killed() {
    let family = Family::begin("schema");
    let folder = world::folder();
    let path = folder.path().join("team.mdt");
    let newest = i64::try_from(scripts().len()).unwrap();
    let mut dice = Dice::new(family.seed);
    let (mut runs, mut halfway) = (0, 0);
    for schema in GOLDEN {
        let bytes = golden(schema);
        world::put(&path, &bytes);
        assert_eq!(schema_of(&path), i64::from(schema));
        let steps = steps_of(&path);
        assert!(steps > 100, "a file with a past");
        assert_eq!(world::prove(&path, false), Ok(steps), "schema {schema}");
        assert_eq!(schema_of(&path), newest);
        let file = path.display().to_string();
        for _ in 0..kit::times(5, 150) {
            world::put(&path, &bytes);
            let mut other = Other::start("climb", &[("FILE", &file), ("WAY", "ours")]);
            other.hears("ready");
            std::thread::sleep(Duration::from_micros(u64::try_from(dice.throw(60_000)).unwrap()));
            halfway += u64::from(!other.kill().iter().any(|line| line == "done"));
            let found = schema_of(&path);
            assert!(found == newest || found == i64::from(schema), "killed: it stands at {found}");
            assert_eq!(world::prove(&path, false), Ok(steps), "schema {schema}, killed, seed {}", family.seed);
            runs += 1;
        }
        // The power goes meanwhile.
        world::put(&path, &bytes);
        let start = Disk::of(&path);
        let (_, events) = calls::recording(|| world::open(&path, false).map(drop));
        for _ in 0..kit::times(8, 500) {
            let (disk, _) = start.after(&events[..dice.throw(events.len() + 1)], &mut dice);
            let after = disk.mount(&folder.path().join("after"), "team.mdt");
            assert_eq!(world::prove(&after, false), Ok(steps), "schema {schema}, power, seed {}", family.seed);
            runs += 1;
        }
    }
    assert!(halfway > 0, "nobody was killed on the way");
    family.done(runs, 0, &format!("{} schemas, {halfway} killed on the way, the others by power cuts", GOLDEN.len()));
}

/// The control: climbing script by script, without one transaction around all, leaves files between two schemas.
#[test]
fn climbing_piecemeal_leaves_a_file_between() {
    let folder = world::folder();
    let path = folder.path().join("team.mdt");
    let (bytes, mut dice) = (golden(1), Dice::new(kit::seed()));
    let file = path.display().to_string();
    world::put(&path, &bytes);
    let steps = steps_of(&path);
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
