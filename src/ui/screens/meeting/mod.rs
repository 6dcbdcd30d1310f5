//! The meeting: roll call, matters arising, the walk, read-back, close.
//!
//! `mod.rs` holds what the room shows and how it is read; `roll`, `matters` and `walk` are its three parts;
//! `writing` is the text being typed on the walk; `read_back` and `close` end a person and the meeting.

mod cards;
mod close;
mod following;
mod matters;
mod read_back;
mod roll;
mod sheet;
mod view;
mod view_read_back;
mod view_walk;
mod walk;
mod writing;

use std::collections::BTreeMap;

use crate::domain::action::Action;
use crate::domain::activity::Activity;
use crate::domain::agenda::{AgendaItem, Outcome};
use crate::domain::alike::Alikes;
use crate::domain::band::BandEntry;
use crate::domain::carer::Carer;
use crate::domain::change::Record;
use crate::domain::day::{Day, TimeOfDay};
use crate::domain::discussion::Discussion;
use crate::domain::id::{AgendaItemId, MemberId, PersonId};
use crate::domain::key_worker::KeyWorker;
use crate::domain::meeting::{Attendance, Meeting, Stage};
use crate::domain::member::Member;
use crate::domain::person::Person;
use crate::domain::plan::{Goal, Plan};
use crate::domain::sharing::{Objection, Sharing};
use crate::store::Reader;
use crate::store::action::{ActionFilter, ActionRow};
use crate::store::fault::Fault;
use crate::ui::command::{ListCommand, Scope};
use crate::ui::facts::Facts;
use crate::ui::model::Model;
use crate::ui::overlays::Overlay;
use crate::ui::widgets::cursor::Cursor;

use super::Screen;

pub use cards::Purpose;
pub(in crate::ui) use cards::{refresh, save};
pub(in crate::ui) use following::{come_back_to, follow, part, stands_on};
pub(in crate::ui) use matters::command as matters_command;
pub(in crate::ui) use read_back::command as read_back_command;
pub(in crate::ui) use roll::command as roll_command;
pub(in crate::ui) use view::{status, view};
pub(in crate::ui) use walk::{command as walk_command, picked};
pub(in crate::ui) use writing::{
    both_can_stand, chosen_over, drop_text, is_saving, not_saved, pasted, save_again, saved, take_both, typed,
    typing_hints,
};

/// Days that activity is shown of somebody who was never discussed.
pub(super) const SIX_MONTHS: i64 = 183;

/// The part of the meeting that is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// Who is here.
    #[default]
    Roll,
    /// Open actions of earlier meetings.
    Matters,
    /// One person at a time.
    Walk,
    /// What was agreed about this person, read back.
    ReadBack,
}

/// The room's state.
#[derive(Debug, Default)]
pub struct Room {
    /// The meeting that is live, or the one to begin.
    pub meeting: Option<Record<Meeting>>,
    part: Part,
    items: Vec<Record<AgendaItem>>,
    people: BTreeMap<PersonId, Record<Person>>,
    /// Who of them can be taken for whom.
    alike: Alikes,
    attendance: Vec<Record<Attendance>>,
    /// Items under which something was recorded that is not read back as it stands.
    not_agreed: Vec<AgendaItemId>,
    matters: Vec<ActionRow>,
    /// What stands on the agenda of the next planned meeting already.
    on_next: Vec<Record<AgendaItem>>,
    page: Option<Page>,
    text: Option<writing::Writing>,
    roll_at: Cursor,
    /// On whom the cursor of the roll stands, whoever is added to the list meanwhile.
    roll_member: Option<MemberId>,
    matter_at: Cursor,
    action_at: Option<usize>,
    scroll: usize,
    /// What was written last: it stays in sight.
    look_at: Option<writing::Heading>,
}

/// What the walk shows of one person.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) item: Record<AgendaItem>,
    pub(super) discussion: Option<Record<Discussion>>,
    /// Agreed before this meeting and to be done when it began.
    pub(super) to_date: Vec<Record<Action>>,
    /// Agreed under this item.
    pub(super) raised: Vec<Record<Action>>,
    pub(super) about: Option<About>,
}

