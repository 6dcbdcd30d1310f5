//! Text lists as they really arrive: with or without byte-order mark, UTF-8, UTF-16 or Windows-1252, parted by commas,
//! semicolons, tabs or bars, with any kind of line break. What stands in a cell means nothing here.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::Trouble;
use super::source::Row;

/// Characters by which cells may be parted, with their names.
pub(super) const DELIMITERS: [(u8, &str); 4] =
    [(b',', "commas"), (b';', "semicolons"), (b'\t', "tabs"), (b'|', "bars")];

/// Bytes one cell may have. More than this is a quotation mark that was never closed, or no list.
const CELL_LIMIT: usize = 1_000_000;

/// A text, and how it is parted into cells.
pub(super) struct TextList {
    text: String,
    delimiter: u8,
    /// Where the rows begin, after a `sep=;` line.
    start: usize,
    encoding: &'static str,
}

fn trouble(sentence: impl Into<String>) -> Trouble {
    Trouble::List(sentence.into())
}

impl TextList {
    /// Makes text of bytes.
    ///
    /// # Errors
    /// One sentence: empty, or not a text.
    pub(super) fn of(name: &str, bytes: Vec<u8>) -> Result<Self, Trouble> {
        if bytes.is_empty() {
            return Err(trouble(format!("{name} is empty. Nothing was changed.")));
        }
        if let Some(what) = other_kind(&bytes) {
            return Err(trouble(format!(
                "{name} is {what}, not a list. Open it in a spreadsheet and save it as CSV or XLSX, or ask for the list as one. Nothing was changed."
            )));
        }
        let (text, encoding) = decode(name, bytes)?;
        if let Some(at) = text.find('\0') {
            let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
            return Err(trouble(format!(
                "{name} is not a text file: line {line} has a NUL in it. Save the list as CSV (UTF-8) or as a spreadsheet. Nothing was changed."
            )));
        }
        if text.trim().is_empty() {
            return Err(trouble(format!("{name} has no rows, only blanks. Nothing was changed.")));
        }
        let (start, said) = separator_line(&text);
        let delimiter = said.unwrap_or_else(|| delimiter(&text));
        Ok(Self { text, delimiter, start, encoding })
    }

    /// `UTF-8, parted by commas`.
    pub(super) fn described(&self) -> String {
        let parted = DELIMITERS.iter().find(|(byte, _)| *byte == self.delimiter).map_or("commas", |(_, name)| name);
        format!("{}, parted by {parted}", self.encoding)
    }

    /// A walk through the rows from the top.
    pub(super) fn walk(&self) -> TextRows<'_> {
        let bytes = self.text.as_bytes().get(self.start..).unwrap_or_default();
        let reader =
            ::csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(self.delimiter).from_reader(bytes);
        let before = self.text.get(..self.start).unwrap_or_default().matches('\n').count();
        TextRows { reader, bytes, delimiter: self.delimiter, counted: (0, 1 + before as u64) }
    }
}

/// The rows of a text, one by one.
pub(super) struct TextRows<'s> {
    reader: ::csv::Reader<&'s [u8]>,
    bytes: &'s [u8],
    delimiter: u8,
    /// A byte of the text, and the line on which it stands.
    counted: (usize, u64),
}

impl TextRows<'_> {
    /// Reads the next row into `row`; false after the last. `width` is that of the header, 0 where there is none yet.
    pub(super) fn next(&mut self, row: &mut Row, width: usize) -> Result<bool, Trouble> {
        let more = self.reader.read_record(&mut row.record);
        if !more.map_err(|_| trouble("The list cannot be split into rows. Nothing was changed."))? {
            return Ok(false);
        }
        row.line = self.line(row);
        self.check_cells(row, width)?;
        Ok(true)
    }

    /// The line on which the record stands. (The reader counts from before the blank lines above it.)
    fn line(&mut self, row: &Row) -> u64 {
        let start = row.record.position().and_then(|at| usize::try_from(at.byte()).ok()).unwrap_or(0);
        let blank = self.bytes.get(start..).unwrap_or_default().iter().take_while(|byte| **byte == b'\n').count();
        let (from, line) = self.counted;
        let passed = self.bytes.get(from..start + blank).unwrap_or_default();
        let breaks = passed.iter().filter(|byte| **byte == b'\n').count();
        self.counted = (start + blank, line + breaks as u64);
        self.counted.1
    }

    /// A quotation mark that is never closed swallows the rows below it: better to take nothing than to lose them unseen.
    fn check_cells(&self, row: &Row, width: usize) -> Result<(), Trouble> {
        let whole = row.record.as_slice();
        if whole.len() > CELL_LIMIT
            && let Some(at) = row.record.iter().position(|cell| cell.len() > CELL_LIMIT)
        {
            return Err(trouble(format!(
                "Cell {} of line {} has more than a million characters: a quotation mark may not be closed, or this is no list. Nothing was changed.",
                at + 1,
                row.line
            )));
        }
        if width == 0 || !whole.contains('\n') {
            return Ok(());
        }
        if self.is_loosely_quoted(row) {
            return Err(trouble(format!(
                "A quotation mark on line {} is not closed, so rows below it cannot be told apart. Correct that line. Nothing was changed.",
                row.line
            )));
        }
        Ok(())
    }
}

