//! The read-back card: what was agreed about this person, said once more before the team goes on.
//!
//! What is missing is named and can be set here; leaving with a gap needs a reason.

use crate::domain::action::{Action, ActionState};
use crate::domain::agenda::Outcome;
use crate::domain::change::{Change, Record, add, alter};
use crate::domain::discussion::Gap;
use crate::domain::id::MemberId;
use crate::domain::meeting::{Attendance, Meeting};
use crate::domain::nomination::{Nomination, Triage};
use crate::domain::text::{Line, Note};
use crate::exchange::output::minutes;
use crate::store::fault::Fault;
use crate::store::{Deed, Reader};
use crate::ui::command::ReadBackCommand;
use crate::ui::effect::{Commit, Effect};
use crate::ui::model::Model;
use crate::ui::overlays::confirm::{Answer, Confirm};

use super::writing::{self, Heading};
use super::{Page, Part, cards, close};

/// Runs a command of the read-back card.
pub(in crate::ui) fn command(
    model: &mut Model,
    command: ReadBackCommand,
    reader: &Reader,
) -> Result<Vec<Effect>, Fault> {
    // Somebody may have come back into the room while the card was open.
    if super::walk::stopped_by_objection(model) {
        return Ok(Vec::new());
    }
    match command {
        ReadBackCommand::Agree if gaps(model).is_empty() => return agree(model, None, reader),
        ReadBackCommand::Agree => cards::ask_gaps(model, &gaps(model)),
        ReadBackCommand::Decision => cards::ask_decision(model),
        ReadBackCommand::KeyWorker => cards::ask_key_worker(model),
        ReadBackCommand::Review => cards::ask_review(model),
        ReadBackCommand::Teller => cards::ask_teller(model),
        ReadBackCommand::Action => writing::begin(model, Heading::Action, reader)?,
    }
    Ok(Vec::new())
}

/// What the person on the table should not be left without.
pub(super) fn gaps(model: &Model) -> Vec<Gap> {
    let Some(page) = &model.meeting.page else { return Vec::new() };
    let Some(about) = &page.about else { return Vec::new() };
    let blank = crate::domain::discussion::Discussion::new(page.item.meeting, page.item.id, about.person.id);
    let discussion = page.discussion.as_ref().map_or(&blank, |discussion| &discussion.value);
    discussion.gaps(!page.raised.is_empty(), about.key_worker.is_some())
}

/// The action to tell the person, where one will be added: it is not there yet and somebody was named.
pub(super) fn telling(model: &Model, page: &Page) -> Option<Action> {
    let about = page.about.as_ref()?;
    let teller = page.discussion.as_ref()?.teller?;
    if page.raised.iter().any(|action| action.telling) {
        return None;
    }
    let today = model.now.today;
    Some(Action {
        team: model.team.id,
        person: Some(about.person.id),
        meeting: Some(page.item.meeting),
        item: Some(page.item.id),
        goal: None,
        what: Line::parse(&format!("Tell {} what was agreed", about.person.called())).ok()?,
        owner: teller,
        raised_on: today,
        due: today.plus_working_days(model.team.tell_days),
        carried: 0,
        telling: true,
        state: ActionState::Open,
    })
}

