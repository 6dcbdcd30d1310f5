//! The step that joins: every record as decided, compared and logged by the one door, and their own steps beside it.

use rusqlite::Connection;
use rusqlite::types::Value;

use crate::domain::change::{NounKind, RecordId as _, add};
use crate::domain::day::Moment;
use crate::domain::id::JoiningId;
use crate::domain::joining::Joining;
use crate::domain::text::Line;

use super::super::apply::{Deed, Field, RowChange, columns_of, row_of};
use super::super::branch;
use super::super::bulk::Stop;
use super::super::fault::Fault;
use super::super::log::{self, Heading, Stamp, StepKind};
use super::super::prepare::{Item, Preparing};
use super::super::{Receipt, Store};
use super::fold::Folded;
use super::rules::Fate;
use super::{Decisions, Joiner, sides};

/// References are looked at when a step is whole: a joined one takes away before it brings, and may bring what refers
/// before what it refers to.
pub(in super::super) fn references_last(tx: &Connection) -> Result<(), Fault> {
    Ok(tx.pragma_update(None, "defer_foreign_keys", true)?)
}

/// When in the step a record is written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    /// It goes.
    Goes,
    /// A record of ours gives way: a number, the place of the key worker, of the live meeting.
    GivesWay,
    /// It changes so that another can take its place.
    LetsGo,
    /// It changes.
    Changes,
    /// It comes.
    Comes,
}

/// One record to be written. What refers goes before what it refers to, and comes after it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    stays: bool,
    order: i64,
    turn: Turn,
    row: i64,
    noun: NounKind,
}

impl Joiner<'_> {
    /// Everything to be written, in an order in which no rule of the file is broken on the way.
    fn places(&mut self) -> Result<Vec<Place>, Fault> {
        let order: Vec<NounKind> = self.order.clone();
        let rank =
            |noun: NounKind| order.iter().position(|it| *it == noun).and_then(|at| i64::try_from(at).ok()).unwrap_or(0);
        let mut places: Vec<Place> = Vec::new();
        for ((noun, row), fate) in &self.fates {
            let (noun, row) = (*noun, *row);
            let (stays, turn) = match fate {
                Fate::Nothing => continue,
                Fate::Removes => (false, Turn::Goes),
                Fate::Alters => (true, Turn::Changes),
                Fate::Adds => (true, Turn::Comes),
            };
            places.push(Place { stays, order: if stays { rank(noun) } else { -rank(noun) }, turn, row, noun });
        }
        for (noun, row) in self.giving_way.keys() {
            places.push(Place { stays: true, order: rank(*noun), turn: Turn::GivesWay, row: *row, noun: *noun });
        }
        for place in &mut places {
            if place.turn == Turn::Changes && self.lets_go(place.noun, place.row)? {
                place.turn = Turn::LetsGo;
            }
        }
        places.sort_unstable();
        Ok(places)
    }

    /// Whether a change makes room: a period of a key worker that ends, a meeting that is no longer live.
    fn lets_go(&mut self, noun: NounKind, row: i64) -> Result<bool, Fault> {
        let column = if noun == NounKind::KeyWorker {
            "until"
        } else if noun == NounKind::Meeting {
            "stage"
        } else {
            return Ok(false);
        };
        let Folded::Alter(_, set) = self.settled(noun, row)? else { return Ok(false) };
        let to = set.iter().find(|(at, _)| sides::place(noun, column) == Some(*at)).map(|(_, value)| value);
        Ok(to.is_some_and(|value| *value != Value::Null && *value != Value::Text("live".to_owned())))
    }

    /// The change of one record, as it stands in the file at this moment of the step.
    fn change(&mut self, tx: &Connection, place: Place) -> Result<Option<RowChange>, Fault> {
        let Place { noun, row, turn, .. } = place;
        let folded = match turn {
            Turn::GivesWay => match self.giving_way.get(&(noun, row)) {
                Some(set) => Folded::Alter(row, set.clone()),
                None => return Ok(None),
            },
            Turn::Goes | Turn::LetsGo | Turn::Changes | Turn::Comes => self.settled(noun, row)?,
        };
        let columns = columns_of(noun);
        let whole = |cells: Vec<Value>, deed: Deed| {
            let fields = columns
                .iter()
                .zip(cells)
                .filter(|(_, value)| *value != Value::Null)
                .map(|(column, value)| match deed {
                    Deed::Remove => Field { column, was: value, now: Value::Null },
                    Deed::Add | Deed::Alter => Field { column, was: Value::Null, now: value },
                })
                .collect();
            RowChange { noun, row, deed, fields }
        };
        Ok(match folded {
            Folded::Same | Folded::Erased => None,
            Folded::Add(cells) => Some(whole(cells, Deed::Add)),
            Folded::Remove => row_of(tx, noun, row)?.map(|cells| whole(cells, Deed::Remove)),
            Folded::Alter(id, set) => {
                let Some(now) = row_of(tx, noun, id)? else { return Ok(None) };
                let fields: Vec<Field> = set
                    .into_iter()
                    .filter_map(|(at, value)| Some((columns.get(at).copied()?, now.get(at)?.clone(), value)))
                    .filter(|(_, was, value)| was != value)
                    .map(|(column, was, now)| Field { column, was, now })
                    .collect();
                (!fields.is_empty()).then_some(RowChange { noun, row: id, deed: Deed::Alter, fields })
            }
        })
    }
}

