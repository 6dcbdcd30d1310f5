//! The meetings: two that were held, the one due today, the one after it, and what became of every action.

use crate::domain::Word;
use crate::domain::action::{self, Action, ActionState, NotDoneReason};
use crate::domain::agenda::{AgendaItem, Outcome};
use crate::domain::change::{Change, Record, add, alter};
use crate::domain::day::TimeOfDay;
use crate::domain::discussion::Discussion;
use crate::domain::id::{AgendaItemId, MeetingId};
use crate::domain::meeting::{self, Attending, Meeting};
use crate::domain::nomination::Triage;
use crate::store::Deed;
use crate::store::fault::Fault;

use super::NAVIGATOR;
use super::book::{Book, Diary, line, maybe_line, maybe_note, unknown, word};
use super::script::{
    ActionEntry, BroughtEntry, EndLine, ItemEntry, MeetingsScript, PastEntry, PersonEntry, TodayEntry,
};

/// Meetings start at one o'clock.
const STARTS: i64 = 13 * 60;
/// Planned minutes.
const LENGTH: i64 = 120;
/// Days from one meeting to the next.
const CADENCE: i64 = 14;

/// Enters the meetings.
pub(super) fn tell<'s>(diary: &mut Diary<'s>, script: &'s MeetingsScript, people: &'s [PersonEntry]) {
    diary.on(-50, 9 * 60 + 30, |book| bring(book, &script.brought));
    for past in &script.meeting {
        diary.on(past.day - CADENCE, 15 * 60, |book| plan(book, past.day, &past.chair, &past.minute_taker));
        diary.on(past.day - 4, 10 * 60, |book| set_agenda(book, past.day, &past.item, &[]));
        diary.on(past.day, STARTS + 1, |book| hold(book, past));
        for item in &past.item {
            if let Some(teller) = &item.teller {
                diary.on(past.day + 1, 10 * 60, |book| {
                    let told = |action: &Action| action.telling && matches_person(book, action, item);
                    let seen = book.actions.values().find(|action| told(action) && action.state.is_live()).cloned();
                    let seen = seen.ok_or_else(|| unknown("telling"))?;
                    let change = action::done(&seen, book.day(past.day + 1), None).map_err(refused)?;
                    book.step(teller, Deed::change("Action done"), &[change])
                });
            }
            for entry in &item.action {
                if let Some(end) = &entry.end {
                    diary.on(end.day, 14 * 60 + 20, |book| finish(book, entry, end));
                }
            }
        }
    }
    let today = &script.today;
    diary.on(-CADENCE, 16 * 60, |book| plan(book, 0, &today.chair, &today.minute_taker));
    diary.on(-1, 9 * 60, |book| prepare_today(book, today, people));
    diary.on(-1, 9 * 60 + 30, |book| plan(book, CADENCE, &today.chair, &today.minute_taker));
}

fn refused(why: crate::domain::refusal::Refusal) -> Fault {
    Fault::Other { code: -10, what: format!("the story of the demo: {why}") }
}

fn matches_person(book: &Book<'_>, action: &Action, item: &ItemEntry) -> bool {
    item.person.as_ref().and_then(|key| book.people.get(key)).copied() == action.person
}

/// Actions of the paper list the team kept before.
fn bring(book: &mut Book<'_>, brought: &[BroughtEntry]) -> Result<(), Fault> {
    for entry in brought {
        let value = Action {
            team: book.team()?,
            person: entry.person.as_ref().map(|key| book.person(key)).transpose()?.map(|person| person.id),
            meeting: None,
            item: None,
            goal: None,
            what: line(&entry.what)?,
            owner: book.member(&entry.owner)?,
            raised_on: book.day(entry.raised),
            due: book.day(entry.due),
            carried: entry.carried,
            telling: false,
            state: ActionState::Open,
        };
        let id = book.mint.mint();
        book.step(NAVIGATOR, Deed::change("Add action"), &[add(id, value)])?;
        book.pass(2);
    }
    Ok(())
}

fn plan(book: &mut Book<'_>, day: i64, chair: &str, minute_taker: &str) -> Result<(), Fault> {
    let starts = TimeOfDay::new(13, 0).ok_or_else(|| unknown("13:00"))?;
    let mut value = Meeting::planned(book.team()?, book.day(day), starts, LENGTH, book.place.clone());
    value.chair = Some(book.member(chair)?);
    value.minute_taker = Some(book.member(minute_taker)?);
    let id = book.mint.mint();
    book.step(NAVIGATOR, Deed::change("Plan meeting"), &[add(id, value)])
}

fn meeting_on(book: &Book<'_>, day: i64) -> Result<Record<Meeting>, Fault> {
    let day = book.day(day);
    book.meetings.values().find(|meeting| meeting.on == day).cloned().ok_or_else(|| unknown("meeting"))
}

