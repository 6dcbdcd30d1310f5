//! Lists on their way in, off the thread that draws: reading, looking through, taking in.
//!
//! One at a time. The job has connections of its own, so that reading and searching go on. While it writes, whoever types
//! something in a meeting comes first: the list gives way, everything it wrote is rolled back, and it begins again once it
//! is quiet. It is still one step, whole or not at all.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::clock::Now;
use crate::domain::Word;
use crate::domain::band::Band;
use crate::domain::change::{Mint, Record};
use crate::domain::day::Day;
use crate::domain::intake::IntakeKind;
use crate::domain::team::Team;
use crate::exchange::intake::columns::{Guess, Guessed};
use crate::exchange::intake::days::DayOrder;
use crate::exchange::intake::field::Field;
use crate::exchange::intake::file::{Parcel, expanded};
use crate::exchange::intake::mappings::{self, Mapping};
use crate::exchange::intake::report::Report;
use crate::exchange::intake::source::Source;
use crate::exchange::intake::{self, Desk, Gauge, Trouble};
use crate::exchange::output::file;
use crate::store::backup::{self, Why};
use crate::store::fault::Fault;
use crate::store::log::Stamp;
use crate::store::{Reader, Receipt, Store};

use super::ahead::Ahead;

/// What threads are called that work beside the one that draws.
pub(super) const THREAD: &str = "work";

/// Whether the thread that asks is one that works beside the one that draws.
pub fn is_at_work() -> bool {
    thread::current().name() == Some(THREAD)
}

/// After somebody wrote, it must be quiet for so long before the list begins again.
const QUIET: Duration = Duration::from_millis(700);

/// A list that was read, with what its columns are taken for.
#[derive(Clone)]
pub struct Opened {
    /// Where it came from.
    pub path: PathBuf,
    /// The list.
    pub source: Arc<Source>,
    /// Its columns.
    pub guess: Guess,
    /// Its columns with samples, as a person is shown them.
    pub columns: Vec<Guessed>,
    /// The mapping it was read by.
    pub mapping: Option<String>,
}

impl PartialEq for Opened {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.source, &other.source) && self.columns == other.columns
    }
}

// What a list says about people must not reach a log by way of `{:?}`.
impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opened({} columns)", self.columns.len())
    }
}

/// One thing said about how a list is to be read.
#[derive(Clone, Debug, PartialEq)]
pub enum Say {
    /// A column holds this field, or none.
    Column(usize, Option<Field>),
    /// The days of a field are written so.
    Days(Field, DayOrder),
    /// A label is this band.
    Band(String, Band),
    /// The list is on this sheet.
    Sheet(String),
}

/// Work to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Task {
    /// Read a list.
    Read {
        /// As typed.
        path: String,
        /// What it holds.
        kind: IntakeKind,
    },
    /// Read it otherwise.
    Adjust(Box<Opened>, Vec<Say>),
    /// See what would come of it.
    Survey(Box<Opened>),
    /// Take it in.
    TakeIn {
        /// The list.
        opened: Box<Opened>,
        /// It is meant to be only a part of the caseload.
        part: bool,
        /// The name under which the mapping is kept.
        keep_as: Option<String>,
    },
    /// Take a large step back, or do it again.
    Repeat {
        /// Which step, as it was named to a person.
        step: i64,
        /// Again, rather than back.
        redo: bool,
        /// Whoever's it is; otherwise only the newest one of this actor.
        any: bool,
    },
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The list as it is read now.
    Opened(Box<Opened>),
    /// What would come of it.
    Foreseen(Box<Opened>, Box<Report>),
    /// It is in the file.
    Taken {
        /// What came of it.
        report: Box<Report>,
        /// The step; none where nothing was new.
        receipt: Option<Receipt>,
        /// Where the refused rows are.
        rejects: Option<PathBuf>,
        /// What could not be done beside it, in words.
        trouble: Option<String>,
    },
    /// A step was taken back or done again, in words.
    Repeated(String),
    /// It could not be done; nothing was changed.
    Failed(String),
}

impl PartialEq for Outcome {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Opened(a), Self::Opened(b)) => a == b,
            (Self::Foreseen(a, x), Self::Foreseen(b, y)) => a == b && x.counts == y.counts,
            (Self::Taken { report: a, receipt: x, .. }, Self::Taken { report: b, receipt: y, .. }) => {
                a.counts == b.counts && x == y
            }
            (Self::Repeated(a), Self::Repeated(b)) | (Self::Failed(a), Self::Failed(b)) => a == b,
            _ => false,
        }
    }
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Rows so far.
    pub rows: u64,
    /// Rows in all; 0 where nobody knows yet.
    pub of: u64,
    /// Rows a second.
    pub rate: u64,
}

/// What a job needs to know that only the caller does.
pub struct Place {
    /// Connections of its own.
    pub store: Store,
    /// The same, for reading.
    pub reader: Reader,
    /// The team.
    pub team: Record<Team>,
    /// The day and moment.
    pub now: Now,
    /// Whose step it is.
    pub actor: String,
    /// Where ids come from. The caller has set these aside.
    pub mint: Mint,
}

