//! The minutes of a meeting: a draft made afresh from the records, or the sealed document with what was added to it.
//!
//! How minutes are frozen, and what comes after that, is in `sealed`.

use std::collections::BTreeMap;

use crate::clock::{self, Clock};
use crate::domain::Word;
use crate::domain::action::{Action, ActionState};
use crate::domain::agenda::{AgendaItem, Outcome};
use crate::domain::change::Record;
use crate::domain::day::{Day, Moment};
use crate::domain::discussion::{Decision, Discussion};
use crate::domain::id::{AgendaItemId, MemberId, PersonId};
use crate::domain::meeting::{Attendance, Attending, Meeting, Stage};
use crate::domain::person::Person;
use crate::domain::refusal::Refusal;
use crate::domain::team::Team;
use crate::domain::text::{Line, Note};
use crate::store::action::{ActionFilter, ActionRow};
use crate::store::fault::Fault;
use crate::store::{FileKind, Reader};

use super::alike;
use super::document::{Document, Fact, Mark, Row};
use super::people::{Members, identity, overdue, plain_state, state, times, whom};
use super::{NotMade, sealed};

/// What stands on everything that is made from a demo file.
pub const DEMO: &str = "DEMO – invented people";

/// The minutes of a meeting as they stand: sealed with addenda and seal, or a draft.
///
/// # Errors
/// Refuses a meeting that has not begun; any fault of the file.
pub fn document_of(
    reader: &Reader,
    team: &Record<Team>,
    meeting: &Record<Meeting>,
    clock: &Clock,
) -> Result<Document, NotMade> {
    match meeting.stage {
        Stage::Planned => Err(Refusal::new(format!(
            "The meeting of {} has not begun: there are no minutes yet. Its agenda can be had with mdt agenda.",
            meeting.on
        ))
        .into()),
        Stage::Cancelled => {
            Err(Refusal::new(format!("The meeting of {} was cancelled: there are no minutes.", meeting.on)).into())
        }
        Stage::Live | Stage::Closed => {
            let mut document = build(reader, team, meeting, clock)?;
            document.notices.insert(0, "DRAFT – not sealed, may still change".to_owned());
            Ok(document)
        }
        Stage::Sealed => Ok(sealed::document_of(reader, meeting, clock, None)?),
    }
}

/// What was done for a person so far, one action a line: those still to be done, and those closed since `since`.
/// Actions of `meeting` itself are next steps, not action to date. None where there is nothing to say.
pub fn action_to_date(
    actions: &[Record<Action>],
    meeting: &Record<Meeting>,
    since: Option<Day>,
    owner: impl Fn(MemberId) -> String,
) -> Option<String> {
    let told = |action: &Record<Action>| {
        let closed_lately = action.state.closed_on().is_some_and(|on| since.is_none_or(|since| on >= since));
        action.meeting != Some(meeting.id)
            && action.raised_on <= meeting.on
            && (action.state.is_live() || closed_lately)
    };
    let lines: Vec<String> = actions
        .iter()
        .filter(|action| told(action))
        .map(|action| {
            let standing = state(action, meeting.on);
            format!("{} – {}, due {}: {standing}", action.what, owner(action.owner), action.due)
        })
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

pub(super) fn local_time(at: Moment, clock: &Clock) -> String {
    let (day, time) = clock::local(at, clock);
    format!("{day} {time}")
}

pub(super) fn build(
    reader: &Reader,
    team: &Record<Team>,
    meeting: &Record<Meeting>,
    clock: &Clock,
) -> Result<Document, NotMade> {
    Ok(Sitting::read(reader, team, meeting, clock)?.minutes()?)
}

/// A meeting with everything the minutes tell of it.
struct Sitting<'a> {
    reader: &'a Reader,
    team: &'a Record<Team>,
    meeting: &'a Record<Meeting>,
    clock: &'a Clock,
    members: Members,
    attendance: Vec<Record<Attendance>>,
    items: Vec<Record<AgendaItem>>,
    people: BTreeMap<PersonId, Record<Person>>,
    discussions: BTreeMap<AgendaItemId, Record<Discussion>>,
    raised: Vec<ActionRow>,
}

