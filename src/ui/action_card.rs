//! The one card on which an action is closed or changed, wherever it is met.

use crate::domain::Word;
use crate::domain::action::{Action, NotDoneReason, done, not_done, withdraw};
use crate::domain::change::{Change, Record, alter};
use crate::domain::text::Note;

use super::model::Model;
use super::overlays::form::{Answers, Form, FormError};
use super::screens::Purpose;

words! {
    /// What becomes of the action.
    Outcome {
        /// It was carried out.
        Done = "done", "done";
        /// It was not.
        NotDone = "not done", "NOT done – give a reason";
        /// It is no longer wanted.
        Withdrawn = "withdrawn", "withdrawn – say why";
        /// It still has to be done; owner, day or words change.
        Stays = "stays", "still to be done – change it below";
    }
}

/// The card, with `outcome` filled in.
pub fn card(model: &Model, action: &Record<Action>, subject: String, outcome: Outcome, purpose: Purpose) -> Form {
    let reasons = NotDoneReason::ALL.iter().map(|reason| (reason.code().to_owned(), reason.label().to_owned()));
    let reasons = [(String::new(), "—".to_owned())].into_iter().chain(reasons).collect();
    Form::new("Action", subject, purpose)
        .intro(format!("{} · {} · due {}", action.what, model.owner_name(action.owner), action.due))
        .word("outcome", "Outcome", outcome)
        .choice("reason", "Reason if not done", reasons, "")
        .note("note", "In words", None, "what came of it, or why not")
        .one_of("owner", "Owner", model.member_options(), Some(action.owner))
        .day_ahead("due", "Due", Some(action.due))
        .line("what", "Action", Some(action.what.as_str()), "")
}

/// What the answers mean.
///
/// # Errors
/// At the field that needs another answer, or the domain's refusal.
pub fn read(answers: &Answers<'_>, action: &Record<Action>) -> Result<Change, FormError> {
    let today = answers.today;
    let note = Note::optional(&answers.text("note"))?;
    match answers.chosen_word::<Outcome>("outcome") {
        Some(Outcome::Done) => Ok(done(action, today, note)?),
        Some(Outcome::NotDone) => {
            let reason =
                answers.chosen_word("reason").ok_or_else(|| FormError::at("reason", "Choose why it was not done."))?;
            not_done(action, today, reason, note).map_err(|why| FormError::at("note", why.to_string()))
        }
        Some(Outcome::Withdrawn) => {
            let why = note.ok_or_else(|| FormError::at("note", "Say in a few words why it is withdrawn."))?;
            Ok(withdraw(action, today, why)?)
        }
        Some(Outcome::Stays) | None => {
            let mut now = action.value.clone();
            answers.line("what", &mut now.what)?;
            if answers.changed("owner") {
                now.owner = answers.required("owner")?;
            }
            if answers.changed("due") {
                now.due = answers.required_day("due")?;
            }
            Ok(alter(action, |it| *it = now))
        }
    }
}
