//! Due days and meetings for a calendar program (RFC 5545).
//!
//! Outlook and Google take no tasks from a file, so an action is an event of its whole due day that keeps nobody busy. A
//! calendar travels to telephones and to servers elsewhere: no name, number or birth date goes in, and the words of an
//! action only where they were asked for.
//!
//! Written by hand: the library for it stamps alarms with the time of its own clock, and has no time zones.

use crate::domain::change::{Record, RecordId as _};
use crate::domain::day::{Day, Moment};
use crate::domain::meeting::{Meeting, Stage};
use crate::domain::team::Team;
use crate::domain::text::displayable;

use super::actions::{ActionLine, ActionLog};
use super::recipient::Permitted;

words! {
    /// What a calendar says of an action.
    Detail {
        /// Initials, and where to look.
        Plain = "plain", "initials only";
        /// The words of the action too.
        Full = "full", "the words of the action";
    }
}

/// Octets of a line before it goes on in the next one.
const LINE: usize = 75;
/// Midnight at the start of 2020, in minutes.
const EPOCH: i64 = 26_297_280;

/// The time of London since 1996: clocks change at 01:00 GMT on the last Sundays of March and October.
const LONDON: [&str; 16] = [
    "BEGIN:VTIMEZONE",
    "TZID:Europe/London",
    "BEGIN:DAYLIGHT",
    "DTSTART:19960331T010000",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    "TZNAME:BST",
    "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0100",
    "END:DAYLIGHT",
    "BEGIN:STANDARD",
    "DTSTART:19961027T020000",
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "TZNAME:GMT",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0000",
    "END:STANDARD",
];

/// The due days of the actions still to be done, each with a reminder at nine on the working day before. `at` is when the
/// file is made: taken in again, a later file replaces what an earlier one said.
pub fn actions(log: Permitted<'_, ActionLog>, detail: Detail, at: Moment) -> String {
    let mut out = Lines::begin();
    for line in &log.what().actions {
        let live = ["open", "accepted"].contains(&line.state.as_str());
        // The log's days are our own; there is no action whose day is not one.
        let Some(due) = Day::from_iso(&line.due).filter(|_| live) else { continue };
        out.action(line, due, detail, at);
    }
    out.end()
}

/// A meeting: when, where, and of which team. Nothing of what it is about, so it is for everybody.
pub fn meeting(team: &Record<Team>, meeting: &Record<Meeting>, at: Moment) -> String {
    let name = team.name.as_str();
    let title = if name.ends_with("MDT") { name.to_owned() } else { format!("{name} MDT") };
    let midnight = meeting.on.date().and_time(chrono::NaiveTime::MIN);
    let starts = midnight + chrono::Duration::minutes(meeting.starts.minutes());
    let ends = starts + chrono::Duration::minutes(meeting.length.max(0));
    let mut out = Lines::begin();
    LONDON.into_iter().for_each(|line| out.line(line));
    out.line("END:VTIMEZONE");
    out.line("BEGIN:VEVENT");
    out.line(&format!("UID:mdt-meeting-{}", meeting.id.raw()));
    out.stamp(at);
    out.line(&format!("DTSTART;TZID=Europe/London:{}", starts.format("%Y%m%dT%H%M%S")));
    out.line(&format!("DTEND;TZID=Europe/London:{}", ends.format("%Y%m%dT%H%M%S")));
    out.text("SUMMARY", &title);
    if let Some(place) = &meeting.place {
        out.text("LOCATION", place.as_str());
    }
    out.line(if meeting.stage == Stage::Cancelled { "STATUS:CANCELLED" } else { "STATUS:CONFIRMED" });
    out.line("END:VEVENT");
    out.end()
}

/// A calendar being written: lines ended by CR LF, none longer than [`LINE`].
struct Lines(String);

impl Lines {
    fn begin() -> Self {
        let mut out = Self(String::new());
        ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//mdt//mdt//EN", "CALSCALE:GREGORIAN"]
            .into_iter()
            .for_each(|line| out.line(line));
        out
    }

