//! Lists that arrive: read tolerantly, believed strictly, matched carefully, taken in as one step that can be undone.
//!
//! The way of a list: [`Source`] (bytes → rows: `file`, `text`, `workbook`) → [`Guess`] (header → fields, shown to a
//! person) → [`survey`] (what would come of it; nothing is written) → [`take_in`] (the same once more, streamed into one
//! step). What a row means is judged in [`caseload`], [`nominations`], [`members`], [`activity`] and [`directory`]; a new
//! format is a new way to make a [`Source`], a new list a new `Judge`. Rows that only a person can judge wait in
//! [`queue`]. What a list says about a person goes to the store and to the rejects file, nowhere else.

pub mod activity;
pub mod bands;
pub mod caseload;
mod cells;
pub mod columns;
pub mod days;
pub mod directory;
pub mod field;
pub mod file;
mod given;
mod guard;
mod header;
pub mod mappings;
mod matching;
pub mod members;
mod merge;
mod names;
pub mod nominations;
pub mod queue;
pub mod report;
pub mod source;
mod synonyms;
mod text;
mod values;
mod workbook;

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::clock::Now;
use crate::domain::Word;
use crate::domain::change::{Change, Mint, Record, add};
use crate::domain::id::IntakeId;
use crate::domain::intake::{Intake, IntakeKind};
use crate::domain::minutes::Document;
use crate::domain::team::Team;
use crate::domain::text::Line;
use crate::store::fault::Fault;
use crate::store::log::{Stamp, StepKind};
use crate::store::{Commits, Deed, Reader, Receipt, Stop};

use cells::Cells;
use columns::Guess;
use report::{Counts, Difference, Remark, Report};
use source::{Row, Rows, Source};

pub use cells::Kept;

/// The word by which a person says that a list is meant to be only a part of the caseload.
pub const PART: &str = "part";

/// Why a list as a whole could not be taken in. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The list cannot be read from the disk, in one sentence.
    #[error("{0}")]
    NotRead(String),
    /// The list cannot be understood, in one sentence.
    #[error("{0}")]
    List(String),
    /// More than a tenth of the people on file are not on the list, and nobody said that this is meant.
    #[error(
        "{missing} of the {on_file} people on file are not on this list. Is it the whole list? If it is meant to be only a part of the caseload, say so with the word “part”. Nothing was changed."
    )]
    Brake {
        /// How many are not on the list.
        missing: i64,
        /// How many are on file.
        on_file: i64,
    },
    /// Somebody at the keys has something to write: the list gives way, and begins again.
    #[error("Somebody else is writing. Nothing was changed.")]
    GaveWay,
    /// Somebody stopped it.
    #[error("Stopped. Nothing was changed.")]
    Stopped,
    /// The file of the team has a fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What is to be done with one row.
#[derive(Debug)]
pub enum Verdict {
    /// Somebody or something that is not on file yet.
    New(Vec<Change>),
    /// On file, with something new.
    Changed(Vec<Change>, Box<Difference>),
    /// On file just so. (A proposal may come of it.)
    Unchanged(Vec<Change>),
    /// A person has to look first: the row joins the queue, if it does not wait there already.
    Queued(Objection, Vec<Change>),
    /// It cannot be taken, for all these reasons.
    Refused(Vec<Objection>),
}

/// What is wrong with a row: the column as the list calls it, the value as read, and what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// The header of the column; empty where the whole row is meant.
    pub column: String,
    /// The value as it was read; for the screen only.
    pub value: Option<String>,
    /// Why, and what was expected. Never the value.
    pub reason: String,
}

impl Objection {
    /// An objection to the whole row.
    pub fn to_row(reason: impl Into<String>) -> Self {
        Self { column: String::new(), value: None, reason: reason.into() }
    }
}

/// Decides row by row. It sees the file as it was before the step.
trait Judge {
    /// What is to be done with this row.
    fn judge(&mut self, cells: Cells<'_>, line: u64) -> Result<Verdict, Trouble>;
    /// The mint as it is by now, so that no id is handed out twice.
    fn mint(&self) -> &Mint;
    /// What only becomes plain after the last row.
    fn conclude(&mut self, report: &mut Report) -> Result<(), Fault>;
}

/// How far an intake has come, and whether it should stop or give way: shared with whoever watches it.
#[derive(Debug, Default)]
pub struct Gauge {
    rows: AtomicU64,
    stopped: AtomicBool,
    writers: AtomicU64,
    /// Stops the step that is being written.
    attempt: Mutex<Stop>,
}

impl Gauge {
    /// Rows read so far.
    pub fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    /// Asks the intake to stop, and says at once whether that came in time. Then nothing is changed; otherwise all of it is
    /// being made durable, and undo takes it back.
    pub fn stop(&self) -> bool {
        self.stopped.store(true, Ordering::SeqCst);
        self.abandon()
    }

