//! The cards of a person's page, filled in with what is known.

use crate::domain::action::Action;
use crate::domain::carer::{Assessment, Carer};
use crate::domain::change::{Noun, Record, RecordId};
use crate::domain::erasure::not_erased;
use crate::domain::nomination::{Channel, Nomination, Triage, Urgency};
use crate::domain::organisation::OrganisationKind;
use crate::domain::person::Person;
use crate::domain::plan::{Goal, Progress};
use crate::domain::sharing::{Objection, Sharing};
use crate::domain::text::Line;
use crate::store::Reader;
use crate::store::fault::Fault;
use crate::ui::action_card::{self, End};
use crate::ui::model::Model;
use crate::ui::overlays::Overlay;
use crate::ui::overlays::form::Form;

use super::save::What;
use super::update::purpose;
use super::{Page, Part};

fn text(line: &Option<Line>) -> Option<&str> {
    line.as_ref().map(Line::as_str)
}

fn card(model: &Model, title: &str, person: &Record<Person>, what: What) -> Form {
    Form::new(title, model.subject_of(person), purpose(person, what))
        .kept_as(format!("person:{}:{title}", person.id.raw()))
}

fn push(model: &mut Model, form: Form) {
    model.overlays.push(Overlay::Form(Box::new(form)));
}

/// Under which name the text of a card is kept: that of its record, or that of the person where it is new.
fn kept<N: Noun>(kind: &'static str, was: Option<&Record<N>>, person: &Record<Person>) -> (&'static str, i64) {
    (kind, was.map_or(person.id.raw(), |was| was.id.raw()))
}

/// Opens a card whose half-typed text is kept.
fn push_kept(model: &mut Model, form: Form, of: (&str, i64)) {
    push(model, form.kept_as(format!("person:{}:{}", of.1, of.0)));
}

/// Name, number and birth.
pub(super) fn identity(model: &mut Model, page: &Page) {
    if model.masked {
        model.refuse("Identifiers are hidden. Press x to show them, then edit.");
        return;
    }
    let it = &page.person;
    let number = it.nhs_number.map(|number| number.to_string());
    let form = card(model, "Who it is", it, What::Identity)
        .line("surname", "Surname", Some(it.surname.as_str()), "")
        .line("forename", "Forename", Some(it.forename.as_str()), "")
        .line("preferred", "Likes to be called", text(&it.preferred), "")
        .line("title", "Title", text(&it.title), "Mr, Mrs, Dr …")
        .day("born", "Born", it.born)
        .line("nhs_number", "NHS number", number.as_deref(), "ten digits")
        .word("sex", "Sex", it.sex);
    push(model, form);
}

/// Where they live and who is responsible.
pub(super) fn home(model: &mut Model, page: &Page) {
    let it = &page.person;
    let practices: Vec<_> = model
        .organisations
        .iter()
        .filter(|o| o.kind == OrganisationKind::Practice || Some(o.id) == it.practice)
        .map(|o| (o.id, o.name.to_string()))
        .collect();
    let mut form = card(model, "Home and practice", it, What::Home)
        .one_of("practice", "Practice", practices, it.practice)
        .line("named_gp", "Named GP", text(&it.named_gp), "")
        .line("council", "Council", text(&it.council), "the council of residence");
    if !model.masked {
        form = form
            .line("address", "Address", text(&it.address), "")
            .line("postcode", "Postcode", text(&it.postcode), "")
            .line("phone", "Phone", text(&it.phone), "");
    }
    let form = form
        .word("residence", "Lives in", it.residence)
        .yes_no("lives_alone", "Lives alone", it.lives_alone)
        .yes_no("housebound", "Housebound", it.housebound);
    push(model, form);
}

