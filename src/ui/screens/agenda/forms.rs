//! The cards of the agenda: an item, a standing item, a meeting, what is written for it.

use crate::domain::agenda::{AgendaItem, last_place, take_off};
use crate::domain::change::{Record, RecordId as _, add, replace};
use crate::domain::day::Day;
use crate::domain::id::MeetingId;
use crate::domain::meeting::{Meeting, Stage};
use crate::exchange::output::outgoing::Paper;
use crate::store::fault::Fault;
use crate::store::{Deed, Reader};
use crate::ui::effect::{Commit, Effect};
use crate::ui::model::Model;
use crate::ui::overlays::form::{Answers, Form, FormError};
use crate::ui::screens::{self, NotSaved};
use crate::ui::sending;

use super::nomination_of;

/// What saving a card of this room means.
#[derive(Clone, Debug, PartialEq)]
pub enum Purpose {
    /// Changes an item, as it was seen.
    Item(Box<Record<AgendaItem>>),
    /// Adds a standing item.
    Standing(MeetingId),
    /// Takes an item off a live meeting, with the reason.
    Withdraw(Box<Record<AgendaItem>>),
    /// Plans a meeting.
    Plan,
    /// Changes a meeting, as it was seen.
    Meeting(Box<Record<Meeting>>),
}

fn card(title: impl Into<String>, subject: impl Into<String>, purpose: Purpose) -> Form {
    let name = match &purpose {
        Purpose::Item(item) => format!("agenda:item:{}", item.id.raw()),
        Purpose::Standing(meeting) => format!("agenda:standing:{}:new", meeting.raw()),
        Purpose::Withdraw(item) => format!("agenda:withdraw:{}", item.id.raw()),
        Purpose::Plan => "agenda:meeting:new".to_owned(),
        Purpose::Meeting(meeting) => format!("agenda:meeting:{}", meeting.id.raw()),
    };
    Form::new(title, subject, screens::Purpose::Agenda(purpose)).kept_as(name)
}

/// Who or what an item is about.
pub(super) fn subject(model: &Model, item: &AgendaItem) -> String {
    match (&item.title, item.person.and_then(|id| model.agenda.people.get(&id))) {
        (Some(title), _) => title.to_string(),
        (None, Some(person)) => model.name_of(person),
        (None, None) => "this item".to_owned(),
    }
}

pub(super) fn item(model: &Model) -> Option<Form> {
    let item = model.agenda.item()?;
    let person = item.person.and_then(|id| model.agenda.people.get(&id));
    let subject = person.map(|person| model.subject_of(person)).unwrap_or_default();
    let mut form = card("Agenda item", subject, Purpose::Item(Box::new(item.clone())));
    if let Some(title) = &item.title {
        form = form.line("title", "Title", Some(title.as_str()), "");
    }
    form = form.line("minutes", "Minutes", Some(&item.minutes.to_string()), "").one_of(
        "lead",
        "Lead",
        model.member_options(),
        item.lead,
    );
    if item.person.is_some() {
        form = form
            .line("disciplines", "Needed", item.disciplines.as_ref().map(|it| it.as_str()), "OT, social worker")
            .note("question", "Question", item.question.as_ref(), "What should the team decide?")
            .note("reasons", "Reasons", item.reasons.as_ref(), "One a line");
    }
    Some(form)
}

pub(super) fn standing(model: &Model) -> Option<Form> {
    let meeting = model.agenda.meeting.as_ref()?;
    Some(
        card("Standing item", "", Purpose::Standing(meeting.id))
            .line("title", "Title", None, "Matters arising, new referrals …")
            .line("minutes", "Minutes", Some("5"), "")
            .one_of("lead", "Lead", model.member_options(), None),
    )
}

pub(super) fn withdraw(model: &Model) -> Option<Form> {
    let item = model.agenda.item()?;
    Some(
        card("Take off the agenda", subject(model, item), Purpose::Withdraw(Box::new(item.clone())))
            .intro("The meeting is live: the item stays in the minutes as withdrawn, with the reason.")
            .line("why", "Why", None, "In hospital, moved away …"),
    )
}

