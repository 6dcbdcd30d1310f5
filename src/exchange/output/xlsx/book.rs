//! The workbook being written: its sheets, how they look, and what makes them the same wherever they are opened.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{Cursor, Read as _, Write as _};

use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};
use unicode_normalization::UnicodeNormalization as _;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::domain::day::Day;
use crate::domain::text::displayable;

use super::super::csv::defused;
use super::super::document::Mark;
use super::fit::{begin_of, fits, lines, pieces, units};

/// What a cell holds, in UTF-16 units. Excel repairs a file with more by cutting it off.
const CELL: usize = 32_767;
/// What is kept of a longer text before the words that say where it goes on.
const KEPT: usize = 32_500;
/// What a sheet's name holds, in UTF-16 units.
const NAME: usize = 31;
/// What the team's name may take of a page header, which holds 255 with everything.
const HEADING: usize = 90;
/// The sheet for what a cell cannot hold.
const LONG_TEXTS: &str = "Long texts";
/// The sheet that says what the workbook is.
const ABOUT: &str = "About";
/// A4.
const PAPER: u8 = 9;

/// The height of a line, in points.
const LINE: u32 = 15;

/// What stands on every printed page.
pub(super) struct Page<'a> {
    /// The team.
    pub team: &'a str,
    /// What a reader must know before anything else.
    pub notice: &'a str,
    /// What it is.
    pub title: String,
    /// The confidentiality line.
    pub foot: &'a str,
}

/// What becomes a sheet.
pub(super) struct Table<'a> {
    /// The wanted name of the sheet.
    pub name: &'a str,
    /// Titles and widths.
    pub columns: &'a [(String, f64)],
    /// Its rows.
    pub rows: Vec<Vec<Entry<'a>>>,
    /// How many columns stay where they are while the others move.
    pub frozen: u16,
    /// By which words a text of a row (counted from 0) and column is found again.
    pub place: &'a dyn Fn(usize, &str) -> String,
}

/// What a cell holds.
pub(super) enum Entry<'a> {
    /// Nothing.
    Empty,
    /// Words, and how they stand out.
    Text(&'a str, Option<Mark>),
    /// Words made for the cell.
    Words(String),
    /// A day.
    Day(Day),
    /// A count.
    Count(i64),
}

impl<'a> Entry<'a> {
    /// Words that do not stand out.
    pub(super) fn plain(text: &'a str) -> Self {
        Self::Text(text, None)
    }

    /// A day written `2027-01-17`; what is not one stays words.
    pub(super) fn day(iso: &'a str) -> Self {
        Day::from_iso(iso).map_or(Self::plain(iso), Self::Day)
    }
}

/// The part of a text that its cell could not hold.
#[derive(PartialEq)]
struct Rest {
    place: String,
    text: String,
}

/// How cells look. A text that a spreadsheet would run has the prefix by which Excel keeps it a text, even after it was
/// edited.
pub(super) struct Styles {
    head: Format,
    text: Format,
    guarded: Format,
    day: Format,
    count: Format,
    overdue: Format,
    subject: Format,
    /// What is past its day when the sheet is opened.
    pub(super) alarm: Format,
}

impl Styles {
    fn new() -> Self {
        let line = Color::RGB(0x00BF_BFBF);
        let cell = || Format::new().set_align(FormatAlign::Top).set_border(FormatBorder::Thin).set_border_color(line);
        let text = cell().set_text_wrap();
        let dark_red = Color::RGB(0x009C_0006);
        Self {
            head: text.clone().set_bold().set_background_color(Color::RGB(0x00DC_E6F1)),
            guarded: text.clone().set_quote_prefix(),
            day: cell().set_num_format("dd-mmm-yyyy").set_align(FormatAlign::Left),
            count: cell().set_num_format("0"),
            overdue: text.clone().set_bold().set_font_color(dark_red),
            subject: text.clone().set_bold(),
            alarm: Format::new().set_bold().set_font_color(dark_red).set_background_color(Color::RGB(0x00FF_C7CE)),
            text,
        }
    }
}

/// A workbook being written.
pub(super) struct Book {
    workbook: Workbook,
    styles: Styles,
    names: BTreeSet<String>,
    rests: Vec<Rest>,
}

impl Book {
    /// Nobody is named as its author, and its day is that of the entries of a zip file without one.
    pub(super) fn new(title: &str) -> Result<Self, XlsxError> {
        // Not its mode for little memory: that one keeps cells in files of the temporary folder.
        let mut workbook = Workbook::new();
        // It is packed once more in the end.
        workbook.set_zip_compression_level(1);
        let properties =
            DocProperties::new().set_title(title).set_creation_datetime(&ExcelDateTime::from_ymd(1980, 1, 1)?);
        workbook.set_properties(&properties);
        // "History" is Excel's own.
        let names = ["History", LONG_TEXTS, ABOUT].map(compared).into();
        Ok(Self { workbook, styles: Styles::new(), names, rests: Vec::new() })
    }

