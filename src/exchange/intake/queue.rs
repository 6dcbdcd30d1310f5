//! Rows that wait for a person, and values that lists propose: what follows from what the person says.

use crate::clock::Now;
use crate::domain::Word;
use crate::domain::band::{Band, Score, change_band};
use crate::domain::change::{Change, Mint, Record, add, alter};
use crate::domain::day::Day;
use crate::domain::intake::{Intake, IntakeKind, Proposal, ProposalState, ProposedField, QueueState, QueuedRow};
use crate::domain::key_worker::KeyWorker;
use crate::domain::member::Member;
use crate::domain::organisation::{Organisation, OrganisationKind};
use crate::domain::person::{Person, Residence, Sex};
use crate::domain::sharing::Sharing;
use crate::domain::team::Team;
use crate::domain::text::{Line, Note, fold};
use crate::store::Reader;
use crate::store::fault::Fault;

use super::caseload::Caseload;
use super::cells::{Cells, Kept, Sieve};
use super::field::Field;
use super::given::Identity;
use super::nominations::Nominations;
use super::{Desk, Objection, Trouble, Verdict};

/// What a person says of a row that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// It means the person on file.
    Same,
    /// It means somebody else, who joins the caseload.
    Different,
}

/// Whom a row may mean: the person it was queued for, or – where another row of its list was meant – whoever of the same
/// name and day of birth has come on file since.
///
/// # Errors
/// Any fault of the disk, or an unreadable row.
pub fn candidate(
    reader: &Reader,
    team: &Record<Team>,
    row: &Record<QueuedRow>,
    today: Day,
) -> Result<Option<Record<Person>>, Fault> {
    if let Some(id) = row.person {
        return reader.get::<Person>(id);
    }
    let kept = Kept::read(&row.given);
    let sieve = Sieve::new(Cells::Kept(&kept), today);
    let Some(who) = Identity::read(&sieve) else { return Ok(None) };
    let alike = reader.people_alike(team.id, &who.surname, &who.forename, who.born)?;
    Ok(alike.into_iter().next().filter(|_| who.born.is_some()))
}

/// What is to be done when somebody has said whom a row means.
///
/// As the same person, the list adds what it knows, and its number where there was none; another date of birth is
/// proposed, not taken. As somebody else, a new person joins – without the NHS number, where that is somebody's already:
/// one of the two has a wrong one, and no program can say which.
///
/// # Errors
/// Where the person of the row is gone, or what was kept of the row can no longer be read.
pub fn decide(
    reader: &Reader,
    team: &Record<Team>,
    now: Now,
    mint: &mut Mint,
    row: &Record<QueuedRow>,
    choice: Choice,
) -> Result<Vec<Change>, Trouble> {
    let desk = Desk { reader, team, now };
    let person = candidate(reader, team, row, now.today)?;
    let kept = Kept::read(&row.given);
    let (kept, seen) = match choice {
        Choice::Same => {
            let person = person.ok_or_else(|| {
                Trouble::List("Nobody on file is meant by this row yet. Choose “different”, or take the other row of the list in first. Nothing was changed.".to_owned())
            })?;
            (kept, Some(person))
        }
        Choice::Different => {
            let taken = match kept.get(Field::NhsNumber).map(crate::domain::nhs_number::NhsNumber::parse) {
                Some(Ok(number)) => reader.person_by_number(team.id, number)?.is_some(),
                _ => false,
            };
            (if taken { kept.with(Field::NhsNumber, None) } else { kept }, None)
        }
    };
    // What a later list wrote is newer than what waited: the row then only fills what is empty.
    let came = reader.get::<Intake>(row.intake)?.map(|it| it.at);
    let intakes = reader.intakes(team.id, 1_000)?;
    let later = intakes.iter().any(|it| it.kind == IntakeKind::Caseload && Some(it.at) > came);
    let cells = Cells::Kept(&kept);
    let seen_id = seen.as_ref().map(|seen| seen.id);
    let verdict = match row.kind {
        IntakeKind::Nominations => {
            let mut judge = Nominations::new(&desk, None, mint.clone(), row.intake)?;
            let verdict = judge.decided(cells, seen)?;
            *mint = super::Judge::mint(&judge).clone();
            verdict
        }
        IntakeKind::Caseload | IntakeKind::Members | IntakeKind::Activity | IntakeKind::Directory => {
            let mut judge = Caseload::new(&desk, None, mint.clone(), row.intake)?;
            let verdict = match judge.given(cells) {
                Ok(mut given) => {
                    if let Some(seen) = seen.as_ref().filter(|_| later) {
                        given.leave_what_is_known(seen);
                    }
                    judge.set_out(&given, seen)?
                }
                Err(objections) => Verdict::Refused(objections),
            };
            *mint = super::Judge::mint(&judge).clone();
            verdict
        }
    };
    let mut changes = match verdict {
        Verdict::New(changes) | Verdict::Changed(changes, _) | Verdict::Unchanged(changes) => changes,
        Verdict::Queued(why, _) => return Err(unreadable(&[why])),
        Verdict::Refused(why) => return Err(unreadable(&why)),
    };
    let meant = seen_id.or_else(|| {
        changes.iter().find_map(|change| match change {
            Change::Person(it) if it.was.is_none() => Some(it.id),
            _ => None,
        })
    });
    changes.push(alter(row, |it| {
        it.person = meant;
        it.state = match choice {
            Choice::Same => QueueState::Same,
            Choice::Different => QueueState::Different,
        };
        it.decided_on = Some(now.today);
    }));
    Ok(changes)
}

