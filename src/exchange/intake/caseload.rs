//! A row of a caseload list: who is meant, and what the list knows of them.
//!
//! Matching is by NHS number within the team. What could be somebody else is queued for a person to look at. A list adds
//! what it knows: an empty cell never erases, and what the team set itself (sharing basis, key worker, plan, a band set
//! with a reason) is never overwritten.

use std::collections::{HashMap, HashSet};

use crate::domain::band::{Band, BandEntry, Score};
use crate::domain::change::{Change, Mint, Record, add, replace};
use crate::domain::day::Day;
use crate::domain::id::{MemberId, OrganisationId, PersonId};
use crate::domain::key_worker::KeyWorker;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::organisation::{Organisation, OrganisationKind};
use crate::domain::person::{Person, Residence, Sex, Standing};
use crate::domain::text::{Line, fold};
use crate::store::fault::Fault;

use super::columns::{self, Guess};
use super::csv::{Row, Source};
use super::report::Report;
use super::values::{self, Why};
use super::{Desk, Judge, Objection, Verdict};

/// What one row says, read and checked.
struct Given {
    number: Option<NhsNumber>,
    surname: Line,
    forename: Line,
    preferred: Option<Line>,
    title: Option<Line>,
    born: Option<Day>,
    sex: Option<Sex>,
    address: Option<Line>,
    postcode: Option<Line>,
    phone: Option<Line>,
    practice: Option<Practice>,
    named_gp: Option<Line>,
    council: Option<Line>,
    band: Option<(Band, Line)>,
    tool: Option<Line>,
    score: Option<Score>,
    score_on: Option<Day>,
    efi: Option<Score>,
    cfs: Option<i64>,
    cfs_on: Option<Day>,
    conditions: Option<i64>,
    attendances: Option<i64>,
    admissions: Option<i64>,
    out_of_hours: Option<i64>,
    admitted_on: Option<Day>,
    lives_alone: Option<bool>,
    housebound: Option<bool>,
    has_carer: Option<bool>,
    care_home: Option<bool>,
    palliative: Option<bool>,
    respect: Option<bool>,
    coordinator: Option<String>,
}

struct Practice {
    code: Option<Line>,
    name: Line,
}

/// Whom a row means.
enum Who {
    /// Somebody on file.
    Known(Box<Record<Person>>),
    /// Somebody who is not on file.
    Nobody,
    /// Perhaps somebody on file: a person has to look.
    Unsure(Objection),
    /// Somebody of an earlier row.
    Refused(Objection),
}

/// Surname, forename and day of birth as they are compared.
type Likeness = (String, String, Day);

fn likeness(surname: &Line, forename: &Line, born: Option<Day>) -> Option<Likeness> {
    born.map(|born| (fold(surname.as_str()), fold(forename.as_str()), born))
}

/// Judges the rows of a caseload list.
pub struct Caseload<'d> {
    desk: &'d Desk<'d>,
    source: &'d Source,
    guess: &'d Guess,
    mint: Mint,
    /// Who is on file with a number: most rows of a first list are nobody's, and need not be looked for.
    on_file: HashSet<NhsNumber>,
    /// Whether anybody is on file without a number.
    unnumbered_on_file: bool,
    by_code: HashMap<String, OrganisationId>,
    /// By name: the organisation, and whether its code is known.
    by_name: HashMap<String, (OrganisationId, bool)>,
    members: Vec<(String, MemberId)>,
    numbers: HashMap<NhsNumber, u64>,
    /// Everyone of this list who has a number, so that a row without one is not taken for somebody else. Read when
    /// the first such row comes.
    numbered: Option<HashSet<Likeness>>,
    unnumbered: HashMap<Likeness, u64>,
    met: HashSet<PersonId>,
    tally: Tally,
}

#[derive(Default)]
struct Tally {
    climbed: i64,
    fallen: i64,
    kept_bands: i64,
    key_workers: i64,
    organisations: i64,
}

impl<'d> Caseload<'d> {
    /// Reads what matching needs: organisations, members, and the numbers on file.
    ///
    /// # Errors
    /// A fault of the team's file.
    pub fn new(desk: &'d Desk<'d>, source: &'d Source, guess: &'d Guess, mint: Mint) -> Result<Self, Fault> {
        let (mut by_code, mut by_name) = (HashMap::new(), HashMap::new());
        for organisation in desk.reader.organisations()? {
            if let Some(code) = &organisation.code {
                by_code.insert(fold(code.as_str()), organisation.id);
            }
            let coded = organisation.code.is_some();
            by_name.entry(fold(organisation.name.as_str())).or_insert((organisation.id, coded));
        }
        let members = desk.reader.members(desk.team.id)?;
        let members = members.iter().filter(|member| member.left_on.is_none());
        let (on_file, unnumbered) = desk.reader.numbers_on_file(desk.team.id)?;
        Ok(Self {
            desk,
            source,
            guess,
            mint,
            on_file,
            unnumbered_on_file: unnumbered > 0,
            by_code,
            by_name,
            members: members.map(|member| (fold(member.name.as_str()), member.id)).collect(),
            numbers: HashMap::new(),
            numbered: None,
            unnumbered: HashMap::new(),
            met: HashSet::new(),
            tally: Tally::default(),
        })
    }

