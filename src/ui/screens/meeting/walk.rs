//! The walk: one person at a time. What is recorded goes into the discussion of the item on the table.

use crate::domain::agenda::{AgendaItem, Outcome};
use crate::domain::change::{Change, Record, add, alter};
use crate::domain::discussion::Discussion;
use crate::domain::id::PersonId;
use crate::domain::meeting::come_to;
use crate::domain::nomination::Triage;
use crate::domain::text::Note;
use crate::store::fault::Fault;
use crate::store::log::StepKind;
use crate::store::{Deed, Reader};
use crate::ui::command::WalkCommand;
use crate::ui::effect::{Commit, Effect};
use crate::ui::model::Model;
use crate::ui::overlays::Overlay;
use crate::ui::overlays::pick::Pick;
use crate::ui::screens::{PickFor, person};

use super::writing::{self, Heading};
use super::{Part, cards, close, roll};

/// Runs a command of the walk.
pub(in crate::ui) fn command(model: &mut Model, command: WalkCommand, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    if model.meeting.page.is_none() && !works_without_item(command) {
        return Ok(roll::start_walk(model));
    }
    match command {
        WalkCommand::Action => writing::begin(model, Heading::Action, reader)?,
        WalkCommand::Update => writing::begin(model, Heading::Update, reader)?,
        WalkCommand::Situation => writing::begin(model, Heading::Situation, reader)?,
        WalkCommand::Steps => writing::begin(model, Heading::Steps, reader)?,
        WalkCommand::Next => read_back(model),
        WalkCommand::KeyWorker => guarded(model, cards::ask_key_worker),
        WalkCommand::Review => guarded(model, cards::ask_review),
        WalkCommand::Decision => guarded(model, cards::ask_decision),
        WalkCommand::Teller => guarded(model, cards::ask_teller),
        WalkCommand::Band => guarded(model, cards::ask_band),
        WalkCommand::Presence => presence(model),
        WalkCommand::Roll => model.meeting.part = Part::Roll,
        WalkCommand::Open => open_action(model),
        WalkCommand::Previous => {
            let earlier = model.meeting.earlier().cloned();
            return Ok(go_to(model, earlier.as_ref()));
        }
        WalkCommand::GoTo => cards::ask_go_to(model),
        WalkCommand::Defer => cards::ask_leave(model, Outcome::Deferred),
        WalkCommand::Withdraw => cards::ask_leave(model, Outcome::Withdrawn),
        WalkCommand::Add => model.overlays.push(Overlay::Pick(Pick::new("Add a person on the spot", PickFor::Meeting))),
        WalkCommand::Person => {
            if let Some(id) = model.meeting.page.as_ref().and_then(|page| page.item.person) {
                person::open(model, id, reader)?;
            }
        }
        WalkCommand::Matters => model.meeting.part = Part::Matters,
        WalkCommand::Close => close::ask(model),
    }
    Ok(Vec::new())
}

fn works_without_item(command: WalkCommand) -> bool {
    use WalkCommand as C;
    match command {
        C::Presence | C::Roll | C::GoTo | C::Add | C::Matters | C::Close => true,
        C::Action
        | C::Update
        | C::Next
        | C::Situation
        | C::Steps
        | C::KeyWorker
        | C::Review
        | C::Decision
        | C::Teller
        | C::Band
        | C::Open
        | C::Previous
        | C::Defer
        | C::Withdraw
        | C::Person => false,
    }
}

/// To the roll – with the cursor on whoever must step out, where an objection stands.
fn presence(model: &mut Model) {
    let room = &model.meeting;
    let present = room.present();
    let about = room.page.as_ref().and_then(|page| page.about.as_ref());
    let first = about.and_then(|about| about.must_step_out(model, &present).first().map(|member| member.id));
    let at = first.and_then(|id| roll::rows(model).iter().position(|member| member.id == id));
    model.meeting.part = Part::Roll;
    if let Some(at) = at {
        model.meeting.roll_at.at = at;
        roll::remember(model);
    }
}

fn read_back(model: &mut Model) {
    if !stopped_by_objection(model) {
        model.meeting.part = Part::ReadBack;
    }
}

/// Opens a card that records something, unless an objection stands in the way.
pub(super) fn guarded(model: &mut Model, ask: fn(&mut Model)) {
    if !stopped_by_objection(model) {
        ask(model);
    }
}

/// Whether an objection stops what is to be recorded. If so, asks for the reason it goes on all the same.
pub(super) fn stopped_by_objection(model: &mut Model) -> bool {
    let Some(why) = standing_objection(model) else { return false };
    cards::ask_objection(model, &why);
    true
}

/// The objection that stands against recording anything now, in words.
pub(super) fn standing_objection(model: &Model) -> Option<String> {
    let page = model.meeting.page.as_ref()?;
    let about = page.about.as_ref()?;
    let said = page.discussion.as_ref().and_then(|discussion| discussion.objection_why.as_ref());
    if about.objects_to_all() && said.is_none() {
        return Some("This person has objected to all sharing and should not be discussed.".to_owned());
    }
    // A reason holds for those who were in the room when it was given, not for whoever comes later.
    let covered = |name: &String| said.is_some_and(|why| why.as_str().contains(name.as_str()));
    let out: Vec<String> = objected_and_here(model).into_iter().filter(|name| !covered(name)).collect();
    (!out.is_empty()).then(|| {
        format!("This person objects to sharing with their organisation, and they are in the room: {}.", out.join(", "))
    })
}