/// The person of a page.
#[derive(Clone, Debug)]
pub(super) struct About {
    pub(super) person: Record<Person>,
    pub(super) plan: Option<Record<Plan>>,
    pub(super) goals: Vec<Record<Goal>>,
    pub(super) key_worker: Option<Record<KeyWorker>>,
    pub(super) bands: Vec<Record<BandEntry>>,
    pub(super) objections: Vec<Record<Objection>>,
    pub(super) carers: Vec<Record<Carer>>,
    pub(super) household: Vec<Record<Person>>,
    pub(super) last_discussed: Option<Day>,
    /// What the person used: since they were last discussed, or in the last six months.
    pub(super) activity: Vec<Record<Activity>>,
}

impl Room {
    /// Whose keys work.
    pub fn scope(&self) -> Scope {
        match self.part {
            Part::Roll => Scope::Roll,
            Part::Matters => Scope::Matters,
            Part::Walk => Scope::Walk,
            Part::ReadBack => Scope::ReadBack,
        }
    }

    /// Half-typed text and the name under which it is kept.
    pub fn text_in_progress(&self) -> Option<(String, String)> {
        let text = self.text.as_ref().filter(|text| text.editor.is_changed())?;
        Some((text.draft.clone(), text.to_keep()))
    }

    /// The name under which the text being written is kept.
    pub fn open_text(&self) -> Option<String> {
        self.text.as_ref().map(|text| text.draft.clone())
    }

    /// Those of them who were discussed: what is recorded of them was changed after it was read back.
    fn changed_after(&self) -> Vec<&Record<AgendaItem>> {
        let changed = |item: &&Record<AgendaItem>| {
            item.outcome == Outcome::Discussed && item.person.is_some() && self.not_agreed.contains(&item.id)
        };
        self.items.iter().filter(changed).collect()
    }

    fn is_live(&self) -> bool {
        self.meeting.as_ref().is_some_and(|meeting| meeting.stage == Stage::Live)
    }

    /// Whether the page shows the item the meeting is on.
    fn is_on_the_table(&self, item: AgendaItemId) -> bool {
        self.meeting.as_ref().is_some_and(|meeting| meeting.here == Some(item))
    }

    fn here(&self) -> Option<&Record<AgendaItem>> {
        let here = self.meeting.as_ref()?.here?;
        self.items.iter().find(|item| item.id == here)
    }

    /// The items a walk visits: not those withdrawn.
    fn next_waiting(&self) -> Option<&Record<AgendaItem>> {
        let here = self.meeting.as_ref().and_then(|meeting| meeting.here);
        let at = self.items.iter().position(|item| Some(item.id) == here).map_or(0, |at| at + 1);
        let waiting = |item: &&Record<AgendaItem>| item.outcome == Outcome::Waiting && Some(item.id) != here;
        self.items.iter().skip(at).find(waiting).or_else(|| self.items.iter().take(at).find(waiting))
    }

    fn earlier(&self) -> Option<&Record<AgendaItem>> {
        let here = self.meeting.as_ref().and_then(|meeting| meeting.here)?;
        let at = self.items.iter().position(|item| item.id == here)?;
        self.items.get(at.checked_sub(1)?)
    }

    /// How many people are still to come, the one on the table among them.
    fn left(&self) -> usize {
        self.items.iter().filter(|item| item.outcome == Outcome::Waiting && item.person.is_some()).count()
    }

    fn attendance_of(&self, member: MemberId) -> Option<&Record<Attendance>> {
        self.attendance.iter().find(|row| row.member == member)
    }

    /// Members in the room at this moment.
    fn present(&self) -> Vec<MemberId> {
        self.attendance.iter().filter(|row| row.here_now).map(|row| row.member).collect()
    }

    /// Seconds spent on the item on the table, earlier visits among them.
    fn spent_here(&self, model: &Model) -> i64 {
        let Some(item) = self.here() else { return 0 };
        let since = self.meeting.as_ref().and_then(|meeting| meeting.here_since);
        item.spent + since.map_or(0, |since| model.now.moment.seconds_since(since))
    }

