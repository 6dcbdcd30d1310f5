//! The care plan: what matters, strengths, needs, goals in the person's words, and what to do if it goes wrong.
//!
//! Headings follow the Personalised Care and Support Plan standard (DAPB4022).

use super::day::Day;
use super::id::{MemberId, PersonId};
use super::text::{Line, Note};

/// A person's care plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Whose plan.
    pub person: PersonId,
    /// What matters to me, in the person's words.
    pub matters: Option<Note>,
    /// Strengths: what the person and those around them can do.
    pub strengths: Option<Note>,
    /// Needs, concerns or problems.
    pub needs: Option<Note>,
    /// Contingency: what would show that it is going wrong.
    pub trigger: Option<Note>,
    /// Contingency: what should happen then.
    pub response: Option<Note>,
    /// Contingency: who to contact.
    pub contact: Option<Note>,
    /// Agreed with: the person, or who speaks for them.
    pub agreed_with: Option<Line>,
    /// When it was agreed.
    pub agreed_on: Option<Day>,
    /// When it is reviewed next.
    pub review_on: Option<Day>,
    /// Who reviews it.
    pub reviewer: Option<MemberId>,
}

impl Plan {
    /// An empty plan.
    pub fn new(person: PersonId) -> Self {
        Self {
            person,
            matters: None,
            strengths: None,
            needs: None,
            trigger: None,
            response: None,
            contact: None,
            agreed_with: None,
            agreed_on: None,
            review_on: None,
            reviewer: None,
        }
    }
}

words! {
    /// How far a goal has come.
    Progress {
        /// Not started.
        NotStarted = "not started", "not started";
        /// Some progress.
        Some = "some", "some progress";
        /// Achieved.
        Achieved = "achieved", "achieved";
        /// The person no longer wants it.
        Dropped = "dropped", "no longer wanted";
    }
}

/// A goal of a care plan, in the person's words.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// Whose goal.
    pub person: PersonId,
    /// In the person's words.
    pub words: Note,
    /// How far it has come.
    pub progress: Progress,
    /// What shows it.
    pub note: Option<Note>,
    /// The day of the last change of progress.
    pub on: Day,
}
