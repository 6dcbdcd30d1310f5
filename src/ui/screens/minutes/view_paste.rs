//! Draws the paste blocks: who was discussed and whether it is written back, and the block of the selected one.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::exchange::output::paste::WIDTH;
use crate::store::minutes::PasteRow;
use crate::ui::model::Model;
use crate::ui::widgets::fit::{clip, fit, width, wrap, wrap_parts};
use crate::ui::widgets::panel::panel;
use crate::ui::widgets::rows;

use super::paste::{Blocks, Split, split};
use super::view::dressed;

/// Draws the list and the block.
pub(super) fn view(model: &Model, blocks: &Blocks, frame: &mut Frame<'_>, area: Rect) {
    match split(area.width, area.height, blocks.reading) {
        Split::Beside(columns, rest) => {
            list(model, blocks, frame, Rect { width: columns, ..area });
            block(model, blocks, frame, Rect { x: area.x + columns, width: rest, ..area });
        }
        Split::Under(rows) => {
            list(model, blocks, frame, Rect { height: rows, ..area });
            block(model, blocks, frame, Rect { y: area.y + rows, height: area.height - rows, ..area });
        }
        Split::Block => block(model, blocks, frame, area),
    }
}

fn list(model: &Model, blocks: &Blocks, frame: &mut Frame<'_>, area: Rect) {
    let mark = if blocks.reading { "" } else { "▸ " };
    let title = format!("{mark}Paste blocks · {}", blocks.meeting.on.short());
    let inside = panel(frame, area, &clip(&title, usize::from(area.width.saturating_sub(4))), &model.theme);
    let cells = usize::from(inside.width);
    if blocks.rows.is_empty() {
        let words = "Nobody's discussion is recorded for this meeting yet. Esc goes back.";
        let lines: Vec<Line<'_>> = wrap(words, cells.saturating_sub(2).max(1))
            .into_iter()
            .map(|line| Line::styled(format!(" {line}"), model.theme.quiet()))
            .collect();
        frame.render_widget(Paragraph::new(lines), inside);
        return;
    }
    let (written, all) = (blocks.written(), blocks.rows.len());
    let style = if written == all { model.theme.settled() } else { model.theme.heading() };
    let count = Line::styled(clip(&format!(" {written} of {all} written back"), cells), style);
    frame.render_widget(Paragraph::new(count), Rect { height: inside.height.min(1), ..inside });
    let below = inside.height.min(1);
    let inside = Rect { y: inside.y + below, height: inside.height - below, ..inside };
    rows::draw(frame, inside, all, blocks.at.at, |n| {
        blocks.rows.get(n).map(|row| person(model, blocks, row, n, cells)).unwrap_or_default()
    });
}

/// The name is never cut: what there is no room for beside it stands below.
fn person(model: &Model, blocks: &Blocks, row: &PasteRow, n: usize, cells: usize) -> Vec<Line<'static>> {
    let selected = n == blocks.at.at;
    let dress = |style: Style| match (selected, blocks.reading) {
        (true, false) => model.theme.selected(),
        (true, true) => model.theme.selected_elsewhere(),
        (false, _) => style,
    };
    let (state, style) = match &row.written {
        Some(written) => {
            let (day, _) = crate::clock::local(written.at, &model.now.clock());
            (format!("✓ written {} · by {}", day.day_month(), written.by), model.theme.settled())
        }
        None => ("· not written yet".to_owned(), model.theme.warning()),
    };
    let name = model.name_of(&row.person);
    let together = state.replace(" · by ", " by ");
    if width(&name) + width(&together) + 4 <= cells {
        let room = cells - width(&together) - 2;
        return vec![Line::from(vec![
            Span::styled(fit(&format!(" {name}"), room), dress(model.theme.text())),
            Span::styled(format!(" {together} "), dress(style)),
        ])];
    }
    let mut lines: Vec<Line<'static>> = wrap(&name, cells.saturating_sub(2).max(1))
        .into_iter()
        .map(|line| Line::styled(fit(&format!(" {line}"), cells), dress(model.theme.text())))
        .collect();
    let room = cells.saturating_sub(3).max(1);
    let state = if width(&together) <= room { vec![together] } else { wrap_parts(&state, room) };
    lines.extend(state.into_iter().map(|line| Line::styled(format!("   {line}"), style)));
    lines
}

fn block(model: &Model, blocks: &Blocks, frame: &mut Frame<'_>, area: Rect) {
    let mark = if blocks.reading { "▸ " } else { "" };
    let name = blocks.row().map(|row| format!(" · {}", model.short_name_of(&row.person))).unwrap_or_default();
    let place = place(model, blocks, area.height);
    let title = format!("{mark}What is copied{name}{place}");
    let inside = panel(frame, area, &clip(&title, usize::from(area.width.saturating_sub(4))), &model.theme);
    let said = |words: &str| -> Vec<Line<'static>> {
        let quiet = model.theme.quiet();
        let cells = usize::from(inside.width.saturating_sub(2)).max(1);
        wrap(words, cells).into_iter().map(|line| Line::styled(format!(" {line}"), quiet)).collect()
    };
    let lines: Vec<Line<'static>> = if model.masked {
        said("Identifiers are hidden, and a block names a person. Press x to show them.")
    } else if blocks.page.0.is_empty() {
        said(&blocks.no_page)
    } else {
        let seen = blocks.page.0.iter().skip(blocks.scroll).take(usize::from(inside.height));
        seen.map(|line| dressed(model, line)).collect()
    };
    // Where there is room, the text does not touch the frame.
    let indent = u16::from(usize::from(inside.width) > WIDTH + 1 && !model.masked);
    let inside = Rect { x: inside.x + indent, width: inside.width - indent, ..inside };
    frame.render_widget(Paragraph::new(lines), inside);
}

/// ` · 40% · Tab reads on` while there is more than is seen.
fn place(model: &Model, blocks: &Blocks, height: u16) -> String {
    let (len, seen) = (blocks.page.0.len(), usize::from(height.saturating_sub(2)));
    if model.masked || len <= seen || seen == 0 {
        return String::new();
    }
    let through = (blocks.scroll + seen).min(len) * 100 / len;
    let hint = if blocks.reading { "" } else { " · Tab reads on" };
    format!(" · {through}%{hint}")
}
