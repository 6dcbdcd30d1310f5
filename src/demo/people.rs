//! The caseload: those written out by hand, and the rest by the dice.

use crate::domain::band::{Band, BandEntry, Score};
use crate::domain::carer::Carer;
use crate::domain::change::{Change, add, alter};
use crate::domain::day::Day;
use crate::domain::household::Household;
use crate::domain::id::PersonId;
use crate::domain::key_worker::hand_over;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::nomination::{Nomination, Triage};
use crate::domain::person::Person;
use crate::domain::plan::{Goal, Plan};
use crate::domain::sharing::Objection;
use crate::store::Deed;
use crate::store::fault::Fault;
use crate::store::log::StepKind;

use super::book::{Book, Diary, line, maybe_line, maybe_note, note, unknown, word};
use super::dice::Dice;
use super::script::{
    BandLine, KeyWorkerLine, MoreScript, NominationLine, PeopleScript, PersonEntry, PlanLine, SharingLine,
};
use super::{BEGAN, NAVIGATOR, read};

/// The risk tool of the invented lists.
const TOOL: &str = "QAdmissions";

/// Everybody.
pub(super) struct Cast {
    pub(super) households: Vec<super::script::HouseholdEntry>,
    pub(super) people: Vec<PersonEntry>,
    born: Vec<i64>,
}

/// Reads those written out by hand and throws the rest.
pub(super) fn cast(seed: u64) -> Result<Cast, Fault> {
    let script: PeopleScript = read(include_str!("../../assets/demo/people.toml"))?;
    let more: MoreScript = read(include_str!("../../assets/demo/more.toml"))?;
    let mut dice = Dice::new(seed);
    let mut people = script.person;
    for (nth, name) in more.people.iter().enumerate() {
        people.push(thrown(&mut dice, &more, nth, name)?);
    }
    let born = people.iter().map(|_| dice.between(10, 350)).collect();
    Ok(Cast { households: script.household, people, born })
}

/// One of the rest: a few high, a third medium, the others low.
fn thrown(
    dice: &mut Dice,
    more: &MoreScript,
    nth: usize,
    (surname, forename, sex): &(String, String, String),
) -> Result<PersonEntry, Fault> {
    let (band, score) = match nth {
        0..5 => ("high", dice.between(310, 420)),
        5..18 => ("medium", dice.between(150, 290)),
        _ => ("low", dice.between(20, 140)),
    };
    let first = match band {
        "high" if dice.chance(40) => Some("medium"),
        "medium" if dice.chance(30) => Some(if dice.chance(50) { "low" } else { "high" }),
        _ => None,
    };
    let line_of = |day, band: &str, score: i64| BandLine {
        day,
        band: band.to_owned(),
        score: format!("{}.{}", score / 10, score % 10),
    };
    let bands = match first {
        None => vec![line_of(BEGAN, band, score)],
        Some(first) => {
            let before = if first == "low" {
                120
            } else if first == "medium" {
                240
            } else {
                335
            };
            vec![line_of(BEGAN, first, before), line_of(if dice.chance(50) { -47 } else { -12 }, band, score)]
        }
    };
    let (practice, gp) = [("elm", "Dr Aisha Rahman"), ("wharf", "Dr Samuel Osei"), ("teilo", "Dr Owain Teague")]
        .get(nth % 3)
        .copied()
        .ok_or_else(|| unknown("practice"))?;
    let efi = match band {
        "high" => dice.between(30, 45),
        "medium" => dice.between(18, 32),
        _ => dice.between(5, 20),
    };
    let cfs = (efi / 6).clamp(1, 8);
    let street = dice.one_of(&more.streets).ok_or_else(|| unknown("street"))?;
    let key_worker = (band != "low" && dice.chance(60)).then(|| KeyWorkerLine {
        day: dice.between(-80, -20),
        member: dice
            .one_of(&["maureen", "priya", "robert", "sunita", "joseph", "colette"])
            .unwrap_or(&"maureen")
            .to_string(),
    });
    let plan = (band != "low" && dice.chance(55)).then(|| PlanLine {
        day: dice.between(-100, -30),
        matters: dice.one_of(&more.matters).cloned(),
        needs: dice.one_of(&more.needs).cloned(),
        review: dice.between(-10, 80),
        reviewer: key_worker.as_ref().map(|line| line.member.clone()),
        ..PlanLine::default()
    });
    let sharing = dice.chance(75).then(|| SharingLine {
        day: dice.between(-90, -10),
        basis: if dice.chance(70) { "informed" } else { "agreed" }.to_owned(),
        by: "Bethan Rees".to_owned(),
        note: None,
    });
    Ok(PersonEntry {
        key: format!("thrown {nth}"),
        surname: surname.clone(),
        forename: forename.clone(),
        sex: sex.clone(),
        age: i32::try_from(dice.between(64, 95)).unwrap_or(80),
        address: format!("{} {street}", dice.between(1, 90)),
        postcode: format!("ZZ{} {}AA", dice.between(1, 3), dice.between(1, 9)),
        phone: dice.chance(80).then(|| format!("01632 960{}", 300 + nth)),
        practice: practice.to_owned(),
        gp: gp.to_owned(),
        council: if dice.chance(88) { "ZZ Borough Council" } else { "ZZ County Council" }.to_owned(),
        alone: dice.chance(45),
        housebound: band == "high" && dice.chance(40),
        bands,
        efi: format!("0.{efi:02}"),
        cfs,
        conditions: cfs.min(6),
        attendances: dice.between(0, if band == "high" { 4 } else { 1 }),
        admissions: dice.between(0, if band == "high" { 2 } else { 1 }),
        out_of_hours: dice.between(0, 2),
        respect: (band == "high" && dice.chance(30)).then_some(true),
        sharing,
        key_worker,
        plan,
        ..PersonEntry::default()
    })
}

