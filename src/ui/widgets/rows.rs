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
    let mut room = height.saturating_sub(selected.len());
    let (mut above, mut first): (Vec<Vec<T>>, usize) = (Vec::new(), at);
    let mut below: Vec<Vec<T>> = Vec::new();
    let mut next = at + 1;
    let half = room / 2;
    let grow_up = |above: &mut Vec<Vec<T>>, first: &mut usize, room: &mut usize, keep: usize| {
        while *first > 0 && *room > keep {
            let lines = row(*first - 1);
            if lines.len() > room.saturating_sub(keep) {
                break;
            }
            *room -= lines.len();
            above.push(lines);
            *first -= 1;
        }
    };
    grow_up(&mut above, &mut first, &mut room, half);
    while next < len && room > 0 {
        let lines = row(next);
        room = room.saturating_sub(lines.len());
        below.push(lines);
        next += 1;
    }
    grow_up(&mut above, &mut first, &mut room, 0);
    let mut out: Vec<T> = above.into_iter().rev().flatten().collect();
    out.extend(selected);
    out.extend(below.into_iter().flatten());
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
                assert!(seen.len() + 3 > height, "row {at} in {height}: {seen:?}");
            }
        }
    }
}
