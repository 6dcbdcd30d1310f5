//! The caseload's cards: the filter, and a person who is new.

use crate::domain::band::Band;
use crate::domain::change::add;
use crate::domain::organisation::OrganisationKind;
use crate::domain::person::{Person, Sex};
use crate::store::caseload::CaseFilter;
use crate::store::{Deed, Reader};
use crate::ui::effect::{Commit, Effect};
use crate::ui::model::Model;
use crate::ui::overlays::Overlay;
use crate::ui::overlays::form::{Answers, Form, FormError};
use crate::ui::screens::{self, NotSaved};

use super::window;

/// What saving a card of this room means.
#[derive(Clone, Debug, PartialEq)]
pub enum Purpose {
    /// Which people are listed.
    Filter,
    /// A new person; whether it was asked already if they are really another one.
    New {
        /// Somebody of that name and day of birth was found, and the card asks about it.
        doubted: bool,
    },
}

fn choice(yes: &str) -> Vec<(String, String)> {
    vec![(String::new(), "everybody".to_owned()), ("yes".to_owned(), yes.to_owned())]
}

fn yes(is: bool) -> &'static str {
    if is { "yes" } else { "" }
}

/// Asks which people to list.
pub(super) fn ask_filter(model: &mut Model) {
    let now = model.caseload.filter.clone();
    let form = Form::new("Filter the caseload", "", screens::Purpose::Caseload(Purpose::Filter))
        .optional_word::<Band>("band", "Band", now.band)
        .one_of("practice", "Practice", practices(model), now.practice)
        .choice("key_worker", "Key worker", choice("only those without a key worker"), yes(now.no_key_worker))
        .choice("review", "Review", choice("only those whose review is due"), yes(now.review_due))
        .choice("overdue", "Actions", choice("only those with an overdue action"), yes(now.overdue))
        .choice("standing", "Standing", standings(), yes(now.not_active));
    model.overlays.push(Overlay::Form(Box::new(form)));
}

fn standings() -> Vec<(String, String)> {
    vec![
        (String::new(), "on the active caseload".to_owned()),
        ("yes".to_owned(), "not active: discharged, moved, died".to_owned()),
    ]
}

fn practices(model: &Model) -> Vec<(crate::domain::id::OrganisationId, String)> {
    model
        .organisations
        .iter()
        .filter(|it| it.kind == OrganisationKind::Practice)
        .map(|it| (it.id, it.name.to_string()))
        .collect()
}

/// Asks who is new.
pub(super) fn ask_new(model: &mut Model) {
    let form = Form::new("New person", "", screens::Purpose::Caseload(Purpose::New { doubted: false }))
        .kept_as("caseload:person:new")
        .line("surname", "Surname", None, "")
        .line("forename", "Forename", None, "")
        .line("preferred", "Likes to be called", None, "")
        .day("born", "Born", None)
        .line("nhs_number", "NHS number", None, "ten digits")
        .one_of("practice", "Practice", practices(model), None)
        .word("sex", "Sex", Sex::Unknown)
        .line("address", "Address", None, "")
        .line("postcode", "Postcode", None, "")
        .line("phone", "Phone", None, "");
    model.overlays.push(Overlay::Form(Box::new(form)));
}

/// Saves a card.
pub(in crate::ui) fn save(
    model: &mut Model,
    purpose: &Purpose,
    answers: &Answers<'_>,
    reader: &Reader,
) -> Result<Vec<Effect>, NotSaved> {
    match purpose {
        Purpose::Filter => save_filter(model, answers, reader),
        Purpose::New { doubted } => save_new(model, *doubted, answers, reader),
    }
}

fn save_filter(model: &mut Model, answers: &Answers<'_>, reader: &Reader) -> Result<Vec<Effect>, NotSaved> {
    let is = |name| answers.text(name) == "yes";
    model.caseload.filter = CaseFilter {
        band: answers.chosen_word("band"),
        practice: answers.chosen("practice"),
        no_key_worker: is("key_worker"),
        review_due: is("review"),
        overdue: is("overdue"),
        not_active: is("standing"),
    };
    model.caseload.search = None;
    model.caseload.window = window::Window::default();
    window::load(model, reader)?;
    Ok(Vec::new())
}

fn save_new(model: &mut Model, doubted: bool, answers: &Answers<'_>, reader: &Reader) -> Result<Vec<Effect>, NotSaved> {
    let mut person = Person::new(model.team.id, answers.required_line("surname")?, answers.required_line("forename")?);
    answers.optional_line("preferred", &mut person.preferred)?;
    person.born = screens::person::day_of_birth(answers)?;
    person.nhs_number = screens::person::free_number(model, None, answers, reader)?;
    person.practice = answers.chosen("practice");
    answers.word("sex", &mut person.sex);
    answers.optional_line("address", &mut person.address)?;
    answers.optional_line("postcode", &mut person.postcode)?;
    answers.optional_line("phone", &mut person.phone)?;
    if answers.text("really") != "yes"
        && let Some(other) = reader.people_alike(person.team, &person.surname, &person.forename, person.born)?.first()
    {
        let known = model.subject_of(other);
        if !doubted {
            ask_whether_really(model);
        }
        return Err(FormError::at("really", format!("{known} has the same name and day of birth.")).into());
    }
    let id = model.mint.mint();
    let said = format!("{} is on the caseload.", model.name_of(&person));
    model.caseload.wish = Some(id);
    Ok(vec![Commit::new(Deed::change("Add person"), vec![add(id, person)], said).into()])
}

/// Adds the question to the card that is open.
fn ask_whether_really(model: &mut Model) {
    if let Some(Overlay::Form(form)) = model.overlays.last_mut() {
        let options = vec![
            (String::new(), "not sure: do not add".to_owned()),
            ("yes".to_owned(), "really another person".to_owned()),
        ];
        let mut asking = (**form).clone().choice("really", "Same person?", options, "");
        asking.purpose = screens::Purpose::Caseload(Purpose::New { doubted: true });
        **form = asking;
    }
}
