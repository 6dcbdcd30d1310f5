//! Draws roll call and matters arising, and says in the bar how the meeting stands. The walk has its own file.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::Word;
use crate::domain::agenda::Outcome;
use crate::domain::meeting::{Attending, Meeting, Stage};
use crate::ui::model::Model;
use crate::ui::widgets::fit::{clip, fit, width, wrap};

use super::{Part, roll, view_read_back, view_walk};

/// Draws the room.
pub(in crate::ui) fn view(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    match (&model.meeting.meeting, model.meeting.part) {
        (None, _) => nothing(model, frame, area),
        (Some(meeting), Part::Roll) => roll_view(model, meeting, frame, area),
        (Some(_), Part::Matters) => matters_view(model, frame, area),
        (Some(_), Part::Walk) => view_walk::view(model, frame, area),
        (Some(_), Part::ReadBack) => {
            view_walk::view(model, frame, area);
            if model.meeting.text.is_none() {
                view_read_back::view(model, frame);
            }
        }
    }
}

/// What the bar at the top says: how long, when it ends, how many are left.
pub(in crate::ui) fn status(model: &Model) -> String {
    let room = &model.meeting;
    let Some(meeting) = &room.meeting else { return String::new() };
    match meeting.stage {
        Stage::Live => {
            let minutes = meeting.begun_at.map_or(0, |begun| model.now.moment.seconds_since(begun) / 60);
            // On a narrow screen the dot alone says that it is live.
            let live = if model.size.0 >= 72 { "live " } else { "" };
            let clock = format!("{:02}:{:02}", minutes / 60, minutes % 60);
            let others = match (&model.company.leader, model.company.others.len()) {
                (Some(_), _) => "following · ".to_owned(),
                (None, 0) => String::new(),
                (None, n) => format!("{n} {} here · ", if n == 1 { "other" } else { "others" }),
            };
            format!("{others}● {live}{clock} · ends {} · {} left", room.projected_end(model), room.left())
        }
        Stage::Planned | Stage::Closed | Stage::Sealed | Stage::Cancelled => meeting.stage.label().to_owned(),
    }
}

fn nothing(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let lines = vec![
        Line::default(),
        Line::styled("  No meeting is planned.", model.theme.heading()),
        Line::default(),
        Line::from(vec![
            Span::raw("  Press "),
            Span::styled("3", model.theme.key()),
            Span::raw(", then "),
            Span::styled("n", model.theme.key()),
            Span::raw(" to plan one."),
        ]),
    ];
    frame.render_widget(Paragraph::new(lines), area);
}

/// A line cut to the width it has, with an ellipsis.
fn row(text: &str, cells: u16, style: Style) -> Line<'static> {
    Line::styled(fit(text, usize::from(cells)), style)
}

fn roll_view(model: &Model, meeting: &Meeting, frame: &mut Frame<'_>, area: Rect) {
    let room = &model.meeting;
    let mut lines = head(model, meeting, area.width);
    let members = roll::rows(model);
    let body = usize::from(area.height).saturating_sub(lines.len());
    let first = room.roll_at.first_seen(members.len(), body);
    let cells = usize::from(area.width);
    let name_cells =
        members.iter().map(|member| width(member.name.as_str())).max().unwrap_or(0).clamp(8, (cells / 2).max(8)) + 2;
    for (n, member) in members.iter().enumerate().skip(first).take(body) {
        let seen = room.attendance_of(member.id);
        let (mark, word) = match seen.map(|seen| (seen.attending, seen.here_now)) {
            Some((Attending::InRoom, true)) => ("●", "in the room"),
            Some((Attending::Remote, true)) => ("◌", "remote"),
            Some((Attending::InRoom | Attending::Remote, false)) => ("→", "stepped out"),
            Some((Attending::Apologies, _)) => ("–", "apologies"),
            Some((Attending::Absent, _)) => ("·", "not here"),
            None => (" ", ""),
        };
        let mut duty = String::new();
        if meeting.chair == Some(member.id) {
            duty.push_str(" · chair");
        }
        if meeting.minute_taker == Some(member.id) {
            duty.push_str(" · minutes");
        }
        let late = seen
            .and_then(|seen| seen.arrived_at)
            .map(|at| format!(" from {}", model.now.time_of(at)))
            .unwrap_or_default();
        let left =
            seen.and_then(|seen| seen.left_at).map(|at| format!(" at {}", model.now.time_of(at))).unwrap_or_default();
        let point = if n == room.roll_at.at { "▸" } else { " " };
        let text = format!(
            "{point}{mark} {}{}{}{}, {}",
            fit(&format!("{word}{late}{left}"), if cells >= 76 { 26 } else { 20 }),
            fit(member.name.as_str(), name_cells),
            member.role,
            duty,
            model.organisation_name(Some(member.organisation))
        );
        let style = match (n == room.roll_at.at, seen.is_some_and(|seen| seen.here_now)) {
            (true, _) => model.theme.selected(),
            (false, true) => model.theme.text(),
            (false, false) => model.theme.quiet(),
        };
        lines.push(row(&text, area.width, style));
    }
    if members.is_empty() {
        lines.push(Line::styled("  This team has no members yet. Press 8, then a, to add them.", model.theme.quiet()));
    }
    frame.render_widget(Paragraph::new(lines), area);
}

