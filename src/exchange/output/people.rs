//! How people, members and actions are written in documents: one place, so that minutes, agenda and action log agree.

use std::collections::BTreeMap;

use crate::domain::Word;
use crate::domain::action::{Action, ActionState};
use crate::domain::change::Record;
use crate::domain::day::Day;
use crate::domain::id::{MemberId, OrganisationId, TeamId};
use crate::domain::member::Member;
use crate::domain::person::Person;
use crate::store::Reader;
use crate::store::action::ActionRow;
use crate::store::fault::Fault;

use super::document::Mark;

/// The members of a team and their organisations, by id.
pub(super) struct Members {
    members: BTreeMap<MemberId, Record<Member>>,
    organisations: BTreeMap<OrganisationId, String>,
}

impl Members {
    pub(super) fn of(reader: &Reader, team: TeamId) -> Result<Self, Fault> {
        Ok(Self {
            members: reader.members(team)?.into_iter().map(|member| (member.id, member)).collect(),
            organisations: reader.organisations()?.into_iter().map(|it| (it.id, it.value.name.to_string())).collect(),
        })
    }

    pub(super) fn get(&self, id: MemberId) -> Option<&Record<Member>> {
        self.members.get(&id)
    }

    /// The full name. A member the file does not hold cannot be: the row would be refused first.
    pub(super) fn name(&self, id: MemberId) -> String {
        self.get(id).map_or_else(|| "(not known)".to_owned(), |member| member.name.to_string())
    }

    pub(super) fn role(&self, id: MemberId) -> String {
        self.get(id).map_or_else(String::new, |member| member.role.to_string())
    }

    /// `Dr Amina Farouk (GP)`.
    pub(super) fn name_and_role(&self, id: MemberId) -> String {
        self.get(id)
            .map_or_else(|| "(not known)".to_owned(), |member| format!("{} ({})", member.value.name, member.value.role))
    }

    pub(super) fn organisation_of(&self, id: MemberId) -> String {
        self.get(id).and_then(|member| self.organisations.get(&member.organisation)).cloned().unwrap_or_default()
    }
}

/// `ADEYEMI, Jean (Jeannie) · born 12-Mar-1942 (84) · NHS 999 000 0018`, with the age on the day of the document.
pub(super) fn identity(person: &Person, on: Day) -> String {
    identity_parts(person, on).join(" · ")
}

/// The parts of [`identity`], which a narrow cell puts one under the other.
pub(super) fn identity_parts(person: &Person, on: Day) -> [String; 3] {
    let born = person
        .born
        .map_or_else(|| "date of birth not known".to_owned(), |born| format!("born {born} ({})", born.age_on(on)));
    let number = person.nhs_number.map_or_else(|| "NHS number not known".to_owned(), |number| format!("NHS {number}"));
    [person.name(), born, number]
}

/// For whom an action is: the full name with the number, so that a row can stand alone.
pub(super) fn whom(row: &ActionRow) -> String {
    row.person.as_ref().map_or_else(
        || "The team".to_owned(),
        |person| match person.nhs_number {
            Some(number) => format!("{}\n{number}", person.name()),
            None => person.name(),
        },
    )
}

/// Where an action stands, without what was typed about it.
pub(super) fn plain_state(action: &Action, on: Day) -> String {
    let standing = match &action.state {
        ActionState::NotDone { reason, .. } => format!("not done, {}", reason.label()),
        other => other.code().to_owned(),
    };
    if action.overdue_days(on).is_some() { format!("{standing}, OVERDUE") } else { standing }
}

/// Where an action stands, in words.
pub(super) fn state(action: &Action, on: Day) -> String {
    let noted = |said: String, note: Option<&str>| match note {
        Some(note) => format!("{said}: {}", note.replace('\n', " ")),
        None => said,
    };
    let standing = match &action.state {
        ActionState::Open => "open".to_owned(),
        ActionState::Accepted { on } => format!("accepted {on}"),
        ActionState::Done { on, note } => noted(format!("done {on}"), note.as_ref().map(|note| note.as_str())),
        ActionState::NotDone { on, reason, note } => {
            noted(format!("not done {on}, {}", reason.label()), note.as_ref().map(|note| note.as_str()))
        }
        ActionState::Withdrawn { on, why } => noted(format!("withdrawn {on}"), Some(why.as_str())),
    };
    match action.overdue_days(on) {
        Some(1) => format!("{standing}, OVERDUE 1 day"),
        Some(days) => format!("{standing}, OVERDUE {days} days"),
        None => standing,
    }
}

/// The mark of an action past its day.
pub(super) fn overdue(action: &Action, on: Day) -> Option<Mark> {
    action.overdue_days(on).map(|_| Mark::Overdue)
}

/// `never`, `once`, `3 times`.
pub(super) fn times(carried: i64) -> String {
    match carried {
        0 => "–".to_owned(),
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        n => format!("{n} times"),
    }
}
