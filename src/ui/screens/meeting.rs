//! The meeting: roll call, matters arising, the walk.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::store::Reader;
use crate::store::fault::Fault;
use crate::ui::command::{ListCommand, MattersCommand, RollCommand, Scope, WalkCommand};
use crate::ui::effect::Effect;
use crate::ui::facts::Facts;
use crate::ui::model::Model;
use crate::ui::overlays::form::Answers;

use super::NotSaved;

/// The room's state.
#[derive(Debug, Default)]
pub struct Room {}

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
pub(in crate::ui) fn roll_command(
    _model: &mut Model,
    _command: RollCommand,
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

/// Runs a command of matters arising.
pub(in crate::ui) fn matters_command(
    _model: &mut Model,
    _command: MattersCommand,
    _reader: &Reader,
) -> Result<Vec<Effect>, Fault> {
    Ok(Vec::new())
}

/// Runs a command of the walk.
pub(in crate::ui) fn walk_command(
    _model: &mut Model,
    _command: WalkCommand,
    _reader: &Reader,
) -> Result<Vec<Effect>, Fault> {
    Ok(Vec::new())
}

/// Moves in the list.
pub(in crate::ui) fn list(_model: &mut Model, _command: ListCommand) {}

impl Room {
    /// Whose keys work.
    pub fn scope(&self) -> Scope {
        Scope::Roll
    }

    /// Half-typed text.
    pub fn text_in_progress(&self) -> Option<(String, String)> {
        None
    }
}

/// Offers to go on with a meeting that is live.
pub(in crate::ui) fn offer_to_resume(_model: &mut Model, _reader: &Reader) -> Result<(), Fault> {
    Ok(())
}

/// Takes a key while text is being typed.
pub(in crate::ui) fn typed(
    _model: &mut Model,
    _key: crate::ui::keymap::Key,
    _reader: &Reader,
) -> Result<Option<Vec<Effect>>, Fault> {
    Ok(None)
}

/// Takes pasted text while text is being typed.
pub(in crate::ui) fn pasted(_model: &mut Model, _text: &str) -> bool {
    false
}

/// What the footer says while text is being typed.
pub(in crate::ui) fn typing_hints(_model: &Model) -> Option<&'static [(&'static str, &'static str)]> {
    None
}

/// What the bar at the top says.
pub(in crate::ui) fn status(_model: &Model) -> String {
    String::new()
}

/// Gives up the text being typed.
pub(in crate::ui) fn drop_text(_model: &mut Model, _reader: &Reader) -> Result<Vec<Effect>, Fault> {
    Ok(Vec::new())
}

/// A person was picked for the live meeting.
pub(in crate::ui) fn picked(
    _model: &mut Model,
    _person: crate::domain::id::PersonId,
    _reader: &Reader,
) -> Result<Vec<Effect>, Fault> {
    Ok(Vec::new())
}
