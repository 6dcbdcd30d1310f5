//! The agenda: who is discussed, in which order, for how long, and why.

use super::change::{Change, Mint, Record, add, alter, remove};
use super::day::{Day, Moment, TimeOfDay};
use super::erasure::not_erased;
use super::id::{MeetingId, MemberId, NominationId, PersonId};
use super::meeting::{Meeting, Stage};
use super::nomination::{Nomination, Triage};
use super::person::{Person, Standing};
use super::refusal::Refusal;
use super::text::{Line, Note};

words! {
    /// What became of an agenda item.
    Outcome {
        /// Still to come.
        Waiting = "waiting", "to come";
        /// The meeting came to it, and it was read back and agreed. This word – and no other – says that somebody was discussed:
        /// in the caseload, the candidates, the numbers and the minutes. It stays where a text is changed afterwards: that such
        /// a text is to be read back again says [`Discussion::agreed_at`](super::discussion::Discussion::agreed_at).
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

/// Minutes an item takes: planned while it is to come, spent once it was discussed, none where it was not.
pub fn minutes_taken(item: &AgendaItem) -> i64 {
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

fn open(meeting: &Record<Meeting>) -> Result<(), Refusal> {
    match meeting.stage {
        Stage::Planned | Stage::Live => Ok(()),
        Stage::Closed | Stage::Sealed => Err(Refusal::new("This meeting is over; its agenda stays as it was.")),
        Stage::Cancelled => Err(Refusal::new("This meeting was cancelled; plan another one.")),
    }
}

/// Whether a person may stand on an agenda at all.
///
/// # Errors
/// Refuses somebody who is not on the caseload, and a person who objected to all sharing.
pub fn may_be_discussed(person: &Person) -> Result<(), Refusal> {
    not_erased(person)?;
    if person.standing != Standing::Active {
        return Err(Refusal::new(
            "They are not on the active caseload. Bring them back first, on their page, with a reason.",
        ));
    }
    if !person.sharing.allows_discussion() {
        return Err(Refusal::new(
            "They object to being discussed at all. Only an override with its reason, on their page, changes that.",
        ));
    }
    Ok(())
}

/// Takes a person onto an agenda, last, with the reasons and the nomination it answers.
///
/// # Errors
/// Refuses a meeting that is over, somebody who is on the agenda already or not on the caseload, and a person who objected to
/// all sharing.
pub fn take(
    meeting: &Record<Meeting>,
    items: &[Record<AgendaItem>],
    person: &Record<Person>,
    minutes: i64,
    reasons: Option<Note>,
    nomination: Option<&Record<Nomination>>,
    mint: &mut Mint,
) -> Result<Vec<Change>, Refusal> {
    open(meeting)?;
    if items.iter().any(|item| item.person == Some(person.id)) {
        return Err(Refusal::new("They are on this agenda already."));
    }
    may_be_discussed(person)?;
    let mut item = AgendaItem::person(meeting.id, last_place(items.iter().map(|item| &item.value)), person.id, minutes);
    item.reasons = reasons;
    item.question = nomination.and_then(|nomination| nomination.question.clone());
    item.nomination = nomination.map(|nomination| nomination.id);
    let mut changes = vec![add(mint.mint(), item)];
    changes.extend(nomination.map(|nomination| alter(nomination, |it| it.triage = Triage::OnAgenda)));
    Ok(changes)
}

/// Takes an item off an agenda. Before the meeting it simply goes; once the meeting is live it stays as withdrawn, with why.
/// The nomination it answers waits again.
///
/// # Errors
/// Refuses a meeting that is over, an item already dealt with, and in a live meeting the item the team is on or no reason.
pub fn take_off(
    meeting: &Record<Meeting>,
    item: &Record<AgendaItem>,
    nomination: Option<&Record<Nomination>>,
    why: Option<Line>,
) -> Result<Vec<Change>, Refusal> {
    open(meeting)?;
    if item.outcome != Outcome::Waiting {
        return Err(Refusal::new("This item is dealt with already; it stays on the agenda."));
    }
    let mut changes: Vec<Change> = nomination.and_then(give_back).into_iter().collect();
    if meeting.stage == Stage::Planned {
        changes.insert(0, remove(item));
        return Ok(changes);
    }
    if meeting.here == Some(item.id) {
        return Err(Refusal::new("The team is on this item now. Defer or withdraw it in the meeting (4)."));
    }
    let Some(why) = why else { return Err(Refusal::new("Say in a few words why it is taken off.")) };
    let withdrawn = alter(item, |it| {
        it.outcome = Outcome::Withdrawn;
        it.outcome_why = Some(why);
    });
    changes.insert(0, withdrawn);
    Ok(changes)
}

/// A nomination that stood on an agenda waits again.
pub fn give_back(nomination: &Record<Nomination>) -> Option<Change> {
    (nomination.triage == Triage::OnAgenda).then(|| alter(nomination, |it| it.triage = Triage::Waiting))
}

impl Reason {
    /// The order in which candidates stand: strongest reason first, urgent before routine.
    pub fn rank(&self) -> i64 {
        match self {
            Self::CarriedOver { .. } => 0,
            Self::Nominated { urgent: true, .. } => 1,
            Self::Nominated { urgent: false, .. } => 2,
            Self::BandRose { .. } => 3,
            Self::OverdueActions { .. } => 4,
            Self::ReviewDue { .. } => 5,
            Self::NoKeyWorker => 6,
            Self::NotDiscussed { .. } => 7,
        }
    }
}

/// The reasons as an agenda item keeps them, one a line; `added_by` where somebody was looked up rather than offered.
pub fn reasons_note(reasons: &[Reason], added_by: Option<&str>) -> Option<Note> {
    let mut words: Vec<String> = reasons.iter().map(Reason::in_words).collect();
    words.extend(added_by.map(|actor| format!("added by {actor}")));
    Note::parse(&words.join("\n")).ok()
}
