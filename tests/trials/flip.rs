//! The disk lies: bits turned over, ends cut off, sectors emptied, pages swapped, rubbish behind. An encrypted file then says
//! so or shows what it always held, never anything else; and the damaged file is left as it is.

use std::path::Path;

use sha2::{Digest as _, Sha256};

use mdt::store::Store;

use super::kit;
use super::report::Family;
use super::world::{self, Dice, Ground, Work};

/// SQLite's page in our files.
const PAGE: usize = 4_096;

/// Ways of damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Damage {
    Bit,
    CutOff,
    Emptied,
    Swapped,
    Rubbish,
}

const WAYS: [(Damage, u32, u32); 5] = [
    (Damage::Bit, 100, 10_000),
    (Damage::CutOff, 20, 1_000),
    (Damage::Emptied, 20, 500),
    (Damage::Swapped, 20, 500),
    (Damage::Rubbish, 10, 200),
];

impl Damage {
    fn done(self, whole: &[u8], dice: &mut Dice) -> Vec<u8> {
        let mut bytes = whole.to_vec();
        match self {
            Self::Bit => bytes[dice.throw(whole.len())] ^= 1 << dice.throw(8),
            Self::CutOff => bytes.truncate(dice.throw(whole.len())),
            Self::Emptied => {
                let at = dice.throw(whole.len() / 512) * 512;
                bytes[at..at + 512].fill(0);
            }
            Self::Swapped => {
                let pages = whole.len() / PAGE;
                let (one, other) = (dice.throw(pages), dice.throw(pages));
                let kept = bytes[one * PAGE..(one + 1) * PAGE].to_vec();
                bytes.copy_within(other * PAGE..(other + 1) * PAGE, one * PAGE);
                bytes[other * PAGE..(other + 1) * PAGE].copy_from_slice(&kept);
            }
            Self::Rubbish => {
                bytes.extend((0..1 + dice.throw(3 * PAGE)).map(|_| u8::try_from(dice.throw(256)).unwrap()))
            }
        }
        bytes
    }
}

/// A file with some past: its bytes, and all it holds.
fn lived_in(folder: &Path, encrypted: bool, people: usize) -> (Vec<u8>, String) {
    let path = world::found(folder, encrypted, people);
    let (mut store, reader) = world::open(&path, encrypted).unwrap();
    let mut ground = Ground::of(&reader, 2).unwrap();
    for work in [Work::Meeting, Work::Edit, Work::Bulk, Work::Undo] {
        for n in 0..4 {
            work.step(&mut store, &reader, &mut ground, n).unwrap();
        }
    }
    let held = reader.dump().unwrap();
    drop(reader);
    store.close().unwrap();
    (std::fs::read(&path).unwrap(), held)
}

fn print_of(path: &Path) -> [u8; 32] {
    Sha256::digest(std::fs::read(path).unwrap()).into()
}

/// What came of a damaged file.
#[derive(Debug, PartialEq, Eq)]
enum Came {
    /// It was not opened, in a sentence.
    Refused,
    /// It was opened, and the damage was met when the place was read.
    Met,
    /// It shows what it always held.
    Harmless,
}

/// Opens – by `again`, or from the start – and reads everything.
fn come(path: &Path, store: Option<&Store>, held: &str) -> Result<Came, String> {
    let opened = match store {
        Some(store) => store.twin(),
        None => world::open(path, true),
    };
    let (_writer, reader) = match opened {
        Err(fault) => {
            let sentence = fault.to_string();
            let said = ["Nothing was", "not an mdt file", "not touched", "could not be"];
            return if said.iter().any(|words| sentence.contains(words)) { Ok(Came::Refused) } else { Err(sentence) };
        }
        Ok(opened) => opened,
    };
    match (reader.dump(), reader.verify_chain()) {
        (Ok(found), Ok(Ok(_))) if found == held => Ok(Came::Harmless),
        (Ok(_), Ok(Ok(_))) => Err("it shows what it never held".to_owned()),
        (Err(_), _) | (_, Ok(Err(_)) | Err(_)) => Ok(Came::Met),
    }
}