    /// When the meeting will be through, from the wall clock and what is planned for the rest.
    fn projected_end(&self, model: &Model) -> TimeOfDay {
        let rest: i64 = self
            .items
            .iter()
            .filter(|item| item.outcome == Outcome::Waiting && Some(item.id) != self.here().map(|here| here.id))
            .map(|item| item.minutes)
            .sum();
        let here = self
            .here()
            .filter(|item| item.outcome == Outcome::Waiting)
            .map_or(0, |item| (item.minutes - self.spent_here(model) / 60).max(0));
        model.now.time.plus(rest + here)
    }

    fn page_actions(&self) -> Vec<&Record<Action>> {
        self.page.iter().flat_map(|page| page.to_date.iter().chain(&page.raised)).collect()
    }
}

impl About {
    /// Members in the room whose organisation this person objects to.
    pub(super) fn must_step_out<'m>(&self, model: &'m Model, present: &[MemberId]) -> Vec<&'m Record<Member>> {
        present
            .iter()
            .filter_map(|id| model.member(*id))
            .filter(|member| {
                self.objections
                    .iter()
                    .any(|objection| objection.lifted_on.is_none() && objection.organisation == member.organisation)
            })
            .collect()
    }

    /// Whether this person may be discussed at all without a typed reason.
    pub(super) fn objects_to_all(&self) -> bool {
        self.person.sharing == Sharing::ObjectedToAll
    }
}

/// Reads again what the room shows.
pub(in crate::ui) fn load(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    let team = model.team.id;
    let due = model.next_meeting.clone();
    let busy = is_busy(model);
    // The meeting on the table stays until another one is due: after closing, the room still shows what was closed.
    let kept = match &model.meeting.meeting {
        Some(kept) => reader.get::<Meeting>(kept.id)?,
        None => None,
    };
    let meeting = match (kept, due) {
        (_, Some(due)) if due.stage == Stage::Live => Some(due),
        (Some(kept), _)
            if kept.stage == Stage::Live || (kept.on == model.now.today && kept.stage != Stage::Cancelled) =>
        {
            Some(kept)
        }
        (_, Some(due)) => Some(due),
        (_, None) => reader.latest_meeting(team)?,
    };
    let matter = model.meeting.matters.get(model.meeting.matter_at.at).map(|row| row.action.id);
    let chosen = model.meeting.action_at.and_then(|at| model.meeting.page_actions().get(at).map(|action| action.id));
    let room = &mut model.meeting;
    let changed = room.meeting.as_ref().map(|it| it.id) != meeting.as_ref().map(|it| it.id);
    room.meeting = meeting;
    let Some(meeting) = &room.meeting else {
        *room = Room::default();
        return Ok(());
    };
    room.items = reader.agenda(meeting.id)?;
    let people = reader.agenda_people(meeting.id)?;
    room.alike = Alikes::among(&people);
    room.people = people.into_iter().map(|person| (person.id, person)).collect();
    room.attendance = reader.attendance(meeting.id)?;
    let waits = |it: &Record<Discussion>| (it.agreed_at.is_none() && it.is_begun()).then_some(it.item);
    room.not_agreed = reader.discussions(meeting.id)?.iter().filter_map(waits).collect();
    room.matters = matters_of(reader, team, meeting)?;
    room.on_next = match &model.after_next {
        Some(next) => reader.agenda(next.id)?,
        None => Vec::new(),
    };
    if let Some(at) = room.matters.iter().position(|row| Some(row.action.id) == matter) {
        room.matter_at.at = at;
    }
    room.matter_at.keep_within(room.matters.len());
    if changed {
        room.part = if meeting.here.is_some() { Part::Walk } else { Part::Roll };
    }
    let live = meeting.stage == Stage::Live;
    if !live && !busy {
        room.part = Part::Roll;
        room.text = None;
    }
    let on = meeting.on;
    let shown = room.page.as_ref().map(|page| page.item.id);
    let kept = if busy { room.items.iter().find(|item| Some(item.id) == shown) } else { None };
    let item = kept.or_else(|| room.here()).cloned();
    let same = item.as_ref().map(|item| item.id) == shown;
    room.page = match item {
        Some(item) => Some(page_of(reader, item, on)?),
        None => None,
    };
    let room = &mut model.meeting;
    if !same {
        room.action_at = None;
        room.scroll = 0;
        room.look_at = None;
        if room.part == Part::ReadBack {
            room.part = Part::Walk;
        }
    }
    if let Some(at) = room.page_actions().iter().position(|action| Some(action.id) == chosen) {
        room.action_at = Some(at);
    }
    let rows = room.page_actions().len();
    room.action_at = room.action_at.filter(|_| rows > 0).map(|at| at.min(rows.saturating_sub(1)));
    let stands_on = model.meeting.roll_member;
    if let Some(at) = roll::rows(model).iter().position(|it| Some(it.id) == stands_on) {
        model.meeting.roll_at.at = at;
    }
    roll::remember(model);
    Ok(())
}

