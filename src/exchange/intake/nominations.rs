//! A row of a practice's nominations: somebody asks the team to discuss a person.
//!
//! The person is matched as in a caseload list; one who is not on file joins the caseload without a band, for practices
//! know of people whom no risk tool finds.

use std::collections::HashMap;

use crate::domain::change::{Change, Mint, Record, add, replace};
use crate::domain::day::Day;
use crate::domain::id::{IntakeId, OrganisationId, PersonId};
use crate::domain::intake::IntakeKind;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::nomination::{Channel, Nomination, Triage, Urgency};
use crate::domain::person::Person;
use crate::domain::text::{LINE_LIMIT, Line, Note, fold};
use crate::store::fault::Fault;

use super::caseload::queued;
use super::cells::{Cells, Kept, Sieve};
use super::columns::Guess;
use super::days;
use super::field::{Field, fields_of};
use super::given::{Identity, Practice, Practices, practice};
use super::matching::{Doubt, Register, Who};
use super::names::same_words;
use super::report::{Difference, Report};
use super::values;
use super::{Desk, Judge, Objection, Verdict};

/// What a row says.
struct Given {
    who: Identity,
    practice: Option<Practice>,
    asked_by: Line,
    on: Day,
    /// The list says the day; without it, today is only when it came.
    dated: bool,
    reason: Line,
    question: Option<Note>,
    urgency: Urgency,
    situation: Option<Note>,
    background: Option<Note>,
    assessment: Option<Note>,
    recommendation: Option<Note>,
    told: Option<Told>,
}

/// Whether the person was told.
struct Told {
    on: Option<Day>,
    by: Option<Line>,
}

/// Somebody who joins the caseload with this list.
struct Joined {
    id: PersonId,
    who: Identity,
}

/// Judges the rows of a nominations list.
pub struct Nominations<'d> {
    desk: &'d Desk<'d>,
    mint: Mint,
    intake: IntakeId,
    pub(super) register: Register<'d>,
    practices: Practices,
    /// The practice that the title of the sheet names.
    titled: Option<OrganisationId>,
    /// Nominations of this list, by person, who asks, and day.
    seen: HashMap<(String, String, Day), u64>,
    /// Who joins the caseload with this list: several may ask for one person.
    joined: Vec<Joined>,
    by_number: HashMap<NhsNumber, usize>,
    by_likeness: HashMap<u64, usize>,
    people: i64,
}

impl<'d> Nominations<'d> {
    /// Reads what matching needs.
    ///
    /// # Errors
    /// A fault of the team's file.
    pub(super) fn new(desk: &'d Desk<'d>, guess: Option<&Guess>, mint: Mint, intake: IntakeId) -> Result<Self, Fault> {
        let practices = Practices::of_any_kind(&desk.reader.organisations()?);
        let titled = guess.and_then(|guess| practices.named_in(guess.preamble()));
        Ok(Self {
            desk,
            mint,
            intake,
            register: Register::new(desk)?,
            practices,
            titled,
            seen: HashMap::new(),
            joined: Vec::new(),
            by_number: HashMap::new(),
            by_likeness: HashMap::new(),
            people: 0,
        })
    }

    fn read(&self, cells: Cells<'_>) -> Result<Given, Vec<Objection>> {
        let today = self.desk.now.today;
        let it = Sieve::new(cells, today);
        let who = Identity::read(&it);
        let practice = practice(&it);
        let asked_by = asked_by(&it);
        let dated = cells.get(Field::NominatedOn).is_some();
        let on = it.past(Field::NominatedOn).unwrap_or(today);
        let note = |field| it.take(field, |cell| Note::parse(cell).map_err(|why| why.to_string()));
        let (situation, assessment) = (note(Field::Situation), note(Field::Assessment));
        let mut background = note(Field::Background);
        let (question, recommendation) = (note(Field::Question), note(Field::Recommendation));
        let said = cells.get(Field::Urgency);
        let urgency = said.map_or(Urgency::Routine, urgency);
        // A word that is neither is kept, word for word.
        if let Some(said) = said.filter(|said| !matches!(fold(said).as_str(), "urgent" | "routine")) {
            let words = format!("Urgency as the list has it: {said}");
            let whole = background.as_ref().map_or(words.clone(), |known| format!("{known}\n{words}"));
            background = Note::parse(&whole).ok().or(background);
        }
        let reason = it.line(Field::Reason).or_else(|| {
            let first = [&situation, &question, &recommendation, &background, &assessment].into_iter().flatten().next();
            first.and_then(first_line)
        });
        if reason.is_none() && cells.get(Field::Reason).is_none() {
            it.object(Field::Reason, "no reason, situation or question; expected one of them");
        }
        let told = it.take(Field::Told, |cell| told(cell, cells, today));
        let faults = it.faults();
        match (who, reason, asked_by) {
            (Some(who), Some(reason), Some(asked_by)) if faults.is_empty() => Ok(Given {
                who,
                practice,
                asked_by,
                on,
                dated,
                reason,
                question,
                urgency,
                situation,
                background,
                assessment,
                recommendation,
                told: told.flatten(),
            }),
            _ => Err(faults),
        }
    }

