//! A text being written: one line or several, with the keys every text box has.
//!
//! What goes in is made displayable first, so that what is seen is what will be saved.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui_textarea::{CursorMove, Input, Key as AreaKey, TextArea, WrapMode};

use crate::domain::text::displayable;
use crate::ui::keymap::{Key, Press};

/// A text box.
#[derive(Clone, Debug)]
pub struct Editor {
    area: TextArea<'static>,
    several_lines: bool,
    initial: String,
}

impl Editor {
    /// A box for one line.
    pub fn line(text: &str) -> Self {
        Self::new(text, false)
    }

    /// A box for several lines.
    pub fn note(text: &str) -> Self {
        Self::new(text, true)
    }

    fn new(text: &str, several_lines: bool) -> Self {
        let mut area = TextArea::new(text.split('\n').map(str::to_owned).collect());
        area.set_cursor_line_style(Style::default());
        area.set_wrap_mode(if several_lines { WrapMode::WordOrGlyph } else { WrapMode::None });
        area.move_cursor(CursorMove::Bottom);
        area.move_cursor(CursorMove::End);
        Self { area, several_lines, initial: text.to_owned() }
    }

    /// The text as it stands.
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// The text it was opened with.
    pub fn initial(&self) -> &str {
        &self.initial
    }

    /// Whether anything was changed.
    pub fn is_changed(&self) -> bool {
        self.text() != self.initial
    }

    /// Replaces the text, as a change.
    pub fn replace(&mut self, text: &str) {
        let initial = std::mem::take(&mut self.initial);
        *self = Self { initial, ..Self::new(text, self.several_lines) };
    }

    /// Takes a key. Returns whether it was one for a text box.
    pub fn press(&mut self, key: Key) -> bool {
        let area_key = match key.press {
            Press::Char(c) if !key.ctrl && !key.alt => {
                self.area.insert_str(displayable(&c.to_string()));
                return true;
            }
            Press::Char('u') if key.ctrl => {
                self.area.delete_line_by_head();
                return true;
            }
            Press::Char(c) => AreaKey::Char(c),
            Press::Enter if self.several_lines => {
                self.area.insert_newline();
                return true;
            }
            Press::Backspace => AreaKey::Backspace,
            Press::Delete => AreaKey::Delete,
            Press::Left => AreaKey::Left,
            Press::Right => AreaKey::Right,
            Press::Up if self.several_lines => AreaKey::Up,
            Press::Down if self.several_lines => AreaKey::Down,
            Press::PageUp if self.several_lines => AreaKey::PageUp,
            Press::PageDown if self.several_lines => AreaKey::PageDown,
            Press::Home => AreaKey::Home,
            Press::End => AreaKey::End,
            Press::Enter
            | Press::Esc
            | Press::Tab
            | Press::BackTab
            | Press::Up
            | Press::Down
            | Press::PageUp
            | Press::PageDown
            | Press::F(_) => return false,
        };
        // Readline's own keys; the ones that would break a single line are left out.
        if key.ctrl && !self.several_lines && matches!(key.press, Press::Char('m' | 'j')) {
            return false;
        }
        self.area.input(Input { key: area_key, ctrl: key.ctrl, alt: key.alt, shift: key.shift });
        true
    }

    /// Takes pasted text: text, never commands.
    pub fn paste(&mut self, text: &str) {
        let clean = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "    ");
        let lines: Vec<String> = clean.split('\n').map(displayable).collect();
        self.area.insert_str(if self.several_lines { lines.join("\n") } else { lines.join(" ") });
    }

    /// Draws the box; the cursor shows only while it has the focus.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, style: Style, focused: bool) {
        let mut shown = self.area.clone();
        shown.set_style(style);
        let cursor = if focused { Style::default().add_modifier(Modifier::REVERSED) } else { style };
        shown.set_cursor_style(cursor);
        frame.render_widget(&shown, area);
    }

    /// Lines the text takes in a box of this width.
    pub fn height(&self, cells: u16) -> u16 {
        let lines = super::fit::wrap(&self.text(), usize::from(cells.max(2)) - 1).len();
        u16::try_from(lines).unwrap_or(u16::MAX)
    }
}
