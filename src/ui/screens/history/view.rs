//! Draws a story: when, who and what; and a step that is open, with both sides of every change.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::clock;
use crate::domain::Word as _;
use crate::domain::day::Moment;
use crate::exchange::story::{Part, Sentence, Story};
use crate::store::history::{Happened, Which, Whose};
use crate::store::log::StepKind;
use crate::ui::model::Model;
use crate::ui::widgets::fit::{clip, fit, grouped, width, wrap, wrap_parts};
use crate::ui::widgets::rows;

use super::{Page, in_words};

/// Columns from which when and who stand beside what was done.
const BESIDE: usize = 90;
/// Lines of one step in the list.
const TALL: usize = 4;

/// Draws the room.
pub(in crate::ui) fn view(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    match &model.history.page {
        Some(page) => step(model, page, frame, area),
        None => story(model, frame, area),
    }
}

fn story(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let room = &model.history;
    let cells = usize::from(area.width);
    let inner = cells.saturating_sub(2).max(1);
    // Who it is about is never cut.
    let subject = format!("History of {}", room.subject);
    let mut head: Vec<Line<'static>> = wrap_parts(&subject, inner)
        .into_iter()
        .enumerate()
        .map(|(n, line)| {
            let style = if n == 0 { model.theme.heading() } else { model.theme.text() };
            Line::styled(format!(" {line}"), style)
        })
        .collect();
    let leaves_out = match (room.narrowing.which, room.whose()) {
        (Which::Done, Whose::Person(_)) => " · o lists who looked",
        _ => "",
    };
    let narrowed = format!("{}{leaves_out}", in_words(&room.narrowing));
    head.push(Line::styled(clip(&format!(" {narrowed}"), cells), model.theme.quiet()));
    if cells >= BESIDE {
        let (when, who) = columns(cells);
        let heads = format!("   {}{}{}", fit("When", when), fit("Who", who), "What");
        head.push(Line::styled(clip(&heads, cells), model.theme.label()));
    }
    let head_rows = u16::try_from(head.len()).unwrap_or(1).min(area.height);
    frame.render_widget(Paragraph::new(head), Rect { height: head_rows, ..area });
    let body = Rect { y: area.y + head_rows, height: area.height - head_rows, ..area };
    if room.rows.is_empty() {
        let words = match room.narrowing.which {
            Which::Only(StepKind::View) => "Nobody has looked, as far as this story reaches. o lists what was done.",
            _ if room.narrowing == super::Narrowing::default() => "Nothing was done yet.",
            _ => "No step like these. Press f to change the filter, Esc to list all.",
        };
        let lines: Vec<Line<'_>> = std::iter::once(Line::default())
            .chain(wrap(words, inner).into_iter().map(|line| Line::styled(format!(" {line}"), model.theme.quiet())))
            .collect();
        frame.render_widget(Paragraph::new(lines), body);
        return;
    }
    rows::draw(frame, body, room.rows.len(), room.at.at, |n| {
        room.rows.get(n).map(|row| lines(model, row, cells, n == room.at.at)).unwrap_or_default()
    });
}

/// Cells of when and of who.
fn columns(cells: usize) -> (usize, usize) {
    if cells >= 150 { (24, 30) } else { (18, 20) }
}

fn when(model: &Model, story: &Story, long: bool) -> String {
    let Some(moment) = Moment::from_iso(&story.told.step.at) else { return String::new() };
    let (day, time) = clock::local(moment, &model.now.clock());
    let day = if long { day.long() } else { day.seen_from(model.now.today) };
    format!("{day} {time}")
}

/// A mark that says by its shape what kind of step it is.
fn mark(model: &Model, story: &Story) -> (&'static str, Style) {
    if story.told.taken_back().is_some() {
        return ("×", model.theme.quiet());
    }
    match story.told.step.kind {
        StepKind::Undo => ("←", model.theme.warning()),
        StepKind::Redo => ("→", model.theme.accent()),
        StepKind::Seal | StepKind::Erase => ("■", model.theme.settled()),
        StepKind::Export => ("↗", model.theme.accent()),
        StepKind::Import | StepKind::Merge => ("↙", model.theme.accent()),
        StepKind::View => ("○", model.theme.quiet()),
        StepKind::Change
        | StepKind::Move
        | StepKind::Make
        | StepKind::Open
        | StepKind::Backup
        | StepKind::Restore
        | StepKind::Key
        | StepKind::Lead => ("·", model.theme.text()),
    }
}

