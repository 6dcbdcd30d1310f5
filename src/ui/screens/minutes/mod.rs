//! The minutes of every meeting: a list, and beside it what they say.
//!
//! State, reading and commands are here; `forms` makes and saves the cards, `view` draws. `paste` is the list of paste blocks
//! that opens over them, `view_paste` its picture.

mod forms;
mod paste;
mod view;
mod view_paste;

use crate::domain::id::MeetingId;
use crate::domain::meeting::Stage;
use crate::exchange::output::plain::{PreviewLine, lines};
use crate::exchange::output::{NotMade, minutes};
use crate::store::Reader;
use crate::store::fault::Fault;
use crate::store::history::Whose;
use crate::store::minutes::ShelfRow;
use crate::ui::command::{ListCommand, MinutesCommand, PasteCommand, Scope};
use crate::ui::effect::Effect;
use crate::ui::facts::Facts;
use crate::ui::model::Model;
use crate::ui::overlays::Overlay;
use crate::ui::overlays::form::Form;
use crate::ui::screens;
use crate::ui::widgets::cursor::Cursor;

pub use forms::Purpose;
pub(in crate::ui) use forms::save;
pub(in crate::ui) use view::view;

/// Columns from which the minutes stand beside the list.
const BESIDE: u16 = 110;

/// The lines of minutes. They name people, so they are not for a log.
#[derive(Default)]
struct Page(Vec<PreviewLine>);

impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Page({} lines)", self.0.len())
    }
}

/// The room's state.
#[derive(Debug, Default)]
pub struct MinutesShelf {
    rows: Vec<ShelfRow>,
    at: Cursor,
    /// Whether the minutes have the keys, and where the list is narrow the whole screen.
    reading: bool,
    /// What the minutes say, in lines of the width they are shown in.
    page: Page,
    /// Why there is nothing to read.
    no_page: String,
    page_of: Option<MeetingId>,
    scroll: usize,
    /// The paste blocks of one meeting, while they are open.
    blocks: Option<paste::Blocks>,
}

impl MinutesShelf {
    /// Whose keys work here.
    pub(in crate::ui) fn scope(&self) -> Scope {
        if self.blocks.is_some() { Scope::Paste } else { Scope::Minutes }
    }

    fn row(&self) -> Option<&ShelfRow> {
        self.rows.get(self.at.at)
    }
}

/// Cells the list and the minutes have, side by side or one at a time.
fn split(columns: u16, reading: bool) -> (u16, u16) {
    match (columns >= BESIDE, reading) {
        (true, _) => {
            let list = (columns / 3).clamp(40, 60);
            (list, columns - list)
        }
        (false, true) => (0, columns),
        (false, false) => (columns, 0),
    }
}

/// Reads again what the room shows.
pub(in crate::ui) fn load(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    let rows = reader.shelf(model.team.id)?;
    let shelf = &mut model.minutes;
    let was = shelf.row().map(|row| row.meeting.id);
    // At first, the newest meeting that has minutes: what somebody comes here for.
    let newest = rows.iter().position(|row| has_minutes(row.meeting.stage));
    let at = match was {
        Some(was) => rows.iter().position(|row| row.meeting.id == was),
        None => newest,
    };
    if let Some(at) = at {
        shelf.at.at = at;
    }
    shelf.at.keep_within(rows.len());
    shelf.rows = rows;
    paste::load(model, reader)?;
    turn_to(model, reader)
}

fn has_minutes(stage: Stage) -> bool {
    matches!(stage, Stage::Live | Stage::Closed | Stage::Sealed)
}

/// Reads the minutes of the selected meeting, for the width they are shown in.
fn turn_to(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    let (_, cells) = split(model.size.0, model.minutes.reading);
    let selected = model.minutes.row().map(|row| row.meeting.clone());
    if model.minutes.page_of != selected.as_ref().map(|meeting| meeting.id) {
        model.minutes.scroll = 0;
    }
    model.minutes.page_of = selected.as_ref().map(|meeting| meeting.id);
    model.minutes.page.0.clear();
    model.minutes.no_page.clear();
    let Some(meeting) = selected else { return Ok(()) };
    if cells == 0 {
        return Ok(());
    }
    match minutes::document_of(reader, &model.team, &meeting, &model.now.clock()) {
        Ok(document) => model.minutes.page.0 = lines(&document, usize::from(cells.saturating_sub(4))),
        Err(NotMade::Refused(why)) => model.minutes.no_page = why.to_string(),
        Err(NotMade::NotWritten(why)) => model.minutes.no_page = why.to_string(),
        Err(NotMade::Fault(fault)) => return Err(fault),
    }
    model.minutes.scroll = model.minutes.scroll.min(last_scroll(model));
    Ok(())
}

/// How far the page can be turned: its last line stays in sight.
fn last_scroll(model: &Model) -> usize {
    model.minutes.page.0.len().saturating_sub(usize::from(model.size.1.saturating_sub(6)).max(1))
}

/// What gates may look at.
pub(in crate::ui) fn facts(model: &Model) -> Facts {
    if let Some(blocks) = &model.minutes.blocks {
        return paste::facts(blocks);
    }
    let row = model.minutes.row();
    Facts { selected: row.is_some(), stage: row.map(|row| row.meeting.stage), ..Facts::default() }
}

/// Moves in the list, or through the minutes while they are read.
pub(in crate::ui) fn list(model: &mut Model, command: ListCommand, reader: &Reader) -> Result<(), Fault> {
    if model.minutes.blocks.is_some() {
        return paste::list(model, command, reader);
    }
    let page = usize::from(model.size.1.saturating_sub(6));
    if model.minutes.reading {
        let last = last_scroll(model);
        let mut place = Cursor { at: model.minutes.scroll };
        place.go(command, last + 1, page);
        model.minutes.scroll = place.at;
        return Ok(());
    }
    let len = model.minutes.rows.len();
    model.minutes.at.go(command, len, page / 2);
    turn_to(model, reader)
}

/// Esc: whether it was used here.
pub(in crate::ui) fn back(model: &mut Model) -> bool {
    paste::back(model) || std::mem::take(&mut model.minutes.reading)
}

/// Runs a command of this room.
pub(in crate::ui) fn command(
    model: &mut Model,
    command: MinutesCommand,
    reader: &Reader,
) -> Result<Vec<Effect>, Fault> {
    match command {
        MinutesCommand::Open => {
            model.minutes.reading = !model.minutes.reading;
            turn_to(model, reader)?;
        }
        MinutesCommand::Export => open(model, forms::export),
        MinutesCommand::Seal => open(model, forms::seal),
        MinutesCommand::Addendum => open(model, forms::addendum),
        MinutesCommand::Paste => paste::open(model, reader)?,
        MinutesCommand::History => {
            if let Some(meeting) = model.minutes.row().map(|row| row.meeting.id) {
                screens::history::open(model, Whose::Meeting(meeting), reader)?;
            }
        }
    }
    Ok(Vec::new())
}

/// Runs a command of the paste blocks.
pub(in crate::ui) fn paste_command(
    model: &mut Model,
    command: PasteCommand,
    reader: &Reader,
) -> Result<Vec<Effect>, Fault> {
    paste::command(model, command, reader)
}

fn open(model: &mut Model, form: fn(&Model, &ShelfRow) -> Form) {
    if let Some(row) = model.minutes.row() {
        let form = form(model, row);
        model.overlays.push(Overlay::Form(Box::new(form)));
    }
}
