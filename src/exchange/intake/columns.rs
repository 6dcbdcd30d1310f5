//! Which column of a list is which field: a guess from the headers, shown to a person before anything is taken in.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::domain::Word;
use crate::domain::band::Band;
use crate::domain::intake::IntakeKind;
use crate::domain::text::{displayable, fold};

use super::Trouble;
use super::csv::{Row, Source};

/// Rows at the top among which the header is sought.
const HEADER_WITHIN: usize = 15;

/// Rows under the header that are looked at for samples.
const SAMPLES: usize = 20;

/// `assets/columns.toml`: data, so that a new header needs no new code.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Synonyms {
    caseload: BTreeMap<String, Vec<String>>,
    members: BTreeMap<String, Vec<String>>,
    bands: BTreeMap<String, Vec<String>>,
}

fn synonyms() -> &'static Synonyms {
    static READ: OnceLock<Synonyms> = OnceLock::new();
    // The file is part of the program; a test reads it strictly.
    READ.get_or_init(|| toml::from_str(include_str!("../../../assets/columns.toml")).unwrap_or_default())
}

/// A header without case, accents, spaces and punctuation.
fn bare(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The band that a list's own word means.
pub(super) fn band(label: &str) -> Option<Band> {
    let label = bare(label);
    let means = |words: &[String]| words.iter().any(|word| bare(word) == label);
    synonyms().bands.iter().find(|(_, words)| means(words)).and_then(|(code, _)| Band::from_code(code))
}

/// Which column is which field.
#[derive(Clone, Debug)]
pub struct Guess {
    kind: IntakeKind,
    header_line: u64,
    headers: Vec<String>,
    fields: BTreeMap<&'static str, usize>,
}

/// One line of the guess, as a person is asked to look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guessed {
    /// The header as the list has it.
    pub header: String,
    /// The field it is taken for; none if it is not used.
    pub field: Option<&'static str>,
    /// The first value that is not blank, with letters and digits masked.
    pub sample: String,
}

impl Guess {
    /// Finds the header and guesses its columns.
    ///
    /// # Errors
    /// One sentence that lists what was seen and what is needed.
    pub fn of(source: &Source, kind: IntakeKind) -> Result<Self, Trouble> {
        let mut first = None;
        let mut best: Option<Self> = None;
        for row in source.rows_from_top().take(HEADER_WITHIN) {
            let row = row?;
            let guess = Self::from_row(kind, &row);
            if guess.missing().is_none() {
                return guess.weigh_risk(source);
            }
            if best.as_ref().is_none_or(|best| best.fields.len() < guess.fields.len()) {
                best = Some(guess);
            }
            first.get_or_insert(row);
        }
        let seen = best.filter(|best| !best.fields.is_empty()).map(|best| best.headers);
        let seen = seen.or(first.map(|row| row.cells)).unwrap_or_default();
        let shown: Vec<String> = seen.iter().take(12).map(|header| displayable(header.trim())).collect();
        Err(Trouble::List(format!(
            "No row of {} can be the header of a {} list. Seen: {}{}. Needed: {}. Nothing was changed.",
            source.name,
            kind.label(),
            shown.join(", "),
            if seen.len() > 12 { ", …" } else { "" },
            needed(kind),
        )))
    }

    fn from_row(kind: IntakeKind, row: &Row) -> Self {
        let table = match kind {
            IntakeKind::Caseload => &synonyms().caseload,
            IntakeKind::Members => &synonyms().members,
        };
        let bared: Vec<String> = row.cells.iter().map(|cell| bare(cell)).collect();
        let mut fields = BTreeMap::new();
        for (field, words) in table {
            // The best word decides, not the first column: a list may have both `Usual GP` and `Named GP`.
            let at = words.iter().find_map(|word| bared.iter().position(|header| *header == bare(word)));
            if let Some(at) = at {
                fields.insert(field.as_str(), at);
            }
        }
        let headers = row.cells.iter().map(|cell| displayable(cell.trim())).collect();
        Self { kind, header_line: row.line, headers, fields }
    }

