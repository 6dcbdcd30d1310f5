//! What one row says of a person, read and checked: who is meant, and what the list knows of them.

use sha2::{Digest as _, Sha256};

use crate::domain::band::{Band, Score};
use crate::domain::change::{Change, Mint, Record, add};
use crate::domain::day::Day;
use crate::domain::id::OrganisationId;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::organisation::{Organisation, OrganisationKind};
use crate::domain::person::{Person, Residence, Sex};
use crate::domain::sharing::Sharing;
use crate::domain::text::{LINE_LIMIT, Line, fold};
use crate::store::log::hex;

use super::Objection;
use super::cells::{Cells, Sieve};
use super::field::Field;
use super::names;
use super::values;

use std::collections::{HashMap, HashSet};

/// Who a row means, by its own words.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Identity {
    pub(super) number: Option<NhsNumber>,
    pub(super) surname: Line,
    pub(super) forename: Line,
    pub(super) preferred: Option<Line>,
    pub(super) title: Option<Line>,
    pub(super) born: Option<Day>,
    /// No comma said where the surname begins.
    pub(super) guessed: bool,
}

impl Identity {
    /// Reads it; faults go to the sieve.
    pub(super) fn read(sieve: &Sieve<'_>) -> Option<Self> {
        let number = sieve.take(Field::NhsNumber, values::nhs_number);
        let born = sieve.born();
        let cells = sieve.cells;
        let whole = cells.get(Field::Surname).is_none() && cells.get(Field::Forename).is_none();
        let name = if whole && cells.get(Field::FullName).is_some() {
            sieve.take(Field::FullName, names::part)
        } else if whole && !cells.has(Field::Surname) && cells.has(Field::FullName) {
            sieve.object(Field::FullName, "this cannot be blank");
            None
        } else {
            let preferred = sieve.line(Field::Preferred);
            let title = sieve.line(Field::Title);
            let (surname, forename) = (sieve.need(Field::Surname), sieve.need(Field::Forename));
            surname.zip(forename).map(|(surname, forename)| names::Parted {
                surname,
                forename,
                preferred,
                title,
                guessed: false,
            })
        };
        if cells.get(Field::NhsNumber).is_none() && cells.get(Field::Born).is_none() {
            sieve.object_to_row(
                "neither an NHS number nor a date of birth: nobody can be told apart; expected one of them",
            );
        }
        let names::Parted { surname, forename, preferred, title, guessed } = name?;
        Some(Self { number, surname, forename, preferred, title, born, guessed })
    }

    /// The number, name and day of birth as they are compared, for a row that is to be known again.
    pub(super) fn alike(&self) -> String {
        let number = self.number.map(NhsNumber::digits).unwrap_or_default();
        let born = self.born.map(Day::iso).unwrap_or_default();
        short(format!("{number}|{}|{}|{born}", fold(self.surname.as_str()), fold(self.forename.as_str())))
    }

    /// The same of a request for this person: several may wait side by side.
    pub(super) fn alike_for(&self, request: &str) -> String {
        if request.is_empty() { self.alike() } else { short(format!("{}{FOR}{request}", self.alike())) }
    }
}

/// Between who is meant and what is asked for them.
const FOR: char = '‖';

/// Who is meant, of what [`Identity::alike_for`] gave.
pub(super) fn who_of(alike: &str) -> &str {
    alike.split_once(FOR).map_or(alike, |(who, _)| who)
}

/// Two very long names are longer together than a line may be.
fn short(alike: String) -> String {
    if alike.chars().count() <= LINE_LIMIT { alike } else { hex(&Sha256::digest(&alike)) }
}

/// A practice as a list names it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Practice {
    pub(super) code: Option<Line>,
    pub(super) name: Line,
    /// The list calls its column a practice or a surgery.
    pub(super) said: bool,
}

/// The tool of a band that is the frailty index in a word.
pub(super) const EFI: &str = "eFI";