fn unreadable(why: &[Objection]) -> Trouble {
    let reasons: Vec<&str> = why.iter().map(|why| why.reason.as_str()).collect();
    Trouble::List(format!("This row can no longer be taken: {}. Nothing was changed.", reasons.join("; ")))
}

/// Takes what a list proposes.
///
/// # Errors
/// Where the person is gone, the value cannot be read, or nobody has the name it gives.
pub fn accept(
    reader: &Reader,
    team: &Record<Team>,
    today: Day,
    mint: &mut Mint,
    actor: &str,
    proposal: &Record<Proposal>,
) -> Result<Vec<Change>, Trouble> {
    let gone = || Trouble::List("This can no longer be taken: the record has changed. Nothing was changed.".to_owned());
    let person = reader.get::<Person>(proposal.person)?.ok_or_else(gone)?;
    if current(reader, proposal)? != proposal.ours {
        return Err(Trouble::List(
            "What the team has here was changed since the list came. Look at it again: keep it, or change it on the person's page. Nothing was changed.".to_owned(),
        ));
    }
    let theirs = proposal.theirs.clone();
    let mut changes = match proposal.field {
        ProposedField::Band => {
            let band = Band::from_code(theirs.as_str()).ok_or_else(gone)?;
            let reason = Note::parse("The band of the list was taken").map_err(|_| gone())?;
            let by = Line::parse(actor).map_err(|_| gone())?;
            change_band(&person, band, reason, by, today, mint)
                .map_err(|why| Trouble::List(format!("{why} Nothing was changed.")))?
        }
        ProposedField::KeyWorker => key_worker(reader, team, today, mint, &person, &theirs)?,
        ProposedField::Practice => practice(reader, mint, &person, &theirs)?,
        field => vec![write(&person, field, &theirs, today, actor).ok_or_else(gone)?],
    };
    changes.push(settle(proposal, ProposalState::Accepted, today));
    Ok(changes)
}

/// What the team has now where a list proposes something, in the words in which it is compared.
///
/// # Errors
/// Any fault of the disk, or an unreadable row.
pub fn current(reader: &Reader, proposal: &Record<Proposal>) -> Result<Option<Line>, Fault> {
    let Some(person) = reader.get::<Person>(proposal.person)? else { return Ok(None) };
    let line = |text: &str| Line::parse(text).ok();
    let yes = |it: Option<bool>| it.and_then(|it| line(if it { "yes" } else { "no" }));
    let count = |it: Option<i64>| it.and_then(|it| line(&it.to_string()));
    Ok(match proposal.field {
        ProposedField::Surname => Some(person.surname.clone()),
        ProposedField::Forename => Some(person.forename.clone()),
        ProposedField::Born => person.born.and_then(|born| line(&born.iso())),
        ProposedField::Preferred => person.preferred.clone(),
        ProposedField::Title => person.title.clone(),
        ProposedField::Address => person.address.clone(),
        ProposedField::Postcode => person.postcode.clone(),
        ProposedField::Phone => person.phone.clone(),
        ProposedField::NamedGp => person.named_gp.clone(),
        ProposedField::Council => person.council.clone(),
        ProposedField::LivesAlone => yes(person.lives_alone),
        ProposedField::Housebound => yes(person.housebound),
        ProposedField::HasCarer => yes(person.has_carer),
        ProposedField::Respect => yes(person.respect),
        ProposedField::Palliative => yes(person.palliative),
        ProposedField::Residence => line(person.residence.code()),
        ProposedField::Sex => line(person.sex.code()),
        ProposedField::Cfs => count(person.cfs),
        ProposedField::Efi => person.efi.and_then(|efi| line(&efi.to_string())),
        ProposedField::Conditions => count(person.conditions),
        ProposedField::Band => person.band.and_then(|band| line(band.label())),
        ProposedField::Sharing => line(person.sharing.label()),
        ProposedField::Practice => match person.practice {
            Some(id) => reader.get::<Organisation>(id)?.map(|practice| practice.name.clone()),
            None => None,
        },
        ProposedField::KeyWorker => match reader.key_worker(proposal.person)? {
            Some(period) => reader.get::<Member>(period.member)?.map(|member| member.name.clone()),
            None => None,
        },
    })
}

