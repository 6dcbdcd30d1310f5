//! Matters arising: open actions of earlier meetings, closed here with one prompt.

use crate::store::Reader;
use crate::store::fault::Fault;
use crate::ui::command::MattersCommand;
use crate::ui::effect::Effect;
use crate::ui::model::Model;

use super::{Part, cards, roll};

/// Runs a command of matters arising.
pub(in crate::ui) fn command(
    model: &mut Model,
    command: MattersCommand,
    _reader: &Reader,
) -> Result<Vec<Effect>, Fault> {
    let selected =
        model.meeting.matters.get(model.meeting.matter_at.at).map(|row| (row.action.clone(), row.person.clone()));
    match (command, selected) {
        (MattersCommand::Close, Some((action, person))) => {
            cards::ask_close_action(model, &action, person.as_ref(), false)
        }
        (MattersCommand::Done, Some((action, person))) => {
            cards::ask_close_action(model, &action, person.as_ref(), true)
        }
        (MattersCommand::Next, _) => return Ok(roll::start_walk(model)),
        (MattersCommand::Previous, _) => model.meeting.part = Part::Roll,
        (MattersCommand::Close | MattersCommand::Done, None) => {}
    }
    Ok(Vec::new())
}
