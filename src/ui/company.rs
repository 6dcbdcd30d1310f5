//! Who else is at work on the file, as this screen says it – and whether it still sees what they write.

use crate::domain::day::Moment;
use crate::domain::meeting::Stage;
use crate::store::session::AtWork;

use super::model::Model;

/// The others, as they were read last.
#[derive(Clone, Debug, Default)]
pub struct Company {
    /// Who else is at work, longest first.
    pub others: Vec<AtWork>,
    /// Who leads the live meeting, where it is another screen.
    pub leader: Option<String>,
    /// Whether this screen leads it.
    pub leads: bool,
    /// Why this screen may be old. Until it can read again, nothing is written.
    pub old: Option<String>,
}

/// The time of a moment as the file holds it, for a sentence.
pub(in crate::ui) fn time(model: &Model, iso: &str) -> String {
    Moment::from_iso(iso).map(|moment| model.now.time_of(moment).to_string()).unwrap_or_default()
}

/// `2 others: Pat Hollis (leads the meeting), Ruth Bell (in the minutes since 10:41)`; nothing where nobody else is there.
pub(in crate::ui) fn sentence(model: &Model) -> Option<String> {
    let others = &model.company.others;
    let live = model.next_meeting.as_ref().is_some_and(|meeting| meeting.stage == Stage::Live);
    let each = others.iter().map(|other| {
        let does = match &other.card {
            Some((card, since)) => format!("{} since {}", doing(card), time(model, since)),
            None if live && model.company.leader.as_ref() == Some(&other.actor) => "leads the meeting".to_owned(),
            None => format!("since {}", time(model, &other.since)),
        };
        format!("{} ({does})", other.actor)
    });
    let each: Vec<String> = each.collect();
    let count = match each.len() {
        0 => return None,
        1 => "1 other".to_owned(),
        n => format!("{n} others"),
    };
    Some(format!("{count}: {}", each.join(", ")))
}

/// What somebody does who has this card open. Never about whom.
fn doing(card: &str) -> &'static str {
    match card.split(':').next() {
        Some("walk" | "card") => "in the minutes",
        Some("person" | "caseload") => "in a record",
        Some("agenda") => "in the agenda",
        Some("action") => "at an action",
        Some("team") => "at the team",
        Some("addendum") => "at an addendum",
        _ => "writing",
    }
}

/// The same for the bar, where it has room for it: `2 others here`. Home says who they are.
pub(in crate::ui) fn short(model: &Model) -> String {
    if model.idle.left.is_some() || model.size.0 < 80 {
        return String::new();
    }
    match model.company.others.len() {
        0 => String::new(),
        1 => "1 other here".to_owned(),
        n => format!("{n} others here"),
    }
}
