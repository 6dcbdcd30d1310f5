//! What is done with the file as a whole – a copy is made, another copy is joined, a person is erased, the passphrase is
//! changed – while the program is killed, the power goes, or a call of the system fails.
//!
//! The file opens and proves; no copy stands half-written under its name, and those that were good are there; a joining and an
//! erasure are there whole or not at all; of two passphrases exactly one opens the file; nothing is said to be done that is not;
//! and what was not done can be done again.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mdt::domain::change::{Change, Mint, add, alter};
use mdt::domain::day::{Day, Moment};
use mdt::domain::id::{JoiningId, PersonId};
use mdt::domain::person::Person;
use mdt::store::audit;
use mdt::store::backup::{self, Manifest, Why};
use mdt::store::copy::{examine, is_part, quietly};
use mdt::store::erase::{Order, Pages};
use mdt::store::fault::Fault;
use mdt::store::join::{Decisions, Joiner, Other as Copy};
use mdt::store::log::Stamp;
use mdt::store::open::Passphrase;
use mdt::store::rekey::{Changing, change_key};
use mdt::store::{self, Deed, Reader, Stop, Store};

use super::calls::{self, Failing};
use super::child::{Other, say, told};
use super::fault::WAYS;
use super::kit::{self, noon, stamp};
use super::power::Disk;
use super::report::Family;
use super::world::{self, Dice, line};

/// What is done with a whole file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Large {
    Copy,
    Join,
    Erase,
    Key,
}

const ALL: [Large; 4] = [Large::Copy, Large::Join, Large::Erase, Large::Key];

/// Who is erased. The word is nowhere else.
const GOES: &str = "Quokkafield";
const NEW_WORDS: &str = "eight loud herons at midnight";

type Opened = Option<(Store, Reader)>;

/// How it is done: as the program does, or as a careless one would – the control of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Ours,
    Careless,
}

impl Large {
    fn named(name: &str) -> Self {
        ALL.into_iter().find(|it| format!("{it:?}") == name).unwrap()
    }

    fn is_encrypted(self) -> bool {
        self == Self::Key
    }

    /// The file before, and what lies beside it.
    fn lay(self, folder: &Path) {
        let path = world::found(folder, self.is_encrypted(), 20);
        match self {
            Self::Copy => work(&path, |store, _| {
                // Six copies of one day long ago: all but a few may go when the next is made.
                for hour in 10..16 {
                    let then = Stamp { at: format!("2026-03-02T{hour}:00:00Z"), ..stamp() };
                    // Another trial may start a process just now, which holds what is open here until it is itself.
                    let made = (0..50).find_map(|_| {
                        let made = store.back_up(Why::Hand, &then, &Stop::default(), &mut quietly);
                        std::thread::sleep(std::time::Duration::from_millis(if made.is_ok() { 0 } else { 20 }));
                        made.ok()
                    });
                    assert!(made.is_some(), "no copy could be made");
                    store.note_backup(&then).unwrap();
                }
            }),
            Self::Join => {
                let theirs = folder.join("theirs.mdt");
                world::put(&theirs, &fs::read(&path).unwrap());
                work(&path, |store, reader| commit(store, &[moved(reader, 0)]));
                work(&theirs, |store, reader| {
                    commit(store, &[moved(reader, 1)]);
                    commit(store, &forty(reader));
                });
            }
            Self::Erase => work(&path, |store, reader| {
                let mut person = Person::new(reader.teams().unwrap()[0].id, line(GOES), line("Ada"));
                person.phone = Some(line("07700 900123"));
                commit(store, &[add(who_goes(), person)]);
                for n in 0..12 {
                    let seen = reader.get::<Person>(who_goes()).unwrap().unwrap();
                    commit(store, &[alter(&seen, |it| it.address = Some(line(&format!("{n} {GOES} Lane"))))]);
                }
                commit(store, &[moved(reader, 3)]);
            }),
            Self::Key => {}
        }
    }

    fn ready(self, folder: &Path) -> Opened {
        (self != Self::Key).then(|| world::open(&folder.join(FILE), false).unwrap())
    }