    /// A column called just `Risk` may hold scores or bands: its first values tell.
    fn weigh_risk(mut self, source: &Source) -> Result<Self, Trouble> {
        let Some(at) = self.fields.get("score").copied() else { return Ok(self) };
        if self.headers.get(at).is_none_or(|header| bare(header) != "risk") {
            return Ok(self);
        }
        let mut words = false;
        for row in source.rows(self.header_line, self.width()).take(SAMPLES) {
            words |= row?.cells.get(at).is_some_and(|cell| band(cell.trim()).is_some());
        }
        if words {
            self.fields.remove("score");
            self.fields.entry("band").or_insert(at);
        }
        Ok(self)
    }

    fn missing(&self) -> Option<&'static str> {
        let has = |field: &str| self.fields.contains_key(field);
        let enough = match self.kind {
            IntakeKind::Caseload => has("surname") && has("forename") && (has("nhs_number") || has("born")),
            IntakeKind::Members => has("name") && has("role") && has("organisation"),
        };
        (!enough).then(|| needed(self.kind))
    }

    /// What the list holds.
    pub fn kind(&self) -> IntakeKind {
        self.kind
    }

    /// The line of the header.
    pub fn header_line(&self) -> u64 {
        self.header_line
    }

    /// How many columns the header has.
    pub fn width(&self) -> usize {
        self.headers.len()
    }

    /// The headers as the list has them.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// The headers of columns that are no field.
    pub fn unused(&self) -> Vec<String> {
        let used = |at: usize| self.fields.values().any(|column| *column == at);
        let headers = self.headers.iter().enumerate();
        headers.filter(|(at, header)| !used(*at) && !header.is_empty()).map(|(_, header)| header.clone()).collect()
    }

    /// What a row has for a field: nothing where the list has no such column or the cell says nothing.
    pub fn cell<'r>(&self, row: &'r Row, field: &str) -> Option<&'r str> {
        let cell = row.cells.get(*self.fields.get(field)?)?.trim();
        (!super::values::says_nothing(cell)).then_some(cell)
    }

    /// What the list calls the column of a field.
    pub fn header_of(&self, field: &str) -> String {
        self.fields.get(field).and_then(|at| self.headers.get(*at)).cloned().unwrap_or_default()
    }

    /// The whole guess with masked samples, in the order of the columns.
    ///
    /// # Errors
    /// Where the list cannot be split into rows.
    pub fn shown(&self, source: &Source) -> Result<Vec<Guessed>, Trouble> {
        let mut samples = vec![String::new(); self.width()];
        for row in source.rows(self.header_line, self.width()).take(SAMPLES) {
            for (sample, cell) in samples.iter_mut().zip(row?.cells) {
                if sample.is_empty() {
                    *sample = masked(cell.trim());
                }
            }
        }
        let field_at = |at: usize| self.fields.iter().find(|(_, column)| **column == at).map(|(field, _)| *field);
        let rows = self.headers.iter().zip(samples).enumerate();
        Ok(rows.map(|(at, (header, sample))| Guessed { header: header.clone(), field: field_at(at), sample }).collect())
    }
}

fn needed(kind: IntakeKind) -> &'static str {
    match kind {
        IntakeKind::Caseload => "Surname, Forename, and NHS Number or Date of Birth",
        IntakeKind::Members => "Name, Role and Organisation",
    }
}

/// The shape of a value: letters become `x`, digits `9`.
fn masked(value: &str) -> String {
    let shape = |c: char| match c {
        c if c.is_numeric() => '9',
        c if c.is_uppercase() => 'X',
        c if c.is_alphabetic() => 'x',
        c => c,
    };
    displayable(&value.chars().take(24).map(shape).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_read_and_no_header_means_two_fields() {
        let table: Synonyms = toml::from_str(include_str!("../../../assets/columns.toml")).unwrap();
        for fields in [&table.caseload, &table.members, &table.bands] {
            let mut seen = BTreeMap::new();
            for (field, words) in fields {
                for word in words {
                    if let Some(other) = seen.insert(bare(word), field) {
                        assert_eq!(other, field, "{word}");
                    }
                }
            }
        }
        assert_eq!(band("VERY HIGH"), Some(Band::High));
        assert_eq!(band("purple"), None);
    }
}