/// Enters the caseload and everything about it but the meetings.
pub(super) fn tell<'s>(diary: &mut Diary<'s>, cast: &'s Cast) {
    diary.on(BEGAN, 10 * 60, |book| take_in(book, cast));
    for entry in &cast.people {
        for (at, band) in entry.bands.iter().enumerate().skip(1) {
            diary.on(band.day, 9 * 60 + 5, move |book| move_band(book, entry, at));
        }
        if let Some(line) = &entry.sharing {
            diary.on(line.day, 11 * 60, |book| record_sharing(book, entry));
        }
        if let Some(line) = &entry.safeguarding {
            diary.on(line.day, 15 * 60, |book| {
                let seen = book.person(&entry.key)?;
                let text = note(&line.note)?;
                let change = alter(&seen, |person| person.safeguarding = Some(text));
                book.step("sunita", Deed::change("Record safeguarding"), &[change])
            });
        }
        if let Some(line) = &entry.overridden {
            diary.on(line.day, 14 * 60, |book| override_band(book, entry));
        }
        if let Some(line) = &entry.key_worker {
            diary.on(line.day, 16 * 60, |book| {
                let person = book.person(&entry.key)?.id;
                let (member, day) = (book.member(&line.member)?, book.day(line.day));
                let changes = hand_over(None, person, member, day, &mut book.mint).unwrap_or_default();
                book.step(NAVIGATOR, Deed::change("Name key worker"), &changes)
            });
        }
        let carers_on = entry.plan.as_ref().map_or(-15, |plan| plan.day);
        if entry.plan.is_some() || !entry.carers.is_empty() {
            diary.on(carers_on, 17 * 60, |book| agree_plan(book, entry));
        }
        for line in &entry.nominations {
            diary.on(line.day, 12 * 60, |book| nominate(book, entry, line));
            if let Some(told) = line.told.filter(|told| *told != line.day) {
                diary.on(told, 12 * 60 + 30, |book| tell_nominated(book, entry, line));
            }
        }
    }
}

/// The first list: everybody, with their first band.
fn take_in(book: &mut Book<'_>, cast: &Cast) -> Result<(), Fault> {
    let mut changes = Vec::new();
    for entry in &cast.households {
        let id = book.mint.mint();
        book.households.insert(entry.key.clone(), id);
        changes.push(add(id, Household { name: line(&entry.name)?, note: Some(note(&entry.note)?) }));
    }
    let mut numbers = numbers();
    for (entry, born) in cast.people.iter().zip(&cast.born) {
        let id: PersonId = book.mint.mint();
        book.people.insert(entry.key.clone(), id);
        let number = numbers.next().ok_or_else(|| unknown("NHS number"))?;
        changes.push(add(id, person(book, entry, *born, number)?));
        if let Some(first) = entry.bands.first() {
            changes.push(add(book.mint.mint(), band_entry(book, id, first, None)?));
        }
    }
    book.step(NAVIGATOR, Deed::change("Take in the first list").of_kind(StepKind::Import), &changes)
}

/// Valid numbers of the range kept for tests, in order.
fn numbers() -> impl Iterator<Item = NhsNumber> {
    (9_990_000_010_u64..9_990_010_000).filter_map(|digits| NhsNumber::parse(&digits.to_string()).ok())
}

