//! What waits for a person: a row of a list beside the person it may mean, a proposal beside what the team wrote.

use crate::domain::Word;
use crate::domain::band::Score;
use crate::domain::change::{Record, RecordId as _};
use crate::domain::day::Day;
use crate::domain::intake::{Intake, Proposal, QueuedRow};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::organisation::Organisation;
use crate::domain::person::Person;
use crate::domain::sharing::Sharing;
use crate::domain::text::{Line, fold};
use crate::exchange::intake::Kept;
use crate::exchange::intake::field::Field;
use crate::exchange::intake::queue::{self, Choice};
use crate::store::fault::Fault;
use crate::store::log::StepKind;
use crate::store::{Deed, Reader};
use crate::ui::command::ListCompareCommand;
use crate::ui::effect::Commit;
use crate::ui::model::Model;
use crate::ui::overlays::Overlay;
use crate::ui::overlays::confirm::Confirm;

use super::Row;

/// Something that waits, with what it is about.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) about: About,
    /// Whom it may mean.
    pub(super) person: Option<Record<Person>>,
    practice: Option<String>,
    /// The file it came in.
    pub(super) file: String,
    /// What the team has now, of a proposal.
    now: Option<Line>,
    /// Whether that is another value than when the list came.
    changed: bool,
}

#[derive(Clone, Debug)]
pub(super) enum About {
    Row(Box<Record<QueuedRow>>),
    Proposal(Box<Record<Proposal>>),
}

/// A line side by side: what it is, ours, theirs.
pub(super) struct Side {
    pub(super) label: &'static str,
    pub(super) ours: String,
    pub(super) theirs: String,
}

impl Side {
    /// Whether both say something, and not the same.
    pub(super) fn differs(&self) -> bool {
        let bare = |text: &str| fold(text).chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        !self.theirs.is_empty() && bare(&self.ours) != bare(&self.theirs)
    }
}

impl Waiting {
    pub(super) fn row(row: Record<QueuedRow>, model: &Model, reader: &Reader) -> Result<Self, Fault> {
        let person = queue::candidate(reader, &model.team, &row, model.now.today)?;
        let file = file(reader.get::<Intake>(row.intake)?);
        Self::new(About::Row(Box::new(row)), person, file, reader)
    }

    pub(super) fn proposal(proposal: Record<Proposal>, reader: &Reader) -> Result<Self, Fault> {
        // What is shown is what the team has now, not what it had when the list came.
        let now = queue::current(reader, &proposal)?;
        let changed = now != proposal.ours;
        let (person, file) = (reader.get(proposal.person)?, file(reader.get::<Intake>(proposal.intake)?));
        let mut waiting = Self::new(About::Proposal(Box::new(proposal)), person, file, reader)?;
        waiting.now = now;
        waiting.changed = changed;
        Ok(waiting)
    }

    fn new(about: About, person: Option<Record<Person>>, file: String, reader: &Reader) -> Result<Self, Fault> {
        let practice = match person.as_ref().and_then(|person| person.practice) {
            Some(id) => reader.get::<Organisation>(id)?.map(|practice| practice.name.to_string()),
            None => None,
        };
        Ok(Self { about, person, practice, file, now: None, changed: false })
    }

    pub(super) fn is_row(&self) -> bool {
        matches!(self.about, About::Row(_))
    }

    pub(super) fn key(&self) -> (u8, i64) {
        match &self.about {
            About::Row(row) => (0, row.id.raw()),
            About::Proposal(proposal) => (1, proposal.id.raw()),
        }
    }

    /// Why a person has to look.
    pub(super) fn why(&self) -> String {
        match &self.about {
            About::Row(row) => format!("line {} of {}: {}", row.line, self.file, row.why),
            About::Proposal(proposal) => {
                let since = if self.changed { "; the team has changed it since" } else { "" };
                format!("{} has another {} than the team wrote{since}", self.file, proposal.field.label())
            }
        }
    }

    /// Whom it may mean, for a line of a list.
    pub(super) fn who(&self, model: &Model) -> String {
        match (&self.person, &self.about) {
            (Some(person), _) => model.name_of(person),
            (None, About::Row(row)) if !model.masked => kept_name(&Kept::read(&row.given)),
            (None, _) => "nobody on file yet".to_owned(),
        }
    }

    /// Ours and theirs, line by line.
    pub(super) fn sides(&self) -> Vec<Side> {
        match &self.about {
            About::Row(row) => self.row_sides(&Kept::read(&row.given)),
            About::Proposal(proposal) => vec![Side {
                label: proposal.field.label(),
                ours: self.now.as_ref().map_or_else(|| "—".to_owned(), shown_value),
                theirs: shown_value(&proposal.theirs),
            }],
        }
    }

