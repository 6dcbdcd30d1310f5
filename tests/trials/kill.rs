//! The program is killed at random instants: what it had said was saved is there, and nothing is there by halves.

use std::path::Path;
use std::time::Duration;

use super::child::{Other, say, told};
use super::kit;
use super::report::Family;
use super::world::{self, Dice, Ground, Work};

/// Steps in a file after which the trial begins with a fresh one.
const ENOUGH: i64 = 250;

/// The one that is killed: works until then, and says each step's number when the store has said that it is saved.
pub fn child() {
    let encrypted = told("KEY") == "yes";
    let (mut store, reader) = world::open(Path::new(&told("FILE")), encrypted).unwrap();
    let mut ground = Ground::of(&reader, told("SALT").parse().unwrap()).unwrap();
    let (work, early) = (Work::named(&told("WORK")), told("EARLY") == "yes");
    say("ready");
    for n in 0.. {
        // The control says so before it is true.
        if early {
            say(&format!("saved {}", reader.head().unwrap().seq + 1));
        }
        let step = work.step(&mut store, &reader, &mut ground, n).unwrap();
        if !early {
            say(&format!("saved {step}"));
        }
    }
}

struct Killing<'k> {
    folder: &'k Path,
    encrypted: bool,
    early: bool,
    dice: Dice,
}

impl Killing<'_> {
    /// Kills so many times at one work, and gives the steps said to be saved, and the kills after which one was missing.
    fn at(&mut self, work: Work, kills: u32) -> (u64, u64) {
        let (mut saved, mut lost) = (0, 0);
        let mut path = world::found(self.folder, self.encrypted, 20);
        let whole = std::fs::read(&path).unwrap();
        for _ in 0..kills {
            let salt = self.dice.throw(1 << 20).to_string();
            let mut other = Other::start(
                "kill",
                &[
                    ("FILE", &path.display().to_string()),
                    ("WORK", &format!("{work:?}")),
                    ("KEY", if self.encrypted { "yes" } else { "no" }),
                    ("EARLY", if self.early { "yes" } else { "no" }),
                    ("SALT", &salt),
                ],
            );
            other.hears("ready");
            let longest = if work == Work::LargeImport { 1_500_000 } else { 12_000 };
            std::thread::sleep(Duration::from_micros(u64::try_from(self.dice.throw(longest)).unwrap()));
            let steps: Vec<i64> =
                other.kill().iter().filter_map(|line| line.strip_prefix("saved ")?.parse().ok()).collect();
            saved += u64::try_from(steps.len()).unwrap();
            let head = world::prove(&path, self.encrypted).unwrap_or_else(|why| panic!("{work:?}: {why}"));
            lost += u64::from(steps.last().is_some_and(|last| head < *last));
            if head > ENOUGH || work == Work::LargeImport {
                path = self.folder.join("team.mdt");
                world::put(&path, &whole);
            }
        }
        std::fs::remove_file(&path).unwrap();
        (saved, lost)
    }
}

#[test]
fn what_was_said_to_be_saved_survives_every_kill() {
    let family = Family::begin("kill");
    let folder = world::folder();
    let (mut runs, mut saved, mut lost) = (0, 0, 0);
    for encrypted in [false, true] {
        let mut killing = Killing {
            folder: folder.path(),
            encrypted,
            early: false,
            dice: Dice::new(family.seed ^ u64::from(encrypted)),
        };
        for work in Work::ALL {
            let kills = match (encrypted, work) {
                (_, Work::LargeImport) => kit::times(1, 50),
                (false, _) => kit::times(8, 1_500),
                (true, _) => kit::times(2, 150),
            };
            let (more, gone) = killing.at(work, kills);
            (runs, saved, lost) = (runs + u64::from(kills), saved + more, lost + gone);
        }
    }
    assert!(saved > runs, "the other process was killed before it did anything: {saved} steps");
    family.done(runs, lost, &format!("{saved} steps said to be saved"));
}

/// The control: who says “saved” before it is, is found out.
#[test]
fn saying_saved_too_early_is_found_out() {
    let folder = world::folder();
    let mut killing = Killing { folder: folder.path(), encrypted: false, early: true, dice: Dice::new(kit::seed()) };
    let mut lost = 0;
    for _ in 0..20 {
        lost += killing.at(Work::Import, 5).1;
        if lost > 0 {
            break;
        }
    }
    assert!(lost > 0, "the trial is blind: nothing was lost in 100 kills");
}
