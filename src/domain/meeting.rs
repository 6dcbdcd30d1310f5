//! Meetings: `planned → live → closed → sealed`, or `cancelled`; and who attended.

use super::action::Action;
use super::agenda::{AgendaItem, Outcome};
use super::change::{Change, Mint, Record, add, alter};
use super::day::{Day, Moment, TimeOfDay};
use super::id::{AgendaItemId, MeetingId, MemberId, TeamId};
use super::refusal::Refusal;
use super::text::Line;

words! {
    /// Where a meeting stands.
    Stage {
        /// Being prepared.
        Planned = "planned", "planned";
        /// Going on now.
        Live = "live", "live";
        /// Over; minutes are a draft.
        Closed = "closed", "closed";
        /// Minutes are sealed.
        Sealed = "sealed", "sealed";
        /// Did not take place.
        Cancelled = "cancelled", "cancelled";
    }
}

/// A meeting.
#[derive(Clone, Debug, PartialEq)]
pub struct Meeting {
    /// The team.
    pub team: TeamId,
    /// The day.
    pub on: Day,
    /// Planned start.
    pub starts: TimeOfDay,
    /// Planned length in minutes.
    pub length: i64,
    /// Where.
    pub place: Option<Line>,
    /// Who chairs.
    pub chair: Option<MemberId>,
    /// Who takes the minutes.
    pub minute_taker: Option<MemberId>,
    /// Where it stands.
    pub stage: Stage,
    /// When it was opened.
    pub begun_at: Option<Moment>,
    /// When it was closed.
    pub ended_at: Option<Moment>,
    /// The item the team is on, so that a restart resumes on the same person.
    pub here: Option<AgendaItemId>,
    /// When the team came to that item, for the clock.
    pub here_since: Option<Moment>,
    /// Whether the one break was offered.
    pub break_offered: bool,
}

words! {
    /// A member's attendance at one meeting.
    Attending {
        /// In the room.
        InRoom = "in room", "in the room";
        /// Joined from elsewhere.
        Remote = "remote", "remote";
        /// Sent apologies.
        Apologies = "apologies", "apologies";
        /// Expected, not seen.
        Absent = "absent", "absent";
    }
}

/// One member at one meeting.
#[derive(Clone, Debug, PartialEq)]
pub struct Attendance {
    /// The meeting.
    pub meeting: MeetingId,
    /// The member.
    pub member: MemberId,
    /// How they attend.
    pub attending: Attending,
    /// Whether they are in the (real or virtual) room at this moment.
    pub here_now: bool,
    /// When they came, if not from the start.
    pub arrived_at: Option<Moment>,
    /// When they left, if before the end.
    pub left_at: Option<Moment>,
}

impl Attendance {
    /// Whether they took part at all.
    pub fn attended(&self) -> bool {
        matches!(self.attending, Attending::InRoom | Attending::Remote)
    }
}

impl Meeting {
    /// A meeting being prepared.
    pub fn planned(team: TeamId, on: Day, starts: TimeOfDay, length: i64, place: Option<Line>) -> Self {
        Self {
            team,
            on,
            starts,
            length,
            place,
            chair: None,
            minute_taker: None,
            stage: Stage::Planned,
            begun_at: None,
            ended_at: None,
            here: None,
            here_since: None,
            break_offered: false,
        }
    }

    fn expect(&self, stage: Stage, to: &str) -> Result<(), Refusal> {
        if self.stage == stage {
            return Ok(());
        }
        Err(Refusal::new(match self.stage {
            Stage::Planned => format!("This meeting has not begun; it cannot be {to}."),
            Stage::Live => format!("This meeting is live; it cannot be {to}."),
            Stage::Closed => format!("This meeting is closed; it cannot be {to}."),
            Stage::Sealed => format!("The minutes of this meeting are sealed; it cannot be {to}."),
            Stage::Cancelled => format!("This meeting was cancelled; it cannot be {to}."),
        }))
    }
}

/// Opens the meeting: every core member not seen yet is expected.
///
/// # Errors
/// Refuses unless the meeting is planned, and without an agenda.
pub fn begin(meeting: &Record<Meeting>, items: &[Record<AgendaItem>], at: Moment) -> Result<Vec<Change>, Refusal> {
    meeting.expect(Stage::Planned, "opened")?;
    if items.is_empty() {
        return Err(Refusal::new("The agenda is empty. Take people onto it first (3 Agenda)."));
    }
    Ok(vec![alter(meeting, |it| {
        it.stage = Stage::Live;
        it.begun_at = Some(at);
    })])
}

