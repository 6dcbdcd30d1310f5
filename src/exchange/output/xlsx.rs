//! Tables as an Excel workbook: the action log for those who keep it by hand, and the tables of any document.
//!
//! Every text is a string cell, whatever it begins with: nothing in the workbook is ever run but our own rule for what is
//! overdue. Days are real days. A text too long for a cell goes on in a sheet of its own. The same log gives the same
//! bytes. (The writer's mode for little memory is not used: it keeps cells in files of the temporary folder.)

use std::collections::{BTreeMap, BTreeSet};

use rust_xlsxwriter::{
    Color, ConditionalFormatFormula, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, IgnoreError,
    Workbook, Worksheet, XlsxError,
};
use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::domain::Word;
use crate::domain::action::NotDoneReason;
use crate::domain::day::Day;
use crate::domain::text::{displayable, fold};

use super::actions::{ActionLine, ActionLog};
use super::csv::{defused, grouped};
use super::document::{self, Block, Cell, Document, Mark};
use super::file::NotWritten;
use super::minutes::DEMO;
use super::recipient::Permitted;

words! {
    /// Which sheets an action log has besides the one with all actions.
    Sheets {
        /// None.
        One = "one", "one sheet";
        /// One for each owner.
        ByOwner = "owner", "a sheet for each owner";
        /// One for each organisation.
        ByOrganisation = "organisation", "a sheet for each organisation";
    }
}

/// The columns of the action log and how wide they are, in characters. Overdue has the day in its title.
pub const COLUMNS: [(&str, f64); 16] = [
    ("Person", 20.0),
    ("NHS number", 13.0),
    ("Born", 12.0),
    ("Action", 34.0),
    ("Owner", 15.0),
    ("Role", 13.0),
    ("Organisation", 15.0),
    ("Raised", 12.0),
    ("Due", 12.0),
    ("Overdue", 12.0),
    ("State", 10.0),
    ("Since", 12.0),
    ("Reason", 13.0),
    ("Note", 30.0),
    ("Carried", 8.0),
    ("Id", 21.0),
];
/// Column I.
const DUE: u16 = 8;
/// Column J.
const OVERDUE: usize = 9;
/// Column K.
const STATE: u16 = 10;
/// The id is for programs; it is on the screen, not on paper.
const LAST_PRINTED: u16 = 14;
/// Asked anew on the day the sheet is opened; row 2 stands for each row.
const IS_OVERDUE: &str = r#"=AND(ISNUMBER($I2),$I2<TODAY(),OR($K2="open",$K2="accepted"))"#;

/// What a cell holds, in UTF-16 units. Excel repairs a file with more by cutting it off.
const CELL: usize = 32_767;
/// What is kept of a longer text before the words that say where it goes on.
const KEPT: usize = 32_500;
/// What a sheet's name holds, in UTF-16 units.
const NAME: usize = 31;
/// What may count as one sign.
const SIGN: usize = 16;
/// What the team's name may take of a page header, which holds 255 with everything.
const HEADING: usize = 90;
/// The sheet for what a cell cannot hold.
const LONG_TEXTS: &str = "Long texts";
/// The sheet that says what the workbook is.
const ABOUT: &str = "About";
/// A4.
const PAPER: u8 = 9;

/// The action log as the bytes of an `.xlsx` file: one row an action, and one further sheet for each owner or organisation.
///
/// # Errors
/// Only if there are more rows than a sheet holds, or the parts cannot be packed.
pub fn actions(log: Permitted<'_, ActionLog>, sheets: Sheets) -> Result<Vec<u8>, NotWritten> {
    write_actions(log, sheets).map_err(failed)
}

/// The tables of a document as the bytes of an `.xlsx` file: one sheet a table, named after the heading before it.
///
/// # Errors
/// Only if there are more rows than a sheet holds, or the parts cannot be packed.
pub fn document(document: Permitted<'_, Document>) -> Result<Vec<u8>, NotWritten> {
    write_document(document.what()).map_err(failed)
}

