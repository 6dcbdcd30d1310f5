//! A list as rows of cells, whatever kind of file it came in.

use std::path::Path;

use ::csv::StringRecord;

use super::Trouble;
use super::file::Parcel;
use super::text::{TextList, TextRows};
use super::workbook::{self, Workbook};

/// A list.
pub struct Source {
    /// The name of the file, without its folder.
    pub name: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: i64,
    body: Body,
}

enum Body {
    Text(TextList),
    Sheet { kind: &'static str, sheet: String, others: Vec<String>, rows: Vec<(u64, StringRecord)> },
}

/// One row of a list. Made once and filled again and again: a long list has millions of cells.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The line on which it starts; the first line of the file is 1. In a spreadsheet, its row number.
    pub line: u64,
    pub(super) record: StringRecord,
    /// Why its shape alone forbids taking it.
    pub damage: Option<String>,
}

impl Row {
    /// A cell without blanks around it and without the apostrophe that keeps a spreadsheet from calculating it.
    pub fn cell(&self, at: usize) -> Option<&str> {
        self.record.get(at).map(|cell| uncovered(cell).trim())
    }

    /// How many cells it has.
    pub fn len(&self) -> usize {
        self.record.len()
    }

    /// Whether all its cells are blank.
    pub fn is_empty(&self) -> bool {
        self.record.iter().all(|cell| cell.trim().is_empty())
    }

    /// Its cells.
    pub fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|at| self.cell(at))
    }

    /// Blank cells at the end do no harm; anything else that is too many or too few does.
    fn fit(&mut self, width: usize, extra: usize) {
        self.damage = None;
        if width == 0 || self.len() == width {
            return;
        }
        let last = self
            .record
            .iter()
            .enumerate()
            .filter(|(_, cell)| !cell.trim().is_empty())
            .last()
            .map_or(0, |(at, _)| at + 1);
        if last <= width && self.len() == width + extra {
            self.record.truncate(width);
        } else {
            self.damage = Some(format!("the row has {} cells where the header has {width}", self.len()));
        }
    }
}

/// Takes off the apostrophe that keeps a spreadsheet from calculating a cell (see [`covered`]).
fn uncovered(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']) => rest,
        _ => cell,
    }
}

/// Puts an apostrophe before what a spreadsheet would calculate (CWE-1236).
pub(super) fn covered(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

impl Source {
    /// Reads a file; of a workbook the sheet of this name, or – where none is named – the first that is not hidden and
    /// not empty.
    ///
    /// # Errors
    /// One sentence: what is wrong with the file, or which sheets there are.
    pub fn read(path: &Path, sheet: Option<&str>) -> Result<Self, Trouble> {
        Self::of(Parcel::read(path)?, sheet)
    }

    /// Reads the bytes of a file of this name.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Self, Trouble> {
        Self::of(Parcel::of(name, bytes.to_vec()), None)
    }

    /// Reads a list from what was on the disk.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub fn of(parcel: Parcel, sheet: Option<&str>) -> Result<Self, Trouble> {
        let Parcel { name, sha256, size, bytes } = parcel;
        let body = if workbook::kind(&bytes).is_some() {
            of_workbook(&name, bytes, sheet)?
        } else if let Some(sheet) = sheet {
            return Err(Trouble::List(format!(
                "{name} is a text list and has no sheets, so no sheet “{sheet}” either. Nothing was changed."
            )));
        } else {
            Body::Text(TextList::of(&name, bytes)?)
        };
        Ok(Self { name, sha256, bytes: size, body })
    }

    /// How the file was read, in words: `UTF-8, parted by commas`.
    pub fn described(&self) -> String {
        match &self.body {
            Body::Text(list) => list.described(),
            Body::Sheet { kind, sheet, others, .. } if others.is_empty() => format!("{kind}, sheet “{sheet}”"),
            Body::Sheet { kind, sheet, others, .. } => {
                format!("{kind}, sheet “{sheet}” (not read: {})", others.join(", "))
            }
        }
    }

    /// The sheet that was read, of a workbook.
    pub fn sheet(&self) -> Option<&str> {
        match &self.body {
            Body::Text(_) => None,
            Body::Sheet { sheet, .. } => Some(sheet),
        }
    }

    /// The other sheets of a workbook.
    pub fn other_sheets(&self) -> &[String] {
        match &self.body {
            Body::Text(_) => &[],
            Body::Sheet { others, .. } => others,
        }
    }

    /// Every row from the top that is not blank, whatever its width.
    pub fn rows_from_top(&self) -> Rows<'_> {
        self.rows(0, 0)
    }

    /// The rows under line `under`, blank ones left out. Rows of another width than `width` (if not 0) are marked.
    pub fn rows(&self, under: u64, width: usize) -> Rows<'_> {
        let walk = match &self.body {
            Body::Text(list) => Walk::Text(list.walk()),
            Body::Sheet { rows, .. } => Walk::Sheet(rows.iter()),
        };
        let mut rows = Rows { walk, under, width, extra: 0 };
        if width > 0 {
            rows.extra = self.extra(under, width);
        }
        rows
    }

    /// Blank cells that every row has behind the last column of the header: a separator at the end of each line. In one row
    /// alone they say that a cell was parted in two, and what stands behind it has moved.
    fn extra(&self, under: u64, width: usize) -> usize {
        let blank = |row: &Row| (width..row.len()).all(|at| row.cell(at).is_none_or(str::is_empty));
        let mut extra = None;
        for row in self.rows(under, 0).take(5).map_while(Result::ok) {
            let more = row.len().saturating_sub(width);
            if !blank(&row) || extra.is_some_and(|extra| extra != more) {
                return 0;
            }
            extra = Some(more);
        }
        extra.unwrap_or(0)
    }
}