    /// Whether it was asked to.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    /// A new try at writing the step: what stops it from now on.
    pub fn attempt(&self) -> Stop {
        let stop = Stop::default();
        if let Ok(mut attempt) = self.attempt.lock() {
            *attempt = stop.clone();
        }
        if self.is_stopped() || self.is_waited_for() {
            stop.ask();
        }
        stop
    }

    fn abandon(&self) -> bool {
        self.attempt.lock().is_ok_and(|attempt| attempt.ask())
    }

    /// Says that somebody at the keys has something to write: the intake gives way until [`Gauge::wrote`].
    pub fn writes(&self) {
        self.writers.fetch_add(1, Ordering::SeqCst);
        self.abandon();
    }

    /// Says that it is written.
    pub fn wrote(&self) {
        self.writers.fetch_sub(1, Ordering::SeqCst);
    }

    /// Whether somebody has something to write.
    pub fn is_waited_for(&self) -> bool {
        self.writers.load(Ordering::SeqCst) > 0
    }

    /// Begins to count again.
    pub fn restart(&self) {
        self.rows.store(0, Ordering::Relaxed);
    }

    fn pass(&self, gives_way: bool) -> Result<(), Trouble> {
        self.rows.fetch_add(1, Ordering::Relaxed);
        if self.is_stopped() {
            return Err(Trouble::Stopped);
        }
        if gives_way && self.is_waited_for() { Err(Trouble::GaveWay) } else { Ok(()) }
    }
}

/// What both passes need to know.
pub struct Desk<'d> {
    /// The team's file, as it was before the step.
    pub reader: &'d Reader,
    /// The team.
    pub team: &'d Record<Team>,
    /// The day and moment.
    pub now: Now,
}

fn judge<'d>(
    desk: &'d Desk<'d>,
    source: &'d Source,
    guess: &'d Guess,
    mint: Mint,
    intake: IntakeId,
) -> Result<Box<dyn Judge + 'd>, Fault> {
    Ok(match guess.kind() {
        IntakeKind::Caseload => Box::new(caseload::Caseload::new(desk, Some((source, guess)), mint, intake)?),
        IntakeKind::Nominations => Box::new(nominations::Nominations::new(desk, Some(guess), mint, intake)?),
        IntakeKind::Members => Box::new(members::Members::new(desk, mint)?),
        IntakeKind::Activity => Box::new(activity::ActivityList::new(desk, mint)?),
        IntakeKind::Directory => Box::new(directory::Directory::new(desk, mint)?),
    })
}

/// What would come of the list. Nothing is written.
///
/// # Errors
/// [`Trouble`], in one sentence.
pub fn survey(desk: &Desk<'_>, source: &Source, guess: &Guess, gauge: &Gauge) -> Result<Report, Trouble> {
    let mut mint = Mint::new(desk.now.moment.utc(), 0);
    let intake = mint.mint();
    let mut pass = Pass::new(desk, source, guess, mint, intake, gauge)?;
    pass.part = true;
    for change in &mut pass {
        change?;
    }
    Ok(pass.report)
}

/// Takes the list in as one step; no step at all where it changes nothing. `part` says that the list is meant to be only
/// a part of the caseload.
///
/// The rows are walked once: up to the first change outside of any step, and from there on straight into it.
///
/// # Errors
/// [`Trouble`], in one sentence; nothing is changed then.
#[allow(clippy::too_many_arguments, reason = "each is one thing that only the caller knows")]
pub fn take_in(
    desk: &Desk<'_>,
    store: &mut impl Commits,
    stamp: &Stamp,
    mint: &mut Mint,
    source: &Source,
    guess: &Guess,
    part: bool,
    gauge: &Gauge,
) -> Result<(Report, Option<Receipt>), Trouble> {
    let intake: IntakeId = mint.mint();
    let mut pass = Pass::new(desk, source, guess, mint.clone(), intake, gauge)?;
    pass.part = part;
    pass.writing = true;
    let Some(first) = pass.next() else { return Ok((pass.report, None)) };
    let label = match guess.kind() {
        IntakeKind::Caseload => "Take in caseload list",
        IntakeKind::Nominations => "Take in nominations",
        IntakeKind::Members => "Take in members list",
        IntakeKind::Activity => "Take in activity list",
        IntakeKind::Directory => "Take in directory of services",
    };
    let changes = std::iter::once(first).chain(&mut pass);
    let deed = Deed::change(label).of_kind(StepKind::Import);
    let receipt = store.commit_all(stamp, &deed, changes).map_err(|trouble: Trouble| match trouble {
        // The store only knows that it was stopped, not why.
        Trouble::Fault(Fault::Stopped) if gauge.is_stopped() => Trouble::Stopped,
        Trouble::Fault(Fault::Stopped) => Trouble::GaveWay,
        other => other,
    })?;
    *mint = pass.judge.mint().clone();
    Ok((pass.report, Some(receipt)))
}