/// Keeps what the team wrote. The same value is not proposed again.
pub fn decline(proposal: &Record<Proposal>, today: Day) -> Change {
    settle(proposal, ProposalState::Declined, today)
}

fn settle(proposal: &Record<Proposal>, state: ProposalState, today: Day) -> Change {
    alter(proposal, |it| {
        it.state = state;
        it.decided_on = Some(today);
    })
}

/// The practice of this name, made where it is not on file.
fn practice(reader: &Reader, mint: &mut Mint, person: &Record<Person>, name: &Line) -> Result<Vec<Change>, Trouble> {
    let organisations = reader.organisations()?;
    let known = organisations.iter().find(|it| fold(it.name.as_str()) == fold(name.as_str()));
    let mut changes = Vec::new();
    let id = known.map_or_else(
        || {
            let id = mint.mint();
            let practice = Organisation { name: name.clone(), kind: OrganisationKind::Practice, code: None };
            changes.push(add(id, practice));
            id
        },
        |known| known.id,
    );
    changes.push(alter(person, |it| it.practice = Some(id)));
    Ok(changes)
}

fn key_worker(
    reader: &Reader,
    team: &Record<Team>,
    today: Day,
    mint: &mut Mint,
    person: &Record<Person>,
    name: &Line,
) -> Result<Vec<Change>, Trouble> {
    let members = reader.members(team.id)?;
    let wanted = fold(name.as_str());
    let mut named = members.iter().filter(|it| it.left_on.is_none() && fold(it.name.as_str()) == wanted);
    let (Some(member), None) = (named.next(), named.next()) else {
        return Err(Trouble::List(format!(
            "No member, or more than one, is called {name}. Name the key worker on the person's page. Nothing was changed."
        )));
    };
    let mut changes = Vec::new();
    if let Some(current) = reader.key_worker(person.id)? {
        changes.push(alter(&current, |period| {
            period.until = Some(today.max(period.since));
            period.ended_why = Line::parse("another one was taken from a list").ok();
        }));
    }
    let period = KeyWorker { person: person.id, member: member.id, since: today, until: None, ended_why: None };
    changes.push(add(mint.mint(), period));
    Ok(changes)
}

fn write(person: &Record<Person>, field: ProposedField, theirs: &Line, today: Day, actor: &str) -> Option<Change> {
    let mut now = person.value.clone();
    let yes = match theirs.as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    match field {
        ProposedField::Surname => now.surname = theirs.clone(),
        ProposedField::Forename => now.forename = theirs.clone(),
        ProposedField::Born => now.born = Some(Day::from_iso(theirs.as_str())?),
        ProposedField::Preferred => now.preferred = Some(theirs.clone()),
        ProposedField::Title => now.title = Some(theirs.clone()),
        ProposedField::Address => now.address = Some(theirs.clone()),
        ProposedField::Postcode => now.postcode = Some(theirs.clone()),
        ProposedField::Phone => now.phone = Some(theirs.clone()),
        ProposedField::NamedGp => now.named_gp = Some(theirs.clone()),
        ProposedField::Council => now.council = Some(theirs.clone()),
        ProposedField::LivesAlone => now.lives_alone = yes.or(now.lives_alone),
        ProposedField::Housebound => now.housebound = yes.or(now.housebound),
        ProposedField::HasCarer => now.has_carer = yes.or(now.has_carer),
        ProposedField::Residence => now.residence = Residence::from_code(theirs.as_str()).unwrap_or(now.residence),
        ProposedField::Sex => now.sex = Sex::from_code(theirs.as_str()).unwrap_or(now.sex),
        ProposedField::Cfs => {
            now.cfs = theirs.as_str().parse().ok().filter(|cfs| (1..=9).contains(cfs)).or(now.cfs);
            // Whose day it was is not known any more.
            now.cfs_on = None;
        }
        ProposedField::Efi => now.efi = Score::parse(theirs.as_str()).or(now.efi),
        ProposedField::Conditions => now.conditions = theirs.as_str().parse().ok().or(now.conditions),
        ProposedField::Respect => now.respect = yes.or(now.respect),
        ProposedField::Palliative => now.palliative = yes.or(now.palliative),
        ProposedField::Sharing => {
            let sharing = Sharing::from_code(theirs.as_str())?;
            now.sharing = sharing;
            now.sharing_on = Some(today);
            now.sharing_by = Line::parse(actor).ok();
        }
        // These have changes of their own.
        ProposedField::Band | ProposedField::KeyWorker | ProposedField::Practice => return None,
    }
    Some(crate::domain::change::replace(person, now))
}
