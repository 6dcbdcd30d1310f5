//! The rows in hand: a stretch of the list around the cursor. Moving reads on only near the edge of the stretch.

use crate::domain::id::PersonId;
use crate::store::Reader;
use crate::store::caseload::{CaseFilter, CaseRow, From};
use crate::store::fault::Fault;
use crate::ui::command::ListCommand;
use crate::ui::model::Model;

/// A row with what the table needs beside it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Seen {
    pub(super) row: CaseRow,
    /// Actions past their day.
    pub(super) overdue: i64,
}

/// A stretch of the list.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Window {
    pub(super) rows: Vec<Seen>,
    /// How many people stand before the first row in hand.
    first: usize,
    /// The selected row in hand.
    pub(super) at: usize,
    /// How many people the list has.
    pub(super) total: usize,
}

impl Window {
    pub(super) fn selected(&self) -> Option<&Seen> {
        self.rows.get(self.at)
    }

    /// The selected row's place in the whole list.
    pub(super) fn rank(&self) -> usize {
        self.first + self.at
    }

    fn end(&self) -> usize {
        self.first + self.rows.len()
    }

    fn stand_at(&mut self, rank: usize) {
        self.at = rank.saturating_sub(self.first).min(self.rows.len().saturating_sub(1));
    }
}

/// Rows that a screenful shows at most.
fn screenful(model: &Model) -> usize {
    usize::from(model.size.1.max(8))
}

/// Rows read at a time.
fn chunk(model: &Model) -> usize {
    (screenful(model) * 2).max(60)
}

fn with_overdue(rows: Vec<CaseRow>, model: &Model, reader: &Reader) -> Result<Vec<Seen>, Fault> {
    let today = model.now.today;
    rows.into_iter()
        .map(|row| {
            let late = row.next_due.is_some_and(|due| due < today);
            let overdue = if late { reader.count_overdue(row.person.id, today)? } else { 0 };
            Ok(Seen { row, overdue })
        })
        .collect()
}

fn fetch(model: &Model, reader: &Reader, from: From, limit: usize) -> Result<Vec<Seen>, Fault> {
    let room = &model.caseload;
    let rows = reader.people(model.team.id, &room.filter, room.sort, model.now.today, from, limit)?;
    with_overdue(rows, model, reader)
}

/// Reads again what the room shows, the cursor staying on its person.
pub(in crate::ui) fn load(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    let (team, today) = (model.team.id, model.now.today);
    model.caseload.everyone = reader.count_people(team, &CaseFilter::default(), today)?;
    if model.caseload.found().is_some() {
        return search_again(model, reader);
    }
    let filter = model.caseload.filter.clone();
    let total = if filter.is_empty() { model.caseload.everyone } else { reader.count_people(team, &filter, today)? };
    model.caseload.window.total = usize::try_from(total).unwrap_or(0);
    for candidate in candidates(model) {
        if stand_on(model, reader, candidate)? {
            return Ok(());
        }
    }
    to_top(model, reader)
}

/// Who the cursor should stand on: whom it was sent to, whom it stood on, or else a neighbour.
fn candidates(model: &mut Model) -> Vec<PersonId> {
    let wish = model.caseload.wish.take();
    let window = &model.caseload.window;
    let id = |at: usize| window.rows.get(at).map(|seen| seen.row.person.id);
    let before = window.at.checked_sub(1).and_then(id);
    [wish, id(window.at), id(window.at + 1), before].into_iter().flatten().collect()
}

/// Reads the stretch around a person. Whether they are in the list.
fn stand_on(model: &mut Model, reader: &Reader, person: PersonId) -> Result<bool, Fault> {
    let after = fetch(model, reader, From::At(person), chunk(model))?;
    if after.first().map(|seen| seen.row.person.id) != Some(person) {
        return Ok(false);
    }
    let mut rows = fetch(model, reader, From::Before(person), screenful(model))?;
    let room = &model.caseload;
    let rank = reader.rank(model.team.id, &room.filter, room.sort, model.now.today, person)?;
    let at = rows.len();
    let first = usize::try_from(rank).unwrap_or(0).saturating_sub(at);
    rows.extend(after);
    let total = room.window.total.max(first + rows.len());
    model.caseload.window = Window { rows, first, at, total };
    Ok(true)
}

/// Reads the first stretch and stands on its first row.
pub(super) fn to_top(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    if let Some(found) = model.caseload.found() {
        let total = found.ids.len();
        return found_stretch(model, reader, 0, total);
    }
    let rows = fetch(model, reader, From::Top, chunk(model))?;
    let total = model.caseload.window.total.max(rows.len());
    model.caseload.window = Window { rows, first: 0, at: 0, total };
    Ok(())
}