/// Above the roll: which meeting, what to do now, whether there is a quorum.
fn head(model: &Model, meeting: &Meeting, cells: u16) -> Vec<Line<'static>> {
    let room = &model.meeting;
    let place = meeting.place.as_ref().map(|place| format!(" · {place}")).unwrap_or_default();
    let title = format!("{} · {}{place}", meeting.on.long(), meeting.starts);
    let people = room.items.iter().filter(|item| item.person.is_some()).count();
    let next = match meeting.stage {
        Stage::Planned => format!("{people} people on the agenda. Press n to open the meeting and call the roll."),
        Stage::Live if room.here().is_some() => {
            "Enter records who steps out or comes in. Press n or Esc to go back to the walk.".to_owned()
        }
        Stage::Live => {
            "Roll call. Enter: in the room · r remote · a apologies · h chair · t minute-taker · n go on.".to_owned()
        }
        Stage::Closed => "This meeting is closed. Its minutes are on screen 6: read, export, seal.".to_owned(),
        Stage::Sealed => "The minutes of this meeting are sealed (screen 6).".to_owned(),
        Stage::Cancelled => "This meeting was cancelled.".to_owned(),
    };
    let here: Vec<_> = room.present().into_iter().filter_map(|id| model.member(id)).collect();
    let quorum = model.team.quorum(here.iter().map(|member| &member.value));
    let inside = usize::from(cells).saturating_sub(2);
    let indented = |text: &str, style: Style| {
        wrap(text, inside)
            .into_iter()
            .map(move |line| Line::styled(format!(" {line}"), style))
            .collect::<Vec<Line<'static>>>()
    };
    let mut lines = indented(&title, model.theme.heading());
    lines.extend(indented(&next, model.theme.quiet()));
    if meeting.stage == Stage::Live {
        let style = if quorum.is_met() { model.theme.settled() } else { model.theme.warning() };
        let mark = if quorum.is_met() { "✓" } else { "!" };
        lines.push(Line::styled(
            clip(&format!(" {mark} {} present. {}.", here.len(), quorum.in_words()), usize::from(cells)),
            style,
        ));
    }
    lines.push(Line::default());
    lines
}

