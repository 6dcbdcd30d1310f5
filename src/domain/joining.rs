//! That another copy of the file was joined to this one: where the two parted, and what the other held since.

use super::day::Moment;
use super::minutes::Document;
use super::text::Line;

/// One copy joined. Its steps since the two parted are kept beside the log, under the hash given here.
#[derive(Clone, Debug, PartialEq)]
pub struct Joining {
    /// When.
    pub at: Moment,
    /// Who joined it and decided where both had changed the same.
    pub by: Line,
    /// The newest step both had.
    pub base: i64,
    /// The other copy's newest step, by its own count.
    pub head: i64,
    /// Its hash, in hexadecimal.
    pub head_hash: Line,
    /// How many of its steps this file did not have.
    pub steps: i64,
    /// How many decisions a person made.
    pub decided: i64,
    /// Which of its texts were not kept, because they are about somebody erased. Nothing where an earlier version joined.
    pub emptied: Option<Document>,
}
