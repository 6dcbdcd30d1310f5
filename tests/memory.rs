//! What a locked mdt still has in its memory: nothing of the file. The test looks through the memory of its own process, where
//! the names stand in code, so that it does not find what it looks for in itself.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where something is not as it should be"
)]

mod kit;

use std::fs::File;
use std::os::unix::fs::FileExt as _;

use kit::seats::{Bench, session};
use kit::{noon, stamp};
use mdt::domain::change::{Mint, add};
use mdt::domain::id::{PersonId, TeamId};
use mdt::domain::person::Person;
use mdt::domain::team::Team;
use mdt::domain::text::Line;
use mdt::store::open::Passphrase;
use mdt::store::{self, Deed, FileKind};

/// As in the program (`src/main.rs`).
#[global_allocator]
static MEMORY: zeroizing_alloc::ZeroAlloc<std::alloc::System> = zeroizing_alloc::ZeroAlloc(std::alloc::System);

/// The words looked for, each byte of them turned: a surname, a forename, half a sentence, a passphrase.
const TURN: u8 = 0x5a;
const SURNAME: &[u8] = &turned(b"Zanquorbitlee");
const FORENAME: &[u8] = &turned(b"Wexlomantha");
const TYPED: &[u8] = &turned(b"plughwort pie");
const PASSPHRASE: &[u8] = &turned(b"seven quiet herons at noon");

const fn turned<const N: usize>(word: &[u8; N]) -> [u8; N] {
    let mut out = [0; N];
    let mut at = 0;
    while at < N {
        out[at] = word[at] ^ TURN;
        at += 1;
    }
    out
}

fn said(word: &[u8]) -> String {
    word.iter().map(|byte| char::from(byte ^ TURN)).collect()
}

/// How often a word stands in a piece of memory.
fn in_piece(piece: &[u8], word: &[u8]) -> usize {
    let (large, small) = ((word[0] ^ TURN).to_ascii_uppercase(), (word[0] ^ TURN).to_ascii_lowercase());
    let same = |here: &[u8]| here.iter().zip(word).all(|(byte, wanted)| byte.eq_ignore_ascii_case(&(wanted ^ TURN)));
    let mut count = 0;
    for (at, byte) in piece.iter().enumerate() {
        if (*byte == large || *byte == small) && piece.get(at..at + word.len()).is_some_and(same) {
            count += 1;
        }
    }
    count
}

/// How often these words stand in the memory of this process, in large letters, in small ones, or as they were written.
fn found(words: &[&[u8]]) -> usize {
    const PIECE: usize = 1 << 20;
    const OVERLAP: usize = 64;
    let mut piece = vec![0; PIECE];
    let own = (piece.as_ptr() as u64, piece.as_ptr() as u64 + PIECE as u64);
    let memory = File::open("/proc/self/mem").unwrap();
    let mut count = 0;
    for line in std::fs::read_to_string("/proc/self/maps").unwrap().lines() {
        let mut parts = line.split(' ');
        let (range, rights) = (parts.next().unwrap(), parts.next().unwrap());
        if !rights.starts_with('r') || line.ends_with("[vvar]") || line.ends_with("[vsyscall]") {
            continue;
        }
        let (from, to) = range.split_once('-').unwrap();
        let (from, to) = (u64::from_str_radix(from, 16).unwrap(), u64::from_str_radix(to, 16).unwrap());
        for (mut from, to) in [(from, to.min(own.0)), (from.max(own.1), to)] {
            while from < to {
                let length = PIECE.min(usize::try_from(to - from).unwrap());
                let Ok(read) = memory.read_at(&mut piece[..length], from) else { break };
                count += words.iter().map(|word| in_piece(&piece[..read], word)).sum::<usize>();
                if length < PIECE {
                    break;
                }
                // What lies across two pieces is found in the second.
                from += (PIECE - OVERLAP) as u64;
            }
        }
    }
    piece.fill(0);
    count
}

#[test]
fn nothing_of_the_file_is_left_in_memory_behind_the_lock() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("team.mdt");
    let words = Passphrase::new(said(PASSPHRASE));
    let (mut store, reader) = store::create(&path, Some(&words), FileKind::Real, 7, &stamp()).unwrap();
    drop(words);
    let mut mint = Mint::new(noon(), 1);
    let (team, person): (TeamId, PersonId) = (mint.mint(), mint.mint());
    let line = |word: &[u8]| Line::parse(&said(word)).unwrap();
    let changes = [
        add(team, Team::new(Line::parse("Elm Grove MDT").unwrap())),
        add(person, Person::new(team, line(SURNAME), line(FORENAME))),
    ];
    store.commit(&stamp(), &Deed::change("Begin"), &changes).unwrap();
    drop(changes);
    let mut bench = Bench::at(session(store, reader, "Tolu Bankole"), folder);
    bench.session().begin_work();
    assert_eq!(found(&[PASSPHRASE]), 0, "the passphrase is kept after it was used");

    // The list, a search, the page, a card with half a sentence on it.
    bench.keys(&format!("2/{}<enter><enter>", &said(SURNAME).to_lowercase()[..5])).shows(&said(SURNAME).to_uppercase());
    bench.keys("<enter>").shows("Surname").keys(&said(TYPED)).shows(&said(TYPED));
    let file: [&[u8]; 3] = [SURNAME, FORENAME, TYPED];
    let before = found(&file);
    assert!(before > 5, "the check is blind: {before} places while the page is shown");

    bench.keys("<ctrl-l>").hides(&said(SURNAME).to_uppercase());
    assert!(bench.seat.is_locked() && bench.seat.is_closed());
    assert_eq!(found(&file), 0, "something of the file is left; {before} places had it before the lock");
    let kept = said(SURNAME);
    assert_eq!(found(&file), 1, "the check is blind");
    drop(kept);

    // A wrong passphrase leaves nothing, and the right one brings everything back.
    bench.keys("wrong words wrong words<enter>");
    assert_eq!(found(&file), 0);
    bench.seconds(60).keys(&said(PASSPHRASE)).keys("<enter>").shows(&said(SURNAME).to_uppercase());
    bench.keys("<enter>").shows(&said(TYPED));
    assert_eq!(found(&[PASSPHRASE]), 0, "the passphrase is kept after the lock was opened");
}
