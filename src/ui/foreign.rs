//! Another process wrote: this screen shows it, but never moves the cursor's person and never touches text being written.

use crate::domain::change::NounKind;
use crate::store::Reader;
use crate::store::fault::Fault;

use super::effect::Effect;
use super::model::Model;
use super::screens;
use super::widgets::fit::width;

/// Reads what others wrote. Where that cannot be done, the screen says that it may be old, and nothing is written from it.
pub(super) fn take(model: &mut Model, reader: &Reader) -> Result<Vec<Effect>, Fault> {
    if reader.has_moved() {
        model.company.old = Some(Fault::Moved.to_string());
        model.refuse(Fault::Moved.to_string());
        return Ok(Vec::new());
    }
    match read(model, reader) {
        Ok(()) => {
            if model.company.old.take().is_some() {
                model.say("This screen shows again what the file holds.");
            }
            Ok(Vec::new())
        }
        // One row that nobody can read hides that row; the rest of the file can be worked with.
        Err(fault @ Fault::Unreadable { .. }) => Err(fault),
        Err(fault) => {
            model.company.old = Some(words(&fault));
            Ok(Vec::new())
        }
    }
}

/// `This screen may be old`, and why.
pub(super) fn words(fault: &Fault) -> String {
    format!("This screen may be old: {fault} Until it can be read again, nothing is saved from here.")
}

fn read(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    let (head, touched) = reader.since(model.seen_step)?;
    // Rows may be old although nothing was written since: they could not be read then.
    let touched = if model.company.old.is_some() { crate::store::Touched::ALL } else { touched };
    if head > model.seen_step || model.company.old.is_some() {
        let was = screens::meeting::stands_on(model);
        model.reload(touched, reader)?;
        model.seen_step = head;
        // That a paper left, or somebody looked, changes nobody's record.
        if !touched.without(NounKind::Disclosure).without(NounKind::Viewing).is_empty() {
            updated(model);
        }
        screens::meeting::follow(model, was);
    }
    Ok(())
}

/// Says that others wrote. `Saved.` does not stand by itself above what is theirs by now; what is wrong goes on being said.
fn updated(model: &mut Model) {
    const SINCE: &str = "Since then somebody else has changed this file.";
    let words = match &model.notice {
        Some(notice) if notice.trouble || notice.text.as_str().ends_with(SINCE) => return,
        Some(notice) => format!("{} {SINCE}", notice.text),
        None => String::new(),
    };
    let fits = width(&words) + 4 <= usize::from(model.size.0);
    model.say(if words.is_empty() || !fits {
        "Updated: somebody else has changed this file.".to_owned()
    } else {
        words
    });
}
