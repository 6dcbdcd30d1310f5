//! A person of the caseload to pick: type a name or an NHS number.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::store::Reader;
use crate::store::caseload::{CaseRow, SEARCH_LIMIT};
use crate::store::fault::Fault;
use crate::ui::model::Model;
use crate::ui::screens::PickFor;
use crate::ui::widgets::cursor::Cursor;
use crate::ui::widgets::editor::Editor;
use crate::ui::widgets::panel::card;

/// A search for one person.
#[derive(Clone, Debug)]
pub struct Pick {
    /// What it is for.
    pub title: String,
    /// What picking means.
    pub purpose: PickFor,
    /// What is typed.
    pub typed: Editor,
    /// Who was found.
    pub found: Vec<CaseRow>,
    /// The selected row.
    pub cursor: Cursor,
}

impl Pick {
    /// A search with nothing typed yet.
    pub fn new(title: impl Into<String>, purpose: PickFor) -> Self {
        Self { title: title.into(), purpose, typed: Editor::line(""), found: Vec::new(), cursor: Cursor::default() }
    }

    /// Looks again for what is typed.
    ///
    /// # Errors
    /// Any fault of the disk.
    pub fn look(&mut self, model_team: crate::domain::id::TeamId, reader: &Reader) -> Result<(), Fault> {
        let text = self.typed.text();
        self.found = if text.trim().is_empty() {
            Vec::new()
        } else {
            reader.search_people(model_team, &text, SEARCH_LIMIT.min(40))?
        };
        self.cursor = Cursor::default();
        Ok(())
    }
}

pub(super) fn view(model: &Model, pick: &Pick, frame: &mut Frame<'_>) {
    let area = frame.area();
    let inside = card(frame, &pick.title, 76.min(area.width), 18.min(area.height), &model.theme);
    let prompt = Rect { height: 1.min(inside.height), ..inside };
    frame.render_widget(Paragraph::new(Line::styled("/ ", model.theme.accent_strong())), prompt);
    pick.typed.draw(
        frame,
        Rect { x: prompt.x + 2.min(prompt.width), width: prompt.width.saturating_sub(2), ..prompt },
        model.theme.text(),
        true,
    );
    let rows = usize::from(inside.height.saturating_sub(2)) / 2;
    let first = pick.cursor.first_seen(pick.found.len(), rows);
    let mut lines = vec![Line::default()];
    for (n, row) in pick.found.iter().enumerate().skip(first).take(rows) {
        let style = if n == pick.cursor.at { model.theme.selected() } else { model.theme.text() };
        // Two lines a person: a name and a number are never cut.
        lines.push(Line::from(vec![
            Span::styled(if n == pick.cursor.at { "▸ " } else { "  " }, model.theme.accent_strong()),
            Span::styled(model.name_of(&row.person), style),
        ]));
        lines.push(Line::styled(format!("    {}", model.identity_of(&row.person)), model.theme.quiet()));
    }
    if pick.found.is_empty() {
        let words = if pick.typed.text().trim().is_empty() {
            "Type the start of a name, or an NHS number."
        } else {
            "Nobody on the caseload has that name or number. Esc goes back."
        };
        lines.push(Line::styled(words, model.theme.quiet()));
    }
    frame.render_widget(
        Paragraph::new(lines),
        Rect { y: inside.y + 1.min(inside.height), height: inside.height.saturating_sub(1), ..inside },
    );
}
