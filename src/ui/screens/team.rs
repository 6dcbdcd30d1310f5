//! The team: members, organisations, rules.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::store::Reader;
use crate::store::fault::Fault;
use crate::ui::command::{ListCommand, TeamCommand};
use crate::ui::effect::Effect;
use crate::ui::facts::Facts;
use crate::ui::model::Model;
use crate::ui::overlays::form::Answers;

use super::NotSaved;

/// The room's state.
#[derive(Debug, Default)]
pub struct TeamPage {}

/// What saving a card of this room means.
#[derive(Clone, Debug, PartialEq)]
pub enum Purpose {}

/// Reads again what the room shows.
pub(in crate::ui) fn load(_model: &mut Model, _reader: &Reader) -> Result<(), Fault> {
    Ok(())
}

/// What gates may look at.
pub(in crate::ui) fn facts(_model: &Model) -> Facts {
    Facts::default()
}

/// Runs a command of this room.
pub(in crate::ui) fn command(
    _model: &mut Model,
    _command: TeamCommand,
    _reader: &Reader,
) -> Result<Vec<Effect>, Fault> {
    Ok(Vec::new())
}

/// Saves a card.
pub(in crate::ui) fn save(
    _model: &mut Model,
    purpose: &Purpose,
    _answers: &Answers<'_>,
    _reader: &Reader,
) -> Result<Vec<Effect>, NotSaved> {
    match *purpose {}
}

/// Reads again the record a card was opened on.
pub(in crate::ui) fn refresh(purpose: &mut Purpose, _reader: &Reader) -> Result<(), Fault> {
    match *purpose {}
}

/// Draws the room.
pub(in crate::ui) fn view(_model: &Model, _frame: &mut Frame<'_>, _area: Rect) {}

/// Moves in the list.
pub(in crate::ui) fn list(_model: &mut Model, _command: ListCommand) {}

/// Asks which member the user is.
pub(in crate::ui) fn ask_me(_model: &mut Model) {}

/// Saves which member the user is.
pub(in crate::ui) fn save_me(_model: &mut Model, _answers: &Answers<'_>) -> Result<Vec<Effect>, NotSaved> {
    Ok(Vec::new())
}
