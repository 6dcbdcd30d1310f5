//! How much of a text goes where: into a cell, a name, the head of a page, a line of a cell.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthChar as _;

/// What may count as one sign.
const SIGN: usize = 16;
/// What Excel makes a row at most, in lines.
pub(super) const MOST_LINES: u32 = 27;

/// The text in pieces of at most so many UTF-16 units, parted between characters as they are seen.
pub(super) fn pieces(text: &str, most: usize) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut from, mut held) = (0, 0);
    let mut take = |at: usize, size: usize| {
        if held + size > most {
            out.extend(text.get(from..at));
            (from, held) = (at, 0);
        }
        held += size;
    };
    for (at, sign) in text.grapheme_indices(true) {
        match units(sign) {
            size if size <= SIGN => take(at, size),
            // A letter under hundreds of marks; it is parted between them.
            _ => sign.char_indices().for_each(|(n, c)| take(at + n, c.len_utf16())),
        }
    }
    out.extend(text.get(from..).filter(|rest| !rest.is_empty()));
    out
}

/// The first piece.
pub(super) fn begin_of(text: &str, most: usize) -> &str {
    pieces(text, most).into_iter().next().unwrap_or_default()
}

/// How long Excel takes a text to be.
pub(super) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// No text has more units than bytes.
pub(super) fn fits(text: &str, most: usize) -> bool {
    text.len() <= most || units(text) <= most
}

/// How many lines a text takes in a column so many digits wide. Rather one too many: what does not fit is not seen.
pub(super) fn lines(text: &str, width: f64) -> u32 {
    let mut count = 0;
    for line in text.split('\n') {
        count += 1;
        let mut used = 0.0;
        for word in line.split_inclusive(' ') {
            let wide: f64 = word.trim_end().chars().map(breadth).sum();
            if used > 0.0 && used + wide > width {
                count += 1;
                used = 0.0;
            }
            used += wide;
            while used > width {
                count += 1;
                used -= width;
            }
            used += 0.6;
        }
        if count >= MOST_LINES {
            return MOST_LINES;
        }
    }
    count
}

/// How wide a character is, in digits.
fn breadth(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '.' | ',' | '\'' | ':' | ';' => 0.6,
        'm' | 'w' | 'M' | 'W' => 1.6,
        c if c.is_uppercase() => 1.25,
        c => c.width().map_or(0.0, |cells| if cells == 2 { 2.2 } else { cells as f64 * 1.05 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_whole_signs_and_nothing_is_lost() {
        assert_eq!(pieces("Nguyễn 👩🏽‍⚕️👩🏽‍⚕️", 12), ["Nguyễn ", "👩🏽‍⚕️", "👩🏽‍⚕️"]);
        assert_eq!(pieces("", 5), Vec::<&str>::new());
        let marks = format!("a{}", "\u{301}".repeat(50));
        assert_eq!(pieces(&marks, 20).concat(), marks);
        assert!(pieces(&marks, 20).iter().all(|piece| units(piece) <= 20));
        assert!(fits("👩👩", 4) && !fits("👩👩", 3));
    }

    #[test]
    fn lines_are_counted_as_they_wrap() {
        assert_eq!(lines("", 20.0), 1);
        assert_eq!(lines("one\ntwo", 20.0), 2);
        assert_eq!(lines("ring the district nurses about the dressing", 20.0), 3);
        assert_eq!(lines("RAMANATHAN-THIAGARAJAH", 20.0), 2);
        assert_eq!(lines(&"long ".repeat(9_000), 20.0), MOST_LINES);
    }
}
