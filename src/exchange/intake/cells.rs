//! The cells of one row, by field: from the list itself, or kept with a row that waited in the queue.
//!
//! [`Sieve`] reads them one by one and gathers every fault, so that whoever corrects a list sees all of them at once.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::domain::Word;
use crate::domain::band::Band;
use crate::domain::day::Day;
use crate::domain::minutes::Document;
use crate::domain::text::Line;

use super::Objection;
use super::columns::Guess;
use super::days::{self, DayOrder, Evidence, Reading};
use super::field::Field;
use super::source::Row;
use super::values::{self, Why};

/// Where cells come from.
#[derive(Clone, Copy)]
pub(super) enum Cells<'c> {
    /// A row of the list.
    Listed(&'c Guess, &'c Row),
    /// What was kept of a row.
    Kept(&'c Kept),
}

/// The cells of a queued row, as they were when it was queued; days in ISO form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    cells: BTreeMap<Field, String>,
    /// The band that the rule of the list gave its label.
    band: Option<Band>,
}

/// Under this name the band is kept beside the label of the list.
const BAND: &str = "band_in_pyramid";

impl Kept {
    /// What is kept of a row: every field that has something.
    pub(super) fn of(cells: Cells<'_>, fields: &[Field], band: Option<Band>, today: Day) -> Self {
        let one = |field: &Field| {
            let cell = cells.get(*field)?;
            let day = || days::past(cell, cells.reading(*field), today).ok().map(Day::iso);
            let born = || days::born(cell, cells.reading(*field), today).ok().map(Day::iso);
            let kept = match field {
                Field::Born => born(),
                field if field.is_day() => day(),
                _ => None,
            };
            Some((*field, kept.unwrap_or_else(|| cell.to_owned())))
        };
        Self { cells: fields.iter().filter_map(one).collect(), band }
    }

    /// With another cell, or with none for a field.
    pub(super) fn with(mut self, field: Field, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.cells.insert(field, text.to_owned()),
            None => self.cells.remove(&field),
        };
        self
    }

    /// As the file holds it.
    pub(super) fn document(&self) -> Document {
        let cells = self.cells.iter().map(|(field, text)| (field.code().to_owned(), Json::from(text.as_str())));
        let band = self.band.map(|band| (BAND.to_owned(), Json::from(band.code())));
        Document::new(Json::Object(cells.chain(band).collect()).to_string())
    }

    /// Reads what `Kept::document` writes; fields this program does not know are left out.
    pub fn read(document: &Document) -> Self {
        let map: Map<String, Json> = serde_json::from_str(document.as_str()).unwrap_or_default();
        let band = map.get(BAND).and_then(Json::as_str).and_then(Band::from_code);
        let known = |(code, text): (String, Json)| Some((Field::from_code(&code)?, text.as_str()?.to_owned()));
        Self { cells: map.into_iter().filter_map(known).collect(), band }
    }

    /// Every field with its text, for a person to look at.
    pub fn shown(&self) -> impl Iterator<Item = (Field, &str)> {
        self.cells.iter().map(|(field, text)| (*field, text.as_str()))
    }

    /// The text of a field.
    pub fn get(&self, field: Field) -> Option<&str> {
        self.cells.get(&field).map(String::as_str)
    }

    /// The band that the rule of the list gave its label.
    pub fn band(&self) -> Option<Band> {
        self.band
    }
}

impl<'c> Cells<'c> {
    /// The cell of a field, where it says something.
    pub(super) fn get(self, field: Field) -> Option<&'c str> {
        match self {
            Self::Listed(guess, row) => guess.cell(row, field),
            Self::Kept(kept) => kept.get(field),
        }
    }

    /// Whether the list has a column for a field.
    pub(super) fn has(self, field: Field) -> bool {
        match self {
            Self::Listed(guess, _) => guess.has(field),
            Self::Kept(kept) => kept.get(field).is_some(),
        }
    }

    /// What the list calls a field.
    pub(super) fn header(self, field: Field) -> String {
        match self {
            Self::Listed(guess, _) => guess.header_of(field),
            Self::Kept(_) => field.label().to_owned(),
        }
    }

    /// How the days of a field are read.
    pub(super) fn reading(self, field: Field) -> Reading {
        match self {
            Self::Listed(guess, _) => guess.days(field),
            Self::Kept(_) => Reading { order: DayOrder::DayFirst, evidence: Evidence::Proven },
        }
    }
}

/// Reads the cells of a row and gathers what is wrong with them.
pub(super) struct Sieve<'c> {
    pub(super) cells: Cells<'c>,
    today: Day,
    faults: RefCell<Vec<Objection>>,
}

impl<'c> Sieve<'c> {
    pub(super) fn new(cells: Cells<'c>, today: Day) -> Self {
        Self { cells, today, faults: RefCell::new(Vec::new()) }
    }

    /// Objects to a cell.
    pub(super) fn object(&self, field: Field, reason: impl Into<String>) {
        self.faults.borrow_mut().push(Objection {
            column: self.cells.header(field),
            value: self.cells.get(field).map(str::to_owned),
            reason: reason.into(),
        });
    }

    /// Objects to the whole row.
    pub(super) fn object_to_row(&self, reason: &str) {
        self.faults.borrow_mut().push(Objection::to_row(reason));
    }

    /// Reads a cell, or objects to it under the name of its column.
    pub(super) fn take<T>(&self, field: Field, read: impl FnOnce(&'c str) -> Result<T, Why>) -> Option<T> {
        match read(self.cells.get(field)?) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.object(field, reason);
                None
            }
        }
    }

    /// A line of text.
    pub(super) fn line(&self, field: Field) -> Option<Line> {
        self.take(field, values::line)
    }

    /// A line of text that cannot be blank.
    pub(super) fn need(&self, field: Field) -> Option<Line> {
        if self.cells.get(field).is_none() {
            self.object(field, "this cannot be blank");
            return None;
        }
        self.line(field)
    }

    /// A day that is not ahead.
    pub(super) fn past(&self, field: Field) -> Option<Day> {
        self.take(field, |cell| days::past(cell, self.cells.reading(field), self.today))
    }

    /// A day of birth.
    pub(super) fn born(&self) -> Option<Day> {
        self.take(Field::Born, |cell| days::born(cell, self.cells.reading(Field::Born), self.today))
    }

    /// What is wrong with the row; nothing where it can be believed.
    pub(super) fn faults(self) -> Vec<Objection> {
        self.faults.into_inner()
    }
}
