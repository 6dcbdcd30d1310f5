//! Draws the agenda: the meeting above, candidates left, the agenda right; stacked where it is narrow.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::Word;
use crate::domain::agenda::{AgendaItem, Outcome, Reason, minutes_taken, projected_end};
use crate::domain::alike::A_CANDIDATE;
use crate::domain::change::Record;
use crate::domain::day::TimeOfDay;
use crate::domain::meeting::{Meeting, Stage};
use crate::domain::person::{Person, Standing};
use crate::ui::model::Model;
use crate::ui::theme::band_mark;
use crate::ui::veil::Veil;
use crate::ui::widgets::fit::{clip, fit, fit_right, grouped, width, wrap, wrap_parts};
use crate::ui::widgets::panel::panel;
use crate::ui::widgets::rows;

use super::Side;

/// Columns from which both sides stand side by side.
const SIDE_BY_SIDE: u16 = 76;

/// Draws the room.
pub(in crate::ui) fn view(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let head = heading(model, usize::from(area.width.saturating_sub(2)));
    let head_rows = u16::try_from(head.len()).unwrap_or(0).min(area.height / 3);
    let top = Rect { x: area.x + 1.min(area.width), width: area.width.saturating_sub(2), height: head_rows, ..area };
    frame.render_widget(Paragraph::new(head), top);
    let body = Rect { y: area.y + head_rows, height: area.height - head_rows, ..area };
    let on_agenda = model.agenda.side == Side::Agenda;
    if body.width >= SIDE_BY_SIDE {
        let left = Rect { width: body.width * 48 / 100, ..body };
        let right = Rect { x: body.x + left.width, width: body.width - left.width, ..body };
        candidates(model, frame, left);
        agenda(model, frame, right);
        return;
    }
    // Stacked: the side with the keys gets the room, the other keeps a few rows.
    let small = if body.height >= 20 {
        5
    } else if body.height >= 9 {
        3
    } else {
        0
    };
    let upper = if on_agenda { small } else { body.height - small };
    candidates(model, frame, Rect { height: upper, ..body });
    agenda(model, frame, Rect { y: body.y + upper, height: body.height - upper, ..body });
}

/// The meeting, and whether the agenda fits, in words.
fn heading(model: &Model, cells: usize) -> Vec<Line<'static>> {
    let Some(meeting) = &model.agenda.meeting else {
        return vec![
            Line::styled("No meeting is planned", model.theme.heading()),
            Line::styled(
                clip("Press n to plan one: the day follows from the team's rhythm.", cells),
                model.theme.quiet(),
            ),
        ];
    };
    let until = meeting.starts.plus(meeting.length);
    let mut parts = vec![format!("{}–{until}", meeting.starts)];
    parts.extend(meeting.place.as_ref().map(ToString::to_string));
    parts.push(format!("chair {}", model.member_name(meeting.chair)));
    parts.push(format!("minutes {}", model.member_name(meeting.minute_taker)));
    let day = meeting.on.long();
    let stage = stage_mark(meeting.stage);
    let used = width(&day) + width(&stage) + 4;
    let first = Line::from(vec![
        Span::styled(day, model.theme.heading()),
        Span::raw("  "),
        Span::styled(stage, stage_style(model, meeting.stage)),
        Span::raw("  "),
        Span::styled(clip(&parts.join(" · "), cells.saturating_sub(used)), model.theme.quiet()),
    ]);
    let (sum, fits, fits_style) = sums(model, meeting);
    let mut second = vec![Span::styled(clip(&sum, cells), model.theme.text())];
    if width(&sum) + width(&fits) + 3 <= cells {
        second.push(Span::raw(" · "));
        second.push(Span::styled(fits, fits_style));
        vec![first, Line::from(second)]
    } else {
        vec![first, Line::from(second), Line::styled(clip(&fits, cells), fits_style)]
    }
}

fn stage_mark(stage: Stage) -> String {
    let mark = match stage {
        Stage::Planned => "○",
        Stage::Live => "●",
        Stage::Closed => "■",
        Stage::Sealed => "◆",
        Stage::Cancelled => "×",
    };
    format!("{mark} {}", stage.label())
}

fn stage_style(model: &Model, stage: Stage) -> Style {
    match stage {
        Stage::Live => model.theme.accent_strong(),
        Stage::Planned | Stage::Closed => model.theme.text(),
        Stage::Sealed => model.theme.settled(),
        Stage::Cancelled => model.theme.warning(),
    }
}

