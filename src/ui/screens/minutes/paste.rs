//! The paste blocks of a meeting: what goes into each person's own record, copied one by one and ticked off.
//!
//! A block is copied and ticked for the discussion it was shown for, never for a place in the list.

use crate::domain::change::Record;
use crate::domain::id::{DiscussionId, MeetingId};
use crate::domain::meeting::{Meeting, Stage};
use crate::exchange::output::document::Document;
use crate::exchange::output::paste::{self, WIDTH};
use crate::exchange::output::{NotMade, minutes, plain};
use crate::store::Reader;
use crate::store::fault::Fault;
use crate::store::minutes::PasteRow;
use crate::ui::command::{ListCommand, PasteCommand};
use crate::ui::effect::{Copying, Effect};
use crate::ui::facts::Facts;
use crate::ui::model::Model;
use crate::ui::overlays::Overlay;
use crate::ui::overlays::confirm::Confirm;
use crate::ui::overlays::form::Form;
use crate::ui::screens;
use crate::ui::widgets::cursor::Cursor;

use super::{Page, Purpose};

/// Columns from which the block stands beside the list.
const BESIDE: u16 = 110;

/// The list of those who were discussed, and the block of the selected one.
#[derive(Debug)]
pub(super) struct Blocks {
    pub(super) meeting: Record<Meeting>,
    pub(super) rows: Vec<PasteRow>,
    pub(super) at: Cursor,
    /// Whether the block has the keys, and where the screen is narrow all of it.
    pub(super) reading: bool,
    pub(super) page: Page,
    /// Why there is no block.
    pub(super) no_page: String,
    pub(super) scroll: usize,
    /// Names of others in it.
    others: Vec<String>,
    /// The minutes the blocks are cut from.
    minutes: Option<Document>,
    /// What is being ticked: once it is on the disk, the next one that is not is selected.
    ticking: Option<DiscussionId>,
}

impl Blocks {
    pub(super) fn row(&self) -> Option<&PasteRow> {
        self.rows.get(self.at.at)
    }

    /// How many are written back.
    pub(super) fn written(&self) -> usize {
        self.rows.iter().filter(|row| row.written.is_some()).count()
    }

    fn place_of(&self, id: DiscussionId) -> Option<usize> {
        self.rows.iter().position(|row| row.discussion.id == id)
    }

    /// The next one after this place that is not written back, or the first.
    fn next_unwritten(&self, at: usize) -> Option<usize> {
        let open = |(_, row): &(usize, &PasteRow)| row.written.is_none();
        let after = self.rows.iter().enumerate().skip(at + 1).find(open);
        after.or_else(|| self.rows.iter().enumerate().find(open)).map(|(n, _)| n)
    }
}

/// Cells of the list and of the block: side by side, one above the other, or – while it is read – the block alone.
pub(super) enum Split {
    /// Columns of the list and of the block.
    Beside(u16, u16),
    /// Rows of the list; the block has the rest.
    Under(u16),
    /// Only the block.
    Block,
}

pub(super) fn split(columns: u16, rows: u16, reading: bool) -> Split {
    // Two columns are the frame.
    let block = u16::try_from(WIDTH).unwrap_or(76) + 2;
    match (columns >= BESIDE, reading) {
        (true, _) => {
            let list = (columns - block).min(60);
            Split::Beside(list, columns - list)
        }
        (false, true) => Split::Block,
        (false, false) => Split::Under((rows / 2).max(4).min(rows)),
    }
}

/// Columns a line of the block is shown in: never more than are copied.
fn width(columns: u16) -> usize {
    usize::from(columns.saturating_sub(2)).min(WIDTH)
}

/// Lines of the block that are seen at once.
fn height(model: &Model, reading: bool) -> usize {
    let body = model.size.1.saturating_sub(3);
    usize::from(match split(model.size.0, body, reading) {
        Split::Beside(..) | Split::Block => body.saturating_sub(2),
        Split::Under(list) => body.saturating_sub(list + 2),
    })
    .max(1)
}