/// Frailty and what the list counted.
pub(super) fn frailty(model: &mut Model, page: &Page) {
    let it = &page.person;
    let number = |n: Option<i64>| n.map(|n| n.to_string());
    let form = card(model, "Frailty and use of services", it, What::Frailty)
        .line("cfs", "CFS (1–9)", number(it.cfs).as_deref(), "Clinical Frailty Scale")
        .day("cfs_on", "CFS on", it.cfs_on)
        .line("efi", "eFI (0–1)", it.efi.map(|efi| efi.to_string()).as_deref(), "0.41")
        .line("conditions", "Conditions", number(it.conditions).as_deref(), "long-term conditions, counted")
        .line("attendances", "A&E, 12 months", number(it.attendances).as_deref(), "")
        .line("admissions", "Unplanned admissions", number(it.admissions).as_deref(), "")
        .line("out_of_hours", "Out of hours", number(it.out_of_hours).as_deref(), "")
        .day("admitted_on", "Last admitted", it.admitted_on);
    push(model, form);
}

/// Safeguarding and what everybody must know.
pub(super) fn flags(model: &mut Model, page: &Page) {
    let it = &page.person;
    let form = card(model, "Flags", it, What::Flags)
        .note("safeguarding", "Safeguarding", it.safeguarding.as_ref(), "open while there is text here")
        .yes_no("respect", "ReSPECT in place", it.respect)
        .yes_no("palliative", "Palliative register", it.palliative)
        .yes_no("has_carer", "Has a carer", it.has_carer);
    push(model, form);
}

/// The band, by a professional.
pub(super) fn band(model: &mut Model, page: &Page) {
    let it = &page.person;
    let now = it.band.unwrap_or(crate::domain::band::Band::Medium);
    let form = card(model, "Change band", it, What::Band)
        .intro("A band set here stays until somebody sets it again: a list does not change it.")
        .word("band", "Band", now)
        .note("reason", "Reason", None, "why another band than the tool's");
    push(model, form);
}

/// The sharing basis.
pub(super) fn sharing(model: &mut Model, page: &Page) {
    let it = &page.person;
    let recorded = it.sharing != Sharing::NotRecorded;
    let by = if recorded { text(&it.sharing_by).unwrap_or_default().to_owned() } else { model.actor.clone() };
    let on = if recorded { it.sharing_on } else { Some(model.now.today) };
    let lists = vec![
        ("no".to_owned(), "no objection to risk lists".to_owned()),
        ("yes".to_owned(), "objects to risk lists".to_owned()),
    ];
    let form = card(model, "Sharing basis", it, What::Sharing)
        .word("sharing", "Basis", it.sharing)
        .day("on", "Recorded on", on)
        .line("by", "Recorded by", Some(&by), "who asked the person")
        .note("note", "Scope or reason", it.sharing_note.as_ref(), "an override needs its reason")
        .choice("risk_lists", "Risk lists", lists, if it.objects_to_risk_lists { "yes" } else { "no" });
    push(model, form);
}

/// An objection to one organisation.
pub(super) fn objection(model: &mut Model, page: &Page, was: Option<Record<Objection>>) {
    let now = was.as_ref();
    let title = if now.is_some() { "Objection" } else { "Add an objection" };
    let mut form = card(model, title, &page.person, What::Objection(was.clone()))
        .one_of("organisation", "Objects to", model.organisation_options(), now.map(|it| it.organisation))
        .day("on", "Since", Some(now.map_or(model.now.today, |it| it.on)))
        .note("note", "In their words", now.and_then(|it| it.note.as_ref()), "what they said, or the scope");
    if let Some(now) = now {
        form = form.day("lifted_on", "Lifted on", now.lifted_on);
    }
    push(model, form);
}

/// A part of the care plan.
pub(super) fn plan(model: &mut Model, page: &Page, part: Part) {
    let now = page.plan.as_ref();
    let note = |get: fn(&crate::domain::plan::Plan) -> &Option<crate::domain::text::Note>| {
        now.and_then(|plan| get(plan).as_ref())
    };
    let what = What::Plan(page.plan.clone());
    let who = &page.person;
    let kept = match part {
        Part::Strengths => "strengths",
        Part::Needs => "needs",
        Part::Contingency => "contingency",
        Part::Review => "review",
        _ => "matters",
    };
    let form = match part {
        Part::Strengths => card(model, "Strengths", who, what).note(
            "strengths",
            "Strengths",
            note(|it| &it.strengths),
            "what they and those around them can do",
        ),
        Part::Needs => card(model, "Needs", who, what).note("needs", "Needs", note(|it| &it.needs), "needs, concerns"),
        Part::Contingency => card(model, "If things go wrong", who, what)
            .note("trigger", "Trigger", note(|it| &it.trigger), "what would show it")
            .note("response", "What should happen", note(|it| &it.response), "")
            .note("contact", "Who to contact", note(|it| &it.contact), ""),
        Part::Review => card(model, "Agreed and reviewed", who, what)
            .line(
                "agreed_with",
                "Agreed with",
                now.and_then(|it| text(&it.agreed_with)),
                "the person, or who speaks for them",
            )
            .day("agreed_on", "Agreed on", now.and_then(|it| it.agreed_on))
            .day_ahead("review_on", "Review on", now.and_then(|it| it.review_on))
            .one_of("reviewer", "Reviewer", model.member_options(), now.and_then(|it| it.reviewer)),
        _ => card(model, "What matters", who, what).note(
            "matters",
            "What matters to me",
            note(|it| &it.matters),
            "in the person's own words",
        ),
    };
    push_kept(model, form, (kept, who.id.raw()));
}