    fn row_sides(&self, kept: &Kept) -> Vec<Side> {
        let person = self.person.as_ref().map(|person| &person.value);
        let text = |line: Option<&Line>| line.map(ToString::to_string).unwrap_or_default();
        let ours = |field: Field| -> String {
            let Some(person) = person else { return String::new() };
            match field {
                Field::NhsNumber => person.nhs_number.map(|number| number.to_string()).unwrap_or_default(),
                Field::FullName => person.name(),
                Field::Surname => person.surname.to_string(),
                Field::Forename => person.forename.to_string(),
                Field::Born => person.born.map(|born| born.to_string()).unwrap_or_default(),
                Field::Sex => person.sex.label().to_owned(),
                Field::Address => text(person.address.as_ref()),
                Field::Postcode => text(person.postcode.as_ref()),
                Field::Phone => text(person.phone.as_ref()),
                Field::PracticeName => self.practice.clone().unwrap_or_default(),
                Field::NamedGp => text(person.named_gp.as_ref()),
                Field::Band => person.band.map(|band| band.label().to_owned()).unwrap_or_default(),
                Field::Score => person.score.map(|score: Score| score.to_string()).unwrap_or_default(),
                _ => String::new(),
            }
        };
        // What tells people apart stands first, whether or not the list has it.
        let first = [
            Field::NhsNumber,
            Field::FullName,
            Field::Surname,
            Field::Forename,
            Field::Born,
            Field::Sex,
            Field::Address,
            Field::Postcode,
            Field::Phone,
            Field::PracticeName,
            Field::NamedGp,
            Field::Band,
            Field::Score,
            Field::Referrer,
            Field::Reason,
            Field::Situation,
            Field::Question,
        ];
        let whole = kept.get(Field::FullName).is_some();
        let side = |field: &Field| {
            let mut theirs = kept.get(*field).map(|text| shown_cell(*field, text)).unwrap_or_default();
            // What the list calls a band is its own affair: compared is what it means here.
            if *field == Field::Band
                && let Some(band) = kept.band()
            {
                theirs = band.label().to_owned();
            }
            if *field == Field::Sex {
                theirs = match theirs.to_lowercase().as_str() {
                    "f" => "female".to_owned(),
                    "m" => "male".to_owned(),
                    _ => theirs,
                };
            }
            let ours = ours(*field);
            let named = match field {
                Field::FullName => whole,
                Field::Surname | Field::Forename => !whole,
                _ => true,
            };
            (named && !(ours.is_empty() && theirs.is_empty())).then(|| Side { label: field.label(), ours, theirs })
        };
        first.iter().filter_map(side).collect()
    }
}

fn file(intake: Option<Record<Intake>>) -> String {
    intake.map_or_else(|| "a list".to_owned(), |intake| intake.file.to_string())
}

fn kept_name(kept: &Kept) -> String {
    match (kept.get(Field::Surname), kept.get(Field::Forename), kept.get(Field::FullName)) {
        (Some(surname), Some(forename), _) => format!("{}, {forename}", surname.to_uppercase()),
        (_, _, Some(whole)) => whole.to_owned(),
        _ => "nobody on file yet".to_owned(),
    }
}

/// A cell of the list as it is shown beside ours.
fn shown_cell(field: Field, text: &str) -> String {
    if field == Field::NhsNumber
        && let Ok(number) = NhsNumber::parse(text)
    {
        return number.to_string();
    }
    match Day::from_iso(text) {
        Some(day) if field.is_day() => day.to_string(),
        _ => crate::domain::text::displayable(text),
    }
}

/// A proposed value as a person reads it.
fn shown_value(value: &Line) -> String {
    if let Some(day) = Day::from_iso(value.as_str()) {
        return day.to_string();
    }
    Sharing::from_code(value.as_str()).map_or_else(|| value.to_string(), |sharing| sharing.label().to_owned())
}

/// Asks before anything is written: what will be done, to whom.
pub(super) fn ask(model: &mut Model, command: ListCompareCommand, reader: &Reader) -> Result<(), Fault> {
    let Some(Row::Waiting(waiting)) = model.lists.row() else { return Ok(()) };
    let waiting = (**waiting).clone();
    if model.masked {
        model.refuse("Identifiers are hidden: nobody can see what would be decided. Press x to show them.");
        return Ok(());
    }
    let subject = waiting.person.as_ref().map(|person| model.subject_of(person));
    let subject = subject.unwrap_or_else(|| waiting.who(model));
    let mut mint = model.mint.clone();
    let asked = match (&waiting.about, command) {
        (About::Row(row), ListCompareCommand::Same) => {
            let changes = queue::decide(reader, &model.team, model.now, &mut mint, row, Choice::Same);
            let body = format!(
                "{subject}\n\nThe row of the list means this person. What the list has is put into the record; another date of birth, and whatever the team wrote, is only proposed to."
            );
            changes
                .map(|changes| ("The same person?", body, "same person", "Say that a row means this person", changes))
        }
        (About::Row(row), ListCompareCommand::Different) => {
            let changes = queue::decide(reader, &model.team, model.now, &mut mint, row, Choice::Different);
            let body = format!(
                "The row does not mean {subject}.\n\nSomebody else joins the caseload – without the NHS number, where it is on file already: one of the two is wrong."
            );
            changes
                .map(|changes| ("Somebody else?", body, "somebody else", "Say that a row means somebody else", changes))
        }
        (About::Proposal(proposal), ListCompareCommand::Take) => {
            let changes = queue::accept(reader, &model.team, model.now.today, &mut mint, &model.actor, proposal);
            let body = format!(
                "{subject}\n\n{}: what the list has takes the place of what the team wrote.",
                proposal.field.label()
            );
            changes.map(|changes| ("Take the list's value?", body, "take it", "Take what a list proposes", changes))
        }
        (About::Proposal(proposal), ListCompareCommand::Keep) => {
            let changes = vec![queue::decline(proposal, model.now.today)];
            let body = format!(
                "{subject}\n\n{}: what the team wrote stays. The same value is not proposed again.",
                proposal.field.label()
            );
            Ok(("Keep ours?", body, "keep ours", "Keep what the team wrote", changes))
        }
        _ => return Ok(()),
    };
    match asked {
        Ok((title, body, verb, label, changes)) => {
            model.mint = mint;
            let kind = if waiting.is_row() { StepKind::Import } else { StepKind::Change };
            let commit = Commit::new(Deed::change(label).of_kind(kind), changes, "Done. Press u to take it back.");
            model.overlays.push(Overlay::Confirm(Confirm::effects(title, body, verb, vec![commit.into()])));
        }
        Err(crate::exchange::intake::Trouble::Fault(fault)) => return Err(fault),
        Err(trouble) => model.refuse(trouble.to_string()),
    }
    Ok(())
}