/// The writer's own words may hold the name of a sheet, and so somebody's.
fn failed(error: XlsxError) -> NotWritten {
    NotWritten::new(match error {
        XlsxError::RowColumnLimitError => "There are more rows than an Excel sheet holds. Nothing was written.",
        _ => "The Excel file could not be packed. Nothing was written.",
    })
}

fn write_actions(log: Permitted<'_, ActionLog>, sheets: Sheets) -> Result<Vec<u8>, XlsxError> {
    let what = log.what();
    let made_on = Day::from_iso(&what.on);
    let made_on = (made_on.map_or_else(|| what.on.clone(), Day::long), made_on.map(|day| day.to_string()));
    let mut titles = COLUMNS.map(|(title, _)| title.to_owned());
    if let (Some(title), Some(day)) = (titles.get_mut(OVERDUE), &made_on.1) {
        *title = format!("Overdue on {day}");
    }
    let notice = if what.demo { DEMO } else { "" };
    let page = Page {
        team: &what.team,
        notice,
        title: format!("Actions – made on {}", made_on.0),
        foot: document::CONFIDENTIALITY,
    };
    let mut book = Book::new(&format!("{} – Actions", what.team))?;
    let all: Vec<&ActionLine> = what.actions.iter().collect();
    book.action_sheet("All actions", &titles, &all, &page, Texts::Keep)?;
    for (name, lines) in groups(&what.actions, sheets) {
        book.action_sheet(&name, &titles, &lines, &page, Texts::Kept)?;
    }
    let mut about = vec![
        ("Team", what.team.clone()),
        ("Made on", made_on.0.clone()),
        ("For", log.recipient().label().to_owned()),
        ("Actions", all.len().to_string()),
        (
            "Overdue",
            "The column holds the words of the day on which this file was made. A due day turns red and bold as soon as \
             it is past, by the day on which the file is opened, while the action is open or accepted."
                .to_owned(),
        ),
        ("Confidentiality", document::CONFIDENTIALITY.to_owned()),
    ];
    if what.demo {
        about.insert(0, ("Notice", DEMO.to_owned()));
    }
    book.finish(&about, &page)
}

fn write_document(document: &Document) -> Result<Vec<u8>, XlsxError> {
    let notice = document.notices.join(" · ");
    let foot = match &document.foot {
        Some(foot) => format!("{} · {foot}", document.confidentiality),
        None => document.confidentiality.clone(),
    };
    let page = Page { team: &document.team, notice: &notice, title: document.title.clone(), foot: &foot };
    let mut book = Book::new(&format!("{} – {}", document.team, document.title))?;
    let mut heading = document.title.as_str();
    for block in &document.blocks {
        match block {
            Block::Heading { text, .. } => heading = text,
            Block::Table { columns, rows } => {
                let total = columns.iter().map(|column| column.width).sum::<u32>().max(1);
                let titles: Vec<String> = columns.iter().map(|column| column.title.clone()).collect();
                let widths = columns.iter().map(|column| f64::from(column.width) / f64::from(total) * 140.0).collect();
                let cells: Vec<&[Cell]> = rows.iter().map(|row| row.cells.as_slice()).collect();
                book.table_sheet(heading, &titles, widths, &cells, &page)?;
            }
            Block::Paragraph { .. } | Block::Labelled { .. } | Block::Facts { .. } | Block::List { .. } => {}
        }
    }
    let mut about: Vec<(&str, String)> = document.notices.iter().map(|notice| ("Notice", notice.clone())).collect();
    about.push(("Document", document.title.clone()));
    about.extend(document.meta.iter().map(|fact| (fact.label.as_str(), fact.text.clone())));
    about.push(("Confidentiality", document.confidentiality.clone()));
    about.extend(document.foot.iter().map(|foot| ("Seal", foot.clone())));
    book.finish(&about, &page)
}

/// The further sheets of a log, by name. Two owners of one name in different places stay two.
fn groups(actions: &[ActionLine], sheets: Sheets) -> Vec<(String, Vec<&ActionLine>)> {
    let mut groups: BTreeMap<(String, &str, &str, &str), Vec<&ActionLine>> = BTreeMap::new();
    for line in actions {
        let key = match sheets {
            Sheets::One => return Vec::new(),
            Sheets::ByOwner => (fold(&line.owner), line.owner.as_str(), &*line.organisation, &*line.role),
            Sheets::ByOrganisation => (fold(&line.organisation), line.organisation.as_str(), "", ""),
        };
        groups.entry(key).or_default().push(line);
    }
    groups.into_iter().map(|((_, name, ..), lines)| (name.to_owned(), lines)).collect()
}