    /// Does it. Says whether no page of the file holds what is gone, where something goes.
    fn act(self, folder: &Path, opened: &mut Opened, how: How, stamp: &Stamp) -> Result<bool, Fault> {
        let stop = Stop::default();
        let path = folder.join(FILE);
        match (self, how, opened) {
            (Self::Copy, How::Ours, Some((store, _))) => {
                store.back_up(Why::Hand, stamp, &stop, &mut quietly)?;
                store.note_backup(stamp).map(|_| true)
            }
            (Self::Copy, How::Careless, opened) => {
                let (store, reader) = opened.take().unwrap();
                drop(reader);
                store.close()?;
                in_pieces(&path, &backup::folder_of(&path).join("team-now.mdt"));
                Ok(true)
            }
            (Self::Join, How::Ours, Some((store, reader))) => {
                let other = Copy::open(&folder.join(THEIRS), None, &stop)?;
                let mut joiner = Joiner::new(reader, &other, today())?;
                let id: JoiningId = Mint::new(noon(), 91).mint();
                store.join(stamp, &line("Tolu Bankole"), id, &mut joiner, &Decisions::new(), &stop).map(|_| true)
            }
            (Self::Join, How::Careless, Some((store, reader))) => {
                for change in forty(reader) {
                    store.commit(stamp, &Deed::change("Join"), &[change])?;
                }
                Ok(true)
            }
            (Self::Erase, how, Some((store, reader))) => {
                if how == How::Careless {
                    let seen = reader.get::<Person>(who_goes())?.unwrap();
                    store.commit(stamp, &Deed::change("Forget"), &[alter(&seen, |it| it.phone = None)])?;
                }
                let order = Order {
                    person: who_goes(),
                    id: Mint::new(noon(), 92).mint(),
                    by: line("Tolu Bankole"),
                    witness: line("Jo Hart"),
                    why: line("retention is over"),
                    still_active: true,
                    at: Moment::new(noon()),
                    today: today(),
                    minutes: Vec::new(),
                };
                store.erase(stamp, &order).map(|erased| erased.pages == Pages::Clean)
            }
            (Self::Key, How::Ours, _) => {
                let (old, new) = (world::passphrase(), new_passphrase());
                let it = Changing { path: &path, old: &old, new: &new, stamp };
                change_key(&it, &stop, &mut quietly, &mut |_| true).map(|_| true)
            }
            (Self::Key, How::Careless, _) => {
                let (store, reader) = world::open(&path, true)?;
                let new = folder.join("new.mdt");
                store.copy_under(&new_passphrase(), &new, &stop, &mut quietly)?;
                drop(reader);
                store.close()?;
                in_pieces(&new, &path);
                Ok(true)
            }
            (_, _, None) => panic!("{self:?} needs an open file"),
        }
    }
}

const FILE: &str = "team.mdt";
const THEIRS: &str = "theirs.mdt";

fn work(path: &Path, work: impl FnOnce(&mut Store, &Reader)) {
    let (mut store, reader) = world::open(path, false).unwrap();
    work(&mut store, &reader);
    drop(reader);
    store.close().unwrap();
}

fn commit(store: &mut Store, changes: &[Change]) {
    store.commit(&stamp(), &Deed::change("Edit"), changes).unwrap();
}

fn today() -> Day {
    Day::new(2026, 11, 26).unwrap()
}

fn new_passphrase() -> Passphrase {
    Passphrase::new(NEW_WORDS.to_owned())
}

fn who_goes() -> PersonId {
    Mint::new(noon(), 70).mint()
}

/// The action of one of the people, due another day.
fn moved(reader: &Reader, which: usize) -> Change {
    let person = reader.active_ids(reader.teams().unwrap()[0].id).unwrap()[which];
    alter(&reader.actions_of(person).unwrap()[0], |it| it.due = today())
}

/// Forty people more.
fn forty(reader: &Reader) -> Vec<Change> {
    let (team, mut mint) = (reader.teams().unwrap()[0].id, Mint::new(noon(), 80));
    let person = |n: u32| Person::new(team, line(&format!("Elsewhere{n}")), line("Bea"));
    (0..40).map(|n| add(mint.mint::<PersonId>(), person(n))).collect()
}

/// Writes a file under its last name at once, piece by piece, as a careless program does.
fn in_pieces(from: &Path, to: &Path) {
    let bytes = fs::read(from).unwrap();
    let mut file = fs::File::create(to).unwrap();
    fs::set_permissions(to, Permissions::from_mode(0o600)).unwrap();
    for piece in bytes.chunks(4_096) {
        file.write_all(piece).unwrap();
    }
}

/// What is in a folder and the folders in it.
type Tree = BTreeMap<PathBuf, Vec<u8>>;

