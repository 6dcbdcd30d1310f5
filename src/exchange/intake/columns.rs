//! Which column of a list is which field: a guess from the headers and from the shape of the values, shown to a person
//! before anything is taken in, corrected by them, and kept as a mapping for the next list of its kind.

use std::collections::BTreeMap;

use crate::domain::Word;
use crate::domain::band::Band;
use crate::domain::intake::IntakeKind;
use crate::domain::text::displayable;

use super::Trouble;
use super::bands::{BandRule, Grounds};
use super::days::{DayOrder, Evidence, Reading, Tally};
use super::field::{Field, fields_of, needed};
use super::header::{self, Header, Name, no_header};
use super::mappings::Mapping;
use super::source::{Row, Source};
use super::synonyms::{bare, synonyms};
use super::values;

/// Rows under the header that are looked at for the shape of values and for samples.
const SAMPLES: usize = 200;

/// Labels of bands that are shown at most.
const LABELS: usize = 60;

/// How sure it is that a column holds a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sure {
    /// A person should look: the header and the values do not agree, or two columns have the same name.
    Likely,
    /// Header and values agree, or a person or a saved mapping said so.
    Certain,
}

/// Which column is which field, and how its values are read.
#[derive(Clone, Debug)]
pub struct Guess {
    kind: IntakeKind,
    header_line: u64,
    names: Vec<Name>,
    /// What stands above the header.
    preamble: String,
    fields: BTreeMap<Field, (usize, Sure)>,
    /// The same for reading millions of cells: by field, its column.
    at: Vec<Option<usize>>,
    days: BTreeMap<Field, Reading>,
    bands: BandRule,
    labels: Vec<Label>,
    notes: Vec<String>,
    rows: u64,
}

/// A label of the list's band column, and how often it comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// As the list writes it.
    pub text: String,
    /// The band it is taken for, and on what grounds; none where no rule says.
    pub band: Option<(Band, Grounds)>,
    /// In how many rows.
    pub rows: u64,
}

/// One column as a person is asked to look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guessed {
    /// The header as the list has it.
    pub header: String,
    /// The field it is taken for; none if it is not used.
    pub field: Option<Field>,
    /// How sure that is.
    pub sure: Sure,
    /// How its days are read, where it holds days.
    pub days: Option<Reading>,
    /// The first three different values that are not blank.
    pub samples: Vec<String>,
}

impl Guess {
    /// Finds the header and guesses its columns.
    ///
    /// # Errors
    /// One sentence that lists what was seen and what is needed.
    pub fn of(source: &Source, kind: IntakeKind) -> Result<Self, Trouble> {
        Self::by(source, kind, &Mapping::default())
    }

    /// The same with what a person agreed to for such a list before.
    ///
    /// # Errors
    /// As [`Guess::of`]; and where the mapping names a field that this kind of list does not have.
    pub fn by(source: &Source, kind: IntakeKind, mapping: &Mapping) -> Result<Self, Trouble> {
        let mut head = Vec::new();
        for row in source.rows_from_top().take(header::WITHIN + SAMPLES) {
            head.push(row?);
        }
        let candidates = header::candidates(&head);
        let guesses = candidates.into_iter().map(|header| Self::from_header(kind, header, &head, mapping));
        let mut best: Option<Self> = None;
        for guess in guesses {
            let guess = guess?;
            let worth = |it: &Self| (it.missing().is_empty(), it.fields.len());
            if best.as_ref().is_none_or(|best| worth(&guess) > worth(best)) {
                best = Some(guess);
            }
        }
        let Some(mut best) = best.filter(|best| best.missing().is_empty()) else {
            return Err(no_header(source, kind, &head));
        };
        best.weigh(source)?;
        for (header, order) in &mapping.days {
            if let (Some(field), Some(order)) = (best.field_of_header(header), DayOrder::from_code(order)) {
                best.say_days(field, order);
            }
        }
        for (label, band) in &mapping.bands {
            if let Some(band) = Band::from_code(band) {
                best.say_band(label, band);
            }
        }
        Ok(best)
    }

