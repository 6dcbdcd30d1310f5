//! That somebody looked at a person's record: one for each opening, none for scrolling.

use super::day::Moment;
use super::id::PersonId;
use super::text::Line;

words! {
    /// Where a record was looked at.
    Looked {
        /// On the person's page.
        Page = "page", "page";
        /// As a history: what happened to the record, and who did it.
        History = "history", "history";
    }
}

/// One opening of one person's record.
#[derive(Clone, Debug, PartialEq)]
pub struct Viewing {
    /// Whose record.
    pub person: PersonId,
    /// When it was opened.
    pub at: Moment,
    /// Who opened it.
    pub by: Line,
    /// Where.
    pub looked: Looked,
}