    /// Whether a row of this list that has a number shows the same name and date of birth.
    fn is_numbered(&mut self, alike: &Likeness) -> bool {
        let numbered = self.numbered.take().unwrap_or_else(|| self.everyone_numbered());
        self.numbered.insert(numbered).contains(alike)
    }

    fn everyone_numbered(&self) -> HashSet<Likeness> {
        self.source
            .rows(self.guess.header_line(), self.guess.width())
            .filter_map(Result::ok)
            .filter(|row| row.damage.is_none())
            .filter_map(|row| self.numbered_likeness(&row))
            .collect()
    }

    fn numbered_likeness(&self, row: &Row) -> Option<Likeness> {
        NhsNumber::parse(self.guess.cell(row, "nhs_number")?).ok()?;
        let surname = Line::parse(self.guess.cell(row, "surname")?).ok()?;
        let forename = Line::parse(self.guess.cell(row, "forename")?).ok()?;
        likeness(&surname, &forename, values::day(self.guess.cell(row, "born")?).ok())
    }

    fn today(&self) -> Day {
        self.desk.now.today
    }

    /// Reads a cell, or objects to it under the name of its column.
    fn take<T>(
        &self,
        row: &Row,
        field: &str,
        read: impl FnOnce(&str) -> Result<T, Why>,
    ) -> Result<Option<T>, Objection> {
        let object = |reason| Objection { column: self.guess.header_of(field), reason };
        self.guess.cell(row, field).map(read).transpose().map_err(object)
    }

    fn need(&self, row: &Row, field: &str) -> Result<Line, Objection> {
        self.take(row, field, values::line)?
            .ok_or_else(|| Objection { column: self.guess.header_of(field), reason: "this cannot be blank".to_owned() })
    }

    fn read(&self, row: &Row) -> Result<Given, Objection> {
        let today = self.today();
        let past = |cell: &str| values::past_day(cell, today);
        let given = Given {
            number: self.take(row, "nhs_number", values::nhs_number)?,
            surname: self.need(row, "surname")?,
            forename: self.need(row, "forename")?,
            born: self.take(row, "born", |cell| values::born(cell, today))?,
            preferred: self.take(row, "preferred", values::line)?,
            title: self.take(row, "title", values::line)?,
            sex: self.take(row, "sex", |cell| Ok(values::sex(cell)))?,
            address: self.take(row, "address", values::line)?,
            postcode: self.take(row, "postcode", |cell| values::line(&cell.to_uppercase()))?,
            phone: self.take(row, "phone", values::line)?,
            practice: self.practice(row)?,
            named_gp: self.take(row, "named_gp", values::line)?,
            council: self.take(row, "council", values::line)?,
            band: self.take(row, "band", band)?,
            tool: self.take(row, "tool", values::line)?,
            score: self.take(row, "score", values::score)?,
            score_on: self.take(row, "score_on", past)?,
            efi: self.take(row, "efi", values::efi)?,
            cfs: self.take(row, "cfs", values::cfs)?,
            cfs_on: self.take(row, "cfs_on", past)?,
            conditions: self.take(row, "conditions", values::count)?,
            attendances: self.take(row, "attendances", values::count)?,
            admissions: self.take(row, "admissions", values::count)?,
            out_of_hours: self.take(row, "out_of_hours", values::count)?,
            admitted_on: self.take(row, "admitted_on", past)?,
            lives_alone: self.take(row, "lives_alone", values::yes)?,
            housebound: self.take(row, "housebound", values::yes)?,
            has_carer: self.take(row, "has_carer", values::yes)?,
            care_home: self.take(row, "care_home", values::yes)?,
            palliative: self.take(row, "palliative", values::yes)?,
            respect: self.take(row, "respect", values::yes)?,
            coordinator: self.guess.cell(row, "coordinator").map(fold),
        };
        if given.number.is_none() && given.born.is_none() {
            return Err(Objection::to_row("neither an NHS number nor a date of birth: nobody can be told apart"));
        }
        Ok(given)
    }

