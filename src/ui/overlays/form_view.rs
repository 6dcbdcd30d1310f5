//! Draws a card with fields: its head, the fields – the one with the focus always in sight – and why it was not saved.

use chrono::Datelike as _;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line as TextLine, Span};
use ratatui::widgets::Paragraph;

use crate::domain::day::Day;
use crate::ui::model::Model;
use crate::ui::widgets::editor::Editor;
use crate::ui::widgets::fit::{clip, fit, width, wrap, wrap_parts};
use crate::ui::widgets::panel::card;

use super::form::{Choice, Field, Form, Kind};

/// Draws the card.
pub(super) fn view(model: &Model, form: &Form, frame: &mut Frame<'_>) {
    let screen = frame.area();
    let width_all = if screen.width < 50 { screen.width } else { 78.min(screen.width.saturating_sub(2)) };
    let cells = usize::from(width_all.saturating_sub(4));
    let label_cells = form.fields.iter().map(|field| width(field.label)).max().unwrap_or(0).min(cells / 3) + 4;
    let text_cells = cells.saturating_sub(label_cells).max(8);
    let mut head: Vec<TextLine<'_>> = Vec::new();
    if !form.subject.is_empty() {
        head.extend(
            wrap_parts(&form.subject, cells).into_iter().map(|line| TextLine::styled(line, model.theme.heading())),
        );
    }
    head.extend(
        if form.intro.is_empty() { Vec::new() } else { wrap(&form.intro, cells) }
            .into_iter()
            .map(|line| TextLine::styled(line, model.theme.quiet())),
    );
    if !head.is_empty() {
        head.push(TextLine::default());
    }
    let error: Vec<String> = form.error.as_ref().map(|(_, why)| wrap(why, cells)).unwrap_or_default();
    let heights: Vec<u16> =
        form.fields.iter().enumerate().map(|(n, field)| field.height(text_cells, n == form.at)).collect();
    let head_height = u16::try_from(head.len()).unwrap_or(0);
    let foot_height = 2 + u16::try_from(error.len()).unwrap_or(0);
    let wanted = 2 + head_height + heights.iter().sum::<u16>() + foot_height;
    let inside = card(frame, &form.title, width_all, wanted, &model.theme);
    frame.render_widget(Paragraph::new(head), Rect { height: head_height.min(inside.height), ..inside });
    let body = Rect {
        y: inside.y + head_height.min(inside.height),
        height: inside.height.saturating_sub(head_height + foot_height),
        ..inside
    };
    draw_fields(model, form, frame, body, &heights, label_cells);
    let foot = Rect {
        y: inside.y + inside.height.saturating_sub(foot_height.min(inside.height)),
        height: foot_height.min(inside.height),
        ..inside
    };
    let mut lines: Vec<TextLine<'_>> =
        error.into_iter().map(|line| TextLine::styled(format!("! {line}"), model.theme.alarm())).collect();
    lines.push(TextLine::default());
    let save = if form.on_note() { "F2 " } else { "Enter " };
    let mut hints = vec![Span::styled(save, model.theme.key()), Span::styled(form.verb, model.theme.text())];
    if form.fields.len() > 1 {
        hints.extend([Span::styled("   Tab ", model.theme.key()), Span::styled("next field", model.theme.text())]);
    }
    hints.extend([Span::styled("   Esc ", model.theme.key()), Span::styled("cancel", model.theme.text())]);
    lines.push(TextLine::from(hints));
    frame.render_widget(Paragraph::new(lines), foot);
}

fn draw_fields(model: &Model, form: &Form, frame: &mut Frame<'_>, body: Rect, heights: &[u16], label_cells: usize) {
    // The field with the focus is always seen: fields above it scroll away first.
    let upto: u16 = heights.iter().take(form.at + 1).sum();
    let mut skip = upto.saturating_sub(body.height);
    let mut y = body.y;
    for (n, field) in form.fields.iter().enumerate() {
        let height = heights.get(n).copied().unwrap_or(1);
        if skip > 0 && n < form.at {
            skip = skip.saturating_sub(height);
            continue;
        }
        let left = (body.y + body.height).saturating_sub(y);
        if left == 0 {
            break;
        }
        let area = Rect { x: body.x, y, width: body.width, height: height.min(left) };
        field.draw(model, frame, area, n == form.at, label_cells);
        y += height;
    }
}