fn tree(folder: &Path) -> Tree {
    let listed = |it: &Path| fs::read_dir(it).unwrap().map(|it| it.unwrap().path()).collect::<Vec<_>>();
    let all = listed(folder).into_iter().flat_map(|it| if it.is_dir() { listed(&it) } else { vec![it] });
    all.filter(|it| it.is_file())
        .map(|it| (it.strip_prefix(folder).unwrap().to_path_buf(), fs::read(&it).unwrap()))
        .collect()
}

/// A place where one of them is done again and again.
struct Bench {
    large: Large,
    how: How,
    before_tree: Tree,
    before: String,
    after: String,
    /// The newest copies that are there before.
    good: Vec<String>,
    took: Duration,
    calls: u64,
}

/// What was said when it ended, if it ended.
type Done = Option<Result<bool, Fault>>;

impl Bench {
    fn new(folder: &Path, large: Large, how: How) -> Self {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir(folder).unwrap();
        large.lay(folder);
        let before_tree = tree(folder);
        let mut bench = Self {
            large,
            how,
            before_tree,
            before: String::new(),
            after: String::new(),
            good: Vec::new(),
            took: Duration::ZERO,
            calls: 0,
        };
        bench.before = bench.state(folder).unwrap().0;
        bench.good = bench.copies(folder).unwrap();
        bench.put(folder);
        let mut opened = large.ready(folder);
        let never = Failing { at: u64::MAX, error: libc::EIO, forever: false, short: false };
        let began = Instant::now();
        let (done, calls, _) =
            calls::failing(never, || calls::widely(|| large.act(folder, &mut opened, how, &stamp())));
        (bench.took, bench.calls) = (began.elapsed(), calls);
        assert_eq!(done, Ok(true), "{large:?}");
        drop(opened);
        let (after, new) = bench.state(folder).unwrap();
        let more = bench.copies(folder).unwrap().first() != bench.good.first();
        assert!(after != bench.before || new || more, "{large:?} does nothing");
        bench.after = after;
        bench
    }

    fn put(&self, folder: &Path) {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir(folder).unwrap();
        for (name, bytes) in &self.before_tree {
            let to = folder.join(name);
            if !to.parent().unwrap().is_dir() {
                fs::create_dir(to.parent().unwrap()).unwrap();
                fs::set_permissions(to.parent().unwrap(), Permissions::from_mode(0o700)).unwrap();
            }
            world::put(&to, bytes);
        }
    }

    /// All that the file holds, and whether the new passphrase opens it.
    fn state(&self, folder: &Path) -> Result<(String, bool), String> {
        let path = folder.join(FILE);
        let opened = match (self.large.is_encrypted(), world::open(&path, self.large.is_encrypted())) {
            (_, Ok(opened)) => Ok((opened, false)),
            (true, Err(Fault::WrongKey)) => store::open(&path, Some(&new_passphrase())).map(|opened| (opened, true)),
            (_, Err(fault)) => Err(fault),
        };
        let ((store, reader), new) = opened.map_err(|fault| format!("not opened: {fault}"))?;
        let told = |fault: Fault| fault.to_string();
        let state = format!("{}{}", reader.dump().map_err(told)?, reader.head().map_err(told)?.seq);
        drop(reader);
        store.close().map_err(|fault| fault.to_string())?;
        Ok((state, new))
    }

    /// The copies that are there, newest first. All of them hold, and are on the list.
    fn copies(&self, folder: &Path) -> Result<Vec<String>, String> {
        let place = backup::folder_of(&folder.join(FILE));
        let list = Manifest::read(&place).map_err(|error| error.to_string())?;
        let mut found = Vec::new();
        for entry in fs::read_dir(&place).into_iter().flatten() {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            if !name.ends_with(".mdt") {
                continue;
            }
            let path = place.join(&name);
            let whole = examine(&path, None, &Stop::default()).map_err(|fault| format!("the copy {name}: {fault}"))?;
            // One that was thinned may be there again where the power went: that it went is listed before it goes.
            let listed = list.entries.iter().any(|it| it.name == name && it.sha256 == whole.sha256);
            // The careless one keeps no list.
            if !listed && self.how == How::Ours {
                return Err(format!("the copy {name} is not on the list"));
            }
            if fs::metadata(&path).unwrap().permissions().mode() & 0o077 != 0 {
                return Err(format!("the copy {name} is open to others"));
            }
            found.push((whole.head.seq, name));
        }
        found.sort();
        Ok(found.into_iter().rev().map(|(_, name)| name).collect())
    }

