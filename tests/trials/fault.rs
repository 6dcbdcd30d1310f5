//! Every call that SQLite makes to the system fails in turn: what was asked for is done whole or not at all, the sentence
//! says which, and trying again works.

use std::path::{Path, PathBuf};

use mdt::store::fault::Fault;
use mdt::store::{self, FileKind, Reader, Store};

use super::calls::{self, Failing};
use super::kit::{self, stamp};
use super::report::Family;
use super::world::{self, Dice, Ground, Work};

/// What is tried while calls fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Open,
    Make,
    Twin,
    Close,
    KeepDraft,
    DropDraft,
    Choose,
    /// This work, after so many steps of it.
    Step(Work, u64),
    /// Taking back the step before.
    TakeBack(Work),
}

pub const DEEDS: [Deed; 20] = [
    Deed::Open,
    Deed::Make,
    Deed::Twin,
    Deed::Close,
    Deed::KeepDraft,
    Deed::DropDraft,
    Deed::Choose,
    Deed::Step(Work::Edit, 0),
    Deed::Step(Work::Edit, 3),
    Deed::Step(Work::Import, 0),
    Deed::Step(Work::Meeting, 0),
    Deed::Step(Work::Meeting, 1),
    Deed::Step(Work::Meeting, 2),
    Deed::Step(Work::Meeting, 5),
    Deed::Step(Work::Bulk, 0),
    Deed::Step(Work::Bulk, 1),
    Deed::Step(Work::Undo, 1),
    Deed::Step(Work::Undo, 2),
    Deed::Step(Work::Looks, 0),
    Deed::TakeBack(Work::Import),
];

/// The ways in which a call fails: its name, the error, whether all later ones fail too, whether a write is cut short.
pub const WAYS: [(&str, i32, bool, bool); 4] = [
    ("EIO once", libc::EIO, false, false),
    ("EIO from then on", libc::EIO, true, false),
    ("ENOSPC once", libc::ENOSPC, false, false),
    ("ENOSPC from then on, writes cut short", libc::ENOSPC, true, true),
];

/// A place where one deed is tried again and again.
pub struct Bench {
    deed: Deed,
    path: PathBuf,
    template: Vec<u8>,
    before: String,
    after: String,
    calls: u64,
}

type Opened = Option<(Store, Reader)>;

impl Bench {
    pub fn new(folder: &Path, deed: Deed) -> Self {
        let path = world::found(folder, false, 20);
        let (mut store, reader) = world::open(&path, false).unwrap();
        store.keep_draft("old", "half a word", "2026-11-26T12:00:00Z").unwrap();
        let mut ground = Ground::of(&reader, 3).unwrap();
        let (work, steps) = match deed {
            Deed::Step(work, steps) => (work, steps),
            Deed::TakeBack(work) => (work, 1),
            Deed::Open | Deed::Make | Deed::Twin | Deed::Close | Deed::KeepDraft | Deed::DropDraft | Deed::Choose => {
                (Work::Edit, 0)
            }
        };
        for n in 0..steps {
            work.step(&mut store, &reader, &mut ground, n).unwrap();
        }
        drop(reader);
        store.close().unwrap();
        let template = std::fs::read(&path).unwrap();
        let mut bench = Self { deed, path, template, before: String::new(), after: String::new(), calls: 0 };
        bench.before = bench.state();
        let mut opened = bench.ready();
        let never = Failing { at: u64::MAX, error: libc::EIO, forever: false, short: false };
        let (done, calls, _) = calls::failing(never, || bench.act(&mut opened));
        done.unwrap();
        drop(opened);
        bench.calls = calls;
        bench.after = bench.state();
        bench
    }

    /// All that the file holds, read by a fresh pair of connections.
    fn state(&self) -> String {
        match world::open(&self.path, false) {
            Ok((_, reader)) => all_of(&reader),
            Err(fault) => format!("not opened: {fault}"),
        }
    }

    /// The file as it was at the beginning, opened where the deed needs it open.
    fn ready(&self) -> Opened {
        if self.deed == Deed::Make {
            for suffix in ["", "-wal", "-shm", "-journal"] {
                let _ = std::fs::remove_file(world::beside(&self.path, suffix));
            }
            return None;
        }
        world::put(&self.path, &self.template);
        (self.deed != Deed::Open).then(|| world::open(&self.path, false).unwrap())
    }

    fn act(&self, opened: &mut Opened) -> Result<(), Fault> {
        match (self.deed, opened) {
            (Deed::Make, opened) => {
                *opened = Some(store::create(&self.path, None, FileKind::Real, 7, &stamp())?);
                Ok(())
            }
            (Deed::Open, opened) => {
                *opened = Some(world::open(&self.path, false)?);
                Ok(())
            }
            (Deed::Close, opened) => {
                let (store, reader) = opened.take().unwrap();
                drop(reader);
                store.close()
            }
            (Deed::Twin, Some((store, _))) => store.twin().map(drop),
            (Deed::KeepDraft, Some((store, _))) => store.keep_draft("new", "another word", "2026-11-26T12:01:00Z"),
            (Deed::DropDraft, Some((store, _))) => store.drop_draft("old"),
            (Deed::Choose, Some((store, _))) => store.set("choice", "this"),
            (Deed::Step(work, steps), Some((store, reader))) => {
                let mut ground = Ground::of(reader, 4)?;
                work.step(store, reader, &mut ground, steps).map(drop)
            }
            (Deed::TakeBack(_), Some((store, _))) => store.undo(&stamp()).map(drop),
            (_, None) => panic!("{:?} needs an open file", self.deed),
        }
    }

