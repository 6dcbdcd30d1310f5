//! The agenda: who is discussed, in which order, for how long, and why.

use super::Word;
use super::change::{Change, Mint, Record, add, alter};
use super::day::{Day, Moment, TimeOfDay};
use super::id::{MeetingId, MemberId, NominationId, PersonId};
use super::nomination::{Nomination, Triage};
use super::person::{Person, Standing};
use super::refusal::Refusal;
use super::text::{Line, Note};

words! {
    /// What became of an agenda item.
    Outcome {
        /// Still to come.
        Waiting = "waiting", "to come";
        /// Discussed and read back.
        Discussed = "discussed", "discussed";
        /// Put off on purpose.
        Deferred = "deferred", "deferred";
        /// The time ran out.
        NotReached = "not reached", "not reached";
        /// Taken off the agenda.
        Withdrawn = "withdrawn", "withdrawn";
    }
}

impl Outcome {
    /// One mark for narrow columns: a shape as well as a word elsewhere.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Waiting => " ",
            Self::Discussed => "✓",
            Self::Deferred => "»",
            Self::NotReached => "–",
            Self::Withdrawn => "×",
        }
    }
}

/// One line of an agenda: a person, or a standing item with a title.
#[derive(Clone, Debug, PartialEq)]
pub struct AgendaItem {
    /// The meeting.
    pub meeting: MeetingId,
    /// Its place in the order; gaps are allowed.
    pub place: i64,
    /// Who is discussed.
    pub person: Option<PersonId>,
    /// The title of a standing item.
    pub title: Option<Line>,
    /// Minutes planned.
    pub minutes: i64,
    /// Who presents.
    pub lead: Option<MemberId>,
    /// Disciplines needed for this item.
    pub disciplines: Option<Line>,
    /// Why it is on the agenda, one reason a line.
    pub reasons: Option<Note>,
    /// The question for the team.
    pub question: Option<Note>,
    /// The nomination it answers.
    pub nomination: Option<NominationId>,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was deferred, withdrawn, or left with gaps.
    pub outcome_why: Option<Line>,
    /// When the team came to it first.
    pub begun_at: Option<Moment>,
    /// Seconds spent on it.
    pub spent: i64,
}

impl AgendaItem {
    /// A person for an agenda.
    pub fn person(meeting: MeetingId, place: i64, person: PersonId, minutes: i64) -> Self {
        Self { person: Some(person), ..Self::blank(meeting, place, minutes) }
    }

    /// A standing item for an agenda.
    pub fn standing(meeting: MeetingId, place: i64, title: Line, minutes: i64) -> Self {
        Self { title: Some(title), ..Self::blank(meeting, place, minutes) }
    }

    fn blank(meeting: MeetingId, place: i64, minutes: i64) -> Self {
        Self {
            meeting,
            place,
            person: None,
            title: None,
            minutes,
            lead: None,
            disciplines: None,
            reasons: None,
            question: None,
            nomination: None,
            outcome: Outcome::Waiting,
            outcome_why: None,
            begun_at: None,
            spent: 0,
        }
    }
}

/// Why a person is a candidate for the next agenda, in the order in which it matters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Was to be discussed last time and was not.
    CarriedOver {
        /// The earlier meeting.
        from: Day,
    },
    /// Somebody asked.
    Nominated {
        /// Who asked.
        by: String,
        /// What they said.
        because: String,
        /// Whether it was marked urgent.
        urgent: bool,
    },
    /// Went up the pyramid.
    BandRose {
        /// When.
        on: Day,
    },
    /// Open actions past their day.
    OverdueActions {
        /// How many.
        count: i64,
    },
    /// The plan's review day has come.
    ReviewDue {
        /// The day.
        on: Day,
    },
    /// High band and no key worker.
    NoKeyWorker,
    /// High band and not discussed for too long.
    NotDiscussed {
        /// Whole weeks since the last time; none if never.
        weeks: Option<i64>,
    },
}

