//! The one card on which an action is closed or changed, wherever it is met.

use crate::domain::Word;
use crate::domain::action::{Action, NotDoneReason, done, not_done, revise, withdraw};
use crate::domain::change::{Change, Record, replace};
use crate::domain::text::Note;

use super::model::Model;
use super::overlays::form::{Answers, Form, FormError};

words! {
    /// What becomes of the action.
    End {
        /// It was carried out.
        Done = "done", "done";
        /// It was not.
        NotDone = "not done", "NOT done: give a reason";
        /// It is no longer wanted.
        Withdrawn = "withdrawn", "withdrawn: say why";
        /// It still has to be done; owner, day or words change.
        Stays = "stays", "still to be done: change it below";
    }
}

/// What an action is, in a sentence for the head of a card.
pub fn intro(model: &Model, action: &Action) -> String {
    format!("{} – {}, due {}", action.what, model.owner_name(action.owner), action.due)
}

/// Adds the fields that close an action, with `end` filled in. Only a card with the fields of [`revising`] too may let it stay.
pub fn closing(form: Form, end: End, may_stay: bool) -> Form {
    let ends = End::ALL.iter().filter(|it| may_stay || **it != End::Stays);
    form.choice("end", "How", ends.map(|it| (it.code().to_owned(), it.label().to_owned())).collect(), end.code())
        .optional_word::<NotDoneReason>("reason", "If not done", None)
        .note("note", "In words", None, "what came of it, or why not")
}

/// Adds the fields that change an action.
pub fn revising(form: Form, model: &Model, action: Option<&Action>) -> Form {
    let mut owners = model.member_options();
    if let Some(owner) = action.map(|it| it.owner).filter(|owner| !owners.iter().any(|(id, _)| id == owner)) {
        owners.push((owner, model.owner_name(owner)));
    }
    form.line("what", "What", action.map(|it| it.what.as_str()), "one sentence that starts with a verb")
        .one_of("owner", "Owner", owners, action.map(|it| it.owner))
        .day_ahead("due", "Due", Some(action.map_or_else(|| model.default_due(), |it| it.due)))
}

/// The change a card with the fields of [`closing`] means, and what is said of it.
///
/// # Errors
/// At the field that needs another answer, or the domain's refusal.
pub fn close(answers: &Answers<'_>, was: &Record<Action>) -> Result<(Change, &'static str), FormError> {
    let today = answers.today;
    let note = Note::optional(&answers.text("note")).map_err(|why| FormError::at("note", why.to_string()))?;
    let reason = answers.chosen_word::<NotDoneReason>("reason");
    match answers.chosen_word("end").unwrap_or(End::Done) {
        End::Done if reason.is_some() => {
            Err(FormError::at("reason", "A reason stands only where it was not done. Set one of the two right."))
        }
        End::Done => Ok((done(was, today, note)?, "Done")),
        End::NotDone => {
            let reason = reason.ok_or_else(|| FormError::at("reason", "Choose why it was not done."))?;
            let change = not_done(was, today, reason, note).map_err(|why| FormError::at("note", why.to_string()))?;
            Ok((change, "Not done"))
        }
        End::Withdrawn => {
            let why = note.ok_or_else(|| FormError::at("note", "Say in a few words why it is no longer wanted."))?;
            Ok((withdraw(was, today, why)?, "Withdrawn"))
        }
        End::Stays => Ok((replace(was, revised(answers, was)?), "Changed")),
    }
}

/// The action as a card with the fields of [`revising`] would have it.
///
/// # Errors
/// At the field that needs another answer, or the domain's refusal.
pub fn revised(answers: &Answers<'_>, was: &Record<Action>) -> Result<Action, FormError> {
    let mut what = was.what.clone();
    answers.line("what", &mut what)?;
    let owner = if answers.changed("owner") { answers.required("owner")? } else { was.owner };
    let due = if answers.changed("due") { answers.required_day("due")? } else { was.due };
    Ok(revise(was, what, owner, due)?)
}
