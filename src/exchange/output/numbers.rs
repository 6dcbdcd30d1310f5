//! Counts, and nothing about anybody: what a sponsor or a board may be given.

use std::collections::BTreeMap;

use crate::domain::Word as _;
use crate::domain::action::ActionState;
use crate::domain::agenda::Outcome;
use crate::domain::change::Record;
use crate::domain::day::Day;
use crate::domain::discussion::Decision;
use crate::domain::meeting::{Attending, Meeting, Stage};
use crate::domain::refusal::Refusal;
use crate::domain::team::Team;
use crate::store::action::{ActionFilter, ActionRow};
use crate::store::{FileKind, Reader};

use super::NotMade;
use super::actions;
use super::document::{Document, Fact, Row};
use super::minutes::DEMO;
use super::people::Members;

/// What a meeting did, in numbers; of a planned one, what it is to do.
///
/// # Errors
/// Refuses a cancelled meeting; any fault of the file.
pub fn of_meeting(reader: &Reader, team: &Record<Team>, meeting: &Record<Meeting>) -> Result<Document, NotMade> {
    if meeting.stage == Stage::Cancelled {
        return Err(
            Refusal::new(format!("The meeting of {} was cancelled: there is nothing to count.", meeting.on)).into()
        );
    }
    let mut document = begun(reader, team, &format!("Numbers – {}", meeting.on.long()));
    document.meta("Meeting", format!("{} ({})", meeting.on.long(), meeting.stage.label()));
    let items = reader.agenda(meeting.id)?;
    let people = items.iter().filter(|item| item.person.is_some());
    let of = |outcome: Outcome| people.clone().filter(|item| item.outcome == outcome).count();
    let count = |label: &str, n: usize| Fact::new(label, n.to_string());
    document.heading(1, "People");
    let mut facts = vec![count("On the agenda", people.clone().count())];
    for outcome in Outcome::ALL {
        facts.push(count(&capital(outcome.label()), of(*outcome)));
    }
    let minutes: i64 = people.clone().map(|item| item.spent).sum::<i64>() / 60;
    if of(Outcome::Discussed) > 0 {
        facts.push(Fact::new("Minutes spent", minutes.to_string()));
    }
    document.facts(facts);
    let discussions = reader.discussions(meeting.id)?;
    let agreed = discussions.iter().filter(|it| it.agreed_at.is_some());
    document.heading(1, "Decisions");
    let decided = |decision| agreed.clone().filter(|it| it.decision == Some(decision)).count();
    document.facts(vec![
        count("Read back and agreed", agreed.clone().count()),
        count("Decision made", decided(Decision::Made)),
        count("Deferred", decided(Decision::Deferred)),
        count("None reached", decided(Decision::NotReached)),
        count("With a key worker", agreed.clone().filter(|it| it.key_worker.is_some()).count()),
        count("With a review date", agreed.clone().filter(|it| it.review_on.is_some()).count()),
        count("With somebody who tells the person", agreed.clone().filter(|it| it.teller.is_some()).count()),
    ]);
    attended(&mut document, reader, team, meeting)?;
    let filter = ActionFilter { meeting: Some(meeting.id), ..ActionFilter::default() };
    let rows = actions::rows(reader, team.id, &filter)?;
    document.heading(1, "Actions agreed");
    by_organisation(&mut document, &rows, meeting.on);
    Ok(document)
}

/// Actions, in numbers.
///
/// # Errors
/// Any fault of the file.
pub fn of_actions(
    reader: &Reader,
    team: &Record<Team>,
    filter: &ActionFilter,
    today: Day,
) -> Result<Document, NotMade> {
    let mut document = begun(reader, team, &format!("Actions in numbers – {}", today.long()));
    document.meta("Made on", today.long());
    let rows = actions::rows(reader, team.id, filter)?;
    by_organisation(&mut document, &rows, today);
    Ok(document)
}

fn begun(reader: &Reader, team: &Record<Team>, title: &str) -> Document {
    let mut document = Document::new("numbers", title.to_owned(), team.name.as_str());
    if reader.kind() == FileKind::Demo {
        document.notices.push(DEMO.to_owned());
    }
    document.meta("Team", team.name.as_str());
    document
}

fn attended(
    document: &mut Document,
    reader: &Reader,
    team: &Record<Team>,
    meeting: &Record<Meeting>,
) -> Result<(), NotMade> {
    let members = Members::of(reader, team.id)?;
    let attendance = reader.attendance(meeting.id)?;
    let there = attendance.iter().filter(|it| it.attended());
    let mut roles: BTreeMap<String, i64> = BTreeMap::new();
    for it in there.clone() {
        *roles.entry(members.role(it.member)).or_default() += 1;
    }
    let quorum = team.quorum(there.filter_map(|it| members.get(it.member)).map(|it| &it.value));
    document.heading(1, "Attendance");
    document.facts(vec![
        Fact::new("Quorum", if quorum.is_met() { "met" } else { "NOT met" }),
        Fact::new("Apologies", attendance.iter().filter(|it| it.attending == Attending::Apologies).count().to_string()),
    ]);
    if !roles.is_empty() {
        let rows = roles.into_iter().map(|(role, n)| Row::of([role, n.to_string()])).collect();
        document.table(&[("Role", 70), ("Attended", 30)], rows);
    }
    Ok(())
}

fn by_organisation(document: &mut Document, rows: &[ActionRow], on: Day) {
    if rows.is_empty() {
        document.paragraph("No actions.");
        return;
    }
    let mut organisations: BTreeMap<&str, Vec<&ActionRow>> = BTreeMap::new();
    for row in rows {
        organisations.entry(&row.organisation).or_default().push(row);
    }
    let line = |name: &str, rows: &[&ActionRow]| {
        let count = |test: &dyn Fn(&ActionRow) -> bool| rows.iter().filter(|row| test(row)).count().to_string();
        Row::of([
            name.to_owned(),
            rows.len().to_string(),
            count(&|row| row.action.state.is_live()),
            count(&|row| row.action.overdue_days(on).is_some()),
            count(&|row| matches!(row.action.state, ActionState::Done { .. })),
            count(&|row| matches!(row.action.state, ActionState::NotDone { .. })),
            count(&|row| row.action.carried >= 2),
        ])
    };
    let mut out: Vec<Row> = organisations.iter().map(|(name, rows)| line(name, rows)).collect();
    out.push(line("All", &rows.iter().collect::<Vec<_>>()));
    let columns = [
        ("Organisation", 34),
        ("Actions", 11),
        ("To be done", 11),
        ("Overdue", 11),
        ("Done", 11),
        ("Not done", 11),
        ("Carried twice or more", 11),
    ];
    document.table(&columns, out);
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