    fn practice(&self, row: &Row) -> Result<Option<Practice>, Objection> {
        let code = self.take(row, "practice_code", values::line)?;
        let name = self.take(row, "practice_name", values::line)?;
        Ok(match (code, name) {
            (None, Some(name)) => Some(code_and_name(name)),
            (code, Some(name)) => Some(Practice { code, name }),
            (Some(code), None) => Some(Practice { name: code.clone(), code: Some(code) }),
            (None, None) => None,
        })
    }

    /// Whom the row means.
    fn who(&mut self, row: &Row, given: &Given) -> Result<Who, Fault> {
        match given.number {
            None => self.without_number(row, given),
            Some(number) => self.with_number(number, given),
        }
    }

    fn by_number(&self, number: NhsNumber) -> Result<Option<Record<Person>>, Fault> {
        if !self.on_file.contains(&number) {
            return Ok(None);
        }
        self.desk.reader.person_by_number(self.desk.team.id, number)
    }

    fn namesakes(&self, given: &Given) -> Result<Vec<Record<Person>>, Fault> {
        given.born.map_or_else(
            || Ok(Vec::new()),
            |born| self.desk.reader.people_alike(self.desk.team.id, &given.surname, &given.forename, Some(born)),
        )
    }

    /// Whoever a refused row names by number is on the list all the same.
    fn meet(&mut self, row: &Row) -> Result<(), Fault> {
        let number = self.guess.cell(row, "nhs_number").and_then(|cell| NhsNumber::parse(cell).ok());
        if let Some(number) = number {
            let found = self.by_number(number)?;
            self.met.extend(found.map(|person| person.id));
        }
        Ok(())
    }

    fn without_number(&mut self, row: &Row, given: &Given) -> Result<Who, Fault> {
        let alike = likeness(&given.surname, &given.forename, given.born);
        let namesakes = self.namesakes(given)?;
        self.met.extend(namesakes.iter().map(|person| person.id));
        let earlier = alike.clone().and_then(|alike| self.unnumbered.insert(alike, row.line));
        if let Some(line) = earlier {
            return Ok(Who::Refused(Objection::to_row(format!("line {line} has the same name and date of birth"))));
        }
        if !namesakes.is_empty() {
            let why = "no NHS number, and somebody on file has the same name and date of birth";
            return Ok(Who::Unsure(Objection::to_row(why)));
        }
        if alike.is_some_and(|alike| self.is_numbered(&alike)) {
            let why = "no NHS number, and another row of this list has the same name and date of birth";
            return Ok(Who::Unsure(Objection::to_row(why)));
        }
        Ok(Who::Nobody)
    }

    fn with_number(&mut self, number: NhsNumber, given: &Given) -> Result<Who, Fault> {
        let unsure =
            |field, why: &str| Who::Unsure(Objection { column: self.guess.header_of(field), reason: why.to_owned() });
        let Some(found) = self.by_number(number)? else {
            let namesakes = if self.unnumbered_on_file { self.namesakes(given)? } else { Vec::new() };
            let Some(alike) = namesakes.iter().find(|person| person.nhs_number.is_none()) else {
                return Ok(Who::Nobody);
            };
            self.met.insert(alike.id);
            let why = "somebody on file without an NHS number has the same name and date of birth";
            return Ok(Who::Unsure(Objection::to_row(why)));
        };
        self.met.insert(found.id);
        let same = |a: &Line, b: &Line| fold(a.as_str()) == fold(b.as_str());
        let other_day = matches!((given.born, found.born), (Some(here), Some(there)) if here != there);
        Ok(if other_day {
            unsure("born", "the person on file with this NHS number has another date of birth")
        } else if !same(&given.surname, &found.surname) && !same(&given.forename, &found.forename) {
            unsure("surname", "the person on file with this NHS number has another name")
        } else if found.standing == Standing::Died {
            unsure("nhs_number", "the person on file with this NHS number is recorded as having died")
        } else {
            Who::Known(Box::new(found))
        })
    }

    /// The practice's id, and the change that adds it where it is not on file.
    fn practice_id(&mut self, practice: &Practice, changes: &mut Vec<Change>) -> OrganisationId {
        // A code decides. A name does only where the list or the file knows no code.
        let code = practice.code.as_ref().map(|code| fold(code.as_str()));
        let name = fold(practice.name.as_str());
        if let Some(id) = code.as_ref().and_then(|code| self.by_code.get(code)) {
            return *id;
        }
        if let Some((id, coded)) = self.by_name.get(&name)
            && (code.is_none() || !coded)
        {
            return *id;
        }
        let id = self.mint.mint();
        let value =
            Organisation { name: practice.name.clone(), kind: OrganisationKind::Practice, code: practice.code.clone() };
        changes.push(add(id, value));
        self.tally.organisations += 1;
        self.by_name.entry(name).or_insert((id, code.is_some()));
        self.by_code.extend(code.map(|code| (code, id)));
        id
    }

