//! The log in words: a step as sentences, for the history room, the questions before an undo, and `mdt history`.
//!
//! `columns` has a word for every column, `heads` the beginning of a sentence for every noun. Ids become names, codes their
//! labels, days the house's form. In the story of one person nobody else is named.

pub mod columns;
mod heads;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::clock::{self, Clock};
use crate::domain::Word as _;
use crate::domain::band::Score;
use crate::domain::change::{NounKind, RecordId};
use crate::domain::day::{Day, Moment, TimeOfDay};
use crate::domain::id::PersonId;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::person::Person;
use crate::store::Reader;
use crate::store::fault::Fault;
use crate::store::history::{Alteration, Cell, Content, Happened, Sides, Told};
use crate::store::log::StepKind;

use columns::{ColumnWords, Said, identifies};

/// Characters of a text that a line of a list shows.
const IN_A_LINE: usize = 72;

/// What is said where a name is not to be said.
const HIDDEN: &str = "(hidden)";

/// One field of a change in words; both sides whole.
#[derive(Clone, PartialEq, Eq)]
pub struct Part {
    /// The column's word.
    pub label: &'static str,
    /// What it was.
    pub was: Option<String>,
    /// What it became.
    pub now: Option<String>,
    /// Whether it is somebody's words, which are put in quotation marks.
    pub quoted: bool,
    /// Whether a line of a list leaves it out.
    pub aside: bool,
}

/// One change in words.
#[derive(Clone, PartialEq, Eq)]
pub struct Sentence {
    /// Whom it is about.
    pub whom: Option<PersonId>,
    /// Their name, as it may be shown.
    pub name: Option<String>,
    /// Which record, or what happened to it.
    pub head: String,
    /// What happened.
    pub happened: Happened,
    /// Its fields.
    pub parts: Vec<Part>,
}

// What a story says about a person must not reach a log or a panic by way of `{:?}`.
impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Part({})", self.label)
    }
}

impl std::fmt::Debug for Sentence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sentence({:?}, {} parts)", self.happened, self.parts.len())
    }
}

impl Part {
    fn shown(&self, side: &str) -> String {
        let flat: String =
            side.split('\n').map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" / ");
        let cut = cut(&flat);
        if self.quoted { format!("“{cut}”") } else { cut }
    }

    /// `due 10-Dec → 17-Dec`, long texts cut with a mark.
    pub fn in_a_line(&self, happened: Happened) -> String {
        let side = |side: &Option<String>| side.as_deref().map(|side| self.shown(side));
        match (side(&self.was), side(&self.now), happened) {
            (Some(was), Some(now), _) => format!("{} {was} → {now}", self.label),
            (None, Some(now), _) => format!("{} {now}", self.label),
            (Some(was), None, Happened::Altered) => format!("{}: no longer (was {was})", self.label),
            (Some(was), None, Happened::Added | Happened::Removed) => format!("{} {was}", self.label),
            (None, None, _) => self.label.to_owned(),
        }
    }
}

/// A text cut to a line, with a mark that is seen.
fn cut(text: &str) -> String {
    if text.chars().count() <= IN_A_LINE {
        return text.to_owned();
    }
    let kept: String = text.chars().take(IN_A_LINE - 2).collect();
    format!("{} …", kept.trim_end())
}

impl Sentence {
    /// The change in a line; with the person's name where `named` asks for it.
    pub fn in_a_line(&self, named: bool) -> String {
        let name = self.name.as_deref().filter(|_| named).map(|name| format!("{name} – ")).unwrap_or_default();
        let seen = self.parts.iter().filter(|part| !part.aside);
        let parts: Vec<String> = match self.happened {
            Happened::Removed => Vec::new(),
            Happened::Added | Happened::Altered => seen.map(|part| part.in_a_line(self.happened)).collect(),
        };
        match (self.happened, parts.is_empty()) {
            (_, true) => format!("{name}{}", self.head),
            (Happened::Altered, false) => format!("{name}{}: {}", self.head, parts.join("; ")),
            (Happened::Added | Happened::Removed, false) => format!("{name}{}, {}", self.head, parts.join(", ")),
        }
    }
}

/// A step in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// The step.
    pub told: Told,
    /// What an undo or a redo takes back or does again; empty for others.
    pub lead: String,
    /// Its changes.
    pub sentences: Vec<Sentence>,
}

impl Story {
    /// The step in lines: its sentences, or its label where it has none.
    pub fn lines(&self, named: bool) -> Vec<String> {
        let mut lines: Vec<String> = self.sentences.iter().map(|it| it.in_a_line(named)).collect();
        if lines.is_empty() {
            lines.push(self.told.step.label.clone());
        }
        if !self.lead.is_empty()
            && let Some(first) = lines.first_mut()
        {
            *first = format!("{} {first}", self.lead);
        }
        if self.told.joined.is_some()
            && let Some(first) = lines.first_mut()
        {
            *first = format!("In the joined copy: {first}");
        }
        lines
    }
}