/// `9 people · 72 of 120 min · ends 14:12`, and `fits, 48 min spare`.
fn sums(model: &Model, meeting: &Meeting) -> (String, String, Style) {
    let desk = &model.agenda;
    let people = desk.items.iter().filter(|item| item.person.is_some()).count();
    let people = if people == 1 { "1 person".to_owned() } else { format!("{people} people") };
    let total = desk.total();
    if matches!(meeting.stage, Stage::Closed | Stage::Sealed | Stage::Cancelled) {
        let count = |outcome: Outcome| desk.items.iter().filter(|item| item.outcome == outcome).count();
        let outcomes: Vec<String> = Outcome::ALL
            .iter()
            .filter(|outcome| count(**outcome) > 0)
            .map(|outcome| format!("{} {} {}", outcome.mark(), count(*outcome), outcome.label()))
            .collect();
        return (format!("{people} · {total} min"), outcomes.join("  "), model.theme.text());
    }
    let end = projected_end(desk.start(model), desk.items.iter().map(|item| &item.value));
    let sum = format!("{people} · {total} of {} min · ends {end}", meeting.length);
    let spare = meeting.length - total;
    let (fits, style) = match spare {
        0 => ("fits exactly".to_owned(), model.theme.settled()),
        1.. => (format!("✓ fits, {spare} min spare"), model.theme.settled()),
        _ => (format!("! OVER by {} min", -spare), model.theme.alarm()),
    };
    (sum, fits, style)
}

/// A panel whose title is bright on the side that has the keys.
fn side_panel(model: &Model, frame: &mut Frame<'_>, area: Rect, title: &str, here: bool) -> Rect {
    let mark = if here { "▸ " } else { "" };
    let cells = usize::from(area.width.saturating_sub(4));
    panel(frame, area, &clip(&format!("{mark}{title}"), cells), &model.theme)
}

fn row_style(model: &Model, selected: bool, here: bool) -> Style {
    match (selected, here) {
        (true, true) => model.theme.selected(),
        (true, false) => model.theme.selected_elsewhere(),
        (false, _) => model.theme.text(),
    }
}

fn candidates(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if area.height == 0 || area.width == 0 {
        return;
    }
    let desk = &model.agenda;
    let here = desk.side == Side::Candidates;
    let listed = desk.candidates.rows.len();
    let more = desk.candidates.count > listed;
    let title = if more {
        format!("Candidates · {listed} of {}", grouped(i64::try_from(desk.candidates.count).unwrap_or(i64::MAX)))
    } else {
        format!("Candidates · {listed}")
    };
    let inside = side_panel(model, frame, area, &title, here);
    if listed == 0 {
        let words = "Nobody waits to be discussed. Press / to add anybody from the caseload.";
        empty(model, frame, inside, words);
        return;
    }
    let cells = usize::from(inside.width);
    let foot = u16::from(more && inside.height > 6);
    let inside = Rect { height: inside.height - foot, ..inside };
    if foot > 0 {
        let below = Rect { y: inside.y + inside.height, height: foot, ..inside };
        let words = clip(" Strongest reasons only: narrow on the caseload (2)", cells);
        frame.render_widget(Paragraph::new(Line::styled(words, model.theme.warning())), below);
    }
    rows::draw(frame, inside, listed, desk.candidate_at.at, |n| candidate(model, n, cells, here));
}

fn empty(model: &Model, frame: &mut Frame<'_>, area: Rect, words: &str) {
    let lines: Vec<Line<'static>> = wrap(words, usize::from(area.width.saturating_sub(2)).max(1))
        .into_iter()
        .map(|line| Line::styled(format!(" {line}"), model.theme.quiet()))
        .collect();
    frame.render_widget(Paragraph::new(lines), area);
}

