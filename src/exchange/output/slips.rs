//! A slip: what one owner is to do, on a page of their own, as a mail draft, or for their calendar.

use crate::domain::change::Record;
use crate::domain::day::Day;
use crate::domain::member::Member;
use crate::domain::team::Team;
use crate::store::action::ActionRow;
use crate::store::{FileKind, Reader};

use super::document::{Document, Mark, Row};
use super::minutes::DEMO;
use super::people::{overdue, plain_state, state, times, whom};

/// The slip of one owner: these rows are theirs.
pub fn document_of(
    reader: &Reader,
    team: &Record<Team>,
    owner: &Record<Member>,
    rows: &[ActionRow],
    on: Day,
) -> Document {
    let mut document = Document::new("slip", format!("Your actions – {}", on.long()), team.name.as_str());
    if reader.kind() == FileKind::Demo {
        document.notices.push(DEMO.to_owned());
    }
    document.meta("Team", team.name.as_str());
    document.meta("Made on", on.long());
    document.paragraph(format!(
        "These actions are yours, {}. Please tell the team of each when it is done, or why it was not – before the next meeting.",
        owner.name
    ));
    let rows = rows
        .iter()
        .map(|row| {
            Row::of([
                whom(row),
                row.action.what.to_string(),
                row.action.due.to_string(),
                state(&row.action, on),
                times(row.action.carried),
            ])
            .marked(0, Some(Mark::Subject))
            .marked(3, overdue(&row.action, on))
            .about(row.action.person)
            .owned_by(row.owner.id)
            .opened(3, plain_state(&row.action, on))
            .open([2, 4])
        })
        .collect();
    document.table(&[("Person", 26), ("Action", 38), ("Due", 13), ("State", 15), ("Carried", 9)], rows);
    document
}
