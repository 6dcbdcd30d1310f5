//! What the demo knows while it writes: who is who, what each record is by now, and which day it is in the story.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

use crate::clock::Now;
use crate::domain::Word;
use crate::domain::action::Action;
use crate::domain::agenda::AgendaItem;
use crate::domain::change::{Alter, Change, Mint, Noun, Record};
use crate::domain::day::{Day, Moment};
use crate::domain::discussion::Discussion;
use crate::domain::id::{HouseholdId, MemberId, OrganisationId, PersonId, TeamId};
use crate::domain::meeting::Meeting;
use crate::domain::nomination::Nomination;
use crate::domain::person::Person;
use crate::domain::text::{Line, Note};
use crate::store::fault::Fault;
use crate::store::log::Stamp;
use crate::store::{Deed, Store};

use super::script::MemberEntry;

/// Records of one noun as they are by now.
pub(super) type Kept<N> = BTreeMap<<N as Noun>::Id, Record<N>>;

pub(super) struct Book<'s> {
    store: &'s mut Store,
    now: Now,
    /// Minutes from the local midnight before today: where the story is.
    at: i64,
    pub(super) mint: Mint,
    pub(super) team: Option<TeamId>,
    pub(super) place: Option<Line>,
    pub(super) organisations: BTreeMap<String, OrganisationId>,
    pub(super) members: BTreeMap<String, (MemberId, String)>,
    pub(super) households: BTreeMap<String, HouseholdId>,
    pub(super) people: BTreeMap<String, PersonId>,
    pub(super) key_workers: BTreeMap<PersonId, MemberId>,
    pub(super) persons: Kept<Person>,
    pub(super) nominations: Kept<Nomination>,
    pub(super) meetings: Kept<Meeting>,
    pub(super) items: Kept<AgendaItem>,
    pub(super) discussions: Kept<Discussion>,
    pub(super) actions: Kept<Action>,
}

impl<'s> Book<'s> {
    pub(super) fn new(store: &'s mut Store, seed: u64, now: Now) -> Self {
        let salt = u32::try_from(seed & 0x3f_0000).unwrap_or_default();
        Self {
            store,
            now,
            at: 0,
            mint: Mint::new(moment_of(now, super::BEGAN, 0).utc(), salt),
            team: None,
            place: None,
            organisations: BTreeMap::new(),
            members: BTreeMap::new(),
            households: BTreeMap::new(),
            people: BTreeMap::new(),
            key_workers: BTreeMap::new(),
            persons: BTreeMap::new(),
            nominations: BTreeMap::new(),
            meetings: BTreeMap::new(),
            items: BTreeMap::new(),
            discussions: BTreeMap::new(),
            actions: BTreeMap::new(),
        }
    }

    /// The day `offset` days from today.
    pub(super) fn day(&self, offset: i64) -> Day {
        self.now.today.plus(offset)
    }

    /// The moment the story has come to.
    pub(super) fn moment(&self) -> Moment {
        moment_of(self.now, 0, self.at)
    }

    /// Lets minutes pass in the story.
    pub(super) fn pass(&mut self, minutes: i64) {
        self.at += minutes;
    }

    pub(super) fn team(&self) -> Result<TeamId, Fault> {
        self.team.ok_or_else(|| unknown("team"))
    }

    pub(super) fn organisation(&self, key: &str) -> Result<OrganisationId, Fault> {
        self.organisations.get(key).copied().ok_or_else(|| unknown(key))
    }

    pub(super) fn member(&self, key: &str) -> Result<MemberId, Fault> {
        self.members.get(key).map(|(id, _)| *id).ok_or_else(|| unknown(key))
    }

    pub(super) fn members_of(&self, keys: &[String]) -> Result<Vec<MemberId>, Fault> {
        keys.iter().map(|key| self.member(key)).collect()
    }

    pub(super) fn person(&self, key: &str) -> Result<Record<Person>, Fault> {
        self.people.get(key).and_then(|id| self.persons.get(id)).cloned().ok_or_else(|| unknown(key))
    }

    /// The navigator signs the steps made before the members are on file.
    pub(super) fn name_of_navigator(&mut self, members: &[MemberEntry], key: &str) {
        if let Some(entry) = members.iter().find(|entry| entry.key == key) {
            let id = crate::domain::change::RecordId::from_raw(0);
            self.members.insert(key.to_owned(), (id, entry.name.clone()));
        }
    }

