//! The paste block: what was recorded for one person at one meeting, as plain text for their record at the practice.
//!
//! It is that person's part of the minutes, word for word but without columns: cut out of the draft, or of the sealed document. Whoever copies
//! it commits [`Parcel::disclosure`] first, as with everything else that leaves.

use crate::clock::Clock;
use crate::domain::change::{Record, RecordId as _};
use crate::domain::discussion::Discussion;
use crate::domain::meeting::{Meeting, Stage};
use crate::domain::refusal::Refusal;
use crate::domain::team::Team;
use crate::store::Reader;

use super::cut::Gate;
use super::document::{Block, Document, Fact, Row, Span};
use super::outgoing::Parcel;
use super::recipient::Recipient;
use super::{NotMade, cover, file, minutes, plain};

/// Columns of a block: what the narrow fields of practice systems take without breaking lines again.
pub const WIDTH: usize = 76;

/// The most bytes that go to a terminal's clipboard at once: many terminals stop at 100,000 characters of Base64.
pub const MOST_BYTES: usize = 74_994;

/// The block of whoever a discussion is about, cut out of the minutes of their meeting.
///
/// # Errors
/// Refuses where the minutes have no part about this person; any fault of the file.
pub fn document_of(
    reader: &Reader,
    minutes: &Document,
    meeting: &Record<Meeting>,
    discussion: &Record<Discussion>,
    clock: &Clock,
) -> Result<Document, NotMade> {
    let person = discussion.person.raw().to_string();
    let part = minutes.parts().find(|part| part.person == Some(&person)).ok_or_else(|| {
        let unmarked = minutes.spans.is_empty() && meeting.stage == Stage::Sealed;
        Refusal::new(if unmarked {
            "These minutes were sealed by an earlier version of mdt, which did not write down whom each part is about. Export them and copy by hand."
        } else {
            "The minutes have no part about this person."
        })
    })?;
    let title = format!("MDT discussion {}, {}", meeting.on, minutes.team);
    let mut block = Document::new("paste block", title, &minutes.team);
    block.notices = minutes.notices.iter().filter(|it| it.as_str() == minutes::DEMO).cloned().collect();
    block.blocks = part.blocks.iter().flat_map(without_columns).collect();
    block.facts(agreed(minutes, discussion, clock));
    block.spans = vec![Span { person, from: 0, to: block.blocks.len() }];
    block.foot = Some(foot(reader, minutes, meeting)?);
    Ok(block)
}

/// A table as a list: where it is pasted, letters are of any width, and columns fall apart.
fn without_columns(block: &Block) -> Vec<Block> {
    let Block::Table { columns, rows } = block else { return vec![block.clone()] };
    let item = |row: &Row| {
        let cells = columns.iter().zip(&row.cells).filter(|(_, cell)| !cell.text.is_empty());
        let mut told = cells.map(|(column, cell)| match column.title.as_str() {
            "Due" => format!("due {}", cell.text),
            _ => cell.text.replace('\n', " "),
        });
        let what = told.next().unwrap_or_default();
        format!("{what} – {}", told.collect::<Vec<_>>().join(", "))
    };
    vec![
        Block::Heading { level: 3, text: "Actions".to_owned() },
        Block::List { items: rows.iter().map(item).collect() },
    ]
}

/// When it was read back and agreed, and who was in the chair. That it was not, the minutes say themselves.
fn agreed(minutes: &Document, discussion: &Discussion, clock: &Clock) -> Vec<Fact> {
    let Some(at) = discussion.agreed_at else { return Vec::new() };
    let chair = minutes.meta.iter().find(|fact| fact.label == "Chair").map_or("not recorded", |fact| &fact.text);
    let when = minutes::local_time(at, clock);
    vec![Fact::new("Agreed", format!("read back to those present on {when}, chair {chair}"))]
}

/// The seal, or that there is none. An addendum may be about anybody, so it is not in a block; that there is one is.
fn foot(reader: &Reader, minutes: &Document, meeting: &Record<Meeting>) -> Result<String, NotMade> {
    if meeting.stage != Stage::Sealed {
        return Ok("DRAFT – not sealed, may still change".to_owned());
    }
    let seal = minutes.foot.clone().unwrap_or_else(|| "Sealed".to_owned());
    let sealed = reader.sealed_minutes(meeting.id)?;
    let added = sealed.map(|it| reader.addenda(it.id)).transpose()?.map_or(0, |addenda| addenda.len());
    Ok(match added {
        0 => seal,
        1 => format!("{seal}\n1 addendum was added since and is not in this text: see the minutes."),
        n => format!("{seal}\n{n} addenda were added since and are not in this text: see the minutes."),
    })
}

/// The block, ready to leave by way of the clipboard: for the team itself, all of it.
///
/// # Errors
/// As [`document_of`]; refuses a block that is too long for a terminal's clipboard.
pub fn parcel(
    reader: &Reader,
    team: &Record<Team>,
    meeting: &Record<Meeting>,
    discussion: &Record<Discussion>,
    clock: &Clock,
) -> Result<Parcel, NotMade> {
    let minutes = minutes::document_of(reader, team, meeting, clock)?;
    let block = document_of(reader, &minutes, meeting, discussion, clock)?;
    let recipient = Recipient::Full;
    let cut = Gate::new(reader, team, Some(meeting.id), recipient.clone(), meeting.on)?.document(&block)?;
    let bytes = plain::block(cut.permitted(), WIDTH).into_bytes();
    if bytes.len() > MOST_BYTES {
        return Err(Refusal::new(format!(
            "This record is {} bytes long; a terminal's clipboard takes {MOST_BYTES} at most. Nothing was copied. Use mdt minutes --format txt.",
            bytes.len()
        ))
        .into());
    }
    Ok(Parcel {
        name: file::name("paste", meeting.on, &recipient, "txt"),
        bytes,
        reach: cut.reach().clone(),
        meeting: Some(meeting.id),
        label: "Copy a paste block",
        kind: "paste block",
        recipient,
        format: "clipboard",
        sealed: meeting.stage == Stage::Sealed,
    })
}

/// Family names of others the team works with just now that stand in this person's part: somebody should look at it before
/// it goes into the record.
///
/// # Errors
/// Any fault of the file.
pub fn names_others(
    reader: &Reader,
    team: &Record<Team>,
    block: &Document,
    discussion: &Discussion,
) -> Result<Vec<String>, NotMade> {
    let people = reader.people_in_hand(team.id)?;
    let own = people.iter().find(|it| it.id == discussion.person).map(|it| it.surname.as_str().to_lowercase());
    // The head of the page says nothing of anybody.
    let head = Document::new("", String::new(), "");
    let body = Document { confidentiality: String::new(), blocks: block.blocks.clone(), ..head };
    let texts = body.texts();
    let mut names: Vec<String> = people
        .iter()
        .filter(|it| it.id != discussion.person && Some(it.surname.as_str().to_lowercase()) != own)
        .filter(|it| texts.iter().any(|text| cover::replaced(text, it.surname.as_str(), "") != **text))
        .map(|it| it.surname.as_str().to_uppercase())
        .collect();
    names.sort();
    names.dedup();
    Ok(names)
}
