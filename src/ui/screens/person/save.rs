//! What saving a card of a person's page writes. Rules are the domain's; this only carries answers to them.

use crate::domain::Word;
use crate::domain::action::{Action, ActionState};
use crate::domain::agenda::{self, AgendaItem};
use crate::domain::band::{Score, change_band};
use crate::domain::carer::{Assessment, Carer};
use crate::domain::change::{Change, Noun, Record, add, replace};
use crate::domain::day::Day;
use crate::domain::hold::{self as legal_hold, Hold};
use crate::domain::household::Household;
use crate::domain::id::{HouseholdId, PersonId};
use crate::domain::key_worker::{KeyWorker, hand_over};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::nomination::{Channel, Nomination, Triage, Urgency};
use crate::domain::person::{Person, Standing, set_standing};
use crate::domain::plan::{Goal, Plan, Progress};
use crate::domain::sharing::{self, Basis, Objection, Sharing};
use crate::domain::text::{Line, Note};
use crate::store::fault::Fault;
use crate::store::{Deed, Reader};
use crate::ui::action_card;
use crate::ui::effect::{Commit, Effect};
use crate::ui::model::Model;
use crate::ui::overlays::Overlay;
use crate::ui::overlays::form::{Answers, FormError};
use crate::ui::screens::NotSaved;

/// What saving a card of this room means.
#[derive(Clone, Debug, PartialEq)]
pub struct Purpose {
    /// About whom, as they were seen.
    pub(super) about: Box<Record<Person>>,
    /// What of them.
    pub(super) what: What,
}

/// The part of the page a card is about, with its record as it was seen; none where it is new.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    Identity,
    Home,
    Frailty,
    Flags,
    Band,
    Sharing,
    Objection(Option<Record<Objection>>),
    Plan(Option<Record<Plan>>),
    Goal(Option<Record<Goal>>),
    KeyWorker(Option<Record<KeyWorker>>),
    Carer(Option<Record<Carer>>),
    Household(Option<Record<Household>>),
    Action(Option<Record<Action>>),
    CloseAction(Record<Action>),
    Nomination(Option<Record<Nomination>>),
    Standing(Option<Record<KeyWorker>>),
    Hold(Option<Record<Hold>>),
}