impl Store {
    /// Joins the other copy as it was foreseen, with these decisions, in one step. Its own steps are kept beside the log.
    ///
    /// # Errors
    /// [`Fault::Rule`] where something is left to decide, or where this file has moved on since it was looked at; any fault
    /// of the disk. Then nothing is written.
    pub fn join(
        &mut self,
        stamp: &Stamp,
        by: &Line,
        id: JoiningId,
        joiner: &mut Joiner<'_>,
        decisions: &Decisions,
        stop: &Stop,
    ) -> Result<Receipt, Fault> {
        let foreseen = joiner.foresee(decisions, stop)?;
        if foreseen.is_nothing_new() {
            return Err(Fault::Rule("The other copy has nothing that this file does not have.".to_owned()));
        }
        if foreseen.clashes.iter().any(|clash| decisions.get(&clash.key).is_none_or(|it| !clash.choices.contains(it))) {
            return Err(Fault::Rule("Not everything that both copies changed has been decided.".to_owned()));
        }
        let places = joiner.places()?;
        let uid = self.next_uid();
        let file_uuid = self.file_uuid.clone();
        let (kind, label) = (StepKind::Merge, "Join another copy");
        let heading = Heading { file_uuid: &file_uuid, uid, stamp, kind, label, meeting: None, undoes: None };
        let at = Moment::from_iso(&stamp.at)
            .ok_or_else(|| Fault::Other { code: -6, what: "the time of the step cannot be read".to_owned() })?;
        let head_hash = Line::parse(&joiner.point.head_hash)
            .map_err(|_| Fault::Other { code: -6, what: "a hash cannot be read".to_owned() })?;
        let decided = i64::try_from(foreseen.clashes.len()).unwrap_or(i64::MAX);
        let (base, head, our_head) = (joiner.point.known, joiner.point.head, joiner.point.our_head);
        let mut places = places.into_iter();
        let mut preparing = Some(Preparing::new()?);
        let (mut begun, mut recorded) = (false, false);
        self.with_room(stop, |store| {
            store.write(heading, stop, |tx, _| {
                if !begun {
                    begun = true;
                    references_last(tx)?;
                    if log::head(tx)?.seq != our_head {
                        return Err(Fault::Rule(
                            "Somebody worked on this file while the copies were compared. Try again.".to_owned(),
                        ));
                    }
                }
                let Some(ready) = preparing.as_mut() else { return Err(Fault::Stopped) };
                for place in places.by_ref() {
                    if let Some(change) = joiner.change(tx, place)? {
                        return Ok(Item::Change(ready.row(change)));
                    }
                }
                if !recorded {
                    recorded = true;
                    let erased = |noun: NounKind, row: i64, fields: &str| joiner.speaks_of_erased(noun, row, fields);
                    let erased: Option<branch::IsErased<'_>> =
                        if joiner.erased.is_nobody() { None } else { Some(&erased) };
                    let (steps, emptied) = branch::keep(tx, &joiner.other.db, id.raw(), base, erased, stop)?;
                    let (by, head_hash) = (by.clone(), head_hash.clone());
                    let emptied = Some(emptied.document());
                    let record = Joining { at, by, base, head, head_hash, steps, decided, emptied };
                    if let Some(change) = ready.change(&add(id, record)) {
                        return Ok(Item::Change(change));
                    }
                }
                Ok(Item::End(preparing.take().ok_or(Fault::Stopped)?.end()))
            })
        })
    }
}