pub(super) fn plan(model: &Model, reader: &Reader) -> Result<Form, Fault> {
    let all = reader.meetings(model.team.id)?;
    let last = all.iter().find(|meeting| meeting.stage != Stage::Cancelled);
    let today = model.now.today;
    let cadence = model.team.cadence.max(1);
    let day = last.map_or_else(
        || today.plus(cadence),
        |meeting| {
            let behind = today.days_since(meeting.on);
            // Where meetings were missed, the next day of the same rhythm that is not past.
            let steps = if behind > 0 { (behind + cadence - 1) / cadence } else { 1 };
            meeting.on.plus(cadence * steps)
        },
    );
    let (starts, length) = (model.team.starts, model.team.length);
    let place = model.team.place.clone();
    let form = card("Plan a meeting", "", Purpose::Plan);
    let (chair, minute_taker) = last.map_or((None, None), |it| (it.chair, it.minute_taker));
    Ok(fields(
        model,
        form,
        &Meeting { chair, minute_taker, ..Meeting::planned(model.team.id, day, starts, length, place) },
    ))
}

pub(super) fn meeting(model: &Model) -> Option<Form> {
    let meeting = model.agenda.meeting.as_ref()?;
    let form = card("The meeting", meeting.on.long(), Purpose::Meeting(Box::new(meeting.clone())));
    Some(fields(model, form, meeting))
}

fn fields(model: &Model, form: Form, meeting: &Meeting) -> Form {
    form.day_ahead("day", "Day", Some(meeting.on))
        .line("starts", "Starts", Some(&meeting.starts.to_string()), "13:00")
        .line("length", "Minutes", Some(&meeting.length.to_string()), "")
        .line("place", "Place", meeting.place.as_ref().map(|it| it.as_str()), "")
        .one_of("chair", "Chair", model.member_options(), meeting.chair)
        .one_of("minute_taker", "Minute-taker", model.member_options(), meeting.minute_taker)
}

pub(super) fn export(model: &Model) -> Option<Form> {
    let meeting = model.agenda.meeting.as_ref()?;
    let papers = vec![
        (Paper::Agenda(meeting.id), "the agenda"),
        (Paper::Pack(meeting.id), "the preparation pack: who should look up what"),
        (Paper::Summaries(meeting.id), "a summary of each person on it"),
    ];
    Some(sending::card(model, "Write for this meeting", meeting.on.long(), papers, false))
}

/// Saves a card.
pub(in crate::ui) fn save(
    model: &mut Model,
    purpose: &Purpose,
    answers: &Answers<'_>,
    reader: &Reader,
) -> Result<Vec<Effect>, NotSaved> {
    match purpose {
        Purpose::Item(was) => save_item(model, was, answers),
        Purpose::Standing(meeting) => save_standing(model, *meeting, answers),
        Purpose::Withdraw(was) => save_withdraw(model, was, answers, reader),
        Purpose::Plan => save_plan(model, answers, reader),
        Purpose::Meeting(was) => save_meeting(was, answers, reader),
    }
}

fn save_item(model: &Model, was: &Record<AgendaItem>, answers: &Answers<'_>) -> Result<Vec<Effect>, NotSaved> {
    let mut now = was.value.clone();
    if let Some(title) = &mut now.title {
        answers.line("title", title)?;
    }
    if answers.changed("minutes") {
        now.minutes = answers.required_number("minutes", 0..=240)?;
    }
    if answers.changed("lead") {
        now.lead = answers.chosen("lead");
    }
    answers.optional_line("disciplines", &mut now.disciplines)?;
    answers.note("question", &mut now.question)?;
    answers.note("reasons", &mut now.reasons)?;
    if now == was.value {
        return Ok(Vec::new());
    }
    let said = format!("Agenda item: {}.", subject(model, &now));
    Ok(vec![Commit::new(Deed::change("Edit an agenda item").at(was.meeting), vec![replace(was, now)], said).into()])
}

