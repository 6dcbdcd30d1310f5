//! Roll call: who is here, who sent apologies, who chairs. Also used during the walk, when somebody comes or goes.

use crate::domain::change::{Record, alter};
use crate::domain::meeting::{Attending, Meeting, Stage, attend, begin, step_out_or_in};
use crate::domain::member::Member;
use crate::store::fault::Fault;
use crate::store::{Deed, Reader};
use crate::ui::command::RollCommand;
use crate::ui::effect::{Commit, Effect};
use crate::ui::model::Model;
use crate::ui::overlays::Overlay;
use crate::ui::overlays::confirm::Confirm;

use super::{Part, cards, walk};

/// The members on the roll: everyone who has not left, and everyone recorded at this meeting.
pub(super) fn rows(model: &Model) -> Vec<&Record<Member>> {
    let room = &model.meeting;
    model
        .members
        .iter()
        .filter(|member| {
            member.left_on.is_none_or(|left| left > model.now.today) || room.attendance_of(member.id).is_some()
        })
        .collect()
}

/// Remembers on whom the cursor stands.
pub(super) fn remember(model: &mut Model) {
    model.meeting.roll_member = rows(model).get(model.meeting.roll_at.at).map(|member| member.id);
}

/// Runs a command of roll call.
pub(in crate::ui) fn command(model: &mut Model, command: RollCommand, _reader: &Reader) -> Result<Vec<Effect>, Fault> {
    Ok(match command {
        RollCommand::Toggle => toggle(model),
        RollCommand::Remote => mark(model, Attending::Remote),
        RollCommand::Apologies => mark(model, Attending::Apologies),
        RollCommand::Chair => name(model, "Name the chair", |meeting, member| meeting.chair = Some(member)),
        RollCommand::MinuteTaker => {
            name(model, "Name the minute-taker", |meeting, member| meeting.minute_taker = Some(member))
        }
        RollCommand::Guest => {
            cards::ask_guest(model);
            Vec::new()
        }
        RollCommand::Next => next(model),
    })
}

fn selected(model: &Model) -> Option<Record<Member>> {
    rows(model).get(model.meeting.roll_at.at).map(|member| (*member).clone())
}

/// In the room, or not. Once the walk is on, somebody who was here steps out or comes back: their hours are kept.
fn toggle(model: &mut Model) -> Vec<Effect> {
    let Some(member) = selected(model) else { return Vec::new() };
    let seen = model.meeting.attendance_of(member.id).cloned();
    let walking = model.meeting.here().is_some();
    if let Some(seen) = seen.as_ref().filter(|seen| walking && seen.attended()) {
        let said = if seen.here_now {
            format!("{} has stepped out.", member.name)
        } else {
            format!("{} is back.", member.name)
        };
        let change = step_out_or_in(seen, model.now.moment);
        return deed(model, "Record who is in the room", change, said);
    }
    let here = seen.is_some_and(|seen| seen.attending == Attending::InRoom && seen.here_now);
    mark(model, if here { Attending::Absent } else { Attending::InRoom })
}

fn mark(model: &mut Model, attending: Attending) -> Vec<Effect> {
    let (Some(member), Some(meeting)) = (selected(model), model.meeting.meeting.clone()) else { return Vec::new() };
    let seen = model.meeting.attendance_of(member.id).cloned();
    let change = attend(seen.as_ref(), &meeting, member.id, attending, model.now.moment, &mut model.mint);
    let said = format!("{}: {}.", member.name, crate::domain::Word::label(attending));
    let rows = rows(model).len();
    // The next name is under the cursor, so that a roll is a run of Enters.
    model.meeting.roll_at.go(crate::ui::command::ListCommand::Down, rows, 2);
    remember(model);
    deed(model, "Record attendance", change, said)
}

fn name(
    model: &mut Model,
    label: &'static str,
    set: impl FnOnce(&mut Meeting, crate::domain::id::MemberId),
) -> Vec<Effect> {
    let (Some(member), Some(meeting)) = (selected(model), model.meeting.meeting.clone()) else { return Vec::new() };
    let change = alter(&meeting, |it| set(it, member.id));
    let said = format!("{label}: {}.", member.name);
    deed(model, label, change, said)
}

fn deed(model: &Model, label: &'static str, change: crate::domain::change::Change, said: String) -> Vec<Effect> {
    let Some(meeting) = &model.meeting.meeting else { return Vec::new() };
    vec![Commit::new(Deed::change(label).at(meeting.id), vec![change], said).into()]
}

fn next(model: &mut Model) -> Vec<Effect> {
    let Some(meeting) = model.meeting.meeting.clone() else { return Vec::new() };
    if meeting.stage == Stage::Live && model.meeting.here().is_none() {
        let here = model.meeting.present().into_iter().filter_map(|id| model.member(id)).map(|member| &member.value);
        let quorum = model.team.quorum(here);
        if !quorum.is_met() {
            model.refuse(format!("{}. The minutes will say so.", quorum.in_words()));
        }
    }
    match meeting.stage {
        Stage::Planned => ask_begin(model, &meeting),
        Stage::Live if model.meeting.here().is_some() => model.meeting.part = Part::Walk,
        Stage::Live if model.meeting.matters.is_empty() => return start_walk(model),
        Stage::Live => model.meeting.part = Part::Matters,
        Stage::Closed | Stage::Sealed => model.refuse("This meeting is over. Its minutes are on screen 6."),
        Stage::Cancelled => model.refuse("This meeting was cancelled."),
    }
    Vec::new()
}

/// Asks whether to open the meeting. Opening is a step of its own; the roll is called after it.
pub(super) fn ask_begin(model: &mut Model, meeting: &Record<Meeting>) {
    match begin(meeting, &model.meeting.items, model.now.moment) {
        Err(refusal) => model.refuse(refusal.to_string()),
        Ok(changes) => {
            let early = if meeting.on == model.now.today {
                String::new()
            } else {
                format!(" It is planned for {}, not for today.", meeting.on.long())
            };
            let people = model.meeting.items.iter().filter(|item| item.person.is_some()).count();
            let body = format!(
                "The meeting of {} begins now, with {people} people on the agenda.{early} Then the roll is called.",
                meeting.on.long()
            );
            let commit = Commit::new(
                Deed::change("Open the meeting").at(meeting.id),
                changes,
                "The meeting is live. Mark who is here with Enter; n goes on.",
            );
            model.overlays.push(Overlay::Confirm(Confirm::effects(
                "Open the meeting?",
                body,
                "open it",
                vec![commit.into()],
            )));
        }
    }
}

/// Goes on to the walk: to the person the team was at, or the first who waits.
pub(super) fn start_walk(model: &mut Model) -> Vec<Effect> {
    model.meeting.part = Part::Walk;
    if model.meeting.here().is_some() {
        return Vec::new();
    }
    let Some(first) = model.meeting.next_waiting().cloned() else {
        model.refuse("Everyone on the agenda has been discussed. Press c to close the meeting.");
        return Vec::new();
    };
    walk::go_to(model, Some(&first))
}