/// Tells changes in words. Names are looked up once.
pub struct Teller<'r> {
    reader: &'r Reader,
    clock: Clock,
    today: Day,
    masked: bool,
    /// The only person who is named.
    only: Option<PersonId>,
    names: RefCell<BTreeMap<(NounKind, i64), String>>,
    people: RefCell<BTreeSet<PersonId>>,
}

impl<'r> Teller<'r> {
    /// A teller who names everybody.
    pub fn new(reader: &'r Reader, clock: Clock) -> Self {
        let today = clock.now().today;
        let (names, people) = (RefCell::default(), RefCell::default());
        Self { reader, clock, today, masked: false, only: None, names, people }
    }

    /// The same, with identifiers hidden.
    pub fn masked(self, masked: bool) -> Self {
        Self { masked, ..self }
    }

    /// The same, naming nobody but this person.
    pub fn only(self, only: Option<PersonId>) -> Self {
        Self { only, ..self }
    }

    /// Everybody who was spoken of so far.
    pub fn people(&self) -> Vec<PersonId> {
        self.people.borrow().iter().copied().collect()
    }

    /// A step in words.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn story(&self, told: Told) -> Result<Story, Fault> {
        let sentences = self.sentences(&told.changes)?;
        let lead = match told.step.kind {
            StepKind::Undo => "Taken back:",
            StepKind::Redo => "Done again:",
            StepKind::Change
            | StepKind::Import
            | StepKind::Merge
            | StepKind::Move
            | StepKind::Seal
            | StepKind::Export
            | StepKind::View
            | StepKind::Make
            | StepKind::Open
            | StepKind::Erase
            | StepKind::Backup
            | StepKind::Restore
            | StepKind::Key
            | StepKind::Lead => "",
        };
        Ok(Story { told, lead: lead.to_owned(), sentences })
    }

    /// Changes in words: what only repeats another of them, and what nobody reads, is left out.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn sentences(&self, changes: &[Alteration]) -> Result<Vec<Sentence>, Fault> {
        let mut out = Vec::new();
        for change in changes {
            if handed_on(change, changes).is_some_and(|after| after.row != change.row) {
                continue;
            }
            let mut sentence = self.sentence(change, changes)?;
            if change.happened == Happened::Altered && sentence.parts.is_empty() && change.content != Content::Erased {
                continue;
            }
            if let Some(before) = taken_over(change, changes) {
                let was = match self.cell(before, "member")? {
                    Some(Cell::Number(member)) => self.name(NounKind::Member, member)?,
                    Some(Cell::Nothing | Cell::Text(_)) | None => String::new(),
                };
                sentence.head = sentence.head.replacen("Key worker: ", &format!("Key worker: {was} → "), 1);
            }
            out.push(sentence);
        }
        Ok(out)
    }

    fn sentence(&self, change: &Alteration, all: &[Alteration]) -> Result<Sentence, Fault> {
        let whom = self.whom(change)?;
        let name = match whom {
            Some(person) => Some(self.name(NounKind::Person, person.raw())?),
            None => None,
        };
        let mut sentence = Sentence { whom, name, head: String::new(), happened: change.happened, parts: Vec::new() };
        match &change.content {
            Content::Fields(fields) => {
                let (head, used) = self.head(change)?;
                sentence.head = head;
                for side in fields.iter().filter(|side| !used.contains(&side.column)) {
                    if !repeats(change, side, all) {
                        sentence.parts.extend(self.part(change, side)?);
                    }
                }
            }
            Content::Erased => sentence.head = heads::bare(change, "its text was lawfully erased"),
            Content::Foreign => sentence.head = heads::bare(change, "written by another version of mdt"),
        }
        Ok(sentence)
    }

    fn part(&self, change: &Alteration, side: &Sides) -> Result<Option<Part>, Fault> {
        let Some(ColumnWords::Is(label, said)) = columns::words(change.noun, side.column) else { return Ok(None) };
        let hide = self.masked && identifies(change.noun, side.column);
        let told = |cell: &Cell| -> Result<Option<String>, Fault> {
            Ok(self.said(said, cell)?.map(|text| if hide { HIDDEN.to_owned() } else { text }))
        };
        let (was, now) = (told(&side.was)?, told(&side.now)?);
        if was.is_none() && now.is_none() {
            return Ok(None);
        }
        let aside = change.happened != Happened::Altered && heads::is_aside(change.noun, side);
        let quoted = matches!(said, Said::Words) && !hide;
        Ok(Some(Part { label, was, now, quoted, aside }))
    }

    /// The person whose record it is.
    fn whom(&self, change: &Alteration) -> Result<Option<PersonId>, Fault> {
        let id = match change.noun {
            NounKind::Person => Some(change.row),
            NounKind::WrittenBack => match self.cell(change, "discussion")? {
                Some(Cell::Number(discussion)) => {
                    number(self.reader.last_known(NounKind::Discussion, discussion, "person")?)
                }
                Some(Cell::Nothing | Cell::Text(_)) | None => None,
            },
            _ => number(self.cell(change, "person")?),
        };
        Ok(id.map(PersonId::from_raw))
    }

    /// A cell of the record: as this change has it, or as it is known last.
    fn cell(&self, change: &Alteration, column: &'static str) -> Result<Option<Cell>, Fault> {
        if let Some(side) = change.fields().iter().find(|side| side.column == column) {
            let cell = if side.now == Cell::Nothing { &side.was } else { &side.now };
            return Ok(Some(cell.clone()));
        }
        match change.happened {
            Happened::Added | Happened::Removed if change.content != Content::Erased => Ok(None),
            Happened::Added | Happened::Altered | Happened::Removed => {
                self.reader.last_known(change.noun, change.row, column)
            }
        }
    }

    /// A cell in words, whole; nothing where it is empty.
    fn said(&self, said: Said, cell: &Cell) -> Result<Option<String>, Fault> {
        let text = match (said, cell) {
            (_, Cell::Nothing) => return Ok(None),
            (Said::Day, Cell::Text(text)) => Day::from_iso(text).map_or_else(|| text.clone(), |day| self.day(day)),
            (Said::Moment, Cell::Text(text)) => {
                Moment::from_iso(text).map_or_else(|| text.clone(), |moment| self.moment(moment))
            }
            (Said::Code(label), Cell::Text(text)) => label(text).unwrap_or(text).to_owned(),
            (Said::Members, Cell::Text(text)) => {
                let ids: Vec<i64> = serde_json::from_str(text).unwrap_or_default();
                let names: Result<Vec<String>, Fault> = ids.iter().map(|id| self.name(NounKind::Member, *id)).collect();
                match names?.join(", ") {
                    nobody if nobody.is_empty() => return Ok(None),
                    names => names,
                }
            }
            (Said::HowMany, Cell::Text(text)) => {
                serde_json::from_str::<Vec<i64>>(text).unwrap_or_default().len().to_string()
            }
            (_, Cell::Text(text)) => text.clone(),
            (Said::YesNo, Cell::Number(n)) => if *n == 0 { "no" } else { "yes" }.to_owned(),
            (Said::Score, Cell::Number(n)) => Score(*n).to_string(),
            (Said::Clock, Cell::Number(n)) => u16::try_from(*n)
                .ok()
                .and_then(|minutes| TimeOfDay::new(minutes / 60, minutes % 60))
                .map_or_else(|| n.to_string(), |time| time.to_string()),
            (Said::Minutes, Cell::Number(n)) => match n / 60 {
                0 if *n > 0 => "under 1 min".to_owned(),
                minutes => format!("{minutes} min"),
            },
            (Said::NhsNumber, Cell::Number(n)) => u64::try_from(*n)
                .ok()
                .and_then(NhsNumber::from_value)
                .map_or_else(|| n.to_string(), |number| number.to_string()),
            (Said::Name(noun), Cell::Number(n)) => self.name(noun, *n)?,
            (_, Cell::Number(n)) => n.to_string(),
        };
        Ok(Some(text))
    }

    /// A day as the house writes it, with the year where it is another one.
    fn day(&self, day: Day) -> String {
        day.seen_from(self.today)
    }

    /// `Thu 26-Nov 13:02`.
    pub fn moment(&self, moment: Moment) -> String {
        let (day, time) = clock::local(moment, &self.clock);
        format!("{} {time}", self.day(day))
    }

    /// The name of a record: what people call it instead of its number.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn name(&self, noun: NounKind, row: i64) -> Result<String, Fault> {
        if noun == NounKind::Person {
            self.people.borrow_mut().insert(PersonId::from_raw(row));
        }
        if let Some(name) = self.names.borrow().get(&(noun, row)) {
            return Ok(name.clone());
        }
        let name = self.look_up(noun, row)?;
        self.names.borrow_mut().insert((noun, row), name.clone());
        Ok(name)
    }

    fn look_up(&self, noun: NounKind, row: i64) -> Result<String, Fault> {
        let text = |column: &'static str| -> Result<Option<String>, Fault> {
            Ok(match self.reader.last_known(noun, row, column)? {
                Some(Cell::Text(text)) => Some(text),
                Some(Cell::Number(n)) => Some(n.to_string()),
                Some(Cell::Nothing) | None => None,
            })
        };
        let known = |found: Option<String>| found.unwrap_or_else(|| format!("a {} that is gone", noun.label()));
        let quoted = |found: Option<String>| match found {
            Some(text) => format!("“{}”", cut(&text.replace('\n', " "))),
            None => format!("a {} that is gone", noun.label()),
        };
        Ok(match noun {
            NounKind::Person => self.person(PersonId::from_raw(row), text)?,
            NounKind::Team | NounKind::Organisation | NounKind::Member | NounKind::Service => known(text("name")?),
            NounKind::Carer | NounKind::Household if self.masked => noun.label().to_owned(),
            NounKind::Carer | NounKind::Household => known(text("name")?),
            NounKind::Meeting => {
                let day = text("on")?.and_then(|text| Day::from_iso(&text));
                known(day.map(|day| self.day(day)))
            }
            NounKind::Goal => quoted(text("words")?),
            NounKind::Action => quoted(text("what")?),
            NounKind::Intake => quoted(text("file")?),
            NounKind::Nomination => known(text("asked_by")?.map(|by| format!("by {by}"))),
            NounKind::AgendaItem => match (text("title")?, number(self.reader.last_known(noun, row, "person")?)) {
                (Some(title), _) => format!("“{title}”"),
                (None, Some(person)) => self.name(NounKind::Person, person)?,
                (None, None) => known(None),
            },
            NounKind::Discussion | NounKind::Minutes | NounKind::Attendance => {
                match number(self.reader.last_known(noun, row, "meeting")?) {
                    Some(meeting) => self.name(NounKind::Meeting, meeting)?,
                    None => known(None),
                }
            }
            NounKind::BandEntry
            | NounKind::Objection
            | NounKind::KeyWorker
            | NounKind::Plan
            | NounKind::Addendum
            | NounKind::QueuedRow
            | NounKind::Proposal
            | NounKind::Activity
            | NounKind::Disclosure
            | NounKind::WrittenBack
            | NounKind::Viewing
            | NounKind::Hold
            | NounKind::Erasure
            | NounKind::Joining => noun.label().to_owned(),
        })
    }

    fn person(
        &self,
        id: PersonId,
        text: impl Fn(&'static str) -> Result<Option<String>, Fault>,
    ) -> Result<String, Fault> {
        if self.only.is_some_and(|only| only != id) {
            return Ok("another person".to_owned());
        }
        Ok(match self.reader.get::<Person>(id)? {
            Some(person) if self.masked => person.initials(),
            Some(person) => person.name(),
            None if self.masked => "somebody no longer on file".to_owned(),
            None => match (text("surname")?, text("forename")?) {
                (Some(surname), Some(forename)) => format!("{}, {forename}", surname.to_uppercase()),
                _ => "somebody no longer on file".to_owned(),
            },
        })
    }
}

