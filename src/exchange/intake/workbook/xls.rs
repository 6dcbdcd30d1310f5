//! XLS as Excel 97 to 2003 wrote it (BIFF8): a stream of records, first those of the workbook, then those of each sheet.

use super::cfb::{Compound, u16_at, u32_at};
use super::grid::{Grid, Total};
use super::guard::{DAMAGED, Fault, OLD_EXCEL, OTHER_COMPOUND, PASSWORD, SHEET_MISSING, SLIDES, TOO_MANY_ITEMS, WORD};
use super::value::{self, Format};
use super::{CellKind, Sheet};

const BOF: u16 = 0x0809;
const EOF: u16 = 0x000A;
const CONTINUE: u16 = 0x003C;
const FILE_PASS: u16 = 0x002F;
const DATE_MODE: u16 = 0x0022;
const FORMAT: u16 = 0x041E;
const XF: u16 = 0x00E0;
const BOUND_SHEET: u16 = 0x0085;
const SST: u16 = 0x00FC;
const NUMBER: u16 = 0x0203;
const RK: u16 = 0x027E;
const MUL_RK: u16 = 0x00BD;
const LABEL_SST: u16 = 0x00FD;
const LABEL: u16 = 0x0204;
const R_STRING: u16 = 0x00D6;
const BOOL_ERR: u16 = 0x0205;
const FORMULA: u16 = 0x0006;
const STRING: u16 = 0x0207;

/// Texts that cells share.
const TEXTS_MAX: usize = 1_000_000;
/// Cell formats; Excel 2003 held 4,000.
const FORMATS_MAX: usize = 65_536;
const SHEETS_MAX: usize = 1_000;

pub(super) struct Xls {
    stream: Vec<u8>,
    /// Where each worksheet's records begin.
    starts: Vec<usize>,
    texts: Vec<String>,
    /// By the number a cell gives.
    formats: Vec<Format>,
    epoch_1904: bool,
}

/// A record and those that continue it.
struct Record<'a> {
    kind: u16,
    data: &'a [u8],
    more: Vec<&'a [u8]>,
}

struct Records<'a> {
    stream: &'a [u8],
    at: usize,
}

impl<'a> Records<'a> {
    fn one(&self) -> Option<(u16, &'a [u8])> {
        let kind = u16_at(self.stream, self.at)?;
        let length = usize::from(u16_at(self.stream, self.at + 2)?);
        Some((kind, self.stream.get(self.at + 4..self.at + 4 + length)?))
    }

    fn next(&mut self) -> Result<Record<'a>, Fault> {
        let (kind, data) = self.one().ok_or(DAMAGED)?;
        self.at += 4 + data.len();
        let mut more = Vec::new();
        while let Some((CONTINUE, data)) = self.one() {
            self.at += 4 + data.len();
            more.push(data);
        }
        Ok(Record { kind, data, more })
    }
}

impl Xls {
    pub(super) fn open(bytes: &[u8]) -> Result<(Vec<Sheet>, Xls), Fault> {
        let file = Compound::open(bytes)?;
        if file.has("EncryptedPackage") || file.has("EncryptionInfo") {
            return Err(PASSWORD);
        }
        let Some(stream) = file.stream("Workbook")? else {
            return Err(match () {
                () if file.has("Book") => OLD_EXCEL,
                () if file.has("WordDocument") => WORD,
                () if file.has("PowerPoint Document") => SLIDES,
                () => OTHER_COMPOUND,
            });
        };
        let (mut sheets, mut xls) = Self::globals(stream)?;
        let mut total = Total::default();
        for (index, sheet) in sheets.iter_mut().enumerate() {
            let mut grid = Grid::measuring();
            xls.read(index, &mut grid)?;
            sheet.rows = total.add(&grid)?;
        }
        Ok((sheets, xls))
    }

