//! People at one address, considered together.

use super::text::{Line, Note};

/// A household.
#[derive(Clone, Debug, PartialEq)]
pub struct Household {
    /// What the team calls it, often the address.
    pub name: Line,
    /// What holds for everyone there.
    pub note: Option<Note>,
}
