//! Draws the lists: what waits, a path being typed, work going on, a report, two sides.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::Word;
use crate::domain::change::Record;
use crate::domain::intake::Intake;
use crate::ui::model::Model;
use crate::ui::screens::Screen;
use crate::ui::widgets::fit::{clip, fit, grouped, wrap, wrap_parts};
use crate::ui::widgets::panel::panel;
use crate::ui::widgets::rows;

use super::choose::Choosing;
use super::page::{Kind, Page};
use super::waiting::{Side, Waiting};
use super::{Row, Stage, view_columns};

/// Draws the room.
pub(in crate::ui) fn view(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    match &model.lists.stage {
        Stage::Shelf => shelf(model, frame, area),
        Stage::Choosing(choosing) => choose(model, choosing, frame, area),
        Stage::Working { what, progress, .. } => {
            let (rows, of, rate) = progress.map_or((0, 0, 0), |it| (it.rows, it.of, it.rate));
            working(model, what, (rows, of, rate), frame, area);
        }
        Stage::Columns { opened, at } => view_columns::view(model, opened, at.at, frame, area),
        Stage::Report { opened, report, page, scroll } => {
            let title = format!("{} · {}", report.kind.label(), report.file);
            told(model, &title, opened.is_some() && report.writes, (page, *scroll), frame, area);
        }
        Stage::Compare => compare(model, frame, area),
    }
}

/// What the top bar says while a list is worked on and another screen is shown.
pub(in crate::ui) fn status(model: &Model) -> String {
    match &model.lists.stage {
        Stage::Working { what, progress, .. } if model.screen != Screen::Lists => match progress {
            Some(it) if it.of > 0 => format!("{what}: {} %", (it.rows * 100 / it.of).min(100)),
            _ => what.clone(),
        },
        _ => String::new(),
    }
}

fn words(model: &Model, text: &str, cells: usize) -> Vec<Line<'static>> {
    let quiet = model.theme.quiet();
    wrap(text, cells.saturating_sub(2).max(1)).into_iter().map(|line| Line::styled(format!(" {line}"), quiet)).collect()
}

fn shelf(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let room = &model.lists;
    let (queued, proposed) = room.waiting;
    let title = match (queued, proposed) {
        (0, 0) => "Lists · nothing waits".to_owned(),
        (queued, 0) => format!("Lists · {} to look at", grouped(queued)),
        (0, proposed) => format!("Lists · {} proposed", grouped(proposed)),
        (queued, proposed) => format!("Lists · {} to look at · {} proposed", grouped(queued), grouped(proposed)),
    };
    let inside = panel(frame, area, &title, &model.theme);
    let cells = usize::from(inside.width);
    if room.rows.is_empty() {
        let text = "No list was taken in yet. Press n to take in people: a risk list, a practice's list, a frailty report, as CSV, Excel or OpenDocument. You see what would come of it before anything is written, and one u takes all of it back. For nominations press o, for activity a, for members m, for services d.";
        frame.render_widget(Paragraph::new(words(model, text, cells)), inside);
        return;
    }
    rows::draw(frame, inside, room.rows.len(), room.at.at, |n| {
        let selected = n == room.at.at;
        match room.rows.get(n) {
            Some(Row::Waiting(waiting)) => waiting_lines(model, waiting, selected, cells),
            Some(Row::Taken(intake)) => taken_lines(model, intake, selected, cells),
            None => Vec::new(),
        }
    });
}

fn dress(model: &Model, selected: bool, style: Style) -> Style {
    if selected { model.theme.selected() } else { style }
}

fn waiting_lines(model: &Model, waiting: &Waiting, selected: bool, cells: usize) -> Vec<Line<'static>> {
    let mark = if waiting.is_row() { "?" } else { "⇄" };
    // Two people of one name are told apart here, not on the next page.
    let subject = waiting.person.as_ref().map_or_else(|| waiting.who(model), |person| model.subject_of(person));
    let mut lines: Vec<Line<'static>> = wrap_parts(&subject, cells.saturating_sub(3).max(1))
        .into_iter()
        .enumerate()
        .map(|(n, line)| {
            let line = fit(&format!(" {} {line}", if n == 0 { mark } else { " " }), cells);
            Line::styled(line, dress(model, selected, model.theme.warning()))
        })
        .collect();
    for line in wrap(&waiting.why(), cells.saturating_sub(4).max(1)) {
        lines.push(Line::styled(format!("   {line}"), model.theme.quiet()));
    }
    lines
}