    fn set_out(&mut self, given: &Given, seen: Option<Record<Person>>) -> Result<Verdict, Fault> {
        if let Some(seen) = &seen {
            let same = |known: &&Record<Nomination>| {
                // Without a day of its own, the same words are the same request whenever the list comes.
                (known.on == given.on || !given.dated)
                    && fold(known.asked_by.as_str()) == fold(given.asked_by.as_str())
                    && begins_alike(known.reason.as_str(), given.reason.as_str())
            };
            if let Some(known) = self.desk.reader.nominations(seen.id)?.iter().find(same) {
                return Ok(bring_up_to_date(known, given));
            }
        }
        Ok(Verdict::New(self.ask(given, seen.map(|seen| seen.id))))
    }

    /// The request, and the person where nobody on file or in the list is meant yet.
    fn ask(&mut self, given: &Given, known: Option<PersonId>) -> Vec<Change> {
        let mut changes = Vec::new();
        let practice = given.practice.as_ref().map(|asking| self.practices.id(asking, &mut self.mint, &mut changes));
        let organisation = practice.or(self.titled);
        // Who asks need not be where the person is registered.
        let registered = organisation.filter(|id| self.practices.is_practice(*id));
        let person: PersonId = match known {
            Some(id) => id,
            None => {
                let id = self.mint.mint();
                let who = &given.who;
                self.join(id, who);
                let mut person = Person::new(self.desk.team.id, who.surname.clone(), who.forename.clone());
                person.nhs_number = who.number;
                person.born = who.born;
                person.title = who.title.clone();
                person.preferred = who.preferred.clone();
                person.practice = registered;
                self.people += 1;
                changes.push(add(id, person));
                id
            }
        };
        changes.push(add(
            self.mint.mint(),
            Nomination {
                person,
                asked_by: given.asked_by.clone(),
                organisation,
                on: given.on,
                channel: Channel::List,
                reason: given.reason.clone(),
                question: given.question.clone(),
                urgency: given.urgency,
                situation: given.situation.clone(),
                background: given.background.clone(),
                assessment: given.assessment.clone(),
                recommendation: given.recommendation.clone(),
                told_on: given.told.as_ref().and_then(|told| told.on),
                told_by: given.told.as_ref().and_then(|told| told.by.clone()),
                triage: Triage::Waiting,
                triage_why: None,
            },
        ));
        changes
    }

    fn join(&mut self, id: PersonId, who: &Identity) {
        let at = self.joined.len();
        self.by_number.extend(who.number.map(|number| (number, at)));
        if let Some(born) = who.born {
            self.by_likeness.entry(self.register.likeness(&who.surname, &who.forename, born)).or_insert(at);
        }
        self.joined.push(Joined { id, who: who.clone() });
    }

    /// Whether a row that means nobody on file means somebody of this list, or somebody who could be.
    fn of_this_list(&self, cells: Cells<'_>, who: &Identity) -> Result<Option<PersonId>, Objection> {
        let at = |at: Option<&usize>| at.and_then(|at| self.joined.get(*at));
        let Some(earlier) = who.number.and_then(|number| at(self.by_number.get(&number))) else {
            let likeness = who.born.map(|born| self.register.likeness(&who.surname, &who.forename, born));
            return match likeness.and_then(|likeness| at(self.by_likeness.get(&likeness))) {
                // Two numbers are two people.
                Some(alike) if who.number.is_none() || alike.who.number.is_none() => Err(Objection::to_row(
                    "no NHS number here or in another row of this list that has the same name and date of birth",
                )),
                _ => Ok(None),
            };
        };
        match differs(who, &earlier.who) {
            None => Ok(Some(earlier.id)),
            Some((field, why)) => Err(Objection {
                column: cells.header(field),
                value: cells.get(field).map(str::to_owned),
                reason: format!("another row of this list has the same NHS number and {why}"),
            }),
        }
    }

