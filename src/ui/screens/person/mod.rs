//! One person's page: everything the team keeps about them, in one order, each part a thing to edit.
//!
//! `update` decides, `ask` opens the cards and `save` writes them, `blocks` words the parts and `view` lays them out.

mod ask;
mod blocks;
mod save;
mod update;
mod view;

use crate::domain::action::Action;
use crate::domain::activity::Activity;
use crate::domain::alike::Alikes;
use crate::domain::band::BandEntry;
use crate::domain::carer::Carer;
use crate::domain::change::Record;
use crate::domain::day::Day;
use crate::domain::discussion::Discussion;
use crate::domain::erasure::Erasure;
use crate::domain::hold::Hold;
use crate::domain::household::Household;
use crate::domain::id::{ActionId, CarerId, DiscussionId, GoalId, NominationId, ObjectionId, PersonId};
use crate::domain::key_worker::KeyWorker;
use crate::domain::meeting::Meeting;
use crate::domain::nomination::Nomination;
use crate::domain::person::Person;
use crate::domain::plan::{Goal, Plan};
use crate::domain::sharing::Objection;
use crate::domain::viewing::Looked;
use crate::store::Reader;
use crate::store::fault::Fault;
use crate::ui::facts::Facts;
use crate::ui::model::Model;
use crate::ui::widgets::cursor::Cursor;

use super::Screen;

pub(in crate::ui) use ask::nominate;
pub(in crate::ui) use save::{Purpose, day_of_birth, free_number, refresh, save};
pub(in crate::ui) use update::{command, list, put_on_agenda};
pub(in crate::ui) use view::view;

/// The room's state.
#[derive(Debug)]
pub struct Page {
    person: Record<Person>,
    bands: Vec<Record<BandEntry>>,
    objections: Vec<Record<Objection>>,
    key_workers: Vec<Record<KeyWorker>>,
    carers: Vec<Record<Carer>>,
    plan: Option<Record<Plan>>,
    goals: Vec<Record<Goal>>,
    nominations: Vec<Record<Nomination>>,
    actions: Vec<Record<Action>>,
    discussions: Vec<(Record<Meeting>, Record<Discussion>)>,
    /// What the person used in the last twelve months.
    activity: Vec<Record<Activity>>,
    household: Option<Record<Household>>,
    housemates: Vec<Record<Person>>,
    /// Legal holds, those that stand first.
    holds: Vec<Record<Hold>>,
    /// That the record was erased.
    erasure: Option<Record<Erasure>>,
    /// With whom of the next agenda the person can be mixed up, where they are on it.
    alike: Alikes,
    parts: Vec<Part>,
    cursor: Cursor,
    /// Lines scrolled into a part that is taller than the screen.
    inside: usize,
    /// The discussion shown in full.
    unfolded: Option<DiscussionId>,
}

/// A part of the page: what the cursor stands on and a card edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Identity,
    Home,
    Band,
    Sharing,
    Objection(ObjectionId),
    Flags,
    Frailty,
    Matters,
    NoGoal,
    Goal(GoalId),
    Strengths,
    Needs,
    Contingency,
    Review,
    KeyWorker,
    NoCarer,
    Carer(CarerId),
    Household,
    NoAction,
    Action(ActionId),
    NoNomination,
    Nomination(NominationId),
    NoDiscussion,
    Discussion(DiscussionId),
}

impl Part {
    /// Whether it stands in the left of two columns: who the person is and what they want.
    fn stands_left(self) -> bool {
        match self {
            Self::Identity
            | Self::Home
            | Self::Band
            | Self::Sharing
            | Self::Objection(_)
            | Self::Flags
            | Self::Frailty
            | Self::Matters
            | Self::NoGoal
            | Self::Goal(_)
            | Self::Strengths
            | Self::Needs
            | Self::Contingency
            | Self::Review => true,
            Self::KeyWorker
            | Self::NoCarer
            | Self::Carer(_)
            | Self::Household
            | Self::NoAction
            | Self::Action(_)
            | Self::NoNomination
            | Self::Nomination(_)
            | Self::NoDiscussion
            | Self::Discussion(_) => false,
        }
    }
}

impl Page {
    /// A page of which only the person is read yet.
    fn of(person: Record<Person>) -> Self {
        Self {
            person,
            bands: Vec::new(),
            objections: Vec::new(),
            key_workers: Vec::new(),
            carers: Vec::new(),
            plan: None,
            goals: Vec::new(),
            nominations: Vec::new(),
            actions: Vec::new(),
            discussions: Vec::new(),
            activity: Vec::new(),
            household: None,
            housemates: Vec::new(),
            holds: Vec::new(),
            erasure: None,
            alike: Alikes::default(),
            parts: Vec::new(),
            cursor: Cursor::default(),
            inside: 0,
            unfolded: None,
        }
    }

