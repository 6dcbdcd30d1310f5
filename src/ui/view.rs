//! Draws the model and changes nothing.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};

use crate::domain::text::DisplaySafe;
use crate::store::FileKind;

use super::command::COMMANDS;
use super::company;
use super::idle;
use super::keymap::shown;
use super::locked;
use super::model::{Model, Notice};
use super::overlays;
use super::reading;
use super::screens::{self, Screen};
use super::wall;
use super::widgets::fit::{clip, fit, width, wrap};

/// Draws everything.
pub fn view(model: &Model, frame: &mut Frame<'_>) {
    let area = frame.area();
    if area.width == 0 || area.height == 0 {
        return;
    }
    frame.buffer_mut().set_style(area, model.theme.text());
    if idle::is_blank(model) {
        return locked::blank(model, frame);
    }
    let footer_rows = if area.height >= 8 { 2 } else { 0 };
    let bar_rows = u16::from(area.height >= 4);
    let body = Rect { y: area.y + bar_rows, height: area.height.saturating_sub(bar_rows + footer_rows), ..area };
    if bar_rows == 1 {
        top_bar(model, frame, Rect { height: 1, ..area });
    }
    match model.screen {
        Screen::Home => screens::home::view(model, frame, body),
        Screen::Caseload => screens::caseload::view(model, frame, body),
        Screen::Person => screens::person::view(model, frame, body),
        Screen::Agenda => screens::agenda::view(model, frame, body),
        Screen::Meeting => screens::meeting::view(model, frame, body),
        Screen::Actions => screens::actions::view(model, frame, body),
        Screen::Minutes => screens::minutes::view(model, frame, body),
        Screen::Team => screens::team::view(model, frame, body),
        Screen::Lists => screens::lists::view(model, frame, body),
        Screen::History => screens::history::view(model, frame, body),
    }
    if footer_rows == 2 {
        notice_line(model, frame, Rect { y: area.y + area.height - 2, height: 1, ..area });
        footer(model, frame, Rect { y: area.y + area.height - 1, height: 1, ..area });
    }
    for overlay in &model.overlays {
        overlays::view(model, overlay, frame);
    }
    wall::sweep(frame.buffer_mut());
}

fn badge(model: &Model) -> Option<&'static str> {
    match (model.kind, model.encrypted) {
        (FileKind::Demo, _) => Some(" DEMO – invented people "),
        (FileKind::Real, false) => Some(" NOT ENCRYPTED "),
        (FileKind::Real, true) => None,
    }
}

fn top_bar(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let cells = usize::from(area.width);
    let badge = badge(model);
    let status = match model.screen {
        Screen::Meeting => screens::meeting::status(model),
        Screen::Home
        | Screen::Caseload
        | Screen::Person
        | Screen::Agenda
        | Screen::Actions
        | Screen::Minutes
        | Screen::Team
        | Screen::Lists
        | Screen::History => screens::lists::status(model),
    };
    let status = if status.is_empty() { company::short(model) } else { status };
    let mask = if model.masked { " MASKED " } else { "" };
    let countdown = idle::countdown(model);
    let reading = reading::badge(model);
    // The badges are never cut; the status gives way before them, the name of the team before that.
    let right_fixed = badge.map_or(0, width) + width(mask) + width(reading) + width(&countdown);
    let room = cells.saturating_sub(right_fixed + 5);
    let status = clip(&status, room);
    let left_room = room.saturating_sub(width(&status));
    let tabs_width: usize = Screen::NUMBERED.iter().map(|(_, _, name)| width(name) + 4).sum();
    let name = model.team.name.as_str();
    let mut spans = vec![Span::styled(" MDT ", model.theme.bar().patch(model.theme.accent_strong()))];
    let mut used = 5;
    let tabs = left_room >= tabs_width + 2 && model.screen != Screen::Meeting;
    if tabs {
        for (digit, screen, title) in Screen::NUMBERED {
            let here = screen == model.screen || (model.screen == Screen::Person && screen == Screen::Caseload);
            let style = if here { model.theme.selected() } else { model.theme.bar() };
            spans.push(Span::styled(format!(" {digit} {title} "), style));
            used += width(title) + 4;
        }
        let spare = cells.saturating_sub(used + right_fixed + width(&status) + 2);
        if spare > 8 {
            let name = clip(name, spare);
            used += width(&name) + 2;
            spans.push(Span::styled(format!("  {name}"), model.theme.bar()));
        }
    } else {
        let day = model
            .meeting
            .meeting
            .as_ref()
            .filter(|_| model.screen == Screen::Meeting)
            .map(|meeting| format!(" · {}", meeting.on.long()))
            .unwrap_or_default();
        let title = match model.screen {
            Screen::Meeting => String::new(),
            Screen::Person => " · Person".to_owned(),
            Screen::Lists => " · 9 Lists".to_owned(),
            Screen::History => " · History".to_owned(),
            other => Screen::NUMBERED
                .iter()
                .find(|(_, screen, _)| *screen == other)
                .map(|(digit, _, title)| format!(" · {digit} {title}"))
                .unwrap_or_default(),
        };
        let whole = format!(" {name}{day}{title}");
        let text = match left_room {
            room if width(&whole) <= room => whole,
            // A few letters of a name say nothing: then the clock has the room.
            room if room < 14 => String::new(),
            room => clip(&format!(" {name}{title}"), room),
        };
        used += width(&text);
        spans.push(Span::styled(text, model.theme.bar()));
    }
    let gap = cells.saturating_sub(used + right_fixed + width(&status));
    spans.push(Span::styled(" ".repeat(gap.saturating_sub(1)), model.theme.bar()));
    spans.push(Span::styled(status, model.theme.bar()));
    spans.push(Span::styled(if gap > 0 { " " } else { "" }, model.theme.bar()));
    spans.push(Span::styled(countdown, model.theme.badge()));
    spans.push(Span::styled(mask, model.theme.badge()));
    spans.push(Span::styled(reading, model.theme.badge()));
    if let Some(badge) = badge {
        spans.push(Span::styled(badge, model.theme.badge()));
    }
    frame.render_widget(Paragraph::new(Line::from(spans)).style(model.theme.bar()), area);
}

