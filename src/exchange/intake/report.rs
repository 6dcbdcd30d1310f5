//! What came of a list: counts that add up; rows by line, column, value as read and reason; what changed, field by field.
//!
//! A screen may show a value from the list. What is written to the disk shows its shape only – but for the rejects, which
//! are the list's own rows, to be corrected and taken in again.

use serde_json::{Value as Json, json};

use super::bands::Grounds;
use super::columns::Guess;
use super::days::{DayOrder, Evidence};
use super::header::masked;
use super::source::{Row, Source, covered};
use super::{Objection, Trouble, noun};
use crate::domain::Word;
use crate::domain::band::Score;
use crate::domain::change::Record;
use crate::domain::day::Day;
use crate::domain::id::PersonId;
use crate::domain::intake::IntakeKind;
use crate::domain::person::Person;
use crate::domain::text::{Line, displayable};

/// Changed rows that are set out field by field; the rest are counted, and stand in the history.
const SET_OUT: usize = 10_000;

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

/// Something to be said of a row that was queued or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Its line in the list.
    pub line: u64,
    /// The column, as the list calls it; empty where the whole row is meant.
    pub column: String,
    /// The value as it was read; for the screen only.
    pub value: Option<String>,
    /// Why, and what was expected.
    pub reason: String,
}

impl Remark {
    /// A remark on a line.
    pub fn new(line: u64, why: Objection) -> Self {
        let shorter = |value: String| displayable(&value.chars().take(80).collect::<String>());
        Self { line, column: why.column, value: why.value.map(shorter), reason: why.reason }
    }

    /// `line 4, Date of Birth “31/02/1938”: there is no such day`, the value as it was read or as its shape.
    pub fn in_words(&self, openly: bool) -> String {
        let value = self.value.as_ref().map(|value| if openly { value.clone() } else { masked(value) });
        let value = value.map(|value| format!(" “{value}”")).unwrap_or_default();
        match self.column.as_str() {
            "" => format!("line {}: {}", self.line, self.reason),
            column => format!("line {}, {column}{value}: {}", self.line, self.reason),
        }
    }

    /// The value as it was read, by its shape; empty where there is none.
    pub fn shape(&self) -> String {
        self.value.as_ref().map(|value| masked(value)).unwrap_or_default()
    }

    fn json(&self) -> Json {
        let value = self.value.as_ref().map(|value| masked(value));
        json!({ "line": self.line, "column": self.column, "value_shape": value, "reason": self.reason })
    }
}

/// What changed in one record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Who, as the screen may show it; empty where it is no person.
    pub who: String,
    /// Initials and the end of the number, for what is written down.
    pub briefly: String,
    /// Field, before, after.
    pub fields: Vec<(&'static str, String, String)>,
}

