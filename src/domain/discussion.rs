//! What was recorded for one person at one meeting: the four headings, the decision, and who was present.

use super::day::{Day, Moment};
use super::id::{AgendaItemId, MeetingId, MemberId, PersonId};
use super::text::{Line, Note};

words! {
    /// Whether the team decided.
    Decision {
        /// A decision was made.
        Made = "made", "decision made";
        /// Put off until something is known.
        Deferred = "deferred", "decision deferred";
        /// None was reached.
        NotReached = "none", "no decision reached";
    }
}

/// A discussion.
#[derive(Clone, Debug, PartialEq)]
pub struct Discussion {
    /// The meeting.
    pub meeting: MeetingId,
    /// The agenda item.
    pub item: AgendaItemId,
    /// The person.
    pub person: PersonId,
    /// Situation: may be written before the meeting.
    pub situation: Option<Note>,
    /// Action to date: filled from the log of actions when the discussion is read back.
    pub action_to_date: Option<Note>,
    /// Update: what was said.
    pub update: Option<Note>,
    /// Next steps, in words beside the actions.
    pub next_steps: Option<Note>,
    /// The decision.
    pub decision: Option<Decision>,
    /// Who tells the person.
    pub teller: Option<MemberId>,
    /// Why nobody needs to tell them.
    pub telling_waived: Option<Line>,
    /// The review day agreed.
    pub review_on: Option<Day>,
    /// The key worker agreed, as read back.
    pub key_worker: Option<MemberId>,
    /// Who was present for this person.
    pub present: Vec<MemberId>,
    /// Why it was discussed although a member of an organisation the person objects to was present.
    pub objection_why: Option<Note>,
    /// Why it was left with something missing.
    pub gaps_why: Option<Line>,
    /// When it was read back and agreed, as it stands: a later change takes this away, and not that they were discussed.
    pub agreed_at: Option<Moment>,
}

impl Discussion {
    /// A discussion of which nothing is recorded yet.
    pub fn new(meeting: MeetingId, item: AgendaItemId, person: PersonId) -> Self {
        Self {
            meeting,
            item,
            person,
            situation: None,
            action_to_date: None,
            update: None,
            next_steps: None,
            decision: None,
            teller: None,
            telling_waived: None,
            review_on: None,
            key_worker: None,
            present: Vec::new(),
            objection_why: None,
            gaps_why: None,
            agreed_at: None,
        }
    }

    /// Whether the team recorded anything of it. The situation may be written before the meeting, and says nothing.
    pub fn is_begun(&self) -> bool {
        self.update.is_some()
            || self.next_steps.is_some()
            || self.decision.is_some()
            || self.teller.is_some()
            || self.telling_waived.is_some()
            || self.review_on.is_some()
            || !self.present.is_empty()
    }

    /// What the read-back still misses. `has_actions` and `has_key_worker` are known from their own records.
    pub fn gaps(&self, has_actions: bool, has_key_worker: bool) -> Vec<Gap> {
        let mut gaps = Vec::new();
        if self.decision.is_none() {
            gaps.push(Gap::Decision);
        }
        if !has_actions && self.decision == Some(Decision::Made) {
            gaps.push(Gap::Actions);
        }
        if !has_key_worker {
            gaps.push(Gap::KeyWorker);
        }
        if self.review_on.is_none() {
            gaps.push(Gap::Review);
        }
        if self.teller.is_none() && self.telling_waived.is_none() {
            gaps.push(Gap::Teller);
        }
        gaps
    }
}

words! {
    /// Something a discussion should not end without.
    Gap {
        /// No decision.
        Decision = "decision", "decision";
        /// A decision but no action.
        Actions = "actions", "actions";
        /// No key worker.
        KeyWorker = "key worker", "key worker";
        /// No review day.
        Review = "review", "review date";
        /// Nobody to tell the person.
        Teller = "teller", "who tells the person";
    }
}