impl<'a> Sitting<'a> {
    fn read(
        reader: &'a Reader,
        team: &'a Record<Team>,
        meeting: &'a Record<Meeting>,
        clock: &'a Clock,
    ) -> Result<Self, Fault> {
        let filter = ActionFilter { meeting: Some(meeting.id), ..ActionFilter::default() };
        Ok(Self {
            reader,
            team,
            meeting,
            clock,
            members: Members::of(reader, team.id)?,
            attendance: reader.attendance(meeting.id)?,
            items: reader.agenda(meeting.id)?,
            people: reader.agenda_people(meeting.id)?.into_iter().map(|person| (person.id, person)).collect(),
            discussions: reader.discussions(meeting.id)?.into_iter().map(|it| (it.item, it)).collect(),
            raised: reader.actions(team.id, &filter, 0, i64::MAX)?,
        })
    }

    fn minutes(&self) -> Result<Document, Fault> {
        let title = format!("Minutes – {}", self.meeting.on.long());
        let mut document = Document::new("minutes", title, self.team.name.as_str());
        if self.reader.kind() == FileKind::Demo {
            document.notices.push(DEMO.to_owned());
        }
        self.header(&mut document)?;
        self.attended(&mut document);
        self.matters_arising(&mut document)?;
        let (people, standing): (Vec<_>, Vec<_>) = self.items.iter().partition(|item| item.person.is_some());
        if !people.is_empty() {
            document.heading(1, "People");
            for item in people {
                let Some(id) = item.person else { continue };
                document.about(id, |document| self.person(document, item))?;
            }
        }
        if !standing.is_empty() {
            document.heading(1, "Standing items");
            for item in standing {
                document.of_the_team(|document| self.standing_item(document, item));
            }
        }
        self.action_log(&mut document);
        alike::note(&mut document, self.people.values());
        document.labelled("Agreed as a true record", "chair ………………………………………   date ………………………");
        Ok(document)
    }

    fn time(&self, at: Moment) -> String {
        let (day, time) = clock::local(at, self.clock);
        if day == self.meeting.on { time.to_string() } else { format!("{time} on {day}") }
    }

    fn header(&self, document: &mut Document) -> Result<(), Fault> {
        let meeting = self.meeting;
        let named =
            |id: Option<MemberId>| id.map_or_else(|| "not recorded".to_owned(), |id| self.members.name_and_role(id));
        document.meta("Team", self.team.name.as_str());
        document.meta("Date", meeting.on.long());
        let time = match (meeting.begun_at, meeting.ended_at) {
            (Some(begun), Some(ended)) => format!("began {}, ended {}", self.time(begun), self.time(ended)),
            (Some(begun), None) => format!("began {}, not ended yet", self.time(begun)),
            (None, _) => format!("planned for {}", meeting.starts),
        };
        document.meta("Time", time);
        document.meta("Place", meeting.place.as_ref().map_or("not recorded", Line::as_str));
        document.meta("Chair", named(meeting.chair));
        document.meta("Minute-taker", named(meeting.minute_taker));
        let there: Vec<_> = self.attendance.iter().filter(|it| it.attended()).collect();
        let quorum = self.team.quorum(there.iter().filter_map(|it| self.members.get(it.member)).map(|it| &it.value));
        let words = quorum.in_words();
        let words = if quorum.is_met() { "met" } else { words.trim_start_matches("No quorum: ") };
        let not = if quorum.is_met() { "" } else { "NOT met – " };
        document.meta("Quorum", format!("{not}{words} ({} attended)", there.len()));
        if let Some(next) = self.reader.next_meeting(self.team.id, meeting.on.plus(1))? {
            document.meta("Next meeting", format!("{}, {}", next.on.long(), next.starts));
        }
        Ok(())
    }

