//! Minutes: a draft is made afresh from the records; sealed minutes are frozen and can only be added to.

use super::day::Moment;
use super::id::{MeetingId, MinutesId};
use super::text::{Line, Note};

/// A frozen document, kept letter for letter. It was built from displayable text only.
#[derive(Clone, PartialEq, Eq)]
pub struct Document(String);

impl Document {
    /// Freezes a document.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Document({} bytes)", self.0.len())
    }
}

/// Sealed minutes of one meeting.
#[derive(Clone, Debug, PartialEq)]
pub struct Minutes {
    /// The meeting.
    pub meeting: MeetingId,
    /// When they were sealed.
    pub sealed_at: Moment,
    /// By whom.
    pub sealed_by: Line,
    /// The minutes themselves, as a document (JSON).
    pub document: Document,
    /// SHA-256 of the document, in hexadecimal.
    pub sha256: Line,
}

/// An addition to sealed minutes.
#[derive(Clone, Debug, PartialEq)]
pub struct Addendum {
    /// Which minutes.
    pub minutes: MinutesId,
    /// When.
    pub at: Moment,
    /// By whom.
    pub by: Line,
    /// What is added or corrected.
    pub text: Note,
}