impl Reason {
    /// In words, short enough for a column.
    pub fn in_words(&self) -> String {
        match self {
            Self::CarriedOver { from } => format!("carried over from {}", from.day_month()),
            Self::Nominated { by, because, urgent } => {
                format!("{}nominated by {by}: {because}", if *urgent { "URGENT, " } else { "" })
            }
            Self::BandRose { on } => format!("band rose {}", on.day_month()),
            Self::OverdueActions { count: 1 } => "1 action overdue".to_owned(),
            Self::OverdueActions { count } => format!("{count} actions overdue"),
            Self::ReviewDue { on } => format!("review due {}", on.day_month()),
            Self::NoKeyWorker => "no key worker".to_owned(),
            Self::NotDiscussed { weeks: Some(weeks) } => format!("not discussed for {weeks} weeks"),
            Self::NotDiscussed { weeks: None } => "never discussed".to_owned(),
        }
    }
}

/// When the agenda will be through: from `start`, minutes already spent on what is done, planned minutes for the rest.
pub fn projected_end<'i>(start: TimeOfDay, items: impl IntoIterator<Item = &'i AgendaItem>) -> TimeOfDay {
    start.plus(items.into_iter().map(minutes_taken).sum())
}

fn minutes_taken(item: &AgendaItem) -> i64 {
    match item.outcome {
        Outcome::Waiting => item.minutes,
        Outcome::Discussed => (item.spent + 59) / 60,
        Outcome::Deferred | Outcome::NotReached | Outcome::Withdrawn => 0,
    }
}

/// Moves the item at `from` one place up or down among its neighbours.
///
/// # Errors
/// Refuses at the ends of the list.
pub fn move_item(items: &[Record<AgendaItem>], from: usize, down: bool) -> Result<Vec<Change>, Refusal> {
    let to = if down { from.checked_add(1) } else { from.checked_sub(1) };
    let (Some(moving), Some(other)) = (items.get(from), to.and_then(|to| items.get(to))) else {
        return Err(Refusal::new(if down {
            "This is the last item already."
        } else {
            "This is the first item already."
        }));
    };
    Ok(vec![alter(moving, |item| item.place = other.place), alter(other, |item| item.place = moving.place)])
}

/// A place after all the others.
pub fn last_place<'i>(items: impl IntoIterator<Item = &'i AgendaItem>) -> i64 {
    items.into_iter().map(|item| item.place).max().unwrap_or(0) + 10
}

/// Puts a person last on an agenda; a nomination that waits is what the item answers from then on.
///
/// # Errors
/// Refuses a person who is on this agenda already, who is off the active caseload, or who objects to being
/// discussed at all.
pub fn put_on(
    items: &[Record<AgendaItem>],
    meeting: MeetingId,
    person: &Record<Person>,
    waiting: Option<&Record<Nomination>>,
    minutes: i64,
    mint: &mut Mint,
) -> Result<Vec<Change>, Refusal> {
    if items.iter().any(|item| item.person == Some(person.id)) {
        return Err(Refusal::new("They are on this agenda already."));
    }
    if person.standing != Standing::Active {
        return Err(Refusal::new(format!(
            "They are not on the active caseload ({}). Take them back on first.",
            person.standing.label()
        )));
    }
    if !person.sharing.allows_discussion() {
        return Err(Refusal::new(
            "They object to being discussed at all. Only a new sharing basis or an override with its reason allows it.",
        ));
    }
    let place = last_place(items.iter().map(|item| &item.value));
    let mut item = AgendaItem::person(meeting, place, person.id, minutes);
    let mut changes = Vec::new();
    if let Some(nomination) = waiting {
        item.nomination = Some(nomination.id);
        item.question = nomination.question.clone();
        item.reasons = Note::parse(&format!("nominated by {}: {}", nomination.asked_by, nomination.reason)).ok();
        changes.push(alter(nomination, |it| it.triage = Triage::OnAgenda));
    }
    changes.insert(0, add(mint.mint(), item));
    Ok(changes)
}
