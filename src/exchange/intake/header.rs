//! Where the header of a list is: under whatever stands above it, in one row or in two.
//!
//! Search reports of GP systems have two header rows: groups above (`Rockwood CFS`), and under each group the same names
//! again (`Date`, `Value`). Such a column is called by both.

use std::collections::BTreeSet;

use crate::domain::Word;
use crate::domain::intake::IntakeKind;
use crate::domain::text::displayable;

use super::Trouble;
use super::field::needed;
use super::source::{Row, Source};
use super::synonyms::bare;

/// Rows at the top among which the header is sought.
pub(super) const WITHIN: usize = 30;

/// Cells that a header has at most: a sheet can have sixteen thousand columns, a list has not.
const WIDEST: usize = 2_000;

/// A row that may be the header, alone or with the row of groups above it.
#[derive(Clone, Debug)]
pub(super) struct Header {
    /// The line under which the rows begin.
    pub(super) line: u64,
    /// What the columns are called.
    pub(super) names: Vec<Name>,
    /// How many of the rows read from the top are above the rows themselves.
    pub(super) depth: usize,
}

/// What a column is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Name {
    /// As a person is shown it: `Rockwood CFS › Date`.
    pub(super) shown: String,
    /// The name itself, for comparing.
    pub(super) own: String,
    /// Group and name together, for comparing; the name where there is no group.
    pub(super) whole: String,
}

/// Names that mean nothing without their group.
const BARE: [&str; 9] =
    ["date", "value", "codeterm", "code", "term", "numericvalue", "associatedtext", "count", "description"];

/// Groups whose columns are about somebody else: the telephone under `Next of kin` is not the person's.
const SOMEBODY_ELSE: [&str; 9] =
    ["carer", "nextofkin", "nok", "contact", "referr", "relative", "spouse", "attorney", "emergencycontact"];

impl Name {
    /// By what the column may be known, the surest first.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        let others = SOMEBODY_ELSE
            .iter()
            .any(|word| self.whole.starts_with(word) || self.whole.contains(word) && !self.own.contains(word));
        let alone = self.own != self.whole && !others && !BARE.contains(&self.own.as_str());
        let own = alone.then_some(self.own.as_str());
        std::iter::once(self.whole.as_str()).chain(own)
    }
}

/// Every way in which the first rows can be a header.
pub(super) fn candidates(rows: &[Row]) -> Vec<Header> {
    let mut out = Vec::new();
    for (at, row) in rows.iter().enumerate().take(WITHIN) {
        let filled = row.cells().filter(|cell| !cell.is_empty()).count();
        if filled == 0 || row.len() > WIDEST {
            continue;
        }
        let above = at.checked_sub(1).and_then(|above| rows.get(above)).filter(|above| groups(above, row));
        if let Some(above) = above {
            out.push(Header { line: row.line, names: grouped(above, row), depth: at + 1 });
        }
        out.push(Header { line: row.line, names: plain(row), depth: at + 1 });
    }
    out
}

/// Whether the upper row can be the groups of the lower: names below that come more than once or say nothing alone, and
/// above them fewer names, each over the first of its columns, or the same name over each of its columns.
fn groups(upper: &Row, lower: &Row) -> bool {
    let names: Vec<String> = lower.cells().map(bare).filter(|name| !name.is_empty()).collect();
    let filled = upper.cells().filter(|cell| !cell.is_empty()).count();
    let repeats = |names: &[String]| names.len() > names.iter().collect::<BTreeSet<_>>().len();
    let above: Vec<String> = upper.cells().map(bare).filter(|name| !name.is_empty()).collect();
    let repeated = repeats(&names);
    let first = |row: &Row| row.cells().next().is_some_and(|cell| !cell.is_empty());
    filled >= 2
        && (filled < names.len() || (filled == names.len() && repeats(&above)))
        && (first(upper) || repeated)
        && (repeated || names.iter().any(|name| BARE.contains(&&**name)))
}

fn grouped(upper: &Row, lower: &Row) -> Vec<Name> {
    let mut group = String::new();
    (0..lower.len())
        .map(|at| {
            if let Some(cell) = upper.cell(at).filter(|cell| !cell.is_empty()) {
                group = displayable(cell);
            }
            let own = displayable(lower.cell(at).unwrap_or_default());
            match (group.is_empty(), own.is_empty()) {
                (_, true) => Name::default(),
                (true, false) => Name { own: bare(&own), whole: bare(&own), shown: own },
                (false, false) => Name {
                    shown: format!("{group} › {own}"),
                    own: bare(&own),
                    whole: format!("{}{}", bare(&group), bare(&own)),
                },
            }
        })
        .collect()
}

fn plain(row: &Row) -> Vec<Name> {
    row.cells()
        .map(|cell| {
            let shown = displayable(&cell.split_whitespace().collect::<Vec<_>>().join(" "));
            let own = bare(&shown);
            Name { whole: own.clone(), own, shown }
        })
        .collect()
}

/// No row can be the header: what was seen, and what is needed.
pub(super) fn no_header(source: &Source, kind: IntakeKind, head: &[Row]) -> Trouble {
    // The row with most columns is the likeliest header.
    let seen = head.iter().take(WITHIN).rev().max_by_key(|row| row.cells().filter(|it| !it.is_empty()).count());
    let cells: Vec<String> = seen.map(|row| row.cells().map(displayable).collect()).unwrap_or_default();
    // A list without a header begins with somebody's name and number: a row with figures is shown by its shape. So is one
    // that is no row of a list at all, but a line of some other file: a passphrase, perhaps.
    let is_data = cells.iter().any(|cell| cell.bytes().filter(u8::is_ascii_digit).count() >= 4)
        || cells.iter().filter(|cell| !cell.is_empty()).count() < 2;
    let show = |cell: &String| if is_data { masked(cell) } else { cell.chars().take(30).collect() };
    let shown: Vec<String> = cells.iter().take(12).map(show).collect();
    let needs: Vec<&str> = needed(kind).iter().map(|(words, _)| *words).collect();
    Trouble::List(format!(
        "No row of {} can be the header of a {} list. Seen: {}{}. Needed: {}. Nothing was changed.",
        source.name,
        kind.label(),
        shown.join(", "),
        if cells.len() > 12 { ", …" } else { "" },
        needs.join(", "),
    ))
}

/// The shape of a value: letters become `x`, digits `9`.
pub(super) fn masked(value: &str) -> String {
    let shape = |c: char| match c {
        c if c.is_numeric() => '9',
        c if c.is_uppercase() => 'X',
        c if c.is_alphabetic() => 'x',
        c => c,
    };
    displayable(&value.chars().take(24).map(shape).collect::<String>())
}
