//! Which columns of an erased record stay, and what stands in the others.
//!
//! What is not named here is text about the person and goes: a column that somebody adds later is erased until somebody
//! says that it may stay.

use rusqlite::types::Value;

use crate::domain::Word as _;
use crate::domain::change::NounKind;
use crate::domain::day::Day;
use crate::domain::erasure::ERASED;
use crate::domain::intake::{ProposalState, QueueState};
use crate::domain::nomination::Triage;
use crate::domain::person::{Residence, Sex, Standing};
use crate::domain::sharing::Sharing;

use super::super::apply::{Deed, Field, RowChange, columns_of};

/// The nouns whose records belong to a person by a column of that name. Households and minutes come apart.
pub(super) const OF_A_PERSON: [NounKind; 13] = [
    NounKind::BandEntry,
    NounKind::Objection,
    NounKind::KeyWorker,
    NounKind::Carer,
    NounKind::Plan,
    NounKind::Goal,
    NounKind::Nomination,
    NounKind::AgendaItem,
    NounKind::Discussion,
    NounKind::Action,
    NounKind::QueuedRow,
    NounKind::Proposal,
    NounKind::Activity,
];

/// Columns that stay: who of the team, on which day, in what state, how many.
fn stays(noun: NounKind) -> &'static [&'static str] {
    match noun {
        NounKind::Person => &["team", "standing", "standing_on"],
        NounKind::BandEntry => &["person", "band", "before", "on", "set_by", "overridden"],
        NounKind::Objection => &["person", "organisation", "on", "lifted_on"],
        NounKind::KeyWorker => &["person", "member", "since", "until"],
        NounKind::Carer => &["person", "assessment", "assessment_on", "ended_on"],
        NounKind::Plan => &["person", "agreed_on", "reviewer"],
        NounKind::Goal => &["person", "progress", "on"],
        NounKind::Nomination => &["person", "organisation", "on", "channel", "urgency", "told_on", "triage"],
        NounKind::AgendaItem => {
            &["meeting", "place", "person", "minutes", "lead", "nomination", "outcome", "begun_at", "spent"]
        }
        NounKind::Discussion => {
            &["meeting", "item", "person", "decision", "teller", "review_on", "key_worker", "present", "agreed_at"]
        }
        NounKind::Action => &[
            "team",
            "person",
            "meeting",
            "item",
            "goal",
            "owner",
            "raised_on",
            "due",
            "carried",
            "telling",
            "state",
            "state_on",
            "state_reason",
        ],
        NounKind::QueuedRow => &["team", "intake", "kind", "line", "person", "state", "decided_on"],
        NounKind::Proposal => &["team", "intake", "person", "field", "state", "decided_on"],
        NounKind::Activity => &["person", "kind", "on", "until"],
        NounKind::Household
        | NounKind::Team
        | NounKind::Organisation
        | NounKind::Member
        | NounKind::Meeting
        | NounKind::Attendance
        | NounKind::Minutes
        | NounKind::Addendum
        | NounKind::Intake
        | NounKind::Service
        | NounKind::Disclosure
        | NounKind::WrittenBack
        | NounKind::Viewing
        | NounKind::Hold
        | NounKind::Joining
        | NounKind::Erasure => &[],
    }
}

/// What stands in a column that goes. Words that a row must have become the one that says nothing.
fn instead(noun: NounKind, column: &str, was: &Value) -> Value {
    let text = |text: &str| Value::Text(text.to_owned());
    match (noun, column) {
        (NounKind::Person, "surname" | "forename") => text(ERASED),
        (NounKind::Person, "sex") => text(Sex::Unknown.code()),
        (NounKind::Person, "residence") => text(Residence::NotRecorded.code()),
        (NounKind::Person, "sharing") => text(Sharing::NotRecorded.code()),
        (NounKind::Person, "objects_to_risk_lists") => Value::Integer(0),
        (NounKind::QueuedRow, "given") => text("{}"),
        (NounKind::Person, _)
        | (NounKind::Carer, "relation" | "phone")
        | (NounKind::Plan, "review_on")
        | (NounKind::AgendaItem, "disciplines")
        | (NounKind::BandEntry, "tool" | "label") => Value::Null,
        // That there was a text is a fact; what it said is gone.
        _ => match was {
            Value::Text(_) => text(ERASED),
            Value::Null | Value::Integer(_) | Value::Real(_) | Value::Blob(_) => Value::Null,
        },
    }
}

/// A row as it is, and what it becomes; nothing where it says nothing that goes. `row` has the cells in the columns' order.
pub(super) fn without_text(noun: NounKind, row: i64, cells: Vec<Value>, person: i64, today: Day) -> Option<RowChange> {
    let was = |column: &str| columns_of(noun).iter().position(|it| *it == column).and_then(|at| cells.get(at));
    let is = |column: &str, word: &str| matches!(was(column), Some(Value::Text(text)) if text == word);
    let on = || Value::Text(today.iso());
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    // Whatever still waits for somebody to act on it is at its end.
    let ended: Vec<(&str, Option<Value>)> = match noun {
        NounKind::Person if is("standing", Standing::Active.code()) => {
            vec![("standing", text(Standing::Discharged.code())), ("standing_on", Some(on()))]
        }
        NounKind::KeyWorker if was("until") == Some(&Value::Null) => {
            let since = match was("since") {
                Some(Value::Text(since)) => since.clone(),
                _ => String::new(),
            };
            vec![("until", Some(Value::Text(since.max(today.iso())))), ("ended_why", text(ERASED))]
        }
        NounKind::Nomination if is("triage", Triage::Waiting.code()) || is("triage", Triage::OnAgenda.code()) => {
            vec![("triage", text(Triage::Declined.code())), ("triage_why", text(ERASED))]
        }
        NounKind::Action if is("state", "open") || is("state", "accepted") => {
            vec![("state", text("withdrawn")), ("state_on", Some(on())), ("state_note", text(ERASED))]
        }
        NounKind::QueuedRow if is("state", QueueState::Waiting.code()) => vec![
            ("state", text(QueueState::Same.code())),
            ("decided_on", Some(on())),
            ("person", Some(Value::Integer(person))),
        ],
        NounKind::Proposal if is("state", ProposalState::Waiting.code()) => {
            vec![("state", text(ProposalState::Declined.code())), ("decided_on", Some(on()))]
        }
        _ => Vec::new(),
    };
    let mut fields = Vec::new();
    for (column, was) in columns_of(noun).iter().zip(cells.iter().cloned()) {
        let end = ended.iter().find(|(name, _)| name == column).and_then(|(_, end)| end.clone());
        let now = match end {
            Some(end) => end,
            None if stays(noun).contains(column) => continue,
            None => instead(noun, column, &was),
        };
        if now != was {
            fields.push(Field { column, was, now });
        }
    }
    (!fields.is_empty()).then_some(RowChange { noun, row, deed: Deed::Alter, fields })
}
