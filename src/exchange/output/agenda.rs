//! The agenda of a meeting as a document: who or what, when, for how long, and why.

use std::collections::BTreeMap;

use crate::domain::Word;
use crate::domain::agenda::{AgendaItem, Outcome};
use crate::domain::change::Record;
use crate::domain::day::TimeOfDay;
use crate::domain::id::PersonId;
use crate::domain::meeting::{Meeting, Stage};
use crate::domain::person::Person;
use crate::domain::team::Team;
use crate::domain::text::{Line, Note};
use crate::store::fault::Fault;
use crate::store::{FileKind, Reader};

use super::alike;
use super::document::{Document, Mark, Row};
use super::minutes::DEMO;
use super::people::{Members, identity_parts};

/// The agenda of a meeting.
///
/// # Errors
/// Any fault of the file.
pub fn document_of(reader: &Reader, team: &Record<Team>, meeting: &Record<Meeting>) -> Result<Document, Fault> {
    let members = Members::of(reader, team.id)?;
    let items = reader.agenda(meeting.id)?;
    let people: BTreeMap<PersonId, Record<Person>> =
        reader.agenda_people(meeting.id)?.into_iter().map(|person| (person.id, person)).collect();
    let mut document = Document::new("agenda", format!("Agenda – {}", meeting.on.long()), team.name.as_str());
    if meeting.stage == Stage::Cancelled {
        document.notices.push("CANCELLED – this meeting does not take place".to_owned());
    }
    if reader.kind() == FileKind::Demo {
        document.notices.push(DEMO.to_owned());
    }
    let named = |id: Option<_>| id.map_or_else(|| "to be named".to_owned(), |id| members.name_and_role(id));
    document.meta("Team", team.name.as_str());
    document.meta("Date", meeting.on.long());
    document.meta("Time", times(meeting, &items));
    document.meta("Place", meeting.place.as_ref().map_or("to be named", Line::as_str));
    document.meta("Chair", named(meeting.chair));
    document.meta("Minute-taker", named(meeting.minute_taker));
    if items.is_empty() {
        document.paragraph("The agenda is empty.");
        return Ok(document);
    }
    let mut at = meeting.starts;
    let mut rows = Vec::with_capacity(items.len());
    for (n, item) in items.iter().enumerate() {
        let person = item.person.and_then(|id| people.get(&id));
        rows.push(row(n + 1, at, item, person, &members, meeting));
        at = at.plus(taken(item));
    }
    let columns = [
        ("No.", 5),
        ("Time", 7),
        ("Min", 5),
        ("Person or item", 24),
        ("Why, and the question", 33),
        ("Lead", 14),
        ("Needed", 14),
    ];
    document.table(&columns, rows);
    alike::note(&mut document, people.values());
    Ok(document)
}

/// Planned minutes; what was taken off takes none.
fn taken(item: &AgendaItem) -> i64 {
    match item.outcome {
        Outcome::Waiting | Outcome::Discussed | Outcome::Deferred | Outcome::NotReached => item.minutes,
        Outcome::Withdrawn => 0,
    }
}

fn times(meeting: &Meeting, items: &[Record<AgendaItem>]) -> String {
    let total: i64 = items.iter().map(|item| taken(item)).sum();
    let (ends, room) = (meeting.starts.plus(total), meeting.starts.plus(meeting.length));
    let over = match total - meeting.length {
        over if over > 0 => format!(" – {over} minutes more than the meeting has (it is planned until {room})"),
        _ => String::new(),
    };
    format!("{} to {ends}, {total} minutes{over}", meeting.starts)
}

fn row(
    n: usize,
    at: TimeOfDay,
    item: &AgendaItem,
    person: Option<&Record<Person>>,
    members: &Members,
    meeting: &Meeting,
) -> Row {
    let who = match person {
        Some(person) => identity_parts(person, meeting.on).join("\n"),
        None => item.title.as_ref().map(Line::to_string).unwrap_or_default(),
    };
    let mut why: Vec<String> = item.reasons.iter().map(Note::to_string).collect();
    why.extend(item.question.as_ref().map(|question| format!("Question: {question}")));
    match item.outcome {
        Outcome::Waiting | Outcome::Discussed => {}
        Outcome::Deferred | Outcome::NotReached | Outcome::Withdrawn => {
            let because = item.outcome_why.as_ref().map(|why| format!(" – {why}")).unwrap_or_default();
            why.push(format!("{}{because}", item.outcome.label()));
        }
    }
    let row = Row::of([
        n.to_string(),
        at.to_string(),
        item.minutes.to_string(),
        who,
        why.join("\n"),
        item.lead.map(|id| members.name(id)).unwrap_or_default(),
        item.disciplines.as_ref().map(Line::to_string).unwrap_or_default(),
    ])
    .marked(3, Some(Mark::Subject))
    .open([0, 1, 2]);
    match item.person {
        Some(id) => row.about(Some(id)).opened(5, item.lead.map(|id| members.role(id)).unwrap_or_default()),
        None => row.of_the_team().opened(3, "Standing item"),
    }
}