/// A goal.
pub(super) fn goal(model: &mut Model, page: &Page, was: Option<Record<Goal>>) {
    let now = was.as_ref();
    let title = if now.is_some() { "Goal" } else { "Add a goal" };
    let form = card(model, title, &page.person, What::Goal(was.clone()))
        .note("words", "Goal", now.map(|it| &it.words), "in the person's words: I want to …")
        .word("progress", "Progress", now.map_or(Progress::NotStarted, |it| it.progress))
        .note("note", "What shows it", now.and_then(|it| it.note.as_ref()), "");
    push_kept(model, form, kept("goal", now, &page.person));
}

/// The key worker.
pub(super) fn key_worker(model: &mut Model, page: &Page) {
    let current = page.key_worker().cloned();
    let form = card(model, "Key worker", &page.person, What::KeyWorker(current.clone())).one_of(
        "member",
        "Key worker",
        model.member_options(),
        current.map(|it| it.member),
    );
    push(model, form);
}

/// A carer.
pub(super) fn carer(model: &mut Model, page: &Page, was: Option<Record<Carer>>) {
    let now = was.as_ref();
    let title = if now.is_some() { "Carer" } else { "Add a carer" };
    let mut form = card(model, title, &page.person, What::Carer(was.clone()));
    if !model.masked || now.is_none() {
        form = form.line("name", "Name", now.map(|it| it.name.as_str()), "").line(
            "phone",
            "Phone",
            now.and_then(|it| text(&it.phone)),
            "",
        );
    }
    form = form
        .line("relation", "Relation", now.and_then(|it| text(&it.relation)), "daughter, neighbour …")
        .note("needs", "Their own needs", now.and_then(|it| it.needs.as_ref()), "")
        .word("assessment", "Assessment", now.map_or(Assessment::NotOffered, |it| it.assessment))
        .day("assessment_on", "Assessment on", now.and_then(|it| it.assessment_on))
        .note("crisis", "If ill tonight", now.and_then(|it| it.crisis.as_ref()), "who comes, whom to ring");
    if let Some(now) = now {
        form = form.day("ended_on", "Stopped caring on", now.ended_on);
    }
    push_kept(model, form, kept("carer", now, &page.person));
}

/// The household: join one, make one, or leave.
pub(super) fn household(model: &mut Model, page: &Page, reader: &Reader) -> Result<(), Fault> {
    if model.masked {
        model.refuse("Identifiers are hidden, and a household is often an address. Press x to show them, then edit.");
        return Ok(());
    }
    let now = page.household.as_ref();
    let known: Vec<_> = reader.households()?.into_iter().map(|it| (it.id, it.name.to_string())).collect();
    let mut form = card(model, "Household", &page.person, What::Household(now.cloned()))
        .intro("Choose the household they belong to, or name a new one.")
        .one_of("household", "Household", known, now.map(|it| it.id))
        .line("new", "Or a new one", None, "often the address")
        .note("note", "What holds there", now.and_then(|it| it.note.as_ref()), "for everyone at this address");
    if now.is_none() && page.person.household.is_none() {
        form = form.focus("household");
    }
    push(model, form);
    Ok(())
}

