//! Sentences on a terminal break between words. What is laid out in columns, and what another program reads, stays as it is.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

/// Narrower than this nothing is broken: no sentence can be read there anyway.
const NARROWEST: usize = 20;

/// The columns of the terminal that this output goes to; nothing where it goes elsewhere.
#[cfg(unix)]
pub(super) fn columns(output: &(impl std::io::IsTerminal + std::os::fd::AsFd)) -> Option<usize> {
    if !output.is_terminal() {
        return None;
    }
    rustix::termios::tcgetwinsize(output).ok().map(|size| usize::from(size.ws_col))
}

/// As on Unix; here the terminal is left to break lines itself.
#[cfg(not(unix))]
pub(super) fn columns(_output: &impl std::io::IsTerminal) -> Option<usize> {
    None
}

/// A sentence in lines that fit, those after the first as far in as the first – or, behind the label of a check, as its words.
pub(super) fn wrapped(line: &str, columns: Option<usize>) -> String {
    let Some(columns) = columns.filter(|columns| *columns >= NARROWEST && is_sentence(line)) else {
        return line.to_owned();
    };
    let start = words_at(line);
    let (head, words) = line.split_at(start);
    // A label that takes half of the line leaves too little for the words under each other.
    let indent = if head.width() * 2 > columns { 0 } else { head.width() };
    let (mut out, mut at) = (head.to_owned(), head.width());
    let mut first = true;
    for word in words.split(' ') {
        let wide = word.width();
        if first {
            first = false;
        } else if at + 1 + wide > columns {
            let _ = write!(out, "\n{:indent$}", "");
            at = indent;
        } else {
            out.push(' ');
            at += 1;
        }
        out.push_str(word);
        at += wide;
    }
    out
}

/// Where the words begin: behind the spaces at the front, or behind a short label and the spaces that set it off.
fn words_at(line: &str) -> usize {
    let spaces = line.len() - line.trim_start_matches(' ').len();
    let body = line.get(spaces..).unwrap_or_default();
    match body.rfind("  ") {
        Some(gap) => spaces + gap + 2,
        None => spaces,
    }
}

/// Whether a line is one: several lines, JSON and rows of a table are not. At most a label stands in front of it.
fn is_sentence(line: &str) -> bool {
    let body = line.trim_start_matches(' ');
    let last = body.rfind("  ").map_or(body, |gap| body.get(gap + 2..).unwrap_or_default());
    !line.contains('\n') && !body.starts_with(['{', '[', '|']) && last.matches(' ').count() > 4
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str =
        "There is no recovery copy: if the passphrase is lost, everything is. Make one with: mdt key recovery PATH";

    #[test]
    fn a_sentence_breaks_between_words_and_loses_none() {
        for columns in NARROWEST..130 {
            let wrapped = wrapped(SAID, Some(columns));
            assert!(wrapped.lines().all(|line| line.width() <= columns), "{columns}: {wrapped}");
            assert_eq!(wrapped.replace('\n', " "), SAID);
        }
        assert_eq!(wrapped(SAID, None), SAID, "not on a terminal");
    }

    #[test]
    fn what_stands_behind_a_label_stays_behind_it() {
        let check = format!("!  {:<14} {SAID}", "recovery copy");
        let wrapped = wrapped(&check, Some(80));
        assert!(
            wrapped.lines().count() > 1 && wrapped.lines().skip(1).all(|it| it.starts_with(&" ".repeat(18))),
            "{wrapped}"
        );
        assert!(wrapped.lines().all(|line| line.width() <= 80), "{wrapped}");
    }

    #[test]
    fn tables_json_and_documents_stay_as_they_are() {
        let row = format!("  1  {:<30}  {:<30}  {:<30}", "ADEYEMI, Ada", "Elm Grove Surgery", "01-Jan-1930");
        let json = format!("{{\"said\": \"{SAID}\"}}");
        let document = format!("{SAID}\n{SAID}");
        for line in [row, json, document] {
            assert_eq!(wrapped(&line, Some(40)), line);
        }
    }
}
