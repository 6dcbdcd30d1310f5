//! Any command by its name. What cannot run now says why.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::text::fold;
use crate::ui::command::{COMMANDS, Scope, Spec};
use crate::ui::keymap::shown;
use crate::ui::model::Model;
use crate::ui::widgets::cursor::Cursor;
use crate::ui::widgets::editor::Editor;
use crate::ui::widgets::fit::{clip, fit};
use crate::ui::widgets::panel::card;

/// The palette.
#[derive(Clone, Debug)]
pub struct Palette {
    /// What is typed.
    pub typed: Editor,
    /// The selected row.
    pub cursor: Cursor,
    /// The scopes whose commands can run here, the screen's own first.
    pub scopes: Vec<Scope>,
}

impl Palette {
    /// Commands that match what is typed, those of this screen first.
    pub fn found(&self) -> Vec<&'static Spec> {
        let typed = fold(&self.typed.text());
        let words: Vec<&str> = typed.split_whitespace().collect();
        let matches = |spec: &Spec| {
            let text = fold(&format!("{} {} {}", spec.title, spec.name, spec.doc));
            words.iter().all(|word| text.contains(word))
        };
        let in_title = |spec: &Spec| words.iter().all(|word| fold(spec.title).contains(word));
        let mut found: Vec<&'static Spec> = self
            .scopes
            .iter()
            .filter(|scope| !matches!(scope, Scope::List))
            .flat_map(|scope| COMMANDS.iter().filter(move |spec| spec.scope == *scope))
            .filter(|spec| matches(spec))
            .collect();
        found.sort_by_key(|spec| !in_title(spec));
        found
    }
}

pub(super) fn view(model: &Model, palette: &Palette, frame: &mut Frame<'_>) {
    let area = frame.area();
    let found = palette.found();
    let inside = card(frame, "Commands", 76.min(area.width), 18.min(area.height), &model.theme);
    let prompt = Rect { height: 1.min(inside.height), ..inside };
    frame.render_widget(Paragraph::new(Line::styled(": ", model.theme.accent_strong())), prompt);
    palette.typed.draw(
        frame,
        Rect { x: prompt.x + 2.min(prompt.width), width: prompt.width.saturating_sub(2), ..prompt },
        model.theme.text(),
        true,
    );
    let rows = usize::from(inside.height.saturating_sub(2));
    let cells = usize::from(inside.width);
    let first = palette.cursor.first_seen(found.len(), rows);
    let mut lines = vec![Line::default()];
    for (n, spec) in found.iter().enumerate().skip(first).take(rows) {
        let key = spec.keys.first().map(|key| shown(key)).unwrap_or_default();
        let why_not = spec.command.gate(model.facts()).err();
        let title_cells = cells.saturating_sub(9).min(30);
        let about = clip(why_not.unwrap_or(spec.doc.trim()), cells.saturating_sub(title_cells + 9));
        let style = match (n == palette.cursor.at, why_not) {
            (true, _) => model.theme.selected(),
            (false, Some(_)) => model.theme.quiet(),
            (false, None) => model.theme.text(),
        };
        lines.push(Line::from(vec![
            Span::styled(format!("{} {} ", fit(&key, 7), fit(spec.title, title_cells)), style),
            Span::styled(about, if n == palette.cursor.at { style } else { model.theme.quiet() }),
        ]));
    }
    if found.is_empty() {
        lines.push(Line::styled("No command has these words. Backspace and try another.", model.theme.quiet()));
    }
    frame.render_widget(
        Paragraph::new(lines),
        Rect { y: inside.y + 1.min(inside.height), height: inside.height.saturating_sub(1), ..inside },
    );
}
