use chrono::{DateTime, Utc};

use crate::clock::Clock;
use crate::domain::action::ActionState;
use crate::domain::agenda::Outcome;
use crate::domain::band::Band;
use crate::domain::meeting::Stage;
use crate::store::{self, FileKind, Reader};

use super::*;

fn demo(seed: u64, at: &str) -> (tempfile::TempDir, Reader, Now) {
    let folder = tempfile::tempdir().unwrap();
    let now = Clock::Fixed(at.parse::<DateTime<Utc>>().unwrap()).now();
    let (mut store, reader) =
        store::create(&folder.path().join("demo.mdt"), None, FileKind::Demo, 1, &made(now)).unwrap();
    build(&mut store, seed, now).unwrap();
    (folder, reader, now)
}

#[test]
fn the_demo_is_a_team_with_a_past_and_a_meeting_today() {
    let (_folder, reader, now) = demo(SEED, "2026-11-26T12:40:00Z");
    let team = &reader.teams().unwrap()[0];
    assert_eq!(reader.members(team.id).unwrap().len(), 12);
    let meetings = reader.meetings(team.id).unwrap();
    let stages: Vec<Stage> = meetings.iter().map(|meeting| meeting.stage).collect();
    assert_eq!(stages, [Stage::Planned, Stage::Planned, Stage::Closed, Stage::Closed]);
    assert_eq!(meetings[1].on, now.today);
    let agenda = reader.agenda(meetings[1].id).unwrap();
    assert_eq!(agenda.iter().filter(|item| item.person.is_some()).count(), 10);
    assert_eq!(agenda.iter().filter(|item| item.title.is_some()).count(), 1);
    assert!(agenda.iter().map(|item| item.minutes).sum::<i64>() <= team.length);
    assert!(reader.agenda(meetings[0].id).unwrap().is_empty());
    let last = reader.agenda(meetings[2].id).unwrap();
    assert_eq!(last.iter().filter(|item| item.outcome == Outcome::NotReached).count(), 1);
    let jean = reader.get::<crate::domain::person::Person>(agenda[0].person.unwrap()).unwrap().unwrap();
    assert_eq!((jean.name().as_str(), jean.age(now.today)), ("ADEYEMI, Jean (Jeannie)", Some(84)));
    assert_eq!((jean.band, jean.safeguarding.is_some()), (Some(Band::High), true));
    let actions = reader.actions(team.id, &crate::store::action::ActionFilter::default(), 0, 500).unwrap();
    let any = |test: &dyn Fn(&ActionState) -> bool| actions.iter().any(|row| test(&row.action.state));
    assert!(any(&|state| matches!(state, ActionState::Done { .. })));
    assert!(any(&|state| matches!(state, ActionState::NotDone { .. })));
    assert!(any(&|state| matches!(state, ActionState::Withdrawn { .. })));
    assert!(actions.iter().any(|row| row.action.carried == 3 && row.action.state.is_live()));
    assert!(actions.iter().any(|row| row.action.overdue_days(now.today).is_some()));
    assert!(actions.iter().any(|row| row.action.state.is_live() && row.action.due >= now.today));
    assert_eq!(reader.verify_chain().unwrap(), Ok(reader.head().unwrap().seq));
    let stamps: Vec<String> = reader.steps(10_000).unwrap().into_iter().rev().map(|step| step.at).collect();
    assert!(stamps.is_sorted(), "steps stand in the order of their days");
    assert!(stamps.last().unwrap() < &now.moment.iso(), "nothing has happened in the future");
}

#[test]
fn it_can_be_built_on_awkward_days() {
    for day in ["2028-02-29T00:00:30Z", "2027-01-01T23:59:59Z", "2027-03-28T12:00:00Z"] {
        let (_folder, reader, _) = demo(7, day);
        assert_eq!(reader.verify_chain().unwrap(), Ok(reader.head().unwrap().seq), "{day}");
    }
}