impl Difference {
    /// Everything in which two states of a person differ.
    pub fn between(seen: &Record<Person>, now: &Person) -> Self {
        let mut it = Self { who: seen.name(), briefly: Missing::of(seen).briefly, fields: Vec::with_capacity(4) };
        let text = |line: &Option<Line>| line.as_ref().map(ToString::to_string).unwrap_or_default();
        let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
        let score = |score: Option<Score>| score.map(|score| score.to_string()).unwrap_or_default();
        let count = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
        let yes = |yes: Option<bool>| yes.map_or("", |yes| if yes { "yes" } else { "no" }).to_owned();
        let number = |person: &Person| person.nhs_number.map(|number| number.to_string()).unwrap_or_default();
        let band = |person: &Person| person.band.map_or("", Word::label).to_owned();
        let mut put = |field, was: String, now: String| {
            if was != now {
                it.fields.push((field, was, now));
            }
        };
        put("NHS number", number(seen), number(now));
        put("surname", seen.surname.to_string(), now.surname.to_string());
        put("forename", seen.forename.to_string(), now.forename.to_string());
        put("preferred name", text(&seen.preferred), text(&now.preferred));
        put("title", text(&seen.title), text(&now.title));
        put("date of birth", day(seen.born), day(now.born));
        put("sex", seen.sex.label().to_owned(), now.sex.label().to_owned());
        put("address", text(&seen.address), text(&now.address));
        put("postcode", text(&seen.postcode), text(&now.postcode));
        put("telephone", text(&seen.phone), text(&now.phone));
        if seen.practice != now.practice {
            it.fields.push(("practice", String::new(), String::new()));
        }
        let mut put = |field, was: String, now: String| {
            if was != now {
                it.fields.push((field, was, now));
            }
        };
        put("named GP", text(&seen.named_gp), text(&now.named_gp));
        put("council", text(&seen.council), text(&now.council));
        put("residence", seen.residence.label().to_owned(), now.residence.label().to_owned());
        put("lives alone", yes(seen.lives_alone), yes(now.lives_alone));
        put("housebound", yes(seen.housebound), yes(now.housebound));
        put("band", band(seen), band(now));
        put("score", score(seen.score), score(now.score));
        put("risk tool", text(&seen.score_tool), text(&now.score_tool));
        put("date of score", day(seen.score_on), day(now.score_on));
        put("eFI", score(seen.efi), score(now.efi));
        put("frailty scale", count(seen.cfs), count(now.cfs));
        put("date of frailty scale", day(seen.cfs_on), day(now.cfs_on));
        put("long-term conditions", count(seen.conditions), count(now.conditions));
        put("A&E attendances", count(seen.attendances), count(now.attendances));
        put("unplanned admissions", count(seen.admissions), count(now.admissions));
        put("out-of-hours contacts", count(seen.out_of_hours), count(now.out_of_hours));
        put("last admission", day(seen.admitted_on), day(now.admitted_on));
        put("has a carer", yes(seen.has_carer), yes(now.has_carer));
        put("palliative register", yes(seen.palliative), yes(now.palliative));
        put("ReSPECT", yes(seen.respect), yes(now.respect));
        put("sharing basis", seen.sharing.label().to_owned(), now.sharing.label().to_owned());
        put("objects to risk lists", yes(Some(seen.objects_to_risk_lists)), yes(Some(now.objects_to_risk_lists)));
        it
    }

    /// One more field that changed, without its values.
    pub fn also(&mut self, field: &'static str) {
        self.fields.push((field, String::new(), String::new()));
    }

    /// `score 32.5 → 48; band LOW → HIGH`, the values as they are or as their shape.
    pub fn in_words(&self, openly: bool) -> String {
        let shown = |value: &String| match (value.as_str(), openly) {
            ("", _) => "–".to_owned(),
            (value, true) => value.to_owned(),
            (value, false) => masked(value),
        };
        let field = |(field, was, now): &(&str, String, String)| {
            if was.is_empty() && now.is_empty() {
                (*field).to_owned()
            } else {
                format!("{field} {} → {}", shown(was), shown(now))
            }
        };
        self.fields.iter().map(field).collect::<Vec<_>>().join("; ")
    }
}

/// Somebody on file who is not on the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Who.
    pub person: PersonId,
    /// Name, for the screen.
    pub who: String,
    /// Initials and the end of the NHS number, for what is written down.
    pub briefly: String,
}

impl Missing {
    /// This person.
    pub fn of(person: &Record<Person>) -> Self {
        let end = person.nhs_number.map(|number| number.digits().chars().skip(6).collect::<String>());
        let end = end.map_or_else(|| "no number".to_owned(), |end| format!("…{end}"));
        Self { person: person.id, who: person.name(), briefly: format!("{} {end}", person.initials()) }
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
    /// How it was read, and what a person should know of that.
    pub notes: Vec<String>,
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
    /// Values the list proposes where the team wrote something else.
    pub proposals: i64,
    /// Organisations that were not on file.
    pub organisations: i64,
    /// People who join the caseload by a nomination.
    pub people: i64,
    /// Changed rows, field by field; at most `SET_OUT` of them.
    pub changed: Vec<(u64, Difference)>,
    /// Rows that wait for a person to look.
    pub queued: Vec<Remark>,
    /// What is wrong with the rows that were not taken, by line.
    pub refused: Vec<Remark>,
    /// Active people on file before the list.
    pub on_file: i64,
    /// How many of them are not on it.
    pub missing_count: i64,
    /// They, as far as they are named.
    pub missing: Vec<Missing>,
    /// Headers of columns that are not used.
    pub unused: Vec<String>,
    /// Whether taking the list in writes anything.
    pub writes: bool,
}

impl Report {
    /// A report with nothing in it yet.
    pub fn new(source: &Source, guess: &Guess) -> Self {
        Self {
            kind: guess.kind(),
            file: source.name.clone(),
            sha256: source.sha256.clone(),
            bytes: source.bytes,
            notes: notes(source, guess),
            counts: Counts::default(),
            climbed: 0,
            fallen: 0,
            kept_bands: 0,
            key_workers: 0,
            proposals: 0,
            organisations: 0,
            people: 0,
            changed: Vec::new(),
            queued: Vec::new(),
            refused: Vec::new(),
            on_file: 0,
            missing_count: 0,
            missing: Vec::new(),
            unused: guess.unused(),
            writes: false,
        }
    }

