//! What the keys of the agenda do.

use crate::domain::agenda::{Outcome, give_back, move_item, reasons_note, take, take_off};
use crate::domain::change::{Change, Record};
use crate::domain::id::PersonId;
use crate::domain::meeting::{Meeting, Stage, cancel};
use crate::domain::refusal::Refusal;
use crate::store::agenda::Candidate;
use crate::store::fault::Fault;
use crate::store::{Deed, Reader};
use crate::ui::command::AgendaCommand;
use crate::ui::effect::{Commit, Effect};
use crate::ui::model::Model;
use crate::ui::overlays::Overlay;
use crate::ui::overlays::confirm::Confirm;
use crate::ui::overlays::form::Form;
use crate::ui::overlays::pick::Pick;
use crate::ui::screens::{self, PickFor};

use super::{Side, forms, load, meetings, nomination_of};

/// Runs a command of this room.
pub(in crate::ui) fn command(model: &mut Model, command: AgendaCommand, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    match command {
        AgendaCommand::Take => return enter(model),
        AgendaCommand::Side => {
            model.agenda.side = match model.agenda.side {
                Side::Candidates => Side::Agenda,
                Side::Agenda => Side::Candidates,
            };
        }
        AgendaCommand::Find => {
            model.overlays.push(Overlay::Pick(Pick::new("Put on the agenda", PickFor::Agenda)));
        }
        AgendaCommand::Standing => open(model, forms::standing),
        AgendaCommand::Earlier => return Ok(moved(model, false)),
        AgendaCommand::Later => return Ok(moved(model, true)),
        AgendaCommand::Edit => edit(model),
        AgendaCommand::Remove => return remove(model, reader),
        AgendaCommand::Plan => {
            let form = forms::plan(model, reader)?;
            model.overlays.push(Overlay::Form(Box::new(form)));
        }
        AgendaCommand::Meeting => open(model, forms::meeting),
        AgendaCommand::Other => other(model, reader)?,
        AgendaCommand::Export => open(model, forms::export),
        AgendaCommand::Cancel => return ask_cancel(model, reader),
        AgendaCommand::Person => match model.agenda.selected_person() {
            Some(person) => screens::person::open(model, person, reader)?,
            None => model.refuse("This item is not about a person."),
        },
    }
    Ok(Vec::new())
}

fn open(model: &mut Model, form: impl FnOnce(&Model) -> Option<Form>) {
    match form(model) {
        Some(form) => model.overlays.push(Overlay::Form(Box::new(form))),
        None => model.refuse("No meeting is planned. Press n to plan one."),
    }
}

fn enter(model: &mut Model) -> Result<Vec<Effect>, Fault> {
    match model.agenda.side {
        Side::Candidates => {
            let candidate = model.agenda.candidate().cloned();
            Ok(candidate.map_or_else(Vec::new, |candidate| taken(model, &candidate, false)))
        }
        Side::Agenda => {
            edit(model);
            Ok(Vec::new())
        }
    }
}

/// Takes somebody onto the agenda shown: the item, its reasons and the nomination it answers, in one step.
fn taken(model: &mut Model, candidate: &Candidate, looked_up: bool) -> Vec<Effect> {
    let Some(meeting) = model.agenda.meeting.clone() else {
        model.refuse("No meeting is planned. Press n to plan one.");
        return Vec::new();
    };
    let reasons = reasons_note(&candidate.reasons, looked_up.then_some(model.actor.as_str()));
    let minutes = model.team.minutes_each;
    let done = take(
        &meeting,
        &model.agenda.items,
        &candidate.person,
        minutes,
        reasons,
        candidate.nomination.as_ref(),
        &mut model.mint,
    );
    let name = model.name_of(&candidate.person);
    match done {
        Ok(changes) => {
            model.agenda.follow = changes.iter().find_map(|change| match change {
                Change::AgendaItem(it) => Some(it.id),
                _ => None,
            });
            let said = format!("On the agenda: {name}, {minutes} min. Undo with u.");
            vec![Commit::new(Deed::change("Take onto the agenda").at(meeting.id), changes, said).into()]
        }
        Err(why) => {
            model.refuse(format!("{name}: {why}"));
            Vec::new()
        }
    }
}

fn refused(model: &mut Model, why: &Refusal) -> Vec<Effect> {
    model.refuse(why.to_string());
    Vec::new()
}

/// A person was picked for the agenda.
pub(in crate::ui) fn picked(model: &mut Model, person: PersonId, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    match reader.candidate(&model.team, person, model.now.today)? {
        Some(candidate) => Ok(taken(model, &candidate, true)),
        None => {
            model.refuse("This person is not on the caseload any more. Nothing was changed.");
            Ok(Vec::new())
        }
    }
}

/// Whether the keys are on the agenda; says so if not.
fn on_agenda(model: &mut Model) -> bool {
    let on = model.agenda.side == Side::Agenda;
    if !on {
        model.refuse("The keys are on the candidates. Press Tab to go to the agenda.");
    }
    on
}

