//! No memory, no room: SQLite is refused memory at every asking, and the file may not grow. Each in a process of its own.

use std::path::Path;
use std::time::Duration;

use super::calls;
use super::child::{Other, say, told};
use super::fault::{Bench, DEEDS, Deed};
use super::kit;
use super::report::Family;
use super::world::{self, Dice, Ground, Work};

/// Every deed, with ever more memory. Says what was wrong, and how often it was tried.
pub fn without_memory() {
    calls::ration_memory();
    let folder = world::folder();
    let (most, mut dice) = (told("MOST").parse::<i64>().unwrap(), Dice::new(told("SEED").parse().unwrap()));
    let mut runs = 0;
    for deed in DEEDS {
        // What is done on a whole file only; making one asks ten thousand times.
        if deed == Deed::Make {
            continue;
        }
        let bench = Bench::new(folder.path(), deed);
        let askings = bench.askings();
        let stride = (askings / most).max(1);
        let from = i64::try_from(dice.throw(usize::try_from(stride).unwrap())).unwrap();
        for times in (from..askings).step_by(usize::try_from(stride).unwrap()) {
            runs += 1;
            if let Err(why) = bench.with_memory(times) {
                say(&format!("wrong {deed:?}, after {times} of {askings}: {why}"));
            }
        }
    }
    say(&format!("runs {runs}"));
}

#[test]
fn without_memory_it_is_done_whole_or_not_at_all_and_said_so() {
    let family = Family::begin("oom");
    let most = kit::times(4, 160).to_string();
    let other = Other::start("oom", &[("MOST", &most), ("SEED", &family.seed.to_string())]);
    let (status, lines) = other.ends(Duration::from_secs(u64::from(kit::times(180, 3_600))));
    let wrong: Vec<&String> = lines.iter().filter(|line| line.starts_with("wrong ")).collect();
    assert!(wrong.is_empty(), "seed {}: {wrong:#?}", family.seed);
    assert!(status.success(), "it ended as it should not: {status}, seed {}: {:?}", family.seed, lines.last());
    let runs = lines.iter().find_map(|line| line.strip_prefix("runs ")?.parse().ok()).unwrap();
    assert!(runs > 50, "only {runs} tries");
    family.done(runs, 0, "memory refused from some asking on, and given again");
}

/// Works until the disk takes no more, and says what it was told then.
pub fn without_room() {
    let path = told("FILE");
    let (mut store, reader) = world::open(Path::new(&path), false).unwrap();
    let mut ground = Ground::of(&reader, 8).unwrap();
    let work = Work::named(&told("WORK"));
    calls::limit_files(told("BYTES").parse().unwrap());
    for n in 0..4_000 {
        match work.step(&mut store, &reader, &mut ground, n) {
            Ok(step) => say(&format!("saved {step}")),
            Err(fault) => {
                say(&format!("fault {fault}"));
                // What was typed can be read and taken elsewhere all the same.
                say(&format!("reads {}", reader.dump().is_ok()));
                return;
            }
        }
    }
    say("never full");
}

#[test]
fn a_full_disk_keeps_what_was_saved_and_says_so() {
    let family = Family::begin("full");
    let folder = world::folder();
    let mut dice = Dice::new(family.seed);
    let sizes = kit::times(6, 64);
    let mut lost = 0;
    for n in 0..sizes {
        let path = world::found(folder.path(), false, 20);
        let bytes = 8_192 + dice.throw(3 << 20);
        let work = [Work::Import, Work::Meeting, Work::Bulk][usize::try_from(n).unwrap() % 3];
        let tell = [("FILE", path.display().to_string()), ("WORK", format!("{work:?}")), ("BYTES", bytes.to_string())];
        let other = Other::start("full", &tell.each_ref().map(|(name, what)| (*name, what.as_str())));
        let (status, lines) = other.ends(Duration::from_secs(120));
        let seed = family.seed;
        assert!(status.success(), "{bytes} bytes, seed {seed}: {status} {:?}", lines.last());
        let saved: i64 =
            lines.iter().filter_map(|line| line.strip_prefix("saved ")?.parse().ok()).next_back().unwrap_or(0);
        let said = lines.iter().find_map(|line| line.strip_prefix("fault "));
        assert!(said.is_some_and(|said| said.contains("Nothing was saved")), "{bytes} bytes, seed {seed}: {said:?}");
        assert!(lines.iter().any(|line| line == "reads true"), "{bytes} bytes, seed {seed}: {lines:?}");
        let head = world::prove(&path, false).unwrap_or_else(|why| panic!("{bytes} bytes, seed {seed}: {why}"));
        lost += u64::from(head < saved);
    }
    family.done(u64::from(sizes), lost, "a file that may not grow beyond some size");
}