impl Field {
    fn height(&self, text_cells: usize, focused: bool) -> u16 {
        match &self.kind {
            Kind::Line(_) | Kind::Day(..) => 1,
            Kind::Note(editor) => {
                editor.height(u16::try_from(text_cells).unwrap_or(u16::MAX)).clamp(if focused { 3 } else { 1 }, 8)
            }
            Kind::Choice(choice) => {
                1 + if focused { u16::try_from(choice.options.len().min(5)).unwrap_or(5) } else { 0 }
            }
        }
    }

    fn draw(&self, model: &Model, frame: &mut Frame<'_>, area: Rect, focused: bool, label_cells: usize) {
        let theme = &model.theme;
        let mark = if focused { "▸ " } else { "  " };
        let label = fit(&format!("{mark}{}", self.label), label_cells);
        let style = if focused { theme.accent_strong() } else { theme.label() };
        frame
            .render_widget(Paragraph::new(TextLine::styled(label, style)), Rect { height: 1.min(area.height), ..area });
        let offset = u16::try_from(label_cells).unwrap_or(0).min(area.width);
        let text = Rect { x: area.x + offset, width: area.width - offset, ..area };
        match &self.kind {
            Kind::Line(editor) | Kind::Note(editor) => {
                if editor.text().is_empty() && !self.hint.is_empty() {
                    let hint = clip(self.hint, usize::from(text.width.saturating_sub(1)));
                    let shown = if focused { format!(" {hint}") } else { hint };
                    frame.render_widget(Paragraph::new(TextLine::styled(shown, theme.quiet())), text);
                    if focused {
                        editor.draw(frame, Rect { width: 1.min(text.width), ..text }, theme.text(), true);
                    }
                } else {
                    editor.draw(frame, text, theme.text(), focused);
                }
            }
            Kind::Day(editor, ahead) => draw_day(model, frame, text, editor, *ahead, focused, self.hint),
            Kind::Choice(choice) => draw_choice(model, frame, text, choice, focused),
        }
    }
}

fn draw_day(model: &Model, frame: &mut Frame<'_>, text: Rect, editor: &Editor, ahead: bool, focused: bool, hint: &str) {
    let box_width = text.width.min(18);
    editor.draw(frame, Rect { width: box_width, ..text }, model.theme.text(), focused);
    let written = editor.text();
    let read = if ahead {
        Day::parse_ahead(&written, model.now.today, model.next_meeting_day())
    } else {
        Day::parse(&written)
    };
    let echo = match read {
        Ok(day) if day.date().year() == model.now.today.date().year() => format!("= {}", day.short()),
        Ok(day) => format!("= {}", day.long()),
        Err(_) if written.is_empty() => hint.to_owned(),
        Err(_) => "= ?".to_owned(),
    };
    let echo = clip(&echo, usize::from(text.width.saturating_sub(box_width)));
    frame.render_widget(
        Paragraph::new(TextLine::styled(echo, model.theme.quiet())),
        Rect { x: text.x + box_width, width: text.width - box_width, ..text },
    );
}

fn draw_choice(model: &Model, frame: &mut Frame<'_>, text: Rect, choice: &Choice, focused: bool) {
    let cells = usize::from(text.width);
    let label = choice.options.get(choice.chosen).map(|(_, label)| label.as_str()).unwrap_or("—");
    let theme = &model.theme;
    let lost = choice.is_lost();
    let (head, style) = match (lost, focused) {
        (true, _) => (format!("{} – nothing matches", choice.typed), theme.alarm()),
        (false, true) => (format!("‹ {label} ›  {}", choice.typed), theme.heading()),
        (false, false) => (label.to_owned(), theme.text()),
    };
    let mut lines = vec![TextLine::styled(clip(&head, cells), style)];
    if focused {
        let seen = choice.options.len().min(5);
        let first = choice.chosen.saturating_sub(seen / 2).min(choice.options.len() - seen);
        for (n, (_, label)) in choice.options.iter().enumerate().skip(first).take(seen) {
            let (mark, style) =
                if n == choice.chosen && !lost { ("▸", theme.accent_strong()) } else { (" ", theme.quiet()) };
            lines.push(TextLine::styled(clip(&format!("{mark} {label}"), cells), style));
        }
    }
    frame.render_widget(Paragraph::new(lines), text);
}
