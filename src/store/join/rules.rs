//! What does not go together although each side by itself was right: found before anything is written, and put to a person
//! or left out with its reason.

use rusqlite::types::Value;
use rusqlite::{OptionalExtension as _, params};

use crate::domain::Word as _;
use crate::domain::change::{NounKind, RecordId as _};
use crate::domain::id::PersonId;

use super::super::apply::{columns_of, sort_name};
use super::super::fault::Fault;
use super::fold::Folded;
use super::sides::{Cells, number, past, place, text};
use super::{Choice, Joiner, LeftOut, Reason, What};

/// What is done with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Nothing,
    Adds,
    Alters,
    Removes,
}

/// Why a key worker's period ended that was joined with another one.
const JOINED: &str = "another copy was joined";

/// What belongs to a meeting and is part of its minutes.
const OF_A_MEETING: [NounKind; 5] =
    [NounKind::Meeting, NounKind::AgendaItem, NounKind::Attendance, NounKind::Discussion, NounKind::Minutes];

impl Joiner<'_> {
    /// What is done with a record, all rules considered; decided once.
    pub(super) fn fate(&mut self, noun: NounKind, row: i64) -> Result<Fate, Fault> {
        if let Some(fate) = self.fates.get(&(noun, row)) {
            return Ok(*fate);
        }
        // Whoever asks about it while it is being decided takes it as coming: what it refers to cannot refer back.
        self.fates.insert((noun, row), Fate::Adds);
        let folded = self.settled(noun, row)?;
        let fate = match &folded {
            Folded::Same | Folded::Erased => Fate::Nothing,
            Folded::Add(_) => Fate::Adds,
            Folded::Alter(..) => Fate::Alters,
            Folded::Remove => Fate::Removes,
        };
        self.fates.insert((noun, row), fate);
        if fate != Fate::Nothing
            && let Some(person) = self.person_of(noun, row)?
        {
            self.people.insert(person);
        }
        Ok(fate)
    }

    /// What becomes of a record after all rules.
    pub(super) fn settled(&mut self, noun: NounKind, row: i64) -> Result<Folded, Fault> {
        let first = self.deciding.insert((noun, row));
        let settled = self.by_rules(noun, row);
        if first {
            self.deciding.remove(&(noun, row));
        }
        settled
    }

    fn by_rules(&mut self, noun: NounKind, row: i64) -> Result<Folded, Fault> {
        let folded = self.fold(noun, row)?;
        if matches!(folded, Folded::Same) {
            return Ok(folded);
        }
        if matches!(folded, Folded::Erased) || self.is_erased(noun, row)? {
            return self.leave_out(noun, row, Reason::Erased);
        }
        if self.is_sealed_here(noun, row, &folded)? {
            return self.leave_out(noun, row, Reason::SealedHere);
        }
        match folded {
            Folded::Add(cells) => self.adding(noun, row, cells),
            Folded::Alter(id, set) => self.altering(noun, row, id, set),
            Folded::Remove if self.is_built_on(noun, row)? => {
                // Taken away and made anew there: what is built on it here has it still, under our id.
                let ours = self.here(noun, row)?.unwrap_or_default();
                if self.their_twin(noun, &ours)? {
                    Ok(Folded::Same)
                } else {
                    self.leave_out(noun, row, Reason::BuiltOnHere)
                }
            }
            Folded::Remove | Folded::Same | Folded::Erased => Ok(folded),
        }
    }

    fn leave_out(&mut self, noun: NounKind, row: i64, why: Reason) -> Result<Folded, Fault> {
        let person = self.person_of(noun, row)?;
        if matches!(why, Reason::SealedHere | Reason::Erased) {
            // Nobody is asked about what does not come anyway.
            self.clashes.retain(|(kind, id, _), _| (*kind, *id) != (noun, row));
        }
        self.left_out.insert(LeftOut { person, noun, row, why });
        Ok(Folded::Same)
    }

    /// Whether it belongs to a meeting whose minutes are sealed here. What may still come to it – an addendum, a tick, a
    /// paper that left – and what goes on after it – an action of before – is not meant.
    fn is_sealed_here(&self, noun: NounKind, row: i64, folded: &Folded) -> Result<bool, Fault> {
        let comes_or_goes = noun == NounKind::Action && matches!(folded, Folded::Add(_) | Folded::Remove);
        if !OF_A_MEETING.contains(&noun) && !comes_or_goes {
            return Ok(false);
        }
        let meeting = match (noun, self.here(noun, row)?) {
            (NounKind::Meeting, _) => Some(row),
            (_, Some(cells)) => number(noun, &cells, "meeting"),
            (_, None) => self.there(noun, row)?.and_then(|cells| number(noun, &cells, "meeting")),
        };
        let Some(meeting) = meeting else { return Ok(false) };
        let kind = NounKind::Meeting;
        Ok(self.here(kind, meeting)?.is_some_and(|cells| text(kind, &cells, "stage") == Some("sealed")))
    }

    fn adding(&mut self, noun: NounKind, row: i64, mut cells: Cells) -> Result<Folded, Fault> {
        for reference in self.references.get(&noun).cloned().unwrap_or_default() {
            let Some(Value::Integer(to)) = cells.get(reference.at).cloned() else { continue };
            if noun == NounKind::Meeting && reference.to == NounKind::AgendaItem {
                continue;
            }
            if !self.is_to_be_had(reference.to, to)? {
                return self.leave_out(noun, row, Reason::NothingToBelongTo);
            }
        }
        if noun == NounKind::Person {
            if !self.number_of(row, row, &mut cells, true)? {
                return self.leave_out(noun, row, Reason::StaysOut);
            }
            self.note_alike(row, &cells)?;
            self.note_back(row, &cells)?;
        } else if noun == NounKind::KeyWorker {
            self.key_worker_of(row, &mut cells)?;
        } else if noun == NounKind::Meeting {
            self.live_meeting(row, row, &mut cells)?;
            self.unseal(row, &mut cells)?;
        } else if noun == NounKind::Minutes {
            let meeting = number(noun, &cells, "meeting").unwrap_or_default();
            if !self.is_as_sealed(meeting)? {
                return self.leave_out(noun, row, Reason::NotAsSealed);
            }
        }
        Ok(Folded::Add(cells))
    }

    fn altering(&mut self, noun: NounKind, row: i64, id: i64, set: Vec<(usize, Value)>) -> Result<Folded, Fault> {
        let Some(ours) = self.here(noun, id)? else { return Ok(Folded::Same) };
        let mut merged = ours.clone();
        let mut missing = Vec::new();
        for (at, value) in set {
            if let (Some(to), Value::Integer(it)) = (self.reference_at(noun, at), &value)
                && !self.is_to_be_had(to, *it)?
            {
                missing.push(at);
            }
            if let Some(cell) = merged.get_mut(at) {
                *cell = value;
            }
        }
        // A column that would refer to nothing stays as it is, and with it those that mean something only beside it.
        let units = self.units.get(&noun).cloned().unwrap_or_default();
        for unit in units.iter().filter(|unit| unit.iter().any(|at| missing.contains(at))) {
            self.leave_out(noun, row, Reason::NothingToBelongTo)?;
            for at in unit {
                if let (Some(cell), Some(before)) = (merged.get_mut(*at), ours.get(*at)) {
                    cell.clone_from(before);
                }
            }
        }
        if noun == NounKind::Person {
            self.number_of(row, id, &mut merged, false)?;
        } else if noun == NounKind::KeyWorker {
            self.key_worker_of(id, &mut merged)?;
        } else if noun == NounKind::Meeting {
            self.live_meeting(row, id, &mut merged)?;
            self.unseal(id, &mut merged)?;
        }
        let set: Vec<(usize, Value)> =
            merged.into_iter().enumerate().filter(|(at, value)| ours.get(*at) != Some(value)).collect();
        Ok(if set.is_empty() { Folded::Same } else { Folded::Alter(id, set) })
    }

    fn reference_at(&self, noun: NounKind, at: usize) -> Option<NounKind> {
        self.references.get(&noun)?.iter().find(|reference| reference.at == at).map(|reference| reference.to)
    }

    /// Whether a record that theirs refers to is here or comes too. One that was taken away here is put to a person.
    fn is_to_be_had(&mut self, noun: NounKind, row: i64) -> Result<bool, Fault> {
        if self.here(noun, row)?.is_some() {
            return Ok(true);
        }
        let key = (noun, row);
        if self.needed.insert(key) && self.fates.get(&key) == Some(&Fate::Nothing) {
            self.fates.remove(&key);
        }
        Ok(self.fate(noun, row)? == Fate::Adds)
    }

    /// Whether something here still refers to a record that they took away.
    fn is_built_on(&mut self, noun: NounKind, row: i64) -> Result<bool, Fault> {
        // A meeting stands on its agenda, which belongs to the meeting: whoever comes round has been asked.
        if !self.going.insert((noun, row)) {
            return Ok(false);
        }
        let built_on = self.is_referred_to(noun, row);
        self.going.remove(&(noun, row));
        built_on
    }

    fn is_referred_to(&mut self, noun: NounKind, row: i64) -> Result<bool, Fault> {
        let children: Vec<(NounKind, usize)> = self
            .references
            .iter()
            .flat_map(|(child, all)| all.iter().filter(|it| it.to == noun).map(|it| (*child, it.at)))
            .collect();
        for (child, at) in children {
            let Some(column) = columns_of(child).get(at) else { continue };
            let sql = format!("SELECT id FROM {} WHERE \"{column}\" = ?1", child.code());
            let ids: Vec<i64> =
                self.ours.prepare_cached(&sql)?.query_map([row], |row| row.get(0))?.collect::<Result<_, _>>()?;
            for id in ids {
                let lets_go = match self.fold(child, id)? {
                    Folded::Remove => {
                        !self.is_sealed_here(child, id, &Folded::Remove)? && !self.is_built_on(child, id)?
                    }
                    Folded::Alter(_, set) => set.iter().any(|(it, value)| *it == at && *value != Value::Integer(row)),
                    Folded::Same | Folded::Add(_) | Folded::Erased => false,
                };
                if !lets_go {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// What a column of a record here will be.
    fn will_be(&mut self, noun: NounKind, row: i64, column: &str) -> Result<Option<Value>, Fault> {
        let Some(at) = place(noun, column) else { return Ok(None) };
        let now = self.here(noun, row)?.and_then(|cells| cells.get(at).cloned());
        // Two that wait for each other, as numbers that were swapped, are taken by what each side wrote.
        let folded =
            if self.deciding.contains(&(noun, row)) { self.fold(noun, row)? } else { self.settled(noun, row)? };
        Ok(match folded {
            Folded::Remove => None,
            Folded::Alter(_, set) => set.into_iter().find(|(it, _)| *it == at).map(|(_, value)| value).or(now),
            Folded::Same | Folded::Add(_) | Folded::Erased => now,
        })
    }

    /// One number, one person of a team. Nobody's records move to somebody else. Says whether a new person may come.
    fn number_of(&mut self, row: i64, id: i64, cells: &mut Cells, new: bool) -> Result<bool, Fault> {
        let noun = NounKind::Person;
        let (Some(number_at), Some(wanted)) = (place(noun, "nhs_number"), number(noun, cells, "nhs_number")) else {
            return Ok(true);
        };
        let sql = "SELECT id FROM person WHERE team = ?1 AND nhs_number = ?2 AND id <> ?3";
        let team = number(noun, cells, "team");
        let holder: Option<i64> =
            self.ours.prepare_cached(sql)?.query_row(params![team, wanted, id], |row| row.get(0)).optional()?;
        let Some(holder) = holder else { return Ok(true) };
        let free = self.will_be(noun, holder, "nhs_number")? != Some(Value::Integer(wanted));
        // They saw who has it here, and decided.
        let instead = match self.decided_there(noun, holder, "nhs_number")? {
            Some(Value::Integer(other)) if !free => {
                let taken = self.ours.prepare_cached(sql)?.exists(params![team, other, holder])?;
                (!taken).then_some(Value::Integer(other))
            }
            other => other,
        };
        let choice = if free {
            Choice::Theirs
        } else if let Some(instead) = instead {
            self.gives_way(noun, holder, vec![(number_at, instead)]);
            return Ok(true);
        } else {
            self.decide(noun, row, "nhs_number", cells, What::SameNumber(holder, new))?
        };
        match (choice, new) {
            // The number is free before the one who gets it is written.
            (Choice::Theirs, _) => self.gives_way(noun, holder, vec![(number_at, Value::Null)]),
            (Choice::Ours, true) => return Ok(false),
            (Choice::Ours, false) => {
                let before = self.here(noun, id)?.and_then(|cells| cells.get(number_at).cloned());
                if let (Some(cell), Some(before)) = (cells.get_mut(number_at), before) {
                    *cell = before;
                }
            }
            (Choice::Both, _) => {
                if let Some(cell) = cells.get_mut(number_at) {
                    *cell = Value::Null;
                }
            }
        }
        Ok(true)
    }

    /// What they have in a column of a record that is as they saw it when they joined us: they left it so, knowing ours.
    fn decided_there(&self, noun: NounKind, row: i64, column: &str) -> Result<Option<Value>, Fault> {
        let (Some(seen), Some(at)) = (self.point.seen, place(noun, column)) else { return Ok(None) };
        let (Some(ours), Some(theirs)) = (self.here(noun, row)?, self.there(noun, row)?) else { return Ok(None) };
        let then = past(&self.ours, noun, row, Some(ours.clone()), seen)?.then;
        let same = then.is_some_and(|then| then.get(at) == ours.get(at));
        Ok(theirs.get(at).filter(|theirs| same && Some(*theirs) != ours.get(at)).cloned())
    }

    fn gives_way(&mut self, noun: NounKind, row: i64, set: Vec<(usize, Value)>) {
        self.giving_way.insert((noun, row), set);
        if noun == NounKind::Person {
            self.people.insert(PersonId::from_raw(row));
        }
    }

    /// One current key worker a person.
    fn key_worker_of(&mut self, row: i64, cells: &mut Cells) -> Result<(), Fault> {
        let noun = NounKind::KeyWorker;
        let (Some(until), Some(why)) = (place(noun, "until"), place(noun, "ended_why")) else { return Ok(()) };
        if cells.get(until) != Some(&Value::Null) {
            return Ok(());
        }
        let sql = "SELECT id FROM key_worker WHERE person = ?1 AND until IS NULL AND id <> ?2";
        let person = number(noun, cells, "person");
        let holder: Option<i64> =
            self.ours.prepare_cached(sql)?.query_row(params![person, row], |row| row.get(0)).optional()?;
        let Some(holder) = holder else { return Ok(()) };
        if self.will_be(noun, holder, "until")? != Some(Value::Null) {
            return Ok(());
        }
        let ends = |since: Option<&str>, today: String| {
            let day = since.filter(|since| **since > *today).map_or(today.clone(), str::to_owned);
            vec![(until, Value::Text(day)), (why, Value::Text(JOINED.to_owned()))]
        };
        let today = self.today.iso();
        if self.decide(noun, row, "until", cells, What::TwoKeyWorkers(holder))? == Choice::Theirs {
            let since = self.here(noun, holder)?;
            let since = since.as_deref().and_then(|cells| text(noun, cells, "since"));
            let set = ends(since, today);
            self.gives_way(noun, holder, set);
            if let Some(person) = person {
                self.people.insert(PersonId::from_raw(person));
            }
        } else {
            let set = ends(text(noun, cells, "since"), today);
            for (at, value) in set {
                if let Some(cell) = cells.get_mut(at) {
                    *cell = value;
                }
            }
        }
        Ok(())
    }

    /// One live meeting a team: the other one is planned again, with all that was recorded at it.
    fn live_meeting(&mut self, row: i64, id: i64, cells: &mut Cells) -> Result<(), Fault> {
        let noun = NounKind::Meeting;
        if text(noun, cells, "stage") != Some("live") {
            return Ok(());
        }
        let sql = "SELECT id FROM meeting WHERE team = ?1 AND stage = 'live' AND id <> ?2";
        let team = number(noun, cells, "team");
        let holder: Option<i64> =
            self.ours.prepare_cached(sql)?.query_row(params![team, id], |row| row.get(0)).optional()?;
        let Some(holder) = holder else { return Ok(()) };
        if self.will_be(noun, holder, "stage")? != Some(Value::Text("live".to_owned())) {
            return Ok(());
        }
        let mut planned: Vec<(usize, Value)> = ["begun_at", "ended_at", "here", "here_since"]
            .iter()
            .filter_map(|column| Some((place(noun, column)?, Value::Null)))
            .collect();
        planned.extend(place(noun, "stage").map(|at| (at, Value::Text("planned".to_owned()))));
        planned.sort_by_key(|(at, _)| *at);
        let decided = self.decided_there(noun, holder, "stage")?.is_some();
        if decided || self.decide(noun, row, "stage", cells, What::TwoLive(holder))? == Choice::Theirs {
            self.gives_way(noun, holder, planned);
        } else {
            for (at, value) in planned {
                if let Some(cell) = cells.get_mut(at) {
                    *cell = value;
                }
            }
        }
        Ok(())
    }

    /// A meeting whose sealed minutes do not come is closed, and can be sealed here.
    fn unseal(&mut self, meeting: i64, cells: &mut Cells) -> Result<(), Fault> {
        let noun = NounKind::Meeting;
        let sealed_there = text(noun, cells, "stage") == Some("sealed");
        if sealed_there
            && !self.is_as_sealed(meeting)?
            && let Some(cell) = place(noun, "stage").and_then(|at| cells.get_mut(at))
        {
            *cell = Value::Text("closed".to_owned());
        }
        Ok(())
    }

    /// Whether a meeting that was sealed there would be here, when all is joined, as it was sealed.
    fn is_as_sealed(&mut self, meeting: i64) -> Result<bool, Fault> {
        if let Some(same) = self.as_sealed.get(&meeting) {
            return Ok(*same);
        }
        let mut same = true;
        let kinds = [NounKind::Meeting, NounKind::AgendaItem, NounKind::Attendance, NounKind::Discussion];
        for noun in kinds.into_iter().chain([NounKind::Action]) {
            let column = if noun == NounKind::Meeting { "id" } else { "meeting" };
            let sql = format!("SELECT id FROM {} WHERE \"{column}\" = ?1", noun.code());
            let mut ids: Vec<i64> = Vec::new();
            for db in [&*self.ours, &self.other.db] {
                let found: Vec<i64> =
                    db.prepare_cached(&sql)?.query_map([meeting], |row| row.get(0))?.collect::<Result<_, _>>()?;
                ids.extend(found);
            }
            for id in ids {
                same =
                    same && if noun == NounKind::Action { self.is_on_both(id)? } else { self.is_as_theirs(noun, id)? };
            }
        }
        self.as_sealed.insert(meeting, same);
        Ok(same)
    }

    /// An action raised at a meeting goes on after it; that there is one is what its minutes say.
    fn is_on_both(&mut self, action: i64) -> Result<bool, Fault> {
        let noun = NounKind::Action;
        Ok(self.there(noun, action)?.is_some()
            && (self.here(noun, action)?.is_some() || self.fate(noun, action)? == Fate::Adds))
    }

    fn is_as_theirs(&mut self, noun: NounKind, row: i64) -> Result<bool, Fault> {
        let theirs = self.there(noun, row)?;
        if let Some(cells) = &theirs
            && let Some(person) = number(noun, cells, "person")
            && (!self.is_to_be_had(NounKind::Person, person)? || self.is_erased(NounKind::Person, person)?)
        {
            return Ok(false);
        }
        Ok(match (self.fold(noun, row)?, self.here(noun, row)?, theirs) {
            (Folded::Same, ours, theirs) => ours == theirs,
            (Folded::Add(cells), _, Some(theirs)) => cells == theirs,
            (Folded::Alter(id, set), Some(mut ours), Some(theirs)) if id == row => {
                for (at, value) in set {
                    if let Some(cell) = ours.get_mut(at) {
                        *cell = value;
                    }
                }
                ours == theirs
            }
            (Folded::Remove, _, theirs) => theirs.is_none(),
            (Folded::Erased | Folded::Add(_) | Folded::Alter(..), ..) => false,
        })
    }

    /// Two new people with one name and one day of birth may be one: both stay, and it is said.
    fn note_alike(&mut self, row: i64, cells: &Cells) -> Result<(), Fault> {
        let noun = NounKind::Person;
        let (Some(surname), Some(forename), Some(born)) =
            (text(noun, cells, "surname"), text(noun, cells, "forename"), text(noun, cells, "born"))
        else {
            return Ok(());
        };
        let sql = "SELECT id FROM person WHERE team = ?1 AND standing = 'active' AND sort_name = ?2 AND born = ?3 AND id <> ?4";
        let found: Vec<i64> = self
            .ours
            .prepare_cached(sql)?
            .query_map(params![number(noun, cells, "team"), sort_name(surname, forename), born, row], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for id in found {
            if self.there(noun, id)?.is_none() {
                self.alike.insert((PersonId::from_raw(id), PersonId::from_raw(row)));
            }
        }
        Ok(())
    }
}
