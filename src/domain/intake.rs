//! A list taken in: what it was, and what came of it.

use super::day::Moment;
use super::id::TeamId;
use super::minutes::Document;
use super::text::Line;

words! {
    /// What a list holds.
    IntakeKind {
        /// People of the caseload.
        Caseload = "caseload", "caseload";
        /// Members of the team.
        Members = "members", "members";
    }
}

/// One list taken in.
#[derive(Clone, Debug, PartialEq)]
pub struct Intake {
    /// For which team.
    pub team: TeamId,
    /// What it held.
    pub kind: IntakeKind,
    /// When.
    pub at: Moment,
    /// The name of the file, without its folder.
    pub file: Line,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: Line,
    /// Its size in bytes.
    pub bytes: i64,
    /// The counts of the report (JSON).
    pub counts: Document,
}
