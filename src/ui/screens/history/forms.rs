//! The card that narrows a story.

use crate::domain::Word as _;
use crate::store::Reader;
use crate::store::fault::Fault;
use crate::store::history::Which;
use crate::store::log::StepKind;
use crate::ui::effect::Effect;
use crate::ui::model::Model;
use crate::ui::overlays::form::{Answers, Form};
use crate::ui::screens::{self, NotSaved};

use super::{Narrowing, narrow};

/// What saving a card of this room means.
#[derive(Clone, Debug, PartialEq)]
pub enum Purpose {
    /// Narrows the story.
    Narrow,
}

/// What the choice of days offers.
const DAYS: [(&str, &str); 6] = [
    ("", "any day"),
    ("1", "today"),
    ("7", "last 7 days"),
    ("30", "last 30 days"),
    ("92", "last 3 months"),
    ("366", "last year"),
];

const ALL: &str = "all";

pub(super) fn narrowing(model: &Model, reader: &Reader) -> Result<Form, Fault> {
    let by = &model.history.narrowing;
    let now = match by.which {
        Which::Done => "",
        Which::All => ALL,
        Which::Only(kind) => kind.code(),
    };
    let option = |(code, label): (&str, &str)| (code.to_owned(), label.to_owned());
    let mut kinds: Vec<(String, String)> =
        [("", "what was done"), (StepKind::View.code(), "who looked"), (ALL, "everything")].map(option).into();
    let others = StepKind::ALL.iter().filter(|kind| **kind != StepKind::View);
    kinds.extend(others.map(|kind| option((kind.code(), kind.label()))));
    let mut actors = vec![(String::new(), "everybody".to_owned())];
    actors.extend(reader.actors()?.into_iter().map(|actor| (actor.clone(), actor)));
    let days = by.days.map(|days| days.to_string()).unwrap_or_default();
    Ok(Form::new("Which steps", "", screens::Purpose::History(Purpose::Narrow))
        .verb("list these")
        .choice("which", "What", kinds, now)
        .choice("actor", "Who", actors, by.actor.as_deref().unwrap_or_default())
        .choice("days", "When", DAYS.map(option).into(), &days))
}

/// Saves a card.
pub(in crate::ui) fn save(
    model: &mut Model,
    purpose: &Purpose,
    answers: &Answers<'_>,
    reader: &Reader,
) -> Result<Vec<Effect>, NotSaved> {
    match purpose {
        Purpose::Narrow => {
            let which = answers.text("which");
            let which = match StepKind::from_code(&which) {
                Some(kind) => Which::Only(kind),
                None if which == ALL => Which::All,
                None => Which::Done,
            };
            let actor = Some(answers.text("actor")).filter(|actor| !actor.is_empty());
            let days = answers.text("days").parse().ok();
            narrow(model, Narrowing { which, actor, days }, reader)?;
            Ok(Vec::new())
        }
    }
}