/// What stands on every printed page.
struct Page<'a> {
    team: &'a str,
    notice: &'a str,
    title: String,
    foot: &'a str,
}

/// What a cell holds.
enum Entry<'a> {
    Empty,
    Text(&'a str),
    Words(String),
    Day(Day),
    Count(i64),
}

impl<'a> Entry<'a> {
    fn day(iso: &'a str) -> Self {
        Day::from_iso(iso).map_or(Self::Text(iso), Self::Day)
    }
}

/// Whether the rest of a long text still has to be kept, or was when the same action was first written.
#[derive(Clone, Copy, PartialEq)]
enum Texts {
    Keep,
    Kept,
}

/// The part of a text that its cell could not hold.
struct Rest {
    place: String,
    text: String,
}

impl Rest {
    /// Where it belongs, `2 of 3`, and its words.
    fn parts(&self) -> Vec<(&str, String, &str)> {
        let pieces = pieces(&self.text, KEPT);
        let all = pieces.len() + 1;
        (2..=all).zip(pieces).map(|(n, piece)| (self.place.as_str(), format!("{n} of {all}"), piece)).collect()
    }
}

/// How cells look. A text that a spreadsheet would run has the prefix by which Excel keeps it a text, even after it was
/// edited.
struct Styles {
    head: Format,
    text: Format,
    guarded: Format,
    day: Format,
    count: Format,
    overdue: Format,
    subject: Format,
    alarm: Format,
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
struct Book {
    workbook: Workbook,
    styles: Styles,
    names: BTreeSet<String>,
    rests: Vec<Rest>,
}

impl Book {
    /// Nobody is named as its author, and its day is that of the entries of a zip file without one.
    fn new(title: &str) -> Result<Self, XlsxError> {
        let mut workbook = Workbook::new();
        let properties =
            DocProperties::new().set_title(title).set_creation_datetime(&ExcelDateTime::from_ymd(1980, 1, 1)?);
        workbook.set_properties(&properties);
        // "History" is Excel's own.
        let names = ["History", LONG_TEXTS, ABOUT].map(compared).into();
        Ok(Self { workbook, styles: Styles::new(), names, rests: Vec::new() })
    }

    fn action_sheet(
        &mut self,
        name: &str,
        titles: &[String],
        lines: &[&ActionLine],
        page: &Page<'_>,
        texts: Texts,
    ) -> Result<(), XlsxError> {
        let name = self.name(name);
        let Self { workbook, styles, rests, .. } = self;
        let sheet = workbook.add_worksheet().set_name(name)?;
        let widths = COLUMNS.map(|(_, width)| width);
        let last = begin(sheet, styles, titles, &widths, lines.len(), page)?;
        for (row, line) in (1..).zip(lines) {
            for ((column, title), entry) in (0..).zip(titles).zip(entries(line)) {
                let mut cut = |rest: String| {
                    if texts == Texts::Keep {
                        rests.push(Rest { place: format!("{}, {title}", line.id), text: rest });
                    }
                    format!("{}, {title}", line.id)
                };
                put(sheet, styles, &styles.text, (row, column), &entry, &mut cut)?;
            }
        }
        let id = LAST_PRINTED + 1;
        sheet.set_freeze_panes(1, 1)?;
        sheet.set_print_area(0, 0, last, LAST_PRINTED)?;
        sheet.ignore_error_range(0, id, last, id, IgnoreError::NumberStoredAsText)?;
        let rule = ConditionalFormatFormula::new().set_rule(IS_OVERDUE).set_format(&styles.alarm);
        sheet.add_conditional_format(1, DUE, last.max(1), STATE, &rule)?;
        Ok(())
    }