/// Agrees what was read back and goes to the next item.
pub(super) fn agree(model: &mut Model, gaps_why: Option<Line>, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    let (Some(meeting), Some(page)) = (model.meeting.meeting.clone(), model.meeting.page.clone()) else {
        return Ok(Vec::new());
    };
    let mut changes: Vec<Change> = Vec::new();
    if let Some(about) = &page.about {
        let present = heard_it(model, &meeting, &page);
        let key_worker = about.key_worker.as_ref().map(|period| period.member);
        let to_date = action_to_date(model, &meeting, &page);
        let at = model.now.moment;
        let why = gaps_why.clone();
        changes.extend(super::walk::record(model, |discussion| {
            discussion.agreed_at = Some(at);
            discussion.present = present;
            discussion.key_worker = key_worker;
            discussion.action_to_date = to_date;
            discussion.gaps_why = why;
        }));
        if let Some(action) = telling(model, &page) {
            changes.push(add(model.mint.mint(), action));
        }
    }
    changes.push(alter(&page.item, |item| {
        item.outcome = Outcome::Discussed;
        item.outcome_why = gaps_why;
    }));
    if let Some(nomination) = page.item.nomination
        && let Some(nomination) = reader.get::<Nomination>(nomination)?
    {
        changes.push(alter(&nomination, |it| it.triage = Triage::Discussed));
    }
    let said = page
        .about
        .as_ref()
        .map_or_else(|| "Done.".to_owned(), |about| format!("Agreed for {}.", model.name_of(&about.person)));
    model.meeting.part = Part::Walk;
    if !model.meeting.is_on_the_table(page.item.id) {
        // Another screen has taken the meeting on already: agreeing does not move it again.
        return Ok(vec![Commit::new(Deed::change("Agree the read-back").at(meeting.id), changes, said).into()]);
    }
    let next = model.meeting.next_waiting().cloned();
    let (offered, then) = match (offer_break(model, &meeting), &next) {
        (Some((offered, card)), _) => (Some(offered), Some(card)),
        (None, None) => (None, Some(close::after(model, page.item.id))),
        (None, Some(_)) => (None, None),
    };
    let agreed = Commit::new(Deed::change("Agree the read-back").at(meeting.id), changes, said).then(then);
    let mut effects = vec![agreed.into()];
    effects.extend(super::walk::move_on(model, next.as_ref(), offered));
    Ok(effects)
}

/// Who was present for this person: everyone in the room at some time while they were on the table – but not those whose
/// organisation the person objects to and who stepped out for that reason.
fn heard_it(model: &Model, meeting: &Meeting, page: &Page) -> Vec<MemberId> {
    let mut present = page.discussion.as_ref().map(|discussion| discussion.present.clone()).unwrap_or_default();
    let here = |row: &Attendance| {
        row.here_now || row.left_at.zip(meeting.here_since).is_some_and(|(left, since)| left >= since)
    };
    let members: Vec<MemberId> =
        model.meeting.attendance.iter().filter(|row| row.attended() && here(row)).map(|row| row.member).collect();
    let out: Vec<MemberId> =
        page.about.iter().flat_map(|about| about.must_step_out(model, &members)).map(|member| member.id).collect();
    let in_room = model.meeting.present();
    for member in members {
        if !present.contains(&member) && (in_room.contains(&member) || !out.contains(&member)) {
            present.push(member);
        }
    }
    present
}

/// Once, after an hour or ten people: a break is offered.
fn offer_break(model: &Model, meeting: &Record<Meeting>) -> Option<(Change, Confirm)> {
    let minutes = meeting.begun_at.map_or(0, |begun| model.now.moment.seconds_since(begun) / 60);
    let people =
        model.meeting.items.iter().filter(|item| item.person.is_some() && item.outcome == Outcome::Discussed).count()
            + 1;
    let due = minutes >= model.team.break_minutes || i64::try_from(people).unwrap_or(0) >= model.team.break_people;
    if meeting.break_offered || !due || model.meeting.next_waiting().is_none() {
        return None;
    }
    let card = Confirm {
        title: "A break?".to_owned(),
        body: format!("The team has sat for {minutes} minutes and discussed {people} people. This is asked once."),
        verb: "go on when ready",
        answer: Answer::Nothing,
    };
    Some((alter(meeting, |it| it.break_offered = true), card))
}

/// *Action to date*, from the log: the same words the minutes of a draft show.
fn action_to_date(model: &Model, meeting: &Record<Meeting>, page: &Page) -> Option<Note> {
    let since = page.about.as_ref().and_then(|about| about.last_discussed);
    let text = minutes::action_to_date(&page.to_date, meeting, since, |owner| model.member_name(Some(owner)))?;
    Note::parse(&text).ok()
}
