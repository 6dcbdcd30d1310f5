//! What came of a list: counts that add up, rows by line, column and reason. Never a value from the list.

use serde_json::{Value as Json, json};

use super::columns::Guess;
use super::csv::{Source, covered};
use super::{Objection, Trouble, noun};
use crate::domain::Word;
use crate::domain::day::Day;
use crate::domain::intake::IntakeKind;

/// The counts of a list. `new + changed + unchanged + queued + refused = rows`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows under the header that are not blank.
    pub rows: i64,
    /// Not on file before.
    pub new: i64,
    /// On file, with something new.
    pub changed: i64,
    /// On file just so.
    pub unchanged: i64,
    /// Waiting for a person to look.
    pub queued: i64,
    /// Not taken.
    pub refused: i64,
}

impl Counts {
    /// The counts under their names.
    pub fn json(&self) -> Json {
        let Self { rows, new, changed, unchanged, queued, refused } = self;
        json!({ "rows": rows, "new": new, "changed": changed, "unchanged": unchanged, "queued": queued, "refused": refused })
    }
}

/// A row that was queued or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Its line in the list.
    pub line: u64,
    /// The column, as the list calls it; empty where the whole row is meant.
    pub column: String,
    /// Why.
    pub reason: String,
}

impl Remark {
    /// A remark on a line.
    pub fn new(line: u64, why: Objection) -> Self {
        Self { line, column: why.column, reason: why.reason }
    }

    fn in_words(&self) -> String {
        match self.column.as_str() {
            "" => format!("line {}: {}", self.line, self.reason),
            column => format!("line {}, {column}: {}", self.line, self.reason),
        }
    }

    fn json(&self) -> Json {
        json!({ "line": self.line, "column": self.column, "reason": self.reason })
    }
}

/// What came of a list.
#[derive(Clone, Debug)]
pub struct Report {
    /// What the list holds.
    pub kind: IntakeKind,
    /// The name of its file.
    pub file: String,
    /// Its SHA-256.
    pub sha256: String,
    /// Its size.
    pub bytes: i64,
    /// The counts.
    pub counts: Counts,
    /// People whose band rose.
    pub climbed: i64,
    /// People whose band fell.
    pub fallen: i64,
    /// People whose band a professional set, and for whom the list has another.
    pub kept_bands: i64,
    /// Key workers named from the list.
    pub key_workers: i64,
    /// Organisations that were not on file.
    pub organisations: i64,
    /// Rows that wait for a person to look.
    pub queued: Vec<Remark>,
    /// Rows that were not taken.
    pub refused: Vec<Remark>,
    /// Active people on file who are not on the list: initials and the end of the NHS number.
    pub missing: Vec<String>,
    /// Headers of columns that are not used.
    pub unused: Vec<String>,
}

impl Report {
    /// A report with nothing in it yet.
    pub fn new(source: &Source, guess: &Guess) -> Self {
        Self {
            kind: guess.kind(),
            file: source.name.clone(),
            sha256: source.sha256.clone(),
            bytes: source.bytes,
            counts: Counts::default(),
            climbed: 0,
            fallen: 0,
            kept_bands: 0,
            key_workers: 0,
            organisations: 0,
            queued: Vec::new(),
            refused: Vec::new(),
            missing: Vec::new(),
            unused: guess.unused(),
        }
    }

    /// As JSON, for scripts.
    pub fn json(&self) -> Json {
        json!({
            "kind": self.kind.code(),
            "file": self.file,
            "sha256": self.sha256,
            "bytes": self.bytes,
            "counts": self.counts.json(),
            "climbed": self.climbed,
            "fallen": self.fallen,
            "bands_kept": self.kept_bands,
            "key_workers": self.key_workers,
            "organisations": self.organisations,
            "missing": self.missing.len(),
            "unused_columns": self.unused,
            "queued": self.queued.iter().map(Remark::json).collect::<Vec<_>>(),
            "refused": self.refused.iter().map(Remark::json).collect::<Vec<_>>(),
        })
    }

