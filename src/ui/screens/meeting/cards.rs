//! The cards of the meeting: one small question each, about the person named at their head.

use crate::domain::Word;
use crate::domain::action::Action;
use crate::domain::agenda::{AgendaItem, Outcome, give_back};
use crate::domain::band::{Band, change_band};
use crate::domain::change::{Change, Record, RecordId, add, alter};
use crate::domain::discussion::{Decision, Discussion, Gap};
use crate::domain::id::AgendaItemId;
use crate::domain::key_worker::{KeyWorker, hand_over};
use crate::domain::meeting::{Attending, attend};
use crate::domain::member::{Member, Membership};
use crate::domain::nomination::Nomination;
use crate::domain::person::Person;
use crate::domain::plan::Plan;
use crate::domain::text::Note;
use crate::store::fault::Fault;
use crate::store::{Deed, Reader};
use crate::ui::action_card::{self, End};
use crate::ui::effect::{Commit, Effect};
use crate::ui::model::Model;
use crate::ui::overlays::Overlay;
use crate::ui::overlays::form::{Answers, Form, FormError};
use crate::ui::screens::NotSaved;

use super::{About, item_by_id, item_name, read_back, walk};

/// The item a card was opened on, and what was recorded under it by then: whatever the table shows when it is saved.
#[derive(Clone, Debug, PartialEq)]
pub struct On {
    item: Record<AgendaItem>,
    discussion: Option<Record<Discussion>>,
}

/// What saving a card of the meeting means. Each holds the record as it was when the card was opened.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "there is one at a time, behind the box of its card")]
pub enum Purpose {
    /// Name the key worker.
    KeyWorker {
        /// The person.
        person: Record<Person>,
        /// The current period.
        current: Option<Record<KeyWorker>>,
    },
    /// Set the review day.
    Review {
        /// The person.
        person: Record<Person>,
        /// The plan.
        plan: Option<Record<Plan>>,
        /// The discussion.
        on: On,
    },
    /// Record the decision.
    Decision(On),
    /// Say who tells the person.
    Teller(On),
    /// Change the band.
    Band(Record<Person>),
    /// Say why it goes on in spite of an objection.
    Objection(On),
    /// Leave this item with something missing.
    Gaps(AgendaItemId),
    /// Defer or withdraw the item.
    Leave(Record<AgendaItem>, Outcome),
    /// Go to another item.
    GoTo,
    /// Add somebody who is not a member yet.
    Guest,
    /// Close or change an action.
    Action(Record<Action>),
    /// Close the meeting.
    Close,
}

fn wrap(purpose: Purpose) -> crate::ui::screens::Purpose {
    crate::ui::screens::Purpose::Meeting(purpose)
}

/// Opens a card; what is half-typed on it is kept under the item on the table.
fn push(model: &mut Model, form: Form) {
    let item = model.meeting.page.as_ref().map_or(0, |page| page.item.id.raw());
    let name = format!("card:{item}:{}", form.title);
    model.overlays.push(Overlay::Form(Box::new(form.kept_as(name))));
}

fn about(model: &Model) -> Option<(About, On)> {
    let page = model.meeting.page.as_ref()?;
    Some((page.about.clone()?, On { item: page.item.clone(), discussion: page.discussion.clone() }))
}

pub(super) fn ask_key_worker(model: &mut Model) {
    let Some((about, _)) = about(model) else { return };
    let current = about.key_worker.clone();
    let now = current.as_ref().map(|period| period.member);
    let form = Form::new(
        "Key worker",
        model.subject_of(&about.person),
        wrap(Purpose::KeyWorker { person: about.person.clone(), current }),
    )
    .one_of("member", "Key worker", model.member_options(), now);
    push(model, form);
}

pub(super) fn ask_review(model: &mut Model) {
    let Some((about, on)) = about(model) else { return };
    let now = on.discussion.as_ref().and_then(|it| it.review_on);
    let purpose = Purpose::Review { person: about.person.clone(), plan: about.plan.clone(), on };
    let form =
        Form::new("Review date", model.subject_of(&about.person), wrap(purpose)).day_ahead("review", "Review on", now);
    push(model, form);
}

pub(super) fn ask_decision(model: &mut Model) {
    let Some((about, on)) = about(model) else { return };
    let now = on.discussion.as_ref().and_then(|it| it.decision);
    // The usual answer is filled in: Enter is enough where a decision was made.
    let form = Form::new("Decision", model.subject_of(&about.person), wrap(Purpose::Decision(on))).word(
        "decision",
        "Decision",
        now.unwrap_or(Decision::Made),
    );
    push(model, form);
}