#[test]
fn an_encrypted_file_is_never_silently_wrong() {
    let family = Family::begin("flip");
    let folder = world::folder();
    let mut dice = Dice::new(family.seed);
    let (whole, held) = lived_in(folder.path(), true, 20);
    let path = folder.path().join("team.mdt");
    let (mut runs, mut refused, mut met, mut harmless) = (0, 0, 0, 0);
    let (mut wrong, mut bits, mut unsealed) = (Vec::new(), 0, 0);
    let key = world::derived_key(&whole);
    let mut judge = |damage: Damage, bytes: &[u8], came: Result<Came, String>, path: &Path| {
        runs += 1;
        match came {
            Ok(Came::Refused) => refused += 1,
            Ok(Came::Met) => met += 1,
            Ok(Came::Harmless) => harmless += 1,
            Err(why) => wrong.push(format!("{damage:?}: {why}")),
        }
        if print_of(path) != <[u8; 32]>::from(Sha256::digest(bytes)) {
            wrong.push(format!("{damage:?}: the damaged file was changed"));
        }
        // A full check meets every bit, also in pages that nobody read. (The first sixteen bytes are the salt: with them
        // another key is derived, and nothing opens.)
        if damage == Damage::Bit && bytes[..16] == whole[..16] {
            bits += 1;
            unsealed += u32::from(!world::broken_seals(path, &key).is_ok_and(|broken| broken == 0));
        }
    };
    for (damage, quick, long) in WAYS {
        // Opened from the start, with the passphrase: what a person does. It takes a third of a second each time.
        for _ in 0..kit::times(2, long / 50) {
            let bytes = damage.done(&whole, &mut dice);
            world::put(&path, &bytes);
            let came = come(&path, None, &held);
            judge(damage, &bytes, came, &path);
        }
        // Opened with a key that was derived before, which is what the program does for work on another thread.
        world::put(&path, &whole);
        let (store, reader) = world::open(&path, true).unwrap();
        for _ in 0..kit::times(quick, long) {
            let bytes = damage.done(&whole, &mut dice);
            overwrite(&path, &bytes);
            let came = come(&path, Some(&store), &held);
            judge(damage, &bytes, came, &path);
            overwrite(&path, &whole);
        }
        drop(reader);
        store.close().unwrap();
        assert_eq!(print_of(&path), <[u8; 32]>::from(Sha256::digest(&whole)), "the good file is as it was");
    }
    assert!(wrong.is_empty(), "seed {}:\n{}", family.seed, wrong.join("\n"));
    assert_eq!(bits, unsealed, "a full check passes over a bit, seed {}", family.seed);
    assert!((refused + met) * 4 > runs, "the damage did nothing: {harmless} of {runs} in pages that nobody read");
    let came = format!("{refused} refused, {met} met when read, {harmless} in pages nobody read, 0 silently wrong");
    family.done(runs, 0, &format!("{came}; a full check finds {unsealed} of {bits} bits"));
}

/// Other bytes in the same file, as a disk changes them under a program.
fn overwrite(path: &Path, bytes: &[u8]) {
    use std::io::Write as _;
    let mut file = std::fs::OpenOptions::new().write(true).truncate(true).open(path).unwrap();
    file.write_all(bytes).unwrap();
}

/// The control: the same bits in a file without encryption change what it shows, and SQLite's own check finds nothing.
#[test]
fn without_encryption_bits_change_records_silently() {
    let folder = world::folder();
    let (whole, _) = lived_in(folder.path(), false, 300);
    let path = folder.path().join("team.mdt");
    let held = world::records(&world::raw(&path, false).unwrap()).unwrap();
    let seed = kit::seed();
    let (mut dice, mut flips, mut silent) = (Dice::new(seed), 0, 0);
    while flips < kit::times(100, 10_000) || (silent == 0 && flips < 2_000) {
        flips += 1;
        world::put(&path, &Damage::Bit.done(&whole, &mut dice));
        let Ok(db) = world::raw(&path, false) else { continue };
        if world::sound(&db).is_ok() && world::records(&db).is_ok_and(|shown| shown != held) {
            silent += 1;
        }
    }
    assert!(silent > 0, "the trial is blind: no flip of {flips} changed a record, seed {seed}");
    eprintln!(
        "flip · control · {} % of {flips} flips in a plain file change a record, and integrity_check finds nothing",
        silent * 100 / flips
    );
}
