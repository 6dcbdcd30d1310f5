//! Frames around parts of a screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line as TextLine;
use ratatui::widgets::{Block, BorderType, Borders, Clear, Padding};

use crate::ui::theme::Theme;

/// Draws a framed panel and answers the area inside it.
pub fn panel(frame: &mut Frame<'_>, area: Rect, title: &str, theme: &Theme) -> Rect {
    let title =
        if title.is_empty() { TextLine::default() } else { TextLine::styled(format!(" {title} "), theme.heading()) };
    let block =
        Block::new().borders(Borders::ALL).border_type(BorderType::Plain).border_style(theme.rule()).title(title);
    let inside = block.inner(area);
    frame.render_widget(block, area);
    inside
}

/// Clears a card in the middle of the screen and draws its frame. Answers the area inside.
pub fn card(frame: &mut Frame<'_>, title: &str, width: u16, height: u16, theme: &Theme) -> Rect {
    let area = middle(frame.area(), width, height);
    frame.render_widget(Clear, area);
    let block = Block::new()
        .borders(Borders::ALL)
        .border_type(BorderType::Plain)
        .border_style(theme.accent())
        .title(TextLine::styled(format!(" {title} "), theme.accent_strong()))
        .padding(Padding::horizontal(u16::from(area.width > 40)));
    let inside = block.inner(area);
    frame.render_widget(block, area);
    inside
}

/// A rectangle in the middle, no larger than what is there.
pub fn middle(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect::new(area.x + (area.width - width) / 2, area.y + (area.height - height) / 2, width, height)
}
