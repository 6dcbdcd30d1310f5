//! Spreadsheet workbooks (XLSX, XLS, ODS) read into plain rows of text.
//!
//! A workbook comes from somebody else, so nothing in it is believed. What is refused, and where:
//! * `guard`: the container – its size, its parts, what they really expand to – and the XML in them;
//! * `grid`: what one sheet may hold, counted before a cell is kept;
//! * `xlsx`, `xls`, `ods`: one reader a format; `cfb` opens the container of an XLS; `value` writes numbers and dates.
//!
//! The limits are measured, not guessed: without them a workbook of 511 KB made 521 MiB in memory. A list of 33,000
//! people with 30 columns was 4 MB as XLSX, 44 MB unpacked, 990,000 cells and 70 MB in memory, so 20 MB, 200 MB and
//! 1,000,000 cells leave any real list room. Each limit is checked before the memory it protects is used.
//!
//! XLSX is read through calamine's cell stream, which keeps no dense range. XLS and ODS are not: calamine reads both
//! whole when it opens them, into dense ranges with a copy of the text in every cell, follows a circular sector chain
//! (XLS) without end, and waits for ever for the end of a cut-off table (ODS). No check beforehand short of reading the
//! file would keep that within the limits, so the two readers here do just that reading.
//!
//! Formulas are never worked out, links never followed, macros never looked at.

mod cfb;
mod grid;
mod guard;
mod ods;
mod value;
mod xls;
mod xlsx;

use grid::Grid;
use guard::Fault;

/// Why a workbook as a whole cannot be read: one or more plain sentences, the last being "Nothing was changed."
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unreadable(pub String);

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unreadable {}

/// The three workbook formats that are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Excel workbook since 2007 (.xlsx, .xlsm): a zip of XML parts.
    Xlsx,
    /// Excel workbook 97 to 2003 (.xls): a compound file.
    Xls,
    /// OpenDocument spreadsheet (.ods): a zip of XML parts.
    Ods,
}

/// What a cell held before it became text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CellKind {
    /// Text, and every empty cell; also a length of time, or a time of day without a date.
    Text,
    /// A number, whole numbers without decimals.
    Number,
    /// A date as `2026-11-22`, with its time as `2026-11-22 13:45:00` where it has one.
    Date,
    /// `TRUE` or `FALSE`.
    Bool,
    /// An error such as `#N/A`.
    Error,
}

/// One cell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cell {
    /// What it says, empty where the cell is.
    pub text: String,
    /// What it held in the workbook.
    pub kind: CellKind,
}

/// One row that is not wholly empty, its trailing empty cells cut.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// The row's number in the sheet, from 1, as the spreadsheet program shows it.
    pub line: u64,
    /// The cells from column A on.
    pub cells: Vec<Cell>,
}

/// One worksheet, as a list of sheets to choose from would show it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// Rows from its first filled row to its last, both counted.
    pub rows: usize,
    /// Whether the workbook hides it.
    pub hidden: bool,
}

/// An opened workbook, its container checked and every sheet measured.
pub struct Workbook {
    name: String,
    sheets: Vec<Sheet>,
    reader: Reader,
}

enum Reader {
    // Boxed because it is far larger than the other two.
    Xlsx(Box<xlsx::Xlsx>),
    Xls(xls::Xls),
    Ods(ods::Ods),
}

/// The format the first bytes promise, `None` where they are no workbook's.
///
/// Every zip and every compound file gets an answer, so that [`Workbook::open`] can say what is wrong with one that
/// holds no workbook (a Word document, an encrypted file, a zip cut short).
pub fn kind(bytes: &[u8]) -> Option<Kind> {
    if bytes.starts_with(&cfb::SIGNATURE) {
        return Some(Kind::Xls);
    }
    if !(bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")) {
        return None;
    }
    // An OpenDocument file begins with an uncompressed entry `mimetype`, so the type stands in clear near the start.
    let head = bytes.get(..bytes.len().min(200)).unwrap_or_default();
    let open_document = head.windows(ods::MIMETYPE_STEM.len()).any(|window| window == ods::MIMETYPE_STEM);
    Some(if open_document { Kind::Ods } else { Kind::Xlsx })
}

impl Workbook {
    /// Checks the file against every limit and measures its sheets; `name` is only used in what is said.
    pub fn open(name: &str, bytes: Vec<u8>) -> Result<Workbook, Unreadable> {
        let name = shown_name(name);
        let (sheets, reader) = Self::open_reader(bytes).map_err(|fault| unreadable(&name, fault))?;
        Ok(Workbook { name, sheets, reader })
    }

    fn open_reader(bytes: Vec<u8>) -> Result<(Vec<Sheet>, Reader), Fault> {
        if bytes.is_empty() {
            return Err(guard::EMPTY);
        }
        if bytes.len() > guard::FILE_MAX {
            return Err(guard::FILE_TOO_LARGE);
        }
        let (sheets, reader) = match kind(&bytes).ok_or(guard::NO_WORKBOOK)? {
            Kind::Xls => xls::Xls::open(&bytes).map(|(sheets, xls)| (sheets, Reader::Xls(xls)))?,
            Kind::Xlsx | Kind::Ods => match guard::package(&bytes)? {
                guard::Package::Xlsx => {
                    xlsx::Xlsx::open(bytes).map(|(sheets, xlsx)| (sheets, Reader::Xlsx(Box::new(xlsx))))?
                }
                guard::Package::Ods => ods::Ods::open(bytes).map(|(sheets, ods)| (sheets, Reader::Ods(ods)))?,
            },
        };
        if sheets.is_empty() { Err(guard::NO_SHEETS) } else { Ok((sheets, reader)) }
    }

    /// The worksheets in workbook order, hidden ones too; chart and macro sheets have no rows and are left out.
    pub fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    /// The rows of one sheet (counted from 0) in order, wholly empty rows left out.
    pub fn rows(&mut self, sheet: usize) -> Result<Vec<Row>, Unreadable> {
        let mut grid = Grid::keeping();
        self.read(sheet, &mut grid).map_err(|fault| unreadable(&self.name, fault))?;
        Ok(grid.into_rows())
    }

    fn read(&mut self, index: usize, grid: &mut Grid) -> Result<(), Fault> {
        let sheet = self.sheets.get(index).ok_or(guard::NO_SUCH_SHEET)?;
        match &mut self.reader {
            Reader::Xlsx(xlsx) => xlsx.read(&sheet.name, grid),
            Reader::Xls(xls) => xls.read(index, grid),
            Reader::Ods(ods) => ods.read(index, grid),
        }
    }
}

fn unreadable(name: &str, fault: Fault) -> Unreadable {
    Unreadable(format!("{name} {} Nothing was changed.", fault.0))
}

/// The name without folders, and without control characters because it ends up on a terminal.
fn shown_name(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let shown: String = base.chars().filter(|c| !c.is_control()).collect();
    if shown.is_empty() { "The file".to_string() } else { shown }
}