/// What a row of a caseload list says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Given {
    pub(super) who: Identity,
    pub(super) sex: Option<Sex>,
    pub(super) address: Option<Line>,
    pub(super) postcode: Option<Line>,
    pub(super) phone: Option<Line>,
    pub(super) practice: Option<Practice>,
    pub(super) named_gp: Option<Line>,
    pub(super) council: Option<Line>,
    pub(super) residence: Option<Residence>,
    pub(super) band: Option<(Band, Line)>,
    /// The band is the frailty index in a word: no other tool's band gives way to it.
    pub(super) band_by_efi: bool,
    pub(super) tool: Option<Line>,
    pub(super) score: Option<Score>,
    pub(super) score_on: Option<Day>,
    pub(super) efi: Option<Score>,
    pub(super) cfs: Option<i64>,
    pub(super) cfs_on: Option<Day>,
    pub(super) conditions: Option<i64>,
    pub(super) attendances: Option<i64>,
    pub(super) admissions: Option<i64>,
    pub(super) out_of_hours: Option<i64>,
    pub(super) admitted_on: Option<Day>,
    pub(super) lives_alone: Option<bool>,
    pub(super) housebound: Option<bool>,
    pub(super) has_carer: Option<bool>,
    pub(super) care_home: Option<bool>,
    pub(super) palliative: Option<bool>,
    pub(super) respect: Option<bool>,
    pub(super) coordinator: Option<Line>,
    pub(super) sharing: Option<Sharing>,
    pub(super) risk_objection: Option<bool>,
}

impl Given {
    /// Reads a row, or says everything that is wrong with it. `band` reads the list's own band.
    pub(super) fn read(
        cells: Cells<'_>,
        today: Day,
        band: impl FnOnce(&str) -> Result<Band, values::Why>,
    ) -> Result<Self, Vec<Objection>> {
        let it = Sieve::new(cells, today);
        let who = Identity::read(&it);
        let efi_only = !cells.has(Field::Band);
        let banding = if efi_only { Field::EfiCategory } else { Field::Band };
        let band = it.take(banding, |cell| Ok((band(cell)?, values::line(cell)?)));
        let tool = it.line(Field::Tool);
        let given = who.map(|who| Self {
            who,
            sex: it.take(Field::Sex, |cell| Ok(values::sex(cell))),
            address: it.line(Field::Address),
            postcode: it.take(Field::Postcode, |cell| values::line(&cell.to_uppercase())),
            phone: it.line(Field::Phone),
            practice: practice(&it),
            named_gp: it.line(Field::NamedGp),
            council: it.line(Field::Council),
            residence: it.take(Field::Residence, values::residence).flatten(),
            band_by_efi: efi_only && band.is_some(),
            band,
            tool,
            score: it.take(Field::Score, values::score),
            score_on: it.past(Field::ScoreOn),
            efi: it.take(Field::Efi, values::efi),
            cfs: it.take(Field::Cfs, values::cfs),
            cfs_on: it.past(Field::CfsOn),
            conditions: it.take(Field::Conditions, values::count),
            attendances: it.take(Field::Attendances, values::count),
            admissions: it.take(Field::Admissions, values::count),
            out_of_hours: it.take(Field::OutOfHours, values::count),
            admitted_on: it.past(Field::AdmittedOn),
            lives_alone: it.take(Field::LivesAlone, values::yes),
            housebound: it.take(Field::Housebound, values::yes),
            has_carer: it.take(Field::HasCarer, values::yes),
            care_home: it.take(Field::CareHome, values::yes),
            palliative: it.take(Field::Palliative, values::yes),
            respect: it.take(Field::Respect, values::yes),
            coordinator: it.line(Field::Coordinator),
            sharing: it.take(Field::Sharing, values::sharing).flatten(),
            risk_objection: it.take(Field::RiskObjection, values::yes),
        });
        let faults = it.faults();
        match given {
            Some(given) if faults.is_empty() => Ok(given),
            _ => Err(faults),
        }
    }
}