    fn queue(&mut self, cells: Cells<'_>, line: u64, given: &Given, doubt: &Doubt) -> Vec<Change> {
        if doubt.waits_already {
            return Vec::new();
        }
        let kept = Kept::of(cells, fields_of(IntakeKind::Nominations), None, self.desk.now.today);
        queued(
            self.desk,
            self.intake,
            IntakeKind::Nominations,
            line,
            &given.who.alike_for(&request(given)),
            &kept,
            doubt,
        )
        .map(|row| add(self.mint.mint(), row))
        .into_iter()
        .collect()
    }

    /// As [`Judge::judge`], for a row of which somebody said whom it means.
    pub(super) fn decided(&mut self, cells: Cells<'_>, person: Option<Record<Person>>) -> Result<Verdict, Fault> {
        match self.read(cells) {
            Ok(given) => self.set_out(&given, person),
            Err(objections) => Ok(Verdict::Refused(objections)),
        }
    }
}

/// Whether one reason is the other with more to it.
fn begins_alike(a: &str, b: &str) -> bool {
    let (a, b) = (fold(a), fold(b));
    a.starts_with(&b) || b.starts_with(&a)
}

/// By what a request is known again: who asks, when, and why.
fn request(given: &Given) -> String {
    format!("{}|{}|{}", fold(given.asked_by.as_str()), given.on.iso(), fold(given.reason.as_str()))
}

/// In what two rows with one NHS number differ so that they may mean two people.
fn differs(one: &Identity, other: &Identity) -> Option<(Field, &'static str)> {
    let same = |a: &Line, b: &Line| fold(a.as_str()) == fold(b.as_str());
    if matches!((one.born, other.born), (Some(one), Some(other)) if one != other) {
        return Some((Field::Born, "another date of birth"));
    }
    let named = same(&one.surname, &other.surname)
        || same(&one.forename, &other.forename)
        || same_words((&one.surname, &one.forename), (&other.surname, &other.forename));
    (!named).then_some((Field::NhsNumber, "another name"))
}

/// A nomination that came before: what it lacked is filled in; what the team did with it stays.
fn bring_up_to_date(known: &Record<Nomination>, given: &Given) -> Verdict {
    let mut now = known.value.clone();
    if given.urgency == Urgency::Urgent {
        now.urgency = Urgency::Urgent;
    }
    let fill = |slot: &mut Option<Note>, given: &Option<Note>| {
        if slot.is_none() {
            slot.clone_from(given);
        }
    };
    fill(&mut now.question, &given.question);
    fill(&mut now.situation, &given.situation);
    fill(&mut now.background, &given.background);
    fill(&mut now.assessment, &given.assessment);
    fill(&mut now.recommendation, &given.recommendation);
    if let Some(told) = &given.told {
        now.told_on = now.told_on.or(told.on);
        now.told_by = now.told_by.or_else(|| told.by.clone());
    }
    if now == known.value {
        return Verdict::Unchanged(Vec::new());
    }
    let mut difference = Difference::default();
    difference.also("nomination");
    Verdict::Changed(vec![replace(known, now)], Box::new(difference))
}

/// `Dr A Farouk, GP`.
fn asked_by(it: &Sieve<'_>) -> Option<Line> {
    let referrer = it.line(Field::Referrer);
    let role = it.line(Field::ReferrerRole);
    match (referrer, role) {
        (Some(name), Some(role)) => Line::parse(&format!("{name}, {role}")).ok(),
        (Some(name), None) => Some(name),
        (None, _) => Line::parse("practice list").ok(),
    }
}

/// The first line of a note, short enough for a line.
fn first_line(note: &Note) -> Option<Line> {
    let first = note.as_str().lines().find(|line| !line.trim().is_empty())?;
    if first.chars().count() <= LINE_LIMIT {
        return Line::parse(first).ok();
    }
    let cut: String = first.chars().take(LINE_LIMIT - 1).collect();
    Line::parse(&format!("{cut}…")).ok()
}

