//! Sealed minutes from which one person is lawfully taken out: their part goes, the place where it stood stays.
//!
//! Nothing here writes: [`without`] answers with what the store is to put in the place of each document. The hash of the
//! minutes as they were sealed stays; the erasure keeps the hash they have since, and every copy made afterwards says so.

use sha2::{Digest as _, Sha256};

use crate::clock::{self, Clock};
use crate::domain::change::{NounKind, Record, RecordId as _};
use crate::domain::day::Day;
use crate::domain::erasure::{ERASED, Erasure};
use crate::domain::id::PersonId;
use crate::domain::minutes::{Document as Frozen, Minutes};
use crate::store::Reader;
use crate::store::erase::Redacted;
use crate::store::fault::Fault;
use crate::store::log::hex;

use super::document::{Block, Document, PARTS, Row, Span};

/// Every sealed minutes that speak of a person, without them.
///
/// # Errors
/// Any fault of the file; minutes this program cannot read.
pub fn without(reader: &Reader, person: PersonId, on: Day) -> Result<Vec<Redacted>, Fault> {
    let mut out = Vec::new();
    for seen in reader.minutes_about(person)? {
        let unreadable = |why: &'static str| Fault::Unreadable {
            noun: NounKind::Minutes,
            row: seen.id.raw(),
            column: "document".to_owned(),
            why,
        };
        let document = Document::from_json(seen.document.as_str()).map_err(unreadable)?;
        let text = without_person(document, &person.raw().to_string(), on)
            .to_json()
            .map_err(|_| unreadable("a document that could not be written again"))?;
        let sha256 = hex(&Sha256::digest(text.as_bytes()));
        out.push(Redacted { seen, now: Frozen::new(text), sha256 });
    }
    Ok(out)
}

/// The document with everything about one person gone.
pub(super) fn without_person(mut document: Document, person: &str, on: Day) -> Document {
    let mark = format!("[erased on {on}]");
    document.related.remove(person);
    for block in &mut document.blocks {
        if let Block::Table { rows, .. } = block {
            rows.iter_mut().filter(|row| row.person.as_deref() == Some(person)).for_each(|row| blank(row, &mark));
        }
    }
    let (blocks, spans) = (std::mem::take(&mut document.blocks), std::mem::take(&mut document.spans));
    let mut at = 0;
    for span in spans {
        document.blocks.extend(blocks.get(at..span.from).unwrap_or_default().iter().cloned());
        let theirs = blocks.get(span.from..span.to).unwrap_or_default();
        let from = document.blocks.len();
        if span.person == person {
            document.blocks.push(match theirs.first() {
                Some(Block::Heading { level, .. }) => Block::Heading { level: *level, text: mark.clone() },
                _ => Block::Paragraph { text: mark.clone() },
            });
        } else {
            document.blocks.extend(theirs.iter().cloned());
        }
        document.spans.push(Span { person: span.person, from, to: document.blocks.len() });
        at = span.to;
    }
    document.blocks.extend(blocks.get(at..).unwrap_or_default().iter().cloned());
    document
}

/// A row keeps its place and its owner: that somebody was to do something is a fact.
fn blank(row: &mut Row, mark: &str) {
    for (at, cell) in row.cells.iter_mut().enumerate() {
        cell.text = if at == 0 { mark.to_owned() } else { String::new() };
        cell.open = Some(cell.text.clone());
        cell.mark = None;
    }
}

/// What minutes say of themselves from which a part went.
pub(super) fn notice(erasure: &Erasure, clock: &Clock) -> String {
    let (day, _) = clock::local(erasure.at, clock);
    format!("Part of these minutes was lawfully erased on {day}. The seal is that of the minutes before.")
}

/// What is said of a copy made before: it still holds what is gone here.
pub(super) fn older_copy(erased: &[Record<Erasure>], clock: &Clock) -> Option<String> {
    let days: Vec<String> = erased.iter().map(|it| clock::local(it.at, clock).0.to_string()).collect();
    (!days.is_empty()).then(|| {
        format!(
            "Part of these minutes was lawfully erased since (on {}). A copy made before still holds what was erased: your procedure for erasure applies to it too.",
            days.join(", ")
        )
    })
}

/// What sealed minutes still say of somebody after the erasure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Remains {
    /// Minutes in which the surname stands in what was said of others.
    pub named: Vec<Record<Minutes>>,
    /// Minutes that do not say whom a part is about, because an early version sealed them, or that cannot be read: nothing is
    /// cut out of them. The person was on the agenda of their meeting, or the surname stands in them.
    pub uncut: Vec<Record<Minutes>>,
}

/// Looks through every sealed minutes; `redacted` are those from which a part goes.
///
/// # Errors
/// Any fault of the file.
pub fn remains(reader: &Reader, person: PersonId, surname: &str, redacted: &[Redacted]) -> Result<Remains, Fault> {
    let mut out = Remains::default();
    reader.each_sealed_minutes(person, |minutes, on_agenda| {
        let cut = redacted.iter().find(|it| it.seen.id == minutes.id);
        let text = cut.map_or(minutes.document.as_str(), |it| it.now.as_str());
        match Document::from_json(text) {
            Ok(document) => {
                let named = document.texts().iter().any(|text| super::cover::replaced(text, surname, ERASED) != **text);
                if document.version < PARTS && (on_agenda || named) {
                    out.uncut.push(minutes);
                } else if named {
                    out.named.push(minutes);
                }
            }
            // That damage stands in nobody's way to be erased.
            Err(_) => out.uncut.push(minutes),
        }
    })?;
    Ok(out)
}
