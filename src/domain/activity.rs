//! Activity: one use of a service, with its day and where the knowledge of it comes from.

use super::change::Record;
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

/// Months that a line of activity reaches back.
pub const MONTHS: usize = 6;

/// How often what was used, most pressing kinds first: `A&E attendance 2`, `unplanned admission 1`.
pub fn tallied(events: &[Record<Activity>]) -> Vec<String> {
    use super::Word as _;
    let count = |kind: &ActivityKind| events.iter().filter(|event| event.kind == *kind).count();
    let told = |kind: &ActivityKind| match count(kind) {
        0 => None,
        n => Some(format!("{} {n}", kind.label())),
    };
    ActivityKind::ALL.iter().filter_map(told).collect()
}

/// Uses of hospital and crisis services in each of the last [`MONTHS`] thirty days, oldest first, as a line of blocks;
/// nothing where there were none.
pub fn line(events: &[Record<Activity>], today: Day) -> Option<String> {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let mut months = [0_usize; MONTHS];
    for event in events {
        let back = usize::try_from(today.days_since(event.on) / 30).unwrap_or(usize::MAX);
        if let Some(month) = MONTHS.checked_sub(back + 1).and_then(|at| months.get_mut(at)) {
            *month += 1;
        }
    }
    let most = months.iter().copied().max().filter(|most| *most > 0)?;
    let block = |n: &usize| BLOCKS.get(n * (BLOCKS.len() - 1) / most).copied().unwrap_or('▁');
    Some(months.iter().map(block).collect())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::RecordId as _;
    use crate::domain::id::ActivityId;

    fn event(kind: ActivityKind, on: &str) -> Record<Activity> {
        let (person, on) = (PersonId::from_raw(1), Day::from_iso(on).unwrap());
        let source = Line::parse("SUS").unwrap();
        let value = Activity { person, kind, on, until: None, provider: None, source };
        Record { id: ActivityId::from_raw(1), value }
    }

    #[test]
    fn uses_are_counted_by_kind_and_by_month() {
        let today = Day::from_iso("2026-11-26").unwrap();
        let events = [
            event(ActivityKind::OutOfHours, "2026-06-10"),
            event(ActivityKind::Emergency, "2026-11-01"),
            event(ActivityKind::Emergency, "2026-11-20"),
            event(ActivityKind::Admission, "2025-01-01"),
        ];
        assert_eq!(tallied(&events), ["A&E attendance 2", "unplanned admission 1", "out-of-hours contact 1"]);
        assert_eq!(line(&events, today).as_deref(), Some("▄▁▁▁▁█"));
        assert_eq!(line(&events[3..], today), None);
    }
}
