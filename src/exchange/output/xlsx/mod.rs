//! Tables as an Excel workbook: the action log for those who keep it by hand, and the tables of any document.
//!
//! Every text is a string cell, whatever it begins with: nothing in the workbook is ever run but our own rule for what is
//! overdue. Days are real days. A text too long for a cell goes on in a sheet of its own. The same log gives the same
//! bytes. `book` writes the workbook, `fit` knows how much goes where.

mod book;
mod fit;

use std::collections::BTreeMap;

use rust_xlsxwriter::{ConditionalFormatFormula, IgnoreError, XlsxError};

use crate::domain::Word;
use crate::domain::action::NotDoneReason;
use crate::domain::day::Day;
use crate::domain::text::fold;

use super::actions::{ActionLine, ActionLog};
use super::csv::grouped;
use super::document::{self, Block, Document};
use super::file::NotWritten;
use super::minutes::DEMO;
use super::recipient::Permitted;

use book::{Book, Entry, Page, Table, is_counted};

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

const ABOUT_OVERDUE: &str = "The column holds the words of the day on which this file was made. A due day turns red and \
    bold as soon as it is past, by the day on which the file is opened, while the action is open or accepted.";
/// What the columns of a document's table have together, in characters.
const WIDTH: f64 = 140.0;

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
    let on = Day::from_iso(&what.on);
    let made_on = on.map_or_else(|| what.on.clone(), Day::long);
    let page = Page {
        team: &what.team,
        notice: if what.demo { DEMO } else { "" },
        title: format!("Actions – made on {made_on}"),
        foot: &what.confidentiality,
    };
    let mut columns = COLUMNS.map(|(title, width)| (title.to_owned(), width));
    if let (Some((title, _)), Some(day)) = (columns.get_mut(OVERDUE), on) {
        *title = format!("Overdue on {day}");
    }
    let mut book = Book::new(&format!("{} – Actions", what.team))?;
    let all: Vec<&ActionLine> = what.actions.iter().collect();
    action_sheet(&mut book, "All actions", &columns, &all, &page)?;
    for (name, lines) in groups(&what.actions, sheets) {
        action_sheet(&mut book, name, &columns, &lines, &page)?;
    }
    let mut about = vec![
        ("Team", what.team.as_str()),
        ("Made on", &made_on),
        ("For", what.recipient_is.as_str()),
        ("Overdue", ABOUT_OVERDUE),
        ("Confidentiality", what.confidentiality.as_str()),
    ];
    if what.demo {
        about.insert(0, ("Notice", DEMO));
    }
    book.finish(&about, &page)
}

fn action_sheet(
    book: &mut Book,
    name: &str,
    columns: &[(String, f64)],
    lines: &[&ActionLine],
    page: &Page<'_>,
) -> Result<(), XlsxError> {
    let rows = lines.iter().map(|line| entries(line).into()).collect();
    let place = |row: usize, title: &str| format!("{}, {title}", lines.get(row).map_or("", |line| &*line.id));
    let table = Table { name, columns, rows, frozen: 1, place: &place };
    let (sheet, styles, last) = book.sheet(table, page)?;
    let id = LAST_PRINTED + 1;
    sheet.set_print_area(0, 0, last, LAST_PRINTED)?;
    sheet.ignore_error_range(0, id, last, id, IgnoreError::NumberStoredAsText)?;
    let rule = ConditionalFormatFormula::new().set_rule(IS_OVERDUE).set_format(&styles.alarm);
    sheet.add_conditional_format(1, DUE, last.max(1), STATE, &rule)?;
    Ok(())
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
            Block::Table { columns, rows } => table_sheet(&mut book, heading, columns, rows, &page)?,
            Block::Paragraph { .. } | Block::Labelled { .. } | Block::Facts { .. } | Block::List { .. } => {}
        }
    }
    let mut about: Vec<(&str, &str)> = document.notices.iter().map(|notice| ("Notice", notice.as_str())).collect();
    about.push(("Document", &document.title));
    about.extend(document.meta.iter().map(|fact| (fact.label.as_str(), fact.text.as_str())));
    about.push(("Confidentiality", &document.confidentiality));
    about.extend(document.foot.iter().map(|foot| ("Seal", foot.as_str())));
    book.finish(&about, &page)
}

