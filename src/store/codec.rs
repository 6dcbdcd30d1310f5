//! Rows ↔ domain values. Loading is parsing: what this program could not have written is refused, never
//! replaced by a default.

use rusqlite::Row;
use rusqlite::types::{Value, ValueRef};

use crate::domain::Word;
use crate::domain::action::{Action, ActionState, NotDoneReason};
use crate::domain::activity::{Activity, ActivityKind};
use crate::domain::agenda::{AgendaItem, Outcome};
use crate::domain::band::{Band, BandEntry, Score};
use crate::domain::carer::{Assessment, Carer};
use crate::domain::change::{Noun, NounKind, Record, RecordId};
use crate::domain::day::{Day, Moment, TimeOfDay};
use crate::domain::disclosure::Disclosure;
use crate::domain::discussion::{Decision, Discussion};
use crate::domain::erasure::Erasure;
use crate::domain::hold::Hold;
use crate::domain::household::Household;
use crate::domain::id;
use crate::domain::intake::{Intake, IntakeKind, Proposal, ProposalState, ProposedField, QueueState, QueuedRow};
use crate::domain::joining::Joining;
use crate::domain::key_worker::KeyWorker;
use crate::domain::meeting::{Attendance, Attending, Meeting, Stage};
use crate::domain::member::{Member, Membership};
use crate::domain::minutes::{Addendum, Document, Minutes};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::nomination::{Channel, Nomination, Triage, Urgency};
use crate::domain::organisation::{Organisation, OrganisationKind};
use crate::domain::person::{Person, Residence, Sex, Standing};
use crate::domain::plan::{Goal, Plan, Progress};
use crate::domain::service::Service;
use crate::domain::sharing::{Objection, Sharing};
use crate::domain::team::Team;
use crate::domain::text::{Line, Note};
use crate::domain::viewing::{Looked, Viewing};
use crate::domain::written_back::WrittenBack;

use super::fault::Fault;