pub(super) fn ask_teller(model: &mut Model) {
    let Some((about, on)) = about(model) else { return };
    let key_worker = about.key_worker.as_ref().map(|period| period.member);
    let now = on.discussion.as_ref().and_then(|it| it.teller).or(key_worker);
    let waived = on.discussion.as_ref().and_then(|it| it.telling_waived.clone());
    let by = model.now.today.plus_working_days(model.team.tell_days).short();
    let form = Form::new(
        if model.masked { "Who tells them?".to_owned() } else { format!("Who tells {}?", about.person.called()) },
        model.subject_of(&about.person),
        wrap(Purpose::Teller(on)),
    )
    .intro(format!("By {by}: an action of its own is added when this is read back."))
    .one_of("teller", "Who", model.member_options(), now)
    .line("waived", "Or nobody, because", waived.as_ref().map(|line| line.as_str()), "");
    push(model, form);
}

pub(super) fn ask_band(model: &mut Model) {
    let Some((about, _)) = about(model) else { return };
    let form = Form::new("Change band", model.subject_of(&about.person), wrap(Purpose::Band(about.person.clone())))
        .optional_word("band", "Band", about.person.band)
        .note("reason", "Reason", None, "what the list does not know");
    push(model, form);
}

pub(super) fn ask_objection(model: &mut Model, why: &str) {
    let Some((about, on)) = about(model) else { return };
    let form = Form::new("An objection stands", model.subject_of(&about.person), wrap(Purpose::Objection(on)))
        .intro(format!(
            "{why} Esc, then v, records that they step out. Or say why the discussion goes on; that is minuted."
        ))
        .note("why", "It goes on because", None, "");
    push(model, form);
}

pub(super) fn ask_gaps(model: &mut Model, gaps: &[Gap]) {
    let Some((about, on)) = about(model) else { return };
    let missing: Vec<&str> = gaps.iter().map(|gap| gap.label()).collect();
    let form =
        Form::new("Leave with something missing?", model.subject_of(&about.person), wrap(Purpose::Gaps(on.item.id)))
            .intro(format!("Missing: {}. Esc goes back to set it. To go on all the same, say why.", missing.join(", ")))
            .line("why", "Because", None, "");
    push(model, form);
}

pub(super) fn ask_leave(model: &mut Model, outcome: Outcome) {
    let Some(item) = model.meeting.here().cloned() else { return };
    let (title, intro) = match outcome {
        Outcome::Deferred => ("Defer to another meeting", "They stay a candidate for the next agenda."),
        Outcome::Withdrawn | Outcome::Waiting | Outcome::Discussed | Outcome::NotReached => {
            ("Take off this agenda", "They are not carried over.")
        }
    };
    let subject = match about(model) {
        Some((about, _)) => model.subject_of(&about.person),
        None => item_name(model, &item),
    };
    let form =
        Form::new(title, subject, wrap(Purpose::Leave(item, outcome))).intro(intro).line("why", "Because", None, "");
    push(model, form);
}

pub(super) fn ask_go_to(model: &mut Model) {
    let here = model.meeting.here().map(|item| item.id);
    let options: Vec<_> = model
        .meeting
        .items
        .iter()
        .enumerate()
        .map(|(n, item)| {
            let state =
                if item.outcome == Outcome::Waiting { String::new() } else { format!(" ({})", item.outcome.label()) };
            (item.id, format!("{} {}{state}", n + 1, item_name(model, item)))
        })
        .collect();
    push(model, Form::new("Go to", "", wrap(Purpose::GoTo)).verb("go").one_of("item", "Item", options, here));
}

pub(super) fn ask_guest(model: &mut Model) {
    let form = Form::new("Somebody new", "", wrap(Purpose::Guest))
        .intro("They become a member by invitation and are marked as in the room.")
        .line("name", "Name", None, "Dr Helen Marsh")
        .line("role", "Role", None, "Community geriatrician")
        .one_of("organisation", "Organisation", model.organisation_options(), None);
    push(model, form);
}