    fn end(mut self) -> String {
        self.line("END:VCALENDAR");
        self.0
    }

    fn action(&mut self, line: &ActionLine, due: Day, detail: Detail, at: Moment) {
        let whom = line.person.as_deref().map_or_else(|| "team".to_owned(), initials);
        let (title, words) = match detail {
            Detail::Plain => (format!("MDT action due: {whom} – see mdt"), "What is to be done is in mdt."),
            Detail::Full => (format!("MDT action due: {whom} – {}", line.action), line.action.as_str()),
        };
        self.line("BEGIN:VEVENT");
        // The id alone: it is no other team's, and it stays when the team gets another name.
        self.text("UID", &format!("mdt-action-{}", line.id));
        self.stamp(at);
        self.line(&format!("DTSTART;VALUE=DATE:{}", due.iso().replace('-', "")));
        self.line(&format!("DTEND;VALUE=DATE:{}", due.plus(1).iso().replace('-', "")));
        self.text("SUMMARY", &title);
        self.text("DESCRIPTION", words);
        self.line("CLASS:PRIVATE");
        self.line("TRANSP:TRANSPARENT");
        // Outlook's own word for the same.
        self.line("X-MICROSOFT-CDO-BUSYSTATUS:FREE");
        self.line("BEGIN:VALARM");
        self.line("ACTION:DISPLAY");
        self.text("DESCRIPTION", &title);
        self.line(&format!("TRIGGER:{}", nine_before(due)));
        self.line("END:VALARM");
        self.line("END:VEVENT");
    }

    /// When it was said, by both of the ways in which programs find out which of two files is the later one.
    fn stamp(&mut self, at: Moment) {
        self.line(&format!("DTSTAMP:{}", at.utc().format("%Y%m%dT%H%M%SZ")));
        self.line(&format!("SEQUENCE:{}", (at.utc().timestamp() / 60 - EPOCH).max(0)));
    }

    fn text(&mut self, name: &str, text: &str) {
        let lines: Vec<String> = text.split('\n').map(|line| escaped(&displayable(line))).collect();
        self.line(&format!("{name}:{}", lines.join("\\n")));
    }

    fn line(&mut self, line: &str) {
        let (mut rest, mut room) = (line, LINE);
        while rest.len() > room {
            let (now, later) = rest.split_at(fold_at(rest, room));
            self.0.push_str(now);
            self.0.push_str("\r\n ");
            (rest, room) = (later, LINE - 1);
        }
        self.0.push_str(rest);
        self.0.push_str("\r\n");
    }
}

/// Where a line of which `room` octets fit is parted: between characters, and not beside a blank, which some readers lose.
fn fold_at(line: &str, room: usize) -> usize {
    let ends = || line.char_indices().map(|(at, _)| at).take_while(|at| *at <= room).filter(|at| *at > 0);
    let beside = |at: &usize| line.split_at_checked(*at).is_some_and(|(a, b)| !a.ends_with(' ') && !b.starts_with(' '));
    ends().filter(beside).last().or_else(|| ends().last()).unwrap_or(line.len())
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,")
}

/// From midnight before the due day back to nine on the last working day.
fn nine_before(due: Day) -> String {
    let between = (0..7).take_while(|days| due.plus(-1 - days).is_weekend()).count();
    if between == 0 { "-PT15H".to_owned() } else { format!("-P{between}DT15H") }
}

/// `J.A.` of `ADEYEMI, Jean (Jeannie)`, as on a masked screen.
fn initials(person: &str) -> String {
    let first = |part: &str| part.chars().find(|c| c.is_alphabetic()).map(|c| c.to_uppercase().to_string());
    let (surname, forename) = person.split_once(", ").unwrap_or((person, ""));
    [first(forename), first(surname)].into_iter().flatten().map(|letter| letter + ".").collect()
}