/// The agenda, and the nominations it answers.
fn set_agenda(book: &mut Book<'_>, day: i64, items: &[ItemEntry], answered: &[String]) -> Result<(), Fault> {
    let meeting = meeting_on(book, day)?.id;
    let mut changes = Vec::new();
    for (place, entry) in (1..).zip(items) {
        let mut item = match (&entry.person, &entry.title) {
            (Some(key), _) => AgendaItem::person(meeting, place * 10, book.person(key)?.id, entry.minutes),
            (None, Some(title)) => AgendaItem::standing(meeting, place * 10, line(title)?, entry.minutes),
            (None, None) => return Err(unknown("agenda item")),
        };
        item.lead = Some(book.member(&entry.lead)?);
        item.disciplines = maybe_line(entry.disciplines.as_ref())?;
        item.reasons = maybe_note(entry.reasons.as_ref())?;
        item.question = maybe_note(entry.question.as_ref())?;
        if entry.person.as_ref().is_some_and(|key| answered.contains(key)) {
            let nomination = book.nominations.values().find(|nomination| Some(nomination.person) == item.person);
            if let Some(nomination) = nomination {
                item.nomination = Some(nomination.id);
                changes.push(alter(nomination, |it| it.triage = Triage::OnAgenda));
            }
        }
        changes.push(add(book.mint.mint(), item));
    }
    book.step(NAVIGATOR, Deed::change("Set agenda").at(meeting), &changes)
}

fn prepare_today(book: &mut Book<'_>, today: &TodayEntry, people: &[PersonEntry]) -> Result<(), Fault> {
    let asked = |entry: &&PersonEntry| entry.nominations.iter().any(|line| line.triage == Triage::OnAgenda.code());
    let answered: Vec<String> = people.iter().filter(asked).map(|entry| entry.key.clone()).collect();
    set_agenda(book, 0, &today.item, &answered)
}

/// A whole meeting: opened, the roll, one person after the other, closed.
fn hold(book: &mut Book<'_>, past: &PastEntry) -> Result<(), Fault> {
    let planned = meeting_on(book, past.day)?;
    let id = planned.id;
    let agenda: Vec<Record<AgendaItem>> = agenda_of(book, id);
    let opened = meeting::begin(&planned, &agenda, book.moment()).map_err(refused)?;
    book.step(&past.chair, Deed::change("Open meeting").at(id), &opened)?;
    call_roll(book, past, id)?;
    book.pass(4);
    for (item, entry) in agenda.iter().zip(&past.item).filter(|(_, entry)| entry.reached) {
        come_to(book, past, id, Some(item.id))?;
        discuss(book, past, id, item.id, entry)?;
    }
    come_to(book, past, id, None)?;
    let live: Vec<Record<Action>> =
        book.actions.values().filter(|action| action.state.is_live() && action.meeting != Some(id)).cloned().collect();
    let meeting = meeting_on(book, past.day)?;
    let closed = meeting::close(&meeting, &agenda_of(book, id), &live, book.moment()).map_err(refused)?;
    book.step(&past.chair, Deed::change("Close meeting").at(id), &closed)
}

fn agenda_of(book: &Book<'_>, meeting: MeetingId) -> Vec<Record<AgendaItem>> {
    let mut agenda: Vec<_> = book.items.values().filter(|item| item.meeting == meeting).cloned().collect();
    agenda.sort_by_key(|item| item.place);
    agenda
}

fn call_roll(book: &mut Book<'_>, past: &PastEntry, id: MeetingId) -> Result<(), Fault> {
    let meeting = meeting_on(book, past.day)?;
    let at = book.moment();
    let groups =
        [(&past.room, Attending::InRoom), (&past.remote, Attending::Remote), (&past.apologies, Attending::Apologies)];
    for (keys, attending) in groups {
        for member in book.members_of(keys)? {
            let change = meeting::attend(None, &meeting, member, attending, at, &mut book.mint);
            book.step(&past.minute_taker, Deed::change("Record attendance").at(id), &[change])?;
        }
    }
    Ok(())
}

fn come_to(book: &mut Book<'_>, past: &PastEntry, id: MeetingId, to: Option<AgendaItemId>) -> Result<(), Fault> {
    let meeting = meeting_on(book, past.day)?;
    let leaving = meeting.here.and_then(|here| book.items.get(&here));
    let changes = meeting::come_to(&meeting, leaving, to.and_then(|to| book.items.get(&to)), book.moment());
    book.step(&past.chair, Deed::change("Come to the next person").at(id), &changes)
}