fn taken_lines(model: &Model, intake: &Record<Intake>, selected: bool, cells: usize) -> Vec<Line<'static>> {
    let (day, _) = crate::clock::local(intake.at, &model.now.clock());
    let head = format!(" ✓ {} {}", fit(&day.long(), 16), intake.kind.label());
    let mut lines = vec![Line::styled(fit(&head, cells), dress(model, selected, model.theme.text()))];
    for line in wrap(intake.file.as_str(), cells.saturating_sub(4).max(1)) {
        lines.push(Line::styled(format!("   {line}"), model.theme.quiet()));
    }
    lines
}

fn choose(model: &Model, choosing: &Choosing, frame: &mut Frame<'_>, area: Rect) {
    let title = format!("Take in · {} · which file?", choosing.kind.label());
    let inside = panel(frame, area, &title, &model.theme);
    let prompt = Rect { height: 1.min(inside.height), ..inside };
    frame.render_widget(Paragraph::new(Line::styled(" ▸ ", model.theme.accent_strong())), prompt);
    let typed = Rect { x: prompt.x + 3.min(prompt.width), width: prompt.width.saturating_sub(3), ..prompt };
    choosing.typed.draw(frame, typed, model.theme.text(), choosing.at.is_none());
    let below = Rect { y: inside.y + 2.min(inside.height), height: inside.height.saturating_sub(2), ..inside };
    let cells = usize::from(below.width);
    let mut lines: Vec<Line<'static>> = Vec::new();
    if choosing.entries.is_empty() {
        let text = "No list here begins so. Lists are CSV, TSV or text, Excel (xlsx, xls) or OpenDocument (ods). A path may begin with ~/ for your home folder.";
        lines.extend(words(model, text, cells));
    }
    let known = usize::from(!choosing.mappings.is_empty()) * 2;
    let height = usize::from(below.height).saturating_sub(known);
    let first = choosing.first_seen(height);
    for (n, entry) in choosing.entries.iter().enumerate().skip(first).take(height) {
        let selected = choosing.at == Some(n);
        let style = if entry.folder { model.theme.quiet() } else { model.theme.text() };
        let mark = if selected { " ▸ " } else { "   " };
        lines.push(Line::styled(fit(&format!("{mark}{}", entry.name), cells), dress(model, selected, style)));
    }
    if !choosing.mappings.is_empty() {
        lines.push(Line::default());
        let text = format!(" Known by its columns: {}", choosing.mappings.join(", "));
        lines.push(Line::styled(clip(&text, cells), model.theme.quiet()));
    }
    frame.render_widget(Paragraph::new(lines), below);
}

fn working(model: &Model, what: &str, (rows, of, rate): (u64, u64, u64), frame: &mut Frame<'_>, area: Rect) {
    let inside = panel(frame, area, "Lists · at work", &model.theme);
    let cells = usize::from(inside.width.saturating_sub(4)).max(1);
    let count = |n: u64| grouped(i64::try_from(n).unwrap_or(i64::MAX));
    let mut lines = vec![Line::default(), Line::styled(format!("  {what} …"), model.theme.heading()), Line::default()];
    if of > 0 {
        let rows = rows.min(of);
        let full = usize::try_from(rows * cells as u64 / of).unwrap_or(0);
        let bar = format!("  {}{}", "█".repeat(full), "░".repeat(cells - full));
        lines.push(Line::styled(bar, model.theme.accent()));
        let told = if rows == of {
            format!("  {} rows · writing them to the disk", count(of))
        } else {
            format!("  {} of {} rows · {} rows a second", count(rows), count(of), count(rate))
        };
        lines.push(Line::styled(told, model.theme.text()));
    } else if rows > 0 {
        lines.push(Line::styled(format!("  {} rows", count(rows)), model.theme.text()));
    }
    lines.push(Line::default());
    let text = "Nothing is written until all of it can be. Other screens can be used meanwhile; whatever you record there comes first.";
    lines.extend(words(model, text, usize::from(inside.width)).into_iter().map(|line| line.style(model.theme.quiet())));
    frame.render_widget(Paragraph::new(lines), inside);
}