/// What a card comes to: the step's label, its changes, and what is said of it.
type Outcome = Result<(&'static str, Vec<Change>, String), NotSaved>;

/// Saves a card.
pub(in crate::ui) fn save(
    model: &mut Model,
    purpose: &Purpose,
    answers: &Answers<'_>,
    reader: &Reader,
) -> Result<Vec<Effect>, NotSaved> {
    let who = purpose.about.as_ref();
    let (label, changes, said) = match &purpose.what {
        What::Identity => identity(model, who, answers, reader),
        What::Home => home(who, answers),
        What::Frailty => frailty(who, answers),
        What::Flags => flags(who, answers),
        What::Band => band(model, who, answers),
        What::Sharing => basis(who, answers),
        What::Objection(was) => objection(model, who, was.as_ref(), answers, reader),
        What::Plan(was) => plan(model, who, was.as_ref(), answers),
        What::Goal(was) => goal(model, who, was.as_ref(), answers),
        What::KeyWorker(was) => key_worker(model, who, was.as_ref(), answers),
        What::Carer(was) => carer(model, who, was.as_ref(), answers),
        What::Household(was) => household(model, who, was.as_ref(), answers),
        What::Action(was) => act(model, who, was.as_ref(), answers),
        What::CloseAction(was) => close_action(was, answers),
        What::Nomination(was) => nomination(model, who, was.as_ref(), answers),
        What::Standing(was) => standing(model, who, was.as_ref(), answers, reader),
        What::Hold(was) => hold(model, who, was.as_ref(), answers, reader),
    }?;
    let draft = match model.overlays.last() {
        Some(Overlay::Form(form)) => form.draft.clone(),
        _ => None,
    };
    if changes.is_empty() {
        model.say("Nothing was changed.");
        return Ok(draft.map(Effect::DropDraft).into_iter().collect());
    }
    let said = format!("{}: {said}", model.name_of(who));
    let mut commit = Commit::new(Deed::change(label), changes, said);
    commit.drop_drafts.extend(draft);
    Ok(vec![commit.into()])
}

/// Reads again the records a card was opened on.
pub(in crate::ui) fn refresh(purpose: &mut Purpose, reader: &Reader) -> Result<(), Fault> {
    let person = purpose.about.id;
    if let Some(now) = reader.get::<Person>(person)? {
        *purpose.about = now;
    }
    match &mut purpose.what {
        What::Identity | What::Home | What::Frailty | What::Flags | What::Band | What::Sharing => {}
        What::Objection(it) => again(it, |id| reader.get(id))?,
        What::Plan(it) => *it = reader.plan(person)?,
        What::Goal(it) => again(it, |id| reader.get(id))?,
        What::KeyWorker(it) | What::Standing(it) => *it = reader.key_worker(person)?,
        What::Carer(it) => again(it, |id| reader.get(id))?,
        What::Household(it) => again(it, |id| reader.get(id))?,
        What::Action(it) => again(it, |id| reader.get(id))?,
        What::Nomination(it) => again(it, |id| reader.get(id))?,
        What::Hold(it) => again(it, |id| reader.get(id))?,
        What::CloseAction(it) => {
            if let Some(now) = reader.get::<Action>(it.id)? {
                *it = now;
            }
        }
    }
    Ok(())
}

fn again<N: Noun>(
    seen: &mut Option<Record<N>>,
    read: impl FnOnce(N::Id) -> Result<Option<Record<N>>, Fault>,
) -> Result<(), Fault> {
    if let Some(record) = seen
        && let Some(now) = read(record.id)?
    {
        *record = now;
    }
    Ok(())
}

/// A change only where something is different.
fn altered<N: Noun>(was: &Record<N>, now: N) -> Vec<Change> {
    if was.value == now { Vec::new() } else { vec![replace(was, now)] }
}

/// A record altered, or a new one.
fn put<N: Noun>(model: &mut Model, was: Option<&Record<N>>, now: N) -> Vec<Change> {
    match was {
        Some(was) => altered(was, now),
        None => vec![add(model.mint.mint(), now)],
    }
}

/// The day of birth on a card; a day that cannot be one is refused.
pub(in crate::ui) fn day_of_birth(answers: &Answers<'_>) -> Result<Option<Day>, FormError> {
    let born = answers.optional_day("born")?;
    match born.map(|born| born.age_on(answers.today)) {
        Some(age) if age < 0 => Err(FormError::at("born", "This day has not come yet.")),
        Some(age) if age > 125 => Err(FormError::at("born", format!("That would be {age} years ago. Check the year."))),
        _ => Ok(born),
    }
}

/// The NHS number on a card, checked, and nobody else's.
pub(in crate::ui) fn free_number(
    model: &Model,
    own: Option<PersonId>,
    answers: &Answers<'_>,
    reader: &Reader,
) -> Result<Option<NhsNumber>, NotSaved> {
    let text = answers.text("nhs_number");
    if text.trim().is_empty() {
        return Ok(None);
    }
    let number = NhsNumber::parse(&text).map_err(|why| FormError::at("nhs_number", why.to_string()))?;
    if let Some(other) = reader.person_by_number(model.team.id, number)?.filter(|other| Some(other.id) != own) {
        let off = match other.standing {
            Standing::Active => String::new(),
            standing => format!(" ({})", standing.label()),
        };
        let why = format!("{}{off} has this number already. Nothing was saved.", model.name_of(&other));
        return Err(FormError::at("nhs_number", why).into());
    }
    Ok(Some(number))
}

fn identity(model: &Model, who: &Record<Person>, answers: &Answers<'_>, reader: &Reader) -> Outcome {
    let mut now = who.value.clone();
    answers.line("surname", &mut now.surname)?;
    answers.line("forename", &mut now.forename)?;
    answers.optional_line("preferred", &mut now.preferred)?;
    answers.optional_line("title", &mut now.title)?;
    if answers.changed("born") {
        now.born = day_of_birth(answers)?;
    }
    if answers.changed("nhs_number") {
        now.nhs_number = free_number(model, Some(who.id), answers, reader)?;
    }
    answers.word("sex", &mut now.sex);
    Ok(("Edit identity", altered(who, now), "identity saved.".to_owned()))
}

fn home(who: &Record<Person>, answers: &Answers<'_>) -> Outcome {
    let mut now = who.value.clone();
    if answers.changed("practice") {
        now.practice = answers.chosen("practice");
    }
    answers.optional_line("named_gp", &mut now.named_gp)?;
    answers.optional_line("council", &mut now.council)?;
    answers.optional_line("address", &mut now.address)?;
    answers.optional_line("postcode", &mut now.postcode)?;
    answers.optional_line("phone", &mut now.phone)?;
    answers.word("residence", &mut now.residence);
    answers.yes_no("lives_alone", &mut now.lives_alone);
    answers.yes_no("housebound", &mut now.housebound);
    Ok(("Edit home and practice", altered(who, now), "home and practice saved.".to_owned()))
}

fn count(answers: &Answers<'_>, name: &'static str, most: i64, into: &mut Option<i64>) -> Result<(), FormError> {
    if answers.changed(name) {
        let blank = answers.text(name).trim().is_empty();
        *into = if blank { None } else { Some(answers.required_number(name, 0..=most)?) };
    }
    Ok(())
}

fn frailty(who: &Record<Person>, answers: &Answers<'_>) -> Outcome {
    let mut now = who.value.clone();
    if answers.changed("cfs") {
        let blank = answers.text("cfs").trim().is_empty();
        now.cfs = if blank { None } else { Some(answers.required_number("cfs", 1..=9)?) };
        now.cfs_on = now.cfs.map(|_| answers.today);
    }
    answers.day("cfs_on", &mut now.cfs_on)?;
    if answers.changed("efi") {
        let text = answers.text("efi");
        now.efi = match Score::parse(&text) {
            _ if text.trim().is_empty() => None,
            Some(efi) if (0..=1_000).contains(&efi.0) => Some(efi),
            _ => return Err(FormError::at("efi", "The index is a number from 0 to 1, as in 0.41.").into()),
        };
    }
    count(answers, "conditions", 99, &mut now.conditions)?;
    count(answers, "attendances", 999, &mut now.attendances)?;
    count(answers, "admissions", 999, &mut now.admissions)?;
    count(answers, "out_of_hours", 999, &mut now.out_of_hours)?;
    answers.day("admitted_on", &mut now.admitted_on)?;
    Ok(("Edit frailty", altered(who, now), "frailty and use of services saved.".to_owned()))
}

fn flags(who: &Record<Person>, answers: &Answers<'_>) -> Outcome {
    let mut now = who.value.clone();
    answers.note("safeguarding", &mut now.safeguarding)?;
    answers.yes_no("respect", &mut now.respect);
    answers.yes_no("palliative", &mut now.palliative);
    answers.yes_no("has_carer", &mut now.has_carer);
    Ok(("Edit flags", altered(who, now), "flags saved.".to_owned()))
}

fn band(model: &mut Model, who: &Record<Person>, answers: &Answers<'_>) -> Outcome {
    let Some(band) = answers.chosen_word::<crate::domain::band::Band>("band") else {
        return Err(FormError::at("band", "Choose a band.").into());
    };
    if who.band == Some(band) {
        return Err(FormError::at("band", format!("The band is {} already. Choose another one.", band.label())).into());
    }
    let reason = Note::optional(&answers.text("reason"))
        .map_err(|why| FormError::at("reason", why.to_string()))?
        .ok_or_else(|| FormError::at("reason", "Say why: a band set by hand needs its reason."))?;
    let by = Line::parse(&model.actor)?;
    let changes = change_band(who, band, reason, by, answers.today, &mut model.mint)?;
    Ok(("Change band", changes, format!("band is {} now.", band.label())))
}

fn basis(who: &Record<Person>, answers: &Answers<'_>) -> Outcome {
    let mut now = Basis {
        sharing: who.sharing,
        on: who.sharing_on,
        by: who.sharing_by.clone(),
        note: who.sharing_note.clone(),
        objects_to_risk_lists: answers.text("risk_lists") == "yes",
    };
    answers.word("sharing", &mut now.sharing);
    if now.sharing == Sharing::NotRecorded {
        (now.on, now.by) = (None, None);
    } else {
        now.on = answers.optional_day("on")?;
        now.by = Line::optional(&answers.text("by"))?;
    }
    answers.note("note", &mut now.note)?;
    if now.sharing == Sharing::Override && now.note.is_none() {
        return Err(FormError::at("note", "An override needs its reason: why it is shared all the same.").into());
    }
    let said = format!("sharing basis is “{}”.", now.sharing.label());
    let hint =
        if now.sharing == Sharing::ObjectedToSome { " Name the organisation: press a on this part." } else { "" };
    Ok(("Record sharing basis", vec![sharing::record_basis(who, now)?], format!("{said}{hint}")))
}

fn objection(
    model: &mut Model,
    who: &Record<Person>,
    was: Option<&Record<Objection>>,
    answers: &Answers<'_>,
    reader: &Reader,
) -> Outcome {
    let mut now = Objection {
        person: who.id,
        organisation: answers.required("organisation")?,
        on: answers.required_day("on")?,
        note: was.and_then(|it| it.note.clone()),
        lifted_on: was.and_then(|it| it.lifted_on),
    };
    answers.note("note", &mut now.note)?;
    answers.day("lifted_on", &mut now.lifted_on)?;
    let name = model.organisation_name(Some(now.organisation));
    if now.lifted_on.is_some_and(|lifted| lifted < now.on) {
        return Err(FormError::at("lifted_on", "It cannot be lifted before it was made.").into());
    }
    match was {
        Some(was) if now.lifted_on.is_some() => Ok((
            "Lift objection",
            altered(was, now),
            format!("objection to {name} lifted. Record the sharing basis anew: press s."),
        )),
        Some(was) => Ok(("Edit objection", altered(was, now), format!("objection to {name} saved."))),
        None => {
            let by = Line::parse(&model.actor)?;
            let standing = reader.objections(who.id)?;
            let changes = sharing::object(who, &standing, now, by, &mut model.mint)?;
            Ok(("Record objection", changes, format!("objects to {name}.")))
        }
    }
}

fn plan(model: &mut Model, who: &Record<Person>, was: Option<&Record<Plan>>, answers: &Answers<'_>) -> Outcome {
    let mut now = was.map_or_else(|| Plan::new(who.id), |was| was.value.clone());
    answers.note("matters", &mut now.matters)?;
    answers.note("strengths", &mut now.strengths)?;
    answers.note("needs", &mut now.needs)?;
    answers.note("trigger", &mut now.trigger)?;
    answers.note("response", &mut now.response)?;
    answers.note("contact", &mut now.contact)?;
    answers.optional_line("agreed_with", &mut now.agreed_with)?;
    answers.day("agreed_on", &mut now.agreed_on)?;
    answers.day("review_on", &mut now.review_on)?;
    if answers.changed("reviewer") {
        now.reviewer = answers.chosen("reviewer");
    }
    let blank = was.is_none() && now == Plan::new(who.id);
    let changes = if blank { Vec::new() } else { put(model, was, now) };
    Ok(("Edit care plan", changes, "care plan saved.".to_owned()))
}

fn goal(model: &mut Model, who: &Record<Person>, was: Option<&Record<Goal>>, answers: &Answers<'_>) -> Outcome {
    let words = answers.required_note("words")?;
    let mut now = was.map_or_else(
        || Goal { person: who.id, words: words.clone(), progress: Progress::NotStarted, note: None, on: answers.today },
        |was| was.value.clone(),
    );
    now.words = words;
    if answers.changed("progress") {
        now.on = answers.today;
    }
    answers.word("progress", &mut now.progress);
    answers.note("note", &mut now.note)?;
    let (label, said) = if was.is_some() { ("Edit goal", "goal saved.") } else { ("Add goal", "goal added.") };
    Ok((label, put(model, was, now), said.to_owned()))
}

fn key_worker(
    model: &mut Model,
    who: &Record<Person>,
    was: Option<&Record<KeyWorker>>,
    answers: &Answers<'_>,
) -> Outcome {
    let member = answers.required("member")?;
    let changes = hand_over(was, who.id, member, answers.today, &mut model.mint)
        .map_err(|why| FormError::at("member", why.to_string()))?;
    Ok(("Set key worker", changes, format!("key worker is {}.", model.owner_name(member))))
}

fn carer(model: &mut Model, who: &Record<Person>, was: Option<&Record<Carer>>, answers: &Answers<'_>) -> Outcome {
    let mut now = match was {
        Some(was) => was.value.clone(),
        None => Carer {
            person: who.id,
            name: answers.required_line("name")?,
            relation: None,
            phone: None,
            needs: None,
            assessment: Assessment::NotOffered,
            assessment_on: None,
            crisis: None,
            ended_on: None,
        },
    };
    answers.line("name", &mut now.name)?;
    answers.optional_line("phone", &mut now.phone)?;
    answers.optional_line("relation", &mut now.relation)?;
    answers.note("needs", &mut now.needs)?;
    if answers.changed("assessment") {
        now.assessment_on = Some(answers.today);
    }
    answers.word("assessment", &mut now.assessment);
    answers.day("assessment_on", &mut now.assessment_on)?;
    answers.note("crisis", &mut now.crisis)?;
    answers.day("ended_on", &mut now.ended_on)?;
    let (label, said) = if was.is_some() { ("Edit carer", "carer saved.") } else { ("Add carer", "carer added.") };
    Ok((label, put(model, was, now), said.to_owned()))
}

fn household(
    model: &mut Model,
    who: &Record<Person>,
    was: Option<&Record<Household>>,
    answers: &Answers<'_>,
) -> Outcome {
    let fresh = Line::optional(&answers.text("new")).map_err(|why| FormError::at("new", why.to_string()))?;
    let mut person = who.value.clone();
    if let Some(name) = fresh {
        let id: HouseholdId = model.mint.mint();
        person.household = Some(id);
        let mut home = Household { name, note: None };
        answers.note("note", &mut home.note)?;
        let mut changes = vec![add(id, home)];
        changes.extend(altered(who, person));
        return Ok(("Add household", changes, "household made.".to_owned()));
    }
    if answers.changed("household") {
        person.household = answers.chosen("household");
    }
    let mut changes = altered(who, person);
    if let Some(was) = was.filter(|was| answers.chosen("household") == Some(was.id)) {
        let mut home = was.value.clone();
        answers.note("note", &mut home.note)?;
        changes.extend(altered(was, home));
    }
    let said =
        if answers.chosen::<HouseholdId>("household").is_some() { "household saved." } else { "in no household now." };
    Ok(("Set household", changes, said.to_owned()))
}

fn act(model: &mut Model, who: &Record<Person>, was: Option<&Record<Action>>, answers: &Answers<'_>) -> Outcome {
    let mut now = match was {
        Some(was) => action_card::revised(answers, was)?,
        None => Action {
            team: model.team.id,
            person: Some(who.id),
            meeting: None,
            item: None,
            goal: None,
            what: answers.required_line("what")?,
            owner: answers.required("owner")?,
            raised_on: answers.today,
            due: answers.required_day("due")?,
            carried: 0,
            telling: false,
            state: ActionState::Open,
        },
    };
    if answers.changed("goal") {
        now.goal = answers.chosen("goal");
    }
    let said = format!("{}, due {}.", model.owner_name(now.owner), now.due);
    let label = if was.is_some() { "Edit action" } else { "Add action" };
    Ok((label, put(model, was, now), said))
}

fn close_action(was: &Record<Action>, answers: &Answers<'_>) -> Outcome {
    let (change, said) = action_card::close(answers, was)?;
    Ok(("Close action", vec![change], format!("{said}: {}", was.what)))
}

fn nomination(
    model: &mut Model,
    who: &Record<Person>,
    was: Option<&Record<Nomination>>,
    answers: &Answers<'_>,
) -> Outcome {
    let (asked_by, reason, on) =
        (answers.required_line("asked_by")?, answers.required_line("reason")?, answers.required_day("on")?);
    let mut now = match was {
        Some(was) => was.value.clone(),
        None => Nomination {
            person: who.id,
            asked_by: asked_by.clone(),
            organisation: None,
            on,
            channel: Channel::Phone,
            reason: reason.clone(),
            question: None,
            urgency: Urgency::Routine,
            situation: None,
            background: None,
            assessment: None,
            recommendation: None,
            told_on: None,
            told_by: None,
            triage: Triage::Waiting,
            triage_why: None,
        },
    };
    (now.asked_by, now.reason, now.on) = (asked_by, reason, on);
    if answers.changed("organisation") {
        now.organisation = answers.chosen("organisation");
    }
    answers.word("channel", &mut now.channel);
    answers.word("urgency", &mut now.urgency);
    answers.note("question", &mut now.question)?;
    answers.note("situation", &mut now.situation)?;
    answers.note("background", &mut now.background)?;
    answers.note("assessment", &mut now.assessment)?;
    answers.note("recommendation", &mut now.recommendation)?;
    answers.day("told_on", &mut now.told_on)?;
    answers.optional_line("told_by", &mut now.told_by)?;
    answers.word("triage", &mut now.triage);
    answers.optional_line("triage_why", &mut now.triage_why)?;
    now.check().map_err(|why| FormError::at("triage_why", why.to_string()))?;
    let (label, said) = match was {
        Some(_) => ("Edit nomination", "nomination saved."),
        None if who.standing != Standing::Active => (
            "Add nomination",
            "nominated – but they are not on the active caseload: nobody sees it before they are back on it.",
        ),
        None => ("Add nomination", "nominated; the reason stands among the candidates of the next agenda."),
    };
    Ok((label, put(model, was, now), said.to_owned()))
}

fn hold(
    model: &mut Model,
    who: &Record<Person>,
    was: Option<&Record<Hold>>,
    answers: &Answers<'_>,
    reader: &Reader,
) -> Outcome {
    let why = answers.required_line("why")?;
    let today = answers.today;
    match was {
        Some(standing) => {
            let change = legal_hold::lift(standing, why, today)?;
            Ok(("Lift a legal hold", vec![change], "the legal hold is lifted.".to_owned()))
        }
        None => {
            let (before, by) = (reader.holds(who.id)?, Line::parse(&model.actor)?);
            let change = legal_hold::place(who, &before, why, by, today, &mut model.mint)?;
            Ok(("Place a legal hold", vec![change], "a legal hold stands; the record cannot be erased.".to_owned()))
        }
    }
}

fn standing(
    model: &Model,
    who: &Record<Person>,
    key_worker: Option<&Record<KeyWorker>>,
    answers: &Answers<'_>,
    reader: &Reader,
) -> Outcome {
    let standing = answers.chosen_word::<Standing>("standing").unwrap_or(who.standing);
    let on = answers.required_day("on")?;
    let changes = set_standing(who, key_worker, standing, on)?;
    let open = reader.actions_of(who.id)?.iter().filter(|action| action.state.is_live()).count();
    let left = match open {
        0 => String::new(),
        _ if standing == Standing::Active => String::new(),
        1 => " 1 action is still open.".to_owned(),
        n => format!(" {n} actions are still open."),
    };
    // Nothing takes them off an agenda without a word: somebody decides that.
    let on_agenda = match &model.next_meeting {
        Some(meeting) if standing != Standing::Active => {
            let on_it =
                |item: &Record<AgendaItem>| item.person == Some(who.id) && item.outcome == agenda::Outcome::Waiting;
            let still = reader.agenda(meeting.id)?.iter().any(on_it);
            still.then(|| format!(" Still on the agenda of {}: take them off there (3).", meeting.on.short()))
        }
        _ => None,
    };
    let on_agenda = on_agenda.unwrap_or_default();
    Ok(("Change standing", changes, format!("{} since {on}.{left}{on_agenda}", standing.label())))
}
