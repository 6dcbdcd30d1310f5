//! What is said before anything else: that the file is not where this machine remembers it, and that a recovery copy is due.

use crate::clock::Now;
use crate::store::doctor::PAGES_LEFT;
use crate::store::heads::Heads;
use crate::store::{FileKind, Reader, Store};
use crate::ui::msg::Msg;
use crate::ui::overlays::confirm::{Answer, Confirm};

use super::{data_folder, recovery};

/// What is to be said.
#[derive(Debug, Default)]
pub(super) struct Notices {
    /// That the file may be an older copy, or altered. It stays on the screen until somebody has read it.
    pub(super) warning: Option<String>,
    /// What is due.
    pub(super) reminder: Option<String>,
}

impl Notices {
    /// Measures the file by what this machine remembers of it. Whatever comes of it, the file is opened.
    pub(super) fn at_opening(store: &mut Store, reader: &Reader, now: Now) -> Self {
        let Ok(folder) = data_folder() else { return Self::default() };
        let heads = Heads::at(&folder);
        // Invented people may be thrown away and made anew – unless the file was not of invented people before.
        if reader.kind() == FileKind::Demo && matches!(heads.of(reader.file_uuid(), reader.path()), Ok(None)) {
            return Self::default();
        }
        let warning = match store.remember_in(&heads, reader) {
            Ok(standing) => standing.warning(),
            Err(fault) => Some(fault.to_string()),
        };
        // Words that were to be gone come before a copy that is to be made.
        let reminder = match reader.pages_left() {
            Ok(true) => Some(PAGES_LEFT.to_owned()),
            Ok(false) | Err(_) => recovery::due(reader, now).map(|due| due.words),
        };
        Self { warning, reminder }
    }

    /// The same for the screen.
    pub(super) fn messages(self) -> Vec<Msg> {
        let card = self.warning.map(|body| {
            let title = "This file may not be the newest".to_owned();
            Msg::Ask(Box::new(Confirm { title, body, verb: "I have read this", answer: Answer::Nothing }))
        });
        self.reminder.map(Msg::Said).into_iter().chain(card).collect()
    }
}