    fn globals(stream: Vec<u8>) -> Result<(Vec<Sheet>, Xls), Fault> {
        let mut records = Records { stream: &stream, at: 0 };
        let first = records.next()?;
        if first.kind != BOF {
            return Err(DAMAGED);
        }
        if u16_at(first.data, 0) != Some(0x0600) {
            return Err(OLD_EXCEL);
        }
        let (mut sheets, mut starts, mut texts, mut epoch_1904) = (Vec::new(), Vec::new(), Vec::new(), false);
        let mut codes = std::collections::HashMap::new();
        let mut cell_formats = Vec::new();
        loop {
            let record = records.next()?;
            match record.kind {
                EOF => break,
                // Every record after it is encrypted.
                FILE_PASS => return Err(PASSWORD),
                DATE_MODE => epoch_1904 = u16_at(record.data, 0) == Some(1),
                FORMAT => {
                    let id = u16_at(record.data, 0).ok_or(DAMAGED)?;
                    let code = Pieces::new(&record, 2).long_text()?;
                    codes.insert(id, value::custom_format(&code));
                }
                XF => cell_formats.push(u16_at(record.data, 2).ok_or(DAMAGED)?),
                BOUND_SHEET => {
                    let start = u32_at(record.data, 0).ok_or(DAMAGED)? as usize;
                    let [state, kind] = *record.data.get(4..6).and_then(|two| two.first_chunk()).ok_or(DAMAGED)?;
                    // Charts and macro sheets have no rows.
                    if kind == 0 {
                        let mut pieces = Pieces::new(&record, 6);
                        let length = usize::from(pieces.byte()?);
                        let name = pieces.characters(length)?.replace('\0', "");
                        if starts.contains(&start) {
                            return Err(DAMAGED);
                        }
                        sheets.push(Sheet { name, rows: 0, hidden: state & 0x03 != 0 });
                        starts.push(start);
                    }
                }
                SST => texts = shared_texts(&record)?,
                _ => {}
            }
            if cell_formats.len() > FORMATS_MAX || sheets.len() > SHEETS_MAX {
                return Err(TOO_MANY_ITEMS);
            }
        }
        let formats = cell_formats
            .into_iter()
            .map(|id| codes.get(&id).copied().unwrap_or_else(|| value::builtin_format(id)))
            .collect();
        Ok((sheets, Xls { stream, starts, texts, formats, epoch_1904 }))
    }

    pub(super) fn read(&mut self, index: usize, grid: &mut Grid) -> Result<(), Fault> {
        let start = *self.starts.get(index).ok_or(SHEET_MISSING)?;
        // No further than where another sheet begins, so that a thousand sheets cannot be a thousand times one another.
        let end = self.starts.iter().copied().filter(|other| *other > start).min().unwrap_or(usize::MAX);
        let stream = self.stream.get(..end.min(self.stream.len())).unwrap_or_default();
        let mut records = Records { stream, at: start };
        let first = records.next().map_err(|_| SHEET_MISSING)?;
        if first.kind != BOF {
            return Err(SHEET_MISSING);
        }
        // A chart in the sheet has records of its own between a BOF and an EOF, and cells of its own among them.
        let mut inner = 0_usize;
        // The cell whose formula made a text, which follows in a record of its own.
        let mut awaiting = None;
        loop {
            let record = records.next()?;
            match record.kind {
                BOF => inner += 1,
                EOF if inner == 0 => return Ok(()),
                EOF => inner -= 1,
                _ if inner > 0 => {}
                STRING => {
                    if let Some((row, column)) = awaiting.take() {
                        grid.put(row, column, &Pieces::new(&record, 0).long_text()?, CellKind::Text)?;
                    }
                }
                FORMULA => {
                    let (row, column, format) = position(record.data)?;
                    awaiting = self.formula(record.data, row, column, format, grid)?.then_some((row, column));
                }
                _ => self.cell(&record, grid)?,
            }
        }
    }