fn candidate(model: &Model, n: usize, cells: usize, here: bool) -> Vec<Line<'static>> {
    let Some(row) = model.agenda.candidates.rows.get(n) else { return Vec::new() };
    let selected = n == model.agenda.candidate_at.at;
    let style = row_style(model, selected, here);
    let band = band_mark(row.person.band);
    let mut lines = Vec::new();
    for (k, name) in wrap(&model.name_of(&row.person), cells.saturating_sub(5)).into_iter().enumerate() {
        let lead = if k == 0 { format!(" {band} ") } else { "     ".to_owned() };
        let band_style = if selected && here { style } else { model.theme.band(row.person.band) };
        lines.push(Line::from(vec![
            Span::styled(lead, band_style),
            Span::styled(fit(&name, cells.saturating_sub(5)), style),
        ]));
    }
    let room = cells.saturating_sub(6).max(1);
    // Seen before anybody takes one of them: whoever is marked reads the whole identity, which the selected row has.
    for mark in candidate_marks(model, &row.person) {
        lines.extend(wrap(&mark, room).into_iter().map(|line| under(line, model.theme.warning())));
    }
    let veil = veil(model, Some(&row.person));
    if selected && here {
        lines.extend(
            wrap_parts(&model.identity_of(&row.person), room).into_iter().map(|line| under(line, model.theme.quiet())),
        );
        for reason in &row.reasons {
            let style = reason_style(model, reason);
            let words = veil.drop_over(&reason.in_words());
            lines.extend(hanging(&format!("• {words}"), room).into_iter().map(|line| under(line, style)));
        }
        if !row.person.sharing.allows_discussion() {
            lines.push(under(clip("! objected to all sharing", room), model.theme.alarm()));
        }
    } else {
        let words: Vec<String> = row.reasons.iter().map(|reason| veil.drop_over(&reason.in_words())).collect();
        let style = row.reasons.first().map_or(model.theme.quiet(), |reason| reason_style(model, reason));
        lines.push(under(clip(&words.join(" · "), room), style));
    }
    lines
}

/// With whom a candidate can be mixed up: on this agenda, or among the candidates.
fn candidate_marks(model: &Model, person: &Record<Person>) -> Vec<String> {
    let desk = &model.agenda;
    let mut out: Vec<String> = desk.like_agenda.marks(person, model.masked);
    out.extend(desk.like_each_other.others(person, model.masked, A_CANDIDATE));
    out
}

fn under(text: String, style: Style) -> Line<'static> {
    Line::from(vec![Span::raw("     "), Span::styled(text, style)])
}

fn reason_style(model: &Model, reason: &Reason) -> Style {
    match reason {
        Reason::Nominated { urgent: true, .. } => model.theme.alarm(),
        Reason::CarriedOver { .. }
        | Reason::Nominated { urgent: false, .. }
        | Reason::BandRose { .. }
        | Reason::OverdueActions { .. }
        | Reason::ReviewDue { .. }
        | Reason::NoKeyWorker
        | Reason::NotDiscussed { .. } => model.theme.quiet(),
    }
}

fn agenda(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if area.height == 0 || area.width == 0 {
        return;
    }
    let desk = &model.agenda;
    let here = desk.side == Side::Agenda;
    let title = match &desk.meeting {
        Some(meeting) if desk.others > 1 => format!("Agenda · {} · o another", meeting.on.short()),
        Some(meeting) => format!("Agenda · {}", meeting.on.short()),
        None => "Agenda".to_owned(),
    };
    let inside = side_panel(model, frame, area, &title, here);
    if desk.items.is_empty() {
        let words = if desk.meeting.is_some() {
            "Nothing is on this agenda yet. Enter takes the selected candidate, / finds anybody, s adds a standing item."
        } else {
            "No meeting is planned. Press n to plan one."
        };
        empty(model, frame, inside, words);
        return;
    }
    let starts = starts(model);
    let cells = usize::from(inside.width);
    rows::draw(frame, inside, desk.items.len(), desk.item_at.at, |n| {
        let start = starts.get(n).copied().unwrap_or(model.team.starts);
        desk.items.get(n).map(|row| item(model, n, row, start, cells, here)).unwrap_or_default()
    });
}

/// When each item begins: as it did, or as it will if all before it keep their time.
fn starts(model: &Model) -> Vec<TimeOfDay> {
    let mut at = model.agenda.start(model);
    let mut out = Vec::with_capacity(model.agenda.items.len());
    for item in &model.agenda.items {
        out.push(item.begun_at.map_or(at, |begun| model.now.time_of(begun)));
        at = at.plus(minutes_taken(item));
    }
    out
}