/// Comes to `to` (or to nothing), adding the time spent to the item the team leaves.
pub fn come_to(
    meeting: &Record<Meeting>,
    leaving: Option<&Record<AgendaItem>>,
    to: Option<&Record<AgendaItem>>,
    at: Moment,
) -> Vec<Change> {
    let mut changes = Vec::new();
    let same = leaving.map(|item| item.id) == to.map(|item| item.id);
    if same {
        return changes;
    }
    if let (Some(item), Some(since)) = (leaving, meeting.here_since) {
        changes.push(alter(item, |it| it.spent += at.seconds_since(since)));
    }
    if let Some(item) = to.filter(|item| item.begun_at.is_none()) {
        changes.push(alter(item, |it| it.begun_at = Some(at)));
    }
    changes.push(alter(meeting, |it| {
        it.here = to.map(|item| item.id);
        it.here_since = to.map(|_| at);
    }));
    changes
}

/// Closes the meeting: items not reached are named so, and every live action of an earlier meeting is carried once more.
///
/// # Errors
/// Refuses unless the meeting is live.
pub fn close(
    meeting: &Record<Meeting>,
    items: &[Record<AgendaItem>],
    live_earlier: &[Record<Action>],
    at: Moment,
) -> Result<Vec<Change>, Refusal> {
    meeting.expect(Stage::Live, "closed")?;
    let mut changes = Vec::new();
    for item in items {
        let is_here = meeting.here == Some(item.id);
        let waiting = item.outcome == Outcome::Waiting;
        if !is_here && !waiting {
            continue;
        }
        changes.push(alter(item, |it| {
            if let (true, Some(since)) = (is_here, meeting.here_since) {
                it.spent += at.seconds_since(since);
            }
            if waiting {
                it.outcome = Outcome::NotReached;
            }
        }));
    }
    changes.extend(live_earlier.iter().map(|action| alter(action, |it| it.carried += 1)));
    changes.push(alter(meeting, |it| {
        it.stage = Stage::Closed;
        it.ended_at = Some(at);
        it.here = None;
        it.here_since = None;
    }));
    Ok(changes)
}

/// The live meeting that these changes open, move to another item, or end: whose screen leads it does that.
pub fn led(changes: &[Change]) -> Option<MeetingId> {
    changes.iter().find_map(|change| match change {
        Change::Meeting(it) => {
            let (was, now) = (it.was.as_ref()?, it.now.as_ref()?);
            let live = was.stage == Stage::Live || now.stage == Stage::Live;
            (live && (was.stage != now.stage || was.here != now.here)).then_some(it.id)
        }
        _ => None,
    })
}

/// Cancels a planned meeting. Its people become candidates again, as carried over.
///
/// # Errors
/// Refuses unless the meeting is planned.
pub fn cancel(meeting: &Record<Meeting>) -> Result<Change, Refusal> {
    meeting.expect(Stage::Planned, "cancelled")?;
    Ok(alter(meeting, |it| it.stage = Stage::Cancelled))
}

/// Records how a member attends.
pub fn attend(
    seen: Option<&Record<Attendance>>,
    meeting: &Record<Meeting>,
    member: MemberId,
    attending: Attending,
    at: Moment,
    mint: &mut Mint,
) -> Change {
    let present = matches!(attending, Attending::InRoom | Attending::Remote);
    // Those who are there when the roll is called need no arrival time; those who come later do.
    let late = present && meeting.here.is_some();
    match seen {
        Some(seen) => alter(seen, |it| {
            if present && !it.here_now && late {
                it.arrived_at = it.arrived_at.or(Some(at));
            }
            it.attending = attending;
            it.here_now = present;
            it.left_at = None;
        }),
        None => add(
            mint.mint(),
            Attendance {
                meeting: meeting.id,
                member,
                attending,
                here_now: present,
                arrived_at: late.then_some(at),
                left_at: None,
            },
        ),
    }
}

/// A member steps out of the room, or comes back.
pub fn step_out_or_in(seen: &Record<Attendance>, at: Moment) -> Change {
    alter(seen, |it| {
        it.here_now = !it.here_now;
        it.left_at = (!it.here_now).then_some(at);
    })
}