    fn cell(&self, record: &Record, grid: &mut Grid) -> Result<(), Fault> {
        if !matches!(record.kind, NUMBER | RK | MUL_RK | LABEL_SST | LABEL | R_STRING | BOOL_ERR) {
            return Ok(());
        }
        let (row, column, format) = position(record.data)?;
        match record.kind {
            NUMBER => self.number(f64_at(record.data, 6)?, row, column, format, grid),
            RK => self.number(rk(u32_at(record.data, 6).ok_or(DAMAGED)?), row, column, format, grid),
            // Row and first column, then a format and a number for each cell, then the last column.
            MUL_RK => {
                let cells = record.data.get(4..record.data.len().saturating_sub(2)).ok_or(DAMAGED)?;
                for (offset, cell) in (0_u32..).zip(cells.chunks_exact(6)) {
                    let format = u16_at(cell, 0).ok_or(DAMAGED)?;
                    let number = rk(u32_at(cell, 2).ok_or(DAMAGED)?);
                    self.number(number, row, column + offset, format, grid)?;
                }
                Ok(())
            }
            LABEL_SST => {
                let index = u32_at(record.data, 6).ok_or(DAMAGED)?;
                let text = self.texts.get(index as usize).ok_or(DAMAGED)?;
                grid.put(row, column, text, CellKind::Text)
            }
            BOOL_ERR => {
                let [value, error] = *record.data.get(6..8).and_then(|two| two.first_chunk()).ok_or(DAMAGED)?;
                truth_or_error(value, error != 0, row, column, grid)
            }
            _ => grid.put(row, column, &Pieces::new(record, 6).long_text()?, CellKind::Text),
        }
    }

    fn number(&self, number: f64, row: u32, column: u32, format: u16, grid: &mut Grid) -> Result<(), Fault> {
        let format = self.formats.get(usize::from(format)).copied().unwrap_or(Format::Number);
        let (text, kind) = value::formatted(number, format, self.epoch_1904);
        grid.put(row, column, &text, kind)
    }

    /// Puts what the formula last came to; true where that is a text, still to come.
    fn formula(&self, data: &[u8], row: u32, column: u32, format: u16, grid: &mut Grid) -> Result<bool, Fault> {
        let result: [u8; 8] = *data.get(6..14).and_then(|eight| eight.first_chunk()).ok_or(DAMAGED)?;
        // A number that is none, by its last two bytes, marks the other kinds of result.
        match result {
            [0, _, _, _, _, _, 0xFF, 0xFF] => return Ok(true),
            [1, _, value, _, _, _, 0xFF, 0xFF] => truth_or_error(value, false, row, column, grid)?,
            [2, _, value, _, _, _, 0xFF, 0xFF] => truth_or_error(value, true, row, column, grid)?,
            [_, _, _, _, _, _, 0xFF, 0xFF] => {}
            number => self.number(f64::from_le_bytes(number), row, column, format, grid)?,
        }
        Ok(false)
    }
}

/// Row, column and cell format, with which every cell's record begins.
fn position(data: &[u8]) -> Result<(u32, u32, u16), Fault> {
    let number = |at| u16_at(data, at).ok_or(DAMAGED);
    Ok((u32::from(number(0)?), u32::from(number(2)?), number(4)?))
}

fn f64_at(data: &[u8], at: usize) -> Result<f64, Fault> {
    Ok(f64::from_le_bytes(*data.get(at..).and_then(|rest| rest.first_chunk()).ok_or(DAMAGED)?))
}

/// A number in four bytes: a whole number of 30 bits or the upper half of a float, either perhaps times a hundred.
fn rk(bits: u32) -> f64 {
    let number =
        if bits & 2 == 2 { f64::from((bits as i32) >> 2) } else { f64::from_bits(u64::from(bits & 0xFFFF_FFFC) << 32) };
    if bits & 1 == 1 { number / 100.0 } else { number }
}