    /// The counts in lines for a screen.
    pub fn summary(&self) -> Vec<String> {
        let Counts { rows, new, changed, unchanged, queued, refused } = self.counts;
        let mut lines = vec![
            format!("{rows:>6} rows in {}", self.file),
            format!("{new:>6} new {}", noun(self.kind, new)),
            format!("{changed:>6} changed"),
            format!("{unchanged:>6} unchanged"),
            format!("{queued:>6} queued: somebody has to look first"),
            format!("{refused:>6} refused"),
        ];
        let mut more = |n: i64, one: &str, several: &str| {
            if n > 0 {
                lines.push(format!("       {n} {}", if n == 1 { one } else { several }));
            }
        };
        let missing = i64::try_from(self.missing.len()).unwrap_or(i64::MAX);
        more(self.climbed, "climbed to a higher band", "climbed to a higher band");
        more(self.fallen, "fell to a lower band", "fell to a lower band");
        more(
            self.kept_bands,
            "keeps the band a professional set, though the list has another",
            "keep the bands professionals set, though the list has others",
        );
        more(self.key_workers, "gets the key worker the list names", "get the key workers the list names");
        more(self.organisations, "organisation is new", "organisations are new");
        more(
            missing,
            "person on file is not on this list; nothing happens to them",
            "people on file are not on this list; nothing happens to them",
        );
        lines
    }

    /// At most `most` of the queued and refused rows, in words.
    pub fn remarks(&self, most: usize) -> Vec<String> {
        let mut lines = Vec::new();
        for (title, remarks) in [("Queued", &self.queued), ("Refused", &self.refused)] {
            if remarks.is_empty() {
                continue;
            }
            lines.push(format!("{title}:"));
            lines.extend(remarks.iter().take(most).map(|remark| format!("  {}", remark.in_words())));
            if remarks.len() > most {
                lines.push(format!("  … and {} more (all of them with --report FILE)", remarks.len() - most));
            }
        }
        lines
    }

    /// The whole report as a text.
    pub fn text(&self, today: Day, team: &str) -> String {
        let mut lines = vec![
            format!("List taken in: {} ({})", self.file, self.kind.label()),
            format!("Team: {team}"),
            format!("Day: {}", today.long()),
            format!("SHA-256: {}", self.sha256),
            String::new(),
        ];
        lines.extend(self.summary());
        if !self.unused.is_empty() {
            lines.push(String::new());
            lines.push(format!("Columns not used: {}", self.unused.join(", ")));
        }
        lines.push(String::new());
        lines.extend(self.remarks(usize::MAX));
        if !self.missing.is_empty() {
            lines.push("On file, not on this list (initials and the end of the NHS number):".to_owned());
            lines.extend(self.missing.iter().map(|shown| format!("  {shown}")));
        }
        lines.push(String::new());
        lines.join("\n")
    }

    /// The refused rows with their original columns, for correcting and taking in again. Empty where none was refused.
    ///
    /// # Errors
    /// Where the list cannot be split into rows.
    pub fn rejects(&self, source: &Source, guess: &Guess) -> Result<Vec<u8>, Trouble> {
        let unwritable = |_| Trouble::List("The refused rows could not be written down.".to_owned());
        if self.refused.is_empty() {
            return Ok(Vec::new());
        }
        // A byte-order mark, so that spreadsheets read the accents right.
        let mut out = ::csv::WriterBuilder::new().flexible(true).from_writer("\u{feff}".as_bytes().to_vec());
        let last = ["line", "column", "reason"].map(str::to_owned);
        out.write_record(guess.headers().iter().map(|header| covered(header)).chain(last)).map_err(unwritable)?;
        let mut refused = self.refused.iter().peekable();
        for row in source.rows(guess.header_line(), guess.width()) {
            let row = row?;
            let Some(remark) = refused.next_if(|remark| remark.line == row.line) else { continue };
            // Cells are padded or cut to the header, so that the last three columns stand under their names.
            let cells = (0..guess.width()).map(|at| covered(row.cells.get(at).map_or("", String::as_str)));
            let tail = [remark.line.to_string(), covered(&remark.column), covered(&remark.reason)];
            out.write_record(cells.chain(tail)).map_err(unwritable)?;
        }
        out.into_inner().map_err(|_| Trouble::List("The refused rows could not be written down.".to_owned()))
    }
}