impl Given {
    /// Leaves out whatever is on file already: for a row that waited while later lists came in.
    pub(super) fn leave_what_is_known(&mut self, seen: &Person) {
        fn leave<T, U>(given: &mut Option<T>, known: Option<&U>) {
            if known.is_some() {
                *given = None;
            }
        }
        leave(&mut self.who.preferred, seen.preferred.as_ref());
        leave(&mut self.who.title, seen.title.as_ref());
        self.who.surname = seen.surname.clone();
        self.who.forename = seen.forename.clone();
        leave(&mut self.sex, (seen.sex != Sex::Unknown).then_some(&seen.sex));
        leave(&mut self.address, seen.address.as_ref());
        leave(&mut self.postcode, seen.postcode.as_ref());
        leave(&mut self.phone, seen.phone.as_ref());
        leave(&mut self.practice, seen.practice.as_ref());
        leave(&mut self.named_gp, seen.named_gp.as_ref());
        leave(&mut self.council, seen.council.as_ref());
        leave(&mut self.residence, (seen.residence != Residence::NotRecorded).then_some(&()));
        leave(&mut self.care_home, (seen.residence != Residence::NotRecorded).then_some(&()));
        leave(&mut self.band, seen.band.as_ref());
        leave(&mut self.score, seen.score.as_ref());
        leave(&mut self.score_on, seen.score_on.as_ref());
        leave(&mut self.efi, seen.efi.as_ref());
        leave(&mut self.cfs, seen.cfs.as_ref());
        leave(&mut self.cfs_on, seen.cfs_on.as_ref());
        leave(&mut self.conditions, seen.conditions.as_ref());
        leave(&mut self.attendances, seen.attendances.as_ref());
        leave(&mut self.admissions, seen.admissions.as_ref());
        leave(&mut self.out_of_hours, seen.out_of_hours.as_ref());
        leave(&mut self.admitted_on, seen.admitted_on.as_ref());
        leave(&mut self.lives_alone, seen.lives_alone.as_ref());
        leave(&mut self.housebound, seen.housebound.as_ref());
        leave(&mut self.has_carer, seen.has_carer.as_ref());
        leave(&mut self.palliative, seen.palliative.as_ref());
        leave(&mut self.respect, seen.respect.as_ref());
        leave(&mut self.sharing, (seen.sharing != Sharing::NotRecorded).then_some(&()));
    }
}

/// The practice of a row, by code, name, or both in one cell.
pub(super) fn practice(it: &Sieve<'_>) -> Option<Practice> {
    let header = fold(&it.cells.header(Field::PracticeName));
    let said = header.contains("practice") || header.contains("surgery");
    match (it.line(Field::PracticeCode), it.line(Field::PracticeName)) {
        (None, Some(name)) => Some(Practice { said, ..code_and_name(name) }),
        (code, Some(name)) => Some(Practice { code, name, said }),
        (Some(code), None) => Some(Practice { name: code.clone(), code: Some(code), said: true }),
        (None, None) => None,
    }
}

/// `Z81729 Spring Health Centre`: many lists have a practice's code and name in one cell. A code is a letter and five digits.
fn code_and_name(cell: Line) -> Practice {
    let parts = cell.as_str().split_once(' ').filter(|(code, _)| {
        let (letter, digits) = code.split_at_checked(1).unwrap_or_default();
        letter.bytes().all(|b| b.is_ascii_uppercase())
            && digits.len() == 5
            && digits.bytes().all(|b| b.is_ascii_digit())
    });
    let lines = parts
        .and_then(|(code, name)| Line::parse(code).ok().zip(Line::parse(name.trim_start_matches(['-', ' '])).ok()));
    match lines {
        Some((code, name)) => Practice { code: Some(code), name, said: true },
        None => Practice { code: None, name: cell, said: false },
    }
}

