//! The cards of the actions: close, done, edit, narrow the list, the format of a file.

use crate::domain::action::{Action, done as carried_out};
use crate::domain::change::{Change, Record, RecordId as _, replace};
use crate::domain::text::Note;
use crate::exchange::output::outgoing::Paper;
use crate::store::action::{ActionFilter, ActionRow};
use crate::store::fault::Fault;
use crate::store::{Deed, Reader};
use crate::ui::action_card::{self, End};
use crate::ui::effect::{Commit, Effect};
use crate::ui::model::Model;
use crate::ui::overlays::form::{Answers, Form, FormError};
use crate::ui::screens::{self, NotSaved};
use crate::ui::sending;

use super::{Narrowing, When, load};

/// What saving a card of this room means.
#[derive(Clone, Debug, PartialEq)]
pub enum Purpose {
    /// Closes an action, as it was seen.
    Close(Box<Record<Action>>),
    /// Marks an action done, as it was seen.
    Done(Box<Record<Action>>),
    /// Changes an action, as it was seen.
    Edit(Box<Record<Action>>),
    /// Narrows the list.
    Narrow,
}

fn card(title: &str, subject: String, purpose: Purpose) -> Form {
    let name = match &purpose {
        Purpose::Close(action) => Some(format!("action:{}:close", action.id.raw())),
        Purpose::Done(action) => Some(format!("action:{}:done", action.id.raw())),
        Purpose::Edit(action) => Some(format!("action:{}:edit", action.id.raw())),
        Purpose::Narrow => None,
    };
    let form = Form::new(title, subject, screens::Purpose::Actions(purpose));
    match name {
        Some(name) => form.kept_as(name),
        None => form,
    }
}

fn subject(model: &Model, row: &ActionRow) -> String {
    row.person.as_ref().map_or_else(|| "The team's own action".to_owned(), |person| model.subject_of(person))
}

pub(super) fn close(model: &Model, row: &ActionRow) -> Form {
    let form = card("Close the action", subject(model, row), Purpose::Close(Box::new(row.action.clone())))
        .intro(action_card::intro(model, &row.action));
    action_card::closing(form, End::Done, false)
}

pub(super) fn done(model: &Model, row: &ActionRow) -> Form {
    card("Done", subject(model, row), Purpose::Done(Box::new(row.action.clone())))
        .intro(format!("{} – {}", row.action.what, row.owner.name))
        .line("note", "What came of it", None, "Nothing need be written")
}

pub(super) fn edit(model: &Model, row: &ActionRow) -> Form {
    let form = card("The action", subject(model, row), Purpose::Edit(Box::new(row.action.clone())));
    action_card::revising(form, model, Some(&row.action))
}

pub(super) fn narrowing(model: &Model) -> Form {
    let by = &model.actions.narrowing;
    let yes_no = |yes: &str, no: &str| vec![(String::new(), no.to_owned()), ("yes".to_owned(), yes.to_owned())];
    let flag = |on: bool| if on { "yes" } else { "" };
    let whose =
        model.me().map_or_else(|| "mine (say first who you are: m)".to_owned(), |me| format!("mine ({})", me.name));
    card("Which actions", String::new(), Purpose::Narrow)
        .verb("list these")
        .choice("mine", "Whose", yes_no(&whose, "everybody's"), flag(by.mine))
        .one_of("owner", "Owner", model.members.iter().map(|it| (it.id, it.name.to_string())), by.owner)
        .one_of("organisation", "Organisation", model.organisation_options(), by.organisation)
        .word("when", "Due", by.when)
        .choice("closed", "Closed ones", yes_no("listed too", "left out"), flag(by.with_closed))
}

pub(super) fn export(model: &Model) -> Form {
    let papers = vec![
        (Paper::Actions(ActionFilter::default()), "the action log"),
        (Paper::Slips(None), "a slip for each owner, with a draft to send it by"),
    ];
    sending::card(model, "Write the action log", "All actions of the team", papers, model.actions.narrowing.with_closed)
}

/// Saves a card.
pub(in crate::ui) fn save(
    model: &mut Model,
    purpose: &Purpose,
    answers: &Answers<'_>,
    reader: &Reader,
) -> Result<Vec<Effect>, NotSaved> {
    match purpose {
        Purpose::Close(was) => {
            let (change, said) = action_card::close(answers, was)?;
            Ok(one("Close an action", change, format!("{said}: {}", was.what)))
        }
        Purpose::Done(was) => {
            let change = carried_out(was, answers.today, note(answers)?)?;
            Ok(one("Close an action", change, format!("Done: {}", was.what)))
        }
        Purpose::Edit(was) => save_edit(was, answers),
        Purpose::Narrow => {
            let mine = answers.text("mine") == "yes";
            if mine && model.me().is_none() {
                return Err(FormError::at("mine", "Say first who you are: Esc, then m.").into());
            }
            model.actions.narrowing = Narrowing {
                mine,
                owner: if mine { None } else { answers.chosen("owner") },
                organisation: answers.chosen("organisation"),
                when: answers.chosen_word("when").unwrap_or(When::Any),
                with_closed: answers.text("closed") == "yes",
            };
            model.actions.at = 0;
            model.actions.selected = None;
            load(model, reader)?;
            Ok(Vec::new())
        }
    }
}

fn one(label: &'static str, change: Change, said: String) -> Vec<Effect> {
    vec![Commit::new(Deed::change(label), vec![change], said).into()]
}

fn note(answers: &Answers<'_>) -> Result<Option<Note>, NotSaved> {
    Note::optional(&answers.text("note")).map_err(|why| FormError::at("note", why.to_string()).into())
}

fn save_edit(was: &Record<Action>, answers: &Answers<'_>) -> Result<Vec<Effect>, NotSaved> {
    let now = action_card::revised(answers, was)?;
    if now == was.value {
        return Ok(Vec::new());
    }
    let said = format!("{} – due {}", now.what, now.due.short());
    Ok(one("Edit an action", replace(was, now), said))
}

/// Reads again the record a card was opened on.
pub(in crate::ui) fn refresh(purpose: &mut Purpose, reader: &Reader) -> Result<(), Fault> {
    match purpose {
        Purpose::Close(was) | Purpose::Done(was) | Purpose::Edit(was) => {
            if let Some(now) = reader.get(was.id)? {
                **was = now;
            }
        }
        Purpose::Narrow => {}
    }
    Ok(())
}
