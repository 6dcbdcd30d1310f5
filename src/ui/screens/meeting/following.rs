//! Following the screen that leads: its meeting goes on, this one goes along – but never under an open card or half-typed text.

use crate::domain::id::AgendaItemId;
use crate::ui::model::Model;
use crate::ui::screens::Screen;

use super::{Part, is_busy, item_name};

/// The item the meeting is on, as this screen knows it.
pub(in crate::ui) fn stands_on(model: &Model) -> Option<AgendaItemId> {
    model.meeting.meeting.as_ref()?.here
}

/// After another screen moved the meeting on from `was`: goes along where nothing is being written, and otherwise says for whom
/// that still is.
pub(in crate::ui) fn follow(model: &mut Model, was: Option<AgendaItemId>) {
    let now = stands_on(model);
    if now == was || now.is_none() || model.screen != Screen::Meeting {
        return;
    }
    let shown = model.meeting.page.as_ref().map(|page| page.item.clone());
    match shown {
        Some(item) if Some(item.id) != now && is_busy(model) => {
            let whose = item_name(model, &item);
            let what = if model.meeting.text.is_some() { "your text is" } else { "what you have open is" };
            model.say(format!(
                "The meeting has gone on to the next item; {what} still for {}.",
                whose.trim_end_matches('.')
            ));
        }
        // The walk begins: whoever looks at the roll comes along, unless they are in the middle of something.
        _ if was.is_none() && model.meeting.part != Part::Walk && model.overlays.is_empty() => {
            model.meeting.part = Part::Walk;
        }
        _ => {}
    }
}

/// The part of the meeting that is shown, to come back to it.
pub(in crate::ui) fn part(model: &Model) -> Part {
    model.meeting.part
}

/// Comes back to a part of the meeting. What was being read back is read back again.
pub(in crate::ui) fn come_back_to(model: &mut Model, part: Part) {
    if model.meeting.is_live() && model.meeting.text.is_none() {
        model.meeting.part = match part {
            Part::Walk | Part::ReadBack if model.meeting.page.is_some() => Part::Walk,
            Part::Walk | Part::ReadBack => Part::Roll,
            Part::Roll | Part::Matters => part,
        };
    }
}