    fn attended(&self, document: &mut Document) {
        document.heading(1, "Attendance");
        let rows: Vec<Row> = self
            .attendance
            .iter()
            .filter(|it| it.attended())
            .filter_map(|it| self.members.get(it.member).map(|member| (it, member)))
            .map(|(it, member)| {
                let mut how = it.attending.label().to_owned();
                if let Some(at) = it.arrived_at {
                    how.push_str(&format!(", came {}", self.time(at)));
                }
                if let Some(at) = it.left_at {
                    how.push_str(&format!(", left {}", self.time(at)));
                }
                let organisation = self.members.organisation_of(member.id);
                Row::of([member.name.to_string(), member.role.to_string(), organisation, how]).opened(0, "–")
            })
            .collect();
        if rows.is_empty() {
            document.paragraph("Nobody's attendance was recorded.");
        } else {
            document.table(&[("Name", 24), ("Role", 24), ("Organisation", 30), ("Attended", 22)], rows);
        }
        let of = |attending: Attending| {
            let names: Vec<String> = self
                .attendance
                .iter()
                .filter(|it| it.attending == attending)
                .map(|it| self.members.name_and_role(it.member))
                .collect();
            names.join(", ")
        };
        let apologies = of(Attending::Apologies);
        let count = |attending: Attending| self.attendance.iter().filter(|it| it.attending == attending).count();
        let sent = if apologies.is_empty() { "none" } else { &apologies };
        document.labelled_as("Apologies", sent, &count(Attending::Apologies).to_string());
        let absent = of(Attending::Absent);
        if !absent.is_empty() {
            document.labelled_as("Expected, not seen", absent, &count(Attending::Absent).to_string());
        }
    }

    fn matters_arising(&self, document: &mut Document) -> Result<(), Fault> {
        document.heading(1, "Matters arising");
        let on = self.meeting.on;
        let rows: Vec<Row> = self
            .reader
            .matters_arising(self.meeting)?
            .iter()
            .map(|row| {
                Row::of([
                    whom(row),
                    row.action.what.to_string(),
                    format!("{}\n{}", row.owner.name, row.organisation),
                    row.action.due.to_string(),
                    state(&row.action, on),
                    times(row.action.carried),
                ])
                .marked(0, Some(Mark::Subject))
                .marked(4, overdue(&row.action, on))
                .about(row.action.person)
                .owned_by(row.owner.id)
                .opened(2, format!("{}\n{}", row.owner.role, row.organisation))
                .opened(4, plain_state(&row.action, on))
                .open([3, 5])
            })
            .collect();
        if rows.is_empty() {
            document.paragraph("No action of an earlier meeting was open.");
        } else {
            document.paragraph("Actions of earlier meetings that were open when this meeting began.");
            document.table(
                &[("Person", 19), ("Action", 25), ("Owner", 18), ("Due", 13), ("Where it stands", 17), ("Carried", 8)],
                rows,
            );
        }
        Ok(())
    }

    fn person(&self, document: &mut Document, item: &Record<AgendaItem>) -> Result<(), Fault> {
        let Some(person) = item.person.and_then(|id| self.people.get(&id)) else { return Ok(()) };
        document.heading(2, identity(person, self.meeting.on));
        let discussion = self.discussions.get(&item.id);
        if item.outcome != Outcome::Discussed {
            document.labelled_as("Outcome", self.outcome(item), self.plain_outcome(item));
        }
        if let Some(reasons) = &item.reasons {
            document.labelled("Why today", reasons.as_str().replace('\n', "; "));
        }
        if let Some(question) = &item.question {
            document.labelled("Question", question.as_str());
        }
        if let Some(discussion) = discussion {
            self.headings(document, item, person, discussion)?;
            document.facts(self.agreed(item, person, discussion)?);
        } else if item.outcome == Outcome::Discussed {
            document.labelled_openly("Recorded", "nothing for this person");
        }
        let wants_actions = item.outcome == Outcome::Discussed;
        self.actions_under(document, item, wants_actions);
        Ok(())
    }

