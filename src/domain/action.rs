//! Actions: one sentence, one owner, one due day, and an end that says what happened.

use super::change::{Change, Record, alter};
use super::day::Day;
use super::id::{AgendaItemId, GoalId, MeetingId, MemberId, PersonId, TeamId};
use super::refusal::Refusal;
use super::text::{Line, Note};

words! {
    /// Why an action was not done. (The first eight are those of a study of MDT plans not carried out.)
    NotDoneReason {
        /// The person said no.
        Declined = "person declined", "person declined";
        /// Things changed.
        Circumstances = "circumstances changed", "circumstances changed";
        /// They did not come.
        DidNotAttend = "did not attend", "did not attend";
        /// It was to be done only if …
        Condition = "condition not met", "condition not met";
        /// The person died.
        Died = "died", "died";
        /// A new health problem came first.
        NewProblem = "new health problem", "new health problem";
        /// No place was free.
        ServiceFull = "service full", "service full";
        /// It was not theirs to do.
        WrongOwner = "wrong owner", "wrong owner";
        /// Anything else; needs words.
        Other = "other", "other";
    }
}

/// Where an action stands. Only an open or accepted action has somewhere to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionState {
    /// Agreed at a meeting.
    Open,
    /// The owner has said yes.
    Accepted {
        /// When.
        on: Day,
    },
    /// Carried out.
    Done {
        /// When.
        on: Day,
        /// What came of it.
        note: Option<Note>,
    },
    /// Not carried out, and why.
    NotDone {
        /// When that was recorded.
        on: Day,
        /// The reason code.
        reason: NotDoneReason,
        /// In words; required for `other`.
        note: Option<Note>,
    },
    /// No longer wanted.
    Withdrawn {
        /// When.
        on: Day,
        /// Why.
        why: Note,
    },
}

impl ActionState {
    /// The code kept in the file.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted { .. } => "accepted",
            Self::Done { .. } => "done",
            Self::NotDone { .. } => "not done",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }

    /// Whether it still has to be done.
    pub fn is_live(&self) -> bool {
        matches!(self, Self::Open | Self::Accepted { .. })
    }

    /// The day it was closed, if it was.
    pub fn closed_on(&self) -> Option<Day> {
        match self {
            Self::Open | Self::Accepted { .. } => None,
            Self::Done { on, .. } | Self::NotDone { on, .. } | Self::Withdrawn { on, .. } => Some(*on),
        }
    }
}

/// An action.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// The team that agreed it.
    pub team: TeamId,
    /// For whom; none for the team's own actions.
    pub person: Option<PersonId>,
    /// The meeting that agreed it.
    pub meeting: Option<MeetingId>,
    /// The agenda item under which it was agreed.
    pub item: Option<AgendaItemId>,
    /// The goal of the plan it serves.
    pub goal: Option<GoalId>,
    /// One sentence starting with a verb.
    pub what: Line,
    /// One named owner.
    pub owner: MemberId,
    /// The day it was agreed.
    pub raised_on: Day,
    /// The day by which it is to be done.
    pub due: Day,
    /// How many meetings it has been carried past since.
    pub carried: i64,
    /// Whether this is the action to tell the person what was agreed.
    pub telling: bool,
    /// Where it stands.
    pub state: ActionState,
}

impl Action {
    /// Days past due, for an action still to be done.
    pub fn overdue_days(&self, today: Day) -> Option<i64> {
        (self.state.is_live() && self.due < today).then(|| today.days_since(self.due))
    }
}

fn live(action: &Record<Action>) -> Result<(), Refusal> {
    match &action.state {
        ActionState::Open | ActionState::Accepted { .. } => Ok(()),
        ActionState::Done { on, .. } => {
            Err(Refusal::new(format!("This action was done on {on}. Undo that first if it was a mistake.")))
        }
        ActionState::NotDone { on, .. } => Err(Refusal::new(format!("This action was closed as not done on {on}."))),
        ActionState::Withdrawn { on, .. } => Err(Refusal::new(format!("This action was withdrawn on {on}."))),
    }
}

/// The owner says yes.
///
/// # Errors
/// Refuses a closed or already accepted action.
pub fn accept(action: &Record<Action>, today: Day) -> Result<Change, Refusal> {
    live(action)?;
    if matches!(action.state, ActionState::Accepted { .. }) {
        return Err(Refusal::new("This action is accepted already."));
    }
    Ok(alter(action, |it| it.state = ActionState::Accepted { on: today }))
}

/// It was carried out.
///
/// # Errors
/// Refuses a closed action.
pub fn done(action: &Record<Action>, today: Day, note: Option<Note>) -> Result<Change, Refusal> {
    live(action)?;
    Ok(alter(action, |it| it.state = ActionState::Done { on: today, note }))
}

/// It was not carried out.
///
/// # Errors
/// Refuses a closed action, and `other` without words.
pub fn not_done(
    action: &Record<Action>,
    today: Day,
    reason: NotDoneReason,
    note: Option<Note>,
) -> Result<Change, Refusal> {
    live(action)?;
    if reason == NotDoneReason::Other && note.is_none() {
        return Err(Refusal::new("Say in a few words why it was not done."));
    }
    Ok(alter(action, |it| it.state = ActionState::NotDone { on: today, reason, note }))
}

/// It is no longer wanted.
///
/// # Errors
/// Refuses a closed action.
pub fn withdraw(action: &Record<Action>, today: Day, why: Note) -> Result<Change, Refusal> {
    live(action)?;
    Ok(alter(action, |it| it.state = ActionState::Withdrawn { on: today, why }))
}

/// Other words, another owner or another day. A new owner has not said yes: what was accepted is open again.
///
/// # Errors
/// Refuses a closed action.
pub fn revise(action: &Record<Action>, what: Line, owner: MemberId, due: Day) -> Result<Action, Refusal> {
    live(action)?;
    let state = if action.owner == owner { action.state.clone() } else { ActionState::Open };
    Ok(Action { what, owner, due, state, ..action.value.clone() })
}