/// An action.
pub(super) fn action(model: &mut Model, page: &Page, was: Option<Record<Action>>) {
    let now = was.as_ref();
    let title = if now.is_some() { "Action" } else { "Add an action" };
    let goals: Vec<_> =
        page.goals.iter().map(|it| (it.id, it.words.as_str().lines().next().unwrap_or_default().to_owned())).collect();
    let form = card(model, title, &page.person, What::Action(was.clone()));
    let mut form = action_card::revising(form, model, now.map(|it| &it.value));
    if !goals.is_empty() {
        form = form.one_of("goal", "Serves the goal", goals, now.and_then(|it| it.goal));
    }
    push(model, form);
}

/// How an action ended.
pub(super) fn close_action(model: &mut Model, page: &Page, action: Record<Action>) {
    let intro = action_card::intro(model, &action);
    let form = card(model, "Close the action", &page.person, What::CloseAction(action)).intro(intro);
    push(model, action_card::closing(form, End::Done, false));
}

/// Opens the card for a nomination of somebody.
pub(in crate::ui) fn nominate(model: &mut Model, person: &Record<Person>) {
    match not_erased(person) {
        Ok(()) => nomination(model, person, None),
        Err(why) => model.refuse(why.to_string()),
    }
}

/// A nomination.
pub(super) fn nomination(model: &mut Model, person: &Record<Person>, was: Option<Record<Nomination>>) {
    let now = was.as_ref();
    let title = if now.is_some() { "Nomination" } else { "Nominate" };
    let note = |get: fn(&Nomination) -> &Option<crate::domain::text::Note>| now.and_then(|it| get(it).as_ref());
    let mut form = card(model, title, person, What::Nomination(was.clone()))
        .line("asked_by", "Asked by", now.map(|it| it.asked_by.as_str()), "a name")
        .one_of("organisation", "Organisation", model.organisation_options(), now.and_then(|it| it.organisation))
        .word("channel", "Channel", now.map_or(Channel::Phone, |it| it.channel))
        .line("reason", "Reason", now.map(|it| it.reason.as_str()), "why now")
        .note("question", "Question", note(|it| &it.question), "what is the team asked?")
        .word("urgency", "Urgency", now.map_or(Urgency::Routine, |it| it.urgency))
        .day("on", "Asked on", Some(now.map_or(model.now.today, |it| it.on)))
        .note("situation", "Situation", note(|it| &it.situation), "")
        .note("background", "Background", note(|it| &it.background), "")
        .note("assessment", "Assessment", note(|it| &it.assessment), "")
        .note("recommendation", "Recommendation", note(|it| &it.recommendation), "")
        .day("told_on", "Person told on", now.and_then(|it| it.told_on))
        .line("told_by", "Told by", now.and_then(|it| text(&it.told_by)), "");
    if let Some(now) = now {
        form = form.word::<Triage>("triage", "What became of it", now.triage).line(
            "triage_why",
            "If not taken, why",
            text(&now.triage_why),
            "",
        );
    }
    push_kept(model, form, kept("nomination", now, person));
}

/// On or off the active caseload.
pub(super) fn standing(model: &mut Model, page: &Page) {
    let it = &page.person;
    let current = page.key_worker().cloned();
    let form = card(model, "On or off the caseload", it, What::Standing(current))
        .intro("Off the active caseload the person keeps their record; the time of their key worker ends.")
        .word("standing", "Standing", it.standing)
        .day("on", "Since", Some(model.now.today));
    push(model, form);
}

/// A legal hold: placed, or – where one stands – lifted.
pub(super) fn hold(model: &mut Model, page: &Page) {
    let it = &page.person;
    let form = match page.holds.iter().find(|hold| hold.stands()) {
        Some(standing) => {
            let why = model.veiled(Some(it), standing.why.as_str());
            card(model, "Lift the legal hold", it, What::Hold(Some(standing.clone())))
                .intro(format!("It stands since {} by {}: {why}", standing.on, standing.by))
                .line("why", "Why it is lifted", None, "the inquest is closed")
        }
        None => card(model, "Place a legal hold", it, What::Hold(None))
            .intro("While a hold stands the record cannot be erased, although its time may be over.")
            .line("why", "Why", None, "the case or inquiry that needs the record"),
    };
    push(model, form);
}
