//! Something that takes longer than a key is being made: how far it is, and the key that stops it.

use ratatui::Frame;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::ui::effect::Effect;
use crate::ui::keymap::{Key, Press};
use crate::ui::model::Model;
use crate::ui::overlays::Overlay;
use crate::ui::widgets::panel::card;

/// What is being made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Making {
    /// What, in words.
    pub what: String,
    /// Documents made.
    pub done: usize,
    /// Of so many.
    pub of: usize,
}

/// Shows how far it is.
pub(in crate::ui) fn show(model: &mut Model, making: Making) -> Vec<Effect> {
    match model.overlays.last_mut() {
        Some(Overlay::Making(shown)) => *shown = making,
        _ => model.overlays.push(Overlay::Making(making)),
    }
    Vec::new()
}

/// Takes it off the screen: all is made.
pub(in crate::ui) fn end(model: &mut Model) -> Vec<Effect> {
    model.overlays.retain(|overlay| !matches!(overlay, Overlay::Making(_)));
    Vec::new()
}

/// Esc stops; nothing else is done while documents are being made, so that they are of one moment.
pub(in crate::ui) fn key(model: &mut Model, key: Key) -> Vec<Effect> {
    if key.press != Press::Esc {
        return Vec::new();
    }
    model.overlays.pop();
    model.say("Stopped. Nothing was written.");
    vec![Effect::StopExport]
}

/// Cells of the bar.
const BAR: usize = 40;

pub(super) fn view(model: &Model, making: &Making, frame: &mut Frame<'_>) {
    let width = 58.min(frame.area().width);
    let inside = card(frame, "One moment", width, 8, &model.theme);
    let cells = BAR.min(usize::from(width.saturating_sub(8)));
    let full = cells * making.done / making.of.max(1);
    let bar = format!("{}{}", "█".repeat(full), "░".repeat(cells - full));
    let count = if making.of == 1 { "1 document".to_owned() } else { format!("{} of {}", making.done, making.of) };
    let text = vec![
        Line::default(),
        Line::styled(format!("{} …", making.what), model.theme.text()),
        Line::from(vec![
            Span::styled(bar, model.theme.accent()),
            Span::styled(format!(" {count}"), model.theme.quiet()),
        ]),
        Line::default(),
        Line::from(vec![
            Span::styled("Esc ", model.theme.key()),
            Span::styled("stop: nothing is written", model.theme.text()),
        ]),
    ];
    frame.render_widget(Paragraph::new(text), inside);
}
