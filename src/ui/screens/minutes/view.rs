//! Draws the shelf of minutes, and the minutes themselves beside it or in its place.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::meeting::Stage;
use crate::exchange::output::plain::{LineStyle, PreviewLine};
use crate::store::minutes::ShelfRow;
use crate::ui::model::Model;
use crate::ui::widgets::fit::{clip, fit, width, wrap};
use crate::ui::widgets::panel::panel;
use crate::ui::widgets::rows;

use super::split;

/// Draws the room.
pub(in crate::ui) fn view(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if let Some(blocks) = &model.minutes.blocks {
        return super::view_paste::view(model, blocks, frame, area);
    }
    let (list, page) = split(area.width, model.minutes.reading);
    if list > 0 {
        shelf(model, frame, Rect { width: list, ..area }, page > 0);
    }
    if page > 0 {
        minutes(model, frame, Rect { x: area.x + list, width: page, ..area });
    }
}

fn shelf(model: &Model, frame: &mut Frame<'_>, area: Rect, beside: bool) {
    let shelf = &model.minutes;
    let mark = if beside && !shelf.reading { "▸ " } else { "" };
    let inside = panel(frame, area, &format!("{mark}Meetings · {}", shelf.rows.len()), &model.theme);
    if shelf.rows.is_empty() {
        let words =
            "No meeting yet. Plan one on the Agenda screen (3); its minutes are a draft from the moment it is live.";
        let lines: Vec<Line<'_>> = wrap(words, usize::from(inside.width.saturating_sub(2)).max(1))
            .into_iter()
            .map(|line| Line::styled(format!(" {line}"), model.theme.quiet()))
            .collect();
        frame.render_widget(Paragraph::new(lines), inside);
        return;
    }
    let cells = usize::from(inside.width);
    rows::draw(frame, inside, shelf.rows.len(), shelf.at.at, |n| {
        shelf.rows.get(n).map(|row| meeting(model, row, n, cells)).unwrap_or_default()
    });
}

fn stage_words(stage: Stage) -> (&'static str, &'static str) {
    match stage {
        Stage::Planned => ("○", "planned"),
        Stage::Live => ("●", "live – draft"),
        Stage::Closed => ("■", "draft – not sealed"),
        Stage::Sealed => ("◆", "sealed"),
        Stage::Cancelled => ("×", "cancelled"),
    }
}

fn stage_style(model: &Model, stage: Stage) -> Style {
    match stage {
        Stage::Live => model.theme.accent_strong(),
        Stage::Closed => model.theme.warning(),
        Stage::Sealed => model.theme.settled(),
        Stage::Planned | Stage::Cancelled => model.theme.quiet(),
    }
}

fn meeting(model: &Model, row: &ShelfRow, n: usize, cells: usize) -> Vec<Line<'static>> {
    let selected = n == model.minutes.at.at;
    let (mark, word) = stage_words(row.meeting.stage);
    let dress = |style: Style| match (selected, model.minutes.reading) {
        (true, false) => model.theme.selected(),
        (true, true) => model.theme.selected_elsewhere(),
        (false, _) => style,
    };
    let day = format!(" {} ", fit(&row.meeting.on.long(), 15));
    let room = cells.saturating_sub(width(&day));
    let first = Line::from(vec![
        Span::styled(clip(&day, cells), dress(model.theme.text())),
        Span::styled(fit(&format!(" {mark} {word}"), room), dress(stage_style(model, row.meeting.stage))),
    ]);
    let people = match row.meeting.stage {
        Stage::Planned | Stage::Cancelled => format!("{} on the agenda", row.people),
        Stage::Live | Stage::Closed | Stage::Sealed => {
            let actions = if row.actions == 1 { "1 action".to_owned() } else { format!("{} actions", row.actions) };
            format!("{} of {} discussed · {actions}", row.discussed, row.people)
        }
    };
    let mut second = vec![people];
    if let Some((at, by)) = &row.sealed {
        let (day, time) = crate::clock::local(*at, &model.now.clock());
        second.push(format!("sealed {} {time} by {by}", day.day_month()));
    }
    match row.addenda {
        0 => {}
        1 => second.push("1 addendum".to_owned()),
        n => second.push(format!("{n} addenda")),
    }
    if matches!(row.meeting.stage, Stage::Closed | Stage::Sealed) && row.not_written > 0 {
        second.push(format!("{} not written back", row.not_written));
    }
    let mut lines = vec![first];
    for line in crate::ui::widgets::fit::wrap_parts(&second.join(" · "), cells.saturating_sub(4).max(1)) {
        lines.push(Line::styled(format!("   {line}"), model.theme.quiet()));
    }
    lines
}

fn minutes(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let shelf = &model.minutes;
    let title = shelf.row().map(|row| {
        let (mark, word) = stage_words(row.meeting.stage);
        format!("{}Minutes · {} · {mark} {word}", if shelf.reading { "▸ " } else { "" }, row.meeting.on.short())
    });
    let cells = usize::from(area.width.saturating_sub(4));
    let title = title.unwrap_or_else(|| "Minutes".to_owned());
    let place = place(model, area.height);
    let inside = panel(frame, area, &clip(&format!("{title}{place}"), cells), &model.theme);
    let inside = Rect { x: inside.x + 1.min(inside.width), width: inside.width.saturating_sub(2), ..inside };
    let said = |words: &str| -> Vec<Line<'static>> {
        let quiet = model.theme.quiet();
        wrap(words, usize::from(inside.width).max(1)).into_iter().map(|line| Line::styled(line, quiet)).collect()
    };
    let lines: Vec<Line<'static>> = if model.masked {
        said("Identifiers are hidden. Minutes name people: press x to show them.")
    } else if shelf.page.0.is_empty() {
        said(&shelf.no_page)
    } else {
        shelf
            .page
            .0
            .iter()
            .skip(shelf.scroll)
            .take(usize::from(inside.height))
            .map(|line| dressed(model, line))
            .collect()
    };
    frame.render_widget(Paragraph::new(lines), inside);
}

/// ` · 40%` while there is more than is seen.
fn place(model: &Model, height: u16) -> String {
    let len = model.minutes.page.0.len();
    let seen = usize::from(height.saturating_sub(2));
    if model.masked || len <= seen || seen == 0 {
        return String::new();
    }
    let through = (model.minutes.scroll + seen).min(len) * 100 / len;
    let hint = if model.minutes.reading { "" } else { " · Enter reads on" };
    format!(" · {through}%{hint}")
}

/// A line of a document in the colours of the screen.
pub(super) fn dressed(model: &Model, line: &PreviewLine) -> Line<'static> {
    let theme = &model.theme;
    let style = match line.style {
        LineStyle::Title => theme.accent_strong(),
        LineStyle::Notice => theme.warning(),
        LineStyle::Heading | LineStyle::TableHead => theme.heading(),
        LineStyle::Text | LineStyle::Table => theme.text(),
        LineStyle::Overdue => theme.alarm(),
        LineStyle::Foot => theme.quiet(),
        LineStyle::Label => {
            let (label, text) = line.text.split_at_checked(line.label).unwrap_or(("", &line.text));
            return Line::from(vec![
                Span::styled(label.to_owned(), theme.label()),
                Span::styled(text.to_owned(), theme.text()),
            ]);
        }
    };
    Line::styled(line.text.clone(), style)
}
