//! How a sentence begins: which record it is about, in the words people use for it, and which columns that says already.

use crate::domain::Word;
use crate::domain::activity::ActivityKind;
use crate::domain::band::Band;
use crate::domain::change::NounKind;
use crate::domain::day::Day;
use crate::domain::intake::ProposedField;
use crate::domain::meeting::Attending;
use crate::domain::viewing::Looked;
use crate::exchange::output::Format;
use crate::store::fault::Fault;
use crate::store::history::{Alteration, Cell, Happened, Sides};

use super::{HIDDEN, Teller, cut, number};

/// A beginning, and the columns it has said.
type Head = (String, &'static [&'static str]);

/// A sentence about a change of which nothing can be read any more.
pub(super) fn bare(change: &Alteration, why: &str) -> String {
    let done = match change.happened {
        Happened::Added => "added",
        Happened::Altered => "changed",
        Happened::Removed => "taken away",
    };
    format!("{} {done}; {why}", capital(change.noun.label()))
}

/// Whether a line of a list leaves this field out, where a record comes or goes: what everything begins as, and what says
/// less than the head.
pub(super) fn is_aside(noun: NounKind, side: &Sides) -> bool {
    let cell = if side.now == Cell::Nothing { &side.was } else { &side.now };
    let blank = match cell {
        Cell::Nothing => true,
        Cell::Number(n) => *n == 0,
        Cell::Text(text) => matches!(
            text.as_str(),
            "open"
                | "waiting"
                | "active"
                | "not recorded"
                | "unknown"
                | "not offered"
                | "not started"
                | "planned"
                | "routine"
                | "[]"
        ),
    };
    blank
        || match noun {
            NounKind::Action => !matches!(side.column, "owner" | "due"),
            NounKind::AgendaItem => side.column != "question",
            NounKind::Nomination => !matches!(side.column, "question" | "urgency"),
            NounKind::Discussion => side.column == "present",
            NounKind::BandEntry
            | NounKind::KeyWorker
            | NounKind::Minutes
            | NounKind::Intake
            | NounKind::QueuedRow
            | NounKind::Disclosure
            | NounKind::WrittenBack
            | NounKind::Viewing
            | NounKind::Hold
            | NounKind::Joining
            | NounKind::Erasure
            | NounKind::Addendum
            | NounKind::Attendance
            | NounKind::Meeting => true,
            NounKind::Team
            | NounKind::Organisation
            | NounKind::Member
            | NounKind::Person
            | NounKind::Objection
            | NounKind::Household
            | NounKind::Carer
            | NounKind::Plan
            | NounKind::Goal
            | NounKind::Proposal
            | NounKind::Activity
            | NounKind::Service => false,
        }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

impl Teller<'_> {
    /// How the sentence about this change begins.
    pub(super) fn head(&self, change: &Alteration) -> Result<Head, Fault> {
        match change.happened {
            Happened::Added => self.comes(change),
            Happened::Altered => Ok((self.subject(change)?, &[])),
            Happened::Removed => {
                let head = match change.noun {
                    NounKind::Person => "Taken off the file".to_owned(),
                    NounKind::AgendaItem => {
                        format!("{} taken off the agenda of {}", self.item(change)?, self.of_meeting(change)?)
                            .trim_start()
                            .to_owned()
                    }
                    _ => format!("{}: taken away", self.subject(change)?),
                };
                Ok((capital(&head), &[]))
            }
        }
    }

    fn text(&self, change: &Alteration, column: &'static str) -> Result<Option<String>, Fault> {
        Ok(match self.cell(change, column)? {
            Some(Cell::Text(text)) => Some(text),
            Some(Cell::Nothing | Cell::Number(_)) | None => None,
        })
    }

    /// Somebody's words in a head: on one line, cut where they are long.
    fn quoted(&self, change: &Alteration, column: &'static str) -> Result<String, Fault> {
        Ok(self.text(change, column)?.map(|text| format!("“{}”", cut(&text.replace('\n', " ")))).unwrap_or_default())
    }

    fn of(&self, change: &Alteration, column: &'static str, noun: NounKind) -> Result<String, Fault> {
        match number(self.cell(change, column)?) {
            Some(id) => self.name(noun, id),
            None => Ok("—".to_owned()),
        }
    }

    fn of_meeting(&self, change: &Alteration) -> Result<String, Fault> {
        self.of(change, "meeting", NounKind::Meeting)
    }

    /// The day of the meeting whose minutes an addendum is to.
    fn of_minutes(&self, change: &Alteration) -> Result<String, Fault> {
        self.of(change, "minutes", NounKind::Minutes)
    }

    fn day_in(&self, change: &Alteration, column: &'static str) -> Result<String, Fault> {
        let day = self.text(change, column)?.and_then(|text| Day::from_iso(&text));
        Ok(day.map(|day| self.day(day)).unwrap_or_default())
    }

    /// The title of an item that is about no person.
    fn item(&self, change: &Alteration) -> Result<String, Fault> {
        self.quoted(change, "title")
    }

    /// Which record it is.
    fn subject(&self, change: &Alteration) -> Result<String, Fault> {
        let row = change.row;
        Ok(match change.noun {
            NounKind::Team => "The team".to_owned(),
            NounKind::Household | NounKind::Carer if self.masked => capital(change.noun.label()),
            NounKind::Organisation | NounKind::Service | NounKind::Household | NounKind::Carer | NounKind::Member => {
                format!("{} {}", capital(change.noun.label()), self.name(change.noun, row)?)
            }
            NounKind::Person => "Record".to_owned(),
            NounKind::BandEntry => format!("Band from {}", self.day_in(change, "on")?),
            NounKind::Objection => format!("Objection to {}", self.of(change, "organisation", NounKind::Organisation)?),
            NounKind::KeyWorker => format!("Key worker {}", self.of(change, "member", NounKind::Member)?),
            NounKind::Plan => "Care plan".to_owned(),
            NounKind::Goal => format!("Goal {}", self.quoted(change, "words")?),
            NounKind::Nomination => {
                format!("Nomination by {}", self.text(change, "asked_by")?.unwrap_or_default())
            }
            NounKind::Meeting => format!("Meeting of {}", self.name(change.noun, row)?),
            NounKind::AgendaItem => {
                let title = self.item(change)?;
                let title = if title.is_empty() { "Item".to_owned() } else { title };
                format!("{title} on the agenda of {}", self.of_meeting(change)?)
            }
            NounKind::Attendance => format!(
                "{} at the meeting of {}",
                self.of(change, "member", NounKind::Member)?,
                self.of_meeting(change)?
            ),
            NounKind::Discussion => format!("Discussion of {}", self.of_meeting(change)?),
            NounKind::Action => format!("Action {}", self.quoted(change, "what")?),
            NounKind::Minutes => format!("Minutes of {}", self.of_meeting(change)?),
            NounKind::Addendum => format!("Addendum to the minutes of {}", self.of_minutes(change)?),
            NounKind::Intake => format!("List {}", self.quoted(change, "file")?),
            NounKind::QueuedRow => {
                let line = number(self.cell(change, "line")?).unwrap_or_default();
                format!("Line {line} of the list {}", self.of(change, "intake", NounKind::Intake)?)
            }
            NounKind::Proposal => format!("What a list proposes for {}", self.field(change)?),
            NounKind::Activity => self.use_of_service(change)?,
            NounKind::Disclosure => self.paper(change)?,
            NounKind::WrittenBack => format!(
                "Tick that it was written back (meeting of {})",
                self.of(change, "discussion", NounKind::Discussion)?
            ),
            NounKind::Viewing => "Look at the record".to_owned(),
            NounKind::Hold => format!("Legal hold {}", self.quoted(change, "why")?),
            NounKind::Joining => "Copy joined".to_owned(),
            NounKind::Erasure => "Erasure of the record".to_owned(),
        })
    }

    /// A record that comes.
    fn comes(&self, change: &Alteration) -> Result<Head, Fault> {
        let label = |column| self.text(change, column);
        Ok(match change.noun {
            NounKind::Team => (format!("Team {}", label("name")?.unwrap_or_default()), &["name"]),
            NounKind::Organisation | NounKind::Service => {
                (format!("New {} {}", change.noun.label(), label("name")?.unwrap_or_default()), &["name"])
            }
            NounKind::Member => (
                format!(
                    "{} joined the team as {}",
                    label("name")?.unwrap_or_default(),
                    label("role")?.unwrap_or_default()
                ),
                &["name", "role"],
            ),
            NounKind::Person => ("Came onto the caseload".to_owned(), &["surname", "forename"]),
            NounKind::BandEntry => (self.band(change)?, &["band", "before", "reason"]),
            NounKind::Objection => (
                format!("Objects to sharing with {}", self.of(change, "organisation", NounKind::Organisation)?),
                &["organisation"],
            ),
            NounKind::KeyWorker => {
                (format!("Key worker: {}", self.of(change, "member", NounKind::Member)?), &["member"])
            }
            NounKind::Household | NounKind::Carer => {
                let name = if self.masked { HIDDEN.to_owned() } else { label("name")?.unwrap_or_default() };
                (format!("New {} {name}", change.noun.label()), &["name"])
            }
            NounKind::Plan => ("Care plan begun".to_owned(), &[]),
            NounKind::Goal => (format!("New goal {}", self.quoted(change, "words")?), &["words"]),
            NounKind::Nomination => (
                format!("Nominated by {}: {}", label("asked_by")?.unwrap_or_default(), self.quoted(change, "reason")?),
                &["asked_by"],
            ),
            NounKind::Meeting => (format!("Meeting planned for {}", self.day_in(change, "on")?), &["on"]),
            NounKind::AgendaItem => {
                let head = format!("{} came onto the agenda of {}", self.item(change)?, self.of_meeting(change)?);
                (capital(head.trim_start()), &["meeting", "title"])
            }
            NounKind::Attendance => {
                let word = label("attending")?.and_then(|code| Attending::from_code(&code)).map_or("", Word::label);
                (format!("{}: {word}", self.subject(change)?), &["member", "meeting", "attending"])
            }
            NounKind::Discussion => {
                (format!("Discussion begun at the meeting of {}", self.of_meeting(change)?), &["meeting"])
            }
            NounKind::Action => (format!("New action {}", self.quoted(change, "what")?), &["what"]),
            NounKind::Minutes => {
                let by = label("sealed_by")?.unwrap_or_default();
                (format!("Minutes of {} sealed by {by}", self.of_meeting(change)?), &["meeting", "sealed_by"])
            }
            NounKind::Addendum => (format!("{}: {}", self.subject(change)?, self.quoted(change, "text")?), &[]),
            NounKind::Intake => (format!("List {} taken in", self.quoted(change, "file")?), &["file"]),
            NounKind::QueuedRow => {
                let why = label("why")?.unwrap_or_default();
                (format!("{} waits for a person to look: {why}", self.subject(change)?), &["line", "intake", "why"])
            }
            NounKind::Proposal => (format!("A list proposes for {}", self.field(change)?), &["field"]),
            NounKind::Activity => (self.use_of_service(change)?, &["kind", "on"]),
            NounKind::Disclosure => (self.paper(change)?, &["kind", "format", "recipient"]),
            NounKind::WrittenBack => (
                format!("Ticked as written back (meeting of {})", self.of(change, "discussion", NounKind::Discussion)?),
                &[],
            ),
            NounKind::Viewing => {
                let at = label("looked")?.and_then(|code| Looked::from_code(&code)).map_or("record", Word::label);
                (format!("Looked at ({at})"), &["looked"])
            }
            NounKind::Hold => (format!("Legal hold placed: {}", self.quoted(change, "why")?), &[]),
            NounKind::Erasure => (format!("Record lawfully erased: {}", self.quoted(change, "why")?), &["why"]),
            NounKind::Joining => {
                let steps = number(self.cell(change, "steps")?).unwrap_or_default();
                let steps = if steps == 1 { "1 step".to_owned() } else { format!("{steps} steps") };
                (format!("Another copy of the file joined: {steps} that only it had"), &["steps"])
            }
        })
    }

    /// `Band: MEDIUM → HIGH, because “…”`.
    fn band(&self, change: &Alteration) -> Result<String, Fault> {
        let band = |column| -> Result<Option<&'static str>, Fault> {
            Ok(self.text(change, column)?.and_then(|code| Band::from_code(&code)).map(Word::label))
        };
        let from = band("before")?.map(|before| format!("{before} → ")).unwrap_or_default();
        let why = self.quoted(change, "reason")?;
        let why = if why.is_empty() { why } else { format!(", because {why}") };
        Ok(format!("Band: {from}{}{why}", band("band")?.unwrap_or("—")))
    }

    /// `A&E attendance on Thu 12-Nov`.
    fn use_of_service(&self, change: &Alteration) -> Result<String, Fault> {
        let kind = self.text(change, "kind")?.and_then(|code| ActivityKind::from_code(&code));
        Ok(format!("{} on {}", capital(kind.map_or("activity", Word::label)), self.day_in(change, "on")?))
    }

    /// `Minutes left as Word for organisation:Age UK`.
    fn paper(&self, change: &Alteration) -> Result<String, Fault> {
        let text = |column| Ok::<_, Fault>(self.text(change, column)?.unwrap_or_default());
        let format = text("format")?;
        let format = Format::from_code(&format).map_or(format, |it| it.label().to_owned());
        Ok(format!("{} left as {format} for {}", capital(&text("kind")?), text("recipient")?))
    }

    fn field(&self, change: &Alteration) -> Result<String, Fault> {
        let field = self.text(change, "field")?.and_then(|code| ProposedField::from_code(&code));
        Ok(field.map_or("a field", Word::label).to_owned())
    }
}