/// How soon, by the words of a list. What sounds pressing is urgent: the list's own word is kept beside it.
fn urgency(cell: &str) -> Urgency {
    let words = fold(cell);
    let pressing = ["urgent", "asap", "immediate", "emergency", "crisis", "high", "today", "now", "red"];
    let calm = ["not urgent", "non urgent", "non-urgent", "no urgency"];
    let said = |word: &&str| words.split(|c: char| !c.is_alphanumeric()).any(|part| part == *word);
    if words.trim() == "1" || (!calm.iter().any(|calm| words.contains(calm)) && pressing.iter().any(said)) {
        Urgency::Urgent
    } else {
        Urgency::Routine
    }
}
/// `Yes 12/11`, `No`, `12-Nov-2026`. A day without a year is the latest one up to today.
fn told(cell: &str, cells: Cells<'_>, today: Day) -> Result<Option<Told>, values::Why> {
    let (word, rest) = cell.split_once([' ', ',', ':']).unwrap_or((cell, ""));
    let rest = rest.trim_matches([' ', ',', '(', ')', '-', '–']).trim_start_matches("on ").trim();
    match (values::yes(word), rest) {
        (Ok(false), _) => Ok(None),
        (Ok(true), "") => Ok(Some(Told { on: None, by: Line::parse("the list says yes, without a day").ok() })),
        (Ok(true), rest) => match day_perhaps_without_year(rest, cells, today) {
            Some(on) => Ok(Some(Told { on: Some(on), by: None })),
            // By whom, then, or in what way: kept word for word.
            None => Ok(Some(Told { on: None, by: Line::parse(rest).ok() })),
        },
        (Err(_), _) => match day_perhaps_without_year(cell, cells, today) {
            Some(on) => Ok(Some(Told { on: Some(on), by: None })),
            None => Err("neither yes nor no nor a day; expected “No” or “Yes 12/11/2026”".to_owned()),
        },
    }
}

fn day_perhaps_without_year(text: &str, cells: Cells<'_>, today: Day) -> Option<Day> {
    use chrono::Datelike as _;
    let reading = cells.reading(Field::NominatedOn);
    if let Ok(day) = days::past(text, reading, today) {
        return Some(day);
    }
    let separator = text.chars().find(|c| ['/', '-', '.', ' '].contains(c))?;
    let year = today.date().year();
    [year, year - 1].into_iter().find_map(|year| days::past(&format!("{text}{separator}{year}"), reading, today).ok())
}

impl Judge for Nominations<'_> {
    fn judge(&mut self, cells: Cells<'_>, line: u64) -> Result<Verdict, super::Trouble> {
        let given = match self.read(cells) {
            Ok(given) => given,
            Err(objections) => return Ok(Verdict::Refused(objections)),
        };
        let asks = format!("{}|{}", fold(given.asked_by.as_str()), fold(given.reason.as_str()));
        let key = (given.who.alike(), asks, given.on);
        if let Some(earlier) = self.seen.insert(key, line) {
            let why = format!("line {earlier} has the same person, day, reason and name of who asks");
            return Ok(Verdict::Refused(vec![Objection::to_row(why)]));
        }
        Ok(match self.register.who(cells, &given.who, &request(&given), |_| false)? {
            Who::Known(seen) => self.set_out(&given, Some(*seen))?,
            Who::Nobody => match self.of_this_list(cells, &given.who) {
                Ok(known) => Verdict::New(self.ask(&given, known)),
                Err(why) => {
                    let waits_already = self.register.waits(&given.who, &request(&given));
                    let doubt = Doubt { why, person: None, waits_already };
                    let changes = self.queue(cells, line, &given, &doubt);
                    Verdict::Queued(doubt.why, changes)
                }
            },
            Who::Unsure(doubt) => {
                let changes = self.queue(cells, line, &given, &doubt);
                Verdict::Queued(doubt.why, changes)
            }
        })
    }

    fn mint(&self) -> &Mint {
        &self.mint
    }

    fn conclude(&mut self, report: &mut Report) -> Result<(), Fault> {
        report.organisations = self.practices.added;
        report.people = self.people;
        Ok(())
    }
}
