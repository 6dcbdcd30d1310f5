//! The write-ahead log is cut off, turned over, taken from another file, or loses its index: what opens is a state the file
//! once had, and otherwise it is refused.

use std::path::Path;

use super::kit;
use super::report::Family;
use super::world::{self, Dice, Ground, Work};

/// A file as a kill leaves it: the file, its log, and all that it held after each step.
pub struct Left {
    encrypted: bool,
    main: Vec<u8>,
    log: Vec<u8>,
    index: Vec<u8>,
    /// By step number.
    held: Vec<String>,
}

impl Left {
    pub fn new(folder: &Path, encrypted: bool, works: &[Work]) -> Self {
        let path = world::found(folder, encrypted, 20);
        let (mut store, reader) = world::open(&path, encrypted).unwrap();
        let mut ground = Ground::of(&reader, 6).unwrap();
        let mut held = vec![String::new(); usize::try_from(reader.head().unwrap().seq).unwrap()];
        held.push(reader.dump().unwrap());
        for work in works {
            for n in 0..4 {
                let step = work.step(&mut store, &reader, &mut ground, n).unwrap();
                assert_eq!(usize::try_from(step).unwrap(), held.len());
                held.push(reader.dump().unwrap());
            }
        }
        let read = |suffix| std::fs::read(world::beside(&path, suffix)).unwrap();
        let left = Self { encrypted, main: read(""), log: read("-wal"), index: read("-shm"), held };
        drop((store, reader));
        std::fs::remove_file(&path).unwrap();
        left
    }

    /// Puts the file and its log there, as the kill left them.
    pub fn put(&self, path: &Path) {
        world::put(path, &self.main);
        world::put_beside(path, "-wal", &self.log);
    }

    /// Opens the file beside this log. Gives the step it stands at, or that it was refused.
    fn with_log(&self, folder: &Path, log: &[u8], index: Option<&[u8]>) -> Result<Option<i64>, String> {
        let path = folder.join("team.mdt");
        self.put(&path);
        let mut beside = vec![("-wal", log)];
        beside.extend(index.map(|index| ("-shm", index)));
        for (suffix, bytes) in beside {
            world::put_beside(&path, suffix, bytes);
        }
        let (_store, reader) = match world::open(&path, self.encrypted) {
            Ok(opened) => opened,
            Err(fault) if fault.to_string().contains("Nothing was") => return Ok(None),
            Err(fault) => return Err(fault.to_string()),
        };
        let Ok(head) = reader.head() else { return Ok(None) };
        match (reader.dump(), reader.verify_chain()) {
            (Ok(found), Ok(Ok(steps))) if steps == head.seq => {
                let held = self.held.get(usize::try_from(head.seq).unwrap());
                if held == Some(&found) { Ok(Some(head.seq)) } else { Err(format!("never so at step {}", head.seq)) }
            }
            (Err(_), _) | (_, Ok(_) | Err(_)) => Ok(None),
        }
    }

    pub fn last(&self) -> i64 {
        i64::try_from(self.held.len()).unwrap() - 1
    }
}