/// One walk through the rows, giving the changes one by one.
struct Pass<'d> {
    desk: &'d Desk<'d>,
    source: &'d Source,
    guess: &'d Guess,
    gauge: &'d Gauge,
    rows: Rows<'d>,
    row: Row,
    judge: Box<dyn Judge + 'd>,
    waiting: VecDeque<Change>,
    report: Report,
    intake: IntakeId,
    part: bool,
    /// It writes what it finds, and gives way to whoever writes at the keys.
    writing: bool,
    over: bool,
}

impl<'d> Pass<'d> {
    fn new(
        desk: &'d Desk<'d>,
        source: &'d Source,
        guess: &'d Guess,
        mint: Mint,
        intake: IntakeId,
        gauge: &'d Gauge,
    ) -> Result<Self, Trouble> {
        Ok(Self {
            desk,
            source,
            guess,
            gauge,
            rows: source.rows(guess.header_line(), guess.width()),
            row: Row::default(),
            judge: judge(desk, source, guess, mint, intake)?,
            waiting: VecDeque::new(),
            report: Report::new(source, guess),
            intake,
            part: false,
            writing: false,
            over: false,
        })
    }

    fn weigh(&mut self) -> Result<(), Trouble> {
        let row = &self.row;
        self.report.counts.rows += 1;
        let verdict = match &row.damage {
            Some(damage) => Verdict::Refused(vec![Objection::to_row(damage.clone())]),
            None => self.judge.judge(Cells::Listed(self.guess, row), row.line)?,
        };
        let counts = &mut self.report.counts;
        let changes = match verdict {
            Verdict::New(changes) => {
                counts.new += 1;
                changes
            }
            Verdict::Changed(changes, difference) => {
                counts.changed += 1;
                self.report.set_out(row.line, *difference);
                changes
            }
            Verdict::Unchanged(changes) => {
                counts.unchanged += 1;
                changes
            }
            Verdict::Queued(why, changes) => {
                counts.queued += 1;
                self.report.queued.push(Remark::new(row.line, why));
                changes
            }
            Verdict::Refused(why) => {
                counts.refused += 1;
                self.report.refused.extend(why.into_iter().map(|why| Remark::new(row.line, why)));
                Vec::new()
            }
        };
        self.report.writes |= !changes.is_empty();
        self.waiting.extend(changes);
        Ok(())
    }

    /// The record of the list itself, as the last change of the step, if there is a step.
    fn last(&mut self) -> Result<Option<Change>, Trouble> {
        self.judge.conclude(&mut self.report)?;
        if !self.report.writes {
            return Ok(None);
        }
        if !self.part && self.report.loses_many() {
            return Err(Trouble::Brake { missing: self.report.missing_count, on_file: self.report.on_file });
        }
        let unwritable = |_| Trouble::List("The name of the list's file cannot be written down.".to_owned());
        Ok(Some(add(
            self.intake,
            Intake {
                team: self.desk.team.id,
                kind: self.report.kind,
                at: self.desk.now.moment,
                file: Line::parse(&self.source.name).map_err(unwritable)?,
                sha256: Line::parse(&self.source.sha256).map_err(unwritable)?,
                bytes: self.source.bytes,
                counts: Document::new(self.report.counts.json().to_string()),
            },
        )))
    }

    fn step(&mut self) -> Result<Option<Change>, Trouble> {
        loop {
            if let Some(change) = self.waiting.pop_front() {
                return Ok(Some(change));
            }
            if self.over {
                return Ok(None);
            }
            if self.rows.next_into(&mut self.row)? {
                self.gauge.pass(self.writing)?;
                self.weigh()?;
            } else {
                self.over = true;
                return self.last();
            }
        }
    }
}

impl Iterator for Pass<'_> {
    type Item = Result<Change, Trouble>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.step() {
            Ok(change) => change.map(Ok),
            Err(trouble) => {
                self.over = true;
                self.waiting.clear();
                Some(Err(trouble))
            }
        }
    }
}

impl Counts {
    /// Whether rows of the list are new or changed.
    pub fn changes_anything(&self) -> bool {
        self.new + self.changed > 0
    }
}

/// What the list holds, in a word for sentences.
pub fn noun(kind: IntakeKind, n: i64) -> &'static str {
    match (kind, n) {
        (IntakeKind::Caseload, 1) => "person",
        (IntakeKind::Caseload, _) => "people",
        (IntakeKind::Nominations, 1) => "nomination",
        (IntakeKind::Members, 1) => "member",
        (IntakeKind::Activity, 1) => "activity",
        (IntakeKind::Activity, _) => "activities",
        (IntakeKind::Directory, 1) => "service",
        (IntakeKind::Directory, _) => "services",
        (IntakeKind::Nominations | IntakeKind::Members, _) => kind.label(),
    }
}