    fn table_sheet(
        &mut self,
        name: &str,
        titles: &[String],
        widths: Vec<f64>,
        rows: &[&[Cell]],
        page: &Page<'_>,
    ) -> Result<(), XlsxError> {
        let name = self.name(name);
        let Self { workbook, styles, rests, .. } = self;
        let sheet = workbook.add_worksheet().set_name(&name)?;
        begin(sheet, styles, titles, &widths, rows.len(), page)?;
        sheet.set_freeze_panes(1, 0)?;
        for ((column, index), title) in (0..).zip(0..).zip(titles) {
            let cells = || rows.iter().map(|cells| cells.get::<usize>(index));
            let days = cells().flatten().all(|cell| cell.text.is_empty() || day_of(&cell.text).is_some());
            for (row, cell) in (1..).zip(cells()) {
                let Some(cell) = cell else { continue };
                let entry = match day_of(&cell.text).filter(|_| days) {
                    Some(day) => Entry::Day(day),
                    None => Entry::Text(&cell.text),
                };
                let format = match cell.mark {
                    Some(Mark::Overdue) => &styles.overdue,
                    Some(Mark::Subject) => &styles.subject,
                    None => &styles.text,
                };
                let mut cut = |rest: String| {
                    let place = format!("{name}, row {}, {title}", row + 1);
                    rests.push(Rest { place: place.clone(), text: rest });
                    place
                };
                put(sheet, styles, format, (row, column), &entry, &mut cut)?;
            }
        }
        Ok(())
    }

