//! Who might be discussed at the next meeting, and why: the candidates for an agenda.
//!
//! One walk over the indexes finds everybody with a reason; the reasons themselves are read only for those shown.

use std::collections::BTreeMap;

use rusqlite::params;

use crate::domain::agenda::Reason;
use crate::domain::band::Band;
use crate::domain::change::{Record, RecordId};
use crate::domain::day::Day;
use crate::domain::id::{MeetingId, NominationId, PersonId};
use crate::domain::nomination::{Nomination, Triage, Urgency};
use crate::domain::person::Person;
use crate::domain::team::Team;

use super::Reader;
use super::caseload::CaseRow;
use super::fault::Fault;

/// More candidates than this are counted, not listed.
pub const CANDIDATE_LIMIT: usize = 200;

/// Days for which a rise of the band is a reason.
const RISE_DAYS: i64 = 60;

/// Somebody who might be discussed, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Who.
    pub person: Record<Person>,
    /// The waiting nomination an agenda item would answer.
    pub nomination: Option<Record<Nomination>>,
    /// Why, strongest first; never empty in a list of candidates.
    pub reasons: Vec<Reason>,
}

/// The candidates for an agenda.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Candidates {
    /// The first [`CANDIDATE_LIMIT`] of them.
    pub rows: Vec<Candidate>,
    /// How many there are in all.
    pub count: usize,
}

/// The day of the meeting where somebody was left over, and the nomination their item was to answer.
type LeftOver = (Day, Option<NominationId>);

impl Reader {
    /// Everybody of the team with a reason to be discussed, who does not stand on `agenda` or wait on another one.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn candidates(&self, team: &Record<Team>, agenda: Option<MeetingId>, today: Day) -> Result<Candidates, Fault> {
        let left_over = self.left_over_people(team)?;
        let json: Vec<String> = left_over.keys().map(|person| person.raw().to_string()).collect();
        let mut select = self.db.prepare_cached(include_str!("candidates.sql"))?;
        let mut found = select.query(params![
            team.id.raw(),
            format!("[{}]", json.join(",")),
            today.iso(),
            today.plus(-RISE_DAYS).iso(),
            today.plus(-7 * team.undiscussed_weeks).iso(),
            agenda.map(RecordId::raw),
        ])?;
        let mut ids = Vec::new();
        let mut count = 0;
        while let Some(row) = found.next()? {
            if count < CANDIDATE_LIMIT {
                ids.push(PersonId::from_raw(row.get(0)?));
            }
            count += 1;
        }
        let rows = self
            .these_people(&ids)?
            .into_iter()
            .map(|row| self.candidate_of(team, row, &left_over, today))
            .collect::<Result<Vec<_>, Fault>>()?;
        Ok(Candidates { rows, count })
    }

    /// The reasons to discuss one person; there may be none.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn candidate(&self, team: &Record<Team>, person: PersonId, today: Day) -> Result<Option<Candidate>, Fault> {
        let left_over = self.left_over_people(team)?;
        let row = self.these_people(&[person])?.into_iter().next();
        row.map(|row| self.candidate_of(team, row, &left_over, today)).transpose()
    }

    /// People left over from earlier meetings: from which, and the nomination that was not answered there.
    fn left_over_people(&self, team: &Record<Team>) -> Result<BTreeMap<PersonId, LeftOver>, Fault> {
        let mut people = BTreeMap::new();
        for (meeting, item) in self.left_over(team.id)? {
            if let Some(person) = item.person {
                people.entry(person).or_insert((meeting.on, item.nomination));
            }
        }
        Ok(people)
    }

    fn candidate_of(
        &self,
        team: &Record<Team>,
        row: CaseRow,
        left_over: &BTreeMap<PersonId, LeftOver>,
        today: Day,
    ) -> Result<Candidate, Fault> {
        let id = row.person.id;
        let left = left_over.get(&id);
        // Those that wait, and the one that went onto an agenda where it was not reached.
        let unanswered = |it: &Record<Nomination>| match it.triage {
            Triage::Waiting => true,
            Triage::OnAgenda => left.is_some_and(|(_, nomination)| *nomination == Some(it.id)),
            Triage::Discussed | Triage::Declined => false,
        };
        let mut waiting: Vec<Record<Nomination>> = self.nominations(id)?.into_iter().filter(unanswered).collect();
        waiting.sort_by_key(|nomination| (nomination.urgency != Urgency::Urgent, nomination.on));
        let mut reasons: Vec<Reason> = left.map(|(from, _)| Reason::CarriedOver { from: *from }).into_iter().collect();
        reasons.extend(waiting.iter().map(|nomination| Reason::Nominated {
            by: nomination.asked_by.to_string(),
            because: nomination.reason.to_string(),
            urgent: nomination.urgency == Urgency::Urgent,
        }));
        reasons.extend(self.rise(&row.person, today)?.map(|on| Reason::BandRose { on }));
        if row.next_due.is_some_and(|due| due < today) {
            reasons.push(Reason::OverdueActions { count: self.count_overdue(id, today)? });
        }
        reasons.extend(row.review_on.filter(|on| *on <= today).map(|on| Reason::ReviewDue { on }));
        if row.person.band == Some(Band::High) {
            if row.key_worker.is_none() {
                reasons.push(Reason::NoKeyWorker);
            }
            let weeks = row.last_discussed.map(|on| today.days_since(on) / 7);
            if row.last_discussed.is_none_or(|on| on < today.plus(-7 * team.undiscussed_weeks)) {
                reasons.push(Reason::NotDiscussed { weeks });
            }
        }
        Ok(Candidate { person: row.person, nomination: waiting.into_iter().next(), reasons })
    }

    /// The day of a recent rise to the band the person still has.
    fn rise(&self, person: &Record<Person>, today: Day) -> Result<Option<Day>, Fault> {
        let since = today.plus(-RISE_DAYS);
        let rose = self.band_history(person.id)?.into_iter().find(|entry| {
            entry.on >= since
                && Some(entry.band) == person.band
                && entry.before.is_some_and(|before| before.rank() > entry.band.rank())
        });
        Ok(rose.map(|entry| entry.on))
    }
}