    /// What is not as it must be afterwards.
    fn judge(&self, folder: &Path, done: &Done, again: bool) -> Result<(), String> {
        let (state, new) = self.state(folder)?;
        let path = folder.join(FILE);
        let words = if new { new_passphrase() } else { world::passphrase() };
        let words = self.large.is_encrypted().then_some(&words);
        examine(&path, words, &Stop::default()).map_err(|fault| format!("it does not hold: {fault}"))?;
        if !self.large.is_encrypted() {
            let audited = audit::examine(&path, None).and_then(|reader| reader.audit());
            audited.map_err(|fault| fault.to_string())?.map_err(|altered| altered.to_string())?;
        }
        if self.large != Large::Erase && !self.large.is_encrypted() {
            world::prove(&path, false)?;
        }
        let is_done = if self.large == Large::Key { new } else { state == self.after };
        if state != if is_done { &self.after } else { &self.before }.as_str() {
            return Err("it is there by halves".to_owned());
        }
        match done {
            Some(Ok(_)) if !is_done => return Err("said to be done, but it is not".to_owned()),
            Some(Err(fault)) if is_done && !fault.to_string().contains("is in force") => {
                return Err(format!("it said “{fault}”, but it is done"));
            }
            Some(Ok(_) | Err(_)) | None => {}
        }
        let copies = self.copies(folder)?;
        if let Some(newest) = self.good.first()
            && (!copies.contains(newest) || copies.len() < 3)
        {
            return Err(format!("good copies went: {copies:?} of {:?}", self.good));
        }
        if self.large == Large::Copy && matches!(done, Some(Ok(_))) && copies.first() == self.good.first() {
            return Err("a copy was said to be made, and is not there".to_owned());
        }
        let theirs = folder.join(THEIRS);
        if self.large == Large::Join && fs::read(&theirs).unwrap() != self.before_tree[Path::new(THEIRS)] {
            return Err("the other copy was written to".to_owned());
        }
        if self.large == Large::Erase && matches!(done, Some(Ok(true))) && holds(folder, GOES) {
            return Err("said to be gone, but pages of the file hold it".to_owned());
        }
        if self.large == Large::Erase && is_done && holds(folder, GOES) && !pages_left(folder) {
            return Err("pages of the file hold what is gone, and nothing says so".to_owned());
        }
        if again && self.how == How::Ours { self.again(folder, is_done) } else { Ok(()) }
    }

    /// What was not done can be done again, and what was half cleared away is cleared away.
    fn again(&self, folder: &Path, is_done: bool) -> Result<(), String> {
        let mut opened = self.large.ready(folder);
        let later = Stamp { at: "2026-11-26T13:40:00Z".to_owned(), ..stamp() };
        let done = match (self.large, is_done) {
            (Large::Join | Large::Key, true) => Ok(true),
            (Large::Erase, true) => opened.as_mut().unwrap().0.tidy_pages().map(|pages| pages == Pages::Clean),
            (Large::Copy, _) | (Large::Join | Large::Erase | Large::Key, false) => {
                self.large.act(folder, &mut opened, How::Ours, &later)
            }
        };
        drop(opened);
        if !matches!(done, Ok(true)) {
            return Err(format!("once more gave {done:?}"));
        }
        if self.large == Large::Erase && holds(folder, GOES) {
            return Err("done again, and pages of the file still hold it".to_owned());
        }
        if self.large == Large::Erase && pages_left(folder) {
            return Err("all is written anew, and it is still said not to be".to_owned());
        }
        // Beside the file itself, doctor names them; in the folder of copies the next copy clears them away.
        if self.large == Large::Copy
            && tree(folder).keys().any(|it| is_part(&it.file_name().unwrap().to_string_lossy()))
        {
            return Err("a copy that was begun is still there".to_owned());
        }
        Ok(())
    }
}

/// Whether the file says that pages of it may still hold what was erased.
fn pages_left(folder: &Path) -> bool {
    let (store, reader) = world::open(&folder.join(FILE), false).unwrap();
    let left = reader.pages_left().unwrap();
    drop(reader);
    store.close().unwrap();
    left
}

/// Whether a file of this folder holds a word, as it stands or in small letters.
fn holds(folder: &Path, word: &str) -> bool {
    let small = word.to_lowercase();
    tree(folder).values().any(|bytes| bytes.windows(word.len()).any(|it| it.eq_ignore_ascii_case(small.as_bytes())))
}

// ───────────────────────────────────────────── killed

