//! The table of people: a window over the caseload, a search, a filter and an order.
//!
//! `window` reads, `update` decides, `forms` asks, `view` draws. What is about one person belongs to their page.

mod forms;
mod update;
mod view;
mod window;

use crate::domain::id::PersonId;
use crate::store::Reader;
use crate::store::caseload::{CaseFilter, CaseSort, Found};
use crate::store::fault::Fault;
use crate::ui::facts::Facts;
use crate::ui::model::Model;
use crate::ui::widgets::editor::Editor;

use super::Screen;

pub use forms::Purpose;
pub(in crate::ui) use forms::save;
pub(in crate::ui) use update::{back, command, list, pasted, typed, typing_hints};
pub(in crate::ui) use view::view;
pub(in crate::ui) use window::load;

/// The room's state.
#[derive(Debug)]
pub struct Caseload {
    /// Which people.
    filter: CaseFilter,
    /// In which order.
    sort: CaseSort,
    /// The rows in hand.
    window: window::Window,
    /// What is searched for, while there is a search.
    search: Option<Search>,
    /// How many people are on the active caseload.
    everyone: i64,
    /// Whom the cursor is to stand on after the next reading.
    wish: Option<PersonId>,
}

impl Default for Caseload {
    fn default() -> Self {
        Self {
            filter: CaseFilter::default(),
            sort: CaseSort::Band,
            window: window::Window::default(),
            search: None,
            everyone: 0,
            wish: None,
        }
    }
}

/// A search.
#[derive(Debug)]
struct Search {
    typed: Editor,
    /// Whether the keys go into the search line.
    typing: bool,
    found: Found,
}

impl Caseload {
    /// Who was found, where something is searched for.
    fn found(&self) -> Option<&Found> {
        self.search.as_ref().filter(|search| !search.typed.text().trim().is_empty()).map(|search| &search.found)
    }

    /// The person under the cursor.
    fn selected(&self) -> Option<&window::Seen> {
        self.window.selected()
    }
}

/// What gates may look at.
pub(in crate::ui) fn facts(model: &Model) -> Facts {
    Facts { selected: model.caseload.selected().is_some(), ..Facts::default() }
}

/// Opens the caseload with the search line ready.
///
/// # Errors
/// Any fault of the disk, or an unreadable row.
pub fn start_search(model: &mut Model, reader: &Reader) -> Result<(), Fault> {
    model.go(Screen::Caseload, reader)?;
    update::search(model);
    Ok(())
}

/// Opens the caseload narrowed to some people.
///
/// # Errors
/// Any fault of the disk, or an unreadable row.
pub fn show(model: &mut Model, filter: CaseFilter, reader: &Reader) -> Result<(), Fault> {
    model.caseload.search = None;
    model.caseload.filter = filter;
    model.caseload.window = window::Window::default();
    model.go(Screen::Caseload, reader)
}
