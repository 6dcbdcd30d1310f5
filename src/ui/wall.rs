//! The last thing before a picture goes out: whatever was drawn, by whichever widget, nothing in it speaks to the terminal.
//!
//! What comes from records is displayable already, and the notice line is a `DisplaySafe`. This is the wall behind them, for
//! what a screen shows straight from a disk or a key: the name of a file, a cell of a list, a text half-typed.

use ratatui::buffer::Buffer;

use crate::domain::text::is_harmful;

/// Puts `�` where a cell holds a character that is not seen and does something.
#[allow(
    clippy::disallowed_methods,
    reason = "what it puts in is harmless; the method is forbidden for what it lets through"
)]
pub fn sweep(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        let symbol = cell.symbol();
        // Nearly every cell is one printable letter.
        let plain = matches!(symbol.as_bytes(), [0x20..=0x7e]);
        if !plain && symbol.chars().any(is_harmful) {
            cell.set_symbol("\u{fffd}");
        }
    }
}