    fn set_out(&mut self, given: &Given, seen: Option<Record<Person>>) -> Result<Verdict, Fault> {
        let mut changes = Vec::new();
        let practice = given.practice.as_ref().map(|practice| self.practice_id(practice, &mut changes));
        let id = seen.as_ref().map_or_else(|| self.mint.mint(), |seen| seen.id);
        let mut now = seen.as_ref().map_or_else(
            || Person::new(self.desk.team.id, given.surname.clone(), given.forename.clone()),
            |seen| seen.value.clone(),
        );
        merge(&mut now, given);
        now.practice = practice.or(now.practice);
        let entry = self.move_band(id, &mut now, given, seen.is_some())?;
        match &seen {
            None => changes.push(add(id, now)),
            Some(seen) if seen.value != now => changes.push(replace(seen, now)),
            Some(_) => {}
        }
        changes.extend(entry.map(|entry| add(self.mint.mint(), entry)));
        if let Some(period) = self.key_worker(id, given, seen.is_some())? {
            self.tally.key_workers += 1;
            changes.push(add(self.mint.mint(), period));
        }
        Ok(match (seen, changes.is_empty()) {
            (None, _) => Verdict::New(changes),
            (Some(_), false) => Verdict::Changed(changes),
            (Some(_), true) => Verdict::Unchanged,
        })
    }

    /// The band of the list, where it is another one, is not older, and no professional set the one on file.
    fn move_band(
        &mut self,
        id: PersonId,
        now: &mut Person,
        given: &Given,
        on_file: bool,
    ) -> Result<Option<BandEntry>, Fault> {
        let Some((band, label)) = given.band.clone() else { return Ok(None) };
        let on = given.score_on.unwrap_or(self.today());
        if now.band == Some(band) || now.band_on.is_some_and(|since| on < since) {
            return Ok(None);
        }
        let set_by_a_professional =
            on_file && self.desk.reader.band_history(id)?.first().is_some_and(|entry| entry.overridden);
        if set_by_a_professional {
            self.tally.kept_bands += 1;
            return Ok(None);
        }
        let before = now.band;
        match before.map(Band::rank) {
            Some(rank) if band.rank() < rank => self.tally.climbed += 1,
            Some(_) => self.tally.fallen += 1,
            None => {}
        }
        now.band = Some(band);
        now.band_on = Some(on);
        let set_by = given.tool.as_ref().map_or_else(
            || Line::parse("imported list"),
            |tool| Line::parse(&format!("{} list", tool.as_str().chars().take(200).collect::<String>())),
        );
        // Both texts are short and never blank, so a line can hold them.
        let set_by = set_by.unwrap_or_else(|_| label.clone());
        Ok(Some(BandEntry {
            person: id,
            band,
            before,
            on,
            set_by,
            tool: given.tool.clone(),
            score: given.score,
            label: Some(label),
            reason: None,
            overridden: false,
        }))
    }

    /// A key worker from the list: only where nobody is, the name is one member's, and the team has not ended it before.
    fn key_worker(&self, person: PersonId, given: &Given, on_file: bool) -> Result<Option<KeyWorker>, Fault> {
        let Some(name) = &given.coordinator else { return Ok(None) };
        let mut named = self.members.iter().filter(|(member, _)| member == name);
        let (Some((_, member)), None) = (named.next(), named.next()) else { return Ok(None) };
        if on_file {
            let past = self.desk.reader.key_workers(person)?;
            if past.iter().any(|period| period.until.is_none() || period.member == *member) {
                return Ok(None);
            }
        }
        Ok(Some(KeyWorker { person, member: *member, since: self.today(), until: None, ended_why: None }))
    }
}

