//! The rooms. Each has its state, its update and its view; no room knows another.

pub mod actions;
pub mod agenda;
pub mod caseload;
pub mod history;
pub mod home;
pub mod lists;
pub mod meeting;
pub mod minutes;
pub mod person;
pub mod team;

use crate::domain::id::PersonId;
use crate::store::Reader;
use crate::store::fault::Fault;

use super::effect::Effect;
use super::model::Model;
use super::overlays::form::{Answers, FormError};
use super::sending;

/// Which room is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// The first screen.
    Home,
    /// The table of people.
    Caseload,
    /// One person.
    Person,
    /// The agenda.
    Agenda,
    /// The meeting.
    Meeting,
    /// All actions.
    Actions,
    /// Minutes.
    Minutes,
    /// The team.
    Team,
    /// Lists that come in.
    Lists,
    /// What happened to the records.
    History,
}

impl Screen {
    /// The rooms that have a number, in order.
    pub const NUMBERED: [(char, Screen, &'static str); 7] = [
        ('1', Screen::Home, "Home"),
        ('2', Screen::Caseload, "Caseload"),
        ('3', Screen::Agenda, "Agenda"),
        ('4', Screen::Meeting, "Meeting"),
        ('5', Screen::Actions, "Actions"),
        ('6', Screen::Minutes, "Minutes"),
        ('8', Screen::Team, "Team"),
    ];
}

/// What saving a card means, by the room that opened it.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "there is one at a time, behind the box of its card")]
pub enum Purpose {
    /// Something of a person's record.
    Person(person::Purpose),
    /// Something of the caseload.
    Caseload(caseload::Purpose),
    /// Something of an agenda.
    Agenda(agenda::Purpose),
    /// Something of a meeting.
    Meeting(meeting::Purpose),
    /// Something of an action.
    Actions(actions::Purpose),
    /// Something of minutes.
    Minutes(minutes::Purpose),
    /// Something of the team.
    Team(team::Purpose),
    /// Something of a list that comes in.
    Lists(lists::Purpose),
    /// Something of the history.
    History(history::Purpose),
    /// Something that leaves.
    Send(sending::Purpose),
    /// Which member the user is.
    Me,
    /// After how many minutes the screen locks.
    LockAfter,
}

/// Why a card was not saved.
#[derive(Clone, Debug, PartialEq)]
pub enum NotSaved {
    /// A field needs another answer.
    Form(FormError),
    /// The file could not be read.
    Fault(Fault),
}

impl From<FormError> for NotSaved {
    fn from(error: FormError) -> Self {
        Self::Form(error)
    }
}

impl From<crate::domain::refusal::Refusal> for NotSaved {
    fn from(refusal: crate::domain::refusal::Refusal) -> Self {
        Self::Form(refusal.into())
    }
}

impl From<Fault> for NotSaved {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Saves a card: what it means in effects.
pub(super) fn save(
    model: &mut Model,
    purpose: &Purpose,
    answers: &Answers<'_>,
    reader: &Reader,
) -> Result<Vec<Effect>, NotSaved> {
    match purpose {
        Purpose::Person(it) => person::save(model, it, answers, reader),
        Purpose::Caseload(it) => caseload::save(model, it, answers, reader),
        Purpose::Agenda(it) => agenda::save(model, it, answers, reader),
        Purpose::Meeting(it) => meeting::save(model, it, answers, reader),
        Purpose::Actions(it) => actions::save(model, it, answers, reader),
        Purpose::Minutes(it) => minutes::save(model, it, answers, reader),
        Purpose::Team(it) => team::save(model, it, answers, reader),
        Purpose::Lists(it) => lists::save(model, it, answers),
        Purpose::History(it) => history::save(model, it, answers, reader),
        Purpose::Send(it) => Ok(sending::save(model, it, answers)?),
        Purpose::Me => team::save_me(model, answers),
        Purpose::LockAfter => Ok(super::idle::save(model, answers)?),
    }
}

/// Reads again the record a card was opened on, so that the answers can be put on top of somebody else's.
pub(super) fn refresh(purpose: &mut Purpose, reader: &Reader) -> Result<(), Fault> {
    match purpose {
        Purpose::Person(it) => person::refresh(it, reader),
        Purpose::Caseload(_)
        | Purpose::Minutes(_)
        | Purpose::Lists(_)
        | Purpose::History(_)
        | Purpose::Send(_)
        | Purpose::Me
        | Purpose::LockAfter => Ok(()),
        Purpose::Agenda(it) => agenda::refresh(it, reader),
        Purpose::Meeting(it) => meeting::refresh(it, reader),
        Purpose::Actions(it) => actions::refresh(it, reader),
        Purpose::Team(it) => team::refresh(it, reader),
    }
}

/// What picking a person is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PickFor {
    /// To go onto the agenda that is shown.
    Agenda,
    /// To be discussed in the live meeting, now or next.
    Meeting,
}

/// What a picked person means, in effects.
pub(super) fn picked(
    model: &mut Model,
    purpose: &PickFor,
    person: PersonId,
    reader: &Reader,
) -> Result<Vec<Effect>, Fault> {
    match purpose {
        PickFor::Agenda => agenda::picked(model, person, reader),
        PickFor::Meeting => meeting::picked(model, person, reader),
    }
}
