//! A small world of records, and the deeds of which random histories are made.
#![allow(dead_code, reason = "each test file uses its part of it")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops where something is not as it should be")]

use chrono::TimeZone as _;
use mdt::domain::action::{Action, ActionState};
use mdt::domain::agenda::AgendaItem;
use mdt::domain::band::Band;
use mdt::domain::change::{Alter, Change, Mint, Noun, Record, RecordId, add, alter};
use mdt::domain::day::{Day, Moment, TimeOfDay};
use mdt::domain::discussion::Discussion;
use mdt::domain::id::{
    ActionId, AgendaItemId, DiscussionId, KeyWorkerId, MeetingId, MemberId, OrganisationId, PersonId, PlanId, TeamId,
};
use mdt::domain::key_worker::{KeyWorker, hand_over};
use mdt::domain::meeting::{Meeting, Stage, begin, close, come_to};
use mdt::domain::member::{Member, Membership};
use mdt::domain::nhs_number::NhsNumber;
use mdt::domain::organisation::{Organisation, OrganisationKind};
use mdt::domain::person::Person;
use mdt::domain::plan::Plan;
use mdt::domain::team::Team;
use mdt::domain::text::{Line, Note};
use mdt::domain::written_back::tick;
use mdt::store::Reader;

pub fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

pub fn day(n: u16) -> Day {
    Day::new(2026, 11, 2).unwrap().plus(i64::from(n % 90))
}

pub fn moment(n: u16) -> Moment {
    Moment::new(chrono::Utc.with_ymd_and_hms(2026, 11, 26, 13, 0, 0).unwrap() + chrono::Duration::seconds(n.into()))
}

/// The ids handed out so far; some may be taken back at any moment.
#[derive(Clone)]
pub struct World {
    pub mint: Mint,
    pub teams: Vec<TeamId>,
    pub organisations: Vec<OrganisationId>,
    pub members: Vec<MemberId>,
    pub people: Vec<PersonId>,
    pub meetings: Vec<MeetingId>,
    pub items: Vec<AgendaItemId>,
    pub actions: Vec<ActionId>,
    pub plans: Vec<PlanId>,
    pub discussions: Vec<DiscussionId>,
    pub key_workers: Vec<KeyWorkerId>,
}

/// One that is there now, if any is.
pub fn pick<N: Noun + store_table::Held>(reader: Option<&Reader>, ids: &[N::Id], at: u16) -> Option<Record<N>> {
    let there: Vec<Record<N>> = ids.iter().filter_map(|id| N::held(reader?, *id)).collect();
    (!there.is_empty()).then(|| there[usize::from(at) % there.len()].clone())
}

/// Reading a noun by its id, without naming the trait that the store keeps to itself.
pub mod store_table {
    use super::*;
    pub trait Held: Noun {
        fn held(reader: &Reader, id: Self::Id) -> Option<Record<Self>>;
    }
    macro_rules! held {
        ($($noun:ty),+) => { $( impl Held for $noun {
            fn held(reader: &Reader, id: Self::Id) -> Option<Record<Self>> {
                reader.get::<$noun>(id).unwrap()
            }
        } )+ };
    }
    held!(Team, Organisation, Member, Person, Meeting, AgendaItem, Action, Plan, Discussion, KeyWorker);
}

/// How many kinds of deed a history is made of.
pub const KINDS: u8 = 22;

impl World {
    pub fn new(salt: u32) -> Self {
        Self {
            mint: Mint::new(chrono::DateTime::UNIX_EPOCH, salt),
            teams: Vec::new(),
            organisations: Vec::new(),
            members: Vec::new(),
            people: Vec::new(),
            meetings: Vec::new(),
            items: Vec::new(),
            actions: Vec::new(),
            plans: Vec::new(),
            discussions: Vec::new(),
            key_workers: Vec::new(),
        }
    }