/// What was done, a line each, cut to a few.
fn what(model: &Model, story: &Story, cells: usize) -> Vec<String> {
    let all = story.lines(model.history.names());
    let hidden = story.told.more.max(0);
    let mut out: Vec<String> = Vec::new();
    let mut told = 0;
    for line in &all {
        let wrapped = wrap(line, cells.max(1));
        if !out.is_empty() && out.len() + wrapped.len() > TALL - 1 {
            break;
        }
        out.extend(wrapped);
        told += 1;
    }
    if out.len() > TALL {
        out.truncate(TALL);
        if let Some(last) = out.last_mut() {
            *last = clip(&format!("{last} …"), cells.max(1));
        }
    }
    let left = i64::try_from(all.len() - told).unwrap_or(0) + hidden;
    if left > 0 {
        out.push(format!("and {} more", grouped(left)));
    }
    if let Some(by) = story.told.taken_back() {
        out.push(clip(&format!("taken back by {} (step {})", by.actor, by.seq), cells));
    }
    out
}

fn lines(model: &Model, story: &Story, cells: usize, selected: bool) -> Vec<Line<'static>> {
    let base = if story.told.taken_back().is_some() { model.theme.quiet() } else { model.theme.text() };
    let dress = |style: Style| if selected { model.theme.selected() } else { style };
    let (mark, mark_style) = mark(model, story);
    let point = if selected { "▸" } else { " " };
    let who = &story.told.step.actor;
    if cells >= BESIDE {
        let (when_cells, who_cells) = columns(cells);
        let room = cells.saturating_sub(when_cells + who_cells + 4);
        let whats = what(model, story, room);
        return whats
            .into_iter()
            .enumerate()
            .map(|(n, text)| {
                let (when, who) = if n == 0 { (when(model, story, false), who.as_str()) } else { (String::new(), "") };
                let head = if n == 0 { format!("{point}{mark} ") } else { "   ".to_owned() };
                Line::from(vec![
                    Span::styled(head, dress(mark_style)),
                    Span::styled(fit(&when, when_cells), dress(model.theme.quiet())),
                    Span::styled(fit(&format!("{} ", clip(who, who_cells - 1)), who_cells), dress(model.theme.quiet())),
                    Span::styled(fit(&text, room + 1), dress(base)),
                ])
            })
            .collect();
    }
    let heading = clip(&format!("{} · {who}", when(model, story, false)), cells.saturating_sub(3));
    let mut out = vec![Line::from(vec![
        Span::styled(format!("{point}{mark} "), dress(mark_style)),
        Span::styled(fit(&heading, cells.saturating_sub(3)), dress(model.theme.quiet())),
    ])];
    let room = cells.saturating_sub(4);
    out.extend(
        what(model, story, room).into_iter().map(|text| Line::styled(fit(&format!("   {text}"), cells), dress(base))),
    );
    out
}

/// The lines of a step that is open, apart from its heading.
fn inside(model: &Model, page: &Page, cells: usize) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    let story = &page.story;
    let mut last_name: Option<&str> = None;
    for sentence in &story.sentences {
        let name = sentence.name.as_deref().filter(|_| model.history.names());
        if name.is_some() && name != last_name {
            out.push(Line::styled(format!(" {}", name.unwrap_or_default()), model.theme.accent_strong()));
        }
        last_name = name;
        out.extend(one(model, sentence, cells));
    }
    if story.sentences.is_empty() {
        let words = "No words of a record changed.";
        out.push(Line::styled(format!(" {words}"), model.theme.quiet()));
    }
    if story.told.more > 0 {
        let more = format!(" and {} more records", grouped(story.told.more));
        out.push(Line::styled(more, model.theme.quiet()));
    }
    out
}

fn one(model: &Model, sentence: &Sentence, cells: usize) -> Vec<Line<'static>> {
    let room = cells.saturating_sub(2).max(1);
    let mut out: Vec<Line<'static>> = wrap(&sentence.head, room)
        .into_iter()
        .map(|line| Line::styled(format!(" {line}"), model.theme.heading()))
        .collect();
    for part in &sentence.parts {
        out.extend(both_sides(model, part, sentence.happened, room));
    }
    out
}