    /// The sheets that every workbook has last, and its bytes.
    fn finish(mut self, about: &[(&str, String)], page: &Page<'_>) -> Result<Vec<u8>, XlsxError> {
        let Self { workbook, styles, rests, .. } = &mut self;
        if !rests.is_empty() {
            let parts: Vec<(&str, String, &str)> = rests.iter().flat_map(Rest::parts).collect();
            let titles = ["Text of", "Part", "Goes on"].map(str::to_owned);
            let sheet = workbook.add_worksheet().set_name(LONG_TEXTS)?;
            begin(sheet, styles, &titles, &[40.0, 10.0, 90.0], parts.len(), page)?;
            sheet.set_freeze_panes(1, 0)?;
            for (row, (place, part, text)) in (1..).zip(parts) {
                sheet.write_string_with_format(row, 0, place, &styles.guarded)?;
                sheet.write_string_with_format(row, 1, part, &styles.text)?;
                sheet.write_string_with_format(row, 2, text, &styles.guarded)?;
            }
        }
        let sheet = workbook.add_worksheet().set_name(ABOUT)?;
        print_on(sheet, page)?;
        sheet.set_column_width(0, 18)?;
        sheet.set_column_width(1, 100)?;
        for (row, (label, text)) in (0..).zip(about) {
            let text = begin_of(text, KEPT);
            sheet.write_string_with_format(row, 0, *label, &styles.head)?;
            sheet.write_string_with_format(row, 1, text, &styles.guarded)?;
        }
        workbook.save_to_buffer()
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

/// The head of a sheet, and how it is seen and printed; answers with its last row.
fn begin(
    sheet: &mut Worksheet,
    styles: &Styles,
    titles: &[String],
    widths: &[f64],
    rows: usize,
    page: &Page<'_>,
) -> Result<u32, XlsxError> {
    let last = u32::try_from(rows).map_err(|_| XlsxError::RowColumnLimitError)?;
    for ((column, title), width) in (0..).zip(titles).zip(widths) {
        sheet.write_string_with_format(0, column, title, &styles.head)?;
        sheet.set_column_width(column, *width)?;
    }
    let end = u16::try_from(titles.len().saturating_sub(1)).map_err(|_| XlsxError::RowColumnLimitError)?;
    sheet.autofilter(0, 0, last, end)?;
    sheet.set_repeat_rows(0, 0)?;
    print_on(sheet, page)?;
    Ok(last)
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

fn entries(line: &ActionLine) -> [Entry<'_>; 16] {
    let overdue = line.overdue_days.map(|days| match days {
        1 => "OVERDUE 1 day".to_owned(),
        _ => format!("OVERDUE {days} days"),
    });
    let reason = |code| NotDoneReason::from_code(code).map_or(Entry::Text(code), |reason| Entry::Text(reason.label()));
    [
        Entry::Text(line.person.as_deref().unwrap_or("The team")),
        line.nhs_number.as_deref().map_or(Entry::Empty, |digits| Entry::Words(grouped(digits))),
        line.born.as_deref().map_or(Entry::Empty, Entry::day),
        Entry::Text(&line.action),
        Entry::Text(&line.owner),
        Entry::Text(&line.role),
        Entry::Text(&line.organisation),
        Entry::day(&line.raised_on),
        Entry::day(&line.due),
        overdue.map_or(Entry::Empty, Entry::Words),
        Entry::Text(&line.state),
        line.state_on.as_deref().map_or(Entry::Empty, Entry::day),
        line.reason.as_deref().map_or(Entry::Empty, reason),
        line.note.as_deref().map_or(Entry::Empty, Entry::Text),
        Entry::Count(line.carried),
        Entry::Text(&line.id),
    ]
}

/// Writes a cell. `cut` takes what it cannot hold, and says under which words that is to be found.
fn put(
    sheet: &mut Worksheet,
    styles: &Styles,
    format: &Format,
    (row, column): (u32, u16),
    entry: &Entry<'_>,
    cut: &mut dyn FnMut(String) -> String,
) -> Result<(), XlsxError> {
    let text = match entry {
        Entry::Empty => {
            sheet.write_blank(row, column, format)?;
            return Ok(());
        }
        Entry::Day(day) if is_counted(*day) => {
            sheet.write_datetime_with_format(row, column, day.date(), &styles.day)?;
            return Ok(());
        }
        Entry::Count(count) => {
            #[allow(clippy::cast_precision_loss, reason = "a spreadsheet knows no other numbers")]
            sheet.write_number_with_format(row, column, *count as f64, &styles.count)?;
            return Ok(());
        }
        Entry::Day(day) => &day.to_string(),
        Entry::Text(text) => *text,
        Entry::Words(text) => text.as_str(),
    };
    let format = if defused(text) == text { format } else { &styles.guarded };
    let text = text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
    if fits(&text, CELL) {
        sheet.write_string_with_format(row, column, text, format)?;
        return Ok(());
    }
    let kept = begin_of(&text, KEPT);
    let place = cut(text.get(kept.len()..).unwrap_or_default().to_owned());
    let words = format!("{kept}\n[This goes on in the sheet “{LONG_TEXTS}”, under “{place}”.]");
    sheet.write_string_with_format(row, column, words, format)?;
    Ok(())
}

/// Before March 1900 spreadsheets count days in different ways; such a day stays words.
fn is_counted(day: Day) -> bool {
    Day::new(1900, 3, 1).is_some_and(|first| day >= first) && Day::new(9999, 12, 31).is_some_and(|last| day <= last)
}

/// The day of a cell that holds one and nothing else, as documents write it.
fn day_of(text: &str) -> Option<Day> {
    Day::parse(text).ok().filter(|day| is_counted(*day) && day.to_string() == text)
}

/// The text in pieces of at most so many UTF-16 units, parted between characters as they are seen.
fn pieces(text: &str, most: usize) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut from, mut held) = (0, 0);
    let mut take = |at: usize, size: usize| {
        if held + size > most {
            out.extend(text.get(from..at));
            (from, held) = (at, 0);
        }
        held += size;
    };
    for (at, sign) in text.grapheme_indices(true) {
        match units(sign) {
            size if size <= SIGN => take(at, size),
            // A letter under hundreds of marks; it is parted between them.
            _ => sign.char_indices().for_each(|(n, c)| take(at + n, c.len_utf16())),
        }
    }
    out.extend(text.get(from..).filter(|rest| !rest.is_empty()));
    out
}

/// The first piece.
fn begin_of(text: &str, most: usize) -> &str {
    pieces(text, most).into_iter().next().unwrap_or_default()
}

/// How long Excel takes a text to be.
fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// No text has more units than bytes.
fn fits(text: &str, most: usize) -> bool {
    text.len() <= most || units(text) <= most
}