fn number(cell: Option<Cell>) -> Option<i64> {
    match cell {
        Some(Cell::Number(n)) => Some(n),
        Some(Cell::Nothing | Cell::Text(_)) | None => None,
    }
}

/// The period of a key worker that follows in the same step on the one that this change ends.
fn handed_on<'c>(change: &Alteration, all: &'c [Alteration]) -> Option<&'c Alteration> {
    let ends = change.noun == NounKind::KeyWorker
        && change.happened == Happened::Altered
        && change.fields().iter().any(|side| side.column == "until" && side.now != Cell::Nothing);
    let follows = |it: &&Alteration| it.noun == NounKind::KeyWorker && it.happened == Happened::Added;
    let mut begun = all.iter().filter(follows);
    // With several in one step it is not plain which follows which: then each is told.
    begun.next().filter(|_| ends && begun.next().is_none())
}

/// The period that ends where this one begins.
fn taken_over<'c>(change: &Alteration, all: &'c [Alteration]) -> Option<&'c Alteration> {
    let begins = change.noun == NounKind::KeyWorker && change.happened == Happened::Added;
    all.iter().find(|it| begins && handed_on(it, all).is_some_and(|after| after.row == change.row))
}

/// Whether another change of the step says the same: a band's entry has what the person's own columns have.
fn repeats(change: &Alteration, side: &Sides, all: &[Alteration]) -> bool {
    let of_band = matches!(side.column, "band" | "band_on" | "score" | "score_tool" | "score_on");
    let entry = |it: &Alteration| {
        it.noun == NounKind::BandEntry
            && it
                .fields()
                .iter()
                .any(|side| side.column == "person" && [&side.was, &side.now].contains(&&Cell::Number(change.row)))
    };
    change.noun == NounKind::Person && change.happened == Happened::Altered && of_band && all.iter().any(entry)
}