fn save_standing(model: &mut Model, meeting: MeetingId, answers: &Answers<'_>) -> Result<Vec<Effect>, NotSaved> {
    let title = answers.required_line("title")?;
    let minutes = answers.required_number("minutes", 0..=240)?;
    let place = last_place(model.agenda.items.iter().map(|item| &item.value));
    let said = format!("On the agenda: {title}.");
    let mut item = AgendaItem::standing(meeting, place, title, minutes);
    item.lead = answers.chosen("lead");
    let id = model.mint.mint();
    model.agenda.follow = Some(id);
    Ok(vec![Commit::new(Deed::change("Add a standing item").at(meeting), vec![add(id, item)], said).into()])
}

fn save_withdraw(
    model: &Model,
    was: &Record<AgendaItem>,
    answers: &Answers<'_>,
    reader: &Reader,
) -> Result<Vec<Effect>, NotSaved> {
    let why = answers.required_line("why")?;
    let Some(meeting) = reader.get::<Meeting>(was.meeting)? else { return Ok(Vec::new()) };
    let changes = take_off(&meeting, was, nomination_of(was, reader)?.as_ref(), Some(why))?;
    let said = format!("Off the agenda: {}.", subject(model, was));
    Ok(vec![Commit::new(Deed::change("Take off the agenda").at(meeting.id), changes, said).into()])
}

fn check_day(day: Day, answers: &Answers<'_>, others: &[Record<Meeting>]) -> Result<(), FormError> {
    if day < answers.today {
        return Err(FormError::at("day", "A meeting cannot be planned for a day that is past."));
    }
    if others.iter().any(|meeting| meeting.on == day && meeting.stage != Stage::Cancelled) {
        return Err(FormError::at("day", format!("There is a meeting on {} already.", day.long())));
    }
    Ok(())
}

fn save_plan(model: &mut Model, answers: &Answers<'_>, reader: &Reader) -> Result<Vec<Effect>, NotSaved> {
    let day = answers.required_day("day")?;
    check_day(day, answers, &reader.meetings(model.team.id)?)?;
    let starts = answers.required_time("starts")?;
    let length = answers.required_number("length", 5..=720)?;
    let place = crate::domain::text::Line::optional(&answers.text("place"))?;
    let mut meeting = Meeting::planned(model.team.id, day, starts, length, place);
    meeting.chair = answers.chosen("chair");
    meeting.minute_taker = answers.chosen("minute_taker");
    let id = model.mint.mint();
    model.agenda.chosen = Some(id);
    let said = format!("Planned: {}, {starts}, {length} minutes.", day.long());
    Ok(vec![Commit::new(Deed::change("Plan a meeting").at(id), vec![add(id, meeting)], said).into()])
}

fn save_meeting(was: &Record<Meeting>, answers: &Answers<'_>, reader: &Reader) -> Result<Vec<Effect>, NotSaved> {
    let mut now = was.value.clone();
    if answers.changed("day") {
        now.on = answers.required_day("day")?;
        if now.on != was.on {
            check_day(now.on, answers, &reader.meetings(was.team)?)?;
        }
    }
    if answers.changed("starts") {
        now.starts = answers.required_time("starts")?;
    }
    if answers.changed("length") {
        now.length = answers.required_number("length", 5..=720)?;
    }
    answers.optional_line("place", &mut now.place)?;
    if answers.changed("chair") {
        now.chair = answers.chosen("chair");
    }
    if answers.changed("minute_taker") {
        now.minute_taker = answers.chosen("minute_taker");
    }
    if now == was.value {
        return Ok(Vec::new());
    }
    let said = format!("The meeting: {}, {}, {} minutes.", now.on.long(), now.starts, now.length);
    Ok(vec![Commit::new(Deed::change("Edit a meeting").at(was.id), vec![replace(was, now)], said).into()])
}

/// Reads again the record a card was opened on.
pub(in crate::ui) fn refresh(purpose: &mut Purpose, reader: &Reader) -> Result<(), Fault> {
    match purpose {
        Purpose::Item(was) | Purpose::Withdraw(was) => {
            if let Some(now) = reader.get(was.id)? {
                **was = now;
            }
        }
        Purpose::Meeting(was) => {
            if let Some(now) = reader.get(was.id)? {
                **was = now;
            }
        }
        Purpose::Standing(_) | Purpose::Plan => {}
    }
    Ok(())
}
