//! The preparation pack: who is on the agenda and why, what each discipline should look up, and for each person what the
//! team knew last time.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::agenda::AgendaItem;
use crate::domain::change::Record;
use crate::domain::day::Day;
use crate::domain::id::PersonId;
use crate::domain::meeting::Meeting;
use crate::domain::person::Person;
use crate::domain::team::Team;
use crate::domain::text::{Line, Note, fold};
use crate::store::{FileKind, Reader};

use super::NotMade;
use super::alike;
use super::document::{Document, Mark, Row};
use super::minutes::DEMO;
use super::people::{Members, identity, identity_parts};
use super::summary::Portrait;

/// The pack of a meeting.
///
/// # Errors
/// Any fault of the file.
pub fn document_of(
    reader: &Reader,
    team: &Record<Team>,
    meeting: &Record<Meeting>,
    today: Day,
) -> Result<Document, NotMade> {
    let members = Members::of(reader, team.id)?;
    let items = reader.agenda(meeting.id)?;
    let people: BTreeMap<PersonId, Record<Person>> =
        reader.agenda_people(meeting.id)?.into_iter().map(|person| (person.id, person)).collect();
    let mut document = Document::new("pack", format!("Preparation – {}", meeting.on.long()), team.name.as_str());
    if reader.kind() == FileKind::Demo {
        document.notices.push(DEMO.to_owned());
    }
    document.meta("Team", team.name.as_str());
    document.meta("Meeting", format!("{}, {}", meeting.on.long(), meeting.starts));
    document.meta("Place", meeting.place.as_ref().map_or("to be named", Line::as_str));
    let asked: Vec<(&Record<AgendaItem>, &Record<Person>)> =
        items.iter().filter_map(|item| Some((item, people.get(&item.person?)?))).collect();
    if asked.is_empty() {
        document.paragraph("Nobody is on the agenda.");
        return Ok(document);
    }
    alike::note(&mut document, people.values());
    by_discipline(&mut document, &asked, meeting);
    document.heading(1, "People");
    let portrait = Portrait { reader, members: &members, today };
    for (item, person) in &asked {
        document.about(person.id, |document| -> Result<(), NotMade> {
            document.heading(2, identity(person, meeting.on));
            if let Some(reasons) = &item.reasons {
                document.labelled("Why", reasons.as_str().replace('\n', "; "));
            }
            if let Some(question) = &item.question {
                document.labelled("Question", question.as_str());
            }
            let mut facts = portrait.first(person)?;
            facts.extend(portrait.used(person)?);
            document.facts(facts);
            if let Some(matters) = reader.plan(person.id)?.and_then(|plan| plan.value.matters) {
                document.labelled("What matters", matters.as_str());
            }
            portrait.doing(document, person)?;
            Ok(portrait.discussed(document, person)?)
        })?;
    }
    Ok(document)
}

/// For each discipline that an item asks for, whom to look up; whoever nobody is asked for stands under “Everybody”.
fn by_discipline(document: &mut Document, asked: &[(&Record<AgendaItem>, &Record<Person>)], meeting: &Meeting) {
    const EVERYBODY: &str = "Everybody";
    let named = |item: &AgendaItem| -> Vec<String> {
        let words = item.disciplines.as_ref().map(Line::as_str).unwrap_or_default();
        let words: Vec<String> =
            words.split([',', ';']).map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect();
        if words.is_empty() { vec![EVERYBODY.to_owned()] } else { words }
    };
    let mut disciplines: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    for name in asked.iter().flat_map(|(item, _)| named(item)) {
        if seen.insert(fold(&name)) {
            disciplines.push(name);
        }
    }
    disciplines.sort_by_key(|name| (name == EVERYBODY, fold(name)));
    document.heading(1, "Who should look up what");
    let mut rows: Vec<Row> = Vec::new();
    for discipline in disciplines {
        for (item, person) in asked {
            if !named(item).iter().any(|name| fold(name) == fold(&discipline)) {
                continue;
            }
            let why = item.question.as_ref().or(item.reasons.as_ref()).map(Note::to_string).unwrap_or_default();
            // Whom an item needs is typed by hand, and about that person.
            rows.push(
                Row::of([discipline.clone(), identity_parts(person, meeting.on).join("\n"), why])
                    .marked(1, Some(Mark::Subject))
                    .about(Some(person.id)),
            );
        }
    }
    document.table(&[("Needed", 22), ("Person", 33), ("The question, or why", 45)], rows);
}