fn matters_view(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let room = &model.meeting;
    let cells = usize::from(area.width);
    let n = room.matters.len();
    let overdue = room.matters.iter().filter(|row| row.action.overdue_days(model.now.today).is_some()).count();
    let mut lines = vec![
        Line::styled(
            clip(&format!(" Matters arising · {n} open from earlier meetings · {overdue} overdue"), cells),
            model.theme.heading(),
        ),
        Line::styled(
            clip(" Enter closes one: done, not done with a reason, or withdrawn. n goes on to the walk.", cells),
            model.theme.quiet(),
        ),
        Line::default(),
    ];
    if n == 0 {
        lines.push(Line::styled(" Nothing is open from earlier meetings. Press n to go on.", model.theme.text()));
    }
    let (due_cells, person_cells) = (14, if cells >= 90 { 22 } else { 14 });
    let owner_cells = if cells >= 90 { 20 } else { 0 };
    let what_cells = cells.saturating_sub(due_cells + person_cells + owner_cells + 6).max(10);
    let body = usize::from(area.height).saturating_sub(lines.len() + 2);
    let first = room.matter_at.first_seen(n, body);
    for (at, it) in room.matters.iter().enumerate().skip(first).take(body) {
        let overdue = it.action.overdue_days(model.now.today);
        let due = overdue.map_or_else(|| it.action.due.day_month(), |days| format!("OVERDUE {days} d"));
        let mark = if overdue.is_some() { "!" } else { " " };
        let person =
            it.person.as_ref().map(|person| model.short_name_of(person)).unwrap_or_else(|| "the team".to_owned());
        let carried = if it.action.carried > 0 { format!(" ({}×)", it.action.carried) } else { String::new() };
        let what = format!("{}{carried}", model.veiled(it.person.as_ref(), it.action.what.as_str()));
        let owner = if owner_cells > 0 { fit(&it.owner.short_name(), owner_cells) } else { String::new() };
        let point = if at == room.matter_at.at { "▸" } else { " " };
        let text = format!(
            "{point}{mark} {} {} {} {owner}",
            fit(&due, due_cells),
            fit(&person, person_cells),
            fit(&what, what_cells.saturating_sub(1))
        );
        let style = match (at == room.matter_at.at, overdue.is_some()) {
            (true, _) => model.theme.selected(),
            (false, true) => model.theme.alarm(),
            (false, false) => model.theme.text(),
        };
        lines.push(row(&text, area.width, style));
    }
    frame.render_widget(Paragraph::new(lines), area);
    // Below the list: the selected action whole, so that nothing has to be cut to be read.
    if let (Some(it), true) = (room.matters.get(room.matter_at.at), area.height > 8) {
        let person = it
            .person
            .as_ref()
            .map(|person| model.subject_of(person))
            .unwrap_or_else(|| "the team's own action".to_owned());
        let whole = format!(
            "{} · {} · agreed {} · for {person}",
            it.action.what,
            model.owner_name(it.action.owner),
            it.action.raised_on
        );
        let whole: Vec<Line<'_>> = wrap(&whole, cells.saturating_sub(2))
            .into_iter()
            .take(2)
            .map(|line| Line::styled(format!(" {line}"), model.theme.quiet()))
            .collect();
        frame.render_widget(Paragraph::new(whole), Rect { y: area.y + area.height - 2, height: 2, ..area });
    }
}

/// One line of the agenda beside the walk.
pub(super) fn agenda_line(model: &Model, n: usize, cells: usize) -> Option<Line<'static>> {
    let room = &model.meeting;
    let item = room.items.get(n)?;
    let here = room.here().is_some_and(|here| here.id == item.id);
    let name = super::item_name(model, item);
    let spent = if here { room.spent_here(model) } else { item.spent };
    let right = match item.outcome {
        Outcome::Waiting if here => format!("{}/{}", spent / 60, item.minutes),
        Outcome::Waiting => String::new(),
        Outcome::Discussed => format!("{} min", (spent + 59) / 60),
        Outcome::Deferred | Outcome::NotReached | Outcome::Withdrawn => item.outcome.label().to_owned(),
    };
    let mark = if here { "▸" } else { item.outcome.mark() };
    let left_cells = cells.saturating_sub(width(&right) + 1);
    let text = format!("{} {right}", fit(&format!("{mark}{:>2} {name}", n + 1), left_cells));
    let style = match (here, item.outcome) {
        (true, _) => model.theme.accent_strong(),
        (false, Outcome::Waiting) => model.theme.text(),
        (false, Outcome::Discussed | Outcome::Deferred | Outcome::NotReached | Outcome::Withdrawn) => {
            model.theme.quiet()
        }
    };
    Some(Line::styled(text, style))
}
