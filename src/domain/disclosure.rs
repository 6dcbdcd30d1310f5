//! What left the building: which document, for whom, about whom, and the hash by which a copy of it is known again.

use super::day::Moment;
use super::id::{MeetingId, PersonId, TeamId};
use super::text::Line;

/// One document that left.
#[derive(Clone, Debug, PartialEq)]
pub struct Disclosure {
    /// Whose caseload it is of.
    pub team: TeamId,
    /// Of which meeting, if it is of one.
    pub meeting: Option<MeetingId>,
    /// When.
    pub at: Moment,
    /// Who sent it out.
    pub by: Line,
    /// What it is: `minutes`, `agenda`, `actions` …
    pub kind: Line,
    /// For whom, as a command line names them: `full`, `organisation:Age UK`.
    pub recipient: Line,
    /// In which format.
    pub format: Line,
    /// About whom it speaks.
    pub people: Vec<PersonId>,
    /// How many people were left out of it.
    pub withheld: i64,
    /// Whether it was sealed when it left.
    pub sealed: bool,
    /// SHA-256 of the bytes that left, in hexadecimal.
    pub sha256: Line,
}
