//! Whom a row means: matched by NHS number within the team, never on a name alone.
//!
//! What could be somebody else waits for a person to look. What a person decided once is known the next time the same
//! row comes.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher as _;

use crate::domain::change::Record;
use crate::domain::day::Day;
use crate::domain::id::PersonId;
use crate::domain::intake::{QueueState, QueuedRow};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::person::{Person, Standing};
use crate::domain::text::{Line, fold};
use crate::store::fault::Fault;
use crate::store::person::sort_name;

use super::cells::Cells;
use super::field::Field;
use super::given::{Identity, who_of};
use super::names::{self, same_but_for_lost_letters, same_words};
use super::{Desk, Objection};

/// Whom a row means.
pub(super) enum Who {
    /// Somebody on file.
    Known(Box<Record<Person>>),
    /// Somebody who is not on file.
    Nobody,
    /// Perhaps somebody on file: a person has to look.
    Unsure(Box<Doubt>),
}

/// Why a person has to look, and at whom.
pub(super) struct Doubt {
    pub(super) why: Objection,
    pub(super) person: Option<PersonId>,
    /// The same row waits in the queue already.
    pub(super) waits_already: bool,
}

/// Who is on file, and who was met in the list.
pub(super) struct Register<'d> {
    desk: &'d Desk<'d>,
    /// Who is on file with a number: most rows of a first list are nobody's, and need not be looked for.
    on_file: HashSet<NhsNumber>,
    /// Name and day of birth of everybody on file, each as one number; read when the first number comes that is nobody's.
    likenesses: Option<HashSet<u64>>,
    /// What was decided of rows that waited, by their likeness.
    decided: HashMap<String, PersonId>,
    /// Rows that wait in the queue, by their likeness; nothing for one of this very list.
    waiting: HashMap<String, Option<Box<Record<QueuedRow>>>>,
    met: HashSet<PersonId>,
    /// Surname, forename and day of birth as one number: a collision only asks a person once more.
    likeness: RandomState,
}

impl<'d> Register<'d> {
    /// Reads who is on file.
    pub(super) fn new(desk: &'d Desk<'d>) -> Result<Self, Fault> {
        let on_file = desk.reader.numbers_on_file(desk.team.id)?;
        let (mut decided, mut waiting) = (HashMap::new(), HashMap::new());
        for row in desk.reader.queue(desk.team.id, None)? {
            let alike = row.value.alike.to_string();
            match (row.state, row.person) {
                (QueueState::Waiting, _) => _ = waiting.insert(alike, Some(Box::new(row))),
                (QueueState::Same | QueueState::Different, Some(person)) => {
                    decided.insert(who_of(&alike).to_owned(), person);
                }
                (QueueState::Same | QueueState::Different, None) => {}
            }
        }
        let (met, likeness) = (HashSet::new(), RandomState::new());
        Ok(Self { desk, on_file, likenesses: None, decided, waiting, met, likeness })
    }

    /// Whom the row means, and for what `request` of theirs, if it is one. `alike_in_list` says whether another row of the list, with a number, shows the same name and day.
    pub(super) fn who(
        &mut self,
        cells: Cells<'_>,
        given: &Identity,
        request: &str,
        alike_in_list: impl FnOnce(u64) -> bool,
    ) -> Result<Who, Fault> {
        let who = match given.number {
            None => self.without_number(given, alike_in_list)?,
            Some(number) => self.with_number(cells, number, given)?,
        };
        let Who::Unsure(mut doubt) = who else { return Ok(who) };
        if let Some(person) = self.decided.get(&given.alike())
            && let Some(person) = self.desk.reader.get::<Person>(*person)?
            // A death since is news that no earlier answer knew of.
            && person.standing != Standing::Died
        {
            self.met.insert(person.id);
            return Ok(Who::Known(Box::new(person)));
        }
        doubt.waits_already = self.waits(given, request);
        Ok(Who::Unsure(doubt))
    }

    /// Notes that a row waits in the queue; true where it did so already.
    pub(super) fn waits(&mut self, given: &Identity, request: &str) -> bool {
        let alike = given.alike_for(request);
        let waits = self.waiting.contains_key(&alike);
        self.waiting.entry(alike).or_insert(None);
        waits
    }

    /// The record of a row that waited before this list.
    pub(super) fn waiting_row(&self, alike: &str) -> Option<&Record<QueuedRow>> {
        self.waiting.get(alike)?.as_deref()
    }

    /// The person on file with this number.
    pub(super) fn by_number(&mut self, number: NhsNumber) -> Result<Option<Record<Person>>, Fault> {
        if !self.on_file.contains(&number) {
            return Ok(None);
        }
        let found = self.desk.reader.person_by_number(self.desk.team.id, number)?;
        self.met.extend(found.as_ref().map(|person| person.id));
        Ok(found)
    }

    /// Whether somebody on file has this number.
    pub(super) fn is_on_file(&self, number: NhsNumber) -> bool {
        self.on_file.contains(&number)
    }

    /// Whoever a refused row names by number is on the list all the same.
    pub(super) fn meet(&mut self, cells: Cells<'_>) -> Result<(), Fault> {
        let number = cells.get(Field::NhsNumber).and_then(|cell| NhsNumber::parse(cell).ok());
        number.map_or(Ok(()), |number| self.by_number(number).map(|_| ()))
    }

    /// Whether the list has met this person.
    pub(super) fn has_met(&self, person: PersonId) -> bool {
        self.met.contains(&person)
    }

    /// Name and day of birth as one number.
    pub(super) fn likeness(&self, surname: &Line, forename: &Line, born: Day) -> u64 {
        let name = sort_name(surname.as_str(), forename.as_str());
        self.likeness.hash_one((name.as_str(), born.iso().as_str()))
    }