    /// Notes a changed row.
    pub(super) fn set_out(&mut self, line: u64, difference: Difference) {
        if self.changed.len() < SET_OUT {
            self.changed.push((line, difference));
        }
    }

    /// Whether the list leaves out more than a tenth of the people on file: it may not be the whole list.
    pub fn loses_many(&self) -> bool {
        self.missing_count * 10 > self.on_file
    }

    /// As JSON, for scripts. No value of the list is in it.
    pub fn json(&self) -> Json {
        let changed = |(line, difference): &(u64, Difference)| {
            let fields: Vec<&str> = difference.fields.iter().map(|(field, _, _)| *field).collect();
            json!({ "line": line, "fields": fields })
        };
        json!({
            "version": 1,
            "kind": self.kind.code(),
            "file": self.file,
            "sha256": self.sha256,
            "bytes": self.bytes,
            "notes": self.notes,
            "counts": self.counts.json(),
            "climbed": self.climbed,
            "fallen": self.fallen,
            "bands_kept": self.kept_bands,
            "key_workers": self.key_workers,
            "proposals": self.proposals,
            "organisations": self.organisations,
            "people_by_nomination": self.people,
            "on_file": self.on_file,
            "missing": self.missing_count,
            "unused_columns": self.unused,
            "changed": self.changed.iter().map(changed).collect::<Vec<_>>(),
            "queued": self.queued.iter().map(Remark::json).collect::<Vec<_>>(),
            "refused": self.refused.iter().map(Remark::json).collect::<Vec<_>>(),
        })
    }

    /// The counts in lines for a screen.
    pub fn summary(&self) -> Vec<String> {
        let Counts { rows, new, changed, unchanged, queued, refused } = self.counts;
        let mut lines = vec![
            format!("{rows:>7} {}", self.rows_in_file()),
            format!("{new:>7} new {}", noun(self.kind, new)),
            format!("{changed:>7} changed"),
            format!("{unchanged:>7} unchanged"),
            format!("{queued:>7} queued: somebody has to look first"),
            format!("{refused:>7} refused"),
        ];
        lines.extend(self.beside());
        lines
    }

    /// `rows in caseload.csv`, to stand after their count.
    pub fn rows_in_file(&self) -> String {
        format!("{} in {}", if self.counts.rows == 1 { "row" } else { "rows" }, self.file)
    }

    /// What else came of the list, each in a line.
    pub fn beside(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut more = |n: i64, one: &str, several: &str| {
            if n > 0 {
                lines.push(format!("        {n} {}", if n == 1 { one } else { several }));
            }
        };
        more(self.climbed, "climbed to a higher band", "climbed to a higher band");
        more(self.fallen, "fell to a lower band", "fell to a lower band");
        more(
            self.kept_bands,
            "keeps the band a professional set, though the list has another",
            "keep the bands professionals set, though the list has others",
        );
        more(self.key_workers, "gets the key worker the list names", "get the key workers the list names");
        more(
            self.proposals,
            "value is proposed where the team wrote another; nothing changes until somebody takes it",
            "values are proposed where the team wrote others; nothing changes until somebody takes them",
        );
        more(self.people, "person joins the caseload by nomination", "people join the caseload by nomination");
        more(self.organisations, "organisation is new", "organisations are new");
        more(
            self.missing_count,
            "person on file is not on this list; nothing happens to them",
            "people on file are not on this list; nothing happens to them",
        );
        lines
    }

