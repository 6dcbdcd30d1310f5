//! What came of a list, as a document: counts, what waits and what was refused row by row, what changed, who is missing.
//!
//! It goes to a disk, so values of the list are shown by their shape: 9 a figure, x a letter. People are their initials and
//! the end of their number.

use crate::domain::Word as _;
use crate::domain::change::Record;
use crate::domain::day::Day;
use crate::domain::team::Team;
use crate::exchange::intake::report::{Remark, Report};

use super::document::{Document, Fact, Row};
use super::minutes::DEMO;

/// The report on a list that was taken in, or, where it was `taken` in nowhere, on what would come of it.
pub fn document_of(report: &Report, team: &Record<Team>, demo: bool, today: Day, taken: bool) -> Document {
    let what = if taken { "List taken in" } else { "What would come of the list; nothing was taken in" };
    let mut document = Document::new("import", format!("{what} – {}", report.kind.label()), team.name.as_str());
    if demo {
        document.notices.push(DEMO.to_owned());
    }
    document.meta("Team", team.name.as_str());
    document.meta("List", &report.file);
    document.meta("Day", today.long());
    document.meta("Size", format!("{} bytes", report.bytes));
    document.meta("SHA-256", &report.sha256);
    let counts = &report.counts;
    let count = |label: &str, n: i64| Fact::new(label, n.to_string());
    document.heading(1, "Rows");
    document.facts(vec![
        count("Read", counts.rows),
        count("New", counts.new),
        count("Changed", counts.changed),
        count("Unchanged", counts.unchanged),
        count("Queued", counts.queued),
        count("Refused", counts.refused),
    ]);
    let beside: Vec<String> = report.beside().iter().map(|line| line.trim().to_owned()).collect();
    document.list(&beside);
    if !report.notes.is_empty() || !report.unused.is_empty() {
        document.heading(1, "How it was read");
        document.list(&report.notes);
        if !report.unused.is_empty() {
            document.labelled("Columns not used", report.unused.join(", "));
        }
    }
    remarks(&mut document, "Queued: a person has to look", &report.queued);
    remarks(&mut document, "Refused", &report.refused);
    changed(&mut document, report);
    missing(&mut document, report);
    document
}

fn remarks(document: &mut Document, title: &str, remarks: &[Remark]) {
    if remarks.is_empty() {
        return;
    }
    document.heading(1, title);
    let rows = remarks
        .iter()
        .map(|remark| Row::of([remark.line.to_string(), remark.column.clone(), remark.shape(), remark.reason.clone()]))
        .collect();
    document.table(&[("Line", 8), ("Column", 20), ("Value, by its shape", 22), ("Why", 50)], rows);
}

fn changed(document: &mut Document, report: &Report) {
    if report.changed.is_empty() {
        return;
    }
    document.heading(1, "Changed");
    let rows = report
        .changed
        .iter()
        .map(|(line, it)| Row::of([line.to_string(), it.briefly.clone(), it.in_words(false)]))
        .collect();
    document.table(&[("Line", 8), ("Person", 22), ("What, by its shape", 70)], rows);
    more(document, report.counts.changed, report.changed.len(), "in the history of each person");
}

fn missing(document: &mut Document, report: &Report) {
    if report.missing.is_empty() {
        return;
    }
    document.heading(1, "On file, not on this list");
    document.paragraph("Initials and the end of the NHS number. Nothing happens to them.");
    document.list(&report.missing.iter().map(|missing| missing.briefly.clone()).collect::<Vec<_>>());
    more(document, report.missing_count, report.missing.len(), "on file");
}

fn more(document: &mut Document, all: i64, shown: usize, rest_is: &str) {
    let rest = all - i64::try_from(shown).unwrap_or(0);
    if rest > 0 {
        document.paragraph(format!("… and {rest} more, {rest_is}."));
    }
}