/// The one that is killed.
pub fn child() {
    let (large, folder) = (Large::named(&told("LARGE")), PathBuf::from(told("FOLDER")));
    let how = if told("HOW") == "careless" { How::Careless } else { How::Ours };
    let mut opened = large.ready(&folder);
    say("ready");
    let done = large.act(&folder, &mut opened, how, &stamp()).unwrap();
    say(if done { "done" } else { "done, but for pages" });
    std::thread::sleep(Duration::from_secs(60));
}

/// Kills it once at a random instant, and says what was wrong then, and whether it was on the way.
fn killed(bench: &Bench, folder: &Path, dice: &mut Dice, again: bool) -> (Result<(), String>, bool) {
    bench.put(folder);
    let how = if bench.how == How::Careless { "careless" } else { "ours" };
    let place = folder.display().to_string();
    let mut other =
        Other::start("keeping", &[("LARGE", &format!("{:?}", bench.large)), ("FOLDER", &place), ("HOW", how)]);
    other.hears("ready");
    let most = usize::try_from(bench.took.as_micros()).unwrap();
    std::thread::sleep(Duration::from_micros(u64::try_from(dice.throw(most + most / 8)).unwrap()));
    let said = other.kill();
    let done = said.iter().find(|it| it.starts_with("done")).map(|it| Ok(it == "done"));
    let on_the_way = done.is_none();
    (bench.judge(folder, &done, again), on_the_way)
}

#[test]
fn a_copy_a_joining_an_erasure_and_a_change_of_passphrase_survive_every_kill() {
    let family = Family::begin("kill");
    let (folder, mut dice) = (world::folder(), Dice::new(family.seed));
    let place = folder.path().join("place");
    let (mut runs, mut on_the_way) = (0, 0);
    for large in ALL {
        let bench = Bench::new(&place, large, How::Ours);
        let kills = if large == Large::Key { kit::times(2, 100) } else { kit::times(5, 400) };
        for n in 0..kills {
            let again = large != Large::Key || n % 3 == 1;
            let (said, on) = killed(&bench, &place, &mut dice, again);
            said.unwrap_or_else(|why| panic!("{large:?}, kill {n}, seed {}: {why}", family.seed));
            (runs, on_the_way) = (runs + 1, on_the_way + u64::from(on));
        }
    }
    assert!(on_the_way * 3 > runs, "only {on_the_way} of {runs} were killed on the way");
    family.done(runs, 0, &format!("copies, joining, erasure, another passphrase; {on_the_way} on the way"));
}

// ───────────────────────────────────────────── the power goes

/// Lets the power go so often, and gives what was wrong first.
fn cut(bench: &Bench, folder: &Path, cuts: u32, dice: &mut Dice) -> Result<usize, String> {
    let place = folder.join("place");
    bench.put(&place);
    let start = Disk::of_folder(&place);
    let (done, events) = calls::recording_in(&place, || {
        let mut opened = bench.large.ready(&place);
        let done = bench.large.act(&place, &mut opened, bench.how, &stamp());
        if done.is_ok() {
            calls::saved(1);
        }
        done
    });
    assert_eq!(done, Ok(true));
    for n in 0..cuts {
        let at = dice.throw(events.len() + 1);
        let (disk, saved) = start.after(&events[..at], dice);
        let after = disk.mount(&folder.join("after"), FILE);
        let done = (saved == 1).then_some(Ok(true));
        let again = bench.large != Large::Key || n % 3 == 1;
        let judged = bench.judge(after.parent().unwrap(), &done, again);
        judged.map_err(|why| format!("{:?}, cut at {at} of {}: {why}", bench.large, events.len()))?;
    }
    Ok(events.len())
}

#[test]
fn a_copy_a_joining_an_erasure_and_a_change_of_passphrase_survive_every_power_cut() {
    let family = Family::begin("power");
    let (folder, mut dice) = (world::folder(), Dice::new(family.seed));
    let (mut runs, mut all) = (0, 0);
    for large in ALL {
        let bench = Bench::new(&folder.path().join("place"), large, How::Ours);
        let cuts = if large == Large::Key { kit::times(2, 200) } else { kit::times(6, 2_000) };
        let events = cut(&bench, folder.path(), cuts, &mut dice);
        all += events.unwrap_or_else(|why| panic!("seed {}: {why}", family.seed));
        runs += u64::from(cuts);
    }
    assert!(all > 200, "only {all} things reached the disk");
    family.done(runs, 0, "copies, joining, erasure, another passphrase; 0 damaged");
}

