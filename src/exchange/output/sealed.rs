//! Sealed minutes: frozen letter for letter, numbered, hashed; what comes later is an addendum, and a version.
//!
//! Nothing here writes: [`seal`] and [`addendum`] answer with the changes to commit. The frozen JSON is never touched;
//! addenda, version and seal line are put under it when it is shown.

use sha2::{Digest, Sha256};

use crate::clock::Clock;
use crate::domain::change::{Change, Mint, NounKind, Record, RecordId, add, alter};
use crate::domain::day::Moment;
use crate::domain::id::TeamId;
use crate::domain::meeting::{Meeting, Stage};
use crate::domain::minutes::{Addendum, Document as Frozen, Minutes};
use crate::domain::refusal::Refusal;
use crate::domain::team::Team;
use crate::domain::text::{Line, Note};
use crate::store::Reader;
use crate::store::fault::Fault;
use crate::store::log::hex;

use super::NotMade;
use super::cut;
use super::document::Document;
use super::erasing;
use super::minutes::{build, local_time};

/// Seals the minutes of a closed meeting: the changes to commit as `StepKind::Seal`, `.at(meeting)`.
///
/// # Errors
/// Refuses unless the meeting is closed; any fault of the file.
pub fn seal(
    reader: &Reader,
    team: &Record<Team>,
    meeting: &Record<Meeting>,
    by: &Line,
    clock: &Clock,
    mint: &mut Mint,
) -> Result<Vec<Change>, NotMade> {
    let refuse = |why: String| Err(NotMade::Refused(Refusal::new(why)));
    match meeting.stage {
        Stage::Closed => {}
        Stage::Sealed => {
            return refuse(format!(
                "The minutes of {} are sealed already: they can be written as they are, and added to.",
                meeting.on
            ));
        }
        Stage::Live => {
            return refuse("This meeting is still live. Close it, read the draft, then seal the minutes.".to_owned());
        }
        Stage::Planned | Stage::Cancelled => {
            return refuse(format!("The meeting of {} did not take place; nothing can be sealed.", meeting.on));
        }
    }
    let before = reader.head()?.seq;
    let mut document = build(reader, team, meeting, clock)?;
    if reader.head()?.seq != before {
        return refuse("Somebody changed the file while the minutes were being frozen. Nothing was sealed. Read the draft again, then seal it.".to_owned());
    }
    let at = clock.now().moment;
    document.meta("Number", (reader.count_sealed(team.id)? + 1).to_string());
    document.meta("Sealed", format!("{} by {by}", local_time(at, clock)));
    document.related = cut::related(reader, team, meeting, &document)?;
    let frozen = document
        .to_json()
        .map_err(|_| Refusal::new("The minutes could not be frozen as a document. Nothing was changed."))?;
    let sha256 = Line::parse(&hex(&Sha256::digest(frozen.as_bytes())))?;
    let minutes =
        Minutes { meeting: meeting.id, sealed_at: at, sealed_by: by.clone(), document: Frozen::new(frozen), sha256 };
    Ok(vec![add(mint.mint(), minutes), alter(meeting, |it| it.stage = Stage::Sealed)])
}

/// Adds to sealed minutes: the change to commit `.at(meeting)`.
///
/// # Errors
/// Refuses unless the minutes are sealed; any fault of the file.
pub fn addendum(
    reader: &Reader,
    meeting: &Record<Meeting>,
    by: &Line,
    text: Note,
    at: Moment,
    mint: &mut Mint,
) -> Result<Change, NotMade> {
    let minutes = reader.sealed_minutes(meeting.id)?.ok_or_else(|| {
        Refusal::new("These minutes are not sealed. Change the record itself; an addendum is for sealed minutes.")
    })?;
    Ok(add(mint.mint(), Addendum { minutes: minutes.id, at, by: by.clone(), text }))
}

/// The frozen document, and under it what came after: all of it, or as it was with the first so many addenda.
///
/// # Errors
/// Any fault of the file; a document that is not the one that was sealed.
pub fn document_of(
    reader: &Reader,
    meeting: &Record<Meeting>,
    clock: &Clock,
    addenda: Option<usize>,
) -> Result<Document, Fault> {
    let minutes = reader.sealed_minutes(meeting.id)?.ok_or_else(|| Fault::Unreadable {
        noun: NounKind::Meeting,
        row: meeting.id.raw(),
        column: "stage".to_owned(),
        why: "“sealed” without sealed minutes",
    })?;
    let unreadable = |why: &'static str| Fault::Unreadable {
        noun: NounKind::Minutes,
        row: minutes.id.raw(),
        column: "document".to_owned(),
        why,
    };
    let frozen = minutes.document.as_str();
    let hash = hex(&Sha256::digest(frozen.as_bytes()));
    let erased = reader.erasures_in(minutes.id)?;
    // Where a part was lawfully erased, the newest erasure says what the document has been since.
    let expected = erased.first().and_then(|it| it.hash_of(minutes.id)).unwrap_or(minutes.sha256.as_str());
    if hash != expected {
        return Err(unreadable("another text than the one that was sealed"));
    }
    let mut document = Document::from_json(frozen).map_err(unreadable)?;
    for it in erased.iter().rev() {
        document.notices.push(erasing::notice(it, clock));
    }
    let mut all = reader.addenda(minutes.id)?;
    all.truncate(addenda.unwrap_or(usize::MAX));
    let addenda = all;
    document.meta("Version", (addenda.len() + 1).to_string());
    if !addenda.is_empty() {
        document.of_the_team(|document| {
            document.heading(1, "Addenda");
            document.paragraph("Added after the minutes were sealed. The minutes above are as they were.");
            for it in &addenda {
                document.labelled(&format!("{}, {}", local_time(it.at, clock), it.by), it.text.as_str());
            }
        });
    }
    document.foot = reader.seal_of(meeting.id)?.map(|head| format!("Sealed: {}", head.printed()));
    Ok(document)
}

/// One version of sealed minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// 1 for what was sealed; one more with each addendum.
    pub number: usize,
    /// When.
    pub at: Moment,
    /// By whom.
    pub by: String,
    /// SHA-256 of the frozen document, or of the text of the addendum, in hexadecimal.
    pub sha256: String,
}

/// A meeting with the versions of its minutes.
pub type Versions = (Record<Meeting>, Vec<Version>);

/// The versions of the minutes of each meeting whose minutes are sealed, newest meeting first.
///
/// # Errors
/// Any fault of the file.
pub fn versions(reader: &Reader, team: TeamId) -> Result<Vec<Versions>, Fault> {
    let mut out = Vec::new();
    for meeting in reader.meetings(team)?.into_iter().filter(|meeting| meeting.stage == Stage::Sealed) {
        let Some(minutes) = reader.sealed_minutes(meeting.id)? else { continue };
        let mut versions = vec![Version {
            number: 1,
            at: minutes.sealed_at,
            by: minutes.sealed_by.to_string(),
            sha256: minutes.sha256.to_string(),
        }];
        versions.extend(reader.addenda(minutes.id)?.iter().zip(2..).map(|(it, number)| Version {
            number,
            at: it.at,
            by: it.by.to_string(),
            sha256: hex(&Sha256::digest(it.text.as_str().as_bytes())),
        }));
        out.push((meeting, versions));
    }
    Ok(out)
}