    fn from_header(kind: IntakeKind, header: Header, head: &[Row], mapping: &Mapping) -> Result<Self, Trouble> {
        let under = head.get(header.depth..).unwrap_or_default();
        let mut fields: BTreeMap<Field, (usize, Sure)> = BTreeMap::new();
        let mut settled = vec![false; header.names.len()];
        for (at, name) in header.names.iter().enumerate() {
            let said = mapping.columns.iter().find(|(said, _)| !name.whole.is_empty() && mapped(said, name));
            let Some((_, code)) = said else { continue };
            if let Some(slot) = settled.get_mut(at) {
                *slot = true;
            }
            if !code.is_empty() {
                let field = Field::from_code(code).filter(|field| fields_of(kind).contains(field));
                let field = field.ok_or_else(|| no_such_field(code, kind))?;
                fields.entry(field).or_insert((at, Sure::Certain));
            }
        }
        for (field, words) in synonyms(kind) {
            if fields.contains_key(field) {
                continue;
            }
            let free = |at: &usize| !settled.get(*at).copied().unwrap_or(false);
            // The best word decides, not the first column: a list may have both `Usual GP` and `Named GP`.
            let called = |word: &String| -> Vec<usize> {
                let has = |name: &Name| name.keys().any(|key| key == word);
                let all = header.names.iter().enumerate().filter(|(_, name)| has(name));
                all.map(|(at, _)| at).filter(free).collect()
            };
            let found = words.iter().map(called).find(|all| !all.is_empty()).unwrap_or_default();
            if let Some(at) = found.first() {
                let sure = if found.len() == 1 { Sure::Certain } else { Sure::Likely };
                fields.insert(*field, (*at, sure));
            }
        }
        let above = head.get(..header.depth.saturating_sub(1)).unwrap_or_default();
        let preamble = above.iter().flat_map(Row::cells).collect::<Vec<_>>().join(" ");
        let mut guess = Self {
            kind,
            header_line: header.line,
            names: header.names,
            preamble,
            fields,
            at: Vec::new(),
            days: BTreeMap::new(),
            bands: BandRule::default(),
            labels: Vec::new(),
            notes: Vec::new(),
            rows: 0,
        };
        guess.by_shape(under);
        guess.settle();
        Ok(guess)
    }

    /// What the values say where the headers do not, or say otherwise.
    fn by_shape(&mut self, under: &[Row]) {
        let cells = |at: usize| {
            let all = under.iter().filter_map(move |row| row.cell(at));
            all.filter(|cell| !values::says_nothing(cell)).collect::<Vec<_>>()
        };
        let wants_number = fields_of(self.kind).contains(&Field::NhsNumber);
        let numbers = |cells: &[&str]| cells.iter().filter(|cell| values::nhs_number(cell).is_ok()).count();
        match self.fields.get(&Field::NhsNumber).copied() {
            Some((at, _)) => {
                let cells = cells(at);
                if cells.len() >= 5 && numbers(&cells) * 2 < cells.len() {
                    self.doubt(Field::NhsNumber, "most of its values are no NHS numbers");
                }
            }
            None if wants_number => {
                let taken: Vec<usize> = self.fields.values().map(|(at, _)| *at).collect();
                let shaped = (0..self.names.len()).filter(|at| !taken.contains(at)).find_map(|at| {
                    let cells = cells(at);
                    let right = numbers(&cells);
                    (right >= 3 && right * 10 >= cells.len() * 9).then_some((at, right))
                });
                if let Some((at, right)) = shaped {
                    // One number in eleven is right by chance: ten of them in a row are not.
                    let sure = if right >= 10 { Sure::Certain } else { Sure::Likely };
                    self.fields.insert(Field::NhsNumber, (at, sure));
                    self.notes.push(format!("“{}” is taken for the NHS number by its check digits.", self.shown(at)));
                }
            }
            None => {}
        }
        if let Some((at, _)) = self.fields.get(&Field::Born).copied() {
            let cells = cells(at);
            let day = Reading { order: DayOrder::DayFirst, evidence: Evidence::Assumed };
            let days = cells.iter().filter(|cell| super::days::is_day(cell, day)).count();
            let mut tally = Tally::default();
            cells.iter().for_each(|cell| tally.see(cell));
            let written = matches!(tally.reading().order, DayOrder::DayFirst);
            if cells.len() >= 5 && written && days * 2 < cells.len() {
                self.doubt(Field::Born, "most of its values are no dates");
            }
        }
        // A column called just `Risk` may hold scores or bands: its first values tell.
        if let Some((at, sure)) = self.fields.get(&Field::Score).copied()
            && self.names.get(at).is_some_and(|name| name.own == "risk")
            && cells(at).iter().any(|cell| BandRule::default().band(cell).is_ok())
        {
            self.fields.remove(&Field::Score);
            self.fields.entry(Field::Band).or_insert((at, sure));
        }
        // One cell cannot be both: a full name is used only where there are no parts of it.
        if self.fields.contains_key(&Field::Surname) && self.fields.contains_key(&Field::Forename) {
            self.fields.remove(&Field::FullName);
        }
        // A list with bands of its own needs no other to be made of its frailty categories.
        if self.fields.contains_key(&Field::Band) {
            self.fields.remove(&Field::EfiCategory);
        }
        // A role of the referrer needs a referrer; `Role` alone may be anything.
        if !self.fields.contains_key(&Field::Referrer) {
            self.fields.remove(&Field::ReferrerRole);
        }
    }

