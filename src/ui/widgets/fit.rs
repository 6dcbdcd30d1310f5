//! Text into columns: measured in cells, never in characters; what does not fit ends with an ellipsis.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// Cells a text takes.
pub fn width(text: &str) -> usize {
    // Most of what is shown is plain, and measured many times at every key.
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) { text.len() } else { text.width() }
}

/// Exactly `cells` wide: padded with blanks, or cut with `…`.
pub fn fit(text: &str, cells: usize) -> String {
    let mut out = clip(text, cells);
    let used = width(&out);
    out.extend(std::iter::repeat_n(' ', cells.saturating_sub(used)));
    out
}

/// As [`fit`], pushed to the right.
pub fn fit_right(text: &str, cells: usize) -> String {
    let out = clip(text, cells);
    let used = width(&out);
    format!("{}{out}", " ".repeat(cells.saturating_sub(used)))
}

/// At most `cells` wide, cut with `…` where it is not whole.
pub fn clip(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for cluster in text.graphemes(true) {
        let w = cluster.width();
        if used + w + 1 > cells {
            break;
        }
        used += w;
        out.push_str(cluster);
    }
    if cells > 0 {
        out.push('…');
    }
    out
}

/// Broken into lines of at most `cells`, between words where possible; nothing is lost.
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    let cells = cells.max(1);
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        let mut used = 0;
        for word in paragraph.split(' ') {
            let w = word.width();
            if used > 0 && used + 1 + w > cells {
                lines.push(std::mem::take(&mut line));
                used = 0;
            } else if used > 0 || !line.is_empty() {
                line.push(' ');
                used += 1;
            }
            if w <= cells {
                line.push_str(word);
                used += w;
                continue;
            }
            for cluster in word.graphemes(true) {
                let w = cluster.width();
                if used + w > cells && used > 0 {
                    lines.push(std::mem::take(&mut line));
                    used = 0;
                }
                line.push_str(cluster);
                used += w;
            }
        }
        lines.push(line);
    }
    lines
}

/// Short facts joined by ` · `, broken only between them where each fits on a line of its own.
pub fn wrap_facts<S: AsRef<str>>(facts: &[S], cells: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for fact in facts.iter().map(AsRef::as_ref).filter(|fact| !fact.is_empty()) {
        match lines.last_mut() {
            Some(line) if line.width() + 3 + fact.width() <= cells => {
                line.push_str(" · ");
                line.push_str(fact);
            }
            _ => lines.extend(wrap(fact, cells)),
        }
    }
    lines
}

/// The same for a text whose facts are joined by ` · ` already.
pub fn wrap_parts(text: &str, cells: usize) -> Vec<String> {
    wrap_facts(&text.split(" · ").collect::<Vec<_>>(), cells)
}

/// A count as people write it: `50,000`.
pub fn grouped(n: i64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_exact_and_cuts_are_seen() {
        assert_eq!(fit("Siân", 6), "Siân  ");
        assert_eq!(fit("NGUYỄN, Thị Minh", 8), "NGUYỄN,…");
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit_right("7", 3), "  7");
        assert_eq!(clip("abc", 0), "");
    }

    #[test]
    fn a_number_is_not_broken_between_lines() {
        let identity = "born 24-Oct-1960 (66) · 999 000 0182 · St Teilo's Practice";
        assert_eq!(wrap_parts(identity, 30), ["born 24-Oct-1960 (66)", "999 000 0182", "St Teilo's Practice"]);
        assert_eq!(wrap_parts(identity, 40)[0], "born 24-Oct-1960 (66) · 999 000 0182");
    }

    #[test]
    fn wrapping_loses_nothing() {
        let text = "Ruth is up three times a night. Fell Tuesday,\nno injury. Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch";
        for cells in 1..40 {
            let lines = wrap(text, cells);
            assert!(lines.iter().all(|line| width(line) <= cells), "{cells}");
            let letters = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            assert_eq!(letters(&lines.concat()), letters(text));
        }
    }
}