pub(super) fn ask_close_action(
    model: &mut Model,
    action: &Record<Action>,
    person: Option<&Record<Person>>,
    done: bool,
) {
    let subject = person.map(|person| model.subject_of(person)).unwrap_or_default();
    // Where the team looks back, done is the usual answer; on the walk, a change may be.
    let form =
        Form::new("Action", subject, wrap(Purpose::Action(action.clone()))).intro(action_card::intro(model, action));
    let form = if done {
        action_card::closing(form, End::Done, false)
    } else {
        let end = if model.meeting.part == super::Part::Matters { End::Done } else { End::Stays };
        action_card::revising(action_card::closing(form, end, true), model, Some(action))
    };
    push(model, form);
}

/// Reads again the record a card was opened on.
pub(in crate::ui) fn refresh(purpose: &mut Purpose, reader: &Reader) -> Result<(), Fault> {
    match purpose {
        Purpose::KeyWorker { person, current } => {
            *current = reader.key_worker(person.id)?;
        }
        Purpose::Review { person, plan, on } => {
            *plan = reader.plan(person.id)?;
            on.discussion = reader.discussion(on.item.id)?;
        }
        Purpose::Decision(on) | Purpose::Teller(on) | Purpose::Objection(on) => {
            on.discussion = reader.discussion(on.item.id)?;
        }
        Purpose::Band(person) => {
            if let Some(now) = reader.get::<Person>(person.id)? {
                *person = now;
            }
        }
        Purpose::Leave(item, _) => {
            if let Some(now) = reader.get::<AgendaItem>(item.id)? {
                *item = now;
            }
        }
        Purpose::Action(action) => {
            if let Some(now) = reader.get::<Action>(action.id)? {
                *action = now;
            }
        }
        Purpose::Gaps(_) | Purpose::GoTo | Purpose::Guest | Purpose::Close => {}
    }
    Ok(())
}

/// Saves a card.
pub(in crate::ui) fn save(
    model: &mut Model,
    purpose: &Purpose,
    answers: &Answers<'_>,
    reader: &Reader,
) -> Result<Vec<Effect>, NotSaved> {
    match purpose {
        Purpose::KeyWorker { person, current } => {
            let member = answers.required("member")?;
            let said = format!("Key worker of {}: {}.", model.name_of(person), model.member_name(Some(member)));
            let changes = hand_over(current.as_ref(), person.id, member, answers.today, &mut model.mint)
                .map_err(|why| FormError::at("member", why.to_string()))?;
            Ok(step(model, "Set key worker", changes, said))
        }
        Purpose::Review { person, plan, on } => {
            let day = answers.required_day("review")?;
            let mut changes = vec![discussed(model, on, |it| it.review_on = Some(day))];
            changes.push(Some(match plan {
                Some(plan) => alter(plan, |it| it.review_on = Some(day)),
                None => add(model.mint.mint(), Plan { review_on: Some(day), ..Plan::new(person.id) }),
            }));
            Ok(step(
                model,
                "Set review date",
                changes.into_iter().flatten().collect(),
                format!("Review on {}.", day.long()),
            ))
        }
        Purpose::Decision(on) => {
            let decision = answers.chosen_word::<Decision>("decision");
            let change = discussed(model, on, |it| it.decision = decision);
            Ok(step(
                model,
                "Record the decision",
                change.into_iter().collect(),
                decision.map(|it| format!("{}.", it.label())).unwrap_or_default(),
            ))
        }
        Purpose::Teller(on) => {
            let waived = crate::domain::text::Line::optional(&answers.text("waived"))?;
            let teller = if waived.is_some() { None } else { Some(answers.required("teller")?) };
            let said = match (&waived, teller) {
                (Some(_), _) => "Nobody needs to tell them; the reason is minuted.".to_owned(),
                (None, teller) => format!("{} tells them.", model.member_name(teller)),
            };
            let change = discussed(model, on, |it| {
                it.teller = teller;
                it.telling_waived = waived;
            });
            Ok(step(model, "Say who tells the person", change.into_iter().collect(), said))
        }
        Purpose::Band(person) => {
            let band = answers.chosen_word::<Band>("band").ok_or_else(|| FormError::at("band", "Choose a band."))?;
            let reason = answers.required_note("reason")?;
            let actor = crate::domain::text::Line::parse(&model.actor)?;
            let changes = change_band(person, band, reason, actor, answers.today, &mut model.mint)?;
            let said = format!("{} is now {}.", model.name_of(person), band.label());
            Ok(step(model, "Change band", changes, said))
        }
        Purpose::Objection(on) => {
            let why = answers.required_note("why")?;
            let present = walk::objected_and_here(model).join(", ");
            let text =
                if present.is_empty() { why.to_string() } else { format!("{why}\nPresent all the same: {present}") };
            let why = Note::parse(&text)?;
            let change = discussed(model, on, |it| it.objection_why = Some(why));
            Ok(step(
                model,
                "Go on in spite of an objection",
                change.into_iter().collect(),
                "Minuted: why the discussion goes on.",
            ))
        }
        Purpose::Gaps(item) if model.meeting.page.as_ref().map(|page| page.item.id) != Some(*item) => {
            Err(FormError::at(
                "why",
                "The meeting has moved on to another person. Nothing was agreed; Esc closes this card.",
            )
            .into())
        }
        Purpose::Gaps(_) if walk::standing_objection(model).is_some() => {
            Err(FormError::at("why", walk::standing_objection(model).unwrap_or_default()).into())
        }
        Purpose::Gaps(_) => Ok(read_back::agree(model, Some(answers.required_line("why")?), reader)?),
        Purpose::Leave(item, outcome) => {
            let why = answers.required_line("why")?;
            let nomination = match item.nomination.filter(|_| *outcome == Outcome::Withdrawn) {
                Some(nomination) => reader.get::<Nomination>(nomination)?,
                None => None,
            };
            let freed = nomination.as_ref().and_then(give_back);
            Ok(leave(model, item, *outcome, why, freed))
        }
        Purpose::GoTo => {
            let id = answers.required("item")?;
            let item = item_by_id(model, id).cloned();
            Ok(walk::go_to(model, item.as_ref()))
        }
        Purpose::Guest => guest(model, answers),
        Purpose::Close => Ok(super::close::close(model)?),
        Purpose::Action(action) => {
            let (change, said) = action_card::close(answers, action)?;
            Ok(step(model, "Close or change an action", vec![change], format!("{said}: {}", action.what)))
        }
    }
}

