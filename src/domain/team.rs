//! A team: one MDT, its purpose, its rhythm and its rules.

use super::day::TimeOfDay;
use super::member::Member;
use super::text::{Line, Note};

/// One MDT. Every number here is the team's own setting; none is a national rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Team {
    /// What the team calls itself.
    pub name: Line,
    /// Terms of reference: what the meeting is for.
    pub purpose: Option<Note>,
    /// Where it usually meets.
    pub place: Option<Line>,
    /// When it usually starts.
    pub starts: TimeOfDay,
    /// How long a meeting lasts, in minutes.
    pub length: i64,
    /// Days from one meeting to the next.
    pub cadence: i64,
    /// Minutes planned for a person unless the agenda says otherwise.
    pub minutes_each: i64,
    /// Fewest members present for a quorum.
    pub quorum_members: i64,
    /// Roles that must be present, parted by commas; alternatives by `/`: `GP, nurse/matron, social`.
    pub quorum_roles: Option<Line>,
    /// Weeks after which a high-band person who was not discussed becomes a candidate.
    pub undiscussed_weeks: i64,
    /// Working days within which the person is told what was agreed.
    pub tell_days: i64,
    /// Minutes after which one break is offered.
    pub break_minutes: i64,
    /// People after whom one break is offered.
    pub break_people: i64,
    /// Years a record is kept after the person left the caseload, counted from that day.
    pub retention_years: i64,
}

impl Team {
    /// A new team with the usual numbers: fortnightly, two hours, eight minutes a person.
    pub fn new(name: Line) -> Self {
        Self {
            name,
            purpose: None,
            place: None,
            starts: TimeOfDay::new(13, 0).unwrap_or_else(|| unreachable!("13:00 is a time")),
            length: 120,
            cadence: 14,
            minutes_each: 8,
            quorum_members: 4,
            quorum_roles: Line::parse("GP, nurse/matron, social").ok(),
            undiscussed_weeks: 12,
            tell_days: 2,
            break_minutes: 60,
            break_people: 10,
            retention_years: 8,
        }
    }

    /// Whether the members present make a quorum, and what is missing if not.
    pub fn quorum<'m>(&self, present: impl IntoIterator<Item = &'m Member>) -> Quorum {
        let present: Vec<String> = present.into_iter().map(|member| member.role.as_str().to_lowercase()).collect();
        let short_by = (self.quorum_members - i64::try_from(present.len()).unwrap_or(i64::MAX)).max(0);
        let wanted = self.quorum_roles.as_ref().map(Line::as_str).unwrap_or_default();
        let missing = wanted
            .split(',')
            .map(str::trim)
            .filter(|role| !role.is_empty())
            .filter(|role| {
                let alternatives: Vec<String> = role.split('/').map(|word| word.trim().to_lowercase()).collect();
                !present.iter().any(|held| alternatives.iter().any(|word| holds(held, word)))
            })
            .map(str::to_owned)
            .collect();
        Quorum { short_by, missing }
    }
}

/// A short word such as `GP` must be a word of the role; a longer one may be part of it (`social` in `Social worker`).
fn holds(role: &str, wanted: &str) -> bool {
    if wanted.len() <= 3 {
        role.split(|c: char| !c.is_alphanumeric()).any(|word| word == wanted)
    } else {
        role.contains(wanted)
    }
}

/// What a quorum still lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quorum {
    /// How many more members are needed.
    pub short_by: i64,
    /// Roles of the rule that nobody present holds, as the rule writes them.
    pub missing: Vec<String>,
}

impl Quorum {
    /// Whether nothing is missing.
    pub fn is_met(&self) -> bool {
        self.short_by == 0 && self.missing.is_empty()
    }

    /// `Quorum met`, or what is missing.
    pub fn in_words(&self) -> String {
        let mut parts = Vec::new();
        if self.short_by > 0 {
            parts.push(format!("{} more needed", self.short_by));
        }
        if !self.missing.is_empty() {
            parts.push(format!("missing {}", self.missing.join(", ")));
        }
        if parts.is_empty() { "Quorum met".to_owned() } else { format!("No quorum: {}", parts.join("; ")) }
    }
}
