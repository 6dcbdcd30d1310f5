//! The keys that work here, from the table itself.

use ratatui::Frame;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::ui::command::{COMMANDS, Scope};
use crate::ui::keymap::shown;
use crate::ui::model::Model;
use crate::ui::widgets::fit::{fit, wrap};
use crate::ui::widgets::panel::card;

/// The help card.
#[derive(Clone, Debug)]
pub struct Help {
    /// The scopes whose keys work here, the screen's own first.
    pub scopes: Vec<Scope>,
    /// Lines scrolled away.
    pub scroll: usize,
}

pub(super) fn view(model: &Model, help: &Help, frame: &mut Frame<'_>) {
    let area = frame.area();
    let inside =
        card(frame, "Keys that work here", 86.min(area.width), area.height.saturating_sub(2).max(3), &model.theme);
    let lines = lines(model, help, usize::from(inside.width));
    let body = usize::from(inside.height.saturating_sub(1));
    let scroll = help.scroll.min(lines.len().saturating_sub(body));
    let more = lines.len() > scroll + body;
    let mut seen: Vec<Line<'_>> = lines.into_iter().skip(scroll).take(body).collect();
    seen.resize(body, Line::default());
    seen.push(Line::from(vec![
        Span::styled("Esc ", model.theme.key()),
        Span::raw("back"),
        Span::styled(if more { "   ↓ " } else { "" }, model.theme.key()),
        Span::raw(if more { "more" } else { "" }),
    ]));
    frame.render_widget(Paragraph::new(seen), inside);
}

fn lines<'m>(model: &'m Model, help: &Help, cells: usize) -> Vec<Line<'m>> {
    const KEYS: usize = 16;
    let mut out = Vec::new();
    for scope in &help.scopes {
        if !out.is_empty() {
            out.push(Line::default());
        }
        out.push(Line::styled(scope.title(), model.theme.heading()));
        for spec in COMMANDS.iter().filter(|spec| spec.scope == *scope) {
            let keys: Vec<String> = spec.keys.iter().map(|key| shown(key)).collect();
            let keys = if keys.is_empty() { "(by name)".to_owned() } else { keys.join(" ") };
            let why_not = spec.command.gate(model.facts()).err().filter(|_| Some(scope) == help.scopes.first());
            let doc = match why_not {
                Some(why) => format!("{} ({})", spec.doc.trim(), why.trim_end_matches('.')),
                None => spec.doc.trim().to_owned(),
            };
            for (n, part) in wrap(&doc, cells.saturating_sub(KEYS + 1)).into_iter().enumerate() {
                let key = if n == 0 { fit(&keys, KEYS) } else { " ".repeat(KEYS) };
                let style = if why_not.is_some() { model.theme.quiet() } else { model.theme.text() };
                out.push(Line::from(vec![
                    Span::styled(key, model.theme.key()),
                    Span::raw(" "),
                    Span::styled(part, style),
                ]));
            }
        }
    }
    out
}