    /// How often SQLite asks for memory while it is done.
    pub fn askings(&self) -> i64 {
        let mut opened = self.ready();
        let (done, asked) = calls::with_memory(i64::MAX, || self.act(&mut opened));
        done.unwrap();
        asked
    }

    /// Tries it with so much memory and no more. Says what was wrong afterwards.
    pub fn with_memory(&self, times: i64) -> Result<(), String> {
        let mut opened = self.ready();
        let (done, _) = calls::with_memory(times, || self.act(&mut opened));
        self.judge(done, opened)
    }

    /// Tries it with these calls failing. Says what was wrong afterwards; and whether any call failed at all.
    fn attempt(&self, plan: Failing, ignoring: bool) -> (Result<(), String>, bool) {
        let mut opened = self.ready();
        let (done, _, hits) = calls::failing(plan, || match self.act(&mut opened) {
            Err(_) if ignoring => Ok(()),
            done => done,
        });
        (self.judge(done, opened), hits > 0)
    }

    fn judge(&self, done: Result<(), Fault>, mut opened: Opened) -> Result<(), String> {
        if let Err(fault) = &done {
            let sentence = fault.to_string();
            if !["Nothing was", "could not be", "was not"].iter().any(|words| sentence.contains(words)) {
                return Err(format!("the sentence does not say what became of it: {sentence}"));
            }
            let as_before = match (&opened, self.deed) {
                (_, Deed::Make) => !self.path.exists(),
                (Some((_, reader)), _) => all_of(reader) == self.before,
                (None, _) => self.state() == self.before,
            };
            if !as_before {
                return Err(format!("it said “{sentence}”, but something was"));
            }
            // Trying again with the calls in order, at the same desk.
            if self.deed != Deed::Close {
                self.act(&mut opened).map_err(|again| format!("after “{sentence}” trying again gave “{again}”"))?;
            }
        }
        drop(opened);
        let state = self.state();
        if state != self.after {
            return Err(format!("said to be done ({done:?}), but it is not"));
        }
        if self.deed == Deed::Make { Ok(()) } else { world::prove(&self.path, false).map(drop) }
    }

    /// So many of its calls, spread over all of them.
    fn points(&self, most: u64, dice: &mut Dice) -> Vec<u64> {
        let stride = self.calls.div_ceil(most).max(1);
        let from = 1 + u64::try_from(dice.throw(usize::try_from(stride).unwrap())).unwrap();
        (0..).map(|n| from + n * stride).take_while(|at| *at <= self.calls).collect()
    }
}

fn all_of(reader: &Reader) -> String {
    let held = || -> Result<String, Fault> {
        let (draft, new) = (reader.draft("old")?, reader.draft("new")?);
        Ok(format!("{}{} {draft:?} {new:?} {:?}", reader.dump()?, reader.head()?.seq, reader.setting("choice")?))
    };
    held().unwrap_or_else(|fault| fault.to_string())
}

#[test]
fn whatever_call_fails_it_is_done_whole_or_not_at_all_and_said_so() {
    let family = Family::begin("fault");
    let folder = world::folder();
    let mut dice = Dice::new(family.seed);
    let (mut runs, mut met, mut points) = (0, 0, 0);
    let mut wrong = Vec::new();
    for deed in DEEDS {
        let bench = Bench::new(folder.path(), deed);
        assert!(bench.calls > 0, "{deed:?} makes no call");
        points += bench.calls;
        for (way, error, forever, short) in WAYS {
            for at in bench.points(u64::from(kit::times(2, u32::MAX)), &mut dice) {
                let (said, hit) = bench.attempt(Failing { at, error, forever, short }, false);
                runs += 1;
                met += u64::from(hit);
                if let Err(why) = said {
                    wrong.push(format!("{deed:?}, {way}, call {at} of {}: {why}", bench.calls));
                }
            }
        }
        let _ = std::fs::remove_file(&bench.path);
    }
    assert!(wrong.is_empty(), "{} of {runs} (seed {}):\n{}", wrong.len(), family.seed, wrong.join("\n"));
    assert!(met * 10 > runs * 9, "the calls did not fail: {met} of {runs}");
    family.done(runs, 0, &format!("{} deeds, {points} calls", DEEDS.len()));
}

/// The control: whoever passes over the error of a commit says “done” of what is lost, and is found out.
#[test]
fn passing_over_an_error_is_found_out() {
    let folder = world::folder();
    let bench = Bench::new(folder.path(), Deed::Step(Work::Edit, 0));
    let lies = (1..=bench.calls)
        .filter(|at| {
            let plan = Failing { at: *at, error: libc::EIO, forever: true, short: false };
            bench.attempt(plan, true).0.is_err()
        })
        .count();
    assert!(lies > 0, "the trial is blind: {} calls failed and nothing was said", bench.calls);
}