/// Opens the list of the selected meeting.
pub(super) fn open(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    let Some(meeting) = model.minutes.row().map(|row| row.meeting.clone()) else { return Ok(()) };
    model.minutes.blocks = Some(Blocks {
        meeting,
        rows: Vec::new(),
        at: Cursor::default(),
        reading: false,
        page: Page::default(),
        no_page: String::new(),
        scroll: 0,
        others: Vec::new(),
        minutes: None,
        ticking: None,
    });
    load(model, reader)?;
    // What is left to do is what somebody comes here for.
    if let Some(blocks) = &mut model.minutes.blocks
        && let Some(first) = blocks.rows.iter().position(|row| row.written.is_none())
    {
        blocks.at.at = first;
    }
    turn_to(model, reader)
}

/// Reads again who was discussed and what of it is written back.
pub(super) fn load(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    let Some(blocks) = &mut model.minutes.blocks else { return Ok(()) };
    let selected = blocks.row().map(|row| row.discussion.id);
    if let Some(meeting) = reader.get::<Meeting>(blocks.meeting.id)? {
        blocks.meeting = meeting;
    }
    blocks.rows = reader.paste_rows(blocks.meeting.id)?;
    if let Some(at) = selected.and_then(|id| blocks.place_of(id)) {
        blocks.at.at = at;
    }
    blocks.at.keep_within(blocks.rows.len());
    let ticked = blocks.ticking.take().and_then(|id| blocks.place_of(id));
    if let Some(at) = ticked.filter(|at| blocks.rows.get(*at).is_some_and(|row| row.written.is_some())) {
        blocks.at.at = blocks.next_unwritten(at).unwrap_or(at);
        blocks.scroll = 0;
    }
    blocks.no_page.clear();
    blocks.minutes = match minutes::document_of(reader, &model.team, &blocks.meeting, &model.now.clock()) {
        Ok(document) => Some(document),
        Err(NotMade::Fault(fault)) => return Err(fault),
        Err(why) => {
            blocks.no_page = why.to_string();
            None
        }
    };
    turn_to(model, reader)
}

/// Cuts out the block of the selected person, for the width it is shown in.
fn turn_to(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    let Some(blocks) = &mut model.minutes.blocks else { return Ok(()) };
    blocks.page.0.clear();
    blocks.others.clear();
    let (Some(row), Some(minutes)) = (blocks.rows.get(blocks.at.at), &blocks.minutes) else { return Ok(()) };
    blocks.no_page.clear();
    let columns = match split(model.size.0, model.size.1, blocks.reading) {
        Split::Beside(_, columns) => columns,
        Split::Under(_) | Split::Block => model.size.0,
    };
    let clock = model.now.clock();
    let block = paste::document_of(reader, minutes, &blocks.meeting, &row.discussion, &clock).and_then(|block| {
        let others = paste::names_others(reader, &model.team, &block, &row.discussion)?;
        Ok((plain::block_lines(&block, width(columns)), others))
    });
    match block {
        Ok((lines, others)) => (blocks.page.0, blocks.others) = (lines, others),
        Err(NotMade::Fault(fault)) => return Err(fault),
        Err(why) => blocks.no_page = why.to_string(),
    }
    let (len, reading) = (blocks.page.0.len(), blocks.reading);
    let last = len.saturating_sub(height(model, reading));
    if let Some(blocks) = &mut model.minutes.blocks {
        blocks.scroll = blocks.scroll.min(last);
    }
    Ok(())
}

/// What gates may look at.
pub(super) fn facts(blocks: &Blocks) -> Facts {
    let row = blocks.row();
    let written = row.is_some_and(|row| row.written.is_some());
    Facts { selected: row.is_some(), stage: Some(blocks.meeting.stage), written, ..Facts::default() }
}

/// Moves in the list, or through the block while it is read.
pub(super) fn list(model: &mut Model, command: ListCommand, reader: &Reader) -> Result<(), Fault> {
    let Some(blocks) = &model.minutes.blocks else { return Ok(()) };
    let page = height(model, blocks.reading);
    let Some(blocks) = &mut model.minutes.blocks else { return Ok(()) };
    if blocks.reading {
        let mut place = Cursor { at: blocks.scroll };
        place.go(command, blocks.page.0.len().saturating_sub(page) + 1, page);
        blocks.scroll = place.at;
        return Ok(());
    }
    let len = blocks.rows.len();
    blocks.at.go(command, len, page / 2);
    blocks.scroll = 0;
    turn_to(model, reader)
}

