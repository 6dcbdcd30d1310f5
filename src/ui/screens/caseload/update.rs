//! What the keys of the caseload do.

use crate::domain::Word;
use crate::store::Reader;
use crate::store::caseload::{CaseFilter, CaseSort};
use crate::store::fault::Fault;
use crate::ui::command::{CaseloadCommand, ListCommand};
use crate::ui::effect::Effect;
use crate::ui::keymap::{Key, Press};
use crate::ui::model::Model;
use crate::ui::screens::{Screen, person};
use crate::ui::widgets::editor::Editor;

use super::{Search, forms, window};

/// Runs a command of this room.
pub(in crate::ui) fn command(
    model: &mut Model,
    command: CaseloadCommand,
    reader: &Reader,
) -> Result<Vec<Effect>, Fault> {
    let selected = model.caseload.selected().map(|seen| seen.row.person.clone());
    match (command, selected) {
        (CaseloadCommand::Search, _) => search(model),
        (CaseloadCommand::Filter, _) => forms::ask_filter(model),
        (CaseloadCommand::Sort, _) => next_sort(model, reader)?,
        (CaseloadCommand::Add, _) => forms::ask_new(model),
        (CaseloadCommand::Open, Some(who)) => person::open(model, who.id, reader)?,
        (CaseloadCommand::ToAgenda, Some(who)) => person::put_on_agenda(model, &who, reader)?,
        (CaseloadCommand::Nominate, Some(who)) => person::nominate(model, &who),
        (CaseloadCommand::Open | CaseloadCommand::ToAgenda | CaseloadCommand::Nominate, None) => {}
    }
    Ok(Vec::new())
}

/// Moves in the list.
pub(in crate::ui) fn list(model: &mut Model, command: ListCommand, reader: &Reader) -> Result<(), Fault> {
    window::go(model, command, reader)
}

/// Gives the keys to the search line.
pub(super) fn search(model: &mut Model) {
    match &mut model.caseload.search {
        Some(search) => search.typing = true,
        empty => *empty = Some(Search { typed: Editor::line(""), typing: true, found: Default::default() }),
    }
}

fn next_sort(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    if model.caseload.found().is_some() {
        model.refuse("Those found stand active first, then by band and name. Esc clears the search.");
        return Ok(());
    }
    let all = CaseSort::ALL;
    let at = all.iter().position(|sort| *sort == model.caseload.sort).unwrap_or(0);
    model.caseload.sort = all.get((at + 1) % all.len()).copied().unwrap_or(CaseSort::Band);
    window::to_top(model, reader)?;
    model.say(format!("Sorted by {}.", model.caseload.sort.label()));
    Ok(())
}

/// Esc clears the search, then the filter. Whether it was used here.
pub(in crate::ui) fn back(model: &mut Model, reader: &Reader) -> Result<bool, Fault> {
    let room = &mut model.caseload;
    if room.search.take().is_none() {
        if room.filter.is_empty() {
            return Ok(false);
        }
        room.filter = CaseFilter::default();
    }
    window::load(model, reader)?;
    Ok(true)
}

fn is_typing(model: &Model) -> bool {
    model.screen == Screen::Caseload && model.caseload.search.as_ref().is_some_and(|search| search.typing)
}

/// Takes a key while a search is being typed.
pub(in crate::ui) fn typed(model: &mut Model, key: Key, reader: &Reader) -> Result<Option<Vec<Effect>>, Fault> {
    if !is_typing(model) {
        return Ok(None);
    }
    let moved = match key.press {
        Press::Down => Some(ListCommand::Down),
        Press::Up => Some(ListCommand::Up),
        Press::PageDown => Some(ListCommand::PageDown),
        Press::PageUp => Some(ListCommand::PageUp),
        _ => None,
    };
    if let Some(moved) = moved {
        window::go(model, moved, reader)?;
    } else if key.press == Press::Esc || (key.press == Press::Char('c') && key.ctrl) {
        back(model, reader)?;
    } else if key.press == Press::Enter {
        keep(model);
    } else if let Some(search) = &mut model.caseload.search {
        let before = search.typed.text();
        search.typed.press(key);
        if search.typed.text() != before {
            window::search(model, reader)?;
        }
    }
    Ok(Some(Vec::new()))
}

/// Keeps what was found and gives the keys back to the list.
fn keep(model: &mut Model) {
    if model.caseload.found().is_none() {
        model.caseload.search = None;
    } else if let Some(search) = &mut model.caseload.search {
        search.typing = false;
    }
}

/// Takes pasted text while a search is being typed.
pub(in crate::ui) fn pasted(model: &mut Model, text: &str, reader: &Reader) -> Result<bool, Fault> {
    if !is_typing(model) {
        return Ok(false);
    }
    if let Some(search) = &mut model.caseload.search {
        search.typed.paste(text.trim());
    }
    window::search(model, reader)?;
    Ok(true)
}

/// What the footer says while a search is being typed.
pub(in crate::ui) fn typing_hints(model: &Model) -> Option<&'static [(&'static str, &'static str)]> {
    is_typing(model).then_some(&[("Enter", "keep these"), ("↑ ↓", "move"), ("Esc", "clear the search")])
}
