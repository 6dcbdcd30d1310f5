//! The only alteration there is: what a record was, and what it is now.
//!
//! A [`Change`] is typed per noun. The store compares its `was`, field by field, with the row before it
//! writes: an edit made by someone else in between is a conflict that is shown, never an overwrite.
//! Turned round, the same change is its own undo.

pub use super::id::{Mint, RecordId};

use super::{
    action, activity, agenda, band, carer, disclosure, discussion, erasure, hold, household, id, intake, joining,
    key_worker, meeting, member, minutes, nomination, organisation, person, plan, service, sharing, team, viewing,
    written_back,
};

/// A thing the team keeps records of. Each noun is one table.
pub trait Noun: Clone + PartialEq + std::fmt::Debug {
    /// Its identity.
    type Id: RecordId;
    /// Which noun it is.
    const KIND: NounKind;
    /// Wraps an alteration of this noun.
    fn into_change(alter: Alter<Self>) -> Change;
}

/// A noun as the file holds it: its identity and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Record<N: Noun> {
    /// Identity.
    pub id: N::Id,
    /// Value.
    pub value: N,
}

impl<N: Noun> std::ops::Deref for Record<N> {
    type Target = N;
    fn deref(&self) -> &N {
        &self.value
    }
}

/// One record altered: added where `was` is missing, taken away where `now` is.
#[derive(Clone, Debug, PartialEq)]
pub struct Alter<N: Noun> {
    /// Which record.
    pub id: N::Id,
    /// What the person who decided this saw.
    pub was: Option<Box<N>>,
    /// What it is to be.
    pub now: Option<Box<N>>,
}

/// Adds a record.
pub fn add<N: Noun>(id: N::Id, now: N) -> Change {
    N::into_change(Alter { id, was: None, now: Some(Box::new(now)) })
}

/// Alters a record as it was seen.
pub fn alter<N: Noun>(seen: &Record<N>, edit: impl FnOnce(&mut N)) -> Change {
    let mut now = seen.value.clone();
    edit(&mut now);
    replace(seen, now)
}

/// Puts a new value in the place of the one seen.
pub fn replace<N: Noun>(seen: &Record<N>, now: N) -> Change {
    N::into_change(Alter { id: seen.id, was: Some(Box::new(seen.value.clone())), now: Some(Box::new(now)) })
}

/// Takes a record away that nothing was built on yet. The log keeps it, and undo brings it back.
pub fn remove<N: Noun>(seen: &Record<N>) -> Change {
    N::into_change(Alter { id: seen.id, was: Some(Box::new(seen.value.clone())), now: None })
}

macro_rules! nouns {
    ($( $noun:ident in $module:ident, $id:ident, $code:literal, $label:literal; )+) => {
        words! {
            /// Which noun a change, a table or a log entry is about. The code is the table's name.
            NounKind { $( #[doc = concat!("The noun `", $code, "`.")] $noun = $code, $label; )+ }
        }

        /// The only way anything in the file is altered.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Change { $( #[doc = concat!("A change of the noun `", $code, "`.")] $noun(Alter<$module::$noun>), )+ }

        impl Change {
            /// Which noun it is about.
            pub fn kind(&self) -> NounKind {
                match self { $( Self::$noun(_) => NounKind::$noun, )+ }
            }

            /// Which record it is about.
            pub fn row(&self) -> i64 {
                match self { $( Self::$noun(it) => it.id.raw(), )+ }
            }
        }

        $(impl Noun for $module::$noun {
            type Id = id::$id;
            const KIND: NounKind = NounKind::$noun;
            fn into_change(alter: Alter<Self>) -> Change {
                Change::$noun(alter)
            }
        })+
    };
}

nouns! {
    Team in team, TeamId, "team", "team";
    Organisation in organisation, OrganisationId, "organisation", "organisation";
    Member in member, MemberId, "member", "member";
    Person in person, PersonId, "person", "person";
    BandEntry in band, BandEntryId, "band_entry", "band";
    Objection in sharing, ObjectionId, "objection", "objection";
    KeyWorker in key_worker, KeyWorkerId, "key_worker", "key worker";
    Household in household, HouseholdId, "household", "household";
    Carer in carer, CarerId, "carer", "carer";
    Plan in plan, PlanId, "plan", "care plan";
    Goal in plan, GoalId, "goal", "goal";
    Nomination in nomination, NominationId, "nomination", "nomination";
    Meeting in meeting, MeetingId, "meeting", "meeting";
    AgendaItem in agenda, AgendaItemId, "agenda_item", "agenda item";
    Attendance in meeting, AttendanceId, "attendance", "attendance";
    Discussion in discussion, DiscussionId, "discussion", "discussion";
    Action in action, ActionId, "action", "action";
    Minutes in minutes, MinutesId, "minutes", "minutes";
    Addendum in minutes, AddendumId, "addendum", "addendum";
    Intake in intake, IntakeId, "intake", "list taken in";
    QueuedRow in intake, QueuedRowId, "queued_row", "queued row";
    Proposal in intake, ProposalId, "proposal", "proposal";
    Activity in activity, ActivityId, "activity", "activity";
    Service in service, ServiceId, "service", "service";
    Disclosure in disclosure, DisclosureId, "disclosure", "document that left";
    WrittenBack in written_back, WrittenBackId, "written_back", "tick that it was written back";
    Viewing in viewing, ViewingId, "viewing", "look at a record";
    Hold in hold, HoldId, "hold", "legal hold";
    Joining in joining, JoiningId, "joining", "copy joined";
    Erasure in erasure, ErasureId, "erasure", "erasure";
}