    fn doubt(&mut self, field: Field, why: &str) {
        if let Some((at, sure)) = self.fields.get_mut(&field) {
            *sure = Sure::Likely;
            let at = *at;
            self.notes.push(format!("“{}” is called {}, but {why}.", self.shown(at), field.label()));
        }
    }

    /// Looks through the whole list at what only all of it can tell: the order of days, and the labels of bands.
    fn weigh(&mut self, source: &Source) -> Result<(), Trouble> {
        let mut days: Vec<(Field, usize, Tally)> = Vec::new();
        for (field, (at, _)) in &self.fields {
            if field.is_day() {
                days.push((*field, *at, Tally::default()));
            }
        }
        let bands = self.band_column();
        let mut labels: BTreeMap<String, u64> = BTreeMap::new();
        let (mut rows, mut row) = (source.rows(self.header_line, self.width()), Row::default());
        self.rows = 0;
        while rows.next_into(&mut row)? {
            self.rows += 1;
            for (_, at, tally) in &mut days {
                if let Some(cell) = row.cell(*at).filter(|cell| !values::says_nothing(cell)) {
                    tally.see(cell);
                }
            }
            let label = bands.and_then(|(at, _)| row.cell(at)).filter(|cell| !values::says_nothing(cell));
            if let Some(label) = label {
                if let Some(rows) = labels.get_mut(label) {
                    *rows += 1;
                } else if labels.len() < 4 * LABELS {
                    labels.insert(label.to_owned(), 1);
                }
            }
        }
        self.days = days.into_iter().map(|(field, _, tally)| (field, tally.reading())).collect();
        // A list is written by one hand: a column that proves month first speaks for those that prove nothing.
        let proven = |order| {
            let mut readings = self.days.values();
            readings.any(|it| it.evidence == Evidence::Proven && it.order == order)
        };
        if proven(DayOrder::MonthFirst) {
            for reading in self.days.values_mut() {
                if *reading == (Reading { order: DayOrder::DayFirst, evidence: Evidence::Assumed }) {
                    reading.order = DayOrder::MonthFirst;
                }
            }
        }
        if let Some((at, efi)) = bands {
            let header = self.names.get(at).map(|name| name.whole.clone()).unwrap_or_default();
            self.bands = BandRule::guess(&header, efi, labels.keys().map(String::as_str));
        }
        let label = |(text, rows): (String, u64)| Label { text, band: None, rows };
        self.labels = labels.into_iter().map(label).collect();
        self.label_bands();
        Ok(())
    }

    fn label_bands(&mut self) {
        for label in &mut self.labels {
            label.band = self.bands.band(&label.text).ok();
        }
    }

    /// The column of the list's bands, and whether it is the frailty index in a word.
    fn band_column(&self) -> Option<(usize, bool)> {
        let of = |field| self.fields.get(&field).map(|(at, _)| *at);
        of(Field::Band).map(|at| (at, false)).or_else(|| of(Field::EfiCategory).map(|at| (at, true)))
    }

