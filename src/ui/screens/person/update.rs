//! What the keys of a person's page do.

use ratatui::layout::Rect;

use crate::domain::agenda;
use crate::domain::change::Record;
use crate::domain::erasure::not_erased;
use crate::domain::meeting::Stage;
use crate::domain::person::Person;
use crate::store::fault::Fault;
use crate::store::history::Whose;
use crate::store::{Deed, Reader};
use crate::ui::command::{ListCommand, PersonCommand};
use crate::ui::effect::{Commit, Effect};
use crate::ui::model::Model;
use crate::ui::overlays::Overlay;
use crate::ui::overlays::confirm::Confirm;
use crate::ui::screens::history;

use super::blocks::label;
use super::save::What;
use super::{Page, Part, ask, view};

/// Runs a command of this room.
pub(in crate::ui) fn command(model: &mut Model, command: PersonCommand, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    // The page is taken out while it is worked with, and always put back.
    if command == PersonCommand::History {
        if let Some(person) = model.person.as_ref().map(|page| page.person.id) {
            history::open(model, Whose::Person(person), reader)?;
        }
        return Ok(Vec::new());
    }
    let Some(mut page) = model.person.take() else { return Ok(Vec::new()) };
    let done = run(model, &mut page, command, reader);
    model.person = Some(page);
    done.map(|()| Vec::new())
}

fn run(model: &mut Model, page: &mut Page, command: PersonCommand, reader: &Reader) -> Result<(), Fault> {
    let goes = matches!(command, PersonCommand::NextSection | PersonCommand::PreviousSection);
    if let (false, Err(why)) = (goes, not_erased(&page.person)) {
        model.refuse(why.to_string());
        return Ok(());
    }
    match command {
        PersonCommand::Edit => edit(model, page, reader),
        PersonCommand::Add => add(model, page, reader),
        PersonCommand::NextSection => {
            section(page, false);
            Ok(())
        }
        PersonCommand::PreviousSection => {
            section(page, true);
            Ok(())
        }
        PersonCommand::KeyWorker => {
            ask::key_worker(model, page);
            Ok(())
        }
        PersonCommand::Band => {
            ask::band(model, page);
            Ok(())
        }
        PersonCommand::Sharing => {
            ask::sharing(model, page);
            Ok(())
        }
        PersonCommand::Nominate => {
            ask::nominate(model, &page.person);
            Ok(())
        }
        PersonCommand::ToAgenda => put_on_agenda(model, &page.person, reader),
        PersonCommand::CloseAction => {
            close_action(model, page);
            Ok(())
        }
        PersonCommand::Standing => {
            ask::standing(model, page);
            Ok(())
        }
        PersonCommand::Hold => {
            ask::hold(model, page);
            Ok(())
        }
        // It leaves the page, which must not be taken out then.
        PersonCommand::History => Ok(()),
    }
}

/// Goes to the first part of the next section, or of this one or the one before; round at the ends.
fn section(page: &mut Page, back: bool) {
    let starts = |at: usize| {
        let label = |at: usize| page.parts.get(at).map(|part| label(*part));
        at == 0 || label(at) != label(at - 1)
    };
    let (here, len) = (page.cursor.at, page.parts.len());
    let found = if back {
        (0..here).rev().chain((here..len).rev()).find(|at| starts(*at))
    } else {
        (here + 1..len).chain(0..=here).find(|at| starts(*at))
    };
    page.cursor.at = found.unwrap_or(0);
    page.inside = 0;
}

/// Opens the card of the part under the cursor.
fn edit(model: &mut Model, page: &mut Page, reader: &Reader) -> Result<(), Fault> {
    match page.part() {
        Part::Identity => ask::identity(model, page),
        Part::Home => ask::home(model, page),
        Part::Band => ask::band(model, page),
        Part::Sharing => ask::sharing(model, page),
        Part::Objection(id) => {
            let found = page.objections.iter().find(|it| it.id == id).cloned();
            ask::objection(model, page, found);
        }
        Part::Flags => ask::flags(model, page),
        Part::Frailty => ask::frailty(model, page),
        part @ (Part::Matters | Part::Strengths | Part::Needs | Part::Contingency | Part::Review) => {
            ask::plan(model, page, part);
        }
        Part::NoGoal => ask::goal(model, page, None),
        Part::Goal(id) => ask::goal(model, page, page.goals.iter().find(|it| it.id == id).cloned()),
        Part::KeyWorker => ask::key_worker(model, page),
        Part::NoCarer => ask::carer(model, page, None),
        Part::Carer(id) => ask::carer(model, page, page.carers.iter().find(|it| it.id == id).cloned()),
        Part::Household => return ask::household(model, page, reader),
        Part::NoAction => ask::action(model, page, None),
        Part::Action(id) => match page.action(id).cloned() {
            Some(action) if !action.state.is_live() => {
                model.refuse("This action is closed. Undo (u) takes its end back, if that was a mistake.");
            }
            found => ask::action(model, page, found),
        },
        Part::NoNomination => ask::nomination(model, &page.person, None),
        Part::Nomination(id) => {
            let found = page.nominations.iter().find(|it| it.id == id).cloned();
            ask::nomination(model, &page.person, found);
        }
        Part::NoDiscussion => {
            model.say("A discussion is recorded at a meeting. Press m to put the person on the next agenda.")
        }
        Part::Discussion(id) => page.unfolded = if page.unfolded == Some(id) { None } else { Some(id) },
    }
    Ok(())
}

