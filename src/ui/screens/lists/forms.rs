//! The cards of the lists: what a column is, which band a label is, which sheet, and whether to take a list in.

use crate::domain::Word;
use crate::domain::band::Band;
use crate::exchange::intake::days::{DayOrder, Evidence};
use crate::exchange::intake::field::{Field, fields_of};
use crate::exchange::intake::report::Report;
use crate::exchange::intake::{PART, mappings};
use crate::jobs::lists::{Opened, Say, Task, title};
use crate::ui::effect::Effect;
use crate::ui::model::Model;
use crate::ui::overlays::form::{Answers, Form, FormError};
use crate::ui::screens::{NotSaved, Purpose as AnyPurpose};

use super::Stage;

/// What saving a card means here.
#[derive(Clone, Debug, PartialEq)]
pub enum Purpose {
    /// A column holds another field, or its days are written otherwise.
    Column {
        /// Which column.
        column: usize,
        /// The field it held.
        was: Option<Field>,
    },
    /// A label is another band.
    Label(String),
    /// Another sheet.
    Sheet,
    /// Take the list in.
    TakeIn {
        /// The word must be typed first.
        braked: bool,
    },
}

/// A card for the line of the columns: a column, or a label of the bands.
pub(super) fn column(opened: &Opened, at: usize) -> Option<Form> {
    let columns = opened.columns.len();
    if let Some(column) = opened.columns.get(at) {
        let none = [(String::new(), "not used".to_owned())];
        let fields = fields_of(opened.guess.kind()).iter();
        let options =
            none.into_iter().chain(fields.map(|field| (field.code().to_owned(), field.label().to_owned()))).collect();
        let subject = format!("“{}”   {}", column.header, column.samples.join(" · "));
        let purpose = AnyPurpose::Lists(Purpose::Column { column: at, was: column.field });
        let form = Form::new("What is in this column?", subject, purpose).choice(
            "field",
            "It holds",
            options,
            column.field.map_or("", Field::code),
        );
        return Some(match column.days {
            Some(days) => form.word("days", "Days written", days.order),
            None => form,
        });
    }
    let label = opened.guess.labels().get(at.checked_sub(columns)?)?;
    let subject = format!("“{}”, in {} rows", crate::domain::text::displayable(&label.text), label.rows);
    let purpose = AnyPurpose::Lists(Purpose::Label(label.text.clone()));
    let now = label.band.map(|(band, _)| band);
    Some(Form::new("Which band is this?", subject, purpose).optional_word("band", "In the pyramid", now))
}

/// A card for the sheets of a workbook.
pub(super) fn sheet(opened: &Opened) -> Form {
    let here = opened.source.sheet().unwrap_or_default().to_owned();
    let all = std::iter::once(here.clone()).chain(opened.source.other_sheets().iter().cloned());
    let options = all.map(|name| (name.clone(), name)).collect();
    Form::new("Which sheet?", opened.source.name.clone(), AnyPurpose::Lists(Purpose::Sheet))
        .choice("sheet", "The list is on", options, &here)
        .verb("read it")
}

/// The question before a list is taken in.
pub(super) fn take_in(opened: &Opened, report: &Report) -> Form {
    let counts = report.counts;
    let mut intro = format!(
        "{} new, {} changed, {} unchanged, {} wait for somebody to look, {} refused. One step: u takes all of it back.",
        counts.new, counts.changed, counts.unchanged, counts.queued, counts.refused
    );
    let braked = report.loses_many();
    if braked {
        intro.push_str(&format!(
            " {} of the {} people on file are not on this list; nothing happens to them. Is it the whole list?",
            report.missing_count, report.on_file
        ));
    }
    let purpose = AnyPurpose::Lists(Purpose::TakeIn { braked });
    let mut form = Form::new("Take this list in?", title(opened), purpose).intro(intro).verb("take it in");
    if braked {
        form = form.line("part", "Only a part? Type", None, PART);
    }
    form.line("keep_as", "Keep columns as", opened.mapping.as_deref(), "a name, if next month is to be one key")
}

/// Saves a card.
pub(in crate::ui) fn save(
    model: &mut Model,
    purpose: &Purpose,
    answers: &Answers<'_>,
) -> Result<Vec<Effect>, NotSaved> {
    match purpose {
        Purpose::Column { column, was } => {
            let field = answers.chosen_word::<Field>("field");
            let mut says = Vec::new();
            if field != *was {
                says.push(Say::Column(*column, field));
            }
            if let Some((field, order)) = field.zip(answers.chosen_word::<DayOrder>("days"))
                && Some(order) != days_now(model, *column)
            {
                says.push(Say::Days(field, order));
            }
            Ok(adjust(model, says))
        }
        Purpose::Label(label) => {
            let band = answers.chosen_word::<Band>("band");
            Ok(adjust(model, band.map(|band| Say::Band(label.clone(), band)).into_iter().collect()))
        }
        Purpose::Sheet => {
            let chosen = answers.text("sheet");
            Ok(adjust(model, vec![Say::Sheet(chosen)]))
        }
        Purpose::TakeIn { braked } => take(model, *braked, answers),
    }
}

fn days_now(model: &Model, column: usize) -> Option<DayOrder> {
    let Stage::Columns { opened, .. } = &model.lists.stage else { return None };
    // What was only assumed is said again: then it is kept.
    let reading = opened.columns.get(column)?.days?;
    (reading.evidence != Evidence::Assumed).then_some(reading.order)
}

fn adjust(model: &mut Model, says: Vec<Say>) -> Vec<Effect> {
    let Stage::Columns { opened, .. } = &model.lists.stage else { return Vec::new() };
    if says.is_empty() {
        return Vec::new();
    }
    let task = Task::Adjust(opened.clone(), says);
    super::work(model, "Reading the list", task)
}

fn take(model: &mut Model, braked: bool, answers: &Answers<'_>) -> Result<Vec<Effect>, NotSaved> {
    let part = answers.text("part").trim().to_lowercase();
    if braked && part != PART {
        return Err(
            FormError::at("part", format!("Type the word {PART} if the list is meant to be only a part.")).into()
        );
    }
    let keep_as = answers.text("keep_as");
    let keep_as = if keep_as.trim().is_empty() {
        None
    } else {
        Some(mappings::name(&keep_as).map_err(|why| FormError::at("keep_as", why.to_string()))?)
    };
    let Stage::Report { opened: Some(opened), .. } = &model.lists.stage else { return Ok(Vec::new()) };
    let task = Task::TakeIn { opened: opened.clone(), part: braked, keep_as };
    Ok(super::work(model, "Taking the list in", task))
}