    fn settle(&mut self) {
        self.at = vec![None; Field::ALL.len()];
        for (field, (at, _)) in &self.fields {
            if let Some(slot) = self.at.get_mut(*field as usize) {
                *slot = Some(*at);
            }
        }
    }

    /// What the list still needs, in the words of a person.
    pub fn missing(&self) -> Vec<&'static str> {
        let has = |field: &Field| self.fields.contains_key(field);
        let lacks = |(_, ways): &&(&str, &[&[Field]])| !ways.iter().any(|way| way.iter().all(has));
        needed(self.kind).iter().filter(lacks).map(|(words, _)| *words).collect()
    }

    /// Whether everything the list needs is certain, so that nobody has to look; otherwise why somebody has to.
    ///
    /// # Errors
    /// The columns that are not certain, in one sentence.
    pub fn certain(&self) -> Result<(), String> {
        let sure = |field: &Field| self.fields.get(field).is_some_and(|(_, sure)| *sure == Sure::Certain);
        let unsure = |(_, ways): &&(&str, &[&[Field]])| !ways.iter().any(|way| way.iter().all(sure));
        let mut doubtful: Vec<&str> = needed(self.kind).iter().filter(unsure).map(|(words, _)| *words).collect();
        // Another way of saying who is meant does not make a doubtful number certain.
        for field in [Field::NhsNumber, Field::Born, Field::Band] {
            if self.fields.get(&field).is_some_and(|(_, sure)| *sure == Sure::Likely) {
                doubtful.push(field.label());
            }
        }
        if doubtful.is_empty() {
            return Ok(());
        }
        Err(format!("It is not certain which columns hold: {}.", doubtful.join("; ")))
    }

    /// Takes a column for a field, or for none; a field has one column.
    ///
    /// # Errors
    /// As [`Guess::of`], reading the list once more.
    pub fn take(&mut self, source: &Source, column: usize, field: Option<Field>) -> Result<(), Trouble> {
        self.fields.retain(|_, (at, _)| *at != column);
        if let Some(field) = field {
            self.fields.insert(field, (column, Sure::Certain));
        }
        self.settle();
        let (said, bands) = (self.said_days(), self.bands.said.clone());
        self.weigh(source)?;
        for (field, order) in said {
            self.say_days(field, order);
        }
        self.bands.said = bands;
        self.label_bands();
        Ok(())
    }

    fn said_days(&self) -> Vec<(Field, DayOrder)> {
        let said = self.days.iter().filter(|(_, reading)| reading.evidence == Evidence::Said);
        said.map(|(field, reading)| (*field, reading.order)).collect()
    }

    /// Says how the days of a field are written.
    pub fn say_days(&mut self, field: Field, order: DayOrder) {
        if let Some(reading) = self.days.get_mut(&field) {
            *reading = Reading { order, evidence: Evidence::Said };
        }
    }

    /// Says which band a label is.
    pub fn say_band(&mut self, label: &str, band: Band) {
        self.bands.say(label, band);
        self.label_bands();
    }

    /// What a person agreed to, for the next list of this shape.
    pub fn mapping(&self, source: &Source) -> Mapping {
        let field_at = |at: usize| self.field_at(at).map_or("", Field::code).to_owned();
        let named = self.names.iter().enumerate().filter(|(_, name)| !name.whole.is_empty());
        let days = self.said_days().into_iter();
        let bands = self.bands.said.iter();
        Mapping {
            sheet: source.sheet().map(str::to_owned),
            // Of two columns of one name, the one that is used speaks.
            columns: named.fold(BTreeMap::new(), |mut columns, (at, name)| {
                let field = columns.entry(name.shown.clone()).or_insert_with(String::new);
                if field.is_empty() {
                    *field = field_at(at);
                }
                columns
            }),
            days: days.map(|(field, order)| (self.header_of(field), order.code().to_owned())).collect(),
            bands: bands.map(|(label, band)| (label.clone(), band.code().to_owned())).collect(),
        }
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
        self.names.len()
    }

    /// What stands above the header.
    pub fn preamble(&self) -> &str {
        &self.preamble
    }

    /// The headers as a person is shown them.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| name.shown.as_str())
    }

    /// How many rows stand under the header.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The rule for bands.
    pub fn bands(&self) -> &BandRule {
        &self.bands
    }

    /// The labels of the band column.
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// What a person should know of the guess.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Whether the list has a column for a field.
    pub fn has(&self, field: Field) -> bool {
        self.fields.contains_key(&field)
    }

    fn shown(&self, at: usize) -> &str {
        self.names.get(at).map_or("", |name| name.shown.as_str())
    }

    fn field_at(&self, at: usize) -> Option<Field> {
        self.fields.iter().find(|(_, (column, _))| *column == at).map(|(field, _)| *field)
    }

    /// The field of the column with this header.
    pub fn field_of_header(&self, header: &str) -> Option<Field> {
        self.field_at(self.column(header)?)
    }

    /// The column with this header.
    pub fn column(&self, header: &str) -> Option<usize> {
        self.names.iter().position(|name| mapped(header, name))
    }

    /// The headers of columns that are no field.
    pub fn unused(&self) -> Vec<String> {
        let unused = |(at, name): &(usize, &Name)| self.field_at(*at).is_none() && !name.shown.is_empty();
        self.names.iter().enumerate().filter(unused).map(|(_, name)| name.shown.clone()).collect()
    }

    /// What a row has for a field: nothing where the list has no such column or the cell says nothing.
    pub fn cell<'r>(&self, row: &'r Row, field: Field) -> Option<&'r str> {
        let at = self.at.get(field as usize).copied().flatten()?;
        let named = matches!(field, Field::Surname | Field::Forename | Field::FullName | Field::Name);
        row.cell(at).filter(|cell| if named { !values::is_no_name(cell) } else { !values::says_nothing(cell) })
    }

    /// A cell as it stands, but a day in ISO form, where it is one whose century is certain.
    pub(super) fn plain_cell(&self, row: &Row, at: usize) -> String {
        let cell = row.cell(at).unwrap_or_default();
        let field = self.field_at(at).filter(|field| field.is_day());
        let iso = field.and_then(|field| super::days::written(cell, self.days(field)));
        iso.unwrap_or_else(|| cell.to_owned())
    }

    /// How the days of a field are read.
    pub fn days(&self, field: Field) -> Reading {
        let uk = Reading { order: DayOrder::DayFirst, evidence: Evidence::Assumed };
        self.days.get(&field).copied().unwrap_or(uk)
    }

    /// What the list calls the column of a field.
    pub fn header_of(&self, field: Field) -> String {
        self.fields.get(&field).map(|(at, _)| self.shown(*at).to_owned()).unwrap_or_default()
    }

    /// The whole guess with samples, in the order of the columns.
    ///
    /// # Errors
    /// Where the list cannot be split into rows.
    pub fn columns(&self, source: &Source) -> Result<Vec<Guessed>, Trouble> {
        let mut samples: Vec<Vec<String>> = vec![Vec::new(); self.width()];
        for row in source.rows(self.header_line, self.width()).take(SAMPLES) {
            let row = row?;
            for (samples, cell) in samples.iter_mut().zip(row.cells()) {
                let shown = displayable(&cell.chars().take(60).collect::<String>());
                if samples.len() < 3 && !values::says_nothing(cell) && !samples.contains(&shown) {
                    samples.push(shown);
                }
            }
        }
        let guessed = |(at, (name, samples)): (usize, (&Name, Vec<String>))| {
            let field = self.field_at(at);
            let sure = field.and_then(|field| self.fields.get(&field)).map_or(Sure::Certain, |(_, sure)| *sure);
            let days = field.and_then(|field| self.days.get(&field)).copied();
            Guessed { header: name.shown.clone(), field, sure, days, samples }
        };
        Ok(self.names.iter().zip(samples).enumerate().map(guessed).collect())
    }
}

/// Whether a saved or typed header means this column.
fn mapped(said: &str, name: &Name) -> bool {
    let said = bare(said);
    said == bare(&name.shown) || said == name.whole
}

fn no_such_field(code: &str, kind: IntakeKind) -> Trouble {
    let known: Vec<&str> = fields_of(kind).iter().map(|field| field.code()).collect();
    Trouble::List(format!(
        "“{}” is no field of a {} list. Fields: {}. Nothing was changed.",
        displayable(code),
        kind.label(),
        known.join(", ")
    ))
}