    /// The changes of one deed, or nothing where what it needs is not there. Without a reader the newest ids are used.
    pub fn changes(&mut self, reader: Option<&Reader>, what: u8, a: u16, b: u16) -> Option<Vec<Change>> {
        let team = || pick::<Team>(reader, &self.teams, a).map(|it| it.id).or(self.teams.last().copied());
        let organisation = || {
            pick::<Organisation>(reader, &self.organisations, b).map(|it| it.id).or(self.organisations.last().copied())
        };
        Some(match what {
            0 => {
                let id = self.mint.mint();
                self.teams.push(id);
                vec![add(id, Team::new(line("Elm Grove MDT")))]
            }
            1 => vec![alter(&pick::<Team>(reader, &self.teams, a)?, |it| {
                it.length = 5 + i64::from(b % 700);
                it.place = (!b.is_multiple_of(3)).then(|| line("Room 4"));
            })],
            2 => {
                let id = self.mint.mint();
                self.organisations.push(id);
                vec![add(
                    id,
                    Organisation { name: line("Elm Grove Surgery"), kind: OrganisationKind::Practice, code: None },
                )]
            }
            3 => {
                let member = Member {
                    team: team()?,
                    name: line(&format!("Member {a}")),
                    role: line("District nurse"),
                    organisation: organisation()?,
                    membership: Membership::Core,
                    phone: None,
                    email: None,
                    left_on: None,
                };
                let id = self.mint.mint();
                self.members.push(id);
                vec![add(id, member)]
            }
            4 => vec![alter(&pick::<Member>(reader, &self.members, a)?, |it| {
                it.left_on = (b.is_multiple_of(2)).then(|| day(b));
                it.role = line(if b.is_multiple_of(3) { "Pharmacist" } else { "Social worker" });
            })],
            5 => {
                let mut person = Person::new(team()?, line(&format!("Example{a}")), line("Ada"));
                person.nhs_number = (b % 2 == 1).then(|| NhsNumber::parse(NUMBERS[usize::from(a) % 3]).unwrap());
                let id = self.mint.mint();
                self.people.push(id);
                vec![add(id, person)]
            }
            6 => vec![alter(&pick::<Person>(reader, &self.people, a)?, |it| {
                it.surname = line(["Ångström", "O’Neill", "Adeyemi", "d'Souza"][usize::from(b % 4)]);
                it.band = [None, Some(Band::High), Some(Band::Low)][usize::from(b % 3)];
                it.born = (!b.is_multiple_of(5)).then(|| day(b).plus(-30_000));
            })],
            7 => vec![alter(&pick::<Person>(reader, &self.people, a)?, |it| {
                it.nhs_number = (!b.is_multiple_of(4)).then(|| NhsNumber::parse(NUMBERS[usize::from(b) % 3]).unwrap());
                it.safeguarding = Note::optional("Known to the team.\nSince spring.").unwrap();
            })],
            8 => {
                let action = Action {
                    team: team()?,
                    person: pick::<Person>(reader, &self.people, b).map(|it| it.id),
                    meeting: pick::<Meeting>(reader, &self.meetings, b).map(|it| it.id),
                    item: None,
                    goal: None,
                    what: line("Ring the GP"),
                    owner: pick::<Member>(reader, &self.members, a)?.id,
                    raised_on: day(0),
                    due: day(b),
                    carried: 0,
                    telling: false,
                    state: ActionState::Open,
                };
                let id = self.mint.mint();
                self.actions.push(id);
                vec![add(id, action)]
            }
            9 => vec![alter(&pick::<Action>(reader, &self.actions, a)?, |it| {
                it.state = match b % 4 {
                    0 => ActionState::Open,
                    1 => ActionState::Accepted { on: day(b) },
                    2 => ActionState::Done { on: day(b), note: Note::optional("went well").unwrap() },
                    _ => ActionState::Withdrawn { on: day(b), why: Note::parse("not wanted").unwrap() },
                };
            })],
            10 => vec![alter(&pick::<Action>(reader, &self.actions, a)?, |it| {
                it.due = day(b);
                it.person = pick::<Person>(reader, &self.people, b).map(|it| it.id);
            })],
            11 => {
                let person = pick::<Person>(reader, &self.people, a)?.id;
                let member = pick::<Member>(reader, &self.members, b)?.id;
                let current = reader?.key_worker(person).unwrap();
                let changes = hand_over(current.as_ref(), person, member, day(b), &mut self.mint).ok()?;
                self.key_workers.extend(changes.iter().map(|change| KeyWorkerId::from_raw(change.row())));
                changes
            }
            12 => {
                let meeting = Meeting::planned(team()?, day(b), TimeOfDay::new(13, 0).unwrap(), 90, None);
                let id = self.mint.mint();
                self.meetings.push(id);
                vec![add(id, meeting)]
            }
            13 => {
                let meeting = pick::<Meeting>(reader, &self.meetings, a)?;
                begin(&meeting, &reader?.agenda(meeting.id).unwrap(), moment(b)).ok()?
            }
            14 => {
                let meeting = pick::<Meeting>(reader, &self.meetings, a)?.id;
                let item = match pick::<Person>(reader, &self.people, b) {
                    Some(person) if !b.is_multiple_of(3) => AgendaItem::person(meeting, i64::from(b), person.id, 8),
                    _ => AgendaItem::standing(meeting, i64::from(b), line("Matters arising"), 5),
                };
                let id = self.mint.mint();
                self.items.push(id);
                vec![add(id, item)]
            }
            15 => {
                let meeting = pick::<Meeting>(reader, &self.meetings, a).filter(|it| it.stage == Stage::Live)?;
                let items = reader?.agenda(meeting.id).unwrap();
                let leaving = items.iter().find(|item| Some(item.id) == meeting.here);
                come_to(&meeting, leaving, items.get(usize::from(b) % items.len().max(1)), moment(b))
            }
            16 => {
                let meeting = pick::<Meeting>(reader, &self.meetings, a)?;
                let items = reader?.agenda(meeting.id).unwrap();
                let live: Vec<_> = self.actions.iter().filter_map(|id| reader?.get::<Action>(*id).unwrap()).collect();
                close(&meeting, &items, &live, moment(u16::MAX)).ok()?
            }
            17 => {
                let mut plan = Plan::new(pick::<Person>(reader, &self.people, a)?.id);
                plan.review_on = Some(day(b));
                let id = self.mint.mint();
                self.plans.push(id);
                vec![add(id, plan)]
            }
            18 => vec![alter(&pick::<Plan>(reader, &self.plans, a)?, |it| {
                it.review_on = (b.is_multiple_of(2)).then(|| day(b))
            })],
            19 => {
                let item = pick::<AgendaItem>(reader, &self.items, a)?;
                let mut discussion = Discussion::new(item.meeting, item.id, item.person?);
                discussion.agreed_at = (b.is_multiple_of(2)).then(|| moment(b));
                let id = self.mint.mint();
                self.discussions.push(id);
                vec![add(id, discussion)]
            }
            20 => {
                let discussion = pick::<Discussion>(reader, &self.discussions, a)?.id;
                let before = reader?.written_back(discussion).unwrap();
                // Now and then a second tick, as if the first had not been seen: the file refuses it.
                let seen = before.as_ref().filter(|_| !b.is_multiple_of(4));
                vec![tick(discussion, seen, line("Tolu Bankole"), moment(b), &mut self.mint).ok()?]
            }
            // A record taken away, and one added in the same step.
            _ => {
                let item = pick::<AgendaItem>(reader, &self.items, a)?;
                let gone = Alter { id: item.id, was: Some(Box::new(item.value.clone())), now: None };
                let id = self.mint.mint();
                self.organisations.push(id);
                let other = Organisation { name: line("Age UK"), kind: OrganisationKind::Voluntary, code: None };
                vec![AgendaItem::into_change(gone), add(id, other)]
            }
        })
    }
}

pub const NUMBERS: [&str; 3] = ["9990000018", "9990000026", "9990000034"];