/// A field: both sides on a line where there is room, below each other where there is not.
fn both_sides(model: &Model, part: &Part, happened: Happened, room: usize) -> Vec<Line<'static>> {
    let label = part.label;
    let (was, now) = (part.was.as_deref(), part.now.as_deref());
    let short = match (was, now, happened) {
        (_, _, Happened::Altered) => {
            format!("{} → {}", was.unwrap_or("nothing"), now.unwrap_or("nothing"))
        }
        (was, now, Happened::Added | Happened::Removed) => now.or(was).unwrap_or_default().to_owned(),
    };
    let line = |label: &str, text: String, style: Style| {
        Line::from(vec![Span::styled(format!("   {label}"), model.theme.label()), Span::styled(text, style)])
    };
    let used = width(label) + 5;
    if !short.contains('\n') && used + width(&short) <= room {
        return vec![line(&format!("{label}  "), short, model.theme.text())];
    }
    let mut out = vec![line(label, String::new(), model.theme.text())];
    let mut side = |word: &str, text: Option<&str>, style: Style| {
        for (n, piece) in wrap(text.unwrap_or("nothing"), room.saturating_sub(11).max(1)).into_iter().enumerate() {
            out.push(line(&format!("  {}", fit(if n == 0 { word } else { "" }, 5)), piece, style));
        }
    };
    match happened {
        Happened::Altered => {
            side("was", was, model.theme.quiet());
            side("now", now, model.theme.text());
        }
        Happened::Added => side("", now, model.theme.text()),
        Happened::Removed => side("", was, model.theme.quiet()),
    }
    out
}

fn heading(model: &Model, page: &Page, cells: usize) -> Vec<Line<'static>> {
    let step = &page.story.told.step;
    let mut facts = vec![when(model, &page.story, true), step.actor.clone(), step.kind.label().to_owned()];
    if let Some(undoes) = page.story.told.undoes {
        let word = if step.kind == StepKind::Redo { "does step" } else { "takes step" };
        let end = if step.kind == StepKind::Redo { "again" } else { "back" };
        facts.push(format!("{word} {undoes} {end}"));
    }
    if let Some(by) = page.story.told.taken_back() {
        facts.push(format!("× taken back by {} (step {})", by.actor, by.seq));
    }
    let joined = if page.story.told.joined.is_some() { " of the joined copy" } else { "" };
    let title = format!("Step {}{joined} · {}", step.seq, step.label);
    let room = cells.saturating_sub(2).max(1);
    let mut out: Vec<Line<'static>> = wrap_parts(&title, room)
        .into_iter()
        .map(|line| Line::styled(format!(" {line}"), model.theme.heading()))
        .collect();
    let facts = wrap_parts(&facts.join(" · "), room).into_iter();
    out.extend(facts.map(|line| Line::styled(format!(" {line}"), model.theme.quiet())));
    if matches!(model.history.whose(), Whose::Person(_)) {
        let whose = wrap_parts(&model.history.subject, room).into_iter();
        out.extend(whose.map(|line| Line::styled(format!(" {line}"), model.theme.text())));
    }
    out.push(Line::styled("─".repeat(cells), model.theme.rule()));
    out
}

fn ending(model: &Model, page: &Page, cells: usize) -> Vec<Line<'static>> {
    let mut out = vec![Line::styled("─".repeat(cells), model.theme.rule())];
    let words = wrap(&page.keys, cells.saturating_sub(2).max(1)).into_iter();
    out.extend(words.map(|line| Line::styled(format!(" {line}"), model.theme.accent())));
    out
}

/// How far the step that is open can be turned: its last line stays in sight.
pub(super) fn last_scroll(model: &Model) -> usize {
    let Some(page) = &model.history.page else { return 0 };
    let cells = usize::from(model.size.0);
    let fixed = heading(model, page, cells).len() + ending(model, page, cells).len();
    // The bar, the notice and the footer are three rows.
    let seen = usize::from(model.size.1.saturating_sub(3)).saturating_sub(fixed).max(1);
    inside(model, page, cells).len().saturating_sub(seen)
}

fn step(model: &Model, page: &Page, frame: &mut Frame<'_>, area: Rect) {
    let cells = usize::from(area.width);
    let (head, end) = (heading(model, page, cells), ending(model, page, cells));
    let rows = |lines: &[Line<'_>]| u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let head_rows = rows(&head).min(area.height);
    let end_rows = rows(&end).min(area.height - head_rows);
    let body = Rect { y: area.y + head_rows, height: area.height - head_rows - end_rows, ..area };
    frame.render_widget(Paragraph::new(head), Rect { height: head_rows, ..area });
    let lines: Vec<Line<'static>> =
        inside(model, page, cells).into_iter().skip(page.scroll).take(usize::from(body.height)).collect();
    frame.render_widget(Paragraph::new(lines), body);
    frame.render_widget(Paragraph::new(end), Rect { y: body.y + body.height, height: end_rows, ..area });
}