/// One field of a record in one column of a row.
pub trait Cell: Sized {
    /// The cell for this field.
    fn put(&self) -> Value;
    /// Reads the cell, or says in a few words what is wrong with it.
    fn take(cell: ValueRef<'_>) -> Result<Self, &'static str>;
}

/// A noun with a table of its own. The columns are the fields, in order; the id column is apart.
pub trait Table: Noun {
    /// The columns, in the order of the fields.
    const COLUMNS: &'static [&'static str];
    /// `SELECT` and `FROM` of whole records as `t`, id first.
    fn select() -> &'static str;
    /// The fields as cells, in the order of [`Table::COLUMNS`].
    fn put(&self) -> Vec<Value>;
    /// Reads the cells of a row from column `at` on.
    fn take(row: &Row<'_>, at: usize) -> Result<Self, Fault>;
}

impl Cell for i64 {
    fn put(&self) -> Value {
        Value::Integer(*self)
    }
    fn take(cell: ValueRef<'_>) -> Result<Self, &'static str> {
        cell.as_i64().map_err(|_| "not a whole number")
    }
}

impl Cell for bool {
    fn put(&self) -> Value {
        Value::Integer(i64::from(*self))
    }
    fn take(cell: ValueRef<'_>) -> Result<Self, &'static str> {
        match i64::take(cell)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err("neither yes nor no"),
        }
    }
}

impl<T: Cell> Cell for Option<T> {
    fn put(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::put)
    }
    fn take(cell: ValueRef<'_>) -> Result<Self, &'static str> {
        match cell {
            ValueRef::Null => Ok(None),
            _ => T::take(cell).map(Some),
        }
    }
}

fn text(cell: ValueRef<'_>) -> Result<&str, &'static str> {
    cell.as_str().map_err(|_| "not text")
}

impl Cell for Line {
    fn put(&self) -> Value {
        Value::Text(self.as_str().to_owned())
    }
    fn take(cell: ValueRef<'_>) -> Result<Self, &'static str> {
        let raw = text(cell)?;
        Line::parse(raw).ok().filter(|line| line.as_str() == raw).ok_or("text that is not safe to show")
    }
}

impl Cell for Note {
    fn put(&self) -> Value {
        Value::Text(self.as_str().to_owned())
    }
    fn take(cell: ValueRef<'_>) -> Result<Self, &'static str> {
        let raw = text(cell)?;
        Note::parse(raw).ok().filter(|note| note.as_str() == raw).ok_or("text that is not safe to show")
    }
}

impl Cell for Document {
    fn put(&self) -> Value {
        Value::Text(self.as_str().to_owned())
    }
    fn take(cell: ValueRef<'_>) -> Result<Self, &'static str> {
        text(cell).map(|text| Document::new(text.to_owned()))
    }
}

impl Cell for Day {
    fn put(&self) -> Value {
        Value::Text(self.iso())
    }
    fn take(cell: ValueRef<'_>) -> Result<Self, &'static str> {
        Day::from_iso(text(cell)?).ok_or("not a date")
    }
}

impl Cell for Moment {
    fn put(&self) -> Value {
        Value::Text(self.iso())
    }
    fn take(cell: ValueRef<'_>) -> Result<Self, &'static str> {
        Moment::from_iso(text(cell)?).ok_or("not a point in time")
    }
}

impl Cell for TimeOfDay {
    fn put(&self) -> Value {
        Value::Integer(self.minutes())
    }
    fn take(cell: ValueRef<'_>) -> Result<Self, &'static str> {
        u16::try_from(i64::take(cell)?)
            .ok()
            .and_then(|minutes| TimeOfDay::new(minutes / 60, minutes % 60))
            .ok_or("not a time of day")
    }
}

impl Cell for Score {
    fn put(&self) -> Value {
        Value::Integer(self.0)
    }
    fn take(cell: ValueRef<'_>) -> Result<Self, &'static str> {
        i64::take(cell).map(Score)
    }
}

impl Cell for NhsNumber {
    fn put(&self) -> Value {
        // Ten digits always fit.
        Value::Integer(self.value().cast_signed())
    }
    fn take(cell: ValueRef<'_>) -> Result<Self, &'static str> {
        u64::try_from(i64::take(cell)?).ok().and_then(NhsNumber::from_value).ok_or("not an NHS number")
    }
}

impl<I: RecordId> Cell for Vec<I> {
    fn put(&self) -> Value {
        let ids: Vec<i64> = self.iter().map(|id| id.raw()).collect();
        Value::Text(serde_json::to_string(&ids).unwrap_or_else(|_| "[]".to_owned()))
    }
    fn take(cell: ValueRef<'_>) -> Result<Self, &'static str> {
        let ids: Vec<i64> = serde_json::from_str(text(cell)?).map_err(|_| "not a list of ids")?;
        Ok(ids.into_iter().map(I::from_raw).collect())
    }
}

macro_rules! word_cells {
    ($($word:ty),+) => { $(
        impl Cell for $word {
            fn put(&self) -> Value { Value::Text(self.code().to_owned()) }
            fn take(cell: ValueRef<'_>) -> Result<Self, &'static str> {
                <$word>::from_code(text(cell)?).ok_or("a word this program does not know")
            }
        }
    )+ };
}
word_cells!(
    ActivityKind,
    Assessment,
    Attending,
    Band,
    Channel,
    Decision,
    IntakeKind,
    Looked,
    Membership,
    NotDoneReason,
    NounKind,
    OrganisationKind,
    Outcome,
    Progress,
    ProposalState,
    ProposedField,
    QueueState,
    Residence,
    Sex,
    Sharing,
    Stage,
    Standing,
    Triage,
    Urgency
);

macro_rules! id_cells {
    ($($id:ident),+) => { $(
        impl Cell for id::$id {
            fn put(&self) -> Value { Value::Integer(self.raw()) }
            fn take(cell: ValueRef<'_>) -> Result<Self, &'static str> { i64::take(cell).map(Self::from_raw) }
        }
    )+ };
}
id_cells!(
    TeamId,
    OrganisationId,
    MemberId,
    PersonId,
    BandEntryId,
    ObjectionId,
    KeyWorkerId,
    HouseholdId,
    CarerId,
    PlanId,
    GoalId,
    NominationId,
    MeetingId,
    AgendaItemId,
    AttendanceId,
    DiscussionId,
    ActionId,
    MinutesId,
    AddendumId,
    IntakeId,
    QueuedRowId,
    ProposalId,
    ActivityId,
    ServiceId,
    DisclosureId,
    WrittenBackId,
    ViewingId,
    HoldId,
    JoiningId,
    ErasureId
);

/// Reads one cell of a row of `noun`, or the fault that says which.
pub(super) fn cell<T: Cell>(row: &Row<'_>, at: usize, noun: NounKind) -> Result<T, Fault> {
    let raw = row.get_ref(at)?;
    T::take(raw).map_err(|why| Fault::unreadable(noun, row, at, why))
}

macro_rules! table {
    ($noun:ident { $($field:ident),+ $(,)? }) => {
        impl Table for $noun {
            const COLUMNS: &'static [&'static str] = &[ $( stringify!($field), )+ ];
            fn select() -> &'static str {
                static SQL: std::sync::OnceLock<String> = std::sync::OnceLock::new();
                SQL.get_or_init(select_all::<Self>)
            }
            fn put(&self) -> Vec<Value> {
                // Naming every field makes the compiler ask for a column when a field is added.
                let Self { $( $field, )+ } = self;
                vec![ $( $field.put(), )+ ]
            }
            #[allow(unused_assignments, reason = "the last column's step is not read")]
            fn take(row: &Row<'_>, mut at: usize) -> Result<Self, Fault> {
                $( let $field = cell(row, at, <$noun as Noun>::KIND)?; at += 1; )+
                Ok(Self { $( $field, )+ })
            }
        }
    };
}

table!(Team {
    name,
    purpose,
    place,
    starts,
    length,
    cadence,
    minutes_each,
    quorum_members,
    quorum_roles,
    undiscussed_weeks,
    tell_days,
    break_minutes,
    break_people,
    retention_years
});
table!(Organisation { name, kind, code });
table!(Member { team, name, role, organisation, membership, phone, email, left_on });
table!(Household { name, note });
table!(Person {
    team,
    nhs_number,
    surname,
    forename,
    preferred,
    title,
    born,
    sex,
    address,
    postcode,
    phone,
    practice,
    named_gp,
    council,
    residence,
    lives_alone,
    housebound,
    household,
    band,
    band_on,
    score,
    score_tool,
    score_on,
    efi,
    cfs,
    cfs_on,
    conditions,
    attendances,
    admissions,
    out_of_hours,
    admitted_on,
    safeguarding,
    respect,
    palliative,
    has_carer,
    sharing,
    sharing_on,
    sharing_by,
    sharing_note,
    objects_to_risk_lists,
    standing,
    standing_on,
});
table!(BandEntry { person, band, before, on, set_by, tool, score, label, reason, overridden });
table!(Objection { person, organisation, on, note, lifted_on });
table!(KeyWorker { person, member, since, until, ended_why });
table!(Carer { person, name, relation, phone, needs, assessment, assessment_on, crisis, ended_on });
table!(Plan {
    person,
    matters,
    strengths,
    needs,
    trigger,
    response,
    contact,
    agreed_with,
    agreed_on,
    review_on,
    reviewer
});
table!(Goal { person, words, progress, note, on });
table!(Nomination {
    person,
    asked_by,
    organisation,
    on,
    channel,
    reason,
    question,
    urgency,
    situation,
    background,
    assessment,
    recommendation,
    told_on,
    told_by,
    triage,
    triage_why,
});
table!(Meeting {
    team,
    on,
    starts,
    length,
    place,
    chair,
    minute_taker,
    stage,
    begun_at,
    ended_at,
    here,
    here_since,
    break_offered
});
table!(AgendaItem {
    meeting,
    place,
    person,
    title,
    minutes,
    lead,
    disciplines,
    reasons,
    question,
    nomination,
    outcome,
    outcome_why,
    begun_at,
    spent
});
table!(Attendance { meeting, member, attending, here_now, arrived_at, left_at });
table!(Discussion {
    meeting,
    item,
    person,
    situation,
    action_to_date,
    update,
    next_steps,
    decision,
    teller,
    telling_waived,
    review_on,
    key_worker,
    present,
    objection_why,
    gaps_why,
    agreed_at,
});
table!(Minutes { meeting, sealed_at, sealed_by, document, sha256 });
table!(Addendum { minutes, at, by, text });
table!(Intake { team, kind, at, file, sha256, bytes, counts });
table!(QueuedRow { team, intake, kind, line, why, alike, person, given, state, decided_on });
table!(Proposal { team, intake, person, field, ours, theirs, state, decided_on });
table!(Activity { person, kind, on, until, provider, source });
table!(Disclosure { team, meeting, at, by, kind, recipient, format, people, withheld, sealed, sha256 });
table!(WrittenBack { discussion, at, by });
table!(Viewing { person, at, by, looked });
table!(Hold { person, on, by, why, lifted_on, lifted_why });
table!(Erasure { person, at, by, witness, why, records, minutes, hashes, emptied, leaves });
table!(Joining { at, by, base, head, head_hash, steps, decided, emptied });
table!(Service {
    name,
    organisation,
    about,
    needs,
    eligibility,
    phone,
    email,
    website,
    checked_on,
    capacity,
    closed_on
});

// The state of an action is one value with four cells: an end has a day, and the table's CHECK says which have words.
impl Table for Action {
    const COLUMNS: &'static [&'static str] = &[
        "team",
        "person",
        "meeting",
        "item",
        "goal",
        "what",
        "owner",
        "raised_on",
        "due",
        "carried",
        "telling",
        "state",
        "state_on",
        "state_reason",
        "state_note",
    ];

    fn select() -> &'static str {
        static SQL: std::sync::OnceLock<String> = std::sync::OnceLock::new();
        SQL.get_or_init(select_all::<Self>)
    }

    fn put(&self) -> Vec<Value> {
        let Self { team, person, meeting, item, goal, what, owner, raised_on, due, carried, telling, state } = self;
        let (on, reason, note) = match state {
            ActionState::Open => (None, None, None),
            ActionState::Accepted { on } => (Some(on), None, None),
            ActionState::Done { on, note } => (Some(on), None, note.as_ref()),
            ActionState::NotDone { on, reason, note } => (Some(on), Some(reason), note.as_ref()),
            ActionState::Withdrawn { on, why } => (Some(on), None, Some(why)),
        };
        vec![
            team.put(),
            person.put(),
            meeting.put(),
            item.put(),
            goal.put(),
            what.put(),
            owner.put(),
            raised_on.put(),
            due.put(),
            carried.put(),
            telling.put(),
            Value::Text(state.code().to_owned()),
            on.copied().put(),
            reason.copied().put(),
            note.cloned().put(),
        ]
    }

    fn take(row: &Row<'_>, at: usize) -> Result<Self, Fault> {
        let noun = NounKind::Action;
        let on: Option<Day> = cell(row, at + 12, noun)?;
        let reason: Option<NotDoneReason> = cell(row, at + 13, noun)?;
        let note: Option<Note> = cell(row, at + 14, noun)?;
        let code = row.get_ref(at + 11)?.as_str().unwrap_or_default().to_owned();
        let state = match (code.as_str(), on, reason, note) {
            ("open", None, None, None) => ActionState::Open,
            ("accepted", Some(on), None, None) => ActionState::Accepted { on },
            ("done", Some(on), None, note) => ActionState::Done { on, note },
            ("not done", Some(on), Some(reason), note) => ActionState::NotDone { on, reason, note },
            ("withdrawn", Some(on), None, Some(why)) => ActionState::Withdrawn { on, why },
            _ => return Err(Fault::unreadable(noun, row, at + 11, "a state that contradicts itself")),
        };
        Ok(Self {
            team: cell(row, at, noun)?,
            person: cell(row, at + 1, noun)?,
            meeting: cell(row, at + 2, noun)?,
            item: cell(row, at + 3, noun)?,
            goal: cell(row, at + 4, noun)?,
            what: cell(row, at + 5, noun)?,
            owner: cell(row, at + 6, noun)?,
            raised_on: cell(row, at + 7, noun)?,
            due: cell(row, at + 8, noun)?,
            carried: cell(row, at + 9, noun)?,
            telling: cell(row, at + 10, noun)?,
            state,
        })
    }
}

/// `t."id", t."a", t."b", …` for a select of whole records.
pub(super) fn columns<N: Table>(alias: &str) -> String {
    let mut out = format!("{alias}.id");
    for column in N::COLUMNS {
        out.push_str(&format!(", {alias}.\"{column}\""));
    }
    out
}

fn select_all<N: Table>() -> String {
    format!("SELECT {} FROM {} t", columns::<N>("t"), N::KIND.code())
}

/// How many cells [`columns`] selects.
pub(super) fn width<N: Table>() -> usize {
    N::COLUMNS.len() + 1
}

/// Reads a whole record from cell `at` on, id first.
pub(super) fn record<N: Table>(row: &Row<'_>, at: usize) -> Result<Record<N>, Fault> {
    Ok(Record { id: N::Id::from_raw(row.get(at)?), value: N::take(row, at + 1)? })
}