    /// Adds a sheet; answers with it, how cells look, and its last row.
    pub(super) fn sheet(
        &mut self,
        table: Table<'_>,
        page: &Page<'_>,
    ) -> Result<(&mut Worksheet, &Styles, u32), XlsxError> {
        let name = self.name(table.name);
        self.named_sheet(&name, &table, page)
    }

    fn named_sheet(
        &mut self,
        name: &str,
        table: &Table<'_>,
        page: &Page<'_>,
    ) -> Result<(&mut Worksheet, &Styles, u32), XlsxError> {
        let Self { workbook, styles, rests, .. } = self;
        let sheet = workbook.add_worksheet().set_name(name)?;
        let last = u32::try_from(table.rows.len()).map_err(|_| XlsxError::RowColumnLimitError)?;
        let mut high = 1;
        for (column, (title, width)) in (0..).zip(table.columns) {
            sheet.write_string_with_format(0, column, title, &styles.head)?;
            sheet.set_column_width(column, *width)?;
            high = high.max(lines(title, *width));
        }
        sheet.set_row_height(0, high * LINE)?;
        for ((row, index), cells) in (1..).zip(0..).zip(&table.rows) {
            let mut high = 1;
            for ((column, (title, width)), entry) in (0..).zip(table.columns).zip(cells) {
                let mut cut = |text: &str| {
                    let rest = Rest { place: (table.place)(index, title), text: text.to_owned() };
                    let place = rest.place.clone();
                    // An action is on two sheets.
                    if !rests.contains(&rest) {
                        rests.push(rest);
                    }
                    place
                };
                high = high.max(put(sheet, styles, (row, column), *width, entry, &mut cut)?);
            }
            sheet.set_row_height(row, high * LINE)?;
        }
        let end = u16::try_from(table.columns.len().saturating_sub(1)).map_err(|_| XlsxError::RowColumnLimitError)?;
        sheet.autofilter(0, 0, last, end)?;
        sheet.set_freeze_panes(1, table.frozen)?;
        sheet.set_repeat_rows(0, 0)?;
        print_on(sheet, page)?;
        Ok((sheet, styles, last))
    }

    /// The sheets that every workbook has last, and its bytes.
    pub(super) fn finish(mut self, about: &[(&str, &str)], page: &Page<'_>) -> Result<Vec<u8>, XlsxError> {
        let rests = std::mem::take(&mut self.rests);
        if !rests.is_empty() {
            let columns =
                [("Text of", 40.0), ("Part", 10.0), ("Goes on", 90.0)].map(|(it, wide)| (it.to_owned(), wide));
            let rows = rests.iter().flat_map(parts).collect();
            let place = |_: usize, _: &str| String::new();
            let table = Table { name: LONG_TEXTS, columns: &columns, rows, frozen: 0, place: &place };
            self.named_sheet(LONG_TEXTS, &table, page)?;
        }
        let Self { workbook, styles, .. } = &mut self;
        let sheet = workbook.add_worksheet().set_name(ABOUT)?;
        print_on(sheet, page)?;
        sheet.set_column_width(0, 18)?;
        sheet.set_column_width(1, 100)?;
        for (row, (label, text)) in (0..).zip(about) {
            let text = begin_of(text, KEPT);
            sheet.write_string_with_format(row, 0, *label, &styles.head)?;
            sheet.write_string_with_format(row, 1, text, &styles.guarded)?;
            sheet.set_row_height(row, lines(text, 100.0).max(lines(label, 18.0)) * LINE)?;
        }
        Ok(packed(&workbook.save_to_buffer()?)?)
    }

    /// A name that no sheet has yet, made of this one.
    fn name(&mut self, wanted: &str) -> String {
        let allowed: String = displayable(&wanted.replace('\n', " "))
            .chars()
            .map(|c| if "[]:*?/\\".contains(c) { '-' } else { c })
            .collect();
        let fit = |ending: &str| {
            let bare = allowed.trim_matches(|c: char| c == '\'' || c.is_whitespace());
            let cut = begin_of(bare, NAME - units(ending));
            let cut = cut.trim_end_matches(|c: char| c == '\'' || c.is_whitespace());
            format!("{}{ending}", if cut.is_empty() { "Not named" } else { cut })
        };
        let plain = std::iter::once(fit(""));
        let name =
            plain.chain((2..).map(|n: u32| fit(&format!(" ({n})")))).find(|name| self.names.insert(compared(name)));
        name.unwrap_or_default()
    }
}