/// The one job there is, if there is one.
pub struct Jobs {
    send: Sender<Outcome>,
    receive: Receiver<Outcome>,
    running: Option<Running>,
}

struct Running {
    gauge: Arc<Gauge>,
    of: u64,
    began: Instant,
}

impl Default for Jobs {
    fn default() -> Self {
        let (send, receive) = unbounded();
        Self { send, receive, running: None }
    }
}

impl Jobs {
    /// Begins a task; `wake` is called when it is done. A task that runs is stopped first.
    pub fn start(&mut self, task: Task, place: Place, wake: impl FnOnce() + Send + 'static) {
        self.stop();
        // What the one before still answers is nobody's any more.
        let (send, receive) = unbounded();
        (self.send, self.receive) = (send.clone(), receive);
        let gauge = Arc::new(Gauge::default());
        let of = match &task {
            Task::Read { .. } | Task::Adjust(..) | Task::Repeat { .. } => 0,
            Task::Survey(opened) | Task::TakeIn { opened, .. } => opened.guess.rows(),
        };
        self.running = Some(Running { gauge: Arc::clone(&gauge), of, began: Instant::now() });
        let name = thread::Builder::new().name(THREAD.to_owned());
        let failed = send.clone();
        let spawned = name.spawn(move || {
            let worked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(task, place, &gauge)));
            let outcome = worked
                .unwrap_or_else(|_| Outcome::Failed("A fault in mdt stopped this. Nothing was changed.".to_owned()));
            // Nobody may be there any more.
            let _ = send.send(outcome);
            wake();
        });
        if spawned.is_err() {
            let _ =
                failed.send(Outcome::Failed("This machine gives no thread for it. Nothing was changed.".to_owned()));
        }
    }

    /// Asks the running task to stop, and says at once whether that came in time.
    pub fn stop(&self) -> bool {
        self.running.as_ref().is_none_or(|running| running.gauge.stop())
    }

    /// What came of the task, once it is done.
    pub fn finished(&mut self) -> Option<Outcome> {
        let outcome = self.receive.try_recv().ok()?;
        self.running = None;
        Some(outcome)
    }

    /// Waits until the task is done.
    pub fn wait(&mut self) -> Option<Outcome> {
        self.running.as_ref()?;
        let outcome = self.receive.recv().ok();
        self.running = None;
        outcome
    }

    /// How far the task is, while there is one.
    pub fn progress(&self) -> Option<Progress> {
        let running = self.running.as_ref()?;
        let rows = running.gauge.rows();
        let rate = running.began.elapsed().as_millis().max(1);
        let rate = u64::try_from(u128::from(rows) * 1_000 / rate).unwrap_or(0);
        Some(Progress { rows, of: running.of, rate })
    }

    /// Does something that writes; a list being taken in gives way to it.
    pub fn before_lists<T>(&self, write: impl FnOnce() -> T) -> T {
        let Some(running) = &self.running else { return write() };
        running.gauge.writes();
        let done = write();
        running.gauge.wrote();
        done
    }
}

fn work(task: Task, mut place: Place, gauge: &Gauge) -> Outcome {
    let done = match task {
        Task::Read { path, kind } => read(&place, &path, kind),
        Task::Adjust(opened, says) => adjust(*opened, says),
        Task::Survey(opened) => survey(&place, opened, gauge),
        Task::TakeIn { opened, part, keep_as } => take_in(&mut place, *opened, part, keep_as, gauge),
        Task::Repeat { step, redo, any } => repeat(&mut place, step, redo, any, gauge),
    };
    done.unwrap_or_else(|trouble| Outcome::Failed(trouble.to_string()))
}

fn read(place: &Place, path: &str, kind: IntakeKind) -> Result<Outcome, Trouble> {
    let path = PathBuf::from(expanded(path.trim()));
    let source = Arc::new(Source::of(Parcel::read(&path)?, None)?);
    let plain = Guess::of(&source, kind);
    // A list of the same columns as one that somebody has agreed to before is read as that one was.
    for name in mappings::names(&place.reader, kind)? {
        let Some(mapping) = mappings::find(&place.reader, kind, &name)? else { continue };
        let other_sheet = mapping.sheet.as_deref().filter(|sheet| source.sheet().is_some_and(|here| here != *sheet));
        if let Some(sheet) = other_sheet
            && source.other_sheets().iter().any(|other| other == sheet)
        {
            let source = Arc::new(Source::read(&path, Some(sheet))?);
            if let Ok(guess) = Guess::by(&source, kind, &mapping)
                && mapping.fits(&guess)
            {
                return opened(path, source, guess, Some(name));
            }
        }
        if let Ok(guess) = Guess::by(&source, kind, &mapping)
            && mapping.fits(&guess)
        {
            return opened(path, source, guess, Some(name));
        }
    }
    opened(path, source, plain?, None)
}

fn opened(path: PathBuf, source: Arc<Source>, guess: Guess, mapping: Option<String>) -> Result<Outcome, Trouble> {
    let columns = guess.columns(&source)?;
    Ok(Outcome::Opened(Box::new(Opened { path, source, guess, columns, mapping })))
}

