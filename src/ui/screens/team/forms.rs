//! The cards of the team: rules, a member, an organisation, who the user is.

use crate::domain::change::{Change, Record, RecordId as _, add, replace};
use crate::domain::id::{MemberId, OrganisationId};
use crate::domain::member::{Member, Membership};
use crate::domain::organisation::{Organisation, OrganisationKind};
use crate::domain::service::Service;
use crate::domain::team::Team;
use crate::domain::text::{Line, fold};
use crate::store::fault::Fault;
use crate::store::{Deed, Reader};
use crate::ui::effect::{Commit, Effect};
use crate::ui::model::Model;
use crate::ui::overlays::form::{Answers, Form, FormError};
use crate::ui::screens::{self, NotSaved};

use super::Row;

/// What saving a card of this room means.
#[derive(Clone, Debug, PartialEq)]
pub enum Purpose {
    /// Changes the rules of the team, as they were seen.
    Rules(Box<Record<Team>>),
    /// Changes a member, as they were seen.
    Member(Box<Record<Member>>),
    /// Adds a member.
    NewMember,
    /// Changes an organisation, as it was seen.
    Organisation(Box<Record<Organisation>>),
    /// Adds an organisation.
    NewOrganisation,
    /// Changes a service, as it was seen.
    Service(Box<Record<Service>>),
    /// Adds a service.
    NewService,
}

fn card(title: &str, purpose: Purpose) -> Form {
    let name = kept(&purpose);
    Form::new(title, "", screens::Purpose::Team(purpose)).kept_as(name)
}

/// Under which name the text of a card is kept.
pub(super) fn kept(purpose: &Purpose) -> String {
    match purpose {
        Purpose::Rules(team) => format!("team:rules:{}", team.id.raw()),
        Purpose::Member(member) => format!("team:member:{}", member.id.raw()),
        Purpose::NewMember => "team:member:new".to_owned(),
        Purpose::Organisation(organisation) => format!("team:organisation:{}", organisation.id.raw()),
        Purpose::NewOrganisation => "team:organisation:new".to_owned(),
        Purpose::Service(service) => format!("team:service:{}", service.id.raw()),
        Purpose::NewService => "team:service:new".to_owned(),
    }
}

fn text(line: Option<&Line>) -> Option<&str> {
    line.map(Line::as_str)
}

pub(super) fn rules(model: &Model) -> Form {
    let team = &model.team;
    let number = |n: i64| n.to_string();
    card("Rules of the team", Purpose::Rules(Box::new(team.clone())))
        .line("name", "Name", Some(team.name.as_str()), "")
        .note("purpose", "Purpose", team.purpose.as_ref(), "What the meeting is for: its terms of reference")
        .line("place", "Place", text(team.place.as_ref()), "Where it usually meets")
        .line("starts", "Starts", Some(&team.starts.to_string()), "13:00")
        .line("length", "Minutes", Some(&number(team.length)), "How long a meeting lasts")
        .line("cadence", "Every … days", Some(&number(team.cadence)), "14 is every two weeks")
        .line("minutes_each", "Minutes a person", Some(&number(team.minutes_each)), "")
        .line("quorum_members", "Quorum, members", Some(&number(team.quorum_members)), "")
        .line("quorum_roles", "Quorum, roles", text(team.quorum_roles.as_ref()), "GP, nurse/matron, social")
        .line("undiscussed_weeks", "Discuss within", Some(&number(team.undiscussed_weeks)), "weeks, in the high band")
        .line("tell_days", "Tell within", Some(&number(team.tell_days)), "working days")
        .line("break_minutes", "Break after", Some(&number(team.break_minutes)), "minutes")
        .line("break_people", "… or people", Some(&number(team.break_people)), "")
        .line(
            "retention_years",
            "Keep records",
            Some(&number(team.retention_years)),
            "years after leaving the caseload",
        )
}

fn member_fields(model: &Model, form: Form, member: Option<&Member>) -> Form {
    let form = form
        .line("name", "Name", member.map(|it| it.name.as_str()), "Dr Amina Farouk")
        .line("role", "Role", member.map(|it| it.role.as_str()), "GP, district nurse, social worker …")
        .one_of("organisation", "Organisation", model.organisation_options(), member.map(|it| it.organisation))
        .line("new_organisation", "… or a new one", None, "Its name, if it is not in the list")
        .word("kind", "which is a", OrganisationKind::Practice)
        .word("membership", "Belongs as", member.map_or(Membership::Core, |it| it.membership))
        .line("phone", "Phone", member.and_then(|it| text(it.phone.as_ref())), "")
        .line("email", "E-mail", member.and_then(|it| text(it.email.as_ref())), "");
    match member {
        Some(member) => form.day("left_on", "Left on", member.left_on),
        None => form,
    }
}