/// The control: a copy written under its last name at once, records joined one by one, an erasure in two steps, a file
/// overwritten by the one with the new passphrase – each is found out; and passes where nothing is in its way.
#[test]
fn careless_ways_with_the_whole_file_are_found_out() {
    let (folder, seed) = (world::folder(), kit::seed());
    let mut dice = Dice::new(seed);
    for large in ALL {
        let place = folder.path().join("place");
        let bench = Bench::new(&place, large, How::Careless);
        assert_eq!(bench.judge(&place, &Some(Ok(true)), false), Ok(()), "left in peace, {large:?} does it");
        let found = (0..40).any(|_| cut(&bench, folder.path(), 3, &mut dice).is_err());
        assert!(found, "the trial is blind: {large:?} done carelessly is whole after 120 cuts, seed {seed}");
    }
    let place = folder.path().join("place");
    let bench = Bench::new(&place, Large::Join, How::Careless);
    let found = (0..40).any(|_| killed(&bench, &place, &mut dice, false).0.is_err());
    assert!(found, "the trial is blind: joined record by record, it is whole after 40 kills, seed {seed}");
}

// ───────────────────────────────────────────── calls fail

/// Tries it with these calls failing, and says what was wrong then; and whether any failed.
fn with_failing(
    bench: &Bench,
    folder: &Path,
    plan: Failing,
    ignoring: bool,
    again: bool,
) -> (Result<(), String>, bool) {
    bench.put(folder);
    let mut opened = bench.large.ready(folder);
    let (done, _, hits) =
        calls::failing(plan, || calls::widely(|| bench.large.act(folder, &mut opened, bench.how, &stamp())));
    drop(opened);
    let done = if ignoring { Ok(true) } else { done };
    if let Err(fault) = &done
        && !SAID.iter().any(|words| fault.to_string().contains(words))
    {
        return (Err(format!("the sentence does not say what became of it: {fault}")), true);
    }
    (bench.judge(folder, &Some(done), again), hits > 0)
}

/// One of these is in every sentence about what was not done.
const SAID: [&str; 8] = [
    "Nothing was",
    "could not be",
    "was not",
    "cannot be",
    "is as it was",
    "while the copy was made",
    "did not confirm",
    "thrown away",
];

#[test]
fn whatever_call_fails_a_copy_a_joining_an_erasure_and_a_change_of_passphrase_are_whole_or_not_there() {
    let family = Family::begin("fault");
    let (folder, mut dice) = (world::folder(), Dice::new(family.seed));
    let place = folder.path().join("place");
    let (mut runs, mut met, mut points) = (0, 0, 0);
    let mut wrong = Vec::new();
    for large in ALL {
        let bench = Bench::new(&place, large, How::Ours);
        points += bench.calls;
        for (way, error, forever, short) in WAYS {
            let most = if large == Large::Key { kit::times(1, 40) } else { kit::times(2, 400) };
            for n in 0..most {
                let slice = usize::try_from(bench.calls / u64::from(most)).unwrap().max(1);
                let at = 1 + u64::from(n) * u64::try_from(slice).unwrap() + u64::try_from(dice.throw(slice)).unwrap();
                if at > bench.calls {
                    break;
                }
                let again = large != Large::Key || n % 3 == 1;
                let (said, hit) = with_failing(&bench, &place, Failing { at, error, forever, short }, false, again);
                (runs, met) = (runs + 1, met + u64::from(hit));
                if let Err(why) = said {
                    wrong.push(format!("{large:?}, {way}, call {at} of {}: {why}", bench.calls));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {runs} (seed {}):\n{}", wrong.len(), family.seed, wrong.join("\n"));
    assert!(met * 10 > runs * 9, "the calls did not fail: {met} of {runs}");
    family.done(runs, 0, &format!("copies, joining, erasure, another passphrase, {points} calls"));
}

/// The control: whoever passes over what failed says “done” of what is not.
#[test]
fn passing_over_a_failed_call_of_the_whole_file_is_found_out() {
    let folder = world::folder();
    let place = folder.path().join("place");
    for large in [Large::Copy, Large::Join, Large::Erase] {
        let bench = Bench::new(&place, large, How::Ours);
        let found = (0..10).any(|n| {
            let at = 1 + bench.calls * n / 10;
            let plan = Failing { at, error: libc::EIO, forever: true, short: false };
            with_failing(&bench, &place, plan, true, false).0.is_err()
        });
        assert!(found, "the trial is blind to {large:?}");
    }
}
