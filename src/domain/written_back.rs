//! That the record of a discussion was written back: it stands in the person's own record at their practice.

use super::change::{Change, Mint, Record, add};
use super::day::Moment;
use super::id::DiscussionId;
use super::refusal::Refusal;
use super::text::Line;

/// The tick of one discussion. It is made once; undo takes it away.
#[derive(Clone, Debug, PartialEq)]
pub struct WrittenBack {
    /// Of which discussion.
    pub discussion: DiscussionId,
    /// When it was ticked.
    pub at: Moment,
    /// Who ticked it.
    pub by: Line,
}

/// Ticks that a discussion was written back. `before` is the tick it has already, if it has one.
///
/// # Errors
/// Refuses a second tick, and says whose the first is.
pub fn tick(
    discussion: DiscussionId,
    before: Option<&Record<WrittenBack>>,
    by: Line,
    at: Moment,
    mint: &mut Mint,
) -> Result<Change, Refusal> {
    match before {
        Some(before) => Err(Refusal::new(format!("{} has ticked this already. Nothing was changed.", before.by))),
        None => Ok(add(mint.mint(), WrittenBack { discussion, at, by })),
    }
}