fn notice_line(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let old = model.company.old.clone().map(|text| Notice { text: DisplaySafe::new(text), trouble: true });
    let Some(notice) = old.as_ref().or(model.notice.as_ref()) else { return };
    let (mark, style) = if notice.trouble { (" ! ", model.theme.alarm()) } else { (" ✓ ", model.theme.settled()) };
    // What to do next stands at the end of a sentence: it is wrapped over the screen rather than cut.
    let lines = wrap(notice.text.as_str(), usize::from(area.width.saturating_sub(4)).max(1));
    let rows = u16::try_from(lines.len()).unwrap_or(1).min(area.y + 1).min(4);
    let area = Rect { y: area.y + 1 - rows, height: rows, ..area };
    let marked = lines.into_iter().enumerate().map(|(n, line)| {
        Line::from(vec![Span::styled(if n == 0 { mark } else { "   " }, style), Span::styled(line, style)])
    });
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(marked.collect::<Vec<_>>()).style(model.theme.text()), area);
}

fn footer(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let scopes = model.scopes();
    let cells = usize::from(area.width);
    let right = " ? help · : commands ";
    let right = if cells >= width(right) + 20 { right } else { " ? help " };
    let mut room = cells.saturating_sub(width(right) + 1);
    let mut spans = vec![Span::raw(" ")];
    let typing = screens::meeting::typing_hints(model)
        .or_else(|| screens::caseload::typing_hints(model))
        .or_else(|| screens::lists::typing_hints(model));
    let hints: Vec<(String, String)> = match typing {
        Some(hints) => hints.iter().map(|(key, hint)| ((*key).to_owned(), (*hint).to_owned())).collect(),
        None => COMMANDS
            .iter()
            .filter(|spec| {
                Some(&spec.scope) == scopes.first()
                    && !spec.hint.is_empty()
                    && reading::gate(model, spec.command).is_ok()
            })
            .map(|spec| (spec.keys.first().map(|key| shown(key)).unwrap_or_default(), spec.hint.to_owned()))
            .collect(),
    };
    for (key, hint) in hints.into_iter().take(4) {
        let wide = width(&key) + width(&hint) + 4;
        if wide > room {
            break;
        }
        room -= wide;
        spans.push(Span::styled(key, model.theme.key()));
        spans.push(Span::styled(format!(" {hint}   "), model.theme.text()));
    }
    spans.push(Span::raw(fit("", room)));
    spans.push(Span::styled(right, model.theme.quiet()));
    frame.render_widget(Paragraph::new(Line::from(spans)), area);
}