    /// At most `most` of the queued and refused rows, in words.
    pub fn remarks(&self, most: usize, openly: bool) -> Vec<String> {
        let mut lines = Vec::new();
        for (title, remarks) in [("Queued", &self.queued), ("Refused", &self.refused)] {
            if remarks.is_empty() {
                continue;
            }
            lines.push(format!("{title}:"));
            lines.extend(remarks.iter().take(most).map(|remark| format!("  {}", remark.in_words(openly))));
            if remarks.len() > most {
                lines.push(format!("  … and {} more (all of them with --report FILE)", remarks.len() - most));
            }
        }
        lines
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
        out.write_record(guess.headers().map(covered).chain(last)).map_err(unwritable)?;
        let mut refused = self.refused.iter().peekable();
        let (mut rows, mut row) = (source.rows(guess.header_line(), guess.width()), Row::default());
        while refused.peek().is_some() && rows.next_into(&mut row)? {
            let (mut columns, mut reasons) = (Vec::new(), Vec::new());
            while let Some(remark) = refused.next_if(|remark| remark.line == row.line) {
                columns.push(remark.column.as_str());
                reasons.push(remark.reason.as_str());
            }
            if reasons.is_empty() {
                continue;
            }
            // Cells are padded or cut to the header, so that the last three columns stand under their names.
            // Days as they were read, in a form that can be read in one way only: alone, these few rows would not tell.
            let cells = (0..guess.width()).map(|at| covered(&guess.plain_cell(&row, at)));
            let tail = [row.line.to_string(), covered(&columns.join("; ")), covered(&reasons.join("; "))];
            out.write_record(cells.chain(tail)).map_err(unwritable)?;
        }
        out.into_inner().map_err(|_| Trouble::List("The refused rows could not be written down.".to_owned()))
    }
}

/// How the list was read: its encoding, the order of its days, the rule for its bands.
fn notes(source: &Source, guess: &Guess) -> Vec<String> {
    let mut notes = vec![format!("Read as {}.", source.described())];
    notes.extend(guess.notes().iter().cloned());
    for field in super::field::fields_of(guess.kind()).iter().filter(|field| field.is_day() && guess.has(**field)) {
        let (header, reading) = (guess.header_of(*field), guess.days(*field));
        let order = reading.order.label();
        match reading.evidence {
            Evidence::Proven if reading.order == DayOrder::DayFirst => {}
            Evidence::Proven => {
                notes.push(format!("“{header}” is read as {order}: some of its days can be read in no other way."))
            }
            Evidence::Assumed => notes.push(format!("“{header}” is taken as {order}: no date in it says otherwise.")),
            Evidence::Mixed => {
                notes.push(format!("“{header}” has dates both ways round: those that could be either are refused."))
            }
            Evidence::Said => notes.push(format!("“{header}” is read as {order}, as you said.")),
        }
    }
    notes.extend(guess.bands().limits().filter(|_| !guess.labels().is_empty()).map(|rule| format!("Bands by {rule}.")));
    if guess.bands().limits().is_none() {
        for label in guess.labels() {
            let (text, rows) = (displayable(&label.text), label.rows);
            match label.band {
                Some((band, Grounds::Plain)) => notes.push(format!("Band “{text}” ({rows}) is {}.", band.label())),
                Some((band, Grounds::Assumed)) => notes.push(format!(
                    "Band “{text}” ({rows}) is taken as {}: it means different things in different places.",
                    band.label()
                )),
                None => {}
            }
        }
    }
    // What it says may be anything: in what is written down it stands among the refused rows, as a shape.
    let unknown: u64 = guess.labels().iter().filter(|label| label.band.is_none()).map(|label| label.rows).sum();
    if unknown > 0 {
        notes.push(format!(
            "{unknown} {} a band that no rule knows and will be refused. Say what it means, and all of them can be taken.",
            if unknown == 1 { "row has" } else { "rows have" }
        ));
    }
    notes
}
