//! Reads comma-separated lists as they really arrive: with or without byte-order mark, UTF-8, UTF-16 or Windows-1252,
//! parted by commas, semicolons, tabs or bars. What stands in a cell means nothing here.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::Trouble;
use crate::store::log::hex;

/// Bytes a list may have: about a million rows.
const SIZE_LIMIT: u64 = 256 << 20;
/// Characters by which cells may be parted.
pub(super) const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A list as text.
pub struct Source {
    /// The name of the file, without its folder.
    pub name: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: i64,
    text: String,
    delimiter: u8,
}

/// One row of a list.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The line on which it starts; the first line of the file is 1.
    pub line: u64,
    /// Its cells.
    pub cells: Vec<String>,
    /// Why its shape alone forbids taking it.
    pub damage: Option<String>,
}

impl Row {
    fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

fn unread(sentence: impl Into<String>) -> Trouble {
    Trouble::NotRead(sentence.into())
}

fn trouble(sentence: impl Into<String>) -> Trouble {
    Trouble::List(sentence.into())
}

impl Source {
    /// Reads a file.
    ///
    /// # Errors
    /// One sentence: not there, a folder, empty, too long, or not a text.
    pub fn read(path: &Path) -> Result<Self, Trouble> {
        let shown = crate::domain::text::displayable(&path.display().to_string());
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let meta = fs::metadata(path).map_err(|error| {
            unread(match error.kind() {
                std::io::ErrorKind::NotFound => format!("There is no file {shown}. Nothing was changed."),
                _ => format!("{shown} could not be read: {error}. Nothing was changed."),
            })
        })?;
        if meta.is_dir() {
            return Err(unread(format!("{shown} is a folder. Give the list itself. Nothing was changed.")));
        }
        if meta.len() > SIZE_LIMIT {
            return Err(unread(format!(
                "{shown} is larger than {} MB. Split it. Nothing was changed.",
                SIZE_LIMIT >> 20
            )));
        }
        let mut bytes = Vec::new();
        fs::File::open(path)
            .and_then(|file| file.take(SIZE_LIMIT + 1).read_to_end(&mut bytes))
            .map_err(|error| unread(format!("{shown} could not be read: {error}. Nothing was changed.")))?;
        Self::from_bytes(&name, &bytes)
    }

    /// Reads the bytes of a file of this name.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Self, Trouble> {
        let name = crate::domain::text::displayable(name);
        if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
            return Err(trouble(format!(
                "{name} is a spreadsheet. This release reads CSV: open it and save it as CSV (UTF-8). Nothing was changed."
            )));
        }
        let text = decode(bytes);
        if text.trim().is_empty() {
            return Err(trouble(format!("{name} is empty. Nothing was changed.")));
        }
        if text.contains('\0') {
            return Err(trouble(format!("{name} is not a text file. Save the list as CSV. Nothing was changed.")));
        }
        let delimiter = delimiter(&text);
        let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        Ok(Self { name, sha256: hex(&Sha256::digest(bytes)), bytes: size, text, delimiter })
    }

    /// Every row from the top, blank ones left out, whatever its width.
    pub(super) fn rows_from_top(&self) -> Rows<'_> {
        self.rows(0, 0)
    }

    /// The rows under the header that stands on line `header_line`. Rows of another width than `width` (if not 0) are marked.
    pub fn rows(&self, header_line: u64, width: usize) -> Rows<'_> {
        let reader = ::csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter)
            .from_reader(self.text.as_bytes());
        let record = ::csv::StringRecord::new();
        Rows { reader, source: self, header_line, width, record, counted: (0, 1), over: false }
    }
}

/// The rows of a list, one by one.
pub struct Rows<'s> {
    reader: ::csv::Reader<&'s [u8]>,
    source: &'s Source,
    header_line: u64,
    width: usize,
    record: ::csv::StringRecord,
    /// A byte of the text, and the line on which it stands.
    counted: (usize, u64),
    over: bool,
}

