//! The directory of local and voluntary services.

use super::day::Day;
use super::text::{Line, Note};

/// Days after which what is known of a service should be checked again.
pub const STALE_DAYS: i64 = 182;

/// An entry of the directory.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// What it is called.
    pub name: Line,
    /// Who runs it.
    pub organisation: Option<Line>,
    /// What it does.
    pub about: Option<Note>,
    /// What it helps with: words to find it by.
    pub needs: Option<Line>,
    /// Who may use it.
    pub eligibility: Option<Line>,
    /// Telephone.
    pub phone: Option<Line>,
    /// E-mail.
    pub email: Option<Line>,
    /// Website.
    pub website: Option<Line>,
    /// The day somebody last checked that this is right.
    pub checked_on: Option<Day>,
    /// Room it has, in its own words.
    pub capacity: Option<Line>,
    /// The day it ended.
    pub closed_on: Option<Day>,
}

impl Service {
    /// Whether nobody has checked it for [`STALE_DAYS`] days, or ever.
    pub fn is_stale(&self, today: Day) -> bool {
        self.checked_on.is_none_or(|on| today.days_since(on) > STALE_DAYS)
    }
}
