//! A list whose rows take one line or several: only the rows that are seen are made.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line as TextLine;
use ratatui::widgets::Paragraph;

/// Draws the rows around row `at`, which is always seen; `row` makes the lines of a row.
pub fn draw(frame: &mut Frame<'_>, area: Rect, len: usize, at: usize, row: impl Fn(usize) -> Vec<TextLine<'static>>) {
    if area.width == 0 || area.height == 0 || len == 0 {
        return;
    }
    let lines = around(len, at.min(len - 1), usize::from(area.height), row);
    frame.render_widget(Paragraph::new(lines), area);
}

fn around<T>(len: usize, at: usize, height: usize, row: impl Fn(usize) -> Vec<T>) -> Vec<T> {
    let selected = row(at);
    let room = height.saturating_sub(selected.len());
    let mut above: Vec<Vec<T>> = Vec::new();
    let mut lines_above = 0;
    for n in (0..at).rev() {
        if lines_above >= room {
            break;
        }
        let lines = row(n);
        lines_above += lines.len();
        above.push(lines);
    }
    let mut below: Vec<T> = Vec::new();
    for n in at + 1..len {
        if below.len() >= room {
            break;
        }
        below.extend(row(n));
    }
    // Half of the room for what is above, more where there is little below; of the topmost row perhaps its last lines only.
    let keep = lines_above.min((room / 2).max(room.saturating_sub(below.len())));
    let mut out: Vec<T> = above.into_iter().rev().flatten().skip(lines_above - keep).collect();
    out.extend(selected);
    out.extend(below);
    out.truncate(height);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selected_row_is_seen_whole_and_the_room_is_used() {
        // Row n takes 1 + n % 3 lines, each telling its row.
        let row = |n: usize| vec![n; 1 + n % 3];
        for height in 1..12 {
            for at in 0..20 {
                let seen = around(20, at, height, row);
                let lines = seen.iter().filter(|n| **n == at).count();
                assert_eq!(lines, row(at).len().min(height), "row {at} in {height}");
                assert!(seen.is_sorted() && seen.len() <= height);
                assert_eq!(seen.len(), height, "row {at} in {height}: {seen:?}");
            }
        }
    }
}