fn of_workbook(name: &str, bytes: Vec<u8>, wanted: Option<&str>) -> Result<Body, Trouble> {
    let wrong = |why: workbook::Unreadable| Trouble::List(why.0);
    let kind = match workbook::kind(&bytes) {
        Some(workbook::Kind::Ods) => "OpenDocument workbook",
        Some(workbook::Kind::Xls) => "Excel 97–2003 workbook",
        Some(workbook::Kind::Xlsx) | None => "Excel workbook",
    };
    let mut book = Workbook::open(name, bytes).map_err(wrong)?;
    let names: Vec<String> = book.sheets().iter().map(|sheet| crate::domain::text::displayable(&sheet.name)).collect();
    let same = |name: &str, wanted: &str| name.trim().to_lowercase() == wanted.trim().to_lowercase();
    let at = match wanted {
        Some(wanted) => names.iter().position(|name| same(name, wanted)).ok_or_else(|| {
            Trouble::List(format!("{name} has no sheet “{wanted}”. It has: {}. Nothing was changed.", names.join(", ")))
        })?,
        None => {
            book.sheets().iter().position(|sheet| !sheet.hidden && sheet.rows > 0).ok_or_else(|| {
                Trouble::List(format!("{name} has no sheet with anything on it. Nothing was changed."))
            })?
        }
    };
    let rows: Vec<(u64, StringRecord)> = book
        .rows(at)
        .map_err(wrong)?
        .into_iter()
        .map(|row| (row.line, row.cells.iter().map(|cell| cell.text.as_str()).collect()))
        .collect();
    if rows.is_empty() {
        return Err(Trouble::List(format!("The sheet of {name} is empty. Nothing was changed.")));
    }
    let mut others = names;
    let sheet = others.remove(at);
    Ok(Body::Sheet { kind, sheet, others, rows })
}

/// The rows of a list, one by one.
pub struct Rows<'s> {
    walk: Walk<'s>,
    under: u64,
    width: usize,
    extra: usize,
}

enum Walk<'s> {
    Text(TextRows<'s>),
    Sheet(std::slice::Iter<'s, (u64, StringRecord)>),
}

impl Rows<'_> {
    /// Reads the next row into `row`; false after the last.
    ///
    /// # Errors
    /// Where the list cannot be split into rows.
    pub fn next_into(&mut self, row: &mut Row) -> Result<bool, Trouble> {
        loop {
            match &mut self.walk {
                Walk::Text(rows) => {
                    if !rows.next(row, self.width)? {
                        return Ok(false);
                    }
                }
                Walk::Sheet(rows) => {
                    let Some((line, record)) = rows.next() else { return Ok(false) };
                    row.line = *line;
                    row.record.clone_from(record);
                    // A spreadsheet has no rows that are too short: cells at the end are only blank.
                    while self.width > row.record.len() {
                        row.record.push_field("");
                    }
                }
            }
            if row.line > self.under && !row.is_empty() {
                row.fit(self.width, self.extra);
                return Ok(true);
            }
        }
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, Trouble>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut row = Row::default();
        match self.next_into(&mut row) {
            Ok(true) => Some(Ok(row)),
            Ok(false) => None,
            Err(trouble) => Some(Err(trouble)),
        }
    }
}