fn edit(model: &mut Model) {
    if !on_agenda(model) {
        return;
    }
    match model.agenda.meeting.as_ref().map(|meeting| meeting.stage) {
        Some(Stage::Planned | Stage::Live) => open(model, forms::item),
        Some(Stage::Closed | Stage::Sealed | Stage::Cancelled) | None => {
            model.refuse("This meeting is over; its agenda stays as it was. Its minutes are on screen 6.");
        }
    }
}

fn moved(model: &mut Model, down: bool) -> Vec<Effect> {
    if !on_agenda(model) {
        return Vec::new();
    }
    let Some(meeting) = model.agenda.meeting.as_ref().map(|meeting| meeting.id) else { return Vec::new() };
    match move_item(&model.agenda.items, model.agenda.item_at.at, down) {
        Ok(changes) => vec![Commit::new(Deed::change("Move an agenda item").at(meeting), changes, "").into()],
        Err(why) => refused(model, &why),
    }
}

fn remove(model: &mut Model, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    if !on_agenda(model) {
        return Ok(Vec::new());
    }
    let (Some(meeting), Some(item)) = (model.agenda.meeting.clone(), model.agenda.item().cloned()) else {
        return Ok(Vec::new());
    };
    let nomination = nomination_of(&item, reader)?;
    if meeting.stage == Stage::Live && item.outcome == Outcome::Waiting && meeting.here != Some(item.id) {
        open(model, forms::withdraw);
        return Ok(Vec::new());
    }
    let name = forms::subject(model, &item);
    match take_off(&meeting, &item, nomination.as_ref(), None) {
        Ok(changes) => {
            let waits = if nomination.is_some() { " The nomination waits again." } else { "" };
            let body = format!("{name} comes off the agenda of {}.{waits} You can undo it.", meeting.on.short());
            let said = format!("Off the agenda: {name}.");
            let commit = Commit::new(Deed::change("Take off the agenda").at(meeting.id), changes, said);
            model.overlays.push(Overlay::Confirm(Confirm::effects(
                "Take off the agenda?",
                body,
                "take off",
                vec![commit.into()],
            )));
            Ok(Vec::new())
        }
        Err(why) => Ok(refused(model, &why)),
    }
}

/// Shows the meeting after the one shown, going round.
fn other(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    let all = meetings(model, reader)?;
    let shown = model.agenda.meeting.as_ref().map(|meeting| meeting.id);
    let at = all.iter().position(|meeting| Some(meeting.id) == shown);
    let next = at.map_or(0, |at| (at + 1) % all.len().max(1));
    match all.get(next) {
        Some(meeting) if Some(meeting.id) != shown => {
            model.agenda.chosen = Some(meeting.id);
            model.agenda.item_at.at = 0;
            load(model, reader)?;
            let said = format!("{} · {} · {} of {}", meeting.on.long(), stage_word(meeting), next + 1, all.len());
            model.say(said);
        }
        Some(_) => model.refuse("There is no other meeting. Press n to plan one."),
        None => model.refuse("No meeting is planned. Press n to plan one."),
    }
    Ok(())
}

fn stage_word(meeting: &Meeting) -> &'static str {
    crate::domain::Word::label(meeting.stage)
}

fn ask_cancel(model: &mut Model, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    let Some(meeting) = model.agenda.meeting.clone() else { return Ok(Vec::new()) };
    let changes = match cancelled(model, &meeting, reader)? {
        Ok(changes) => changes,
        Err(why) => return Ok(refused(model, &why)),
    };
    let people = model.agenda.items.iter().filter(|item| item.person.is_some()).count();
    let body = match people {
        0 => "Nobody is on its agenda.".to_owned(),
        1 => "The one person on its agenda becomes a candidate again.".to_owned(),
        n => format!("The {n} people on its agenda become candidates again."),
    };
    let title = format!("Cancel the meeting of {}?", meeting.on.short());
    let said = format!("The meeting of {} is cancelled.", meeting.on);
    let commit = Commit::new(Deed::change("Cancel a meeting").at(meeting.id), changes, said);
    model.overlays.push(Overlay::Confirm(Confirm::effects(title, body, "cancel the meeting", vec![commit.into()])));
    Ok(Vec::new())
}

/// The meeting cancelled, and every nomination of its agenda waiting again.
fn cancelled(model: &Model, meeting: &Record<Meeting>, reader: &Reader) -> Result<Result<Vec<Change>, Refusal>, Fault> {
    let mut changes = match cancel(meeting) {
        Ok(change) => vec![change],
        Err(why) => return Ok(Err(why)),
    };
    for item in &model.agenda.items {
        let nomination = nomination_of(item, reader)?;
        changes.extend(nomination.as_ref().and_then(give_back));
    }
    Ok(Ok(changes))
}