pub(super) fn member(model: &Model, id: MemberId) -> Option<Form> {
    let member = model.member(id)?;
    Some(member_fields(model, card("Member", Purpose::Member(Box::new(member.clone()))), Some(&member.value)))
}

pub(super) fn new_member(model: &Model) -> Form {
    member_fields(model, card("New member", Purpose::NewMember), None)
}

fn organisation_fields(form: Form, organisation: Option<&Organisation>) -> Form {
    form.line("name", "Name", organisation.map(|it| it.name.as_str()), "")
        .word("kind", "Kind", organisation.map_or(OrganisationKind::Practice, |it| it.kind))
        .line("code", "ODS code", organisation.and_then(|it| text(it.code.as_ref())), "Where it has one")
}

pub(super) fn organisation(model: &Model, id: OrganisationId) -> Option<Form> {
    let organisation = model.organisation(id)?;
    let form = card("Organisation", Purpose::Organisation(Box::new(organisation.clone())));
    Some(organisation_fields(form, Some(&organisation.value)))
}

pub(super) fn new_organisation() -> Form {
    organisation_fields(card("New organisation", Purpose::NewOrganisation), None)
}

pub(super) fn me(model: &Model) -> Form {
    let now = model.me().map(|me| me.id);
    Form::new("Who are you?", "", screens::Purpose::Me)
        .intro("Your steps carry this name, and “mine” means the actions of this member.")
        .one_of("member", "I am", model.member_options(), now)
}

/// Saves which member the user is.
pub(in crate::ui) fn save_me(model: &mut Model, answers: &Answers<'_>) -> Result<Vec<Effect>, NotSaved> {
    let id: MemberId = answers.required("member")?;
    let member = model.member(id).ok_or_else(|| FormError::at("member", "This member is not there any more."))?;
    Ok(vec![Effect::Become(member.name.to_string())])
}

/// Saves a card.
pub(in crate::ui) fn save(
    model: &mut Model,
    purpose: &Purpose,
    answers: &Answers<'_>,
    _reader: &Reader,
) -> Result<Vec<Effect>, NotSaved> {
    match purpose {
        Purpose::Rules(was) => save_rules(was, answers),
        Purpose::Member(was) => save_member(model, was, answers),
        Purpose::NewMember => save_new_member(model, answers),
        Purpose::Organisation(was) => save_organisation(model, was, answers),
        Purpose::Service(was) => super::services::save(model, Some(was), answers),
        Purpose::NewService => super::services::save(model, None, answers),
        Purpose::NewOrganisation => {
            let organisation = Organisation {
                name: answers.required_line("name")?,
                kind: answers.chosen_word("kind").unwrap_or(OrganisationKind::Other),
                code: Line::optional(&answers.text("code"))?,
            };
            unique_organisation(model, &organisation.name, None, "name")?;
            let id: OrganisationId = model.mint.mint();
            model.team_page.follow = Some(Row::Organisation(id));
            let said = format!("Added: {}.", organisation.name);
            Ok(vec![Commit::new(Deed::change("Add an organisation"), vec![add(id, organisation)], said).into()])
        }
    }
}

fn save_rules(was: &Record<Team>, answers: &Answers<'_>) -> Result<Vec<Effect>, NotSaved> {
    let mut now = was.value.clone();
    answers.line("name", &mut now.name)?;
    answers.note("purpose", &mut now.purpose)?;
    answers.optional_line("place", &mut now.place)?;
    if answers.changed("starts") {
        now.starts = answers.required_time("starts")?;
    }
    answers.optional_line("quorum_roles", &mut now.quorum_roles)?;
    let numbers = [
        ("length", &mut now.length, 5..=720),
        ("cadence", &mut now.cadence, 1..=366),
        ("minutes_each", &mut now.minutes_each, 1..=240),
        ("quorum_members", &mut now.quorum_members, 0..=100),
        ("undiscussed_weeks", &mut now.undiscussed_weeks, 1..=520),
        ("tell_days", &mut now.tell_days, 0..=60),
        ("break_minutes", &mut now.break_minutes, 1..=720),
        ("break_people", &mut now.break_people, 1..=100),
        ("retention_years", &mut now.retention_years, 1..=100),
    ];
    for (name, into, bounds) in numbers {
        if answers.changed(name) {
            *into = answers.required_number(name, bounds)?;
        }
    }
    if now == was.value {
        return Ok(Vec::new());
    }
    Ok(vec![
        Commit::new(Deed::change("Edit the rules of the team"), vec![replace(was, now)], "The rules are saved.").into(),
    ])
}

