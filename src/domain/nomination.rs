//! Nominations: somebody asks the team to discuss a person.

use super::day::Day;
use super::id::{OrganisationId, PersonId};
use super::refusal::Refusal;
use super::text::{Line, Note};

words! {
    /// By which way it came.
    Channel {
        /// By telephone.
        Phone = "phone", "phone";
        /// By e-mail.
        Email = "email", "e-mail";
        /// On a form.
        Form = "form", "form";
        /// On a practice's list.
        List = "list", "practice list";
        /// In a meeting.
        InPerson = "in person", "in person";
        /// From the shared record.
        Record = "shared record", "shared record";
    }
}

words! {
    /// How soon.
    Urgency {
        /// At the next meeting with room.
        Routine = "routine", "routine";
        /// At the very next meeting.
        Urgent = "urgent", "urgent";
    }
}

words! {
    /// What became of a nomination.
    Triage {
        /// Not looked at yet, or waiting for a meeting.
        Waiting = "waiting", "waiting";
        /// Put on an agenda.
        OnAgenda = "on agenda", "on the agenda";
        /// Discussed.
        Discussed = "discussed", "discussed";
        /// Not taken, with a reason.
        Declined = "declined", "not taken";
    }
}

/// A request to discuss a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Nomination {
    /// Whom.
    pub person: PersonId,
    /// Who asks.
    pub asked_by: Line,
    /// For which organisation.
    pub organisation: Option<OrganisationId>,
    /// When.
    pub on: Day,
    /// By which way.
    pub channel: Channel,
    /// Why.
    pub reason: Line,
    /// The question for the team.
    pub question: Option<Note>,
    /// How soon.
    pub urgency: Urgency,
    /// SBAR: situation.
    pub situation: Option<Note>,
    /// SBAR: background.
    pub background: Option<Note>,
    /// SBAR: assessment.
    pub assessment: Option<Note>,
    /// SBAR: recommendation.
    pub recommendation: Option<Note>,
    /// The day the person was told.
    pub told_on: Option<Day>,
    /// By whom.
    pub told_by: Option<Line>,
    /// What became of it.
    pub triage: Triage,
    /// Why it was not taken.
    pub triage_why: Option<Line>,
}

impl Nomination {
    /// Checks what the fields must say together.
    ///
    /// # Errors
    /// Refuses a nomination not taken without a reason.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.triage == Triage::Declined && self.triage_why.is_none() {
            return Err(Refusal::new("Say in a few words why the nomination was not taken."));
        }
        Ok(())
    }
}
