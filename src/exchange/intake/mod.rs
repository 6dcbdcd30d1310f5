//! Lists that arrive: read tolerantly, matched carefully, taken in as one step that can be undone.
//!
//! The way of a list: [`Source::read`] (bytes → rows) → [`Guess::of`] (header → fields) → [`survey`] (what would come of it;
//! nothing is written) → [`take_in`] (the same once more, streamed into one step). What a row means is judged in
//! [`caseload`] and [`members`]; a new format is a new way to make a [`Source`], a new list a new [`Judge`].
//! What a list says about a person goes to the store and to the rejects file, nowhere else.

pub mod caseload;
pub mod columns;
pub mod csv;
pub mod members;
pub mod report;
pub mod values;

use std::collections::VecDeque;

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
use crate::store::{Commits, Deed, Reader, Receipt};

use columns::Guess;
use csv::{Row, Source};
use report::{Counts, Remark, Report};

/// Why a list as a whole could not be taken in. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The list cannot be read from the disk, in one sentence.
    #[error("{0}")]
    NotRead(String),
    /// The list cannot be understood, in one sentence.
    #[error("{0}")]
    List(String),
    /// The file of the team has a fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What is to be done with one row.
#[derive(Debug)]
pub enum Verdict {
    /// Somebody who is not on file yet.
    New(Vec<Change>),
    /// Somebody on file, with something new.
    Changed(Vec<Change>),
    /// On file just so.
    Unchanged,
    /// A person has to look first; nothing is changed.
    Queued(Objection),
    /// It cannot be taken.
    Refused(Objection),
}

/// What is wrong with a row: the column as the list calls it, and why. Never the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// The header of the column; empty where the whole row is meant.
    pub column: String,
    /// Why.
    pub reason: String,
}

impl Objection {
    /// An objection to the whole row.
    pub fn to_row(reason: impl Into<String>) -> Self {
        Self { column: String::new(), reason: reason.into() }
    }
}

/// Decides row by row. It sees the file as it was before the step.
pub trait Judge {
    /// What is to be done with this row.
    ///
    /// # Errors
    /// A fault of the team's file ends the whole intake.
    fn judge(&mut self, row: &Row) -> Result<Verdict, Fault>;
    /// The mint as it is by now, so that no id is handed out twice.
    fn mint(&self) -> &Mint;
    /// What only becomes plain after the last row.
    ///
    /// # Errors
    /// A fault of the team's file.
    fn conclude(&mut self, report: &mut Report) -> Result<(), Fault>;
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
) -> Result<Box<dyn Judge + 'd>, Fault> {
    Ok(match guess.kind() {
        IntakeKind::Caseload => Box::new(caseload::Caseload::new(desk, source, guess, mint)?),
        IntakeKind::Members => Box::new(members::Members::new(desk, guess, mint)?),
    })
}

/// What would come of the list. Nothing is written.
///
/// # Errors
/// [`Trouble`], in one sentence.
pub fn survey(desk: &Desk<'_>, source: &Source, guess: &Guess) -> Result<Report, Trouble> {
    let mint = Mint::new(desk.now.moment.utc(), 0);
    let mut pass = Pass::new(desk, source, guess, mint)?;
    for change in &mut pass {
        change?;
    }
    Ok(pass.report)
}

/// Takes the list in as one step; no step at all where it changes nothing.
///
/// The rows are walked once: up to the first change outside of any step, and from there on straight into it.
///
/// # Errors
/// [`Trouble`], in one sentence; nothing is changed then.
pub fn take_in(
    desk: &Desk<'_>,
    store: &mut impl Commits,
    stamp: &Stamp,
    mint: &mut Mint,
    source: &Source,
    guess: &Guess,
) -> Result<(Report, Option<Receipt>), Trouble> {
    let intake: IntakeId = mint.mint();
    let mut pass = Pass::new(desk, source, guess, mint.clone())?;
    pass.closing = Some(intake);
    let Some(first) = pass.next() else { return Ok((pass.report, None)) };
    let label = match guess.kind() {
        IntakeKind::Caseload => "Take in caseload list",
        IntakeKind::Members => "Take in members list",
    };
    let changes = std::iter::once(first).chain(&mut pass);
    let receipt = store.commit_all(stamp, &Deed::change(label).of_kind(StepKind::Import), changes)?;
    *mint = pass.judge.mint().clone();
    Ok((pass.report, Some(receipt)))
}

/// One walk through the rows, giving the changes one by one.
struct Pass<'d> {
    desk: &'d Desk<'d>,
    source: &'d Source,
    rows: csv::Rows<'d>,
    judge: Box<dyn Judge + 'd>,
    waiting: VecDeque<Change>,
    report: Report,
    closing: Option<IntakeId>,
    over: bool,
}

impl<'d> Pass<'d> {
    fn new(desk: &'d Desk<'d>, source: &'d Source, guess: &'d Guess, mint: Mint) -> Result<Self, Trouble> {
        Ok(Self {
            desk,
            source,
            rows: source.rows(guess.header_line(), guess.width()),
            judge: judge(desk, source, guess, mint)?,
            waiting: VecDeque::new(),
            report: Report::new(source, guess),
            closing: None,
            over: false,
        })
    }

    fn weigh(&mut self, row: &Row) -> Result<(), Trouble> {
        self.report.counts.rows += 1;
        let verdict = match &row.damage {
            Some(damage) => Verdict::Refused(Objection::to_row(damage.clone())),
            None => self.judge.judge(row)?,
        };
        let counts = &mut self.report.counts;
        match verdict {
            Verdict::New(changes) => {
                counts.new += 1;
                self.waiting.extend(changes);
            }
            Verdict::Changed(changes) => {
                counts.changed += 1;
                self.waiting.extend(changes);
            }
            Verdict::Unchanged => counts.unchanged += 1,
            Verdict::Queued(why) => {
                counts.queued += 1;
                self.report.queued.push(Remark::new(row.line, why));
            }
            Verdict::Refused(why) => {
                counts.refused += 1;
                self.report.refused.push(Remark::new(row.line, why));
            }
        }
        Ok(())
    }

    /// The record of the list itself, as the last change of the step, if there is a step.
    fn last(&mut self) -> Result<Option<Change>, Trouble> {
        self.judge.conclude(&mut self.report)?;
        let Some(id) = self.closing.filter(|_| self.report.counts.changes_anything()) else { return Ok(None) };
        let unwritable = |_| Trouble::List("The name of the list's file cannot be written down.".to_owned());
        Ok(Some(add(
            id,
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
            match self.rows.next() {
                Some(row) => self.weigh(&row?)?,
                None => {
                    self.over = true;
                    return self.last();
                }
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
                Some(Err(trouble))
            }
        }
    }
}

impl Counts {
    /// Whether the list would change anything.
    pub fn changes_anything(&self) -> bool {
        self.new + self.changed > 0
    }
}

/// What the list holds, in a word for sentences.
pub fn noun(kind: IntakeKind, n: i64) -> &'static str {
    match (kind, n) {
        (IntakeKind::Caseload, 1) => "person",
        (IntakeKind::Caseload, _) => "people",
        (IntakeKind::Members, 1) => "member",
        (IntakeKind::Members, _) => kind.label(),
    }
}
