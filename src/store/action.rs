//! Actions of every meeting: the list a screen or an export shows.

use rusqlite::types::Value;

use crate::domain::action::Action;
use crate::domain::change::{Record, RecordId};
use crate::domain::day::Day;
use crate::domain::id::{ActionId, AgendaItemId, MeetingId, MemberId, OrganisationId, PersonId, TeamId};
use crate::domain::meeting::Meeting;
use crate::domain::member::Member;
use crate::domain::person::Person;

use super::Reader;
use super::codec::{columns, record, width};
use super::fault::Fault;
use super::find::several;

/// Which actions to list. What is not set does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActionFilter {
    /// Only those still to be done.
    pub live_only: bool,
    /// Of this owner.
    pub owner: Option<MemberId>,
    /// Of owners of this organisation.
    pub organisation: Option<OrganisationId>,
    /// For this person.
    pub person: Option<PersonId>,
    /// Still to be done and due before this day.
    pub due_before: Option<Day>,
    /// Due on this day or later.
    pub due_from: Option<Day>,
    /// Due on this day or earlier.
    pub due_to: Option<Day>,
    /// Agreed at this meeting.
    pub meeting: Option<MeetingId>,
}

/// An action with whom it is for and who does it.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionRow {
    /// The action.
    pub action: Record<Action>,
    /// For whom, if for somebody.
    pub person: Option<Record<Person>>,
    /// The owner.
    pub owner: Record<Member>,
    /// The owner's organisation.
    pub organisation: String,
}

impl ActionFilter {
    fn conditions(&self, team: TeamId) -> (String, Vec<Value>) {
        // Where an owner, a person or a meeting is asked for, theirs is the index to walk, not the team's (hence the `+`).
        let of_somebody = self.owner.is_some() || self.person.is_some() || self.meeting.is_some();
        let mut sql = if of_somebody { "+a.team = ?" } else { "a.team = ?" }.to_owned();
        let mut params = vec![Value::Integer(team.raw())];
        let mut and = |condition: &str, value: Option<Value>| {
            sql.push_str(" AND ");
            sql.push_str(condition);
            params.extend(value);
        };
        if self.live_only || self.due_before.is_some() {
            and("a.state IN ('open', 'accepted')", None);
        }
        if let Some(owner) = self.owner {
            and("a.owner = ?", Some(Value::Integer(owner.raw())));
        }
        if let Some(organisation) = self.organisation {
            and("o.organisation = ?", Some(Value::Integer(organisation.raw())));
        }
        if let Some(person) = self.person {
            and("a.person = ?", Some(Value::Integer(person.raw())));
        }
        if let Some(day) = self.due_before {
            and("a.due < ?", Some(Value::Text(day.iso())));
        }
        if let Some(day) = self.due_from {
            and("a.due >= ?", Some(Value::Text(day.iso())));
        }
        if let Some(day) = self.due_to {
            and("a.due <= ?", Some(Value::Text(day.iso())));
        }
        if let Some(meeting) = self.meeting {
            and("a.meeting = ?", Some(Value::Integer(meeting.raw())));
        }
        (sql, params)
    }
}

