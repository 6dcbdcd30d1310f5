//! Carers: people in their own right (Care Act 2014, section 10).

use super::day::Day;
use super::id::PersonId;
use super::text::{Line, Note};

words! {
    /// How far the carer's own assessment has come.
    Assessment {
        /// Not offered yet.
        NotOffered = "not offered", "not offered";
        /// Offered.
        Offered = "offered", "offered";
        /// Accepted; not done yet.
        Accepted = "accepted", "accepted";
        /// Done.
        Done = "done", "done";
        /// Declined by the carer.
        Declined = "declined", "declined";
    }
}

/// A carer of a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Carer {
    /// Whom they care for.
    pub person: PersonId,
    /// Their name.
    pub name: Line,
    /// Who they are to the person.
    pub relation: Option<Line>,
    /// Telephone.
    pub phone: Option<Line>,
    /// What they need for themselves.
    pub needs: Option<Note>,
    /// Care Act assessment.
    pub assessment: Assessment,
    /// The day of its last step.
    pub assessment_on: Option<Day>,
    /// What happens if the carer is ill tonight.
    pub crisis: Option<Note>,
    /// The day they stopped being a carer.
    pub ended_on: Option<Day>,
}
