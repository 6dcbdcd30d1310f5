//! The mark beside a name that can be taken for another one of the same document.
//!
//! It names somebody in another person's part. So it is kept apart from both until the gate knows who reads: whoever does not
//! see one of the two is not told that there is another.

use crate::domain::alike::{Alikes, ON_AGENDA, warning};
use crate::domain::change::{Record, RecordId as _};
use crate::domain::id::PersonId;
use crate::domain::person::Person;
use crate::domain::text::displayable;

use super::cut::id_of;
use super::document::{Alike, Block, Document, Mark, Span};

/// Notes in a document who of an agenda can be mixed up with whom.
pub(super) fn note<'p>(document: &mut Document, people: impl IntoIterator<Item = &'p Record<Person>>) {
    let people: Vec<&Record<Person>> = people.into_iter().collect();
    let alikes = Alikes::between(&people, &people);
    for one in &people {
        for (other, why) in alikes.of(one.id) {
            let words = displayable(&warning(other, why, false, ON_AGENDA));
            let (person, other) = (one.id.raw().to_string(), other.id.raw().to_string());
            document.alike.push(Alike { person, other, words });
        }
    }
}

/// The same document with the marks beside the names, for whoever `sees` both people of a mark.
pub(super) fn marked(document: &Document, sees: impl Fn(PersonId) -> bool) -> Document {
    let mut out = document.clone();
    let mut told: Vec<(String, String)> = Vec::new();
    for Alike { person, other, words } in std::mem::take(&mut out.alike) {
        let both = [&person, &other].iter().all(|id| id_of(id).is_some_and(&sees));
        let mark = (person, words);
        if both && !told.contains(&mark) {
            beside_names(&mut out, &mark.0, &mark.1);
            told.push(mark);
        }
    }
    out
}

fn beside_names(document: &mut Document, person: &str, words: &str) {
    for Span { from, to, .. } in document.spans.iter().filter(|span| span.person == person) {
        let theirs = document.blocks.get_mut(*from..*to).unwrap_or_default();
        if let Some(Block::Heading { text, .. }) = theirs.first_mut() {
            text.push_str(&format!(" · {words}"));
        }
    }
    for block in &mut document.blocks {
        let Block::Table { rows, .. } = block else { continue };
        let theirs = rows.iter_mut().filter(|row| row.person.as_deref() == Some(person));
        for cell in theirs.flat_map(|row| &mut row.cells).filter(|cell| cell.mark == Some(Mark::Subject)) {
            cell.text.push_str(&format!("\n{words}"));
        }
    }
}
