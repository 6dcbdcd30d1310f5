//! Draws the read-back card over the walk.

use ratatui::Frame;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::Word;
use crate::ui::model::Model;
use crate::ui::widgets::fit::{width, wrap, wrap_parts};
use crate::ui::widgets::panel::card;

use super::sheet::Sheet;
use super::{About, Page, read_back as reading};

/// The read-back card.
pub(super) fn view(model: &Model, frame: &mut Frame<'_>) {
    let Some(page) = &model.meeting.page else { return };
    let theme = model.theme;
    let width_all = 74.min(frame.area().width);
    let cells = usize::from(width_all.saturating_sub(4)).max(1);
    let mut sheet = Sheet::new(model, cells);
    let name = page
        .about
        .as_ref()
        .map_or_else(|| super::item_name(model, &page.item), |about| model.subject_of(&about.person));
    for line in wrap_parts(&name, cells) {
        sheet.push(line, theme.heading());
    }
    if let Some(about) = &page.about {
        super::view_walk::warned(model, &about.person, &mut sheet);
    }
    sheet.blank();
    if let Some(about) = &page.about {
        answers(model, page, about, &mut sheet);
    }
    sheet.push("ACTIONS", theme.label());
    if page.raised.is_empty() {
        sheet.push("  none", theme.quiet());
    }
    for action in &page.raised {
        let line = format!("+ {} – {} – {}", action.what, model.member_name(Some(action.owner)), action.due.short());
        sheet.wrapped(&line, 2, theme.text());
    }
    if let Some(action) = reading::telling(model, page) {
        let line = format!(
            "+ {} – {} – {} (added now)",
            action.what,
            model.member_name(Some(action.owner)),
            action.due.short()
        );
        sheet.wrapped(&line, 2, theme.settled());
    }
    let gaps = reading::gaps(model);
    let body = sheet.lines.len();
    sheet.blank();
    if gaps.is_empty() {
        sheet.push("✓ Nothing is missing.", theme.settled());
    } else {
        let missing: Vec<&str> = gaps.iter().map(|gap| gap.label()).collect();
        sheet.wrapped(&format!("! Missing: {}", missing.join(", ")), 0, theme.warning());
    }
    let hints = [
        ("Enter", "agree, go on"),
        ("d", "decision"),
        ("w", "key worker"),
        ("r", "review"),
        ("t", "who tells"),
        ("a", "action"),
        ("Esc", "back"),
    ];
    let mut spans = Vec::new();
    let mut used = 0;
    for (key, hint) in hints {
        let cells_needed = width(key) + width(hint) + 3;
        if used + cells_needed > cells {
            sheet.lines.push(Line::from(std::mem::take(&mut spans)));
            used = 0;
        }
        used += cells_needed;
        spans.extend([Span::styled(format!("{key} "), theme.key()), Span::styled(format!("{hint}  "), theme.text())]);
    }
    sheet.lines.push(Line::from(spans));
    let height = u16::try_from(sheet.lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let inside = card(frame, "Read back", width_all, height, &theme);
    // What is missing and the keys stand still at the end; what lies above them scrolls, and says so.
    let foot = sheet.lines.split_off(body.min(sheet.lines.len()));
    let room = usize::from(inside.height).saturating_sub(foot.len());
    let first = model.meeting.scroll.min(sheet.lines.len().saturating_sub(room));
    let hidden = sheet.lines.len() > room;
    let mut seen: Vec<Line<'static>> = sheet.lines.into_iter().skip(first).take(room).collect();
    if let (true, Some(last)) = (hidden, seen.last_mut()) {
        *last = Line::styled("  … PgDn and PgUp show the rest", theme.accent());
    }
    seen.extend(foot);
    frame.render_widget(Paragraph::new(seen), inside);
}

fn answers(model: &Model, page: &Page, about: &About, sheet: &mut Sheet<'_>) {
    let theme = model.theme;
    let discussion = page.discussion.as_ref();
    let key_worker = about.key_worker.as_ref().map(|period| model.member_name(Some(period.member)));
    let teller = match discussion {
        Some(it) => it
            .telling_waived
            .as_ref()
            .map(|why| format!("nobody: {why}"))
            .or_else(|| it.teller.map(|teller| model.member_name(Some(teller)))),
        None => None,
    };
    let rows = [
        ("decision", discussion.and_then(|it| it.decision).map(|it| it.label().to_owned())),
        ("key worker", key_worker),
        ("review", discussion.and_then(|it| it.review_on).map(|day| day.long())),
        ("who tells", teller),
    ];
    for (label, value) in rows {
        match value {
            Some(value) => sheet.labelled(label, &value, theme.text()),
            None => sheet.labelled(label, "! missing", theme.warning()),
        }
    }
    if let Some(update) = discussion.and_then(|it| it.update.as_ref()) {
        let first = wrap(&update.as_str().replace('\n', " "), sheet.cells.saturating_sub(14));
        let text = first.iter().take(2).cloned().collect::<Vec<_>>().join(" ");
        sheet.labelled("update", &if first.len() > 2 { format!("{text} …") } else { text }, theme.quiet());
    }
    // What is agreed beside the actions is read back whole.
    if let Some(next) = discussion.and_then(|it| it.next_steps.as_ref()) {
        sheet.labelled("next steps", &next.as_str().replace('\n', " "), theme.text());
    }
    sheet.blank();
}