/// Practices on file and those that lists add.
#[derive(Default)]
pub(super) struct Practices {
    by_code: HashMap<String, OrganisationId>,
    /// By name: the organisation, and whether its code is known.
    by_name: HashMap<String, (OrganisationId, bool)>,
    /// What was found last: lists come practice by practice.
    last: Option<(Practice, OrganisationId)>,
    /// Those that are practices.
    practices: HashSet<OrganisationId>,
    /// Whether other organisations count too: whoever asks to discuss somebody may be a charity.
    any_kind: bool,
    /// How many were added.
    pub(super) added: i64,
}

impl Practices {
    /// The practices on file: a care home of the same name is none.
    pub(super) fn new(organisations: &[Record<Organisation>]) -> Self {
        Self::those(organisations.iter().filter(|it| it.kind == OrganisationKind::Practice), false)
    }

    /// Every organisation on file.
    pub(super) fn of_any_kind(organisations: &[Record<Organisation>]) -> Self {
        Self::those(organisations.iter(), true)
    }

    fn those<'o>(organisations: impl Iterator<Item = &'o Record<Organisation>>, any_kind: bool) -> Self {
        let mut practices = Self { any_kind, ..Self::default() };
        for organisation in organisations {
            if organisation.kind == OrganisationKind::Practice {
                practices.practices.insert(organisation.id);
            }
            if let Some(code) = &organisation.code {
                practices.by_code.insert(fold(code.as_str()), organisation.id);
            }
            let coded = organisation.code.is_some();
            practices.by_name.entry(fold(organisation.name.as_str())).or_insert((organisation.id, coded));
        }
        practices
    }

    /// The practice's id, and the change that adds it where it is not on file.
    pub(super) fn id(&mut self, practice: &Practice, mint: &mut Mint, changes: &mut Vec<Change>) -> OrganisationId {
        if let Some((last, id)) = &self.last
            && last == practice
        {
            return *id;
        }
        let id = self.look(practice, mint, changes);
        self.last = Some((practice.clone(), id));
        id
    }

    /// Whether it is a practice.
    pub(super) fn is_practice(&self, id: OrganisationId) -> bool {
        self.practices.contains(&id)
    }

    /// The practice's id, where it is on file or was added before.
    pub(super) fn known(&self, practice: &Practice) -> Option<OrganisationId> {
        // A code decides. A name does only where the list or the file knows no code.
        let code = practice.code.as_ref().map(|code| fold(code.as_str()));
        if let Some(id) = code.as_ref().and_then(|code| self.by_code.get(code)) {
            return Some(*id);
        }
        let (id, coded) = self.by_name.get(&fold(practice.name.as_str()))?;
        (code.is_none() || !coded).then_some(*id)
    }

    fn look(&mut self, practice: &Practice, mint: &mut Mint, changes: &mut Vec<Change>) -> OrganisationId {
        if let Some(id) = self.known(practice) {
            return id;
        }
        let code = practice.code.as_ref().map(|code| fold(code.as_str()));
        let name = fold(practice.name.as_str());
        let id = mint.mint();
        // Of a name alone only its words say whether it is a practice.
        let sounds = ["surgery", "practice", "medical", "health centre", "gp"].iter().any(|word| name.contains(word));
        let kind = if self.any_kind && code.is_none() && !practice.said && !sounds {
            OrganisationKind::Other
        } else {
            self.practices.insert(id);
            OrganisationKind::Practice
        };
        let value = Organisation { name: practice.name.clone(), kind, code: practice.code.clone() };
        changes.push(add(id, value));
        self.added += 1;
        self.by_name.entry(name).or_insert((id, code.is_some()));
        self.by_code.extend(code.map(|code| (code, id)));
        id
    }

    /// The one organisation whose name stands in a text, such as the title of a sheet.
    pub(super) fn named_in(&self, text: &str) -> Option<OrganisationId> {
        let text = fold(text);
        let mut found = self.by_name.iter().filter(|(name, _)| text.contains(name.as_str()) && name.len() > 3);
        match (found.next(), found.next()) {
            (Some((_, (id, _))), None) => Some(*id),
            _ => None,
        }
    }
}