/// The organisation chosen, or a new one with the change that adds it.
fn organisation_answer(
    model: &mut Model,
    answers: &Answers<'_>,
    changes: &mut Vec<Change>,
) -> Result<OrganisationId, NotSaved> {
    let Some(name) = Line::optional(&answers.text("new_organisation"))? else {
        return Ok(answers.required("organisation")?);
    };
    unique_organisation(model, &name, None, "new_organisation")?;
    let kind = answers.chosen_word("kind").unwrap_or(OrganisationKind::Other);
    let id: OrganisationId = model.mint.mint();
    changes.push(add(id, Organisation { name, kind, code: None }));
    Ok(id)
}

fn unique_organisation(
    model: &Model,
    name: &Line,
    but: Option<OrganisationId>,
    field: &'static str,
) -> Result<(), FormError> {
    let folded = fold(name.as_str());
    if model.organisations.iter().any(|it| Some(it.id) != but && fold(it.name.as_str()) == folded) {
        return Err(FormError::at(field, "There is an organisation of that name already. Choose it in the list."));
    }
    Ok(())
}

/// Steps carry names: two members of one name could not be told apart.
fn unique_member(model: &Model, name: &Line, but: Option<MemberId>) -> Result<(), FormError> {
    let folded = fold(name.as_str());
    if model.members.iter().any(|it| Some(it.id) != but && fold(it.name.as_str()) == folded) {
        return Err(FormError::at("name", "There is a member of that name already. Add an initial or a title."));
    }
    Ok(())
}

fn save_new_member(model: &mut Model, answers: &Answers<'_>) -> Result<Vec<Effect>, NotSaved> {
    let name = answers.required_line("name")?;
    unique_member(model, &name, None)?;
    let role = answers.required_line("role")?;
    let mut changes = Vec::new();
    let organisation = organisation_answer(model, answers, &mut changes)?;
    let said = format!("Added: {name}, {role}.");
    let member = Member {
        team: model.team.id,
        name,
        role,
        organisation,
        membership: answers.chosen_word("membership").unwrap_or(Membership::Core),
        phone: Line::optional(&answers.text("phone"))?,
        email: Line::optional(&answers.text("email"))?,
        left_on: None,
    };
    let id: MemberId = model.mint.mint();
    model.team_page.follow = Some(Row::Member(id));
    changes.push(add(id, member));
    Ok(vec![Commit::new(Deed::change("Add a member"), changes, said).into()])
}

fn save_member(model: &mut Model, was: &Record<Member>, answers: &Answers<'_>) -> Result<Vec<Effect>, NotSaved> {
    let mut now = was.value.clone();
    let mut changes = Vec::new();
    answers.line("name", &mut now.name)?;
    unique_member(model, &now.name, Some(was.id))?;
    answers.line("role", &mut now.role)?;
    if answers.changed("organisation") || answers.changed("new_organisation") {
        now.organisation = organisation_answer(model, answers, &mut changes)?;
    }
    answers.word("membership", &mut now.membership);
    answers.optional_line("phone", &mut now.phone)?;
    answers.optional_line("email", &mut now.email)?;
    answers.day("left_on", &mut now.left_on)?;
    if now == was.value {
        return Ok(Vec::new());
    }
    let renamed = (was.name != now.name && was.name.as_str() == model.actor).then(|| now.name.to_string());
    let said = format!("Saved: {}, {}.", now.name, now.role);
    changes.push(replace(was, now));
    let mut effects = vec![Commit::new(Deed::change("Edit a member"), changes, said).into()];
    // Whoever corrects the spelling of their own name stays who they are.
    effects.extend(renamed.map(Effect::Become));
    Ok(effects)
}

fn save_organisation(
    model: &Model,
    was: &Record<Organisation>,
    answers: &Answers<'_>,
) -> Result<Vec<Effect>, NotSaved> {
    let mut now = was.value.clone();
    answers.line("name", &mut now.name)?;
    unique_organisation(model, &now.name, Some(was.id), "name")?;
    answers.word("kind", &mut now.kind);
    answers.optional_line("code", &mut now.code)?;
    if now == was.value {
        return Ok(Vec::new());
    }
    let said = format!("Saved: {}.", now.name);
    Ok(vec![Commit::new(Deed::change("Edit an organisation"), vec![replace(was, now)], said).into()])
}

/// Reads again the record a card was opened on.
pub(in crate::ui) fn refresh(purpose: &mut Purpose, reader: &Reader) -> Result<(), Fault> {
    match purpose {
        Purpose::Rules(was) => {
            if let Some(now) = reader.get(was.id)? {
                **was = now;
            }
        }
        Purpose::Member(was) => {
            if let Some(now) = reader.get(was.id)? {
                **was = now;
            }
        }
        Purpose::Organisation(was) => {
            if let Some(now) = reader.get(was.id)? {
                **was = now;
            }
        }
        Purpose::Service(was) => {
            if let Some(now) = reader.get(was.id)? {
                **was = now;
            }
        }
        Purpose::NewMember | Purpose::NewOrganisation | Purpose::NewService => {}
    }
    Ok(())
}
