//! A question with one answer: Enter does it, Esc does not.

use ratatui::Frame;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::ui::effect::Effect;
use crate::ui::model::Model;
use crate::ui::widgets::fit::wrap;
use crate::ui::widgets::panel::card;

/// A question.
#[derive(Clone, Debug, PartialEq)]
pub struct Confirm {
    /// The title.
    pub title: String,
    /// What will happen, in words.
    pub body: String,
    /// What Enter does, in a word or two.
    pub verb: &'static str,
    /// What Enter answers.
    pub answer: Answer,
}

/// What Enter does.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// These effects.
    Effects(Vec<Effect>),
    /// Closes the form below without saving.
    DropForm,
    /// Gives up the text being written on the walk.
    DropText,
    /// Nothing: it was only a notice.
    Nothing,
    /// Nothing either; a key that it names does on the walk what it does there.
    WalkOn,
}

impl Confirm {
    /// A question whose answer is a list of effects.
    pub fn effects(
        title: impl Into<String>,
        body: impl Into<String>,
        verb: &'static str,
        effects: Vec<Effect>,
    ) -> Self {
        Self { title: title.into(), body: body.into(), verb, answer: Answer::Effects(effects) }
    }
}

pub(super) fn view(model: &Model, confirm: &Confirm, frame: &mut Frame<'_>) {
    let width = 66.min(frame.area().width);
    let lines = wrap(&confirm.body, usize::from(width.saturating_sub(6)));
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(5);
    let inside = card(frame, &confirm.title, width, height, &model.theme);
    let mut text: Vec<Line<'_>> = vec![Line::default()];
    text.extend(lines.into_iter().map(|line| Line::styled(line, model.theme.text())));
    text.push(Line::default());
    let mut keys = vec![Span::styled("Enter ", model.theme.key()), Span::styled(confirm.verb, model.theme.text())];
    if !matches!(confirm.answer, Answer::Nothing | Answer::WalkOn) {
        keys.extend([Span::styled("   Esc ", model.theme.key()), Span::styled("not now", model.theme.text())]);
    }
    text.push(Line::from(keys));
    frame.render_widget(Paragraph::new(text), inside);
}