fn person(book: &Book<'_>, entry: &PersonEntry, born: i64, number: NhsNumber) -> Result<Person, Fault> {
    let mut person = Person::new(book.team()?, line(&entry.surname)?, line(&entry.forename)?);
    let first = entry.bands.first().ok_or_else(|| unknown("band"))?;
    let tested = book.day(first.day);
    person.nhs_number = Some(number);
    person.preferred = maybe_line(entry.preferred.as_ref())?;
    person.title = maybe_line(entry.title.as_ref())?;
    person.born = birthday(book.day(0), entry.age, born);
    person.sex = word(&entry.sex)?;
    person.address = Some(line(&entry.address)?);
    person.postcode = Some(line(&entry.postcode)?);
    person.phone = maybe_line(entry.phone.as_ref())?;
    person.practice = Some(book.organisation(&entry.practice)?);
    person.named_gp = Some(line(&entry.gp)?);
    person.council = Some(line(&entry.council)?);
    person.residence = word(entry.residence.as_deref().unwrap_or("own home"))?;
    person.lives_alone = Some(entry.alone);
    person.housebound = Some(entry.housebound);
    person.household = entry.household.as_ref().and_then(|key| book.households.get(key)).copied();
    person.band = Some(word(&first.band)?);
    person.band_on = Some(tested);
    person.score = Score::parse(&first.score);
    person.score_tool = Some(line(TOOL)?);
    person.score_on = Some(tested);
    person.efi = Score::parse(&entry.efi);
    person.cfs = Some(entry.cfs);
    person.cfs_on = Some(tested.plus(-20));
    person.conditions = Some(entry.conditions);
    person.attendances = Some(entry.attendances);
    person.admissions = Some(entry.admissions);
    person.out_of_hours = Some(entry.out_of_hours);
    person.admitted_on = entry.admitted.map(|day| book.day(day));
    person.respect = entry.respect;
    person.palliative = entry.palliative;
    person.has_carer = Some(entry.carer);
    Ok(person)
}

/// A day of birth that makes the person `age` on `today`, `past` days after the birthday.
fn birthday(today: Day, age: i32, past: i64) -> Option<Day> {
    use chrono::Datelike as _;
    let birthday = today.plus(-past).date();
    let year = birthday.year() - age;
    Day::new(year, birthday.month(), birthday.day()).or_else(|| Day::new(year, 2, 28))
}

fn band_entry(book: &Book<'_>, person: PersonId, found: &BandLine, before: Option<Band>) -> Result<BandEntry, Fault> {
    Ok(BandEntry {
        person,
        band: word(&found.band)?,
        before,
        on: book.day(found.day),
        set_by: line("QAdmissions list")?,
        tool: Some(line(TOOL)?),
        score: Score::parse(&found.score),
        label: None,
        reason: None,
        overridden: false,
    })
}

fn move_band(book: &mut Book<'_>, entry: &PersonEntry, at: usize) -> Result<(), Fault> {
    let found = entry.bands.get(at).ok_or_else(|| unknown("band"))?;
    let seen = book.person(&entry.key)?;
    let history = band_entry(book, seen.id, found, seen.band)?;
    let (band, score, day) = (history.band, history.score, history.on);
    let change = alter(&seen, |person| {
        person.band = Some(band);
        person.band_on = Some(day);
        person.score = score;
        person.score_on = Some(day);
    });
    let changes = [change, add(book.mint.mint(), history)];
    book.step(NAVIGATOR, Deed::change("Take in a band").of_kind(StepKind::Import), &changes)
}

fn override_band(book: &mut Book<'_>, entry: &PersonEntry) -> Result<(), Fault> {
    let Some(found) = &entry.overridden else { return Ok(()) };
    let seen = book.person(&entry.key)?;
    let (band, day): (Band, Day) = (word(&found.band)?, book.day(found.day));
    let history = BandEntry {
        person: seen.id,
        band,
        before: seen.band,
        on: day,
        set_by: line(&found.by)?,
        tool: seen.score_tool.clone(),
        score: seen.score,
        label: None,
        reason: Some(note(&found.why)?),
        overridden: true,
    };
    let change = alter(&seen, |person| {
        person.band = Some(band);
        person.band_on = Some(day);
    });
    let changes = [change, add(book.mint.mint(), history)];
    book.step("maureen", Deed::change("Set band with a reason"), &changes)
}