fn truth_or_error(value: u8, error: bool, row: u32, column: u32, grid: &mut Grid) -> Result<(), Fault> {
    let (text, kind) = match (error, value) {
        (false, 0) => ("FALSE", CellKind::Bool),
        (false, _) => ("TRUE", CellKind::Bool),
        (true, 0x00) => ("#NULL!", CellKind::Error),
        (true, 0x07) => ("#DIV/0!", CellKind::Error),
        (true, 0x0F) => ("#VALUE!", CellKind::Error),
        (true, 0x17) => ("#REF!", CellKind::Error),
        (true, 0x1D) => ("#NAME?", CellKind::Error),
        (true, 0x24) => ("#NUM!", CellKind::Error),
        (true, 0x2B) => ("#GETTING_DATA", CellKind::Error),
        (true, _) => ("#N/A", CellKind::Error),
    };
    grid.put(row, column, text, kind)
}

/// The texts that cells share. The count at the start is not believed beyond what is there.
fn shared_texts(record: &Record) -> Result<Vec<String>, Fault> {
    let count = u32_at(record.data, 4).ok_or(DAMAGED)? as usize;
    let mut pieces = Pieces::new(record, 8);
    let mut texts = Vec::new();
    while texts.len() < count && !pieces.at_end() {
        if texts.len() >= TEXTS_MAX {
            return Err(TOO_MANY_ITEMS);
        }
        texts.push(pieces.long_text()?);
    }
    Ok(texts)
}

/// The bytes of a record and its continuations, read one after the other.
struct Pieces<'a, 'r> {
    piece: &'a [u8],
    more: &'r [&'a [u8]],
}

impl<'a, 'r> Pieces<'a, 'r> {
    fn new(record: &'r Record<'a>, from: usize) -> Pieces<'a, 'r> {
        Pieces { piece: record.data.get(from..).unwrap_or_default(), more: &record.more }
    }

    fn turn(&mut self) -> bool {
        while self.piece.is_empty() {
            let Some((next, more)) = self.more.split_first() else { return false };
            (self.piece, self.more) = (next, more);
        }
        true
    }

    fn at_end(&mut self) -> bool {
        !self.turn()
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        self.turn();
        let (byte, rest) = self.piece.split_first().ok_or(DAMAGED)?;
        self.piece = rest;
        Ok(*byte)
    }

    fn u16(&mut self) -> Result<u16, Fault> {
        Ok(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    fn skip(&mut self, mut count: usize) -> Result<(), Fault> {
        while count > 0 {
            if !self.turn() {
                return Err(DAMAGED);
            }
            let step = count.min(self.piece.len());
            self.piece = self.piece.get(step..).unwrap_or_default();
            count -= step;
        }
        Ok(())
    }

    /// A text with a length of two bytes before it, and perhaps fonts and readings after it, which are passed over.
    fn long_text(&mut self) -> Result<String, Fault> {
        let length = usize::from(self.u16()?);
        if length == 0 && self.at_end() {
            return Ok(String::new());
        }
        self.characters(length)
    }

    fn characters(&mut self, length: usize) -> Result<String, Fault> {
        let flags = self.byte()?;
        let runs = if flags & 0x08 != 0 { usize::from(self.u16()?) } else { 0 };
        let readings = if flags & 0x04 != 0 { usize::from(self.u16()?) | (usize::from(self.u16()?) << 16) } else { 0 };
        let mut wide = flags & 1 == 1;
        let mut units: Vec<u16> = Vec::new();
        while units.len() < length {
            if self.piece.is_empty() {
                // A text that goes on in the next record says again whether it has one byte a character or two.
                if !self.turn() {
                    return Err(DAMAGED);
                }
                wide = self.byte()? & 1 == 1;
                continue;
            }
            let unit = if wide { self.u16()? } else { u16::from(self.byte()?) };
            units.push(unit);
        }
        self.skip(runs * 4)?;
        self.skip(readings)?;
        Ok(String::from_utf16_lossy(&units))
    }
}
