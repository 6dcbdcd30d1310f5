//! On what basis a person's information may be shared in the team.

use super::change::{Change, Mint, Record, add, alter};
use super::day::Day;
use super::erasure::not_erased;
use super::id::{OrganisationId, PersonId};
use super::person::Person;
use super::refusal::Refusal;
use super::text::{Line, Note};

words! {
    /// The sharing basis of a person.
    Sharing {
        /// Nobody has written it down yet.
        NotRecorded = "not recorded", "not recorded";
        /// Told, and did not object.
        Informed = "informed", "informed, no objection";
        /// Agreed in words or writing.
        Agreed = "agreed", "agreed";
        /// Lacks capacity; shared in their best interests.
        BestInterests = "best interests", "best interests";
        /// Objects to certain organisations; each is recorded as an [`Objection`].
        ObjectedToSome = "objected to some", "objected to named organisations";
        /// Objects to being discussed at all.
        ObjectedToAll = "objected to all", "OBJECTED to all sharing";
        /// Shared in spite of an objection, with a reason (public interest, safeguarding).
        Override = "override", "override with reason";
    }
}

impl Sharing {
    /// Whether the person may be discussed by the team at all.
    pub fn allows_discussion(self) -> bool {
        !matches!(self, Self::ObjectedToAll)
    }
}

/// A person's objection to one organisation.
#[derive(Clone, Debug, PartialEq)]
pub struct Objection {
    /// Who objects.
    pub person: PersonId,
    /// To whom.
    pub organisation: OrganisationId,
    /// Since when.
    pub on: Day,
    /// What they said, or the scope.
    pub note: Option<Note>,
    /// The day it was lifted.
    pub lifted_on: Option<Day>,
}

/// What a person may be shared on, who recorded it and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Basis {
    /// The basis.
    pub sharing: Sharing,
    /// The day it was recorded.
    pub on: Option<Day>,
    /// Who recorded it.
    pub by: Option<Line>,
    /// Scope or reason.
    pub note: Option<Note>,
    /// Objects to risk stratification.
    pub objects_to_risk_lists: bool,
}

/// Records the sharing basis of a person.
///
/// # Errors
/// Refuses an override without a reason, and a basis of which nobody says when and by whom it was recorded.
pub fn record_basis(person: &Record<Person>, basis: Basis) -> Result<Change, Refusal> {
    not_erased(person)?;
    if basis.sharing == Sharing::Override && basis.note.is_none() {
        return Err(Refusal::new("An override needs its reason: say in the note why it is shared all the same."));
    }
    if basis.sharing != Sharing::NotRecorded && (basis.on.is_none() || basis.by.is_none()) {
        return Err(Refusal::new("Say on which day the basis was recorded, and by whom."));
    }
    Ok(alter(person, |it| {
        it.sharing = basis.sharing;
        it.sharing_on = basis.on;
        it.sharing_by = basis.by;
        it.sharing_note = basis.note;
        it.objects_to_risk_lists = basis.objects_to_risk_lists;
    }))
}

/// Records a person's objection to one organisation; the sharing basis says from then on that there is one.
///
/// # Errors
/// Refuses where an objection to that organisation stands already.
pub fn object(
    person: &Record<Person>,
    standing: &[Record<Objection>],
    objection: Objection,
    by: Line,
    mint: &mut Mint,
) -> Result<Vec<Change>, Refusal> {
    not_erased(person)?;
    if standing.iter().any(|it| it.organisation == objection.organisation && it.lifted_on.is_none()) {
        return Err(Refusal::new("An objection to this organisation stands already. Edit that one."));
    }
    let mut changes = Vec::new();
    if !matches!(person.sharing, Sharing::ObjectedToSome | Sharing::ObjectedToAll | Sharing::Override) {
        changes.push(alter(person, |it| {
            it.sharing = Sharing::ObjectedToSome;
            it.sharing_on = Some(objection.on);
            it.sharing_by = Some(by);
        }));
    }
    changes.push(add(mint.mint(), objection));
    Ok(changes)
}
