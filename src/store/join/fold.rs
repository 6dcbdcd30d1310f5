//! One record, three ways: as both copies had it, as it is here, as it is there.

use rusqlite::types::Value;

use crate::domain::change::{NounKind, RecordId as _};
use crate::domain::day::Day;
use crate::domain::id::PersonId;
use crate::domain::text::{NOTE_LIMIT, displayable};

use super::super::apply::{columns_of, shown};
use super::super::fault::Fault;
use super::rules::Fate;
use super::sides::{self, Cells, NOTES, natural_key, past};
use super::{Choice, Clash, Differing, Joiner, What};

/// What becomes of one record, before the rules that it shares with others.
pub(super) enum Folded {
    /// It stays as it is here.
    Same,
    /// It comes.
    Add(Cells),
    /// Columns of it change: of this record here.
    Alter(i64, Vec<(usize, Value)>),
    /// It goes.
    Remove,
    /// Its words were lawfully erased on one side.
    Erased,
}

/// The words over the other copy's part, where both texts stay.
const FROM_THERE: &str = "From the other copy";

impl Joiner<'_> {
    /// What becomes of a record of theirs.
    pub(super) fn fold(&mut self, noun: NounKind, row: i64) -> Result<Folded, Fault> {
        let there = self.there(noun, row)?;
        let there_past = match past(&self.other.db, noun, row, there.clone(), self.point.known) {
            // Erasing takes words out of rows and log together, so that the two no longer tell the same.
            Err(Fault::Damaged) if self.is_erased(noun, row)? => return Ok(Folded::Erased),
            found => found?,
        };
        let needed = self.needed.contains(&(noun, row));
        if !there_past.changed && !needed {
            return Ok(Folded::Same);
        }
        if there_past.erased {
            return Ok(Folded::Erased);
        }
        let theirs = there.map(|cells| self.mapped(noun, cells)).transpose()?;
        let (mut id, mut ours) = (row, self.here(noun, row)?);
        if ours.is_none()
            && let Some(cells) = &theirs
            && let Some(twin) = self.twin(noun, cells)?
        {
            if noun == NounKind::WrittenBack {
                // Ticked is ticked, whoever did it first.
                return Ok(Folded::Same);
            }
            (id, ours) = (twin, self.here(noun, twin)?);
        }
        let mut base = there_past.then.map(|cells| self.mapped(noun, cells)).transpose()?;
        if let Some(seen) = self.point.seen {
            let here_past = match past(&self.ours, noun, id, ours.clone(), seen) {
                Err(Fault::Damaged) if self.is_erased(noun, id)? => return Ok(Folded::Erased),
                found => found?,
            };
            if here_past.erased {
                return Ok(Folded::Erased);
            }
            base = here_past.then;
        }
        match (base, ours, theirs) {
            (_, None, None) | (None, Some(_), None) => Ok(Folded::Same),
            (None, None, Some(theirs)) => Ok(Folded::Add(theirs)),
            (Some(base), None, Some(theirs)) => {
                let back = (needed || base != theirs)
                    && self.decide(noun, row, "", &theirs, What::GoneHere)? == Choice::Theirs;
                Ok(if back { Folded::Add(theirs) } else { Folded::Same })
            }
            (Some(base), Some(ours), None) => {
                if base == ours {
                    return Ok(Folded::Remove);
                }
                if self.their_twin(noun, &ours)? {
                    return Ok(Folded::Same);
                }
                let goes = self.decide(noun, row, "", &ours, What::GoneThere)? == Choice::Theirs;
                Ok(if goes { Folded::Remove } else { Folded::Same })
            }
            (base, Some(ours), Some(theirs)) => {
                let touched = if there_past.changed { there_past.touched } else { 0 };
                self.field_by_field(noun, (row, id), touched, base, &ours, &theirs)
            }
        }
    }

    fn field_by_field(
        &mut self,
        noun: NounKind,
        (row, id): (i64, i64),
        touched: u64,
        base: Option<Cells>,
        ours: &Cells,
        theirs: &Cells,
    ) -> Result<Folded, Fault> {
        let columns = columns_of(noun);
        let base = base.unwrap_or_else(|| vec![Value::Null; columns.len()]);
        let mut set = Vec::new();
        for unit in self.units.get(&noun).cloned().unwrap_or_default() {
            let of = |cells: &Cells| -> Vec<Value> { unit.iter().filter_map(|at| cells.get(*at).cloned()).collect() };
            let (was, here, there) = (of(&base), of(ours), of(theirs));
            if !unit.iter().any(|at| touched & 1 << at != 0) || here == there || there == was {
                continue;
            }
            let take = if here == was {
                Choice::Theirs
            } else {
                let differing: Vec<Differing> = unit
                    .iter()
                    .zip(was.iter().zip(here.iter().zip(&there)))
                    .filter_map(|(at, (was, (here, there)))| {
                        let (base, ours, theirs) = (shown(was), shown(here), shown(there));
                        Some(Differing { column: columns.get(*at).copied()?, base, ours, theirs })
                    })
                    .collect();
                let first = differing.first().map_or("", |it| it.column);
                self.decide(noun, row, first, theirs, What::Fields(differing))?
            };
            match take {
                Choice::Ours => {}
                Choice::Theirs => set.extend(unit.iter().copied().zip(there)),
                Choice::Both => {
                    if let (Some(at), [Value::Text(here)], [Value::Text(there)]) =
                        (unit.first(), here.as_slice(), there.as_slice())
                    {
                        set.push((*at, Value::Text(self.both(noun, row, here, there)?)));
                    }
                }
            }
        }
        set.sort_by_key(|(at, _)| *at);
        Ok(if set.is_empty() { Folded::Same } else { Folded::Alter(id, set) })
    }

    /// Both texts, ours first, theirs under a line that says whose it is.
    fn both(&self, noun: NounKind, row: i64, here: &str, there: &str) -> Result<String, Fault> {
        let by = match self.their_hand(noun, row)? {
            Some((actor, at)) => {
                let iso = at.get(..10).unwrap_or(&at);
                let day = Day::from_iso(iso).map_or_else(|| displayable(iso), |day| day.to_string());
                format!("{FROM_THERE} ({}, {day}):", displayable(&actor))
            }
            None => format!("{FROM_THERE}:"),
        };
        Ok(format!("{here}\n{by}\n{there}"))
    }

    /// What was decided; notes down that it has to be.
    pub(super) fn decide(
        &mut self,
        noun: NounKind,
        row: i64,
        about: &'static str,
        cells: &[Value],
        what: What,
    ) -> Result<Choice, Fault> {
        let key = (noun, row, about);
        let mut choices = vec![Choice::Ours, Choice::Theirs];
        let both = match &what {
            What::Fields(differing) => is_note(noun, differing),
            What::SameNumber(_, new) => *new,
            What::GoneThere | What::GoneHere | What::TwoKeyWorkers(_) | What::TwoLive(_) => false,
        };
        if both {
            choices.push(Choice::Both);
        }
        let decided = self.decisions.get(&key).copied().filter(|choice| choices.contains(choice));
        if !self.clashes.contains_key(&key) {
            let person = self.whom(noun, row, cells)?.map(PersonId::from_raw);
            self.clashes.insert(key, Clash { key, person, what, choices });
        }
        Ok(decided.unwrap_or(Choice::Ours))
    }

    /// Their references to a record that is here under another id, because it was made on both sides.
    fn mapped(&mut self, noun: NounKind, mut cells: Cells) -> Result<Cells, Fault> {
        for reference in self.references.get(&noun).cloned().unwrap_or_default() {
            if natural_key(reference.to).is_empty() {
                continue;
            }
            if let Some(Value::Integer(to)) = cells.get(reference.at).cloned()
                && self.here(reference.to, to)?.is_none()
                && let Some(there) = self.there(reference.to, to)?
            {
                // Where a meeting stands on its agenda leads back to the meeting, whose id is the same on both sides.
                let there = self.mapped(reference.to, there)?;
                if let (Some(twin), Some(cell)) = (self.twin(reference.to, &there)?, cells.get_mut(reference.at)) {
                    *cell = Value::Integer(twin);
                }
            }
        }
        Ok(cells)
    }

    /// The record here that is the same as a new one of theirs, made under another id, and stays.
    fn twin(&mut self, noun: NounKind, theirs: &[Value]) -> Result<Option<i64>, Fault> {
        let Some(id) = same_by_nature(&self.ours, noun, theirs)? else { return Ok(None) };
        if self.there(noun, id)?.is_none() && self.fate(noun, id)? == Fate::Removes {
            return Ok(None);
        }
        Ok(Some(id))
    }

    /// Whether they have, under another id, what is the same by nature as this record of ours.
    pub(super) fn their_twin(&self, noun: NounKind, ours: &[Value]) -> Result<bool, Fault> {
        Ok(same_by_nature(&self.other.db, noun, ours)?.is_some())
    }
}

/// Whether a single column of free text differs, and both sides of it have room in one.
fn is_note(noun: NounKind, differing: &[Differing]) -> bool {
    let [one] = differing else { return false };
    let (Some(ours), Some(theirs)) = (&one.ours, &one.theirs) else { return false };
    NOTES.contains(&(noun, one.column)) && ours.chars().count() + theirs.chars().count() + 500 < NOTE_LIMIT
}

fn same_by_nature(db: &rusqlite::Connection, noun: NounKind, cells: &[Value]) -> Result<Option<i64>, Fault> {
    use crate::domain::Word as _;
    use rusqlite::OptionalExtension as _;
    let keys = natural_key(noun);
    let mut values = Vec::with_capacity(keys.len());
    for key in keys {
        match sides::number(noun, cells, key) {
            Some(value) => values.push(value),
            None => return Ok(None),
        }
    }
    if values.is_empty() {
        return Ok(None);
    }
    let tests: Vec<String> = keys.iter().map(|key| format!("\"{key}\" = ?")).collect();
    let sql = format!("SELECT id FROM {} WHERE {}", noun.code(), tests.join(" AND "));
    Ok(db.prepare_cached(&sql)?.query_row(rusqlite::params_from_iter(values), |row| row.get(0)).optional()?)
}
