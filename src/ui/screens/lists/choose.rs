//! A path being typed: what it may go on to be stands below, Tab completes.

use crate::domain::intake::IntakeKind;
use crate::exchange::intake::file::{Entry, entries};
use crate::exchange::intake::mappings;
use crate::jobs::lists::Task;
use crate::store::Reader;
use crate::store::fault::Fault;
use crate::ui::effect::Effect;
use crate::ui::keymap::{Key, Press};
use crate::ui::model::Model;
use crate::ui::widgets::cursor::Cursor;
use crate::ui::widgets::editor::Editor;

use super::Stage;

/// Files shown at most: more than a screen, fewer than a folder of the whole service.
const MOST: usize = 200;

/// A path being typed.
#[derive(Debug)]
pub(super) struct Choosing {
    pub(super) kind: IntakeKind,
    pub(super) typed: Editor,
    pub(super) entries: Vec<Entry>,
    /// The entry the arrows chose; none while the typed text itself is meant.
    pub(super) at: Option<usize>,
    /// Mappings that are kept for this kind of list.
    pub(super) mappings: Vec<String>,
}

impl Choosing {
    fn look(&mut self) {
        self.entries = entries(&self.typed.text(), MOST);
        self.at = None;
    }

    /// What is common to all entries, or the chosen one.
    fn complete(&mut self) {
        let chosen = self.at.or(if self.entries.len() == 1 { Some(0) } else { None });
        let text = match chosen.and_then(|at| self.entries.get(at)) {
            Some(entry) => entry.path.clone(),
            None => common(&self.entries),
        };
        if text.chars().count() > self.typed.text().chars().count() || chosen.is_some() {
            self.typed = Editor::line(&text);
        }
        self.look();
    }

    fn go(&mut self, down: bool) {
        let last = self.entries.len().saturating_sub(1);
        if self.entries.is_empty() {
            return;
        }
        self.at = match (self.at, down) {
            (None, true) => Some(0),
            (None, false) => Some(last),
            (Some(0), false) => None,
            (Some(at), true) => Some((at + 1).min(last)),
            (Some(at), false) => Some(at - 1),
        };
    }

    pub(super) fn first_seen(&self, height: usize) -> usize {
        Cursor { at: self.at.unwrap_or(0) }.first_seen(self.entries.len(), height)
    }
}

/// What all paths begin with.
fn common(entries: &[Entry]) -> String {
    let mut paths = entries.iter().map(|entry| entry.path.as_str());
    let Some(first) = paths.next() else { return String::new() };
    let mut shared: Vec<char> = first.chars().collect();
    for path in paths {
        let same = shared.iter().zip(path.chars()).take_while(|(a, b)| **a == *b).count();
        shared.truncate(same);
    }
    shared.into_iter().collect()
}

/// Begins to choose a list.
pub(super) fn begin(model: &mut Model, kind: IntakeKind, reader: &Reader) -> Result<(), Fault> {
    let mappings = mappings::names(reader, kind)?;
    let mut choosing = Choosing { kind, typed: Editor::line(""), entries: Vec::new(), at: None, mappings };
    choosing.look();
    model.lists.stage = Stage::Choosing(Box::new(choosing));
    Ok(())
}

/// A key while a path is typed; none where no path is.
pub(in crate::ui) fn typed(model: &mut Model, key: Key) -> Option<Vec<Effect>> {
    if model.screen != crate::ui::screens::Screen::Lists {
        return None;
    }
    let Stage::Choosing(choosing) = &mut model.lists.stage else { return None };
    match key.press {
        Press::Esc => model.lists.stage = Stage::Shelf,
        Press::Char('c') if key.ctrl => model.lists.stage = Stage::Shelf,
        Press::Down => choosing.go(true),
        Press::Up => choosing.go(false),
        Press::Tab => choosing.complete(),
        Press::Enter => return Some(enter(model)),
        _ => {
            let before = choosing.typed.text();
            choosing.typed.press(key);
            if choosing.typed.text() != before {
                choosing.look();
            }
        }
    }
    Some(Vec::new())
}

fn enter(model: &mut Model) -> Vec<Effect> {
    let Stage::Choosing(choosing) = &mut model.lists.stage else { return Vec::new() };
    let typed = choosing.typed.text();
    // A name half-typed that only one file can go on to be means that file.
    let only = (choosing.entries.len() == 1 && !typed.is_empty()).then_some(0);
    let chosen = choosing.at.or(only).and_then(|at| choosing.entries.get(at)).cloned();
    if chosen.as_ref().is_some_and(|entry| entry.folder) {
        choosing.complete();
        return Vec::new();
    }
    let path = chosen.map_or(typed, |entry| entry.path);
    if path.trim().is_empty() {
        model.refuse("Type where the list is, or choose a file below with the arrows.");
        return Vec::new();
    }
    let kind = choosing.kind;
    super::work(model, "Reading the list", Task::Read { path, kind })
}

/// Pasted text is part of the path.
pub(in crate::ui) fn pasted(model: &mut Model, text: &str) -> bool {
    if model.screen != crate::ui::screens::Screen::Lists {
        return false;
    }
    let Stage::Choosing(choosing) = &mut model.lists.stage else { return false };
    // File managers put quotation marks around what they copy.
    choosing.typed.paste(text.trim().trim_matches(['"', '\'']));
    choosing.look();
    true
}

/// What the footer says while a path is typed.
pub(in crate::ui) fn typing_hints(model: &Model) -> Option<&'static [(&'static str, &'static str)]> {
    let typing = model.screen == crate::ui::screens::Screen::Lists && matches!(model.lists.stage, Stage::Choosing(_));
    typing.then_some(&[("Enter", "read it"), ("Tab", "complete"), ("↑ ↓", "choose"), ("Esc", "not now")])
}