/// Whether something about the person shown is being written or decided: then the page stays with them, wherever another
/// screen takes the meeting, so that nothing typed for one person can be saved to another.
fn is_busy(model: &Model) -> bool {
    let card = model.overlays.iter().any(|overlay| match overlay {
        Overlay::Form(form) => matches!(form.purpose, super::Purpose::Meeting(_)),
        Overlay::Confirm(_)
        | Overlay::Help(_)
        | Overlay::Palette(_)
        | Overlay::Pick(_)
        | Overlay::Conflict(_)
        | Overlay::Making(_) => false,
    });
    card || model.meeting.text.is_some() || model.meeting.part == Part::ReadBack
}

fn matters_of(
    reader: &Reader,
    team: crate::domain::id::TeamId,
    meeting: &Record<Meeting>,
) -> Result<Vec<ActionRow>, Fault> {
    let filter = ActionFilter { live_only: true, ..ActionFilter::default() };
    let mut rows = reader.actions(team, &filter, 0, i64::MAX)?;
    rows.retain(|row| row.action.meeting != Some(meeting.id));
    Ok(rows)
}

fn page_of(reader: &Reader, item: Record<AgendaItem>, on: Day) -> Result<Page, Fault> {
    let discussion = reader.discussion(item.id)?;
    let raised = reader.actions_under(item.id)?;
    let Some(id) = item.person else {
        return Ok(Page { item, discussion, to_date: Vec::new(), raised, about: None });
    };
    let last_discussed =
        reader.times_discussed(id)?.iter().find(|(_, past)| past.item != item.id).map(|(meeting, _)| meeting.on);
    let since = last_discussed.unwrap_or(on);
    let to_date = reader
        .actions_of(id)?
        .into_iter()
        .filter(|action| action.item != Some(item.id))
        .filter(|action| action.state.is_live() || action.state.closed_on().is_some_and(|closed| closed >= since))
        .collect();
    let Some(person) = reader.get::<Person>(id)? else {
        return Ok(Page { item, discussion, to_date, raised, about: None });
    };
    let household = match person.household {
        Some(household) => reader.household_of(household)?.into_iter().filter(|other| other.id != id).collect(),
        None => Vec::new(),
    };
    let about = About {
        plan: reader.plan(id)?,
        goals: reader.goals(id)?,
        key_worker: reader.key_worker(id)?,
        bands: reader.band_history(id)?,
        objections: reader.objections(id)?,
        carers: reader.carers(id)?,
        household,
        activity: reader.activity_since(id, last_discussed.unwrap_or(on.plus(-SIX_MONTHS)))?,
        last_discussed,
        person,
    };
    Ok(Page { item, discussion, to_date, raised, about: Some(about) })
}

/// What gates may look at.
pub(in crate::ui) fn facts(model: &Model) -> Facts {
    let room = &model.meeting;
    let selected_action = match room.part {
        Part::Roll => None,
        Part::Matters => room.matters.get(room.matter_at.at).map(|row| &row.action),
        Part::Walk | Part::ReadBack => room.action_at.and_then(|at| room.page_actions().get(at).copied()),
    };
    Facts {
        selected: match room.part {
            Part::Roll => !model.members.is_empty(),
            Part::Matters | Part::Walk | Part::ReadBack => selected_action.is_some(),
        },
        stage: room.meeting.as_ref().map(|meeting| meeting.stage),
        live_action: selected_action.is_some_and(|action| action.state.is_live()),
        on_person: room.page.as_ref().is_some_and(|page| page.about.is_some()),
        has_items: !room.items.is_empty(),
        has_next: room.next_waiting().is_some(),
        has_previous: room.earlier().is_some(),
        ..Facts::default()
    }
}