impl TextRows<'_> {
    /// Whether a row of several lines has a quotation mark that is never closed, or one that closes with something between
    /// it and the next delimiter: that one was meant to open, and what is before it belongs to two rows.
    fn is_loosely_quoted(&self, row: &Row) -> bool {
        let at = |byte: u64| usize::try_from(byte).unwrap_or(usize::MAX);
        let start = row.record.position().map_or(0, |position| at(position.byte()));
        let raw = self.bytes.get(start..at(self.reader.position().byte())).unwrap_or_default();
        let (mut quoted, mut before) = (false, self.delimiter);
        let mut rest = raw.iter().copied().peekable();
        while let Some(byte) = rest.next() {
            let parts = |byte: u8| byte == self.delimiter || byte == b'\n';
            match (quoted, byte) {
                (true, b'"') if rest.next_if_eq(&b'"').is_some() => {}
                (true, b'"') if rest.peek().is_some_and(|next| !parts(*next)) => return true,
                (true, b'"') => quoted = false,
                (false, b'"') if parts(before) => quoted = true,
                _ => {}
            }
            before = byte;
        }
        quoted
    }
}

/// What the first bytes say that is no list, where they say so.
fn other_kind(bytes: &[u8]) -> Option<&'static str> {
    const SIGNS: [(&[u8], &str); 11] = [
        (b"%PDF-", "a PDF"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"GIF8", "a picture"),
        (b"{\\rtf", "a text document"),
        (b"\x1f\x8b", "a packed file"),
        (b"7z\xbc\xaf", "a packed file"),
        (b"Rar!", "a packed file"),
        (b"SQLite format 3", "a database"),
        (b"\x7fELF", "a program"),
        (b"MZ\x90\0", "a program"),
    ];
    if let Some((_, what)) = SIGNS.iter().find(|(sign, _)| bytes.starts_with(sign)) {
        return Some(what);
    }
    let head = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let begins = |sign: &[u8]| head.get(..sign.len()).is_some_and(|start| start.eq_ignore_ascii_case(sign));
    if begins(b"<?xml") {
        return Some("an XML file");
    }
    if [&b"<!doctype html"[..], b"<html", b"<table", b"<head", b"<meta"].iter().any(|sign| begins(sign)) {
        return Some("a web page");
    }
    let mut marks = head.iter().filter(|byte| !byte.is_ascii_whitespace());
    match (marks.next(), marks.next()) {
        (Some(b'{'), Some(b'"' | b'}')) | (Some(b'['), Some(b'{')) => Some("a JSON file"),
        _ => None,
    }
}

/// `sep=;` on the first line, as spreadsheets write and read it.
fn separator_line(text: &str) -> (usize, Option<u8>) {
    let first = text.lines().next().unwrap_or_default();
    let said = first.trim().strip_prefix("sep=").or_else(|| first.trim().strip_prefix("SEP="));
    let byte = match said.map(str::as_bytes) {
        Some([byte]) => DELIMITERS.iter().map(|(known, _)| *known).find(|known| known == byte),
        // A tab after `sep=` is trimmed away.
        Some([]) => Some(b'\t'),
        _ => None,
    };
    if byte.is_some() { ((first.len() + 1).min(text.len()), byte) } else { (0, None) }
}

fn decode(name: &str, bytes: Vec<u8>) -> Result<(String, &'static str), Trouble> {
    let marked = Encoding::for_bom(&bytes);
    let encoding = marked.map_or_else(|| guess_encoding(&bytes), |(encoding, _)| encoding);
    let bom = marked.map_or(0, |(_, length)| length);
    if encoding == UTF_8 {
        let label = if bom > 0 { "UTF-8 with a byte-order mark" } else { "UTF-8" };
        match String::from_utf8(bytes) {
            Ok(mut text) => {
                // Where two exports are put together, the mark may come twice.
                let marks = text.len() - text.trim_start_matches('\u{feff}').len();
                text.drain(..marks.max(bom));
                return Ok((one_kind_of_break(text), label));
            }
            // It says UTF-8 and is not: what it is instead nobody can know.
            Err(_) => {
                return Err(trouble(format!(
                    "{name} says it is UTF-8, but has bytes that are none. Save it again as CSV (UTF-8). Nothing was changed."
                )));
            }
        }
    }
    if encoding == WINDOWS_1252
        && let Some(line) = line_of_second_encoding(&bytes)
    {
        return Err(trouble(format!(
            "{name} has letters in two encodings: line {line} is not UTF-8 like the others. Read either way, some names would be wrong. Save it again as CSV (UTF-8). Nothing was changed."
        )));
    }
    let (text, _, damaged) = encoding.decode(&bytes);
    if damaged {
        return Err(trouble(format!(
            "{name} cannot be read as {}: it is cut off or damaged. Save it again as CSV (UTF-8). Nothing was changed.",
            encoding.name()
        )));
    }
    let label = if encoding == WINDOWS_1252 { "Windows-1252" } else { "UTF-16" };
    Ok((one_kind_of_break(text.into_owned()), label))
}

