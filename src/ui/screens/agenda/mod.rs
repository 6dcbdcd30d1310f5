//! Candidates with reasons on the left, the agenda on the right.
//!
//! State and what is read are here; `update` runs the commands, `forms` makes and saves the cards, `view` draws.

mod forms;
mod update;
mod view;

use std::collections::BTreeMap;

use crate::domain::agenda::{AgendaItem, minutes_taken};
use crate::domain::alike::Alikes;
use crate::domain::change::Record;
use crate::domain::day::TimeOfDay;
use crate::domain::id::{AgendaItemId, MeetingId, NominationId, PersonId};
use crate::domain::meeting::{Meeting, Stage};
use crate::domain::nomination::Nomination;
use crate::domain::person::Person;
use crate::store::Reader;
use crate::store::agenda::{Candidate, Candidates};
use crate::store::fault::Fault;
use crate::ui::command::ListCommand;
use crate::ui::facts::Facts;
use crate::ui::model::Model;
use crate::ui::widgets::cursor::Cursor;

pub use forms::Purpose;
pub(in crate::ui) use forms::{refresh, save};
pub(in crate::ui) use update::{command, picked};
pub(in crate::ui) use view::view;

/// Which side has the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Side {
    #[default]
    Candidates,
    Agenda,
}

/// The room's state.
#[derive(Debug, Default)]
pub struct AgendaDesk {
    /// The meeting somebody asked for with `o`; else the next one is shown.
    chosen: Option<MeetingId>,
    meeting: Option<Record<Meeting>>,
    /// How many meetings `o` goes through.
    others: usize,
    items: Vec<Record<AgendaItem>>,
    people: BTreeMap<PersonId, Record<Person>>,
    /// Who of them can be taken for whom.
    alike: Alikes,
    /// Which candidates can be taken for somebody who is on it.
    like_agenda: Alikes,
    /// Which candidates can be taken for one another.
    like_each_other: Alikes,
    candidates: Candidates,
    side: Side,
    candidate_at: Cursor,
    item_at: Cursor,
    /// The item that has just come onto the agenda, so that the cursor goes with it.
    follow: Option<AgendaItemId>,
}

impl AgendaDesk {
    fn candidate(&self) -> Option<&Candidate> {
        self.candidates.rows.get(self.candidate_at.at)
    }

    fn item(&self) -> Option<&Record<AgendaItem>> {
        self.items.get(self.item_at.at)
    }

    fn selected_person(&self) -> Option<PersonId> {
        match self.side {
            Side::Candidates => self.candidate().map(|candidate| candidate.person.id),
            Side::Agenda => self.item().and_then(|item| item.person),
        }
    }

    /// Minutes the whole agenda takes.
    fn total(&self) -> i64 {
        self.items.iter().map(|item| minutes_taken(item)).sum()
    }

    /// When the first item begins, as far as is known: the real beginning, or the planned one.
    fn start(&self, model: &Model) -> TimeOfDay {
        let Some(meeting) = &self.meeting else { return model.team.starts };
        meeting.begun_at.map_or(meeting.starts, |at| model.now.time_of(at))
    }
}

/// The meetings whose agenda can be looked at here, oldest first: the last one held, the live one, those planned.
fn meetings(model: &Model, reader: &Reader) -> Result<Vec<Record<Meeting>>, Fault> {
    let mut all = reader.meetings(model.team.id)?;
    all.reverse();
    let last_held = all.iter().rposition(|it| matches!(it.stage, Stage::Closed | Stage::Sealed));
    Ok(all
        .into_iter()
        .enumerate()
        .filter(|(at, it)| Some(*at) == last_held || matches!(it.stage, Stage::Planned | Stage::Live))
        .map(|(_, meeting)| meeting)
        .collect())
}

/// Reads again what the room shows.
pub(in crate::ui) fn load(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    let all = meetings(model, reader)?;
    let next = model.next_meeting.as_ref().map(|meeting| meeting.id);
    let by_id = |id: Option<MeetingId>| all.iter().find(|meeting| Some(meeting.id) == id);
    let meeting = by_id(model.agenda.chosen)
        .or_else(|| by_id(next))
        .or_else(|| all.iter().rfind(|meeting| meeting.stage == Stage::Planned))
        .cloned();
    let (items, people) = match &meeting {
        Some(meeting) => (reader.agenda(meeting.id)?, reader.agenda_people(meeting.id)?),
        None => (Vec::new(), Vec::new()),
    };
    let candidates = reader.candidates(&model.team, meeting.as_ref().map(|meeting| meeting.id), model.now.today)?;
    let desk = &mut model.agenda;
    let was_candidate = desk.candidate().map(|candidate| candidate.person.id);
    let was_item = desk.follow.take().or_else(|| desk.item().map(|item| item.id));
    desk.others = all.len();
    desk.meeting = meeting;
    desk.alike = Alikes::among(&people);
    let waiting: Vec<&Record<Person>> = candidates.rows.iter().map(|row| &row.person).collect();
    desk.like_agenda = Alikes::between(&waiting, &people.iter().collect::<Vec<_>>());
    desk.like_each_other = Alikes::between(&waiting, &waiting);
    desk.people = people.into_iter().map(|person| (person.id, person)).collect();
    if let Some(at) = candidates.rows.iter().position(|row| Some(row.person.id) == was_candidate) {
        desk.candidate_at.at = at;
    }
    if let Some(at) = items.iter().position(|item| Some(item.id) == was_item) {
        desk.item_at.at = at;
    }
    desk.candidate_at.keep_within(candidates.rows.len());
    desk.item_at.keep_within(items.len());
    desk.candidates = candidates;
    desk.items = items;
    Ok(())
}

/// What gates may look at.
pub(in crate::ui) fn facts(model: &Model) -> Facts {
    let desk = &model.agenda;
    Facts {
        selected: match desk.side {
            Side::Candidates => desk.candidate().is_some(),
            Side::Agenda => desk.item().is_some(),
        },
        stage: desk.meeting.as_ref().map(|meeting| meeting.stage),
        has_items: !desk.items.is_empty(),
        ..Facts::default()
    }
}

/// Moves in the list of the side that has the keys.
pub(in crate::ui) fn list(model: &mut Model, command: ListCommand) {
    let page = usize::from(model.size.1.saturating_sub(8)) / 2;
    let desk = &mut model.agenda;
    match desk.side {
        Side::Candidates => desk.candidate_at.go(command, desk.candidates.rows.len(), page),
        Side::Agenda => desk.item_at.go(command, desk.items.len(), page),
    }
}

/// The nomination an item answers, as it stands.
fn nomination_of(item: &AgendaItem, reader: &Reader) -> Result<Option<Record<Nomination>>, Fault> {
    let id: Option<NominationId> = item.nomination;
    id.map_or(Ok(None), |id| reader.get(id))
}