fn adjust(mut it: Opened, says: Vec<Say>) -> Result<Outcome, Trouble> {
    for say in says {
        match say {
            Say::Column(column, field) => it.guess.take(&it.source, column, field)?,
            Say::Days(field, order) => it.guess.say_days(field, order),
            Say::Band(label, band) => it.guess.say_band(&label, band),
            Say::Sheet(sheet) => {
                it.source = Arc::new(Source::read(&it.path, Some(&sheet))?);
                it.guess = Guess::by(&it.source, it.guess.kind(), &Mapping::default())?;
            }
        }
    }
    opened(it.path, it.source, it.guess, it.mapping)
}

fn survey(place: &Place, opened: Box<Opened>, gauge: &Gauge) -> Result<Outcome, Trouble> {
    let desk = Desk { reader: &place.reader, team: &place.team, now: place.now };
    let report = intake::survey(&desk, &opened.source, &opened.guess, gauge)?;
    Ok(Outcome::Foreseen(opened, Box::new(report)))
}

fn take_in(
    place: &mut Place,
    opened: Opened,
    part: bool,
    keep_as: Option<String>,
    gauge: &Gauge,
) -> Result<Outcome, Trouble> {
    let Opened { source, guess, .. } = opened;
    let stamp = Stamp { at: place.now.moment.iso(), actor: place.actor.clone() };
    let mut trouble = copy_before(place, &stamp, gauge)?;
    let (report, receipt) = loop {
        let desk = Desk { reader: &place.reader, team: &place.team, now: place.now };
        let mut ahead = Ahead::new(&mut place.store, gauge.attempt());
        let taken = intake::take_in(&desk, &mut ahead, &stamp, &mut place.mint, &source, &guess, part, gauge);
        match taken {
            Err(Trouble::GaveWay) => wait_until_quiet(gauge)?,
            other => break other?,
        }
    };
    if let Some(name) = keep_as
        && let Err(fault) = mappings::keep(&mut place.store, guess.kind(), &name, &guess.mapping(&source))
    {
        trouble.push(fault.to_string());
    }
    let rejects = match report.rejects(&source, &guess) {
        Ok(rejects) if rejects.is_empty() => None,
        Ok(rejects) => keep_rejects(place.reader.path(), guess.kind(), place.now.today, &rejects)
            .map_err(|why| trouble.push(why))
            .ok(),
        Err(why) => {
            trouble.push(why.to_string());
            None
        }
    };
    let trouble = (!trouble.is_empty()).then(|| format!("The list was taken in, but: {}", trouble.join(" ")));
    Ok(Outcome::Taken { report: Box::new(report), receipt, rejects, trouble })
}

/// A copy of the file as it was. One that cannot be made is said and stops nothing: a list is one step, and undo takes it back.
fn copy_before(place: &mut Place, stamp: &Stamp, gauge: &Gauge) -> Result<Vec<String>, Trouble> {
    loop {
        match backup::before(&mut place.store, stamp, Why::Import, &gauge.attempt()) {
            Ok(made) => return Ok(made.map(|made| made.warnings).unwrap_or_default()),
            Err(Fault::Stopped) if gauge.is_stopped() => return Err(Trouble::Stopped),
            Err(Fault::Stopped) => wait_until_quiet(gauge)?,
            Err(fault) => return Ok(vec![fault.to_string()]),
        }
    }
}

fn repeat(place: &mut Place, step: i64, redo: bool, any: bool, gauge: &Gauge) -> Result<Outcome, Trouble> {
    let stamp = Stamp { at: place.now.moment.iso(), actor: place.actor.clone() };
    loop {
        let repeated = if any {
            place.store.repeat_any(&stamp, redo, step, &gauge.attempt())
        } else {
            place.store.repeat_named(&stamp, redo, step, &gauge.attempt())
        };
        match repeated {
            Err(Fault::Stopped) if gauge.is_stopped() => return Err(Trouble::Stopped),
            Err(Fault::Stopped) => wait_until_quiet(gauge)?,
            Err(fault) => return Err(fault.into()),
            Ok((step, _)) if redo => return Ok(Outcome::Repeated(format!("Done again: {}.", step.label))),
            Ok((step, _)) => return Ok(Outcome::Repeated(format!("Undone: {}. Redo with U.", step.label))),
        }
    }
}

fn keep_rejects(data_file: &Path, kind: IntakeKind, on: Day, bytes: &[u8]) -> Result<PathBuf, String> {
    file::keep_rejects(data_file, kind.code(), on, bytes).map_err(|why| why.to_string())
}

/// Waits until nobody has written for a while.
fn wait_until_quiet(gauge: &Gauge) -> Result<(), Trouble> {
    gauge.restart();
    let mut quiet_since = Instant::now();
    while quiet_since.elapsed() < QUIET {
        if gauge.is_stopped() {
            return Err(Trouble::Stopped);
        }
        if gauge.is_waited_for() {
            quiet_since = Instant::now();
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// The label of a kind with its file, for a title: `caseload · risk-list.csv`.
pub fn title(opened: &Opened) -> String {
    format!("{} · {}", opened.guess.kind().label(), opened.source.name)
}
