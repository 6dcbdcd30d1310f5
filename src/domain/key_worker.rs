//! The key worker: exactly one current for each active person, with history.

use super::change::{Change, Mint, Record, add, alter};
use super::day::Day;
use super::id::{MemberId, PersonId};
use super::refusal::Refusal;
use super::text::Line;

/// One period of one key worker.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyWorker {
    /// For whom.
    pub person: PersonId,
    /// Who.
    pub member: MemberId,
    /// From this day.
    pub since: Day,
    /// Until this day; open for the current one.
    pub until: Option<Day>,
    /// Why it ended.
    pub ended_why: Option<Line>,
}

/// Names `member` as key worker: ends the current period, if there is one, and starts a new one.
///
/// # Errors
/// Refuses where `member` is the key worker already.
pub fn hand_over(
    current: Option<&Record<KeyWorker>>,
    person: PersonId,
    member: MemberId,
    today: Day,
    mint: &mut Mint,
) -> Result<Vec<Change>, Refusal> {
    let mut changes = Vec::new();
    if let Some(current) = current {
        if current.member == member {
            return Err(Refusal::new("They are the key worker already."));
        }
        changes.push(alter(current, |period| {
            period.until = Some(today);
            period.ended_why = Line::parse("handed over").ok();
        }));
    }
    changes.push(add(mint.mint(), KeyWorker { person, member, since: today, until: None, ended_why: None }));
    Ok(changes)
}
