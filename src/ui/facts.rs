//! What a gate may look at: a small snapshot of where the user is.

use crate::domain::meeting::Stage;

/// The facts on which it depends whether a command can run now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// A row of the screen's list is selected.
    pub selected: bool,
    /// The stage of the meeting the screen is about.
    pub stage: Option<Stage>,
    /// The selected or shown action still has to be done.
    pub live_action: bool,
    /// The team stands on a person of the agenda.
    pub on_person: bool,
    /// The agenda has an item.
    pub has_items: bool,
    /// Another item of the agenda comes after this one.
    pub has_next: bool,
    /// Another item of the agenda comes before this one.
    pub has_previous: bool,
    /// A row of a list waits for a person to look.
    pub queued: bool,
    /// A list proposes something.
    pub proposed: bool,
    /// What would come of a list is known, and it would change something.
    pub foreseen: bool,
    /// The workbook of a list has other sheets.
    pub has_sheets: bool,
    /// The selected discussion is written back already.
    pub written: bool,
}

/// Why a command cannot run now, in words the user sees.
pub type Gate = fn(Facts) -> Result<(), &'static str>;

pub(super) mod gate {
    use super::{Facts, Stage};

    pub(in crate::ui) fn always(_: Facts) -> Result<(), &'static str> {
        Ok(())
    }

    pub(in crate::ui) fn selected(facts: Facts) -> Result<(), &'static str> {
        if facts.selected { Ok(()) } else { Err("Nothing is selected here.") }
    }

    pub(in crate::ui) fn queued(facts: Facts) -> Result<(), &'static str> {
        if facts.queued { Ok(()) } else { Err("This is no row that waits: choose t or o.") }
    }

    pub(in crate::ui) fn proposed(facts: Facts) -> Result<(), &'static str> {
        if facts.proposed { Ok(()) } else { Err("This is no proposal: choose s or d.") }
    }

    pub(in crate::ui) fn foreseen(facts: Facts) -> Result<(), &'static str> {
        if facts.foreseen { Ok(()) } else { Err("Nothing in this list is new. Esc goes back.") }
    }

    pub(in crate::ui) fn has_sheets(facts: Facts) -> Result<(), &'static str> {
        if facts.has_sheets { Ok(()) } else { Err("This list has no other sheets.") }
    }

    pub(in crate::ui) fn not_written(facts: Facts) -> Result<(), &'static str> {
        selected(facts)?;
        if facts.written { Err("This is ticked already. u takes your last tick back.") } else { Ok(()) }
    }

    pub(in crate::ui) fn live_action(facts: Facts) -> Result<(), &'static str> {
        selected(facts)?;
        if facts.live_action { Ok(()) } else { Err("This action is closed already.") }
    }

    pub(in crate::ui) fn meeting(facts: Facts) -> Result<(), &'static str> {
        facts.stage.map(|_| ()).ok_or("No meeting is planned. Plan one on the Agenda screen (3).")
    }

    pub(in crate::ui) fn planned(facts: Facts) -> Result<(), &'static str> {
        match facts.stage {
            Some(Stage::Planned) => Ok(()),
            Some(Stage::Live) => Err("The meeting is live already."),
            Some(Stage::Closed | Stage::Sealed) => Err("This meeting is over."),
            Some(Stage::Cancelled) => Err("This meeting was cancelled."),
            None => meeting(facts),
        }
    }

    pub(in crate::ui) fn open_agenda(facts: Facts) -> Result<(), &'static str> {
        match facts.stage {
            Some(Stage::Planned | Stage::Live) => Ok(()),
            _ => planned(facts),
        }
    }

    pub(in crate::ui) fn agenda_row(facts: Facts) -> Result<(), &'static str> {
        open_agenda(facts)?;
        selected(facts)
    }

    pub(in crate::ui) fn live(facts: Facts) -> Result<(), &'static str> {
        match facts.stage {
            Some(Stage::Live) => Ok(()),
            Some(Stage::Planned) => Err("The meeting has not begun. Press Enter to open it."),
            Some(Stage::Closed | Stage::Sealed) => Err("This meeting is over. Its minutes are on screen 6."),
            Some(Stage::Cancelled) => Err("This meeting was cancelled."),
            None => meeting(facts),
        }
    }

    pub(in crate::ui) fn live_person(facts: Facts) -> Result<(), &'static str> {
        live(facts)?;
        if facts.on_person { Ok(()) } else { Err("This item is not about a person.") }
    }

    pub(in crate::ui) fn live_selected(facts: Facts) -> Result<(), &'static str> {
        live(facts)?;
        live_action(facts)
    }

    pub(in crate::ui) fn live_row(facts: Facts) -> Result<(), &'static str> {
        live(facts)?;
        selected(facts)
    }

    pub(in crate::ui) fn previous(facts: Facts) -> Result<(), &'static str> {
        live(facts)?;
        if facts.has_previous { Ok(()) } else { Err("This is the first item of the agenda.") }
    }

    pub(in crate::ui) fn closed(facts: Facts) -> Result<(), &'static str> {
        match facts.stage {
            Some(Stage::Closed) => Ok(()),
            Some(Stage::Sealed) => Err("These minutes are sealed already."),
            Some(Stage::Live) => Err("The meeting is still live. Close it first (4, then c)."),
            Some(Stage::Planned | Stage::Cancelled) => {
                Err("There are no minutes of a meeting that did not take place.")
            }
            None => Err("No meeting is selected."),
        }
    }

    pub(in crate::ui) fn minuted(facts: Facts) -> Result<(), &'static str> {
        match facts.stage {
            Some(Stage::Live | Stage::Closed | Stage::Sealed) => Ok(()),
            Some(Stage::Planned | Stage::Cancelled) => {
                Err("There are no minutes of a meeting that did not take place.")
            }
            None => Err("No meeting is selected."),
        }
    }

    pub(in crate::ui) fn sealed(facts: Facts) -> Result<(), &'static str> {
        match facts.stage {
            Some(Stage::Sealed) => Ok(()),
            _ => Err("Only sealed minutes take an addendum; a draft is simply corrected."),
        }
    }
}
