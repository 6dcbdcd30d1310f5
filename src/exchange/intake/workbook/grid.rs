//! The rows of one sheet while they are read, and the limits on what a sheet may hold.
//!
//! Rows are sparse, but a row is padded up to its last filled cell, so the padding counts as cells: one value in the last
//! column of every row would otherwise make 17 billion of them.

use std::collections::BTreeMap;

use super::guard::{CELL_TOO_LONG, Fault, TOO_MANY_CELLS, TOO_MANY_IN_ALL, TOO_MUCH_TEXT};
use super::{Cell, CellKind, Row};

/// Cells of one sheet, the empty ones before a filled one counted: 30 columns of 33,000 people.
const CELLS_MAX: usize = 1_000_000;
/// Bytes of text in one sheet: cells may share one long text in the file, but not in memory.
const TEXT_MAX: usize = 100_000_000;
/// Bytes of text in one cell; Excel stops at 32,767 characters.
pub(super) const CELL_MAX: usize = 200_000;

/// Cells of all sheets together, since each is measured when a workbook is opened.
const TOTAL_MAX: usize = 5_000_000;

/// What the sheets measured so far hold together.
#[derive(Default)]
pub(super) struct Total(usize);

impl Total {
    /// Counts a sheet in, and tells its rows from the first filled one to the last.
    pub(super) fn add(&mut self, grid: &Grid) -> Result<usize, Fault> {
        self.0 += grid.cells;
        if self.0 > TOTAL_MAX {
            return Err(TOO_MANY_IN_ALL);
        }
        Ok(match (grid.rows.first_key_value(), grid.rows.last_key_value()) {
            (Some((first, _)), Some((last, _))) => (last - first) as usize + 1,
            _ => 0,
        })
    }
}

pub(super) struct Grid {
    /// Width and cells by row; the cells stay empty while only measuring.
    rows: BTreeMap<u32, (usize, Vec<Cell>)>,
    keep: bool,
    cells: usize,
    text: usize,
}

impl Grid {
    pub(super) fn measuring() -> Grid {
        Grid { rows: BTreeMap::new(), keep: false, cells: 0, text: 0 }
    }

    pub(super) fn keeping() -> Grid {
        Grid { keep: true, ..Grid::measuring() }
    }

    /// Takes one filled cell, row and column from 0; an empty text is no cell.
    pub(super) fn put(&mut self, row: u32, column: u32, text: &str, kind: CellKind) -> Result<(), Fault> {
        if text.is_empty() {
            return Ok(());
        }
        if text.len() > CELL_MAX {
            return Err(CELL_TOO_LONG);
        }
        let column = column as usize;
        let width = self.rows.get(&row).map_or(0, |(width, _)| *width);
        let grown = (column + 1).saturating_sub(width);
        if grown > CELLS_MAX.saturating_sub(self.cells) {
            return Err(TOO_MANY_CELLS);
        }
        if text.len() > TEXT_MAX.saturating_sub(self.text) {
            return Err(TOO_MUCH_TEXT);
        }
        self.cells += grown;
        self.text += text.len();
        let (width, cells) = self.rows.entry(row).or_default();
        *width += grown;
        if self.keep {
            cells.resize(*width, Cell { text: String::new(), kind: CellKind::Text });
            if let Some(cell) = cells.get_mut(column) {
                *cell = Cell { text: text.to_string(), kind };
            }
        }
        Ok(())
    }

    pub(super) fn into_rows(self) -> Vec<Row> {
        self.rows.into_iter().map(|(row, (_, cells))| Row { line: u64::from(row) + 1, cells }).collect()
    }
}