fn item(
    model: &Model,
    n: usize,
    item: &Record<AgendaItem>,
    start: TimeOfDay,
    cells: usize,
    here: bool,
) -> Vec<Line<'static>> {
    let selected = n == model.agenda.item_at.at;
    let style = row_style(model, selected, here);
    let is_here = model.agenda.meeting.as_ref().is_some_and(|meeting| meeting.here == Some(item.id));
    let mark = if is_here { "▸" } else { item.outcome.mark() };
    let person = item.person.and_then(|id| model.agenda.people.get(&id));
    let name = match (&item.title, person) {
        (Some(title), _) => title.to_string(),
        (None, Some(person)) => model.name_of(person),
        (None, None) => "—".to_owned(),
    };
    let time =
        if matches!(item.outcome, Outcome::Waiting | Outcome::Discussed) { start.to_string() } else { String::new() };
    let lead = format!("{mark} {} {:>2} ", fit(&time, 5), n + 1);
    let tail = match item.outcome {
        Outcome::Waiting => format!("{} min", item.minutes),
        Outcome::Discussed => format!("{} of {} min", minutes_taken(item), item.minutes),
        Outcome::Deferred | Outcome::NotReached | Outcome::Withdrawn => item.outcome.label().to_owned(),
    };
    let tail = format!("{tail} ");
    let tail_cells = width(&tail).max(7) + 1;
    let room = cells.saturating_sub(width(&lead) + tail_cells).max(1);
    let mut lines = Vec::new();
    for (k, part) in wrap(&name, room).into_iter().enumerate() {
        let (lead, tail) = if k == 0 {
            (lead.clone(), fit_right(&tail, tail_cells))
        } else {
            (" ".repeat(width(&lead)), String::new())
        };
        lines.push(Line::from(vec![
            Span::styled(lead, style),
            Span::styled(fit(&part, room), style),
            Span::styled(tail, style),
        ]));
    }
    lines.extend(person.map(|person| marks(model, person, cells)).unwrap_or_default());
    if selected && here {
        lines.extend(item_detail(model, item, cells.saturating_sub(11).max(1)));
    }
    lines
}

/// What must be seen beside a name before anybody speaks: that they died or left, and with whom they can be mixed up.
fn marks(model: &Model, person: &Record<Person>, cells: usize) -> Vec<Line<'static>> {
    let standing = (person.standing != Standing::Active).then(|| model.off_the_caseload(person));
    let alike = model.agenda.alike.marks(person, model.masked);
    standing
        .into_iter()
        .map(|text| (text, model.theme.alarm()))
        .chain(alike.into_iter().map(|text| (text, model.theme.warning())))
        .flat_map(|(text, style)| {
            wrap(&text, cells.saturating_sub(11).max(1)).into_iter().map(move |line| (line, style))
        })
        .map(|(line, style)| Line::from(vec![Span::raw("          "), Span::styled(line, style)]))
        .collect()
}

/// What is hidden inside texts while identifiers are: the names of everybody on the agenda – a question about one may name the
/// other –, and of one who may come onto it.
fn veil(model: &Model, candidate: Option<&Record<Person>>) -> Veil {
    let people = model.agenda.people.values().chain(candidate).map(|person| &person.value);
    Veil::over(model.masked, people, &[])
}

/// What else the selected item says.
fn item_detail(model: &Model, item: &AgendaItem, room: usize) -> Vec<Line<'static>> {
    let mut texts: Vec<(String, Style)> = Vec::new();
    let quiet = model.theme.quiet();
    let veil = veil(model, None);
    if let Some(person) = item.person.and_then(|id| model.agenda.people.get(&id)) {
        texts.extend(wrap_parts(&model.identity_of(person), room).into_iter().map(|line| (line, quiet)));
    }
    if let Some(question) = &item.question {
        texts.push((format!("? {}", veil.drop_over(question.as_str())), model.theme.text()));
    }
    if let Some(reasons) = &item.reasons {
        texts.extend(reasons.as_str().lines().map(|reason| (format!("• {}", veil.drop_over(reason)), quiet)));
    }
    if item.lead.is_some() {
        texts.push((format!("lead: {}", model.member_name(item.lead)), quiet));
    }
    if let Some(disciplines) = &item.disciplines {
        texts.push((format!("needed: {disciplines}"), quiet));
    }
    if let Some(why) = &item.outcome_why {
        texts.push((format!("{}: {}", item.outcome.label(), veil.drop_over(why.as_str())), quiet));
    }
    texts
        .into_iter()
        .flat_map(|(text, style)| hanging(&text, room).into_iter().map(move |line| (line, style)))
        .map(|(line, style)| Line::from(vec![Span::raw("          "), Span::styled(line, style)]))
        .collect()
}

/// Wrapped; where the text begins with a mark, the lines after the first stand under its words.
fn hanging(text: &str, room: usize) -> Vec<String> {
    let Some((mark, words)) = text.split_once(' ').filter(|(mark, _)| matches!(*mark, "•" | "?")) else {
        return wrap(text, room);
    };
    let lines = wrap(words, room.saturating_sub(2));
    lines
        .into_iter()
        .enumerate()
        .map(|(k, line)| if k == 0 { format!("{mark} {line}") } else { format!("  {line}") })
        .collect()
}
