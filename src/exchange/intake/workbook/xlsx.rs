//! XLSX, through calamine's cell stream.

use std::collections::HashSet;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader as _, SheetType, SheetVisible, XlsxError};

use super::grid::{Grid, Total};
use super::guard::{DAMAGED, Fault, PASSWORD, SAME_NAME, SHEET_MISSING, UNKNOWN_ERROR, UNKNOWN_SHEET};
use super::value::{self, Format};
use super::{CellKind, Sheet};

pub(super) struct Xlsx {
    book: calamine::Xlsx<Cursor<Vec<u8>>>,
    epoch_1904: bool,
}

impl Xlsx {
    /// Opens a file that `guard::package` has passed.
    pub(super) fn open(bytes: Vec<u8>) -> Result<(Vec<Sheet>, Xlsx), Fault> {
        let book = caught(|| calamine::Xlsx::new(Cursor::new(bytes)).map_err(fault))?;
        let mut sheets: Vec<Sheet> = book
            .sheets_metadata()
            .iter()
            .filter(|sheet| sheet.typ == SheetType::WorkSheet)
            .map(|sheet| Sheet { name: sheet.name.clone(), rows: 0, hidden: sheet.visible != SheetVisible::Visible })
            .collect();
        let epoch_1904 = book.has_1904_epoch();
        // Calamine finds a sheet by its name, so a second one of the same name would show the first's rows.
        let names: HashSet<&str> = sheets.iter().map(|sheet| sheet.name.as_str()).collect();
        if names.len() < sheets.len() {
            return Err(SAME_NAME);
        }
        let mut xlsx = Xlsx { book, epoch_1904 };
        let mut total = Total::default();
        for sheet in &mut sheets {
            let mut grid = Grid::measuring();
            xlsx.read(&sheet.name, &mut grid)?;
            sheet.rows = total.add(&grid)?;
        }
        Ok((sheets, xlsx))
    }

    pub(super) fn read(&mut self, name: &str, grid: &mut Grid) -> Result<(), Fault> {
        let epoch_1904 = self.epoch_1904;
        caught(|| {
            let mut reader = self.book.worksheet_cells_reader(name).map_err(fault)?;
            while let Some(cell) = reader.next_cell().map_err(fault)? {
                let (row, column) = cell.get_position();
                let (text, kind) = match cell.get_value() {
                    DataRef::Empty => continue,
                    // Put as it stands: many cells may share one text, and the grid counts before it copies.
                    DataRef::SharedString(text) => {
                        grid.put(row, column, text, CellKind::Text)?;
                        continue;
                    }
                    DataRef::String(text) => {
                        grid.put(row, column, text, CellKind::Text)?;
                        continue;
                    }
                    DataRef::Int(number) => (number.to_string(), CellKind::Number),
                    DataRef::Float(number) => value::number(*number),
                    DataRef::Bool(true) => ("TRUE".to_string(), CellKind::Bool),
                    DataRef::Bool(false) => ("FALSE".to_string(), CellKind::Bool),
                    DataRef::DateTime(date) => {
                        let format = if date.is_duration() { Format::Duration } else { Format::Date };
                        value::formatted(date.as_f64(), format, epoch_1904)
                    }
                    DataRef::DateTimeIso(written) => value::iso(written),
                    DataRef::DurationIso(written) => (value::iso_duration(written), CellKind::Text),
                    DataRef::Error(error) => (error.to_string(), CellKind::Error),
                };
                grid.put(row, column, &text, kind)?;
            }
            Ok(())
        })
    }
}

/// Calamine subtracts and slices by numbers it finds in the file (a `dimension` whose end is before its start, say), so a
/// hostile file can make it panic; here that becomes the sentence for a damaged file (unless the program is built to abort on
/// panics). The panic's message still goes to
/// standard error: the hook that writes it belongs to the whole process and is not for a module to change.
fn caught<T>(read: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    // What a panic leaves half done is not used again: `open` drops it, and `read` begins a new stream each time.
    catch_unwind(AssertUnwindSafe(read)).unwrap_or(Err(DAMAGED))
}

fn fault(error: XlsxError) -> Fault {
    match error {
        XlsxError::Password => PASSWORD,
        XlsxError::WorksheetNotFound(_) => SHEET_MISSING,
        XlsxError::CellError(_) => UNKNOWN_ERROR,
        XlsxError::Unrecognized { typ: "sheet:type", .. } => UNKNOWN_SHEET,
        _ => DAMAGED,
    }
}