    fn outcome(&self, item: &AgendaItem) -> String {
        let said = self.plain_outcome(item);
        match &item.outcome_why {
            Some(why) => format!("{said} – {why}"),
            None => said.to_owned(),
        }
    }

    /// Without what was typed about it.
    fn plain_outcome(&self, item: &AgendaItem) -> &'static str {
        match item.outcome {
            Outcome::Waiting if self.meeting.stage == Stage::Live => "Not discussed yet",
            Outcome::Waiting => "Not discussed",
            Outcome::Discussed => "Discussed",
            Outcome::Deferred => "Deferred",
            Outcome::NotReached => "Not reached",
            Outcome::Withdrawn => "Withdrawn from the agenda",
        }
    }

    /// The four headings. For somebody who was discussed an empty one says so; for others only what was written stands.
    fn headings(
        &self,
        document: &mut Document,
        item: &Record<AgendaItem>,
        person: &Record<Person>,
        discussion: &Discussion,
    ) -> Result<(), Fault> {
        let to_date = match &discussion.action_to_date {
            Some(frozen) => Some(frozen.as_str().to_owned()),
            None => {
                let past = self.reader.discussions_of(person.id)?;
                let since = past.iter().map(|(meeting, _)| meeting.on).find(|on| *on < self.meeting.on);
                let actions = self.reader.actions_of(person.id)?;
                action_to_date(&actions, self.meeting, since, |owner| self.members.name(owner))
            }
        };
        let discussed = item.outcome == Outcome::Discussed;
        let has_actions = self.raised.iter().any(|row| row.action.item == Some(item.id));
        let next = if has_actions { "the actions below" } else { "nothing recorded" };
        for (label, text, empty) in [
            ("Situation", discussion.situation.as_ref().map(Note::as_str), "nothing recorded"),
            ("Action to date", to_date.as_deref(), "no earlier actions"),
            ("Update", discussion.update.as_ref().map(Note::as_str), "nothing recorded"),
            ("Next steps", discussion.next_steps.as_ref().map(Note::as_str), next),
        ] {
            match text {
                Some(text) => document.labelled(label, text),
                None if discussed => document.labelled_openly(label, empty),
                None => {}
            }
        }
        Ok(())
    }

    /// What the read-back card said.
    fn agreed(&self, item: &AgendaItem, person: &Record<Person>, discussion: &Discussion) -> Result<Vec<Fact>, Fault> {
        let mut facts = Vec::new();
        if item.outcome == Outcome::Discussed {
            let decision = discussion.decision.map_or("not recorded", decision);
            facts.push(Fact::new("Decision", decision).open(decision));
            let key_worker = match (discussion.key_worker, discussion.agreed_at) {
                (Some(member), _) => Some(member),
                (None, Some(_)) => None,
                (None, None) => self.reader.key_worker(person.id)?.map(|it| it.member),
            };
            facts.push(match key_worker {
                None => Fact::new("Key worker", "none named").open("none named"),
                Some(id) => {
                    let organisation = self.members.organisation_of(id);
                    Fact::new("Key worker", format!("{}, {organisation}", self.members.name_and_role(id)))
                        .open(format!("{}, {organisation}", self.members.role(id)))
                }
            });
            let review = discussion.review_on.map_or("no date".to_owned(), Day::long);
            facts.push(Fact::new("Review", &review).open(&review));
            let tells = format!("Tells {}", person.called());
            facts.push(match (discussion.teller, &discussion.telling_waived) {
                (Some(id), _) => Fact::new(&tells, self.members.name_and_role(id)).open(self.members.role(id)),
                (None, Some(why)) => Fact::new(&tells, format!("nobody needs to – {why}")).open("nobody needs to"),
                (None, None) => Fact::new(&tells, "not recorded").open("not recorded"),
            });
            let present = |each: &dyn Fn(MemberId) -> String| {
                let present: Vec<String> = discussion.present.iter().map(|id| each(*id)).collect();
                if present.is_empty() { "not recorded".to_owned() } else { present.join(", ") }
            };
            let (names, roles) = (present(&|id| self.members.name(id)), present(&|id| self.members.role(id)));
            facts.push(Fact::new("Present", names).open(roles));
        }
        if let Some(why) = &discussion.objection_why {
            facts.push(Fact::new("Discussed in spite of an objection", why.as_str()));
        }
        if let Some(why) = &discussion.gaps_why {
            facts.push(Fact::new("Left with gaps", why.as_str()));
        }
        if item.outcome == Outcome::Discussed && discussion.agreed_at.is_none() {
            facts.push(Fact::new("Read back", "not read back and agreed").open("not read back and agreed"));
        }
        Ok(facts)
    }

    fn actions_under(&self, document: &mut Document, item: &Record<AgendaItem>, expected: bool) {
        let mut under: Vec<&ActionRow> = self.raised.iter().filter(|row| row.action.item == Some(item.id)).collect();
        under.sort_by_key(|row| row.action.id);
        if under.is_empty() {
            if expected {
                document.labelled_openly("Actions", "none agreed");
            }
            return;
        }
        let rows = under
            .iter()
            .map(|row| {
                Row::of([
                    withdrawn(&row.action),
                    row.owner.name.to_string(),
                    row.organisation.clone(),
                    row.action.due.to_string(),
                ])
                .about(row.action.person)
                .owned_by(row.owner.id)
                .opened(1, row.owner.role.as_str())
                .open([2, 3])
            })
            .collect();
        document.table(&[("Action", 43), ("Owner", 20), ("Organisation", 24), ("Due", 13)], rows);
    }

    fn standing_item(&self, document: &mut Document, item: &Record<AgendaItem>) {
        document.heading(2, item.title.as_ref().map_or("Standing item", Line::as_str));
        document.labelled("Outcome", self.outcome(item));
        if let Some(question) = &item.question {
            document.labelled("Question", question.as_str());
        }
        self.actions_under(document, item, false);
    }

    fn action_log(&self, document: &mut Document) {
        document.heading(1, "Action log");
        if self.raised.is_empty() {
            document.paragraph("No action was agreed at this meeting.");
            return;
        }
        let on = self.meeting.on;
        document.paragraph("Every action agreed at this meeting, by due day.");
        let rows = self
            .raised
            .iter()
            .map(|row| {
                Row::of([
                    whom(row),
                    row.action.what.to_string(),
                    row.owner.name.to_string(),
                    row.organisation.clone(),
                    row.action.due.to_string(),
                    state(&row.action, on),
                ])
                .marked(0, Some(Mark::Subject))
                .marked(5, overdue(&row.action, on))
                .about(row.action.person)
                .owned_by(row.owner.id)
                .opened(2, row.owner.role.as_str())
                .opened(5, plain_state(&row.action, on))
                .open([3, 4])
            })
            .collect();
        let columns = [("Person", 21), ("Action", 25), ("Owner", 14), ("Organisation", 15), ("Due", 13), ("State", 12)];
        document.table(&columns, rows);
    }
}

/// The decision beside the label “Decision”.
fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Made => "made",
        Decision::Deferred => "deferred",
        Decision::NotReached => "none reached",
    }
}

/// The sentence of an action; one that was withdrawn says so, for it stays in the minutes.
fn withdrawn(action: &Action) -> String {
    match &action.state {
        ActionState::Withdrawn { on, why } => format!("{} (withdrawn {on}: {why})", action.what),
        ActionState::Open | ActionState::Accepted { .. } | ActionState::Done { .. } | ActionState::NotDone { .. } => {
            action.what.to_string()
        }
    }
}