impl Judge for Caseload<'_> {
    fn judge(&mut self, row: &Row) -> Result<Verdict, Fault> {
        let given = match self.read(row) {
            Ok(given) => given,
            Err(objection) => {
                self.meet(row)?;
                return Ok(Verdict::Refused(objection));
            }
        };
        if let Some(number) = given.number {
            if let Some(line) = self.numbers.get(&number) {
                let column = self.guess.header_of("nhs_number");
                return Ok(Verdict::Refused(Objection {
                    column,
                    reason: format!("line {line} has the same NHS number"),
                }));
            }
            self.numbers.insert(number, row.line);
        }
        match self.who(row, &given)? {
            Who::Known(seen) => self.set_out(&given, Some(*seen)),
            Who::Nobody => self.set_out(&given, None),
            Who::Unsure(why) => Ok(Verdict::Queued(why)),
            Who::Refused(why) => Ok(Verdict::Refused(why)),
        }
    }

    fn mint(&self) -> &Mint {
        &self.mint
    }

    fn conclude(&mut self, report: &mut Report) -> Result<(), Fault> {
        report.climbed = self.tally.climbed;
        report.fallen = self.tally.fallen;
        report.kept_bands = self.tally.kept_bands;
        report.key_workers = self.tally.key_workers;
        report.organisations = self.tally.organisations;
        for id in self.desk.reader.active_ids(self.desk.team.id)? {
            if self.met.contains(&id) {
                continue;
            }
            if let Some(person) = self.desk.reader.get::<Person>(id)? {
                let end = person.nhs_number.map(|number| number.digits().chars().skip(6).collect::<String>());
                let end = end.map_or_else(|| "no number".to_owned(), |end| format!("…{end}"));
                report.missing.push(format!("{} {end}", person.initials()));
            }
        }
        Ok(())
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
        Some((code, name)) => Practice { code: Some(code), name },
        None => Practice { code: None, name: cell },
    }
}

fn band(cell: &str) -> Result<(Band, Line), Why> {
    let band = columns::band(cell).ok_or_else(|| "not a band; write High, Medium or Low".to_owned())?;
    Ok((band, values::line(cell)?))
}

/// Puts what the list knows into the person; what it does not know stays.
fn merge(now: &mut Person, given: &Given) {
    let same = |a: &Line, b: &Line| fold(a.as_str()) == fold(b.as_str());
    // `SMITH` and `Smith` are one name: the team's way of writing it stays.
    if !same(&now.surname, &given.surname) {
        now.surname = given.surname.clone();
    }
    if !same(&now.forename, &given.forename) {
        now.forename = given.forename.clone();
    }
    now.nhs_number = now.nhs_number.or(given.number);
    now.born = now.born.or(given.born);
    now.sex = given.sex.filter(|sex| *sex != Sex::Unknown).unwrap_or(now.sex);
    fill(&mut now.preferred, given.preferred.as_ref());
    fill(&mut now.title, given.title.as_ref());
    fill(&mut now.address, given.address.as_ref());
    fill(&mut now.postcode, given.postcode.as_ref());
    fill(&mut now.phone, given.phone.as_ref());
    fill(&mut now.named_gp, given.named_gp.as_ref());
    fill(&mut now.council, given.council.as_ref());
    // An older list must not put an older score in the place of a newer one.
    let older =
        |there: Option<Day>, here: Option<Day>| matches!((there, here), (Some(there), Some(here)) if here < there);
    if !older(now.score_on, given.score_on) {
        fill(&mut now.score, given.score.as_ref());
        fill(&mut now.score_tool, given.tool.as_ref());
        fill(&mut now.score_on, given.score_on.as_ref());
        fill(&mut now.efi, given.efi.as_ref());
        fill(&mut now.conditions, given.conditions.as_ref());
        fill(&mut now.attendances, given.attendances.as_ref());
        fill(&mut now.admissions, given.admissions.as_ref());
        fill(&mut now.out_of_hours, given.out_of_hours.as_ref());
    }
    if !older(now.cfs_on, given.cfs_on) {
        fill(&mut now.cfs, given.cfs.as_ref());
        fill(&mut now.cfs_on, given.cfs_on.as_ref());
    }
    if !older(now.admitted_on, given.admitted_on) {
        fill(&mut now.admitted_on, given.admitted_on.as_ref());
    }
    fill(&mut now.lives_alone, given.lives_alone.as_ref());
    fill(&mut now.housebound, given.housebound.as_ref());
    fill(&mut now.has_carer, given.has_carer.as_ref());
    // A list that does not know of a ReSPECT form or of palliative care does not take it away.
    now.respect = affirm(now.respect, given.respect);
    now.palliative = affirm(now.palliative, given.palliative);
    if given.care_home == Some(true) && now.residence != Residence::NursingHome {
        now.residence = Residence::CareHome;
    }
}

fn fill<T: Clone>(slot: &mut Option<T>, given: Option<&T>) {
    if given.is_some() {
        *slot = given.cloned();
    }
}

fn affirm(known: Option<bool>, given: Option<bool>) -> Option<bool> {
    if known == Some(true) { known } else { given.or(known) }
}
