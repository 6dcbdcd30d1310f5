//! Steps of another kind than a change: one taken back by its number, and that somebody opened a record.

use crate::domain::change::add;
use crate::domain::id::PersonId;
use crate::domain::text::Line;
use crate::domain::viewing::{Looked, Viewing};
use crate::store::log::StepKind;
use crate::store::{Deed, Stop};
use crate::ui::msg::Msg;

use super::{Session, answer};

impl Session {
    /// Takes back a step, whoever's it is, or does it again.
    pub(super) fn repeat_any(&mut self, step: i64, redo: bool) -> Msg {
        let done = self.first(|store, stamp| store.repeat_any(&stamp, redo, step, &Stop::default()));
        answer(done.map(|(step, receipt)| {
            let said = if redo {
                format!("Done again: {}.", step.label)
            } else {
                format!("Undone: {}. Redo with U.", step.label)
            };
            (receipt, said)
        }))
    }

    /// Keeps that a record was opened. Where that cannot be written – a file that can only be read – the page opens all the
    /// same: who may read it at all was decided before.
    pub(super) fn look(&mut self, person: PersonId, looked: Looked) -> Option<Msg> {
        if self.model.only_read.is_some() {
            return None;
        }
        let by = Line::parse(&self.model.actor).ok()?;
        let viewing = Viewing { person, at: self.clock.now().moment, by, looked };
        let change = add(self.model.mint.mint(), viewing);
        let deed = Deed::change("Open a record").of_kind(StepKind::View);
        let written = self.first(|store, stamp| store.commit(&stamp, &deed, &[change]));
        written.ok().map(|_| Msg::Looked)
    }
}
