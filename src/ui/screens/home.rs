//! Home: the next meeting and how ready it is, what needs attention, the pyramid.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::store::Reader;
use crate::store::fault::Fault;
use crate::ui::command::{HomeCommand, ListCommand};
use crate::ui::effect::Effect;
use crate::ui::model::Model;

/// The room's state.
#[derive(Debug, Default)]
pub struct Home {}

/// Reads again what the room shows.
pub(in crate::ui) fn load(_model: &mut Model, _reader: &Reader) -> Result<(), Fault> {
    Ok(())
}

/// Runs a command of this room.
pub(in crate::ui) fn command(
    _model: &mut Model,
    _command: HomeCommand,
    _reader: &Reader,
) -> Result<Vec<Effect>, Fault> {
    Ok(Vec::new())
}

/// Moves in the list.
pub(in crate::ui) fn list(_model: &mut Model, _command: ListCommand) {}

/// Draws the room.
pub(in crate::ui) fn view(_model: &Model, _frame: &mut Frame<'_>, _area: Rect) {}