    fn likenesses_on_file(&mut self) -> Result<&HashSet<u64>, Fault> {
        if self.likenesses.is_none() {
            let mut read = HashSet::new();
            self.desk.reader.names_and_births(self.desk.team.id, |name, born| {
                read.insert(self.likeness.hash_one((name, born)));
            })?;
            self.likenesses = Some(read);
        }
        Ok(self.likenesses.get_or_insert_default())
    }

    fn namesakes(&self, given: &Identity) -> Result<Vec<Record<Person>>, Fault> {
        given.born.map_or_else(
            || Ok(Vec::new()),
            |born| self.desk.reader.people_alike(self.desk.team.id, &given.surname, &given.forename, Some(born)),
        )
    }

    fn without_number(&mut self, given: &Identity, alike_in_list: impl FnOnce(u64) -> bool) -> Result<Who, Fault> {
        let namesakes = self.namesakes(given)?;
        self.met.extend(namesakes.iter().map(|person| person.id));
        if let Some(alike) = namesakes.first() {
            let why = "no NHS number, and somebody on file has the same name and date of birth";
            return Ok(unsure(Objection::to_row(why), Some(alike.id)));
        }
        // The same name written otherwise – with a hyphen, the other way round, with a second forename – is rarely
        // somebody else born on the same day.
        if let Some(born) = given.born {
            let alike = self.desk.reader.people_born(self.desk.team.id, born)?;
            let shares = |person: &&Record<Person>| {
                names::share_a_word((&given.surname, &given.forename), (&person.surname, &person.forename))
            };
            if let Some(alike) = alike.iter().find(shares) {
                self.met.insert(alike.id);
                let why = "no NHS number, and somebody on file with the same date of birth has a name like this";
                return Ok(unsure(Objection::to_row(why), Some(alike.id)));
            }
        }
        let likeness = given.born.map(|born| self.likeness(&given.surname, &given.forename, born));
        if likeness.is_some_and(alike_in_list) {
            let why = "no NHS number, and another row of this list has the same name and date of birth";
            return Ok(unsure(Objection::to_row(why), None));
        }
        Ok(Who::Nobody)
    }

    fn with_number(&mut self, cells: Cells<'_>, number: NhsNumber, given: &Identity) -> Result<Who, Fault> {
        let Some(found) = self.by_number(number)? else {
            let likeness = given.born.map(|born| self.likeness(&given.surname, &given.forename, born));
            let Some(likeness) = likeness else { return Ok(Who::Nobody) };
            if !self.likenesses_on_file()?.contains(&likeness) {
                return Ok(Who::Nobody);
            }
            let namesakes = self.namesakes(given)?;
            let Some(alike) = namesakes.first() else { return Ok(Who::Nobody) };
            self.met.insert(alike.id);
            let why = match alike.nhs_number {
                None => "somebody on file without an NHS number has the same name and date of birth",
                Some(_) => "somebody on file with another NHS number has the same name and date of birth",
            };
            return Ok(unsure(Objection::to_row(why), Some(alike.id)));
        };
        let object = |field, why: &str| {
            let value = cells.get(field).map(str::to_owned);
            unsure(Objection { column: cells.header(field), value, reason: why.to_owned() }, Some(found.id))
        };
        let same = |a: &Line, b: &Line| same_but_for_lost_letters(b, a);
        let other_day = matches!((given.born, found.born), (Some(here), Some(there)) if here != there);
        let named = if cells.get(Field::Surname).is_some() { Field::Surname } else { Field::FullName };
        let surnames = same(&given.surname, &found.surname);
        let forenames =
            same(&given.forename, &found.forename) || one_begins_the_other(&given.forename, &found.forename);
        let reordered = same_words((&given.surname, &given.forename), (&found.surname, &found.forename));
        // Another surname may be a marriage, another forename a twin: neither is for a program to say.
        let named_alike = reordered || (surnames && forenames);
        Ok(if other_day {
            object(Field::Born, "the person on file with this NHS number has another date of birth")
        } else if !named_alike {
            object(named, "the person on file with this NHS number has another name")
        } else if found.standing == Standing::Died {
            object(Field::NhsNumber, "the person on file with this NHS number is recorded as having died")
        } else {
            Who::Known(Box::new(found))
        })
    }
}

fn unsure(why: Objection, person: Option<PersonId>) -> Who {
    Who::Unsure(Box::new(Doubt { why, person, waits_already: false }))
}

/// Whether one forename is the other with more to it: `Elizabeth`, `Elizabeth Ann`; `J`, `Jean`.
fn one_begins_the_other(a: &Line, b: &Line) -> bool {
    let (a, b) = (fold(a.as_str()), fold(b.as_str()));
    a.starts_with(&b) || b.starts_with(&a)
}

/// Name and day of a row, where it has a number: so that a row without one is not taken for somebody else.
pub(super) fn numbered_likeness(register: &Register<'_>, cells: Cells<'_>, today: Day) -> Option<u64> {
    NhsNumber::parse(cells.get(Field::NhsNumber)?).ok()?;
    let born = super::days::born(cells.get(Field::Born)?, cells.reading(Field::Born), today).ok()?;
    let (surname, forename) = match (cells.get(Field::Surname), cells.get(Field::Forename)) {
        (Some(surname), Some(forename)) => (Line::parse(surname).ok()?, Line::parse(forename).ok()?),
        _ => {
            let parted = names::part(cells.get(Field::FullName)?).ok()?;
            (parted.surname, parted.forename)
        }
    };
    Some(register.likeness(&surname, &forename, born))
}