/// Those in the room whose organisation the person objects to: `Pat Hollis (Age Support ZZ)`.
pub(super) fn objected_and_here(model: &Model) -> Vec<String> {
    let about = model.meeting.page.as_ref().and_then(|page| page.about.as_ref());
    let present = model.meeting.present();
    let out = about.map(|about| about.must_step_out(model, &present)).unwrap_or_default();
    out.iter()
        .map(|member| format!("{} ({})", member.name, model.organisation_name(Some(member.organisation))))
        .collect()
}

/// A change of the discussion on the table: the first one makes it.
pub(super) fn record(model: &mut Model, edit: impl FnOnce(&mut Discussion)) -> Option<Change> {
    let page = model.meeting.page.as_ref()?;
    match &page.discussion {
        // What was agreed was agreed as it was read back: a later word has to be read back again.
        Some(seen) => Some(alter(seen, |discussion| {
            discussion.agreed_at = None;
            edit(discussion);
        })),
        None => {
            let mut discussion = Discussion::new(page.item.meeting, page.item.id, page.item.person?);
            edit(&mut discussion);
            Some(add(model.mint.mint(), discussion))
        }
    }
}

fn open_action(model: &mut Model) {
    let room = &model.meeting;
    let action = room.action_at.and_then(|at| room.page_actions().get(at).map(|action| (*action).clone()));
    let person = room.page.as_ref().and_then(|page| page.about.as_ref()).map(|about| about.person.clone());
    if let Some(action) = action {
        if action.state.is_live() {
            cards::ask_close_action(model, &action, person.as_ref(), false);
        } else {
            model.refuse("This action is closed already. Undo (u) takes that back.");
        }
    }
}

/// Goes to an item: a step of its own, so that a restart and another screen come to the same person, and one that undo passes
/// over, so that undo takes back what was recorded and never where the team looks.
pub(super) fn go_to(model: &mut Model, to: Option<&Record<AgendaItem>>) -> Vec<Effect> {
    move_on(model, to, None)
}

/// The same, with one more change of the meeting.
pub(super) fn move_on(model: &mut Model, to: Option<&Record<AgendaItem>>, also: Option<Change>) -> Vec<Effect> {
    let Some(meeting) = model.meeting.meeting.clone() else { return Vec::new() };
    let leaving = model.meeting.here().cloned();
    model.meeting.part = Part::Walk;
    let mut changes = come_to(&meeting, leaving.as_ref(), to, model.now.moment);
    changes.extend(also);
    if changes.is_empty() {
        return Vec::new();
    }
    let deed = Deed::change("Go to an agenda item").of_kind(StepKind::Move).at(meeting.id);
    vec![Commit::new(deed, changes, String::new()).into()]
}

/// A person was picked to be discussed: the next item after the one on the table.
pub(in crate::ui) fn picked(model: &mut Model, person: PersonId, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    let Some(meeting) = model.meeting.meeting.clone() else { return Ok(Vec::new()) };
    let Some(record) = reader.get::<crate::domain::person::Person>(person)? else { return Ok(Vec::new()) };
    if let Some(item) = model.meeting.items.iter().find(|item| item.person == Some(person)).cloned() {
        model.say(format!("{} is on the agenda already.", model.name_of(&record)));
        return Ok(go_to(model, Some(&item)));
    }
    if let Err(why) = crate::domain::agenda::may_be_discussed(&record) {
        model.refuse(format!("{}: {why}", model.name_of(&record)));
        return Ok(Vec::new());
    }
    let here = model.meeting.here().cloned();
    let place = here.as_ref().map_or_else(
        || crate::domain::agenda::last_place(model.meeting.items.iter().map(|item| &item.value)),
        |item| item.place + 1,
    );
    let candidate = reader.candidate(&model.team, person, model.now.today)?;
    let nomination = candidate.as_ref().and_then(|candidate| candidate.nomination.clone());
    let mut reasons: Vec<String> = vec!["added on the spot".to_owned()];
    reasons.extend(candidate.iter().flat_map(|candidate| &candidate.reasons).map(|reason| reason.in_words()));
    let mut item = AgendaItem::person(meeting.id, place, person, model.team.minutes_each);
    item.reasons = Note::parse(&reasons.join("\n")).ok();
    item.question = nomination.as_ref().and_then(|nomination| nomination.question.clone());
    item.nomination = nomination.as_ref().map(|nomination| nomination.id);
    // Whoever stands where the new item goes moves down by one, so that the order is as it is shown.
    let mut changes: Vec<Change> = model
        .meeting
        .items
        .iter()
        .filter(|other| here.as_ref().is_some_and(|here| other.id != here.id) && other.place >= place)
        .map(|other| alter(other, |it| it.place += 10))
        .collect();
    changes.push(add(model.mint.mint(), item));
    changes.extend(nomination.map(|nomination| alter(&nomination, |it| it.triage = Triage::OnAgenda)));
    let said = format!("{} comes next.", model.name_of(&record));
    Ok(vec![Commit::new(Deed::change("Add a person on the spot").at(meeting.id), changes, said).into()])
}
