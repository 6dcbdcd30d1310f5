//! On what basis a person's information may be shared in the team.

use super::day::Day;
use super::id::{OrganisationId, PersonId};
use super::text::Note;

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