fn to_bottom(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    let rows = fetch(model, reader, From::Bottom, chunk(model))?;
    let total = model.caseload.window.total.max(rows.len());
    model.caseload.window = Window { first: total - rows.len(), at: rows.len().saturating_sub(1), rows, total };
    Ok(())
}

/// Moves the cursor.
pub(super) fn go(model: &mut Model, command: ListCommand, reader: &Reader) -> Result<(), Fault> {
    let page = screenful(model).saturating_sub(6).max(2) - 1;
    let window = &model.caseload.window;
    let (rank, last) = (window.rank(), window.total.saturating_sub(1));
    let target = match command {
        ListCommand::Down => rank + 1,
        ListCommand::Up => rank.saturating_sub(1),
        ListCommand::PageDown => rank + page,
        ListCommand::PageUp => rank.saturating_sub(page),
        ListCommand::Top => 0,
        ListCommand::Bottom => last,
    }
    .min(last);
    if let Some(found) = model.caseload.found() {
        let total = found.ids.len();
        return found_stretch(model, reader, target, total);
    }
    if target == 0 && window.first > 0 {
        return to_top(model, reader);
    }
    if target == last && window.end() <= last {
        return to_bottom(model, reader);
    }
    read_on(model, reader, target)?;
    model.caseload.window.stand_at(target);
    Ok(())
}

/// Reads on where the cursor comes near the edge of the stretch, and lets go of what is far behind.
fn read_on(model: &mut Model, reader: &Reader, target: usize) -> Result<(), Fault> {
    let (margin, chunk) = (screenful(model), chunk(model));
    let window = &model.caseload.window;
    if target + margin >= window.end() && window.end() < window.total {
        let Some(last) = window.rows.last().map(|seen| seen.row.person.id) else { return Ok(()) };
        let more = fetch(model, reader, From::After(last), chunk)?;
        let window = &mut model.caseload.window;
        if more.is_empty() {
            window.total = window.end();
        }
        window.rows.extend(more);
        let surplus = window.rows.len().saturating_sub(chunk * 6).min(target.saturating_sub(window.first + chunk));
        window.rows.drain(..surplus);
        window.first += surplus;
    } else if target < window.first + margin && window.first > 0 {
        let Some(first) = window.rows.first().map(|seen| seen.row.person.id) else { return Ok(()) };
        let mut more = fetch(model, reader, From::Before(first), chunk)?;
        let window = &mut model.caseload.window;
        window.first = if more.is_empty() { 0 } else { window.first.saturating_sub(more.len()) };
        more.append(&mut window.rows);
        more.truncate((chunk * 6).max(target.saturating_sub(window.first) + chunk));
        window.rows = more;
    }
    Ok(())
}

/// Looks again for what is typed and stands on the first who is found.
pub(super) fn search(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    let team = model.team.id;
    let Some(search) = &mut model.caseload.search else { return Ok(()) };
    let text = search.typed.text();
    if text.trim().is_empty() {
        return load(model, reader);
    }
    search.found = reader.search(team, &text)?;
    let total = search.found.ids.len();
    model.caseload.window = Window::default();
    found_stretch(model, reader, 0, total)
}

/// As [`search`], the cursor staying on its person.
fn search_again(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    let wanted = candidates(model);
    let rank = model.caseload.window.rank();
    let team = model.team.id;
    let Some(search) = &mut model.caseload.search else { return Ok(()) };
    search.found = reader.search(team, &search.typed.text())?;
    let ids = &search.found.ids;
    let stands = wanted.iter().find_map(|person| ids.iter().position(|id| id == person)).unwrap_or(rank);
    let total = ids.len();
    model.caseload.window = Window::default();
    found_stretch(model, reader, stands, total)
}

/// Stands on the `target`th who was found, reading the rows around where they are not in hand.
fn found_stretch(model: &mut Model, reader: &Reader, target: usize, total: usize) -> Result<(), Fault> {
    let (margin, chunk) = (screenful(model), chunk(model));
    let window = &model.caseload.window;
    let target = target.min(total.saturating_sub(1));
    let in_hand = !window.rows.is_empty()
        && (window.first == 0 || target >= window.first + margin)
        && (window.end() >= total || target + margin < window.end());
    if !in_hand {
        let first = target.saturating_sub(chunk);
        let ids = model.caseload.found().map(|found| found.ids.as_slice()).unwrap_or_default();
        let ids: Vec<PersonId> = ids.iter().skip(first).take(target - first + margin + margin / 2).copied().collect();
        let rows = with_overdue(reader.these_people(&ids)?, model, reader)?;
        model.caseload.window = Window { rows, first, at: 0, total };
    }
    model.caseload.window.stand_at(target);
    Ok(())
}