fn guess_encoding(bytes: &[u8]) -> &'static Encoding {
    let head = bytes.get(..bytes.len().min(2_000)).unwrap_or_default();
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let half = head.len() / 2;
    if half > 0 && zeros(1) * 2 > half {
        return UTF_16LE;
    }
    if half > 0 && zeros(0) * 2 > half {
        return UTF_16BE;
    }
    if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 }
}

/// The first line that is not UTF-8, of a text that elsewhere has letters with accents in UTF-8: in Windows-1252 those would
/// be two characters that no name has side by side, such as `Ã¢`.
fn line_of_second_encoding(bytes: &[u8]) -> Option<usize> {
    let is_latin = |c: char| matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
    let mut latin = false;
    let (mut broken, mut breaks) = (None, 1);
    for chunk in bytes.utf8_chunks() {
        latin |= chunk.valid().chars().any(is_latin);
        breaks += chunk.valid().replace("\r\n", "\n").matches(['\n', '\r']).count();
        if broken.is_none() && !chunk.invalid().is_empty() {
            broken = Some(breaks);
        }
    }
    broken.filter(|_| latin)
}

/// One kind of line break, so that lines are counted as an editor counts them; in place, for lists are long.
fn one_kind_of_break(text: String) -> String {
    if !text.contains('\r') {
        return text;
    }
    let mut bytes = text.into_bytes();
    let mut after_return = false;
    bytes.retain_mut(|byte| {
        let second_half = after_return && *byte == b'\n';
        after_return = *byte == b'\r';
        if after_return {
            *byte = b'\n';
        }
        !second_half
    });
    // Only ASCII bytes were altered or taken out, so what is left is still UTF-8.
    String::from_utf8(bytes).unwrap_or_default()
}

/// The delimiter that most often parts the first lines – of two, the one that parts more of them; a comma where none does.
fn delimiter(text: &str) -> u8 {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(15).collect();
    let most = |delimiter: u8| {
        let counts = lines.iter().map(|line| outside_quotes(line, char::from(delimiter)));
        let parted = counts.clone().filter(|count| *count > 0).count();
        (counts.max().unwrap_or_default(), parted)
    };
    let best = DELIMITERS.iter().map(|(byte, _)| *byte).rev().max_by_key(|byte| most(*byte));
    best.unwrap_or(b',')
}

fn outside_quotes(line: &str, delimiter: char) -> usize {
    line.split('"').step_by(2).map(|part| part.matches(delimiter).count()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &[u8]) -> Vec<(u64, Vec<String>)> {
        let list = TextList::of("list.csv", bytes.to_vec()).unwrap();
        let (mut walk, mut row, mut out) = (list.walk(), Row::default(), Vec::new());
        while walk.next(&mut row, 0).unwrap() {
            out.push((row.line, row.record.iter().map(str::to_owned).collect()));
        }
        out
    }

    #[test]
    fn every_break_and_separator_gives_the_same_rows() {
        let plain = rows(b"a,b\n1,2\n");
        let same: [&[u8]; 7] = [
            b"a,b\r\n1,2\r\n",
            b"a,b\r1,2\r",
            b"a;b\n1;2",
            b"a\tb\n1\t2",
            b"a|b\n1|2",
            b"\xef\xbb\xbfa,b\n1,2\n",
            b"\xff\xfea\0,\0b\0\n\x001\0,\x002\0",
        ];
        for other in same {
            assert_eq!(rows(other), plain, "{other:?}");
        }
        assert_eq!(
            rows(b"sep=;\na,x;b\n1;2"),
            [(2, vec!["a,x".into(), "b".into()]), (3, vec!["1".into(), "2".into()])]
        );
        assert_eq!(rows(b"a,b\r\n\r\n\"x\r\ny\",2\r\n3,4")[1..].iter().map(|row| row.0).collect::<Vec<_>>(), [3, 5]);
    }

    #[test]
    fn what_is_no_text_says_so() {
        for (bytes, says) in [
            (&b""[..], "is empty"),
            (b" \n \r\n", "only blanks"),
            (b"a,b\n1,\0", "line 2 has a NUL"),
            (b"\xef\xbb\xbfa,b\n1,\xe9", "says it is UTF-8"),
            (b"\xff\xfea\0,", "cut off"),
        ] {
            let why = TextList::of("list.csv", bytes.to_vec()).err().unwrap().to_string();
            assert!(why.contains(says) && why.ends_with("Nothing was changed."), "{why}");
        }
    }
}