impl Rows<'_> {
    /// The line on which the record stands. (The reader counts from before the blank lines above it.)
    fn line(&mut self) -> u64 {
        let start = self.record.position().and_then(|at| usize::try_from(at.byte()).ok()).unwrap_or(0);
        let bytes = self.source.text.as_bytes();
        let blank = bytes.get(start..).unwrap_or_default().iter().take_while(|byte| **byte == b'\n').count();
        let (from, line) = self.counted;
        let passed = bytes.get(from..start + blank).unwrap_or_default();
        let breaks = u64::try_from(passed.iter().filter(|byte| **byte == b'\n').count()).unwrap_or(0);
        self.counted = (start + blank, line + breaks);
        self.counted.1
    }

    fn read(&mut self) -> Result<Option<Row>, Trouble> {
        loop {
            let more = self.reader.read_record(&mut self.record);
            if !more.map_err(|_| trouble("The list cannot be split into rows. Nothing was changed."))? {
                return Ok(None);
            }
            let line = self.line();
            let mut row = Row { line, cells: self.record.iter().map(uncovered).collect(), damage: None };
            self.check_quotes(&row)?;
            if line <= self.header_line || row.is_blank() {
                continue;
            }
            self.fit(&mut row);
            return Ok(Some(row));
        }
    }

    /// A quote that is never closed swallows the rows below it: better to take nothing than to lose them unseen.
    fn check_quotes(&self, row: &Row) -> Result<(), Trouble> {
        let delimiter = char::from(self.source.delimiter);
        let swallows =
            |cell: &String| cell.lines().skip(1).any(|line| line.matches(delimiter).count() + 1 >= self.width.max(3));
        if self.width > 0 && row.cells.iter().any(swallows) {
            return Err(trouble(format!(
                "A quotation mark on line {} is not closed, so rows below it cannot be told apart. Correct that line. Nothing was changed.",
                row.line
            )));
        }
        Ok(())
    }

    /// Blank cells at the end do no harm; anything else that is too many or too few does.
    fn fit(&self, row: &mut Row) {
        if self.width == 0 {
            return;
        }
        while row.cells.len() > self.width && row.cells.last().is_some_and(|cell| cell.trim().is_empty()) {
            row.cells.pop();
        }
        if row.cells.len() != self.width {
            row.damage = Some(format!("the row has {} cells where the header has {}", row.cells.len(), self.width));
        }
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, Trouble>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let row = self.read();
        self.over = !matches!(row, Ok(Some(_)));
        row.transpose()
    }
}

/// Takes off the apostrophe that keeps a spreadsheet from calculating a cell (see [`covered`]).
fn uncovered(cell: &str) -> String {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest.to_owned(),
        _ => cell.to_owned(),
    }
}

/// Puts an apostrophe before what a spreadsheet would calculate (CWE-1236).
pub(super) fn covered(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

fn decode(bytes: &[u8]) -> String {
    let marked = encoding_rs::Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let encoding = marked.unwrap_or_else(|| guess_encoding(bytes));
    let text = encoding.decode(bytes).0;
    // One kind of line break, so that lines are counted as an editor counts them.
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.into_owned() }
}

fn guess_encoding(bytes: &[u8]) -> &'static encoding_rs::Encoding {
    let head = bytes.get(..bytes.len().min(2_000)).unwrap_or_default();
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let half = head.len() / 2;
    if half > 0 && zeros(1) * 2 > half {
        return encoding_rs::UTF_16LE;
    }
    if half > 0 && zeros(0) * 2 > half {
        return encoding_rs::UTF_16BE;
    }
    if std::str::from_utf8(bytes).is_ok() { encoding_rs::UTF_8 } else { encoding_rs::WINDOWS_1252 }
}

/// The delimiter that most often parts the first lines; a comma where none does.
fn delimiter(text: &str) -> u8 {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(15).collect();
    let most = |delimiter: &u8| {
        lines.iter().map(|line| outside_quotes(line, char::from(*delimiter))).max().unwrap_or_default()
    };
    let best = DELIMITERS.iter().rev().max_by_key(|delimiter| most(delimiter));
    best.copied().unwrap_or(b',')
}

fn outside_quotes(line: &str, delimiter: char) -> usize {
    line.split('"').step_by(2).map(|part| part.matches(delimiter).count()).sum()
}