fn told(model: &Model, title: &str, ask: bool, (page, scroll): (&Page, usize), frame: &mut Frame<'_>, area: Rect) {
    let height = usize::from(area.height.saturating_sub(2));
    let through = if page.lines.len() > height && height > 0 {
        format!(" · {} %", (scroll + height).min(page.lines.len()) * 100 / page.lines.len())
    } else {
        String::new()
    };
    let hint = if ask { " · nothing is written yet" } else { "" };
    let cells = usize::from(area.width.saturating_sub(4));
    let inside = panel(frame, area, &clip(&format!("{title}{hint}{through}"), cells), &model.theme);
    let style = |kind: Kind| match kind {
        Kind::Heading => model.theme.heading(),
        Kind::Count | Kind::Text => model.theme.text(),
        Kind::Trouble => model.theme.warning(),
        Kind::Quiet => model.theme.quiet(),
    };
    let shown = page.lines.iter().skip(scroll).take(height);
    let lines: Vec<Line<'static>> = shown.map(|(kind, text)| Line::styled(format!(" {text}"), style(*kind))).collect();
    frame.render_widget(Paragraph::new(lines), inside);
}

fn compare(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let room = &model.lists;
    let Some(Row::Waiting(waiting)) = room.row() else { return };
    let waits = room.rows.iter().filter(|row| matches!(row, Row::Waiting(_))).count();
    let kind = if waiting.is_row() { "Whom does this row mean?" } else { "A list proposes" };
    let inside = panel(frame, area, &format!("{kind} · {} of {waits}", room.at.at + 1), &model.theme);
    let cells = usize::from(inside.width.saturating_sub(2));
    let mut lines: Vec<Line<'static>> = Vec::new();
    let subject = waiting.person.as_ref().map_or_else(|| waiting.who(model), |person| model.subject_of(person));
    for line in wrap_parts(&subject, cells) {
        lines.push(Line::styled(format!(" {line}"), model.theme.heading()));
    }
    for line in wrap(&waiting.why(), cells) {
        lines.push(Line::styled(format!(" {line}"), model.theme.warning()));
    }
    lines.push(Line::default());
    if model.masked {
        lines.extend(words(model, "Identifiers are hidden. To compare them, press x to show them.", cells));
        frame.render_widget(Paragraph::new(lines), inside);
        return;
    }
    let label = if cells >= 70 { 20 } else { 14 };
    let side = cells.saturating_sub(label + 4) / 2;
    let (ours, theirs) = if waiting.is_row() { ("on file", "on the list") } else { ("the team wrote", "the list has") };
    let head = format!(" {}  {}  {}", fit("", label), fit(ours, side), fit(theirs, side));
    lines.push(Line::styled(head, model.theme.heading()));
    let mut blocks: Vec<(bool, Vec<Line<'static>>)> =
        waiting.sides().iter().map(|it| (it.differs(), side_lines(model, it, label, side))).collect();
    let room = usize::from(inside.height).saturating_sub(lines.len());
    if blocks.iter().map(|(_, lines)| lines.len()).sum::<usize>() > room {
        // What differs must be seen; what is alike may wait behind a mark.
        blocks.sort_by_key(|(differs, _)| !differs);
    }
    let all = blocks.len();
    for (shown, (_, block)) in blocks.into_iter().enumerate() {
        let last = shown + 1 == all;
        if lines.len() + block.len() + usize::from(!last) > usize::from(inside.height) {
            lines.push(Line::styled(
                format!(" … and {} more, on the person's page and in the list", all - shown),
                model.theme.quiet(),
            ));
            break;
        }
        lines.extend(block);
    }
    frame.render_widget(Paragraph::new(lines), inside);
}

fn side_lines(model: &Model, it: &Side, label: usize, side: usize) -> Vec<Line<'static>> {
    let differs = it.differs();
    let parts = |text: &str| wrap(if text.is_empty() { "—" } else { text }, side.max(1));
    let (left, right, name) = (parts(&it.ours), parts(&it.theirs), wrap(it.label, label));
    let at = |of: &[String], n: usize| of.get(n).cloned().unwrap_or_default();
    (0..left.len().max(right.len()).max(name.len()))
        .map(|n| {
            // A mark beside the colour: what differs is seen without it.
            let mark = if differs && n == 0 { "≠ " } else { "  " };
            let style = if differs { model.theme.warning() } else { model.theme.text() };
            Line::from(vec![
                Span::styled(format!(" {}", fit(&at(&name, n), label)), model.theme.label()),
                Span::styled(mark, model.theme.warning()),
                Span::styled(fit(&at(&left, n), side), model.theme.text()),
                Span::raw("  "),
                Span::styled(fit(&at(&right, n), side), style),
            ])
        })
        .collect()
}
