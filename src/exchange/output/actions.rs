//! The action log as data: one versioned shape, written as JSON, CSV or a document.
//!
//! `{"format": "mdt-actions", "version": 1, "team": …, "on": "2026-11-26", "recipient": "full", …, "actions": [ … ]}`.
//! Days are ISO days, ids are strings (they have more digits than a spreadsheet keeps), what is not known is null.

use serde::{Deserialize, Serialize};

use crate::domain::Word;
use crate::domain::action::ActionState;
use crate::domain::change::{Record, RecordId};
use crate::domain::day::Day;
use crate::domain::id::{MemberId, PersonId, TeamId};
use crate::domain::team::Team;
use crate::store::action::{ActionFilter, ActionRow};
use crate::store::fault::Fault;
use crate::store::{FileKind, Reader};

use super::document::{CONFIDENTIALITY, Document, Mark, Row};
use super::minutes::DEMO;
use super::people::{overdue, plain_state, state, times, whom};
use super::recipient::{Permitted, Recipient};

/// The name of the shape.
pub const FORMAT: &str = "mdt-actions";
/// The version of the shape.
pub const VERSION: u32 = 1;

/// Actions as they leave.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionLog {
    /// Always [`FORMAT`].
    pub format: String,
    /// The version of the shape.
    pub version: u32,
    /// The team.
    pub team: String,
    /// `true` for invented people.
    pub demo: bool,
    /// The day on which it was made, and against which overdue days are counted.
    pub on: String,
    /// The recipient's code.
    pub recipient: String,
    /// The recipient in words.
    #[serde(default)]
    pub recipient_is: String,
    /// The confidentiality line.
    #[serde(default)]
    pub confidentiality: String,
    /// The actions, those still to be done first, by due day.
    pub actions: Vec<ActionLine>,
}

/// One action as it leaves.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionLine {
    /// Whom it is about, for the gate; never written.
    #[serde(skip)]
    pub about: Option<PersonId>,
    /// Whose it is, for the gate; never written.
    #[serde(skip)]
    pub owned_by: Option<MemberId>,
    /// Its identity in this file.
    pub id: String,
    /// For whom, `SURNAME, Forename (preferred)`; null for the team's own.
    pub person: Option<String>,
    /// Their NHS number, ten digits.
    pub nhs_number: Option<String>,
    /// Their day of birth.
    pub born: Option<String>,
    /// What is to be done.
    pub action: String,
    /// Who does it.
    pub owner: String,
    /// The owner's role.
    pub role: String,
    /// The owner's organisation.
    pub organisation: String,
    /// The day it was agreed.
    pub raised_on: String,
    /// The day by which it is to be done.
    pub due: String,
    /// Days past due; null where it is not overdue.
    pub overdue_days: Option<i64>,
    /// How many meetings it was carried past.
    pub carried: i64,
    /// `open`, `accepted`, `done`, `not done`, `withdrawn`.
    pub state: String,
    /// Since when; null while open.
    pub state_on: Option<String>,
    /// The reason code of `not done`.
    pub reason: Option<String>,
    /// What was said when it was closed.
    pub note: Option<String>,
}

/// The actions a filter lets through.
///
/// # Errors
/// Any fault of the file.
pub fn rows(reader: &Reader, team: TeamId, filter: &ActionFilter) -> Result<Vec<ActionRow>, Fault> {
    reader.actions(team, filter, 0, i64::MAX)
}

/// The action log of these rows.
pub fn log_of(reader: &Reader, team: &Record<Team>, rows: &[ActionRow], on: Day) -> ActionLog {
    ActionLog {
        format: FORMAT.to_owned(),
        version: VERSION,
        team: team.name.to_string(),
        demo: reader.kind() == FileKind::Demo,
        on: on.iso(),
        recipient: Recipient::Full.code(),
        recipient_is: Recipient::Full.says(),
        confidentiality: CONFIDENTIALITY.to_owned(),
        actions: rows.iter().map(|row| line(row, on)).collect(),
    }
}

/// The same as a document: a table.
pub fn document_of(reader: &Reader, team: &Record<Team>, rows: &[ActionRow], on: Day) -> Document {
    let mut document = Document::new("actions", format!("Actions – {}", on.long()), team.name.as_str());
    if reader.kind() == FileKind::Demo {
        document.notices.push(DEMO.to_owned());
    }
    document.meta("Team", team.name.as_str());
    document.meta("Made on", on.long());
    document.meta("Actions", rows.len().to_string());
    if rows.is_empty() {
        document.paragraph("There are no such actions.");
        return document;
    }
    let rows = rows
        .iter()
        .map(|row| {
            Row::of([
                whom(row),
                row.action.what.to_string(),
                row.owner.name.to_string(),
                row.organisation.clone(),
                row.action.due.to_string(),
                state(&row.action, on),
                times(row.action.carried),
            ])
            .marked(0, Some(Mark::Subject))
            .marked(5, overdue(&row.action, on))
            .about(row.action.person)
            .owned_by(row.owner.id)
            .opened(2, row.owner.role.as_str())
            .opened(5, plain_state(&row.action, on))
            .open([3, 4, 6])
        })
        .collect();
    let columns = [
        ("Person", 17),
        ("Action", 25),
        ("Owner", 12),
        ("Organisation", 15),
        ("Due", 14),
        ("State", 15),
        ("Carried", 10),
    ];
    document.table(&columns, rows);
    document
}

/// The log as JSON, one action a line of the file's text where a reader looks for it: indented.
///
/// # Errors
/// None that this shape can bring.
pub fn json(log: Permitted<'_, ActionLog>) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(log.what())
}

fn line(row: &ActionRow, on: Day) -> ActionLine {
    let action = &row.action;
    let note = |note: &Option<crate::domain::text::Note>| note.as_ref().map(ToString::to_string);
    let (state_on, reason, note) = match &action.state {
        ActionState::Open => (None, None, None),
        ActionState::Accepted { on } => (Some(*on), None, None),
        ActionState::Done { on, note: said } => (Some(*on), None, note(said)),
        ActionState::NotDone { on, reason, note: said } => (Some(*on), Some(reason.code().to_owned()), note(said)),
        ActionState::Withdrawn { on, why } => (Some(*on), None, Some(why.to_string())),
    };
    let person = row.person.as_ref();
    ActionLine {
        about: person.map(|person| person.id),
        owned_by: Some(row.owner.id),
        id: action.id.raw().to_string(),
        person: person.map(|person| person.name()),
        nhs_number: person.and_then(|person| person.nhs_number).map(|number| number.digits()),
        born: person.and_then(|person| person.born).map(Day::iso),
        action: action.what.to_string(),
        owner: row.owner.name.to_string(),
        role: row.owner.role.to_string(),
        organisation: row.organisation.clone(),
        raised_on: action.raised_on.iso(),
        due: action.due.iso(),
        overdue_days: action.overdue_days(on),
        carried: action.carried,
        state: action.state.code().to_owned(),
        state_on: state_on.map(Day::iso),
        reason,
        note,
    }
}