/// Esc: from the block to the list, from the list to the shelf.
pub(super) fn back(model: &mut Model) -> bool {
    match &mut model.minutes.blocks {
        Some(blocks) if blocks.reading => (blocks.reading, blocks.scroll) = (false, 0),
        Some(_) => model.minutes.blocks = None,
        None => return false,
    }
    true
}

/// Runs a command of the list.
pub(super) fn command(model: &mut Model, command: PasteCommand, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    match command {
        PasteCommand::Copy => ask(model),
        PasteCommand::Tick => {
            if let Some(form) = model.minutes.blocks.as_ref().and_then(|blocks| card(model, blocks)) {
                model.overlays.push(Overlay::Form(Box::new(form)));
            }
        }
        PasteCommand::Read => {
            if let Some(blocks) = &mut model.minutes.blocks {
                blocks.reading = !blocks.reading;
            }
            turn_to(model, reader)?;
        }
    }
    Ok(Vec::new())
}

/// Asks before a record goes where every program can read it.
fn ask(model: &mut Model) {
    let Some(blocks) = &model.minutes.blocks else { return };
    let Some(row) = blocks.row() else { return };
    if model.masked {
        model.refuse("Identifiers are hidden, and a block names a person. Press x to show them, then copy.");
        return;
    }
    if blocks.page.0.is_empty() {
        let why = blocks.no_page.clone();
        model.refuse(why);
        return;
    }
    let mut body = format!(
        "Copy the record of {} to the clipboard of this terminal? Other programs on this machine can read it, and a clipboard history may keep it.",
        row.person.name()
    );
    if blocks.meeting.stage != Stage::Sealed {
        body.push_str("\n\nIt is a draft: these minutes are not sealed, and may still change.");
    }
    if !blocks.others.is_empty() {
        let names = blocks.others.join(", ");
        body.push_str(&format!(
            "\n\nIt has a name that somebody else the team looks after bears: {names}. Read it first."
        ));
    }
    let copying = Copying { meeting: blocks.meeting.id, discussion: row.discussion.id };
    let question = Confirm::effects("Copy to the clipboard?", body, "copy", vec![Effect::Copy(copying)]);
    model.overlays.push(Overlay::Confirm(question));
}

/// A card without fields rather than a question: the tick bears the time and name of when Enter is pressed.
fn card(model: &Model, blocks: &Blocks) -> Option<Form> {
    let row = blocks.row()?;
    let draft = match blocks.meeting.stage {
        Stage::Sealed => "",
        Stage::Planned | Stage::Live | Stage::Closed | Stage::Cancelled => {
            " These minutes are not sealed: what is changed in them after this will not be in that record."
        }
    };
    let purpose = Purpose::Tick { meeting: blocks.meeting.id, discussion: row.discussion.id };
    let form = Form::new("Tick as written back?", model.subject_of(&row.person), screens::Purpose::Minutes(purpose));
    Some(form.verb("tick").intro(format!(
        "What was recorded on {} stands in their own record at the practice. Ticked by {}; u takes the tick back.{draft}",
        blocks.meeting.on, model.actor
    )))
}

/// Notes what is being ticked, and answers what to say when it is.
pub(super) fn ticking(model: &mut Model, meeting: MeetingId, discussion: DiscussionId) -> String {
    let Some(blocks) = model.minutes.blocks.as_mut().filter(|blocks| blocks.meeting.id == meeting) else {
        return "Ticked: written back.".to_owned();
    };
    blocks.ticking = Some(discussion);
    let (written, all) = (blocks.written() + 1, blocks.rows.len());
    let person = blocks.place_of(discussion).and_then(|at| blocks.rows.get(at)).map(|row| row.person.value.clone());
    let name = person.map(|person| model.name_of(&person)).unwrap_or_default();
    if written >= all {
        format!("{name} is written back. That is everybody: {all} of {all}.")
    } else {
        format!("{name} is written back: {written} of {all}.")
    }
}