fn step(model: &Model, label: &'static str, changes: Vec<Change>, said: impl Into<String>) -> Vec<Effect> {
    match &model.meeting.meeting {
        Some(meeting) => vec![Commit::new(Deed::change(label).at(meeting.id), changes, said).into()],
        None => Vec::new(),
    }
}

/// A change of the discussion the card was opened on; the first one makes it.
fn discussed(model: &mut Model, on: &On, edit: impl FnOnce(&mut Discussion)) -> Option<Change> {
    match &on.discussion {
        Some(seen) => Some(alter(seen, |discussion| {
            discussion.agreed_at = None;
            edit(discussion);
        })),
        None => {
            let mut discussion = Discussion::new(on.item.meeting, on.item.id, on.item.person?);
            edit(&mut discussion);
            Some(add(model.mint.mint(), discussion))
        }
    }
}

fn leave(
    model: &mut Model,
    item: &Record<AgendaItem>,
    outcome: Outcome,
    why: crate::domain::text::Line,
    freed: Option<Change>,
) -> Vec<Effect> {
    let next = model.meeting.next_waiting().cloned();
    let mut changes = vec![alter(item, |it| {
        it.outcome = outcome;
        it.outcome_why = Some(why);
    })];
    changes.extend(freed);
    let discussion =
        model.meeting.page.as_ref().filter(|page| page.item.id == item.id).and_then(|page| page.discussion.clone());
    changes.extend(discussion.filter(|it| it.agreed_at.is_some()).map(|it| alter(&it, |it| it.agreed_at = None)));
    let said = format!("{}: {}.", item_name(model, item), outcome.label());
    let label = if outcome == Outcome::Deferred { "Defer a person" } else { "Withdraw a person" };
    let mut effects = step(model, label, changes, said);
    if model.meeting.is_on_the_table(item.id) {
        effects.extend(walk::go_to(model, next.as_ref()));
    }
    effects
}

fn guest(model: &mut Model, answers: &Answers<'_>) -> Result<Vec<Effect>, NotSaved> {
    let Some(meeting) = model.meeting.meeting.clone() else { return Ok(Vec::new()) };
    let member = Member {
        team: model.team.id,
        name: answers.required_line("name")?,
        role: answers.required_line("role")?,
        organisation: answers.required("organisation")?,
        membership: Membership::Invited,
        phone: None,
        email: None,
        left_on: None,
    };
    let said = format!("{} is in the room.", member.name);
    let id = model.mint.mint();
    let changes =
        vec![add(id, member), attend(None, &meeting, id, Attending::InRoom, model.now.moment, &mut model.mint)];
    Ok(step(model, "Add somebody to the roll", changes, said))
}