    /// Writes a step of a member at the story's moment.
    pub(super) fn step(&mut self, member: &str, deed: Deed, changes: &[Change]) -> Result<(), Fault> {
        let actor = self.members.get(member).map_or_else(|| member.to_owned(), |(_, name)| name.clone());
        let stamp = Stamp { at: self.moment().iso(), actor };
        self.store.commit(&stamp, &deed, changes)?;
        for change in changes {
            self.remember(change);
        }
        Ok(())
    }

    fn remember(&mut self, change: &Change) {
        match change {
            Change::Person(alter) => keep(&mut self.persons, alter),
            Change::Nomination(alter) => keep(&mut self.nominations, alter),
            Change::Meeting(alter) => keep(&mut self.meetings, alter),
            Change::AgendaItem(alter) => keep(&mut self.items, alter),
            Change::Discussion(alter) => keep(&mut self.discussions, alter),
            Change::Action(alter) => keep(&mut self.actions, alter),
            Change::KeyWorker(alter) => {
                if let Some(period) = alter.now.as_ref().filter(|period| period.until.is_none()) {
                    self.key_workers.insert(period.person, period.member);
                }
            }
            Change::Team(_)
            | Change::Organisation(_)
            | Change::Member(_)
            | Change::BandEntry(_)
            | Change::Objection(_)
            | Change::Household(_)
            | Change::Carer(_)
            | Change::Plan(_)
            | Change::Goal(_)
            | Change::Attendance(_)
            | Change::Minutes(_)
            | Change::Addendum(_)
            | Change::Intake(_)
            | Change::QueuedRow(_)
            | Change::Proposal(_)
            | Change::Activity(_)
            | Change::Service(_)
            | Change::Disclosure(_)
            | Change::WrittenBack(_)
            | Change::Viewing(_)
            | Change::Hold(_)
            | Change::Joining(_)
            | Change::Erasure(_) => {}
        }
    }
}

fn keep<N: Noun>(kept: &mut Kept<N>, alter: &Alter<N>) {
    if let Some(value) = &alter.now {
        kept.insert(alter.id, Record { id: alter.id, value: (**value).clone() });
    }
}

/// `minutes` after the local midnight that begins the day `day` days from today.
pub(super) fn moment_of(now: Now, day: i64, minutes: i64) -> Moment {
    let utc: DateTime<Utc> = now.moment.utc();
    let seconds = i64::from(chrono::Timelike::second(&utc));
    Moment::new(utc - Duration::seconds(seconds) + Duration::minutes(day * 1_440 + minutes - now.time.minutes()))
}

pub(super) fn unknown(key: &str) -> Fault {
    Fault::Other { code: -10, what: format!("the texts of the demo name {key}, who or which is not there") }
}

pub(super) fn line(text: &str) -> Result<Line, Fault> {
    Line::parse(text).map_err(|why| Fault::Other { code: -10, what: format!("a text of the demo: {why}") })
}

pub(super) fn note(text: &str) -> Result<Note, Fault> {
    Note::parse(text).map_err(|why| Fault::Other { code: -10, what: format!("a text of the demo: {why}") })
}

pub(super) fn maybe_line(text: Option<&String>) -> Result<Option<Line>, Fault> {
    text.map(|text| line(text)).transpose()
}

pub(super) fn maybe_note(text: Option<&String>) -> Result<Option<Note>, Fault> {
    text.map(|text| note(text)).transpose()
}

pub(super) fn word<W: Word>(code: &str) -> Result<W, Fault> {
    W::from_code(code).ok_or_else(|| unknown(code))
}

type Event<'s> = Box<dyn FnOnce(&mut Book<'_>) -> Result<(), Fault> + 's>;

/// What happened, in the order of the days and not of the telling.
pub(super) struct Diary<'s>(Vec<(i64, Event<'s>)>);

impl<'s> Diary<'s> {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    /// Enters something for a day (counted from today) and a minute of that day.
    pub(super) fn on(&mut self, day: i64, minute: i64, event: impl FnOnce(&mut Book<'_>) -> Result<(), Fault> + 's) {
        self.0.push((day * 1_440 + minute, Box::new(event)));
    }

    /// Lets everything happen.
    pub(super) fn play(mut self, book: &mut Book<'_>) -> Result<(), Fault> {
        self.0.sort_by_key(|(at, _)| *at);
        for (at, event) in self.0 {
            book.at = at;
            event(book)?;
        }
        Ok(())
    }
}
