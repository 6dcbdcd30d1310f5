//! Lines of a page while it is laid out, and where things stand in it.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::ui::model::Model;
use crate::ui::widgets::fit::{clip, fit, width, wrap};

/// A page being laid out.
pub(super) struct Sheet<'m> {
    pub(super) model: &'m Model,
    pub(super) cells: usize,
    /// Whether there is room for whitespace between the parts.
    pub(super) spacious: bool,
    pub(super) lines: Vec<Line<'static>>,
    /// The line that must be seen: the selected action, or the text being written.
    pub(super) focus: Option<usize>,
    /// Where the text box stands: first line and height.
    pub(super) writing: Option<(usize, u16)>,
}

impl<'m> Sheet<'m> {
    pub(super) fn new(model: &'m Model, cells: usize) -> Self {
        Self { model, cells, spacious: true, lines: Vec::new(), focus: None, writing: None }
    }

    pub(super) fn push(&mut self, text: impl Into<String>, style: Style) {
        self.lines.push(Line::styled(text.into(), style));
    }

    pub(super) fn blank(&mut self) {
        self.lines.push(Line::default());
    }

    pub(super) fn gap(&mut self) {
        if self.spacious {
            self.blank();
        }
    }

    pub(super) fn wrapped(&mut self, text: &str, indent: usize, style: Style) {
        for line in wrap(text, self.cells.saturating_sub(indent)) {
            self.push(format!("{}{line}", " ".repeat(indent)), style);
        }
    }

    /// `LABEL  text`, wrapped under the text.
    pub(super) fn labelled(&mut self, label: &str, text: &str, style: Style) {
        let label_cells = 14.min(self.cells / 3);
        if width(label) > label_cells || self.cells < 40 {
            self.push(clip(label, self.cells), self.model.theme.label());
            self.wrapped(text, 2, style);
            return;
        }
        for (n, line) in wrap(text, self.cells.saturating_sub(label_cells)).into_iter().enumerate() {
            let label = if n == 0 { label } else { "" };
            self.lines.push(Line::from(vec![
                Span::styled(fit(label, label_cells), self.model.theme.label()),
                Span::styled(line, style),
            ]));
        }
    }
}
