//! The cards of the minutes: seal, addendum, what is written of a meeting.

use crate::domain::change::Record;
use crate::domain::id::{DiscussionId, MeetingId};
use crate::domain::meeting::Meeting;
use crate::domain::refusal::Refusal;
use crate::domain::text::Line;
use crate::domain::written_back;
use crate::exchange::output::outgoing::Paper;
use crate::exchange::output::{NotMade, sealed};
use crate::store::action::ActionFilter;
use crate::store::log::StepKind;
use crate::store::minutes::ShelfRow;
use crate::store::{Deed, Reader};
use crate::ui::effect::{Commit, Effect};
use crate::ui::model::Model;
use crate::ui::overlays::form::{Answers, Form};
use crate::ui::screens::{self, NotSaved};
use crate::ui::sending;

use super::paste;

/// What saving a card of this room means.
#[derive(Clone, Debug, PartialEq)]
pub enum Purpose {
    /// Seals the minutes of this meeting.
    Seal(MeetingId),
    /// Adds to the sealed minutes of this meeting.
    Addendum(MeetingId),
    /// Ticks that a discussion was written back.
    Tick {
        /// The meeting it was held at.
        meeting: MeetingId,
        /// The discussion.
        discussion: DiscussionId,
    },
}

fn card(title: String, purpose: Purpose) -> Form {
    Form::new(title, "", screens::Purpose::Minutes(purpose))
}

/// A card without fields rather than a question: the minutes are frozen as they are when Enter is pressed, not as they were
/// when the question was asked.
pub(super) fn seal(model: &Model, row: &ShelfRow) -> Form {
    let missing = row.people - row.discussed;
    let gaps = match missing {
        0 => String::new(),
        1 => " One person on the agenda was not discussed; the minutes say so.".to_owned(),
        n => format!(" {n} people on the agenda were not discussed; the minutes say so."),
    };
    let changed = match row.changed_after {
        0 => String::new(),
        1 => " ! 1 text was changed after it was read back; Enter in Minutes shows it, and the minutes say so."
            .to_owned(),
        n => format!(
            " ! {n} texts were changed after they were read back; Enter in Minutes shows them, and the minutes say so."
        ),
    };
    card(format!("Seal the minutes of {}?", row.meeting.on.short()), Purpose::Seal(row.meeting.id)).verb("seal").intro(
        format!(
            "They are frozen as they stand, word for word, and signed into the log as sealed by {}. After this nothing of the meeting can be changed or undone; a correction is an addendum.{gaps}{changed}",
            model.actor
        ),
    )
}

pub(super) fn addendum(_model: &Model, row: &ShelfRow) -> Form {
    card(format!("Addendum to {}", row.meeting.on.long()), Purpose::Addendum(row.meeting.id))
        .intro("It stands below the sealed minutes with your name and the time, for good.")
        .note("text", "Addendum", None, "What is added or put right")
        .kept_as(format!("addendum:{}", crate::domain::change::RecordId::raw(row.meeting.id)))
}

pub(super) fn export(model: &Model, row: &ShelfRow) -> Form {
    let of_meeting = ActionFilter { meeting: Some(row.meeting.id), ..ActionFilter::default() };
    let papers = vec![
        (Paper::Minutes(row.meeting.id), "the minutes"),
        (Paper::Actions(of_meeting), "the actions agreed at it"),
        (Paper::Slips(Some(row.meeting.id)), "a slip for each owner, with a draft to send it by"),
    ];
    sending::card(model, "Write for this meeting", row.meeting.on.long(), papers, true)
}

/// Saves a card.
pub(in crate::ui) fn save(
    model: &mut Model,
    purpose: &Purpose,
    answers: &Answers<'_>,
    reader: &Reader,
) -> Result<Vec<Effect>, NotSaved> {
    match purpose {
        Purpose::Seal(id) => {
            let (meeting, by) = (the_meeting(reader, *id)?, Line::parse(&model.actor)?);
            let clock = model.now.clock();
            let changes =
                sealed::seal(reader, &model.team, &meeting, &by, &clock, &mut model.mint).map_err(not_made)?;
            let deed = Deed::change("Seal minutes").of_kind(StepKind::Seal).at(meeting.id);
            Ok(vec![Commit::new(deed, changes, format!("The minutes of {} are sealed.", meeting.on)).into()])
        }
        Purpose::Addendum(id) => {
            let text = answers.required_note("text")?;
            let (meeting, by) = (the_meeting(reader, *id)?, Line::parse(&model.actor)?);
            let at = model.now.moment;
            let change = sealed::addendum(reader, &meeting, &by, text, at, &mut model.mint).map_err(not_made)?;
            let deed = Deed::change("Add an addendum").at(meeting.id);
            let said = format!("Added to the minutes of {}.", meeting.on);
            let draft = format!("addendum:{}", crate::domain::change::RecordId::raw(meeting.id));
            Ok(vec![Commit::new(deed, vec![change], said).dropping(draft).into()])
        }
        Purpose::Tick { meeting, discussion } => {
            let (by, at) = (Line::parse(&model.actor)?, model.now.moment);
            let before = reader.written_back(*discussion)?;
            let change = written_back::tick(*discussion, before.as_ref(), by, at, &mut model.mint)?;
            let said = paste::ticking(model, *meeting, *discussion);
            let deed = Deed::change("Tick as written back").at(*meeting);
            Ok(vec![Commit::new(deed, vec![change], said).into()])
        }
    }
}

fn the_meeting(reader: &Reader, id: MeetingId) -> Result<Record<Meeting>, NotSaved> {
    let gone = || Refusal::new("The meeting is not there any more. Nothing was changed.");
    Ok(reader.get(id)?.ok_or_else(gone)?)
}

fn not_made(error: NotMade) -> NotSaved {
    match error {
        NotMade::Refused(refusal) => refusal.into(),
        NotMade::Fault(fault) => fault.into(),
        NotMade::NotWritten(why) => Refusal::new(why.to_string()).into(),
    }
}
