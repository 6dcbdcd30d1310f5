//! Lines of a page while it is laid out, and where things stand in it.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::ui::model::Model;
use crate::ui::veil::Veil;
use crate::ui::widgets::fit::{clip, fit, width, wrap};

/// A page being laid out.
pub(super) struct Sheet<'m> {
    pub(super) model: &'m Model,
    pub(super) cells: usize,
    /// Whether there is room for whitespace between the parts.
    pub(super) spacious: bool,
    pub(super) veil: Veil,
    pub(super) lines: Vec<Line<'static>>,
    /// The line that must be seen: the selected action, or the text being written.
    pub(super) focus: Option<usize>,
    /// Where the text box stands: first line and height.
    pub(super) writing: Option<(usize, u16)>,
}

impl<'m> Sheet<'m> {
    pub(super) fn new(model: &'m Model, cells: usize) -> Self {
        Self { model, cells, spacious: true, veil: veil(model), lines: Vec::new(), focus: None, writing: None }
    }

    pub(super) fn push(&mut self, text: impl Into<String>, style: Style) {
        let text = self.veil.drop_over(&text.into());
        self.lines.push(Line::styled(text, style));
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
        for line in wrap(&self.veil.drop_over(text), self.cells.saturating_sub(indent)) {
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
        for (n, line) in
            wrap(&self.veil.drop_over(text), self.cells.saturating_sub(label_cells)).into_iter().enumerate()
        {
            let label = if n == 0 { label } else { "" };
            self.lines.push(Line::from(vec![
                Span::styled(fit(label, label_cells), self.model.theme.label()),
                Span::styled(line, style),
            ]));
        }
    }
}

/// What is hidden while the person on the page is masked: their own names, and those of their carers and household.
fn veil(model: &Model) -> Veil {
    match model.meeting.page.as_ref().and_then(|page| page.about.as_ref()) {
        Some(about) => {
            let people = about.household.iter().chain([&about.person]).map(|person| &person.value);
            Veil::over(model.masked, people, &about.carers)
        }
        None => Veil::default(),
    }
}