fn table_sheet(
    book: &mut Book,
    name: &str,
    columns: &[document::Column],
    rows: &[document::Row],
    page: &Page<'_>,
) -> Result<(), XlsxError> {
    let total = columns.iter().map(|column| column.width).sum::<u32>().max(1);
    let share = |width: u32| f64::from(width) / f64::from(total) * WIDTH;
    // One cell that is not a day makes words of all: a column is sorted as one kind of thing.
    let days: Vec<bool> = (0..columns.len())
        .map(|at| {
            let mut cells = rows.iter().filter_map(|row| row.cells.get(at));
            cells.all(|cell| cell.text.is_empty() || day_of(&cell.text).is_some())
        })
        .collect();
    let columns: Vec<(String, f64)> = columns.iter().map(|it| (it.title.clone(), share(it.width))).collect();
    let rows =
        rows.iter().map(|row| row.cells.iter().zip(&days).map(|(cell, days)| entry(cell, *days)).collect()).collect();
    let place = |row: usize, title: &str| format!("{name}, row {}, {title}", row + 2);
    book.sheet(Table { name, columns: &columns, rows, frozen: 0, place: &place }, page)?;
    Ok(())
}

/// The further sheets of a log, by name. Two owners of one name in different places stay two.
fn groups(actions: &[ActionLine], sheets: Sheets) -> Vec<(&str, Vec<&ActionLine>)> {
    let mut groups: BTreeMap<(String, &str, &str, &str), Vec<&ActionLine>> = BTreeMap::new();
    for line in actions {
        let key = match sheets {
            Sheets::One => return Vec::new(),
            Sheets::ByOwner => (fold(&line.owner), line.owner.as_str(), &*line.organisation, &*line.role),
            Sheets::ByOrganisation => (fold(&line.organisation), line.organisation.as_str(), "", ""),
        };
        groups.entry(key).or_default().push(line);
    }
    groups.into_iter().map(|((_, name, ..), lines)| (name, lines)).collect()
}

fn entries(line: &ActionLine) -> [Entry<'_>; 16] {
    let overdue = line.overdue_days.map(|days| match days {
        1 => "OVERDUE 1 day".to_owned(),
        _ => format!("OVERDUE {days} days"),
    });
    let reason =
        |code| NotDoneReason::from_code(code).map_or(Entry::plain(code), |reason| Entry::plain(reason.label()));
    [
        Entry::plain(line.person.as_deref().unwrap_or("The team")),
        line.nhs_number.as_deref().map_or(Entry::Empty, |digits| Entry::Words(grouped(digits))),
        line.born.as_deref().map_or(Entry::Empty, Entry::day),
        Entry::plain(&line.action),
        Entry::plain(&line.owner),
        Entry::plain(&line.role),
        Entry::plain(&line.organisation),
        Entry::day(&line.raised_on),
        Entry::day(&line.due),
        overdue.map_or(Entry::Empty, Entry::Words),
        Entry::plain(&line.state),
        line.state_on.as_deref().map_or(Entry::Empty, Entry::day),
        line.reason.as_deref().map_or(Entry::Empty, reason),
        line.note.as_deref().map_or(Entry::Empty, Entry::plain),
        Entry::Count(line.carried),
        Entry::plain(&line.id),
    ]
}

fn entry(cell: &document::Cell, days: bool) -> Entry<'_> {
    match day_of(&cell.text) {
        Some(day) if days => Entry::Day(day),
        _ => Entry::Text(&cell.text, cell.mark),
    }
}

/// The day of a cell that holds one and nothing else, as documents write it.
fn day_of(text: &str) -> Option<Day> {
    Day::parse(text).ok().filter(|day| is_counted(*day) && day.to_string() == text)
}
