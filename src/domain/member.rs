//! Members: the professionals of a team.

use super::day::Day;
use super::id::{OrganisationId, TeamId};
use super::text::{Line, fold};

words! {
    /// How a member belongs to the team.
    Membership {
        /// Attends every meeting.
        Core = "core", "core";
        /// Attends when their people are discussed.
        Extended = "extended", "extended";
        /// Comes when asked.
        Invited = "by invitation", "by invitation";
    }
}

/// A professional.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The team.
    pub team: TeamId,
    /// Their name, with a title if they use one.
    pub name: Line,
    /// Their role (discipline).
    pub role: Line,
    /// Whom they work for.
    pub organisation: OrganisationId,
    /// How they belong to the team.
    pub membership: Membership,
    /// Work telephone.
    pub phone: Option<Line>,
    /// Work e-mail address.
    pub email: Option<Line>,
    /// The day they left the team, if they did. Their past stays; new actions cannot be given to them.
    pub left_on: Option<Day>,
}

impl Member {
    /// Whether `typed` (what stands after `@`) means this member: the start of any word of the name, or of the role.
    pub fn answers_to(&self, typed: &str) -> bool {
        let typed = fold(typed);
        if typed.is_empty() {
            return true;
        }
        let name = fold(self.name.as_str());
        let role = fold(self.role.as_str());
        name.starts_with(&typed)
            || name.split([' ', '-']).chain(role.split([' ', '-'])).any(|word| word.starts_with(&typed))
    }

    /// A short form for narrow columns: `P. Shah`, `Dr A. Farouk`.
    pub fn short_name(&self) -> String {
        let words: Vec<&str> = self.name.as_str().split(' ').collect();
        let is_title = |word: &str| {
            matches!(word.trim_end_matches('.'), "Dr" | "Mr" | "Mrs" | "Ms" | "Miss" | "Prof" | "PC" | "Rev" | "Sister")
        };
        let (title, rest) = match words.split_first() {
            Some((first, rest)) if is_title(first) && !rest.is_empty() => (Some(*first), rest),
            _ => (None, words.as_slice()),
        };
        match rest.split_last() {
            Some((last, firsts)) if !firsts.is_empty() => {
                let initials: String =
                    firsts.iter().filter_map(|word| word.chars().next()).map(|c| format!("{c}.")).collect();
                title.map_or_else(|| format!("{initials} {last}"), |title| format!("{title} {initials} {last}"))
            }
            _ => self.name.as_str().to_owned(),
        }
    }
}