fn record_sharing(book: &mut Book<'_>, entry: &PersonEntry) -> Result<(), Fault> {
    let Some(found) = &entry.sharing else { return Ok(()) };
    let seen = book.person(&entry.key)?;
    let (basis, day, by, scope) =
        (word(&found.basis)?, book.day(found.day), line(&found.by)?, maybe_note(found.note.as_ref())?);
    let mut changes = vec![alter(&seen, |person| {
        person.sharing = basis;
        person.sharing_on = Some(day);
        person.sharing_by = Some(by);
        person.sharing_note = scope;
    })];
    if let Some(objection) = &entry.objection {
        let value = Objection {
            person: seen.id,
            organisation: book.organisation(&objection.organisation)?,
            on: book.day(objection.day),
            note: Some(note(&objection.note)?),
            lifted_on: None,
        };
        changes.push(add(book.mint.mint(), value));
    }
    book.step(&found.by, Deed::change("Record sharing basis"), &changes)
}

/// The plan with its goals, and the carers seen on the same visit.
fn agree_plan(book: &mut Book<'_>, entry: &PersonEntry) -> Result<(), Fault> {
    let person = book.person(&entry.key)?.id;
    let mut changes: Vec<Change> = Vec::new();
    if let Some(found) = &entry.plan {
        let value = Plan {
            person,
            matters: maybe_note(found.matters.as_ref())?,
            strengths: maybe_note(found.strengths.as_ref())?,
            needs: maybe_note(found.needs.as_ref())?,
            trigger: maybe_note(found.trigger.as_ref())?,
            response: maybe_note(found.response.as_ref())?,
            contact: maybe_note(found.contact.as_ref())?,
            agreed_with: maybe_line(found.with.as_ref())?,
            agreed_on: Some(book.day(found.day)),
            review_on: Some(book.day(found.review)),
            reviewer: found.reviewer.as_ref().map(|key| book.member(key)).transpose()?,
        };
        changes.push(add(book.mint.mint(), value));
    }
    for goal in &entry.goals {
        let value = Goal {
            person,
            words: note(&goal.words)?,
            progress: word(&goal.progress)?,
            note: maybe_note(goal.note.as_ref())?,
            on: book.day(goal.day),
        };
        changes.push(add(book.mint.mint(), value));
    }
    for carer in &entry.carers {
        let value = Carer {
            person,
            name: line(&carer.name)?,
            relation: Some(line(&carer.relation)?),
            phone: maybe_line(carer.phone.as_ref())?,
            needs: maybe_note(carer.needs.as_ref())?,
            assessment: word(&carer.assessment)?,
            assessment_on: carer.assessment_day.map(|day| book.day(day)),
            crisis: maybe_note(carer.crisis.as_ref())?,
            ended_on: None,
        };
        changes.push(add(book.mint.mint(), value));
    }
    let by = entry.plan.as_ref().and_then(|plan| plan.reviewer.as_deref()).unwrap_or(NAVIGATOR).to_owned();
    let label = if entry.plan.is_some() { "Agree care plan" } else { "Add carer" };
    book.step(&by, Deed::change(label), &changes)
}

fn nominate(book: &mut Book<'_>, entry: &PersonEntry, found: &NominationLine) -> Result<(), Fault> {
    let at_once = found.told == Some(found.day);
    let value = Nomination {
        person: book.person(&entry.key)?.id,
        asked_by: line(&found.by)?,
        organisation: Some(book.organisation(&found.organisation)?),
        on: book.day(found.day),
        channel: word(&found.channel)?,
        reason: line(&found.reason)?,
        question: Some(note(&found.question)?),
        urgency: word(&found.urgency)?,
        situation: maybe_note(found.situation.as_ref())?,
        background: maybe_note(found.background.as_ref())?,
        assessment: maybe_note(found.assessment.as_ref())?,
        recommendation: maybe_note(found.recommendation.as_ref())?,
        told_on: at_once.then(|| book.day(found.day)),
        told_by: if at_once { maybe_line(found.told_by.as_ref())? } else { None },
        triage: Triage::Waiting,
        triage_why: None,
    };
    let id = book.mint.mint();
    book.step(NAVIGATOR, Deed::change("Add nomination"), &[add(id, value)])
}

fn tell_nominated(book: &mut Book<'_>, entry: &PersonEntry, found: &NominationLine) -> Result<(), Fault> {
    let person = book.person(&entry.key)?.id;
    let seen = book.nominations.values().find(|nomination| nomination.person == person).cloned();
    let (Some(seen), Some(told)) = (seen, found.told) else { return Err(unknown("nomination")) };
    let (day, by) = (book.day(told), maybe_line(found.told_by.as_ref())?);
    let change = alter(&seen, |nomination| {
        nomination.told_on = Some(day);
        nomination.told_by = by;
    });
    book.step(NAVIGATOR, Deed::change("Record that the person was told"), &[change])
}