#[test]
fn whatever_becomes_of_the_log_what_opens_is_a_state_the_file_once_had() {
    let family = Family::begin("wal");
    let folder = world::folder();
    let mut dice = Dice::new(family.seed);
    let works = [Work::Edit, Work::Meeting, Work::Bulk, Work::Import];
    let (mut cuts, mut flips, mut others) = (0_u64, 0_u64, 0_u64);
    for encrypted in [false, true] {
        let left = Left::new(folder.path(), encrypted, &works);
        let seed = family.seed;
        let wrong = |what: &str, why: String| panic!("{what}, encrypted: {encrypted}, seed {seed}: {why}");
        let whole = left.with_log(folder.path(), &left.log, None).unwrap_or_else(|why| wrong("whole", why));
        assert_eq!(whole, Some(left.last()), "the whole log brings everything, without its index");
        // Cut off ever later: what opens never goes back.
        let every = if encrypted { kit::times(left.log.len() as u32 / 5, 9_700) } else { kit::times(9_701, 97) };
        let mut newest = 0;
        for length in (0..=left.log.len()).step_by(every as usize) {
            let step = left.with_log(folder.path(), &left.log[..length], None).unwrap_or_else(|why| wrong("cut", why));
            let step = step.or_else(|| wrong("cut", "refused".to_owned())).unwrap();
            assert!(step >= newest, "cut at {length}: {step} after {newest}");
            (newest, cuts) = (step, cuts + 1);
        }
        for _ in 0..if encrypted { kit::times(3, 500) } else { kit::times(50, 5_000) } {
            let mut log = left.log.clone();
            log[dice.throw(left.log.len())] ^= 1 << dice.throw(8);
            left.with_log(folder.path(), &log, None).unwrap_or_else(|why| wrong("flip", why));
            flips += 1;
        }
        // An index of another moment, of rubbish, of nothing.
        let rubbish: Vec<u8> = (0..left.index.len()).map(|_| u8::try_from(dice.throw(256)).unwrap()).collect();
        for index in [&left.index[..], &rubbish, &left.index[..left.index.len() / 2], &[]] {
            let step = left.with_log(folder.path(), &left.log, Some(index)).unwrap_or_else(|why| wrong("index", why));
            assert_eq!(step, Some(left.last()), "the index is made anew");
            others += 1;
        }
    }
    family.done(cuts + flips + others, 0, &format!("{cuts} cut off, {flips} bits, {others} with a wrong index"));
}

/// The log of another file: refused by an encrypted one, whose key does not fit it.
#[test]
fn the_log_of_another_file_is_not_taken() {
    let folder = world::folder();
    let mine = Left::new(folder.path(), true, &[Work::Edit]);
    for (n, works) in [vec![Work::Meeting], vec![Work::Import, Work::Bulk]].into_iter().enumerate() {
        let other = Left::new(folder.path(), true, &works);
        match mine.with_log(folder.path(), &other.log, None) {
            Ok(None) => {}
            // What stood in the file itself, without the log that was lost with it.
            Ok(Some(step)) => assert!(step <= mine.last(), "{n}"),
            Err(why) => panic!("{n}: {why}"),
        }
    }
    // A rollback journal that is none: rubbish, and zeroes, under the name SQLite looks for.
    for bytes in [vec![0; 4_096], (0..5_000_u32).map(|n| n.to_le_bytes()[0]).collect::<Vec<u8>>()] {
        let path = folder.path().join("team.mdt");
        world::put(&path, &mine.main);
        world::put_beside(&path, "-wal", &mine.log);
        world::put_beside(&path, "-journal", &bytes);
        assert_eq!(world::prove(&path, true), Ok(mine.last()));
    }
}

/// The control: a reader that takes a log as it comes, without looking at its check sums, shows what never was.
#[test]
fn a_log_taken_without_its_check_sums_shows_what_never_was() {
    let folder = world::folder();
    let left = Left::new(folder.path(), false, &[Work::Edit, Work::Bulk]);
    let (mut dice, mut wrong) = (Dice::new(kit::seed()), 0);
    for _ in 0..60 {
        let mut log = left.log.clone();
        log[dice.throw(left.log.len())] ^= 1 << dice.throw(8);
        // Every frame copied to its page, as it comes.
        let mut main = left.main.clone();
        for frame in log[32..].chunks_exact(24 + 4_096) {
            let page = u32::from_be_bytes(frame[..4].try_into().unwrap()) as usize;
            let Some(at) = page.checked_sub(1).map(|page| page * 4_096).filter(|at| *at < 1 << 24) else { continue };
            main.resize(main.len().max(at + 4_096), 0);
            main[at..at + 4_096].copy_from_slice(&frame[24..]);
        }
        let path = folder.path().join("team.mdt");
        world::put(&path, &main);
        let as_it_was = world::open(&path, false).ok().and_then(|(_, reader)| reader.dump().ok());
        wrong += u32::from(as_it_was.as_ref() != left.held.last());
    }
    assert!(wrong > 0, "the trial is blind: 60 bits of a log taken as they are changed nothing");
}