    fn read(person: Record<Person>, since: Day, reader: &Reader) -> Result<Self, Fault> {
        let (id, household) = (person.id, person.household);
        let mut page = Self {
            bands: reader.band_history(id)?,
            objections: reader.objections(id)?,
            key_workers: reader.key_workers(id)?,
            carers: reader.carers(id)?,
            plan: reader.plan(id)?,
            goals: reader.goals(id)?,
            nominations: reader.nominations(id)?,
            actions: reader.actions_of(id)?,
            discussions: reader.discussions_of(id)?,
            activity: reader.activity_since(id, since)?,
            holds: reader.holds(id)?,
            erasure: reader.erasure_of(id)?,
            ..Self::of(person)
        };
        if let Some(household) = household {
            page.household = reader.get(household)?;
            page.housemates = reader.household_of(household)?;
        }
        page.parts = page.all_parts();
        Ok(page)
    }

    fn all_parts(&self) -> Vec<Part> {
        fn or<T>(records: &[T], none: Part, some: impl Fn(&T) -> Part) -> Vec<Part> {
            if records.is_empty() { vec![none] } else { records.iter().map(some).collect() }
        }
        let mut parts = vec![Part::Identity, Part::Home, Part::Band, Part::Sharing];
        parts.extend(self.objections.iter().map(|it| Part::Objection(it.id)));
        parts.extend([Part::Flags, Part::Frailty, Part::Matters]);
        parts.extend(or(&self.goals, Part::NoGoal, |it| Part::Goal(it.id)));
        parts.extend([Part::Strengths, Part::Needs, Part::Contingency, Part::Review, Part::KeyWorker]);
        parts.extend(or(&self.carers, Part::NoCarer, |it| Part::Carer(it.id)));
        parts.push(Part::Household);
        parts.extend(or(&self.actions, Part::NoAction, |it| Part::Action(it.id)));
        parts.extend(or(&self.nominations, Part::NoNomination, |it| Part::Nomination(it.id)));
        parts.extend(or(&self.discussions, Part::NoDiscussion, |(_, it)| Part::Discussion(it.id)));
        parts
    }

    /// The part under the cursor.
    fn part(&self) -> Part {
        self.parts.get(self.cursor.at).copied().unwrap_or(Part::Identity)
    }

    /// The current key worker's period.
    fn key_worker(&self) -> Option<&Record<KeyWorker>> {
        self.key_workers.iter().find(|period| period.until.is_none())
    }

    fn action(&self, id: ActionId) -> Option<&Record<Action>> {
        self.actions.iter().find(|action| action.id == id)
    }
}

/// Opens a person's page.
///
/// # Errors
/// Any fault of the disk, or an unreadable row.
pub fn open(model: &mut Model, person: PersonId, reader: &Reader) -> Result<(), Fault> {
    match reader.get::<Person>(person)? {
        Some(person) => {
            let here =
                model.screen == Screen::Person && model.person.as_ref().is_some_and(|it| it.person.id == person.id);
            if !here {
                model.looked.push((person.id, Looked::Page));
            }
            model.person = Some(Page::of(person));
            model.go(Screen::Person, reader)
        }
        None => {
            model.refuse("This person is no longer in the file.");
            Ok(())
        }
    }
}

/// Whose page is open.
pub(in crate::ui) fn shown(model: &Model) -> Option<PersonId> {
    model.person.as_ref().map(|page| page.person.id)
}

/// Reads again what the room shows; the cursor stays on its part.
pub(in crate::ui) fn load(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    let Some(old) = &model.person else { return Ok(()) };
    let Some(person) = reader.get::<Person>(old.person.id)? else {
        model.person = None;
        model.refuse("This person is no longer in the file. Esc goes back.");
        return Ok(());
    };
    let mut page = Page::read(person, model.now.today.plus(-365), reader)?;
    page.cursor.at = page.parts.iter().position(|part| *part == old.part()).unwrap_or(old.cursor.at);
    page.cursor.keep_within(page.parts.len());
    let on_agenda = match &model.next_meeting {
        Some(meeting) => reader.agenda_people(meeting.id)?,
        None => Vec::new(),
    };
    page.alike = match on_agenda.iter().any(|it| it.id == page.person.id) {
        true => Alikes::among(&on_agenda),
        false => Alikes::default(),
    };
    page.inside = old.inside;
    page.unfolded = old.unfolded;
    model.person = Some(page);
    Ok(())
}

/// What gates may look at.
pub(in crate::ui) fn facts(model: &Model) -> Facts {
    let Some(page) = &model.person else { return Facts::default() };
    let live_action = match page.part() {
        Part::Action(id) => page.action(id).is_some_and(|action| action.state.is_live()),
        _ => false,
    };
    Facts { selected: true, live_action, ..Facts::default() }
}
