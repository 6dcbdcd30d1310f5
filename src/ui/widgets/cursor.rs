//! A place in a list that is all in memory: which row, and which part of the list is seen.

use super::super::command::ListCommand;

/// A cursor over `len` rows. The list itself is kept elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The selected row.
    pub at: usize,
}

impl Cursor {
    /// Moves, staying inside a list of `len` rows; a page is `page` rows.
    pub fn go(&mut self, command: ListCommand, len: usize, page: usize) {
        let last = len.saturating_sub(1);
        let page = page.max(2) - 1;
        self.at = match command {
            ListCommand::Down => self.at.saturating_add(1),
            ListCommand::Up => self.at.saturating_sub(1),
            ListCommand::PageDown => self.at.saturating_add(page),
            ListCommand::PageUp => self.at.saturating_sub(page),
            ListCommand::Top => 0,
            ListCommand::Bottom => last,
        }
        .min(last);
    }

    /// Stays inside a list whose length has changed.
    pub fn keep_within(&mut self, len: usize) {
        self.at = self.at.min(len.saturating_sub(1));
    }

    /// The first row to draw so that the cursor is seen in `height` rows, near the middle where possible.
    pub fn first_seen(self, len: usize, height: usize) -> usize {
        if len <= height {
            return 0;
        }
        self.at.saturating_sub(height / 2).min(len - height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_never_leaves_its_list() {
        let mut cursor = Cursor::default();
        for (command, expected) in [
            (ListCommand::Up, 0),
            (ListCommand::Down, 1),
            (ListCommand::PageDown, 5),
            (ListCommand::Bottom, 9),
            (ListCommand::Down, 9),
            (ListCommand::PageUp, 5),
            (ListCommand::Top, 0),
        ] {
            cursor.go(command, 10, 5);
            assert_eq!(cursor.at, expected, "{command:?}");
        }
        cursor.go(ListCommand::Bottom, 0, 5);
        assert_eq!(cursor.at, 0);
        assert_eq!(Cursor { at: 9 }.first_seen(10, 4), 6);
        assert_eq!(Cursor { at: 3 }.first_seen(10, 0), 3);
    }
}