/// Names that Excel takes for the same one compare alike.
fn compared(name: &str) -> String {
    name.nfkc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// Where a rest belongs, `2 of 3`, and its words.
fn parts(rest: &Rest) -> Vec<Vec<Entry<'_>>> {
    let pieces = pieces(&rest.text, KEPT);
    let all = pieces.len() + 1;
    let row = |(n, piece)| vec![Entry::plain(&rest.place), Entry::Words(format!("{n} of {all}")), Entry::plain(piece)];
    (2..=all).zip(pieces).map(row).collect()
}

fn print_on(sheet: &mut Worksheet, page: &Page<'_>) -> Result<(), XlsxError> {
    sheet.set_landscape().set_paper_size(PAPER).set_print_fit_to_pages(1, 0);
    sheet.set_margins(0.3, 0.3, 0.75, 0.75, 0.3, 0.3);
    let Page { team, notice, title, foot } = page;
    let (team, notice, title) = (caption(team, HEADING), caption(notice, 60), caption(title, 60));
    sheet.set_header(format!("&L{team}&C{notice}&R{title}"));
    sheet.set_footer(format!("&L{}&RPage &P of &N", caption(foot, 200)));
    Ok(())
}

/// Text for the head or foot of a page: `&` begins a code there, and a line that is too long would be left out.
fn caption(text: &str, most: usize) -> String {
    let whole = text.replace('\n', " ").replace('&', "&&");
    if fits(&whole, most) {
        return whole;
    }
    let short = begin_of(text, most / 2);
    format!("{}…", short.replace('\n', " ").replace('&', "&&"))
}

/// Writes a cell; answers with the lines it takes. `cut` takes what it cannot hold, and says under which words that is to
/// be found.
fn put(
    sheet: &mut Worksheet,
    styles: &Styles,
    (row, column): (u32, u16),
    width: f64,
    entry: &Entry<'_>,
    cut: &mut dyn FnMut(&str) -> String,
) -> Result<u32, XlsxError> {
    let (text, mark) = match entry {
        Entry::Empty => {
            sheet.write_blank(row, column, &styles.text)?;
            return Ok(1);
        }
        Entry::Day(day) if is_counted(*day) => {
            sheet.write_datetime_with_format(row, column, day.date(), &styles.day)?;
            return Ok(1);
        }
        Entry::Count(count) => {
            #[allow(clippy::cast_precision_loss, reason = "a spreadsheet knows no other numbers")]
            sheet.write_number_with_format(row, column, *count as f64, &styles.count)?;
            return Ok(1);
        }
        Entry::Day(day) => (&*day.to_string(), None),
        Entry::Text(text, mark) => (*text, *mark),
        Entry::Words(text) => (text.as_str(), None),
    };
    let format = match mark {
        _ if defused(text) != text => &styles.guarded,
        Some(Mark::Overdue) => &styles.overdue,
        Some(Mark::Subject) => &styles.subject,
        None => &styles.text,
    };
    let mut text = Cow::Borrowed(text);
    if text.contains(['\u{fffe}', '\u{ffff}']) {
        text = text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}").into();
    }
    if !fits(&text, CELL) {
        let kept = begin_of(&text, KEPT);
        let place = cut(text.get(kept.len()..).unwrap_or_default());
        text = format!("{kept}\n[This goes on in the sheet “{LONG_TEXTS}”, under “{place}”.]").into();
    }
    sheet.write_string_with_format(row, column, &*text, format)?;
    Ok(lines(&text, width))
}

/// Before March 1900 spreadsheets count days in different ways; such a day stays words.
pub(super) fn is_counted(day: Day) -> bool {
    Day::new(1900, 3, 1).is_some_and(|first| day >= first) && Day::new(9999, 12, 31).is_some_and(|last| day <= last)
}

/// The workbook packed anew, with rows as Excel itself writes them: high enough for what they hold, and growing with it.
/// The writer would fix the height for good; and a row without one is a single line high in LibreOffice.
fn packed(bytes: &[u8]) -> zip::result::ZipResult<Vec<u8>> {
    let mut from = ZipArchive::new(Cursor::new(bytes))?;
    let mut to = ZipWriter::new(Cursor::new(Vec::with_capacity(bytes.len())));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o600);
    let mut part = String::new();
    for index in 0..from.len() {
        let mut file = from.by_index(index)?;
        let name = file.name()?.into_owned();
        part.clear();
        file.read_to_string(&mut part)?;
        to.start_file(&*name, options)?;
        match part.split_once("</sheetData>") {
            // No text is in this half: cells point to the words in another part.
            Some((cells, rest)) if name.starts_with("xl/worksheets/") => {
                to.write_all(cells.replace(" customHeight=\"1\"", "").as_bytes())?;
                to.write_all(b"</sheetData>")?;
                to.write_all(rest.as_bytes())?;
            }
            _ => to.write_all(part.as_bytes())?,
        }
    }
    Ok(to.finish()?.into_inner())
}