impl Reader {
    /// Actions by due day, those still to be done first; `offset` and `limit` make a window.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn actions(
        &self,
        team: TeamId,
        filter: &ActionFilter,
        offset: i64,
        limit: i64,
    ) -> Result<Vec<ActionRow>, Fault> {
        let (conditions, mut params) = filter.conditions(team);
        params.extend([Value::Integer(limit), Value::Integer(offset)]);
        self.action_rows(
            &format!("WHERE {conditions} ORDER BY a.state NOT IN ('open', 'accepted'), a.due, a.id LIMIT ? OFFSET ?"),
            params,
        )
    }

    /// Matters arising at a meeting: actions agreed before it that were live when it began, by due day. An action
    /// closed on the day of the meeting was closed at it.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn matters_arising(&self, meeting: &Record<Meeting>) -> Result<Vec<ActionRow>, Fault> {
        let day = meeting.on.iso();
        self.action_rows(
            "LEFT JOIN meeting m ON m.id = a.meeting
             WHERE a.id IN (SELECT id FROM action WHERE team = ?1 AND state IN ('open', 'accepted')
                            UNION SELECT id FROM action WHERE team = ?1 AND state_on >= ?2)
               AND ((a.meeting IS NULL AND a.raised_on <= ?2) OR (m.\"on\", m.id) < (?2, ?3))
             ORDER BY a.due, a.id",
            vec![Value::Integer(meeting.team.raw()), Value::Text(day), Value::Integer(meeting.id.raw())],
        )
    }

    fn action_rows(&self, rest: &str, params: Vec<Value>) -> Result<Vec<ActionRow>, Fault> {
        let sql = format!(
            "SELECT {}, {}, g.name, {} FROM action a JOIN member o ON o.id = a.owner JOIN organisation g ON g.id = o.organisation LEFT JOIN person p ON p.id = a.person {rest}",
            columns::<Action>("a"),
            columns::<Member>("o"),
            columns::<Person>("p")
        );
        let mut select = self.db.prepare_cached(&sql)?;
        let mut rows = select.query(rusqlite::params_from_iter(params))?;
        let mut out = Vec::new();
        let (owner_at, person_at) = (width::<Action>(), width::<Action>() + width::<Member>() + 1);
        while let Some(row) = rows.next()? {
            let action: Record<Action> = record(row, 0)?;
            let person = if action.person.is_some() { Some(record(row, person_at)?) } else { None };
            out.push(ActionRow {
                person,
                owner: record(row, owner_at)?,
                organisation: row.get(person_at - 1)?,
                action,
            });
        }
        Ok(out)
    }

    /// How many actions the filter lets through.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn count_actions(&self, team: TeamId, filter: &ActionFilter) -> Result<i64, Fault> {
        let (conditions, params) = filter.conditions(team);
        let owners = filter.organisation.map(|_| " JOIN member o ON o.id = a.owner").unwrap_or_default();
        let sql = format!("SELECT count(*) FROM action a{owners} WHERE {conditions}");
        Ok(self.db.prepare_cached(&sql)?.query_row(rusqlite::params_from_iter(params), |row| row.get(0))?)
    }

    /// Where an action stands among those the filter lets through; none if it is not let through.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn action_place(&self, team: TeamId, filter: &ActionFilter, action: ActionId) -> Result<Option<i64>, Fault> {
        let (conditions, mut params) = filter.conditions(team);
        let sql = format!(
            "SELECT count(*), max(a.id = ?) FROM action a JOIN member o ON o.id = a.owner
             WHERE {conditions} AND (a.state NOT IN ('open', 'accepted'), a.due, a.id)
                <= (SELECT b.state NOT IN ('open', 'accepted'), b.due, b.id FROM action b WHERE b.id = ?)"
        );
        params.insert(0, Value::Integer(action.raw()));
        params.push(Value::Integer(action.raw()));
        let (upto, there): (i64, Option<i64>) = self
            .db
            .prepare_cached(&sql)?
            .query_row(rusqlite::params_from_iter(params), |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok((there == Some(1)).then_some(upto - 1))
    }

    /// How many actions of a person are past their day.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn count_overdue(&self, person: PersonId, today: Day) -> Result<i64, Fault> {
        Ok(self
            .db
            .prepare_cached(
                "SELECT count(*) FROM action WHERE person = ?1 AND state IN ('open', 'accepted') AND due < ?2",
            )?
            .query_row(rusqlite::params![person.raw(), today.iso()], |row| row.get(0))?)
    }

    /// Actions agreed under an agenda item, in the order in which they were.
    ///
    /// # Errors
    /// Any fault of the disk, or an unreadable row.
    pub fn actions_under(&self, item: AgendaItemId) -> Result<Vec<Record<Action>>, Fault> {
        several(&self.db, "WHERE t.item = ?1 ORDER BY t.id", [item.raw()])
    }
}
