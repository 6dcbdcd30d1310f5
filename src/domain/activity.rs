//! Activity: one use of a service, with its day and where the knowledge of it comes from.

use super::day::Day;
use super::id::PersonId;
use super::text::Line;

words! {
    /// What was used.
    ActivityKind {
        /// An attendance at an emergency department.
        Emergency = "a&e", "A&E attendance";
        /// An unplanned (non-elective) admission to hospital.
        Admission = "unplanned admission", "unplanned admission";
        /// A contact with the GP out-of-hours service.
        OutOfHours = "out of hours", "out-of-hours contact";
        /// An ambulance was called.
        Ambulance = "999", "999 call";
        /// A call to NHS 111.
        OneOneOne = "111", "111 call";
        /// A contact with the practice.
        Practice = "gp", "GP contact";
        /// A contact with a community team.
        Community = "community", "community contact";
        /// Something else.
        Other = "other", "other contact";
    }
}

/// One use of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// Whose.
    pub person: PersonId,
    /// What.
    pub kind: ActivityKind,
    /// The day, or the first day.
    pub on: Day,
    /// The last day of a stay, where it has ended.
    pub until: Option<Day>,
    /// Where: the provider's code or name.
    pub provider: Option<Line>,
    /// Which list or data set says so.
    pub source: Line,
}