/// Opens an empty card of the kind of the part under the cursor.
fn add(model: &mut Model, page: &Page, reader: &Reader) -> Result<(), Fault> {
    match page.part() {
        Part::Sharing | Part::Objection(_) => ask::objection(model, page, None),
        Part::Matters
        | Part::NoGoal
        | Part::Goal(_)
        | Part::Strengths
        | Part::Needs
        | Part::Contingency
        | Part::Review => ask::goal(model, page, None),
        Part::KeyWorker => ask::key_worker(model, page),
        Part::NoCarer | Part::Carer(_) => ask::carer(model, page, None),
        Part::Household => return ask::household(model, page, reader),
        Part::NoAction | Part::Action(_) => ask::action(model, page, None),
        Part::NoNomination | Part::Nomination(_) => ask::nomination(model, &page.person, None),
        Part::Band => ask::band(model, page),
        Part::Identity | Part::Home | Part::Flags | Part::Frailty | Part::NoDiscussion | Part::Discussion(_) => {
            model.refuse(
                "Nothing is added here. Move to goals, carers, actions, nominations or sharing, and press a there.",
            );
        }
    }
    Ok(())
}

fn close_action(model: &mut Model, page: &Page) {
    match page.part() {
        Part::Action(id) => match page.action(id).cloned() {
            Some(action) if action.state.is_live() => ask::close_action(model, page, action),
            _ => model.refuse("This action is closed already."),
        },
        _ => model.refuse("Move to an action first; d closes it."),
    }
}

/// Moves over the parts; a part taller than the screen is read through before the next one.
pub(in crate::ui) fn list(model: &mut Model, command: ListCommand) {
    let Some(mut page) = model.person.take() else { return };
    let area = Rect::new(0, 0, model.size.0, model.size.1.saturating_sub(3));
    let (height, rows) = view::sight(model, &page, area);
    let step = (rows / 2).max(1);
    let tall = height > rows;
    match command {
        ListCommand::Down if tall && page.inside + rows < height => page.inside += step,
        ListCommand::Up if tall && page.inside > 0 => page.inside = page.inside.saturating_sub(step),
        other => {
            page.cursor.go(other, page.parts.len(), 6);
            page.inside = 0;
        }
    }
    model.person = Some(page);
}

/// Asks whether to put a person on the next agenda – that of the live meeting, where one is live.
///
/// # Errors
/// Any fault of the disk, or an unreadable row.
pub(in crate::ui) fn put_on_agenda(model: &mut Model, person: &Record<Person>, reader: &Reader) -> Result<(), Fault> {
    let Some(meeting) = model.next_meeting.clone() else {
        model.refuse("No meeting is planned. Plan one on the Agenda screen (3, then n).");
        return Ok(());
    };
    let items = reader.agenda(meeting.id)?;
    let (waiting, reasons) = match reader.candidate(&model.team, person.id, model.now.today)? {
        Some(candidate) => (candidate.nomination, agenda::reasons_note(&candidate.reasons, Some(&model.actor))),
        None => (None, None),
    };
    let minutes = model.team.minutes_each;
    match agenda::take(&meeting, &items, person, minutes, reasons, waiting.as_ref(), &mut model.mint) {
        Err(refusal) => model.refuse(format!("{}: {refusal}", model.name_of(person))),
        Ok(changes) => {
            let name = model.name_of(person);
            let which = if meeting.stage == Stage::Live { "the live meeting" } else { "the meeting" };
            let question = waiting.map(|_| " The nomination that waits goes with them.").unwrap_or_default();
            let body = format!(
                "{} goes last on the agenda of {which} of {}, with {minutes} minutes.{question}",
                model.subject_of(person),
                meeting.on.long()
            );
            let said = format!("{name} is on the agenda of {}.", meeting.on.short());
            let commit = Commit::new(Deed::change("Put on the agenda").at(meeting.id), changes, said);
            let card = Confirm::effects("Put on the agenda?", body, "put on", vec![commit.into()]);
            model.overlays.push(Overlay::Confirm(card));
        }
    }
    Ok(())
}

/// What a card about a person is for, ready to be saved.
pub(super) fn purpose(person: &Record<Person>, what: What) -> crate::ui::screens::Purpose {
    crate::ui::screens::Purpose::Person(super::Purpose { about: Box::new(person.clone()), what })
}
