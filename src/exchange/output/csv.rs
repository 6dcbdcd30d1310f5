//! The action log as CSV, made harmless for spreadsheets.
//!
//! A cell that a spreadsheet would take for a formula gets an apostrophe before it and quotes around it (OWASP ASVS
//! 1.2.10). The NHS number is written 3-3-4 with spaces, so that a spreadsheet keeps it as text.

use ::csv::{QuoteStyle, Terminator, WriterBuilder};

use super::actions::{ActionLine, ActionLog};
use super::file::NotWritten;
use super::recipient::Permitted;

/// The columns, in order.
pub const COLUMNS: [&str; 16] = [
    "id",
    "person",
    "nhs_number",
    "born",
    "action",
    "owner",
    "role",
    "organisation",
    "raised_on",
    "due",
    "overdue_days",
    "carried",
    "state",
    "state_on",
    "reason",
    "note",
];

/// The log as CSV (RFC 4180, UTF-8, lines ended by CR LF).
///
/// # Errors
/// None that writing to memory can bring.
pub fn render(log: Permitted<'_, ActionLog>) -> Result<String, NotWritten> {
    let failed = |_| NotWritten::new("The list could not be written as CSV. Nothing was written.");
    let mut writer =
        WriterBuilder::new().terminator(Terminator::CRLF).quote_style(QuoteStyle::Always).from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(failed)?;
    for line in &log.what().actions {
        writer.write_record(cells(line).map(|cell| defused(&cell))).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|_| NotWritten::new("The list could not be written as CSV."))?;
    String::from_utf8(bytes).map_err(|_| NotWritten::new("The list could not be written as CSV."))
}

/// The list as the bytes of a file: UTF-8 behind a byte order mark, without which Excel takes the names for another
/// encoding. Printed text goes without, for programs that read it.
pub fn for_a_file(text: &str) -> Vec<u8> {
    ["\u{feff}", text].concat().into_bytes()
}

fn cells(line: &ActionLine) -> [String; 16] {
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        // An id has more digits than a spreadsheet keeps of a number; the letter keeps it text.
        format!("a{}", line.id),
        or_empty(&line.person),
        line.nhs_number.as_deref().map(grouped).unwrap_or_default(),
        or_empty(&line.born),
        line.action.clone(),
        line.owner.clone(),
        line.role.clone(),
        line.organisation.clone(),
        line.raised_on.clone(),
        line.due.clone(),
        line.overdue_days.map(|days| days.to_string()).unwrap_or_default(),
        line.carried.to_string(),
        line.state.clone(),
        or_empty(&line.state_on),
        or_empty(&line.reason),
        or_empty(&line.note),
    ]
}

/// The digits of an NHS number, 3-3-4.
pub(super) fn grouped(digits: &str) -> String {
    match (digits.get(..3), digits.get(3..6), digits.get(6..)) {
        (Some(first), Some(second), Some(third)) => format!("{first} {second} {third}"),
        _ => digits.to_owned(),
    }
}

/// The cell, with an apostrophe before anything a spreadsheet might run.
pub fn defused(cell: &str) -> String {
    const RUN: [char; 12] = ['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠'];
    // Some spreadsheets skip blanks before they look.
    let first = cell.trim_start_matches([' ', '\u{a0}', '\u{3000}']).chars().next();
    if first.is_some_and(|first| RUN.contains(&first)) { format!("'{cell}") } else { cell.to_owned() }
}