/// Moves in the list of the shown part.
pub(in crate::ui) fn list(model: &mut Model, command: ListCommand) {
    let page = usize::from(model.size.1.saturating_sub(8));
    let members = roll::rows(model).len();
    let room = &mut model.meeting;
    match room.part {
        Part::Roll => {
            room.roll_at.go(command, members, page);
            roll::remember(model);
        }
        Part::Matters => room.matter_at.go(command, room.matters.len(), page),
        Part::ReadBack => match command {
            ListCommand::Down | ListCommand::PageDown => room.scroll = (room.scroll + 4).min(500),
            ListCommand::Up | ListCommand::PageUp => room.scroll = room.scroll.saturating_sub(4),
            ListCommand::Top | ListCommand::Bottom => room.scroll = 0,
        },
        Part::Walk => {
            let rows = room.page_actions().len();
            room.look_at = None;
            match (command, room.action_at) {
                (ListCommand::PageDown, _) => room.scroll = (room.scroll + page / 2).min(500),
                (ListCommand::PageUp, _) => room.scroll = room.scroll.saturating_sub(page / 2),
                (_, None) if rows > 0 => room.action_at = Some(0),
                (ListCommand::Up, Some(0)) => room.action_at = None,
                (_, Some(at)) => {
                    let mut cursor = Cursor { at };
                    cursor.go(command, rows, page);
                    room.action_at = Some(cursor.at);
                }
                (_, None) => {}
            }
        }
    }
}

/// Esc: whether it was used here.
pub(in crate::ui) fn back(model: &mut Model) -> bool {
    let room = &mut model.meeting;
    match room.part {
        Part::ReadBack => {
            room.part = Part::Walk;
            true
        }
        Part::Walk if room.action_at.is_some() || room.scroll > 0 => {
            room.action_at = None;
            room.scroll = 0;
            true
        }
        Part::Roll if room.is_live() && room.here().is_some() => {
            room.part = Part::Walk;
            true
        }
        Part::Matters if room.is_live() => {
            room.part = if room.here().is_some() { Part::Walk } else { Part::Roll };
            true
        }
        // One Esc too many must not take the meeting off the shared screen.
        Part::Walk if room.is_live() => {
            model.say("The meeting stays on the screen. 1 goes to Home, q leaves.");
            true
        }
        Part::Roll | Part::Matters | Part::Walk => false,
    }
}

/// After a start: where a meeting is live, offers to go on with it, on the same person and with the same text.
pub(in crate::ui) fn offer_to_resume(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    if model.next_meeting.as_ref().is_none_or(|meeting| meeting.stage != Stage::Live) {
        return Ok(());
    }
    model.screen = Screen::Meeting;
    model.back.push(Screen::Home);
    load(model, reader)?;
    let room = &model.meeting;
    let Some(meeting) = &room.meeting else { return Ok(()) };
    let place = match room.here() {
        Some(here) => {
            let at = room.items.iter().position(|item| item.id == here.id).map_or(0, |at| at + 1);
            format!("You were at {} ({at} of {}).", item_name(model, here), room.items.len())
        }
        None => "The roll was being called.".to_owned(),
    };
    let day = meeting.on.long();
    let with_text = writing::resume(model, reader)?;
    let text = if with_text { " Your half-typed text is still there." } else { "" };
    let body = format!("The meeting of {day} is still live. {place}{text}");
    model.overlays.push(Overlay::Confirm(crate::ui::overlays::confirm::Confirm {
        title: "Resume the meeting?".to_owned(),
        body,
        verb: "resume",
        answer: crate::ui::overlays::confirm::Answer::Nothing,
    }));
    Ok(())
}

/// What an item is called: the person's short name, or its title.
fn item_name(model: &Model, item: &AgendaItem) -> String {
    match (&item.person, &item.title) {
        (Some(person), _) => {
            model.meeting.people.get(person).map_or_else(|| "—".to_owned(), |person| model.short_name_of(person))
        }
        (None, Some(title)) => title.to_string(),
        (None, None) => "—".to_owned(),
    }
}

/// The item with this id, as it was read last.
fn item_by_id(model: &Model, id: AgendaItemId) -> Option<&Record<AgendaItem>> {
    model.meeting.items.iter().find(|item| item.id == id)
}