/// One person: what was said, the actions, and the read-back.
fn discuss(
    book: &mut Book<'_>,
    past: &PastEntry,
    id: MeetingId,
    item: AgendaItemId,
    entry: &ItemEntry,
) -> Result<(), Fault> {
    let person = book.person(entry.person.as_deref().unwrap_or_default())?;
    let mut value = Discussion::new(id, item, person.id);
    value.situation = maybe_note(entry.situation.as_ref())?;
    value.update = maybe_note(entry.update.as_ref())?;
    value.next_steps = maybe_note(entry.next.as_ref())?;
    value.present = book.members_of(&past.room)?;
    value.present.extend(book.members_of(&past.remote)?);
    let discussion = book.mint.mint();
    book.pass(entry.spent / 2);
    book.step(&past.minute_taker, Deed::change("Record discussion").at(id), &[add(discussion, value)])?;
    for found in &entry.action {
        book.pass(1);
        let value = agreed(book, past, id, item, &person.id, found)?;
        let action = book.mint.mint();
        book.step(&past.minute_taker, Deed::change("Add action").at(id), &[add(action, value)])?;
    }
    let said = i64::try_from(entry.action.len()).unwrap_or(0);
    book.pass((entry.spent - entry.spent / 2 - said).max(1));
    let changes = read_back(book, past, item, entry)?;
    book.step(&past.minute_taker, Deed::change("Read back").at(id), &changes)
}

fn agreed(
    book: &Book<'_>,
    past: &PastEntry,
    meeting: MeetingId,
    item: AgendaItemId,
    person: &crate::domain::id::PersonId,
    found: &ActionEntry,
) -> Result<Action, Fault> {
    Ok(Action {
        team: book.team()?,
        person: Some(*person),
        meeting: Some(meeting),
        item: Some(item),
        goal: None,
        what: line(&found.what)?,
        owner: book.member(&found.owner)?,
        raised_on: book.day(past.day),
        due: book.day(found.due),
        carried: 0,
        telling: false,
        state: ActionState::Open,
    })
}

fn read_back(
    book: &mut Book<'_>,
    past: &PastEntry,
    item: AgendaItemId,
    entry: &ItemEntry,
) -> Result<Vec<Change>, Fault> {
    let seen = book.items.get(&item).cloned().ok_or_else(|| unknown("agenda item"))?;
    let discussion =
        book.discussions.values().find(|it| it.item == item).cloned().ok_or_else(|| unknown("discussion"))?;
    let (to_date, gaps) = (maybe_note(entry.to_date.as_ref())?, maybe_line(entry.gaps.as_ref())?);
    let decision = entry.decision.as_deref().map(word).transpose()?;
    let teller = entry.teller.as_ref().map(|key| book.member(key)).transpose()?;
    let review = entry.review.map(|day| book.day(day));
    let key_worker = book.key_workers.get(&discussion.person).copied();
    let at = book.moment();
    let mut changes = vec![
        alter(&discussion, |it| {
            it.action_to_date = to_date;
            it.decision = decision;
            it.teller = teller;
            it.review_on = review;
            it.key_worker = key_worker;
            it.gaps_why = gaps.clone();
            it.agreed_at = Some(at);
        }),
        alter(&seen, |it| {
            it.outcome = Outcome::Discussed;
            it.outcome_why = gaps;
        }),
    ];
    if let Some(owner) = teller {
        let called = book.person(entry.person.as_deref().unwrap_or_default())?.called().to_owned();
        let raised_on = book.day(past.day);
        let telling = Action {
            team: book.team()?,
            person: Some(discussion.person),
            meeting: Some(discussion.meeting),
            item: Some(item),
            goal: None,
            what: line(&format!("Tell {called} what was agreed"))?,
            owner,
            raised_on,
            due: raised_on.plus_working_days(2),
            carried: 0,
            telling: true,
            state: ActionState::Open,
        };
        changes.push(add(book.mint.mint(), telling));
    }
    Ok(changes)
}

/// How an action ended, by the owner's own hand.
fn finish(book: &mut Book<'_>, entry: &ActionEntry, end: &EndLine) -> Result<(), Fault> {
    let what = line(&entry.what)?;
    let seen = book.actions.values().find(|action| action.what == what).cloned().ok_or_else(|| unknown("action"))?;
    let (day, text) = (book.day(end.day), maybe_note(end.note.as_ref())?);
    let (label, change) = match end.state.as_str() {
        "done" => ("Action done", action::done(&seen, day, text)),
        "accepted" => ("Accept action", action::accept(&seen, day)),
        "not done" => {
            let reason: NotDoneReason = word(end.reason.as_deref().unwrap_or_default())?;
            ("Action not done", action::not_done(&seen, day, reason, text))
        }
        _ => ("Withdraw action", action::withdraw(&seen, day, text.ok_or_else(|| unknown("reason"))?)),
    };
    book.step(&entry.owner, Deed::change(label), &[change.map_err(refused)?])
}
